//! Aggregates over a part of the rows, written with CASE, which every dialect has.

use super::super::graph::JoinTree;
use super::super::plan::{Expr, Function, Operand, Operator, Predicate};
use super::expression::{bracketed, function_name};
use super::{Renderer, Scope};
use crate::schema::Value;

impl Renderer<'_> {
    /// The aggregate of `of` over the rows that meet plain conditions.
    pub(super) fn filtered(&self, of: &Expr, filter: &[Predicate], scope: &Scope) -> String {
        let conditions: Vec<String> =
            filter.iter().filter_map(|p| self.predicate(p, &JoinTree::default(), scope, 0).ok()).collect();
        self.when(of, &conditions.join(" AND "), scope)
    }

    fn when(&self, of: &Expr, condition: &str, scope: &Scope) -> String {
        match of {
            Expr::CountRows(table) => match self.counting_key(*table, scope) {
                Some(key) => format!("COUNT(DISTINCT CASE WHEN {condition} THEN {key} END)"),
                None => format!("COUNT(CASE WHEN {condition} THEN 1 END)"),
            },
            // Nothing sold in a period is a sum of zero beside another period.
            Expr::Aggregate { function: Function::Sum, distinct: false, of } => {
                format!("SUM(CASE WHEN {condition} THEN {} ELSE 0 END)", self.argument(Function::Sum, of, scope))
            }
            Expr::Aggregate { function, distinct, of } => {
                let distinct = if *distinct { "DISTINCT " } else { "" };
                format!(
                    "{}({distinct}CASE WHEN {condition} THEN {} END)",
                    function_name(*function),
                    self.argument(*function, of, scope)
                )
            }
            Expr::Metric(metric) => conditional_formula(&self.metric(*metric, scope), condition),
            Expr::Magnitude(of) => format!("ABS({})", self.when(of, condition, scope)),
            Expr::Arithmetic { operator, left, right } => {
                let side = |side: &Expr| bracketed(side, self.when(side, condition, scope));
                self.computed(*operator, (left, side(left)), (right, side(right)))
            }
            other => self.expr(other, scope),
        }
    }

    /// What a filter picks, as the end of a heading.
    pub(super) fn filter_label(filter: &[Predicate]) -> Option<String> {
        let [one] = filter else { return None };
        let text = match one {
            Predicate::Period { first: Some(first), last: Some(last), .. } => period_label(first, last),
            Predicate::Compare { operator: Operator::Equal, right: Operand::Value(value), .. } => match value {
                Value::Text(text) => text.clone(),
                Value::Integer(number) => number.to_string(),
                _ => return None,
            },
            Predicate::Compare { left: Expr::Column(_), operator, right: Operand::Value(Value::Integer(number)) } => {
                let side = match operator {
                    Operator::Less | Operator::LessOrEqual => "below",
                    Operator::Greater | Operator::GreaterOrEqual => "above",
                    Operator::Equal | Operator::NotEqual => return None,
                };
                format!("{side} {number}")
            }
            _ => return None,
        };
        let plain: String = text.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        (plain.len() <= 24).then_some(plain)
    }
}

/// "2024" for a year, "2024_05" for a month, else the two days.
fn period_label(first: &str, last: &str) -> String {
    let day = |text: &str| text.parse::<jiff::civil::Date>().ok();
    match (day(first), day(last)) {
        (Some(a), Some(b)) if a == a.first_of_year() && b == a.last_of_year() => format!("{}", a.year()),
        (Some(a), Some(b)) if a == a.first_of_month() && b == a.last_of_month() => first[..7].to_owned(),
        (Some(a), Some(b)) if is_quarter(a, b) => format!("{} q{}", a.year(), (a.month() + 2) / 3),
        (Some(a), Some(b)) if a == b => first.to_owned(),
        _ => format!("{first} {last}"),
    }
}

fn is_quarter(first: jiff::civil::Date, last: jiff::civil::Date) -> bool {
    first.day() == 1
        && first.month() % 3 == 1
        && first.year() == last.year()
        && last.month() == first.month() + 2
        && last == last.last_of_month()
}

/// Puts a condition into every aggregate of a formula.
fn conditional_formula(formula: &str, condition: &str) -> String {
    const AGGREGATES: [&str; 7] = ["SUM", "AVG", "COUNT", "COUNTIF", "MIN", "MAX", "TOTAL"];
    let mut sql = String::new();
    let mut rest = formula;
    while let Some(open) = rest.find('(') {
        let name = rest[..open].trim_end();
        let start = name.rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).map_or(0, |i| i + 1);
        let aggregates = AGGREGATES.iter().any(|known| name[start..].eq_ignore_ascii_case(known));
        sql.push_str(&rest[..=open]);
        rest = &rest[open + 1..];
        let Some(close) = closing(rest).filter(|_| aggregates) else { continue };
        let argument = rest[..close].trim();
        let (distinct, of) = match argument.get(..9) {
            Some(word) if word.eq_ignore_ascii_case("distinct ") => ("DISTINCT ", argument[9..].trim()),
            _ => ("", argument),
        };
        let of = if of == "*" { "1" } else { of };
        let otherwise = if name[start..].eq_ignore_ascii_case("SUM") { " ELSE 0" } else { "" };
        sql.push_str(distinct);
        sql.push_str("CASE WHEN ");
        sql.push_str(condition);
        sql.push_str(" THEN ");
        sql.push_str(of);
        sql.push_str(otherwise);
        sql.push_str(" END");
        rest = &rest[close..];
    }
    sql.push_str(rest);
    sql
}

/// Where the bracket closes that was opened before the text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_u32;
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted && depth == 0 => return Some(at),
            ')' if !quoted => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_goes_into_every_aggregate_of_a_formula() {
        assert_eq!(
            conditional_formula("1.0 * SUM(a.x * (1 - a.y)) / NULLIF(COUNT(DISTINCT b.k), 0)", "d = 1"),
            "1.0 * SUM(CASE WHEN d = 1 THEN a.x * (1 - a.y) ELSE 0 END) \
             / NULLIF(COUNT(DISTINCT CASE WHEN d = 1 THEN b.k END), 0)"
        );
        assert_eq!(conditional_formula("count(*)", "d = 1"), "count(CASE WHEN d = 1 THEN 1 END)");
        assert_eq!(
            conditional_formula("MAX(replace(a.x, ')', ''))", "d = 1"),
            "MAX(CASE WHEN d = 1 THEN replace(a.x, ')', '') END)"
        );
    }

    #[test]
    fn a_quarter_is_named_as_one() {
        assert_eq!(period_label("2024-04-01", "2024-06-30"), "2024 q2");
        assert_eq!(period_label("2024-02-01", "2024-04-30"), "2024-02-01 2024-04-30");
    }

    #[test]
    fn a_period_is_named_as_short_as_it_can_be() {
        assert_eq!(period_label("2024-01-01", "2024-12-31"), "2024");
        assert_eq!(period_label("2024-02-01", "2024-02-29"), "2024-02");
        assert_eq!(period_label("2024-02-01", "2024-02-01"), "2024-02-01");
        assert_eq!(period_label("2024-02-01", "2024-03-31"), "2024-02-01 2024-03-31");
    }
}
