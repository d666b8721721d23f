//! Rows set against the mean of their own group ("dearer than the average of their brand"), means of periods ("average
//! daily revenue"), and how far values reach ("highest minus lowest price").

use super::super::plan::{Arithmetic, Expr, Function, Grain, Operand, Operator, Predicate, Window};
use super::super::reading::number_value;
use super::Analytic;
use super::apply::Editor;
use super::phrases::Phrases;
use crate::language::{Direction, lexicon};
use crate::schema::ColumnId;

const ABOVE: [&str; 14] = [
    "priced above",
    "priced over",
    "above",
    "over",
    "higher than",
    "greater than",
    "more than",
    "larger than",
    "bigger than",
    "longer than",
    "better than",
    "exceeding",
    "exceeds",
    "exceed",
];
const BELOW: [&str; 10] = [
    "priced below",
    "priced under",
    "below",
    "under",
    "lower than",
    "less than",
    "fewer than",
    "smaller than",
    "shorter than",
    "worse than",
];
const MEAN: [&str; 4] = ["average", "mean", "avg", "norm"];
const OWN: [&str; 8] = ["the", "their", "its", "own", "that", "same", "respective", "a"];

impl Phrases<'_> {
    pub fn take_means(&mut self) {
        let _ = self.take_own_mean() || self.take_period_mean();
        self.take_spread();
    }

    /// "M above the average of their K", "dearer than their K's average M".
    fn take_own_mean(&mut self) -> bool {
        for i in 0..self.tokens.len() {
            let Some((operator, end, adjective)) = self.comparative(i) else { continue };
            let Some((keys, measure, stop)) = self.own_group(end) else {
                if self.take_mean_of_all(i, end, operator) {
                    return true;
                }
                continue;
            };
            let named = measure.or_else(|| {
                let before = (0..i).rev().take(4).find(|j| self.is_name(*j) && self.finder.is_measure(*j))?;
                self.finder.row_measure(before)
            });
            let spoken = adjective.and_then(|words| self.finder.adjective(&words, i));
            let Some(measure) = named.or(spoken) else { continue };
            self.take(i..stop);
            self.take_clause(i);
            self.push(Analytic::OwnMean { measure, operator, keys });
            return true;
        }
        false
    }

    /// "stores with above-average revenue": the sum of each thing against the mean of those sums.
    fn take_mean_of_all(&mut self, i: usize, end: usize, operator: Operator) -> bool {
        let at = self.skip(end, &["the"]);
        if !self.word(at, &MEAN) {
            return false;
        }
        let named = (at + 1 < self.tokens.len() && self.is_name(at + 1)).then_some(at + 1);
        let measure = named.or_else(|| i.checked_sub(1)).filter(|j| self.is_name(*j) && self.finder.is_measure(*j));
        let thing = (0..i).find(|j| self.is_name(*j) && self.finder.is_key(*j) && !self.finder.is_measure(*j));
        let (Some(measure), Some(thing)) = (measure, thing) else { return false };
        let Some(id) = self.finder.measured_column(measure) else { return false };
        let keys = self.finder.key(thing);
        let apart = keys.iter().all(|key| matches!(key, Expr::Column(key) if key.table != id.table));
        if keys.is_empty() || !apart || !self.ground.schema.profile(id).semantic.is_additive() {
            return false;
        }
        self.take(i..at + 1);
        self.push(Analytic::Keys(keys));
        self.push(Analytic::OwnMean { measure: Expr::Column(id), operator, keys: Vec::new() });
        true
    }

    /// "things that cost", "things with a score": the measure before the comparison is no output of its own.
    fn take_clause(&mut self, i: usize) {
        let Some(before) = i.checked_sub(1).filter(|j| self.is_name(*j) && self.finder.is_measure(*j)) else { return };
        let opens =
            (before.saturating_sub(2)..before).find(|j| self.word(*j, &["with", "that", "which", "whose", "having"]));
        let Some(opens) = opens else { return };
        let Some(id) = self.finder.measured_column(before) else { return };
        let owner = |j: usize| self.finder.is_table(j) && self.finder.table(j) == Some(id.table);
        if (0..opens).any(owner) {
            self.take(opens..before + 1);
        }
    }

    /// Above or below, where the words of it end, and the measure's words if an adjective brings them.
    fn comparative(&self, i: usize) -> Option<(Operator, usize, Option<Vec<String>>)> {
        let list = |phrases: &[&str]| phrases.iter().find_map(|p| self.phrase(i, p));
        let price = || self.word(i, &["priced"]).then(|| vec!["price".to_owned()]);
        if let Some(end) = list(&ABOVE) {
            return Some((Operator::Greater, end, price()));
        }
        if let Some(end) = list(&BELOW) {
            return Some((Operator::Less, end, price()));
        }
        lexicon().adjectives.iter().find_map(|a| {
            let end = a.more.iter().find_map(|more| self.phrase(i, more)).filter(|end| self.word(*end, &["than"]))?;
            let operator = if a.direction == Direction::High { Operator::Greater } else { Operator::Less };
            Some((operator, end + 1, Some(a.measures.clone())))
        })
    }

    /// The mean of rows that agree with this one in some keys: the keys, the measure if it is named there, the end.
    fn own_group(&mut self, from: usize) -> Option<(Vec<Expr>, Option<Expr>, usize)> {
        let at = self.skip(from, &OWN);
        if self.word(at, &MEAN) {
            // "the average [M] of their K"
            let mut next = self.skip(at + 1, &["of", "the"]);
            let mut measure = None;
            if self.is_name(next) && self.finder.is_measure(next) {
                measure = self.finder.row_measure(next);
                next += 1;
            }
            let linked =
                self.word(next, &["of", "in", "for", "within", "across"]) || next > at + 1 && measure.is_none();
            let key = self.skip(
                next,
                &["of", "in", "for", "within", "across", "their", "its", "own", "the", "same", "that", "s"],
            );
            let own = (at + 1..key).any(|j| self.word(j, &["their", "its", "own", "same", "that"]));
            if linked && own && self.finder.is_key(key) && !self.is_taken(key) {
                return Some((self.finder.key(key), measure, key + 1));
            }
            return None;
        }
        // "their own K's average [M]"
        let key = at;
        let own = (from..key).any(|j| self.word(j, &["their", "its", "own"]));
        // "below category average"
        let bare = from == key && !self.finder.is_measure(key);
        if !own && !bare && !self.word(from, &["the"]) || !self.finder.is_key(key) || self.is_taken(key) {
            return None;
        }
        let mean = self.skip(key + 1, &["s", "'s", "'", "’s"]);
        if !self.word(mean, &MEAN) {
            return None;
        }
        let next = mean + 1;
        let named = self.is_name(next) && self.finder.is_measure(next);
        let measure = if named { self.finder.row_measure(next) } else { None };
        Some((self.finder.key(key), measure, if named { next + 1 } else { next }))
    }

    /// "average daily revenue": what a period brings in the mean.
    fn take_period_mean(&mut self) -> bool {
        const ADVERBS: [(&str, Grain); 5] = [
            ("daily", Grain::Day),
            ("weekly", Grain::Week),
            ("monthly", Grain::Month),
            ("quarterly", Grain::Quarter),
            ("yearly", Grain::Year),
        ];
        for i in 0..self.tokens.len() {
            if !self.word(i, &["average", "mean", "avg", "typical"]) {
                continue;
            }
            if self.take_mean_per_period(i) {
                return true;
            }
            let Some((_, grain)) = ADVERBS.iter().find(|(word, _)| self.is_adverb(i + 1, word)) else { continue };
            if !(self.finder.is_measure(i + 2) || self.finder.names_a_sum(i + 2)) {
                continue;
            }
            let summed = self.finder.measured_column(i + 2);
            if !summed.is_some_and(|id| self.ground.schema.profile(id).semantic.is_additive()) {
                continue;
            }
            self.take(i..i + 2);
            self.push(Analytic::PeriodMean(*grain));
            return true;
        }
        false
    }

    /// "average revenue per day for each store", "average units a week": what a period brings, where something else is
    /// the key. Alone, periods would be the key themselves.
    fn take_mean_per_period(&mut self, average: usize) -> bool {
        let at = self.skip(average + 1, &["total", "of", "the"]);
        let additive = |id: ColumnId| self.ground.schema.profile(id).semantic.is_additive();
        if !self.is_name(at) || !self.finder.measured_column(at).is_some_and(additive) {
            return false;
        }
        let Some(grain) = self.grain(at + 2).filter(|_| self.word(at + 1, &["per", "a", "each"])) else { return false };
        let keyed =
            (at + 3..self.tokens.len()).any(|i| self.word(i, &["by", "per", "each", "every"]) && self.is_name(i + 1));
        if !keyed {
            return false;
        }
        self.take(average..at);
        self.take(at + 1..at + 3);
        self.push(Analytic::PeriodMean(grain));
        true
    }

    /// "max minus min M", "range of M", "difference between the highest and the lowest M".
    fn take_spread(&mut self) {
        const SPREADS: [&str; 18] = [
            "difference between the highest and the lowest",
            "difference between the highest and lowest",
            "difference between highest and lowest",
            "difference between the maximum and minimum",
            "difference between max and min",
            "gap between the highest and the lowest",
            "gap between the highest and lowest",
            "gap between highest and lowest",
            "spread between the highest and lowest",
            "max minus min",
            "maximum minus minimum",
            "highest minus lowest",
            "max - min",
            "range of",
            "spread of",
            "spread in",
            "spread between",
            "range in",
        ];
        let Some(range) = self.find(SPREADS) else { return };
        let at = self.skip(range.end, &["the", "our", "their"]);
        if self.is_name(at) && self.finder.is_measure(at) {
            self.take(range);
            self.push(Analytic::Spread);
        }
    }
}

impl Editor<'_> {
    /// Keeps what is above or below the mean of those that agree with it in the keys.
    pub(super) fn own_mean(&mut self, measure: &Expr, operator: Operator, keys: &[Expr]) {
        let measure = if self.select.is_aggregated() { self.aggregated(measure) } else { measure.clone() };
        let shown = match &measure {
            Expr::Magnitude(of) => (**of).clone(),
            other => other.clone(),
        };
        if !self.select.items.contains(&measure) && !self.select.items.contains(&shown) {
            self.select.items.push(shown);
        }
        if self.select.is_aggregated() {
            self.group_by_keys();
            for key in keys {
                if !self.select.group.contains(key) {
                    self.select.group.push(key.clone());
                }
            }
        }
        // Rows that look alike are rows all the same where a mean is taken of them.
        self.select.distinct = false;
        let mean = Expr::over(Window::Mean(keys.to_vec()), measure.clone());
        let left = Expr::arithmetic(Arithmetic::Difference, measure, mean);
        self.select.having.push(Predicate::Compare { left, operator, right: Operand::Value(number_value(0.0)) });
    }

    /// What adds up, divided by the number of periods in which there was any.
    pub(super) fn period_mean(&mut self, grain: Grain) -> Result<(), String> {
        self.aggregate()?;
        let column = self.date()?;
        let key = self.time_key(column, grain);
        self.tell_date(column);
        for i in self.computed() {
            let before = self.select.items[i].clone();
            let Expr::Aggregate { function: Function::Sum | Function::Average, distinct: false, of } = &before else {
                continue;
            };
            let sum = Expr::Aggregate { function: Function::Sum, distinct: false, of: of.clone() };
            let periods = Expr::Aggregate { function: Function::Count, distinct: true, of: Box::new(key.clone()) };
            let mean = Expr::arithmetic(Arithmetic::Ratio, sum, periods);
            for sort in &mut self.select.order {
                if sort.by == before {
                    sort.by = mean.clone();
                }
            }
            self.select.items[i] = mean;
        }
        Ok(())
    }

    /// The largest less the smallest.
    pub(super) fn spread(&mut self) -> Result<(), String> {
        self.aggregate()?;
        for i in self.computed() {
            let before = self.select.items[i].clone();
            let Expr::Aggregate { of, .. } = &before else { continue };
            let end = |function| Expr::Aggregate { function, distinct: false, of: of.clone() };
            let spread = Expr::arithmetic(Arithmetic::Difference, end(Function::Maximum), end(Function::Minimum));
            for sort in &mut self.select.order {
                if sort.by == before {
                    sort.by = spread.clone();
                }
            }
            self.select.items[i] = spread;
        }
        Ok(())
    }
}
