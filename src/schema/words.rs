//! Words and the entries they lead to: a hash table in flat arrays, in order of insertion.

use std::hash::{DefaultHasher, Hasher};

/// Marks the end of a list, and a free slot.
pub(super) const NONE: u32 = u32::MAX;

/// Distinct words, numbered as they come, each with its entries in the order they were added.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Words {
    /// All words, one after another.
    pub text: String,
    pub list: Vec<Word>,
    pub links: Vec<Link>,
    /// Numbers of words by their hash; made anew when read from a file.
    slots: Vec<u32>,
}

/// A word ends in the text where `end` says and begins where the one before it ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Word {
    pub end: u32,
    /// Its first and last link, and how many there are.
    pub first: u32,
    pub last: u32,
    pub count: u32,
}

/// One entry of a word, and the link to the next one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Link {
    pub entry: u32,
    pub next: u32,
}

impl Words {
    /// From its parts; `None` if they do not fit together, so that no look-up can fail.
    pub fn from_parts(text: String, words: Vec<Word>, links: Vec<Link>, entries: usize) -> Option<Self> {
        let mut start = 0;
        for word in &words {
            let fits = word.end >= start && text.is_char_boundary(word.end as usize);
            let known = (word.first as usize) < links.len() && (word.last as usize) < links.len();
            if !fits || !known {
                return None;
            }
            start = word.end;
        }
        // A link leads forward, so a list has an end.
        let forward = |(at, link): (usize, &Link)| {
            (link.entry as usize) < entries
                && (link.next == NONE || (link.next as usize > at && (link.next as usize) < links.len()))
        };
        if start as usize != text.len() || !links.iter().enumerate().all(forward) {
            return None;
        }
        let mut made = Self { text, list: words, links, slots: Vec::new() };
        made.place_all();
        Some(made)
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Adds an entry to a word, and gives the word's number.
    pub fn add(&mut self, word: &str, entry: u32) -> u32 {
        let link = self.links.len() as u32;
        self.links.push(Link { entry, next: NONE });
        if let Some(number) = self.find(word) {
            let known = &mut self.list[number as usize];
            self.links[known.last as usize].next = link;
            known.last = link;
            known.count += 1;
            return number;
        }
        let number = self.list.len() as u32;
        self.text.push_str(word);
        self.list.push(Word { end: self.text.len() as u32, first: link, last: link, count: 1 });
        if self.slots.len() < slots_for(self.list.len()) {
            self.place_all();
        } else {
            self.place(number);
        }
        number
    }

    pub fn find(&self, word: &str) -> Option<u32> {
        let mut slot = self.slot(word)?;
        loop {
            let number = self.slots[slot];
            if number == NONE {
                return None;
            }
            if self.text(number) == word {
                return Some(number);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    pub fn text(&self, number: u32) -> &str {
        let start = number.checked_sub(1).map_or(0, |before| self.list[before as usize].end);
        &self.text[start as usize..self.list[number as usize].end as usize]
    }

    /// How many entries a word has.
    pub fn count(&self, number: u32) -> u32 {
        self.list[number as usize].count
    }

    /// The entries of a word, as they were added.
    pub fn entries(&self, number: u32) -> impl Iterator<Item = u32> + '_ {
        let first = self.list[number as usize].first;
        let after = |link: &u32| Some(self.links[*link as usize].next).filter(|next| *next != NONE);
        std::iter::successors(Some(first), after).map(|link| self.links[link as usize].entry)
    }

    fn place_all(&mut self) {
        self.slots = vec![NONE; slots_for(self.list.len())];
        for number in 0..self.list.len() as u32 {
            self.place(number);
        }
    }

    fn place(&mut self, number: u32) {
        let Some(mut slot) = self.slot(self.text(number)) else { return };
        while self.slots[slot] != NONE {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        self.slots[slot] = number;
    }

    /// Where the search for a word begins; `None` before the first word.
    fn slot(&self, word: &str) -> Option<usize> {
        let mut hasher = DefaultHasher::new();
        hasher.write(word.as_bytes());
        self.slots.len().checked_sub(1).map(|mask| hasher.finish() as usize & mask)
    }
}

/// A power of two, at least half of it free; none without words.
fn slots_for(words: usize) -> usize {
    if words == 0 { 0 } else { (words * 2).next_power_of_two() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_leads_to_its_entries_in_the_order_they_were_added() {
        let mut words = Words::default();
        assert_eq!(words.find("none"), None);
        for entry in 0..3_000 {
            words.add(&format!("w{}", entry % 1_000), entry);
        }
        assert_eq!((words.len(), words.find("w1000")), (1_000, None));
        for word in 0..1_000 {
            let number = words.find(&format!("w{word}")).expect("a word");
            assert_eq!(words.count(number), 3);
            assert_eq!(words.entries(number).collect::<Vec<_>>(), [word, word + 1_000, word + 2_000]);
        }
        let again = Words::from_parts(words.text.clone(), words.list.clone(), words.links.clone(), 3_000);
        assert_eq!(again.as_ref(), Some(&words));
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let mut words = Words::default();
        words.add("über", 0);
        words.add("über", 1);
        let parts = || (words.text.clone(), words.list.clone(), words.links.clone());
        let refused = |change: fn(&mut (String, Vec<Word>, Vec<Link>))| {
            let mut parts = parts();
            change(&mut parts);
            Words::from_parts(parts.0, parts.1, parts.2, 2).is_none()
        };
        assert!(!refused(|_| ()));
        assert!(refused(|p| p.1[0].end = 1));
        assert!(refused(|p| p.0.push('x')));
        assert!(refused(|p| p.1[0].first = 2));
        assert!(refused(|p| p.1[0].last = 2));
        assert!(refused(|p| p.2[0].entry = 2));
        assert!(refused(|p| p.2[1].next = 1));
        assert!(refused(|p| p.2[0].next = 7));
    }
}
