//! The workshop that fits the scores of the offline engine to open questions with gold statements.
//!
//! ```text
//! corpus (questions, gold plans) > gold (what is true of each slot) > fit (linear scores, trees) > weights
//! ```

mod calibration;
mod corpus;
mod diagnose;
mod fit;
mod gold;
mod linear;
mod rank;
mod report;
mod run;
mod trees;

pub use run::{examine, fit_folder};

use std::path::PathBuf;

use crate::database::DatabaseError;
use crate::evaluation::spider as compare;

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
