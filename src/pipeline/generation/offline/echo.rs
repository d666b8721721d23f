//! Plans that show nothing but what the question gave: "who wrote Emma?" answered with "Emma". Such a plan is no answer;
//! where the question asks for a place or a time, the row's own is.

use super::plan::{Expr, Operand, Operator, Predicate, Query, Select};
use super::reading::{Ground, Reading, Unreadable};
use crate::schema::{ColumnId, SemanticType, TableId};

/// Words of columns that say where something is.
const PLACES: [&str; 10] =
    ["location", "address", "city", "town", "country", "place", "hometown", "venue", "site", "headquarters"];
/// Of a place more columns say too much.
const MOST_PLACES: usize = 3;

/// True if every column shown is fixed to one value by a condition.
pub fn echoes(select: &Select) -> bool {
    let fixed = |item: &Expr| {
        select.filter.iter().any(|p| match p {
            Predicate::Compare { left, operator: Operator::Equal, right: Operand::Value(_) } => left == item,
            _ => false,
        })
    };
    let plain = select.group.is_empty() && select.having.is_empty() && !select.items.is_empty();
    plain && select.items.iter().all(|item| matches!(item, Expr::Column(_)) && fixed(item))
}

/// The reading, or what its question asks for in place of an echo.
pub fn settled(mut reading: Reading, ground: Ground<'_>) -> Result<Reading, Unreadable> {
    let Query::Select(select) = &mut reading.query else { return Ok(reading) };
    let asks = |words: &[&str]| ground.analysis.words.iter().any(|w| w.is_one_of(words));
    if !echoes(select) || !asks(&["who", "what", "where", "when", "how", "whose"]) {
        return Ok(reading);
    }
    let table = select.items.iter().find_map(|item| match item {
        Expr::Column(id) => Some(id.table),
        _ => None,
    });
    let asked = match table {
        Some(table) if asks(&["where"]) => places(table, ground),
        Some(table) if asks(&["when"]) => times(table, ground),
        _ => Vec::new(),
    };
    let asked: Vec<Expr> = asked.into_iter().map(Expr::Column).filter(|c| !select.items.contains(c)).collect();
    if asked.is_empty() || asked.len() > MOST_PLACES {
        let mut given = select.filter.iter().filter_map(|p| match p {
            Predicate::Compare { right: Operand::Value(value), .. } => value.as_text().map(str::to_owned),
            _ => None,
        });
        return Err(Unreadable::Echo { value: given.next().unwrap_or_default() });
    }
    select.items = asked;
    Ok(reading)
}

fn places(table: TableId, ground: Ground<'_>) -> Vec<ColumnId> {
    let said = |id: &ColumnId| {
        ground.schema.profile(*id).semantic == SemanticType::Geo
            || ground.names.column_words(*id).iter().any(|w| PLACES.contains(&w.as_str()))
    };
    columns(table, ground).filter(said).collect()
}

/// The only time of a row; of several none is likelier.
fn times(table: TableId, ground: Ground<'_>) -> Vec<ColumnId> {
    let times: Vec<ColumnId> =
        columns(table, ground).filter(|id| ground.schema.profile(*id).semantic.is_time()).collect();
    if times.len() == 1 { times } else { Vec::new() }
}

fn columns(table: TableId, ground: Ground<'_>) -> impl Iterator<Item = ColumnId> {
    (0..ground.schema.table(table).columns.len()).map(move |column| ColumnId { table, column })
}
