//! The whole fit, from a folder of questions to weights with their figures.

use std::path::Path;

use super::corpus::{self, Source};
use super::fit::{self, Example};
use super::keywords::keywords;
use super::rank::{self, Ranked};
use super::{TrainingError, calibration, errors};
use crate::pipeline::generation::offline::assembly::MOST;
use crate::pipeline::generation::offline::scoring::asset::Model;
use crate::pipeline::generation::offline::scoring::trees::Forest;

/// Every fourth database by name is left for the test: nothing is fitted to it.
pub fn is_for_tuning(database: usize) -> bool {
    database % 4 != 3
}

/// Fits weights to the tuning part of a folder's questions and gives them as a file. `say` is told of each step.
pub fn fit_folder(folder: &Path, say: &(dyn Fn(&str) + Sync)) -> Result<Vec<u8>, TrainingError> {
    let sources = read(folder)?;
    let examples = fit::examples(&sources);
    let (ranked, rankings) = ranked(&sources, &examples, say);
    let model = Model {
        weights: fit::weights(&examples.iter().collect::<Vec<_>>()),
        alignment: rank::alignment(&ranked.iter().collect::<Vec<_>>()),
        ranking: rank::fit(&ranked.iter().collect::<Vec<_>>()),
        calibration: calibration::fit(rank::leads(&ranked, &rankings)),
    };
    Ok(model.to_bytes())
}

/// The failures on databases that nothing was fitted to, by what is wrong with them, for reading.
pub fn failures(folder: &Path, say: &(dyn Fn(&str) + Sync)) -> Result<String, TrainingError> {
    let sources = read(folder)?;
    let examples = fit::examples(&sources);
    let (ranked, rankings) = ranked(&sources, &examples, say);
    Ok(errors::errors(&sources, &ranked, &rankings))
}

/// How well each score does on databases that it was not fitted to, and how many gold statements a plan can say.
pub fn examine(folder: &Path) -> Result<String, TrainingError> {
    let sources = read(folder)?;
    let examples = fit::examples(&sources);
    Ok(super::diagnose::diagnose(&examples) + &super::report::plan_coverage(&sources))
}

/// Candidates of every question and rankings of them, each by fits that have not seen the database.
fn ranked(sources: &[Source], examples: &[Example<'_>], say: &(dyn Fn(&str) + Sync)) -> (Vec<Ranked>, Vec<Forest>) {
    say(&format!("{} databases, {} questions with plans", sources.len(), examples.len()));
    let mut ranked = rank::candidates(sources, examples, say);
    let asked = ranked.iter().filter(|r| !r.made).count().max(1);
    let share = |n: usize| format!("{:.1} %", 100.0 * n as f64 / asked as f64);
    for k in [1, 5, 25, usize::MAX] {
        let hit = ranked.iter().filter(|r| !r.made && r.candidates.iter().take(k).any(|c| c.right)).count();
        say(&format!("right among the first {}: {}", k.min(MOST), share(hit)));
    }
    rank::align(&mut ranked);
    let rankings = rank::crossed(&ranked);
    let mut leads = rank::leads(&ranked, &rankings);
    leads.sort_by(|a, b| b.0.total_cmp(&a.0));
    say(&format!("right after ranking, unseen databases: {}", share(leads.iter().filter(|(_, right)| *right).count())));
    for percent in [30, 50, 80] {
        let surest = &leads[..leads.len() * percent / 100];
        let right = surest.iter().filter(|(_, right)| *right).count();
        let share = 100.0 * right as f64 / surest.len().max(1) as f64;
        say(&format!("of the {percent} % surest: {share:.1} %"));
    }
    (ranked, rankings)
}

/// The tuning part, with questions made over its databases.
fn read(folder: &Path) -> Result<Vec<Source>, TrainingError> {
    let mut sources = corpus::read(folder, &folder.join("spider_train").join("questions.jsonl"), is_for_tuning)?;
    for (at, source) in sources.iter_mut().enumerate() {
        let made = keywords(source, at as u64);
        source.questions.extend(made);
    }
    Ok(sources)
}
