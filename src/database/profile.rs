//! Looks at the rows of each table once and says what each column holds and means.

use std::collections::HashMap;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, params};

use super::catalogue::quote;
use crate::language::identifier_words;
use crate::schema::{Column, ColumnId, ColumnProfile, Schema, SemanticType, Table, Value};

/// Rows of one table that are looked at, and in how many places of a larger one.
const SAMPLE_ROWS: u64 = 60_000;
const SAMPLE_PLACES: u64 = 12;
/// Rows up to which a whole scan is taken for the exact count and the ends of dates (about 0.1 s a million).
const SCAN_ROWS: u64 = 5_000_000;
/// Distinct values of a column that are told apart, and that are indexed; characters of an indexed value.
const DISTINCT_CAP: usize = 20_000;
const VALUE_CHARS: usize = 60;
const TOP_VALUES: usize = 20;
/// Bytes from which a value is not looked at where some are too long to be read.
const LONG_VALUE: usize = 10_000;

/// Fills row counts, column profiles and the value index.
pub(super) fn fill(connection: &Connection, schema: &mut Schema) -> rusqlite::Result<()> {
    for id in schema.table_ids() {
        if schema.table(id).columns.is_empty() {
            continue;
        }
        let mut gathered: Vec<Gathered> = schema.table(id).columns.iter().map(|_| Gathered::default()).collect();
        let table = schema.table(id);
        let sampled = match gather(connection, table, &mut gathered) {
            Ok(sampled) => sampled,
            // A view that no longer compiles has nothing to show.
            Err(_) if table.is_view => continue,
            Err(error) => return Err(error),
        };
        let count = row_count(connection, table, &gathered, sampled)?;
        schema.tables[id.0].row_count = count;
        for (column, gathered) in gathered.into_iter().enumerate() {
            fill_column(connection, schema, ColumnId { table: id, column }, gathered, sampled)?;
        }
    }
    Ok(())
}

fn fill_column(
    connection: &Connection,
    schema: &mut Schema,
    id: ColumnId,
    gathered: Gathered,
    sampled: bool,
) -> rusqlite::Result<()> {
    let is_reference = schema.reference_of(id).is_some();
    let (mut profile, values) = gathered.finish();
    let is_key = schema.is_primary_key(id);
    profile.semantic = semantic_type(schema.table(id.table), schema.column(id), &profile, is_key, is_reference);
    let rows = schema.table(id.table).row_count.unwrap_or(u64::MAX);
    if sampled && profile.semantic.is_time() && rows <= SCAN_ROWS {
        let (table, column) = (quote(&schema.table(id.table).name), quote(&schema.column(id).name));
        let ends = connection.query_row(&format!("SELECT min({column}), max({column}) FROM {table}"), [], |row| {
            Ok((owned(row.get_ref(0)?), owned(row.get_ref(1)?)))
        })?;
        profile.min = Some(ends.0).filter(|v| !v.is_null());
        profile.max = Some(ends.1).filter(|v| !v.is_null());
    }
    if is_indexed(&profile) {
        for (value, rows) in &values {
            if let Value::Text(text) = value
                && text.chars().count() <= VALUE_CHARS
            {
                schema.values.insert(id, text, *rows);
            }
        }
    }
    profile.top = values.into_iter().take(TOP_VALUES).map(|(value, _)| value).collect();
    schema.tables[id.table.0].columns[id.column].profile = profile;
    Ok(())
}

/// Dates are asked for by the calendar and long texts by search, not by their values.
fn is_indexed(profile: &ColumnProfile) -> bool {
    !profile.iso_dates
        && !matches!(
            profile.semantic,
            SemanticType::Url | SemanticType::Blob | SemanticType::Date | SemanticType::DateTime
        )
}

/// True if only a part of the rows was read.
fn gather(connection: &Connection, table: &Table, gathered: &mut [Gathered]) -> rusqlite::Result<bool> {
    let names = || table.columns.iter().map(|column| quote(&column.name));
    let columns = names().collect::<Vec<_>>().join(", ");
    match gather_columns(connection, table, &columns, gathered) {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::TooBig) => {
            gathered.fill_with(Gathered::default);
            gather_columns(
                connection,
                table,
                &names().map(|name| short(&name)).collect::<Vec<_>>().join(", "),
                gathered,
            )
        }
        sampled => sampled,
    }
}

/// A column whose longest values may not be read: they count as empty ones of their kind.
fn short(column: &str) -> String {
    format!("iif(octet_length({column}) > {LONG_VALUE}, iif(typeof({column}) = 'text', '', x''), {column})")
}

fn gather_columns(
    connection: &Connection,
    table: &Table,
    columns: &str,
    gathered: &mut [Gathered],
) -> rusqlite::Result<bool> {
    let name = quote(&table.name);
    let last: Option<i64> = if table.is_view {
        None
    } else {
        // Tables without rowid fail here and are read from the front.
        connection.query_row(&format!("SELECT max(rowid) FROM {name}"), [], |row| row.get(0)).unwrap_or(None)
    };
    match last {
        Some(last) if last as u64 > SAMPLE_ROWS => {
            let sql = format!("SELECT {columns} FROM {name} WHERE rowid >= ?1 LIMIT ?2");
            let mut statement = connection.prepare(&sql)?;
            let rows = SAMPLE_ROWS / SAMPLE_PLACES;
            let stride = (last as u64 - rows) / (SAMPLE_PLACES - 1);
            for place in 0..SAMPLE_PLACES {
                let first = (place * stride + 1) as i64;
                add_rows(statement.query(params![first, rows as i64])?, gathered)?;
            }
            Ok(true)
        }
        _ => {
            let sql = format!("SELECT {columns} FROM {name} LIMIT {SAMPLE_ROWS}");
            add_rows(connection.prepare(&sql)?.query([])?, gathered)?;
            Ok(gathered.first().is_some_and(|g| g.rows >= SAMPLE_ROWS))
        }
    }
}

fn add_rows(mut rows: rusqlite::Rows<'_>, gathered: &mut [Gathered]) -> rusqlite::Result<()> {
    while let Some(row) = rows.next()? {
        for (i, column) in gathered.iter_mut().enumerate() {
            column.add(row.get_ref(i)?);
        }
    }
    Ok(())
}

fn row_count(
    connection: &Connection,
    table: &Table,
    gathered: &[Gathered],
    sampled: bool,
) -> rusqlite::Result<Option<u64>> {
    if !sampled {
        return Ok(gathered.first().map(|g| g.rows));
    }
    let name = quote(&table.name);
    let last: Option<i64> = if table.is_view {
        None
    } else {
        connection.query_row(&format!("SELECT max(rowid) FROM {name}"), [], |row| row.get(0)).unwrap_or(None)
    };
    match last {
        Some(last) if (last as u64) <= SCAN_ROWS => {
            let count: i64 = connection.query_row(&format!("SELECT count(*) FROM {name}"), [], |row| row.get(0))?;
            Ok(Some(count as u64))
        }
        _ => Ok(None),
    }
}

fn owned(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => Value::Integer(n),
        ValueRef::Real(x) => Value::Real(x),
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}

/// Figures of one column while its rows go by.
#[derive(Default)]
struct Gathered {
    rows: u64,
    nulls: u64,
    numbers: u64,
    texts: u64,
    iso_dates: u64,
    text_chars: u64,
    blobs: u64,
    min: Option<Value>,
    max: Option<Value>,
    texts_seen: HashMap<Vec<u8>, u64>,
    /// Keyed by the bits of the number, so that 1 and 1.0 count once.
    numbers_seen: HashMap<u64, u64>,
    capped: bool,
}

impl Gathered {
    fn add(&mut self, value: ValueRef<'_>) {
        self.rows += 1;
        match value {
            ValueRef::Null => self.nulls += 1,
            ValueRef::Integer(n) => self.add_number(n as f64, Value::Integer(n)),
            ValueRef::Real(x) => self.add_number(x, Value::Real(x)),
            ValueRef::Text(bytes) => self.add_text(bytes),
            ValueRef::Blob(_) => self.blobs += 1,
        }
    }

    fn add_number(&mut self, x: f64, value: Value) {
        self.numbers += 1;
        if self.min.as_ref().is_none_or(|m| m.as_f64().is_none_or(|m| x < m)) {
            self.min = Some(value.clone());
        }
        if self.max.as_ref().is_none_or(|m| m.as_f64().is_some_and(|m| x > m)) {
            self.max = Some(value);
        }
        if self.numbers_seen.len() < DISTINCT_CAP || self.numbers_seen.contains_key(&x.to_bits()) {
            *self.numbers_seen.entry(x.to_bits()).or_default() += 1;
        } else {
            self.capped = true;
        }
    }

    fn add_text(&mut self, bytes: &[u8]) {
        self.texts += 1;
        self.text_chars += bytes.len() as u64;
        if is_iso_date(bytes) {
            self.iso_dates += 1;
        }
        if let Some(count) = self.texts_seen.get_mut(bytes) {
            *count += 1;
            return;
        }
        if self.texts_seen.len() >= DISTINCT_CAP {
            self.capped = true;
            return;
        }
        self.texts_seen.insert(bytes.to_vec(), 1);
        let text = String::from_utf8_lossy(bytes);
        if self.min.as_ref().is_none_or(|m| m.as_text().is_some_and(|m| *text < *m)) {
            self.min = Some(Value::Text(text.clone().into_owned()));
        }
        // Texts sort after numbers in SQLite.
        if self.max.as_ref().is_none_or(|m| m.as_text().is_none_or(|m| *text > *m)) {
            self.max = Some(Value::Text(text.into_owned()));
        }
    }

    /// The profile without its meaning, and the distinct values, most frequent first, then in order.
    fn finish(self) -> (ColumnProfile, Vec<(Value, u64)>) {
        let filled = self.rows - self.nulls;
        let distinct = (self.texts_seen.len() + self.numbers_seen.len()) as u64;
        let mut values: Vec<(Value, u64)> = self
            .texts_seen
            .into_iter()
            .map(|(bytes, n)| (Value::Text(String::from_utf8_lossy(&bytes).into_owned()), n))
            .chain(self.numbers_seen.into_iter().map(|(bits, n)| (Value::Real(f64::from_bits(bits)), n)))
            .collect();
        values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| value_order(&a.0, &b.0)));
        let integers = matches!((&self.min, &self.max), (Some(Value::Integer(_)), Some(Value::Integer(_))));
        if integers {
            for (value, _) in &mut values {
                if let Value::Real(x) = value {
                    *value = Value::Integer(*x as i64);
                }
            }
        }
        let profile = ColumnProfile {
            semantic: SemanticType::Unknown,
            rows: self.rows,
            nulls: self.nulls,
            distinct,
            unique: self.rows > 0 && self.nulls == 0 && distinct == self.rows && !self.capped,
            min: self.min,
            max: self.max,
            top: Vec::new(),
            numeric: filled > 0 && self.numbers == filled,
            iso_dates: filled > 0 && self.iso_dates == filled,
            mean_length: if self.texts == 0 { 0.0 } else { self.text_chars as f64 / self.texts as f64 },
        };
        (profile, values)
    }
}

fn value_order(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        _ => a.as_f64().unwrap_or(f64::MAX).total_cmp(&b.as_f64().unwrap_or(f64::MAX)),
    }
}

/// `2025-01-31`, with or without a time after it.
fn is_iso_date(bytes: &[u8]) -> bool {
    bytes.len() >= 10
        && bytes
            .iter()
            .take(10)
            .enumerate()
            .all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() })
        && bytes.get(10).is_none_or(|b| matches!(b, b' ' | b'T'))
}

/// What a column means, by its name first, then its declared type, then its data.
fn semantic_type(
    table: &Table,
    column: &Column,
    profile: &ColumnProfile,
    is_key: bool,
    is_reference: bool,
) -> SemanticType {
    use SemanticType as S;
    let words = identifier_words(&column.name);
    let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
    let last = words.last().map_or("", String::as_str);
    let declared = column.declared_type.to_ascii_uppercase();
    let numeric = profile.numeric || (profile.rows == profile.nulls && is_number_type(&declared));
    if declared.contains("BLOB") && !numeric && profile.distinct == 0 {
        return S::Blob;
    }
    if is_reference
        || (is_key && !has(&["name", "title", "year", "date"]))
        || matches!(last, "id" | "key" | "guid" | "uuid")
    {
        return S::Id;
    }
    if !numeric && (profile.iso_dates || declared.contains("DATE") || declared.contains("TIMESTAMP")) {
        let timed =
            declared.contains("TIME") || profile.max.as_ref().and_then(Value::as_text).is_some_and(|t| t.len() > 10);
        return if timed && !midnight_only(profile) { S::DateTime } else { S::Date };
    }
    if has(&["year"]) && plausible_year(profile)
        || (numeric
            && profile.distinct > 1
            && has(&["opened", "founded", "built", "season"])
            && plausible_year(profile))
    {
        return S::Year;
    }
    if last == "month" {
        return S::Month;
    }
    if has(&[
        "upc", "ean", "gtin", "sku", "barcode", "zip", "postal", "postcode", "isbn", "ssn", "iban", "phone", "fax",
    ]) || (last == "code" && profile.distinct * 2 > profile.rows)
    {
        return S::Code;
    }
    if has(&["url", "website", "link", "homepage"]) {
        return S::Url;
    }
    if profile.distinct == 2 && is_flag(profile, &words) {
        return S::Flag;
    }
    if numeric {
        return numeric_type(&words, profile);
    }
    if has(&["city", "country", "state", "province", "region", "county", "continent"]) {
        return S::Geo;
    }
    if matches!(last, "name" | "title") || words == identifier_words(&table.name) {
        return S::Name;
    }
    if profile.mean_length > 60.0 {
        return S::FreeText;
    }
    if profile.distinct > 0 && (profile.distinct <= 30 || profile.distinct * 5 <= profile.rows) {
        return S::Category;
    }
    if profile.unique && profile.mean_length <= 40.0 { S::Name } else { S::Unknown }
}

fn numeric_type(words: &[String], profile: &ColumnProfile) -> SemanticType {
    use SemanticType as S;
    let has = |list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
    if has(&["percent", "percentage", "pct"]) {
        return S::Percent;
    }
    if has(&[
        "ratio",
        "index",
        "cpi",
        "idx",
        "share",
        "elasticity",
        "sensitivity",
        "probability",
        "confidence",
        "correlation",
        "coefficient",
        "certainty",
        "factor",
        "rate",
    ]) && !has(&["count", "number", "amount"])
    {
        return S::Ratio;
    }
    let unit_price =
        has(&["price", "cost", "fee", "rate", "msrp", "gap"]) && !has(&["total", "amount", "line", "revenue", "goods"]);
    if unit_price {
        return S::UnitPrice;
    }
    if has(&[
        "revenue", "sale", "turnover", "amount", "total", "margin", "profit", "budget", "balance", "payment", "income",
        "money", "value", "billion", "million", "spend", "dollar", "euro", "freight", "discount",
    ]) && !has(&["elasticity"])
    {
        return S::Money;
    }
    if has(&[
        "salary",
        "wage",
        "age",
        "height",
        "weight",
        "length",
        "width",
        "rating",
        "score",
        "rank",
        "ranking",
        "grade",
        "gpa",
        "latitude",
        "longitude",
        "temperature",
        "level",
        "speed",
        "duration",
        "size",
        "point",
        "distance",
        "humidity",
        "pressure",
        "elevation",
    ]) {
        return S::Score;
    }
    if has(&["number"]) && profile.unique {
        return S::Code;
    }
    S::Quantity
}

fn is_number_type(declared: &str) -> bool {
    ["INT", "REAL", "NUM", "DEC", "FLOA", "DOUB"].iter().any(|t| declared.contains(t))
}

fn plausible_year(profile: &ColumnProfile) -> bool {
    let year = |v: &Option<Value>| match v {
        Some(Value::Text(t)) => t.len() == 4 && t.parse::<u32>().is_ok_and(|y| (1000..=2200).contains(&y)),
        Some(v) => v.as_f64().is_some_and(|y| (1000.0..=2200.0).contains(&y)),
        None => false,
    };
    year(&profile.min) && year(&profile.max)
}

fn is_flag(profile: &ColumnProfile, words: &[String]) -> bool {
    let ends = [&profile.min, &profile.max].map(|v| match v {
        Some(Value::Text(t)) => t.to_ascii_lowercase(),
        Some(Value::Integer(n)) => n.to_string(),
        Some(Value::Real(x)) => x.to_string(),
        _ => String::new(),
    });
    let pair = (ends[0].as_str(), ends[1].as_str());
    matches!(pair, ("0", "1") | ("n", "y") | ("no", "yes") | ("f", "t") | ("false", "true"))
        && !words.iter().any(|w| w == "number")
}

/// Dates stored with an empty time are dates.
fn midnight_only(profile: &ColumnProfile) -> bool {
    [&profile.min, &profile.max].iter().all(|v| {
        v.as_ref()
            .and_then(Value::as_text)
            .is_some_and(|t| t.len() == 10 || t.ends_with("00:00:00") || t.ends_with("00:00"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profiled(sql: &str) -> Schema {
        let connection = Connection::open_in_memory().expect("memory");
        connection.execute_batch(sql).expect("set-up");
        super::super::catalogue::read(&connection, "test", &super::super::Hidden::default()).expect("schema")
    }

    fn meaning(schema: &Schema, table: &str, column: &str) -> SemanticType {
        let table = schema.find_table(table).expect("table");
        schema.profile(schema.find_column(table, column).expect("column")).semantic
    }

    #[test]
    fn columns_get_their_meaning_from_name_type_and_data() {
        let schema = profiled(
            "CREATE TABLE item(item_id INTEGER PRIMARY KEY, item_name TEXT, dept TEXT, list_price REAL, qty INTEGER, \
               margin_pct REAL, opened_year INTEGER, added DATE, active INTEGER, notes TEXT);
             INSERT INTO item VALUES (1, 'Peas', 'Frozen', 2.5, 3, 12.5, 1999, '2025-01-01', 1, 'x'), \
               (2, 'Bread', 'Bakery', 3.5, 4, -2.0, 2005, '2025-02-01', 0, 'y'), (3, 'Rolls', 'Bakery', 1.5, 9, 7.0, 2004, '2025-02-03', 0, 'z');",
        );
        for (column, expected) in [
            ("item_id", SemanticType::Id),
            ("item_name", SemanticType::Name),
            ("dept", SemanticType::Category),
            ("list_price", SemanticType::UnitPrice),
            ("qty", SemanticType::Quantity),
            ("margin_pct", SemanticType::Percent),
            ("opened_year", SemanticType::Year),
            ("added", SemanticType::Date),
            ("active", SemanticType::Flag),
        ] {
            assert_eq!(meaning(&schema, "item", column), expected, "{column}");
        }
        assert_eq!(schema.values.exact(&["bakery"])[0].rows, 2);
        assert_eq!(schema.tables[0].row_count, Some(3));
    }

    #[test]
    fn a_key_that_nobody_declared_is_inferred_from_name_and_values() {
        let schema = profiled(
            "CREATE TABLE shop(shop_id INTEGER PRIMARY KEY, city TEXT);
             CREATE TABLE sale(id INTEGER PRIMARY KEY, shop_id INTEGER, other_id INTEGER);
             INSERT INTO shop VALUES (1, 'A'), (2, 'B'); INSERT INTO sale VALUES (1, 1, 7), (2, 2, 8), (3, 2, 9);",
        );
        assert_eq!(schema.foreign_keys.len(), 1);
        let key = &schema.foreign_keys[0];
        assert_eq!(
            (schema.qualified(key.from), schema.qualified(key.to)),
            ("sale.shop_id".into(), "shop.shop_id".into())
        );
        assert!(!key.declared && !key.one_to_one);
    }
}
