//! What lies over the panes: help, palette, one row as a record.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Widget};

use super::super::app::{App, Overlay, Pick};
use super::super::commands::COMMANDS;
use super::super::keys::{self, Action, BINDINGS, Context};
use super::super::text::wrap;
use super::super::theme::{Role, Theme};
use super::{frame, own, put, put_right};
use crate::export::format::{cell_in, raw};
use crate::schema::Value;
use crate::terminal::{self, Align, safe_lines};

/// An entry of the palette.
#[derive(Debug)]
pub struct Entry {
    pub words: String,
    pub key: String,
    pub pick: Pick,
}

pub fn draw(app: &App, theme: Theme, buffer: &mut Buffer) -> Option<Position> {
    let area = place(app);
    Clear.render(area, buffer);
    frame::block(true, area, theme, buffer);
    let inside = inside(area);
    let title = |text: &str, buffer: &mut Buffer| put(buffer, area, 1, 0, &Line::from(own(text, Role::Title, theme)));
    put_right(
        buffer,
        Rect { width: area.width - 1, ..area },
        usize::from(area.height) - 1,
        &Line::from(own(" Esc closes ", Role::Dim, theme)),
    );
    match app.overlay.as_ref()? {
        Overlay::Help { filter, top } => {
            title(" help: type to search ", buffer);
            list(&help(app, filter.text(), inside.width, theme), *top, inside, buffer);
            Some(search(filter.text(), area, theme, buffer))
        }
        Overlay::Palette { filter, selected } => {
            title(" palette: type to search, ↵ does it ", buffer);
            let rows = palette_rows(app, filter.text(), *selected, inside.width, theme);
            let top = (selected + 1).saturating_sub(usize::from(inside.height));
            list(&rows, top, inside, buffer);
            Some(search(filter.text(), area, theme, buffer))
        }
        Overlay::Record { top } => {
            title(" row ", buffer);
            list(&record(app, inside.width, theme), *top, inside, buffer);
            None
        }
    }
}

/// Lines of help or record that do not fit, so the furthest that can be scrolled.
pub fn hidden_lines(app: &App) -> usize {
    let theme = Theme { style: app.style };
    let inside = inside(place(app));
    let lines = match &app.overlay {
        Some(Overlay::Help { filter, .. }) => help(app, filter.text(), inside.width, theme).len(),
        Some(Overlay::Record { .. }) => record(app, inside.width, theme).len(),
        _ => 0,
    };
    lines.saturating_sub(usize::from(inside.height))
}

/// The middle of the screen, less the footer.
fn place(app: &App) -> Rect {
    let (width, height) = app.size;
    let (wide, high) = (width.saturating_sub(2).min(90), height.saturating_sub(2).min(40));
    Rect::new((width - wide) / 2, (height - 1).saturating_sub(high) / 2, wide, high)
}

fn inside(area: Rect) -> Rect {
    Rect::new(area.x + 2, area.y + 1, area.width.saturating_sub(4), area.height.saturating_sub(2))
}

fn list(lines: &[Line<'static>], top: usize, area: Rect, buffer: &mut Buffer) {
    for (y, line) in lines.iter().skip(top).take(usize::from(area.height)).enumerate() {
        put(buffer, area, 0, y, line);
    }
}

/// The search text in the lower frame.
fn search(text: &str, area: Rect, theme: Theme, buffer: &mut Buffer) -> Position {
    let room = usize::from(area.width).saturating_sub(24);
    let y = usize::from(area.height) - 1;
    let shown = terminal::truncate(text, room, terminal::Charset::Ascii);
    let line = Line::from(own(format!(" search: {shown} "), Role::Strong, theme));
    let x = area.x + 1 + line.width().saturating_sub(1) as u16;
    put(buffer, area, 1, y, &line);
    Position::new(x.min(area.right().saturating_sub(2)), area.y + y as u16)
}

fn matches(filter: &str, text: &str) -> bool {
    let text = text.to_lowercase();
    filter.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

/// The key table, this place first, and the slash commands.
fn help(app: &App, filter: &str, width: u16, theme: Theme) -> Vec<Line<'static>> {
    let mut contexts: Vec<_> = app.context().chain().to_vec();
    for binding in BINDINGS {
        if !contexts.contains(&binding.context) {
            contexts.push(binding.context);
        }
    }
    let mut lines = Vec::new();
    for context in contexts {
        section(&mut lines, context.name(), theme, help_rows(app, context, filter));
    }
    let calls = COMMANDS.iter().filter(|(name, _, words)| matches(filter, &format!("/{name} {words}")));
    let calls = calls.map(|(name, argument, words)| (format!("/{name} {argument}"), (*words).to_owned()));
    section(&mut lines, "commands", theme, calls.collect());
    if lines.is_empty() {
        lines.push(Line::from(own("nothing found", Role::Dim, theme)));
    }
    let _ = width;
    lines
}

/// Keys that do the same share a line.
fn help_rows(app: &App, context: Context, filter: &str) -> Vec<(String, String)> {
    let mut rows: Vec<(String, String)> = Vec::new();
    for binding in BINDINGS.iter().filter(|b| b.context == context) {
        let key = keys::shown(binding.key, app.style.ascii);
        match rows.iter_mut().find(|(_, words)| words == binding.words) {
            Some((keys, _)) => *keys = format!("{keys}  {key}"),
            None => rows.push((key, binding.words.to_owned())),
        }
    }
    rows.retain(|(key, words)| matches(filter, &format!("{key} {words} {}", context.name())));
    rows
}

fn section(lines: &mut Vec<Line<'static>>, name: &str, theme: Theme, rows: Vec<(String, String)>) {
    if rows.is_empty() {
        return;
    }
    lines.push(Line::from(own(name, Role::Title, theme)));
    for (key, words) in rows {
        let key = terminal::pad(&format!("  {key}"), 20, Align::Left);
        lines.push(Line::from(vec![own(key, Role::Strong, theme), own(words, Role::Plain, theme)]));
    }
}

/// Commands and the actions of this place that fit the filter.
pub fn palette(app: &App, filter: &str) -> Vec<Entry> {
    let chain = app.context().chain();
    let mut entries: Vec<Entry> = Vec::new();
    for binding in BINDINGS.iter().filter(|b| chain.contains(&b.context) && listed(b.action)) {
        if entries.iter().all(|entry| entry.pick != Pick::Action(binding.action)) {
            let key = keys::shown(binding.key, app.style.ascii);
            entries.push(Entry { words: binding.words.to_owned(), key, pick: Pick::Action(binding.action) });
        }
    }
    for (name, argument, words) in COMMANDS {
        let gap = if argument.is_empty() { "" } else { " " };
        let pick = Pick::Command(format!("/{name}{gap}"));
        entries.push(Entry { words: (*words).to_owned(), key: format!("/{name}"), pick });
    }
    entries.retain(|entry| matches(filter, &format!("{} {}", entry.words, entry.key)));
    entries
}

/// Movements make no sense in a list of commands.
fn listed(action: Action) -> bool {
    !matches!(
        action,
        Action::Move(_)
            | Action::Kill(_)
            | Action::Up
            | Action::Down
            | Action::Left
            | Action::Right
            | Action::RowUp
            | Action::RowDown
            | Action::First
            | Action::Last
            | Action::FirstColumn
            | Action::LastColumn
            | Action::HalfPageUp
            | Action::HalfPageDown
            | Action::PageUp
            | Action::PageDown
            | Action::Backspace
            | Action::Delete
            | Action::Palette
            | Action::StepBack
            | Action::Interrupt
    )
}

fn palette_rows(app: &App, filter: &str, selected: usize, width: u16, theme: Theme) -> Vec<Line<'static>> {
    let entries = palette(app, filter);
    if entries.is_empty() {
        return vec![Line::from(own("nothing found", Role::Dim, theme))];
    }
    let row = |(at, entry): (usize, &Entry)| {
        let room = usize::from(width).saturating_sub(14);
        let words = terminal::fit(&entry.words, room, Align::Left, app.charset());
        let text = format!("{words} {}", terminal::pad(&entry.key, 13, Align::Right));
        own(text, if at == selected { Role::Selected } else { Role::Plain }, theme)
    };
    entries.iter().enumerate().map(|entry| Line::from(row(entry))).collect()
}

/// The row under the cursor of the result, with whole texts.
fn record(app: &App, width: u16, theme: Theme) -> Vec<Line<'static>> {
    let Some(turn) = app.turn() else { return Vec::new() };
    let (Some(row), Some(result)) = (turn.table.result_row(), turn.answer().and_then(|answer| answer.result.as_ref()))
    else {
        return Vec::new();
    };
    let names = result.columns.iter().map(|column| terminal::width(&column.name)).max().unwrap_or(0).min(28);
    let mut lines = Vec::new();
    for (column, value) in result.columns.iter().zip(&result.rows[row]) {
        let name = terminal::safe(&column.name, app.charset());
        let name = terminal::fit(&name, names, Align::Left, app.charset());
        let text = match value {
            Value::Text(text) if !text.is_empty() => safe_lines(text, app.charset()).into_owned(),
            Value::Null | Value::Text(_) | Value::Blob(_) => cell_in(value, column, app.charset()),
            number => raw(number),
        };
        for (at, part) in wrap(&text, usize::from(width).saturating_sub(names + 2)).into_iter().enumerate() {
            let name = if at == 0 { name.clone() } else { " ".repeat(names) };
            let name = Span::styled(format!("{name}  "), theme.look(Role::Dim));
            lines.push(Line::from(vec![name, Span::styled(part, theme.look(Role::Plain))]));
        }
    }
    lines
}
