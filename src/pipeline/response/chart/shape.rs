//! What a result looks like to somebody who wants to draw it: which columns are measures, points in time, labels.

use std::collections::HashSet;

use super::time;
use crate::pipeline::execution::{ColumnType, ResultColumn, ResultSet, Unit};
use crate::schema::{SemanticType, Value};

/// Measures are drawn on one axis only if the largest is at most this many times the smallest.
const COMPARABLE: f64 = 20.0;

/// Positions of columns, by what they can be in a chart.
pub(super) struct Shape<'a> {
    result: &'a ResultSet,
    /// Lower-case words of the title.
    title: Vec<String>,
    pub measures: Vec<usize>,
    pub times: Vec<usize>,
    pub labels: Vec<usize>,
}

impl<'a> Shape<'a> {
    pub fn of(result: &'a ResultSet, title: &str) -> Self {
        let mut shape =
            Self { result, title: words(title), measures: Vec::new(), times: Vec::new(), labels: Vec::new() };
        for (index, column) in result.columns.iter().enumerate() {
            if is_time(result, index, column) {
                shape.times.push(index);
            } else if is_measure(result, index, column) {
                shape.measures.push(index);
            } else if is_label(result, index, column) {
                shape.labels.push(index);
            }
        }
        shape
    }

    pub fn rows(&self) -> usize {
        self.result.rows.len()
    }

    pub fn name(&self, column: usize) -> &str {
        &self.result.columns[column].name
    }

    /// Title words of this kind are there.
    pub fn mentions(&self, any: &[&str]) -> bool {
        self.title.iter().any(|word| any.contains(&word.as_str()))
    }

    pub fn distinct(&self, column: usize) -> usize {
        self.distinct_rows(&[column])
    }

    /// No two rows hold the same in these columns.
    pub fn is_unique(&self, columns: &[usize]) -> bool {
        self.distinct_rows(columns) == self.rows()
    }

    /// Numbers of the column, NULLs and infinities left out.
    pub fn numbers(&self, column: usize) -> impl Iterator<Item = f64> + '_ {
        self.result.rows.iter().filter_map(move |row| row.get(column)?.as_f64()).filter(|x| x.is_finite())
    }

    /// The rows stand in the order of this measure, up or down.
    pub fn is_sorted_by(&self, measure: usize) -> bool {
        let numbers: Vec<f64> = self.numbers(measure).collect();
        numbers.len() >= 3
            && numbers.first() != numbers.last()
            && (numbers.is_sorted() || numbers.iter().rev().is_sorted())
    }

    pub fn is_code(&self, column: usize) -> bool {
        let column = &self.result.columns[column];
        matches!(column.semantic, SemanticType::Id | SemanticType::Code) || is_named_as_key(&column.name)
    }

    /// The column that names the rows: one that tells them apart, a name before a code.
    pub fn label(&self) -> Option<usize> {
        let unique = |column: &usize| self.is_unique(&[*column]);
        let (codes, names): (Vec<usize>, Vec<usize>) = self.labels.iter().partition(|&&column| self.is_code(column));
        let telling_name = names.iter().copied().find(unique);
        let Some(code) = codes.iter().copied().find(unique) else { return telling_name };
        // Names that hardly ever repeat are still better to read than a code.
        let near_name = names.into_iter().find(|&name| self.distinct(name) * 10 >= self.rows() * 8);
        telling_name.or(near_name).or(Some(code))
    }

    /// The point in time that tells most rows apart.
    pub fn time(&self) -> Option<usize> {
        self.times.iter().copied().max_by_key(|&column| (self.distinct(column), std::cmp::Reverse(column)))
    }

    /// The measure to draw if only one can be: named in the title, else the one that the rows are sorted by, else the
    /// last, which is where a statement puts what it computed.
    pub fn measure(&self) -> Option<usize> {
        let named = self.named_measures();
        let candidates = if named.is_empty() { &self.measures } else { &named };
        candidates.iter().rev().copied().find(|&m| self.is_sorted_by(m)).or_else(|| candidates.last().copied())
    }

    /// Measures that can share an axis with [`Self::measure`]: same unit, similar size.
    pub fn comparable_measures(&self) -> Vec<usize> {
        let Some(main) = self.measure() else { return Vec::new() };
        let named = self.named_measures();
        let candidates = if named.is_empty() { &self.measures } else { &named };
        let fits = |&m: &usize| {
            let (a, b) = (self.size(m), self.size(main));
            self.unit(m) == self.unit(main) && a.max(b) <= COMPARABLE * a.min(b)
        };
        candidates.iter().copied().filter(fits).collect()
    }

    /// Non-negative numbers without gaps that sum to a whole: 100 for percents, 1 for ratios.
    pub fn is_whole(&self, measure: usize) -> bool {
        let column = &self.result.columns[measure];
        let whole = match (column.unit, column.semantic) {
            (Some(Unit::Percent), _) | (None, SemanticType::Percent) => 100.0,
            (None, SemanticType::Ratio) => 1.0,
            _ => return false,
        };
        let sum: f64 = self.numbers(measure).sum();
        self.is_parts(measure) && (sum - whole).abs() <= whole * 0.005
    }

    /// Numbers that can be parts of something: none below zero, none missing, not all zero.
    pub fn is_parts(&self, measure: usize) -> bool {
        self.numbers(measure).count() == self.rows()
            && self.numbers(measure).all(|x| x >= 0.0)
            && self.numbers(measure).sum::<f64>() > 0.0
    }

    fn named_measures(&self) -> Vec<usize> {
        let is_named = |&m: &usize| {
            let name = words(self.name(m));
            !name.is_empty() && name.iter().all(|word| self.title.contains(word))
        };
        self.measures.iter().copied().filter(is_named).collect()
    }

    fn unit(&self, measure: usize) -> (bool, bool) {
        let column = &self.result.columns[measure];
        let money = column.unit == Some(Unit::Money)
            || matches!(column.semantic, SemanticType::Money | SemanticType::UnitPrice);
        let quotient = column.unit == Some(Unit::Percent)
            || matches!(column.semantic, SemanticType::Percent | SemanticType::Ratio);
        (money, quotient)
    }

    fn size(&self, measure: usize) -> f64 {
        self.numbers(measure).map(f64::abs).fold(0.0, f64::max)
    }

    fn distinct_rows(&self, columns: &[usize]) -> usize {
        let keys = self.result.rows.iter().map(|row| columns.iter().map(|&c| row.get(c).map(key)).collect::<Vec<_>>());
        keys.collect::<HashSet<_>>().len()
    }
}

/// Lower-case words; a plural `s` is dropped, since questions and columns differ in it.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| {
            let word = word.to_lowercase();
            if word.len() > 3 && !word.ends_with("ss") { word.trim_end_matches('s').to_owned() } else { word }
        })
        .collect()
}

/// Values that compare and hash as the database tells them apart.
#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    Null,
    Integer(i64),
    Real(u64),
    Text(&'a str),
    Blob(&'a [u8]),
}

fn key(value: &Value) -> Key<'_> {
    match value {
        Value::Null => Key::Null,
        Value::Integer(n) => Key::Integer(*n),
        Value::Real(x) => Key::Real(x.to_bits()),
        Value::Text(text) => Key::Text(text),
        Value::Blob(bytes) => Key::Blob(bytes),
    }
}

fn is_time(result: &ResultSet, index: usize, column: &ResultColumn) -> bool {
    !matches!(column.semantic, SemanticType::Id | SemanticType::Code | SemanticType::Money)
        && column.unit.is_none()
        && time::is_time(result.rows.iter().filter_map(|row| row.get(index)), column)
}

fn is_measure(result: &ResultSet, index: usize, column: &ResultColumn) -> bool {
    let mut cells = result.rows.iter().filter_map(|row| row.get(index)).filter(|v| !v.is_null()).peekable();
    let numeric = match column.kind {
        ColumnType::Integer | ColumnType::Real => cells.peek().is_some(),
        ColumnType::Any => cells.peek().is_some() && cells.all(|v| v.as_f64().is_some()),
        ColumnType::Text | ColumnType::Blob => false,
    };
    let may_be = column.unit.is_some()
        || column.semantic.is_measure()
        || (column.semantic == SemanticType::Unknown && !is_named_as_key(&column.name));
    numeric && may_be
}

fn is_label(result: &ResultSet, index: usize, column: &ResultColumn) -> bool {
    column.kind != ColumnType::Blob && result.rows.iter().any(|row| row.get(index).is_some_and(|v| !v.is_null()))
}

/// Where no profile says what a computed column means, its name may still say that it is a key.
fn is_named_as_key(name: &str) -> bool {
    let name = name.to_lowercase();
    name == "id" || name.ends_with("_id") || name.ends_with(" id") || name.ends_with("_code")
}
