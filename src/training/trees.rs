//! Fits gradient-boosted trees on histograms. Deterministic: no randomness but a fixed sequence.

use crate::pipeline::generation::offline::scoring::trees::{Forest, Node, Tree};

/// Rows of features, column by column, cut into at most [`MOST_BINS`] bins.
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
    histogram: Histogram,
    best: Option<Split>,
}

impl Leaf {
    fn new(
        node: usize,
        rows: Vec<u32>,
        histogram: Histogram,
        table: &Table,
        features: &[usize],
        options: &Options,
    ) -> Self {
        let best = histogram.best_split(table, features, rows.len(), options);
        Self { node, rows, histogram, best }
    }
}

#[derive(Clone, Copy)]
struct Split {
    feature: usize,
    bin: u8,
    gain: f32,
}

/// Fits trees to an objective: given the scores so far, it writes each row's gradient and curvature.
pub fn fit(table: &Table, base: f32, options: &Options, objective: impl Fn(&[f32], &mut [(f32, f32)])) -> Forest {
    let mut trees = Vec::with_capacity(options.trees);
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
        trees.push(grow(table, &features, &slopes, options, &mut scores));
    }
    Forest::new(base, trees)
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

/// The first places that matter to [`first_places`].
const PLACES: usize = 2;

/// The objective of right rows in the first places of their group: LambdaRank (Burges, Ragno and Le 2006) with gains of
/// the first [`PLACES`] alone, each pair weighed by what its exchange changes and by how near its scores are.
pub fn first_places<'a>(
    groups: &'a [std::ops::Range<usize>],
    right: &'a [bool],
) -> impl Fn(&[f32], &mut [(f32, f32)]) + 'a {
    let worth = |place: usize| 1.0 / (place as f32 + 2.0).log2();
    move |scores, slopes| {
        slopes.fill((0.0, 1e-6));
        for group in groups {
            let mut order: Vec<usize> = group.clone().collect();
            order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
            let good = order.iter().filter(|row| right[**row]).count();
            if good == 0 || good == order.len() {
                continue;
            }
            let ideal: f32 = (0..good.min(PLACES)).map(worth).sum();
            let spread = scores[order[0]] - scores[order[order.len() - 1]];
            let mut moved = 0.0;
            for i in 0..PLACES.min(order.len()) {
                for j in i + 1..order.len() {
                    if right[order[i]] == right[order[j]] {
                        continue;
                    }
                    let (better, worse) = if right[order[i]] { (order[i], order[j]) } else { (order[j], order[i]) };
                    let ahead = scores[better] - scores[worse];
                    let below = if j < PLACES { worth(j) } else { 0.0 };
                    let mut gain = (worth(i) - below) / ideal;
                    if spread > 0.0 {
                        gain /= 0.01 + ahead.abs();
                    }
                    let p = 1.0 / (1.0 + ahead.exp());
                    for (row, sign) in [(better, -1.0), (worse, 1.0)] {
                        slopes[row].0 += sign * p * gain;
                        slopes[row].1 += p * (1.0 - p) * gain;
                    }
                    moved += 2.0 * p * gain;
                }
            }
            // No question counts for more because many of its rows are mixed up.
            if moved > 0.0 {
                let scale = (1.0 + moved).log2() / moved;
                for row in group.clone() {
                    slopes[row].0 *= scale;
                    slopes[row].1 *= scale;
                }
            }
        }
    }
}

fn grow(table: &Table, features: &[usize], slopes: &[(f32, f32)], options: &Options, scores: &mut [f32]) -> Tree {
    let mut nodes = vec![Node::leaf(0, 0.0)];
    let rows: Vec<u32> = (0..table.rows as u32).collect();
    let histogram = Histogram::of(table, features, slopes, &rows);
    let mut leaves = vec![Leaf::new(0, rows, histogram, table, features, options)];
    while leaves.len() < options.leaves {
        let gains = leaves.iter().enumerate().filter_map(|(i, leaf)| leaf.best.map(|split| (split.gain, i)));
        let Some((_, i)) = gains.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))) else { break };
        let Some(split) = leaves[i].best else { break };
        let leaf = leaves.swap_remove(i);
        let (left, right): (Vec<u32>, Vec<u32>) =
            leaf.rows.iter().partition(|row| table.bins[split.feature][**row as usize] <= split.bin);
        let at = nodes.len();
        let threshold = table.cuts[split.feature][usize::from(split.bin)];
        nodes[leaf.node] = Node::split(split.feature as u16, threshold, at as u16);
        nodes.extend([Node::leaf(at, 0.0), Node::leaf(at + 1, 0.0)]);
        // What the smaller side does not hold, the larger one does.
        let smaller = Histogram::of(table, features, slopes, if left.len() <= right.len() { &left } else { &right });
        let larger = leaf.histogram.without(&smaller);
        let (of_left, of_right) = if left.len() <= right.len() { (smaller, larger) } else { (larger, smaller) };
        leaves.push(Leaf::new(at, left, of_left, table, features, options));
        leaves.push(Leaf::new(at + 1, right, of_right, table, features, options));
    }
    for leaf in leaves {
        let (g, h) = sums(slopes, &leaf.rows);
        let value = -options.rate * g / (h + options.shrinkage);
        nodes[leaf.node].value = value;
        for row in leaf.rows {
            scores[row as usize] += value;
        }
    }
    Tree::new(nodes).expect("children come after their parent")
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

/// Gradients, curvatures and rows of one bin.
type Cell = (f64, f64, u32);

/// Cells of every feature looked at, [`MOST_BINS`] each.
struct Histogram(Vec<Cell>);

impl Histogram {
    fn of(table: &Table, features: &[usize], slopes: &[(f32, f32)], rows: &[u32]) -> Self {
        let mut cells = vec![(0.0, 0.0, 0); features.len() * MOST_BINS];
        let slopes: Vec<(f64, f64)> =
            rows.iter().map(|row| slopes[*row as usize]).map(|(g, h)| (f64::from(g), f64::from(h))).collect();
        for (feature, cells) in features.iter().zip(cells.chunks_exact_mut(MOST_BINS)) {
            let bins = &table.bins[*feature];
            for (row, (g, h)) in rows.iter().zip(&slopes) {
                let cell: &mut Cell = &mut cells[usize::from(bins[*row as usize])];
                *cell = (cell.0 + g, cell.1 + h, cell.2 + 1);
            }
        }
        Self(cells)
    }

    fn without(self, part: &Self) -> Self {
        let less = |(whole, part): (Cell, &Cell)| (whole.0 - part.0, whole.1 - part.1, whole.2 - part.2);
        Self(self.0.into_iter().zip(&part.0).map(less).collect())
    }

    fn best_split(&self, table: &Table, features: &[usize], rows: usize, options: &Options) -> Option<Split> {
        if rows < 2 * options.least_rows {
            return None;
        }
        let shrinkage = f64::from(options.shrinkage);
        let worth = |g: f64, h: f64| g * g / (h + shrinkage);
        let mut best: Option<Split> = None;
        for (feature, cells) in features.iter().zip(self.0.chunks_exact(MOST_BINS)) {
            let cuts = table.cuts[*feature].len();
            let (all_g, all_h) = cells.iter().fold((0.0, 0.0), |(g, h), cell| (g + cell.0, h + cell.1));
            let whole = worth(all_g, all_h);
            let (mut g, mut h, mut n) = (0.0, 0.0, 0);
            for (bin, cell) in cells[..cuts].iter().enumerate() {
                (g, h, n) = (g + cell.0, h + cell.1, n + cell.2 as usize);
                if n < options.least_rows || rows - n < options.least_rows {
                    continue;
                }
                let gain = (worth(g, h) + worth(all_g - g, all_h - h) - whole) as f32;
                if gain > 1e-4 && best.is_none_or(|b| gain > b.gain) {
                    best = Some(Split { feature: *feature, bin: bin as u8, gain });
                }
            }
        }
        best
    }
}

#[cfg(test)]
mod tests;
