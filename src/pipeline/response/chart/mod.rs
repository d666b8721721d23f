//! Which chart the shape of a result asks for. Drawing is `crate::chart`'s.

mod shape;
pub mod time;

use shape::Shape;

use crate::pipeline::execution::ResultSet;

/// Kinds of chart. `Bars` are horizontal, in result order, from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChartKind {
    /// One row of up to three numbers, written large.
    BigNumbers,
    Line,
    Bars,
    GroupedBars,
    /// One bar of parts that make a whole (drawn as a pie in pictures if asked).
    Proportion,
    Scatter,
    Histogram,
    Heatmap,
}

impl ChartKind {
    pub const ALL: [Self; 8] = [
        Self::BigNumbers,
        Self::Line,
        Self::Bars,
        Self::GroupedBars,
        Self::Proportion,
        Self::Scatter,
        Self::Histogram,
        Self::Heatmap,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::BigNumbers => "big_numbers",
            Self::Line => "line",
            Self::Bars => "bar",
            Self::GroupedBars => "grouped_bar",
            Self::Proportion => "pie",
            Self::Scatter => "scatter",
            Self::Histogram => "histogram",
            Self::Heatmap => "heatmap",
        }
    }

    /// The words people use for a kind, any case.
    pub fn from_name(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "big_numbers" | "number" | "numbers" => Some(Self::BigNumbers),
            "line" | "lines" => Some(Self::Line),
            "bar" | "bars" | "column" => Some(Self::Bars),
            "grouped_bar" | "grouped" => Some(Self::GroupedBars),
            "pie" | "proportion" | "share" => Some(Self::Proportion),
            "scatter" => Some(Self::Scatter),
            "histogram" | "hist" => Some(Self::Histogram),
            "heatmap" | "heat" => Some(Self::Heatmap),
            _ => None,
        }
    }
}

/// What to draw, by positions of the result's columns. Numbers stay in the result.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartSpec {
    pub kind: ChartKind,
    pub title: String,
    /// Dates, categories, or the first number of a scatter. `None` for big numbers and histograms.
    pub x: Option<usize>,
    /// Measures; one for most kinds, more for grouped bars, several lines and big numbers.
    pub y: Vec<usize>,
    /// The column that splits rows into series, or the second category of a heatmap.
    pub series: Option<usize>,
    /// Why this kind.
    pub reason: String,
}

/// Lines for at most so many series are tried; the drawing shows the largest of them.
const MOST_SERIES: usize = 50;
/// Rows of a heatmap, and columns.
const MOST_CELLS: usize = 20;
/// Bars in no order are worth looking at up to here.
const MOST_UNSORTED_BARS: usize = 200;
/// Measures side by side, and rows that have them.
const MOST_GROUPED: (usize, usize) = (4, 12);

/// The chart for a result, or why there is none. With `wanted` only that kind is tried. An empty title is made from the
/// names of the columns.
///
/// # Errors
/// The reason in words, for people.
pub fn choose(result: &ResultSet, title: &str, wanted: Option<ChartKind>) -> Result<ChartSpec, String> {
    if result.rows.is_empty() {
        return Err("there are no rows to draw".to_owned());
    }
    let shape = Shape::of(result, title);
    if shape.measures.is_empty() {
        return Err("no column holds numbers that can be drawn".to_owned());
    }
    let mut spec = match wanted {
        Some(kind) => fit(kind, &shape)?,
        None => automatic(&shape)?,
    };
    spec.title = if title.trim().is_empty() { title_of(&spec, &shape) } else { title.trim().to_owned() };
    Ok(spec)
}

fn title_of(spec: &ChartSpec, shape: &Shape) -> String {
    let names = |columns: &[usize]| columns.iter().map(|&c| shape.name(c)).collect::<Vec<_>>().join(", ");
    let by: Vec<usize> = spec.x.into_iter().chain(spec.series).collect();
    if by.is_empty() { names(&spec.y) } else { format!("{} by {}", names(&spec.y), names(&by)) }
}

fn spec(kind: ChartKind, x: Option<usize>, y: Vec<usize>, series: Option<usize>, reason: String) -> ChartSpec {
    ChartSpec { kind, title: String::new(), x, y, series, reason }
}

type Choice = Result<ChartSpec, String>;

/// The table of shapes, from top to bottom.
fn automatic(shape: &Shape) -> Choice {
    let rows = shape.rows();
    if rows == 1 {
        return big_numbers(shape);
    }
    if shape.label().is_none() && shape.time().is_some_and(|time| shape.distinct(time) >= 3) {
        return line(shape);
    }
    if shape.labels.iter().any(|&c| !shape.is_code(c)) || !shape.times.is_empty() {
        return categories(shape);
    }
    let listed = shape.label().is_some() && (shape.measures.iter().any(|&m| shape.is_sorted_by(m)) || rows < 8);
    match shape.measures.len() {
        _ if listed => bars(shape),
        1 if rows >= 20 => histogram(shape),
        2.. if rows >= 8 => scatter(shape),
        _ if shape.label().is_some() => bars(shape),
        count => Err(format!("{rows} rows of {} have nothing to name them by", counted(count, "number"))),
    }
}

fn categories(shape: &Shape) -> Choice {
    if shape.label().is_none() && row_name(shape).is_none() {
        return crossed(shape);
    }
    if (2..=6).contains(&shape.rows()) {
        if let Some(&whole) = shape.measures.iter().find(|&&m| shape.is_whole(m)) {
            return proportion(shape, whole);
        }
        let asked = shape.mentions(&["share", "proportion", "split", "breakdown", "composition"]);
        if let Some(measure) = shape.measure().filter(|&m| asked && shape.is_parts(m)) {
            return proportion(shape, measure);
        }
    }
    let (most, most_rows) = MOST_GROUPED;
    if (2..=most).contains(&shape.comparable_measures().len()) && (2..=most_rows).contains(&shape.rows()) {
        return grouped_bars(shape);
    }
    let unsorted = !shape.measures.iter().any(|&m| shape.is_sorted_by(m));
    if unsorted && shape.rows() > MOST_UNSORTED_BARS {
        return Err(format!("{} bars in no order say little; the table is clearer", shape.rows()));
    }
    bars(shape)
}

/// No column alone names the rows, but two together may.
fn crossed(shape: &Shape) -> Choice {
    let (rows, columns) = pair(shape)?;
    if shape.distinct(rows).min(shape.distinct(columns)) <= 3 { grouped_bars(shape) } else { heatmap(shape) }
}

fn fit(kind: ChartKind, shape: &Shape) -> Choice {
    match kind {
        ChartKind::BigNumbers => big_numbers(shape),
        ChartKind::Line => line(shape),
        ChartKind::Bars => bars(shape),
        ChartKind::GroupedBars => grouped_bars(shape),
        ChartKind::Proportion => match shape.measures.iter().find(|&&m| shape.is_whole(m)).copied().or(shape.measure())
        {
            Some(measure) => proportion(shape, measure),
            None => Err("a pie needs a number for each part".to_owned()),
        },
        ChartKind::Scatter => scatter(shape),
        ChartKind::Histogram => histogram(shape),
        ChartKind::Heatmap => heatmap(shape),
    }
}

fn big_numbers(shape: &Shape) -> Choice {
    match (shape.rows(), shape.measures.len()) {
        (1, 1..=3) => Ok(spec(
            ChartKind::BigNumbers,
            None,
            shape.measures.clone(),
            None,
            format!("one row of {}", counted(shape.measures.len(), "number")),
        )),
        (1, count) => Err(format!("one row of {count} numbers is read best as a table")),
        (rows, _) => Err(format!("big numbers need a single row, and there are {rows}")),
    }
}

fn line(shape: &Shape) -> Choice {
    let Some(time) = shape.time() else { return line_over_numbers(shape) };
    let points = shape.distinct(time);
    if points < 2 {
        return Err("a line needs at least two points in time".to_owned());
    }
    let reason = format!("{} in time", counted(points, "point"));
    if shape.is_unique(&[time]) {
        return Ok(spec(ChartKind::Line, Some(time), shape.comparable_measures(), None, reason));
    }
    let splits = |&column: &usize| column != time && shape.is_unique(&[time, column]);
    let others = shape.times.iter().chain(&shape.labels).copied().filter(splits);
    let Some(series) = others.min_by_key(|&column| (shape.is_code(column), shape.distinct(column))) else {
        return Err(format!("several rows share one {}, and no single column tells them apart", shape.name(time)));
    };
    let count = shape.distinct(series);
    if count > MOST_SERIES {
        return Err(format!("{count} lines are too many to tell apart"));
    }
    let reason = format!("{reason} for {} of {}", counted(count, "value"), shape.name(series));
    Ok(spec(ChartKind::Line, Some(time), shape.measure().into_iter().collect(), Some(series), reason))
}

/// Without dates a line can still run over a number that grows from row to row.
fn line_over_numbers(shape: &Shape) -> Choice {
    let x = shape.measures.iter().copied().find(|&m| {
        let numbers: Vec<f64> = shape.numbers(m).collect();
        numbers.len() >= 2 && numbers.len() == shape.rows() && numbers.windows(2).all(|pair| pair[0] < pair[1])
    });
    let y = x.and_then(|x| shape.measures.iter().rev().copied().find(|&m| m != x));
    match (x, y) {
        (Some(x), Some(y)) => {
            Ok(spec(ChartKind::Line, Some(x), vec![y], None, format!("{} grows from row to row", shape.name(x))))
        }
        _ => Err("a line needs a date, or a number that grows from row to row".to_owned()),
    }
}

/// What a bar is called: a label, or a point in time.
fn row_name(shape: &Shape) -> Option<usize> {
    shape.label().or_else(|| shape.time().filter(|&time| shape.is_unique(&[time])))
}

fn bars(shape: &Shape) -> Choice {
    let Some(name) = row_name(shape) else {
        return Err("bars need a column that names each row".to_owned());
    };
    let reason = format!("a number for each of {} of {}", counted(shape.rows(), "value"), shape.name(name));
    Ok(spec(ChartKind::Bars, Some(name), shape.measure().into_iter().collect(), None, reason))
}

fn grouped_bars(shape: &Shape) -> Choice {
    if let Some(name) = row_name(shape) {
        let measures = shape.comparable_measures();
        if measures.len() < 2 {
            return Err("grouped bars need two numbers of one unit and size, or two columns to group by".to_owned());
        }
        let reason = format!("{} of one unit for each {}", counted(measures.len(), "number"), shape.name(name));
        return Ok(spec(ChartKind::GroupedBars, Some(name), measures, None, reason));
    }
    let (large, small) = pair(shape)?;
    if shape.distinct(small) > 6 {
        return Err(format!("{} bars in each group are too many", shape.distinct(small)));
    }
    let reason = format!("a number for each {} and {}", shape.name(large), shape.name(small));
    Ok(spec(ChartKind::GroupedBars, Some(large), shape.measure().into_iter().collect(), Some(small), reason))
}

fn proportion(shape: &Shape, measure: usize) -> Choice {
    let Some(name) = row_name(shape) else {
        return Err("a pie needs a column that names each part".to_owned());
    };
    if !shape.is_parts(measure) {
        return Err(format!("{} has gaps or numbers below zero, which cannot be parts", shape.name(measure)));
    }
    if !(2..=30).contains(&shape.rows()) {
        return Err(format!("a pie needs 2 to 30 parts, and there are {}", shape.rows()));
    }
    let reason = if shape.is_whole(measure) { "the parts make a whole" } else { "the share was asked for" };
    Ok(spec(ChartKind::Proportion, Some(name), vec![measure], None, reason.to_owned()))
}

fn scatter(shape: &Shape) -> Choice {
    let &[first, .., last] = shape.measures.as_slice() else {
        return Err("a scatter plot needs two numbers in each row".to_owned());
    };
    if shape.rows() < 3 {
        return Err("a scatter plot needs at least three rows".to_owned());
    }
    let y = shape.measure().filter(|&m| m != first).unwrap_or(last);
    let reason = format!("two numbers in each of {}", counted(shape.rows(), "row"));
    Ok(spec(ChartKind::Scatter, Some(first), vec![y], None, reason))
}

fn histogram(shape: &Shape) -> Choice {
    let Some(measure) = shape.measure().filter(|&m| shape.numbers(m).count() >= 5) else {
        return Err("a histogram needs at least five numbers".to_owned());
    };
    let reason =
        format!("how {} of {} are spread", counted(shape.numbers(measure).count(), "number"), shape.name(measure));
    Ok(spec(ChartKind::Histogram, None, vec![measure], None, reason))
}

fn heatmap(shape: &Shape) -> Choice {
    let (rows, columns) = pair(shape)?;
    let (height, width) = (shape.distinct(rows), shape.distinct(columns));
    if height > MOST_CELLS || width > MOST_CELLS {
        return Err(format!("{height} by {width} fields are too many for a heatmap"));
    }
    let reason = format!("a number for each {} and {}", shape.name(rows), shape.name(columns));
    Ok(spec(ChartKind::Heatmap, Some(rows), shape.measure().into_iter().collect(), Some(columns), reason))
}

/// Two columns that name the rows together, the one with more values first.
fn pair(shape: &Shape) -> Result<(usize, usize), String> {
    let mut columns: Vec<usize> = shape.labels.iter().chain(&shape.times).copied().collect();
    columns.sort_by_key(|&c| (shape.is_code(c), c));
    for (i, &a) in columns.iter().enumerate() {
        for &b in &columns[i + 1..] {
            if shape.is_unique(&[a, b]) && shape.distinct(a) > 1 && shape.distinct(b) > 1 {
                return Ok(if shape.distinct(b) > shape.distinct(a) { (b, a) } else { (a, b) });
            }
        }
    }
    Err("no two columns that repeat tell the rows apart together".to_owned())
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::execution::{ColumnType, ResultColumn, Unit};
    use crate::schema::{SemanticType as S, Value};

    fn text(name: &str, semantic: S) -> ResultColumn {
        ResultColumn { name: name.into(), kind: ColumnType::Text, unit: None, semantic }
    }

    fn real(name: &str, semantic: S) -> ResultColumn {
        ResultColumn { name: name.into(), kind: ColumnType::Real, unit: None, semantic }
    }

    fn percent(name: &str) -> ResultColumn {
        ResultColumn { unit: Some(Unit::Percent), ..real(name, S::Ratio) }
    }

    fn result(columns: Vec<ResultColumn>, rows: Vec<Vec<Value>>) -> ResultSet {
        ResultSet { columns, rows, ..ResultSet::default() }
    }

    fn t(value: impl std::fmt::Display) -> Value {
        Value::Text(value.to_string())
    }

    fn r(x: f64) -> Value {
        Value::Real(x)
    }

    /// Numbers in no order.
    fn mixed(i: usize) -> f64 {
        ((i * 37) % 101) as f64 + 1.0
    }

    fn chosen(result: &ResultSet, title: &str) -> (ChartKind, Option<usize>, Vec<usize>, Option<usize>) {
        let spec = choose(result, title, None).unwrap();
        (spec.kind, spec.x, spec.y, spec.series)
    }

    fn months_and_revenue(count: usize) -> ResultSet {
        let rows = (0..count).map(|i| vec![t(format!("2025-{:02}", i + 1)), r(mixed(i))]).collect();
        result(vec![text("month", S::Unknown), real("revenue", S::Money)], rows)
    }

    fn products(count: usize) -> ResultSet {
        let rows = (0..count).map(|i| vec![t(format!("p{i}")), r(mixed(i))]).collect();
        result(vec![text("product", S::Name), real("revenue", S::Money)], rows)
    }

    fn crossed(a: usize, b: usize) -> ResultSet {
        let rows = (0..a * b).map(|i| vec![t(format!("c{}", i / b)), t(format!("s{}", i % b)), r(mixed(i))]).collect();
        result(vec![text("category", S::Category), text("store", S::Category), real("revenue", S::Money)], rows)
    }

    #[test]
    fn one_row_is_written_large() {
        let one = result(vec![real("revenue", S::Money), real("units", S::Quantity)], vec![vec![r(5.0), r(2.0)]]);
        assert_eq!(chosen(&one, ""), (ChartKind::BigNumbers, None, vec![0, 1], None));
    }

    #[test]
    fn points_in_time_make_a_line() {
        assert_eq!(chosen(&months_and_revenue(12), ""), (ChartKind::Line, Some(0), vec![1], None));
        assert_eq!(chosen(&months_and_revenue(2), ""), (ChartKind::Bars, Some(0), vec![1], None));
    }

    #[test]
    fn a_category_beside_time_makes_series() {
        let rows = (0..12).map(|i| vec![t(format!("2025-{:02}", i / 3 + 1)), t(i % 3), r(mixed(i))]).collect();
        let lines = result(vec![text("m", S::Unknown), text("store", S::Category), real("revenue", S::Money)], rows);
        assert_eq!(chosen(&lines, ""), (ChartKind::Line, Some(0), vec![2], Some(1)));
    }

    #[test]
    fn year_and_month_make_a_line_for_each_year() {
        let integer = |name: &str, semantic| ResultColumn { kind: ColumnType::Integer, ..real(name, semantic) };
        let rows = (0..24)
            .map(|i| vec![Value::Integer(2024 + i / 12), Value::Integer(i % 12 + 1), r(mixed(i as usize))])
            .collect();
        let seasons =
            result(vec![integer("year", S::Year), integer("month", S::Month), real("revenue", S::Money)], rows);
        assert_eq!(chosen(&seasons, ""), (ChartKind::Line, Some(1), vec![2], Some(0)));
    }

    #[test]
    fn a_name_and_a_number_make_bars() {
        assert_eq!(chosen(&products(8), ""), (ChartKind::Bars, Some(0), vec![1], None));
        assert_eq!(chosen(&products(150), ""), (ChartKind::Bars, Some(0), vec![1], None));
        let reason = choose(&products(500), "", None).unwrap_err();
        assert_eq!(reason, "500 bars in no order say little; the table is clearer");
    }

    #[test]
    fn codes_name_bars_but_are_never_measures() {
        let code = ResultColumn { kind: ColumnType::Integer, ..real("upc", S::Code) };
        let id = ResultColumn { kind: ColumnType::Integer, ..real("store_id", S::Unknown) };
        let rows = (0..5).map(|i| vec![Value::Integer(i), Value::Integer(9), r(10.0 - i as f64)]).collect();
        let coded = result(vec![code, id, real("revenue", S::Money)], rows);
        assert_eq!(chosen(&coded, ""), (ChartKind::Bars, Some(0), vec![2], None));
        let only_ids = result(coded.columns[..2].to_vec(), vec![vec![Value::Integer(1), Value::Integer(2)]; 3]);
        assert_eq!(choose(&only_ids, "", None).unwrap_err(), "no column holds numbers that can be drawn");
    }

    #[test]
    fn a_name_is_preferred_to_a_code() {
        let rows = (0..5).map(|i| vec![t(1000 + i), t(format!("p{i}")), r(f64::from(i))]).collect();
        let named = result(vec![text("upc", S::Code), text("product", S::Name), real("revenue", S::Money)], rows);
        assert_eq!(chosen(&named, ""), (ChartKind::Bars, Some(1), vec![2], None));
    }

    #[test]
    fn parts_of_a_whole_are_drawn_as_parts() {
        let rows = vec![vec![t("a"), r(60.0)], vec![t("b"), r(25.0)], vec![t("c"), r(15.0)]];
        let whole = result(vec![text("category", S::Category), percent("share")], rows);
        assert_eq!(chosen(&whole, ""), (ChartKind::Proportion, Some(0), vec![1], None));
        let mut part = whole.clone();
        part.rows.pop();
        assert_eq!(chosen(&part, "").0, ChartKind::Bars);
        assert_eq!(chosen(&part, "share by category").0, ChartKind::Proportion);
        part.rows[0][1] = r(-60.0);
        assert_eq!(chosen(&part, "share by category").0, ChartKind::Bars);
    }

    #[test]
    fn numbers_alone_make_scatter_or_histogram() {
        let pairs = (0..20).map(|i| vec![r(mixed(i)), r(mixed(i * 3))]).collect();
        let scatter = result(vec![real("price", S::UnitPrice), real("units", S::Quantity)], pairs);
        assert_eq!(chosen(&scatter, ""), (ChartKind::Scatter, Some(0), vec![1], None));
        let single = (0..20).map(|i| vec![r(mixed(i))]).collect();
        let histogram = result(vec![real("price", S::UnitPrice)], single);
        assert_eq!(chosen(&histogram, ""), (ChartKind::Histogram, None, vec![0], None));
        let mut few = histogram.clone();
        few.rows.truncate(7);
        assert_eq!(choose(&few, "", None).unwrap_err(), "7 rows of 1 number have nothing to name them by");
    }

    #[test]
    fn two_categories_make_a_heatmap_or_groups() {
        assert_eq!(chosen(&crossed(5, 4), ""), (ChartKind::Heatmap, Some(0), vec![2], Some(1)));
        assert_eq!(chosen(&crossed(2, 5), ""), (ChartKind::GroupedBars, Some(1), vec![2], Some(0)));
        assert_eq!(choose(&crossed(21, 5), "", None).unwrap_err(), "21 by 5 fields are too many for a heatmap");
    }

    #[test]
    fn numbers_of_one_unit_stand_side_by_side_and_others_do_not() {
        let rows: Vec<Vec<Value>> =
            (0..4).map(|i| vec![t(i), r(mixed(i)), r(mixed(i) * 0.8), r(mixed(i) * 900.0)]).collect();
        let columns = |last| vec![text("c", S::Category), real("revenue", S::Money), real("cost", S::Money), last];
        let alike = result(columns(real("units", S::Quantity)), rows.clone());
        assert_eq!(chosen(&alike, "revenue and cost by category").2, vec![1, 2]);
        assert_eq!(chosen(&alike, "revenue by category"), (ChartKind::Bars, Some(0), vec![1], None));
        // Nothing named: the last, and what is of its unit and size.
        assert_eq!(chosen(&alike, ""), (ChartKind::Bars, Some(0), vec![3], None));
    }

    #[test]
    fn the_measure_that_sorts_the_rows_is_meant() {
        let rows = (0..4).map(|i| vec![t(i), r(50.0 - i as f64), r(mixed(i) * 9000.0)]).collect();
        let sorted = result(vec![text("c", S::Category), real("revenue", S::Money), real("units", S::Quantity)], rows);
        assert_eq!(chosen(&sorted, "").2, vec![1]);
    }

    #[test]
    fn a_wanted_kind_fits_or_says_why_not() {
        let wanted = |result: &ResultSet, kind| choose(result, "", Some(kind)).map(|spec| spec.kind);
        assert_eq!(wanted(&products(8), ChartKind::Proportion), Ok(ChartKind::Proportion));
        assert_eq!(wanted(&products(8), ChartKind::Histogram), Ok(ChartKind::Histogram));
        assert_eq!(wanted(&months_and_revenue(12), ChartKind::Bars), Ok(ChartKind::Bars));
        assert_eq!(wanted(&crossed(5, 4), ChartKind::GroupedBars), Ok(ChartKind::GroupedBars));
        let refused = [
            (products(8), ChartKind::Line, "a line needs a date, or a number that grows from row to row"),
            (products(8), ChartKind::Scatter, "a scatter plot needs two numbers in each row"),
            (products(8), ChartKind::BigNumbers, "big numbers need a single row, and there are 8"),
            (products(50), ChartKind::Proportion, "a pie needs 2 to 30 parts, and there are 50"),
            (crossed(5, 4), ChartKind::Bars, "bars need a column that names each row"),
            (
                products(8),
                ChartKind::GroupedBars,
                "grouped bars need two numbers of one unit and size, or two columns to group by",
            ),
            (products(8), ChartKind::Heatmap, "no two columns that repeat tell the rows apart together"),
        ];
        for (result, kind, reason) in refused {
            assert_eq!(wanted(&result, kind), Err(reason.to_owned()), "{}", kind.name());
        }
        assert_eq!(choose(&products(0), "", None).unwrap_err(), "there are no rows to draw");
    }

    #[test]
    fn titles_are_kept_or_made() {
        assert_eq!(choose(&products(3), "top products ", None).unwrap().title, "top products");
        assert_eq!(choose(&products(3), "", None).unwrap().title, "revenue by product");
        assert_eq!(choose(&crossed(5, 4), "", None).unwrap().title, "revenue by category, store");
    }

    #[test]
    fn kinds_are_read_back_from_their_names() {
        for kind in ChartKind::ALL {
            assert_eq!(ChartKind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(ChartKind::from_name("Bars"), Some(ChartKind::Bars));
        assert_eq!(ChartKind::from_name("radar"), None);
    }
}
