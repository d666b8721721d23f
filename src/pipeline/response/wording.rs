//! The sentence that answers, computed from the rows: no number in it is written by a model.

use std::cmp::Ordering;

use super::figure::{capitalised, count, heading, number, value_text};
use super::labels::{is_person, is_time, labels, measure, name, opening, runs_backwards};
use super::statement::Shape;
use crate::pipeline::execution::{ResultColumn, ResultSet};
use crate::schema::Value;

/// Names listed in a sentence.
const LISTED: usize = 3;
/// Columns of a single row that a sentence repeats.
const PARTS: usize = 4;

/// One or two sentences about a result. `interpretation` says what was looked for, if that is known.
pub fn sentence(result: &ResultSet, shape: &Shape, interpretation: Option<&str>) -> String {
    match result.rows.as_slice() {
        [] => match interpretation {
            Some(reading) => format!("No rows: nothing in the data matches {reading}."),
            None => "No rows.".to_owned(),
        },
        [row] => single(result, row),
        _ => several(result, shape),
    }
}

fn single(result: &ResultSet, row: &[Value]) -> String {
    if let ([column], [value]) = (result.columns.as_slice(), row) {
        return match value {
            Value::Null => format!("The {} is empty: there is nothing to compute it from.", subject(column)),
            _ => format!("The {} is {}.", subject(column), value_text(value, column)),
        };
    }
    let mut named = labels(result);
    if !is_person(result, &named) {
        named.truncate(1);
    }
    let parts: Vec<String> = (0..result.columns.len())
        .filter(|n| !named.contains(n))
        .take(PARTS)
        .map(|n| format!("{} {}", heading(&result.columns[n]), value_text(&row[n], &result.columns[n])))
        .collect();
    match (named.is_empty(), parts.is_empty()) {
        (true, _) => format!("{}.", capitalised(&parts.join(", "))),
        (false, true) => format!("{}.", name(result, &named, row)),
        (false, false) => format!("{}: {}.", opening(result, &named, row), parts.join(", ")),
    }
}

/// `store name` in "The store name is North" needs no "name".
fn subject(column: &ResultColumn) -> String {
    let words = heading(column);
    words.strip_suffix(" name").filter(|rest| !matches!(*rest, "first" | "last")).unwrap_or(&words).to_owned()
}

fn several(result: &ResultSet, shape: &Shape) -> String {
    let labels = labels(result);
    match (labels.as_slice(), measure(result, &labels)) {
        ([label], Some(measure)) if is_time(&result.columns[*label]) => over_time(result, *label, measure),
        ([], Some(measure)) => span(result, measure),
        (_, Some(measure)) => leader(result, shape, &labels, measure),
        ([], None) => counted(result, ""),
        (_, None) => listing(result, &labels),
    }
}

/// "A has the highest M, 12. 10 rows."
fn leader(result: &ResultSet, shape: &Shape, labels: &[usize], measure: usize) -> String {
    let column = &result.columns[measure];
    let numbers: Vec<(usize, f64)> =
        result.rows.iter().enumerate().filter_map(|(n, row)| Some((n, row[measure].as_f64()?))).collect();
    let extreme = |wanted: Ordering| {
        numbers.iter().map(|n| n.1).reduce(|a, b| if b.partial_cmp(&a) == Some(wanted) { b } else { a })
    };
    let (Some(highest), Some(lowest)) = (extreme(Ordering::Greater), extreme(Ordering::Less)) else {
        return counted(result, "");
    };
    let ranked = labels.iter().all(|n| shape.ranks(&result.columns[*n].name));
    let first = result.rows[0][measure].as_f64().filter(|_| ranked);
    let (word, figure) = match first {
        Some(first) if first < highest && first > lowest => {
            let text = value_text(&result.rows[0][measure], column);
            let who = opening(result, labels, &result.rows[0]);
            return counted(result, &format!("{who} comes first: {} {text}.", heading(column)));
        }
        Some(first) if first < highest => ("lowest", lowest),
        _ => ("highest", highest),
    };
    let holders: Vec<usize> = numbers.iter().filter(|(_, x)| x.total_cmp(&figure).is_eq()).map(|(n, _)| *n).collect();
    let who = opening(result, labels, &result.rows[holders[0]]);
    let (who, verb) = match holders.as_slice() {
        [_] => (who, "has"),
        [_, second] => (format!("{who} and {}", name(result, labels, &result.rows[*second])), "share"),
        _ if holders.len() == result.rows.len() => (format!("All {}", count(holders.len())), "share"),
        _ => (format!("{who} and {} others", count(holders.len() - 1)), "share"),
    };
    let what = heading(column);
    if who.starts_with("All ") && verb == "share" {
        return format!("{who} rows have the same {what}, {}.", number(figure, column));
    }
    counted(result, &format!("{who} {verb} the {word} {what}, {}.", number(figure, column)))
}

fn over_time(result: &ResultSet, label: usize, measure: usize) -> String {
    let column = &result.columns[measure];
    let mut points: Vec<(usize, f64)> =
        result.rows.iter().enumerate().filter_map(|(i, row)| Some((i, row[measure].as_f64()?))).collect();
    if runs_backwards(result, label) {
        points.reverse();
    }
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return counted(result, "") };
    let when = |row: usize| {
        let text = value_text(&result.rows[row][label], &result.columns[label]);
        let is_day = text.len() == 10 && text.chars().all(|c| c.is_ascii_digit() || c == '-');
        format!("{} {text}", if is_day { "on" } else { "in" })
    };
    let (what, then, now) = (heading(column), number(first.1, column), number(last.1, column));
    let (from, to) = (when(first.0), when(last.0));
    let said = match last.1.partial_cmp(&first.1) {
        Some(Ordering::Greater) => format!("The {what} rose from {then} {from} to {now} {to}."),
        Some(Ordering::Less) => format!("The {what} fell from {then} {from} to {now} {to}."),
        _ => format!("The {what} was {then} {from} and {to}."),
    };
    counted(result, &said)
}

/// Figures that nothing names: how far they reach.
fn span(result: &ResultSet, measure: usize) -> String {
    let column = &result.columns[measure];
    let is_only = result.columns.len() == 1;
    let numbers = result.rows.iter().filter_map(|row| row[measure].as_f64()).filter(|x| !x.is_nan());
    let ends = numbers
        .fold(None, |ends: Option<(f64, f64)>, x| Some(ends.map_or((x, x), |(low, high)| (low.min(x), high.max(x)))));
    let what = heading(column);
    match ends {
        Some((low, high)) if is_only && low < high => {
            let said = format!("The {what} runs from {} to {}.", number(low, column), number(high, column));
            counted(result, &said)
        }
        Some((low, _)) if is_only => counted(result, &format!("The {what} is {} in all rows.", number(low, column))),
        _ => counted(result, ""),
    }
}

fn listing(result: &ResultSet, labels: &[usize]) -> String {
    let mut names: Vec<String> = Vec::new();
    for row in &result.rows {
        let name = name(result, labels, row);
        if !names.contains(&name) {
            names.push(name);
        }
        if names.len() > LISTED {
            break;
        }
    }
    // Names of several parts hold commas of their own.
    let between = if labels.len() > 1 && !is_person(result, labels) { "; " } else { ", " };
    let rows = count(result.rows.len());
    match (names.len() > LISTED, result.truncated) {
        (false, false) => format!("{rows} rows: {}.", names.join(between)),
        (true, false) => format!("{rows} rows, among them {}.", names[..LISTED].join(between)),
        (_, true) => {
            names.truncate(LISTED);
            format!("The first {rows} rows are here, among them {}; more exist.", names.join(between))
        }
    }
}

/// The finding, and how many rows there are.
fn counted(result: &ResultSet, said: &str) -> String {
    let rows = count(result.rows.len());
    let gap = if said.is_empty() { "" } else { " " };
    if result.truncated {
        format!("{said}{gap}The first {rows} rows are here; more exist.")
    } else {
        format!("{said}{gap}{rows} rows.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::execution::ColumnType;
    use crate::schema::{Dialect, SemanticType};

    fn column(name: &str, kind: ColumnType, semantic: SemanticType) -> ResultColumn {
        ResultColumn { name: name.into(), kind, unit: None, semantic }
    }

    fn text(name: &str) -> ResultColumn {
        column(name, ColumnType::Text, SemanticType::Name)
    }

    fn amount(name: &str) -> ResultColumn {
        column(name, ColumnType::Integer, SemanticType::Quantity)
    }

    fn said(columns: &[ResultColumn], rows: &[&[&str]], sql: &str) -> String {
        let cell = |cell: &&str| cell.parse::<i64>().map_or_else(|_| Value::Text((*cell).to_owned()), Value::Integer);
        let result = ResultSet {
            columns: columns.to_vec(),
            rows: rows.iter().map(|row| row.iter().map(cell).collect()).collect(),
            ..ResultSet::default()
        };
        sentence(&result, &Shape::of(sql, Dialect::Sqlite), None)
    }

    #[test]
    fn one_row_reads_as_what_it_is() {
        assert_eq!(said(&[amount("number_of_pallet")], &[&["1213"]], ""), "The number of pallets is 1,213.");
        assert_eq!(said(&[text("hall_name")], &[&["North"]], ""), "The hall is North.");
        assert_eq!(said(&[text("FirstName"), text("LastName")], &[&["Jane", "Doe"]], ""), "Jane Doe.");
        assert_eq!(said(&[text("hall"), amount("weight")], &[&["North", "7"]], ""), "North: weight 7.");
        let store = column("Store", ColumnType::Integer, SemanticType::Category);
        assert_eq!(said(&[store, amount("weight")], &[&["4", "7"]], ""), "Store 4: weight 7.");
    }

    #[test]
    fn rows_in_no_order_name_the_highest() {
        let (columns, rows) = ([text("hall"), amount("weight")], [["A", "1"].as_slice(), &["B", "5"], &["C", "9"]]);
        let unordered = said(&columns, &rows, "SELECT hall, SUM(w) AS weight FROM p GROUP BY hall");
        assert_eq!(unordered, "C has the highest weight, 9. 3 rows.");
        let ascending = said(&columns, &rows, "SELECT hall, SUM(w) AS weight FROM p GROUP BY hall ORDER BY 2");
        assert_eq!(ascending, "A has the lowest weight, 1. 3 rows.");
    }

    #[test]
    fn a_ranking_by_something_else_names_its_first() {
        let rows: [&[&str]; 3] = [&["A", "5"], &["B", "1"], &["C", "9"]];
        let by_date = said(&[text("hall"), amount("weight")], &rows, "SELECT hall, weight FROM p ORDER BY moved_on");
        assert_eq!(by_date, "A comes first: weight 5. 3 rows.");
    }

    #[test]
    fn ties_are_told() {
        let columns = [text("hall"), amount("weight")];
        let two: [&[&str]; 3] = [&["A", "5"], &["B", "1"], &["C", "5"]];
        assert_eq!(said(&columns, &two, ""), "A and C share the highest weight, 5. 3 rows.");
        let more: [&[&str]; 4] = [&["A", "5"], &["B", "1"], &["C", "5"], &["D", "5"]];
        assert_eq!(said(&columns, &more, ""), "A and 2 others share the highest weight, 5. 4 rows.");
        assert_eq!(said(&columns, &[&["A", "5"], &["B", "5"], &["C", "5"]], ""), "All 3 rows have the same weight, 5.");
    }

    #[test]
    fn time_is_told_forwards_and_by_itself() {
        let month = column("month", ColumnType::Text, SemanticType::Month);
        let rows: [&[&str]; 2] = [&["2025-02", "12"], &["2025-01", "10"]];
        let told = said(&[month.clone(), amount("weight")], &rows, "");
        assert_eq!(told, "The weight rose from 10 in 2025-01 to 12 in 2025-02. 2 rows.");
        let rows: [&[&str]; 2] = [&["2025-01", "A", "12"], &["2025-01", "B", "10"]];
        let told = said(&[month, text("hall"), amount("weight")], &rows, "");
        assert_eq!(told, "2025-01, A has the highest weight, 12. 2 rows.");
    }

    #[test]
    fn lists_name_each_once_and_figures_their_span() {
        assert_eq!(said(&[text("hall")], &[&["A"], &["B"], &["A"]], ""), "3 rows: A, B.");
        let prices: [&[&str]; 3] = [&["3"], &["1"], &["2"]];
        assert_eq!(said(&[amount("weight")], &prices, ""), "The weight runs from 1 to 3. 3 rows.");
    }
}
