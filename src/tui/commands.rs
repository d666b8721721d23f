//! Slash commands: the list, and reading one.

/// What a line that starts with a slash asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Help,
    Schema,
    /// Run the statement, or open the editor if there is none.
    Sql(Option<String>),
    Chart(String),
    Export {
        path: String,
        force: bool,
    },
    Copy(Option<String>),
    New,
    Clear,
    Quit,
}

/// Names with their arguments and meaning, for completion, palette and help.
pub const COMMANDS: &[(&str, &str, &str)] = &[
    ("help", "", "keys and commands"),
    ("schema", "", "tables and columns"),
    ("sql", "[statement]", "write SQL, or run a statement"),
    ("chart", "<kind>", "draw as bar, line, scatter, pie, histogram, heatmap or automatic"),
    ("export", "<file>", "write the result (csv, json, md, html, ...) or the chart (png, svg); --force replaces"),
    ("copy", "[sql]", "copy the result, or the statement"),
    ("new", "", "a new conversation: earlier questions are forgotten"),
    ("clear", "", "clear the chat; the conversation goes on"),
    ("quit", "", "leave"),
];

/// Commands whose name starts with what is typed; none once an argument has begun.
pub fn completions(text: &str) -> Vec<&'static (&'static str, &'static str, &'static str)> {
    match text.strip_prefix('/') {
        Some(typed) if !typed.starts_with('/') => COMMANDS.iter().filter(|c| c.0.starts_with(typed)).collect(),
        _ => Vec::new(),
    }
}

/// Reads a line that starts with one slash. The error says what is wrong and what was probably meant.
pub fn read(line: &str) -> Result<Command, String> {
    let line = line.trim().trim_start_matches('/');
    let (name, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let argument = argument.trim();
    let given = (!argument.is_empty()).then(|| argument.to_owned());
    match name {
        "help" => Ok(Command::Help),
        "schema" => Ok(Command::Schema),
        "sql" => Ok(Command::Sql(given)),
        "chart" => given.map(Command::Chart).ok_or_else(|| "/chart needs a kind, as in /chart line".to_owned()),
        "export" => export(argument),
        "copy" => Ok(Command::Copy(given)),
        "new" => Ok(Command::New),
        "clear" => Ok(Command::Clear),
        "quit" | "exit" | "q" => Ok(Command::Quit),
        other => Err(unknown(other)),
    }
}

fn export(argument: &str) -> Result<Command, String> {
    let force = argument.split_whitespace().any(|word| word == "--force");
    let path = argument.replace("--force", "").trim().to_owned();
    if path.is_empty() {
        return Err("/export needs a file name, as in /export result.csv".to_owned());
    }
    Ok(Command::Export { path, force })
}

fn unknown(name: &str) -> String {
    let nearest = COMMANDS.iter().max_by(|a, b| likeness(name, a.0).total_cmp(&likeness(name, b.0)));
    match nearest.filter(|c| likeness(name, c.0) > 0.6) {
        Some((meant, ..)) => format!("no command /{name}; did you mean /{meant}?"),
        None => format!("no command /{name}; /help lists them"),
    }
}

fn likeness(a: &str, b: &str) -> f64 {
    strsim::jaro_winkler(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_and_arguments() {
        assert_eq!(read("/sql select 1"), Ok(Command::Sql(Some("select 1".into()))));
        assert_eq!(read("/sql"), Ok(Command::Sql(None)));
        assert_eq!(read("/export a b.csv --force"), Ok(Command::Export { path: "a b.csv".into(), force: true }));
        assert_eq!(read(" /quit "), Ok(Command::Quit));
    }

    #[test]
    fn suggests_the_nearest_command() {
        assert_eq!(read("/exprt x"), Err("no command /exprt; did you mean /export?".into()));
        assert_eq!(read("/zzz"), Err("no command /zzz; /help lists them".into()));
    }

    #[test]
    fn every_listed_command_can_be_read() {
        for (name, ..) in COMMANDS {
            assert!(read(&format!("/{name} x.csv")).is_ok(), "{name}");
        }
    }

    #[test]
    fn completes_only_the_name() {
        assert_eq!(completions("/s").iter().map(|c| c.0).collect::<Vec<_>>(), ["schema", "sql"]);
        assert!(completions("/sql x").is_empty() && completions("//").is_empty() && completions("s").is_empty());
    }
}
