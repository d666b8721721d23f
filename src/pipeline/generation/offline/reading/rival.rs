//! Columns that words of a question could mean as well as the one they were read as.

use std::ops::Range;

use super::super::names::{Link, Target};
use super::super::tokens::{Token, TokenKind};
use super::resolve::Role;
use super::{Ground, Reader};
use crate::language::lexicon;
use crate::schema::{ColumnId, SemanticType, ValueMatchKind};

/// Another column for some words.
#[derive(Clone, Debug, PartialEq)]
pub struct Rival {
    /// Positions of the words that could mean either.
    pub words: Range<usize>,
    pub chosen: ColumnId,
    pub other: ColumnId,
    /// Where the words are a value: the one that the other column holds.
    pub value: Option<String>,
    /// How far the other is behind.
    pub gap: f64,
    pub cue: Cue,
    pub role: Role,
    /// A word before the name narrows it, though not to one of the two ("current price", "by banner").
    pub is_qualified: bool,
}

/// What the words are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cue {
    /// They name a column.
    Name,
    /// A superlative that speaks of a measure; true if of its upper end.
    Adjective(bool),
    /// A period, which is a period of some date.
    Period,
    Value,
}

/// A link that is weaker by more than this is another thing's.
const SAME_NAME: f64 = 0.4;
/// The words are the whole name of a column.
const WHOLE_NAME: f64 = 0.97;
/// A column that is behind by more is not meant.
const FAR: f64 = 0.65;

/// The rivals of columns that a plan uses, each with what it is used for; nearest first.
pub fn rivals(ground: Ground<'_>, tokens: &[Token], used: &[(ColumnId, Role)]) -> Vec<Rival> {
    let mut found: Vec<Rival> = Vec::new();
    for (id, role) in used {
        let mut reader = Reader::new(ground, tokens.to_vec());
        reader.anchors = used.iter().filter(|(other, _)| other != id).map(|(other, _)| other.table).collect();
        found.extend(match named(tokens, *id) {
            Some((i, link)) => reader.named_rivals(i, link, *id, *role),
            None if *role == Role::Time => reader.dated_rivals(*id),
            None if *role == Role::Filter => reader.valued_rivals(*id),
            None => reader.graded_rivals(*id),
        });
    }
    found.retain(|r| r.gap < FAR && used.iter().all(|(id, _)| *id != r.other));
    found.sort_by(|a, b| a.gap.total_cmp(&b.gap));
    found
}

/// The token that names the column best, with the strength of its link.
fn named(tokens: &[Token], id: ColumnId) -> Option<(usize, f64)> {
    let strength = |token: &Token| token.links().iter().find(|l| l.target == Target::Column(id)).map(|l| l.score);
    let mut best: Option<(usize, f64)> = None;
    for (i, token) in tokens.iter().enumerate() {
        if let Some(score) = strength(token).filter(|s| best.is_none_or(|(_, b)| *s > b + 1e-9)) {
            best = Some((i, score));
        }
    }
    best
}

impl Reader<'_> {
    fn named_rivals(&self, i: usize, link: f64, id: ColumnId, role: Role) -> Vec<Rival> {
        let chosen = self.weighed(i, id, link, role);
        let token = &self.tokens[i];
        // A metric or a table of that very name is what is meant.
        if token.links().first().is_some_and(|l| !matches!(l.target, Target::Column(_)) && l.score > link + 0.05) {
            return Vec::new();
        }
        let others = token.links().iter().filter_map(|l| match *l {
            Link { target: Target::Column(other), score } if score >= link - SAME_NAME => Some((other, score)),
            _ => None,
        });
        // What bears the very name is not rivalled by what is only called so too.
        let bears = |other: ColumnId| {
            let words = self.ground.names.column_words(other);
            token.lemma.split(' ').all(|w| words.iter().any(|own| own == w))
        };
        others
            .filter(|(other, score)| link < WHOLE_NAME || *score > link - 0.05 || bears(*other))
            .filter(|(other, _)| *other != id && self.is_alike(id, *other))
            .map(|(other, score)| Rival {
                words: token.words.clone(),
                chosen: id,
                other,
                value: None,
                gap: chosen - self.weighed(i, other, score, role),
                cue: Cue::Name,
                role,
                is_qualified: self.is_qualified(i),
            })
            .collect()
    }

    fn is_qualified(&self, i: usize) -> bool {
        const NARROWING: [&str; 14] = [
            "current", "actual", "present", "latest", "last", "first", "new", "old", "own", "our", "by", "per", "each",
            "every",
        ];
        i > 0 && self.word_at(i - 1, &NARROWING)
            || self.tokens.iter().any(|t| t.is(&["currently", "now", "moment", "today"]))
    }

    /// Both are measures, both are dates, or both are texts; and neither only refers to rows.
    fn is_alike(&self, a: ColumnId, b: ColumnId) -> bool {
        let schema = self.ground.schema;
        let kind = |id: ColumnId| {
            let semantic = self.semantic(id);
            if semantic.is_measure() {
                0
            } else if semantic.is_time() {
                1
            } else {
                2
            }
        };
        let refers = |id: ColumnId| schema.reference_of(id).is_some() || self.semantic(id) == SemanticType::Id;
        kind(a) == kind(b) && !refers(a) && !refers(b) && !schema.table(b.table).is_view
    }

    /// Other dates of the table, for a period that names none.
    fn dated_rivals(&self, id: ColumnId) -> Vec<Rival> {
        let schema = self.ground.schema;
        let period = |t: &&Token| matches!(t.kind, TokenKind::Time(_));
        let Some(token) = self.tokens.iter().find(period) else { return Vec::new() };
        let upkeep = |c: ColumnId| super::resolve::is_upkeep(schema, c);
        // Rows that refer to dated rows can be counted by the date of those.
        let parents = schema.foreign_keys.iter().filter(|k| k.from.table == id.table && k.to.table != id.table);
        let parents = parents.filter_map(|k| super::event_date(schema, k.to.table)).filter(|(_, event)| *event);
        (0..schema.table(id.table).columns.len())
            .map(|column| ColumnId { table: id.table, column })
            .filter(|c| *c != id && self.semantic(*c) == self.semantic(id) && !upkeep(*c))
            .chain(parents.map(|(date, _)| date))
            .map(|other| Rival {
                words: token.words.clone(),
                chosen: id,
                other,
                value: None,
                gap: if other.table == id.table { OTHER_DATE } else { 2.0 * OTHER_DATE },
                cue: Cue::Period,
                role: Role::Time,
                is_qualified: false,
            })
            .collect()
    }

    /// Other measures that a superlative speaks of as well.
    fn graded_rivals(&self, id: ColumnId) -> Vec<Rival> {
        let mut rivals = Vec::new();
        for token in self.tokens.iter().filter(|t| matches!(t.kind, TokenKind::Word)) {
            let most = |a: &&crate::language::Adjective| a.most.contains(&token.folded);
            let Some(adjective) = lexicon().adjectives.iter().find(most) else { continue };
            let mut weighed: Vec<(ColumnId, f64)> = Vec::new();
            for (rank, phrase) in adjective.measures.iter().enumerate() {
                let lemmas: Vec<&str> = phrase.split(' ').collect();
                for link in self.ground.names.look_up(&lemmas) {
                    let Target::Column(other) = link.target else { continue };
                    let score = link.score - 0.1 * rank as f64;
                    match weighed.iter_mut().find(|(known, _)| *known == other) {
                        Some((_, best)) => *best = best.max(score),
                        None => weighed.push((other, score)),
                    }
                }
            }
            let Some((_, chosen)) = weighed.iter().find(|(known, _)| *known == id).copied() else { continue };
            let high = adjective.direction == crate::language::Direction::High;
            let others = weighed.into_iter().filter(|(other, _)| {
                *other != id
                    && other.table == id.table
                    && self.semantic(*other).is_measure()
                    && self.is_alike(id, *other)
            });
            rivals.extend(others.map(|(other, score)| Rival {
                words: token.words.clone(),
                chosen: id,
                other,
                value: None,
                gap: (chosen - score).abs(),
                cue: Cue::Adjective(high),
                role: Role::Measure,
                is_qualified: false,
            }));
        }
        rivals
    }

    /// Other columns that hold what the words of a condition say.
    fn valued_rivals(&self, id: ColumnId) -> Vec<Rival> {
        let mut rivals = Vec::new();
        for token in &self.tokens {
            let TokenKind::Value(mention) = token.kind else { continue };
            let mention = &self.ground.analysis.values[mention];
            if mention.kind == ValueMatchKind::Fuzzy || !mention.hits.iter().any(|h| h.column == id) {
                continue;
            }
            let weighed = |column: ColumnId| self.weighed_hit(column, &token.words);
            let schema = self.ground.schema;
            let chosen = mention.hits.iter().find(|h| h.column == id).map_or("", |h| h.value.as_str());
            for hit in mention.hits.iter().filter(|h| h.column != id && self.is_alike(id, h.column)) {
                let several = mention.hits.iter().filter(|h| h.column == hit.column).count() > 1;
                // The same kind of thing by the same name is the same thing, in whichever table.
                let same = hit.value == chosen;
                if same && schema.column(hit.column).name == schema.column(id).name {
                    continue;
                }
                if several || rivals.iter().any(|r: &Rival| r.other == hit.column) {
                    continue;
                }
                rivals.push(Rival {
                    words: token.words.clone(),
                    chosen: id,
                    other: hit.column,
                    value: Some(hit.value.clone()),
                    gap: weighed(id) - weighed(hit.column) + if same { SAME_VALUE } else { 0.0 },
                    cue: Cue::Value,
                    role: Role::Filter,
                    is_qualified: false,
                });
            }
        }
        rivals
    }

    /// What speaks for a column among those that hold a value: that its table is spoken of, and what stands beside.
    fn weighed_hit(&self, id: ColumnId, words: &Range<usize>) -> f64 {
        let at = self.tokens.iter().position(|t| t.words == *words).unwrap_or_default();
        let beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten();
        let named = beside
            .filter_map(|j| self.token(j))
            .any(|t| t.links().iter().any(|l| l.target == Target::Column(id) || l.target == Target::Table(id.table)));
        let own = self.ground.names.column_words(id).len() as f64;
        0.5 * self.evidence[id.table.0].min(1.5) + if named { 0.5 } else { 0.0 } - 0.01 * own
    }
}

/// A table has one date that its rows are counted by; another one is meant less often.
const OTHER_DATE: f64 = 0.1;
/// One value that two columns hold is hardly worth a question back.
const SAME_VALUE: f64 = 0.1;
