//! Literals and names as the dialect writes them.

use crate::schema::Value;

pub(super) fn literal(value: &Value) -> String {
    match value {
        Value::Null | Value::Blob(_) => "NULL".to_owned(),
        Value::Integer(n) => n.to_string(),
        Value::Real(x) => format!("{x:?}"),
        Value::Text(text) => text_literal(text),
    }
}

pub(super) fn text_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Names are quoted only where they must be, so that the SQL reads well.
pub(super) fn quote(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain && !is_keyword(name) { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// Words that SQLite or the gate's parser read as grammar.
pub(super) fn is_keyword(name: &str) -> bool {
    const KEYWORDS: &str = " abort action add after all alter always analyze and as asc attach autoincrement before begin between by \
        cascade case cast check collate column commit conflict constraint create cross current current_date current_time \
        current_timestamp database default deferrable deferred delete desc detach distinct do drop each else end escape except \
        exclude exclusive exists explain fail fetch filter first following for foreign from full generated glob group groups \
        having if ignore immediate in index indexed initially inner insert instead intersect interval into is isnull join key last left \
        like limit match materialized natural no not nothing notnull null nulls of offset on or order others outer over \
        partition plan pragma preceding primary query raise range recursive references regexp reindex release rename \
        replace restrict returning right rollback row rows savepoint select set table temp temporary then ties to \
        transaction trigger unbounded union unique update using vacuum values view virtual when where window with without \
        user position rank date time timestamp year month day end start char character ";
    KEYWORDS.contains(&format!(" {} ", name.to_ascii_lowercase()))
}
