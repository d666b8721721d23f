//! The columns of a plan, and what each is used for.

use super::super::plan::{Expr, Operand, Predicate, Query, Select};
use super::super::reading::Role;
use crate::schema::ColumnId;

/// Each column that a plan uses, once, with what it is used for first.
pub fn uses(query: &Query) -> Vec<(ColumnId, Role)> {
    let mut uses = Uses(Vec::new());
    match query {
        Query::Select(select) => uses.select(select),
        Query::Set { left, right, .. } => {
            uses.select(left);
            uses.select(right);
        }
    }
    uses.0
}

struct Uses(Vec<(ColumnId, Role)>);

impl Uses {
    fn add(&mut self, id: ColumnId, role: Role) {
        if !self.0.iter().any(|(known, _)| *known == id) {
            self.0.push((id, role));
        }
    }

    fn select(&mut self, select: &Select) {
        for predicate in select.filter.iter().chain(&select.having) {
            self.predicate(predicate);
        }
        let plain = if select.group.is_empty() { Role::Output } else { Role::Group };
        for item in select.items.iter().chain(&select.group) {
            self.expr(item, plain);
        }
        for sort in &select.order {
            self.expr(&sort.by, Role::Measure);
        }
    }

    fn expr(&mut self, expr: &Expr, plain: Role) {
        match expr {
            Expr::Column(id) => self.add(*id, plain),
            Expr::Time { column, .. } => self.add(*column, Role::Time),
            Expr::Aggregate { of, .. } | Expr::Percentile { of, .. } => self.expr(of, Role::Measure),
            Expr::Magnitude(of) | Expr::Share(of) | Expr::Over { of, .. } => self.expr(of, plain),
            Expr::Filtered { of, filter } => {
                self.expr(of, plain);
                for predicate in filter {
                    self.predicate(predicate);
                }
            }
            Expr::Arithmetic { left, right, .. } => {
                self.expr(left, plain);
                self.expr(right, plain);
            }
            Expr::AllColumns(_) | Expr::CountRows(_) | Expr::Metric(_) => {}
        }
    }

    fn predicate(&mut self, predicate: &Predicate) {
        match predicate {
            Predicate::Period { column, .. } => self.add(*column, Role::Time),
            Predicate::Compare { left, right, .. } => {
                self.expr(left, Role::Filter);
                if let Operand::Expr(expr) = right {
                    self.expr(expr, Role::Filter);
                }
            }
            Predicate::Between { what, .. }
            | Predicate::In { what, .. }
            | Predicate::Like { what, .. }
            | Predicate::IsNull { what, .. }
            | Predicate::Within { what, .. } => self.expr(what, Role::Filter),
            Predicate::Any(predicates) => predicates.iter().for_each(|p| self.predicate(p)),
            Predicate::Exists { .. } => {}
        }
    }
}
