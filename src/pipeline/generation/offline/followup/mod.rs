//! Questions that go on from an earlier one: what they say is an edit of its plan.
//!
//! ```text
//! earlier turns > plan of each (made again, or its SQL read back) > classify (new, edit, clause about "them")
//!   > edits (typed changes) > apply (another plan) > render + explain, as for any plan
//! ```
//!
//! Nothing is kept between questions: the plan of a turn follows from its words and SQL. What cannot be read as a change
//! is declined with what stands; never is the answer before given again for another question.

mod apply;
mod classify;
mod clause;
mod conditions;
mod cues;
mod edits;
mod period;
mod read;
#[cfg(test)]
mod tests;

use classify::Kind;
use edits::{Before, Edit, Unclear};

use super::explain::Explainer;
use super::plan::{Expr, Predicate, Query, Select};
use super::reading::{Fragment, Ground, Reading};
use super::tokens::{Token, tokens};
use super::{OfflineEngine, beyond_data, declined, nearest, quoted_list, sql_plan, unsure, write_request};
use crate::config::Thresholds;
use crate::knowledge::Knowledge;
use crate::pipeline::analysis::Analysis;
use crate::pipeline::generation::{EarlierTurn, Evidence, Generated};
use crate::schema::{Schema, TableId};

/// The plan that stands after a turn.
#[derive(Clone)]
struct Standing {
    reading: Reading,
    ranking: Option<Evidence>,
    /// How sure the turn's own reading was.
    sure: f64,
    /// What is to be said with every change of it.
    caveat: Option<&'static str>,
}

/// What a question is beside what stands.
enum Step {
    New(Result<Standing, Generated>),
    Changed(Result<Standing, Generated>),
    Undone,
}

/// What every step looks at.
#[derive(Clone, Copy)]
struct Room<'a> {
    engine: &'a OfflineEngine,
    schema: &'a Schema,
    knowledge: &'a Knowledge,
    thresholds: &'a Thresholds,
}

impl OfflineEngine {
    /// As [`OfflineEngine::write`], for a question that may go on from earlier ones, oldest first.
    pub fn write_after(
        &self,
        turns: &[EarlierTurn],
        analysis: &Analysis,
        schema: &Schema,
        knowledge: &Knowledge,
        thresholds: &Thresholds,
    ) -> Generated {
        if turns.is_empty() {
            return self.write(analysis, schema, knowledge, thresholds);
        }
        let room = Room { engine: self, schema, knowledge, thresholds };
        let mut stack: Vec<Option<Standing>> = Vec::new();
        for turn in turns {
            room.replay(&mut stack, turn);
        }
        match room.step(&stack, analysis) {
            Step::New(Ok(standing)) | Step::Changed(Ok(standing)) => room.draft(standing, analysis),
            Step::New(Err(declined)) | Step::Changed(Err(declined)) => declined,
            Step::Undone => {
                let before = stack.len().checked_sub(2).and_then(|at| stack[at].clone());
                match before {
                    Some(standing) => room.draft(standing, analysis),
                    None => room.decline("there is no earlier answer to go back to".to_owned()),
                }
            }
        }
    }
}

impl<'a> Room<'a> {
    fn ground<'g>(self, analysis: &'g Analysis) -> Ground<'g>
    where
        'a: 'g,
    {
        Ground { schema: self.schema, names: &self.engine.names, graph: &self.engine.graph, analysis }
    }

    /// Puts what stands after an earlier turn on the stack: the plan made again if it gives the turn's SQL, else the SQL
    /// read back, else the plan made again.
    fn replay(self, stack: &mut Vec<Option<Standing>>, turn: &EarlierTurn) {
        let (again, is_new) = match self.step(stack, &turn.analysis) {
            Step::New(made) => (made.ok(), true),
            Step::Changed(made) => (made.ok(), false),
            Step::Undone => {
                // Without an earlier answer nothing was undone.
                if stack.len() > 1 {
                    stack.pop();
                }
                return;
            }
        };
        let Some(sql) = &turn.sql else {
            // A change that was declined changed nothing.
            if again.is_some() || is_new {
                stack.push(again);
            }
            return;
        };
        let same = again.clone().and_then(|standing| match self.draft(standing.clone(), &turn.analysis) {
            Generated::Draft(draft) if plain(&draft.sql) == plain(sql) => {
                Some(Standing { sure: draft.evidence.iter().map(|e| e.score).product(), ..standing })
            }
            _ => None,
        });
        stack.push(same.or_else(|| self.read_back(sql)).or_else(|| {
            let mut standing = again?;
            standing.caveat = Some("the statement before says more than I can change; its question was read again");
            standing.sure *= READ_AGAIN;
            Some(standing)
        }));
    }

    /// The plan of a statement that something else wrote.
    fn read_back(self, sql: &str) -> Option<Standing> {
        let mut query = sql_plan::plan_of(sql, self.schema, &self.engine.graph)?;
        if let Query::Select(select) = &mut query {
            select.filter = period::fused(std::mem::take(&mut select.filter), self.schema);
        }
        let mentioned = match &query {
            Query::Select(select) => tables_of(select, self),
            Query::Set { left, .. } => tables_of(left, self),
        };
        let reading =
            Reading { query, mentioned, assumptions: Vec::new(), links: Vec::new(), unread: Vec::new(), content: 1 };
        Some(Standing { reading, ranking: None, sure: 1.0, caveat: None })
    }

    fn step(self, stack: &[Option<Standing>], analysis: &Analysis) -> Step {
        let words = tokens(analysis, &self.engine.names);
        let Some(last) = stack.last() else { return self.new_question(analysis, words) };
        let about = last.as_ref().map_or_else(Vec::new, |standing| match &standing.reading.query {
            Query::Select(select) => tables_of(select, self),
            Query::Set { left, .. } => tables_of(left, self),
        });
        let kind = classify::kind(&Fragment::new(self.ground(analysis), words.clone(), &about), &about);
        if kind == Kind::New {
            return self.new_question(analysis, words);
        }
        let (Some(standing), None) = (last, beyond_data(self.ground(analysis))) else {
            return match (kind, last) {
                (Kind::Either, _) | (_, Some(_)) => self.new_question(analysis, words),
                _ => Step::Changed(Err(
                    self.decline("the statement before says more than I can change; ask the whole question".to_owned())
                )),
            };
        };
        let earlier = stack.len().checked_sub(2).and_then(|at| stack[at].as_ref());
        let earlier = earlier.and_then(|standing| match &standing.reading.query {
            Query::Select(select) => Some(&**select),
            Query::Set { .. } => None,
        });
        self.changed((standing, earlier), analysis, words, about, kind)
    }

    fn changed(
        self,
        (standing, earlier): (&Standing, Option<&Select>),
        analysis: &Analysis,
        words: Vec<Token>,
        about: Vec<TableId>,
        kind: Kind,
    ) -> Step {
        let Query::Select(select) = &standing.reading.query else {
            return match kind {
                Kind::Either => self.new_question(analysis, words),
                _ => Step::Changed(Err(self.decline("two lists are taken together, which I cannot change".to_owned()))),
            };
        };
        let ground = self.ground(analysis);
        let mut fragment = Fragment::new(ground, words.clone(), &about);
        let before = Before { earlier, ..self.before(select, about, &fragment) };
        let read = read::read(&mut fragment, &before);
        let read = match read {
            Ok(edits) if kind == Kind::Pronoun && edits.iter().any(asks_for_more) => None,
            read => Some(read),
        };
        match read {
            Some(Ok(edits)) if edits == [Edit::Undo] => Step::Undone,
            Some(Ok(edits)) => match apply::apply(&edits, &before, ground, self.knowledge) {
                Ok(applied) => Step::Changed(Ok(edited(standing, applied, &mut fragment))),
                Err(_) if kind == Kind::Either => self.new_question(analysis, words),
                Err(why) => Step::Changed(Err(self.decline(format!("{why} (what stands: {})", self.told(standing))))),
            },
            Some(Err(_)) | None if kind == Kind::Pronoun => Step::Changed(self.clause(standing, select, ground, words)),
            Some(Err(_)) if kind == Kind::Either => self.new_question(analysis, words),
            Some(Err(unclear)) => Step::Changed(Err(self.unclear(unclear, standing, analysis))),
            None => self.new_question(analysis, words),
        }
    }

    fn before<'s>(self, select: &'s Select, tables: Vec<TableId>, fragment: &Fragment<'_>) -> Before<'s> {
        let at_hand = select.filter.iter().filter(|p| period::is_period(p, self.schema)).find_map(period::column);
        let cut =
            select.items.iter().find_map(|i| if let Expr::Time { column, .. } = i { Some(*column) } else { None });
        let date = cut.or(at_hand).or_else(|| fragment.date_of(&tables));
        let filtered = select
            .filter
            .iter()
            .filter_map(|p| conditions::compared(p).and_then(edits::column_of).or(period::column(p)));
        Before { select, tables, date, filtered: filtered.collect(), earlier: None }
    }

    fn new_question(self, analysis: &Analysis, words: Vec<Token>) -> Step {
        if let Some(verb) = write_request(analysis) {
            return Step::New(Err(Generated::WriteRequest { verb }));
        }
        if let Some(reason) = beyond_data(self.ground(analysis)) {
            return Step::New(Err(self.decline(reason)));
        }
        let read = OfflineEngine::read_tokens(self.ground(analysis), words, self.knowledge, self.thresholds);
        Step::New(read.map(|(reading, ranking)| Standing { reading, ranking, sure: 1.0, caveat: None }))
    }

    /// The statement, as sure as the reading of this turn and of those that it rests on.
    fn draft(self, standing: Standing, analysis: &Analysis) -> Generated {
        let Standing { mut reading, ranking, sure, caveat } = standing;
        reading.assumptions.extend(caveat.map(str::to_owned));
        let generated = self.engine.draft(reading, ranking, self.ground(analysis), self.knowledge, self.thresholds);
        match generated {
            Generated::Draft(mut draft) if sure < 1.0 => {
                draft.evidence.push(Evidence {
                    name: "before",
                    score: sure,
                    why: "as sure as the answer that it goes on from".to_owned(),
                });
                let confidence: f64 = draft.evidence.iter().map(|e| e.score).product();
                if confidence < self.thresholds.abstain {
                    return self.decline(unsure(&draft.interpretation, confidence));
                }
                Generated::Draft(draft)
            }
            other => other,
        }
    }

    /// Says what stands and what was not understood.
    fn unclear(self, unclear: Unclear, standing: &Standing, analysis: &Analysis) -> Generated {
        if let Some(verb) = write_request(analysis) {
            return Generated::WriteRequest { verb };
        }
        let told = self.told(standing);
        match unclear {
            Unclear::Unreadable(unreadable) => declined(unreadable, analysis, nearest(self.schema, &[])),
            Unclear::Words(words) if words.is_empty() => {
                self.decline(format!("it is not clear what is to change (what stands: {told})"))
            }
            Unclear::Words(words) => self.decline(format!(
                "I did not understand {} as a change of the answer before (what stands: {told})",
                quoted_list(&words)
            )),
        }
    }

    fn told(self, standing: &Standing) -> String {
        Explainer { schema: self.schema, knowledge: self.knowledge }.query(&standing.reading.query)
    }

    fn decline(self, reason: String) -> Generated {
        Generated::Abstain { reason, nearest: nearest(self.schema, &[]) }
    }
}

/// What stands after the edits.
fn edited(standing: &Standing, applied: apply::Applied, fragment: &mut Fragment<'_>) -> Standing {
    let (assumptions, links) = fragment.taken();
    let Query::Select(mut select) = applied.query else { return standing.clone() };
    for predicate in fragment.conditions_beside() {
        if !select.filter.contains(&predicate) {
            select.filter.push(predicate);
        }
    }
    let reading = Reading {
        query: Query::Select(select),
        mentioned: standing.reading.mentioned.clone(),
        assumptions: [applied.notes, assumptions].concat(),
        links,
        unread: Vec::new(),
        content: fragment.len(),
    };
    Standing { reading, ranking: None, ..standing.clone() }
}

/// What a plan is worth that was made of the words of a turn whose statement says otherwise.
const READ_AGAIN: f64 = 0.6;

/// Something that the answer before does not show.
fn asks_for_more(edit: &Edit) -> bool {
    matches!(edit, Edit::Measures { .. } | Edit::Outputs(_) | Edit::AddKeys(_) | Edit::Regroup { .. })
}

/// Tables that a plan reads, those of its measures first.
fn tables_of(select: &Select, room: Room<'_>) -> Vec<TableId> {
    let mut tables = Vec::new();
    let figures = select.items.iter().chain(select.order.iter().map(|s| &s.by)).filter(|e| e.is_aggregate());
    for expr in figures.chain(&select.items).chain(&select.group) {
        expr.tables(&mut tables);
        metric_tables(expr, room, &mut tables);
    }
    for predicate in select.filter.iter().chain(&select.having) {
        predicate.tables(&mut tables);
        if let Predicate::Exists { table, .. } = predicate
            && !tables.contains(table)
        {
            tables.push(*table);
        }
    }
    tables.extend(select.tables.iter().filter(|t| !tables.contains(t)).copied().collect::<Vec<_>>());
    tables
}

fn metric_tables(expr: &Expr, room: Room<'_>, into: &mut Vec<TableId>) {
    match expr {
        Expr::Metric(i) => {
            let tables = room.engine.names.metric_tables.get(*i).map_or(&[][..], Vec::as_slice);
            into.extend(tables.iter().filter(|t| !into.contains(t)).copied().collect::<Vec<_>>());
        }
        Expr::Magnitude(of) | Expr::Share(of) | Expr::Filtered { of, .. } | Expr::Over { of, .. } => {
            metric_tables(of, room, into);
        }
        Expr::Arithmetic { left, right, .. } => {
            metric_tables(left, room, into);
            metric_tables(right, room, into);
        }
        _ => {}
    }
}

/// A statement without its line breaks.
fn plain(sql: &str) -> String {
    sql.trim_end_matches([';', ' ', '\n']).split_whitespace().collect::<Vec<_>>().join(" ")
}
