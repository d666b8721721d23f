//! Gradient-boosted regression trees, as they are applied.

/// A sum of trees.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forest {
    pub base: f32,
    trees: Vec<Tree>,
    /// Features that some tree looks at lie before this one.
    width: usize,
}

/// A tree whose every way down ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    /// In the order in which they were split; the first is the root.
    nodes: Vec<Node>,
    /// Steps of the longest way down.
    depth: usize,
}

/// Rows whose feature is above the threshold go to the node after `next`, others to `next`. A leaf is its own next one, for
/// every row, so that all rows may take as many steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node {
    pub threshold: f32,
    /// What a leaf adds to the score.
    pub value: f32,
    pub feature: u16,
    pub next: u16,
}

/// Rows that go down a tree side by side: a step of one does not wait for that of another.
const LANES: usize = 8;

/// After so many trees it is seen which rows may come first at all, and so many of them go on.
const FIRST_TREES: usize = 120;
const LEADING: usize = 16;

impl Node {
    pub fn leaf(at: usize, value: f32) -> Self {
        Self { threshold: f32::INFINITY, value, feature: 0, next: at as u16 }
    }

    pub fn split(feature: u16, threshold: f32, next: u16) -> Self {
        Self { threshold, value: 0.0, feature, next }
    }

    fn is_leaf(self, at: usize) -> bool {
        usize::from(self.next) == at
    }
}

impl Tree {
    /// `None` if some way down does not end: two nodes come after each that splits.
    pub fn new(nodes: Vec<Node>) -> Option<Self> {
        let mut depth = vec![0; nodes.len()];
        for (at, node) in nodes.iter().enumerate().filter(|(at, node)| !node.is_leaf(*at)) {
            let next = usize::from(node.next);
            if next <= at || next + 1 >= nodes.len() {
                return None;
            }
            for child in [next, next + 1] {
                depth[child] = depth[child].max(depth[at] + 1);
            }
        }
        let depth = depth.into_iter().max()?;
        Some(Self { nodes, depth })
    }

    /// Nodes with their places, leaves told apart.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = (&Node, bool)> {
        self.nodes.iter().enumerate().map(|(at, node)| (node, node.is_leaf(at)))
    }

    /// Adds to each sum what the tree says of its row; the rows lie one after another.
    fn add(&self, rows: &[f32], width: usize, sums: &mut [f32; LANES]) {
        let mut at = [0_u16; LANES];
        for _ in 0..self.depth {
            let mut next = [0_u16; LANES];
            for lane in 0..LANES {
                let node = self.nodes[usize::from(at[lane])];
                let is_above = rows[lane * width + usize::from(node.feature)] > node.threshold;
                next[lane] = node.next + u16::from(is_above);
            }
            if next == at {
                break;
            }
            at = next;
        }
        for (sum, at) in sums.iter_mut().zip(at) {
            *sum += self.nodes[usize::from(at)].value;
        }
    }
}

impl Forest {
    pub fn new(base: f32, trees: Vec<Tree>) -> Self {
        let nodes = trees.iter().flat_map(|tree| &tree.nodes);
        let width = nodes.map(|node| usize::from(node.feature) + 1).max().unwrap_or(1);
        Self { base, trees, width }
    }

    pub fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// The score of a row of features.
    pub fn score(&self, row: &[f32]) -> f32 {
        self.scores(&[row]).first().copied().unwrap_or(self.base)
    }

    /// The score of each row; a feature that a row lacks is 0. A tree at a time stays in the cache for all of them.
    pub fn scores<R: AsRef<[f32]>>(&self, rows: &[R]) -> Vec<f32> {
        self.add(&self.trees, rows).into_iter().map(|sum| self.base + sum).collect()
    }

    /// The score of each row where only the highest ones count: rows that lie behind after the first trees are taken to
    /// change as the leading ones do on average, and stay below them.
    pub fn leading_scores<R: AsRef<[f32]>>(&self, rows: &[R]) -> Vec<f32> {
        let (first, later) = self.trees.split_at(self.trees.len().min(FIRST_TREES));
        let mut sums = self.add(first, rows);
        if rows.len() <= LEADING {
            for (sum, more) in sums.iter_mut().zip(self.add(later, rows)) {
                *sum += more;
            }
        } else {
            let mut order: Vec<usize> = (0..rows.len()).collect();
            order.sort_by(|a, b| sums[*b].total_cmp(&sums[*a]));
            let (leading, behind) = order.split_at(LEADING);
            let ahead: Vec<&[f32]> = leading.iter().map(|at| rows[*at].as_ref()).collect();
            let (mut change, mut least) = (0.0, f32::MAX);
            for (at, more) in leading.iter().zip(self.add(later, &ahead)) {
                sums[*at] += more;
                change += more / LEADING as f32;
                least = least.min(sums[*at]);
            }
            for at in behind {
                sums[*at] = (sums[*at] + change).min(least);
            }
        }
        sums.into_iter().map(|sum| self.base + sum).collect()
    }

    fn add<R: AsRef<[f32]>>(&self, trees: &[Tree], rows: &[R]) -> Vec<f32> {
        let width = self.width.max(1);
        let blocks = rows.len().div_ceil(LANES);
        let mut all = vec![0.0; blocks * LANES * width];
        for (row, place) in rows.iter().zip(all.chunks_exact_mut(width)) {
            let row = row.as_ref();
            let known = row.len().min(width);
            place[..known].copy_from_slice(&row[..known]);
        }
        let mut sums = vec![[0.0; LANES]; blocks];
        for tree in trees {
            for (block, sums) in all.chunks_exact(LANES * width).zip(&mut sums) {
                tree.add(block, width, sums);
            }
        }
        sums.into_iter().flatten().take(rows.len()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Below 0.5 of the second feature -1, above it by the third feature 2 or 4.
    fn tree() -> Tree {
        Tree::new(vec![
            Node::split(1, 0.5, 1),
            Node::leaf(1, -1.0),
            Node::split(2, 0.0, 3),
            Node::leaf(3, 2.0),
            Node::leaf(4, 4.0),
        ])
        .expect("a tree")
    }

    #[test]
    fn rows_that_lie_behind_stay_behind() {
        // Every tree says 1 above 0.5 and -1 below; the last ones turn it round.
        let way = |above: f32| {
            Tree::new(vec![Node::split(0, 0.5, 1), Node::leaf(1, -above), Node::leaf(2, above)]).expect("ends")
        };
        let trees = (0..FIRST_TREES + 50).map(|at| way(if at < FIRST_TREES { 1.0 } else { -0.5 })).collect();
        let forest = Forest::new(0.0, trees);
        let rows: Vec<[f32; 1]> = (0..LEADING + 4).map(|at| [if at < LEADING { 1.0 } else { 0.0 }]).collect();
        let (all, leading) = (forest.scores(&rows), forest.leading_scores(&rows));
        assert_eq!(all[..LEADING], leading[..LEADING]);
        let first = FIRST_TREES as f32;
        assert_eq!((all[LEADING], leading[LEADING]), (25.0 - first, -25.0 - first));
        assert_eq!(forest.scores(&rows[..3]), forest.leading_scores(&rows[..3]));
    }

    #[test]
    fn each_row_goes_its_own_way_down() {
        let forest = Forest::new(10.0, vec![tree(), Tree::new(vec![Node::leaf(0, 0.25)]).expect("a leaf")]);
        let rows: Vec<Vec<f32>> = (0..19_u8)
            .map(|i| vec![9.0, f32::from(i % 2), f32::from(i) - 9.0])
            .chain([vec![], vec![0.0, 0.5]])
            .collect();
        let told: Vec<f32> = (0..19_u8)
            .map(|i| {
                if i % 2 == 0 {
                    9.25
                } else if i <= 9 {
                    12.25
                } else {
                    14.25
                }
            })
            .chain([9.25, 9.25])
            .collect();
        assert_eq!(forest.scores(&rows), told);
        assert_eq!(rows.iter().map(|row| forest.score(row)).collect::<Vec<_>>(), told);
        assert!(forest.scores::<Vec<f32>>(&[]).is_empty());
    }

    #[test]
    fn no_way_down_is_without_an_end() {
        assert_eq!(Tree::new(Vec::new()), None);
        assert_eq!(Tree::new(vec![Node::split(0, 0.0, 1), Node::leaf(1, 0.0)]), None, "one side is missing");
        let back = vec![Node::split(0, 0.0, 1), Node::split(0, 0.0, 0), Node::leaf(2, 0.0)];
        assert_eq!(Tree::new(back), None, "the way leads back");
    }
}
