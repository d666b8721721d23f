//! Distinct values of text columns, found by the words people use for them. In memory, no I/O.

use std::collections::BTreeMap;

use super::ColumnId;

/// How a value was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValueMatchKind {
    /// The words asked are all the words of the value.
    Exact,
    /// The words asked are some of the value's words.
    Partial,
    /// A spelling mistake away.
    Fuzzy,
}

/// A value that the asked words may mean.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueHit {
    pub column: ColumnId,
    /// As the database has it.
    pub value: String,
    pub kind: ValueMatchKind,
    /// Rows read that hold it.
    pub rows: u64,
}

/// Distinct values by folded words.
#[derive(Clone, Debug, Default)]
pub struct ValueIndex {
    /// Folded words of a value, joined by a blank, to where it occurs.
    exact: BTreeMap<String, Vec<Posting>>,
}

#[derive(Clone, Debug)]
struct Posting {
    column: ColumnId,
    value: String,
    rows: u64,
}
