//! One question or statement: formats, streams, files, limits, exit codes.

use std::io::Read;

use crate::harness::World;

const BY_STORE: &str = "SELECT store_name, SUM(revenue) AS revenue FROM sales JOIN stores USING (store_id) \
                        GROUP BY store_name ORDER BY store_name";

#[test]
fn rows_go_to_stdout_as_csv_and_words_to_stderr() {
    let world = World::with_shop();
    let ran = world.run(&["--db", "shop.db", "sql", BY_STORE]).code(0).says("done:");
    assert_eq!(ran.stdout, "store_name,revenue\nNorth,12.5\nSouth,26.0\nWest,15.0\n");
    let quiet = world.run(&["-q", "--db", "shop.db", "sql", BY_STORE]).code(0);
    assert_eq!((quiet.stdout, quiet.stderr.as_str()), (ran.stdout, ""));
}

#[test]
fn a_question_is_answered_without_a_model() {
    let world = World::with_shop();
    let ran = world.run(&["--db", "shop.db", "ask", "total", "revenue", "by", "store"]).code(0).says("offline");
    for line in ["North,12.5", "South,26.0", "West,15.0"] {
        assert!(ran.stdout.contains(line), "{}", ran.stdout);
    }
    let piped = world.run_with(&["--db", "shop.db", "ask"], b"total revenue by store\n").code(0);
    assert_eq!(piped.stdout, ran.stdout);
}

#[test]
fn a_key_is_never_added_up() {
    let world = World::with_shop();
    let ran = world.run(&["--db", "shop.db", "ask", "how much ice cream did Bath sell"]).code(0);
    assert!(ran.stdout.contains("25.0"), "{}", ran.stdout);
}

#[test]
fn the_answer_object_has_every_key() {
    let world = World::with_shop();
    let object = world.run(&["--db", "shop.db", "ask", "how many stores are there", "--format", "json"]).code(0).json();
    for key in [
        "outcome",
        "question",
        "sql",
        "dialect",
        "response",
        "analysis",
        "interpretation",
        "assumptions",
        "choices",
        "columns",
        "rows",
        "row_count",
        "truncated",
        "chart",
        "key_insights",
        "insights",
        "confidence_score",
        "confidence",
        "engine",
        "cached_at",
        "warnings",
        "timings_ms",
        "usage",
        "bytes",
        "session_id",
        "request_id",
        "receipt_id",
        "error",
    ] {
        assert!(object.get(key).is_some(), "{key} is missing");
    }
    assert_eq!(object["outcome"], "answer");
    assert_eq!(object["rows"], serde_json::json!([[3]]));
    assert_eq!(object["engine"], "offline");
}

#[test]
fn each_format_is_written() {
    let world = World::with_shop();
    let format = |name: &str| world.run(&["-q", "--db", "shop.db", "sql", BY_STORE, "--format", name]).code(0).stdout;
    assert!(format("table").contains("South"));
    assert!(format("tsv").contains("South\t26.0\n"));
    assert!(format("jsonl").lines().count() == 3);
    assert!(format("markdown").contains("| South"));
    assert!(format("html").contains("<td>South</td>"));
    assert!(format("sql").contains("GROUP BY"));
}

#[test]
fn sql_only_and_no_run_make_sql_and_run_nothing() {
    let world = World::with_shop();
    let only = world.run(&["-q", "--db", "shop.db", "ask", "how many stores are there", "--sql-only"]).code(0);
    assert!(only.stdout.to_uppercase().contains("COUNT"), "{}", only.stdout);
    let rows = world.run(&["-q", "--db", "shop.db", "sql", only.stdout.trim()]).code(0).stdout;
    assert!(rows.ends_with("\n3\n"), "{rows}");
    let object = world.run(&["--db", "shop.db", "ask", "how many stores are there", "--no-run", "--format", "json"]);
    assert!(object.code(0).json()["rows"].is_null());
    world.run(&["ask", "q", "--sql-only", "--format", "csv"]).code(2).says("--sql-only");
}

#[test]
fn exit_codes_tell_what_went_wrong() {
    let world = World::with_shop();
    let sql = |text: &str| world.run(&["--db", "shop.db", "sql", text]);
    sql("SELECT * FROM sale").code(1).prints_nothing().says("[unknown_table]").says("sales");
    sql("SELECT reven FROM sales").code(1).says("[unknown_column]").says("revenue");
    sql("SELEC 1").code(1).prints_nothing();
    sql("DELETE FROM sales").code(5).prints_nothing().says("[not_read_only]");
    sql("SELECT 1; SELECT 2").code(5);
    sql("SELECT * FROM sales WHERE 0").code(0);
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n";
    world.run(&["--db", "shop.db", "sql", endless, "--timeout", "100ms"]).code(4).says("[time_limit]");
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000) SELECT i FROM n";
    world.run(&["--db", "shop.db", "sql", many, "--max-bytes", "1000"]).code(4).prints_nothing().says("[size_limit]");
    world.run(&["--db", "shop.db", "ask", "delete all sales of the north store"]).code(5).prints_nothing();
    world.run(&["--db", "shop.db", "ask", "what is the weather on the moon"]).code(6).prints_nothing();
}

#[test]
fn too_little_confidence_is_no_answer() {
    let world = World::with_shop();
    let ask = ["--db", "shop.db", "ask", "total revenue by store", "--min-confidence", "1"];
    world.run(&ask).code(6).prints_nothing().says("below --min-confidence 1");
}

#[test]
fn check_says_whether_a_statement_may_run_and_runs_nothing() {
    let world = World::with_shop();
    world.run(&["--db", "shop.db", "sql", "--check", BY_STORE]).code(0).prints_nothing().says("ok");
    world.run(&["--db", "shop.db", "sql", "--check", "DROP TABLE sales"]).code(5).says("[not_read_only]");
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n";
    world.run(&["--db", "shop.db", "sql", "--check", endless]).code(0);
}

#[test]
fn explain_tells_the_plan_of_a_statement_and_the_reading_of_a_question() {
    let world = World::with_shop();
    let ran = world
        .run(&["--db", "shop.db", "sql", "--explain", "SELECT * FROM sales"])
        .code(0)
        .says("plan: full scan of sales, about 6 rows");
    assert!(ran.stdout.starts_with("sale_id,"));
    world.run(&["--db", "shop.db", "ask", "--explain", "total revenue by store"]).code(0).says("intent:").says("sql:");
}

#[test]
fn a_limit_cuts_and_says_so() {
    let world = World::with_shop();
    let ran = world.run(&["--db", "shop.db", "sql", "SELECT sale_id FROM sales", "--limit", "2"]).code(0);
    assert_eq!(ran.says("truncated").stdout, "sale_id\n1\n2\n");
    let all = world.run(&["--db", "shop.db", "sql", "SELECT sale_id FROM sales", "--limit", "-1"]).code(0);
    assert_eq!(all.stdout.lines().count(), 7);
    let object =
        world.run(&["--db", "shop.db", "sql", "SELECT sale_id FROM sales", "--limit", "2", "--format", "json"]);
    let object = object.code(0).json();
    assert_eq!(object["truncated"], true);
    assert!(!object["sql"].as_str().expect("SQL").to_uppercase().contains("LIMIT"));
}

#[test]
fn null_is_what_one_says_it_is() {
    let world = World::with_shop();
    let sql = "SELECT sale_id, note FROM sales WHERE sale_id < 3";
    let plain = world.run(&["--db", "shop.db", "sql", sql]).code(0).stdout;
    assert_eq!(plain, "sale_id,note\n1,\n2,\"half, price\"\n");
    let named = world.run(&["--db", "shop.db", "sql", sql, "--null", "NA"]).code(0).stdout;
    assert!(named.contains("1,NA\n"), "{named}");
}

#[test]
fn a_file_takes_its_format_from_its_name_and_is_not_written_over() {
    let world = World::with_shop();
    let write =
        |name: &str, more: &[&str]| world.run(&[&["--db", "shop.db", "sql", BY_STORE, "-o", name], more].concat());
    write("rows.csv", &[]).code(0).prints_nothing();
    assert!(world.read("rows.csv").contains("South,26.0"));
    write("rows.json", &[]).code(0);
    assert!(world.read("rows.json").starts_with('{'));
    world.write("rows.csv", "mine");
    write("rows.csv", &[]).code(2).says("already exists").says("--force");
    assert_eq!(world.read("rows.csv"), "mine");
    write("rows.csv", &["--force"]).code(0);
    assert!(world.read("rows.csv").contains("South"));
    world.run(&["--db", "shop.db", "sql", "SELECT * FROM nothing", "-o", "none.csv"]).code(1);
    assert!(!world.path("none.csv").exists());
    let left: Vec<_> = std::fs::read_dir(world.path(".")).expect("the folder").collect();
    assert!(left.iter().all(|e| !e.as_ref().expect("an entry").file_name().to_string_lossy().starts_with(".t2s-")));
}

#[test]
fn a_chart_is_written_as_a_picture() {
    let world = World::with_shop();
    world.run(&["--db", "shop.db", "sql", BY_STORE, "-o", "chart.svg"]).code(0).prints_nothing();
    assert!(world.read("chart.svg").contains("<svg"));
    world.run(&["--db", "shop.db", "sql", BY_STORE, "-o", "chart.png", "--chart=pie"]).code(0);
    let png = std::fs::read(world.path("chart.png")).expect("a picture");
    assert!(png.starts_with(b"\x89PNG"));
    world.run(&["--db", "shop.db", "sql", BY_STORE, "-o", "none.svg", "--no-run"]).code(2).says("chart needs rows");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let world = World::with_shop();
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200000) SELECT i FROM n";
    let mut child = world.command(&["-q", "--db", "shop.db", "sql", many]).spawn().expect("starts");
    let mut stdout = child.stdout.take().expect("a pipe");
    let mut first = [0; 8];
    stdout.read_exact(&mut first).expect("reads a little");
    drop(stdout);
    let mut stderr = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut stderr).expect("reads");
    assert_eq!(child.wait().expect("ends").code(), Some(0), "{stderr}");
    assert_eq!(stderr, "");
}

#[test]
fn colour_codes_are_written_only_when_asked_for() {
    let world = World::with_shop();
    let wrong = ["--db", "shop.db", "sql", "SELECT * FROM sale"];
    assert!(!world.run(&wrong).stderr.contains('\u{1b}'));
    assert!(world.run(&[&["--color", "always"], &wrong[..]].concat()).stderr.contains('\u{1b}'));
    let world = world.variable("NO_COLOR", "1");
    assert!(!world.run(&wrong).stderr.contains('\u{1b}'));
    assert!(world.run(&[&["--color", "always"], &wrong[..]].concat()).stderr.contains('\u{1b}'));
}

#[test]
fn escape_bytes_in_the_data_do_not_reach_the_terminal() {
    let world = World::with_shop();
    let sql = "SELECT char(27) || '[31mred' AS c";
    let table = world.run(&["--db", "shop.db", "sql", sql, "--format", "table"]).code(0).stdout;
    assert!(!table.contains('\u{1b}'), "{table:?}");
}

#[test]
fn nothing_is_written_beside_the_database() {
    let world = World::with_shop();
    let before = std::fs::read(world.path("shop.db")).expect("the database");
    world.run(&["--db", "shop.db", "ask", "total revenue by store"]).code(0);
    world.run(&["--db", "shop.db", "sql", "UPDATE sales SET revenue = 0"]).code(5);
    assert_eq!(std::fs::read(world.path("shop.db")).expect("the database"), before);
    let mut names: Vec<String> = std::fs::read_dir(world.path("."))
        .expect("the folder")
        .map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned())
        // The program's own folders, which hold what it keeps of the database.
        .filter(|name| name != "home")
        .collect();
    names.sort();
    assert_eq!(names, ["shop.db"]);
}
