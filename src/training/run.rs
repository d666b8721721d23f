//! The whole fit, from a folder of questions to weights with their figures.

use std::path::Path;

use super::confidence::{self, Taken};
use super::corpus::{self, Source};
use super::fit::{self, Example, FOLDS, fold};
use super::keywords::keywords;
use super::rank::{self, Ranked};
use super::{TrainingError, errors, rarity};
use crate::evaluation::expected_error;
use crate::pipeline::generation::offline::assembly::MOST;
use crate::pipeline::generation::offline::learned::calibrated;
use crate::pipeline::generation::offline::scoring::asset::Model;
use crate::pipeline::generation::offline::scoring::linear::Linear;
use crate::pipeline::generation::offline::scoring::trees::Forest;

/// Every fourth database by name is left for the test: nothing is fitted to it.
pub fn is_for_tuning(database: usize) -> bool {
    database % 4 != 3
}

/// Fits weights to the tuning part of a folder's questions and gives them as a file. `say` is told of each step.
pub fn fit_folder(folder: &Path, say: &(dyn Fn(&str) + Sync)) -> Result<Vec<u8>, TrainingError> {
    let sources = read(folder)?;
    let examples = fit::examples(&sources);
    let rarity = rarity::fit(&examples);
    let (ranked, rankings) = ranked(&sources, &examples, &rarity, say);
    let taken = confidence::taken(&ranked, &rankings);
    tell(&taken, say);
    let all: Vec<&Ranked> = ranked.iter().collect();
    let model = Model {
        weights: fit::weights(&examples.iter().collect::<Vec<_>>()),
        alignment: rank::alignment(&all),
        rarity,
        ranking: rank::fit(&all),
        confidence: confidence::fit(&all, &rankings),
        calibration: confidence::points(asked(&taken).map(|t| (t.score, t.plan.right)).collect()),
    };
    Ok(model.to_bytes())
}

/// The failures on databases that nothing was fitted to, by what is wrong with them, for reading.
pub fn failures(folder: &Path, say: &(dyn Fn(&str) + Sync)) -> Result<String, TrainingError> {
    let sources = read(folder)?;
    let examples = fit::examples(&sources);
    let (ranked, rankings) = ranked(&sources, &examples, &rarity::fit(&examples), say);
    let taken = confidence::taken(&ranked, &rankings);
    tell(&taken, say);
    Ok(errors::errors(&sources, &taken))
}

/// How well each score does on databases that it was not fitted to, and how many gold statements a plan can say.
pub fn examine(folder: &Path) -> Result<String, TrainingError> {
    let sources = read(folder)?;
    let examples = fit::examples(&sources);
    Ok(super::diagnose::diagnose(&examples) + &super::report::plan_coverage(&sources))
}

/// Candidates of every question and rankings of them, each by fits that have not seen the database.
fn ranked(
    sources: &[Source],
    examples: &[Example<'_>],
    rarity: &Linear,
    say: &(dyn Fn(&str) + Sync),
) -> (Vec<Ranked>, Vec<Forest>) {
    say(&format!("{} databases, {} questions with plans", sources.len(), examples.len()));
    let mut ranked = rank::candidates(sources, examples, rarity, say);
    let asked = ranked.iter().filter(|r| !r.made).count();
    for k in [1, 5, 25, usize::MAX] {
        let hit = ranked.iter().filter(|r| !r.made && r.candidates.iter().take(k).any(|c| c.right)).count();
        say(&format!("right among the first {}: {}", k.min(MOST), percent(hit, asked)));
    }
    rank::align(&mut ranked);
    let rankings = rank::crossed(&ranked);
    let firsts = rank::firsts(&ranked, &rankings);
    say(&format!("right after ranking, unseen databases: {}", percent(firsts, asked)));
    (ranked, rankings)
}

/// Plans taken for questions that somebody asked.
fn asked<'a, 'b>(taken: &'a [Taken<'b>]) -> impl Iterator<Item = &'a Taken<'b>> {
    taken.iter().filter(|t| !t.question.made)
}

fn percent(part: usize, whole: usize) -> String {
    format!("{:.1} %", 100.0 * part as f64 / whole.max(1) as f64)
}

/// How good the plans taken are, and how well their confidence says so.
fn tell(taken: &[Taken<'_>], say: &(dyn Fn(&str) + Sync)) {
    let mut surest: Vec<&Taken<'_>> = asked(taken).collect();
    surest.sort_by(|a, b| b.score.total_cmp(&a.score));
    for share in [100, 80, 50, 30] {
        let of = &surest[..surest.len() * share / 100];
        let right = of.iter().filter(|t| t.plan.right).count();
        say(&format!("right of the {share} % surest plans taken: {}", percent(right, of.len())));
    }
    let made = taken.len() - surest.len();
    let right = taken.iter().filter(|t| t.question.made && t.plan.right).count();
    say(&format!("right of the questions made: {}", percent(right, made)));
    let mut rated: Vec<(f64, bool)> = Vec::new();
    for f in 0..FOLDS {
        let (mine, others): (Vec<&Taken<'_>>, Vec<&Taken<'_>>) =
            asked(taken).partition(|t| fold(t.question.source) == f);
        let points = confidence::points(others.iter().map(|t| (t.score, t.plan.right)).collect());
        rated.extend(mine.iter().map(|t| (f64::from(calibrated(&points, t.score)), t.plan.right)));
    }
    let error = expected_error(&rated).unwrap_or_default();
    say(&format!("expected calibration error, unseen databases: {:.1} %", 100.0 * error));
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
