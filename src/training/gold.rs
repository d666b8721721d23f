//! What the gold statement of a question says of each slot.

use std::collections::{BTreeMap, BTreeSet};

use crate::pipeline::generation::offline::graph::Graph;
use crate::pipeline::generation::offline::plan::{
    Expr, Function, Operand, Operator, Predicate, Query, Select, SetOperator,
};
use crate::pipeline::generation::offline::scoring::shape::Shape;
use crate::pipeline::generation::offline::scoring::slots::{NumberTarget, Role, TableRole};
use crate::pipeline::generation::offline::scoring::{COMPARISONS, OUTPUTS};
use crate::schema::{ColumnId, TableId, Value};

/// What is true of a question.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    pub shape: Shape,
    pub size: usize,
    /// Plain, rows counted, values counted, sum, average, smallest, largest.
    pub outputs: [bool; OUTPUTS],
    pub descending: Option<bool>,
    /// Compared with an aggregate: larger, smaller, equal.
    pub against: Option<usize>,
    pub columns: BTreeMap<ColumnId, BTreeSet<usize>>,
    pub tables: BTreeMap<TableId, BTreeSet<usize>>,
    /// Column, value as text, comparison.
    pub values: Vec<(ColumnId, String, usize)>,
    /// Target, number, comparison.
    pub numbers: Vec<(NumberTarget, f64, usize)>,
}

impl Labels {
    pub fn of(query: &Query, graph: &Graph) -> Self {
        let mut labels = Self { shape: Shape::of(query), ..Self::default() };
        match query {
            Query::Select(select) => labels.main(select, graph),
            Query::Set { operator, left, right } => {
                labels.main(left, graph);
                labels.conditions(&right.filter, graph);
                labels.having(&right.having);
                if *operator == SetOperator::Except {
                    labels.absent(right, graph);
                }
            }
        }
        labels
    }

    fn main(&mut self, select: &Select, graph: &Graph) {
        self.size = select.items.len();
        for item in &select.items {
            match item {
                Expr::Column(id) => {
                    self.outputs[0] = true;
                    self.role(*id, Role::Show);
                }
                Expr::AllColumns(_) => self.outputs[0] = true,
                Expr::CountRows(table) => {
                    self.outputs[1] = true;
                    self.table(*table, TableRole::Counted);
                }
                Expr::Aggregate { function, of, .. } => {
                    let (output, role) = match function {
                        Function::Count => (2, Role::Count),
                        Function::Sum => (3, Role::Sum),
                        Function::Average => (4, Role::Average),
                        Function::Minimum => (5, Role::Minimum),
                        Function::Maximum => (6, Role::Maximum),
                    };
                    self.outputs[output] = true;
                    if let Expr::Column(id) = **of {
                        self.role(id, role);
                    }
                }
                _ => {}
            }
        }
        for key in &select.group {
            if let Expr::Column(id) = key {
                self.role(*id, Role::Group);
            }
        }
        if let Some(first) = select.order.first() {
            self.descending = Some(first.descending);
        }
        for sort in &select.order {
            self.sorted(&sort.by);
        }
        self.conditions(&select.filter, graph);
        self.having(&select.having);
        if let Some(limit) = select.limit {
            self.numbers.push((NumberTarget::Limit, limit as f64, 0));
        }
        for table in needed(select, graph) {
            self.table(table, TableRole::Needed);
        }
    }

    fn sorted(&mut self, by: &Expr) {
        match by {
            Expr::Column(id) => self.role(*id, Role::Order),
            Expr::CountRows(table) => self.table(*table, TableRole::Counted),
            Expr::Aggregate { of, .. } => {
                if let Expr::Column(id) = **of {
                    self.role(id, Role::OrderAggregate);
                }
            }
            _ => {}
        }
    }

    fn having(&mut self, having: &[Predicate]) {
        for predicate in having {
            let Predicate::Compare { left, operator, right } = predicate else { continue };
            self.sorted(left);
            let Operand::Value(value) = right else { continue };
            let Some(number) = number_of(value) else { continue };
            let target = match left {
                Expr::Aggregate { function, of, .. } if *function != Function::Count => match **of {
                    Expr::Column(id) => NumberTarget::Column(id),
                    _ => continue,
                },
                _ => NumberTarget::Count,
            };
            self.numbers.push((target, number, comparison(*operator)));
        }
    }

    fn conditions(&mut self, filter: &[Predicate], graph: &Graph) {
        for predicate in filter {
            self.condition(predicate, graph);
        }
    }

    fn condition(&mut self, predicate: &Predicate, graph: &Graph) {
        match predicate {
            Predicate::Compare { left, operator, right } => {
                let Expr::Column(id) = left else { return };
                self.role(*id, Role::Filter);
                match right {
                    Operand::Value(value) => self.compared(*id, value, comparison(*operator)),
                    Operand::Expr(Expr::Column(other)) => self.role(*other, Role::Filter),
                    Operand::Expr(_) => {}
                    Operand::Scalar(select) => {
                        self.against = Some(match operator {
                            Operator::Greater | Operator::GreaterOrEqual => 0,
                            Operator::Less | Operator::LessOrEqual => 1,
                            _ => 2,
                        });
                        self.conditions(&select.filter, graph);
                    }
                }
            }
            Predicate::Between { what: Expr::Column(id), low, high } => {
                self.role(*id, Role::Filter);
                self.compared(*id, low, 6);
                self.compared(*id, high, 6);
            }
            Predicate::In { what: Expr::Column(id), values, negated } => {
                self.role(*id, Role::Filter);
                for value in values {
                    self.compared(*id, value, usize::from(*negated));
                }
            }
            Predicate::Like { what: Expr::Column(id), pattern, .. } => {
                self.role(*id, Role::Filter);
                self.compared(*id, &Value::Text(pattern.trim_matches('%').to_owned()), 7);
            }
            Predicate::IsNull { what: Expr::Column(id), .. } => self.role(*id, Role::Filter),
            Predicate::Within { query, negated, .. } => {
                self.conditions(&query.filter, graph);
                self.having(&query.having);
                if *negated {
                    self.absent(query, graph);
                } else {
                    for table in needed(query, graph) {
                        self.table(table, TableRole::Needed);
                    }
                }
            }
            Predicate::Any(predicates) => self.conditions(predicates, graph),
            _ => {}
        }
    }

    fn compared(&mut self, id: ColumnId, value: &Value, comparison: usize) {
        if let Some(number) = number_of(value) {
            self.numbers.push((NumberTarget::Column(id), number, comparison));
        }
        let text = match value {
            Value::Text(text) => text.clone(),
            Value::Integer(i) => i.to_string(),
            Value::Real(x) => x.to_string(),
            _ => return,
        };
        self.values.push((id, text.to_lowercase(), comparison));
    }

    /// Tables whose rows must not exist: what the inner query reads.
    fn absent(&mut self, query: &Select, graph: &Graph) {
        for table in needed(query, graph) {
            self.table(table, TableRole::Absent);
        }
    }

    fn role(&mut self, id: ColumnId, role: Role) {
        let at = Role::ALL.iter().position(|r| *r == role).unwrap_or(0);
        self.columns.entry(id).or_default().insert(at);
    }

    fn table(&mut self, id: TableId, role: TableRole) {
        let at = TableRole::ALL.iter().position(|r| *r == role).unwrap_or(0);
        self.tables.entry(id).or_default().insert(at);
    }
}

/// The tables of a SELECT less those that only lie on the way between others.
pub fn needed(select: &Select, graph: &Graph) -> Vec<TableId> {
    let mut named = Vec::new();
    let predicates = select.filter.iter().chain(&select.having);
    predicates.for_each(|p| p.tables(&mut named));
    let exprs = select.items.iter().chain(&select.group).chain(select.order.iter().map(|s| &s.by));
    exprs.for_each(|e| e.tables(&mut named));
    let mut needed = select.tables.clone();
    loop {
        let whole = graph.join(&needed, &needed).map(|tree| tree.tables().len());
        let spare = needed.iter().copied().find(|table| {
            let rest: Vec<TableId> = needed.iter().copied().filter(|t| t != table).collect();
            !named.contains(table)
                && !rest.is_empty()
                && graph.join(&rest, &rest).is_some_and(|tree| {
                    let tables = tree.tables();
                    Some(tables.len()) == whole && tables.contains(table)
                })
        });
        match spare {
            Some(table) => needed.retain(|t| *t != table),
            None => return needed,
        }
    }
}

pub fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(i) => Some(*i as f64),
        Value::Real(x) => Some(*x),
        Value::Text(text) => text.trim().parse().ok().or_else(|| text.get(..4)?.parse().ok()),
        _ => None,
    }
}

fn comparison(operator: Operator) -> usize {
    let sign = match operator {
        Operator::Equal => "=",
        Operator::NotEqual => "<>",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
    };
    COMPARISONS.iter().position(|c| *c == sign).unwrap_or(0)
}
