//! Numbers and periods, each with what it may limit.

use super::super::super::tokens::TokenKind;
use super::super::view::{Mention, View};
use super::context::{context, distance, distances, nearest, question_row};
use super::{NumberTarget, Slot};
use crate::schema::{SemanticType, Value};

/// Pairs of a number or a period and what it may limit. The first is the position of the token.
pub fn numbers(view: &View<'_>, head: &[f32]) -> Vec<Slot<(usize, NumberTarget)>> {
    let schema = view.ground.schema;
    let mut slots = Vec::new();
    for (token, what) in view.tokens.iter().enumerate() {
        let timed = matches!(what.kind, TokenKind::Time(_));
        if !timed && view.numbers[token].is_none() {
            continue;
        }
        for id in schema.columns() {
            let profile = schema.profile(id);
            let linked = view.mentions(id).first().is_some_and(|m| m.score > 0.35);
            let near = view.evidence(id.table) > 0.6;
            let fits = if timed {
                profile.semantic.is_time() || (linked && profile.numeric)
            } else {
                profile.numeric || profile.semantic.is_time()
            };
            if fits
                && (linked
                    || (near && (timed || profile.semantic.is_measure() || profile.semantic == SemanticType::Id)))
            {
                slots.push(number(view, token, NumberTarget::Column(id), head));
            }
        }
        if !timed {
            slots.push(number(view, token, NumberTarget::Count, head));
            slots.push(number(view, token, NumberTarget::Limit, head));
        }
    }
    slots
}

fn number(view: &View<'_>, token: usize, target: NumberTarget, head: &[f32]) -> Slot<(usize, NumberTarget)> {
    let schema = view.ground.schema;
    let mut sparse = Vec::new();
    let kind = match target {
        NumberTarget::Column(_) => "Nc",
        NumberTarget::Count => "Nn",
        NumberTarget::Limit => "Nl",
    };
    context(view, token, kind, &mut sparse);
    let mut row = Vec::new();
    let column = match target {
        NumberTarget::Column(id) => Some(id),
        _ => None,
    };
    row.push(match target {
        NumberTarget::Column(_) => 0.0,
        NumberTarget::Count => 1.0,
        NumberTarget::Limit => 2.0,
    });
    let here = Mention { token, score: 1.0 };
    let mention = column.and_then(|id| nearest(view.mentions(id), Some(here)));
    row.push(mention.map_or(0.0, |m| m.score));
    row.push(distance(Some(token), mention.map(|m| m.token)));
    row.push(mention.map_or(0.0, |m| m.score - view.best[m.token].0));
    // Is it the nearest name before the number?
    let before = (0..token).rev().find(|i| view.best[*i].0 > 0.5);
    row.push(distance(Some(token), before));
    row.push(f32::from(before.is_some() && mention.is_some_and(|m| Some(m.token) == before)));
    let profile = column.map(|id| schema.profile(id));
    let asked = asked_numbers(view, token).first().copied();
    let inside = profile.map_or(0.0, |p| {
        let (Some(low), Some(high)) = (p.min.as_ref().and_then(as_number), p.max.as_ref().and_then(as_number)) else {
            return -1.0;
        };
        f32::from(asked.is_some_and(|x| low <= x && x <= high))
    });
    row.push(inside);
    row.push(asked.map_or(0.0, |x| (x.abs() as f32 + 1.0).ln()));
    row.push(f32::from(asked.is_some_and(|x| x.fract() != 0.0)));
    row.push(f32::from(asked.is_some_and(|x| (1900.0..2100.0).contains(&x))));
    row.push(profile.map_or(0.0, |p| f32::from(p.semantic.is_time())));
    row.push(profile.map_or(0.0, |p| f32::from(p.semantic.is_measure())));
    row.push(profile.map_or(0.0, |p| f32::from(p.semantic == SemanticType::Id)));
    row.push(profile.map_or(0.0, |p| f32::from(p.semantic == SemanticType::Year)));
    row.push(profile.map_or(0.0, |p| (p.distinct as f32 + 1.0).ln()));
    row.push(column.map_or(0.0, |id| f32::from(schema.reference_of(id).is_some())));
    row.push(column.map_or(0.0, |id| view.evidence(id.table)));
    let table = column.and_then(|id| nearest(&view.tables[id.table.0], Some(here)));
    row.push(table.map_or(0.0, |m| m.score));
    row.push(distance(Some(token), table.map(|m| m.token)));
    row.push(f32::from(view.symbols[token] == "TIME"));
    row.push(view.symbols.iter().filter(|s| matches!(s.as_str(), "NUM" | "ONE" | "TIME")).count() as f32);
    let next = (token + 1 < view.tokens.len()).then(|| token + 1);
    row.push(next.map_or(0.0, |i| view.best[i].0));
    row.push(next.map_or(0.0, |i| view.best[i].1));
    row.push(f32::from(next.is_some_and(|i| mention.is_some_and(|m| m.token == i))));
    question_row(view, &mut row);
    distances(view, Some(token), &mut row);
    row.extend(head);
    Slot { what: (token, target), sparse, dense: row }
}

fn as_number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(i) => Some(*i as f64),
        Value::Real(x) => Some(*x),
        Value::Text(text) => text.get(..4)?.parse().ok(),
        _ => None,
    }
}

/// Numbers that the gold may say where a token says a number or a period: of an open period, the years at its edge.
pub fn asked_numbers(view: &View<'_>, token: usize) -> Vec<f64> {
    if let Some(x) = view.numbers[token] {
        return vec![x];
    }
    let TokenKind::Time(i) = view.tokens[token].kind else { return Vec::new() };
    let period = view.ground.analysis.times[i].period;
    let year = |day: jiff::civil::Date| f64::from(day.year());
    match (period.first, period.last) {
        (Some(first), Some(last)) => vec![year(first), year(last)],
        (Some(first), None) => vec![year(first), year(first) - 1.0],
        (None, Some(last)) => vec![year(last), year(last) + 1.0],
        (None, None) => Vec::new(),
    }
}
