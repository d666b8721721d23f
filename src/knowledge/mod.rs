//! What people taught about a database: synonyms, metrics, verified examples, business rules. Plain files, read and
//! checked here.
//!
//! A knowledge folder holds `model.toml`, `examples.toml` and `rules/*.md`; each of them may be missing.

mod conceal;
mod error;
mod model_file;
mod names;
mod rules;
mod teach;

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

pub use error::KnowledgeError;
pub(crate) use names::qualified_names;

/// The contents of one knowledge folder; empty if there is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Knowledge {
    /// Other words for tables (`articles` for `products`), by table name.
    pub tables: Vec<TableKnowledge>,
    pub metrics: Vec<Metric>,
    pub examples: Vec<Example>,
    pub rules: Vec<Rule>,
    /// As-of date of the calendar section (ISO), if one is written there.
    pub as_of: Option<String>,
    pub calendar: Calendar,
    pub relationships: Vec<Relationship>,
    pub filters: Vec<NamedFilter>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableKnowledge {
    pub name: String,
    pub description: Option<String>,
    pub synonyms: Vec<String>,
    pub hidden: bool,
    pub columns: Vec<ColumnKnowledge>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnKnowledge {
    pub name: String,
    pub description: Option<String>,
    pub synonyms: Vec<String>,
    /// Overrides what the profile derived; a word of `SemanticType`.
    pub semantic_type: Option<String>,
    /// `money` or `percent`.
    pub unit: Option<String>,
    pub hidden: bool,
    /// Other words for values: (word, value as stored).
    pub value_synonyms: Vec<(String, String)>,
}

/// A named formula.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metric {
    pub name: String,
    pub description: Option<String>,
    pub synonyms: Vec<String>,
    /// An aggregate expression over `table.column` names.
    pub expression: String,
    pub unit: Option<String>,
    /// `table.column` of the date that the metric is counted by.
    pub time_column: Option<String>,
    pub additivity: Additivity,
    /// Names of filters, or conditions over `table.column` names, without which the metric is wrong.
    pub required_filters: Vec<String>,
}

/// Over what a metric may be added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Additivity {
    /// Over everything.
    #[default]
    Full,
    /// Not over time: a stock level.
    Semi,
    /// Over nothing: a ratio or a price.
    None,
}

/// A question with SQL that somebody found right.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Example {
    pub question: String,
    pub paraphrases: Vec<String>,
    pub sql: String,
    /// When the example applies, in words.
    pub when: Option<String>,
}

/// A piece of a rules file: its heading and its text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rule {
    pub heading: String,
    pub text: String,
}

/// How this business cuts time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// `None` if the file does not say; weeks then start on Monday.
    pub week_start: Option<WeekStart>,
    /// Month and day on which the fiscal year begins.
    pub fiscal_year_start: Option<(i8, i8)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeekStart {
    Monday,
    Saturday,
    Sunday,
}

/// A join that the database does not declare; both ends as `table.column`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Relationship {
    pub from: String,
    pub to: String,
}

/// A condition with a name (`active stores`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedFilter {
    pub name: String,
    pub description: Option<String>,
    pub synonyms: Vec<String>,
    /// Over `table.column` names.
    pub condition: String,
}

impl Knowledge {
    /// Reads a folder. A folder or file that does not exist is empty knowledge; one that cannot be understood is an
    /// error that names the file, the line and, for an unknown key, the nearest known one.
    pub fn read(folder: &Path) -> Result<Self, KnowledgeError> {
        let mut knowledge = Self::default();
        if let Some(file) = TextFile::read(&folder.join("model.toml"))? {
            model_file::read_model(&file, &mut knowledge)?;
        }
        if let Some(file) = TextFile::read(&folder.join("examples.toml"))? {
            knowledge.examples = model_file::read_examples(&file)?;
        }
        knowledge.rules = rules::read(&folder.join("rules"))?;
        Ok(knowledge)
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What was taught about a table; any case.
    pub fn table(&self, name: &str) -> Option<&TableKnowledge> {
        self.tables.iter().find(|t| t.name.eq_ignore_ascii_case(name))
    }

    /// What was taught about a column; any case.
    pub fn column(&self, table: &str, column: &str) -> Option<&ColumnKnowledge> {
        self.table(table)?.columns.iter().find(|c| c.name.eq_ignore_ascii_case(column))
    }
}

/// A file with its text, so that errors can name both.
struct TextFile {
    /// As shown to people.
    name: String,
    text: String,
}

impl TextFile {
    fn read(path: &Path) -> Result<Option<Self>, KnowledgeError> {
        let name = path.display().to_string();
        match fs::read_to_string(path) {
            // Editors of one system leave a byte order mark, which TOML does not know.
            Ok(text) => Ok(Some(Self { name, text: text.trim_start_matches('\u{feff}').to_owned() })),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) if e.kind() == ErrorKind::InvalidData => Err(KnowledgeError::NotText { file: name }),
            Err(e) => Err(KnowledgeError::Unreadable { file: name, why: e.to_string() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_folder_is_empty_knowledge() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Knowledge::read(&folder.path().join("nowhere")).unwrap().is_empty());
    }

    #[test]
    fn reads_the_three_kinds_of_files() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("rules")).unwrap();
        fs::write(folder.path().join("model.toml"), "\u{feff}[[tables]]\nname = \"stores\"\nsynonyms = [\"shops\"]\n")
            .unwrap();
        fs::write(folder.path().join("examples.toml"), "[[examples]]\nquestion = \"q\"\nsql = \"SELECT 1\"\n").unwrap();
        fs::write(folder.path().join("rules/money.md"), "# Net\nAmounts are net.\n").unwrap();
        let knowledge = Knowledge::read(folder.path()).unwrap();
        assert_eq!(knowledge.table("STORES").unwrap().synonyms, ["shops"]);
        assert_eq!(knowledge.examples[0].sql, "SELECT 1");
        assert_eq!(knowledge.rules[0].heading, "Net");
    }

    #[test]
    fn a_file_that_is_no_text_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("examples.toml"), [0xff, 0xfe, 0x00]).unwrap();
        let error = Knowledge::read(folder.path()).unwrap_err().to_string();
        assert!(error.contains("examples.toml") && error.contains("UTF-8"), "{error}");
    }
}
