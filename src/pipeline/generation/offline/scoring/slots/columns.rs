//! Columns, as what a question may want them for.

use super::super::linear::feature;
use super::super::view::View;
use super::Slot;
use super::context::{context, distance, distances, match_strength, nearest, nearest_table, question_row};
use crate::schema::{ColumnId, SemanticType};

/// Columns scored at most, the best linked ones.
const MOST_COLUMNS: usize = 60;

/// Columns worth scoring: those that some word may name or some value may belong to, and what people know the rows of a
/// named table by.
pub fn columns(view: &View<'_>, head: &[f32]) -> Vec<Slot<ColumnId>> {
    let schema = view.ground.schema;
    let mut worth: Vec<(f32, ColumnId)> = Vec::new();
    for id in schema.columns() {
        let linked = view.mentions(id).first().map_or(0.0, |m| m.score);
        let valued = if view.values.iter().any(|v| v.column == id) { 0.5 } else { 0.0 };
        let table = view.tables[id.table.0].first().map_or(0.0, |m| m.score);
        let known = schema.is_primary_key(id) || view.display(id.table).contains(&id);
        let by_table = if known { 0.6 * table } else { 0.0 };
        let timed = !view.ground.analysis.times.is_empty() && schema.profile(id).semantic.is_time();
        let worthy = linked.max(valued).max(by_table).max(if timed { 0.3 } else { 0.0 });
        if worthy > 0.0 {
            worth.push((worthy + 0.1 * table, id));
        }
    }
    worth.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    worth.truncate(MOST_COLUMNS);
    worth.sort_by_key(|(_, id)| *id);
    worth.into_iter().map(|(_, id)| column(view, id, head)).collect()
}

fn column(view: &View<'_>, id: ColumnId, head: &[f32]) -> Slot<ColumnId> {
    let schema = view.ground.schema;
    let profile = schema.profile(id);
    let mentions = view.mentions(id);
    let main = mentions.first().copied();
    let second = mentions.get(1).copied();
    let table = nearest(&view.tables[id.table.0], main);
    let place = main.map(|m| m.token).or(table.map(|m| m.token));
    let semantic = format!("{:?}", profile.semantic);
    let mut sparse = Vec::new();
    let strength = main.map_or("0", |m| {
        if m.score > 0.9 {
            "3"
        } else if m.score > 0.55 {
            "2"
        } else {
            "1"
        }
    });
    let prefix = if main.is_some() { "c" } else { "t" };
    let is_display = view.display(id.table).contains(&id);
    let is_key = schema.is_primary_key(id);
    let kind = match (is_key, schema.reference_of(id).is_some(), is_display) {
        (true, ..) => "key",
        (_, true, _) => "ref",
        (_, _, true) => "name",
        _ => "",
    };
    if let Some(place) = place {
        context(view, place, prefix, &mut sparse);
        sparse.push(feature(&["st", prefix, strength, view.around(place, -1)]));
        sparse.push(feature(&["se", prefix, &semantic, view.around(place, -1)]));
        sparse.push(feature(&["k", prefix, kind, strength, view.around(place, -1)]));
        sparse.push(feature(&["k1", prefix, kind, strength, view.around(place, -2), view.around(place, -1)]));
    }
    if let Some(second) = second.filter(|m| m.score > 0.5) {
        context(view, second.token, "2", &mut sparse);
    }
    sparse.push(feature(&["kind", kind, prefix, strength]));
    sparse.push(feature(&["sem", &semantic, prefix, strength]));
    sparse.push(feature(&["first", view.around(0, 0), view.around(0, 1), kind, prefix, strength]));

    let mut row = vec![
        main.map_or(0.0, |m| m.score),
        main.map_or(0.0, |m| m.score - view.best[m.token].0.max(view.best[m.token].1)),
    ];
    row.push(main.map_or(0.0, |m| view.tied(m) as f32));
    row.push(main.map_or(0.0, |m| m.score - view.best[m.token].1));
    row.push(main.map_or(0.0, |m| view.tokens[m.token].words.len() as f32));
    row.push(place.map_or(-1.0, |p| p as f32));
    row.push(place.map_or(-1.0, |p| p as f32 / view.symbols.len() as f32));
    let names = |range: std::ops::Range<usize>| range.filter(|i| view.symbols[*i] == "COL").count() as f32;
    row.push(place.map_or(-1.0, |p| names(0..p)));
    row.push(place.map_or(-1.0, |p| names(p + 1..view.symbols.len())));
    row.push(second.map_or(0.0, |m| m.score));
    row.push(distance(main.map(|m| m.token), second.map(|m| m.token)));
    row.push(f32::from(is_key));
    row.push(f32::from(schema.reference_of(id).is_some()));
    row.push(f32::from(is_display));
    row.push(f32::from(profile.unique));
    row.push((profile.distinct as f32 + 1.0).ln());
    row.push(profile.distinct as f32 / (profile.rows.max(1)) as f32);
    row.push(f32::from(profile.numeric));
    row.push(profile.nulls as f32 / (profile.rows.max(1)) as f32);
    row.push(profile.mean_length as f32);
    for semantic in [
        SemanticType::Id,
        SemanticType::Name,
        SemanticType::Category,
        SemanticType::Flag,
        SemanticType::Code,
        SemanticType::Quantity,
        SemanticType::Money,
        SemanticType::Score,
        SemanticType::Geo,
        SemanticType::FreeText,
    ] {
        row.push(f32::from(profile.semantic == semantic));
    }
    row.push(f32::from(profile.semantic.is_time()));
    row.push(f32::from(profile.semantic.is_measure()));
    // Its table.
    row.push(table.map_or(0.0, |m| m.score));
    row.push(distance(place, table.map(|m| m.token)));
    row.push(distance(place, view.tables[id.table.0].first().map(|m| m.token)));
    row.push(view.tables[id.table.0].len() as f32);
    row.push(view.evidence(id.table));
    let strongest = schema.table_ids().map(|t| view.evidence(t)).fold(0.0, f32::max);
    row.push(view.evidence(id.table) - strongest);
    row.push(f32::from(schema.table(id.table).is_view));
    row.push(schema.table(id.table).columns.len() as f32);
    // The nearest other table that is spoken of.
    let other = place.and_then(|p| nearest_table(view, p));
    row.push(f32::from(other.is_some_and(|(t, _)| t == id.table)));
    row.push(distance(place, other.map(|(_, at)| at)));
    let after = place.and_then(|p| (p + 1..view.tokens.len()).find_map(|i| view.table_at(i).map(|t| (t, i))));
    row.push(f32::from(after.is_some_and(|(t, _)| t == id.table)));
    row.push(distance(place, after.map(|(_, at)| at)));
    // Values and numbers.
    let value = view.values.iter().filter(|v| v.column == id).min_by_key(|v| v.kind);
    row.push(value.map_or(0.0, |v| match_strength(v.kind)));
    row.push(distance(place, value.map(|v| v.token)));
    let ahead = |kind: &str| place.and_then(|p| (p + 1..view.symbols.len()).find(|i| view.symbols[*i] == kind));
    let behind = |kind: &str| place.and_then(|p| (0..p).rev().find(|i| view.symbols[*i] == kind));
    for kind in ["NUM", "VAL", "TIME", "COL"] {
        row.push(distance(place, ahead(kind)));
        row.push(distance(place, behind(kind)));
    }
    let name = &schema.column(id).name;
    row.push(
        schema.tables.iter().filter(|t| t.columns.iter().any(|c| c.name.eq_ignore_ascii_case(name))).count() as f32
    );
    let target = schema.reference_of(id).map(|key| key.to.table);
    row.push(target.map_or(0.0, |t| view.tables[t.0].first().map_or(0.0, |m| m.score)));
    row.push(target.map_or(0.0, |t| view.evidence(t)));
    question_row(view, &mut row);
    distances(view, place, &mut row);
    row.extend(head);
    Slot { what: id, sparse, dense: row }
}
