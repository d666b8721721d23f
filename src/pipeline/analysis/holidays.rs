//! Days that are known by a name: "christmas eve", "black friday 2024".

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::words::{Word, WordKind};

/// How a day is found in a year.
#[derive(Clone, Copy)]
enum Day {
    /// Month and day.
    Fixed(i8, i8),
    /// So many days after the n-th such weekday of a month; counted from the end if negative.
    Weekday { month: i8, nth: i8, day: Weekday, after: i64 },
    /// So many days after Easter Sunday.
    Easter(i64),
}

const THANKSGIVING: Day = Day::Weekday { month: 11, nth: 4, day: Weekday::Thursday, after: 0 };

/// Longer names before those that they begin with.
const DAYS: [(&str, Day); 20] = [
    ("christmas eve", Day::Fixed(12, 24)),
    ("christmas day", Day::Fixed(12, 25)),
    ("christmas", Day::Fixed(12, 25)),
    ("boxing day", Day::Fixed(12, 26)),
    ("new years eve", Day::Fixed(12, 31)),
    ("new year eve", Day::Fixed(12, 31)),
    ("new years day", Day::Fixed(1, 1)),
    ("new year day", Day::Fixed(1, 1)),
    ("valentines day", Day::Fixed(2, 14)),
    ("valentine day", Day::Fixed(2, 14)),
    ("independence day", Day::Fixed(7, 4)),
    ("halloween", Day::Fixed(10, 31)),
    ("thanksgiving", THANKSGIVING),
    ("black friday", Day::Weekday { month: 11, nth: 4, day: Weekday::Thursday, after: 1 }),
    ("cyber monday", Day::Weekday { month: 11, nth: 4, day: Weekday::Thursday, after: 4 }),
    ("labor day", Day::Weekday { month: 9, nth: 1, day: Weekday::Monday, after: 0 }),
    ("memorial day", Day::Weekday { month: 5, nth: -1, day: Weekday::Monday, after: 0 }),
    ("good friday", Day::Easter(-2)),
    ("easter monday", Day::Easter(1)),
    ("easter sunday", Day::Easter(0)),
];

/// Where a name that begins at `at` ends, with its day in the year given, or the latest one up to the as-of date.
pub fn named_day(words: &[Word], at: usize, as_of: Date) -> Option<(usize, impl Fn(Option<i16>) -> Option<Date>)> {
    let (end, day) = DAYS.iter().find_map(|(name, day)| Some((spelled(words, at, name)?, *day)))?;
    let date = move |year: Option<i16>| match year {
        Some(year) => day.in_year(year),
        None => day.in_year(as_of.year()).filter(|d| *d <= as_of).or_else(|| day.in_year(as_of.year() - 1)),
    };
    Some((end, date))
}

/// The words from `at` on are this name; "valentine's" may be one word or two.
fn spelled(words: &[Word], at: usize, name: &str) -> Option<usize> {
    let mut next = at;
    for part in name.split(' ') {
        let word = words.get(next).filter(|w| w.kind == WordKind::Word)?;
        if word.folded.replace('\'', "") != part {
            return None;
        }
        next += 1;
        if words.get(next).is_some_and(|w| w.is("'s") || w.is("s")) {
            next += 1;
        }
    }
    Some(next)
}

impl Day {
    fn in_year(self, year: i16) -> Option<Date> {
        match self {
            Self::Fixed(month, day) => Date::new(year, month, day).ok(),
            Self::Weekday { month, nth, day, after } => {
                let found = Date::new(year, month, 1).ok()?.nth_weekday_of_month(nth, day).ok()?;
                found.checked_add(after.days()).ok()
            }
            Self::Easter(after) => easter(year)?.checked_add(after.days()).ok(),
        }
    }
}

/// Easter Sunday by the anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, chapter 8).
fn easter(year: i16) -> Option<Date> {
    let year = i32::from(year);
    let (golden, century, rest) = (year % 19, year / 100, year % 100);
    let epact = (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    let sum = epact + weekday - 7 * ((golden + 11 * epact + 22 * weekday) / 451) + 114;
    Date::new(i16::try_from(year).ok()?, i8::try_from(sum / 31).ok()?, i8::try_from(sum % 31 + 1).ok()?).ok()
}
