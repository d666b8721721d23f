//! What is said, and what can be asked instead, where a question is not answered.

use super::super::{Generated, Reading as Choice};
use super::reading::{Missed, Unread, Unreadable, near_values};
use super::suggest::suggestions_about;
use crate::language::lexicon;
use crate::pipeline::analysis::{Analysis, Word, WordKind};
use crate::schema::{Schema, TableId};

/// Questions offered in place of one that is not answered.
const OFFERED: usize = 3;

pub fn declined(unreadable: Unreadable, analysis: &Analysis, nearest: Vec<String>) -> Generated {
    match unreadable {
        Unreadable::Nothing => Generated::Abstain { reason: nameless(analysis), nearest },
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
        Unreadable::Echo { value } => Generated::Abstain {
            reason: format!("I found \"{value}\" but did not understand what is asked of it"),
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

/// What a question is about of which nothing is found.
fn nameless(analysis: &Analysis) -> String {
    let lexicon = lexicon();
    let says_something = |w: &&Word| {
        let kinds = [&w.folded, &w.lemma];
        w.kind == WordKind::Word
            && w.folded.len() > 2
            && !kinds.iter().any(|word| lexicon.is_light(word) || lexicon.is_vague(word) || lexicon.is_verb(word))
    };
    let words: Vec<String> = analysis.words.iter().filter(says_something).map(|w| w.text.clone()).collect();
    if words.is_empty() {
        return "nothing in the question names a table, column or value of this database".to_owned();
    }
    format!("nothing in this database is called {}", quoted_list(&words))
}

/// Questions that can be answered, for one who asked another; those about what was spoken of first.
pub fn nearest(schema: &Schema, about: &[TableId]) -> Vec<String> {
    suggestions_about(schema, about).into_iter().take(OFFERED).map(|s| s.question).collect()
}

/// Names what the question asks for and the database does not hold.
pub fn missing(unread: &[Unread], analysis: &Analysis, schema: &Schema) -> String {
    let of = |fits: &dyn Fn(Missed) -> bool| unread.iter().filter(|u| fits(u.kind)).collect::<Vec<&Unread>>();
    let names = of(&|kind| kind == Missed::Name);
    let things = of(&|kind| kind == Missed::Thing);
    let others = of(&|kind| !matches!(kind, Missed::Name | Missed::Thing));
    let mut told = Vec::new();
    for name in phrases(&names, analysis) {
        let near = near_values(schema, None, &name);
        let there = if near.is_empty() { String::new() } else { format!(" (there are {})", quoted_list(&near)) };
        told.push(format!("\"{name}\" is not a value in this database{there}"));
    }
    if !things.is_empty() {
        told.push(format!("nothing in this database is called {}", quoted_list(&phrases(&things, analysis))));
    }
    if !others.is_empty() {
        told.push(format!("I did not understand {}", quoted_list(&phrases(&others, analysis))));
    }
    told.join("; ")
}

/// The likeliest reading is too unlikely to be an answer.
pub fn unsure(interpretation: &str, confidence: f64) -> String {
    format!("the likeliest reading is little more than a guess ({confidence:.2} sure): {interpretation}")
}

/// Words that stand side by side make one phrase, as it was written.
pub fn phrases(unread: &[&Unread], analysis: &Analysis) -> Vec<String> {
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for word in unread {
        match runs.last_mut() {
            Some(run) if run.end == word.words.start => run.end = word.words.end,
            _ => runs.push(word.words.clone()),
        }
    }
    let text = |run: &std::ops::Range<usize>| {
        let words = analysis.words.get(run.clone()).unwrap_or_default();
        let (first, last) = (words.first()?, words.last()?);
        analysis.text.get(first.span.start..last.span.end).map(str::to_owned)
    };
    runs.iter().filter_map(text).collect()
}

fn by_measure(question: &str, measure: &str) -> String {
    format!("{} by {measure}", question.trim_end_matches(['?', '.', '!', ' ']))
}

pub fn quoted_list(words: &[String]) -> String {
    words.iter().map(|w| format!("\"{w}\"")).collect::<Vec<_>>().join(", ")
}

/// "a, b or c".
pub fn either(labels: &[&str]) -> String {
    match labels {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}
