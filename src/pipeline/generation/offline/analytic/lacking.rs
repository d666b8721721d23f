//! Kinds that no row meets a condition of: "brands with nothing in frozen food", "categories without a single elastic
//! product".

use super::super::plan::{Expr, Predicate, Select};
use super::super::reading::Finder;
use super::super::tokens::TokenKind;
use super::Analytic;
use super::apply::Editor;
use super::phrases::Phrases;
use crate::schema::{ColumnId, SemanticType};

/// What stands between the kinds and what they lack.
const WITHOUT: [&str; 17] = [
    "with nothing in",
    "with nothing on",
    "without a single",
    "without even one",
    "without any",
    "with not a single",
    "with no",
    "that have nothing in",
    "that have no",
    "that has no",
    "have nothing in",
    "have no",
    "has no",
    "that don t have any",
    "don t have any",
    "that do not have any",
    "without",
];

impl Phrases<'_> {
    pub fn take_lacking(&mut self) {
        for i in 0..self.tokens.len() {
            let Some(kind) = self.kind_at(i) else { continue };
            let Some(start) = WITHOUT.iter().find_map(|p| self.phrase(i + 1, p)) else { continue };
            let stop = (start..self.tokens.len()).find(|j| self.word(*j, &["?", ".", ",", "by", "per", "and"]));
            let stop = stop.unwrap_or(self.tokens.len());
            let in_time = (start..stop).any(|j| matches!(self.tokens[j].kind, TokenKind::Time(_)));
            // What never was in some period needs the period inside.
            if in_time {
                continue;
            }
            let (conditions, whole) = Finder::conditions(self.ground, &self.tokens[start..stop]);
            let on_kind =
                conditions.iter().any(|p| matches!(p, Predicate::Compare { left: Expr::Column(c), .. } if *c == kind));
            if conditions.is_empty() || !whole || on_kind {
                continue;
            }
            self.take(i + 1..stop);
            return self.push(Analytic::Lacking { kind, conditions });
        }
    }

    /// The column whose values the token names: kinds of things, not things with rows of their own.
    fn kind_at(&mut self, i: usize) -> Option<ColumnId> {
        if !self.is_name(i) || self.finder.is_table(i) || !self.finder.is_key(i) {
            return None;
        }
        let [Expr::Column(id)] = self.finder.key(i)[..] else { return None };
        let profile = self.ground.schema.profile(id);
        matches!(profile.semantic, SemanticType::Category | SemanticType::Geo).then_some(id).filter(|_| !profile.unique)
    }
}

impl Editor<'_> {
    /// Keeps the kinds of which no row meets the conditions.
    pub(super) fn lacking(&mut self, kind: ColumnId, conditions: &[Predicate]) {
        let what = Expr::Column(kind);
        // A missing kind would be in no list, nor out of it.
        let known = Predicate::IsNull { what: what.clone(), negated: true };
        let filter = conditions.iter().cloned().chain([known]).collect();
        let query = Select { items: vec![what.clone()], filter, ..Select::default() };
        self.select.filter.push(Predicate::Within { what, query: Box::new(query), negated: true });
        if !self.select.is_aggregated() {
            self.select.distinct = true;
        }
    }
}
