//! Candidates for questions whose database the slots have not seen, and the ranking fitted to them.

use std::collections::{HashMap, HashSet};

use super::corpus::{CANDIDATE_STEPS, GOLD_STEPS, Source};
use super::fit::{self, Example, FOLDS, fold, in_parallel};
use super::linear::{self, Group};
use super::report::render;
use super::trees::{self, Table};
use crate::evaluation::spider::{has_top_level_order, same, without_distinct};
use crate::pipeline::generation::offline::assembly::alignment::Aligner;
use crate::pipeline::generation::offline::assembly::{Assembler, evidence};
use crate::pipeline::generation::offline::plan::Query;
use crate::pipeline::generation::offline::scoring::Weights;
use crate::pipeline::generation::offline::scoring::linear::Linear;
use crate::pipeline::generation::offline::scoring::trees::Forest;
use crate::pipeline::generation::offline::{learned, reading};

/// A question with its candidates, each with its numbers and whether it is right.
pub struct Ranked {
    pub source: usize,
    /// Its place among the questions of the database.
    pub question: usize,
    /// Made for fitting: no figure counts it.
    pub made: bool,
    pub candidates: Vec<Judged>,
}

pub struct Judged {
    pub query: Query,
    /// How it reads beside the question.
    pub features: Vec<u32>,
    pub row: Vec<f32>,
    pub by_rules: bool,
    pub right: bool,
}

const TREES: trees::Options =
    trees::Options { trees: 500, leaves: 24, rate: 0.06, least_rows: 40, shrinkage: 4.0, features_percent: 30 };

/// Candidates of each question by weights fitted to the other folds.
pub fn candidates(
    sources: &[Source],
    examples: &[Example<'_>],
    rarity: &Linear,
    say: &(dyn Fn(&str) + Sync),
) -> Vec<Ranked> {
    let mut ranked = Vec::new();
    for f in 0..FOLDS {
        let others: Vec<&Example<'_>> = examples.iter().filter(|e| fold(e.source) != f).collect();
        let weights = fit::weights(&others);
        say(&format!("fold {f}: slots fitted"));
        let mine: Vec<usize> = (0..sources.len()).filter(|s| fold(*s) == f).collect();
        let judged = in_parallel(mine.len(), |i| judge(&sources[mine[i]], mine[i], &weights, rarity));
        ranked.extend(judged.into_iter().flatten());
        say(&format!("fold {f}: candidates judged"));
    }
    ranked
}

/// The candidates of every question of a database.
fn judge(source: &Source, at: usize, weights: &Weights, rarity: &Linear) -> Vec<Ranked> {
    // Several questions have the same gold and many of the same candidates.
    let mut known: HashMap<(&str, String), bool> = HashMap::new();
    source
        .questions
        .iter()
        .enumerate()
        .map(|(question, asked)| {
            let view = source.view(asked);
            let scores = weights.scores(&view);
            let rules = reading::read(source.ground(&asked.analysis), asked.tokens.clone()).ok();
            let found = Assembler::new(&view, &scores, weights).with_rules(rules.as_ref().map(|r| &r.query));
            let ordered = has_top_level_order(&asked.gold);
            let gold = source.rows(&without_distinct(&asked.gold), GOLD_STEPS);
            let aligner = Aligner::new(&view);
            let rows = evidence::unaligned(&view, &scores, &found, rules.as_ref(), rarity);
            let mut seen: HashSet<String> = HashSet::new();
            let mut candidates = Vec::new();
            for (candidate, row) in found.iter().zip(rows) {
                let Some(sql) = render(source, &candidate.query) else { continue };
                if !seen.insert(sql.clone()) {
                    continue;
                }
                // Another number of columns cannot be right.
                let width = gold.as_ref().and_then(|rows| rows.first()).map(Vec::len);
                let may = width.is_none_or(|width| candidate.width(&source.schema) == width);
                let right = may
                    && *known.entry((&asked.gold, sql)).or_insert_with_key(|(_, sql)| {
                        gold.as_ref().is_some_and(|gold| {
                            source
                                .rows(&without_distinct(sql), CANDIDATE_STEPS)
                                .is_some_and(|rows| same(gold, &rows, ordered))
                        })
                    });
                let features = aligner.features(&candidate.query);
                let by_rules = candidate.by_rules;
                candidates.push(Judged { query: candidate.query.clone(), features, row, by_rules, right });
            }
            Ranked { source: at, question, made: asked.made, candidates }
        })
        .collect()
}

const ALIGNMENT: linear::Options = linear::Options { passes: 8, rate: 0.05, decay: 0.002, exclusive: true };

/// Fits how questions and their plans read together.
pub fn alignment(ranked: &[&Ranked]) -> Linear {
    let groups: Vec<Group<'_>> = ranked
        .iter()
        .map(|question| Group {
            rows: question.candidates.iter().map(|c| c.features.as_slice()).collect(),
            right: question.candidates.iter().map(|c| c.right).collect(),
            database: question.source,
        })
        .collect();
    linear::fit_groups(&groups, &ALIGNMENT)
}

/// Adds to each candidate how well it reads, by a fit that has not seen its database.
pub fn align(ranked: &mut [Ranked]) {
    let parts = in_parallel(FOLDS, |f| {
        let others: Vec<&Ranked> = ranked.iter().filter(|r| fold(r.source) != f).collect();
        alignment(&others)
    });
    for question in ranked {
        let scores: Vec<f32> =
            question.candidates.iter().map(|c| parts[fold(question.source)].score(&c.features)).collect();
        for (candidate, shown) in question.candidates.iter_mut().zip(evidence::among(&scores)) {
            candidate.row.extend(shown);
        }
    }
}

/// Fits the ranking to some questions.
pub fn fit(ranked: &[&Ranked]) -> Forest {
    let tell: Vec<&&Ranked> = ranked.iter().filter(|question| question.candidates.iter().any(|c| c.right)).collect();
    let rows: Vec<&[f32]> = tell.iter().flat_map(|r| r.candidates.iter().map(|c| c.row.as_slice())).collect();
    let right: Vec<bool> = tell.iter().flat_map(|r| r.candidates.iter().map(|c| c.right)).collect();
    let mut groups = Vec::new();
    let mut from = 0;
    for question in tell {
        groups.push(from..from + question.candidates.len());
        from += question.candidates.len();
    }
    trees::fit(&Table::new(&rows), 0.0, &TREES, trees::first_places(&groups, &right))
}

/// Rankings that have not seen the fold they are used for.
pub fn crossed(ranked: &[Ranked]) -> Vec<Forest> {
    in_parallel(FOLDS, |f| {
        let others: Vec<&Ranked> = ranked.iter().filter(|r| fold(r.source) != f).collect();
        fit(&others)
    })
}

/// How many questions that somebody asked have a right plan in the first place.
pub fn firsts(ranked: &[Ranked], rankings: &[Forest]) -> usize {
    let right = |question: &&Ranked| {
        let ranks: Vec<f32> =
            question.candidates.iter().map(|c| rankings[fold(question.source)].score(&c.row)).collect();
        learned::first(&ranks).is_some_and(|first| question.candidates[first].right)
    };
    ranked.iter().filter(|question| !question.made).filter(right).count()
}
