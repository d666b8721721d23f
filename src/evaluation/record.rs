//! A run as JSON: what was asked, what came of it, and the figures. A later run is compared with it.

use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use super::calibration::Point;
use super::changes::Changes;
use super::judge::Asked;
use super::matching::Match;
use super::statistics::Share;
use super::structure::Structure;
use super::summary::{Grouping, Latency, Summary};

/// Raised when a reader of older records would misread newer ones.
pub const VERSION: u64 = 1;

/// How a run was made.
#[derive(Clone, Debug)]
pub struct Settings {
    pub file: String,
    pub matching: Match,
    pub jobs: usize,
    /// The model that was asked; `None` if none may be.
    pub model: Option<String>,
    /// Whether readings below the thresholds were answered too.
    pub answers_all: bool,
}

/// The whole run as one object.
pub fn record(settings: &Settings, summary: &Summary, asked: &[Asked], changes: Option<&Changes>) -> Json {
    json!({
        "version": VERSION,
        "program": concat!("t2s ", env!("CARGO_PKG_VERSION")),
        "settings": {
            "file": settings.file,
            "match": settings.matching.name(),
            "jobs": settings.jobs,
            "model": settings.model,
            "all": settings.answers_all,
        },
        "summary": summarised(summary),
        "changes": changes.map(changed),
        "questions": asked.iter().map(one).collect::<Vec<_>>(),
    })
}

fn summarised(summary: &Summary) -> Json {
    let by: Map<String, Json> = summary.groupings.iter().map(|g| (g.by.clone(), grouping(g))).collect();
    let outcomes: Map<String, Json> =
        summary.outcomes.iter().map(|(outcome, n)| (outcome.name().to_owned(), json!(n))).collect();
    json!({
        "accuracy": share(summary.overall),
        "conversations": summary.conversations.map(share),
        "by": by,
        "outcomes": outcomes,
        "faults": summary.faults,
        "curve": summary.curve.iter().map(point).collect::<Vec<_>>(),
        "calibration_error": summary.calibration_error.map(rounded),
        "latency_ms": summary.latency.map(latency),
        "wall_ms": milliseconds(summary.wall),
        "tokens": summary.tokens,
    })
}

fn grouping(grouping: &Grouping) -> Json {
    Json::Object(grouping.groups.iter().map(|group| (group.name.clone(), share(group.share))).collect())
}

fn share(share: Share) -> Json {
    let (low, high) = share.interval();
    json!({"right": share.right, "all": share.all, "share": rounded(share.value()), "low": rounded(low), "high": rounded(high)})
}

fn point(point: &Point) -> Json {
    json!({
        "coverage": rounded(point.coverage),
        "answers": point.answers,
        "confidence": rounded(point.confidence),
        "precision": rounded(point.precision),
    })
}

fn latency(latency: Latency) -> Json {
    let Latency { p50, p95, p99, longest } = latency;
    json!({"p50": milliseconds(p50), "p95": milliseconds(p95), "p99": milliseconds(p99), "max": milliseconds(longest)})
}

fn changed(changes: &Changes) -> Json {
    let ids = |list: &[super::Change]| list.iter().map(|c| json!({"id": c.id, "turn": c.turn})).collect::<Vec<_>>();
    json!({
        "fixed": ids(&changes.fixed),
        "broken": ids(&changes.broken),
        "still_right": changes.still_right,
        "still_wrong": changes.still_wrong,
        "new": changes.new,
        "gone": changes.gone,
        "chance": rounded(changes.chance()),
    })
}

fn one(asked: &Asked) -> Json {
    let verdict = &asked.verdict;
    let structure = asked.gold.statement().map(Structure::of);
    let groups: Map<String, Json> = asked.groups.iter().map(|(by, value)| (by.clone(), json!(value))).collect();
    json!({
        "id": asked.id,
        "turn": asked.turn,
        "line": asked.line,
        "db": asked.database,
        "question": asked.question,
        "action": asked.gold.action.name(),
        "groups": groups,
        "structure": structure.map(|s| s.shape.name()),
        "joins": structure.map(|s| s.joins),
        "right": asked.is_right(),
        "fault": verdict.fault.as_ref().map(super::Fault::name),
        "why": verdict.fault.as_ref().map(super::Fault::text),
        "outcome": verdict.outcome.name(),
        "confidence": verdict.confidence.map(rounded),
        "engine": verdict.engine.map(crate::pipeline::generation::Engine::name),
        "sql": verdict.sql,
        "gold_sql": asked.gold.statement(),
        "elapsed_ms": milliseconds(verdict.elapsed),
    })
}

/// Four places: the rest is noise.
fn rounded(x: f64) -> f64 {
    (x * 1e4).round() / 1e4 + 0.0
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e5).round() / 100.0
}
