//! A plan in words: what is shown, by what, which rows, in which order. Made from the plan, never from SQL.

use std::fmt::Write;

use super::plan::{Expr, Function, Operand, Operator, Predicate, Query, Select};
use super::reading::grain_name;
use crate::knowledge::Knowledge;
use crate::language::identifier_words;
use crate::schema::{ColumnId, Schema, TableId, Value};

pub struct Explainer<'a> {
    pub schema: &'a Schema,
    pub knowledge: &'a Knowledge,
}

impl Explainer<'_> {
    pub fn query(&self, query: &Query) -> String {
        match query {
            Query::Select(select) => self.select(select),
            Query::Intersect(left, right) => format!("{}, and also: {}", self.select(left), self.select(right)),
        }
    }

    fn select(&self, select: &Select) -> String {
        let shown: Vec<String> =
            select.items.iter().filter(|i| i.is_aggregate() || select.group.is_empty()).map(|i| self.expr(i)).collect();
        let keys: Vec<String> = select
            .items
            .iter()
            .filter(|i| !i.is_aggregate() && !select.group.is_empty())
            .map(|i| self.expr(i))
            .collect();
        let mut text = match (shown.is_empty(), keys.is_empty()) {
            (true, _) => keys.join(", "),
            (false, true) => shown.join(", "),
            (false, false) => format!("{} by {}", shown.join(", "), keys.join(", ")),
        };
        let filters: Vec<String> = select.filter.iter().chain(&select.having).map(|p| self.predicate(p)).collect();
        if !filters.is_empty() {
            text.push_str(" where ");
            text.push_str(&filters.join(" and "));
        }
        if let Some(sort) = select.order.first() {
            let by = self.expr(&sort.by);
            let _ = write!(text, ", {by} {}", if sort.descending { "highest first" } else { "lowest first" });
        }
        match select.limit {
            Some(1) if select.offset == 0 => text.push_str(", the first one"),
            Some(1) => {
                let _ = write!(text, ", number {}", select.offset + 1);
            }
            Some(limit) => {
                let _ = write!(text, ", the first {limit}");
            }
            None => {}
        }
        text
    }

    fn expr(&self, expr: &Expr) -> String {
        match expr {
            Expr::Column(id) => self.column(*id),
            Expr::AllColumns(table) => format!("everything about {}", self.table(*table)),
            Expr::CountRows(table) => format!("number of {}", self.table(*table)),
            Expr::Aggregate { function, distinct, of } => {
                let of = self.expr(of);
                match function {
                    Function::Count if *distinct => format!("number of different {of}"),
                    Function::Count => format!("number of {of}"),
                    Function::Sum => format!("total {of}"),
                    Function::Average => format!("average {of}"),
                    Function::Minimum => format!("lowest {of}"),
                    Function::Maximum => format!("highest {of}"),
                }
            }
            Expr::Metric(i) => self.knowledge.metrics[*i].name.clone(),
            Expr::Time { column, grain } => format!("{} of {}", grain_name(*grain), self.column(*column)),
            Expr::Magnitude(of) => format!("size of {}", self.expr(of)),
            Expr::Share(of) => format!("share of {}", self.expr(of)),
        }
    }

    fn predicate(&self, predicate: &Predicate) -> String {
        match predicate {
            Predicate::Compare { left, operator, right } => {
                let right = match right {
                    Operand::Value(value) => value_text(value),
                    Operand::Expr(expr) => self.expr(expr),
                    Operand::Scalar(select) => format!("the {}", self.select(select)),
                };
                let operator = match operator {
                    Operator::Equal => "is",
                    Operator::NotEqual => "is not",
                    Operator::Less => "is below",
                    Operator::LessOrEqual => "is at most",
                    Operator::Greater => "is above",
                    Operator::GreaterOrEqual => "is at least",
                };
                format!("{} {operator} {right}", self.expr(left))
            }
            Predicate::Between { what, low, high } => {
                format!("{} is between {} and {}", self.expr(what), value_text(low), value_text(high))
            }
            Predicate::In { what, values, negated } => {
                let values: Vec<String> = values.iter().map(value_text).collect();
                format!("{} is {}{}", self.expr(what), if *negated { "not " } else { "" }, values.join(" or "))
            }
            Predicate::Like { what, pattern, negated } => {
                let text = pattern.trim_matches('%').replace("\\%", "%");
                let how = match (pattern.starts_with('%'), pattern.ends_with('%')) {
                    (true, true) => "contains",
                    (false, true) => "starts with",
                    (true, false) => "ends with",
                    (false, false) => "is like",
                };
                format!("{}{} {how} \"{text}\"", self.expr(what), if *negated { " not:" } else { "" })
            }
            Predicate::IsNull { what, negated } => {
                format!("{} is {}", self.expr(what), if *negated { "filled" } else { "empty" })
            }
            Predicate::Period { column, first, last } => match (first, last) {
                (Some(first), Some(last)) if first == last => format!("{} is {first}", self.column(*column)),
                (Some(first), Some(last)) => format!("{} is from {first} to {last}", self.column(*column)),
                (Some(first), None) => format!("{} is from {first} on", self.column(*column)),
                (None, Some(last)) => format!("{} is up to {last}", self.column(*column)),
                (None, None) => format!("{} is any", self.column(*column)),
            },
            Predicate::Exists { table, filter, negated } => {
                let filter: Vec<String> = filter.iter().map(|p| self.predicate(p)).collect();
                let with = if filter.is_empty() { String::new() } else { format!(" where {}", filter.join(" and ")) };
                format!("there {} {}{with}", if *negated { "are no" } else { "are" }, self.table(*table))
            }
        }
    }

    fn column(&self, id: ColumnId) -> String {
        identifier_words(&self.schema.column(id).name).join(" ")
    }

    fn table(&self, table: TableId) -> String {
        self.schema.table(table).name.replace('_', " ")
    }
}

fn value_text(value: &Value) -> String {
    match value {
        Value::Null => "empty".to_owned(),
        Value::Integer(n) => n.to_string(),
        Value::Real(x) => x.to_string(),
        Value::Text(text) => text.clone(),
        Value::Blob(bytes) => format!("{} bytes", bytes.len()),
    }
}
