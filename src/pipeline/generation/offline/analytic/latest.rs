//! The last rows of a table of checks, counts or prices: "at the latest check", "last time we checked".

use super::super::plan::{Expr, Function, Operand, Operator, Predicate, Select};
use super::super::tokens::TokenKind;
use super::Analytic;
use super::apply::Editor;
use super::phrases::Phrases;

impl Phrases<'_> {
    pub fn take_latest(&mut self) {
        let _ = self.take_last_time() || self.take_last_rows();
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
        self.push(Analytic::LastDate(true));
        true
    }

    fn is_verb_of_checks(&self, i: usize) -> bool {
        self.word(i, &["checked", "check", "counted", "count", "updated", "update", "recorded", "measured", "changed"])
            && matches!(self.tokens[i].kind, TokenKind::Word)
    }

    /// "at the latest check", "as of the most recent count".
    fn take_last_rows(&mut self) -> bool {
        const LAST: [&str; 6] = [
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
        let Some(range) = self.find(LAST) else { return false };
        let event = self.tokens.get(range.end).filter(|_| !self.is_taken(range.end));
        if !event.is_some_and(|t| EVENTS.contains(&t.folded.as_str())) {
            return false;
        }
        self.take(range.start..range.end + 1);
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

    /// The last date of the rows that are asked for, in place of what they hold.
    pub(super) fn last_date(&mut self, last: bool) -> Result<(), String> {
        let date = self.date()?;
        let function = if last { Function::Maximum } else { Function::Minimum };
        self.select.items = vec![Expr::aggregate(function, date)];
        self.select.group.clear();
        self.select.order.clear();
        self.select.limit = None;
        self.select.distinct = false;
        Ok(())
    }
}
