#![doc = include_str!("errors.md")]

use std::collections::BTreeMap;
use std::fmt::Write;

use super::confidence::Taken;
use super::corpus::Source;
use super::report::render;
use crate::pipeline::generation::offline::plan::{Expr, Predicate, Query, Select};
use crate::pipeline::generation::offline::scoring::shape::Shape;

/// Failures shown of each class.
const SHOWN: usize = 12;

/// A table of classes, then some failures of each, of plans taken by fits that have not seen the database.
pub fn errors(sources: &[Source], taken: &[Taken<'_>]) -> String {
    let mut classes: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for Taken { question, plan: first, .. } in taken.iter().filter(|t| !t.question.made && !t.plan.right) {
        let source = &sources[question.source];
        let asked = &source.questions[question.question];
        let stage = if question.candidates.iter().any(|c| c.right) { "not first" } else { "no candidate" };
        let class = asked.plan.as_ref().map_or("gold is no plan", |gold| difference(gold, &first.query));
        let sql = render(source, &first.query).unwrap_or_default();
        let one_line = |sql: &str| sql.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = format!(
            "{}: {}\n    gold {}\n    made {}",
            source.name,
            asked.question,
            one_line(&asked.gold),
            one_line(&sql)
        );
        classes.entry((stage, class)).or_default().push(text);
    }
    let mut text = String::new();
    for ((stage, class), failures) in &classes {
        let _ = writeln!(text, "{:5} {stage}: {class}", failures.len());
    }
    for ((stage, class), failures) in &classes {
        let _ = writeln!(text, "\n== {stage}: {class}");
        for failure in failures.iter().step_by((failures.len() / SHOWN).max(1)) {
            let _ = writeln!(text, "- {failure}");
        }
    }
    text
}

fn difference(gold: &Query, made: &Query) -> &'static str {
    let (a, b) = (Shape::of(gold), Shape::of(made));
    if a.nest != b.nest {
        return "another nesting";
    }
    if a.grouped != b.grouped {
        return if a.grouped { "not grouped" } else { "grouped" };
    }
    let (Query::Select(gold) | Query::Set { left: gold, .. }) = gold;
    let (Query::Select(made) | Query::Set { left: made, .. }) = made;
    if let Some(class) = outputs(gold, made) {
        return class;
    }
    if gold.filter.len() != made.filter.len() {
        return if gold.filter.len() > made.filter.len() { "condition missing" } else { "condition too many" };
    }
    if !gold.filter.iter().all(|p| made.filter.contains(p)) {
        return if columns(&gold.filter) == columns(&made.filter) {
            "condition otherwise"
        } else {
            "condition on another column"
        };
    }
    if gold.group != made.group {
        return "another key";
    }
    if gold.having != made.having {
        return "having";
    }
    if gold.order != made.order || gold.limit != made.limit {
        return "order or limit";
    }
    "tables"
}

fn outputs(gold: &Select, made: &Select) -> Option<&'static str> {
    let missing = gold.items.iter().filter(|i| !made.items.contains(i)).count();
    let spare = made.items.iter().filter(|i| !gold.items.contains(i)).count();
    match (missing, spare) {
        (0, 0) => None,
        (_, 0) => Some("output missing"),
        (0, _) => Some("output too many"),
        _ if gold.items.iter().any(Expr::is_aggregate) != made.items.iter().any(Expr::is_aggregate) => {
            Some("aggregate or not")
        }
        _ if gold.items.iter().any(Expr::is_aggregate) => Some("another aggregate"),
        _ => Some("another output"),
    }
}

fn columns(filter: &[Predicate]) -> Vec<String> {
    let mut columns: Vec<String> = filter
        .iter()
        .map(|predicate| match predicate {
            Predicate::Compare { left: what, .. }
            | Predicate::Between { what, .. }
            | Predicate::In { what, .. }
            | Predicate::Like { what, .. }
            | Predicate::IsNull { what, .. }
            | Predicate::Within { what, .. } => format!("{what:?}"),
            Predicate::Period { column, .. } => format!("{:?}", Expr::Column(*column)),
            Predicate::Exists { table, .. } => format!("{table:?}"),
            Predicate::Any(_) => String::new(),
        })
        .collect();
    columns.sort_unstable();
    columns
}
