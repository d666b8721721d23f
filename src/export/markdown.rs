//! A Markdown table of display values, for notes and messages.

use std::io::{self, Write};

use super::Options;
use super::format::{cell_in, is_right_aligned};
use crate::pipeline::execution::ResultSet;
use crate::schema::Value;
use crate::terminal;

pub(super) fn write(result: &ResultSet, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    line(result.columns.iter().map(|c| escape(&terminal::safe(&c.name, options.charset))), out)?;
    line(result.columns.iter().map(|c| if is_right_aligned(c) { "---:" } else { "---" }.to_owned()), out)?;
    for row in &result.rows {
        let cells = row.iter().zip(&result.columns).map(|(value, column)| match (value, &options.null_text) {
            (Value::Null, Some(text)) => escape(text),
            _ => escape(&cell_in(value, column, options.charset)),
        });
        line(cells, out)?;
    }
    Ok(())
}

fn line(cells: impl Iterator<Item = String>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| {} |", cells.collect::<Vec<_>>().join(" | "))
}

/// Takes the meaning from marks that would start emphasis, code, links, HTML or a new cell.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut previous = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let inside_word = previous.is_alphanumeric() && chars.peek().is_some_and(|next| next.is_alphanumeric());
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '|' | '`' | '*' | '[' | ']' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '_' if !inside_word => escaped.push_str("\\_"),
            c => escaped.push(c),
        }
        previous = c;
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::json::tests::{result, result_of};

    #[test]
    fn writes_display_values_with_numbers_at_the_right() {
        let mut out = Vec::new();
        write(&result(), &Options::default(), &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "| category | revenue | units |\n| --- | ---: | ---: |\n\
             | Dairy | 22,410.50 | 1,200 |\n| Frozen & Co | ∅ | 7 |\n"
                .replace('&', "&amp;")
        );
    }

    #[test]
    fn no_text_can_leave_its_cell() {
        let rows = vec![vec![Value::Text("a|b\n<img src=x> `c` *d* _e_ f_g [h](i)".into())]];
        let mut out = Vec::new();
        write(&result_of(&["x|y"], rows), &Options::default(), &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "| x\\|y |\n| --- |\n| a\\|b⏎&lt;img src=x&gt; \\`c\\` \\*d\\* \\_e\\_ f_g \\[h\\](i) |\n"
        );
    }
}
