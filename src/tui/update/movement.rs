//! Movement in the panes, by line, page, column or to an end.

use super::super::app::{App, ChatScroll, Focus, Pane};
use super::super::keys::Action;
use super::super::view;

/// Movement in panes; from the box only the chat is scrolled.
pub fn navigate(app: &mut App, action: Action) {
    match app.focus {
        Focus::Box | Focus::Pane(Pane::Chat) => scroll_chat(app, action),
        Focus::Pane(Pane::Sql) => scroll_sql(app, action),
        Focus::Pane(Pane::Table) => move_in_table(app, action),
        Focus::Pane(Pane::Schema) => move_in_schema(app, action),
        Focus::Pane(Pane::Chart) => {}
    }
}

/// Rows that the action moves by; `isize::MIN` and `MAX` mean the ends.
fn rows_of(action: Action, page: usize) -> isize {
    let page = page.max(1) as isize;
    match action {
        Action::Up => -1,
        Action::Down => 1,
        Action::HalfPageUp => -(page / 2).max(1),
        Action::HalfPageDown => (page / 2).max(1),
        Action::PageUp => -page,
        Action::PageDown => page,
        Action::First => isize::MIN,
        Action::Last => isize::MAX,
        _ => 0,
    }
}

fn height(app: &App, pane: Pane) -> usize {
    app.plan().inside(pane).map_or(1, |area| usize::from(area.height))
}

fn scroll_chat(app: &mut App, action: Action) {
    let Some(area) = app.plan().inside(Pane::Chat) else { return };
    let by = rows_of(action, usize::from(area.height).saturating_sub(1));
    app.chat = match by {
        0 => app.chat,
        isize::MAX => ChatScroll::Follow,
        isize::MIN => ChatScroll::At { turn: app.shown_from, line: 0 },
        by => view::chat::scrolled(app, area, by),
    };
}

fn scroll_sql(app: &mut App, action: Action) {
    let by = rows_of(action, height(app, Pane::Sql));
    app.sql_top = moved(app.sql_top, by);
    match action {
        Action::Left => app.sql_left = app.sql_left.saturating_sub(4),
        Action::Right => app.sql_left += 4,
        Action::FirstColumn => app.sql_left = 0,
        _ => {}
    }
    let widest = app.shown_sql().lines().map(crate::terminal::width).max().unwrap_or(0);
    app.sql_left = app.sql_left.min(widest.saturating_sub(1));
}

fn moved(at: usize, by: isize) -> usize {
    match by {
        isize::MIN => 0,
        isize::MAX => usize::MAX / 2,
        by => at.saturating_add_signed(by),
    }
}

fn move_in_table(app: &mut App, action: Action) {
    let page = app.plan().inside(Pane::Table).map_or(1, view::table::body_rows);
    let Some(turn) = app.turn_mut() else { return };
    let table = &mut turn.table;
    table.row = moved(table.row, rows_of(action, page));
    match action {
        Action::Left => table.column = table.column.saturating_sub(1),
        Action::Right => table.column += 1,
        Action::FirstColumn => table.column = 0,
        Action::LastColumn => table.column = usize::MAX / 2,
        _ => {}
    }
}

fn move_in_schema(app: &mut App, action: Action) {
    let by = rows_of(action, height(app, Pane::Schema));
    app.schema.cursor = moved(app.schema.cursor, by);
    let lines = app.schema_lines();
    let Some(line) = lines.get(app.schema.cursor) else { return };
    match action {
        Action::Right => {
            app.schema.open.insert(line.table);
        }
        Action::Left => {
            app.schema.open.remove(&line.table);
            let heading = |l: &super::super::app::SchemaLine| l.table == line.table;
            app.schema.cursor = lines.iter().position(heading).unwrap_or(0);
        }
        _ => {}
    }
}
