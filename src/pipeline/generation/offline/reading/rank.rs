//! Superlatives: "top 10 items by M", "the cheapest", "the highest M", "with the most T".

use super::super::names::Target;
use super::super::tokens::TokenKind;
use super::resolve::Role;
use super::{Measure, Rank, Reader};
use crate::language::{Direction, identifier_words, lexicon};
use crate::pipeline::analysis::written_number;
use crate::schema::{ColumnId, SemanticType};

const HIGH: [&str; 9] = ["highest", "largest", "greatest", "most", "biggest", "maximum", "max", "strongest", "top"];
const LOW: [&str; 8] = ["lowest", "smallest", "least", "fewest", "minimum", "min", "weakest", "bottom"];

impl Reader<'_> {
    pub(super) fn read_ranks(&mut self) {
        let mut i = 0;
        while i < self.tokens.len() {
            let end = if self.used[i] { None } else { self.rank_at(i) };
            i = end.unwrap_or(i + 1);
        }
    }

    fn rank_at(&mut self, i: usize) -> Option<usize> {
        self.top_at(i)
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
        self.mark(i..end);
        let rank = self.frame.rank.get_or_insert_with(Rank::default);
        rank.limit = Some(number.unwrap_or(10));
        rank.descending = descending;
        rank.show = true;
        rank.word = word;
        if number.is_none() {
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

    /// "who joined last", "that opened first": the end of a date that a verb names.
    fn dated_at(&mut self, i: usize) -> Option<usize> {
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
    fn deed_at(&mut self, i: usize) -> Option<usize> {
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
    fn extreme_at(&mut self, i: usize) -> Option<usize> {
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

    fn count_at(&self, i: usize) -> Option<u64> {
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
    fn rank_by(&mut self, from: usize) {
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

    /// "cheapest", "most expensive", "best-selling": adjectives that bring their measure.
    fn adjective_at(&mut self, i: usize) -> Option<usize> {
        let (adjective, end) =
            lexicon().adjectives.iter().flat_map(|a| a.most.iter().map(move |m| (a, m))).find_map(|(a, most)| {
                let end = self.phrase_at(i, most)?;
                Some((a, end))
            })?;
        let (measure, reversed) = self.adjective_measure(&adjective.measures, i)?;
        let direction = if reversed { adjective.direction.reversed() } else { adjective.direction };
        let number = (i > 0).then(|| self.count_at(i - 1)).flatten();
        // The measure may be named right after: "lowest priced", "longest duration".
        let named = self
            .measure_phrase(end)
            .filter(|_| self.is_measure(end) && self.is_best_as_measure(end) && !self.semantic(measure).is_time());
        self.mark(i..end);
        let word = self.tokens[i].folded.clone();
        let second = i > 0 && self.word_at(i - 1, &["second", "2nd"]);
        let rank = self.frame.rank.get_or_insert_with(Rank::default);
        rank.descending = direction == Direction::High;
        if rank.word == "bottom" || rank.word == "worst" {
            // "bottom 10 lowest": both say the same.
            rank.descending = direction == Direction::High && !rank.descending;
        }
        rank.measure = Some(Measure::Column(measure));
        rank.word = word;
        rank.offset = u64::from(second);
        if let Some(number) = number {
            rank.limit = Some(number);
            rank.show = true;
            self.used[i - 1] = true;
        }
        // "best selling by revenue", "best seller (units)"
        if adjective.positive == "selling" || adjective.positive == "slow-selling" {
            self.rank_by(end);
        }
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
        let words = identifier_words(&self.ground.schema.column(id).name);
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
    fn superlative_at(&mut self, i: usize) -> Option<usize> {
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
        let number = (i > 0).then(|| self.count_at(i - 1)).flatten();
        let at = self.skip(i + 1, &["total", "overall", "the", "of"]);
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
            self.used[i - 1] = true;
            let rank = self.frame.rank.get_or_insert_with(Rank::default);
            rank.limit = Some(number);
            rank.show = true;
        }
        let second = i > 0 && self.word_at(i - 1, &["second", "2nd"]);
        let word = self.tokens[i].folded.clone();
        // "the worst result, that is the highest value": what was vague is said after all.
        self.vague = None;
        let rank = self.frame.rank.get_or_insert_with(Rank::default);
        rank.measure = Some(measure);
        rank.descending = descending;
        rank.word = word;
        rank.offset = u64::from(second);
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

    fn frequency_at(&mut self, i: usize, descending: bool) -> Option<usize> {
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

    /// "best products": a superlative without a measure.
    fn vague_at(&mut self, i: usize) -> Option<usize> {
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
