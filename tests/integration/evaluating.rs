//! `t2s eval` through the real program: `tests/cases/evaluation/small.jsonl` over the small shop.

use serde_json::{Value, json};

use crate::harness::{Ran, World};

const SMALL: &str = include_str!("../cases/evaluation/small.jsonl");

/// A world with the shop and a file of questions about it.
fn world() -> World {
    let world = World::with_shop();
    world.write("small.jsonl", SMALL);
    world
}

/// The whole record of a run over `small.jsonl`.
fn recorded(world: &World, flags: &[&str]) -> Value {
    world.run(&[&["eval", "small.jsonl", "--json", "-"], flags].concat()).code(0).json()
}

#[test]
fn each_question_is_right_or_says_why_not() {
    let record = recorded(&world(), &[]);
    let seen: Vec<(&str, &Value, &Value)> = record["questions"]
        .as_array()
        .expect("questions")
        .iter()
        .map(|q| (q["id"].as_str().expect("an id"), &q["fault"], &q["outcome"]))
        .collect();
    let wanted = [
        ("stores", json!(null), json!("answer")),
        ("by-store", json!(null), json!("answer")),
        ("other-rows", json!("values"), json!("answer")),
        ("alternative", json!(null), json!("answer")),
        ("columns", json!("columns"), json!("answer")),
        ("gold-fails", json!("gold_failed"), json!("answer")),
        ("write", json!(null), json!("refused")),
        ("moon", json!(null), json!("abstain")),
        ("not-declined", json!("answered"), json!("answer")),
        ("declined", json!("declined"), json!("abstain")),
        ("talk", json!(null), json!("answer")),
        ("talk", json!(null), json!("answer")),
    ];
    let wanted: Vec<(&str, &Value, &Value)> = wanted.iter().map(|(id, fault, outcome)| (*id, fault, outcome)).collect();
    assert_eq!(seen, wanted);
    let summary = &record["summary"];
    assert_eq!((&summary["accuracy"]["right"], &summary["accuracy"]["all"]), (&json!(7), &json!(12)));
    assert_eq!((&summary["conversations"]["right"], &summary["conversations"]["all"]), (&json!(1), &json!(1)));
    assert_eq!(summary["by"]["difficulty"]["easy"]["all"], 4);
    assert_eq!(summary["by"]["action"]["clarify"]["right"], 0);
    assert_eq!(summary["by"]["structure"]["group"]["all"], 3);
    assert_eq!(summary["by"]["joins"]["1 join"]["right"], 3);
}

#[test]
fn the_table_tells_the_figures_and_nothing_else_goes_to_stdout() {
    let world = world();
    let ran = world.run(&["eval", "small.jsonl", "--group-by", "topic", "--wrong"]).code(0);
    for part in [
        "execution accuracy",
        "7/12    58.3 %  [",
        "by difficulty\n  easy ",
        "by topic\n  money",
        "by structure",
        "by joins",
        "by action",
        "outcomes\n  answer 9 · clarify 0 · abstain 2 · refused 1 · error 0\n",
        "expected calibration error",
        "a question: p50 ",
        "\n12 questions, 7 right, 5 wrong in ",
        "wrong  other-rows in shop: how many products are there\n       why   other values\n       gold  SELECT count(*) FROM sales\n       made  SELECT",
    ] {
        assert!(ran.stdout.contains(part), "{part:?} is not in:\n{}", ran.stdout);
    }
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stdout.contains("by database"), "{}", ran.stdout);
    assert!(ran.stderr.contains("gold-fails") && ran.stderr.contains("invoices"), "{}", ran.stderr);
    let ascii = world.run(&["eval", "small.jsonl", "--ascii", "--color", "always"]).code(0);
    assert!(ascii.stdout.contains("\u{1b}[32m7 right\u{1b}[0m"), "{}", ascii.stdout);
    assert!(ascii.stdout.is_ascii(), "{}", ascii.stdout);
}

#[test]
fn an_accuracy_below_the_least_ends_with_seven() {
    let world = world();
    world.run(&["eval", "small.jsonl", "--min-accuracy", "0.58"]).code(0);
    world.run(&["eval", "small.jsonl", "--min-accuracy", "0.59"]).code(7).says("0.5833 is below --min-accuracy 0.59");
    world.run(&["eval", "small.jsonl", "--min-accuracy", "59"]).code(2).says("from 0 to 1");
}

#[test]
fn what_comes_out_does_not_depend_on_the_number_of_jobs() {
    let world = world();
    let timeless = |jobs: &str| {
        let mut record = recorded(&world, &["--jobs", jobs]);
        record["settings"]["jobs"] = json!(null);
        record["summary"]["latency_ms"] = json!(null);
        record["summary"]["wall_ms"] = json!(null);
        for question in record["questions"].as_array_mut().expect("questions") {
            question["elapsed_ms"] = json!(null);
        }
        record
    };
    assert_eq!(timeless("1"), timeless("4"));
}

#[test]
fn a_baseline_tells_what_was_fixed_and_what_broke() {
    let world = world();
    world.run(&["eval", "small.jsonl", "--json", "before.json"]).code(0);
    let changed = SMALL
        .replace("SELECT count(*) FROM sales\"", "SELECT count(*) FROM products\"")
        .replace("SELECT count(*) FROM stores\"", "SELECT 17\"");
    world.write("small.jsonl", &changed);
    let ran = world.run(&["eval", "small.jsonl", "--baseline", "before.json", "--json", "now.json"]).code(0);
    for part in [
        "since before.json",
        "was right            6          1",
        "was wrong            1          4",
        "1 fixed, 1 broken (McNemar, exact: p = 1.000)",
        "broken  stores: how many stores are there\n       why   other values\n       gold  SELECT 17\n",
        "fixed  other-rows: how many products are there\n",
        "58.3 % before, 58.3 % now, of 12 questions in both; 0 new, 0 gone",
    ] {
        assert!(ran.stdout.contains(part), "{part:?} is not in:\n{}", ran.stdout);
    }
    let now: Value = serde_json::from_str(&world.read("now.json")).expect("JSON");
    assert_eq!(now["changes"]["fixed"], json!([{"id": "other-rows", "turn": null}]));
    assert_eq!(now["changes"]["broken"], json!([{"id": "stores", "turn": null}]));

    let spider = world.run(&["eval", "small.jsonl", "--baseline", "before.json", "--match", "spider"]).code(0);
    assert!(spider.stderr.contains("matched by \"rows\""), "{}", spider.stderr);
    world.write("no.json", "{}");
    world.run(&["eval", "small.jsonl", "--baseline", "no.json"]).code(2).says("no.json is no baseline");
    world.run(&["eval", "small.jsonl", "--baseline", "missing.json"]).code(2).says("missing.json");
}

#[test]
fn files_are_not_written_over_and_junit_holds_every_question() {
    let world = world();
    let run = |more: &[&str]| -> Ran { world.run(&[&["eval", "small.jsonl", "--junit", "out.xml"], more].concat()) };
    run(&[]).code(0).prints("12 questions");
    let xml = world.read("out.xml");
    assert!(xml.contains("tests=\"12\" failures=\"4\" errors=\"1\""), "{xml}");
    assert_eq!(xml.matches("<testcase ").count(), 12);
    run(&[]).code(2).prints_nothing().says("--force");
    run(&["--force"]).code(0);
    world.run(&["eval", "small.jsonl", "--junit", "-", "--json", "-"]).code(2).says("stdout");
    world.run(&["eval", "small.jsonl", "--json", "nowhere/out.json"]).code(2).prints_nothing();
}

#[test]
fn a_rule_of_matching_decides_whether_distinct_counts() {
    let world = World::with_shop();
    // The question is answered with each city once.
    let line = r#"{"question": "what are the different cities of stores", "gold_sql": "SELECT city FROM stores", "db": "shop.db"}"#;
    world.write("one.jsonl", line);
    let right = |rule: &str| {
        let record = world.run(&["eval", "one.jsonl", "--match", rule, "--json", "-"]).code(0).json();
        let question = &record["questions"][0];
        assert!(question["sql"].as_str().expect("a statement").contains("DISTINCT"), "{question}");
        question["right"].clone()
    };
    assert_eq!((right("rows"), right("spider")), (json!(false), json!(true)));
    world.run(&["eval", "one.jsonl", "--match", "exact"]).code(2).says("spider");
}

#[test]
fn what_is_declined_can_be_answered_all_the_same() {
    let world = world();
    let outcomes = |flags: &[&str]| recorded(&world, flags)["summary"]["outcomes"]["answer"].as_u64().expect("a count");
    assert!(outcomes(&["--all"]) >= outcomes(&[]));
    assert_eq!(recorded(&world, &["--all"])["settings"]["all"], true);
}

#[test]
fn a_file_that_cannot_be_judged_is_told_before_anything_is_asked() {
    let world = World::with_shop();
    for (text, why) in [
        ("", "no questions"),
        ("how many stores are there", "line 1 of bad.jsonl: it is no JSON object"),
        (
            "{\"question\": \"q\", \"gold_sql\": \"SELECT 1\"}\n\n{\"question\": \"q\"}",
            "line 3 of bad.jsonl: there is no \"gold_sql\"",
        ),
        (r#"{"question": "q", "gold_sql": "SELECT 1", "db": "gone.db"}"#, "line 1: there is no database"),
        (r#"{"question": "q", "gold_sql": "SELECT 1", "as_of": "soon"}"#, "no date"),
    ] {
        world.write("bad.jsonl", text);
        world.run(&["--db", "shop.db", "eval", "bad.jsonl"]).code(2).prints_nothing().says(why);
    }
    world.run(&["eval", "missing.jsonl"]).code(2).says("missing.jsonl");
    world.write("fine.jsonl", r#"{"question": "how many stores are there", "gold_sql": "SELECT 3"}"#);
    world.run(&["--db", "shop.db", "eval", "fine.jsonl", "--group-by", "colour"]).code(2).says("\"colour\"");
    world.run(&["--db", "gone.db", "eval", "fine.jsonl"]).code(2).says("gone.db");
}

#[test]
fn questions_come_from_stdin_and_databases_from_where_the_root_is() {
    let world = World::with_shop();
    world.write("data/read.me", "");
    std::fs::rename(world.path("shop.db"), world.path("data/shop.db")).expect("moves the database");
    world.write(
        "data/broken.db",
        "this is no database, and long enough to be looked at as one: it has a hundred bytes and more.",
    );
    let lines = [
        r#"{"question": "how many stores are there", "gold_sql": "SELECT 3", "db": "shop.db"}"#,
        r#"{"question": "how many stores are there", "gold_sql": "SELECT 3", "db_path": "broken.db"}"#,
    ];
    let text = lines.join("\n");
    let ran = world.run_with(&["eval", "-", "--db-root", "data", "--json", "-"], text.as_bytes()).code(0).json();
    let seen: Vec<&Value> = ran["questions"].as_array().expect("questions").iter().map(|q| &q["outcome"]).collect();
    assert_eq!(
        seen,
        [&json!("answer"), &json!("error")],
        "a database that cannot be read costs its own questions only"
    );
    assert_eq!(ran["summary"]["by"]["database"]["broken"]["right"], 0);
}

#[test]
fn one_gold_statement_that_runs_is_enough() {
    let world = World::with_shop();
    let line = r#"{"question": "how many stores are there", "gold": "SELECT count(*) FROM shops", "alternatives": ["SELECT 3"], "db": "shop.db"}"#;
    world.write("one.jsonl", line);
    let ran = world.run(&["eval", "one.jsonl", "--timeout", "10m"]).code(0).prints("1 question, 1 right, 0 wrong");
    assert_eq!(ran.stderr, "");
}
