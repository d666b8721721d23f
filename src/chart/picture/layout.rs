//! Where everything stands in a picture: title, axes from zero for bars, round ticks, labels that never touch.

use std::f64::consts::TAU;

use super::super::figure::{Bar, BigNumber, Body, Figure, Grid, Lines, Part, Scatter, bins, extent, median};
use super::super::palette;
use super::super::scale::{Scale, short};
use super::sheet::{Anchor, Rgb, Sheet, cut, text_width};
use crate::terminal::{self, Charset};

const INK: Rgb = (34, 34, 34);
const GREY: Rgb = (105, 105, 105);
const AXIS: Rgb = (150, 150, 150);
const GRID: Rgb = (228, 228, 228);
const WHITE: Rgb = (255, 255, 255);

const MARGIN: f64 = 20.0;
const TITLE: f64 = 20.0;
const TEXT: f64 = 15.0;
/// Height of a line of text.
const LINE: f64 = 21.0;
/// More bars than this and only the first twenty are drawn.
const MOST_BARS: usize = 30;
const FIRST_BARS: usize = 20;
/// Points that still have a dot of their own on a line.
const MOST_LINE_DOTS: usize = 40;

/// A rectangle for the marks, inside the axes.
#[derive(Clone, Copy)]
struct Frame {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Frame {
    fn width(self) -> f64 {
        (self.right - self.left).max(1.0)
    }

    fn height(self) -> f64 {
        (self.bottom - self.top).max(1.0)
    }

    fn x(self, fraction: f64) -> f64 {
        self.left + fraction * self.width()
    }

    fn y(self, fraction: f64) -> f64 {
        self.bottom - fraction * self.height()
    }
}

pub(super) fn draw(sheet: &mut Sheet, figure: &Figure) {
    let room = sheet.width - 2.0 * MARGIN;
    sheet.text_cut((MARGIN, MARGIN + TITLE / 2.0), room, &figure.title, TITLE, INK, Anchor::Start);
    let frame =
        Frame { left: MARGIN, top: MARGIN + TITLE + 14.0, right: sheet.width - MARGIN, bottom: sheet.height - MARGIN };
    match &figure.body {
        Body::BigNumbers(numbers) => draw_numbers(sheet, frame, numbers),
        Body::Bars(bars) => draw_bars(sheet, frame, bars),
        Body::Groups(grid) => draw_groups(sheet, frame, figure, grid),
        Body::Lines(lines) => draw_lines(sheet, frame, figure, lines),
        Body::Parts(parts) => draw_pie(sheet, frame, figure, parts),
        Body::Scatter(scatter) => draw_scatter(sheet, frame, figure, scatter),
        Body::Histogram(values) => draw_histogram(sheet, frame, figure, values),
        Body::Heatmap(grid) => draw_heatmap(sheet, frame, grid),
    }
}

fn draw_numbers(sheet: &mut Sheet, frame: Frame, numbers: &[BigNumber]) {
    let height = frame.height() / numbers.len().max(1) as f64;
    for (index, number) in numbers.iter().enumerate() {
        let middle = frame.top + height * (index as f64 + 0.5);
        let widest = text_width(&number.text, 100.0).max(1.0);
        let size = (100.0 * frame.width() / widest).min(height * 0.45).min(72.0);
        let centre = f64::midpoint(frame.left, frame.right);
        sheet.text((centre, middle - size * 0.2), &number.text, size, palette::series(index).rgb, Anchor::Middle);
        let caption = match number.change {
            Some(change) => format!("{}, {change:+.1}% against the period before", number.name),
            None => number.name.clone(),
        };
        sheet.text_cut((centre, middle + size * 0.55), frame.width(), &caption, TEXT, GREY, Anchor::Middle);
    }
}

/// One horizontal bar with its place, to be drawn by [`draw_tracks`].
struct TrackBar<'a> {
    label: &'a str,
    value: Option<f64>,
    text: String,
    series: usize,
    /// Bars of one group stand closer together.
    starts_group: bool,
}

fn draw_bars(sheet: &mut Sheet, frame: Frame, bars: &[Bar]) {
    let shown = if bars.len() > MOST_BARS { FIRST_BARS } else { bars.len() };
    let tracks: Vec<TrackBar> = bars
        .iter()
        .map(|bar| TrackBar {
            label: &bar.label,
            value: bar.value,
            text: bar.text.clone(),
            series: 0,
            starts_group: true,
        })
        .collect();
    draw_tracks(sheet, frame, &tracks, shown, 1, "rows");
}

fn draw_groups(sheet: &mut Sheet, frame: Frame, figure: &Figure, grid: &Grid) {
    let top = frame.top + draw_legend(sheet, frame, &grid.columns);
    let mut tracks = Vec::new();
    for (label, cells) in grid.rows.iter().zip(&grid.cells) {
        for (series, value) in cells.iter().enumerate() {
            let text = value.map_or_else(|| "∅".to_owned(), |value| figure.text(value));
            let label = if series == 0 { label.as_str() } else { "" };
            tracks.push(TrackBar { label, value: *value, text, series, starts_group: series == 0 });
        }
    }
    let columns = grid.columns.len().max(1);
    draw_tracks(sheet, Frame { top, ..frame }, &tracks, tracks.len(), columns, "groups");
}

/// Labels, bars from a common zero, values. What has no room is counted in words below.
fn draw_tracks(sheet: &mut Sheet, frame: Frame, bars: &[TrackBar], wanted: usize, group: usize, noun: &str) {
    const LEAST: f64 = 14.0;
    let fits = |height: f64| ((height / LEAST) as usize / group * group).max(group);
    let mut shown = wanted.min(fits(frame.height()));
    let mut bottom = frame.bottom;
    if shown < bars.len() {
        bottom -= LINE;
        shown = shown.min(fits(bottom - frame.top));
        let rest = format!("{} more {noun}", (bars.len() - shown) / group);
        sheet.text((frame.left, frame.bottom - LINE / 2.0), &rest, TEXT, GREY, Anchor::Start);
    }
    let bars = &bars[..shown];
    let step = ((bottom - frame.top) / shown.max(1) as f64).min(60.0);
    let size = TEXT.min(step * 0.9);
    let widest = |texts: &mut dyn Iterator<Item = &str>| texts.map(|t| text_width(t, size)).fold(0.0, f64::max);
    let labels = widest(&mut bars.iter().map(|b| b.label)).min(frame.width() * 0.35);
    let values = widest(&mut bars.iter().map(|b| b.text.as_str())).min(frame.width() * 0.3);
    let (low, high) = extent(bars.iter().filter_map(|b| b.value)).unwrap_or((0.0, 1.0));
    let (low, high) = (low.min(0.0), if low.min(high) >= 0.0 && high == 0.0 { 1.0 } else { high.max(0.0) });
    let has_negatives = low < 0.0;
    // Halves are taken first: the span of the largest numbers is not a number.
    let span = (high / 2.0 - low / 2.0).max(f64::MIN_POSITIVE);
    let share = |x: f64| ((x / 2.0 - low / 2.0) / span).clamp(0.0, 1.0);
    let track = Frame {
        left: frame.left + labels + 10.0 + if has_negatives { values + 8.0 } else { 0.0 },
        right: frame.right - values - 8.0,
        ..frame
    };
    let zero = track.x(share(0.0));
    for (index, bar) in bars.iter().enumerate() {
        let middle = frame.top + step * (index as f64 + 0.5);
        let half = step * if group > 1 { 0.40 } else { 0.36 };
        sheet.text_cut((frame.left + labels, middle), labels, bar.label, size, INK, Anchor::End);
        let end = bar.value.map_or(zero, |value| track.x(share(value)));
        if bar.value.is_some_and(|value| value != 0.0) {
            // What is there must be seen, however small.
            let end = if (end - zero).abs() < 1.0 { zero + (end - zero).signum() } else { end };
            let (from, to) = (zero.min(end), zero.max(end));
            sheet.rect((from, middle - half), (to, middle + half), palette::series(bar.series).rgb);
        }
        let below = bar.value.is_some_and(|value| value < 0.0);
        let (at, anchor) = if below { (end - 6.0, Anchor::End) } else { (end + 6.0, Anchor::Start) };
        sheet.text_cut((at, middle), values, &bar.text, size, GREY, anchor);
        if group > 1 && bar.starts_group && index > 0 {
            let edge = frame.top + step * index as f64;
            sheet.path(vec![(frame.left, edge), (frame.right, edge)], GRID, 1.0);
        }
    }
    let end = frame.top + step * shown as f64;
    sheet.path(vec![(zero, frame.top), (zero, end)], AXIS, 1.0);
}

/// Coloured squares with names, in as many lines as needed, at most three. Returns the height taken.
fn draw_legend(sheet: &mut Sheet, frame: Frame, names: &[String]) -> f64 {
    let (mut x, mut line) = (frame.left, 0);
    for (index, name) in names.iter().enumerate() {
        let name = cut(name, frame.width() / 2.0, TEXT);
        let width = text_width(&name, TEXT) + 20.0;
        if x > frame.left && x + width > frame.right {
            if line == 2 {
                sheet.text((x, legend_middle(frame, line)), "…", TEXT, GREY, Anchor::Start);
                break;
            }
            (x, line) = (frame.left, line + 1);
        }
        let middle = legend_middle(frame, line);
        sheet.rect((x, middle - 6.0), (x + 12.0, middle + 6.0), palette::series(index).rgb);
        sheet.text((x + 18.0, middle), &name, TEXT, INK, Anchor::Start);
        x += width + 18.0;
    }
    (line + 1) as f64 * LINE + 8.0
}

fn legend_middle(frame: Frame, line: usize) -> f64 {
    frame.top + (line as f64 + 0.5) * LINE
}

fn draw_lines(sheet: &mut Sheet, frame: Frame, figure: &Figure, lines: &Lines) {
    let Some((low, high)) = extent(figure.values()) else { return };
    // A line does not have to start at zero, but it does where zero is near.
    let low = if low >= 0.0 && low <= high / 2.0 { 0.0 } else { low };
    let several = lines.series.len() > 1;
    let at_ends = several && frame.width() >= 420.0 && frame.height() >= 40.0 + lines.series.len() as f64 * LINE;
    let mut frame = frame;
    if let Some(note) = &lines.note {
        sheet.text_cut((frame.left, frame.top + LINE / 2.0), frame.width(), note, TEXT, GREY, Anchor::Start);
        frame.top += LINE + 4.0;
    }
    if several && !at_ends {
        let names: Vec<String> = lines.series.iter().map(|s| s.name.clone()).collect();
        frame.top += draw_legend(sheet, frame, &names);
    }
    let names = lines.series.iter().map(|s| text_width(&s.name, TEXT)).fold(0.0, f64::max).min(frame.width() * 0.25);
    let right = frame.right - if at_ends { names + 16.0 } else { 6.0 };
    let (field, scale) = draw_vertical(sheet, Frame { right, bottom: frame.bottom - LINE - 6.0, ..frame }, (low, high));
    let (first, last) = (lines.xs.first().copied().unwrap_or(0.0), lines.xs.last().copied().unwrap_or(0.0));
    let place = |index: usize| match lines.xs.get(index) {
        Some(x) if last > first => field.x((x - first) / (last - first)),
        _ => field.x(0.5),
    };
    let marks: Vec<(f64, String)> = lines.labels.iter().enumerate().map(|(i, l)| (place(i), l.clone())).collect();
    draw_horizontal(sheet, field, &marks);
    for (series, line) in lines.series.iter().enumerate().rev() {
        let colour = palette::series(series).rgb;
        for run in line.points.split(|point| point.1.is_none()).filter(|run| !run.is_empty()) {
            let at = |&(x, y): &(usize, Option<f64>)| Some((place(x), field.y(scale.fraction(y?))));
            let points: Vec<(f64, f64)> = run.iter().filter_map(at).collect();
            if points.len() == 1 || lines.xs.len() <= MOST_LINE_DOTS {
                for point in &points {
                    sheet.dot(*point, 3.5, colour, 1.0);
                }
            }
            sheet.path(points, colour, 2.5);
        }
    }
    if at_ends {
        let end = |points: &[(usize, Option<f64>)]| points.iter().rev().find_map(|p| p.1);
        let ends = lines.series.iter().enumerate();
        let mut ends: Vec<(f64, usize)> =
            ends.filter_map(|(i, l)| Some((field.y(scale.fraction(end(&l.points)?)), i))).collect();
        keep_apart(&mut ends, field);
        for (y, index) in ends {
            let name = &lines.series[index].name;
            sheet.text_cut((field.right + 10.0, y), names, name, TEXT, palette::series(index).rgb, Anchor::Start);
        }
    }
}

/// Moves texts down, then up, until none overlaps its neighbour.
fn keep_apart(ends: &mut [(f64, usize)], field: Frame) {
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    for i in 1..ends.len() {
        ends[i].0 = ends[i].0.max(ends[i - 1].0 + LINE);
    }
    let mut limit = field.bottom + LINE / 2.0;
    for end in ends.iter_mut().rev() {
        end.0 = end.0.min(limit - LINE / 2.0);
        limit = end.0 - LINE / 2.0;
    }
}

/// Grid lines with round numbers at the left. Returns what is left of the frame, and the scale.
fn draw_vertical(sheet: &mut Sheet, frame: Frame, (low, high): (f64, f64)) -> (Frame, Scale) {
    let intervals = ((frame.height() / 55.0) as usize).clamp(2, 8);
    draw_scale(sheet, frame, Scale::covering(low, high, intervals, false))
}

fn draw_scale(sheet: &mut Sheet, frame: Frame, scale: Scale) -> (Frame, Scale) {
    let labels = scale.ticks.iter().map(|t| text_width(&scale.label(*t), TEXT)).fold(0.0, f64::max);
    let field = Frame { left: frame.left + labels + 10.0, top: frame.top + LINE / 2.0, ..frame };
    for tick in &scale.ticks {
        let y = field.y(scale.fraction(*tick));
        let line = if tick.abs() < scale.step * 1e-6 { AXIS } else { GRID };
        sheet.path(vec![(field.left, y), (field.right, y)], line, 1.0);
        sheet.text((field.left - 8.0, y), &scale.label(*tick), TEXT, GREY, Anchor::End);
    }
    (field, scale)
}

/// Labels below the field: every one, or every second, third ... so that no two touch.
fn draw_horizontal(sheet: &mut Sheet, field: Frame, marks: &[(f64, String)]) {
    let placed: Vec<(f64, f64, f64, &str)> = marks
        .iter()
        .map(|(x, text)| {
            let half = text_width(text, TEXT) / 2.0;
            let middle = x.min(sheet.width - 4.0 - half).max(4.0 + half);
            (*x, middle, half, text.as_str())
        })
        .collect();
    let stand_apart = |stride: &usize| {
        let shown: Vec<_> = placed.iter().step_by(*stride).collect();
        shown.windows(2).all(|pair| pair[0].1 + pair[0].2 + 12.0 <= pair[1].1 - pair[1].2)
    };
    let stride = (1..=placed.len().max(1)).find(stand_apart).unwrap_or(1);
    for (x, middle, _, text) in placed.iter().step_by(stride) {
        sheet.path(vec![(*x, field.bottom), (*x, field.bottom + 5.0)], AXIS, 1.0);
        sheet.text((*middle, field.bottom + 6.0 + LINE / 2.0), text, TEXT, GREY, Anchor::Middle);
    }
}

fn draw_pie(sheet: &mut Sheet, frame: Frame, figure: &Figure, parts: &[Part]) {
    let radius = (frame.height() / 2.0 - 4.0).min(frame.width() * 0.24);
    let centre = (frame.left + radius + 4.0, f64::midpoint(frame.top, frame.bottom));
    let mut start = -TAU / 4.0;
    for (index, part) in parts.iter().enumerate() {
        let end = start + part.share * TAU;
        let steps = ((part.share * 180.0).ceil() as usize).max(2);
        let on_rim = |angle: f64| (centre.0 + radius * angle.cos(), centre.1 + radius * angle.sin());
        let rim = (0..=steps).map(|i| on_rim(start + (end - start) * i as f64 / steps as f64));
        sheet.area(std::iter::once(centre).chain(rim).collect(), palette::series(index).rgb);
        start = end;
    }
    let mut start = -TAU / 4.0;
    for part in parts.iter().filter(|_| parts.len() > 1) {
        let edge = (centre.0 + (radius + 1.0) * start.cos(), centre.1 + (radius + 1.0) * start.sin());
        sheet.path(vec![centre, edge], WHITE, 2.0);
        start += part.share * TAU;
    }
    let left = centre.0 + radius + 32.0;
    let step = (frame.height() / parts.len().max(1) as f64).min(28.0);
    let size = TEXT.min(step * 0.9);
    let top = centre.1 - step * parts.len() as f64 / 2.0;
    let texts: Vec<String> =
        parts.iter().map(|p| format!("{:.1}%  ({})", p.share * 100.0, figure.text(p.value))).collect();
    let values = texts.iter().map(|text| text_width(text, size)).fold(0.0, f64::max);
    let widest = parts.iter().map(|p| text_width(&p.label, size)).fold(0.0, f64::max);
    let names = widest.min((frame.right - left - values - 36.0).max(60.0));
    for (index, (part, text)) in parts.iter().zip(&texts).enumerate() {
        let middle = top + step * (index as f64 + 0.5);
        sheet.rect((left, middle - 6.0), (left + 12.0, middle + 6.0), palette::series(index).rgb);
        sheet.text_cut((left + 20.0, middle), names, &part.label, size, INK, Anchor::Start);
        let at = left + 20.0 + names + 16.0;
        sheet.text_cut((at, middle), frame.right - at, text, size, GREY, Anchor::Start);
    }
}

fn draw_scatter(sheet: &mut Sheet, frame: Frame, figure: &Figure, scatter: &Scatter) {
    let xs = extent(scatter.points.iter().map(|p| p.0));
    let ys = extent(scatter.points.iter().map(|p| p.1));
    let (Some(xs), Some(ys)) = (xs, ys) else { return };
    let mut frame = frame;
    let said =
        scatter.fit.map_or(String::new(), |fit| format!(" (r = {:.2}, trend {} per unit)", fit.r, short(fit.slope)));
    let caption = format!("{}{said}", terminal::safe(&figure.measure.name, Charset::Unicode));
    sheet.text_cut((frame.left, frame.top + LINE / 2.0), frame.width(), &caption, TEXT, GREY, Anchor::Start);
    frame.top += LINE;
    let x_name = terminal::safe(&scatter.x.name, Charset::Unicode);
    sheet.text_cut((frame.right, frame.bottom - LINE / 2.0), frame.width(), &x_name, TEXT, GREY, Anchor::End);
    let (field, y_scale) =
        draw_vertical(sheet, Frame { right: frame.right - 10.0, bottom: frame.bottom - 2.0 * LINE - 6.0, ..frame }, ys);
    let x_scale = Scale::covering(xs.0, xs.1, ((field.width() / 90.0) as usize).clamp(2, 10), false);
    let marks: Vec<(f64, String)> =
        x_scale.ticks.iter().map(|t| (field.x(x_scale.fraction(*t)), x_scale.label(*t))).collect();
    draw_horizontal(sheet, field, &marks);
    // Many points together show as darker ground.
    let opacity = (40.0 / scatter.points.len() as f64).sqrt().clamp(0.08, 0.75);
    for (x, y) in &scatter.points {
        let at = (field.x(x_scale.fraction(*x)), field.y(y_scale.fraction(*y)));
        sheet.dot(at, 4.0, palette::series(0).rgb, opacity);
    }
    if let Some(fit) = scatter.fit {
        let inside = |&x: &f64| (y_scale.low..=y_scale.high).contains(&(fit.intercept + fit.slope * x));
        let steps: Vec<f64> = (0..=200).map(|i| xs.0 + (xs.1 - xs.0) * f64::from(i) / 200.0).collect();
        if let (Some(first), Some(last)) = (steps.iter().find(|x| inside(x)), steps.iter().rfind(|x| inside(x))) {
            let at = |x: f64| (field.x(x_scale.fraction(x)), field.y(y_scale.fraction(fit.intercept + fit.slope * x)));
            sheet.path(vec![at(*first), at(*last)], palette::series(1).rgb, 2.0);
        }
    }
}

fn draw_histogram(sheet: &mut Sheet, frame: Frame, figure: &Figure, values: &[f64]) {
    let bins = bins(values, ((frame.width() - 80.0) / 8.0).max(1.0) as usize);
    let fullest = bins.counts.iter().copied().max().unwrap_or(1);
    let middle = median(values);
    let note = format!("{} values, median {}", values.len(), figure.text(middle));
    sheet.text_cut((frame.left, frame.top + LINE / 2.0), frame.width(), &note, TEXT, GREY, Anchor::Start);
    let inner = Frame { top: frame.top + LINE, right: frame.right - 10.0, bottom: frame.bottom - LINE - 6.0, ..frame };
    let intervals = ((inner.height() / 55.0) as usize).clamp(2, 8);
    let (field, scale) = draw_scale(sheet, inner, Scale::covering(0.0, fullest as f64, intervals, true));
    let count = bins.counts.len().max(1);
    let width = field.width() / count as f64;
    for (index, bin) in bins.counts.iter().enumerate().filter(|(_, bin)| **bin > 0) {
        let left = field.left + width * index as f64;
        let top = field.y(scale.fraction(*bin as f64));
        sheet.rect((left + 0.5, top), (left + width - 0.5, field.bottom), palette::series(0).rgb);
    }
    let span = bins.step * count as f64;
    let edges = Scale { low: bins.low, high: bins.low + span, step: bins.step, ticks: Vec::new() };
    let mark = |index: usize| {
        let edge = bins.low + bins.step * index as f64;
        (field.x(edges.fraction(edge)), edges.label(edge))
    };
    draw_horizontal(sheet, field, &(0..=count).map(mark).collect::<Vec<_>>());
    let x = field.x(edges.fraction(middle));
    sheet.path(vec![(x, field.top), (x, field.bottom)], palette::series(1).rgb, 2.0);
}

fn draw_heatmap(sheet: &mut Sheet, frame: Frame, grid: &Grid) {
    let Some((low, high)) = extent(grid.values()) else { return };
    let labels = grid.rows.iter().map(|r| text_width(r, TEXT)).fold(0.0, f64::max).min(frame.width() * 0.3);
    let field = Frame { left: frame.left + labels + 10.0, top: frame.top + LINE, ..frame };
    let width = field.width() / grid.columns.len().max(1) as f64;
    let height = (field.height() / grid.rows.len().max(1) as f64).min(60.0);
    let size = TEXT.min(height * 0.8);
    for (index, name) in grid.columns.iter().enumerate() {
        let centre = field.left + width * (index as f64 + 0.5);
        sheet.text_cut((centre, frame.top + LINE / 2.0 - 3.0), width - 4.0, name, TEXT, GREY, Anchor::Middle);
    }
    // Halves are taken first: the span of the largest numbers is not a number.
    let span = (high / 2.0 - low / 2.0).max(f64::MIN_POSITIVE);
    for (row, (label, cells)) in grid.rows.iter().zip(&grid.cells).enumerate() {
        let top = field.top + height * row as f64;
        let middle = top + height / 2.0;
        sheet.text_cut((frame.left + labels, middle), labels, label, size, INK, Anchor::End);
        for (column, value) in cells.iter().enumerate() {
            let Some(value) = value else { continue };
            let left = field.left + width * column as f64;
            let share = ((value / 2.0 - low / 2.0) / span).clamp(0.0, 1.0);
            sheet.rect((left + 1.0, top + 1.0), (left + width - 1.0, top + height - 1.0), shade(share));
            let text = short(*value);
            if text_width(&text, size) <= width - 6.0 && height >= 14.0 {
                let ink = if share > 0.55 { WHITE } else { INK };
                sheet.text((left + width / 2.0, middle), &text, size, ink, Anchor::Middle);
            }
        }
    }
}

/// From nearly white to the first series colour.
fn shade(share: f64) -> Rgb {
    let mix = |from: u8, to: u8| (f64::from(from) + (f64::from(to) - f64::from(from)) * share).round() as u8;
    let (r, g, b) = palette::series(0).rgb;
    (mix(235, r), mix(243, g), mix(250, b))
}
