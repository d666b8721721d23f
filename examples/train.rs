//! Fits the scores of the offline engine: `cargo run --release --example train -- FOLDER assets/offline/weights.bin`.
//! In place of the file, `--examine` tells how well each score does, `--failures` what is wrong with the answers to
//! databases left out; both write nothing.

#![expect(clippy::print_stdout, reason = "a workshop tells what it does")]

use std::path::PathBuf;
use std::time::Instant;

use t2s::training;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(out)) = (arguments.next(), arguments.next()) else {
        anyhow::bail!("give a folder of questions and the file to write, --examine or --failures");
    };
    let folder = PathBuf::from(folder);
    if out == "--examine" {
        println!("{}", training::examine(&folder)?);
        return Ok(());
    }
    let began = Instant::now();
    let say = |text: &str| println!("{:6.1} s  {text}", began.elapsed().as_secs_f64());
    if out == "--failures" {
        println!("{}", training::failures(&folder, &say)?);
        return Ok(());
    }
    let bytes = training::fit_folder(&folder, &say)?;
    std::fs::write(&out, &bytes)?;
    say(&format!("{} bytes written", bytes.len()));
    Ok(())
}
