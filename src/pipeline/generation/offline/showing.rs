//! What a plan shows, set right: the time where "when" is asked, and each name once where rows share it.

use super::names::Target;
use super::plan::{Expr, Query, Select};
use super::reading::{Ground, Reading};
use super::tokens::Token;
use crate::schema::{ColumnId, SemanticType, TableId};

/// The reading, its outputs as the question has them.
pub fn settled(mut reading: Reading, tokens: &[Token], ground: Ground<'_>) -> Reading {
    if let Query::Select(select) = &mut reading.query
        && !select.is_aggregated()
        && select.having.is_empty()
    {
        shows_when(select, ground);
        select.distinct |= repeats_names(select, tokens, ground);
    }
    reading
}

/// "when did Denver open?" asks for the row's date, whatever else a row is known by.
fn shows_when(select: &mut Select, ground: Ground<'_>) {
    let asks = ground.analysis.words.first().is_some_and(|w| w.is("when"));
    let [Expr::Column(shown)] = select.items[..] else { return };
    let schema = ground.schema;
    if !asks || schema.profile(shown).semantic.is_time() || select.filter.is_empty() {
        return;
    }
    let columns = (0..schema.table(shown.table).columns.len()).map(|column| ColumnId { table: shown.table, column });
    let times: Vec<ColumnId> = columns.filter(|id| schema.profile(*id).semantic.is_time()).collect();
    let said = |id: &&ColumnId| {
        let stems = ground.names.column_stems(**id);
        ground.analysis.words.iter().any(|w| stems.contains(&crate::language::stem(&w.lemma)))
    };
    let time = match times.as_slice() {
        [only] => Some(*only),
        several => several.iter().find(said).copied(),
    };
    if let Some(time) = time {
        select.items = vec![Expr::Column(time)];
    }
}

/// "names of the competitors": what is listed is the names that the rows of a table share, not those rows.
fn repeats_names(select: &Select, tokens: &[Token], ground: Ground<'_>) -> bool {
    let [Expr::Column(shown)] = select.items[..] else { return false };
    let profile = ground.schema.profile(shown);
    let named = matches!(profile.semantic, SemanticType::Name | SemanticType::Category | SemanticType::Geo);
    let shared = profile.rows > 0 && profile.distinct * SHARED <= profile.rows;
    let speaks_of = |table: TableId| {
        let said =
            |token: &Token| token.links().iter().any(|link| link.target == Target::Table(table) && link.score >= WHOLE);
        tokens.iter().any(said)
    };
    named && shared && select.order.is_empty() && select.limit.is_none() && !speaks_of(shown.table)
}

/// Rows to a name from which on they share it.
const SHARED: u64 = 3;
/// A link so strong says the name of a table outright.
const WHOLE: f64 = 0.9;
