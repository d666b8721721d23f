//! Conditions as SQL: comparisons, periods, and rows that must or must not exist.

use std::fmt::Write;

use super::super::graph::JoinTree;
use super::super::plan::{Operand, Operator, Predicate};
use super::text::{literal, quote, text_literal};
use super::{Renderer, Scope, Unrenderable};
use crate::schema::{ColumnId, SemanticType, TableId};

impl Renderer<'_> {
    pub(super) fn predicate(
        &self,
        predicate: &Predicate,
        tree: &JoinTree,
        scope: &Scope,
        depth: usize,
    ) -> Result<String, Unrenderable> {
        Ok(match predicate {
            Predicate::Compare { left, operator, right } => {
                let left = self.expr(left, scope);
                let right = match right {
                    Operand::Value(value) => literal(value),
                    Operand::Expr(expr) => self.expr(expr, scope),
                    Operand::Scalar(select) => {
                        format!("({})", self.select(select, depth + 1, &mut Vec::new())?.0.replace('\n', " "))
                    }
                };
                format!("{left} {} {right}", operator_sql(*operator))
            }
            Predicate::Between { what, low, high } => {
                format!("{} BETWEEN {} AND {}", self.expr(what, scope), literal(low), literal(high))
            }
            Predicate::In { what, values, negated } => {
                let values: Vec<String> = values.iter().map(literal).collect();
                format!("{} {}IN ({})", self.expr(what, scope), if *negated { "NOT " } else { "" }, values.join(", "))
            }
            Predicate::Like { what, pattern, negated } => {
                let escape = if pattern.contains("\\%") { " ESCAPE '\\'" } else { "" };
                format!(
                    "{} {}LIKE {}{escape}",
                    self.expr(what, scope),
                    if *negated { "NOT " } else { "" },
                    text_literal(pattern)
                )
            }
            Predicate::IsNull { what, negated } => {
                format!("{} IS {}NULL", self.expr(what, scope), if *negated { "NOT " } else { "" })
            }
            Predicate::Period { column, first, last } => self.period(*column, first.as_deref(), last.as_deref(), scope),
            Predicate::Exists { table, filter, negated } => {
                self.exists(*table, filter, *negated, tree, scope, depth)?
            }
            Predicate::Within { what, query, negated } => {
                let inner = self.select(query, depth + 1, &mut Vec::new())?.0.replace('\n', " ");
                format!("{} {}IN ({inner})", self.expr(what, scope), if *negated { "NOT " } else { "" })
            }
            Predicate::Any(predicates) => {
                let parts: Result<Vec<String>, _> =
                    predicates.iter().map(|p| self.predicate(p, tree, scope, depth)).collect();
                format!("({})", parts?.join(" OR "))
            }
        })
    }

    /// Half open, so that times on the last day are in.
    pub(super) fn period(&self, column: ColumnId, first: Option<&str>, last: Option<&str>, scope: &Scope) -> String {
        let name = self.column(column, scope);
        let month_only = self.schema.profile(column).semantic == SemanticType::Month;
        let mut parts = Vec::new();
        if let Some(first) = first {
            parts.push(format!("{name} >= '{}'", if month_only { &first[..7] } else { first }));
        }
        if let Some(last) = last {
            let next = last.parse::<jiff::civil::Date>().ok().and_then(|d| d.tomorrow().ok());
            parts.push(match next {
                Some(next) if !month_only => format!("{name} < '{next}'"),
                _ => format!("{name} <= '{}'", if month_only { &last[..7] } else { last }),
            });
        }
        parts.join(" AND ")
    }

    /// A filter over joined tables as EXISTS.
    pub(super) fn filter_exists(
        &self,
        predicate: &Predicate,
        tree: &JoinTree,
        scope: &Scope,
        depth: usize,
    ) -> Result<String, Unrenderable> {
        let mut tables = Vec::new();
        self.predicate_tables(predicate, &mut tables);
        tables.retain(|t| !tree.tables().contains(t));
        let target = *tables.first().ok_or(Unrenderable::Empty)?;
        self.exists(target, std::slice::from_ref(predicate), false, tree, scope, depth)
    }

    /// Rows of `target` that belong to the row at hand, over the shortest way.
    pub(super) fn exists(
        &self,
        target: TableId,
        filter: &[Predicate],
        negated: bool,
        tree: &JoinTree,
        scope: &Scope,
        depth: usize,
    ) -> Result<String, Unrenderable> {
        let near = tree.tables();
        let path = near
            .iter()
            .filter(|t| **t != target || near.len() == 1)
            .filter_map(|from| self.graph.join(&[*from, target], self.mentioned))
            .filter(|t| !t.edges.is_empty())
            .min_by_key(|t| t.edges.len())
            .ok_or_else(|| Unrenderable::Unconnected(near[0], target))?;
        let mut inner = Scope::default();
        for edge in &path.edges {
            let mut all = scope.clone();
            all.aliases.extend(inner.aliases.iter().cloned());
            let alias = self.alias(edge.to.table, &all, true);
            inner.aliases.push((edge.to.table, alias));
        }
        let mut outer = scope.clone();
        // The outer table must be named where a column of the inner one bears the same name.
        for (table, alias) in &mut outer.aliases {
            if alias.is_empty() {
                *alias = quote(&self.schema.table(*table).name);
            }
        }
        let first = &path.edges[0];
        let mut sql = format!("SELECT 1 FROM {}", self.table(first.to.table, &inner));
        for edge in &path.edges[1..] {
            let _ = write!(
                sql,
                " JOIN {} ON {} = {}",
                self.table(edge.to.table, &inner),
                self.column(edge.to, &inner),
                self.column(edge.from, &inner)
            );
        }
        let _ = write!(sql, " WHERE {} = {}", self.column(first.to, &inner), self.column(first.from, &outer));
        let inner_tree = JoinTree { root: Some(first.to.table), edges: path.edges[1..].to_vec() };
        for predicate in filter {
            sql.push_str(" AND ");
            sql.push_str(&self.predicate(predicate, &inner_tree, &inner, depth + 1)?);
        }
        Ok(format!("{}EXISTS ({sql})", if negated { "NOT " } else { "" }))
    }
}

pub(super) fn operator_sql(operator: Operator) -> &'static str {
    match operator {
        Operator::Equal => "=",
        Operator::NotEqual => "<>",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
    }
}
