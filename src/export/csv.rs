//! Comma-separated values by RFC 4180, but for line ends: raw values, one `\n` a record.

use std::io::{self, Write};

use super::Options;
use super::format::raw;
use crate::pipeline::execution::ResultSet;
use crate::schema::Value;

/// True if a text cell starts as a formula of a spreadsheet does (`=`, `+`, `-`, `@`, tab).
pub fn has_formulas(result: &ResultSet) -> bool {
    result.rows.iter().flatten().any(|value| value.as_text().is_some_and(is_formula))
}

pub(super) fn write(result: &ResultSet, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    if options.header {
        record(result.columns.iter().map(|c| guard(&c.name, options)), out)?;
    }
    for row in &result.rows {
        record(row.iter().map(|value| field_text(value, options)), out)?;
    }
    Ok(())
}

/// The raw value with the text for NULL and the guard against formulas.
pub(super) fn field_text(value: &Value, options: &Options) -> String {
    match value {
        Value::Null => options.null_text.clone().unwrap_or_default(),
        Value::Text(text) => guard(text, options),
        other => raw(other),
    }
}

pub(super) fn guard(text: &str, options: &Options) -> String {
    if options.spreadsheet_safe && is_formula(text) { format!("'{text}") } else { text.to_owned() }
}

fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

fn record(fields: impl ExactSizeIterator<Item = String>, out: &mut dyn Write) -> io::Result<()> {
    // A lone empty field would be an empty line, which readers skip.
    let single = fields.len() == 1;
    for (i, field) in fields.enumerate() {
        if i > 0 {
            out.write_all(b",")?;
        }
        if field.contains(['"', ',', '\n', '\r']) || field.starts_with(' ') || field.ends_with(' ') {
            write!(out, "\"{}\"", field.replace('"', "\"\""))?;
        } else if single && field.is_empty() {
            out.write_all(b"\"\"")?;
        } else {
            out.write_all(field.as_bytes())?;
        }
    }
    out.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::json::tests::result_of;

    fn written(rows: Vec<Vec<Value>>, options: &Options) -> String {
        let mut out = Vec::new();
        write(&result_of(&["name", "value"], rows), options, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn quotes_what_has_to_be_quoted() {
        let rows = vec![
            vec![Value::Text("plain".into()), Value::Integer(1_234_567)],
            vec![Value::Text("a, \"b\"\nc".into()), Value::Real(0.1)],
            vec![Value::Null, Value::Blob(vec![10, 11])],
            vec![Value::Text(" padded".into()), Value::Text("=1+1".into())],
        ];
        assert_eq!(
            written(rows, &Options::default()),
            "name,value\nplain,1234567\n\"a, \"\"b\"\"\nc\",0.1\n,0a0b\n\" padded\",=1+1\n"
        );
    }

    #[test]
    fn options_set_null_header_and_guard() {
        let options =
            Options { null_text: Some("NA".into()), header: false, spreadsheet_safe: true, ..Options::default() };
        let rows = vec![vec![Value::Null, Value::Text("@cmd".into())], vec![Value::Integer(-3), Value::Real(-1.5)]];
        assert_eq!(written(rows, &options), "NA,'@cmd\n-3,-1.5\n");
    }

    #[test]
    fn a_lone_empty_field_is_not_an_empty_line() {
        let mut out = Vec::new();
        write(&result_of(&["x"], vec![vec![Value::Null]]), &Options::default(), &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "x\n\"\"\n");
    }

    #[test]
    fn formulas_are_found_in_text_alone() {
        assert!(has_formulas(&result_of(&["x"], vec![vec![Value::Text("=SUM(A1)".into())]])));
        assert!(!has_formulas(&result_of(&["x"], vec![vec![Value::Integer(-1)]])));
    }
}
