//! What a plan takes for granted that the question does not say.

use super::graph::Edge;
use super::plan::{Expr, Function, Query, Select};
use super::reading::display_columns;
use crate::language::{identifier_words, spoken_name};
use crate::pipeline::analysis::Analysis;
use crate::schema::{ColumnId, Schema};

/// Words that ask for a sum.
const SUMMED: [&str; 9] = ["total", "totals", "sum", "overall", "combined", "altogether", "much", "many", "whole"];
/// Words that ask for a mean.
const AVERAGED: [&str; 6] = ["average", "averages", "mean", "avg", "typical", "typically"];

/// Every default that was taken, in words: how figures were put together, the days of a period told from today, what rows
/// are shown by, and joins over keys that nobody declared.
pub fn taken(query: &Query, edges: &[Edge], analysis: &Analysis, schema: &Schema) -> Vec<String> {
    let defaults = Defaults { analysis, schema };
    let mut taken = Vec::new();
    match query {
        Query::Select(select) => defaults.of_select(select, &mut taken),
        Query::Set { left, .. } => defaults.of_select(left, &mut taken),
    }
    defaults.of_periods(&mut taken);
    for edge in edges.iter().filter(|e| !e.declared) {
        let (from, to) = (schema.qualified(edge.from), schema.qualified(edge.to));
        taken.push(format!("joined by {from} = {to}, a key that is not declared"));
    }
    taken
}

struct Defaults<'a> {
    analysis: &'a Analysis,
    schema: &'a Schema,
}

impl Defaults<'_> {
    fn says(&self, any: &[&str]) -> bool {
        self.analysis.words.iter().any(|w| any.contains(&w.folded.as_str()))
    }

    fn of_select(&self, select: &Select, taken: &mut Vec<String>) {
        let mut add = |told: String| {
            if !taken.contains(&told) {
                taken.push(told);
            }
        };
        for item in select.items.iter().chain(select.order.iter().map(|s| &s.by)) {
            let Expr::Aggregate { function, of, .. } = item else { continue };
            let Expr::Column(id) = **of else { continue };
            match function {
                Function::Sum if !self.says(&SUMMED) => add(format!("{} is added up", self.name(id))),
                Function::Average if !self.says(&AVERAGED) => add(format!("{} is averaged", self.name(id))),
                _ => {}
            }
        }
        for item in &select.items {
            let Expr::Column(id) = item else { continue };
            if display_columns(self.schema, id.table).contains(id) && !self.is_said(*id) {
                let table = self.schema.table(id.table).name.replace('_', " ");
                add(format!("{table} are shown by {}", self.name(*id)));
            }
        }
    }

    /// A period counted from today is told as the days it is.
    fn of_periods(&self, taken: &mut Vec<String>) {
        for time in self.analysis.times.iter().filter(|t| t.relative) {
            let (Some(words), Some(range)) = (self.analysis.words.get(time.words.clone()), time.period.closed()) else {
                continue;
            };
            let (Some(first), Some(last)) = (words.first(), words.last()) else { continue };
            if let Some(said) = self.analysis.text.get(first.span.start..last.span.end) {
                taken.push(format!("\"{said}\" is {} to {}", range.first, range.last));
            }
        }
    }

    /// Some word of the column's own name, beside those of its table, is in the question.
    fn is_said(&self, id: ColumnId) -> bool {
        let table = identifier_words(&self.schema.table(id.table).name);
        let own = identifier_words(&self.schema.column(id).name);
        own.iter().filter(|w| !table.contains(w)).any(|w| self.analysis.words.iter().any(|said| said.lemma == *w))
    }

    fn name(&self, id: ColumnId) -> String {
        spoken_name(&self.schema.column(id).name)
    }
}

#[cfg(test)]
mod tests {
    use super::super::graph::Graph;
    use super::super::tests::{id, profile, schema, table_id};
    use super::*;
    use crate::pipeline::analysis::analyse;
    use crate::schema::SemanticType;

    fn told(question: &str, select: Select) -> Vec<String> {
        let mill = mill();
        let analysis = analyse(question, &mill, jiff::civil::date(2025, 3, 31));
        let tables = [table_id(&mill, "sacks"), table_id(&mill, "mills")];
        let edges = Graph::new(&mill).join(&tables, &[]).unwrap().edges;
        taken(&Query::Select(Box::new(select)), &edges, &analysis, &mill)
    }

    fn mill() -> Schema {
        let mut mill = schema(
            &[("mills", &["mill_id*", "mill_name"]), ("sacks", &["mill_id", "weight"])],
            &[("sacks.mill_id", "mills.mill_id", false)],
        );
        profile(&mut mill, "mills.mill_name").semantic = SemanticType::Name;
        mill
    }

    fn weight_by_mill(function: Function) -> Select {
        let shown = Expr::Column(id(&mill(), "mills.mill_name"));
        let weight = Expr::aggregate(function, id(&mill(), "sacks.weight"));
        Select { items: vec![shown.clone(), weight], group: vec![shown], ..Select::default() }
    }

    #[test]
    fn tells_what_the_question_does_not_say() {
        assert_eq!(
            told("weight by mill last month", weight_by_mill(Function::Sum)),
            [
                "weight is added up",
                "mills are shown by mill name",
                "\"last month\" is 2025-02-01 to 2025-02-28",
                "joined by sacks.mill_id = mills.mill_id, a key that is not declared",
            ]
        );
        assert!(told("weight by mill", weight_by_mill(Function::Average)).contains(&"weight is averaged".to_owned()));
    }

    #[test]
    fn what_is_said_is_no_default() {
        let joined = ["joined by sacks.mill_id = mills.mill_id, a key that is not declared"];
        assert_eq!(told("total weight by name of the mill", weight_by_mill(Function::Sum)), joined);
        assert_eq!(told("average weight by name of the mill", weight_by_mill(Function::Average)), joined);
    }
}
