//! `t2s schema`: what the database holds, as the engine sees it.

use std::io::{self, Write};

use serde_json::{Value as Json, json};

use super::args::SchemaArgs;
use super::exit::{Exit, Failed};
use super::output::terminal_width;
use super::say::charset;
use super::{Setup, open};
use crate::export::format::raw;
use crate::export::{Options, json as answer_json, text_table};
use crate::knowledge::Knowledge;
use crate::pipeline::execution::{ColumnType, ResultColumn, ResultSet};
use crate::schema::{Column, ColumnId, Schema, SemanticType, Table, TableId, Value};

/// Values shown of a column.
const SAMPLES: usize = 3;

pub async fn run(setup: &Setup, args: SchemaArgs) -> Result<Exit, Failed> {
    let pipeline = open::pipeline(setup).await?;
    let (schema, knowledge) = (pipeline.schema(), pipeline.knowledge());
    let table = args.table.as_deref().map(|name| find(schema, name)).transpose()?;
    if args.json {
        let object = match table {
            Some(id) => table_json(schema, knowledge, id),
            None => json!({
                "name": schema.name,
                "dialect": schema.dialect.name(),
                "fingerprint": schema.fingerprint,
                "tables": schema.table_ids().map(|id| table_json(schema, knowledge, id)).collect::<Vec<_>>(),
            }),
        };
        writeln!(io::stdout(), "{object:#}")?;
        return Ok(Exit::ANSWERED);
    }
    let text = match table {
        Some(id) => one_table(setup, schema, knowledge, id),
        None => all_tables(setup, schema, knowledge),
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(Exit::ANSWERED)
}

fn find(schema: &Schema, name: &str) -> Result<TableId, Failed> {
    schema.find_table(name).ok_or_else(|| {
        let mut near: Vec<(f64, &str)> = schema
            .tables
            .iter()
            .map(|t| (strsim::jaro_winkler(&name.to_lowercase(), &t.name.to_lowercase()), t.name.as_str()))
            .filter(|(score, _)| *score >= 0.75)
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0));
        let near: Vec<String> = near.iter().take(3).map(|(_, name)| format!("\"{name}\"")).collect();
        let hint = match near.as_slice() {
            [] => "t2s schema lists the tables".to_owned(),
            near => format!("did you mean {}?", near.join(" or ")),
        };
        Failed::new(Exit::SQL, "unknown_table", format!("no table named \"{name}\"")).hint(hint)
    })
}

fn all_tables(setup: &Setup, schema: &Schema, knowledge: &Knowledge) -> String {
    let rows = schema.table_ids().map(|id| {
        let table = schema.table(id);
        let refers: Vec<&str> = references(schema, id).map(|(_, to)| schema.table(to.table).name.as_str()).collect();
        vec![
            text(&table.name),
            text(if table.is_view { "view" } else { "table" }),
            match table.row_count {
                Some(rows) if table.rows_estimated => text(&format!("about {rows}")),
                rows => rows.map_or(Value::Null, |n| Value::Integer(n as i64)),
            },
            Value::Integer(table.columns.len() as i64),
            text(&refers.join(", ")),
            text(&description(knowledge, table)),
        ]
    });
    let columns = [
        ("table", ColumnType::Text),
        ("kind", ColumnType::Text),
        ("rows", ColumnType::Integer),
        ("columns", ColumnType::Integer),
        ("refers to", ColumnType::Text),
        ("description", ColumnType::Text),
    ];
    drawn(setup, &columns, rows.collect())
}

fn one_table(setup: &Setup, schema: &Schema, knowledge: &Knowledge, id: TableId) -> String {
    let table = schema.table(id);
    let rows = table.columns.iter().enumerate().map(|(position, column)| {
        let column_id = ColumnId { table: id, column: position };
        vec![
            text(&column.name),
            text(&column.declared_type),
            text(&semantic(column)),
            text(&key(schema, column_id)),
            text(&range(column)),
            text(&samples(column).join(", ")),
            text(
                knowledge.column(&table.name, &column.name).and_then(|c| c.description.as_deref()).unwrap_or_default(),
            ),
        ]
    });
    let columns = ["column", "type", "meaning", "key", "range", "samples", "description"];
    let drawn = drawn(setup, &columns.map(|name| (name, ColumnType::Text)), rows.collect());
    let about = if table.rows_estimated { "about " } else { "" };
    let count = table.row_count.map(|n| format!(", {about}{n} rows")).unwrap_or_default();
    let description = description(knowledge, table);
    let dash = if description.is_empty() { "" } else { ": " };
    let heading = format!("{}{count}{dash}{description}", table.name);
    format!("{}\n{drawn}", crate::terminal::safe(&heading, charset(setup.loaded.config.appearance)))
}

fn table_json(schema: &Schema, knowledge: &Knowledge, id: TableId) -> Json {
    let table = schema.table(id);
    let columns = table.columns.iter().enumerate().map(|(position, column)| {
        let profile = &column.profile;
        json!({
            "name": column.name,
            "type": column.declared_type,
            "semantic_type": profile.semantic,
            "not_null": column.not_null,
            "key": key(schema, ColumnId { table: id, column: position }),
            "distinct": profile.distinct,
            "nulls": profile.nulls,
            "sampled": profile.sampled,
            "min": profile.min.as_ref().map(answer_json::cell),
            "max": profile.max.as_ref().map(answer_json::cell),
            "exact_ends": profile.exact_ends,
            "samples": profile.top.iter().take(SAMPLES).map(answer_json::cell).collect::<Vec<_>>(),
            "description": knowledge.column(&table.name, &column.name).and_then(|c| c.description.clone()),
        })
    });
    let joins = references(schema, id).map(|(from, to)| {
        let declared = schema.reference_of(from).is_some_and(|k| k.declared);
        json!({"column": schema.column(from).name, "to": schema.qualified(to), "declared": declared})
    });
    json!({
        "name": table.name,
        "is_view": table.is_view,
        "row_count": table.row_count,
        "row_count_estimated": table.rows_estimated,
        "description": description(knowledge, table),
        "columns": columns.collect::<Vec<_>>(),
        "references": joins.collect::<Vec<_>>(),
    })
}

fn references(schema: &Schema, id: TableId) -> impl Iterator<Item = (ColumnId, ColumnId)> + '_ {
    schema.foreign_keys.iter().filter(move |k| k.from.table == id).map(|k| (k.from, k.to))
}

fn key(schema: &Schema, id: ColumnId) -> String {
    let is_part_of_key = schema.table(id.table).primary_key.contains(&id.column);
    let primary = is_part_of_key.then(|| "primary".to_owned());
    let reference = schema.reference_of(id).map(|k| {
        let guess = if k.declared { "" } else { " (inferred)" };
        format!("to {}{guess}", schema.qualified(k.to))
    });
    primary.into_iter().chain(reference).collect::<Vec<_>>().join(", ")
}

fn semantic(column: &Column) -> String {
    match serde_json::to_value(column.profile.semantic) {
        Ok(Json::String(word)) if column.profile.semantic != SemanticType::Unknown => word.replace('_', " "),
        _ => String::new(),
    }
}

fn range(column: &Column) -> String {
    match (&column.profile.min, &column.profile.max) {
        (Some(min), Some(max)) if column.profile.exact_ends => format!("{} to {}", raw(min), raw(max)),
        // Rows that were not looked at may lie beyond.
        (Some(min), Some(max)) => format!("about {} to {}", raw(min), raw(max)),
        _ => String::new(),
    }
}

fn samples(column: &Column) -> Vec<String> {
    column.profile.top.iter().take(SAMPLES).map(raw).collect()
}

fn description(knowledge: &Knowledge, table: &Table) -> String {
    let taught = knowledge.table(&table.name).and_then(|t| t.description.clone());
    taught.or_else(|| table.description.clone()).unwrap_or_default()
}

/// Nothing to say is an empty cell, not a text of no letters.
fn text(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { Value::Text(text.to_owned()) }
}

fn drawn(setup: &Setup, columns: &[(&str, ColumnType)], rows: Vec<Vec<Value>>) -> String {
    let columns = columns.iter().map(|(name, kind)| ResultColumn {
        name: (*name).to_owned(),
        kind: *kind,
        unit: None,
        semantic: if *kind == ColumnType::Integer { SemanticType::Quantity } else { SemanticType::FreeText },
    });
    let result = ResultSet { columns: columns.collect(), rows, ..ResultSet::default() };
    let width = io::IsTerminal::is_terminal(&io::stdout()).then(terminal_width);
    let charset = charset(setup.loaded.config.appearance);
    text_table(&result, &Options { width, charset, null_text: Some(String::new()), ..Options::default() })
}
