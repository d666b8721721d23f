//! A grid of cells that drawings write on. What lies outside is cut, so no drawing can leave its field.

use unicode_segmentation::UnicodeSegmentation;

use super::{Line, Role, Size, Span};
use crate::terminal::{self, Charset};

#[derive(Clone)]
enum Cell {
    Blank,
    Text(String, Role),
    /// Second half of a wide character.
    Continued,
}

pub(super) struct Canvas {
    size: Size,
    charset: Charset,
    cells: Vec<Cell>,
}

impl Canvas {
    pub fn new(size: Size, charset: Charset) -> Self {
        Self { size, charset, cells: vec![Cell::Blank; size.cols * size.rows] }
    }

    pub fn cols(&self) -> usize {
        self.size.cols
    }

    pub fn rows(&self) -> usize {
        self.size.rows
    }

    pub fn charset(&self) -> Charset {
        self.charset
    }

    pub fn is_ascii(&self) -> bool {
        self.charset == Charset::Ascii
    }

    /// Writes to the right until the text or the row ends. A wide character at the edge is left out whole.
    pub fn put(&mut self, col: usize, row: usize, text: &str, role: Role) {
        let mut at = col;
        for grapheme in text.graphemes(true) {
            let width = terminal::width(grapheme);
            if row >= self.size.rows || at + width.max(1) > self.size.cols {
                return;
            }
            if width == 0 {
                continue;
            }
            self.clear(at, row, width);
            let first = row * self.size.cols + at;
            if grapheme != " " {
                self.cells[first] = Cell::Text(grapheme.to_owned(), role);
                self.cells[first + 1..first + width].fill(Cell::Continued);
            }
            at += width;
        }
    }

    /// As [`Self::put`], but at most `cells` wide with an ellipsis.
    pub fn put_cut(&mut self, col: usize, row: usize, cells: usize, text: &str, role: Role) {
        let cut = terminal::truncate(text, cells, self.charset).into_owned();
        self.put(col, row, &cut, role);
    }

    /// Ends at the column before `end`.
    pub fn put_right(&mut self, end: usize, row: usize, text: &str, role: Role) {
        self.put(end.saturating_sub(terminal::width(text)), row, text, role);
    }

    pub fn is_blank(&self, col: usize, row: usize) -> bool {
        col < self.size.cols && row < self.size.rows && matches!(self.cells[row * self.size.cols + col], Cell::Blank)
    }

    /// The character that stands alone in a cell.
    pub fn char_at(&self, col: usize, row: usize) -> Option<char> {
        if col >= self.size.cols || row >= self.size.rows {
            return None;
        }
        match &self.cells[row * self.size.cols + col] {
            Cell::Text(text, _) => text.chars().next(),
            _ => None,
        }
    }

    /// Without trailing blanks and lines.
    pub fn into_lines(self) -> Vec<Line> {
        let mut lines: Vec<Line> =
            if self.size.cols == 0 { Vec::new() } else { self.cells.chunks(self.size.cols).map(line).collect() };
        while lines.last().is_some_and(Vec::is_empty) {
            lines.pop();
        }
        lines
    }

    /// Blanks a run of cells, and the other half of every wide character that it cuts.
    fn clear(&mut self, col: usize, row: usize, width: usize) {
        let start = row * self.size.cols;
        let mut first = col;
        while first > 0 && matches!(self.cells[start + first], Cell::Continued) {
            first -= 1;
        }
        let mut end = col + width;
        while end < self.size.cols && matches!(self.cells[start + end], Cell::Continued) {
            end += 1;
        }
        self.cells[start + first..start + end].fill(Cell::Blank);
    }
}

fn line(cells: &[Cell]) -> Line {
    let mut spans: Vec<Span> = Vec::new();
    let mut blanks = 0;
    for cell in cells {
        match cell {
            Cell::Blank => blanks += 1,
            Cell::Continued => {}
            Cell::Text(text, role) => {
                let gap = " ".repeat(std::mem::take(&mut blanks));
                match spans.last_mut() {
                    Some(last) if last.role == *role => last.text.extend([gap.as_str(), text]),
                    Some(last) => {
                        // Blanks have no colour of their own; they end the span before them.
                        last.text.push_str(&gap);
                        spans.push(Span { text: text.clone(), role: *role });
                    }
                    None => spans.push(Span { text: format!("{gap}{text}"), role: *role }),
                }
            }
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use super::*;

    fn canvas(cols: usize, rows: usize) -> Canvas {
        Canvas::new(Size { cols, rows }, Charset::Unicode)
    }

    #[test]
    fn cuts_what_lies_outside() {
        let mut c = canvas(5, 2);
        c.put(3, 0, "abc", Role::Label);
        c.put(0, 1, "東京東京", Role::Label);
        c.put(0, 7, "below", Role::Label);
        c.put(9, 0, "right", Role::Label);
        assert_eq!(plain(&c.into_lines()), "   ab\n東京\n");
    }

    #[test]
    fn half_a_wide_character_never_stays() {
        let mut c = canvas(6, 1);
        c.put(0, 0, "東京東", Role::Label);
        c.put(1, 0, "x", Role::Value);
        c.put(4, 0, "y", Role::Value);
        let lines = c.into_lines();
        assert_eq!(plain(&lines), " x京y\n");
        assert_eq!(lines[0][1], Span { text: "京".into(), role: Role::Label });
    }
}
