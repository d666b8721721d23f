//! As the open Spider scorer compares: bags of rows up to an order of the columns, the order of rows where it is asked for.

use std::collections::HashMap;

use crate::schema::Value;

/// Orders of the columns tried at most, as the scorer does.
const TRIES: usize = 20_000;

/// A value as it is compared: a whole real is an integer, other reals are known by ten digits.
#[derive(PartialEq, Eq, Hash)]
enum Cell<'a> {
    Null,
    Integer(i64),
    Real(String),
    Text(&'a str),
    Blob(&'a [u8]),
}

impl<'a> Cell<'a> {
    fn of(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Integer(n) => Self::Integer(*n),
            Value::Real(x) if x.is_nan() => Self::Null,
            Value::Real(x) if x.fract() == 0.0 && x.abs() < 1e15 => Self::Integer(*x as i64),
            Value::Real(x) => Self::Real(format!("{x:.9e}")),
            Value::Text(text) => Self::Text(text),
            Value::Blob(bytes) => Self::Blob(bytes),
        }
    }
}

/// A row whose cells are numbered: equal cells have equal numbers.
type Row = Vec<usize>;

/// True if some order of the columns makes the rows the same. Two results without rows are the same, however many
/// columns they have.
pub fn same(gold: &[Vec<Value>], made: &[Vec<Value>], ordered: bool) -> bool {
    let (Some(first), Some(other)) = (gold.first(), made.first()) else { return gold.is_empty() && made.is_empty() };
    let width = first.len();
    if gold.len() != made.len() || width != other.len() {
        return false;
    }
    let mut numbers: HashMap<Cell<'_>, usize> = HashMap::new();
    let (gold, made) = (numbered(gold, &mut numbers), numbered(made, &mut numbers));
    // Most results that differ do so whatever the order of their cells.
    let sorted_cells = |rows: &[Row]| arranged(rows.iter().map(|row| sorted(row.clone())).collect(), ordered);
    if sorted_cells(&gold) != sorted_cells(&made) {
        return false;
    }
    let column = |rows: &[Row], i: usize| sorted(rows.iter().map(|row| row[i]).collect());
    let theirs: Vec<Row> = (0..width).map(|j| column(&made, j)).collect();
    let fitting = |i| {
        let ours = column(&gold, i);
        (0..width).filter(|j| theirs[*j] == ours).collect()
    };
    let fits = (0..width).map(fitting).collect();
    Search { gold: arranged(gold, ordered), made, ordered, fits, tries: TRIES }.ends_well(&mut Vec::new())
}

struct Search {
    /// As it must come out.
    gold: Vec<Row>,
    made: Vec<Row>,
    ordered: bool,
    /// For each column of the gold, those made that hold the same.
    fits: Vec<Vec<usize>>,
    tries: usize,
}

impl Search {
    /// True if the columns chosen so far can be completed.
    fn ends_well(&mut self, chosen: &mut Vec<usize>) -> bool {
        if self.tries == 0 {
            return false;
        }
        if chosen.len() == self.fits.len() {
            self.tries -= 1;
            let turned = self.made.iter().map(|row| chosen.iter().map(|j| row[*j]).collect()).collect();
            return arranged(turned, self.ordered) == self.gold;
        }
        for j in self.fits[chosen.len()].clone() {
            if chosen.contains(&j) {
                continue;
            }
            chosen.push(j);
            if self.ends_well(chosen) {
                return true;
            }
            chosen.pop();
        }
        false
    }
}

fn numbered<'a>(rows: &'a [Vec<Value>], numbers: &mut HashMap<Cell<'a>, usize>) -> Vec<Row> {
    let mut number = |value: &'a Value| {
        let next = numbers.len();
        *numbers.entry(Cell::of(value)).or_insert(next)
    };
    rows.iter().map(|row| row.iter().map(&mut number).collect()).collect()
}

/// In their order, or sorted where the order does not count.
fn arranged(rows: Vec<Row>, ordered: bool) -> Vec<Row> {
    if ordered { rows } else { sorted(rows) }
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort_unstable();
    items
}
