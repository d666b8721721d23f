//! Measures of several tables in one statement. Joined rows of one would repeat those of another, so each table is added
//! up by itself first, and the totals meet by their keys.

use std::fmt::Write;

use super::super::graph::Edge;
use super::super::plan::{Expr, Function, Operand, Predicate, Select};
use super::super::reading::event_date;
use super::condition::operator_sql;
use super::expression::direction;
use super::steps::Names;
use super::{Renderer, Unrenderable};
use crate::schema::{ColumnId, TableId};

/// Aggregates over the rows of the same tables.
struct Part {
    home: Vec<TableId>,
    leaves: Vec<Expr>,
}

impl Renderer<'_> {
    /// True if a join would repeat rows that are added up, and each measure can be added up alone.
    pub(super) fn needs_parts(&self, select: &Select) -> bool {
        let parts = self.parts(select);
        let weighted =
            |leaf: &Expr| matches!(leaf, Expr::Aggregate { of, .. } if matches!(**of, Expr::Arithmetic { .. }));
        // A weighted mean wants its weights repeated; a key that some part lacks cannot be shown for it.
        if parts.len() < 2
            || parts.iter().flat_map(|part| &part.leaves).any(weighted)
            || !parts.iter().all(|part| self.bears_keys(part, select))
        {
            return false;
        }
        let Ok((tree, _)) = self.joins(select) else { return false };
        let repeated = tree.repeated();
        parts
            .iter()
            .any(|part| part.leaves.iter().any(is_multiplied) && part.home.iter().any(|table| repeated.contains(table)))
    }

    fn parts(&self, select: &Select) -> Vec<Part> {
        let leaves = aggregates_of(select);
        let mut parts: Vec<Part> = Vec::new();
        for leaf in leaves {
            let mut home = Vec::new();
            self.expr_tables(&leaf, &mut home);
            match parts.iter_mut().find(|part| part.home == home) {
                Some(part) => part.leaves.push(leaf),
                None => parts.push(Part { home, leaves: vec![leaf] }),
            }
        }
        parts
    }

    /// The statement, its items under the names given if there are any.
    pub(super) fn parted(
        &self,
        select: &Select,
        names: &[String],
        depth: usize,
        edges: &mut Vec<Edge>,
    ) -> Result<(String, bool), Unrenderable> {
        let mut parts: Vec<(Part, Vec<Expr>)> = self
            .parts(select)
            .into_iter()
            .map(|part| (self.keys_of(&part, select), part))
            .map(|(k, p)| (p, k))
            .collect();
        // The part that has all the keys comes first: its rows are the rows of the result.
        parts.sort_by_key(|(_, keys)| {
            std::cmp::Reverse(keys.iter().filter(|k| !matches!(k, Expr::AllColumns(_))).count())
        });
        let mut known = Names::new(self.dialect());
        let mut steps: Vec<String> = Vec::new();
        let mut from = String::new();
        let mut adds_up = false;
        let mut first: Vec<(Expr, String)> = Vec::new();
        for (n, (part, keys)) in parts.iter().enumerate() {
            let alias = self.step_alias(part, n, &parts);
            let (inner, labels, shared) = self.part(part, keys, select);
            let (text, repeats) = self.select_named(&inner, &labels, depth + 1, edges)?;
            adds_up |= repeats;
            steps.push(format!("{alias} AS (\n  {}\n)", text.replace('\n', "\n  ")));
            for (leaf, label) in part.leaves.iter().zip(&labels[shared.len()..]) {
                known.under(leaf.clone(), format!("{alias}.{label}"));
            }
            if n == 0 {
                for (key, label) in shared.iter().zip(&labels) {
                    known.under(key.clone(), format!("{alias}.{label}"));
                    first.push((key.clone(), format!("{alias}.{label}")));
                }
                let _ = write!(from, "\nFROM {alias}");
                continue;
            }
            let on: Vec<String> = shared
                .iter()
                .zip(&labels)
                .filter(|(key, _)| !self.follows_from_a_key(key, &shared))
                .filter_map(|(key, label)| {
                    let (_, other) = first.iter().find(|(known, _)| known == key)?;
                    Some(self.same(&format!("{alias}.{label}"), other))
                })
                .collect();
            let how = if on.is_empty() { "CROSS JOIN" } else { "LEFT JOIN" };
            let _ = write!(from, "\n{how} {alias}");
            if !on.is_empty() {
                let _ = write!(from, " ON {}", on.join(" AND "));
            }
        }
        let mut items = Vec::new();
        for (i, item) in select.items.iter().enumerate() {
            let text = self.outer(item, &known)?;
            let label = names.get(i).cloned().unwrap_or_else(|| self.quote(&self.label(item)));
            items.push(if text.ends_with(&format!(".{label}")) { text } else { format!("{text} AS {label}") });
        }
        let mut sql = format!("WITH {}\nSELECT {}{from}", steps.join(", "), items.join(", "));
        let mut conditions = Vec::new();
        for predicate in &select.having {
            let Predicate::Compare { left, operator, right: Operand::Value(value) } = predicate else {
                return Err(Unrenderable::Empty);
            };
            conditions.push(format!(
                "{} {} {}",
                self.outer(left, &known)?,
                operator_sql(*operator),
                self.value(value, left)
            ));
        }
        if !conditions.is_empty() {
            let _ = write!(sql, "\nWHERE {}", conditions.join(" AND "));
        }
        let order: Result<Vec<String>, Unrenderable> = select
            .order
            .iter()
            .map(|sort| Ok(format!("{}{}", self.outer(&sort.by, &known)?, direction(sort.descending, false))))
            .collect();
        let order = order?;
        if !order.is_empty() {
            let _ = write!(sql, "\nORDER BY {}", order.join(", "));
        }
        if let Some(limit) = select.limit {
            let _ = write!(sql, "\nLIMIT {limit}");
        }
        Ok((sql, adds_up))
    }

    /// The SELECT of a part, the names of its items, and the keys of the whole that it has.
    fn part(&self, part: &Part, keys: &[Expr], select: &Select) -> (Select, Vec<String>, Vec<Expr>) {
        let (mut own, mut shared, mut names) = (Vec::new(), Vec::new(), Names::new(self.dialect()));
        let shown = select.items.iter().filter(|i| !i.is_aggregate() && !select.group.contains(i));
        for key in select.group.iter().chain(shown) {
            if let Some(mine) = self.rehomed(key, part).filter(|mine| keys.contains(mine)) {
                names.add(mine.clone(), &self.label(key));
                own.push(mine);
                shared.push(key.clone());
            }
        }
        for leaf in &part.leaves {
            names.add(leaf.clone(), &self.label(leaf));
        }
        let filter = select.filter.iter().filter_map(|p| self.own_condition(p, part)).collect();
        let items: Vec<Expr> = own.iter().chain(&part.leaves).cloned().collect();
        (Select { items, filter, group: own, ..Select::default() }, names.names(), shared)
    }

    /// The keys that the part's rows can be grouped by without being repeated.
    fn keys_of(&self, part: &Part, select: &Select) -> Vec<Expr> {
        let shown = select.items.iter().filter(|i| !i.is_aggregate());
        select.group.iter().chain(shown).filter_map(|key| self.rehomed(key, part)).collect()
    }

    /// Every key but those of time can be given to the part's rows without repeating them.
    fn bears_keys(&self, part: &Part, select: &Select) -> bool {
        let timeless = |key: &&Expr| !matches!(key, Expr::Time { .. });
        select.group.iter().filter(timeless).all(|key| self.rehomed(key, part).is_some())
    }

    /// A key as the part has it: calendar units are those of its own date.
    fn rehomed(&self, key: &Expr, part: &Part) -> Option<Expr> {
        let key = match key {
            Expr::Time { column, grain } => Expr::Time { column: self.own_date(*column, part)?, grain: *grain },
            other => other.clone(),
        };
        let mut tables = Vec::new();
        key.tables(&mut tables);
        tables.iter().all(|table| self.reaches(part, *table)).then_some(key)
    }

    fn own_date(&self, column: ColumnId, part: &Part) -> Option<ColumnId> {
        if part.home.contains(&column.table) || self.reaches(part, column.table) {
            return Some(column);
        }
        part.home.iter().find_map(|t| event_date(self.schema, *t).filter(|(_, event)| *event).map(|(id, _)| id))
    }

    /// A condition as the part has it. What has no date is not asked when it was.
    fn own_condition(&self, predicate: &Predicate, part: &Part) -> Option<Predicate> {
        match predicate {
            Predicate::Period { column, first, last } => Some(Predicate::Period {
                column: self.own_date(*column, part)?,
                first: first.clone(),
                last: last.clone(),
            }),
            Predicate::Any(options) => {
                Some(Predicate::Any(options.iter().map(|p| self.own_condition(p, part)).collect::<Option<_>>()?))
            }
            other => Some(other.clone()),
        }
    }

    /// A column of a row whose key is there too.
    fn follows_from_a_key(&self, key: &Expr, keys: &[Expr]) -> bool {
        let Expr::Column(id) = key else { return false };
        match self.schema.table(id.table).primary_key.as_slice() {
            [one] if *one != id.column => keys.contains(&Expr::Column(ColumnId { table: id.table, column: *one })),
            _ => false,
        }
    }

    fn reaches(&self, part: &Part, table: TableId) -> bool {
        part.home.contains(&table)
            || part.home.first().is_some_and(|home| {
                self.graph
                    .join(&[*home, table], self.mentioned)
                    .is_some_and(|tree| tree.edges.iter().all(|edge| !edge.fans_out))
            })
    }

    /// Called after its table, which no step may be called itself.
    fn step_alias(&self, part: &Part, at: usize, parts: &[(Part, Vec<Expr>)]) -> String {
        let name = |part: &Part| {
            let table = part.home.first().map_or("rows", |t| self.schema.table(*t).name.as_str());
            let plain: String =
                table.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
            format!("{plain}_totals")
        };
        let own = name(part);
        let same = parts[..at].iter().filter(|(other, _)| name(other) == own).count();
        self.quote(&if same == 0 { own } else { format!("{own}_{}", same + 1) })
    }
}

/// A sum, mean or count that repeated rows would change.
pub(super) fn is_multiplied(leaf: &Expr) -> bool {
    match leaf {
        Expr::Aggregate { function, distinct, .. } => {
            !distinct && matches!(function, Function::Sum | Function::Average | Function::Count)
        }
        Expr::Filtered { of, .. } | Expr::Magnitude(of) => is_multiplied(of),
        Expr::Metric(_) => true,
        _ => false,
    }
}

/// Every aggregate of a statement, once each.
pub(super) fn aggregates_of(select: &Select) -> Vec<Expr> {
    let mut leaves = Vec::new();
    for expr in select.items.iter().chain(select.order.iter().map(|s| &s.by)) {
        leaves_of(expr, &mut leaves);
    }
    for predicate in &select.having {
        if let Predicate::Compare { left, .. } = predicate {
            leaves_of(left, &mut leaves);
        }
    }
    leaves
}

/// The aggregates that an expression is made of.
fn leaves_of(expr: &Expr, into: &mut Vec<Expr>) {
    match expr {
        Expr::Aggregate { .. }
        | Expr::CountRows(_)
        | Expr::Metric(_)
        | Expr::Filtered { .. }
        | Expr::Percentile { .. } => {
            if !into.contains(expr) {
                into.push(expr.clone());
            }
        }
        Expr::Arithmetic { left, right, .. } => {
            leaves_of(left, into);
            leaves_of(right, into);
        }
        Expr::Magnitude(of) | Expr::Share(of) | Expr::Over { of, .. } => leaves_of(of, into),
        Expr::Column(_) | Expr::AllColumns(_) | Expr::Time { .. } => {}
    }
}
