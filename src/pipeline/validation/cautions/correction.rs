//! What to write in the place of a measure that is counted twice or does not add up: statements that run by themselves.

use std::collections::BTreeSet;

use sqlparser::ast::{Expr, Ident};

use super::block::{Aggregate, Block, Ref};
use super::expression::{is_named, plain_arguments};
use super::fan_out::Multiplier;
use crate::schema::{Dialect, Schema};

/// Characters of a statement that is still worth showing.
const MAX_LENGTH: usize = 1_200;

pub struct Correction {
    /// The end of the sentence.
    pub advice: String,
    pub statement: Option<String>,
}

/// For rows that `multiplier` repeats.
pub fn of_fan_out(
    block: &Block<'_>,
    aggregate: &Aggregate<'_>,
    rows: &BTreeSet<usize>,
    multiplier: &Multiplier,
    schema: &Schema,
) -> Correction {
    let by = block.label(multiplier.relation);
    if is_named(aggregate.function, &["count"]) {
        let argument = plain_arguments(aggregate.function).first().map(ToString::to_string).unwrap_or_default();
        let counted = format!("COUNT(DISTINCT {argument})");
        let statement = whole(block, &counted, schema);
        return correction(format!("count it once with {counted}"), statement);
    }
    let needed = reads_measures_of(block, multiplier.relation);
    if !needed && let Some(statement) = with_exists(block, aggregate, rows, multiplier, schema) {
        return correction(format!("ask for {by} with EXISTS, or leave it out"), Some(statement));
    }
    let columns: Vec<&str> = multiplier.on.iter().map(|column| block.column(*column).name.as_str()).collect();
    if columns.is_empty() {
        let statement = alone(block, aggregate, rows, schema);
        return correction(format!("join {by} by a column or leave it out"), statement);
    }
    let advice = format!("join {by} as one row for each {}", columns.join(", "));
    let statement = summed_before(block, multiplier, schema).or_else(|| alone(block, aggregate, rows, schema));
    correction(advice, statement)
}

/// `measure` over the same rows, for measures that need another aggregate.
pub fn whole(block: &Block<'_>, measure: &str, schema: &Schema) -> Option<String> {
    let from: Option<Vec<String>> =
        (0..block.relations.len()).map(|relation| source(block, relation, schema)).collect();
    let all: Vec<String> =
        block.filters.iter().filter(|f| f.stands_alone).map(|filter| filter.expr.to_string()).collect();
    let merged = block.merged.iter().map(|second| {
        let first = block.derivations.iter().find(|d| d.to == *second && d.from.len() == 1).map(|d| d.from[0])?;
        Some(format!("{} = {}", column(block, first, schema), column(block, *second, schema)))
    });
    let conditions: Vec<String> = merged.flatten().chain(all).collect();
    let is_ambiguous = !block.merged.is_empty() && block.filters.iter().any(|filter| names_merged(block, filter.expr));
    if is_ambiguous || block.relations.iter().any(|relation| relation.optional) {
        return None;
    }
    short(format!("SELECT {measure} FROM {}{}", from?.join(", "), where_all(&conditions)))
}

/// The measure over its own table alone.
pub fn over_table(measure: &str, table: crate::schema::TableId, schema: &Schema) -> Option<String> {
    short(format!("SELECT {measure} FROM {}", quoted(&schema.table(table).name, schema.dialect)))
}

fn correction(mut advice: String, statement: Option<String>) -> Correction {
    if let Some(statement) = &statement {
        advice.push_str(": ");
        advice.push_str(statement);
    }
    Correction { advice, statement }
}

/// True if another measure is taken from that relation, so that it cannot be left to a condition.
fn reads_measures_of(block: &Block<'_>, relation: usize) -> bool {
    block.aggregates.iter().any(|other| block.columns_in(other.expr).iter().any(|column| column.relation == relation))
}

/// The measure over its own rows, the relation that repeats them only asked whether it has a match.
fn with_exists(
    block: &Block<'_>,
    aggregate: &Aggregate<'_>,
    rows: &BTreeSet<usize>,
    multiplier: &Multiplier,
    schema: &Schema,
) -> Option<String> {
    let [of] = rows.iter().copied().collect::<Vec<_>>()[..] else { return None };
    let by = multiplier.relation;
    let pairs: Vec<String> = block
        .derivations
        .iter()
        .filter(|derivation| derivation.to.relation == by)
        .filter_map(|derivation| match derivation.from.as_slice() {
            [from] if from.relation == of => {
                Some(format!("{} = {}", column(block, derivation.to, schema), column(block, *from, schema)))
            }
            _ => None,
        })
        .collect();
    let own = filters_of(block, of);
    let theirs = filters_of(block, by);
    if pairs.is_empty() || block.relations[by].alias.value.eq_ignore_ascii_case(&block.relations[of].alias.value) {
        return None;
    }
    let mut conditions = own;
    if !(block.relations[by].optional && theirs.is_empty()) {
        let inside: Vec<String> = pairs.into_iter().chain(theirs).collect();
        conditions.push(format!("EXISTS (SELECT 1 FROM {}{})", source(block, by, schema)?, where_all(&inside)));
    }
    short(format!("SELECT {} FROM {}{}", aggregate.expr, source(block, of, schema)?, where_all(&conditions)))
}

/// The measure without any join.
fn alone(block: &Block<'_>, aggregate: &Aggregate<'_>, rows: &BTreeSet<usize>, schema: &Schema) -> Option<String> {
    let [of] = rows.iter().copied().collect::<Vec<_>>()[..] else { return None };
    let conditions = filters_of(block, of);
    short(format!("SELECT {} FROM {}{}", aggregate.expr, source(block, of, schema)?, where_all(&conditions)))
}

/// The relation that repeats rows, brought to one row for each value that it is joined by.
fn summed_before(block: &Block<'_>, multiplier: &Multiplier, schema: &Schema) -> Option<String> {
    let by = multiplier.relation;
    let on: Vec<String> = multiplier.on.iter().map(|at| column(block, *at, schema)).collect();
    let measures = block.aggregates.iter().filter(|other| {
        let columns = block.columns_in(other.expr);
        !columns.is_empty() && columns.iter().all(|column| column.relation == by)
    });
    let mut measures: Vec<String> = measures.map(|other| other.expr.to_string()).collect();
    measures.sort();
    measures.dedup();
    let (from, conditions) = (source(block, by, schema)?, where_all(&filters_of(block, by)));
    let on_list = on.join(", ");
    short(if measures.is_empty() {
        format!("SELECT DISTINCT {on_list} FROM {from}{conditions}")
    } else {
        format!("SELECT {on_list}, {} FROM {from}{conditions} GROUP BY {on_list}", measures.join(", "))
    })
}

/// Conditions on one relation that can be written elsewhere.
fn filters_of(block: &Block<'_>, relation: usize) -> Vec<String> {
    let own = |filter: &&super::block::Filter<'_>| {
        filter.stands_alone && filter.relations.iter().eq([relation].iter()) && !names_merged(block, filter.expr)
    };
    block.filters.iter().filter(own).map(|filter| filter.expr.to_string()).collect()
}

/// True if a bare name means a column of two tables, which only USING and NATURAL allow.
fn names_merged(block: &Block<'_>, expr: &Expr) -> bool {
    let (parts, _) = super::expression::within(expr);
    parts.iter().any(|part| match part {
        Expr::Identifier(name) => {
            block.merged.iter().any(|column| block.column(*column).name.eq_ignore_ascii_case(&name.value))
        }
        _ => false,
    })
}

/// How FROM names the relation; `None` for queries, which need their own text.
fn source(block: &Block<'_>, relation: usize, schema: &Schema) -> Option<String> {
    let entry = &block.relations[relation];
    let table = quoted(&schema.table(entry.base?).name, schema.dialect);
    let is_renamed = !entry.alias.value.eq_ignore_ascii_case(&schema.table(entry.base?).name);
    Some(if is_renamed { format!("{table} AS {}", written(&entry.alias, schema.dialect)) } else { table })
}

pub fn column(block: &Block<'_>, at: Ref, schema: &Schema) -> String {
    let alias = written(&block.relations[at.relation].alias, schema.dialect);
    format!("{alias}.{}", quoted(&block.column(at).name, schema.dialect))
}

fn written(name: &Ident, dialect: Dialect) -> String {
    quoted(&name.value, dialect)
}

pub fn quoted(name: &str, dialect: Dialect) -> String {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && !is_reserved(name);
    match dialect {
        _ if plain => name.to_owned(),
        Dialect::Sqlite => format!("\"{}\"", name.replace('"', "\"\"")),
        Dialect::BigQuery => format!("`{}`", name.replace('`', "\\`")),
    }
}

/// Words that the one or the other dialect reads as syntax where a name may stand.
fn is_reserved(name: &str) -> bool {
    const WORDS: &str = " add all alter and any array as asc at autoincrement between by case cast check collate \
        column commit constraint contains create cross cube current current_date current_time current_timestamp \
        default deferrable define delete desc distinct drop else end enum escape except exclude exists extract false fetch \
        following for foreign from full glob group grouping groups hash having if ignore in index indexed inner insert \
        intersect interval into is isnull join key lateral left like limit lookup match merge natural new no not notnull \
        null nulls of offset on or order outer over partition preceding primary proto qualify range recursive references \
        regexp respect returning right rollup rows select set some struct table tablesample then to transaction treat true \
        unbounded union unique unnest update using values view virtual when where window with within without ";
    WORDS.contains(&format!(" {} ", name.to_ascii_lowercase()))
}

fn where_all(conditions: &[String]) -> String {
    if conditions.is_empty() { String::new() } else { format!(" WHERE {}", joined(conditions)) }
}

/// An OR binds less than the AND that joins it.
fn joined(conditions: &[String]) -> String {
    let bracketed = |condition: &String| {
        if condition.to_ascii_uppercase().contains(" OR ") { format!("({condition})") } else { condition.clone() }
    };
    conditions.iter().map(bracketed).collect::<Vec<_>>().join(" AND ")
}

fn short(statement: String) -> Option<String> {
    (statement.len() <= MAX_LENGTH).then_some(statement)
}
