//! Columns, aggregates and formulas as SQL, with the headings they get.

use super::super::plan::{Arithmetic, Expr, Function, Grain, Sort};
use super::super::reading::grain_name;
use super::text::quote;
use super::{Renderer, Scope};
use crate::language::identifier_words;
use crate::schema::{ColumnId, Schema, TableId};

impl Renderer<'_> {
    pub(super) fn item(&self, item: &Expr, scope: &Scope, label: bool) -> String {
        let sql = self.expr(item, scope);
        match (label, item) {
            (_, Expr::Column(_) | Expr::AllColumns(_)) | (false, _) => sql,
            _ => format!("{sql} AS {}", quote(&self.label(item))),
        }
    }

    /// A column heading in words joined by underscores.
    pub(super) fn label(&self, item: &Expr) -> String {
        match item {
            Expr::Column(id) => self.schema.column(*id).name.clone(),
            Expr::AllColumns(_) => "*".to_owned(),
            Expr::CountRows(table) => {
                format!("number_of_{}", self.schema.table(*table).name.replace(' ', "_").to_lowercase())
            }
            Expr::Aggregate { function, of, .. } => {
                let of = match &**of {
                    Expr::Column(id) => heading_words(&self.schema.column(*id).name),
                    other => self.label(other),
                };
                match function {
                    Function::Sum if of.starts_with("total") => of,
                    Function::Count => format!("number_of_{of}"),
                    Function::Sum => format!("total_{of}"),
                    Function::Average => format!("average_{of}"),
                    Function::Minimum => format!("lowest_{of}"),
                    Function::Maximum => format!("highest_{of}"),
                }
            }
            Expr::Metric(i) => self.knowledge.metrics[*i].name.replace(' ', "_"),
            Expr::Time { grain, .. } => grain_name(*grain).to_owned(),
            Expr::Magnitude(of) => self.label(of),
            Expr::Share(of) => format!("share_of_{}", self.label(of)),
            Expr::Arithmetic { operator, left, right } => {
                let (left, right) = (self.label(left), self.label(right));
                match operator {
                    Arithmetic::Sum => format!("{left}_and_{right}"),
                    Arithmetic::Difference => format!("{left}_less_{right}"),
                    Arithmetic::Product => format!("{left}_times_{right}"),
                    Arithmetic::Ratio => format!("{left}_per_{right}"),
                    Arithmetic::Percent => format!("{left}_in_percent_of_{right}"),
                    Arithmetic::PercentChange => format!("change_of_{left}_in_percent"),
                }
            }
        }
    }

    pub(super) fn expr(&self, expr: &Expr, scope: &Scope) -> String {
        match expr {
            Expr::Column(id) => self.column(*id, scope),
            Expr::AllColumns(table) => match scope.alias(*table) {
                "" => "*".to_owned(),
                alias => format!("{alias}.*"),
            },
            Expr::CountRows(table) => self.count_rows(*table, scope),
            Expr::Aggregate { function, distinct, of } => {
                let function = match function {
                    Function::Count => "COUNT",
                    Function::Sum => "SUM",
                    Function::Average => "AVG",
                    Function::Minimum => "MIN",
                    Function::Maximum => "MAX",
                };
                format!("{function}({}{})", if *distinct { "DISTINCT " } else { "" }, self.expr(of, scope))
            }
            Expr::Metric(i) => self.metric(*i, scope),
            Expr::Time { column, grain } => time_key(&self.column(*column, scope), *grain),
            Expr::Magnitude(of) => format!("ABS({})", self.expr(of, scope)),
            Expr::Share(of) => {
                let of = self.expr(of, scope);
                format!("100.0 * {of} / SUM({of}) OVER ()")
            }
            Expr::Arithmetic { operator, left, right } => {
                arithmetic(*operator, &self.operand(left, scope), &self.operand(right, scope))
            }
        }
    }

    /// In brackets where an operator beside it would take a part of it.
    fn operand(&self, expr: &Expr, scope: &Scope) -> String {
        let sql = self.expr(expr, scope);
        match expr {
            Expr::Arithmetic { .. } | Expr::Metric(_) | Expr::Share(_) => format!("({sql})"),
            _ => sql,
        }
    }

    /// Rows are counted by their key where joins repeat them.
    pub(super) fn count_rows(&self, table: TableId, scope: &Scope) -> String {
        if !scope.repeated.contains(&table) {
            return "COUNT(*)".to_owned();
        }
        match self.schema.table(table).primary_key.as_slice() {
            [key] => format!("COUNT(DISTINCT {})", self.column(ColumnId { table, column: *key }, scope)),
            _ => "COUNT(*)".to_owned(),
        }
    }

    /// A metric's formula with its `table.column` names written for this statement.
    pub(super) fn metric(&self, metric: usize, scope: &Scope) -> String {
        let expression = &self.knowledge.metrics[metric].expression;
        let mut sql = String::new();
        let mut rest = expression.as_str();
        while let Some((start, end, id)) = next_qualified(self.schema, rest) {
            sql.push_str(&rest[..start]);
            sql.push_str(&self.column(id, scope));
            rest = &rest[end..];
        }
        sql.push_str(rest);
        sql
    }

    pub(super) fn sort(&self, sort: &Sort, scope: &Scope) -> String {
        let nullable = matches!(&sort.by, Expr::Column(id) if self.schema.profile(*id).nulls > 0);
        let direction = match (sort.descending, nullable) {
            (true, _) => " DESC",
            (false, true) => " ASC NULLS LAST",
            (false, false) => " ASC",
        };
        format!("{}{direction}", self.expr(&sort.by, scope))
    }
}

/// Division by zero gives nothing, and whole numbers divide as decimals.
pub(super) fn arithmetic(operator: Arithmetic, left: &str, right: &str) -> String {
    match operator {
        Arithmetic::Sum => format!("{left} + {right}"),
        Arithmetic::Difference => format!("{left} - {right}"),
        Arithmetic::Product => format!("{left} * {right}"),
        Arithmetic::Ratio => format!("1.0 * {left} / NULLIF({right}, 0)"),
        Arithmetic::Percent => format!("100.0 * {left} / NULLIF({right}, 0)"),
        Arithmetic::PercentChange => format!("100.0 * ({left} - {right}) / NULLIF({right}, 0)"),
    }
}

/// Words run together are hard to read in a heading: `UnitPrice` becomes `unit_price`, `units_sold` stays.
fn heading_words(name: &str) -> String {
    if name.contains('_') { name.to_lowercase() } else { identifier_words(name).join("_") }
}

pub(super) fn metrics_of(expr: &Expr) -> Vec<usize> {
    match expr {
        Expr::Metric(i) => vec![*i],
        Expr::Magnitude(of) | Expr::Share(of) | Expr::Aggregate { of, .. } => metrics_of(of),
        Expr::Arithmetic { left, right, .. } => [metrics_of(left), metrics_of(right)].concat(),
        Expr::Column(_) | Expr::AllColumns(_) | Expr::CountRows(_) | Expr::Time { .. } => Vec::new(),
    }
}

/// The next `table.column` of the schema in a text: where it begins and ends, and what it is.
pub(super) fn next_qualified(schema: &Schema, text: &str) -> Option<(usize, usize, ColumnId)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut from = 0;
    while let Some(dot) = text[from..].find('.').map(|i| i + from) {
        let start = text[..dot].rfind(|c: char| !is_word(c)).map_or(0, |i| i + 1);
        let end = text[dot + 1..].find(|c: char| !is_word(c)).map_or(text.len(), |i| i + dot + 1);
        let found = schema.find_table(&text[start..dot]).and_then(|t| schema.find_column(t, &text[dot + 1..end]));
        if let Some(id) = found {
            return Some((start, end, id));
        }
        from = dot + 1;
    }
    None
}

pub(super) fn time_key(column: &str, grain: Grain) -> String {
    match grain {
        Grain::Day => format!("date({column})"),
        Grain::Week => format!("date({column}, '-6 days', 'weekday 1')"),
        Grain::Month => format!("strftime('%Y-%m', {column})"),
        Grain::Quarter => format!("printf('%s-Q%d', strftime('%Y', {column}), (strftime('%m', {column}) + 2) / 3)"),
        Grain::Year => format!("strftime('%Y', {column})"),
        Grain::Weekday => format!("strftime('%w', {column})"),
    }
}
