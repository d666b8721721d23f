//! A question as it was typed becomes one clean line, or is refused.

use unicode_normalization::UnicodeNormalization;

/// Why a question cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    #[error("the question is empty")]
    Empty,
    #[error("the question has {chars} characters; at most {limit} are read")]
    TooLong { chars: usize, limit: usize },
}

/// NFC, escape sequences, control and format characters dropped, quotes made straight, blanks collapsed. `limit` counts characters.
pub fn normalise(text: &str, limit: usize) -> Result<String, QuestionError> {
    // Counting stops early, so that a huge text costs nothing.
    if text.len() > limit && text.chars().nth(limit).is_some() {
        let chars = text.chars().count();
        return Err(QuestionError::TooLong { chars, limit });
    }
    let mut clean = String::with_capacity(text.len());
    for c in without_escapes(text).nfc() {
        let c = match c {
            '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{02bc}' => '\'',
            '\u{201c}' | '\u{201d}' | '\u{201e}' => '"',
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            c if c.is_whitespace() => ' ',
            c if c.is_control() || is_format(c) => continue,
            c => c,
        };
        if c != ' ' || !(clean.is_empty() || clean.ends_with(' ')) {
            clean.push(c);
        }
    }
    let clean = clean.trim_end().to_owned();
    if clean.chars().any(char::is_alphanumeric) { Ok(clean) } else { Err(QuestionError::Empty) }
}

/// What a terminal would obey (colours, cursor moves, titles) goes as a whole, not only its first byte.
fn without_escapes(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let opened = match c {
            '\u{1b}' => rest.next_if(|next| matches!(next, '[' | ']')),
            '\u{9b}' => Some('['),
            '\u{9d}' => Some(']'),
            _ => None,
        };
        match opened {
            Some('[') => {
                while rest.next_if(|c| matches!(c, ' '..='?')).is_some() {}
                rest.next_if(|c| matches!(c, '@'..='~'));
            }
            Some(_) => while rest.next_if(|c| !matches!(c, '\u{7}' | '\u{1b}' | '\u{9c}')).is_some() {},
            None => kept.push(c),
        }
    }
    kept
}

/// Invisible characters: joiners, direction marks, byte order mark, soft hyphen.
fn is_format(c: char) -> bool {
    matches!(c, '\u{00ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_becomes_one_clean_line() {
        assert_eq!(normalise("  What\u{2019}s\tthe \n price\u{200b}? ", 100), Ok("What's the price?".into()));
        assert_eq!(normalise("cafe\u{301}", 100), Ok("caf\u{e9}".into()));
    }

    #[test]
    fn escape_sequences_leave_nothing_behind() {
        for text in ["a\u{1b}[31mb", "a\u{1b}[2J\u{1b}[Hb", "a\u{9b}1;2mb", "a\u{1b}]0;title\u{7}b", "\u{1b}ab\u{1b}["]
        {
            assert_eq!(normalise(text, 100), Ok("ab".into()), "{text:?}");
        }
    }

    #[test]
    fn nothing_to_read_and_too_much_are_refused() {
        assert_eq!(normalise(" ?! ", 100), Err(QuestionError::Empty));
        assert_eq!(normalise(&"x".repeat(101), 100), Err(QuestionError::TooLong { chars: 101, limit: 100 }));
        assert!(normalise(&"x".repeat(100), 100).is_ok());
    }
}
