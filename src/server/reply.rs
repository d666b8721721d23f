//! An answer becomes the body of a response: the contract's names for HTTP, and beside them the whole answer object.

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::problem::Problem;
use super::request::ChartWish;
use crate::export::{self, Format, Options};
use crate::pipeline::response::{Answer, Outcome, chart};
use crate::schema::Schema;

/// A response to a question, before it is bytes.
#[derive(Debug)]
pub enum Reply {
    Found(Outcome, Map<String, Value>),
    Problem(Outcome, Problem),
}

impl Reply {
    /// Draws the answer. Takes some milliseconds where a chart is painted.
    pub fn draw(mut answer: Answer, schema: &Schema, wish: ChartWish, format: Format) -> Self {
        choose_chart(&mut answer, wish);
        let body = body(&answer, schema, format);
        match Problem::of(&answer, body.clone()) {
            Some(problem) => Self::Problem(answer.outcome, problem),
            None => Self::Found(answer.outcome, body),
        }
    }

    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Found(outcome, _) | Self::Problem(outcome, _) => *outcome,
        }
    }

    pub fn into_body(self) -> Map<String, Value> {
        match self {
            Self::Found(_, body) => body,
            Self::Problem(_, problem) => problem.body(),
        }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        match self {
            Self::Found(_, body) => Json(body).into_response(),
            Self::Problem(_, problem) => problem.into_response(),
        }
    }
}

/// Draws the wished kind instead of the chosen one where the rows allow it, else says why not.
fn choose_chart(answer: &mut Answer, wish: ChartWish) {
    match (wish, &answer.result) {
        (ChartWish::None, _) => answer.chart = None,
        (ChartWish::Kind(kind), Some(result)) => {
            let title = answer.chart.as_ref().map_or(&answer.question, |spec| &spec.title);
            match chart::choose(result, title, Some(kind)) {
                Ok(spec) => answer.chart = Some(spec),
                Err(reason) => answer.warnings.push(format!("no {} chart: {reason}", kind.name())),
            }
        }
        (ChartWish::Automatic, _) | (ChartWish::Kind(_), None) => {}
    }
}

fn body(answer: &Answer, schema: &Schema, format: Format) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("success".into(), json!(answer.outcome == Outcome::Answer));
    body.insert("sql_query".into(), json!(answer.sql));
    body.insert("data_table".into(), json!(table(answer, schema, format)));
    body.insert("visualization".into(), json!(null));
    body.insert("execution_time".into(), json!(seconds(answer)));
    if let Value::Object(object) = export::json::answer(answer, schema) {
        body.extend(object);
    }
    body.insert("metadata".into(), metadata(answer, schema, format));
    body
}

fn table(answer: &Answer, schema: &Schema, format: Format) -> Option<String> {
    let result = answer.result.as_ref()?;
    if format == Format::Html {
        return Some(export::html_table(result));
    }
    let mut bytes = Vec::new();
    export::write(answer, schema, format, &Options::default(), &mut bytes).ok()?;
    String::from_utf8(bytes).ok()
}

/// To a tenth of a millisecond.
fn seconds(answer: &Answer) -> f64 {
    (answer.timings.total.as_secs_f64() * 10_000.0).round() / 10_000.0
}

fn metadata(answer: &Answer, schema: &Schema, format: Format) -> Value {
    let analysis = answer.analysis.as_ref();
    json!({
        "database": schema.name,
        "dialect": answer.dialect.name(),
        "engine": answer.engine.map(crate::pipeline::generation::Engine::name),
        "intent": analysis.map(|a| a.intent.name()),
        "complexity": analysis.map(|a| a.complexity.name()),
        "as_of": analysis.map(|a| a.as_of.to_string()),
        "confidence": answer.confidence.as_ref().map(crate::pipeline::response::Confidence::word),
        "truncated": answer.result.as_ref().is_some_and(|result| result.truncated),
        "cached_at": answer.cached_at,
        "chart": answer.chart.as_ref().map(|spec| spec.kind.name()),
        "format": format.name(),
        "request_id": answer.request_id,
        "version": env!("CARGO_PKG_VERSION"),
    })
}
