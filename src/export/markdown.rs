//! A Markdown table of display values, for notes and messages.

use super::Options;
use super::format::{display, is_right_aligned};
use crate::pipeline::execution::ResultColumn;
use crate::schema::Cell;
use crate::terminal::{self, Charset};

/// Writes the lines of a table.
pub(super) struct Table {
    columns: Vec<ResultColumn>,
    null: Option<String>,
    charset: Charset,
}

impl Table {
    pub fn new(options: &Options) -> Self {
        Self { columns: Vec::new(), null: options.null_text.clone(), charset: options.charset }
    }

    pub fn head(&mut self, columns: &[ResultColumn], out: &mut Vec<u8>) {
        self.columns = columns.to_vec();
        for column in columns {
            out.extend_from_slice(b"| ");
            push_escaped(&terminal::safe(&column.name, self.charset), out);
            out.push(b' ');
        }
        out.extend_from_slice(b"|\n");
        for column in columns {
            out.extend_from_slice(if is_right_aligned(column) { b"| ---: " } else { b"| --- " });
        }
        out.extend_from_slice(b"|\n");
    }

    pub fn row(&self, cells: &[Cell<'_>], out: &mut Vec<u8>) {
        for (cell, column) in cells.iter().zip(&self.columns) {
            out.extend_from_slice(b"| ");
            match (cell, &self.null) {
                (Cell::Null, Some(text)) => push_escaped(text, out),
                _ => push_escaped(&display(*cell, column, self.charset), out),
            }
            out.push(b' ');
        }
        out.extend_from_slice(b"|\n");
    }
}

/// Takes the meaning from marks that would start emphasis, code, links, HTML or a new cell.
fn push_escaped(text: &str, out: &mut Vec<u8>) {
    let mut previous = ' ';
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let inside_word = previous.is_alphanumeric() && chars.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        match c {
            '<' => out.extend_from_slice(b"&lt;"),
            '>' => out.extend_from_slice(b"&gt;"),
            '&' => out.extend_from_slice(b"&amp;"),
            '\\' | '|' | '`' | '*' | '[' | ']' | '~' => out.extend_from_slice(&[b'\\', c as u8]),
            '_' if !inside_word => out.extend_from_slice(b"\\_"),
            c => out.extend_from_slice(&text.as_bytes()[at..at + c.len_utf8()]),
        }
        previous = c;
    }
}

#[cfg(test)]
mod tests {
    use crate::export::json::tests::{result, result_of};
    use crate::export::stream::tests::written;
    use crate::export::{Format, Options};
    use crate::schema::Value;

    #[test]
    fn writes_display_values_with_numbers_at_the_right() {
        assert_eq!(
            written(Format::Markdown, &result(), &Options::default()),
            "| category | revenue | units |\n| --- | ---: | ---: |\n\
             | Dairy | 22,410.50 | 1,200 |\n| Frozen & Co | ∅ | 7 |\n"
                .replace('&', "&amp;")
        );
    }

    #[test]
    fn no_text_can_leave_its_cell() {
        let rows = vec![vec![Value::Text("a|b\n<img src=x> `c` *d* _e_ f_g [h](i)".into())]];
        assert_eq!(
            written(Format::Markdown, &result_of(&["x|y"], rows), &Options::default()),
            "| x\\|y |\n| --- |\n| a\\|b⏎&lt;img src=x&gt; \\`c\\` \\*d\\* \\_e\\_ f_g \\[h\\](i) |\n"
        );
    }
}
