//! Fits multinomial and independent logistic regressions over sparse features by AdaGrad, in a fixed order of rows.

use std::collections::{BTreeSet, HashMap};

use crate::pipeline::generation::offline::scoring::linear::{Linear, sigmoid, softmax};

/// One row: its features, what is true of it, and the database it comes from.
pub struct Row<'a> {
    pub features: &'a [u32],
    /// One for each class. Exactly one is true where classes exclude each other.
    pub labels: Vec<bool>,
    pub database: usize,
}

#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub passes: usize,
    pub rate: f32,
    /// Pulls weights to zero at each step.
    pub decay: f32,
    /// Exactly one class is true of a row.
    pub exclusive: bool,
}

/// A feature is used only if this many databases have it, so that no weight tells of one database.
pub const LEAST_DATABASES: usize = 5;

pub fn fit(rows: &[Row<'_>], classes: usize, options: &Options) -> Linear {
    let known = known(rows.iter().map(|row| (row.features, row.database)));
    let index: HashMap<u32, u32> = known.iter().enumerate().map(|(i, f)| (*f, i as u32)).collect();
    let columns: Vec<Vec<u32>> =
        rows.iter().map(|row| row.features.iter().filter_map(|f| index.get(f).copied()).collect()).collect();

    let mut bias = vec![0.0_f32; classes];
    let mut weights = vec![0.0_f32; known.len() * classes];
    let mut squares = vec![1e-6_f32; known.len() * classes];
    let mut bias_squares = vec![1e-6_f32; classes];
    let mut order = Shuffled::new(rows.len());
    for _ in 0..options.passes {
        for at in order.again() {
            let row = &columns[*at];
            let mut scores = bias.clone();
            for feature in row {
                let from = *feature as usize * classes;
                for (score, weight) in scores.iter_mut().zip(&weights[from..from + classes]) {
                    *score += weight;
                }
            }
            let likely: Vec<f32> =
                if options.exclusive { softmax(&scores) } else { scores.iter().map(|s| sigmoid(*s)).collect() };
            for class in 0..classes {
                let gradient = likely[class] - f32::from(rows[*at].labels[class]);
                if gradient.abs() < 1e-4 {
                    continue;
                }
                bias_squares[class] += gradient * gradient;
                bias[class] -= options.rate * gradient / bias_squares[class].sqrt();
                for feature in row {
                    let cell = *feature as usize * classes + class;
                    let gradient = gradient + options.decay * weights[cell];
                    squares[cell] += gradient * gradient;
                    weights[cell] -= options.rate * gradient / squares[cell].sqrt();
                }
            }
        }
    }
    let rows = known.iter().enumerate().map(|(i, f)| (*f, weights[i * classes..(i + 1) * classes].to_vec()));
    Linear::new(bias, rows.collect())
}

/// Rows of a question of which any right one is to come first, with the database it comes from.
pub struct Group<'a> {
    pub rows: Vec<&'a [u32]>,
    pub right: Vec<bool>,
    pub database: usize,
}

/// Fits one weight for each feature so that a right row of each group scores highest (a softmax over the group), by
/// AdaGrad in a fixed order.
pub fn fit_groups(groups: &[Group<'_>], options: &Options) -> Linear {
    let known = known(groups.iter().flat_map(|g| g.rows.iter().map(|row| (*row, g.database))));
    let index: HashMap<u32, u32> = known.iter().enumerate().map(|(i, f)| (*f, i as u32)).collect();
    let groups: Vec<(Vec<Vec<u32>>, &[bool])> = groups
        .iter()
        .filter(|group| group.right.contains(&true) && group.right.contains(&false))
        .map(|group| {
            let row = |row: &&[u32]| row.iter().filter_map(|f| index.get(f).copied()).collect();
            (group.rows.iter().map(row).collect(), group.right.as_slice())
        })
        .collect();
    let mut weights = vec![0.0_f32; known.len()];
    let mut squares = vec![1e-6_f32; known.len()];
    let mut slopes = vec![0.0_f32; known.len()];
    let mut order = Shuffled::new(groups.len());
    for _ in 0..options.passes {
        for at in order.again() {
            let (rows, right) = &groups[*at];
            let scores: Vec<f32> = rows.iter().map(|row| row.iter().map(|f| weights[*f as usize]).sum()).collect();
            let likely = softmax(&scores);
            let good: f32 = likely.iter().zip(*right).filter(|(_, right)| **right).map(|(p, _)| p).sum();
            let mut touched: Vec<u32> = Vec::new();
            for ((row, p), right) in rows.iter().zip(&likely).zip(*right) {
                let slope = p - if *right { p / good.max(1e-6) } else { 0.0 };
                if slope.abs() < 1e-4 {
                    continue;
                }
                for feature in row {
                    slopes[*feature as usize] += slope;
                    touched.push(*feature);
                }
            }
            for feature in touched {
                let at = feature as usize;
                let slope = std::mem::take(&mut slopes[at]);
                if slope.abs() > 1e-6 {
                    let slope = slope + options.decay * weights[at];
                    squares[at] += slope * slope;
                    weights[at] -= options.rate * slope / squares[at].sqrt();
                }
            }
        }
    }
    let rows = known.iter().zip(&weights).filter(|(_, w)| w.abs() > 1e-3).map(|(f, w)| (*f, vec![*w]));
    Linear::new(vec![0.0], rows.collect())
}

/// Features that enough databases have, in order.
fn known<'a>(rows: impl Iterator<Item = (&'a [u32], usize)>) -> Vec<u32> {
    let mut seen: HashMap<u32, BTreeSet<usize>> = HashMap::new();
    for (row, database) in rows {
        for feature in row {
            let databases = seen.entry(*feature).or_default();
            if databases.len() < LEAST_DATABASES {
                databases.insert(database);
            }
        }
    }
    let mut known: Vec<u32> = seen.into_iter().filter(|(_, d)| d.len() >= LEAST_DATABASES).map(|(f, _)| f).collect();
    known.sort_unstable();
    known
}

/// Rows in an order that looks like chance and is the same each time.
struct Shuffled {
    order: Vec<usize>,
    sequence: u64,
}

impl Shuffled {
    fn new(rows: usize) -> Self {
        Self { order: (0..rows).collect(), sequence: 0x1234_5678_9abc_def1 }
    }

    /// Another order.
    fn again(&mut self) -> &[usize] {
        for i in (1..self.order.len()).rev() {
            self.sequence =
                self.sequence.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            self.order.swap(i, ((self.sequence >> 33) as usize) % (i + 1));
        }
        &self.order
    }
}
