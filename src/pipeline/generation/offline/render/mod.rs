//! A plan as SQL in the dialect of its schema. The only place that composes SQL text; joins are derived here.
//!
//! One renderer serves both dialects. What they say differently is in `dialect` (operators, names of tables), `text`
//! (names, literals) and `time` (calendar units); what BigQuery refuses and SQLite takes is in `grouping` (columns beside
//! aggregates), and values are typed by `kind`.

mod condition;
mod conditional;
mod dialect;
mod expression;
mod folded;
mod grouping;
mod joins;
mod kind;
mod parts;
mod percentile;
mod steps;
mod text;
mod time;

use std::fmt::Write;

use self::folded::Folded;
use super::graph::{Edge, Graph};
use super::plan::{Query, Select};
use crate::knowledge::Knowledge;
use crate::schema::{Dialect, Schema, TableId};

/// SQL with what was found out on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    pub sql: String,
    /// Keys that were used, for explanations and confidence.
    pub edges: Vec<Edge>,
    /// A measure is added up over a join that repeats its rows.
    pub fans_out: bool,
}

/// Why a plan has no SQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unrenderable {
    /// No key connects the two tables.
    Unconnected(TableId, TableId),
    Empty,
}

pub struct Renderer<'a> {
    pub schema: &'a Schema,
    pub knowledge: &'a Knowledge,
    pub graph: &'a Graph,
    pub mentioned: &'a [TableId],
}

/// Names of the tables of one SELECT.
#[derive(Clone, Debug, Default)]
struct Scope {
    aliases: Vec<(TableId, String)>,
    /// Rows of these tables are repeated by the joins.
    repeated: Vec<TableId>,
    folded: Vec<Folded>,
}

impl Scope {
    fn folded(&self, table: TableId) -> Option<&Folded> {
        self.folded.iter().find(|folded| folded.table == table)
    }

    fn alias(&self, table: TableId) -> &str {
        self.aliases.iter().rev().find(|(t, _)| *t == table).map_or("", |(_, a)| a)
    }
}

impl Renderer<'_> {
    pub fn query(&self, query: &Query) -> Result<Rendered, Unrenderable> {
        match query {
            Query::Select(select) => {
                let mut edges = Vec::new();
                let (sql, fans_out) = self.select(select, 0, &mut edges)?;
                Ok(Rendered { sql, edges, fans_out })
            }
            Query::Set { operator, left, right } => {
                let mut edges = Vec::new();
                let left = self.side(left, &mut edges)?;
                let right = self.side(right, &mut edges)?;
                let operator = dialect::set_operator(*operator, self.dialect());
                Ok(Rendered { sql: format!("{left}\n{operator}\n{right}"), edges, fans_out: false })
            }
        }
    }

    /// One side of a set operation; in brackets where it has steps, an order or a limit of its own.
    fn side(&self, select: &Select, edges: &mut Vec<Edge>) -> Result<String, Unrenderable> {
        let (sql, _) = self.select(select, 0, edges)?;
        let own = sql.starts_with("WITH ") || !select.order.is_empty() || select.limit.is_some();
        Ok(if own && self.dialect() == Dialect::BigQuery { format!("({sql})") } else { sql })
    }

    fn select(&self, select: &Select, depth: usize, edges: &mut Vec<Edge>) -> Result<(String, bool), Unrenderable> {
        if steps::needs_steps(select) {
            return self.stepped(select, depth, edges);
        }
        self.grouped(select, &[], depth, edges)
    }

    /// A statement without windows, in as many SELECTs as its measures need.
    fn grouped(
        &self,
        select: &Select,
        names: &[String],
        depth: usize,
        edges: &mut Vec<Edge>,
    ) -> Result<(String, bool), Unrenderable> {
        if percentile::percentile_of(select).is_some() {
            self.percentile(select, names, depth, edges)
        } else if self.needs_parts(select) {
            self.parted(select, names, depth, edges)
        } else {
            self.select_named(select, names, depth, edges)
        }
    }

    /// One SELECT; its items bear the names given, else their own.
    fn select_named(
        &self,
        select: &Select,
        names: &[String],
        depth: usize,
        edges: &mut Vec<Edge>,
    ) -> Result<(String, bool), Unrenderable> {
        let (mut tree, mut exists) = self.joins(select)?;
        let mut scope = self.scope(&tree, depth > 0 || self.needs_alias(select, names, &tree));
        edges.extend(&tree.edges);
        let folds = self.folds(select, &tree);
        let folded;
        let select = if folds.is_empty() {
            select
        } else {
            folded = self.fold_in(&folds, select, &mut tree, &mut scope, depth)?;
            exists = folded::shifted(&exists, &folds);
            &folded
        };
        let aggregated = select.is_aggregated();
        let repeats = tree.edges.iter().any(|e| e.fans_out);
        // A plain list over a join that repeats rows would show a thing several times.
        let mut distinct =
            select.distinct || (repeats && !aggregated && exists.is_empty() && self.shows_the_one_side(select, &tree));
        let grouping = self.grouping(select, distinct, &scope);
        distinct &= !grouping.replaces_distinct;
        let items: Vec<String> = select
            .items
            .iter()
            .enumerate()
            .map(|(i, item)| {
                let sql = grouping.item(i, self.expr(item, &scope));
                match names.get(i) {
                    Some(name) => Self::named_item(item, sql, name),
                    None if grouping.is_loose(i) => Self::named_item(item, sql, &self.quote(&self.label(item))),
                    None => self.item(item, sql, select.items.len() > 1 || item.is_aggregate()),
                }
            })
            .collect();
        if items.is_empty() {
            return Err(Unrenderable::Empty);
        }
        let mut sql = format!("SELECT {}{}", if distinct { "DISTINCT " } else { "" }, items.join(", "));
        sql.push_str(&self.from(&tree, &scope));
        let mut conditions: Vec<String> = Vec::new();
        let bundles = self.bundles(select, &exists, &tree);
        for (i, predicate) in select.filter.iter().enumerate() {
            if !exists.contains(&i) {
                conditions.push(self.predicate(predicate, &tree, &scope, depth)?);
            } else if let Some(bundle) = bundles.iter().find(|b| b.first == i) {
                conditions.push(self.exists(bundle.target, &bundle.predicates, false, &tree, &scope, depth)?);
            }
        }
        if !conditions.is_empty() {
            sql.push_str("\nWHERE ");
            sql.push_str(&conditions.join(" AND "));
        }
        if !grouping.keys.is_empty() {
            sql.push_str("\nGROUP BY ");
            sql.push_str(&grouping.keys.join(", "));
        }
        let having: Result<Vec<String>, _> =
            select.having.iter().map(|p| self.predicate(p, &tree, &scope, depth)).collect();
        let having = having?;
        if !having.is_empty() {
            sql.push_str("\nHAVING ");
            sql.push_str(&having.join(" AND "));
        }
        if !select.order.is_empty() {
            let keys: Vec<String> = select.order.iter().map(|sort| self.sort(sort, &grouping, &scope)).collect();
            sql.push_str("\nORDER BY ");
            sql.push_str(&keys.join(", "));
        }
        if let Some(limit) = select.limit {
            let _ = write!(sql, "\nLIMIT {limit}");
            if select.offset > 0 {
                let _ = write!(sql, " OFFSET {}", select.offset);
            }
        }
        let adds_up = folds.is_empty() && repeats && self.adds_up_repeated(select, &tree);
        Ok((sql, adds_up))
    }
}

#[cfg(test)]
mod dialects;
#[cfg(test)]
mod tests;
