//! Takes expressions apart without descending: a list of parts instead of the call stack.

use sqlparser::ast::{
    BinaryOperator, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Query, Value,
    WindowType,
};

/// Puts the direct parts of an expression, and the queries in it, on the lists.
pub fn parts<'e>(expr: &'e Expr, parts: &mut Vec<&'e Expr>, queries: &mut Vec<&'e Query>) {
    match expr {
        Expr::BinaryOp { left, right, .. }
        | Expr::IsDistinctFrom(left, right)
        | Expr::IsNotDistinctFrom(left, right)
        | Expr::Position { expr: left, r#in: right }
        | Expr::Like { expr: left, pattern: right, .. }
        | Expr::RLike { expr: left, pattern: right, .. } => parts.extend([left.as_ref(), right.as_ref()]),
        Expr::Nested(inner)
        | Expr::Cast { expr: inner, .. }
        | Expr::Collate { expr: inner, .. }
        | Expr::UnaryOp { expr: inner, .. }
        | Expr::IsNull(inner)
        | Expr::IsNotNull(inner)
        | Expr::IsTrue(inner)
        | Expr::IsNotTrue(inner)
        | Expr::IsFalse(inner)
        | Expr::IsNotFalse(inner)
        | Expr::Extract { expr: inner, .. }
        | Expr::Ceil { expr: inner, .. }
        | Expr::Floor { expr: inner, .. }
        | Expr::Trim { expr: inner, .. }
        | Expr::Named { expr: inner, .. }
        | Expr::CompoundFieldAccess { root: inner, .. } => parts.push(inner),
        Expr::Between { expr, low, high, .. } => parts.extend([expr.as_ref(), low.as_ref(), high.as_ref()]),
        Expr::InList { expr, list, .. } => {
            parts.push(expr);
            parts.extend(list);
        }
        Expr::Substring { expr, substring_from, substring_for, .. } => {
            parts.push(expr);
            parts.extend([substring_from, substring_for].into_iter().flatten().map(AsRef::as_ref));
        }
        Expr::Tuple(list) | Expr::Struct { values: list, .. } => parts.extend(list),
        Expr::Array(array) => parts.extend(&array.elem),
        Expr::Case { operand, conditions, else_result, .. } => {
            parts.extend(operand.as_deref());
            parts.extend(conditions.iter().flat_map(|when| [&when.condition, &when.result]));
            parts.extend(else_result.as_deref());
        }
        Expr::Subquery(query) | Expr::Exists { subquery: query, .. } => queries.push(query),
        Expr::InSubquery { expr, subquery, .. } => {
            parts.push(expr);
            queries.push(subquery);
        }
        Expr::Function(function) => function_parts(function, parts, queries),
        _ => {}
    }
}

fn function_parts<'e>(function: &'e Function, parts: &mut Vec<&'e Expr>, queries: &mut Vec<&'e Query>) {
    match &function.args {
        FunctionArguments::List(list) => parts.extend(list.args.iter().filter_map(|arg| match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))
            | FunctionArg::Named { arg: FunctionArgExpr::Expr(expr), .. } => Some(expr),
            _ => None,
        })),
        FunctionArguments::Subquery(query) => queries.push(query),
        FunctionArguments::None => {}
    }
    parts.extend(function.filter.as_deref());
    parts.extend(function.within_group.iter().map(|term| &term.expr));
    if let Some(WindowType::WindowSpec(window)) = &function.over {
        parts.extend(&window.partition_by);
        parts.extend(window.order_by.iter().map(|term| &term.expr));
    }
}

/// What an expression is made of, at any depth outside its own subqueries.
pub fn within(expr: &Expr) -> (Vec<&Expr>, Vec<&Query>) {
    let (mut all, mut waiting, mut queries) = (Vec::new(), vec![expr], Vec::new());
    while let Some(next) = waiting.pop() {
        parts(next, &mut waiting, &mut queries);
        all.push(next);
    }
    (all, queries)
}

/// The parts of an expression whose values it passes on: conditions, and what is divided by, are left out.
pub fn values(expr: &Expr) -> Vec<&Expr> {
    let (mut all, mut waiting, mut queries) = (Vec::new(), vec![expr], Vec::new());
    while let Some(next) = waiting.pop() {
        match next {
            Expr::Case { conditions, else_result, .. } => {
                waiting.extend(conditions.iter().map(|when| &when.result));
                waiting.extend(else_result.as_deref());
            }
            Expr::BinaryOp { op, .. } if !is_arithmetic(op) => {}
            Expr::Function(function) if is_named(function, &["iif", "if"]) => {
                let mut branches = Vec::new();
                function_parts(function, &mut branches, &mut queries);
                waiting.extend(branches.into_iter().skip(1));
            }
            _ => parts(next, &mut waiting, &mut queries),
        }
        all.push(next);
    }
    all
}

/// The conditions that all must hold.
pub fn conjuncts(condition: &Expr) -> Vec<&Expr> {
    let (mut all, mut waiting) = (Vec::new(), vec![condition]);
    while let Some(next) = waiting.pop() {
        match next {
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => waiting.extend([right.as_ref(), left.as_ref()]),
            Expr::Nested(inner) => waiting.push(inner),
            other => all.push(other),
        }
    }
    all
}

fn is_arithmetic(op: &BinaryOperator) -> bool {
    use BinaryOperator as Op;
    matches!(op, Op::Plus | Op::Minus | Op::Multiply | Op::Divide | Op::Modulo)
}

/// The expression inside parentheses and casts.
pub fn bare(mut expr: &Expr) -> &Expr {
    while let Expr::Nested(inner) | Expr::Cast { expr: inner, .. } | Expr::Collate { expr: inner, .. } = expr {
        expr = inner;
    }
    expr
}

/// The expression whose value is passed on unchanged in kind: rounded, with a stand-in for NULL, times a number.
pub fn passed_on(mut expr: &Expr) -> &Expr {
    loop {
        expr = bare(expr);
        expr = match expr {
            Expr::Function(function) if is_named(function, &["round", "coalesce", "ifnull"]) => {
                let arguments = plain_arguments(function);
                match arguments.split_first() {
                    Some((first, rest)) if rest.iter().all(|other| is_number(other)) => first,
                    _ => return expr,
                }
            }
            Expr::BinaryOp { left, op: BinaryOperator::Multiply, right } if is_number(left) => right,
            Expr::BinaryOp { left, op: BinaryOperator::Multiply | BinaryOperator::Divide, right }
                if is_number(right) =>
            {
                left
            }
            _ => return expr,
        };
    }
}

pub fn is_number(expr: &Expr) -> bool {
    matches!(bare(expr), Expr::Value(value) if matches!(value.value, Value::Number(..)))
}

/// True if something other than a number is divided by.
pub fn divides(expr: &Expr) -> bool {
    let (all, _) = within(expr);
    all.iter().any(|part| match part {
        Expr::BinaryOp { op: BinaryOperator::Divide, right, .. } => !is_number(right),
        _ => false,
    })
}

pub fn is_named(function: &Function, names: &[&str]) -> bool {
    let name = function.name.0.last().and_then(|part| part.as_ident()).map(|ident| ident.value.as_str());
    name.is_some_and(|name| names.iter().any(|known| known.eq_ignore_ascii_case(name)))
}

pub fn plain_arguments(function: &Function) -> Vec<&Expr> {
    let FunctionArguments::List(list) = &function.args else { return Vec::new() };
    list.args
        .iter()
        .filter_map(|arg| match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
            _ => None,
        })
        .collect()
}

pub fn is_distinct(function: &Function) -> bool {
    matches!(&function.args, FunctionArguments::List(list) if list.duplicate_treatment == Some(DuplicateTreatment::Distinct))
}

/// `SUM(x)` and the like over the rows of a group; not over a window.
pub fn is_aggregate(function: &Function) -> bool {
    const AGGREGATES: &[&str] = &[
        "sum",
        "total",
        "avg",
        "count",
        "min",
        "max",
        "group_concat",
        "string_agg",
        "median",
        "percentile",
        "stddev",
        "countif",
        "count_if",
        "any_value",
        "array_agg",
        "variance",
        "approx_count_distinct",
        "percentile_cont",
        "json_group_array",
        "json_group_object",
    ];
    let scalar = is_named(function, &["min", "max"]) && plain_arguments(function).len() > 1;
    function.over.is_none() && !scalar && is_named(function, AGGREGATES)
}

pub fn has_aggregate(expr: &Expr) -> bool {
    within(expr).0.iter().any(|part| matches!(part, Expr::Function(function) if is_aggregate(function)))
}
