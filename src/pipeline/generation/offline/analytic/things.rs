//! Keeps things by when something happened to them: cohorts, and only those that two periods have in common.

use jiff::civil::Date;

use super::super::plan::{Expr, Predicate, Select};
use super::super::reading::{display_columns, event_date};
use super::apply::Editor;
use super::calendar::Days;
use crate::schema::TableId;

impl Editor<'_> {
    /// Things of a table that had events in one time and none in another.
    pub(super) fn cohort(
        &mut self,
        things: TableId,
        events: Option<TableId>,
        with: Option<Days>,
        without: Option<Days>,
    ) -> Result<(), String> {
        let schema = self.ground.schema;
        let of_things = |table: TableId| {
            schema.foreign_keys.iter().any(|k| k.from.table == table && k.to.table == things)
                && event_date(schema, table).is_some_and(|(_, event)| event)
        };
        let rows = |table: &TableId| schema.table(*table).row_count.unwrap_or(0);
        let largest = schema.table_ids().filter(|t| of_things(*t)).max_by_key(rows);
        let table = events
            .filter(|t| of_things(*t))
            .or(largest)
            .ok_or_else(|| format!("nothing in the data says when {} did something", schema.table(things).name))?;
        let (date, _) = event_date(schema, table).ok_or_else(|| "no date".to_owned())?;
        let told = schema.qualified(date);
        for (days, negated) in [(with, false), (without, true)] {
            let Some(days) = days else { continue };
            let first = (days.first > Date::MIN).then(|| days.first.to_string());
            let filter = vec![Predicate::Period { column: date, first, last: Some(days.last.to_string()) }];
            self.select.filter.push(Predicate::Exists { table, filter, negated });
        }
        if self.select.items.is_empty() {
            self.select.items = display_columns(schema, things).into_iter().map(Expr::Column).collect();
        }
        self.assumptions.push(format!("what happened when is told by {told}"));
        Ok(())
    }

    /// Only things with rows in both periods that are compared.
    pub(super) fn comparable(&mut self, things: Option<TableId>) -> Result<(), String> {
        let schema = self.ground.schema;
        let column = self.date()?;
        let facts = column.table;
        let compared = self.select.filter.iter().find_map(|p| match p {
            Predicate::Any(parts) => Some(parts.clone()),
            _ => None,
        });
        let filtered = self.select.items.iter().filter_map(|item| match item {
            Expr::Filtered { filter, .. } => filter.first().cloned(),
            _ => None,
        });
        let periods: Vec<Predicate> = compared.unwrap_or_else(|| filtered.take(2).collect());
        let [before, after] = periods.as_slice() else {
            return Err("like for like needs two periods that are compared".to_owned());
        };
        let places = |table: &TableId| {
            let words = crate::language::identifier_words(&schema.table(*table).name);
            let lexicon = crate::language::lexicon();
            words.iter().any(|w| w == "store" || lexicon.synonyms(w).iter().any(|(s, _)| s == "store"))
        };
        let mut grouped = Vec::new();
        for key in &self.select.group {
            key.tables(&mut grouped);
        }
        let of_facts = || schema.foreign_keys.iter().filter(|k| k.from.table == facts);
        // What is named, else what is shown, else places of business.
        let named = things.and_then(|t| of_facts().find(|k| k.to.table == t));
        let key = named
            .or_else(|| of_facts().find(|k| grouped.contains(&k.to.table)))
            .or_else(|| of_facts().find(|k| places(&k.to.table)))
            .ok_or_else(|| "it is not said which things are to be the same in both periods".to_owned())?;
        for period in [before, after] {
            let query =
                Select { items: vec![Expr::Column(key.from)], filter: vec![period.clone()], ..Select::default() };
            self.select.filter.push(Predicate::Within {
                what: Expr::Column(key.from),
                query: Box::new(query),
                negated: false,
            });
        }
        let told = schema.table(key.to.table).name.clone();
        self.assumptions.push(format!("only {told} with rows in both periods"));
        Ok(())
    }
}
