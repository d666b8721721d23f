//! What is asked for outright, and what stands for it where nothing is named.

use super::super::names::Target;
use super::super::plan::{Expr, Operand, Predicate, Select};
use super::resolve::Role;
use super::{GroupKey, Measure, Reader, Unreadable, column};
use crate::schema::{ColumnId, SemanticType, TableId, Value};

impl Reader<'_> {
    /// "best sellers" names nothing but what is sold: the named things that the measure's table refers to.
    pub(super) fn sellers(&mut self) -> Vec<Expr> {
        let rank = self.frame.rank.clone();
        let id = match rank.as_ref().and_then(|r| r.measure.clone()) {
            Some(Measure::Column(id)) => id,
            // "top 10 by revenue": what is sold, not ten of its rows.
            Some(Measure::Plain(i))
                if rank.is_some_and(|r| r.limit.is_some_and(|n| n > 1) || r.word.contains("sell")) =>
            {
                match self.best_column(i, Role::Measure) {
                    Some((id, _)) if self.semantic(id).is_additive() => id,
                    _ => return Vec::new(),
                }
            }
            _ => return Vec::new(),
        };
        // "cheapest milk": the named things that the value is a value of.
        for predicate in &self.frame.filters {
            if let Predicate::Compare { left: Expr::Column(value), right: Operand::Value(Value::Text(_)), .. } =
                predicate
            {
                let display = self.display_columns(value.table);
                if display.iter().any(|c| self.semantic(*c) == SemanticType::Name) {
                    return display.into_iter().map(column).collect();
                }
            }
        }
        let schema = self.ground.schema;
        let parents = schema.foreign_keys.iter().filter(|k| k.from.table == id.table).map(|k| k.to.table);
        let named =
            parents.filter(|t| self.display_columns(*t).iter().any(|c| self.semantic(*c) == SemanticType::Name));
        let best = named.fold(None, |best: Option<TableId>, t| match best {
            Some(b) if self.evidence[b.0] >= self.evidence[t.0] => Some(b),
            _ => Some(t),
        });
        best.map(|t| self.display_columns(t).into_iter().map(column).collect()).unwrap_or_default()
    }

    /// "where are we dearer than X": the named things whose prices are compared, and both prices.
    pub(super) fn priced_things(&mut self) -> Vec<Expr> {
        let Some((own, other)) = self.frame.prices else { return Vec::new() };
        let schema = self.ground.schema;
        let mut parents = schema.foreign_keys.iter().filter(|k| k.from.table == own.table).map(|k| k.to.table);
        let things = parents.find_map(|t| {
            let display = self.display_columns(t);
            display.iter().any(|c| self.semantic(*c) == SemanticType::Name).then_some(display)
        });
        let Some(things) = things else { return Vec::new() };
        things.into_iter().chain([own, other]).map(column).collect()
    }

    /// Conditions that were set beside the question; several values of one column mean any of them.
    pub(super) fn conditions_beside(&self) -> Vec<Predicate> {
        let mut conditions: Vec<(Expr, Vec<Value>)> = Vec::new();
        for (id, text) in &self.ground.analysis.filters {
            let stored = self.ground.schema.values.of_column(*id).find(|v| v.eq_ignore_ascii_case(text));
            let number = text.parse::<f64>().ok().filter(|_| self.ground.schema.profile(*id).numeric);
            let value =
                number.map_or_else(|| Value::Text(stored.unwrap_or(text).to_owned()), super::comparison::number_value);
            match conditions.iter_mut().find(|(what, _)| *what == column(*id)) {
                Some((_, values)) => values.push(value),
                None => conditions.push((column(*id), vec![value])),
            }
        }
        conditions.into_iter().map(|(what, values)| Predicate::In { what, values, negated: false }).collect()
    }

    /// Columns asked for outright, and tables that stand for their rows.
    pub(super) fn output_columns(&mut self) -> Vec<Expr> {
        let outputs = self.frame.outputs.clone();
        // What is shown by month or within a period is a number rather than a word for it.
        let in_time = outputs.len() == 1
            || !self.frame.times.is_empty()
            || self.frame.groups.iter().any(|g| matches!(g, GroupKey::Grain(_)));
        let mut columns: Vec<Expr> = Vec::new();
        let mut tables: Vec<(usize, TableId)> = Vec::new();
        for i in outputs {
            if let Some(Target::Metric(metric)) = self.tokens[i].links().first().map(|l| l.target) {
                self.record(i, self.tokens[i].links()[0].score);
                columns.push(Expr::Metric(metric));
            } else if let Some(id) = self.measure_of_groups(i) {
                self.record(i, self.tokens[i].links()[0].score);
                if !columns.contains(&column(id)) {
                    columns.push(column(id));
                }
            } else if self.is_table(i) {
                if let Some(table) = self.resolve_table(i) {
                    tables.push((i, table));
                }
            } else if let Some(id) =
                self.resolve(i, if in_time && self.names_a_sum(i) { Role::Measure } else { Role::Output })
                && !columns.contains(&column(id))
            {
                columns.push(column(id));
            }
        }
        let everything = self.asks_for_everything();
        let Some((first, table)) = tables.first().copied() else { return columns };
        // A table after "of", or beside columns of its own, only says where they are found.
        let counted = !self.frame.measures.is_empty();
        // A key to a table that is named stands for its rows: "which employee supports the most customers".
        let keys = |c: &Expr| matches!(c, Expr::Column(id) if self.ground.schema.reference_of(*id).is_some_and(|k| k.to.table == table));
        let only_keys = !columns.is_empty() && columns.iter().all(keys) && self.frame.rank.is_some();
        let columns = if only_keys { Vec::new() } else { columns };
        let context = columns.iter().any(|c| matches!(c, Expr::Column(id) if id.table == table)) || counted;
        let beside = self.stands_before_columns(first);
        let coordinated = tables.len() > 1 || (!columns.is_empty() && self.frame.rank.is_none() && !context && beside);
        // "stores with their region": what a row is called is asked for, and what it has.
        let owned = !counted && self.frame.rank.is_none() && beside && self.owns_columns(first, table);
        if columns.is_empty() && !counted || (coordinated && !context && beside) || owned {
            let about =
                (!everything && self.is_about_measures(table)).then(|| self.named_measure(first, table)).flatten();
            let display: Vec<Expr> = match about {
                _ if everything && columns.is_empty() => vec![Expr::AllColumns(table)],
                // Events have no name: "price changes in May" lists them whole.
                Some(_) if columns.is_empty() && !self.has_one_row_each(table) => vec![Expr::AllColumns(table)],
                Some(id) => vec![column(id)],
                None => self.display_columns(table).into_iter().map(column).collect(),
            };
            let display = display.into_iter().filter(|shown| !columns.contains(shown));
            return display.chain(columns.iter().cloned()).collect();
        }
        columns
    }

    /// "profit by store", "revenue and profit": a table that is about measures stands for the one that it is called by.
    fn measure_of_groups(&self, i: usize) -> Option<ColumnId> {
        let table = self.table_of(i).filter(|t| self.is_table(i) && self.is_about_measures(*t))?;
        let joined = i > 1 && self.word_at(i - 1, &["and", ","]) && self.is_name(i - 2) && self.is_measure(i - 2);
        if self.has_one_row_each(table) && !self.frame.groups.is_empty() {
            return self.named_measure(i, table);
        }
        if self.frame.groups.is_empty() && !joined || self.has_one_row_each(table) {
            return None;
        }
        self.named_measure(i, table).filter(|id| self.semantic(*id).is_additive())
    }

    /// "products with their price": the table comes first and its rows are asked for beside the columns.
    pub(super) fn stands_before_columns(&self, table: usize) -> bool {
        let next_column = self.frame.outputs.iter().find(|o| **o > table && !self.is_table(**o));
        next_column.is_some_and(|c| (table + 1..*c).any(|j| self.word_at(j, &["with", "and", "their", "its", "along"])))
            && !(0..table).rev().take(2).any(|j| self.word_at(j, &["of", "for", "in"]))
    }

    /// "stores with their region", "products with size and price": the rows have names, and "with" or a possessive stands
    /// right before the columns.
    fn owns_columns(&self, table_at: usize, table: TableId) -> bool {
        let named = self.display_columns(table).iter().any(|c| self.semantic(*c) == SemanticType::Name);
        let next = self.frame.outputs.iter().find(|o| **o > table_at && !self.is_table(**o));
        named
            && next.is_some_and(|c| {
                let before = c.checked_sub(1).filter(|j| self.word_at(*j, &["the"])).map_or(*c, |j| j);
                before > table_at + 1 && self.word_at(before - 1, &["with", "their", "its"])
            })
    }

    pub(super) fn asks_for_everything(&self) -> bool {
        self.tokens.iter().any(|t| t.is(&["everything"]))
            || (0..self.tokens.len()).any(|i| {
                [
                    "all information",
                    "all the information",
                    "all details",
                    "all the details",
                    "all info",
                    "all columns",
                    "all data",
                    "full details",
                    "all attributes",
                ]
                .iter()
                .any(|p| self.phrase_at(i, p).is_some())
            })
    }

    /// Only values or comparisons were named: the rows they are found in are shown.
    pub(super) fn items_from_filters(&mut self, select: &mut Select) -> Result<(), Unreadable> {
        let mut tables = self.mentioned_tables();
        for predicate in &select.filter {
            predicate.tables(&mut tables);
        }
        let table = *tables.first().ok_or(Unreadable::Nothing)?;
        select.items = self.shown_of(table, &select.filter);
        if !select.having.is_empty() && select.group.is_empty() {
            select.group = self.with_keys(&select.items);
        }
        Ok(())
    }

    /// What people know a row by; of rows that nobody calls by a name, the thing that they are about and what was compared.
    fn shown_of(&self, table: TableId, filter: &[Predicate]) -> Vec<Expr> {
        let display = self.display_columns(table);
        let key = |c: &ColumnId| matches!(self.semantic(*c), SemanticType::Id | SemanticType::Code);
        let named = |t: &TableId| {
            self.display_columns(*t).iter().any(|c| self.semantic(*c) == SemanticType::Name)
                && !filter.iter().any(|p| tables_of_filter(p).contains(t))
        };
        let schema = self.ground.schema;
        let referred = schema.foreign_keys.iter().filter(|k| k.from.table == table).map(|k| k.to.table);
        let mut compared: Vec<ColumnId> = Vec::new();
        for predicate in filter {
            if let Predicate::Compare { left, right, .. } = predicate {
                measured_columns(left, &mut compared);
                if let Operand::Expr(right) = right {
                    measured_columns(right, &mut compared);
                }
            }
        }
        compared.retain(|id| id.table == table && self.semantic(*id).is_measure());
        match referred.into_iter().find(named) {
            Some(thing) if display.iter().all(key) && !compared.is_empty() => {
                self.display_columns(thing).into_iter().chain(compared).map(column).collect()
            }
            _ => display.into_iter().map(column).collect(),
        }
    }

    pub(super) fn reaches_mentioned(&self, table: TableId) -> bool {
        let Some(first) = self.mentioned_tables().first().copied() else { return true };
        self.ground.graph.join(&[first, table], &[]).is_some()
    }
}

/// Columns that a side of a comparison is computed from, in order.
fn measured_columns(expr: &Expr, into: &mut Vec<ColumnId>) {
    match expr {
        Expr::Column(id) if !into.contains(id) => into.push(*id),
        Expr::Arithmetic { left, right, .. } => {
            measured_columns(left, into);
            measured_columns(right, into);
        }
        Expr::Magnitude(of) => measured_columns(of, into),
        _ => {}
    }
}

fn tables_of_filter(predicate: &Predicate) -> Vec<TableId> {
    let mut tables = Vec::new();
    predicate.tables(&mut tables);
    tables
}
