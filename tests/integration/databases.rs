//! What the program says of a database before anything is asked of it.

use crate::harness::World;

#[test]
fn a_database_that_is_missing_or_no_database_is_a_mistake_of_usage() {
    let world = World::with_shop();
    world.write("notes.txt", "not a database, but long enough to look like a file that somebody meant to open");
    world.run(&["--db", "missing.db", "schema"]).code(2).prints_nothing().says("missing.db").says("hint:");
    world.run(&["--db", "notes.txt", "schema"]).code(2).prints_nothing().says("not a SQLite database");
    world.run(&["--db", ".", "schema"]).code(2).prints_nothing();
    world.run(&["--db", "bigquery://project/set", "schema"]).code(2).says("only SQLite files");
    assert!(!world.path("missing.db").exists());
}

#[test]
fn a_failure_before_the_answer_is_an_answer_object_too_where_one_was_asked_for() {
    let world = World::with_shop();
    let object = world.run(&["--db", "missing.db", "ask", "how many sales", "--format", "json"]).code(2).json();
    assert_eq!(object["outcome"], "error");
    assert_eq!(object["error"]["code"], "missing_database");
    assert_eq!(object["question"], "how many sales");
}

#[test]
fn schema_shows_tables_and_the_columns_of_one() {
    let world = World::with_shop();
    world.run(&["--db", "shop.db", "schema"]).code(0).prints("sales").prints("products, stores");
    let one = world.run(&["--db", "shop.db", "schema", "SALES"]).code(0);
    one.prints("to stores.store_id").prints("2025-05-03 to 2025-06-30").prints("6 rows");
    let object = world.run(&["--db", "shop.db", "schema", "--json"]).code(0).json();
    assert_eq!(object["tables"].as_array().map(Vec::len), Some(3));
    let table = world.run(&["--db", "shop.db", "schema", "sales", "--json"]).code(0).json();
    assert_eq!(table["references"][1]["to"], "stores.store_id");
    assert_eq!(table["columns"][5]["semantic_type"], "money");
}

#[test]
fn an_unknown_table_is_answered_with_the_nearest_names() {
    let world = World::with_shop();
    world
        .run(&["--db", "shop.db", "schema", "sale"])
        .code(1)
        .prints_nothing()
        .says("error[unknown_table]: no table named \"sale\"")
        .says("did you mean \"sales\"");
    world.run(&["--db", "shop.db", "schema", "xyzzy"]).code(1).says("t2s schema lists the tables");
}

#[test]
fn doctor_finds_what_is_there_and_what_is_not() {
    let world = World::with_shop();
    let object = world.run(&["--db", "shop.db", "doctor", "--json"]).code(0).json();
    let state = |name: &str| {
        let checks = object["checks"].as_array().expect("checks");
        checks.iter().find(|c| c["name"] == name).map(|c| c["state"].clone()).expect("a check of that name")
    };
    assert_eq!(object["ok"], true);
    assert_eq!(state("database"), "ok");
    assert_eq!(state("embedding"), "ok");
    assert_eq!(state("model"), "note");
    world.run(&["--db", "missing.db", "doctor"]).code(7).prints("[!!] database");
    world.write("file", "");
    let world = world.variable("T2S_CACHE_DIR", "file/below");
    world.run(&["--db", "shop.db", "doctor"]).code(7).prints("[!!] cache");
}

#[test]
fn demo_writes_the_shop_once_and_it_can_be_asked() {
    let world = World::new();
    world.run(&["demo", "--out", "mine.db"]).code(0).prints_nothing().says("--db mine.db");
    let before = std::fs::metadata(world.path("mine.db")).expect("the shop").len();
    world.run(&["demo", "--out", "mine.db"]).code(2).says("--force");
    assert_eq!(std::fs::metadata(world.path("mine.db")).expect("the shop").len(), before);
    world.run(&["--db", "mine.db", "schema"]).code(0).prints("products");
    world.run(&["-q", "schema"]).code(0).prints("products");
    assert!(world.path("home/data/retail.db").is_file());
}
