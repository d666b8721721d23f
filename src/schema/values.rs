//! Distinct values of text columns, found by the words people use for them. In memory, no I/O.

use std::collections::HashMap;

use super::ColumnId;
use crate::language::{fold, lemma};

/// How a value was found, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValueMatchKind {
    /// The words asked are all the words of the value.
    Exact,
    /// The words asked are some of the value's words.
    Partial,
    /// A spelling mistake away.
    Fuzzy,
}

/// A value that the asked words may mean.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueHit {
    pub column: ColumnId,
    /// As the database has it.
    pub value: String,
    pub kind: ValueMatchKind,
    /// Rows read that hold it.
    pub rows: u64,
}

/// Distinct values by their folded words. Look-ups give hits in the order of insertion, so nothing depends on hashing.
#[derive(Clone, Debug, Default)]
pub struct ValueIndex {
    entries: Vec<Entry>,
    /// All lemmas of a value joined by blanks -> entries.
    phrases: HashMap<String, Vec<u32>>,
    /// One lemma -> entries that contain it.
    tokens: HashMap<String, Vec<u32>>,
}

#[derive(Clone, Debug)]
struct Entry {
    column: ColumnId,
    value: String,
    rows: u64,
}

/// Partial hits given back at most: more means the words say too little.
const PARTIAL_HITS: usize = 40;

impl ValueIndex {
    pub fn insert(&mut self, column: ColumnId, value: &str, rows: u64) {
        let words = value_words(value);
        if words.is_empty() {
            return;
        }
        let id = self.entries.len() as u32;
        self.entries.push(Entry { column, value: value.to_owned(), rows });
        let mut seen: Vec<&String> = Vec::new();
        for word in &words {
            if !seen.contains(&word) {
                self.tokens.entry(word.clone()).or_default().push(id);
                seen.push(word);
            }
        }
        self.phrases.entry(words.join(" ")).or_default().push(id);
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Values whose words are exactly these lemmas.
    pub fn exact(&self, lemmas: &[&str]) -> Vec<ValueHit> {
        let ids = self.phrases.get(&lemmas.join(" ")).map_or(&[][..], Vec::as_slice);
        ids.iter().map(|id| self.hit(*id, ValueMatchKind::Exact)).collect()
    }

    /// Values that contain all these lemmas among others.
    pub fn partial(&self, lemmas: &[&str]) -> Vec<ValueHit> {
        let Some(rarest) = lemmas.iter().map(|l| self.tokens.get(*l)).min_by_key(|ids| ids.map_or(0, Vec::len)) else {
            return Vec::new();
        };
        let Some(ids) = rarest else { return Vec::new() };
        ids.iter()
            .filter(|id| {
                let words = value_words(&self.entries[**id as usize].value);
                words.len() > lemmas.len() && lemmas.iter().all(|l| words.iter().any(|w| w == l))
            })
            .take(PARTIAL_HITS)
            .map(|id| self.hit(*id, ValueMatchKind::Partial))
            .collect()
    }

    /// Values one spelling mistake away (two from eight letters on), for phrases that match nothing else.
    pub fn fuzzy(&self, lemmas: &[&str]) -> Vec<ValueHit> {
        let asked = lemmas.join(" ");
        let letters = asked.chars().count();
        if letters < 5 {
            return Vec::new();
        }
        let allowed = if letters >= 8 { 2 } else { 1 };
        let mut found: Vec<(usize, u32)> = Vec::new();
        for (phrase, ids) in &self.phrases {
            if phrase.len().abs_diff(asked.len()) > allowed {
                continue;
            }
            let distance = strsim::osa_distance(phrase, &asked);
            if distance <= allowed {
                found.extend(ids.iter().map(|id| (distance, *id)));
            }
        }
        found.sort_unstable();
        found.truncate(PARTIAL_HITS);
        found.into_iter().map(|(_, id)| self.hit(id, ValueMatchKind::Fuzzy)).collect()
    }

    /// Values of one column, in the order they were inserted (most frequent first).
    pub fn of_column(&self, column: ColumnId) -> impl Iterator<Item = &str> {
        self.entries.iter().filter(move |e| e.column == column).map(|e| e.value.as_str())
    }

    fn hit(&self, id: u32, kind: ValueMatchKind) -> ValueHit {
        let entry = &self.entries[id as usize];
        ValueHit { column: entry.column, value: entry.value.clone(), kind, rows: entry.rows }
    }
}

/// Lemmas of a value's words.
fn value_words(value: &str) -> Vec<String> {
    fold(value).split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(lemma).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::TableId;

    fn index() -> ValueIndex {
        let column = ColumnId { table: TableId(0), column: 1 };
        let mut index = ValueIndex::default();
        for value in ["Frozen Food", "Bakery", "Dairy & Eggs", "London Heathrow"] {
            index.insert(column, value, 3);
        }
        index
    }

    #[test]
    fn a_value_is_found_by_all_its_words_by_some_and_in_spite_of_a_slip() {
        let index = index();
        assert_eq!(index.exact(&["frozen", "food"])[0].value, "Frozen Food");
        assert_eq!(index.exact(&["dairy", "egg"])[0].value, "Dairy & Eggs");
        assert!(index.exact(&["frozen"]).is_empty());
        assert_eq!(index.partial(&["heathrow"])[0].value, "London Heathrow");
        assert_eq!(index.fuzzy(&["bakrey"])[0].value, "Bakery");
        assert!(index.fuzzy(&["weather"]).is_empty());
    }
}
