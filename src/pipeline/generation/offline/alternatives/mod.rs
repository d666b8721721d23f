//! Readings beside the one that was taken: each differs from it in one place, and comes with the question that asks for
//! it outright. Where two are as near, the question goes back.

mod columns;
mod wording;

use std::cell::Cell;

use super::super::{Draft, Evidence, Generated, Reading as Choice};
use super::plan::Query;
use super::reading::{self, Ground, Rival, Role, rivals};
use super::tokens::{Token, tokens};
use super::{OfflineEngine, RANKING, decline, understands};
use crate::config::Thresholds;
use crate::knowledge::Knowledge;
use crate::pipeline::analysis::Analysis;
use crate::schema::ColumnId;

/// Other readings that an answer carries.
const SHOWN: usize = 3;
/// Rivals that are looked into: those far behind are not asked about.
const WEIGHED: usize = 5;
/// Questions that are read whole to see what they would be answered with: each costs as much as the one that was asked.
const READ: u32 = 3;
/// The same beside a plan that is likely right as it stands.
const READ_WHERE_SURE: u32 = 1;
/// So near to each other, neither reading is likelier.
const TIE: f64 = 0.02;
/// What an answer is worth beside readings that lie within the margin.
const CONTESTED: f64 = 0.8;

/// The draft with the readings beside it, or the question which of them is meant.
pub fn beside(
    mut draft: Box<Draft>,
    query: &Query,
    tokens: &[Token],
    ground: Ground<'_>,
    knowledge: &Knowledge,
    thresholds: &Thresholds,
) -> Generated {
    // Of a plan that is likely right as it stands nobody has to be asked.
    let is_sure = draft.evidence.iter().any(|e| e.name == RANKING && e.score >= thresholds.answer);
    let read = if is_sure { READ_WHERE_SURE } else { READ };
    let asking = Asking { ground, knowledge, thresholds, left: Cell::new(read) };
    let found = rivals(ground, tokens, &columns::uses(query));
    let mut others: Vec<(Rival, Choice)> = Vec::new();
    for rival in found.into_iter().take(WEIGHED) {
        if others.len() == SHOWN {
            break;
        }
        let Some(choice) = asking.asked(&rival, rival.other, rival.chosen) else { continue };
        if others.iter().all(|(_, known)| known.question != choice.question) {
            others.push((rival, choice));
        }
    }
    let Some((first, _)) = others.first() else { return Generated::Draft(draft) };
    let asks = thresholds.margin > 0.0 && !is_sure;
    let score: f64 = draft.evidence.iter().map(|e| e.score).product();
    // Too unsure for an answer with another reading within the margin, the question goes back too.
    let near = if score * CONTESTED < thresholds.abstain { thresholds.margin } else { TIE };
    let tied: Vec<&(Rival, Choice)> = others
        .iter()
        .filter(|(r, _)| asks && r.gap < near && r.words == first.words && r.chosen == first.chosen && is_open(r))
        .collect();
    asking.left.set(READ);
    if !tied.is_empty()
        && let Some(taken) = asking.asked(first, first.chosen, first.other)
    {
        let readings: Vec<Choice> =
            std::iter::once(taken).chain(tied.iter().map(|(_, c)| c.clone())).take(SHOWN + 1).collect();
        let words = wording::written(ground.analysis, &first.words).unwrap_or_default();
        let labels: Vec<&str> = readings.iter().map(|r| r.label.as_str()).collect();
        return Generated::Clarify { question: format!("\"{words}\": {}?", decline::either(&labels)), readings };
    }
    if let Some(words) = wording::written(ground.analysis, &first.words) {
        let label = |id, beside| wording::label(ground.schema, id, beside);
        let taken = label(first.chosen, first.other);
        draft.assumptions.push(format!("\"{words}\" is {taken}, not {}", label(first.other, first.chosen)));
    }
    if first.gap < thresholds.margin {
        if score * CONTESTED < thresholds.abstain {
            let reason = decline::unsure(&draft.interpretation, score * CONTESTED);
            let nearest = others.into_iter().map(|(_, choice)| choice.question).collect();
            return Generated::Abstain { reason, nearest };
        }
        draft.evidence.push(Evidence {
            name: "readings",
            score: CONTESTED,
            why: format!("another reading is {:.2} behind", first.gap),
        });
    }
    draft.choices = others.into_iter().map(|(_, choice)| choice).collect();
    Generated::Draft(draft)
}

/// Whether the question has to go back: keys of two levels both split the rows as asked, and a word that narrows the name
/// shows that one of them is meant.
fn is_open(rival: &Rival) -> bool {
    rival.role != Role::Group && !rival.is_qualified
}

/// What a question is asked with again.
struct Asking<'a> {
    ground: Ground<'a>,
    knowledge: &'a Knowledge,
    thresholds: &'a Thresholds,
    /// Questions that may still be read whole.
    left: Cell<u32>,
}

impl Asking<'_> {
    /// The question that means this column of the two, as it is read again.
    fn asked(&self, rival: &Rival, id: ColumnId, beside: ColumnId) -> Option<Choice> {
        let schema = self.ground.schema;
        let value = if id == rival.other { rival.value.clone() } else { self.value_of(rival) };
        let said = wording::said(schema, rival, id, value.as_deref(), self.ground.analysis);
        let asked = &self.ground.analysis.text;
        let question = said.into_iter().find(|a| a.text != *asked && self.means(a, id, beside))?.text;
        let label = match value {
            Some(value) => format!("{} {value}", wording::label(schema, id, beside)),
            None => wording::label(schema, id, beside),
        };
        Some(Choice { label, question })
    }

    /// The value of the chosen column that the words mean.
    fn value_of(&self, rival: &Rival) -> Option<String> {
        let mention = self.ground.analysis.values.iter().find(|v| v.words == rival.words)?;
        mention.hits.iter().find(|h| h.column == rival.chosen).map(|h| h.value.clone())
    }

    /// Said so, the question is about the one column and not about the other.
    fn means(&self, analysis: &Analysis, id: ColumnId, not: ColumnId) -> bool {
        let ground = Ground { analysis, ..self.ground };
        let words = tokens(analysis, self.ground.names);
        let says = |query: &Query| {
            let used = columns::uses(query);
            used.iter().any(|(c, _)| *c == id) && used.iter().all(|(c, _)| *c != not)
        };
        // The scores are dear, and seldom see what the rules do not: where the rules leave no word over, they agree in 49
        // of 50.
        match reading::read(ground, words.clone()) {
            Ok(ruled) if !says(&ruled.query) => return false,
            Ok(ruled) if ruled.unread.is_empty() && understands(&ruled, self.thresholds) => return true,
            _ => {}
        }
        let Some(left) = self.left.get().checked_sub(1) else { return false };
        self.left.set(left);
        let Ok((reading, _)) = OfflineEngine::read_tokens(ground, words, self.knowledge, self.thresholds) else {
            return false;
        };
        says(&reading.query) && understands(&reading, self.thresholds)
    }
}
