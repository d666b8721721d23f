//! Runs one statement on a guarded connection, within bounds, and can be stopped at any moment.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, InterruptHandle};

use super::connection::Pooled;
use super::guard;
use super::{Access, Database, DatabaseError, Place, watchdog};
use crate::schema::{Cell, Value};

/// Virtual-machine steps between two looks at the clock: well under a millisecond.
const STEPS: i32 = 1_000;
/// Time to prepare a statement that is not run.
const PREPARE: Duration = Duration::from_secs(2);

/// A statement is run again if the file changed while it was read without locks, or if memory ran out: that is bounded
/// for the whole process, so it may fail for what another one takes, which has had time to fail too after a pause.
const TRIES: u32 = 3;
const MEMORY_PAUSE: Duration = Duration::from_millis(100);
/// What needs little memory itself is tried so often, until what takes all of it has come to its own end.
const PATIENT_TRIES: u32 = 50;

/// Does what fails for want of memory again, as long as another statement may be what takes it.
pub(super) fn patiently<T>(mut attempt: impl FnMut() -> Result<T, DatabaseError>) -> Result<T, DatabaseError> {
    for _ in 1..PATIENT_TRIES {
        match attempt() {
            Err(DatabaseError::MemoryLimit(_)) => std::thread::sleep(MEMORY_PAUSE),
            outcome => return outcome,
        }
    }
    attempt()
}

/// What a statement may use. `None` means no limit of that kind.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub rows: Option<usize>,
    pub time: Duration,
    /// Bytes that the cells may take together.
    pub bytes: Option<u64>,
    /// Thousands of steps of the virtual machine: unlike time the same on every machine.
    pub steps: Option<u64>,
}

/// Takes the rows of a statement one by one.
pub trait Receive {
    /// Called once before the rows, and again after each successful [`Receive::restart`].
    fn columns(&mut self, names: Vec<String>) -> io::Result<()>;

    fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()>;

    /// Forgets what it took, as the file changed under the statement; false if that cannot be done.
    fn restart(&mut self) -> io::Result<bool>;

    /// Bytes that a row takes in the receiver, besides those of its cells.
    fn row_bytes(&self, _width: usize) -> usize {
        0
    }
}

/// Two that are equal mean the same tables, whatever became of their rows.
#[derive(Clone, Debug, PartialEq)]
pub struct TablesVersion {
    file: (u64, u64),
    number: Option<Value>,
}

/// What is known of a statement that ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    pub rows: usize,
    /// More rows exist than were taken.
    pub truncated: bool,
    /// Bytes of all cells together.
    pub bytes: u64,
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
        let mut rows = Rows::default();
        let ended = self.stream(sql, bounds, cancel, &mut rows)?;
        (rows.truncated, rows.bytes) = (ended.truncated, ended.bytes);
        Ok(rows)
    }

    /// As [`Database::run`], with each row handed over as it is read.
    pub fn stream(
        &self,
        sql: &str,
        bounds: &Bounds,
        cancel: &Cancel,
        receiver: &mut dyn Receive,
    ) -> Result<Ended, DatabaseError> {
        let begun = Instant::now();
        let mut left = *bounds;
        let mut tries = TRIES;
        loop {
            let outcome = self.within(&left, cancel, |connection| fetch(connection, sql, bounds, cancel, receiver));
            tries -= 1;
            left.time = bounds.time.saturating_sub(begun.elapsed());
            match outcome {
                Err(DatabaseError::Changing | DatabaseError::MemoryLimit(_)) if tries > 0 && !left.time.is_zero() => {
                    if matches!(outcome, Err(DatabaseError::MemoryLimit(_))) {
                        std::thread::sleep(MEMORY_PAUSE);
                    }
                    if !receiver.restart().map_err(DatabaseError::Output)? {
                        return outcome;
                    }
                }
                Err(DatabaseError::TimeLimit(_)) => return Err(DatabaseError::TimeLimit(bounds.time)),
                outcome => return outcome,
            }
        }
    }

    /// What the tables were like: differs once a table is made, dropped or altered, or the file is another.
    pub fn tables(&self) -> Result<TablesVersion, DatabaseError> {
        let file = self.stamp()?.file();
        let bounds = Bounds { rows: Some(1), time: PREPARE, bytes: None, steps: None };
        let rows = self.run("PRAGMA schema_version", &bounds, &Cancel::default())?;
        Ok(TablesVersion { file, number: rows.rows.first().and_then(|row| row.first()).cloned() })
    }

    /// Compiles a statement without running it.
    pub fn explain_ok(&self, sql: &str) -> Result<(), DatabaseError> {
        let bounds = Bounds { rows: Some(0), time: PREPARE, bytes: None, steps: None };
        self.within(&bounds, &Cancel::default(), |connection| prepare(connection, sql).map(drop).map_err(Stop::Sqlite))
    }

    /// The steps in which SQLite would run a statement, as `EXPLAIN QUERY PLAN` tells them.
    pub fn query_plan(&self, sql: &str) -> Result<Rows, DatabaseError> {
        let bounds = Bounds { rows: None, time: PREPARE, bytes: None, steps: None };
        let mut plan = self.run(&format!("EXPLAIN QUERY PLAN {sql}"), &bounds, &Cancel::default())?;
        let hidden = self.hidden()?;
        for cell in plan.rows.iter_mut().flatten() {
            if let Value::Text(step) = cell {
                *step = hidden.silence_step(step);
            }
        }
        Ok(plan)
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
        // Without locks only the file itself tells whether it was read as one.
        if pooled.stamp.access.is_unlocked() && !pooled.stamp.is_still(self.path()) && self.stamp()? != pooled.stamp {
            return Err(match outcome {
                Err(error @ (DatabaseError::Cancelled | DatabaseError::TimeLimit(_))) => error,
                _ => DatabaseError::Changing,
            });
        }
        let cleared = pooled.connection.progress_handler(0, None::<fn() -> bool>).is_ok();
        if cleared && !matches!(outcome, Err(DatabaseError::MemoryLimit(_) | DatabaseError::Damaged(_))) {
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
        let spent = Arc::new(AtomicU64::new(0));
        let (counted, most) = (Arc::clone(&spent), bounds.steps.unwrap_or(u64::MAX));
        let over = move || {
            counted.fetch_add(1, Ordering::Relaxed) >= most
                || watching.is_cancelled()
                || deadline.is_some_and(|deadline| Instant::now() >= deadline)
        };
        let hidden = Arc::clone(&pooled.hidden);
        let explain = |error: rusqlite::Error| hidden.silence(explain(&error, self.path(), self.access()));
        connection.progress_handler(STEPS, Some(over)).map_err(explain)?;
        *cancel.running() = Some(connection.get_interrupt_handle());
        if cancel.is_cancelled() {
            return Err(DatabaseError::Cancelled);
        }
        let _watch = deadline.map(|deadline| watchdog::watch(deadline, connection.get_interrupt_handle()));
        work(connection).map_err(|stop| match stop {
            Stop::Bound(error) => error,
            Stop::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
                match bounds.steps {
                    _ if cancel.is_cancelled() => DatabaseError::Cancelled,
                    Some(most) if spent.load(Ordering::Relaxed) > most => {
                        DatabaseError::TooComplex(format!("it takes more than {most} thousand steps"))
                    }
                    _ => DatabaseError::TimeLimit(bounds.time),
                }
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

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Bound(DatabaseError::Output(error))
    }
}

/// Compiles one statement that gives rows and changes nothing.
fn prepare<'c>(connection: &'c Connection, sql: &str) -> rusqlite::Result<rusqlite::CachedStatement<'c>> {
    if guard::reads_odd_pragma(sql) {
        return Err(rusqlite::Error::InvalidQuery);
    }
    let statement = connection.prepare_cached(sql)?;
    if statement.readonly() && statement.column_count() > 0 {
        Ok(statement)
    } else {
        Err(rusqlite::Error::InvalidQuery)
    }
}

fn fetch(
    connection: &Connection,
    sql: &str,
    bounds: &Bounds,
    cancel: &Cancel,
    receiver: &mut dyn Receive,
) -> Result<Ended, Stop> {
    let mut statement = prepare(connection, sql)?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let width = names.len();
    receiver.columns(names)?;
    let row_bytes = receiver.row_bytes(width) as u64;
    let mut ended = Ended::default();
    let mut memory = 0_u64;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if bounds.rows.is_some_and(|limit| ended.rows >= limit) {
            ended.truncated = true;
            break;
        }
        let values = (0..width).map(|column| row.get_ref(column)).collect::<rusqlite::Result<Vec<_>>>()?;
        let repaired;
        let cells = if let Some(cells) = cells(&values) {
            cells
        } else {
            repaired = repair(&values);
            repaired.iter().map(Value::cell).collect()
        };
        let size: u64 = cells.iter().map(|cell| cell.size() as u64).sum();
        ended.bytes += size;
        memory += size + row_bytes;
        if let Some(limit) = bounds.bytes.filter(|limit| memory > *limit) {
            return Err(Stop::Bound(DatabaseError::SizeLimit(limit)));
        }
        receiver.row(&cells)?;
        ended.rows += 1;
        cancel.state.fetched.store(ended.rows, Ordering::Relaxed);
    }
    Ok(ended)
}

/// `None` if a text is not valid UTF-8.
fn cells<'a>(values: &[ValueRef<'a>]) -> Option<Vec<Cell<'a>>> {
    let cell = |value: &ValueRef<'a>| {
        Some(match *value {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(n) => Cell::Integer(n),
            ValueRef::Real(x) => Cell::Real(x),
            ValueRef::Text(bytes) => Cell::Text(str::from_utf8(bytes).ok()?),
            ValueRef::Blob(bytes) => Cell::Blob(bytes),
        })
    };
    values.iter().map(cell).collect()
}

/// With replacement marks where a text is not valid UTF-8.
fn repair(values: &[ValueRef<'_>]) -> Vec<Value> {
    let value = |value: &ValueRef<'_>| match *value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => Value::Integer(n),
        ValueRef::Real(x) => Value::Real(x),
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    };
    values.iter().map(value).collect()
}

impl Receive for Rows {
    fn columns(&mut self, names: Vec<String>) -> io::Result<()> {
        self.names = names;
        Ok(())
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        self.rows.push(cells.iter().map(|cell| cell.to_value()).collect());
        Ok(())
    }

    fn restart(&mut self) -> io::Result<bool> {
        self.rows.clear();
        Ok(true)
    }

    fn row_bytes(&self, width: usize) -> usize {
        width * size_of::<Value>()
    }
}

/// What an error of SQLite means for the one who asked.
pub fn explain(error: &rusqlite::Error, path: &Path, access: &Access) -> DatabaseError {
    match (error, error.sqlite_error_code()) {
        (rusqlite::Error::InvalidQuery | rusqlite::Error::MultipleStatement | rusqlite::Error::Empty, _) => {
            DatabaseError::Denied("it is not one query".to_owned())
        }
        (_, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)) => DatabaseError::Busy,
        (_, Some(ErrorCode::NotADatabase)) => DatabaseError::NotADatabase(path.to_owned()),
        (_, Some(ErrorCode::DatabaseCorrupt)) => DatabaseError::Damaged(message(error)),
        (_, Some(ErrorCode::TooBig)) => DatabaseError::ValueLimit(access.value_bytes),
        (_, Some(ErrorCode::OutOfMemory)) => DatabaseError::MemoryLimit(access.memory_bytes),
        (_, Some(ErrorCode::AuthorizationForStatementDenied | ErrorCode::ReadOnly | ErrorCode::PermissionDenied)) => {
            DatabaseError::Denied(message(error))
        }
        (_, Some(ErrorCode::CannotOpen | ErrorCode::SystemIoFailure)) => {
            DatabaseError::Unreadable { path: path.to_owned(), reason: message(error) }
        }
        _ if is_too_complex(&message(error)) => DatabaseError::TooComplex(message(error)),
        _ => DatabaseError::Sql { message: message(error), place: place(error) },
    }
}

/// Where in the statement SQLite stumbled, if it says so.
fn place(error: &rusqlite::Error) -> Option<Place> {
    let rusqlite::Error::SqlInputError { sql, offset, .. } = error else { return None };
    let before = sql.get(..usize::try_from(*offset).ok()?)?;
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    Some(Place { line: u32::try_from(line).ok()?, column: u32::try_from(column).ok()? })
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

/// SQLite's own words.
fn message(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    }
}
