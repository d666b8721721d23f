//! Where log lines go: stderr, or a file while the app has the screen.

use std::fs::{self, OpenOptions};
use std::io;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

use super::Setup;
use super::exit::Failed;
use crate::config::LogFormat;

/// Installs the log for the rest of the process. `has_screen` sends it to a file.
pub fn install(setup: &Setup, has_screen: bool) -> Result<(), Failed> {
    let log = &setup.loaded.config.log;
    let level = match setup.voice.verbose {
        0 => log.level.as_str(),
        1 => "warn,t2s=info",
        _ => "warn,t2s=debug",
    };
    let filter = EnvFilter::try_new(level)
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

fn file(setup: &Setup) -> Result<BoxMakeWriter, Failed> {
    let folder = &setup.loaded.config.folders.state;
    let path = folder.join("t2s.log");
    let opened = fs::create_dir_all(folder).and_then(|()| OpenOptions::new().create(true).append(true).open(&path));
    let file = opened.map_err(|e| Failed::usage(format!("cannot write the log {}: {e}", path.display())))?;
    Ok(BoxMakeWriter::new(Mutex::new(file)))
}
