//! Settings through the real program: files, variables, flags, and mistakes in them.

use crate::harness::World;

#[test]
fn an_unknown_key_is_refused_with_its_place_and_the_nearest_key() {
    let world = World::new();
    world.write("mine.toml", "[limits]\ntime = \"5s\"\nmax_result = 5\n");
    world
        .run(&["--config", "mine.toml", "config", "show"])
        .code(2)
        .prints_nothing()
        .says("mine.toml:3:1: unknown key \"limits.max_result\"; did you mean \"limits.max_results\"?");
}

#[test]
fn show_says_which_source_won() {
    let world = World::new().variable("T2S_LIMITS_APP_ROWS", "300").variable("OPENAI_API_KEY", "sk-secret");
    world.write("mine.toml", "[limits]\nmax_results = 500\napp_rows = 400\n");
    world.write("t2s.toml", "[limits]\nmax_results = 50\n");
    let ran = world.run(&["--config", "mine.toml", "--offline", "config", "show", "--json"]).code(0);
    let shown = ran.json();
    let of = |key: &str| {
        let entry = &shown["values"][key];
        (entry["value"].clone(), entry["source"].as_str().expect("a source").to_owned())
    };
    assert_eq!(of("limits.app_rows"), (300.into(), "T2S_LIMITS_APP_ROWS".into()));
    assert_eq!(of("model.offline"), (true.into(), "--offline".into()));
    assert_eq!(of("limits.question_chars"), (2000.into(), "default".into()));
    let (value, source) = of("limits.max_results");
    assert_eq!(value, 50);
    assert!(source.ends_with("t2s.toml:2:1"), "{source}");
    assert_eq!(shown["api_key"]["is_set"], true);
    assert!(!ran.stdout.contains("sk-secret"));
    let text = world.run(&["--config", "mine.toml", "config", "show"]).code(0).prints("***").stdout;
    assert!(!text.contains("sk-secret"));
}

#[test]
fn what_a_project_file_may_not_set_is_ignored_and_told() {
    let world = World::new();
    world.write("t2s.toml", "[model]\nbase_url = \"http://elsewhere.example/v1\"\n");
    let ran = world.run(&["config", "show"]).code(0).says("model.base_url is ignored: a project file may not set it");
    assert!(!ran.stdout.contains("elsewhere"));
}

#[test]
fn init_writes_a_file_that_is_valid_and_is_not_written_over() {
    let world = World::new();
    world.run(&["--config", "new.toml", "config", "show"]).code(2).says("new.toml");
    let written = world.run(&["config", "init"]).code(0).stdout;
    assert!(std::path::Path::new(written.trim()).is_file(), "{written}");
    world.run(&["config", "show"]).code(0).prints("config.toml:");
    world.run(&["config", "init"]).code(2).says("already exists");
    world.run(&["config", "init", "--force"]).code(0);
    world.run(&["config", "path"]).code(0).prints(written.trim());
}

#[test]
fn a_wrong_variable_is_named() {
    let world = World::new().variable("MAX_RESULTS", "many");
    world.run(&["config", "show"]).code(2).says("MAX_RESULTS: limits.max_results: \"many\" is no whole number");
}
