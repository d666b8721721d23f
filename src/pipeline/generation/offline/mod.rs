//! The engine that needs no model: question and schema become a typed plan, the plan becomes SQL. Pure and
//! deterministic; it declines rather than guesses.
//!
//! ```text
//! Analysis > tokens (names, values, periods) > analytic (phrases taken out: series, comparisons, shares, ratios)
//!   > reading (plan by rules) | scoring > assembly > learned (plan by fitted scores)
//!   > analytic (the plan as the phrases ask) > render (joins, SQL) + explain (words)
//! after earlier turns: tokens > followup (edits of the plan before) > render + explain
//! ```

pub(crate) mod analytic;
pub(crate) mod assembly;
mod explain;
mod followup;
pub(crate) mod graph;
pub(crate) mod learned;
pub(crate) mod names;
pub(crate) mod plan;
pub(crate) mod reading;
pub(crate) mod render;
pub(crate) mod scoring;
pub(crate) mod sql_plan;
mod suggest;
#[cfg(test)]
mod tests;
pub(crate) mod tokens;

pub use names::{Link, Names, Target};
pub use suggest::suggestions;

use explain::Explainer;
use graph::Graph;
use reading::{Ground, Reading, Unreadable};
use render::{Renderer, Unrenderable};

use super::{Draft, Engine, Evidence, Generated, Reading as Choice};
use crate::config::Thresholds;
use crate::knowledge::Knowledge;
use crate::pipeline::analysis::Analysis;
use crate::schema::Schema;
use tokens::Token;

/// What the engine derives once from a schema and its knowledge.
#[derive(Clone, Debug, Default)]
pub struct OfflineEngine {
    names: Names,
    graph: Graph,
}

impl OfflineEngine {
    pub fn new(schema: &Schema, knowledge: &Knowledge) -> Self {
        Self { names: Names::new(schema, knowledge), graph: Graph::new(schema) }
    }

    /// The names of the schema, for other linkers.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Writes SQL for an analysed question, asks back, or says why it cannot.
    pub fn write(
        &self,
        analysis: &Analysis,
        schema: &Schema,
        knowledge: &Knowledge,
        thresholds: &Thresholds,
    ) -> Generated {
        if let Some(verb) = write_request(analysis) {
            return Generated::WriteRequest { verb };
        }
        if let Some(reason) = beyond_data(analysis, schema) {
            return Generated::Abstain { reason, nearest: nearest(schema) };
        }
        let ground = Ground { schema, names: &self.names, graph: &self.graph, analysis };
        let tokens = tokens::tokens(analysis, &self.names);
        match Self::read_tokens(ground, tokens, knowledge, thresholds) {
            Ok((reading, ranking)) => self.draft(reading, ranking, ground, knowledge, thresholds),
            Err(declined) => declined,
        }
    }

    /// The plan that the tokens ask for, or why there is none.
    fn read_tokens(
        ground: Ground<'_>,
        tokens: Vec<Token>,
        knowledge: &Knowledge,
        thresholds: &Thresholds,
    ) -> Result<(Reading, Option<Evidence>), Generated> {
        Self::read_analytic(ground, tokens, knowledge, thresholds).map_err(|unread| match unread {
            Unread::Unreadable(unreadable) => declined(unreadable, ground.analysis, nearest(ground.schema)),
            Unread::Uncomputable(reason) => Generated::Abstain { reason, nearest: nearest(ground.schema) },
        })
    }

    /// A reading as a statement in SQL and in words; declined where too little was understood.
    fn draft(
        &self,
        reading: Reading,
        ranking: Option<Evidence>,
        ground: Ground<'_>,
        knowledge: &Knowledge,
        thresholds: &Thresholds,
    ) -> Generated {
        let Ground { schema, analysis, .. } = ground;
        let renderer = Renderer { schema, knowledge, graph: &self.graph, mentioned: &reading.mentioned };
        let rendered = match renderer.query(&reading.query) {
            Ok(rendered) => rendered,
            Err(Unrenderable::Unconnected(a, b)) => {
                let unreadable = Unreadable::Unconnected(schema.table(a).name.clone(), schema.table(b).name.clone());
                return declined(unreadable, analysis, nearest(schema));
            }
            Err(Unrenderable::Empty) => return declined(Unreadable::Nothing, analysis, nearest(schema)),
        };
        let by_rules = evidence(&reading, &rendered);
        let unread: Vec<String> = reading.unread.iter().map(|u| u.word.clone()).collect();
        let understood: f64 = by_rules.iter().map(|e| e.score).product();
        let evidence = ranking.map_or(by_rules, |ranking| vec![ranking]);
        let score: f64 = evidence.iter().map(|e| e.score).product();
        if understood < thresholds.abstain && score < CERTAIN {
            let reason = format!("I did not understand {} in this database", quoted_list(&unread));
            return Generated::Abstain { reason, nearest: nearest(schema) };
        }
        let mut assumptions = reading.assumptions;
        if !reading.unread.is_empty() {
            assumptions.push(format!("not used: {}", quoted_list(&unread)));
        }
        let interpretation = Explainer { schema, knowledge }.query(&reading.query);
        Generated::Draft(Box::new(Draft {
            sql: rendered.sql,
            engine: Engine::Offline,
            interpretation,
            assumptions,
            evidence,
        }))
    }

    /// The reading of what is left without the analytic phrases, changed as they ask.
    fn read_analytic(
        ground: Ground<'_>,
        tokens: Vec<Token>,
        knowledge: &Knowledge,
        thresholds: &Thresholds,
    ) -> Result<(Reading, Option<Evidence>), Unread> {
        let (tokens, phrases) = analytic::recognise(tokens, ground);
        let (mut reading, ranking) = if phrases.is_empty() {
            Self::read(ground, &tokens, thresholds)?
        } else {
            // The scores know no such plans.
            (reading::read(ground, tokens).map_err(Unread::of_phrases)?, None)
        };
        let applied = analytic::apply(&phrases, reading.query, ground, knowledge).map_err(Unread::Uncomputable)?;
        reading.query = applied.query;
        reading.assumptions.extend(applied.assumptions);
        Ok((reading, ranking))
    }

    /// The reading of the rules, or the one by fitted scores in its place where they know plans of that kind, with what
    /// then speaks for it.
    fn read(
        ground: Ground<'_>,
        tokens: &[Token],
        thresholds: &Thresholds,
    ) -> Result<(Reading, Option<Evidence>), Unreadable> {
        let ruled = reading::read(ground, tokens.to_vec());
        let may_replace = match &ruled {
            Ok(reading) => learned::may_replace(&reading.query),
            // What the rules are sure to miss is no matter of scores.
            Err(unreadable) => !matches!(unreadable, Unreadable::UnknownValue { .. } | Unreadable::TwoPeriods),
        };
        let Some(model) = scoring::asset::built_in().filter(|_| may_replace && names_years_alone(ground.analysis))
        else {
            return ruled.map(|reading| (reading, None));
        };
        let Some(learned) = learned::read(ground, tokens, model, ruled.as_ref().ok()) else {
            return ruled.map(|reading| (reading, None));
        };
        let evidence = Evidence {
            name: "ranking",
            score: learned.confidence,
            why: format!("the best of {} readings, this far ahead, is right so often", learned.weighed),
        };
        match ruled {
            Ok(reading) if understood(&reading) >= UNDERSTOOD && learned::loses(&learned.query, &reading.query) => {
                Ok((reading, None))
            }
            Ok(reading) if understood(&reading) >= UNDERSTOOD && learned.confidence < SURER * understood(&reading) => {
                Ok((reading, None))
            }
            Ok(reading) if learned.by_rules => Ok((reading, Some(evidence))),
            Ok(reading) => {
                let reading =
                    Reading { query: learned.query, mentioned: learned.mentioned, assumptions: Vec::new(), ..reading };
                Ok((reading, Some(evidence)))
            }
            Err(_) if learned.confidence >= thresholds.answer => {
                let reading = Reading {
                    query: learned.query,
                    mentioned: learned.mentioned,
                    assumptions: Vec::new(),
                    links: Vec::new(),
                    unread: Vec::new(),
                    content: tokens.len(),
                };
                Ok((reading, Some(evidence)))
            }
            Err(unreadable) => Err(unreadable),
        }
    }
}

/// Why a question has no reading.
enum Unread {
    Unreadable(Unreadable),
    /// What is asked for cannot be computed from the data, and why.
    Uncomputable(String),
}

impl Unread {
    /// What is left beside analytic phrases may be nothing: then there is nothing to compute.
    fn of_phrases(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::Nothing => Self::Uncomputable("it is not said what is to be computed".to_owned()),
            unreadable => Self::Unreadable(unreadable),
        }
    }
}

impl From<Unreadable> for Unread {
    fn from(unreadable: Unreadable) -> Self {
        Self::Unreadable(unreadable)
    }
}

/// From this on the rules count as having understood.
const UNDERSTOOD: f64 = 0.6;
/// Scores stand in for rules that understood only if they are as sure as this part of it: below, the question is of no
/// kind that they were fitted to.
const SURER: f64 = 0.5;
/// So sure must the scores be of a question of which the rules understood too little.
const CERTAIN: f64 = 0.9;

/// Periods other than whole years are of no kind that the scores were fitted to.
fn names_years_alone(analysis: &Analysis) -> bool {
    let begins = |day: jiff::civil::Date| day.month() == 1 && day.day() == 1;
    let ends = |day: jiff::civil::Date| day.month() == 12 && day.day() == 31;
    analysis.times.iter().all(|time| time.period.first.is_none_or(begins) && time.period.last.is_none_or(ends))
}

/// How far the rules understood a question: what they left out and the weakest link, before any join.
fn understood(reading: &Reading) -> f64 {
    let weakest = reading.links.iter().map(|(_, score)| score.min(1.0)).fold(1.0, f64::min);
    coverage(reading) * (0.55 + 0.45 * weakest)
}

fn coverage(reading: &Reading) -> f64 {
    reading.unread.iter().map(|u| u.weight).product()
}

fn evidence(reading: &Reading, rendered: &render::Rendered) -> Vec<Evidence> {
    let coverage = coverage(reading);
    let understood = reading.content.saturating_sub(reading.unread.len());
    let weakest = reading.links.iter().map(|(_, score)| score.min(1.0)).fold(1.0, f64::min);
    let inferred = rendered.edges.iter().filter(|e| !e.declared).count() as i32;
    let joins = 0.97_f64.powi(rendered.edges.len() as i32)
        * 0.93_f64.powi(inferred)
        * if rendered.fans_out { 0.6 } else { 1.0 };
    vec![
        Evidence {
            name: "coverage",
            score: coverage,
            why: format!("{understood} of {} content words understood", reading.content),
        },
        Evidence {
            name: "links",
            score: 0.55 + 0.45 * weakest,
            why: format!("weakest of {} links {weakest:.2}", reading.links.len()),
        },
        Evidence {
            name: "joins",
            score: joins,
            why: format!("{} joins, {inferred} of them over undeclared keys", rendered.edges.len()),
        },
    ]
}

/// Advice, causes and what lies after the data cannot be read off rows.
fn beyond_data(analysis: &Analysis, schema: &Schema) -> Option<String> {
    let words: Vec<&str> = analysis.words.iter().map(|w| w.folded.as_str()).collect();
    let first = *words.first()?;
    if matches!(first, "should" | "shall") || words.starts_with(&["tell", "me", "a"]) {
        return Some("data do not give advice or tell stories".to_owned());
    }
    if first == "why" {
        return Some("the data say what happened, not why".to_owned());
    }
    let last = schema
        .columns()
        .filter_map(|id| schema.profile(id).max.as_ref()?.as_text()?.get(..10)?.parse().ok())
        .max()
        .max(Some(analysis.as_of))?;
    // A fiscal year bears the name of the calendar year in which it ends.
    if words.iter().any(|w| matches!(*w, "fiscal" | "financial")) {
        return None;
    }
    let later = analysis.times.iter().find_map(|t| t.period.first.filter(|first| *first > last));
    later.map(|first| format!("{first} lies after the last date in the data"))
}

fn declined(unreadable: Unreadable, analysis: &Analysis, nearest: Vec<String>) -> Generated {
    match unreadable {
        Unreadable::Nothing => Generated::Abstain {
            reason: "nothing in the question names a table, column or value of this database".to_owned(),
            nearest,
        },
        Unreadable::UnknownValue { text, near } if near.is_empty() => {
            Generated::Abstain { reason: format!("\"{text}\" is not a value in this database"), nearest }
        }
        Unreadable::UnknownValue { text, near } => Generated::Abstain {
            reason: format!("\"{text}\" is not a value in this database; there are {}", quoted_list(&near)),
            nearest,
        },
        Unreadable::Unconnected(a, b) => Generated::Abstain { reason: format!("no key connects {a} and {b}"), nearest },
        Unreadable::NoDate => Generated::Abstain {
            reason: "the question names a period, and nothing it speaks of has a date".to_owned(),
            nearest,
        },
        Unreadable::TwoPeriods => Generated::Abstain {
            reason: "two periods cannot be set against each other yet; ask for one of them, or by month or year"
                .to_owned(),
            nearest,
        },
        Unreadable::Vague { word, measures } if measures.len() >= 2 => {
            let readings = measures
                .iter()
                .map(|measure| Choice { label: measure.clone(), question: by_measure(&analysis.text, measure) })
                .collect();
            Generated::Clarify { question: format!("\"{word}\" by which measure?"), readings }
        }
        Unreadable::Vague { word, .. } => {
            Generated::Abstain { reason: format!("it is not clear what \"{word}\" is measured by"), nearest }
        }
    }
}

/// Questions that can be answered, for one who asked another.
fn nearest(schema: &Schema) -> Vec<String> {
    suggestions(schema).into_iter().take(3).map(|s| s.question).collect()
}

fn by_measure(question: &str, measure: &str) -> String {
    format!("{} by {measure}", question.trim_end_matches(['?', '.', '!', ' ']))
}

fn quoted_list(words: &[String]) -> String {
    words.iter().map(|w| format!("\"{w}\"")).collect::<Vec<_>>().join(", ")
}

/// The verb of a question that asks to change data. Such verbs are also nouns ("price update"), so only an order counts.
fn write_request(analysis: &Analysis) -> Option<String> {
    const VERBS: [&str; 19] = [
        "delete",
        "drop",
        "insert",
        "update",
        "remove",
        "truncate",
        "alter",
        "erase",
        "overwrite",
        "rename",
        "create",
        "add",
        "change",
        "set",
        "raise",
        "reduce",
        "empty",
        "wipe",
        "clear",
    ];
    let words: Vec<&str> = analysis.words.iter().filter(|w| !w.is_punctuation()).map(|w| w.folded.as_str()).collect();
    let polite = [
        "please", "can", "could", "you", "would", "i", "want", "to", "now", "just", "then", "and", "need", "let", "us",
        "go", "ahead",
    ];
    let first = words.iter().position(|w| !polite.contains(w))?;
    let verb = words[first];
    let noun = words.get(first + 1).is_some_and(|w| {
        matches!(
            *w,
            "history"
                | "log"
                | "reason"
                | "date"
                | "in"
                | "of"
                | "over"
                | "by"
                | "rate"
                | "percent"
                | "orders"
                | "ratio"
        )
    });
    // "increase the price of", "lower all prices"
    let object =
        words.get(first + 1).is_some_and(|w| matches!(*w, "the" | "all" | "every" | "prices" | "price" | "each"));
    let moves = matches!(
        verb,
        "increase"
            | "decrease"
            | "lower"
            | "cut"
            | "mark"
            | "replace"
            | "modify"
            | "fix"
            | "reset"
            | "put"
            | "move"
            | "edit"
    ) && object;
    ((VERBS.contains(&verb) && !noun) || moves).then(|| verb.to_owned())
}
