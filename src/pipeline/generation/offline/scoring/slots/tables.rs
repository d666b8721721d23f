//! Tables, as they may be needed, counted or missing.

use super::super::linear::feature;
use super::super::view::View;
use super::Slot;
use super::context::{context, distances, match_strength, question_row};
use crate::schema::TableId;

/// Every table, as it may be needed, counted or missing.
pub fn tables(view: &View<'_>, head: &[f32]) -> Vec<Slot<TableId>> {
    view.ground.schema.table_ids().map(|id| table(view, id, head)).collect()
}

fn table(view: &View<'_>, id: TableId, head: &[f32]) -> Slot<TableId> {
    let schema = view.ground.schema;
    let mentions = &view.tables[id.0];
    let main = mentions.first().copied();
    let second = mentions.get(1).copied();
    let place = main.map(|m| m.token);
    let mut sparse = Vec::new();
    let strength = main.map_or("0", |m| {
        if m.score > 0.9 {
            "3"
        } else if m.score > 0.5 {
            "2"
        } else {
            "1"
        }
    });
    if let Some(place) = place {
        context(view, place, "T", &mut sparse);
        sparse.push(feature(&["T", strength, view.around(place, -1)]));
    }
    if let Some(second) = second.filter(|m| m.score > 0.5) {
        context(view, second.token, "U", &mut sparse);
    }
    let references: Vec<TableId> =
        schema.foreign_keys.iter().filter(|k| k.from.table == id).map(|k| k.to.table).collect();
    let table = schema.table(id);
    let bridge = references.len() >= 2 && references.len() + 2 >= table.columns.len();
    sparse.push(feature(&["T", "kind", strength, if bridge { "bridge" } else { "" }]));
    sparse.push(feature(&["T", "first", view.around(0, 0), view.around(0, 1), strength]));
    let mut row = vec![
        main.map_or(0.0, |m| m.score),
        main.map_or(0.0, |m| m.score - view.best[m.token].0.max(view.best[m.token].1)),
    ];
    row.push(main.map_or(0.0, |m| m.score - view.best[m.token].0));
    row.push(second.map_or(0.0, |m| m.score));
    row.push(mentions.len() as f32);
    row.push(place.map_or(-1.0, |p| p as f32));
    row.push(place.map_or(-1.0, |p| p as f32 / view.symbols.len() as f32));
    let own = view.evidence(id);
    let strongest = schema.table_ids().map(|t| view.evidence(t)).fold(0.0, f32::max);
    row.push(own);
    row.push(own - strongest);
    let best_column = view.columns[id.0].iter().filter_map(|m| m.first().map(|m| m.score)).fold(0.0, f32::max);
    row.push(best_column);
    let only_here = view.columns[id.0]
        .iter()
        .flatten()
        .filter(|m| m.score > 0.55 && m.score >= view.best[m.token].0 - 0.02 && view.tied(**m) == 1);
    row.push(only_here.count() as f32);
    let values = view.values.iter().filter(|v| v.column.table == id);
    row.push(values.clone().map(|v| match_strength(v.kind)).fold(0.0, f32::max));
    row.push(values.count().min(9) as f32);
    row.push(f32::from(bridge));
    row.push(references.len() as f32);
    row.push(schema.foreign_keys.iter().filter(|k| k.to.table == id).count() as f32);
    row.push((table.row_count.unwrap_or(0) as f32 + 1.0).ln());
    row.push(table.columns.len() as f32);
    row.push(f32::from(table.is_view));
    // How near it lies to what is spoken of, in the schema.
    let spoken: Vec<TableId> = schema.table_ids().filter(|t| *t != id && view.evidence(*t) > 0.9).collect();
    row.push(spoken.len() as f32);
    let joined = spoken.iter().filter(|t| {
        schema
            .foreign_keys
            .iter()
            .any(|k| (k.from.table == id && k.to.table == **t) || (k.to.table == id && k.from.table == **t))
    });
    row.push(joined.count() as f32);
    let [a, b] = [spoken.first(), spoken.get(1)];
    let between = match (a, b) {
        (Some(a), Some(b)) => view.ground.graph.join(&[*a, *b], &[]).is_some_and(|tree| tree.tables().contains(&id)),
        _ => false,
    };
    row.push(f32::from(between));
    question_row(view, &mut row);
    distances(view, place, &mut row);
    row.extend(head);
    Slot { what: id, sparse, dense: row }
}
