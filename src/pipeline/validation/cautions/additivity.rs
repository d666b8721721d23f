//! A price, percentage, ratio or score that is added up.

use std::collections::BTreeSet;

use super::block::{Aggregate, Block, Ref};
use super::correction::{column, over_table, quoted, whole};
use super::expression::{is_named, passed_on, plain_arguments};
use super::{Caution, CautionKind};
use crate::config::Policy;
use crate::language::identifier_words;
use crate::schema::{ColumnId, Schema, SemanticType as S, TableId};

/// The caution for one aggregate, if it adds up what does not add up.
pub fn of(block: &Block<'_>, aggregate: &Aggregate<'_>, schema: &Schema, policy: &Policy) -> Option<Caution> {
    let function = aggregate.function;
    if function.over.is_some() || aggregate.divided || !is_named(function, &["sum", "total"]) {
        return None;
    }
    let [argument] = plain_arguments(function)[..] else { return None };
    let at = block.find(passed_on(argument))?;
    let origin = block.origin(at)?;
    let semantic = schema.profile(origin).semantic;
    if !matches!(semantic, S::UnitPrice | S::Percent | S::Ratio | S::Score) || is_one_value(block, at) {
        return None;
    }
    let kind = kind(origin, schema)?;
    let quantity = if semantic == S::UnitPrice { quantity_beside(block, at, schema, policy) } else { None };
    if semantic == S::UnitPrice && quantity.is_none() && !is_price_of_a_thing(block, at, origin, schema) {
        return None;
    }
    let measure = aggregate.expr.to_string();
    let name = schema.qualified(origin);
    let (fixed, why) = match quantity {
        Some(quantity) => {
            let quantity = column(block, quantity, schema);
            (format!("SUM({argument} * {quantity})"), format!("multiply it by {quantity} first"))
        }
        None => (format!("AVG({argument})"), "average it".to_owned()),
    };
    let statement = whole(block, &fixed, schema).or_else(|| {
        over_table(&format!("AVG({})", quoted(&schema.column(origin).name, schema.dialect)), origin.table, schema)
    });
    let shown = statement.as_ref().map_or_else(|| fixed.clone(), Clone::clone);
    Some(Caution {
        kind: CautionKind::NonAdditive,
        text: format!("{measure} adds up {name}, {kind}, and such a sum means nothing; {why}: {shown}"),
        measure,
        instead: statement,
    })
}

/// Each group holds one value at most, or the values were picked one by one.
fn is_one_value(block: &Block<'_>, at: Ref) -> bool {
    let picked = block
        .listed
        .iter()
        .any(|column| column.relation == at.relation && block.relations[at.relation].shape.is_in_a_key(column.column));
    picked || block.fix([], block.grouped()).is_whole()
}

/// What the values are, in words; `None` where the name leaves doubt. A meaning that the name cannot have given was
/// taught, and is beyond doubt.
fn kind(origin: ColumnId, schema: &Schema) -> Option<&'static str> {
    let words = identifier_words(&schema.column(origin).name);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    Some(match schema.profile(origin).semantic {
        S::UnitPrice => "the price of one unit",
        // Shares of one whole do add up, and so do probabilities.
        S::Percent if !has(&["share"]) => "a percentage",
        S::Ratio if has(&["share", "probability", "rate"]) && !has(RATES) => return None,
        S::Ratio => "a ratio",
        S::Score if has(&["score", "grade", "level"]) || !has(SCORES) && has(SIZES) => return None,
        S::Score => "a rating or measurement",
        _ => return None,
    })
}

/// What a rate is of, where it is a quotient and not a tariff.
const RATES: &[&str] = &[
    "conversion",
    "growth",
    "churn",
    "return",
    "discount",
    "tax",
    "interest",
    "margin",
    "exchange",
    "click",
    "hit",
    "defect",
    "error",
    "fill",
    "occupancy",
    "vat",
    "redemption",
    "retention",
    "success",
    "failure",
    "sell",
];
const SCORES: &[&str] = &[
    "rating",
    "rank",
    "ranking",
    "gpa",
    "latitude",
    "longitude",
    "temperature",
    "humidity",
    "pressure",
    "age",
    "elasticity",
];
/// Measurements of things, which do add up over things: salaries, lengths, weights.
const SIZES: &[&str] = &[
    "salary",
    "wage",
    "height",
    "weight",
    "length",
    "width",
    "speed",
    "duration",
    "size",
    "point",
    "distance",
    "elevation",
];

/// A price that a list holds for a thing, not one that somebody paid.
fn is_price_of_a_thing(block: &Block<'_>, at: Ref, origin: ColumnId, schema: &Schema) -> bool {
    if !block.fix([at.relation], block.grouped()).is_whole() {
        // Once for each row that is joined: each of them may be one unit.
        return false;
    }
    let words = identifier_words(&schema.column(origin).name);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    if !has(&["price", "cost", "fee", "rate", "msrp", "gap"]) {
        return true;
    }
    let table = schema.table(origin.table);
    let is_paid = has(&[
        "sale",
        "sold",
        "selling",
        "purchase",
        "paid",
        "transaction",
        "final",
        "winning",
        "agreed",
        "ticket",
        "booking",
        "booked",
        "order",
        "ordered",
        "charged",
    ]);
    let is_listed =
        schema.foreign_keys.iter().any(|key| key.to.table == origin.table && key.from.table != origin.table);
    let about_prices = identifier_words(&table.name).iter().any(|word| word == "price" || word == "pricing");
    let beside_a_price = || {
        table.columns.iter().any(|column| {
            schema.find_column(origin.table, &column.name) != Some(origin)
                && identifier_words(&column.name).iter().any(|word| word == "price")
        })
    };
    if has(&["price", "msrp"]) {
        is_listed || about_prices || (words.len() > 1 && !is_paid)
    } else if has(&["cost"]) {
        has(&["unit"]) || (is_listed && beside_a_price())
    } else {
        false
    }
}

/// The column that says how many units a price was paid for: in a relation that repeats the price, or beside it.
fn quantity_beside(block: &Block<'_>, at: Ref, schema: &Schema, policy: &Policy) -> Option<Ref> {
    let fixed = block.fix([at.relation], block.grouped());
    let open: BTreeSet<usize> = (0..block.relations.len()).filter(|relation| !fixed.relations[*relation]).collect();
    let candidates: Vec<usize> = if open.is_empty() { vec![at.relation] } else { open.into_iter().collect() };
    candidates.into_iter().find_map(|relation| {
        let table = block.relations[relation].base?;
        let is_list = schema.foreign_keys.iter().any(|key| key.to.table == table && key.from.table != table);
        if relation == at.relation && is_list {
            return None;
        }
        let column = quantity_of(table, schema, policy)?;
        Some(Ref { relation, column })
    })
}

fn quantity_of(table: TableId, schema: &Schema, policy: &Policy) -> Option<usize> {
    const WORDS: &[&str] = &["unit", "quantity", "piece", "item", "sold", "ordered"];
    schema.table(table).columns.iter().position(|column| {
        let words = identifier_words(&column.name);
        let denied = policy
            .deny_columns
            .iter()
            .any(|rule| rule.rsplit('.').next().is_some_and(|name| name.eq_ignore_ascii_case(&column.name)));
        column.profile.semantic == S::Quantity && words.iter().any(|word| WORDS.contains(&word.as_str())) && !denied
    })
}
