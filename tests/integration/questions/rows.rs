//! Rows without names, and whether two sets of them are the same answer.

use std::collections::BTreeMap;
use std::fmt::Write;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use t2s::pipeline::execution::ResultSet;
use t2s::schema::Value;

/// Rows as they are compared: without names, numbers in hundredths.
#[derive(Debug, PartialEq)]
pub struct Rows {
    columns: usize,
    rows: Vec<Vec<Cell>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cell {
    Null,
    Hundredths(i64),
    Text(String),
    Blob(Vec<u8>),
}

impl Cell {
    /// The two last bits of a sum depend on the order of its rows, so a half counts as one even if it is a hair less.
    fn number(x: f64) -> Self {
        Self::Hundredths((x * 100.0 + 1e-6_f64.copysign(x)).round() as i64)
    }
}

impl Rows {
    pub fn of(result: &ResultSet) -> Self {
        let cell = |value: &Value| match value {
            Value::Null => Cell::Null,
            Value::Integer(n) => Cell::number(*n as f64),
            Value::Real(x) => Cell::number(*x),
            Value::Text(text) => Cell::Text(text.clone()),
            Value::Blob(bytes) => Cell::Blob(bytes.clone()),
        };
        assert!(!result.truncated);
        let rows = result.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
        Self { columns: result.columns.len(), rows }
    }

    pub fn read(connection: &Connection, sql: &str) -> Self {
        let cell = |value: ValueRef<'_>| match value {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(n) => Cell::number(n as f64),
            ValueRef::Real(x) => Cell::number(x),
            ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
            ValueRef::Blob(bytes) => Cell::Blob(bytes.to_owned()),
        };
        let mut statement = connection.prepare(sql).unwrap_or_else(|e| panic!("{e}: {sql}"));
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|i| row.get_ref(i).map(cell)).collect());
        let rows: rusqlite::Result<_> = rows.and_then(Iterator::collect);
        Self { columns, rows: rows.unwrap_or_else(|e| panic!("{e}: {sql}")) }
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// True if some order of the columns makes the rows the same, as a list or as a multiset.
    pub fn agrees_with(&self, gold: &Self, ordered: bool) -> bool {
        if self.columns != gold.columns || self.rows.len() != gold.rows.len() {
            return false;
        }
        let gold_rows = if ordered { gold.rows.clone() } else { sorted(gold.rows.clone()) };
        self.arrangements(gold).iter().any(|arrangement| {
            let pick = |row: &Vec<Cell>| arrangement.iter().map(|i| row[*i].clone()).collect();
            let rows: Vec<Vec<Cell>> = self.rows.iter().map(pick).collect();
            gold_rows == if ordered { rows } else { sorted(rows) }
        })
    }

    /// Orders of the columns in which each holds what the gold column at its place holds.
    fn arrangements(&self, gold: &Self) -> Vec<Vec<usize>> {
        let columns: Vec<Vec<&Cell>> = (0..self.columns).map(|i| self.column(i)).collect();
        (0..gold.columns).fold(vec![Vec::new()], |begun: Vec<Vec<usize>>, place| {
            let wanted = gold.column(place);
            let fitting: Vec<usize> = (0..self.columns).filter(|i| columns[*i] == wanted).collect();
            let extend = |begun: Vec<usize>| {
                let free: Vec<usize> = fitting.iter().copied().filter(|i| !begun.contains(i)).collect();
                free.into_iter().map(move |i| [begun.as_slice(), &[i]].concat())
            };
            begun.into_iter().flat_map(extend).collect()
        })
    }

    fn column(&self, i: usize) -> Vec<&Cell> {
        sorted(self.rows.iter().map(|row| &row[i]).collect())
    }

    pub fn distance(&self, gold: &Self) -> (usize, usize) {
        (self.columns.abs_diff(gold.columns), self.without(gold).len() + gold.without(self).len())
    }

    pub fn differences(&self, gold: &Self) -> String {
        let (extra, missing) = (self.without(gold), gold.without(self));
        let mut told = format!(
            "    rows: {} of {} columns, the nearest gold has {} of {}\n",
            self.rows.len(),
            self.columns,
            gold.rows.len(),
            gold.columns,
        );
        for (what, rows) in [("too many", &extra), ("missing", &missing)] {
            if !rows.is_empty() {
                let _ = writeln!(told, "    {} {what}: {}", rows.len(), rows[..rows.len().min(3)].join(", "));
            }
        }
        if extra.is_empty() && missing.is_empty() {
            told.push_str("    the same rows in another order, or with cells in other columns\n");
        }
        told
    }

    /// The rows that `other` has not, or not as often, whatever the order of their cells.
    fn without(&self, other: &Self) -> Vec<String> {
        let mut left: BTreeMap<Vec<Cell>, usize> = BTreeMap::new();
        for row in &other.rows {
            *left.entry(sorted(row.clone())).or_default() += 1;
        }
        let is_extra = |row: &&Vec<Cell>| match left.get_mut(&sorted((*row).clone())) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        };
        self.rows.iter().filter(is_extra).map(|row| shown(row)).collect()
    }
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort_unstable();
    items
}

fn shown(row: &[Cell]) -> String {
    let cell = |cell: &Cell| match cell {
        Cell::Null => "NULL".to_owned(),
        Cell::Hundredths(n) => format!("{}", *n as f64 / 100.0),
        Cell::Text(text) => text.clone(),
        Cell::Blob(bytes) => format!("{} bytes", bytes.len()),
    };
    format!("({})", row.iter().map(cell).collect::<Vec<_>>().join(" | "))
}

#[test]
fn compares_rows_as_the_cases_demand() {
    let rows = |sql: &str| Rows::read(&Connection::open_in_memory().unwrap(), sql);
    let agree = |a: &str, b: &str, ordered: bool| rows(a).agrees_with(&rows(b), ordered);
    let two = "VALUES ('a', 1), ('b', 2)";
    assert!(agree("VALUES ('b', 2), ('a', 1)", two, false));
    assert!(!agree("VALUES ('b', 2), ('a', 1)", two, true));
    assert!(agree("VALUES (1, 'a'), (2, 'b')", two, true));
    assert!(!agree("VALUES ('a', 2), ('b', 1)", two, false));
    assert!(!agree("VALUES ('a', 1, 0), ('b', 2, 0)", two, false));
    assert!(!agree("VALUES ('a'), ('b')", two, false));
    assert!(!agree("VALUES ('a', 1), ('b', 2), ('b', 2)", two, false));
    assert!(!agree("VALUES (1), (1), (2)", "VALUES (1), (2), (2)", false));
    assert!(agree("VALUES (1, 1, 2), (1, 2, 1)", "VALUES (2, 1, 1), (1, 1, 2)", true));
    assert!(agree("VALUES (1.004, -2.0)", "VALUES (1, -2)", false));
    assert!(agree("VALUES (0.1 + 0.205)", "VALUES (0.305)", false));
    assert!(!agree("VALUES (1.01)", "VALUES (1.02)", false));
    assert!(!agree("VALUES (NULL), (0), ('0')", "VALUES (NULL), (0), (0)", false));
    assert!(!agree("SELECT 1 WHERE 0", "SELECT 1, 2 WHERE 0", false));
    let missing = rows("VALUES (1, 'a')").differences(&rows(two));
    assert!(missing.ends_with("of 2\n    1 missing: (b | 2)\n"), "{missing}");
}
