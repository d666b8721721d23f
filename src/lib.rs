//! t2s: ask a database in plain words; get the rows, the SQL, a chart and the finding.
//!
//! A question flows left to right through six rooms, each plain data in, plain data out. One file, [`pipeline`]'s
//! `mod.rs`, knows the order; rooms never call each other. The doors hold the same [`pipeline::Pipeline`] and differ
//! only in how they draw an [`Answer`](pipeline::response::Answer).
//!
//! ```text
//!  doors        cli          tui          server
//!                  \           |             /
//!  flow              pipeline::Pipeline::{ask, run_sql}
//!                  |
//!    Question > analysis > retrieval > generation > validation > execution > response > Answer
//!                                         ^______________________|
//!                                      at most `attempts` repairs (the one arrow back)
//!  ground       config  language  schema  database  knowledge  llm  terminal
//!  drawings     chart (spec -> cells | PNG | SVG)      export (answer -> bytes)
//!  workshop     shop (sample data)   evaluation (asks and scores)   training (fits the scores of the offline engine)
//! ```
//!
//! | room | in | out | pure |
//! |---|---|---|---|
//! | [`analysis`](pipeline::analysis) | question, schema | words, entities, dates, intent, complexity | yes |
//! | [`retrieval`](pipeline::retrieval) | question, entities | tables, metrics, examples, rules, each scored and with its reason | no: embeds |
//! | [`generation`](pipeline::generation) | analysis, context | a draft of SQL, a question back, or why not; `offline` needs no model, `prompted` asks one | `offline` is |
//! | [`validation`](pipeline::validation) | text | [`ReadOnlySql`](pipeline::validation::ReadOnlySql) or a refusal | yes |
//! | [`execution`](pipeline::execution) | checked statement | typed rows, whole or streamed, from the database or the cache | no: runs |
//! | [`response`](pipeline::response) | rows | sentence, insights, chart, confidence | yes |
//!
//! Inside `generation/offline` a question becomes tokens (names, values, periods), the tokens a typed plan
//! (`reading`), and the plan SQL (`render`, which derives the joins) and words (`explain`).
//!
//! Where fitted scores (`scoring`) are surer, plans put together from likely slots (`assembly`) and ranked (`learned`) stand
//! in for the reading of the rules. `sql_plan` reads a statement back into a plan. `followup` reads a question that goes on
//! from an earlier one as edits of its plan.
//!
//! A door that runs long holds a [`pipeline::Live`], which opens the pipeline anew once its database has other tables.
//!
//! What holds, each with a test:
//! - SQL reaches a database only as a `ReadOnlySql`, which only `validation` makes; `database` alone opens one, under an
//!   authorizer and limits of its own, and leaves every byte of its folder as it was.
//! - No room calls another or uses a type from its right; no door knows another door. Ground uses only ground.
//! - Only `config` reads the environment, only `main` exits, only doors on a terminal print.
//! - The pipeline keeps no conversation: earlier turns come in with the question.
//! - Nothing is invented: a number in prose is computed from the rows; without a good reading the answer is a question
//!   back or an honest "cannot".
//! - Cancelling is dropping the future; progress is a callback.

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

pub mod evaluation;
pub mod shop;
pub mod training;

pub mod cli;
pub mod server;
pub mod tui;
