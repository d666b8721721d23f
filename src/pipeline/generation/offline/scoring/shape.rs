//! The outline of a plan: which clauses it has, whatever stands in them.

use super::super::plan::{Expr, Function, Operand, Predicate, Query, Select, SetOperator};

/// What the rows or groups are ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OrderedBy {
    #[default]
    Nothing,
    Column,
    Count,
    Aggregate,
}

/// A second query inside or beside the first, or alternatives among its conditions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Nest {
    #[default]
    Nothing,
    /// One of several conditions holds.
    Any,
    /// Rows without rows of another table, or not among others.
    Without,
    /// Among the values of another query.
    Within,
    /// Compared with an aggregate.
    Scalar,
    Union,
    Intersect,
    Except,
}

impl Nest {
    pub const ALL: [Self; 8] = [
        Self::Nothing,
        Self::Any,
        Self::Without,
        Self::Within,
        Self::Scalar,
        Self::Union,
        Self::Intersect,
        Self::Except,
    ];
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shape {
    pub grouped: bool,
    pub having: bool,
    pub order: OrderedBy,
    pub limited: bool,
    pub nest: Nest,
}

impl Shape {
    pub fn of(query: &Query) -> Self {
        match query {
            Query::Select(select) => of_select(select),
            Query::Set { operator, left, .. } => Self {
                nest: match operator {
                    SetOperator::Union => Nest::Union,
                    SetOperator::Intersect => Nest::Intersect,
                    SetOperator::Except => Nest::Except,
                },
                ..of_select(left)
            },
        }
    }

    /// A number for the shape that stays the same.
    pub fn code(self) -> u16 {
        let order = match self.order {
            OrderedBy::Nothing => 0,
            OrderedBy::Column => 1,
            OrderedBy::Count => 2,
            OrderedBy::Aggregate => 3,
        };
        let nest = Nest::ALL.iter().position(|n| *n == self.nest).unwrap_or(0) as u16;
        u16::from(self.grouped) | u16::from(self.having) << 1 | order << 2 | u16::from(self.limited) << 4 | nest << 5
    }

    pub fn from_code(code: u16) -> Self {
        Self {
            grouped: code & 1 == 1,
            having: code >> 1 & 1 == 1,
            order: [OrderedBy::Nothing, OrderedBy::Column, OrderedBy::Count, OrderedBy::Aggregate]
                [usize::from(code >> 2 & 3)],
            limited: code >> 4 & 1 == 1,
            nest: Nest::ALL[usize::from(code >> 5 & 7)],
        }
    }
}

fn of_select(select: &Select) -> Shape {
    let order = match select.order.first().map(|sort| &sort.by) {
        None => OrderedBy::Nothing,
        Some(Expr::CountRows(_) | Expr::Aggregate { function: Function::Count, .. }) => OrderedBy::Count,
        Some(by) if by.is_aggregate() => OrderedBy::Aggregate,
        Some(_) => OrderedBy::Column,
    };
    let nest = select.filter.iter().chain(&select.having).map(nest_of).max().unwrap_or_default();
    Shape {
        grouped: !select.group.is_empty(),
        having: !select.having.is_empty(),
        order,
        limited: select.limit.is_some(),
        nest,
    }
}

fn nest_of(predicate: &Predicate) -> Nest {
    match predicate {
        Predicate::Any(_) => Nest::Any,
        Predicate::In { values, .. } if values.len() > 1 => Nest::Any,
        Predicate::Within { negated: true, .. } | Predicate::Exists { negated: true, .. } => Nest::Without,
        Predicate::Within { .. } | Predicate::Exists { .. } => Nest::Within,
        Predicate::Compare { right: Operand::Scalar(_), .. } => Nest::Scalar,
        _ => Nest::Nothing,
    }
}
