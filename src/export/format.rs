//! How a cell is written for people: NULL, line breaks, and figures as `pipeline::response::figure` writes them.
//! The table, HTML, Markdown, the charts and the app share it. Exact values for programs are [`raw`].

use crate::pipeline::execution::{ColumnType, ResultColumn};
use crate::pipeline::response::figure;
use crate::schema::{SemanticType, Value};
use crate::terminal::{self, Charset};

pub use figure::{is_money, is_percent, number};

/// The display text of a value: one line, safe to print, not yet cut.
pub fn cell(value: &Value, column: &ResultColumn) -> String {
    cell_in(value, column, Charset::Unicode)
}

/// As [`cell`], with marks (NULL, line breaks, infinity) of the given charset.
pub fn cell_in(value: &Value, column: &ResultColumn, charset: Charset) -> String {
    match value {
        Value::Null => charset.null().to_owned(),
        Value::Integer(n) => figure::integer(*n, column),
        Value::Real(x) if x.is_infinite() && charset == Charset::Ascii => {
            if *x > 0.0 {
                "infinity".to_owned()
            } else {
                "-infinity".to_owned()
            }
        }
        Value::Real(x) => figure::real(*x, column),
        Value::Text(text) if text.is_empty() => "\"\"".to_owned(),
        Value::Text(text) => terminal::safe(text, charset).into_owned(),
        Value::Blob(bytes) => format!("blob, {} bytes", bytes.len()),
    }
}

/// The exact value for programs: no grouping, no rounding, no marks. NULL is empty, blobs are hexadecimal.
pub fn raw(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Integer(n) => n.to_string(),
        Value::Real(x) => raw_real(*x),
        Value::Text(text) => text.clone(),
        Value::Blob(bytes) => hex(bytes),
    }
}

/// True if the cells of the column stand at the right: numbers that are neither codes nor dates.
pub fn is_right_aligned(column: &ResultColumn) -> bool {
    matches!(column.kind, ColumnType::Integer | ColumnType::Real)
        && !matches!(column.semantic, SemanticType::Id | SemanticType::Code)
}

pub(super) fn raw_real(x: f64) -> String {
    if x.is_nan() {
        "NaN".to_owned()
    } else if x.is_infinite() {
        if x > 0.0 { "Infinity".to_owned() } else { "-Infinity".to_owned() }
    } else {
        format!("{x:?}")
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        out.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        out.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::execution::Unit;

    fn column(name: &str, kind: ColumnType, unit: Option<Unit>, semantic: SemanticType) -> ResultColumn {
        ResultColumn { name: name.to_owned(), kind, unit, semantic }
    }

    #[test]
    fn writes_values_by_what_the_column_means() {
        use ColumnType::{Any, Blob, Integer, Real, Text};
        use SemanticType as S;
        let cases = [
            (Value::Integer(1_234_567), column("units", Integer, None, S::Quantity), "1,234,567"),
            (Value::Integer(-1000), column("units", Integer, None, S::Unknown), "-1,000"),
            (Value::Integer(i64::MIN), column("n", Integer, None, S::Unknown), "-9,223,372,036,854,775,808"),
            (Value::Integer(2025), column("year", Integer, None, S::Year), "2025"),
            (Value::Integer(2025), column("sales_year", Integer, None, S::Unknown), "2025"),
            (Value::Integer(12_345), column("upc", Integer, None, S::Code), "12345"),
            (Value::Integer(7), column("price", Integer, Some(Unit::Money), S::Unknown), "7.00"),
            (Value::Real(94_120.5), column("revenue", Real, Some(Unit::Money), S::Money), "94,120.50"),
            (Value::Real(-4120.0), column("margin", Real, None, S::Money), "-4,120.00"),
            (Value::Real(-0.001), column("margin", Real, None, S::Money), "0.00"),
            (Value::Real(21.04), column("share", Real, Some(Unit::Percent), S::Ratio), "21.0%"),
            (Value::Integer(5), column("share", Integer, Some(Unit::Percent), S::Percent), "5%"),
            (Value::Real(0.2134), column("rate", Real, None, S::Ratio), "0.213"),
            (Value::Real(3.0), column("avg", Real, None, S::Score), "3.00"),
            (Value::Real(0.001_234), column("p", Real, None, S::Unknown), "0.0012"),
            (Value::Real(1e18), column("big", Real, None, S::Unknown), "1e18"),
            (Value::Real(f64::NAN), column("x", Real, None, S::Unknown), "NaN"),
            (Value::Real(f64::NEG_INFINITY), column("x", Real, None, S::Unknown), "-∞"),
            (Value::Null, column("x", Any, None, S::Unknown), "∅"),
            (Value::Text(String::new()), column("x", Text, None, S::Unknown), "\"\""),
            (Value::Text("00123".into()), column("zip", Text, None, S::Code), "00123"),
            (Value::Text("a\n\u{1b}[1m".into()), column("x", Text, None, S::Unknown), "a⏎␛[1m"),
            (Value::Blob(vec![1; 12]), column("x", Blob, None, S::Blob), "blob, 12 bytes"),
        ];
        for (value, column, expected) in cases {
            assert_eq!(cell(&value, &column), expected, "{value:?} in {column:?}");
        }
    }

    #[test]
    fn marks_follow_the_charset() {
        let any = column("x", ColumnType::Any, None, SemanticType::Unknown);
        assert_eq!(cell_in(&Value::Null, &any, Charset::Ascii), "NULL");
        assert_eq!(cell_in(&Value::Real(f64::INFINITY), &any, Charset::Ascii), "infinity");
    }

    #[test]
    fn raw_values_keep_every_digit() {
        let cases = [
            (Value::Null, ""),
            (Value::Integer(9_007_199_254_740_993), "9007199254740993"),
            (Value::Real(0.1), "0.1"),
            (Value::Real(12.0), "12.0"),
            (Value::Real(f64::INFINITY), "Infinity"),
            (Value::Text("a,b".into()), "a,b"),
            (Value::Blob(vec![0, 255]), "00ff"),
        ];
        for (value, expected) in cases {
            assert_eq!(raw(&value), expected, "{value:?}");
        }
    }
}
