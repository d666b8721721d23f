//! Which pane lies where, from the size of the screen and what has focus. Pure arithmetic.

use ratatui::layout::Rect;

use super::app::{App, Focus, Pane};

/// How much room there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Nothing fits but a note that says so.
    TooSmall,
    /// One pane, no frames.
    Xs,
    /// One pane with tabs.
    S,
    /// Two columns.
    M,
    /// Three columns.
    L,
}

/// Smallest screen that is drawn on.
pub const SMALLEST: (u16, u16) = (40, 8);

impl Class {
    pub fn of((width, height): (u16, u16)) -> Self {
        match (width, height) {
            (w, h) if w < SMALLEST.0 || h < SMALLEST.1 => Self::TooSmall,
            (w, h) if w < 60 || h < 16 => Self::Xs,
            (w, h) if w < 110 || h < 30 => Self::S,
            (w, h) if w < 160 || h < 42 => Self::M,
            _ => Self::L,
        }
    }

    pub fn framed(self) -> bool {
        self >= Self::M
    }
}

/// The places of everything, frames included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub class: Class,
    pub header: Rect,
    pub panes: Vec<(Pane, Rect)>,
    /// Lines between the parts of a screen without frames.
    pub rules: Vec<Rect>,
    pub input: Rect,
    pub footer: Rect,
}

impl Plan {
    pub fn of(app: &App) -> Self {
        let (width, height) = app.size;
        let class = Class::of(app.size);
        let screen = Rect::new(0, 0, width, height);
        let empty = Rect::new(0, 0, 0, 0);
        if class == Class::TooSmall {
            return Self { class, header: empty, panes: Vec::new(), rules: Vec::new(), input: empty, footer: empty };
        }
        let typed = app.input.rows(text_width(width, class)).len() as u16;
        let most = (height * 3 / 10).clamp(1, 8);
        let frame = if class.framed() { 2 } else { 0 };
        let (header, rest) = top(screen, 1);
        let (rest, footer) = bottom(rest, 1);
        let (body, input) = bottom(rest, typed.clamp(1, most) + frame);
        let (body, rules) = if class == Class::S { between_rules(body) } else { (body, Vec::new()) };
        Self { class, header, panes: panes(app, class, body), rules, input, footer }
    }

    /// The inside of a pane, if it is on the screen.
    pub fn inside(&self, pane: Pane) -> Option<Rect> {
        self.panes.iter().find(|(shown, _)| *shown == pane).map(|(_, area)| self.without_frame(*area))
    }

    pub fn without_frame(&self, area: Rect) -> Rect {
        if !self.class.framed() {
            return area;
        }
        Rect::new(area.x + 1, area.y + 1, area.width.saturating_sub(2), area.height.saturating_sub(2))
    }

    /// Cells for the text of the question: less the prompt, and one kept for the caret.
    pub fn text_width(&self) -> usize {
        text_width(self.footer.width, self.class)
    }
}

fn text_width(width: u16, class: Class) -> usize {
    let frame = if class.framed() { 2 } else { 0 };
    usize::from(width.saturating_sub(frame + 4)).max(2)
}

fn panes(app: &App, class: Class, body: Rect) -> Vec<(Pane, Rect)> {
    let focused = match app.focus {
        Focus::Pane(pane) => pane,
        Focus::Box => app.pane,
    };
    if app.zoom || class < Class::M {
        return vec![(focused, body)];
    }
    if class == Class::M { two_columns(app, body) } else { three_columns(body) }
}

fn two_columns(app: &App, body: Rect) -> Vec<(Pane, Rect)> {
    let (left, right) = left(body, body.width * 11 / 30);
    let (sql, lower) = top(right, (right.height * 3 / 10).max(5));
    vec![(app.left, left), (Pane::Sql, sql), (app.lower, lower)]
}

fn three_columns(body: Rect) -> Vec<(Pane, Rect)> {
    let (schema, rest) = left(body, (body.width * 3 / 20).max(28));
    let (chat, work) = left(rest, rest.width * 2 / 5);
    let (sql, rest) = top(work, work.height / 4);
    let (table, chart) = top(rest, rest.height / 2);
    vec![(Pane::Schema, schema), (Pane::Chat, chat), (Pane::Sql, sql), (Pane::Table, table), (Pane::Chart, chart)]
}

fn between_rules(body: Rect) -> (Rect, Vec<Rect>) {
    let (above, rest) = top(body, 1);
    let (pane, below) = bottom(rest, 1);
    (pane, vec![above, below])
}

fn top(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    let above = Rect { height: rows, ..area };
    (above, Rect { y: area.y + rows, height: area.height - rows, ..area })
}

fn bottom(area: Rect, rows: u16) -> (Rect, Rect) {
    top(area, area.height.saturating_sub(rows))
}

fn left(area: Rect, columns: u16) -> (Rect, Rect) {
    let columns = columns.min(area.width);
    let first = Rect { width: columns, ..area };
    (first, Rect { x: area.x + columns, width: area.width - columns, ..area })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::Style;

    fn plan(width: u16, height: u16) -> Plan {
        App::new("a.db", Style::default(), (width, height)).plan()
    }

    #[test]
    fn either_dimension_decides_the_class() {
        let classes = [
            ((39, 50), Class::TooSmall),
            ((40, 8), Class::Xs),
            ((59, 50), Class::Xs),
            ((200, 15), Class::Xs),
            ((80, 24), Class::S),
            ((109, 60), Class::S),
            ((120, 35), Class::M),
            ((159, 60), Class::M),
            ((200, 60), Class::L),
        ];
        for (size, class) in classes {
            assert_eq!(Class::of(size), class, "{size:?}");
        }
    }

    #[test]
    fn parts_fill_the_screen_without_overlap() {
        for (width, height) in [(40, 8), (59, 15), (80, 24), (120, 35), (200, 60), (500, 200)] {
            let plan = plan(width, height);
            let parts = plan.panes.iter().map(|(_, area)| area).chain(&plan.rules);
            let cells: u32 = parts.chain([&plan.header, &plan.input, &plan.footer]).map(|area| area.area()).sum();
            assert_eq!(cells, u32::from(width) * u32::from(height), "{width}x{height}");
            assert!(plan.input.height > 0 && plan.footer.height == 1);
        }
    }

    #[test]
    fn the_number_of_panes_grows_with_the_room() {
        assert_eq!([plan(80, 24), plan(120, 35), plan(200, 60)].map(|plan| plan.panes.len()), [1, 3, 5]);
    }
}
