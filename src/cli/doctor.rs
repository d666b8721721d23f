//! `t2s doctor`: whether everything that an answer needs is in place, and what to do where it is not.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use super::exit::{Exit, Failed};
use super::output::terminal_width;
use super::{Setup, open};
use crate::config::Config;
use crate::database::{KeptSchemas, kept_schemas};
use crate::pipeline::retrieval::Embedder;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    /// Works, with less.
    Note,
    Failed,
}

#[derive(Clone, Debug, Serialize)]
struct Check {
    name: &'static str,
    state: State,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

pub async fn run(setup: &Setup, as_json: bool) -> Result<Exit, Failed> {
    let config = &setup.loaded.config;
    let mut checks = vec![settings(setup)];
    let folders = [("data", &config.folders.data), ("cache", &config.folders.cache), ("state", &config.folders.state)];
    checks.extend(folders.map(|(name, folder)| folder_check(name, folder)));
    checks.push(database(setup).await);
    checks.push(kept(config));
    checks.push(model(setup));
    checks.push(embedding(config).await);
    checks.push(terminal(setup));

    let has_failed = checks.iter().any(|c| c.state == State::Failed);
    let mut out = io::stdout().lock();
    if as_json {
        writeln!(out, "{:#}", serde_json::json!({"ok": !has_failed, "checks": checks}))?;
    } else {
        for check in &checks {
            writeln!(out, "{}", line(check))?;
        }
    }
    Ok(if has_failed { Exit::CHECK_FAILED } else { Exit::ANSWERED })
}

fn line(check: &Check) -> String {
    let mark = match check.state {
        State::Ok => "[ok]",
        State::Note => "[..]",
        State::Failed => "[!!]",
    };
    let hint = check.hint.as_ref().map(|h| format!("\n     {h}")).unwrap_or_default();
    format!("{mark} {}: {}{hint}", check.name, check.found)
}

fn settings(setup: &Setup) -> Check {
    let there: Vec<String> = setup.loaded.files.iter().filter(|f| f.1).map(|f| f.0.display().to_string()).collect();
    let found = if there.is_empty() { "no file, the defaults hold".to_owned() } else { there.join(", ") };
    let hint = setup.loaded.warnings.first().cloned();
    let state = if hint.is_some() { State::Note } else { State::Ok };
    Check { name: "settings", state, found, hint }
}

/// Writes a file and takes it away again: what counts is whether it works, not what the permissions say.
fn folder_check(name: &'static str, folder: &Path) -> Check {
    let tried = std::fs::create_dir_all(folder).and_then(|()| tempfile::NamedTempFile::new_in(folder));
    match tried {
        Ok(_) => Check { name, state: State::Ok, found: format!("{} can be written", folder.display()), hint: None },
        Err(e) => Check {
            name,
            state: State::Failed,
            found: format!("{} cannot be written: {e}", folder.display()),
            hint: Some(format!("check its permissions, or set folders.{name}")),
        },
    }
}

async fn database(setup: &Setup) -> Check {
    let start = Instant::now();
    match open::pipeline(setup).await {
        Ok(pipeline) => {
            let schema = pipeline.schema();
            let found = format!(
                "{} opened read-only in {} ms, {} tables",
                schema.name,
                start.elapsed().as_millis(),
                schema.tables.len()
            );
            Check { name: "database", state: State::Ok, found, hint: None }
        }
        Err(failed) => {
            let failure = *failed.failure;
            Check { name: "database", state: State::Failed, found: failure.message, hint: failure.hint }
        }
    }
}

/// What is known of databases from earlier runs.
fn kept(config: &Config) -> Check {
    let KeptSchemas { folder, files, bytes } = kept_schemas(&config.folders.cache);
    let (state, found) = if config.cache.enabled {
        let kept = if files == 1 { "schema" } else { "schemas" };
        (State::Ok, format!("{files} {kept} kept in {}, {} KiB", folder.display(), bytes.div_ceil(1024)))
    } else {
        (State::Note, "switched off; every start reads the whole database".to_owned())
    };
    Check { name: "kept schemas", state, found, hint: None }
}

/// Nothing is sent: a check must not cost anything.
fn model(setup: &Setup) -> Check {
    let (variable, is_set) = &setup.loaded.api_key;
    let offline = setup.loaded.config.offline;
    match &setup.loaded.config.model {
        _ if offline => Check {
            name: "model",
            state: State::Note,
            found: "switched off; the offline engine answers".into(),
            hint: None,
        },
        Some(model) => Check {
            name: "model",
            state: State::Ok,
            found: format!("{} is set up{}", model.name, if *is_set { "" } else { ", without a key" }),
            hint: None,
        },
        None => Check {
            name: "model",
            state: State::Note,
            found: "not set up; the offline engine answers".into(),
            hint: Some(format!("put a key into {variable}, or set model.base_url to a server of your own")),
        },
    }
}

async fn embedding(config: &Config) -> Check {
    let (wanted, start) = (config.embedding.clone(), Instant::now());
    let loaded = tokio::task::spawn_blocking(move || {
        Embedder::load(&wanted).and_then(|e| e.embed(&["a question"])).map_err(|e| e.to_string())
    });
    let loaded = loaded.await.unwrap_or_else(|e| Err(e.to_string()));
    match loaded {
        Ok(vectors) => {
            let size = vectors.first().map_or(0, Vec::len);
            let took = start.elapsed().as_millis();
            let found = format!("{} loaded in {took} ms, {size} dimensions", config.embedding.model);
            Check { name: "embedding", state: State::Ok, found, hint: None }
        }
        Err(why) => Check {
            name: "embedding",
            state: State::Note,
            found: format!("not available: {why}"),
            hint: Some("answers work without it, with the schema read directly".into()),
        },
    }
}

fn terminal(setup: &Setup) -> Check {
    let appearance = setup.loaded.config.appearance;
    let is_terminal = io::stdout().is_terminal();
    let place = if is_terminal { format!("{} cells wide", terminal_width()) } else { "stdout is no terminal".into() };
    let found = format!("{place}, colours {:?}, {:?}", appearance.color, appearance.depth).to_lowercase();
    let marks = if appearance.ascii { "ASCII marks" } else { "Unicode marks" };
    let plain = if appearance.plain { ", plain lines" } else { "" };
    Check { name: "terminal", state: State::Ok, found: format!("{found}, {marks}{plain}"), hint: None }
}
