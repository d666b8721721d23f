//! Rankings said without a superlative of their own: "who joined last", "costs the most", "what is the longest delay",
//! "the best products".

use super::super::tokens::TokenKind;
use super::resolve::Role;
use super::{Measure, Rank, Reader};
use crate::language::{Direction, lexicon};

impl Reader<'_> {
    /// "who joined last", "that opened first": the end of a date that a verb names.
    pub(super) fn dated_at(&mut self, i: usize) -> Option<usize> {
        let descending = if self.word_at(i + 1, &["last", "latest"]) || self.phrase_at(i + 1, "most recently").is_some()
        {
            true
        } else if self.word_at(i + 1, &["first", "earliest"]) {
            false
        } else {
            return None;
        };
        let (id, score) = self.best_column(i, Role::Time).filter(|(id, _)| self.semantic(*id).is_time())?;
        if self.is_table(i) || !self.is_name(i) || self.frame.rank.is_some() || score < 0.35 {
            return None;
        }
        let end = self.phrase_at(i + 1, "most recently").unwrap_or(i + 2);
        self.record(i, score.max(0.7));
        self.mark(i..end);
        let word = self.tokens[i + 1].folded.clone();
        self.frame.rank = Some(Rank { measure: Some(Measure::Column(id)), descending, word, ..Rank::default() });
        Some(end)
    }

    /// "costs the most", "weighs least": a measure said as a deed.
    pub(super) fn deed_at(&mut self, i: usize) -> Option<usize> {
        let at = self.skip(i + 1, &["the"]);
        let descending = if self.word_at(at, &["most"]) {
            true
        } else if self.word_at(at, &["least"]) {
            false
        } else {
            return None;
        };
        let measured = self.is_name(i) && self.is_measure(i) && !self.is_table(i);
        let ends = self.token(at + 1).is_none_or(|t| !matches!(t.kind, TokenKind::Name(_)));
        if !measured || !ends || self.frame.rank.is_some() || self.word_at(at + 1, &["common", "often", "recent"]) {
            return None;
        }
        self.mark(i..at + 1);
        let word = self.tokens[at].folded.clone();
        self.frame.rank = Some(Rank { measure: Some(Measure::Plain(i)), descending, word, ..Rank::default() });
        Some(at + 1)
    }

    /// "what is the longest delay": the number itself, where no things are asked for.
    pub(super) fn extreme_at(&mut self, i: usize) -> Option<usize> {
        let asked = i >= 3
            && self.word_at(i - 1, &["the"])
            && self.word_at(i - 2, &["is", "was", "are", "were"])
            && self.word_at(i - 3, &["what"]);
        let (adjective, end) = lexicon()
            .adjectives
            .iter()
            .flat_map(|a| a.most.iter().map(move |most| (a, most)))
            .find_map(|(a, most)| Some((a, self.phrase_at(i, most)?)))?;
        if !asked || !self.is_name(end) || !self.is_measure(end) || self.is_table(end) {
            return None;
        }
        let high = adjective.direction == Direction::High;
        let function = if high { super::Function::Maximum } else { super::Function::Minimum };
        self.mark(i..end + 1);
        self.frame.measures.push(Measure::Aggregate(function, end));
        Some(end + 1)
    }

    /// "best products": a superlative without a measure.
    pub(super) fn vague_at(&mut self, i: usize) -> Option<usize> {
        let token = self.token(i)?;
        if !lexicon().is_vague(&token.folded)
            && !token.is(&["biggest", "largest", "greatest", "smallest", "strongest", "weakest"])
            || self.frame.rank.as_ref().is_some_and(|r| r.measure.is_some())
        {
            return None;
        }
        let word = token.folded.clone();
        let descending = !token.is(&["worst", "weakest", "poorest", "bad"]);
        // "best margin", "best revenue": the measure is named after all.
        if let Some((measure, end)) = self.measure_phrase(i + 1).filter(|_| self.is_measure(i + 1)) {
            self.mark(i..end);
            let rank = self.frame.rank.get_or_insert_with(Rank::default);
            rank.measure = Some(measure);
            rank.descending = descending;
            rank.word = word;
            return Some(end);
        }
        self.used[i] = true;
        let rank = self.frame.rank.get_or_insert_with(Rank::default);
        rank.descending = descending;
        self.vague = Some(word);
        self.rank_by(i + 1);
        if self.frame.rank.as_ref().is_some_and(|r| r.measure.is_some()) {
            self.vague = None;
        }
        Some(i + 1)
    }
}
