//! Plans with a second query or a second condition beside the first: alternatives, set operations, what has no rows
//! elsewhere, comparisons with what another query computes and of two columns of one row.

use super::super::plan::{Expr, Function, Operand, Operator, Predicate, Select, SetOperator};
use super::super::scoring::shape::{Nest, Shape};
use super::super::scoring::slots::{Role, TableRole};
use super::super::scoring::view::View;
use super::conditions::Condition;
use super::{Assembler, Draft, Found, log};
use crate::schema::{ColumnId, TableId};

/// A column with the token that speaks of it.
pub(super) type Said = (ColumnId, usize);

impl Assembler<'_> {
    /// The draft as a plan, with its second query if the outline has one.
    pub(super) fn nested(&self, shape: Shape, draft: &Draft, found: &mut Found) {
        match shape.nest {
            Nest::Nothing => {
                self.push(shape, draft, 0.0, found, || Some((draft.conditions.to_vec(), None)));
                self.against_each_other(shape, draft, found);
            }
            // A join with the other query's tables says the same.
            Nest::Within => {}
            Nest::Any => self.any(shape, draft, found),
            Nest::Union | Nest::Intersect => self.split(shape, draft, found),
            Nest::Without => self.without(shape, draft, found),
            Nest::Except => self.except(shape, draft, found),
            Nest::Scalar => self.scalar(shape, draft, found),
        }
    }

    /// "Whose support rate is lower than their oppose rate": two columns of one row are compared.
    fn against_each_other(&self, shape: Shape, draft: &Draft, found: &mut Found) {
        let Some((left, right)) = &self.compared else { return };
        for (operator, sign) in [(Operator::Greater, 0), (Operator::Less, 1)] {
            let sign = self.scores.outline.against.get(sign).copied().unwrap_or(0.3);
            self.push(shape, draft, log(sign) - 0.5, found, || {
                let compare = Predicate::Compare {
                    left: Expr::Column(left.0),
                    operator,
                    right: Operand::Expr(Expr::Column(right.0)),
                };
                Some((with(&draft.conditions, compare, Some(left.0), vec![left.1, right.1]), None))
            });
        }
    }

    fn any(&self, shape: Shape, draft: &Draft, found: &mut Found) {
        for (i, j) in pairs(draft.conditions.len()) {
            let same = draft.conditions[i].column == draft.conditions[j].column;
            self.push(shape, draft, if same { 0.0 } else { -1.0 }, found, || {
                let mut rest = draft.conditions.to_vec();
                let second = rest.remove(j);
                let first = rest.remove(i);
                let tokens = [first.tokens, second.tokens].concat();
                let either = Predicate::Any(vec![first.predicate, second.predicate]);
                Some((with(&rest, either, first.column, tokens), None))
            });
        }
    }

    fn split(&self, shape: Shape, draft: &Draft, found: &mut Found) {
        let operator = if shape.nest == Nest::Union { SetOperator::Union } else { SetOperator::Intersect };
        for (i, j) in pairs(draft.conditions.len()) {
            let same = draft.conditions[i].column == draft.conditions[j].column;
            self.push(shape, draft, if same { 0.0 } else { -1.0 }, found, || {
                let mut left = draft.conditions.to_vec();
                left.remove(j);
                let mut right = draft.conditions.to_vec();
                right.remove(i);
                Some((left, Some(Second::of(operator, right))))
            });
        }
        for at in halves(draft.conditions.len()).skip(1) {
            let (left, right) = draft.conditions.split_at(at);
            self.push(shape, draft, -0.7, found, || Some((left.to_vec(), Some(Second::of(operator, right.to_vec())))));
        }
    }

    fn absent_tables(&self, draft: &Draft) -> Vec<(TableId, f32)> {
        let mut tables: Vec<(TableId, f32)> = self
            .scores
            .tables
            .iter()
            .map(|(t, _)| (*t, self.scores.table(*t, TableRole::Absent)))
            .filter(|(t, p)| *p > 0.05 && !draft.items.iter().any(|i| matches!(i, Expr::Column(c) if c.table == *t)))
            .collect();
        tables.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        tables.truncate(3);
        tables
    }

    fn without(&self, shape: Shape, draft: &Draft, found: &mut Found) {
        for (table, p) in self.absent_tables(draft) {
            let mut base = draft.clone();
            base.tables.retain(|t| *t != table);
            for (moved, penalty) in moved(base.conditions.len()) {
                self.push(shape, &base, log(p) - 0.4 - penalty, found, || {
                    let (mut inner, mut outer) = (Vec::new(), Vec::new());
                    for (i, condition) in base.conditions.iter().enumerate() {
                        if moved.contains(&i) { &mut inner } else { &mut outer }.push(condition.clone());
                    }
                    let tokens = inner.iter().flat_map(|c| c.tokens.iter().copied()).collect();
                    let filter: Vec<Predicate> = inner.into_iter().map(|c| c.predicate).collect();
                    // Conditions on what is missing speak of it, or of what a key leads to from there.
                    let mut inside = vec![table];
                    for predicate in &filter {
                        predicate.tables(&mut inside);
                    }
                    self.view.ground.graph.join(&inside, &inside)?;
                    let missing = Predicate::Exists { table, filter, negated: true };
                    Some((with(&outer, missing, None, tokens), None))
                });
            }
        }
    }

    fn except(&self, shape: Shape, draft: &Draft, found: &mut Found) {
        let conditions = &draft.conditions;
        let last = conditions.len().saturating_sub(1);
        let (rest, end) = conditions.split_at(last);
        let second = |tables: &[TableId], conditions: &[Condition]| Second {
            operator: SetOperator::Except,
            conditions: conditions.to_vec(),
            tables: tables.to_vec(),
        };
        if !end.is_empty() {
            self.push(shape, draft, -0.3, found, || Some((rest.to_vec(), Some(second(&[], end)))));
        }
        for at in halves(conditions.len()) {
            let (left, right) = conditions.split_at(at);
            self.push(shape, draft, -0.7, found, || Some((left.to_vec(), Some(second(&[], right)))));
        }
        for (table, p) in self.absent_tables(draft) {
            let mut base = draft.clone();
            base.tables.retain(|t| *t != table);
            self.push(shape, &base, log(p), found, || Some((conditions.to_vec(), Some(second(&[table], &[])))));
            if !end.is_empty() {
                self.push(shape, &base, log(p) - 0.7, found, || Some((rest.to_vec(), Some(second(&[table], end)))));
            }
        }
    }

    fn scalar(&self, shape: Shape, draft: &Draft, found: &mut Found) {
        let against = &self.scores.outline.against;
        for (id, p) in self.best_columns(Role::Filter, 2) {
            for (function, operator, sign) in [
                (Function::Average, Operator::Greater, 0),
                (Function::Average, Operator::Less, 1),
                (Function::Maximum, Operator::Equal, 2),
                (Function::Minimum, Operator::Equal, 2),
                (Function::Maximum, Operator::Greater, 0),
                (Function::Minimum, Operator::Greater, 0),
                (Function::Maximum, Operator::Less, 1),
            ] {
                let sign = against.get(sign).copied().unwrap_or(0.3);
                let score = log(p) + log(self.function(function)) + log(sign);
                let compare = |filter: Vec<Predicate>| {
                    let items = vec![Expr::aggregate(function, id)];
                    let inner = Select { items, filter, tables: vec![id.table], ..Select::default() };
                    Predicate::Compare { left: Expr::Column(id), operator, right: Operand::Scalar(Box::new(inner)) }
                };
                self.push(shape, draft, score, found, || {
                    Some((with(&draft.conditions, compare(Vec::new()), Some(id), Vec::new()), None))
                });
                // "older than any cat": the condition belongs to what is compared with.
                if let Some((last, rest)) = draft.conditions.split_last() {
                    self.push(shape, draft, score - 0.7, found, || {
                        let among = compare(vec![last.predicate.clone()]);
                        Some((with(rest, among, Some(id), last.tokens.clone()), None))
                    });
                }
            }
        }
    }
}

/// The other side of a set operation: its conditions, and tables that it needs besides those of its columns.
pub(super) struct Second {
    pub operator: SetOperator,
    pub conditions: Vec<Condition>,
    pub tables: Vec<TableId>,
}

impl Second {
    fn of(operator: SetOperator, conditions: Vec<Condition>) -> Self {
        Self { operator, conditions, tables: Vec::new() }
    }
}

/// Conditions with one more.
fn with(
    conditions: &[Condition],
    predicate: Predicate,
    column: Option<ColumnId>,
    tokens: Vec<usize>,
) -> Vec<Condition> {
    let mut all = conditions.to_vec();
    all.push(Condition { predicate, column, tokens });
    all
}

/// Every two of so many, in order.
fn pairs(of: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..of).flat_map(move |i| (i + 1..of).map(move |j| (i, j)))
}

/// Numbers of one table that stand on either side of a "than".
pub(super) fn compared(view: &View<'_>) -> Option<(Said, Said)> {
    const REACH: usize = 6;
    let than = view.symbols.iter().position(|s| s == "than")?;
    let schema = view.ground.schema;
    let at = |token: usize| {
        let spoken = schema.columns().filter_map(move |id| {
            let mention = view.mentions(id).iter().find(|m| m.token == token)?;
            let strong = mention.score >= 0.5 && mention.score >= view.best[token].0 - 0.05;
            (strong && schema.profile(id).numeric && schema.reference_of(id).is_none()).then_some((id, token))
        });
        spoken.collect::<Vec<Said>>()
    };
    let before = (than.saturating_sub(REACH)..than).rev().map(at).find(|said| !said.is_empty())?;
    let after = (than + 1..(than + REACH).min(view.tokens.len())).map(at).find(|said| !said.is_empty())?;
    before.into_iter().find_map(|left| {
        let right = after.iter().find(|right| right.0.table == left.0.table && right.0 != left.0)?;
        Some((left, *right))
    })
}

/// "In the fall of 2009 and in the spring of 2010": where conditions are cut so that the first go to one side and two or
/// more to the other.
pub(super) fn halves(conditions: usize) -> std::ops::Range<usize> {
    1..conditions.saturating_sub(1).max(1)
}

/// Which of so many conditions may belong to what is missing, each with how unlikely that is: none, the last, another
/// one, or all.
pub(super) fn moved(conditions: usize) -> Vec<(Vec<usize>, f32)> {
    let mut moved: Vec<(Vec<usize>, f32)> = vec![(Vec::new(), 0.0)];
    for i in (0..conditions).rev() {
        moved.push((vec![i], if i + 1 == conditions { 0.0 } else { 0.7 }));
    }
    if conditions > 1 {
        moved.push(((0..conditions).collect(), 0.7));
    }
    moved
}
