//! Databases for tests.

use std::io::ErrorKind;
use std::path::Path;

use rusqlite::{Connection, ErrorCode};

/// Makes a database. The memory that SQLite may take is one for the whole process, so a test that spends it on purpose
/// can make this one fail for a moment: then it is begun anew.
///
/// # Panics
/// If a statement fails for any other reason.
pub fn make(path: &Path, statements: &str) {
    loop {
        let made = Connection::open(path).and_then(|connection| connection.execute_batch(statements));
        match made {
            Ok(()) => return,
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::OutOfMemory) => {
                // Where there was no memory to open it, there is no file yet.
                if let Err(error) = std::fs::remove_file(path) {
                    assert_eq!(error.kind(), ErrorKind::NotFound, "begins anew: {error}");
                }
                std::thread::yield_now();
            }
            Err(error) => panic!("the statements run: {error}"),
        }
    }
}
