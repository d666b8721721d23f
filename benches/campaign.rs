//! Millions of generated and mutated statements, far more than fit into a test: the same trial as in the suite.
//!
//! `cargo bench --bench campaign -- --count 5000000 --seed 1 --threads 2`
//!
//! Ends with code 1 and the offending statement if anything was written, seen, crashed or could not be stopped.
//! `--from N` goes on from a statement. If the process itself dies, `campaign-SEED-THREAD.txt` in the `--state` folder
//! (default: the working folder) names the batch it was in; `--from N --count 500 --threads 1 --trace` then prints every
//! statement before it is tried. `--keep-going` lists up to so many offences instead of ending at the first.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark shows its figures")]

#[path = "../tests/fuzzing/mod.rs"]
mod generated;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use generated::statements::Statements;
use generated::trial::{Offence, TIME, Totals, Trial};

/// Statements between two looks at the files, and between two notes of where a thread is.
const BATCH: u64 = 500;
/// Between two lines that tell how far it is.
const TELL: Duration = Duration::from_secs(30);

struct Options {
    seed: u64,
    from: u64,
    count: u64,
    threads: u64,
    state: PathBuf,
    slack: Duration,
    trace: bool,
    keep_going: usize,
}

impl Options {
    fn read() -> Result<Self> {
        let mut options = Self {
            seed: 1,
            from: 0,
            count: 100_000,
            threads: 2,
            state: std::env::current_dir()?,
            slack: Duration::from_millis(500),
            trace: false,
            keep_going: 0,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(name) = arguments.next() {
            match name.as_str() {
                // What cargo itself adds.
                "--bench" => {}
                "--trace" => options.trace = true,
                "--state" => options.state = std::path::absolute(arguments.next().context("--state FOLDER")?)?,
                "--seed" | "--from" | "--count" | "--threads" | "--slack-ms" | "--keep-going" => {
                    let value = arguments.next().with_context(|| format!("{name} needs a number"))?;
                    let value: u64 = value.parse().with_context(|| format!("{name} {value}"))?;
                    match name.as_str() {
                        "--seed" => options.seed = value,
                        "--from" => options.from = value,
                        "--count" => options.count = value,
                        "--threads" => options.threads = value.max(1),
                        "--slack-ms" => options.slack = Duration::from_millis(value),
                        _ => options.keep_going = value as usize,
                    }
                }
                other => bail!("unknown argument {other}"),
            }
        }
        Ok(options)
    }
}

/// What the threads share.
struct Shared {
    next: AtomicU64,
    stop: AtomicBool,
}

fn main() -> Result<()> {
    let options = Options::read()?;
    for thread in 0..options.threads {
        if let Ok(left) = std::fs::read_to_string(marker(&options, thread)) {
            println!("an earlier run died within: {}", left.trim());
        }
    }
    // A statement that names a file must not find the repository there.
    let folder = tempfile::tempdir()?;
    std::env::set_current_dir(folder.path())?;

    let begun = Instant::now();
    let shared = Shared { next: AtomicU64::new(options.from), stop: AtomicBool::new(false) };
    let mut totals = Totals::default();
    let mut offences = Vec::new();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..options.threads)
            .map(|n| {
                scope.spawn({
                    let (o, s) = (&options, &shared);
                    move || work(o, s, n)
                })
            })
            .collect();
        scope.spawn(|| tell(&options, &shared, begun));
        for worker in workers {
            if let Ok((part, found)) = worker.join() {
                totals.add(part);
                offences.extend(found);
            } else {
                let what = "a thread died".to_owned();
                offences.push(Offence { ordinals: 0..0, sql: String::new(), what });
            }
        }
        shared.stop.store(true, Ordering::SeqCst);
    });
    summary(&options, &totals, begun.elapsed());
    let planted: Vec<_> = std::fs::read_dir(folder.path())?.flatten().map(|entry| entry.file_name()).collect();
    anyhow::ensure!(planted.is_empty(), "the working folder holds {planted:?}");
    for Offence { ordinals, sql, what } in &offences {
        eprintln!("seed {}, statement {ordinals:?}: {what}\n{sql}\n{sql:?}\n", options.seed);
    }
    anyhow::ensure!(offences.is_empty(), "{} offences", offences.len());
    Ok(())
}

fn marker(options: &Options, thread: u64) -> PathBuf {
    options.state.join(format!("campaign-{}-{thread}.txt", options.seed))
}

/// Takes batch after batch until none is left or one offends.
fn work(options: &Options, shared: &Shared, thread: u64) -> (Totals, Vec<Offence>) {
    let marker = marker(options, thread);
    let mut trial = Trial::new(options.slack);
    let statements = Statements::new(options.seed, trial.schema());
    let (end, mut offences) = (options.from + options.count, Vec::new());
    while !shared.stop.load(Ordering::SeqCst) {
        let mut first = shared.next.fetch_add(BATCH, Ordering::SeqCst);
        if first >= end {
            break;
        }
        let last = (first + BATCH).min(end);
        mark(&marker, &format!("seed {}, statements {first}..{last}\n", options.seed));
        while first < last {
            let until = if options.trace { first + 1 } else { last };
            if options.trace {
                println!("{first}: {:?}", statements.at(first));
            }
            let Err(offence) = trial.examine_all(&statements, first..until) else {
                first = until;
                continue;
            };
            first = offence.ordinals.end;
            offences.push(offence);
            if offences.len() > options.keep_going {
                shared.stop.store(true, Ordering::SeqCst);
                break;
            }
        }
    }
    drop(std::fs::remove_file(&marker));
    (trial.totals, offences)
}

fn mark(path: &Path, text: &str) {
    if let Err(error) = std::fs::write(path, text) {
        eprintln!("{}: {error}", path.display());
    }
}

fn tell(options: &Options, shared: &Shared, begun: Instant) {
    let mut told = Instant::now();
    while !shared.stop.load(Ordering::SeqCst) {
        thread::sleep(Duration::from_millis(100));
        if told.elapsed() >= TELL {
            told = Instant::now();
            let done = shared.next.load(Ordering::SeqCst).saturating_sub(options.from).min(options.count);
            println!("{done} of {} begun after {:.0} s", options.count, begun.elapsed().as_secs_f64());
        }
    }
}

fn summary(options: &Options, totals: &Totals, elapsed: Duration) {
    let per_second = totals.statements as f64 / elapsed.as_secs_f64();
    println!("seed {}, from {}, {} threads, limit {TIME:?}", options.seed, options.from, options.threads);
    println!("statements     {:>10}  in {:.1} s, {per_second:.0} a second", totals.statements, elapsed.as_secs_f64());
    println!("distinct       {:>10}", totals.distinct());
    for (name, part) in [
        ("passed", totals.passed),
        ("  ran", totals.ran),
        ("  limited", totals.limited),
        ("  wrong", totals.wrong),
        ("  bare", totals.bare),
        ("  columns differ", totals.columns_differ),
        ("ran raw", totals.ran_raw),
        ("prepared", totals.prepared),
    ] {
        println!("{name:<18} {part:>6}  {:.2} %", totals.share(part));
    }
    println!("slowest {:?}: {:.300}", totals.slowest.0, totals.slowest.1);
}
