//! Numbers as the question counts them, written as the column does that they are compared with: "longer than 10 minutes"
//! against milliseconds.

use std::borrow::Cow;

use super::plan::{Expr, Function, Operand, Predicate, Query, Select};
use super::reading::Ground;
use crate::language::{Unit, identifier_words, lexicon};
use crate::pipeline::analysis::Analysis;
use crate::schema::{ColumnId, Schema, Value};

/// Converts the numbers that the question gives a unit; says of each what was made of it.
pub fn convert(query: &mut Query, ground: Ground<'_>) -> Vec<String> {
    let mut conversion = Conversion::of(ground);
    if !conversion.counted.is_empty() {
        conversion.query(query);
    }
    conversion.said
}

/// The query as it is once its numbers are converted.
pub fn converted<'q>(query: &'q Query, ground: Ground<'_>) -> Cow<'q, Query> {
    let mut conversion = Conversion::of(ground);
    if conversion.counted.is_empty() {
        return Cow::Borrowed(query);
    }
    let mut query = query.clone();
    conversion.query(&mut query);
    Cow::Owned(query)
}

/// True if the query compares a number of rows with a number that the question gives a unit: "outages of more than 2
/// hours" are not counted.
pub fn counts_what_is_measured(query: &Query, ground: Ground<'_>) -> bool {
    let counted = counted(ground.analysis);
    let Query::Select(select) = query else { return false };
    let rows = |expr: &Expr| matches!(expr, Expr::CountRows(_) | Expr::Aggregate { function: Function::Count, .. });
    let measured = |value: &Value| unit_given(&counted, value).is_some();
    !counted.is_empty()
        && select.having.iter().any(|predicate| match predicate {
            Predicate::Compare { left, right: Operand::Value(value), .. } => rows(left) && measured(value),
            Predicate::Between { what, high, .. } => rows(what) && measured(high),
            _ => false,
        })
}

/// A number that a column is compared with, as the column counts.
pub fn in_unit_of(column: ColumnId, value: &Value, ground: Ground<'_>) -> Value {
    let mut value = value.clone();
    Conversion::of(ground).value(&Expr::Column(column), &mut value);
    value
}

fn unit_given(counted: &[(f64, &'static Unit)], value: &Value) -> Option<&'static Unit> {
    let number = value.as_f64()?;
    counted.iter().find(|(n, _)| (n - number).abs() < f64::EPSILON).map(|(_, unit)| *unit)
}

/// The numbers of a question that a unit follows.
fn counted(analysis: &Analysis) -> Vec<(f64, &'static Unit)> {
    let pairs = analysis.words.windows(2);
    let counted = pairs.filter_map(|pair| {
        let number = pair[0].number()?;
        let unit = lexicon().unit(&pair[1].folded).or_else(|| lexicon().unit(&pair[1].lemma));
        unit.filter(|unit| unit.of.is_some()).map(|unit| (number, unit))
    });
    counted.collect()
}

struct Conversion<'a> {
    ground: Ground<'a>,
    counted: Vec<(f64, &'static Unit)>,
    said: Vec<String>,
}

impl<'a> Conversion<'a> {
    fn of(ground: Ground<'a>) -> Self {
        Self { ground, counted: counted(ground.analysis), said: Vec::new() }
    }

    fn query(&mut self, query: &mut Query) {
        match query {
            Query::Select(select) => self.select(select),
            Query::Set { left, right, .. } => {
                self.select(left);
                self.select(right);
            }
        }
    }

    fn select(&mut self, select: &mut Select) {
        self.all(&mut select.filter);
        self.all(&mut select.having);
        for expr in select.items.iter_mut().chain(select.order.iter_mut().map(|s| &mut s.by)) {
            self.expr(expr);
        }
    }

    fn all(&mut self, predicates: &mut [Predicate]) {
        for predicate in predicates {
            self.predicate(predicate);
        }
    }

    fn predicate(&mut self, predicate: &mut Predicate) {
        match predicate {
            Predicate::Compare { left, right: Operand::Value(value), .. } => self.value(left, value),
            Predicate::Compare { right: Operand::Scalar(query), .. } | Predicate::Within { query, .. } => {
                self.select(query);
            }
            Predicate::Between { what, low, high } => {
                self.bounds(what, low, high);
            }
            Predicate::In { what, values, .. } => values.iter_mut().for_each(|value| self.value(what, value)),
            Predicate::Exists { filter, .. } | Predicate::Any(filter) => self.all(filter),
            Predicate::Compare { .. }
            | Predicate::Like { .. }
            | Predicate::IsNull { .. }
            | Predicate::Period { .. } => {}
        }
    }

    fn expr(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Filtered { of, filter } => {
                self.expr(of);
                self.all(filter);
            }
            Expr::Arithmetic { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            Expr::Magnitude(of) | Expr::Share(of) | Expr::Over { of, .. } => self.expr(of),
            _ => {}
        }
    }

    /// "between 3 and 5 minutes": the first number is counted as the second.
    fn bounds(&mut self, what: &Expr, low: &mut Value, high: &mut Value) {
        let unit = |value: &Value| unit_given(&self.counted, value);
        if let (None, Some(unit), Some(number)) = (unit(low), unit(high), low.as_f64()) {
            self.counted.push((number, unit));
        }
        self.value(what, low);
        self.value(what, high);
    }

    fn value(&mut self, compared: &Expr, value: &mut Value) {
        let Some(column) = measured(compared) else { return };
        let Some(number) = value.as_f64() else { return };
        let Some(unit) = unit_given(&self.counted, value) else { return };
        let Some(own) = unit_of(column, self.ground.schema) else { return };
        if own.of != unit.of || std::ptr::eq(own, unit) {
            return;
        }
        let converted = number * unit.size / own.size;
        *value = if converted.fract() == 0.0 && converted.abs() < EXACT {
            #[expect(clippy::cast_possible_truncation, reason = "whole and far below the largest integer")]
            Value::Integer(converted as i64)
        } else {
            Value::Real(converted)
        };
        let name = self.ground.schema.qualified(column);
        let said = format!("{number} {} as {converted}: {name} is in {}", many(unit), many(own));
        if !self.said.contains(&said) {
            self.said.push(said);
        }
    }
}

/// What a column says at the end or the beginning of its name that it is counted in.
pub fn unit_of(column: ColumnId, schema: &Schema) -> Option<&'static Unit> {
    let words = identifier_words(&schema.column(column).name);
    let unit = |word: Option<&String>| word.and_then(|w| lexicon().unit(w)).filter(|u| u.of.is_some());
    unit(words.last()).or_else(|| unit(words.first()))
}

/// Integers up to here are exact in a float.
const EXACT: f64 = 9e15;

/// The column whose values a comparison is about: what is counted has no unit.
fn measured(expr: &Expr) -> Option<ColumnId> {
    match expr {
        Expr::Column(id) => Some(*id),
        Expr::Aggregate { function: Function::Count, .. } => None,
        Expr::Aggregate { of, .. } | Expr::Percentile { of, .. } | Expr::Filtered { of, .. } => measured(of),
        _ => None,
    }
}

fn many(unit: &Unit) -> &str {
    unit.words.get(1).map_or("", String::as_str)
}

#[cfg(test)]
mod tests {
    use super::super::graph::Graph;
    use super::super::names::Names;
    use super::super::plan::Operator;
    use super::super::tests::{id, schema, table_id};
    use super::*;
    use crate::knowledge::Knowledge;
    use crate::pipeline::analysis::analyse;

    /// What becomes of the plan that compares `left` with a number, for the question; and whether it counts what is measured.
    fn compared(question: &str, left: &Expr, number: i64) -> (Vec<Predicate>, Vec<String>, bool) {
        let grid = grid();
        let (names, graph) = (Names::new(&grid, &Knowledge::default()), Graph::new(&grid));
        let analysis = analyse(question, &grid, jiff::civil::date(2025, 3, 31));
        let ground = Ground { schema: &grid, names: &names, graph: &graph, analysis: &analysis };
        let right = Operand::Value(Value::Integer(number));
        let having = vec![Predicate::Compare { left: left.clone(), operator: Operator::Greater, right }];
        let mut query = Query::Select(Box::new(Select { having, ..Select::default() }));
        let counts = counts_what_is_measured(&query, ground);
        let said = convert(&mut query, ground);
        let Query::Select(select) = query else { unreachable!("it was one select") };
        (select.having, said, counts)
    }

    fn grid() -> Schema {
        schema(&[("outages", &["outage_id*", "duration_minutes", "depth"])], &[])
    }

    fn number(having: &[Predicate]) -> Option<Value> {
        match having {
            [Predicate::Compare { right: Operand::Value(value), .. }] => Some(value.clone()),
            _ => None,
        }
    }

    #[test]
    fn a_number_is_converted_to_what_the_column_counts() {
        let minutes = Expr::aggregate(Function::Average, id(&grid(), "outages.duration_minutes"));
        let (having, said, _) = compared("outages of more than 2 hours", &minutes, 2);
        assert_eq!(number(&having), Some(Value::Integer(120)));
        assert_eq!(said, ["2 hours as 120: outages.duration_minutes is in minutes"]);
        for (question, column, kept) in [
            ("outages of more than 2 minutes", "outages.duration_minutes", 2),
            ("outages of more than 2", "outages.duration_minutes", 2),
            ("outages of more than 2 km", "outages.duration_minutes", 2),
            ("outages of more than 2 hours", "outages.depth", 2),
            ("outages of more than 2 hours", "outages.duration_minutes", 3),
        ] {
            let (having, said, _) = compared(question, &Expr::Column(id(&grid(), column)), kept);
            assert_eq!((number(&having), said.len()), (Some(Value::Integer(kept)), 0), "{question} {column}");
        }
    }

    #[test]
    fn rows_are_not_counted_in_hours() {
        let rows = Expr::CountRows(table_id(&grid(), "outages"));
        assert!(compared("regions with more than 2 hours of outages", &rows, 2).2);
        assert!(!compared("regions with more than 2 outages", &rows, 2).2);
    }
}
