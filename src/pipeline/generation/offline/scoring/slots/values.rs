//! Values of the database that words of a question may mean, each with a column that holds it.

use super::super::linear::feature;
use super::super::view::{Mention, View};
use super::Slot;
use super::context::{context, distance, distances, match_strength, nearest, question_row};
use crate::language::lexicon;
use crate::pipeline::analysis::{Word, WordKind};
use crate::schema::SemanticType;

/// Pairs of a value and a column that holds it, by their position in [`View::values`].
pub fn values(view: &View<'_>, head: &[f32]) -> Vec<Slot<usize>> {
    (0..view.values.len()).map(|i| value(view, i, head)).collect()
}

fn value(view: &View<'_>, at: usize, head: &[f32]) -> Slot<usize> {
    let link = &view.values[at];
    let schema = view.ground.schema;
    let id = link.column;
    let profile = schema.profile(id);
    let words: &[Word] = &view.ground.analysis.words[view.tokens[link.token].words.clone()];
    let mut sparse = Vec::new();
    let semantic = format!("{:?}", profile.semantic);
    let kind = format!("{:?}", link.kind);
    context(view, link.token, "V", &mut sparse);
    sparse.push(feature(&["V", "sem", &semantic, view.around(link.token, -1)]));
    sparse.push(feature(&["V", "kind", &kind, view.around(link.token, -1)]));
    sparse.push(feature(&["V", "kind", &kind, &semantic]));
    let mut row = Vec::new();
    row.push(match_strength(link.kind));
    row.push(f32::from(words.iter().all(Word::is_capitalised)));
    row.push(f32::from(words.iter().any(|w| w.kind == WordKind::Quoted)));
    // Written as the database has it, and no everyday word.
    let written = words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
    row.push(f32::from(written == link.value));
    row.push(f32::from(written.eq_ignore_ascii_case(&link.value)));
    let everyday = |w: &Word| {
        lexicon().is_light(&w.folded)
            || lexicon().is_light(&w.lemma)
            || lexicon().is_verb(&w.lemma)
            || !lexicon().synonyms(&w.lemma).is_empty()
    };
    row.push(words.iter().filter(|w| everyday(w)).count() as f32 / words.len().max(1) as f32);
    row.push(words.len() as f32 / link.value.split_whitespace().count().max(1) as f32);
    row.push(words.len() as f32);
    row.push(words.iter().map(|w| w.folded.len()).sum::<usize>() as f32);
    row.push(f32::from(link.token == 0));
    let rivals: Vec<_> = view.values.iter().filter(|v| v.token == link.token).collect();
    row.push(rivals.len() as f32);
    row.push(rivals.iter().filter(|v| v.column == id).count() as f32);
    row.push(rivals.iter().position(|v| v.column == id && v.value == link.value).unwrap_or(0) as f32);
    row.push((link.rows as f32 + 1.0).ln());
    row.push(view.best[link.token].0);
    row.push(view.best[link.token].1);
    let column_mention = nearest(view.mentions(id), Some(Mention { token: link.token, score: 1.0 }));
    row.push(column_mention.map_or(0.0, |m| m.score));
    row.push(distance(Some(link.token), column_mention.map(|m| m.token)));
    row.push(column_mention.map_or(0.0, |m| m.score - view.best[m.token].0.max(view.best[m.token].1)));
    let best_rival = rivals
        .iter()
        .filter(|v| v.column != id)
        .filter_map(|v| view.mentions(v.column).first().map(|m| m.score))
        .fold(0.0, f32::max);
    row.push(column_mention.map_or(0.0, |m| m.score) - best_rival);
    let table_mention = nearest(&view.tables[id.table.0], Some(Mention { token: link.token, score: 1.0 }));
    row.push(table_mention.map_or(0.0, |m| m.score));
    row.push(distance(Some(link.token), table_mention.map(|m| m.token)));
    let own = view.evidence(id.table);
    let strongest = rivals.iter().map(|v| view.evidence(v.column.table)).fold(0.0, f32::max);
    row.push(own);
    row.push(own - strongest);
    row.push(f32::from(schema.is_primary_key(id)));
    row.push(f32::from(schema.reference_of(id).is_some()));
    row.push(f32::from(view.display(id.table).contains(&id)));
    row.push((profile.distinct as f32 + 1.0).ln());
    row.push(profile.distinct as f32 / profile.rows.max(1) as f32);
    row.push(profile.mean_length as f32);
    for semantic in [
        SemanticType::Name,
        SemanticType::Category,
        SemanticType::Flag,
        SemanticType::Code,
        SemanticType::Geo,
        SemanticType::FreeText,
    ] {
        row.push(f32::from(profile.semantic == semantic));
    }
    row.push(f32::from(schema.table(id.table).is_view));
    question_row(view, &mut row);
    distances(view, Some(link.token), &mut row);
    row.extend(head);
    Slot { what: at, sparse, dense: row }
}
