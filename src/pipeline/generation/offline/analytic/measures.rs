//! What a plan computes, as aggregates, and by which date.

use super::super::plan::{Expr, Function, Operand, Predicate, Select};
use super::super::reading::{event_date, with_keys};
use super::apply::Editor;
use crate::knowledge::qualified_names;
use crate::schema::{ColumnId, SemanticType, TableId};

impl Editor<'_> {
    pub(super) fn semantic(&self, id: ColumnId) -> SemanticType {
        self.ground.schema.profile(id).semantic
    }

    /// Sums what adds up, averages the rest.
    pub(super) fn aggregate_of(&self, id: ColumnId) -> Expr {
        let function = if self.semantic(id).is_additive() { Function::Sum } else { Function::Average };
        Expr::aggregate(function, id)
    }

    /// A list becomes a total: measures are aggregated, things without a measure are counted, the rest are keys.
    pub(super) fn aggregate(&mut self) -> Result<(), String> {
        if self.select.items.iter().any(Expr::is_aggregate) {
            self.group_by_keys();
            return Ok(());
        }
        let (measures, keys): (Vec<Expr>, Vec<Expr>) =
            std::mem::take(&mut self.select.items).into_iter().partition(|item| self.is_measured(item));
        let mut items: Vec<Expr> = Vec::new();
        if measures.is_empty() {
            // A ranking brings its measure.
            let ranked =
                self.select.order.iter().map(|s| s.by.clone()).find(|by| self.is_measured(by) || by.is_aggregate());
            match ranked {
                Some(by) => {
                    items.extend(keys);
                    items.push(self.aggregated(&by));
                }
                None => items.extend(self.counted(keys)?),
            }
        } else {
            items.extend(keys);
            items.extend(measures.iter().map(|m| self.aggregated(m)));
        }
        self.select.items = items;
        self.select.distinct = false;
        let order: Vec<_> = std::mem::take(&mut self.select.order);
        for mut sort in order {
            sort.by = self.aggregated(&sort.by);
            self.select.order.push(sort);
        }
        self.group_by_keys();
        Ok(())
    }

    pub(super) fn is_measured(&self, item: &Expr) -> bool {
        match item {
            Expr::Column(id) => self.semantic(*id).is_measure(),
            Expr::Magnitude(of) => self.is_measured(of),
            Expr::Arithmetic { left, right, .. } => self.is_measured(left) && self.is_measured(right),
            _ => false,
        }
    }

    pub(super) fn aggregated(&self, item: &Expr) -> Expr {
        match item {
            Expr::Column(id) if self.semantic(*id).is_measure() => self.aggregate_of(*id),
            Expr::Magnitude(of) => Expr::Magnitude(Box::new(self.aggregated(of))),
            Expr::Arithmetic { operator, left, right } => {
                Expr::arithmetic(*operator, self.aggregated(left), self.aggregated(right))
            }
            other => other.clone(),
        }
    }

    /// Things that are listed are counted; other columns beside them are keys.
    fn counted(&self, keys: Vec<Expr>) -> Result<Vec<Expr>, String> {
        let listed = keys.iter().find_map(|key| match key {
            Expr::AllColumns(table) => Some(*table),
            Expr::Column(id) if self.ground.names.display(id.table).contains(id) => Some(id.table),
            _ => None,
        });
        let table = listed
            .or_else(|| self.select.tables.first().copied())
            .ok_or_else(|| "it is not said what is to be computed".to_owned())?;
        let shown = |key: &Expr| match key {
            Expr::AllColumns(t) => *t == table,
            Expr::Column(id) => id.table == table && self.ground.names.display(table).contains(id),
            _ => false,
        };
        let mut items: Vec<Expr> = keys.into_iter().filter(|key| !shown(key)).collect();
        items.push(Expr::CountRows(table));
        Ok(items)
    }

    /// Every shown key is a group.
    pub(super) fn group_by_keys(&mut self) {
        let keys: Vec<Expr> = self.select.items.iter().filter(|i| !i.is_aggregate()).cloned().collect();
        let mut group = with_keys(self.ground.schema, &keys);
        for key in std::mem::take(&mut self.select.group) {
            if !group.contains(&key) {
                group.push(key);
            }
        }
        self.select.group = group;
    }

    /// Positions of what is computed among the items.
    pub(super) fn computed(&self) -> Vec<usize> {
        (0..self.select.items.len()).filter(|i| self.select.items[*i].is_aggregate()).collect()
    }

    /// Tables whose rows an expression adds up, a metric's formula included.
    pub(super) fn tables_of(&self, expr: &Expr) -> Vec<TableId> {
        let mut tables = Vec::new();
        expr.tables(&mut tables);
        for metric in metrics(expr) {
            for (table, _) in qualified_names(&self.knowledge.metrics[metric].expression) {
                if let Some(id) = self.ground.schema.find_table(&table)
                    && !tables.contains(&id)
                {
                    tables.push(id);
                }
            }
        }
        tables
    }

    /// The date that what is computed is counted by.
    pub(super) fn date(&self) -> Result<ColumnId, String> {
        for predicate in &self.select.filter {
            if let Predicate::Period { column, .. } = predicate {
                return Ok(*column);
            }
        }
        let measures: Vec<&Expr> = self.select.items.iter().filter(|i| i.is_aggregate()).collect();
        for metric in measures.iter().flat_map(|m| metrics(m)) {
            let named = self.knowledge.metrics[metric].time_column.as_ref().and_then(|name| self.column_named(name));
            if let Some(id) = named {
                return Ok(id);
            }
        }
        let mut tables: Vec<TableId> = measures.iter().flat_map(|m| self.tables_of(m)).collect();
        if measures.is_empty() {
            tables.extend(self.select.items.iter().flat_map(|item| self.tables_of(item)));
        }
        for predicate in &self.select.filter {
            if !matches!(predicate, Predicate::Compare { right: Operand::Value(crate::schema::Value::Text(_)), .. }) {
                predicate.tables(&mut tables);
            }
        }
        let dates: Vec<(ColumnId, bool)> =
            tables.iter().filter_map(|table| event_date(self.ground.schema, *table)).collect();
        // The day a thing was set up says nothing of what happened to it, unless it is spoken of.
        let spoken = |id: ColumnId| {
            let words = self.ground.names.column_words(id);
            let said =
                |w: &String| w.len() > 3 && self.ground.analysis.words.iter().any(|q| q.folded == *w || q.lemma == *w);
            words.iter().any(said)
        };
        let found = dates.iter().find(|(id, event)| *event || spoken(*id)).map(|(id, _)| *id);
        found
            .or_else(|| self.date_nearby(&tables))
            .ok_or_else(|| "no date in the data says when it was, so it cannot be split or compared by time".to_owned())
    }

    fn column_named(&self, name: &str) -> Option<ColumnId> {
        let (table, column) = name.split_once('.')?;
        self.ground.schema.find_column(self.ground.schema.find_table(table)?, column)
    }

    /// The date of a table that each row belongs to: order lines are dated by their order.
    fn date_nearby(&self, tables: &[TableId]) -> Option<ColumnId> {
        let first = *tables.first()?;
        self.ground
            .schema
            .foreign_keys
            .iter()
            .filter(|k| k.from.table == first)
            .find_map(|key| event_date(self.ground.schema, key.to.table).filter(|(_, event)| *event).map(|(id, _)| id))
    }
}

pub(super) fn metrics(expr: &Expr) -> Vec<usize> {
    match expr {
        Expr::Metric(metric) => vec![*metric],
        Expr::Magnitude(of)
        | Expr::Share(of)
        | Expr::Aggregate { of, .. }
        | Expr::Filtered { of, .. }
        | Expr::Percentile { of, .. }
        | Expr::Over { of, .. } => metrics(of),
        Expr::Arithmetic { left, right, .. } => [metrics(left), metrics(right)].concat(),
        Expr::Column(_) | Expr::AllColumns(_) | Expr::CountRows(_) | Expr::Time { .. } => Vec::new(),
    }
}

/// True if the plan orders or limits what it shows.
pub(super) fn is_ranked(select: &Select) -> bool {
    select.limit.is_some() && !select.order.is_empty()
}
