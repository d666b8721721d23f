//! The state of a database file: tells whether it was changed or replaced, and how it must be opened.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::DatabaseError;

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Where the header keeps the version needed to read (2 means write-ahead log), and the count of changes.
const READ_VERSION: usize = 19;
const CHANGES: usize = 24;
/// File systems stamp times by their own tick: a change within it leaves no trace in the time.
const TICK: Duration = Duration::from_millis(50);

/// What a file was like at one moment. Two equal stamps mean the same rows, unless [`Stamp::is_settled`] says no.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// Device and number of the file, where the platform has them.
    file: (u64, u64),
    bytes: u64,
    modified: Option<SystemTime>,
    changes: [u8; 4],
    log: Option<Log>,
    pub(super) access: Opening,
}

/// The write-ahead log beside a file, if there is something in it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Log {
    bytes: u64,
    modified: Option<SystemTime>,
    /// Numbers that every new log draws.
    salts: [u8; 8],
}

/// The way of opening that leaves nothing behind in the file's folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Opening {
    /// With a rollback journal: locks are enough.
    Journal,
    /// In WAL mode with nothing in the log: opened as immutable, as the usual way would create files beside it.
    Settled,
    /// A log with the index that its writers share.
    LiveLog,
    /// A log whose writers are gone: its index is made in memory.
    OrphanedLog,
}

impl Opening {
    /// No lock is held while a statement reads, so the file must be looked at again afterwards.
    pub(super) fn is_unlocked(self) -> bool {
        matches!(self, Self::Settled | Self::OrphanedLog)
    }
}

impl Stamp {
    /// Looks at the file: there, a file, readable, SQLite.
    pub fn of(path: &Path) -> Result<Self, DatabaseError> {
        let unreadable = |error: io::Error| unreadable(path, &error);
        let mut file = open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if !metadata.is_file() {
            return Err(DatabaseError::NotAFile(path.to_owned()));
        }
        let mut header = [0_u8; 100];
        if file.read_exact(&mut header).is_err() || !header.starts_with(MAGIC) {
            return Err(DatabaseError::NotADatabase(path.to_owned()));
        }
        let (log, access) = if header[READ_VERSION] == 2 { log_of(path) } else { (None, Opening::Journal) };
        Ok(Self {
            file: identity(&metadata),
            bytes: metadata.len(),
            modified: metadata.modified().ok(),
            changes: std::array::from_fn(|n| header[CHANGES + n]),
            log,
            access,
        })
    }

    /// True if the file is certainly as it was, told without opening it; false means a closer look.
    pub(super) fn is_still(&self, path: &Path) -> bool {
        let is_log_empty = || fs::metadata(beside(path, "-wal")).map_or(true, |log| log.len() == 0);
        let is_same = |now: &Metadata| {
            identity(now) == self.file && now.len() == self.bytes && now.modified().ok() == self.modified
        };
        self.is_settled()
            && fs::metadata(path).is_ok_and(|now| is_same(&now))
            && match self.access {
                Opening::Journal => true,
                Opening::Settled => is_log_empty(),
                Opening::LiveLog | Opening::OrphanedLog => false,
            }
    }

    /// False if a change just now could have left the stamp as it is.
    pub fn is_settled(&self) -> bool {
        let is_old = |time: Option<SystemTime>| {
            time.and_then(|time| SystemTime::now().duration_since(time).ok()).is_some_and(|age| age > TICK)
        };
        is_old(self.modified) && self.log.as_ref().is_none_or(|log| is_old(log.modified))
    }

    /// True if other programs share the log's index at this moment.
    pub(super) fn is_in_use(&self) -> bool {
        self.access == Opening::LiveLog
    }

    /// Device and number of the file.
    pub(super) fn file(&self) -> (u64, u64) {
        self.file
    }

    /// The whole stamp as text, to name kept files by.
    pub fn token(&self) -> String {
        format!("{self:?}")
    }
}

fn log_of(path: &Path) -> (Option<Log>, Opening) {
    let log = File::open(beside(path, "-wal")).and_then(|mut file| {
        let metadata = file.metadata()?;
        let mut header = [0_u8; 24];
        file.read_exact(&mut header)?;
        let salts = std::array::from_fn(|n| header[16 + n]);
        Ok(Log { bytes: metadata.len(), modified: metadata.modified().ok(), salts })
    });
    match log {
        Ok(log) if beside(path, "-shm").exists() => (Some(log), Opening::LiveLog),
        Ok(log) => (Some(log), Opening::OrphanedLog),
        // Empty, cut off in its header, or not there: nothing in it counts.
        Err(_) => (None, Opening::Settled),
    }
}

/// A folder can be opened on some systems and not on others; a pipe would block until somebody writes to it.
fn open(path: &Path) -> io::Result<File> {
    let metadata = fs::metadata(path)?;
    if metadata.is_file() { File::open(path) } else { File::open(path).and(Err(io::ErrorKind::IsADirectory.into())) }
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn unreadable(path: &Path, error: &io::Error) -> DatabaseError {
    match error.kind() {
        io::ErrorKind::NotFound => DatabaseError::Missing(path.to_owned()),
        io::ErrorKind::IsADirectory => DatabaseError::NotAFile(path.to_owned()),
        _ => DatabaseError::Unreadable { path: path.to_owned(), reason: error.to_string() },
    }
}
