//! All figures of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::calibration::{self, Point};
use super::gold::Action;
use super::judge::Asked;
use super::statistics::{Share, quantile};
use super::structure::Structure;
use crate::pipeline::response::Outcome;

/// What there is to say of a run. Deterministic but for the times.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    pub overall: Share,
    pub groupings: Vec<Grouping>,
    /// Conversations whose turns are all right; `None` if there are none.
    pub conversations: Option<Share>,
    /// In the order answer, clarify, abstain, refused, error.
    pub outcomes: [(Outcome, usize); 5],
    /// Why questions count as wrong, by the words of [`super::Fault::name`].
    pub faults: BTreeMap<&'static str, usize>,
    /// Of answers with a confidence to questions that have one.
    pub curve: Vec<Point>,
    pub calibration_error: Option<f64>,
    pub latency: Option<Latency>,
    /// From the first question to the last, databases opened and gold statements run included.
    pub wall: Duration,
    pub tokens: u64,
}

/// Figures by one property of the questions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grouping {
    /// `difficulty`, `structure`, ...
    pub by: String,
    pub groups: Vec<Group>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub name: String,
    pub share: Share,
}

/// Times from question to rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    pub p50: Duration,
    pub p95: Duration,
    pub p99: Duration,
    pub longest: Duration,
}

impl Summary {
    pub fn of(asked: &[Asked], wall: Duration) -> Self {
        let rated: Vec<(f64, bool)> = asked
            .iter()
            .filter(|a| a.gold.action.takes_rows())
            .filter_map(|a| Some((a.verdict.confidence?, a.is_right())))
            .collect();
        let mut faults = BTreeMap::new();
        for fault in asked.iter().filter_map(|a| a.verdict.fault.as_ref()) {
            *faults.entry(fault.name()).or_default() += 1;
        }
        let outcomes = [Outcome::Answer, Outcome::Clarify, Outcome::Abstain, Outcome::Refused, Outcome::Error];
        Self {
            overall: asked.iter().map(Asked::is_right).collect(),
            groupings: groupings(asked),
            conversations: conversations(asked),
            outcomes: outcomes.map(|o| (o, asked.iter().filter(|a| a.verdict.outcome == o).count())),
            faults,
            curve: calibration::curve(&rated),
            calibration_error: calibration::expected_error(&rated),
            latency: latency(asked),
            wall,
            tokens: asked.iter().map(|a| a.verdict.tokens).sum(),
        }
    }
}

/// Stands for a field that a line has not.
const UNNAMED: &str = "-";

/// By what the lines say, then by what their gold statements look like, then by database.
fn groupings(asked: &[Asked]) -> Vec<Grouping> {
    let mut groupings = Vec::new();
    let mut add = |by: &str, groups: Vec<Group>| {
        if !groups.is_empty() {
            groupings.push(Grouping { by: by.to_owned(), groups });
        }
    };
    if asked.iter().any(|a| a.gold.action != Action::Answer) {
        add("action", grouped(asked, |a| Some((a.gold.action, a.gold.action.name().to_owned()))));
    }
    let mut fields: Vec<&str> = Vec::new();
    for (field, _) in asked.iter().flat_map(|a| &a.groups) {
        if !fields.contains(&field.as_str()) {
            fields.push(field);
        }
    }
    for field in fields {
        let value = |a: &Asked| a.groups.iter().find(|(name, _)| name == field).and_then(|(_, value)| value.clone());
        let has_any = asked.iter().any(|a| value(a).is_some());
        let named = |a: &Asked| {
            let name = value(a).unwrap_or_else(|| UNNAMED.to_owned());
            Some((place_of(&name), name))
        };
        add(field, if has_any { grouped(asked, named) } else { Vec::new() });
    }
    let structure = |a: &Asked| a.gold.statement().filter(|_| a.gold.action.takes_rows()).map(Structure::of);
    let structures: Vec<Option<Structure>> = asked.iter().map(structure).collect();
    let pairs = || asked.iter().zip(&structures).filter_map(|(a, s)| Some((a, (*s)?)));
    add("structure", counted(pairs().map(|(a, s)| ((s.shape, s.shape.name().to_owned()), a.is_right()))));
    add("joins", counted(pairs().map(|(a, s)| ((s.joins.min(3), s.joins_name().to_owned()), a.is_right()))));
    let databases: BTreeSet<&str> = asked.iter().map(|a| a.database.as_str()).collect();
    if databases.len() > 1 {
        let mut groups = grouped(asked, |a| Some(((), a.database.clone())));
        // The worst first, and of those the ones that count most.
        let order = |a: &Group, b: &Group| {
            a.share.value().total_cmp(&b.share.value()).then(b.share.all.cmp(&a.share.all)).then(a.name.cmp(&b.name))
        };
        groups.sort_by(order);
        add("database", groups);
    }
    groupings
}

/// Usual words in their usual order, others by name, what has none last.
fn place_of(name: &str) -> usize {
    const USUAL: [&str; 7] = ["easy", "simple", "medium", "moderate", "hard", "challenging", "extra"];
    let last = USUAL.len() + usize::from(name == UNNAMED);
    USUAL.iter().position(|word| name.eq_ignore_ascii_case(word)).unwrap_or(last)
}

fn grouped<K: Ord>(asked: &[Asked], key: impl Fn(&Asked) -> Option<(K, String)>) -> Vec<Group> {
    counted(asked.iter().filter_map(|a| Some((key(a)?, a.is_right()))))
}

fn counted<K: Ord>(rights: impl Iterator<Item = ((K, String), bool)>) -> Vec<Group> {
    let mut shares: BTreeMap<(K, String), Share> = BTreeMap::new();
    for (key, is_right) in rights {
        shares.entry(key).or_default().count(is_right);
    }
    shares.into_iter().map(|((_, name), share)| Group { name, share }).collect()
}

fn conversations(asked: &[Asked]) -> Option<Share> {
    let mut whole: BTreeMap<usize, bool> = BTreeMap::new();
    for turn in asked.iter().filter(|a| a.turn.is_some()) {
        *whole.entry(turn.line).or_insert(true) &= turn.is_right();
    }
    (!whole.is_empty()).then(|| whole.into_values().collect())
}

fn latency(asked: &[Asked]) -> Option<Latency> {
    // What could not be asked took no time.
    let mut times: Vec<Duration> = asked.iter().map(|a| a.verdict.elapsed).filter(|t| !t.is_zero()).collect();
    times.sort_unstable();
    let at = |share| quantile(&times, share);
    Some(Latency { p50: at(0.5)?, p95: at(0.95)?, p99: at(0.99)?, longest: at(1.0)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::samples::{asked, turn};
    use crate::evaluation::{Fault, Gold};

    fn names(grouping: &Grouping) -> Vec<(&str, usize, usize)> {
        grouping.groups.iter().map(|g| (g.name.as_str(), g.share.right, g.share.all)).collect()
    }

    #[test]
    fn groups_stand_in_their_usual_order() {
        let hard = |line, level: Option<&str>, right| Asked {
            groups: vec![("difficulty".to_owned(), level.map(str::to_owned))],
            ..asked(line, "q", right)
        };
        let questions = [
            hard(1, Some("hard"), false),
            hard(2, Some("easy"), true),
            hard(3, None, true),
            hard(4, Some("easy"), false),
        ];
        let summary = Summary::of(&questions, Duration::ZERO);
        assert_eq!(summary.overall, Share { right: 2, all: 4 });
        let by: Vec<&str> = summary.groupings.iter().map(|g| g.by.as_str()).collect();
        assert_eq!(by, ["difficulty", "structure", "joins"]);
        assert_eq!(names(&summary.groupings[0]), [("easy", 1, 2), ("hard", 0, 1), ("-", 1, 1)]);
        assert_eq!(names(&summary.groupings[1]), [("plain", 2, 4)]);
    }

    #[test]
    fn fields_without_values_and_a_single_database_are_not_shown() {
        let mut questions = [asked(1, "a", true), asked(2, "b", false)];
        questions[0].groups = vec![("difficulty".to_owned(), None)];
        let by = |questions: &[Asked]| {
            Summary::of(questions, Duration::ZERO).groupings.into_iter().map(|g| g.by).collect::<Vec<_>>()
        };
        assert_eq!(by(&questions), ["structure", "joins"]);
        questions[1].database = "bank".to_owned();
        assert_eq!(by(&questions), ["structure", "joins", "database"]);
        let summary = Summary::of(&questions, Duration::ZERO);
        assert_eq!(names(&summary.groupings[2]), [("bank", 0, 1), ("shop", 1, 1)], "the worst first");
    }

    #[test]
    fn a_conversation_is_right_if_all_its_turns_are() {
        let questions = [turn(1, "c", 1, true), turn(1, "c", 2, false), turn(2, "d", 1, true), asked(3, "e", false)];
        let summary = Summary::of(&questions, Duration::ZERO);
        assert_eq!(summary.conversations, Some(Share { right: 1, all: 2 }));
        assert_eq!(Summary::of(&[asked(1, "e", true)], Duration::ZERO).conversations, None);
    }

    #[test]
    fn what_is_to_be_declined_has_no_place_in_the_curve() {
        let mut declined = asked(1, "weather", false);
        declined.gold = Gold { action: Action::Abstain, ..Gold::default() };
        declined.verdict.fault = Some(Fault::Answered);
        let mut unasked = asked(2, "lost", false);
        unasked.verdict = crate::evaluation::Verdict::unasked("gone");
        let summary = Summary::of(&[declined, unasked, asked(30, "a", true)], Duration::ZERO);
        assert_eq!(summary.curve.last().map(|p| p.answers), Some(1));
        assert!((summary.calibration_error.unwrap() - 0.5).abs() < 1e-12);
        let latency = summary.latency.unwrap();
        assert_eq!((latency.p50, latency.longest), (Duration::from_millis(1), Duration::from_millis(30)));
        assert_eq!(summary.faults.into_iter().collect::<Vec<_>>(), [("answered", 1), ("error", 1)]);
        assert_eq!(summary.outcomes.map(|(_, n)| n), [2, 0, 0, 0, 1]);
        let structure = summary.groupings.iter().find(|g| g.by == "structure").unwrap();
        assert_eq!(names(structure), [("plain", 1, 2)]);
    }

    #[test]
    fn a_run_without_questions_has_no_figures() {
        let summary = Summary::of(&[], Duration::ZERO);
        assert_eq!((summary.overall, summary.latency, summary.calibration_error), (Share::default(), None, None));
        assert!(summary.groupings.is_empty() && summary.curve.is_empty());
    }
}
