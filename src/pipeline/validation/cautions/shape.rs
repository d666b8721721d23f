//! What is known of a table's or a query's rows: its columns, and which of them tell rows apart.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::schema::{ColumnId, ColumnProfile, Schema, SemanticType, TableId};

/// Distinct values that a profile tells apart; from there on it knows no more.
const COUNTED_VALUES: u64 = 20_000;

/// The rows that one entry of `FROM` gives.
#[derive(Debug, Default)]
pub struct Shape {
    pub columns: Vec<ShapeColumn>,
    /// Positions of columns that together differ in every row; the empty set if there is at most one row.
    pub keys: Vec<BTreeSet<usize>>,
    /// The table whose rows these are, perhaps some left out by conditions that have nothing to do with its keys.
    pub table: Option<TableId>,
    /// Nothing is known of its keys.
    pub opaque: bool,
}

#[derive(Clone, Debug, Default)]
pub struct ShapeColumn {
    pub name: String,
    /// The column of a table that the values are taken from.
    pub origin: Option<ColumnId>,
    /// Made by adding or counting, so that it adds up again.
    pub summed: bool,
    /// Made by a window function.
    pub ranked: bool,
    /// The query that gives it repeats its values.
    pub repeated: Option<Rc<Repeat>>,
}

/// Rows of `of` that a join repeats, once for every matching row of `by`.
#[derive(Clone, Debug)]
pub struct Repeat {
    pub of: String,
    pub by: String,
    pub by_table: Option<TableId>,
    /// Columns of `by` that the join holds fast.
    pub on: Vec<String>,
}

impl Shape {
    /// Of a table or a view: declared keys, and columns whose values all differ.
    pub fn of_table(schema: &Schema, id: TableId) -> Self {
        let table = schema.table(id);
        let mut keys: Vec<BTreeSet<usize>> = Vec::new();
        if !table.primary_key.is_empty() {
            keys.push(table.primary_key.iter().copied().collect());
        }
        let own = schema.foreign_keys.iter().filter(|key| key.from.table == id && key.one_to_one);
        keys.extend(own.map(|key| BTreeSet::from([key.from.column])));
        let unique = table.columns.iter().enumerate().filter(|(_, column)| is_unique(&column.profile));
        keys.extend(unique.map(|(column, _)| BTreeSet::from([column])));
        let keys = smallest(keys);
        let columns = table.columns.iter().enumerate().map(|(column, c)| ShapeColumn {
            name: c.name.clone(),
            origin: Some(ColumnId { table: id, column }),
            ..ShapeColumn::default()
        });
        Self { columns: columns.collect(), keys, table: Some(id), opaque: false }
    }

    pub fn opaque() -> Self {
        Self { opaque: true, ..Self::default() }
    }

    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name))
    }

    pub fn is_in_a_key(&self, column: usize) -> bool {
        self.keys.iter().any(|key| key.contains(&column))
    }

    /// True if rows are known to share values of all these columns.
    pub fn repeats(&self, columns: &BTreeSet<usize>, schema: &Schema) -> bool {
        if self.opaque || columns.is_empty() {
            return false;
        }
        let part_of_a_key = self
            .keys
            .iter()
            .any(|key| columns.is_subset(key) && columns.len() < key.len() && self.is_free(key, columns, schema));
        part_of_a_key || self.table.is_some_and(|table| self.repeats_in_data(table, columns, schema))
    }

    /// True if the rest of the key does not follow from `columns`: a name follows from its number.
    fn is_free(&self, key: &BTreeSet<usize>, columns: &BTreeSet<usize>, schema: &Schema) -> bool {
        if self.table.is_some() {
            return true;
        }
        let first_word = |column: &usize| {
            let name = self.columns.get(*column).map(|c| c.name.as_str()).unwrap_or_default();
            crate::language::identifier_words(name).into_iter().next()
        };
        let known: Vec<_> = columns.iter().map(first_word).collect();
        key.difference(columns).any(|column| {
            let origin = self.columns.get(*column).and_then(|c| c.origin);
            let semantic = origin.map_or(SemanticType::Unknown, |id| schema.profile(id).semantic);
            !matches!(semantic, SemanticType::Name | SemanticType::Geo | SemanticType::FreeText)
                && !known.contains(&first_word(column))
        })
    }

    /// Counting: fewer combinations of values than rows. An empty table is judged by its keys.
    fn repeats_in_data(&self, table: TableId, columns: &BTreeSet<usize>, schema: &Schema) -> bool {
        let origins: Option<Vec<ColumnId>> = columns.iter().map(|c| self.columns.get(*c)?.origin).collect();
        let Some(origins) = origins.filter(|ids| ids.iter().all(|id| id.table == table)) else { return false };
        let refers = |id: &ColumnId| schema.foreign_keys.iter().any(|key| key.from == *id && !key.one_to_one);
        let profiles = || origins.iter().map(|id| schema.profile(*id));
        if let [only] = origins.as_slice()
            && (schema.profile(*only).rows == 0 || schema.profile(*only).distinct >= COUNTED_VALUES)
        {
            return refers(only);
        }
        if profiles().any(|profile| profile.distinct >= COUNTED_VALUES) {
            return false;
        }
        let combinations = profiles().fold(1_u64, |product, profile| product.saturating_mul(profile.distinct));
        let rows = profiles().map(|profile| profile.rows).max().unwrap_or_default();
        let nulls: u64 = profiles().map(|profile| profile.nulls).sum();
        combinations < rows.saturating_sub(nulls)
    }
}

/// Each key once, those that contain others left out, few of them: a join of a query with itself would double them.
pub fn smallest(mut keys: Vec<BTreeSet<usize>>) -> Vec<BTreeSet<usize>> {
    const ENOUGH: usize = 16;
    keys.sort_by_key(BTreeSet::len);
    let mut kept: Vec<BTreeSet<usize>> = Vec::new();
    for key in keys {
        if kept.len() < ENOUGH && !kept.iter().any(|known| known.is_subset(&key)) {
            kept.push(key);
        }
    }
    kept
}

/// NULLs join nothing, so they do not matter.
fn is_unique(profile: &ColumnProfile) -> bool {
    profile.unique
        || (!profile.sampled
            && profile.distinct > 0
            && profile.distinct < COUNTED_VALUES
            && profile.distinct + profile.nulls == profile.rows)
}
