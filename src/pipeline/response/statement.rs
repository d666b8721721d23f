//! What a statement says of its own rows: which columns add up, and what puts the rows in order.

use std::ops::ControlFlow;

use sqlparser::ast::{
    Expr, OrderByKind, Query, Select, SelectItem, SetExpr, Statement, Value, Visit, Visitor, visit_expressions,
};
use sqlparser::dialect::{BigQueryDialect, SQLiteDialect};
use sqlparser::parser::Parser;

use crate::schema::Dialect;

/// What was read off a statement. Blank if it could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Every output of every `SELECT` in it, in lower case, and whether its values add up.
    outputs: Vec<(String, bool)>,
    /// The output, or the text of the expression, that the rows are put in order by.
    order: Option<String>,
}

impl Shape {
    pub fn of(sql: &str, dialect: Dialect) -> Self {
        let parsed = match dialect {
            Dialect::Sqlite => Parser::parse_sql(&SQLiteDialect {}, sql),
            Dialect::BigQuery => Parser::parse_sql(&BigQueryDialect {}, sql),
        };
        let mut shape = Self::default();
        if let Ok([statement @ Statement::Query(query)]) = parsed.as_deref() {
            let _ = Visit::visit(statement, &mut shape);
            shape.order = order_of(query);
        }
        shape
    }

    /// False for averages, extremes, distinct counts and running totals: their sum is the total of nothing.
    pub fn adds_up(&self, column: &str) -> bool {
        let name = column.to_lowercase();
        self.outputs.iter().filter(|(output, _)| *output == name).all(|(_, adds_up)| *adds_up)
    }

    /// The rows are a ranking: something other than the column that names them put them in order.
    pub fn ranks(&self, label: &str) -> bool {
        self.order.as_ref().is_some_and(|order| *order != label.to_lowercase())
    }
}

impl Visitor for Shape {
    type Break = ();

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        let outputs = select.projection.iter().filter_map(|item| Some((name_of(item)?, adds_up(expression_of(item)?))));
        self.outputs.extend(outputs);
        ControlFlow::Continue(())
    }
}

fn order_of(query: &Query) -> Option<String> {
    let OrderByKind::Expressions(by) = &query.order_by.as_ref()?.kind else { return None };
    let expr = &by.first()?.expr;
    let items: &[SelectItem] = match query.body.as_ref() {
        SetExpr::Select(select) => &select.projection,
        _ => &[],
    };
    let position = match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(number, _) => number.parse::<usize>().ok()?.checked_sub(1),
            _ => None,
        },
        _ => items.iter().position(|item| expression_of(item) == Some(expr)),
    };
    position.and_then(|n| items.get(n)).and_then(name_of).or_else(|| Some(plain_name(expr)))
}

fn expression_of(item: &SelectItem) -> Option<&Expr> {
    match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    }
}

fn name_of(item: &SelectItem) -> Option<String> {
    match item {
        SelectItem::UnnamedExpr(expr) => Some(plain_name(expr)),
        SelectItem::ExprWithAlias { alias, .. } => Some(alias.value.to_lowercase()),
        _ => None,
    }
}

fn plain_name(expr: &Expr) -> String {
    match expr {
        Expr::Identifier(name) => name.value.to_lowercase(),
        Expr::CompoundIdentifier(parts) => parts.last().map_or_else(String::new, |part| part.value.to_lowercase()),
        other => other.to_string().to_lowercase(),
    }
}

fn adds_up(expr: &Expr) -> bool {
    visit_expressions(expr, |part| match part {
        Expr::Function(call) => {
            let name = call.name.to_string().to_lowercase();
            let is_sum = call.over.is_none() && !call.args.to_string().to_lowercase().starts_with("(distinct");
            let keeps = matches!(
                name.as_str(),
                "sum" | "total" | "count" | "countif" | "count_if" | "coalesce" | "ifnull" | "nullif" | "round" | "abs"
            );
            if is_sum && keeps { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        }
        _ => ControlFlow::Continue(()),
    })
    .is_continue()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(sql: &str) -> Shape {
        Shape::of(sql, Dialect::Sqlite)
    }

    #[test]
    fn sums_and_counts_add_up_and_means_do_not() {
        let read = shape(
            "SELECT hall, SUM(weight) AS total, AVG(weight) AS mean, MAX(weight) AS most, weight, COUNT(*) AS n, \
             COUNT(DISTINCT owner) AS owners, SUM(weight) OVER (ORDER BY hall) AS running, ROUND(SUM(weight), 1) AS r \
             FROM pallets GROUP BY hall",
        );
        for (column, adds_up) in [
            ("total", true),
            ("mean", false),
            ("most", false),
            ("weight", true),
            ("n", true),
            ("owners", false),
            ("running", false),
            ("R", true),
        ] {
            assert_eq!(read.adds_up(column), adds_up, "{column}");
        }
        let through =
            shape("WITH a AS (SELECT hall, AVG(weight) AS mean FROM pallets GROUP BY hall) SELECT hall, mean FROM a");
        assert!(!through.adds_up("mean"));
    }

    #[test]
    fn a_ranking_is_in_order_of_something_else_than_its_names() {
        let cases = [
            ("SELECT hall, SUM(w) AS total FROM p GROUP BY hall", false),
            ("SELECT hall, SUM(w) AS total FROM p GROUP BY hall ORDER BY hall", false),
            ("SELECT p.hall, SUM(w) AS total FROM p GROUP BY hall ORDER BY 1", false),
            ("SELECT hall, SUM(w) AS total FROM p GROUP BY hall ORDER BY total DESC", true),
            ("SELECT hall, SUM(w) AS total FROM p GROUP BY hall ORDER BY SUM(w)", true),
            ("SELECT hall, SUM(w) AS total FROM p GROUP BY hall ORDER BY 2", true),
            ("SELECT upper(p.name) AS hall, SUM(w) FROM p GROUP BY 1 ORDER BY upper(p.name)", false),
            ("not a statement", false),
        ];
        for (sql, ranks) in cases {
            assert_eq!(shape(sql).ranks("hall"), ranks, "{sql}");
        }
    }
}
