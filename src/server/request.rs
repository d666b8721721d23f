//! The body of a question becomes what the pipeline is asked. Pure.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::problem::Problem;
use crate::config::LimitsConfig;
use crate::export::Format;
use crate::pipeline::analysis::{Question, Turn};
use crate::pipeline::execution::Limits;
use crate::pipeline::response::ChartKind;

/// Turns of a conversation that are read; older ones are left out, and that is said.
const TURNS: usize = 20;

/// A question with what was wished for its answer.
#[derive(Clone, Debug)]
pub struct Asked {
    pub question: Question,
    pub limits: Limits,
    pub chart: ChartWish,
    /// How `data_table` is written.
    pub format: Format,
    /// What could not be honoured, in words.
    pub warnings: Vec<String>,
}

/// Which chart the asker wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChartWish {
    /// The one that the result's shape asks for.
    #[default]
    Automatic,
    None,
    Kind(ChartKind),
}

/// How `data_table` can be written: the formats that hold a table and nothing else.
const TABLES: [Format; 5] = [Format::Html, Format::Markdown, Format::Csv, Format::Tsv, Format::Table];

#[derive(Deserialize)]
struct Body {
    question: Option<String>,
    #[serde(default)]
    user_context: Option<UserContext>,
    #[serde(default)]
    turns: Option<Vec<BodyTurn>>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Default, Deserialize)]
struct UserContext {
    #[serde(default)]
    preferences: Option<Map<String, Value>>,
    #[serde(default)]
    filters: Option<Map<String, Value>>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Deserialize)]
struct BodyTurn {
    question: String,
    #[serde(default)]
    sql: Option<String>,
}

/// Reads a request body.
pub fn read(body: &[u8], limits: &LimitsConfig) -> Result<Asked, Problem> {
    let body: Body = serde_json::from_slice(body).map_err(|e| unreadable(&e))?;
    let text = question(body.question, limits.question_chars)?;
    let mut warnings: Vec<String> =
        body.others.keys().map(|name| format!("the field {name:?} is not known and was ignored")).collect();
    let turns = turns(body.turns.unwrap_or_default(), limits.question_chars, &mut warnings)?;
    let context = body.user_context.unwrap_or_default();
    warnings.extend(context.others.keys().map(|name| format!("user_context.{name} is not known and was ignored")));

    let mut asked = Asked {
        question: Question { text, turns, as_of: None, filters: filters(context.filters.unwrap_or_default())? },
        limits: Limits { rows: Some(limits.max_results), time: limits.http_time, bytes: Some(limits.result_bytes) },
        chart: ChartWish::default(),
        format: Format::Html,
        warnings,
    };
    for (name, value) in context.preferences.unwrap_or_default() {
        prefer(&mut asked, &name, &value, limits.max_results)?;
    }
    Ok(asked)
}

fn unreadable(error: &serde_json::Error) -> Problem {
    let code = if error.is_data() { "bad_input" } else { "bad_json" };
    Problem::bad_input(code, format!("the request body was not understood: {error}"))
        .hint(r#"send a JSON object such as {"question": "revenue by month"}"#)
}

fn question(text: Option<String>, most: usize) -> Result<String, Problem> {
    let text = text.ok_or_else(|| {
        Problem::bad_input("missing_question", "the request has no question")
            .hint(r#"send a JSON object such as {"question": "revenue by month"}"#)
    })?;
    if text.trim().is_empty() {
        return Err(Problem::bad_input("empty_question", "the question is empty").hint("write a question"));
    }
    within(&text, most)?;
    Ok(text)
}

fn within(text: &str, most: usize) -> Result<(), Problem> {
    let chars = text.chars().count();
    if chars <= most {
        return Ok(());
    }
    Err(Problem::bad_input("question_too_long", format!("the question has {chars} characters; {most} are allowed"))
        .hint("ask in fewer words"))
}

fn turns(mut sent: Vec<BodyTurn>, most: usize, warnings: &mut Vec<String>) -> Result<Vec<Turn>, Problem> {
    if sent.len() > TURNS {
        warnings.push(format!("only the last {TURNS} of {} turns were read", sent.len()));
        sent.drain(..sent.len() - TURNS);
    }
    sent.into_iter()
        .map(|turn| {
            within(&turn.question, most)?;
            Ok(Turn { question: turn.question, sql: turn.sql.filter(|sql| !sql.trim().is_empty()) })
        })
        .collect()
}

fn prefer(asked: &mut Asked, name: &str, value: &Value, max_results: usize) -> Result<(), Problem> {
    match name {
        "max_rows" => prefer_rows(asked, value, max_results)?,
        "chart" => prefer_chart(asked, value)?,
        "format" => prefer_format(asked, value)?,
        _ => asked.warnings.push(format!("the preference {name:?} is not known and was ignored")),
    }
    Ok(())
}

fn prefer_rows(asked: &mut Asked, value: &Value, max_results: usize) -> Result<(), Problem> {
    let rows = value.as_u64().filter(|rows| *rows > 0).and_then(|rows| usize::try_from(rows).ok());
    let rows = rows.ok_or_else(|| unusable("max_rows", value, "a whole number from 1"))?;
    if rows > max_results {
        asked.warnings.push(format!("at most {max_results} rows are sent; {rows} were asked for"));
    }
    asked.limits.rows = Some(rows.min(max_results));
    Ok(())
}

fn prefer_chart(asked: &mut Asked, value: &Value) -> Result<(), Problem> {
    asked.chart = match value {
        Value::Null | Value::Bool(true) => ChartWish::Automatic,
        Value::Bool(false) => ChartWish::None,
        Value::String(word) => chart_of(word).unwrap_or_else(|| {
            let known = ChartKind::ALL.map(ChartKind::name).join(", ");
            asked.warnings.push(format!("the chart {word:?} is not known; there are auto, none, {known}"));
            ChartWish::Automatic
        }),
        _ => return Err(unusable("chart", value, "true, false or the name of a chart")),
    };
    Ok(())
}

fn chart_of(word: &str) -> Option<ChartWish> {
    match word.to_ascii_lowercase().as_str() {
        "auto" => Some(ChartWish::Automatic),
        "none" => Some(ChartWish::None),
        word => ChartKind::from_name(word).map(ChartWish::Kind),
    }
}

fn prefer_format(asked: &mut Asked, value: &Value) -> Result<(), Problem> {
    let word = value.as_str().ok_or_else(|| unusable("format", value, "the name of a format"))?;
    if let Some(format) = TABLES.into_iter().find(|format| format.name().eq_ignore_ascii_case(word)) {
        asked.format = format;
    } else {
        let known = TABLES.map(Format::name).join(", ");
        asked.warnings.push(format!("the format {word:?} is not known; data_table can be {known}"));
    }
    Ok(())
}

fn unusable(name: &str, value: &Value, wanted: &str) -> Problem {
    Problem::bad_input("bad_input", format!("the preference {name} is {value}; it must be {wanted}"))
}

fn filters(sent: Map<String, Value>) -> Result<Vec<(String, String)>, Problem> {
    let mut filters = Vec::new();
    for (name, value) in sent {
        let values = match value {
            Value::Array(values) => values,
            one => vec![one],
        };
        for value in values {
            filters.push((name.clone(), plain(&name, value)?));
        }
    }
    Ok(filters)
}

fn plain(name: &str, value: Value) -> Result<String, Problem> {
    match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        other => Err(Problem::bad_input(
            "bad_input",
            format!("the filter {name:?} is {other}; it must be a text, a number, true, false or a list of these"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    fn limits() -> LimitsConfig {
        LimitsConfig {
            max_results: 100,
            app_rows: 1_000,
            time: Duration::from_secs(30),
            http_time: Duration::from_secs(10),
            question_chars: 20,
            result_bytes: 1_000,
            ..LimitsConfig::default()
        }
    }

    fn check(body: &Value) -> Result<Asked, &'static str> {
        read(body.to_string().as_bytes(), &limits()).map_err(|problem| {
            assert_eq!(problem.status.as_u16(), 400);
            problem.code
        })
    }

    #[test]
    fn a_question_alone_has_the_limits_of_http() {
        let asked = check(&json!({"question": "how many?"})).expect("a good body");
        assert_eq!(asked.question.text, "how many?");
        assert_eq!(asked.limits, Limits { rows: Some(100), time: Duration::from_secs(10), bytes: Some(1_000) });
        assert_eq!((asked.chart, asked.format), (ChartWish::Automatic, Format::Html));
        assert!(asked.warnings.is_empty() && asked.question.turns.is_empty());
    }

    #[test]
    fn refuses_what_is_no_question() {
        let cases = [
            (json!({}), "missing_question"),
            (json!({"question": null}), "missing_question"),
            (json!({"question": " \n"}), "empty_question"),
            (json!({"question": "twenty-one characters"}), "question_too_long"),
            (json!({"question": 5}), "bad_input"),
            (json!([]), "bad_input"),
            (json!("how many?"), "bad_input"),
            (json!({"question": "a", "turns": "b"}), "bad_input"),
            (json!({"question": "a", "turns": [{"sql": "x"}]}), "bad_input"),
            (json!({"question": "a", "turns": [{"question": "twenty-one characters"}]}), "question_too_long"),
            (json!({"question": "a", "user_context": []}), "bad_input"),
            (json!({"question": "a", "user_context": {"preferences": {"max_rows": 0}}}), "bad_input"),
            (json!({"question": "a", "user_context": {"preferences": {"max_rows": "5"}}}), "bad_input"),
            (json!({"question": "a", "user_context": {"preferences": {"chart": 5}}}), "bad_input"),
            (json!({"question": "a", "user_context": {"filters": {"colour": {"not": "red"}}}}), "bad_input"),
        ];
        for (body, expected) in cases {
            assert_eq!(check(&body).err(), Some(expected), "{body}");
        }
        for body in [&b""[..], b"{", b"\xff", b"{\"question\": \"a\"} x"] {
            let problem = read(body, &limits()).expect_err("bad JSON");
            assert_eq!(problem.code, "bad_json");
        }
    }

    #[test]
    fn the_length_of_a_question_is_counted_in_characters() {
        assert!(check(&json!({"question": "é".repeat(20)})).is_ok());
        assert!(check(&json!({"question": "é".repeat(21)})).is_err());
    }

    #[test]
    fn preferences_are_honoured_and_unknown_ones_told() {
        let asked = check(&json!({"question": "a", "user_context": {
            "preferences": {"max_rows": 5, "chart": "line", "format": "CSV", "tone": "merry"}}}))
        .expect("a good body");
        assert_eq!(asked.limits.rows, Some(5));
        assert_eq!((asked.chart, asked.format), (ChartWish::Kind(ChartKind::Line), Format::Csv));
        assert_eq!(asked.warnings, [r#"the preference "tone" is not known and was ignored"#]);
    }

    #[test]
    fn no_preference_lifts_the_limit_of_rows() {
        let asked =
            check(&json!({"question": "a", "user_context": {"preferences": {"max_rows": 101}}})).expect("a good body");
        assert_eq!(asked.limits.rows, Some(100));
        assert_eq!(asked.warnings, ["at most 100 rows are sent; 101 were asked for"]);
    }

    #[test]
    fn a_chart_can_be_declined() {
        for (value, expected) in [
            (json!(false), ChartWish::None),
            (json!("none"), ChartWish::None),
            (json!(true), ChartWish::Automatic),
            (json!("pie"), ChartWish::Kind(ChartKind::Proportion)),
            (json!("waterfall"), ChartWish::Automatic),
        ] {
            let asked = check(&json!({"question": "a", "user_context": {"preferences": {"chart": value}}}))
                .expect("a good body");
            assert_eq!(asked.chart, expected, "{value}");
            assert_eq!(asked.warnings.len(), usize::from(value == "waterfall"), "{value}");
        }
    }

    #[test]
    fn filters_are_read_one_pair_a_value() {
        let asked = check(&json!({"question": "a", "user_context": {
            "filters": {"Colour": ["red", 5], "things.colour": true}}}))
        .expect("a good body");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(asked.question.filters, [pair("Colour", "red"), pair("Colour", "5"), pair("things.colour", "true")]);
        assert!(asked.warnings.is_empty());
    }

    #[test]
    fn unknown_fields_are_told() {
        let asked = check(&json!({"question": "a", "mood": 1, "user_context": {"name": "x"}})).expect("a good body");
        assert_eq!(
            asked.warnings,
            [r#"the field "mood" is not known and was ignored"#, "user_context.name is not known and was ignored"]
        );
    }

    #[test]
    fn turns_come_oldest_first_and_only_the_last_are_read() {
        let sent: Vec<Value> = (0..=TURNS).map(|n| json!({"question": n.to_string(), "sql": ""})).collect();
        let asked = check(&json!({"question": "a", "turns": sent})).expect("a good body");
        assert_eq!(asked.question.turns.len(), TURNS);
        assert_eq!(asked.question.turns[0], Turn { question: "1".into(), sql: None });
        assert_eq!(asked.warnings.len(), 1);
    }
}
