//! Looks at rows of each table once and says what each column holds and means.
//!
//! Of a large table only some rows are looked at, and the profile says so. What it claims of every row all the same (that
//! no two hold one value, which are the ends) an index or a whole scan told.

use std::cell::Cell;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, Rows, Statement};

use super::catalogue::quote;
use super::extent::{Caps, Density, Extent, Reader, estimate, indexed, rounded};
use super::gathered::{Gathered, Room, owned};
use super::meaning::semantic_type;
use crate::schema::{ColumnId, ColumnProfile, Schema, SemanticType, Table, TableId, Value};

/// Characters of an indexed value.
const VALUE_CHARS: usize = 60;
const TOP_VALUES: usize = 20;
/// Bytes from which a value is not looked at where some are too long to be read.
const LONG_VALUE: usize = 10_000;

/// Fills row counts, column profiles and the value index from the rows that the extents name.
pub(super) fn fill(reader: &Reader<'_>, schema: &mut Schema, extents: &[Extent], caps: &Caps) -> rusqlite::Result<()> {
    let mut parts = Vec::new();
    let views = Cell::new(caps.views);
    for (id, extent) in schema.table_ids().zip(extents) {
        let table = schema.table(id);
        if table.columns.is_empty() {
            continue;
        }
        let look = if table.is_view {
            // A view that no longer compiles has nothing to show.
            let Some(look) = look_at_view(reader, table, extent, caps, &views) else { continue };
            look
        } else {
            look_at(reader.connection, table, extent, caps)?
        };
        let Look { columns, sampled, shortened, density, .. } = look;
        if !sampled {
            schema.tables[id.0].row_count = columns.first().map(|column| column.rows);
        } else if !schema.table(id).is_view {
            let most = match extent {
                Extent::Whole => caps.rows,
                _ => density.as_ref().map_or(u64::MAX, Density::most),
            };
            parts.push(Part { id, most, density });
        }
        for (column, gathered) in columns.into_iter().enumerate() {
            let profile = fill_column(schema, ColumnId { table: id, column }, gathered, caps);
            profile.sampled = sampled;
            profile.exact_ends = !sampled && !shortened;
            // What some rows do not show other rows may.
            profile.unique &= !sampled;
        }
    }
    count(reader, schema, parts, caps)
}

fn fill_column<'a>(schema: &'a mut Schema, id: ColumnId, gathered: Gathered, caps: &Caps) -> &'a mut ColumnProfile {
    let is_reference = schema.reference_of(id).is_some();
    let (mut profile, values) = gathered.finish();
    let is_key = schema.is_primary_key(id);
    profile.semantic = semantic_type(schema.table(id.table), schema.column(id), &profile, is_key, is_reference);
    if is_indexed(&profile) {
        // Each column leaves some of the room to those after it; its most frequent values come first.
        let share = caps.indexed.saturating_sub(schema.values.len()) / 4;
        let texts = values.iter().filter_map(|(value, rows)| Some((value.as_text()?, *rows)));
        for (text, rows) in texts.filter(|(text, _)| text.chars().count() <= VALUE_CHARS).take(share) {
            if schema.values.bytes() + text.len() <= caps.indexed_bytes {
                schema.values.insert(id, text, rows);
            }
        }
    }
    profile.top = values.into_iter().take(TOP_VALUES).map(|(value, _)| value).collect();
    let column = &mut schema.tables[id.table.0].columns[id.column];
    column.profile = profile;
    &mut column.profile
}

/// Dates are asked for by the calendar and long texts by search, not by their values.
fn is_indexed(profile: &ColumnProfile) -> bool {
    !profile.iso_dates
        && !matches!(
            profile.semantic,
            SemanticType::Url | SemanticType::Blob | SemanticType::Date | SemanticType::DateTime
        )
}

/// A table of which not all rows were looked at.
struct Part {
    id: TableId,
    /// Rows that it has at most.
    most: u64,
    density: Option<Density>,
}

/// Finds how many rows there are of tables that were not read whole, and what is true of all of them.
fn count(reader: &Reader<'_>, schema: &mut Schema, mut parts: Vec<Part>, caps: &Caps) -> rusqlite::Result<()> {
    let connection = reader.connection;
    parts.sort_by_key(|part| part.most);
    let (mut counted, mut scanned) = (caps.counted, caps.scanned);
    for Part { id, most, density } in parts {
        let table = schema.table(id);
        let name = quote(&table.name);
        let rows = if most <= counted {
            counted -= most;
            let rows: i64 = connection.query_row(&format!("SELECT count(*) FROM {name}"), [], |row| row.get(0))?;
            Some(rows.unsigned_abs())
        } else {
            None
        };
        let estimated = if rows.is_none() { estimate(connection, table, density.as_ref()).map(rounded) } else { None };
        prove_by_indexes(reader, schema, id)?;
        if let Some(rows) = rows.filter(|rows| *rows <= scanned)
            && scan_ends(connection, schema, id)?
        {
            scanned -= rows;
        }
        let table = &mut schema.tables[id.0];
        table.row_count = rows.or(estimated);
        table.rows_estimated = estimated.is_some();
    }
    Ok(())
}

/// What indexes tell of all rows at once: the ends of a column, and that each of its values is another.
fn prove_by_indexes(reader: &Reader<'_>, schema: &mut Schema, id: TableId) -> rusqlite::Result<()> {
    let name = quote(&schema.table(id).name);
    for found in indexed(reader.connection, schema.table(id))? {
        let column = quote(&schema.table(id).columns[found.column].name);
        let end = |which: &str| {
            let sql = format!("SELECT {which}({column}) FROM {name}");
            reader.look_up(&sql, |row| Ok(owned(row.get_ref(0)?)))
        };
        let ends = end("min").zip(end("max"));
        let nulls = format!("SELECT EXISTS (SELECT 1 FROM {name} WHERE {column} IS NULL)");
        let is_full = || reader.look_up(&nulls, |row| row.get(0)) == Some(false);
        let unique = found.unique && is_full();
        let profile = &mut schema.tables[id.0].columns[found.column].profile;
        profile.unique = unique;
        if let Some(ends) = ends {
            set_ends(profile, ends);
        }
    }
    Ok(())
}

/// The ends of the columns of time that no index told, read off all rows. False if there are none.
fn scan_ends(connection: &Connection, schema: &mut Schema, id: TableId) -> rusqlite::Result<bool> {
    let table = schema.table(id);
    let is_open = |column: &usize| {
        let profile = &table.columns[*column].profile;
        profile.semantic.is_time() && !profile.exact_ends
    };
    let open: Vec<usize> = (0..table.columns.len()).filter(is_open).collect();
    if open.is_empty() {
        return Ok(false);
    }
    let ends = open.iter().map(|column| quote(&table.columns[*column].name)).map(|c| format!("min({c}), max({c})"));
    let sql = format!("SELECT {} FROM {}", ends.collect::<Vec<_>>().join(", "), quote(&table.name));
    let ends: Vec<(Value, Value)> = connection.query_row(&sql, [], |row| {
        (0..open.len()).map(|at| Ok((owned(row.get_ref(2 * at)?), owned(row.get_ref(2 * at + 1)?)))).collect()
    })?;
    for (column, ends) in open.into_iter().zip(ends) {
        set_ends(&mut schema.tables[id.0].columns[column].profile, ends);
    }
    Ok(true)
}

fn set_ends(profile: &mut ColumnProfile, (min, max): (Value, Value)) {
    // Blobs come after everything else, and are not looked at.
    if !matches!((&min, &max), (Value::Blob(_), _) | (_, Value::Blob(_))) {
        profile.min = Some(min).filter(|value| !value.is_null());
        profile.max = Some(max).filter(|value| !value.is_null());
        profile.exact_ends = true;
    }
}

/// What was seen of a table.
struct Look {
    columns: Vec<Gathered>,
    room: Room,
    /// Bytes of texts that may still be read.
    bytes: u64,
    /// There are rows that were not looked at.
    sampled: bool,
    /// Some values were too long to be read.
    shortened: bool,
    density: Option<Density>,
}

impl Look {
    fn new(table: &Table, caps: &Caps) -> Self {
        let columns = table.columns.iter().map(|_| Gathered::default()).collect();
        let room = Room { distinct: caps.distinct, bytes: caps.held };
        Self { columns, room, bytes: caps.bytes, sampled: false, shortened: false, density: None }
    }

    fn rows(&self) -> u64 {
        self.columns.first().map_or(0, |column| column.rows)
    }

    /// Takes in rows to the last of them, or until enough bytes or steps are taken. Gives what stands behind the columns in the
    /// last row taken.
    fn add(&mut self, mut rows: Rows<'_>, has_number: bool) -> rusqlite::Result<Option<i64>> {
        let mut last = None;
        loop {
            let row = match rows.next() {
                Ok(Some(row)) => row,
                Ok(None) => break,
                // The steps are used up: what was seen so far counts.
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
                    self.sampled = true;
                    break;
                }
                Err(error) => return Err(error),
            };
            for (i, column) in self.columns.iter_mut().enumerate() {
                let value = row.get_ref(i)?;
                if let ValueRef::Text(text) = value {
                    self.bytes = self.bytes.saturating_sub(text.len() as u64);
                }
                column.add(value, &mut self.room);
            }
            if has_number {
                last = Some(row.get(self.columns.len())?);
            }
            if self.bytes == 0 {
                self.sampled = true;
                break;
            }
        }
        Ok(last)
    }

    /// Rows from so many numbers on, each row once.
    fn add_places(&mut self, mut statement: Statement<'_>, places: &Extent) -> rusqlite::Result<()> {
        let Extent::Places { firsts, last, each, .. } = places else { return Ok(()) };
        let mut density = Density::new(firsts.first().copied().unwrap_or(*last), *last);
        let mut next = Some(i64::MIN);
        for first in firsts {
            let Some(first) = next.map(|next| next.max(*first)).filter(|first| first <= last) else { break };
            let before = self.rows();
            // A part of the bytes for each place.
            let rest = self.bytes;
            self.bytes = rest.min((rest / firsts.len() as u64).max(1));
            let given = self.bytes;
            let limit = i64::try_from(*each).unwrap_or(i64::MAX);
            let seen = self.add(statement.query([first, limit])?, true)?;
            let found = self.rows() - before;
            let is_end = found < *each && self.bytes > 0;
            density.add(found, first, if is_end { *last } else { seen.unwrap_or(*last) });
            self.bytes = rest - (given - self.bytes);
            next = seen.filter(|_| !is_end).and_then(|seen| seen.checked_add(1));
        }
        self.sampled = true;
        self.density = Some(density);
        Ok(())
    }
}

fn look_at(connection: &Connection, table: &Table, extent: &Extent, caps: &Caps) -> rusqlite::Result<Look> {
    let plain = |name: String, declared: &str| {
        // A blob is only known to be one.
        let is_blob = declared.to_ascii_uppercase().contains("BLOB");
        if is_blob { format!("iif(typeof({name}) = 'blob', x'', {name})") } else { name }
    };
    let columns = table.columns.iter().map(|c| plain(quote(&c.name), &c.declared_type)).collect::<Vec<_>>();
    match look_at_columns(connection, table, &columns, extent, caps) {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::TooBig) => {
            let columns = table.columns.iter().map(|c| short(&quote(&c.name))).collect::<Vec<_>>();
            let look = look_at_columns(connection, table, &columns, extent, caps)?;
            Ok(Look { shortened: true, ..look })
        }
        look => look,
    }
}

/// A column whose longest values may not be read: they count as empty ones of their kind.
fn short(column: &str) -> String {
    format!("iif(octet_length({column}) > {LONG_VALUE}, iif(typeof({column}) = 'text', '', x''), {column})")
}

fn look_at_columns(
    connection: &Connection,
    table: &Table,
    columns: &[String],
    extent: &Extent,
    caps: &Caps,
) -> rusqlite::Result<Look> {
    let mut look = Look::new(table, caps);
    let (columns, name) = (columns.join(", "), quote(&table.name));
    match extent {
        Extent::Whole => {
            let mut statement = connection.prepare(&format!("SELECT {columns} FROM {name}"))?;
            look.add(statement.query([])?, false)?;
        }
        Extent::Front { rows } => {
            let mut statement = connection.prepare(&format!("SELECT {columns} FROM {name} LIMIT {rows}"))?;
            look.add(statement.query([])?, false)?;
            look.sampled |= look.rows() >= *rows;
        }
        Extent::Places { rowid, .. } => {
            let sql = format!("SELECT {columns}, {rowid} FROM {name} WHERE {rowid} >= ?1 LIMIT ?2");
            look.add_places(connection.prepare(&sql)?, extent)?;
        }
    }
    Ok(look)
}

/// As much of a view as its steps allow; `None` if it does not compile.
fn look_at_view(reader: &Reader<'_>, table: &Table, extent: &Extent, caps: &Caps, views: &Cell<u64>) -> Option<Look> {
    let given = views.get().min(caps.view).max(caps.least_view);
    let steps = Cell::new(given);
    let look = reader.within(&steps, || look_at(reader.connection, table, extent, caps));
    views.set(views.get().saturating_sub(given - steps.get()));
    match look {
        Ok(Some(look)) => Some(look),
        // One that sorts or adds up shows no row before it has read all.
        Ok(None) => Some(Look { sampled: true, ..Look::new(table, caps) }),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profiled(sql: &str) -> Schema {
        let mut connection = Connection::open_in_memory().expect("memory");
        connection.execute_batch(sql).expect("set-up");
        super::super::catalogue::read(&mut connection, "test", &super::super::Hidden::default()).expect("schema")
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
