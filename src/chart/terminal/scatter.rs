//! Points of two numbers with their correlation; shading by density where single dots would run together.

use super::super::figure::{Figure, Scatter, extent};
use super::super::scale::{Scale, short};
use super::axes::{self, Field, Mark};
use super::canvas::Canvas;
use super::{Role, dots};
use crate::terminal::{self, Charset};

/// More points than this are shaded by their number in each cell.
const MOST_DOTS: usize = 2000;

pub(super) fn draw(canvas: &mut Canvas, figure: &Figure, scatter: &Scatter) {
    let xs = extent(scatter.points.iter().map(|p| p.0));
    let ys = extent(scatter.points.iter().map(|p| p.1));
    let (Some(xs), Some(ys)) = (xs, ys) else { return };
    let top = 2;
    canvas.put_cut(0, 1, canvas.cols(), &caption(figure, scatter, canvas.charset()), Role::Dim);
    let rows = canvas.rows().saturating_sub(top + 2);
    let y_scale = Scale::covering(ys.0, ys.1, axes::intervals(rows), false);
    let left = axes::margin(&y_scale);
    let field = Field { left, top, cols: canvas.cols().saturating_sub(left + 1), rows };
    let x_scale = Scale::covering(xs.0, xs.1, (field.cols / 12).clamp(2, 10), false);

    axes::draw_vertical(canvas, field, &y_scale);
    let mark = |tick: &f64| Mark { at: x_scale.fraction(*tick), text: x_scale.label(*tick) };
    axes::draw_horizontal(canvas, field, &x_scale.ticks.iter().map(mark).collect::<Vec<_>>());
    let place = |&(x, y): &(f64, f64)| (x_scale.fraction(x), y_scale.fraction(y));
    let places: Vec<(f64, f64)> = scatter.points.iter().map(place).collect();
    if places.len() > MOST_DOTS {
        shade(canvas, field, &places);
    } else {
        dots::draw_points(canvas, field, &places, 0);
    }
    if let Some(fit) = scatter.fit {
        let height = |x: f64| fit.intercept + fit.slope * x;
        draw_trend(canvas, field, &x_scale, &y_scale, &height);
    }
}

fn caption(figure: &Figure, scatter: &Scatter, charset: Charset) -> String {
    let names = format!("up: {}, right: {}", figure.measure.name, scatter.x.name);
    let names = terminal::safe(&names, charset);
    match scatter.fit {
        Some(fit) => format!("r = {:.2}, trend {} per unit; {names}", fit.r, short(fit.slope)),
        None => names.into_owned(),
    }
}

fn shade(canvas: &mut Canvas, field: Field, places: &[(f64, f64)]) {
    let mut counts = vec![0_usize; field.cols * field.rows];
    for (x, y) in places {
        let (col, row) = (field.col(*x) - field.left, field.row(*y) - field.top);
        if let Some(count) = counts.get_mut(row * field.cols + col) {
            *count += 1;
        }
    }
    let fullest = counts.iter().copied().max().unwrap_or(1).max(1) as f64;
    let shades = if canvas.is_ascii() { [".", ":", "*", "#"] } else { ["░", "▒", "▓", "█"] };
    for (index, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        // The root keeps sparse cells visible beside crowded ones.
        let level = ((*count as f64 / fullest).sqrt() * 4.0).ceil().clamp(1.0, 4.0) as usize - 1;
        canvas.put(field.left + index % field.cols, field.top + index / field.cols, shades[level], Role::Series(0));
    }
}

/// The fitted line, where no point stands.
fn draw_trend(canvas: &mut Canvas, field: Field, xs: &Scale, ys: &Scale, height: &dyn Fn(f64) -> f64) {
    let mark = if canvas.is_ascii() { "." } else { "·" };
    for step in 0..field.cols {
        let share = step as f64 / field.cols.saturating_sub(1).max(1) as f64;
        let y = height(xs.low + (xs.high - xs.low) * share);
        let (col, row) = (field.left + step, field.row(ys.fraction(y)));
        if (ys.low..=ys.high).contains(&y) && canvas.is_blank(col, row) {
            canvas.put(col, row, mark, Role::Dim);
        }
    }
}
