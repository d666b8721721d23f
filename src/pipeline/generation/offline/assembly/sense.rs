//! Plans that no question asks for: comparisons of what cannot be compared, and conditions that no row can meet.

use super::super::echo::echoes;
use super::super::plan::{Expr, Function, Operand, Operator, Predicate, Select};
use super::super::reading::event_date;
use super::cues::equality;
use crate::schema::{ColumnId, Schema, SemanticType, TableId, Value};

/// True if every comparison and every sum of a plan is one of its kind.
pub fn makes_sense(select: &Select, schema: &Schema) -> bool {
    let exprs = select.items.iter().chain(select.order.iter().map(|s| &s.by));
    let equal: Vec<(ColumnId, &Value)> = select.filter.iter().filter_map(equality).collect();
    exprs.into_iter().all(|expr| sums_numbers(expr, schema))
        && !echoes(select)
        && groups_for_something(select, schema)
        && counts_more_than_one(select, schema)
        && !splits_by_a_month_of_others(select, schema)
        && orders_several(select)
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

/// Rows with a date of their own are not split by the month of rows that they do not refer to.
fn splits_by_a_month_of_others(select: &Select, schema: &Schema) -> bool {
    let mut counted = Vec::new();
    select.items.iter().filter(|item| item.is_aggregate()).for_each(|item| item.tables(&mut counted));
    let dated = |table: &TableId| event_date(schema, *table).is_some_and(|(_, event)| event);
    let refers =
        |from: &TableId, to: TableId| schema.foreign_keys.iter().any(|k| k.from.table == *from && k.to.table == to);
    let of_others = |key: &Expr| match key {
        Expr::Column(id) => {
            schema.profile(*id).semantic == SemanticType::Month
                && counted.iter().all(|table| *table != id.table && dated(table) && !refers(table, id.table))
        }
        _ => false,
    };
    !counted.is_empty() && select.group.iter().any(of_others)
}

/// A figure of all rows is a single row, which nothing can be put in order with; rows are in no order by a figure of all.
fn orders_several(select: &Select) -> bool {
    let single = select.group.is_empty() && !select.items.is_empty() && select.items.iter().all(Expr::is_aggregate);
    let by_all = select.group.is_empty() && select.order.iter().any(|sort| sort.by.is_aggregate());
    select.order.is_empty() || !single && !by_all
}

/// Rows of one table are not counted by what each of them has for itself: every count would be one.
fn counts_more_than_one(select: &Select, schema: &Schema) -> bool {
    let own = |key: &Expr| match key {
        // What is unique in a few rows may come again.
        Expr::Column(id) if schema.table(id.table).primary_key == [id.column] => Some(id.table),
        _ => None,
    };
    let Some(table) = select.group.iter().find_map(own) else { return true };
    let exprs = || select.items.iter().chain(&select.group).chain(select.order.iter().map(|s| &s.by));
    let mut tables = select.tables.clone();
    exprs().for_each(|expr| expr.tables(&mut tables));
    select.filter.iter().chain(&select.having).for_each(|predicate| predicate.tables(&mut tables));
    let counts = exprs().any(|expr| matches!(expr, Expr::CountRows(_)))
        || select.having.iter().any(|p| matches!(p, Predicate::Compare { left: Expr::CountRows(_), .. }));
    !counts || tables.iter().any(|other| *other != table)
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
                    (Expr::Column(id), Operand::Value(value @ (Value::Integer(_) | Value::Real(_)))) if ranges => {
                        has_order(*id, schema) && may_be_met(*id, *operator, value, schema)
                    }
                    (Expr::Column(id), Operand::Scalar(inner)) => {
                        (!inner.items.iter().any(is_end) || has_order(*id, schema)) && makes_sense(inner, schema)
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

/// Some row lies on that side of the number.
fn may_be_met(id: ColumnId, operator: Operator, value: &Value, schema: &Schema) -> bool {
    let profile = schema.profile(id);
    let (Some(low), Some(high), Some(number)) = (
        profile.min.as_ref().and_then(Value::as_f64),
        profile.max.as_ref().and_then(Value::as_f64),
        value.as_f64().filter(|_| profile.exact_ends && profile.numeric),
    ) else {
        return true;
    };
    match operator {
        Operator::Less => low < number,
        Operator::LessOrEqual => low <= number,
        Operator::Greater => high > number,
        Operator::GreaterOrEqual => high >= number,
        Operator::Equal | Operator::NotEqual => true,
    }
}

/// The smallest or the largest of something.
fn is_end(expr: &Expr) -> bool {
    matches!(expr, Expr::Aggregate { function: Function::Minimum | Function::Maximum, .. })
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
