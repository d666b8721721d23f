//! Walks a query: its CTEs, its selects, what they are made of, and what they give.

use std::collections::{BTreeSet, HashMap};

use sqlparser::ast::{
    Distinct, Expr, GroupByExpr, GroupByWithModifier, Ident, LimitClause, NamedWindowExpr, ObjectName, OrderBy,
    OrderByExpr, OrderByKind, Query, Select, SelectItem, SetExpr, Values,
};

use super::determinism::Now;
use super::refusal::Refusal;
use super::scope::{Scope, ScopeColumn};
use super::text::Edit;
use crate::config::Policy;
use crate::schema::{ColumnId, Schema, SemanticType, TableId};

/// What is known of the statement so far.
pub struct Checker<'a> {
    pub schema: &'a Schema,
    pub policy: &'a Policy,
    /// Named queries in force, innermost last.
    pub ctes: Vec<(String, Vec<ScopeColumn>)>,
    pub tables: BTreeSet<TableId>,
    pub columns: BTreeSet<ColumnId>,
    pub notes: Vec<String>,
    /// Double-quoted words that are texts, and stars that mean fewer columns than they would.
    pub edits: Vec<Edit>,
    /// Somewhere in it full text is searched, so that a table may have a rank.
    pub searches: bool,
    /// Depends on more than the data.
    pub volatile: bool,
    /// What the scalar subqueries give, by their addresses in the parsed statement.
    pub scalars: HashMap<usize, Now>,
    /// What the check may still cost.
    steps: usize,
    /// Of all columns read so far.
    pub weight: usize,
}

/// Expressions, queries and columns that one check may look at. A statement of the greatest length has a tenth of
/// that; only named queries that multiply each other come here.
const MAX_STEPS: usize = 500_000;
/// Columns one expression may come to: SQLite writes out what a named query computes wherever it is used.
const MAX_WEIGHT: usize = 100_000;
/// Columns of one query: SQLite's own bound.
const MAX_COLUMNS: usize = 2_000;

pub type Checked<T> = Result<T, Refusal>;

impl<'a> Checker<'a> {
    pub fn new(schema: &'a Schema, policy: &'a Policy, searches: bool) -> Self {
        Self {
            schema,
            policy,
            ctes: Vec::new(),
            tables: BTreeSet::new(),
            columns: BTreeSet::new(),
            notes: Vec::new(),
            edits: Vec::new(),
            searches,
            volatile: false,
            scalars: HashMap::new(),
            steps: MAX_STEPS,
            weight: 0,
        }
    }

    /// Checks a query and gives the columns of its result.
    pub fn query(&mut self, query: &Query, outer: Option<&Scope<'_>>) -> Checked<Vec<ScopeColumn>> {
        self.spend(1)?;
        if !query.locks.is_empty() {
            return Err(Refusal::not_read_only("FOR UPDATE"));
        }
        if query.for_clause.is_some() || query.settings.is_some() || query.format_clause.is_some() {
            return Err(Refusal::unsupported("a FOR, SETTINGS or FORMAT clause"));
        }
        if !query.pipe_operators.is_empty() || query.fetch.is_some() {
            return Err(Refusal::unsupported("a pipe operator or FETCH"));
        }
        let outer_ctes = self.ctes.len();
        if let Some(with) = &query.with {
            self.named_queries(with, outer)?;
        }
        let outputs = self.body(&query.body, query.order_by.as_ref(), outer)?;
        if let Some(limit) = &query.limit_clause {
            self.limit(limit, outer)?;
        }
        self.ctes.truncate(outer_ctes);
        Ok(outputs)
    }

    pub fn body(
        &mut self,
        body: &SetExpr,
        order_by: Option<&OrderBy>,
        outer: Option<&Scope<'_>>,
    ) -> Checked<Vec<ScopeColumn>> {
        match body {
            SetExpr::Select(select) => self.select(select, order_by, outer),
            SetExpr::Query(query) => {
                let outputs = self.query(query, outer)?;
                self.order_of_outputs(order_by, &outputs, outer)?;
                Ok(outputs)
            }
            SetExpr::SetOperation { .. } => self.set_operation(body, order_by, outer),
            SetExpr::Values(values) => {
                let outputs = self.values(values, outer)?;
                self.order_of_outputs(order_by, &outputs, outer)?;
                Ok(outputs)
            }
            SetExpr::Insert(_) => Err(Refusal::not_read_only("INSERT")),
            SetExpr::Update(_) => Err(Refusal::not_read_only("UPDATE")),
            SetExpr::Delete(_) => Err(Refusal::not_read_only("DELETE")),
            SetExpr::Merge(_) => Err(Refusal::not_read_only("MERGE")),
            SetExpr::Table(_) => Err(Refusal::unsupported("TABLE")),
        }
    }

    fn values(&mut self, values: &Values, outer: Option<&Scope<'_>>) -> Checked<Vec<ScopeColumn>> {
        let scope = Scope::inside(outer);
        let mut outputs: Vec<ScopeColumn> = Vec::new();
        for row in &values.rows {
            for (n, expr) in row.content.iter().enumerate() {
                self.expression(expr, &scope)?;
                let now = self.now(expr, &scope);
                if let Some(output) = outputs.get_mut(n) {
                    output.now = output.now.max(now);
                } else {
                    let name = format!("column{}", n + 1);
                    outputs.push(ScopeColumn { now, ..ScopeColumn::computed(name, SemanticType::Unknown) });
                }
            }
        }
        Ok(outputs)
    }

    /// A chain of set operations leans to the left, so its arms are gone through in a loop.
    fn set_operation(
        &mut self,
        body: &SetExpr,
        order_by: Option<&OrderBy>,
        outer: Option<&Scope<'_>>,
    ) -> Checked<Vec<ScopeColumn>> {
        let mut rights = Vec::new();
        let mut arm = body;
        while let SetExpr::SetOperation { left, right, .. } = arm {
            rights.push(right.as_ref());
            arm = left;
        }
        let mut outputs = self.body(arm, None, outer)?;
        let mut orderable = outputs.clone();
        for right in rights.into_iter().rev() {
            let columns = self.body(right, None, outer)?;
            for (output, column) in outputs.iter_mut().zip(&columns) {
                output.id = None;
                output.weight = output.weight.max(column.weight);
                output.now = output.now.max(column.now);
                if output.semantic != column.semantic {
                    output.semantic = SemanticType::Unknown;
                }
            }
            orderable.extend(columns);
        }
        self.order_of_outputs(order_by, &orderable, outer)?;
        Ok(outputs)
    }

    fn select(
        &mut self,
        select: &Select,
        order_by: Option<&OrderBy>,
        outer: Option<&Scope<'_>>,
    ) -> Checked<Vec<ScopeColumn>> {
        refuse_foreign_clauses(select)?;
        let mut scope = Scope::inside(outer);
        self.sources(&select.from, &mut scope)?;
        scope.windows = select.named_window.iter().map(|window| window.0.value.clone()).collect();
        let outputs = self.projection(&select.projection, &scope)?;
        scope.aliases.clone_from(&outputs);
        for window in &select.named_window {
            if let NamedWindowExpr::WindowSpec(spec) = &window.1 {
                self.window(spec, &scope)?;
            }
        }
        let conditions = [&select.selection, &select.having, &select.qualify];
        for condition in conditions.into_iter().flatten() {
            self.expression(condition, &scope)?;
        }
        self.group_by(&select.group_by, &scope)?;
        if let Some(order_by) = order_by {
            self.order(order_by, &scope)?;
        }
        Ok(outputs)
    }

    fn projection(&mut self, items: &[SelectItem], scope: &Scope<'_>) -> Checked<Vec<ScopeColumn>> {
        let mut outputs: Vec<ScopeColumn> = Vec::new();
        for item in items {
            match item {
                SelectItem::UnnamedExpr(expr) => outputs.push(self.output(expr, None, scope)?),
                SelectItem::ExprWithAlias { expr, alias } => outputs.push(self.output(expr, Some(alias), scope)?),
                SelectItem::ExprWithAliases { .. } => return Err(Refusal::unsupported("a list of aliases")),
                SelectItem::Wildcard(options) => outputs.extend(self.star(options, scope)?),
                SelectItem::QualifiedWildcard(kind, options) => {
                    outputs.extend(self.qualified_star(kind, options, scope)?);
                }
            }
            refuse_too_wide(&outputs)?;
        }
        Ok(outputs)
    }

    fn output(&mut self, expr: &Expr, alias: Option<&Ident>, scope: &Scope<'_>) -> Checked<ScopeColumn> {
        let before = self.weight;
        let meaning = self.expression(expr, scope)?;
        let weight = self.weight.saturating_sub(before).max(1);
        if weight > MAX_WEIGHT {
            return Err(too_large());
        }
        let name = alias.map_or_else(|| written_name(expr), |alias| alias.value.clone());
        Ok(ScopeColumn { weight, now: self.now(expr, scope), ..ScopeColumn::computed(name, meaning.semantic) })
    }

    fn group_by(&mut self, group_by: &GroupByExpr, scope: &Scope<'_>) -> Checked<()> {
        let (expressions, modifiers) = match group_by {
            GroupByExpr::All(modifiers) => (&[][..], modifiers),
            GroupByExpr::Expressions(expressions, modifiers) => (expressions.as_slice(), modifiers),
        };
        self.expressions(expressions, scope)?;
        for modifier in modifiers {
            if let GroupByWithModifier::GroupingSets(expr) = modifier {
                self.expression(expr, scope)?;
            }
        }
        Ok(())
    }

    fn order_of_outputs(
        &mut self,
        order_by: Option<&OrderBy>,
        outputs: &[ScopeColumn],
        outer: Option<&Scope<'_>>,
    ) -> Checked<()> {
        let Some(order_by) = order_by else { return Ok(()) };
        let mut scope = Scope::inside(outer);
        scope.aliases = outputs.to_vec();
        self.order(order_by, &scope)
    }

    fn order(&mut self, order_by: &OrderBy, scope: &Scope<'_>) -> Checked<()> {
        match &order_by.kind {
            OrderByKind::All(_) => Err(Refusal::unsupported("ORDER BY ALL")),
            OrderByKind::Expressions(terms) => self.order_terms(terms, scope),
        }
    }

    pub fn order_terms(&mut self, terms: &[OrderByExpr], scope: &Scope<'_>) -> Checked<()> {
        terms.iter().try_for_each(|term| self.expression(&term.expr, scope).map(drop))
    }

    fn limit(&mut self, limit: &LimitClause, outer: Option<&Scope<'_>>) -> Checked<()> {
        let scope = Scope::inside(outer);
        match limit {
            LimitClause::LimitOffset { limit, offset, limit_by } => {
                self.expressions(limit_by, &scope)?;
                for expr in limit.iter().chain(offset.as_ref().map(|offset| &offset.value)) {
                    self.expression(expr, &scope)?;
                }
            }
            LimitClause::OffsetCommaLimit { offset, limit } => {
                self.expression(offset, &scope)?;
                self.expression(limit, &scope)?;
            }
        }
        Ok(())
    }

    pub fn expressions<'e>(&mut self, list: impl IntoIterator<Item = &'e Expr>, scope: &Scope<'_>) -> Checked<()> {
        list.into_iter().try_for_each(|expr| self.expression(expr, scope).map(drop))
    }

    /// Counts what the check costs.
    pub fn spend(&mut self, steps: usize) -> Checked<()> {
        self.steps = self.steps.checked_sub(steps).ok_or_else(too_large)?;
        Ok(())
    }

    pub fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

fn too_large() -> Refusal {
    let why = "its named queries multiply each other";
    Refusal::new("too_long", "the statement grows too large when its parts are put together", why)
}

pub fn refuse_too_wide(outputs: &[ScopeColumn]) -> Checked<()> {
    if outputs.len() > MAX_COLUMNS { Err(too_large()) } else { Ok(()) }
}

/// Clauses that no supported database has, or that write.
fn refuse_foreign_clauses(select: &Select) -> Checked<()> {
    if select.into.is_some() {
        return Err(Refusal::not_read_only("SELECT INTO"));
    }
    if matches!(select.distinct, Some(Distinct::On(_))) {
        return Err(Refusal::unsupported("DISTINCT ON"));
    }
    let foreign = select.top.is_some()
        || select.exclude.is_some()
        || !select.lateral_views.is_empty()
        || select.prewhere.is_some()
        || !select.connect_by.is_empty()
        || !select.cluster_by.is_empty()
        || !select.distribute_by.is_empty()
        || !select.sort_by.is_empty()
        || select.flavor != sqlparser::ast::SelectFlavor::Standard;
    if foreign { Err(Refusal::unsupported("a clause of this SELECT")) } else { Ok(()) }
}

pub fn last_part(name: &ObjectName) -> Checked<&Ident> {
    name.0.last().and_then(|part| part.as_ident()).ok_or_else(|| Refusal::unsupported("this name"))
}

/// What SQLite calls a column without an alias.
fn written_name(expr: &Expr) -> String {
    match expr {
        Expr::Identifier(name) => name.value.clone(),
        Expr::CompoundIdentifier(parts) => parts.last().map(|part| part.value.clone()).unwrap_or_default(),
        other => other.to_string(),
    }
}
