//! Settings: [`Config`] is complete and ready to use. Defaults < user file < project file < environment < flags.
//!
//! The only place that reads the environment.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Date;

/// Every setting, resolved.
#[derive(Clone, Debug)]
pub struct Config {
    /// The database to open; `None` means the sample shop.
    pub database: Option<PathBuf>,
    /// The knowledge folder; `None` means the default place for the open database.
    pub knowledge: Option<PathBuf>,
    pub folders: Folders,
    /// Never ask a model.
    pub offline: bool,
    /// The day that counts as today; `None` means today if the data reach it, else their last date.
    pub as_of: Option<Date>,
    /// `None` if no model is set up.
    pub model: Option<ModelConfig>,
    pub limits: LimitsConfig,
    pub thresholds: Thresholds,
    pub server: ServerConfig,
    pub policy: Policy,
    pub embedding: EmbeddingConfig,
}

/// Where the program keeps its own files. Made on first use.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The sample shop and knowledge folders.
    pub data: PathBuf,
    /// Derived files, safe to delete.
    pub cache: PathBuf,
    /// Logs.
    pub state: PathBuf,
}

/// An OpenAI-compatible endpoint.
#[derive(Clone, Debug)]
pub struct ModelConfig {
    pub base_url: String,
    /// `None` for local servers that want no key.
    pub api_key: Option<Secret>,
    pub name: String,
    pub timeout: Duration,
    /// Drafts asked for at most, the first one included.
    pub attempts: u32,
    pub privacy: Privacy,
}

/// What may be sent to a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Privacy {
    /// Names and types only; values in the question are replaced by placeholders.
    #[default]
    Schema,
    /// Also values that the question names.
    Values,
    /// Also sample rows.
    Rows,
}

#[derive(Clone, Debug)]
pub struct LimitsConfig {
    /// Rows for the terminal table and HTTP.
    pub max_results: usize,
    /// Rows fetched by the terminal app.
    pub app_rows: usize,
    pub time: Duration,
    pub http_time: Duration,
    /// Characters of a question.
    pub question_chars: usize,
    /// Bytes of one result.
    pub result_bytes: u64,
}

/// Confidence that decides between answering, asking back and abstaining.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Answer from here on.
    pub answer: f64,
    /// The best reading must lead by this much.
    pub margin: f64,
    /// Below this: ask back or abstain.
    pub abstain: f64,
}

#[derive(Clone, Debug)]
pub struct ServerConfig {
    pub host: String,
    pub port: u16,
    /// Requests a minute and client; 0 switches the limit off.
    pub rate_limit_per_minute: u32,
    /// Bytes of a request body.
    pub body_bytes: usize,
}

/// What no statement may touch, whoever wrote it.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Tables by name, any case.
    pub deny_tables: Vec<String>,
    /// Columns as `table.column` or `column`, any case.
    pub deny_columns: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct EmbeddingConfig {
    /// `all-MiniLM-L6-v2` is built in.
    pub model: String,
}

/// A secret that cannot be printed.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the one place that sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
