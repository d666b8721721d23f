//! Keys while something lies over the panes: help, palette, one row as a record.

use crossterm::event::KeyCode;

use super::super::app::{App, Overlay, Pick};
use super::super::editor::Editor;
use super::super::keys::{self, Action, Context, Press};
use super::super::message::Effect;
use super::super::view;
use super::{action, printable};

pub fn key(app: &mut App, press: Press) -> Vec<Effect> {
    let action = keys::action(Context::Everywhere, press);
    if let Some(Action::StepBack | Action::Interrupt | Action::Help | Action::Palette) = action {
        app.overlay = None;
        return Vec::new();
    }
    if let Some(action @ (Action::Redraw | Action::Suspend)) = action {
        return action::perform(app, action);
    }
    match press.code {
        KeyCode::Enter => return pick(app),
        KeyCode::Up => scroll(app, -1),
        KeyCode::Down => scroll(app, 1),
        KeyCode::PageUp => scroll(app, -10),
        KeyCode::PageDown => scroll(app, 10),
        KeyCode::Backspace => edit(app, Editor::backspace),
        _ => write(app, press),
    }
    Vec::new()
}

fn write(app: &mut App, press: Press) {
    let Some(text) = printable(press) else { return };
    match (&app.overlay, text.as_str()) {
        (Some(Overlay::Record { .. }), "j") => scroll(app, 1),
        (Some(Overlay::Record { .. }), "k") => scroll(app, -1),
        (Some(Overlay::Record { .. }), "q" | "v") => app.overlay = None,
        _ => edit(app, |filter| {
            filter.insert(&text);
        }),
    }
}

fn edit(app: &mut App, change: impl FnOnce(&mut Editor)) {
    match &mut app.overlay {
        Some(Overlay::Help { filter, top: at } | Overlay::Palette { filter, selected: at }) => {
            change(filter);
            *at = 0;
        }
        Some(Overlay::Record { .. }) | None => {}
    }
}

fn scroll(app: &mut App, by: isize) {
    if let Some(Overlay::Help { top: at, .. } | Overlay::Palette { selected: at, .. } | Overlay::Record { top: at }) =
        &mut app.overlay
    {
        *at = at.saturating_add_signed(by);
    }
}

/// ↵: does what is selected in the palette; closes the others.
fn pick(app: &mut App) -> Vec<Effect> {
    let Some(Overlay::Palette { filter, selected }) = app.overlay.take() else { return Vec::new() };
    let entries = view::overlay::palette(app, filter.text());
    match entries.into_iter().nth(selected).map(|entry| entry.pick) {
        Some(Pick::Action(action)) => action::perform(app, action),
        Some(Pick::Command(text)) => {
            app.focus = super::Focus::Box;
            app.input.set(&text);
            Vec::new()
        }
        None => Vec::new(),
    }
}

/// Keeps selection and scroll position inside what the overlay shows.
pub fn settle(app: &mut App) {
    let most = match &app.overlay {
        Some(Overlay::Palette { filter, .. }) => view::overlay::palette(app, filter.text()).len().saturating_sub(1),
        Some(Overlay::Help { .. } | Overlay::Record { .. }) => view::overlay::hidden_lines(app),
        None => return,
    };
    if let Some(Overlay::Help { top: at, .. } | Overlay::Palette { selected: at, .. } | Overlay::Record { top: at }) =
        &mut app.overlay
    {
        *at = (*at).min(most);
    }
}
