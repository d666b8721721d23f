//! Exit codes, and the failures that end a command before there is an answer.

use std::io;

use crate::config::ConfigError;
use crate::database::DatabaseError;
use crate::pipeline::response::{Answer, Failure, Outcome};
use crate::pipeline::{OpenError, database_code};

/// What a script learns from the end of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit(pub u8);

impl Exit {
    /// Answered; no rows is an answer too.
    pub const ANSWERED: Self = Self(0);
    /// The SQL is wrong or failed: unknown table or column, an error while it ran.
    pub const SQL: Self = Self(1);
    /// Usage, configuration, a database file that is missing or unreadable, input that is too long.
    pub const USAGE: Self = Self(2);
    /// Connection, authentication, a lock, a model in trouble: trying again may help.
    pub const UNAVAILABLE: Self = Self(3);
    /// A limit of time or size.
    pub const LIMIT: Self = Self(4);
    /// A policy said no.
    pub const REFUSED: Self = Self(5);
    /// A question back, an honest "cannot", or too little confidence.
    pub const NO_ANSWER: Self = Self(6);
    /// A check failed.
    pub const CHECK_FAILED: Self = Self(7);
    pub const INTERRUPTED: Self = Self(130);
}

/// The one place where an answer becomes an exit code.
pub fn of_answer(answer: &Answer, min_confidence: Option<f64>) -> Exit {
    match answer.outcome {
        Outcome::Answer if is_below(answer, min_confidence) => Exit::NO_ANSWER,
        Outcome::Answer => Exit::ANSWERED,
        Outcome::Clarify | Outcome::Abstain => Exit::NO_ANSWER,
        Outcome::Refused => Exit::REFUSED,
        Outcome::Error => answer.error.as_ref().map_or(Exit::SQL, |failure| of_code(failure.code)),
    }
}

/// A statement that a person wrote has no confidence to fall short of.
pub fn is_below(answer: &Answer, min_confidence: Option<f64>) -> bool {
    min_confidence.zip(answer.confidence.as_ref()).is_some_and(|(min, confidence)| confidence.score < min)
}

/// Codes are the stable words of the contract; those that are not named here are errors of the statement.
fn of_code(code: &str) -> Exit {
    const USAGE: [&str; 12] = [
        "empty",
        "empty_question",
        "empty_sql",
        "question_too_long",
        "too_long",
        "bad_input",
        "knowledge",
        "missing_database",
        "not_a_database",
        "unreadable_database",
        "damaged_database",
        "unfinished_write",
    ];
    match code {
        "cancelled" => Exit::INTERRUPTED,
        "time_limit" | "size_limit" | "too_complex" => Exit::LIMIT,
        "not_read_only" | "several_statements" | "denied" => Exit::REFUSED,
        "busy" | "locked" | "connection" | "unavailable" | "stopped" => Exit::UNAVAILABLE,
        _ if USAGE.contains(&code) => Exit::USAGE,
        _ if code.starts_with("model_") => Exit::UNAVAILABLE,
        _ => Exit::SQL,
    }
}

/// A command that ended without an answer: the code, and what a person is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    pub exit: Exit,
    /// Boxed: a failure is rare, and results should stay small.
    pub failure: Box<Failure>,
}

impl Failed {
    pub fn new(exit: Exit, code: &'static str, message: impl Into<String>) -> Self {
        Self { exit, failure: Box::new(Failure { code, message: message.into(), why: None, hint: None, place: None }) }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::USAGE, "usage", message)
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.failure.hint = Some(hint.into());
        self
    }

    /// Ended on purpose with a code and nothing more to say.
    pub fn quietly(exit: Exit) -> Self {
        Self::new(exit, "", "")
    }

    pub fn is_quiet(&self) -> bool {
        self.failure.message.is_empty()
    }
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Self { exit: of_code(failure.code), failure: Box::new(failure) }
    }
}

impl From<ConfigError> for Failed {
    fn from(error: ConfigError) -> Self {
        Self::new(Exit::USAGE, "configuration", error.to_string()).hint("t2s help configuration explains every key")
    }
}

impl From<DatabaseError> for Failed {
    fn from(error: DatabaseError) -> Self {
        let code = database_code(&error);
        let mut failed = Self::new(of_code(code), code, error.to_string()).hint(error.hint());
        failed.failure.why = Some(error.why().to_owned());
        failed
    }
}

impl From<OpenError> for Failed {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Database(error) => error.into(),
            other => {
                let failed = Self::new(Exit::USAGE, "cannot_open", other.to_string());
                match other.hint() {
                    Some(hint) => failed.hint(hint),
                    None => failed,
                }
            }
        }
    }
}

impl From<io::Error> for Failed {
    /// A reader that has seen enough is no failure.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::quietly(Exit::ANSWERED),
            _ => Self::new(Exit::USAGE, "output", format!("cannot write: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::response::Confidence;
    use crate::schema::Dialect;

    fn ended(outcome: Outcome, code: Option<&'static str>) -> Answer {
        let error = code.map(|code| Failure { code, message: String::new(), why: None, hint: None, place: None });
        Answer { outcome, error, ..Answer::blank("", Dialect::default(), String::new()) }
    }

    #[test]
    fn each_end_has_its_code() {
        let cases = [
            (Outcome::Answer, None, 0),
            (Outcome::Clarify, None, 6),
            (Outcome::Abstain, None, 6),
            (Outcome::Refused, Some("not_read_only"), 5),
            (Outcome::Refused, Some("unknown_function"), 5),
            (Outcome::Error, Some("unknown_table"), 1),
            (Outcome::Error, Some("syntax"), 1),
            (Outcome::Error, Some("question_too_long"), 2),
            (Outcome::Error, Some("missing_database"), 2),
            (Outcome::Error, Some("model_unauthorized"), 3),
            (Outcome::Error, Some("busy"), 3),
            (Outcome::Error, Some("time_limit"), 4),
            (Outcome::Error, Some("size_limit"), 4),
            (Outcome::Error, Some("cancelled"), 130),
            (Outcome::Error, None, 1),
        ];
        for (outcome, code, wanted) in cases {
            assert_eq!(of_answer(&ended(outcome, code), None), Exit(wanted), "{outcome:?} {code:?}");
        }
    }

    #[test]
    fn confidence_below_the_bound_is_no_answer() {
        let part = |score| Confidence { score, parts: Vec::new() };
        let answer = |score| Answer { confidence: Some(part(score)), ..ended(Outcome::Answer, None) };
        assert_eq!(of_answer(&answer(0.5), Some(0.6)), Exit::NO_ANSWER);
        assert_eq!(of_answer(&answer(0.6), Some(0.6)), Exit::ANSWERED);
        assert_eq!(of_answer(&ended(Outcome::Answer, None), Some(0.6)), Exit::ANSWERED);
    }

    #[test]
    fn a_closed_pipe_is_a_quiet_success() {
        let failed = Failed::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert!(failed.is_quiet() && failed.exit == Exit::ANSWERED);
    }
}
