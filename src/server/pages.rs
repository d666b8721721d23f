//! `GET /` and `GET /chat`, with their style and scripts. Everything comes from this server; nothing is inline.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use serde_json::Value;

use super::health::model;
use super::state::ServerState;
use crate::export::escape;
use crate::pipeline::Suggestion;
use crate::schema::Schema;

const HOME: &str = include_str!("../../assets/web/home.html");
const CHAT: &str = include_str!("../../assets/web/chat.html");

const ASSETS: [(&str, &str, &str); 4] = [
    ("style.css", "text/css; charset=utf-8", include_str!("../../assets/web/style.css")),
    ("home.js", "text/javascript; charset=utf-8", include_str!("../../assets/web/home.js")),
    ("chat.js", "text/javascript; charset=utf-8", include_str!("../../assets/web/chat.js")),
    ("icon.svg", "image/svg+xml", include_str!("../../assets/web/icon.svg")),
];

/// Examples of the gallery on a page.
const GALLERY: usize = 12;

pub async fn home(State(server): State<Arc<ServerState>>) -> Html<String> {
    let pipeline = server.fresh().await;
    let knowledge = pipeline.knowledge();
    let stats = server.stats.to_json(Timestamp::now());
    let (model, note) = match model(pipeline.config()) {
        (_, None) => ("none".to_owned(), "answers come from offline rules"),
        ("offline", Some(name)) => (name.to_owned(), "switched off: offline rules answer"),
        (_, Some(name)) => (name.to_owned(), "offline rules answer if it does not"),
    };
    Html(fill(
        HOME,
        &[
            ("database", &escape(&pipeline.schema().name)),
            ("question_chars", &pipeline.config().limits.question_chars.to_string()),
            ("tables", &pipeline.schema().tables.len().to_string()),
            ("rows", &rows(pipeline.schema())),
            ("model", &escape(&model)),
            ("model_note", note),
            ("examples_count", &knowledge.examples.len().to_string()),
            ("rules_count", &knowledge.rules.len().to_string()),
            ("metrics_count", &knowledge.metrics.len().to_string()),
            ("examples", &gallery(&pipeline.suggestions())),
            ("questions", &grouped(stats["questions"].as_u64().unwrap_or(0))),
            ("success_rate", &percent(&stats["success_rate"])),
            ("p50", &milliseconds(&stats["latency_ms"]["p50"])),
            ("p95", &milliseconds(&stats["latency_ms"]["p95"])),
            ("cache_hits", &grouped(stats["cache_hits"].as_u64().unwrap_or(0))),
            ("tokens", &grouped(stats["tokens"]["total"].as_u64().unwrap_or(0))),
        ],
    ))
}

pub async fn chat(State(server): State<Arc<ServerState>>) -> Html<String> {
    let pipeline = server.fresh().await;
    Html(fill(
        CHAT,
        &[
            ("database", &escape(&pipeline.schema().name)),
            ("question_chars", &pipeline.config().limits.question_chars.to_string()),
            ("examples", &gallery(&pipeline.suggestions())),
        ],
    ))
}

pub async fn asset(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|(known, ..)| *known == name) {
        Some((_, kind, text)) => ([(CONTENT_TYPE, *kind), (CACHE_CONTROL, "no-cache")], *text).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Puts values, escaped by the caller, in the places of their names. A value is never searched for names itself.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, (name, after))) =
        rest.split_once("{{").and_then(|(before, tail)| Some((before, tail.split_once("}}")?)))
    {
        filled.push_str(before);
        filled.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

fn gallery(suggestions: &[Suggestion]) -> String {
    let mut items = String::new();
    for Suggestion { question, category } in suggestions.iter().take(GALLERY) {
        let (address, question) = (encode(question), escape(question));
        let category = category.replace('_', " ");
        let item = format!("<li><a href=\"/chat?q={address}\">{question}<small>{category}</small></a></li>");
        items.push_str(&item);
    }
    items
}

/// Percent-encodes for a query value.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(byte as char),
            _ => encoded.extend(["%", &format!("{byte:02X}")]),
        }
    }
    encoded
}

fn rows(schema: &Schema) -> String {
    let counts = schema.tables.iter().filter(|table| !table.is_view).map(|table| table.row_count);
    let about = if schema.tables.iter().any(|table| table.rows_estimated) { "about " } else { "" };
    match counts.sum::<Option<u64>>() {
        Some(rows) => format!("{about}{} rows, opened read-only", grouped(rows)),
        None => "opened read-only".into(),
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn percent(share: &Value) -> String {
    share.as_f64().map_or("–".into(), |share| format!("{:.0}%", share * 100.0))
}

fn milliseconds(ms: &Value) -> String {
    match ms.as_f64() {
        None => "–".into(),
        Some(ms) if ms < 1_000.0 => format!("{ms:.0} ms"),
        Some(ms) => format!("{:.1} s", ms / 1_000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_every_place_once() {
        assert_eq!(fill("<{{a}}|{{b}}|{{a}}>", &[("a", "{{b}}"), ("b", "2")]), "<{{b}}|2|{{b}}>");
        assert_eq!(fill("x {{", &[]), "x {{");
    }

    #[test]
    fn a_question_in_the_gallery_is_no_markup() {
        let nasty = Suggestion { question: "a\"><script>&b=c é".into(), category: "sales_analysis" };
        assert_eq!(
            gallery(&[nasty]),
            "<li><a href=\"/chat?q=a%22%3E%3Cscript%3E%26b%3Dc%20%C3%A9\">a&quot;&gt;&lt;script&gt;&amp;b=c é\
             <small>sales analysis</small></a></li>"
        );
    }

    #[test]
    fn pages_hold_no_inline_code_and_no_other_host() {
        for page in [HOME, CHAT] {
            let is_handler = |word: &str| word.starts_with("on") && word.contains('=');
            assert!(!page.contains("<style") && !page.contains(" style=") && !page.split_whitespace().any(is_handler));
            assert_eq!(page.matches("<script").count(), page.matches("<script src=\"/assets/").count());
        }
        for text in ASSETS.iter().map(|(_, _, text)| *text).chain([HOME, CHAT]) {
            let foreign = text.replace("http://www.w3.org/2000/svg", "");
            assert!(!foreign.contains("http:") && !foreign.contains("https:") && !foreign.contains("//fonts"));
            assert!(!text.contains("innerHTML") && !text.contains("eval("));
        }
    }

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(milliseconds(&serde_json::json!(12.4)), "12 ms");
        assert_eq!(milliseconds(&serde_json::json!(1_250.0)), "1.2 s");
        assert_eq!(percent(&Value::Null), "–");
    }
}
