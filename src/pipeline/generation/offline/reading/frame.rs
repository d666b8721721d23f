//! Puts what the phrases said together into a plan.

use super::super::names::Target;
use super::super::plan::{Expr, Function, Grain, Operand, Operator, Predicate, Query, Select, Sort};
use super::super::tokens::TokenKind;
use super::resolve::Role;
use super::{GroupKey, Measure, Rank, Reader, Reading, Unreadable, column};
use crate::language::{identifier_words, lexicon};
use crate::schema::{ColumnId, SemanticType, TableId, Value};

/// Rows shown when "which ones" is asked of something added up, without a number.
const PLURAL_ROWS: u64 = 10;

impl Reader<'_> {
    pub(super) fn assemble(mut self) -> Result<Reading, Unreadable> {
        if let Some(rank) = self.frame.rank.clone()
            && rank.measure.is_none()
            && (self.vague.is_some() || matches!(rank.word.as_str(), "top" | "bottom" | "rank" | "compare"))
        {
            // "top 5 prices": what is asked for is a measure itself.
            match self.frame.outputs.iter().copied().find(|i| self.is_measure(*i)).filter(|_| self.vague.is_none()) {
                Some(i) => self.frame.rank = Some(Rank { measure: Some(Measure::Plain(i)), ..rank }),
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
        let outputs = self.output_columns();
        self.anchors = tables_of(outputs.iter());
        let measures = self.measure_exprs();
        self.anchors.extend(tables_of(measures.iter()));
        let groups = self.group_exprs(&measures, &outputs);
        let rank = self.rank_sort();

        let outputs =
            if outputs.is_empty() && measures.is_empty() && groups.is_empty() { self.sellers() } else { outputs };
        self.fill_items(&mut select, outputs, measures, groups, rank.as_ref());
        self.fill_order(&mut select, rank);
        self.fill_having(&mut select);
        select.filter = std::mem::take(&mut self.frame.filters);
        select.filter.extend(self.conditions_beside());
        self.fill_absent(&mut select)?;
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
        let query = self.split_both(select);
        let (unread, content) = self.unread();
        Ok(Reading { query, mentioned, assumptions: self.assumptions, links: self.links, unread, content })
    }

    /// "best sellers" names nothing but what is sold: the named things that the measure's table refers to.
    fn sellers(&mut self) -> Vec<Expr> {
        let Some(Measure::Column(id)) = self.frame.rank.as_ref().and_then(|r| r.measure.clone()) else {
            return Vec::new();
        };
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

    /// Conditions that were set beside the question; several values of one column mean any of them.
    fn conditions_beside(&self) -> Vec<Predicate> {
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

    fn mentioned_tables(&self) -> Vec<TableId> {
        (0..self.tokens.len()).filter(|i| self.is_table(*i)).filter_map(|i| self.table_of(i)).collect()
    }

    /// Columns asked for outright, and tables that stand for their rows.
    fn output_columns(&mut self) -> Vec<Expr> {
        let outputs = self.frame.outputs.clone();
        let mut columns: Vec<Expr> = Vec::new();
        let mut tables: Vec<(usize, TableId)> = Vec::new();
        for i in outputs {
            if let Some(Target::Metric(metric)) = self.tokens[i].links().first().map(|l| l.target) {
                self.record(i, self.tokens[i].links()[0].score);
                columns.push(Expr::Metric(metric));
            } else if self.is_table(i) {
                if let Some(table) = self.resolve_table(i) {
                    tables.push((i, table));
                }
            } else if let Some(id) = self.resolve(i, Role::Output)
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
        let coordinated = tables.len() > 1
            || (!columns.is_empty() && self.frame.rank.is_none() && !context && self.stands_before_columns(first));
        if columns.is_empty() && !counted || (coordinated && !context && self.stands_before_columns(first)) {
            let about =
                (!everything && self.is_about_measures(table)).then(|| self.named_measure(first, table)).flatten();
            let display: Vec<Expr> = match about {
                _ if everything && columns.is_empty() => vec![Expr::AllColumns(table)],
                Some(id) => vec![column(id)],
                None => self.display_columns(table).into_iter().map(column).collect(),
            };
            return display.into_iter().chain(columns).collect();
        }
        columns
    }

    /// "products with their price": the table comes first and its rows are asked for beside the columns.
    fn stands_before_columns(&self, table: usize) -> bool {
        let next_column = self.frame.outputs.iter().find(|o| **o > table && !self.is_table(**o));
        next_column.is_some_and(|c| (table + 1..*c).any(|j| self.word_at(j, &["with", "and", "their", "its", "along"])))
            && !(0..table).rev().take(2).any(|j| self.word_at(j, &["of", "for", "in"]))
    }

    fn asks_for_everything(&self) -> bool {
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

    fn measure_exprs(&mut self) -> Vec<Expr> {
        let measures = self.frame.measures.clone();
        measures.iter().filter_map(|m| self.measure_expr(m, true)).collect()
    }

    /// A measure as an expression. Plain measures are aggregated by their default if `aggregate`.
    fn measure_expr(&mut self, measure: &Measure, aggregate: bool) -> Option<Expr> {
        match measure {
            Measure::Count(i) => match self.resolve_table(*i) {
                Some(table) => Some(Expr::CountRows(table)),
                None => self.resolve(*i, Role::Output).map(|id| Expr::CountRows(id.table)),
            },
            Measure::CountDistinct(i) => {
                let id = self.resolve(*i, Role::Output)?;
                Some(Expr::Aggregate { function: Function::Count, distinct: true, of: Box::new(column(id)) })
            }
            Measure::Aggregate(function, i) => {
                if let Some(Target::Metric(metric)) = self.tokens[*i].links().first().map(|l| l.target) {
                    return Some(Expr::Metric(metric));
                }
                let id = self.resolve(*i, Role::Measure)?;
                // Prices and percents have no sum.
                let summed =
                    *function == Function::Sum && !self.semantic(id).is_additive() && self.semantic(id).is_measure();
                if summed && !matches!(self.semantic(id), SemanticType::Score | SemanticType::UnitPrice) {
                    self.assumptions
                        .push(format!("{} does not add up: its average is taken", self.ground.schema.qualified(id)));
                    return Some(Expr::aggregate(Function::Average, id));
                }
                Some(Expr::aggregate(*function, id))
            }
            Measure::Plain(i) => {
                if let Some(Target::Metric(metric)) = self.tokens[*i].links().first().map(|l| l.target) {
                    return Some(Expr::Metric(metric));
                }
                let id = self.resolve(*i, Role::Measure)?;
                Some(if aggregate { self.default_aggregate(id) } else { self.sized(id) })
            }
            Measure::Rows(table) => Some(Expr::CountRows(*table)),
            Measure::Column(id) => Some(if aggregate { self.default_aggregate(*id) } else { self.sized(*id) }),
        }
    }

    /// SUM for what adds up, AVG for the rest.
    fn default_aggregate(&mut self, id: ColumnId) -> Expr {
        let semantic = self.semantic(id);
        let function = if semantic.is_additive() && !self.says_on_average() {
            Function::Sum
        } else if semantic.is_time() {
            Function::Maximum
        } else {
            Function::Average
        };
        let of = Expr::aggregate(function, id);
        if self.is_magnitude(id) { Expr::Magnitude(Box::new(of)) } else { of }
    }

    fn sized(&self, id: ColumnId) -> Expr {
        if self.is_magnitude(id) { Expr::Magnitude(Box::new(column(id))) } else { column(id) }
    }

    /// A measure of which the size counts, and whose data are all of one sign or of both.
    fn is_magnitude(&self, id: ColumnId) -> bool {
        let negative = self.ground.schema.profile(id).min.as_ref().and_then(Value::as_f64).is_some_and(|m| m < 0.0);
        let schema = self.ground.schema;
        let own = identifier_words(&schema.column(id).name);
        let table = identifier_words(&schema.table(id.table).name);
        let called = |words: &[String]| words.iter().any(|w| lexicon().is_magnitude(w));
        negative && (called(&own) || called(&table) && schema.profile(id).semantic == SemanticType::Ratio)
    }

    fn says_on_average(&self) -> bool {
        (0..self.tokens.len()).any(|i| self.phrase_at(i, "on average").is_some())
            || self.tokens.iter().any(|t| t.is(&["average", "mean", "avg"]))
    }

    /// Keys to group by; the entity of a ranking over another table's measure is one too.
    fn group_exprs(&mut self, measures: &[Expr], outputs: &[Expr]) -> Vec<Expr> {
        let mut groups: Vec<Expr> = Vec::new();
        for key in self.frame.groups.clone() {
            match key {
                GroupKey::Token(i) => {
                    for expr in self.group_key(i) {
                        if !groups.contains(&expr) {
                            groups.push(expr);
                        }
                    }
                }
                GroupKey::Grain(grain) => {
                    let tables = tables_of(measures.iter().chain(outputs));
                    if let Some(column) = self.dated_column(&tables) {
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

    /// A key by a column is the column; by a table it is the rows' display column.
    fn group_key(&mut self, i: usize) -> Vec<Expr> {
        let column_score = self.best_column(i, Role::Group, None).map(|(_, s)| s);
        if self.is_table(i) || column_score.is_none() {
            let Some(table) = self.resolve_table(i) else { return Vec::new() };
            return self.display_columns(table).into_iter().map(column).collect();
        }
        let Some(id) = self.resolve(i, Role::Group) else { return Vec::new() };
        // A key of another table is shown by that table's name for it.
        vec![column(id)]
    }

    fn dated_column(&self, tables: &[TableId]) -> Option<ColumnId> {
        let mut by_evidence: Vec<TableId> =
            self.ground.schema.table_ids().filter(|t| self.evidence[t.0] > 0.0).collect();
        by_evidence.sort_by(|a, b| self.evidence[b.0].total_cmp(&self.evidence[a.0]));
        let candidates = || tables.iter().chain(&by_evidence).filter_map(|t| self.scored_time_column(*t));
        candidates().find(|(_, event)| *event).or_else(|| candidates().next()).map(|(id, _)| id)
    }

    /// What the rows are ranked by, not yet aggregated.
    fn rank_sort(&mut self) -> Option<(Measure, bool)> {
        let rank = self.frame.rank.clone()?;
        Some((rank.measure?, rank.descending))
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
            Measure::Count(_) | Measure::CountDistinct(_) | Measure::Aggregate(..) | Measure::Rows(_) => true,
            Measure::Plain(i) => matches!(self.tokens[*i].links().first().map(|l| l.target), Some(Target::Metric(_))),
            Measure::Column(_) => false,
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
        let mut items = groups.clone();
        let mut group = groups;
        let has_measures = !measures.is_empty();
        for output in outputs {
            match output {
                Expr::Column(id) if self.semantic(id).is_measure() && !has_measures => {
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

    /// Entities are grouped by their key and shown by their name.
    fn with_keys(&self, shown: &[Expr]) -> Vec<Expr> {
        let mut group: Vec<Expr> = Vec::new();
        for expr in shown {
            if let Expr::Column(id) = expr
                && self.display_columns(id.table).contains(id)
                && let [key] = self.ground.schema.table(id.table).primary_key.as_slice()
            {
                let key = column(ColumnId { table: id.table, column: *key });
                if !group.contains(&key) {
                    group.push(key);
                }
            }
            if !group.contains(expr) {
                group.push(expr.clone());
            }
        }
        group
    }

    fn ranked_column(&mut self, measure: &Measure) -> Option<ColumnId> {
        match measure {
            Measure::Column(id) => Some(*id),
            Measure::Plain(i) => self.best_column(*i, Role::Measure, None).map(|(id, _)| id),
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
    fn is_fact(&self, table: TableId) -> bool {
        self.time_column(table).is_some() && self.ground.schema.foreign_keys.iter().any(|k| k.from.table == table)
    }

    fn is_total(&self, outputs: &[Expr]) -> bool {
        outputs.iter().all(|o| matches!(o, Expr::Column(id) if self.semantic(*id).is_additive() && self.is_fact(id.table) && self.ground.schema.table(id.table).row_count.unwrap_or(0) > 50))
            && (!self.frame.times.is_empty() || !self.frame.filters.is_empty() || outputs.len() == 1)
    }

    fn fill_order(&mut self, select: &mut Select, rank: Option<(Measure, bool)>) {
        let grouped = !select.group.is_empty();
        for (measure, descending) in self.frame.order.clone() {
            let by = match &measure {
                Measure::Plain(i)
                    if self
                        .best_column(*i, Role::Measure, None)
                        .is_none_or(|(c, _)| !self.semantic(c).is_measure()) =>
                {
                    self.resolve(*i, Role::Output).map(column)
                }
                other => self.measure_expr(other, grouped),
            };
            if let Some(by) = by {
                let by = Self::as_shown(select, by);
                select.order.retain(|s| s.by != by);
                select.order.push(Sort { by, descending });
            }
        }
        if let Some((measure, descending)) = rank
            && let Some(by) = self.measure_expr(&measure, grouped)
        {
            let rank = self.frame.rank.clone().unwrap_or_default();
            let by = Self::as_shown(select, by);
            select.order = vec![Sort { by: by.clone(), descending }];
            let plural = rank.limit.is_none() && self.asks_for_several() && select.is_aggregated();
            select.limit = Some(rank.limit.unwrap_or(if plural { PLURAL_ROWS } else { 1 }));
            select.offset = rank.offset;
            if plural {
                self.assumptions.push(format!("the first {PLURAL_ROWS} are shown"));
            }
            let bare = match &by {
                Expr::Magnitude(of) => (**of).clone(),
                other => other.clone(),
            };
            let missing = !select.items.contains(&bare);
            if select.items.is_empty() || (missing && (rank.show || plural)) {
                select.items.push(bare);
            }
        } else if grouped && select.order.is_empty() {
            // Periods run forward; other groups show the largest measure first.
            if let Some(time) = select.group.iter().find(|g| matches!(g, Expr::Time { .. })).cloned() {
                select.order.push(Sort { by: time, descending: false });
            }
        }
        if select.order.is_empty() && self.frame.rank.as_ref().is_some_and(|r| r.limit.is_some()) {
            select.limit = self.frame.rank.as_ref().and_then(|r| r.limit);
        }
    }

    /// An order by a column that is shown aggregated is by the aggregate.
    fn as_shown(select: &Select, by: Expr) -> Expr {
        let Expr::Column(id) = &by else { return by };
        let shown = select.items.iter().find(|i| matches!(i, Expr::Aggregate { of, .. } if **of == column(*id)));
        shown.cloned().unwrap_or(by)
    }

    fn asks_for_several(&self) -> bool {
        // "which of our stores" asks for one.
        if (0..self.tokens.len()).any(|i| self.phrase_at(i, "which of").is_some()) {
            return false;
        }
        let head = (0..self.tokens.len()).find(|i| self.is_name(*i));
        head.is_some_and(|i| {
            let words = &self.ground.analysis.words[self.tokens[i].words.clone()];
            words.last().is_some_and(|w| w.folded != w.lemma)
        })
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

    fn fill_absent(&mut self, select: &mut Select) -> Result<(), Unreadable> {
        for table in self.frame.absent.clone() {
            let table = TableId(table);
            let mut filter = Vec::new();
            // A period belongs to what did not happen: "without sales in November".
            for time in std::mem::take(&mut self.frame.times) {
                let column = self.time_column(table).ok_or(Unreadable::NoDate)?;
                filter.push(self.period(column, time));
            }
            select.filter.push(Predicate::Exists { table, filter, negated: true });
        }
        Ok(())
    }

    fn fill_periods(&mut self, select: &mut Select) -> Result<(), Unreadable> {
        for time in std::mem::take(&mut self.frame.times) {
            let id = self.period_column(select, time).ok_or(Unreadable::NoDate)?;
            // The day a thing was set up says nothing of what happened to it.
            if !self.is_event_date(id) && !self.names_a_date() {
                return Err(Unreadable::NoDate);
            }
            let predicate = self.period(id, time);
            select.filter.push(predicate);
        }
        Ok(())
    }

    /// The date that a period filters: one named right before it, else that of the measures, else that of what is spoken of.
    fn period_column(&self, select: &Select, time: usize) -> Option<ColumnId> {
        let at = self.tokens.iter().position(|t| t.kind == TokenKind::Time(time))?;
        for j in (at.saturating_sub(3)..at).rev() {
            if let Some((id, score)) = self.best_column(j, Role::Time, None)
                && self.semantic(id).is_time()
                && score >= 0.4
            {
                return Some(id);
            }
        }
        let mut tables = Vec::new();
        for expr in select.items.iter().chain(select.order.iter().map(|s| &s.by)).filter(|e| e.is_aggregate()) {
            expr.tables(&mut tables);
        }
        for expr in select.order.iter().map(|s| &s.by) {
            expr.tables(&mut tables);
        }
        for predicate in &select.filter {
            if !matches!(predicate, Predicate::Compare { right: Operand::Value(Value::Text(_)), .. }) {
                predicate.tables(&mut tables);
            }
        }
        for predicate in &select.filter {
            predicate.tables(&mut tables);
        }
        for expr in &select.items {
            expr.tables(&mut tables);
        }
        tables.extend(&select.tables);
        self.dated_column(&tables)
    }

    fn is_event_date(&self, id: ColumnId) -> bool {
        self.scored_time_column(id.table).is_some_and(|(column, event)| column != id || event)
    }

    /// Some word of the question links to a date column ("opened", "hired", "created").
    fn names_a_date(&self) -> bool {
        (0..self.tokens.len()).any(|i| {
            self.best_column(i, Role::Time, None).is_some_and(|(c, score)| self.semantic(c).is_time() && score >= 0.35)
        })
    }

    fn period(&self, column: ColumnId, time: usize) -> Predicate {
        let period = self.ground.analysis.times[time].period;
        if self.semantic(column) == SemanticType::Year {
            let numeric = self.ground.schema.profile(column).numeric;
            let year = |y: i16| if numeric { Value::Integer(i64::from(y)) } else { Value::Text(y.to_string()) };
            let left = Expr::Column(column);
            return match (period.first, period.last) {
                (Some(first), Some(last)) if first.year() == last.year() => {
                    Predicate::Compare { left, operator: Operator::Equal, right: Operand::Value(year(first.year())) }
                }
                (Some(first), Some(last)) => {
                    Predicate::Between { what: left, low: year(first.year()), high: year(last.year()) }
                }
                (Some(first), None) => Predicate::Compare {
                    left,
                    operator: Operator::GreaterOrEqual,
                    right: Operand::Value(year(first.year())),
                },
                (None, last) => Predicate::Compare {
                    left,
                    operator: Operator::LessOrEqual,
                    right: Operand::Value(year(last.map_or(0, jiff::civil::Date::year))),
                },
            };
        }
        Predicate::Period {
            column,
            first: period.first.map(|d| d.to_string()),
            last: period.last.map(|d| d.to_string()),
        }
    }

    fn share(&self, select: &mut Select) {
        if !self.frame.share || select.group.is_empty() {
            return;
        }
        for item in &mut select.items {
            if item.is_aggregate() && !matches!(item, Expr::Share(_)) {
                *item = Expr::Share(Box::new(item.clone()));
            }
        }
    }

    /// Only values or comparisons were named: the rows they are found in are shown.
    fn items_from_filters(&mut self, select: &mut Select) -> Result<(), Unreadable> {
        let mut tables = self.mentioned_tables();
        for predicate in &select.filter {
            predicate.tables(&mut tables);
        }
        let table = *tables.first().ok_or(Unreadable::Nothing)?;
        select.items = self.display_columns(table).into_iter().map(column).collect();
        if !select.having.is_empty() && select.group.is_empty() {
            select.group = self.with_keys(&select.items);
        }
        Ok(())
    }

    /// In a grouped plan every shown column is a key or aggregated.
    fn aggregate_the_rest(&mut self, select: &mut Select) {
        if select.group.is_empty() {
            return;
        }
        let items = std::mem::take(&mut select.items);
        for item in items {
            let item = match item {
                Expr::Column(id) if !select.group.contains(&item) && self.semantic(id).is_measure() => {
                    self.default_aggregate(id)
                }
                Expr::Column(_) if !select.group.contains(&item) => {
                    select.group.push(item.clone());
                    item
                }
                other => other,
            };
            if !select.items.contains(&item) {
                select.items.push(item);
            }
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
            return Query::Intersect(Box::new(left), Box::new(right));
        }
        Query::Select(Box::new(select))
    }

    /// Measures of the tables spoken of that a vague superlative could mean.
    fn measures_for(&self) -> Vec<String> {
        let schema = self.ground.schema;
        let mut found: Vec<(u32, String)> = Vec::new();
        for id in schema.columns() {
            if !schema.profile(id).semantic.is_measure() {
                continue;
            }
            let words = identifier_words(&schema.column(id).name);
            let rank =
                ["revenue", "turnover", "sale", "unit", "quantity", "margin", "profit", "price", "amount", "total"]
                    .iter()
                    .position(|w| words.iter().any(|x| x == w));
            let near = if self.evidence[id.table.0] > 0.0 { 0 } else { 5 };
            if let Some(rank) = rank
                && self.reaches_mentioned(id.table)
            {
                found.push((rank as u32 + near + words.len() as u32 * 3, words.join(" ")));
            }
        }
        found.sort();
        let mut phrases: Vec<String> = Vec::new();
        for (_, phrase) in found {
            if !phrases.contains(&phrase) {
                phrases.push(phrase);
            }
        }
        phrases.truncate(4);
        phrases
    }

    fn reaches_mentioned(&self, table: TableId) -> bool {
        let Some(first) = self.mentioned_tables().first().copied() else { return true };
        self.ground.graph.join(&[first, table], &[]).is_some()
    }
}

fn tables_of<'a>(exprs: impl Iterator<Item = &'a Expr>) -> Vec<TableId> {
    let mut tables = Vec::new();
    for expr in exprs {
        expr.tables(&mut tables);
    }
    tables
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
    }
}
