//! Multinomial logistic regression over sparse features, as it is applied. Features are hashes of what they say.

use std::collections::HashMap;

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
    pub weights: HashMap<u32, Vec<f32>>,
}

impl Linear {
    /// Scores before they are made probabilities, one for each class.
    pub fn scores(&self, features: &[u32]) -> Vec<f32> {
        let mut scores = self.bias.clone();
        for feature in features {
            let Some(row) = self.weights.get(feature) else { continue };
            for (score, weight) in scores.iter_mut().zip(row) {
                *score += weight;
            }
        }
        scores
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
