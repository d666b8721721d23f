//! The SQL pane: line numbers and highlighted statement, or its editor.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation;

use super::super::app::{App, Focus, Pane, TurnState};
use super::super::sql::{Token, tokens};
use super::super::theme::{Role, Sign, Theme};
use super::{own, put, put_right, teach};
use crate::terminal::{safe, width};

/// Cells of the line numbers and the blanks around them.
pub const MARGIN: usize = 5;

/// Draws the statement and, while it is edited, says where the caret is.
pub fn draw(app: &App, area: Rect, theme: Theme, buffer: &mut Buffer) -> Option<Position> {
    let sql = app.shown_sql();
    if sql.is_empty() && !app.editing {
        let asked = app.turn().is_some_and(|turn| turn.answer().is_some());
        let none = "This answer has no SQL. e writes your own, F5 runs it.";
        let empty = "The SQL of an answer appears here. e writes your own, F5 runs it.";
        teach(area, theme, buffer, if asked { none } else { empty });
        return None;
    }
    for (y, (number, line)) in
        lines(&sql).into_iter().enumerate().skip(app.sql_top).take(area.height.into()).enumerate()
    {
        let margin = own(format!("{:>3}  ", number + 1), Role::Dim, theme);
        put(buffer, area, 0, y, &Line::from(margin));
        let spans = line
            .into_iter()
            .map(|(token, piece)| Span::styled(safe(piece, app.charset()).into_owned(), theme.token(token)));
        let line = without_left(spans.collect(), app.sql_left);
        put(buffer, area, MARGIN, y, &line);
        if MARGIN + line.width() > usize::from(area.width) {
            put_right(buffer, area, y, &Line::from(own(theme.sign(Sign::Hidden), Role::Title, theme)));
        }
    }
    if let Some(TurnState::Cancelled { .. }) = app.turn().map(|turn| &turn.state) {
        let mark = Line::from(own("cancelled: not run to its end", Role::Warn, theme));
        put(buffer, area, 0, usize::from(area.height).saturating_sub(1), &mark);
    }
    caret(app, area)
}

fn caret(app: &App, area: Rect) -> Option<Position> {
    if !app.editing || app.focus != Focus::Pane(Pane::Sql) {
        return None;
    }
    let editor = app.turn().map_or(Some(&app.scratch), |turn| turn.edit.as_ref())?;
    let (row, column) = editor.position(usize::MAX);
    let (x, y) = (MARGIN + column.checked_sub(app.sql_left)?, row.checked_sub(app.sql_top)?);
    let visible = x < usize::from(area.width) && y < usize::from(area.height);
    visible.then(|| Position::new(area.x + x as u16, area.y + y as u16))
}

/// The tokens of each line.
fn lines(sql: &str) -> Vec<Vec<(Token, &str)>> {
    let mut lines = vec![Vec::new()];
    for (token, piece) in tokens(sql) {
        for (at, part) in piece.split('\n').enumerate() {
            if at > 0 {
                lines.push(Vec::new());
            }
            if let Some(line) = lines.last_mut() {
                line.push((token, part));
            }
        }
    }
    lines
}

/// The line without its first `cells` cells.
fn without_left(spans: Vec<Span<'static>>, cells: usize) -> Line<'static> {
    let mut skip = cells;
    let mut kept = Vec::new();
    for span in spans {
        if skip == 0 {
            kept.push(span);
            continue;
        }
        let cut = span.content.graphemes(true).skip_while(|grapheme| {
            let skipped = skip > 0;
            skip = skip.saturating_sub(width(grapheme));
            skipped
        });
        let rest: String = cut.collect();
        kept.push(Span::styled(rest, span.style));
    }
    Line::from(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrolling_right_cuts_cells_off_the_left() {
        let line = || vec![Span::raw("SELECT"), Span::raw(" "), Span::raw("日本")];
        let text = |line: Line<'_>| line.to_string();
        assert_eq!(text(without_left(line(), 0)), "SELECT 日本");
        assert_eq!(text(without_left(line(), 4)), "CT 日本");
        assert_eq!(text(without_left(line(), 9)), "本");
        assert_eq!(text(without_left(line(), 99)), "");
    }
}
