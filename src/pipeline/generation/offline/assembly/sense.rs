//! Plans that no question asks for: comparisons of what cannot be compared, and conditions that no row can meet.

use super::super::plan::{Expr, Function, Operand, Operator, Predicate, Select};
use super::cues::equality;
use crate::schema::{ColumnId, Schema, Value};

/// True if every comparison and every sum of a plan is one of its kind.
pub fn makes_sense(select: &Select, schema: &Schema) -> bool {
    let exprs = select.items.iter().chain(select.order.iter().map(|s| &s.by));
    let equal: Vec<(ColumnId, &Value)> = select.filter.iter().filter_map(equality).collect();
    exprs.into_iter().all(|expr| sums_numbers(expr, schema))
        && groups_for_something(select, schema)
        && select.filter.iter().chain(&select.having).all(|p| compares_alike(p, schema))
        && !equal
            .iter()
            .enumerate()
            .any(|(i, (column, value))| equal[..i].iter().any(|(other, another)| column == other && value != another))
}

/// What is shown beside groups is computed from them, or the same in all their rows: the rest would be any one row's.
fn groups_for_something(select: &Select, schema: &Schema) -> bool {
    let computes = select.items.iter().chain(select.order.iter().map(|s| &s.by)).any(Expr::is_aggregate);
    let of_key = |id: &ColumnId| {
        let same_row = |key: &Expr| matches!(key, Expr::Column(k) if k.table == id.table && schema.profile(*k).unique);
        select.group.iter().any(same_row)
    };
    let belongs = |item: &Expr| match item {
        Expr::Column(id) => select.group.contains(item) || of_key(id),
        _ => true,
    };
    select.group.is_empty() || computes || !select.having.is_empty() || select.items.iter().all(belongs)
}

/// Numbers alone are added up.
fn sums_numbers(expr: &Expr, schema: &Schema) -> bool {
    match expr {
        Expr::Aggregate { function: Function::Sum | Function::Average, of, .. } => match **of {
            Expr::Column(id) => holds_numbers(id, schema),
            _ => true,
        },
        _ => true,
    }
}

fn compares_alike(predicate: &Predicate, schema: &Schema) -> bool {
    match predicate {
        Predicate::Compare { left, operator, right } => {
            let ranges = !matches!(operator, Operator::Equal | Operator::NotEqual);
            sums_numbers(left, schema)
                && match (left, right) {
                    (Expr::Column(id), Operand::Value(Value::Integer(_) | Value::Real(_))) if ranges => {
                        has_order(*id, schema)
                    }
                    (_, Operand::Scalar(inner)) => makes_sense(inner, schema),
                    _ => true,
                }
        }
        Predicate::Between { what: Expr::Column(id), .. } => has_order(*id, schema),
        Predicate::Any(predicates) | Predicate::Exists { filter: predicates, .. } => {
            predicates.iter().all(|p| compares_alike(p, schema))
        }
        _ => true,
    }
}

/// Numbers, or texts that are written as numbers.
fn holds_numbers(id: ColumnId, schema: &Schema) -> bool {
    let profile = schema.profile(id);
    let digits = |value: &Option<Value>| match value {
        Some(Value::Text(text)) => text.trim().starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.'),
        _ => true,
    };
    profile.numeric || digits(&profile.min) && digits(&profile.max)
}

/// Numbers and times come before and after each other; names do only by their letters.
fn has_order(id: ColumnId, schema: &Schema) -> bool {
    holds_numbers(id, schema) || schema.profile(id).semantic.is_time()
}
