//! Opens a SQLite file so that neither the file nor its folder changes.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::guard::{self, Purpose};
use super::hidden::Hidden;
use super::stamp::{Opening, Stamp};
use super::{Access, DatabaseError, run};

/// How long a lock is waited for.
const BUSY: Duration = Duration::from_millis(500);
/// Statements that a connection keeps compiled.
const STATEMENTS: usize = 64;
/// SQLite's layer over the operating system without locks and shared memory: it cannot leave a file behind.
const NO_LOCKS: &str = if cfg!(windows) { "win32-none" } else { "unix-none" };

/// An open connection with the state of the file it was opened on.
#[derive(Debug)]
pub struct Pooled {
    pub connection: Connection,
    pub stamp: Stamp,
    pub hidden: Arc<Hidden>,
}

/// Opens a guarded connection.
pub fn open(path: &Path, access: &Access, purpose: Purpose) -> Result<Pooled, DatabaseError> {
    let stamp = Stamp::of(path)?;
    let (connection, hidden) = match stamp.access {
        // A reader that cannot write the writers' index may find no place in it to mark what it reads.
        Opening::LiveLog => open_as(path, "&readonly_shm=1", access, purpose, &stamp)
            .or_else(|_| open_as(path, "", access, purpose, &stamp))?,
        Opening::Journal => open_as(path, "", access, purpose, &stamp)?,
        Opening::Settled => open_as(path, "&immutable=1", access, purpose, &stamp)?,
        Opening::OrphanedLog => open_as(path, &format!("&vfs={NO_LOCKS}"), access, purpose, &stamp)?,
    };
    Ok(Pooled { connection, stamp, hidden })
}

fn open_as(
    path: &Path,
    manner: &str,
    access: &Access,
    purpose: Purpose,
    stamp: &Stamp,
) -> Result<(Connection, Arc<Hidden>), DatabaseError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let explain = |error| run::explain(&error, path, access);
    let mut connection =
        Connection::open_with_flags(format!("{}?mode=ro{manner}", uri(path)), flags).map_err(explain)?;
    connection.busy_timeout(BUSY).map_err(explain)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    if stamp.access == Opening::OrphanedLog {
        // Alone with the file: the log's index is then made in memory.
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE").map_err(explain)?;
    }
    let hidden = guard::install(&mut connection, purpose, access).map_err(|error| match error.sqlite_error_code() {
        // A journal waits to be rolled back, or a log to be recovered.
        Some(ErrorCode::ReadOnly) => DatabaseError::Unfinished(path.to_owned()),
        _ => explain(error),
    })?;
    Ok((connection, hidden))
}

/// The path as a URI; every byte that could mean something in one is written as `%xx`.
fn uri(path: &Path) -> String {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut uri = String::from("file:");
    for byte in absolute.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => uri.push(char::from(*byte)),
            other => {
                uri.push('%');
                uri.extend([other >> 4, other & 15].map(|digit| char::from(b"0123456789ABCDEF"[usize::from(digit)])));
            }
        }
    }
    uri
}
