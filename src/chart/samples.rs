//! Small results with their specs, one for each kind of chart, for the tests of all drawings.

use crate::pipeline::execution::{ColumnType, ResultColumn, ResultSet, Unit};
use crate::pipeline::response::{ChartKind, ChartSpec};
use crate::schema::{SemanticType, Value};

pub fn text(name: &str) -> ResultColumn {
    ResultColumn { name: name.into(), kind: ColumnType::Text, unit: None, semantic: SemanticType::Category }
}

pub fn money(name: &str) -> ResultColumn {
    ResultColumn { name: name.into(), kind: ColumnType::Real, unit: Some(Unit::Money), semantic: SemanticType::Money }
}

pub fn count(name: &str) -> ResultColumn {
    ResultColumn { name: name.into(), kind: ColumnType::Integer, unit: None, semantic: SemanticType::Quantity }
}

pub fn spec(kind: ChartKind, x: Option<usize>, y: &[usize], series: Option<usize>) -> ChartSpec {
    let title = format!("a {} chart", kind.name());
    ChartSpec { kind, title, x, y: y.to_vec(), series, reason: String::new() }
}

pub fn result(columns: Vec<ResultColumn>, rows: Vec<Vec<Value>>) -> ResultSet {
    ResultSet { columns, rows, ..ResultSet::default() }
}

pub fn t(value: impl std::fmt::Display) -> Value {
    Value::Text(value.to_string())
}

pub fn r(x: f64) -> Value {
    Value::Real(x)
}

/// Numbers between 0 and 100 in no order, the same in every run.
pub fn mixed(i: usize) -> f64 {
    ((i * 7919 + i * i * 31) % 101) as f64
}

pub fn bars() -> (ChartSpec, ResultSet) {
    let rows = [("Frozen", 94_120.5), ("Dairy", 51_004.0), ("Snacks & sweets", 29_870.25), ("Produce", 310.0)];
    let rows = rows.iter().map(|(label, x)| vec![t(label), r(*x)]).collect();
    (spec(ChartKind::Bars, Some(0), &[1], None), result(vec![text("category"), money("revenue")], rows))
}

pub fn bars_around_zero() -> (ChartSpec, ResultSet) {
    let rows = [("Frozen", Some(40.0)), ("Dairy", Some(-10.0)), ("Produce", Some(-20.0)), ("Bakery", None)];
    let rows = rows.iter().map(|(label, x)| vec![t(label), x.map_or(Value::Null, r)]).collect();
    (spec(ChartKind::Bars, Some(0), &[1], None), result(vec![text("category"), money("margin")], rows))
}

pub fn many_bars() -> (ChartSpec, ResultSet) {
    let rows = (0..45).map(|i| vec![t(format!("product {i}")), r(4500.0 - 100.0 * f64::from(i))]).collect();
    (spec(ChartKind::Bars, Some(0), &[1], None), result(vec![text("product"), money("revenue")], rows))
}

pub fn groups() -> (ChartSpec, ResultSet) {
    let rows =
        (0..8).map(|i| vec![t(["Frozen", "Dairy", "Snacks", "Bakery"][i / 2]), t(2024 + i % 2), r(mixed(i + 2))]);
    (
        spec(ChartKind::GroupedBars, Some(0), &[2], Some(1)),
        result(vec![text("category"), text("year"), money("revenue")], rows.collect()),
    )
}

pub fn line() -> (ChartSpec, ResultSet) {
    let value = |i: usize| if i == 6 { Value::Null } else { r(120_000.0 + 3000.0 * mixed(i)) };
    let rows = (0..18).map(|i| vec![t(format!("{}-{:02}", 2024 + i / 12, i % 12 + 1)), value(i)]).collect();
    (spec(ChartKind::Line, Some(0), &[1], None), result(vec![text("month"), money("revenue")], rows))
}

/// `series` lines over a year.
pub fn lines(series: usize) -> (ChartSpec, ResultSet) {
    let rows = (0..12 * series).map(|i| {
        let (month, store) = (i / series, i % series);
        let level = 400.0 + 900.0 * (series - store) as f64 + 3.0 * mixed(i);
        vec![t(format!("2025-{:02}", month + 1)), t(format!("Store {store}")), r(level)]
    });
    (
        spec(ChartKind::Line, Some(0), &[2], Some(1)),
        result(vec![text("month"), text("store"), money("revenue")], rows.collect()),
    )
}

pub fn parts() -> (ChartSpec, ResultSet) {
    let rows = [("Frozen", 420.0), ("Dairy", 310.0), ("Snacks", 200.0), ("Bakery", 50.0), ("Deli", 12.0), ("Pet", 8.0)];
    let rows = rows.iter().map(|(label, x)| vec![t(label), r(*x)]).collect();
    (spec(ChartKind::Proportion, Some(0), &[1], None), result(vec![text("category"), money("revenue")], rows))
}

pub fn scatter(points: usize) -> (ChartSpec, ResultSet) {
    let rows = (0..points).map(|i| {
        let x = mixed(i) / 10.0 + i as f64 / points as f64;
        vec![r(x), r(500.0 - 30.0 * x + mixed(i * 3 + 1))]
    });
    (spec(ChartKind::Scatter, Some(0), &[1], None), result(vec![money("price"), count("units")], rows.collect()))
}

pub fn histogram() -> (ChartSpec, ResultSet) {
    let rows = (0..150).map(|i| vec![r((mixed(i) + mixed(i * 3 + 1) + mixed(i * 7 + 2)) / 3.0)]).collect();
    (spec(ChartKind::Histogram, None, &[0], None), result(vec![money("price")], rows))
}

pub fn heatmap() -> (ChartSpec, ResultSet) {
    let names = ["Frozen", "Dairy", "Snacks & sweets", "Bakery", "Deli"];
    let rows = (0..30)
        .filter(|i| i % 11 != 5)
        .map(|i| vec![t(names[i / 6]), t(format!("Zone {}", i % 6)), r(1000.0 * mixed(i))]);
    (
        spec(ChartKind::Heatmap, Some(0), &[2], Some(1)),
        result(vec![text("category"), text("zone"), money("revenue")], rows.collect()),
    )
}

pub fn big_numbers() -> (ChartSpec, ResultSet) {
    let rows = vec![vec![r(1_234_567.5), r(1_100_000.0)]];
    (spec(ChartKind::BigNumbers, None, &[0, 1], None), result(vec![money("revenue"), money("prior_revenue")], rows))
}

pub fn all() -> Vec<(ChartSpec, ResultSet)> {
    vec![
        bars(),
        bars_around_zero(),
        many_bars(),
        groups(),
        line(),
        lines(3),
        lines(9),
        parts(),
        scatter(60),
        scatter(3000),
        histogram(),
        heatmap(),
        big_numbers(),
    ]
}

/// Everything that a result may hold and a spec may get wrong.
pub fn hostile() -> Vec<(ChartSpec, ResultSet)> {
    let numbers = [f64::NAN, f64::INFINITY, f64::MAX, f64::MIN, 1e-320, 0.0, -0.0, 1e15, 5.0];
    let names =
        ["", "東京都東京都東京都", "\u{1b}[2J\n", "👩‍👩‍👧", "a very long name that goes on and on and on", "2025-01"];
    let rows: Vec<Vec<Value>> = (0..54)
        .map(|i| {
            let second = if i % 4 == 0 { Value::Null } else { r(numbers[(i / 3) % numbers.len()]) };
            vec![t(names[i % names.len()]), t(i), r(numbers[i % numbers.len()]), second, Value::Blob(vec![1])]
        })
        .collect();
    let columns = ["x", "\u{1b}]0;s\u{7}", "東京", "y\n", "blob"].map(money).to_vec();
    let full = result(columns, rows);
    let mut single = full.clone();
    single.rows.truncate(1);
    let mut empty = full.clone();
    empty.rows.clear();
    let mut ragged = full.clone();
    ragged.rows[3].truncate(1);
    let mut samples = Vec::new();
    for result in [full, single, empty, ragged] {
        for kind in ChartKind::ALL {
            samples.push((spec(kind, Some(0), &[2], Some(1)), result.clone()));
            samples.push((spec(kind, Some(1), &[3, 2], Some(0)), result.clone()));
            samples.push((spec(kind, Some(2), &[3], None), result.clone()));
            samples.push((spec(kind, Some(9), &[9], Some(9)), result.clone()));
            samples.push((spec(kind, None, &[], None), result.clone()));
        }
    }
    samples
}
