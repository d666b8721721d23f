//! Runs one statement on a guarded connection, within bounds, and can be stopped at any moment.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, InterruptHandle};

use super::connection::Pooled;
use super::guard::{self, Purpose};
use super::{Database, DatabaseError};
use crate::config::Policy;
use crate::schema::Value;

/// Virtual-machine steps between two looks at the clock: well under a millisecond.
const STEPS: i32 = 500;
/// A function over a long value runs in one step, and its end must be noticed soon.
const WATCH: Duration = Duration::from_millis(10);
/// Time to prepare a statement that is not run.
const PREPARE: Duration = Duration::from_secs(2);

/// SQLite's memory is bounded for the whole process, so a statement may fail for what another one takes: it is
/// tried again when that one has had time to fail too.
const MEMORY_TRIES: u32 = 3;
const MEMORY_PAUSE: Duration = Duration::from_millis(100);

/// What a statement may use and see. `None` means no limit of that kind.
#[derive(Clone, Debug)]
pub struct Bounds {
    pub rows: Option<usize>,
    pub time: Duration,
    /// Bytes of memory that the rows may take.
    pub bytes: Option<u64>,
    /// Kept from being read even through a view.
    pub policy: Policy,
}

/// What a statement gave back.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    pub names: Vec<String>,
    pub rows: Vec<Vec<Value>>,
    /// More rows exist than were kept.
    pub truncated: bool,
    /// Bytes of all cells together.
    pub bytes: u64,
}

/// Stops a running statement from another thread, and tells how far it is.
#[derive(Clone, Default)]
pub struct Cancel {
    state: Arc<CancelState>,
}

#[derive(Default)]
struct CancelState {
    cancelled: AtomicBool,
    fetched: AtomicUsize,
    running: Mutex<Option<InterruptHandle>>,
}

impl Cancel {
    /// Stops the statement, now or as soon as it starts.
    pub fn cancel(&self) {
        self.state.cancelled.store(true, Ordering::SeqCst);
        if let Some(handle) = self.running().as_ref() {
            handle.interrupt();
        }
    }

    pub fn is_cancelled(&self) -> bool {
        self.state.cancelled.load(Ordering::SeqCst)
    }

    /// Rows fetched so far.
    pub fn fetched(&self) -> usize {
        self.state.fetched.load(Ordering::Relaxed)
    }

    fn running(&self) -> std::sync::MutexGuard<'_, Option<InterruptHandle>> {
        self.state.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Database {
    /// Runs a statement to its end or to a bound; blocks. A bound on rows cuts, every other one is an error.
    pub fn run(&self, sql: &str, bounds: &Bounds, cancel: &Cancel) -> Result<Rows, DatabaseError> {
        let begun = Instant::now();
        let mut left = bounds.clone();
        for _ in 0..MEMORY_TRIES {
            match self.within(&left, cancel, |connection| fetch(connection, sql, bounds, cancel)) {
                Err(DatabaseError::MemoryLimit) => std::thread::sleep(MEMORY_PAUSE),
                Err(DatabaseError::TimeLimit(_)) => return Err(DatabaseError::TimeLimit(bounds.time)),
                other => return other,
            }
            left.time = bounds.time.saturating_sub(begun.elapsed());
        }
        Err(DatabaseError::MemoryLimit)
    }

    /// Compiles a statement without running it.
    pub fn explain_ok(&self, sql: &str, policy: &Policy) -> Result<(), DatabaseError> {
        let bounds = Bounds { rows: Some(0), time: PREPARE, bytes: None, policy: policy.clone() };
        self.within(&bounds, &Cancel::default(), |connection| prepare(connection, sql).map(drop).map_err(Stop::Sqlite))
    }

    /// The steps in which SQLite would run a statement, as `EXPLAIN QUERY PLAN` tells them.
    pub fn query_plan(&self, sql: &str, policy: &Policy) -> Result<Rows, DatabaseError> {
        let bounds = Bounds { rows: None, time: PREPARE, bytes: None, policy: policy.clone() };
        self.run(&format!("EXPLAIN QUERY PLAN {sql}"), &bounds, &Cancel::default())
    }

    fn within<T>(
        &self,
        bounds: &Bounds,
        cancel: &Cancel,
        work: impl FnOnce(&Connection) -> Result<T, Stop>,
    ) -> Result<T, DatabaseError> {
        let mut pooled = self.take()?;
        let outcome = self.bounded(&mut pooled, bounds, cancel, work);
        *cancel.running() = None;
        let cleared = pooled.connection.progress_handler(0, None::<fn() -> bool>).is_ok();
        if cleared && !matches!(outcome, Err(DatabaseError::MemoryLimit | DatabaseError::Damaged(_))) {
            self.give_back(pooled);
        }
        outcome
    }

    fn bounded<T>(
        &self,
        pooled: &mut Pooled,
        bounds: &Bounds,
        cancel: &Cancel,
        work: impl FnOnce(&Connection) -> Result<T, Stop>,
    ) -> Result<T, DatabaseError> {
        let connection = &mut pooled.connection;
        let deadline = Instant::now().checked_add(bounds.time);
        let watching = cancel.clone();
        let over = move || watching.is_cancelled() || deadline.is_some_and(|deadline| Instant::now() >= deadline);
        let explain = |error: rusqlite::Error| explain(&error, self.path());
        guard::authorize(connection, Purpose::Statements, &bounds.policy).map_err(explain)?;
        connection.progress_handler(STEPS, Some(over)).map_err(explain)?;
        *cancel.running() = Some(connection.get_interrupt_handle());
        if cancel.is_cancelled() {
            return Err(DatabaseError::Cancelled);
        }
        let stopped = watched(connection, deadline, work);
        stopped.map_err(|stop| match stop {
            Stop::Bound(error) => error,
            Stop::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
                if cancel.is_cancelled() { DatabaseError::Cancelled } else { DatabaseError::TimeLimit(bounds.time) }
            }
            Stop::Sqlite(error) => explain(error),
        })
    }
}

/// Why the fetching of rows ended early.
enum Stop {
    Bound(DatabaseError),
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Does the work while a second thread interrupts it from the deadline on. The progress handler alone would not
/// do: SQLite asks it only between steps, and counts them.
fn watched<T>(
    connection: &Connection,
    deadline: Option<Instant>,
    work: impl FnOnce(&Connection) -> Result<T, Stop>,
) -> Result<T, Stop> {
    let handle = connection.get_interrupt_handle();
    let done = (Mutex::new(false), Condvar::new());
    std::thread::scope(|scope| {
        let watch = || {
            let Some(deadline) = deadline else { return };
            let mut finished = done.0.lock().unwrap_or_else(PoisonError::into_inner);
            while !*finished {
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    handle.interrupt();
                }
                let wait = if left.is_zero() { WATCH } else { left };
                finished = done.1.wait_timeout(finished, wait).unwrap_or_else(PoisonError::into_inner).0;
            }
        };
        // Without a second thread the progress handler still keeps the deadline, if less promptly.
        let _watching = std::thread::Builder::new().spawn_scoped(scope, watch);
        let outcome = work(connection);
        *done.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        done.1.notify_all();
        outcome
    })
}

/// Compiles one statement that gives rows and changes nothing.
fn prepare<'c>(connection: &'c Connection, sql: &str) -> rusqlite::Result<rusqlite::Statement<'c>> {
    let statement = connection.prepare(sql)?;
    if statement.readonly() && statement.column_count() > 0 {
        Ok(statement)
    } else {
        Err(rusqlite::Error::InvalidQuery)
    }
}

fn fetch(connection: &Connection, sql: &str, bounds: &Bounds, cancel: &Cancel) -> Result<Rows, Stop> {
    let mut statement = prepare(connection, sql)?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let width = names.len();
    let mut result = Rows { names, ..Rows::default() };
    let mut memory = 0_u64;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if bounds.rows.is_some_and(|limit| result.rows.len() >= limit) {
            result.truncated = true;
            break;
        }
        let mut cells = Vec::with_capacity(width);
        for column in 0..width {
            let value = value_of(row.get_ref(column)?);
            result.bytes += value.size() as u64;
            memory += (size_of::<Value>() + value.size()) as u64;
            cells.push(value);
        }
        if let Some(limit) = bounds.bytes.filter(|limit| memory > *limit) {
            return Err(Stop::Bound(DatabaseError::SizeLimit(limit)));
        }
        result.rows.push(cells);
        cancel.state.fetched.store(result.rows.len(), Ordering::Relaxed);
    }
    Ok(result)
}

/// Text that is not valid UTF-8 is read with replacement marks.
fn value_of(cell: ValueRef<'_>) -> Value {
    match cell {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => Value::Integer(n),
        ValueRef::Real(x) => Value::Real(x),
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}

/// What an error of SQLite means for the one who asked.
pub fn explain(error: &rusqlite::Error, path: &Path) -> DatabaseError {
    match (error, error.sqlite_error_code()) {
        (rusqlite::Error::InvalidQuery | rusqlite::Error::MultipleStatement | rusqlite::Error::Empty, _) => {
            DatabaseError::Denied("it is not one query".to_owned())
        }
        (_, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)) => DatabaseError::Busy,
        (_, Some(ErrorCode::NotADatabase)) => DatabaseError::NotADatabase(path.to_owned()),
        (_, Some(ErrorCode::DatabaseCorrupt)) => DatabaseError::Damaged(message(error)),
        (_, Some(ErrorCode::TooBig)) => DatabaseError::ValueLimit(guard::MAX_VALUE),
        (_, Some(ErrorCode::OutOfMemory)) => DatabaseError::MemoryLimit,
        (_, Some(ErrorCode::AuthorizationForStatementDenied | ErrorCode::ReadOnly | ErrorCode::PermissionDenied)) => {
            DatabaseError::Denied(message(error))
        }
        (_, Some(ErrorCode::CannotOpen | ErrorCode::SystemIoFailure)) => {
            DatabaseError::Unreadable { path: path.to_owned(), reason: message(error) }
        }
        _ if is_too_complex(&message(error)) => DatabaseError::TooComplex(message(error)),
        _ => DatabaseError::Sql(message(error)),
    }
}

/// SQLite reports its own bounds as plain errors; only the words tell them apart.
fn is_too_complex(message: &str) -> bool {
    const WORDS: &[&str] = &[
        "too complex",
        "nested too deep",
        "tree is too large",
        "stack overflow",
        "too many terms",
        "too many FROM clause terms",
        "tables in a join",
        "too many columns",
        "too many arguments",
        "too many references",
        "exceeds size limit",
    ];
    WORDS.iter().any(|words| message.contains(words))
}

/// SQLite's own words, with the place where it has one.
fn message(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqlInputError { msg, sql, offset, .. } if *offset >= 0 => {
            let before = sql.get(..usize::try_from(*offset).unwrap_or(0)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
            format!("{msg} (line {line}, column {column})")
        }
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    }
}
