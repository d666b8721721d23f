//! Whether two results say the same: the same rows, whatever the order of the columns.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::schema::Value;

/// Rows are compared as a multiset, or in their order if that was asked for.
pub fn same(a: &[Vec<Value>], b: &[Vec<Value>], ordered: bool) -> bool {
    if a.is_empty() && b.is_empty() {
        return true;
    }
    if a.len() != b.len() || a[0].len() != b[0].len() {
        return false;
    }
    let (a, b): (Vec<Vec<String>>, Vec<Vec<String>>) =
        (a.iter().map(|r| texts(r)).collect(), b.iter().map(|r| texts(r)).collect());
    let width = a[0].len();
    let column = |rows: &[Vec<String>], i: usize| {
        let mut cells: Vec<String> = rows.iter().map(|r| r[i].clone()).collect();
        cells.sort_unstable();
        cells
    };
    let (left, right): (Vec<_>, Vec<_>) =
        ((0..width).map(|i| column(&a, i)).collect(), (0..width).map(|i| column(&b, i)).collect());
    let fits: Vec<Vec<usize>> = left.iter().map(|l| (0..width).filter(|j| right[*j] == *l).collect()).collect();
    let mut tries = 200;
    permuted(&a, &b, ordered, &fits, &mut Vec::new(), &mut tries)
}

fn permuted(
    a: &[Vec<String>],
    b: &[Vec<String>],
    ordered: bool,
    fits: &[Vec<usize>],
    chosen: &mut Vec<usize>,
    tries: &mut usize,
) -> bool {
    if chosen.len() == fits.len() {
        *tries = tries.saturating_sub(1);
        let turned = b.iter().map(|row| chosen.iter().map(|j| row[*j].as_str()).collect::<Vec<&str>>());
        let plain = a.iter().map(|row| row.iter().map(String::as_str).collect::<Vec<&str>>());
        if ordered {
            return plain.eq(turned);
        }
        let mut counts: HashMap<Vec<&str>, i64> = HashMap::new();
        plain.for_each(|row| *counts.entry(row).or_default() += 1);
        turned.for_each(|row| *counts.entry(row).or_default() -= 1);
        return counts.values().all(|n| *n == 0);
    }
    for j in &fits[chosen.len()] {
        if *tries == 0 || chosen.contains(j) {
            continue;
        }
        chosen.push(*j);
        if permuted(a, b, ordered, fits, chosen, tries) {
            return true;
        }
        chosen.pop();
    }
    false
}

fn texts(row: &[Value]) -> Vec<String> {
    row.iter()
        .map(|value| match value {
            Value::Null => "\u{0}".to_owned(),
            Value::Integer(i) => format!("#{i}"),
            Value::Real(x) if x.fract() == 0.0 && x.abs() < 1e15 => format!("#{}", *x as i64),
            Value::Real(x) => format!("#{x:.9e}"),
            Value::Text(text) => text.clone(),
            Value::Blob(bytes) => format!("{bytes:?}"),
        })
        .collect()
}

/// A statement without its DISTINCTs, as the open scorer compares.
pub fn without_distinct(sql: &str) -> String {
    static DISTINCT: LazyLock<regex::Regex> =
        LazyLock::new(|| regex::Regex::new(r"(?i)\bdistinct\b").expect("a constant pattern"));
    let mut parts = Vec::new();
    for (i, part) in sql.split('\'').enumerate() {
        parts.push(if i % 2 == 0 { DISTINCT.replace_all(part, " ").into_owned() } else { part.to_owned() });
    }
    parts.join("'")
}
