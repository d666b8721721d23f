//! The slots of a plan that a question may fill, each with the features that its scores rest on.

mod columns;
mod context;
mod numbers;
mod tables;
mod values;

pub use columns::columns;
pub use context::question_features;
pub use numbers::{asked_numbers, numbers};
pub use tables::tables;
pub use values::values;

use crate::schema::ColumnId;

/// What a column may be wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    Show,
    Count,
    Sum,
    Average,
    Minimum,
    Maximum,
    Group,
    /// Rows are put in its order.
    Order,
    /// Groups are put in the order of its sum, average, smallest or largest, or are compared by it.
    OrderAggregate,
    /// Compared with a value, a number or a period.
    Filter,
}

impl Role {
    pub const ALL: [Self; 10] = [
        Self::Show,
        Self::Count,
        Self::Sum,
        Self::Average,
        Self::Minimum,
        Self::Maximum,
        Self::Group,
        Self::Order,
        Self::OrderAggregate,
        Self::Filter,
    ];
}

/// What a table may be wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TableRole {
    /// Joined, for whatever reason.
    Needed,
    /// Its rows are counted.
    Counted,
    /// Rows without any of its rows are asked for.
    Absent,
}

impl TableRole {
    pub const ALL: [Self; 3] = [Self::Needed, Self::Counted, Self::Absent];
}

/// What a number may be compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NumberTarget {
    Column(ColumnId),
    /// The number of rows of a group.
    Count,
    /// The number of rows wanted.
    Limit,
}

/// One candidate for a slot.
#[derive(Clone, Debug)]
pub struct Slot<T> {
    pub what: T,
    /// Hashes of what is near it, for the linear scores.
    pub sparse: Vec<u32>,
    /// Numbers, for the trees.
    pub dense: Vec<f32>,
}
