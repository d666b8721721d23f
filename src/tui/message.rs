//! What can happen to the app, and what it wants done: both plain data.

use std::path::PathBuf;
use std::sync::Arc;

use crossterm::event::KeyEvent;

use crate::pipeline::analysis::Question;
use crate::pipeline::progress::Progress;
use crate::pipeline::response::{Answer, ChartSpec, Failure};
use crate::pipeline::{Pipeline, Suggestion};
use crate::schema::{Schema, ValueIndex};

/// Everything that can wake the app.
#[derive(Debug)]
pub enum Message {
    Key(KeyEvent),
    Paste(String),
    Resize(u16, u16),
    /// Time went by; nothing else happened.
    Tick,
    Opened(Box<Opened>),
    OpenFailed(Box<Failure>),
    /// `run` is the number that the app gave the work; reports of older runs are dropped.
    Progress {
        run: u64,
        progress: Progress,
    },
    Answered {
        run: u64,
        answer: Box<Answer>,
    },
    /// The work ended without an answer, which only a fault in the program can cause.
    Died {
        run: u64,
        failure: Box<Failure>,
    },
    /// An export ended: what to tell.
    Exported(Result<String, String>),
}

/// What the app needs to know of an open database.
#[derive(Clone, Debug, Default)]
pub struct Opened {
    /// Tables and keys; the index of values stays with the pipeline.
    pub schema: Schema,
    pub suggestions: Vec<Suggestion>,
    /// Name of the model, if one may be asked.
    pub model: Option<String>,
}

impl Opened {
    pub fn of(pipeline: &Pipeline) -> Self {
        let schema = pipeline.schema();
        let config = pipeline.config();
        Self {
            schema: Schema {
                dialect: schema.dialect,
                name: schema.name.clone(),
                tables: schema.tables.clone(),
                foreign_keys: schema.foreign_keys.clone(),
                values: ValueIndex::default(),
                fingerprint: schema.fingerprint.clone(),
            },
            suggestions: pipeline.suggestions(),
            model: config.model.as_ref().filter(|_| !config.offline).map(|model| model.name.clone()),
        }
    }
}

/// What the driver is to do.
#[derive(Clone, Debug)]
pub enum Effect {
    Ask {
        run: u64,
        question: Question,
    },
    RunSql {
        run: u64,
        sql: String,
    },
    /// Stop the work under way; what it still sends is dropped.
    Cancel,
    Copy(String),
    Export {
        path: PathBuf,
        /// Replace a file that exists.
        force: bool,
        answer: Arc<Answer>,
        /// The chart as it is shown, for pictures.
        chart: Option<ChartSpec>,
    },
    Redraw,
    Suspend,
    Quit,
}
