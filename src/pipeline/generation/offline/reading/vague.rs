//! What a superlative without a measure could be measured by.

use super::super::suggest::numbers_rows;
use super::super::tokens::Token;
use super::{Ground, Reader};
use crate::language::{identifier_words, plural};
use crate::schema::TableId;

/// Measures that are offered.
const OFFERED: usize = 4;

/// What a table of a business is measured by, first what is asked for most.
const USUAL: [&str; 10] =
    ["revenue", "turnover", "sale", "unit", "quantity", "margin", "profit", "price", "amount", "total"];

/// Measures that a superlative could mean, as phrases.
pub fn measures(ground: Ground<'_>, tokens: &[Token]) -> Vec<String> {
    Reader::new(ground, tokens.to_vec()).measures_for()
}

impl Reader<'_> {
    /// Measures of the tables spoken of that a vague superlative could mean: the usual ones first, then those of the
    /// thing itself, then how many rows belong to it.
    pub(super) fn measures_for(&self) -> Vec<String> {
        let schema = self.ground.schema;
        let spoken = self.mentioned_tables();
        let mut found: Vec<(u32, String)> = Vec::new();
        for id in schema.columns() {
            if !schema.profile(id).semantic.is_measure() || numbers_rows(schema, id) {
                continue;
            }
            let words = identifier_words(&schema.column(id).name);
            let usual = USUAL.iter().position(|w| words.iter().any(|x| x == w));
            let near = if self.evidence[id.table.0] > 0.0 { 0 } else { 5 };
            let rank = match usual {
                Some(rank) if self.reaches_mentioned(id.table) => rank as u32 + near + words.len() as u32 * 3,
                None if spoken.contains(&id.table) => OWN,
                _ => continue,
            };
            found.push((rank, words.join(" ")));
        }
        found.sort();
        found.extend(self.belongings(&spoken).into_iter().map(|noun| (COUNTED, format!("number of {noun}"))));
        let mut phrases: Vec<String> = Vec::new();
        for (_, phrase) in found {
            if !phrases.contains(&phrase) {
                phrases.push(phrase);
            }
        }
        phrases.truncate(OFFERED);
        phrases
    }

    /// Rows of other tables that refer to the first table spoken of, by their noun.
    fn belongings(&self, spoken: &[TableId]) -> Vec<String> {
        let schema = self.ground.schema;
        let keys =
            schema.foreign_keys.iter().filter(|k| spoken.first() == Some(&k.to.table) && k.from.table != k.to.table);
        let mut tables: Vec<TableId> = Vec::new();
        for key in keys {
            if !tables.contains(&key.from.table) {
                tables.push(key.from.table);
            }
        }
        tables.into_iter().map(|t| plural(&identifier_words(&schema.table(t).name).join(" "))).collect()
    }
}

/// Behind the usual measures.
const OWN: u32 = 40;
const COUNTED: u32 = 50;
