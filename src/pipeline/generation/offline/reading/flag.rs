//! Flags as conditions: "on promotion", "insured shipments", "not insured".

use super::super::plan::{Expr, Operand, Operator, Predicate, Select};
use super::super::tokens::TokenKind;
use super::resolve::Role;
use super::{GroupKey, Reader, column};
use crate::schema::{ColumnId, SemanticType, TableId, Value};

/// Deny that something ever happened.
const DENIED: [&str; 11] = ["not", "never", "isn", "aren", "wasn", "weren", "don", "doesn", "didn", "hasn", "haven"];

impl Reader<'_> {
    /// Names of flags that say which rows are meant. `alone`: a flag needs no word beside it that says so.
    pub(super) fn read_flag_conditions(&mut self, alone: bool) {
        for i in 0..self.tokens.len() {
            if self.used[i] || !self.is_name(i) || self.is_table(i) {
                continue;
            }
            let Some((id, score)) = self.best_column(i, Role::Filter).filter(|(id, _)| self.is_flag(*id)) else {
                continue;
            };
            let denied = (i.saturating_sub(4)..i).find(|j| self.word_at(*j, &DENIED));
            let negated = (i.saturating_sub(2)..i)
                .find(|j| self.word_at(*j, &["not", "without", "outside", "no", "non", "off", "un"]))
                .or(denied);
            if denied.is_some() {
                self.frame.denied.push(id);
            }
            // The column may be called "on promotion" itself.
            let named_so = self.tokens[i].folded.split(' ').any(|w| matches!(w, "on" | "is" | "in"));
            let placed = i > 0
                && self.word_at(
                    i - 1,
                    &["on", "during", "with", "under", "are", "is", "were", "was", "been", "from", "while"],
                );
            let modifies =
                self.is_name(i + 1) || matches!(self.token(i + 1).map(|t| &t.kind), Some(TokenKind::Value(_)));
            let contrasted = (i + 1..i + 6).any(|j| {
                let same = self.best_column(j, Role::Filter).is_some_and(|(other, _)| other == id);
                same && self.word_at(j - 1, &["not", "without", "outside", "no", "non", "off"])
            });
            if score < 0.4 || !(alone || named_so || placed || modifies || contrasted || negated.is_some()) {
                continue;
            }
            self.used[i] = true;
            if let Some(j) = negated {
                self.used[j] = true;
                self.used[j + 1] |= self.word_at(j + 1, &["t"]);
            }
            self.record(i, score);
            let right = Operand::Value(self.flag_value(id, negated.is_none()));
            self.frame.filters.push(Predicate::Compare { left: column(id), operator: Operator::Equal, right });
        }
    }

    /// "products that were not on promotion this month": without any row that was, not with some row that was not.
    pub(super) fn absent_flags(&self, select: &mut Select) {
        let shown: Vec<TableId> = {
            let mut tables = Vec::new();
            select.items.iter().for_each(|item| item.tables(&mut tables));
            tables
        };
        let [things] = shown.as_slice() else { return };
        if select.is_aggregated() && !matches!(select.items.as_slice(), [Expr::CountRows(_)]) {
            return;
        }
        for id in &self.frame.denied {
            let denies = |p: &Predicate| matches!(p, Predicate::Compare { left: Expr::Column(c), operator: Operator::Equal, .. } if c == id);
            let Some(at) = select.filter.iter().position(denies).filter(|_| self.fans_out(*things, id.table)) else {
                continue;
            };
            select.filter.remove(at);
            let yes = Predicate::Compare {
                left: column(*id),
                operator: Operator::Equal,
                right: Operand::Value(self.flag_value(*id, true)),
            };
            // What else is said of those rows says which of them are looked at.
            let of_rows = |p: &Predicate| {
                let mut tables = Vec::new();
                p.tables(&mut tables);
                tables == [id.table] && !matches!(p, Predicate::Exists { .. })
            };
            let (rows, rest): (Vec<Predicate>, Vec<Predicate>) =
                std::mem::take(&mut select.filter).into_iter().partition(of_rows);
            select.filter = rest;
            let filter = std::iter::once(yes).chain(rows).collect();
            select.filter.push(Predicate::Exists { table: id.table, filter, negated: true });
        }
    }

    /// "during promotion and outside it": both sides of a flag are groups.
    pub(super) fn group_by_contrary_flags(&mut self) {
        let mut seen: Vec<(ColumnId, Value, usize)> = Vec::new();
        for (at, predicate) in self.frame.filters.iter().enumerate() {
            if let Predicate::Compare {
                left: Expr::Column(id),
                operator: Operator::Equal,
                right: Operand::Value(value),
            } = predicate
                && self.is_flag(*id)
            {
                seen.push((*id, value.clone(), at));
            }
        }
        let contrary = seen.iter().enumerate().find_map(|(n, (id, value, at))| {
            let (_, _, other) = seen[n + 1..].iter().find(|(i, v, _)| i == id && v != value)?;
            Some((*id, *at, *other))
        });
        let Some((id, first, second)) = contrary else { return };
        self.frame.filters.remove(second);
        self.frame.filters.remove(first);
        let token = (0..self.tokens.len()).find(|i| self.best_column(*i, Role::Filter).is_some_and(|(c, _)| c == id));
        self.frame.groups.extend(token.map(GroupKey::Token));
    }

    pub(super) fn is_flag(&self, id: ColumnId) -> bool {
        self.semantic(id) == SemanticType::Flag && self.ground.schema.reference_of(id).is_none()
    }

    /// Yes or no as the column writes it.
    fn flag_value(&self, id: ColumnId, yes: bool) -> Value {
        let profile = self.ground.schema.profile(id);
        if profile.numeric {
            return Value::Integer(i64::from(yes));
        }
        let says = |text: &str| match text.to_lowercase().as_str() {
            "y" | "yes" | "t" | "true" | "1" | "on" => Some(true),
            "n" | "no" | "f" | "false" | "0" | "off" => Some(false),
            _ => None,
        };
        let written = profile.top.iter().find(|v| v.as_text().and_then(says) == Some(yes));
        written.cloned().unwrap_or_else(|| Value::Text(if yes { "Y" } else { "N" }.to_owned()))
    }
}
