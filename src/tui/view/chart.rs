//! The chart of an answer, or why there is none.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::app::App;
use super::super::theme::{Role, Theme};
use super::{put, span, teach};

pub fn draw(app: &App, area: Rect, theme: Theme, buffer: &mut Buffer) {
    let Some(answer) = app.turn().and_then(|turn| turn.answer()) else {
        return teach(area, theme, buffer, "The chart of an answer appears here. Ask a question; i goes to the box.");
    };
    match &answer.chart {
        Some(spec) => put(buffer, area, 1, 0, &Line::from(span(&spec.title, Role::Strong, app, theme))),
        None => teach(area, theme, buffer, "No chart: the shape of this result asks for none. c picks a kind."),
    }
}
