//! What form a gold statement has: few classes, by what is hardest in it.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, GroupByExpr, Query, Select, SetExpr, SetOperator, Statement, TableFactor, UnaryOperator,
    Visit, Visitor,
};
use sqlparser::dialect::SQLiteDialect;
use sqlparser::parser::Parser;

/// The form of a statement. Later ones hold earlier ones: a nested statement may group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    Plain,
    Filter,
    /// Sorted, cut or not.
    Order,
    Group,
    GroupOrder,
    GroupHaving,
    /// A query within the query, in whatever place.
    Nested,
    /// Rows for which there are none of others: NOT IN or NOT EXISTS a query, EXCEPT.
    Negation,
    SetOperation,
    Window,
    /// Not understood.
    Other,
}

impl Shape {
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Filter => "filter",
            Self::Order => "order",
            Self::Group => "group",
            Self::GroupOrder => "group + order",
            Self::GroupHaving => "group + having",
            Self::Nested => "nested",
            Self::Negation => "negation",
            Self::SetOperation => "set operation",
            Self::Window => "window",
            Self::Other => "other",
        }
    }
}

/// The form of a statement, and how many tables it joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Structure {
    pub shape: Shape,
    /// Of the block with the most.
    pub joins: usize,
}

impl Structure {
    pub fn of(sql: &str) -> Self {
        let parsed = Parser::parse_sql(&SQLiteDialect {}, sql);
        let Ok([Statement::Query(query)]) = parsed.as_deref() else { return Self { shape: Shape::Other, joins: 0 } };
        let mut found = Found::default();
        let _ = query.visit(&mut found);
        Self { shape: found.shape(query), joins: found.joins }
    }

    /// `no join`, `1 join`, `2 joins`, `3 or more`.
    pub fn joins_name(self) -> &'static str {
        ["no join", "1 join", "2 joins", "3 joins or more"][self.joins.min(3)]
    }
}

/// What was met on a walk through the whole.
#[derive(Default)]
struct Found {
    queries: usize,
    joins: usize,
    is_negated: bool,
    has_set: bool,
    has_window: bool,
}

impl Found {
    fn shape(&self, query: &Query) -> Shape {
        let is_sorted = query.order_by.is_some() || query.limit_clause.is_some();
        let SetExpr::Select(select) = query.body.as_ref() else {
            return if self.is_negated { Shape::Negation } else { Shape::SetOperation };
        };
        let is_grouped = !matches!(&select.group_by, GroupByExpr::Expressions(keys, _) if keys.is_empty());
        match () {
            () if self.has_window => Shape::Window,
            () if self.is_negated => Shape::Negation,
            () if self.has_set => Shape::SetOperation,
            () if self.queries > 1 => Shape::Nested,
            () if select.having.is_some() => Shape::GroupHaving,
            () if is_grouped && is_sorted => Shape::GroupOrder,
            () if is_grouped => Shape::Group,
            () if is_sorted => Shape::Order,
            () if select.selection.is_some() => Shape::Filter,
            () => Shape::Plain,
        }
    }

    fn count_joins(&mut self, select: &Select) {
        let joins: usize = select.from.iter().map(|from| from.joins.len() + nested_joins(&from.relation)).sum();
        self.joins = self.joins.max(joins + select.from.len().saturating_sub(1));
    }

    fn body(&mut self, body: &SetExpr) {
        match body {
            SetExpr::Select(select) => self.count_joins(select),
            SetExpr::SetOperation { op, left, right, .. } => {
                self.has_set = true;
                self.is_negated |= matches!(op, SetOperator::Except | SetOperator::Minus);
                self.body(left);
                self.body(right);
            }
            _ => {}
        }
    }
}

fn nested_joins(factor: &TableFactor) -> usize {
    match factor {
        TableFactor::NestedJoin { table_with_joins, .. } => table_with_joins.joins.len(),
        _ => 0,
    }
}

impl Visitor for Found {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        self.queries += 1;
        self.body(&query.body);
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        match expr {
            Expr::InSubquery { negated: true, .. } | Expr::Exists { negated: true, .. } => self.is_negated = true,
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => {
                self.is_negated |= matches!(expr.as_ref(), Expr::InSubquery { .. } | Expr::Exists { .. });
            }
            Expr::BinaryOp { op: BinaryOperator::NotEq, right, .. } => {
                self.is_negated |= matches!(right.as_ref(), Expr::AllOp { .. });
            }
            Expr::Function(function) => self.has_window |= function.over.is_some(),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hardest_part_names_the_form() {
        let cases = [
            ("SELECT a FROM t", Shape::Plain, 0),
            ("SELECT count(*) FROM t", Shape::Plain, 0),
            ("SELECT a FROM t WHERE NOT b = 1", Shape::Filter, 0),
            ("SELECT a FROM t JOIN u ON t.x = u.x WHERE b = 1 ORDER BY c", Shape::Order, 1),
            ("SELECT a FROM t LIMIT 3", Shape::Order, 0),
            ("SELECT a, count(*) FROM t, u, v GROUP BY a", Shape::Group, 2),
            ("SELECT a FROM t GROUP BY a ORDER BY count(*) DESC LIMIT 1", Shape::GroupOrder, 0),
            ("SELECT a FROM t GROUP BY a HAVING count(*) > 1 ORDER BY a", Shape::GroupHaving, 0),
            ("SELECT a FROM t WHERE b > (SELECT avg(b) FROM t)", Shape::Nested, 0),
            ("WITH x AS (SELECT a FROM t JOIN u JOIN v JOIN w) SELECT a FROM x", Shape::Nested, 3),
            ("SELECT a FROM t WHERE b NOT IN (SELECT b FROM u JOIN v ON u.x = v.x)", Shape::Negation, 1),
            ("SELECT a FROM t WHERE NOT EXISTS (SELECT 1 FROM u)", Shape::Negation, 0),
            ("SELECT a FROM t EXCEPT SELECT a FROM u", Shape::Negation, 0),
            ("SELECT a FROM t UNION SELECT a FROM u", Shape::SetOperation, 0),
            ("SELECT count(*) FROM (SELECT a FROM t INTERSECT SELECT a FROM u)", Shape::SetOperation, 0),
            ("SELECT a, rank() OVER (ORDER BY b) FROM t", Shape::Window, 0),
            ("SELEC a", Shape::Other, 0),
            ("", Shape::Other, 0),
        ];
        for (sql, shape, joins) in cases {
            assert_eq!(Structure::of(sql), Structure { shape, joins }, "{sql}");
        }
    }
}
