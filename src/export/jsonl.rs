//! One JSON object a row, keyed by column name.

use std::io::{self, Write};

use serde_json::{Map, Value as Json};

use super::json::cell;
use crate::pipeline::execution::{ResultColumn, ResultSet};

pub(super) fn write(result: &ResultSet, out: &mut dyn Write) -> io::Result<()> {
    let keys = unique_names(&result.columns);
    for row in &result.rows {
        let object: Map<String, Json> = keys.iter().cloned().zip(row.iter().map(cell)).collect();
        writeln!(out, "{}", Json::Object(object))?;
    }
    Ok(())
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
    use super::*;
    use crate::export::json::tests::result_of;
    use crate::schema::Value;

    #[test]
    fn one_object_a_row_and_no_column_is_lost() {
        let rows = vec![
            vec![Value::Text("a\nb".into()), Value::Integer(1), Value::Null],
            vec![Value::Text("c".into()), Value::Real(1.5), Value::Blob(vec![0; 3])],
        ];
        let mut out = Vec::new();
        write(&result_of(&["x", "x", "y"], rows), &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "{\"x\":\"a\\nb\",\"x_2\":1,\"y\":null}\n{\"x\":\"c\",\"x_2\":1.5,\"y\":{\"bytes\":3}}\n"
        );
    }
}
