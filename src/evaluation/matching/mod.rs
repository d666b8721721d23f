//! Whether two results say the same. Names and order of columns never count, the number of rows always does.

mod rows;
mod spider;

use super::gold::Gold;
use super::statement::{has_top_level_order, tidied, without_distinct};
use crate::schema::Value;

pub use spider::same as same_spider;

/// Which rows are the same, and what is compared at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Match {
    /// Rows as they are; numbers are equal if they round to the same two decimals or differ by 1 in 10,000.
    #[default]
    Rows,
    /// As the open Spider scorer: both statements without DISTINCT, numbers to ten digits.
    Spider,
}

impl Match {
    pub const ALL: [Self; 2] = [Self::Rows, Self::Spider];

    pub fn name(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Spider => "spider",
        }
    }

    /// The statement whose rows are compared.
    pub fn compared(self, sql: &str) -> String {
        match self {
            Self::Rows => sql.to_owned(),
            Self::Spider => without_distinct(&tidied(sql)),
        }
    }

    /// Whether the order of rows counts for a gold statement.
    pub fn is_ordered(self, gold: &Gold, sql: &str) -> bool {
        gold.ordered.unwrap_or_else(|| has_top_level_order(sql))
    }

    /// True if the rows made are those of the gold. `widths` are the numbers of columns, made and gold.
    pub fn same(self, made: Table<'_>, gold: Table<'_>, ordered: bool, label_free: bool) -> bool {
        match self {
            Self::Rows => made.width == gold.width && rows::same(gold.rows, made.rows, gold.width, ordered, label_free),
            Self::Spider => spider::same(gold.rows, made.rows, ordered),
        }
    }
}

/// Rows with their number of columns, which no rows have too.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    pub width: usize,
    pub rows: &'a [Vec<Value>],
}

#[cfg(test)]
mod tests;
