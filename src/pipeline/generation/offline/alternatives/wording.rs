//! A question said so that some of its words can mean one thing alone.

use std::ops::Range;

use super::super::reading::{Cue, Rival};
use crate::language::{identifier_words, plural, spoken_name};
use crate::pipeline::analysis::{Analysis, ValueMention, words};
use crate::schema::{ColumnId, Schema, ValueMatchKind};

/// What a column is called, with its table where another one beside it is called the same.
pub fn label(schema: &Schema, id: ColumnId, beside: ColumnId) -> String {
    let own = name(schema, id);
    if own == name(schema, beside) { format!("{own} of {}", things(schema, id)) } else { own }
}

fn name(schema: &Schema, id: ColumnId) -> String {
    spoken_name(&schema.column(id).name)
}

fn things(schema: &Schema, id: ColumnId) -> String {
    plural(&identifier_words(&schema.table(id.table).name).join(" "))
}

/// Ways to say that the rival's words mean this column of the two, the plainest first. `value` is what it holds.
pub fn said(schema: &Schema, rival: &Rival, id: ColumnId, value: Option<&str>, analysis: &Analysis) -> Vec<Analysis> {
    let (name, things) = (name(schema, id), things(schema, id));
    let thing = identifier_words(&schema.table(id.table).name).join(" ");
    let here = rival.words.clone();
    match rival.cue {
        Cue::Name => [name.clone(), format!("{thing} {name}"), format!("{name} of the {things}")]
            .iter()
            .filter_map(|text| reworded(analysis, here.clone(), text))
            .collect(),
        Cue::Adjective(high) => {
            let end = if high { "highest" } else { "lowest" };
            let from = before(analysis, here.start, &["the", "is", "are", "was", "were"]);
            [
                reworded(analysis, from..here.end, &format!("has the {end} {name}")),
                reworded(analysis, here.clone(), &format!("{end} {name}")),
                reworded(analysis, from..here.end, &format!("with the {end} {name}")),
            ]
            .into_iter()
            .flatten()
            .collect()
        }
        Cue::Period => {
            let bare = name.trim_end_matches(" on").trim_end_matches(" at").to_owned();
            let written = written(analysis, &here);
            [bare, format!("with {name}"), name.clone()]
                .iter()
                .filter_map(|text| reworded(analysis, here.clone(), &format!("{text} {}", written.as_deref()?)))
                .collect()
        }
        Cue::Value => {
            let Some(value) = value else { return Vec::new() };
            ["", &name, &thing].into_iter().filter_map(|front| valued(analysis, &here, front, value, schema)).collect()
        }
    }
}

/// The question with a whole value in place of some words, after a word that says what it is.
fn valued(analysis: &Analysis, here: &Range<usize>, front: &str, value: &str, schema: &Schema) -> Option<Analysis> {
    let mut said = reworded(analysis, here.clone(), format!("{front} {value}").trim())?;
    let start = here.start + words(front).len();
    let spelt = words(value);
    let lemmas: Vec<&str> = spelt.iter().filter(|w| !w.is_punctuation()).map(|w| w.lemma.as_str()).collect();
    let hits = schema.values.exact(&lemmas);
    said.values.push(ValueMention {
        words: start..start + spelt.len(),
        hits,
        kind: ValueMatchKind::Exact,
        quoted: false,
    });
    said.values.sort_by_key(|v| v.words.start);
    Some(said)
}

/// The first of the words before `at` that are all among these.
pub fn before(analysis: &Analysis, at: usize, among: &[&str]) -> usize {
    let mut from = at;
    while from > 0 && analysis.words[from - 1].is_one_of(among) {
        from -= 1;
    }
    from
}

/// The words as they stand in the question.
pub fn written(analysis: &Analysis, range: &Range<usize>) -> Option<String> {
    let words = analysis.words.get(range.clone())?;
    analysis.text.get(words.first()?.span.start..words.last()?.span.end).map(str::to_owned)
}

/// The analysis of a question with other words in one place; what was found elsewhere in it stays.
pub fn reworded(analysis: &Analysis, range: Range<usize>, text: &str) -> Option<Analysis> {
    let old = analysis.words.get(range.clone())?;
    // A quoted word lies between its quotes.
    let (start, end) = (old.first()?.span.start, old.last()?.span.end);
    let quoted = analysis.text[..start].ends_with(['"', '\'']) && analysis.text[end..].starts_with(['"', '\'']);
    let (start, end) = if quoted { (start - 1, end + 1) } else { (start, end) };
    let said = format!("{}{text}{}", analysis.text.get(..start)?, analysis.text.get(end..)?);
    let new = words(&said);
    let moved = new.len().checked_add(range.len())?.checked_sub(analysis.words.len())?;
    let shifted = |at: &Range<usize>| -> Option<Range<usize>> {
        if at.end <= range.start {
            Some(at.clone())
        } else if at.start >= range.end {
            Some(at.start - range.len() + moved..at.end - range.len() + moved)
        } else {
            None
        }
    };
    let mut values = analysis.values.clone();
    values.retain_mut(|v| shifted(&v.words).map(|words| v.words = words).is_some());
    let mut times = analysis.times.clone();
    let kept = times.len();
    // A period that is said again stays at the end of what is said in its place.
    times.retain_mut(|t| {
        let again = (t.words == range).then(|| range.start + moved - range.len()..range.start + moved);
        shifted(&t.words).or(again).map(|words| t.words = words).is_some()
    });
    (times.len() == kept && values.iter().all(|v| v.words.end <= new.len())).then(|| Analysis {
        text: said,
        words: new,
        values,
        times,
        ..analysis.clone()
    })
}
