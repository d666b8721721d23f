//! Dates cut to calendar units, and such units counted.

use super::super::plan::{Expr, Grain};
use super::kind::Kind;
use super::{Renderer, Scope};
use crate::knowledge::WeekStart;
use crate::schema::{ColumnId, Dialect, SemanticType};

impl Renderer<'_> {
    /// A date cut to a unit. Columns that hold months or years alone are cut as the texts they are.
    pub(super) fn time(&self, column: ColumnId, grain: Grain, scope: &Scope) -> String {
        match self.dialect() {
            Dialect::Sqlite => self.sqlite_time(column, grain, scope),
            Dialect::BigQuery => self.bigquery_time(column, grain, scope),
        }
    }

    fn sqlite_time(&self, column: ColumnId, grain: Grain, scope: &Scope) -> String {
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

    /// Days, weeks, months and quarters are their first days; years are numbers.
    fn bigquery_time(&self, column: ColumnId, grain: Grain, scope: &Scope) -> String {
        let semantic = self.schema.profile(column).semantic;
        let kind = self.kind_of(column);
        if semantic == SemanticType::Year {
            let name = self.column(column, scope);
            return match kind {
                Kind::Text | Kind::Other => format!("SAFE_CAST({name} AS INT64)"),
                kind if kind.is_day() => format!("EXTRACT(YEAR FROM {name})"),
                _ => name,
            };
        }
        if semantic == SemanticType::Month && !kind.is_day() && !self.holds_months(column) {
            return self.column(column, scope);
        }
        let day = self.day(column, scope);
        match grain {
            Grain::Day => day,
            Grain::Week => format!("DATE_TRUNC({day}, {})", self.week()),
            Grain::Month | Grain::Quarter => format!("DATE_TRUNC({day}, {})", unit(grain)),
            Grain::Year => format!("EXTRACT(YEAR FROM {day})"),
            Grain::Weekday => format!("FORMAT_DATE('%A', {day})"),
            Grain::FiscalQuarter => format!("FORMAT_DATE('FY%Y-Q%Q', {})", self.moved(&day)),
            Grain::FiscalYear => format!("FORMAT_DATE('FY%Y', {})", self.moved(&day)),
        }
    }

    /// The day of a column that holds days, points in time, months or texts of them, as BigQuery's DATE.
    pub(super) fn day(&self, column: ColumnId, scope: &Scope) -> String {
        let name = self.column(column, scope);
        let profile = self.schema.profile(column);
        match self.kind_of(column) {
            Kind::Date => name,
            Kind::DateTime | Kind::Timestamp => format!("DATE({name})"),
            _ if profile.semantic == SemanticType::Month => format!("SAFE.PARSE_DATE('%Y-%m', {name})"),
            Kind::Text if profile.semantic == SemanticType::DateTime || profile.mean_length > 10.0 => {
                format!("SAFE_CAST(SUBSTR({name}, 1, 10) AS DATE)")
            }
            Kind::Text => format!("SAFE_CAST({name} AS DATE)"),
            _ => format!("SAFE_CAST(CAST({name} AS STRING) AS DATE)"),
        }
    }

    /// Monday's place in the week is 0.
    pub(super) fn weekday_number(&self, column: ColumnId, scope: &Scope) -> String {
        match self.dialect() {
            Dialect::Sqlite => format!("(strftime('%w', {}) + 6) % 7", self.column(column, scope)),
            Dialect::BigQuery => format!("MOD(EXTRACT(DAYOFWEEK FROM {}) + 5, 7)", self.day(column, scope)),
        }
    }

    fn week(&self) -> &'static str {
        match self.knowledge.calendar.week_start {
            Some(WeekStart::Sunday) => "WEEK(SUNDAY)",
            Some(WeekStart::Saturday) => "WEEK(SATURDAY)",
            Some(WeekStart::Monday) | None => "WEEK(MONDAY)",
        }
    }

    /// Days and months by which dates are moved so that the fiscal year begins with the calendar year in which it ends.
    fn fiscal_shift(&self) -> (i8, i8) {
        let (month, day) = self.knowledge.calendar.fiscal_year_start.unwrap_or((1, 1));
        (day - 1, (13 - month) % 12)
    }

    fn fiscal_key(&self, column: &str, grain: Grain) -> String {
        let (days, months) = self.fiscal_shift();
        let moved = format!("date({column}, '-{days} days', 'start of month', '+{months} months')");
        match grain {
            Grain::FiscalQuarter => {
                format!("printf('FY%s-Q%d', strftime('%Y', {moved}), (strftime('%m', {moved}) + 2) / 3)")
            }
            _ => format!("'FY' || strftime('%Y', {moved})"),
        }
    }

    fn moved(&self, day: &str) -> String {
        let (days, months) = self.fiscal_shift();
        let back = if days == 0 { day.to_owned() } else { format!("DATE_SUB({day}, INTERVAL {days} DAY)") };
        if months == 0 { back } else { format!("DATE_ADD(DATE_TRUNC({back}, MONTH), INTERVAL {months} MONTH)") }
    }

    /// The calendar unit of a key whose values follow each other in time.
    pub(super) fn runs_in_time(&self, expr: &Expr) -> Option<Grain> {
        match expr {
            Expr::Time { grain: Grain::Weekday, .. } => None,
            Expr::Time { column, grain } => Some(match self.schema.profile(*column).semantic {
                SemanticType::Year => Grain::Year,
                SemanticType::Month if matches!(grain, Grain::Day | Grain::Week) => Grain::Month,
                _ => *grain,
            }),
            Expr::Column(id) => match self.schema.profile(*id).semantic {
                SemanticType::Year => Some(Grain::Year),
                SemanticType::Month => Some(Grain::Month),
                _ => None,
            },
            _ => None,
        }
    }

    /// A calendar unit as a number, so that units can be counted back: a gap then is a gap. That spares a calendar to
    /// join with.
    pub(super) fn number_of(&self, key: &Expr, name: &str, grain: Grain) -> String {
        match self.dialect() {
            Dialect::Sqlite => sqlite_number(name, grain),
            Dialect::BigQuery => bigquery_number(name, grain, self.kind(key)),
        }
    }
}

fn unit(grain: Grain) -> &'static str {
    if grain == Grain::Quarter { "QUARTER" } else { "MONTH" }
}

fn sqlite_number(name: &str, grain: Grain) -> String {
    match grain {
        Grain::Day | Grain::Week => format!("julianday({name})"),
        Grain::Month => format!("12 * substr({name}, 1, 4) + substr({name}, 6, 2)"),
        Grain::Quarter => format!("4 * substr({name}, 1, 4) + substr({name}, 7)"),
        Grain::Year | Grain::Weekday => format!("CAST({name} AS INTEGER)"),
        Grain::FiscalQuarter => format!("4 * substr({name}, 3, 4) + substr({name}, 9)"),
        Grain::FiscalYear => format!("CAST(substr({name}, 3) AS INTEGER)"),
    }
}

fn bigquery_number(name: &str, grain: Grain, kind: Kind) -> String {
    let part = |from: &str| format!("SAFE_CAST(SUBSTR({name}, {from}) AS INT64)");
    match (grain, kind) {
        (_, Kind::Whole | Kind::Decimal | Kind::Float) => name.to_owned(),
        (Grain::Day | Grain::Week, _) => format!("UNIX_DATE({name})"),
        (Grain::Month | Grain::Quarter, Kind::Date | Kind::DateTime) => {
            format!("DATE_DIFF({name}, DATE '1970-01-01', {})", unit(grain))
        }
        (Grain::Month | Grain::Quarter, Kind::Timestamp) => {
            format!("DATE_DIFF(DATE({name}), DATE '1970-01-01', {})", unit(grain))
        }
        (Grain::Month | Grain::Quarter, _) => format!("12 * {} + {}", part("1, 4"), part("6, 2")),
        (Grain::Year | Grain::Weekday, kind) if kind.is_day() => format!("EXTRACT(YEAR FROM {name})"),
        (Grain::Year | Grain::Weekday, _) => format!("SAFE_CAST({name} AS INT64)"),
        (Grain::FiscalQuarter, _) => format!("4 * {} + {}", part("3, 4"), part("9")),
        (Grain::FiscalYear, _) => part("3"),
    }
}

/// How far two neighbours are apart in [`Renderer::number_of`].
pub(super) fn step(grain: Grain) -> u64 {
    if grain == Grain::Week { 7 } else { 1 }
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

/// SQLite's unit of a date.
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
