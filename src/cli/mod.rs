//! The command line: reads flags and settings, runs one command, and gives the exit code.
//!
//! stdout is data only; everything said to a person goes to stderr through [`say::Voice`].

mod app;
mod args;
mod ask;
mod batch;
mod caret;
mod config;
mod context;
mod databases;
mod demo;
mod doctor;
mod draw;
mod eval;
mod exit;
mod help;
mod input;
mod lines;
mod logging;
mod open;
mod output;
mod say;
mod schema;
mod serve;
mod sql;
mod stream;

use std::ffi::OsString;

use anyhow::Context as _;
use clap::Parser;

use crate::config::{Loaded, Surroundings, load};
use args::{Cli, Command};
use exit::{Exit, Failed};
use say::Voice;

/// What every command works with.
#[derive(Clone, Debug)]
pub struct Setup {
    pub loaded: Loaded,
    pub voice: Voice,
    /// Never wait for a person.
    pub no_input: bool,
}

/// Runs the command line to its end and gives the exit code.
///
/// # Errors
/// If the program itself cannot run: no threads, no signals.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> anyhow::Result<u8> {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return Ok(told_by_clap(&error).0),
    };
    if let Some(ended) = cli.command.as_ref().and_then(help::run) {
        return Ok(ended.unwrap_or_else(|failed| told(Voice::unset(), &failed)).0);
    }
    let surroundings = Surroundings::of_this_process();
    let settings = cli.settings(&surroundings.here);
    let setup = match load(&surroundings, cli.global.config.as_deref(), &settings) {
        Ok(loaded) => setup(&cli, loaded),
        Err(error) => return Ok(told(Voice::unset(), &error.into()).0),
    };
    if let Err(failed) = logging::install(&setup, cli.command.is_none()) {
        return Ok(told(setup.voice, &failed).0);
    }
    for warning in &setup.loaded.warnings {
        setup.voice.warning(warning);
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no threads to work with")?;
    let exit = runtime.block_on(dispatch(&setup, cli)).unwrap_or_else(|failed| told(setup.voice, &failed));
    // A statement that is still being stopped must not hold up the end.
    runtime.shutdown_background();
    Ok(exit.0)
}

fn setup(cli: &Cli, loaded: Loaded) -> Setup {
    let voice = Voice::new(loaded.config.appearance, cli.global.quiet, cli.global.verbose);
    Setup { voice, no_input: cli.global.no_input, loaded }
}

async fn dispatch(setup: &Setup, cli: Cli) -> Result<Exit, Failed> {
    match cli.command {
        None => app::run(setup).await,
        Some(Command::Serve(_)) => serve::run(setup).await,
        Some(command) => {
            tokio::select! {
                ended = answered(setup, command) => ended,
                Ok(()) = tokio::signal::ctrl_c() => {
                    Err(Failed::new(Exit::INTERRUPTED, "cancelled", "interrupted"))
                }
            }
        }
    }
}

/// Commands that work until they are done; an interrupt drops them where they are.
async fn answered(setup: &Setup, command: Command) -> Result<Exit, Failed> {
    match command {
        Command::Ask(args) => ask::run(setup, args).await,
        Command::Sql(args) => sql::run(setup, args).await,
        Command::Eval(args) => eval::run(setup, args).await,
        Command::Schema(args) => schema::run(setup, args).await,
        Command::Context(args) => context::run(setup, args).await,
        Command::Demo(args) => demo::run(setup, args).await,
        Command::Config { command } => config::run(setup, &command),
        Command::Doctor { json } => doctor::run(setup, json).await,
        Command::Serve(_) | Command::Completions { .. } | Command::Man { .. } | Command::Help { .. } => {
            Ok(Exit::ANSWERED)
        }
    }
}

/// Help and versions are data and go to stdout; mistakes go to stderr.
fn told_by_clap(error: &clap::Error) -> Exit {
    let is_mistake = error.use_stderr();
    match error.print() {
        Ok(()) if is_mistake => Exit::USAGE,
        _ => Exit::ANSWERED,
    }
}

fn told(voice: Voice, failed: &Failed) -> Exit {
    if !failed.is_quiet() {
        voice.error(&failed.failure);
    }
    failed.exit
}
