//! What people taught about a database: synonyms, metrics, verified examples, business rules. Plain files, read and
//! checked here.

/// The contents of one knowledge folder; empty if there is none.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    /// Other words for tables (`articles` for `products`), by table name.
    pub tables: Vec<TableKnowledge>,
    pub metrics: Vec<Metric>,
    pub examples: Vec<Example>,
    pub rules: Vec<Rule>,
    /// As-of date of the calendar section (ISO), if one is written there.
    pub as_of: Option<String>,
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
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    pub name: String,
    pub description: Option<String>,
    pub synonyms: Vec<String>,
    /// An aggregate expression over `table.column` names.
    pub expression: String,
    pub unit: Option<String>,
    /// `table.column` of the date that the metric is counted by.
    pub time_column: Option<String>,
}

/// A question with SQL that somebody found right.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    pub question: String,
    pub paraphrases: Vec<String>,
    pub sql: String,
}

/// A piece of a rules file: its heading and its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub heading: String,
    pub text: String,
}
