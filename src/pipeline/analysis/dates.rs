//! Periods of time in a question: "last month", "Q3 2024", "since April", "in 2019".

use std::ops::Range;

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

use super::DateRange;
use super::holidays::named_day;
use super::words::{Word, WordKind};

/// A stretch of time; an end that is `None` is open. Both ends are included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    pub first: Option<Date>,
    pub last: Option<Date>,
}

impl Period {
    pub fn closed(self) -> Option<DateRange> {
        Some(DateRange { first: self.first?, last: self.last? })
    }

    fn of(first: Date, last: Date) -> Self {
        Self { first: Some(first), last: Some(last) }
    }
}

/// A period and the words that name it.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeMention {
    /// Positions in the question's words.
    pub words: Range<usize>,
    pub period: Period,
    /// The words are a bare year (`2019`), which may also be a number of a year column.
    pub year: Option<i16>,
    /// Counted from the as-of date ("last month").
    pub relative: bool,
}

/// A calendar unit a period is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

pub(super) const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Finds the periods of a question, left to right, without overlaps.
pub fn find(words: &[Word], as_of: Date) -> Vec<TimeMention> {
    let mut mentions: Vec<TimeMention> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        match mention_at(words, at, as_of) {
            Some(mention) => {
                at = mention.words.end;
                mentions.push(mention);
            }
            None => at += 1,
        }
    }
    mentions
}

fn mention_at(words: &[Word], at: usize, as_of: Date) -> Option<TimeMention> {
    if let Some((end, period)) = relative(words, at, as_of) {
        return Some(TimeMention { words: at..end, period, year: None, relative: true });
    }
    if let Some(found) = between(words, at, as_of).or_else(|| days_of_month(words, at, as_of)) {
        return Some(found);
    }
    let (opens, start) = opening(words, at);
    if let Some((end, day)) = named_day(words, start, as_of) {
        let (end, year) = year_after(words, end);
        // A name alone may be one of the data.
        let date = day(year).filter(|_| opens.is_some() || year.is_some())?;
        let period = opened(opens, Period::of(date, date));
        return Some(TimeMention { words: at..end, period, year: None, relative: false });
    }
    let (end, period, year) = absolute(words, start, as_of)?;
    // A bare year needs a word before it that speaks of time: "2019" alone may be any number.
    if year.is_some()
        && opens.is_none()
        && !(at > 0 && words[at - 1].is_one_of(&["of", "year", "fiscal", "for", "from"]))
    {
        let alone = at > 0 && words[at - 1].is_one_of(&["in", "during"]);
        // "units per month, 2025 only"
        let only = words.get(end).is_some_and(|w| w.is("only")) || at > 0 && words[at - 1].is("only");
        if !alone && !only {
            return None;
        }
    }
    Some(TimeMention { words: at..end, period: opened(opens, period), year, relative: false })
}

fn opened(opens: Option<Opens>, period: Period) -> Period {
    match opens {
        Some(Opens::Since) => Period { first: period.first, last: None },
        Some(Opens::After) => Period { first: period.last.and_then(|d| d.tomorrow().ok()), last: None },
        Some(Opens::Before) => Period { first: None, last: period.first.and_then(|d| d.yesterday().ok()) },
        Some(Opens::Until) => Period { first: None, last: period.last },
        Some(Opens::In) | None => period,
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Opens {
    In,
    Since,
    After,
    Before,
    Until,
}

/// A preposition of time before `at + 1`, and where the date begins.
fn opening(words: &[Word], at: usize) -> (Option<Opens>, usize) {
    let opens = match words[at].folded.as_str() {
        "in" | "during" | "on" => Opens::In,
        "since" => Opens::Since,
        "after" => Opens::After,
        "before" => Opens::Before,
        "until" | "till" => Opens::Until,
        _ => return (None, at),
    };
    let mut start = at + 1;
    while words.get(start).is_some_and(|w| w.is_one_of(&["the", "year", "month", "of"])) {
        start += 1;
    }
    (Some(opens), start)
}

/// "last 6 months", "this quarter", "year to date", "yesterday".
fn relative(words: &[Word], at: usize, as_of: Date) -> Option<(usize, Period)> {
    let mut start = at;
    while words.get(start).is_some_and(|w| w.is_one_of(&["in", "during", "over", "within", "for", "the", "since"])) {
        start += 1;
    }
    let word = words.get(start)?;
    if word.kind != WordKind::Word {
        return None;
    }
    match word.folded.as_str() {
        "today" => return Some((start + 1, Period::of(as_of, as_of))),
        "yesterday" => {
            let day = as_of.yesterday().ok()?;
            return Some((start + 1, Period::of(day, day)));
        }
        "ytd" => return Some((start + 1, Period::of(as_of.first_of_year(), as_of))),
        "mtd" => return Some((start + 1, Period::of(as_of.first_of_month(), as_of))),
        "year" | "month" | "quarter" | "week"
            if words.get(start + 1).is_some_and(|w| w.is("to"))
                && words.get(start + 2).is_some_and(|w| w.is("date")) =>
        {
            return Some((start + 3, Period::of(first_of(unit(&word.lemma)?, as_of), as_of)));
        }
        _ => {}
    }
    let which = word.folded.as_str();
    if matches!(which, "last" | "past" | "previous" | "prior" | "latest" | "most" | "trailing" | "recent") {
        let start = if which == "most" { start + 1 } else { start };
        return counted(words, start + 1, as_of).or_else(|| {
            let unit = unit(&words.get(start + 1)?.lemma)?;
            if which == "most" || which == "recent" || which == "trailing" {
                return None;
            }
            // "in the past week" is the week up to now, "last week" the calendar week before this one.
            let period = if which == "past" { rolling(unit, 1, as_of)? } else { previous(unit, as_of)? };
            Some((start + 2, period))
        });
    }
    if matches!(which, "next" | "coming" | "upcoming") {
        let unit = unit(&words.get(start + 1)?.lemma)?;
        let first = last_of(unit, as_of)?.tomorrow().ok()?;
        return Some((start + 2, Period::of(first, last_of(unit, first)?)));
    }
    if matches!(which, "this" | "current") {
        let unit = unit(&words.get(start + 1)?.lemma)?;
        let first = first_of(unit, as_of);
        if words.get(start + 2).is_some_and(|w| w.is("so")) && words.get(start + 3).is_some_and(|w| w.is("far")) {
            return Some((start + 4, Period::of(first, as_of)));
        }
        return Some((start + 2, Period::of(first, last_of(unit, as_of)?)));
    }
    // "so far this year"
    if which == "so" && words.get(start + 1)?.is("far") && words.get(start + 2)?.is_one_of(&["this", "in"]) {
        let unit = unit(&words.get(start + 3)?.lemma)?;
        return Some((start + 4, Period::of(first_of(unit, as_of), as_of)));
    }
    None
}

/// The number and unit after "last": "6 months", "seven days".
fn counted(words: &[Word], at: usize, as_of: Date) -> Option<(usize, Period)> {
    let word = words.get(at)?;
    let (count, unit, end) = match word.number() {
        Some(n) if (1.0..=10_000.0).contains(&n) && n.fract() == 0.0 => {
            (n as i64, unit(&words.get(at + 1)?.lemma)?, at + 2)
        }
        Some(_) => return None,
        None => (number_word(&word.folded)?, unit(&words.get(at + 1)?.lemma)?, at + 2),
    };
    Some((end, rolling(unit, count, as_of)?))
}

/// The last `count` units: days and weeks up to and with the as-of date; months, quarters and years are whole ones,
/// the running one included if the as-of date ends it.
fn rolling(unit: Unit, count: i64, as_of: Date) -> Option<Period> {
    let back = |date: Date, span: Span| date.checked_sub(span).ok();
    match unit {
        Unit::Day => Some(Period::of(back(as_of, (count - 1).days())?, as_of)),
        Unit::Week => Some(Period::of(back(as_of, (count * 7 - 1).days())?, as_of)),
        Unit::Month | Unit::Quarter | Unit::Year => {
            let ends = last_of(unit, as_of)? == as_of;
            let last = if ends { as_of } else { first_of(unit, as_of).yesterday().ok()? };
            let start = first_of(unit, last);
            let first = match unit {
                Unit::Month => back(start, (count - 1).months())?,
                Unit::Quarter => back(start, ((count - 1) * 3).months())?,
                _ => back(start, (count - 1).years())?,
            };
            Some(Period::of(first, last))
        }
    }
}

fn previous(unit: Unit, as_of: Date) -> Option<Period> {
    let last = first_of(unit, as_of).yesterday().ok()?;
    Some(Period::of(first_of(unit, last), last))
}

fn first_of(unit: Unit, date: Date) -> Date {
    match unit {
        Unit::Day => date,
        Unit::Week => {
            let days = i64::from(date.weekday().since(Weekday::Monday));
            date.checked_sub(days.days()).unwrap_or(date)
        }
        Unit::Month => date.first_of_month(),
        Unit::Quarter => {
            let month = (date.month() - 1) / 3 * 3 + 1;
            Date::new(date.year(), month, 1).unwrap_or(date)
        }
        Unit::Year => date.first_of_year(),
    }
}

fn last_of(unit: Unit, date: Date) -> Option<Date> {
    let first = first_of(unit, date);
    let next = match unit {
        Unit::Day => return Some(date),
        Unit::Week => first.checked_add(7.days()),
        Unit::Month => first.checked_add(1.month()),
        Unit::Quarter => first.checked_add(3.months()),
        Unit::Year => first.checked_add(1.year()),
    };
    next.ok()?.yesterday().ok()
}

fn unit(lemma: &str) -> Option<Unit> {
    Some(match lemma {
        "day" => Unit::Day,
        "week" => Unit::Week,
        "month" => Unit::Month,
        "quarter" => Unit::Quarter,
        "year" => Unit::Year,
        _ => return None,
    })
}

fn number_word(word: &str) -> Option<i64> {
    const WORDS: [&str; 13] =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    WORDS.iter().position(|w| *w == word).filter(|n| *n > 0).map(|n| n as i64)
}

/// "between April and June 2025", "from 2025-01-01 to 2025-02-01".
fn between(words: &[Word], at: usize, as_of: Date) -> Option<TimeMention> {
    if !words[at].is_one_of(&["between", "from"]) {
        return None;
    }
    let skip = |i: usize| if words.get(i).is_some_and(|w| w.is_one_of(&["the", "year"])) { i + 1 } else { i };
    let (middle, mut first, _) = absolute(words, skip(at + 1), as_of)?;
    if !words.get(middle).is_some_and(|w| w.is_one_of(&["and", "to", "until", "till", "through"])) {
        return None;
    }
    let (end, last, year) = absolute(words, skip(middle + 1), as_of)?;
    // "between April and June 2024": the year belongs to both.
    if let (Some(from), Some(to)) = (first.first, last.last)
        && from.year() != to.year()
        && words[at + 1..middle]
            .iter()
            .all(|w| w.number().is_none() && !w.folded.contains(|c: char| c.is_ascii_digit()))
    {
        first.first = Date::new(to.year(), from.month(), from.day()).ok();
    }
    let period = Period { first: first.first, last: last.last };
    (period.first <= period.last)
        .then_some(TimeMention { words: at..end, period, year, relative: false })
        .map(|m| TimeMention { year: None, ..m })
}

/// "1-7 June 2025", "June 1 to 7": days of one month.
fn days_of_month(words: &[Word], at: usize, as_of: Date) -> Option<TimeMention> {
    let day = |i: usize| words.get(i).and_then(day_number);
    let glued = |i: usize| Some(words.get(i)?.span.end + 1 == words.get(i + 1)?.span.start);
    let start = at + usize::from(words[at].is_one_of(&["in", "on", "during", "from", "between"]));
    let after_month = month_number(words, start).map(|month| (month, start + 1));
    let from = after_month.map_or(start, |(_, next)| next);
    let first = day(from)?;
    let joined = words.get(from + 1)?.is_one_of(&["to", "through", "until", "till", "and"]);
    let next = if joined { from + 2 } else { from + 1 };
    let last = day(next).filter(|last| *last > first && (joined || glued(from) == Some(true)))?;
    let of = usize::from(words.get(next + 1).is_some_and(|w| w.is("of")));
    let (month, end) = match after_month {
        Some((month, _)) => (month, next + 1),
        None => (month_number(words, next + 1 + of)?, next + 2 + of),
    };
    let (end, year) = year_after(words, end);
    let date = |day| Date::new(year.unwrap_or_else(|| latest_year(as_of, month)), month, day).ok();
    let period = Period::of(date(first)?, date(last)?);
    Some(TimeMention { words: at..end, period, year: None, relative: false })
}

/// A date, month, quarter or year that begins at `at`: where it ends, what it is, and the year if it is a bare one.
fn absolute(words: &[Word], at: usize, as_of: Date) -> Option<(usize, Period, Option<i16>)> {
    let word = words.get(at)?;
    if let Some(date) = iso_date(words, at) {
        return Some((date.1, Period::of(date.0, date.0), None));
    }
    if let Some(quarter) = quarter_number(words, at) {
        let (end, year) = year_after(words, quarter.1);
        let year = year.unwrap_or_else(|| latest_year(as_of, quarter.0 * 3 - 2));
        let first = Date::new(year, quarter.0 * 3 - 2, 1).ok()?;
        return Some((end, Period::of(first, last_of(Unit::Quarter, first)?), None));
    }
    if let Some((half, end)) = half_number(words, at) {
        let (end, year) = year_after(words, end);
        let month = half * 6 - 5;
        let first = Date::new(year.unwrap_or_else(|| latest_year(as_of, month)), month, 1).ok()?;
        return Some((end, Period::of(first, first.checked_add(6.months()).ok()?.yesterday().ok()?), None));
    }
    if let Some(month) = month_number(words, at) {
        if let Some(day) = words.get(at + 1).and_then(day_number)
            && words.get(at + 1).is_none_or(|w| plausible_year(w).is_none())
        {
            let (end, year) = year_after(words, at + 2);
            let date = Date::new(year.unwrap_or_else(|| latest_year(as_of, month)), month, day).ok()?;
            return Some((end, Period::of(date, date), None));
        }
        let (end, year) = year_after(words, at + 1);
        let first = Date::new(year.unwrap_or_else(|| latest_year(as_of, month)), month, 1).ok()?;
        return Some((end, Period::of(first, last_of(Unit::Month, first)?), None));
    }
    let of = usize::from(words.get(at + 1).is_some_and(|w| w.is("of")) && word.number().is_none());
    if let (Some(day), Some(month)) = (day_number(word), month_number(words, at + 1 + of)) {
        let (end, year) = year_after(words, at + 2 + of);
        let date = Date::new(year.unwrap_or_else(|| latest_year(as_of, month)), month, day).ok()?;
        return Some((end, Period::of(date, date), None));
    }
    let year = plausible_year(word)?;
    let first = Date::new(year, 1, 1).ok()?;
    Some((at + 1, Period::of(first, last_of(Unit::Year, first)?), Some(year)))
}

/// `2025-05-01` arrives as three numbers, `2025-05-01` in quotes as one word.
fn iso_date(words: &[Word], at: usize) -> Option<(Date, usize)> {
    let word = words.get(at)?;
    if word.kind == WordKind::Quoted {
        return word.text.get(..10)?.parse().ok().filter(|_| word.text.len() == 10).map(|date| (date, at + 1));
    }
    let part = |i: usize| words.get(at + i).filter(|w| w.text.chars().all(|c| c.is_ascii_digit()));
    let (year, month, day) = (part(0)?, part(1)?, part(2)?);
    let glued = year.span.end + 1 == month.span.start && month.span.end + 1 == day.span.start;
    if !(glued && year.text.len() == 4) {
        return None;
    }
    let date = Date::new(year.text.parse().ok()?, month.text.parse().ok()?, day.text.parse().ok()?).ok()?;
    Some((date, at + 3))
}

fn quarter_number(words: &[Word], at: usize) -> Option<(i8, usize)> {
    let word = words.get(at)?;
    if let Some(digit) =
        word.folded.strip_prefix('q').and_then(|d| d.parse::<i8>().ok()).filter(|q| (1..=4).contains(q))
    {
        return Some((digit, at + 1));
    }
    let number = match word.folded.as_str() {
        "first" | "1st" => 1,
        "second" | "2nd" => 2,
        "third" | "3rd" => 3,
        "fourth" | "4th" => 4,
        _ => return None,
    };
    words.get(at + 1).filter(|w| w.is("quarter")).map(|_| (number, at + 2))
}

/// "H1", "the second half of": which half of a year, and where it ends. A year must follow, or be at hand in the words.
fn half_number(words: &[Word], at: usize) -> Option<(i8, usize)> {
    let word = words.get(at)?;
    let short = word.folded.strip_prefix('h').and_then(|d| d.parse::<i8>().ok()).filter(|h| (1..=2).contains(h));
    let long = || {
        let number = match word.folded.as_str() {
            "first" | "1st" => 1,
            "second" | "2nd" => 2,
            _ => return None,
        };
        words.get(at + 1).filter(|w| w.is("half")).map(|_| (number, at + 2))
    };
    let (half, end) = short.map(|half| (half, at + 1)).or_else(long)?;
    year_after(words, end).1.map(|_| (half, end))
}

/// "may" is a month only if it is written as a name or stands where a date is expected.
fn month_number(words: &[Word], at: usize) -> Option<i8> {
    let word = words.get(at).filter(|w| w.kind == WordKind::Word)?;
    if word.folded == "may" {
        let placed = at > 0
            && words[at - 1].is_one_of(&[
                "in", "during", "since", "of", "for", "before", "after", "and", "until", "to", "between", "from",
                "last", "this", "with",
            ]);
        return (word.is_capitalised() && at > 0 || placed).then_some(5);
    }
    let long = MONTHS.iter().position(|m| *m == word.folded);
    let short = || {
        let stem = word.folded.trim_end_matches('.');
        (stem.len() == 3 || stem == "sept")
            .then(|| {
                MONTHS.iter().position(|m| {
                    m.starts_with(&stem[..3]) && (stem != "mar" && stem != "dec" || word.is_capitalised())
                })
            })
            .flatten()
            .filter(|m| *m != 4)
    };
    long.or_else(short).map(|m| m as i8 + 1)
}

fn day_number(word: &Word) -> Option<i8> {
    let digits = word.folded.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let suffix = &word.folded[digits.len()..];
    if !matches!(suffix, "" | "st" | "nd" | "rd" | "th") || digits.len() > 2 {
        return None;
    }
    digits.parse().ok().filter(|d| (1..=31).contains(d))
}

fn year_after(words: &[Word], at: usize) -> (usize, Option<i16>) {
    let skip = usize::from(words.get(at).is_some_and(|w| w.text == "," || w.is("of")));
    match words.get(at + skip).and_then(plausible_year) {
        Some(year) => (at + skip + 1, Some(year)),
        None => (at, None),
    }
}

fn plausible_year(word: &Word) -> Option<i16> {
    let year = word.number().filter(|n| word.text.len() == 4 && n.fract() == 0.0)? as i16;
    (1900..=2100).contains(&year).then_some(year)
}

/// The latest year in which this month has begun by the as-of date.
fn latest_year(as_of: Date, month: i8) -> i16 {
    if month <= as_of.month() { as_of.year() } else { as_of.year() - 1 }
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;

    fn period(question: &str) -> String {
        let as_of: Date = "2025-06-28".parse().expect("date");
        let show = |d: Option<Date>| d.map_or_else(|| "..".to_owned(), |d| d.to_string());
        let found: Vec<String> = find(&words(question), as_of)
            .iter()
            .map(|m| format!("{}/{}", show(m.period.first), show(m.period.last)))
            .collect();
        found.join(" ")
    }

    #[test]
    fn periods_are_counted_from_the_as_of_date() {
        for (question, expected) in [
            ("revenue last month", "2025-05-01/2025-05-31"),
            ("for the last 6 months", "2024-12-01/2025-05-31"),
            ("in the last 7 days", "2025-06-22/2025-06-28"),
            ("past 90 days", "2025-03-31/2025-06-28"),
            ("this quarter", "2025-04-01/2025-06-30"),
            ("this quarter so far", "2025-04-01/2025-06-28"),
            ("so far this year", "2025-01-01/2025-06-28"),
            ("year to date", "2025-01-01/2025-06-28"),
            ("last year", "2024-01-01/2024-12-31"),
            ("last week", "2025-06-16/2025-06-22"),
            ("yesterday", "2025-06-27/2025-06-27"),
            ("the last three months", "2025-03-01/2025-05-31"),
        ] {
            assert_eq!(period(question), expected, "{question}");
        }
    }

    #[test]
    fn dates_months_quarters_and_years_are_read() {
        for (question, expected) in [
            ("margin in April", "2025-04-01/2025-04-30"),
            ("sales in November", "2024-11-01/2024-11-30"),
            ("revenue in Q3 2024", "2024-07-01/2024-09-30"),
            ("since March 2024", "2024-03-01/.."),
            ("before 2020", "../2019-12-31"),
            ("hired after 2015-03-01", "2015-03-02/.."),
            ("between April and June 2024", "2024-04-01/2024-06-30"),
            ("from 2025-01-01 to 2025-02-01", "2025-01-01/2025-02-01"),
            ("on January 5th, 2019", "2019-01-05/2019-01-05"),
            ("sold 4th of July 2024", "2024-07-04/2024-07-04"),
            ("in May", "2025-05-01/2025-05-31"),
            ("what may happen", ""),
            ("more than 2019 units", ""),
            ("top 10 items", ""),
            ("the first quarter of 2025", "2025-01-01/2025-03-31"),
            ("units in H2 2024", "2024-07-01/2024-12-31"),
            ("units per month, 2024 only", "2024-01-01/2024-12-31"),
            ("takings on christmas eve 2023", "2023-12-24/2023-12-24"),
            ("takings on Christmas", "2024-12-25/2024-12-25"),
            ("units on valentine's day 2025", "2025-02-14/2025-02-14"),
            ("sales since black friday", "2024-11-29/.."),
            ("sold on good friday 2025", "2025-04-18/2025-04-18"),
            ("before memorial day 2025", "../2025-05-25"),
            ("christmas trees", ""),
            ("the first half of 2025", "2025-01-01/2025-06-30"),
            ("the first half of the list", ""),
            ("1-7 June 2025", "2025-06-01/2025-06-07"),
            ("from June 3 to 9", "2025-06-03/2025-06-09"),
            ("pages 1-7", ""),
        ] {
            assert_eq!(period(question), expected, "{question}");
        }
    }
}
