//! Adds the tables that a query would have to pass through: between two tables that the question is about lie those
//! that join them.

use std::collections::VecDeque;

use super::ScoredTable;
use crate::knowledge::Knowledge;
use crate::schema::{Schema, TableId};

/// Share of the best table's score from which on a table counts as asked for.
const ASKED_FOR: f64 = 0.6;

/// A table in between is worth a little less than the weaker of the two it joins.
const IN_BETWEEN: f64 = 0.95;

/// Raises the score of tables on the shortest path from the best table to each other one that is asked for.
pub(super) fn lift(tables: &mut [ScoredTable], schema: &Schema, knowledge: &Knowledge) {
    let Some(best) = tables.iter().max_by(|a, b| a.score.total_cmp(&b.score).then(b.table.cmp(&a.table))).cloned()
    else {
        return;
    };
    if best.score <= 0.0 {
        return;
    }
    let links = links(schema, knowledge);
    let asked: Vec<ScoredTable> =
        tables.iter().filter(|t| t.table != best.table && t.score >= ASKED_FOR * best.score).cloned().collect();
    for end in asked {
        let path = shortest_path(&links, best.table, end.table);
        for passed in path {
            let Some(table) = tables.iter_mut().find(|t| t.table == passed) else { continue };
            let lifted = end.score * IN_BETWEEN;
            if lifted > table.score {
                table.score = lifted;
                let (from, to) = (&schema.table(best.table).name, &schema.table(end.table).name);
                let reason = format!("joins {from} and {to}");
                table.why = if table.why.is_empty() { reason } else { format!("{reason}; {}", table.why) };
            }
        }
    }
}

/// Neighbours of each table over the database's keys and the joins that people taught.
fn links(schema: &Schema, knowledge: &Knowledge) -> Vec<Vec<TableId>> {
    let mut links = vec![Vec::new(); schema.tables.len()];
    let mut link = |a: TableId, b: TableId| {
        for (from, to) in [(a, b), (b, a)] {
            if from != to && !links[from.0].contains(&to) {
                links[from.0].push(to);
            }
        }
    };
    for key in &schema.foreign_keys {
        link(key.from.table, key.to.table);
    }
    for relationship in &knowledge.relationships {
        let table = |name: &str| name.split_once('.').and_then(|(table, _)| schema.find_table(table));
        if let (Some(from), Some(to)) = (table(&relationship.from), table(&relationship.to)) {
            link(from, to);
        }
    }
    links
}

/// The tables strictly between two tables; empty if they touch or no path leads from one to the other.
fn shortest_path(links: &[Vec<TableId>], from: TableId, to: TableId) -> Vec<TableId> {
    let mut came_from: Vec<Option<TableId>> = vec![None; links.len()];
    let mut queue = VecDeque::from([from]);
    while let Some(table) = queue.pop_front() {
        if table == to {
            break;
        }
        for &next in &links[table.0] {
            if next != from && came_from[next.0].is_none() {
                came_from[next.0] = Some(table);
                queue.push_back(next);
            }
        }
    }
    let mut path = Vec::new();
    let mut at = to;
    while let Some(previous) = came_from[at.0] {
        if previous == from {
            break;
        }
        path.push(previous);
        at = previous;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Relationship;
    use crate::schema::{Column, ColumnId, ForeignKey, Table};

    fn chain() -> Schema {
        let table = |name: &str| Table {
            name: name.to_owned(),
            columns: vec![Column { name: "id".to_owned(), ..Column::default() }],
            ..Table::default()
        };
        let key = |from: usize, to: usize| ForeignKey {
            from: ColumnId { table: TableId(from), column: 0 },
            to: ColumnId { table: TableId(to), column: 0 },
            declared: true,
            one_to_one: false,
        };
        Schema {
            tables: ["products", "order_lines", "orders", "customers", "suppliers"].map(table).to_vec(),
            foreign_keys: vec![key(1, 0), key(1, 2), key(2, 3)],
            ..Schema::default()
        }
    }

    fn scored(scores: &[f64]) -> Vec<ScoredTable> {
        let table = |(at, &score): (usize, &f64)| ScoredTable { table: TableId(at), score, why: String::new() };
        scores.iter().enumerate().map(table).collect()
    }

    #[test]
    fn tables_between_two_asked_ones_are_lifted() {
        let mut tables = scored(&[0.9, 0.1, 0.0, 0.8, 0.3]);
        lift(&mut tables, &chain(), &Knowledge::default());
        assert!((tables[1].score - 0.76).abs() < 1e-9 && (tables[2].score - 0.76).abs() < 1e-9);
        assert_eq!(tables[2].why, "joins products and customers");
        assert!((tables[4].score - 0.3).abs() < 1e-9);
    }

    #[test]
    fn a_taught_relationship_is_a_link() {
        let knowledge = Knowledge {
            relationships: vec![Relationship { from: "suppliers.id".to_owned(), to: "order_lines.id".to_owned() }],
            ..Knowledge::default()
        };
        let mut tables = scored(&[0.9, 0.1, 0.0, 0.0, 0.8]);
        lift(&mut tables, &chain(), &knowledge);
        assert_eq!(tables[1].why, "joins products and suppliers");
    }

    #[test]
    fn unlinked_tables_and_no_tables_are_left_alone() {
        let mut tables = scored(&[0.9, 0.1, 0.0, 0.0, 0.8]);
        lift(&mut tables, &chain(), &Knowledge::default());
        assert_eq!(tables, scored(&[0.9, 0.1, 0.0, 0.0, 0.8]));
        lift(&mut [], &chain(), &Knowledge::default());
    }
}
