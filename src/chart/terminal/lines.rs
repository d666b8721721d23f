//! Lines over time: braille dots inside our own axes, names at the ends of the lines where there is room.

use super::super::figure::{Figure, Lines, extent};
use super::super::palette;
use super::super::scale::Scale;
use super::axes::{self, Field, Mark};
use super::canvas::Canvas;
use super::{Role, bars, dots};
use crate::terminal;

/// Names at the line ends need a drawing this wide.
const LEAST_COLS_FOR_NAMES: usize = 50;

pub(super) fn draw(canvas: &mut Canvas, figure: &Figure, lines: &Lines) {
    let Some((low, high)) = extent(figure.values()) else { return };
    // A line does not have to start at zero, but it does where zero is near.
    let low = if low >= 0.0 && low <= high / 2.0 { 0.0 } else { low };
    let several = lines.series.len() > 1;
    let at_ends = several && canvas.cols() >= LEAST_COLS_FOR_NAMES && lines.series.len() + 4 <= canvas.rows();
    let mut top = 1;
    if several && !at_ends {
        let names: Vec<String> = lines.series.iter().map(|s| s.name.clone()).collect();
        top += bars::draw_legend(canvas, top, 3, &names, palette::marker);
    }
    if let Some(note) = &lines.note {
        canvas.put_cut(0, top, canvas.cols(), note, Role::Dim);
        top += 1;
    }
    let rows = canvas.rows().saturating_sub(top + 2);
    let scale = Scale::covering(low, high, axes::intervals(rows), false);
    let left = axes::margin(&scale);
    let longest = lines.series.iter().map(|s| terminal::width(&s.name)).max().unwrap_or(0);
    let names = if at_ends { (longest + 3).min(canvas.cols() / 4) } else { 0 };
    let field = Field { left, top, cols: canvas.cols().saturating_sub(left + names + 1), rows };

    axes::draw_vertical(canvas, field, &scale);
    let marks: Vec<Mark> =
        lines.labels.iter().enumerate().map(|(i, text)| Mark { at: position(lines, i), text: text.clone() }).collect();
    axes::draw_horizontal(canvas, field, &marks);
    // The first series is painted last: where lines cross, the first keeps its colour.
    for (index, line) in lines.series.iter().enumerate().rev() {
        dots::draw_runs(canvas, field, &runs(lines, &line.points, &scale), index);
    }
    if at_ends {
        draw_names(canvas, field, lines, &scale);
    }
}

/// Share of the width at which a point lies.
fn position(lines: &Lines, index: usize) -> f64 {
    match (lines.xs.first(), lines.xs.last(), lines.xs.get(index)) {
        (Some(first), Some(last), Some(x)) if last > first => ((x - first) / (last - first)).clamp(0.0, 1.0),
        _ => 0.5,
    }
}

/// Pieces between gaps.
fn runs(lines: &Lines, points: &[(usize, Option<f64>)], scale: &Scale) -> Vec<Vec<(f64, f64)>> {
    let pieces = points.split(|point| point.1.is_none()).filter(|piece| !piece.is_empty());
    let place = |&(x, y): &(usize, Option<f64>)| Some((position(lines, x), scale.fraction(y?)));
    pieces.map(|piece| piece.iter().filter_map(place).collect()).collect()
}

/// Each name beside the end of its line, moved down or up where two would share a row.
fn draw_names(canvas: &mut Canvas, field: Field, lines: &Lines, scale: &Scale) {
    let end = |points: &[(usize, Option<f64>)]| points.iter().rev().find_map(|p| p.1);
    let mut ends: Vec<(usize, usize)> = lines
        .series
        .iter()
        .enumerate()
        .filter_map(|(index, line)| Some((field.row(scale.fraction(end(&line.points)?)), index)))
        .collect();
    ends.sort_unstable();
    for i in 1..ends.len() {
        ends[i].0 = ends[i].0.max(ends[i - 1].0 + 1);
    }
    let mut limit = field.top + field.rows;
    for (row, _) in ends.iter_mut().rev() {
        *row = (*row).min(limit.saturating_sub(1));
        limit = *row;
    }
    let col = field.left + field.cols + 1;
    for (row, index) in ends {
        canvas.put(col, row, &palette::marker(index, canvas.is_ascii()).to_string(), Role::Series(index));
        let room = canvas.cols().saturating_sub(col + 2);
        canvas.put_cut(col + 2, row, room, &lines.series[index].name, Role::Series(index));
    }
}
