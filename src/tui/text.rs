//! Text that people type or read here: what may be typed, and folding to a width in cells.

use unicode_segmentation::UnicodeSegmentation;

pub use crate::terminal::width as cells;

/// What of an input may enter a text: printable characters, blanks for tabs, plain line breaks.
pub fn typed(input: &str) -> String {
    let mut kept = String::with_capacity(input.len());
    let mut chars = input.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                kept.push('\n');
            }
            '\n' => kept.push('\n'),
            '\t' => kept.push_str("    "),
            c if c.is_control() || reorders(c) => {}
            c => kept.push(c),
        }
    }
    kept
}

/// Folded at blanks to rows of `width` cells; words that are wider are broken. One row at least.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    text.split('\n').flat_map(|line| wrap_line(line, width)).collect()
}

fn wrap_line(line: &str, width: usize) -> Vec<String> {
    let mut rows = vec![String::new()];
    let mut used = 0;
    for word in words_and_blanks(line) {
        let wide = cells(word);
        if used + wide <= width {
            push(&mut rows, word);
            used += wide;
        } else if word.trim().is_empty() {
            used = width;
        } else if wide <= width {
            rows.push(word.to_owned());
            used = wide;
        } else {
            used = break_word(&mut rows, word, used, width);
        }
    }
    for row in &mut rows {
        row.truncate(row.trim_end().len());
    }
    rows
}

/// The runs of blanks and of everything else, so that a mark stays with its word.
fn words_and_blanks(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let blank = rest.chars().next()?.is_whitespace();
        let end = rest.find(|c: char| c.is_whitespace() != blank).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        rest = after;
        Some(run)
    })
}

fn break_word(rows: &mut Vec<String>, word: &str, mut used: usize, width: usize) -> usize {
    for grapheme in word.graphemes(true) {
        let wide = cells(grapheme);
        if used + wide > width {
            rows.push(String::new());
            used = 0;
        }
        push(rows, grapheme);
        used += wide;
    }
    used
}

fn push(rows: &mut [String], text: &str) {
    if let Some(row) = rows.last_mut() {
        row.push_str(text);
    }
}

/// Characters that make a terminal draw text out of order.
fn reorders(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_at_blanks_and_breaks_long_words() {
        assert_eq!(wrap("ice cream leads", 9), ["ice cream", "leads"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("say it.", 6), ["say", "it."], "a full stop stays with its word");
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("a\n\nb", 5), ["a", "", "b"]);
    }

    #[test]
    fn no_folded_row_is_wider_than_asked() {
        for width in 2..20 {
            for row in wrap("größte Umsätze 日本語テキスト 👨‍👩‍👧 and averyveryverylongwordindeed.", width)
            {
                assert!(cells(&row) <= width, "{row:?} at {width}");
            }
        }
    }
}
