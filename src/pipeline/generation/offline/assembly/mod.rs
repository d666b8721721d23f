//! Puts scored slots together into plans: the likely outlines, outputs, conditions, keys and orders, in all combinations
//! that make sense, the likeliest first.

pub mod alignment;
mod conditions;
pub mod cues;
pub mod evidence;
mod outputs;
pub mod overlap;
mod second;
mod sense;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::rc::Rc;

use super::plan::{Expr, Function, Operand, Predicate, Query, Select, Sort};
use super::scoring::shape::{OrderedBy, Shape};
use super::scoring::slots::{Role, TableRole};
use super::scoring::view::View;
use super::scoring::{Scores, Weights};
use super::units;
use crate::schema::{ColumnId, Schema, TableId};
use conditions::{Condition, Conditions};
use outputs::Outputs;
use second::Second;

/// A plan with the logarithms of what its parts were thought likely.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub query: Query,
    pub shape: Shape,
    pub parts: Parts,
    /// Tokens that some part of the plan rests on, by position.
    pub used: Vec<bool>,
    /// The rules read the question so too.
    pub by_rules: bool,
}

impl Candidate {
    /// Columns of its result.
    pub fn width(&self, schema: &Schema) -> usize {
        let (Query::Select(select) | Query::Set { left: select, .. }) = &self.query;
        let widths = select.items.iter().map(|item| match item {
            Expr::AllColumns(table) => schema.table(*table).columns.len(),
            _ => 1,
        });
        widths.sum()
    }
}

/// Logarithms of probabilities, by clause.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Parts {
    pub shape: f32,
    pub outputs: f32,
    pub size: f32,
    pub conditions: f32,
    pub group: f32,
    pub order: f32,
    pub tables: f32,
    pub nest: f32,
}

impl Parts {
    pub fn total(&self) -> f32 {
        self.shape
            + self.outputs
            + 0.5 * self.size
            + self.conditions
            + self.group
            + self.order
            + self.tables
            + self.nest
    }
}

/// Plans kept at the most.
pub const MOST: usize = 60;
/// Tables whose rows may be counted.
const COUNTED: usize = 4;
/// Outlines tried.
const SHAPES: usize = 7;
/// Partial plans kept at each step of one outline.
const WIDTH: usize = 90;

/// A plan in the making. What many drafts have in common is shared.
#[derive(Clone, Debug)]
struct Draft {
    items: Rc<[Expr]>,
    conditions: Rc<[Condition]>,
    group: Vec<Expr>,
    having: Vec<Predicate>,
    order: Vec<Sort>,
    limit: Option<u64>,
    tables: Vec<TableId>,
    parts: Parts,
}

/// Tables that a plan reads besides those of its columns, with the logarithm of how likely that is.
struct Joined {
    tables: Vec<TableId>,
    score: f32,
}

impl Draft {
    fn total_with(&self, joined: &Joined) -> f32 {
        Parts { tables: joined.score, ..self.parts }.total()
    }
}

/// The likeliest plans so far, best first, each once; of equal ones the first found.
#[derive(Default)]
struct Found(Vec<Candidate>);

impl Found {
    /// Whether a plan with such a total would be kept.
    fn admits(&self, total: f32) -> bool {
        self.0.len() < MOST || self.0.last().is_some_and(|last| last.parts.total() < total)
    }

    fn insert(&mut self, candidate: Candidate) {
        let total = candidate.parts.total();
        let at = self.0.partition_point(|kept| kept.parts.total() >= total);
        if self.0[..at].iter().any(|kept| kept.query == candidate.query) {
            return;
        }
        let same = self.0[at..].iter().position(|kept| kept.query == candidate.query);
        if let Some(same) = same {
            self.0.remove(at + same);
        }
        self.0.insert(at, candidate);
        self.0.truncate(MOST);
    }
}

pub struct Assembler<'a> {
    view: &'a View<'a>,
    scores: &'a Scores,
    weights: &'a Weights,
    /// Columns of one table on either side of a "than", each with its token.
    compared: Option<(second::Said, second::Said)>,
}

fn log(p: f32) -> f32 {
    p.max(1e-6).ln()
}

impl<'a> Assembler<'a> {
    pub fn new(view: &'a View<'a>, scores: &'a Scores, weights: &'a Weights) -> Self {
        Self { view, scores, weights, compared: second::compared(view) }
    }

    /// The likeliest plans, best first, and the plan of the rules among them or after them.
    pub fn with_rules(&self, rules: Option<&Query>) -> Vec<Candidate> {
        let mut candidates = self.candidates();
        let Some(rules) = rules else { return candidates };
        if let Some(same) = candidates.iter_mut().find(|c| c.query == *rules) {
            same.by_rules = true;
            return candidates;
        }
        let least = |of: fn(&Parts) -> f32| candidates.iter().map(|c| of(&c.parts)).fold(0.0, f32::min);
        let parts = Parts {
            shape: least(|p| p.shape),
            outputs: least(|p| p.outputs),
            size: least(|p| p.size),
            conditions: least(|p| p.conditions),
            group: least(|p| p.group),
            order: least(|p| p.order),
            tables: least(|p| p.tables),
            nest: least(|p| p.nest),
        };
        candidates.push(Candidate {
            query: rules.clone(),
            shape: Shape::of(rules),
            parts,
            used: vec![true; self.view.tokens.len()],
            by_rules: true,
        });
        candidates
    }

    /// The likeliest plans, best first; of equal ones the first in order.
    fn candidates(&self) -> Vec<Candidate> {
        let mut shapes: Vec<(f32, Shape)> =
            self.scores.outline.shapes.iter().copied().zip(self.weights.shapes.iter().copied()).collect();
        shapes.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        shapes.truncate(SHAPES);
        let outputs = self.outputs();
        let conditions = self.conditions();
        let mut found = Found::default();
        for (p, shape) in shapes {
            self.of_shape(shape, log(p), &outputs, &conditions, &mut found);
        }
        found.0
    }

    fn of_shape(&self, shape: Shape, p: f32, outputs: &[Outputs], conditions: &[Conditions], found: &mut Found) {
        let mut drafts: Vec<Draft> = Vec::new();
        let filters: Vec<(&Conditions, Rc<[Condition]>)> =
            conditions.iter().filter(|c| c.fits(shape)).take(8).map(|c| (c, c.filter.as_slice().into())).collect();
        for outputs in outputs.iter().filter(|o| o.fits(shape)).take(10) {
            let items: Rc<[Expr]> = outputs.items.as_slice().into();
            for (conditions, filter) in &filters {
                drafts.push(Draft {
                    items: Rc::clone(&items),
                    conditions: Rc::clone(filter),
                    group: Vec::new(),
                    having: Vec::new(),
                    order: Vec::new(),
                    limit: shape.limited.then_some(conditions.limit.unwrap_or(1)),
                    tables: Vec::new(),
                    parts: Parts {
                        shape: p,
                        outputs: outputs.score,
                        size: outputs.size,
                        conditions: conditions.score,
                        ..Parts::default()
                    },
                });
                if shape.having {
                    let draft = drafts.pop();
                    drafts.extend(draft.into_iter().flat_map(|d| self.having(&d, conditions)));
                }
            }
        }
        drafts = prune(drafts);
        if shape.grouped {
            drafts = prune(drafts.iter().flat_map(|draft| self.grouped(draft)).collect());
        }
        if shape.order != OrderedBy::Nothing {
            drafts = prune(drafts.iter().flat_map(|draft| self.ordered(draft, shape.order)).collect());
        }
        let mut ways = HashMap::new();
        let mut joined: Vec<(f32, &Draft, Joined)> = Vec::new();
        for draft in &drafts {
            joined.extend(self.joined(draft, &mut ways).into_iter().map(|more| (draft.total_with(&more), draft, more)));
        }
        joined.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (_, draft, Joined { tables, score }) in joined.into_iter().take(WIDTH) {
            let parts = Parts { tables: score, ..draft.parts };
            self.nested(shape, &Draft { tables, parts, ..draft.clone() }, found);
        }
    }

    /// Tables whose rows may be counted, with the logarithm of how likely each is. Of things that are counted by what
    /// refers to them ("students affected by each allergy") the rows that refer to them may be meant.
    fn counted(&self) -> Vec<(TableId, f32)> {
        const REFERRING: f32 = 0.2;
        let keys = &self.view.ground.schema.foreign_keys;
        let own = |t: TableId| self.scores.table(t, TableRole::Counted);
        let by_reference = |t: TableId, needed: f32| {
            let things = keys.iter().filter(|k| k.from.table == t && k.to.table != t).map(|k| own(k.to.table));
            REFERRING * needed * things.fold(0.0, f32::max)
        };
        let weighed = self.scores.tables.iter();
        let all: Vec<(TableId, f32)> =
            weighed.map(|(t, p)| (*t, p[1] + 0.02 * p[0] + by_reference(*t, p[0]))).collect();
        let sum: f32 = all.iter().map(|(_, p)| p).sum();
        let mut counted: Vec<(TableId, f32)> = all.into_iter().map(|(t, p)| (t, log(p / sum.max(1e-6)))).collect();
        counted.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        counted.truncate(COUNTED);
        counted
    }

    /// The table whose rows the outputs count already, or else those that may be.
    fn counts_for(&self, draft: &Draft) -> Vec<(TableId, f32)> {
        let shown = draft.items.iter().find_map(|item| match item {
            Expr::CountRows(t) => Some(*t),
            _ => None,
        });
        shown.map_or_else(|| self.counted(), |t| vec![(t, 0.0)])
    }

    fn having(&self, draft: &Draft, conditions: &Conditions) -> Vec<Draft> {
        let Some((target, operator, number)) = &conditions.having else { return Vec::new() };
        let with = |left: Expr, score: f32| {
            let mut draft = draft.clone();
            let right = Operand::Value(number.clone());
            draft.having.push(Predicate::Compare { left, operator: *operator, right });
            draft.parts.group += score;
            draft
        };
        match target {
            None => self.counts_for(draft).into_iter().map(|(t, p)| with(Expr::CountRows(t), p)).collect(),
            Some(id) => [(Function::Average, Role::Average), (Function::Sum, Role::Sum)]
                .into_iter()
                .map(|(function, _)| {
                    let p = self.function(function);
                    with(Expr::aggregate(function, *id), log(p))
                })
                .collect(),
        }
    }

    /// How likely an aggregate is spoken of at all, by the cue words of the question.
    fn function(&self, function: Function) -> f32 {
        if self.spoken_at(function).is_some() { 0.7 } else { 0.1 }
    }

    /// Where the question speaks of an aggregate.
    fn spoken_at(&self, function: Function) -> Option<usize> {
        let words: &[&str] = match function {
            Function::Average => &["average", "mean", "avg"],
            Function::Sum => &["total", "sum", "overall", "combined"],
            Function::Maximum => &["maximum", "max", "highest", "largest", "greatest", "most"],
            Function::Minimum => &["minimum", "min", "lowest", "smallest", "least"],
            Function::Count => &["number", "count", "many"],
        };
        self.view.symbols.iter().position(|s| words.contains(&s.as_str()))
    }

    fn best_columns(&self, role: Role, most: usize) -> Vec<(ColumnId, f32)> {
        let at = Role::ALL.iter().position(|r| *r == role).unwrap_or(0);
        let mut columns: Vec<(ColumnId, f32)> = self.scores.columns.iter().map(|(c, p)| (*c, p[at])).collect();
        columns.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        columns.truncate(most);
        columns
    }

    fn grouped(&self, draft: &Draft) -> Vec<Draft> {
        let mut drafts = Vec::new();
        let keys = self.best_columns(Role::Group, 4);
        let with = |group: Vec<Expr>, score: f32| {
            let mut draft = draft.clone();
            draft.group = group;
            draft.parts.group += score;
            draft
        };
        for (id, p) in &keys {
            drafts.push(with(vec![Expr::Column(*id)], log(*p)));
        }
        if let [(a, p), (b, q), ..] = keys.as_slice()
            && *q > 0.15
        {
            drafts.push(with(vec![Expr::Column(*a), Expr::Column(*b)], log(*p) + log(*q)));
        }
        drafts
    }

    fn ordered(&self, draft: &Draft, by: OrderedBy) -> Vec<Draft> {
        let mut keys: Vec<(Expr, f32)> = Vec::new();
        match by {
            OrderedBy::Nothing => {}
            OrderedBy::Column => {
                keys.extend(self.best_columns(Role::Order, 4).into_iter().map(|(c, p)| (Expr::Column(c), log(p))));
            }
            OrderedBy::Count => {
                keys.extend(self.counts_for(draft).into_iter().map(|(t, p)| (Expr::CountRows(t), p)));
            }
            OrderedBy::Aggregate => {
                for (id, p) in self.best_columns(Role::OrderAggregate, 2) {
                    for function in [Function::Sum, Function::Average, Function::Maximum, Function::Minimum] {
                        let shown = draft.items.contains(&Expr::aggregate(function, id));
                        let q = if shown { 0.9 } else { self.function(function) };
                        keys.push((Expr::aggregate(function, id), log(p) + log(q)));
                    }
                }
            }
        }
        let down = self.scores.outline.descending;
        let mut drafts = Vec::new();
        if by == OrderedBy::Column
            && let [(a, p), (b, q), ..] = self.best_columns(Role::Order, 2).as_slice()
            && *q > 0.25
        {
            // In the order in which the question speaks of them.
            let place = |id: &ColumnId| self.view.mentions(*id).first().map_or(usize::MAX, |m| m.token);
            let keys = if place(a) <= place(b) { [a, b] } else { [b, a] };
            let descending = down > 0.5;
            let mut draft = draft.clone();
            draft.order = keys.map(|id| Sort { by: Expr::Column(*id), descending }).to_vec();
            draft.parts.order += log(*p) + log(*q) + log(down.max(1.0 - down));
            drafts.push(draft);
        }
        for (by, score) in keys {
            for (descending, p) in [(true, down), (false, 1.0 - down)] {
                if p > 0.08 {
                    let mut draft = draft.clone();
                    draft.order = vec![Sort { by: by.clone(), descending }];
                    draft.parts.order += score + log(p);
                    drafts.push(draft);
                }
            }
        }
        drafts
    }

    /// With the tables that are needed besides those of the columns, and without the doubtful ones.
    /// `ways` keeps what lies between tables.
    fn joined(&self, draft: &Draft, ways: &mut HashMap<Vec<TableId>, Option<Vec<TableId>>>) -> Vec<Joined> {
        let mut tables = Vec::new();
        let exprs = draft.items.iter().chain(&draft.group).chain(draft.order.iter().map(|s| &s.by));
        exprs.for_each(|e| e.tables(&mut tables));
        draft.having.iter().for_each(|p| p.tables(&mut tables));
        for condition in draft.conditions.iter() {
            condition.predicate.tables(&mut tables);
        }
        let way = ways
            .entry(tables.clone())
            .or_insert_with(|| self.view.ground.graph.join(&tables, &tables).map(|tree| tree.tables()));
        // What no keys connect cannot be asked.
        let Some(on_the_way) = way else { return Vec::new() };
        let mut base = 0.0;
        let mut open: Vec<(TableId, f32)> = Vec::new();
        for (table, p) in &self.scores.tables {
            let p = p[0].clamp(0.002, 0.998);
            if tables.contains(table) {
                base += log(p);
            } else if !on_the_way.contains(table) {
                if p > 0.12 {
                    open.push((*table, p));
                } else {
                    base += log(1.0 - p);
                }
            }
        }
        open.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        open.truncate(3);
        (0..1_usize << open.len())
            .map(|chosen| {
                let mut more = Joined { tables: Vec::new(), score: base };
                for (i, (table, p)) in open.iter().enumerate() {
                    if chosen >> i & 1 == 1 {
                        more.tables.push(*table);
                        more.score += log(*p);
                    } else {
                        more.score += log(1.0 - p);
                    }
                }
                more
            })
            .collect()
    }

    /// A finished plan, put together only if it may be among the likeliest.
    fn push(
        &self,
        shape: Shape,
        draft: &Draft,
        score: f32,
        found: &mut Found,
        conditions: impl FnOnce() -> Option<(Vec<Condition>, Option<Second>)>,
    ) {
        let parts = Parts { nest: score, ..draft.parts };
        if !found.admits(parts.total()) {
            return;
        }
        let Some((conditions, second)) = conditions() else { return };
        let mut used = vec![false; self.view.tokens.len()];
        let all = conditions.iter().chain(second.iter().flat_map(|second| &second.conditions));
        all.flat_map(|c| &c.tokens).for_each(|t| used[*t] = true);
        let once = |conditions: Vec<Condition>| {
            let mut filter: Vec<Predicate> = Vec::new();
            for condition in conditions {
                if !filter.contains(&condition.predicate) {
                    filter.push(condition.predicate);
                }
            }
            filter
        };
        let select = |conditions: Vec<Condition>, more: &[TableId]| Select {
            items: draft.items.to_vec(),
            filter: once(conditions),
            group: draft.group.clone(),
            having: draft.having.clone(),
            order: draft.order.clone(),
            limit: draft.limit,
            tables: draft.tables.iter().chain(more).copied().collect(),
            ..Select::default()
        };
        let query = match second {
            None => Query::Select(Box::new(select(conditions, &[]))),
            Some(second) => Query::Set {
                operator: second.operator,
                left: Box::new(select(conditions, &[])),
                right: Box::new(select(second.conditions, &second.tables)),
            },
        };
        let ground = self.view.ground;
        let makes_sense = match &*units::converted(&query, ground) {
            Query::Select(select) => sense::makes_sense(select, ground.schema),
            Query::Set { left, right, .. } => {
                sense::makes_sense(left, ground.schema) && sense::makes_sense(right, ground.schema)
            }
        };
        if makes_sense && !units::counts_what_is_measured(&query, ground) {
            found.insert(Candidate { query, shape, parts, used, by_rules: false });
        }
    }
}

fn prune(mut drafts: Vec<Draft>) -> Vec<Draft> {
    drafts.sort_by(|a, b| b.parts.total().total_cmp(&a.parts.total()));
    drafts.truncate(WIDTH);
    drafts
}
