//! "Who": which of the tables of people is meant.

use std::ops::Range;

use super::super::Reading as Choice;
use super::names::{Link, Target};
use super::reading::{Ground, display_columns};
use super::tokens::{Token, TokenKind};
use crate::language::{identifier_words, lexicon};
use crate::pipeline::analysis::Analysis;
use crate::schema::{Schema, TableId};

/// What "who" stands for.
pub enum Who {
    /// It is not asked, or those who are meant are named.
    Said(Vec<Token>),
    /// Several kinds of people could be meant.
    Unclear(Vec<Choice>),
}

/// Puts the people that can be meant in place of "who".
pub fn read(mut tokens: Vec<Token>, ground: Ground<'_>) -> Who {
    let schema = ground.schema;
    if !tokens.first().is_some_and(|t| t.is(&["who"])) || tokens.iter().any(|t| names_people(t, schema)) {
        return Who::Said(tokens);
    }
    if let Some((doing, agent)) = agent(&tokens, ground) {
        tokens[0].kind = TokenKind::Name(vec![agent]);
        tokens.drain(doing);
        return Who::Said(tokens);
    }
    let spoken: Vec<TableId> = tokens.iter().filter_map(table_of).collect();
    let refers = |to: TableId| schema.foreign_keys.iter().any(|k| k.to.table == to && spoken.contains(&k.from.table));
    let people: Vec<TableId> = schema.table_ids().filter(|t| is_people(schema, *t) && refers(*t)).collect();
    match people.as_slice() {
        [] => Who::Said(tokens),
        [table] => {
            tokens[0].kind = TokenKind::Name(vec![Link { target: Target::Table(*table), score: 0.95 }]);
            Who::Said(tokens)
        }
        several => Who::Unclear(several.iter().take(4).map(|t| which(ground.analysis, schema, *t)).collect()),
    }
}

/// "who wrote Emma": the words of what somebody does to a thing of the data, and those who do such a thing.
fn agent(tokens: &[Token], ground: Ground<'_>) -> Option<(Range<usize>, Link)> {
    let thing = tokens.iter().find_map(|t| match t.kind {
        TokenKind::Value(value) => ground.analysis.values[value].hits.first().map(|hit| hit.column),
        _ => None,
    })?;
    let start = 1 + tokens[1..].iter().take_while(|t| t.is(&["is", "was", "are", "were", "the"])).count();
    let spelled = |phrase: &str| {
        let words: Vec<&str> = phrase.split(' ').collect();
        let said = tokens.get(start..start + words.len())?;
        said.iter().zip(&words).all(|(token, word)| token.folded == **word).then_some(start..start + words.len())
    };
    let (doing, nouns) =
        lexicon().agents.iter().find_map(|a| Some((a.verbs.iter().find_map(|verb| spelled(verb))?, &a.nouns)))?;
    let link = nouns.iter().find_map(|noun| {
        let words: Vec<&str> = noun.split(' ').collect();
        ground.names.look_up(&words).into_iter().find(|link| {
            let table = match link.target {
                Target::Table(table) => table,
                Target::Column(id) if id != thing => id.table,
                Target::Column(_) | Target::Metric(_) => return false,
            };
            link.score >= NAMED && ground.graph.join(&[thing.table, table], &[]).is_some()
        })
    })?;
    Some((1..doing.end, Link { target: referred(link.target, ground.schema), score: link.score.max(SAID) }))
}

/// A key of somebody stands for whom it refers to, where it is the only one that does.
fn referred(target: Target, schema: &Schema) -> Target {
    let Target::Column(id) = target else { return target };
    let Some(key) = schema.reference_of(id) else { return target };
    let mut others = schema.foreign_keys.iter().filter(|k| k.from.table == id.table && k.to.table == key.to.table);
    if others.next().is_some() && others.next().is_none() { Target::Table(key.to.table) } else { target }
}

/// So strong a link names at least a part of what is called so.
const NAMED: f64 = 0.6;
/// What somebody is asked for by is as good as a name.
const SAID: f64 = 0.95;

fn table_of(token: &Token) -> Option<TableId> {
    token.links().first().and_then(|l| match l.target {
        Target::Table(table) => Some(table),
        Target::Column(id) => Some(id.table),
        Target::Metric(_) => None,
    })
}

fn names_people(token: &Token, schema: &Schema) -> bool {
    token.links().first().is_some_and(|l| match l.target {
        Target::Table(table) => is_people(schema, table),
        Target::Column(id) => is_people(schema, id.table),
        Target::Metric(_) => false,
    })
}

/// Rows that are known by a first, last or full name, or that have what only people have.
fn is_people(schema: &Schema, table: TableId) -> bool {
    let shown = display_columns(schema, table);
    let has = |words: &[String], any: &[&str]| words.iter().any(|w| any.contains(&w.as_str()));
    let named = shown.iter().any(|c| {
        let words = identifier_words(&schema.column(*c).name);
        has(&words, &["full", "first", "last"]) && has(&words, &["name"])
    });
    let personal = schema.table(table).columns.iter().any(|column| {
        has(&identifier_words(&column.name), &["birth", "birthday", "sex", "gender", "salary", "surname", "hired"])
    });
    named || personal
}

fn which(analysis: &Analysis, schema: &Schema, table: TableId) -> Choice {
    let noun = identifier_words(&schema.table(table).name).join(" ");
    let rest = analysis.words.first().and_then(|w| analysis.text.get(w.span.end..)).unwrap_or_default();
    Choice { label: noun.clone(), question: format!("Which {noun}{rest}") }
}
