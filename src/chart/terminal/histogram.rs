//! Counts in equal intervals as upright bars that touch, with the median marked below.

use super::super::figure::{Figure, bins, median};
use super::super::scale::Scale;
use super::axes::{self, Field, Mark};
use super::canvas::Canvas;
use super::{Role, sparkline};

pub(super) fn draw(canvas: &mut Canvas, figure: &Figure, values: &[f64]) {
    let top = 1;
    let rows = canvas.rows().saturating_sub(top + 3);
    // The labels of counts are never wider than seven cells.
    let bins = bins(values, canvas.cols().saturating_sub(8));
    let fullest = bins.counts.iter().copied().max().unwrap_or(1);
    let scale = Scale::covering(0.0, fullest as f64, axes::intervals(rows), true);
    let left = axes::margin(&scale);
    let room = canvas.cols().saturating_sub(left + 1);
    let width = (room / bins.counts.len().max(1)).clamp(1, 12);
    let field = Field { left, top, cols: (width * bins.counts.len()).min(room), rows };

    axes::draw_vertical(canvas, field, &scale);
    for (index, count) in bins.counts.iter().enumerate() {
        draw_column(canvas, field, (field.left + index * width, width), *count as f64 / scale.high);
    }
    let span = bins.step * bins.counts.len() as f64;
    let edges = Scale { low: bins.low, high: bins.low + span, step: bins.step, ticks: Vec::new() };
    let mark = |index: usize| {
        let edge = bins.low + bins.step * index as f64;
        Mark { at: edges.fraction(edge), text: edges.label(edge) }
    };
    axes::draw_horizontal(canvas, field, &(0..=bins.counts.len()).map(mark).collect::<Vec<_>>());
    let middle = median(values);
    let arrow = if canvas.is_ascii() { "^" } else { "▲" };
    let note = format!("{arrow} median {}", figure.text(middle));
    let col = field.col(edges.fraction(middle)).min(canvas.cols().saturating_sub(crate::terminal::width(&note)));
    canvas.put(col, top + rows + 2, &note, Role::Value);
}

fn draw_column(canvas: &mut Canvas, field: Field, (col, width): (usize, usize), share: f64) {
    // One blank keeps wide bars apart.
    let drawn = if width > 3 { width - 1 } else { width };
    let eighths = (share * field.rows as f64 * 8.0).round() as usize;
    let eighths = if share > 0.0 { eighths.max(1) } else { 0 };
    for step in 0..field.rows {
        let level = eighths.saturating_sub(step * 8).min(8);
        if level > 0 {
            let text = sparkline::column(level, canvas.is_ascii()).to_string().repeat(drawn);
            canvas.put(col, field.top + field.rows - 1 - step, &text, Role::Series(0));
        }
    }
}
