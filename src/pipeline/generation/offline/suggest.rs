//! Questions that the open database can answer, made from its own tables, columns and values.

use super::reading::display_columns;
use crate::language::identifier_words;
use crate::schema::{ColumnId, Schema, SemanticType, TableId};

/// A question and the intent it is an example of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggested {
    pub question: String,
}

/// At most eight questions, the most telling first.
pub fn suggestions(schema: &Schema) -> Vec<Suggested> {
    let mut questions: Vec<String> = Vec::new();
    for table in by_size(schema) {
        let noun = words(&schema.table(table).name);
        let measure = column_of(schema, table, SemanticType::is_additive)
            .or_else(|| column_of(schema, table, SemanticType::is_measure));
        let category = column_of(schema, table, |s| matches!(s, SemanticType::Category | SemanticType::Geo));
        if let Some(measure) = measure {
            let name = words(&schema.column(measure).name);
            if let Some(parent) = parent_of(schema, table) {
                let parent_noun = words(&schema.table(parent).name);
                questions.push(format!("top 5 {parent_noun} by {name}"));
            }
            let kind = if schema.profile(measure).semantic.is_additive() { "total" } else { "average" };
            if let Some(category) = category {
                questions.push(format!("{kind} {name} by {}", words(&schema.column(category).name)));
            }
            if column_of(schema, table, |s| matches!(s, SemanticType::Date | SemanticType::DateTime)).is_some() {
                questions.push(format!("{kind} {name} by month"));
            }
        } else if let Some(category) = category {
            questions.push(format!("how many {noun} are there in each {}", words(&schema.column(category).name)));
        }
        if questions.len() < 3 {
            questions.push(format!("how many {noun} are there"));
        }
    }
    let mut unique: Vec<String> = Vec::new();
    for question in questions {
        if !unique.contains(&question) {
            unique.push(question);
        }
    }
    unique.truncate(8);
    unique.into_iter().map(|question| Suggested { question }).collect()
}

fn by_size(schema: &Schema) -> Vec<TableId> {
    let mut tables: Vec<TableId> = schema
        .table_ids()
        .filter(|t| schema.table(*t).row_count != Some(0) && !schema.table(*t).columns.is_empty())
        .collect();
    tables.sort_by_key(|t| std::cmp::Reverse(schema.table(*t).row_count));
    tables
}

fn column_of(schema: &Schema, table: TableId, fits: impl Fn(SemanticType) -> bool) -> Option<ColumnId> {
    (0..schema.table(table).columns.len())
        .map(|column| ColumnId { table, column })
        .find(|id| fits(schema.profile(*id).semantic))
}

/// A table that this one refers to and whose rows have a name.
fn parent_of(schema: &Schema, table: TableId) -> Option<TableId> {
    schema
        .foreign_keys
        .iter()
        .find(|k| k.from.table == table && k.to.table != table && named(schema, k.to.table))
        .map(|k| k.to.table)
}

fn named(schema: &Schema, table: TableId) -> bool {
    display_columns(schema, table).first().is_some_and(|c| schema.profile(*c).semantic == SemanticType::Name)
}

fn words(name: &str) -> String {
    if name.contains('_') || name.chars().all(char::is_lowercase) {
        name.replace('_', " ").to_lowercase()
    } else {
        identifier_words(name).join(" ")
    }
}
