//! The workshop that fits the scores of the offline engine to open questions with gold statements.
//!
//! ```text
//! corpus (questions, gold plans), keywords (questions made) > gold (what is true of each slot) > fit (linear scores,
//!   trees) > rank (plans put together, rarity of words, alignment, ranking) > confidence > weights
//! ```

mod confidence;
mod corpus;
mod diagnose;
mod errors;
mod fit;
mod gold;
mod keywords;
mod linear;
mod rank;
mod rarity;
mod report;
mod run;
mod trees;

pub use run::{examine, failures, fit_folder};

use std::path::PathBuf;

use crate::database::DatabaseError;

/// Why nothing was fitted.
#[derive(Debug, thiserror::Error)]
pub enum TrainingError {
    #[error("cannot read {path}: {error}", path = .0.display(), error = .1)]
    Unreadable(PathBuf, std::io::Error),
    #[error("line {0} is no question with a gold statement: {1}")]
    Line(usize, serde_json::Error),
    #[error(transparent)]
    Database(#[from] DatabaseError),
}
