//! Changes a plan as the analytic phrases ask: keys first, then what is computed, then what is kept of it.

use jiff::civil::Date;

use super::super::plan::{
    Arithmetic, Expr, Function, Grain, Operand, Operator, Predicate, Select, Sort, TopPer, Window,
};
use super::super::reading::{Ground, display_columns, event_date, with_keys};
use super::calendar::{Days, grain_for};
use super::measures::is_ranked;
use super::{Analytic, Lag};
use crate::knowledge::Knowledge;
use crate::schema::{ColumnId, SemanticType, TableId, Value};

pub(super) struct Editor<'a> {
    pub ground: Ground<'a>,
    pub knowledge: &'a Knowledge,
    pub select: &'a mut Select,
    pub assumptions: &'a mut Vec<String>,
}

/// Rows shown of a ranking without a number.
const SEVERAL: u64 = 10;

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
            Analytic::LastDate(last) => self.last_date(*last),
            Analytic::Cohort { things, events, with, without } => self.cohort(*things, *events, *with, *without),
            Analytic::Fiscal(fiscal) => self.fiscal(*fiscal),
            Analytic::Series(grain) => self.series(*grain),
            Analytic::Best { grain, descending, rows } => self.best(*grain, *descending, *rows),
            Analytic::Keys(keys) => self.add_keys(keys),
            Analytic::PerGroup(keys) => self.per_group(keys),
            _ => Ok(()),
        }
    }

    fn figures(&mut self, analytic: &Analytic) -> Result<(), String> {
        match analytic {
            Analytic::Percentile(percent) => self.percentile(*percent),
            Analytic::Beside { operator, right } => self.beside(*operator, right),
            Analytic::Instead(figure) => self.instead(figure),
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
            Analytic::Ordered { descending, percent } => self.ordered(*descending, *percent),
            _ => Ok(()),
        }
    }

    /// Things of a table that had events in one time and none in another.
    fn cohort(
        &mut self,
        things: TableId,
        events: Option<TableId>,
        with: Option<Days>,
        without: Option<Days>,
    ) -> Result<(), String> {
        let schema = self.ground.schema;
        let of_things = |table: TableId| {
            schema.foreign_keys.iter().any(|k| k.from.table == table && k.to.table == things)
                && event_date(schema, table).is_some_and(|(_, event)| event)
        };
        let rows = |table: &TableId| schema.table(*table).row_count.unwrap_or(0);
        let largest = schema.table_ids().filter(|t| of_things(*t)).max_by_key(rows);
        let table = events
            .filter(|t| of_things(*t))
            .or(largest)
            .ok_or_else(|| format!("nothing in the data says when {} did something", schema.table(things).name))?;
        let (date, _) = event_date(schema, table).ok_or_else(|| "no date".to_owned())?;
        let told = schema.qualified(date);
        for (days, negated) in [(with, false), (without, true)] {
            let Some(days) = days else { continue };
            let first = (days.first > Date::MIN).then(|| days.first.to_string());
            let filter = vec![Predicate::Period { column: date, first, last: Some(days.last.to_string()) }];
            self.select.filter.push(Predicate::Exists { table, filter, negated });
        }
        if self.select.items.is_empty() {
            self.select.items = display_columns(schema, things).into_iter().map(Expr::Column).collect();
        }
        self.assumptions.push(format!("what happened when is told by {told}"));
        Ok(())
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

    /// Each figure in two periods, and what it changed.
    fn periods(&mut self, earlier: Days, later: Days, percent: bool, alone: bool) -> Result<(), String> {
        let was_ranked = is_ranked(self.select);
        self.aggregate()?;
        let column = self.date()?;
        if let Some(data) = self.data_days(column)
            && earlier.last < data.first
        {
            return Err(format!(
                "the data begin on {}, so there is nothing to set {} beside",
                data.first,
                earlier.told()
            ));
        }
        self.tell_date(column);
        self.assumptions.push(format!("{} beside {}", later.told(), earlier.told()));
        self.select.filter.retain(|p| !matches!(p, Predicate::Period { .. }));
        let period = |days: Days| self.period(column, days);
        let (before, after) = (period(earlier), period(later));
        let joined = later.first == earlier.last.tomorrow().unwrap_or(later.first);
        let both = if joined {
            period(Days::new(earlier.first, later.last))
        } else {
            Predicate::Any(vec![before.clone(), after.clone()])
        };
        self.select.filter.push(both);
        let mut items = Vec::new();
        let mut figures = Vec::new();
        for item in std::mem::take(&mut self.select.items) {
            if !item.is_aggregate() {
                items.push(item);
                continue;
            }
            let was = Expr::filtered(item.clone(), vec![before.clone()]);
            let is = Expr::filtered(item.clone(), vec![after.clone()]);
            let changed = Expr::arithmetic(Arithmetic::Difference, is.clone(), was.clone());
            let grown = Expr::arithmetic(Arithmetic::PercentChange, is.clone(), was.clone());
            items.extend([was, is]);
            if !alone {
                items.push(changed.clone());
            }
            if percent {
                items.push(grown.clone());
            }
            figures.push((item, if percent { grown } else { changed }));
        }
        self.select.items = items;
        for sort in &mut self.select.order {
            if let Some((_, change)) = figures.iter().find(|(item, _)| *item == sort.by) {
                sort.by = change.clone();
            }
        }
        if !was_ranked {
            self.select.order.clear();
        }
        Ok(())
    }

    fn period(&self, column: ColumnId, days: Days) -> Predicate {
        if self.semantic(column) == SemanticType::Year {
            let year = |y: i16| Value::Integer(i64::from(y));
            let (low, high) = (year(days.first.year()), year(days.last.year()));
            return Predicate::Between { what: Expr::Column(column), low, high };
        }
        Predicate::Period { column, first: Some(days.first.to_string()), last: Some(days.last.to_string()) }
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

    /// Each period beside the one before, or beside the same of the year before.
    fn change(&mut self, lag: Lag, percent: bool) -> Result<(), String> {
        let grain = self.select.group.iter().find_map(|key| match key {
            Expr::Time { grain, .. } => Some(*grain),
            Expr::Column(id) if self.semantic(*id) == SemanticType::Year => Some(Grain::Year),
            _ => None,
        });
        let grain = grain.ok_or_else(|| "a change from period to period needs periods".to_owned())?;
        let periods = match (lag, grain) {
            (Lag::Before, _) | (Lag::YearBefore, Grain::Year | Grain::FiscalYear | Grain::Weekday) => 1,
            (Lag::YearBefore, Grain::Quarter | Grain::FiscalQuarter) => 4,
            (Lag::YearBefore, Grain::Month) => 12,
            (Lag::YearBefore, Grain::Week) => 52,
            (Lag::YearBefore, Grain::Day) => 364,
        };
        if periods == 364 {
            self.assumptions.push("a year earlier is 364 days, so that weekdays agree".to_owned());
        }
        let operator = if percent { Arithmetic::PercentChange } else { Arithmetic::Difference };
        for i in self.computed().into_iter().rev() {
            let of = self.select.items[i].clone();
            let before = Expr::over(Window::Previous(periods), of.clone());
            self.select.items.insert(i + 1, Expr::arithmetic(operator, of, before));
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

    /// Only things with rows in both periods that are compared.
    fn comparable(&mut self, things: Option<TableId>) -> Result<(), String> {
        let schema = self.ground.schema;
        let column = self.date()?;
        let facts = column.table;
        let compared = self.select.filter.iter().find_map(|p| match p {
            Predicate::Any(parts) => Some(parts.clone()),
            _ => None,
        });
        let filtered = self.select.items.iter().filter_map(|item| match item {
            Expr::Filtered { filter, .. } => filter.first().cloned(),
            _ => None,
        });
        let periods: Vec<Predicate> = compared.unwrap_or_else(|| filtered.take(2).collect());
        let [before, after] = periods.as_slice() else {
            return Err("like for like needs two periods that are compared".to_owned());
        };
        let places = |table: &TableId| {
            let words = crate::language::identifier_words(&schema.table(*table).name);
            let lexicon = crate::language::lexicon();
            words.iter().any(|w| w == "store" || lexicon.synonyms(w).iter().any(|(s, _)| s == "store"))
        };
        let mut grouped = Vec::new();
        for key in &self.select.group {
            key.tables(&mut grouped);
        }
        let of_facts = || schema.foreign_keys.iter().filter(|k| k.from.table == facts);
        // What is named, else what is shown, else places of business.
        let named = things.and_then(|t| of_facts().find(|k| k.to.table == t));
        let key = named
            .or_else(|| of_facts().find(|k| grouped.contains(&k.to.table)))
            .or_else(|| of_facts().find(|k| places(&k.to.table)))
            .ok_or_else(|| "it is not said which things are to be the same in both periods".to_owned())?;
        for period in [before, after] {
            let query =
                Select { items: vec![Expr::Column(key.from)], filter: vec![period.clone()], ..Select::default() };
            self.select.filter.push(Predicate::Within {
                what: Expr::Column(key.from),
                query: Box::new(query),
                negated: false,
            });
        }
        let told = schema.table(key.to.table).name.clone();
        self.assumptions.push(format!("only {told} with rows in both periods"));
        Ok(())
    }

    /// Keeps what was computed above or below a number.
    fn bound(&mut self, operator: Operator, number: f64, percent: bool) -> Result<(), String> {
        let is = |item: &Expr, wanted: &[Arithmetic]| matches!(item, Expr::Arithmetic { operator, .. } if wanted.contains(operator));
        let shares = [Arithmetic::Percent];
        let changes = if percent { [Arithmetic::PercentChange] } else { [Arithmetic::Difference] };
        let left = self.select.items.iter().find(|i| is(i, &shares) || is(i, &changes)).cloned();
        let left = match left {
            Some(left) => left,
            None => self.change_of(percent)?,
        };
        let right = Operand::Value(super::super::reading::number_value(number));
        // All that meet it are wanted.
        if is_ranked(self.select) {
            self.select.limit = None;
            self.select.order.clear();
        }
        self.select.having.push(Predicate::Compare { left, operator, right });
        Ok(())
    }

    /// The change of the first figure, computed though it is not shown.
    fn change_of(&self, percent: bool) -> Result<Expr, String> {
        let mut sides = self.select.items.iter().filter(|i| matches!(i, Expr::Filtered { .. }));
        let (Some(was), Some(is)) = (sides.next(), sides.next()) else {
            return Err("it is not said what must be above or below the number".to_owned());
        };
        let operator = if percent { Arithmetic::PercentChange } else { Arithmetic::Difference };
        Ok(Expr::arithmetic(operator, is.clone(), was.clone()))
    }

    fn ordered(&mut self, descending: bool, percent: bool) -> Result<(), String> {
        let by = self.change_of(percent)?;
        let limit = self.select.limit;
        self.select.order = vec![Sort { by, descending }];
        self.select.limit = limit.or(Some(if self.asks_for_one() { 1 } else { SEVERAL }));
        Ok(())
    }

    /// "which category": one is asked for.
    fn asks_for_one(&self) -> bool {
        let words = &self.ground.analysis.words;
        words.iter().zip(words.iter().skip(1)).any(|(which, thing)| {
            which.is_one_of(&["which", "what"])
                && thing.folded == thing.lemma
                && !thing.is_one_of(&["are", "is", "were"])
        })
    }
}
