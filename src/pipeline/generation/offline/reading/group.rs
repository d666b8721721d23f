//! Groupings ("by K", "per K", "for each K", "monthly") and explicit orders ("sorted by M").

use super::super::names::{Link, Target};
use super::super::plan::Grain;
use super::super::tokens::TokenKind;
use super::resolve::{Role, event_date};
use super::{GroupKey, Measure, Reader};
use crate::schema::ColumnId;

impl Reader<'_> {
    pub(super) fn read_groups(&mut self) {
        for i in 0..self.tokens.len() {
            if self.used[i] {
                continue;
            }
            if let Some(grain) = self.grain_at(i) {
                self.used[i] = true;
                self.frame.groups.push(GroupKey::Grain(grain));
                continue;
            }
            let Some(start) = self.group_start(i) else { continue };
            self.read_keys(i, start);
        }
    }

    /// "kwh used tariff 2025": a key right after a measure that adds up, where nothing but names is written.
    pub(super) fn read_keywords(&mut self) {
        let plain = |t: &super::Token| {
            matches!(t.kind, TokenKind::Name(_) | TokenKind::Time(_) | TokenKind::Value(_))
                || t.is(&["total", "sum", "number", "of", "average", "avg", "count"])
        };
        if !self.frame.groups.is_empty() || self.frame.rank.is_some() || !self.tokens.iter().all(plain) {
            return;
        }
        for i in 1..self.tokens.len() {
            let after_measure = self.is_name(i - 1) && self.is_measure(i - 1) && self.names_a_sum(i - 1);
            if after_measure && !self.used[i] && self.is_name(i) && self.is_table(i) {
                self.used[i] = true;
                self.frame.groups.push(GroupKey::Token(i));
                return;
            }
        }
    }

    /// The keys of a grouping: one or several, joined by "and" or commas.
    fn read_keys(&mut self, cue: usize, start: usize) {
        let mut at = start;
        loop {
            at = self.skip(at, &["the", "each", "every", "different", "of", "their", "its", "and", "individual", "a"]);
            if let Some((grain, end)) = self.grain_word(at) {
                self.mark(cue..end);
                self.frame.groups.push(GroupKey::Grain(grain));
                at = end;
            } else if self.is_name(at) && !self.used[at] && !self.is_ungroupable(at) {
                self.mark(cue..at + 1);
                self.frame.groups.push(GroupKey::Token(at));
                at += 1;
            } else {
                return;
            }
            let joined = self.word_at(at, &["and", ","]) || self.word_at(at, &["by"]);
            if !joined {
                return;
            }
            at += 1;
        }
    }

    /// A measure is no key, unless it is all that is known.
    pub(super) fn is_ungroupable(&self, i: usize) -> bool {
        self.is_measure(i) && self.best_column(i, Role::Group).is_none_or(|(c, _)| self.semantic(c).is_measure())
    }

    pub(super) fn group_start(&self, i: usize) -> Option<usize> {
        for phrase in [
            "for each",
            "in each",
            "of each",
            "at each",
            "from each",
            "for every",
            "in every",
            "with each",
            "on each",
            "to each",
            "by each",
            "grouped by",
            "group by",
            "broken down by",
            "split by",
            "breakdown by",
            "across",
        ] {
            if let Some(end) = self.phrase_at(i, phrase) {
                return Some(end);
            }
        }
        if self.word_at(i, &["per", "each", "every"]) {
            return Some(i + 1);
        }
        // "by" groups if a name or a calendar unit follows that can be a key.
        (self.word_at(i, &["by"])
            && !self.word_at(i.wrapping_sub(1), &["sorted", "ordered", "order", "sort", "ranked"]))
        .then_some(i + 1)
    }

    pub(super) fn grain_at(&self, i: usize) -> Option<Grain> {
        let token = self.token(i)?;
        match token.folded.as_str() {
            "daily" => Some(Grain::Day),
            "monthly" => Some(Grain::Month),
            "quarterly" => Some(Grain::Quarter),
            "yearly" | "annual" | "annually" => Some(Grain::Year),
            "weekly" if matches!(token.kind, TokenKind::Word) => Some(Grain::Week),
            _ => None,
        }
    }

    /// "month" in "by month", unless a column bears that very name.
    pub(super) fn grain_word(&self, i: usize) -> Option<(Grain, usize)> {
        let token = self.token(i)?;
        let grain = match token.lemma.as_str() {
            "day" | "date" => Grain::Day,
            "week" => Grain::Week,
            "month" => Grain::Month,
            "quarter" => Grain::Quarter,
            "year" => Grain::Year,
            "weekday" => Grain::Weekday,
            _ => return None,
        };
        let named = token.links().first().filter(|l| l.score >= 0.9);
        let elsewhere = |link: &Link| matches!(link.target, Target::Column(id) if self.is_of_other_rows(i, id));
        named.is_none_or(elsewhere).then_some((grain, i + 1))
    }

    /// "rides per month" where a table of monthly budgets has a month: what is spoken of has a date of its own and meets
    /// several of those rows.
    fn is_of_other_rows(&self, i: usize, id: ColumnId) -> bool {
        let spoken = |j: usize| {
            let measured = || self.best_column(j, Role::Measure).map(|(c, _)| c.table);
            if self.is_table(j) { self.table_of(j) } else { measured() }
        };
        let others = (0..self.tokens.len()).filter(|j| *j != i && self.is_name(*j)).filter_map(spoken);
        let mut dated =
            others.filter(|t| event_date(self.ground.schema, *t).is_some_and(|(_, event)| event)).peekable();
        dated.peek().is_some() && dated.all(|table| self.fans_out(table, id.table))
    }

    /// "sorted by M descending", "in alphabetical order of K", "from highest to lowest M".
    pub(super) fn read_orders(&mut self) {
        for i in 0..self.tokens.len() {
            if self.used[i] {
                continue;
            }
            let cue = [
                "sorted by",
                "ordered by",
                "order by",
                "sort by",
                "sorted in",
                "ordered in",
                "in order of",
                "ranked by",
                "arranged by",
                "sort",
                "order",
            ]
            .iter()
            .find_map(|p| self.phrase_at(i, p));
            if let Some(mut at) = cue {
                let before = at;
                at = self.skip(
                    at,
                    &[
                        "the",
                        "their",
                        "its",
                        "of",
                        "by",
                        "ascending",
                        "descending",
                        "alphabetical",
                        "increasing",
                        "decreasing",
                        "order",
                        "in",
                        "alphabetically",
                        "them",
                        "results",
                        "result",
                        "list",
                        "a",
                        "an",
                        "each",
                    ],
                );
                if let Some((measure, end)) = self.order_key(at) {
                    let descending = self.descends(before, end);
                    self.mark(i..end);
                    self.frame.order.push((measure, descending));
                    continue;
                }
            }
            let directed = [
                "in ascending order of",
                "in descending order of",
                "in alphabetical order of",
                "in decreasing order of",
                "in increasing order of",
                "in the order of",
                "in lexicographical order of",
                "in ascending alphabetical order of",
                "in reverse alphabetical order of",
            ];
            if let Some(at) = directed.iter().find_map(|p| self.phrase_at(i, p)) {
                let at = self.skip(at, &["the", "their", "its"]);
                if let Some((measure, end)) = self.order_key(at) {
                    let descending = self.descends(i, end);
                    self.mark(i..end);
                    self.frame.order.push((measure, descending));
                }
            } else if self.frame.order.is_empty()
                && (self.phrase_at(i, "in alphabetical order").is_some()
                    || self.word_at(i, &["alphabetically"])
                    || self.phrase_at(i, "in lexicographic order").is_some())
            {
                // The first thing asked for is put in order.
                if let Some(first) = (0..i).find(|j| self.is_name(*j) && !self.is_table(*j)) {
                    self.used[i] = true;
                    let descending = self.descends(i, (i + 4).min(self.tokens.len()));
                    self.frame.order.push((Measure::Plain(first), descending));
                }
            }
        }
    }

    fn order_key(&mut self, at: usize) -> Option<(Measure, usize)> {
        // "sorted by the customer names": the table only says whose names.
        let at = if self.is_table(at) && self.is_name(at + 1) && !self.is_table(at + 1) { at + 1 } else { at };
        self.measure_phrase(at).or_else(|| (self.is_name(at)).then_some((Measure::Plain(at), at + 1)))
    }

    fn descends(&self, from: usize, to: usize) -> bool {
        (from..(to + 5).min(self.tokens.len())).any(|j| {
            self.word_at(j, &["descending", "decreasing", "desc", "reverse", "reversed", "descendingly"])
                || self.phrase_at(j, "highest to lowest").is_some()
                || self.phrase_at(j, "largest to smallest").is_some()
                || self.phrase_at(j, "high to low").is_some()
                || self.phrase_at(j, "most recent first").is_some()
                || self.phrase_at(j, "biggest first").is_some()
                || self.phrase_at(j, "highest first").is_some()
        })
    }
}
