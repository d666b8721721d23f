//! `t2s serve`: the HTTP door. stdout stays empty.

use super::exit::{Exit, Failed};
use super::{Setup, open};
use crate::server::{ServeError, serve};

pub async fn run(setup: &Setup) -> Result<Exit, Failed> {
    let pipeline = open::pipeline(setup).await?;
    let voice = setup.voice;
    serve(pipeline, |address| voice.text(&format!("listening on http://{address} (Ctrl-C stops)"))).await?;
    Ok(Exit::ANSWERED)
}

impl From<ServeError> for Failed {
    fn from(error: ServeError) -> Self {
        let (exit, code) = match &error {
            ServeError::RemoteHost(_) => (Exit::REFUSED, "remote_host"),
            ServeError::UnknownHost { .. } => (Exit::USAGE, "unknown_host"),
            ServeError::Bind { .. } => (Exit::UNAVAILABLE, "port_taken"),
            ServeError::Io(_) => (Exit::UNAVAILABLE, "connection"),
        };
        Self::new(exit, code, error.to_string())
    }
}
