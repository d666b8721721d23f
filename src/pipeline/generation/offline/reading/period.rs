//! Periods, and what did not happen in them: which date a period is of.

use super::super::plan::{Expr, Operand, Operator, Predicate, Select};
use super::super::tokens::TokenKind;
use super::resolve::Role;
use super::{Reader, Unreadable};
use crate::schema::{ColumnId, SemanticType, TableId, Value};

impl Reader<'_> {
    pub(super) fn dated_column(&self, tables: &[TableId]) -> Option<ColumnId> {
        let mut by_evidence: Vec<TableId> =
            self.ground.schema.table_ids().filter(|t| self.evidence[t.0] > 0.0).collect();
        by_evidence.sort_by(|a, b| self.evidence[b.0].total_cmp(&self.evidence[a.0]));
        let candidates = || tables.iter().chain(&by_evidence).filter_map(|t| self.scored_time_column(*t));
        candidates().find(|(_, event)| *event).or_else(|| candidates().next()).map(|(id, _)| id)
    }

    pub(super) fn fill_absent(&mut self, select: &mut Select) -> Result<(), Unreadable> {
        for table in self.frame.absent.clone() {
            let table = TableId(table);
            let mut filter = Vec::new();
            // A period belongs to what did not happen: "without sales in November".
            for time in std::mem::take(&mut self.frame.times) {
                let column = self.time_column(table).ok_or(Unreadable::NoDate)?;
                filter.push(self.period(column, time));
            }
            filter.extend(self.conditions_of_absent(table, select));
            select.filter.push(Predicate::Exists { table, filter, negated: true });
        }
        Ok(())
    }

    /// Two periods set against each other ask for a comparison, which a filter by both cannot give.
    pub(super) fn refuse_two_periods(&self) -> Result<(), Unreadable> {
        let ranges: Vec<_> =
            self.frame.times.iter().filter_map(|t| self.ground.analysis.times[*t].period.closed()).collect();
        let apart = ranges.iter().any(|a| ranges.iter().any(|b| a.last < b.first));
        if apart { Err(Unreadable::TwoPeriods) } else { Ok(()) }
    }

    pub(super) fn fill_periods(&mut self, select: &mut Select) -> Result<(), Unreadable> {
        for time in std::mem::take(&mut self.frame.times) {
            let id = self.period_column(select, time).ok_or(Unreadable::NoDate)?;
            // The day a thing was set up says nothing of what happened to it.
            if !self.is_event_date(id) && !self.names_a_date() && !self.says_beginning(id) {
                return Err(Unreadable::NoDate);
            }
            let predicate = self.period(id, time);
            select.filter.push(predicate);
        }
        Ok(())
    }

    /// The date that a period filters: one named right before it, else that of the measures, else that of what is spoken of.
    pub(super) fn period_column(&self, select: &Select, time: usize) -> Option<ColumnId> {
        let at = self.tokens.iter().position(|t| t.kind == TokenKind::Time(time))?;
        for j in (at.saturating_sub(3)..at).rev() {
            if let Some((id, score)) = self.best_column(j, Role::Time)
                && self.semantic(id).is_time()
                && score >= 0.4
            {
                return Some(id);
            }
        }
        let mut tables = Vec::new();
        for expr in select.items.iter().chain(select.order.iter().map(|s| &s.by)).filter(|e| e.is_aggregate()) {
            match expr {
                Expr::Metric(metric) => tables.extend(&self.ground.names.metric_tables[*metric]),
                expr => expr.tables(&mut tables),
            }
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

    pub(super) fn is_event_date(&self, id: ColumnId) -> bool {
        self.scored_time_column(id.table).is_some_and(|(column, event)| column != id || event)
    }

    /// "how many items were added in 2024": the day that a thing was set up is the one that is asked for.
    fn says_beginning(&mut self, id: ColumnId) -> bool {
        const VERBS: [&str; 12] = [
            "added",
            "introduced",
            "launched",
            "listed",
            "created",
            "registered",
            "started",
            "onboarded",
            "new",
            "opened",
            "founded",
            "joined",
        ];
        const DATES: [&str; 6] = ["created", "added", "opened", "founded", "launched", "listed"];
        let words = self.ground.names.column_words(id);
        let verb = (0..self.tokens.len()).find(|i| self.word_at(*i, &VERBS));
        let Some(verb) = verb.filter(|_| words.iter().any(|w| DATES.contains(&w.as_str()))) else { return false };
        self.used[verb] = true;
        true
    }

    /// Some word of the question links to a date column ("opened", "hired", "created").
    pub(super) fn names_a_date(&self) -> bool {
        (0..self.tokens.len()).any(|i| {
            self.best_column(i, Role::Time).is_some_and(|(c, score)| self.semantic(c).is_time() && score >= 0.35)
        })
    }

    pub(super) fn period(&self, column: ColumnId, time: usize) -> Predicate {
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
}
