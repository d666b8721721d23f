//! A plan as SQL. The only place that composes SQL text; joins are derived here.

mod condition;
mod conditional;
mod expression;
mod joins;
mod parts;
mod percentile;
mod steps;
mod text;

use std::fmt::Write;

use super::graph::{Edge, Graph};
use super::plan::{Query, Select, SetOperator};
use crate::knowledge::Knowledge;
use crate::schema::{Schema, TableId};

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
}

impl Scope {
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
                let (left, _) = self.select(left, 0, &mut edges)?;
                let (right, _) = self.select(right, 0, &mut edges)?;
                let operator = match operator {
                    SetOperator::Union => "UNION",
                    SetOperator::Intersect => "INTERSECT",
                    SetOperator::Except => "EXCEPT",
                };
                Ok(Rendered { sql: format!("{left}\n{operator}\n{right}"), edges, fans_out: false })
            }
        }
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
        let (tree, exists) = self.joins(select)?;
        let scope = self.scope(&tree, depth);
        edges.extend(&tree.edges);
        let aggregated = select.is_aggregated();
        let repeats = tree.edges.iter().any(|e| e.fans_out);
        // A plain list over a join that repeats rows would show a thing several times.
        let distinct =
            select.distinct || (repeats && !aggregated && exists.is_empty() && self.shows_the_one_side(select, &tree));
        let items: Vec<String> = select
            .items
            .iter()
            .enumerate()
            .map(|(i, item)| match names.get(i) {
                Some(name) => self.named_item(item, name, &scope),
                None => self.item(item, &scope, select.items.len() > 1 || item.is_aggregate()),
            })
            .collect();
        if items.is_empty() {
            return Err(Unrenderable::Empty);
        }
        let mut sql = format!("SELECT {}{}", if distinct { "DISTINCT " } else { "" }, items.join(", "));
        sql.push_str(&self.from(&tree, &scope));
        let mut conditions: Vec<String> = Vec::new();
        for (i, predicate) in select.filter.iter().enumerate() {
            conditions.push(if exists.contains(&i) {
                self.filter_exists(predicate, &tree, &scope, depth)?
            } else {
                self.predicate(predicate, &tree, &scope, depth)?
            });
        }
        if !conditions.is_empty() {
            sql.push_str("\nWHERE ");
            sql.push_str(&conditions.join(" AND "));
        }
        if !select.group.is_empty() {
            let keys: Vec<String> = select.group.iter().map(|key| self.expr(key, &scope)).collect();
            sql.push_str("\nGROUP BY ");
            sql.push_str(&keys.join(", "));
        }
        let having: Result<Vec<String>, _> =
            select.having.iter().map(|p| self.predicate(p, &tree, &scope, depth)).collect();
        let having = having?;
        if !having.is_empty() {
            sql.push_str("\nHAVING ");
            sql.push_str(&having.join(" AND "));
        }
        if !select.order.is_empty() {
            let keys: Vec<String> = select.order.iter().map(|sort| self.sort(sort, &scope)).collect();
            sql.push_str("\nORDER BY ");
            sql.push_str(&keys.join(", "));
        }
        if let Some(limit) = select.limit {
            let _ = write!(sql, "\nLIMIT {limit}");
            if select.offset > 0 {
                let _ = write!(sql, " OFFSET {}", select.offset);
            }
        }
        let adds_up = repeats && self.adds_up_repeated(select, &tree);
        Ok((sql, adds_up))
    }
}

#[cfg(test)]
mod tests;
