//! Batches through the real program.

use serde_json::{Value, json};

use crate::harness::World;

#[test]
fn answers_come_in_the_order_of_the_lines_with_their_ids() {
    let world = World::with_shop();
    let lines = [
        "how many stores are there",
        r#"{"id": "a", "question": "how many products are there", "gold_sql": "ignored"}"#,
        "",
        r#"{"id": 7, "question": "how many sales are there"}"#,
    ];
    world.write("batch.jsonl", &lines.join("\n"));
    for jobs in ["1", "4"] {
        let done =
            world.run(&["--db", "shop.db", "ask", "--batch", "batch.jsonl", "--jobs", jobs]).code(0).json_lines();
        let seen: Vec<(Value, Value)> = done.iter().map(|o| (o["id"].clone(), o["rows"].clone())).collect();
        assert_eq!(seen, [(json!(1), json!([[3]])), (json!("a"), json!([[3]])), (json!(7), json!([[6]]))]);
        assert!(done.iter().all(|o| o["turn"].is_null()));
    }
}

#[test]
fn a_line_that_fails_is_a_line_with_an_error() {
    let world = World::with_shop();
    let lines = [
        r#"{"id": 1, "sql": "SELECT 1 AS one"}"#,
        r#"{"id": 2, "sql": "SELECT * FROM nothing"}"#,
        r#"{"id": 3"#,
        r#"{"id": 4, "sql": "DROP TABLE sales"}"#,
        r#"{"id": 5, "sql": "SELECT 2 AS two", "db": "missing.db"}"#,
        "SELECT 3 AS three",
    ];
    world.write("batch.jsonl", &lines.join("\n"));
    let done = world.run(&["--db", "shop.db", "sql", "--batch", "batch.jsonl"]).code(1).json_lines();
    let outcomes: Vec<&str> = done.iter().map(|o| o["outcome"].as_str().expect("an outcome")).collect();
    assert_eq!(outcomes, ["answer", "error", "error", "refused", "error", "answer"]);
    let codes: Vec<&Value> = done.iter().map(|o| &o["error"]["code"]).collect();
    assert_eq!(codes[1], "unknown_table");
    assert_eq!(codes[2], "bad_input");
    assert_eq!(codes[4], "missing_database");
    assert_eq!(done[2]["id"], 3, "a line that cannot be read is named by its number");

    let stopped = world.run(&["--db", "shop.db", "sql", "--batch", "batch.jsonl", "--fail-fast"]).code(1).json_lines();
    assert_eq!(stopped.len(), 2);
}

#[test]
fn refused_and_unanswered_lines_are_no_errors() {
    let world = World::with_shop();
    world.write("batch.txt", "delete all sales\nwhat is the weather on the moon\n");
    world.run(&["--db", "shop.db", "ask", "--batch", "batch.txt"]).code(0);
}

#[test]
fn databases_are_relative_to_the_batch_file_or_the_root_that_is_named() {
    let world = World::with_shop();
    let line = r#"{"id": 1, "sql": "SELECT COUNT(*) AS n FROM stores", "db_path": "shop.db"}"#;
    world.write("below/batch.jsonl", line);
    std::fs::copy(world.path("shop.db"), world.path("below/shop.db")).expect("copies the database");
    let beside = world.run(&["sql", "--batch", "below/batch.jsonl"]).code(0).json_lines();
    assert_eq!(beside[0]["rows"], json!([[3]]));
    std::fs::remove_file(world.path("below/shop.db")).expect("removes the copy");
    world.run(&["sql", "--batch", "below/batch.jsonl"]).code(1);
    world.run(&["sql", "--batch", "below/batch.jsonl", "--db-root", "."]).code(0);
    world.run_with(&["sql", "--batch", "-"], line.as_bytes()).code(0);
}

#[test]
fn turns_carry_over_within_a_line_and_not_between_lines() {
    let world = World::with_shop();
    let line = r#"{"id": "c", "turns": ["total revenue by store", {"question": "only North"}]}"#;
    world.write("batch.jsonl", line);
    let done = world.run(&["--db", "shop.db", "ask", "--batch", "batch.jsonl"]).json_lines();
    let turns: Vec<&Value> = done.iter().map(|o| &o["turn"]).collect();
    assert_eq!(turns, [&json!(1), &json!(2)]);
    assert!(done.iter().all(|o| o["id"] == "c"));
}

#[test]
fn now_may_carry_a_time_and_a_wrong_date_is_told() {
    let world = World::with_shop();
    let lines = [
        r#"{"question": "total revenue last month", "now": "2025-07-04T10:00:00"}"#,
        r#"{"question": "total revenue last month", "as_of": "soon"}"#,
    ];
    world.write("batch.jsonl", &lines.join("\n"));
    let done = world.run(&["--db", "shop.db", "ask", "--batch", "batch.jsonl"]).code(1).json_lines();
    assert_eq!(done[0]["rows"], json!([[21.0]]), "{}", done[0]);
    assert_eq!(done[1]["error"]["code"], "bad_input");
}

#[test]
fn a_batch_writes_json_only_and_takes_no_question_beside_it() {
    let world = World::with_shop();
    world.write("batch.txt", "how many stores are there\n");
    world.run(&["--db", "shop.db", "ask", "--batch", "batch.txt", "--format", "csv"]).code(2).says("JSON");
    world.run(&["--db", "shop.db", "ask", "more", "--batch", "batch.txt"]).code(2);
    world.run(&["--db", "shop.db", "ask", "--batch", "missing.txt"]).code(2).says("missing.txt");
    world.run(&["--db", "shop.db", "ask", "--batch", "batch.txt", "-o", "out.jsonl"]).code(0).prints_nothing();
    assert!(world.read("out.jsonl").starts_with(r#"{"id":1,"turn":null,"#));
}

#[test]
fn no_run_makes_sql_and_no_rows() {
    let world = World::with_shop();
    world.write("batch.txt", "how many stores are there\n");
    let done = world.run(&["--db", "shop.db", "ask", "--batch", "batch.txt", "--no-run"]).code(0).json_lines();
    assert!(done[0]["sql"].is_string() && done[0]["rows"].is_null());
}
