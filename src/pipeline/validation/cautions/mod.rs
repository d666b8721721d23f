//! Checks of meaning: measures that a join counts more than once, and measures that do not add up.
//!
//! Looks at a statement that has passed the gate; refuses nothing. Precision goes before reach: what is not known for
//! sure from keys, profiles and meanings is not warned about.

mod additivity;
mod block;
mod correction;
mod expression;
mod fan_out;
mod shape;
mod walk;

use sqlparser::ast::Query;

use crate::config::Policy;
use crate::schema::Schema;

/// What may not be meant as it is written, although it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caution {
    pub kind: CautionKind,
    /// The aggregate in question, as SQL.
    pub measure: String,
    /// One sentence: the measure, what goes wrong and why, and what to write in its place.
    pub text: String,
    /// A whole statement with the corrected measure; `None` if it cannot stand outside its query.
    pub instead: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CautionKind {
    /// A join repeats the rows that are aggregated.
    FanOut,
    /// A price, percentage, ratio or score is added up.
    NonAdditive,
}

/// Reads a checked query. Costs at most a fixed number of steps; beyond them nothing more is said.
pub fn of_query(query: &Query, schema: &Schema, policy: &Policy) -> Vec<Caution> {
    let mut walk = walk::Walk::new(schema, policy);
    walk.query(query);
    walk.cautions
}

#[cfg(test)]
mod tests;
