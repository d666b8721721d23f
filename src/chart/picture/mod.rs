//! Draws a chart as a picture, PNG or SVG, with its own font: nothing of the machine is asked for.
//!
//! The layout makes a sheet of marks in logical pixels; the same sheet serves both formats.

mod layout;
mod sheet;

use std::io;
use std::sync::OnceLock;

use plotters::backend::{BitMapBackend, SVGBackend};
use plotters::style::{FontStyle, register_font};

use super::figure::Figure;
use crate::pipeline::execution::ResultSet;
use crate::pipeline::response::ChartSpec;
use crate::terminal::Charset;
use sheet::Sheet;

/// DejaVu Sans; it has no CJK characters, which come out as empty boxes in PNG.
static FONT: &[u8] = include_bytes!("../../../assets/fonts/DejaVuSans.ttf");
/// Smallest and largest side of a picture.
const SIDES: (u32, u32) = (200, 4000);
/// PNG is drawn larger by this and averaged down, since the drawing crate does not smooth edges.
const OVERSAMPLING: u32 = 2;
/// Share of their size by which texts lie too high in a bitmap, measured on digits.
const BITMAP_DROP: f64 = 0.13;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    #[error("there is nothing to draw: the rows hold no numbers for this chart")]
    Empty,
    #[error("a picture of {width} by {height} pixels cannot be made; each side can be {} to {}", SIDES.0, SIDES.1)]
    Size { width: u32, height: u32 },
    #[error("the picture could not be drawn: {0}")]
    Drawing(String),
    #[error("the picture could not be encoded: {0}")]
    Encoding(#[from] png::EncodingError),
}

/// A PNG file of that many pixels.
pub fn png(spec: &ChartSpec, result: &ResultSet, width: u32, height: u32) -> Result<Vec<u8>, ChartError> {
    let sheet = sheet(spec, result, width, height)?;
    let (wide, high) = (width * OVERSAMPLING, height * OVERSAMPLING);
    let mut pixels = vec![255_u8; wide as usize * high as usize * 3];
    sheet.paint(BitMapBackend::with_buffer(&mut pixels, (wide, high)), OVERSAMPLING, BITMAP_DROP)?;
    encode(&averaged(&pixels, width as usize, height as usize), width, height)
}

/// An SVG document of that many pixels. Its text stays text, in the reader's own sans-serif font.
pub fn svg(spec: &ChartSpec, result: &ResultSet, width: u32, height: u32) -> Result<String, ChartError> {
    let mut document = String::new();
    sheet(spec, result, width, height)?.paint(SVGBackend::with_string(&mut document, (width, height)), 1, 0.0)?;
    Ok(document)
}

fn sheet(spec: &ChartSpec, result: &ResultSet, width: u32, height: u32) -> Result<Sheet, ChartError> {
    let allowed = SIDES.0..=SIDES.1;
    if !allowed.contains(&width) || !allowed.contains(&height) {
        return Err(ChartError::Size { width, height });
    }
    load_font()?;
    let figure = Figure::of(spec, result, Charset::Unicode).ok_or(ChartError::Empty)?;
    let mut sheet = Sheet::new(f64::from(width), f64::from(height));
    layout::draw(&mut sheet, &figure);
    Ok(sheet)
}

fn load_font() -> Result<(), ChartError> {
    static LOADED: OnceLock<bool> = OnceLock::new();
    let loaded = LOADED.get_or_init(|| register_font(sheet::FONT, FontStyle::Normal, FONT).is_ok());
    if *loaded { Ok(()) } else { Err(ChartError::Drawing("the built-in font is unreadable".to_owned())) }
}

/// Each pixel becomes the mean of the drawn ones that it covers.
fn averaged(pixels: &[u8], width: usize, height: usize) -> Vec<u8> {
    let factor = OVERSAMPLING as usize;
    let stride = width * factor * 3;
    let mut out = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        for x in 0..width {
            for channel in 0..3 {
                let at = |dx: usize, dy: usize| {
                    u32::from(pixels[(y * factor + dy) * stride + (x * factor + dx) * 3 + channel])
                };
                let sum: u32 = (0..factor).flat_map(|dy| (0..factor).map(move |dx| at(dx, dy))).sum();
                out.push((sum / (OVERSAMPLING * OVERSAMPLING)) as u8);
            }
        }
    }
    out
}

fn encode(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, ChartError> {
    let mut file = io::Cursor::new(Vec::new());
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(file.into_inner())
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn decoded(file: &[u8]) -> (u32, u32, Vec<u8>) {
        let mut reader = png::Decoder::new(file).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size()];
        let info = reader.next_frame(&mut pixels).unwrap();
        (info.width, info.height, pixels)
    }

    #[test]
    fn every_kind_opens_as_a_png_of_the_size_asked_for() {
        for (index, (spec, result)) in samples::all().iter().enumerate() {
            let (wide, high) = (420 + 10 * index as u32, 260);
            let (width, height, pixels) = decoded(&png(spec, result, wide, high).unwrap());
            assert_eq!((width, height), (wide, high), "{}", spec.title);
            let inked = pixels.chunks(3).filter(|p| *p != [255, 255, 255]).count();
            assert!(inked > 500, "{}: {inked} pixels are inked", spec.title);
        }
    }

    #[test]
    fn every_kind_is_an_svg_with_its_title() {
        for (spec, result) in samples::all() {
            let document = svg(&spec, &result, 640, 400).unwrap();
            assert!(document.starts_with("<svg") && document.trim_end().ends_with("</svg>"), "{}", spec.title);
            assert!(document.contains(&spec.title), "{}", spec.title);
        }
    }

    #[test]
    fn labels_cannot_become_markup() {
        let (spec, mut result) = samples::bars();
        result.rows[0][0] = samples::t("<script>&");
        let document = svg(&spec, &result, 640, 400).unwrap();
        assert!(document.contains("&lt;script&gt;&amp;") && !document.contains("<script"));
    }

    #[test]
    fn sizes_and_empty_rows_are_refused() {
        let (spec, result) = samples::bars();
        for (width, height) in [(0, 0), (199, 300), (300, 4001), (u32::MAX, u32::MAX)] {
            assert!(matches!(png(&spec, &result, width, height), Err(ChartError::Size { .. })));
            assert!(matches!(svg(&spec, &result, width, height), Err(ChartError::Size { .. })));
        }
        let empty = samples::result(result.columns.clone(), vec![]);
        assert!(matches!(png(&spec, &empty, 300, 300), Err(ChartError::Empty)));
        for (spec, result) in samples::hostile() {
            for (width, height) in [(200, 200), (640, 400)] {
                match svg(&spec, &result, width, height) {
                    Ok(_) | Err(ChartError::Empty) => {}
                    Err(error) => panic!("{}: {error}", spec.title),
                }
            }
        }
    }
}
