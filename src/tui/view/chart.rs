//! The chart of an answer, or why there is none. The drawing itself is `crate::chart`'s.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style as Look};
use ratatui::text::Span;

use super::super::app::{App, Turn};
use super::super::theme::Theme;
use super::{put, teach};
use crate::chart::palette;
use crate::chart::terminal::{self, Role, Size};
use crate::pipeline::execution::ResultSet;
use crate::pipeline::response::ChartSpec;
use crate::pipeline::response::chart::choose;

pub fn draw(app: &App, area: Rect, theme: Theme, buffer: &mut Buffer) {
    let answered = app.turn().and_then(|turn| Some((turn, turn.answer()?)));
    let Some((turn, answer)) = answered else {
        return teach(area, theme, buffer, "The chart of an answer appears here. Ask a question; i goes to the box.");
    };
    let Some(result) = &answer.result else {
        return teach(area, theme, buffer, "No chart: this answer has no rows.");
    };
    let spec = match spec(turn, answer.chart.as_ref(), result) {
        Ok(spec) => spec,
        Err(reason) => return teach(area, theme, buffer, &format!("No chart: {reason}. c picks another kind.")),
    };
    let size = Size { cols: usize::from(area.width).saturating_sub(2), rows: usize::from(area.height) };
    for (y, line) in terminal::draw(&spec, result, size, app.charset()).into_iter().enumerate() {
        let spans = line.into_iter().map(|span| Span::styled(span.text, look(span.role, theme)));
        put(buffer, area, 1, y, &spans.collect());
    }
}

/// The kind a person picked, else the one chosen with the answer.
fn spec<'a>(turn: &Turn, chosen: Option<&'a ChartSpec>, result: &ResultSet) -> Result<Cow<'a, ChartSpec>, String> {
    match (turn.chart, chosen) {
        (None, Some(spec)) => Ok(Cow::Borrowed(spec)),
        (kind, _) => choose(result, "", kind).map(Cow::Owned),
    }
}

fn look(role: Role, theme: Theme) -> Look {
    let plain = Look::default();
    match role {
        Role::Title => plain.add_modifier(Modifier::BOLD),
        Role::Axis | Role::Dim => plain.add_modifier(Modifier::DIM),
        Role::Label | Role::Value => plain,
        Role::Series(_) if !theme.style.color => plain,
        Role::Series(index) => plain.fg(color(palette::series(index).ansi16)),
    }
}

/// A foreground code of the sixteen colours.
fn color(code: u8) -> Color {
    match code {
        30..=37 => Color::Indexed(code - 30),
        90..=97 => Color::Indexed(code - 90 + 8),
        _ => Color::Reset,
    }
}
