//! Conditions as SQL: comparisons, periods, and rows that must or must not exist.

use std::fmt::Write;

use super::super::graph::JoinTree;
use super::super::plan::{Expr, Operand, Operator, Predicate, Select};
use super::kind::Kind;
use super::{Renderer, Scope, Unrenderable};
use crate::schema::{ColumnId, Dialect, SemanticType, TableId, Value};

/// Conditions on the same rows of other tables.
pub(super) struct Bundle {
    /// The place of the first of them among all conditions.
    pub first: usize,
    /// The farthest table that they speak of.
    pub target: TableId,
    /// The tables on the way to it.
    way: Vec<TableId>,
    pub predicates: Vec<Predicate>,
}

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
                let side = (self.expr(left, scope), self.kind(left));
                let (left, right) = match right {
                    Operand::Value(value) if matches!(operator, Operator::Equal | Operator::NotEqual) => {
                        (side.0, self.value(value, left))
                    }
                    Operand::Value(value) => {
                        let (left, values) = self.bounded(left, side.0, &[value]);
                        (left, values.concat())
                    }
                    Operand::Expr(expr) => self.alike(side, (self.expr(expr, scope), self.kind(expr))),
                    Operand::Scalar(select) => {
                        let inner = self.select(select, depth + 1, &mut Vec::new())?.0.replace('\n', " ");
                        let kind = select.items.first().map_or(Kind::Other, |item| self.kind(item));
                        self.alike(side, (format!("({inner})"), kind))
                    }
                };
                format!("{left} {} {right}", operator_sql(*operator))
            }
            Predicate::Between { what, low, high } => {
                let (what, bounds) = self.bounded(what, self.expr(what, scope), &[low, high]);
                format!("{what} BETWEEN {}", bounds.join(" AND "))
            }
            Predicate::In { what, values, negated } => {
                let values: Vec<String> = values.iter().map(|value| self.value(value, what)).collect();
                format!("{} {}IN ({})", self.expr(what, scope), if *negated { "NOT " } else { "" }, values.join(", "))
            }
            Predicate::Like { what, pattern, negated } => self.like(what, &self.expr(what, scope), pattern, *negated),
            Predicate::IsNull { what, negated } => {
                format!("{} IS {}NULL", self.expr(what, scope), if *negated { "NOT " } else { "" })
            }
            Predicate::Period { column, first, last } => self.period(*column, first.as_deref(), last.as_deref(), scope),
            Predicate::Exists { table, filter, negated } => {
                self.exists(*table, filter, *negated, tree, scope, depth)?
            }
            Predicate::Within { what, query, negated } => {
                let inner = self.select(query, depth + 1, &mut Vec::new())?.0.replace('\n', " ");
                let kind = query.items.first().map_or(Kind::Other, |item| self.kind(item));
                let what = self.as_kind(self.expr(what, scope), self.kind(what), kind);
                format!("{what} {}IN ({inner})", if *negated { "NOT " } else { "" })
            }
            Predicate::Any(predicates) => {
                let parts: Result<Vec<String>, _> =
                    predicates.iter().map(|p| self.predicate(p, tree, scope, depth)).collect();
                format!("({})", parts?.join(" OR "))
            }
        })
    }

    /// Half open, so that times on the last day are in. Months and years that stand alone are compared as such.
    pub(super) fn period(&self, column: ColumnId, first: Option<&str>, last: Option<&str>, scope: &Scope) -> String {
        let name = self.column(column, scope);
        let month_only = self.schema.profile(column).semantic == SemanticType::Month && !self.is_typed_day(column);
        let name = match (self.dialect(), self.kind_of(column)) {
            (Dialect::BigQuery, Kind::Whole | Kind::Decimal | Kind::Float) if !month_only => {
                return years(&name, first, last);
            }
            (Dialect::BigQuery, kind) if kind != Kind::Text && !kind.is_day() => format!("CAST({name} AS STRING)"),
            _ => name,
        };
        let moment = |day: &str| match self.dialect() {
            Dialect::BigQuery if self.is_typed_day(column) => {
                self.value(&Value::Text(day.to_owned()), &Expr::Column(column))
            }
            _ => format!("'{day}'"),
        };
        let mut parts = Vec::new();
        if let Some(first) = first {
            parts.push(format!("{name} >= {}", moment(if month_only { &first[..7] } else { first })));
        }
        if let Some(last) = last {
            let next = last.parse::<jiff::civil::Date>().ok().and_then(|d| d.tomorrow().ok());
            parts.push(match next {
                Some(next) if !month_only => format!("{name} < {}", moment(&next.to_string())),
                _ => format!("{name} <= {}", moment(if month_only { &last[..7] } else { last })),
            });
        }
        parts.join(" AND ")
    }

    /// Points in time that the database knows as such.
    fn is_typed_day(&self, column: ColumnId) -> bool {
        self.dialect() == Dialect::BigQuery && self.kind_of(column).is_day()
    }

    /// Conditions that must be EXISTS, those that the same rows can meet together: "cheaper than ours at ValueMart" is one
    /// check that says both. Two values of one column are met by different rows.
    pub(super) fn bundles(&self, select: &Select, exists: &[usize], tree: &JoinTree) -> Vec<Bundle> {
        let near = tree.tables();
        let way = |target: TableId| {
            let paths = near.iter().filter_map(|from| self.graph.join(&[*from, target], self.mentioned));
            paths.map(|path| path.tables()).min_by_key(Vec::len).unwrap_or_default()
        };
        let mut bundles: Vec<Bundle> = Vec::new();
        for at in exists {
            let predicate = &select.filter[*at];
            let mut tables = Vec::new();
            self.predicate_tables(predicate, &mut tables);
            let Some(target) = tables.into_iter().find(|t| !near.contains(t)) else { continue };
            let tables = way(target);
            let fixed = |p: &Predicate| match p {
                Predicate::Compare { left, operator: Operator::Equal, right: Operand::Value(_) } => Some(left.clone()),
                _ => None,
            };
            let apart =
                |b: &Bundle| fixed(predicate).is_some() && b.predicates.iter().any(|p| fixed(p) == fixed(predicate));
            let known =
                bundles.iter_mut().find(|b| (b.way.contains(&target) || tables.contains(&b.target)) && !apart(b));
            match known {
                Some(bundle) => {
                    if tables.len() > bundle.way.len() {
                        (bundle.target, bundle.way) = (target, tables);
                    }
                    bundle.predicates.push(predicate.clone());
                }
                None => bundles.push(Bundle { first: *at, target, way: tables, predicates: vec![predicate.clone()] }),
            }
        }
        bundles
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
        let first = path.edges[0];
        let mut needed: Vec<TableId> = path.edges.iter().map(|e| e.to.table).collect();
        for predicate in filter {
            self.predicate_tables(predicate, &mut needed);
        }
        // What the conditions speak of is joined to what is looked for.
        let inside = self
            .graph
            .join(&needed, self.mentioned)
            .ok_or(Unrenderable::Unconnected(target, needed[needed.len() - 1]))?;
        let mut inner = Scope::default();
        for table in inside.tables() {
            let mut all = scope.clone();
            all.aliases.extend(inner.aliases.iter().cloned());
            let alias = self.alias(table, &all, true);
            inner.aliases.push((table, alias));
        }
        let mut outer = scope.clone();
        // The outer table must be named where a column of the inner one bears the same name.
        for (table, alias) in &mut outer.aliases {
            if alias.is_empty() {
                *alias = self.quote(&self.schema.table(*table).name);
            }
        }
        let mut sql = format!("SELECT 1 FROM {}", self.table(first.to.table, &inner));
        for edge in &inside.edges {
            let _ = write!(
                sql,
                " JOIN {} ON {}",
                self.table(edge.to.table, &inner),
                self.linked((edge.to, &inner), (edge.from, &inner))
            );
        }
        let _ = write!(sql, " WHERE {}", self.linked((first.to, &inner), (first.from, &outer)));
        for predicate in filter {
            sql.push_str(" AND ");
            sql.push_str(&self.predicate(predicate, &inside, &inner, depth + 1)?);
        }
        Ok(format!("{}EXISTS ({sql})", if negated { "NOT " } else { "" }))
    }
}

/// A period of a column that holds years as numbers.
fn years(name: &str, first: Option<&str>, last: Option<&str>) -> String {
    let year = |day: &str| day.get(..4).and_then(|year| year.parse::<i16>().ok());
    let bounds = [(">=", first.and_then(year)), ("<=", last.and_then(year))];
    let parts: Vec<String> =
        bounds.into_iter().filter_map(|(sign, year)| year.map(|year| format!("{name} {sign} {year}"))).collect();
    parts.join(" AND ")
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
