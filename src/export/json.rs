//! The answer object: every key always present, null where it does not apply. `ask --format json` and HTTP share it.

use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::format::raw;
use crate::pipeline::analysis::{Analysis, Entity};
use crate::pipeline::execution::{ColumnType, ResultColumn, ResultSet, Unit};
use crate::pipeline::response::{Answer, ChartSpec, Confidence, Failure, Insight, Timings};
use crate::schema::{Schema, Value};

/// Largest integer that a reader with 64-bit floats keeps exactly.
pub(super) const EXACT_INTEGER: u64 = 1 << 53;

/// The whole answer. `schema` names the columns that entities were found in.
pub fn answer(answer: &Answer, schema: &Schema) -> Json {
    let result = answer.result.as_ref();
    json!({
        "outcome": answer.outcome.name(),
        "question": answer.question,
        "sql": answer.sql,
        "dialect": answer.dialect.name(),
        "response": answer.text,
        "analysis": answer.analysis.as_ref().map(|a| analysis(a, schema)),
        "interpretation": answer.interpretation,
        "assumptions": answer.assumptions,
        "choices": answer.choices.iter().map(|c| json!({"label": c.label, "question": c.question})).collect::<Vec<_>>(),
        "columns": result.map(|r| r.columns.iter().map(column).collect::<Vec<_>>()),
        "rows": result.map(|r| r.rows.iter().map(|row| row.iter().map(cell).collect()).collect::<Vec<Json>>()),
        "row_count": answer.row_count(),
        "truncated": result.map(|r| r.truncated),
        "chart": answer.chart.as_ref().map(|spec| chart(spec, result)),
        "key_insights": answer.insights.iter().map(|i| i.text.as_str()).collect::<Vec<_>>(),
        "insights": answer.insights.iter().map(insight).collect::<Vec<_>>(),
        "confidence_score": answer.confidence.as_ref().map(|c| rounded(c.score, 4)),
        "confidence": answer.confidence.as_ref().map(confidence),
        "engine": answer.engine.map(crate::pipeline::generation::Engine::name),
        "cached_at": answer.cached_at,
        "warnings": answer.warnings,
        "timings_ms": timings(&answer.timings),
        "usage": answer.usage.map(|u| json!({
            "prompt_tokens": u.prompt_tokens,
            "completion_tokens": u.completion_tokens,
        })),
        "bytes": result.map(|r| r.bytes),
        "session_id": answer.session_id,
        "request_id": answer.request_id,
        "receipt_id": Json::Null,
        "error": answer.error.as_ref().map(failure),
    })
}

/// A cell: integers beyond 2^53 and floats without a JSON form are strings, blobs tell their size.
pub fn cell(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Integer(n) if n.unsigned_abs() > EXACT_INTEGER => json!(n.to_string()),
        Value::Integer(n) => json!(n),
        Value::Real(x) if x.is_finite() => json!(x),
        Value::Real(_) => json!(raw(value)),
        Value::Text(text) => json!(text),
        Value::Blob(bytes) => json!({"bytes": bytes.len()}),
    }
}

/// `result` names the columns that the spec points at.
pub fn chart(spec: &ChartSpec, result: Option<&ResultSet>) -> Json {
    let name = |index: usize| result.and_then(|r| r.columns.get(index)).map(|c| c.name.as_str());
    let point = |index: usize| json!({"index": index, "name": name(index)});
    json!({
        "kind": spec.kind.name(),
        "title": spec.title,
        "x": spec.x.map(point),
        "y": spec.y.iter().map(|index| point(*index)).collect::<Vec<_>>(),
        "series": spec.series.map(point),
        "reason": spec.reason,
    })
}

pub(super) fn write(subject: &Answer, schema: &Schema, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &answer(subject, schema))?;
    out.write_all(b"\n")
}

fn analysis(analysis: &Analysis, schema: &Schema) -> Json {
    json!({
        "intent": analysis.intent.name(),
        "complexity": analysis.complexity.name(),
        "entities": analysis.entities.iter().map(|e| entity(e, schema)).collect::<Vec<_>>(),
        "dates": analysis.dates.iter().map(|d| json!({
            "first": d.first.to_string(),
            "last": d.last.to_string(),
        })).collect::<Vec<_>>(),
    })
}

fn entity(entity: &Entity, schema: &Schema) -> Json {
    // An answer may outlive the schema it was made with: a column that is gone has no name.
    let known = entity.column.filter(|id| schema.tables.get(id.table.0).is_some_and(|t| id.column < t.columns.len()));
    json!({
        "kind": entity.kind.name(),
        "text": entity.text,
        "value": entity.value,
        "column": known.map(|id| schema.qualified(id)),
        "span": [entity.span.start, entity.span.end],
    })
}

fn column(column: &ResultColumn) -> Json {
    json!({
        "name": column.name,
        "type": match column.kind {
            ColumnType::Integer => "integer",
            ColumnType::Real => "real",
            ColumnType::Text => "text",
            ColumnType::Blob => "blob",
            ColumnType::Any => "any",
        },
        "unit": column.unit.map(|unit| match unit {
            Unit::Money => "money",
            Unit::Percent => "percent",
        }),
    })
}

fn insight(insight: &Insight) -> Json {
    let figures: Vec<Json> =
        insight.figures.iter().map(|(name, x)| json!({"name": name, "value": cell(&Value::Real(*x))})).collect();
    json!({
        "kind": insight.kind.name(),
        "text": insight.text,
        "evidence": {"rows": insight.rows, "figures": figures},
    })
}

fn confidence(confidence: &Confidence) -> Json {
    let parts: Vec<Json> = confidence
        .parts
        .iter()
        .map(|part| json!({"name": part.name, "score": rounded(part.score, 4), "why": part.why}))
        .collect();
    json!({"word": confidence.word(), "parts": parts})
}

fn timings(timings: &Timings) -> Json {
    json!({
        "analysis": milliseconds(timings.analysis),
        "retrieval": milliseconds(timings.retrieval),
        "generation": milliseconds(timings.generation),
        "validation": milliseconds(timings.validation),
        "execution": milliseconds(timings.execution),
        "response": milliseconds(timings.response),
        "total": milliseconds(timings.total),
    })
}

fn failure(failure: &Failure) -> Json {
    json!({"code": failure.code, "message": failure.message, "why": failure.why, "hint": failure.hint})
}

/// To a tenth.
fn milliseconds(time: Duration) -> f64 {
    rounded(time.as_secs_f64() * 1000.0, 1)
}

fn rounded(x: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    (x * scale).round() / scale
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::pipeline::analysis::{Complexity, DateRange, EntityKind, Intent};
    use crate::pipeline::generation::Engine;
    use crate::pipeline::response::{ChartKind, Choice, ConfidencePart, InsightKind, Outcome, Usage};
    use crate::schema::{Column, ColumnId, Dialect, SemanticType, Table, TableId};

    /// Columns without a meaning, for tests of the formats.
    pub(in crate::export) fn result_of(names: &[&str], rows: Vec<Vec<Value>>) -> ResultSet {
        let columns = names
            .iter()
            .map(|name| ResultColumn {
                name: (*name).to_owned(),
                kind: ColumnType::Any,
                unit: None,
                semantic: SemanticType::Unknown,
            })
            .collect();
        ResultSet { columns, rows, ..ResultSet::default() }
    }

    pub(in crate::export) fn result() -> ResultSet {
        let rows = vec![
            vec![Value::Text("Dairy".into()), Value::Real(22_410.5), Value::Integer(1200)],
            vec![Value::Text("Frozen & Co".into()), Value::Null, Value::Integer(7)],
        ];
        let mut result = result_of(&["category", "revenue", "units"], rows);
        result.columns[0].kind = ColumnType::Text;
        result.columns[1].kind = ColumnType::Real;
        result.columns[1].unit = Some(Unit::Money);
        result.columns[2].kind = ColumnType::Integer;
        result.bytes = 40;
        result
    }

    pub(in crate::export) fn answer() -> Answer {
        Answer {
            outcome: Outcome::Answer,
            question: "revenue by category".into(),
            sql: Some("SELECT 1".into()),
            dialect: Dialect::Sqlite,
            text: "Dairy leads.".into(),
            analysis: None,
            interpretation: None,
            assumptions: vec![],
            choices: vec![],
            result: None,
            chart: None,
            insights: vec![],
            confidence: None,
            engine: None,
            handed_over: None,
            cached_at: None,
            warnings: vec![],
            timings: Timings::default(),
            usage: None,
            session_id: None,
            request_id: "r1".into(),
            error: None,
        }
    }

    const KEYS: [&str; 28] = [
        "outcome",
        "question",
        "sql",
        "dialect",
        "response",
        "analysis",
        "interpretation",
        "assumptions",
        "choices",
        "columns",
        "rows",
        "row_count",
        "truncated",
        "chart",
        "key_insights",
        "insights",
        "confidence_score",
        "confidence",
        "engine",
        "cached_at",
        "warnings",
        "timings_ms",
        "usage",
        "bytes",
        "session_id",
        "request_id",
        "receipt_id",
        "error",
    ];

    #[test]
    fn every_key_is_there_even_if_nothing_was_run() {
        let object = super::answer(&answer(), &Schema::default());
        let keys: Vec<&String> = object.as_object().unwrap().keys().collect();
        assert_eq!(keys, KEYS.iter().collect::<Vec<_>>());
        for key in ["rows", "columns", "row_count", "chart", "error", "usage", "analysis", "receipt_id", "bytes"] {
            assert!(object[key].is_null(), "{key}");
        }
        for key in ["warnings", "insights", "key_insights", "assumptions", "choices"] {
            assert_eq!(object[key], json!([]), "{key}");
        }
    }

    #[test]
    fn a_full_answer_has_the_shapes_of_the_contract() {
        let mut full = answer();
        full.result = Some(result());
        full.engine = Some(Engine::Offline);
        full.choices = vec![Choice { label: "1".into(), question: "q".into() }];
        full.chart = Some(ChartSpec {
            kind: ChartKind::Bars,
            title: "revenue by category".into(),
            x: Some(0),
            y: vec![1],
            series: None,
            reason: "a text and a number".into(),
        });
        full.confidence = Some(Confidence::of(vec![ConfidencePart { name: "links", score: 0.9, why: "named".into() }]));
        full.insights = vec![Insight {
            kind: InsightKind::TopShare,
            text: "Dairy leads".into(),
            rows: vec![0],
            figures: vec![("share".into(), 99.5)],
        }];
        full.timings.total = Duration::from_micros(12_345);
        full.usage = Some(Usage { prompt_tokens: 10, completion_tokens: 2 });
        full.error =
            Some(Failure { code: "time_limit", message: "m".into(), why: None, hint: Some("h".into()), place: None });
        let object = super::answer(&full, &Schema::default());
        assert_eq!(object["columns"][1], json!({"name": "revenue", "type": "real", "unit": "money"}));
        assert_eq!(object["rows"], json!([["Dairy", 22_410.5, 1200], ["Frozen & Co", null, 7]]));
        assert_eq!(object["row_count"], 2);
        assert_eq!(object["truncated"], false);
        assert_eq!(object["bytes"], 40);
        assert_eq!(object["engine"], "offline");
        assert_eq!(
            object["chart"],
            json!({"kind": "bar", "title": "revenue by category", "x": {"index": 0, "name": "category"},
                   "y": [{"index": 1, "name": "revenue"}], "series": null, "reason": "a text and a number"})
        );
        assert_eq!(object["key_insights"], json!(["Dairy leads"]));
        assert_eq!(
            object["insights"],
            json!([{"kind": "top_share", "text": "Dairy leads",
                    "evidence": {"rows": [0], "figures": [{"name": "share", "value": 99.5}]}}])
        );
        assert_eq!(object["confidence_score"], 0.9);
        assert_eq!(
            object["confidence"],
            json!({"word": "high", "parts": [{"name": "links", "score": 0.9, "why": "named"}]})
        );
        assert_eq!(object["timings_ms"]["total"], 12.3);
        assert_eq!(object["usage"], json!({"prompt_tokens": 10, "completion_tokens": 2}));
        assert_eq!(object["error"], json!({"code": "time_limit", "message": "m", "why": null, "hint": "h"}));
    }

    #[test]
    fn entities_name_their_column() {
        let schema = Schema {
            tables: vec![Table {
                name: "products".into(),
                columns: vec![Column { name: "brand".into(), ..Column::default() }],
                ..Table::default()
            }],
            ..Schema::default()
        };
        let date = jiff::civil::date(2025, 5, 1);
        let found =
            |column| Entity { kind: EntityKind::Brand, text: "acme".into(), value: "Acme".into(), column, span: 3..7 };
        let mut subject = answer();
        subject.analysis = Some(Analysis {
            text: "x".into(),
            intent: Intent::Sales,
            complexity: Complexity::Simple,
            entities: vec![
                found(Some(ColumnId { table: TableId(0), column: 0 })),
                found(Some(ColumnId { table: TableId(4), column: 0 })),
            ],
            dates: vec![DateRange { first: date, last: date }],
            as_of: date,
            words: Vec::new(),
            values: Vec::new(),
            times: Vec::new(),
            filters: Vec::new(),
        });
        assert_eq!(
            super::answer(&subject, &schema)["analysis"],
            json!({
                "intent": "sales_analysis", "complexity": "simple",
                "entities": [
                    {"kind": "brand", "text": "acme", "value": "Acme", "column": "products.brand", "span": [3, 7]},
                    {"kind": "brand", "text": "acme", "value": "Acme", "column": null, "span": [3, 7]},
                ],
                "dates": [{"first": "2025-05-01", "last": "2025-05-01"}],
            })
        );
    }

    #[test]
    fn no_digit_is_lost() {
        let cases = [
            (Value::Integer(9_007_199_254_740_992), json!(9_007_199_254_740_992_i64)),
            (Value::Integer(9_007_199_254_740_993), json!("9007199254740993")),
            (Value::Integer(i64::MIN), json!("-9223372036854775808")),
            (Value::Real(0.1), json!(0.1)),
            (Value::Real(f64::NAN), json!("NaN")),
            (Value::Real(f64::NEG_INFINITY), json!("-Infinity")),
            (Value::Null, Json::Null),
            (Value::Blob(vec![1, 2]), json!({"bytes": 2})),
        ];
        for (value, expected) in cases {
            assert_eq!(cell(&value), expected, "{value:?}");
        }
    }
}
