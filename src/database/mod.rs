//! The one opener and runner of a user's database: read-only connections, catalogue, profile, interrupt.

mod catalogue;
mod profile;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::schema::Value;

/// Why a database could not be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error("no database file at {0}")]
    Missing(PathBuf),
    #[error("{0} is not a SQLite database")]
    NotADatabase(PathBuf),
    #[error("the database is locked by another program")]
    Busy,
    #[error("the statement ran longer than {0:?}")]
    TimeLimit(std::time::Duration),
    #[error("the result is larger than {0} bytes")]
    SizeLimit(u64),
    #[error("cancelled")]
    Cancelled,
    #[error("{0}")]
    Sql(String),
}

/// What a statement gave back.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    pub names: Vec<String>,
    pub rows: Vec<Vec<Value>>,
    /// More rows exist than were kept.
    pub truncated: bool,
    pub bytes: u64,
}

/// A user's database, opened read-only.
#[derive(Clone, Debug)]
pub struct Database {
    path: PathBuf,
}

impl Database {
    pub fn open(path: &Path) -> Result<Self, DatabaseError> {
        if !path.is_file() {
            return Err(DatabaseError::Missing(path.to_owned()));
        }
        Ok(Self { path: path.to_owned() })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    fn connect(&self) -> Result<Connection, DatabaseError> {
        Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .map_err(|e| DatabaseError::Sql(e.to_string()))
    }
}
