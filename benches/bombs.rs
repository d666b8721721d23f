//! How statements end that would take for ever, or all memory: each bomb of the cases, by the limits alone.
//!
//! `cargo bench --bench bombs -- [--seconds 2]` runs every one with that limit on time, prints how long the slowest went
//! on after it and how much memory the process took at most, and ends with code 1 if a target is missed.

#![expect(clippy::print_stdout, reason = "a benchmark shows its figures")]

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rusqlite::Connection;
use serde::Deserialize;
use t2s::database::{Bounds, Cancel, Database};
use t2s::schema::Value;

const BASE: &str = include_str!("../tests/cases/sql/base.sql");
const BOMBS: &str = include_str!("../tests/cases/sql/bombs.jsonl");
const SLACK: Duration = Duration::from_millis(500);
const MEGABYTES: u64 = 300;

#[derive(Deserialize)]
struct Bomb {
    sql: String,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let seconds = match arguments.next().as_deref() {
        Some("--seconds") => arguments.next().context("--seconds N")?.parse()?,
        _ => 2.0,
    };
    let bounds =
        Bounds { rows: Some(1_000), time: Duration::from_secs_f64(seconds), bytes: Some(20_000_000), steps: None };
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("bombs.db");
    Connection::open(&path)?.execute_batch(BASE)?;
    let database = Database::open(&path)?;
    let (mut latest, mut number, mut limited) = ((Duration::ZERO, String::new()), 0, 0);
    for line in BOMBS.lines() {
        let bomb: Bomb = serde_json::from_str(line)?;
        let begun = Instant::now();
        let outcome = database.run(&bomb.sql, &bounds, &Cancel::default());
        let over = begun.elapsed().saturating_sub(bounds.time);
        if over > latest.0 {
            latest = (over, bomb.sql.chars().take(120).collect());
        }
        number += 1;
        limited += usize::from(outcome.as_ref().map_or_else(t2s::database::DatabaseError::is_limit, |r| r.truncated));
        let next = database.run("SELECT count(*) FROM items", &bounds, &Cancel::default())?;
        ensure!(next.rows == [[Value::Integer(4)]], "after {}: {next:?}", bomb.sql);
    }
    let peak = peak_megabytes().context("the peak of memory is told on Linux only")?;
    println!("{number} bombs, {limited} ended by a limit, the others with an answer; each next query was right");
    println!("latest end {:.0} ms after its limit: {}", latest.0.as_secs_f64() * 1_000.0, latest.1);
    println!("peak memory {peak} MB");
    ensure!(latest.0 <= SLACK && peak < MEGABYTES, "a target is missed: {SLACK:?} and {MEGABYTES} MB");
    Ok(())
}

fn peak_megabytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kilobytes| kilobytes / 1_024)
}
