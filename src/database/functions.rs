//! Functions registered on every connection: two that analysts expect and SQLite lacks, and stand-ins for those of
//! SQLite's own that take time in the square of their arguments' length and cannot be interrupted.

use std::cell::OnceCell;
use std::collections::HashSet;

use regex::{Regex, RegexBuilder};
use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Error, Result};

/// Bytes that a compiled pattern may take, and bytes it may be matched against.
const PATTERN_SIZE: usize = 100_000;
const MATCHED_TEXT: usize = 200_000;
/// Product of the lengths that a function of quadratic cost may get: some tenths of a second.
const QUADRATIC: usize = 200_000_000;

/// Adds the functions to a connection; no value gets longer than `longest` bytes.
pub fn register(connection: &Connection, longest: i32) -> Result<()> {
    let pure = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_aggregate_function("stddev", 1, pure, StandardDeviation)?;
    connection.create_scalar_function("regexp", 2, pure, matches)?;
    connection.create_scalar_function("instr", 2, pure, |context| Ok(instr(context)))?;
    connection.create_scalar_function("replace", 3, pure, move |context| replace(context, longest))?;
    for (name, left, right) in [("trim", true, true), ("ltrim", true, false), ("rtrim", false, true)] {
        connection.create_scalar_function(name, 2, pure, move |context| Ok(trim(context, left, right)))?;
    }
    for name in ["json_patch", "jsonb_patch", "unhex"] {
        let sql = format!("SELECT {name}(?1, ?2)");
        let own = OnceCell::new();
        connection.create_scalar_function(name, 2, pure, move |context| bounded(context, &own, &sql))?;
    }
    Ok(())
}

/// `text REGEXP pattern` calls `regexp(pattern, text)`; NULL if either is.
fn matches(context: &mut Context<'_>) -> Result<Option<bool>> {
    let Some(text) = text_of(context.get_raw(1)) else { return Ok(None) };
    if matches!(context.get_raw(0), ValueRef::Null) {
        return Ok(None);
    }
    if text.len() > MATCHED_TEXT {
        return Err(too_complex("REGEXP on a very long text"));
    }
    let regex = context.get_or_create_aux(0, |pattern| -> std::result::Result<Regex, regex::Error> {
        RegexBuilder::new(&text_of(pattern).unwrap_or_default()).size_limit(PATTERN_SIZE).build()
    })?;
    Ok(Some(regex.is_match(&text)))
}

/// Where the second argument begins in the first, from 1: in bytes for two blobs, else in characters.
fn instr(context: &Context<'_>) -> Option<i64> {
    let position = |text: &str, part: &str| text.find(part).map_or(0, |at| text[..at].chars().count() as i64 + 1);
    if let (ValueRef::Blob(text), ValueRef::Blob(part)) = (context.get_raw(0), context.get_raw(1)) {
        return Some(position(&latin(text), &latin(part)));
    }
    Some(position(&text_of(context.get_raw(0))?, &text_of(context.get_raw(1))?))
}

/// Every byte as one character, so that bytes are searched in linear time too.
fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn replace(context: &Context<'_>, longest: i32) -> Result<Option<String>> {
    let texts = [0, 1, 2].map(|argument| text_of(context.get_raw(argument)));
    let [Some(text), Some(part), Some(by)] = texts else { return Ok(None) };
    if part.is_empty() {
        return Ok(Some(text));
    }
    let grown = text.matches(&part).count().saturating_mul(by.len());
    if grown > longest as usize {
        return Err(Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_TOOBIG), None));
    }
    Ok(Some(text.replace(&part, &by)))
}

/// Takes off the characters of the second argument.
fn trim(context: &Context<'_>, left: bool, right: bool) -> Option<String> {
    let text = text_of(context.get_raw(0))?;
    let set: HashSet<char> = text_of(context.get_raw(1))?.chars().collect();
    let mut rest = text.as_str();
    if left {
        rest = rest.trim_start_matches(|c| set.contains(&c));
    }
    if right {
        rest = rest.trim_end_matches(|c| set.contains(&c));
    }
    Some(rest.to_owned())
}

/// SQLite's own function, asked only if the arguments are short enough.
fn bounded(context: &Context<'_>, own: &OnceCell<Connection>, sql: &str) -> Result<Value> {
    let length = |argument| match context.get_raw(argument) {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len(),
        _ => 0,
    };
    if length(0).saturating_mul(length(1)) > QUADRATIC {
        return Err(too_complex("two very long arguments of one function"));
    }
    let arguments = (Value::try_from(context.get_raw(0)), Value::try_from(context.get_raw(1)));
    let (Ok(first), Ok(second)) = arguments else { return Ok(Value::Null) };
    let own = if let Some(own) = own.get() {
        own
    } else {
        let opened = Connection::open_in_memory()?;
        own.get_or_init(|| opened)
    };
    own.prepare_cached(sql)?.query_row([first, second], |row| row.get(0))
}

fn too_complex(what: &str) -> Error {
    Error::UserFunctionError(format!("{what} is too complex").into())
}

fn text_of(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(n) => Some(n.to_string()),
        ValueRef::Real(x) => Some(real_text(x)),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    }
}

/// As SQLite writes a real number: at least one decimal.
fn real_text(x: f64) -> String {
    let text = x.to_string();
    if x.is_finite() && !text.contains('.') { format!("{text}.0") } else { text }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What SQLite's own functions give, asked of a connection without the stand-ins.
    #[test]
    fn stand_ins_give_what_sqlite_gives() {
        let own = Connection::open_in_memory().expect("memory");
        let ours = Connection::open_in_memory().expect("memory");
        register(&ours, 1_000_000).expect("registered");
        for call in [
            "instr('häuser', 'us')",
            "instr(x'00ff41', x'41')",
            "instr('abc', '')",
            "instr(123, 3)",
            "instr(NULL, 'a')",
            "replace('a-b-c', '-', '+')",
            "replace('abc', '', 'x')",
            "replace(1.0, '.', ',')",
            "replace('abc', 'b', NULL)",
            "trim('xxaxx', 'x')",
            "ltrim('äxä', 'ä')",
            "rtrim('1.500', '0')",
            "trim('abc', '')",
            "trim(12321, 1)",
            "json_patch('{\"a\":1}', '{\"b\":2}')",
            "unhex('41-42', '-')",
        ] {
            let ask = |connection: &Connection| {
                connection.query_row(&format!("SELECT {call}"), [], |row| row.get::<_, Value>(0)).expect(call)
            };
            assert_eq!(ask(&ours), ask(&own), "{call}");
        }
    }

    #[test]
    fn stddev_divides_by_one_less_than_the_count() {
        let connection = Connection::open_in_memory().expect("memory");
        register(&connection, 1_000_000).expect("registered");
        let ask = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, Option<f64>>(0)).expect("runs");
        let spread =
            ask("SELECT stddev(column1) FROM (VALUES (2), (4), (4.0), (4), (5), (5), (7), (9), ('x'), (NULL))");
        assert!((spread.expect("a number") - 2.138_089_935).abs() < 1e-9);
        assert_eq!(ask("SELECT stddev(column1) FROM (VALUES (2))"), None);
    }

    #[test]
    fn regexp_matches_anywhere_in_the_text() {
        let connection = Connection::open_in_memory().expect("memory");
        register(&connection, 1_000_000).expect("registered");
        let found = connection.query_row("SELECT 'ice cream' REGEXP 'cr[aeiou]+'", [], |row| row.get::<_, bool>(0));
        assert_eq!(found, Ok(true));
    }
}
