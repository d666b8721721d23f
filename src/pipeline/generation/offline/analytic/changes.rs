//! Figures in two periods and from period to period, and what is kept and ordered by how they changed.

use super::super::plan::{Arithmetic, Expr, Grain, Operand, Operator, Predicate, Sort, Window};
use super::Lag;
use super::apply::{Editor, SEVERAL};
use super::calendar::Days;
use super::measures::is_ranked;
use crate::schema::{ColumnId, SemanticType, Value};

impl Editor<'_> {
    /// Each figure in two periods, and what it changed.
    pub(super) fn periods(&mut self, earlier: Days, later: Days, percent: bool, alone: bool) -> Result<(), String> {
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

    /// Each period beside the one before, or beside the same of the year before.
    pub(super) fn change(&mut self, lag: Lag, percent: bool) -> Result<(), String> {
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

    /// Keeps the groups whose first figure is above or below a number.
    pub(super) fn threshold(&mut self, operator: Operator, number: f64) -> Result<(), String> {
        let figure = self.computed().first().map(|i| self.select.items[*i].clone());
        let left = figure.ok_or_else(|| "it is not said what is to be compared".to_owned())?;
        let right = Operand::Value(super::super::reading::number_value(number));
        self.select.having.push(Predicate::Compare { left, operator, right });
        Ok(())
    }

    /// Keeps what was computed above or below a number.
    pub(super) fn bound(&mut self, operator: Operator, number: f64, percent: bool) -> Result<(), String> {
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

    pub(super) fn ordered(&mut self, descending: bool, percent: bool) -> Result<(), String> {
        let by = self.change_of(percent)?;
        let limit = self.select.limit;
        self.select.order = vec![Sort { by, descending }];
        self.select.limit = limit.or(Some(if self.asks_for_one() { 1 } else { SEVERAL }));
        Ok(())
    }
}
