//! Questions asked of three small databases: rows against those of hand-written SQL, and the text of some statements.
//!
//! The questions: `tests/cases/offline/`.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use tempfile::TempDir;

use super::OfflineEngine;
use super::reading::Ground;
use super::tokens::tokens;
use super::untold::untold;
use crate::config::Thresholds;
use crate::database::samples::make;
use crate::database::{Bounds, Cancel, Database};
use crate::knowledge::Knowledge;
use crate::pipeline::analysis::{Analysis, analyse};
use crate::pipeline::generation::Generated;
use crate::schema::{Column, ColumnId, ColumnProfile, ForeignKey, Schema, Table, TableId, Value};
use crate::shop;

macro_rules! cases {
    ($name:literal, $end:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/offline/", $name, $end))
    };
}

#[test]
fn reads_questions_about_a_library() {
    hold(cases!("library", ".sql"), cases!("library", ".toml"));
}

#[test]
fn reads_questions_about_a_hospital() {
    hold(cases!("ward", ".sql"), cases!("ward", ".toml"));
}

#[test]
fn reads_questions_about_a_shipping_line() {
    hold(cases!("shipping", ".sql"), cases!("shipping", ".toml"));
}

#[test]
fn reads_analytic_questions_about_a_bicycle_hire() {
    hold(cases!("bikes", ".sql"), cases!("bikes", ".toml"));
}

#[test]
fn reads_fiscal_years_as_they_are_taught() {
    hold(cases!("bikes", ".sql"), cases!("fiscal", ".toml"));
}

#[test]
fn reads_analytic_questions_about_a_power_company() {
    hold(cases!("power", ".sql"), cases!("power", ".toml"));
}

#[test]
fn reads_analytic_questions_about_the_shop() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    shop::write(&path, shop::Scale::Small, shop::DEFAULT_SEED, &|_| {}).unwrap();
    shop::write_knowledge(&folder.path().join("taught")).unwrap();
    let knowledge = Knowledge::read(&folder.path().join("taught")).unwrap();
    ask(&Asked::of(folder, &path, knowledge), cases!("shop", ".toml"));
}

/// A file of questions about one database.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    as_of: String,
    /// What is taught of the database, as a `model.toml`.
    #[serde(default)]
    model: String,
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    kind: String,
    question: String,
    /// Statements whose rows are right, any of them; in their order if the statement has one.
    #[serde(default)]
    rows: Vec<String>,
    /// The statement that is to be made, to the letter.
    sql: Option<String>,
    /// `clarify`, `abstain` or `write` where there is no statement.
    outcome: Option<String>,
}

/// Asks every question of a file; fails with all that went wrong.
fn hold(data: &str, cases: &str) {
    let file: File = toml::from_str(cases).unwrap();
    ask(&Asked::new(data, &file.model), cases);
}

fn ask(asked: &Asked, cases: &str) {
    let file: File = toml::from_str(cases).unwrap();
    let mut faults = String::new();
    let mut wrong = 0;
    for case in &file.case {
        if let Some(fault) = asked.fault(case, &file.as_of) {
            wrong += 1;
            let _ = writeln!(faults, "[{}] {}\n    {}\n", case.kind, case.question, fault.replace('\n', "\n    "));
        }
    }
    assert!(wrong == 0, "{wrong} of {} wrong\n{faults}", file.case.len());
}

struct Asked {
    _folder: TempDir,
    database: Database,
    schema: Schema,
    knowledge: Knowledge,
    engine: OfflineEngine,
}

impl Asked {
    fn new(data: &str, model: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("asked.db");
        make(&path, data);
        std::fs::write(folder.path().join("model.toml"), model).unwrap();
        let knowledge = Knowledge::read(folder.path()).unwrap();
        Self::of(folder, &path, knowledge)
    }

    fn of(folder: TempDir, path: &Path, knowledge: Knowledge) -> Self {
        let database = Database::open(path).unwrap();
        let mut schema = database.read_schema().unwrap();
        knowledge.teach(&mut schema);
        let engine = OfflineEngine::new(&schema, &knowledge);
        Self { _folder: folder, database, schema, knowledge, engine }
    }

    /// What is wrong with the answer, if anything is.
    fn fault(&self, case: &Case, as_of: &str) -> Option<String> {
        let analysis = analyse(&case.question, &self.schema, as_of.parse().unwrap());
        let generated = self.engine.write(&analysis, &self.schema, &self.knowledge, &Thresholds::default());
        let wanted = case.outcome.as_deref().unwrap_or("draft");
        let draft = match generated {
            Generated::Draft(draft) if wanted == "draft" => draft,
            Generated::Clarify { .. } if wanted == "clarify" => return None,
            Generated::Abstain { .. } if wanted == "abstain" => return None,
            Generated::WriteRequest { .. } if wanted == "write" => return None,
            other => return Some(format!("not {wanted}, but {}", told(&other))),
        };
        let untold = self.untold(&analysis, &draft.interpretation);
        if !untold.is_empty() {
            return Some(format!("not told: {}\nread as: {}", untold.join(", "), draft.interpretation));
        }
        if case.sql.as_ref().is_some_and(|sql| *sql != draft.sql) {
            return Some(format!("another text: {}", draft.sql));
        }
        let made = match self.rows(&draft.sql) {
            Ok(rows) => rows,
            Err(error) => return Some(format!("{error}: {}", draft.sql)),
        };
        let is_right = |gold: &String| {
            let rows = self.rows(gold).unwrap_or_else(|e| panic!("{e}: {gold}"));
            assert!(!rows.is_empty(), "no rows are no test: {gold}");
            rows == made || (!is_ordered(gold) && sorted(rows) == sorted(made.clone()))
        };
        assert!(!case.rows.is_empty(), "nothing to compare with: {}", case.question);
        (!case.rows.iter().any(is_right)).then(|| {
            let first = &made[..made.len().min(4)];
            format!(
                "made: {}\nread as: {}\n{} rows: {first:?}\ngold: {}",
                draft.sql,
                draft.interpretation,
                made.len(),
                case.rows[0]
            )
        })
    }

    /// What the explanation leaves out of the plan.
    fn untold(&self, analysis: &Analysis, text: &str) -> Vec<String> {
        // These words are read as others before the plan is made.
        if analysis.words.first().is_some_and(|w| w.is_one_of(&["who", "why"])) {
            return Vec::new();
        }
        let (names, graph) = (&self.engine.names, &self.engine.graph);
        let ground = Ground { schema: &self.schema, names, graph, analysis };
        let words = tokens(analysis, names);
        match OfflineEngine::read_tokens(ground, words, &self.knowledge, &Thresholds::default()) {
            Ok((reading, _)) => untold(&reading.query, text, &self.schema),
            Err(_) => Vec::new(),
        }
    }

    fn rows(&self, sql: &str) -> Result<Vec<Vec<String>>, String> {
        let bounds = Bounds { rows: None, time: Duration::from_mins(10), bytes: None, steps: None };
        let rows = self.database.run(sql, &bounds, &Cancel::default()).map_err(|e| e.to_string())?;
        Ok(rows.rows.iter().map(|row| row.iter().map(cell).collect()).collect())
    }
}

/// Numbers as they are compared: whole or not makes no difference, nor does the order in which a sum was made.
fn cell(value: &Value) -> String {
    match value.as_f64() {
        Some(x) => format!("{x:.6}"),
        None => format!("{value:?}"),
    }
}

/// The statement itself has an order, not only something inside its brackets.
fn is_ordered(sql: &str) -> bool {
    let mut depth = 0_u32;
    let outer: String = sql
        .chars()
        .filter(|c| {
            depth = depth + u32::from(*c == '(') - u32::from(*c == ')' && depth > 0);
            depth == 0
        })
        .collect();
    outer.contains("ORDER BY")
}

fn sorted(mut rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    rows.sort_unstable();
    rows
}

fn told(generated: &Generated) -> String {
    match generated {
        Generated::Draft(draft) => {
            let score: f64 = draft.evidence.iter().map(|e| e.score).product();
            format!("a statement ({score:.2}): {} ({})", draft.sql, draft.interpretation)
        }
        Generated::Clarify { question, readings } => format!("asked back: {question} {readings:?}"),
        Generated::Abstain { reason, .. } => format!("left unanswered: {reason}"),
        Generated::WriteRequest { verb } => format!("taken for a request to write: {verb}"),
    }
}

/// A schema from names: `*` after a column makes it part of the primary key. Keys are `(from, to, declared)`.
pub fn schema(tables: &[(&str, &[&str])], keys: &[(&str, &str, bool)]) -> Schema {
    let mut schema =
        Schema { tables: tables.iter().map(|(name, columns)| table(name, columns)).collect(), ..Schema::default() };
    for (from, to, declared) in keys {
        let (from, to) = (id(&schema, from), id(&schema, to));
        schema.foreign_keys.push(ForeignKey { from, to, declared: *declared, one_to_one: false });
    }
    schema
}

fn table(name: &str, columns: &[&str]) -> Table {
    let is_key = |column: &&str| column.ends_with('*');
    let profile = ColumnProfile { rows: 9, ..ColumnProfile::default() };
    let column =
        |name: &&str| Column { name: name.trim_end_matches('*').into(), profile: profile.clone(), ..Column::default() };
    Table {
        name: name.into(),
        columns: columns.iter().map(column).collect(),
        primary_key: (0..columns.len()).filter(|i| is_key(&columns[*i])).collect(),
        row_count: Some(9),
        ..Table::default()
    }
}

/// The column written `table.column`.
pub fn id(schema: &Schema, name: &str) -> ColumnId {
    let (table, column) = name.split_once('.').unwrap();
    schema.find_column(table_id(schema, table), column).unwrap_or_else(|| panic!("no column {name}"))
}

pub fn table_id(schema: &Schema, name: &str) -> TableId {
    schema.find_table(name).unwrap_or_else(|| panic!("no table {name}"))
}

pub fn profile<'a>(schema: &'a mut Schema, name: &str) -> &'a mut ColumnProfile {
    let id = id(schema, name);
    &mut schema.tables[id.table.0].columns[id.column].profile
}
