//! Time and memory from opening a database of 1 GB to knowing what it holds, and the same of the small sample shop.
//!
//! `cargo bench --bench profile -- [--database FILE] [--rounds 5]` makes the file in a folder that is removed afterwards
//! (or takes the one named), prints the median and the longest time of each and the peak of memory while the large one
//! was looked at, and ends with code 1 if a target is missed. The file has one table of sales with declared keys and an
//! index, one of receipts with neither, and a view that adds up; nothing is kept between rounds.

#![expect(clippy::print_stdout, reason = "a benchmark shows its figures")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rusqlite::Connection;
use t2s::database::Database;
use t2s::schema::Schema;
use t2s::shop::{self, Scale};

const BYTES: u64 = 1_000_000_000;
const SLOWEST: Duration = Duration::from_secs(5);
const MEGABYTES: u64 = 64;

const LARGE: &str = "
    CREATE TABLE shops(shop_id TEXT PRIMARY KEY, city TEXT);
    CREATE TABLE items(item_code TEXT PRIMARY KEY, item_name TEXT, price REAL);
    CREATE TABLE sales(sale_id INTEGER PRIMARY KEY, item_code TEXT REFERENCES items, shop_id TEXT REFERENCES shops,
        sale_date DATE, units INTEGER, revenue REAL);
    CREATE TABLE receipts(receipt TEXT, item_code TEXT, shop_id TEXT, clerk TEXT, sold_at TEXT, amount REAL);
    WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < 200)
        INSERT INTO shops SELECT printf('S%04d', n), 'city ' || (n % 60) FROM c;
    WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < 30000)
        INSERT INTO items SELECT printf('%012d', n * 7919), 'item ' || n, n % 97 + 0.99 FROM c;";
const MORE_SALES: &str = "
    WITH RECURSIVE c(n) AS (VALUES (?1) UNION ALL SELECT n + 1 FROM c WHERE n < ?1 + 499999)
        INSERT INTO sales SELECT n, printf('%012d', (n % 30000 + 1) * 7919), printf('S%04d', n % 200 + 1),
            date('2022-01-01', (n / 9000) || ' days'), n % 7 + 1, n % 1000 / 10.0 FROM c";
const MORE_RECEIPTS: &str = "INSERT INTO receipts SELECT 'R' || (sale_id / 3), item_code, shop_id, 'clerk ' ||
    (sale_id % 97), sale_date || ' 10:00:00', revenue FROM sales WHERE sale_id >= ?1 AND sale_id < ?1 + 500000";
const LAST: &str = "
    CREATE INDEX by_date ON sales(sale_date);
    CREATE VIEW months AS SELECT substr(sale_date, 1, 7) AS month, shop_id, sum(revenue) AS revenue,
        count(DISTINCT item_code) AS items FROM sales GROUP BY 1, 2 ORDER BY 3 DESC;";

fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (mut large, mut rounds) = (None::<PathBuf>, 5_usize);
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    while let Some(argument) = arguments.next() {
        let value = arguments.next().with_context(|| format!("{argument} needs a value"))?;
        match argument.as_str() {
            "--database" => large = Some(value.into()),
            "--rounds" => rounds = value.parse()?,
            other => bail!("unknown argument {other}"),
        }
    }
    let large = match large {
        Some(path) => path,
        None => made(folder.path())?,
    };
    let before = peak_megabytes();
    let (slowest, schema) = report("open and profile 1 GB", &large, rounds)?;
    let peak = peak_megabytes().context("the peak of memory is told on Linux only")?;
    for table in &schema.tables {
        let about = if table.rows_estimated { "about " } else { "" };
        let rows = table.row_count.map_or("unknown".to_owned(), |rows| format!("{about}{rows}"));
        println!("  {:<26} rows {rows}", table.name);
    }
    println!("peak memory {peak} MB ({} MB before)", before.unwrap_or_default());
    let small = folder.path().join("shop.db");
    shop::write(&small, Scale::Small, shop::DEFAULT_SEED, &|_| {})?;
    report("open and profile the shop", &small, rounds * 5)?;
    ensure!(slowest <= SLOWEST && peak <= MEGABYTES, "a target is missed: {SLOWEST:?} and {MEGABYTES} MB");
    Ok(())
}

fn made(folder: &Path) -> Result<PathBuf> {
    let (path, begun) = (folder.join("large.db"), Instant::now());
    let connection = Connection::open(&path)?;
    connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")?;
    connection.execute_batch(LARGE)?;
    let mut first = 1_i64;
    while std::fs::metadata(&path)?.len() < BYTES {
        connection.execute(MORE_SALES, [first])?;
        connection.execute(MORE_RECEIPTS, [first])?;
        first += 500_000;
    }
    connection.execute_batch(LAST)?;
    drop(connection);
    let megabytes = std::fs::metadata(&path)?.len() / 1_000_000;
    println!("{megabytes} MB with {} sales, made in {:.0} s", first - 1, begun.elapsed().as_secs_f64());
    Ok(path)
}

/// The longest time, and what was found.
fn report(name: &str, path: &Path, rounds: usize) -> Result<(Duration, Schema)> {
    let mut times = Vec::new();
    let mut found = None;
    for _ in 0..rounds.max(1) {
        let begun = Instant::now();
        found = Some(Database::open(path)?.read_schema()?);
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    let slowest = times.last().copied().unwrap_or_default();
    let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
    println!(
        "{name:<28} p50 {:>8.1} ms   longest {:>8.1} ms   n {}",
        ms(times[times.len() / 2]),
        ms(slowest),
        times.len()
    );
    Ok((slowest, found.context("at least one round")?))
}

fn peak_megabytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(peak.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.div_ceil(1_000))
}
