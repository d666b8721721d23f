//! Percents that are quotients of sums: a margin in percent is the margin of all over the revenue of all, never the
//! mean of the rows' percents.

use super::super::plan::{Arithmetic, Expr, Function, Predicate};
use super::apply::Editor;
use crate::language::{Formula, identifier_words, lexicon};
use crate::schema::{ColumnId, SemanticType, TableId};

impl Editor<'_> {
    /// Replaces averages of percents, and sums over rows that a key repeats, where the parts of a formula are there.
    pub(super) fn use_formulas(&mut self) {
        if self.asks_for_mean() {
            return;
        }
        for i in 0..self.select.items.len() {
            let item = self.select.items[i].clone();
            let Some(figure) = self.rewritten(&item) else { continue };
            for sort in &mut self.select.order {
                if sort.by == item {
                    sort.by = figure.clone();
                }
            }
            for predicate in &mut self.select.having {
                if let Predicate::Compare { left, .. } = predicate
                    && *left == item
                {
                    *left = figure.clone();
                }
            }
            self.select.items[i] = figure;
        }
        // What is bounded without being shown.
        for i in 0..self.select.having.len() {
            if let Predicate::Compare { left, .. } = &self.select.having[i]
                && let Some(figure) = self.rewritten(left)
                && let Predicate::Compare { left, .. } = &mut self.select.having[i]
            {
                *left = figure;
            }
        }
    }

    fn asks_for_mean(&self) -> bool {
        self.ground.analysis.words.iter().any(|w| w.is_one_of(&["average", "avg", "mean", "median"]))
    }

    fn rewritten(&self, item: &Expr) -> Option<Expr> {
        match item {
            Expr::Aggregate { function, distinct: false, of } => {
                let Expr::Column(id) = **of else { return None };
                self.formula_of(*function, id)
            }
            Expr::Filtered { of, filter } => Some(Expr::filtered(self.rewritten(of)?, filter.clone())),
            Expr::Over { window, of } => Some(Expr::over(window.clone(), self.rewritten(of)?)),
            Expr::Arithmetic { operator, left, right } => {
                let (new_left, new_right) = (self.rewritten(left), self.rewritten(right));
                if new_left.is_none() && new_right.is_none() {
                    return None;
                }
                Some(Expr::arithmetic(
                    *operator,
                    new_left.unwrap_or_else(|| (**left).clone()),
                    new_right.unwrap_or_else(|| (**right).clone()),
                ))
            }
            _ => None,
        }
    }

    fn formula_of(&self, function: Function, id: ColumnId) -> Option<Expr> {
        let semantic = self.semantic(id);
        let percent = function == Function::Average && matches!(semantic, SemanticType::Percent | SemanticType::Ratio);
        let summed = function == Function::Sum && semantic.is_additive();
        let words = self.ground.names.column_words(id);
        if summed && !self.reaches_keys(id.table) {
            // The same sum in a table that the keys do reach.
            let schema = self.ground.schema;
            let name = words.join(" ");
            let other = schema
                .table_ids()
                .filter(|t| *t != id.table && !schema.table(*t).is_view && self.reaches_keys(*t))
                .find_map(|t| self.additive(t, &name));
            if let Some(other) = other {
                return Some(Expr::aggregate(Function::Sum, other));
            }
        }
        let formula = lexicon().formulas.iter().find(|f| f.names.iter().any(|name| names(words, name)))?;
        if percent {
            let own = |several| self.parts(formula, id.table).filter(|_| self.meets_keys(id.table, several));
            let (part, whole) = own(false).or_else(|| self.parts_elsewhere(formula, id.table)).or_else(|| own(true))?;
            let operator = if semantic == SemanticType::Percent { Arithmetic::Percent } else { Arithmetic::Ratio };
            return Some(Expr::arithmetic(operator, part, whole));
        }
        if summed && !self.reaches_keys(id.table) {
            return self.parts_elsewhere(formula, id.table).map(|(part, _)| part);
        }
        None
    }

    /// What is a part of what, by the names of the columns of a table that add up.
    fn parts(&self, formula: &Formula, table: TableId) -> Option<(Expr, Expr)> {
        let find = |list: &[String]| list.iter().find_map(|name| self.additive(table, name));
        let whole = find(&formula.whole)?;
        let sum = |id: ColumnId| Expr::aggregate(Function::Sum, id);
        let part = match find(&formula.part) {
            Some(part) => sum(part),
            None => Expr::arithmetic(Arithmetic::Difference, sum(whole), sum(find(&formula.less)?)),
        };
        Some((part, sum(whole)))
    }

    fn parts_elsewhere(&self, formula: &Formula, not: TableId) -> Option<(Expr, Expr)> {
        let schema = self.ground.schema;
        schema
            .table_ids()
            .filter(|t| *t != not && !schema.table(*t).is_view && self.reaches_keys(*t))
            .find_map(|t| self.parts(formula, t))
    }

    /// A column of the table with that name, in which money or numbers of lines add up.
    fn additive(&self, table: TableId, name: &str) -> Option<ColumnId> {
        let schema = self.ground.schema;
        let wanted: Vec<&str> = name.split(' ').collect();
        let columns = (0..schema.table(table).columns.len()).map(|column| ColumnId { table, column });
        columns.into_iter().find(|id| {
            let words = identifier_words(&schema.column(*id).name);
            words.iter().map(String::as_str).eq(wanted.iter().copied())
                && (self.semantic(*id).is_additive() || self.is_line_total(*id))
        })
    }

    /// "cost" beside what adds up belongs to the whole line, unless a price for one unit beside it is never exceeded.
    fn is_line_total(&self, id: ColumnId) -> bool {
        let schema = self.ground.schema;
        let largest = |id: ColumnId| schema.profile(id).max.as_ref().and_then(crate::schema::Value::as_f64);
        let columns = (0..schema.table(id.table).columns.len()).map(|column| ColumnId { table: id.table, column });
        let prices = columns.filter(|c| *c != id && self.semantic(*c) == SemanticType::UnitPrice);
        let dearest = prices.filter_map(largest).fold(f64::NAN, f64::max);
        let alone = dearest.is_nan();
        self.semantic(id) == SemanticType::UnitPrice && largest(id).is_some_and(|total| alone || total > dearest)
    }

    /// Every key and condition can be joined to the table's rows without repeating them.
    fn reaches_keys(&self, table: TableId) -> bool {
        self.meets_keys(table, false)
    }

    /// Every key and condition can be joined to the table's rows; where a row may meet several, none but plain columns,
    /// of which each is joined once.
    fn meets_keys(&self, table: TableId, several: bool) -> bool {
        let meets = |tables: &[TableId], several: bool| {
            tables.iter().all(|to| {
                let tree = self.ground.graph.join(&[table, *to], &[]);
                tree.is_some_and(|tree| several || tree.edges.iter().all(|edge| !edge.fans_out))
            })
        };
        let keys = self.select.group.iter().all(|key| {
            let mut tables = Vec::new();
            key.tables(&mut tables);
            meets(&tables, several && matches!(key, Expr::Column(_)))
        });
        let mut conditioned = Vec::new();
        self.select.filter.iter().for_each(|predicate| predicate.tables(&mut conditioned));
        keys && meets(&conditioned, several)
    }
}

/// The words of a column end in the words of the name, whatever unit follows.
fn names(words: &[String], name: &str) -> bool {
    const UNITS: [&str; 8] = ["percent", "percentage", "rate", "ratio", "pct", "amount", "dollars", "value"];
    let core: Vec<&str> = words.iter().map(String::as_str).filter(|w| !UNITS.contains(w)).collect();
    core == name.split(' ').collect::<Vec<_>>()
}
