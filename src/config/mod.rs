//! Settings: [`Config`] is complete and ready to use. Defaults < user file < project file < environment < flags.
//!
//! The only place that reads the environment. `file` is what TOML may hold, `keys` names every setting, `layers` joins
//! the sources, `surroundings` is the process's environment as plain data.

mod duration;
mod file;
mod keys;
mod layers;
mod surroundings;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use duration::parse_duration;
pub use file::ConfigFile;
pub use keys::{KEYS, Key};
pub use layers::{ConfigError, Loaded, Setting, Source, load};
pub use surroundings::Surroundings;

/// `config.example.toml`, as `t2s config init` writes it.
pub const EXAMPLE: &str = include_str!("../../config.example.toml");

/// Every setting, resolved.
#[derive(Clone, Debug)]
pub struct Config {
    /// The database to open; `None` means the sample shop.
    pub database: Option<PathBuf>,
    /// Read the file through the system's memory: faster, but a file that another program cuts short ends this one.
    pub memory_map: bool,
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
    pub cache: CacheConfig,
    pub server: ServerConfig,
    pub policy: Policy,
    pub embedding: EmbeddingConfig,
    pub appearance: Appearance,
    pub programs: Programs,
    pub log: LogConfig,
}

/// Where the program keeps its own files. Made on first use.
#[derive(Clone, Debug, Default)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Privacy {
    /// Names and types only; values in the question are replaced by placeholders.
    #[default]
    Schema,
    /// Also values that the question names.
    Values,
    /// Also sample rows.
    Rows,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsConfig {
    /// Rows for the terminal table and HTTP.
    pub max_results: usize,
    /// Rows fetched by the terminal app.
    pub app_rows: usize,
    #[serde(with = "duration")]
    pub time: Duration,
    #[serde(with = "duration")]
    pub http_time: Duration,
    /// Characters of a question.
    pub question_chars: usize,
    /// Bytes of one result that is held in memory.
    pub result_bytes: u64,
    /// Bytes of one value: what a single function can take is over before anyone waits for it.
    pub value_bytes: i32,
    /// Bytes that SQLite may hold in this process, all connections together.
    pub memory_bytes: i64,
}

/// Confidence that decides between answering, asking back and abstaining.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Thresholds {
    /// Answer from here on.
    pub answer: f64,
    /// The best reading must lead by this much; with 0 nobody is asked back.
    pub margin: f64,
    /// Below this: ask back or abstain; with 0 everything is answered that can be read at all.
    pub abstain: f64,
}

/// Whether rows may come from an earlier run of the same statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CacheConfig {
    pub enabled: bool,
    /// Older rows are read again.
    #[serde(with = "duration")]
    pub ttl: Duration,
    /// Bytes of all results kept.
    pub bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    pub host: String,
    pub port: u16,
    /// Needed for a host other than loopback.
    pub allow_remote: bool,
    /// Requests a minute and client; 0 switches the limit off.
    pub rate_limit_per_minute: u32,
    /// Bytes of a request body.
    pub body_bytes: usize,
}

/// What no statement may touch, whoever wrote it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Tables by name, any case.
    pub deny_tables: Vec<String>,
    /// Columns as `table.column` or `column`, any case.
    pub deny_columns: Vec<String>,
}

impl Policy {
    /// True if no row of the table may be read.
    pub fn denies_table(&self, table: &str) -> bool {
        self.deny_tables.iter().any(|rule| rule.eq_ignore_ascii_case(table))
    }

    /// True if a rule names the column, in this table or in every one.
    pub fn denies_column(&self, table: &str, column: &str) -> bool {
        self.deny_columns.iter().any(|rule| match rule.rsplit_once('.') {
            Some((of, name)) => of.eq_ignore_ascii_case(table) && name.eq_ignore_ascii_case(column),
            None => rule.eq_ignore_ascii_case(column),
        })
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EmbeddingConfig {
    /// `all-MiniLM-L6-v2` is built in.
    pub model: String,
}

/// How the program looks on a terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appearance {
    pub color: ColorChoice,
    /// What the terminal says it can show.
    pub depth: ColorDepth,
    pub theme: Theme,
    /// Frames and marks of ASCII characters only.
    pub ascii: bool,
    /// Append-only lines: no alternate screen, no frames, no repaint.
    pub plain: bool,
    /// No spinner.
    pub reduce_motion: bool,
}

/// `NO_COLOR` means `Never`; only an explicit `--color always` overrides it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColorChoice {
    /// If the stream is a terminal that can show colours.
    #[default]
    Auto,
    Always,
    Never,
}

impl ColorChoice {
    /// True if a stream should be coloured.
    pub fn paints(self, is_terminal: bool) -> bool {
        match self {
            Self::Auto => is_terminal,
            Self::Always => true,
            Self::Never => false,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColorDepth {
    Mono,
    Ansi16,
    #[default]
    Ansi256,
    TrueColor,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    #[default]
    Auto,
    Dark,
    Light,
    HighContrast,
    Mono,
}

/// Programs that the app hands the screen to; command lines.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Programs {
    pub pager: Option<String>,
    pub editor: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogConfig {
    /// A level, or a filter in the manner of `warn,t2s=debug`.
    pub level: String,
    pub format: LogFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            max_results: 1_000,
            app_rows: 10_000,
            time: Duration::from_secs(30),
            http_time: Duration::from_secs(10),
            question_chars: 2_000,
            result_bytes: 256 << 20,
            value_bytes: 1_000_000,
            memory_bytes: 100_000_000,
        }
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { answer: 0.60, margin: 0.10, abstain: 0.35 }
    }
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self { enabled: true, ttl: Duration::from_mins(5), bytes: 64 << 20 }
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".into(),
            port: 6001,
            allow_remote: false,
            rate_limit_per_minute: 60,
            body_bytes: 64 << 10,
        }
    }
}

impl Default for EmbeddingConfig {
    fn default() -> Self {
        Self { model: "all-MiniLM-L6-v2".into() }
    }
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { level: "warn".into(), format: LogFormat::Text }
    }
}

impl Config {
    /// The built-in defaults with all of the program's own files under `root`: for library use and tests. Reads nothing
    /// from the environment.
    pub fn with_folders(root: &Path) -> Self {
        let folders = Folders { data: root.join("data"), cache: root.join("cache"), state: root.join("state") };
        ConfigFile::default().into_config(folders, None, ColorDepth::default())
    }
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
