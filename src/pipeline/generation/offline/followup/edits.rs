//! The typed edits of a plan.

use super::super::plan::{Expr, Operator, Predicate, Select};
use super::super::reading::Unreadable;
use super::period::Span;
use crate::schema::{ColumnId, TableId};

/// One change to a plan.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Conditions, each in the place of another on the same column, else beside the rest.
    Narrow(Vec<Predicate>),
    /// More values of a column that is filtered.
    Extend(Vec<Predicate>),
    Having(Vec<Predicate>),
    /// A bound of whatever is bounded, or of the only measure.
    Bound(Operator, f64),
    /// No condition on these columns any more.
    Free {
        columns: Vec<ColumnId>,
        said: String,
    },
    FreeAll,
    AnyTime,
    Period {
        date: Option<ColumnId>,
        span: Span,
    },
    /// The period before, or the same so many years earlier.
    Earlier(Shift),
    /// Beside the same of another period.
    Beside(Other),
    /// The two answers before beside each other.
    BothBefore {
        percent: bool,
    },
    /// Each row's part of the whole.
    Share,
    /// Beside the same of another value.
    BesideValue(Vec<Predicate>),
    /// `every`: for each value, so that no condition on it makes sense.
    Regroup {
        keys: Vec<Expr>,
        of: Vec<ColumnId>,
        every: bool,
    },
    AddKeys(Vec<Expr>),
    Measures {
        items: Vec<Measured>,
        of: Vec<ColumnId>,
        instead: bool,
    },
    Outputs(Vec<ColumnId>),
    /// Without a direction the order is turned round.
    Sort {
        by: Option<Measured>,
        descending: Option<bool>,
    },
    Top {
        column: Option<ColumnId>,
        descending: Option<bool>,
        relative: bool,
        rows: Option<u64>,
    },
    AllRows,
    /// How many things there are.
    Count,
    /// The things rather than their number.
    List,
    /// The same in another form.
    Present,
    Undo,
}

/// An aggregate with what it is of, and whether the words say how to aggregate.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    pub expr: Expr,
    pub said: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    Before,
    YearBefore,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Other {
    Span(Span),
    Shift(Shift),
}

/// Why the words are no edit.
#[derive(Clone, Debug, PartialEq)]
pub enum Unclear {
    /// Words of which nothing was made; none if nothing at all was said.
    Words(Vec<String>),
    Unreadable(Unreadable),
}

/// What the conversation is about.
pub struct Before<'a> {
    pub select: &'a Select,
    pub tables: Vec<TableId>,
    /// The date that periods are of.
    pub date: Option<ColumnId>,
    /// Columns that conditions are on.
    pub filtered: Vec<ColumnId>,
    /// The plan that stood before that of the last turn.
    pub earlier: Option<&'a Select>,
}

/// The column that is aggregated.
pub fn column_of(expr: &Expr) -> Option<ColumnId> {
    match expr {
        Expr::Column(id) => Some(*id),
        Expr::Time { column, .. } => Some(*column),
        Expr::Aggregate { of, .. } | Expr::Magnitude(of) | Expr::Filtered { of, .. } => column_of(of),
        _ => None,
    }
}
