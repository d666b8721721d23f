//! Horizontal bars from zero: label at the left, bar in eighths of a cell, value beside it. Also groups of bars, and one
//! bar of parts.

use super::super::figure::{Bar, Figure, Grid, Part, extent};
use super::super::palette;
use super::Role;
use super::canvas::Canvas;
use crate::terminal;

/// More rows than this and only the first [`FIRST`] are drawn.
const MOST: usize = 30;
const FIRST: usize = 20;
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// Where bars lie and what length stands for.
struct Track {
    left: usize,
    cols: usize,
    /// Cells left of the zero line; none if no value is negative.
    below: usize,
    /// Cells for one unit.
    per_unit: f64,
    has_negatives: bool,
}

pub(super) fn draw(canvas: &mut Canvas, bars: &[Bar]) {
    let top = 1;
    let wanted = if bars.len() > MOST { FIRST } else { bars.len() };
    let shown = &bars[..fitting(wanted, bars.len(), canvas.rows().saturating_sub(top))];
    let label_width = label_width(canvas, shown.iter().map(|b| b.label.as_str()));
    let value_width = shown.iter().map(|b| terminal::width(&b.text)).max().unwrap_or(0);
    let track = Track::new(canvas, label_width, value_width, shown.iter().filter_map(|b| b.value));
    for (index, bar) in shown.iter().enumerate() {
        let row = top + index;
        canvas.put_cut(0, row, label_width, &bar.label, Role::Label);
        track.draw(canvas, row, bar.value, &bar.text, 0);
    }
    draw_rest(canvas, top + shown.len(), bars.len() - shown.len(), "row");
}

pub(super) fn draw_groups(canvas: &mut Canvas, figure: &Figure, grid: &Grid) {
    let top = 1 + draw_legend(canvas, 1, 2, &grid.columns, palette::fill);
    let bars = grid.columns.len().max(1);
    let fitting_groups = canvas.rows().saturating_sub(top) / bars;
    // At least one group is drawn, if only in part.
    let shown = fitting(grid.rows.len(), grid.rows.len(), fitting_groups.max(1)).max(1).min(grid.rows.len());
    let null = canvas.charset().null();
    let text = |cell: Option<f64>| cell.map_or_else(|| null.to_owned(), |value| figure.text(value));
    let texts = grid.cells.iter().take(shown).flatten().map(|cell| terminal::width(&text(*cell)));
    let value_width = texts.max().unwrap_or(0);
    let label_width = label_width(canvas, grid.rows.iter().take(shown).map(String::as_str));
    let values = grid.cells.iter().take(shown).flatten().filter_map(|cell| *cell);
    let track = Track::new(canvas, label_width, value_width, values);
    for (group, (label, cells)) in grid.rows.iter().zip(&grid.cells).take(shown).enumerate() {
        let row = top + group * bars;
        canvas.put_cut(0, row, label_width, label, Role::Label);
        for (index, cell) in cells.iter().enumerate() {
            track.draw(canvas, row + index, *cell, &text(*cell), index);
        }
    }
    draw_rest(canvas, top + shown * bars, grid.rows.len() - shown, "group");
}

/// One bar across the width, and below it each part with its percent.
pub(super) fn draw_parts(canvas: &mut Canvas, figure: &Figure, parts: &[Part]) {
    let ascii = canvas.is_ascii();
    let mut col = 0;
    for (index, (part, cells)) in parts.iter().zip(shares(parts, canvas.cols())).enumerate() {
        let run = palette::fill(index, ascii).to_string().repeat(cells);
        canvas.put(col, 2, &run, Role::Series(index));
        let percent = format!("{:.0}%", part.share * 100.0);
        if terminal::width(&percent) < cells {
            canvas.put(col, 1, &percent, Role::Dim);
        }
        col += cells;
    }
    let top = 4;
    let shown = fitting(parts.len(), parts.len(), canvas.rows().saturating_sub(top));
    let label_width = label_width(canvas, parts.iter().take(shown).map(|p| p.label.as_str()));
    let value_width = parts.iter().map(|p| terminal::width(&figure.text(p.value))).max().unwrap_or(0);
    for (index, part) in parts.iter().take(shown).enumerate() {
        let row = top + index;
        canvas.put(0, row, &palette::fill(index, ascii).to_string(), Role::Series(index));
        canvas.put_cut(2, row, label_width, &part.label, Role::Label);
        let percent_end = label_width + 10;
        canvas.put_right(percent_end, row, &format!("{:.1}%", part.share * 100.0), Role::Value);
        if percent_end + 2 + value_width <= canvas.cols() {
            canvas.put_right(percent_end + 2 + value_width, row, &figure.text(part.value), Role::Dim);
        }
    }
    draw_rest(canvas, top + shown, parts.len() - shown, "part");
}

/// Names the series with their marks in as many rows as that takes, at most `most`; what has no room is counted.
/// Returns the rows taken.
pub(super) fn draw_legend(
    canvas: &mut Canvas,
    top: usize,
    most: usize,
    names: &[String],
    mark: fn(usize, bool) -> char,
) -> usize {
    let cols = canvas.cols();
    let (mut col, mut row) = (0, 0);
    for (index, name) in names.iter().enumerate() {
        let shown = terminal::truncate(name, (cols / 2).saturating_sub(2), canvas.charset()).into_owned();
        let width = terminal::width(&shown) + 2;
        let is_last = index + 1 == names.len();
        // The last row keeps room for the count of what is left.
        let room = if row + 1 == most && !is_last { cols.saturating_sub(9) } else { cols };
        if col > 0 && col + width > room {
            if row + 1 == most {
                canvas.put(col, top + row, &format!("{} more", names.len() - index), Role::Dim);
                break;
            }
            (col, row) = (0, row + 1);
        }
        canvas.put(col, top + row, &mark(index, canvas.is_ascii()).to_string(), Role::Series(index));
        canvas.put(col + 2, top + row, &shown, Role::Label);
        col += width + 2;
    }
    row + 1
}

/// Says how many are not drawn.
pub(super) fn draw_rest(canvas: &mut Canvas, row: usize, count: usize, noun: &str) {
    if count > 0 {
        let plural = if count == 1 { "" } else { "s" };
        canvas.put_cut(0, row, canvas.cols(), &format!("{count} more {noun}{plural}"), Role::Dim);
    }
}

/// Widest label, but at most two fifths of the drawing.
pub(super) fn label_width<'a>(canvas: &Canvas, labels: impl Iterator<Item = &'a str>) -> usize {
    labels.map(terminal::width).max().unwrap_or(0).min(canvas.cols() * 2 / 5)
}

/// How many of `wanted` to draw in `room` rows, so that a line that counts the rest of `all` has its row.
pub(super) fn fitting(wanted: usize, all: usize, room: usize) -> usize {
    if wanted == all && all <= room { all } else { wanted.min(room.saturating_sub(1)) }
}

impl Track {
    fn new(canvas: &Canvas, label_width: usize, value_width: usize, values: impl Iterator<Item = f64>) -> Self {
        let left = label_width + 1;
        let cols = canvas.cols().saturating_sub(left + value_width + 1);
        let (low, high) = extent(values).map_or((0.0, 1.0), |(low, high)| (low.min(0.0), high.max(0.0)));
        let has_negatives = low < 0.0;
        // Halves are taken first: the span of the largest numbers is not a number.
        let span = (high / 2.0 - low / 2.0).max(f64::MIN_POSITIVE);
        let usable = if has_negatives { cols.saturating_sub(1) } else { cols };
        let per_unit = usable as f64 / span / 2.0;
        let below = ((-low * per_unit).ceil() as usize).min(usable);
        Self { left, cols, below, per_unit, has_negatives }
    }

    fn draw(&self, canvas: &mut Canvas, row: usize, value: Option<f64>, text: &str, series: usize) {
        let length = value.map_or(0.0, |v| v.abs() * self.per_unit);
        let negative = value.is_some_and(|v| v < 0.0);
        let zero = self.left + self.below;
        let role = Role::Series(series);
        if self.has_negatives {
            canvas.put(zero, row, if canvas.is_ascii() { "|" } else { "│" }, Role::Axis);
        }
        if negative {
            let bar = bar(length.min(self.below as f64), true, series, canvas.is_ascii());
            canvas.put_right(zero, row, &bar, role);
        } else {
            let start = zero + usize::from(self.has_negatives);
            let bar = bar(length.min(self.cols as f64), false, series, canvas.is_ascii());
            canvas.put(start, row, &bar, role);
            if !self.has_negatives {
                let gap = usize::from(!bar.is_empty());
                canvas.put(start + terminal::width(&bar) + gap, row, text, Role::Value);
            }
        }
        if self.has_negatives {
            canvas.put_right(canvas.cols(), row, text, Role::Value);
        }
    }
}

/// Eighths exist only for solid bars that grow to the right; others end at the nearest half or whole cell.
fn bar(cells: f64, to_the_left: bool, series: usize, ascii: bool) -> String {
    let fill = palette::fill(series, ascii).to_string();
    let visible = cells > 0.0;
    if ascii || series > 0 {
        let whole = (cells.round() as usize).max(usize::from(visible && cells >= 0.25));
        return fill.repeat(whole);
    }
    if to_the_left {
        let halves = ((cells * 2.0).round() as usize).max(usize::from(visible));
        return format!("{}{}", if halves % 2 == 1 { "▐" } else { "" }, fill.repeat(halves / 2));
    }
    let eighths = ((cells * 8.0).round() as usize).max(usize::from(visible));
    format!("{}{}", fill.repeat(eighths / 8), EIGHTHS[eighths % 8])
}

/// Cells for each part: whole numbers that sum to `cols`, the largest remainders rounded up.
fn shares(parts: &[Part], cols: usize) -> Vec<usize> {
    let exact: Vec<f64> = parts.iter().map(|p| p.share * cols as f64).collect();
    let mut cells: Vec<usize> = exact.iter().map(|x| x.floor() as usize).collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by(|&a, &b| exact[b].fract().total_cmp(&exact[a].fract()));
    let missing = cols.saturating_sub(cells.iter().sum());
    for index in order.into_iter().take(missing) {
        cells[index] += 1;
    }
    cells
}
