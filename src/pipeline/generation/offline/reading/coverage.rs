//! Content words that no phrase took, and how much each of them weighs against the reading.

use std::ops::Range;

use super::super::tokens::{Token, TokenKind};
use super::Reader;
use crate::language::lexicon;
use crate::pipeline::analysis::{Analysis, Word};

/// A word that nothing was made of. The weights are shares of right answers on databases kept for tuning: readings
/// that leave out one word of a kind are right so much less often than those that leave out none.
#[derive(Clone, Debug, PartialEq)]
pub struct Unread {
    pub word: String,
    /// Factor on the confidence, below 1.
    pub weight: f64,
    /// Positions in the question's words.
    pub words: Range<usize>,
    pub kind: Missed,
}

/// What a word that nothing was made of looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missed {
    /// Written as a name is, or as a code: a value that the database may not hold.
    Name,
    /// A thing or a property.
    Thing,
    /// What is done, which a join often says already.
    Deed,
    /// A number, or a word that asks for a computation.
    Other,
}

/// What is asked for, or by what it is split, was not understood.
const SUBJECT: f64 = 0.34;
const NUMBER: f64 = 0.4;
/// Written as a name: a value that the database may not hold.
const NAME: f64 = 0.33;
const NOUN: f64 = 0.58;
/// Verbs often say again what a join already says ("students enrolled in courses").
const VERB: f64 = 0.82;

impl Reader<'_> {
    /// The unread words in order, and the number of content words.
    pub(super) fn unread(&self) -> (Vec<Unread>, usize) {
        let mut unread = Vec::new();
        let mut content = 0;
        for (i, token) in self.tokens.iter().enumerate() {
            if let Some(weight) = self.unused_cue(i) {
                content += 1;
                unread.push(missed(token, weight, Missed::Other));
                continue;
            }
            let counts = match token.kind {
                TokenKind::Word => !is_light(token) && !self.is_unit(i),
                TokenKind::Name(_) | TokenKind::Value(_) | TokenKind::Time(_) | TokenKind::Number(_) => true,
                TokenKind::Punctuation => false,
            };
            if !counts {
                continue;
            }
            content += 1;
            if !self.used[i] && matches!(token.kind, TokenKind::Word | TokenKind::Number(_)) {
                unread.push(missed(token, self.weight(i, content == 1), self.kind(token)));
            }
        }
        (unread, content)
    }

    /// "20 nautical miles": what a number is counted in.
    fn is_unit(&self, i: usize) -> bool {
        let unit = |j: usize| {
            let token = &self.tokens[j];
            matches!(token.kind, TokenKind::Word) && lexicon().unit(&token.lemma).is_some()
        };
        let number = |j: usize| j > 0 && self.tokens[j - 1].number().is_some();
        unit(i) && (number(i) || i > 0 && unit(i - 1) && number(i - 1))
    }

    /// Words that ask for a computation, of which nothing was made.
    fn unused_cue(&self, i: usize) -> Option<f64> {
        let token = &self.tokens[i];
        if self.used[i] || !matches!(token.kind, TokenKind::Word) {
            return None;
        }
        let shared = self.frame.share && !self.frame.groups.is_empty();
        // One rank answers for all words that say which end.
        let ordered = self.frame.rank.is_some() || !self.frame.measures.is_empty();
        let on_average = i > 0 && self.tokens[i - 1].is(&["on"]);
        match token.folded.as_str() {
            "share" | "percentage" | "percent" | "proportion" if !shared => Some(SUBJECT),
            // What is left out here turns the answer round, or leaves a condition out of it.
            "versus" | "vs" | "compare" | "compared" | "comparison" | "ratio" | "difference" | "growth" | "median"
            | "never" | "not" | "without" | "except" | "excluding" | "both" | "below" | "above" | "than"
            | "between" => Some(SUBJECT),
            "average" | "mean" | "avg" | "maximum" | "minimum" if !on_average => Some(NUMBER),
            "most" | "least" | "best" | "worst" if !ordered && !self.is_name(i + 1) => Some(SUBJECT),
            _ => None,
        }
    }

    fn kind(&self, token: &Token) -> Missed {
        match token.kind {
            TokenKind::Number(_) => Missed::Other,
            _ if is_written_as_name(token, self.ground.analysis) => Missed::Name,
            _ if is_verb(&token.folded) => Missed::Deed,
            _ => Missed::Thing,
        }
    }

    fn weight(&self, i: usize, first: bool) -> f64 {
        let token = &self.tokens[i];
        if matches!(token.kind, TokenKind::Number(_)) {
            return NUMBER;
        }
        let asked = [
            "by", "per", "each", "every", "highest", "lowest", "average", "mean", "total", "maximum", "minimum",
            "most", "least", "many",
        ];
        // "how many wind turbines": what stands before the noun only narrows it.
        let narrows = |j: &usize| matches!(self.tokens[*j].kind, TokenKind::Value(_));
        let cue = (0..i).rev().find(|j| !narrows(j));
        let key = cue.is_some_and(|j| self.tokens[j].is(&asked));
        let verb = is_verb(&token.folded);
        if (first && !verb) || key {
            return SUBJECT;
        }
        if is_written_as_name(token, self.ground.analysis) {
            return NAME;
        }
        if verb { VERB } else { NOUN }
    }
}

fn missed(token: &Token, weight: f64, kind: Missed) -> Unread {
    Unread { word: token.folded.clone(), weight, words: token.words.clone(), kind }
}

/// Capitals inside a sentence that is not written all in capitals, and codes of letters and digits.
fn is_written_as_name(token: &Token, analysis: &Analysis) -> bool {
    let words = &analysis.words;
    let Some(own) = words.get(token.words.clone()) else { return false };
    let is_code = |w: &Word| {
        w.text.len() > 2 && w.text.starts_with(char::is_alphabetic) && w.text.contains(|c: char| c.is_ascii_digit())
    };
    if own.iter().any(is_code) {
        return true;
    }
    let begins = token.words.start == 0 || words[token.words.start - 1].text.ends_with(['.', '?', '!', ':', ';']);
    let small = words.iter().filter(|w| w.text.starts_with(char::is_lowercase)).count();
    !begins && small * 2 >= words.iter().filter(|w| w.is_capitalised()).count() && own.iter().all(Word::is_capitalised)
}

fn is_light(token: &Token) -> bool {
    lexicon().is_light(&token.folded) || lexicon().is_light(&token.lemma) || token.folded.len() == 1
}

fn is_verb(word: &str) -> bool {
    (word.ends_with("ed") || word.ends_with("ing")) && word.len() > 4 || lexicon().is_verb(word)
}
