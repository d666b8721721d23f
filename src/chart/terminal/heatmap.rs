//! Two categories and a number: five shades that need no colour, with the number where it fits.

use super::super::figure::{Grid, extent};
use super::super::scale::short;
use super::canvas::Canvas;
use super::{Role, bars};
use crate::terminal;

/// Narrowest and widest column.
const COLUMN: (usize, usize) = (3, 12);

pub(super) fn draw(canvas: &mut Canvas, grid: &Grid) {
    let Some((low, high)) = extent(grid.values()) else { return };
    let label_width = bars::label_width(canvas, grid.rows.iter().map(String::as_str));
    let room = canvas.cols().saturating_sub(label_width + 1);
    let width = column_width(grid, room);
    let columns = (room / width).min(grid.columns.len());
    let top = 3;
    let rows = bars::fitting(grid.rows.len(), grid.rows.len(), canvas.rows().saturating_sub(top));

    draw_legend(canvas, low, high, grid.columns.len() - columns);
    let names = column_names(grid, width - 1);
    for (index, name) in names.iter().take(columns).enumerate() {
        canvas.put_cut(label_width + 1 + index * width, top - 1, width - 1, name, Role::Axis);
    }
    for (index, (label, cells)) in grid.rows.iter().zip(&grid.cells).take(rows).enumerate() {
        canvas.put_cut(0, top + index, label_width, label, Role::Label);
        for (column, cell) in cells.iter().take(columns).enumerate() {
            let col = label_width + 1 + column * width;
            if let Some(value) = cell {
                draw_cell(canvas, col, top + index, width - 1, *value, (low, high));
            }
        }
    }
    bars::draw_rest(canvas, top + rows, grid.rows.len() - rows, "row");
}

fn column_width(grid: &Grid, room: usize) -> usize {
    let names = grid.columns.iter().map(|c| terminal::width(c));
    let numbers = grid.values().map(|x| short(x).len() + 2);
    let wanted = names.chain(numbers).max().unwrap_or(0) + 1;
    let equal = room / grid.columns.len().max(1);
    wanted.min(equal).clamp(COLUMN.0, COLUMN.1)
}

/// Names that would be cut lose the words that all of them begin with: the end is what tells them apart.
fn column_names(grid: &Grid, width: usize) -> Vec<&str> {
    let names: Vec<&str> = grid.columns.iter().map(String::as_str).collect();
    let Some(first) = names.first().filter(|_| names.iter().any(|name| terminal::width(name) > width)) else {
        return names;
    };
    let ends = first.char_indices().filter(|(_, c)| matches!(c, ' ' | '-' | '_')).map(|(at, c)| at + c.len_utf8());
    let is_shared = |end: &usize| names.len() > 1 && names.iter().all(|name| name.starts_with(&first[..*end]));
    let shared = ends.take_while(is_shared).last().unwrap_or(0);
    names.into_iter().map(|name| &name[shared..]).collect()
}

fn draw_cell(canvas: &mut Canvas, col: usize, row: usize, width: usize, value: f64, (low, high): (f64, f64)) {
    let shade = shades(canvas)[level(value, low, high)];
    let number = short(value);
    if number.len() + 2 > width {
        canvas.put(col, row, &shade.repeat(width), Role::Series(0));
        return;
    }
    let marks = shade.repeat(width - number.len() - 1);
    canvas.put(col, row, &marks, Role::Series(0));
    canvas.put_right(col + width, row, &number, Role::Value);
}

fn draw_legend(canvas: &mut Canvas, low: f64, high: f64, hidden: usize) {
    let scale = shades(canvas).concat();
    let mut text = format!("{} {scale} {}", short(low), short(high));
    if hidden > 0 {
        text.extend([", ", &hidden.to_string(), if hidden == 1 { " more column" } else { " more columns" }]);
    }
    canvas.put_cut(0, 1, canvas.cols(), &text, Role::Dim);
}

/// From low to high. The lowest differs from a blank, which means no value.
fn shades(canvas: &Canvas) -> [&'static str; 5] {
    if canvas.is_ascii() { [".", ":", "+", "*", "#"] } else { ["·", "░", "▒", "▓", "█"] }
}

fn level(value: f64, low: f64, high: f64) -> usize {
    // Halves are taken first: the span of the largest numbers is not a number.
    let span = high / 2.0 - low / 2.0;
    if span <= 0.0 { 2 } else { ((value / 2.0 - low / 2.0) / span * 5.0).floor().clamp(0.0, 4.0) as usize }
}
