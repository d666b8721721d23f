//! One JSON object a row, keyed by column name. Cells are written as in the answer object.

use std::io;

use serde::Serialize;

use super::format::push_raw;
use super::json::EXACT_INTEGER;
use crate::pipeline::execution::ResultColumn;
use crate::schema::Cell;

/// Writes objects.
#[derive(Default)]
pub(super) struct Objects {
    /// What stands before each cell: `{"store":`, then `,"revenue":`.
    keys: Vec<Vec<u8>>,
}

impl Objects {
    pub fn head(&mut self, columns: &[ResultColumn]) -> io::Result<()> {
        self.keys.clear();
        for name in unique_names(columns) {
            let mut key = vec![if self.keys.is_empty() { b'{' } else { b',' }];
            push_json(&name, &mut key)?;
            key.push(b':');
            self.keys.push(key);
        }
        Ok(())
    }

    pub fn row(&self, cells: &[Cell<'_>], out: &mut Vec<u8>) -> io::Result<()> {
        if self.keys.is_empty() {
            out.push(b'{');
        }
        for (key, cell) in self.keys.iter().zip(cells) {
            out.extend_from_slice(key);
            push_cell(*cell, out)?;
        }
        out.extend_from_slice(b"}\n");
        Ok(())
    }
}

fn push_cell(cell: Cell<'_>, out: &mut Vec<u8>) -> io::Result<()> {
    match cell {
        Cell::Null => out.extend_from_slice(b"null"),
        Cell::Integer(n) if n.unsigned_abs() > EXACT_INTEGER => push_in_quotes(cell, out),
        Cell::Integer(_) => push_raw(cell, out),
        Cell::Real(x) if x.is_finite() => push_json(&x, out)?,
        Cell::Real(_) => push_in_quotes(cell, out),
        Cell::Text(text) => push_json(text, out)?,
        Cell::Blob(bytes) => {
            out.extend_from_slice(b"{\"bytes\":");
            out.extend_from_slice(itoa::Buffer::new().format(bytes.len()).as_bytes());
            out.push(b'}');
        }
    }
    Ok(())
}

fn push_in_quotes(cell: Cell<'_>, out: &mut Vec<u8>) {
    out.push(b'"');
    push_raw(cell, out);
    out.push(b'"');
}

fn push_json<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> io::Result<()> {
    Ok(serde_json::to_writer(out, value)?)
}

/// A second column of the same name would silently replace the first: it is called `name_2`.
fn unique_names(columns: &[ResultColumn]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(columns.len());
    for column in columns {
        let mut name = column.name.clone();
        let mut number = 2;
        while names.contains(&name) {
            name = format!("{}_{number}", column.name);
            number += 1;
        }
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value as Json};

    use crate::export::json::cell;
    use crate::export::json::tests::result_of;
    use crate::export::stream::tests::{Dice, written};
    use crate::export::{Format, Options};
    use crate::schema::Value;

    #[test]
    fn one_object_a_row_and_no_column_is_lost() {
        let rows = vec![
            vec![Value::Text("a\nb".into()), Value::Integer(1), Value::Null],
            vec![Value::Text("c".into()), Value::Real(1.5), Value::Blob(vec![0; 3])],
        ];
        assert_eq!(
            written(Format::Jsonl, &result_of(&["x", "x", "y"], rows), &Options::default()),
            "{\"x\":\"a\\nb\",\"x_2\":1,\"y\":null}\n{\"x\":\"c\",\"x_2\":1.5,\"y\":{\"bytes\":3}}\n"
        );
    }

    #[test]
    fn cells_are_written_as_in_the_answer_object() {
        let mut dice = Dice(13);
        for _ in 0..5_000 {
            let row: Vec<Value> = (0..3).map(|_| dice.value("")).collect();
            let object: Map<String, Json> =
                ["a", "b", "\"c"].iter().map(|key| (*key).to_owned()).zip(row.iter().map(cell)).collect();
            let line = written(Format::Jsonl, &result_of(&["a", "b", "\"c"], vec![row.clone()]), &Options::default());
            assert_eq!(line, format!("{}\n", Json::Object(object)), "{row:?}");
        }
    }
}
