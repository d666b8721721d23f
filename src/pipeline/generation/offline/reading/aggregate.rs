//! Measures as expressions: what adds up is summed, the rest is averaged.

use super::super::names::Target;
use super::super::plan::{Expr, Function, Select};
use super::resolve::Role;
use super::{Measure, Reader, column};
use crate::language::{identifier_words, lexicon};
use crate::schema::{ColumnId, SemanticType, Value};

impl Reader<'_> {
    pub(super) fn measure_exprs(&mut self) -> Vec<Expr> {
        let measures = self.frame.measures.clone();
        measures.iter().filter_map(|m| self.measure_expr(m, true)).collect()
    }

    /// A measure as an expression. Plain measures are aggregated by their default if `aggregate`.
    pub(super) fn measure_expr(&mut self, measure: &Measure, aggregate: bool) -> Option<Expr> {
        match measure {
            Measure::Count(i) => match self.resolve_table(*i) {
                Some(table) => Some(Expr::CountRows(table)),
                None => self.resolve(*i, Role::Output).map(|id| Expr::CountRows(id.table)),
            },
            Measure::CountDistinct(i) => {
                let id = self.resolve(*i, Role::Output)?;
                Some(Expr::Aggregate { function: Function::Count, distinct: true, of: Box::new(column(id)) })
            }
            Measure::Aggregate(function, i) => {
                if let Some(Target::Metric(metric)) = self.tokens[*i].links().first().map(|l| l.target) {
                    return Some(Expr::Metric(metric));
                }
                let id = self.resolve(*i, Role::Measure)?;
                // Keys and codes are numbers that nobody computes with: what is asked of them is asked of their rows.
                let key = matches!(self.semantic(id), SemanticType::Id | SemanticType::Code);
                if key && matches!(function, Function::Sum | Function::Average) {
                    let main = self.main_measure(id.table).map(|measure| Expr::aggregate(*function, measure));
                    return Some(main.unwrap_or(Expr::CountRows(id.table)));
                }
                // Prices and percents have no sum.
                let summed =
                    *function == Function::Sum && !self.semantic(id).is_additive() && self.semantic(id).is_measure();
                if summed && !matches!(self.semantic(id), SemanticType::Score | SemanticType::UnitPrice) {
                    self.assumptions
                        .push(format!("{} does not add up: its average is taken", self.ground.schema.qualified(id)));
                    return Some(Expr::aggregate(Function::Average, id));
                }
                Some(Expr::aggregate(*function, id))
            }
            Measure::Plain(i) => {
                if let Some(Target::Metric(metric)) = self.tokens[*i].links().first().map(|l| l.target) {
                    return Some(Expr::Metric(metric));
                }
                let id = self.resolve(*i, Role::Measure)?;
                Some(if aggregate { self.default_aggregate(id) } else { self.sized(id) })
            }
            Measure::Extreme(function, id) => Some(Expr::aggregate(*function, *id)),
            Measure::Values(id) => {
                Some(Expr::Aggregate { function: Function::Count, distinct: true, of: Box::new(column(*id)) })
            }
            Measure::Rows(table) => Some(Expr::CountRows(*table)),
            Measure::Column(id) => Some(if aggregate { self.default_aggregate(*id) } else { self.sized(*id) }),
        }
    }

    /// SUM for what adds up, AVG for the rest.
    pub(super) fn default_aggregate(&mut self, id: ColumnId) -> Expr {
        let semantic = self.semantic(id);
        // What goods cost in all is money that adds up, whatever one of them costs.
        let words = self.ground.names.column_words(id);
        let total = semantic == SemanticType::UnitPrice
            && words.iter().any(|w| matches!(w.as_str(), "goods" | "good" | "cogs" | "total"));
        let function = if (semantic.is_additive() || total) && !self.says_on_average() {
            Function::Sum
        } else if semantic.is_time() {
            Function::Maximum
        } else {
            Function::Average
        };
        let of = Expr::aggregate(function, id);
        if self.is_magnitude(id) { Expr::Magnitude(Box::new(of)) } else { of }
    }

    pub(super) fn sized(&self, id: ColumnId) -> Expr {
        if self.is_magnitude(id) { Expr::Magnitude(Box::new(column(id))) } else { column(id) }
    }

    /// A measure of which the size counts, and whose data are all of one sign or of both.
    pub(super) fn is_magnitude(&self, id: ColumnId) -> bool {
        let negative = self.ground.schema.profile(id).min.as_ref().and_then(Value::as_f64).is_some_and(|m| m < 0.0);
        let schema = self.ground.schema;
        let own = identifier_words(&schema.column(id).name);
        let table = identifier_words(&schema.table(id.table).name);
        let called = |words: &[String]| words.iter().any(|w| lexicon().is_magnitude(w));
        negative && (called(&own) || called(&table) && schema.profile(id).semantic == SemanticType::Ratio)
    }

    pub(super) fn says_on_average(&self) -> bool {
        // "revenue and average score": the word is the score's alone.
        let taken = self.frame.measures.iter().any(|m| matches!(m, Measure::Aggregate(Function::Average, _)));
        (0..self.tokens.len()).any(|i| self.phrase_at(i, "on average").is_some())
            || (0..self.tokens.len())
                .any(|i| self.tokens[i].is(&["average", "mean", "avg"]) && !(taken && self.used[i]))
    }

    pub(super) fn share(&self, select: &mut Select) {
        if !self.frame.share || select.group.is_empty() {
            return;
        }
        for item in &mut select.items {
            if item.is_aggregate() && !matches!(item, Expr::Share(_)) {
                *item = Expr::Share(Box::new(item.clone()));
            }
        }
    }

    /// In a grouped plan every shown column is a key or aggregated.
    pub(super) fn aggregate_the_rest(&mut self, select: &mut Select) {
        if select.group.is_empty() {
            return;
        }
        let items = std::mem::take(&mut select.items);
        for item in items {
            let item = match item {
                Expr::Column(id) if !select.group.contains(&item) && self.semantic(id).is_measure() => {
                    self.default_aggregate(id)
                }
                Expr::Column(_) if !select.group.contains(&item) => {
                    select.group.push(item.clone());
                    item
                }
                other => other,
            };
            if !select.items.contains(&item) {
                select.items.push(item);
            }
        }
    }
}
