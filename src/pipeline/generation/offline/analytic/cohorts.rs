//! Things that came, went, or stayed: "new customers in May", "lost clients", "bought in 2023 but not in 2024".

use super::super::tokens::TokenKind;
use super::Analytic;
use super::calendar::Days;
use super::phrases::Phrases;
use crate::schema::TableId;

impl Phrases<'_> {
    pub fn take_cohorts(&mut self) {
        let _ = self.take_but_not() || self.take_first_time() || self.take_new() || self.take_lost();
    }

    /// "members who borrowed in 2023 but not in 2024".
    fn take_but_not(&mut self) -> bool {
        let Some(not) =
            self.find(["but not", "and not", "but did not", "but didn't", "but none", "but no", "but have not"])
        else {
            return false;
        };
        let periods = self.periods();
        let [(i, with), (j, without)] = periods.as_slice() else { return false };
        if !(*i < not.start && not.end <= *j) {
            return false;
        }
        let Some((at, things)) = self.things(0) else { return false };
        let (i, j, with, without) = (*i, *j, *with, *without);
        let events = self.events_named(things, at);
        for k in at + 1..i {
            self.take(k..k + 1);
        }
        self.take(i..j + 1);
        self.push(Analytic::Cohort { things, events, with: Some(with), without: Some(without) });
        true
    }

    /// "customers who bought for the first time in May".
    fn take_first_time(&mut self) -> bool {
        let Some(first) = self.find(["for the first time", "first time"]) else { return false };
        let periods = self.periods();
        let ([(i, with)], Some((at, things))) = (periods.as_slice(), self.things(0)) else { return false };
        let (i, with) = (*i, *with);
        let events = self.events_named(things, at);
        for k in at + 1..first.start {
            self.take(k..k + 1);
        }
        self.take(first);
        self.take(i..i + 1);
        self.push_new(things, events, with);
        true
    }

    /// "new customers in May"; things with a date of their own are new by it.
    fn take_new(&mut self) -> bool {
        let Some(new) = self.find(["new", "first time"]) else { return false };
        let periods = self.periods();
        let [(i, with)] = periods.as_slice() else { return false };
        if !(self.is_name(new.end) && self.finder.is_table(new.end)) {
            return false;
        }
        let Some(things) = self.finder.table(new.end) else { return false };
        let own = super::super::reading::event_date(self.ground.schema, things).is_some();
        if own || self.ground.schema.foreign_keys.iter().all(|k| k.to.table != things) {
            return false;
        }
        let (i, with) = (*i, *with);
        self.take(new);
        self.take(i..i + 1);
        self.push_new(things, None, with);
        true
    }

    fn push_new(&mut self, things: TableId, events: Option<TableId>, with: Days) {
        let Ok(last) = with.first.yesterday() else { return };
        let without = Days::new(jiff::civil::Date::MIN, last);
        self.push(Analytic::Cohort { things, events, with: Some(with), without: Some(without) });
    }

    /// "lost customers in May", "clients that churned this quarter": there before, and not then.
    fn take_lost(&mut self) -> bool {
        let Some(lost) = self.find(["lost", "churned", "lapsed", "that left", "who left", "inactive"]) else {
            return false;
        };
        let periods = self.periods();
        let ([(i, without)], Some((at, things))) = (periods.as_slice(), self.things(0)) else { return false };
        if lost.end < at || lost.start > at + 3 || self.ground.schema.foreign_keys.iter().all(|k| k.to.table != things)
        {
            return false;
        }
        let (i, without) = (*i, *without);
        let Some(with) = without.before() else { return false };
        for phrase in ["that have", "who have", "that", "who", "have we", "did we"] {
            self.take_first([phrase]);
        }
        self.take(lost);
        self.take(i..i + 1);
        self.push(Analytic::Cohort { things, events: None, with: Some(with), without: Some(without) });
        true
    }

    /// The first table named, that rows of others belong to.
    fn things(&self, from: usize) -> Option<(usize, TableId)> {
        (from..self.tokens.len()).find_map(|i| {
            let table = self.finder.table(i).filter(|_| !self.is_taken(i) && self.finder.is_table(i))?;
            Some((i, table))
        })
    }

    /// A table of events that a word after the things names.
    fn events_named(&self, things: TableId, after: usize) -> Option<TableId> {
        let refers = |table: TableId| {
            self.ground.schema.foreign_keys.iter().any(|k| k.from.table == table && k.to.table == things)
        };
        (after + 1..self.tokens.len()).find_map(|i| {
            if !matches!(self.tokens[i].kind, TokenKind::Name(_)) {
                return None;
            }
            self.finder.table(i).or_else(|| self.finder.measured_column(i).map(|c| c.table)).filter(|t| refers(*t))
        })
    }

    /// "like for like": only what was there in both periods.
    pub fn take_comparable(&mut self) {
        let cues = ["like for like", "comparable", "same store", "lfl", "existing"];
        let Some(range) = self.take_first(cues) else { return };
        let referred = |table: TableId| self.ground.schema.foreign_keys.iter().any(|k| k.to.table == table);
        let named = (range.start..=range.end).find_map(|i| {
            let thing = self.tokens.get(i).is_some_and(|t| matches!(t.kind, TokenKind::Name(_)));
            let is_table = thing && self.finder.is_table(i) && !self.finder.is_measure(i);
            self.finder.table(i).filter(|table| is_table && referred(*table))
        });
        if let Some(table) = named
            && self.is_name(range.end)
            && self.finder.table(range.end) == Some(table)
        {
            self.take(range.end..range.end + 1);
        }
        self.push(Analytic::Comparable(named));
    }
}
