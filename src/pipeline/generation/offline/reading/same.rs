//! "the same town as X", "with the price family of X": the value that another row has.

use super::super::plan::{Expr, Predicate, Select};
use super::super::tokens::TokenKind;
use super::resolve::Role;
use super::{Finder, Reader, column};

impl Reader<'_> {
    /// "the same K as X": rows whose K is that of X.
    pub(super) fn read_same(&mut self) {
        for i in 0..self.tokens.len() {
            if self.used[i] || !self.word_at(i, &["same"]) || !self.is_name(i + 1) {
                continue;
            }
            let key = i + 1;
            let at = self.skip(key + 1, &["as", "that", "of", "the", "for"]);
            let linked = at > key + 1 && self.word_at(key + 1, &["as"]);
            let named = matches!(self.token(at).map(|t| &t.kind), Some(TokenKind::Value(_)))
                || self.is_name(at) && matches!(self.token(at + 1).map(|t| &t.kind), Some(TokenKind::Value(_)));
            if !linked || !named {
                continue;
            }
            let end = if self.is_name(at) { at + 2 } else { at + 1 };
            let Some((id, score)) = self.best_column(key, Role::Group) else { continue };
            let (filter, whole) = Finder::conditions(self.ground, &self.tokens[at..end]);
            if !whole || filter.is_empty() {
                continue;
            }
            self.record(key, score);
            let query = Select { items: vec![column(id)], filter, ..Select::default() };
            let query = Box::new(query);
            self.frame.filters.push(Predicate::Within { what: Expr::Column(id), query, negated: false });
            self.mark(i..end);
        }
    }
}
