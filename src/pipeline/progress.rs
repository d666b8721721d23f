//! What a door is told while an answer is made.

use std::time::Duration;

/// The steps of an answer, always in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Understand,
    Context,
    WriteSql,
    Check,
    Run,
    Explain,
}

impl Stage {
    pub const ALL: [Self; 6] = [Self::Understand, Self::Context, Self::WriteSql, Self::Check, Self::Run, Self::Explain];

    /// The words shown to people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Understand => "understand",
            Self::Context => "context",
            Self::WriteSql => "write SQL",
            Self::Check => "check",
            Self::Run => "run",
            Self::Explain => "explain",
        }
    }
}

/// One report from a running question.
#[derive(Clone, Debug)]
pub enum Progress {
    Begun(Stage),
    /// Done, with its evidence in a few words (`3 tables · 2 examples`).
    Done {
        stage: Stage,
        evidence: String,
        elapsed: Duration,
    },
    Skipped {
        stage: Stage,
        why: String,
    },
    /// SQL as it now stands.
    Sql(String),
    /// Rows fetched so far.
    Rows(usize),
}

/// Where reports go. Called from the task that runs the question; it must return at once.
pub type Report<'a> = &'a (dyn Fn(Progress) + Send + Sync);

/// For callers that want no reports.
pub fn silent(_: Progress) {}
