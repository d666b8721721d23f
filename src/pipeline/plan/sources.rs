//! What a statement calls its tables, and which of their columns it compares with fixed values.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use sqlparser::ast::{BinaryOperator, Expr, JoinConstraint, JoinOperator, Query, Select, TableFactor, TableWithJoins};
use sqlparser::ast::{ObjectName, Visit, Visitor};
use sqlparser::dialect::SQLiteDialect;
use sqlparser::parser::Parser;

use crate::schema::{ColumnId, Schema, TableId};

/// The tables of a statement by the names it uses for them, in lower case.
#[derive(Default)]
pub struct Sources {
    /// `None` if a name stands for several things.
    tables: HashMap<String, Option<TableId>>,
    /// Names with a column of which only rows with fixed values are wanted.
    fixed: Vec<(String, ColumnId)>,
}

impl Sources {
    /// A statement that cannot be read here has none.
    pub fn of(sql: &str, schema: &Schema) -> Self {
        let Ok(statements) = Parser::parse_sql(&SQLiteDialect {}, sql) else { return Self::default() };
        let mut reader = Reader { schema, sources: Self::default(), named: HashSet::new() };
        let _ = statements.visit(&mut reader);
        let Reader { mut sources, named, .. } = reader;
        // A common table expression may bear the name of a table, and nothing here tells which one is meant where.
        for name in named {
            sources.tables.insert(name, None);
        }
        sources
    }

    /// The table that a name of the statement stands for, if that is certain.
    pub fn table(&self, name: &str) -> Option<TableId> {
        self.tables.get(&name.to_lowercase()).copied().flatten()
    }

    /// Columns of a source that are compared with fixed values, in every row that is wanted.
    pub fn fixed(&self, name: &str) -> impl Iterator<Item = ColumnId> {
        let name = name.to_lowercase();
        self.fixed.iter().filter(move |(source, _)| *source == name).map(|(_, column)| *column)
    }
}

struct Reader<'s> {
    schema: &'s Schema,
    sources: Sources,
    /// Common table expressions.
    named: HashSet<String>,
}

impl Visitor for Reader<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let with = query.with.iter().flat_map(|with| &with.cte_tables);
        self.named.extend(with.map(|cte| cte.alias.name.value.to_lowercase()));
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        if let Some((name, table)) = self.named_table(factor) {
            let known = self.sources.tables.entry(name).or_insert(Some(table));
            if *known != Some(table) {
                *known = None;
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        let from = select.from.iter().flat_map(factors);
        let tables: Vec<(String, TableId)> = from.filter_map(|factor| self.named_table(factor)).collect();
        // A derived table could own a column that is not qualified.
        let is_all_tables = select.from.iter().flat_map(factors).count() == tables.len();
        let inner = select.from.iter().flat_map(|from| &from.joins).filter_map(|join| match &join.join_operator {
            JoinOperator::Join(JoinConstraint::On(on)) | JoinOperator::Inner(JoinConstraint::On(on)) => Some(on),
            _ => None,
        });
        for condition in select.selection.iter().chain(inner) {
            for part in conjuncts(condition) {
                let column = fixed_column(part).and_then(|column| self.find(column, &tables, is_all_tables));
                self.sources.fixed.extend(column);
            }
        }
        ControlFlow::Continue(())
    }
}

impl Reader<'_> {
    fn named_table(&self, factor: &TableFactor) -> Option<(String, TableId)> {
        let TableFactor::Table { name, alias, .. } = factor else { return None };
        let name = last_part(name)?;
        let shown = alias.as_ref().map_or(name, |alias| alias.name.value.as_str());
        Some((shown.to_lowercase(), self.schema.find_table(name)?))
    }

    fn find(&self, column: &Expr, tables: &[(String, TableId)], is_all: bool) -> Option<(String, ColumnId)> {
        let named = |(source, table): &(String, TableId), column: &str| {
            Some((source.clone(), self.schema.find_column(*table, column)?))
        };
        match column {
            Expr::CompoundIdentifier(parts) => {
                let [.., source, column] = parts.as_slice() else { return None };
                let source = tables.iter().find(|(name, _)| *name == source.value.to_lowercase())?;
                named(source, &column.value)
            }
            Expr::Identifier(column) if is_all => {
                let mut found = tables.iter().filter_map(|table| named(table, &column.value));
                found.next().filter(|_| found.next().is_none())
            }
            _ => None,
        }
    }
}

fn last_part(name: &ObjectName) -> Option<&str> {
    name.0.last()?.as_ident().map(|ident| ident.value.as_str())
}

fn factors(from: &TableWithJoins) -> impl Iterator<Item = &TableFactor> {
    std::iter::once(&from.relation).chain(from.joins.iter().map(|join| &join.relation))
}

/// Conditions that all must hold.
fn conjuncts(condition: &Expr) -> Vec<&Expr> {
    let mut left = vec![condition];
    let mut parts = Vec::new();
    while let Some(part) = left.pop() {
        match part {
            Expr::BinaryOp { left: one, op: BinaryOperator::And, right: other } => left.extend([&**one, &**other]),
            Expr::Nested(inner) => left.push(inner),
            part => parts.push(part),
        }
    }
    parts
}

/// The column in `column = 'x'`, `'x' = column` or `column IN ('x', 'y')`.
fn fixed_column(condition: &Expr) -> Option<&Expr> {
    let is_column = |e: &Expr| matches!(e, Expr::Identifier(_) | Expr::CompoundIdentifier(_));
    match condition {
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => match (&**left, &**right) {
            (column, value) | (value, column) if is_column(column) && is_value(value) => Some(column),
            _ => None,
        },
        Expr::InList { expr, list, negated: false } if is_column(expr) && list.iter().all(is_value) => Some(expr),
        _ => None,
    }
}

fn is_value(expr: &Expr) -> bool {
    match expr {
        Expr::Value(_) => true,
        Expr::UnaryOp { expr, .. } => is_value(expr),
        _ => false,
    }
}
