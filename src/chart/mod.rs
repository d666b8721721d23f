//! A chart spec and its rows become a drawing: cells for a terminal, a picture, or words.
//!
//! [`figure`] reads the numbers out of the rows once; the drawings only place them.

pub mod palette;
pub mod picture;
pub mod terminal;

mod describe;
mod figure;
#[cfg(test)]
mod samples;
mod scale;

pub use describe::describe;
pub use picture::{ChartError, png, svg};
