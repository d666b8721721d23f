//! Asks a database from a program: `cargo run --example ask shop.db "how many products are there"`.

#![expect(clippy::print_stdout, reason = "an example shows its answer")]

use t2s::config::Config;
use t2s::pipeline::Pipeline;
use t2s::pipeline::analysis::Question;
use t2s::pipeline::execution::Limits;
use t2s::pipeline::progress::silent;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(database), Some(text)) = (arguments.next(), arguments.next()) else {
        anyhow::bail!("give a database and a question");
    };
    let folders = tempfile::tempdir()?;
    let config = Config { database: Some(database.into()), ..Config::with_folders(folders.path()) };
    let limits = Limits { rows: Some(20), time: config.limits.time, bytes: None };
    let pipeline = Pipeline::open(config).await?;
    let question = Question { text, ..Question::default() };
    let answer = pipeline.ask(&question, limits, true, &silent).await;
    println!("{}\n{}", answer.text, answer.sql.unwrap_or_default());
    Ok(())
}
