//! Lines and points as dots: braille through the canvas of `textplots`, or a marker per cell in ASCII.

use textplots::{Chart, Plot, Shape};

use super::Role;
use super::axes::Field;
use super::canvas::Canvas;
use crate::chart::palette;

/// `textplots` refuses smaller canvases; what is drawn stays in the corner that is asked for.
const LEAST_DOTS: (usize, usize) = (32, 4);
const BRAILLE: u32 = 0x2800;

/// Polylines of one series, by shares of the field's width and height. A run of one point is a dot.
pub(super) fn draw_runs(canvas: &mut Canvas, field: Field, runs: &[Vec<(f64, f64)>], series: usize) {
    if field.cols == 0 || field.rows == 0 {
        return;
    }
    if canvas.is_ascii() {
        let marker = palette::marker(series, true).to_string();
        for (col, row) in runs.iter().flat_map(|run| cells_of(field, run)) {
            canvas.put(col, row, &marker, Role::Series(series));
        }
        return;
    }
    let (width, height) = dots(field);
    // The vertical axis of `textplots` points upwards, and its ranges equal the dots: nothing is scaled twice.
    let place = |&(x, y): &(f64, f64)| {
        let (dot_x, dot_y) = ((x * (width - 1) as f64).round(), ((1.0 - y) * (height - 1) as f64).round());
        (dot_x as f32, chart_height(height) as f32 - dot_y as f32)
    };
    let placed: Vec<Vec<(f32, f32)>> = runs.iter().map(|run| run.iter().map(place).collect()).collect();
    let shapes: Vec<Shape> =
        placed.iter().map(|run| if run.len() == 1 { Shape::Points(run) } else { Shape::Lines(run) }).collect();
    paint(canvas, field, &shapes, series);
}

/// Single points of one series, by shares of the field's width and height.
pub(super) fn draw_points(canvas: &mut Canvas, field: Field, points: &[(f64, f64)], series: usize) {
    let runs: Vec<Vec<(f64, f64)>> = points.iter().map(|point| vec![*point]).collect();
    draw_runs(canvas, field, &runs, series);
}

fn dots(field: Field) -> (usize, usize) {
    (field.cols * 2, field.rows * 4)
}

fn chart_height(height: usize) -> usize {
    height.max(LEAST_DOTS.1)
}

fn paint(canvas: &mut Canvas, field: Field, shapes: &[Shape], series: usize) {
    let (width, height) = dots(field);
    let (width, height) = (width.max(LEAST_DOTS.0) as u32, chart_height(height) as u32);
    let mut chart = Chart::new_with_y_range(width, height, 0.0, width as f32, 0.0, height as f32);
    let mut drawn = &mut chart;
    for shape in shapes {
        drawn = drawn.lineplot(shape);
    }
    drawn.figures();
    for (row, line) in drawn.frame().lines().take(field.rows).enumerate() {
        for (col, dots) in line.chars().take(field.cols).enumerate().filter(|(_, c)| is_braille(*c)) {
            let (col, row) = (field.left + col, field.top + row);
            let under = canvas.char_at(col, row).filter(|c| is_braille(*c)).map_or(0, |c| c as u32 - BRAILLE);
            let both = char::from_u32(dots as u32 | (under + BRAILLE)).unwrap_or(dots);
            canvas.put(col, row, both.encode_utf8(&mut [0; 4]), Role::Series(series));
        }
    }
}

fn is_braille(c: char) -> bool {
    (0x2801..0x2900).contains(&(c as u32))
}

/// The cells of a polyline, each step to a neighbour.
fn cells_of(field: Field, run: &[(f64, f64)]) -> Vec<(usize, usize)> {
    let cell = |&(x, y): &(f64, f64)| (field.col(x), field.row(y));
    let mut cells: Vec<(usize, usize)> = run.first().map(cell).into_iter().collect();
    for pair in run.windows(2) {
        let ((x1, y1), (x2, y2)) = (cell(&pair[0]), cell(&pair[1]));
        let steps = x1.abs_diff(x2).max(y1.abs_diff(y2)).max(1);
        let between =
            |a: usize, b: usize, i: usize| (a as f64 + (b as f64 - a as f64) * i as f64 / steps as f64).round();
        cells.extend((1..=steps).map(|i| (between(x1, x2, i) as usize, between(y1, y2, i) as usize)));
    }
    cells
}
