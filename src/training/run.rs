//! The whole fit, from a folder of questions to weights with their figures.

use std::path::Path;

use super::corpus::{self, Source};
use super::fit::{self, Example};
use super::{TrainingError, calibration, rank};
use crate::pipeline::generation::offline::assembly::MOST;
use crate::pipeline::generation::offline::scoring::asset::Model;

/// Every fourth database by name is left for the test: nothing is fitted to it.
pub fn is_for_tuning(database: usize) -> bool {
    database % 4 != 3
}

/// Fits weights to the tuning part of a folder's questions and gives them as a file. `say` is told of each step.
pub fn fit_folder(folder: &Path, say: &(dyn Fn(&str) + Sync)) -> Result<Vec<u8>, TrainingError> {
    let sources = read(folder)?;
    let examples = fit::examples(&sources);
    say(&format!("{} databases, {} questions with plans", sources.len(), examples.len()));
    let ranked = rank::candidates(&sources, &examples, say);
    let share = |n: usize| format!("{:.1} %", 100.0 * n as f64 / ranked.len().max(1) as f64);
    for k in [1, 5, 25, usize::MAX] {
        let hit = ranked.iter().filter(|r| r.candidates.iter().take(k).any(|c| c.right)).count();
        say(&format!("right among the first {}: {}", k.min(MOST), share(hit)));
    }
    let rankings = rank::crossed(&ranked);
    let leads = rank::leads(&ranked, &rankings);
    say(&format!("right after ranking, unseen databases: {}", share(leads.iter().filter(|(_, right)| *right).count())));
    let all: Vec<&Example<'_>> = examples.iter().collect();
    let model = Model {
        weights: fit::weights(&all),
        ranking: rank::fit(&ranked.iter().collect::<Vec<_>>()),
        calibration: calibration::fit(leads),
    };
    Ok(model.to_bytes())
}

/// How well each score does on databases that it was not fitted to, and how many gold statements a plan can say.
pub fn examine(folder: &Path) -> Result<String, TrainingError> {
    let sources = read(folder)?;
    let examples = fit::examples(&sources);
    Ok(super::diagnose::diagnose(&examples) + &super::report::plan_coverage(&sources))
}

fn read(folder: &Path) -> Result<Vec<Source>, TrainingError> {
    corpus::read(folder, &folder.join("spider_train").join("questions.jsonl"), is_for_tuning)
}
