//! The gate against a small database.

use super::*;
use crate::schema::{Column, Table};

fn schema() -> Schema {
    let table = |name: &str, columns: &str| Table {
        name: name.to_owned(),
        columns: columns.split(' ').map(|name| Column { name: name.to_owned(), ..Column::default() }).collect(),
        ..Table::default()
    };
    Schema { tables: vec![table("orders", "id city total"), table("customers", "id name")], ..Schema::default() }
}

#[test]
fn names_the_nearest_column() {
    let refusal = check("SELECT totl FROM orders", &schema(), &Policy::default()).unwrap_err();
    assert_eq!((refusal.code, refusal.line, refusal.column), ("unknown_column", 1, 8));
    assert_eq!(refusal.nearest, ["total"]);
}
