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
    let mut seen: HashMap<u32, BTreeSet<usize>> = HashMap::new();
    for row in rows {
        for feature in row.features {
            let databases = seen.entry(*feature).or_default();
            if databases.len() < LEAST_DATABASES {
                databases.insert(row.database);
            }
        }
    }
    let mut known: Vec<u32> = seen.into_iter().filter(|(_, d)| d.len() >= LEAST_DATABASES).map(|(f, _)| f).collect();
    known.sort_unstable();
    let index: HashMap<u32, u32> = known.iter().enumerate().map(|(i, f)| (*f, i as u32)).collect();
    let columns: Vec<Vec<u32>> =
        rows.iter().map(|row| row.features.iter().filter_map(|f| index.get(f).copied()).collect()).collect();

    let mut bias = vec![0.0_f32; classes];
    let mut weights = vec![0.0_f32; known.len() * classes];
    let mut squares = vec![1e-6_f32; known.len() * classes];
    let mut bias_squares = vec![1e-6_f32; classes];
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let mut sequence = 0x1234_5678_9abc_def1_u64;
    for _ in 0..options.passes {
        for i in (1..order.len()).rev() {
            sequence = sequence.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            order.swap(i, ((sequence >> 33) as usize) % (i + 1));
        }
        for at in &order {
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
    Linear { bias, weights: rows.collect() }
}
