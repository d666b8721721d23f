//! Walks a plan and looks for each part of it in the words that explain it.

use super::plan::{Expr, Operand, Predicate, Query, Select};
use crate::language::spoken_name;
use crate::schema::{ColumnId, Schema, TableId, Value};

/// The conditions, keys, orders and limits that the text does not name.
pub fn untold(query: &Query, text: &str, schema: &Schema) -> Vec<String> {
    let mut walk = Walk { text, schema, missing: Vec::new() };
    match query {
        Query::Select(select) => walk.select(select),
        Query::Set { left, right, .. } => {
            walk.select(left);
            walk.select(right);
        }
    }
    walk.missing
}

struct Walk<'a> {
    text: &'a str,
    schema: &'a Schema,
    missing: Vec<String>,
}

impl Walk<'_> {
    fn expect(&mut self, part: &str, told: &str) {
        if !self.text.contains(told) {
            self.missing.push(format!("{part} {told}"));
        }
    }

    fn name(&self, id: ColumnId) -> String {
        spoken_name(&self.schema.column(id).name)
    }

    fn select(&mut self, select: &Select) {
        for predicate in select.filter.iter().chain(&select.having) {
            self.predicate(predicate);
        }
        let mut shown: Vec<TableId> = Vec::new();
        select.items.iter().filter(|i| !i.is_aggregate()).for_each(|i| i.tables(&mut shown));
        for key in &select.group {
            match key {
                // A row's own key is told by what it is known by.
                Expr::Column(id) if self.schema.is_primary_key(*id) && shown.contains(&id.table) => {}
                key => self.columns("key", key),
            }
        }
        for sort in &select.order {
            self.columns("order", &sort.by);
            self.expect("order", if sort.descending { "highest first" } else { "lowest first" });
        }
        if let Some(per) = &select.per {
            self.expect("rows of each group", &format!("the first {} of each", per.rows));
            per.keys.iter().for_each(|key| self.columns("key of the groups", key));
        }
        match select.limit {
            Some(1) if select.offset > 0 => self.expect("limit", &format!("number {}", select.offset + 1)),
            Some(1) => self.expect("limit", "the first one"),
            Some(limit) if select.offset > 0 => self.expect("limit", &format!("{limit} after the first")),
            Some(limit) => self.expect("limit", &format!("the first {limit}")),
            None => {}
        }
    }

    fn columns(&mut self, part: &str, expr: &Expr) {
        match expr {
            Expr::Column(id) | Expr::Time { column: id, .. } => {
                let name = self.name(*id);
                self.expect(part, &name);
            }
            Expr::Aggregate { of, .. }
            | Expr::Percentile { of, .. }
            | Expr::Magnitude(of)
            | Expr::Share(of)
            | Expr::Over { of, .. } => self.columns(part, of),
            Expr::Filtered { of, filter } => {
                self.columns(part, of);
                for p in filter {
                    self.predicate(p);
                }
            }
            Expr::Arithmetic { left, right, .. } => {
                self.columns(part, left);
                self.columns(part, right);
            }
            Expr::CountRows(table) | Expr::AllColumns(table) => {
                let name = self.schema.table(*table).name.replace('_', " ");
                self.expect(part, &name);
            }
            Expr::Metric(_) => {}
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Text(text) => self.expect("value", text),
            Value::Integer(n) => self.expect("value", &n.to_string()),
            Value::Real(x) => self.expect("value", &x.to_string()),
            Value::Null | Value::Blob(_) => {}
        }
    }

    fn predicate(&mut self, predicate: &Predicate) {
        match predicate {
            Predicate::Compare { left, right, .. } => {
                self.columns("condition on", left);
                match right {
                    Operand::Value(value) => self.value(value),
                    Operand::Expr(expr) => self.columns("condition on", expr),
                    Operand::Scalar(select) => self.select(select),
                }
            }
            Predicate::Between { what, low, high } => {
                self.columns("condition on", what);
                self.value(low);
                self.value(high);
            }
            Predicate::In { what, values, .. } => {
                self.columns("condition on", what);
                for v in values {
                    self.value(v);
                }
            }
            Predicate::Like { what, pattern, .. } => {
                self.columns("condition on", what);
                self.expect("pattern", &pattern.trim_matches('%').replace("\\%", "%"));
            }
            Predicate::IsNull { what, .. } => self.columns("condition on", what),
            Predicate::Period { column, first, last } => {
                // A part of the rows is called by its period's name ("in May 2024").
                let told = |day: &Option<String>| day.as_ref().is_none_or(|day| self.text.contains(day.as_str()));
                let year = first.as_deref().or(last.as_deref()).map_or("", |day| &day[..4]);
                let named = self.text.contains(year);
                if !(told(first) && told(last) || named) {
                    let name = self.name(*column);
                    self.missing.push(format!("period of {name}: {first:?} to {last:?}"));
                }
            }
            Predicate::Exists { table, filter, .. } => {
                let name = self.schema.table(*table).name.replace('_', " ");
                self.expect("rows of", &name);
                for p in filter {
                    self.predicate(p);
                }
            }
            Predicate::Within { what, query, .. } => {
                self.columns("condition on", what);
                self.select(query);
            }
            Predicate::Any(predicates) => predicates.iter().for_each(|p| self.predicate(p)),
        }
    }
}
