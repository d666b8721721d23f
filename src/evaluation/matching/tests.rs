//! Pairs of results as statements over nothing, each with what both rules say of it: `tests/cases/evaluation/rows.jsonl`.

use serde::Deserialize;

use super::{Match, Table};
use crate::evaluation::Gold;
use crate::schema::Value;

#[derive(Deserialize)]
struct Case {
    why: String,
    gold: String,
    made: String,
    ordered: Option<bool>,
    #[serde(default)]
    label_free: bool,
    rows: bool,
    spider: bool,
}

fn read(sql: &str) -> (usize, Vec<Vec<Value>>) {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    let mut statement = connection.prepare(sql).unwrap_or_else(|e| panic!("{e}: {sql}"));
    let width = statement.column_count();
    let value = |value: rusqlite::types::Value| match value {
        rusqlite::types::Value::Null => Value::Null,
        rusqlite::types::Value::Integer(n) => Value::Integer(n),
        rusqlite::types::Value::Real(x) => Value::Real(x),
        rusqlite::types::Value::Text(text) => Value::Text(text),
        rusqlite::types::Value::Blob(bytes) => Value::Blob(bytes),
    };
    let rows = statement.query_map([], |row| (0..width).map(|i| Ok(value(row.get(i)?))).collect()).unwrap();
    (width, rows.map(Result::unwrap).collect())
}

#[test]
fn results_are_the_same_where_the_open_scorers_say_so() {
    let cases = include_str!("../../../tests/cases/evaluation/rows.jsonl");
    let mut wrong = Vec::new();
    for line in cases.lines() {
        let case: Case = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        for (matching, wanted) in [(Match::Rows, case.rows), (Match::Spider, case.spider)] {
            let gold = Gold { ordered: case.ordered, ..Gold::default() };
            let ordered = matching.is_ordered(&gold, &case.gold);
            let (gold, made) = (read(&matching.compared(&case.gold)), read(&matching.compared(&case.made)));
            let (gold, made) = (Table { width: gold.0, rows: &gold.1 }, Table { width: made.0, rows: &made.1 });
            if matching.same(made, gold, ordered, case.label_free) != wanted {
                wrong.push(format!("{}: {} should be {wanted}", matching.name(), case.why));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
