//! How a cell is written for people: NULL, line breaks, and figures as `pipeline::response::figure` writes them.
//! The table, HTML, Markdown, the charts and the app share it. Exact values for programs are [`raw`].

use std::borrow::Cow;
use std::io::Write as _;

use crate::pipeline::execution::{ColumnType, ResultColumn};
use crate::pipeline::response::figure;
use crate::schema::{Cell, SemanticType, Value};
use crate::terminal::{self, Charset};

pub use figure::{is_money, is_percent, number};

/// The display text of a value: one line, safe to print, not yet cut.
pub fn cell(value: &Value, column: &ResultColumn) -> String {
    cell_in(value, column, Charset::Unicode)
}

/// As [`cell`], with marks (NULL, line breaks, infinity) of the given charset.
pub fn cell_in(value: &Value, column: &ResultColumn, charset: Charset) -> String {
    display(value.cell(), column, charset).into_owned()
}

/// As [`cell_in`], of a borrowed value.
pub fn display<'a>(cell: Cell<'a>, column: &ResultColumn, charset: Charset) -> Cow<'a, str> {
    match cell {
        Cell::Null => charset.null().into(),
        Cell::Integer(n) => figure::integer(n, column).into(),
        Cell::Real(x) if x.is_infinite() && charset == Charset::Ascii => {
            if x > 0.0 {
                "infinity".into()
            } else {
                "-infinity".into()
            }
        }
        Cell::Real(x) => figure::real(x, column).into(),
        Cell::Text("") => "\"\"".into(),
        Cell::Text(text) => terminal::safe(text, charset),
        Cell::Blob(bytes) => format!("blob, {} bytes", bytes.len()).into(),
    }
}

/// The exact value for programs: no grouping, no rounding, no marks. NULL is empty, blobs are hexadecimal.
pub fn raw(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => {
            let mut out = Vec::new();
            push_raw(other.cell(), &mut out);
            String::from_utf8(out).unwrap_or_default()
        }
    }
}

/// True if the cells of the column stand at the right: numbers that are neither codes nor dates.
pub fn is_right_aligned(column: &ResultColumn) -> bool {
    matches!(column.kind, ColumnType::Integer | ColumnType::Real)
        && !matches!(column.semantic, SemanticType::Id | SemanticType::Code)
}

/// Appends what [`raw`] gives, without a text of its own for each cell.
pub(super) fn push_raw(cell: Cell<'_>, out: &mut Vec<u8>) {
    match cell {
        Cell::Null => {}
        Cell::Integer(n) => out.extend_from_slice(itoa::Buffer::new().format(n).as_bytes()),
        Cell::Real(x) => push_real(x, out),
        Cell::Text(text) => out.extend_from_slice(text.as_bytes()),
        Cell::Blob(bytes) => push_hex(bytes, out),
    }
}

/// The fewest digits that are read back as the same number, always with a point or an exponent: what `{x:?}` writes.
pub(super) fn push_real(x: f64, out: &mut Vec<u8>) {
    if x.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if x.is_infinite() {
        out.extend_from_slice(if x > 0.0 { b"Infinity" } else { b"-Infinity" });
    } else {
        let mut buffer = ryu::Buffer::new();
        let text = buffer.format_finite(x);
        if is_written_alike(x, text) {
            out.extend_from_slice(text.as_bytes());
        } else {
            // A vector takes all that is written.
            let _ = write!(out, "{x:?}");
        }
    }
}

/// True if the standard library writes the same digits, in the same form, as the faster way gave.
fn is_written_alike(x: f64, text: &str) -> bool {
    // One decade has an exponent in one and none in the other.
    let has_other_form = (1e-5..1e-4).contains(&x.abs());
    // Up to 15 digits name one number each. With more, two texts may be equally near, and only then the two choose
    // differently: the number then has at most 18 digits, and so at most 25 bits after the point.
    let shifted = x * f64::from(1 << 25);
    !has_other_form && (text.len() <= 16 || (shifted.is_finite() && shifted.fract() != 0.0))
}

fn push_hex(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.reserve(bytes.len() * 2);
    for byte in bytes {
        out.extend_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
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

    #[test]
    fn floats_are_written_as_rust_writes_them() {
        let real = |x: f64| {
            let mut out = Vec::new();
            push_real(x, &mut out);
            String::from_utf8(out).unwrap()
        };
        let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
        let mut cases = vec![0.0, -0.0, 1e15, 1e16, 1e17, 123_456_789_012_345_680.0, 1e-4, 1e-5, 9.99e-5, 1e-6, 5e-324];
        cases.extend([f64::MAX, f64::MIN_POSITIVE, 9_007_199_254_740_993.0, 0.3, 2.0_f64.powi(70), 12.0, -7.25]);
        cases.extend((-1074..1024).map(|exponent| 2.0_f64.powi(exponent)));
        for _ in 0..20_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Of any size, like prices, and around the places where an exponent appears.
            cases.extend([f64::from_bits(bits), (bits >> 40) as f64 / 100.0, (bits >> 20) as f64 * 1e-17]);
            // Halves of the last digit, where two texts are equally near.
            cases.extend((0..8).map(|shift| (bits >> 11) as f64 / f64::from(1 << (shift * 4))));
        }
        for x in cases.into_iter().filter(|x| x.is_finite()) {
            assert_eq!(real(x), format!("{x:?}"));
        }
    }
}
