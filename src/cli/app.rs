//! `t2s` alone: the terminal app.

use std::io::{self, IsTerminal};
use std::sync::Arc;

use super::exit::{Exit, Failed};
use super::{Setup, open};
use crate::config::ColorDepth;
use crate::pipeline::Pipeline;
use crate::tui::{self, Ended, Options, Style, TuiError};

pub async fn run(setup: &Setup) -> Result<Exit, Failed> {
    let appearance = setup.loaded.config.appearance;
    let has_screen = io::stdin().is_terminal() && io::stdout().is_terminal();
    if setup.no_input || appearance.plain || !has_screen {
        return Err(Failed::usage("the app needs a terminal of its own")
            .hint("ask without it: t2s ask \"revenue by store last month\"; t2s help lists all commands"));
    }
    // Before the app has the screen: a sample shop may have to be made, and that is told.
    let config = open::config(setup).await?;
    let color = appearance.color.paints(appearance.depth != ColorDepth::Mono);
    let database = config.database.as_deref().and_then(|path| path.file_name()).unwrap_or_default();
    let style = Style { color, depth: appearance.depth, ascii: appearance.ascii };
    let options = Options { style, database: database.to_string_lossy().into_owned() };
    let opening = async move { Pipeline::open(config).await.map(Arc::new) };
    match tui::run(opening, options).await? {
        Ended::Quit => Ok(Exit::ANSWERED),
        // Shells expect 128 and the number of the signal.
        Ended::Signal(number) => Ok(Exit(u8::try_from(128 + number).unwrap_or(Exit::INTERRUPTED.0))),
    }
}

impl From<TuiError> for Failed {
    fn from(error: TuiError) -> Self {
        match error {
            TuiError::Open(error) => error.into(),
            TuiError::Terminal(_) => Self::usage(error.to_string()).hint("t2s ask works without the app"),
        }
    }
}
