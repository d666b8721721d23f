//! Leaves out what tells of things that the policy hides: nothing of it may reach a prompt, a listing or a warning.

use super::{ColumnKnowledge, Example, Knowledge, Metric, NamedFilter, TableKnowledge};
use crate::schema::Schema;

impl Knowledge {
    /// Keeps what names nothing hidden. `names_hidden` tells whether a text does; `schema` has only what may be seen.
    pub fn conceal(&mut self, schema: &Schema, names_hidden: &dyn Fn(&str) -> bool) {
        let is_clean = |texts: Vec<&str>| !texts.into_iter().any(names_hidden);
        self.tables.retain(|table| schema.find_table(&table.name).is_some() || !names_hidden(&table.name));
        for table in &mut self.tables {
            conceal_in(table, schema, names_hidden);
        }
        self.metrics.retain(|metric| is_clean(metric_texts(metric)));
        self.filters.retain(|filter| is_clean(filter_texts(filter)));
        self.relationships.retain(|join| is_clean(vec![&join.from, &join.to]));
        self.examples.retain(|example| is_clean(example_texts(example)));
        self.rules.retain(|rule| is_clean(vec![&rule.heading, &rule.text]));
    }
}

fn conceal_in(table: &mut TableKnowledge, schema: &Schema, names_hidden: &dyn Fn(&str) -> bool) {
    let (id, name) = (schema.find_table(&table.name), &table.name);
    let is_seen = |column: &ColumnKnowledge| id.is_some_and(|id| schema.find_column(id, &column.name).is_some());
    table.columns.retain(|column| is_seen(column) || !names_hidden(&format!("{name}.{}", column.name)));
    // A text about a table speaks of its columns by their names alone.
    let tells = |text: &String| names_hidden(text) || names_hidden(&format!("{name} {text}"));
    table.description = table.description.take().filter(|text| !tells(text));
    table.synonyms.retain(|word| !names_hidden(word));
    for column in &mut table.columns {
        column.description = column.description.take().filter(|text| !tells(text));
        column.synonyms.retain(|word| !names_hidden(word));
    }
}

fn metric_texts(metric: &Metric) -> Vec<&str> {
    let Metric { name, description, synonyms, expression, unit: _, time_column, additivity: _, required_filters } =
        metric;
    let lists = synonyms.iter().chain(required_filters).chain(description).chain(time_column);
    lists.chain([name, expression]).map(String::as_str).collect()
}

fn filter_texts(filter: &NamedFilter) -> Vec<&str> {
    let NamedFilter { name, description, synonyms, condition } = filter;
    synonyms.iter().chain(description).chain([name, condition]).map(String::as_str).collect()
}

fn example_texts(example: &Example) -> Vec<&str> {
    let Example { question, paraphrases, sql, when } = example;
    paraphrases.iter().chain(when).chain([question, sql]).map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::{Relationship, Rule};
    use crate::schema::{Column, Table};

    #[test]
    fn only_what_names_nothing_hidden_is_kept() {
        let column = |name: &str| ColumnKnowledge {
            name: name.into(),
            description: Some(format!("the {name}")),
            synonyms: vec!["salary of pay".into(), "seen".into()],
            ..ColumnKnowledge::default()
        };
        let table = |name: &str| TableKnowledge {
            name: name.into(),
            description: Some("holds a salary".into()),
            columns: vec![column("city"), column("salary")],
            ..TableKnowledge::default()
        };
        let [good, bad] = ["shop.city", "shop.salary"];
        let metric = |text: &str| Metric { name: "m".into(), expression: text.into(), ..Metric::default() };
        let filter = |text: &str| NamedFilter { condition: text.into(), ..NamedFilter::default() };
        let example = |text: &str| Example { sql: text.into(), ..Example::default() };
        let rule = |text: &str| Rule { heading: "h".into(), text: text.into() };
        let join = |text: &str| Relationship { from: text.into(), to: good.into() };
        let mut knowledge = Knowledge {
            tables: vec![table("Shop"), table("safe")],
            metrics: vec![metric(bad), metric(good), Metric { time_column: Some(bad.into()), ..metric(good) }],
            filters: vec![filter(good), filter(bad)],
            examples: vec![example(bad), example(good), Example { when: Some(bad.into()), ..example(good) }],
            rules: vec![rule(good), rule(bad)],
            relationships: vec![join(bad), join(good)],
            ..Knowledge::default()
        };
        let seen = Table {
            name: "shop".into(),
            columns: vec![Column { name: "city".into(), ..Column::default() }],
            ..Table::default()
        };
        let schema = Schema { tables: vec![seen], ..Schema::default() };
        knowledge.conceal(&schema, &|text| text.contains("salary") || text.contains("safe"));
        assert!(!format!("{knowledge:?}").contains("salary") && !format!("{knowledge:?}").contains("safe"));
        assert_eq!(knowledge.tables[0].columns[0].synonyms, ["seen"]);
        assert_eq!(knowledge.tables[0].columns[0].description.as_deref(), Some("the city"));
        assert_eq!((knowledge.metrics.len(), knowledge.filters.len(), knowledge.examples.len()), (1, 1, 1));
        assert_eq!((knowledge.rules.len(), knowledge.relationships.len()), (1, 1));
    }
}
