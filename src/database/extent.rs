//! How much of a table is looked at: all of it, or rows in some places of it. Nothing here reads a large table whole.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::{Connection, ErrorCode, Row, params};

use super::catalogue::quote;
use crate::schema::{Column, Schema, Table};

/// What a look at a database may take. All of it is counted in rows, bytes and steps of SQLite's machine, none in time:
/// the same file is seen the same way everywhere.
#[derive(Clone, Debug)]
pub(super) struct Caps {
    /// Rows of one table that are looked at, and in how many places of a larger one.
    pub rows: u64,
    pub places: u64,
    /// Cells of all tables together: with more, fewer rows of each are looked at, but not fewer than these.
    pub cells: u64,
    pub fewest_rows: u64,
    /// Bytes of texts that are read of one table.
    pub bytes: u64,
    /// Distinct values of a column that are told apart, and the bytes that those of one table may take.
    pub distinct: usize,
    pub held: usize,
    /// Values of all columns together that are indexed, and their bytes.
    pub indexed: usize,
    pub indexed_bytes: usize,
    /// Rows of all tables together that are counted (0.04 s a million), and those that are read for the ends of their
    /// dates (0.5 s a million). The smallest tables come first.
    pub counted: u64,
    pub scanned: u64,
    /// Steps of all views together, of one view, and that each view may take in any case (0.05 s a million).
    pub views: u64,
    pub view: u64,
    pub least_view: u64,
    /// Steps of all comparisons by which keys are inferred.
    pub keys: u64,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            rows: 60_000,
            places: 12,
            cells: 12_000_000,
            fewest_rows: 1_000,
            bytes: 64 << 20,
            distinct: 20_000,
            held: 24 << 20,
            indexed: 150_000,
            indexed_bytes: 6 << 20,
            counted: 10_000_000,
            scanned: 2_000_000,
            views: 20_000_000,
            view: 10_000_000,
            least_view: 200_000,
            keys: 50_000_000,
        }
    }
}

/// Steps of a look-up in an index, with much to spare.
const LOOK_UP: u64 = 20_000;
/// Between two looks at how many steps are left.
const EACH: u16 = 1_000;

/// A connection on which a reading ends when its steps are used up.
pub(super) struct Reader<'a> {
    pub connection: &'a Connection,
    /// Steps left to what is being read.
    left: Arc<AtomicU64>,
}

impl<'a> Reader<'a> {
    pub fn new(connection: &'a mut Connection) -> rusqlite::Result<Self> {
        let left = Arc::new(AtomicU64::new(u64::MAX));
        let known = Arc::clone(&left);
        let is_over = move || {
            let left = known.load(Ordering::Relaxed).saturating_sub(EACH.into());
            known.store(left, Ordering::Relaxed);
            left == 0
        };
        connection.progress_handler(EACH.into(), Some(is_over))?;
        Ok(Self { connection, left })
    }

    /// Reads while steps are left, and takes off those it took. `None` if they did not suffice.
    pub fn within<T>(
        &self,
        steps: &Cell<u64>,
        read: impl FnOnce() -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Option<T>> {
        if steps.get() == 0 {
            return Ok(None);
        }
        self.left.store(steps.get(), Ordering::Relaxed);
        let read = read();
        steps.set(self.left.swap(u64::MAX, Ordering::Relaxed));
        match read {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => Ok(None),
            read => read.map(Some),
        }
    }

    /// Asks for one row that an index gives at once; `None` without an index.
    pub fn look_up<T>(&self, sql: &str, read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>) -> Option<T> {
        self.within(&Cell::new(LOOK_UP), || self.connection.query_row(sql, [], read)).ok().flatten()
    }
}

/// The rows of a table that are looked at.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Extent {
    /// All: there are no more than may be.
    Whole,
    /// So many from each of these numbers on.
    Places { rowid: &'static str, firsts: Vec<i64>, last: i64, each: u64 },
    /// The first, as they come: of a view, or of rows that have no numbers.
    Front { rows: u64 },
}

impl Extent {
    /// A table of whose column the rows looked at are to be compared; some of them will do.
    pub fn some_rows(&self, table: &str, column: &str) -> String {
        const FEW: u64 = 10;
        match self {
            Self::Whole => table.to_owned(),
            Self::Front { rows } => format!("(SELECT {column} FROM {table} LIMIT {rows})"),
            Self::Places { rowid, firsts, each, .. } => {
                let rows = each.div_ceil(FEW);
                let place = |first: &i64| {
                    format!("SELECT * FROM (SELECT {column} FROM {table} WHERE {rowid} >= {first} LIMIT {rows})")
                };
                format!("({})", firsts.iter().map(place).collect::<Vec<_>>().join(" UNION ALL "))
            }
        }
    }
}

/// The numbers that SQLite keeps rows by.
#[derive(Clone, Copy, Debug)]
struct Rowids {
    name: &'static str,
    first: i64,
    last: i64,
}

impl Rowids {
    /// `None` for views, empty tables, and tables whose rows have no numbers, or none that are found at once.
    fn of(reader: &Reader<'_>, table: &Table) -> Option<Self> {
        let is_column = |name: &&str| table.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
        // A column may bear the name of what it hides.
        let name = ["rowid", "_rowid_", "oid"].into_iter().find(|name| !is_column(name)).filter(|_| !table.is_view)?;
        let of = quote(&table.name);
        let sql = format!("SELECT (SELECT min({name}) FROM {of}), (SELECT max({name}) FROM {of})");
        let (first, last): (Option<i64>, Option<i64>) = reader.look_up(&sql, |row| Ok((row.get(0)?, row.get(1)?)))?;
        first.zip(last).map(|(first, last)| Self { name, first, last })
    }

    /// Rows that there may be at most.
    fn most(self) -> u64 {
        u64::try_from(i128::from(self.last) - i128::from(self.first) + 1).unwrap_or(u64::MAX)
    }

    /// Spread evenly from the first row to the last.
    fn places(self, rows: u64, places: u64) -> Extent {
        let places = places.max(2);
        let each = (rows / places).max(1);
        let stride = self.most().saturating_sub(each) / (places - 1);
        let firsts = (0..places).map(|place| self.first.saturating_add_unsigned(place.saturating_mul(stride)));
        Extent::Places { rowid: self.name, firsts: firsts.collect(), last: self.last, each }
    }
}

/// What is looked at of each table, and how many rows it has.
pub(super) fn extents(reader: &Reader<'_>, schema: &Schema, caps: &Caps) -> Vec<Extent> {
    let rowids: Vec<Option<Rowids>> = schema.tables.iter().map(|table| Rowids::of(reader, table)).collect();
    let rows = rows_of_each(&schema.tables, &rowids, caps);
    let extents = schema.tables.iter().zip(rowids).map(|(table, rowids)| match rowids {
        _ if table.is_view => Extent::Front { rows },
        Some(rowids) if rowids.most() <= rows => Extent::Whole,
        // Numbers far apart: there may be few of them.
        _ if has_at_most(reader.connection, table, rows) => Extent::Whole,
        Some(rowids) => rowids.places(rows, caps.places),
        None => Extent::Front { rows },
    });
    extents.collect()
}

/// Fewer, where so many of each would be too many together.
fn rows_of_each(tables: &[Table], rowids: &[Option<Rowids>], caps: &Caps) -> u64 {
    let most = |at: usize| if tables[at].is_view { u64::MAX } else { rowids[at].map_or(u64::MAX, Rowids::most) };
    let cells = |rows: u64| -> u64 {
        let of = |at: usize| most(at).min(rows).saturating_mul(tables[at].columns.len() as u64);
        (0..tables.len()).map(of).fold(0, u64::saturating_add)
    };
    let mut rows = caps.rows;
    while cells(rows) > caps.cells && rows / 2 >= caps.fewest_rows {
        rows /= 2;
    }
    rows
}

fn has_at_most(connection: &Connection, table: &Table, rows: u64) -> bool {
    let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {} LIMIT ?1)", quote(&table.name));
    let limit = i64::try_from(rows).unwrap_or(i64::MAX).saturating_add(1);
    connection.query_row(&sql, [limit], |row| row.get::<_, i64>(0)).is_ok_and(|counted| counted < limit)
}

/// What indexes prove of a column, whatever rows are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Indexed {
    pub column: usize,
    pub unique: bool,
}

/// The columns that an index over all rows begins with.
pub(super) fn indexed(connection: &Connection, table: &Table) -> rusqlite::Result<Vec<Indexed>> {
    let find = |name: &str| table.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name));
    let mut found: Vec<Indexed> = Vec::new();
    if let [column] = table.primary_key[..]
        && is_integer(&table.columns[column])
    {
        found.push(Indexed { column, unique: true });
    }
    let mut indexes = connection.prepare("SELECT name, \"unique\" FROM pragma_index_list(?1) WHERE NOT partial")?;
    let mut parts = connection.prepare("SELECT name FROM pragma_index_xinfo(?1) WHERE key ORDER BY seqno")?;
    let mut rows = indexes.query(params![table.name])?;
    while let Some(row) = rows.next()? {
        let (index, unique): (String, bool) = (row.get(0)?, row.get(1)?);
        let names = parts.query_map(params![index], |row| row.get::<_, Option<String>>(0))?;
        let names = names.collect::<rusqlite::Result<Vec<_>>>()?;
        // Of an expression there is no name.
        let Some(column) = names.first().and_then(Option::as_deref).and_then(find) else { continue };
        let unique = unique && names.len() == 1;
        match found.iter_mut().find(|known| known.column == column) {
            Some(known) => known.unique |= unique,
            None => found.push(Indexed { column, unique }),
        }
    }
    Ok(found)
}

/// Such a primary key is the number of the row itself.
fn is_integer(column: &Column) -> bool {
    column.declared_type.eq_ignore_ascii_case("INTEGER")
}

/// How many rows there are where they are not counted: by how close the numbers of the rows looked at lie, or
/// where they lie unevenly or there are none, what the last `ANALYZE` found.
pub(super) fn estimate(connection: &Connection, table: &Table, density: Option<&Density>) -> Option<u64> {
    density.and_then(Density::rows).or_else(|| {
        let sql = "SELECT stat FROM sqlite_stat1 WHERE tbl = ?1 COLLATE NOCASE";
        let found: String = connection.query_row(sql, params![table.name], |row| row.get(0)).ok()?;
        found.split(' ').next()?.parse().ok()
    })
}

/// An estimate is told in three digits: it knows no more.
pub(super) fn rounded(rows: u64) -> u64 {
    let unit = 10_u64.pow(rows.checked_ilog10().unwrap_or(0).saturating_sub(2));
    (rows + unit / 2) / unit * unit
}

/// How close the numbers of rows lie in the places looked at.
#[derive(Debug, Default)]
pub(super) struct Density {
    /// Rows found of each place, and how many there could have been.
    places: Vec<(u64, u64)>,
    most: u64,
}

impl Density {
    pub fn new(first: i64, last: i64) -> Self {
        Self { places: Vec::new(), most: Rowids { name: "", first, last }.most() }
    }

    pub fn add(&mut self, found: u64, first: i64, last: i64) {
        self.places.push((found, Rowids { name: "", first, last }.most().max(1)));
    }

    /// Rows that there may be at most.
    pub fn most(&self) -> u64 {
        self.most
    }

    fn rows(&self) -> Option<u64> {
        const UNEVEN: f64 = 4.0;
        let shares = || self.places.iter().map(|(found, most)| *found as f64 / *most as f64);
        let (least, most) = shares().fold((f64::MAX, 0.0), |(low, high): (f64, f64), x| (low.min(x), high.max(x)));
        let is_even = least > 0.0 && most <= least * UNEVEN;
        is_even.then(|| (shares().sum::<f64>() / self.places.len() as f64 * self.most as f64).round() as u64)
    }
}

#[cfg(test)]
mod tests;
