//! The words of a question, with where they stand in it.

use std::ops::Range;

use super::numbers::{self, number_at};
use super::shorthand::written_out;
use crate::language::{fold, lemma};

/// What a word is.
#[derive(Clone, Debug, PartialEq)]
pub enum WordKind {
    Word,
    Number(f64),
    /// Text in quotes, without them.
    Quoted,
    Punctuation,
}

/// One word. Hyphenated words are two, `'s` is dropped.
#[derive(Clone, Debug, PartialEq)]
pub struct Word {
    /// As written; without the quotes if quoted.
    pub text: String,
    /// Case and accents folded, short forms written out.
    pub folded: String,
    /// Singular of `folded`.
    pub lemma: String,
    pub kind: WordKind,
    /// Bytes of the normalised question.
    pub span: Range<usize>,
}

impl Word {
    pub fn is(&self, folded: &str) -> bool {
        self.kind == WordKind::Word && self.folded == folded
    }

    pub fn is_one_of(&self, folded: &[&str]) -> bool {
        self.kind == WordKind::Word && folded.contains(&self.folded.as_str())
    }

    pub fn number(&self) -> Option<f64> {
        match self.kind {
            WordKind::Number(x) => Some(x),
            _ => None,
        }
    }

    pub fn is_punctuation(&self) -> bool {
        self.kind == WordKind::Punctuation
    }

    /// Written with a capital, as names are.
    pub fn is_capitalised(&self) -> bool {
        self.text.chars().next().is_some_and(char::is_uppercase)
    }
}

/// Cuts a normalised question into words.
pub fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let minus = rest.starts_with('-') && (at == 0 || text[..at].ends_with([' ', '(', '>', '<', '=']));
        let inside_word = at > 0 && text[..at].ends_with(char::is_alphanumeric);
        let length = if let Some((length, long)) = with_slash(text, at) {
            words.push(Word {
                text: text[at..at + length].to_owned(),
                folded: long.to_owned(),
                lemma: long.to_owned(),
                kind: WordKind::Word,
                span: at..at + length,
            });
            length
        } else if let Some((length, value)) = minus.then(|| number_at(&rest[1..])).flatten() {
            push(&mut words, text, at..at + length + 1, WordKind::Number(-value));
            length + 1
        } else if let Some(inner) = quoted_length(text, at) {
            push(&mut words, text, at + 1..at + 1 + inner, WordKind::Quoted);
            inner + 2
        } else if let Some((length, value)) = number_at(rest).filter(|_| !inside_word) {
            let digits = rest[..length].bytes().all(|b| b.is_ascii_digit());
            let code = digits && (length >= 8 || rest.starts_with('0') && length > 1);
            // Long digit strings and those with a leading zero are codes, not quantities.
            push(&mut words, text, at..at + length, if code { WordKind::Word } else { WordKind::Number(value) });
            length
        } else if c.is_alphanumeric() {
            let length = word_length(rest);
            push(&mut words, text, at..at + length, WordKind::Word);
            length + possessive_length(&rest[length..])
        } else {
            if !c.is_whitespace() && !matches!(c, '-' | '_' | '\'' | '"' | '$' | '€' | '£') {
                push(&mut words, text, at..at + c.len_utf8(), WordKind::Punctuation);
            }
            c.len_utf8()
        };
        at += length;
    }
    numbers::multiply(&mut words, text);
    words
}

fn push(words: &mut Vec<Word>, text: &str, span: Range<usize>, kind: WordKind) {
    let text = text[span.clone()].to_owned();
    let folded = fold(&text);
    let folded = written_out(&folded).filter(|_| kind == WordKind::Word).map_or(folded, str::to_owned);
    let lemma = lemma(&folded);
    words.push(Word { text, folded, lemma, kind, span });
}

/// "w/" and "w/o": how long, and what they stand for.
fn with_slash(text: &str, at: usize) -> Option<(usize, &'static str)> {
    let rest = &text[at..];
    let begins = at == 0 || !text[..at].ends_with(char::is_alphanumeric);
    let ends = |length: usize| rest.get(length..).is_some_and(|after| !after.starts_with(char::is_alphanumeric));
    let said = |short: &str| rest.get(..short.len()).is_some_and(|head| head.eq_ignore_ascii_case(short));
    if !begins {
        None
    } else if said("w/o") && ends(3) {
        Some((3, "without"))
    } else if said("w/") {
        Some((2, "with"))
    } else {
        None
    }
}

/// Bytes between a quote that opens at `at` and the one that closes it. An apostrophe inside a word opens nothing.
fn quoted_length(text: &str, at: usize) -> Option<usize> {
    let quote = text[at..].chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    if text[..at].ends_with(char::is_alphanumeric) {
        return None;
    }
    let inside = &text[at + 1..];
    let end = inside
        .char_indices()
        .find(|(i, c)| *c == quote && *i > 0 && !inside[i + 1..].starts_with(char::is_alphanumeric))
        .map(|(i, _)| i)?;
    Some(end)
}

fn word_length(rest: &str) -> usize {
    let mut end = 0;
    for (i, c) in rest.char_indices() {
        let joins =
            matches!(c, '.' | '&' | '/') && rest[i + c.len_utf8()..].starts_with(char::is_alphanumeric) && c != '/';
        if !(c.is_alphanumeric() || c == '_' || joins) {
            break;
        }
        end = i + c.len_utf8();
    }
    end
}

fn possessive_length(rest: &str) -> usize {
    for ending in ["'s", "'S"] {
        if rest.strip_prefix(ending).is_some_and(|after| !after.starts_with(char::is_alphanumeric)) {
            return 2;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(question: &str) -> Vec<String> {
        words(question).into_iter().map(|w| w.text).collect()
    }

    #[test]
    fn words_numbers_quotes_and_codes_are_told_apart() {
        assert_eq!(
            texts("Best-selling item's price > 1,200.50?"),
            ["Best", "selling", "item", "price", ">", "1,200.50", "?"]
        );
        assert_eq!(texts("in 2019, 2020"), ["in", "2019", ",", "2020"]);
        assert_eq!(words("above 1,200.5")[1].number(), Some(1200.5));
        assert_eq!(words("UPC 036000100006")[1].kind, WordKind::Word);
        let quoted = words("named 'Peas & Co' or \"x y\"");
        assert_eq!((quoted[1].text.as_str(), &quoted[1].kind), ("Peas & Co", &WordKind::Quoted));
        assert_eq!(quoted[3].text, "x y");
        assert_eq!(texts("don't"), ["don", "t"]);
    }

    #[test]
    fn short_forms_are_written_out_and_stay_as_typed() {
        let meant = |question: &str| words(question).into_iter().map(|w| w.folded).collect::<Vec<_>>();
        assert_eq!(
            meant("Items w/ price btwn 5 w/o VAT"),
            ["items", "with", "price", "between", "5", "without", "vat"]
        );
        assert_eq!(texts("items w/ tax"), ["items", "w/", "tax"]);
        assert_eq!(meant("km/h"), ["km", "/", "h"]);
    }

    #[test]
    fn spans_point_into_the_question() {
        let question = "Café prices";
        for word in words(question) {
            assert_eq!(&question[word.span.clone()], word.text);
        }
    }
}
