//! Tab-separated values: raw, with tabs, line breaks and backslashes escaped by a backslash.

use std::io::{self, Write};

use super::Options;
use super::csv::{field_text, guard};
use crate::pipeline::execution::ResultSet;

pub(super) fn write(result: &ResultSet, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    if options.header {
        line(result.columns.iter().map(|c| guard(&c.name, options)), out)?;
    }
    for row in &result.rows {
        line(row.iter().map(|value| field_text(value, options)), out)?;
    }
    Ok(())
}

fn line(fields: impl Iterator<Item = String>, out: &mut dyn Write) -> io::Result<()> {
    let escaped: Vec<String> = fields
        .map(|f| f.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r"))
        .collect();
    writeln!(out, "{}", escaped.join("\t"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::json::tests::result_of;
    use crate::schema::Value;

    #[test]
    fn one_line_a_row_whatever_the_text_holds() {
        let rows = vec![vec![Value::Text("a\tb\nc\\".into()), Value::Null], vec![Value::Integer(1), Value::Real(2.0)]];
        let mut out = Vec::new();
        write(&result_of(&["x", "y"], rows), &Options::default(), &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "x\ty\na\\tb\\nc\\\\\t\n1\t2.0\n");
    }
}
