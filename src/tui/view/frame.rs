//! The header line, the frames of panes and their titles.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Borders, Widget};

use super::super::app::{App, Database, Focus, Pane};
use super::super::layout::{Class, Plan};
use super::super::theme::{Role, Sign, Theme};
use super::{chat, footer, own, put, put_right, span};
use crate::terminal::{self, Charset};

/// Name of the program, database, tabs where panes share the screen, and who answers.
pub fn header(app: &App, plan: &Plan, theme: Theme, buffer: &mut Buffer) {
    let mut spans = vec![own(if plan.class > Class::Xs { " t2s  " } else { " " }, Role::Strong, theme)];
    let label = terminal::safe(&app.label, app.charset());
    let room = usize::from(plan.header.width) / 4;
    spans.push(Span::raw(format!("{} ro", terminal::truncate(&label, room, app.charset()))));
    if plan.panes.len() == 1 {
        spans.push(Span::raw("  "));
        spans.extend(tabs(plan, theme));
    }
    let line = Line::from(spans);
    let mode = Line::from(vec![span(&mode(app), Role::Dim, app, theme), Span::raw(" ")]);
    put(buffer, plan.header, 0, 0, &line);
    if plan.class > Class::Xs && line.width() + mode.width() < usize::from(plan.header.width) {
        put_right(buffer, plan.header, 0, &mode);
    }
    for rule in &plan.rules {
        let line = theme.sign(Sign::Rule).repeat(usize::from(rule.width));
        put(buffer, *rule, 0, 0, &Line::styled(line, theme.look(Role::Dim)));
    }
    hidden_lines(app, plan, theme, buffer);
}

/// Where panes have no frame, what lies below the chat is said on the rule under it or in the header.
fn hidden_lines(app: &App, plan: &Plan, theme: Theme, buffer: &mut Buffer) {
    let Some(area) = plan.inside(Pane::Chat).filter(|_| !plan.class.framed()) else { return };
    let text = chat::below(app, area);
    if text.is_empty() {
        return;
    }
    if let Some(rule) = plan.rules.last() {
        put(buffer, *rule, 2, 0, &Line::from(own(format!(" {text} "), Role::Title, theme)));
    } else {
        let short = text.replace(" lines (PgDn)", " ");
        put_right(buffer, plan.header, 0, &Line::from(own(short, Role::Title, theme)));
    }
}

fn tabs(plan: &Plan, theme: Theme) -> Vec<Span<'static>> {
    let shown = plan.panes.first().map(|(pane, _)| *pane);
    let tab = |pane: &Pane| {
        let (number, name) = (pane.number(), pane.name());
        match (shown == Some(*pane), plan.class) {
            (true, _) => own(format!("[{number} {name}] "), Role::Title, theme),
            (false, Class::Xs) => own(format!("{number} "), Role::Dim, theme),
            (false, _) => own(format!("{number} {name}  "), Role::Dim, theme),
        }
    };
    Pane::ALL.iter().map(tab).collect()
}

/// Who answers: a model by its name, or the rules that need none.
pub fn mode(app: &App) -> String {
    match &app.database {
        Database::Open(opened) => opened.model.as_ref().map_or("OFFLINE".to_owned(), |model| format!("AI {model}")),
        _ => String::new(),
    }
}

/// The frame of a pane, heavy and marked if it has focus. Screens without frames mark the tab instead.
pub fn pane(app: &App, plan: &Plan, pane: Pane, area: Rect, theme: Theme, buffer: &mut Buffer) {
    if !plan.class.framed() {
        return;
    }
    let focused = app.focus == Focus::Pane(pane);
    block(focused, area, theme, buffer);
    let role = if focused { Role::Title } else { Role::Dim };
    let mark = if focused { format!("{} ", theme.sign(Sign::Focus)) } else { String::new() };
    let title = Line::from(own(format!(" {mark}{}{} ", title(plan, pane), note(app, pane)), role, theme));
    let top = Rect { width: area.width.saturating_sub(1), ..area };
    put(buffer, top, 1, 0, &title);
    let right = Line::from(own(format!(" {} ", footer::counter(app, pane, plan)), Role::Dim, theme));
    if right.width() > 2 && title.width() + right.width() + 3 <= usize::from(area.width) {
        put_right(buffer, top, 0, &right);
    }
}

/// `3 Result`; where two panes share a place, both with the shown one in brackets.
fn title(plan: &Plan, pane: Pane) -> String {
    let named = |pane: Pane| format!("{} {}", pane.number(), pane.name());
    if plan.class == Class::L || plan.panes.len() == 1 {
        return named(pane);
    }
    match pane {
        Pane::Table => format!("[{}] {}", named(pane), named(Pane::Chart)),
        Pane::Chart => format!("{} [{}]", named(Pane::Table), named(pane)),
        Pane::Chat => format!("[{}] {}", named(pane), named(Pane::Schema)),
        Pane::Schema => format!("{} [{}]", named(Pane::Chat), named(pane)),
        Pane::Sql => named(pane),
    }
}

fn note(app: &App, pane: Pane) -> &'static str {
    match pane {
        Pane::Sql if app.editing => " · editing",
        Pane::Sql if app.sql_edited() => " · edited",
        _ => "",
    }
}

/// A frame: heavy for focus, in ASCII `=` against `-`.
pub fn block(focused: bool, area: Rect, theme: Theme, buffer: &mut Buffer) {
    let look = theme.look(if focused { Role::Title } else { Role::Dim });
    if theme.style.ascii {
        return ascii_block(focused, area, look, buffer);
    }
    let border = if focused { BorderType::Thick } else { BorderType::Plain };
    Block::new().borders(Borders::ALL).border_type(border).border_style(look).render(area, buffer);
}

fn ascii_block(focused: bool, area: Rect, look: ratatui::style::Style, buffer: &mut Buffer) {
    let inner = usize::from(area.width).saturating_sub(2);
    let edge = format!("+{}+", if focused { "=" } else { "-" }.repeat(inner));
    for y in 0..usize::from(area.height) {
        if y == 0 || y + 1 == usize::from(area.height) {
            put(buffer, area, 0, y, &Line::styled(edge.as_str(), look));
        } else {
            put(buffer, area, 0, y, &Line::styled("|", look));
            put_right(buffer, area, y, &Line::styled("|", look));
        }
    }
}

/// Cuts a text for a title or a hint.
pub fn cut(text: &str, cells: usize, charset: Charset) -> String {
    terminal::truncate(&terminal::safe(text, charset), cells, charset).into_owned()
}
