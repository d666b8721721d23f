//! What SQLite and BigQuery say differently of the same plan, each difference once. Names and literals are in `text`,
//! calendar units in `time`; all else is common to both.

use super::super::plan::{Arithmetic, Expr, SetOperator};
use super::Renderer;
use super::kind::Kind;
use super::text::{cast, literal, quote, quoted, text_literal, typed_literal};
use crate::schema::{Dialect, TableId, Value};

impl Renderer<'_> {
    pub(super) fn dialect(&self) -> Dialect {
        self.schema.dialect
    }

    pub(super) fn quote(&self, name: &str) -> String {
        quote(name, self.dialect())
    }

    pub(super) fn text(&self, text: &str) -> String {
        text_literal(text, self.dialect())
    }

    /// A value that is compared with an expression.
    pub(super) fn value(&self, value: &Value, beside: &Expr) -> String {
        match self.dialect() {
            Dialect::Sqlite => literal(value, Dialect::Sqlite),
            Dialect::BigQuery => typed_literal(value, self.kind(beside)),
        }
    }

    /// The table as FROM names it: in BigQuery by its whole path where the schema knows it, else by the default dataset.
    pub(super) fn path(&self, table: TableId) -> String {
        let name = &self.schema.table(table).name;
        match self.dataset() {
            Some(dataset) => quoted(&format!("{dataset}.{name}"), Dialect::BigQuery),
            None => self.quote(name),
        }
    }

    /// `project.dataset` where tables must be named in it.
    pub(super) fn dataset(&self) -> Option<&str> {
        let name = self.schema.name.as_str();
        let is_plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || "-_:".contains(c));
        let (project, dataset) = name.split_once('.')?;
        (self.dialect() == Dialect::BigQuery && is_plain(project) && is_plain(dataset)).then_some(name)
    }

    /// Division by zero gives nothing, and whole numbers divide as decimals.
    pub(super) fn arithmetic(&self, operator: Arithmetic, left: &str, right: &str) -> String {
        match (operator, self.dialect()) {
            (Arithmetic::Difference, _) => format!("{left} - {right}"),
            (Arithmetic::Product, _) => format!("{left} * {right}"),
            (Arithmetic::Ratio, Dialect::Sqlite) => format!("1.0 * {left} / NULLIF({right}, 0)"),
            (Arithmetic::Percent, Dialect::Sqlite) => format!("100.0 * {left} / NULLIF({right}, 0)"),
            (Arithmetic::PercentChange, Dialect::Sqlite) => {
                format!("100.0 * ({left} - {right}) / NULLIF({right}, 0)")
            }
            (Arithmetic::Ratio, Dialect::BigQuery) => format!("SAFE_DIVIDE({left}, {right})"),
            (Arithmetic::Percent, Dialect::BigQuery) => format!("100 * SAFE_DIVIDE({left}, {right})"),
            (Arithmetic::PercentChange, Dialect::BigQuery) => {
                format!("100 * SAFE_DIVIDE({left} - {right}, {right})")
            }
        }
    }

    /// True if two values are equal or both are missing. As the condition of an outer join BigQuery takes nothing else
    /// than equalities and this way to say it.
    pub(super) fn same(&self, left: &str, right: &str) -> String {
        match self.dialect() {
            Dialect::Sqlite => format!("{left} IS {right}"),
            Dialect::BigQuery => format!("({left} = {right} OR ({left} IS NULL AND {right} IS NULL))"),
        }
    }

    /// Letters of either case fit. SQLite's own LIKE folds those of ASCII.
    pub(super) fn like(&self, what: &Expr, sql: &str, pattern: &str, negated: bool) -> String {
        let not = if negated { "NOT " } else { "" };
        let escaped = pattern.contains("\\%");
        match self.dialect() {
            Dialect::Sqlite => {
                let escape = if escaped { " ESCAPE '\\'" } else { "" };
                format!("{sql} {not}LIKE {}{escape}", self.text(pattern))
            }
            Dialect::BigQuery => {
                // A backslash always escapes there.
                let pattern =
                    if escaped { pattern.to_lowercase() } else { pattern.to_lowercase().replace('\\', "\\\\") };
                let text =
                    if self.kind(what) == Kind::Text { sql.to_owned() } else { format!("CAST({sql} AS STRING)") };
                format!("LOWER({text}) {not}LIKE {}", self.text(&pattern))
            }
        }
    }

    /// Something that is computed with: BigQuery does not take texts for numbers, nor truths.
    pub(super) fn number(&self, expr: &Expr, sql: String) -> String {
        match (self.dialect(), self.kind(expr)) {
            (Dialect::BigQuery, Kind::Text) => cast(&sql, Kind::Float),
            (Dialect::BigQuery, Kind::Truth) => format!("CAST({sql} AS INT64)"),
            _ => sql,
        }
    }

    /// An expression and the values that it lies above, below or between. Texts that hold numbers are in the order of the
    /// numbers.
    pub(super) fn bounded(&self, what: &Expr, sql: String, values: &[&Value]) -> (String, Vec<String>) {
        let numeric = matches!(what, Expr::Column(id) if self.schema.profile(*id).numeric);
        let by_number = numeric && values.iter().all(|value| matches!(value, Value::Integer(_) | Value::Real(_)));
        if self.dialect() == Dialect::BigQuery && by_number && self.kind(what) == Kind::Text {
            return (cast(&sql, Kind::Float), values.iter().map(|value| literal(value, Dialect::BigQuery)).collect());
        }
        (sql, values.iter().map(|value| self.value(value, what)).collect())
    }

    /// A value of one kind among those of another.
    pub(super) fn as_kind(&self, sql: String, from: Kind, to: Kind) -> String {
        let apart = (from == Kind::Text) != (to == Kind::Text) && from != Kind::Other && to != Kind::Other;
        if self.dialect() == Dialect::BigQuery && apart { cast(&sql, to) } else { sql }
    }

    /// Two columns or results that are compared; where one of them is a text it is read as what the other is.
    pub(super) fn alike(&self, left: (String, Kind), right: (String, Kind)) -> (String, String) {
        let ((left, a), (right, b)) = (left, right);
        let of_days = |sql: String, kind| if kind == Kind::Timestamp { format!("DATE({sql})") } else { sql };
        match (a, b) {
            _ if self.dialect() == Dialect::Sqlite || a == b => (left, right),
            (Kind::Other, _) | (_, Kind::Other) => (left, right),
            (Kind::Text, _) => (cast(&left, b), right),
            (_, Kind::Text) => (left, cast(&right, a)),
            (Kind::Truth, _) => (cast(&left, b), right),
            (_, Kind::Truth) => (left, cast(&right, a)),
            _ if a.is_day() && b.is_day() => (of_days(left, a), of_days(right, b)),
            _ => (left, right),
        }
    }

    /// A point in time as BigQuery's DATE.
    pub(super) fn as_day(&self, expr: &Expr, sql: String) -> String {
        match self.kind(expr) {
            Kind::Date => sql,
            Kind::DateTime | Kind::Timestamp => format!("DATE({sql})"),
            _ => format!("SAFE_CAST(SUBSTR({sql}, 1, 10) AS DATE)"),
        }
    }

    /// A key that windows are parted by: BigQuery parts by no floating point numbers.
    pub(super) fn part_key(&self, key: &Expr, name: &str) -> String {
        match (self.dialect(), self.kind(key)) {
            (Dialect::BigQuery, Kind::Float) => format!("CAST({name} AS STRING)"),
            _ => name.to_owned(),
        }
    }
}

pub(super) fn set_operator(operator: SetOperator, dialect: Dialect) -> &'static str {
    match (operator, dialect) {
        (SetOperator::Union, Dialect::Sqlite) => "UNION",
        (SetOperator::Intersect, Dialect::Sqlite) => "INTERSECT",
        (SetOperator::Except, Dialect::Sqlite) => "EXCEPT",
        (SetOperator::Union, Dialect::BigQuery) => "UNION DISTINCT",
        (SetOperator::Intersect, Dialect::BigQuery) => "INTERSECT DISTINCT",
        (SetOperator::Except, Dialect::BigQuery) => "EXCEPT DISTINCT",
    }
}
