//! As analysts compare: numbers to two decimals, digits in text as numbers, midnight as the day. The rule is that of the
//! open scorer of retail questions.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::schema::Value;

/// Ways to match the columns that are tried at most.
const TRIES: usize = 5_000;
/// As [`TRIES`], where one column of labels is left out.
const LABEL_TRIES: usize = 200;
/// Rows of one shape among which a partner is looked for one by one; a search through more takes too long.
const SEARCHED: usize = 2_000;
/// Digits before the point of a text that is read as a number: longer ones are codes.
const DIGITS: usize = 4;

#[derive(Clone, Debug)]
enum Cell {
    Null,
    Number(f64),
    Text(String),
}

impl Cell {
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Integer(n) => Self::Number(*n as f64),
            Value::Real(x) => Self::Number(*x),
            Value::Text(text) => Self::of_text(text),
            Value::Blob(bytes) => Self::of_text(&String::from_utf8_lossy(bytes)),
        }
    }

    fn of_text(text: &str) -> Self {
        let text = text.trim();
        let text = text.strip_suffix(" 00:00:00").unwrap_or(text);
        match text.parse() {
            Ok(number) if is_short_number(text) => Self::Number(number),
            _ => Self::Text(text.to_owned()),
        }
    }

    /// Near enough to be one and the same.
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Number(a), Self::Number(b)) => are_near(*a, *b),
            (Self::Text(a), Self::Text(b)) => a == b,
            _ => false,
        }
    }

    fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    /// What must be alike for certain in a cell that is the same.
    fn shape(&self) -> (u8, &str) {
        (self.rank(), if let Self::Text(text) = self { text } else { "" })
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Number(_) => 1,
            Self::Text(_) => 2,
        }
    }
}

/// `-12.50`, but no `123456`.
fn is_short_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = text.split_once('.').map_or((text, None), |(whole, part)| (whole, Some(part)));
    let are_digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    whole.len() <= DIGITS && are_digits(whole) && part.is_none_or(are_digits)
}

fn are_near(a: f64, b: f64) -> bool {
    let distance = (a - b).abs();
    // Infinities have no distance.
    if a.total_cmp(&b).is_eq() || distance <= 1e-4 * a.abs().max(b.abs()) {
        return true;
    }
    // Further apart than this, two numbers cannot round to the same.
    if distance.is_nan() || distance > 0.011 {
        return false;
    }
    let cents = |x: f64| format!("{x:.2}").parse::<f64>().unwrap_or(x);
    let (x, y) = (cents(a), cents(b));
    let are_alike = |a: f64, b: f64| (a - b).abs() < 1e-9;
    // A figure given with two decimals may be half a cent away, however the half was rounded.
    are_alike(x, y) || (distance <= 0.005 + 1e-9 && (are_alike(x, a) || are_alike(y, b)))
}

type Row = Vec<Cell>;

/// True if the columns can be matched so that the rows are the same. Both have `width` columns. With `label_free` one
/// column of labels may be worded differently, one label for another, where a number stands beside it.
pub fn same(gold: &[Vec<Value>], made: &[Vec<Value>], width: usize, ordered: bool, label_free: bool) -> bool {
    if gold.len() != made.len() {
        return false;
    }
    let read =
        |rows: &[Vec<Value>]| -> Vec<Row> { rows.iter().map(|row| row.iter().map(Cell::of).collect()).collect() };
    let (gold, made) = (read(gold), read(made));
    let columns = |rows: &[Row]| -> Vec<Row> { (0..width).map(|i| sorted_column(rows, i)).collect() };
    let (ours, theirs) = (columns(&gold), columns(&made));
    let is_same =
        matched(&ours, &theirs, TRIES, &mut |chosen| paired(&gold, &turned(&made, chosen), ordered).is_some());
    is_same
        || (label_free
            && width >= 2
            && (0..width).any(|label| is_relabelled(&gold, &made, (&ours, &theirs), label, ordered)))
}

/// True if the rows are the same but for the words of one column of the gold, each for one of the other side.
fn is_relabelled(gold: &[Row], made: &[Row], columns: (&[Row], &[Row]), label: usize, ordered: bool) -> bool {
    let without = |row: &Row| [&row[..label], &row[label + 1..]].concat();
    let rest: Vec<Row> = gold.iter().map(without).collect();
    if !rest.iter().flatten().any(|cell| matches!(cell, Cell::Number(_))) {
        return false;
    }
    let ours: Vec<Row> = columns.0.iter().enumerate().filter(|(i, _)| *i != label).map(|(_, c)| c.clone()).collect();
    matched(&ours, columns.1, LABEL_TRIES, &mut |chosen| {
        let Some(pairs) = paired(&rest, &turned(made, chosen), ordered) else { return false };
        let mut free = (0..columns.1.len()).filter(|j| !chosen.contains(j));
        free.any(|j| {
            let word = |cell: &Cell| format!("{cell:?}");
            let pairs = || pairs.iter().map(|(a, b)| (word(&gold[*a][label]), word(&made[*b][j])));
            is_function(pairs()) && is_function(pairs().map(|(a, b)| (b, a)))
        })
    })
}

/// True if no first word has two second ones.
fn is_function(pairs: impl Iterator<Item = (String, String)>) -> bool {
    let mut known: HashMap<String, String> = HashMap::new();
    pairs.into_iter().all(|(from, to)| *known.entry(from).or_insert_with(|| to.clone()) == to)
}

/// Tries the ways to give each of our columns one of theirs that holds the same; true at the first that is good.
fn matched(ours: &[Row], theirs: &[Row], tries: usize, is_good: &mut dyn FnMut(&[usize]) -> bool) -> bool {
    let is_same = |a: &Row, b: &Row| a.iter().zip(b).all(|(a, b)| a.is(b));
    let fits: Vec<Vec<usize>> =
        ours.iter().map(|ours| (0..theirs.len()).filter(|j| is_same(ours, &theirs[*j])).collect()).collect();
    let mut left = tries;
    extended(&fits, &mut Vec::new(), &mut left, is_good)
}

fn extended(
    fits: &[Vec<usize>],
    chosen: &mut Vec<usize>,
    left: &mut usize,
    is_good: &mut dyn FnMut(&[usize]) -> bool,
) -> bool {
    let Some(fitting) = fits.get(chosen.len()) else {
        *left = left.saturating_sub(1);
        return is_good(chosen);
    };
    for j in fitting {
        if *left == 0 || chosen.contains(j) {
            continue;
        }
        chosen.push(*j);
        if extended(fits, chosen, left, is_good) {
            return true;
        }
        chosen.pop();
    }
    false
}

/// The positions of rows that are the same, each used once; `None` if one has no partner.
fn paired(gold: &[Row], made: &[Row], ordered: bool) -> Option<Vec<(usize, usize)>> {
    let are_same = |a: &Row, b: &Row| a.iter().zip(b).all(|(a, b)| a.is(b));
    if ordered {
        let is_same = gold.iter().zip(made).all(|(a, b)| are_same(a, b));
        return is_same.then(|| (0..gold.len()).map(|i| (i, i)).collect());
    }
    let (ours, mut theirs) = (shapes(gold), shapes(made));
    let mut pairs = Vec::with_capacity(gold.len());
    for (shape, ours) in ours {
        let mut free = theirs.remove(&shape).filter(|theirs| theirs.len() == ours.len())?;
        if ours.iter().zip(&free).all(|(i, j)| are_same(&gold[*i], &made[*j])) {
            pairs.extend(ours.into_iter().zip(free));
            continue;
        }
        // Numbers that are near may sort differently.
        if ours.len() > SEARCHED {
            return None;
        }
        for i in ours {
            let at = free.iter().position(|j| are_same(&gold[i], &made[*j]))?;
            pairs.push((i, free.remove(at)));
        }
    }
    Some(pairs)
}

/// Texts where a row has texts, and of which kind its other cells are.
type Shape<'a> = Vec<(u8, &'a str)>;

/// Rows by what must be alike for certain, those of one shape in order.
fn shapes(rows: &[Row]) -> HashMap<Shape<'_>, Vec<usize>> {
    let mut shapes: HashMap<Shape<'_>, Vec<usize>> = HashMap::new();
    for (number, row) in rows.iter().enumerate() {
        shapes.entry(row.iter().map(Cell::shape).collect()).or_default().push(number);
    }
    let order = |a: &usize, b: &usize| {
        rows[*a].iter().zip(&rows[*b]).map(|(a, b)| a.order(b)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
    };
    for numbers in shapes.values_mut() {
        numbers.sort_by(order);
    }
    shapes
}

fn turned(rows: &[Row], chosen: &[usize]) -> Vec<Row> {
    rows.iter().map(|row| chosen.iter().map(|j| row[*j].clone()).collect()).collect()
}

fn sorted_column(rows: &[Row], i: usize) -> Row {
    let mut column: Row = rows.iter().map(|row| row[i].clone()).collect();
    column.sort_by(Cell::order);
    column
}
