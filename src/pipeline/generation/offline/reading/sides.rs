//! Conditions on rows of which each thing has many: a join would ask them of one row, where they are asked of the thing.

use super::super::plan::{Expr, Operand, Operator, Predicate, Select};
use super::super::units;
use super::Reader;
use super::frame::tables_of;
use crate::schema::{ColumnId, SemanticType, TableId, Value};

impl Reader<'_> {
    /// "vessels with a cafe but no cabins", "patients with both an X and a Y": each condition is met by a row of its own,
    /// or by none.
    pub(super) fn part_sides(&self, select: &mut Select) {
        let [entity] = tables_of(select.items.iter())[..] else { return };
        let many = |p: &Predicate| many_side(p).filter(|t| self.fans_out(entity, *t));
        let negated = |p: &Predicate| matches!(p, Predicate::Compare { operator: Operator::NotEqual, .. });
        let parted: Vec<TableId> = select
            .filter
            .iter()
            .enumerate()
            .filter(|(i, p)| {
                negated(p) || self.frame.both && select.filter[..*i].iter().any(|other| same_column(p, other))
            })
            .filter_map(|(_, p)| many(p))
            .collect();
        if parted.is_empty()
            || select.order.iter().any(|s| tables_of(std::iter::once(&s.by)).iter().any(|t| parted.contains(t)))
        {
            return;
        }
        let mut there = Vec::new();
        // "had an outage but none in May": that there was one is said before.
        if let Some(but) = (0..self.tokens.len()).find(|i| self.word_at(*i, &["but"])) {
            let said =
                |t: &&TableId| (0..but).any(|j| self.is_name(j) && self.is_table(j) && self.table_of(j) == Some(**t));
            let asked = |t: &TableId| select.filter.iter().any(|p| !negated(p) && many(p) == Some(*t));
            there.extend(parted.iter().filter(said).copied().filter(|t| !asked(t)));
        }
        for predicate in &mut select.filter {
            let Some(table) = many(predicate).filter(|t| parted.contains(t)) else { continue };
            let (condition, negated) = match predicate.clone() {
                Predicate::Compare { left, operator: Operator::NotEqual, right } => {
                    (Predicate::Compare { left, operator: Operator::Equal, right }, true)
                }
                other => (other, false),
            };
            *predicate = Predicate::Exists { table, filter: vec![condition], negated };
        }
        select.filter.extend(there.into_iter().map(|table| Predicate::Exists {
            table,
            filter: Vec::new(),
            negated: false,
        }));
    }
}

impl Reader<'_> {
    /// "never sold in the Chicago store": conditions that only what did not happen can meet.
    pub(super) fn conditions_of_absent(&self, absent: TableId, select: &mut Select) -> Vec<Predicate> {
        let entities = tables_of(select.items.iter());
        let [entity] = entities[..] else { return Vec::new() };
        let own = |p: &Predicate| match p {
            Predicate::Compare { left: Expr::Column(id), operator: Operator::Equal, right: Operand::Value(_) } => {
                (id.table == absent).then_some(absent)
            }
            _ => None,
        };
        let belongs = |p: &Predicate| {
            many_side(p)
                .or_else(|| own(p))
                .filter(|t| *t != entity && self.fans_out(entity, *t) && !self.fans_out(absent, *t))
        };
        let mut inner = Vec::new();
        select.filter.retain(|predicate| {
            let Some(table) = belongs(predicate) else { return true };
            // The word that says "never" was read as a negation of the value too.
            let condition = match predicate.clone() {
                Predicate::Compare { left, right, .. } => Predicate::Compare { left, operator: Operator::Equal, right },
                other => other,
            };
            inner.push(if table == absent {
                condition
            } else {
                Predicate::Exists { table, filter: vec![condition], negated: false }
            });
            false
        });
        inner
    }

    /// "categories with revenue above 5": what many rows of a thing make together is compared, not one row of them.
    pub(super) fn total_conditions(&mut self, select: &mut Select) {
        if select.is_aggregated() || select.limit.is_some() || !select.order.is_empty() {
            return;
        }
        let [Expr::Column(shown), ..] = select.items[..] else { return };
        let entity = shown.table;
        let kinds = !self.ground.schema.profile(shown).unique && !self.display_columns(entity).contains(&shown);
        let in_total =
            (0..self.tokens.len()).any(|i| self.phrase_at(i, "in total").is_some() || self.word_at(i, &["total"]));
        let mut totals = Vec::new();
        let mut filters = std::mem::take(&mut select.filter);
        filters.retain(|predicate| {
            let Predicate::Compare { left: Expr::Column(id), operator, right: Operand::Value(value) } = predicate
            else {
                return true;
            };
            let semantic = self.semantic(*id);
            let number = matches!(value, Value::Integer(_) | Value::Real(_)) && semantic.is_measure();
            let many = id.table != entity && self.fans_out(entity, id.table);
            let money = semantic == SemanticType::Money;
            let beyond = self.is_beyond_rows(*id, *operator, value);
            let totalled =
                semantic.is_additive() && many && (in_total || money || kinds || beyond || self.done_so_often(*id))
                    || kinds && many && matches!(semantic, SemanticType::Percent | SemanticType::Ratio);
            if number && totalled {
                totals.push((*id, *operator, value.clone()));
            }
            !(number && totalled)
        });
        select.filter = filters;
        if totals.is_empty() {
            return;
        }
        // A percent of the same rows is one of their totals too.
        let facts: Vec<TableId> = totals.iter().map(|(id, ..)| id.table).collect();
        select.filter.retain(|predicate| {
            let Predicate::Compare { left: Expr::Column(id), operator, right: Operand::Value(value) } = predicate
            else {
                return true;
            };
            let of_totals = facts.contains(&id.table)
                && matches!(self.semantic(*id), SemanticType::Percent | SemanticType::Ratio)
                && matches!(value, Value::Integer(_) | Value::Real(_));
            if of_totals {
                totals.push((*id, *operator, value.clone()));
            }
            !of_totals
        });
        select.group = self.with_keys(&select.items);
        select.distinct = false;
        for (id, operator, value) in totals {
            let left = self.default_aggregate(id);
            select.having.push(Predicate::Compare { left, operator, right: Operand::Value(value) });
        }
    }

    /// No single row has so much.
    fn is_beyond_rows(&self, id: ColumnId, operator: Operator, value: &Value) -> bool {
        let profile = self.ground.schema.profile(id);
        let most = profile.max.as_ref().and_then(Value::as_f64).filter(|_| profile.exact_ends);
        let above = matches!(operator, Operator::Greater | Operator::GreaterOrEqual);
        let number = units::in_unit_of(id, value, self.ground).as_f64();
        above && most.zip(number).is_some_and(|(most, number)| number > most)
    }

    /// "sold more than 500 units", "carried fewer than 1000": what somebody did is the sum of what was done.
    fn done_so_often(&self, id: ColumnId) -> bool {
        let deed = |j: usize| {
            self.token(j).is_some_and(|t| {
                t.folded.ends_with("ed")
                    || ["sold", "sell", "made", "bought", "used", "spent", "ran"].contains(&t.folded.as_str())
            })
        };
        let compares =
            |j: usize| self.word_at(j, &["more", "less", "fewer", "over", "under", "at", "above", "below", ">", "<"]);
        // Rows that are spoken of are compared one by one: "placed orders above 500".
        let spoken = (0..self.tokens.len())
            .any(|j| self.is_name(j) && !deed(j) && self.is_table(j) && self.table_of(j) == Some(id.table));
        !spoken && (1..self.tokens.len()).any(|j| compares(j) && deed(j - 1))
    }

    /// "the mentor of X": the row that a key of X's row leads to in the same table.
    pub(super) fn follow_own_key(&self, select: &mut Select) {
        let [Expr::Column(key)] = select.items[..] else { return };
        let Some(reference) = self.ground.schema.reference_of(key).filter(|k| k.to.table == key.table) else { return };
        let named = |p: &Predicate| {
            matches!(p, Predicate::Compare { left: Expr::Column(id), operator: Operator::Equal, right: Operand::Value(_) }
                if self.display_columns(key.table).contains(id))
        };
        if select.is_aggregated() || !select.filter.iter().any(named) {
            return;
        }
        let query =
            Select { items: vec![Expr::Column(key)], filter: std::mem::take(&mut select.filter), ..Select::default() };
        select.items = self.display_columns(key.table).into_iter().map(Expr::Column).collect();
        select.filter =
            vec![Predicate::Within { what: Expr::Column(reference.to), query: Box::new(query), negated: false }];
    }
}

/// The table of a column that is compared with a value.
fn many_side(predicate: &Predicate) -> Option<TableId> {
    match predicate {
        Predicate::Compare {
            left: Expr::Column(id),
            operator: Operator::Equal | Operator::NotEqual,
            right: Operand::Value(Value::Text(_)),
        } => Some(id.table),
        _ => None,
    }
}

fn same_column(a: &Predicate, b: &Predicate) -> bool {
    matches!((a, b), (Predicate::Compare { left: x, .. }, Predicate::Compare { left: y, .. }) if x == y)
}
