//! `t2s help`, `t2s completions`, `t2s man`: what needs neither settings nor a database.

use std::io::{self, Write};
use std::path::Path;

use clap::CommandFactory;

use super::args::{Cli, Command};
use super::exit::{Exit, Failed};

/// Topics by name; each is also a file of its own.
const TOPICS: [(&str, &str); 7] = [
    ("batch", include_str!("topics/batch.txt")),
    ("configuration", include_str!("topics/configuration.txt")),
    ("environment", include_str!("topics/environment.txt")),
    ("eval", include_str!("topics/eval.txt")),
    ("exit-codes", include_str!("topics/exit-codes.txt")),
    ("formats", include_str!("topics/formats.txt")),
    ("privacy", include_str!("topics/privacy.txt")),
];

/// Runs the command if it is one of these.
pub fn run(command: &Command) -> Option<Result<Exit, Failed>> {
    let written = match command {
        Command::Completions { shell } => completions(*shell),
        Command::Man { out: None } => page(),
        Command::Man { out: Some(folder) } => pages(folder),
        Command::Help { topic } => topic_text(topic.as_deref()).and_then(|text| print(text.as_bytes())),
        _ => return None,
    };
    Some(written.map(|()| Exit::ANSWERED))
}

fn completions(shell: clap_complete::Shell) -> Result<(), Failed> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "t2s", &mut script);
    print(&script)
}

fn page() -> Result<(), Failed> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page)?;
    print(&page)
}

fn pages(folder: &Path) -> Result<(), Failed> {
    let written = std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Cli::command(), folder));
    written.map_err(|e| Failed::usage(format!("cannot write into {}: {e}", folder.display())))
}

fn topic_text(topic: Option<&str>) -> Result<String, Failed> {
    let mut cli = Cli::command();
    let Some(topic) = topic else { return Ok(cli.render_long_help().to_string()) };
    if let Some((_, text)) = TOPICS.iter().find(|(name, _)| name.eq_ignore_ascii_case(topic)) {
        return Ok((*text).to_owned());
    }
    cli.build();
    if let Some(command) = cli.find_subcommand_mut(topic) {
        return Ok(command.render_long_help().to_string());
    }
    let names = TOPICS.map(|(name, _)| name).join(", ");
    Err(Failed::usage(format!("no help on {topic:?}")).hint(format!("a command, or one of: {names}")))
}

fn print(text: &[u8]) -> Result<(), Failed> {
    let mut out = io::stdout().lock();
    out.write_all(text)?;
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_and_topic_has_help() {
        let commands: Vec<String> = Cli::command().get_subcommands().map(|c| c.get_name().to_owned()).collect();
        for name in commands.iter().map(String::as_str).chain(TOPICS.map(|(name, _)| name)) {
            assert!(topic_text(Some(name)).is_ok_and(|text| text.len() > 40), "{name}");
        }
        assert!(topic_text(Some("nothing")).is_err());
    }

    #[test]
    fn the_configuration_topic_is_not_older_than_the_example() {
        let text = topic_text(Some("configuration")).unwrap();
        for word in ["t2s.toml", "T2S_", "config show"] {
            assert!(text.contains(word), "{word}");
        }
    }

    #[test]
    fn the_environment_topic_names_every_shared_variable() {
        let text = topic_text(Some("environment")).unwrap();
        for variable in crate::config::KEYS.iter().flat_map(|key| key.also) {
            assert!(text.contains(variable), "{variable}");
        }
    }
}
