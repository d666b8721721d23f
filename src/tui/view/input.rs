//! The question box, with the commands that fit what is typed just above it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Line;

use super::super::app::{App, COUNTER_FROM, Focus, QUESTION_CHARS};
use super::super::commands;
use super::super::layout::Plan;
use super::super::theme::{Role, Sign, Theme};
use super::{count, frame, own, put, put_right};
use crate::terminal::{self, Align};

/// Cells before the text.
const PROMPT: u16 = 3;

/// Draws the box and says where its caret is.
pub fn draw(app: &App, plan: &Plan, theme: Theme, buffer: &mut Buffer) -> Position {
    let focused = app.focus == Focus::Box;
    let role = if focused { Role::Title } else { Role::Dim };
    if plan.class.framed() {
        frame::block(focused, plan.input, theme, buffer);
        let mark = if focused { format!("{} ", theme.sign(Sign::Focus)) } else { String::new() };
        put(buffer, plan.input, 1, 0, &Line::from(own(format!(" {mark}ask "), role, theme)));
    }
    let inside = plan.without_frame(plan.input);
    put(buffer, inside, 1, 0, &Line::from(own(theme.sign(Sign::Prompt), role, theme)));
    let width = plan.text_width();
    let (row, column) = app.input.position(width);
    let top = (row + 1).saturating_sub(usize::from(inside.height));
    for (y, range) in app.input.rows(width).into_iter().skip(top).take(usize::from(inside.height)).enumerate() {
        let line = Line::styled(&app.input.text()[range], theme.look(Role::Plain));
        put(buffer, inside, usize::from(PROMPT), y, &line);
    }
    if app.input.is_empty() {
        let text = frame::cut(invitation(app), width, app.charset());
        put(buffer, inside, usize::from(PROMPT), 0, &Line::from(own(text, Role::Dim, theme)));
    }
    notes(app, plan, theme, buffer);
    popup(app, plan, theme, buffer);
    Position::new(inside.x + PROMPT + column as u16, inside.y + (row - top) as u16)
}

fn invitation(app: &App) -> &'static str {
    if app.running().is_some() || app.waiting() > 0 {
        "Ask the next question"
    } else if !app.choices().is_empty() {
        "Type a number, or say it differently"
    } else if !app.suggestions().is_empty() {
        "Ask a question, or type a number · / commands"
    } else {
        "Ask a question · / commands"
    }
}

/// The counter near the limit, and on framed screens the keys of the box.
fn notes(app: &App, plan: &Plan, theme: Theme, buffer: &mut Buffer) {
    let mut notes = Vec::new();
    if app.input.chars() >= COUNTER_FROM {
        let counter = format!(" {} of {} ", count(app.input.chars()), count(QUESTION_CHARS));
        notes.push(own(counter, Role::Warn, theme));
    }
    if plan.class.framed() {
        notes.push(own(" ↵ send · ^J new line · ↑ history ", Role::Dim, theme));
        let edge = Rect { width: plan.input.width.saturating_sub(1), ..plan.input };
        put_right(buffer, edge, usize::from(plan.input.height).saturating_sub(1), &Line::from(notes));
    } else if let Some(rule) = plan.rules.last() {
        put_right(buffer, *rule, 0, &Line::from(notes));
    } else {
        put_right(buffer, plan.input, 0, &Line::from(notes));
    }
}

/// Commands that begin as typed, right above the box, so that they never cover the caret.
fn popup(app: &App, plan: &Plan, theme: Theme, buffer: &mut Buffer) {
    let found = commands::completions(app.input.text());
    if found.is_empty() || app.focus != Focus::Box {
        return;
    }
    let rows = found.len().min(usize::from(plan.input.y.saturating_sub(1)));
    let width = plan.input.width.saturating_sub(2).min(80);
    let area = Rect::new(plan.input.x + 1, plan.input.y - rows as u16, width, rows as u16);
    for (y, (name, argument, words)) in found.iter().take(rows).enumerate() {
        let call = terminal::pad(&format!(" /{name} {argument}"), 20, Align::Left);
        let text = terminal::fit(&format!("{call}{words}"), usize::from(width), Align::Left, app.charset());
        let role = if y == 0 { Role::Selected } else { Role::Plain };
        put(buffer, area, 0, y, &Line::styled(text, theme.look(role)));
    }
}
