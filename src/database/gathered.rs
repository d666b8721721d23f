//! The figures of one column, taken while its rows go by.

use std::collections::HashMap;

use rusqlite::types::ValueRef;

use crate::schema::{ColumnProfile, SemanticType, Value};

/// What the values of a table that are told apart may still take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// Values of one column.
    pub distinct: usize,
    /// Bytes of all columns.
    pub bytes: usize,
}

impl Room {
    /// What a value takes beside its own bytes.
    const EACH: usize = 48;

    /// False if the value cannot be kept as well.
    fn take(&mut self, known: usize, bytes: usize) -> bool {
        let needed = bytes + Self::EACH;
        let fits = known < self.distinct && needed <= self.bytes;
        if fits {
            self.bytes -= needed;
        }
        fits
    }
}

/// Figures of one column while its rows go by.
#[derive(Default)]
pub(super) struct Gathered {
    pub rows: u64,
    nulls: u64,
    numbers: u64,
    texts: u64,
    iso_dates: u64,
    text_chars: u64,
    blobs: u64,
    min: Option<Value>,
    max: Option<Value>,
    texts_seen: HashMap<Vec<u8>, u64>,
    /// Keyed by the bits of the number, so that 1 and 1.0 count once.
    numbers_seen: HashMap<u64, u64>,
    capped: bool,
}

impl Gathered {
    pub fn add(&mut self, value: ValueRef<'_>, room: &mut Room) {
        self.rows += 1;
        match value {
            ValueRef::Null => self.nulls += 1,
            ValueRef::Integer(n) => self.add_number(n as f64, Value::Integer(n), room),
            ValueRef::Real(x) => self.add_number(x, Value::Real(x), room),
            ValueRef::Text(bytes) => self.add_text(bytes, room),
            ValueRef::Blob(_) => self.blobs += 1,
        }
    }

    fn add_number(&mut self, x: f64, value: Value, room: &mut Room) {
        self.numbers += 1;
        if self.min.as_ref().is_none_or(|m| m.as_f64().is_none_or(|m| x < m)) {
            self.min = Some(value.clone());
        }
        if self.max.as_ref().is_none_or(|m| m.as_f64().is_some_and(|m| x > m)) {
            self.max = Some(value);
        }
        if let Some(count) = self.numbers_seen.get_mut(&x.to_bits()) {
            *count += 1;
        } else if room.take(self.numbers_seen.len(), 0) {
            self.numbers_seen.insert(x.to_bits(), 1);
        } else {
            self.capped = true;
        }
    }

    fn add_text(&mut self, bytes: &[u8], room: &mut Room) {
        self.texts += 1;
        self.text_chars += bytes.len() as u64;
        if is_iso_date(bytes) {
            self.iso_dates += 1;
        }
        if let Some(count) = self.texts_seen.get_mut(bytes) {
            *count += 1;
            return;
        }
        let text = String::from_utf8_lossy(bytes);
        if self.min.as_ref().is_none_or(|m| m.as_text().is_some_and(|m| *text < *m)) {
            self.min = Some(Value::Text(text.clone().into_owned()));
        }
        // Texts sort after numbers in SQLite.
        if self.max.as_ref().is_none_or(|m| m.as_text().is_none_or(|m| *text > *m)) {
            self.max = Some(Value::Text(text.into_owned()));
        }
        if room.take(self.texts_seen.len(), bytes.len()) {
            self.texts_seen.insert(bytes.to_vec(), 1);
        } else {
            self.capped = true;
        }
    }

    /// The profile without its meaning, and the distinct values, most frequent first, then in order.
    pub fn finish(self) -> (ColumnProfile, Vec<(Value, u64)>) {
        let filled = self.rows - self.nulls;
        let distinct = (self.texts_seen.len() + self.numbers_seen.len()) as u64;
        let mut values: Vec<(Value, u64)> = self
            .texts_seen
            .into_iter()
            .map(|(bytes, n)| (Value::Text(String::from_utf8_lossy(&bytes).into_owned()), n))
            .chain(self.numbers_seen.into_iter().map(|(bits, n)| (Value::Real(f64::from_bits(bits)), n)))
            .collect();
        values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| value_order(&a.0, &b.0)));
        let integers = matches!((&self.min, &self.max), (Some(Value::Integer(_)), Some(Value::Integer(_))));
        if integers {
            for (value, _) in &mut values {
                if let Value::Real(x) = value {
                    *value = Value::Integer(*x as i64);
                }
            }
        }
        let profile = ColumnProfile {
            semantic: SemanticType::Unknown,
            rows: self.rows,
            sampled: false,
            nulls: self.nulls,
            distinct,
            unique: self.rows > 0 && self.nulls == 0 && distinct == self.rows && !self.capped,
            min: self.min,
            max: self.max,
            exact_ends: false,
            top: Vec::new(),
            numeric: filled > 0 && self.numbers == filled,
            iso_dates: filled > 0 && self.iso_dates == filled,
            mean_length: if self.texts == 0 { 0.0 } else { self.text_chars as f64 / self.texts as f64 },
        };
        (profile, values)
    }
}

fn value_order(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        _ => a.as_f64().unwrap_or(f64::MAX).total_cmp(&b.as_f64().unwrap_or(f64::MAX)),
    }
}

/// `2025-01-31`, with or without a time after it.
fn is_iso_date(bytes: &[u8]) -> bool {
    bytes.len() >= 10
        && bytes
            .iter()
            .take(10)
            .enumerate()
            .all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() })
        && bytes.get(10).is_none_or(|b| matches!(b, b' ' | b'T'))
}

pub(super) fn owned(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => Value::Integer(n),
        ValueRef::Real(x) => Value::Real(x),
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}
