//! What running a statement costs beside SQLite itself, how many readers may ask at once, and how soon one is stopped.
//!
//! `cargo bench --bench execution -- [--rows N] [overhead] [readers] [cancel]` makes a table of N rows (3,000,000) in a
//! temporary folder and prints each figure with its target; it ends with code 1 if one is missed.

#![expect(clippy::print_stdout, reason = "a benchmark shows its figures")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rusqlite::{Connection, OpenFlags};
use t2s::config::{CacheConfig, Config};
use t2s::pipeline::Pipeline;
use t2s::pipeline::execution::Limits;
use t2s::pipeline::progress::silent;
use t2s::pipeline::response::{Answer, Outcome};
use tokio::runtime::Runtime;

const LIMITS: Limits = Limits { rows: Some(1_000), time: Duration::from_mins(1), bytes: None };
/// The statement whose own work is next to nothing.
const TINY: &str = "SELECT name, price FROM small WHERE id = 7";
const TINY_ROUNDS: usize = 10_000;
const WARM_UP: usize = 500;
/// Rows that one statement of a reader goes through.
const SPAN: usize = 20_000;
const STATEMENTS_A_ROUND: usize = 1_024;
const ROUNDS: usize = 5;
const CANCELS: u32 = 25;
/// A statement that is done before this cannot be cancelled on the way.
const SHORTEST: Duration = Duration::from_millis(20);
const LONGEST: Duration = Duration::from_secs(2);

/// Statements to be stopped, and whether they would ever end.
const STOPPED: [(&str, &str); 4] = [
    ("plain scan", "SELECT count(*), sum(value), max(label) FROM big WHERE label LIKE '%q%'"),
    ("recursive query", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"),
    ("sort", "SELECT * FROM big ORDER BY label, value"),
    ("cartesian join", "SELECT count(*) FROM big a, big b WHERE a.value + b.value < 0"),
];

fn main() -> Result<()> {
    let (rows, parts) = arguments()?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("bench.db");
    make_database(&path, rows)?;
    let config = Config {
        database: Some(path.clone()),
        offline: true,
        cache: CacheConfig { enabled: false, ..CacheConfig::default() },
        ..Config::with_folders(folder.path())
    };
    let runtime = Runtime::new()?;
    let pipeline = Arc::new(runtime.block_on(Pipeline::open(config))?);
    println!("SQLite {}, {rows} rows, {} cores", rusqlite::version(), std::thread::available_parallelism()?);
    let is_asked = |part: &str| parts.is_empty() || parts.iter().any(|asked| asked == part);
    let mut missed = 0;
    if is_asked("overhead") {
        missed += overhead(&runtime, &pipeline, &path)?;
    }
    if is_asked("readers") {
        missed += readers(&runtime, &pipeline, rows)?;
    }
    if is_asked("cancel") {
        missed += cancel(&runtime, &pipeline)?;
    }
    ensure!(missed == 0, "{missed} targets missed");
    Ok(())
}

fn arguments() -> Result<(usize, Vec<String>)> {
    let (mut rows, mut parts) = (3_000_000, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bench" => {}
            "--rows" => rows = arguments.next().context("--rows N")?.parse()?,
            "overhead" | "readers" | "cancel" => parts.push(argument),
            other => bail!("unknown argument {other}"),
        }
    }
    Ok((rows.max(SPAN * 2), parts))
}

fn make_database(path: &Path, rows: usize) -> Result<()> {
    let connection = Connection::open(path)?;
    connection.execute_batch(&format!(
        "PRAGMA synchronous = OFF;
         CREATE TABLE small (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price REAL NOT NULL);
         CREATE TABLE big (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, value REAL NOT NULL, label TEXT NOT NULL);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100)
         INSERT INTO small SELECT i, 'name ' || i, i * 1.5 FROM n;
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {rows})
         INSERT INTO big SELECT i, i % 40, (i * 7919 % 100003) / 100.0, printf('label %08x', i * 2654435761 % 4294967296)
         FROM n;"
    ))?;
    Ok(())
}

/// Tells a figure beside its target; 1 if it misses.
fn told(name: &str, figure: f64, unit: &str, is_met: bool, target: &str) -> usize {
    println!("{name:<44} {figure:>10.3} {unit:<3}  target {target}: {}", if is_met { "met" } else { "MISSED" });
    usize::from(!is_met)
}

async fn ask(pipeline: &Pipeline, sql: &str) -> Result<Answer> {
    let answer = pipeline.run_sql(sql, LIMITS, true, &silent).await;
    ensure!(answer.outcome == Outcome::Answer, "{sql}: {}", answer.text);
    Ok(answer)
}

/// A tiny statement through the whole pipeline and through SQLite alone, in turn.
fn overhead(runtime: &Runtime, pipeline: &Pipeline, path: &Path) -> Result<usize> {
    let bare = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let alone = || -> Result<(String, f64)> {
        let mut statement = bare.prepare_cached(TINY)?;
        Ok(statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
    };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let (mut checks, mut runs, mut explains) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..WARM_UP + TINY_ROUNDS {
        let begun = Instant::now();
        let answer = runtime.block_on(ask(pipeline, TINY))?;
        let our_time = begun.elapsed();
        let begun = Instant::now();
        let row = alone()?;
        let their_time = begun.elapsed();
        ensure!(answer.result.is_some_and(|result| result.rows.len() == 1) && row.0 == "name 7", "another result");
        if round >= WARM_UP {
            ours.push(our_time);
            theirs.push(their_time);
            checks.push(answer.timings.validation);
            runs.push(answer.timings.execution);
            explains.push(answer.timings.response);
        }
    }
    let [ours, theirs, checks, runs, explains] =
        [ours, theirs, checks, runs, explains].map(|mut times| ms(at(&mut times, 50)));
    println!("tiny statement, median of {TINY_ROUNDS}: ours {ours:.4} ms, SQLite alone {theirs:.4} ms");
    println!("  of ours: check {checks:.4}, run {runs:.4}, explain {explains:.4} ms");
    let over = ours - theirs;
    Ok(told("overhead of the whole gate, median", over, "ms", over < 0.2, "< 0.2 ms"))
}

/// What so many readers get done together.
struct Round {
    per_second: f64,
    times: Vec<Duration>,
}

fn readers(runtime: &Runtime, pipeline: &Arc<Pipeline>, rows: usize) -> Result<usize> {
    let (mut few, mut many) = (Vec::new(), Vec::new());
    runtime.block_on(read_at_once(pipeline, 2, rows))?;
    for _ in 0..ROUNDS {
        few.push(runtime.block_on(read_at_once(pipeline, 2, rows))?);
        many.push(runtime.block_on(read_at_once(pipeline, 64, rows))?);
    }
    let [few_rate, few_p50, few_p99] = of_rounds("2 readers", few);
    let [many_rate, many_p50, many_p99] = of_rounds("64 readers", many);
    let (ratio, tail) = (many_rate / few_rate, many_p99 / many_p50);
    println!(
        "  p99 of 64 readers is {:.1} times the p50 of 2 readers; theirs is {:.1}",
        many_p99 / few_p50,
        few_p99 / few_p50
    );
    Ok(told("throughput of 64 readers over that of 2", ratio, "x", ratio >= 0.9, ">= 0.9")
        + told("p99 over p50 of 64 readers", tail, "x", tail <= 40.0, "<= 40"))
}

/// The median rate of some rounds, and the times of all of them together.
fn of_rounds(name: &str, rounds: Vec<Round>) -> [f64; 3] {
    let mut rates: Vec<f64> = rounds.iter().map(|round| round.per_second).collect();
    rates.sort_unstable_by(f64::total_cmp);
    let mut times: Vec<Duration> = rounds.into_iter().flat_map(|round| round.times).collect();
    let figures = [rates[rates.len() / 2], ms(at(&mut times, 50)), ms(at(&mut times, 99))];
    let [rate, p50, p99] = figures;
    println!(
        "{name:<12} {rate:>8.1} statements/s   p50 {p50:>8.2} ms   p99 {p99:>8.2} ms   no error in {}",
        times.len()
    );
    figures
}

/// Readers that each ask as soon as they have their answer; a failed statement ends the benchmark.
async fn read_at_once(pipeline: &Arc<Pipeline>, readers: usize, rows: usize) -> Result<Round> {
    let begun = Instant::now();
    let next = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..readers)
        .map(|_| {
            let (pipeline, next) = (Arc::clone(pipeline), Arc::clone(&next));
            tokio::spawn(async move {
                let mut times = Vec::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= STATEMENTS_A_ROUND {
                        return Ok::<_, anyhow::Error>(times);
                    }
                    let first = number * 7_919 % (rows - SPAN);
                    let sql = format!(
                        "SELECT kind, count(*), sum(value) FROM big WHERE id BETWEEN {first} AND {} GROUP BY kind",
                        first + SPAN
                    );
                    let begun = Instant::now();
                    ask(&pipeline, &sql).await?;
                    times.push(begun.elapsed());
                }
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    Ok(Round { per_second: times.len() as f64 / begun.elapsed().as_secs_f64(), times })
}

/// Drops the future of running statements, and waits until their places are free again: a place is held until the
/// statement has really ended.
fn cancel(runtime: &Runtime, pipeline: &Arc<Pipeline>) -> Result<usize> {
    let mut all = Vec::new();
    let slots = pipeline.database().slots();
    let places = u32::try_from(slots.available_permits())?;
    for (name, sql) in STOPPED {
        let whole = runtime.block_on(duration(pipeline, sql));
        drop(runtime.block_on(slots.acquire_many(places))?);
        ensure!(whole > SHORTEST, "the {name} takes only {whole:?}: ask for more --rows");
        let mut times = Vec::new();
        for n in 1..=CANCELS {
            // Over the whole of its run, so that every phase of it is hit.
            let after = whole.mul_f64(f64::from(n) / f64::from(CANCELS + 1)).max(Duration::from_millis(2));
            times.push(runtime.block_on(stopped(pipeline, places, sql, after)).with_context(|| name.to_owned())?);
        }
        let (p50, slowest) = (at(&mut times, 50), at(&mut times, 100));
        println!(
            "cancelled {name:<16} {CANCELS} times over {whole:>7.0?}: p50 {:.2} ms, slowest {:.2} ms",
            ms(p50),
            ms(slowest)
        );
        all.extend(times);
    }
    let late = all.iter().filter(|time| **time > Duration::from_millis(100)).count();
    let slowest = ms(at(&mut all, 100));
    Ok(told(&format!("slowest of {} cancellations", all.len()), slowest, "ms", late == 0, "<= 100 ms"))
}

/// How long a statement runs, if left alone for so long.
async fn duration(pipeline: &Pipeline, sql: &str) -> Duration {
    let begun = Instant::now();
    let first = Limits { rows: Some(1), ..LIMITS };
    drop(tokio::time::timeout(LONGEST, pipeline.run_sql(sql, first, true, &silent)).await);
    begun.elapsed().min(LONGEST)
}

/// From dropping the future to the end of the statement; sooner if it ended by itself before.
async fn stopped(pipeline: &Pipeline, all: u32, sql: &str, mut after: Duration) -> Result<Duration> {
    let slots = pipeline.database().slots();
    loop {
        let mut asked = Box::pin(pipeline.run_sql(sql, LIMITS, true, &silent));
        if tokio::time::timeout(after, &mut asked).await.is_err() {
            ensure!(slots.available_permits() + 1 == all as usize, "it is not running");
            let begun = Instant::now();
            drop(asked);
            drop(slots.acquire_many(all).await?);
            return Ok(begun.elapsed());
        }
        after /= 2;
        ensure!(after > Duration::from_millis(1), "it ends before it can be stopped");
    }
}

fn at(times: &mut [Duration], share: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() * share / 100).min(times.len() - 1)]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
