//! Values that a question says in other words than the database writes them: "female" for `F`, the name of a flag for its
//! yes. And the comparison that the words around a number say outright.

use super::super::tokens::TokenKind;
use super::view::{ValueLink, View};
use crate::language::{Direction, identifier_words, lexicon};
use crate::pipeline::analysis::WordKind;
use crate::schema::{ColumnId, SemanticType, Value, ValueMatchKind};

/// Words for the sexes, with the letter that their values begin with.
const SEXES: [(&[&str], &str); 2] =
    [(&["female", "woman", "girl", "lady"], "f"), (&["male", "man", "boy", "gentleman"], "m")];
/// Mentions weaker than this do not make a flag a condition.
const FLAGGED: f32 = 0.38;

impl View<'_> {
    /// Values that no word is written like.
    pub(super) fn link_said(&mut self) {
        self.link_sexes();
        self.link_flags();
        self.read_quoted_numbers();
    }

    fn link_sexes(&mut self) {
        let schema = self.ground.schema;
        for (i, token) in self.tokens.iter().enumerate() {
            let said = SEXES.iter().find(|(words, _)| words.contains(&token.lemma.as_str()));
            let Some((_, letter)) = said.filter(|_| !self.values.iter().any(|v| v.token == i)) else { continue };
            for column in schema.columns() {
                let profile = schema.profile(column);
                let words = identifier_words(&schema.column(column).name);
                if profile.distinct > 6 || !words.iter().any(|w| w == "sex" || w == "gender") {
                    continue;
                }
                let written = profile.top.iter().filter_map(Value::as_text);
                if let Some(value) = written.into_iter().find(|v| v.to_lowercase().starts_with(letter)) {
                    let (value, kind) = (value.to_owned(), ValueMatchKind::Exact);
                    self.values.push(ValueLink { token: i, column, value, kind, rows: profile.rows / 2 });
                }
            }
        }
    }

    /// A word that speaks of a flag may ask for the rows that have it.
    fn link_flags(&mut self) {
        let schema = self.ground.schema;
        for column in schema.columns() {
            let profile = schema.profile(column);
            if profile.semantic != SemanticType::Flag || schema.reference_of(column).is_some() {
                continue;
            }
            let Some(value) = yes(profile.top.as_slice()) else { continue };
            for mention in self.columns[column.table.0][column.column].clone() {
                let token = mention.token;
                let strongest = mention.score >= self.best[token].0 - 0.05;
                if mention.score >= FLAGGED && strongest && !self.values.iter().any(|v| v.token == token) {
                    let (value, kind) = (value.clone(), ValueMatchKind::Partial);
                    self.values.push(ValueLink { token, column, value, kind, rows: profile.rows / 2 });
                }
            }
        }
    }

    /// A number in quotes that is no value is a number.
    fn read_quoted_numbers(&mut self) {
        for (i, token) in self.tokens.iter().enumerate() {
            let [word] = &self.ground.analysis.words[token.words.clone()] else { continue };
            if word.kind == WordKind::Quoted && matches!(token.kind, TokenKind::Word) {
                self.numbers[i] = word.text.parse().ok().filter(|x: &f64| x.is_finite());
            }
        }
    }

    /// The comparison that the words around a number say, by its place among [`super::COMPARISONS`].
    pub fn said_comparison(&self, token: usize) -> Option<usize> {
        const EQUAL_OR_LESS: usize = 3;
        const LESS: usize = 2;
        const GREATER: usize = 4;
        const EQUAL_OR_GREATER: usize = 5;
        const BETWEEN: usize = 6;
        let words = &self.ground.analysis.words;
        let range = self.tokens[token].words.clone();
        let before = |n: usize| range.start.checked_sub(n).map_or("", |i| words[i].folded.as_str());
        let after = |n: usize| words.get(range.end + n - 1).map_or("", |w| w.folded.as_str());
        let side = |greater: bool, or_equal: bool| match (greater, or_equal) {
            (true, true) => EQUAL_OR_GREATER,
            (true, false) => GREATER,
            (false, true) => EQUAL_OR_LESS,
            (false, false) => LESS,
        };
        let less = |word: &str| {
            lexicon().adjectives.iter().any(|a| a.direction == Direction::Low && a.more.iter().any(|m| m == word))
        };
        if after(1) == "or" {
            match after(2) {
                "more" | "above" | "over" | "higher" | "greater" | "later" | "larger" | "older" | "longer" => {
                    return Some(EQUAL_OR_GREATER);
                }
                "less" | "fewer" | "below" | "lower" | "under" | "earlier" | "smaller" | "younger" | "shorter" => {
                    return Some(EQUAL_OR_LESS);
                }
                _ => {}
            }
        }
        // "between 2 and 5", of either number.
        let numbered = |i: usize| words.get(i).is_some_and(|w| matches!(w.kind, WordKind::Number(_)));
        if before(1) == "between"
            || before(1) == "and" && range.start >= 3 && before(3) == "between" && numbered(range.start - 2)
        {
            return Some(BETWEEN);
        }
        match (before(2), before(1)) {
            ("at", "least") => Some(EQUAL_OR_GREATER),
            ("at", "most") | ("up", "to") => Some(EQUAL_OR_LESS),
            (word, "than") => {
                let negated = matches!(before(3), "no" | "not");
                let down = matches!(
                    word,
                    "less" | "fewer" | "lower" | "smaller" | "younger" | "shorter" | "cheaper" | "earlier"
                ) || less(word);
                (word != "other" && word != "rather").then(|| side(down == negated, negated))
            }
            (_, "over" | "above" | "exceeding" | "exceed" | "exceeds" | "beyond") => Some(GREATER),
            (_, "under" | "below") => Some(LESS),
            _ => None,
        }
    }
}

/// Yes as a flag writes it.
fn yes(top: &[Value]) -> Option<String> {
    top.iter().find_map(|value| match value {
        Value::Integer(1) => Some("1".to_owned()),
        Value::Text(text) if matches!(text.to_lowercase().as_str(), "y" | "yes" | "t" | "true" | "1" | "on") => {
            Some(text.clone())
        }
        _ => None,
    })
}

/// A value as its column keeps it.
pub fn kept(view: &View<'_>, column: ColumnId, value: &str) -> Value {
    let numeric = view.ground.schema.profile(column).numeric;
    match value.parse() {
        Ok(number) if numeric => Value::Integer(number),
        _ => Value::Text(value.to_owned()),
    }
}
