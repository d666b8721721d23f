//! How many of the words of a question the plan speaks of, and how many of the plan's names the question.

use super::super::plan::{Operand, Predicate, Query, Select};
use super::super::scoring::linear::{Linear, feature};
use super::super::scoring::slots::Role;
use super::super::scoring::view::View;
use super::super::tokens::TokenKind;
use crate::language::{fold, lexicon, stem};
use crate::pipeline::analysis::WordKind;
use crate::schema::{ColumnId, TableId, Value};

/// Mentions from here on make a plan speak of a word.
const SPOKEN: f32 = 0.35;
/// Numbers for one plan: shares first, of which more is better, then what is lost.
pub const NUMBERS: usize = 12;
/// So many of them are shares.
pub const SHARES: usize = 3;

/// The feature of a word, for how rare it is.
pub fn rarity_of(stem: &str) -> u32 {
    feature(&["word", stem])
}

/// A word of the question.
struct Spoken {
    stem: String,
    token: usize,
    /// The logarithm of how many databases there are for one whose questions have it.
    rarity: f32,
}

/// The words of a question, cut to stems once.
pub struct Overlap<'a> {
    view: &'a View<'a>,
    spoken: Vec<Spoken>,
}

/// Stems of the words of a question that may speak of something, each with the place of its token.
pub fn stems_of(view: &View<'_>) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (at, token) in view.tokens.iter().enumerate() {
        if matches!(token.kind, TokenKind::Time(_) | TokenKind::Punctuation | TokenKind::Number(_)) {
            continue;
        }
        for word in &view.ground.analysis.words[token.words.clone()] {
            let texts = match word.kind {
                WordKind::Quoted => word.text.split(|c: char| !c.is_alphanumeric()).map(fold).collect(),
                WordKind::Word => vec![word.folded.clone()],
                _ => continue,
            };
            let spoken = |text: &String| text.chars().any(char::is_alphabetic) && !lexicon().is_light(text);
            found.extend(texts.iter().filter(|text| spoken(text)).map(|text| (stem(text), at)));
        }
    }
    found
}

impl<'a> Overlap<'a> {
    pub fn new(view: &'a View<'a>, rarity: &Linear) -> Self {
        let spoken = stems_of(view).into_iter().map(|(stem, token)| {
            let rarity = rarity.score(&[rarity_of(&stem)]);
            Spoken { stem, token, rarity }
        });
        Self { view, spoken: spoken.collect() }
    }

    /// A plan in numbers. `columns` are those it names, `joined` the tables it reads, `used` the tokens that its
    /// conditions rest on.
    pub fn of(
        &self,
        query: &Query,
        columns: Vec<(ColumnId, Role)>,
        joined: &[TableId],
        used: &[bool],
    ) -> [f32; NUMBERS] {
        let mut words = Words::default();
        match query {
            Query::Select(select) => words.clauses(select),
            Query::Set { left, right, .. } => {
                words.clauses(left);
                words.clauses(right);
            }
        }
        let mut ids: Vec<ColumnId> = columns.into_iter().map(|(id, _)| id).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut said: Vec<&str> = Vec::new();
        for id in &ids {
            said.extend(self.view.ground.names.column_stems(*id).iter().map(String::as_str));
        }
        let names_end = said.len();
        for table in joined {
            said.extend(self.view.ground.names.table_stems(*table).iter().map(String::as_str));
        }
        said.extend(words.values.iter().map(String::as_str));
        let mut spoken_of = vec![false; self.view.tokens.len()];
        let mentions = ids.iter().flat_map(|id| self.view.mentions(*id));
        for mention in mentions.chain(joined.iter().flat_map(|t| &self.view.tables[t.0])) {
            spoken_of[mention.token] |= mention.score >= SPOKEN;
        }
        let (mut lexical, mut linked) = (Tally::default(), Tally::default());
        for word in &self.spoken {
            let written = said.contains(&word.stem.as_str());
            lexical.add(written, word.rarity);
            linked.add(written || used[word.token] || spoken_of[word.token], word.rarity);
        }
        let unsaid = |word: &&&str| !self.spoken.iter().any(|s| s.stem == **word);
        let silent = said.iter().filter(unsaid).count() as f32;
        let silent_names = said[..names_end].iter().filter(unsaid).count() as f32;
        [
            lexical.share(),
            lexical.weighed_share(),
            linked.weighed_share(),
            lexical.lost,
            lexical.rarest,
            lexical.weight_lost,
            linked.lost,
            linked.rarest,
            linked.weight_lost,
            silent / said.len().max(1) as f32,
            silent,
            silent_names,
        ]
    }
}

/// Words found and not found in a plan.
#[derive(Default)]
struct Tally {
    all: f32,
    lost: f32,
    weight: f32,
    weight_lost: f32,
    /// The rarest that is not found.
    rarest: f32,
}

impl Tally {
    fn add(&mut self, found: bool, rarity: f32) {
        self.all += 1.0;
        self.weight += rarity;
        if !found {
            self.lost += 1.0;
            self.weight_lost += rarity;
            self.rarest = self.rarest.max(rarity);
        }
    }

    fn share(&self) -> f32 {
        1.0 - self.lost / self.all.max(1.0)
    }

    fn weighed_share(&self) -> f32 {
        1.0 - self.weight_lost / self.weight.max(1e-3)
    }
}

/// What a plan says beside names: texts that values are compared with.
#[derive(Default)]
struct Words {
    values: Vec<String>,
}

impl Words {
    fn clauses(&mut self, select: &Select) {
        select.filter.iter().chain(&select.having).for_each(|p| self.predicate(p));
    }

    fn value(&mut self, value: &Value) {
        if let Value::Text(text) = value {
            self.values.extend(text.split(|c: char| !c.is_alphanumeric()).map(|word| stem(&fold(word))));
        }
    }

    fn predicate(&mut self, predicate: &Predicate) {
        match predicate {
            Predicate::Compare { right, .. } => match right {
                Operand::Value(value) => self.value(value),
                Operand::Scalar(inner) => self.clauses(inner),
                Operand::Expr(_) => {}
            },
            Predicate::In { values, .. } => values.iter().for_each(|v| self.value(v)),
            Predicate::Like { pattern, .. } => self.value(&Value::Text(pattern.clone())),
            Predicate::Exists { filter, .. } | Predicate::Any(filter) => filter.iter().for_each(|p| self.predicate(p)),
            Predicate::Within { query, .. } => self.clauses(query),
            Predicate::Between { .. } | Predicate::IsNull { .. } | Predicate::Period { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_weighs_as_much_as_it_is_rare() {
        let mut tally = Tally::default();
        for (found, rarity) in [(true, 3.0), (false, 1.0), (false, 0.5)] {
            tally.add(found, rarity);
        }
        assert!((tally.share() - 1.0 / 3.0).abs() < 1e-6);
        assert!((tally.weighed_share() - 3.0 / 4.5).abs() < 1e-6);
        assert!((tally.rarest - 1.0).abs() < 1e-6 && (tally.weight_lost - 1.5).abs() < 1e-6);
    }
}
