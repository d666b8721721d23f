//! Goes through a query and its subqueries, checks each SELECT, and works out what rows it gives.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::rc::Rc;

use sqlparser::ast::{
    Distinct, Expr, GroupByExpr, Ident, Join, JoinConstraint, JoinOperator, LimitClause, ObjectName, OrderBy,
    OrderByKind, Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, SetOperator, SetQuantifier,
    TableFactor, TableWithJoins, Value,
};

use super::block::{Block, Ref, Relation};
use super::expression::{bare, divides, has_aggregate, is_named, passed_on, plain_arguments, values, within};
use super::shape::{Shape, ShapeColumn, smallest};
use super::{Caution, additivity, fan_out};
use crate::config::Policy;
use crate::schema::{Schema, TableId};

/// Columns that are put together before the walk gives up: none that people write comes near.
const MAX_COLUMNS: usize = 200_000;
/// Cautions of one statement.
const MAX_CAUTIONS: usize = 6;

pub struct Walk<'a> {
    pub schema: &'a Schema,
    pub policy: &'a Policy,
    pub cautions: Vec<Caution>,
    tables: HashMap<TableId, Rc<Shape>>,
    /// Named queries in force, innermost last.
    named: Vec<(String, Rc<Shape>)>,
    columns: usize,
}

impl<'a> Walk<'a> {
    pub fn new(schema: &'a Schema, policy: &'a Policy) -> Self {
        Self { schema, policy, cautions: Vec::new(), tables: HashMap::new(), named: Vec::new(), columns: MAX_COLUMNS }
    }

    pub fn query(&mut self, query: &Query) -> Rc<Shape> {
        let outer = self.named.len();
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            let name = cte.alias.name.value.clone();
            let before = self.named.len();
            if mentions(&cte.query, &name) {
                self.named.push((name.clone(), Rc::new(Shape::opaque())));
            }
            let shape = self.query(&cte.query);
            self.named.truncate(before);
            let names = cte.alias.columns.iter().map(|column| &column.name);
            self.named.push((name, renamed(shape, names.collect())));
        }
        let mut shape = self.body(&query.body, query.order_by.as_ref());
        if is_one_row(query) {
            shape = Rc::new(Shape {
                columns: shape.columns.clone(),
                keys: vec![BTreeSet::new()],
                table: None,
                opaque: false,
            });
        } else if query.limit_clause.is_some() && shape.table.is_some() {
            shape =
                Rc::new(Shape { columns: shape.columns.clone(), keys: shape.keys.clone(), table: None, opaque: false });
        }
        self.named.truncate(outer);
        shape
    }

    fn body(&mut self, body: &SetExpr, order_by: Option<&OrderBy>) -> Rc<Shape> {
        match body {
            SetExpr::Select(select) => self.select(select, order_by),
            SetExpr::Query(query) => self.query(query),
            SetExpr::SetOperation { .. } => self.set_operation(body),
            _ => Rc::new(Shape::opaque()),
        }
    }

    /// A chain leans to the left, so its arms are gone through in a loop.
    fn set_operation(&mut self, body: &SetExpr) -> Rc<Shape> {
        let all = SetQuantifier::All;
        let keeps_doubles = matches!(body, SetExpr::SetOperation { op: SetOperator::Union, set_quantifier, .. } if *set_quantifier == all);
        let (mut arm, mut rights) = (body, Vec::new());
        while let SetExpr::SetOperation { left, right, .. } = arm {
            rights.push(right.as_ref());
            arm = left;
        }
        let first = self.body(arm, None);
        let mut columns: Vec<ShapeColumn> = first.columns.clone();
        for right in rights.into_iter().rev() {
            let other = self.body(right, None);
            for (column, other) in columns.iter_mut().zip(&other.columns) {
                column.summed &= other.summed;
                column.origin = column.origin.filter(|origin| Some(*origin) == other.origin);
                column.repeated = None;
            }
        }
        let keys = if keeps_doubles { Vec::new() } else { vec![(0..columns.len()).collect()] };
        Rc::new(Shape { columns, keys, table: None, opaque: true })
    }

    fn select(&mut self, select: &Select, order_by: Option<&OrderBy>) -> Rc<Shape> {
        let mut block = Block::default();
        for source in &select.from {
            self.source(source, &mut block);
        }
        if let Some(condition) = &select.selection {
            block.condition(condition, self.schema);
        }
        let expressions = expressions(select, order_by);
        group(select, &mut block);
        for expr in &expressions {
            block.read_aggregates(expr);
            for query in within(expr).1 {
                self.query(query);
            }
        }
        let conditions: Vec<&Expr> = block.filters.iter().map(|filter| filter.expr).collect();
        for query in conditions.into_iter().flat_map(|expr| within(expr).1) {
            self.query(query);
        }
        if self.columns == 0 {
            return Rc::new(Shape::opaque());
        }
        if select.qualify.is_none() {
            self.judge(&block);
        }
        Rc::new(self.outputs(select, &block))
    }

    fn judge(&mut self, block: &Block<'_>) {
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for aggregate in &block.aggregates {
            if self.cautions.len() >= MAX_CAUTIONS || block.is_spent() {
                return;
            }
            let found = fan_out::of(block, aggregate, self.schema)
                .or_else(|| additivity::of(block, aggregate, self.schema, self.policy));
            if let Some(caution) = found
                && seen.insert(caution.measure.to_lowercase())
                && !self.cautions.contains(&caution)
            {
                self.cautions.push(caution);
            }
        }
    }

    fn source<'q>(&mut self, source: &'q TableWithJoins, block: &mut Block<'q>) {
        self.factor(&source.relation, block, false);
        for join in &source.joins {
            self.join(join, block);
        }
    }

    fn join<'q>(&mut self, join: &'q Join, block: &mut Block<'q>) {
        use JoinOperator as J;
        let left = block.relations.len();
        let optional = matches!(join.join_operator, J::Left(_) | J::LeftOuter(_) | J::FullOuter(_));
        self.factor(&join.relation, block, optional);
        if matches!(join.join_operator, J::Right(_) | J::RightOuter(_) | J::FullOuter(_)) {
            block.relations[..left].iter_mut().for_each(|relation| relation.optional = true);
        }
        let (J::Join(constraint)
        | J::Inner(constraint)
        | J::Left(constraint)
        | J::LeftOuter(constraint)
        | J::Right(constraint)
        | J::RightOuter(constraint)
        | J::FullOuter(constraint)
        | J::CrossJoin(constraint)) = &join.join_operator
        else {
            return;
        };
        match constraint {
            JoinConstraint::On(condition) => block.condition(condition, self.schema),
            JoinConstraint::Using(names) => {
                for name in names.iter().filter_map(last_name) {
                    self.merge(&name.value, left, block);
                }
            }
            JoinConstraint::Natural => {
                let joined = block.relations[left..].iter().flat_map(|relation| &relation.shape.columns);
                let names: Vec<String> = joined.map(|column| column.name.clone()).collect();
                for name in &names {
                    self.merge(name, left, block);
                }
            }
            JoinConstraint::None => {}
        }
    }

    fn merge(&self, name: &str, left: usize, block: &mut Block<'_>) {
        let find = |relations: std::ops::Range<usize>| {
            relations.into_iter().find_map(|relation| block.find_in(relation, name))
        };
        let (Some(first), Some(second)) = (find(0..left), find(left..block.relations.len())) else { return };
        block.related[first.relation] = true;
        block.related[second.relation] = true;
        block.merged.push(second);
        block.derive(vec![first], second, self.schema);
        block.derive(vec![second], first, self.schema);
    }

    fn factor<'q>(&mut self, factor: &'q TableFactor, block: &mut Block<'q>, optional: bool) {
        let (source, base, shape, alias) = match factor {
            TableFactor::Table { name, alias, args: None, .. } => {
                let (base, shape) = self.named_source(name);
                (last_name(name).map_or(String::new(), |last| last.value.clone()), base, shape, alias)
            }
            TableFactor::Derived { subquery, alias, .. } => (String::new(), None, self.query(subquery), alias),
            TableFactor::NestedJoin { table_with_joins, alias: None } => {
                let first = block.relations.len();
                self.source(table_with_joins, block);
                block.relations[first..].iter_mut().for_each(|relation| relation.optional |= optional);
                return;
            }
            TableFactor::Table { alias, .. }
            | TableFactor::Function { alias, .. }
            | TableFactor::NestedJoin { alias, .. }
            | TableFactor::UNNEST { alias, .. } => (String::new(), None, Rc::new(Shape::opaque()), alias),
            _ => (String::new(), None, Rc::new(Shape::opaque()), &None),
        };
        self.columns = self.columns.saturating_sub(shape.columns.len());
        let (alias, names) = match alias {
            Some(alias) => (alias.name.clone(), alias.columns.iter().map(|column| &column.name).collect()),
            None => (Ident::new(source.clone()), Vec::new()),
        };
        block.push(Relation { alias, source, base, shape: renamed(shape, names), optional });
    }

    fn named_source(&mut self, name: &ObjectName) -> (Option<TableId>, Rc<Shape>) {
        let unknown = || (None, Rc::new(Shape::opaque()));
        let Some(last) = last_name(name) else { return unknown() };
        let last = last.value.rsplit('.').next().unwrap_or_default();
        if name.0.len() == 1
            && let Some((_, shape)) = self.named.iter().rev().find(|(named, _)| named.eq_ignore_ascii_case(last))
        {
            return (None, Rc::clone(shape));
        }
        let Some(id) = self.schema.find_table(last) else { return unknown() };
        let schema = self.schema;
        let shape = self.tables.entry(id).or_insert_with(|| Rc::new(Shape::of_table(schema, id)));
        (Some(id), Rc::clone(shape))
    }

    /// The rows that a SELECT gives.
    fn outputs(&mut self, select: &Select, block: &Block<'_>) -> Shape {
        let mut outputs = Outputs::default();
        for item in &select.projection {
            match item {
                SelectItem::UnnamedExpr(expr) => outputs.push(expr, None, block, self.schema),
                SelectItem::ExprWithAlias { expr, alias } => outputs.push(expr, Some(alias), block, self.schema),
                SelectItem::Wildcard(_) => {
                    (0..block.relations.len()).for_each(|relation| outputs.push_all(relation, true, block));
                }
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                    let named = last_name(name).and_then(|last| {
                        block.relations.iter().position(|r| r.alias.value.eq_ignore_ascii_case(&last.value))
                    });
                    if let Some(relation) = named {
                        outputs.push_all(relation, false, block);
                    }
                }
                _ => return Shape::opaque(),
            }
        }
        self.columns = self.columns.saturating_sub(outputs.columns.len());
        let is_grouped = !block.groups.is_empty();
        let is_distinct = matches!(select.distinct, Some(Distinct::Distinct));
        let all_grouped = matches!(&select.group_by, GroupByExpr::All(_));
        let aggregates = select.projection.iter().filter_map(item_expr).any(has_aggregate);
        if all_grouped || block.is_spent() {
            return Shape { columns: outputs.columns, opaque: true, ..Shape::default() };
        }
        let mut keys = Vec::new();
        if is_grouped {
            keys.extend(outputs.key_of(&block.groups, block));
        } else if aggregates {
            keys.push(BTreeSet::new());
        } else {
            keys.extend(outputs.keys_of_relations(block));
        }
        if is_distinct {
            let all: Vec<(&Expr, Option<Ref>)> = outputs.exprs.clone();
            keys.extend(independent(&all, block).map(|terms| terms.into_iter().collect()));
        }
        let is_plain = !is_grouped && !aggregates && !is_distinct;
        if is_plain {
            fan_out::mark_repeated(
                block,
                &mut outputs.columns,
                &outputs.exprs.iter().map(|e| e.1).collect::<Vec<_>>(),
                self.schema,
            );
        }
        let opaque = keys.is_empty() && (block.relations.is_empty() || block.relations.iter().any(|r| r.shape.opaque));
        let table = match block.relations.as_slice() {
            [only] if is_plain && !block.narrowed[0] && !fixes_keys(block, self.schema) => only.shape.table,
            _ => None,
        };
        Shape { columns: outputs.columns, keys: smallest(keys), table, opaque }
    }
}

/// The columns of a result, each with the expression and the column it comes from.
#[derive(Default)]
struct Outputs<'q> {
    columns: Vec<ShapeColumn>,
    exprs: Vec<(&'q Expr, Option<Ref>)>,
    at: BTreeMap<Ref, usize>,
}

/// Stands for the columns that `*` gives, which have no expression.
static STAR: std::sync::LazyLock<Expr> = std::sync::LazyLock::new(|| Expr::Identifier(Ident::new("*")));

impl<'q> Outputs<'q> {
    fn push(&mut self, expr: &'q Expr, alias: Option<&Ident>, block: &Block<'_>, schema: &Schema) {
        let at = block.find(expr);
        let name = match (alias, bare(expr)) {
            (Some(alias), _) => alias.value.clone(),
            (None, Expr::Identifier(name)) => name.value.clone(),
            (None, Expr::CompoundIdentifier(parts)) => parts.last().map(|p| p.value.clone()).unwrap_or_default(),
            _ => String::new(),
        };
        let column = match at {
            Some(at) => ShapeColumn { name, ..block.column(at).clone() },
            None => computed(name, expr, block, schema),
        };
        self.add(column, expr, at);
    }

    fn push_all(&mut self, relation: usize, once: bool, block: &Block<'_>) {
        for (column, shape) in block.relations[relation].shape.columns.iter().enumerate() {
            let at = Ref { relation, column };
            if !(once && block.merged.contains(&at)) {
                self.add(shape.clone(), &STAR, Some(at));
            }
        }
    }

    fn add(&mut self, column: ShapeColumn, expr: &'q Expr, at: Option<Ref>) {
        if let Some(at) = at {
            self.at.entry(at).or_insert(self.columns.len());
        }
        self.columns.push(column);
        self.exprs.push((expr, at));
    }

    /// Where a column comes out, itself or one that is equal to it.
    fn position(&self, column: Ref, block: &Block<'_>) -> Option<usize> {
        self.at.get(&column).copied().or_else(|| {
            let equal = block.derivations.iter().filter(|d| d.to == column);
            equal.filter_map(|d| d.from.first().filter(|_| d.from.len() == 1)).find_map(|one| self.at.get(one)).copied()
        })
    }

    fn position_of(&self, term: &(&Expr, Option<Ref>), block: &Block<'_>) -> Option<usize> {
        let same = || self.exprs.iter().position(|(expr, _)| *expr == term.0);
        term.1.and_then(|column| self.position(column, block)).or_else(same)
    }

    /// The output columns that tell the groups apart; `None` if not all of them come out.
    fn key_of(&self, terms: &[(&Expr, Option<Ref>)], block: &Block<'_>) -> Option<BTreeSet<usize>> {
        let kept = independent(terms, block)?;
        kept.into_iter().map(|term| self.position_of(&terms[term], block)).collect()
    }

    /// Keys of relations that fix all others.
    fn keys_of_relations(&self, block: &Block<'_>) -> Vec<BTreeSet<usize>> {
        let mut keys = Vec::new();
        for (relation, entry) in block.relations.iter().enumerate() {
            if entry.shape.keys.is_empty() || !block.fix([relation], []).is_whole() {
                continue;
            }
            for key in &entry.shape.keys {
                keys.extend(
                    key.iter().map(|&column| self.position(Ref { relation, column }, block)).collect::<Option<_>>(),
                );
            }
        }
        if block.is_spent() { Vec::new() } else { keys }
    }
}

/// Reads GROUP BY: positions and aliases stand for what is selected.
fn group<'q>(select: &'q Select, block: &mut Block<'q>) {
    let GroupByExpr::Expressions(terms, _) = &select.group_by else { return };
    for term in terms {
        let meant = match bare(term) {
            Expr::Value(value) => match &value.value {
                Value::Number(number, _) => {
                    let at = number.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
                    at.and_then(|at| select.projection.get(at)).and_then(item_expr)
                }
                _ => None,
            },
            Expr::Identifier(name) if block.find(term).is_none() => {
                select.projection.iter().find_map(|item| match item {
                    SelectItem::ExprWithAlias { expr, alias } if alias.value.eq_ignore_ascii_case(&name.value) => {
                        Some(expr)
                    }
                    _ => None,
                })
            }
            _ => Some(term),
        };
        let meant = meant.unwrap_or(term);
        block.groups.push((meant, block.find(meant)));
    }
}

/// Positions of the terms that do not follow from the others; `None` if there are too many to try.
fn independent(terms: &[(&Expr, Option<Ref>)], block: &Block<'_>) -> Option<Vec<usize>> {
    let mut kept: Vec<usize> = (0..terms.len()).collect();
    if kept.len() > 100 {
        return Some(kept);
    }
    // Names mostly follow from numbers, and those come first.
    for term in (0..terms.len()).rev() {
        let Some(column) = terms[term].1 else { continue };
        let others = kept.iter().filter(|other| **other != term).filter_map(|other| terms[*other].1);
        if block.fix([], others).holds(column) {
            kept.retain(|other| *other != term);
        }
    }
    (!block.is_spent()).then_some(kept)
}

fn computed(name: String, expr: &Expr, block: &Block<'_>, schema: &Schema) -> ShapeColumn {
    let column = ShapeColumn { name, ..ShapeColumn::default() };
    match passed_on(expr) {
        Expr::Function(function) if function.over.is_some() => ShapeColumn { ranked: true, ..column },
        Expr::Function(function) if is_named(function, &["sum", "total", "count"]) => {
            ShapeColumn { summed: true, ..column }
        }
        Expr::Function(function) if is_named(function, &["avg", "min", "max"]) => {
            let from = plain_arguments(function).first().and_then(|argument| block.find(passed_on(argument)));
            ShapeColumn { origin: from.and_then(|at| block.origin(at)), ..column }
        }
        other => {
            if let Some(at) = block.find(other) {
                ShapeColumn { origin: block.origin(at), ..column }
            } else {
                let adds_up =
                    |part: &&Expr| block.find_exactly(part).is_some_and(|at| fan_out::adds_up(block, at, schema));
                let summed = !divides(other)
                    && matches!(other, Expr::BinaryOp { .. } | Expr::Case { .. })
                    && values(other).iter().any(adds_up);
                ShapeColumn { summed, ..column }
            }
        }
    }
}

/// True if a condition holds a column fast that may be a part of what tells rows apart.
fn fixes_keys(block: &Block<'_>, schema: &Schema) -> bool {
    let fixed = block.fix([], []);
    fixed.columns.iter().any(|column| fan_out::tells_apart(block, *column, schema))
        || fixed.relations.iter().any(|f| *f)
}

/// Where aggregates may stand.
fn expressions<'q>(select: &'q Select, order_by: Option<&'q OrderBy>) -> Vec<&'q Expr> {
    let mut all: Vec<&Expr> = select.projection.iter().filter_map(item_expr).collect();
    all.extend(&select.having);
    if let Some(OrderBy { kind: OrderByKind::Expressions(terms), .. }) = order_by {
        all.extend(terms.iter().map(|term| &term.expr));
    }
    all
}

fn item_expr(item: &SelectItem) -> Option<&Expr> {
    match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    }
}

fn is_one_row(query: &Query) -> bool {
    let Some(LimitClause::LimitOffset { limit: Some(limit), .. }) = &query.limit_clause else { return false };
    matches!(limit, Expr::Value(value) if matches!(&value.value, Value::Number(number, _) if number == "1"))
}

fn renamed(shape: Rc<Shape>, names: Vec<&Ident>) -> Rc<Shape> {
    if names.is_empty() {
        return shape;
    }
    let mut columns = shape.columns.clone();
    for (column, name) in columns.iter_mut().zip(names) {
        column.name.clone_from(&name.value);
    }
    Rc::new(Shape { columns, keys: shape.keys.clone(), table: shape.table, opaque: shape.opaque })
}

fn last_name(name: &ObjectName) -> Option<&Ident> {
    name.0.last().and_then(|part| part.as_ident())
}

fn mentions(query: &Query, name: &str) -> bool {
    let found = sqlparser::ast::visit_relations(query, |relation| {
        let same = last_name(relation).is_some_and(|last| last.value.eq_ignore_ascii_case(name));
        if same { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    found.is_break()
}
