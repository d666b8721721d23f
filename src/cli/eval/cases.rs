//! Lines of the file become cases: what to ask, of which database, and what is right.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Deserialize as _;
use serde_json::{Map, Value as Json, json};

use crate::cli::exit::{Exit, Failed};
use crate::cli::lines::{self, Line};
use crate::evaluation::Gold;

/// The field that figures are grouped by where lines have it.
const DIFFICULTY: &str = "difficulty";

/// One line: a question, or a conversation.
#[derive(Clone, Debug)]
pub struct Case {
    pub line: usize,
    pub id: Json,
    pub db: Option<PathBuf>,
    /// How the database is called in figures; `None`: by its own name.
    pub database: Option<String>,
    pub as_of: Option<Date>,
    pub is_conversation: bool,
    pub turns: Vec<CaseTurn>,
}

#[derive(Clone, Debug)]
pub struct CaseTurn {
    pub question: String,
    pub gold: Gold,
    /// Fields to group by, with their values.
    pub groups: Vec<(String, Option<String>)>,
}

/// Reads a whole file. A line that cannot be judged ends it: a share of what could be read is no figure.
pub fn read(path: &Path, group_by: &[String]) -> Result<Vec<Case>, Failed> {
    let mut fields = vec![DIFFICULTY.to_owned()];
    fields.extend(group_by.iter().filter(|field| *field != DIFFICULTY).cloned());
    let mut cases = Vec::new();
    for (number, line) in lines::read_lines(path)? {
        let case = lines::text(line).and_then(|text| case(number, &text, &fields));
        cases.push(case.map_err(|why| {
            let message = format!("line {number} of {}: {why}", path.display());
            Failed::new(Exit::USAGE, "bad_input", message).hint("t2s help eval shows the form of a line")
        })?);
    }
    if cases.is_empty() {
        return Err(Failed::usage(format!("there are no questions in {}", path.display())));
    }
    let has = |field: &str| {
        cases.iter().flat_map(|c| &c.turns).any(|t| t.groups.iter().any(|(f, v)| f == field && v.is_some()))
    };
    if let Some(field) = group_by.iter().find(|field| !has(field)) {
        return Err(Failed::usage(format!("--group-by: no line has a field {field:?}")));
    }
    name_databases(&mut cases);
    Ok(cases)
}

fn case(number: usize, text: &str, fields: &[String]) -> Result<Case, String> {
    let value: Json = serde_json::from_str(text).map_err(|e| format!("it is no JSON object: {e}"))?;
    let Json::Object(object) = &value else { return Err("it is no JSON object".to_owned()) };
    // What only answers are about may be of any form.
    let line = Line::deserialize(without_sql(object)).map_err(|e| e.to_string())?;
    let as_of = line.as_of.as_deref().map(lines::date).transpose()?;
    let is_conversation = !line.turns.is_empty();
    let turns = if is_conversation {
        let objects = object.get("turns").and_then(Json::as_array).into_iter().flatten();
        let texts = line.turns.into_iter().map(lines::TurnLine::into_text);
        let turn = |(at, (question, fields_of_turn)): (usize, (String, &Json))| {
            turn(question, fields_of_turn.as_object(), object, fields).map_err(|why| format!("turn {}: {why}", at + 1))
        };
        texts.zip(objects).enumerate().map(turn).collect::<Result<Vec<_>, _>>()?
    } else {
        let question = line.question.ok_or("there is no \"question\" and no \"turns\"")?;
        vec![turn(question, Some(object), object, fields)?]
    };
    let id = line.id.filter(|id| !id.is_null()).unwrap_or_else(|| json!(number));
    Ok(Case { line: number, id, db: line.db, database: None, as_of, is_conversation, turns })
}

fn without_sql(object: &Map<String, Json>) -> Json {
    Json::Object(object.iter().filter(|(name, _)| *name != "sql").map(|(k, v)| (k.clone(), v.clone())).collect())
}

/// Fields of a turn win over those of its conversation.
fn turn(
    question: String,
    own: Option<&Map<String, Json>>,
    shared: &Map<String, Json>,
    fields: &[String],
) -> Result<CaseTurn, String> {
    let own = own.ok_or("it is text without a gold statement")?;
    let mut gold = Gold::read(own)?;
    if gold.ordered.is_none() {
        gold.ordered = shared.get("ordered").and_then(Json::as_bool);
    }
    let value = |field: &String| own.get(field).or_else(|| shared.get(field)).filter(|v| !v.is_null());
    let worded = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let groups = fields.iter().map(|field| (field.clone(), value(field).map(worded))).collect();
    Ok(CaseTurn { question, gold, groups })
}

/// By the names of the files; by their paths where two files have one name.
fn name_databases(cases: &mut [Case]) {
    let stem = |path: &Path| path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let mut paths: BTreeMap<String, BTreeSet<PathBuf>> = BTreeMap::new();
    for db in cases.iter().filter_map(|case| case.db.as_ref()) {
        paths.entry(stem(db)).or_default().insert(db.clone());
    }
    for case in cases {
        let name = |db: &PathBuf| match stem(db) {
            name if paths.get(&name).is_some_and(|paths| paths.len() == 1) => name,
            _ => db.display().to_string(),
        };
        case.database = case.db.as_ref().map(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_one(text: &str) -> Result<Case, String> {
        case(1, text, &["difficulty".to_owned(), "kind".to_owned()])
    }

    #[test]
    fn a_line_says_what_to_ask_and_what_is_right() {
        let case = read_one(
            r#"{"question": "q", "sql": "a", "db_path": "x.db", "now": "2025-06-30", "kind": 3, "hardness": "h"}"#,
        )
        .unwrap();
        assert_eq!((case.id, case.db, case.is_conversation), (json!(1), Some("x.db".into()), false));
        assert_eq!(case.as_of, Some(jiff::civil::date(2025, 6, 30)));
        assert_eq!(case.turns[0].gold.statement(), Some("a"));
        assert_eq!(case.turns[0].groups, [("difficulty".to_owned(), None), ("kind".to_owned(), Some("3".to_owned()))]);
    }

    #[test]
    fn turns_have_their_own_gold_and_share_the_rest() {
        let line = r#"{"id": "c", "kind": "k", "ordered": false, "turns": [{"question": "a", "gold_sql": "x"}, {"question": "b", "gold": "y", "ordered": true, "kind": "l"}]}"#;
        let case = read_one(line).unwrap();
        assert!(case.is_conversation);
        let ordered: Vec<Option<bool>> = case.turns.iter().map(|t| t.gold.ordered).collect();
        assert_eq!(ordered, [Some(false), Some(true)]);
        let kinds: Vec<Option<&str>> = case.turns.iter().map(|t| t.groups[1].1.as_deref()).collect();
        assert_eq!(kinds, [Some("k"), Some("l")]);
    }

    #[test]
    fn a_line_that_cannot_be_judged_says_why() {
        for (text, why) in [
            ("how many stores", "no JSON object"),
            ("[]", "no JSON object"),
            ("{}", "question"),
            (r#"{"question": "q"}"#, "gold_sql"),
            (r#"{"question": "q", "gold_sql": "a", "as_of": "soon"}"#, "no date"),
            (r#"{"turns": ["q"]}"#, "turn 1: it is text without"),
            (
                r#"{"turns": [{"question": "q", "gold_sql": "a"}, {"question": "r"}]}"#,
                "turn 2: there is no \"gold_sql\"",
            ),
        ] {
            assert!(read_one(text).as_ref().is_err_and(|e| e.contains(why)), "{text}: {:?}", read_one(text));
        }
    }

    #[test]
    fn databases_of_one_name_are_told_apart() {
        let of = |db: &str| read_one(&format!(r#"{{"question": "q", "sql": "a", "db": "{db}"}}"#)).unwrap();
        let mut cases = [of("a/shop.db"), of("b/shop.db"), of("b/bank.db")];
        name_databases(&mut cases);
        let names: Vec<Option<&str>> = cases.iter().map(|c| c.database.as_deref()).collect();
        assert_eq!(names, [Some("a/shop.db"), Some("b/shop.db"), Some("bank")]);
    }
}
