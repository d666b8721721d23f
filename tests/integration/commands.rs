//! Commands that ask nothing, and input that is wrong before anything is asked.

use crate::harness::World;

#[test]
fn an_empty_question_and_a_huge_one_are_refused() {
    let world = World::with_shop();
    world.run(&["--db", "shop.db", "ask"]).code(2).says("[empty_question]");
    world.run(&["--db", "shop.db", "ask", "  "]).code(2).says("[empty_question]");
    world.run(&["--db", "shop.db", "sql", ""]).code(2).says("[empty_sql]");
    let huge = "sales ".repeat(175_000);
    let ran = world.run_with(&["--db", "shop.db", "ask", "-"], huge.as_bytes()).code(2).says("[question_too_long]");
    assert!(ran.stderr.len() < 500, "the question is not thrown back: {} bytes", ran.stderr.len());
    let bytes = [0xff, 0xfe, 0x00];
    world.run_with(&["--db", "shop.db", "ask", "-"], &bytes).code(2).says("not UTF-8");
}

#[test]
fn mistakes_on_the_command_line_say_what_would_be_right() {
    let world = World::new();
    world.run(&["frobnicate"]).code(2).prints_nothing().says("frobnicate");
    world.run(&["ask", "q", "--format", "xlsx"]).code(2).says("csv");
    world.run(&["ask", "q", "--timeout", "soon"]).code(2).says("500ms");
    world.run(&["ask", "q", "--limit", "-2"]).code(2);
    world.run(&["ask", "q", "--min-confidence", "2"]).code(2).says("from 0 to 1");
    world.run(&["ask", "q", "-o", "rows.xyz"]).code(2).says("--format");
    world.run(&["ask", "q", "-o", "nowhere/rows.csv"]).code(2).says("no folder");
    world.run(&["ask", "q", "--as-of", "yesterday"]).code(2).says("--as-of");
    world.run(&["ask", "q", "--chart", "spider"]).code(2).says("no kind of chart").says("pie");
    world.run(&[]).code(2).says("terminal");
}

#[test]
fn help_version_completions_and_the_manual_need_nothing() {
    let world = World::new();
    world.run(&["--help"]).code(0).prints("Usage: t2s");
    world.run(&["--version"]).code(0).prints("t2s ");
    world.run(&["help"]).code(0).prints("ask");
    world.run(&["help", "ask"]).code(0).prints("--min-confidence");
    world.run(&["help", "exit-codes"]).code(0).prints("130  interrupted");
    world.run(&["help", "nothing"]).code(2).says("exit-codes");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        world.run(&["completions", shell]).code(0).prints("t2s");
    }
    world.run(&["man"]).code(0).prints(".TH t2s 1");
    world.run(&["man", "--out", "pages"]).code(0).prints_nothing();
    assert!(world.path("pages/t2s-ask.1").is_file());
    assert!(!world.path("home").exists(), "help leaves no folders behind");
}
