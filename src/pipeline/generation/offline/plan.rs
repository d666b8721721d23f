//! The typed logical plan: what is asked, by ids and never by names. FROM and joins are not in it; they are derived.

use crate::schema::{ColumnId, TableId, Value};

/// A whole question.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    Select(Box<Select>),
    /// Rows of two queries taken together; each once.
    Set {
        operator: SetOperator,
        left: Box<Select>,
        right: Box<Select>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetOperator {
    /// Rows that either gives.
    Union,
    /// Rows that both give.
    Intersect,
    /// Rows of the left that the right does not give.
    Except,
}

/// One SELECT. Predicates of `filter` and of `having` all hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Select {
    pub items: Vec<Expr>,
    pub distinct: bool,
    pub filter: Vec<Predicate>,
    pub group: Vec<Expr>,
    pub having: Vec<Predicate>,
    pub order: Vec<Sort>,
    pub limit: Option<u64>,
    pub offset: u64,
    /// Tables that are needed although no column of theirs is named (a table whose rows are counted).
    pub tables: Vec<TableId>,
    /// Keep the first `n` rows of each group of `keys` in the given order.
    pub per: Option<TopPer>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TopPer {
    pub keys: Vec<Expr>,
    pub rows: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Sort {
    pub by: Expr,
    pub descending: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    Column(ColumnId),
    /// All columns of a table.
    AllColumns(TableId),
    /// Rows of a table; by its key where joins would repeat them.
    CountRows(TableId),
    Aggregate {
        function: Function,
        distinct: bool,
        of: Box<Expr>,
    },
    /// The aggregate of a named formula, by its position in the knowledge.
    Metric(usize),
    /// A date cut to a calendar unit.
    Time {
        column: ColumnId,
        grain: Grain,
    },
    /// Size without sign.
    Magnitude(Box<Expr>),
    /// Share of the total over all rows of the result, in percent.
    Share(Box<Expr>),
    /// Two expressions of one statement. A quotient by nothing or by zero is empty.
    Arithmetic {
        operator: Arithmetic,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// An aggregate over those rows alone that meet plain conditions (see [`Predicate::is_plain`]).
    Filtered {
        of: Box<Expr>,
        filter: Vec<Predicate>,
    },
    /// The value that so many percent of a column's values do not exceed; 50 is the median.
    Percentile {
        of: Box<Expr>,
        percent: u8,
    },
    /// Computed from the rows of the result.
    Over {
        window: Window,
        of: Box<Expr>,
    },
}

/// What is computed from the rows of a result. Periods are those of the result's only calendar unit; a period without
/// rows counts as one, so that what follows a gap has no previous value.
#[derive(Clone, Debug, PartialEq)]
pub enum Window {
    /// The value so many periods earlier.
    Previous(u32),
    /// The sum up to and with this period.
    Running,
    /// The mean of so many periods, this one included.
    Moving(u32),
    /// The place in the order by the value; equal values share one.
    Rank { descending: bool },
    /// The sum over the rows that agree in these keys; over all rows if there are none.
    Total(Vec<Expr>),
    /// The mean over the rows that agree in these keys; over all rows if there are none.
    Mean(Vec<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    Difference,
    Product,
    Ratio,
    /// Ratio in percent.
    Percent,
    /// What the left is above or below the right, in percent of the right.
    PercentChange,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    Count,
    Sum,
    Average,
    Minimum,
    Maximum,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    Day,
    Week,
    Month,
    Quarter,
    Year,
    Weekday,
    /// As the knowledge says when a fiscal year begins.
    FiscalQuarter,
    FiscalYear,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    Compare {
        left: Expr,
        operator: Operator,
        right: Operand,
    },
    Between {
        what: Expr,
        low: Value,
        high: Value,
    },
    In {
        what: Expr,
        values: Vec<Value>,
        negated: bool,
    },
    Like {
        what: Expr,
        pattern: String,
        negated: bool,
    },
    IsNull {
        what: Expr,
        negated: bool,
    },
    /// Dates from `first` up to and with `last`, whatever time of day they carry; `year` columns compare their year.
    Period {
        column: ColumnId,
        first: Option<String>,
        last: Option<String>,
    },
    /// Rows of `table` that belong to this row and meet the predicates.
    Exists {
        table: TableId,
        filter: Vec<Predicate>,
        negated: bool,
    },
    /// The value is among those of the only column of another query.
    Within {
        what: Expr,
        query: Box<Select>,
        negated: bool,
    },
    /// At least one holds.
    Any(Vec<Predicate>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    Value(Value),
    Expr(Expr),
    /// A single value computed by another query.
    Scalar(Box<Select>),
}

impl Expr {
    pub fn aggregate(function: Function, column: ColumnId) -> Self {
        Self::Aggregate { function, distinct: false, of: Box::new(Self::Column(column)) }
    }

    pub fn arithmetic(operator: Arithmetic, left: Self, right: Self) -> Self {
        Self::Arithmetic { operator, left: Box::new(left), right: Box::new(right) }
    }

    pub fn over(window: Window, of: Self) -> Self {
        Self::Over { window, of: Box::new(of) }
    }

    pub fn filtered(of: Self, filter: Vec<Predicate>) -> Self {
        Self::Filtered { of: Box::new(of), filter }
    }

    /// True if the expression is computed from the rows of the result.
    pub fn has_window(&self) -> bool {
        match self {
            Self::Over { .. } => true,
            Self::Magnitude(of) | Self::Share(of) | Self::Filtered { of, .. } => of.has_window(),
            Self::Arithmetic { left, right, .. } => left.has_window() || right.has_window(),
            _ => false,
        }
    }

    /// True if the expression needs groups of rows.
    pub fn is_aggregate(&self) -> bool {
        match self {
            Self::CountRows(_)
            | Self::Aggregate { .. }
            | Self::Metric(_)
            | Self::Share(_)
            | Self::Filtered { .. }
            | Self::Percentile { .. } => true,
            Self::Magnitude(of) | Self::Over { of, .. } => of.is_aggregate(),
            Self::Arithmetic { left, right, .. } => left.is_aggregate() || right.is_aggregate(),
            Self::Column(_) | Self::AllColumns(_) | Self::Time { .. } => false,
        }
    }

    /// Adds the tables that the expression reads. Metrics read what their formula names, which the renderer knows.
    pub fn tables(&self, into: &mut Vec<TableId>) {
        let mut add = |table: TableId| {
            if !into.contains(&table) {
                into.push(table);
            }
        };
        match self {
            Self::Column(c) | Self::Time { column: c, .. } => add(c.table),
            Self::AllColumns(t) | Self::CountRows(t) => add(*t),
            Self::Aggregate { of, .. } | Self::Magnitude(of) | Self::Share(of) | Self::Percentile { of, .. } => {
                of.tables(into);
            }
            Self::Filtered { of, filter } => {
                of.tables(into);
                for predicate in filter {
                    predicate.tables(into);
                }
            }
            Self::Over { window, of } => {
                of.tables(into);
                if let Window::Total(keys) | Window::Mean(keys) = window {
                    for key in keys {
                        key.tables(into);
                    }
                }
            }
            Self::Arithmetic { left, right, .. } => {
                left.tables(into);
                right.tables(into);
            }
            Self::Metric(_) => {}
        }
    }
}

impl Predicate {
    /// True if the condition looks at one row alone.
    pub fn is_plain(&self) -> bool {
        match self {
            Self::Compare { left, right, .. } => !left.is_aggregate() && !matches!(right, Operand::Scalar(_)),
            Self::Any(predicates) => predicates.iter().all(Self::is_plain),
            Self::Between { .. } | Self::In { .. } | Self::Like { .. } | Self::IsNull { .. } | Self::Period { .. } => {
                true
            }
            Self::Exists { .. } | Self::Within { .. } => false,
        }
    }

    /// Adds the tables whose columns must be joined for the predicate.
    pub fn tables(&self, into: &mut Vec<TableId>) {
        match self {
            Self::Compare { left, right, .. } => {
                left.tables(into);
                if let Operand::Expr(expr) = right {
                    expr.tables(into);
                }
            }
            Self::Between { what, .. }
            | Self::In { what, .. }
            | Self::Like { what, .. }
            | Self::IsNull { what, .. }
            | Self::Within { what, .. } => {
                what.tables(into);
            }
            Self::Any(predicates) => predicates.iter().for_each(|predicate| predicate.tables(into)),
            Self::Period { column, .. } => Expr::Column(*column).tables(into),
            Self::Exists { .. } => {}
        }
    }
}

impl Select {
    pub fn is_aggregated(&self) -> bool {
        !self.group.is_empty()
            || self.items.iter().any(Expr::is_aggregate)
            || self.order.iter().any(|s| s.by.is_aggregate())
    }
}
