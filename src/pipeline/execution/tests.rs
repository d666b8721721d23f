//! The gate, the connection and the runner together, over the cases in `tests/cases/sql`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::Deserialize;
use tempfile::TempDir;

use super::{ColumnType as T, ExecutionError, Limits, ResultColumn, ResultSet, RowSink, Streamed, Unit, run, stream};
use crate::config::Policy;
use crate::database::samples::make;
use crate::database::{Access, Bounds, Cancel, Database, DatabaseError};
use crate::pipeline::progress::silent;
use crate::pipeline::validation::check;
use crate::schema::{Cell, Dialect, Schema, SemanticType, Value};

const BASE: &str = include_str!("../../../tests/cases/sql/base.sql");
const REFUSED: &str = include_str!("../../../tests/cases/sql/refused.jsonl");
const ACCEPTED: &str = include_str!("../../../tests/cases/sql/accepted.jsonl");
const BOMBS: &str = include_str!("../../../tests/cases/sql/bombs.jsonl");

#[derive(Deserialize)]
struct Case {
    sql: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    rows: usize,
    note: Option<String>,
    #[serde(default)]
    dialect: String,
    #[serde(default)]
    policy: Denied,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Denied {
    deny_tables: Vec<String>,
    deny_columns: Vec<String>,
}

impl Case {
    /// The schema in the case's dialect.
    fn schema(&self, schema: &Schema) -> Schema {
        let dialect = if self.dialect == "bigquery" { Dialect::BigQuery } else { Dialect::Sqlite };
        Schema { dialect, ..schema.clone() }
    }

    fn policy(&self) -> Policy {
        Policy { deny_tables: self.policy.deny_tables.clone(), deny_columns: self.policy.deny_columns.clone() }
    }
}

fn cases(text: &str) -> Vec<Case> {
    text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

struct Shop {
    folder: TempDir,
    database: Database,
    schema: Schema,
}

impl Shop {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("shop.db");
        make(&path, BASE);
        let database = Database::open(&path).expect("opens");
        let schema = database.read_schema().expect("has a schema");
        Self { folder, database, schema }
    }

    /// The same file, opened under a policy.
    fn under(&self, policy: Policy) -> Database {
        Database::open_with(self.database.path(), Access { policy, ..Access::default() }).expect("opens")
    }

    /// What is wrong with how an accepted case fares. BigQuery's are not run.
    async fn accepts(&self, case: &Case) -> Result<(), String> {
        let schema = case.schema(&self.schema);
        let checked = check(&case.sql, &schema, &case.policy()).map_err(|refusal| refusal.to_string())?;
        let again = check(checked.text(), &schema, &case.policy()).map_err(|r| format!("{}: {r}", checked.text()))?;
        if again.text() != checked.text() || (again.tables(), again.columns()) != (checked.tables(), checked.columns())
        {
            return Err(format!("its own text {} is read otherwise", checked.text()));
        }
        let noted = match &case.note {
            Some(word) => checked.notes().iter().any(|note| note.contains(word)),
            None => checked.notes().is_empty(),
        };
        if !noted {
            return Err(format!("has the notes {:?}", checked.notes()));
        }
        if schema.dialect == Dialect::BigQuery {
            return Ok(());
        }
        let result = run(&self.under(case.policy()), &checked, LIMITS, &silent).await;
        let result = result.map_err(|error| format!("{}: {error}", checked.text()))?;
        if (result.rows.len(), result.columns.len()) != (case.rows, checked.outputs().len()) {
            return Err(format!("{} rows of {} columns", result.rows.len(), result.columns.len()));
        }
        Ok(())
    }

    async fn ask(&self, sql: &str, limits: Limits) -> Result<ResultSet, ExecutionError> {
        let checked = check(sql, &self.schema, &Policy::default()).expect(sql);
        run(&self.database, &checked, limits, &silent).await
    }

    fn column(&self, table: &str, name: &str, semantic: SemanticType) -> Schema {
        let mut schema = self.schema.clone();
        let table = schema.find_table(table).expect("a table");
        let id = schema.find_column(table, name).expect("a column");
        schema.tables[table.0].columns[id.column].profile.semantic = semantic;
        schema
    }
}

const LIMITS: Limits = Limits { rows: Some(1000), time: Duration::from_secs(10), bytes: Some(20_000_000) };

const BOUNDS: Bounds = Bounds { rows: Some(1000), time: Duration::from_secs(10), bytes: Some(20_000_000), steps: None };

/// What only the gate refuses: it steers nothing, and tells of tables that may be read.
const HARMLESS: &[&str] = &[
    "EXPLAIN",
    "PRAGMA TABLE_",
    "PRAGMA INDEX_",
    "PRAGMA FOREIGN_KEY_LIST",
    "PRAGMA DATA_VERSION",
    "PRAGMA PAGE_SIZE",
];

/// Name and content of every file in a folder.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).expect("a folder").flatten();
    files.map(|f| (f.file_name().to_string_lossy().into_owned(), fs::read(f.path()).expect("a file"))).collect()
}

#[test]
fn the_gate_refuses_every_refused_case_with_its_code() {
    let shop = Shop::new();
    let cases = cases(REFUSED);
    assert!(cases.len() >= 400, "{}", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        match check(&case.sql, &case.schema(&shop.schema), &case.policy()) {
            Ok(_) => wrong.push(format!("passed: {}", case.sql)),
            Err(refusal) if refusal.code != case.code => {
                wrong.push(format!("{} for {}: {} ({refusal})", refusal.code, case.code, case.sql));
            }
            Err(refusal) => {
                let helps = !refusal.hint.is_empty() && !refusal.why.is_empty();
                let placed = refusal.line > 0 && refusal.column > 0 && refusal.length > 0;
                let of_the_whole = matches!(refusal.code, "too_long" | "empty") || case.sql.contains('\0');
                if !helps || !(placed || of_the_whole) {
                    wrong.push(format!("without a hint or a place: {} ({refusal})", case.sql));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The second wall by itself: whatever text reaches the connection, no byte changes and no file appears.
#[test]
fn the_connection_alone_keeps_the_folder_as_it_is() {
    let shop = Shop::new();
    let before = contents(shop.folder.path());
    for case in cases(REFUSED).into_iter().filter(|case| !case.sql.contains('\0')) {
        let outcome = shop.under(case.policy()).run(&case.sql, &BOUNDS, &Cancel::default());
        if matches!(case.code.as_str(), "not_read_only" | "several_statements" | "denied") {
            let harmless = HARMLESS.iter().any(|start| case.sql.to_uppercase().starts_with(start));
            // Two things only the gate refuses: SQLite does not ask about columns named by USING and NATURAL, and
            // it skips an empty first statement.
            let gate_only =
                ["USING (pin)", "NATURAL"].iter().any(|join| case.sql.contains(join)) || case.sql.starts_with(';');
            assert!(outcome.is_err() || harmless || gate_only, "ran: {}", case.sql);
        }
        assert_eq!(contents(shop.folder.path()), before, "changed by {}", case.sql);
    }
}

#[test]
fn the_connection_denies_what_the_policy_hides_behind_a_view() {
    let shop = Shop::new();
    let policy = Policy { deny_columns: vec!["staff.pin".to_owned()], ..Policy::default() };
    let checked = check("SELECT * FROM v_pins", &shop.schema, &policy).expect("the gate cannot see into views");
    let denied = shop.under(policy);
    let outcome = denied.run(checked.text(), &BOUNDS, &Cancel::default());
    assert!(matches!(outcome, Err(DatabaseError::Denied(_))), "{outcome:?}");
    assert!(matches!(denied.explain_ok(checked.text()), Err(DatabaseError::Denied(_))));
    assert!(shop.database.explain_ok(checked.text()).is_ok());
}

#[tokio::test]
async fn every_accepted_case_gives_its_rows() {
    let shop = Shop::new();
    let before = contents(shop.folder.path());
    let cases = cases(ACCEPTED);
    assert!(cases.len() >= 260, "{}", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        if let Err(problem) = shop.accepts(&case).await {
            wrong.push(format!("{}: {problem}", case.sql));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(contents(shop.folder.path()), before);
}

/// The first wall by itself: what it lets through is run where nothing else would stop a write.
#[test]
fn the_gate_alone_keeps_the_folder_as_it_is() {
    let shop = Shop::new();
    let path = shop.folder.path().join("shop.db");
    let open = || rusqlite::Connection::open(&path).expect("opens");
    drop(open());
    let before = contents(shop.folder.path());
    let mut ran = 0;
    for case in [REFUSED, ACCEPTED, BOMBS].into_iter().flat_map(cases).filter(|case| case.dialect.is_empty()) {
        for policy in [case.policy(), Policy::default()] {
            let Ok(checked) = check(&case.sql, &shop.schema, &policy) else { continue };
            ran += 1;
            run_unguarded(&mut open(), checked.text());
            assert_eq!(contents(shop.folder.path()), before, "changed by {}", case.sql);
        }
    }
    assert!(ran > 400, "{ran}");
}

/// Runs a statement on a connection that may write, for some thousands of steps.
fn run_unguarded(connection: &mut rusqlite::Connection, sql: &str) {
    let mut steps = 0;
    let enough = move || {
        steps += 1;
        steps > 20
    };
    connection.progress_handler(1000, Some(enough)).expect("installed");
    connection.set_limit(rusqlite::limits::Limit::SQLITE_LIMIT_LENGTH, 10_000).expect("set");
    let Ok(mut statement) = connection.prepare(sql) else { return };
    let Ok(mut rows) = statement.query([]) else { return };
    while matches!(rows.next(), Ok(Some(_))) {}
}

/// The statement would run for ever; the runtime could not shut down if its thread went on.
#[test]
fn dropping_the_future_interrupts_the_statement() {
    let shop = Shop::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n";
    let limits = Limits { time: Duration::from_hours(1), ..LIMITS };
    runtime.block_on(async {
        let waited = tokio::time::timeout(Duration::from_millis(50), shop.ask(endless, limits)).await;
        assert!(waited.is_err());
    });
    let begun = Instant::now();
    drop(runtime);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn rows_are_cut_at_the_limit_and_said_to_be() {
    let shop = Shop::new();
    let cut = shop.ask("SELECT id FROM sale_lines", Limits { rows: Some(5), ..LIMITS }).await.expect("runs");
    assert!(cut.truncated && cut.rows.len() == 5);
    let whole = shop.ask("SELECT id FROM sale_lines", Limits { rows: Some(6), ..LIMITS }).await.expect("runs");
    assert!(!whole.truncated && whole.rows.len() == 6);
}

#[tokio::test]
async fn a_result_beyond_its_bytes_is_an_error_that_names_the_limit() {
    let shop = Shop::new();
    let error = shop.ask("SELECT * FROM items", Limits { bytes: Some(100), ..LIMITS }).await.expect_err("too large");
    assert!(error.to_string().contains("100 bytes") && error.hint().contains("--max-bytes"), "{error}");
}

#[tokio::test]
async fn columns_tell_type_unit_and_meaning() {
    let shop = Shop::new();
    let mut schema = shop.column("sale_lines", "revenue", SemanticType::Money);
    let units = shop.schema.find_table("sale_lines").expect("a table");
    schema.tables[units.0].columns[4].profile.semantic = SemanticType::Quantity;
    schema.tables[units.0].columns[3].profile.semantic = SemanticType::Date;
    let sql = "SELECT sku, strftime('%Y-%m', sold_on) AS m, sum(revenue) AS total, count(*) AS n, \
               sum(revenue) / sum(units) AS price, round(100.0 * sum(revenue) / 135, 1) AS share, NULL AS blank \
               FROM sale_lines GROUP BY 1, 2";
    let checked = check(sql, &schema, &Policy::default()).expect("passes");
    let result = run(&shop.database, &checked, LIMITS, &silent).await.expect("runs");
    let kinds: Vec<T> = result.columns.iter().map(|column| column.kind).collect();
    assert_eq!(kinds, [T::Text, T::Text, T::Real, T::Integer, T::Real, T::Real, T::Any]);
    assert_eq!(result.columns[1].semantic, SemanticType::Month);
    assert_eq!(result.columns[2].unit, Some(Unit::Money));
    assert_eq!((result.columns[3].semantic, result.columns[3].unit), (SemanticType::Quantity, None));
    assert_eq!(result.columns[4].semantic, SemanticType::UnitPrice);
    assert_eq!(result.columns[5].unit, Some(Unit::Money), "divided by a plain number it stays money");
}

#[test]
fn text_that_is_not_utf8_is_read_with_marks() {
    let shop = Shop::new();
    let rows = shop.database.run("SELECT CAST(x'41ff42' AS TEXT)", &BOUNDS, &Cancel::default());
    assert_eq!(rows.expect("runs").rows[0][0], Value::Text("A\u{fffd}B".to_owned()));
}

#[test]
fn a_plan_is_told_without_running_the_statement() {
    let shop = Shop::new();
    let plan = shop.database.query_plan("SELECT * FROM items WHERE sku = '001'").expect("a plan");
    assert!(format!("{:?}", plan.rows).contains("SEARCH items"), "{plan:?}");
}

/// Rows as text; fails at one of them if told to, and forgets them if it may.
#[derive(Default)]
struct Lines {
    text: Vec<String>,
    columns: Vec<String>,
    fails_at: Option<usize>,
    may_restart: bool,
}

impl RowSink for Lines {
    fn begin(&mut self, columns: &[ResultColumn]) -> io::Result<()> {
        self.columns = columns.iter().map(|column| format!("{} {:?}", column.name, column.kind)).collect();
        Ok(())
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        if self.fails_at == Some(self.text.len()) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.text.push(format!("{cells:?}"));
        Ok(())
    }

    fn restart(&mut self) -> io::Result<bool> {
        self.text.clear();
        Ok(self.may_restart)
    }
}

impl Shop {
    async fn stream(&self, sql: &str, lines: Lines) -> (Result<Streamed, ExecutionError>, Lines) {
        let checked = check(sql, &self.schema, &Policy::default()).expect(sql);
        let (outcome, lines) = stream(&self.database, &checked, LIMITS, lines, &silent).await;
        (outcome, lines.expect("comes back"))
    }
}

#[tokio::test]
async fn a_stream_hands_over_columns_and_rows_in_order() {
    let shop = Shop::new();
    let (outcome, lines) = shop.stream("SELECT sku, cost FROM items ORDER BY sku LIMIT 2", Lines::default()).await;
    let streamed = outcome.expect("runs");
    assert_eq!((streamed.rows, streamed.result.columns.len(), streamed.result.rows.len()), (2, 2, 0));
    assert_eq!(lines.columns, ["sku Text", "cost Real"]);
    assert_eq!(lines.text, ["[Text(\"001\"), Real(2.0)]", "[Text(\"002\"), Real(0.5)]"]);
    let (outcome, lines) = shop.stream("SELECT sku FROM items WHERE sku = 'none'", Lines::default()).await;
    assert_eq!((outcome.expect("runs").rows, lines.columns), (0, vec!["sku Any".to_owned()]), "columns without rows");
}

#[tokio::test]
async fn a_sink_that_fails_stops_the_statement() {
    let shop = Shop::new();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i FROM n";
    let (outcome, lines) = shop.stream(endless, Lines { fails_at: Some(7), ..Lines::default() }).await;
    assert!(matches!(outcome, Err(ExecutionError::Database(DatabaseError::Output(_)))), "{outcome:?}");
    assert_eq!(lines.text.len(), 7);
}
