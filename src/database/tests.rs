//! The file and its folder: what is read while others write, and that nothing of it ever changes.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use rusqlite::Connection;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::*;
use crate::schema::{Cell, Value};

const BOUNDS: Bounds = Bounds { rows: None, time: Duration::from_secs(10), bytes: None, steps: None };
const ROWS: &str = "CREATE TABLE items(id INTEGER PRIMARY KEY, title TEXT); \
                    INSERT INTO items VALUES (1, 'Ice'), (2, 'Peas'), (3, 'Milk'), (4, 'Tea')";

struct Folder {
    folder: TempDir,
}

impl Folder {
    /// With a database of four items.
    fn new() -> Self {
        let folder = Self { folder: tempfile::tempdir().expect("a folder") };
        folder.write(ROWS);
        folder
    }

    /// The same in WAL mode, its log tidied away.
    fn with_log() -> Self {
        let folder = Self::new();
        folder.write("PRAGMA journal_mode = WAL");
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn shop(&self) -> PathBuf {
        self.path("shop.db")
    }

    fn writer(&self) -> Connection {
        Connection::open(self.shop()).expect("opens")
    }

    fn write(&self, sql: &str) {
        self.writer().execute_batch(sql).expect("writes");
    }

    fn database(&self) -> Database {
        Database::open(&self.shop()).expect("opens")
    }

    /// A copy of these files in a folder of their own: what a program leaves that was killed.
    fn copied(&self, endings: &[&str]) -> Self {
        let copy = Self { folder: tempfile::tempdir().expect("a folder") };
        for ending in endings {
            let name = format!("shop.db{ending}");
            fs::copy(self.path(&name), copy.path(&name)).expect(&name);
        }
        copy
    }

    /// Name, length and digest of every file.
    fn contents(&self) -> BTreeMap<String, String> {
        let files = fs::read_dir(self.folder.path()).expect("a folder").flatten();
        let digest = |bytes: Vec<u8>| format!("{} bytes, {:x?}", bytes.len(), Sha256::digest(&bytes));
        let told = files.map(|f| (f.file_name().to_string_lossy().into_owned(), fs::read(f.path()).expect("a file")));
        told.map(|(name, bytes)| (name, digest(bytes))).collect()
    }

    /// Without the index of the log, in which all readers mark their place while its writers live.
    fn contents_but_index(&self) -> BTreeMap<String, String> {
        self.contents()
            .into_iter()
            .map(|(n, c)| if n.ends_with("-shm") { (n, String::new()) } else { (n, c) })
            .collect()
    }
}

fn count(database: &Database) -> Result<i64, DatabaseError> {
    let rows = database.run("SELECT count(*) FROM items", &BOUNDS, &Cancel::default())?;
    match rows.rows[0][0] {
        Value::Integer(count) => Ok(count),
        ref other => panic!("{other:?}"),
    }
}

#[test]
fn a_changed_file_is_read_anew() {
    let folder = Folder::new();
    let database = folder.database();
    assert_eq!(count(&database).expect("runs"), 4);
    folder.write("INSERT INTO items VALUES (5, 'Jam')");
    assert_eq!(count(&database).expect("runs"), 5);
}

#[test]
fn a_file_that_is_replaced_or_gone_is_noticed_and_read_again_once_it_is_back() {
    let folder = Folder::new();
    let database = folder.database();
    assert_eq!(count(&database).expect("runs"), 4);
    let other = Folder::new();
    other.write("DELETE FROM items WHERE id > 1");
    fs::rename(folder.shop(), folder.path("old.db")).expect("moves");
    assert!(matches!(count(&database), Err(DatabaseError::Missing(_))));
    fs::copy(other.shop(), folder.path("new.db")).expect("copies");
    fs::rename(folder.path("new.db"), folder.shop()).expect("moves");
    assert_eq!(count(&database).expect("runs"), 1);
    fs::write(
        folder.shop(),
        "no longer a database, but long enough to be looked at as if it were one, a hundred bytes",
    )
    .expect("writes");
    assert!(matches!(count(&database), Err(DatabaseError::NotADatabase(_))));
    fs::rename(folder.path("old.db"), folder.shop()).expect("moves");
    assert_eq!(count(&database).expect("runs"), 4);
}

#[test]
fn a_settled_log_is_read_without_leaving_anything_beside_it() {
    let folder = Folder::with_log();
    let before = folder.contents();
    let database = folder.database();
    assert_eq!(count(&database).expect("runs"), 4);
    assert_eq!(folder.contents(), before);
    drop(database);
    assert_eq!(folder.contents(), before);
}

#[test]
fn rows_still_in_the_log_are_read_and_its_writers_can_tidy_it_away() {
    let folder = Folder::with_log();
    let writer = folder.writer();
    writer.execute_batch("DELETE FROM items WHERE id = 4").expect("writes");
    let before = folder.contents_but_index();
    assert_eq!(before.len(), 3, "the log and its index");
    let database = folder.database();
    assert_eq!(count(&database).expect("runs"), 3);
    assert_eq!(folder.contents_but_index(), before);
    writer.execute_batch("DELETE FROM items WHERE id = 3").expect("writes");
    assert_eq!(count(&database).expect("runs"), 2);
    drop(writer);
    assert_eq!(folder.contents().len(), 1, "the last writer merged the log");
    assert_eq!(count(&database).expect("runs"), 2);
    assert_eq!(folder.contents().len(), 1);
}

#[test]
fn a_log_left_behind_is_read_and_left_as_it_is() {
    let folder = Folder::with_log();
    let writer = folder.writer();
    writer.execute_batch("DELETE FROM items WHERE id = 4").expect("writes");
    for endings in [&["", "-wal"][..], &["", "-wal", "-shm"][..]] {
        let left = folder.copied(endings);
        let before = left.contents();
        let database = left.database();
        assert_eq!(count(&database).expect("runs"), 3, "{endings:?}");
        assert_eq!(database.read_schema().expect("reads").tables[0].row_count, Some(3));
        assert_eq!(left.contents(), before, "{endings:?}");
        drop(database);
        assert_eq!(left.contents(), before, "{endings:?}");
    }
}

/// Lets others write while a statement is under way.
struct Meanwhile<'f> {
    folder: &'f Folder,
    /// Times that somebody still writes.
    writes: usize,
    seen: Vec<i64>,
    may_restart: bool,
}

impl Receive for Meanwhile<'_> {
    fn columns(&mut self, _: Vec<String>) -> std::io::Result<()> {
        Ok(())
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> std::io::Result<()> {
        if self.writes > 0 && self.seen.is_empty() {
            self.writes -= 1;
            self.folder.write("INSERT INTO items(title) VALUES ('Jam')");
        }
        if let Cell::Integer(id) = cells[0] {
            self.seen.push(id);
        }
        Ok(())
    }

    fn restart(&mut self) -> std::io::Result<bool> {
        self.seen.clear();
        Ok(self.may_restart)
    }
}

#[test]
fn rows_read_while_the_file_changed_are_read_again() {
    let folder = Folder::with_log();
    let database = folder.database();
    let read = |meanwhile: &mut Meanwhile<'_>| {
        database.stream("SELECT id FROM items", &BOUNDS, &Cancel::default(), meanwhile).map(|ended| ended.rows)
    };
    let mut once = Meanwhile { folder: &folder, writes: 1, seen: Vec::new(), may_restart: true };
    assert_eq!(read(&mut once).expect("at the second try"), 5);
    assert_eq!(once.seen, [1, 2, 3, 4, 5]);
    let mut written = Meanwhile { folder: &folder, writes: 1, seen: Vec::new(), may_restart: false };
    assert!(matches!(read(&mut written), Err(DatabaseError::Changing)));
    let mut always = Meanwhile { folder: &folder, writes: usize::MAX, seen: Vec::new(), may_restart: true };
    assert!(matches!(read(&mut always), Err(DatabaseError::Changing)));
    assert_eq!(read(&mut Meanwhile { folder: &folder, writes: 0, seen: Vec::new(), may_restart: false }).ok(), Some(9));
}

#[test]
fn a_locked_file_says_so_and_is_read_once_it_is_free() {
    let folder = Folder::new();
    let database = folder.database();
    let writer = folder.writer();
    writer.execute_batch("BEGIN EXCLUSIVE; DELETE FROM items").expect("locks");
    assert!(matches!(count(&database), Err(DatabaseError::Busy)));
    writer.execute_batch("ROLLBACK").expect("frees");
    assert_eq!(count(&database).expect("runs"), 4);
}

#[test]
fn a_write_left_unfinished_is_said_so() {
    let folder = Folder::new();
    let writer = folder.writer();
    // A small cache makes the writer put pages into the file before it commits.
    let many = "PRAGMA cache_size = 5; BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n LIMIT 2000) \
                INSERT INTO items(title) SELECT hex(randomblob(100)) FROM n";
    writer.execute_batch(many).expect("writes");
    let left = folder.copied(&["", "-journal"]);
    let before = left.contents();
    assert!(matches!(Database::open(&left.shop()), Err(DatabaseError::Unfinished(_))));
    assert_eq!(left.contents(), before);
}

#[test]
fn what_is_no_database_is_said_so_and_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = folder.path().join("notes.txt");
    fs::write(&text, "not a database, but long enough to hold a header of a hundred bytes").expect("writes");
    assert!(matches!(Database::open(&folder.path().join("gone.db")), Err(DatabaseError::Missing(_))));
    assert!(matches!(Database::open(folder.path()), Err(DatabaseError::NotAFile(_))));
    assert!(matches!(Database::open(&text), Err(DatabaseError::NotADatabase(_))));
    let broken = folder.path().join("broken.db");
    fs::write(&broken, [b"SQLite format 3\0".as_slice(), &[0xff; 400]].concat()).expect("writes");
    assert!(Database::open(&broken).is_err());
}

#[test]
fn a_path_may_hold_what_means_something_in_a_uri() {
    let folder = Folder::new();
    let odd = folder.path("50% off? #1 & more=ü .db");
    fs::copy(folder.shop(), &odd).expect("copies");
    assert!(Database::open(&odd).is_ok());
    assert_eq!(folder.contents().len(), 2);
}

#[test]
fn a_value_beyond_the_limit_keeps_nobody_from_the_rest() {
    let folder = Folder::new();
    folder
        .write("ALTER TABLE items ADD COLUMN picture BLOB; UPDATE items SET picture = zeroblob(2000000) WHERE id = 2");
    let database = folder.database();
    let table = &database.read_schema().expect("reads").tables[0];
    assert_eq!((table.row_count, table.columns[2].profile.nulls), (Some(4), 3));
    let run = |sql: &str| database.run(sql, &BOUNDS, &Cancel::default());
    assert_eq!(run("SELECT title, length(picture) FROM items").expect("runs").rows.len(), 4);
    let error = run("SELECT picture FROM items").expect_err("too long");
    assert!(matches!(error, DatabaseError::ValueLimit(1_000_000)), "{error}");
    assert!(error.hint().contains("limits.value_bytes"));
    let raised = Access { value_bytes: 3_000_000, ..Access::default() };
    let database = Database::open_with(&folder.shop(), raised).expect("opens");
    let rows = database.run("SELECT picture FROM items", &BOUNDS, &Cancel::default()).expect("runs");
    assert_eq!(rows.rows[1][0].size(), 2_000_000);
}

#[test]
fn other_tables_are_told_from_other_rows() {
    for folder in [Folder::new(), Folder::with_log()] {
        let database = folder.database();
        let before = (database.stamp().expect("a stamp"), database.tables().expect("a version"));
        assert_eq!((database.stamp().expect("a stamp"), database.tables().expect("a version")), before);
        folder.write("UPDATE items SET title = 'Ham' WHERE id = 1");
        assert_ne!(database.stamp().expect("a stamp"), before.0);
        assert_eq!(database.tables().expect("a version"), before.1);
        folder.write("CREATE TABLE more(a)");
        assert_ne!(database.tables().expect("a version"), before.1);
    }
}
