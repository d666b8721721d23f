//! Lines of questions, as `--batch` and `eval` read them: plain text, or a JSON object with more than is read here.

use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value as Json;

use super::exit::{Exit, Failed};

/// One object of the file. Fields that are not known are left alone: files carry gold answers and more.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Line {
    pub id: Option<Json>,
    pub question: Option<String>,
    pub sql: Option<String>,
    #[serde(alias = "db_path")]
    pub db: Option<PathBuf>,
    #[serde(alias = "now")]
    pub as_of: Option<String>,
    pub turns: Vec<TurnLine>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum TurnLine {
    Text(String),
    Object { question: String },
}

impl TurnLine {
    pub fn into_text(self) -> String {
        match self {
            Self::Text(text) | Self::Object { question: text } => text,
        }
    }
}

/// The day of a date or of a date with a time.
pub fn date(text: &str) -> Result<Date, String> {
    let day = text.trim().split(['T', 't', ' ']).next().unwrap_or_default();
    day.parse().map_err(|_| format!("{text:?} is no date; write it like 2025-06-30"))
}

/// Lines of a file, or of stdin for `-`, that hold something, with their numbers from 1.
pub fn read_lines(path: &Path) -> Result<impl Iterator<Item = (usize, io::Result<Vec<u8>>)> + use<>, Failed> {
    let reader: Box<dyn BufRead> = if path.as_os_str() == "-" {
        Box::new(BufReader::new(io::stdin()))
    } else {
        let opened = std::fs::File::open(path)
            .and_then(|f| if f.metadata()?.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(f) });
        let file = opened
            .map_err(|e| Failed::new(Exit::USAGE, "missing_file", format!("cannot read {}: {e}", path.display())))?;
        Box::new(BufReader::new(file))
    };
    let is_blank = |line: &io::Result<Vec<u8>>| line.as_ref().is_ok_and(|l| l.trim_ascii().is_empty());
    let numbered = reader.split(b'\n').enumerate().map(|(index, line)| (index + 1, line));
    Ok(numbered.filter(move |(_, line)| !is_blank(line)))
}

/// The text of a line that was read.
pub fn text(line: io::Result<Vec<u8>>) -> Result<String, String> {
    match line.map(String::from_utf8) {
        Ok(Ok(text)) => Ok(text),
        Ok(Err(_)) => Err("the line is not UTF-8 text".to_owned()),
        Err(e) => Err(format!("the line cannot be read: {e}")),
    }
}

/// What databases in a file are relative to where nobody says.
pub fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if path.as_os_str() != "-" => folder.to_owned(),
        _ => PathBuf::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_texts_or_objects() {
        let line: Line = serde_json::from_str(r#"{"turns": ["a", {"question": "b", "gold_sql": "x"}]}"#).unwrap();
        let texts: Vec<String> = line.turns.into_iter().map(TurnLine::into_text).collect();
        assert_eq!(texts, ["a", "b"]);
    }

    #[test]
    fn a_date_may_carry_a_time() {
        let day = jiff::civil::date(2025, 6, 30);
        for text in ["2025-06-30", "2025-06-30T23:59:59Z", "2025-06-30 10:00"] {
            assert_eq!(date(text), Ok(day));
        }
        assert!(date("yesterday").is_err());
    }
}
