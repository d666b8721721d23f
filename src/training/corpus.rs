//! Questions with gold statements over many databases, read from a folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::TrainingError;
use super::gold::Labels;
use crate::config::Policy;
use crate::database::{Bounds, Cancel, Database};
use crate::knowledge::Knowledge;
use crate::pipeline::analysis::{Analysis, analyse, normalise};
use crate::pipeline::generation::offline::graph::Graph;
use crate::pipeline::generation::offline::names::Names;
use crate::pipeline::generation::offline::plan::Query;
use crate::pipeline::generation::offline::reading::Ground;
use crate::pipeline::generation::offline::scoring::view::View;
use crate::pipeline::generation::offline::sql_plan;
use crate::pipeline::generation::offline::tokens::{Token, tokens};
use crate::pipeline::validation::check;
use crate::schema::{Schema, Value};

/// A database with its questions.
pub struct Source {
    /// The file's name without its ending.
    pub name: String,
    pub database: Database,
    pub schema: Schema,
    pub names: Names,
    pub graph: Graph,
    pub questions: Vec<Asked>,
}

/// A question with what is known to be right.
pub struct Asked {
    pub question: String,
    pub gold: String,
    pub analysis: Analysis,
    pub tokens: Vec<Token>,
    /// `None` if no plan says what the gold statement says.
    pub plan: Option<Query>,
    pub labels: Option<Labels>,
    /// Made for fitting and not asked by anybody: no figure counts it.
    pub made: bool,
}

/// Thousands of steps that a gold statement may take.
pub const GOLD_STEPS: u64 = 400_000;
/// The same for a candidate: one that takes longer is not worth waiting for.
pub const CANDIDATE_STEPS: u64 = 4_000;
/// Far more than these steps take, so that the clock decides nothing.
const TIME: Duration = Duration::from_mins(5);

#[derive(Deserialize)]
struct Line {
    db_path: PathBuf,
    question: String,
    gold_sql: String,
}

impl Source {
    pub fn view<'a>(&'a self, asked: &'a Asked) -> View<'a> {
        View::new(self.ground(&asked.analysis), &asked.tokens)
    }

    pub fn ground<'a>(&'a self, analysis: &'a Analysis) -> Ground<'a> {
        Ground { schema: &self.schema, names: &self.names, graph: &self.graph, analysis }
    }

    /// The rows of a statement; `None` if it fails or takes more than so many thousand steps.
    pub fn rows(&self, sql: &str, steps: u64) -> Option<Vec<Vec<Value>>> {
        let checked = check(sql, &self.schema, &Policy::default()).ok()?;
        let bounds = Bounds { rows: Some(50_000), time: TIME, bytes: None, steps: Some(steps) };
        self.database.run(checked.text(), &bounds, &Cancel::default()).ok().map(|rows| rows.rows)
    }
}

/// Reads every question of the file whose database is wanted, by the databases' names in order.
pub fn read(folder: &Path, questions: &Path, wanted: impl Fn(usize) -> bool) -> Result<Vec<Source>, TrainingError> {
    let text = std::fs::read_to_string(questions).map_err(|e| TrainingError::Unreadable(questions.to_owned(), e))?;
    let mut by_database: BTreeMap<PathBuf, Vec<Line>> = BTreeMap::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line: Line = serde_json::from_str(line).map_err(|e| TrainingError::Line(number + 1, e))?;
        by_database.entry(line.db_path.clone()).or_default().push(line);
    }
    let mut sources = Vec::new();
    for (at, (path, lines)) in by_database.into_iter().enumerate() {
        if wanted(at) {
            sources.push(source(&folder.join(&path), lines)?);
        }
    }
    Ok(sources)
}

fn source(path: &Path, lines: Vec<Line>) -> Result<Source, TrainingError> {
    let database = Database::open(path)?;
    let schema = database.schema(None)?;
    let knowledge = Knowledge::default();
    let (names, graph) = (Names::new(&schema, &knowledge), Graph::new(&schema));
    let mut questions = Vec::new();
    for line in lines {
        let Ok(text) = normalise(&line.question, 2000) else { continue };
        let analysis = analyse(&text, &schema, jiff::civil::date(2020, 1, 1));
        let tokens = tokens(&analysis, &names);
        let plan = sql_plan::plan_of(&line.gold_sql, &schema, &graph);
        let labels = plan.as_ref().map(|plan| Labels::of(plan, &graph));
        questions.push(Asked {
            question: line.question,
            gold: line.gold_sql,
            analysis,
            tokens,
            plan,
            labels,
            made: false,
        });
    }
    let name = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Source { name, database, schema, names, graph, questions })
}
