//! Reads what a SQLite file holds: tables, columns, keys declared and inferred, and the profile of each column.

use std::cell::Cell;
use std::collections::HashSet;

use rusqlite::{Connection, Row, params};

use super::extent::{self, Caps, Extent, Reader};
use super::hidden::{Hidden, mentions};
use super::{Database, DatabaseError, profile, run};
use crate::language::identifier_words;
use crate::schema::{Column, ColumnId, Dialect, ForeignKey, Schema, SemanticType, Table, TableId, Value};

/// Real data have a few orphans.
const MOST_ORPHANS: f64 = 0.05;
/// Numbers from here on are no keys counted from one on.
const SCATTERED: f64 = 100.0;
/// Fewer different values are found anywhere by chance.
const FEWEST_VALUES: u64 = 3;
/// Distinct values compared when a key is inferred.
const INFERENCE_SAMPLE: u32 = 300;

impl Database {
    /// Reads tables, columns and keys, looks at the rows, and infers what is not declared. What the policy hides is
    /// neither listed nor read.
    pub fn read_schema(&self) -> Result<Schema, DatabaseError> {
        let name = self.path().file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        run::patiently(|| {
            let mut pooled = self.connect()?;
            read(&mut pooled.connection, &name, &pooled.hidden)
                .map_err(|error| pooled.hidden.silence(run::explain(&error, self.path(), self.access())))
        })
    }
}

/// Reads the whole catalogue through a connection that may run pragmas.
pub(super) fn read(connection: &mut Connection, name: &str, hidden: &Hidden) -> rusqlite::Result<Schema> {
    read_within(connection, name, hidden, &Caps::default())
}

/// As [`read`], with no more work than the caps allow.
pub(super) fn read_within(
    connection: &mut Connection,
    name: &str,
    hidden: &Hidden,
    caps: &Caps,
) -> rusqlite::Result<Schema> {
    let mut schema = Schema { dialect: Dialect::Sqlite, name: name.to_owned(), ..Schema::default() };
    let tables = tables(connection)?;
    let volatile = volatile(&tables);
    for (table, is_view, _) in tables {
        if !hidden.table(&table) {
            let volatile = volatile.contains(&table);
            schema.tables.push(Table { volatile, ..read_table(connection, table, is_view, hidden)? });
        }
    }
    schema.foreign_keys = declared_keys(connection, &schema)?;
    schema.fingerprint = fingerprint(&schema);
    let reader = Reader::new(connection)?;
    let extents = extent::extents(&reader, &schema, caps);
    profile::fill(&reader, &mut schema, &extents, caps)?;
    let inferred = inferred_keys(&Compared { reader, schema: &schema, extents, steps: Cell::new(caps.keys) })?;
    schema.foreign_keys.extend(inferred);
    Ok(schema)
}

/// Views that read the clock or chance, by themselves or through another view.
fn volatile(tables: &[(String, bool, String)]) -> HashSet<String> {
    let mut volatile: HashSet<String> = HashSet::new();
    loop {
        let more = tables.iter().filter(|(name, is_view, text)| {
            let changes = || Dialect::Sqlite.is_volatile_text(text) || volatile.iter().any(|view| mentions(text, view));
            *is_view && !volatile.contains(name) && changes()
        });
        let more: Vec<String> = more.map(|(name, ..)| name.clone()).collect();
        if more.is_empty() {
            return volatile;
        }
        volatile.extend(more);
    }
}

/// Name, whether it is a view, and definition; of all but SQLite's own and those in which a virtual table keeps its
/// rows.
fn tables(connection: &Connection) -> rusqlite::Result<Vec<(String, bool, String)>> {
    let mut statement = connection.prepare(
        "SELECT s.name, l.type = 'view', coalesce(s.sql, '') FROM sqlite_schema s \
         JOIN pragma_table_list l ON l.schema = 'main' AND l.name = s.name AND l.type <> 'shadow' \
         WHERE s.type IN ('table', 'view') AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY s.rowid",
    )?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
}

fn read_table(connection: &Connection, name: String, is_view: bool, hidden: &Hidden) -> rusqlite::Result<Table> {
    let mut table = Table { name, is_view, ..Table::default() };
    let mut key: Vec<(i64, usize)> = Vec::new();
    // A view over a missing table has no columns to tell; it is listed without any.
    let mut statement =
        connection.prepare("SELECT name, type, \"notnull\", pk FROM pragma_table_xinfo(?1) WHERE hidden <> 1")?;
    let columns = statement.query_map(params![table.name], |row| {
        Ok((
            Column {
                name: row.get(0)?,
                declared_type: row.get::<_, Option<String>>(1)?.unwrap_or_default(),
                not_null: row.get(2)?,
                ..Column::default()
            },
            row.get::<_, i64>(3)?,
        ))
    });
    let mut key_is_seen = true;
    for column in columns? {
        let Ok((column, position)) = column else { break };
        if hidden.column(&table.name, &column.name) {
            table.has_hidden = true;
            key_is_seen &= position == 0;
            continue;
        }
        if position > 0 {
            key.push((position, table.columns.len()));
        }
        table.columns.push(column);
    }
    // A part of a key identifies nothing.
    if key_is_seen {
        key.sort_unstable();
        table.primary_key = key.into_iter().map(|(_, column)| column).collect();
    }
    Ok(table)
}

fn declared_keys(connection: &Connection, schema: &Schema) -> rusqlite::Result<Vec<ForeignKey>> {
    let mut keys: Vec<ForeignKey> = Vec::new();
    let mut statement =
        connection.prepare("SELECT \"table\", \"from\", \"to\" FROM pragma_foreign_key_list(?1) ORDER BY id, seq")?;
    for id in schema.table_ids() {
        let rows = statement.query_map(params![schema.table(id).name], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?))
        })?;
        for row in rows {
            let (target, from, to) = row?;
            let Some(key) = resolve_key(schema, id, &target, &from, to.as_deref()) else { continue };
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    Ok(keys)
}

/// `None` for a key to a table or column that does not exist.
fn resolve_key(schema: &Schema, table: TableId, target: &str, from: &str, to: Option<&str>) -> Option<ForeignKey> {
    let from = schema.find_column(table, from)?;
    let target = schema.find_table(target)?;
    let to = match to {
        Some(name) => schema.find_column(target, name)?,
        // Without a column the key refers to the target's primary key.
        None => ColumnId { table: target, column: *schema.table(target).primary_key.first()? },
    };
    Some(ForeignKey { from, to, declared: true, one_to_one: schema.is_primary_key(from) })
}

/// Keys that nobody declared: the same words, a unique target, and values that are all found there; or without the same
/// words, values that no other table could have given.
fn inferred_keys(compared: &Compared<'_>) -> rusqlite::Result<Vec<ForeignKey>> {
    let schema = compared.schema;
    let mut keys = Vec::new();
    let names = Names::of(schema);
    for from in schema.columns() {
        if schema.table(from.table).is_view || schema.reference_of(from).is_some() {
            continue;
        }
        let targets = || schema.table_ids().filter(|t| *t != from.table && !schema.table(*t).is_view);
        let mut by_name = targets().filter_map(|target| target_of(schema, &names, from, target)).peekable();
        let named = by_name.peek().is_some();
        for to in by_name.filter(|to| !refers_back(schema, &keys, from, *to)) {
            if compared.orphans(from, to)?.is_some_and(|share| share <= MOST_ORPHANS) {
                keys.push(inferred(schema, from, to));
                break;
            }
        }
        if !named {
            let may = targets().filter_map(|target| told_by_values(schema, &names, from, target));
            let mut found = Vec::new();
            for to in may.filter(|to| !refers_back(schema, &keys, from, *to)) {
                if compared.orphans(from, to)? == Some(0.0) {
                    found.push(to);
                }
            }
            if let [to] = found[..] {
                keys.push(inferred(schema, from, to));
            }
        }
    }
    Ok(keys)
}

fn refers_back(schema: &Schema, keys: &[ForeignKey], from: ColumnId, to: ColumnId) -> bool {
    schema.foreign_keys.iter().chain(keys).any(|k| k.from == to && k.to == from)
}

fn inferred(schema: &Schema, from: ColumnId, to: ColumnId) -> ForeignKey {
    let one_to_one = schema.is_primary_key(from) || schema.profile(from).unique;
    ForeignKey { from, to, declared: false, one_to_one }
}

/// The key of `target` that `from` may hold values of, going by what both hold alone: a number that is no count from one
/// on, or a text, which columns hold by chance only if they hold few.
fn told_by_values(schema: &Schema, names: &Names, from: ColumnId, target: TableId) -> Option<ColumnId> {
    let [column] = schema.table(target).primary_key[..] else { return None };
    let to = ColumnId { table: target, column };
    let (own, key) = (schema.profile(from), schema.profile(to));
    let within = |low: &Option<Value>, high: &Option<Value>| match (low, high) {
        (Some(low), Some(high)) => match (low.as_f64(), high.as_f64()) {
            (Some(low), Some(high)) => low <= high,
            _ => low.as_text().zip(high.as_text()).is_some_and(|(low, high)| low <= high),
        },
        _ => false,
    };
    let scattered = match key.min.as_ref().and_then(Value::as_f64).filter(|_| key.numeric) {
        Some(least) => least >= SCATTERED,
        None => !key.numeric && !is_text_only(schema, to),
    };
    // A whole number of its own kind, such as a year or an amount, falls among keys by chance.
    let counted = ["year", "price", "amount", "total", "number", "date", "time", "age"];
    let counts = names.column(from).iter().any(|w| counted.contains(&w.as_str()));
    let may = scattered
        && !counts
        && own.numeric == key.numeric
        && own.distinct >= FEWEST_VALUES
        && !schema.is_primary_key(from)
        && within(&key.min, &own.min)
        && within(&own.max, &key.max);
    may.then_some(to)
}

/// The words of every name: each is compared with every other.
struct Names {
    tables: Vec<Vec<String>>,
    columns: Vec<Vec<Vec<String>>>,
}

impl Names {
    fn of(schema: &Schema) -> Self {
        let columns = |table: &Table| table.columns.iter().map(|c| identifier_words(&c.name)).collect();
        Self {
            tables: schema.tables.iter().map(|table| identifier_words(&table.name)).collect(),
            columns: schema.tables.iter().map(columns).collect(),
        }
    }

    fn column(&self, id: ColumnId) -> &[String] {
        &self.columns[id.table.0][id.column]
    }
}

/// The unique column of `target` that `from` would refer to by its name.
fn target_of(schema: &Schema, names: &Names, from: ColumnId, target: TableId) -> Option<ColumnId> {
    let words = names.column(from);
    let table = schema.table(target);
    let table_words = &names.tables[target.0];
    (0..table.columns.len()).map(|column| ColumnId { table: target, column }).find(|to| {
        let profile = schema.profile(*to);
        let primary = table.primary_key.first() == Some(&to.column) && table.primary_key.len() == 1;
        if !(primary || profile.unique && profile.rows > 0 && is_key_like(names.column(*to))) {
            return false;
        }
        let key_words = names.column(*to);
        let bare = key_words.len() == 1 && matches!(key_words[0].as_str(), "id" | "code" | "key" | "number" | "name");
        let own_key = schema.is_primary_key(from) && bare;
        let same = key_words == words && !bare && is_key_like(words);
        // "start station id" is a station's, in the role of a start.
        let whole: Vec<&String> = table_words.iter().chain(key_words).collect();
        let by_table = words.len() >= whole.len() && words[words.len() - whole.len()..].iter().eq(whole)
            || (primary && words == table_words && !own_key && !is_text_only(schema, *to));
        let comparable = profile.numeric == schema.profile(from).numeric;
        comparable && (same || by_table)
    })
}

fn is_key_like(words: &[String]) -> bool {
    words.last().is_some_and(|w| matches!(w.as_str(), "id" | "code" | "key" | "number" | "upc" | "sku" | "ssn"))
}

/// Long texts are no keys.
fn is_text_only(schema: &Schema, column: ColumnId) -> bool {
    matches!(schema.profile(column).semantic, SemanticType::FreeText | SemanticType::Url | SemanticType::Blob)
}

/// A schema whose columns are compared by their values.
struct Compared<'a> {
    reader: Reader<'a>,
    schema: &'a Schema,
    extents: Vec<Extent>,
    /// That all comparisons together may still take.
    steps: Cell<u64>,
}

impl Compared<'_> {
    /// The share of a column's values that another column does not hold. An empty column proves nothing and has none.
    /// `None` if finding out takes more than may be taken.
    fn orphans(&self, from: ColumnId, to: ColumnId) -> rusqlite::Result<Option<f64>> {
        let [from_table, from_column] = quoted(self.schema, from);
        let [to_table, to_column] = quoted(self.schema, to);
        // Each value is looked up in the index of a large table; a small one is read once.
        let held = if self.schema.profile(to).sampled {
            format!("EXISTS (SELECT 1 FROM {to_table} WHERE v = {to_column})")
        } else {
            format!("v IN (SELECT {to_column} FROM {to_table} WHERE {to_column} IS NOT NULL)")
        };
        let rows = self.extents[from.table.0].some_rows(&from_table, &from_column);
        let sql = format!(
            "SELECT count(*), total(NOT {held}) FROM \
             (SELECT DISTINCT {from_column} AS v FROM {rows} WHERE {from_column} IS NOT NULL LIMIT {INFERENCE_SAMPLE})"
        );
        let read = || {
            let row = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, f64>(1)?));
            self.reader.connection.query_row(&sql, [], row)
        };
        let counted = self.reader.within(&self.steps, read)?;
        Ok(counted.map(|(seen, missing)| missing / seen.max(1) as f64))
    }
}

fn quoted(schema: &Schema, column: ColumnId) -> [String; 2] {
    [quote(&schema.table(column.table).name), quote(&schema.column(column).name)]
}

/// A name as SQLite reads it, whatever it contains.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn fingerprint(schema: &Schema) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for table in &schema.tables {
        hash.update(format!("{}\0{}\0", table.name, table.is_view));
        for column in &table.columns {
            hash.update(format!("{}\0{}\0{}\0", column.name, column.declared_type, column.not_null));
        }
        hash.update(format!("{:?}\n", table.primary_key));
    }
    hash.update(format!("{:?}", schema.foreign_keys));
    let digest = hash.finalize();
    let first: [u8; 8] = std::array::from_fn(|i| digest[i]);
    format!("{:016x}", u64::from_be_bytes(first))
}

#[cfg(test)]
mod tests;
