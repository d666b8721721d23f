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

#[cfg(test)]
mod tests {
    use super::super::graph::Graph;
    use super::super::names::Names;
    use super::super::plan::{Operand, Operator, Predicate};
    use super::super::tests::{id, profile, schema};
    use super::super::tokens::tokens;
    use super::*;
    use crate::knowledge::Knowledge;
    use crate::pipeline::analysis::analyse;
    use crate::schema::{Schema, Value};

    fn market() -> Schema {
        let mut market =
            schema(&[("stalls", &["stall_id*", "city", "opened_on", "closed_on"]), ("checks", &["rival"])], &[]);
        for name in ["stalls.opened_on", "stalls.closed_on"] {
            profile(&mut market, name).semantic = SemanticType::Date;
        }
        let rival = profile(&mut market, "checks.rival");
        (rival.semantic, rival.rows, rival.distinct) = (SemanticType::Name, 90, 3);
        market
    }

    /// The only column shown for the question, and whether each value once, where a plan shows `column`.
    fn shown(question: &str, column: &str, filter: Vec<Predicate>) -> (String, bool) {
        let market = market();
        let (names, graph) = (Names::new(&market, &Knowledge::default()), Graph::new(&market));
        let analysis = analyse(question, &market, jiff::civil::date(2025, 3, 31));
        let ground = Ground { schema: &market, names: &names, graph: &graph, analysis: &analysis };
        let words = tokens(&analysis, &names);
        let select = Select { items: vec![Expr::Column(id(&market, column))], filter, ..Select::default() };
        let reading = Reading {
            query: Query::Select(Box::new(select)),
            mentioned: Vec::new(),
            assumptions: Vec::new(),
            links: Vec::new(),
            unread: Vec::new(),
            content: words.len(),
        };
        let Query::Select(select) = settled(reading, &words, ground).query else { unreachable!("it was one select") };
        let Expr::Column(item) = select.items[0] else { unreachable!("it was a column") };
        (market.qualified(item), select.distinct)
    }

    #[test]
    fn when_is_the_date_that_is_spoken_of() {
        let denver = || {
            let left = Expr::Column(id(&market(), "stalls.city"));
            vec![Predicate::Compare {
                left,
                operator: Operator::Equal,
                right: Operand::Value(Value::Text("Denver".into())),
            }]
        };
        assert_eq!(shown("when did Denver open?", "stalls.city", denver()).0, "stalls.opened_on");
        assert_eq!(shown("when did Denver move?", "stalls.city", denver()).0, "stalls.city");
        assert_eq!(shown("where did Denver open?", "stalls.city", denver()).0, "stalls.city");
        assert_eq!(shown("when did any open?", "stalls.city", Vec::new()).0, "stalls.city");
    }

    #[test]
    fn names_that_rows_share_are_listed_once() {
        assert!(shown("names of our rivals", "checks.rival", Vec::new()).1);
        assert!(!shown("rivals of all checks", "checks.rival", Vec::new()).1);
    }
}
