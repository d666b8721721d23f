//! How well each score does on databases that it was not fitted to.

use std::fmt::Write;

use super::fit::{self, Example, fold};
use crate::pipeline::generation::offline::scoring::slots::{self, NumberTarget, Role, TableRole};
use crate::pipeline::generation::offline::scoring::trees::Forest;
use crate::pipeline::generation::offline::scoring::{SIZES, Weights};

#[derive(Default)]
struct Tally {
    right: usize,
    all: usize,
    /// Sum of the logarithms of what was true.
    log: f64,
}

impl Tally {
    fn class(&mut self, likely: &[f32], truth: usize) {
        let best = likely.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(i, _)| i);
        self.right += usize::from(best == truth);
        self.all += 1;
        self.log += f64::from(likely.get(truth).copied().unwrap_or(0.0).max(1e-4)).ln();
    }

    fn yes_no(&mut self, p: f32, truth: bool) {
        self.right += usize::from((p > 0.5) == truth);
        self.all += 1;
        self.log += f64::from(if truth { p } else { 1.0 - p }.max(1e-4)).ln();
    }

    fn text(&self) -> String {
        let all = self.all.max(1) as f64;
        format!("{:6.2} % of {:6}, log loss {:.4}", 100.0 * self.right as f64 / all, self.all, -self.log / all)
    }
}

/// One line for each score.
pub fn diagnose(examples: &[Example<'_>]) -> String {
    let others: Vec<&Example<'_>> = examples.iter().filter(|e| fold(e.source) != 0).collect();
    let weights = fit::weights(&others);
    let mut text = String::new();
    let (mut shape, mut size, mut direction, mut against) =
        (Tally::default(), Tally::default(), Tally::default(), Tally::default());
    let (mut values, mut numbers, mut value_sign, mut number_sign) =
        (Tally::default(), Tally::default(), Tally::default(), Tally::default());
    let mut roles: Vec<Tally> = Role::ALL.iter().map(|_| Tally::default()).collect();
    let mut tables: Vec<Tally> = TableRole::ALL.iter().map(|_| Tally::default()).collect();
    for example in examples.iter().filter(|e| fold(e.source) == 0 && !e.made) {
        let (view, labels) = (&example.view, example.labels);
        let scores = weights.scores(view);
        if let Some(at) = weights.shapes.iter().position(|s| *s == labels.shape) {
            shape.class(&scores.outline.shapes, at);
        }
        size.class(&scores.outline.size, labels.size.clamp(1, SIZES) - 1);
        if let Some(descending) = labels.descending {
            direction.yes_no(scores.outline.descending, descending);
        }
        if let Some(sign) = labels.against {
            against.class(&scores.outline.against, sign);
        }
        for (id, p) in &scores.columns {
            for (role, p) in p.iter().enumerate() {
                roles[role].yes_no(*p, labels.columns.get(id).is_some_and(|r| r.contains(&role)));
            }
        }
        for (id, p) in &scores.tables {
            for (role, p) in p.iter().enumerate() {
                tables[role].yes_no(*p, labels.tables.get(id).is_some_and(|r| r.contains(&role)));
            }
        }
        for (i, (p, signs)) in scores.values.iter().enumerate() {
            let truth = fit::gold_value(labels, &view.values[i]);
            values.yes_no(*p, truth.is_some());
            if let Some(sign) = truth {
                value_sign.class(signs, sign);
            }
        }
        for ((token, target), p, signs) in &scores.numbers {
            let truth = fit::gold_number(labels, &slots::asked_numbers(view, *token), *target);
            numbers.yes_no(*p, truth.is_some());
            if let Some(sign) = truth.filter(|_| *target != NumberTarget::Limit && view.numbers[*token].is_some()) {
                number_sign.class(signs, sign);
            }
        }
    }
    let mut line = |name: &str, tally: &Tally| {
        let _ = writeln!(text, "{name:16} {}", tally.text());
    };
    line("shape", &shape);
    line("size", &size);
    line("direction", &direction);
    line("against", &against);
    for (role, tally) in Role::ALL.iter().zip(&roles) {
        line(&format!("{role:?}"), tally);
    }
    for (role, tally) in TableRole::ALL.iter().zip(&tables) {
        line(&format!("table {role:?}"), tally);
    }
    line("value", &values);
    line("number", &numbers);
    line("value sign", &value_sign);
    line("number sign", &number_sign);
    text + &size_of(&weights)
}

fn size_of(weights: &Weights) -> String {
    let linear = [&weights.shape, &weights.size, &weights.outputs, &weights.direction, &weights.against];
    let slots = [&weights.columns, &weights.tables, &weights.values, &weights.numbers];
    let rows = |l: &crate::pipeline::generation::offline::scoring::linear::Linear| l.rows().len() * l.bias.len();
    let heads: usize = linear.iter().map(|l| rows(l)).sum();
    let near: usize = slots.iter().map(|s| rows(&s.linear)).sum();
    let nodes: usize = slots.iter().flat_map(|s| &s.forests).flat_map(Forest::trees).map(|t| t.nodes().len()).sum();
    format!("weights: {heads} of outlines, {near} of slots, {nodes} nodes; {} shapes\n", weights.shapes.len())
}
