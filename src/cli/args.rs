//! What may be typed: commands and flags as clap reads them. What they mean is decided in the commands.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::{Setting, parse_duration};
use crate::evaluation::Match;
use crate::export::Format;
use crate::pipeline::response::ChartKind;

/// Ask a database in plain words; get the rows, the SQL, a chart and the finding.
///
/// Without a command the terminal app opens. Without --db the sample shop is used, made on first use. Databases are
/// only ever read.
#[derive(Debug, Parser)]
#[command(name = "t2s", version, disable_help_subcommand = true, after_help = AFTER_HELP, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub global: Global,
}

const AFTER_HELP: &str = "\
Examples:
  t2s ask \"revenue by store last month\"
  t2s ask --db shop.db \"top 5 products by margin\" -o top.csv
  t2s help exit-codes

Topics of t2s help: batch, configuration, environment, eval, exit-codes, formats, privacy";

#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct Global {
    /// Database to ask: a SQLite file [default: the sample shop]
    #[arg(long, global = true, value_name = "PATH")]
    pub db: Option<String>,
    /// Configuration file in place of the user's own
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of synonyms, metrics, examples and rules
    #[arg(long, global = true, value_name = "DIR")]
    pub knowledge: Option<PathBuf>,
    /// Never ask a model: nothing leaves the machine
    #[arg(long, global = true)]
    pub offline: bool,
    /// The day that counts as today (YYYY-MM-DD)
    #[arg(long, global = true, value_name = "DATE")]
    pub as_of: Option<String>,
    /// Colours: auto, always or never
    #[arg(long, global = true, value_name = "WHEN", value_parser = ["auto", "always", "never"])]
    pub color: Option<String>,
    /// Append-only lines without frames
    #[arg(long, global = true)]
    pub plain: bool,
    /// Frames and marks of ASCII characters only
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Errors only on stderr
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Stages as lines on stderr; twice for what is sent to a model
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Never wait for input: no app, no question read from a terminal
    #[arg(long, global = true)]
    pub no_input: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Answer one question, or many with --batch
    Ask(AskArgs),
    /// Run one read-only statement through the same checks
    Sql(SqlArgs),
    /// Ask questions with gold SQL and tell how many are right (see t2s help eval)
    Eval(EvalArgs),
    /// Show what the database holds, as the engine sees it
    Schema(SchemaArgs),
    /// Show what retrieval hands to the generators for a question
    Context(ContextArgs),
    /// Write the sample shop
    Demo(DemoArgs),
    /// Answer over HTTP
    Serve(ServeArgs),
    /// Show the settings and where each comes from
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Print completions for a shell
    Completions {
        #[arg(value_name = "SHELL")]
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man {
        /// Write a page for each command into this folder instead
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Explain a command or a topic
    Help {
        /// A command, or one of: batch, configuration, environment, eval, exit-codes, formats, privacy
        #[arg(value_name = "TOPIC")]
        topic: Option<String>,
    },
    /// Check that everything needed is in place
    Doctor {
        /// Print the checks as JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
pub struct AskArgs {
    /// The question; `-` reads it from stdin
    #[arg(value_name = "QUESTION")]
    pub question: Vec<String>,
    /// Print the SQL and do not run it
    #[arg(long)]
    pub sql_only: bool,
    /// Tell on stderr how the question was read
    #[arg(long)]
    pub explain: bool,
    /// Draw a chart under the table; KIND is one of: line, bar, grouped_bar, pie, scatter, histogram, heatmap,
    /// big_numbers [default: what suits the rows]
    #[arg(long, value_name = "KIND", num_args = 0..=1, default_missing_value = "")]
    pub chart: Option<String>,
    /// Give no answer (exit code 6) if the confidence is lower, from 0 to 1
    #[arg(long, value_name = "X", value_parser = share)]
    pub min_confidence: Option<f64>,
    /// Model to ask
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// What may be sent to a model
    #[arg(long, value_name = "WHAT", value_parser = ["schema", "values", "rows"])]
    pub privacy: Option<String>,
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub batch: BatchArgs,
}

#[derive(Debug, Args)]
pub struct SqlArgs {
    /// The statement; `-` reads it from stdin
    #[arg(value_name = "SQL")]
    pub sql: Vec<String>,
    /// Only check it: exit code 0 if it may run
    #[arg(long, conflicts_with = "no_run")]
    pub check: bool,
    /// Tell on stderr in which steps it would run
    #[arg(long)]
    pub explain: bool,
    /// Draw a chart under the table; see `t2s ask --help`
    #[arg(long, value_name = "KIND", num_args = 0..=1, default_missing_value = "")]
    pub chart: Option<String>,
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub batch: BatchArgs,
}

#[derive(Clone, Copy, Debug, Args)]
pub struct RunArgs {
    /// Make and check the SQL, but do not run it
    #[arg(long)]
    pub no_run: bool,
    /// Rows at most; -1: no limit [default: 1000 on a terminal, else none]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(i64).range(-1..))]
    pub limit: Option<i64>,
    /// Time for one statement, like 500ms, 2s or 1m
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    timeout: Option<Duration>,
    /// Bytes of one result at most
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_bytes: Option<u64>,
}

#[derive(Debug, Default, Args)]
pub struct OutputArgs {
    /// Format of the rows [default: table on a terminal, csv in a pipe]
    #[arg(long, value_name = "FORMAT", value_parser = format_parser())]
    pub format: Option<Format>,
    /// Write to a file; the format follows from its extension (.png and .svg: the chart)
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Overwrite the file
    #[arg(long, requires = "output")]
    pub force: bool,
    /// Text for NULL [default: empty in csv, a sign in tables]
    #[arg(long, value_name = "TEXT")]
    pub null: Option<String>,
    /// Put ' before text cells of csv and tsv that a spreadsheet would take for a formula
    #[arg(long, alias = "spreadsheet-safe")]
    pub formula_safe: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Batch (see t2s help batch)")]
pub struct BatchArgs {
    /// Lines of plain text or JSON objects, one each; `-` reads stdin. Answers are JSON, one a line
    #[arg(long, value_name = "FILE")]
    pub batch: Option<PathBuf>,
    /// Folder that databases in the batch are relative to [default: the batch file's]
    #[arg(long, value_name = "DIR", requires = "batch")]
    pub db_root: Option<PathBuf>,
    /// Lines to work on at once
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: u16,
    /// Stop at the first line that fails
    #[arg(long, requires = "batch")]
    pub fail_fast: bool,
}

#[derive(Debug, Args)]
pub struct EvalArgs {
    /// Questions with gold SQL, a JSON object a line; `-` reads stdin
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Folder that databases in the file are relative to [default: the file's]
    #[arg(long, value_name = "DIR")]
    pub db_root: Option<PathBuf>,
    /// Which rows are the same: rows (as they are) or spider (as the open Spider scorer)
    #[arg(long = "match", value_name = "RULE", default_value = "rows", value_parser = match_parser())]
    pub matching: Match,
    /// Answer also what is less sure than the thresholds allow; else what is declined counts as wrong
    #[arg(long)]
    pub all: bool,
    /// Lines to work on at once [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
    /// Figures also by this field of the lines; may be given several times
    #[arg(long, value_name = "FIELD")]
    pub group_by: Vec<String>,
    /// List what went wrong, with gold and made SQL
    #[arg(long)]
    pub wrong: bool,
    /// Write everything as JSON, each question included; `-` in place of the table
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write JUnit XML
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Overwrite these files
    #[arg(long)]
    pub force: bool,
    /// Compare with an earlier --json: what was fixed, what broke
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// End with exit code 7 if the share of right answers is lower, from 0 to 1
    #[arg(long, value_name = "X", value_parser = share)]
    pub min_accuracy: Option<f64>,
    /// Time for one statement, like 500ms, 2s or 1m
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    timeout: Option<Duration>,
    /// Model to ask
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// What may be sent to a model
    #[arg(long, value_name = "WHAT", value_parser = ["schema", "values", "rows"])]
    pub privacy: Option<String>,
}

impl EvalArgs {
    pub fn jobs(&self) -> usize {
        self.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
    }
}

#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Show one table with its columns
    #[arg(value_name = "TABLE")]
    pub table: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct ContextArgs {
    /// The question; `-` reads it from stdin
    #[arg(value_name = "QUESTION")]
    pub question: Vec<String>,
    /// Entries of each kind at most
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub batch: BatchArgs,
}

#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where to write it [default: the place where commands without --db look for it]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How much of a shop
    #[arg(long, value_enum, default_value_t)]
    pub scale: DemoScale,
    /// Other seeds give other shops
    #[arg(long, value_name = "N", default_value_t = crate::shop::DEFAULT_SEED)]
    pub seed: u64,
    /// Overwrite the file
    #[arg(long)]
    pub force: bool,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum DemoScale {
    /// 200 products, 10 stores, 52 weeks
    #[default]
    Small,
    /// 500 products, 20 stores, 104 weeks
    Medium,
    /// 2,000 products, 50 stores, 104 weeks
    Large,
}

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address to listen on [default: 127.0.0.1]
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// Port; 0 takes a free one [default: 6001]
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// Allow a host other than loopback: there is no sign-in
    #[arg(long)]
    pub allow_remote: bool,
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Every setting with its value and where it comes from
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Write a configuration file with every key and its default
    Init {
        /// Overwrite the file
        #[arg(long)]
        force: bool,
    },
    /// The files that are looked for
    Path,
}

impl Cli {
    /// Settings made by flags, of whatever command. Paths are relative to `here`.
    pub fn settings(&self, here: &Path) -> Vec<Setting> {
        let global = &self.global;
        let mut settings = Vec::new();
        let mut set = |flag, key, value: Option<toml::Value>| {
            settings.extend(value.map(|value| Setting { key, value, flag }));
        };
        let path = |path: &Path| absolute(path, here).into();
        set("--db", "database.path", global.db.as_deref().map(|db| path(Path::new(db))));
        set("--knowledge", "knowledge.path", global.knowledge.as_deref().map(path));
        set("--as-of", "database.as_of", global.as_of.clone().map(Into::into));
        set("--color", "appearance.color", global.color.clone().map(Into::into));
        set("--offline", "model.offline", global.offline.then_some(true.into()));
        set("--plain", "appearance.plain", global.plain.then_some(true.into()));
        set("--ascii", "appearance.ascii", global.ascii.then_some(true.into()));
        match &self.command {
            Some(Command::Ask(args)) => {
                set("--model", "model.name", args.model.clone().map(Into::into));
                set("--privacy", "model.privacy", args.privacy.clone().map(Into::into));
                set("--timeout", "limits.time", args.run.timeout());
                set("--max-bytes", "limits.result_bytes", args.run.max_bytes());
            }
            Some(Command::Sql(args)) => {
                set("--timeout", "limits.time", args.run.timeout());
                set("--max-bytes", "limits.result_bytes", args.run.max_bytes());
            }
            Some(Command::Eval(args)) => {
                set("--model", "model.name", args.model.clone().map(Into::into));
                set("--privacy", "model.privacy", args.privacy.clone().map(Into::into));
                set("--timeout", "limits.time", args.timeout.map(duration));
            }
            Some(Command::Serve(args)) => {
                set("--host", "server.host", args.host.clone().map(Into::into));
                set("--port", "server.port", args.port.map(|p| i64::from(p).into()));
                set("--allow-remote", "server.allow_remote", args.allow_remote.then_some(true.into()));
            }
            _ => {}
        }
        settings
    }
}

impl RunArgs {
    fn timeout(self) -> Option<toml::Value> {
        self.timeout.map(duration)
    }

    fn max_bytes(self) -> Option<toml::Value> {
        self.max_bytes.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX).into())
    }

    /// Bytes at most, where that was said and does not follow from settings.
    pub fn given_bytes(self) -> Option<u64> {
        self.max_bytes
    }

    /// Rows at most. `shown` are those that suit where the rows go.
    pub fn rows(self, shown: Option<usize>) -> Option<usize> {
        match self.limit {
            None => shown,
            Some(limit) => usize::try_from(limit).ok(),
        }
    }
}

/// As settings write it.
fn duration(time: Duration) -> toml::Value {
    format!("{}ms", time.as_millis().max(1)).into()
}

/// An address such as `bigquery://...` is no path and stays as it is.
fn absolute(path: &Path, here: &Path) -> String {
    let text = path.to_string_lossy();
    if text.contains("://") { text.into_owned() } else { here.join(path).to_string_lossy().into_owned() }
}

/// What `--chart` asks for. A value that is no kind belongs to the question: `--chart "sales by store"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartWish {
    Suiting,
    Kind(ChartKind),
}

/// Sorts out `--chart`'s optional value. `words` is the question or statement so far.
pub fn chart_wish(value: Option<&str>, words: &mut Vec<String>) -> Result<Option<ChartWish>, String> {
    let Some(value) = value else { return Ok(None) };
    if value.is_empty() {
        return Ok(Some(ChartWish::Suiting));
    }
    if let Some(kind) = ChartKind::from_name(value) {
        return Ok(Some(ChartWish::Kind(kind)));
    }
    if words.is_empty() {
        words.push(value.to_owned());
        return Ok(Some(ChartWish::Suiting));
    }
    let kinds = ChartKind::ALL.map(ChartKind::name).join(", ");
    Err(format!("{value:?} is no kind of chart; choose one of {kinds}"))
}

fn format_parser() -> impl clap::builder::TypedValueParser<Value = Format> {
    use clap::builder::{PossibleValuesParser, TypedValueParser as _};
    PossibleValuesParser::new(Format::ALL.map(Format::name))
        .try_map(|name| Format::from_name(&name).ok_or("no such format"))
}

fn match_parser() -> impl clap::builder::TypedValueParser<Value = Match> {
    use clap::builder::{PossibleValuesParser, TypedValueParser as _};
    PossibleValuesParser::new(Match::ALL.map(Match::name))
        .try_map(|name| Match::ALL.into_iter().find(|rule| rule.name() == name).ok_or("no such rule"))
}

fn share(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|x| (0.0..=1.0).contains(x));
    number.ok_or_else(|| "must be a number from 0 to 1".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_flags_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn charts_value_is_a_kind_or_the_question() {
        let mut words = Vec::new();
        assert_eq!(chart_wish(Some("sales by store"), &mut words), Ok(Some(ChartWish::Suiting)));
        assert_eq!(words, ["sales by store"]);
        assert_eq!(chart_wish(Some("PIE"), &mut words), Ok(Some(ChartWish::Kind(ChartKind::Proportion))));
        assert_eq!(chart_wish(Some(""), &mut words), Ok(Some(ChartWish::Suiting)));
        assert_eq!(chart_wish(None, &mut words), Ok(None));
        assert!(chart_wish(Some("pye"), &mut words).is_err());
    }
}
