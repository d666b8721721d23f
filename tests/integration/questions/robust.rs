//! Single questions in eight kinds of wording over six databases: plain, in lower case, with slips of the pen, as keywords,
//! with other words than the database has, abbreviated, with numbers as they are written elsewhere, analytic.

use std::collections::BTreeMap;
use std::fmt::Write;

use rusqlite::Connection;
use serde::Deserialize;
use t2s::config::Thresholds;
use t2s::pipeline::analysis::Question;
use t2s::pipeline::progress::silent;
use t2s::pipeline::response::Outcome;
use t2s::shop;

use super::schemas::open;
use super::{Case, Golds, NO_LIMITS, OpenShop, is_sure, lines, made, taught_shop};

const ROBUST: &str = include_str!("../../cases/questions/robust.jsonl");

/// Right answers at least, by kind, and the questions of that kind.
const RIGHT: [(&str, usize, usize); 8] = [
    ("abbreviation", 5, 15),
    ("analytic", 57, 66),
    ("keyword", 17, 25),
    ("lower", 16, 20),
    ("number_format", 18, 20),
    ("plain", 98, 123),
    ("synonym", 16, 25),
    ("typo", 24, 25),
];

#[derive(Deserialize)]
struct Robust {
    id: String,
    db: String,
    kind: String,
    question: String,
    sql: String,
    alternatives: Vec<String>,
    ordered: bool,
    as_of: Option<String>,
}

#[tokio::test]
async fn answers_however_it_is_worded() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut by_database: BTreeMap<String, Vec<Robust>> = BTreeMap::new();
    for case in lines::<Robust>(ROBUST) {
        by_database.entry(case.db.clone()).or_default().push(case);
    }
    let mut tally = Tally::default();
    for (database, cases) in &by_database {
        let asked = if database == "shop" { taught_shop().await } else { open(&folder, database).await };
        tally.ask(&asked, cases).await;
    }
    eprintln!("{}", tally.told());
    for (kind, least, all) in RIGHT {
        let (right, asked) = tally.kinds.get(kind).copied().unwrap_or_default();
        assert_eq!(asked, all, "{kind}");
        assert!(right >= least, "{kind}: {right} of {asked} right, {least} demanded");
    }
}

/// Right and asked questions by kind and by database, and what went wrong.
#[derive(Default)]
struct Tally {
    kinds: BTreeMap<String, (usize, usize)>,
    databases: BTreeMap<String, (usize, usize)>,
    sure: usize,
    faults: String,
}

impl Tally {
    async fn ask(&mut self, asked: &OpenShop, cases: &[Robust]) {
        let connection = Connection::open(&asked.path).expect("opens the database");
        let mut golds = Golds { connection, read: BTreeMap::new() };
        for case in cases {
            let as_of = case.as_of.as_ref().map(|day| day.parse().expect("a day"));
            let as_of = as_of.or((case.db == "shop").then_some(shop::AS_OF));
            let question = Question { text: case.question.clone(), as_of, ..Question::default() };
            let answer = asked.pipeline.ask(&question, NO_LIMITS, true, &silent).await;
            let confidence = answer.confidence.as_ref().map_or(1.0, |c| c.score);
            let threshold = Thresholds::default().abstain;
            assert!(answer.outcome != Outcome::Answer || confidence >= threshold, "{}: {confidence}", case.id);
            let gold = Case {
                id: case.id.clone(),
                question: case.question.clone(),
                gold_sql: case.sql.clone(),
                gold_alternatives: case.alternatives.clone(),
                ordered: case.ordered,
            };
            let fault = golds.fault(&gold, &answer);
            for (right, all) in
                [self.kinds.entry(case.kind.clone()).or_default(), self.databases.entry(case.db.clone()).or_default()]
            {
                *right += usize::from(fault.is_none());
                *all += 1;
            }
            if let Some(fault) = fault {
                self.sure += usize::from(is_sure(&answer));
                let told = made(&answer);
                let _ = writeln!(self.faults, "{} [{}]\n{told}{fault}    gold: {}", case.id, case.kind, case.sql);
            }
        }
    }

    fn told(&self) -> String {
        let listed = |counts: &BTreeMap<String, (usize, usize)>| {
            let told: Vec<String> = counts.iter().map(|(name, (right, all))| format!("{name} {right}/{all}")).collect();
            told.join(", ")
        };
        let (right, all) = self.kinds.values().fold((0, 0), |(right, all), (r, a)| (right + r, all + a));
        format!(
            "robust: {right} of {all} right, {} wrong for sure\n{}\n{}\n{}",
            self.sure,
            listed(&self.kinds),
            listed(&self.databases),
            self.faults
        )
    }
}
