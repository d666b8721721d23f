//! Conversations about a library and a bicycle hire: the statement that is made of the last turn, or what is said in
//! its place. The cases: `tests/cases/offline/turns.toml`.

use std::fmt::Write;

use serde::Deserialize;

use super::super::OfflineEngine;
use crate::config::Thresholds;
use crate::database::Database;
use crate::database::samples::make;
use crate::knowledge::Knowledge;
use crate::pipeline::analysis::analyse;
use crate::pipeline::generation::{Draft, EarlierTurn, Generated};
use crate::schema::Schema;

macro_rules! case_file {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/offline/", $name))
    };
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    as_of: String,
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    kind: String,
    db: String,
    /// Questions, the last of them the one that is looked at.
    turns: Vec<String>,
    /// The statement to be made of the last, to the letter but for white space.
    sql: Option<String>,
    /// A part of what is said where there is no statement.
    declined: Option<String>,
}

struct Asked {
    schema: Schema,
    knowledge: Knowledge,
    engine: OfflineEngine,
}

impl Asked {
    fn new(data: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("asked.db");
        make(&path, data);
        let mut schema = Database::open(&path).unwrap().read_schema().unwrap();
        let knowledge = Knowledge::default();
        knowledge.teach(&mut schema);
        let engine = OfflineEngine::new(&schema, &knowledge);
        Self { schema, knowledge, engine }
    }

    fn ask(&self, turns: &[EarlierTurn], question: &str, as_of: &str) -> (EarlierTurn, Generated) {
        let analysis = analyse(question, &self.schema, as_of.parse().unwrap());
        let made = self.engine.write_after(turns, &analysis, &self.schema, &self.knowledge, &Thresholds::default());
        let sql = if let Generated::Draft(draft) = &made { Some(draft.sql.clone()) } else { None };
        (EarlierTurn { analysis, sql }, made)
    }

    /// What is made of the last turn after the others.
    fn converse(&self, turns: &[&str], as_of: &str) -> Generated {
        let mut earlier = Vec::new();
        let mut last = None;
        for turn in turns {
            let (turn, made) = self.ask(&earlier, turn, as_of);
            earlier.push(turn);
            last = Some(made);
        }
        last.unwrap()
    }
}

fn library() -> Asked {
    Asked::new(case_file!("library.sql"))
}

fn drafted(generated: Generated) -> Draft {
    match generated {
        Generated::Draft(draft) => *draft,
        other => panic!("no statement: {other:?}"),
    }
}

fn plain(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn changes_what_stands_and_says_so_where_it_cannot() {
    let file: File = toml::from_str(case_file!("turns.toml")).unwrap();
    let (library, bikes) = (library(), Asked::new(case_file!("bikes.sql")));
    let mut faults = String::new();
    for case in &file.case {
        let asked = if case.db == "library" { &library } else { &bikes };
        let turns: Vec<&str> = case.turns.iter().map(String::as_str).collect();
        let made = match asked.converse(&turns, &file.as_of) {
            Generated::Draft(draft) => Ok(plain(&draft.sql)),
            Generated::Abstain { reason, .. } => Err(reason),
            Generated::Clarify { question, .. } => Err(question),
            Generated::WriteRequest { verb } => Err(format!("asks to write: {verb}")),
        };
        let wanted = case.sql.as_deref().map(plain);
        let right = match (&made, &case.declined) {
            (Ok(sql), None) => Some(sql) == wanted.as_ref(),
            (Err(said), Some(part)) => said.contains(part.as_str()),
            _ => false,
        };
        if !right {
            let _ = writeln!(
                faults,
                "[{}] {:?}\n  made: {made:?}\n  gold: {wanted:?} {:?}",
                case.kind, case.turns, case.declined
            );
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn an_adjective_speaks_of_the_measure_at_hand() {
    let asked = Asked::new(
        "CREATE TABLE goods (code TEXT PRIMARY KEY NOT NULL, good_name TEXT NOT NULL, list_price REAL);
         CREATE TABLE offers (id INTEGER PRIMARY KEY, code TEXT NOT NULL REFERENCES goods(code), price REAL);
         INSERT INTO goods VALUES ('a', 'Anvil', 9.5), ('b', 'Bell', 3.25), ('c', 'Cup', 1.75), ('d', 'Drum', 20.5);
         INSERT INTO offers VALUES (1, 'a', 9.5), (2, 'a', 8.75), (3, 'b', 3.25), (4, 'd', 19.25);",
    );
    let made = drafted(
        asked.converse(&["the 3 goods with the lowest list price", "and the most expensive ones"], "2025-03-31"),
    );
    let sql = plain(&made.sql);
    assert!(sql.ends_with("FROM goods ORDER BY list_price DESC LIMIT 3"), "{sql}");
}

#[test]
fn a_statement_that_something_else_wrote_is_changed_too() {
    let asked = library();
    let sql = "SELECT b.genre, COUNT(*) AS n FROM loans AS l JOIN books AS b ON b.isbn = l.isbn \
               WHERE l.loaned_on >= '2024-01-01' AND l.loaned_on < '2025-01-01' GROUP BY b.genre";
    let (mut before, _) = asked.ask(&[], "what was borrowed", "2025-03-31");
    before.sql = Some(sql.to_owned());
    let (_, made) = asked.ask(&[before], "and in 2023?", "2025-03-31");
    let made = drafted(made);
    assert!(
        plain(&made.sql).contains("WHERE l.loaned_on >= '2023-01-01' AND l.loaned_on < '2024-01-01' GROUP BY b.genre"),
        "{}",
        made.sql
    );
    assert!(made.interpretation.contains("number of loans by genre"), "{}", made.interpretation);
}

#[test]
fn a_statement_that_says_more_than_a_plan_is_read_again_from_its_question() {
    let asked = library();
    let (mut before, _) = asked.ask(&[], "number of loans by genre", "2025-03-31");
    before.sql = Some("WITH x AS (SELECT 1 AS a) SELECT a FROM x".to_owned());
    let (_, made) = asked.ask(&[before.clone()], "by city instead", "2025-03-31");
    let made = drafted(made);
    assert!(made.sql.contains("GROUP BY") && made.sql.contains("city"), "{}", made.sql);
    assert!(made.assumptions.iter().any(|a| a.contains("was read again")), "{:?}", made.assumptions);
    let sure: f64 = made.evidence.iter().map(|e| e.score).product();
    assert!(sure < 0.75, "{sure}");
}

#[test]
fn nothing_is_changed_where_nothing_is_known_of_the_answer_before() {
    let asked = library();
    let (mut before, _) = asked.ask(&[], "qqq zzz", "2025-03-31");
    before.sql = Some("WITH x AS (SELECT 1 AS a) SELECT a FROM x".to_owned());
    let (_, made) = asked.ask(&[before], "and for Mystery?", "2025-03-31");
    assert!(
        matches!(&made, Generated::Abstain { reason, .. } if reason.contains("more than I can change")),
        "{made:?}"
    );
}

#[test]
fn earlier_turns_need_no_statements() {
    let asked = library();
    let mut turns = Vec::new();
    for question in ["number of loans by genre", "only in 2024", "by city instead"] {
        turns.push(EarlierTurn { sql: None, ..asked.ask(&[], question, "2025-03-31").0 });
    }
    let (_, made) = asked.ask(&turns, "and in 2023?", "2025-03-31");
    let sql = plain(&drafted(made).sql);
    assert!(sql.contains("city") && sql.contains("2023-01-01") && !sql.contains("genre"), "{sql}");
}

#[test]
fn a_change_is_no_surer_than_what_it_changes() {
    let asked = library();
    let (mut turn, made) = asked.ask(&[], "number of loans by genre of paperbacks", "2025-03-31");
    let before: f64 = drafted(made).evidence.iter().map(|e| e.score).product();
    turn.sql.as_ref().unwrap();
    let (_, made) = asked.ask(&[turn.clone()], "by city instead", "2025-03-31");
    let after: f64 = drafted(made).evidence.iter().map(|e| e.score).product();
    assert!(before < 1.0 && after <= before + 1e-9, "{before} {after}");
    turn.sql = None;
}

#[test]
fn conditions_set_beside_the_question_stay() {
    let asked = library();
    let city = super::super::tests::id(&asked.schema, "members.city");
    let filters = vec![(city, "Harwick".to_owned())];
    let analysed = |question: &str| {
        let mut analysis = analyse(question, &asked.schema, "2025-03-31".parse().unwrap());
        analysis.filters.clone_from(&filters);
        analysis
    };
    let write = |turns: &[EarlierTurn], question: &str| {
        let analysis = analysed(question);
        let made = asked.engine.write_after(turns, &analysis, &asked.schema, &asked.knowledge, &Thresholds::default());
        let draft = drafted(made);
        (EarlierTurn { analysis, sql: Some(draft.sql.clone()) }, draft.sql)
    };
    let (first, _) = write(&[], "number of loans by genre");
    let (_, sql) = write(&[first], "only in 2024");
    assert_eq!(sql.matches("'Harwick'").count(), 1, "{sql}");
}
