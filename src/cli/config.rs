//! `t2s config`: the settings, where each comes from, and the files they are looked for in.

use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value as Json, json};

use super::Setup;
use super::args::ConfigCommand;
use super::exit::{Exit, Failed};
use crate::config::{EXAMPLE, Loaded};

pub fn run(setup: &Setup, command: &ConfigCommand) -> Result<Exit, Failed> {
    match command {
        ConfigCommand::Show { json: true } => writeln!(io::stdout(), "{:#}", as_json(&setup.loaded))?,
        ConfigCommand::Show { json: false } => io::stdout().lock().write_all(as_text(&setup.loaded).as_bytes())?,
        ConfigCommand::Init { force } => init(setup, *force)?,
        ConfigCommand::Path => paths(&setup.loaded)?,
    }
    Ok(Exit::ANSWERED)
}

fn as_text(loaded: &Loaded) -> String {
    let mut lines = Vec::new();
    for (key, value, source) in &loaded.values {
        let written = value.as_ref().map_or_else(|| "(not set)".to_owned(), |v| masked(v).to_string());
        lines.push(format!("{:<30} = {written:<32} # {source}\n", key.name));
    }
    let (variable, is_set) = &loaded.api_key;
    let held = if *is_set { "***" } else { "(not set)" };
    lines.push(format!("{:<30} = {held:<32} # {variable}\n", "(the model's key)"));
    lines.concat()
}

fn as_json(loaded: &Loaded) -> Json {
    let values = loaded.values.iter().map(|(key, value, source)| {
        let value = value.as_ref().map(|v| serde_json::to_value(masked(v)).unwrap_or_default());
        (key.name.to_owned(), json!({"value": value, "source": source.to_string()}))
    });
    let (variable, is_set) = &loaded.api_key;
    json!({
        "values": values.collect::<serde_json::Map<_, _>>(),
        "api_key": {"variable": variable, "is_set": is_set},
    })
}

/// An address may carry a name and a password before its host.
fn masked(value: &toml::Value) -> toml::Value {
    let Some(text) = value.as_str() else { return value.clone() };
    let Some((scheme, rest)) = text.split_once("://") else { return value.clone() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match authority.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://***@{host}{path}").into(),
        None => value.clone(),
    }
}

fn init(setup: &Setup, force: bool) -> Result<(), Failed> {
    let Some((path, _)) = setup.loaded.files.first() else { return Ok(()) };
    let failed = |e: io::Error| Failed::usage(format!("cannot write {}: {e}", path.display()));
    if path.exists() && !force {
        return Err(Failed::new(Exit::USAGE, "file_exists", format!("{} already exists", path.display()))
            .hint("edit it, or overwrite it with --force"));
    }
    std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).map_err(failed)?;
    std::fs::write(path, EXAMPLE).map_err(failed)?;
    writeln!(io::stdout(), "{}", path.display())?;
    Ok(())
}

fn paths(loaded: &Loaded) -> Result<(), Failed> {
    let mut out = io::stdout().lock();
    for (path, is_there) in &loaded.files {
        writeln!(out, "{}{}", path.display(), if *is_there { "" } else { "  (not there)" })?;
    }
    let folders = &loaded.config.folders;
    for (what, folder) in [("data", &folders.data), ("cache", &folders.cache), ("state", &folders.state)] {
        writeln!(out, "{what}: {}", folder.display())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_an_address_is_masked() {
        let masked = |text: &str| masked(&text.into()).as_str().map(str::to_owned);
        assert_eq!(masked("https://me:word@host:1/v1").as_deref(), Some("https://***@host:1/v1"));
        assert_eq!(masked("https://host/v1@2").as_deref(), Some("https://host/v1@2"));
        assert_eq!(masked("plain").as_deref(), Some("plain"));
    }
}
