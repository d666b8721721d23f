//! Two functions that analysts expect and SQLite lacks: `stddev` and `regexp`.

use regex::{Regex, RegexBuilder};
use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result};

/// Bytes a compiled pattern may take.
const PATTERN_SIZE: usize = 1_000_000;

/// Adds the functions to a connection.
pub fn register(connection: &Connection) -> Result<()> {
    let pure = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_aggregate_function("stddev", 1, pure, StandardDeviation)?;
    connection.create_scalar_function("regexp", 2, pure, matches)
}

/// `text REGEXP pattern` calls `regexp(pattern, text)`; NULL if either is.
fn matches(context: &mut Context<'_>) -> Result<Option<bool>> {
    let Some(text) = text_of(context.get_raw(1)) else { return Ok(None) };
    if matches!(context.get_raw(0), ValueRef::Null) {
        return Ok(None);
    }
    let regex = context.get_or_create_aux(0, |pattern| -> std::result::Result<Regex, regex::Error> {
        RegexBuilder::new(&text_of(pattern).unwrap_or_default()).size_limit(PATTERN_SIZE).build()
    })?;
    Ok(Some(regex.is_match(&text)))
}

fn text_of(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(n) => Some(n.to_string()),
        ValueRef::Real(x) => Some(x.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}

/// The sample standard deviation; NULL for fewer than two numbers.
struct StandardDeviation;

/// Welford's running figures: count, mean, sum of squared distances from the mean.
#[derive(Default)]
struct Spread {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Aggregate<Spread, Option<f64>> for StandardDeviation {
    fn init(&self, _: &mut Context<'_>) -> Result<Spread> {
        Ok(Spread::default())
    }

    fn step(&self, context: &mut Context<'_>, spread: &mut Spread) -> Result<()> {
        let number = match context.get_raw(0) {
            ValueRef::Integer(n) => n as f64,
            ValueRef::Real(x) => x,
            _ => return Ok(()),
        };
        spread.count += 1.0;
        let distance = number - spread.mean;
        spread.mean += distance / spread.count;
        spread.squares += distance * (number - spread.mean);
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, spread: Option<Spread>) -> Result<Option<f64>> {
        let spread = spread.filter(|spread| spread.count > 1.0);
        Ok(spread.map(|spread| (spread.squares / (spread.count - 1.0)).sqrt()))
    }
}
