//! Drawing: a pure function of the app, its size and the clock in it. Every text that comes from outside goes through
//! `terminal::safe` on its way here.

pub mod chart;
pub mod chat;
mod footer;
mod frame;
mod input;
pub mod overlay;
mod schema;
pub mod sql;
pub mod table;

#[cfg(test)]
mod tests;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::app::{App, Focus, Pane};
use super::layout::{Class, Plan, SMALLEST};
use super::text::wrap;
use super::theme::{Role, Theme};
use crate::terminal::safe;

/// Draws everything and says where the terminal's cursor belongs, if it is to be shown.
pub fn draw(app: &App, buffer: &mut Buffer) -> Option<Position> {
    let plan = app.plan();
    let theme = Theme { style: app.style };
    let area = buffer.area;
    if plan.class == Class::TooSmall || area.width < app.size.0 || area.height < app.size.1 {
        too_small(area, buffer, theme);
        return None;
    }
    frame::header(app, &plan, theme, buffer);
    let mut caret = None;
    for (pane, area) in &plan.panes {
        frame::pane(app, &plan, *pane, *area, theme, buffer);
        caret = draw_pane(app, &plan, *pane, *area, theme, buffer).or(caret);
    }
    let typing = input::draw(app, &plan, theme, buffer);
    footer::draw(app, &plan, theme, buffer);
    if app.overlay.is_some() {
        return overlay::draw(app, theme, buffer);
    }
    if app.focus == Focus::Box { Some(typing) } else { caret }
}

fn draw_pane(app: &App, plan: &Plan, pane: Pane, area: Rect, theme: Theme, buffer: &mut Buffer) -> Option<Position> {
    let inside = plan.without_frame(area);
    match pane {
        Pane::Chat => chat::draw(app, inside, theme, buffer),
        Pane::Sql => return sql::draw(app, inside, theme, buffer),
        Pane::Table => table::draw(app, inside, theme, buffer),
        Pane::Chart => chart::draw(app, inside, theme, buffer),
        Pane::Schema => schema::draw(app, inside, theme, buffer),
    }
    None
}

fn too_small(area: Rect, buffer: &mut Buffer, theme: Theme) {
    let (width, height) = SMALLEST;
    let note = format!("Too small: {}x{}, need {width}x{height}", area.width, area.height);
    put(buffer, area, 0, 0, &Line::styled(note, theme.look(Role::Warn)));
}

/// Draws a line inside an area, `x` and `y` counted from its corner; what does not fit is left out.
fn put(buffer: &mut Buffer, area: Rect, x: usize, y: usize, line: &Line<'_>) {
    let area = area.intersection(buffer.area);
    if x < usize::from(area.width) && y < usize::from(area.height) {
        let room = area.width - x as u16;
        buffer.set_line(area.x + x as u16, area.y + y as u16, line, room);
    }
}

/// Draws a line so that it ends at the right edge.
fn put_right(buffer: &mut Buffer, area: Rect, y: usize, line: &Line<'_>) {
    let room = usize::from(area.width).saturating_sub(line.width());
    put(buffer, area, room, y, line);
}

/// What an empty pane will show, and how to fill it.
fn teach(area: Rect, theme: Theme, buffer: &mut Buffer, text: &str) {
    let width = usize::from(area.width).saturating_sub(2);
    for (y, row) in wrap(&theme.words(text), width).into_iter().enumerate() {
        put(buffer, area, 1, y + 1, &Line::styled(row, theme.look(Role::Dim)));
    }
}

/// Untrusted text as a span.
fn span(text: &str, role: Role, app: &App, theme: Theme) -> Span<'static> {
    Span::styled(safe(text, app.charset()).into_owned(), theme.look(role))
}

/// Text of the program as a span.
fn own(text: impl AsRef<str>, role: Role, theme: Theme) -> Span<'static> {
    Span::styled(theme.words(text.as_ref()), theme.look(role))
}

/// Seconds with one decimal below ten, whole ones above; thousandths for what is quicker than a tenth.
fn elapsed(time: std::time::Duration) -> String {
    match time.as_secs_f64() {
        s if s < 0.1 => format!("{} ms", time.as_millis()),
        s if s < 9.95 => format!("{s:.1} s"),
        s if s < 120.0 => format!("{s:.0} s"),
        s => format!("{} min {} s", (s / 60.0) as u64, (s % 60.0) as u64),
    }
}

/// With separators between thousands.
fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
