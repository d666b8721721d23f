//! The one opener and runner of a user's database: read-only connections, catalogue, profile, interrupt.
//!
//! `stamp` tells the state of the file, `connection` opens it so that nothing changes, `guard` forbids everything but
//! reading, `hidden` finds what a policy hides, `functions` replaces what cannot be stopped, `run` runs one statement
//! within bounds, `watchdog` interrupts. `catalogue` and `profile` say what the file holds (`extent`: which rows are
//! looked at, `gathered`: what they hold, `meaning`: what that means), `kept` remembers it.

mod catalogue;
mod connection;
mod extent;
mod functions;
mod gathered;
mod guard;
mod hidden;
mod kept;
mod meaning;
mod plan;
mod profile;
mod run;
#[cfg(test)]
pub mod samples;
mod stamp;
mod watchdog;

pub use hidden::Hidden;
pub use kept::{KeptSchemas, kept_schemas};
pub use plan::{IndexKind, PlanAction, PlanIndex, PlanStep, QueryPlan};
pub use run::{Bounds, Cancel, Ended, Receive, Rows, TablesVersion};
pub use stamp::Stamp;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;

use connection::Pooled;
use guard::Purpose;

use crate::config::{LimitsConfig, Policy};

/// Statements that run at once for each core; the others wait in line. More would only take turns and memory.
const STATEMENTS_A_CORE: usize = 4;

/// How a database is read: what no statement may see, and what it may take.
#[derive(Clone, Debug, PartialEq)]
pub struct Access {
    /// Kept from being read, even through a view.
    pub policy: Policy,
    /// Bytes of the longest value.
    pub value_bytes: i32,
    /// Bytes that SQLite may hold in this process, all connections together.
    pub memory_bytes: i64,
    /// Read the file through the system's memory.
    pub memory_map: bool,
}

impl Default for Access {
    fn default() -> Self {
        Self::new(Policy::default(), &LimitsConfig::default())
    }
}

impl Access {
    pub fn new(policy: Policy, limits: &LimitsConfig) -> Self {
        Self { policy, value_bytes: limits.value_bytes, memory_bytes: limits.memory_bytes, memory_map: false }
    }
}

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
    #[error("the database went on changing while it was read")]
    Changing,
    #[error("too many statements are running")]
    Crowded,
    #[error("the statement ran longer than {0:?}")]
    TimeLimit(Duration),
    #[error("the result is larger than {0} bytes")]
    SizeLimit(u64),
    #[error("a single value is larger than {0} bytes")]
    ValueLimit(i32),
    #[error("the statement needs more memory than the {0} bytes allowed")]
    MemoryLimit(i64),
    #[error("the statement is too complex: {0}")]
    TooComplex(String),
    #[error("cancelled")]
    Cancelled,
    #[error("the database refused the statement: {0}")]
    Denied(String),
    #[error("{message}{}", place.map_or(String::new(), |place| place.to_string()))]
    Sql { message: String, place: Option<Place> },
    /// The receiver of rows could take no more.
    #[error("the rows could not be written: {0}")]
    Output(std::io::Error),
}

/// Where in a statement, both counted from 1; columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub line: u32,
    pub column: u32,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, " (line {}, column {})", self.line, self.column)
    }
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
            Self::Changing => "another program wrote to it each time it was read",
            Self::Crowded => "all others had to be waited for until the time was up",
            Self::Output(_) => "the target refused them",
            Self::TimeLimit(_) => "it was stopped at the time limit",
            Self::TooComplex(_) => "it exceeds what a statement may take to prepare or to compare",
            Self::SizeLimit(_) | Self::ValueLimit(_) | Self::MemoryLimit(_) => {
                "it was stopped so as not to exhaust memory"
            }
            Self::Cancelled => "the one who asked left",
            Self::Denied(_) => "the connection only reads, and only what the policy allows",
            Self::Sql { .. } => "SQLite could not run the statement",
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
            Self::Busy | Self::Changing => "try again when the other program is done",
            Self::Crowded => "try again in a moment",
            Self::Output(_) => "check that the target exists and has room",
            Self::TimeLimit(_) => "ask for less, or raise --timeout or limits.time",
            Self::SizeLimit(_) => "ask for fewer rows or columns, or raise --max-bytes",
            Self::ValueLimit(_) => "leave out the long value, or raise limits.value_bytes in the configuration",
            Self::MemoryLimit(_) => "ask for fewer rows or groups, or raise limits.memory_bytes in the configuration",
            Self::TooComplex(_) => "split it into simpler statements",
            Self::Cancelled => "ask again",
            Self::Denied(_) => "write a query over the tables that may be read",
            Self::Sql { .. } => "correct the statement and try again",
        }
    }

    /// True if the file could not be read at all, whatever was asked of it.
    pub fn is_unreachable(&self) -> bool {
        matches!(
            self,
            Self::Missing(_)
                | Self::NotAFile(_)
                | Self::Unreadable { .. }
                | Self::NotADatabase(_)
                | Self::Damaged(_)
                | Self::Unfinished(_)
                | Self::Busy
                | Self::Changing
        )
    }

    /// True if a limit on time, size or memory stopped the statement.
    pub fn is_limit(&self) -> bool {
        matches!(
            self,
            Self::TimeLimit(_) | Self::SizeLimit(_) | Self::ValueLimit(_) | Self::MemoryLimit(_) | Self::TooComplex(_)
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
    access: Access,
    idle: Mutex<Vec<Pooled>>,
    slots: Arc<Semaphore>,
}

impl Database {
    /// Opens a file after a look at it, without a policy; nothing is written to it or beside it.
    pub fn open(path: &Path) -> Result<Self, DatabaseError> {
        Self::open_with(path, Access::default())
    }

    /// As [`Database::open`], with what is hidden and allowed.
    pub fn open_with(path: &Path, access: Access) -> Result<Self, DatabaseError> {
        let slots = Arc::new(Semaphore::new(slots()));
        let inner = Inner { path: path.to_owned(), access, idle: Mutex::default(), slots };
        let database = Self { inner: Arc::new(inner) };
        let first = run::patiently(|| database.take())?;
        database.give_back(first);
        Ok(database)
    }

    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    pub fn access(&self) -> &Access {
        &self.inner.access
    }

    /// The state of the file at this moment.
    pub fn stamp(&self) -> Result<Stamp, DatabaseError> {
        Stamp::of(self.path())
    }

    /// What the policy hides in this database.
    pub fn hidden(&self) -> Result<Arc<Hidden>, DatabaseError> {
        let pooled = self.take()?;
        let hidden = Arc::clone(&pooled.hidden);
        self.give_back(pooled);
        Ok(hidden)
    }

    /// Where statements wait for their turn, first come, first served.
    pub fn slots(&self) -> &Arc<Semaphore> {
        &self.inner.slots
    }

    /// A new connection for the catalogue and the profile: read-only, and it may ask what tables are made of.
    pub(super) fn connect(&self) -> Result<Pooled, DatabaseError> {
        connection::open(self.path(), self.access(), Purpose::Catalogue)
    }

    /// A connection for a statement: an idle one if the file is as it was when that was opened.
    fn take(&self) -> Result<Pooled, DatabaseError> {
        let last = self.idle().pop();
        if let Some(last) = last {
            if last.stamp.is_still(self.path()) {
                return Ok(last);
            }
            self.idle().push(last);
        }
        let stamp = self.stamp()?;
        let idle = {
            let mut pool = self.idle();
            pool.retain(|pooled| pooled.stamp == stamp);
            pool.pop()
        };
        idle.map_or_else(|| connection::open(self.path(), self.access(), Purpose::Statements), Ok)
    }

    fn give_back(&self, pooled: Pooled) {
        // A connection that stays with a log in use would keep its writers from tidying it away when they leave.
        if pooled.stamp.is_in_use() {
            return;
        }
        let mut pool = self.idle();
        if pool.len() < slots() {
            pool.push(pooled);
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Pooled>> {
        self.inner.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn slots() -> usize {
    STATEMENTS_A_CORE * std::thread::available_parallelism().map_or(2, usize::from).max(2)
}

#[cfg(test)]
mod tests;
