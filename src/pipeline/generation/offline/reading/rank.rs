//! Superlatives: "top 10 items by M", "the cheapest", "the highest M", "with the most T".

use super::super::names::Target;
use super::super::tokens::TokenKind;
use super::resolve::Role;
use super::{Measure, Rank, Reader};
use crate::language::lexicon;
use crate::pipeline::analysis::written_number;
use crate::schema::SemanticType;

pub(super) const HIGH: [&str; 9] =
    ["highest", "largest", "greatest", "most", "biggest", "maximum", "max", "strongest", "top"];
pub(super) const LOW: [&str; 8] = ["lowest", "smallest", "least", "fewest", "minimum", "min", "weakest", "bottom"];

impl Reader<'_> {
    pub(super) fn read_ranks(&mut self) {
        let mut i = 0;
        while i < self.tokens.len() {
            let end = if self.used[i] { None } else { self.rank_at(i) };
            i = end.unwrap_or(i + 1);
        }
    }

    fn rank_at(&mut self, i: usize) -> Option<usize> {
        self.order_said_at(i)
            .or_else(|| self.top_at(i))
            .or_else(|| self.order_tail_at(i))
            .or_else(|| self.dated_at(i))
            .or_else(|| self.deed_at(i))
            .or_else(|| self.extreme_at(i))
            .or_else(|| self.adjective_at(i))
            .or_else(|| self.superlative_at(i))
            .or_else(|| self.vague_at(i))
    }

    /// "top 10", "bottom five", "10 best", "first 3"; an adjective or a "by M" that follows says what by.
    fn top_at(&mut self, i: usize) -> Option<usize> {
        let descending = if self.word_at(i, &["top", "best", "leading", "first"]) {
            true
        } else if self.word_at(i, &["bottom", "worst", "last"]) {
            false
        } else {
            return None;
        };
        let number = self.count_at(i + 1);
        if number.is_none() && !self.word_at(i, &["top", "bottom"]) {
            return None;
        }
        let word = self.tokens[i].folded.clone();
        let end = if number.is_some() { i + 2 } else { i + 1 };
        // "the top brand by revenue" is one.
        let one = self.token(end).is_some_and(|t| t.folded == t.lemma) && self.is_name(end) && !self.is_measure(end);
        self.mark(i..end);
        let rank = self.frame.rank.get_or_insert_with(Rank::default);
        rank.limit = Some(number.unwrap_or(if one { 1 } else { 10 }));
        rank.descending = descending;
        rank.show = true;
        rank.word = word;
        if number.is_none() && !one {
            self.assumptions.push("10 rows for \"top\" without a number".to_owned());
        }
        // "top 10 selling items" and "bottom 10 lowest margin items": the adjective comes right after.
        if let Some(after) = self.adjective_at(end).or_else(|| self.superlative_at(end)) {
            return Some(after);
        }
        // "bottom 10 sellers by volume" says itself what by.
        if let Some(after) = self.selling_at(end) {
            self.rank_by(after);
            return Some(after);
        }
        self.rank_by(end);
        Some(end)
    }

    /// "..., highest margin first": the order of all rows, not a ranking.
    fn order_said_at(&mut self, i: usize) -> Option<usize> {
        let descending = if self.word_at(i, &HIGH) {
            true
        } else if self.word_at(i, &LOW) {
            false
        } else {
            return None;
        };
        let named = i + 1;
        let first = named + 1;
        let ends = self.token(first + 1).is_none_or(|t| matches!(t.kind, TokenKind::Punctuation));
        if i == 0 || !ends || !self.word_at(first, &["first"]) || !self.is_name(named) || !self.is_measure(named) {
            return None;
        }
        self.mark(i..first + 1);
        self.frame.order.push((Measure::Plain(named), descending));
        Some(first + 1)
    }

    /// "..., most expensive first": how a ranking is ordered, which it says already.
    fn order_tail_at(&mut self, i: usize) -> Option<usize> {
        self.frame.rank.as_ref()?.measure.as_ref()?;
        let superlative = |j: usize| {
            self.token(j).is_some_and(|t| {
                matches!(t.kind, TokenKind::Word) && t.folded.split(' ').any(|w| w.ends_with("est") || w == "most")
            })
        };
        let first = (i + 1..=i + 2).find(|j| superlative(i) && self.word_at(*j, &["first"]))?;
        let ends = self.token(first + 1).is_none_or(|t| matches!(t.kind, TokenKind::Punctuation));
        if !ends {
            return None;
        }
        self.mark(i..first + 1);
        Some(first + 1)
    }

    pub(super) fn count_at(&self, i: usize) -> Option<u64> {
        let token = self.token(i)?;
        match token.number() {
            Some(n) if n >= 1.0 && n.fract() == 0.0 => Some(n as u64),
            Some(_) => None,
            None => written_number(&token.folded).filter(|n| *n > 0).map(u64::from),
        }
    }

    /// "top 10 selling items": what sells most.
    fn selling_at(&mut self, i: usize) -> Option<usize> {
        if !(self.word_at(i, &["selling", "seller", "sellers", "sold"])) {
            return None;
        }
        let adjective = lexicon().adjectives.iter().find(|a| a.positive == "selling")?;
        let measure = self.adjective_measure(&adjective.measures, i)?;
        self.used[i] = true;
        let rank = self.frame.rank.get_or_insert_with(Rank::default);
        rank.measure = Some(Measure::Column(measure.0));
        Some(i + 1)
    }

    /// The M of "top 10 ... by M", looked for up to the end of the phrase.
    pub(super) fn rank_by(&mut self, from: usize) {
        for i in from..self.tokens.len() {
            let by = if self.word_at(i, &["by", "("]) {
                Some(i + 1)
            } else {
                [
                    "based on",
                    "in terms of",
                    "according to",
                    "ranked by",
                    "sorted by",
                    "ordered by",
                    "with the highest",
                    "with the lowest",
                    "with the most",
                    "in order of",
                    "on",
                ]
                .iter()
                .find_map(|p| self.phrase_at(i, p))
            };
            let Some(mut at) = by else { continue };
            if self.word_at(i, &["on"]) && !self.is_measure(i + 1) {
                continue;
            }
            at = self.skip(at, &["the", "their", "its", "total", "overall", "highest", "lowest"]);
            if let Some((measure, end)) = self.measure_phrase(at) {
                self.mark(i..end);
                if let Some(rank) = &mut self.frame.rank {
                    rank.measure = Some(measure);
                }
                return;
            }
        }
    }

    pub(super) fn frequency_at(&mut self, i: usize, descending: bool) -> Option<usize> {
        if !self.word_at(i + 1, &["common", "frequent", "frequently", "popular", "commonly", "often", "used"])
            || !self.word_at(i, &["most", "least"])
        {
            return None;
        }
        // The next name is what is counted: "most common strategy".
        let what = (i + 2..self.tokens.len())
            .find(|j| self.is_name(*j))
            .or_else(|| (0..i).rev().find(|j| self.is_name(*j)))?;
        let rank = self.frame.rank.get_or_insert_with(Rank::default);
        rank.descending = descending;
        "most common".clone_into(&mut rank.word);
        rank.measure = Some(Measure::Count(what));
        self.mark(i..i + 2);
        Some(i + 2)
    }

    /// "which ten items ...", "the 5 products with ...": a number right before the entity of a ranking.
    pub(super) fn read_limit(&mut self) {
        if self.frame.rank.as_ref().is_none_or(|r| r.limit.is_some() || r.measure.is_none()) {
            return;
        }
        for i in 0..self.tokens.len() {
            let Some(number) = self.count_at(i).filter(|_| !self.used[i]) else { continue };
            let opens = i == 0
                || self.word_at(
                    i - 1,
                    &["which", "what", "the", "show", "list", "me", "find", "give", "our", "are", "were"],
                );
            let entity = (i + 1..(i + 4).min(self.tokens.len()))
                .any(|j| self.is_name(j) || matches!(self.tokens[j].kind, TokenKind::Value(_)));
            if opens && entity {
                self.used[i] = true;
                if let Some(rank) = &mut self.frame.rank {
                    rank.limit = Some(number);
                    rank.show = true;
                }
                return;
            }
        }
    }

    /// "rank the stores", "compare the zones", "which products should I look at": an order is wanted, and by what is not
    /// said unless some measure is.
    pub(super) fn read_wish_for_order(&mut self) {
        let wish = if self.word_at(0, &["rank", "compare"]) {
            "rank"
        } else if (0..self.tokens.len()).any(|i| self.word_at(i, &["should"]) && self.word_at(i + 1, &["i", "we"])) {
            "should"
        } else {
            return;
        };
        let measured = (0..self.tokens.len()).any(|i| self.is_name(i) && self.is_measure(i));
        if self.frame.rank.is_none() && self.frame.measures.is_empty() && !measured {
            self.frame.rank = Some(Rank { word: wish.to_owned(), ..Rank::default() });
            self.vague = Some(wish.to_owned());
        }
    }

    /// A measure that begins at `i`: "number of T", "total M", "average M", "M", "T" (its rows).
    pub(super) fn measure_phrase(&mut self, i: usize) -> Option<(Measure, usize)> {
        let i = self.skip(i, &["the", "a", "their", "its"]);
        for phrase in ["number of", "count of", "total number of", "amount of", "numbers of"] {
            if let Some(end) = self.phrase_at(i, phrase) {
                let end = self.skip(end, &["the", "different", "distinct", "all", "unique"]);
                if self.is_name(end) {
                    return Some((self.count_measure(end), end + 1));
                }
            }
        }
        if let Some((function, end)) = self.function_at(i) {
            let end = self.skip(end, &["of", "the", "number"]);
            if self.is_name(end) && !self.is_table(end) {
                return Some((Measure::Aggregate(function, end), end + 1));
            }
        }
        if !self.is_name(i) || self.used[i] {
            return None;
        }
        if self.is_measure(i) {
            return Some((Measure::Plain(i), i + 1));
        }
        if let Some(table) = self.table_of(i).filter(|_| self.is_table(i)) {
            let about = self.is_about_measures(table).then(|| self.subject_measure(i, table)).flatten();
            // "the most sales" adds up, "the highest elasticity" compares; "the most orders" counts rows.
            let compared = about.filter(|id| {
                self.tokens[i].links().iter().any(|l| l.target == Target::Column(*id)) || self.has_one_row_each(table)
            });
            return Some((compared.map_or(Measure::Count(i), Measure::Column), i + 1));
        }
        let (id, score) = self.best_column(i, Role::Measure)?;
        let orders = self.semantic(id).is_time() || matches!(self.semantic(id), SemanticType::Score);
        if orders || score >= 0.9 && self.ground.schema.profile(id).numeric {
            return Some((Measure::Plain(i), i + 1));
        }
        None
    }
}
