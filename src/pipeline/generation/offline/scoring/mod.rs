//! Scores of what a question may ask for, fitted on open questions and applied without the names of any database.
//!
//! ```text
//! tokens > view (kinds in place of names) > slots with features > weights > scores of outline, columns, tables, values
//! ```

pub mod asset;
pub mod linear;
mod mentions;
pub mod said;
pub mod shape;
pub mod slots;
pub mod trees;
pub mod view;

use linear::{Linear, sigmoid};
use shape::{Nest, OrderedBy, Shape};
use slots::{NumberTarget, Role, Slot, TableRole};
use trees::Forest;
use view::View;

use crate::schema::{ColumnId, TableId};

/// What a number, a period or a value is compared by.
pub const COMPARISONS: [&str; 8] = ["=", "<>", "<", "<=", ">", ">=", "between", "like"];
/// Sizes of an output that are told apart; the last means that many and more.
pub const SIZES: usize = 5;
/// Kinds of outputs that a question is asked about: plain columns, rows counted, values counted, and the four others.
pub const OUTPUTS: usize = 7;
/// Numbers about the whole question that each slot is given.
pub const HEAD: usize = 4 + 3 + Nest::ALL.len() + SIZES + OUTPUTS + 1;

/// Scores for slots of one kind: a linear score of what is near, then trees over it and the numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SlotModel {
    pub linear: Linear,
    /// One for each role.
    pub forests: Vec<Forest>,
}

impl SlotModel {
    /// By slot: the probability of each role.
    pub fn probabilities<T>(&self, slots: &[Slot<T>]) -> Vec<Vec<f32>> {
        let row = |slot: &Slot<T>| [slot.dense.as_slice(), &self.linear.scores(&slot.sparse)].concat();
        let rows: Vec<Vec<f32>> = slots.iter().map(row).collect();
        let mut roles = vec![Vec::with_capacity(self.forests.len()); rows.len()];
        for forest in &self.forests {
            for (roles, score) in roles.iter_mut().zip(forest.scores(&rows)) {
                roles.push(sigmoid(score));
            }
        }
        roles
    }
}

/// Everything that was fitted for slots.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weights {
    /// The outlines that were seen often enough.
    pub shapes: Vec<Shape>,
    pub shape: Linear,
    pub size: Linear,
    pub outputs: Linear,
    /// Largest first, smallest first.
    pub direction: Linear,
    /// What a column is compared with an aggregate by: larger, smaller, equal.
    pub against: Linear,
    pub columns: SlotModel,
    pub tables: SlotModel,
    pub values: SlotModel,
    pub numbers: SlotModel,
    /// One of [`COMPARISONS`].
    pub value_comparison: Linear,
    pub number_comparison: Linear,
}

/// What is likely of a whole question.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// Probability of each of [`Weights::shapes`].
    pub shapes: Vec<f32>,
    pub size: Vec<f32>,
    pub outputs: Vec<f32>,
    pub descending: f32,
    pub against: Vec<f32>,
}

/// Probabilities of everything a question may ask for.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    pub outline: Outline,
    /// One probability for each of [`Role::ALL`].
    pub columns: Vec<(ColumnId, Vec<f32>)>,
    /// One for each of [`TableRole::ALL`], by table.
    pub tables: Vec<(TableId, Vec<f32>)>,
    /// By [`View::values`]: used as a condition, and by which comparison.
    pub values: Vec<(f32, Vec<f32>)>,
    /// Token and target: used so, and by which comparison.
    pub numbers: Vec<((usize, NumberTarget), f32, Vec<f32>)>,
}

impl Outline {
    /// The outline as numbers for the slots.
    pub fn row(&self, shapes: &[Shape]) -> Vec<f32> {
        let sum = |holds: &dyn Fn(&Shape) -> bool| -> f32 {
            shapes.iter().zip(&self.shapes).filter(|(shape, _)| holds(shape)).map(|(_, p)| p).sum()
        };
        let mut row =
            vec![sum(&|s| s.grouped), sum(&|s| s.having), sum(&|s| s.limited), sum(&|s| s.grouped && s.limited)];
        for order in [OrderedBy::Column, OrderedBy::Count, OrderedBy::Aggregate] {
            row.push(sum(&|s| s.order == order));
        }
        for nest in Nest::ALL {
            row.push(sum(&|s| s.nest == nest));
        }
        row.extend(&self.size);
        row.extend(&self.outputs);
        row.push(self.descending);
        row
    }
}

impl Weights {
    pub fn outline(&self, features: &[u32]) -> Outline {
        Outline {
            shapes: self.shape.probabilities(features),
            size: self.size.probabilities(features),
            outputs: self.outputs.scores(features).into_iter().map(sigmoid).collect(),
            descending: self.direction.probabilities(features).first().copied().unwrap_or(0.5),
            against: self.against.probabilities(features),
        }
    }

    /// Scores a question.
    pub fn scores(&self, view: &View<'_>) -> Scores {
        let outline = self.outline(&slots::question_features(view));
        let head = outline.row(&self.shapes);
        let columns = slots::columns(view, &head);
        let columns = columns.iter().map(|slot| slot.what).zip(self.columns.probabilities(&columns)).collect();
        let tables = slots::tables(view, &head);
        let tables = tables.iter().map(|slot| slot.what).zip(self.tables.probabilities(&tables)).collect();
        let used = |roles: Vec<f32>| roles.first().copied().unwrap_or(0.0);
        let values = slots::values(view, &head);
        let values = self
            .values
            .probabilities(&values)
            .into_iter()
            .zip(&values)
            .map(|(roles, slot)| (used(roles), self.value_comparison.probabilities(&slot.sparse)))
            .collect();
        let numbers = slots::numbers(view, &head);
        let numbers = self
            .numbers
            .probabilities(&numbers)
            .into_iter()
            .zip(&numbers)
            .map(|(roles, slot)| (slot.what, used(roles), self.number_comparison.probabilities(&slot.sparse)))
            .collect();
        Scores { outline, columns, tables, values, numbers }
    }
}

impl Scores {
    /// How likely a column is wanted for something; 0 if it was not scored.
    pub fn column(&self, id: ColumnId, role: Role) -> f32 {
        let at = Role::ALL.iter().position(|r| *r == role).unwrap_or(0);
        self.columns.iter().find(|(c, _)| *c == id).map_or(0.0, |(_, p)| p[at])
    }

    pub fn table(&self, id: TableId, role: TableRole) -> f32 {
        let at = TableRole::ALL.iter().position(|r| *r == role).unwrap_or(0);
        self.tables.iter().find(|(t, _)| *t == id).map_or(0.0, |(_, p)| p[at])
    }
}
