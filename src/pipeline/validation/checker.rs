//! Walks a query: its CTEs, its selects, what they are made of, and what they give.

use std::collections::BTreeSet;

use sqlparser::ast::{
    Cte, Expr, GroupByExpr, GroupByWithModifier, Ident, LimitClause, NamedWindowExpr, ObjectName, OrderBy, OrderByExpr,
    OrderByKind, Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, WildcardAdditionalOptions,
};

use super::nearest::nearest;
use super::refusal::Refusal;
use super::scope::{Relation, Scope, ScopeColumn};
use super::text::Literal;
use crate::config::Policy;
use crate::schema::{ColumnId, Dialect, Schema, SemanticType, TableId};

/// What is known of the statement so far.
pub struct Checker<'a> {
    pub schema: &'a Schema,
    pub policy: &'a Policy,
    /// Named queries in force, innermost last.
    pub ctes: Vec<(String, Vec<ScopeColumn>)>,
    pub tables: BTreeSet<TableId>,
    pub columns: BTreeSet<ColumnId>,
    pub notes: Vec<String>,
    /// Double-quoted words that are texts.
    pub literals: Vec<Literal>,
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
    pub fn new(schema: &'a Schema, policy: &'a Policy) -> Self {
        Self {
            schema,
            policy,
            ctes: Vec::new(),
            tables: BTreeSet::new(),
            columns: BTreeSet::new(),
            notes: Vec::new(),
            literals: Vec::new(),
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
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.cte(cte, outer)?;
        }
        let outputs = self.body(&query.body, query.order_by.as_ref(), outer)?;
        if let Some(limit) = &query.limit_clause {
            self.limit(limit, outer)?;
        }
        self.ctes.truncate(outer_ctes);
        Ok(outputs)
    }

    fn cte(&mut self, cte: &Cte, outer: Option<&Scope<'_>>) -> Checked<()> {
        let name = cte.alias.name.value.clone();
        let renames: Vec<&Ident> = cte.alias.columns.iter().map(|column| &column.name).collect();
        let outer_ctes = self.ctes.len();
        if mentions(&cte.query, &name) {
            // The first arm of a recursive query cannot refer to the query itself, and names its columns.
            let first = self.first_arm(&cte.query, outer)?;
            self.ctes.push((name.clone(), rename(first, &renames)?));
        }
        let columns = self.query(&cte.query, outer)?;
        self.ctes.truncate(outer_ctes);
        self.ctes.push((name, rename(columns, &renames)?));
        Ok(())
    }

    fn first_arm(&mut self, query: &Query, outer: Option<&Scope<'_>>) -> Checked<Vec<ScopeColumn>> {
        let outer_ctes = self.ctes.len();
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.cte(cte, outer)?;
        }
        let mut arm = query.body.as_ref();
        while let SetExpr::SetOperation { left, .. } = arm {
            arm = left;
        }
        let columns = self.body(arm, None, outer);
        self.ctes.truncate(outer_ctes);
        columns
    }

    fn body(
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
                let scope = Scope::inside(outer);
                let mut width = 0;
                for row in &values.rows {
                    width = row.content.len();
                    self.expressions(&row.content, &scope)?;
                }
                let outputs: Vec<ScopeColumn> =
                    (1..=width).map(|n| ScopeColumn::computed(format!("column{n}"), SemanticType::Unknown)).collect();
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
        for source in &select.from {
            self.source(source, &mut scope)?;
        }
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
                SelectItem::Wildcard(options) => {
                    self.refuse_wildcard_options(options)?;
                    if scope.relations.is_empty() {
                        return Err(Refusal::new("syntax", "there is no table for *", "the query has no FROM"));
                    }
                    for relation in &scope.relations {
                        outputs.extend(self.all_columns(relation)?.into_iter().filter(|column| !column.merged));
                        refuse_too_wide(&outputs)?;
                    }
                }
                SelectItem::QualifiedWildcard(kind, options) => {
                    self.refuse_wildcard_options(options)?;
                    let SelectItemQualifiedWildcardKind::ObjectName(name) = kind else {
                        return Err(Refusal::unsupported("an expression before .*"));
                    };
                    let relation = self.relation_of_wildcard(name, scope)?;
                    outputs.extend(self.all_columns(relation)?);
                    refuse_too_wide(&outputs)?;
                }
            }
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
        Ok(ScopeColumn { weight, ..ScopeColumn::computed(name, meaning.semantic) })
    }

    fn all_columns(&mut self, relation: &Relation) -> Checked<Vec<ScopeColumn>> {
        self.spend(relation.columns.len())?;
        for id in relation.columns.iter().filter_map(|column| column.id) {
            self.use_column(id).map_err(|refusal| refusal.hint("name the columns instead of *"))?;
        }
        Ok(relation.columns.clone())
    }

    fn relation_of_wildcard<'s>(&self, name: &ObjectName, scope: &'s Scope<'_>) -> Checked<&'s Relation> {
        let last = last_part(name)?;
        scope.relation(&last.value).ok_or_else(|| self.unknown_relation(last, scope))
    }

    /// `EXCEPT` and `REPLACE` belong to BigQuery; the columns count as read all the same.
    fn refuse_wildcard_options(&self, options: &WildcardAdditionalOptions) -> Checked<()> {
        let plain = options.opt_ilike.is_none()
            && options.opt_exclude.is_none()
            && options.opt_rename.is_none()
            && options.opt_replace.is_none()
            && (options.opt_except.is_none() || self.schema.dialect == Dialect::BigQuery);
        if plain { Ok(()) } else { Err(Refusal::unsupported("an option after *")) }
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

    /// Notes that a column is read, if the policy allows it.
    pub fn use_column(&mut self, id: ColumnId) -> Checked<()> {
        let name = self.schema.qualified(id);
        let bare = &self.schema.column(id).name;
        let denies = |rule: &String| rule.eq_ignore_ascii_case(&name) || rule.eq_ignore_ascii_case(bare);
        if self.policy.deny_columns.iter().any(denies) {
            return Err(denied(&format!("the column {name}")));
        }
        self.columns.insert(id);
        Ok(())
    }

    /// Notes that a table is read, if the policy allows it.
    pub fn use_table(&mut self, id: TableId) -> Checked<()> {
        let name = &self.schema.table(id).name;
        if self.policy.deny_tables.iter().any(|rule| rule.eq_ignore_ascii_case(name)) {
            return Err(denied(&format!("the table {name}")));
        }
        self.tables.insert(id);
        Ok(())
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

    pub fn unknown_relation(&self, name: &Ident, scope: &Scope<'_>) -> Refusal {
        let message = format!("no table named \"{}\" in this query", name.value);
        let in_from = scope.relation_names();
        let hint = match self.schema.find_table(&name.value) {
            Some(_) => format!("add {} to FROM, or use its alias", name.value),
            None if in_from.is_empty() => "the query has no FROM".to_owned(),
            None => format!("it reads {}", in_from.join(", ")),
        };
        let near = nearest(&name.value, in_from);
        Refusal::new("unknown_table", message, "the FROM clause does not name it").nearest(near, hint).at_name(name)
    }
}

fn too_large() -> Refusal {
    let why = "its named queries multiply each other";
    Refusal::new("too_long", "the statement grows too large when its parts are put together", why)
}

fn refuse_too_wide(outputs: &[ScopeColumn]) -> Checked<()> {
    if outputs.len() > MAX_COLUMNS { Err(too_large()) } else { Ok(()) }
}

fn denied(what: &str) -> Refusal {
    Refusal::new("denied", format!("{what} may not be read"), "the configured policy denies it")
        .hint("leave it out of the query, or change the policy in the configuration")
}

/// Clauses that no supported database has, or that write.
fn refuse_foreign_clauses(select: &Select) -> Checked<()> {
    if select.into.is_some() {
        return Err(Refusal::not_read_only("SELECT INTO"));
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

fn rename(columns: Vec<ScopeColumn>, names: &[&Ident]) -> Checked<Vec<ScopeColumn>> {
    if let (Some(first), true) = (names.first(), names.len() != columns.len()) {
        let message = format!("{} names for {} columns", names.len(), columns.len());
        return Err(Refusal::new("syntax", message, "every column needs one name").at_name(first));
    }
    let renamed = columns.into_iter().enumerate().map(|(n, column)| ScopeColumn {
        name: names.get(n).map(|name| name.value.clone()).unwrap_or(column.name),
        id: None,
        ..column
    });
    Ok(renamed.collect())
}

/// True if the query's `FROM` names the table anywhere, by whatever depth.
fn mentions(query: &Query, name: &str) -> bool {
    use std::ops::ControlFlow;
    let found = sqlparser::ast::visit_relations(query, |relation| {
        let same = matches!(last_part(relation), Ok(last) if last.value.eq_ignore_ascii_case(name));
        if same { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    found.is_break()
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
