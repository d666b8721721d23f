//! Room 5: a checked statement becomes rows.

mod cache;
mod run;

pub use cache::{Ran, ResultCache};
pub use run::{RowSink, Streamed, run, stream};

use std::time::Duration;

use crate::database::DatabaseError;
use crate::schema::{SemanticType, Value};

/// What one statement may use. `None` means no limit of that kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    pub rows: Option<usize>,
    pub time: Duration,
    /// Bytes of all cells together.
    pub bytes: Option<u64>,
}

/// The storage type shared by all non-NULL cells of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    Integer,
    Real,
    Text,
    Blob,
    /// Cells of several types, or only NULLs.
    Any,
}

/// How a number of a column is written for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Two decimals; the currency is not known.
    Money,
    /// Already times 100.
    Percent,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ResultColumn {
    pub name: String,
    pub kind: ColumnType,
    pub unit: Option<Unit>,
    /// Meaning taken from the column or aggregate it was read from.
    pub semantic: SemanticType,
}

/// Rows with their columns. Every row has as many cells as there are columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ResultSet {
    pub columns: Vec<ResultColumn>,
    pub rows: Vec<Vec<Value>>,
    /// More rows exist than are here: a limit cut them.
    pub truncated: bool,
    pub elapsed: Duration,
    /// Bytes of all cells together.
    pub bytes: u64,
}

/// Why a statement gave no rows.
#[derive(Debug, thiserror::Error)]
pub enum ExecutionError {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("the statement was stopped before it ended")]
    Stopped,
}

impl ExecutionError {
    /// The reason behind the message.
    pub fn why(&self) -> &'static str {
        match self {
            Self::Database(error) => error.why(),
            Self::Stopped => "the program is shutting down",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Database(error) => error.hint(),
            Self::Stopped => "ask again",
        }
    }

    /// True if the database could not be read at all, whatever was asked.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Database(error) if error.is_unreachable())
    }

    /// True if a limit on time, size or memory stopped the statement.
    pub fn is_limit(&self) -> bool {
        matches!(self, Self::Database(error) if error.is_limit())
    }

    /// True if the connection refused what the gate could not see, such as a denied table behind a view.
    pub fn is_policy(&self) -> bool {
        matches!(self, Self::Database(DatabaseError::Denied(_)))
    }
}

#[cfg(test)]
mod tests;
