//! The numbers of a chart, read out of the rows once for all drawings. Columns and rows that are not there are passed
//! over: a figure that has nothing to show is none.

use std::collections::HashMap;

use super::scale::round_step;
use crate::export::format;
use crate::pipeline::execution::{ResultColumn, ResultSet};
use crate::pipeline::response::chart::time;
use crate::pipeline::response::{ChartKind, ChartSpec};
use crate::schema::Value;
use crate::terminal::{self, Charset};

/// Lines that are drawn one by one; of more, the five largest are, and the rest is summed if that means something.
const MOST_LINES: usize = 6;
/// Parts of a whole that are smaller are put together.
const LEAST_SHARE: f64 = 0.03;

/// A chart with its numbers.
#[derive(Clone, Debug)]
pub struct Figure<'a> {
    pub title: String,
    /// The column whose values are drawn; it knows how they are written.
    pub measure: &'a ResultColumn,
    pub body: Body<'a>,
}

#[derive(Clone, Debug)]
pub enum Body<'a> {
    BigNumbers(Vec<BigNumber>),
    Bars(Vec<Bar>),
    Groups(Grid),
    Lines(Lines),
    Parts(Vec<Part>),
    Scatter(Scatter<'a>),
    Histogram(Vec<f64>),
    Heatmap(Grid),
}

#[derive(Clone, Debug, PartialEq)]
pub struct BigNumber {
    pub name: String,
    pub text: String,
    /// Change against the value of a column that holds the period before, in percent.
    pub change: Option<f64>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    pub label: String,
    pub value: Option<f64>,
    pub text: String,
}

/// Rows times columns; `None` where there is no value.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    pub rows: Vec<String>,
    pub columns: Vec<String>,
    pub cells: Vec<Vec<Option<f64>>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Lines {
    /// In ascending order.
    pub xs: Vec<f64>,
    pub labels: Vec<String>,
    pub series: Vec<Line>,
    /// What is not drawn one by one.
    pub note: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub name: String,
    /// Position in `xs` and value; `None` is a gap.
    pub points: Vec<(usize, Option<f64>)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub label: String,
    pub value: f64,
    /// 0 to 1.
    pub share: f64,
}

#[derive(Clone, Debug)]
pub struct Scatter<'a> {
    pub x: &'a ResultColumn,
    pub points: Vec<(f64, f64)>,
    pub fit: Option<Fit>,
}

/// Least squares line and Pearson's correlation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    pub r: f64,
    pub slope: f64,
    pub intercept: f64,
}

/// Counts of values in equal intervals. The last one holds its upper edge too.
#[derive(Clone, Debug, PartialEq)]
pub struct Bins {
    pub low: f64,
    pub step: f64,
    pub counts: Vec<usize>,
}

impl<'a> Figure<'a> {
    /// `None` if the rows hold nothing to draw.
    pub fn of(spec: &ChartSpec, result: &'a ResultSet, charset: Charset) -> Option<Self> {
        let reader = Reader { result, charset };
        let y = spec.y.first().copied()?;
        let measure = result.columns.get(y)?;
        let body = match spec.kind {
            ChartKind::BigNumbers => Body::BigNumbers(reader.big_numbers(&spec.y)),
            ChartKind::Bars => Body::Bars(reader.bars(spec.x, y)),
            ChartKind::Proportion => Body::Parts(reader.parts(spec.x, y)),
            ChartKind::GroupedBars => Body::Groups(match spec.series {
                Some(series) => reader.pivot(spec.x?, series, y)?,
                None => reader.side_by_side(spec.x, &spec.y),
            }),
            ChartKind::Heatmap => Body::Heatmap(reader.pivot(spec.x?, spec.series?, y)?),
            ChartKind::Line => Body::Lines(reader.lines(spec.x?, &spec.y, spec.series)?),
            ChartKind::Scatter => Body::Scatter(reader.scatter(spec.x?, y)?),
            ChartKind::Histogram => Body::Histogram(reader.numbers(y)),
        };
        let figure = Self { title: reader.title(spec, measure), measure, body };
        figure.has_values().then_some(figure)
    }

    /// All values of the measure in drawing order.
    pub fn values(&self) -> Vec<f64> {
        match &self.body {
            Body::BigNumbers(_) => Vec::new(),
            Body::Bars(bars) => bars.iter().filter_map(|b| b.value).collect(),
            Body::Groups(grid) | Body::Heatmap(grid) => grid.values().collect(),
            Body::Lines(lines) => {
                lines.series.iter().flat_map(|s| s.points.iter().filter_map(|point| point.1)).collect()
            }
            Body::Parts(parts) => parts.iter().map(|p| p.value).collect(),
            Body::Scatter(scatter) => scatter.points.iter().map(|p| p.1).collect(),
            Body::Histogram(numbers) => numbers.clone(),
        }
    }

    /// A number of the measure, written in full.
    pub fn text(&self, x: f64) -> String {
        format::number(x, self.measure)
    }

    fn has_values(&self) -> bool {
        match &self.body {
            Body::BigNumbers(numbers) => !numbers.is_empty(),
            _ => !self.values().is_empty(),
        }
    }
}

impl Grid {
    pub fn values(&self) -> impl Iterator<Item = f64> + '_ {
        self.cells.iter().flatten().filter_map(|cell| *cell)
    }
}

/// Smallest and largest; `None` if there are no numbers.
pub fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values
        .into_iter()
        .fold(None, |seen: Option<(f64, f64)>, x| Some(seen.map_or((x, x), |(low, high)| (low.min(x), high.max(x)))))
}

/// The middle number, or the mean of the two in the middle.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

/// Five to forty round intervals (Rice's rule: twice the cube root of the count), at most `most` of them.
pub fn bins(values: &[f64], most: usize) -> Bins {
    let Some((low, high)) = extent(values.iter().copied()) else {
        return Bins { low: 0.0, step: 1.0, counts: vec![] };
    };
    let most = most.clamp(1, 40);
    let wanted = ((values.len() as f64).cbrt() * 2.0).ceil().clamp(5.0, 40.0) as usize;
    let whole = values.iter().all(|x| x.fract() == 0.0);
    let made = |intervals: usize| bins_of(values, (low, high), intervals, whole);
    let enough = (wanted..=40).map(made).find(|b| b.counts.len() >= 5 && b.counts.len() <= most);
    enough.or_else(|| (1..=wanted).rev().map(made).find(|b| b.counts.len() <= most)).unwrap_or_else(|| Bins {
        low,
        step: (high - low).max(1.0),
        counts: vec![values.len()],
    })
}

fn bins_of(values: &[f64], (low, high): (f64, f64), intervals: usize, whole: bool) -> Bins {
    if high - low <= high.abs().max(low.abs()) * 1e-9 || !(high - low).is_finite() {
        return Bins { low, step: 1.0, counts: vec![values.len()] };
    }
    let step = round_step((high - low) / intervals as f64, whole);
    let start = (low / step + 1e-9).floor() * step;
    let intervals = (high - start) / step;
    // Small whole numbers (ratings, say) each have their own bin, so the largest needs one too.
    let own = whole && step <= 1.0;
    let count = if own { intervals.floor() + 1.0 } else { (intervals - 1e-9).ceil() }.clamp(1.0, 200.0) as usize;
    let mut counts = vec![0; count];
    for x in values {
        let index = ((x - start) / step + 1e-9).floor().max(0.0) as usize;
        counts[index.min(count - 1)] += 1;
    }
    Bins { low: start, step, counts }
}

/// An axis, and the place of each row on it.
struct Positions {
    rows: Vec<Option<usize>>,
    xs: Vec<f64>,
    labels: Vec<String>,
}

struct Reader<'a> {
    result: &'a ResultSet,
    charset: Charset,
}

impl<'a> Reader<'a> {
    fn title(&self, spec: &ChartSpec, measure: &ResultColumn) -> String {
        let title = terminal::safe(&spec.title, self.charset);
        let says_so = title.contains('%') || title.to_lowercase().contains("percent");
        if format::is_percent(measure) && !says_so { format!("{title} (%)") } else { title.into_owned() }
    }

    fn column(&self, index: usize) -> Option<&'a ResultColumn> {
        self.result.columns.get(index)
    }

    fn name(&self, index: usize) -> String {
        self.column(index).map_or(String::new(), |c| terminal::safe(&c.name, self.charset).into_owned())
    }

    fn number(row: &[Value], index: usize) -> Option<f64> {
        row.get(index)?.as_f64().filter(|x| x.is_finite())
    }

    fn numbers(&self, index: usize) -> Vec<f64> {
        self.result.rows.iter().filter_map(|row| Self::number(row, index)).collect()
    }

    fn text(&self, row: &[Value], index: usize) -> String {
        match (row.get(index), self.column(index)) {
            (Some(value), Some(column)) => {
                let text = format::cell_in(value, column, self.charset);
                text.strip_suffix(" 00:00:00").or_else(|| text.strip_suffix("T00:00:00")).unwrap_or(&text).to_owned()
            }
            _ => String::new(),
        }
    }

    fn big_numbers(&self, columns: &[usize]) -> Vec<BigNumber> {
        let Some(row) = self.result.rows.first() else { return Vec::new() };
        let before = columns.iter().copied().find(|&c| is_of_period_before(&self.name(c)));
        let known: Vec<usize> = columns.iter().copied().filter(|&c| self.column(c).is_some()).collect();
        let of = |&index: &usize| BigNumber {
            name: self.name(index),
            text: self.text(row, index),
            change: before
                .filter(|b| *b != index)
                .and_then(|b| change(Self::number(row, b)?, Self::number(row, index)?)),
        };
        known.iter().map(of).collect()
    }

    fn bars(&self, x: Option<usize>, y: usize) -> Vec<Bar> {
        let bar = |row: &Vec<Value>| Bar {
            label: x.map_or(String::new(), |x| self.text(row, x)),
            value: Self::number(row, y),
            text: self.text(row, y),
        };
        self.result.rows.iter().map(bar).collect()
    }

    fn parts(&self, x: Option<usize>, y: usize) -> Vec<Part> {
        let bars = self.bars(x, y);
        let total: f64 = bars.iter().filter_map(|b| b.value).filter(|v| *v > 0.0).sum();
        let share = |value: f64| if total > 0.0 { value / total } else { 0.0 };
        let all = bars.into_iter().filter_map(|bar| {
            let value = bar.value.filter(|v| *v > 0.0)?;
            Some(Part { label: bar.label, value, share: share(value) })
        });
        let (large, small): (Vec<Part>, Vec<Part>) = all.partition(|part| part.share >= LEAST_SHARE);
        if small.len() < 2 {
            return [large, small].concat();
        }
        let value = small.iter().map(|p| p.value).sum();
        let rest = Part { label: format!("{} others", small.len()), value, share: share(value) };
        [large, vec![rest]].concat()
    }

    fn side_by_side(&self, x: Option<usize>, ys: &[usize]) -> Grid {
        Grid {
            rows: self.result.rows.iter().map(|row| x.map_or(String::new(), |x| self.text(row, x))).collect(),
            columns: ys.iter().map(|&y| self.name(y)).collect(),
            cells: self.result.rows.iter().map(|row| ys.iter().map(|&y| Self::number(row, y)).collect()).collect(),
        }
    }

    fn pivot(&self, x: usize, series: usize, y: usize) -> Option<Grid> {
        let (rows, row_of) = self.places(x)?;
        let (columns, column_of) = self.places(series)?;
        let mut cells = vec![vec![None; columns.len()]; rows.len()];
        for (index, row) in self.result.rows.iter().enumerate() {
            cells[row_of[index]][column_of[index]] = Self::number(row, y);
        }
        Some(Grid { rows, columns, cells })
    }

    /// The distinct texts of a column (points in time in their order, others as they come) and each row's place among
    /// them.
    fn places(&self, index: usize) -> Option<(Vec<String>, Vec<usize>)> {
        let column = self.column(index)?;
        let values: Vec<&Value> = self.result.rows.iter().map(|row| row.get(index).unwrap_or(&Value::Null)).collect();
        let texts: Vec<String> = self.result.rows.iter().map(|row| self.text(row, index)).collect();
        let mut distinct: Vec<(f64, String)> = Vec::new();
        let mut seen: HashMap<&str, usize> = HashMap::new();
        let in_time = time::is_time(values.iter().copied(), column);
        for (value, text) in values.iter().zip(&texts) {
            seen.entry(text).or_insert_with(|| {
                let at = time::moment(value, column).filter(|_| in_time).map_or(distinct.len() as f64, |m| m.at);
                distinct.push((at, text.clone()));
                distinct.len() - 1
            });
        }
        distinct.sort_by(|a, b| a.0.total_cmp(&b.0));
        let place: HashMap<&str, usize> =
            distinct.iter().enumerate().map(|(i, (_, text))| (text.as_str(), i)).collect();
        let places = texts.iter().map(|text| place.get(text.as_str()).copied().unwrap_or(0)).collect();
        Some((distinct.iter().map(|(_, text)| text.clone()).collect(), places))
    }

    fn lines(&self, x: usize, ys: &[usize], series: Option<usize>) -> Option<Lines> {
        let Positions { rows, xs, labels } = self.positions(x)?;
        let mut lines: Vec<Line> = Vec::new();
        let mut line_of: HashMap<String, usize> = HashMap::new();
        for (row, position) in self.result.rows.iter().zip(rows) {
            let Some(position) = position else { continue };
            for &y in ys {
                let name = series.map_or_else(|| self.name(y), |series| self.text(row, series));
                let index = *line_of.entry(name.clone()).or_insert_with(|| {
                    lines.push(Line { name, points: Vec::new() });
                    lines.len() - 1
                });
                lines[index].points.push((position, Self::number(row, y)));
            }
        }
        for line in &mut lines {
            line.points.sort_by_key(|point| point.0);
        }
        let additive = ys.first().and_then(|&y| self.column(y)).is_some_and(|c| c.semantic.is_additive());
        let (series, note) = largest(lines, additive);
        Some(Lines { xs, labels, series, note })
    }

    /// Where each row lies on the axis, and the axis: points in time, numbers, or else the order of the rows.
    fn positions(&self, x: usize) -> Option<Positions> {
        let column = self.column(x)?;
        let values = || self.result.rows.iter().map(|row| row.get(x).unwrap_or(&Value::Null));
        let in_time = time::is_time(values(), column);
        let all_numbers = values().all(|v| v.as_f64().is_some_and(f64::is_finite));
        let mut order: HashMap<String, f64> = HashMap::new();
        let at: Vec<Option<f64>> = values()
            .zip(&self.result.rows)
            .map(|(value, row)| {
                if in_time {
                    return time::moment(value, column).map(|m| m.at);
                }
                if all_numbers {
                    return value.as_f64();
                }
                let next = order.len() as f64;
                Some(*order.entry(self.text(row, x)).or_insert(next))
            })
            .collect();
        let mut distinct: Vec<(f64, usize)> =
            at.iter().enumerate().filter_map(|(row, at)| Some(((*at)?, row))).collect();
        distinct.sort_by(|a, b| a.0.total_cmp(&b.0));
        distinct.dedup_by(|a, b| a.0.total_cmp(&b.0).is_eq());
        let place = |at: f64| distinct.binary_search_by(|probe| probe.0.total_cmp(&at)).ok();
        let rows = at.iter().map(|at| at.and_then(place)).collect();
        let labels = distinct.iter().map(|(_, row)| self.text(&self.result.rows[*row], x)).collect();
        Some(Positions { rows, xs: distinct.iter().map(|d| d.0).collect(), labels })
    }

    fn scatter(&self, x: usize, y: usize) -> Option<Scatter<'a>> {
        let pair = |row: &Vec<Value>| Some((Self::number(row, x)?, Self::number(row, y)?));
        let points: Vec<(f64, f64)> = self.result.rows.iter().filter_map(pair).collect();
        let fit = fit(&points);
        Some(Scatter { x: self.column(x)?, points, fit })
    }
}

/// The largest lines by the sum of their sizes; the rest in one line where sums mean something.
fn largest(mut lines: Vec<Line>, additive: bool) -> (Vec<Line>, Option<String>) {
    let count = lines.len();
    if count <= MOST_LINES {
        return (lines, None);
    }
    let size = |line: &Line| line.points.iter().filter_map(|p| p.1).map(f64::abs).sum::<f64>();
    lines.sort_by(|a, b| size(b).total_cmp(&size(a)));
    let kept = if additive { MOST_LINES - 1 } else { MOST_LINES };
    let rest = lines.split_off(kept);
    if !additive {
        return (lines, Some(format!("the {kept} largest of {count}")));
    }
    let mut sums: Vec<(usize, Option<f64>)> = Vec::new();
    let mut points: Vec<(usize, Option<f64>)> = rest.into_iter().flat_map(|line| line.points).collect();
    points.sort_by_key(|point| point.0);
    for (position, value) in points {
        match sums.last_mut() {
            Some((last, sum)) if *last == position => {
                *sum = sum.map(|s| s + value.unwrap_or(0.0)).or(value);
            }
            _ => sums.push((position, value)),
        }
    }
    lines.push(Line { name: "other".to_owned(), points: sums });
    (lines, Some(format!("the {kept} largest of {count}, the rest as other")))
}

fn fit(points: &[(f64, f64)]) -> Option<Fit> {
    let n = points.len() as f64;
    if points.len() < 3 {
        return None;
    }
    let (mx, my) = (points.iter().map(|p| p.0 / n).sum::<f64>(), points.iter().map(|p| p.1 / n).sum::<f64>());
    let sum = |f: fn(f64, f64) -> f64| points.iter().map(|(x, y)| f(x - mx, y - my)).sum::<f64>();
    let (xx, yy, xy) = (sum(|x, _| x * x), sum(|_, y| y * y), sum(|x, y| x * y));
    let fit = Fit { r: xy / (xx * yy).sqrt(), slope: xy / xx, intercept: my - xy / xx * mx };
    (fit.r.is_finite() && fit.slope.is_finite() && fit.intercept.is_finite()).then_some(fit)
}

/// In percent; `None` where the value before is zero.
fn change(before: f64, now: f64) -> Option<f64> {
    (before != 0.0).then(|| (now - before) / before.abs() * 100.0).filter(|x| x.is_finite())
}

fn is_of_period_before(name: &str) -> bool {
    name.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .any(|w| matches!(w, "prior" | "previous" | "prev" | "last"))
}
