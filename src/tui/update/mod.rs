//! `update(app, message) -> effects`: every change of the app, with no I/O.

mod action;
mod command;
mod copying;
mod movement;
mod overlay;
mod run;

#[cfg(test)]
mod tests;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind};

use super::app::{App, ChatScroll, Database, Focus, Overlay, Pane};
use super::keys::{self, Action, Context, Press};
use super::message::{Effect, Message};
use super::view;

/// Takes a message in and says what is to be done.
pub fn update(app: &mut App, message: Message) -> Vec<Effect> {
    expire(app);
    let effects = match message {
        Message::Key(event) if event.kind == KeyEventKind::Release => Vec::new(),
        Message::Key(event) => key(app, event),
        Message::Paste(text) => paste(app, &text),
        Message::Resize(width, height) => {
            app.size = (width, height);
            Vec::new()
        }
        Message::Tick => Vec::new(),
        Message::Opened(opened) => {
            app.database = Database::Open(opened);
            run::start_next(app)
        }
        Message::OpenFailed(failure) => {
            app.database = Database::Failed(failure);
            Vec::new()
        }
        Message::Progress { run, progress } => run::progress(app, run, progress),
        Message::Answered { run, answer } => run::answered(app, run, *answer),
        Message::Died { run, failure } => run::died(app, run, failure),
        Message::Exported(outcome) => {
            app.notify(outcome.unwrap_or_else(|failure| format!("not exported: {failure}")));
            Vec::new()
        }
    };
    settle(app);
    effects
}

fn key(app: &mut App, event: KeyEvent) -> Vec<Effect> {
    let press = Press::of(event);
    if keys::action(Context::Everywhere, press) != Some(Action::Interrupt) {
        app.quit_armed = None;
    }
    if app.overlay.is_some() {
        return overlay::key(app, press);
    }
    if let Some(menu) = app.menu.take() {
        return action::menu_key(app, menu, press);
    }
    if let (true, Some(text)) = (writes(app), printable(press)) {
        action::insert(app, &text);
        return Vec::new();
    }
    match keys::action(app.context(), press) {
        Some(action) => action::perform(app, action),
        None => unbound(app, press),
    }
}

/// True where printable keys insert.
fn writes(app: &App) -> bool {
    matches!(app.context(), Context::Box | Context::SqlEdit)
}

fn printable(press: Press) -> Option<String> {
    match press {
        Press { code: KeyCode::Char(c), control: false, alt: false } => Some(c.to_string()),
        _ => None,
    }
}

fn unbound(app: &mut App, press: Press) -> Vec<Effect> {
    if printable(press).is_some() {
        app.notify("press i to type");
    }
    Vec::new()
}

/// Pasted text never sends or runs anything.
fn paste(app: &mut App, text: &str) -> Vec<Effect> {
    app.menu = None;
    match &mut app.overlay {
        Some(Overlay::Help { filter, .. } | Overlay::Palette { filter, .. }) => {
            filter.insert(text);
        }
        Some(Overlay::Record { .. }) => {}
        None => {
            if !writes(app) {
                app.focus = Focus::Box;
            }
            action::insert(app, text);
        }
    }
    Vec::new()
}

fn expire(app: &mut App) {
    let now = app.now;
    app.notice = app.notice.take().filter(|notice| notice.until > now);
    app.quit_armed = app.quit_armed.filter(|until| *until > now);
}

/// Moves focus to a pane and puts it where panes share a place.
fn go_to(app: &mut App, pane: Pane) {
    app.focus = Focus::Pane(pane);
    app.pane = pane;
    match pane {
        Pane::Table | Pane::Chart => app.lower = pane,
        Pane::Chat | Pane::Schema => app.left = pane,
        Pane::Sql => {}
    }
}

/// Brings cursors and scroll positions back into what exists and what is visible.
fn settle(app: &mut App) {
    let plan = app.plan();
    settle_table(app, &plan);
    settle_schema(app, &plan);
    settle_sql(app, &plan);
    if let (ChatScroll::At { turn, .. }, Some(area)) = (app.chat, plan.inside(Pane::Chat))
        && (turn >= app.turns.len() || view::chat::is_at_end(app, area))
    {
        app.chat = ChatScroll::Follow;
    }
    overlay::settle(app);
}

fn settle_table(app: &mut App, plan: &super::layout::Plan) {
    let area = plan.inside(Pane::Table);
    let rows = area.map_or(1, view::table::body_rows);
    let cells = area.map_or(1, |area| usize::from(view::table::grid(area).width));
    if let Some(turn) = app.turn_mut() {
        turn.table.settle(rows, cells);
    }
}

fn settle_schema(app: &mut App, plan: &super::layout::Plan) {
    let rows = plan.inside(Pane::Schema).map_or(1, |area| usize::from(area.height).max(1));
    let lines = app.schema_lines().len();
    let schema = &mut app.schema;
    schema.cursor = schema.cursor.min(lines.saturating_sub(1));
    schema.top = schema.top.clamp((schema.cursor + 1).saturating_sub(rows), schema.cursor);
}

fn settle_sql(app: &mut App, plan: &super::layout::Plan) {
    let Some(area) = plan.inside(Pane::Sql) else { return };
    let rows = usize::from(area.height).max(1);
    let lines = app.shown_sql().lines().count();
    if !app.editing {
        app.sql_top = app.sql_top.min(lines.saturating_sub(rows));
        return;
    }
    let (row, column) = app.sql_editor().position(usize::MAX);
    app.sql_top = app.sql_top.clamp((row + 1).saturating_sub(rows), row);
    let cells = usize::from(area.width).saturating_sub(view::sql::MARGIN).max(1);
    app.sql_left = app.sql_left.clamp((column + 1).saturating_sub(cells), column);
}
