//! The frame of a plot: ticks with their labels at the left, marks and labels below that never touch each other.

use super::super::scale::Scale;
use super::Role;
use super::canvas::Canvas;
use crate::terminal;

/// Cells inside the axes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub left: usize,
    pub top: usize,
    pub cols: usize,
    pub rows: usize,
}

impl Field {
    /// The row of a share of the height, 0 at the bottom.
    pub fn row(self, fraction: f64) -> usize {
        let last = self.rows.saturating_sub(1);
        self.top + ((1.0 - fraction) * last as f64).round() as usize
    }

    /// The column of a share of the width, 0 at the left.
    pub fn col(self, fraction: f64) -> usize {
        self.left + (fraction * self.cols.saturating_sub(1) as f64).round() as usize
    }
}

/// A label below the plot, at a share of its width.
pub(super) struct Mark {
    pub at: f64,
    pub text: String,
}

/// Intervals of the vertical axis that suit so many rows.
pub(super) fn intervals(rows: usize) -> usize {
    (rows / 3).clamp(2, 8)
}

/// Cells that the labels of the scale need, the axis itself included.
pub(super) fn margin(scale: &Scale) -> usize {
    scale.ticks.iter().map(|t| terminal::width(&scale.label(*t))).max().unwrap_or(0) + 2
}

/// The vertical axis at the left of the field and the corner below it.
pub(super) fn draw_vertical(canvas: &mut Canvas, field: Field, scale: &Scale) {
    let (line, tick_mark, corner) = if canvas.is_ascii() { ("|", "+", "+") } else { ("│", "┤", "└") };
    let axis = field.left.saturating_sub(1);
    for row in field.top..field.top + field.rows {
        canvas.put(axis, row, line, Role::Axis);
    }
    let mut above: Option<usize> = None;
    for tick in &scale.ticks {
        let row = field.row(scale.fraction(*tick));
        if above == Some(row) {
            continue;
        }
        above = Some(row);
        canvas.put(axis, row, tick_mark, Role::Axis);
        canvas.put_right(axis.saturating_sub(1), row, &scale.label(*tick), Role::Axis);
    }
    canvas.put(axis, field.top + field.rows, corner, Role::Axis);
}

/// The line below the field, and as many of the labels as stand apart by two cells.
pub(super) fn draw_horizontal(canvas: &mut Canvas, field: Field, marks: &[Mark]) {
    let (line, tick_mark) = if canvas.is_ascii() { ("-", "+") } else { ("─", "┬") };
    let row = field.top + field.rows;
    for col in field.left..field.left + field.cols {
        canvas.put(col, row, line, Role::Axis);
    }
    for (col, start, text) in spread(canvas.cols(), field, marks) {
        canvas.put(col, row, tick_mark, Role::Axis);
        canvas.put(start, row + 1, text, Role::Axis);
    }
}

/// Every mark, or every second, third ... so that no two labels touch. Labels are centred on their mark, but stay
/// within the drawing.
fn spread(cols: usize, field: Field, marks: &[Mark]) -> Vec<(usize, usize, &str)> {
    let placed: Vec<(usize, usize, usize, &str)> = marks
        .iter()
        .map(|mark| {
            let (col, width) = (field.col(mark.at), terminal::width(&mark.text));
            let start = col.saturating_sub(width / 2).min(cols.saturating_sub(width));
            (col, start, start + width, mark.text.as_str())
        })
        .collect();
    let stand_apart = |stride: &usize| {
        let shown: Vec<_> = placed.iter().step_by(*stride).collect();
        shown.windows(2).all(|pair| pair[0].2 + 2 <= pair[1].1)
    };
    let stride = (1..=placed.len().max(1)).find(stand_apart).unwrap_or(1);
    placed.iter().step_by(stride).map(|(col, start, _, text)| (*col, *start, *text)).collect()
}
