//! What a database holds, as every room sees it: tables, columns, keys, and what their data look like.
//!
//! Plain data, made once by `database` when a file is opened. Nothing here reads a database.

mod functions;
mod packed;
mod profile;
mod value;
mod values;
mod words;

pub use profile::{ColumnProfile, SemanticType};
pub use value::{Cell, Value};
pub use values::{ValueHit, ValueIndex, ValueMatchKind};

use serde::Serialize;

/// A table by its position in [`Schema::tables`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableId(pub usize);

/// A column by its table and its position in [`Table::columns`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnId {
    pub table: TableId,
    pub column: usize,
}

/// The SQL a database speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    #[default]
    Sqlite,
    BigQuery,
}

impl Dialect {
    /// The word used in answers and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::BigQuery => "bigquery",
        }
    }
}

/// Everything known about one database.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schema {
    pub dialect: Dialect,
    /// Name shown to people: the file's stem or the dataset's name.
    pub name: String,
    /// In the order of the database's own catalogue.
    pub tables: Vec<Table>,
    /// Declared keys first, then inferred ones.
    pub foreign_keys: Vec<ForeignKey>,
    /// Distinct values of text columns, for linking words to values.
    pub values: ValueIndex,
    /// Changes when tables, columns or types change; never with the rows alone. Hex.
    pub fingerprint: String,
}

/// A table or a view.
#[expect(clippy::struct_excessive_bools, reason = "facts of their own, in any combination")]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    pub name: String,
    pub is_view: bool,
    /// A view whose rows may differ at each reading.
    pub volatile: bool,
    /// Some columns are hidden by policy: a star means the others.
    pub has_hidden: bool,
    pub columns: Vec<Column>,
    /// Positions of the primary key's columns; empty if there is none.
    pub primary_key: Vec<usize>,
    /// `None` until counted.
    pub row_count: Option<u64>,
    /// The table was too large to be counted: the count is about right.
    pub rows_estimated: bool,
    pub description: Option<String>,
}

/// A column with what its data look like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column {
    pub name: String,
    /// As declared, upper or lower case as written; empty if none.
    pub declared_type: String,
    pub not_null: bool,
    pub description: Option<String>,
    pub profile: ColumnProfile,
}

/// `from` refers to `to`. Composite keys are kept pair by pair under one `group`.
#[derive(Clone, Debug, PartialEq)]
pub struct ForeignKey {
    pub from: ColumnId,
    pub to: ColumnId,
    /// False if it was inferred from names and values.
    pub declared: bool,
    /// At most one row of `from`'s table for each row of `to`'s.
    pub one_to_one: bool,
}

impl Schema {
    pub fn table(&self, id: TableId) -> &Table {
        &self.tables[id.0]
    }

    pub fn column(&self, id: ColumnId) -> &Column {
        &self.tables[id.table.0].columns[id.column]
    }

    pub fn profile(&self, id: ColumnId) -> &ColumnProfile {
        &self.column(id).profile
    }

    /// `table.column`, for messages.
    pub fn qualified(&self, id: ColumnId) -> String {
        let table = self.tables.get(id.table.0);
        let column = table.and_then(|table| table.columns.get(id.column));
        // An answer may be older than the schema that it is written with.
        table.zip(column).map_or_else(String::new, |(table, column)| format!("{}.{}", table.name, column.name))
    }

    /// Every column of every table, in catalogue order.
    pub fn columns(&self) -> impl Iterator<Item = ColumnId> + '_ {
        self.tables
            .iter()
            .enumerate()
            .flat_map(|(table, t)| (0..t.columns.len()).map(move |column| ColumnId { table: TableId(table), column }))
    }

    pub fn table_ids(&self) -> impl Iterator<Item = TableId> + use<> {
        (0..self.tables.len()).map(TableId)
    }

    /// Case-insensitive, as SQLite compares names.
    pub fn find_table(&self, name: &str) -> Option<TableId> {
        self.tables.iter().position(|t| t.name.eq_ignore_ascii_case(name)).map(TableId)
    }

    /// Case-insensitive, as SQLite compares names.
    pub fn find_column(&self, table: TableId, name: &str) -> Option<ColumnId> {
        self.table(table)
            .columns
            .iter()
            .position(|c| c.name.eq_ignore_ascii_case(name))
            .map(|column| ColumnId { table, column })
    }

    /// True if the column alone identifies a row of its table.
    pub fn is_primary_key(&self, id: ColumnId) -> bool {
        self.table(id.table).primary_key == [id.column]
    }

    /// False if no row can lack a value: all were looked at, or the table or an index sees to it.
    pub fn may_be_null(&self, id: ColumnId) -> bool {
        let (column, profile) = (self.column(id), self.profile(id));
        profile.nulls > 0 || profile.sampled && !profile.unique && !column.not_null
    }

    /// The key that a column holds, if it refers to another table.
    pub fn reference_of(&self, id: ColumnId) -> Option<&ForeignKey> {
        self.foreign_keys.iter().find(|k| k.from == id)
    }
}
