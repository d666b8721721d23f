//! How sure an answer is: computed from what was linked and checked, never a constant.

use crate::pipeline::generation::Draft;
use crate::pipeline::validation::ReadOnlySql;

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

    /// What a draft rests on, and whether the gate had to mend it.
    pub fn of_draft(draft: &Draft, sql: &ReadOnlySql) -> Self {
        let mut parts: Vec<ConfidencePart> = draft
            .evidence
            .iter()
            .map(|e| ConfidencePart { name: e.name, score: e.score, why: e.why.clone() })
            .collect();
        let notes = sql.notes().len();
        let (score, why) = if notes == 0 {
            (1.0, "passed the gate as written".to_owned())
        } else {
            (0.9, format!("passed the gate with {notes} notes"))
        };
        parts.push(ConfidencePart { name: "check", score, why });
        Self::of(parts)
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
