//! Columns, aggregates and formulas as SQL, with the headings they get.

use super::super::plan::{Arithmetic, Expr, Function, Grain, Sort, Window};
use super::super::reading::grain_name;
use super::grouping::Grouping;
use super::{Renderer, Scope};
use crate::language::identifier_words;
use crate::schema::{ColumnId, Dialect, Schema, TableId};

impl Renderer<'_> {
    /// An item of which the text is given, under its heading if that is wanted.
    pub(super) fn item(&self, item: &Expr, sql: String, label: bool) -> String {
        match (label, item) {
            (_, Expr::Column(_) | Expr::AllColumns(_)) | (false, _) => sql,
            _ => format!("{sql} AS {}", self.quote(&self.label(item))),
        }
    }

    /// An item under a name that is already quoted.
    pub(super) fn named_item(item: &Expr, sql: String, name: &str) -> String {
        match item {
            Expr::Column(_) if sql == name || sql.ends_with(&format!(".{name}")) => sql,
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
                    Window::Mean(_) => format!("mean_{of}"),
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
                let distinct = if *distinct { "DISTINCT " } else { "" };
                format!("{}({distinct}{})", function_name(*function), self.argument(*function, of, scope))
            }
            Expr::Metric(i) => self.metric(*i, scope),
            Expr::Time { column, grain } => self.time(*column, *grain, scope),
            Expr::Magnitude(of) => format!("ABS({})", self.number(of, self.expr(of, scope))),
            Expr::Share(of) => {
                let of = self.expr(of, scope);
                match self.dialect() {
                    Dialect::Sqlite => format!("100.0 * {of} / SUM({of}) OVER ()"),
                    Dialect::BigQuery => format!("100 * SAFE_DIVIDE({of}, SUM({of}) OVER ())"),
                }
            }
            Expr::Arithmetic { operator, left, right } => {
                let sides = (self.operand(left, scope), self.operand(right, scope));
                self.computed(*operator, (left, sides.0), (right, sides.1))
            }
            Expr::Filtered { of, filter } => self.filtered(of, filter, scope),
            // Both are computed in steps; alone they are what they are made of.
            Expr::Percentile { of, .. } | Expr::Over { of, .. } => self.expr(of, scope),
        }
    }

    /// What an aggregate is given; sums and means are of numbers.
    pub(super) fn argument(&self, function: Function, of: &Expr, scope: &Scope) -> String {
        match function {
            Function::Sum | Function::Average => self.number(of, self.expr(of, scope)),
            Function::Count | Function::Minimum | Function::Maximum => self.expr(of, scope),
        }
    }

    /// Two expressions set against each other, of which the texts are given.
    pub(super) fn computed(&self, operator: Arithmetic, left: (&Expr, String), right: (&Expr, String)) -> String {
        match (operator, self.dialect()) {
            (Arithmetic::Difference, Dialect::BigQuery) if self.is_day(left.0) && self.is_day(right.0) => {
                format!("DATE_DIFF({}, {}, DAY)", self.as_day(left.0, left.1), self.as_day(right.0, right.1))
            }
            _ => self.arithmetic(operator, &self.number(left.0, left.1), &self.number(right.0, right.1)),
        }
    }

    /// In brackets where an operator beside it would take a part of it.
    fn operand(&self, expr: &Expr, scope: &Scope) -> String {
        bracketed(expr, self.expr(expr, scope))
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

    pub(super) fn sort(&self, sort: &Sort, grouping: &Grouping, scope: &Scope) -> String {
        let nullable = matches!(&sort.by, Expr::Column(id) if self.schema.may_be_null(*id));
        let direction = direction(sort.descending, nullable);
        if let Expr::Time { column, grain: Grain::Weekday } = &sort.by {
            return format!("MIN({}){direction}", self.weekday_number(*column, scope));
        }
        format!("{}{direction}", grouping.sort(sort, self.expr(&sort.by, scope)))
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
