//! Finds names in the knowledge that the open database does not have.

use std::collections::BTreeSet;

use super::Knowledge;
use crate::schema::Schema;

impl Knowledge {
    /// One warning for each name that no longer exists, in the order of the files.
    pub fn check_names(&self, schema: &Schema) -> Vec<String> {
        let mut warnings = Vec::new();
        for table in &self.tables {
            match schema.find_table(&table.name) {
                None => warnings.push(no_table(schema, "tables", &table.name)),
                Some(id) => warnings.extend(
                    table
                        .columns
                        .iter()
                        .filter(|c| schema.find_column(id, &c.name).is_none())
                        .map(|c| no_column(schema, &format!("table \"{}\"", table.name), &table.name, &c.name)),
                ),
            }
        }
        for metric in &self.metrics {
            let place = format!("metric \"{}\"", metric.name);
            warnings.extend(unknown_in(schema, &place, &metric.expression));
            warnings.extend(metric.time_column.iter().filter_map(|name| unknown_end(schema, &place, name)));
            for filter in &metric.required_filters {
                if !self.filters.iter().any(|f| f.name.eq_ignore_ascii_case(filter)) {
                    warnings.extend(unknown_in(schema, &place, filter));
                }
            }
        }
        for relationship in &self.relationships {
            let ends = [&relationship.from, &relationship.to];
            warnings.extend(ends.into_iter().filter_map(|name| unknown_end(schema, "relationships", name)));
        }
        for filter in &self.filters {
            warnings.extend(unknown_in(schema, &format!("filter \"{}\"", filter.name), &filter.condition));
        }
        warnings
    }
}

fn unknown_in(schema: &Schema, place: &str, expression: &str) -> Vec<String> {
    qualified_names(expression)
        .into_iter()
        .filter_map(|(table, column)| unknown(schema, place, &table, &column))
        .collect()
}

/// `table.column` written without quotes, whatever the names look like.
fn unknown_end(schema: &Schema, place: &str, name: &str) -> Option<String> {
    let (table, column) = name.split_once('.')?;
    unknown(schema, place, table, column)
}

fn unknown(schema: &Schema, place: &str, table: &str, column: &str) -> Option<String> {
    match schema.find_table(table) {
        None => Some(no_table(schema, place, table)),
        Some(id) if schema.find_column(id, column).is_none() => Some(no_column(schema, place, table, column)),
        Some(_) => None,
    }
}

fn no_table(schema: &Schema, place: &str, name: &str) -> String {
    let known = schema.tables.iter().map(|t| t.name.as_str());
    format!("knowledge, {place}: no table named \"{name}\"{}", nearest(name, known))
}

fn no_column(schema: &Schema, place: &str, table: &str, name: &str) -> String {
    let known = schema.find_table(table).into_iter().flat_map(|id| schema.table(id).columns.iter());
    format!("knowledge, {place}: no column \"{table}.{name}\"{}", nearest(name, known.map(|c| c.name.as_str())))
}

fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let name = name.to_lowercase();
    known
        .map(|k| (strsim::damerau_levenshtein(&name, &k.to_lowercase()), k))
        .filter(|&(distance, k)| distance * 3 <= k.len().max(name.len()))
        .min()
        .map(|(_, k)| format!("; did you mean \"{k}\"?"))
        .unwrap_or_default()
}

/// Every `table.column` of an expression, plain or quoted; text in single quotes is skipped.
pub(crate) fn qualified_names(expression: &str) -> BTreeSet<(String, String)> {
    let mut names = BTreeSet::new();
    let mut rest = expression;
    while let Some((token, after)) = next_token(rest) {
        rest = after;
        let Some(table) = token.name() else { continue };
        if let Some(after_dot) = rest.strip_prefix('.')
            && let Some((second, after)) = next_token(after_dot)
            && let Some(column) = second.name()
        {
            names.insert((table.to_owned(), column.to_owned()));
            rest = after;
        }
    }
    names
}

enum Token<'a> {
    Name(&'a str),
    Other,
}

impl<'a> Token<'a> {
    fn name(&self) -> Option<&'a str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Other => None,
        }
    }
}

fn next_token(text: &str) -> Option<(Token<'_>, &str)> {
    let first = text.chars().next()?;
    let rest = &text[first.len_utf8()..];
    let until = |close: char| rest.find(close).map_or((rest, ""), |at| (&rest[..at], &rest[at + close.len_utf8()..]));
    Some(match first {
        '\'' => (Token::Other, until('\'').1),
        '"' | '`' | '[' => {
            let (name, after) = until(if first == '[' { ']' } else { first });
            (Token::Name(name), after)
        }
        c if c.is_alphabetic() || c == '_' => {
            let end = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').unwrap_or(text.len());
            (Token::Name(&text[..end]), &text[end..])
        }
        _ => (Token::Other, rest),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::{ColumnKnowledge, Metric, NamedFilter, Relationship, TableKnowledge};
    use crate::schema::{Column, Table};

    fn schema() -> Schema {
        let column = |name: &str| Column { name: name.to_owned(), ..Column::default() };
        let table = |name: &str, columns: &[&str]| Table {
            name: name.to_owned(),
            columns: columns.iter().map(|c| column(c)).collect(),
            ..Table::default()
        };
        Schema {
            tables: vec![table("orders", &["id", "amount", "day"]), table("line items", &["order_id"])],
            ..Schema::default()
        }
    }

    #[test]
    fn known_names_give_no_warning() {
        let knowledge = Knowledge {
            tables: vec![TableKnowledge {
                name: "ORDERS".to_owned(),
                columns: vec![ColumnKnowledge { name: "Amount".to_owned(), ..ColumnKnowledge::default() }],
                ..TableKnowledge::default()
            }],
            metrics: vec![Metric {
                name: "lines".to_owned(),
                expression: "COUNT(\"line items\".order_id) * 1.5 + SUM(orders.amount) FILTER (WHERE 'a.b' = 'c')"
                    .to_owned(),
                required_filters: vec!["big".to_owned()],
                ..Metric::default()
            }],
            filters: vec![NamedFilter {
                name: "Big".to_owned(),
                condition: "orders.amount > 10".to_owned(),
                ..NamedFilter::default()
            }],
            ..Knowledge::default()
        };
        assert_eq!(knowledge.check_names(&schema()), Vec::<String>::new());
    }

    #[test]
    fn each_lost_name_is_told_with_the_nearest_one() {
        let knowledge = Knowledge {
            tables: vec![
                TableKnowledge { name: "oders".to_owned(), ..TableKnowledge::default() },
                TableKnowledge {
                    name: "orders".to_owned(),
                    columns: vec![ColumnKnowledge { name: "amont".to_owned(), ..ColumnKnowledge::default() }],
                    ..TableKnowledge::default()
                },
            ],
            metrics: vec![Metric {
                name: "m".to_owned(),
                expression: "SUM(orders.gone)".to_owned(),
                time_column: Some("nowhere.day".to_owned()),
                ..Metric::default()
            }],
            relationships: vec![Relationship { from: "line items.order_id".to_owned(), to: "orders.idd".to_owned() }],
            ..Knowledge::default()
        };
        let warnings = knowledge.check_names(&schema());
        let expected = [
            "no table named \"oders\"; did you mean \"orders\"?",
            "no column \"orders.amont\"; did you mean \"amount\"?",
            "no column \"orders.gone\"",
            "no table named \"nowhere\"",
            "no column \"orders.idd\"; did you mean \"id\"?",
        ];
        assert_eq!(warnings.len(), expected.len(), "{warnings:#?}");
        for part in expected {
            assert!(warnings.iter().any(|w| w.contains(part)), "{part} is missing in {warnings:#?}");
        }
    }
}
