//! A measure over a join that repeats its rows.
//!
//! A row is counted once if everything else that is joined follows from it: by keys, equalities, constants and the
//! columns that are grouped by. What does not follow repeats it, if its rows are known to share the joined values.

use std::collections::BTreeSet;
use std::rc::Rc;

use sqlparser::ast::{Expr, Function};

use super::block::{Aggregate, Block, Fixed, Ref};
use super::correction;
use super::expression::{divides, is_distinct, is_named, plain_arguments, values};
use super::shape::{Repeat, ShapeColumn};
use super::{Caution, CautionKind};
use crate::language::identifier_words;
use crate::schema::{Schema, SemanticType as S};

/// The relation that repeats rows, and the columns of it that the join holds fast.
#[derive(Debug)]
pub struct Multiplier {
    pub relation: usize,
    pub on: BTreeSet<Ref>,
}

/// Amounts that belong to a thing and are meant once for each time it occurs: hours of a course that is taken.
const PER_USE: &[&str] = &[
    "hour", "minute", "second", "duration", "time", "length", "distance", "weight", "calorie", "credit", "point",
    "day", "week", "lap", "episode", "page", "step", "mile", "km", "kg", "volume",
];

/// The caution for one aggregate, if its rows are repeated.
pub fn of(block: &Block<'_>, aggregate: &Aggregate<'_>, schema: &Schema) -> Option<Caution> {
    let function = aggregate.function;
    let [argument] = plain_arguments(function)[..] else { return None };
    if function.over.is_some() || is_distinct(function) || divides(argument) {
        return None;
    }
    let measures: Vec<Ref> = values(argument).into_iter().filter_map(|part| block.find_exactly(part)).collect();
    let rows = rows_of(block, function);
    if !is_worth_a_look(block, function, argument, &measures, schema) {
        return None;
    }
    let repeated = repeated_inside(block, &measures, schema);
    if let Some(multiplier) = multiplier(block, &rows, schema) {
        return Some(caution(block, aggregate, &rows, &multiplier, schema));
    }
    repeated.map(|repeat| caution_of_subquery(aggregate, &repeat))
}

/// The relations whose rows the aggregate takes.
fn rows_of(block: &Block<'_>, function: &Function) -> BTreeSet<usize> {
    let argument = plain_arguments(function);
    let filter = function.filter.as_deref();
    argument.into_iter().chain(filter).flat_map(|expr| block.columns_in(expr)).map(|column| column.relation).collect()
}

fn is_worth_a_look(block: &Block<'_>, function: &Function, argument: &Expr, measures: &[Ref], schema: &Schema) -> bool {
    if is_named(function, &["count"]) {
        return block.find(argument).is_some_and(|column| is_counted_key(block, column, schema));
    }
    let adds = || measures.iter().any(|column| adds_up(block, *column, schema));
    let same_in_group = || {
        let fixed = block.fix([], block.grouped());
        measures.iter().all(|column| fixed.holds(*column))
    };
    is_named(function, &["sum", "total"]) && adds() || is_named(function, &["avg"]) && adds() && !same_in_group()
}

/// `COUNT(o.id)` means orders; within the group of one order it can only mean what is joined to it.
fn is_counted_key(block: &Block<'_>, column: Ref, schema: &Schema) -> bool {
    let is_key = block.relations[column.relation].base.is_some()
        && block.origin(column).is_some_and(|origin| schema.is_primary_key(origin));
    is_key && !block.fix([], block.grouped()).holds(column)
}

/// A measure whose sum means something, so that counting it twice is wrong.
pub fn adds_up(block: &Block<'_>, column: Ref, schema: &Schema) -> bool {
    let known = block.column(column);
    let Some(origin) = known.origin else { return known.summed };
    match schema.profile(origin).semantic {
        S::Money => true,
        S::Quantity => {
            let words = identifier_words(&schema.column(origin).name);
            !words.iter().any(|word| PER_USE.contains(&word.as_str()))
        }
        _ => false,
    }
}

/// What repeats the rows of these relations, if it is known for sure.
pub fn multiplier(block: &Block<'_>, rows: &BTreeSet<usize>, schema: &Schema) -> Option<Multiplier> {
    let held = block.fix([], block.grouped());
    let mut known: BTreeSet<usize> = rows.clone();
    loop {
        let fixed = block.fix(known.iter().copied(), block.grouped());
        let open = || (0..block.relations.len()).filter(|relation| !fixed.relations[*relation]);
        let mut unknown = None;
        for relation in open() {
            match look(block, relation, &fixed, &held, schema) {
                Look::Repeats(on) => return Some(Multiplier { relation, on }),
                Look::Unknown => unknown = unknown.or(Some(relation)),
                Look::Apart => {}
            }
        }
        // Taken to give one row, so that what is joined to it can be looked at.
        known.insert(unknown?);
    }
}

enum Look {
    /// Some of its rows share these columns.
    Repeats(BTreeSet<Ref>),
    Unknown,
    /// Not joined to anything that is fixed so far.
    Apart,
}

fn look(block: &Block<'_>, relation: usize, fixed: &Fixed, held: &Fixed, schema: &Schema) -> Look {
    let entry = &block.relations[relation];
    if block.narrowed[relation] || entry.shape.opaque {
        return Look::Unknown;
    }
    let columns = (0..entry.shape.columns.len()).map(|column| Ref { relation, column });
    let joined: Vec<Ref> = columns.filter(|column| fixed.holds(*column)).collect();
    if joined.is_empty() {
        let many = entry.base.is_some_and(|table| schema.table(table).row_count.is_some_and(|rows| rows > 1));
        let is_cross_join = many && !block.related[relation];
        return if is_cross_join { Look::Repeats(BTreeSet::new()) } else { Look::Apart };
    }
    let on: BTreeSet<Ref> =
        joined.into_iter().filter(|column| !held.holds(*column) || tells_apart(block, *column, schema)).collect();
    let positions = on.iter().map(|column| column.column).collect();
    if entry.shape.repeats(&positions, schema) { Look::Repeats(on) } else { Look::Unknown }
}

/// A column that may be a part of what tells the rows of its table apart: of a key, a reference, a point in time.
pub fn tells_apart(block: &Block<'_>, column: Ref, schema: &Schema) -> bool {
    let shape = &block.relations[column.relation].shape;
    let semantic = block.origin(column).map(|origin| schema.profile(origin).semantic);
    shape.is_in_a_key(column.column)
        || semantic
            .is_none_or(|semantic| semantic.is_time() || matches!(semantic, S::Id | S::Code | S::Month | S::Unknown))
}

/// Marks the columns of a result whose values a join inside repeats.
pub fn mark_repeated(block: &Block<'_>, columns: &mut [ShapeColumn], from: &[Option<Ref>], schema: &Schema) {
    if block.relations.len() < 2 {
        return;
    }
    let causes: Vec<Option<Rc<Repeat>>> = (0..block.relations.len())
        .map(|relation| {
            let multiplier = multiplier(block, &BTreeSet::from([relation]), schema)?;
            Some(Rc::new(Repeat {
                of: block.label(relation).to_owned(),
                by: block.label(multiplier.relation).to_owned(),
                by_table: block.relations[multiplier.relation].base,
                on: multiplier.on.iter().map(|column| block.column(*column).name.clone()).collect(),
            }))
        })
        .collect();
    for (column, from) in columns.iter_mut().zip(from) {
        if let Some(from) = from
            && column.repeated.is_none()
            && !column.ranked
        {
            column.repeated.clone_from(&causes[from.relation]);
        }
    }
}

/// The subquery that the measure comes from repeats it, and nothing outside takes that back.
fn repeated_inside(block: &Block<'_>, measures: &[Ref], schema: &Schema) -> Option<Rc<Repeat>> {
    let [first, ..] = measures else { return None };
    let relation = first.relation;
    let repeat = measures.iter().find_map(|column| block.column(*column).repeated.clone())?;
    let is_ranked = |column: &Ref| column.relation == relation && block.column(*column).ranked;
    let takes_back = block.narrowed[relation]
        || measures.iter().any(|column| column.relation != relation || block.column(*column).repeated.is_none())
        || block.filters.iter().any(|filter| filter.columns.iter().any(is_ranked))
        || block.grouped().any(|column| {
            let table = block.origin(column).map(|origin| origin.table);
            table.is_some() && table == repeat.by_table && tells_apart(block, column, schema)
        });
    (!takes_back).then_some(repeat)
}

fn caution(
    block: &Block<'_>,
    aggregate: &Aggregate<'_>,
    rows: &BTreeSet<usize>,
    multiplier: &Multiplier,
    schema: &Schema,
) -> Caution {
    let measure = aggregate.expr.to_string();
    let of: Vec<&str> = rows.iter().map(|relation| block.label(*relation)).collect();
    let by = with_its_table(block, multiplier.relation, schema);
    let on: Vec<&str> = multiplier.on.iter().map(|column| block.column(*column).name.as_str()).collect();
    let what = what_goes_wrong(aggregate.function, &measure, &of.join(" and "), &by, &on);
    let correction = correction::of_fan_out(block, aggregate, rows, multiplier, schema);
    Caution {
        kind: CautionKind::FanOut,
        measure,
        text: format!("{what}; {}", correction.advice),
        instead: correction.statement,
    }
}

fn caution_of_subquery(aggregate: &Aggregate<'_>, repeat: &Repeat) -> Caution {
    let measure = aggregate.expr.to_string();
    let on: Vec<&str> = repeat.on.iter().map(String::as_str).collect();
    let what = what_goes_wrong(aggregate.function, &measure, &repeat.of, &repeat.by, &on);
    let text =
        format!("{what}; add up {} before it is joined to {}, or take its rows with DISTINCT", repeat.of, repeat.by);
    Caution { kind: CautionKind::FanOut, measure, text, instead: None }
}

/// A named query says little by its name, so the table that its rows come from is told too.
fn with_its_table(block: &Block<'_>, relation: usize, schema: &Schema) -> String {
    let (label, entry) = (block.label(relation), &block.relations[relation]);
    match entry.shape.table {
        Some(table) if entry.base.is_none() => format!("{label}, which holds {}", schema.table(table).name),
        _ => label.to_owned(),
    }
}

fn what_goes_wrong(function: &Function, measure: &str, of: &str, by: &str, on: &[&str]) -> String {
    let matching = if on.is_empty() {
        format!("row of {by}, which is joined without a condition")
    } else {
        format!("matching row of {by} (joined by {})", on.join(", "))
    };
    if is_named(function, &["avg"]) {
        format!("{measure} weighs each row of {of} by its number of rows in {by} (joined by {})", on.join(", "))
    } else {
        let counts = if is_named(function, &["count"]) { "counts" } else { "adds" };
        format!("{measure} {counts} each row of {of} once for every {matching}")
    }
}
