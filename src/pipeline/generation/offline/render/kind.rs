//! What values a column or an expression has, as far as a typed dialect cares: BigQuery compares like with like alone,
//! SQLite anything with anything.

use super::super::plan::{Arithmetic, Expr, Function, Grain, Window};
use super::Renderer;
use crate::schema::{Column, ColumnId, SemanticType};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Whole,
    Decimal,
    Float,
    Text,
    Truth,
    Date,
    DateTime,
    Timestamp,
    /// Nothing is known, or nothing that is compared or computed with.
    Other,
}

impl Kind {
    /// By the declared type; where none is declared by what the values look like.
    pub(super) fn of(column: &Column) -> Self {
        let declared = column.declared_type.trim().to_ascii_uppercase();
        let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
        match declared.as_str() {
            "" if column.profile.numeric => Self::Float,
            "" => Self::Text,
            name if name.starts_with("TIMESTAMP") => Self::Timestamp,
            name if name.starts_with("DATETIME") => Self::DateTime,
            name if name.starts_with("DATE") => Self::Date,
            _ if has(&["BOOL"]) => Self::Truth,
            _ if has(&["CHAR", "TEXT", "STRING", "CLOB"]) => Self::Text,
            _ if has(&["NUMERIC", "DECIMAL"]) => Self::Decimal,
            _ if has(&["REAL", "FLOA", "DOUB"]) => Self::Float,
            name if has(&["INT"]) && !name.starts_with("INTERVAL") => Self::Whole,
            _ => Self::Other,
        }
    }

    /// BigQuery's name of the type; `None` where there is no type to be named.
    pub(super) fn type_name(self) -> Option<&'static str> {
        Some(match self {
            Self::Whole => "INT64",
            Self::Decimal => "NUMERIC",
            Self::Float => "FLOAT64",
            Self::Text => "STRING",
            Self::Truth => "BOOL",
            Self::Date => "DATE",
            Self::DateTime => "DATETIME",
            Self::Timestamp => "TIMESTAMP",
            Self::Other => return None,
        })
    }

    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Whole | Self::Decimal | Self::Float)
    }

    pub(super) fn is_day(self) -> bool {
        matches!(self, Self::Date | Self::DateTime | Self::Timestamp)
    }

    /// The kind of what is computed from such values.
    fn computed(self) -> Self {
        if self.is_number() { self } else { Self::Float }
    }
}

impl Renderer<'_> {
    pub(super) fn kind_of(&self, column: ColumnId) -> Kind {
        Kind::of(self.schema.column(column))
    }

    #[expect(clippy::match_same_arms, reason = "the order of the arms decides")]
    pub(super) fn kind(&self, expr: &Expr) -> Kind {
        match expr {
            Expr::Column(id) => self.kind_of(*id),
            Expr::AllColumns(_) => Kind::Other,
            Expr::CountRows(_) | Expr::Aggregate { function: Function::Count, .. } => Kind::Whole,
            Expr::Aggregate { function: Function::Average, .. } | Expr::Metric(_) | Expr::Share(_) => Kind::Float,
            Expr::Aggregate { function: Function::Sum, of, .. } => match self.kind(of) {
                Kind::Truth => Kind::Whole,
                kind => kind.computed(),
            },
            Expr::Aggregate { function: Function::Minimum | Function::Maximum, of, .. } | Expr::Filtered { of, .. } => {
                self.kind(of)
            }
            Expr::Time { column, grain } => self.kind_of_key(*column, *grain),
            Expr::Magnitude(of) => self.kind(of).computed(),
            Expr::Arithmetic { operator: Arithmetic::Difference, left, .. } if self.is_day(left) => Kind::Whole,
            Expr::Arithmetic { operator: Arithmetic::Difference | Arithmetic::Product, left, right } => {
                match (self.kind(left), self.kind(right)) {
                    (Kind::Whole, Kind::Whole) => Kind::Whole,
                    _ => Kind::Float,
                }
            }
            Expr::Arithmetic { .. } => Kind::Float,
            Expr::Percentile { percent: 50, .. } => Kind::Float,
            Expr::Percentile { of, .. } => self.kind(of),
            Expr::Over { window, of } => match window {
                Window::Rank { .. } => Kind::Whole,
                Window::Moving(_) | Window::Mean(_) => Kind::Float,
                Window::Previous(_) | Window::Running | Window::Total(_) => self.kind(of),
            },
        }
    }

    /// The kind of a date cut to a unit, in BigQuery.
    #[expect(clippy::match_same_arms, reason = "the order of the arms decides")]
    fn kind_of_key(&self, column: ColumnId, grain: Grain) -> Kind {
        match (self.schema.profile(column).semantic, grain) {
            (SemanticType::Year, _) => Kind::Whole,
            (SemanticType::Month, _) if !self.kind_of(column).is_day() && !self.holds_months(column) => {
                self.kind_of(column)
            }
            (_, Grain::Year) => Kind::Whole,
            (_, Grain::Weekday | Grain::FiscalQuarter | Grain::FiscalYear) => Kind::Text,
            _ => Kind::Date,
        }
    }

    /// True for texts like `2024-05`, as against names and bare numbers of months.
    pub(super) fn holds_months(&self, column: ColumnId) -> bool {
        let profile = self.schema.profile(column);
        let is_month = |text: &str| text.len() == 7 && format!("{text}-01").parse::<jiff::civil::Date>().is_ok();
        profile.semantic == SemanticType::Month
            && self.kind_of(column) == Kind::Text
            && profile.min.as_ref().is_none_or(|value| value.as_text().is_some_and(is_month))
    }

    /// True for points in time, kept as such or as texts.
    pub(super) fn is_day(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Column(id) => {
                self.kind_of(*id).is_day()
                    || (self.kind_of(*id) == Kind::Text
                        && matches!(self.schema.profile(*id).semantic, SemanticType::Date | SemanticType::DateTime))
            }
            Expr::Aggregate { function: Function::Minimum | Function::Maximum, of, .. } => self.is_day(of),
            other => self.kind(other).is_day(),
        }
    }
}
