//! Numbers and values as people read them: grouping, money, percent. Sentences, tables and charts share it, so that one
//! figure looks the same wherever it stands.

use crate::language::{plural, spoken_name};
use crate::pipeline::execution::{ColumnType, ResultColumn, Unit};
use crate::schema::{SemanticType, Value};

/// Characters of a value that a sentence repeats.
const VALUE_CHARS: usize = 60;

/// A figure computed from a column (a sum, a mean, a tick), written as the column's own values are.
pub fn number(x: f64, column: &ResultColumn) -> String {
    if x.fract() == 0.0 && x.abs() < 9e15 && column.kind == ColumnType::Integer {
        return integer(x as i64, column);
    }
    real(x, column)
}

/// A whole number of a column.
pub fn integer(n: i64, column: &ResultColumn) -> String {
    match style(column) {
        Style::Plain => n.to_string(),
        Style::Money => format!("{}.00", group(&n.to_string())),
        Style::Percent => format!("{}%", group(&n.to_string())),
        Style::Ratio | Style::Number => group(&n.to_string()),
    }
}

/// A real number of a column: two decimals for money, one for percents, for others as many as tell something.
pub fn real(x: f64, column: &ResultColumn) -> String {
    if x.is_nan() {
        return "NaN".to_owned();
    }
    if x.is_infinite() {
        return if x > 0.0 { "∞".to_owned() } else { "-∞".to_owned() };
    }
    match style(column) {
        _ if x.abs() >= 1e15 => format!("{x:e}"),
        Style::Plain => format!("{x:?}").trim_end_matches(".0").to_owned(),
        Style::Money => grouped(x, 2),
        Style::Percent => format!("{}%", grouped(x, 1)),
        Style::Ratio => grouped(x, decimals_for(x, 3)),
        Style::Number => grouped(x, decimals_for(x, 2)),
    }
}

/// `1,234`.
pub fn count(n: usize) -> String {
    group(&n.to_string())
}

/// Money, whether said by the unit or by the meaning of the column.
pub fn is_money(column: &ResultColumn) -> bool {
    style(column) == Style::Money
}

/// Percent, whether said by the unit or by the meaning of the column.
pub fn is_percent(column: &ResultColumn) -> bool {
    style(column) == Style::Percent
}

/// A value in a sentence: on one line, cut if long.
pub fn value_text(value: &Value, column: &ResultColumn) -> String {
    match value {
        Value::Null => "empty".to_owned(),
        Value::Integer(n) => integer(*n, column),
        Value::Real(x) => real(*x, column),
        Value::Text(text) => {
            let mut line: String =
                text.chars().take(VALUE_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
            if text.chars().nth(VALUE_CHARS).is_some() {
                line.push('…');
            }
            line
        }
        Value::Blob(bytes) => format!("a blob of {} bytes", bytes.len()),
    }
}

/// A value that names its row: a number says what it is the number of (`store 4`).
pub fn name_text(value: &Value, column: &ResultColumn) -> String {
    match value {
        Value::Integer(n) if !column.semantic.is_time() => format!("{} {n}", heading(column)),
        Value::Real(x) if !column.semantic.is_time() => format!("{} {x}", heading(column)),
        Value::Null => format!("no {}", heading(column)),
        other => value_text(other, column),
    }
}

/// The start of a sentence.
pub fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

/// A column's name in words.
pub fn heading(column: &ResultColumn) -> String {
    // An alias of several words is written out; a column's own name falls into its words.
    let words = if column.name.contains(['_', ' ']) {
        column.name.replace('_', " ").trim().to_lowercase()
    } else {
        spoken_name(&column.name)
    };
    match words.strip_prefix("number of ") {
        Some(counted) => format!("number of {}", plural(counted)),
        None => words,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Digits as they are: years, codes.
    Plain,
    Money,
    Percent,
    Ratio,
    Number,
}

fn style(column: &ResultColumn) -> Style {
    match (column.unit, column.semantic) {
        (Some(Unit::Money), _) | (None, SemanticType::Money | SemanticType::UnitPrice) => Style::Money,
        (Some(Unit::Percent), _) | (None, SemanticType::Percent) => Style::Percent,
        (None, SemanticType::Ratio) => Style::Ratio,
        (None, SemanticType::Id | SemanticType::Code | SemanticType::Year | SemanticType::Month) => Style::Plain,
        (None, _) if is_year(&column.name) => Style::Plain,
        (None, _) => Style::Number,
    }
}

/// A computed column has no profile; a year must still not be written `2,025`.
fn is_year(name: &str) -> bool {
    name.rsplit(['_', ' ']).next().is_some_and(|word| word.eq_ignore_ascii_case("year"))
}

/// Usual decimals, or as many as show two digits of a number that would otherwise be written as zero.
fn decimals_for(x: f64, usual: usize) -> usize {
    let size = x.abs();
    if size == 0.0 || size >= 10f64.powi(1 - usual as i32) {
        return usual;
    }
    (1 - size.log10().floor() as i32).clamp(usual as i32, 12) as usize
}

fn grouped(x: f64, decimals: usize) -> String {
    let text = format!("{x:.decimals$}");
    // What rounds to zero has no sign.
    let text = if text.bytes().all(|b| matches!(b, b'-' | b'0' | b'.')) { text.trim_start_matches('-') } else { &text };
    match text.split_once('.') {
        Some((whole, rest)) => format!("{}.{rest}", group(whole)),
        None => group(text),
    }
}

/// `-1234567` becomes `-1,234,567`.
fn group(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let mut out = String::with_capacity(digits.len() * 4 / 3 + 1);
    out.push_str(sign);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, kind: ColumnType, unit: Option<Unit>) -> ResultColumn {
        ResultColumn { name: name.into(), kind, unit, semantic: SemanticType::Quantity }
    }

    #[test]
    fn figures_are_written_as_the_columns_values_are() {
        let units = column("units", ColumnType::Integer, None);
        assert_eq!(number(1200.0, &units), "1,200");
        assert_eq!(number(1200.5, &units), "1,200.50");
        assert_eq!(number(1_234_567.5, &column("revenue", ColumnType::Real, Some(Unit::Money))), "1,234,567.50");
        assert_eq!(number(12.34, &column("share", ColumnType::Real, Some(Unit::Percent))), "12.3%");
        assert_eq!(number(0.001_234, &column("p", ColumnType::Real, None)), "0.0012");
    }

    #[test]
    fn what_is_counted_stands_in_the_plural() {
        let cases = [
            ("number_of_track", "number of tracks"),
            ("number_of_products", "number of products"),
            ("number_of_Category", "number of categories"),
            ("number_of_box", "number of boxes"),
            ("number_of_sales_data", "number of sales data"),
            ("UnitPrice", "unit price"),
            ("total_revenue", "total revenue"),
        ];
        for (name, expected) in cases {
            assert_eq!(heading(&column(name, ColumnType::Integer, None)), expected);
        }
    }

    #[test]
    fn a_number_that_names_a_row_says_of_what() {
        assert_eq!(name_text(&Value::Integer(4), &column("Store", ColumnType::Integer, None)), "store 4");
        assert_eq!(name_text(&Value::Text("North".into()), &column("Store", ColumnType::Text, None)), "North");
    }
}
