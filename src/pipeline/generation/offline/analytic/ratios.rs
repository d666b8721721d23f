//! Two measures in one figure: ratios, differences.

use super::super::plan::{Arithmetic, Function};
use super::Analytic;
use super::phrases::Phrases;
use crate::schema::{ColumnId, SemanticType};

impl Phrases<'_> {
    pub fn take_ratios(&mut self) {
        let _ = self.take_price_comparison()
            || self.take_weighted()
            || self.take_far()
            || self.take_ratio_of()
            || self.take_divided()
            || self.take_per();
    }

    /// "price index against X", "price gap to X": our price and theirs, where no column holds the figure itself.
    fn take_price_comparison(&mut self) -> bool {
        if self.take_index() {
            return true;
        }
        for (word, operator) in
            [("index", Arithmetic::Percent), ("gap", Arithmetic::Difference), ("gaps", Arithmetic::Difference)]
        {
            let Some(at) = (1..self.tokens.len()).find(|i| self.word(*i, &[word])) else { continue };
            if !self.is_name(at - 1) || !self.finder.is_measure(at - 1) {
                continue;
            }
            let Some((own, other)) = self.finder.own_and_other_price() else { continue };
            let end = self.skip(
                at + 1,
                &[
                    "against", "to", "vs", "versus", "with", "compared", "between", "us", "and", "our", "price",
                    "from", "of",
                ],
            );
            self.take(at..end);
            let mean = |id| super::Expr::aggregate(Function::Average, id);
            self.push(Analytic::Instead(super::Expr::arithmetic(operator, mean(own), mean(other))));
            return true;
        }
        false
    }

    /// "CPI by competitor", where no column holds it: our price in percent of theirs.
    fn take_index(&mut self) -> bool {
        let Some(at) = (0..self.tokens.len())
            .find(|i| self.word(*i, &["cpi"]) && matches!(self.tokens[*i].kind, super::super::tokens::TokenKind::Word))
        else {
            return false;
        };
        let Some((own, other)) = self.finder.own_and_other_price() else { return false };
        let start = if at > 0 && self.word(at - 1, &["average", "avg", "mean"]) { at - 1 } else { at };
        let end = self.skip(at + 1, &["against", "vs", "versus"]);
        self.take(start..end);
        let mean = |id| super::Expr::aggregate(Function::Average, id);
        self.push(Analytic::Instead(super::Expr::arithmetic(Arithmetic::Percent, mean(own), mean(other))));
        true
    }

    /// "average elasticity weighted by revenue".
    fn take_weighted(&mut self) -> bool {
        let (measure, weight, taken) = if let Some(range) = self.find(["weighted by", "weighted with"]) {
            let measure = (0..range.start).rev().find(|i| self.is_name(*i) && self.average_of(*i).is_some());
            let weight = self.skip(range.end, &["the", "total", "our"]);
            let Some(measure) = measure else { return false };
            (measure, weight, range.start..weight + 1)
        } else if let Some(at) = (1..self.tokens.len()).find(|i| self.word(*i, &["weighted"])) {
            let measure = self.skip(at + 1, &["average", "mean", "avg"]);
            (measure, at - 1, at - 1..at + 1)
        } else {
            return false;
        };
        if !self.is_name(measure) || !self.is_name(weight) || !self.finder.is_measure(weight) {
            return false;
        }
        let (Some(what), Some(by)) = (self.average_of(measure), self.finder.measured_column(weight)) else {
            return false;
        };
        self.take(taken);
        // A percent that is a quotient of sums is weighted by its whole already.
        if matches!(self.ground.schema.profile(what).semantic, SemanticType::Percent) {
            return true;
        }
        let column = super::Expr::Column;
        let sum = |of| super::Expr::Aggregate { function: Function::Sum, distinct: false, of: Box::new(of) };
        let products = sum(super::Expr::arithmetic(Arithmetic::Product, column(what), column(by)));
        self.push(Analytic::Instead(super::Expr::arithmetic(Arithmetic::Ratio, products, sum(column(by)))));
        true
    }

    /// The column that a name averages.
    fn average_of(&mut self, i: usize) -> Option<ColumnId> {
        let mut figure = self.finder.measure(i)?.0;
        loop {
            figure = match figure {
                super::Expr::Column(id) => return Some(id),
                super::Expr::Aggregate { of, .. } | super::Expr::Magnitude(of) => *of,
                _ => return None,
            };
        }
    }

    /// "how far is A from B": the mean difference.
    fn take_far(&mut self) -> bool {
        let Some(range) = self.find(["how far above is", "how far below is", "how far is", "how far are"]) else {
            return false;
        };
        let first = self.skip(range.end, &["the", "our", "average"]);
        let Some(joint) = (first + 1..self.tokens.len()).find(|i| self.word(*i, &["from", "above", "below", "to"]))
        else {
            return false;
        };
        let Some((right, end)) = self.finder.measure(joint + 1) else { return false };
        if !self.is_name(first) || !self.finder.is_measure(first) {
            return false;
        }
        self.take(range);
        self.take(joint..end);
        self.push(Analytic::Beside { operator: Arithmetic::Difference, right });
        true
    }

    /// "ratio of A to B", "difference between A and B".
    fn take_ratio_of(&mut self) -> bool {
        let cues = [
            ("ratio of", Arithmetic::Ratio),
            ("ratio between", Arithmetic::Ratio),
            ("difference between", Arithmetic::Difference),
            ("difference of", Arithmetic::Difference),
            ("gap between", Arithmetic::Difference),
            ("spread between", Arithmetic::Difference),
        ];
        for (cue, operator) in cues {
            let Some(range) = self.find([cue]) else { continue };
            let first = self.skip(range.end, &["the", "total", "average", "mean", "our"]);
            let Some(joint) = (first + 1..self.tokens.len()).find(|i| self.word(*i, &["to", "and", "over"])) else {
                continue;
            };
            if !(first..joint).any(|i| self.finder.is_measure(i) || self.finder.is_table(i)) {
                continue;
            }
            if let Some((right, end)) = self.finder.measure(joint + 1) {
                self.take(range);
                self.take(joint..end);
                self.push(Analytic::Beside { operator, right });
                return true;
            }
        }
        false
    }

    /// "A divided by B", "A minus B", "A to B ratio".
    fn take_divided(&mut self) -> bool {
        let cues = [
            ("divided by", Arithmetic::Ratio),
            ("relative to", Arithmetic::Ratio),
            ("minus", Arithmetic::Difference),
            ("less", Arithmetic::Difference),
            ("to", Arithmetic::Ratio),
        ];
        for (cue, operator) in cues {
            for i in 1..self.tokens.len() {
                let Some(at) = self.phrase(i, cue) else { continue };
                if !self.is_measure_or_count(i - 1) {
                    continue;
                }
                let Some((right, end)) = self.finder.measure(at) else { continue };
                let last = if cue == "to" {
                    if !self.word(end, &["ratio"]) {
                        continue;
                    }
                    end + 1
                } else {
                    end
                };
                self.take(i..last);
                self.push(Analytic::Beside { operator, right });
                return true;
            }
        }
        false
    }

    fn is_measure_or_count(&self, i: usize) -> bool {
        self.is_name(i) && (self.finder.is_measure(i) || self.finder.is_table(i))
    }

    /// "revenue per unit", "average number of loans per member".
    fn take_per(&mut self) -> bool {
        for i in 1..self.tokens.len() {
            if !self.word(i, &["per"]) {
                continue;
            }
            let at = self.skip(i + 1, &["the", "each"]);
            if self.is_name(at)
                && (self.finder.is_measure(at) && !self.finder.is_key(at) || self.finder.names_a_sum(at))
                && self.is_measure_or_count(i - 1)
            {
                let same = self.finder.measured_column(i - 1).zip(self.finder.measured_column(at));
                let schema = self.ground.schema;
                // A price is per unit already.
                let price = same.is_some_and(|(left, _)| schema.profile(left).semantic == SemanticType::UnitPrice);
                let Some((right, end)) = self.finder.measure(at) else { continue };
                self.take(i..end);
                if !price {
                    self.push(Analytic::Beside { operator: Arithmetic::Ratio, right });
                }
                return true;
            }
            // "the average number of loans per member"
            let counted = (0..i).rev().take(5).find(|j| self.word(*j, &["average", "mean", "avg"]));
            let Some(mean) = counted else { continue };
            let number = self.phrase(mean + 1, "number of").or_else(|| self.phrase(mean + 1, "count of"));
            if let Some(start) = number
                && self.finder.is_table(at)
                && let Some(table) = self.finder.table(at)
                && self.is_name(start)
            {
                self.take(mean..mean + 1);
                self.take(i..at + 1);
                let counted = self.finder.table(start);
                // Each of them once, by the key that the counted rows have to it: a join would repeat it.
                let schema = self.ground.schema;
                let key = counted.and_then(|rows| {
                    schema.foreign_keys.iter().find(|k| k.from.table == rows && k.to.table == table).map(|k| k.from)
                });
                let right = match key {
                    Some(key) => {
                        let of = Box::new(super::Expr::Column(key));
                        super::Expr::Aggregate { function: Function::Count, distinct: true, of }
                    }
                    None => super::Expr::CountRows(table),
                };
                self.push(Analytic::Beside { operator: Arithmetic::Ratio, right });
                return true;
            }
        }
        false
    }
}
