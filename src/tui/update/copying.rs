//! Copying to the clipboard of the terminal: cell, row, column, all of a result, a statement, an answer.

use super::super::app::App;
use super::super::message::Effect;
use crate::export::format::raw;
use crate::pipeline::execution::ResultSet;
use crate::schema::Value;

/// Bytes that terminals take into the clipboard.
const COPY_BYTES: usize = 74_000;

/// The part that the key of the copy menu names.
pub fn copy_part(app: &mut App, key: &str) -> Vec<Effect> {
    let Some(turn) = app.turn() else { return Vec::new() };
    let (Some(row), Some(result)) = (turn.table.result_row(), turn.answer().and_then(|answer| answer.result.as_ref()))
    else {
        return Vec::new();
    };
    let column = turn.table.column;
    let (text, what) = match key {
        "y" => (raw(&result.rows[row][column]), "1 cell".to_owned()),
        "r" => (tsv_row(&result.rows[row]), "1 row as TSV".to_owned()),
        "c" => {
            let cells: Vec<_> = turn.table.order.iter().map(|row| raw(&result.rows[*row][column])).collect();
            (cells.join("\n"), format!("column {}", result.columns[column].name))
        }
        "a" => return copy_all(app),
        _ => {
            app.notify("copy: y cell, r row, c column, a all");
            return Vec::new();
        }
    };
    put(app, text, &what)
}

/// The result as shown, with header, as TSV.
pub fn copy_all(app: &mut App) -> Vec<Effect> {
    let Some(turn) = app.turn() else { return nothing_to_copy(app) };
    let Some(result) = turn.answer().and_then(|answer| answer.result.as_ref()) else { return nothing_to_copy(app) };
    let text = tsv(result, &turn.table.order);
    let what = format!("{} rows as TSV with header", result.rows.len());
    put(app, text, &what)
}

fn nothing_to_copy(app: &mut App) -> Vec<Effect> {
    app.notify("nothing to copy yet: ask a question first");
    Vec::new()
}

fn tsv(result: &ResultSet, order: &[usize]) -> String {
    let header: Vec<_> = result.columns.iter().map(|column| field(&column.name)).collect();
    let rows = order.iter().map(|row| tsv_row(&result.rows[*row]));
    std::iter::once(header.join("\t")).chain(rows).collect::<Vec<_>>().join("\n")
}

fn tsv_row(row: &[Value]) -> String {
    row.iter().map(|value| field(&raw(value))).collect::<Vec<_>>().join("\t")
}

/// TSV has no quoting: what would end a field becomes a blank.
fn field(text: &str) -> String {
    text.replace(['\t', '\n', '\r'], " ")
}

pub fn copy_sql(app: &mut App) -> Vec<Effect> {
    let sql = app.shown_sql();
    if sql.is_empty() { nothing_to_copy(app) } else { put(app, sql, "the statement") }
}

pub fn copy_answer(app: &mut App) -> Vec<Effect> {
    match app.turn().and_then(|turn| turn.answer()).map(|answer| answer.text.clone()) {
        Some(text) => put(app, text, "the answer"),
        None => nothing_to_copy(app),
    }
}

fn put(app: &mut App, text: String, what: &str) -> Vec<Effect> {
    if text.len() > COPY_BYTES {
        app.notify(format!("{} bytes are too many for the terminal's clipboard: /export <file>", text.len()));
        return Vec::new();
    }
    app.notify(format!("copied {what}, via terminal"));
    vec![Effect::Copy(text)]
}
