//! What the data of a column look like, and what that makes the column mean.

use serde::{Deserialize, Serialize};

use super::Value;

/// What a column means, derived from its name, its declared type and its data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SemanticType {
    /// Identifies a row or refers to one; never a measure.
    Id,
    /// What people call the thing in a row.
    Name,
    /// One of a few texts.
    Category,
    /// Two values: yes and no.
    Flag,
    /// An identifier people know (UPC, postcode); kept as text, never a measure.
    Code,
    /// Counts of things; adds up.
    Quantity,
    /// An amount of money that adds up.
    Money,
    /// Money for one unit; averaged, never added.
    UnitPrice,
    /// A quotient; averaged, never added.
    Ratio,
    /// A quotient times 100; averaged, never added.
    Percent,
    /// A rating or measurement; averaged, never added.
    Score,
    Date,
    DateTime,
    Year,
    Month,
    /// A place.
    Geo,
    FreeText,
    Url,
    Blob,
    #[default]
    Unknown,
}

impl SemanticType {
    /// Every meaning, in the order of their numbers.
    pub(super) const ALL: &[Self] = &[
        Self::Id,
        Self::Name,
        Self::Category,
        Self::Flag,
        Self::Code,
        Self::Quantity,
        Self::Money,
        Self::UnitPrice,
        Self::Ratio,
        Self::Percent,
        Self::Score,
        Self::Date,
        Self::DateTime,
        Self::Year,
        Self::Month,
        Self::Geo,
        Self::FreeText,
        Self::Url,
        Self::Blob,
        Self::Unknown,
    ];

    /// Reads the word that serializes as a type (`unit_price`).
    pub fn from_name(name: &str) -> Option<Self> {
        use serde::de::IntoDeserializer;
        use serde::de::value::{Error, StrDeserializer};
        let word: StrDeserializer<'_, Error> = name.into_deserializer();
        Self::deserialize(word).ok()
    }

    /// A number that can be computed with.
    pub fn is_measure(self) -> bool {
        matches!(self, Self::Quantity | Self::Money | Self::UnitPrice | Self::Ratio | Self::Percent | Self::Score)
    }

    /// A measure whose sum means something.
    pub fn is_additive(self) -> bool {
        matches!(self, Self::Quantity | Self::Money)
    }

    /// A point in time or a part of one that can be put in order.
    pub fn is_time(self) -> bool {
        matches!(self, Self::Date | Self::DateTime | Self::Year)
    }
}

/// Figures over the rows that were read: all of them, unless the profile says that it is a sample. Counts of a sample tell
/// how often something is; that something never is they do not tell.
#[expect(clippy::struct_excessive_bools, reason = "facts of their own, in any combination")]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnProfile {
    pub semantic: SemanticType,
    /// Rows read.
    pub rows: u64,
    /// There are rows that were not read.
    pub sampled: bool,
    pub nulls: u64,
    /// Distinct values among the rows read, counted up to a cap.
    pub distinct: u64,
    /// Every value differs from the others and none is NULL; true of all rows, read or not.
    pub unique: bool,
    /// Smallest and largest, as the database orders them; `None` if all are NULL.
    pub min: Option<Value>,
    pub max: Option<Value>,
    /// They are the ends of all rows; else of those read, and others may lie beyond.
    pub exact_ends: bool,
    /// The most frequent values, most frequent first.
    pub top: Vec<Value>,
    /// Every non-NULL value read is a number.
    pub numeric: bool,
    /// Every non-NULL value read is text that starts as an ISO date (`2025-01-31`).
    pub iso_dates: bool,
    /// Mean length of texts, in characters.
    pub mean_length: f64,
}
