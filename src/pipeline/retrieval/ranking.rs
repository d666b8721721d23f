//! From words shared and meanings near to one score with its reason.

use super::documents::Passage;
use super::lexical::{WordIndex, WordScore, content_words};
use super::{ScoredExample, ScoredMetric, ScoredRule, ScoredTable, ScoredValue};
use crate::knowledge::{Knowledge, qualified_names};
use crate::pipeline::analysis::Entity;
use crate::schema::{ColumnId, Schema, TableId};

/// Passages of the schema, and neighbours in every other collection, that are looked at.
pub(super) const PASSAGES: usize = 100;
pub(super) const NEIGHBOURS: usize = 50;

/// Shares of a table's score. Tried out on three quarters of 117 public databases, merged into one; the optimum is
/// flat. On the rest, all tables that a question needs were among the first ten of the merged ones for 139 of 152
/// questions (words alone: 133).
const WORDS: f64 = 0.45;
const TABLE_MEANING: f64 = 0.35;
const COLUMN_MEANING: f64 = 0.20;
/// Added for a value of the table that the question names, and for a metric that reads it.
const VALUE: f64 = 0.25;
const METRIC: f64 = 0.35;

/// Cosines of unrelated texts and of good matches under the built-in model.
const UNRELATED: f64 = 0.2;
const MATCH: f64 = 0.7;

/// From here on a metric, example or rule is worth handing on.
const WORTH: f64 = 0.3;

/// What the vectors say about a question: (position or passage, cosine), nearest first.
pub(super) struct Near {
    pub(super) passages: Vec<(Passage, f32)>,
    pub(super) metrics: Vec<(usize, f32)>,
    pub(super) examples: Vec<(usize, f32)>,
    pub(super) rules: Vec<(usize, f32)>,
}

/// What speaks for a table.
pub(super) struct Evidence<'a> {
    pub(super) question: &'a str,
    pub(super) schema: &'a Schema,
    pub(super) entities: &'a [Entity],
    pub(super) metrics: &'a [ScoredMetric],
    pub(super) near: Option<&'a Near>,
}

/// Every visible table with its score, in the order of `visible`.
pub(super) fn tables(evidence: &Evidence<'_>, visible: &[TableId], words: &WordIndex) -> Vec<ScoredTable> {
    let word_scores = words.score(evidence.question);
    let most = word_scores.iter().map(|s| s.score).fold(0.0, f64::max);
    visible
        .iter()
        .zip(&word_scores)
        .map(|(&table, words)| {
            let mut score = Sum::default();
            score.add(share(words.score, most) * WORDS, || words_reason(words));
            evidence.add_meaning(table, &mut score);
            evidence.add_values(table, &mut score);
            evidence.add_metrics(table, &mut score);
            ScoredTable { table, score: score.total(), why: score.reason() }
        })
        .collect()
}

pub(super) fn sort_tables(tables: &mut [ScoredTable]) {
    tables.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.table.cmp(&b.table)));
}

impl Evidence<'_> {
    fn add_meaning(&self, table: TableId, score: &mut Sum) {
        let Some(near) = self.near else { return };
        let best =
            |of_columns: bool| near.passages.iter().find(|(p, _)| p.table == table && p.column.is_some() == of_columns);
        if let Some((_, cosine)) = best(false) {
            score.add(meaning(*cosine) * TABLE_MEANING, || format!("meaning {cosine:.2}"));
        }
        if let Some((passage, cosine)) = best(true)
            && let Some(column) = passage.column
        {
            let name = &self.schema.column(ColumnId { table, column }).name;
            score.add(meaning(*cosine) * COLUMN_MEANING, || format!("meaning of {name} {cosine:.2}"));
        }
    }

    fn add_values(&self, table: TableId, score: &mut Sum) {
        let hit = self.entities.iter().find_map(|e| e.column.filter(|c| c.table == table).map(|c| (e, c)));
        if let Some((entity, column)) = hit {
            score.add(VALUE, || format!("\"{}\" is a value of {}", entity.text, self.schema.column(column).name));
        }
    }

    fn add_metrics(&self, table: TableId, score: &mut Sum) {
        let reads = |metric: &ScoredMetric| {
            qualified_names(&metric.metric.expression).iter().any(|(t, _)| self.schema.find_table(t) == Some(table))
        };
        if let Some(metric) = self.metrics.iter().find(|m| reads(m)) {
            score.add(metric.score * METRIC, || format!("metric \"{}\" reads it", metric.metric.name));
        }
    }
}

pub(super) fn metrics(
    question: &str,
    knowledge: &Knowledge,
    words: &WordIndex,
    near: Option<&[(usize, f32)]>,
    top: usize,
) -> Vec<ScoredMetric> {
    let asked = content_words(question);
    let found = texts(question, knowledge.metrics.len(), words, near, top, |at| {
        let metric = &knowledge.metrics[at];
        let named = std::iter::once(&metric.name).chain(&metric.synonyms).find(|name| contains(&asked, name));
        named.map(|name| format!("the question names \"{name}\""))
    });
    found
        .into_iter()
        .map(|(at, score, why)| ScoredMetric { metric: knowledge.metrics[at].clone(), score, why })
        .collect()
}

pub(super) fn examples(
    question: &str,
    knowledge: &Knowledge,
    words: &WordIndex,
    near: Option<&[(usize, f32)]>,
    top: usize,
) -> Vec<ScoredExample> {
    let asked = content_words(question);
    let found = texts(question, knowledge.examples.len(), words, near, top, |at| {
        let example = &knowledge.examples[at];
        let same = std::iter::once(&example.question).chain(&example.paraphrases).any(|q| content_words(q) == asked);
        (same && !asked.is_empty()).then(|| "asks the same".to_owned())
    });
    found
        .into_iter()
        .map(|(index, score, why)| ScoredExample { example: knowledge.examples[index].clone(), index, score, why })
        .collect()
}

pub(super) fn rules(
    question: &str,
    knowledge: &Knowledge,
    words: &WordIndex,
    near: Option<&[(usize, f32)]>,
    top: usize,
) -> Vec<ScoredRule> {
    texts(question, knowledge.rules.len(), words, near, top, |_| None)
        .into_iter()
        .map(|(at, score, why)| ScoredRule { rule: knowledge.rules[at].clone(), score, why })
        .collect()
}

/// The values that the analysis found, once each.
pub(super) fn values(schema: &Schema, entities: &[Entity], top: usize) -> Vec<ScoredValue> {
    let mut values: Vec<ScoredValue> = Vec::new();
    for entity in entities {
        let Some(column) = entity.column else { continue };
        if values.iter().any(|v| v.column == column && v.value == entity.value) {
            continue;
        }
        let exact = entity.text.eq_ignore_ascii_case(&entity.value);
        values.push(ScoredValue {
            column,
            value: entity.value.clone(),
            text: entity.text.clone(),
            // A value that was written differently may be a wrong guess.
            score: if exact { 1.0 } else { 0.8 },
            why: format!("\"{}\" is a value of {}", entity.text, schema.qualified(column)),
        });
    }
    values.sort_by(|a, b| b.score.total_cmp(&a.score));
    values.truncate(top);
    values
}

/// Texts worth handing on: (position, score, reason), best first. `certain` says why a text is right beyond doubt.
fn texts(
    question: &str,
    count: usize,
    words: &WordIndex,
    near: Option<&[(usize, f32)]>,
    top: usize,
    certain: impl Fn(usize) -> Option<String>,
) -> Vec<(usize, f64, String)> {
    let asked = content_words(question).len().max(1) as f64;
    let word_scores = words.score(question);
    let mut found: Vec<(usize, f64, String)> = (0..count)
        .map(|at| {
            if let Some(reason) = certain(at) {
                return (at, 1.0, reason);
            }
            let mut score = Sum::default();
            let shared = (word_scores[at].words.len() as f64 / asked).min(1.0);
            let cosine = near.map(|n| n.iter().find(|(i, _)| *i == at).map_or(0.0, |(_, cosine)| *cosine));
            // Without vectors the words have to speak alone.
            score.add(shared * if near.is_some() { 0.4 } else { 1.0 }, || words_reason(&word_scores[at]));
            if let Some(cosine) = cosine {
                score.add(meaning(cosine) * 0.6, || format!("meaning {cosine:.2}"));
            }
            (at, score.total(), score.reason())
        })
        .filter(|(_, score, _)| *score >= WORTH)
        .collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    found.truncate(top);
    found
}

/// The name's words stand side by side in the question.
fn contains(asked: &[String], name: &str) -> bool {
    let name = content_words(&name.replace('_', " "));
    !name.is_empty() && asked.windows(name.len()).any(|window| window == name)
}

/// A cosine on a scale from unrelated (0) to matching (1).
fn meaning(cosine: f32) -> f64 {
    ((f64::from(cosine) - UNRELATED) / (MATCH - UNRELATED)).clamp(0.0, 1.0)
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

fn words_reason(words: &WordScore) -> String {
    format!("shares {}", words.words.iter().take(4).cloned().collect::<Vec<_>>().join(", "))
}

/// A score with the reasons that made it.
#[derive(Default)]
struct Sum {
    parts: Vec<(f64, String)>,
}

impl Sum {
    fn add(&mut self, part: f64, reason: impl FnOnce() -> String) {
        if part > 0.0 {
            self.parts.push((part, reason()));
        }
    }

    fn total(&self) -> f64 {
        self.parts.iter().map(|(part, _)| part).sum::<f64>().clamp(0.0, 1.0)
    }

    /// The strongest first.
    fn reason(mut self) -> String {
        self.parts.sort_by(|a, b| b.0.total_cmp(&a.0));
        self.parts.into_iter().map(|(_, reason)| reason).collect::<Vec<_>>().join("; ")
    }
}
