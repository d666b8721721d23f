//! Columns, aggregates and formulas as SQL, with the headings they get.

use super::super::plan::{Arithmetic, Expr, Function, Grain, Sort, Window};
use super::super::reading::grain_name;
use super::text::quote;
use super::{Renderer, Scope};
use crate::knowledge::WeekStart;
use crate::language::identifier_words;
use crate::schema::{ColumnId, Schema, SemanticType, TableId};

impl Renderer<'_> {
    pub(super) fn item(&self, item: &Expr, scope: &Scope, label: bool) -> String {
        let sql = self.expr(item, scope);
        match (label, item) {
            (_, Expr::Column(_) | Expr::AllColumns(_)) | (false, _) => sql,
            _ => format!("{sql} AS {}", quote(&self.label(item))),
        }
    }

    /// An item under a name that is already quoted.
    pub(super) fn named_item(&self, item: &Expr, name: &str, scope: &Scope) -> String {
        let sql = self.expr(item, scope);
        match item {
            Expr::Column(id) if quote(&self.schema.column(*id).name) == name => sql,
            _ => format!("{sql} AS {name}"),
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
                let of = self.heading(of);
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
            Expr::Arithmetic { operator, left, right } => self.arithmetic_label(*operator, left, right),
            Expr::Filtered { of, filter } => match Self::filter_label(filter) {
                Some(which) => format!("{}_{which}", self.label(of)),
                None => format!("{}_of_these", self.label(of)),
            },
            Expr::Percentile { of, percent: 50 } => format!("median_{}", self.heading(of)),
            Expr::Percentile { of, percent } => format!("p{percent}_{}", self.heading(of)),
            Expr::Over { window, of } => {
                let of = self.label(of);
                match window {
                    Window::Previous(1) => format!("previous_{of}"),
                    Window::Previous(periods) => format!("{of}_{periods}_earlier"),
                    Window::Running => format!("running_{of}"),
                    Window::Moving(periods) => format!("mean_of_{periods}_{of}"),
                    Window::Rank { .. } => format!("rank_by_{of}"),
                    Window::Total(_) => format!("all_{of}"),
                }
            }
        }
    }

    fn arithmetic_label(&self, operator: Arithmetic, left: &Expr, right: &Expr) -> String {
        let of_the_same = match (left, right) {
            (_, Expr::Over { window: Window::Previous(_), of }) => **of == *left,
            (Expr::Filtered { of: a, .. }, Expr::Filtered { of: b, .. }) => a == b,
            _ => false,
        };
        if of_the_same {
            let of = match left {
                Expr::Filtered { of, .. } => self.label(of),
                _ => self.label(left),
            };
            match operator {
                Arithmetic::Difference => return format!("change_of_{of}"),
                Arithmetic::PercentChange => return format!("change_of_{of}_in_percent"),
                _ => {}
            }
        }
        match (operator, left, right) {
            (Arithmetic::Percent, Expr::Filtered { of, .. }, whole) if **of == *whole => {
                return format!("share_of_{}", self.label(whole));
            }
            (Arithmetic::Percent, part, Expr::Over { window: Window::Total(_), of }) if **of == *part => {
                return format!("share_of_{}", self.label(part));
            }
            _ => {}
        }
        let (left, right) = (self.label(left), self.label(right));
        match operator {
            Arithmetic::Difference => format!("{left}_less_{right}"),
            Arithmetic::Product => format!("{left}_times_{right}"),
            Arithmetic::Ratio => format!("{left}_per_{right}"),
            Arithmetic::Percent => format!("{left}_in_percent_of_{right}"),
            Arithmetic::PercentChange => format!("change_of_{left}_in_percent"),
        }
    }

    fn heading(&self, of: &Expr) -> String {
        match of {
            Expr::Column(id) => heading_words(&self.schema.column(*id).name),
            other => self.label(other),
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
                let function = function_name(*function);
                format!("{function}({}{})", if *distinct { "DISTINCT " } else { "" }, self.expr(of, scope))
            }
            Expr::Metric(i) => self.metric(*i, scope),
            Expr::Time { column, grain } => self.time(*column, *grain, scope),
            Expr::Magnitude(of) => format!("ABS({})", self.expr(of, scope)),
            Expr::Share(of) => {
                let of = self.expr(of, scope);
                format!("100.0 * {of} / SUM({of}) OVER ()")
            }
            Expr::Arithmetic { operator, left, right } => {
                arithmetic(*operator, &self.operand(left, scope), &self.operand(right, scope))
            }
            Expr::Filtered { of, filter } => self.filtered(of, filter, scope),
            // Both are computed in steps; alone they are what they are made of.
            Expr::Percentile { of, .. } | Expr::Over { of, .. } => self.expr(of, scope),
        }
    }

    /// In brackets where an operator beside it would take a part of it.
    fn operand(&self, expr: &Expr, scope: &Scope) -> String {
        bracketed(expr, self.expr(expr, scope))
    }

    /// A date cut to a unit. Columns that hold months or years alone are cut as the texts they are.
    pub(super) fn time(&self, column: ColumnId, grain: Grain, scope: &Scope) -> String {
        let name = self.column(column, scope);
        match (self.schema.profile(column).semantic, grain) {
            (SemanticType::Year, _) | (SemanticType::Month, Grain::Month | Grain::Week | Grain::Day) => name,
            (SemanticType::Month, Grain::Year) => format!("substr({name}, 1, 4)"),
            (SemanticType::Month, Grain::Quarter) => {
                format!("printf('%s-Q%d', substr({name}, 1, 4), (substr({name}, 6, 2) + 2) / 3)")
            }
            (SemanticType::Month, Grain::FiscalQuarter | Grain::FiscalYear) => {
                self.fiscal_key(&format!("{name} || '-01'"), grain)
            }
            (_, Grain::FiscalQuarter | Grain::FiscalYear) => self.fiscal_key(&name, grain),
            (_, Grain::Week) => week_key(&name, self.knowledge.calendar.week_start),
            _ => time_key(&name, grain),
        }
    }

    /// Dates moved so that the fiscal year begins with the calendar year in which it ends.
    fn fiscal_key(&self, column: &str, grain: Grain) -> String {
        let (month, day) = self.knowledge.calendar.fiscal_year_start.unwrap_or((1, 1));
        let (days, months) = (day - 1, (13 - month) % 12);
        let moved = format!("date({column}, '-{days} days', 'start of month', '+{months} months')");
        match grain {
            Grain::FiscalQuarter => {
                format!("printf('FY%s-Q%d', strftime('%Y', {moved}), (strftime('%m', {moved}) + 2) / 3)")
            }
            _ => format!("'FY' || strftime('%Y', {moved})"),
        }
    }

    /// Rows are counted by their key where joins repeat them.
    pub(super) fn count_rows(&self, table: TableId, scope: &Scope) -> String {
        match self.counting_key(table, scope) {
            Some(key) => format!("COUNT(DISTINCT {key})"),
            None => "COUNT(*)".to_owned(),
        }
    }

    /// The key by which repeated rows are counted.
    pub(super) fn counting_key(&self, table: TableId, scope: &Scope) -> Option<String> {
        match self.schema.table(table).primary_key.as_slice() {
            [key] if scope.repeated.contains(&table) => Some(self.column(ColumnId { table, column: *key }, scope)),
            _ => None,
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
        let direction = direction(sort.descending, nullable);
        if let Expr::Time { column, grain: Grain::Weekday } = &sort.by {
            return format!("MIN((strftime('%w', {}) + 6) % 7){direction}", self.column(*column, scope));
        }
        format!("{}{direction}", self.expr(&sort.by, scope))
    }
}

pub(super) fn direction(descending: bool, nullable: bool) -> &'static str {
    match (descending, nullable) {
        (true, _) => " DESC",
        (false, true) => " ASC NULLS LAST",
        (false, false) => " ASC",
    }
}

pub(super) fn function_name(function: Function) -> &'static str {
    match function {
        Function::Count => "COUNT",
        Function::Sum => "SUM",
        Function::Average => "AVG",
        Function::Minimum => "MIN",
        Function::Maximum => "MAX",
    }
}

/// In brackets where an operator beside it would take a part of it.
pub(super) fn bracketed(expr: &Expr, sql: String) -> String {
    match expr {
        Expr::Arithmetic { .. } | Expr::Metric(_) | Expr::Share(_) => format!("({sql})"),
        _ => sql,
    }
}

/// Division by zero gives nothing, and whole numbers divide as decimals.
pub(super) fn arithmetic(operator: Arithmetic, left: &str, right: &str) -> String {
    match operator {
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
        Expr::Magnitude(of)
        | Expr::Share(of)
        | Expr::Aggregate { of, .. }
        | Expr::Filtered { of, .. }
        | Expr::Percentile { of, .. }
        | Expr::Over { of, .. } => metrics_of(of),
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

/// The first day of the week.
fn week_key(column: &str, start: Option<WeekStart>) -> String {
    let day = match start {
        Some(WeekStart::Sunday) => 0,
        Some(WeekStart::Saturday) => 6,
        Some(WeekStart::Monday) | None => 1,
    };
    format!("date({column}, '-6 days', 'weekday {day}')")
}

pub(super) fn time_key(column: &str, grain: Grain) -> String {
    match grain {
        Grain::Day => format!("date({column})"),
        Grain::Week => week_key(column, None),
        Grain::Month => format!("strftime('%Y-%m', {column})"),
        Grain::Quarter | Grain::FiscalQuarter => {
            format!("printf('%s-Q%d', strftime('%Y', {column}), (strftime('%m', {column}) + 2) / 3)")
        }
        Grain::Year | Grain::FiscalYear => format!("strftime('%Y', {column})"),
        Grain::Weekday => format!(
            "CASE strftime('%w', {column}) WHEN '0' THEN 'Sunday' WHEN '1' THEN 'Monday' WHEN '2' THEN 'Tuesday' \
             WHEN '3' THEN 'Wednesday' WHEN '4' THEN 'Thursday' WHEN '5' THEN 'Friday' ELSE 'Saturday' END"
        ),
    }
}
