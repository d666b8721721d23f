//! Days of periods, and periods that lie before them.

use jiff::ToSpan;
use jiff::civil::Date;

use super::super::plan::Grain;

/// First and last day, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    pub first: Date,
    pub last: Date,
}

impl Days {
    pub fn new(first: Date, last: Date) -> Self {
        Self { first, last }
    }

    /// Number of days.
    pub fn length(self) -> i64 {
        (self.last - self.first).get_days().into()
    }

    /// The whole calendar unit that this is, if it is one.
    pub fn unit(self) -> Option<Grain> {
        let (a, b) = (self.first, self.last);
        if a == b {
            return Some(Grain::Day);
        }
        if a == a.first_of_month() && b == a.last_of_month() {
            return Some(Grain::Month);
        }
        if a == a.first_of_year() && b == a.last_of_year() {
            return Some(Grain::Year);
        }
        let quarter = a == a.first_of_month() && (a.month() - 1) % 3 == 0;
        if quarter && a.checked_add(2.months()).is_ok_and(|m| b == m.last_of_month()) {
            return Some(Grain::Quarter);
        }
        (a.checked_add(6.days()).ok() == Some(b)).then_some(Grain::Week)
    }

    /// The same days so many units earlier; whole months stay whole.
    pub fn earlier(self, grain: Grain, count: i64) -> Option<Self> {
        let span = match grain {
            Grain::Day | Grain::Weekday => count.days(),
            Grain::Week => (count * 7).days(),
            Grain::Month => count.months(),
            Grain::Quarter | Grain::FiscalQuarter => (count * 3).months(),
            Grain::Year | Grain::FiscalYear => count.years(),
        };
        let first = self.first.checked_sub(span).ok()?;
        let last = self.last.checked_sub(span).ok()?;
        let whole = self.last == self.last.last_of_month() && self.first == self.first.first_of_month();
        let by_months = matches!(grain, Grain::Month | Grain::Quarter | Grain::Year);
        Some(Self { first, last: if whole && by_months { last.last_of_month() } else { last } })
    }

    /// The unit right before a whole unit; else as many days right before.
    pub fn before(self) -> Option<Self> {
        if let Some(grain) = self.unit() {
            return self.earlier(grain, 1);
        }
        if self.first == self.first.first_of_month() && self.last == self.last.last_of_month() {
            let years = i64::from(self.last.year() - self.first.year());
            return self.earlier(Grain::Month, years * 12 + i64::from(self.last.month() - self.first.month()) + 1);
        }
        self.earlier(Grain::Day, self.length() + 1)
    }

    pub fn apart(self, other: Self) -> bool {
        self.last < other.first || other.last < self.first
    }

    /// "2024", "May 2024" or the two days.
    pub fn told(self) -> String {
        match self.unit() {
            Some(Grain::Year) => self.first.year().to_string(),
            Some(Grain::Month) => format!("{} {}", month_name(self.first.month()), self.first.year()),
            Some(Grain::Quarter) => format!("quarter {} of {}", (self.first.month() + 2) / 3, self.first.year()),
            Some(Grain::Day) => self.first.to_string(),
            _ => format!("{} to {}", self.first, self.last),
        }
    }
}

/// The day's unit of the calendar; weeks begin on Monday.
pub fn unit_of(day: Date, grain: Grain) -> Option<Days> {
    let first = match grain {
        Grain::Day | Grain::Weekday => day,
        Grain::Week => day.checked_sub(i64::from(day.weekday().to_monday_zero_offset()).days()).ok()?,
        Grain::Month => day.first_of_month(),
        Grain::Quarter | Grain::FiscalQuarter => Date::new(day.year(), (day.month() - 1) / 3 * 3 + 1, 1).ok()?,
        Grain::Year | Grain::FiscalYear => day.first_of_year(),
    };
    let last = match grain {
        Grain::Day | Grain::Weekday => first,
        Grain::Week => first.checked_add(6.days()).ok()?,
        Grain::Month => first.last_of_month(),
        Grain::Quarter | Grain::FiscalQuarter => first.checked_add(2.months()).ok()?.last_of_month(),
        Grain::Year | Grain::FiscalYear => first.last_of_year(),
    };
    Some(Days { first, last })
}

/// The unit in which a span of days is looked at: some ten to forty points.
pub fn grain_for(days: i64) -> Grain {
    match days {
        ..=31 => Grain::Day,
        32..=120 => Grain::Week,
        121..=1460 => Grain::Month,
        1461..=3650 => Grain::Quarter,
        _ => Grain::Year,
    }
}

fn month_name(month: i8) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    NAMES.get(month as usize - 1).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(first: &str, last: &str) -> Days {
        Days::new(first.parse().unwrap(), last.parse().unwrap())
    }

    #[test]
    fn the_period_before_is_the_unit_before_or_as_many_days() {
        let before = |first, last| days(first, last).before().unwrap();
        assert_eq!(before("2024-03-01", "2024-03-31"), days("2024-02-01", "2024-02-29"));
        assert_eq!(before("2024-04-01", "2024-06-30"), days("2024-01-01", "2024-03-31"));
        assert_eq!(before("2024-01-01", "2024-12-31"), days("2023-01-01", "2023-12-31"));
        assert_eq!(before("2024-03-04", "2024-03-10"), days("2024-02-26", "2024-03-03"));
        assert_eq!(before("2024-03-05", "2024-03-05"), days("2024-03-04", "2024-03-04"));
        assert_eq!(before("2024-03-11", "2024-03-20"), days("2024-03-01", "2024-03-10"));
        assert_eq!(before("2024-01-01", "2024-05-31"), days("2023-08-01", "2023-12-31"));
    }

    #[test]
    fn a_year_earlier_february_stays_whole() {
        assert_eq!(days("2024-02-01", "2024-02-29").earlier(Grain::Year, 1).unwrap(), days("2023-02-01", "2023-02-28"));
        assert_eq!(days("2025-02-01", "2025-02-28").earlier(Grain::Year, 1).unwrap(), days("2024-02-01", "2024-02-29"));
    }

    #[test]
    fn units_hold_their_days() {
        let unit = |grain| unit_of("2024-05-16".parse().unwrap(), grain).unwrap();
        assert_eq!(unit(Grain::Week), days("2024-05-13", "2024-05-19"));
        assert_eq!(unit(Grain::Quarter), days("2024-04-01", "2024-06-30"));
        assert_eq!(unit(Grain::Month).told(), "May 2024");
    }
}
