//! The one opener and runner of a user's database: read-only connections, catalogue, profile, interrupt.

mod catalogue;
mod connection;
mod functions;
mod guard;
mod profile;
mod run;

pub use run::{Bounds, Cancel, Rows};

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::Connection;

use connection::{Pooled, Stamp};
use guard::Purpose;

/// Connections kept for the next statement.
const POOL: usize = 8;

/// Why a database could not be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error("no database file at {0}")]
    Missing(PathBuf),
    #[error("{0} is not a file")]
    NotAFile(PathBuf),
    #[error("{path} cannot be read: {reason}")]
    Unreadable { path: PathBuf, reason: String },
    #[error("{0} is not a SQLite database")]
    NotADatabase(PathBuf),
    #[error("the database file is damaged: {0}")]
    Damaged(String),
    #[error("{0} was left in the middle of a write")]
    Unfinished(PathBuf),
    #[error("the database is locked by another program")]
    Busy,
    #[error("the statement ran longer than {0:?}")]
    TimeLimit(Duration),
    #[error("the result is larger than {0} bytes")]
    SizeLimit(u64),
    #[error("a single value is larger than {0} bytes")]
    ValueLimit(i32),
    #[error("the statement needs more memory than is allowed")]
    MemoryLimit,
    #[error("the statement is too complex: {0}")]
    TooComplex(String),
    #[error("cancelled")]
    Cancelled,
    #[error("the database refused the statement: {0}")]
    Denied(String),
    #[error("{0}")]
    Sql(String),
}

impl DatabaseError {
    /// The reason behind the message.
    pub fn why(&self) -> &'static str {
        match self {
            Self::Missing(_) => "nothing is there",
            Self::NotAFile(_) => "a SQLite database is a single file",
            Self::Unreadable { .. } => "the operating system does not let it be read",
            Self::NotADatabase(_) => "it does not begin as SQLite files do; it may be encrypted or of another kind",
            Self::Damaged(_) => "its pages contradict each other",
            Self::Unfinished(_) => "a program that wrote ended early, and finishing its work would write",
            Self::Busy => "a program that writes holds it",
            Self::TimeLimit(_) => "it was stopped at the time limit",
            Self::TooComplex(_) => "it exceeds what a statement may take to prepare or to compare",
            Self::SizeLimit(_) | Self::ValueLimit(_) | Self::MemoryLimit => {
                "it was stopped so as not to exhaust memory"
            }
            Self::Cancelled => "the one who asked left",
            Self::Denied(_) => "the connection only reads, and only what the policy allows",
            Self::Sql(_) => "SQLite could not run the statement",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Missing(_) => "check the path given with --db",
            Self::NotAFile(_) => "name the database file itself with --db",
            Self::Unreadable { .. } => "check the permissions of the file and its folder",
            Self::NotADatabase(_) => "check the path, or load CSV files into a database first",
            Self::Damaged(_) => "restore it from a backup, or try .recover in sqlite3",
            Self::Unfinished(_) => "open it once with a program that may write, such as sqlite3, and read a table",
            Self::Busy => "try again when the other program is done",
            Self::TimeLimit(_) => "ask for less, or raise --timeout",
            Self::SizeLimit(_) => "ask for fewer rows or columns, or raise --max-bytes",
            Self::ValueLimit(_) => "leave out the long value, or cut it with substr()",
            Self::MemoryLimit => "ask for fewer rows, or group by fewer columns",
            Self::TooComplex(_) => "split it into simpler statements",
            Self::Cancelled => "ask again",
            Self::Denied(_) => "write a query over the tables that may be read",
            Self::Sql(_) => "correct the statement and try again",
        }
    }

    /// True if a limit on time, size or memory stopped the statement.
    pub fn is_limit(&self) -> bool {
        matches!(
            self,
            Self::TimeLimit(_) | Self::SizeLimit(_) | Self::ValueLimit(_) | Self::MemoryLimit | Self::TooComplex(_)
        )
    }
}

/// A user's database, opened read-only. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Database {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    idle: Mutex<Vec<Pooled>>,
}

impl Database {
    /// Opens a file after a look at it; nothing is written to it or beside it.
    pub fn open(path: &Path) -> Result<Self, DatabaseError> {
        let database = Self { inner: Arc::new(Inner { path: path.to_owned(), idle: Mutex::default() }) };
        let first = database.take()?;
        database.give_back(first);
        Ok(database)
    }

    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// A new connection for the catalogue and the profile: read-only, and it may ask what tables are made of.
    pub(super) fn connect(&self) -> Result<Connection, DatabaseError> {
        connection::open(self.path(), Purpose::Catalogue).map(|pooled| pooled.connection)
    }

    /// A connection for a statement: an idle one if the file is as it was when that was opened.
    fn take(&self) -> Result<Pooled, DatabaseError> {
        let stamp = Stamp::of(self.path())?;
        let idle = {
            let mut pool = self.inner.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            pool.retain(|pooled| pooled.stamp == stamp);
            pool.pop()
        };
        idle.map_or_else(|| connection::open(self.path(), Purpose::Statements), Ok)
    }

    fn give_back(&self, pooled: Pooled) {
        let mut pool = self.inner.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if pool.len() < POOL {
            pool.push(pooled);
        }
    }
}
