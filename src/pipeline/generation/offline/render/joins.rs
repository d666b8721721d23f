//! The joins of a statement: which tables, in which order, and whose rows they repeat.

use std::fmt::Write;

use super::super::graph::JoinTree;
use super::super::plan::{Expr, Function, Predicate, Select};
use super::expression::{metrics_of, next_qualified};
use super::text::is_keyword;
use super::{Renderer, Scope, Unrenderable};
use crate::language::identifier_words;
use crate::schema::{ColumnId, TableId};

impl Renderer<'_> {
    /// The joins of a SELECT, and the positions of filters that must be EXISTS because joining them would repeat rows
    /// that are added up.
    pub(super) fn joins(&self, select: &Select) -> Result<(JoinTree, Vec<usize>), Unrenderable> {
        let mut needed: Vec<TableId> = Vec::new();
        // Measures come first: from a fact every key leads to one row.
        for expr in select.items.iter().chain(select.order.iter().map(|s| &s.by)).filter(|e| e.is_aggregate()) {
            self.expr_tables(expr, &mut needed);
        }
        for predicate in &select.having {
            self.predicate_tables(predicate, &mut needed);
        }
        let measured = needed.len();
        for expr in select.items.iter().chain(&select.group).chain(select.order.iter().map(|s| &s.by)) {
            self.expr_tables(expr, &mut needed);
        }
        for table in &select.tables {
            if !needed.contains(table) {
                needed.push(*table);
            }
        }
        let mut exists = Vec::new();
        for (i, predicate) in select.filter.iter().enumerate() {
            let mut tables = Vec::new();
            self.predicate_tables(predicate, &mut tables);
            tables.retain(|t| !needed.contains(t));
            if tables.is_empty() {
                continue;
            }
            let with: Vec<TableId> = needed.iter().chain(&tables).copied().collect();
            let joined = self.tree(&with)?;
            let before = self.tree(&needed)?;
            let repeats =
                joined.edges.iter().filter(|e| e.fans_out).count() > before.edges.iter().filter(|e| e.fans_out).count();
            if repeats && measured > 0 && !needed.is_empty() {
                exists.push(i);
            } else {
                needed = with;
            }
        }
        if needed.is_empty() {
            return Err(Unrenderable::Empty);
        }
        Ok((self.tree(&needed)?, exists))
    }

    pub(super) fn tree(&self, needed: &[TableId]) -> Result<JoinTree, Unrenderable> {
        self.graph.join(needed, self.mentioned).ok_or_else(|| {
            let first = needed[0];
            let lost = needed.iter().copied().find(|t| self.graph.join(&[first, *t], self.mentioned).is_none());
            Unrenderable::Unconnected(first, lost.unwrap_or(first))
        })
    }

    /// The names of the tables; a table that stands alone gets one only where one is needed.
    pub(super) fn scope(&self, tree: &JoinTree, needed: bool) -> Scope {
        let mut scope = Scope::default();
        let tables = tree.tables();
        for table in &tables {
            let alias = self.alias(*table, &scope, tables.len() > 1 || needed);
            scope.aliases.push((*table, alias));
        }
        scope.repeated = tree.repeated();
        scope
    }

    /// Initials of the table's words, numbered if taken; nothing where one table stands alone.
    pub(super) fn alias(&self, table: TableId, scope: &Scope, needed: bool) -> String {
        if !needed {
            return String::new();
        }
        let words = identifier_words(&self.schema.table(table).name);
        let initials: String =
            words.iter().filter_map(|w| w.chars().next().filter(char::is_ascii_alphabetic)).collect();
        let base = if initials.is_empty() || is_keyword(&initials, self.dialect()) { "t".to_owned() } else { initials };
        let taken = |name: &str| scope.aliases.iter().any(|(_, a)| a == name) || self.schema.find_table(name).is_some();
        if !taken(&base) {
            return base;
        }
        // One number more than there are tables is always free.
        let numbers = 2..=self.schema.tables.len() + scope.aliases.len() + 2;
        numbers.map(|n| format!("{base}{n}")).find(|name| !taken(name)).unwrap_or(base)
    }

    pub(super) fn shows_the_one_side(&self, select: &Select, tree: &JoinTree) -> bool {
        let mut shown = Vec::new();
        for item in &select.items {
            self.expr_tables(item, &mut shown);
        }
        let many: Vec<TableId> = tree.edges.iter().filter(|e| e.fans_out).map(|e| e.to.table).collect();
        !shown.iter().any(|t| many.contains(t)) && select.order.is_empty()
    }

    pub(super) fn adds_up_repeated(&self, select: &Select, tree: &JoinTree) -> bool {
        let many: Vec<TableId> = tree.edges.iter().filter(|e| e.fans_out).map(|e| e.to.table).collect();
        select.items.iter().any(|item| self.sums_outside(item, &many))
    }

    /// The expression adds up a column of none of these tables.
    fn sums_outside(&self, expr: &Expr, many: &[TableId]) -> bool {
        match expr {
            Expr::Aggregate { function: Function::Sum | Function::Average, .. } => {
                let mut tables = Vec::new();
                self.expr_tables(expr, &mut tables);
                !tables.iter().any(|t| many.contains(t))
            }
            Expr::Arithmetic { left, right, .. } => self.sums_outside(left, many) || self.sums_outside(right, many),
            Expr::Magnitude(of)
            | Expr::Share(of)
            | Expr::Filtered { of, .. }
            | Expr::Percentile { of, .. }
            | Expr::Over { of, .. } => self.sums_outside(of, many),
            _ => false,
        }
    }

    pub(super) fn from(&self, tree: &JoinTree, scope: &Scope) -> String {
        let Some(root) = tree.root else { return String::new() };
        let mut sql = format!("\nFROM {}", self.table(root, scope));
        for edge in &tree.edges {
            let mut on = vec![self.linked((edge.to, scope), (edge.from, scope))];
            for (here, there) in scope.folded(edge.to.table).into_iter().flat_map(|folded| &folded.shared) {
                on.push(self.linked((*there, scope), (*here, scope)));
            }
            let _ = write!(sql, "\nJOIN {} ON {}", self.table(edge.to.table, scope), on.join(" AND "));
        }
        sql
    }

    pub(super) fn table(&self, table: TableId, scope: &Scope) -> String {
        let path = scope.folded(table).map_or_else(|| self.path(table), |folded| folded.sql.clone());
        match scope.alias(table) {
            "" => path,
            alias => format!("{path} AS {alias}"),
        }
    }

    /// The condition that two columns of a key hold the same.
    pub(super) fn linked(&self, (a, of_a): (ColumnId, &Scope), (b, of_b): (ColumnId, &Scope)) -> String {
        let side = |id: ColumnId, scope: &Scope| (self.column(id, scope), self.kind_of(id));
        let (a, b) = self.alike(side(a, of_a), side(b, of_b));
        format!("{a} = {b}")
    }

    pub(super) fn column(&self, id: ColumnId, scope: &Scope) -> String {
        let name = self.quote(&self.schema.column(id).name);
        match scope.alias(id.table) {
            "" => name,
            alias => format!("{alias}.{name}"),
        }
    }

    pub(super) fn expr_tables(&self, expr: &Expr, into: &mut Vec<TableId>) {
        expr.tables(into);
        for metric in metrics_of(expr) {
            let mut rest = self.knowledge.metrics[metric].expression.as_str();
            while let Some((_, end, id)) = next_qualified(self.schema, rest) {
                if !into.contains(&id.table) {
                    into.push(id.table);
                }
                rest = &rest[end..];
            }
        }
    }

    pub(super) fn predicate_tables(&self, predicate: &Predicate, into: &mut Vec<TableId>) {
        predicate.tables(into);
        if let Predicate::Compare { left, .. } = predicate {
            self.expr_tables(left, into);
        }
    }
}
