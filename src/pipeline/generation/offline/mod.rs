//! The engine that needs no model: question and schema become a typed plan, the plan becomes SQL. Pure and
//! deterministic; it declines rather than guesses.
//!
//! ```text
//! Analysis > tokens (names, values, periods) > analytic (phrases taken out: series, comparisons, shares, ratios)
//!   > reading (plan by rules) | scoring > assembly > learned (plan by fitted scores)
//!   > analytic (the plan as the phrases ask) > units > render (joins, SQL) + explain (words)
//! after earlier turns: tokens > followup (edits of the plan before) > render + explain
//! ```

mod alternatives;
pub(crate) mod analytic;
pub(crate) mod assembly;
mod beyond;
mod decline;
mod defaults;
mod echo;
mod explain;
mod followup;
pub(crate) mod graph;
pub(crate) mod learned;
pub(crate) mod names;
mod person;
pub(crate) mod plan;
pub(crate) mod reading;
pub(crate) mod render;
pub(crate) mod scoring;
mod showing;
pub(crate) mod sql_plan;
mod suggest;
#[cfg(test)]
mod tests;
pub(crate) mod tokens;
mod units;
#[cfg(test)]
mod untold;
mod why;

pub use names::{Link, Names, Target};
pub use suggest::suggestions;

use assembly::cues::Cues;
use beyond::{beyond_data, write_request};
use decline::{declined, either, missing, nearest, quoted_list, unsure};
use explain::Explainer;
use graph::Graph;
use learned::Learned;
use person::Who;
use plan::{Expr, Query};
use reading::{Ground, Missed, Reading, Unreadable};
use render::{Renderer, Unrenderable};

use super::{Draft, Engine, Evidence, Generated};
use crate::config::Thresholds;
use crate::knowledge::Knowledge;
use crate::pipeline::analysis::Analysis;
use crate::schema::{Schema, TableId};
use tokens::Token;
use why::Why;

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
        let ground = Ground { schema, names: &self.names, graph: &self.graph, analysis };
        if let Some(reason) = beyond_data(ground) {
            return Generated::Abstain { reason, nearest: nearest(schema, &[]) };
        }
        let tokens = match why::read(tokens::tokens(analysis, &self.names), ground) {
            Why::No(tokens) => match person::read(tokens, ground) {
                Who::Said(tokens) => tokens,
                Who::Unclear(readings) => {
                    let labels: Vec<&str> = readings.iter().map(|r| r.label.as_str()).collect();
                    return Generated::Clarify { question: format!("\"who\": {}?", either(&labels)), readings };
                }
            },
            Why::Stored(tokens) => return self.write_reason(tokens, ground, knowledge, thresholds),
            Why::Unknown => return self.no_reason(ground),
        };
        match Self::read_tokens(ground, tokens.clone(), knowledge, thresholds) {
            Ok((reading, ranking)) => {
                let query = reading.query.clone();
                let vague =
                    measured_elsewhere(&query, &tokens, ground).or_else(|| unmeasured(&reading, &tokens, ground));
                // Without a margin nothing is too near to tell, and nobody is asked back.
                if let Some(vague) = vague.filter(|_| thresholds.margin > 0.0) {
                    return declined(vague, analysis, nearest(schema, &reading.mentioned));
                }
                match self.draft(reading, ranking, ground, knowledge, thresholds) {
                    Generated::Draft(draft) => {
                        alternatives::beside(draft, &query, &tokens, ground, knowledge, thresholds)
                    }
                    declined => declined,
                }
            }
            Err(declined) => declined,
        }
    }

    /// A stored reason is what was asked for only if everything else of the question was understood.
    fn write_reason(
        &self,
        tokens: Vec<Token>,
        ground: Ground<'_>,
        knowledge: &Knowledge,
        thresholds: &Thresholds,
    ) -> Generated {
        match reading::read(ground, tokens) {
            Ok(reading) if reading.unread.is_empty() => self.draft(reading, None, ground, knowledge, thresholds),
            _ => self.no_reason(ground),
        }
    }

    fn no_reason(&self, ground: Ground<'_>) -> Generated {
        let reason = "the data say what happened, not why".to_owned();
        Generated::Abstain { reason, nearest: nearest(ground.schema, &self.spoken_of(ground)) }
    }

    /// Tables that the question speaks of.
    fn spoken_of(&self, ground: Ground<'_>) -> Vec<TableId> {
        let tokens = tokens::tokens(ground.analysis, &self.names);
        let evidence = reading::evidence(ground.schema, ground.analysis, &tokens);
        ground.schema.table_ids().filter(|t| evidence[t.0] >= SPOKEN_OF).collect()
    }

    /// The plan that the tokens ask for, or why there is none.
    fn read_tokens(
        ground: Ground<'_>,
        tokens: Vec<Token>,
        knowledge: &Knowledge,
        thresholds: &Thresholds,
    ) -> Result<(Reading, Option<Evidence>), Generated> {
        Self::read_analytic(ground, tokens, knowledge, thresholds).map_err(|unread| match unread {
            Unread::Unreadable(unreadable) => declined(unreadable, ground.analysis, nearest(ground.schema, &[])),
            Unread::Uncomputable(reason) => Generated::Abstain { reason, nearest: nearest(ground.schema, &[]) },
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
                return declined(unconnected(schema, a, b), analysis, nearest(schema, &[]));
            }
            Err(Unrenderable::Empty) => return declined(Unreadable::Nothing, analysis, nearest(schema, &[])),
        };
        let by_rules = evidence(&reading, &rendered);
        let unread: Vec<String> = reading.unread.iter().map(|u| u.word.clone()).collect();
        let understood: f64 = by_rules.iter().map(|e| e.score).product();
        // Of a question with a thing in it that nothing is called, no plan is sure.
        let strange = reading.unread.iter().any(|u| u.kind == Missed::Thing);
        let evidence = ranking.map_or(by_rules, |ranking| {
            vec![Evidence { score: ranking.score.min(if strange { UNSURE } else { 1.0 }), ..ranking }]
        });
        let score: f64 = evidence.iter().map(|e| e.score).product();
        // Scores know which plan is likeliest, not that the data hold nothing of that name.
        let unnamed = reading.unread.iter().any(|u| u.kind == Missed::Name);
        let unnamed = unnamed && thresholds.abstain > 0.0;
        if unnamed || understood < thresholds.abstain && score < CERTAIN {
            let reason = missing(&reading.unread, analysis, schema);
            return Generated::Abstain { reason, nearest: nearest(schema, &reading.mentioned) };
        }
        let interpretation = Explainer { schema, knowledge }.query(&reading.query);
        if score < thresholds.abstain {
            return Generated::Abstain {
                reason: unsure(&interpretation, score),
                nearest: nearest(schema, &reading.mentioned),
            };
        }
        let mut assumptions = reading.assumptions;
        assumptions.extend(defaults::taken(&reading.query, &rendered.edges, analysis, schema));
        assumptions.extend(renderer.counted_once(&reading.query));
        if !reading.unread.is_empty() {
            assumptions.push(format!("not used: {}", quoted_list(&unread)));
        }
        Generated::Draft(Box::new(Draft {
            sql: rendered.sql,
            engine: Engine::Offline,
            interpretation,
            assumptions,
            evidence,
            choices: Vec::new(),
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
            Self::read(ground, &tokens, knowledge, thresholds)?
        } else {
            // The scores know no such plans.
            (reading::read(ground, tokens.clone()).map_err(Unread::of_phrases)?, None)
        };
        reading = showing::settled(reading, &tokens, ground);
        let applied = analytic::apply(&phrases, reading.query, ground, knowledge).map_err(Unread::Uncomputable)?;
        reading.query = applied.query;
        reading.assumptions.extend(applied.assumptions);
        reading.assumptions.extend(units::convert(&mut reading.query, ground));
        Ok((reading, ranking))
    }

    /// The reading of the rules, or the one by fitted scores in its place where they know plans of that kind, with what
    /// then speaks for it.
    fn read(
        ground: Ground<'_>,
        tokens: &[Token],
        knowledge: &Knowledge,
        thresholds: &Thresholds,
    ) -> Result<(Reading, Option<Evidence>), Unreadable> {
        let ruled = reading::read(ground, tokens.to_vec()).and_then(|reading| {
            let renderer =
                Renderer { schema: ground.schema, knowledge, graph: ground.graph, mentioned: &reading.mentioned };
            match renderer.query(&reading.query) {
                Err(Unrenderable::Unconnected(a, b)) => Err(unconnected(ground.schema, a, b)),
                _ => Ok(reading),
            }
        });
        let ruled = ruled.and_then(|reading| echo::settled(reading, ground));
        let may_replace = match &ruled {
            Ok(reading) => learned::may_replace(&reading.query),
            // What the rules are sure to miss is no matter of scores, unless everything is to be answered.
            Err(Unreadable::UnknownValue { text, .. }) => thresholds.abstain <= 0.0 || text.parse::<f64>().is_ok(),
            Err(Unreadable::TwoPeriods) => thresholds.abstain <= 0.0,
            Err(_) => true,
        };
        let Some(model) = scoring::asset::built_in().filter(|_| may_replace && names_years_alone(ground.analysis))
        else {
            return ruled.map(|reading| (reading, None));
        };
        let Some(learned) = learned::read(ground, tokens, model, ruled.as_ref().ok()) else {
            return ruled.map(|reading| (reading, None));
        };
        let evidence = Evidence {
            name: RANKING,
            score: learned.confidence,
            why: format!("the best of {} readings, this far ahead, is right so often", learned.weighed),
        };
        match ruled {
            Ok(reading) if understood(&reading) >= UNDERSTOOD && stands_beside(&reading, &learned, ground) => {
                let evidence = learned.ruled.map(|ruled| both("rules", ruled, STRANGE, &reading));
                Ok((reading, evidence))
            }
            Ok(reading) if learned.by_rules && understood(&reading) >= UNDERSTOOD => {
                let evidence = both(RANKING, learned.confidence, AGREED, &reading);
                Ok((reading, Some(evidence)))
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

/// "the biggest customer" by a figure of the district that it lies in: the superlative says nothing of the thing itself.
fn measured_elsewhere(query: &Query, tokens: &[Token], ground: Ground<'_>) -> Option<Unreadable> {
    let Query::Select(select) = query else { return None };
    let ([sort], [Expr::Column(shown), ..]) = (select.order.as_slice(), select.items.as_slice()) else { return None };
    let Expr::Column(by) = sort.by else { return None };
    let named = tokens.iter().any(|t| t.links().iter().any(|l| l.target == Target::Column(by)));
    let schema = ground.schema;
    let above = schema.foreign_keys.iter().any(|k| k.from.table == shown.table && k.to.table == by.table);
    if named || !above || by.table == shown.table || !schema.profile(by).semantic.is_measure() {
        return None;
    }
    let most = |t: &&Token| crate::language::lexicon().adjectives.iter().any(|a| a.most.contains(&t.folded));
    let word = tokens.iter().find(most)?.folded.clone();
    Some(Unreadable::Vague { word, measures: reading::measures(ground, tokens) })
}

/// "how large": an adjective of degree that no measure was found for.
fn unmeasured(reading: &Reading, tokens: &[Token], ground: Ground<'_>) -> Option<Unreadable> {
    let graded =
        |word: &str| word == "large" || crate::language::lexicon().adjectives.iter().any(|a| a.positive == word);
    let word = reading.unread.iter().find(|u| graded(&u.word))?.word.clone();
    let measures = reading::measures(ground, tokens);
    (measures.len() > 1).then_some(Unreadable::Vague { word, measures })
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

/// The evidence of a plan that scores chose.
const RANKING: &str = "ranking";
fn unconnected(schema: &Schema, a: TableId, b: TableId) -> Unreadable {
    Unreadable::Unconnected(schema.table(a).name.clone(), schema.table(b).name.clone())
}

/// What speaks for a plan of the rules: what the scores say of it, with so much weight, and how far it was understood, as
/// their weighted geometric mean.
fn both(name: &'static str, scored: f64, weight: f64, reading: &Reading) -> Evidence {
    let understood = understood(reading);
    Evidence {
        name,
        score: scored.powf(weight) * understood.powf(1.0 - weight),
        why: format!("such plans are right in {scored:.2}, and {understood:.2} of the question was understood"),
    }
}

/// What the rules understood stands beside scores that are far less sure, or whose plan leaves out a condition, an
/// average or one of two keys, adds an order that no word asks for, or shows things several times.
fn stands_beside(reading: &Reading, learned: &Learned, ground: Ground<'_>) -> bool {
    let cues = Cues::of(ground.analysis);
    let says = |words: &[&str]| ground.analysis.words.iter().any(|w| w.is_one_of(words));
    // "To each A by B" groups by both.
    let by_two = says(&["each", "per", "every"]) && says(&["by"]);
    let leaves_out = reading.unread.is_empty()
        && (learned::says_less(&learned.query, &reading.query)
            || says(&["with", "their", "its"])
                && learned::leaves_out_names(&learned.query, &reading.query, ground.schema)
            || !cues.ask_for_order() && learned::adds_an_order(&learned.query, &reading.query)
            || cues.ask_for_average() && learned::averages(&reading.query) && !learned::averages(&learned.query)
            || by_two && learned::groups_less(&learned.query, &reading.query)
            || learned::repeats_things(&learned.query, ground)
                && matches!(&reading.query, Query::Select(select) if select.is_aggregated()));
    leaves_out || learned.confidence < SURER * understood(reading)
}

/// What a plan is worth at most that leaves a thing out.
const UNSURE: f64 = 0.7;
/// Tables with so much evidence are spoken of.
const SPOKEN_OF: f64 = 0.5;
/// From this on the rules count as having understood.
const UNDERSTOOD: f64 = 0.6;
/// Scores stand in for rules that understood only if they are as sure as this part of it: below, the question is of no
/// kind that they were fitted to.
const SURER: f64 = 0.3;
/// The weight of the scores' word on a plan that the rules made too. Half would be as much as the calibration error on
/// databases set aside allows.
const AGREED: f64 = 0.75;
/// The same where the scores are so unsure of everything that the question is of no kind that they were fitted to.
const STRANGE: f64 = 0.25;
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

/// Enough of the question was understood to answer it.
fn understands(reading: &Reading, thresholds: &Thresholds) -> bool {
    understood(reading) >= thresholds.abstain && reading.unread.iter().all(|u| u.kind != Missed::Name)
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
