//! Holds the source to its plan: which module may use which, and what only one of them may do.

use std::fs;
use std::path::{Path, PathBuf};

/// One file under `src/`, without its tests.
struct Source {
    /// Relative to `src/`, with `/`.
    path: String,
    /// `["pipeline", "response", "chart"]`.
    module: Vec<String>,
    code: String,
}

/// The rooms, from left to right.
const ROOMS: [&str; 6] = ["analysis", "retrieval", "generation", "validation", "execution", "response"];
const GROUND: [&str; 8] = ["config", "schema", "language", "database", "knowledge", "history", "llm", "terminal"];
/// What even the ground stands on.
const BEDROCK: [&str; 3] = ["config", "schema", "language"];
const DRAWINGS: [&str; 2] = ["chart", "export"];
const WORKSHOPS: [&str; 4] = ["shop", "import", "evaluation", "training"];
const DOORS: [&str; 4] = ["cli", "tui", "server", "mcp"];

#[test]
fn every_module_uses_only_what_it_may() {
    let wrong: Vec<String> = sources().iter().flat_map(wrong_arrows).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_wrong_arrow_is_seen() {
    let cases = [
        ("pipeline/analysis/mod.rs", "use crate::pipeline::response::Answer;"),
        ("pipeline/analysis/mod.rs", "use super::retrieval::{Context, Retriever};"),
        ("pipeline/generation/offline/plan.rs", "fn f(x: crate::database::Database) {}"),
        ("pipeline/generation/offline/plan.rs", "use super::super::super::execution::ResultSet;"),
        ("pipeline/response/insight.rs", "use crate::{llm, schema::Value};"),
        ("schema/mod.rs", "use crate::knowledge::Knowledge;"),
        ("chart/mod.rs", "use crate::pipeline::{Pipeline, response::Answer};"),
        ("tui/mod.rs", "use crate::server::router;"),
        ("shop/mod.rs", "use crate::cli::args::Cli;"),
        ("evaluation/judge.rs", "use crate::training::examine;"),
        ("pipeline/mod.rs", "use crate::export::Format;"),
    ];
    for (path, code) in cases {
        assert_eq!(wrong_arrows(&source(path, code)).len(), 1, "{path}: {code}");
    }
    let fine = "use super::execution::ResultSet; use crate::schema::{Schema, Value}; use self::chart::choose;";
    assert!(wrong_arrows(&source("pipeline/response/mod.rs", fine)).is_empty());
}

#[test]
fn no_module_is_named_for_nothing() {
    let forbidden = ["utils", "helpers", "common", "types", "models", "manager", "service"];
    let named = sources().into_iter().filter(|s| s.module.iter().any(|m| forbidden.contains(&m.as_str())));
    let named: Vec<String> = named.map(|s| s.path).collect();
    assert!(named.is_empty(), "{named:?}");
}

#[test]
fn only_config_reads_the_environment() {
    for reading in ["env::var", "env::current_dir", "env::home_dir", "env::temp_dir", "env::current_exe"] {
        hold(reading, "config", |s| s.module[0] == "config");
    }
    hold("env::args", "main", |s| s.path == "main.rs");
}

#[test]
fn only_main_ends_the_process() {
    for exit in ["process::exit", "process::abort", "ExitCode"] {
        hold(exit, "main", |s| s.path == "main.rs");
    }
}

#[test]
fn only_doors_on_a_terminal_print() {
    for print in ["println!", "print!", "dbg!", "io::stdout()", "io::stderr()"] {
        hold(print, "cli, tui and main", |s| ["cli", "tui"].contains(&s.module[0].as_str()) || s.path == "main.rs");
    }
}

#[test]
fn only_the_gate_makes_read_only_sql() {
    let makes = |s: &Source| {
        s.code.lines().any(|l| l.contains("ReadOnlySql {") && !["struct", "impl", "for "].iter().any(|w| l.contains(w)))
    };
    let makers: Vec<String> = sources().into_iter().filter(makes).map(|s| s.path).collect();
    assert_eq!(makers, ["pipeline/validation/mod.rs"]);
}

#[test]
fn only_the_database_and_the_workshops_open_databases() {
    let may = |s: &Source| s.module[0] == "database" || WORKSHOPS.contains(&s.module[0].as_str());
    hold("Connection::open", "database and the workshops", may);
}

#[test]
fn only_the_model_client_speaks_outward() {
    for client in ["async_openai", "reqwest"] {
        hold(client, "llm", |s| s.module[0] == "llm");
    }
}

#[test]
fn the_pure_rooms_have_no_clock_no_files_and_no_tasks() {
    let pure: Vec<Source> = sources().into_iter().filter(is_pure).collect();
    assert!(pure.len() > 10, "the rooms were not found");
    let impure =
        ["Instant::now", "SystemTime", "Zoned::now", "Timestamp::now", "std::fs", "std::net", "tokio::", "rusqlite"];
    for word in impure {
        let users: Vec<&str> = pure.iter().filter(|s| s.code.contains(word)).map(|s| s.path.as_str()).collect();
        assert!(users.is_empty(), "{word} is used in {users:?}");
    }
}

fn is_pure(source: &Source) -> bool {
    let path = source.path.as_str();
    let rooms = ["pipeline/analysis/", "pipeline/generation/offline/", "pipeline/validation/", "pipeline/response/"];
    rooms.iter().any(|room| path.starts_with(room)) && path != "pipeline/response/wording.rs"
}

/// Fails if a file that is not allowed to has `word` in its code.
fn hold(word: &str, owner: &str, is_allowed: impl Fn(&Source) -> bool) {
    let sources = sources();
    let users = sources.iter().filter(|s| s.code.contains(word) && !is_allowed(s));
    let users: Vec<&str> = users.map(|s| s.path.as_str()).collect();
    assert!(users.is_empty(), "{word} belongs to {owner}, but is in {users:?}");
}

fn wrong_arrows(source: &Source) -> Vec<String> {
    let used = paths_used(source).into_iter().map(|path| place(&path)).filter(|p| !p.is_empty());
    let from = place(&source.module);
    let mut wrong: Vec<String> = used
        .filter(|to| *to != from && !may_use(source, &from, to))
        .map(|to| format!("{} uses {to}, which {from} may not", source.path))
        .collect();
    wrong.sort();
    wrong.dedup();
    wrong
}

/// The node of the plan that a path lies in: `config`, `pipeline`, `pipeline::analysis`. Empty if in none.
fn place(path: &[String]) -> String {
    let top = path.first().map_or("", String::as_str);
    match path.get(1).map(String::as_str) {
        Some(room) if top == "pipeline" && (ROOMS.contains(&room) || room == "progress" || room == "error") => {
            format!("pipeline::{room}")
        }
        _ => top.to_owned(),
    }
}

fn may_use(source: &Source, from: &str, to: &str) -> bool {
    let is = |list: &[&str], name: &str| list.contains(&name);
    let is_pipeline = to == "pipeline" || to.starts_with("pipeline::");
    let rank = |place: &str| ROOMS.iter().position(|room| place.strip_prefix("pipeline::") == Some(room));
    match from {
        "main" => to == "cli",
        "lib" => true,
        "cli" => to != "main",
        door if is(&DOORS, door) => is(&DRAWINGS, to) || is_pipeline || is(&GROUND, to),
        // What is fitted is what counts as right.
        "training" if to == "evaluation" => true,
        workshop if is(&WORKSHOPS, workshop) => is_pipeline || is(&GROUND, to),
        // An answer holds what was understood and who wrote it, so both drawings may name those.
        drawing if is(&DRAWINGS, drawing) => {
            is(&["terminal", "schema"], to)
                // Charts write their numbers as tables do.
                || (drawing == "chart" && to == "export")
                || is(&["pipeline::response", "pipeline::execution", "pipeline::analysis", "pipeline::generation"], to)
        }
        "pipeline" | "pipeline::error" => is_pipeline || is(&GROUND, to),
        "pipeline::progress" => false,
        _ if rank(from).is_some() => match to {
            "config" | "schema" | "language" | "knowledge" | "pipeline::progress" => true,
            "database" => from == "pipeline::execution",
            "llm" => {
                is(&["pipeline::retrieval", "pipeline::generation"], from)
                    || source.path == "pipeline/response/wording.rs"
            }
            _ => rank(to).is_some_and(|to| Some(to) < rank(from)),
        },
        ground if is(&GROUND, ground) => is(&BEDROCK, to),
        _ => false,
    }
}

/// Every path into this crate that the code names, from the crate's root.
fn paths_used(source: &Source) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let code = source.code.as_str();
    for (start, _) in code.match_indices("crate::") {
        if is_word_start(code, start) {
            found.extend(tree(&code[start + "crate::".len()..], &[]).0);
        }
    }
    for (start, _) in code.match_indices("super::") {
        // A chain is read once, from its first link.
        if !is_word_start(code, start) || code[..start].ends_with("::") {
            continue;
        }
        let mut rest = &code[start..];
        let mut base = source.module.as_slice();
        while let Some(after) = rest.strip_prefix("super::") {
            rest = after;
            base = &base[..base.len().saturating_sub(1)];
        }
        found.extend(tree(rest, base).0);
    }
    found
}

fn is_word_start(code: &str, at: usize) -> bool {
    !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// The paths of a use tree such as `a::{b, c::d}`, and what follows it.
fn tree<'a>(text: &'a str, base: &[String]) -> (Vec<Vec<String>>, &'a str) {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        let mut all = Vec::new();
        loop {
            let (paths, after) = tree(rest, base);
            all.extend(paths);
            let after = after.trim_start();
            match after.strip_prefix(',') {
                Some(next) if !next.trim_start().starts_with('}') => rest = next,
                Some(next) => return (all, next.trim_start().strip_prefix('}').unwrap_or(next)),
                None => return (all, after.strip_prefix('}').unwrap_or(after)),
            }
        }
    }
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let mut path = base.to_vec();
    if !word.is_empty() && word != "self" {
        path.push(word.to_owned());
    }
    if let Some(rest) = rest.strip_prefix("::") {
        return tree(rest, &path);
    }
    // `as name` belongs to the same branch.
    let renamed = rest
        .trim_start()
        .strip_prefix("as ")
        .map(|r| r.trim_start().trim_start_matches(|c: char| c.is_alphanumeric() || c == '_'));
    (vec![path], renamed.unwrap_or(rest))
}

fn source(path: &str, code: &str) -> Source {
    let mut module: Vec<String> = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|m| m == "mod") {
        module.pop();
    }
    Source { path: path.to_owned(), module, code: without_comments(without_tests(code)) }
}

/// Everything before the tests, which stand last.
fn without_tests(code: &str) -> &str {
    let tests =
        ["#[cfg(test)]\nmod tests {", "#[cfg(test)]\npub(crate) mod tests {", "#[cfg(test)]\npub(super) mod tests {"];
    let end = tests.iter().filter_map(|start| code.find(start)).min();
    &code[..end.unwrap_or(code.len())]
}

fn without_comments(code: &str) -> String {
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    let mut texts: Vec<(String, String)> = files
        .iter()
        .map(|file| {
            let path = file.strip_prefix(&root).expect("a file under src").to_string_lossy().replace('\\', "/");
            (path, fs::read_to_string(file).expect("a source file").replace("\r\n", "\n"))
        })
        .collect();
    texts.sort();
    let only_for_tests: Vec<String> = texts.iter().flat_map(|(path, text)| test_modules(path, text)).collect();
    let is_product =
        |path: &str| !only_for_tests.iter().any(|t| path == format!("{t}.rs") || path.starts_with(&format!("{t}/")));
    texts.iter().filter(|(path, _)| is_product(path)).map(|(path, text)| source(path, text)).collect()
}

/// Files that are modules under `#[cfg(test)]`, without their ending.
fn test_modules(path: &str, text: &str) -> Vec<String> {
    let folder = match path.rsplit_once('/') {
        Some((folder, "mod.rs")) => format!("{folder}/"),
        Some((folder, file)) => format!("{folder}/{}/", file.trim_end_matches(".rs")),
        None => String::new(),
    };
    text.match_indices("#[cfg(test)]\n")
        .filter_map(|(at, mark)| {
            let line = text[at + mark.len()..].lines().next()?;
            let name = line.strip_suffix(';')?.rsplit_once("mod ")?.1;
            Some(format!("{folder}{name}"))
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}
