//! Tests through the real program, and of the shape of its source.

mod architecture;
mod harness;

mod app;
mod asking;
mod commands;
mod databases;
mod evaluating;
mod fuzzing;
mod hidden;
#[cfg(unix)]
mod hostile;
mod many;
mod model;
mod questions;
mod running;
mod settings;
mod streaming;
