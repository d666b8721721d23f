//! Distinct values of text columns, found by the words people use for them. In memory, no I/O.

use super::ColumnId;
use super::words::Words;
use crate::language::{fold, lemma};

/// Bytes of all values together: positions are 32 bits wide, and folding makes some letters twelve times as long.
const MAX_TEXT: usize = 1 << 28;

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
///
/// Everything lies in a few flat arrays, so that an index of many values is read back from a file in no time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ValueIndex {
    /// All values, one after another.
    pub(super) text: String,
    pub(super) entries: Vec<Entry>,
    /// All lemmas of a value joined by blanks -> entries.
    pub(super) phrases: Words,
    /// One lemma -> entries that contain it.
    pub(super) tokens: Words,
}

/// One value of one column. It ends in the text where `end` says and begins where the one before it ends.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub column: ColumnId,
    pub end: u32,
    /// Number of its phrase.
    pub phrase: u32,
    pub rows: u64,
}

/// Partial hits given back at most: more means the words say too little.
const PARTIAL_HITS: usize = 40;

impl ValueIndex {
    pub fn insert(&mut self, column: ColumnId, value: &str, rows: u64) {
        let words = value_words(value);
        if words.is_empty() || self.text.len() + value.len() > MAX_TEXT {
            return;
        }
        let id = self.entries.len() as u32;
        let mut seen: Vec<&String> = Vec::new();
        for word in &words {
            if !seen.contains(&word) {
                self.tokens.add(word, id);
                seen.push(word);
            }
        }
        let phrase = self.phrases.add(&words.join(" "), id);
        self.text.push_str(value);
        self.entries.push(Entry { column, end: self.text.len() as u32, phrase, rows });
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Bytes of all values together.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// Values whose words are exactly these lemmas.
    pub fn exact(&self, lemmas: &[&str]) -> Vec<ValueHit> {
        let phrase = self.phrases.find(&lemmas.join(" "));
        phrase.into_iter().flat_map(|p| self.phrases.entries(p)).map(|id| self.hit(id, ValueMatchKind::Exact)).collect()
    }

    /// Values that contain all these lemmas among others.
    pub fn partial(&self, lemmas: &[&str]) -> Vec<ValueHit> {
        let Some(found) = lemmas.iter().map(|l| self.tokens.find(l)).collect::<Option<Vec<u32>>>() else {
            return Vec::new();
        };
        let Some(rarest) = found.into_iter().min_by_key(|token| self.tokens.count(*token)) else { return Vec::new() };
        self.tokens
            .entries(rarest)
            .filter(|id| {
                let words = || self.phrases.text(self.entries[*id as usize].phrase).split(' ');
                words().count() > lemmas.len() && lemmas.iter().all(|l| words().any(|w| w == *l))
            })
            .take(PARTIAL_HITS)
            .map(|id| self.hit(id, ValueMatchKind::Partial))
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
        for phrase in 0..self.phrases.len() as u32 {
            let text = self.phrases.text(phrase);
            if text.len().abs_diff(asked.len()) > allowed {
                continue;
            }
            let distance = strsim::osa_distance(text, &asked);
            // A slip rarely hits the first letter: with a second one it is another word ("Southgate", "Northgate").
            let other = distance > 1 && text.chars().next() != asked.chars().next();
            if distance <= allowed && !other {
                found.extend(self.phrases.entries(phrase).map(|id| (distance, id)));
            }
        }
        found.sort_unstable();
        found.truncate(PARTIAL_HITS);
        found.into_iter().map(|(_, id)| self.hit(id, ValueMatchKind::Fuzzy)).collect()
    }

    /// Values of one column, in the order they were inserted (most frequent first).
    pub fn of_column(&self, column: ColumnId) -> impl Iterator<Item = &str> {
        (0..self.entries.len()).filter(move |id| self.entries[*id].column == column).map(|id| self.value(id))
    }

    /// Some value has this lemma among its words.
    pub fn has_word(&self, lemma: &str) -> bool {
        self.tokens.find(lemma).is_some()
    }

    /// Shows every lemma of the values once, in the order they were inserted.
    pub fn each_word(&self, mut show: impl FnMut(&str)) {
        for token in 0..self.tokens.len() as u32 {
            show(self.tokens.text(token));
        }
    }

    fn value(&self, id: usize) -> &str {
        let start = id.checked_sub(1).map_or(0, |before| self.entries[before].end);
        &self.text[start as usize..self.entries[id].end as usize]
    }

    fn hit(&self, id: u32, kind: ValueMatchKind) -> ValueHit {
        let entry = &self.entries[id as usize];
        ValueHit { column: entry.column, value: self.value(id as usize).to_owned(), kind, rows: entry.rows }
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
