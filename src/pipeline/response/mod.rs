//! Room 6: rows become an [`Answer`].

pub mod chart;
mod confidence;
pub mod figure;
mod insight;
mod labels;
mod place;
mod statement;
mod wording;

pub use chart::{ChartKind, ChartSpec};
pub use confidence::{Confidence, ConfidencePart};
pub use place::Place;

use std::time::Duration;

use super::analysis::Analysis;
use super::execution::ResultSet;
use super::generation::{Engine, Reading};
use crate::schema::Dialect;

/// How a question ended. The contract's five words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Rows were read (perhaps none).
    Answer,
    /// Readings are near: a question back, with choices.
    Clarify,
    /// It cannot be answered from this data, or was not understood.
    Abstain,
    /// A policy said no.
    Refused,
    Error,
}

impl Outcome {
    pub fn name(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Clarify => "clarify",
            Self::Abstain => "abstain",
            Self::Refused => "refused",
            Self::Error => "error",
        }
    }
}

/// Everything a door may show of one question. Doors draw it and decide nothing.
#[derive(Clone, Debug)]
pub struct Answer {
    pub outcome: Outcome,
    pub question: String,
    /// Complete text with literals inlined; runs as it stands.
    pub sql: Option<String>,
    pub dialect: Dialect,
    /// The answer in words.
    pub text: String,
    pub analysis: Option<Analysis>,
    /// How the question was read, in words.
    pub interpretation: Option<String>,
    /// Defaults that were taken.
    pub assumptions: Vec<String>,
    /// Readings to choose from (outcome `clarify`), other readings than the one taken (`answer`), or nearest answerable
    /// questions (`abstain`).
    pub choices: Vec<Choice>,
    /// `None` if nothing was run.
    pub result: Option<ResultSet>,
    pub chart: Option<ChartSpec>,
    /// Most important first, at most five.
    pub insights: Vec<Insight>,
    pub confidence: Option<Confidence>,
    pub engine: Option<Engine>,
    /// When the rows were read, if they come from the cache (RFC 3339).
    /// Rows handed over as they were read; `None` if those of the result are in it.
    pub handed_over: Option<usize>,
    pub cached_at: Option<String>,
    pub warnings: Vec<String>,
    pub timings: Timings,
    pub usage: Option<Usage>,
    pub session_id: Option<String>,
    pub request_id: String,
    pub error: Option<Failure>,
}

impl Answer {
    /// Rows that the statement gave; `None` if it was not run to its end.
    pub fn row_count(&self) -> Option<usize> {
        self.handed_over.or_else(|| self.result.as_ref().map(|result| result.rows.len()))
    }

    /// An answer to which nothing is known yet.
    pub fn blank(question: &str, dialect: Dialect, request_id: String) -> Self {
        Self {
            outcome: Outcome::Answer,
            question: question.to_owned(),
            sql: None,
            dialect,
            text: String::new(),
            analysis: None,
            interpretation: None,
            assumptions: Vec::new(),
            choices: Vec::new(),
            result: None,
            chart: None,
            insights: Vec::new(),
            confidence: None,
            engine: None,
            handed_over: None,
            cached_at: None,
            warnings: Vec::new(),
            timings: Timings::default(),
            usage: None,
            session_id: None,
            request_id,
            error: None,
        }
    }
}

/// Says in words what the rows say, and chooses their chart. Without rows (the statement was not run) it says how the
/// question was read.
pub fn explain(answer: &mut Answer) {
    let Some(result) = &answer.result else {
        answer.text = answer.interpretation.clone().unwrap_or_else(|| "The statement may run.".to_owned());
        return;
    };
    let shape = statement::Shape::of(answer.sql.as_deref().unwrap_or_default(), answer.dialect);
    answer.text = wording::sentence(result, &shape, answer.interpretation.as_deref());
    answer.insights = insight::insights(result, &shape);
    let title = answer.interpretation.as_deref().map(title).unwrap_or_default();
    answer.chart = chart::choose(result, &title, None).ok();
}

/// The reading without the order of its rows, which a chart shows.
fn title(interpretation: &str) -> String {
    let is_order = |part: &&str| part.ends_with("lowest first") || part.ends_with("highest first");
    interpretation.split(", ").filter(|part| !is_order(part)).collect::<Vec<_>>().join(", ")
}

/// One thing to pick: the text shown, and the question to ask instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub label: String,
    pub question: String,
}

impl From<Reading> for Choice {
    fn from(reading: Reading) -> Self {
        Self { label: reading.label, question: reading.question }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsightKind {
    TopShare,
    Change,
    Outlier,
    Trend,
    Range,
    DataQuality,
}

impl InsightKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::TopShare => "top_share",
            Self::Change => "change",
            Self::Outlier => "outlier",
            Self::Trend => "trend",
            Self::Range => "range",
            Self::DataQuality => "data_quality",
        }
    }
}

/// A finding computed from the rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Insight {
    pub kind: InsightKind,
    pub text: String,
    /// Positions of the rows it rests on.
    pub rows: Vec<usize>,
    /// Names and figures it rests on.
    pub figures: Vec<(String, f64)>,
}

/// Time spent, stage by stage.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timings {
    pub analysis: Duration,
    pub retrieval: Duration,
    pub generation: Duration,
    pub validation: Duration,
    pub execution: Duration,
    pub response: Duration,
    pub total: Duration,
}

/// What a model charged for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
}

/// Why there is no answer. `code` is a stable word of the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub code: &'static str,
    /// What happened.
    pub message: String,
    pub why: Option<String>,
    /// What to do.
    pub hint: Option<String>,
    /// Where in the statement, if it is known; the message then ends with the same in words. Boxed: results stay small.
    pub place: Option<Box<Place>>,
}
