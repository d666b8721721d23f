//! Questions in keywords and short sentences, as analysts type them ("average price by category", "top 5 stores by
//! area", "stores without orders"), made over the same databases. Open data hardly has such questions, and the rules of
//! the engine read them well: what the rules fully understand is taken for right, so that the scores learn to read them
//! alike.

use super::corpus::{Asked, Source};
use super::gold::Labels;
use super::report::render;
use crate::language::{identifier_words, lexicon, plural};
use crate::pipeline::analysis::analyse;
use crate::pipeline::generation::offline::learned::may_replace;
use crate::pipeline::generation::offline::reading::{self, display_columns};
use crate::pipeline::generation::offline::tokens::tokens;
use crate::schema::{ColumnId, Schema, SemanticType, TableId};

/// Questions made for one database at most.
const MOST: usize = 30;
/// Tries to make one.
const TRIES: usize = 170;

/// A sequence that looks like chance and is the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n.max(1)
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let at = self.below(all.len());
        all.get(at)
    }
}

/// What a table has to ask about.
struct Words<'a> {
    schema: &'a Schema,
    measures: Vec<ColumnId>,
    /// Columns that split rows.
    kinds: Vec<ColumnId>,
    /// Tables that its rows belong to.
    parents: Vec<TableId>,
}

impl<'a> Words<'a> {
    fn new(schema: &'a Schema, table: TableId) -> Self {
        let columns = || (0..schema.table(table).columns.len()).map(move |column| ColumnId { table, column });
        let referred = || schema.foreign_keys.iter().filter(|key| key.from.table == table).map(|key| key.to.table);
        let own = |id: &ColumnId| schema.reference_of(*id).is_none() && !schema.is_primary_key(*id);
        let splits = |id: &ColumnId| {
            let profile = schema.profile(*id);
            matches!(profile.semantic, SemanticType::Category | SemanticType::Geo | SemanticType::Flag)
                && profile.distinct > 1
                && own(id)
        };
        let mut kinds: Vec<ColumnId> = columns().filter(splits).collect();
        for other in referred() {
            let others = (0..schema.table(other).columns.len()).map(|column| ColumnId { table: other, column });
            kinds.extend(others.filter(splits));
            kinds.extend(display_columns(schema, other).into_iter().take(1));
        }
        let measures = columns().filter(|id| schema.profile(*id).semantic.is_measure() && own(id)).collect();
        Self { schema, measures, kinds, parents: referred().filter(|other| *other != table).collect() }
    }

    /// A superlative of some measure: "cheapest" where there is a price.
    fn superlative(&self, chance: &mut Chance) -> Option<String> {
        let names: Vec<Vec<String>> =
            self.measures.iter().map(|id| identifier_words(&self.schema.column(*id).name)).collect();
        let speaks = |measure: &String| {
            names.iter().any(|name| measure.split(' ').all(|part| name.iter().any(|word| word == part)))
        };
        let fitting: Vec<&str> = lexicon()
            .adjectives
            .iter()
            .filter(|a| a.measures.iter().any(speaks))
            .flat_map(|a| a.most.iter().map(String::as_str))
            .collect();
        chance.of(&fitting).map(|most| (*most).to_owned())
    }

    fn column(&self, id: ColumnId) -> String {
        identifier_words(&self.schema.column(id).name).join(" ")
    }
}

/// Keyword questions over one database, with the plans that the rules make of them.
pub fn keywords(source: &Source, seed: u64) -> Vec<Asked> {
    let schema = &source.schema;
    let tables: Vec<TableId> = schema.table_ids().filter(|t| !schema.table(*t).is_view).collect();
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut made: Vec<Asked> = Vec::new();
    for _ in 0..TRIES {
        if made.len() == MOST {
            break;
        }
        let Some(table) = chance.of(&tables).copied() else { break };
        let Some(question) = phrase(&Words::new(schema, table), table, &mut chance) else { continue };
        if made.iter().all(|m| m.question != question) {
            made.extend(read(source, question));
        }
    }
    made
}

fn phrase(words: &Words<'_>, table: TableId, chance: &mut Chance) -> Option<String> {
    let schema = words.schema;
    let noun = identifier_words(&schema.table(table).name).join(" ");
    let rows = plural(&noun);
    let number = [3, 5, 10][chance.below(3)];
    let measure = chance.of(&words.measures).map(|id| words.column(*id));
    let kind = chance.of(&words.kinds).map(|id| words.column(*id));
    let value = chance.of(&words.kinds).and_then(|id| {
        let top = &schema.profile(*id).top;
        let value = chance.of(top)?.as_text()?.to_owned();
        (value.len() > 2).then_some((words.column(*id), value))
    });
    let parent = chance.of(&words.parents).map(|t| identifier_words(&schema.table(*t).name).join(" "));
    let parents = parent.as_deref().map(plural);
    let bound = chance.of(&words.measures).and_then(|id| {
        let profile = schema.profile(*id);
        let middle = f64::midpoint(profile.min.as_ref()?.as_f64()?, profile.max.as_ref()?.as_f64()?);
        Some((words.column(*id), middle.round()))
    });
    let most = words.superlative(chance);
    let few = ["two", "three", "five", "ten"][chance.below(4)];
    Some(match chance.below(34) {
        0 => format!("{} by {}", measure?, kind?),
        1 => format!("total {} per {}", measure?, kind?),
        2 => format!("average {} by {}", measure?, kind?),
        3 => format!("{rows} by {}", kind?),
        4 => format!("number of {rows} per {}", kind?),
        5 => format!("count of {rows} by {}", kind?),
        6 => format!("top {number} {rows} by {}", measure?),
        7 => format!("{rows} sorted by {}", measure?),
        8 => format!("{rows} in {}", value?.1),
        9 => {
            let (column, value) = value?;
            format!("{rows} with {column} {value}")
        }
        10 => format!("{} of {rows} in {}", measure?, value?.1),
        11 => format!("how many {rows} in {}", value?.1),
        12 => format!("max {} by {}", measure?, kind?),
        13 => format!("avg {}", measure?),
        14 => format!("top {number} {} by total {}", parents?, measure?),
        15 => format!("which {} has the highest total {}", parent?, measure?),
        16 => format!("{} without {rows}", parents?),
        17 => format!("how many {} have no {rows}", parents?),
        18 => format!("total {} by {}, highest first", measure?, kind?),
        19 => format!("{rows} with {} above average", measure?),
        20 => format!("{} with the most {rows}", kind?),
        21 => format!("the {number} {} with the most {rows}", parents?),
        22 => format!("which {} has the highest average {}", kind?, measure?),
        23 => {
            let (column, bound) = bound?;
            format!("{rows} with {column} over {bound}")
        }
        24 => {
            let (column, bound) = bound?;
            format!("how many {rows} have a {column} of less than {bound}")
        }
        25 => format!("average {} per {}", measure?, parent?),
        26 => format!("total {} for {}", measure?, value?.1),
        27 => format!("how many {rows} per {}", parent?),
        28 => format!("the {few} {} {rows}", most?),
        29 => format!("which {noun} is the {}", most?),
        30 => format!("which {} is {} on average", kind?, most?),
        31 => format!("top {number} {} {rows} in {}", most?, value?.1),
        32 => format!("which {few} {} have the highest {}", parents?, measure?),
        _ => format!("{} with the highest {}", parents?, measure?),
    })
}

/// A question as the rules read it, if they leave no word out and are sure of every name.
fn read(source: &Source, question: String) -> Option<Asked> {
    let analysis = analyse(&question, &source.schema, jiff::civil::date(2020, 1, 1));
    let tokens = tokens(&analysis, &source.names);
    let reading = reading::read(source.ground(&analysis), tokens.clone()).ok()?;
    let sure = reading.unread.is_empty() && reading.links.iter().all(|(_, score)| *score >= 0.9);
    let plan = Some(reading.query).filter(|query| sure && may_replace(query))?;
    let gold = render(source, &plan)?;
    let labels = Some(Labels::of(&plan, &source.graph));
    Some(Asked { question, gold, analysis, tokens, plan: Some(plan), labels, made: true })
}
