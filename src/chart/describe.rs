//! The text twin of a chart: title, range, top points and trend in words, for those who cannot see the drawing.

use std::borrow::Cow;

use super::figure::{Body, Figure, Grid, Lines, Scatter, bins, extent, median};
use super::scale::short;
use crate::pipeline::execution::ResultSet;
use crate::pipeline::response::ChartSpec;
use crate::terminal::{self, Charset};

/// Sentences about what a drawing of the spec would show.
pub fn describe(spec: &ChartSpec, result: &ResultSet) -> String {
    let Some(figure) = Figure::of(spec, result, Charset::Unicode) else {
        return format!("{}: nothing to draw.", safe(&spec.title));
    };
    let body = match &figure.body {
        Body::BigNumbers(numbers) => {
            let said = |n: &super::figure::BigNumber| match n.change {
                Some(change) => format!("{} {} ({change:+.1}% against the period before)", n.name, n.text),
                None => format!("{} {}", n.name, n.text),
            };
            format!("{}.", numbers.iter().map(said).collect::<Vec<_>>().join("; "))
        }
        Body::Bars(bars) => {
            let points: Vec<(String, f64)> = bars.iter().filter_map(|b| Some((b.label.clone(), b.value?))).collect();
            format!("bar chart of {}. {}{}", bars.len(), ranked(&figure, points), missing(bars.len(), &figure))
        }
        Body::Groups(grid) => format!("grouped bars. {}", grid_points(&figure, grid)),
        Body::Heatmap(grid) => format!("heatmap. {}", grid_points(&figure, grid)),
        Body::Lines(lines) => describe_lines(&figure, lines),
        Body::Parts(parts) => {
            let said = parts.iter().map(|p| format!("{} {:.1}% ({})", p.label, p.share * 100.0, figure.text(p.value)));
            format!("parts of a whole. {}.", said.collect::<Vec<_>>().join("; "))
        }
        Body::Scatter(scatter) => describe_scatter(&figure, scatter),
        Body::Histogram(numbers) => describe_histogram(&figure, numbers),
    };
    format!("{}: {body}", figure.title)
}

fn safe(text: &str) -> Cow<'_, str> {
    terminal::safe(text, Charset::Unicode)
}

/// The three largest and the smallest.
fn ranked(figure: &Figure, mut points: Vec<(String, f64)>) -> String {
    points.sort_by(|a, b| b.1.total_cmp(&a.1));
    let said = |(label, value): &(String, f64)| format!("{label} {}", figure.text(*value));
    let top = points.iter().take(3).map(said).collect::<Vec<_>>().join("; ");
    match points.last() {
        Some(last) if points.len() > 3 => format!("Highest: {top}. Lowest: {}.", said(last)),
        _ => format!("Highest first: {top}."),
    }
}

fn missing(count: usize, figure: &Figure) -> String {
    match count - figure.values().len() {
        0 => String::new(),
        gaps => format!(" {gaps} without a value."),
    }
}

fn grid_points(figure: &Figure, grid: &Grid) -> String {
    let cells = grid.cells.iter().zip(&grid.rows).flat_map(|(cells, row)| {
        cells.iter().zip(&grid.columns).filter_map(move |(cell, column)| Some((format!("{row}, {column}"), (*cell)?)))
    });
    format!("{} by {}. {}", grid.rows.len(), grid.columns.len(), ranked(figure, cells.collect()))
}

fn describe_lines(figure: &Figure, lines: &Lines) -> String {
    let span = match (lines.labels.first(), lines.labels.last()) {
        (Some(first), Some(last)) => format!("{} points from {first} to {last}", lines.labels.len()),
        _ => String::new(),
    };
    let mut text = format!("line chart, {span}.");
    if let Some(note) = &lines.note {
        text.extend([" Shown: ", note, "."]);
    }
    for line in &lines.series {
        let points: Vec<(usize, f64)> = line.points.iter().filter_map(|(x, y)| Some((*x, (*y)?))).collect();
        let name = if lines.series.len() > 1 { format!("{}: ", line.name) } else { String::new() };
        text.extend([" ", &name, &trend(figure, lines, &points)]);
    }
    text
}

fn trend(figure: &Figure, lines: &Lines, points: &[(usize, f64)]) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return "no values.".to_owned() };
    let low = points.iter().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or(first);
    let high = points.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or(last);
    let at = |point: &(usize, f64)| format!("{} in {}", figure.text(point.1), lines.labels[point.0]);
    let change = last.1 - first.1;
    let word = match change {
        change if change > 0.0 => "Rises",
        change if change < 0.0 => "Falls",
        _ => "Ends where it began:",
    };
    let percent = if first.1 == 0.0 || change == 0.0 {
        String::new()
    } else {
        format!(" by {:.1}%", (change / first.1).abs() * 100.0)
    };
    let (from, to) = (figure.text(first.1), figure.text(last.1));
    format!("{word}{percent} from {from} to {to}. Lowest {}, highest {}.", at(low), at(high))
}

fn describe_scatter(figure: &Figure, scatter: &Scatter) -> String {
    let names = format!(
        "scatter plot of {} points, {} over {}",
        scatter.points.len(),
        safe(&figure.measure.name),
        safe(&scatter.x.name)
    );
    let Some(fit) = scatter.fit else { return format!("{names}.") };
    let strength = match fit.r.abs() {
        r if r >= 0.7 => "strongly",
        r if r >= 0.3 => "moderately",
        _ => "hardly",
    };
    let direction = if fit.r >= 0.0 { "together" } else { "against each other" };
    format!("{names}. They move {strength} {direction}: r = {:.2}, slope {}.", fit.r, short(fit.slope))
}

fn describe_histogram(figure: &Figure, numbers: &[f64]) -> String {
    let Some((low, high)) = extent(numbers.iter().copied()) else { return "histogram.".to_owned() };
    let bins = bins(numbers, 40);
    let fullest = bins.counts.iter().enumerate().max_by_key(|(_, count)| **count).map_or(0, |(index, _)| index);
    let from = bins.low + fullest as f64 * bins.step;
    format!(
        "histogram of {} values from {} to {}, median {}. Most ({}) lie from {} to {}.",
        numbers.len(),
        figure.text(low),
        figure.text(high),
        figure.text(median(numbers)),
        bins.counts.get(fullest).copied().unwrap_or(0),
        figure.text(from),
        figure.text(from + bins.step),
    )
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn every_kind_is_told_in_words() {
        let cases = [
            (
                samples::bars(),
                "a bar chart: bar chart of 4. Highest: Frozen 94,120.50; Dairy 51,004.00; Snacks & sweets 29,870.25. \
                 Lowest: Produce 310.00.",
            ),
            (
                samples::bars_around_zero(),
                "a bar chart: bar chart of 4. Highest first: Frozen 40.00; Dairy -10.00; Produce -20.00. \
                 1 without a value.",
            ),
            (
                samples::line(),
                "a line chart: line chart, 18 points from 2024-01 to 2025-06. Rises by 152.5% from 120,000.00 to \
                 303,000.00. Lowest 120,000.00 in 2024-01, highest 417,000.00 in 2024-04.",
            ),
            (
                samples::parts(),
                "a pie chart: parts of a whole. Frozen 42.0% (420.00); Dairy 31.0% (310.00); Snacks 20.0% (200.00); \
                 Bakery 5.0% (50.00); 2 others 2.0% (20.00).",
            ),
            (
                samples::scatter(60),
                "a scatter chart: scatter plot of 60 points, units over price. They move strongly against each other: \
                 r = -0.95, slope -30.3.",
            ),
            (
                samples::histogram(),
                "a histogram chart: histogram of 150 values from 0.67 to 91.33, median 48.50. Most (32) lie from \
                 40.00 to 50.00.",
            ),
            (
                samples::groups(),
                "a grouped_bar chart: grouped bars. 4 by 2. Highest: Frozen, 2025 99.00; Bakery, 2024 90.00; \
                 Snacks, 2025 89.00. Lowest: Frozen, 2024 4.00.",
            ),
            (
                samples::big_numbers(),
                "a big_numbers chart: revenue 1,234,567.50 (+12.2% against the period before); prior_revenue \
                 1,100,000.00.",
            ),
        ];
        for ((spec, result), expected) in cases {
            assert_eq!(describe(&spec, &result), expected);
        }
    }

    #[test]
    fn lines_that_are_not_drawn_are_told() {
        let (spec, result) = samples::lines(9);
        assert!(describe(&spec, &result).contains("Shown: the 5 largest of 9, the rest as other. Store 0: Rises by"));
    }

    #[test]
    fn no_rows_are_told() {
        let (spec, mut result) = samples::bars();
        result.rows.clear();
        assert_eq!(describe(&spec, &result), "a bar chart: nothing to draw.");
    }
}
