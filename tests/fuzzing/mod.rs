//! Statements made by rule and by chance, and what must hold whatever they are.
//!
//! A statement is a function of the schema, the seed and its number: any of them can be made again alone. The suite,
//! the campaign (`benches/campaign.rs`) and the libFuzzer target (`fuzz/`) share this folder.

pub mod commands;
pub mod mutation;
pub mod queries;
pub mod random;
pub mod statements;
pub mod trial;
