//! The last line: what can be pressed now, or a notice, and how things stand.

use ratatui::buffer::Buffer;
use ratatui::text::Line;

use super::super::app::{App, Database, Menu, Pane, TurnState};
use super::super::keys::{self, BINDINGS, Context};
use super::super::layout::Plan;
use super::super::theme::{Role, Sign, Theme};
use super::{chat, count, elapsed, frame, own, put, put_right, span, table};
use crate::terminal;

pub fn draw(app: &App, plan: &Plan, theme: Theme, buffer: &mut Buffer) {
    let width = usize::from(plan.footer.width);
    let message = message(app);
    let status = status(app, plan, if message.is_some() { 0 } else { width / 2 }, theme);
    let room = width.saturating_sub(terminal::width(&status) + 4);
    put_right(buffer, plan.footer, 0, &Line::from(own(format!("{status} "), Role::Dim, theme)));
    let line = match message {
        Some(text) => span(&frame::cut(&text, room, app.charset()), Role::Strong, app, theme),
        None => own(hints(app, room), Role::Dim, theme),
    };
    put(buffer, plan.footer, 1, 0, &Line::from(line));
}

/// What is said instead of hints.
fn message(app: &App) -> Option<String> {
    if let Some(menu) = app.menu {
        return Some(menu_words(menu).to_owned());
    }
    if app.quit_armed.is_some() {
        return Some("press Ctrl-C again to quit".to_owned());
    }
    app.notice.as_ref().map(|notice| notice.text.clone())
}

fn menu_words(menu: Menu) -> &'static str {
    match menu {
        Menu::Copy => "copy: y cell, r row, c column, a all",
        Menu::Chart => "chart: b bar, g grouped, l line, s scatter, p pie, h histogram, m heatmap, a auto",
    }
}

/// Keys of the current context; the last ones go first when room is short.
fn hints(app: &App, room: usize) -> String {
    let context = app.context();
    let nav = context.chain().contains(&Context::Nav);
    let mut hints = vec![if nav { "? keys".to_owned() } else { "F1 keys".to_owned() }];
    if app.running().is_some() {
        hints.push("Esc cancels".to_owned());
    }
    if context == Context::SqlEdit {
        hints.push("Esc leaves".to_owned());
    }
    let offered = BINDINGS.iter().filter(|b| b.context == context && !b.hint.is_empty());
    hints.extend(offered.map(|b| format!("{} {}", keys::shown(b.key, app.style.ascii), b.hint)));
    if nav {
        hints.extend(["i write".to_owned(), "z zoom".to_owned()]);
    }
    hints.extend(["Tab pane".to_owned(), "^O palette".to_owned()]);
    while hints.len() > 1 && terminal::width(&hints.join("  ")) > room {
        hints.pop();
    }
    terminal::truncate(&hints.join("  "), room, app.charset()).into_owned()
}

/// Database and mode always; confidence, rows and time while they fit. Time drops first, then rows.
fn status(app: &App, plan: &Plan, room: usize, theme: Theme) -> String {
    let mut parts = Vec::new();
    if plan.class.framed() {
        parts.push(format!("{} ro", frame::cut(&app.label, 24, app.charset())));
    }
    parts.push(match &app.database {
        Database::Opening => "opening".to_owned(),
        Database::Failed(_) => "not open".to_owned(),
        Database::Open(opened) => if opened.model.is_some() { "AI" } else { "OFFLINE" }.to_owned(),
    });
    let fixed = parts.len();
    parts.extend(answer_parts(app));
    let bar = format!(" {} ", theme.sign(Sign::Bar));
    while parts.len() > fixed && terminal::width(&parts.join(&bar)) > room {
        parts.pop();
    }
    parts.join(&bar)
}

fn answer_parts(app: &App) -> Vec<String> {
    if let Some(TurnState::Running { since, .. }) = app.running().map(|at| &app.turns[at].state) {
        return vec![elapsed(app.now.saturating_sub(*since))];
    }
    let Some(answer) = app.turn().and_then(|turn| turn.answer()) else { return Vec::new() };
    let mut parts = Vec::new();
    if let Some(confidence) = &answer.confidence {
        parts.push(format!("{} {:.2}", confidence.word(), confidence.score));
    }
    if let Some(result) = &answer.result {
        parts.push(rows(result.rows.len(), result.truncated));
    }
    parts.push(elapsed(answer.timings.total));
    parts
}

/// `1 row`, `340 rows`, `first 10,000 rows`.
pub fn rows(rows: usize, truncated: bool) -> String {
    match (rows, truncated) {
        (n, true) => format!("first {} rows", count(n)),
        (1, false) => "1 row".to_owned(),
        (n, false) => format!("{} rows", count(n)),
    }
}

/// What stands at the right of a pane's title.
pub fn counter(app: &App, pane: Pane, plan: &Plan) -> String {
    let inside = plan.inside(pane).unwrap_or_default();
    match pane {
        Pane::Table => table::counter(app, inside),
        Pane::Sql if app.editing => "F5 run · Esc leave".to_owned(),
        Pane::Sql => "e edit · F5 run · y copy".to_owned(),
        Pane::Schema => "↵ insert".to_owned(),
        Pane::Chart => "c kind".to_owned(),
        Pane::Chat => chat::below(app, inside),
    }
}
