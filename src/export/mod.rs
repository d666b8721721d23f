//! An answer becomes bytes: one file a format. Tables are for people, all others carry raw values for programs.

pub mod format;
pub mod json;

mod csv;
mod html;
mod jsonl;
mod markdown;
mod sql;
mod stream;
mod table;
mod tsv;

pub use csv::formulas;
pub use html::{escape, html_table};
pub use stream::{Rewind, RowStream, Tally};
pub use table::text_table;

use std::io::{self, Write};

use crate::pipeline::response::Answer;
use crate::schema::Schema;
use crate::terminal::Charset;

/// The formats of `--format` and of file extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    Table,
    Csv,
    Tsv,
    Json,
    Jsonl,
    Markdown,
    Html,
    Sql,
}

impl Format {
    pub const ALL: [Self; 8] =
        [Self::Table, Self::Csv, Self::Tsv, Self::Json, Self::Jsonl, Self::Markdown, Self::Html, Self::Sql];

    /// The word used on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Sql => "sql",
        }
    }

    /// True if a row is written without those that follow: [`RowStream`] takes it.
    pub fn is_streamed(self) -> bool {
        matches!(self, Self::Csv | Self::Tsv | Self::Jsonl | Self::Markdown)
    }

    /// Usual extension of a file, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Table => "txt",
            Self::Markdown => "md",
            other => other.name(),
        }
    }

    /// Any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.name().eq_ignore_ascii_case(name))
    }

    /// The format of files with this extension (no dot, any case).
    pub fn from_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "txt" => Some(Self::Table),
            "csv" => Some(Self::Csv),
            "tsv" | "tab" => Some(Self::Tsv),
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "md" | "markdown" => Some(Self::Markdown),
            "html" | "htm" => Some(Self::Html),
            "sql" => Some(Self::Sql),
            _ => None,
        }
    }
}

/// How to write. The defaults suit a pipe: full width, no header left out, NULL as nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Cells that a table may take; `None` means as many as it needs.
    pub width: Option<usize>,
    /// Text for NULL; `None` means what is usual in the format (nothing in CSV and TSV, `∅` or `NULL` for people).
    pub null_text: Option<String>,
    /// What marks and rules of tables may be made of.
    pub charset: Charset,
    /// First line of CSV and TSV.
    pub header: bool,
    /// Puts `'` before text cells of CSV and TSV that a spreadsheet would take for a formula.
    pub spreadsheet_safe: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { width: None, null_text: None, charset: Charset::default(), header: true, spreadsheet_safe: false }
    }
}

/// Writes the rows of an answer, or all of it (JSON), or its statement (SQL). Without rows only JSON and SQL write
/// something. `schema` names the columns that entities were found in.
///
/// # Errors
/// Those of `out`, a closed pipe included.
pub fn write(
    answer: &Answer,
    schema: &Schema,
    format: Format,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Json => return json::write(answer, schema, out),
        Format::Sql => return sql::write(answer.sql.as_deref(), out),
        _ => {}
    }
    let Some(result) = &answer.result else { return Ok(()) };
    match format {
        Format::Table => table::write(result, options, out),
        Format::Html => html::write(&answer.question, result, out),
        rows => stream::write(rows, result, options, out).map(drop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::json::tests::{answer, result};

    #[test]
    fn names_and_extensions_are_read_back() {
        for format in Format::ALL {
            assert_eq!(Format::from_name(&format.name().to_uppercase()), Some(format));
            assert_eq!(Format::from_extension(format.extension()), Some(format));
        }
        assert_eq!(Format::from_extension("NDJSON"), Some(Format::Jsonl));
        assert_eq!(Format::from_extension("png"), None);
        assert_eq!(Format::from_name("xlsx"), None);
    }

    #[test]
    fn without_rows_only_json_and_sql_say_something() {
        let mut refused = answer();
        refused.result = None;
        for format in Format::ALL {
            let mut out = Vec::new();
            write(&refused, &Schema::default(), format, &Options::default(), &mut out).unwrap();
            assert_eq!(out.is_empty(), !matches!(format, Format::Json | Format::Sql), "{}", format.name());
        }
    }

    #[test]
    fn every_format_carries_the_rows() {
        let mut full = answer();
        full.result = Some(result());
        for format in Format::ALL.into_iter().filter(|f| *f != Format::Sql) {
            let mut out = Vec::new();
            write(&full, &Schema::default(), format, &Options::default(), &mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            assert!(text.contains("Dairy") && text.ends_with('\n'), "{}: {text}", format.name());
        }
    }
}
