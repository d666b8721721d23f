//! The line of a statement in which something is wrong, with marks under the place.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::pipeline::response::Place;
use crate::terminal::{Charset, safe, truncate, width};

/// Cells of a tab: its stop depends on what stands before it, and nothing does here as it did in the editor.
const TAB: &str = "    ";
/// Narrower than this nothing useful is left of a line.
const NARROWEST: usize = 20;

/// The lines that show a place, in at most `cells` across; the last one holds the marks.
pub struct Snippet {
    pub gutter: String,
    pub line: String,
    pub marks: String,
}

impl Snippet {
    pub fn of(place: &Place, cells: usize, charset: Charset) -> Self {
        let number = place.line.to_string();
        let room = cells.saturating_sub(number.len() + 3).max(NARROWEST);
        let shown = |text: String| safe(&text.replace('\t', TAB), charset).into_owned();
        let chars: Vec<char> = place.text.chars().collect();
        let start = (place.column as usize).saturating_sub(1).min(chars.len());
        let end = start.saturating_add(place.length as usize).min(chars.len());
        let before = shown(chars[..start].iter().collect());
        let meant = shown(chars[start..end].iter().collect());
        let after = shown(chars[end..].iter().collect());
        let (line, offset, length) = fitted(&before, &meant, &after, room, charset);
        Self {
            gutter: " ".repeat(number.len()),
            line: format!("{number} | {line}"),
            marks: format!("{}{}", " ".repeat(offset), "^".repeat(length.max(1))),
        }
    }
}

/// The line cut around what is meant, with the cells before that and the cells it takes.
fn fitted(before: &str, meant: &str, after: &str, room: usize, charset: Charset) -> (String, usize, usize) {
    let line = format!("{before}{meant}{after}");
    if width(&line) <= room {
        return (line, width(before), width(meant));
    }
    let meant = truncate(meant, room / 2, charset);
    // What follows needs less room to be understood than what leads up to the place.
    let left = room - width(&meant);
    let behind = width(after).min(left / 3);
    let before = end_of(before, left - behind, charset);
    let after = truncate(after, left - width(&before), charset).into_owned();
    let (offset, length) = (width(&before), width(&meant));
    (format!("{before}{meant}{after}"), offset, length)
}

/// The end of a text in at most `cells`; what is cut away at the start leaves an ellipsis.
fn end_of(text: &str, cells: usize, charset: Charset) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let mark = charset.ellipsis();
    let room = cells.saturating_sub(width(mark));
    let mut start = text.len();
    for (at, _) in text.grapheme_indices(true).rev() {
        if width(&text[at..]) > room {
            break;
        }
        start = at;
    }
    format!("{mark}{}", &text[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(sql: &str, line: u32, column: u32, cells: usize) -> String {
        let place = Place::of(sql, line, column, None).expect("a place");
        let snippet = Snippet::of(&place, cells, Charset::Unicode);
        format!("{}\n{} | {}", snippet.line, snippet.gutter, snippet.marks)
    }

    #[test]
    fn marks_stand_under_what_is_meant() {
        assert_eq!(
            drawn("SELECT sum(revenu) FROM sales", 1, 12, 80),
            "1 | SELECT sum(revenu) FROM sales\n  |            ^^^^^^"
        );
        assert_eq!(drawn("SELECT 1\nFROM oders", 2, 6, 80), "2 | FROM oders\n  |      ^^^^^");
        assert_eq!(drawn("SELECT (1", 1, 10, 80), "1 | SELECT (1\n  |          ^");
    }

    #[test]
    fn tabs_wide_characters_and_escape_bytes_keep_the_marks_in_place() {
        assert_eq!(drawn("\tSELECT x", 1, 9, 80), "1 |     SELECT x\n  |            ^");
        assert_eq!(drawn("SELECT '東京', x", 1, 14, 80), "1 | SELECT '東京', x\n  |                ^");
        assert_eq!(drawn("SELECT '東京'", 1, 8, 80), "1 | SELECT '東京'\n  |        ^^^^^^");
        assert_eq!(drawn("SELECT '\u{1b}[2J', x", 1, 16, 80), "1 | SELECT '␛[2J', x\n  |                ^");
        assert_eq!(drawn("e\u{301}\u{301}, x", 1, 6, 80), "1 | e\u{301}\u{301}, x\n  |    ^");
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let sql = format!("SELECT {}, wrong, {} FROM t", "a, ".repeat(50), "b, ".repeat(50));
        let column = u32::try_from(sql.find("wrong").unwrap() + 1).unwrap();
        let lines = drawn(&sql, 1, column, 60);
        let (line, marks) = lines.split_once('\n').unwrap();
        assert!(width(line) <= 60 && line.contains("… ") | line.contains("…a") | line.contains("…,"), "{line}");
        assert!(line.ends_with('…'), "{line}");
        let at = marks.find('^').unwrap();
        let shown: String = line.chars().skip(at).take(5).collect();
        assert_eq!((shown.as_str(), marks.matches('^').count()), ("wrong", 5));
    }

    #[test]
    fn no_place_and_no_width_breaks_it() {
        let long = "x".repeat(300);
        for text in ["", "\t", "東京都東京都東京都東京都東京都", "a\u{1b}\u{202e}b", "👩‍👩‍👧👩‍👩‍👧", long.as_str()]
        {
            for column in 1..=u32::try_from(text.chars().count() + 1).unwrap() {
                for (length, cells) in [(1, 0), (3, 24), (500, 30), (500, 400)] {
                    let place = Place::of(text, 1, column, Some(length)).expect("a place");
                    let snippet = Snippet::of(&place, cells, Charset::Ascii);
                    assert!(width(&snippet.line) <= cells.max(NARROWEST + 4), "{}", snippet.line);
                    assert!(snippet.marks.ends_with('^'));
                    assert!(!snippet.line.contains(char::is_control));
                }
            }
        }
    }
}
