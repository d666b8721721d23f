//! What a computed value means, from what it was computed of.

use sqlparser::ast::{BinaryOperator, DateTimeField, Expr, Value};

use crate::schema::SemanticType::{self, self as S};

/// What a value means. A literal number has no meaning of its own and takes that of its partner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meaning {
    pub semantic: SemanticType,
    pub literal: bool,
}

impl Meaning {
    pub const UNKNOWN: Self = Self { semantic: SemanticType::Unknown, literal: false };
    pub const LITERAL: Self = Self { semantic: SemanticType::Unknown, literal: true };

    /// The meaning that all alternatives have, literals aside.
    pub fn shared(alternatives: &[Self]) -> Self {
        let mut meant = alternatives.iter().filter(|meaning| !meaning.literal);
        match meant.next() {
            Some(first) if meant.all(|other| other.semantic == first.semantic) => *first,
            _ => Self::UNKNOWN,
        }
    }
}

/// The meaning of `left op right`.
pub fn of_operation(op: &BinaryOperator, left: (&Expr, Meaning), right: (&Expr, Meaning)) -> Meaning {
    let ((left_side, left), (right_side, right)) = (left, right);
    let of = Meaning::of;
    if left.literal && right.literal {
        return Meaning::LITERAL;
    }
    match op {
        BinaryOperator::Plus | BinaryOperator::Minus => match (left, right) {
            (known, other) | (other, known) if other.literal && !is_point_in_time(known) => known,
            _ if left.semantic == right.semantic && left.semantic.is_measure() => left,
            _ => Meaning::UNKNOWN,
        },
        BinaryOperator::Multiply => match (left.semantic, right.semantic) {
            (S::UnitPrice, S::Quantity) | (S::Quantity, S::UnitPrice) => of(S::Money),
            (S::Money | S::UnitPrice, S::Ratio) => left,
            (S::Ratio, S::Money | S::UnitPrice) => right,
            (S::Ratio, _) if is_hundred(right_side) => of(S::Percent),
            (_, S::Ratio) if is_hundred(left_side) => of(S::Percent),
            (known, _) if right.literal && known.is_measure() && known != S::Ratio => left,
            (_, known) if left.literal && known.is_measure() && known != S::Ratio => right,
            _ => Meaning::UNKNOWN,
        },
        BinaryOperator::Divide => match (left.semantic, right.semantic) {
            (known, _) if right.literal => of(known),
            _ if is_times_hundred(left_side) => of(S::Percent),
            (S::Money, S::Quantity) => of(S::UnitPrice),
            _ => of(S::Ratio),
        },
        _ => Meaning::UNKNOWN,
    }
}

/// The meaning of a function's value; `first` is its first argument's.
pub fn of_call(name: &str, first: Meaning, arguments: &[&Expr]) -> Meaning {
    Meaning::of(match name {
        "sum" | "total" | "min" | "max" | "avg" | "median" | "percentile" | "percentile_cont" | "percentile_disc"
        | "stddev" | "coalesce" | "ifnull" | "nullif" | "round" | "abs" | "trunc" | "lag" | "lead" | "first_value"
        | "last_value" | "nth_value" | "upper" | "lower" | "trim" | "ltrim" | "rtrim" | "any_value" => {
            return if first.literal { Meaning::UNKNOWN } else { first };
        }
        "count" | "countif" | "count_if" | "approx_count_distinct" => S::Quantity,
        "date" | "date_trunc" | "date_add" | "date_sub" | "current_date" | "last_day" => S::Date,
        "datetime" | "current_timestamp" | "current_datetime" => S::DateTime,
        "strftime" => of_date_format(arguments.first().and_then(|format| text_of(format))),
        "format_date" => of_date_format(arguments.first().and_then(|format| text_of(format))),
        "safe_divide" | "percent_rank" | "cume_dist" => S::Ratio,
        _ => S::Unknown,
    })
}

/// The meaning of the expressions that have a syntax of their own; `first` is their subject's.
pub fn of_special(expr: &Expr, first: Meaning) -> Meaning {
    Meaning::of(match expr {
        Expr::Ceil { .. } | Expr::Floor { .. } | Expr::Trim { .. } => first.semantic,
        Expr::Substring { substring_from, substring_for, .. } => {
            of_date_part(first, substring_from.as_deref(), substring_for.as_deref())
        }
        Expr::Extract { field: DateTimeField::Year, .. } => SemanticType::Year,
        Expr::Extract { field: DateTimeField::Month, .. } => SemanticType::Month,
        _ => SemanticType::Unknown,
    })
}

fn is_point_in_time(meaning: Meaning) -> bool {
    meaning.semantic.is_time() || meaning.semantic == SemanticType::Month
}

fn of_date_format(format: Option<&str>) -> SemanticType {
    match format {
        Some("%Y") => SemanticType::Year,
        Some("%Y-%m" | "%m") => SemanticType::Month,
        Some("%Y-%m-%d" | "%F") => SemanticType::Date,
        Some("%Y-%m-%d %H:%M:%S" | "%Y-%m-%dT%H:%M:%S") => SemanticType::DateTime,
        _ => SemanticType::Unknown,
    }
}

/// The first four characters of an ISO date are its year, the first seven its month.
fn of_date_part(first: Meaning, start: Option<&Expr>, length: Option<&Expr>) -> SemanticType {
    if !first.semantic.is_time() || start.and_then(number_of) != Some("1") {
        return SemanticType::Unknown;
    }
    match length.and_then(number_of) {
        Some("4") => SemanticType::Year,
        Some("7") => SemanticType::Month,
        Some("10") => SemanticType::Date,
        _ => SemanticType::Unknown,
    }
}

fn is_hundred(expr: &Expr) -> bool {
    number_of(expr).and_then(|number| number.parse::<f64>().ok()).is_some_and(|number| (number - 100.0).abs() < 1e-9)
}

/// `100.0 * x` or `x * 100`: what is divided afterwards becomes a percentage.
fn is_times_hundred(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) => is_times_hundred(inner),
        Expr::BinaryOp { left, op: BinaryOperator::Multiply, right } => {
            is_hundred(left) || is_hundred(right) || is_times_hundred(left)
        }
        _ => false,
    }
}

fn number_of(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(number, _) => Some(number),
            _ => None,
        },
        Expr::Nested(inner) => number_of(inner),
        _ => None,
    }
}

fn text_of(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}
