//! The last rows of a table of checks, counts or prices: "at the latest check", "last time we checked".

use super::super::plan::{Expr, Function, Operand, Operator, Predicate, Select};
use super::super::reading::with_keys;
use super::super::tokens::TokenKind;
use super::Analytic;
use super::apply::Editor;
use super::phrases::Phrases;
use crate::schema::ColumnId;

impl Phrases<'_> {
    pub fn take_latest(&mut self) {
        let _ = self.take_last_time() || self.take_end_date() || self.take_last_rows();
        self.take_first(["side by side", "next to each other"]);
    }

    /// "last time we checked prices", "when did we last count stock".
    fn take_last_time(&mut self) -> bool {
        let opens = ["when was the last time", "what was the last time", "the last time", "last time"];
        if let Some(range) = self.find(opens).filter(|range| range.start == 0) {
            self.take(range);
        } else if let Some(range) = self.find(["when did we last", "when did they last", "when was it last"]) {
            self.take(range);
        } else {
            return false;
        }
        // The verb after it says again what the names say.
        for i in 0..self.tokens.len() {
            if self.word(i, &["we", "they", "did", "was"]) || self.is_verb_of_checks(i) {
                self.take(i..i + 1);
            }
        }
        self.push(Analytic::LastDate { last: true, column: None });
        true
    }

    /// "when was the first order", "when did the last outage start", "date of the last visit by patient", "last order
    /// date by client".
    fn take_end_date(&mut self) -> bool {
        let asked = self.find([
            "when was the",
            "when were the",
            "when did the",
            "when is the",
            "on which date was the",
            "on what date was the",
            "date of the",
            "dates of the",
            "date of our",
            "when was our",
            "when did our",
        ]);
        if let Some(range) = asked
            && let Some((last, end)) = self.end_said(range.end)
        {
            self.take(range.start..end);
            let column = self.take_date_named(end);
            self.push(Analytic::LastDate { last, column });
            return true;
        }
        // "when was X last updated", "when did we first list X"
        if self.word(0, &["when"]) {
            for i in 1..self.tokens.len() {
                let column = self.finder.date(i).filter(|_| self.is_name(i) && !self.finder.is_table(i));
                let within = self.tokens[i].folded.starts_with("last ");
                let before = self.end_said(i.saturating_sub(1)).filter(|(_, end)| *end == i);
                if column.is_some() && (within || before.is_some()) {
                    self.take(0..1);
                    self.take(if within { i } else { i - 1 }..i + 1);
                    self.push(Analytic::LastDate { last: within || before.is_some_and(|(last, _)| last), column });
                    return true;
                }
            }
        }
        // "last order date by client"
        let keyed = (0..self.tokens.len()).any(|i| self.word(i, &["by", "per", "each", "every"]));
        for i in 0..self.tokens.len() {
            let Some((last, end)) = self.end_said(i).filter(|_| keyed) else { continue };
            let dated = (end..end + 3).find(|j| {
                self.is_name(*j) && self.tokens[*j].folded.ends_with("date") && self.finder.date(*j).is_some()
            });
            let Some(named) = dated.filter(|j| (end..*j).all(|k| self.is_name(k))) else { continue };
            let column = self.finder.date(named);
            self.take(i..named + 1);
            self.push(Analytic::LastDate { last, column });
            return true;
        }
        false
    }

    /// "last", "most recent", "earliest": which end of time, and where the words after it begin.
    fn end_said(&self, i: usize) -> Option<(bool, usize)> {
        if let Some(end) = self.phrase(i, "most recent") {
            return Some((true, end));
        }
        if self.word(i, &["last", "latest", "newest"]) {
            return Some((true, i + 1));
        }
        self.word(i, &["first", "earliest", "oldest"]).then_some((false, i + 1))
    }

    /// "the last outage start", "the first sample collected": the verb names the date, or says nothing more.
    fn take_date_named(&mut self, from: usize) -> Option<ColumnId> {
        let named = (from..self.tokens.len())
            .find(|j| self.is_name(*j) && !self.finder.is_table(*j) && self.finder.date(*j).is_some());
        if let Some(named) = named {
            let things = (from..named).rev().find_map(|j| self.finder.table(j).filter(|_| self.finder.is_table(j)));
            self.take(named..named + 1);
            return match things {
                // "the last outage start": of the outages, whatever else starts.
                Some(table) => self.finder.date_in(named, table),
                None => self.finder.date(named),
            };
        }
        for i in from..self.tokens.len() {
            if self.word(
                i,
                &["start", "started", "happen", "happened", "occur", "made", "recorded", "placed", "take", "place"],
            ) && matches!(self.tokens[i].kind, TokenKind::Word)
            {
                self.take(i..i + 1);
            }
        }
        None
    }

    fn is_verb_of_checks(&self, i: usize) -> bool {
        self.word(i, &["checked", "check", "counted", "count", "updated", "update", "recorded", "measured", "changed"])
            && matches!(self.tokens[i].kind, TokenKind::Word)
    }

    /// "at the latest check", "as of the most recent count".
    fn take_last_rows(&mut self) -> bool {
        const LAST: [&str; 12] = [
            "in the latest",
            "in the last",
            "from the latest",
            "from the last",
            "for the latest",
            "on the latest",
            "at the latest",
            "at the last",
            "at the most recent",
            "as of the latest",
            "as of the last",
            "as of the most recent",
        ];
        const EVENTS: [&str; 14] = [
            "check",
            "checks",
            "count",
            "reading",
            "observation",
            "snapshot",
            "visit",
            "survey",
            "date",
            "update",
            "measurement",
            "record",
            "inspection",
            "audit",
        ];
        // "latest check only"
        const BARE: [&str; 3] = ["the latest", "latest", "last"];
        const BARE_EVENTS: [&str; 6] = ["check", "checks", "snapshot", "survey", "observation", "inspection"];
        let event = |range: &std::ops::Range<usize>, events: &[&str]| {
            let token = self.tokens.get(range.end).filter(|_| !self.is_taken(range.end));
            token.is_some_and(|t| matches!(t.kind, TokenKind::Word) && events.contains(&t.folded.as_str()))
        };
        let whole = self.find(LAST).filter(|range| event(range, &EVENTS));
        let Some(range) = whole.or_else(|| self.find(BARE).filter(|range| event(range, &BARE_EVENTS))) else {
            return false;
        };
        let end = self.skip(range.end + 1, &["only"]);
        self.take(range.start..end);
        self.push(Analytic::Latest);
        true
    }
}

impl Editor<'_> {
    /// Keeps the rows of the last date in the data.
    pub(super) fn latest(&mut self) -> Result<(), String> {
        let date = self.date()?;
        let last = Select { items: vec![Expr::aggregate(Function::Maximum, date)], ..Select::default() };
        self.select.filter.push(Predicate::Compare {
            left: Expr::Column(date),
            operator: Operator::Equal,
            right: Operand::Scalar(Box::new(last)),
        });
        self.tell_date(date);
        Ok(())
    }

    /// The last date of the rows that are asked for, in place of what they hold; of each key that they are split by.
    pub(super) fn last_date(&mut self, last: bool, column: Option<ColumnId>) -> Result<(), String> {
        let date = match column {
            Some(column) => column,
            None => self.date()?,
        };
        let function = if last { Function::Maximum } else { Function::Minimum };
        let mut group = std::mem::take(&mut self.select.group);
        // Keys of which nothing was computed so far.
        if group.is_empty() && self.select.distinct {
            group = with_keys(self.ground.schema, &self.select.items);
        }
        self.select.items.retain(|item| !item.is_aggregate() && group.contains(item));
        self.select.items.push(Expr::aggregate(function, date));
        self.select.group = if self.select.items.len() > 1 { group } else { Vec::new() };
        self.select.order.clear();
        self.select.limit = None;
        self.select.distinct = false;
        Ok(())
    }
}
