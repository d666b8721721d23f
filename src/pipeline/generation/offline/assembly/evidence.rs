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
    let reads = Aligner::new(view).scores(candidates.iter().map(|c| &c.query), &model.alignment);
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
    let weigher = Weigher::new(view, scores, candidates, rules, rarity);
    let (mut rows, overlaps): (Vec<Vec<f32>>, Vec<[f32; NUMBERS]>) =
        candidates.iter().enumerate().map(|(rank, candidate)| weigher.row(candidate, rank)).unzip();
    let best: [f32; NUMBERS] = std::array::from_fn(|i| {
        let all = overlaps.iter().map(|numbers| numbers[i]);
        if i < SHARES { all.fold(f32::MIN, f32::max) } else { all.fold(f32::MAX, f32::min) }
    });
    let cues = Cues::of(view.ground.analysis);
    for ((row, numbers), candidate) in rows.iter_mut().zip(&overlaps).zip(candidates) {
        row.extend(numbers);
        row.extend(numbers.iter().zip(&best).map(|(number, best)| number - best));
        cues.beside(&candidate.query, row);
    }
    rows
}

/// What is the same for every plan of a question.
struct Weigher<'a> {
    view: &'a View<'a>,
    scores: &'a Scores,
    /// All plans, best first.
    all: &'a [Candidate],
    rules: Option<&'a Reading>,
    overlap: Overlap<'a>,
    best: Best,
    /// By plan: the part of the mass that is its own.
    mass: Vec<f32>,
    /// By plan: the mass of those that agree with it in outline, outputs, conditions, order and keys.
    agreement: Vec<[f32; 5]>,
}

/// The likeliest of each clause among all plans.
struct Best {
    total: f32,
    shape: f32,
    outputs: f32,
    conditions: f32,
    tables: f32,
}

/// The mass of the plans that have the same part, by plan.
fn agreeing<'a, T: PartialEq>(all: &'a [Candidate], mass: &[f32], part: impl Fn(&'a Candidate) -> T) -> Vec<f32> {
    // Few parts differ, so each is compared with the different ones alone.
    let mut different: Vec<(T, f32)> = Vec::new();
    let kinds: Vec<usize> = all
        .iter()
        .zip(mass)
        .map(|(candidate, mass)| {
            let part = part(candidate);
            let known = different.iter().position(|(known, _)| *known == part);
            let kind = known.unwrap_or_else(|| {
                different.push((part, 0.0));
                different.len() - 1
            });
            different[kind].1 += mass;
            kind
        })
        .collect();
    kinds.into_iter().map(|kind| different[kind].1).collect()
}

/// What a plan reads.
struct Reads {
    columns: Vec<(ColumnId, Role)>,
    joined: Vec<TableId>,
    missing: Vec<TableId>,
}

impl<'a> Weigher<'a> {
    fn new(
        view: &'a View<'a>,
        scores: &'a Scores,
        all: &'a [Candidate],
        rules: Option<&'a Reading>,
        rarity: &Linear,
    ) -> Self {
        let best = |of: fn(&Candidate) -> f32| all.iter().map(of).fold(f32::MIN, f32::max);
        let best = Best {
            total: best(|c| c.parts.total()),
            shape: best(|c| c.parts.shape),
            outputs: best(|c| c.parts.outputs),
            conditions: best(|c| c.parts.conditions),
            tables: best(|c| c.parts.tables),
        };
        let powers: Vec<f32> = all.iter().map(|c| (c.parts.total() - best.total).exp()).collect();
        let sum: f32 = powers.iter().sum();
        let mass: Vec<f32> = powers.into_iter().map(|power| power / sum).collect();
        let agreement: [Vec<f32>; 5] = [
            agreeing(all, &mass, |c| c.shape),
            agreeing(all, &mass, |c| &main(&c.query).items),
            agreeing(all, &mass, |c| &main(&c.query).filter),
            agreeing(all, &mass, |c| &main(&c.query).order),
            agreeing(all, &mass, |c| &main(&c.query).group),
        ];
        let agreement = (0..all.len()).map(|at| std::array::from_fn(|part| agreement[part][at])).collect();
        Self { view, scores, all, rules, overlap: Overlap::new(view, rarity), best, mass, agreement }
    }

    /// A plan in numbers, and which words it shares with the question.
    fn row(&self, candidate: &Candidate, rank: usize) -> (Vec<f32>, [f32; NUMBERS]) {
        let mut row = Vec::new();
        self.parts(candidate, rank, &mut row);
        row.extend(self.agreement[rank]);
        outline(candidate, &mut row);
        let reads = self.tables(candidate, &mut row);
        self.slots(&reads, &mut row);
        self.lost(candidate, &reads, &mut row);
        let select = main(&candidate.query);
        // Outputs that repeat a condition say nothing new.
        let filtered = |id: &ColumnId| reads.columns.contains(&(*id, Role::Filter));
        row.push(reads.columns.iter().filter(|(id, r)| *r == Role::Show && filtered(id)).count() as f32);
        row.push(select.group.iter().filter(|g| select.items.contains(g)).count() as f32);
        row.push(select.order.iter().filter(|s| select.items.contains(&s.by)).count() as f32);
        row.push(self.view.symbols.len() as f32);
        row.push(self.view.ground.schema.tables.len() as f32);
        row.push(self.all.len() as f32);
        self.ruled(candidate, &mut row);
        let Reads { columns, joined: mut tables, missing } = reads;
        tables.extend(missing);
        (row, self.overlap.of(&candidate.query, columns, &tables, &candidate.used))
    }

    /// How likely each clause was thought, by itself and below the best.
    fn parts(&self, candidate: &Candidate, rank: usize, row: &mut Vec<f32>) {
        let (parts, best) = (&candidate.parts, &self.best);
        row.extend([
            parts.total(),
            parts.total() - best.total,
            rank as f32,
            parts.shape,
            parts.shape - best.shape,
            parts.outputs,
            parts.outputs - best.outputs,
            parts.size,
            parts.conditions,
            parts.conditions - best.conditions,
            parts.group,
            parts.order,
            parts.tables,
            parts.tables - best.tables,
            parts.nest,
            self.mass[rank],
        ]);
    }

    /// Columns and tables, and how far the joins reach.
    fn tables(&self, candidate: &Candidate, row: &mut Vec<f32>) -> Reads {
        let view = self.view;
        let selects = selects(&candidate.query);
        let mut columns = Vec::new();
        for select in &selects {
            columns_of(select, &mut columns);
        }
        let mut tables: Vec<TableId> = selects[0].tables.clone();
        for (id, _) in &columns {
            if !tables.contains(&id.table) {
                tables.push(id.table);
            }
        }
        for item in &selects[0].items {
            item.tables(&mut tables);
        }
        let tree = view.ground.graph.join(&tables, &tables);
        let joined = tree.as_ref().map(super::super::graph::JoinTree::tables).unwrap_or_default();
        row.push(f32::from(tree.is_some()));
        row.push(joined.len() as f32);
        row.push(tree.as_ref().map_or(0.0, |t| t.edges.iter().filter(|e| e.fans_out).count() as f32));
        row.push(tree.as_ref().map_or(0.0, |t| t.edges.iter().filter(|e| !e.declared).count() as f32));
        let missing: Vec<TableId> = selects.iter().flat_map(|s| exists_tables(s)).collect();
        row.push(joined.iter().filter(|t| view.evidence(**t) < 0.5).count() as f32);
        row.push(joined.iter().map(|t| view.evidence(*t)).fold(f32::MAX, f32::min));
        row.push(joined.iter().map(|t| self.scores.table(*t, TableRole::Needed)).fold(1.0, f32::min));
        let left_out = view.ground.schema.table_ids().filter(|t| !joined.contains(t) && !missing.contains(t));
        row.push(left_out.map(|t| self.scores.table(t, TableRole::Needed)).fold(0.0, f32::max));
        Reads { columns, joined, missing }
    }

    /// The weakest thing chosen and the strongest left out, by role.
    fn slots(&self, reads: &Reads, row: &mut Vec<f32>) {
        let columns = &reads.columns;
        for role in [Role::Show, Role::Group, Role::Order, Role::Filter] {
            let chosen = columns.iter().filter(|(_, r)| *r == role).map(|(id, _)| self.scores.column(*id, role));
            row.push(chosen.fold(1.0, f32::min));
            let at = Role::ALL.iter().position(|r| *r == role).unwrap_or(0);
            let others =
                self.scores.columns.iter().filter(|(id, _)| !columns.contains(&(*id, role))).map(|(_, p)| p[at]);
            row.push(others.fold(0.0, f32::max));
        }
        let links = columns.iter().map(|(id, _)| self.view.mentions(*id).first().map_or(0.0, |m| m.score));
        row.push(links.clone().fold(1.0, f32::min));
        row.push(links.sum::<f32>() / columns.len().max(1) as f32);
    }

    /// Mentions that the plan does not speak of.
    fn lost(&self, candidate: &Candidate, reads: &Reads, row: &mut Vec<f32>) {
        let view = self.view;
        let mut lost = [0.0_f32; 4];
        for token in 0..view.tokens.len() {
            let (column, table) = view.best[token];
            let speaks =
                |id: &ColumnId| view.mentions(*id).iter().any(|m| m.token == token && m.score >= column - 0.15);
            let used = reads.columns.iter().any(|(id, _)| speaks(id));
            let mut tables = reads.joined.iter().chain(&reads.missing);
            let named = tables.any(|t| view.tables[t.0].iter().any(|m| m.token == token && m.score >= table - 0.15));
            match view.symbols[token].as_str() {
                "COL" if !used && !named => lost[0] += 1.0,
                "TAB" if !named && !used => lost[1] += 1.0,
                "VAL" if !candidate.used[token] && !used && !named => lost[2] += 1.0,
                "NUM" | "TIME" if !candidate.used[token] => lost[3] += 1.0,
                _ => {}
            }
        }
        row.extend(lost);
    }

    /// What the rules make of the question.
    fn ruled(&self, candidate: &Candidate, row: &mut Vec<f32>) {
        let (rules, select) = (self.rules, main(&candidate.query));
        row.push(f32::from(candidate.by_rules));
        row.push(f32::from(rules.is_some()));
        row.push(rules.map_or(0.0, |r| r.unread.iter().map(|u| u.weight as f32).product()));
        row.push(rules.map_or(0.0, |r| r.unread.len() as f32));
        let strengths = rules.map_or(&[][..], |r| r.links.as_slice()).iter().map(|(_, score)| *score as f32);
        row.push(strengths.clone().fold(1.0, f32::min));
        row.push(strengths.len() as f32);
        let ruled = rules.map(|r| main(&r.query));
        row.push(ruled.map_or(0.0, |r| f32::from(r.items == select.items)));
        row.push(ruled.map_or(0.0, |r| f32::from(r.filter == select.filter)));
        row.push(ruled.map_or(0.0, |r| f32::from(r.order == select.order && r.limit == select.limit)));
        row.push(ruled.map_or(0.0, |r| f32::from(r.group == select.group)));
    }
}

/// Sizes of clauses, and which second query there is.
fn outline(candidate: &Candidate, row: &mut Vec<f32>) {
    let select = main(&candidate.query);
    row.extend([
        select.items.len() as f32,
        select.items.iter().filter(|i| i.is_aggregate()).count() as f32,
        select.filter.len() as f32,
        select.group.len() as f32,
        select.having.len() as f32,
        select.order.len() as f32,
        select.limit.map_or(0.0, |l| if l == 1 { 1.0 } else { 2.0 }),
        match candidate.shape.order {
            OrderedBy::Nothing => 0.0,
            OrderedBy::Column => 1.0,
            OrderedBy::Count => 2.0,
            OrderedBy::Aggregate => 3.0,
        },
    ]);
    row.extend(Nest::ALL.iter().map(|n| f32::from(*n == candidate.shape.nest)));
}
