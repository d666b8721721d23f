//! What `FROM` names: tables, named queries, subqueries, joins, and the functions that give rows.

use sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, Ident, Join, JoinConstraint, JoinOperator, ObjectName, TableAlias, TableFactor,
    TableWithJoins, Value,
};

use super::checker::{Checked, Checker, last_part};
use super::determinism::Now;
use super::expressions::is_unit_of_time;
use super::meaning::Meaning;
use super::nearest::nearest;
use super::policy::denied;
use super::refusal::Refusal;
use super::scope::{Found, Relation, Scope, ScopeColumn, named};
use crate::schema::{ColumnId, Dialect, SemanticType, TableId};

/// Tables of one `FROM`: SQLite's own bound.
const MAX_SOURCES: usize = 64;

/// Functions that give rows, with their columns.
const ROW_FUNCTIONS: &[(&str, &str)] = &[
    ("json_each", "key value type atom id parent fullkey path json root"),
    ("json_tree", "key value type atom id parent fullkey path json root"),
    ("jsonb_each", "key value type atom id parent fullkey path json root"),
    ("jsonb_tree", "key value type atom id parent fullkey path json root"),
];

/// The database's own catalogue, which only describes tables. Closed as soon as the policy hides something.
const CATALOGUE_FUNCTIONS: &[(&str, &str)] = &[
    ("pragma_table_list", "schema name type ncol wr strict"),
    ("pragma_table_info", "cid name type notnull dflt_value pk"),
    ("pragma_table_xinfo", "cid name type notnull dflt_value pk hidden"),
    ("pragma_index_list", "seq name unique origin partial"),
    ("pragma_index_info", "seqno cid name"),
    ("pragma_index_xinfo", "seqno cid name desc coll key"),
    ("pragma_foreign_key_list", "id seq table from to on_update on_delete match"),
];

impl Checker<'_> {
    /// Checks what `FROM` names, then the conditions of its joins: SQLite lets one name a table that comes later.
    pub fn sources(&mut self, sources: &[TableWithJoins], scope: &mut Scope<'_>) -> Checked<()> {
        sources.iter().try_for_each(|source| self.source(source, scope))?;
        let joins = sources.iter().flat_map(joins_within);
        let conditions = joins.filter_map(|join| match constraint_of(join)? {
            JoinConstraint::On(condition) => Some(condition),
            _ => None,
        });
        self.expressions(conditions, scope)
    }

    fn source(&mut self, source: &TableWithJoins, scope: &mut Scope<'_>) -> Checked<()> {
        self.factor(&source.relation, scope)?;
        source.joins.iter().try_for_each(|join| self.join(join, scope))
    }

    fn join(&mut self, join: &Join, scope: &mut Scope<'_>) -> Checked<()> {
        let left = scope.relations.len();
        self.factor(&join.relation, scope)?;
        let constraint = constraint_of(join).ok_or_else(|| Refusal::unsupported("this kind of join"))?;
        self.constraint(constraint, left, scope)
    }

    /// Conditions after `ON` wait until all tables are known.
    fn constraint(&mut self, constraint: &JoinConstraint, left: usize, scope: &mut Scope<'_>) -> Checked<()> {
        match constraint {
            JoinConstraint::On(_) | JoinConstraint::None => Ok(()),
            JoinConstraint::Using(names) => names.iter().try_for_each(|name| self.merge(last_part(name)?, left, scope)),
            JoinConstraint::Natural => {
                if scope.relations.iter().any(|relation| relation.hidden) {
                    let refusal = denied("what NATURAL joins a table with hidden columns by");
                    return Err(refusal.hint("join with USING or ON instead"));
                }
                let (before, joined) = scope.relations.split_at(left);
                let shared: Vec<Ident> = joined
                    .iter()
                    .flat_map(|relation| &relation.columns)
                    .filter(|column| before.iter().any(|relation| named(&relation.columns, &column.name).is_some()))
                    .map(|column| Ident::new(column.name.clone()))
                    .collect();
                shared.iter().try_for_each(|name| self.merge(name, left, scope))
            }
        }
    }

    /// Joins by a column of the same name on both sides, which `*` then shows once.
    fn merge(&mut self, name: &Ident, left: usize, scope: &mut Scope<'_>) -> Checked<()> {
        self.refuse_hidden_join(name, scope)?;
        let (before, joined) = scope.relations.split_at_mut(left);
        let on_left = before.iter().find_map(|relation| named(&relation.columns, &name.value)).map(|column| column.id);
        let on_right = joined
            .iter_mut()
            .flat_map(|relation| &mut relation.columns)
            .find(|column| column.name.eq_ignore_ascii_case(&name.value));
        let (Some(first), Some(second)) = (on_left, on_right) else {
            if scope.relations.iter().any(|relation| relation.open) {
                return Ok(());
            }
            let message = format!("no column named \"{}\" on both sides of the join", name.value);
            let near = nearest(&name.value, scope.column_names());
            return Err(Refusal::new("unknown_column", message, "USING needs it in both tables")
                .nearest(near, "join with ON instead")
                .at_name(name));
        };
        second.merged = true;
        let ids = [first, second.id];
        ids.into_iter().flatten().try_for_each(|id| self.use_column(id))
    }

    fn factor(&mut self, factor: &TableFactor, scope: &mut Scope<'_>) -> Checked<()> {
        if scope.relations.len() >= MAX_SOURCES {
            let message = format!("more than {MAX_SOURCES} tables in one FROM");
            return Err(Refusal::new("too_long", message, "SQLite joins no more"));
        }
        match factor {
            TableFactor::Table { name, alias, args, version, sample, .. } => {
                if version.is_some() || (sample.is_some() && self.schema.dialect == Dialect::Sqlite) {
                    return Err(Refusal::unsupported("a table version or sample"));
                }
                let relation = match args {
                    Some(args) => self.row_function(name, &args.args, scope)?,
                    None => self.table(name, scope)?,
                };
                self.spend(relation.columns.len())?;
                push(scope, relation, alias.as_ref())
            }
            TableFactor::Function { name, args, alias, .. } => {
                let relation = self.row_function(name, args, scope)?;
                push(scope, relation, alias.as_ref())
            }
            TableFactor::Derived { subquery, alias, lateral, .. } => {
                let columns = self.query(subquery, if *lateral { Some(&*scope) } else { scope.parent })?;
                let columns = columns.into_iter().map(|column| ScopeColumn { id: None, merged: false, ..column });
                push(scope, Relation::of_query("", columns.collect()), alias.as_ref())
            }
            TableFactor::NestedJoin { table_with_joins, alias } => self.nested(table_with_joins, alias.as_ref(), scope),
            TableFactor::UNNEST { alias, array_exprs, with_offset_alias, .. }
                if self.schema.dialect == Dialect::BigQuery =>
            {
                self.expressions(array_exprs, scope)?;
                let names = alias.iter().map(|alias| &alias.name).chain(with_offset_alias);
                let columns = names.map(|name| ScopeColumn::computed(&name.value, SemanticType::Unknown)).collect();
                push(scope, Relation { open: true, ..Relation::of_query("", columns) }, None)
            }
            _ => Err(Refusal::unsupported("this source of rows")),
        }
    }

    fn nested(&mut self, inner: &TableWithJoins, alias: Option<&TableAlias>, scope: &mut Scope<'_>) -> Checked<()> {
        let Some(alias) = alias else { return self.source(inner, scope) };
        let mut own = Scope::inside(scope.parent);
        self.sources(std::slice::from_ref(inner), &mut own)?;
        if own.relations.iter().any(|relation| relation.hidden) {
            return Err(denied("joined tables under one name")
                .hint("give each table its own alias")
                .at_name(&alias.name));
        }
        let columns = own.relations.into_iter().flat_map(|relation| relation.columns).collect();
        push(scope, Relation::of_query("", columns), Some(alias))
    }

    fn table(&mut self, name: &ObjectName, scope: &Scope<'_>) -> Checked<Relation> {
        let last = last_part(name)?;
        if self.schema.dialect == Dialect::BigQuery {
            return self.bigquery_table(name);
        }
        if is_catalogue(&last.value) {
            return Err(catalogue_denied(last));
        }
        let main = match name.0.as_slice() {
            [_] => false,
            [database, _] if database.as_ident().is_some_and(|d| d.value.eq_ignore_ascii_case("main")) => true,
            _ => return Err(self.unknown_table(last, &name.to_string())),
        };
        if !main && let Some(relation) = self.named_query(last) {
            return Ok(relation);
        }
        if let Some(id) = self.schema.find_table(&last.value) {
            return self.known_table(id, last);
        }
        if last.value.to_ascii_lowercase().starts_with("pragma_") {
            return self.row_function(name, &[], scope);
        }
        Err(self.unknown_table(last, &last.value))
    }

    fn named_query(&self, name: &Ident) -> Option<Relation> {
        let (cte, columns) = self.ctes.iter().rev().find(|(cte, _)| cte.eq_ignore_ascii_case(&name.value))?;
        Some(Relation::of_query(cte.clone(), columns.clone()))
    }

    fn known_table(&mut self, id: TableId, name: &Ident) -> Checked<Relation> {
        self.use_table(id).map_err(|refusal| refusal.at_name(name))?;
        let schema = self.schema;
        let table = schema.table(id);
        let visible = table.columns.iter().enumerate().filter(|(_, c)| !self.hides_column(table, &c.name));
        let columns: Vec<ScopeColumn> = visible
            .map(|(column, c)| ScopeColumn {
                id: Some(ColumnId { table: id, column }),
                now: Now::Never,
                ..ScopeColumn::computed(&c.name, c.profile.semantic)
            })
            .collect();
        let hidden = table.has_hidden || columns.len() < table.columns.len();
        let ranked = self.searches && !table.is_view;
        Ok(Relation { table: Some(id), hidden, ranked, ..Relation::of_query(&table.name, columns) })
    }

    /// `project.dataset.table` in one pair of backticks or in parts; the table is the last one.
    fn bigquery_table(&mut self, name: &ObjectName) -> Checked<Relation> {
        let last = last_part(name)?;
        let path = name.0.iter().filter_map(|part| part.as_ident()).map(|part| part.value.as_str());
        let path: Vec<&str> = path.flat_map(|part| part.split('.')).collect();
        if path.iter().any(|part| part.eq_ignore_ascii_case("INFORMATION_SCHEMA")) {
            return Err(catalogue_denied(last));
        }
        let table = path.last().copied().unwrap_or_default();
        if path.len() == 1
            && let Some(relation) = self.named_query(last)
        {
            return Ok(relation);
        }
        match self.schema.find_table(table) {
            Some(id) => self.known_table(id, last),
            None => Err(self.unknown_table(last, table)),
        }
    }

    fn row_function(&mut self, name: &ObjectName, args: &[FunctionArg], scope: &Scope<'_>) -> Checked<Relation> {
        let last = last_part(name)?;
        if is_catalogue(&last.value) {
            return Err(catalogue_denied(last));
        }
        let lower = last.value.to_ascii_lowercase();
        let open = self.policy.deny_tables.is_empty() && self.policy.deny_columns.is_empty();
        let catalogue = if open { CATALOGUE_FUNCTIONS } else { &[] };
        let known = ROW_FUNCTIONS.iter().chain(catalogue).find(|(known, _)| *known == lower);
        let Some((known, columns)) = known.filter(|_| self.schema.dialect == Dialect::Sqlite) else {
            let message = format!("the source of rows \"{}\" is not allowed", last.value);
            return Err(Refusal::new("unknown_function", message, "only json_each and json_tree give rows")
                .hint("read a table, or expand JSON with json_each")
                .at_name(last));
        };
        if known.starts_with("pragma_") && !args.iter().all(is_plain_text) {
            let refusal = Refusal::unsupported(&format!("an argument of {known} that is not a plain text"));
            return Err(refusal.hint("name the table in single quotes").at_name(last));
        }
        self.arguments(args, scope)?;
        let columns = columns.split_ascii_whitespace().map(|c| ScopeColumn {
            unlisted: matches!(c, "json" | "root"),
            ..ScopeColumn::computed(c, SemanticType::Unknown)
        });
        Ok(Relation::of_query(*known, columns.collect()))
    }

    /// Checks the arguments of a function and tells what the first one means.
    pub fn arguments(&mut self, args: &[FunctionArg], scope: &Scope<'_>) -> Checked<Meaning> {
        let bigquery = self.schema.dialect == Dialect::BigQuery;
        let mut first = None;
        for arg in args {
            let meaning = match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) if bigquery && is_unit_of_time(expr) => {
                    Meaning::UNKNOWN
                }
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => self.expression(expr, scope)?,
                FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => Meaning::UNKNOWN,
                FunctionArg::Named { arg: FunctionArgExpr::Expr(expr), .. } if bigquery => {
                    self.expression(expr, scope)?
                }
                _ => return Err(Refusal::unsupported("this argument")),
            };
            first.get_or_insert(meaning);
        }
        Ok(first.unwrap_or(Meaning::UNKNOWN))
    }

    /// Resolves a column name and notes what it reads.
    pub fn read(&mut self, found: Found<'_>, at: &Ident) -> Checked<Option<SemanticType>> {
        match found {
            Found::Column(column) => {
                self.weight = self.weight.saturating_add(column.weight);
                if let Some(id) = column.id {
                    self.use_column(id).map_err(|refusal| refusal.at_name(at))?;
                }
                Ok(Some(column.semantic))
            }
            Found::Unknown => Ok(Some(SemanticType::Unknown)),
            Found::RowId => Ok(Some(SemanticType::Id)),
            Found::Table(table) => {
                let whole = self.schema.table(table);
                if whole.has_hidden || whole.columns.iter().any(|column| self.hides_column(whole, &column.name)) {
                    let refusal = denied(&format!("the whole of {}", whole.name));
                    return Err(refusal.hint("search a single column with LIKE instead").at_name(at));
                }
                let columns: Vec<_> = self.schema.columns().filter(|id| id.table == table).collect();
                columns.into_iter().try_for_each(|id| self.use_column(id)).map_err(|r| r.at_name(at))?;
                Ok(Some(SemanticType::Unknown))
            }
            Found::Missing => Ok(None),
        }
    }
}

fn is_plain_text(arg: &FunctionArg) -> bool {
    match arg {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Value(value))) => {
            matches!(value.value, Value::SingleQuotedString(_))
        }
        _ => false,
    }
}

/// The joins of one entry of `FROM`, those in parentheses too.
fn joins_within(source: &TableWithJoins) -> Vec<&Join> {
    let nested = |factor| match factor {
        &TableFactor::NestedJoin { ref table_with_joins, alias: None } => joins_within(table_with_joins),
        _ => Vec::new(),
    };
    let mut joins = nested(&source.relation);
    for join in &source.joins {
        joins.extend(nested(&join.relation));
        joins.push(join);
    }
    joins
}

/// `None` for a kind of join that is not supported.
fn constraint_of(join: &Join) -> Option<&JoinConstraint> {
    match &join.join_operator {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::Right(constraint)
        | JoinOperator::RightOuter(constraint)
        | JoinOperator::FullOuter(constraint)
        | JoinOperator::CrossJoin(constraint) => Some(constraint),
        _ => None,
    }
}

fn push(scope: &mut Scope<'_>, mut relation: Relation, alias: Option<&TableAlias>) -> Checked<()> {
    if let Some(alias) = alias {
        relation.name.clone_from(&alias.name.value);
        for (column, renamed) in relation.columns.iter_mut().zip(&alias.columns) {
            column.name.clone_from(&renamed.name.value);
        }
        if alias.at.is_some() {
            return Err(Refusal::unsupported("AT after an alias"));
        }
    }
    scope.relations.push(relation);
    Ok(())
}

fn is_catalogue(name: &str) -> bool {
    name.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("sqlite_")) || name.eq_ignore_ascii_case("dbstat")
}

fn catalogue_denied(at: &Ident) -> Refusal {
    let message = format!("{} may not be read", at.value);
    Refusal::new("denied", message, "it describes the database itself, hidden tables included")
        .hint("see what the database holds with t2s schema")
        .at_name(at)
}
