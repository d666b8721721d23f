//! Keeps values on this machine: they are replaced by placeholders before anything is sent, and put back into what
//! comes back.
//!
//! What counts as a value: what the analysis found in the question to be one, what stands in quotes there, and every
//! string literal of SQL that is sent along (earlier turns, examples, metrics, filters, the failed attempt). Names,
//! numbers, dates and formats are not values.

use std::ops::Range;

use crate::config::Privacy;
use crate::pipeline::analysis::{Entity, EntityKind};
use crate::schema::{ColumnId, Schema};

/// Bytes. Shorter values are part of too much else to be looked for.
const SHORTEST: usize = 3;

/// Values with their placeholders. Under any privacy but `schema` it changes nothing.
pub(super) struct Mask {
    hides: bool,
    /// Begins every placeholder; no name of the schema contains it.
    prefix: String,
    hidden: Vec<Hidden>,
}

struct Hidden {
    /// As the database has it.
    value: String,
    /// Other spellings of the question.
    spellings: Vec<String>,
    column: Option<ColumnId>,
    /// Written without quotes, since its column holds numbers.
    number: bool,
}

impl Mask {
    pub(super) fn new(privacy: Privacy, schema: &Schema, question: &str) -> Self {
        let taken = |prefix: &str| {
            question.to_lowercase().contains(prefix)
                || schema.tables.iter().any(|t| {
                    t.name.to_lowercase().contains(prefix)
                        || t.columns.iter().any(|c| c.name.to_lowercase().contains(prefix))
                })
        };
        let mut prefix = "value_".to_owned();
        while taken(&prefix) {
            prefix.insert(0, 'x');
        }
        Self { hides: privacy == Privacy::Schema, prefix, hidden: Vec::new() }
    }

    /// A placeholder as an example for the prompt; `None` if nothing is hidden.
    pub(super) fn example(&self) -> Option<String> {
        (!self.hidden.is_empty()).then(|| self.placeholder(0))
    }

    /// Placeholders with the columns that hold their values.
    pub(super) fn columns(&self) -> Vec<(String, ColumnId)> {
        let column = |(at, hidden): (usize, &Hidden)| hidden.column.map(|column| (self.placeholder(at), column));
        self.hidden.iter().enumerate().filter_map(column).collect()
    }

    /// The question with its values hidden. The spans of the entities are those of `question`.
    pub(super) fn question(&mut self, question: &str, entities: &[Entity], schema: &Schema) -> String {
        if !self.hides {
            return question.to_owned();
        }
        let values = entities.iter().filter(|e| is_value(e)).map(|e| (e.span.clone(), e.value.clone(), e.column));
        let mut found: Vec<(Range<usize>, String, Option<ColumnId>)> = values.chain(self.known(question)).collect();
        found.sort_by_key(|(span, ..)| (span.start, std::cmp::Reverse(span.end)));
        let mut masked = String::new();
        let mut at = 0;
        for (span, value, column) in found {
            let (Some(before), Some(written)) = (question.get(at..span.start), question.get(span.clone())) else {
                continue;
            };
            masked.push_str(before);
            let number =
                column.is_some_and(|c| schema.profile(c).numeric) && value.parse::<f64>().is_ok_and(f64::is_finite);
            masked.push_str(&self.hide(&value, Some(written), column, number));
            at = span.end;
        }
        masked.push_str(question.get(at..).unwrap_or_default());
        let masked = self.quoted(&masked);
        self.text(&masked)
    }

    /// Values hidden before, where they stand in a text: they may be longer than what was found in it.
    fn known(&self, text: &str) -> Vec<(Range<usize>, String, Option<ColumnId>)> {
        let known = self.hidden.iter().filter(|h| h.value.len() >= SHORTEST);
        known.flat_map(|h| whole_words(text, &h.value).map(|span| (span, h.value.clone(), h.column))).collect()
    }

    /// SQL with its string literals hidden.
    pub(super) fn sql(&mut self, sql: &str) -> String {
        if !self.hides {
            return sql.to_owned();
        }
        let mut masked = String::new();
        for piece in pieces(sql) {
            match piece {
                Piece::Literal(value) if !is_format(&value) => {
                    let placeholder = self.hide(&value, None, None, false);
                    masked.push_str(&literal(&placeholder));
                }
                piece => masked.push_str(&piece.written()),
            }
        }
        masked
    }

    /// A text in which every value hidden so far is hidden too.
    pub(super) fn text(&self, text: &str) -> String {
        if !self.hides {
            return text.to_owned();
        }
        let mut spellings: Vec<(&str, usize)> = Vec::new();
        for (at, hidden) in self.hidden.iter().enumerate() {
            spellings.push((&hidden.value, at));
            spellings.extend(hidden.spellings.iter().map(|s| (s.as_str(), at)));
        }
        // Long ones first: a value may contain another one.
        spellings.sort_by_key(|(spelling, at)| (std::cmp::Reverse(spelling.len()), *at));
        spellings
            .iter()
            .filter(|(s, _)| s.len() >= SHORTEST)
            .fold(text.to_owned(), |text, (spelling, at)| replace_word(&text, spelling, |_| self.placeholder(*at)))
    }

    /// SQL with the values back in place of their placeholders, each as a literal.
    pub(super) fn restore_sql(&self, sql: &str) -> String {
        if self.hidden.is_empty() {
            return sql.to_owned();
        }
        let mut restored = String::new();
        for piece in pieces(sql) {
            match piece {
                Piece::Literal(text) => match self.whole(&text) {
                    Some(hidden) => restored.push_str(&hidden.literal()),
                    None => restored.push_str(&literal(&self.restore_text(&text))),
                },
                Piece::Quoted(name, open) => match self.whole(&name) {
                    Some(hidden) => restored.push_str(&hidden.literal()),
                    None => restored.push_str(&Piece::Quoted(name, open).written()),
                },
                Piece::Other(text) => restored.push_str(&self.replace_placeholders(text, Hidden::literal)),
            }
        }
        restored
    }

    /// A text with the values back in place.
    pub(super) fn restore_text(&self, text: &str) -> String {
        self.replace_placeholders(text, |hidden| hidden.value.clone())
    }

    fn replace_placeholders(&self, text: &str, write: impl Fn(&Hidden) -> String) -> String {
        if self.hidden.is_empty() {
            return text.to_owned();
        }
        // One pass, so that nothing inside a restored value is taken for a placeholder.
        let lower = text.to_ascii_lowercase();
        let (mut restored, mut at) = (String::new(), 0);
        while let Some(found) = lower[at..].find(&self.prefix).map(|offset| at + offset) {
            let digits_at = found + self.prefix.len();
            let digits = lower[digits_at..].bytes().take_while(u8::is_ascii_digit).count();
            let end = digits_at + digits;
            let number = lower[digits_at..end].parse::<usize>().ok().and_then(|n| n.checked_sub(1));
            let whole = !text[..found].ends_with(is_word) && !text[end..].starts_with(is_word);
            restored.push_str(&text[at..found]);
            match number.and_then(|n| self.hidden.get(n)).filter(|_| whole) {
                Some(hidden) => restored.push_str(&write(hidden)),
                None => restored.push_str(&text[found..end]),
            }
            at = end;
        }
        restored.push_str(&text[at..]);
        restored
    }

    fn whole(&self, text: &str) -> Option<&Hidden> {
        (0..self.hidden.len()).find(|&at| self.placeholder(at).eq_ignore_ascii_case(text)).map(|at| &self.hidden[at])
    }

    fn placeholder(&self, at: usize) -> String {
        format!("{}{}", self.prefix, at + 1)
    }

    fn hide(&mut self, value: &str, written: Option<&str>, column: Option<ColumnId>, number: bool) -> String {
        let at = self.hidden.iter().position(|h| h.value == value).unwrap_or_else(|| {
            self.hidden.push(Hidden { value: value.to_owned(), spellings: Vec::new(), column, number });
            self.hidden.len() - 1
        });
        if let Some(written) = written.filter(|w| *w != value) {
            self.hidden[at].spellings.push(written.to_owned());
        }
        self.placeholder(at)
    }

    /// Hides what stands in quotes: people quote values.
    fn quoted(&mut self, text: &str) -> String {
        let mut masked = String::new();
        let mut rest = text;
        while let Some((open, close)) = first_quote(rest) {
            let (before, after) = rest.split_at(open);
            let quote = after.chars().next().map_or(1, char::len_utf8);
            let inner = &rest[open + quote..close];
            masked.push_str(before);
            let hidden = if inner.trim().is_empty() || self.whole(inner.trim()).is_some() {
                inner.to_owned()
            } else {
                self.hide(inner, None, None, false)
            };
            masked.push('"');
            masked.push_str(&hidden);
            masked.push('"');
            let closing = rest[close..].chars().next().map_or(1, char::len_utf8);
            rest = &rest[close + closing..];
        }
        masked.push_str(rest);
        masked
    }
}

impl Hidden {
    fn literal(&self) -> String {
        if self.number { self.value.clone() } else { literal(&self.value) }
    }
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Dates, numbers and ranks are computed with, not looked up.
fn is_value(entity: &Entity) -> bool {
    entity.column.is_some() || !matches!(entity.kind, EntityKind::DateRange | EntityKind::Number | EntityKind::TopN)
}

/// Literals that are part of the language rather than of the data: dates, formats, modifiers of dates.
fn is_format(text: &str) -> bool {
    const MODIFIERS: &[&str] = &[
        "now",
        "localtime",
        "utc",
        "unixepoch",
        "auto",
        "start of month",
        "start of year",
        "start of day",
        "year",
        "quarter",
        "month",
        "week",
        "day",
        "hour",
        "minute",
        "second",
    ];
    const UNITS: &[&str] = &["year", "month", "day", "hour", "minute", "second"];
    let lower = text.trim().to_lowercase();
    let shift = || {
        let unit = lower.trim_start_matches(['+', '-']).trim_start_matches(|c: char| c.is_ascii_digit()).trim();
        lower.starts_with(['+', '-']) && UNITS.contains(&unit.trim_end_matches('s'))
    };
    let date = || {
        lower.get(..10).is_some_and(|day| day.parse::<jiff::civil::Date>().is_ok())
            && lower[10..].chars().all(|c| c.is_ascii_digit() || " t:.z".contains(c))
    };
    lower.is_empty() || MODIFIERS.contains(&lower.as_str()) || is_time_format(&lower) || shift() || date()
}

/// `%Y-%m`: every letter follows a percent sign.
fn is_time_format(text: &str) -> bool {
    let mut previous = ' ';
    text.starts_with('%')
        && text.chars().all(|c| {
            let fits = if c.is_ascii_alphabetic() { previous == '%' } else { "%-/: ".contains(c) };
            previous = c;
            fits
        })
}

/// A stretch of SQL.
enum Piece<'a> {
    /// In single quotes; the text without them.
    Literal(String),
    /// A name in quotes of its own, with the opening one.
    Quoted(String, char),
    Other(&'a str),
}

impl Piece<'_> {
    fn written(self) -> String {
        match self {
            Self::Literal(text) => literal(&text),
            Self::Quoted(name, '[') => format!("[{name}]"),
            Self::Quoted(name, quote) => format!("{quote}{}{quote}", name.replace(quote, &format!("{quote}{quote}"))),
            Self::Other(text) => text.to_owned(),
        }
    }
}

/// Cuts SQL at its quotes. Comments are left whole, so that an apostrophe in one opens nothing.
fn pieces(sql: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(c) = sql[at..].chars().next() {
        let rest = &sql[at..];
        let comment = if rest.starts_with("--") {
            Some(rest.find('\n').unwrap_or(rest.len()))
        } else if rest.starts_with("/*") {
            Some(rest.find("*/").map_or(rest.len(), |end| end + 2))
        } else {
            None
        };
        if let Some(length) = comment {
            at += length;
            continue;
        }
        let closing = match c {
            '\'' | '"' | '`' => c,
            '[' => ']',
            _ => {
                at += c.len_utf8();
                continue;
            }
        };
        // A quote without an end is nobody's literal: the gate will say so.
        let Some((text, length)) = quoted(&rest[1..], closing) else { break };
        pieces.push(Piece::Other(&sql[start..at]));
        pieces.push(if c == '\'' { Piece::Literal(text) } else { Piece::Quoted(text, c) });
        at += 1 + length;
        start = at;
    }
    pieces.push(Piece::Other(&sql[start..]));
    pieces
}

/// The text up to the closing quote, doubled quotes made single, and the bytes up to behind it.
fn quoted(rest: &str, closing: char) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut characters = rest.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        if c != closing {
            text.push(c);
        } else if closing != ']' && characters.peek().is_some_and(|(_, next)| *next == closing) {
            text.push(c);
            characters.next();
        } else {
            return Some((text, at + c.len_utf8()));
        }
    }
    None
}

/// Positions of an opening quote and the one that closes it. Apostrophes inside words are none.
fn first_quote(text: &str) -> Option<(usize, usize)> {
    const PAIRS: &[(char, char)] = &[('"', '"'), ('\u{201c}', '\u{201d}'), ('\u{ab}', '\u{bb}'), ('\'', '\'')];
    text.char_indices().find_map(|(open, c)| {
        let (_, closing) = PAIRS.iter().find(|(o, _)| *o == c)?;
        if text[..open].ends_with(is_word) {
            return None;
        }
        let after = open + c.len_utf8();
        let close = text[after..]
            .match_indices(*closing)
            .map(|(at, _)| after + at)
            .find(|&at| !text[at + closing.len_utf8()..].starts_with(is_word))?;
        Some((open, close))
    })
}

/// Replaces whole words, any case.
fn replace_word(text: &str, word: &str, with: impl Fn(&str) -> String) -> String {
    let (mut replaced, mut at) = (String::new(), 0);
    for found in whole_words(text, word) {
        if found.start >= at {
            replaced.push_str(&text[at..found.start]);
            replaced.push_str(&with(&text[found.clone()]));
            at = found.end;
        }
    }
    replaced.push_str(&text[at..]);
    replaced
}

/// Where a word or phrase stands by itself, any case.
fn whole_words(text: &str, word: &str) -> impl Iterator<Item = Range<usize>> {
    text.char_indices().filter_map(move |(start, _)| {
        let end = start + word.len();
        let is_it = text.get(start..end)?.eq_ignore_ascii_case(word);
        let is_whole = !text[..start].ends_with(is_word) && !text[end..].starts_with(is_word);
        (is_it && is_whole).then_some(start..end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Column, Table, TableId};

    fn schema(column: &str, numeric: bool) -> Schema {
        let mut column = Column { name: column.to_owned(), ..Column::default() };
        column.profile.numeric = numeric;
        Schema {
            tables: vec![Table { name: "stores".to_owned(), columns: vec![column], ..Table::default() }],
            ..Schema::default()
        }
    }

    fn entity(question: &str, text: &str, value: &str) -> Entity {
        let start = question.find(text).unwrap();
        Entity {
            kind: EntityKind::Value,
            text: text.to_owned(),
            value: value.to_owned(),
            column: Some(ColumnId { table: TableId(0), column: 0 }),
            span: start..start + text.len(),
        }
    }

    fn masked(question: &str, entities: &[Entity]) -> (String, Mask) {
        let schema = schema("region", false);
        let mut mask = Mask::new(Privacy::Schema, &schema, question);
        (mask.question(question, entities, &schema), mask)
    }

    #[test]
    fn values_leave_the_question_and_come_back_in_the_sql() {
        let question = "sales in northern ireland and köln, not in Northern Ireland's \"O'Neill Park\"";
        let entities =
            [entity(question, "northern ireland", "Northern Ireland"), entity(question, "köln", "Köln (Süd)")];
        let (sent, mask) = masked(question, &entities);
        assert_eq!(sent, "sales in value_1 and value_2, not in value_1's \"value_3\"");
        let sql =
            "SELECT 'value_1', \"VALUE_2\", value_2, 'a value_1%', value_10, xvalue_1 -- it's value_1\nFROM \"t\"\"u\"";
        assert_eq!(
            mask.restore_sql(sql),
            "SELECT 'Northern Ireland', 'Köln (Süd)', 'Köln (Süd)', 'a Northern Ireland%', value_10, xvalue_1 \
             -- it's 'Northern Ireland'\nFROM \"t\"\"u\""
        );
        assert_eq!(mask.restore_sql("SELECT 'value_3'"), "SELECT 'O''Neill Park'");
        assert_eq!(mask.restore_text("Sales in value_1."), "Sales in Northern Ireland.");
    }

    #[test]
    fn a_value_cannot_break_out_of_its_literal() {
        let question = "orders of bobby";
        let (_, mask) = masked(question, &[entity(question, "bobby", "x'; DROP TABLE t; -- value_1")]);
        let expected = "SELECT 1 WHERE a = 'x''; DROP TABLE t; -- value_1'";
        assert_eq!(mask.restore_sql("SELECT 1 WHERE a = 'value_1'"), expected);
        assert_eq!(mask.restore_sql("SELECT 1 WHERE a = value_1"), expected);
        assert_eq!(mask.restore_sql("SELECT 1 WHERE a = \"value_1\""), expected);
    }

    #[test]
    fn numbers_come_back_as_numbers() {
        let question = "sales of store 17";
        let schema = schema("number", true);
        let mut mask = Mask::new(Privacy::Schema, &schema, question);
        assert_eq!(mask.question(question, &[entity(question, "17", "17")], &schema), "sales of store value_1");
        assert_eq!(mask.restore_sql("WHERE number = 'value_1'"), "WHERE number = 17");
    }

    #[test]
    fn literals_of_sql_are_hidden_but_not_formats() {
        let (_, mut mask) = masked("x", &[]);
        let sql = "SELECT strftime('%Y-%m', d, '-3 months', 'start of month') FROM t \
                   WHERE a = 'It''s' AND b LIKE '%cream%' AND d >= '2025-01-31' AND c = '' /* 'no' */";
        let sent = mask.sql(sql);
        assert_eq!(sent, sql.replace("It''s", "value_1").replace("%cream%", "value_2"));
        assert_eq!(mask.restore_sql(&sent), sql);
        assert_eq!(mask.text("why not it's?"), "why not value_1?");
    }

    #[test]
    fn placeholders_are_no_name_of_the_schema() {
        let schema = schema("value_1", false);
        let mut mask = Mask::new(Privacy::Schema, &schema, "q");
        assert_eq!(mask.sql("SELECT 'abc' = value_1"), "SELECT 'xvalue_1' = value_1");
        assert_eq!(mask.restore_sql("SELECT 'xvalue_1' = value_1"), "SELECT 'abc' = value_1");
    }

    #[test]
    fn other_levels_of_privacy_hide_nothing() {
        let question = "sales in Bern";
        let schema = schema("region", false);
        let mut mask = Mask::new(Privacy::Values, &schema, question);
        assert_eq!(mask.question(question, &[entity(question, "Bern", "Bern")], &schema), question);
        assert_eq!(mask.sql("SELECT 'a'"), "SELECT 'a'");
        assert_eq!((mask.example(), mask.restore_sql("SELECT value_1")), (None, "SELECT value_1".to_owned()));
    }

    #[test]
    fn broken_quotes_and_spans_do_no_harm() {
        let (sent, mask) = masked("don't \"open", &[]);
        assert_eq!(sent, "don't \"open");
        assert_eq!(mask.restore_sql("SELECT 'open"), "SELECT 'open");
        let mut wrong = entity("abc", "abc", "Value Of It");
        wrong.span = 2..900;
        let (sent, _) = masked("äbc", &[wrong]);
        assert_eq!(sent, "äbc");
    }
}
