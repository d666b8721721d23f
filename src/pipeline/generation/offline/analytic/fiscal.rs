//! The fiscal calendar: "by fiscal quarter", "last fiscal year", "Q2 of FY2025". When its year begins is taught; a fiscal
//! year is called after the calendar year in which it ends.

use jiff::ToSpan;
use jiff::civil::Date;

use super::super::plan::{Grain, Predicate};
use super::super::tokens::TokenKind;
use super::Analytic;
use super::apply::Editor;
use super::calendar::Days;
use super::phrases::Phrases;

/// A fiscal year or quarter as it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fiscal {
    /// So many years before the one that today lies in.
    Year { back: i16 },
    /// So many quarters before the one that today lies in.
    Quarter { back: i16 },
    /// The year of that name, or a quarter of it.
    Named { year: i16, quarter: Option<i8> },
}

impl Phrases<'_> {
    pub fn take_fiscal(&mut self) {
        for i in 0..self.tokens.len() {
            if self.take_fiscal_key(i) || self.take_fiscal_period(i) {
                return;
            }
        }
    }

    /// "by fiscal quarter".
    fn take_fiscal_key(&mut self, i: usize) -> bool {
        let each =
            self.phrase(i, "for each").or_else(|| self.word(i, &["by", "per", "each", "every"]).then_some(i + 1));
        let Some(at) = each.filter(|at| self.word(*at, &["fiscal", "financial"])) else { return false };
        let grain = match self.grain(at + 1) {
            Some(Grain::Year) => Grain::FiscalYear,
            Some(Grain::Quarter) => Grain::FiscalQuarter,
            _ => return false,
        };
        self.take(i..at + 2);
        self.push(Analytic::Series(Some(grain)));
        true
    }

    /// "last fiscal year", "fiscal year 2025", "FY25", "Q2 of fiscal 2025".
    fn take_fiscal_period(&mut self, i: usize) -> bool {
        let quarter = i.checked_sub(2).filter(|_| self.word(i - 1, &["of"])).or(i.checked_sub(1));
        let quarter = quarter.and_then(|at| Some((at, self.quarter(at)?)));
        if let Some(year) = self.short_year(i) {
            return self.push_named(i, i + 1, year, quarter);
        }
        if !self.word(i, &["fiscal", "financial"]) {
            return false;
        }
        let grain = self.grain(i + 1);
        let end = i + 1 + usize::from(grain.is_some());
        if let Some(year) = self.year_at(end) {
            return self.push_named(i, end + 1, year, quarter);
        }
        let back = match i.checked_sub(1) {
            Some(before) if self.word(before, &["last", "previous", "prior"]) => 1,
            Some(before) if self.word(before, &["this", "current"]) => 0,
            _ => return false,
        };
        let fiscal = match grain {
            Some(Grain::Quarter) => Fiscal::Quarter { back },
            Some(Grain::Year) => Fiscal::Year { back },
            _ => return false,
        };
        self.take(i - 1..end);
        self.push(Analytic::Fiscal(fiscal));
        true
    }

    fn push_named(&mut self, start: usize, end: usize, year: i16, quarter: Option<(usize, i8)>) -> bool {
        self.take(quarter.map_or(start, |(at, _)| at)..end);
        self.push(Analytic::Fiscal(Fiscal::Named { year, quarter: quarter.map(|(_, number)| number) }));
        true
    }

    /// "FY25", "FY2025", "FY 2025".
    fn short_year(&self, i: usize) -> Option<i16> {
        let token = self.tokens.get(i).filter(|_| !self.is_taken(i))?;
        let digits = token.folded.strip_prefix("fy")?;
        match digits.len() {
            2 => digits.parse::<i16>().ok().map(|year| 2000 + year),
            4 => digits.parse().ok(),
            _ => None,
        }
    }

    fn year_at(&self, i: usize) -> Option<i16> {
        let token = self.tokens.get(i).filter(|_| !self.is_taken(i))?;
        match token.kind {
            TokenKind::Time(time) => self.ground.analysis.times.get(time)?.year,
            TokenKind::Number(year) if (1990.0..2100.0).contains(&year) && year.fract() == 0.0 => Some(year as i16),
            _ => None,
        }
    }

    /// The dates of a question read "Q2" as a quarter of the calendar.
    fn quarter(&self, i: usize) -> Option<i8> {
        let token = self.tokens.get(i).filter(|_| !self.is_taken(i))?;
        let digit = token.folded.split(' ').find_map(|word| word.strip_prefix('q'))?;
        digit.parse().ok().filter(|quarter| (1..=4).contains(quarter))
    }
}

impl Editor<'_> {
    /// Keeps the rows of a fiscal year or quarter.
    pub(super) fn fiscal(&mut self, fiscal: Fiscal) -> Result<(), String> {
        let column = self.date()?;
        let start = self.knowledge.calendar.fiscal_year_start.unwrap_or((1, 1));
        let days = fiscal.days(start, self.ground.analysis.as_of).ok_or_else(|| "there is no such year".to_owned())?;
        if self.knowledge.calendar.fiscal_year_start.is_none() {
            self.assumptions.push("no fiscal year is taught, so it is the calendar year".to_owned());
        }
        self.assumptions.push(format!("the fiscal period is {} to {}", days.first, days.last));
        self.tell_date(column);
        self.select.filter.push(Predicate::Period {
            column,
            first: Some(days.first.to_string()),
            last: Some(days.last.to_string()),
        });
        Ok(())
    }
}

impl Fiscal {
    /// First and last day. `start` is the month and day on which the year begins.
    fn days(self, start: (i8, i8), today: Date) -> Option<Days> {
        let begin_of = |name: i16| {
            let year = if start == (1, 1) { name } else { name - 1 };
            Date::new(year, start.0, start.1).ok()
        };
        // The fiscal year that today lies in.
        let current =
            (today.year()..=today.year() + 1).rev().find(|name| begin_of(*name).is_some_and(|d| d <= today))?;
        let (first, months) = match self {
            Self::Year { back } => (begin_of(current - back)?, 12),
            Self::Named { year, quarter: None } => (begin_of(year)?, 12),
            Self::Named { year, quarter: Some(quarter) } => {
                (begin_of(year)?.checked_add((i64::from(quarter) * 3 - 3).months()).ok()?, 3)
            }
            Self::Quarter { back } => {
                let begin = begin_of(current)?;
                let at = |quarter: i64| begin.checked_add((quarter * 3).months()).ok();
                let running = (0..4).rev().find(|quarter| at(*quarter).is_some_and(|d| d <= today))?;
                (at(running - i64::from(back))?, 3)
            }
        };
        let last = first.checked_add(months.months()).ok()?.yesterday().ok()?;
        Some(Days::new(first, last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(fiscal: Fiscal, start: (i8, i8)) -> String {
        let days = fiscal.days(start, "2025-02-10".parse().unwrap()).unwrap();
        format!("{}/{}", days.first, days.last)
    }

    #[test]
    fn a_fiscal_year_is_called_after_the_year_it_ends_in() {
        let april = (4, 1);
        assert_eq!(days(Fiscal::Year { back: 0 }, april), "2024-04-01/2025-03-31");
        assert_eq!(days(Fiscal::Year { back: 1 }, april), "2023-04-01/2024-03-31");
        assert_eq!(days(Fiscal::Named { year: 2025, quarter: None }, april), "2024-04-01/2025-03-31");
        assert_eq!(days(Fiscal::Named { year: 2025, quarter: Some(2) }, april), "2024-07-01/2024-09-30");
        assert_eq!(days(Fiscal::Quarter { back: 0 }, april), "2025-01-01/2025-03-31");
        assert_eq!(days(Fiscal::Quarter { back: 1 }, april), "2024-10-01/2024-12-31");
        assert_eq!(days(Fiscal::Year { back: 0 }, (2, 11)), "2024-02-11/2025-02-10");
    }

    #[test]
    fn untaught_it_is_the_calendar_year() {
        assert_eq!(days(Fiscal::Year { back: 1 }, (1, 1)), "2024-01-01/2024-12-31");
        assert_eq!(days(Fiscal::Named { year: 2024, quarter: Some(4) }, (1, 1)), "2024-10-01/2024-12-31");
    }
}
