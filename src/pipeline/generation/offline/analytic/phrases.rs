//! The tokens of a question, of which analytic phrases take theirs.

use std::ops::Range;

use super::super::names::{Link, Target};
use super::super::plan::Grain;
use super::super::reading::{Finder, Ground};
use super::super::tokens::{Token, TokenKind};
use super::Analytic;
use super::calendar::Days;
use crate::pipeline::analysis::written_number;
use crate::schema::{SemanticType, ValueMatchKind};

pub struct Phrases<'a> {
    pub ground: Ground<'a>,
    pub tokens: Vec<Token>,
    pub finder: Finder<'a>,
    taken: Vec<bool>,
    found: Vec<Analytic>,
}

/// A name that a word links to as surely as this is that name, not a cue.
const SURE: f64 = 0.97;

impl<'a> Phrases<'a> {
    pub fn new(tokens: Vec<Token>, ground: Ground<'a>) -> Self {
        let finder = Finder::new(ground, &tokens);
        Self { ground, finder, taken: vec![false; tokens.len()], tokens, found: Vec::new() }
    }

    /// What no phrase took, and what the phrases ask.
    pub fn rest(self) -> (Vec<Token>, Vec<Analytic>) {
        let left = self.tokens.into_iter().zip(self.taken).filter(|(_, taken)| !taken).map(|(token, _)| token);
        (left.collect(), self.found)
    }

    pub fn push(&mut self, analytic: Analytic) {
        self.found.push(analytic);
    }

    pub fn found(&self) -> &[Analytic] {
        &self.found
    }

    pub fn take(&mut self, range: Range<usize>) {
        self.taken[range].fill(true);
    }

    pub fn is_taken(&self, i: usize) -> bool {
        self.taken.get(i).copied().unwrap_or(true)
    }

    /// The word can be read as grammar: it is not surely a name of this database.
    fn is_cue(&self, i: usize) -> bool {
        let Some(token) = self.tokens.get(i) else { return false };
        !self.taken[i]
            && match &token.kind {
                TokenKind::Word | TokenKind::Punctuation | TokenKind::Number(_) => true,
                TokenKind::Name(links) => links.first().is_none_or(|l| l.score < SURE),
                TokenKind::Value(_) | TokenKind::Time(_) => false,
            }
    }

    pub fn word(&self, i: usize, words: &[&str]) -> bool {
        self.is_cue(i) && words.contains(&self.tokens[i].folded.as_str())
    }

    /// Where the phrase that begins at `i` ends. Words in `[]` may be missing.
    pub fn phrase(&self, i: usize, phrase: &str) -> Option<usize> {
        // Most phrases begin with another letter.
        let begins = phrase.as_bytes().first();
        if begins != Some(&b'[') && self.tokens.get(i)?.folded.as_bytes().first() != begins {
            return None;
        }
        let mut at = i;
        let mut rest = phrase.split(' ').peekable();
        while let Some(word) = rest.peek() {
            let token = self.tokens.get(at).filter(|_| self.is_cue(at));
            if let Some(optional) = word.strip_prefix('[').and_then(|w| w.strip_suffix(']')) {
                at += usize::from(token.is_some_and(|t| t.folded == optional));
                rest.next();
                continue;
            }
            // A token of several words spells as many of the phrase.
            if token?.folded.split(' ').any(|part| rest.next() != Some(part)) {
                return None;
            }
            at += 1;
        }
        Some(at)
    }

    /// The first place where one of the phrases stands, and its end; longer phrases first in the list win.
    #[expect(clippy::needless_pass_by_value, reason = "lists of phrases are written where they are looked for")]
    pub fn find<'p>(&self, phrases: impl IntoIterator<Item = &'p str> + Clone) -> Option<Range<usize>> {
        (0..self.tokens.len())
            .find_map(|i| phrases.clone().into_iter().find_map(|p| self.phrase(i, p)).map(|end| i..end))
    }

    /// Takes the first of the phrases that stands anywhere.
    pub fn take_first<'p>(&mut self, phrases: impl IntoIterator<Item = &'p str> + Clone) -> Option<Range<usize>> {
        let range = self.find(phrases)?;
        self.take(range.clone());
        Some(range)
    }

    /// Skips words from `i` on.
    pub fn skip(&self, mut i: usize, words: &[&str]) -> usize {
        while self.word(i, words) {
            i += 1;
        }
        i
    }

    pub fn is_name(&self, i: usize) -> bool {
        !self.is_taken(i) && matches!(self.tokens[i].kind, TokenKind::Name(_))
    }

    pub fn is_value(&self, i: usize) -> bool {
        !self.is_taken(i) && matches!(self.tokens[i].kind, TokenKind::Value(_))
    }

    pub fn count(&self, i: usize) -> Option<u32> {
        if self.is_taken(i) {
            return None;
        }
        let token = self.tokens.get(i)?;
        match token.number() {
            Some(n) if n >= 1.0 && n.fract() == 0.0 && n <= 10_000.0 => Some(n as u32),
            Some(_) => None,
            None => written_number(&token.folded).filter(|n| *n > 0),
        }
    }

    /// The calendar unit that a word names, unless a column bears that very name.
    pub fn grain(&self, i: usize) -> Option<Grain> {
        // A date that is called "week" is cut to weeks as well.
        let dated = |token: &Token| {
            token.links().first().is_some_and(|link| match link.target {
                Target::Column(id) => {
                    let semantic = self.ground.schema.profile(id).semantic;
                    semantic.is_time() || semantic == SemanticType::Month
                }
                _ => false,
            })
        };
        // "days" is a part of the value "Day Pass" for its letters alone.
        let partial = |token: &Token| match token.kind {
            TokenKind::Value(value) => {
                let mention = &self.ground.analysis.values[value];
                mention.kind != ValueMatchKind::Exact && token.folded != token.lemma
            }
            _ => false,
        };
        let token = self.tokens.get(i)?;
        if !self.is_cue(i) && (self.is_taken(i) || !dated(token) && !partial(token)) {
            return None;
        }
        Some(match self.tokens[i].lemma.as_str() {
            "day" | "date" => Grain::Day,
            "week" => Grain::Week,
            "month" => Grain::Month,
            "quarter" => Grain::Quarter,
            "year" => Grain::Year,
            "weekday" => Grain::Weekday,
            _ => return None,
        })
    }

    /// "monthly", "by month", "per month", "each month", "month by month": where it stands and what it is.
    pub fn find_grain(&self) -> Option<(Range<usize>, Grain)> {
        (0..self.tokens.len()).find_map(|i| {
            let adverb = [
                ("daily", Grain::Day),
                ("weekly", Grain::Week),
                ("monthly", Grain::Month),
                ("quarterly", Grain::Quarter),
                ("yearly", Grain::Year),
                ("annual", Grain::Year),
                ("annually", Grain::Year),
            ];
            if let Some((_, grain)) = adverb.iter().find(|(word, _)| self.is_adverb(i, word)) {
                return Some((i..i + 1, *grain));
            }
            if self.grain(i).is_some() && self.word(i + 1, &["by", "after"]) && self.grain(i + 2) == self.grain(i) {
                return Some((i..i + 3, self.grain(i)?));
            }
            let at = self.phrase(i, "for each").or_else(|| self.phrase(i, "in each")).or_else(|| {
                self.word(i, &["by", "per", "each", "every", "over"]).then(|| self.skip(i + 1, &["the", "calendar"]))
            })?;
            let plural = self.word(i, &["over"]);
            let whole = !plural || self.tokens.get(at).is_some_and(|t| t.folded != t.lemma);
            Some((i..at + 1, self.grain(at).filter(|_| whole)?))
        })
    }

    /// The word is the adverb, though a column may hold it as a value ("monthly plan") if its name does not follow.
    pub fn is_adverb(&self, i: usize, word: &str) -> bool {
        let Some(token) = self.tokens.get(i).filter(|t| t.folded == word && !self.taken[i]) else { return false };
        let TokenKind::Value(value) = token.kind else { return self.is_cue(i) };
        let columns: Vec<_> = self.ground.analysis.values[value].hits.iter().map(|h| h.column).collect();
        let next = self.tokens.get(i + 1).map_or(&[][..], Token::links);
        !next.iter().any(|link| match link.target {
            Target::Column(id) => columns.contains(&id),
            Target::Table(table) => columns.iter().any(|c| c.table == table),
            Target::Metric(_) => false,
        })
    }

    /// Tokens that are periods with both ends.
    pub fn periods(&self) -> Vec<(usize, Days)> {
        let closed = |i: usize| match self.tokens[i].kind {
            TokenKind::Time(time) if !self.taken[i] => {
                let range = self.ground.analysis.times.get(time)?.period.closed()?;
                Some((i, Days::new(range.first, range.last)))
            }
            _ => None,
        };
        (0..self.tokens.len()).filter_map(closed).collect()
    }

    /// "more than 10 %", "above 5 percent", "at least 20%": operator, number, whether in percent, and the end.
    pub fn bound(&self, i: usize) -> Option<(super::Operator, f64, bool, usize)> {
        use super::Operator::{Greater, GreaterOrEqual, Less, LessOrEqual};
        let at = self.skip(i, &["by"]);
        let phrases = [
            ("more than", Greater),
            ("greater than", Greater),
            ("higher than", Greater),
            ("less than", Less),
            ("lower than", Less),
            ("fewer than", Less),
            ("at least", GreaterOrEqual),
            ("at most", LessOrEqual),
            ("no more than", LessOrEqual),
            ("above", Greater),
            ("over", Greater),
            ("exceeding", Greater),
            ("exceeds", Greater),
            ("exceeded", Greater),
            ("topped", Greater),
            ("below", Less),
            ("under", Less),
            (">", Greater),
            ("<", Less),
        ];
        let (end, operator) = phrases.iter().find_map(|(p, op)| self.phrase(at, p).map(|end| (end, *op)))?;
        let end = end + usize::from(self.word(end, &["$", "€", "£"]));
        let number = self.tokens.get(end).filter(|_| !self.taken[end])?.number()?;
        let percent = self.word(end + 1, &["%", "percent", "pct", "per"]);
        let last = if self.word(end + 1, &["per"]) { end + 3 } else { end + 1 + usize::from(percent) };
        Some((operator, number, percent, last.min(self.tokens.len())))
    }

    /// A token that was taken is asked for after all.
    pub fn keep(&mut self, i: usize) {
        self.taken[i] = false;
    }

    /// Makes a token a name.
    pub fn rename(&mut self, i: usize, links: Vec<Link>) {
        self.tokens[i].kind = TokenKind::Name(links);
        self.finder = Finder::new(self.ground, &self.tokens);
    }

    /// Puts a plain word in the place of some tokens.
    pub fn replace(&mut self, range: Range<usize>, word: &str) {
        self.take(range.clone());
        self.taken[range.start] = false;
        let token = &mut self.tokens[range.start];
        token.kind = TokenKind::Word;
        word.clone_into(&mut token.folded);
        word.clone_into(&mut token.lemma);
        self.finder = Finder::new(self.ground, &self.tokens);
    }
}
