//! The period that a plan is of: found, set, moved, and put together from two comparisons where it was written so.

use jiff::civil::Date;

use super::super::analytic::Days;
use super::super::plan::{Expr, Grain, Operand, Operator, Predicate, Select};
use crate::schema::{ColumnId, Schema, SemanticType, Value};

/// A stretch of time; an end that is `None` is open. Both ends are included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub first: Option<Date>,
    pub last: Option<Date>,
    /// Counted from today.
    pub relative: bool,
}

impl Span {
    pub fn days(self) -> Option<Days> {
        Some(Days::new(self.first?, self.last?))
    }

    pub fn is_year(self) -> bool {
        self.days().and_then(Days::unit) == Some(Grain::Year)
    }

    pub fn is_shorter_than_a_year(self) -> bool {
        self.days().is_some_and(|days| days.length() < 364)
    }

    /// The same days of another year.
    pub fn in_year(self, year: i16) -> Self {
        let Some(from) = self.first.or(self.last) else { return self };
        let years = year - from.year();
        let moved = |day: Date| {
            let to = Date::new(day.year() + years, day.month(), 1).ok()?;
            let last = day.day() == day.last_of_month().day();
            Some(if last { to.last_of_month() } else { Date::new(to.year(), to.month(), day.day()).ok()? })
        };
        Self { first: self.first.and_then(moved), last: self.last.and_then(moved), ..self }
    }

    pub fn of_days(days: Days) -> Self {
        Self { first: Some(days.first), last: Some(days.last), relative: false }
    }

    /// The condition that a date column lies in it.
    pub fn predicate(self, column: ColumnId, schema: &Schema) -> Predicate {
        if schema.profile(column).semantic != SemanticType::Year {
            let text = |day: Option<Date>| day.map(|d| d.to_string());
            return Predicate::Period { column, first: text(self.first), last: text(self.last) };
        }
        let numeric = schema.profile(column).numeric;
        let year = |day: Date| {
            if numeric { Value::Integer(i64::from(day.year())) } else { Value::Text(day.year().to_string()) }
        };
        let left = Expr::Column(column);
        let compare =
            |operator, day| Predicate::Compare { left: left.clone(), operator, right: Operand::Value(year(day)) };
        match (self.first, self.last) {
            (Some(first), Some(last)) if first.year() == last.year() => compare(Operator::Equal, first),
            (Some(first), Some(last)) => Predicate::Between { what: left, low: year(first), high: year(last) },
            (Some(first), None) => compare(Operator::GreaterOrEqual, first),
            (None, last) => compare(Operator::LessOrEqual, last.unwrap_or(Date::MAX)),
        }
    }
}

/// The condition is one on time.
pub fn is_period(predicate: &Predicate, schema: &Schema) -> bool {
    match predicate {
        Predicate::Period { .. } | Predicate::Compare { left: Expr::Time { .. }, .. } => true,
        Predicate::Compare { left: Expr::Column(id), right: Operand::Value(_), .. }
        | Predicate::Between { what: Expr::Column(id), .. } => schema.profile(*id).semantic.is_time(),
        Predicate::Any(parts) => !parts.is_empty() && parts.iter().all(|p| is_period(p, schema)),
        _ => false,
    }
}

/// The column of a condition on time.
pub fn column(predicate: &Predicate) -> Option<ColumnId> {
    match predicate {
        Predicate::Period { column, .. } => Some(*column),
        Predicate::Compare { left: Expr::Column(id), .. } | Predicate::Between { what: Expr::Column(id), .. } => {
            Some(*id)
        }
        _ => None,
    }
}

/// The period that the plan is of.
pub fn of(select: &Select, schema: &Schema) -> Option<Span> {
    select.filter.iter().filter(|p| is_period(p, schema)).find_map(span)
}

fn span(predicate: &Predicate) -> Option<Span> {
    let year = |value: &Value| match value {
        Value::Integer(n) => i16::try_from(*n).ok(),
        Value::Text(text) => text.parse().ok(),
        _ => None,
    };
    let of_years = |first: Option<i16>, last: Option<i16>| {
        let first = first.and_then(|y| Date::new(y, 1, 1).ok());
        let last = last.and_then(|y| Date::new(y, 12, 31).ok());
        Some(Span { first, last, relative: false })
    };
    match predicate {
        Predicate::Period { first, last, .. } => {
            let day = |text: &Option<String>| text.as_ref().and_then(|t| t.parse().ok());
            Some(Span { first: day(first), last: day(last), relative: false })
        }
        Predicate::Compare { operator, right: Operand::Value(value), .. } => {
            let y = year(value)?;
            match operator {
                Operator::Equal => of_years(Some(y), Some(y)),
                Operator::GreaterOrEqual => of_years(Some(y), None),
                Operator::Greater => of_years(Some(y + 1), None),
                Operator::LessOrEqual => of_years(None, Some(y)),
                Operator::Less => of_years(None, Some(y - 1)),
                Operator::NotEqual => None,
            }
        }
        Predicate::Between { low, high, .. } => of_years(year(low), year(high)),
        _ => None,
    }
}

/// Comparisons of a date with days become the period that they bound.
pub fn fused(filter: Vec<Predicate>, schema: &Schema) -> Vec<Predicate> {
    let mut fused: Vec<Predicate> = Vec::new();
    for predicate in filter {
        let Some((column, first, last)) = bound(&predicate, schema) else {
            fused.push(predicate);
            continue;
        };
        let open = fused.iter_mut().find_map(|p| match p {
            Predicate::Period { column: c, first: f, last: l }
                if *c == column && (f.is_none() && last.is_none() || l.is_none() && first.is_none()) =>
            {
                Some((f, l))
            }
            _ => None,
        });
        match open {
            Some((f, l)) => {
                *f = f.take().or(first);
                *l = l.take().or(last);
            }
            None => fused.push(Predicate::Period { column, first, last }),
        }
    }
    fused
}

fn bound(predicate: &Predicate, schema: &Schema) -> Option<(ColumnId, Option<String>, Option<String>)> {
    let date = |id: &ColumnId| {
        matches!(schema.profile(*id).semantic, SemanticType::Date | SemanticType::DateTime).then_some(*id)
    };
    match predicate {
        Predicate::Compare { left: Expr::Column(id), operator, right: Operand::Value(Value::Text(text)) } => {
            let (column, day) = (date(id)?, whole_day(text)?);
            // A time on the day itself lies after the day's name.
            let timed = schema.profile(column).semantic == SemanticType::DateTime;
            let text = |day: Date| Some(day.to_string());
            match operator {
                Operator::GreaterOrEqual => Some((column, text(day), None)),
                Operator::Greater if !timed => Some((column, text(day.tomorrow().ok()?), None)),
                Operator::Less => Some((column, None, text(day.yesterday().ok()?))),
                Operator::LessOrEqual if !timed => Some((column, None, text(day))),
                _ => None,
            }
        }
        Predicate::Between { what: Expr::Column(id), low: Value::Text(low), high: Value::Text(high) } => {
            let (column, low, high) = (date(id)?, whole_day(low)?, whole_day(high)?);
            let timed = schema.profile(column).semantic == SemanticType::DateTime;
            (!timed).then(|| (column, Some(low.to_string()), Some(high.to_string())))
        }
        _ => None,
    }
}

fn whole_day(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}
