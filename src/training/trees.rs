//! Fits gradient-boosted trees on histograms. Deterministic: no randomness but a fixed sequence.

use crate::pipeline::generation::offline::scoring::trees::{Forest, Node, Tree};

/// Rows of features, column by column, cut into at most 255 bins.
pub struct Table {
    rows: usize,
    /// By feature, by row.
    bins: Vec<Vec<u8>>,
    /// By feature: the largest value of each bin but the last.
    cuts: Vec<Vec<f32>>,
}

#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub trees: usize,
    pub leaves: usize,
    pub rate: f32,
    pub least_rows: usize,
    /// Pulls leaf values to zero.
    pub shrinkage: f32,
    /// Features looked at by each tree, of 100.
    pub features_percent: u64,
}

const MOST_BINS: usize = 64;

impl Table {
    pub fn new(rows: &[&[f32]]) -> Self {
        let width = rows.first().map_or(0, |row| row.len());
        let mut bins = Vec::with_capacity(width);
        let mut cuts = Vec::with_capacity(width);
        for feature in 0..width {
            let mut values: Vec<f32> = rows.iter().map(|row| row[feature]).collect();
            values.sort_by(f32::total_cmp);
            let mut cut: Vec<f32> = Vec::new();
            let mut distinct = values.clone();
            distinct.dedup();
            if distinct.len() <= MOST_BINS {
                cut.extend(distinct.windows(2).map(|pair| pair[0]));
            } else {
                for i in 1..MOST_BINS {
                    let value = values[i * values.len() / MOST_BINS];
                    if cut.last() != Some(&value) {
                        cut.push(value);
                    }
                }
            }
            bins.push(rows.iter().map(|row| cut.partition_point(|c| *c < row[feature]) as u8).collect());
            cuts.push(cut);
        }
        Self { rows: rows.len(), bins, cuts }
    }
}

struct Leaf {
    node: usize,
    rows: Vec<u32>,
    best: Option<Split>,
}

#[derive(Clone, Copy)]
struct Split {
    feature: usize,
    bin: u8,
    gain: f32,
}

/// Fits trees to an objective: given the scores so far, it writes each row's gradient and curvature.
pub fn fit(table: &Table, base: f32, options: &Options, objective: impl Fn(&[f32], &mut [(f32, f32)])) -> Forest {
    let mut forest = Forest { base, trees: Vec::new() };
    let mut scores = vec![base; table.rows];
    let mut slopes = vec![(0.0, 0.0); table.rows];
    let mut sequence = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..options.trees {
        objective(&scores, &mut slopes);
        let features: Vec<usize> = (0..table.bins.len())
            .filter(|_| {
                sequence = sequence.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (sequence >> 33) % 100 < options.features_percent
            })
            .collect();
        let tree = grow(table, &features, &slopes, options, &mut scores);
        forest.trees.push(tree);
    }
    forest
}

/// The objective of a yes or no.
pub fn logistic(labels: &[bool]) -> impl Fn(&[f32], &mut [(f32, f32)]) + '_ {
    move |scores, slopes| {
        for ((slope, score), label) in slopes.iter_mut().zip(scores).zip(labels) {
            let p = 1.0 / (1.0 + (-score).exp());
            *slope = (p - f32::from(*label), (p * (1.0 - p)).max(1e-6));
        }
    }
}

/// The log odds of the share of yes.
pub fn base_rate(labels: &[bool]) -> f32 {
    let yes = labels.iter().filter(|l| **l).count() as f32 + 0.5;
    let no = labels.len() as f32 + 1.0 - yes;
    (yes / no).ln()
}

/// The objective of putting right rows before wrong ones within each group (LambdaMART, Burges 2010, with the gain of
/// the first place alone: only the best row of a group is used).
pub fn first_place<'a>(
    groups: &'a [std::ops::Range<usize>],
    right: &'a [bool],
) -> impl Fn(&[f32], &mut [(f32, f32)]) + 'a {
    move |scores, slopes| {
        slopes.fill((0.0, 1e-6));
        for group in groups {
            // Softmax over the group, whose target is any of the right rows.
            let highest = group.clone().map(|i| scores[i]).fold(f32::MIN, f32::max);
            let powers: Vec<f32> = group.clone().map(|i| (scores[i] - highest).exp()).collect();
            let sum: f32 = powers.iter().sum();
            let good: f32 = group.clone().zip(&powers).filter(|(i, _)| right[*i]).map(|(_, p)| p).sum();
            if good <= 0.0 {
                continue;
            }
            for (i, power) in group.clone().zip(&powers) {
                let p = power / sum;
                let target = if right[i] { power / good } else { 0.0 };
                slopes[i] = (p - target, (p * (1.0 - p)).max(1e-4));
            }
        }
    }
}

fn grow(table: &Table, features: &[usize], slopes: &[(f32, f32)], options: &Options, scores: &mut [f32]) -> Tree {
    let mut nodes = vec![Node::Leaf(0.0)];
    let mut root = Leaf { node: 0, rows: (0..table.rows as u32).collect(), best: None };
    root.best = best_split(table, features, slopes, &root.rows, options);
    let mut leaves = vec![root];
    while leaves.len() < options.leaves {
        let gains = leaves.iter().enumerate().filter_map(|(i, leaf)| leaf.best.map(|split| (split.gain, i)));
        let Some((_, i)) = gains.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))) else { break };
        let Some(split) = leaves[i].best else { break };
        let leaf = leaves.swap_remove(i);
        let (left, right): (Vec<u32>, Vec<u32>) =
            leaf.rows.iter().partition(|row| table.bins[split.feature][**row as usize] <= split.bin);
        let at = nodes.len();
        nodes[leaf.node] = Node::Split {
            feature: split.feature as u16,
            threshold: table.cuts[split.feature][usize::from(split.bin)],
            left: at as u16,
            right: at as u16 + 1,
        };
        nodes.extend([Node::Leaf(0.0), Node::Leaf(0.0)]);
        for (node, rows) in [(at, left), (at + 1, right)] {
            let best = best_split(table, features, slopes, &rows, options);
            leaves.push(Leaf { node, rows, best });
        }
    }
    for leaf in leaves {
        let (g, h) = sums(slopes, &leaf.rows);
        let value = -options.rate * g / (h + options.shrinkage);
        nodes[leaf.node] = Node::Leaf(value);
        for row in leaf.rows {
            scores[row as usize] += value;
        }
    }
    Tree { nodes }
}

fn sums(slopes: &[(f32, f32)], rows: &[u32]) -> (f32, f32) {
    let (mut g, mut h) = (0.0_f64, 0.0_f64);
    for row in rows {
        let slope = slopes[*row as usize];
        g += f64::from(slope.0);
        h += f64::from(slope.1);
    }
    (g as f32, h as f32)
}

fn best_split(
    table: &Table,
    features: &[usize],
    slopes: &[(f32, f32)],
    rows: &[u32],
    options: &Options,
) -> Option<Split> {
    if rows.len() < 2 * options.least_rows {
        return None;
    }
    let (total_g, total_h) = sums(slopes, rows);
    let worth = |g: f32, h: f32| g * g / (h + options.shrinkage);
    let whole = worth(total_g, total_h);
    let mut best: Option<Split> = None;
    let mut histogram = [(0.0_f32, 0.0_f32, 0_u32); 256];
    for feature in features {
        let cuts = &table.cuts[*feature];
        if cuts.is_empty() {
            continue;
        }
        histogram[..=cuts.len()].fill((0.0, 0.0, 0));
        let bins = &table.bins[*feature];
        for row in rows {
            let slope = slopes[*row as usize];
            let cell = &mut histogram[usize::from(bins[*row as usize])];
            cell.0 += slope.0;
            cell.1 += slope.1;
            cell.2 += 1;
        }
        let (mut g, mut h, mut n) = (0.0, 0.0, 0);
        for (bin, cell) in histogram[..cuts.len()].iter().enumerate() {
            g += cell.0;
            h += cell.1;
            n += cell.2 as usize;
            if n < options.least_rows || rows.len() - n < options.least_rows {
                continue;
            }
            let gain = worth(g, h) + worth(total_g - g, total_h - h) - whole;
            if gain > 1e-4 && best.is_none_or(|b| gain > b.gain) {
                best = Some(Split { feature: *feature, bin: bin as u8, gain });
            }
        }
    }
    best
}
