//! Runs a checked statement away from the async threads, and stops it when nobody waits any more.

use std::io;
use std::time::{Duration, Instant};

use super::{ColumnType, ExecutionError, Limits, ResultColumn, ResultSet, Unit};
use crate::database::{Bounds, Cancel, Database, DatabaseError, Ended, Receive, Rows};
use crate::pipeline::progress::{Progress, Report};
use crate::pipeline::validation::{Output, ReadOnlySql};
use crate::schema::{Cell, SemanticType, Value};

/// Between two reports of rows fetched.
const REPORT_EVERY: Duration = Duration::from_millis(200);

/// Takes the rows of a statement as they are read, on a thread of its own.
pub trait RowSink: Send {
    /// Called once, before the first row. Types are those of the first row.
    fn begin(&mut self, columns: &[ResultColumn]) -> io::Result<()>;

    fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()>;

    /// Forgets all that was written, as the file changed under the statement; false if that cannot be done. What
    /// follows starts with [`RowSink::begin`] again.
    fn restart(&mut self) -> io::Result<bool>;
}

/// Runs a statement within its limits. Dropping the future interrupts it.
///
/// # Errors
/// Whatever keeps all rows from being read, but for the limit on rows, which cuts and says so.
pub async fn run(
    database: &Database,
    sql: &ReadOnlySql,
    limits: Limits,
    report: Report<'_>,
) -> Result<ResultSet, ExecutionError> {
    let begun = Instant::now();
    let (ended, Rows { names, rows, .. }) = receive(database, sql, limits, Rows::default(), report).await?;
    let ended = ended?;
    let columns = columns(names, sql.outputs(), |n| column_type(&rows, n));
    Ok(ResultSet { columns, rows, truncated: ended.truncated, elapsed: begun.elapsed(), bytes: ended.bytes })
}

/// What became of a statement whose rows were handed over.
#[derive(Debug)]
pub struct Streamed {
    /// Columns, but no rows.
    pub result: ResultSet,
    /// Rows handed over.
    pub rows: usize,
}

/// As [`run`], with each row handed to the sink instead of being kept. The sink comes back with what happened, unless
/// the program is shutting down.
pub async fn stream<S: RowSink + 'static>(
    database: &Database,
    sql: &ReadOnlySql,
    limits: Limits,
    sink: S,
    report: Report<'_>,
) -> (Result<Streamed, ExecutionError>, Option<S>) {
    let begun = Instant::now();
    let sinking = Sinking { sink, outputs: sql.outputs().to_vec(), names: None, columns: Vec::new() };
    let (ended, mut sinking) = match receive(database, sql, limits, sinking, report).await {
        Ok(received) => received,
        Err(error) => return (Err(error), None),
    };
    let ended = ended.and_then(|ended| match sinking.begin(&[]) {
        Ok(()) => Ok(ended),
        Err(error) => Err(DatabaseError::Output(error)),
    });
    let streamed = ended.map(|ended| Streamed {
        result: ResultSet {
            columns: sinking.columns,
            truncated: ended.truncated,
            elapsed: begun.elapsed(),
            bytes: ended.bytes,
            ..ResultSet::default()
        },
        rows: ended.rows,
    });
    (streamed.map_err(ExecutionError::from), Some(sinking.sink))
}

/// Runs a statement on a blocking thread once it is its turn; gives the receiver back.
async fn receive<R: Receive + Send + 'static>(
    database: &Database,
    sql: &ReadOnlySql,
    limits: Limits,
    mut receiver: R,
    report: Report<'_>,
) -> Result<(Result<Ended, DatabaseError>, R), ExecutionError> {
    let slots = database.slots().clone().acquire_owned();
    let slot = tokio::time::timeout(limits.time, slots).await.map_err(|_| DatabaseError::Crowded)?;
    let slot = slot.map_err(|_| ExecutionError::Stopped)?;
    let cancel = Cancel::default();
    let stop = StopOnDrop(cancel.clone());
    let bounds = Bounds { rows: limits.rows, time: limits.time, bytes: limits.bytes, steps: None };
    let (database, text) = (database.clone(), sql.text().to_owned());
    let mut work = tokio::task::spawn_blocking(move || {
        let ended = database.stream(&text, &bounds, &cancel, &mut receiver);
        // Held until the statement has ended, however soon nobody waits for it.
        drop(slot);
        (ended, receiver)
    });
    // Not an interval that ticks at once: the timer would round that up to a millisecond.
    let mut tick = tokio::time::interval_at(tokio::time::Instant::now() + REPORT_EVERY, REPORT_EVERY);
    let received = loop {
        tokio::select! {
            done = &mut work => break done.map_err(|_| ExecutionError::Stopped)?,
            _ = tick.tick() => match stop.0.fetched() {
                0 => {}
                fetched => report(Progress::Rows(fetched)),
            },
        }
    };
    if let Ok(ended) = &received.0 {
        report(Progress::Rows(ended.rows));
    }
    Ok(received)
}

/// Interrupts the statement when the waiting side goes away.
struct StopOnDrop(Cancel);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Tells a sink of its columns once the first row is there.
struct Sinking<S> {
    sink: S,
    outputs: Vec<Output>,
    /// Not yet told.
    names: Option<Vec<String>>,
    columns: Vec<ResultColumn>,
}

impl<S: RowSink> Sinking<S> {
    fn begin(&mut self, first: &[Cell<'_>]) -> io::Result<()> {
        let Some(names) = self.names.take() else { return Ok(()) };
        let kind = |n: usize| first.get(n).and_then(|cell| kind_of(*cell)).unwrap_or(ColumnType::Any);
        self.columns = columns(names, &self.outputs, kind);
        self.sink.begin(&self.columns)
    }
}

impl<S: RowSink> Receive for Sinking<S> {
    fn columns(&mut self, names: Vec<String>) -> io::Result<()> {
        self.names = Some(names);
        Ok(())
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        self.begin(cells)?;
        self.sink.row(cells)
    }

    fn restart(&mut self) -> io::Result<bool> {
        self.sink.restart()
    }
}

fn columns(names: Vec<String>, outputs: &[Output], kind: impl Fn(usize) -> ColumnType) -> Vec<ResultColumn> {
    let known = outputs.len() == names.len();
    let column = |(n, name)| {
        let output = outputs.get(n).filter(|_| known);
        let semantic = output.map_or(SemanticType::Unknown, |output: &Output| output.semantic);
        ResultColumn { name, kind: kind(n), unit: unit_of(semantic), semantic }
    };
    names.into_iter().enumerate().map(column).collect()
}

fn unit_of(semantic: SemanticType) -> Option<Unit> {
    match semantic {
        SemanticType::Money | SemanticType::UnitPrice => Some(Unit::Money),
        SemanticType::Percent => Some(Unit::Percent),
        _ => None,
    }
}

fn column_type(rows: &[Vec<Value>], column: usize) -> ColumnType {
    let mut kinds = rows.iter().filter_map(|row| kind_of(row.get(column)?.cell()));
    match kinds.next() {
        Some(first) if kinds.all(|kind| kind == first) => first,
        _ => ColumnType::Any,
    }
}

fn kind_of(cell: Cell<'_>) -> Option<ColumnType> {
    Some(match cell {
        Cell::Null => return None,
        Cell::Integer(_) => ColumnType::Integer,
        Cell::Real(_) => ColumnType::Real,
        Cell::Text(_) => ColumnType::Text,
        Cell::Blob(_) => ColumnType::Blob,
    })
}
