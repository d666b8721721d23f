//! What a grouped statement may show and be ordered by. SQLite takes any column beside aggregates and gives the value of
//! some row of the group; BigQuery takes keys and aggregates alone, so there such a column becomes a key where the keys
//! decide it, and the value of any row where they do not.

use super::super::graph::JoinTree;
use super::super::plan::{Expr, Function, Select, Sort};
use super::{Renderer, Scope};
use crate::schema::{ColumnId, Dialect, TableId};

/// The keys of a statement, and what stands beside them without being one.
#[derive(Debug, Default)]
pub(super) struct Grouping {
    pub keys: Vec<String>,
    /// Grouped by all that is shown, which shows each row once and leaves it an order by something else.
    pub replaces_distinct: bool,
    /// Positions of the items of which the value of any row is shown.
    loose: Vec<usize>,
    /// That row is the one with the smallest or largest of something, as SQLite has it.
    at: Option<String>,
    /// Neither key nor aggregate, but ordered by.
    orders: Vec<Expr>,
}

impl Grouping {
    pub(super) fn is_loose(&self, position: usize) -> bool {
        self.loose.contains(&position)
    }

    /// An item as it may be shown.
    pub(super) fn item(&self, position: usize, sql: String) -> String {
        match (&self.at, self.is_loose(position)) {
            (_, false) => sql,
            (None, true) => format!("ANY_VALUE({sql})"),
            (Some(at), true) => format!("ANY_VALUE({sql} HAVING {at})"),
        }
    }

    /// What is ordered by, as it may be.
    pub(super) fn sort(&self, sort: &Sort, sql: String) -> String {
        match (self.orders.contains(&sort.by), sort.descending) {
            (false, _) => sql,
            (true, true) => format!("MAX({sql})"),
            (true, false) => format!("MIN({sql})"),
        }
    }
}

impl Renderer<'_> {
    pub(super) fn grouping(&self, select: &Select, distinct: bool, scope: &Scope) -> Grouping {
        let keys = select.group.iter().map(|key| self.expr(key, scope)).collect();
        let mut grouping = Grouping { keys, ..Grouping::default() };
        if self.dialect() == Dialect::Sqlite {
            return grouping;
        }
        let plain = |expr: &Expr| !expr.is_aggregate();
        let unseen = |sort: &&Sort| plain(&sort.by) && !Self::shows(select, &sort.by);
        if !select.is_aggregated() {
            let all = select.items.iter().all(|item| !matches!(item, Expr::AllColumns(_)));
            if distinct && all && select.order.iter().any(|sort| unseen(&sort)) {
                grouping.replaces_distinct = true;
                grouping.keys = select.items.iter().map(|item| self.expr(item, scope)).collect();
                grouping.orders = select.order.iter().filter(unseen).map(|sort| sort.by.clone()).collect();
            }
            return grouping;
        }
        for (position, item) in select.items.iter().enumerate() {
            if !plain(item) || select.group.contains(item) {
                continue;
            }
            match item {
                Expr::AllColumns(table) => grouping.keys.extend(self.all_columns(*table, scope)),
                _ if self.decided(item, select) => grouping.keys.push(self.expr(item, scope)),
                _ => grouping.loose.push(position),
            }
        }
        for sort in &select.order {
            if !plain(&sort.by) || select.group.contains(&sort.by) {
                continue;
            }
            let sql = self.expr(&sort.by, scope);
            if grouping.keys.contains(&sql) {
                continue;
            }
            if self.decided(&sort.by, select) {
                grouping.keys.push(sql);
            } else {
                grouping.orders.push(sort.by.clone());
            }
        }
        let mut unique: Vec<String> = Vec::new();
        for key in std::mem::take(&mut grouping.keys) {
            if !unique.contains(&key) {
                unique.push(key);
            }
        }
        grouping.keys = unique;
        grouping.at = self.extreme(select, scope);
        grouping
    }

    /// The only extreme that is shown: the row that has it is the row whose other columns SQLite shows.
    fn extreme(&self, select: &Select, scope: &Scope) -> Option<String> {
        let mut aggregates = select.items.iter().filter(|item| item.is_aggregate());
        let (Some(Expr::Aggregate { function, of, .. }), None) = (aggregates.next(), aggregates.next()) else {
            return None;
        };
        let word = match function {
            Function::Minimum => "MIN",
            Function::Maximum => "MAX",
            Function::Count | Function::Sum | Function::Average => return None,
        };
        Some(format!("{word} {}", self.expr(of, scope)))
    }

    /// True if the keys of the groups leave the expression one value: they hold the whole key of its tables.
    fn decided(&self, expr: &Expr, select: &Select) -> bool {
        let mut tables = Vec::new();
        expr.tables(&mut tables);
        let is_key = |table: TableId, column: usize| select.group.contains(&Expr::Column(ColumnId { table, column }));
        tables.iter().all(|table| {
            let key = &self.schema.table(*table).primary_key;
            !key.is_empty() && key.iter().all(|column| is_key(*table, *column))
        })
    }

    fn shows(select: &Select, expr: &Expr) -> bool {
        let whole = |item: &Expr| matches!((item, expr), (Expr::AllColumns(t), Expr::Column(id)) if id.table == *t);
        select.items.iter().any(|item| item == expr || whole(item))
    }

    fn all_columns(&self, table: TableId, scope: &Scope) -> Vec<String> {
        let columns = 0..self.schema.table(table).columns.len();
        columns.map(|column| self.column(ColumnId { table, column }, scope)).collect()
    }

    /// True if the only table must be named: in BigQuery where what is computed is called like one of its columns, since
    /// order and condition would read the computed, where the table itself is, and where a path names it.
    pub(super) fn needs_alias(&self, select: &Select, names: &[String], tree: &JoinTree) -> bool {
        let [table] = tree.tables()[..] else { return false };
        if self.dialect() == Dialect::Sqlite {
            return false;
        }
        let own = &self.schema.table(table);
        let is_column = |name: &str| own.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
        let clashes = |(i, item): (usize, &Expr)| match item {
            Expr::Column(_) | Expr::AllColumns(_) => false,
            _ => is_column(names.get(i).map_or(&self.label(item), |name| name).trim_matches('`')),
        };
        self.dataset().is_some() || is_column(&own.name) || select.items.iter().enumerate().any(clashes)
    }
}
