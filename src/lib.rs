//! t2s: ask a database in plain words; get the rows, the SQL, a chart and the finding.
//!
//! ```text
//!  doors        cli          tui          server
//!                  \           |             /
//!  flow              pipeline::Pipeline::{ask, run_sql}
//!                  |
//!    Question > analysis > retrieval > generation > validation > execution > response > Answer
//!  ground       config  schema  database  knowledge  llm  terminal
//!  drawings     chart (spec -> cells | PNG | SVG)      export (answer -> bytes)
//!  workshops    shop (sample data)
//! ```

pub mod config;
pub mod database;
pub mod knowledge;
pub mod language;
pub mod llm;
pub mod schema;
pub mod terminal;

pub mod pipeline;

pub mod chart;
pub mod export;

pub mod shop;

pub mod cli;
pub mod server;
pub mod tui;
