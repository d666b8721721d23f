//! The tables of the database; an open one with its columns, their types and keys.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::app::{App, Focus, Pane, SchemaLine};
use super::super::theme::{Role, Sign, Theme};
use super::{count, put, teach};
use crate::schema::{ColumnId, Schema, TableId};
use crate::terminal::{Align, fit, pad, safe, truncate, width};

pub fn draw(app: &App, area: Rect, theme: Theme, buffer: &mut Buffer) {
    let Some(opened) = app.opened() else {
        return teach(area, theme, buffer, "Tables and columns appear here once the database is open.");
    };
    let lines = app.schema_lines();
    if lines.is_empty() {
        return teach(area, theme, buffer, "The database holds no tables.");
    }
    let focused = app.focus == Focus::Pane(Pane::Schema);
    let visible = lines.into_iter().enumerate().skip(app.schema.top).take(usize::from(area.height));
    for (y, (at, line)) in visible.enumerate() {
        let (text, note) = texts(app, &opened.schema, line, theme);
        let room = usize::from(area.width).saturating_sub(1);
        let note = truncate(&note, room / 2, app.charset()).into_owned();
        let text = fit(&text, room.saturating_sub(width(&note) + 1), Align::Left, app.charset());
        let selected = focused && at == app.schema.cursor;
        let (left, right) = match (selected, line.column) {
            (true, _) => (Role::Selected, Role::Selected),
            (false, None) => (Role::Strong, Role::Dim),
            (false, Some(_)) => (Role::Plain, Role::Dim),
        };
        let spans = vec![
            Span::styled(text, theme.look(left)),
            Span::styled(pad(&note, width(&note) + 1, Align::Right), theme.look(right)),
        ];
        put(buffer, area, 0, y, &Line::from(spans));
    }
}

/// Name, and what is said at the right of it.
fn texts(app: &App, schema: &Schema, line: SchemaLine, theme: Theme) -> (String, String) {
    let table = &schema.tables[line.table];
    match line.column {
        None => {
            let sign = theme.sign(if app.schema.open.contains(&line.table) { Sign::Open } else { Sign::Closed });
            let about = if table.rows_estimated { "about " } else { "" };
            let rows = table.row_count.map_or(String::new(), |rows| format!("{about}{} rows", count(rows as usize)));
            let note = if table.is_view { format!("view {rows}") } else { rows };
            (format!(" {sign} {}", safe(&table.name, app.charset())), note.trim_end().to_owned())
        }
        Some(column) => {
            let id = ColumnId { table: TableId(line.table), column };
            let name = safe(&table.columns[column].name, app.charset());
            (format!("     {name}"), safe(&column_note(schema, id), app.charset()).into_owned())
        }
    }
}

/// Type, and the key it is or refers to.
fn column_note(schema: &Schema, id: ColumnId) -> String {
    let kind = schema.column(id).declared_type.to_lowercase();
    let key = if schema.table(id.table).primary_key.contains(&id.column) {
        "key".to_owned()
    } else {
        schema.reference_of(id).map_or(String::new(), |key| format!("-> {}", schema.table(key.to.table).name))
    };
    format!("{kind} {key}").trim().to_owned()
}
