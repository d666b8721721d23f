//! What speaks for a finished plan, as numbers for the ranking.

use super::super::plan::{Expr, Operand, Predicate, Query, Select};
use super::super::reading::Reading;
use super::super::scoring::Scores;
use super::super::scoring::asset::Model;
use super::super::scoring::linear::Linear;
use super::super::scoring::shape::{Nest, OrderedBy};
use super::super::scoring::slots::{Role, TableRole};
use super::super::scoring::view::View;
use super::Candidate;
use super::alignment::Aligner;
use super::cues::Cues;
use super::overlap::{NUMBERS, Overlap, SHARES};
use crate::schema::{ColumnId, TableId};

/// Every column a plan names, with what it is named for.
pub fn columns_of(select: &Select, into: &mut Vec<(ColumnId, Role)>) {
    fn of(expr: &Expr, role: Role, into: &mut Vec<(ColumnId, Role)>) {
        match expr {
            Expr::Column(id) => into.push((*id, role)),
            Expr::Aggregate { of: inner, .. } => of(inner, role, into),
            _ => {}
        }
    }
    select.items.iter().for_each(|e| of(e, Role::Show, into));
    select.group.iter().for_each(|e| of(e, Role::Group, into));
    select.order.iter().for_each(|s| of(&s.by, Role::Order, into));
    for predicate in select.filter.iter().chain(&select.having) {
        in_predicate(predicate, into);
    }
}

fn in_predicate(predicate: &Predicate, into: &mut Vec<(ColumnId, Role)>) {
    let mut one = |expr: &Expr| {
        if let Expr::Column(id) = expr {
            into.push((*id, Role::Filter));
        } else if let Expr::Aggregate { of, .. } = expr
            && let Expr::Column(id) = **of
        {
            into.push((id, Role::Filter));
        }
    };
    match predicate {
        Predicate::Compare { left, right, .. } => {
            one(left);
            match right {
                Operand::Expr(expr) => one(expr),
                Operand::Scalar(select) => columns_of(select, into),
                Operand::Value(_) => {}
            }
        }
        Predicate::Between { what, .. }
        | Predicate::In { what, .. }
        | Predicate::Like { what, .. }
        | Predicate::IsNull { what, .. } => one(what),
        Predicate::Within { what, query, .. } => {
            one(what);
            columns_of(query, into);
        }
        Predicate::Period { column, .. } => into.push((*column, Role::Filter)),
        Predicate::Exists { filter, .. } | Predicate::Any(filter) => {
            for predicate in filter {
                in_predicate(predicate, into);
            }
        }
    }
}

fn selects(query: &Query) -> Vec<&Select> {
    match query {
        Query::Select(select) => vec![select],
        Query::Set { left, right, .. } => vec![left, right],
    }
}

/// The query itself, or the first side of a set operation.
fn main(query: &Query) -> &Select {
    let (Query::Select(select) | Query::Set { left: select, .. }) = query;
    select
}

fn exists_tables(select: &Select) -> Vec<TableId> {
    select
        .filter
        .iter()
        .filter_map(|p| match p {
            Predicate::Exists { table, .. } => Some(*table),
            _ => None,
        })
        .collect()
}

/// How well each plan reads beside the question, for the ranking: by itself, below the best, and its place.
pub fn among(scores: &[f32]) -> Vec<[f32; 3]> {
    let best = scores.iter().copied().fold(f32::MIN, f32::max);
    let place = |score: f32| scores.iter().filter(|other| **other > score).count() as f32;
    scores.iter().map(|score| [*score, score - best, place(*score)]).collect()
}

/// Every plan in numbers, how it reads beside the question included.
pub fn rows(
    view: &View<'_>,
    scores: &Scores,
    candidates: &[Candidate],
    rules: Option<&Reading>,
    model: &Model,
) -> Vec<Vec<f32>> {
    let aligner = Aligner::new(view);
    let reads: Vec<f32> = candidates.iter().map(|c| model.alignment.score(&aligner.features(&c.query))).collect();
    let mut rows = unaligned(view, scores, candidates, rules, &model.rarity);
    for (row, among) in rows.iter_mut().zip(among(&reads)) {
        row.extend(among);
    }
    rows
}

/// Every plan in numbers, without how it reads beside the question.
pub fn unaligned(
    view: &View<'_>,
    scores: &Scores,
    candidates: &[Candidate],
    rules: Option<&Reading>,
    rarity: &Linear,
) -> Vec<Vec<f32>> {
    let (cues, overlap) = (Cues::of(view), Overlap::new(view, rarity));
    let (mut rows, overlaps): (Vec<Vec<f32>>, Vec<[f32; NUMBERS]>) = candidates
        .iter()
        .enumerate()
        .map(|(rank, candidate)| row(view, scores, candidate, rank, candidates, rules, &overlap))
        .unzip();
    let best: [f32; NUMBERS] = std::array::from_fn(|i| {
        let all = overlaps.iter().map(|numbers| numbers[i]);
        if i < SHARES { all.fold(f32::MIN, f32::max) } else { all.fold(f32::MAX, f32::min) }
    });
    for ((row, numbers), candidate) in rows.iter_mut().zip(&overlaps).zip(candidates) {
        row.extend(numbers);
        row.extend(numbers.iter().zip(&best).map(|(number, best)| number - best));
        cues.beside(&candidate.query, row);
    }
    rows
}

/// The plan in numbers, and which words it shares with the question. `all` are the candidates it stands among, best
/// first.
fn row(
    view: &View<'_>,
    scores: &Scores,
    candidate: &Candidate,
    rank: usize,
    all: &[Candidate],
    rules: Option<&Reading>,
    overlap: &Overlap<'_>,
) -> (Vec<f32>, [f32; NUMBERS]) {
    let parts = &candidate.parts;
    let best = |f: fn(&Candidate) -> f32| all.iter().map(f).fold(f32::MIN, f32::max);
    let selects = selects(&candidate.query);
    let select = selects[0];
    let mut row = vec![
        parts.total(),
        parts.total() - best(|c| c.parts.total()),
        rank as f32,
        parts.shape,
        parts.shape - best(|c| c.parts.shape),
        parts.outputs,
        parts.outputs - best(|c| c.parts.outputs),
        parts.size,
        parts.conditions,
        parts.conditions - best(|c| c.parts.conditions),
        parts.group,
        parts.order,
        parts.tables,
        parts.tables - best(|c| c.parts.tables),
        parts.nest,
    ];
    let highest = best(|c| c.parts.total());
    let mass: f32 = all.iter().map(|c| (c.parts.total() - highest).exp()).sum();
    row.push((parts.total() - highest).exp() / mass);
    // How much of the mass agrees with a part of this plan.
    let agree = |same: &dyn Fn(&Candidate) -> bool| -> f32 {
        all.iter().filter(|c| same(c)).map(|c| (c.parts.total() - highest).exp()).sum::<f32>() / mass
    };
    row.push(agree(&|c| c.shape == candidate.shape));
    row.push(agree(&|c| main(&c.query).items == select.items));
    row.push(agree(&|c| main(&c.query).filter == select.filter));
    row.push(agree(&|c| main(&c.query).order == select.order));
    row.push(agree(&|c| main(&c.query).group == select.group));
    row.push(select.items.len() as f32);
    row.push(select.items.iter().filter(|i| i.is_aggregate()).count() as f32);
    row.push(select.filter.len() as f32);
    row.push(select.group.len() as f32);
    row.push(select.having.len() as f32);
    row.push(select.order.len() as f32);
    row.push(select.limit.map_or(0.0, |l| if l == 1 { 1.0 } else { 2.0 }));
    row.push(match candidate.shape.order {
        OrderedBy::Nothing => 0.0,
        OrderedBy::Column => 1.0,
        OrderedBy::Count => 2.0,
        OrderedBy::Aggregate => 3.0,
    });
    row.extend(Nest::ALL.iter().map(|n| f32::from(*n == candidate.shape.nest)));
    // Columns and tables.
    let mut columns = Vec::new();
    for select in &selects {
        columns_of(select, &mut columns);
    }
    let mut tables: Vec<TableId> = select.tables.clone();
    for (id, _) in &columns {
        if !tables.contains(&id.table) {
            tables.push(id.table);
        }
    }
    for item in &select.items {
        item.tables(&mut tables);
    }
    let tree = view.ground.graph.join(&tables, &tables);
    let joined = tree.as_ref().map(super::super::graph::JoinTree::tables).unwrap_or_default();
    row.push(f32::from(tree.is_some()));
    row.push(joined.len() as f32);
    row.push(tree.as_ref().map_or(0.0, |t| t.edges.iter().filter(|e| e.fans_out).count() as f32));
    row.push(tree.as_ref().map_or(0.0, |t| t.edges.iter().filter(|e| !e.declared).count() as f32));
    let missing: Vec<TableId> = selects.iter().flat_map(|s| exists_tables(s)).collect();
    let weak = |t: &&TableId| view.evidence(**t) < 0.5;
    row.push(joined.iter().filter(weak).count() as f32);
    row.push(joined.iter().map(|t| view.evidence(*t)).fold(f32::MAX, f32::min));
    row.push(joined.iter().map(|t| scores.table(*t, TableRole::Needed)).fold(1.0, f32::min));
    let left_out = view
        .ground
        .schema
        .table_ids()
        .filter(|t| !joined.contains(t) && !missing.contains(t))
        .map(|t| scores.table(t, TableRole::Needed))
        .fold(0.0, f32::max);
    row.push(left_out);
    // The weakest thing chosen and the strongest left out, by role.
    for role in [Role::Show, Role::Group, Role::Order, Role::Filter] {
        let chosen = columns.iter().filter(|(_, r)| *r == role).map(|(id, _)| scores.column(*id, role));
        row.push(chosen.fold(1.0, f32::min));
        let at = Role::ALL.iter().position(|r| *r == role).unwrap_or(0);
        let others = scores.columns.iter().filter(|(id, _)| !columns.contains(&(*id, role))).map(|(_, p)| p[at]);
        row.push(others.fold(0.0, f32::max));
    }
    let links = columns.iter().map(|(id, _)| view.mentions(*id).first().map_or(0.0, |m| m.score));
    row.push(links.clone().fold(1.0, f32::min));
    row.push(links.sum::<f32>() / columns.len().max(1) as f32);
    // Mentions that the plan does not speak of.
    let mut lost = [0.0_f32; 4];
    for token in 0..view.tokens.len() {
        let (column, table) = view.best[token];
        let speaks = |id: &ColumnId| view.mentions(*id).iter().any(|m| m.token == token && m.score >= column - 0.15);
        let used = columns.iter().any(|(id, _)| speaks(id));
        let named = joined
            .iter()
            .chain(&missing)
            .any(|t| view.tables[t.0].iter().any(|m| m.token == token && m.score >= table - 0.15));
        match view.symbols[token].as_str() {
            "COL" if !used && !named => lost[0] += 1.0,
            "TAB" if !named && !used => lost[1] += 1.0,
            "VAL" if !candidate.used[token] && !used && !named => lost[2] += 1.0,
            "NUM" | "TIME" if !candidate.used[token] => lost[3] += 1.0,
            _ => {}
        }
    }
    row.extend(lost);
    // Outputs that repeat a condition say nothing new.
    let filtered = |id: &ColumnId| columns.contains(&(*id, Role::Filter));
    row.push(columns.iter().filter(|(id, r)| *r == Role::Show && filtered(id)).count() as f32);
    let grouped_shown = select.group.iter().filter(|g| select.items.contains(g)).count();
    row.push(grouped_shown as f32);
    let ordered_shown = select.order.iter().filter(|s| select.items.contains(&s.by)).count();
    row.push(ordered_shown as f32);
    row.push(view.symbols.len() as f32);
    row.push(view.ground.schema.tables.len() as f32);
    row.push(all.len() as f32);
    // What the rules make of the question.
    row.push(f32::from(candidate.by_rules));
    row.push(f32::from(rules.is_some()));
    row.push(rules.map_or(0.0, |r| r.unread.iter().map(|u| u.weight as f32).product()));
    row.push(rules.map_or(0.0, |r| r.unread.len() as f32));
    let ruled = rules.map(|r| match &r.query {
        Query::Select(select) | Query::Set { left: select, .. } => select,
    });
    row.push(ruled.map_or(0.0, |r| f32::from(r.items == select.items)));
    row.push(ruled.map_or(0.0, |r| f32::from(r.filter == select.filter)));
    row.push(ruled.map_or(0.0, |r| f32::from(r.order == select.order && r.limit == select.limit)));
    row.push(ruled.map_or(0.0, |r| f32::from(r.group == select.group)));
    let mut read = joined;
    read.extend(missing);
    (row, overlap.of(&candidate.query, &read, &candidate.used))
}
