//! Runs a checked statement away from the async threads, and stops it when nobody waits any more.

use std::time::{Duration, Instant};

use super::{ColumnType, ExecutionError, Limits, ResultColumn, ResultSet, Unit};
use crate::database::{Bounds, Cancel, Database, Rows};
use crate::pipeline::progress::{Progress, Report};
use crate::pipeline::validation::ReadOnlySql;
use crate::schema::{SemanticType, Value};

/// Between two reports of rows fetched.
const REPORT_EVERY: Duration = Duration::from_millis(200);

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
    let cancel = Cancel::default();
    let stop = StopOnDrop(cancel.clone());
    let bounds = Bounds { rows: limits.rows, time: limits.time, bytes: limits.bytes, policy: sql.policy().clone() };
    let (database, text) = (database.clone(), sql.text().to_owned());
    let mut work = tokio::task::spawn_blocking(move || database.run(&text, &bounds, &cancel));
    let mut tick = tokio::time::interval(REPORT_EVERY);
    tick.tick().await;
    let rows = loop {
        tokio::select! {
            done = &mut work => break done.map_err(|_| ExecutionError::Stopped)??,
            _ = tick.tick() => match stop.0.fetched() {
                0 => {}
                fetched => report(Progress::Rows(fetched)),
            },
        }
    };
    report(Progress::Rows(rows.rows.len()));
    Ok(result_set(rows, sql, begun.elapsed()))
}

/// Interrupts the statement when the waiting side goes away.
struct StopOnDrop(Cancel);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

fn result_set(rows: Rows, sql: &ReadOnlySql, elapsed: Duration) -> ResultSet {
    let known = sql.outputs().len() == rows.names.len();
    let columns = rows.names.into_iter().enumerate().map(|(n, name)| {
        let output = sql.outputs().get(n).filter(|_| known);
        let semantic = output.map_or(SemanticType::Unknown, |output| output.semantic);
        ResultColumn { name, kind: column_type(&rows.rows, n), unit: unit_of(semantic), semantic }
    });
    let columns = columns.collect();
    ResultSet { columns, rows: rows.rows, truncated: rows.truncated, elapsed, bytes: rows.bytes }
}

fn unit_of(semantic: SemanticType) -> Option<Unit> {
    match semantic {
        SemanticType::Money | SemanticType::UnitPrice => Some(Unit::Money),
        SemanticType::Percent => Some(Unit::Percent),
        _ => None,
    }
}

fn column_type(rows: &[Vec<Value>], column: usize) -> ColumnType {
    let mut kinds = rows.iter().filter_map(|row| kind_of(row.get(column)?));
    match kinds.next() {
        Some(first) if kinds.all(|kind| kind == first) => first,
        _ => ColumnType::Any,
    }
}

fn kind_of(value: &Value) -> Option<ColumnType> {
    Some(match value {
        Value::Null => return None,
        Value::Integer(_) => ColumnType::Integer,
        Value::Real(_) => ColumnType::Real,
        Value::Text(_) => ColumnType::Text,
        Value::Blob(_) => ColumnType::Blob,
    })
}
