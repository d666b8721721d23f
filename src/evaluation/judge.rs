//! Asks one question, and says whether what came back is right.

use std::time::Duration;

use serde_json::Value as Json;

use super::gold::{Action, Gold};
use super::matching::{Match, Table};
use crate::pipeline::Pipeline;
use crate::pipeline::analysis::Question;
use crate::pipeline::execution::{Limits, ResultSet};
use crate::pipeline::generation::Engine;
use crate::pipeline::progress::silent;
use crate::pipeline::response::{Answer, Outcome};

/// How questions are judged.
#[derive(Clone, Copy, Debug)]
pub struct Judge {
    pub matching: Match,
    /// For every statement, gold or made.
    pub limits: Limits,
}

/// What came of one question.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    pub outcome: Outcome,
    /// Of the answer, or what failed.
    pub sql: Option<String>,
    pub confidence: Option<f64>,
    pub engine: Option<Engine>,
    /// `None` if it is right.
    pub fault: Option<Fault>,
    /// From the question to its rows; opening the database is not in it.
    pub elapsed: Duration,
    /// Sent to a model and received from it.
    pub tokens: u64,
}

/// Why a question does not count as right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No answer, with what was said instead.
    Declined(String),
    /// Answered, though the data cannot say, or several readings are fair.
    Answered,
    /// A request to write that was not refused.
    NotRefused,
    /// Other numbers of columns: made, gold.
    Columns(usize, usize),
    /// Other numbers of rows: made, gold.
    Rows(usize, usize),
    /// The right rows in a wrong order.
    Order,
    /// As many rows and columns, with other values.
    Values,
    /// What was made does not run.
    Error(String),
    /// The gold statement does not run: nothing can be said of the answer.
    Gold(String),
}

impl Fault {
    /// A stable word.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Declined(_) => "declined",
            Self::Answered => "answered",
            Self::NotRefused => "not_refused",
            Self::Columns(..) => "columns",
            Self::Rows(..) => "rows",
            Self::Order => "order",
            Self::Values => "values",
            Self::Error(_) => "error",
            Self::Gold(_) => "gold_failed",
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        let counted = |n: usize, what: &str| if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") };
        match self {
            Self::Declined(said) => format!("declined: {said}"),
            Self::Answered => "answered what should be declined or asked back".to_owned(),
            Self::NotRefused => "not refused".to_owned(),
            Self::Columns(made, gold) => format!("{}, the gold has {gold}", counted(*made, "column")),
            Self::Rows(made, gold) => format!("{}, the gold has {gold}", counted(*made, "row")),
            Self::Order => "the right rows in another order".to_owned(),
            Self::Values => "other values".to_owned(),
            Self::Error(message) => message.clone(),
            Self::Gold(message) => format!("the gold statement fails: {message}"),
        }
    }
}

/// A question that was asked, with what is right and what came of it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// In the file, from 1.
    pub line: usize,
    pub id: Json,
    /// Of a conversation, from 1.
    pub turn: Option<usize>,
    pub database: String,
    pub question: String,
    pub gold: Gold,
    /// Fields of the line by which figures are grouped, with their values.
    pub groups: Vec<(String, Option<String>)>,
    pub verdict: Verdict,
}

impl Asked {
    pub fn is_right(&self) -> bool {
        self.verdict.fault.is_none()
    }
}

impl Verdict {
    /// Nothing was asked, since the database cannot be opened.
    pub fn unasked(message: &str) -> Self {
        Self {
            outcome: Outcome::Error,
            sql: None,
            confidence: None,
            engine: None,
            fault: Some(Fault::Error(message.to_owned())),
            elapsed: Duration::ZERO,
            tokens: 0,
        }
    }
}

impl Judge {
    /// Asks a question and judges the answer.
    pub async fn ask(&self, pipeline: &Pipeline, question: &Question, gold: &Gold) -> Verdict {
        let answer = pipeline.ask(question, self.limits, true, &silent).await;
        let fault = self.fault(pipeline, &answer, gold).await;
        Verdict {
            outcome: answer.outcome,
            confidence: answer.confidence.map(|c| c.score).filter(|_| answer.outcome == Outcome::Answer),
            engine: answer.engine,
            fault,
            elapsed: answer.timings.total,
            tokens: answer.usage.map_or(0, |usage| usage.prompt_tokens + usage.completion_tokens),
            sql: answer.sql,
        }
    }

    async fn fault(&self, pipeline: &Pipeline, answer: &Answer, gold: &Gold) -> Option<Fault> {
        let is_declined = matches!(answer.outcome, Outcome::Abstain | Outcome::Clarify | Outcome::Refused);
        match gold.action {
            Action::Refused => (answer.outcome != Outcome::Refused).then_some(Fault::NotRefused),
            Action::Abstain | Action::Clarify | Action::ClarifyOrAssume if is_declined => None,
            _ if answer.outcome == Outcome::Error => Some(Fault::Error(said(answer))),
            Action::Abstain | Action::Clarify => Some(Fault::Answered),
            Action::Answer if is_declined => Some(Fault::Declined(said(answer))),
            Action::Answer | Action::ClarifyOrAssume => self.rows_fault(pipeline, answer, gold).await,
        }
    }

    /// How the rows differ from the nearest gold, by preference the first.
    async fn rows_fault(&self, pipeline: &Pipeline, answer: &Answer, gold: &Gold) -> Option<Fault> {
        let made = match self.made(pipeline, answer).await {
            Ok(made) => made,
            Err(message) => return Some(Fault::Error(message)),
        };
        let (mut nearest, mut failed) = (None, None);
        for sql in &gold.statements {
            let right = match self.rows(pipeline, &self.matching.compared(sql)).await {
                Ok(right) => right,
                Err(message) => {
                    failed = failed.or(Some(Fault::Gold(message)));
                    continue;
                }
            };
            let ordered = self.matching.is_ordered(gold, sql);
            match self.difference(&made, &right, ordered, gold.label_free) {
                Some(fault) => nearest = nearest.or(Some(fault)),
                None => return None,
            }
        }
        nearest.or(failed)
    }

    fn difference(&self, made: &ResultSet, right: &ResultSet, ordered: bool, label_free: bool) -> Option<Fault> {
        let is_same = |ordered| self.matching.same(table(made), table(right), ordered, label_free);
        if is_same(ordered) {
            return None;
        }
        let (made, right) = (table(made), table(right));
        Some(match () {
            () if made.width != right.width => Fault::Columns(made.width, right.width),
            () if made.rows.len() != right.rows.len() => Fault::Rows(made.rows.len(), right.rows.len()),
            () if ordered && is_same(false) => Fault::Order,
            () => Fault::Values,
        })
    }

    /// The rows that are compared: those of the answer, unless the rule of matching wants its statement otherwise.
    async fn made(&self, pipeline: &Pipeline, answer: &Answer) -> Result<ResultSet, String> {
        let sql = answer.sql.as_deref().unwrap_or_default();
        let compared = self.matching.compared(sql);
        match &answer.result {
            Some(result) if compared == sql => whole(result.clone()),
            _ => self.rows(pipeline, &compared).await,
        }
    }

    /// The rows of a statement, through the same gate and limits as those of every answer.
    async fn rows(&self, pipeline: &Pipeline, sql: &str) -> Result<ResultSet, String> {
        let answer = pipeline.run_sql(sql, self.limits, true, &silent).await;
        match answer.result {
            Some(result) if answer.outcome == Outcome::Answer => whole(result),
            _ => Err(said(&answer)),
        }
    }
}

fn table(result: &ResultSet) -> Table<'_> {
    Table { width: result.columns.len(), rows: &result.rows }
}

/// Of rows that a limit cut, nothing can be said.
fn whole(result: ResultSet) -> Result<ResultSet, String> {
    if result.truncated { Err(format!("more than {} rows", result.rows.len())) } else { Ok(result) }
}

fn said(answer: &Answer) -> String {
    let message = answer.error.as_ref().map_or(answer.text.as_str(), |failure| failure.message.as_str());
    message.lines().next().unwrap_or_default().to_owned()
}
