//! Named queries: `WITH`, in the order in which they need each other.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{Cte, Ident, ObjectName, Query, SetExpr, Visit, Visitor, With};

use super::checker::{Checked, Checker};
use super::refusal::Refusal;
use super::scope::{Scope, ScopeColumn};
use crate::schema::Dialect;

impl Checker<'_> {
    /// Checks the named queries of one `WITH`, each after those that it reads, and puts them in force.
    pub fn named_queries(&mut self, with: &With, outer: Option<&Scope<'_>>) -> Checked<()> {
        refuse_twice(&with.cte_tables)?;
        let needs: Vec<BTreeSet<String>> = with.cte_tables.iter().map(|cte| read_from_outside(&cte.query)).collect();
        // BigQuery reads a later one only where it may be recursive; SQLite takes that word for decoration.
        let any_order = with.recursive || self.schema.dialect == Dialect::Sqlite;
        let order = if any_order { order_of_need(&with.cte_tables, &needs)? } else { (0..needs.len()).collect() };
        for n in order {
            let cte = &with.cte_tables[n];
            let recursive = needs[n].contains(&cte.alias.name.value.to_lowercase());
            self.named_query_of(cte, recursive, outer)?;
        }
        Ok(())
    }

    fn named_query_of(&mut self, cte: &Cte, recursive: bool, outer: Option<&Scope<'_>>) -> Checked<()> {
        let name = cte.alias.name.value.clone();
        let renames: Vec<&Ident> = cte.alias.columns.iter().map(|column| &column.name).collect();
        let outer_ctes = self.ctes.len();
        let mut assumed = Vec::new();
        if recursive {
            // The first arm of a recursive query cannot refer to the query itself, and names its columns.
            assumed = rename(self.first_arm(&cte.query, outer)?, &renames)?;
            self.ctes.push((name.clone(), assumed.clone()));
        }
        let columns = rename(self.query(&cte.query, outer)?, &renames)?;
        // What the later arms add may be what nobody expected while they were checked.
        self.volatile |= assumed.iter().zip(&columns).any(|(assumed, column)| column.now > assumed.now);
        self.ctes.truncate(outer_ctes);
        self.ctes.push((name, columns));
        Ok(())
    }

    fn first_arm(&mut self, query: &Query, outer: Option<&Scope<'_>>) -> Checked<Vec<ScopeColumn>> {
        let outer_ctes = self.ctes.len();
        if let Some(with) = &query.with {
            self.named_queries(with, outer)?;
        }
        let mut arm = query.body.as_ref();
        while let SetExpr::SetOperation { left, .. } = arm {
            arm = left;
        }
        let columns = self.body(arm, None, outer);
        self.ctes.truncate(outer_ctes);
        columns
    }
}

fn refuse_twice(ctes: &[Cte]) -> Checked<()> {
    let mut names = BTreeSet::new();
    let twice = ctes.iter().map(|cte| &cte.alias.name).find(|name| !names.insert(name.value.to_lowercase()));
    twice.map_or(Ok(()), |name| {
        let message = format!("two named queries are called \"{}\"", name.value);
        Err(Refusal::new("syntax", message, "one WITH can define a name once").at_name(name))
    })
}

/// Positions in an order in which none comes before one that it reads.
fn order_of_need(ctes: &[Cte], needs: &[BTreeSet<String>]) -> Checked<Vec<usize>> {
    let names: Vec<String> = ctes.iter().map(|cte| cte.alias.name.value.to_lowercase()).collect();
    let needed = |n: usize| -> Vec<usize> {
        let others = names.iter().enumerate();
        others.filter(|(other, name)| *other != n && needs[n].contains(*name)).map(|(other, _)| other).collect()
    };
    let mut state = vec![State::Waiting; ctes.len()];
    let mut order = Vec::with_capacity(ctes.len());
    for start in 0..ctes.len() {
        let mut path = vec![start];
        while let Some(n) = path.last().copied() {
            if state[n] == State::Done {
                path.pop();
                continue;
            }
            state[n] = State::Open;
            let before: Vec<usize> = needed(n).into_iter().filter(|other| state[*other] != State::Done).collect();
            if before.iter().any(|other| state[*other] == State::Open) {
                let message = format!("\"{}\" is needed to compute itself", ctes[n].alias.name.value);
                let refusal = Refusal::new("syntax", message, "the named queries read each other in a circle");
                return Err(refusal.at_name(&ctes[n].alias.name));
            }
            if let Some(other) = before.first() {
                path.push(*other);
            } else {
                state[n] = State::Done;
                order.push(n);
                path.pop();
            }
        }
    }
    Ok(order)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    /// Waits for one that it reads.
    Open,
    Done,
}

/// The tables that a query reads and does not name itself, in lower case.
fn read_from_outside(query: &Query) -> BTreeSet<String> {
    let mut names = Outside::default();
    let ControlFlow::Continue(()) = query.visit(&mut names);
    names.read
}

#[derive(Default)]
struct Outside {
    /// What each query around the place names, outermost first.
    own: Vec<Vec<String>>,
    read: BTreeSet<String>,
}

impl Visitor for Outside {
    type Break = std::convert::Infallible;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Self::Break> {
        let ctes = query.with.iter().flat_map(|with| &with.cte_tables);
        self.own.push(ctes.map(|cte| cte.alias.name.value.to_lowercase()).collect());
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<Self::Break> {
        self.own.pop();
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<Self::Break> {
        if let [part] = relation.0.as_slice()
            && let Some(name) = part.as_ident().map(|name| name.value.to_lowercase())
            && !self.own.iter().flatten().any(|own| *own == name)
        {
            self.read.insert(name);
        }
        ControlFlow::Continue(())
    }
}

fn rename(columns: Vec<ScopeColumn>, names: &[&Ident]) -> Checked<Vec<ScopeColumn>> {
    if let (Some(first), true) = (names.first(), names.len() != columns.len()) {
        let message = format!("{} names for {} columns", names.len(), columns.len());
        return Err(Refusal::new("syntax", message, "every column needs one name").at_name(first));
    }
    let renamed = columns.into_iter().enumerate().map(|(n, column)| ScopeColumn {
        name: names.get(n).map(|name| name.value.clone()).unwrap_or(column.name),
        id: None,
        ..column
    });
    Ok(renamed.collect())
}
