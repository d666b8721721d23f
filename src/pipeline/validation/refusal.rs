//! Why a statement was not let through, in words that help to mend it.

use sqlparser::ast::Ident;
use sqlparser::tokenizer::{Location, Span};

/// A statement that was refused. `Display` is the message; the reason and the way out stand beside it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// `not_read_only`, `several_statements`, `unknown_table`, `unknown_column`, `unknown_function`, `denied`,
    /// `syntax`, `too_long` or `empty`.
    pub code: &'static str,
    pub message: String,
    pub why: &'static str,
    /// What to do; never empty.
    pub hint: String,
    /// Where in the text, counted from 1; 0 if it concerns the whole.
    pub line: u32,
    /// Characters from the start of the line, counted from 1; 0 if it concerns the whole.
    pub column: u32,
    /// Characters of what is meant, at most to the end of its line; 1 if that is not known.
    pub length: u32,
    /// Names that exist and look like the one that does not, likeliest first.
    pub nearest: Vec<String>,
}

impl Refusal {
    /// True if a rule forbids the statement, false if it is merely wrong.
    pub fn is_policy(&self) -> bool {
        matches!(self.code, "not_read_only" | "several_statements" | "denied" | "unknown_function")
    }

    /// True if the statement is too large to be checked or run, whatever it says.
    pub fn is_limit(&self) -> bool {
        self.code == "too_long"
    }

    pub(super) fn new(code: &'static str, message: impl Into<String>, why: &'static str) -> Self {
        let hint = match code {
            "not_read_only" => "write it as a SELECT",
            "several_statements" => "send one statement at a time",
            "too_long" => "shorten the statement or split it in two",
            "empty" => "write a SELECT",
            _ => "correct the statement and try again",
        };
        let message = message.into();
        Self { code, message, why, hint: hint.to_owned(), line: 0, column: 0, length: 1, nearest: Vec::new() }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Tells the place, unless a nearer one is known already.
    pub(super) fn at(mut self, span: Span) -> Self {
        let small = |n: u64| u32::try_from(n).unwrap_or(0);
        if self.line == 0 && span.start.line > 0 {
            self.line = small(span.start.line);
            self.column = small(span.start.column);
            let same_line = span.end.line == span.start.line;
            self.length = if same_line { small(span.end.column.saturating_sub(span.start.column)).max(1) } else { 1 };
        }
        self
    }

    pub(super) fn at_location(self, location: Location) -> Self {
        self.at(Span::new(location, location))
    }

    pub(super) fn at_name(self, name: &Ident) -> Self {
        self.at(name.span)
    }

    pub(super) fn nearest(mut self, nearest: Vec<String>, otherwise: impl Into<String>) -> Self {
        self.hint = match nearest.split_first() {
            Some((best, _)) => format!("did you mean \"{best}\"?"),
            None => otherwise.into(),
        };
        self.nearest = nearest;
        self
    }

    pub(super) fn not_read_only(what: &str) -> Self {
        Self::new("not_read_only", format!("{what} is not allowed: only queries are"), "t2s never changes a database")
    }

    pub(super) fn unsupported(what: &str) -> Self {
        Self::new("syntax", format!("{what} is not understood"), "it is not part of the SQL that can be checked")
            .hint("write it with plain SELECT, JOIN, WHERE, GROUP BY and ORDER BY")
    }
}
