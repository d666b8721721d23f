//! `t2s context`: what retrieval hands to the generators for a question, with scores and reasons.

use std::io::{self, Write};

use serde_json::{Value as Json, json};

use super::args::{ContextArgs, OutputArgs};
use super::batch::{self, Work};
use super::exit::{Exit, Failed};
use super::{Setup, input, open};
use crate::pipeline::Pipeline;
use crate::pipeline::analysis::Question;
use crate::pipeline::response::Failure;
use crate::terminal::safe;

pub async fn run(setup: &Setup, args: ContextArgs) -> Result<Exit, Failed> {
    if args.batch.batch.is_some() {
        let work = Work::Context { top: args.top };
        return batch::run(setup, &args.batch, &OutputArgs::default(), &args.question, work).await;
    }
    let text = input::text(&args.question, "question", setup.no_input)?;
    input::check_length(&text, setup.loaded.config.limits.question_chars)?;
    let pipeline = open::pipeline(setup).await?;
    let question = Question { text, as_of: setup.loaded.config.as_of, ..Question::default() };
    let found = find(&pipeline, &question, args.top).await.map_err(Failed::from)?;
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{found:#}")?;
        return Ok(Exit::ANSWERED);
    }
    if let Some(note) = found["note"].as_str() {
        setup.voice.warning(note);
    }
    for kind in ["tables", "metrics", "examples", "rules", "values"] {
        for entry in found[kind].as_array().into_iter().flatten() {
            let word = |key: &str| entry[key].as_str().unwrap_or_default();
            let score = hundredths(entry["score"].as_f64().unwrap_or_default());
            let why = if word("why").is_empty() { "nothing in the question points to it" } else { word("why") };
            let line = format!("{score}  {:<8}  {}  ({why})", kind.trim_end_matches('s'), word("name"));
            writeln!(out, "{}", safe(&line, setup.voice.charset))?;
        }
    }
    Ok(Exit::ANSWERED)
}

/// `tables`, `metrics`, `examples`, `rules` and `values`, each entry with its name, score and reason; best first.
pub async fn find(pipeline: &Pipeline, question: &Question, top: usize) -> Result<Json, Failure> {
    let analysis = pipeline.analyse(question)?;
    let context = pipeline.retriever().retrieve(&analysis.text, &analysis.entities, top).await;
    let schema = pipeline.schema();
    let tables = context
        .tables
        .iter()
        .map(|t| json!({"name": schema.table(t.table).name, "score": rounded(t.score), "why": t.why}));
    let metrics = context.metrics.iter().map(
        |m| json!({"name": m.metric.name, "expression": m.metric.expression, "score": rounded(m.score), "why": m.why}),
    );
    let examples = context
        .examples
        .iter()
        .map(|e| json!({"name": e.example.question, "sql": e.example.sql, "score": rounded(e.score), "why": e.why}));
    let rules = context
        .rules
        .iter()
        .map(|r| json!({"name": r.rule.heading, "text": r.rule.text, "score": rounded(r.score), "why": r.why}));
    let values = context.values.iter().map(|v| {
        let column = schema.qualified(v.column);
        json!({"name": v.value, "column": column, "text": v.text, "score": rounded(v.score), "why": v.why})
    });
    Ok(json!({
        "question": question.text,
        "tables": tables.collect::<Vec<_>>(),
        "metrics": metrics.collect::<Vec<_>>(),
        "examples": examples.collect::<Vec<_>>(),
        "rules": rules.collect::<Vec<_>>(),
        "values": values.collect::<Vec<_>>(),
        "note": context.note,
        "error": Json::Null,
    }))
}

/// `0.42`; what rounds to zero has no sign.
fn hundredths(score: f64) -> String {
    format!("{:.2}", (score * 100.0).round() / 100.0 + 0.0)
}

/// Four places: the rest is noise of floating point.
fn rounded(score: f64) -> f64 {
    (score * 10_000.0).round() / 10_000.0 + 0.0
}
