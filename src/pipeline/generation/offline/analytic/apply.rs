//! Changes a plan as the analytic phrases ask: keys first, then what is computed, then what is kept of it.

use jiff::civil::Date;

use super::super::plan::{Arithmetic, Expr, Function, Grain, Predicate, Select, Sort, TopPer, Window};
use super::super::reading::{Ground, with_keys};
use super::Analytic;
use super::calendar::{Days, grain_for};
use super::measures::is_ranked;
use crate::knowledge::Knowledge;
use crate::schema::{ColumnId, SemanticType, Value};

pub(super) struct Editor<'a> {
    pub ground: Ground<'a>,
    pub knowledge: &'a Knowledge,
    pub select: &'a mut Select,
    pub assumptions: &'a mut Vec<String>,
}

/// Rows shown of a ranking without a number.
pub(super) const SEVERAL: u64 = 10;

impl Editor<'_> {
    pub fn apply(&mut self, found: &[Analytic]) -> Result<(), String> {
        for step in [Self::keys, Self::figures, Self::windows, Self::limits] {
            for analytic in found {
                step(self, analytic)?;
            }
        }
        Ok(())
    }

    fn keys(&mut self, analytic: &Analytic) -> Result<(), String> {
        match analytic {
            Analytic::Latest => self.latest(),
            Analytic::LastDate { last, column } => self.last_date(*last, *column),
            Analytic::Events { table, filter } => {
                self.events(*table, filter);
                Ok(())
            }
            Analytic::Counts { table, ways } => self.counts(*table, ways),
            Analytic::Cohort { things, events, with, without } => self.cohort(*things, *events, *with, *without),
            Analytic::Fiscal(fiscal) => self.fiscal(*fiscal),
            Analytic::Series(grain) => self.series(*grain),
            Analytic::Best { grain, descending, rows } => self.best(*grain, *descending, *rows),
            Analytic::Keys(keys) => self.add_keys(keys),
            Analytic::Rows(rows) => {
                self.first_rows(*rows);
                Ok(())
            }
            Analytic::PerGroup(keys) => self.per_group(keys),
            Analytic::PerPeriod(grain) => self.per_period(*grain),
            Analytic::Threshold { operator, number } => self.threshold(*operator, *number),
            _ => Ok(()),
        }
    }

    fn figures(&mut self, analytic: &Analytic) -> Result<(), String> {
        match analytic {
            Analytic::Percentile(percent) => self.percentile(*percent),
            Analytic::Beside { operator, right } => self.beside(*operator, right),
            Analytic::Instead(figure) => self.instead(figure),
            Analytic::PeriodMean(grain) => self.period_mean(*grain),
            Analytic::Spread => self.spread(),
            Analytic::Also(figure) => self.also(figure),
            Analytic::Part(conditions) => self.part(conditions),
            Analytic::Periods { earlier, later, percent, alone } => self.periods(*earlier, *later, *percent, *alone),
            _ => Ok(()),
        }
    }

    fn windows(&mut self, analytic: &Analytic) -> Result<(), String> {
        match analytic {
            Analytic::Share(keys) => self.share(keys),
            Analytic::Change { lag, percent } => self.change(*lag, *percent),
            Analytic::Running => self.add_window(&Window::Running),
            Analytic::Moving(periods) => self.add_window(&Window::Moving(*periods)),
            Analytic::Rank => self.rank(),
            Analytic::Comparable(things) => self.comparable(*things),
            _ => Ok(()),
        }
    }

    fn limits(&mut self, analytic: &Analytic) -> Result<(), String> {
        match analytic {
            Analytic::Bound { operator, number, percent } => self.bound(*operator, *number, *percent),
            Analytic::OwnMean { measure, operator, keys } => {
                self.own_mean(measure, *operator, keys);
                Ok(())
            }
            Analytic::Ordered { descending, percent } => self.ordered(*descending, *percent),
            Analytic::Lacking { kind, conditions } => {
                self.lacking(*kind, conditions);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Adds the calendar key of what is computed, in front.
    fn series(&mut self, grain: Option<Grain>) -> Result<(), String> {
        self.aggregate()?;
        if self.select.group.iter().any(|key| matches!(key, Expr::Time { .. })) {
            return Ok(());
        }
        let column = self.date()?;
        let chosen = grain.unwrap_or_else(|| self.natural_grain(column));
        let key = self.time_key(column, chosen);
        if matches!(chosen, Grain::FiscalQuarter | Grain::FiscalYear) {
            let told = match self.knowledge.calendar.fiscal_year_start {
                Some((month, day)) => format!(
                    "a fiscal year begins on day {day} of month {month} and is called after the year it ends in"
                ),
                None => "no fiscal year is taught, so it is the calendar year".to_owned(),
            };
            self.assumptions.push(told);
        }
        if grain.is_none() {
            let told = super::super::reading::grain_name(chosen);
            self.assumptions.push(format!("by {told}, as no unit is said"));
        }
        self.tell_date(column);
        self.select.items.retain(|item| *item != key);
        self.select.items.insert(0, key.clone());
        self.select.group.retain(|item| *item != key);
        self.select.group.insert(0, key.clone());
        if !is_ranked(self.select) {
            self.select.order.insert(0, Sort { by: key, descending: false });
        }
        Ok(())
    }

    pub(super) fn time_key(&self, column: ColumnId, grain: Grain) -> Expr {
        if self.semantic(column) == SemanticType::Year {
            return Expr::Column(column);
        }
        let coarse = self.semantic(column) == SemanticType::Month && matches!(grain, Grain::Day | Grain::Week);
        Expr::Time { column, grain: if coarse { Grain::Month } else { grain } }
    }

    pub(super) fn tell_date(&mut self, column: ColumnId) {
        let told = format!("time is told by {}", self.ground.schema.qualified(column));
        if !self.assumptions.contains(&told) {
            self.assumptions.push(told);
        }
    }

    /// The days of the question, else those of the data.
    fn natural_grain(&self, column: ColumnId) -> Grain {
        let asked = self.select.filter.iter().find_map(|p| match p {
            Predicate::Period { first: Some(first), last, .. } => {
                let last = last.as_ref().and_then(|l| l.parse().ok()).unwrap_or(self.ground.analysis.as_of);
                Some(Days::new(first.parse().ok()?, last))
            }
            _ => None,
        });
        let data = self.data_days(column);
        let span = asked.or(data).map_or(365, Days::length);
        let grain = grain_for(span);
        // A table with a row for each week or month has no days to show.
        let distinct = self.ground.schema.profile(column).distinct as i64;
        let days = data.map_or(0, Days::length);
        match grain {
            Grain::Day if distinct > 0 && days / distinct >= 5 => Grain::Week,
            other => other,
        }
    }

    /// From the first to the last date of the data.
    pub(super) fn data_days(&self, column: ColumnId) -> Option<Days> {
        let profile = self.ground.schema.profile(column);
        let day = |value: &Option<Value>| value.as_ref()?.as_text()?.get(..10)?.parse::<Date>().ok();
        Some(Days::new(day(&profile.min)?, day(&profile.max)?))
    }

    /// The period of a calendar with the most or least.
    fn best(&mut self, grain: Grain, descending: Option<bool>, rows: Option<u64>) -> Result<(), String> {
        // "the highest revenue" of a month is its total, not the largest of its rows.
        let mut down = self.select.order.first().map(|s| s.descending);
        for item in &mut self.select.items {
            if let Expr::Aggregate { function: Function::Maximum | Function::Minimum, of, .. } = item
                && let Expr::Column(id) = **of
                && self.ground.schema.profile(id).semantic.is_measure()
            {
                let highest = matches!(item, Expr::Aggregate { function: Function::Maximum, .. });
                down = down.or(Some(highest));
                let additive = self.ground.schema.profile(id).semantic.is_additive();
                *item = Expr::aggregate(if additive { Function::Sum } else { Function::Average }, id);
            }
        }
        let limit = rows.or(self.select.limit.take()).unwrap_or(1);
        let order = std::mem::take(&mut self.select.order);
        // "which month did we sell most": what the order is by is computed, names of things are not.
        if let Some(by) = order.first().map(|s| s.by.clone())
            && !self.select.items.iter().any(Expr::is_aggregate)
        {
            self.select.items = vec![self.aggregated(&by)];
            self.select.group.clear();
        }
        self.aggregate()?;
        let column = self.date()?;
        let key = self.time_key(column, grain);
        self.tell_date(column);
        // What remains beside the period is computed for it; other keys were only a way to say so.
        self.select.items.retain(Expr::is_aggregate);
        let by =
            self.select.items.first().cloned().ok_or_else(|| "it is not said what is to be computed".to_owned())?;
        self.select.items.insert(0, key.clone());
        self.select.group = vec![key];
        let descending = descending.or(down).unwrap_or(true);
        self.select.order = vec![Sort { by, descending }];
        self.select.limit = Some(limit);
        Ok(())
    }

    fn add_keys(&mut self, keys: &[Expr]) -> Result<(), String> {
        for (i, key) in keys.iter().enumerate() {
            if !self.select.items.contains(key) {
                self.select.items.insert(i, key.clone());
            }
        }
        if self.select.items.iter().all(|item| keys.contains(item)) {
            return Err("it is not said what is to be computed".to_owned());
        }
        self.aggregate()
    }

    /// The first rows of each group, in the order that the plan has for all.
    fn per_group(&mut self, keys: &[Expr]) -> Result<(), String> {
        // One figure without things that could be put in order: a figure for each key.
        if !is_ranked(self.select) {
            return self.add_keys(keys);
        }
        let by = self.select.order[0].by.clone();
        let aggregated = self.select.is_aggregated();
        if !self.select.items.contains(&by) && !matches!(by, Expr::Magnitude(_)) {
            self.select.items.push(by);
        }
        for (i, key) in keys.iter().enumerate() {
            self.select.items.retain(|item| item != key);
            self.select.items.insert(i, key.clone());
        }
        let grouped = with_keys(self.ground.schema, keys);
        if aggregated {
            for key in grouped.iter().rev() {
                if !self.select.group.contains(key) {
                    self.select.group.insert(0, key.clone());
                }
            }
        }
        let rows = self.select.limit.take().unwrap_or(1);
        self.select.offset = 0;
        self.select.per = Some(TopPer { keys: grouped, rows });
        self.assumptions.push("rows that are equal in the order share a place".to_owned());
        Ok(())
    }

    /// The first rows of each period; by its date if none was named.
    fn per_period(&mut self, grain: Grain) -> Result<(), String> {
        let by = self.select.order.first().map(|sort| sort.by.clone()).filter(Expr::is_aggregate);
        self.select.items.extend(by.filter(|by| !self.select.items.contains(by)));
        let column = self.date()?;
        self.tell_date(column);
        self.per_group(&[Expr::Time { column, grain }])
    }

    /// So many rows of a ranking, each with what it is ranked by.
    fn first_rows(&mut self, rows: u64) {
        if !is_ranked(self.select) {
            return;
        }
        self.select.limit = Some(rows);
        let by = match &self.select.order[0].by {
            Expr::Magnitude(of) => (**of).clone(),
            other => other.clone(),
        };
        if !self.select.items.contains(&by) {
            self.select.items.push(by);
        }
    }

    /// Another figure of what is ranked.
    fn also(&mut self, figure: &Expr) -> Result<(), String> {
        let column = match figure {
            Expr::Aggregate { of, .. } => Some((**of).clone()),
            _ => None,
        };
        let row = column.filter(|_| !self.select.is_aggregated());
        if row.is_none() {
            self.aggregate()?;
        }
        let item = row.unwrap_or_else(|| figure.clone());
        if !self.select.items.contains(&item) {
            self.select.items.push(item);
        }
        Ok(())
    }

    /// The middle, or another percentile, of the column that would be added up or averaged.
    fn percentile(&mut self, percent: u8) -> Result<(), String> {
        self.aggregate()?;
        let mut done = false;
        for item in &mut self.select.items {
            if let Expr::Aggregate { of, .. } = item
                && matches!(**of, Expr::Column(_))
            {
                *item = Expr::Percentile { of: of.clone(), percent };
                done = true;
            }
        }
        let sorted: Vec<Sort> = std::mem::take(&mut self.select.order);
        let by = self.select.items.iter().find(|i| matches!(i, Expr::Percentile { .. })).cloned();
        for mut sort in sorted {
            if sort.by.is_aggregate()
                && let Some(by) = &by
            {
                sort.by = by.clone();
            }
            self.select.order.push(sort);
        }
        if done { Ok(()) } else { Err("a percentile is taken of a column of numbers".to_owned()) }
    }

    /// The last measure and another expression in one figure.
    fn beside(&mut self, operator: Arithmetic, right: &Expr) -> Result<(), String> {
        let rows = self.in_rows(operator, right);
        if let Some((at, item)) = rows {
            self.select.items[at] = item;
            return Ok(());
        }
        self.aggregate()?;
        let at = *self.computed().last().ok_or_else(|| "it is not said what is to be computed".to_owned())?;
        let left = self.select.items[at].clone();
        let right = Self::in_kind(&left, right);
        let figure = Expr::arithmetic(operator, left.clone(), right);
        self.select.items[at] = figure.clone();
        for sort in &mut self.select.order {
            if sort.by == left {
                sort.by = figure.clone();
            }
        }
        Ok(())
    }

    /// The last measure gives way to a figure that it was only a word of.
    fn instead(&mut self, figure: &Expr) -> Result<(), String> {
        let keyed = !self.select.items.is_empty() && !self.select.is_aggregated();
        if keyed && !self.select.items.iter().any(|item| self.is_measured(item)) {
            // The figure is all that is asked of the keys.
            self.select.items.push(figure.clone());
            self.group_by_keys();
            self.select.distinct = false;
            return Ok(());
        }
        self.aggregate()?;
        let at = *self.computed().last().ok_or_else(|| "it is not said what is to be computed".to_owned())?;
        let before = std::mem::replace(&mut self.select.items[at], figure.clone());
        for sort in &mut self.select.order {
            if sort.by == before {
                sort.by = figure.clone();
            }
        }
        Ok(())
    }

    /// "average price" beside "cost": both are averaged.
    fn in_kind(left: &Expr, right: &Expr) -> Expr {
        match (left, right) {
            (
                Expr::Aggregate { function: Function::Average, .. },
                Expr::Aggregate { function: Function::Sum, distinct, of },
            ) => Expr::Aggregate { function: Function::Average, distinct: *distinct, of: of.clone() },
            _ => right.clone(),
        }
    }

    /// A list of things keeps its rows: the figure is computed in each.
    fn in_rows(&self, operator: Arithmetic, right: &Expr) -> Option<(usize, Expr)> {
        let Expr::Aggregate { of, .. } = right else { return None };
        let Expr::Column(other) = **of else { return None };
        if self.select.is_aggregated() || self.select.items.len() < 2 {
            return None;
        }
        let at = self.select.items.iter().rposition(
            |i| matches!(i, Expr::Column(id) if id.table == other.table && self.semantic(*id).is_measure()),
        )?;
        Some((at, Expr::arithmetic(operator, self.select.items[at].clone(), Expr::Column(other))))
    }

    /// What meets the conditions, in percent of all.
    fn part(&mut self, conditions: &[Predicate]) -> Result<(), String> {
        self.aggregate()?;
        if !conditions.iter().all(Predicate::is_plain) {
            return Err("the part is told by rows of another table".to_owned());
        }
        self.select.filter.retain(|p| !conditions.contains(p));
        for i in self.computed() {
            let whole = self.select.items[i].clone();
            let share = Expr::arithmetic(
                Arithmetic::Percent,
                Expr::filtered(whole.clone(), conditions.to_vec()),
                whole.clone(),
            );
            for sort in &mut self.select.order {
                if sort.by == whole {
                    sort.by = share.clone();
                }
            }
            self.select.items[i] = share;
        }
        Ok(())
    }

    /// Each row's part of all, or of the rows that agree in some keys.
    fn share(&mut self, within: &[Expr]) -> Result<(), String> {
        self.aggregate()?;
        for (i, key) in within.iter().enumerate() {
            if !self.select.items.contains(key) {
                self.select.items.insert(i, key.clone());
            }
        }
        self.group_by_keys();
        if self.select.group.is_empty() {
            return Err("it is not said which parts are meant".to_owned());
        }
        let time = self.select.items.iter().find(|i| matches!(i, Expr::Time { .. })).cloned();
        let several = self.select.items.iter().filter(|i| !i.is_aggregate()).count() > 1;
        // Shares by month and category are those of each month.
        let keys = match (within.is_empty(), time) {
            (false, _) => within.to_vec(),
            (true, Some(time)) if several => vec![time],
            (true, _) => Vec::new(),
        };
        let mut shares = Vec::new();
        for i in self.computed() {
            let of = self.select.items[i].clone();
            let of = if let Expr::Share(inner) = of { *inner } else { of };
            let whole = Expr::over(Window::Total(keys.clone()), of.clone());
            let share = Expr::arithmetic(Arithmetic::Percent, of.clone(), whole);
            self.select.items[i] = share.clone();
            shares.push((of, share));
        }
        for sort in &mut self.select.order {
            if let Some((_, share)) = shares.iter().find(|(of, _)| *of == sort.by) {
                sort.by = share.clone();
            }
        }
        Ok(())
    }

    fn add_window(&mut self, window: &Window) -> Result<(), String> {
        if self.computed().is_empty() {
            return Err("it is not said what is to be computed".to_owned());
        }
        for i in self.computed().into_iter().rev() {
            let of = self.select.items[i].clone();
            self.select.items.insert(i + 1, Expr::over(window.clone(), of));
        }
        Ok(())
    }

    fn rank(&mut self) -> Result<(), String> {
        let by = self.select.order.first().cloned();
        if self.select.items.iter().any(Expr::is_aggregate) || self.select.is_aggregated() {
            self.aggregate()?;
        }
        let figure = self.computed().last().map(|i| self.select.items[*i].clone());
        let measured =
            self.select.items.iter().find(|i| matches!(i, Expr::Column(id) if self.semantic(*id).is_measure()));
        let of = figure
            .or_else(|| by.as_ref().map(|s| s.by.clone()))
            .or_else(|| measured.cloned())
            .ok_or_else(|| "it is not said what the rank is by".to_owned())?;
        let descending = by.is_none_or(|s| s.descending || self.select.limit.is_none());
        if !self.select.items.contains(&of) {
            self.select.items.push(of.clone());
        }
        // Everything is ranked unless a number says how much of it.
        if self.select.limit == Some(1) {
            self.select.limit = None;
        }
        self.select.order = vec![Sort { by: of.clone(), descending }];
        self.select.items.push(Expr::over(Window::Rank { descending }, of));
        Ok(())
    }

    /// "which category": one is asked for.
    pub(super) fn asks_for_one(&self) -> bool {
        let words = &self.ground.analysis.words;
        words.iter().zip(words.iter().skip(1)).any(|(which, thing)| {
            which.is_one_of(&["which", "what"])
                && thing.folded == thing.lemma
                && !thing.is_one_of(&["are", "is", "were"])
        })
    }
}
