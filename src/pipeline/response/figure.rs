//! Numbers and values as a sentence writes them.

use crate::language::identifier_words;
use crate::pipeline::execution::{ColumnType, ResultColumn, Unit};
use crate::schema::{SemanticType, Value};

/// Characters of a value that a sentence repeats.
const VALUE_CHARS: usize = 60;

/// A number in the unit of its column: grouped thousands, two decimals for money, a percent sign for percents.
pub fn figure(x: f64, column: &ResultColumn) -> String {
    let money = matches!(column.unit, Some(Unit::Money));
    let percent = matches!(column.unit, Some(Unit::Percent));
    let whole = x.fract() == 0.0 && !money;
    let plain = matches!(column.semantic, SemanticType::Year | SemanticType::Id | SemanticType::Code);
    let text = if whole {
        format!("{x:.0}")
    } else if !money && x.abs() < 1.0 {
        format!("{x:.3}")
    } else {
        format!("{x:.2}")
    };
    let text = if plain { text } else { grouped(&text) };
    if percent { format!("{text}%") } else { text }
}

/// A value on one line, cut if long.
pub fn value_text(value: &Value, column: &ResultColumn) -> String {
    match value {
        Value::Null => "empty".to_owned(),
        Value::Integer(n) if column.kind == ColumnType::Integer => figure(*n as f64, column),
        Value::Integer(n) => figure(*n as f64, column),
        Value::Real(x) => figure(*x, column),
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

/// A column's name in words.
pub fn heading(column: &ResultColumn) -> String {
    // An alias of several words is written out; a column's own name falls into its words.
    if column.name.contains(['_', ' ']) {
        return column.name.replace('_', " ").to_lowercase();
    }
    identifier_words(&column.name).join(" ")
}

fn grouped(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |d| ("-", d));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
    let mut out = String::from(sign);
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(c);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_carry_the_unit_of_their_column() {
        let column =
            |unit| ResultColumn { name: "x".into(), kind: ColumnType::Real, unit, semantic: SemanticType::Quantity };
        assert_eq!(figure(1_234_567.5, &column(Some(Unit::Money))), "1,234,567.50");
        assert_eq!(figure(-12.0, &column(None)), "-12");
        assert_eq!(figure(12.34, &column(Some(Unit::Percent))), "12.34%");
        assert_eq!(figure(0.1234, &column(None)), "0.123");
    }
}
