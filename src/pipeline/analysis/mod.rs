//! Room 1: a question becomes an [`Analysis`]: words, entities, dates, intent, complexity. Pure.

use std::ops::Range;

use jiff::civil::Date;

use crate::schema::ColumnId;

/// A question as it comes through a door.
#[derive(Clone, Debug, Default)]
pub struct Question {
    pub text: String,
    /// Earlier turns of the conversation, oldest first.
    pub turns: Vec<Turn>,
    /// The day that counts as today; `None` lets the pipeline choose.
    pub as_of: Option<Date>,
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
    pub dates: Vec<DateRange>,
    /// The day that counts as today.
    pub as_of: Date,
}
