//! Fits the weights of all slots. What goes into the trees from a linear score comes from a fit that has not seen the
//! database at hand, so that the trees learn how far to trust it.

use super::corpus::Source;
use super::gold::Labels;
use super::linear::{self, Row};
use super::trees::{self, Table};
use crate::pipeline::generation::offline::scoring::linear::Linear;
use crate::pipeline::generation::offline::scoring::shape::Shape;
use crate::pipeline::generation::offline::scoring::slots::{self, NumberTarget, Role, Slot, TableRole};
use crate::pipeline::generation::offline::scoring::view::{ValueLink, View};
use crate::pipeline::generation::offline::scoring::{COMPARISONS, HEAD, OUTPUTS, SIZES, SlotModel, Weights};

/// A shape is learnt if so many questions have it.
const LEAST_QUESTIONS: usize = 6;
/// Parts that the databases are cut into.
pub const FOLDS: usize = 4;

const EXCLUSIVE: linear::Options = linear::Options { passes: 30, rate: 0.05, decay: 0.02, exclusive: true };
const INDEPENDENT: linear::Options = linear::Options { exclusive: false, ..EXCLUSIVE };
const SLOT: linear::Options = linear::Options { passes: 6, rate: 0.1, decay: 0.002, exclusive: false };
const TREES: trees::Options =
    trees::Options { trees: 90, leaves: 24, rate: 0.1, least_rows: 20, shrinkage: 4.0, features_percent: 60 };

/// A question ready for fitting: everything that does not depend on weights.
pub struct Example<'a> {
    pub source: usize,
    /// Made for fitting: no figure counts it.
    pub made: bool,
    pub labels: &'a Labels,
    pub view: View<'a>,
    pub features: Vec<u32>,
}

/// The examples among the questions of some databases.
pub fn examples(sources: &[Source]) -> Vec<Example<'_>> {
    let mut examples = Vec::new();
    for (at, source) in sources.iter().enumerate() {
        for asked in &source.questions {
            let Some(labels) = &asked.labels else { continue };
            let view = source.view(asked);
            let features = slots::question_features(&view);
            examples.push(Example { source: at, made: asked.made, labels, view, features });
        }
    }
    examples
}

struct Heads {
    shapes: Vec<Shape>,
    shape: Linear,
    size: Linear,
    outputs: Linear,
    direction: Linear,
    against: Linear,
}

fn heads(examples: &[&Example<'_>], shapes: &[Shape]) -> Heads {
    let rows = |labels: &dyn Fn(&Labels) -> Option<Vec<bool>>| -> Vec<Row<'_>> {
        examples
            .iter()
            .filter_map(|e| {
                Some(Row { features: e.features.as_slice(), labels: labels(e.labels)?, database: e.source })
            })
            .collect()
    };
    let one = |at: usize, of: usize| (0..of).map(|i| i == at).collect::<Vec<bool>>();
    let shape = rows(&|l| shapes.iter().position(|s| *s == l.shape).map(|at| one(at, shapes.len())));
    let size = rows(&|l| Some(one(l.size.clamp(1, SIZES) - 1, SIZES)));
    let outputs = rows(&|l| Some(l.outputs.to_vec()));
    let direction = rows(&|l| l.descending.map(|d| one(usize::from(!d), 2)));
    let against = rows(&|l| l.against.map(|a| one(a, 3)));
    Heads {
        shapes: shapes.to_vec(),
        shape: linear::fit(&shape, shapes.len(), &EXCLUSIVE),
        size: linear::fit(&size, SIZES, &EXCLUSIVE),
        outputs: linear::fit(&outputs, OUTPUTS, &INDEPENDENT),
        direction: linear::fit(&direction, 2, &EXCLUSIVE),
        against: linear::fit(&against, 3, &EXCLUSIVE),
    }
}

impl Heads {
    fn weights(self) -> Weights {
        Weights {
            shapes: self.shapes,
            shape: self.shape,
            size: self.size,
            outputs: self.outputs,
            direction: self.direction,
            against: self.against,
            ..Weights::default()
        }
    }
}

/// Which fold a database belongs to.
pub fn fold(source: usize) -> usize {
    source % FOLDS
}

/// One kind of slot with what is true of it.
struct Rows {
    slots: Vec<Slot<()>>,
    labels: Vec<Vec<bool>>,
    sources: Vec<usize>,
}

impl Rows {
    fn new() -> Self {
        Self { slots: Vec::new(), labels: Vec::new(), sources: Vec::new() }
    }

    fn push<T>(&mut self, slot: Slot<T>, labels: Vec<bool>, source: usize) {
        self.slots.push(Slot { what: (), sparse: slot.sparse, dense: slot.dense });
        self.labels.push(labels);
        self.sources.push(source);
    }

    fn linear(&self, keep: impl Fn(usize) -> bool, options: &linear::Options) -> Linear {
        let classes = self.labels.first().map_or(0, Vec::len);
        let rows: Vec<Row<'_>> = (0..self.slots.len())
            .filter(|i| keep(self.sources[*i]))
            .map(|i| Row { features: &self.slots[i].sparse, labels: self.labels[i].clone(), database: self.sources[i] })
            .collect();
        linear::fit(&rows, classes, options)
    }

    fn model(mut self) -> SlotModel {
        let parts: Vec<Linear> = in_parallel(FOLDS, |f| self.linear(|s| fold(s) != f, &SLOT));
        for (slot, source) in self.slots.iter_mut().zip(&self.sources) {
            let scores = parts[fold(*source)].scores(&slot.sparse);
            slot.dense.extend(scores);
        }
        let rows: Vec<&[f32]> = self.slots.iter().map(|slot| slot.dense.as_slice()).collect();
        let table = Table::new(&rows);
        let classes = self.labels.first().map_or(0, Vec::len);
        let forests = in_parallel(classes, |class| {
            let labels: Vec<bool> = self.labels.iter().map(|l| l[class]).collect();
            trees::fit(&table, trees::base_rate(&labels), &TREES, trees::logistic(&labels))
        });
        SlotModel { linear: self.linear(|_| true, &SLOT), forests }
    }
}

/// Does `count` pieces of work on as many threads as there are cores; the results come in order.
pub fn in_parallel<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(count.max(1));
    let next = std::sync::atomic::AtomicUsize::new(0);
    let mut done: Vec<(usize, T)> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut mine = Vec::new();
                    loop {
                        let i = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                        if i >= count {
                            return mine;
                        }
                        mine.push((i, work(i)));
                    }
                })
            })
            .collect();
        handles.into_iter().flat_map(|h| h.join().unwrap_or_default()).collect()
    });
    done.sort_by_key(|(i, _)| *i);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Fits all weights to the examples.
pub fn weights(examples: &[&Example<'_>]) -> Weights {
    let mut counts: std::collections::BTreeMap<Shape, usize> = std::collections::BTreeMap::new();
    for example in examples {
        *counts.entry(example.labels.shape).or_default() += 1;
    }
    let shapes: Vec<Shape> = counts.into_iter().filter(|(_, n)| *n >= LEAST_QUESTIONS).map(|(s, _)| s).collect();
    // Outlines for the slots come from fits that have not seen the database.
    let parts = in_parallel(FOLDS, |f| {
        let others: Vec<&Example<'_>> = examples.iter().copied().filter(|e| fold(e.source) != f).collect();
        heads(&others, &shapes).weights()
    });
    let (mut columns, mut tables, mut values, mut numbers) = (Rows::new(), Rows::new(), Rows::new(), Rows::new());
    let (mut value_signs, mut number_signs) = (Rows::new(), Rows::new());
    for example in examples {
        let part = &parts[fold(example.source)];
        let head = part.outline(&example.features).row(&part.shapes);
        debug_assert_eq!(head.len(), HEAD, "the head of a slot has a fixed width");
        let (view, labels) = (&example.view, example.labels);
        for slot in slots::columns(view, &head) {
            let roles = labels.columns.get(&slot.what);
            let truth = (0..Role::ALL.len()).map(|r| roles.is_some_and(|set| set.contains(&r))).collect();
            columns.push(slot, truth, example.source);
        }
        for slot in slots::tables(view, &head) {
            let roles = labels.tables.get(&slot.what);
            let truth = (0..TableRole::ALL.len()).map(|r| roles.is_some_and(|set| set.contains(&r))).collect();
            tables.push(slot, truth, example.source);
        }
        for slot in slots::values(view, &head) {
            let found = gold_value(labels, &view.values[slot.what]);
            if let Some(sign) = found {
                value_signs.push(slot.clone(), one(sign), example.source);
            }
            values.push(slot, vec![found.is_some()], example.source);
        }
        for slot in slots::numbers(view, &head) {
            let (token, target) = slot.what;
            let found = gold_number(labels, &slots::asked_numbers(view, token), target);
            // A period says itself which side of it is meant.
            let compared = target != NumberTarget::Limit && view.numbers[token].is_some();
            if let Some(sign) = found.filter(|_| compared) {
                number_signs.push(slot.clone(), one(sign), example.source);
            }
            numbers.push(slot, vec![found.is_some()], example.source);
        }
    }
    let all: Vec<&Example<'_>> = examples.to_vec();
    Weights {
        columns: columns.model(),
        tables: tables.model(),
        values: values.model(),
        numbers: numbers.model(),
        value_comparison: value_signs.linear(|_| true, &EXCLUSIVE),
        number_comparison: number_signs.linear(|_| true, &EXCLUSIVE),
        ..heads(&all, &shapes).weights()
    }
}

fn one(at: usize) -> Vec<bool> {
    (0..COMPARISONS.len()).map(|i| i == at).collect()
}

/// The comparison in which the gold has a value, if it has it.
pub fn gold_value(labels: &Labels, link: &ValueLink) -> Option<usize> {
    let text = link.value.to_lowercase();
    let same = |value: &str, sign: usize| value == text || (sign == LIKE && text.contains(value));
    labels.values.iter().find(|(c, v, sign)| *c == link.column && same(v, *sign)).map(|(.., sign)| *sign)
}

/// The comparison in which the gold has one of these numbers on a target.
pub fn gold_number(labels: &Labels, asked: &[f64], target: NumberTarget) -> Option<usize> {
    let same = |number: f64| asked.iter().any(|x| (x - number).abs() < 1e-6);
    labels.numbers.iter().find(|(t, number, _)| *t == target && same(*number)).map(|(.., sign)| *sign)
}

/// The place of "like" among the comparisons.
const LIKE: usize = 7;
