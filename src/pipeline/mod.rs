//! The order of the rooms. Rooms never call each other; this file calls them.

pub mod analysis;
pub mod execution;
pub mod generation;
pub mod progress;
pub mod response;
pub mod retrieval;
pub mod validation;

use analysis::Question;
use execution::Limits;
use progress::Report;
use response::Answer;

use crate::config::Config;
use crate::database::DatabaseError;
use crate::knowledge::Knowledge;
use crate::schema::Schema;

/// Why a pipeline could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// One open database with everything needed to answer questions about it. Shared by all doors.
pub struct Pipeline {
    config: Config,
    schema: Schema,
    knowledge: Knowledge,
}

/// A question that the open database can answer, for galleries and empty states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    pub question: String,
    /// An intent's name.
    pub category: &'static str,
}

impl Pipeline {
    /// Opens the configured database (the sample shop is made if none is named).
    pub async fn open(config: Config) -> Result<Self, OpenError> {
        Ok(Self { config, schema: Schema::default(), knowledge: Knowledge::default() })
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    pub fn knowledge(&self) -> &Knowledge {
        &self.knowledge
    }

    /// Questions made for the open database from its own tables and values.
    pub fn suggestions(&self) -> Vec<Suggestion> {
        Vec::new()
    }

    /// Answers a question. Every failure is an answer too (outcome `error`). Dropping the future stops the work.
    /// With `run` false the SQL is made and checked but not run.
    pub async fn ask(&self, question: &Question, limits: Limits, run: bool, report: Report<'_>) -> Answer {
        let _ = (question, limits, run, report);
        unimplemented!("arrives with the rooms")
    }

    /// Runs a statement written by a person through the same gate. With `run` false it is only checked.
    pub async fn run_sql(&self, sql: &str, limits: Limits, run: bool, report: Report<'_>) -> Answer {
        let _ = (sql, limits, run, report);
        unimplemented!("arrives with the gate")
    }
}
