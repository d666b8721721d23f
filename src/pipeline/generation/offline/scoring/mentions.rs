//! What a word of a question may speak of beyond the names that it is: the measure of an adjective, the name or the key
//! of a table's rows, a name of which it is one half ("first and last name"), and names that it is related to.

use super::super::names::{Link, Target};
use super::super::tokens::TokenKind;
use super::view::{Mention, View};
use crate::language::{identifier_words, lexicon};
use crate::schema::{ColumnId, TableId};

/// What a link by the measure of an adjective is worth at most.
const ADJECTIVE: f32 = 0.62;
/// What a link of the word "name" to what people know rows by is worth.
const DISPLAY: f32 = 0.5;
/// The same for the word "id" and the key of a table.
const KEY: f32 = 0.5;
/// The same for "full name" and the parts of a name.
const NAME_PART: f32 = 0.9;
/// What a name of which only one half is written is worth beside the whole one.
const ELIDED: f64 = 0.95;
/// A half name counts only if the whole would be a good one.
const WHOLE: f64 = 0.8;
/// How far apart the halves of a name may be.
const REACH: usize = 6;

impl View<'_> {
    /// Every mention that is none by name.
    pub(super) fn link_further(&mut self) {
        self.link_adjectives();
        self.link_names();
        self.link_keys();
        self.link_halves();
        self.link_related();
    }

    /// Adds a mention unless the token speaks of the column as strongly already.
    fn mention(&mut self, token: usize, column: ColumnId, score: f32) {
        let known = &mut self.columns[column.table.0][column.column];
        if !known.iter().any(|m| m.token == token && m.score >= score) {
            known.push(Mention { token, score });
            let best = &mut self.best[token].0;
            *best = best.max(score);
        }
    }

    /// An adjective speaks of the columns that bear the name of its measure: "oldest" of an age.
    fn link_adjectives(&mut self) {
        let schema = self.ground.schema;
        for (i, token) in self.tokens.iter().enumerate() {
            if !matches!(token.kind, TokenKind::Word) {
                continue;
            }
            let spoken = |words: &[String]| words.iter().any(|w| *w == token.folded || *w == token.lemma);
            for adjective in &lexicon().adjectives {
                if !spoken(&adjective.most) && !spoken(&adjective.more) && adjective.positive != token.folded {
                    continue;
                }
                self.directions[i] = self.directions[i].or(Some(adjective.direction));
                for id in schema.columns() {
                    let words = identifier_words(&schema.column(id).name);
                    let rank = adjective
                        .measures
                        .iter()
                        .position(|m| m.split(' ').all(|part| words.iter().any(|w| w == part)));
                    if let Some(rank) = rank {
                        let score = (ADJECTIVE - 0.03 * rank as f32).max(0.3);
                        self.columns[id.table.0][id.column].push(Mention { token: i, score });
                    }
                }
            }
        }
    }

    /// "The names of ...": what people know the rows of a table by is its name, whatever it is called.
    fn link_names(&mut self) {
        for i in 0..self.tokens.len() {
            if !matches!(self.tokens[i].lemma.as_str(), "name" | "title") {
                continue;
            }
            let full = i > 0 && matches!(self.tokens[i - 1].folded.as_str(), "full" | "whole" | "complete");
            let ground = self.ground;
            for table in ground.schema.table_ids() {
                let columns = ground.names.display(table);
                // A full name is all parts of one.
                let parts = full && columns.len() > 1;
                for &column in columns {
                    let known = &mut self.columns[column.table.0][column.column];
                    if parts {
                        self.mention(i, column, NAME_PART);
                    } else if !known.iter().any(|m| m.token == i) {
                        known.push(Mention { token: i, score: DISPLAY });
                    }
                }
            }
        }
    }

    /// "The ids of ...": the key of a table's rows, whatever it is called.
    fn link_keys(&mut self) {
        let schema = self.ground.schema;
        let keys: Vec<ColumnId> = schema
            .table_ids()
            .filter_map(|table| match schema.table(table).primary_key.as_slice() {
                [column] => Some(ColumnId { table, column: *column }),
                _ => None,
            })
            .collect();
        for i in 0..self.tokens.len() {
            if !matches!(self.tokens[i].lemma.as_str(), "id" | "identifier" | "identification") {
                continue;
            }
            for key in &keys {
                let known = &mut self.columns[key.table.0][key.column];
                if !known.iter().any(|m| m.token == i) {
                    known.push(Mention { token: i, score: KEY });
                }
            }
        }
    }

    /// "First and last names", "dates of arrival and departure": a word beside a name of several words may stand for one
    /// that shares a word with it.
    fn link_halves(&mut self) {
        let joins = |token: &str| matches!(token, "and" | "or" | "," | "/" | "&" | "both" | "the" | "as" | "well");
        let single = |i: usize| {
            let token = &self.tokens[i];
            token.words.len() == 1 && matches!(token.kind, TokenKind::Word | TokenKind::Name(_) | TokenKind::Number(_))
        };
        let mut found: Vec<(usize, Vec<Link>)> = Vec::new();
        for (at, whole) in self.tokens.iter().enumerate() {
            let lemmas: Vec<&str> = whole.lemma.split(' ').collect();
            if !matches!(whole.kind, TokenKind::Name(_)) || lemmas.len() < 2 {
                continue;
            }
            let (first, last) = (lemmas[0], lemmas[lemmas.len() - 1]);
            let near = (at.saturating_sub(REACH)..at)
                .rev()
                .take_while(|i| single(*i))
                .chain((at + 1..(at + REACH).min(self.tokens.len())).take_while(|i| single(*i)));
            for i in near {
                let word = self.tokens[i].lemma.as_str();
                let (low, high) = (i.min(at), i.max(at));
                let together = (low + 1..high).any(|j| joins(&self.tokens[j].folded));
                if joins(word) || lexicon().is_light(word) && word != "first" && word != "last" || !together {
                    continue;
                }
                let wholes: Vec<Vec<&str>> = if i < at {
                    vec![vec![word, last]]
                } else {
                    vec![[&lemmas[..lemmas.len() - 1], &[word]].concat(), vec![first, word], vec![word, first]]
                };
                let links = wholes.iter().flat_map(|w| self.ground.names.look_up(w)).filter(|l| l.score >= WHOLE);
                found.push((i, links.collect()));
            }
        }
        for (i, links) in found {
            for link in links {
                if let Target::Column(column) = link.target {
                    self.mention(i, column, (link.score * ELIDED) as f32);
                }
            }
        }
    }

    /// Words that name nothing may be related to a name.
    fn link_related(&mut self) {
        let names = self.ground.names;
        for (i, token) in self.tokens.iter().enumerate() {
            let light = lexicon().is_light(&token.folded) || lexicon().is_light(&token.lemma);
            if !matches!(token.kind, TokenKind::Word) || light || self.numbers[i].is_some() {
                continue;
            }
            for link in names.related(&token.lemma) {
                match link.target {
                    Target::Column(column) => self.mention(i, column, link.score as f32),
                    Target::Table(TableId(table)) => {
                        self.tables[table].push(Mention { token: i, score: link.score as f32 });
                        self.best[i].1 = self.best[i].1.max(link.score as f32);
                    }
                    Target::Metric(_) => {}
                }
            }
        }
    }
}
