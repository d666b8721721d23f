//! Fits the scores of the offline engine: `cargo run --release --example train -- FOLDER`.

#![expect(clippy::print_stdout, reason = "a workshop tells what it does")]

use std::io::Write;
use std::path::PathBuf;

use t2s::training::{corpus, diagnose, fit, rank};

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_default());
    let began = std::time::Instant::now();
    let say = |text: &str| println!("{:6.1} s  {text}", began.elapsed().as_secs_f64());
    let sources = corpus::read(&folder, &folder.join("spider_train/questions.jsonl"), |i| i % 4 != 3)?;
    say(&format!("{} databases read", sources.len()));
    let examples = fit::examples(&sources);
    say(&format!("{} examples", examples.len()));
    if arguments.next().as_deref() == Some("--diagnose") {
        say(&diagnose::diagnose(&examples));
        return Ok(());
    }
    let ranked = rank::candidates(&sources, &examples, &say);
    let all = ranked.len() as f64;
    let share = |n: usize| format!("{:.1} %", 100.0 * n as f64 / all);
    for k in [1, 5, 10, 25, 60] {
        let hit = ranked.iter().filter(|r| r.candidates.iter().take(k).any(|c| c.right)).count();
        say(&format!("right among the first {k}: {}", share(hit)));
    }
    let rankings = rank::crossed(&ranked);
    let mut out = std::fs::File::create("/tmp/oof.jsonl")?;
    let mut right = 0;
    for question in &ranked {
        let best = rank::best(question, &rankings[fit::fold(question.source)]);
        let good = best.is_some_and(|(c, _)| c.right);
        right += usize::from(good);
        let oracle = question.candidates.iter().position(|c| c.right);
        let line = serde_json::json!({
            "id": question.id, "db": sources[question.source].name, "question": question.question, "gold": question.gold,
            "sql": best.map(|(c, _)| c.sql.clone()), "score": best.map(|(_, s)| s), "right": good, "oracle": oracle,
        });
        writeln!(out, "{line}")?;
    }
    say(&format!("right after ranking: {}", share(right)));
    Ok(())
}
