//! Puts what the phrases said together into a plan.

use super::super::names::Target;
use super::super::plan::{Expr, Function, Grain, Operand, Operator, Predicate, Query, Select, SetOperator, Sort};
use super::resolve::{Role, display_columns};
use super::{GroupKey, Measure, Rank, Reader, Reading, Unreadable, column};
use crate::schema::{ColumnId, Schema, SemanticType, TableId, Value};

impl Reader<'_> {
    pub(super) fn assemble(mut self) -> Result<Reading, Unreadable> {
        if let Some(rank) = self.frame.rank.clone()
            && rank.measure.is_none()
            && (self.vague.is_some() || matches!(rank.word.as_str(), "top" | "bottom" | "rank" | "compare"))
        {
            // "top 5 prices": what is asked for is a measure itself.
            match self.frame.outputs.iter().copied().find(|i| self.is_measure(*i)).filter(|_| self.vague.is_none()) {
                Some(i) => self.frame.rank = Some(Rank { measure: Some(Measure::Plain(i)), ..rank }),
                // "total revenue and units for the top 5 brands": by what is asked for first.
                None if rank.word == "top" && rank.limit.is_some() && self.frame.measures.len() > 1 => {
                    let measure = self.frame.measures.first().cloned();
                    self.frame.rank = Some(Rank { measure, ..rank });
                }
                None => {
                    return Err(Unreadable::Vague {
                        measures: self.measures_for(),
                        word: self.vague.clone().unwrap_or(rank.word),
                    });
                }
            }
        }
        let mentioned = self.mentioned_tables();
        let mut select = Select { distinct: self.frame.distinct, ..Select::default() };
        let mut outputs = self.output_columns();
        if outputs.is_empty() && self.frame.measures.is_empty() && self.frame.groups.is_empty() {
            outputs.extend(self.priced_things());
        }
        let shown = std::mem::take(&mut self.frame.shown).into_iter().map(column);
        let shown: Vec<Expr> = shown.filter(|c| !outputs.contains(c)).collect();
        outputs.extend(shown);
        self.anchors = tables_of(outputs.iter());
        self.extremes_of_groups();
        let measures = self.measure_exprs();
        self.anchors.extend(tables_of(measures.iter()));
        let groups = if self.lists_rows(&outputs) { Vec::new() } else { self.group_exprs(&measures, &outputs) };
        // Nothing is split by the very number that is computed.
        let computed = |key: &Expr| measures.iter().any(|m| matches!(m, Expr::Aggregate { of, .. } if **of == *key));
        let numbers = |key: &Expr| matches!(key, Expr::Column(id) if self.semantic(*id).is_measure());
        let twice = |expr: &Expr| numbers(expr) && computed(expr);
        let groups: Vec<Expr> = groups.into_iter().filter(|key| !twice(key)).collect();
        outputs.retain(|output| !twice(output));
        if self.undated {
            return Err(Unreadable::NoDate);
        }
        let rank = self.rank_sort();

        let outputs =
            if outputs.is_empty() && measures.is_empty() && groups.is_empty() { self.sellers() } else { outputs };
        self.fill_items(&mut select, outputs, measures, groups, rank.as_ref());
        self.fill_order(&mut select, rank);
        self.fill_having(&mut select);
        select.filter = std::mem::take(&mut self.frame.filters);
        select.filter.extend(self.conditions_beside());
        self.fill_absent(&mut select)?;
        self.refuse_two_periods()?;
        self.fill_periods(&mut select)?;
        if let Some((token, above)) = self.frame.versus_average
            && let Some(predicate) = self.average_predicate(token, above)
        {
            select.filter.push(predicate);
        }
        self.share(&mut select);
        if select.items.is_empty() {
            self.items_from_filters(&mut select)?;
        }
        self.aggregate_the_rest(&mut select);
        select.distinct |= self.lists_repeated_values(&select);
        // Figures over all rows are one row: "how many different X" says it within the count.
        select.distinct &= !(select.is_aggregated() && select.group.is_empty());
        self.ungroup_rows(&mut select);
        self.part_sides(&mut select);
        self.total_conditions(&mut select);
        self.follow_own_key(&mut select);
        self.absent_flags(&mut select);
        let query = self.split_both(select);
        let (unread, content) = self.unread();
        Ok(Reading { query, mentioned, assumptions: self.assumptions, links: self.links, unread, content })
    }

    pub(super) fn mentioned_tables(&self) -> Vec<TableId> {
        (0..self.tokens.len()).filter(|i| self.is_table(*i)).filter_map(|i| self.table_of(i)).collect()
    }

    /// Keys to group by; the entity of a ranking over another table's measure is one too.
    fn group_exprs(&mut self, measures: &[Expr], outputs: &[Expr]) -> Vec<Expr> {
        let mut groups: Vec<Expr> = Vec::new();
        for key in self.frame.groups.clone() {
            match key {
                GroupKey::Token(i) => {
                    for expr in self.group_key(i) {
                        // "by department and category": two words are two columns.
                        let key = if groups.contains(&expr) { self.other_key(i, &groups) } else { Some(expr) };
                        groups.extend(key);
                    }
                }
                GroupKey::Grain(grain) => {
                    let mut tables = tables_of(measures.iter().chain(outputs));
                    for metric in measures
                        .iter()
                        .chain(outputs)
                        .filter_map(|e| if let Expr::Metric(i) = e { Some(*i) } else { None })
                    {
                        tables.extend(&self.ground.names.metric_tables[metric]);
                    }
                    let column = self.dated_column(&tables);
                    self.undated |= column.is_none();
                    if let Some(column) = column {
                        groups.push(if self.semantic(column) == SemanticType::Year {
                            Expr::Column(column)
                        } else {
                            Expr::Time { column, grain }
                        });
                    }
                }
            }
        }
        groups
    }

    /// "the title and price of every book": what rows are known by is asked for beside their other columns, so they are
    /// listed.
    fn lists_rows(&mut self, outputs: &[Expr]) -> bool {
        let [GroupKey::Token(i)] = *self.frame.groups.as_slice() else { return false };
        if !self.frame.measures.is_empty() || self.frame.rank.is_some() || !self.is_table(i) {
            return false;
        }
        let (table, keys) = (self.table_of(i), self.group_key(i));
        let own = |e: &Expr| matches!(e, Expr::Column(id) if Some(id.table) == table);
        let listed =
            outputs.len() > keys.len() && outputs.iter().all(own) && keys.iter().all(|key| outputs.contains(key));
        if listed {
            self.frame.groups.clear();
        }
        listed
    }

    /// The next column that a key could be.
    fn other_key(&self, i: usize, taken: &[Expr]) -> Option<Expr> {
        let links = self.tokens[i].links();
        let best = links.first()?.score;
        links.iter().find_map(|link| match link.target {
            Target::Column(id)
                if link.score >= best - 0.25 && !taken.contains(&column(id)) && !self.semantic(id).is_measure() =>
            {
                Some(column(id))
            }
            _ => None,
        })
    }

    /// A key by a column is the column; by a table it is the rows' display column.
    pub(super) fn group_key(&mut self, i: usize) -> Vec<Expr> {
        let column_score = self.best_column(i, Role::Group).map(|(_, s)| s);
        if self.is_table(i) || column_score.is_none() {
            let Some(table) = self.resolve_table(i) else { return Vec::new() };
            return self.display_columns(table).into_iter().map(column).collect();
        }
        let Some(id) = self.resolve(i, Role::Group) else { return Vec::new() };
        // A key of another table is shown by that table's name for it.
        vec![column(id)]
    }

    fn fill_items(
        &mut self,
        select: &mut Select,
        outputs: Vec<Expr>,
        measures: Vec<Expr>,
        groups: Vec<Expr>,
        rank: Option<&(Measure, bool)>,
    ) {
        let ranked_column = rank.and_then(|(measure, _)| self.ranked_column(measure));
        let ranked_count = rank.is_some_and(|(m, _)| match m {
            Measure::Count(_)
            | Measure::CountDistinct(_)
            | Measure::Aggregate(..)
            | Measure::Rows(_)
            | Measure::Values(_) => true,
            Measure::Plain(i) => matches!(self.tokens[*i].links().first().map(|l| l.target), Some(Target::Metric(_))),
            Measure::Column(_) | Measure::Extreme(..) => false,
        });
        let mut outputs = outputs;
        // The ranking names its entity by a column or by a table.
        if !groups.is_empty() {
            self.fill_grouped(select, outputs, measures, groups);
            return;
        }
        let entity = tables_of(outputs.iter());
        let over_another = ranked_column.is_some_and(|id| self.is_coarser(&entity, id));
        if ranked_count
            || over_another
            || (ranked_column.is_some() && self.ranks_repeated_values(&outputs, ranked_column))
        {
            select.group = self.with_keys(&outputs);
            select.items = outputs;
            select.items.extend(measures);
            return;
        }
        // "revenue in April": a measure alone that adds up is added up.
        if measures.is_empty() && rank.is_none() && !outputs.is_empty() && self.is_total(&outputs) {
            let ids: Vec<ColumnId> =
                outputs.iter().filter_map(|o| if let Expr::Column(id) = o { Some(*id) } else { None }).collect();
            select.items = ids.into_iter().map(|id| self.default_aggregate(id)).collect();
            self.assumptions.push("added up over all rows that match".to_owned());
            return;
        }
        if !measures.is_empty() && !outputs.is_empty() && rank.is_none() {
            // "the average price and the brand": columns beside an aggregate are its keys.
            let keyed = self.frame.having.is_empty() || !outputs.is_empty();
            if keyed {
                select.group = self.with_keys(&outputs);
            }
        }
        outputs.extend(measures);
        select.items = outputs;
    }

    fn fill_grouped(&mut self, select: &mut Select, outputs: Vec<Expr>, measures: Vec<Expr>, groups: Vec<Expr>) {
        // "admissions by month" counts them.
        let listed = match outputs.as_slice() {
            [Expr::AllColumns(table)] => Some(*table),
            [Expr::Column(id), ..]
                if self.display_columns(id.table).contains(id) && !self.semantic(*id).is_measure() =>
            {
                Some(id.table)
            }
            _ => None,
        };
        let by_period = groups.iter().any(|g| matches!(g, Expr::Time { .. }));
        let (outputs, measures) = match listed {
            Some(table) if measures.is_empty() && (by_period || self.has_no_name(table)) => {
                (Vec::new(), vec![Expr::CountRows(table)])
            }
            _ => (outputs, measures),
        };
        let mut items = groups.clone();
        let mut group = groups;
        for output in outputs {
            match output {
                Expr::Column(id) if self.semantic(id).is_measure() => {
                    let aggregate = self.default_aggregate(id);
                    items.push(aggregate);
                }
                Expr::Metric(_) => items.push(output),
                other => {
                    if !items.contains(&other) {
                        items.push(other.clone());
                        group.push(other);
                    }
                }
            }
        }
        items.extend(measures);
        let aggregated =
            items.iter().any(Expr::is_aggregate) || self.frame.rank.is_some() || !self.frame.having.is_empty();
        if aggregated {
            select.group = self.with_keys(&group);
        } else {
            select.distinct = true;
            select.order = items.iter().take(1).map(|by| Sort { by: by.clone(), descending: false }).collect();
        }
        select.items = items;
    }

    /// Rows that nobody calls by a name are counted where they are split: "price changes by reason".
    fn has_no_name(&self, table: TableId) -> bool {
        let key = &self.ground.schema.table(table).primary_key;
        self.is_fact(table)
            && match (self.display_columns(table).as_slice(), key.as_slice()) {
                ([shown], [key]) => shown.column == *key,
                // Without a declared key it is the one that is called so.
                ([shown], []) => matches!(self.semantic(*shown), SemanticType::Id | SemanticType::Code),
                _ => false,
            }
    }

    /// Entities are grouped by their key and shown by their name.
    pub(super) fn with_keys(&self, shown: &[Expr]) -> Vec<Expr> {
        with_keys(self.ground.schema, shown)
    }

    /// "the brands in dairy": a list of values that many rows share names each of them once.
    fn lists_repeated_values(&self, select: &Select) -> bool {
        let repeated = |item: &Expr| match item {
            Expr::Column(id) => {
                let few = matches!(self.semantic(*id), SemanticType::Category | SemanticType::Geo | SemanticType::Flag);
                few && !self.ground.schema.profile(*id).unique
            }
            _ => false,
        };
        select.group.is_empty() && select.order.is_empty() && select.items.iter().all(repeated)
    }

    /// "every price change with its old and new price": groups of one row each are rows, and their means the values.
    fn ungroup_rows(&self, select: &mut Select) {
        let Some(table) = select.group.iter().find_map(|key| match key {
            Expr::Column(id) if self.ground.schema.table(id.table).primary_key == [id.column] => Some(id.table),
            _ => None,
        }) else {
            return;
        };
        let mut tables = tables_of(select.items.iter().chain(select.order.iter().map(|s| &s.by)));
        select.filter.iter().for_each(|predicate| predicate.tables(&mut tables));
        let value = |item: &Expr| match item {
            Expr::Aggregate { function, distinct: false, of } if *function != Function::Count => Some((**of).clone()),
            Expr::Column(_) => Some(item.clone()),
            _ => None,
        };
        let items: Option<Vec<Expr>> = select.items.iter().map(value).collect();
        // An order that only the groups have is none of rows.
        let order: Option<Vec<Sort>> = if self.frame.rank.is_none() {
            Some(Vec::new())
        } else {
            let row = |sort: &Sort| Some(Sort { by: value(&sort.by)?, descending: sort.descending });
            select.order.iter().map(row).collect()
        };
        let plain = tables == [table] && select.having.is_empty();
        let (Some(items), Some(order)) = (items.filter(|_| plain), order) else { return };
        select.items = items;
        select.order = order;
        select.group.clear();
        // What nobody calls a row by is not shown beside what was asked for.
        if self.has_no_name(table) && select.items.len() > 1 {
            let keys = self.display_columns(table);
            select.items.retain(|item| !matches!(item, Expr::Column(id) if keys.contains(id)));
        }
    }

    fn ranked_column(&mut self, measure: &Measure) -> Option<ColumnId> {
        match measure {
            Measure::Column(id) => Some(*id),
            Measure::Plain(i) => self.best_column(*i, Role::Measure).map(|(id, _)| id),
            _ => None,
        }
    }

    /// The measure's table holds several rows for each row of the entity.
    fn is_coarser(&self, entity: &[TableId], measure: ColumnId) -> bool {
        matches!(entity, [table] if self.fans_out(*table, measure.table))
    }

    /// "which competitor is cheapest on average": the entity's column repeats in the rows of a dated table.
    fn ranks_repeated_values(&self, outputs: &[Expr], measure: Option<ColumnId>) -> bool {
        let (Some(measure), [Expr::Column(id)]) = (measure, outputs) else { return false };
        let repeated = !self.ground.schema.profile(*id).unique && !self.semantic(*id).is_measure();
        id.table == measure.table
            && repeated
            && (self.time_column(id.table).is_some()
                && self.ground.schema.reference_of(*id).is_none()
                && self.is_fact(id.table)
                || (0..self.tokens.len()).any(|i| self.phrase_at(i, "on average").is_some()))
    }

    /// A table of events: dated rows that refer to other tables.
    pub(super) fn is_fact(&self, table: TableId) -> bool {
        self.time_column(table).is_some() && self.ground.schema.foreign_keys.iter().any(|k| k.from.table == table)
    }

    fn is_total(&self, outputs: &[Expr]) -> bool {
        outputs.iter().all(|o| matches!(o, Expr::Column(id) if self.semantic(*id).is_additive() && self.is_fact(id.table) && self.ground.schema.table(id.table).row_count.unwrap_or(0) > 50))
            && (!self.frame.times.is_empty() || !self.frame.filters.is_empty() || outputs.len() == 1)
    }

    fn fill_having(&mut self, select: &mut Select) {
        for (measure, operator, number) in self.frame.having.clone() {
            let Some(left) = self.measure_expr(&measure, true) else { continue };
            let right = Operand::Value(super::comparison::number_value(number));
            select.having.push(Predicate::Compare { left, operator, right });
        }
        if select.having.is_empty() || !select.group.is_empty() {
            return;
        }
        // "students with more than 3 pets": the entity is the key.
        let counted: Vec<Expr> = select.items.iter().filter(|i| i.is_aggregate()).cloned().collect();
        let shown: Vec<Expr> = select.items.iter().filter(|i| !i.is_aggregate()).cloned().collect();
        if counted.is_empty() || !shown.is_empty() {
            select.group = self.with_keys(&shown);
        }
    }

    /// "sold in both A and B": rows that meet each of two values.
    fn split_both(&self, select: Select) -> Query {
        let equal: Vec<usize> = select
            .filter
            .iter()
            .enumerate()
            .filter(|(_, p)| {
                matches!(p, Predicate::Compare { operator: Operator::Equal, right: Operand::Value(Value::Text(_)), .. })
            })
            .map(|(i, _)| i)
            .collect();
        let same = |a: usize, b: usize| match (&select.filter[a], &select.filter[b]) {
            (Predicate::Compare { left: l, .. }, Predicate::Compare { left: r, .. }) => l == r,
            _ => false,
        };
        if let [a, b] = equal.as_slice()
            && self.frame.both
            && same(*a, *b)
            && select.order.is_empty()
        {
            let mut left = select.clone();
            left.filter.remove(*b);
            let mut right = select;
            right.filter.remove(*a);
            return Query::Set { operator: SetOperator::Intersect, left: Box::new(left), right: Box::new(right) };
        }
        Query::Select(Box::new(select))
    }
}

pub(super) fn tables_of<'a>(exprs: impl Iterator<Item = &'a Expr>) -> Vec<TableId> {
    let mut tables = Vec::new();
    for expr in exprs {
        expr.tables(&mut tables);
    }
    tables
}

/// Entities are grouped by their key and shown by their name.
pub fn with_keys(schema: &Schema, shown: &[Expr]) -> Vec<Expr> {
    let mut group: Vec<Expr> = Vec::new();
    for expr in shown {
        if let Expr::Column(id) = expr
            && display_columns(schema, id.table).contains(id)
            && names_rows(schema, *id)
            && let [key] = schema.table(id.table).primary_key.as_slice()
        {
            let key = column(ColumnId { table: id.table, column: *key });
            if !group.contains(&key) {
                group.push(key);
            }
        }
        if let Expr::AllColumns(table) = expr {
            let keys = &schema.table(*table).primary_key;
            group.extend(keys.iter().map(|key| column(ColumnId { table: *table, column: *key })));
        } else if !group.contains(expr) {
            group.push(expr.clone());
        }
    }
    group
}

/// The column's values tell the rows of its table apart, but for a few that share one: a product's name, not the
/// competitor's in each of many price checks.
fn names_rows(schema: &Schema, id: ColumnId) -> bool {
    let profile = schema.profile(id);
    profile.rows == 0 || profile.distinct * 2 >= profile.rows
}

/// Grains in words, for explanations.
pub fn grain_name(grain: Grain) -> &'static str {
    match grain {
        Grain::Day => "day",
        Grain::Week => "week",
        Grain::Month => "month",
        Grain::Quarter => "quarter",
        Grain::Year => "year",
        Grain::Weekday => "weekday",
        Grain::FiscalQuarter => "fiscal_quarter",
        Grain::FiscalYear => "fiscal_year",
    }
}
