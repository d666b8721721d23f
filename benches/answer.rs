//! Time from a question to its rows without a model, stage by stage, on the small sample shop.
//!
//! `cargo bench --bench answer` prints the median and the 95th percentile of each stage in milliseconds.

#![expect(clippy::print_stdout, reason = "a benchmark shows its figures")]

use std::time::{Duration, Instant};

use t2s::config::Config;
use t2s::pipeline::Pipeline;
use t2s::pipeline::analysis::Question;
use t2s::pipeline::execution::Limits;
use t2s::pipeline::progress::silent;
use t2s::pipeline::response::{Answer, Outcome};
use t2s::shop::{self, Scale};

/// A stage's name, and its time in an answer.
type Stage = (&'static str, fn(&Answer) -> Duration);

const ROUNDS: usize = 20;

const QUESTIONS: [&str; 6] = [
    "top 5 brands by revenue last quarter",
    "average margin percent by region",
    "how many stores are there in each zone",
    "units sold by month this year",
    "products without sales",
    "which products cost more than 8",
];

fn main() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("shop.db");
    let made = Instant::now();
    shop::write(&path, Scale::Small, shop::DEFAULT_SEED, &|_| {})?;
    println!("{:<28} {:>9.1} ms", "write the small shop", ms(made.elapsed()));

    let knowledge = folder.path().join("knowledge");
    shop::write_knowledge(&knowledge)?;
    let config = Config {
        database: Some(path),
        knowledge: Some(knowledge),
        offline: true,
        ..Config::with_folders(folder.path())
    };
    let runtime = tokio::runtime::Runtime::new()?;
    let mut opened = Vec::new();
    let mut pipeline = None;
    for _ in 0..5 {
        let begun = Instant::now();
        pipeline = Some(runtime.block_on(Pipeline::open(config.clone()))?);
        opened.push(begun.elapsed());
    }
    report("open and profile", &mut opened);
    let Some(pipeline) = pipeline else { return Ok(()) };

    let limits = Limits { rows: Some(1_000), time: Duration::from_secs(30), bytes: None };
    let mut answers: Vec<Answer> = Vec::new();
    for _ in 0..ROUNDS {
        for text in QUESTIONS {
            let question = Question { text: text.to_owned(), ..Question::default() };
            let answer = runtime.block_on(pipeline.ask(&question, limits, true, &silent));
            anyhow::ensure!(answer.outcome == Outcome::Answer, "{text}: {}", answer.text);
            answers.push(answer);
        }
    }
    let stages: [Stage; 6] = [
        ("analysis", |a| a.timings.analysis),
        ("generation", |a| a.timings.generation),
        ("validation", |a| a.timings.validation),
        ("execution", |a| a.timings.execution),
        ("response", |a| a.timings.response),
        ("question to answer", |a| a.timings.total),
    ];
    for (name, time) in stages {
        let mut times: Vec<Duration> = answers.iter().map(time).collect();
        report(name, &mut times);
    }
    Ok(())
}

fn report(name: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    println!("{name:<28} p50 {:>8.2} ms   p95 {:>8.2} ms   n {}", ms(at(50)), ms(at(95)), times.len());
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
