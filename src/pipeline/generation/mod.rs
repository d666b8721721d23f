//! Room 3: a question and its context become a [`Draft`] of SQL, a question back, or a reason why not.

pub mod offline;
pub mod prompted;

use super::analysis::Analysis;

/// An earlier question, read as the present one was, with the SQL that answered it where that is known.
#[derive(Clone, Debug)]
pub struct EarlierTurn {
    pub analysis: Analysis,
    pub sql: Option<String>,
}

/// Who wrote a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Model,
    Offline,
    /// A verified example of the knowledge folder.
    Verified,
    Person,
}

impl Engine {
    pub fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Offline => "offline",
            Self::Verified => "verified",
            Self::Person => "person",
        }
    }
}

/// SQL that nobody has checked yet, with how it came about.
#[derive(Clone, Debug)]
pub struct Draft {
    pub sql: String,
    pub engine: Engine,
    /// How the question was read, in words.
    pub interpretation: String,
    /// Defaults that were taken.
    pub assumptions: Vec<String>,
    /// Evidence between 0 and 1 with its reason, one for each thing that had to be right.
    pub evidence: Vec<Evidence>,
    /// Other readings that differ in one place, the nearest first.
    pub choices: Vec<Reading>,
}

/// One thing that had to be right for the draft to be right.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// `coverage`, `links`, `joins` or `structure`.
    pub name: &'static str,
    pub score: f64,
    pub why: String,
}

/// What a generator gives back.
#[derive(Clone, Debug)]
pub enum Generated {
    Draft(Box<Draft>),
    /// Two to four readings that differ in one place.
    Clarify {
        question: String,
        readings: Vec<Reading>,
    },
    /// Not understood, or not in the data. `nearest` are questions that can be answered.
    Abstain {
        reason: String,
        nearest: Vec<String>,
    },
    /// The question asks for a change of the data.
    WriteRequest {
        verb: String,
    },
}

/// One way to read a question: its label, and the question that says so outright.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    pub label: String,
    pub question: String,
}
