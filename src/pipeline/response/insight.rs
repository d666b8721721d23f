//! Findings computed from the rows: caveats first, then what stands out.

use super::figure::{count, heading, number};
use super::labels::{is_person, is_time, labels, name, opening, runs_backwards};
use super::statement::Shape;
use super::{Insight, InsightKind};
use crate::pipeline::execution::{ResultColumn, ResultSet};
use crate::schema::Value;

/// Insights at most (UX section 9).
const MOST: usize = 5;
/// Rows from which an outlier or a trend means something.
const OUTLIER_ROWS: usize = 12;
const TREND_ROWS: usize = 4;
/// Distance from the median in median absolute deviations that makes an outlier (Iglewicz and Hoaglin, 1993: 3.5).
const OUTLIER_SCORE: f64 = 3.5;
/// Share of the variance that a straight line must explain to be called a trend.
const TREND_FIT: f64 = 0.5;

/// At most five findings, most important first.
pub fn insights(result: &ResultSet, shape: &Shape) -> Vec<Insight> {
    let mut found = Vec::new();
    data_quality(result, &mut found);
    if let Some(series) = Series::of(result) {
        if series.in_time {
            change(&series, &mut found);
            trend(&series, &mut found);
        } else {
            if shape.adds_up(&series.column.name) {
                top_share(&series, result, &mut found);
            }
            range(&series, &mut found);
        }
        outlier(&series, result, &mut found);
    }
    found.truncate(MOST);
    found
}

/// A measure with the label of each of its rows.
struct Series<'a> {
    column: &'a ResultColumn,
    label: &'a ResultColumn,
    /// The columns that name a row.
    named: Vec<usize>,
    in_time: bool,
    /// Row, label, number.
    points: Vec<(usize, String, f64)>,
}

impl<'a> Series<'a> {
    fn of(result: &'a ResultSet) -> Option<Self> {
        let measure = result.columns.iter().rposition(|c| c.semantic.is_measure())?;
        // Two labels make groups within groups, which one figure per label would misread.
        let named: Vec<usize> = labels(result).into_iter().filter(|n| *n != measure).collect();
        let label = *named.first().filter(|_| named.len() == 1 || is_person(result, &named))?;
        if result.rows.len() < 2 {
            return None;
        }
        let column = &result.columns[label];
        let mut points: Vec<(usize, String, f64)> = result
            .rows
            .iter()
            .enumerate()
            .filter_map(|(i, row)| Some((i, name(result, &named, row), row[measure].as_f64()?)))
            .collect();
        let in_time = is_time(column);
        if in_time && runs_backwards(result, label) {
            points.reverse();
        }
        (points.len() > 1).then_some(Self { column: &result.columns[measure], label: column, named, in_time, points })
    }

    fn figure(&self, x: f64) -> String {
        number(x, self.column)
    }
}

fn data_quality(result: &ResultSet, found: &mut Vec<Insight>) {
    if result.truncated {
        found.push(Insight {
            kind: InsightKind::DataQuality,
            text: format!("Totals and shares cannot be read off the first {} rows alone.", count(result.rows.len())),
            rows: Vec::new(),
            figures: vec![("rows".to_owned(), result.rows.len() as f64)],
        });
    }
    for (i, column) in result.columns.iter().enumerate() {
        let empty: Vec<usize> = (0..result.rows.len()).filter(|r| result.rows[*r][i] == Value::Null).collect();
        if !empty.is_empty() && result.rows.len() > 1 {
            found.push(Insight {
                kind: InsightKind::DataQuality,
                text: format!(
                    "{} of {} rows have no {}.",
                    count(empty.len()),
                    count(result.rows.len()),
                    heading(column)
                ),
                figures: vec![("empty".to_owned(), empty.len() as f64)],
                rows: empty,
            });
        }
    }
    found.truncate(2);
}

/// Only what adds up has shares, and only if all of it is here.
fn top_share(series: &Series<'_>, result: &ResultSet, found: &mut Vec<Insight>) {
    if !series.column.semantic.is_additive()
        || result.truncated
        || series.points.iter().any(|p| p.2 < 0.0)
        || series.points.len() < 3
    {
        return;
    }
    let total: f64 = series.points.iter().map(|p| p.2).sum();
    let mut ranked: Vec<&(usize, String, f64)> = series.points.iter().collect();
    ranked.sort_by(|a, b| b.2.total_cmp(&a.2));
    let Some(first) = ranked.first().filter(|_| total > 0.0) else { return };
    let share = 100.0 * first.2 / total;
    found.push(Insight {
        kind: InsightKind::TopShare,
        text: format!(
            "{} holds {share:.1}% of the {} shown ({} of {}).",
            opening(result, &series.named, &result.rows[first.0]),
            heading(series.column),
            series.figure(first.2),
            series.figure(total)
        ),
        rows: vec![first.0],
        figures: vec![("share_percent".to_owned(), share), ("total".to_owned(), total)],
    });
    if ranked.len() >= 6 {
        let top: f64 = ranked[..3].iter().map(|p| p.2).sum();
        let share = 100.0 * top / total;
        found.push(Insight {
            kind: InsightKind::TopShare,
            text: format!("The top 3 of {} hold {share:.1}%.", ranked.len()),
            rows: ranked[..3].iter().map(|p| p.0).collect(),
            figures: vec![("share_percent".to_owned(), share)],
        });
    }
}

fn range(series: &Series<'_>, found: &mut Vec<Insight>) {
    let lowest = series.points.iter().min_by(|a, b| a.2.total_cmp(&b.2));
    let highest = series.points.iter().max_by(|a, b| a.2.total_cmp(&b.2).then(b.0.cmp(&a.0)));
    let (Some(lowest), Some(highest)) = (lowest, highest) else { return };
    if lowest.2 >= highest.2 {
        return;
    }
    found.push(Insight {
        kind: InsightKind::Range,
        text: format!(
            "The {} runs from {} ({}) to {} ({}).",
            heading(series.column),
            series.figure(lowest.2),
            lowest.1,
            series.figure(highest.2),
            highest.1
        ),
        rows: vec![lowest.0, highest.0],
        figures: vec![("lowest".to_owned(), lowest.2), ("highest".to_owned(), highest.2)],
    });
}

fn change(series: &Series<'_>, found: &mut Vec<Insight>) {
    let (Some(first), Some(last)) = (series.points.first(), series.points.last()) else { return };
    if first.2 == 0.0 || first.0 == last.0 {
        return;
    }
    let percent = 100.0 * (last.2 - first.2) / first.2.abs();
    found.push(Insight {
        kind: InsightKind::Change,
        text: format!(
            "From {} to {} the {} changed by {percent:+.1}% ({} to {}).",
            first.1,
            last.1,
            heading(series.column),
            series.figure(first.2),
            series.figure(last.2)
        ),
        rows: vec![first.0, last.0],
        figures: vec![("change_percent".to_owned(), percent)],
    });
}

/// A straight line through the points, least squares.
fn trend(series: &Series<'_>, found: &mut Vec<Insight>) {
    let n = series.points.len();
    if n < TREND_ROWS {
        return;
    }
    let mean_x = (n as f64 - 1.0) / 2.0;
    let mean_y = series.points.iter().map(|p| p.2).sum::<f64>() / n as f64;
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (i, point) in series.points.iter().enumerate() {
        let (dx, dy) = (i as f64 - mean_x, point.2 - mean_y);
        xy += dx * dy;
        xx += dx * dx;
        yy += dy * dy;
    }
    if xx == 0.0 || yy == 0.0 || xy * xy / (xx * yy) < TREND_FIT {
        return;
    }
    let slope = xy / xx;
    found.push(Insight {
        kind: InsightKind::Trend,
        text: format!(
            "The {} tends to {} by {} per {}.",
            heading(series.column),
            if slope > 0.0 { "rise" } else { "fall" },
            series.figure(slope.abs()),
            heading(series.label)
        ),
        rows: series.points.iter().map(|p| p.0).collect(),
        figures: vec![("slope".to_owned(), slope), ("r_squared".to_owned(), xy * xy / (xx * yy))],
    });
}

/// The point furthest from the median, if it is far.
fn outlier(series: &Series<'_>, result: &ResultSet, found: &mut Vec<Insight>) {
    if series.points.len() < OUTLIER_ROWS {
        return;
    }
    let median_of = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let median = median_of(series.points.iter().map(|p| p.2).collect());
    let deviation = median_of(series.points.iter().map(|p| (p.2 - median).abs()).collect());
    if deviation == 0.0 {
        return;
    }
    let score = |x: f64| 0.6745 * (x - median) / deviation;
    let Some(far) = series.points.iter().max_by(|a, b| score(a.2).abs().total_cmp(&score(b.2).abs())) else { return };
    if score(far.2).abs() < OUTLIER_SCORE {
        return;
    }
    found.push(Insight {
        kind: InsightKind::Outlier,
        text: format!(
            "{} stands apart: {} beside a median of {}.",
            opening(result, &series.named, &result.rows[far.0]),
            series.figure(far.2),
            series.figure(median)
        ),
        rows: vec![far.0],
        figures: vec![("value".to_owned(), far.2), ("median".to_owned(), median)],
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::execution::ColumnType;
    use crate::schema::{Dialect, SemanticType};

    fn result(label: SemanticType, name: &str, rows: &[(&str, f64)]) -> ResultSet {
        ResultSet {
            columns: vec![
                ResultColumn { name: name.into(), kind: ColumnType::Text, unit: None, semantic: label },
                ResultColumn {
                    name: "revenue".into(),
                    kind: ColumnType::Real,
                    unit: None,
                    semantic: SemanticType::Money,
                },
            ],
            rows: rows.iter().map(|(l, x)| vec![Value::Text((*l).into()), Value::Real(*x)]).collect(),
            ..ResultSet::default()
        }
    }

    fn insights_of(result: &ResultSet) -> Vec<Insight> {
        insights(result, &Shape::default())
    }

    #[test]
    fn means_have_no_shares() {
        let rows = result(SemanticType::Category, "dept", &[("A", 50.0), ("B", 30.0), ("C", 20.0)]);
        let mean = Shape::of("SELECT dept, AVG(x) AS revenue FROM t GROUP BY dept", Dialect::Sqlite);
        assert!(insights(&rows, &mean).iter().all(|i| i.kind != InsightKind::TopShare));
        let sum = Shape::of("SELECT dept, SUM(x) AS revenue FROM t GROUP BY dept", Dialect::Sqlite);
        assert!(insights(&rows, &sum).iter().any(|i| i.kind == InsightKind::TopShare));
    }

    #[test]
    fn shares_are_of_what_is_shown() {
        let found = insights_of(&result(SemanticType::Category, "dept", &[("A", 50.0), ("B", 30.0), ("C", 20.0)]));
        assert_eq!(found[0].kind, InsightKind::TopShare);
        assert!(found[0].text.contains("A holds 50.0%"), "{}", found[0].text);
        assert!(found.iter().any(|i| i.kind == InsightKind::Range));
    }

    #[test]
    fn a_cut_result_has_no_shares_and_says_so() {
        let mut cut = result(SemanticType::Category, "dept", &[("A", 50.0), ("B", 30.0), ("C", 20.0)]);
        cut.truncated = true;
        let found = insights_of(&cut);
        assert_eq!(found[0].kind, InsightKind::DataQuality);
        assert!(found.iter().all(|i| i.kind != InsightKind::TopShare));
    }

    #[test]
    fn time_gives_change_and_trend() {
        let found = insights_of(&result(
            SemanticType::Month,
            "month",
            &[("2025-01", 10.0), ("2025-02", 12.0), ("2025-03", 14.0), ("2025-04", 16.0)],
        ));
        assert!(found.iter().any(|i| i.kind == InsightKind::Change && i.text.contains("+60.0%")));
        assert!(found.iter().any(|i| i.kind == InsightKind::Trend && i.text.contains("rise by 2")));
    }

    #[test]
    fn one_far_point_among_many_is_named() {
        let rows: Vec<(String, f64)> =
            (0..14).map(|i| (format!("p{i}"), if i == 5 { 500.0 } else { 10.0 + f64::from(i % 3) })).collect();
        let rows: Vec<(&str, f64)> = rows.iter().map(|(l, x)| (l.as_str(), *x)).collect();
        let found = insights_of(&result(SemanticType::Name, "name", &rows));
        assert!(found.iter().any(|i| i.kind == InsightKind::Outlier && i.text.starts_with("p5 ")));
    }
}
