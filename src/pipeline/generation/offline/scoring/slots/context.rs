//! What is around a place in the question: the words before and after it, and how far it is to those that rule.

use super::super::linear::feature;
use super::super::view::{Mention, View};
use crate::schema::{TableId, ValueMatchKind};

/// Words that say how what follows them belongs to what is before.
const CUES: [&[&str]; 22] = [
    &["by"],
    &["each", "every", "per", "for"],
    &["average", "mean", "avg"],
    &["sum", "total", "overall"],
    &["maximum", "max", "highest", "largest", "greatest", "biggest", "longest"],
    &["minimum", "min", "lowest", "smallest", "shortest", "least", "fewest"],
    &["most", "top", "best", "common", "popular"],
    &["number", "count", "many", "much"],
    &["different", "distinct", "unique"],
    &["order", "sort", "ordered", "sorted", "descending", "ascending", "alphabetical", "rank"],
    &["than", "over", "above", "exceed", "least", "below", "under", "before", "after", "between"],
    &["of"],
    &["with", "has", "have", "had", "having"],
    &["whose", "that", "who", "which", "where", "when"],
    &["in", "from", "at", "on"],
    &["and"],
    &[",", ";"],
    &["or", "either"],
    &["not", "no", "never", "without", "except", "neither"],
    &["is", "are", "was", "were", "be"],
    &["show", "list", "what", "give", "find", "return", "display"],
    &["both", "also", "same"],
];

/// Distances beyond this are all alike.
pub(super) const FAR: f32 = 12.0;

/// Hashes of n-grams of the whole question, for scores that belong to no single slot.
pub fn question_features(view: &View<'_>) -> Vec<u32> {
    let symbols = &view.symbols;
    let mut found = Vec::new();
    let at = |i: isize| view.around(0, i);
    let count = symbols.len() as isize;
    for i in -1..=count {
        found.push(feature(&["q1", at(i)]));
        found.push(feature(&["q2", at(i), at(i + 1)]));
        found.push(feature(&["q3", at(i), at(i + 1), at(i + 2)]));
        found.push(feature(&["q4", at(i), at(i + 1), at(i + 2), at(i + 3)]));
        found.push(feature(&["qs", at(i), at(i + 2)]));
    }
    let cues: Vec<usize> = symbols.iter().filter_map(|s| cue_of(s)).collect();
    for (i, a) in cues.iter().enumerate() {
        for b in &cues[i + 1..] {
            found.push(feature(&["qc", &a.to_string(), &b.to_string()]));
        }
    }
    for kind in ["COL", "TAB", "VAL", "NUM", "ONE", "TIME", "?", ","] {
        let n = symbols.iter().filter(|s| *s == kind).count().min(5);
        found.push(feature(&["qn", kind, &n.to_string()]));
    }
    found.push(feature(&["q<", at(0), at(1), at(2)]));
    for (i, direction) in view.directions.iter().enumerate() {
        if let Some(direction) = direction {
            let direction = format!("{direction:?}");
            found.push(feature(&["qa", &direction]));
            found.push(feature(&["qa", &direction, view.around(i, -1)]));
            found.push(feature(&["qa", &direction, view.around(i, 1)]));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn cue_of(symbol: &str) -> Option<usize> {
    CUES.iter().position(|words| words.contains(&symbol))
}

/// Hashes of what is around a token.
pub(super) fn context(view: &View<'_>, token: usize, prefix: &str, found: &mut Vec<u32>) {
    let w = |d: isize| view.around(token, d);
    for d in -4..=4_isize {
        if d != 0 {
            found.push(feature(&[prefix, "w", &d.to_string(), w(d)]));
        }
    }
    found.push(feature(&[prefix, "b", w(-2), w(-1)]));
    found.push(feature(&[prefix, "c", w(-1), w(1)]));
    found.push(feature(&[prefix, "d", w(1), w(2)]));
    found.push(feature(&[prefix, "e", w(-3), w(-2), w(-1)]));
    found.push(feature(&[prefix, "f", w(-2), w(-1), w(1)]));
    found.push(feature(&[prefix, "g", w(1), w(2), w(3)]));
    found.push(feature(&[prefix, "h", w(-4), w(-3), w(-2), w(-1)]));
    for (i, symbol) in view.symbols.iter().enumerate() {
        if i != token {
            let side = if i < token { "<" } else { ">" };
            found.push(feature(&[prefix, "s", side, symbol]));
        }
    }
    // The nearest word before it that rules over it, with what stands first in the question.
    let ruler = (0..token).rev().find_map(|i| cue_of(&view.symbols[i]).map(|cue| (cue, token - i)));
    let (cue, far) = ruler.map_or(("-".to_owned(), 0), |(cue, far)| (cue.to_string(), far.min(4)));
    found.push(feature(&[prefix, "r", &cue]));
    found.push(feature(&[prefix, "r", &cue, &far.to_string()]));
    found.push(feature(&[prefix, "q", w(-(token as isize)), &cue]));
    let names_before = (0..token).filter(|i| matches!(view.symbols[*i].as_str(), "COL" | "TAB" | "VAL")).count();
    found.push(feature(&[prefix, "n", w(-(token as isize)), &names_before.min(4).to_string()]));
}

pub(super) fn distances(view: &View<'_>, token: Option<usize>, row: &mut Vec<f32>) {
    for words in CUES {
        let is = |i: &usize| words.contains(&view.symbols[*i].as_str());
        let before = token.and_then(|t| (0..t).rev().find(is).map(|i| (t - i) as f32));
        let after = token.and_then(|t| (t + 1..view.symbols.len()).find(is).map(|i| (i - t) as f32));
        row.push(before.unwrap_or(FAR).min(FAR));
        row.push(after.unwrap_or(FAR).min(FAR));
    }
}

/// Signed distance from one place to another, cut at [`FAR`].
pub(super) fn distance(from: Option<usize>, to: Option<usize>) -> f32 {
    match (from, to) {
        (Some(from), Some(to)) => (to as f32 - from as f32).clamp(-FAR, FAR),
        _ => FAR + 1.0,
    }
}

/// Numbers that hold for the whole question: its size and what it is full of.
pub(super) fn question_row(view: &View<'_>, row: &mut Vec<f32>) {
    let count = |kind: &str| view.symbols.iter().filter(|s| *s == kind).count() as f32;
    row.push(view.symbols.len() as f32);
    for kind in ["COL", "TAB", "VAL", "NUM", "TIME", ","] {
        row.push(count(kind));
    }
    let tables = view.tables.iter().filter(|m| m.first().is_some_and(|m| m.score > 0.5)).count();
    row.push(tables as f32);
    row.push(view.tables.len() as f32);
}

/// The mention nearest to another one; the strongest if there is none.
pub(super) fn nearest(mentions: &[Mention], to: Option<Mention>) -> Option<Mention> {
    match to {
        None => mentions.first().copied(),
        Some(to) => mentions
            .iter()
            .filter(|m| m.score > 0.35)
            .min_by_key(|m| (m.token.abs_diff(to.token), m.token))
            .or(mentions.first())
            .copied(),
    }
}

pub(super) fn nearest_table(view: &View<'_>, place: usize) -> Option<(TableId, usize)> {
    (0..view.tokens.len())
        .filter(|i| *i != place)
        .filter_map(|i| view.table_at(i).map(|t| (t, i)))
        .min_by_key(|(_, i)| (i.abs_diff(place), *i))
}

pub(super) fn match_strength(kind: ValueMatchKind) -> f32 {
    match kind {
        ValueMatchKind::Exact => 1.0,
        ValueMatchKind::Partial => 0.6,
        ValueMatchKind::Fuzzy => 0.4,
    }
}
