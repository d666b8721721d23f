//! Finds the SQL in what a model said: the JSON that was asked for, one block of SQL, or nothing but SQL. Anything
//! else is no answer, and never half of one.

use serde_json::Value;
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;

/// What a model answered.
#[derive(Debug, PartialEq)]
pub(super) enum Answered {
    Sql { sql: String, interpretation: String, assumptions: Vec<String>, form: Form },
    Cannot(String),
}

/// How it was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Fenced,
    Bare,
}

/// The error says what was wrong with the answer.
pub(super) fn read(text: &str) -> Result<Answered, String> {
    if let Some(object) = json_object(text) {
        return from_json(&object);
    }
    let blocks = fenced_blocks(text)?;
    match blocks.as_slice() {
        [] => {}
        [sql] => return Ok(plain((*sql).to_owned(), Form::Fenced)),
        _ => return Err(format!("it holds {} blocks of SQL, not one", blocks.len())),
    }
    if Parser::parse_sql(&GenericDialect {}, text).is_ok_and(|statements| !statements.is_empty()) {
        return Ok(plain(text.trim().to_owned(), Form::Bare));
    }
    Err(format!("it holds no SQL: \"{}\"", beginning(text)))
}

fn plain(sql: String, form: Form) -> Answered {
    Answered::Sql { sql, interpretation: String::new(), assumptions: Vec::new(), form }
}

fn from_json(object: &Value) -> Result<Answered, String> {
    let text = |key: &str| object[key].as_str().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    if let Some(sql) = text("sql") {
        let assumptions = match &object["assumptions"] {
            Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Value::String(one) if !one.trim().is_empty() => vec![one.clone()],
            _ => Vec::new(),
        };
        // Some models put a block of SQL into the JSON.
        let sql = match fenced_blocks(&sql)?.as_slice() {
            [inner] => (*inner).to_owned(),
            _ => sql,
        };
        let interpretation = text("interpretation").unwrap_or_default();
        return Ok(Answered::Sql { sql, interpretation, assumptions, form: Form::Json });
    }
    match text("cannot") {
        Some(reason) => Ok(Answered::Cannot(reason)),
        None => Err("its JSON holds neither \"sql\" nor \"cannot\"".to_owned()),
    }
}

/// The first object with one of our keys, wherever it stands.
fn json_object(text: &str) -> Option<Value> {
    text.match_indices('{').take(20).find_map(|(at, _)| {
        let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
        let value = values.next()?.ok()?;
        (value.get("sql").is_some() || value.get("cannot").is_some()).then_some(value)
    })
}

/// Blocks marked as SQL; if none is marked so, blocks without a mark. An open block is an answer that was cut.
fn fenced_blocks(text: &str) -> Result<Vec<&str>, String> {
    let mut pieces = text.split("```").skip(1);
    let (mut marked, mut unmarked) = (Vec::new(), Vec::new());
    let mut closed = true;
    while let Some(block) = pieces.next() {
        closed = pieces.next().is_some();
        let (mark, body) = block.split_once(['\n', ' ']).unwrap_or((block, ""));
        match mark.trim().to_lowercase().as_str() {
            "sql" | "sqlite" | "sqlite3" | "bigquery" | "googlesql" => marked.push(body.trim()),
            "" => unmarked.push(body.trim()),
            _ => {}
        }
    }
    if !closed {
        return Err("its block of SQL has no end".to_owned());
    }
    let mut blocks = if marked.is_empty() { unmarked } else { marked };
    blocks.retain(|block| !block.is_empty());
    blocks.dedup();
    Ok(blocks)
}

fn beginning(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(120) {
        Some((end, _)) => format!("{} ...", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Case {
        reply: String,
        sql: Option<String>,
        cannot: Option<String>,
        error: Option<String>,
    }

    #[test]
    fn finds_the_sql_or_says_why_not() {
        let cases: Vec<Case> =
            serde_json::from_str(include_str!("../../../../tests/cases/model_replies.json")).unwrap();
        for case in cases {
            match (read(&case.reply), &case.sql, &case.cannot, &case.error) {
                (Ok(Answered::Sql { sql, .. }), Some(wanted), None, None) => assert_eq!(&sql, wanted, "{}", case.reply),
                (Ok(Answered::Cannot(why)), None, Some(wanted), None) => assert_eq!(&why, wanted, "{}", case.reply),
                (Err(why), None, None, Some(wanted)) => assert!(why.contains(wanted), "{}: {why}", case.reply),
                (got, ..) => panic!("{}: {got:?}", case.reply),
            }
        }
    }

    #[test]
    fn explanations_are_kept() {
        let text = r#"{"sql":"SELECT 1","interpretation":"one","assumptions":["net"," "]}"#;
        let Ok(Answered::Sql { interpretation, assumptions, form, .. }) = read(text) else { panic!("not read") };
        assert_eq!((interpretation.as_str(), assumptions.len(), form), ("one", 2, Form::Json));
    }
}
