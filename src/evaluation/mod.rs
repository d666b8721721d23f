//! The workshop that measures: questions are asked of the pipeline, and the rows of what it wrote compared with those of
//! hand-written statements.
//!
//! ```text
//! gold (what is right) > judge (asks, runs, compares) > summary (figures) > record (JSON) | junit | changes (since earlier)
//! ```
//!
//! It reads no files, prints nothing and sets no limits of its own: lines, clocks and limits come from the door.

mod calibration;
mod changes;
mod gold;
mod judge;
mod junit;
mod matching;
mod record;
#[cfg(test)]
mod samples;
pub mod spider;
mod statement;
mod statistics;
mod structure;
mod summary;

pub use calibration::{Point, expected_error};
pub use changes::{Change, Changes, Earlier, EarlierQuestion};
pub use gold::{Action, Gold};
pub use judge::{Asked, Fault, Judge, Verdict};
pub use junit::write_junit;
pub use matching::Match;
pub use record::{Settings, record};
pub use statistics::Share;
pub use structure::{Shape, Structure};
pub use summary::{Group, Grouping, Latency, Summary};
