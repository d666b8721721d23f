//! What `model.toml` and `examples.toml` may hold, and the way from there to what the rooms read.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::Date;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};

use super::{
    Additivity, Calendar, ColumnKnowledge, Example, Knowledge, KnowledgeError, Metric, NamedFilter, Relationship,
    TableKnowledge, TextFile, WeekStart,
};
use crate::schema::SemanticType;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelFile {
    #[serde(default)]
    calendar: CalendarSection,
    #[serde(default)]
    tables: Vec<TableSection>,
    #[serde(default)]
    metrics: Vec<MetricSection>,
    #[serde(default)]
    relationships: Vec<RelationshipSection>,
    #[serde(default)]
    filters: Vec<FilterSection>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarSection {
    week_start: Option<WeekStartWord>,
    #[serde(default, deserialize_with = "month_and_day")]
    fiscal_year_start: Option<(i8, i8)>,
    #[serde(default, deserialize_with = "date")]
    as_of: Option<Date>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WeekStartWord {
    Monday,
    Saturday,
    Sunday,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableSection {
    #[serde(deserialize_with = "filled")]
    name: String,
    description: Option<String>,
    #[serde(default)]
    synonyms: Vec<String>,
    #[serde(default)]
    hidden: bool,
    #[serde(default)]
    columns: Vec<ColumnSection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnSection {
    #[serde(deserialize_with = "filled")]
    name: String,
    description: Option<String>,
    #[serde(default)]
    synonyms: Vec<String>,
    semantic_type: Option<SemanticType>,
    unit: Option<UnitWord>,
    #[serde(default)]
    hidden: bool,
    #[serde(default)]
    value_synonyms: BTreeMap<String, Scalar>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MetricSection {
    #[serde(deserialize_with = "filled")]
    name: String,
    description: Option<String>,
    #[serde(default)]
    synonyms: Vec<String>,
    #[serde(deserialize_with = "filled")]
    expression: String,
    unit: Option<UnitWord>,
    #[serde(default, deserialize_with = "maybe_qualified")]
    time_column: Option<String>,
    #[serde(default)]
    additivity: AdditivityWord,
    #[serde(default)]
    required_filters: Vec<String>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum AdditivityWord {
    #[default]
    Full,
    Semi,
    None,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RelationshipSection {
    #[serde(deserialize_with = "qualified")]
    from: String,
    #[serde(deserialize_with = "qualified")]
    to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilterSection {
    #[serde(deserialize_with = "filled")]
    name: String,
    description: Option<String>,
    #[serde(default)]
    synonyms: Vec<String>,
    #[serde(deserialize_with = "filled")]
    condition: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExamplesFile {
    #[serde(default)]
    examples: Vec<ExampleSection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExampleSection {
    #[serde(deserialize_with = "filled")]
    question: String,
    #[serde(default)]
    paraphrases: Vec<String>,
    #[serde(deserialize_with = "filled")]
    sql: String,
    when: Option<String>,
}

/// A stored value may be written as what it is.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Text(String),
    Integer(i64),
    Real(f64),
    Flag(bool),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum UnitWord {
    Money,
    Percent,
}

pub(super) fn read_model(file: &TextFile, knowledge: &mut Knowledge) -> Result<(), KnowledgeError> {
    let model: ModelFile = parse(file)?;
    knowledge.as_of = model.calendar.as_of.map(|day| day.to_string());
    knowledge.calendar = Calendar {
        week_start: model.calendar.week_start.map(WeekStart::from),
        fiscal_year_start: model.calendar.fiscal_year_start,
    };
    knowledge.tables = model.tables.into_iter().map(TableKnowledge::from).collect();
    knowledge.metrics = model.metrics.into_iter().map(Metric::from).collect();
    knowledge.relationships =
        model.relationships.into_iter().map(|r| Relationship { from: r.from, to: r.to }).collect();
    knowledge.filters = model.filters.into_iter().map(NamedFilter::from).collect();
    Ok(())
}

pub(super) fn read_examples(file: &TextFile) -> Result<Vec<Example>, KnowledgeError> {
    let examples: ExamplesFile = parse(file)?;
    Ok(examples
        .examples
        .into_iter()
        .map(|e| Example { question: e.question, paraphrases: e.paraphrases, sql: e.sql, when: e.when })
        .collect())
}

fn parse<T: DeserializeOwned>(file: &TextFile) -> Result<T, KnowledgeError> {
    toml::from_str(&file.text).map_err(|e| {
        let why = e.message().trim().replace('\n', "; ");
        KnowledgeError::Invalid {
            file: file.name.clone(),
            line: line_of(&file.text, e.span()),
            nearest: nearest_word(&why),
            why,
        }
    })
}

fn line_of(text: &str, span: Option<Range<usize>>) -> usize {
    let start = span.map_or(0, |s| s.start).min(text.len());
    text.get(..start).unwrap_or(text).matches('\n').count() + 1
}

/// Serde lists what it expected in backticks after the word it found; the nearest of them is worth naming.
fn nearest_word(message: &str) -> Option<String> {
    if !message.starts_with("unknown ") {
        return None;
    }
    let mut quoted = message.split('`').skip(1).step_by(2);
    let found = quoted.next()?;
    quoted
        .map(|word| (strsim::damerau_levenshtein(found, word), word))
        .filter(|&(distance, word)| distance * 2 <= word.len().max(found.len()))
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, word)| word.to_owned())
}

fn filled<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.trim().is_empty() { Err(D::Error::custom("must not be empty")) } else { Ok(text) }
}

fn qualified<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = filled(deserializer)?;
    match text.split_once('.') {
        Some((table, column)) if !table.is_empty() && !column.is_empty() => Ok(text),
        _ => Err(D::Error::custom(format!("`{text}` is not of the form table.column"))),
    }
}

fn maybe_qualified<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    qualified(deserializer).map(Some)
}

fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let day = text.parse().map_err(|_| D::Error::custom(format!("`{text}` is not a date like 2025-06-30")))?;
    Ok(Some(day))
}

fn month_and_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<(i8, i8)>, D::Error> {
    let text = String::deserialize(deserializer)?;
    // No fiscal year can start on a day that most years lack, hence a common year.
    let day: Option<Date> = (text.len() == 5).then(|| format!("2025-{text}").parse().ok()).flatten();
    day.map(|d| Some((d.month(), d.day())))
        .ok_or_else(|| D::Error::custom(format!("`{text}` is not a month and day like 04-01")))
}

impl From<WeekStartWord> for WeekStart {
    fn from(word: WeekStartWord) -> Self {
        match word {
            WeekStartWord::Monday => Self::Monday,
            WeekStartWord::Saturday => Self::Saturday,
            WeekStartWord::Sunday => Self::Sunday,
        }
    }
}

impl From<AdditivityWord> for Additivity {
    fn from(word: AdditivityWord) -> Self {
        match word {
            AdditivityWord::Full => Self::Full,
            AdditivityWord::Semi => Self::Semi,
            AdditivityWord::None => Self::None,
        }
    }
}

impl UnitWord {
    fn name(self) -> String {
        match self {
            Self::Money => "money".to_owned(),
            Self::Percent => "percent".to_owned(),
        }
    }
}

/// The word that the file has for it.
fn semantic_word(semantic: SemanticType) -> Option<String> {
    serde_json::to_value(semantic).ok()?.as_str().map(str::to_owned)
}

impl Scalar {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Integer(n) => n.to_string(),
            Self::Real(x) => x.to_string(),
            // SQLite stores yes and no as numbers.
            Self::Flag(yes) => u8::from(yes).to_string(),
        }
    }
}

impl From<TableSection> for TableKnowledge {
    fn from(table: TableSection) -> Self {
        Self {
            name: table.name,
            description: table.description,
            synonyms: table.synonyms,
            hidden: table.hidden,
            columns: table.columns.into_iter().map(ColumnKnowledge::from).collect(),
        }
    }
}

impl From<ColumnSection> for ColumnKnowledge {
    fn from(column: ColumnSection) -> Self {
        Self {
            name: column.name,
            description: column.description,
            synonyms: column.synonyms,
            semantic_type: column.semantic_type.and_then(semantic_word),
            unit: column.unit.map(UnitWord::name),
            hidden: column.hidden,
            value_synonyms: column.value_synonyms.into_iter().map(|(word, value)| (word, value.into_text())).collect(),
        }
    }
}

impl From<MetricSection> for Metric {
    fn from(metric: MetricSection) -> Self {
        Self {
            name: metric.name,
            description: metric.description,
            synonyms: metric.synonyms,
            expression: metric.expression,
            unit: metric.unit.map(UnitWord::name),
            time_column: metric.time_column,
            additivity: metric.additivity.into(),
            required_filters: metric.required_filters,
        }
    }
}

impl From<FilterSection> for NamedFilter {
    fn from(filter: FilterSection) -> Self {
        Self {
            name: filter.name,
            description: filter.description,
            synonyms: filter.synonyms,
            condition: filter.condition,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(text: &str) -> Result<Knowledge, KnowledgeError> {
        let mut knowledge = Knowledge::default();
        let file = TextFile { name: "model.toml".to_owned(), text: text.to_owned() };
        read_model(&file, &mut knowledge).map(|()| knowledge)
    }

    const WHOLE: &str = r#"
[calendar]
week_start = "sunday"
fiscal_year_start = "04-01"
as_of = "2025-06-30"

[[tables]]
name = "sales"
description = "one row a receipt line"
synonyms = ["turnover lines"]

[[tables.columns]]
name = "price"
semantic_type = "unit_price"
unit = "money"
value_synonyms = { promo = 1, regular = "0", open = true }

[[metrics]]
name = "stock"
expression = "SUM(sales.stock)"
additivity = "semi"
time_column = "sales.day"
required_filters = ["sales.closed = 0"]

[[relationships]]
from = "sales.store"
to = "stores.id"

[[filters]]
name = "open stores"
condition = "stores.closed = 0"
"#;

    #[test]
    fn reads_every_key() {
        let knowledge = model(WHOLE).unwrap();
        assert_eq!(knowledge.as_of.as_deref(), Some("2025-06-30"));
        assert_eq!(knowledge.calendar.week_start, Some(WeekStart::Sunday));
        assert_eq!(knowledge.calendar.fiscal_year_start, Some((4, 1)));
        let column = knowledge.column("Sales", "PRICE").unwrap();
        assert_eq!(column.semantic_type.as_deref(), Some("unit_price"));
        assert_eq!(column.unit.as_deref(), Some("money"));
        let values: Vec<_> = column.value_synonyms.iter().map(|(w, v)| (w.as_str(), v.as_str())).collect();
        assert_eq!(values, [("open", "1"), ("promo", "1"), ("regular", "0")]);
        assert_eq!(knowledge.metrics[0].additivity, Additivity::Semi);
        assert_eq!(knowledge.metrics[0].required_filters, ["sales.closed = 0"]);
        assert_eq!(knowledge.relationships[0].to, "stores.id");
        assert_eq!(knowledge.filters[0].condition, "stores.closed = 0");
    }

    #[test]
    fn an_error_names_file_line_and_nearest_word() {
        let cases = [
            ("[[tables]]\nname = \"a\"\nsynonims = []\n", "model.toml, line 3", "did you mean `synonyms`?"),
            ("[[tables]]\nname = \"a\"\n\n[[metrix]]\n", "line 4", "did you mean `metrics`?"),
            ("[calendar]\nweek_start = \"sundays\"\n", "line 2", "did you mean `sunday`?"),
            (
                "[[tables]]\nname = \"a\"\n[[tables.columns]]\nname = \"b\"\nsemantic_type = \"unitprice\"\n",
                "line 5",
                "did you mean `unit_price`?",
            ),
            ("[[tables]]\n\ndescription = \"a\"\n", "line 1", "missing field `name`"),
            ("[[metrics]]\nname = \"m\"\nexpression = \" \"\n", "line 3", "must not be empty"),
            ("[[relationships]]\nfrom = \"a\"\nto = \"b.c\"\n", "line 2", "table.column"),
            ("[calendar]\nas_of = \"30.6.2025\"\n", "line 2", "not a date"),
            ("[calendar]\nfiscal_year_start = \"13-01\"\n", "line 2", "not a month and day"),
            ("[[tables]]\nname = \"a\n", "line 2", "model.toml"),
        ];
        for (text, place, what) in cases {
            let error = model(text).unwrap_err().to_string();
            assert!(error.contains(place) && error.contains(what), "{text}\n-> {error}");
        }
    }

    #[test]
    fn a_word_like_no_other_gets_no_suggestion() {
        let error = model("[[tables]]\nname = \"a\"\nzzzzqqq = 1\n").unwrap_err().to_string();
        assert!(!error.contains("did you mean"), "{error}");
    }
}
