//! Why a knowledge folder could not be read.

use std::fmt;

/// Names the file and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KnowledgeError {
    #[error("cannot read {file}: {why}")]
    Unreadable { file: String, why: String },
    #[error("{file} is not UTF-8 text; save it as UTF-8")]
    NotText { file: String },
    #[error("{file}, line {line}: {why}{}", Suggestion(nearest.as_deref()))]
    Invalid { file: String, line: usize, why: String, nearest: Option<String> },
}

struct Suggestion<'a>(Option<&'a str>);

impl fmt::Display for Suggestion<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}
