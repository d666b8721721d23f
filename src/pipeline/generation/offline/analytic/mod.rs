//! Analytic phrases: what is split by time, compared, shared out, ranked within groups. They are read before the rest of
//! the question, which is then an ordinary one, and change the plan that is made of it.
//!
//! ```text
//! tokens > recognise (tokens without the phrases, typed constraints) > any reader (plan) > apply (plan, assumptions)
//! ```

mod apply;
mod asides;
mod calendar;
mod changes;
mod cohorts;
mod events;
mod finish;
mod fiscal;
mod formula;
mod groups;
mod lacking;
mod latest;
mod means;
mod measures;
mod parts;
mod periods;
mod phrases;
mod ratios;
mod series;
mod things;

use super::plan::{Arithmetic, Expr, Grain, Operator, Predicate, Query};
use super::reading::Ground;
use super::tokens::Token;
use crate::knowledge::Knowledge;
use crate::schema::{ColumnId, TableId};
pub use calendar::Days;
pub use fiscal::Fiscal;
use phrases::Phrases;

/// What an analytic phrase asks of the plan.
#[derive(Clone, Debug, PartialEq)]
pub enum Analytic {
    /// By periods of the calendar, one after another; without a unit the span of the data chooses it.
    Series(Option<Grain>),
    /// Only the rows of a fiscal year or quarter.
    Fiscal(Fiscal),
    /// The period with the most or least.
    Best {
        grain: Grain,
        descending: Option<bool>,
        rows: Option<u64>,
    },
    /// Each period beside an earlier one.
    Change {
        lag: Lag,
        percent: bool,
    },
    Running,
    /// The mean of so many periods.
    Moving(u32),
    /// The place of each row.
    Rank,
    /// Each row's part of the whole, in percent; of those that agree in the keys.
    Share(Vec<Expr>),
    /// The rows that meet the conditions, in percent of all.
    Part(Vec<Predicate>),
    /// The measure and another expression.
    Beside {
        operator: Arithmetic,
        right: Expr,
    },
    /// Another expression in the place of the measure.
    Instead(Expr),
    /// The measure in two periods.
    Periods {
        earlier: Days,
        later: Days,
        percent: bool,
        alone: bool,
    },
    /// What was computed must be above or below a number; of changes in percent or not.
    Bound {
        operator: Operator,
        number: f64,
        percent: bool,
    },
    /// Order by what was computed, the highest first or the lowest.
    Ordered {
        descending: bool,
        percent: bool,
    },
    /// Several figures are named, and each is asked for.
    Figures,
    /// So many rows of a ranking.
    Rows(u64),
    /// A figure beside those of a ranking.
    Also(Expr),
    /// The first rows of each group.
    PerGroup(Vec<Expr>),
    /// The first rows of each period.
    PerPeriod(Grain),
    /// Only groups whose figure is above or below a number.
    Threshold {
        operator: Operator,
        number: f64,
    },
    /// The keys are groups.
    Keys(Vec<Expr>),
    /// The middle of the values, or another percentile.
    Percentile(u8),
    /// Things with events of a table in one time and none in another.
    Cohort {
        things: TableId,
        events: Option<TableId>,
        with: Option<Days>,
        without: Option<Days>,
    },
    /// Only the rows of the last date in the data.
    Latest,
    /// The last date itself, or the first; of a column if one is named.
    LastDate {
        last: bool,
        column: Option<ColumnId>,
    },
    /// Only what is above or below the mean of those that agree with it in the keys.
    OwnMean {
        measure: Expr,
        operator: Operator,
        keys: Vec<Expr>,
    },
    /// The mean of what each period brought.
    PeriodMean(Grain),
    /// The largest less the smallest.
    Spread,
    /// Only events that meet the conditions.
    Events {
        table: TableId,
        filter: Vec<Predicate>,
    },
    /// The rows of a table, counted once for each condition.
    Counts {
        table: TableId,
        ways: Vec<Predicate>,
    },
    /// Only kinds of which no row meets the conditions.
    Lacking {
        kind: ColumnId,
        conditions: Vec<Predicate>,
    },
    /// Only things of the table that have rows in both periods.
    Comparable(Option<TableId>),
}

/// Which earlier period a period is set beside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lag {
    Before,
    YearBefore,
}

/// A plan with what was taken for granted.
#[derive(Clone, Debug)]
pub struct Applied {
    pub query: Query,
    pub assumptions: Vec<String>,
}

/// Takes the analytic phrases out of the tokens. What is left is a question of its own.
pub fn recognise(tokens: Vec<Token>, ground: Ground<'_>) -> (Vec<Token>, Vec<Analytic>) {
    let mut phrases = Phrases::new(tokens, ground);
    phrases.take_asides();
    phrases.take_weekdays();
    phrases.take_events();
    phrases.take_latest();
    phrases.take_lacking();
    phrases.take_fiscal();
    phrases.take_means();
    phrases.take_cohorts();
    phrases.take_periods();
    phrases.take_series();
    phrases.take_parts();
    phrases.take_ratios();
    phrases.take_groups();
    phrases.rest()
}

/// Changes a plan as the phrases ask, or says why it cannot be. Without phrases a plan is only put in order.
pub fn apply(found: &[Analytic], query: Query, ground: Ground<'_>, knowledge: &Knowledge) -> Result<Applied, String> {
    let mut assumptions = Vec::new();
    let Query::Select(mut select) = query else {
        return if found.is_empty() {
            Ok(Applied { query, assumptions })
        } else {
            Err("such a comparison of two lists cannot be computed".to_owned())
        };
    };
    let mut editor = apply::Editor { ground, knowledge, select: &mut select, assumptions: &mut assumptions };
    editor.apply(found)?;
    editor.finish();
    Ok(Applied { query: Query::Select(select), assumptions })
}
