//! What every plan gets last: ratios of sums for percents, an order, and words on periods that are not over.

use super::super::plan::{Expr, Grain, Predicate, Sort};
use super::apply::Editor;
use super::calendar::{Days, unit_of};
use crate::schema::ColumnId;

impl Editor<'_> {
    pub fn finish(&mut self) {
        self.use_formulas();
        self.order_groups();
        self.tell_open_period();
    }

    /// Groups without an order run forward in time, else from the highest figure down.
    fn order_groups(&mut self) {
        let select = &mut *self.select;
        if select.group.is_empty() || !select.order.is_empty() || select.per.is_some() {
            return;
        }
        let time = select.items.iter().find(|i| matches!(i, Expr::Time { .. })).cloned();
        if let Some(by) = time {
            select.order.push(Sort { by, descending: false });
            return;
        }
        // Beside two periods the later one leads.
        let figures: Vec<&Expr> = select.items.iter().filter(|i| i.is_aggregate()).collect();
        let compared = figures.iter().filter(|i| matches!(i, Expr::Filtered { .. })).nth(1);
        if let Some(by) = compared.or(figures.first()) {
            select.order.push(Sort { by: (**by).clone(), descending: true });
        }
    }

    /// "November 2024 is not complete: the data end on ...".
    fn tell_open_period(&mut self) {
        let Some((column, grain)) = self.select.group.iter().find_map(|key| match key {
            Expr::Time { column, grain: grain @ (Grain::Week | Grain::Month | Grain::Quarter | Grain::Year) } => {
                Some((*column, *grain))
            }
            _ => None,
        }) else {
            return self.tell_open_comparison();
        };
        // Rows that stand for a week each bear one of its days.
        let weekly = self.data_days(column).is_some_and(|days| {
            days.length() >= 5 * self.ground.schema.profile(column).distinct.saturating_sub(1) as i64
        });
        if grain == Grain::Week && weekly {
            return;
        }
        self.tell_late_start(column, grain);
        let Some(end) = self.last_day(column) else { return };
        let Some(unit) = unit_of(end, grain).filter(|unit| unit.last > end) else { return };
        let told = match grain {
            Grain::Week => format!("the week of {}", unit.first),
            _ => unit.told(),
        };
        self.assumptions.push(format!("{told} is not complete: the data end on {end}"));
    }

    /// The same of the first period, where the data begin well after it does.
    fn tell_late_start(&mut self, column: ColumnId, grain: Grain) {
        let asked = self.select.filter.iter().find_map(|p| match p {
            Predicate::Period { first: Some(first), .. } => first.parse::<jiff::civil::Date>().ok(),
            _ => None,
        });
        let Some(start) = self.data_days(column).map(|d| d.first).filter(|start| asked.is_none_or(|a| a <= *start))
        else {
            return;
        };
        let Some(unit) = unit_of(start, grain) else { return };
        if Days::new(unit.first, start).length() * 4 > unit.length() {
            self.assumptions.push(format!("{} is not complete: the data begin on {start}", unit.told()));
        }
    }

    /// The last date of the data that the question lets in.
    fn last_day(&self, column: ColumnId) -> Option<jiff::civil::Date> {
        let end = self.data_days(column)?.last;
        let asked = self.select.filter.iter().find_map(|p| match p {
            Predicate::Period { last: Some(last), .. } => last.parse::<jiff::civil::Date>().ok(),
            _ => None,
        });
        // A question that ends earlier shows whole periods, or says itself where it cuts them.
        (asked.is_none_or(|last| last >= end)).then_some(end)
    }

    fn tell_open_comparison(&mut self) {
        let period = self.select.items.iter().rev().find_map(|item| match item {
            Expr::Filtered { filter, .. } => filter.iter().find_map(|p| match p {
                Predicate::Period { column, first: Some(first), last: Some(last) } => {
                    Some((*column, Days::new(first.parse().ok()?, last.parse().ok()?)))
                }
                _ => None,
            }),
            _ => None,
        });
        let Some((column, days)) = period else { return };
        let Some(end) = self.data_days(column).map(|d| d.last) else { return };
        if days.first <= end && end < days.last {
            self.assumptions.push(format!("{} is not complete: the data end on {end}", days.told()));
        }
    }
}
