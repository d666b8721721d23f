//! Marks on a sheet in logical pixels, and their painting by `plotters`.

use plotters::backend::DrawingBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, RGBAColor, ShapeStyle, TextStyle};

use super::ChartError;

/// The family under which the built-in font is known; SVG readers use their own.
pub const FONT: &str = "sans-serif";

pub type Rgb = (u8, u8, u8);
pub type Point = (f64, f64);

/// Which end of a text stands at its point; texts are centred in height.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

enum Mark {
    Rect { from: Point, to: Point, fill: Rgb },
    Path { points: Vec<Point>, stroke: Rgb, width: f64 },
    Area { points: Vec<Point>, fill: Rgb },
    Dot { at: Point, radius: f64, fill: Rgb, opacity: f64 },
    Text { at: Point, text: String, size: f64, colour: Rgb, anchor: Anchor },
}

pub struct Sheet {
    pub width: f64,
    pub height: f64,
    marks: Vec<Mark>,
}

impl Sheet {
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, marks: Vec::new() }
    }

    pub fn rect(&mut self, from: Point, to: Point, fill: Rgb) {
        self.marks.push(Mark::Rect { from, to, fill });
    }

    pub fn path(&mut self, points: Vec<Point>, stroke: Rgb, width: f64) {
        self.marks.push(Mark::Path { points, stroke, width });
    }

    pub fn area(&mut self, points: Vec<Point>, fill: Rgb) {
        self.marks.push(Mark::Area { points, fill });
    }

    pub fn dot(&mut self, at: Point, radius: f64, fill: Rgb, opacity: f64) {
        self.marks.push(Mark::Dot { at, radius, fill, opacity });
    }

    pub fn text(&mut self, at: Point, text: &str, size: f64, colour: Rgb, anchor: Anchor) {
        if !text.is_empty() {
            self.marks.push(Mark::Text { at, text: text.to_owned(), size, colour, anchor });
        }
    }

    /// As [`Self::text`], but at most `room` pixels wide with an ellipsis.
    pub fn text_cut(&mut self, at: Point, room: f64, text: &str, size: f64, colour: Rgb, anchor: Anchor) {
        self.text(at, &cut(text, room, size), size, colour, anchor);
    }

    /// Paints everything, larger by `scale`, texts lower by the share `drop` of their size: what a backend takes for
    /// the middle of a text may lie above it.
    pub fn paint<B: DrawingBackend>(&self, backend: B, scale: u32, drop: f64) -> Result<(), ChartError> {
        let area = backend.into_drawing_area();
        let scale = f64::from(scale);
        let painted = area
            .fill(&RGBAColor(255, 255, 255, 1.0))
            .and_then(|()| self.marks.iter().try_for_each(|mark| paint(&area, mark, scale, drop)))
            .and_then(|()| area.present());
        painted.map_err(|error| ChartError::Drawing(error.to_string()))
    }
}

/// Pixels that the text takes.
pub fn text_width(text: &str, size: f64) -> f64 {
    font(size).box_size(text).map_or(0.0, |(width, _)| f64::from(width))
}

/// The text, or its beginning and an ellipsis.
pub fn cut(text: &str, room: f64, size: f64) -> String {
    // The longest text that can be read; measuring more is wasted.
    let text: String = text.chars().take(400).collect();
    if text_width(&text, size) <= room {
        return text;
    }
    let mut kept: Vec<char> = text.chars().collect();
    while !kept.is_empty() {
        kept.pop();
        let shown: String = kept.iter().chain(['…'].iter()).collect();
        if text_width(&shown, size) <= room {
            return shown;
        }
    }
    String::new()
}

fn font(size: f64) -> FontDesc<'static> {
    FontDesc::new(FontFamily::Name(FONT), size, FontStyle::Normal)
}

fn paint<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    mark: &Mark,
    scale: f64,
    drop: f64,
) -> Result<(), plotters::drawing::DrawingAreaErrorKind<B::ErrorType>> {
    let at = |(x, y): Point| ((x * scale).round() as i32, (y * scale).round() as i32);
    match mark {
        Mark::Rect { from, to, fill } => area.draw(&Rectangle::new([at(*from), at(*to)], filled(*fill, 1.0))),
        Mark::Path { points, stroke, width } => {
            let style = colour(*stroke, 1.0).stroke_width((width * scale).round().max(1.0) as u32);
            area.draw(&PathElement::new(points.iter().map(|p| at(*p)).collect::<Vec<_>>(), style))
        }
        Mark::Area { points, fill } => {
            area.draw(&Polygon::new(points.iter().map(|p| at(*p)).collect::<Vec<_>>(), filled(*fill, 1.0)))
        }
        Mark::Dot { at: centre, radius, fill, opacity } => {
            area.draw(&Circle::new(at(*centre), (radius * scale).round().max(1.0) as i32, filled(*fill, *opacity)))
        }
        Mark::Text { at: point, text, size, colour: ink, anchor } => {
            let horizontal = match anchor {
                Anchor::Start => HPos::Left,
                Anchor::Middle => HPos::Center,
                Anchor::End => HPos::Right,
            };
            let ink = colour(*ink, 1.0);
            let style = TextStyle::from(font(size * scale)).color(&ink).pos(Pos::new(horizontal, VPos::Center));
            area.draw_text(text, &style, at((point.0, point.1 + size * drop)))
        }
    }
}

fn colour((r, g, b): Rgb, opacity: f64) -> RGBAColor {
    RGBAColor(r, g, b, opacity)
}

fn filled(rgb: Rgb, opacity: f64) -> ShapeStyle {
    colour(rgb, opacity).filled()
}
