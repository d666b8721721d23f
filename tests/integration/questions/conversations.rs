//! Conversations asked turn by turn without a model: each turn comes with the turns before it and the SQL that was made
//! of them, as every door sends them.

use std::collections::BTreeMap;
use std::fmt::Write;

use rusqlite::Connection;
use serde::Deserialize;
use t2s::pipeline::analysis::{Question, Turn};
use t2s::pipeline::progress::silent;
use t2s::shop;

use super::schemas::open;
use super::{Case, Golds, NO_LIMITS, OpenShop, is_sure, lines, made, taught_shop};

const CONVERSATIONS: &str = include_str!("../../cases/questions/conversations.jsonl");

/// Follow-ups answered with the right rows at least, of 63.
const RIGHT: usize = 47;

#[derive(Deserialize)]
struct Conversation {
    id: String,
    db: String,
    as_of: Option<String>,
    turns: Vec<TurnCase>,
}

#[derive(Deserialize)]
struct TurnCase {
    question: String,
    edit: String,
    sql: String,
    alternatives: Vec<String>,
    ordered: bool,
}

#[tokio::test]
async fn follows_conversations_turn_by_turn() {
    let shop = taught_shop().await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut tally = Tally::default();
    for conversation in lines::<Conversation>(CONVERSATIONS) {
        if conversation.db == "shop" {
            tally.hold(&shop, &conversation).await;
        } else {
            tally.hold(&open(&folder, &conversation.db).await, &conversation).await;
        }
    }
    eprintln!("{}", tally.told());
    assert_eq!((tally.count(|_| true).1, tally.count(is_follow_up).1), (84, 63));
    let (right, follow_ups) = tally.count(is_follow_up);
    assert!(right >= RIGHT, "{right} of {follow_ups} follow-ups right");
}

fn is_follow_up(edit: &str) -> bool {
    edit != "first"
}

/// Right and asked turns by kind of edit, and what went wrong.
#[derive(Default)]
struct Tally {
    kinds: BTreeMap<String, (usize, usize)>,
    sure: usize,
    faults: String,
}

impl Tally {
    async fn hold(&mut self, asked: &OpenShop, conversation: &Conversation) {
        let connection = Connection::open(&asked.path).expect("opens the database");
        let mut golds = Golds { connection, read: BTreeMap::new() };
        let as_of = conversation.as_of.as_ref().map(|day| day.parse().expect("a day"));
        let as_of = as_of.or((conversation.db == "shop").then_some(shop::AS_OF));
        let mut turns = Vec::new();
        for (at, case) in conversation.turns.iter().enumerate() {
            let question = Question { text: case.question.clone(), turns: turns.clone(), as_of, ..Question::default() };
            let answer = asked.pipeline.ask(&question, NO_LIMITS, true, &silent).await;
            let gold = Case {
                id: format!("{} turn {}", conversation.id, at + 1),
                question: case.question.clone(),
                gold_sql: case.sql.clone(),
                gold_alternatives: case.alternatives.clone(),
                ordered: case.ordered,
            };
            let fault = golds.fault(&gold, &answer);
            let (right, all) = self.kinds.entry(case.edit.clone()).or_default();
            *right += usize::from(fault.is_none());
            *all += 1;
            if let Some(fault) = fault {
                self.sure += usize::from(is_sure(&answer));
                let _ = writeln!(
                    self.faults,
                    "{} [{}]\n{}{fault}    gold: {}",
                    gold.id,
                    case.edit,
                    made(&answer),
                    case.sql
                );
            }
            turns.push(Turn { question: case.question.clone(), sql: answer.sql });
        }
    }

    fn count(&self, counts: impl Fn(&str) -> bool) -> (usize, usize) {
        let kinds = self.kinds.iter().filter(|(edit, _)| counts(edit));
        kinds.fold((0, 0), |(right, all), (_, (r, a))| (right + r, all + a))
    }

    fn told(&self) -> String {
        let kinds: Vec<String> =
            self.kinds.iter().map(|(edit, (right, all))| format!("{edit} {right}/{all}")).collect();
        let ((right, all), (first, firsts)) = (self.count(is_follow_up), self.count(|e| e == "first"));
        format!(
            "conversations: {right} of {all} follow-ups right, {first} of {firsts} first turns, {} wrong for sure\n{}\n{}",
            self.sure,
            kinds.join(", "),
            self.faults
        )
    }
}
