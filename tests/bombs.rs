//! Statements that would take for ever, or all memory: each of `tests/cases/sql/bombs.jsonl` ends soon, and the next
//! question is answered. They have a process of their own, since the memory of SQLite is bounded for a process as a
//! whole: beside other tests they would take it from them.

use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde::Deserialize;
use t2s::config::Policy;
use t2s::database::{Bounds, Cancel, Database};
use t2s::pipeline::execution::{Limits, run};
use t2s::pipeline::progress::silent;
use t2s::pipeline::validation::check;
use t2s::schema::Value;
use tempfile::TempDir;

const BASE: &str = include_str!("cases/sql/base.sql");
const BOMBS: &str = include_str!("cases/sql/bombs.jsonl");

const TIGHT: Limits = Limits { rows: Some(100), time: Duration::from_millis(200), bytes: Some(5_000_000) };
/// How much later than its limit a bomb may end on a busy machine without optimisation: what would go on for ever is
/// told from what ends. The figure itself is measured by `benches/bombs.rs`.
const SLACK: Duration = Duration::from_secs(15);

#[derive(Deserialize)]
struct Bomb {
    sql: String,
    /// The first cell of one that goes off without harm.
    answer: Option<String>,
}

impl Bomb {
    /// What is wrong with how it ended. It must end soon: in a limit, cut, or with the right answer.
    fn fault(&self, ended: Duration, outcome: Result<(Option<Value>, bool), bool>) -> Option<String> {
        let right = |first: Option<Value>| {
            let text = match first {
                Some(Value::Integer(n)) => n.to_string(),
                Some(Value::Text(text)) => text,
                other => format!("{other:?}"),
            };
            self.answer.as_ref().is_some_and(|answer| *answer == text)
        };
        let well = match outcome {
            Err(limit) => limit,
            Ok((first, truncated)) => truncated || right(first),
        };
        let start: String = self.sql.chars().take(200).collect();
        (!well || ended > TIGHT.time + SLACK).then(|| format!("{start}: well: {well}, {ended:?}"))
    }
}

fn bombs() -> Vec<Bomb> {
    BOMBS.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

struct Shop {
    _folder: TempDir,
    database: Database,
}

impl Shop {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("shop.db");
        Connection::open(&path).and_then(|shop| shop.execute_batch(BASE)).expect("makes the database");
        Self { database: Database::open(&path).expect("opens"), _folder: folder }
    }

    fn bounds(limits: Limits) -> Bounds {
        Bounds { rows: limits.rows, time: limits.time, bytes: limits.bytes, steps: None }
    }

    fn still_answers(&self) {
        let patient = Limits { time: Duration::from_secs(10), ..TIGHT };
        let rows = self.database.run("SELECT count(*) FROM items", &Self::bounds(patient), &Cancel::default());
        assert_eq!(rows.expect("the next query works").rows, [[Value::Integer(4)]]);
    }
}

#[tokio::test]
async fn every_bomb_ends_in_a_limit_and_the_next_query_works() {
    let shop = Shop::new();
    let schema = shop.database.read_schema().expect("has a schema");
    let bombs = bombs();
    assert!(bombs.len() >= 80, "{}", bombs.len());
    let mut wrong = Vec::new();
    for bomb in bombs {
        let begun = Instant::now();
        let outcome = match check(&bomb.sql, &schema, &Policy::default()) {
            Ok(checked) => match run(&shop.database, &checked, TIGHT, &silent).await {
                Ok(result) => Ok((result.rows.first().and_then(|row| row.first().cloned()), result.truncated)),
                Err(error) => Err(error.is_limit()),
            },
            Err(refusal) => Err(refusal.is_limit()),
        };
        wrong.extend(bomb.fault(begun.elapsed(), outcome));
        shop.still_answers();
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The third wall by itself: the text as it is written, without the gate.
#[test]
fn the_limits_alone_end_every_bomb() {
    let shop = Shop::new();
    let mut wrong = Vec::new();
    for bomb in bombs() {
        let begun = Instant::now();
        let outcome = match shop.database.run(&bomb.sql, &Shop::bounds(TIGHT), &Cancel::default()) {
            Ok(rows) => Ok((rows.rows.first().and_then(|row| row.first().cloned()), rows.truncated)),
            Err(error) => Err(error.is_limit()),
        };
        wrong.extend(bomb.fault(begun.elapsed(), outcome));
        shop.still_answers();
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
