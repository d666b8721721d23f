//! The sentence that answers, computed from the rows: no number in it is written by a model.

use super::figure::{figure, heading, value_text};
use crate::pipeline::execution::{ColumnType, ResultColumn, ResultSet};
use crate::schema::{SemanticType, Value};

/// Names listed in a sentence.
const LISTED: usize = 3;

/// One or two sentences about a result. `interpretation` says what was looked for, if that is known.
pub fn sentence(result: &ResultSet, interpretation: Option<&str>) -> String {
    let rows = &result.rows;
    match rows.as_slice() {
        [] => match interpretation {
            Some(reading) => format!("No rows: nothing in the data matches {reading}."),
            None => "No rows.".to_owned(),
        },
        [row] => single(result, row),
        _ => several(result),
    }
}

fn single(result: &ResultSet, row: &[Value]) -> String {
    if let ([column], [value]) = (result.columns.as_slice(), row) {
        return match value {
            Value::Null => format!("The {} is empty: no rows to compute it from.", heading(column)),
            Value::Integer(_) | Value::Real(_) => format!("The {} is {}.", heading(column), value_text(value, column)),
            _ => format!("{}.", value_text(value, column)),
        };
    }
    let label = result.columns.iter().position(is_label);
    let parts: Vec<String> = result
        .columns
        .iter()
        .zip(row)
        .enumerate()
        .filter(|(i, _)| Some(*i) != label)
        .take(4)
        .map(|(_, (column, value))| format!("{} {}", heading(column), value_text(value, column)))
        .collect();
    match label {
        Some(i) => format!("{}: {}.", value_text(&row[i], &result.columns[i]), parts.join(", ")),
        None => format!("{}.", capitalised(&parts.join(", "))),
    }
}

fn several(result: &ResultSet) -> String {
    let count = count_text(result);
    let label = result.columns.iter().position(is_label);
    let measure = result.columns.iter().rposition(is_measure);
    match (label, measure) {
        (Some(label), Some(measure)) if label != measure => {
            if result.columns[label].semantic.is_time() || looks_like_period(&result.columns[label]) {
                over_time(result, label, measure, &count)
            } else {
                leader(result, label, measure, &count)
            }
        }
        (Some(label), None) => listing(result, label, &count),
        _ => format!("{count}."),
    }
}

/// "A has the highest M: 12. B follows with 9. 10 rows."
fn leader(result: &ResultSet, label: usize, measure: usize, count: &str) -> String {
    let (label_column, column) = (&result.columns[label], &result.columns[measure]);
    let number = |row: usize| result.rows[row][measure].as_f64();
    let ranked: Vec<usize> = (0..result.rows.len()).filter(|r| number(*r).is_some()).collect();
    let highest = ranked
        .iter()
        .copied()
        .max_by(|a, b| number(*a).partial_cmp(&number(*b)).unwrap_or(std::cmp::Ordering::Equal).then(b.cmp(a)));
    let lowest =
        ranked.iter().copied().min_by(|a, b| number(*a).partial_cmp(&number(*b)).unwrap_or(std::cmp::Ordering::Equal));
    let (Some(highest), Some(lowest)) = (highest, lowest) else { return format!("{count}.") };
    // A list that runs upwards was asked for its low end.
    let (first, word) = if lowest == 0 && highest != 0 { (lowest, "lowest") } else { (highest, "highest") };
    let name = |row: usize| value_text(&result.rows[row][label], label_column);
    let figure_of = |row: usize| value_text(&result.rows[row][measure], column);
    format!("{} has the {word} {}, {}. {count}.", name(first), heading(column), figure_of(first))
}

fn over_time(result: &ResultSet, label: usize, measure: usize, count: &str) -> String {
    let column = &result.columns[measure];
    let points: Vec<(usize, f64)> =
        result.rows.iter().enumerate().filter_map(|(i, row)| Some((i, row[measure].as_f64()?))).collect();
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return format!("{count}.") };
    let name = |row: usize| value_text(&result.rows[row][label], &result.columns[label]);
    let moved = match last.1.partial_cmp(&first.1) {
        Some(std::cmp::Ordering::Greater) => "rose",
        Some(std::cmp::Ordering::Less) => "fell",
        _ => {
            return format!(
                "The {} was {} in {} and in {}. {count}.",
                heading(column),
                figure(first.1, column),
                name(first.0),
                name(last.0)
            );
        }
    };
    format!(
        "The {} {moved} from {} in {} to {} in {}. {count}.",
        heading(column),
        figure(first.1, column),
        name(first.0),
        figure(last.1, column),
        name(last.0)
    )
}

fn listing(result: &ResultSet, label: usize, count: &str) -> String {
    let mut names: Vec<String> = Vec::new();
    for row in &result.rows {
        let name = value_text(&row[label], &result.columns[label]);
        if !names.contains(&name) {
            names.push(name);
        }
        if names.len() > LISTED {
            break;
        }
    }
    if names.len() <= LISTED {
        return format!("{count}: {}.", names.join(", "));
    }
    format!("{count}, among them {}.", names[..LISTED].join(", "))
}

fn count_text(result: &ResultSet) -> String {
    let rows = figure_count(result.rows.len());
    if result.truncated { format!("The first {rows} rows are here; more exist") } else { format!("{rows} rows") }
}

fn figure_count(n: usize) -> String {
    let column =
        ResultColumn { name: String::new(), kind: ColumnType::Integer, unit: None, semantic: SemanticType::Quantity };
    figure(n as f64, &column)
}

fn is_label(column: &ResultColumn) -> bool {
    matches!(column.kind, ColumnType::Text) || column.semantic.is_time()
}

fn is_measure(column: &ResultColumn) -> bool {
    matches!(column.kind, ColumnType::Integer | ColumnType::Real)
        && !matches!(column.semantic, SemanticType::Id | SemanticType::Code | SemanticType::Year | SemanticType::Flag)
}

fn looks_like_period(column: &ResultColumn) -> bool {
    matches!(column.name.as_str(), "day" | "week" | "month" | "quarter" | "year")
        || column.semantic == SemanticType::Month
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}
