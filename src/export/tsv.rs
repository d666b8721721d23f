//! Tab-separated values: raw, with tabs, line breaks and backslashes escaped by a backslash.

use super::Options;
use super::csv::{guard, is_formula};
use super::format::push_raw;
use crate::pipeline::execution::ResultColumn;
use crate::schema::Cell;

/// Writes lines, and counts the cells that a spreadsheet would take for formulas.
pub(super) struct Lines {
    /// Without escapes of its own: `\N` as text for NULL is then no text that a cell could hold.
    null: Vec<u8>,
    header: bool,
    guards: bool,
    /// Text cells so far that begin as a formula does and were left so.
    pub formulas: u64,
}

impl Lines {
    pub fn new(options: &Options) -> Self {
        let null_text = options.null_text.as_deref().unwrap_or_default();
        let null = null_text.replace(['\t', '\n', '\r'], " ").into_bytes();
        Self { null, header: options.header, guards: options.spreadsheet_safe, formulas: 0 }
    }

    pub fn head(&self, columns: &[ResultColumn], out: &mut Vec<u8>) {
        if !self.header {
            return;
        }
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                out.push(b'\t');
            }
            out.extend_from_slice(guard(&column.name, self.guards).as_bytes());
            push_escaped(&column.name, out);
        }
        out.push(b'\n');
    }

    pub fn row(&mut self, cells: &[Cell<'_>], out: &mut Vec<u8>) {
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                out.push(b'\t');
            }
            match *cell {
                Cell::Null => out.extend_from_slice(&self.null),
                Cell::Text(text) => {
                    if is_formula(text) {
                        self.formulas += u64::from(!self.guards);
                        out.extend_from_slice(guard(text, self.guards).as_bytes());
                    }
                    push_escaped(text, out);
                }
                number => push_raw(number, out),
            }
        }
        out.push(b'\n');
    }
}

fn push_escaped(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'\\' | b'\t' | b'\n' | b'\r')) {
        let escape = match rest[at] {
            b'\t' => b"\\t",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            _ => b"\\\\",
        };
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(escape);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::Format;
    use crate::export::json::tests::result_of;
    use crate::export::stream::tests::{Dice, written};
    use crate::schema::Value;

    #[test]
    fn one_line_a_row_whatever_the_text_holds() {
        let rows = vec![
            vec![Value::Text("a\tb\nc\\".into()), Value::Null],
            vec![Value::Integer(1), Value::Real(2.0)],
            vec![Value::Text("\r".into()), Value::Blob(vec![171])],
        ];
        assert_eq!(
            written(Format::Tsv, &result_of(&["x", "y"], rows), &Options::default()),
            "x\ty\na\\tb\\nc\\\\\t\n1\t2.0\n\\r\tab\n"
        );
    }

    #[test]
    fn null_as_backslash_n_is_no_text_of_a_cell() {
        let options = Options { null_text: Some("\\N".into()), header: false, ..Options::default() };
        let rows = vec![vec![Value::Null, Value::Text("\\N".into())]];
        assert_eq!(written(Format::Tsv, &result_of(&["x", "y"], rows), &options), "\\N\t\\\\N\n");
    }

    #[test]
    fn the_guard_stands_before_formulas() {
        let options = Options { spreadsheet_safe: true, header: false, ..Options::default() };
        let rows = vec![vec![Value::Text("=1".into()), Value::Integer(-1), Value::Text("\tx".into())]];
        assert_eq!(written(Format::Tsv, &result_of(&["x", "y", "z"], rows), &options), "'=1\t-1\t'\\tx\n");
    }

    #[test]
    fn every_text_is_read_back_as_it_was() {
        let unescaped = |field: &str| {
            let mut text = String::new();
            let mut chars = field.chars();
            while let Some(c) = chars.next() {
                let c = if c == '\\' {
                    chars.next().unwrap()
                } else {
                    text.push(c);
                    continue;
                };
                text.push(match c {
                    't' => '\t',
                    'n' => '\n',
                    'r' => '\r',
                    other => other,
                });
            }
            text
        };
        let options = Options { header: false, ..Options::default() };
        let mut dice = Dice(11);
        for _ in 0..3_000 {
            let row: Vec<Value> = (0..3).map(|_| dice.value("")).collect();
            let line = written(Format::Tsv, &result_of(&["a", "b", "c"], vec![row.clone()]), &options);
            let fields: Vec<String> = line.strip_suffix('\n').unwrap().split('\t').map(unescaped).collect();
            let expected: Vec<String> = row.iter().map(crate::export::format::raw).collect();
            assert_eq!(fields, expected, "{line:?}");
        }
    }
}
