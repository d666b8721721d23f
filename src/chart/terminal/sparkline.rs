//! What is left of a chart where there is hardly room: a row of columns with lowest, highest and last value.

use super::super::figure::{Figure, extent};
use super::super::scale::short;
use super::Role;
use super::canvas::Canvas;
use crate::terminal;

const COLUMNS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII_COLUMNS: [char; 8] = ['_', '.', '-', ':', '=', '+', '*', '#'];

/// A cell filled by 1 to 8 eighths from below.
pub(super) fn column(eighths: usize, ascii: bool) -> char {
    let columns = if ascii { ASCII_COLUMNS } else { COLUMNS };
    columns[eighths.clamp(1, 8) - 1]
}

pub(super) fn draw(canvas: &mut Canvas, figure: &Figure) {
    let values = figure.values();
    let (Some((low, high)), Some(last)) = (extent(values.iter().copied()), values.last()) else { return };
    let (cols, rows) = (canvas.cols(), canvas.rows());
    let mut row = 0;
    if rows >= 3 {
        canvas.put_cut(0, row, cols, &figure.title, Role::Title);
        row += 1;
    }
    let level = |x: f64| {
        // Halves are taken first: the span of the largest numbers is not a number.
        let span = high / 2.0 - low / 2.0;
        if span <= 0.0 { 4 } else { ((x / 2.0 - low / 2.0) / span * 7.0).round() as usize + 1 }
    };
    let ascii = canvas.is_ascii();
    let line: String = sampled(&values, cols).map(|x| column(level(x), ascii)).collect();
    canvas.put(0, row, &line, Role::Series(0));
    let said = [("min", low), ("max", high), ("last", *last)].map(|(word, x)| format!("{word} {}", short(x)));
    let together = said.join(" ");
    if terminal::width(&together) <= cols || rows < row + 4 {
        canvas.put_cut(0, row + 1, cols, &together, Role::Value);
        return;
    }
    for (index, text) in said.iter().enumerate() {
        canvas.put_cut(0, row + 1 + index, cols, text, Role::Value);
    }
}

/// At most `count` values at even distances, the last one among them.
fn sampled(values: &[f64], count: usize) -> impl Iterator<Item = f64> + '_ {
    let shown = values.len().min(count);
    (0..shown).map(move |i| values[(i + 1) * values.len() / shown - 1])
}
