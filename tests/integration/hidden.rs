//! What the policy denies, looked for in everything that the program says, sends and keeps.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use serde_json::json;
use t2s::config::{Config, ModelConfig, Policy, Privacy};
use t2s::pipeline::Pipeline;
use tower::util::ServiceExt;

use crate::harness::{Ran, World};
use crate::model::endpoint::{Endpoint, Reply};

/// In every name that is denied or made of what is denied.
const NAME: &str = "zqx";
/// In every value of it.
const VALUE: &str = "canary";

const TABLES: &str = "vault_zqx";
const COLUMNS: &str = "staff.PIN_ZQX,hush_zqx";

/// With a denied table, denied columns, views of them, a column computed from one, and a full-text table of one.
const SET_UP: &str = "
    CREATE TABLE vault_zqx (code TEXT PRIMARY KEY, hint TEXT);
    CREATE TABLE staff (
        staff_id INTEGER PRIMARY KEY, staff_name TEXT, pin_zqx TEXT, pay REAL, code TEXT REFERENCES vault_zqx (code),
        twice_zqx TEXT AS (pin_zqx || pin_zqx));
    CREATE TABLE shifts (
        shift_id INTEGER PRIMARY KEY, staff_id INTEGER REFERENCES staff (staff_id), day TEXT, hush_zqx TEXT);
    CREATE TABLE locks (hush_zqx TEXT PRIMARY KEY, door TEXT);
    CREATE INDEX by_zqx ON staff (staff_name, pin_zqx);
    CREATE VIEW pins_zqx AS SELECT staff_name, pin_zqx AS number FROM staff;
    CREATE VIEW guess_zqx AS SELECT g.x FROM staff JOIN (SELECT 'canary-pin-1' AS pin_zqx, 1 AS x) g USING (pin_zqx);
    CREATE VIEW names AS SELECT staff_name FROM staff;
    CREATE VIRTUAL TABLE search_zqx USING fts5(pin_zqx, content='staff', content_rowid='staff_id');
    CREATE VIRTUAL TABLE terms_zqx USING fts5vocab('search_zqx', 'row');
    INSERT INTO vault_zqx VALUES ('V1', 'canary-hint-1'), ('V2', 'canary-hint-2');
    INSERT INTO staff VALUES (1, 'Ada', 'canary-pin-1', 10, 'V1'), (2, 'Bob', 'canary-pin-2', 20, 'V2');
    INSERT INTO shifts VALUES (1, 1, '2025-01-01', 'canary-hush-1'), (2, 2, '2025-01-02', 'canary-hush-2');
    INSERT INTO locks VALUES ('canary-hush-1', 'front');
    INSERT INTO search_zqx(search_zqx) VALUES ('rebuild');";

const MODEL: &str = r#"
    [[tables]]
    name = "staff"
    description = "people, each with a pin_zqx"
    synonyms = ["crew"]
    [[tables.columns]]
    name = "pin_zqx"
    description = "secret number"
    synonyms = ["secret number"]
    [[tables.columns]]
    name = "pay"
    synonyms = ["wage", "zqx wage of pin_zqx"]
    [[tables]]
    name = "vault_zqx"
    description = "codes"
    [[metrics]]
    name = "pins"
    expression = "COUNT(DISTINCT staff.pin_zqx)"
    [[metrics]]
    name = "average wage"
    expression = "AVG(staff.pay)"
    [[filters]]
    name = "locked"
    condition = "shifts.hush_zqx IS NOT NULL"
    [[relationships]]
    from = "shifts.hush_zqx"
    to = "locks.hush_zqx"
"#;

const EXAMPLES: &str = r#"
    [[examples]]
    question = "who has which number"
    sql = "SELECT staff_name, pin_zqx FROM staff"
    [[examples]]
    question = "how many codes are there"
    sql = "SELECT COUNT(*) FROM vault_zqx"
"#;

fn world() -> World {
    let world = World::new().variable("T2S_POLICY_DENY_TABLES", TABLES).variable("T2S_POLICY_DENY_COLUMNS", COLUMNS);
    let path = world.path("people.db");
    rusqlite::Connection::open(&path).expect("makes a database").execute_batch(SET_UP).expect("fills it");
    // Long enough ago for its schema to be kept.
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    fs::File::options().write(true).open(&path).expect("opens").set_modified(long_ago).expect("sets the time");
    world.write("taught/model.toml", MODEL);
    world.write("taught/examples.toml", EXAMPLES);
    world.write("taught/rules/pins.md", "# Pins\nNever show pin_zqx.\n# Pay\nPay is in euros.\n");
    world
}

#[track_caller]
fn is_clean(text: &str, about: &str) {
    let text = text.to_lowercase();
    for canary in [NAME, VALUE] {
        assert!(!text.contains(canary), "{about}: {canary} in: {text}");
    }
}

fn run(world: &World, arguments: &[&str]) -> Ran {
    world.run(&[&["--db", "people.db", "--knowledge", "taught", "-vv"], arguments].concat())
}

fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push((path.display().to_string(), fs::read(&path).expect("a file")));
        }
    }
}

#[test]
fn no_command_tells_of_it() {
    let world = world().variable("ENABLE_DEBUG", "1");
    let commands: &[&[&str]] = &[
        &["schema"],
        &["schema", "--json"],
        &["schema", "staff"],
        &["schema", "STAFF", "--json"],
        &["schema", "shifts"],
        &["schema", "vaul"],
        &["schema", "pins"],
        &["doctor"],
        &["doctor", "--json"],
        &["context", "secret number and codes of the crew, hush hush"],
        &["context", "pins in the vault", "--json"],
        &["ask", "list all staff"],
        &["ask", "how many codes are there", "--format", "json"],
        &["ask", "who has which number", "--format", "json"],
        &["ask", "show the pin of Ada"],
        &["ask", "number of pins", "--explain"],
        &["ask", "what is the weather", "--format", "json"],
        &["ask", "average wage", "--format", "json"],
        &["ask", "shifts by hush"],
        &["sql", "SELECT * FROM staff", "--format", "csv"],
        &["sql", "SELECT * FROM staff", "--format", "json"],
        &["sql", "SELECT s.* FROM shifts s"],
        &["sql", "SELECT * FROM locks"],
        &["sql", "SELECT * FROM names"],
        &["sql", "SELECT pin FROM staff"],
        &["sql", "SELECT pi_zq FROM staff"],
        &["sql", "SELECT twice FROM staff"],
        &["sql", "SELECT hush FROM shifts"],
        &["sql", "SELECT * FROM vault"],
        &["sql", "SELECT * FROM pins"],
        &["sql", "SELECT * FROM search"],
        &["sql", "SELECT COUNT(*) FROM staff NATURAL JOIN shifts"],
        &["sql", "SELECT COUNT(*) FROM shifts NATURAL JOIN locks"],
        &["sql", "SELECT staff_name FROM staff ORDER BY staff_name", "--explain"],
        &["sql", "SELECT staff_name FROM staff ORDER BY staff_name", "--check"],
        &["sql", "SELECT name, sql FROM sqlite_schema"],
        &["sql", "SELECT name FROM pragma_table_info('staff')"],
        &["sql", "SELECT rowid, * FROM staff"],
        &["sql", "SELECT 1"],
    ];
    for command in commands {
        let ran = run(&world, command);
        is_clean(&ran.stdout, &format!("{command:?}"));
        is_clean(&ran.stderr, &format!("{command:?}"));
    }
    let mut kept = Vec::new();
    files(&world.path("home"), &mut kept);
    assert!(kept.iter().any(|(path, _)| path.ends_with(".schema")), "the schema is kept");
    for (path, bytes) in kept {
        is_clean(&String::from_utf8_lossy(&bytes), &path);
    }
}

#[test]
fn what_may_be_seen_is_still_there() {
    let world = world();
    run(&world, &["schema"]).code(0).prints("staff").prints("names").prints("locks");
    run(&world, &["schema", "staff"]).code(0).prints("pay");
    let answer = run(&world, &["ask", "average wage", "--format", "json"]).code(0).json();
    assert_eq!(answer["rows"], json!([[15.0]]));
    run(&world, &["sql", "SELECT * FROM names ORDER BY 1", "--format", "csv"]).code(0).prints("Ada");
    assert!(!run(&world, &["schema"]).stderr.contains("knowledge"), "nothing is said of names left out");
}

#[test]
fn no_statement_reads_its_values_however_it_is_asked_for() {
    let world = world();
    for sql in [
        "SELECT pin_zqx FROM staff",
        "SELECT twice_zqx FROM staff",
        "SELECT code, hint FROM vault_zqx",
        "SELECT * FROM pins_zqx",
        "SELECT * FROM guess_zqx",
        "SELECT * FROM search_zqx",
        "SELECT highlight(search_zqx, 0, '', '') FROM search_zqx WHERE search_zqx MATCH 'pin'",
        "SELECT * FROM search_zqx_data",
        "SELECT term FROM terms_zqx",
        "SELECT hush_zqx FROM shifts UNION SELECT door FROM locks",
        "SELECT (SELECT hint FROM vault_zqx LIMIT 1)",
        "SELECT staff_name FROM staff WHERE pin_zqx LIKE 'c%'",
        "WITH g(pin_zqx) AS (VALUES ('x')) SELECT staff_name FROM staff JOIN g USING (pin_zqx)",
        "WITH g(pin_zqx) AS (VALUES ('x')) SELECT staff_name FROM staff NATURAL JOIN g",
    ] {
        let ran = run(&world, &["sql", sql, "--format", "csv"]);
        assert!(ran.code == 1 || ran.code == 5, "{sql}: {ran:?}");
        assert_eq!(ran.stdout, "", "{sql}");
        assert!(!ran.stderr.contains(VALUE), "{sql}: {}", ran.stderr);
    }
}

async fn pipeline(world: &World, endpoint: Option<&Endpoint>) -> Pipeline {
    let mut config = Config::with_folders(&world.path("home"));
    config.database = Some(world.path("people.db"));
    config.knowledge = Some(world.path("taught"));
    let list = |names: &str| names.split(',').map(str::to_owned).collect();
    config.policy = Policy { deny_tables: list(TABLES), deny_columns: list(COLUMNS) };
    config.model = endpoint.map(|endpoint| ModelConfig {
        base_url: endpoint.base_url.clone(),
        api_key: None,
        name: "any-model".to_owned(),
        timeout: Duration::from_mins(1),
        attempts: 3,
        privacy: Privacy::Rows,
    });
    Pipeline::open(config).await.expect("opens")
}

#[tokio::test]
async fn no_endpoint_tells_of_it() {
    let world = world();
    let router = t2s::server::router(t2s::server::ServerState::new(std::sync::Arc::new(pipeline(&world, None).await)));
    let get = |path: &str| Request::get(path).header(header::HOST, "localhost").body(Body::empty());
    let ask = |question: &str| {
        let body = json!({ "question": question }).to_string();
        let request = Request::post("/api/query").header(header::HOST, "localhost");
        request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body))
    };
    let paths = ["/api/schema", "/api/schema?table=staff", "/api/schema?table=vaul", "/api/examples", "/api/health"];
    let questions = ["list all staff", "how many codes are there", "who has which number", "show all pins", "weather"];
    let requests = paths.map(get).into_iter().chain(questions.map(ask)).chain([get("/api/stats"), get("/chat")]);
    for request in requests {
        let request = request.expect("a request");
        let about = request.uri().to_string();
        let response = router.clone().oneshot(request).await.expect("a response");
        let headers = format!("{:?}", response.headers());
        let body = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        let text = String::from_utf8_lossy(&body).into_owned();
        assert!(about != "/api/schema" || text.contains("staff_name"), "{text}");
        is_clean(&headers, &about);
        is_clean(&text, &about);
    }
}

#[tokio::test]
async fn no_prompt_tells_of_it() {
    let drafts = ["SELECT * FROM vault", "SELECT pin FROM staff", "SELECT nothing FROM shifts"].map(Reply::draft);
    for question in ["list all staff with their numbers", "codes in the vault", "shifts and locks"] {
        let world = world();
        let endpoint = Endpoint::start(drafts.to_vec());
        let pipeline = pipeline(&world, Some(&endpoint)).await;
        let limits = t2s::pipeline::execution::Limits { rows: None, time: Duration::from_mins(1), bytes: None };
        let question = t2s::pipeline::analysis::Question { text: question.to_owned(), ..Default::default() };
        let answer = pipeline.ask(&question, limits, true, &t2s::pipeline::progress::silent).await;
        assert!(endpoint.count() > 0 && endpoint.read(0).contains("CREATE TABLE staff"));
        for number in 0..endpoint.count() {
            is_clean(&endpoint.request(number).to_string(), &question.text);
        }
        is_clean(&format!("{answer:?}"), &question.text);
    }
}
