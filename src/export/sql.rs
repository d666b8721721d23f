//! The statement alone, ended so that it can be fed to a shell of the database.

use std::io::{self, Write};

pub(super) fn write(sql: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    let Some(sql) = sql.map(str::trim_end) else { return Ok(()) };
    let last_line = sql.lines().last().unwrap_or_default();
    let end = match last_line {
        line if line.ends_with(';') => "",
        // A semicolon inside a comment would end nothing.
        line if line.contains("--") => "\n;",
        _ => ";",
    };
    writeln!(out, "{sql}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_every_statement_once() {
        let cases = [
            ("SELECT 1", "SELECT 1;\n"),
            ("SELECT 1;\n", "SELECT 1;\n"),
            ("SELECT 1 -- one", "SELECT 1 -- one\n;\n"),
            ("SELECT\n  1\n", "SELECT\n  1;\n"),
        ];
        for (sql, expected) in cases {
            let mut out = Vec::new();
            write(Some(sql), &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
