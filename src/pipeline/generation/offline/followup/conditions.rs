//! What a condition is on, and which condition stands in the place of which.

use super::super::plan::{Expr, Operand, Operator, Predicate};
use super::edits::column_of;
use crate::language::identifier_words;
use crate::schema::{ColumnId, Schema, Value};

/// The number of many rows that the condition bounds.
pub fn figure_bounded(predicate: &Predicate) -> Option<Expr> {
    match predicate {
        Predicate::Compare { left, .. } if left.is_aggregate() => Some(left.clone()),
        _ => None,
    }
}

/// What the condition is on.
pub fn compared(predicate: &Predicate) -> Option<&Expr> {
    match predicate {
        Predicate::Compare { left, .. } => Some(left),
        Predicate::Between { what, .. }
        | Predicate::In { what, .. }
        | Predicate::Like { what, .. }
        | Predicate::IsNull { what, .. }
        | Predicate::Within { what, .. } => Some(what),
        Predicate::Any(parts) => {
            let first = parts.first().and_then(compared)?;
            parts.iter().all(|p| compared(p) == Some(first)).then_some(first)
        }
        Predicate::Period { .. } | Predicate::Exists { .. } => None,
    }
}

/// Values of which the column must have one.
pub fn values(predicate: &Predicate) -> Vec<Value> {
    match predicate {
        Predicate::Compare { operator: Operator::Equal, right: Operand::Value(value), .. } => vec![value.clone()],
        Predicate::In { values, negated: false, .. } => values.clone(),
        _ => Vec::new(),
    }
}

/// The new condition speaks of what the old one spoke of, so that both together are not meant.
pub fn replaces(schema: &Schema, old: &Predicate, new: &Predicate) -> bool {
    let (Some(a), Some(b)) = (compared(old).and_then(column_of), compared(new).and_then(column_of)) else {
        return false;
    };
    if a != b && !(same_family(schema, a, b) && is_positive(old) && is_positive(new)) {
        return false;
    }
    match (old, new) {
        (Predicate::Compare { operator: x, .. }, Predicate::Compare { operator: y, .. })
            if is_bound(*x) && is_bound(*y) =>
        {
            is_lower(*x) == is_lower(*y)
        }
        // What is left out stays out, but for what is asked for now.
        _ if !is_positive(old) => {
            let out = left_out(old);
            let wanted = values(new);
            if is_positive(new) { !wanted.is_empty() && wanted.iter().any(|v| out.contains(v)) } else { old == new }
        }
        _ if !is_positive(new) => {
            let (had, out) = (values(old), left_out(new));
            !had.is_empty() && had.iter().all(|v| out.contains(v))
        }
        _ => true,
    }
}

fn left_out(predicate: &Predicate) -> Vec<Value> {
    match predicate {
        Predicate::Compare { operator: Operator::NotEqual, right: Operand::Value(value), .. } => vec![value.clone()],
        Predicate::In { values, negated: true, .. } => values.clone(),
        _ => Vec::new(),
    }
}

fn is_positive(predicate: &Predicate) -> bool {
    !matches!(
        predicate,
        Predicate::Compare { operator: Operator::NotEqual, .. }
            | Predicate::In { negated: true, .. }
            | Predicate::Like { negated: true, .. }
    )
}

fn is_bound(operator: Operator) -> bool {
    !matches!(operator, Operator::Equal | Operator::NotEqual)
}

fn is_lower(operator: Operator) -> bool {
    matches!(operator, Operator::Greater | Operator::GreaterOrEqual)
}

/// Levels of one thing: columns of a table whose names differ in a number alone.
fn same_family(schema: &Schema, a: ColumnId, b: ColumnId) -> bool {
    let words = |id: ColumnId| -> Vec<String> {
        let words = identifier_words(&schema.column(id).name);
        words.into_iter().filter(|w| !w.chars().all(|c| c.is_ascii_digit())).collect()
    };
    let numbered = |id: ColumnId| schema.column(id).name.chars().any(|c| c.is_ascii_digit());
    a.table == b.table && numbered(a) && numbered(b) && words(a) == words(b)
}
