//! Multinomial logistic regression over sparse features, as it is applied. Features are hashes of what they say.

/// The number of a feature: FNV-1a over its parts, which are kept apart.
pub fn feature(parts: &[&str]) -> u32 {
    let mut hash = 0x811c_9dc5_u32;
    for part in parts {
        for byte in part.bytes().chain([0x1f]) {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
    hash
}

/// Scores of a few classes, one weight for each feature and class.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Linear {
    pub bias: Vec<f32>,
    /// In order.
    features: Vec<u32>,
    /// By feature, one for each class.
    weights: Vec<f32>,
    /// By the leading bits of a feature: where those that begin so are. Features are spread evenly, so a look-up meets
    /// one or two of them.
    starts: Vec<u32>,
}

/// Leading bits by which features are found, for so many of them.
fn leading_bits(features: usize) -> u32 {
    features.next_power_of_two().trailing_zeros().clamp(1, 20)
}

impl Linear {
    /// `weights` has as many numbers for each feature as there are classes.
    pub fn new(bias: Vec<f32>, mut rows: Vec<(u32, Vec<f32>)>) -> Self {
        rows.sort_unstable_by_key(|(feature, _)| *feature);
        rows.dedup_by_key(|(feature, _)| *feature);
        let bits = leading_bits(rows.len());
        let starts = (0..=1_u64 << bits)
            .map(|lead| rows.partition_point(|(feature, _)| u64::from(*feature) < lead << (32 - bits)) as u32)
            .collect();
        let classes = bias.len();
        let mut linear = Self { bias, starts, ..Self::default() };
        for (feature, weights) in rows {
            linear.features.push(feature);
            linear.weights.extend((0..classes).map(|class| weights.get(class).copied().unwrap_or(0.0)));
        }
        linear
    }

    /// Every feature with its weights, in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = (u32, &[f32])> {
        self.features.iter().copied().enumerate().map(|(at, feature)| (feature, self.at(at)))
    }

    fn at(&self, at: usize) -> &[f32] {
        let classes = self.bias.len();
        &self.weights[at * classes..(at + 1) * classes]
    }

    fn find(&self, feature: u32) -> Option<&[f32]> {
        let lead = (feature >> (32 - leading_bits(self.features.len()))) as usize;
        let (from, to) = (*self.starts.get(lead)? as usize, *self.starts.get(lead + 1)? as usize);
        let at = self.features[from..to].iter().position(|known| *known == feature)?;
        Some(self.at(from + at))
    }

    /// Scores before they are made probabilities, one for each class.
    pub fn scores(&self, features: &[u32]) -> Vec<f32> {
        let mut scores = self.bias.clone();
        for row in features.iter().filter_map(|feature| self.find(*feature)) {
            for (score, weight) in scores.iter_mut().zip(row) {
                *score += weight;
            }
        }
        scores
    }

    /// The score of the first class.
    pub fn score(&self, features: &[u32]) -> f32 {
        let weights = features.iter().filter_map(|feature| self.find(*feature)?.first());
        self.bias.first().copied().unwrap_or(0.0) + weights.sum::<f32>()
    }

    /// Probabilities of the classes; they add up to 1.
    pub fn probabilities(&self, features: &[u32]) -> Vec<f32> {
        softmax(&self.scores(features))
    }
}

pub fn softmax(scores: &[f32]) -> Vec<f32> {
    let highest = scores.iter().copied().fold(f32::MIN, f32::max);
    let powers: Vec<f32> = scores.iter().map(|s| (s - highest).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.into_iter().map(|p| p / sum).collect()
}

pub fn sigmoid(score: f32) -> f32 {
    1.0 / (1.0 + (-score).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_feature_is_found_and_no_other() {
        for count in [0_u32, 1, 2, 3, 1000] {
            let features: Vec<u32> = (0..count).map(|i| feature(&[&i.to_string()])).collect();
            let rows = features.iter().enumerate().map(|(i, f)| (*f, vec![i as f32, 1.0])).collect();
            let linear = Linear::new(vec![0.0, 0.0], rows);
            assert_eq!(linear.rows().len(), features.len());
            for (i, known) in features.iter().enumerate() {
                assert_eq!(linear.scores(&[*known]), [i as f32, 1.0]);
            }
            for edge in [0, u32::MAX, feature(&["another"])] {
                assert!(features.contains(&edge) || linear.find(edge).is_none(), "{edge} of {count}");
            }
        }
    }
}
