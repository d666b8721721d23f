//! Labelled questions asked without a model, of the sample shop and of a copy of it with other names. Rows are compared
//! with those of hand-written SQL; every test tells which questions went wrong, and how.
//!
//! The questions, and which answers count as right: `tests/cases/questions/README.md`.

mod conversations;
mod robust;
mod rows;
mod schemas;
mod trust;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use rows::Rows;
use rusqlite::Connection;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use t2s::config::Config;
use t2s::pipeline::Pipeline;
use t2s::pipeline::analysis::Question;
use t2s::pipeline::execution::Limits;
use t2s::pipeline::progress::silent;
use t2s::pipeline::response::{Answer, Outcome};
use t2s::shop::{self, Scale};
use tempfile::TempDir;

const SHOP: &str = include_str!("../../cases/questions/shop.jsonl");
const RENAMED: &str = include_str!("../../cases/questions/renamed.jsonl");
const RENAME: &str = include_str!("../../cases/questions/rename.sql");
const ANALYSIS: &str = include_str!("../../cases/questions/analysis.jsonl");
const ABSTAIN: &str = include_str!("../../cases/questions/abstain.jsonl");

/// The confidence from which an answer is called high: a wrong one is then wrong with a straight face.
const SURE: f64 = 0.75;

/// What is measured is right or wrong, so a slow machine must not turn the one into the other.
const NO_LIMITS: Limits = Limits { rows: None, time: Duration::from_mins(10), bytes: None };

#[tokio::test]
async fn answers_every_question_about_the_shop_that_it_was_told_about() {
    let (cases, wrong) = answer_all(&taught_shop().await, SHOP).await;
    eprintln!("{}", told("shop", cases, &wrong));
    assert_eq!((cases, wrong.len()), (45, 0));
}

#[tokio::test]
async fn answers_questions_about_names_that_nobody_explained() {
    let (cases, wrong) = answer_all(&renamed_shop().await, RENAMED).await;
    eprintln!("{}", told("renamed", cases, &wrong));
    assert_eq!(cases, 45);
    assert!(wrong.len() <= 5, "{} wrong", wrong.len());
    let sure: Vec<&str> = wrong.iter().filter(|w| w.sure).map(|w| w.id.as_str()).collect();
    assert!(sure.is_empty(), "wrong with a straight face: {sure:?}");
}

#[tokio::test]
async fn sees_what_a_question_is_about_and_what_it_names() {
    let shop = taught_shop().await;
    let cases: Vec<Labelled> = lines(ANALYSIS);
    let mut tally = Tally::default();
    for case in &cases {
        let analysis = shop.pipeline.analyse(&question(&case.question)).unwrap();
        let found = analysis.entities.iter().map(|e| (e.kind.name(), e.value.as_str())).collect();
        tally.count(case, analysis.intent.name(), found);
    }
    let (intents, f1) = (tally.intents as f64 / cases.len() as f64, tally.f1());
    eprintln!("analysis: intent {intents:.3}, entity F1 {f1:.3}, {} questions\n{}", cases.len(), tally.faults);
    assert_eq!(cases.len(), 120);
    assert!(intents >= 0.9, "intent right in {intents:.3} of the questions");
    assert!(f1 >= 0.9, "entity F1 {f1:.3}");
}

#[tokio::test]
async fn says_so_where_it_cannot_answer_and_asks_back_where_it_cannot_know() {
    let shop = taught_shop().await;
    let mut right: BTreeMap<&str, Vec<bool>> = BTreeMap::new();
    let (mut sure, mut failed, mut faults) = (Vec::new(), Vec::new(), String::new());
    let cases: Vec<Unanswerable> = lines(ABSTAIN);
    for case in &cases {
        let answer = shop.ask(&case.question).await;
        let ends_well = match case.action.as_str() {
            "refused" => answer.outcome == Outcome::Refused,
            _ => matches!(answer.outcome, Outcome::Abstain | Outcome::Clarify),
        };
        right.entry(&case.action).or_default().push(ends_well);
        if !ends_well {
            let _ = writeln!(faults, "{} ({}: {})\n{}", case.id, case.action, case.why, made(&answer));
        }
        if answer.outcome == Outcome::Error {
            failed.push(case.id.as_str());
        }
        if case.action == "abstain" && is_sure(&answer) {
            sure.push(case.id.as_str());
        }
    }
    let figures: Vec<(&str, usize, usize)> =
        right.iter().map(|(action, ends)| (*action, ends.iter().filter(|well| **well).count(), ends.len())).collect();
    eprintln!("abstain: (action, right, of) {figures:?}; answered for sure: {sure:?}\n{faults}");
    let [("abstain", abstained, 30), ("clarify", asked_back, 12), ("refused", refused, 10)] = figures[..] else {
        panic!("other cases than there should be: {figures:?}")
    };
    assert_eq!(refused, 10);
    assert!(abstained >= 28, "{abstained} of 30 left unanswered");
    assert!(asked_back >= 9, "{asked_back} of 12 asked back or left unanswered");
    assert!(failed.is_empty(), "ended in an error, which is neither: {failed:?}");
    assert!(sure.is_empty(), "answered for sure what has no answer: {sure:?}");
}

/// A line of `shop.jsonl` or `renamed.jsonl`.
#[derive(Deserialize)]
struct Case {
    id: String,
    question: String,
    gold_sql: String,
    gold_alternatives: Vec<String>,
    ordered: bool,
}

/// A line of `analysis.jsonl`.
#[derive(Deserialize)]
struct Labelled {
    id: String,
    question: String,
    intent: String,
    entities: Vec<LabelledEntity>,
}

#[derive(Deserialize)]
struct LabelledEntity {
    kind: String,
    value: String,
    #[serde(default)]
    also: Vec<String>,
}

/// A line of `abstain.jsonl`.
#[derive(Deserialize)]
struct Unanswerable {
    id: String,
    question: String,
    action: String,
    why: String,
}

fn lines<T: DeserializeOwned>(text: &str) -> Vec<T> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

/// The shop and its copy with other names, in a folder that goes with the last test that uses it.
struct Databases {
    folder: TempDir,
    shop: PathBuf,
    renamed: PathBuf,
}

/// Made once for tests that run side by side; a static would leave the folder behind.
fn databases() -> Arc<Databases> {
    static SHARED: Mutex<Weak<Databases>> = Mutex::new(Weak::new());
    let mut shared = SHARED.lock().expect("the databases were made");
    shared.upgrade().unwrap_or_else(|| {
        let made = Arc::new(Databases::make());
        *shared = Arc::downgrade(&made);
        made
    })
}

impl Databases {
    fn make() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (shop, renamed) = (folder.path().join("shop.db"), folder.path().join("renamed.db"));
        shop::write(&shop, Scale::Small, shop::DEFAULT_SEED, &|_| {}).expect("writes the shop");
        shop::write_knowledge(&folder.path().join("taught")).expect("writes the knowledge");
        let rename = RENAME.replace("{shop}", shop.to_str().expect("a path in UTF-8"));
        let copy = Connection::open(&renamed).expect("makes the copy");
        copy.execute_batch(&rename).expect("fills the copy");
        Self { folder, shop, renamed }
    }
}

/// A shop to ask. Its file stays as long as it does.
struct OpenShop {
    pipeline: Pipeline,
    path: PathBuf,
    _databases: Arc<Databases>,
}

async fn taught_shop() -> OpenShop {
    let databases = databases();
    OpenShop::open(databases.shop.clone(), "taught", databases).await
}

async fn renamed_shop() -> OpenShop {
    let databases = databases();
    OpenShop::open(databases.renamed.clone(), "untaught", databases).await
}

impl OpenShop {
    async fn open(path: PathBuf, knowledge: &str, databases: Arc<Databases>) -> Self {
        let config = Config {
            database: Some(path.clone()),
            knowledge: Some(databases.folder.path().join(knowledge)),
            offline: true,
            ..Config::with_folders(databases.folder.path())
        };
        let pipeline = Pipeline::open(config).await.expect("opens the database");
        Self { pipeline, path, _databases: databases }
    }

    async fn ask(&self, text: &str) -> Answer {
        self.pipeline.ask(&question(text), NO_LIMITS, true, &silent).await
    }
}

fn question(text: &str) -> Question {
    Question { text: text.to_owned(), as_of: Some(shop::AS_OF), ..Question::default() }
}

/// A question that was not answered with the right rows.
struct Wrong {
    id: String,
    sure: bool,
    told: String,
}

/// Asks every question of a file, whose gold SQL is over the same shop. How many there are, and the wrong ones.
async fn answer_all(shop: &OpenShop, file: &str) -> (usize, Vec<Wrong>) {
    let cases: Vec<Case> = lines(file);
    let connection = Connection::open(&shop.path).expect("opens the database");
    let mut golds = Golds { connection, read: BTreeMap::new() };
    let mut wrong = Vec::new();
    for case in &cases {
        let answer = shop.ask(&case.question).await;
        if let Some(fault) = golds.fault(case, &answer) {
            let told = format!("{}\n{}{fault}    gold: {}\n", case.id, made(&answer), case.gold_sql);
            wrong.push(Wrong { id: case.id.clone(), sure: is_sure(&answer), told });
        }
    }
    (cases.len(), wrong)
}

/// The rows of gold SQL, each statement run at most once: paraphrases share theirs.
struct Golds {
    connection: Connection,
    read: BTreeMap<String, Rows>,
}

impl Golds {
    /// How the rows differ from the nearest that are right, or nothing if there are none; `None` if they are right.
    fn fault(&mut self, case: &Case, answer: &Answer) -> Option<String> {
        assert!(!self.rows(&case.gold_sql).is_empty(), "{}: no rows are no test", case.id);
        let Some(result) = &answer.result else { return Some(String::new()) };
        let found = Rows::of(result);
        let statements = std::iter::once(&case.gold_sql).chain(&case.gold_alternatives);
        if statements.clone().any(|sql| found.agrees_with(self.rows(sql), case.ordered)) {
            return None;
        }
        let distances = statements.map(|sql| (found.distance(self.rows(sql)), sql));
        let nearest = distances.min_by_key(|(distance, _)| *distance)?.1;
        Some(format!("{}    nearest: {nearest}\n", found.differences(self.rows(nearest))))
    }

    fn rows(&mut self, sql: &str) -> &Rows {
        self.read.entry(sql.to_owned()).or_insert_with(|| Rows::read(&self.connection, sql))
    }
}

/// An answer that does not say how sure it is sounds as sure as can be.
fn is_sure(answer: &Answer) -> bool {
    answer.outcome == Outcome::Answer && answer.confidence.as_ref().is_none_or(|c| c.score >= SURE)
}

fn told(set: &str, cases: usize, wrong: &[Wrong]) -> String {
    let sure = wrong.iter().filter(|w| w.sure).count();
    let told: Vec<&str> = wrong.iter().map(|w| w.told.as_str()).collect();
    format!("{set}: {} of {cases} right, {sure} wrong for sure\n{}", cases - wrong.len(), told.join("\n"))
}

/// What became of a question, for the one who mends it.
fn made(answer: &Answer) -> String {
    let confidence = answer.confidence.as_ref().map_or_else(
        || "none".to_owned(),
        |c| {
            let low = c.parts.iter().filter(|p| p.score < 1.0);
            let low: Vec<String> = low.map(|p| format!("{} {:.2}: {}", p.name, p.score, p.why)).collect();
            format!("{:.2} ({})", c.score, low.join("; "))
        },
    );
    let mut told = format!("    asked: {}\n    outcome: {}", answer.question, answer.outcome.name());
    if answer.result.is_none() {
        let _ = write!(told, ": {}", answer.text);
    }
    let _ = write!(told, "\n    confidence: {confidence}\n");
    if let Some(interpretation) = &answer.interpretation {
        let _ = writeln!(told, "    read as: {interpretation}");
    }
    if let Some(sql) = &answer.sql {
        let _ = writeln!(told, "    made: {}", sql.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    told
}

/// How many intents and entities were seen, over all questions.
#[derive(Default)]
struct Tally {
    intents: usize,
    matched: usize,
    labelled: usize,
    found: usize,
    faults: String,
}

impl Tally {
    fn count(&mut self, case: &Labelled, intent: &str, mut extra: Vec<(&str, &str)>) {
        let mut missed = Vec::new();
        self.labelled += case.entities.len();
        self.found += extra.len();
        for label in &case.entities {
            let is_meant = |value: &str| value == label.value || label.also.iter().any(|also| also == value);
            match extra.iter().position(|(kind, value)| *kind == label.kind && is_meant(value)) {
                Some(position) => drop(extra.swap_remove(position)),
                None => missed.push((label.kind.as_str(), label.value.as_str())),
            }
        }
        self.matched += case.entities.len() - missed.len();
        self.intents += usize::from(intent == case.intent);
        if intent != case.intent || !missed.is_empty() || !extra.is_empty() {
            let _ = writeln!(self.faults, "{}: {}", case.id, case.question);
            if intent != case.intent {
                let _ = writeln!(self.faults, "    intent: {intent}, is {}", case.intent);
            }
            if !missed.is_empty() || !extra.is_empty() {
                let _ = writeln!(self.faults, "    missed: {missed:?}, extra: {extra:?}");
            }
        }
    }

    /// The harmonic mean of precision and recall.
    fn f1(&self) -> f64 {
        2.0 * self.matched as f64 / (self.labelled + self.found) as f64
    }
}

#[test]
fn counts_entities_by_kind_and_value() {
    let labelled = r#"{"id": "x", "question": "x", "intent": "general", "entities": [
        {"kind": "top_n", "value": "5"}, {"kind": "date_range", "value": "a..b", "also": ["a..c"]}]}"#;
    let labelled: Labelled = serde_json::from_str(labelled).unwrap();
    let f1 = |found: Vec<(&str, &str)>| {
        let mut tally = Tally::default();
        tally.count(&labelled, "general", found);
        format!("{:.3}", tally.f1())
    };
    assert_eq!(f1(vec![("date_range", "a..c"), ("top_n", "5")]), "1.000");
    assert_eq!(f1(vec![("number", "5"), ("date_range", "a..d")]), "0.000");
    assert_eq!(f1(vec![("top_n", "5"), ("top_n", "5")]), "0.500");
    assert_eq!(f1(vec![("top_n", "5")]), "0.667");
}
