//! The chart of an answer, or why there is none. The drawing itself is `crate::chart`'s.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style as Look};
use ratatui::text::Span;

use super::super::app::App;
use super::super::theme::Theme;
use super::{put, teach};
use crate::chart::palette;
use crate::chart::terminal::{self, Role, Size};
use crate::config::ColorDepth;

pub fn draw(app: &App, area: Rect, theme: Theme, buffer: &mut Buffer) {
    let Some(answer) = app.turn().and_then(|turn| turn.answer()) else {
        return teach(area, theme, buffer, "The chart of an answer appears here. Ask a question; i goes to the box.");
    };
    let (result, spec) = match (&answer.result, app.turn().and_then(|turn| turn.chart.as_ref())) {
        (Some(result), Some(Ok(spec))) => (result, spec),
        (Some(_), Some(Err(reason))) => {
            return teach(area, theme, buffer, &format!("No chart: {reason}. c picks another kind."));
        }
        _ => return teach(area, theme, buffer, "No chart: this answer has no rows."),
    };
    let size = Size { cols: usize::from(area.width).saturating_sub(2), rows: usize::from(area.height) };
    for (y, line) in terminal::draw(spec, result, size, app.charset()).into_iter().enumerate() {
        let spans = line.into_iter().map(|span| Span::styled(span.text, look(span.role, theme)));
        put(buffer, area, 1, y, &spans.collect());
    }
}

fn look(role: Role, theme: Theme) -> Look {
    let plain = Look::default();
    match role {
        Role::Title => plain.add_modifier(Modifier::BOLD),
        Role::Axis | Role::Dim => plain.add_modifier(Modifier::DIM),
        Role::Label | Role::Value => plain,
        Role::Series(_) if !theme.style.color => plain,
        Role::Series(index) => plain.fg(color(index, theme.style.depth)),
    }
}

/// The colour of a series in the depth that the terminal has.
fn color(index: usize, depth: ColorDepth) -> Color {
    let colour = palette::series(index);
    let (r, g, b) = colour.rgb;
    match (depth, colour.ansi16) {
        (ColorDepth::TrueColor, _) => Color::Rgb(r, g, b),
        (ColorDepth::Ansi256, _) => Color::Indexed(colour.ansi256),
        (_, code @ 90..=97) => Color::Indexed(code - 90 + 8),
        (_, code) => Color::Indexed(code.saturating_sub(30)),
    }
}
