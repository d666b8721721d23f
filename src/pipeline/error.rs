//! What went wrong in a room, as the stable codes, words and hints of the contract.

use super::analysis::QuestionError;
use super::execution::ExecutionError;
use super::response::{Failure, Outcome, Place};
use super::validation::Refusal;
use crate::database::DatabaseError;
use crate::knowledge::KnowledgeError;
use crate::llm::ModelError;

/// Why a pipeline could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("no database is named")]
    NoDatabase,
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Knowledge(#[from] KnowledgeError),
    #[error("reading the database was interrupted")]
    Interrupted,
}

impl OpenError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoDatabase => Some("name a file with --db".to_owned()),
            Self::Database(error) => Some(error.hint().to_owned()),
            Self::Knowledge(_) | Self::Interrupted => None,
        }
    }
}

pub(super) fn of_question(error: &QuestionError) -> Failure {
    let (code, hint) = match error {
        QuestionError::Empty => ("empty_question", "type a question in plain words"),
        QuestionError::TooLong { .. } => ("question_too_long", "shorten the question"),
    };
    Failure { code, message: error.to_string(), why: None, hint: Some(hint.to_owned()), place: None }
}

/// `sql` is the text that was refused, as it was given.
pub(super) fn of_refusal(refusal: &Refusal, sql: &str) -> (Outcome, Failure) {
    let length = Some(refusal.length).filter(|length| *length > 1);
    // The gate counts from behind a byte order mark.
    let place = Place::of(sql.trim_start_matches('\u{feff}'), refusal.line, refusal.column, length);
    let outcome = if refusal.is_policy() { Outcome::Refused } else { Outcome::Error };
    let failure = Failure {
        code: refusal.code,
        message: format!("{}{}", refusal.message, place.as_ref().map_or_else(String::new, Place::words)),
        why: Some(refusal.why.to_owned()),
        hint: Some(refusal.hint.clone()),
        place: place.map(Box::new),
    };
    (outcome, failure)
}

/// `sql` is the text that was run.
pub(super) fn of_execution(error: &ExecutionError, sql: &str) -> (Outcome, Failure) {
    let code = match error {
        ExecutionError::Stopped => "stopped",
        ExecutionError::Database(error) => database_code(error),
    };
    let place = match error {
        ExecutionError::Database(DatabaseError::Sql { place: Some(at), .. }) => {
            Place::of(sql, at.line, at.column, None)
        }
        _ => None,
    };
    let outcome = if error.is_policy() { Outcome::Refused } else { Outcome::Error };
    (
        outcome,
        Failure {
            code,
            message: error.to_string(),
            why: Some(error.why().to_owned()),
            hint: Some(error.hint().to_owned()),
            place: place.map(Box::new),
        },
    )
}

/// A model that failed, where the offline rules could not help out.
pub(super) fn of_model(error: &ModelError, offline: &str) -> Failure {
    Failure {
        code: error.code(),
        message: error.to_string(),
        why: Some(format!("the offline rules cannot answer instead: {offline}")),
        hint: Some(error.hint().to_owned()),
        place: None,
    }
}

/// A draft in which the condition on a column is missing.
pub(super) fn of_condition(column: &str) -> Failure {
    Failure {
        code: "condition_missing",
        message: format!("the condition on {column} is missing"),
        why: Some("it was set beside the question".to_owned()),
        hint: Some("write it into the WHERE clause".to_owned()),
        place: None,
    }
}

/// The stable code of a database's failure.
pub fn database_code(error: &DatabaseError) -> &'static str {
    match error {
        DatabaseError::Missing(_) => "missing_database",
        DatabaseError::NotAFile(_) | DatabaseError::NotADatabase(_) => "not_a_database",
        DatabaseError::Unreadable { .. } => "unreadable_database",
        DatabaseError::Damaged(_) => "damaged_database",
        DatabaseError::Unfinished(_) => "unfinished_write",
        DatabaseError::Busy | DatabaseError::Changing | DatabaseError::Crowded => "busy",
        DatabaseError::TimeLimit(_) => "time_limit",
        DatabaseError::SizeLimit(_) | DatabaseError::ValueLimit(_) | DatabaseError::MemoryLimit(_) => "size_limit",
        DatabaseError::TooComplex(_) => "too_complex",
        DatabaseError::Cancelled => "cancelled",
        DatabaseError::Denied(_) => "denied",
        DatabaseError::Sql { .. } => "sql_error",
        DatabaseError::Output(_) => "output",
    }
}
