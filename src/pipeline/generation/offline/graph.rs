//! The schema as a graph of tables and keys, and the smallest tree that joins what a plan needs.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::schema::{ColumnId, ForeignKey, Schema, TableId};

/// One way from a table to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    pub from: ColumnId,
    pub to: ColumnId,
    /// One row of `from`'s table may meet several of `to`'s.
    pub fans_out: bool,
    pub declared: bool,
    cost: u32,
}

/// Tables in the order in which they are joined: the first stands alone, each edge brings the next one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JoinTree {
    pub root: Option<TableId>,
    pub edges: Vec<Edge>,
}

impl JoinTree {
    pub fn tables(&self) -> Vec<TableId> {
        self.root.into_iter().chain(self.edges.iter().map(|e| e.to.table)).collect()
    }

    /// Tables whose rows come several times.
    pub fn repeated(&self) -> Vec<TableId> {
        let mut repeated: Vec<TableId> = Vec::new();
        let tables = self.tables();
        for (i, edge) in self.edges.iter().enumerate() {
            // The one side of a key meets many rows of the table that refers to it; what hangs on a repeated row is
            // repeated with it.
            let comes_again = !edge.fans_out || repeated.contains(&edge.from.table);
            // Everything joined so far is repeated by the rows that come in.
            let met_again = if edge.fans_out { &tables[..=i] } else { &[] };
            for table in met_again.iter().chain(comes_again.then_some(&edge.to.table)) {
                if !repeated.contains(table) {
                    repeated.push(*table);
                }
            }
        }
        repeated
    }
}

/// All keys, both ways.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// By table.
    edges: Vec<Vec<Edge>>,
}

/// Costs of edges: declared keys before inferred ones, and both before two facts that share a dimension's key.
const DECLARED: u32 = 10;
const INFERRED: u32 = 14;
const SHARED_KEY: u32 = 26;
/// A table that the question names is cheaper to pass through.
const MENTIONED: u32 = 3;

impl Graph {
    pub fn new(schema: &Schema) -> Self {
        let mut graph = Self { edges: vec![Vec::new(); schema.tables.len()] };
        for key in &schema.foreign_keys {
            graph.add_key(schema, key);
        }
        graph.add_shared_keys(schema);
        graph
    }

    fn add_key(&mut self, schema: &Schema, key: &ForeignKey) {
        let cost = if key.declared { DECLARED } else { INFERRED };
        let unique = schema.is_primary_key(key.to) || schema.profile(key.to).unique || schema.profile(key.to).rows == 0;
        let forth = Edge { from: key.from, to: key.to, fans_out: !unique, declared: key.declared, cost };
        let one_each = key.one_to_one || schema.profile(key.from).unique;
        let back = Edge { from: key.to, to: key.from, fans_out: !one_each, ..forth };
        self.edges[key.from.table.0].push(forth);
        if key.from.table != key.to.table {
            self.edges[key.to.table.0].push(back);
        }
    }

    /// Two tables that refer to the same key of a third can be joined on it directly. Nothing of the third is needed,
    /// but the rows multiply.
    fn add_shared_keys(&mut self, schema: &Schema) {
        let keys = &schema.foreign_keys;
        for (i, a) in keys.iter().enumerate() {
            for b in &keys[i + 1..] {
                if a.to != b.to || a.from.table == b.from.table {
                    continue;
                }
                let joined = self.edges[a.from.table.0].iter().any(|e| e.to.table == b.from.table);
                if joined {
                    continue;
                }
                let edge = Edge { from: a.from, to: b.from, fans_out: true, declared: false, cost: SHARED_KEY };
                self.edges[a.from.table.0].push(edge);
                self.edges[b.from.table.0].push(Edge { from: b.from, to: a.from, ..edge });
            }
        }
    }

    /// The cheapest tree over the needed tables, grown from the first of them. `None` if some cannot be reached.
    pub fn join(&self, needed: &[TableId], mentioned: &[TableId]) -> Option<JoinTree> {
        let Some(root) = needed.first() else { return Some(JoinTree::default()) };
        let mut tree = JoinTree { root: Some(*root), edges: Vec::new() };
        let mut missing: Vec<TableId> = needed[1..].to_vec();
        missing.retain(|t| t != root);
        while !missing.is_empty() {
            let path = self.nearest(&tree.tables(), &missing, mentioned)?;
            for edge in path {
                missing.retain(|t| *t != edge.to.table);
                tree.edges.push(edge);
            }
        }
        Some(tree)
    }

    /// The cheapest path from any table of the tree to any missing one.
    fn nearest(&self, tree: &[TableId], missing: &[TableId], mentioned: &[TableId]) -> Option<Vec<Edge>> {
        let mut best = vec![u32::MAX; self.edges.len()];
        let mut came: Vec<Option<Edge>> = vec![None; self.edges.len()];
        let mut queue = BinaryHeap::new();
        for table in tree {
            best[table.0] = 0;
            queue.push(Reverse((0, table.0)));
        }
        while let Some(Reverse((cost, table))) = queue.pop() {
            if cost > best[table] {
                continue;
            }
            if missing.contains(&TableId(table)) {
                return Some(path_to(table, &came));
            }
            for edge in &self.edges[table] {
                let discount = if mentioned.contains(&edge.to.table) { MENTIONED } else { 0 };
                let next = cost + edge.cost - discount;
                if next < best[edge.to.table.0] {
                    best[edge.to.table.0] = next;
                    came[edge.to.table.0] = Some(*edge);
                    queue.push(Reverse((next, edge.to.table.0)));
                }
            }
        }
        None
    }
}

fn path_to(table: usize, came: &[Option<Edge>]) -> Vec<Edge> {
    let mut path = Vec::new();
    let mut at = table;
    while let Some(edge) = came[at] {
        path.push(edge);
        at = edge.from.table.0;
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::super::tests::{id, profile, schema, table_id};
    use super::*;

    fn inn() -> Schema {
        schema(
            &[
                ("houses", &["id*"]),
                ("rooms", &["id*", "house_id"]),
                ("stays", &["id*", "room_id", "guest_id"]),
                ("guests", &["id*"]),
                ("extras", &["id*"]),
                ("stay_extras", &["stay_id*", "extra_id*"]),
                ("weather", &["day*"]),
            ],
            &[
                ("rooms.house_id", "houses.id", true),
                ("stays.room_id", "rooms.id", true),
                ("stays.guest_id", "guests.id", true),
                ("stay_extras.stay_id", "stays.id", true),
                ("stay_extras.extra_id", "extras.id", true),
            ],
        )
    }

    fn join(schema: &Schema, needed: &[&str], mentioned: &[&str]) -> Option<JoinTree> {
        let ids = |names: &[&str]| names.iter().map(|name| table_id(schema, name)).collect::<Vec<_>>();
        Graph::new(schema).join(&ids(needed), &ids(mentioned))
    }

    fn joined(schema: &Schema, needed: &[&str], mentioned: &[&str]) -> Vec<String> {
        let tree = join(schema, needed, mentioned).unwrap();
        tree.tables().iter().map(|t| schema.table(*t).name.clone()).collect()
    }

    fn fans_out(schema: &Schema, from: &str, to: &str) -> bool {
        let tree = join(schema, &[from, to], &[]).unwrap();
        assert_eq!(tree.edges.len(), 1, "{from} to {to}");
        tree.edges[0].fans_out
    }

    #[test]
    fn a_tree_holds_what_is_needed_and_what_lies_between() {
        let inn = inn();
        assert_eq!(joined(&inn, &["guests", "houses"], &[]), ["guests", "stays", "rooms", "houses"]);
        assert_eq!(joined(&inn, &["houses", "extras", "guests"], &[]).len(), 6);
        assert_eq!(joined(&inn, &["guests"], &[]), ["guests"]);
        assert_eq!(joined(&inn, &["guests", "guests"], &[]), ["guests"]);
        assert_eq!(join(&inn, &[], &[]), Some(JoinTree::default()));
    }

    #[test]
    fn every_table_of_a_tree_comes_once_and_after_the_one_it_hangs_on() {
        let inn = inn();
        let tree = join(&inn, &["rooms", "extras", "guests", "houses"], &[]).unwrap();
        for (i, edge) in tree.edges.iter().enumerate() {
            let before = &tree.tables()[..=i];
            assert!(before.contains(&edge.from.table) && !before.contains(&edge.to.table), "{edge:?}");
        }
    }

    #[test]
    fn what_no_key_reaches_has_no_tree() {
        assert_eq!(join(&inn(), &["guests", "weather"], &[]), None);
    }

    #[test]
    fn a_declared_key_goes_before_an_inferred_one() {
        let keys = [("stays.guess", "guests.id", false), ("stays.guest_id", "guests.id", true)];
        let tables: [(&str, &[&str]); 2] = [("stays", &["id*", "guess", "guest_id"]), ("guests", &["id*"])];
        let inn = schema(&tables, &keys);
        let tree = join(&inn, &["stays", "guests"], &[]).unwrap();
        assert_eq!((tree.edges[0].from, tree.edges[0].declared), (id(&inn, "stays.guest_id"), true));
    }

    #[test]
    fn of_two_ways_the_one_over_a_table_that_the_question_names_is_taken() {
        let tables: [(&str, &[&str]); 4] = [
            ("tours", &["id*"]),
            ("bookings", &["tour_id", "guide_id"]),
            ("trainings", &["tour_id", "guide_id"]),
            ("guides", &["id*"]),
        ];
        let keys = [
            ("bookings.tour_id", "tours.id", true),
            ("bookings.guide_id", "guides.id", true),
            ("trainings.tour_id", "tours.id", true),
            ("trainings.guide_id", "guides.id", true),
        ];
        let agency = schema(&tables, &keys);
        assert_eq!(joined(&agency, &["tours", "guides"], &["bookings"])[1], "bookings");
        assert_eq!(joined(&agency, &["tours", "guides"], &["trainings"])[1], "trainings");
    }

    #[test]
    fn a_key_fans_out_where_one_row_meets_several() {
        let mut inn = inn();
        assert!(!fans_out(&inn, "stays", "guests"));
        assert!(fans_out(&inn, "guests", "stays"));
        inn.foreign_keys[2].one_to_one = true;
        assert!(!fans_out(&inn, "guests", "stays"));
    }

    #[test]
    fn a_key_to_what_is_not_unique_fans_out_both_ways() {
        let tables: [(&str, &[&str]); 2] = [("prices", &["sku"]), ("labels", &["sku"])];
        let mut shop = schema(&tables, &[("prices.sku", "labels.sku", false)]);
        assert!(fans_out(&shop, "prices", "labels"));
        profile(&mut shop, "labels.sku").unique = true;
        assert!(!fans_out(&shop, "prices", "labels"));
    }

    #[test]
    fn two_tables_with_the_same_inferred_key_meet_directly_and_repeat_rows() {
        let tables: [(&str, &[&str]); 3] = [("arrivals", &["dock"]), ("repairs", &["dock"]), ("docks", &["dock*"])];
        let keys = [("arrivals.dock", "docks.dock", false), ("repairs.dock", "docks.dock", false)];
        let harbour = schema(&tables, &keys);
        assert_eq!(joined(&harbour, &["arrivals", "repairs"], &[]), ["arrivals", "repairs"]);
        assert!(fans_out(&harbour, "arrivals", "repairs"));
        assert_eq!(joined(&harbour, &["arrivals", "repairs"], &["docks"]), ["arrivals", "docks", "repairs"]);
    }
}
