//! How likely the plan that is taken is right: trees over the plan and its standing, made a share of right answers by
//! isotonic regression (pool adjacent violators, Ayer et al. 1955).

use super::fit::{FOLDS, fold, in_parallel};
use super::rank::{Judged, Ranked};
use super::trees::{self, Table};
use crate::pipeline::generation::offline::learned::{choose, first, standing};
use crate::pipeline::generation::offline::scoring::trees::Forest;

const TREES: trees::Options =
    trees::Options { trees: 150, leaves: 8, rate: 0.05, least_rows: 40, shrinkage: 8.0, features_percent: 30 };

/// Questions in a pool at the least.
const LEAST: f64 = 40.0;

/// The plan taken for a question.
pub struct Taken<'a> {
    pub question: &'a Ranked,
    pub plan: &'a Judged,
    /// How likely it is right, as a score.
    pub score: f32,
}

/// The ranks of a question's candidates by a ranking that has not seen its database.
fn ranks(question: &Ranked, rankings: &[Forest]) -> Vec<f32> {
    let ranking = &rankings[fold(question.source)];
    question.candidates.iter().map(|c| ranking.score(&c.row)).collect()
}

/// Fits the confidence to the plans that rank first and to those of the rules.
pub fn fit(ranked: &[&Ranked], rankings: &[Forest]) -> Forest {
    let mut rows: Vec<Vec<f32>> = Vec::new();
    let mut right: Vec<bool> = Vec::new();
    for question in ranked {
        let ranks = ranks(question, rankings);
        let ruled = question.candidates.iter().position(|c| c.by_rules);
        let Some(first) = first(&ranks) else { continue };
        for at in std::iter::once(first).chain(ruled.filter(|ruled| *ruled != first)) {
            rows.push(standing(&question.candidates[at].row, &ranks, at));
            right.push(question.candidates[at].right);
        }
    }
    let rows: Vec<&[f32]> = rows.iter().map(Vec::as_slice).collect();
    trees::fit(&Table::new(&rows), trees::base_rate(&right), &TREES, trees::logistic(&right))
}

/// The plan taken for each question, by fits that have not seen its database.
pub fn taken<'a>(ranked: &'a [Ranked], rankings: &[Forest]) -> Vec<Taken<'a>> {
    let crossed = in_parallel(FOLDS, |f| {
        let others: Vec<&Ranked> = ranked.iter().filter(|r| fold(r.source) != f).collect();
        fit(&others, rankings)
    });
    let of = |question: &'a Ranked| {
        let ranks = ranks(question, rankings);
        let ruled = question.candidates.iter().position(|c| c.by_rules);
        let confidence = &crossed[fold(question.source)];
        let likely = |at: usize| confidence.score(&standing(&question.candidates[at].row, &ranks, at));
        let (at, score) = choose(&ranks, ruled, likely)?;
        Some(Taken { question, plan: &question.candidates[at], score })
    };
    ranked.iter().filter_map(of).collect()
}

/// Points of a rising function: at each first number, the second. Pairs are a score and whether it was right.
pub fn points(mut pairs: Vec<(f32, bool)>) -> Vec<(f32, f32)> {
    /// Questions whose share does not fall from one pool to the next.
    #[derive(Clone, Copy)]
    struct Pool {
        scores: f64,
        right: f64,
        count: f64,
    }
    let together =
        |a: Pool, b: Pool| Pool { scores: a.scores + b.scores, right: a.right + b.right, count: a.count + b.count };
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut pools: Vec<Pool> = Vec::new();
    for (score, right) in pairs {
        pools.push(Pool { scores: f64::from(score), right: f64::from(u8::from(right)), count: 1.0 });
        while let [.., a, b] = pools.as_slice()
            && a.right / a.count >= b.right / b.count
        {
            let pool = together(*a, *b);
            pools.truncate(pools.len() - 2);
            pools.push(pool);
        }
    }
    // Small pools say more than they know.
    let mut large: Vec<Pool> = Vec::new();
    for pool in pools {
        match large.last_mut() {
            Some(last) if last.count < LEAST => *last = together(*last, pool),
            _ => large.push(pool),
        }
    }
    let point = |pool: Pool| ((pool.scores / pool.count) as f32, ((pool.right + 0.5) / (pool.count + 1.0)) as f32);
    large.into_iter().map(point).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::generation::offline::learned::calibrated;

    #[test]
    fn shares_rise_with_the_score() {
        let pairs = (0..1000).map(|i| (i as f32 / 1000.0, (i * 7919) % 1000 < i)).collect();
        let points = points(pairs);
        assert!(points.len() > 5 && points.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 <= w[1].1), "{points:?}");
        assert!((calibrated(&points, 0.5) - 0.5).abs() < 0.1, "{points:?}");
    }

    #[test]
    fn a_point_stands_for_enough_questions() {
        let pairs: Vec<(f32, bool)> = (0..200_u32).map(|i| (i as f32, (i * 7919) % 200 < i)).collect();
        let found = points(pairs.clone());
        assert!((2..=5).contains(&found.len()), "{found:?}");
        assert!(found.iter().all(|(_, share)| *share > 0.0 && *share < 1.0), "{found:?}");
        // The order in which questions come tells nothing.
        let backwards: Vec<(f32, bool)> = pairs.into_iter().rev().collect();
        assert_eq!(points(backwards), found);
        assert_eq!(points(Vec::new()), []);
    }

    #[test]
    fn a_share_that_would_fall_is_one_with_the_share_before() {
        let pairs: Vec<(f32, bool)> = (0..300_u16).map(|i| (f32::from(i), (100..200).contains(&i))).collect();
        let found = points(pairs);
        let [low, high] = found[..] else { panic!("{found:?}") };
        assert!((low.0 - 49.5).abs() < 1e-3 && (high.0 - 199.5).abs() < 1e-3, "{found:?}");
        assert!(low.1 < 0.01 && (high.1 - 0.5).abs() < 0.01, "{found:?}");
    }
}
