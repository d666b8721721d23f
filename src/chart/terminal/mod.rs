//! Draws a chart in terminal cells: lines of spans whose roles a door may colour. Nothing here prints.

mod axes;
mod bars;
mod canvas;
mod dots;
mod heatmap;
mod histogram;
mod lines;
mod numbers;
mod scatter;
mod sparkline;

use std::fmt::Write;

use super::figure::{Body, Figure};
use super::palette;
use crate::pipeline::execution::ResultSet;
use crate::pipeline::response::ChartSpec;
use crate::terminal::Charset;
use canvas::Canvas;

/// What a piece of text is, for whoever colours it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Title,
    Axis,
    /// Takes [`palette::series`] of its number.
    Series(usize),
    Label,
    Value,
    Dim,
}

/// Text of one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub text: String,
    pub role: Role,
}

/// One line of a drawing, without trailing blanks.
pub type Line = Vec<Span>;

/// Cells that a drawing may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub cols: usize,
    pub rows: usize,
}

/// How many colours a terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    Sixteen,
    Palette256,
    TrueColor,
}

/// Below this a sparkline is all that can be read.
const SMALLEST: Size = Size { cols: 24, rows: 8 };

/// At most `size.rows` lines of at most `size.cols` cells. Where there is nothing to draw, a line that says so.
pub fn draw(spec: &ChartSpec, result: &ResultSet, size: Size, charset: Charset) -> Vec<Line> {
    let mut canvas = Canvas::new(size, charset);
    let Some(figure) = Figure::of(spec, result, charset) else {
        canvas.put_cut(0, 0, size.cols, "nothing to draw", Role::Dim);
        return canvas.into_lines();
    };
    if let Body::BigNumbers(all) = &figure.body {
        numbers::draw(&mut canvas, &figure.title, all);
        return canvas.into_lines();
    }
    if size.cols < SMALLEST.cols || size.rows < SMALLEST.rows {
        sparkline::draw(&mut canvas, &figure);
        return canvas.into_lines();
    }
    canvas.put_cut(0, 0, size.cols, &figure.title, Role::Title);
    match &figure.body {
        Body::BigNumbers(_) => {}
        Body::Bars(all) => bars::draw(&mut canvas, all),
        Body::Groups(grid) => bars::draw_groups(&mut canvas, &figure, grid),
        Body::Parts(parts) => bars::draw_parts(&mut canvas, &figure, parts),
        Body::Lines(all) => lines::draw(&mut canvas, &figure, all),
        Body::Scatter(all) => scatter::draw(&mut canvas, &figure, all),
        Body::Histogram(values) => histogram::draw(&mut canvas, &figure, values),
        Body::Heatmap(grid) => heatmap::draw(&mut canvas, grid),
    }
    canvas.into_lines()
}

/// The drawing without colours, a line feed after every line.
pub fn plain(lines: &[Line]) -> String {
    lines.iter().fold(String::new(), |mut text, line| {
        text.extend(line.iter().map(|span| span.text.as_str()));
        text.push('\n');
        text
    })
}

/// The drawing with the colours of its roles as escape sequences, a line feed after every line.
pub fn ansi(lines: &[Line], depth: Depth) -> String {
    lines.iter().fold(String::new(), |mut text, line| {
        for span in line {
            match code(span.role, depth) {
                // Writing to a string does not fail.
                Some(code) => drop(write!(text, "\u{1b}[{code}m{}\u{1b}[0m", span.text)),
                None => text.push_str(&span.text),
            }
        }
        text.push('\n');
        text
    })
}

fn code(role: Role, depth: Depth) -> Option<String> {
    match role {
        Role::Title => Some("1".to_owned()),
        Role::Axis | Role::Dim => Some("2".to_owned()),
        Role::Label | Role::Value => None,
        Role::Series(index) => {
            let colour = palette::series(index);
            let (r, g, b) = colour.rgb;
            Some(match depth {
                Depth::Sixteen => colour.ansi16.to_string(),
                Depth::Palette256 => format!("38;5;{}", colour.ansi256),
                Depth::TrueColor => format!("38;2;{r};{g};{b}"),
            })
        }
    }
}

#[cfg(test)]
mod tests;
