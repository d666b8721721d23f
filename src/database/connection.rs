//! Opens a SQLite file so that neither the file nor its folder changes.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::guard::{self, Purpose};
use super::{DatabaseError, run};

/// How long a lock is waited for.
const BUSY: Duration = Duration::from_millis(500);
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// An open connection with the state of the file it was opened on.
#[derive(Debug)]
pub struct Pooled {
    pub connection: Connection,
    pub stamp: Stamp,
}

/// Tells whether a file was changed or replaced, and how it must be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
    /// In WAL mode with nothing in the log: opening it the usual way would create files beside it.
    settled_wal: bool,
}

impl Stamp {
    /// Looks at the file: there, a file, readable, SQLite.
    pub fn of(path: &Path) -> Result<Self, DatabaseError> {
        let metadata = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
        if !metadata.is_file() {
            return Err(DatabaseError::NotAFile(path.to_owned()));
        }
        let mut header = [0_u8; 20];
        let read = File::open(path).and_then(|mut file| file.read(&mut header)).map_err(|e| unreadable(path, &e))?;
        if read < header.len() || !header.starts_with(MAGIC) {
            return Err(DatabaseError::NotADatabase(path.to_owned()));
        }
        // Byte 19 is the version needed to read: 2 means write-ahead log.
        let settled_wal = header[19] == 2 && fs::metadata(beside(path, "-wal")).map_or(true, |wal| wal.len() == 0);
        Ok(Self { bytes: metadata.len(), modified: metadata.modified().ok(), settled_wal })
    }
}

/// Opens a guarded connection.
pub fn open(path: &Path, purpose: Purpose) -> Result<Pooled, DatabaseError> {
    let stamp = Stamp::of(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let explain = |error| run::explain(&error, path);
    let mut connection = Connection::open_with_flags(uri(path, stamp.settled_wal), flags).map_err(explain)?;
    connection.busy_timeout(BUSY).map_err(explain)?;
    guard::install(&mut connection, purpose).map_err(|error| match error.sqlite_error_code() {
        // A journal waits to be rolled back, or a log to be recovered.
        Some(ErrorCode::ReadOnly) => DatabaseError::Unfinished(path.to_owned()),
        _ => explain(error),
    })?;
    Ok(Pooled { connection, stamp })
}

/// The path as a URI; every byte that could mean something in one is written as `%xx`.
fn uri(path: &Path, immutable: bool) -> String {
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
    uri.push_str(if immutable { "?mode=ro&immutable=1" } else { "?mode=ro" });
    uri
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn unreadable(path: &Path, error: &std::io::Error) -> DatabaseError {
    if error.kind() == std::io::ErrorKind::NotFound {
        return DatabaseError::Missing(path.to_owned());
    }
    DatabaseError::Unreadable { path: path.to_owned(), reason: error.to_string() }
}
