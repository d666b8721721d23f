//! Gradient-boosted regression trees, as they are applied.

/// A sum of trees.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forest {
    pub base: f32,
    pub trees: Vec<Tree>,
}

/// Nodes in the order in which they were split; the first is the root.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    pub nodes: Vec<Node>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Node {
    /// Rows whose feature is at most `threshold` go to `left`, others to `right`.
    Split {
        feature: u16,
        threshold: f32,
        left: u16,
        right: u16,
    },
    Leaf(f32),
}

impl Forest {
    /// The score of a row of features.
    pub fn score(&self, row: &[f32]) -> f32 {
        self.base + self.trees.iter().map(|tree| tree.score(row)).sum::<f32>()
    }

    /// The score of each row. A tree at a time stays in the cache for all of them.
    pub fn scores<R: AsRef<[f32]>>(&self, rows: &[R]) -> Vec<f32> {
        let mut sums = vec![0.0; rows.len()];
        for tree in &self.trees {
            for (sum, row) in sums.iter_mut().zip(rows) {
                *sum += tree.score(row.as_ref());
            }
        }
        sums.into_iter().map(|sum| self.base + sum).collect()
    }
}

impl Tree {
    fn score(&self, row: &[f32]) -> f32 {
        let mut at = 0;
        loop {
            match self.nodes.get(at) {
                Some(Node::Split { feature, threshold, left, right }) => {
                    let value = row.get(usize::from(*feature)).copied().unwrap_or(0.0);
                    at = usize::from(if value <= *threshold { *left } else { *right });
                }
                Some(Node::Leaf(value)) => return *value,
                None => return 0.0,
            }
        }
    }
}
