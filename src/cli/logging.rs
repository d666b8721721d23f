//! Where log lines go: stderr, or a file while the app has the screen.

use std::fs::{self, OpenOptions};
use std::io;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{LevelFilter, ParseError};
use tracing_subscriber::fmt::writer::BoxMakeWriter;

use super::Setup;
use super::exit::Failed;
use crate::config::LogFormat;
use crate::llm::CLIENT_CRATES;

/// Installs the log for the rest of the process. `has_screen` sends it to a file.
pub fn install(setup: &Setup, has_screen: bool) -> Result<(), Failed> {
    let log = &setup.loaded.config.log;
    let level = match setup.voice.verbose {
        0 => log.level.as_str(),
        1 => "warn,t2s=info",
        _ => "warn,t2s=debug",
    };
    let filter = filter(level)
        .map_err(|e| Failed::usage(format!("log.level: {level:?} is no log filter: {e}")).hint("try warn or info"))?;
    let writer = if has_screen { file(setup)? } else { BoxMakeWriter::new(io::stderr) };
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    // A second log in one process keeps the first.
    let _ = match log.format {
        LogFormat::Text => lines.with_ansi(false).without_time().try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
    Ok(())
}

/// What was asked for, with noisy crates held down unless they are named.
fn filter(asked: &str) -> Result<EnvFilter, ParseError> {
    let general = asked.split(',').filter_map(|d| d.trim().parse::<LevelFilter>().ok()).next_back();
    let general = general.unwrap_or(LevelFilter::OFF);
    let most = general.min(LevelFilter::WARN);
    let quiet = CLIENT_CRATES.iter().map(|name| format!("{name}={most},"));
    EnvFilter::try_new(format!("{}hnsw_rs=off,{asked}", quiet.collect::<String>()))
}

fn file(setup: &Setup) -> Result<BoxMakeWriter, Failed> {
    let folder = &setup.loaded.config.folders.state;
    let path = folder.join("t2s.log");
    let opened = fs::create_dir_all(folder).and_then(|()| OpenOptions::new().create(true).append(true).open(&path));
    let file = opened.map_err(|e| Failed::usage(format!("cannot write the log {}: {e}", path.display())))?;
    Ok(BoxMakeWriter::new(Mutex::new(file)))
}

#[cfg(test)]
mod tests {
    use tracing::{Level, enabled, subscriber};
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[test]
    fn noisy_crates_are_held_down_and_never_raised() {
        let shown = |level: &str| {
            let registry = tracing_subscriber::registry().with(filter(level).unwrap());
            subscriber::with_default(registry, || {
                [
                    enabled!(target: "t2s::pipeline", Level::DEBUG),
                    enabled!(target: "hnsw_rs::hnsw", Level::ERROR),
                    enabled!(target: "hyper::proto", Level::DEBUG),
                    enabled!(target: "async_openai::client", Level::WARN),
                ]
            })
        };
        assert_eq!(shown("warn"), [false, false, false, true]);
        assert_eq!(shown("debug"), [true, false, false, true]);
        assert_eq!(shown("warn,t2s=debug"), [true, false, false, true]);
        assert_eq!(shown("error"), [false, false, false, false]);
        assert_eq!(shown("off"), [false, false, false, false]);
        assert_eq!(shown("t2s=debug,hyper=debug"), [true, false, true, false]);
        assert!(filter("t2s=loud").is_err());
    }
}
