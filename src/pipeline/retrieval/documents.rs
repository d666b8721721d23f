//! What is searched: one document for each table, column, metric, example and rule, as text for the embedding and as
//! words for the lexical score.

use super::lexical::Bag;
use crate::knowledge::{ColumnKnowledge, Example, Knowledge, Metric, Rule};
use crate::language::identifier_words;
use crate::schema::{Column, Schema, Table, TableId};

/// What each part of a table's document counts beside a column's name.
const TABLE_NAME: f64 = 3.0;
const COLUMN_NAME: f64 = 1.0;
const DESCRIPTION: f64 = 0.5;

/// A text that stands for a table: the whole of it or one of its columns.
#[derive(Clone, Debug)]
pub(super) struct Passage {
    pub(super) table: TableId,
    /// `None` stands for the table as a whole.
    pub(super) column: Option<usize>,
    pub(super) text: String,
}

/// The tables a question may be about, hidden ones left out.
pub(super) fn visible_tables(schema: &Schema, knowledge: &Knowledge) -> Vec<TableId> {
    let hidden = |table: &Table| knowledge.table(&table.name).is_some_and(|k| k.hidden);
    schema.table_ids().filter(|&id| !hidden(schema.table(id))).collect()
}

/// The table's passage first, then one for each of its visible columns.
pub(super) fn passages(schema: &Schema, knowledge: &Knowledge, id: TableId) -> Vec<Passage> {
    let table = schema.table(id);
    let table_words = words(&table.name);
    let taught = knowledge.table(&table.name);
    let columns = visible_columns(table, knowledge);
    let names: Vec<String> = columns.iter().map(|(_, column, _)| words(&column.name)).collect();
    let mut text = format!("{table_words}: {}", names.join(", "));
    if let Some(taught) = taught {
        append(&mut text, &taught.synonyms.join(", "));
    }
    append(&mut text, taught.and_then(|t| t.description.as_deref()).or(table.description.as_deref()).unwrap_or(""));
    let mut passages = vec![Passage { table: id, column: None, text }];
    for ((position, column, taught), name) in columns.into_iter().zip(&names) {
        let mut text = format!("{name} of {table_words}");
        if let Some(taught) = taught {
            append(&mut text, &taught.synonyms.join(", "));
        }
        append(&mut text, description(column, taught));
        passages.push(Passage { table: id, column: Some(position), text });
    }
    passages
}

pub(super) fn table_bag(schema: &Schema, knowledge: &Knowledge, id: TableId) -> Bag {
    let table = schema.table(id);
    let taught = knowledge.table(&table.name);
    let mut bag = Bag::default();
    bag.add_name(&table.name, TABLE_NAME);
    for synonym in taught.iter().flat_map(|t| &t.synonyms) {
        bag.add_name(synonym, TABLE_NAME);
    }
    bag.add_text(taught.and_then(|t| t.description.as_deref()).unwrap_or(""), DESCRIPTION);
    bag.add_text(table.description.as_deref().unwrap_or(""), DESCRIPTION);
    for (_, column, taught) in visible_columns(table, knowledge) {
        bag.add_name(&column.name, COLUMN_NAME);
        for synonym in taught.iter().flat_map(|c| &c.synonyms) {
            bag.add_name(synonym, COLUMN_NAME);
        }
        bag.add_text(description(column, taught), DESCRIPTION);
    }
    bag
}

pub(super) fn example_text(example: &Example) -> String {
    std::iter::once(&example.question).chain(&example.paraphrases).cloned().collect::<Vec<_>>().join("\n")
}

pub(super) fn rule_text(rule: &Rule) -> String {
    format!("{}\n{}", rule.heading, rule.text)
}

pub(super) fn metric_text(metric: &Metric) -> String {
    let mut text = words(&metric.name);
    append(&mut text, &metric.synonyms.join(", "));
    append(&mut text, metric.description.as_deref().unwrap_or(""));
    text
}

pub(super) fn text_bag(text: &str) -> Bag {
    let mut bag = Bag::default();
    bag.add_text(text, 1.0);
    bag
}

fn visible_columns<'a>(
    table: &'a Table,
    knowledge: &'a Knowledge,
) -> Vec<(usize, &'a Column, Option<&'a ColumnKnowledge>)> {
    table
        .columns
        .iter()
        .enumerate()
        .map(|(position, column)| (position, column, knowledge.column(&table.name, &column.name)))
        .filter(|(_, _, taught)| !taught.is_some_and(|t| t.hidden))
        .collect()
}

fn description<'a>(column: &'a Column, taught: Option<&'a ColumnKnowledge>) -> &'a str {
    taught.and_then(|t| t.description.as_deref()).or(column.description.as_deref()).unwrap_or("")
}

fn words(name: &str) -> String {
    identifier_words(name).join(" ")
}

fn append(text: &mut String, more: &str) {
    if !more.is_empty() {
        text.push_str(". ");
        text.push_str(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::TableKnowledge;

    fn column(name: &str) -> Column {
        Column { name: name.to_owned(), ..Column::default() }
    }

    #[test]
    fn what_is_hidden_is_not_searched() {
        let schema = Schema {
            tables: vec![
                Table { name: "orders".to_owned(), columns: vec![column("id"), column("secret")], ..Table::default() },
                Table { name: "staging".to_owned(), ..Table::default() },
            ],
            ..Schema::default()
        };
        let hidden = |name: &str| ColumnKnowledge { name: name.to_owned(), hidden: true, ..ColumnKnowledge::default() };
        let knowledge = Knowledge {
            tables: vec![
                TableKnowledge { name: "Staging".to_owned(), hidden: true, ..TableKnowledge::default() },
                TableKnowledge {
                    name: "orders".to_owned(),
                    synonyms: vec!["purchases".to_owned()],
                    columns: vec![hidden("SECRET")],
                    ..TableKnowledge::default()
                },
            ],
            ..Knowledge::default()
        };
        assert_eq!(visible_tables(&schema, &knowledge), [TableId(0)]);
        let texts: Vec<String> = passages(&schema, &knowledge, TableId(0)).into_iter().map(|p| p.text).collect();
        assert_eq!(texts, ["order: id. purchases", "id of order"]);
    }
}
