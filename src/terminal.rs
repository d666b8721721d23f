//! Makes untrusted text safe to print, and fits text to a number of terminal cells.
//!
//! Data can never move the cursor, set a title, or turn the reading direction: whatever could is replaced by a
//! visible mark. Widths are cells, counted over grapheme clusters.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// What the marks of the program may be made of. The letters of the data are left as they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Charset {
    #[default]
    Unicode,
    Ascii,
}

impl Charset {
    /// Stands for what was cut away.
    pub fn ellipsis(self) -> &'static str {
        match self {
            Self::Unicode => "…",
            Self::Ascii => "..",
        }
    }

    /// Stands for a missing value.
    pub fn null(self) -> &'static str {
        match self {
            Self::Unicode => "∅",
            Self::Ascii => "NULL",
        }
    }
}

/// Where text stands in a field that is wider than it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    #[default]
    Left,
    Right,
    Center,
}

/// One line without anything that a terminal would obey. Line breaks become `⏎`, escape bytes `␛`, and marks that turn
/// the reading direction `�`.
pub fn safe(text: &str, charset: Charset) -> Cow<'_, str> {
    replace(text, charset, false)
}

/// As [`safe`], but line breaks stay, for text that is meant to have several lines.
pub fn safe_lines(text: &str, charset: Charset) -> Cow<'_, str> {
    replace(text, charset, true)
}

/// Cells that the text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// At most `cells` wide; what is cut ends in an ellipsis. Grapheme clusters are never split.
pub fn truncate(text: &str, cells: usize, charset: Charset) -> Cow<'_, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    let mark = charset.ellipsis();
    if cells < width(mark) {
        return Cow::Owned(".".repeat(cells));
    }
    let room = cells - width(mark);
    let mut kept = String::new();
    for grapheme in text.graphemes(true) {
        // The whole is measured, not the sum: some clusters join with their neighbours.
        kept.push_str(grapheme);
        if width(&kept) > room {
            kept.truncate(kept.len() - grapheme.len());
            break;
        }
    }
    kept.push_str(mark);
    Cow::Owned(kept)
}

/// Filled up with blanks to `cells`; text that is as wide or wider is returned as it is.
pub fn pad(text: &str, cells: usize, align: Align) -> String {
    let room = cells.saturating_sub(width(text));
    let before = match align {
        Align::Left => 0,
        Align::Right => room,
        Align::Center => room / 2,
    };
    format!("{}{text}{}", " ".repeat(before), " ".repeat(room - before))
}

/// Exactly `cells` wide: cut or padded. A wide character that does not fit leaves a blank.
pub fn fit(text: &str, cells: usize, align: Align, charset: Charset) -> String {
    pad(&truncate(text, cells, charset), cells, align)
}

fn replace(text: &str, charset: Charset, keep_breaks: bool) -> Cow<'_, str> {
    if !text.contains(|c: char| is_unsafe(c) && !(keep_breaks && c == '\n')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_break = matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}');
        if c == '\r' && chars.peek() == Some(&'\n') {
            continue;
        }
        match c {
            _ if is_break && keep_breaks => out.push('\n'),
            c if is_unsafe(c) => push_mark(&mut out, c, is_break, charset),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

fn push_mark(out: &mut String, c: char, is_break: bool, charset: Charset) {
    match (charset, c) {
        (Charset::Unicode, _) if is_break => out.push('⏎'),
        (Charset::Unicode, '\t') => out.push('⇥'),
        (Charset::Unicode, '\0'..='\u{1f}') => out.push(char::from_u32(0x2400 + c as u32).unwrap_or('␛')),
        (Charset::Unicode, '\u{7f}') => out.push('␡'),
        // Eight-bit forms of escape sequences.
        (Charset::Unicode, '\u{80}'..='\u{9f}') => out.push('␛'),
        (Charset::Unicode, _) => out.push('\u{fffd}'),
        (Charset::Ascii, _) if is_break => out.push_str("\\n"),
        (Charset::Ascii, '\t') => out.push_str("\\t"),
        (Charset::Ascii, '\0'..='\u{1f}') => {
            out.push('^');
            out.push(char::from(b'@' + c as u8));
        }
        (Charset::Ascii, '\u{7f}') => out.push_str("^?"),
        (Charset::Ascii, '\u{80}'..='\u{9f}') => out.push_str("^["),
        (Charset::Ascii, _) => out.push('?'),
    }
}

/// Control characters, line and paragraph separators, and everything that sets a reading direction.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_what_a_terminal_would_obey() {
        let cases = [
            ("plain", "plain", "plain"),
            ("a\u{1b}[31mb", "a␛[31mb", "a^[[31mb"),
            ("\u{1b}]0;title\u{7}", "␛]0;title␇", "^[]0;title^G"),
            ("one\ntwo", "one⏎two", "one\\ntwo"),
            ("one\r\ntwo\rthree", "one⏎two⏎three", "one\\ntwo\\nthree"),
            ("a\u{2028}b\u{85}c", "a⏎b⏎c", "a\\nb\\nc"),
            ("tab\there", "tab⇥here", "tab\\there"),
            ("\u{9b}2J", "␛2J", "^[2J"),
            ("del\u{7f}\0", "del␡␀", "del^?^@"),
            ("abc\u{202e}txt.exe\u{2069}", "abc\u{fffd}txt.exe\u{fffd}", "abc?txt.exe?"),
            ("Müller 東京 👩‍👩‍👧", "Müller 東京 👩‍👩‍👧", "Müller 東京 👩‍👩‍👧"),
        ];
        for (text, unicode, ascii) in cases {
            assert_eq!(safe(text, Charset::Unicode), unicode, "{text:?}");
            assert_eq!(safe(text, Charset::Ascii), ascii, "{text:?}");
        }
    }

    #[test]
    fn nothing_unsafe_is_left_of_any_character() {
        for c in (0..0x1_1000).chain(0xe_0000..0xe_0080).filter_map(char::from_u32) {
            let text = format!("a{c}b");
            for charset in [Charset::Unicode, Charset::Ascii] {
                assert!(!safe(&text, charset).contains(is_unsafe), "{c:?}");
                assert!(!safe_lines(&text, charset).contains(|c| is_unsafe(c) && c != '\n'), "{c:?}");
            }
        }
    }

    #[test]
    fn lines_stay_lines_where_they_are_meant() {
        assert_eq!(safe_lines("a\r\nb\n\u{1b}[2Jc", Charset::Unicode), "a\nb\n␛[2Jc");
    }

    #[test]
    fn cuts_by_cells_and_never_inside_a_cluster() {
        let cases = [
            ("revenue", 7, "revenue"),
            ("revenue", 6, "reven…"),
            ("revenue", 1, "…"),
            ("revenue", 0, ""),
            ("東京都", 5, "東京…"),
            ("東京都", 4, "東…"),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
            ("👩‍👩‍👧 family", 4, "👩‍👩‍👧 …"),
            ("👩‍👩‍👧 family", 2, "…"),
        ];
        for (text, cells, expected) in cases {
            assert_eq!(truncate(text, cells, Charset::Unicode), expected, "{text:?} in {cells}");
        }
        assert_eq!(truncate("revenue", 6, Charset::Ascii), "reve..");
        assert_eq!(truncate("revenue", 1, Charset::Ascii), ".");
    }

    #[test]
    fn fits_exactly_whatever_the_text_is() {
        for text in ["", "a", "revenue", "東京都", "e\u{301}e\u{301}", "👩‍👩‍👧 family", "🇩🇪🇫🇷", "ﷺ"]
        {
            for cells in 0..12 {
                for align in [Align::Left, Align::Right, Align::Center] {
                    for charset in [Charset::Unicode, Charset::Ascii] {
                        assert_eq!(width(&fit(text, cells, align, charset)), cells, "{text:?} in {cells}");
                    }
                }
            }
        }
        assert_eq!(fit("ab", 5, Align::Center, Charset::Unicode), " ab  ");
        assert_eq!(fit("東京", 5, Align::Right, Charset::Unicode), " 東京");
    }
}
