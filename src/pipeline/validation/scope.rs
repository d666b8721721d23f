//! What names mean at one place of a statement.

use crate::schema::{ColumnId, SemanticType, TableId};

/// A column that a query gives or that a table in `FROM` has.
#[derive(Clone, Debug)]
pub struct ScopeColumn {
    pub name: String,
    pub semantic: SemanticType,
    /// The table column itself; `None` for what a query computed.
    pub id: Option<ColumnId>,
    /// Joined to a column of the same name further left, so that `*` shows it once.
    pub merged: bool,
    /// Columns of tables it is made of, counted as often as they occur once named queries are put in their place.
    pub weight: usize,
}

impl ScopeColumn {
    pub fn computed(name: impl Into<String>, semantic: SemanticType) -> Self {
        Self { name: name.into(), semantic, id: None, merged: false, weight: 1 }
    }
}

/// One entry of `FROM`.
#[derive(Clone, Debug)]
pub struct Relation {
    /// The alias, or the table's name.
    pub name: String,
    pub columns: Vec<ScopeColumn>,
    /// `Some` for tables and views of the database.
    pub table: Option<TableId>,
    /// Takes any column name: the shape is not known.
    pub open: bool,
}

/// The names that can be used at one place; inner places see the outer ones.
#[derive(Debug, Default)]
pub struct Scope<'p> {
    pub parent: Option<&'p Scope<'p>>,
    pub relations: Vec<Relation>,
    /// Names given in the select list.
    pub aliases: Vec<ScopeColumn>,
    pub windows: Vec<String>,
}

/// What a column name turned out to be.
pub enum Found {
    Column(ScopeColumn),
    /// The row's own number.
    RowId,
    /// A whole full-text table, as in `notes MATCH 'x'`.
    Table(TableId),
    Missing,
}

impl<'p> Scope<'p> {
    pub fn inside(parent: Option<&'p Scope<'p>>) -> Self {
        Self { parent, ..Self::default() }
    }

    /// A column by its bare name, nearest place first.
    pub fn find(&self, name: &str) -> Found {
        let mut place = Some(self);
        while let Some(scope) = place {
            if let Some(column) = scope.column(name).or_else(|| named(&scope.aliases, name)) {
                return Found::Column(column.clone());
            }
            if scope.relations.iter().any(|relation| relation.open) {
                return Found::Column(ScopeColumn::computed(name, SemanticType::Unknown));
            }
            if is_row_id(name) && scope.relations.iter().any(|relation| relation.table.is_some()) {
                return Found::RowId;
            }
            place = scope.parent;
        }
        self.relation(name).and_then(|relation| relation.table).map_or(Found::Missing, Found::Table)
    }

    /// A column of a named relation; `None` if there is no such relation.
    pub fn find_in(&self, relation: &str, name: &str) -> Option<Found> {
        let relation = self.relation(relation)?;
        Some(match named(&relation.columns, name) {
            Some(column) => Found::Column(column.clone()),
            None if relation.open => Found::Column(ScopeColumn::computed(name, SemanticType::Unknown)),
            None if relation.table.is_some() && is_row_id(name) => Found::RowId,
            None => match relation.table {
                Some(table) if relation.name.eq_ignore_ascii_case(name) => Found::Table(table),
                _ => Found::Missing,
            },
        })
    }

    /// The innermost relation of that name.
    pub fn relation(&self, name: &str) -> Option<&Relation> {
        let own = self.relations.iter().find(|relation| relation.name.eq_ignore_ascii_case(name));
        own.or_else(|| self.parent?.relation(name))
    }

    /// Every column name that could have been meant here, innermost first.
    pub fn column_names(&self) -> Vec<&str> {
        let own = self.relations.iter().flat_map(|relation| &relation.columns).chain(&self.aliases);
        let outer = self.parent.map(Scope::column_names).unwrap_or_default();
        own.map(|column| column.name.as_str()).chain(outer).collect()
    }

    pub fn relation_names(&self) -> Vec<&str> {
        let outer = self.parent.map(Scope::relation_names).unwrap_or_default();
        self.relations.iter().map(|relation| relation.name.as_str()).chain(outer).collect()
    }

    fn column(&self, name: &str) -> Option<&ScopeColumn> {
        self.relations.iter().find_map(|relation| named(&relation.columns, name))
    }
}

pub fn named<'c>(columns: &'c [ScopeColumn], name: &str) -> Option<&'c ScopeColumn> {
    columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
}

fn is_row_id(name: &str) -> bool {
    ["rowid", "_rowid_", "oid"].iter().any(|known| known.eq_ignore_ascii_case(name))
}
