//! An escaped HTML table of display values: a whole page for files, the table alone for HTTP.

use std::io::{self, Write};

use super::format::{cell, is_right_aligned};
use crate::pipeline::execution::{ResultColumn, ResultSet};
use crate::schema::Value;
use crate::terminal::{self, Charset};

/// A `<table>` in which nothing of the data is markup. Classes `num` and `null` are for style sheets.
pub fn html_table(result: &ResultSet) -> String {
    let mut html = String::from("<table>\n<thead><tr>");
    for column in &result.columns {
        let class = if is_right_aligned(column) { " class=\"num\"" } else { "" };
        let name = escape(&terminal::safe(&column.name, Charset::Unicode));
        html.extend(["<th scope=\"col\"", class, ">", &name, "</th>"]);
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for row in &result.rows {
        html.push_str("<tr>");
        for (value, column) in row.iter().zip(&result.columns) {
            html.push_str(&data_cell(value, column));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody>\n</table>");
    html
}

/// A page that holds the table, with its encoding said so that every browser reads it alike.
pub(super) fn write(title: &str, result: &ResultSet, out: &mut dyn Write) -> io::Result<()> {
    let title = escape(&terminal::safe(title, Charset::Unicode));
    writeln!(out, "<!doctype html>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n{}", html_table(result))
}

fn data_cell(value: &Value, column: &ResultColumn) -> String {
    let class = match value {
        Value::Null => " class=\"null\"",
        _ if is_right_aligned(column) => " class=\"num\"",
        _ => "",
    };
    let text = match value {
        Value::Text(text) if text.is_empty() => String::new(),
        other => escape(&cell(other, column)),
    };
    format!("<td{class}>{text}</td>")
}

/// Text that is safe between tags and in quoted attributes.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::json::tests::{result, result_of};

    #[test]
    fn writes_a_table_of_display_values() {
        assert_eq!(
            html_table(&result()),
            "<table>\n<thead><tr><th scope=\"col\">category</th><th scope=\"col\" class=\"num\">revenue</th>\
             <th scope=\"col\" class=\"num\">units</th></tr></thead>\n<tbody>\n\
             <tr><td>Dairy</td><td class=\"num\">22,410.50</td><td class=\"num\">1,200</td></tr>\n\
             <tr><td>Frozen &amp; Co</td><td class=\"null\">∅</td><td class=\"num\">7</td></tr>\n\
             </tbody>\n</table>"
        );
    }

    #[test]
    fn nothing_of_the_data_is_markup() {
        let attack = "<script>alert(\"1\")</script>'&\u{1b}[2J";
        let table = html_table(&result_of(&[attack], vec![vec![Value::Text(attack.into())]]));
        let inside = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;␛[2J";
        assert_eq!(table.matches(inside).count(), 2, "{table}");
        assert!(!table.contains("<script") && !table.contains('\u{1b}'));

        let mut page = Vec::new();
        write(attack, &result_of(&["x"], vec![]), &mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        assert!(page.contains(&format!("<title>{inside}</title>")) && !page.contains("<script"));
    }
}
