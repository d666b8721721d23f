//! Two periods set beside each other.

use super::super::plan::{Grain, Operator};
use super::super::tokens::TokenKind;
use super::Analytic;
use super::calendar::{Days, unit_of};
use super::phrases::Phrases;
use super::series::growth_words;
use crate::language::lexicon;

/// Words that rise or fall in a question about change.
pub(super) const RISE: [&str; 14] = [
    "grew",
    "grow",
    "grown",
    "growing",
    "increased",
    "rose",
    "rising",
    "gained",
    "improved",
    "up",
    "increase",
    "gain",
    "growth",
    "rise",
];
pub(super) const FALL: [&str; 14] = [
    "declined",
    "decline",
    "declining",
    "dropped",
    "drop",
    "fell",
    "falling",
    "decreased",
    "decrease",
    "shrank",
    "down",
    "shrinking",
    "lost",
    "loss",
];

const YEAR_AGO: [&str; 8] = [
    "same period of the year before",
    "same period a year earlier",
    "same period a year ago",
    "same month a year ago",
    "a year ago",
    "a year earlier",
    "a year before",
    "the year before",
];
const BEFORE: [&str; 8] = [
    "the previous period",
    "the period before",
    "the month before",
    "the quarter before",
    "the week before",
    "the day before",
    "the one before",
    "the previous one",
];

impl Phrases<'_> {
    pub fn take_periods(&mut self) {
        if self.take_moved_periods() || self.take_periods_beyond() {
            return;
        }
        self.take_bare_years();
        let periods = self.periods();
        match periods.as_slice() {
            [(i, a), (j, b)] if self.compares() || a.apart(*b) => {
                let (i, a, j, b) = (*i, *a, *j, *b);
                let Some((earlier, later)) = self.pair(i, a, j, b) else { return };
                self.take(i..i + 1);
                self.take(j..j + 1);
                self.side_by_side(earlier, later, false);
            }
            [(i, period)] => {
                let (i, period) = (*i, *period);
                match self.ends(i, period).filter(|_| self.compares()) {
                    Some((earlier, later)) => {
                        self.take(i..i + 1);
                        self.side_by_side(earlier, later, true);
                    }
                    None => self.beside_the_one(i, period),
                }
            }
            [] => self.beside_nothing(),
            _ => {}
        }
    }

    /// "2023 vs 2024": years that no preposition makes periods.
    fn take_bare_years(&mut self) {
        let year = |phrases: &Self, i: usize| {
            let number = phrases.tokens.get(i).filter(|_| !phrases.is_taken(i))?.number()?;
            (number.fract() == 0.0 && (1990.0..=2100.0).contains(&number)).then_some(number as i16)
        };
        // "in 2024 compared to 2023": the second year is a period as the first is.
        let said = (0..self.tokens.len()).find_map(|i| match self.tokens[i].kind {
            TokenKind::Time(time) if !self.is_taken(i) => Some((i, self.ground.analysis.times[time].year?)),
            _ => None,
        });
        if let Some((at, one)) = said
            && let Some((i, other)) = (0..self.tokens.len()).find_map(|i| Some((i, year(self, i)?)))
            && one != other
            && i > 0
            && self.word(i - 1, &["with", "to", "vs", "versus", "and", "than", "against", "over", "from"])
        {
            let span = |year: i16| jiff::civil::Date::new(year, 1, 1).ok().and_then(|d| unit_of(d, Grain::Year));
            if let (Some(a), Some(b)) = (span(one.min(other)), span(one.max(other))) {
                self.take(at..at + 1);
                self.take(i..i + 1);
                self.side_by_side(a, b, true);
                return;
            }
        }
        for i in 0..self.tokens.len() {
            let Some(first) = year(self, i) else { continue };
            let between = i + 1;
            let at = self.skip(between, &["vs", "versus", "against", "to", "and", "with", "compared", "over", "from"]);
            let Some(second) = year(self, at).filter(|_| at > between) else { continue };
            let span = |year: i16| jiff::civil::Date::new(year, 1, 1).ok().and_then(|d| unit_of(d, Grain::Year));
            let (Some(a), Some(b)) = (span(first.min(second)), span(first.max(second))) else { continue };
            let start = if i > 0 && self.word(i - 1, &["in", "of", "for", "between", "from"]) { i - 1 } else { i };
            self.take(start..at + 1);
            self.side_by_side(a, b, true);
            return;
        }
    }

    /// Words that set one thing against another.
    fn compares(&self) -> bool {
        self.find(lexicon().analytic.versus.iter().map(String::as_str)).is_some()
            || self.find(growth_words()).is_some()
            || (0..self.tokens.len()).any(|i| self.word(i, &["than"]) || self.word(i, &RISE) || self.word(i, &FALL))
    }

    /// The two periods in their order. One that is only said relative to the other is counted from it.
    fn pair(&self, i: usize, a: Days, j: usize, b: Days) -> Option<(Days, Days)> {
        let says = |token: usize, words: &[&str]| self.tokens[token].folded.split(' ').any(|w| words.contains(&w));
        let previous = ["previous", "prior", "preceding"];
        // "May against the previous month", "this quarter against the same period last year"
        for (one, period, other, reference) in [(j, b, i, a), (i, a, j, b)] {
            let year = period.unit() == Some(Grain::Year) && reference.unit() != Some(Grain::Year);
            let same = self.find(["same period", "same month", "same quarter", "same time", "same days", "same week"]);
            if year && reference.length() < 366 && says(one, &["last", "previous", "prior", "ago"]) {
                return Some((reference.earlier(Grain::Year, 1)?, reference));
            }
            if same.is_some() && period.unit() == Some(Grain::Year) && reference.unit() == Some(Grain::Year) {
                let until = self.ground.analysis.as_of.min(reference.last);
                let cut = Days::new(reference.first, until);
                return Some((cut.earlier(Grain::Year, 1)?, cut));
            }
            if says(one, &previous) && !says(other, &previous) && !says(other, &["this", "last", "current"]) {
                return Some((reference.before()?, reference));
            }
        }
        if !a.apart(b) {
            return None;
        }
        Some(if a.first < b.first { (a, b) } else { (b, a) })
    }

    /// "between 2023 and 2024", "from May to June": the first and the last unit of a period that names both.
    fn ends(&self, i: usize, period: Days) -> Option<(Days, Days)> {
        let words: Vec<&str> = self.tokens[i].folded.split(' ').collect();
        if !matches!(words.first(), Some(&("between" | "from"))) {
            return None;
        }
        let said = |list: &[&str]| words.iter().any(|w| list.iter().any(|known| w.starts_with(known)));
        let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
        let grain = if said(&["q1", "q2", "q3", "q4", "quarter"]) {
            Grain::Quarter
        } else if said(&months) {
            Grain::Month
        } else {
            Grain::Year
        };
        let (earlier, later) = (unit_of(period.first, grain)?, unit_of(period.last, grain)?);
        (earlier.apart(later) && earlier.first == period.first && later.last == period.last).then_some((earlier, later))
    }

    /// One period: beside the one before, or beside the same of the year before.
    fn beside_the_one(&mut self, i: usize, period: Days) {
        if self.find_grain().is_some() || self.find(lexicon().analytic.trend.iter().map(String::as_str)).is_some() {
            return;
        }
        let over = self.find_over();
        if let Some(range) = self.find(YEAR_AGO) {
            let Some(earlier) = period.earlier(Grain::Year, 1) else { return };
            self.take(range);
            self.take(i..i + 1);
            return self.side_by_side(earlier, period, true);
        }
        if let Some(range) = self.find(BEFORE) {
            let Some(earlier) = period.before() else { return };
            self.take(range);
            self.take(i..i + 1);
            return self.side_by_side(earlier, period, true);
        }
        if let Some((range, grain)) = over {
            let earlier = match grain {
                Grain::Year => period.earlier(Grain::Year, 1),
                grain if period.unit() == Some(grain) => period.before(),
                _ => None,
            };
            let Some(earlier) = earlier else { return };
            self.take(range);
            self.take(i..i + 1);
            return self.side_by_side(earlier, period, true);
        }
        let relative =
            matches!(self.tokens[i].kind, TokenKind::Time(time) if self.ground.analysis.times[time].relative);
        // "sales are down vs last month": the other period is the one at hand.
        if self.find(lexicon().analytic.versus.iter().map(String::as_str)).is_some()
            && relative
            && self.ends_before_now(period)
        {
            let Some(later) = period.unit().and_then(|unit| unit_of(self.ground.analysis.as_of, unit)) else { return };
            if later.apart(period) {
                self.take(i..i + 1);
                return self.side_by_side(period, later, true);
            }
        }
        let moved = (0..self.tokens.len()).any(|j| {
            self.word(j, &RISE[..7]) || self.word(j, &FALL[..8]) || self.word(j, &["growth", "shrank", "shrinking"])
        });
        if moved && let Some(earlier) = period.before() {
            self.take(i..i + 1);
            self.side_by_side(earlier, period, true);
        }
    }

    fn ends_before_now(&self, period: Days) -> bool {
        period.last < self.ground.analysis.as_of
    }

    /// Growth without a period: this year so far beside the same days of last year.
    fn beside_nothing(&mut self) {
        if self.found().iter().any(|a| matches!(a, Analytic::Periods { .. })) || self.find_grain().is_some() {
            return;
        }
        let over = self.find_over();
        let ranked = (0..self.tokens.len()).any(|i| {
            self.word(i, &["growing", "declining", "shrinking"])
                && (i > 0 && self.word(i - 1, &["fastest", "fast", "quickly", "most", "slowest"]))
        });
        let moved = self
            .find([
                "grew the most",
                "grew most",
                "grew fastest",
                "declined the most",
                "declined most",
                "fell the most",
                "dropped the most",
                "increased the most",
            ])
            .is_some();
        let keyed = (0..self.tokens.len()).any(|i| self.word(i, &["by", "per", "each"]) && self.finder.is_key(i + 1));
        let yearly = matches!(over, Some((_, Grain::Year))) && keyed;
        if !(ranked || moved || yearly) {
            return;
        }
        let until = self.ground.analysis.as_of;
        let later = Days::new(until.first_of_year(), until);
        let Some(earlier) = later.earlier(Grain::Year, 1) else { return };
        if let Some((range, _)) = over {
            self.take(range);
        }
        self.side_by_side(earlier, later, false);
    }

    /// Takes the words of the comparison and says what is asked of it.
    fn side_by_side(&mut self, earlier: Days, later: Days, compared: bool) {
        let percent =
            self.says_percent() || self.find(["growth", "grew", "grow", "grown", "growing", "fastest"]).is_some();
        let alone = !compared && !self.compares() && !percent;
        self.take_bound(percent);
        self.take_order(percent);
        let _ = self.take_growth_words();
        for phrase in [
            "same period",
            "same month",
            "same quarter",
            "same time",
            "same days",
            "same week",
            "how did",
            "how does",
            "how do",
            "in comparison to",
            "in comparison with",
            "compare to",
            "compare with",
            "compared to",
            "compared with",
            "comparison of",
            "comparison between",
        ] {
            self.take_first([phrase]);
        }
        while self.take_first(lexicon().analytic.versus.iter().map(String::as_str)).is_some() {}
        for words in [&RISE[..], &FALL[..]] {
            while self.take_first(words.iter().copied()).is_some() {}
        }
        while self
            .take_first(["than", "difference", "between", "compare", "like for like"].into_iter().take(3))
            .is_some()
        {}
        self.push(Analytic::Periods { earlier, later, percent, alone });
        self.take_comparable();
    }

    /// "by more than 10 %", "which categories declined", "sold more in May than in April".
    fn take_bound(&mut self, percent: bool) {
        let bound = (0..self.tokens.len()).find_map(|i| {
            let (operator, number, percent, end) = self.bound(i)?;
            let moves = i > 0
                && (self.word(i - 1, &RISE)
                    || self.word(i - 1, &FALL)
                    || self.word(i - 1, &["of"])
                    || self.word(i, &["by"]));
            moves.then_some((i, operator, number, percent, end))
        });
        if let Some((i, operator, number, in_percent, end)) = bound {
            let falls = (0..i).any(|j| self.word(j, &FALL));
            let (operator, number) = if falls { (turned(operator), -number) } else { (operator, number) };
            self.take(i..end);
            self.push(Analytic::Bound { operator, number, percent: in_percent || percent });
            return;
        }
        let than = (0..self.tokens.len()).find(|i| self.word(*i, &["than"]));
        if let Some(than) = than
            && let Some(more) =
                (0..than).find(|i| self.word(*i, &["more", "higher", "better", "less", "lower", "fewer", "worse"]))
        {
            let operator =
                if self.word(more, &["more", "higher", "better"]) { Operator::Greater } else { Operator::Less };
            self.take(than..than + 1);
            // What there is more of is counted or computed; "sold more" says it by the verb.
            if self.is_name(more + 1) && self.finder.is_table(more + 1) {
                self.replace(more..more + 1, "number of");
            } else if self.is_name(more + 1) {
                self.take(more..more + 1);
            } else {
                self.replace(more..more + 1, "most");
            }
            self.take_things();
            self.push(Analytic::Bound { operator, number: 0.0, percent: false });
            return;
        }
        // "which categories declined in May"
        let lists = self.word(0, &["which", "list", "show", "what"]) || self.is_name(0);
        for i in 1..self.tokens.len() {
            let rises = self.word(i, &["grew", "increased", "rose", "gained", "improved"]);
            let falls = self.word(i, &["declined", "dropped", "fell", "decreased", "shrank", "lost"]);
            let most = self.word(i + 1, &["most", "fastest", "the"]) || self.word(i + 2, &["most"]);
            let of_things =
                self.is_name(i - 1) && !self.finder.is_measure(i - 1) || self.finder.is_key(i.saturating_sub(2));
            if lists && (rises || falls) && !most && of_things && !self.word(0, &["how"]) {
                let operator = if rises { Operator::Greater } else { Operator::Less };
                self.take_things();
                self.push(Analytic::Bound { operator, number: 0.0, percent: false });
                return;
            }
        }
    }

    /// "which categories": what is compared is the key, whatever is said of it.
    fn take_things(&mut self) {
        let asked = self.word(0, &["which", "what"]);
        let at = self.skip(1, &["of", "our", "the"]);
        if !asked || !self.is_name(at) || !self.finder.is_key(at) || self.finder.is_measure(at) {
            return;
        }
        let keys = self.finder.key(at);
        if !keys.is_empty() {
            self.take(0..at + 1);
            self.push(Analytic::Keys(keys));
        }
    }

    /// "grew the most", "fastest growing", "biggest decline".
    fn take_order(&mut self, percent: bool) {
        for i in 0..self.tokens.len() {
            let rises = self.word(i, &RISE);
            let falls = self.word(i, &FALL);
            if !(rises || falls) {
                continue;
            }
            let after = self
                .phrase(i + 1, "the most")
                .or_else(|| self.phrase(i + 1, "most"))
                .or_else(|| self.phrase(i + 1, "fastest"));
            let before = (i > 0
                && self.word(
                    i - 1,
                    &["fastest", "biggest", "largest", "strongest", "highest", "most", "worst", "steepest"],
                ))
            .then(|| i - 1);
            let far = (0..i)
                .rev()
                .take(3)
                .find(|j| self.word(*j, &["biggest", "largest", "strongest", "highest", "steepest"]));
            match (after, before.or(far)) {
                (Some(end), _) => self.take(i..end),
                (None, Some(at)) => {
                    self.take(at..at + 1);
                    self.take(i..i + 1);
                }
                // "top 5 products by revenue growth"
                _ if self.find(["top", "bottom", "best"]).is_some() => {
                    self.take(i..i + 1);
                }
                _ => continue,
            }
            self.take_things();
            self.push(Analytic::Ordered { descending: rises, percent });
            return;
        }
    }
}

fn turned(operator: Operator) -> Operator {
    match operator {
        Operator::Greater => Operator::Less,
        Operator::GreaterOrEqual => Operator::LessOrEqual,
        Operator::Less => Operator::Greater,
        Operator::LessOrEqual => Operator::GreaterOrEqual,
        other => other,
    }
}
