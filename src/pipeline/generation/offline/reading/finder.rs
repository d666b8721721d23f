//! Looks up names and conditions as a reading does, for phrases that are read before it.

use super::super::names::Target;
use super::super::plan::{Expr, Predicate};
use super::super::tokens::{Token, TokenKind};
use super::resolve::Role;
use super::{Ground, Reader};
use crate::schema::{ColumnId, TableId};

pub struct Finder<'a>(Reader<'a>);

impl<'a> Finder<'a> {
    pub fn new(ground: Ground<'a>, tokens: &[Token]) -> Self {
        Self(Reader::new(ground, tokens.to_vec()))
    }

    /// The aggregate that the words from `i` on name, and where they end.
    pub fn measure(&mut self, i: usize) -> Option<(Expr, usize)> {
        let (measure, end) = self.0.measure_phrase(i)?;
        Some((self.0.measure_expr(&measure, true)?, end))
    }

    /// The token names a number that can be computed with.
    pub fn is_measure(&self, i: usize) -> bool {
        self.0.is_name(i) && self.0.is_measure(i)
    }

    /// The token is as good a name of a sum as of anything else.
    pub fn names_a_sum(&self, i: usize) -> bool {
        self.0.is_name(i) && self.0.names_a_sum(i)
    }

    /// The column of numbers that the token names.
    pub fn measured_column(&self, i: usize) -> Option<ColumnId> {
        self.0.best_column(i, Role::Measure).map(|(id, _)| id)
    }

    /// The token names things that rows can be grouped by.
    pub fn is_key(&self, i: usize) -> bool {
        self.0.is_name(i) && !self.0.is_ungroupable(i)
    }

    /// The number of one row that the token names.
    pub fn row_measure(&mut self, i: usize) -> Option<Expr> {
        let id = self.0.resolve(i, Role::Measure)?;
        Some(self.0.sized(id))
    }

    /// The number of one row that an adjective speaks of.
    pub fn adjective(&mut self, measures: &[String], near: usize) -> Option<Expr> {
        let (id, _) = self.0.adjective_measure(measures, near)?;
        Some(self.0.sized(id))
    }

    /// The date that the token names.
    pub fn date(&self, i: usize) -> Option<ColumnId> {
        let dated = |(id, score): &(ColumnId, f64)| self.0.semantic(*id).is_time() && *score >= 0.4;
        self.0.best_column(i, Role::Time).filter(dated).map(|(id, _)| id)
    }

    /// The date of a table that the token names.
    pub fn date_in(&self, i: usize, table: TableId) -> Option<ColumnId> {
        self.0.tokens[i].links().iter().find_map(|l| match l.target {
            Target::Column(id) if id.table == table && self.0.semantic(id).is_time() => Some(id),
            _ => None,
        })
    }

    /// What is shown of the key that the token names.
    pub fn key(&mut self, i: usize) -> Vec<Expr> {
        self.0.group_key(i)
    }

    /// Our price and another's in one table.
    pub fn own_and_other_price(&self) -> Option<(ColumnId, ColumnId)> {
        self.0.own_and_other_price()
    }

    pub fn is_table(&self, i: usize) -> bool {
        self.0.is_name(i) && self.0.is_table(i)
    }

    pub fn table(&self, i: usize) -> Option<TableId> {
        self.0.table_of(i)
    }

    /// Conditions on rows that the tokens set, and whether every content word of them was understood.
    pub fn conditions(ground: Ground<'a>, tokens: &[Token]) -> (Vec<Predicate>, bool) {
        let mut reader = Reader::new(ground, tokens.to_vec());
        reader.read_comparisons();
        reader.read_patterns();
        reader.read_values();
        reader.read_flag_conditions(true);
        let open = (0..reader.tokens.len()).any(|i| {
            let token = &reader.tokens[i];
            matches!(token.kind, TokenKind::Value(_) | TokenKind::Number(_)) && !reader.used[i]
        });
        (reader.frame.filters, reader.unknown.is_none() && !open)
    }
}
