//! Room 1: a question becomes an [`Analysis`]: words, entities, dates, intent, complexity. Pure.

mod complexity;
mod dates;
mod entities;
mod holidays;
mod intent;
mod normalise;
mod numbers;
mod shorthand;
mod spelling;
mod words;

pub use dates::{Period, TimeMention};
pub use entities::{ValueMention, written_number};
pub use normalise::{QuestionError, normalise};
pub use words::{Word, WordKind, words};

use std::ops::Range;

use jiff::civil::Date;

use crate::language::identifier_words;
use crate::schema::{ColumnId, Schema};

/// A question as it comes through a door.
#[derive(Clone, Debug, Default)]
pub struct Question {
    pub text: String,
    /// Earlier turns of the conversation, oldest first.
    pub turns: Vec<Turn>,
    /// The day that counts as today; `None` lets the pipeline choose.
    pub as_of: Option<Date>,
    /// Conditions set beside the question: a column's name and the value it must have.
    pub filters: Vec<(String, String)>,
}

/// An earlier question, with the SQL that answered it where that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    pub question: String,
    pub sql: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    Pricing,
    Elasticity,
    Competitive,
    Sales,
    Margin,
    General,
}

impl Intent {
    pub fn name(self) -> &'static str {
        match self {
            Self::Pricing => "pricing_analysis",
            Self::Elasticity => "elasticity_analysis",
            Self::Competitive => "competitive_analysis",
            Self::Sales => "sales_analysis",
            Self::Margin => "margin_analysis",
            Self::General => "general",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complexity {
    Simple,
    Moderate,
    Complex,
}

impl Complexity {
    pub fn name(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Moderate => "moderate",
            Self::Complex => "complex",
        }
    }
}

/// What an entity is. A value of a column that fits no other kind is a `Value`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntityKind {
    UpcCode,
    Product,
    Category,
    Brand,
    Store,
    Zone,
    Competitor,
    Value,
    DateRange,
    Number,
    TopN,
}

impl EntityKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::UpcCode => "upc_code",
            Self::Product => "product",
            Self::Category => "category",
            Self::Brand => "brand",
            Self::Store => "store",
            Self::Zone => "zone",
            Self::Competitor => "competitor",
            Self::Value => "value",
            Self::DateRange => "date_range",
            Self::Number => "number",
            Self::TopN => "top_n",
        }
    }
}

/// Something named in the question.
#[derive(Clone, Debug, PartialEq)]
pub struct Entity {
    pub kind: EntityKind,
    /// As written.
    pub text: String,
    /// As the database or the calendar has it (`Frozen Food`, `2025-05-01..2025-05-31`, `10`).
    pub value: String,
    pub column: Option<ColumnId>,
    /// Bytes of the normalised question.
    pub span: Range<usize>,
}

/// First and last day, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateRange {
    pub first: Date,
    pub last: Date,
}

/// What was understood of a question before any SQL.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// The normalised question.
    pub text: String,
    pub intent: Intent,
    pub complexity: Complexity,
    pub entities: Vec<Entity>,
    /// Periods with both ends, in the order of the question.
    pub dates: Vec<DateRange>,
    /// The day that counts as today.
    pub as_of: Date,
    pub words: Vec<Word>,
    /// Values of the database that words of the question may mean, longest and surest first.
    pub values: Vec<ValueMention>,
    /// Periods named in the question, those with an open end included.
    pub times: Vec<TimeMention>,
    /// Conditions set beside the question, by column.
    pub filters: Vec<(ColumnId, String)>,
}

/// The column that a filter names: `table.column`, or a name that the schema has, the first in catalogue order whose
/// values include the one asked for.
pub fn filter_column(schema: &Schema, name: &str, value: &str) -> Option<ColumnId> {
    let asked = identifier_words(name);
    let named: Vec<ColumnId> = schema
        .columns()
        .filter(|id| {
            schema.qualified(*id).eq_ignore_ascii_case(name) || identifier_words(&schema.column(*id).name) == asked
        })
        .collect();
    let holds = |id: &ColumnId| schema.values.of_column(*id).any(|v| v.eq_ignore_ascii_case(value));
    named.iter().copied().find(holds).or(named.first().copied())
}

/// Reads a normalised question against a schema. `as_of` is the day that counts as today.
pub fn analyse(text: &str, schema: &Schema, as_of: Date) -> Analysis {
    let mut words = words(text);
    spelling::mend(&mut words, schema);
    let times = dates::find(&words, as_of);
    let values = entities::find_values(&words, &times, schema);
    let entities = entities::name(&words, &values, &times, schema, as_of);
    let dates = times.iter().filter_map(|t| t.period.closed()).collect();
    let intent = intent::of(&words, &entities);
    let complexity = complexity::of(&words, &entities);
    Analysis {
        text: text.to_owned(),
        intent,
        complexity,
        entities,
        dates,
        as_of,
        words,
        values,
        times,
        filters: Vec::new(),
    }
}
