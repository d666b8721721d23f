//! A statement read back into a plan: for follow-ups on a statement that somebody else wrote, and for fitting scores to
//! gold statements. What the plan cannot say gives nothing rather than something near it.

use sqlparser::ast::{
    BinaryOperator, Distinct, DuplicateTreatment, Expr as Sql, Function as Call, FunctionArg, FunctionArgExpr,
    FunctionArguments, GroupByExpr, JoinConstraint, JoinOperator, LimitClause, ObjectName, OrderByKind, OrderBySort,
    Query as SqlQuery, Select as SqlSelect, SelectItem, SetExpr, SetOperator as SqlSetOperator, TableFactor,
    UnaryOperator, Value as Literal,
};
use sqlparser::dialect::SQLiteDialect;
use sqlparser::parser::Parser;

use super::graph::Graph;
use super::plan::{Expr, Function, Operand, Operator, Predicate, Query, Select, SetOperator, Sort};
use crate::schema::{ColumnId, Schema, TableId, Value};

/// The plan of a statement; `None` if it says more than a plan can.
pub fn plan_of(sql: &str, schema: &Schema, graph: &Graph) -> Option<Query> {
    let mut statements = Parser::parse_sql(&SQLiteDialect {}, sql).ok()?;
    let sqlparser::ast::Statement::Query(query) = statements.pop().filter(|_| statements.is_empty())? else {
        return None;
    };
    Reader { schema, graph }.query(&query)
}

struct Reader<'a> {
    schema: &'a Schema,
    graph: &'a Graph,
}

/// The tables of one SELECT under the names they go by.
struct Scope {
    tables: Vec<(String, TableId)>,
    /// The table whose rows are the rows of the join.
    rows: TableId,
}

impl Reader<'_> {
    fn query(&self, query: &SqlQuery) -> Option<Query> {
        if query.with.is_some() {
            return None;
        }
        if let SetExpr::SetOperation { op, left, right, .. } = query.body.as_ref() {
            let operator = match op {
                SqlSetOperator::Union => SetOperator::Union,
                SqlSetOperator::Intersect => SetOperator::Intersect,
                SqlSetOperator::Except | SqlSetOperator::Minus => SetOperator::Except,
            };
            if query.order_by.is_some() || query.limit_clause.is_some() {
                return None;
            }
            return Some(Query::Set { operator, left: Box::new(self.arm(left)?), right: Box::new(self.arm(right)?) });
        }
        Some(Query::Select(Box::new(self.whole_select(query)?)))
    }

    fn arm(&self, arm: &SetExpr) -> Option<Select> {
        match arm {
            SetExpr::Select(select) => self.select(select).map(|(select, _)| select),
            SetExpr::Query(query) => self.whole_select(query),
            _ => None,
        }
    }

    /// A SELECT with its order and limit.
    fn whole_select(&self, query: &SqlQuery) -> Option<Select> {
        let SetExpr::Select(body) = query.body.as_ref() else { return None };
        if query.with.is_some() {
            return None;
        }
        let (mut select, scope) = self.select(body)?;
        if let Some(order) = &query.order_by {
            let OrderByKind::Expressions(keys) = &order.kind else { return None };
            for key in keys {
                let descending = key.options.sort == Some(OrderBySort::Desc);
                let by = match self.expr(&key.expr, &scope) {
                    Some(by) => by,
                    None => named_item(&key.expr, body, &select)?,
                };
                select.order.push(Sort { by, descending });
            }
        }
        match &query.limit_clause {
            None => {}
            Some(LimitClause::LimitOffset { limit, offset, limit_by }) if limit_by.is_empty() => {
                select.limit = limit.as_ref().map(number).map_or(Some(None), |n| n.map(Some))?;
                select.offset = offset.as_ref().map_or(Some(0), |o| number(&o.value))?;
            }
            Some(_) => return None,
        }
        Some(select)
    }

    fn select(&self, select: &SqlSelect) -> Option<(Select, Scope)> {
        let mut plan = Select::default();
        let mut scope = Scope { tables: Vec::new(), rows: TableId(0) };
        let mut conditions: Vec<&Sql> = Vec::new();
        for from in &select.from {
            self.table(&from.relation, &mut scope)?;
            for join in &from.joins {
                self.table(&join.relation, &mut scope)?;
                let (JoinOperator::Join(constraint) | JoinOperator::Inner(constraint)) = &join.join_operator else {
                    return None;
                };
                match constraint {
                    JoinConstraint::On(on) => conditions.push(on),
                    JoinConstraint::None | JoinConstraint::Using(_) => {}
                    JoinConstraint::Natural => return None,
                }
            }
        }
        let tables: Vec<TableId> = scope.tables.iter().map(|(_, t)| *t).collect();
        scope.rows = self.rows(&tables)?;
        for condition in conditions.into_iter().chain(&select.selection) {
            self.conjuncts(condition, &scope, &mut plan.filter)?;
        }
        if select.distinct.as_ref().is_some_and(|d| !matches!(d, Distinct::All)) {
            plan.distinct = true;
        }
        for item in &select.projection {
            plan.items.push(match item {
                SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => self.expr(expr, &scope)?,
                SelectItem::Wildcard(_) => Expr::AllColumns(*tables.first().filter(|_| tables.len() == 1)?),
                SelectItem::QualifiedWildcard(sqlparser::ast::SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                    let name = last_part(name)?;
                    Expr::AllColumns(scope.tables.iter().find(|(n, _)| n.eq_ignore_ascii_case(&name))?.1)
                }
                _ => return None,
            });
        }
        if let GroupByExpr::Expressions(keys, _) = &select.group_by {
            for key in keys {
                plan.group.push(self.expr(key, &scope)?);
            }
        } else {
            return None;
        }
        if let Some(having) = &select.having {
            self.conjuncts(having, &scope, &mut plan.having)?;
        }
        plan.tables = tables;
        Some((plan, scope))
    }

    /// The table whose rows a join of these gives: the one that no other table repeats.
    fn rows(&self, tables: &[TableId]) -> Option<TableId> {
        let tree = self.graph.join(tables, tables)?;
        let repeated = tree.repeated();
        tree.tables().into_iter().rev().find(|t| !repeated.contains(t)).or(tables.last().copied())
    }

    fn table(&self, factor: &TableFactor, scope: &mut Scope) -> Option<()> {
        let TableFactor::Table { name, alias, args: None, .. } = factor else { return None };
        let name = last_part(name)?;
        let table = self.schema.find_table(&name)?;
        if scope.tables.iter().any(|(_, t)| *t == table) {
            return None;
        }
        scope.tables.push((alias.as_ref().map_or(name, |a| a.name.value.clone()), table));
        Some(())
    }

    /// Conditions that all hold, less those that join tables.
    fn conjuncts(&self, condition: &Sql, scope: &Scope, into: &mut Vec<Predicate>) -> Option<()> {
        match condition {
            Sql::Nested(inner) => self.conjuncts(inner, scope, into),
            Sql::BinaryOp { left, op: BinaryOperator::And, right } => {
                self.conjuncts(left, scope, into)?;
                self.conjuncts(right, scope, into)
            }
            Sql::BinaryOp { left, op: BinaryOperator::Eq, right }
                if let (Some(Expr::Column(a)), Some(Expr::Column(b))) =
                    (self.plain_column(left, scope), self.plain_column(right, scope))
                    && a.table != b.table =>
            {
                Some(())
            }
            other => {
                into.push(self.predicate(other, scope)?);
                Some(())
            }
        }
    }

    fn plain_column(&self, sql: &Sql, scope: &Scope) -> Option<Expr> {
        matches!(sql, Sql::Identifier(_) | Sql::CompoundIdentifier(_)).then(|| self.expr(sql, scope)).flatten()
    }

    fn predicate(&self, sql: &Sql, scope: &Scope) -> Option<Predicate> {
        Some(match sql {
            Sql::Nested(inner) => self.predicate(inner, scope)?,
            Sql::BinaryOp { left, op: BinaryOperator::Or, right } => {
                let mut parts = Vec::new();
                for side in [left, right] {
                    match self.predicate(side, scope)? {
                        Predicate::Any(more) => parts.extend(more),
                        one => parts.push(one),
                    }
                }
                Predicate::Any(parts)
            }
            Sql::BinaryOp { left, op, right } => self.comparison(left, op, right, scope)?,
            Sql::Between { expr, negated: false, low, high } => Predicate::Between {
                what: self.expr(expr, scope)?,
                low: self.value(low, scope)?,
                high: self.value(high, scope)?,
            },
            Sql::InList { expr, list, negated } => Predicate::In {
                what: self.expr(expr, scope)?,
                values: list.iter().map(|v| self.value(v, scope)).collect::<Option<_>>()?,
                negated: *negated,
            },
            Sql::InSubquery { expr, subquery, negated } => {
                let query = self.whole_select(subquery)?;
                (query.items.len() == 1).then_some(())?;
                Predicate::Within { what: self.expr(expr, scope)?, query: Box::new(query), negated: *negated }
            }
            Sql::Like { negated, expr, pattern, escape_char: None, any: false } => {
                let Value::Text(pattern) = self.value(pattern, scope)? else { return None };
                Predicate::Like { what: self.expr(expr, scope)?, pattern, negated: *negated }
            }
            Sql::IsNull(expr) => Predicate::IsNull { what: self.expr(expr, scope)?, negated: false },
            Sql::IsNotNull(expr) => Predicate::IsNull { what: self.expr(expr, scope)?, negated: true },
            _ => return None,
        })
    }

    fn comparison(&self, left: &Sql, op: &BinaryOperator, right: &Sql, scope: &Scope) -> Option<Predicate> {
        let operator = match op {
            BinaryOperator::Eq => Operator::Equal,
            BinaryOperator::NotEq => Operator::NotEqual,
            BinaryOperator::Lt => Operator::Less,
            BinaryOperator::LtEq => Operator::LessOrEqual,
            BinaryOperator::Gt => Operator::Greater,
            BinaryOperator::GtEq => Operator::GreaterOrEqual,
            _ => return None,
        };
        let what = self.expr(left, scope)?;
        let right = match right {
            Sql::Subquery(query) => {
                let query = self.whole_select(query)?;
                (query.items.len() == 1).then_some(())?;
                Operand::Scalar(Box::new(query))
            }
            other => match self.value(other, scope) {
                Some(value) => Operand::Value(value),
                None => Operand::Expr(self.expr(other, scope)?),
            },
        };
        Some(Predicate::Compare { left: what, operator, right })
    }

    fn value(&self, sql: &Sql, scope: &Scope) -> Option<Value> {
        match sql {
            Sql::Nested(inner) => self.value(inner, scope),
            Sql::UnaryOp { op: UnaryOperator::Minus, expr } => match self.value(expr, scope)? {
                Value::Integer(i) => Some(Value::Integer(-i)),
                Value::Real(x) => Some(Value::Real(-x)),
                _ => None,
            },
            Sql::Value(value) => match &value.value {
                Literal::Number(text, _) => {
                    Some(text.parse().map(Value::Integer).or_else(|_| text.parse().map(Value::Real)).ok()?)
                }
                Literal::SingleQuotedString(text) | Literal::DoubleQuotedString(text) => {
                    Some(Value::Text(text.clone()))
                }
                _ => None,
            },
            // SQLite takes a double-quoted word that names nothing as a text.
            Sql::Identifier(word) if word.quote_style == Some('"') && self.column(&word.value, scope).is_none() => {
                Some(Value::Text(word.value.clone()))
            }
            _ => None,
        }
    }

    fn expr(&self, sql: &Sql, scope: &Scope) -> Option<Expr> {
        match sql {
            Sql::Nested(inner) => self.expr(inner, scope),
            Sql::Identifier(name) => self.column(&name.value, scope).map(Expr::Column),
            Sql::CompoundIdentifier(parts) => {
                let [table, column] = parts.as_slice() else { return None };
                let (_, table) = scope.tables.iter().find(|(n, _)| n.eq_ignore_ascii_case(&table.value))?;
                self.schema.find_column(*table, &column.value).map(Expr::Column)
            }
            Sql::Function(call) => self.call(call, scope),
            _ => None,
        }
    }

    fn call(&self, call: &Call, scope: &Scope) -> Option<Expr> {
        let FunctionArguments::List(list) = &call.args else { return None };
        let [FunctionArg::Unnamed(argument)] = list.args.as_slice() else { return None };
        if call.filter.is_some() || call.over.is_some() || !list.clauses.is_empty() {
            return None;
        }
        let distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
        let function = match last_part(&call.name)?.to_lowercase().as_str() {
            "count" => Function::Count,
            "sum" => Function::Sum,
            "avg" => Function::Average,
            "min" => Function::Minimum,
            "max" => Function::Maximum,
            _ => return None,
        };
        match argument {
            FunctionArgExpr::Wildcard if function == Function::Count => Some(Expr::CountRows(scope.rows)),
            FunctionArgExpr::Expr(expr) => {
                let of = self.expr(expr, scope)?;
                match of {
                    // What is never NULL is counted once for each row.
                    Expr::Column(id) if function == Function::Count && !distinct && !self.schema.may_be_null(id) => {
                        Some(Expr::CountRows(scope.rows))
                    }
                    Expr::Column(_) => Some(Expr::Aggregate { function, distinct, of: Box::new(of) }),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn column(&self, name: &str, scope: &Scope) -> Option<ColumnId> {
        scope.tables.iter().find_map(|(_, table)| self.schema.find_column(*table, name))
    }
}

/// An output that is ordered by under its alias.
fn named_item(key: &Sql, select: &SqlSelect, plan: &Select) -> Option<Expr> {
    let Sql::Identifier(name) = key else { return None };
    let at = select.projection.iter().position(
        |item| matches!(item, SelectItem::ExprWithAlias { alias, .. } if alias.value.eq_ignore_ascii_case(&name.value)),
    )?;
    plan.items.get(at).cloned()
}

fn number(sql: &Sql) -> Option<u64> {
    let Sql::Value(value) = sql else { return None };
    let Literal::Number(text, _) = &value.value else { return None };
    text.parse().ok()
}

fn last_part(name: &ObjectName) -> Option<String> {
    name.0.last()?.as_ident().map(|ident| ident.value.clone())
}
