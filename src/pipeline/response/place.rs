//! Where in a statement something is wrong.

/// A place in one line of a statement. Columns and lengths are counted in characters, as the line stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Counted from 1.
    pub line: u32,
    /// Counted from 1; one more than the line has characters if it ends too early.
    pub column: u32,
    /// Characters that are meant, at least 1.
    pub length: u32,
    /// The whole line.
    pub text: String,
}

impl Place {
    /// The place in `statement`, if there is such a one. Without a length the word that begins there is meant.
    pub fn of(statement: &str, line: u32, column: u32, length: Option<u32>) -> Option<Self> {
        let text = statement.split('\n').nth(usize::try_from(line.checked_sub(1)?).ok()?)?;
        let text = text.strip_suffix('\r').unwrap_or(text);
        let before = usize::try_from(column.checked_sub(1)?).ok()?;
        let left = text.chars().count().checked_sub(before)?;
        let wanted = length.map_or_else(|| word(text.chars().skip(before)), |length| length as usize);
        let length = u32::try_from(wanted.min(left).max(1)).ok()?;
        Some(Self { line, column, length, text: text.to_owned() })
    }

    /// ` (line 2, column 14)`: how a message ends that has nothing beside it.
    pub fn words(&self) -> String {
        format!(" (line {}, column {})", self.line, self.column)
    }
}

/// Characters of the name, number or quoted word at the start.
fn word(mut text: impl Iterator<Item = char>) -> usize {
    let is_inside = |c: &char| c.is_alphanumeric() || matches!(c, '_' | '.' | '$');
    match text.next() {
        Some(quote @ ('\'' | '"' | '`')) => {
            let inside: Vec<char> = text.collect();
            inside.iter().position(|c| *c == quote).map_or(1, |end| end + 2)
        }
        Some(c) if is_inside(&c) => 1 + text.take_while(is_inside).count(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_at_a_place_is_meant() {
        let sql = "SELECT a,\r\n  \"näme\" + t.b -- x\nFROM t";
        let cases = [
            ((1, 8, None), Some((1, "SELECT a,"))),
            ((1, 1, None), Some((6, "SELECT a,"))),
            ((2, 3, None), Some((6, "  \"näme\" + t.b -- x"))),
            ((2, 12, None), Some((3, "  \"näme\" + t.b -- x"))),
            ((2, 10, None), Some((1, "  \"näme\" + t.b -- x"))),
            ((2, 12, Some(1)), Some((1, "  \"näme\" + t.b -- x"))),
            ((1, 8, Some(100)), Some((2, "SELECT a,"))),
            // Just behind the end: something is missing there.
            ((3, 7, None), Some((1, "FROM t"))),
            ((3, 9, None), None),
            ((4, 1, None), None),
            ((0, 0, None), None),
        ];
        for ((line, column, length), expected) in cases {
            let place = Place::of(sql, line, column, length);
            let found = place.as_ref().map(|p| (p.length, p.text.as_str()));
            assert_eq!(found, expected, "{line} {column} {length:?}");
        }
    }
}
