//! A text being edited: the question box, the SQL editor, search fields. All movement is by grapheme cluster and all
//! columns are terminal cells. It holds text and caret; keys and drawing are elsewhere.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::text::{self, cells};

/// Steps that undo goes back at most.
const UNDO_STEPS: usize = 100;

/// Editable text with a caret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Editor {
    text: String,
    /// Byte position of the caret, always on a boundary of grapheme clusters.
    caret: usize,
    /// Characters that fit; `None` for no limit.
    limit: Option<usize>,
    killed: String,
    undo: Vec<(String, usize)>,
}

/// Movements of the caret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Motion {
    Left,
    Right,
    WordLeft,
    WordRight,
    LineStart,
    LineEnd,
    Start,
    End,
}

impl Editor {
    /// An empty text of at most `limit` characters.
    pub fn limited(limit: usize) -> Self {
        Self { limit: Some(limit), ..Self::default() }
    }

    /// A text without limit, caret at its start.
    pub fn of(text: &str) -> Self {
        let mut editor = Self::default();
        editor.insert(text);
        editor.caret = 0;
        editor.undo.clear();
        editor
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Byte position of the caret in [`Self::text`].
    pub fn caret(&self) -> usize {
        self.caret
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Characters in the text.
    pub fn chars(&self) -> usize {
        self.text.chars().count()
    }

    /// Puts another text in, caret at its end. Undo brings the old one back.
    pub fn set(&mut self, text: &str) {
        self.remember();
        self.text.clear();
        self.caret = 0;
        self.put(text);
    }

    /// Empties the text and hands it out.
    pub fn take(&mut self) -> String {
        self.remember();
        self.caret = 0;
        std::mem::take(&mut self.text)
    }

    /// Inserts at the caret what may be inserted: control characters are dropped, line breaks made plain. False if
    /// the limit cut something off.
    pub fn insert(&mut self, added: &str) -> bool {
        self.remember();
        self.put(added)
    }

    fn put(&mut self, added: &str) -> bool {
        let clean = text::typed(added);
        let room = self.limit.map_or(usize::MAX, |limit| limit.saturating_sub(self.chars()));
        let kept: String = clean.chars().take(room).collect();
        self.text.insert_str(self.caret, &kept);
        self.caret = self.boundary_from(self.caret + kept.len());
        kept.len() == clean.len()
    }

    pub fn backspace(&mut self) {
        let start = self.target(Motion::Left);
        self.remove(start..self.caret);
    }

    pub fn delete(&mut self) {
        let end = self.target(Motion::Right);
        self.remove(self.caret..end);
    }

    /// Deletes up to where the motion leads; yank puts it back.
    pub fn kill(&mut self, motion: Motion) {
        let target = self.target(motion);
        let range = self.caret.min(target)..self.caret.max(target);
        if range.is_empty() {
            return self.delete_line_break(motion);
        }
        self.text[range.clone()].clone_into(&mut self.killed);
        self.remove(range);
    }

    /// Killing at the end of a line joins it with the next, as readline editors do.
    fn delete_line_break(&mut self, motion: Motion) {
        if motion == Motion::LineEnd {
            self.delete();
        }
    }

    pub fn yank(&mut self) {
        let killed = self.killed.clone();
        self.insert(&killed);
    }

    pub fn undo(&mut self) {
        if let Some((text, caret)) = self.undo.pop() {
            self.text = text;
            self.caret = caret;
        }
    }

    pub fn go(&mut self, motion: Motion) {
        self.caret = self.target(motion);
    }

    /// One row up among the rows of a text folded at `width`; false on the first.
    pub fn up(&mut self, width: usize) -> bool {
        let (row, column) = self.position(width);
        row.checked_sub(1).is_some_and(|above| self.go_to(width, above, column))
    }

    /// One row down among the rows of a text folded at `width`; false on the last.
    pub fn down(&mut self, width: usize) -> bool {
        let (row, column) = self.position(width);
        self.go_to(width, row + 1, column)
    }

    /// Byte ranges of the rows of the text folded at `width` cells; a line break belongs to no row. One row at least.
    pub fn rows(&self, width: usize) -> Vec<Range<usize>> {
        let mut rows = Vec::new();
        let (mut start, mut used) = (0, 0);
        for (at, grapheme) in self.text.grapheme_indices(true) {
            if grapheme == "\n" {
                rows.push(start..at);
                (start, used) = (at + 1, 0);
                continue;
            }
            let wide = cells(grapheme);
            if used + wide > width.max(2) {
                rows.push(start..at);
                (start, used) = (at, 0);
            }
            used += wide;
        }
        rows.push(start..self.text.len());
        rows
    }

    /// Row and column (in cells) of the caret among [`Self::rows`].
    pub fn position(&self, width: usize) -> (usize, usize) {
        let rows = self.rows(width);
        let row = rows.iter().rposition(|r| r.start <= self.caret).unwrap_or(0);
        (row, cells(&self.text[rows[row].start..self.caret]))
    }

    fn go_to(&mut self, width: usize, row: usize, column: usize) -> bool {
        let rows = self.rows(width);
        let Some(range) = rows.get(row) else { return false };
        // The end of a folded row is the start of the next, so the caret stops one cluster before it.
        let folded = rows.get(row + 1).is_some_and(|next| next.start == range.end);
        let mut caret = range.start;
        let mut used = 0;
        for (at, grapheme) in self.text[range.clone()].grapheme_indices(true) {
            let end = range.start + at + grapheme.len();
            used += cells(grapheme);
            if used > column || (folded && end == range.end) {
                break;
            }
            caret = end;
        }
        self.caret = caret;
        true
    }

    fn target(&self, motion: Motion) -> usize {
        let (before, after) = self.text.split_at(self.caret);
        match motion {
            Motion::Left => before.grapheme_indices(true).next_back().map_or(0, |(at, _)| at),
            Motion::Right => self.caret + after.graphemes(true).next().map_or(0, str::len),
            Motion::WordLeft => before.unicode_word_indices().next_back().map_or(0, |(at, _)| at),
            Motion::WordRight => {
                after.unicode_word_indices().next().map_or(self.text.len(), |(at, word)| self.caret + at + word.len())
            }
            Motion::LineStart => before.rfind('\n').map_or(0, |at| at + 1),
            Motion::LineEnd => after.find('\n').map_or(self.text.len(), |at| self.caret + at),
            Motion::Start => 0,
            Motion::End => self.text.len(),
        }
    }

    fn remove(&mut self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        self.remember();
        self.text.replace_range(range.clone(), "");
        self.caret = self.boundary_from(range.start);
    }

    /// Edits can join neighbours into one cluster; the caret then goes behind it.
    fn boundary_from(&self, at: usize) -> usize {
        let ends = self.text.grapheme_indices(true).map(|(start, g)| start + g.len());
        std::iter::once(0).chain(ends).find(|end| *end >= at).unwrap_or(self.text.len())
    }

    fn remember(&mut self) {
        if self.undo.last().is_some_and(|(text, _)| *text == self.text) {
            return;
        }
        self.undo.push((self.text.clone(), self.caret));
        if self.undo.len() > UNDO_STEPS {
            self.undo.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Editor {
        let mut editor = Editor::default();
        editor.insert(text);
        editor
    }

    #[test]
    fn moves_and_deletes_whole_clusters() {
        let mut editor = typed("ae\u{301}👨‍👩‍👧日");
        for expected in ["ae\u{301}👨‍👩‍👧", "ae\u{301}", "a", "", ""] {
            editor.backspace();
            assert_eq!(editor.text(), expected);
        }
    }

    #[test]
    fn a_mark_typed_before_its_letter_never_splits_a_cluster() {
        let mut editor = typed("ab");
        editor.go(Motion::Left);
        editor.insert("\u{301}");
        assert_eq!(editor.text(), "a\u{301}b");
        editor.go(Motion::Start);
        editor.insert("x");
        editor.delete();
        assert_eq!(editor.text(), "xb");
    }

    #[test]
    fn drops_control_characters_and_keeps_line_breaks() {
        assert_eq!(typed("a\u{1b}[31mb\r\nc\u{7}\td\u{202e}").text(), "a[31mb\nc    d");
    }

    #[test]
    fn stops_at_the_limit_and_says_so() {
        let mut editor = Editor::limited(5);
        assert!(editor.insert("abc"));
        assert!(!editor.insert("defg"));
        assert_eq!(editor.text(), "abcde");
    }

    #[test]
    fn folds_at_the_width_and_finds_the_caret() {
        let editor = typed("abcdef\ngh");
        assert_eq!(editor.rows(4), [0..4, 4..6, 7..9]);
        assert_eq!(editor.position(4), (2, 2));
        assert_eq!(typed("日本語").rows(5), [0..6, 6..9], "a wide cluster never straddles the edge");
    }

    #[test]
    fn up_and_down_keep_the_column() {
        let mut editor = typed("abcdef\ngh\nijkl");
        assert!(editor.up(80));
        assert_eq!(editor.position(80), (1, 2));
        assert!(editor.up(80));
        assert_eq!(editor.position(80), (0, 2));
        assert!(!editor.up(80));
        assert!(editor.down(80) && editor.down(80) && !editor.down(80));
    }

    #[test]
    fn up_and_down_cross_folded_rows_one_by_one() {
        let mut editor = typed("abcdefghijkl");
        assert_eq!(editor.position(4), (2, 4));
        assert!(editor.up(4));
        assert_eq!(editor.position(4).0, 1);
        assert!(editor.up(4));
        assert_eq!(editor.position(4).0, 0);
    }

    #[test]
    fn kills_yanks_and_undoes() {
        let mut editor = typed("one two three");
        editor.kill(Motion::WordLeft);
        assert_eq!(editor.text(), "one two ");
        editor.go(Motion::Start);
        editor.yank();
        assert_eq!(editor.text(), "threeone two ");
        editor.undo();
        editor.undo();
        assert_eq!(editor.text(), "one two three");
    }

    #[test]
    fn kills_to_both_ends_of_a_line() {
        let mut editor = typed("one\ntwo");
        editor.kill(Motion::LineStart);
        assert_eq!(editor.text(), "one\n");
        editor.go(Motion::Start);
        editor.kill(Motion::LineEnd);
        editor.kill(Motion::LineEnd);
        assert_eq!(editor.text(), "");
    }
}
