//! Puts statements to the gate, to the guarded connection and to an unguarded one, and says what should not have been.
//!
//! What passes the gate is run as the program runs it, and a share of it on a connection that may write, where only the
//! gate stands in the way. What the gate refuses is thrown at the guarded connection all the same. Every other
//! statement runs under a policy that hides a column whose values are known, and must never be seen.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::Path;
use std::sync::Once;
use std::time::{Duration, Instant};

use rusqlite::hooks::{AuthAction, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};
use t2s::config::Policy;
use t2s::database::{Access, Bounds, Cancel, Database, DatabaseError, Rows};
use t2s::pipeline::validation::{ReadOnlySql, check};
use t2s::schema::{Schema, Value};
use tempfile::TempDir;

use super::commands::PLANTED;
use super::statements::Statements;

const BASE: &str = include_str!("../cases/sql/base.sql");
/// Stands in every value of the column that the policy hides.
const CANARY: &str = "canary-7f3a";
/// A right query and what it gives, whatever came before.
const NEXT: (&str, i64, i64) = ("SELECT count(*), sum(units) FROM sale_lines", 6, 35);
/// Time that a statement may run.
pub const TIME: Duration = Duration::from_millis(30);
/// Rows that a statement may give.
const ROWS: usize = 50;
/// Bytes of the longest value on the unguarded connection, where nothing else bounds what one function costs.
const BARE_VALUE: i32 = 10_000;

/// What a statement did that it should not have done.
#[derive(Debug)]
pub struct Offence {
    pub ordinals: Range<u64>,
    pub sql: String,
    pub what: String,
}

/// What was seen so far.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    pub statements: u64,
    /// Let through by the gate.
    pub passed: u64,
    /// Let through, and gave a result.
    pub ran: u64,
    /// Let through, and stopped by a limit.
    pub limited: u64,
    /// Let through, but SQLite finds no meaning in it.
    pub wrong: u64,
    /// Refused by the gate, but harmless enough for the connection alone.
    pub ran_raw: u64,
    /// Compiled by an SQLite without any guard.
    pub prepared: u64,
    /// Run on the unguarded connection.
    pub bare: u64,
    /// Let through with another number of columns than SQLite gives.
    pub columns_differ: u64,
    pub slowest: (Duration, String),
    /// Of the texts, to count those that differ.
    pub hashes: Vec<u64>,
}

impl Totals {
    pub fn add(&mut self, other: Self) {
        self.statements += other.statements;
        self.passed += other.passed;
        self.ran += other.ran;
        self.limited += other.limited;
        self.wrong += other.wrong;
        self.ran_raw += other.ran_raw;
        self.prepared += other.prepared;
        self.bare += other.bare;
        self.columns_differ += other.columns_differ;
        self.hashes.extend(other.hashes);
        if other.slowest.0 > self.slowest.0 {
            self.slowest = other.slowest;
        }
    }

    pub fn distinct(&self) -> usize {
        let mut hashes = self.hashes.clone();
        hashes.sort_unstable();
        hashes.dedup();
        hashes.len()
    }

    /// A share of all statements, in percent.
    pub fn share(&self, part: u64) -> f64 {
        100.0 * part as f64 / self.statements.max(1) as f64
    }
}

/// A guarded database with its policy.
struct Side {
    database: Database,
    policy: Policy,
}

/// Databases of one's own, and what came of the statements put to them.
pub struct Trial {
    folder: TempDir,
    bare_folder: TempDir,
    sides: [Side; 2],
    schema: Schema,
    bare: Connection,
    plain: Connection,
    before: [BTreeMap<String, Vec<u8>>; 2],
    /// Beyond the limit on time, before a statement counts as one that could not be stopped.
    slack: Duration,
    pub totals: Totals,
}

impl Trial {
    pub fn new(slack: Duration) -> Self {
        count_panics();
        let (folder, bare_folder) = (make_database(), make_database());
        let path = folder.path().join("shop.db");
        let hidden = Policy { deny_columns: vec!["staff.pin".to_owned()], ..Policy::default() };
        let sides = [Policy::default(), hidden].map(|policy| {
            let access = Access { policy: policy.clone(), ..Access::default() };
            Side { database: Database::open_with(&path, access).expect("opens"), policy }
        });
        let schema = sides[0].database.read_schema().expect("has a schema");
        let before = [contents(folder.path()), contents(bare_folder.path())];
        let bare = bare_connection(&bare_folder.path().join("shop.db"));
        Self {
            folder,
            bare_folder,
            sides,
            schema,
            bare,
            plain: plain_connection(),
            before,
            slack,
            totals: Totals::default(),
        }
    }

    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Puts statements to the trial, and looks at the files when all are done.
    pub fn examine_all(&mut self, statements: &Statements, ordinals: Range<u64>) -> Result<(), Offence> {
        for ordinal in ordinals.clone() {
            let sql = statements.at(ordinal);
            if let Err(what) = self.examine(ordinal, &sql) {
                return Err(Offence { ordinals: ordinal..ordinal + 1, sql, what });
            }
        }
        let Err(what) = self.settle() else { return Ok(()) };
        Err(self.narrowed(statements, ordinals, what))
    }

    /// The one of several statements after which something was not as before.
    fn narrowed(&self, statements: &Statements, ordinals: Range<u64>, what: String) -> Offence {
        let mut again = Self::new(self.slack);
        for ordinal in ordinals.clone() {
            let sql = statements.at(ordinal);
            if let Err(what) = again.examine(ordinal, &sql).and_then(|()| again.settle()) {
                return Offence { ordinals: ordinal..ordinal + 1, sql, what };
            }
        }
        Offence { ordinals, sql: "(one of these, or several together)".to_owned(), what }
    }

    /// Puts one statement to the trial.
    pub fn examine(&mut self, ordinal: u64, sql: &str) -> Result<(), String> {
        self.count(sql);
        let panics = PANICS.get();
        let side = &self.sides[usize::from(!ordinal.is_multiple_of(2))];
        let begun = Instant::now();
        let checked = catch_unwind(AssertUnwindSafe(|| check(sql, &self.schema, &side.policy)));
        let checked = checked.map_err(|_| "the gate panicked".to_owned())?;
        let text = match &checked {
            Ok(passed) => {
                self.totals.passed += 1;
                stands_again(passed, &self.schema, &side.policy)?;
                passed.text()
            }
            Err(refusal) if refusal.to_string().contains(CANARY) => {
                return Err("the refusal tells a hidden value".into());
            }
            Err(_) => sql,
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| run(&side.database, text, TIME)));
        let outcome = outcome.map_err(|_| "the connection panicked".to_owned())?;
        if PANICS.get() != panics {
            return Err("something panicked further in".to_owned());
        }
        let elapsed = begun.elapsed();
        leaks_nothing(&outcome, &side.policy)?;
        self.tally(checked.as_ref().ok(), &outcome)?;
        if checked.is_ok() && ordinal.is_multiple_of(3) {
            self.run_bare(text)?;
        }
        if elapsed > self.totals.slowest.0 {
            self.totals.slowest = (elapsed, sql.to_owned());
        }
        if elapsed > TIME + self.slack {
            return Err(format!("it took {elapsed:?} at a limit of {TIME:?}"));
        }
        if matches!(&outcome, Err(error) if error.is_limit()) {
            self.next_is_right()?;
        }
        Ok(())
    }

    /// Looks whether everything is as it was: files, connections, the next query.
    pub fn settle(&mut self) -> Result<(), String> {
        self.next_is_right()?;
        self.bare_is_as_before()?;
        for (folder, before) in [&self.folder, &self.bare_folder].into_iter().zip(&self.before) {
            let now = contents(folder.path());
            if now != *before {
                let names: Vec<&String> = now.keys().collect();
                return Err(format!("the files are not as before; there are {names:?}"));
            }
        }
        match PLANTED.iter().find(|name| Path::new(name).exists()) {
            Some(name) => Err(format!("{name} appeared in the working folder")),
            None => Ok(()),
        }
    }

    fn count(&mut self, sql: &str) {
        let mut hasher = DefaultHasher::new();
        sql.hash(&mut hasher);
        self.totals.hashes.push(hasher.finish());
        self.totals.statements += 1;
        self.totals.prepared += u64::from(self.plain.prepare(sql).is_ok());
    }

    fn tally(&mut self, checked: Option<&ReadOnlySql>, outcome: &Result<Rows, DatabaseError>) -> Result<(), String> {
        let totals = &mut self.totals;
        match (checked, outcome) {
            (Some(checked), Ok(rows)) => {
                totals.ran += 1;
                totals.columns_differ += u64::from(rows.names.len() != checked.outputs().len());
            }
            (None, Ok(_)) => totals.ran_raw += 1,
            (_, Err(error)) if is_trouble(error) => return Err(format!("the database is no longer well: {error}")),
            (Some(_), Err(error)) if error.is_limit() => totals.limited += 1,
            (Some(_), Err(_)) => totals.wrong += 1,
            (None, Err(_)) => {}
        }
        Ok(())
    }

    fn next_is_right(&self) -> Result<(), String> {
        for side in &self.sides {
            let rows = run(&side.database, NEXT.0, Duration::from_secs(10));
            let rows = rows.map_err(|error| format!("the next query fails: {error}"))?.rows;
            if rows != [[Value::Integer(NEXT.1), Value::Integer(NEXT.2)]] {
                return Err(format!("the next query gives {rows:?}"));
            }
        }
        Ok(())
    }

    /// Every statement in the text, on a connection that may write.
    fn run_bare(&mut self, text: &str) -> Result<(), String> {
        self.totals.bare += 1;
        let deadline = Instant::now() + TIME;
        let over = move || Instant::now() >= deadline;
        self.bare.progress_handler(500, Some(over)).map_err(|error| error.to_string())?;
        // What matters is not whether it runs, but what is different afterwards.
        let _ = self.bare.execute_batch(text);
        if self.bare.total_changes() != 0 {
            return Err("with only the gate before it, it changed rows".to_owned());
        }
        if !self.bare.is_autocommit() {
            return Err("with only the gate before it, it opened a transaction".to_owned());
        }
        Ok(())
    }

    fn bare_is_as_before(&mut self) -> Result<(), String> {
        self.bare.progress_handler(0, None::<fn() -> bool>).map_err(|error| error.to_string())?;
        let state = bare_state(&self.bare).map_err(|error| format!("the unguarded connection is broken: {error}"))?;
        if state == BARE_STATE { Ok(()) } else { Err(format!("the unguarded connection is {state} for {BARE_STATE}")) }
    }
}

/// What passed is what runs, so it must pass again as itself.
fn stands_again(passed: &ReadOnlySql, schema: &Schema, policy: &Policy) -> Result<(), String> {
    let again = catch_unwind(AssertUnwindSafe(|| check(passed.text(), schema, policy)));
    let again = again.map_err(|_| "the gate panicked at its own text".to_owned())?;
    let again = again.map_err(|refusal| format!("its own text {:?} is refused: {refusal}", passed.text()))?;
    if again.text() != passed.text() {
        return Err(format!("its own text {:?} becomes {:?}", passed.text(), again.text()));
    }
    // A column without an alias is called as it is written, so names may differ where a word became a text.
    let meanings = |sql: &ReadOnlySql| sql.outputs().iter().map(|output| output.semantic).collect::<Vec<_>>();
    if (again.tables(), again.columns(), meanings(&again)) != (passed.tables(), passed.columns(), meanings(passed)) {
        return Err("its own text reads something else".to_owned());
    }
    Ok(())
}

fn leaks_nothing(outcome: &Result<Rows, DatabaseError>, policy: &Policy) -> Result<(), String> {
    if *policy == Policy::default() {
        return Ok(());
    }
    let has_canary = |value: &Value| match value {
        Value::Text(text) => text.contains(CANARY),
        Value::Blob(bytes) => bytes.windows(CANARY.len()).any(|part| part == CANARY.as_bytes()),
        _ => false,
    };
    match outcome {
        Ok(rows) if rows.rows.iter().flatten().any(has_canary) => Err("it read a hidden column".to_owned()),
        Err(error) if error.to_string().contains(CANARY) => Err(format!("its error tells a hidden value: {error}")),
        _ => Ok(()),
    }
}

/// Nothing a statement can say may bring the file into such a state.
fn is_trouble(error: &DatabaseError) -> bool {
    use DatabaseError as E;
    matches!(
        error,
        E::Missing(_)
            | E::NotAFile(_)
            | E::Unreadable { .. }
            | E::NotADatabase(_)
            | E::Damaged(_)
            | E::Unfinished(_)
            | E::Busy
    )
}

fn run(database: &Database, text: &str, time: Duration) -> Result<Rows, DatabaseError> {
    database.run(text, &Bounds { rows: Some(ROWS), time, bytes: Some(2_000_000), steps: None }, &Cancel::default())
}

thread_local! {
    static PANICS: Cell<u64> = const { Cell::new(0) };
}

/// Counts panics of each thread, those too that are caught further in and come out as an error.
fn count_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |info| {
            PANICS.set(PANICS.get() + 1);
            usual(info);
        }));
    });
}

fn make_database() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let connection = Connection::open(folder.path().join("shop.db")).expect("makes a database");
    connection.execute_batch(BASE).expect("base.sql runs");
    connection.execute("UPDATE staff SET pin = ?1 || id", [CANARY]).expect("hides a canary");
    folder
}

/// May write, and has no authorizer: only what one value and one pattern cost is bounded.
fn bare_connection(path: &Path) -> Connection {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).expect("opens");
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, BARE_VALUE).expect("bounded");
    connection.set_limit(Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 250).expect("bounded");
    connection
}

const BARE_STATE: &str = "0 temporary, 1 attached, version 0, delete, query only 0";

fn bare_state(connection: &Connection) -> rusqlite::Result<String> {
    let ask = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let journal: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    Ok(format!(
        "{} temporary, {} attached, version {}, {journal}, query only {}",
        ask("SELECT count(*) FROM temp.sqlite_schema")?,
        ask("SELECT count(*) FROM pragma_database_list WHERE name <> 'temp'")?,
        ask("PRAGMA user_version")?,
        ask("PRAGMA query_only")?,
    ))
}

/// The same tables in memory, to see what SQLite can compile. A pragma may act while it is compiled, so all are passed
/// over.
fn plain_connection() -> Connection {
    let mut connection = Connection::open_in_memory().expect("memory");
    connection.execute_batch(BASE).expect("base.sql runs");
    let pass_over = |context: rusqlite::hooks::AuthContext<'_>| match context.action {
        AuthAction::Pragma { .. } => Authorization::Ignore,
        _ => Authorization::Allow,
    };
    connection.authorizer(Some(pass_over)).expect("installed");
    connection
}

/// Name and content of every file in a folder.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).expect("a folder").flatten();
    files.map(|f| (f.file_name().to_string_lossy().into_owned(), fs::read(f.path()).unwrap_or_default())).collect()
}
