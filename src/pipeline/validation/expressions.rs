//! Walks an expression: every name must be known, every function allowed; tells what the value means.

use sqlparser::ast::{
    AccessExpr, BinaryOperator, CaseWhen, CeilFloorKind, DictionaryField, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentClause, FunctionArguments, Ident, Spanned, Subscript, Value, WindowFrameBound, WindowSpec,
    WindowType,
};

use super::checker::{Checked, Checker, last_part};
use super::meaning::{Meaning, of_call, of_operation, of_special};
use super::policy::refuse_search;
use super::refusal::Refusal;
use super::scope::{Found, Scope};
use super::text::Edit;
use crate::schema::{Dialect, SemanticType};

impl Checker<'_> {
    /// Checks an expression and tells what its value means.
    pub fn expression(&mut self, expr: &Expr, scope: &Scope<'_>) -> Checked<Meaning> {
        self.spend(1)?;
        match expr {
            Expr::Identifier(name) => self.bare_name(name, scope),
            Expr::CompoundIdentifier(parts) => self.qualified_name(parts, scope),
            Expr::Value(value) => literal(&value.value),
            Expr::TypedString(_) => Ok(Meaning::LITERAL),
            Expr::Nested(inner) | Expr::Collate { expr: inner, .. } | Expr::Cast { expr: inner, .. } => {
                self.expression(inner, scope)
            }
            Expr::UnaryOp { expr: inner, op } => {
                let meaning = self.expression(inner, scope)?;
                let is_sign = matches!(op, sqlparser::ast::UnaryOperator::Minus | sqlparser::ast::UnaryOperator::Plus);
                Ok(if is_sign { meaning } else { Meaning::UNKNOWN })
            }
            Expr::BinaryOp { .. } => self.operation(expr, scope),
            Expr::Function(function) => self.call(function, scope),
            Expr::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref(), scope)
            }
            Expr::Subquery(query) => {
                let columns = self.query(query, Some(scope))?;
                self.note_scalar(query, &columns);
                Ok(columns.first().map_or(Meaning::UNKNOWN, |column| Meaning::of(column.semantic)))
            }
            Expr::Exists { subquery, .. } => self.query(subquery, Some(scope)).map(|_| Meaning::UNKNOWN),
            Expr::InSubquery { expr, subquery, .. } => {
                self.expression(expr, scope)?;
                self.query(subquery, Some(scope)).map(|_| Meaning::UNKNOWN)
            }
            Expr::InList { expr: inner, list, .. } => self.compared(inner, list, scope),
            Expr::Between { expr: inner, low, high, .. } => self.compared(inner, [low.as_ref(), high.as_ref()], scope),
            Expr::Like { expr: inner, pattern, escape_char, .. } => {
                self.compared(inner, [pattern.as_ref()].into_iter().chain(escape_char.as_deref()), scope)
            }
            Expr::RLike { expr: inner, pattern, .. } => self.compared(inner, [pattern.as_ref()], scope),
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => {
                self.compared(left, [right.as_ref()], scope)
            }
            other => {
                let parts = parts_of(other, self.schema.dialect).ok_or_else(|| unsupported(other))?;
                let mut first = None;
                for part in parts {
                    let meaning = self.expression(part, scope)?;
                    first.get_or_insert(meaning);
                }
                Ok(of_special(other, first.unwrap_or(Meaning::UNKNOWN)))
            }
        }
    }

    fn bare_name(&mut self, name: &Ident, scope: &Scope<'_>) -> Checked<Meaning> {
        self.refuse_hidden(name, scope)?;
        match self.read(scope.find(&name.value), name)? {
            Some(semantic) => Ok(Meaning::of(semantic)),
            None => Err(self.unknown_column(name, None, scope)),
        }
    }

    /// `table.column`, with the database's name before it or fields of a record after it.
    fn qualified_name(&mut self, parts: &[Ident], scope: &Scope<'_>) -> Checked<Meaning> {
        let parts = match parts {
            [database, rest @ ..] if rest.len() >= 2 && database.value.eq_ignore_ascii_case("main") => rest,
            parts => parts,
        };
        let [relation, column, rest @ ..] = parts else { return Err(Refusal::unsupported("this name")) };
        self.refuse_hidden_of(relation, column, scope)?;
        if self.schema.dialect == Dialect::BigQuery
            && scope.relation(&relation.value).is_none()
            && !matches!(scope.find(&relation.value), Found::Missing)
        {
            return self.bare_name(relation, scope).map(|_| Meaning::UNKNOWN);
        }
        if !rest.is_empty() && self.schema.dialect == Dialect::Sqlite {
            return Err(self.unknown_relation(relation, scope));
        }
        let Some(found) = scope.find_in(&relation.value, &column.value) else {
            return Err(self.unknown_relation(relation, scope));
        };
        match self.read(found, column)? {
            Some(_) if !rest.is_empty() => Ok(Meaning::UNKNOWN),
            Some(semantic) => Ok(Meaning::of(semantic)),
            None => Err(self.unknown_column(column, Some(&relation.value), scope)),
        }
    }

    /// A chain of operators leans to the left, so it is gone through in a loop.
    fn operation(&mut self, expr: &Expr, scope: &Scope<'_>) -> Checked<Meaning> {
        let mut chain = Vec::new();
        let mut first = expr;
        while let Expr::BinaryOp { left, op, right } = first {
            chain.push((left.as_ref(), op, right.as_ref()));
            first = left;
        }
        let mut meaning: Option<Meaning> = None;
        for (left, op, right) in chain.into_iter().rev() {
            let compares = is_comparison(op);
            if matches!(op, BinaryOperator::Match) {
                refuse_search(scope)?;
            }
            let left_meaning = match meaning {
                Some(known) => known,
                None if compares && self.is_text(left, right, scope) => Meaning::LITERAL,
                None => self.expression(left, scope)?,
            };
            let right_meaning = if compares && self.is_text(right, left, scope) {
                Meaning::LITERAL
            } else {
                self.expression(right, scope)?
            };
            meaning = Some(of_operation(op, (left, left_meaning), (right, right_meaning)));
        }
        Ok(meaning.unwrap_or(Meaning::UNKNOWN))
    }

    fn compared<'e>(
        &mut self,
        subject: &Expr,
        values: impl IntoIterator<Item = &'e Expr>,
        scope: &Scope<'_>,
    ) -> Checked<Meaning> {
        self.expression(subject, scope)?;
        for value in values {
            if !self.is_text(value, subject, scope) {
                self.expression(value, scope)?;
            }
        }
        Ok(Meaning::UNKNOWN)
    }

    /// A double-quoted word that names nothing and stands against a column: SQL's `"x"` for `'x'`.
    fn is_text(&mut self, word: &Expr, against: &Expr, scope: &Scope<'_>) -> bool {
        let mut word = word;
        while let Expr::Nested(inner) = word {
            word = inner;
        }
        let Expr::Identifier(name) = word else { return false };
        if name.quote_style != Some('"') || self.schema.dialect != Dialect::Sqlite {
            return false;
        }
        let names_something = !matches!(scope.find(&name.value), Found::Missing);
        if names_something || !names_a_column(against, scope) {
            return false;
        }
        self.note(format!("\"{}\" names no column, so it was read as the text '{}'", name.value, name.value));
        self.edits.push(Edit { span: name.span, text: format!("'{}'", name.value.replace('\'', "''")) });
        true
    }

    fn call(&mut self, function: &Function, scope: &Scope<'_>) -> Checked<Meaning> {
        let name = last_part(&function.name)?;
        let bigquery = self.schema.dialect == Dialect::BigQuery;
        let prefix_allowed = match function.name.0.as_slice() {
            [_] => true,
            [prefix, _] => bigquery && matches!(prefix.as_ident(), Some(p) if is_function_namespace(&p.value)),
            _ => false,
        };
        if !prefix_allowed || !self.schema.dialect.allows_function(&name.value) {
            return Err(self.unknown_function(name));
        }
        let mut arguments: Vec<&Expr> = Vec::new();
        let mut first = Meaning::UNKNOWN;
        for arguments_of in [&function.parameters, &function.args] {
            match arguments_of {
                FunctionArguments::None => {}
                FunctionArguments::Subquery(query) => drop(self.query(query, Some(scope))?),
                FunctionArguments::List(list) => {
                    first = self.arguments(&list.args, scope)?;
                    arguments.extend(list.args.iter().filter_map(plain_argument));
                    self.clauses(&list.clauses, scope)?;
                }
            }
        }
        self.order_terms(&function.within_group, scope)?;
        if let Some(filter) = &function.filter {
            self.expression(filter, scope)?;
        }
        match &function.over {
            Some(WindowType::WindowSpec(spec)) => self.window(spec, scope)?,
            Some(WindowType::NamedWindow(window)) => known_window(window, scope)?,
            None => {}
        }
        let name = name.value.to_ascii_lowercase();
        if name == "match" {
            refuse_search(scope)?;
        }
        self.note_volatile_call(&name, function, scope);
        Ok(of_call(&name, first, &arguments))
    }

    fn clauses(&mut self, clauses: &[FunctionArgumentClause], scope: &Scope<'_>) -> Checked<()> {
        for clause in clauses {
            match clause {
                FunctionArgumentClause::OrderBy(terms) => self.order_terms(terms, scope)?,
                FunctionArgumentClause::Limit(expr) | FunctionArgumentClause::Where(expr) => {
                    self.expression(expr, scope)?;
                }
                FunctionArgumentClause::IgnoreOrRespectNulls(_) | FunctionArgumentClause::Separator(_) => {}
                FunctionArgumentClause::Having(bound) => drop(self.expression(&bound.1, scope)?),
                _ => return Err(Refusal::unsupported("a clause inside the parentheses of a function")),
            }
        }
        Ok(())
    }

    pub fn window(&mut self, spec: &WindowSpec, scope: &Scope<'_>) -> Checked<()> {
        if let Some(base) = &spec.window_name {
            known_window(base, scope)?;
        }
        self.expressions(&spec.partition_by, scope)?;
        self.order_terms(&spec.order_by, scope)?;
        let Some(frame) = &spec.window_frame else { return Ok(()) };
        for bound in [Some(&frame.start_bound), frame.end_bound.as_ref()].into_iter().flatten() {
            if let WindowFrameBound::Preceding(Some(expr)) | WindowFrameBound::Following(Some(expr)) = bound {
                self.expression(expr, scope)?;
            }
        }
        Ok(())
    }

    fn case(
        &mut self,
        operand: Option<&Expr>,
        conditions: &[CaseWhen],
        otherwise: Option<&Expr>,
        scope: &Scope<'_>,
    ) -> Checked<Meaning> {
        if let Some(operand) = operand {
            self.compared(operand, conditions.iter().map(|when| &when.condition), scope)?;
        } else {
            self.expressions(conditions.iter().map(|when| &when.condition), scope)?;
        }
        let mut results = Vec::with_capacity(conditions.len() + 1);
        for result in conditions.iter().map(|when| &when.result).chain(otherwise) {
            results.push(self.expression(result, scope)?);
        }
        Ok(Meaning::shared(&results))
    }
}

fn literal(value: &Value) -> Checked<Meaning> {
    match value {
        Value::Placeholder(_) => Err(Refusal::unsupported("a placeholder")),
        Value::Number(..) | Value::Null => Ok(Meaning::LITERAL),
        _ => Ok(Meaning { literal: true, ..Meaning::UNKNOWN }),
    }
}

fn is_comparison(op: &BinaryOperator) -> bool {
    use BinaryOperator as Op;
    matches!(op, Op::Eq | Op::NotEq | Op::Lt | Op::LtEq | Op::Gt | Op::GtEq | Op::Glob | Op::Match | Op::Regexp)
}

/// A column itself, or one seen through a function, a cast or a collation.
fn names_a_column(expr: &Expr, scope: &Scope<'_>) -> bool {
    match expr {
        Expr::Identifier(name) => matches!(scope.find(&name.value), Found::Column(_)),
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [.., relation, column] => {
                matches!(scope.find_in(&relation.value, &column.value), Some(Found::Column(_)))
            }
            _ => false,
        },
        Expr::Nested(inner) | Expr::Collate { expr: inner, .. } | Expr::Cast { expr: inner, .. } => {
            names_a_column(inner, scope)
        }
        Expr::Trim { expr: inner, .. } | Expr::Substring { expr: inner, .. } => names_a_column(inner, scope),
        Expr::Function(function) => match &function.args {
            FunctionArguments::List(list) => {
                list.args.iter().filter_map(plain_argument).any(|inner| names_a_column(inner, scope))
            }
            _ => false,
        },
        _ => false,
    }
}

fn plain_argument(arg: &FunctionArg) -> Option<&Expr> {
    match arg {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    }
}

/// The parts of an expression that needs nothing but known parts; `None` for what is not supported.
fn parts_of(expr: &Expr, dialect: Dialect) -> Option<Vec<&Expr>> {
    let bigquery = dialect == Dialect::BigQuery;
    Some(match expr {
        Expr::IsNull(inner)
        | Expr::IsNotNull(inner)
        | Expr::IsTrue(inner)
        | Expr::IsNotTrue(inner)
        | Expr::IsFalse(inner)
        | Expr::IsNotFalse(inner)
        | Expr::Extract { expr: inner, .. } => vec![inner],
        Expr::Ceil { expr: inner, field } | Expr::Floor { expr: inner, field } => match field {
            CeilFloorKind::DateTimeField(sqlparser::ast::DateTimeField::NoDateTime) => vec![inner],
            _ => return None,
        },
        Expr::Substring { expr: inner, substring_from, substring_for, .. } => {
            [Some(inner), substring_from.as_ref(), substring_for.as_ref()]
                .into_iter()
                .flatten()
                .map(AsRef::as_ref)
                .collect()
        }
        Expr::Trim { expr: inner, trim_what, trim_characters, .. } => std::iter::once(inner.as_ref())
            .chain(trim_what.as_deref())
            .chain(trim_characters.iter().flatten())
            .collect(),
        Expr::Position { expr: inner, r#in } => vec![inner, r#in],
        Expr::Tuple(parts) => parts.iter().collect(),
        Expr::CompoundFieldAccess { root, access_chain } if bigquery => {
            let mut parts = vec![root.as_ref()];
            for access in access_chain {
                match access {
                    AccessExpr::Subscript(Subscript::Index { index }) => parts.push(index),
                    AccessExpr::Dot(Expr::Identifier(_)) => {}
                    _ => return None,
                }
            }
            parts
        }
        Expr::Rollup(sets) | Expr::Cube(sets) | Expr::GroupingSets(sets) if bigquery => sets.iter().flatten().collect(),
        Expr::Array(array) if bigquery => array.elem.iter().collect(),
        Expr::Struct { values, .. } if bigquery => values.iter().collect(),
        Expr::Named { expr: inner, .. } if bigquery => vec![inner],
        Expr::Interval(interval) if bigquery => vec![&interval.value],
        Expr::InUnnest { expr: inner, array_expr, .. } if bigquery => vec![inner, array_expr],
        Expr::Dictionary(fields) if bigquery => {
            fields.iter().map(|DictionaryField { value, .. }| value.as_ref()).collect()
        }
        _ => return None,
    })
}

fn unsupported(expr: &Expr) -> Refusal {
    let text: String = expr.to_string().chars().take(60).collect();
    Refusal::unsupported(&format!("the expression {text}")).at(expr.span())
}

fn known_window(name: &Ident, scope: &Scope<'_>) -> Checked<()> {
    if scope.windows.iter().any(|window| window.eq_ignore_ascii_case(&name.value)) {
        return Ok(());
    }
    let message = format!("no window named \"{}\"", name.value);
    Err(Refusal::new("syntax", message, "the WINDOW clause does not define it").at_name(name))
}

fn is_function_namespace(name: &str) -> bool {
    ["safe", "net"].iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// BigQuery names units of time by bare words: `DATE_TRUNC(d, MONTH)`, and weeks by their first day: `WEEK(MONDAY)`.
pub fn is_unit_of_time(expr: &Expr) -> bool {
    const UNITS: &str = "microsecond millisecond second minute hour day dayofweek dayofyear week isoweek month quarter \
        year isoyear date time";
    const DAYS: &str = "monday tuesday wednesday thursday friday saturday sunday";
    let is_among =
        |name: &Ident, words: &str| words.split_ascii_whitespace().any(|w| w.eq_ignore_ascii_case(&name.value));
    match expr {
        Expr::Identifier(name) => is_among(name, UNITS),
        Expr::Function(Function { name, args: FunctionArguments::List(list), over: None, filter: None, .. }) => {
            let of_weeks = matches!(name.0.as_slice(), [part] if part.as_ident().is_some_and(|n| is_among(n, "week")));
            let [FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(day)))] = list.args.as_slice() else {
                return false;
            };
            of_weeks && list.clauses.is_empty() && is_among(day, DAYS)
        }
        _ => false,
    }
}

impl Meaning {
    /// The meaning of values of one semantic type.
    pub fn of(semantic: SemanticType) -> Self {
        Self { semantic, literal: false }
    }
}
