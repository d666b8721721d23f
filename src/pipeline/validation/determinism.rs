//! Whether a statement gives the same rows from the same data: what reads chance, the session or the clock does not.
//!
//! SQLite reads the clock also where a time function is given the word `now`, which a statement can put together from
//! parts. So each value is asked whether it could be that word; what is stored in tables is trusted not to be.

use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Query, UnaryOperator, Value,
};

use super::checker::{Checker, last_part};
use super::scope::{Found, Scope, ScopeColumn};
use crate::schema::Dialect;

/// Whether a value could be the word `now`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Now {
    Never,
    /// Not as it is, but a part of it could.
    Within,
    Possible,
}

/// Functions that give one of their arguments as it is.
const PASSING: &str =
    "coalesce ifnull nullif min max lag lead first_value last_value nth_value likely unlikely likelihood lower upper";
/// Functions that give a part of their first argument.
const CUTTING: &str = "substr substring trim ltrim rtrim";
/// Functions whose result is never a text that was given to them.
const COMPUTING: &str = "median abs round sum avg total count length row_number rank dense_rank unicode instr sign floor ceil \
    ceiling trunc julianday unixepoch date time datetime strftime timediff";

impl Checker<'_> {
    /// Notes a call whose value depends on more than its arguments.
    pub fn note_volatile_call(&mut self, name: &str, function: &Function, scope: &Scope<'_>) {
        let dialect = self.schema.dialect;
        if dialect.is_volatile_function(name) {
            self.volatile = true;
        } else if dialect.is_time_function(name) && !self.volatile {
            let arguments = plain_arguments(function).unwrap_or_default();
            let times = match name {
                "strftime" => arguments.get(1..2),
                "timediff" => arguments.get(0..2),
                _ => arguments.get(0..1),
            };
            self.volatile = times.is_none_or(|times| times.iter().any(|time| self.now(time, scope) == Now::Possible));
        }
    }

    /// Remembers what a scalar subquery gives.
    pub fn note_scalar(&mut self, query: &Query, columns: &[ScopeColumn]) {
        let now = columns.first().map_or(Now::Possible, |column| column.now);
        self.scalars.insert(address(query), now);
    }

    /// Whether the value of an expression that was checked could be the word.
    pub fn now(&self, expr: &Expr, scope: &Scope<'_>) -> Now {
        if self.schema.dialect == Dialect::BigQuery {
            return Now::Never;
        }
        let of_all = |parts: &[&Expr]| parts.iter().map(|part| self.now(part, scope)).max().unwrap_or(Now::Never);
        match expr {
            Expr::Value(value) => of_literal(&value.value),
            Expr::Identifier(name) => of_found(&scope.find(&name.value)),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [.., relation, column] => {
                    scope.find_in(&relation.value, &column.value).as_ref().map_or(Now::Possible, of_found)
                }
                _ => Now::Possible,
            },
            Expr::Nested(inner)
            | Expr::Collate { expr: inner, .. }
            | Expr::Cast { expr: inner, .. }
            | Expr::UnaryOp { expr: inner, op: UnaryOperator::Plus } => self.now(inner, scope),
            Expr::BinaryOp { op: BinaryOperator::StringConcat, .. } => self.of_concatenation(expr, scope),
            Expr::BinaryOp { left, op: BinaryOperator::Arrow | BinaryOperator::LongArrow, .. } => {
                part_of(self.now(left, scope))
            }
            Expr::BinaryOp { .. }
            | Expr::UnaryOp { .. }
            | Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::InList { .. }
            | Expr::InSubquery { .. }
            | Expr::Between { .. }
            | Expr::Like { .. }
            | Expr::Exists { .. }
            | Expr::Ceil { .. }
            | Expr::Floor { .. } => Now::Never,
            Expr::Case { conditions, else_result, .. } => {
                let results = conditions.iter().map(|when| &when.result).chain(else_result.as_deref());
                of_all(&results.collect::<Vec<_>>())
            }
            Expr::Substring { expr: inner, .. } | Expr::Trim { expr: inner, .. } => part_of(self.now(inner, scope)),
            Expr::Subquery(query) => self.scalars.get(&address(query)).copied().unwrap_or(Now::Possible),
            Expr::Function(function) => self.of_call(function, scope),
            _ => Now::Possible,
        }
    }

    fn of_call(&self, function: &Function, scope: &Scope<'_>) -> Now {
        let Ok(name) = last_part(&function.name) else { return Now::Possible };
        let name = name.value.to_ascii_lowercase();
        let is_of = |list: &str| list.split_ascii_whitespace().any(|known| known == name);
        if is_of(COMPUTING) {
            return Now::Never;
        }
        let Some(arguments) = plain_arguments(function) else { return Now::Possible };
        let mut of_arguments = arguments.iter().map(|argument| self.now(argument, scope));
        if is_of(PASSING) {
            of_arguments.max().unwrap_or(Now::Never)
        } else if matches!(name.as_str(), "iif" | "if") {
            of_arguments.skip(1).max().unwrap_or(Now::Possible)
        } else if is_of(CUTTING) || name == "json_extract" {
            of_arguments.next().map_or(Now::Possible, part_of)
        } else {
            Now::Possible
        }
    }

    /// A chain leans to the left, so it is gone through in a loop. With another letter in it the whole is another word.
    fn of_concatenation(&self, expr: &Expr, scope: &Scope<'_>) -> Now {
        let mut first = expr;
        let mut other_letters = false;
        while let Expr::BinaryOp { left, op: BinaryOperator::StringConcat, right } = first {
            match self.now(right, scope) {
                Now::Possible => return Now::Possible,
                Now::Within => other_letters = true,
                Now::Never => other_letters |= has_other_letters(right),
            }
            first = left;
        }
        match self.now(first, scope) {
            Now::Never if !other_letters && !has_other_letters(first) => Now::Possible,
            Now::Possible => Now::Possible,
            _ => Now::Within,
        }
    }
}

fn address(query: &Query) -> usize {
    std::ptr::from_ref(query).addr()
}

fn of_found(found: &Found<'_>) -> Now {
    match found {
        Found::Column(column) => column.now,
        Found::RowId => Now::Never,
        Found::Unknown | Found::Table(_) | Found::Missing => Now::Possible,
    }
}

fn of_literal(value: &Value) -> Now {
    match value {
        Value::Number(..) | Value::Null | Value::Boolean(_) => Now::Never,
        // A backslash may stand for any letter inside JSON.
        Value::SingleQuotedString(text) | Value::DoubleQuotedString(text)
            if !text.to_ascii_lowercase().contains("now") && !text.contains('\\') =>
        {
            Now::Never
        }
        _ => Now::Possible,
    }
}

fn part_of(whole: Now) -> Now {
    if whole == Now::Never { Now::Never } else { Now::Possible }
}

/// True for a literal that holds a letter which `now` has not.
fn has_other_letters(expr: &Expr) -> bool {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(..) => true,
            Value::SingleQuotedString(text) => text.chars().any(|c| !"nowNOW".contains(c)),
            _ => false,
        },
        Expr::Nested(inner) => has_other_letters(inner),
        _ => false,
    }
}

/// The arguments, if each is a plain expression.
fn plain_arguments(function: &Function) -> Option<Vec<&Expr>> {
    let FunctionArguments::List(list) = &function.args else { return Some(Vec::new()) };
    list.args
        .iter()
        .map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
            _ => None,
        })
        .collect()
}
