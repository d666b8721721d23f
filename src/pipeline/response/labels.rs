//! Which columns name a row, and the name they make together.

use super::figure::{capitalised, heading, name_text};
use crate::pipeline::execution::{ColumnType, ResultColumn, ResultSet};
use crate::schema::{SemanticType, Value};

/// Positions of the columns that name a row: texts and times, or else numbers that are no measures.
pub fn labels(result: &ResultSet) -> Vec<usize> {
    let all = |fits: &dyn Fn(&ResultColumn) -> bool| -> Vec<usize> {
        (0..result.columns.len()).filter(|n| fits(&result.columns[*n])).collect()
    };
    let is_key = |c: &ResultColumn| matches!(c.semantic, SemanticType::Id | SemanticType::Code);
    let is_text = |c: &ResultColumn| matches!(c.kind, ColumnType::Text) || is_time(c);
    let names = all(&|c| is_text(c) && !is_key(c));
    if !names.is_empty() {
        return names;
    }
    let keys = all(&is_text);
    if keys.is_empty() { all(&|c| is_number(c) && !c.semantic.is_measure() && is_known(c)) } else { keys }
}

/// Position of the last column that measures.
pub fn measure(result: &ResultSet, labels: &[usize]) -> Option<usize> {
    let is_measure = |c: &ResultColumn| {
        is_number(c) && !is_time(c) && !matches!(c.semantic, SemanticType::Id | SemanticType::Code | SemanticType::Flag)
    };
    (0..result.columns.len()).rev().find(|n| !labels.contains(n) && is_measure(&result.columns[*n]))
}

/// `North`, `2025-Q2, Dairy`, `Jane Doe`.
pub fn name(result: &ResultSet, labels: &[usize], row: &[Value]) -> String {
    let parts: Vec<String> = labels.iter().map(|n| name_text(&row[*n], &result.columns[*n])).collect();
    parts.join(if is_person(result, labels) { " " } else { ", " })
}

/// The name at the start of a sentence. Names out of the data keep their letters: only `store 4` becomes `Store 4`.
pub fn opening(result: &ResultSet, labels: &[usize], row: &[Value]) -> String {
    let name = name(result, labels, row);
    let is_text = labels.first().is_some_and(|n| matches!(row[*n], Value::Text(_)));
    if is_text { name } else { capitalised(&name) }
}

/// A first name beside a last name.
pub fn is_person(result: &ResultSet, labels: &[usize]) -> bool {
    let [first, last] = labels else { return false };
    let is_one_of = |n: usize, words: [&str; 3]| words.contains(&heading(&result.columns[n]).as_str());
    is_one_of(*first, ["first name", "given name", "forename"])
        && is_one_of(*last, ["last name", "family name", "surname"])
}

/// Points in time, by what the column means or is called.
pub fn is_time(column: &ResultColumn) -> bool {
    column.semantic.is_time()
        || column.semantic == SemanticType::Month
        || matches!(column.name.as_str(), "day" | "week" | "month" | "quarter" | "year")
}

/// True if time runs backwards from the first row to the last.
pub fn runs_backwards(result: &ResultSet, label: usize) -> bool {
    let (Some(first), Some(last)) = (result.rows.first(), result.rows.last()) else { return false };
    match (&first[label], &last[label]) {
        (Value::Text(first), Value::Text(last)) => first > last,
        (first, last) => first.as_f64() > last.as_f64(),
    }
}

fn is_number(column: &ResultColumn) -> bool {
    matches!(column.kind, ColumnType::Integer | ColumnType::Real)
}

fn is_known(column: &ResultColumn) -> bool {
    column.semantic != SemanticType::Unknown
}
