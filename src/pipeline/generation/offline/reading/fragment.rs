//! Reads pieces of a question that goes on from another: as a question about the same tables would be read, but word
//! for word, so that what is left over is known.

use super::super::names::Target;
use super::super::plan::{Expr, Function, Grain, Operand, Operator, Predicate};
use super::super::tokens::{Token, TokenKind};
use super::comparison::{OPERATORS, number_value};
use super::resolve::Role;
use super::{Ground, Reader, Unreadable};
use crate::language::{Direction, lexicon};
use crate::pipeline::analysis::TimeMention;
use crate::schema::{ColumnId, TableId};

pub struct Fragment<'a>(Reader<'a>);

/// A superlative: by which column, if it says, and which end of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Superlative {
    pub column: Option<ColumnId>,
    pub descending: bool,
    pub end: usize,
    /// One row is meant where no number is said.
    pub single: bool,
    /// An end of the order at hand rather than of a size: "top", "worst".
    pub relative: bool,
}

/// Conditions on rows and on groups.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    pub filter: Vec<Predicate>,
    pub having: Vec<Predicate>,
}

/// Conditions on what is left out, and the words that set them.
#[derive(Clone, Debug)]
pub struct Excluded {
    pub filter: Vec<Predicate>,
    pub used: Vec<usize>,
}

/// What tables that are spoken of already weigh beside a mention.
const SPOKEN_OF: f64 = 0.8;
/// Links this far behind the best one are what a phrase may mean too.
const NEAR: f64 = 0.42;

const HIGH: [&str; 12] = [
    "highest",
    "largest",
    "greatest",
    "most",
    "biggest",
    "maximum",
    "strongest",
    "best",
    "top",
    "leading",
    "longest",
    "latest",
];
const LOW: [&str; 10] =
    ["lowest", "smallest", "least", "fewest", "minimum", "weakest", "worst", "bottom", "shortest", "earliest"];

impl<'a> Fragment<'a> {
    /// `about`: the tables that the conversation is about.
    pub fn new(ground: Ground<'a>, tokens: Vec<Token>, about: &[TableId]) -> Self {
        let mut reader = Reader::new(ground, tokens);
        for table in about {
            reader.evidence[table.0] += SPOKEN_OF;
        }
        reader.anchors = about.to_vec();
        Self(reader)
    }

    pub fn ground(&self) -> Ground<'a> {
        self.0.ground
    }

    pub fn len(&self) -> usize {
        self.0.tokens.len()
    }

    pub fn token(&self, i: usize) -> Option<&Token> {
        self.0.tokens.get(i)
    }

    pub fn is_free(&self, i: usize) -> bool {
        self.0.used.get(i).is_some_and(|used| !used)
    }

    pub fn mark(&mut self, range: std::ops::Range<usize>) {
        self.0.mark(range);
    }

    /// Gives words back that were taken.
    pub fn free(&mut self, range: std::ops::Range<usize>) {
        self.0.used[range].fill(false);
    }

    /// The token at `i` is one of these words and free.
    pub fn word(&self, i: usize, words: &[&str]) -> bool {
        self.is_free(i) && self.0.word_at(i, words)
    }

    /// Where the phrase that begins at `i` ends.
    pub fn phrase(&self, i: usize, phrase: &str) -> Option<usize> {
        // A word alone that is a name is the name.
        let named = self.0.is_name(i) && !phrase.contains(' ');
        if named { None } else { self.0.phrase_at(i, phrase) }
    }

    /// The first free place of any of the phrases, the longer ones first in the list.
    pub fn find(&self, phrases: &[&str]) -> Option<std::ops::Range<usize>> {
        (0..self.len()).find_map(|i| phrases.iter().find_map(|p| self.phrase(i, p)).map(|end| i..end))
    }

    /// Uses up the first free place of any of the phrases.
    pub fn take(&mut self, phrases: &[&str]) -> Option<std::ops::Range<usize>> {
        let range = self.find(phrases)?;
        self.0.mark(range.clone());
        Some(range)
    }

    pub fn skip(&self, i: usize, words: &[&str]) -> usize {
        let mut at = i;
        while self.0.word_at(at, words) {
            at += 1;
        }
        at
    }

    pub fn is_name(&self, i: usize) -> bool {
        self.is_free(i) && self.0.is_name(i)
    }

    pub fn is_table(&self, i: usize) -> bool {
        self.is_name(i) && self.0.is_table(i)
    }

    pub fn table(&self, i: usize) -> Option<TableId> {
        self.0.table_of(i)
    }

    pub fn is_measure(&self, i: usize) -> bool {
        self.is_name(i) && self.0.is_measure(i)
    }

    /// Rows can be grouped by what the token names.
    pub fn is_key(&self, i: usize) -> bool {
        self.is_name(i) && !self.0.is_ungroupable(i)
    }

    /// What is shown of the key that the token names.
    pub fn key(&mut self, i: usize) -> Vec<Expr> {
        self.0.group_key(i)
    }

    /// Where the keys begin after "by", "per", "for each" at `i`.
    pub fn group_start(&self, i: usize) -> Option<usize> {
        self.is_free(i).then(|| self.0.group_start(i)).flatten()
    }

    pub fn grain(&self, i: usize) -> Option<Grain> {
        self.is_free(i).then(|| self.0.grain_at(i)).flatten()
    }

    /// "month" after a word that groups.
    pub fn grain_word(&self, i: usize) -> Option<Grain> {
        self.is_free(i).then(|| self.0.grain_word(i)).flatten().map(|(grain, _)| grain)
    }

    /// The aggregate that the words from `i` on name, where they end, and whether they say how to aggregate.
    pub fn measure(&mut self, i: usize) -> Option<(Expr, usize, bool)> {
        let (measure, end) = self.0.measure_phrase(i)?;
        let at = self.0.skip(i, &["the", "a", "their", "its"]);
        let said = !matches!(measure, super::Measure::Plain(_)) || self.0.function_at(at).is_some();
        Some((self.0.measure_expr(&measure, true)?, end, said))
    }

    /// A word for an aggregate at `i`.
    pub fn function(&self, i: usize) -> Option<Function> {
        self.0.function_at(i).map(|(function, _)| function)
    }

    /// The column that the token asks for.
    pub fn output(&mut self, i: usize) -> Option<ColumnId> {
        self.0.resolve(i, Role::Output)
    }

    /// All columns that the token may name.
    pub fn columns(&self, i: usize) -> Vec<ColumnId> {
        let links = self.token(i).map_or(&[][..], Token::links);
        let best = links.first().map_or(0.0, |l| l.score);
        let near = links.iter().filter(|l| l.score >= best - NEAR);
        near.filter_map(|l| if let Target::Column(id) = l.target { Some(id) } else { None }).collect()
    }

    /// The number at `i`, in digits or in words.
    pub fn number(&self, i: usize) -> Option<f64> {
        self.is_free(i).then(|| self.0.number_at(i)).flatten()
    }

    pub fn time(&self, i: usize) -> Option<&'a TimeMention> {
        match self.token(i)?.kind {
            TokenKind::Time(time) if self.is_free(i) => self.0.ground.analysis.times.get(time),
            _ => None,
        }
    }

    /// The date that rows of these tables are counted by; the first table that has one decides.
    pub fn date_of(&self, tables: &[TableId]) -> Option<ColumnId> {
        let dates = || tables.iter().filter_map(|t| self.0.scored_time_column(*t));
        dates().find(|(_, event)| *event).or_else(|| dates().next().filter(|_| self.0.names_a_date())).map(|(id, _)| id)
    }

    /// A date column named right before the period at `i`.
    pub fn named_date(&mut self, i: usize) -> Option<ColumnId> {
        let near = (i.saturating_sub(3)..i).rev().filter(|j| self.is_name(*j));
        let (at, id) = near
            .filter_map(|j| self.0.best_column(j, Role::Time).filter(|(_, s)| *s >= 0.35).map(|(id, _)| (j, id)))
            .find(|(_, id)| self.0.semantic(*id).is_time())?;
        self.0.used[at] = true;
        Some(id)
    }

    /// "the cheapest", "worst", "shortest": which end of what.
    /// `standing` are the columns at hand: one of them is meant before any other that the word may speak of.
    pub fn superlative(&mut self, i: usize, standing: &[ColumnId]) -> Option<Superlative> {
        if !self.is_free(i) {
            return None;
        }
        let adjective = lexicon()
            .adjectives
            .iter()
            .flat_map(|a| a.most.iter().map(move |most| (a, most)))
            .find_map(|(a, most)| Some((a, self.0.phrase_at(i, most)?)));
        if let Some((adjective, end)) = adjective
            && let Some((column, reversed)) = self.0.adjective_measure(&adjective.measures, i)
        {
            let column = self.0.standing_measure(&adjective.measures, standing).unwrap_or(column);
            let direction = if reversed { adjective.direction.reversed() } else { adjective.direction };
            let descending = direction == Direction::High;
            return Some(Superlative { column: Some(column), descending, end, single: true, relative: false });
        }
        let descending = if self.0.word_at(i, &HIGH) {
            true
        } else if self.0.word_at(i, &LOW) {
            false
        } else {
            return None;
        };
        let single = !self.0.word_at(i, &["top", "bottom"]);
        let relative = self.0.word_at(i, &["top", "bottom", "best", "worst", "leading"]);
        Some(Superlative { column: None, descending, end: i + 1, single, relative })
    }

    /// A comparison that does not say of what: "over 500", "at least 3".
    pub fn bare_comparison(&mut self) -> Option<(Operator, f64)> {
        for i in 0..self.len() {
            let found = OPERATORS.iter().find_map(|(p, operator)| self.0.phrase_at(i, p).map(|end| (*operator, end)));
            let Some((operator, end)) = found else { continue };
            let Some(number) = self.number(end) else { continue };
            self.mark(i..end + 1);
            return Some((operator, number));
        }
        None
    }

    /// Takes all conditions among the free tokens; a value that the database does not hold is an error.
    pub fn conditions(&mut self) -> Result<Conditions, Unreadable> {
        let reader = &mut self.0;
        reader.read_comparisons();
        reader.read_flag_conditions(true);
        reader.read_absences();
        reader.read_patterns();
        reader.read_values();
        if let Some(unknown) = reader.unknown.take() {
            return Err(unknown);
        }
        let mut filter = std::mem::take(&mut reader.frame.filters);
        for table in std::mem::take(&mut reader.frame.absent) {
            filter.push(Predicate::Exists { table: TableId(table), filter: Vec::new(), negated: true });
        }
        if let Some((token, above)) = reader.frame.versus_average.take() {
            filter.extend(reader.average_predicate(token, above));
        }
        let mut having = Vec::new();
        for (measure, operator, number) in std::mem::take(&mut reader.frame.having) {
            let Some(left) = reader.measure_expr(&measure, true) else { continue };
            having.push(Predicate::Compare { left, operator, right: Operand::Value(number_value(number)) });
        }
        Ok(Conditions { filter, having })
    }

    /// What the free words from `from` on leave out, and which of these words say so.
    pub fn excluded(&mut self, from: usize, about: &[TableId]) -> Result<Option<Excluded>, Unreadable> {
        let places: Vec<usize> = (from..self.len()).filter(|i| self.is_free(*i)).collect();
        let word = "without".to_owned();
        let mut tokens = vec![Token { words: 0..0, kind: TokenKind::Word, lemma: word.clone(), folded: word }];
        tokens.extend(places.iter().map(|i| self.0.tokens[*i].clone()));
        let mut inner = Fragment::new(self.0.ground, tokens, about);
        let found = inner.conditions()?;
        let used = places.into_iter().enumerate().filter(|(n, _)| !inner.is_free(n + 1)).map(|(_, i)| i).collect();
        self.0.links.extend(std::mem::take(&mut inner.0.links));
        Ok((!found.filter.is_empty()).then_some(Excluded { filter: found.filter, used }))
    }

    /// Conditions that were set beside the question.
    pub fn conditions_beside(&self) -> Vec<Predicate> {
        self.0.conditions_beside()
    }

    /// Defaults that were taken on the way, and the links used with their strength.
    pub fn taken(&mut self) -> (Vec<String>, Vec<(String, f64)>) {
        (std::mem::take(&mut self.0.assumptions), std::mem::take(&mut self.0.links))
    }

    /// Words that say something and that nothing was made of.
    pub fn left_over(&self) -> Vec<String> {
        const SAYING: [&str; 12] =
            ["not", "without", "except", "excluding", "than", "between", "versus", "vs", "all", "each", "every", "or"];
        let says = |i: &usize| {
            let token = &self.0.tokens[*i];
            match token.kind {
                TokenKind::Punctuation => false,
                TokenKind::Word => {
                    let light = lexicon().is_light(&token.folded) || lexicon().is_light(&token.lemma);
                    SAYING.contains(&token.folded.as_str()) || !light && token.folded.len() > 1
                }
                _ => true,
            }
        };
        let left = (0..self.len()).filter(|i| self.is_free(*i)).filter(says);
        left.map(|i| self.0.tokens[i].folded.clone()).collect()
    }
}
