//! An answer becomes the body of a response: the contract's names for HTTP, and beside them the whole answer object.

use axum::Json;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as STANDARD;
use serde_json::{Map, Value, json};

use super::problem::Problem;
use super::request::ChartWish;
use crate::chart::describe;
use crate::chart::picture::png;
use crate::export::{self, Format, Options};
use crate::pipeline::response::{Answer, Outcome, chart};
use crate::schema::Schema;

/// Pixels of a chart: about as wide as the page shows it, so that its letters keep their size.
const PICTURE: (u32, u32) = (960, 540);

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
        let picture = picture(&mut answer);
        let body = body(&answer, schema, format, picture.as_deref());
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

/// A PNG file as a data URL, or a warning why there is none.
fn picture(answer: &mut Answer) -> Option<String> {
    let (spec, result) = (answer.chart.as_ref()?, answer.result.as_ref()?);
    match png(spec, result, PICTURE.0, PICTURE.1) {
        Ok(bytes) => Some(format!("data:image/png;base64,{}", STANDARD.encode(bytes))),
        Err(error) => {
            answer.warnings.push(format!("the chart was not drawn: {error}"));
            None
        }
    }
}

fn body(answer: &Answer, schema: &Schema, format: Format, picture: Option<&str>) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("success".into(), json!(answer.outcome == Outcome::Answer));
    body.insert("sql_query".into(), json!(answer.sql));
    body.insert("data_table".into(), json!(table(answer, schema, format)));
    body.insert("visualization".into(), json!(picture));
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
        "chart_in_words": answer.chart.as_ref().zip(answer.result.as_ref()).map(|(spec, rows)| describe(spec, rows)),
        "format": format.name(),
        "request_id": answer.request_id,
        "version": env!("CARGO_PKG_VERSION"),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::pipeline::execution::{ColumnType, ResultColumn, ResultSet};
    use crate::pipeline::response::{ChartKind, Choice, Failure, Timings};
    use crate::schema::{Dialect, SemanticType, Value as Cell};

    fn column(name: &str, kind: ColumnType, semantic: SemanticType) -> ResultColumn {
        ResultColumn { name: name.into(), kind, unit: None, semantic }
    }

    fn answer(outcome: Outcome) -> Answer {
        let row = |name: &str, pages| vec![Cell::Text(name.into()), Cell::Integer(pages)];
        let result = ResultSet {
            columns: vec![
                column("genre", ColumnType::Text, SemanticType::Category),
                column("pages", ColumnType::Integer, SemanticType::Quantity),
            ],
            rows: vec![row("<b>prose", 30), row("verse", 12), row("tables", 5)],
            ..ResultSet::default()
        };
        let chart = chart::choose(&result, "pages by genre", None).ok();
        Answer {
            outcome,
            sql: Some("SELECT 1".into()),
            text: "Prose leads.".into(),
            choices: vec![Choice { label: "a".into(), question: "b".into() }],
            result: Some(result),
            chart,
            timings: Timings { total: Duration::from_micros(1_234_567), ..Timings::default() },
            ..Answer::blank("pages by genre", Dialect::Sqlite, "r".into())
        }
    }

    fn drawn(answer: Answer, wish: ChartWish, format: Format) -> Map<String, Value> {
        Reply::draw(answer, &Schema::default(), wish, format).into_body()
    }

    #[test]
    fn an_answer_has_the_names_of_http_beside_the_whole_object() {
        let body = drawn(answer(Outcome::Answer), ChartWish::Automatic, Format::Html);
        assert_eq!(body["success"], true);
        assert_eq!(body["sql_query"], "SELECT 1");
        assert_eq!(body["execution_time"], 1.2346);
        assert_eq!(body["row_count"], 3);
        assert_eq!(body["metadata"]["request_id"], "r");
        let table = body["data_table"].as_str().expect("a table");
        assert!(table.starts_with("<table") && table.contains("&lt;b&gt;prose"), "{table}");
        let Value::Object(whole) = export::json::answer(&answer(Outcome::Answer), &Schema::default()) else {
            panic!("the answer is an object");
        };
        assert!(whole.iter().all(|(name, value)| body.get(name) == Some(value)));
        for name in ["response", "key_insights", "confidence_score"] {
            assert!(body.contains_key(name), "{name}");
        }
        let picture = body["visualization"].as_str().and_then(|url| url.strip_prefix("data:image/png;base64,"));
        let bytes = STANDARD.decode(picture.expect("a PNG")).expect("base64");
        assert!(bytes.starts_with(b"\x89PNG"));
    }

    #[test]
    fn only_an_answer_is_a_success() {
        for outcome in [Outcome::Clarify, Outcome::Abstain, Outcome::Refused, Outcome::Error] {
            let reply = Reply::draw(answer(outcome), &Schema::default(), ChartWish::Automatic, Format::Html);
            assert_eq!(reply.outcome(), outcome);
            assert_eq!(reply.into_body()["success"], false);
        }
    }

    #[test]
    fn a_refusal_is_a_problem_that_keeps_the_answer_object() {
        let mut refused = answer(Outcome::Refused);
        let (why, hint) = (Some("read-only".to_owned()), Some("ask".to_owned()));
        refused.error = Some(Failure { code: "write_request", message: "no".into(), why, hint, place: None });
        let body = drawn(refused, ChartWish::Automatic, Format::Html);
        assert_eq!(
            (&body["status"], &body["code"], &body["detail"]),
            (&json!(422), &json!("write_request"), &json!("no"))
        );
        assert_eq!((&body["outcome"], &body["sql"]), (&json!("refused"), &json!("SELECT 1")));
        assert_eq!(body["error"]["why"], "read-only");
    }

    #[test]
    fn a_chart_is_drawn_as_wished_or_it_is_said_why_not() {
        let kind = |wish| drawn(answer(Outcome::Answer), wish, Format::Html)["metadata"]["chart"].clone();
        assert_eq!(kind(ChartWish::Automatic), "bar");
        assert_eq!(kind(ChartWish::None), Value::Null);
        let body = drawn(answer(Outcome::Answer), ChartWish::None, Format::Html);
        assert_eq!((&body["visualization"], &body["chart"]), (&Value::Null, &Value::Null));
        assert_eq!(kind(ChartWish::Kind(ChartKind::Proportion)), "pie");
        let body = drawn(answer(Outcome::Answer), ChartWish::Kind(ChartKind::Heatmap), Format::Html);
        assert_eq!(body["metadata"]["chart"], "bar");
        let warning = body["warnings"][0].as_str().expect("a warning");
        assert!(warning.starts_with("no heatmap chart: "), "{warning}");
    }

    #[test]
    fn the_table_comes_in_the_wished_format() {
        let table = |format| drawn(answer(Outcome::Answer), ChartWish::None, format)["data_table"].clone();
        assert_eq!(table(Format::Csv), "genre,pages\n<b>prose,30\nverse,12\ntables,5\n");
        assert!(table(Format::Markdown).as_str().is_some_and(|table| table.starts_with("| genre")));
        let mut empty = answer(Outcome::Abstain);
        empty.result = None;
        assert_eq!(drawn(empty, ChartWish::None, Format::Html)["data_table"], Value::Null);
    }
}
