//! Superlatives that say by what: "the cheapest", "the highest M", "with the most T", "the second largest".

use super::super::names::Target;
use super::super::tokens::TokenKind;
use super::rank::{HIGH, LOW};
use super::resolve::Role;
use super::{Measure, Rank, Reader};
use crate::language::{Direction, lexicon};
use crate::schema::ColumnId;

/// A larger number right after a superlative is no number of rows.
const MOST_ROWS: u64 = 1000;
/// How many rows come before the one that an ordinal asks for.
const ORDINALS: [(&str, &str, u64); 4] =
    [("second", "2nd", 1), ("third", "3rd", 2), ("fourth", "4th", 3), ("fifth", "5th", 4)];

impl Reader<'_> {
    /// "cheapest", "most expensive", "best-selling": adjectives that bring their measure.
    pub(super) fn adjective_at(&mut self, i: usize) -> Option<usize> {
        let (adjective, end) =
            lexicon().adjectives.iter().flat_map(|a| a.most.iter().map(move |m| (a, m))).find_map(|(a, most)| {
                let end = self.phrase_at(i, most)?;
                Some((a, end))
            })?;
        let (measure, reversed) = self.adjective_measure(&adjective.measures, i)?;
        let direction = if reversed { adjective.direction.reversed() } else { adjective.direction };
        let (number, end) = self.counted_rows(i, end);
        // The measure may be named right after: "lowest priced", "longest duration".
        let named = self
            .measure_phrase(end)
            .filter(|_| self.is_measure(end) && self.is_best_as_measure(end) && !self.semantic(measure).is_time());
        self.mark(i..end);
        let word = self.tokens[i].folded.clone();
        let offset = self.take_ordinal(i);
        let rank = self.frame.rank.get_or_insert_with(Rank::default);
        rank.descending = direction == Direction::High;
        if rank.word == "bottom" || rank.word == "worst" {
            // "bottom 10 lowest": both say the same.
            rank.descending = direction == Direction::High && !rank.descending;
        }
        rank.measure = Some(Measure::Column(measure));
        rank.word = word;
        rank.offset = offset;
        if let Some(number) = number {
            rank.limit = Some(number);
            rank.show = true;
        }
        // "best selling by revenue", "best seller (units)"
        if adjective.positive == "selling" || adjective.positive == "slow-selling" {
            self.rank_by(end);
        }
        self.rank_by_measure(end);
        if let Some((measure, named_end)) = named
            && named_end == end + 1
        {
            self.mark(end..named_end);
            if let Some(rank) = &mut self.frame.rank {
                rank.measure = Some(measure);
            }
            return Some(named_end);
        }
        Some(end)
    }

    /// "the largest X by M": the measure is said after all.
    fn rank_by_measure(&mut self, from: usize) {
        for i in from..self.tokens.len() {
            let at = self.skip(i + 1, &["the", "their", "its", "total", "overall"]);
            if self.used[i] || !self.word_at(i, &["by"]) || !self.is_name(at) || !self.is_measure(at) {
                continue;
            }
            if self.is_ungroupable(at)
                && let Some((measure, end)) = self.measure_phrase(i + 1)
            {
                self.mark(i..end);
                if let Some(rank) = &mut self.frame.rank {
                    rank.measure = Some(measure);
                }
            }
            return;
        }
    }

    /// How many rows a superlative asks for, said before it or right after it ("the 3 cheapest", "the cheapest 3"), and
    /// where the words after it begin.
    fn counted_rows(&mut self, i: usize, end: usize) -> (Option<u64>, usize) {
        if let Some(number) = i.checked_sub(1).filter(|j| !self.used[*j]).and_then(|j| self.count_at(j)) {
            self.used[i - 1] = true;
            return (Some(number), end);
        }
        // "the cheapest 3 of them", not "the shortest 3 hour trip".
        let things = |j: usize| {
            self.token(j).is_some_and(|t| matches!(t.kind, TokenKind::Name(_) | TokenKind::Value(_)))
                || self.word_at(j, &["of", "in", "by"])
        };
        match self.count_at(end).filter(|n| *n <= MOST_ROWS && !self.used[end] && things(end + 1)) {
            Some(number) => {
                self.used[end] = true;
                (Some(number), end + 1)
            }
            None => (None, end),
        }
    }

    /// "the second largest": how many rows are passed over.
    fn take_ordinal(&mut self, i: usize) -> u64 {
        let ordinal = ORDINALS.iter().find(|(word, short, _)| i > 0 && self.word_at(i - 1, &[word, short]));
        if ordinal.is_some() {
            self.used[i - 1] = true;
        }
        ordinal.map_or(0, |(_, _, before)| *before)
    }

    /// No key or name fits the token better than a measure does.
    fn is_best_as_measure(&self, i: usize) -> bool {
        let links = self.tokens[i].links();
        let best = links.first().map_or(0.0, |l| l.score);
        links.iter().take_while(|l| l.score >= best - 0.05).any(|l| match l.target {
            Target::Column(id) => self.semantic(id).is_measure(),
            Target::Metric(_) => true,
            Target::Table(table) => self.is_about_measures(table),
        })
    }

    /// The first of the columns at hand that an adjective may speak of.
    pub(super) fn standing_measure(&self, measures: &[String], standing: &[ColumnId]) -> Option<ColumnId> {
        let spoken = |id: &ColumnId| {
            measures.iter().any(|phrase| {
                let lemmas: Vec<&str> = phrase.split(' ').collect();
                self.ground.names.look_up(&lemmas).iter().any(|link| link.target == Target::Column(*id))
            })
        };
        let measured = |id: &&ColumnId| self.semantic(**id).is_measure();
        standing.iter().filter(measured).find(|id| spoken(id)).copied()
    }

    /// The column that an adjective speaks of, and whether more of the column is less of the adjective.
    pub(super) fn adjective_measure(&mut self, measures: &[String], near: usize) -> Option<(ColumnId, bool)> {
        let schema = self.ground.schema;
        let mut best: Option<(f64, ColumnId, bool)> = None;
        for (rank, phrase) in measures.iter().enumerate() {
            let lemmas: Vec<&str> = phrase.split(' ').collect();
            for link in self.ground.names.look_up(&lemmas) {
                let mut strength = link.score;
                let id = match link.target {
                    Target::Column(id) => id,
                    Target::Table(table) if self.is_about_measures(table) => match self.first_measure(table) {
                        // A guess at what the table is about, behind every column that is named so.
                        Some(id) => {
                            strength -= 0.3;
                            id
                        }
                        None => continue,
                    },
                    _ => continue,
                };
                let semantic = schema.profile(id).semantic;
                if !(semantic.is_measure() || semantic.is_time()) {
                    continue;
                }
                let reachable = self.evidence[id.table.0].min(1.5);
                let competitor_words = self.competitor_bonus(id, near);
                let score = strength - 0.1 * rank as f64 + 0.45 * reachable + competitor_words;
                // "oldest" by age is high, by date of birth low.
                let reversed = semantic.is_time() && matches!(measures[0].as_str(), "age");
                if best.is_none_or(|(b, ..)| score > b + 1e-9) {
                    best = Some((score, id, reversed));
                }
            }
        }
        let (score, id, reversed) = best?;
        self.links.push((measures[0].clone(), score.min(0.85)));
        Some((id, reversed))
    }

    fn first_measure(&self, table: crate::schema::TableId) -> Option<ColumnId> {
        let columns = self.ground.schema.table(table).columns.len();
        (0..columns).map(|column| ColumnId { table, column }).find(|c| self.semantic(*c).is_measure())
    }

    /// Each thing that the table refers to has one row in it, so that counting its rows says nothing.
    pub(super) fn has_one_row_each(&self, table: crate::schema::TableId) -> bool {
        let schema = self.ground.schema;
        schema.foreign_keys.iter().any(|k| k.from.table == table && (k.one_to_one || schema.profile(k.from).unique))
    }

    /// "which competitor is cheapest": the price of the thing that is spoken of, not another one in the table.
    fn competitor_bonus(&self, id: ColumnId, near: usize) -> f64 {
        let words = self.ground.names.column_words(id);
        let lexicon = lexicon();
        let says = |t: &super::Token, w: &String| {
            t.lemma == *w || lexicon.synonyms(&t.lemma).iter().any(|(s, strength)| s == w && *strength >= 0.85)
        };
        let spoken = self.tokens[..(near + 4).min(self.tokens.len())]
            .iter()
            .any(|t| words.len() > 1 && words[..words.len() - 1].iter().any(|w| says(t, w)));
        if spoken { 0.3 } else { 0.0 }
    }

    /// "the highest M", "with the most T", "the least number of T".
    pub(super) fn superlative_at(&mut self, i: usize) -> Option<usize> {
        let descending = if self.word_at(i, &HIGH) && !self.word_at(i, &["top"]) {
            true
        } else if self.word_at(i, &LOW) && !self.word_at(i, &["bottom"]) {
            false
        } else {
            return None;
        };
        // "at least 3" and "at most 3" compare.
        if i > 0 && self.word_at(i - 1, &["at"]) {
            return None;
        }
        // "most common", "most frequent", "most popular": the value that most rows hold.
        if let Some(end) = self.frequency_at(i, descending) {
            return Some(end);
        }
        let (number, start) = self.counted_rows(i, i + 1);
        let at = self.skip(start, &["total", "overall", "the", "of"]);
        let (measure, end) = self.measure_phrase(at)?;
        // "the highest total cost" adds up even what else is averaged.
        let summed = (i + 1..at).any(|j| self.word_at(j, &["total", "overall"]));
        let measure = match measure {
            Measure::Plain(j) if summed => Measure::Aggregate(super::Function::Sum, j),
            other => other,
        };
        // "the most observations" counts rows, though the word links to their date.
        let measure = match measure {
            Measure::Plain(j) if self.word_at(i, &["most", "least", "fewest"]) => {
                match self.best_column(j, Role::Measure) {
                    Some((id, _)) if self.semantic(id).is_time() => Measure::Rows(id.table),
                    _ => Measure::Plain(j),
                }
            }
            other => other,
        };
        // "the most orders" counts them; "the biggest orders" does not say by what.
        let bare = at + 1 == end && self.is_table(at);
        if bare && matches!(measure, Measure::Count(_)) && !self.word_at(i, &["most", "least", "fewest"]) {
            return None;
        }
        // "what is the highest M of ..." without anything ranked asks for the number itself.
        let extreme_word = self.word_at(i, &["maximum", "minimum", "max", "min"]);
        let already = self.frame.rank.is_some();
        if !already
            && !matches!(measure, Measure::Count(_) | Measure::CountDistinct(_))
            && (extreme_word || !self.ranks_something(i))
            && number.is_none()
        {
            return None;
        }
        self.mark(i..end);
        if let Some(number) = number {
            let rank = self.frame.rank.get_or_insert_with(Rank::default);
            rank.limit = Some(number);
            rank.show = true;
        }
        let offset = self.take_ordinal(i);
        let word = self.tokens[i].folded.clone();
        // "the worst result, that is the highest value": what was vague is said after all.
        self.vague = None;
        let rank = self.frame.rank.get_or_insert_with(Rank::default);
        rank.measure = Some(measure);
        rank.descending = descending;
        rank.word = word;
        rank.offset = offset;
        Some(end)
    }

    /// Something is named that can be ranked: an entity before "with the highest", or "which X has the highest".
    fn ranks_something(&self, i: usize) -> bool {
        let before = &self.tokens[..i];
        let linked = before.iter().any(|t| matches!(t.kind, TokenKind::Name(_)));
        let verb = before.iter().any(|t| {
            t.is(&[
                "with", "has", "have", "had", "having", "that", "whose", "which", "who", "makes", "made", "earns",
                "gets", "received", "got",
            ])
        });
        // "lowest margin items": the entity comes right after the measure.
        let after = (i + 2..(i + 5).min(self.tokens.len())).any(|j| self.is_name(j) && self.is_table(j));
        linked && verb || after
    }
}
