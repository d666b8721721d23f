//! What names mean at one place of a statement.

use super::determinism::Now;
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
    /// Read only by its name: no star shows it.
    pub unlisted: bool,
    /// Columns of tables it is made of, counted as often as they occur once named queries are put in their place.
    pub weight: usize,
    /// Whether its values could be the word that stands for the present time.
    pub now: Now,
}

impl ScopeColumn {
    pub fn computed(name: impl Into<String>, semantic: SemanticType) -> Self {
        Self { name: name.into(), semantic, id: None, merged: false, unlisted: false, weight: 1, now: Now::Possible }
    }
}

/// One entry of `FROM`.
#[derive(Clone, Debug, Default)]
pub struct Relation {
    /// The alias, or the table's name.
    pub name: String,
    pub columns: Vec<ScopeColumn>,
    /// `Some` for tables and views of the database.
    pub table: Option<TableId>,
    /// Takes any column name: the shape is not known.
    pub open: bool,
    /// The table has columns that the policy hides; they are not among these.
    pub hidden: bool,
    /// A full-text table that ranks what it finds.
    pub ranked: bool,
}

impl Relation {
    /// The rows of a query.
    pub fn of_query(name: impl Into<String>, columns: Vec<ScopeColumn>) -> Self {
        Self { name: name.into(), columns, ..Self::default() }
    }
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
#[derive(Clone, Copy)]
pub enum Found<'s> {
    Column(&'s ScopeColumn),
    /// A name that a relation of unknown shape may have.
    Unknown,
    /// The row's own number, or how well a row of a full-text table fits.
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
    pub fn find(&self, name: &str) -> Found<'_> {
        let mut place = Some(self);
        while let Some(scope) = place {
            if let Some(column) = scope.column(name).or_else(|| named(&scope.aliases, name)) {
                return Found::Column(column);
            }
            if scope.relations.iter().any(|relation| relation.open) {
                return Found::Unknown;
            }
            if scope.relations.iter().any(|relation| has_row_name(relation, name)) {
                return Found::RowId;
            }
            place = scope.parent;
        }
        self.relation(name).and_then(|relation| relation.table).map_or(Found::Missing, Found::Table)
    }

    /// A column of a named relation; `None` if there is no such relation.
    pub fn find_in(&self, relation: &str, name: &str) -> Option<Found<'_>> {
        let relation = self.relation(relation)?;
        Some(match named(&relation.columns, name) {
            Some(column) => Found::Column(column),
            None if relation.open => Found::Unknown,
            None if has_row_name(relation, name) => Found::RowId,
            None => match relation.table {
                Some(table) if relation.name.eq_ignore_ascii_case(name) => Found::Table(table),
                _ => Found::Missing,
            },
        })
    }

    /// This place and those around it, innermost first.
    pub fn outward(&self) -> impl Iterator<Item = &Scope<'p>> {
        std::iter::successors(Some(self), |scope| scope.parent)
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

    pub fn column(&self, name: &str) -> Option<&ScopeColumn> {
        self.relations.iter().find_map(|relation| named(&relation.columns, name))
    }
}

pub fn named<'c>(columns: &'c [ScopeColumn], name: &str) -> Option<&'c ScopeColumn> {
    columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
}

fn has_row_name(relation: &Relation, name: &str) -> bool {
    let row_id = ["rowid", "_rowid_", "oid"].iter().any(|known| known.eq_ignore_ascii_case(name));
    relation.table.is_some() && (row_id || relation.ranked && name.eq_ignore_ascii_case("rank"))
}
