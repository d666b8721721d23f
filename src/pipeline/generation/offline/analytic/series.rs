//! Phrases of time series: trends, changes from period to period, running totals, moving averages, the best period.

use super::super::plan::{Grain, Operator};
use super::periods::{FALL, RISE};
use super::phrases::Phrases;
use super::{Analytic, Lag};
use crate::language::lexicon;

impl Phrases<'_> {
    /// "day of the week" is one word.
    pub fn take_weekdays(&mut self) {
        for phrase in ["days of the week", "day of the week", "days of week", "day of week", "week day", "weekdays"] {
            if let Some(range) = self.find([phrase]) {
                self.replace(range, "weekday");
            }
        }
    }

    pub fn take_series(&mut self) {
        let has_periods = self.found().iter().any(|a| matches!(a, Analytic::Periods { .. }));
        if has_periods || self.found().iter().any(|a| matches!(a, Analytic::Change { .. })) {
            return;
        }
        let before = self.found().len();
        let mut grain = self.take_moving();
        self.take_running();
        grain = grain.or(self.take_change());
        let trend = self.take_first(lexicon().analytic.trend.iter().map(String::as_str)).is_some();
        if self.found().len() == before && !trend {
            self.take_best_period();
            return;
        }
        if let Some((range, unit)) = self.find_grain() {
            self.take(range);
            // "monthly revenue year over year" compares months.
            grain = Some(unit);
        }
        self.push(Analytic::Series(grain));
    }

    /// "3 month moving average": the unit if one is said.
    fn take_moving(&mut self) -> Option<Grain> {
        const MOVING: [&str; 4] = ["moving", "rolling", "trailing", "sliding"];
        const MEAN: [&str; 4] = ["average", "avg", "mean", "averages"];
        let at = (0..self.tokens.len()).find(|i| {
            self.word(*i, &MOVING) && (i + 1..i + 4).any(|j| self.word(j, &MEAN) || self.count(j).is_some())
        })?;
        let mut end = at + 1;
        let (mut periods, mut grain) = (None, None);
        if at >= 2 && self.count(at - 2).is_some() && self.grain(at - 1).is_some() {
            (periods, grain) = (self.count(at - 2), self.grain(at - 1));
            self.take(at - 2..at);
        } else if self.count(end).is_some() && self.grain(end + 1).is_some() {
            (periods, grain) = (self.count(end), self.grain(end + 1));
            end += 2;
        }
        if self.word(end, &MEAN) {
            end += 1;
        }
        self.take(at..end);
        // "moving average of revenue over 3 months"
        if periods.is_none() {
            let over = (end..self.tokens.len()).find(|i| {
                self.word(*i, &["over", "of", "with", "across"])
                    && self.count(i + 1).is_some()
                    && self.grain(i + 2).is_some()
            });
            if let Some(over) = over {
                (periods, grain) = (self.count(over + 1), self.grain(over + 2));
                self.take(over..over + 3);
            }
        }
        self.push(Analytic::Moving(periods.unwrap_or(3)));
        grain
    }

    fn take_running(&mut self) {
        if self.take_first(lexicon().analytic.running.iter().map(String::as_str)).is_some() {
            self.push(Analytic::Running);
        }
    }

    /// "month over month", "yoy", "monthly growth": the unit if one is said.
    fn take_change(&mut self) -> Option<Grain> {
        let percent_said = self.says_percent();
        if let Some((range, grain)) = self.find_over() {
            self.take(range);
            let (growth, absolute) = self.take_growth_words();
            let lag = if grain == Grain::Year { Lag::YearBefore } else { Lag::Before };
            self.push(Analytic::Change { lag, percent: percent_said || growth || !absolute });
            return Some(grain);
        }
        // "compared to the previous month" beside a series.
        let lagged = self.previous_period();
        let series = self.found().iter().any(|a| matches!(a, Analytic::Series(_)))
            || self.find_grain().is_some()
            || self.find(lexicon().analytic.trend.iter().map(String::as_str)).is_some();
        let grown = self.find(growth_words()).is_some();
        if !(series && (grown || lagged.is_some())) {
            return None;
        }
        let year = lagged.is_some_and(|(_, _, year)| year);
        if let Some((start, end, _)) = lagged {
            self.take(start..end);
        }
        let (growth, _) = self.take_growth_words();
        let lag = if year { Lag::YearBefore } else { Lag::Before };
        self.push(Analytic::Change { lag, percent: percent_said || growth });
        None
    }

    /// "month over month", "mom", "from month to month".
    pub fn find_over(&self) -> Option<(std::ops::Range<usize>, Grain)> {
        (0..self.tokens.len()).find_map(|i| {
            let short = [
                ("mom", Grain::Month),
                ("m/m", Grain::Month),
                ("wow", Grain::Week),
                ("w/w", Grain::Week),
                ("qoq", Grain::Quarter),
                ("q/q", Grain::Quarter),
                ("yoy", Grain::Year),
                ("y/y", Grain::Year),
                ("dod", Grain::Day),
            ];
            if let Some((_, grain)) = short.iter().find(|(word, _)| self.phrase(i, word).is_some()) {
                return Some((i..i + 1, *grain));
            }
            let slash = [("m", Grain::Month), ("y", Grain::Year), ("q", Grain::Quarter), ("w", Grain::Week)];
            if let Some((word, grain)) = slash.iter().find(|(w, _)| self.word(i, &[w]) && self.word(i + 1, &["/"]))
                && self.word(i + 2, &[word])
            {
                return Some((i..i + 3, *grain));
            }
            let start = if self.word(i, &["from"]) { self.skip(i + 1, &["one"]) } else { i };
            let grain = self.grain(start).filter(|_| start > i || !self.word(i, &["from"]))?;
            if !self.word(start + 1, &["over", "on", "to", "vs", "versus"]) {
                return None;
            }
            let at = self.skip(start + 2, &["the"]);
            if self.grain(at) == Some(grain) {
                return Some((i..at + 1, grain));
            }
            self.word(at, &["next"]).then_some((i..at + 1, grain))
        })
    }

    /// "compared to the previous month", "against the month before": where, and whether a year is meant.
    fn previous_period(&self) -> Option<(usize, usize, bool)> {
        const AGAINST: [&str; 12] = [
            "compared to",
            "compared with",
            "in comparison to",
            "relative to",
            "versus",
            "vs",
            "vs.",
            "against",
            "over",
            "from",
            "than",
            "since",
        ];
        (0..self.tokens.len()).find_map(|i| {
            let at = AGAINST.iter().find_map(|p| self.phrase(i, p))?;
            let at = self.skip(at, &["the", "its"]);
            let token = self.tokens.get(at)?;
            let says = |words: &[&str]| token.folded.split(' ').any(|w| words.contains(&w));
            // The dates of a question read "previous month" as a period.
            if matches!(token.kind, super::super::tokens::TokenKind::Time(_))
                && says(&["previous", "prior", "preceding", "last"])
            {
                return Some((i, at + 1, says(&["year"])));
            }
            if self.word(at, &["previous", "prior", "preceding"]) {
                let end = at + 1 + usize::from(self.grain(at + 1).is_some() || self.word(at + 1, &["period", "one"]));
                return Some((i, end, self.grain(at + 1) == Some(Grain::Year)));
            }
            let grain = self.grain(at)?;
            self.word(at + 1, &["before", "earlier"]).then_some((i, at + 2, grain == Grain::Year))
        })
    }

    pub fn says_percent(&self) -> bool {
        (0..self.tokens.len()).any(|i| self.word(i, &["%", "percent", "percentage", "pct", "rate"]))
    }

    /// Takes words of growth; true if one was there, and true if an amount is meant.
    pub fn take_growth_words(&mut self) -> (bool, bool) {
        let mut growth = false;
        let mut absolute = false;
        while let Some(range) = self.take_first(growth_words()) {
            let word = &self.tokens[range.start].folded;
            absolute |= matches!(word.as_str(), "change" | "changes" | "changed" | "difference" | "delta" | "absolute");
            growth |= word.starts_with("gr") || word == "rate";
        }
        let fillers = ["%", "percent", "percentage", "pct", "rate", "in percent"];
        if growth || absolute {
            while self.take_first(fillers).is_some() {}
        }
        (growth, absolute)
    }

    /// "the best month of each department": the best of each key's own periods.
    fn take_best_of_each(&mut self, from: usize) {
        const EACH: [&str; 7] = ["of each", "for each", "in each", "at each", "of every", "for every", "per"];
        let said = (from..self.tokens.len()).find_map(|i| Some((i, EACH.iter().find_map(|p| self.phrase(i, p))?)));
        let Some((start, at)) = said.filter(|(_, at)| self.finder.is_key(*at) && !self.is_taken(*at)) else { return };
        let keys = self.finder.key(at);
        if !keys.is_empty() {
            self.take(start..at + 1);
            // "by units": what the best is by is what is computed.
            let by = (0..self.tokens.len()).find(|i| self.word(*i, &["by"]) && self.finder.is_measure(i + 1));
            if let Some(by) = by {
                self.take(by..by + 1);
            }
            self.push(Analytic::PerGroup(keys));
        }
    }

    /// "days where revenue was over 4000": periods by what they brought.
    pub fn take_periods_beyond(&mut self) -> bool {
        let Some((i, grain)) = (0..self.tokens.len()).find_map(|i| Some((i, self.grain(i)?))) else { return false };
        let plural = self.tokens[i].folded != self.tokens[i].lemma;
        let opens = i == 0 || self.word(i - 1, &["which", "what", "the", "all", "list", "show", "any"]);
        let at = ["where", "when", "on which", "in which", "that had", "that saw", "having", "with", "had"]
            .iter()
            .find_map(|p| self.phrase(i + 1, p));
        let Some(at) = at.filter(|_| plural && opens) else { return false };
        let bound = (at..self.tokens.len()).find_map(|j| Some((j, self.bound(j)?)));
        let Some((bound, (operator, number, false, end))) = bound else { return false };
        let at = self.skip(at, &["the", "our", "a"]);
        let of = (at..bound).find_map(|j| self.finder.measure(j).map(|(_, end)| end));
        let Some(of) = of.filter(|of| (*of..bound).all(|j| self.word(j, &["was", "were", "is", "had", "of"]))) else {
            return false;
        };
        self.take(i - usize::from(i > 0)..at);
        self.take(of..end);
        self.push(Analytic::Series(Some(grain)));
        self.push(Analytic::Threshold { operator, number });
        true
    }

    /// "months where revenue fell vs the previous month": periods by their change.
    pub fn take_moved_periods(&mut self) -> bool {
        let Some((i, grain)) = (0..self.tokens.len()).find_map(|i| Some((i, self.grain(i)?))) else { return false };
        let plural = self.tokens[i].folded != self.tokens[i].lemma;
        let at = ["where", "when", "in which", "that saw", "with"].iter().find_map(|p| self.phrase(i + 1, p));
        let Some(at) = at.filter(|_| plural) else { return false };
        let moved = (at..self.tokens.len()).find_map(|j| {
            let falls = self.word(j, &FALL);
            (falls || self.word(j, &RISE)).then_some((j, falls))
        });
        let Some((verb, falls)) = moved else { return false };
        let start = if i > 0 && self.word(i - 1, &["which", "what", "the", "all"]) { i - 1 } else { i };
        self.take(start..at);
        let aux = verb - usize::from(verb > at && self.word(verb - 1, &["was", "were", "went", "is", "are"]));
        self.take(aux..verb + 1);
        if let Some((from, to, _)) = self.previous_period() {
            self.take(from..to);
        }
        if let Some((range, _)) = self.find_over() {
            self.take(range);
        }
        self.push(Analytic::Series(Some(grain)));
        self.push(Analytic::Change { lag: Lag::Before, percent: false });
        let operator = if falls { Operator::Less } else { Operator::Greater };
        self.push(Analytic::Bound { operator, number: 0.0, percent: false });
        true
    }

    /// "which month had the highest revenue", "best day", "top 3 weeks by loans".
    fn take_best_period(&mut self) {
        const FIRST: [&str; 10] =
            ["best", "biggest", "highest", "strongest", "busiest", "top", "largest", "peak", "most", "record"];
        const LAST: [&str; 8] = ["worst", "weakest", "lowest", "slowest", "quietest", "smallest", "bottom", "least"];
        const ENDS: [&str; 6] = ["by", "per", "each", "every", "last", "this"];
        for i in 0..self.tokens.len() {
            let Some(grain) = self.grain(i) else { continue };
            let before = i.saturating_sub(1);
            if i == 0 || self.word(before, &ENDS) || self.word(i + 1, &["over", "to"]) {
                continue;
            }
            // "biggest sales day": the superlative may stand some words before.
            // "at least 25 years" bounds a number.
            let superlative =
                |j: &usize| (self.word(*j, &FIRST) || self.word(*j, &LAST)) && !(*j > 0 && self.word(*j - 1, &["at"]));
            let near = (i.saturating_sub(4)..i).rev().find(superlative);
            let asked = self.word(before, &["which", "what", "whichever"])
                || self.word(before, &["calendar"]) && i > 1 && self.word(i - 2, &["which", "what"]);
            if asked && (0..self.tokens.len()).any(|j| superlative(&j)) {
                let start = if i > 1 && self.word(i - 2, &["in", "on", "during"]) { i - 2 } else { before };
                self.take(start..i + 1);
                let plural = self.tokens[i].folded != self.tokens[i].lemma;
                self.push(Analytic::Best { grain, descending: None, rows: (!plural).then_some(1) });
                return;
            }
            let Some(at) = near else { continue };
            let between_names = (at + 1..i).all(|j| !self.word(j, &["by", "in", "per", "of", "for", "the"]));
            if !between_names {
                continue;
            }
            let descending = self.word(at, &FIRST);
            let rows = self.count(at + 1).map(u64::from);
            self.take(at..at + 1 + usize::from(rows.is_some()));
            self.take(i..i + 1);
            for j in 0..at {
                if self.word(j, &["single", "our"]) {
                    self.take(j..j + 1);
                }
            }
            self.push(Analytic::Best { grain, descending: Some(descending), rows });
            self.take_best_of_each(i + 1);
            return;
        }
    }
}

pub fn growth_words<'p>() -> impl IntoIterator<Item = &'p str> + Clone {
    lexicon().analytic.change.iter().map(String::as_str)
}
