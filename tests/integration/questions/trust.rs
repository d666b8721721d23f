//! Questions that must not be answered, that need a question back, and that only look like one of these, asked without a
//! model. Told by action, by cause and by database.

use std::collections::BTreeMap;
use std::fmt::Write;

use rusqlite::Connection;
use serde::Deserialize;
use t2s::pipeline::analysis::Question;
use t2s::pipeline::progress::silent;
use t2s::pipeline::response::{Answer, Outcome};
use t2s::shop;

use super::schemas::open;
use super::{Case, Golds, NO_LIMITS, OpenShop, is_sure, lines, made, taught_shop};

const TRUST: &str = include_str!("../../cases/questions/trust.jsonl");

/// Questions handled rightly at least, of 120.
const RIGHT: usize = 88;
/// Of the 40 without an answer.
const UNANSWERED: usize = 38;

/// A line of `trust.jsonl`.
#[derive(Deserialize)]
struct TrustCase {
    id: String,
    db: String,
    question: String,
    action: String,
    why: String,
    /// What kind of question has no answer.
    cause: Option<String>,
    as_of: Option<String>,
    /// The fair readings of a question that needs one back.
    #[serde(default)]
    readings: Vec<String>,
    sql: Option<String>,
    #[serde(default)]
    alternatives: Vec<String>,
    #[serde(default)]
    ordered: bool,
}

#[tokio::test]
async fn declines_and_asks_back_where_it_should_and_only_there() {
    let cases: Vec<TrustCase> = lines(TRUST);
    let shop = taught_shop().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut others: BTreeMap<&str, OpenShop> = BTreeMap::new();
    for case in cases.iter().filter(|case| case.db != "shop") {
        if !others.contains_key(case.db.as_str()) {
            others.insert(&case.db, open(&folder, &case.db).await);
        }
    }
    let mut tally = Tally::default();
    let mut stale = Vec::new();
    for case in &cases {
        let asked = others.get(case.db.as_str()).unwrap_or(&shop);
        let as_of = case.as_of.as_ref().map(|day| day.parse().expect("a day"));
        let as_of = as_of.or((case.db == "shop").then_some(shop::AS_OF));
        let question = Question { text: case.question.clone(), as_of, ..Question::default() };
        let answer = asked.pipeline.ask(&question, NO_LIMITS, true, &silent).await;
        if matches!(answer.outcome, Outcome::Answer | Outcome::Clarify) {
            for choice in &answer.choices {
                let again = Question { text: choice.question.clone(), ..question.clone() };
                let offered = asked.pipeline.ask(&again, NO_LIMITS, false, &silent).await;
                if offered.outcome != Outcome::Answer {
                    stale.push(format!("{}: {} ({})", case.id, choice.question, offered.text));
                }
            }
        }
        tally.take(case, asked, &answer);
    }
    eprintln!("{}", tally.told());
    eprintln!("offered, and not answered as it stands: {stale:#?}");
    let (right, all) = tally.groups["all"];
    assert_eq!(all, 120);
    assert!(right >= RIGHT, "{right} handled rightly");
    let (unanswered, _) = tally.groups["action abstain"];
    assert!(unanswered >= UNANSWERED, "{unanswered} of 40 left unanswered");
    assert!(tally.sure.is_empty(), "answered for sure what has no answer: {:?}", tally.sure);
}

/// How the questions ended, by action, by cause and by database.
#[derive(Default)]
struct Tally {
    groups: BTreeMap<String, (usize, usize)>,
    /// Questions that only look as if they had no answer, and were declined.
    declined: usize,
    /// Questions without an answer that were answered, with a confidence that sounds sure.
    sure: Vec<String>,
    faults: String,
}

impl Tally {
    fn take(&mut self, case: &TrustCase, asked: &OpenShop, answer: &Answer) {
        let fault = case.fault(asked, answer);
        let cause = case.cause.as_deref().unwrap_or("none");
        for group in [
            "all".to_owned(),
            format!("action {}", case.action),
            format!("cause {cause}"),
            format!("database {}", case.db),
            format!("{} {}", case.db, case.action),
        ] {
            let (right, all) = self.groups.entry(group).or_default();
            *right += usize::from(fault.is_none());
            *all += 1;
        }
        let Some(fault) = fault else { return };
        self.declined += usize::from(case.action == "answer" && answer.outcome != Outcome::Answer);
        if case.action == "abstain" && is_sure(answer) {
            self.sure.push(case.id.clone());
        }
        let _ = writeln!(self.faults, "{} [{} {cause}: {}]\n{}{fault}", case.id, case.action, case.why, made(answer));
    }

    fn told(&self) -> String {
        let figures: Vec<String> =
            self.groups.iter().map(|(group, (right, all))| format!("{group} {right}/{all}")).collect();
        format!(
            "trust: {}\nlook-alikes declined {}, answered for sure what has no answer: {:?}\n{}",
            figures.join(", "),
            self.declined,
            self.sure,
            self.faults
        )
    }
}

impl TrustCase {
    /// What is wrong with the answer, or nothing.
    fn fault(&self, asked: &OpenShop, answer: &Answer) -> Option<String> {
        let ends_well = match self.action.as_str() {
            "abstain" => answer.outcome == Outcome::Abstain || self.asks_for_what_is_missing(answer),
            "clarify" => {
                let named = !answer.choices.is_empty();
                answer.outcome == Outcome::Clarify || answer.outcome == Outcome::Answer && named
            }
            _ => answer.outcome == Outcome::Answer,
        };
        if !ends_well || answer.outcome != Outcome::Answer {
            return (!ends_well).then(String::new);
        }
        let mut statements = self.sql.iter().chain(&self.alternatives).chain(&self.readings).cloned();
        let gold = Case {
            id: self.id.clone(),
            question: self.question.clone(),
            gold_sql: statements.next()?,
            gold_alternatives: statements.collect(),
            ordered: self.ordered,
        };
        let connection = Connection::open(&asked.path).expect("opens the database");
        let mut golds = Golds { connection, read: BTreeMap::new() };
        golds.fault(&gold, answer).map(|fault| format!("{fault}    gold: {}\n", gold.gold_sql))
    }

    /// A question back that quotes words of the question says what it does not know.
    fn asks_for_what_is_missing(&self, answer: &Answer) -> bool {
        let mut quoted = answer.text.split('"').skip(1).step_by(2);
        let question = self.question.to_lowercase();
        answer.outcome == Outcome::Clarify && quoted.any(|words| question.contains(&words.to_lowercase()))
    }
}
