//! Rows of statements that ran before, shown again while the file is as it was. In memory only.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use moka::sync::Cache;

use super::{ExecutionError, Limits, ResultSet, run};
use crate::config::CacheConfig;
use crate::database::{Database, Stamp};
use crate::pipeline::progress::{Progress, Report};
use crate::pipeline::validation::ReadOnlySql;
use crate::schema::Value;

/// How long rows are kept to stand in for a database that cannot be reached.
const STAND_IN: Duration = Duration::from_hours(24);

/// Results of one open database, bounded in bytes. A result is fresh for as long as the settings say and the file stays
/// as it was; statements whose rows may differ from run to run are never kept.
#[derive(Debug)]
pub struct ResultCache {
    /// `None` if switched off.
    kept: Option<Cache<Key, Arc<Kept>>>,
    fresh: Duration,
}

/// What decides the rows, but for the file. The limit on time does not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    sql: String,
    rows: Option<usize>,
    bytes: Option<u64>,
}

#[derive(Debug)]
struct Kept {
    result: ResultSet,
    stamp: Stamp,
    at: Timestamp,
    since: Instant,
}

/// Rows, and whether they were read now.
#[derive(Debug)]
pub struct Ran {
    pub result: ResultSet,
    /// When the rows were read, if that was before.
    pub cached_at: Option<Timestamp>,
    /// Why older rows stand in, if the database cannot be reached.
    pub stale: Option<ExecutionError>,
}

impl ResultCache {
    pub fn new(config: &CacheConfig) -> Self {
        let kept = config.enabled.then(|| {
            Cache::builder()
                .max_capacity(config.bytes)
                .weigher(|key: &Key, kept: &Arc<Kept>| u32::try_from(key.sql.len() + kept.bytes()).unwrap_or(u32::MAX))
                .time_to_live(STAND_IN.max(config.ttl))
                .build()
        });
        Self { kept, fresh: config.ttl }
    }

    /// As [`run`], unless the rows are known. If the database cannot be reached, the rows last read stand in.
    pub async fn run(
        &self,
        database: &Database,
        sql: &ReadOnlySql,
        limits: Limits,
        report: Report<'_>,
    ) -> Result<Ran, ExecutionError> {
        let Some(cache) = self.kept.as_ref().filter(|_| sql.is_deterministic()) else {
            return run(database, sql, limits, report).await.map(Ran::now);
        };
        let key = Key { sql: normalised(sql.text()), rows: limits.rows, bytes: limits.bytes };
        let kept = cache.get(&key);
        let before = match (database.stamp(), kept) {
            (Ok(stamp), Some(kept)) if kept.stamp == stamp && kept.since.elapsed() < self.fresh => {
                report(Progress::Rows(kept.result.rows.len()));
                return Ok(kept.again(None));
            }
            (Err(error), Some(kept)) if error.is_unreachable() => return Ok(kept.again(Some(error.into()))),
            (stamp, _) => stamp?,
        };
        match run(database, sql, limits, report).await {
            Ok(result) => {
                // A change while the statement ran, or just before, might not show in the stamp.
                if before.is_settled() && database.stamp().is_ok_and(|after| after == before) {
                    let now =
                        Kept { result: result.clone(), stamp: before, at: Timestamp::now(), since: Instant::now() };
                    cache.insert(key, Arc::new(now));
                }
                Ok(Ran::now(result))
            }
            Err(error) if error.is_unreachable() => match cache.get(&key) {
                Some(kept) => Ok(kept.again(Some(error))),
                None => Err(error),
            },
            Err(error) => Err(error),
        }
    }
}

impl Ran {
    fn now(result: ResultSet) -> Self {
        Self { result, cached_at: None, stale: None }
    }
}

impl Kept {
    fn again(&self, stale: Option<ExecutionError>) -> Ran {
        Ran { result: self.result.clone(), cached_at: Some(self.at), stale }
    }

    fn bytes(&self) -> usize {
        let cells = self.result.rows.len() * (self.result.columns.len() * size_of::<Value>() + size_of::<Vec<Value>>());
        cells + self.result.bytes as usize
    }
}

/// With one blank wherever there are some outside quotes: writers differ in them most. What is a blank elsewhere, such
/// as U+00A0, is part of a name for SQLite.
fn normalised(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len());
    let mut quote: Option<char> = None;
    for c in sql.chars() {
        match quote {
            Some(end) => {
                text.push(c);
                quote = (c != end).then_some(end);
            }
            None if c.is_ascii_whitespace() => {
                if !text.ends_with(' ') {
                    text.push(' ');
                }
            }
            None => {
                text.push(c);
                quote = match c {
                    '\'' | '"' | '`' => Some(c),
                    '[' => Some(']'),
                    _ => None,
                };
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::config::Policy;
    use crate::pipeline::progress::silent;
    use crate::pipeline::validation::check;
    use crate::schema::Schema;

    const LIMITS: Limits = Limits { rows: Some(100), time: Duration::from_secs(10), bytes: None };

    struct Shop {
        folder: tempfile::TempDir,
        database: Database,
        schema: Schema,
        cache: ResultCache,
    }

    impl Shop {
        fn new(config: &CacheConfig) -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("shop.db");
            let rows = "CREATE TABLE items(id INTEGER PRIMARY KEY, title TEXT); INSERT INTO items VALUES (1, 'Tea')";
            rusqlite::Connection::open(&path).and_then(|c| c.execute_batch(rows)).expect("writes");
            long_ago(&path);
            let database = Database::open(&path).expect("opens");
            let schema = database.read_schema().expect("has a schema");
            Self { folder, database, schema, cache: ResultCache::new(config) }
        }

        fn path(&self) -> PathBuf {
            self.folder.path().join("shop.db")
        }

        fn write(&self, sql: &str) {
            rusqlite::Connection::open(self.path()).and_then(|c| c.execute_batch(sql)).expect("writes");
            long_ago(&self.path());
        }

        async fn ask(&self, sql: &str, limits: Limits) -> Result<Ran, ExecutionError> {
            let sql = check(sql, &self.schema, &Policy::default()).expect(sql);
            self.cache.run(&self.database, &sql, limits, &silent).await
        }

        /// Whether the rows came from before.
        async fn is_kept(&self, sql: &str, limits: Limits) -> bool {
            self.ask(sql, limits).await.expect("runs").cached_at.is_some()
        }
    }

    /// Sets the file's time back by an ever smaller span: a change just now is never trusted, and no two are equal.
    fn long_ago(path: &std::path::Path) {
        static WRITES: AtomicUsize = AtomicUsize::new(0);
        let age = Duration::from_secs(100_000 - WRITES.fetch_add(1, Ordering::Relaxed) as u64);
        let file = std::fs::File::options().append(true).open(path).expect("opens");
        file.set_modified(std::time::SystemTime::now() - age).expect("sets the time");
    }

    #[tokio::test]
    async fn rows_are_kept_for_the_same_statement_limits_and_file() {
        let shop = Shop::new(&CacheConfig::default());
        let sql = "SELECT title FROM items WHERE title <> ' a  b '";
        assert!(!shop.is_kept(sql, LIMITS).await);
        assert!(shop.is_kept(sql, LIMITS).await);
        assert!(shop.is_kept("SELECT   title\nFROM items WHERE title <> ' a  b ' ;", LIMITS).await);
        assert!(shop.is_kept(sql, Limits { time: Duration::from_secs(1), ..LIMITS }).await);
        assert!(!shop.is_kept("SELECT title FROM items WHERE title <> ' a b '", LIMITS).await, "inside quotes");
        assert!(!shop.is_kept(sql, Limits { rows: Some(7), ..LIMITS }).await);
        shop.write("INSERT INTO items VALUES (2, 'Jam')");
        let ran = shop.ask(sql, LIMITS).await.expect("runs");
        assert!(ran.cached_at.is_none() && ran.result.rows.len() == 2, "the file changed");
        assert!(shop.is_kept(sql, LIMITS).await);
    }

    #[tokio::test]
    async fn rows_that_may_differ_are_never_kept() {
        let shop = Shop::new(&CacheConfig::default());
        for sql in ["SELECT random()", "SELECT date('now')", "SELECT CURRENT_TIMESTAMP, title FROM items"] {
            assert!(!shop.is_kept(sql, LIMITS).await && !shop.is_kept(sql, LIMITS).await, "{sql}");
        }
    }

    #[tokio::test]
    async fn a_file_of_this_very_moment_is_not_trusted() {
        let shop = Shop::new(&CacheConfig::default());
        let file = std::fs::File::options().append(true).open(shop.path()).expect("opens");
        file.set_modified(std::time::SystemTime::now() + Duration::from_mins(1)).expect("sets the time");
        let sql = "SELECT title FROM items";
        assert!(!shop.is_kept(sql, LIMITS).await && !shop.is_kept(sql, LIMITS).await);
    }

    #[tokio::test]
    async fn switched_off_or_too_old_nothing_is_kept() {
        let off = Shop::new(&CacheConfig { enabled: false, ..CacheConfig::default() });
        let old = Shop::new(&CacheConfig { ttl: Duration::ZERO, ..CacheConfig::default() });
        for shop in [off, old] {
            let sql = "SELECT title FROM items";
            assert!(!shop.is_kept(sql, LIMITS).await && !shop.is_kept(sql, LIMITS).await);
        }
    }

    #[tokio::test]
    async fn the_last_rows_stand_in_for_a_database_that_is_gone() {
        let shop = Shop::new(&CacheConfig { ttl: Duration::ZERO, ..CacheConfig::default() });
        let sql = "SELECT title FROM items";
        shop.ask(sql, LIMITS).await.expect("runs");
        std::fs::rename(shop.path(), shop.folder.path().join("away.db")).expect("moves");
        let ran = shop.ask(sql, LIMITS).await.expect("stands in");
        assert!(ran.cached_at.is_some() && ran.result.rows.len() == 1);
        assert!(ran.stale.is_some_and(|why| why.to_string().contains("no database file")));
        assert!(shop.ask("SELECT id FROM items", LIMITS).await.is_err(), "never asked before");
        std::fs::rename(shop.folder.path().join("away.db"), shop.path()).expect("moves back");
        assert!(shop.ask(sql, LIMITS).await.expect("runs").stale.is_none());
    }
}
