//! Names and literals as the dialect writes them.

use super::kind::Kind;
use crate::schema::{Dialect, Value};

pub(super) fn literal(value: &Value, dialect: Dialect) -> String {
    match value {
        Value::Null | Value::Blob(_) => "NULL".to_owned(),
        Value::Integer(n) => n.to_string(),
        Value::Real(x) => format!("{x:?}"),
        Value::Text(text) => text_literal(text, dialect),
    }
}

pub(super) fn text_literal(text: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => format!("'{}'", text.replace('\'', "''")),
        Dialect::BigQuery => {
            let mut sql = String::from("'");
            for c in text.chars() {
                match c {
                    '\\' => sql.push_str("\\\\"),
                    '\'' => sql.push_str("\\'"),
                    '\n' => sql.push_str("\\n"),
                    '\r' => sql.push_str("\\r"),
                    _ => sql.push(c),
                }
            }
            sql.push('\'');
            sql
        }
    }
}

/// A value as BigQuery can compare it with values of a kind.
pub(super) fn typed_literal(value: &Value, kind: Kind) -> String {
    let plain = || literal(value, Dialect::BigQuery);
    match (value, kind) {
        (Value::Integer(_) | Value::Real(_), Kind::Text) => format!("'{}'", plain()),
        (Value::Integer(n), Kind::Truth) => if *n == 0 { "FALSE" } else { "TRUE" }.to_owned(),
        (Value::Text(text), Kind::Whole | Kind::Decimal | Kind::Float) => match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => text.trim().to_owned(),
            _ => cast(&plain(), kind),
        },
        (Value::Text(text), Kind::Truth) => match text.to_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" => "TRUE".to_owned(),
            "false" | "f" | "no" | "n" | "0" => "FALSE".to_owned(),
            _ => cast(&plain(), kind),
        },
        (Value::Text(text), Kind::Date | Kind::DateTime | Kind::Timestamp) => match first_moment(text) {
            Some(moment) => format!("{} '{moment}'", kind.type_name().unwrap_or_default()),
            None => cast(&plain(), kind),
        },
        (Value::Integer(year), Kind::Date | Kind::DateTime | Kind::Timestamp) if (1..=9999).contains(year) => {
            format!("{} '{year:04}-01-01'", kind.type_name().unwrap_or_default())
        }
        _ => plain(),
    }
}

/// BigQuery's conversion that gives nothing where there is nothing to convert.
pub(super) fn cast(sql: &str, kind: Kind) -> String {
    match kind.type_name() {
        Some(name) => format!("SAFE_CAST({sql} AS {name})"),
        None => sql.to_owned(),
    }
}

/// Where a day, a time of a day, a month (`2024-05`), a quarter (`2024-Q2`) or a year begins.
fn first_moment(text: &str) -> Option<String> {
    let text = text.trim();
    if let Ok(moment) = text.parse::<jiff::civil::DateTime>() {
        let midnight = moment.time() == jiff::civil::Time::midnight();
        return Some(if midnight { moment.date().to_string() } else { moment.to_string().replace('T', " ") });
    }
    let (year, rest) = text.split_at_checked(4)?;
    let year: i16 = year.parse().ok()?;
    let month: i8 = match rest.strip_prefix('-') {
        None if rest.is_empty() => 1,
        None => return None,
        Some(part) => match part.strip_prefix('Q') {
            Some(quarter) => quarter.parse::<i8>().ok().filter(|q| (1..=4).contains(q))? * 3 - 2,
            None => part.parse().ok()?,
        },
    };
    jiff::civil::Date::new(year, month, 1).ok().map(|date| date.to_string())
}

/// Names are quoted only where they must be, so that the SQL reads well.
pub(super) fn quote(name: &str, dialect: Dialect) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain && !is_keyword(name, dialect) { name.to_owned() } else { quoted(name, dialect) }
}

pub(super) fn quoted(name: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Sqlite => format!("\"{}\"", name.replace('"', "\"\"")),
        Dialect::BigQuery => format!("`{}`", name.replace('\\', "\\\\").replace('`', "\\`")),
    }
}

/// Words that the database or the gate's parser reads as grammar. What is grammar to SQLite is quoted for BigQuery too.
pub(super) fn is_keyword(name: &str, dialect: Dialect) -> bool {
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
    const BIGQUERY: &str = " any array assert_rows_modified at contains cube define enum extract false grouping hash lateral lookup \
        merge new proto qualify respect rollup some struct tablesample treat true unnest within datetime quarter week ";
    let word = format!(" {} ", name.to_ascii_lowercase());
    KEYWORDS.contains(&word) || (dialect == Dialect::BigQuery && BIGQUERY.contains(&word))
}
