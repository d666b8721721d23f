//! Keys of groups that a thing has several times. "Revenue by pricing strategy", where each product has a strategy per
//! store, counts a sale once for each strategy of its product: what is joined are the pairs of thing and key, each once,
//! not the rows that they stand in.

use super::super::graph::{Edge, JoinTree};
use super::super::plan::{Expr, Query, Select};
use super::parts::{aggregates_of, is_multiplied};
use super::{Renderer, Scope, Unrenderable};
use crate::schema::{ColumnId, TableId};

/// Positions of conditions once those of the folds are gone.
pub(super) fn shifted(positions: &[usize], folds: &[Fold]) -> Vec<usize> {
    let gone = |at: usize| folds.iter().flat_map(|fold| &fold.conditions).filter(|c| **c < at).count();
    positions.iter().map(|at| at - gone(*at)).collect()
}

/// Tables behind an edge that repeats rows that are added up.
pub(super) struct Fold {
    edge: Edge,
    /// The tables behind it, the nearest first.
    behind: Vec<TableId>,
    /// Keys of what is added up that lead to the same rows as keys of the nearest of them: "revenue by strategy", where a
    /// strategy is one of a product at a store, and a sale one of a product at a store too.
    shared: Vec<(ColumnId, ColumnId)>,
    /// Columns that the statement needs of them, those that are joined on first.
    columns: Vec<ColumnId>,
    /// Positions of the conditions on them.
    conditions: Vec<usize>,
}

/// A statement that stands in the place of a table, and what it is joined on besides the key that leads to it.
#[derive(Clone, Debug)]
pub(super) struct Folded {
    pub table: TableId,
    pub sql: String,
    pub shared: Vec<(ColumnId, ColumnId)>,
}

impl Renderer<'_> {
    /// What must be folded so that no row is added up twice for one key.
    pub(super) fn folds(&self, select: &Select, tree: &JoinTree) -> Vec<Fold> {
        let leaves = aggregates_of(select);
        if !leaves.iter().any(is_multiplied) {
            return Vec::new();
        }
        let mut measured = Vec::new();
        for leaf in &leaves {
            self.expr_tables(leaf, &mut measured);
        }
        let refers = self.schema.foreign_keys.iter().any(|key| measured.contains(&key.from.table));
        let mut folds: Vec<Fold> = Vec::new();
        for (i, edge) in tree.edges.iter().enumerate() {
            if !edge.fans_out || folds.iter().any(|fold| fold.behind.contains(&edge.to.table)) {
                continue;
            }
            let mut behind = vec![edge.to.table];
            for later in &tree.edges[i + 1..] {
                if behind.contains(&later.from.table) {
                    behind.push(later.to.table);
                }
            }
            // "total fee of all results": what each of them has by what it refers to.
            let spoken = |table: &TableId| !refers && self.mentioned.contains(table);
            if !behind.iter().any(|table| measured.contains(table) || spoken(table)) {
                let shared = self.shared_keys(*edge, &measured);
                folds.extend(self.fold(*edge, behind, shared, select));
            }
        }
        folds
    }

    /// What is said of the keys that are joined once: a row that meets several of them counts for each.
    pub fn counted_once(&self, query: &Query) -> Vec<String> {
        let Query::Select(select) = query else { return Vec::new() };
        let Ok((tree, _)) = self.joins(select) else { return Vec::new() };
        if self.needs_parts(select) {
            return Vec::new();
        }
        let told = |fold: &Fold| {
            let keys = fold.columns.iter().skip(1 + fold.shared.len()).map(|id| self.schema.qualified(*id));
            format!("a row counts once for each {} that it meets", keys.collect::<Vec<_>>().join(" and "))
        };
        self.folds(select, &tree).iter().map(told).collect()
    }

    /// `None` where something other than plain columns of plain conditions is needed of the tables.
    fn fold(
        &self,
        edge: Edge,
        behind: Vec<TableId>,
        shared: Vec<(ColumnId, ColumnId)>,
        select: &Select,
    ) -> Option<Fold> {
        let mut columns = Vec::new();
        let exprs = select.items.iter().chain(&select.group).chain(select.order.iter().map(|s| &s.by));
        for expr in exprs {
            match expr {
                Expr::Column(id) if behind.contains(&id.table) => columns.push(*id),
                _ => {
                    let mut tables = Vec::new();
                    expr.tables(&mut tables);
                    if tables.iter().any(|table| behind.contains(table)) {
                        return None;
                    }
                }
            }
        }
        let mut conditions = Vec::new();
        for (i, predicate) in select.filter.iter().enumerate() {
            let mut tables = Vec::new();
            self.predicate_tables(predicate, &mut tables);
            if !tables.iter().any(|table| behind.contains(table)) {
                continue;
            }
            if !predicate.is_plain() || !tables.iter().all(|table| behind.contains(table)) {
                return None;
            }
            conditions.push(i);
        }
        if columns.is_empty() {
            return None;
        }
        let links: Vec<ColumnId> = std::iter::once(edge.to).chain(shared.iter().map(|(_, there)| *there)).collect();
        columns.retain(|id| !links.contains(id));
        columns.sort_by_key(|id| (id.table.0, id.column));
        columns.dedup();
        columns.splice(..0, links);
        let name = |id: &ColumnId| self.schema.column(*id).name.to_lowercase();
        let clash = (1..columns.len()).any(|i| columns[..i].iter().any(|id| name(id) == name(&columns[i])));
        (!clash).then_some(Fold { edge, behind, shared, columns, conditions })
    }

    /// Of two keys to the same table ("from" and "to" a station) it is not known which is meant.
    fn shared_keys(&self, edge: Edge, measured: &[TableId]) -> Vec<(ColumnId, ColumnId)> {
        let only = |to: ColumnId, among: &[TableId]| {
            let mut keys = self.schema.foreign_keys.iter().filter(|k| k.to == to && among.contains(&k.from.table));
            keys.next().map(|key| key.from).filter(|_| keys.next().is_none())
        };
        let own = self.schema.foreign_keys.iter().filter(|key| key.from.table == edge.to.table && key.from != edge.to);
        own.filter_map(|key| Some((only(key.to, measured)?, only(key.to, &[edge.to.table])?))).collect()
    }

    /// The statement and its joins with the pairs in place of the tables.
    pub(super) fn fold_in(
        &self,
        folds: &[Fold],
        select: &Select,
        tree: &mut JoinTree,
        scope: &mut Scope,
        depth: usize,
    ) -> Result<Select, Unrenderable> {
        let mut outer = select.clone();
        let mut taken: Vec<usize> = Vec::new();
        for fold in folds {
            let filter = fold.conditions.iter().map(|i| select.filter[*i].clone()).collect();
            let items = fold.columns.iter().map(|id| Expr::Column(*id)).collect();
            let pairs = Select { items, filter, distinct: true, tables: fold.behind.clone(), ..Select::default() };
            let (text, _) = self.select_named(&pairs, &[], depth + 1, &mut Vec::new())?;
            let alias = scope.alias(fold.edge.to.table).to_owned();
            for (table, name) in &mut scope.aliases {
                if fold.behind.contains(table) {
                    name.clone_from(&alias);
                }
            }
            scope.folded.push(Folded {
                table: fold.edge.to.table,
                sql: format!("(\n  {}\n)", text.replace('\n', "\n  ")),
                shared: fold.shared.clone(),
            });
            taken.extend(&fold.conditions);
            tree.edges.retain(|edge| !fold.behind[1..].contains(&edge.to.table));
        }
        let mut at = 0..;
        outer.filter.retain(|_| at.next().is_some_and(|i| !taken.contains(&i)));
        Ok(outer)
    }
}
