//! How sure an answer is: computed from what was linked and checked, never a constant.

/// One factor between 0 and 1, with what it was computed from.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfidencePart {
    /// Stable word: `coverage`, `links`, `joins`, `structure`, `check`, `result`.
    pub name: &'static str,
    pub score: f64,
    pub why: String,
}

/// The score and its parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Confidence {
    /// 0 to 1: the product of the parts.
    pub score: f64,
    pub parts: Vec<ConfidencePart>,
}

impl Confidence {
    pub fn of(parts: Vec<ConfidencePart>) -> Self {
        let score = parts.iter().map(|p| p.score.clamp(0.0, 1.0)).product();
        Self { score, parts }
    }

    /// The word shown beside the number.
    pub fn word(&self) -> &'static str {
        match self.score {
            s if s >= 0.75 => "high",
            s if s >= 0.45 => "medium",
            _ => "low",
        }
    }
}
