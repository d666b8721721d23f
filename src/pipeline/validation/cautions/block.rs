//! One SELECT as data: what it reads, which columns follow from which, what it groups by and what it aggregates.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;

use sqlparser::ast::{BinaryOperator, Expr, Function, Ident, Query, SelectItem, SetExpr};

use super::expression::{bare, conjuncts, has_aggregate, is_aggregate, is_named, within};
use super::shape::{Shape, ShapeColumn};
use crate::language::identifier_words;
use crate::schema::{ColumnId, Schema, SemanticType, TableId};

/// A column of an entry of `FROM`, by positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ref {
    pub relation: usize,
    pub column: usize,
}

#[derive(Debug)]
pub struct Relation {
    /// The name its columns are qualified with.
    pub alias: Ident,
    /// Of the table or named query; empty for a subquery.
    pub source: String,
    /// `Some` if `FROM` names the table itself.
    pub base: Option<TableId>,
    pub shape: Rc<Shape>,
    /// On the side of an outer join that may be missing.
    pub optional: bool,
}

/// The values of `from` fix that of `to`.
#[derive(Debug)]
pub struct Derivation {
    pub from: Vec<Ref>,
    pub to: Ref,
}

/// A condition that must hold, from WHERE or ON.
#[derive(Debug)]
pub struct Filter<'q> {
    pub expr: &'q Expr,
    pub relations: BTreeSet<usize>,
    pub columns: Vec<Ref>,
    /// Has no query inside and no name from outside.
    pub stands_alone: bool,
}

#[derive(Debug)]
pub struct Aggregate<'q> {
    pub function: &'q Function,
    pub expr: &'q Expr,
    /// A part of a quotient.
    pub divided: bool,
}

#[derive(Debug, Default)]
pub struct Block<'q> {
    pub relations: Vec<Relation>,
    pub derivations: Vec<Derivation>,
    /// By relation: a condition may leave one row per key in a way that is not followed here.
    pub narrowed: Vec<bool>,
    /// By relation: some condition ties it to another.
    pub related: Vec<bool>,
    pub filters: Vec<Filter<'q>>,
    /// Columns held to a list of values.
    pub listed: Vec<Ref>,
    pub groups: Vec<(&'q Expr, Option<Ref>)>,
    pub aggregates: Vec<Aggregate<'q>>,
    /// Columns that USING or NATURAL shows once.
    pub merged: Vec<Ref>,
    /// Steps spent on this block, against [`MAX_STEPS`].
    spent: Cell<usize>,
}

/// What following the derivations of one block may cost.
const MAX_STEPS: usize = 400_000;

/// Relations whose row is fixed, and single columns whose value is.
#[derive(Debug)]
pub struct Fixed {
    pub relations: Vec<bool>,
    pub columns: BTreeSet<Ref>,
}

impl Fixed {
    pub fn holds(&self, column: Ref) -> bool {
        self.relations.get(column.relation).copied().unwrap_or(true) || self.columns.contains(&column)
    }

    pub fn is_whole(&self) -> bool {
        self.relations.iter().all(|fixed| *fixed)
    }
}

impl<'q> Block<'q> {
    pub fn push(&mut self, relation: Relation) {
        self.relations.push(relation);
        self.narrowed.push(false);
        self.related.push(false);
    }

    pub fn column(&self, at: Ref) -> &ShapeColumn {
        &self.relations[at.relation].shape.columns[at.column]
    }

    pub fn origin(&self, at: Ref) -> Option<ColumnId> {
        self.column(at).origin
    }

    /// A column that an expression names; `None` for anything else, and for names from outside.
    pub fn find(&self, expr: &Expr) -> Option<Ref> {
        match bare(expr) {
            Expr::Identifier(name) => {
                (0..self.relations.len()).find_map(|relation| self.find_in(relation, &name.value))
            }
            Expr::CompoundIdentifier(parts) => {
                let [.., of, name] = parts.as_slice() else { return None };
                let named = |relation: &Relation| relation.alias.value.eq_ignore_ascii_case(&of.value);
                self.find_in(self.relations.iter().position(named)?, &name.value)
            }
            _ => None,
        }
    }

    pub fn find_in(&self, relation: usize, name: &str) -> Option<Ref> {
        self.relations.get(relation)?.shape.position(name).map(|column| Ref { relation, column })
    }

    /// Every column of this block that an expression names.
    pub fn columns_in(&self, expr: &Expr) -> Vec<Ref> {
        within(expr).0.into_iter().filter_map(|part| self.find_exactly(part)).collect()
    }

    /// As [`Self::find`], but only the name itself, so that nothing is counted twice.
    pub fn find_exactly(&self, expr: &Expr) -> Option<Ref> {
        matches!(expr, Expr::Identifier(_) | Expr::CompoundIdentifier(_)).then(|| self.find(expr)).flatten()
    }

    pub fn condition(&mut self, condition: &'q Expr, schema: &Schema) {
        for expr in conjuncts(condition) {
            self.conjunct(expr, schema);
        }
    }

    fn conjunct(&mut self, expr: &'q Expr, schema: &Schema) {
        let (parts, queries) = within(expr);
        let names = parts.iter().filter(|part| matches!(part, Expr::Identifier(_) | Expr::CompoundIdentifier(_)));
        let columns: Vec<Ref> = names.clone().filter_map(|part| self.find(part)).collect();
        let foreign = names.filter(|part| is_from_outside(part)).any(|part| self.find(part).is_none());
        let relations: BTreeSet<usize> = columns.iter().map(|column| column.relation).collect();
        if relations.len() > 1 {
            for relation in &relations {
                self.related[*relation] = true;
            }
        }
        for query in &queries {
            self.narrow_by_query(query);
        }
        self.read_condition(expr, &relations, schema);
        self.filters.push(Filter { expr, relations, columns, stands_alone: queries.is_empty() && !foreign });
    }

    fn read_condition(&mut self, expr: &Expr, relations: &BTreeSet<usize>, schema: &Schema) {
        match expr {
            Expr::BinaryOp { left, op: BinaryOperator::Eq, right } | Expr::IsNotDistinctFrom(left, right) => {
                self.equality(left, right, relations, schema);
            }
            Expr::InList { expr: inner, list, negated: false } => match (self.find(inner), list.as_slice()) {
                (Some(column), [_]) => self.constant(column, schema),
                (Some(column), _) => self.listed.push(column),
                _ => {}
            },
            Expr::InSubquery { expr: inner, subquery, negated: false } if picks_rows(subquery) => {
                for column in self.columns_in(inner) {
                    self.narrowed[column.relation] = true;
                }
            }
            Expr::IsNull(inner) => self.columns_in(inner).into_iter().for_each(|at| self.narrowed[at.relation] = true),
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::IsTrue(_) => {
                for column in self.columns_in(expr) {
                    self.constant(column, schema);
                }
            }
            Expr::BinaryOp { op, .. }
                if relations.len() > 1 && *op != BinaryOperator::Or && !self.picks(expr, schema) => {}
            _ if relations.len() > 1 => self.narrow(relations),
            _ => {}
        }
    }

    fn equality(&mut self, left: &Expr, right: &Expr, relations: &BTreeSet<usize>, schema: &Schema) {
        let sides = [(self.find(left), right), (self.find(right), left)];
        for (column, other) in sides {
            let Some(to) = column else { continue };
            let (_, queries) = within(other);
            if queries.is_empty() {
                self.derive(self.columns_in(other), to, schema);
            } else {
                self.narrowed[to.relation] = true;
            }
        }
        if relations.len() > 1 && sides.iter().all(|(column, _)| column.is_none()) {
            self.narrow(relations);
        }
    }

    fn narrow(&mut self, relations: &BTreeSet<usize>) {
        for relation in relations {
            self.narrowed[*relation] = true;
        }
    }

    fn constant(&mut self, to: Ref, schema: &Schema) {
        self.derive(Vec::new(), to, schema);
    }

    pub fn derive(&mut self, from: Vec<Ref>, to: Ref, schema: &Schema) {
        if from.is_empty() && self.marks_one_row(to, schema) {
            self.narrowed[to.relation] = true;
        }
        self.derivations.push(Derivation { from, to });
    }

    /// `is_current`, `latest`: a mark that one row of several carries.
    fn marks_one_row(&self, column: Ref, schema: &Schema) -> bool {
        const MARKS: &[&str] =
            &["current", "latest", "active", "primary", "default", "main", "valid", "first", "last", "final", "newest"];
        let words = identifier_words(&self.column(column).name);
        let semantic = self.origin(column).map(|id| schema.profile(id).semantic);
        self.column(column).ranked
            || semantic != Some(SemanticType::Name) && words.iter().any(|word| MARKS.contains(&word.as_str()))
    }

    /// Another look at the same table inside a condition mostly picks one of its rows: the latest, the largest.
    fn narrow_by_query(&mut self, query: &Query) {
        let mut read: Vec<String> = Vec::new();
        let _ = sqlparser::ast::visit_relations(query, |name| {
            let last = name.0.last().and_then(|part| part.as_ident());
            read.extend(last.map(|ident| ident.value.clone()));
            std::ops::ControlFlow::<()>::Continue(())
        });
        for (relation, narrowed) in self.relations.iter().zip(&mut self.narrowed) {
            *narrowed |= read.iter().any(|name| name.eq_ignore_ascii_case(&relation.source));
        }
    }

    /// An inequality between tables that may leave one row per key: by time, rank or bounds.
    fn picks(&self, expr: &Expr, schema: &Schema) -> bool {
        const BOUNDS: &[&str] = &[
            "from",
            "to",
            "until",
            "start",
            "end",
            "valid",
            "minimum",
            "maximum",
            "low",
            "high",
            "lower",
            "upper",
            "begin",
            "threshold",
            "sequence",
            "rank",
            "number",
            "version",
            "bound",
            "limit",
        ];
        let columns = self.columns_in(expr);
        let sources: BTreeSet<&str> = columns.iter().map(|c| self.relations[c.relation].source.as_str()).collect();
        sources.len() < 2
            || columns.iter().any(|column| {
                let semantic = self.origin(*column).map_or(SemanticType::Unknown, |id| schema.profile(id).semantic);
                let words = identifier_words(&self.column(*column).name);
                semantic.is_time()
                    || matches!(semantic, SemanticType::Id | SemanticType::Month | SemanticType::Unknown)
                    || words.iter().any(|word| BOUNDS.contains(&word.as_str()))
            })
    }

    /// Gathers the aggregates of an expression.
    pub fn read_aggregates(&mut self, expr: &'q Expr) {
        let mut waiting = vec![(expr, false)];
        let (mut parts, mut queries) = (Vec::new(), Vec::new());
        while let Some((next, divided)) = waiting.pop() {
            let divides = match next {
                Expr::BinaryOp { op: BinaryOperator::Divide, .. } => true,
                Expr::Function(function) => {
                    if is_aggregate(function) {
                        self.aggregates.push(Aggregate { function, expr: next, divided });
                    }
                    is_named(function, &["safe_divide", "ieee_divide"])
                }
                _ => false,
            };
            super::expression::parts(next, &mut parts, &mut queries);
            waiting.extend(parts.drain(..).map(|part| (part, divided || divides)));
        }
    }

    /// Everything that follows from fixing the rows of some relations and the values of some columns.
    pub fn fix(&self, relations: impl IntoIterator<Item = usize>, columns: impl IntoIterator<Item = Ref>) -> Fixed {
        let mut fixed = Fixed { relations: vec![false; self.relations.len()], columns: columns.into_iter().collect() };
        relations.into_iter().for_each(|relation| fixed.relations[relation] = true);
        loop {
            self.spent.set(self.spent.get() + self.derivations.len() + self.relations.len() + 1);
            if self.is_spent() {
                return Fixed { relations: vec![true; self.relations.len()], ..fixed };
            }
            let mut grown = false;
            for derivation in &self.derivations {
                if !fixed.holds(derivation.to) && derivation.from.iter().all(|column| fixed.holds(*column)) {
                    grown |= fixed.columns.insert(derivation.to);
                }
            }
            for (relation, entry) in self.relations.iter().enumerate() {
                let held = |key: &BTreeSet<usize>| key.iter().all(|&column| fixed.holds(Ref { relation, column }));
                if !fixed.relations[relation] && entry.shape.keys.iter().any(held) {
                    fixed.relations[relation] = true;
                    grown = true;
                }
            }
            if !grown {
                return fixed;
            }
        }
    }

    /// True once nothing more can be found out about this block.
    pub fn is_spent(&self) -> bool {
        self.spent.get() > MAX_STEPS
    }

    /// Columns that are the same in all rows of one group.
    pub fn grouped(&self) -> impl Iterator<Item = Ref> + '_ {
        self.groups.iter().filter_map(|(_, column)| *column)
    }

    /// Tables and named queries as people read them.
    pub fn label(&self, relation: usize) -> &str {
        let entry = &self.relations[relation];
        if entry.source.is_empty() { &entry.alias.value } else { &entry.source }
    }
}

/// A name that is not a text in double quotes.
fn is_from_outside(expr: &Expr) -> bool {
    !matches!(expr, Expr::Identifier(name) if name.quote_style == Some('"'))
}

/// One row of several, or few: `IN (SELECT MAX(id) ... GROUP BY key)`.
fn picks_rows(query: &Query) -> bool {
    let SetExpr::Select(select) = query.body.as_ref() else { return true };
    let aggregates = select.projection.iter().any(|item| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => has_aggregate(expr),
        _ => false,
    });
    aggregates || query.limit_clause.is_some()
}
