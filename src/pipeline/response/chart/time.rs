//! Reads cells as points in time, whatever way a statement wrote them: dates, months, quarters, weeks, years.

use std::ops::Range;

use jiff::civil::Date;

use crate::pipeline::execution::ResultColumn;
use crate::schema::{SemanticType, Value};

/// Years that data are about; codes of four or six digits mostly lie outside.
const YEARS: Range<i16> = 1800..2200;

/// How fine a point in time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grain {
    Day,
    Week,
    Month,
    Quarter,
    Year,
    /// The part of a year, a month or a week that comes back: a month's number, a weekday.
    Cycle,
}

/// A point in time on an axis whose unit is the grain: months lie at even distances.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    pub grain: Grain,
    pub at: f64,
}

/// `None` if the cell is no point in time.
pub fn moment(value: &Value, column: &ResultColumn) -> Option<Moment> {
    match value {
        Value::Text(text) => of_text(text.trim()),
        Value::Integer(n) => of_number(*n as f64, column),
        Value::Real(x) if x.fract() == 0.0 => of_number(*x, column),
        _ => None,
    }
}

/// True if the column's filled cells are all points in time of one grain, and there is at least one.
pub fn is_time<'a>(mut values: impl Iterator<Item = &'a Value>, column: &ResultColumn) -> bool {
    let mut filled = values.by_ref().filter(|v| !v.is_null()).map(|v| moment(v, column).map(|m| m.grain));
    let Some(Some(first)) = filled.next() else { return false };
    filled.all(|grain| grain == Some(first))
}

fn of_number(x: f64, column: &ResultColumn) -> Option<Moment> {
    let word = calendar_word(&column.name);
    let year = (f64::from(YEARS.start)..f64::from(YEARS.end)).contains(&x);
    match column.semantic {
        SemanticType::Year if year => Some(Moment { grain: Grain::Year, at: x }),
        SemanticType::Month if (1.0..=12.0).contains(&x) => Some(Moment { grain: Grain::Cycle, at: x }),
        SemanticType::Month if (100_000.0..300_000.0).contains(&x) => of_text(&format!("{x:.0}")),
        SemanticType::Unknown | SemanticType::Quantity | SemanticType::Category => {
            let cycle = |most: f64| (0.0..=most).contains(&x).then_some(Moment { grain: Grain::Cycle, at: x });
            match word.as_deref() {
                Some("year") if year => Some(Moment { grain: Grain::Year, at: x }),
                Some("month") => cycle(12.0),
                Some("quarter") => cycle(4.0),
                Some("week") => cycle(53.0),
                Some("weekday" | "dow") => cycle(7.0),
                Some("hour") => cycle(23.0),
                _ => None,
            }
        }
        _ => None,
    }
}

/// A computed column has no profile, but people call it by its word of the calendar, alone or last.
fn calendar_word(name: &str) -> Option<String> {
    name.rsplit(['_', ' ']).next().map(str::to_lowercase)
}

/// `2025-01-31`, with or without a time, `2025-01`, `202501`, `2025-Q1`, `2025 Q1`, `2025-W05`, `2025`.
fn of_text(text: &str) -> Option<Moment> {
    let (year_text, rest) = text.split_at_checked(4)?;
    if !year_text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let year: i16 = year_text.parse().ok().filter(|y| YEARS.contains(y))?;
    let whole = f64::from(year);
    if rest.is_empty() {
        return Some(Moment { grain: Grain::Year, at: whole });
    }
    let part = rest.strip_prefix(['-', ' ', '/']).unwrap_or(rest);
    if let Some(quarter) = part.strip_prefix(['Q', 'q']) {
        return cycle_of(quarter, 1, 4).map(|q| Moment { grain: Grain::Quarter, at: whole * 4.0 + q - 1.0 });
    }
    if let Some(week) = part.strip_prefix(['W', 'w']) {
        return cycle_of(week, 0, 53).map(|w| Moment { grain: Grain::Week, at: whole * 53.0 + w });
    }
    if part.len() == 2 {
        return cycle_of(part, 1, 12).map(|m| Moment { grain: Grain::Month, at: whole * 12.0 + m - 1.0 });
    }
    day(text)
}

fn cycle_of(text: &str, least: u8, most: u8) -> Option<f64> {
    text.parse().ok().filter(|n| (least..=most).contains(n)).map(f64::from)
}

fn day(text: &str) -> Option<Moment> {
    let (date, time) = text.split_at_checked(10)?;
    let date: Date = date.parse().ok()?;
    let days = f64::from(date.since(Date::constant(1970, 1, 1)).ok()?.get_days());
    let fraction = match time.as_bytes() {
        [] => 0.0,
        [b' ' | b'T', ..] => clock(&time[1..])?,
        _ => return None,
    };
    Some(Moment { grain: Grain::Day, at: days + fraction })
}

/// `10:32`, `10:32:05`, with whatever follows (fractions, zone) left out.
fn clock(text: &str) -> Option<f64> {
    let mut parts = text.split(':');
    let hours: f64 = parts.next()?.parse().ok()?;
    let minutes: f64 = parts.next()?.get(..2)?.parse().ok()?;
    let seconds: f64 = parts.next().and_then(|s| s.get(..2)).and_then(|s| s.parse().ok()).unwrap_or(0.0);
    Some((hours * 3600.0 + minutes * 60.0 + seconds) / 86_400.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::execution::ColumnType;

    fn column(name: &str, semantic: SemanticType) -> ResultColumn {
        ResultColumn { name: name.into(), kind: ColumnType::Any, unit: None, semantic }
    }

    #[test]
    fn reads_the_ways_in_which_dates_are_written() {
        let cases = [
            ("1970-01-02", Some((Grain::Day, 1.0))),
            ("1969-12-31", Some((Grain::Day, -1.0))),
            ("1970-01-02 12:00:00", Some((Grain::Day, 1.5))),
            ("1970-01-02T06:00Z", Some((Grain::Day, 1.25))),
            ("2025-03", Some((Grain::Month, 24_302.0))),
            ("202503", Some((Grain::Month, 24_302.0))),
            ("2025-Q2", Some((Grain::Quarter, 8101.0))),
            ("2025-W05", Some((Grain::Week, 107_330.0))),
            ("2025", Some((Grain::Year, 2025.0))),
            ("2025-13", None),
            ("2025-02-30", None),
            ("0123", None),
            ("1001", None),
            ("480211", None),
            ("2025-01-15x", None),
            ("Frozen", None),
            ("12é4", None),
            ("", None),
        ];
        let any = column("x", SemanticType::Unknown);
        for (text, expected) in cases {
            let found = moment(&Value::Text(text.into()), &any).map(|m| (m.grain, m.at));
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn numbers_are_time_only_where_the_column_says_so() {
        let year = Value::Integer(2025);
        assert!(moment(&year, &column("units", SemanticType::Quantity)).is_none());
        assert_eq!(moment(&year, &column("y", SemanticType::Year)).map(|m| m.grain), Some(Grain::Year));
        assert_eq!(moment(&year, &column("sales_year", SemanticType::Unknown)).map(|m| m.grain), Some(Grain::Year));
        assert_eq!(moment(&Value::Integer(3), &column("m", SemanticType::Month)).map(|m| m.at), Some(3.0));
        assert!(moment(&Value::Integer(99), &column("month", SemanticType::Unknown)).is_none());
    }

    #[test]
    fn a_column_of_time_holds_nothing_else() {
        let any = column("x", SemanticType::Unknown);
        let texts = |all: &[&str]| all.iter().map(|t| Value::Text((*t).into())).collect::<Vec<_>>();
        assert!(is_time(texts(&["2025-01", "2025-02"]).iter(), &any));
        assert!(!is_time(texts(&["2025-01", "2025-02-01"]).iter(), &any));
        assert!(!is_time(texts(&["2025-01", "Frozen"]).iter(), &any));
        assert!(!is_time([Value::Null].iter(), &any));
    }
}
