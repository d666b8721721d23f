//! The terminal app: ask, see how the answer was made, check it, correct it, take the data away.
//!
//! `update` changes the state and names effects, `view` draws the state, `driver` waits and does the effects. Only
//! `driver` and `screen` touch the world.

mod app;
mod commands;
mod driver;
mod editor;
mod file;
mod history;
mod keys;
mod layout;
mod message;
#[cfg(test)]
mod samples;
mod screen;
mod sql;
mod table;
mod text;
mod theme;
mod update;
mod view;

pub use driver::run;

use crate::config::ColorDepth;
use crate::pipeline::OpenError;

/// What the terminal shows and what was asked for. The caller reads the environment, not the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Colours beside weights and signs.
    pub color: bool,
    /// How many of them.
    pub depth: ColorDepth,
    /// Frames and marks of ASCII only.
    pub ascii: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { color: true, depth: ColorDepth::default(), ascii: false }
    }
}

/// How to start.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub style: Style,
    /// What the database is called on the screen, such as its file name.
    pub database: String,
}

/// How the app was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Quit,
    /// By a signal of this number; shells expect exit code 128 + number.
    Signal(i32),
}

/// Why the app could not run.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] std::io::Error),
    #[error(transparent)]
    Open(OpenError),
}
