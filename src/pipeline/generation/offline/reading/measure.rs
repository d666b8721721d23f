//! Aggregates asked for: "how many T", "number of T", "average M", "total M".

use super::super::plan::Function;
use super::super::tokens::TokenKind;
use super::resolve::Role;
use super::{Measure, Reader};
use crate::language::{identifier_words, lexicon};
use crate::schema::{ColumnId, TableId};

impl Reader<'_> {
    /// "how many X", "number of X", "count the X".
    pub(super) fn read_counts(&mut self) {
        for i in 0..self.tokens.len() {
            if self.used[i] {
                continue;
            }
            // "product count"
            if self.is_table(i) && self.word_at(i + 1, &["count", "counts"]) && !self.used[i + 1] {
                // "amenities per vessel count" counts what is before the key.
                let key = i > 0 && self.word_at(i - 1, &["per", "by"]);
                let counted = if key { (0..i - 1).find(|j| self.is_table(*j)) } else { Some(i) };
                if let Some(counted) = counted {
                    self.used[counted] = true;
                    self.used[i + 1] = true;
                    self.frame.measures.push(self.count_measure(counted));
                    continue;
                }
            }
            if self.days_at(i) {
                continue;
            }
            let start = [
                "how many",
                "total number of",
                "number of",
                "numbers of",
                "count of",
                "how much",
                "how often",
                "how many times",
                "count",
            ]
            .iter()
            .find_map(|p| self.phrase_at(i, p));
            let Some(end) = start else { continue };
            // "M above the number" and "order by count" are read elsewhere.
            let much = self.phrase_at(i, "how much").is_some();
            let target = self.skip(
                end,
                &[
                    "the",
                    "different",
                    "distinct",
                    "unique",
                    "all",
                    "of",
                    "total",
                    "other",
                    "is",
                    "are",
                    "there",
                    "in",
                    "number",
                ],
            );
            let distinct = (end..target).any(|j| self.word_at(j, &["different", "distinct", "unique"]));
            if let Some((table, last)) = self.counted_events(target) {
                for j in i..last {
                    self.used[j] |= !matches!(self.tokens[j].kind, TokenKind::Value(_));
                }
                self.frame.measures.push(Measure::Rows(table));
                continue;
            }
            let Some(target) = self.counted_name(target) else { continue };
            let compared = self.comparison_follows(target);
            if compared && i > 0 && !much && !self.word_at(i, &["how"]) {
                continue;
            }
            let measure = if much {
                Measure::Aggregate(Function::Sum, target)
            } else if distinct && !self.is_table(target) {
                Measure::CountDistinct(target)
            } else {
                self.count_measure(target)
            };
            self.mark(i..end);
            self.used[target] = true;
            self.frame.measures.push(measure);
        }
    }

    /// "how many selling days": the different dates of a table.
    fn days_at(&mut self, i: usize) -> bool {
        let Some(end) = ["how many", "number of"].iter().find_map(|p| self.phrase_at(i, p)) else { return false };
        let at = self.skip(end, &["different", "distinct", "unique", "of", "the"]);
        let name = (at..at + 2).find(|j| self.is_name(*j));
        let day = (at..at + 2).find(|j| self.token(*j).is_some_and(|t| matches!(t.lemma.as_str(), "day" | "date")));
        let (Some(name), Some(day)) = (name, day) else { return false };
        let table = self.table_of(name).or_else(|| self.best_column(name, Role::Measure).map(|(id, _)| id.table));
        let Some(id) = table.and_then(|t| self.time_column(t)).filter(|_| day == name + 1 && name == at) else {
            return false;
        };
        self.mark(i..day + 1);
        self.frame.measures.push(Measure::Values(id));
        true
    }

    /// "price increases per month": what is split by a key and is a value of a table of events counts them.
    pub(super) fn read_events_of_groups(&mut self) {
        if !self.frame.measures.is_empty() || self.frame.groups.is_empty() || self.frame.rank.is_some() {
            return;
        }
        for i in 0..self.tokens.len() {
            if self.used[i] {
                continue;
            }
            if let Some((table, last)) = self.counted_events(i) {
                for j in i..last {
                    self.used[j] |= !matches!(self.tokens[j].kind, TokenKind::Value(_));
                }
                self.frame.measures.push(Measure::Rows(table));
                return;
            }
        }
    }

    /// "price increases", "raise prices": a value of a table of events, beside a word of that table. Gives the table and
    /// the end of the words that are used up (the value still filters).
    fn counted_events(&self, from: usize) -> Option<(TableId, usize)> {
        let at = self.skip(from, &["did", "do", "we", "they", "have", "has", "our", "its", "a", "times"]);
        let pair = [(at, at + 1), (at + 1, at)];
        pair.into_iter().find_map(|(name, value)| {
            let TokenKind::Value(mention) = self.token(value)?.kind else { return None };
            if !self.is_name(name) || self.used[name] {
                return None;
            }
            let hits = &self.ground.analysis.values[mention].hits;
            let table = hits.iter().map(|h| h.column.table).find(|t| self.is_dated(*t) && self.speaks_of(*t, name))?;
            Some((table, name + 1))
        })
    }

    fn is_dated(&self, table: TableId) -> bool {
        self.scored_time_column(table).is_some_and(|(_, event)| event)
    }

    /// The table or one of its columns bears a word of the name.
    fn speaks_of(&self, table: TableId, name: usize) -> bool {
        let lemma = &self.tokens[name].lemma;
        let schema = self.ground.schema;
        let bears = |name: &str| {
            identifier_words(name).iter().any(|w| {
                w == lemma || lexicon().synonyms(lemma).iter().any(|(s, strength)| s == w && *strength >= 0.85)
            })
        };
        bears(&schema.table(table).name) || schema.table(table).columns.iter().any(|c| bears(&c.name))
    }

    /// The name that is counted, past adjectives and values ("how many female students").
    fn counted_name(&self, from: usize) -> Option<usize> {
        let mut i = from;
        while i < self.tokens.len() && i < from + 5 {
            match &self.tokens[i].kind {
                TokenKind::Name(_) if !self.used[i] => {
                    // "how many price increases": the last name of the run is the thing.
                    if self.is_name(i + 1) && !self.used[i + 1] && self.is_table(i + 1) {
                        return Some(i + 1);
                    }
                    return Some(i);
                }
                TokenKind::Value(_) | TokenKind::Number(_) => {}
                TokenKind::Word
                    if !self.tokens[i]
                        .is(&["in", "by", "per", "with", "for", "that", "who", "which", "where", "from"]) => {}
                _ => return None,
            }
            i += 1;
        }
        None
    }

    fn comparison_follows(&self, i: usize) -> bool {
        let at = self.skip(i + 1, &["is", "are", "was", "were", "that"]);
        self.word_at(
            at,
            &[
                "greater",
                "more",
                "less",
                "above",
                "below",
                "over",
                "under",
                "exceeds",
                "exceeding",
                "bigger",
                "larger",
                "smaller",
                "fewer",
            ],
        )
    }

    /// What counting a name means: rows of a table, values of a column, or the sum of a quantity.
    pub(super) fn count_measure(&self, i: usize) -> Measure {
        if self.is_table(i) {
            return Measure::Count(i);
        }
        match self.best_column(i, Role::Output) {
            Some((id, _)) if self.semantic(id).is_additive() => Measure::Aggregate(Function::Sum, i),
            Some(_) if self.table_of(i).is_none() => Measure::CountDistinct(i),
            _ => Measure::Count(i),
        }
    }

    /// "average M", "the total of M", "minimum and maximum M".
    pub(super) fn read_aggregates(&mut self) {
        let mut i = 0;
        while i < self.tokens.len() {
            if self.used[i] {
                i += 1;
                continue;
            }
            let Some((first, mut at)) = self.function_at(i) else {
                i += 1;
                continue;
            };
            let mut functions = vec![first];
            // "minimum, average and maximum M"
            loop {
                let next = self.skip(at, &["and", "the"]);
                let next = if self.word_at(next, &[","]) { self.skip(next + 1, &["and", "the"]) } else { next };
                match self.function_at(next) {
                    Some((function, end)) => {
                        functions.push(function);
                        at = end;
                    }
                    None => break,
                }
            }
            let target =
                self.skip(at, &["of", "the", "all", "number", "amount", "value", "their", "its", "each", "for", "in"]);
            let Some(target) = self.aggregate_target(target) else {
                if let Some((id, end)) = self.value_target(target) {
                    self.frame.measures.extend(functions.iter().map(|f| Measure::Extreme(*f, id)));
                    for j in i..end {
                        self.used[j] |= !matches!(self.tokens[j].kind, TokenKind::Value(_));
                    }
                }
                i = at;
                continue;
            };
            self.mark(i..at);
            self.used[target] = true;
            for function in functions {
                let measure = if self.is_table(target)
                    && self.best_column(target, Role::Measure).is_none_or(|(c, _)| !self.semantic(c).is_measure())
                {
                    match self.resolve_table(target).and_then(|t| self.main_measure(t)) {
                        Some(column) if function != Function::Count => {
                            self.frame.measures.push(Measure::Column(column));
                            continue;
                        }
                        _ => Measure::Count(target),
                    }
                } else {
                    Measure::Aggregate(function, target)
                };
                self.frame.measures.push(measure);
            }
            // "average age and weight": the function holds for both.
            if let Some(second) = self.coordinated(target) {
                self.used[second] = true;
                self.frame.measures.push(Measure::Aggregate(first, second));
            }
            i = target + 1;
        }
    }

    /// "average creatinine value": the measured value of what a value of the database names.
    fn value_target(&self, i: usize) -> Option<(ColumnId, usize)> {
        let TokenKind::Value(mention) = self.token(i)?.kind else { return None };
        if !self.word_at(i + 1, &["value", "values", "level", "levels", "reading", "readings", "result", "results"]) {
            return None;
        }
        let schema = self.ground.schema;
        let named = self.ground.analysis.values[mention].hits.first()?.column.table;
        let refers = |table: TableId| schema.foreign_keys.iter().any(|k| k.from.table == table && k.to.table == named);
        let only = |table: TableId| self.only_measure(table);
        schema.table_ids().filter(|t| refers(*t)).find_map(only).map(|id| (id, i + 2))
    }

    fn aggregate_target(&self, i: usize) -> Option<usize> {
        (i..(i + 4).min(self.tokens.len()))
            .find(|j| self.is_name(*j) && !self.used[*j])
            .filter(|j| {
                (i..*j).all(|k| {
                    matches!(self.tokens[k].kind, TokenKind::Word | TokenKind::Value(_))
                        && !self.word_at(k, &["by", "per", "than"])
                })
            })
            .map(|j| {
                // "average customer age": the measure is the last name of the run.
                if self.is_name(j + 1) && !self.is_measure(j) && self.is_measure(j + 1) { j + 1 } else { j }
            })
    }

    fn coordinated(&self, i: usize) -> Option<usize> {
        let at = i + 1;
        (self.word_at(at, &["and"]) && self.is_name(at + 1) && !self.used[at + 1] && self.is_measure(at + 1))
            .then_some(at + 1)
    }

    /// An aggregate word at `i`, and where the words after it begin.
    pub(super) fn function_at(&self, i: usize) -> Option<(Function, usize)> {
        let token = self.token(i)?;
        if self.used[i] || !matches!(token.kind, TokenKind::Word) {
            return None;
        }
        let function = match token.folded.as_str() {
            "average" | "avg" | "mean" => Function::Average,
            "total" | "sum" | "overall" | "combined" => Function::Sum,
            "maximum" | "max" | "highest" | "largest" | "greatest" | "biggest" => Function::Maximum,
            "minimum" | "min" | "lowest" | "smallest" => Function::Minimum,
            _ => return None,
        };
        // "on average" says how, not what.
        if function == Function::Average && i > 0 && self.word_at(i - 1, &["on", "above", "below"]) {
            return None;
        }
        Some((function, i + 1))
    }
}
