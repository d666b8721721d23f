//! The result as a table: the visible cells, the cursor, and what lies outside.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::app::{App, Focus, Pane};
use super::super::table::{GAP, Shown, TableState};
use super::super::theme::{Role, Sign, Theme};
use super::{count, own, put, put_right, teach};
use crate::export::format::{cell_in, is_right_aligned};
use crate::pipeline::execution::ResultSet;
use crate::schema::Value;
use crate::terminal::{Align, Charset, fit, pad, safe, truncate, width};

/// Rows of the result that fit: less the header and the line below.
pub fn body_rows(area: Rect) -> usize {
    usize::from(area.height.saturating_sub(2)).max(1)
}

/// The area of the cells: a blank is left at both sides.
pub fn grid(area: Rect) -> Rect {
    Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
}

pub fn draw(app: &App, area: Rect, theme: Theme, buffer: &mut Buffer) {
    let Some((table, result)) = app.turn().and_then(|turn| Some((&turn.table, turn.answer()?.result.as_ref()?))) else {
        let asked = app.turn().is_some_and(|turn| turn.answer().is_some());
        let none = "This answer has no rows: the chat says why.";
        let first = "The rows of an answer appear here. Ask a question; i goes to the box.";
        return teach(area, theme, buffer, if asked { none } else { first });
    };
    let area = grid(area);
    let columns = table.shown(usize::from(area.width));
    let header = header_text(result, &columns, table.sort, theme, app.charset());
    put(buffer, area, 0, 0, &Line::styled(header, theme.look(Role::Strong)));
    if result.rows.is_empty() {
        put(buffer, area, 0, 1, &Line::from(own("0 rows", Role::Warn, theme)));
    }
    let focused = app.focus == Focus::Pane(Pane::Table);
    let rows = table.order.iter().enumerate().skip(table.top).take(body_rows(area));
    for (y, (at, row)) in rows.enumerate() {
        let under_cursor = (focused && at == table.row).then_some(table.column);
        let line = row_line(result, &result.rows[*row], &columns, under_cursor, theme, app.charset());
        put(buffer, area, 0, y + 1, &line);
    }
    below(app, table, result, &columns, area, theme, buffer);
}

/// The line under the rows: order, hidden columns, and on screens without frames the counter.
fn below(
    app: &App,
    table: &TableState,
    result: &ResultSet,
    columns: &[Shown],
    area: Rect,
    theme: Theme,
    buffer: &mut Buffer,
) {
    let y = usize::from(area.height).saturating_sub(1);
    let mut left = Vec::new();
    if !app.plan().class.framed() {
        left.push(counter(app, area));
    }
    if let Some((column, down)) = table.sort {
        let name = safe(&result.columns[column].name, app.charset());
        let sign = theme.sign(if down { Sign::Down } else { Sign::Up });
        left.push(format!("sorted by {} {sign}", truncate(&name, 24, app.charset())));
    }
    put(buffer, area, 0, y, &Line::from(own(left.join(" · "), Role::Dim, theme)));
    let hidden_right = result.columns.len().saturating_sub(table.left + columns.len());
    let mut right = Vec::new();
    if table.left > 0 {
        right.push(format!("{} {} more", theme.sign(Sign::HiddenLeft), table.left));
    }
    if hidden_right > 0 {
        right.push(format!("{hidden_right} more {}", theme.sign(Sign::Hidden)));
    }
    if !right.is_empty() {
        put_right(buffer, area, y, &Line::from(own(format!(" {}", right.join("  ")), Role::Title, theme)));
    }
}

/// `rows 1–18 of 340`; of a cut result only what is known.
pub fn counter(app: &App, area: Rect) -> String {
    let Some(turn) = app.turn() else { return String::new() };
    let Some(result) = turn.answer().and_then(|answer| answer.result.as_ref()) else { return String::new() };
    let total = result.rows.len();
    if total == 0 {
        return "0 rows".to_owned();
    }
    let first = turn.table.top + 1;
    let last = (turn.table.top + body_rows(area)).min(total);
    let of = if result.truncated { format!("first {}, more exist", count(total)) } else { count(total) };
    format!("rows {}–{} of {of}", count(first), count(last))
}

/// The names of the columns, over their cells; the sorted one is marked.
pub fn header_text(
    result: &ResultSet,
    columns: &[Shown],
    sort: Option<(usize, bool)>,
    theme: Theme,
    charset: Charset,
) -> String {
    let names = columns.iter().map(|shown| {
        let column = &result.columns[shown.column];
        let mark = match sort {
            Some((sorted, down)) if sorted == shown.column => theme.sign(if down { Sign::Down } else { Sign::Up }),
            _ => "",
        };
        let room = shown.cells.saturating_sub(width(mark) + usize::from(!mark.is_empty()));
        let name = safe(&column.name, charset);
        let name = truncate(&name, room, charset);
        let text = if mark.is_empty() { name.into_owned() } else { format!("{name} {mark}") };
        pad(&text, shown.cells, align(result, shown.column))
    });
    names.collect::<Vec<_>>().join(&" ".repeat(GAP))
}

/// The cells of a row in the columns shown.
pub fn row_text(result: &ResultSet, row: &[Value], columns: &[Shown], charset: Charset) -> String {
    let cells = columns.iter().map(|shown| cell_text(result, row, *shown, charset));
    cells.collect::<Vec<_>>().join(&" ".repeat(GAP))
}

fn cell_text(result: &ResultSet, row: &[Value], shown: Shown, charset: Charset) -> String {
    let text = cell_in(&row[shown.column], &result.columns[shown.column], charset);
    fit(&text, shown.cells, align(result, shown.column), charset)
}

fn align(result: &ResultSet, column: usize) -> Align {
    if is_right_aligned(&result.columns[column]) { Align::Right } else { Align::Left }
}

fn row_line(
    result: &ResultSet,
    row: &[Value],
    columns: &[Shown],
    under_cursor: Option<usize>,
    theme: Theme,
    charset: Charset,
) -> Line<'static> {
    let mut spans = Vec::new();
    for (at, shown) in columns.iter().enumerate() {
        if at > 0 {
            spans.push(Span::raw(" ".repeat(GAP)));
        }
        let role = match under_cursor {
            Some(column) if column == shown.column => Role::Selected,
            Some(_) => Role::Row,
            None if row[shown.column].is_null() => Role::Dim,
            None => Role::Plain,
        };
        spans.push(Span::styled(cell_text(result, row, *shown, charset), theme.look(role)));
    }
    Line::from(spans)
}
