//! Comma-separated values by RFC 4180, but for line ends: raw values, one `\n` a record.
//!
//! NULL is an empty field and the empty text a quoted one, so that both are read back by those who tell them apart.

use super::Options;
use super::format::push_raw;
use crate::pipeline::execution::{ResultColumn, ResultSet};
use crate::schema::Cell;

/// Text cells that start as a formula of a spreadsheet does (`=`, `+`, `-`, `@`, tab).
pub fn formulas(result: &ResultSet) -> u64 {
    result.rows.iter().flatten().filter(|value| value.as_text().is_some_and(is_formula)).count() as u64
}

/// Writes records, and counts the cells that a spreadsheet would take for formulas.
pub(super) struct Records {
    null_text: String,
    /// As it stands in a record.
    null: Vec<u8>,
    header: bool,
    guards: bool,
    /// Text cells so far that begin as a formula does and were left so.
    pub formulas: u64,
}

impl Records {
    pub fn new(options: &Options) -> Self {
        let null_text = options.null_text.clone().unwrap_or_default();
        let mut null = Vec::new();
        if !null_text.is_empty() {
            push_text(&null_text, "", &mut null);
        }
        Self { null_text, null, header: options.header, guards: options.spreadsheet_safe, formulas: 0 }
    }

    pub fn head(&self, columns: &[ResultColumn], out: &mut Vec<u8>) {
        if !self.header {
            return;
        }
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            push_text(&column.name, guard(&column.name, self.guards), out);
        }
        out.push(b'\n');
    }

    pub fn row(&mut self, cells: &[Cell<'_>], out: &mut Vec<u8>) {
        let start = out.len();
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            match *cell {
                Cell::Null => out.extend_from_slice(&self.null),
                Cell::Text(text) => self.text(text, out),
                number => push_raw(number, out),
            }
        }
        if out.len() == start {
            // A lone empty field would be an empty line, which readers skip.
            out.extend_from_slice(b"\"\"");
        }
        out.push(b'\n');
    }

    fn text(&mut self, text: &str, out: &mut Vec<u8>) {
        if text == self.null_text {
            // Told apart from NULL by its quotes.
            push_quoted(text, "", out);
        } else if is_formula(text) {
            self.formulas += u64::from(!self.guards);
            push_text(text, guard(text, self.guards), out);
        } else {
            push_text(text, "", out);
        }
    }
}

/// What stands before a text that a spreadsheet would take for a formula.
pub(super) fn guard(text: &str, guards: bool) -> &'static str {
    if guards && is_formula(text) { "'" } else { "" }
}

pub(super) fn is_formula(text: &str) -> bool {
    matches!(text.as_bytes().first(), Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r'))
}

fn push_text(text: &str, guard: &str, out: &mut Vec<u8>) {
    if needs_quotes(text.as_bytes()) {
        return push_quoted(text, guard, out);
    }
    out.extend_from_slice(guard.as_bytes());
    out.extend_from_slice(text.as_bytes());
}

#[cold]
fn push_quoted(text: &str, guard: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(guard.as_bytes());
    for (index, part) in text.split('"').enumerate() {
        if index > 0 {
            out.extend_from_slice(b"\"\"");
        }
        out.extend_from_slice(part.as_bytes());
    }
    out.push(b'"');
}

fn needs_quotes(text: &[u8]) -> bool {
    let is_blank = |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t'));
    is_blank(text.first()) || is_blank(text.last()) || text.iter().any(|byte| SPECIAL[usize::from(*byte)])
}

/// Bytes that must stand between quotes.
const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    special[b'"' as usize] = true;
    special[b',' as usize] = true;
    special[b'\n' as usize] = true;
    special[b'\r' as usize] = true;
    special
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::Format;
    use crate::export::json::tests::result_of;
    use crate::export::stream::tests::{Dice, written};
    use crate::schema::Value;

    fn csv(rows: Vec<Vec<Value>>, options: &Options) -> String {
        written(Format::Csv, &result_of(&["name", "value"], rows), options)
    }

    /// The records of a text, each field with whether it was quoted.
    fn parse(text: &str) -> Vec<Vec<(String, bool)>> {
        let mut records = Vec::new();
        let mut record = Vec::new();
        let mut chars = text.chars().peekable();
        while chars.peek().is_some() {
            let is_quoted = chars.next_if_eq(&'"').is_some();
            let mut field = String::new();
            loop {
                match chars.next() {
                    Some('"') if is_quoted && chars.next_if_eq(&'"').is_none() => break,
                    Some(c @ (',' | '\n')) if !is_quoted => {
                        record.push((std::mem::take(&mut field), false));
                        if c == '\n' {
                            records.push(std::mem::take(&mut record));
                        }
                        break;
                    }
                    Some(c) => field.push(c),
                    None => panic!("the text ends inside a field"),
                }
            }
            if is_quoted {
                record.push((field, true));
                match chars.next() {
                    Some(',') => {}
                    Some('\n') => records.push(std::mem::take(&mut record)),
                    other => panic!("{other:?} after a quoted field"),
                }
            }
        }
        records
    }

    #[test]
    fn quotes_what_has_to_be_quoted() {
        let rows = vec![
            vec![Value::Text("plain".into()), Value::Integer(1_234_567)],
            vec![Value::Text("a, \"b\"\nc".into()), Value::Real(0.1)],
            vec![Value::Null, Value::Blob(vec![10, 11])],
            vec![Value::Text(" padded".into()), Value::Text("=1+1".into())],
            vec![Value::Text("end\t".into()), Value::Text("a\rb".into())],
        ];
        assert_eq!(
            csv(rows, &Options::default()),
            "name,value\nplain,1234567\n\"a, \"\"b\"\"\nc\",0.1\n,0a0b\n\" padded\",=1+1\n\"end\t\",\"a\rb\"\n"
        );
    }

    #[test]
    fn options_set_null_header_and_guard() {
        let options =
            Options { null_text: Some("NA".into()), header: false, spreadsheet_safe: true, ..Options::default() };
        let rows = vec![
            vec![Value::Null, Value::Text("@cmd".into())],
            vec![Value::Integer(-3), Value::Real(-1.5)],
            vec![Value::Text("NA".into()), Value::Text("-1,5".into())],
        ];
        assert_eq!(csv(rows, &options), "NA,'@cmd\n-3,-1.5\n\"NA\",\"'-1,5\"\n");
    }

    #[test]
    fn null_and_the_empty_text_are_told_apart() {
        let rows = vec![vec![Value::Null, Value::Text(String::new())]];
        assert_eq!(csv(rows, &Options::default()), "name,value\n,\"\"\n");
    }

    #[test]
    fn a_lone_empty_field_is_not_an_empty_line() {
        let lone = result_of(&["x"], vec![vec![Value::Null]]);
        assert_eq!(written(Format::Csv, &lone, &Options::default()), "x\n\"\"\n");
    }

    #[test]
    fn formulas_are_found_in_text_alone() {
        let row = vec![Value::Text("=SUM(A1)".into()), Value::Integer(-1), Value::Text("-x".into()), Value::Null];
        assert_eq!(formulas(&result_of(&["a", "b", "c", "d"], vec![row])), 2);
    }

    #[test]
    fn every_text_is_read_back_as_it_was() {
        let mut dice = Dice(7);
        for null_text in [None, Some("NULL".to_owned()), Some("a,\"b".to_owned())] {
            let options = Options { null_text: null_text.clone(), header: false, ..Options::default() };
            let null = null_text.unwrap_or_default();
            for _ in 0..3_000 {
                let width = 2 + dice.below(3);
                let row: Vec<Value> = (0..width).map(|_| dice.value(&null)).collect();
                let text = csv(vec![row.clone()], &options);
                let records = parse(&text);
                assert_eq!(records.len(), 1, "{row:?} as {text:?}");
                assert_eq!(records[0].len(), width, "{row:?} as {text:?}");
                for (value, (field, is_quoted)) in row.iter().zip(&records[0]) {
                    let expected = if value.is_null() { null.clone() } else { crate::export::format::raw(value) };
                    assert_eq!(field, &expected, "{value:?} in {text:?}");
                    if matches!(value, Value::Text(text) if *text == null) {
                        assert!(is_quoted, "{value:?} in {text:?}");
                    }
                }
            }
        }
    }
}
