//! Questions that the open database can answer, made from its own tables, columns and values.

use super::reading::display_columns;
use crate::language::{identifier_words, plural};
use crate::schema::{ColumnId, Schema, SemanticType, TableId};

/// A question and the intent it is an example of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggested {
    pub question: String,
    /// The table it is asked of.
    pub table: TableId,
}

/// Groups that a suggested answer shows at most.
const MOST_GROUPS: u64 = 50;

/// At most eight questions, the most telling first.
pub fn suggestions(schema: &Schema) -> Vec<Suggested> {
    let mut suggested = of_tables(schema, by_interest(schema));
    suggested.truncate(8);
    suggested
}

/// Questions about these tables, then the others.
pub fn suggestions_about(schema: &Schema, about: &[TableId]) -> Vec<Suggested> {
    let mut tables = by_interest(schema);
    tables.sort_by_key(|t| !about.contains(t));
    of_tables(schema, tables)
}

fn of_tables(schema: &Schema, tables: Vec<TableId>) -> Vec<Suggested> {
    let mut suggested: Vec<Suggested> = Vec::new();
    for table in tables {
        let mut questions: Vec<String> = Vec::new();
        let noun = plural(&words(&schema.table(table).name));
        let category = (0..schema.table(table).columns.len())
            .map(|column| ColumnId { table, column })
            .find(|id| splits(schema, *id));
        if let Some(measure) = measure_of(schema, table) {
            let name = words(&schema.column(measure).name);
            if let Some(parent) = parent_of(schema, table) {
                questions.push(format!("top 5 {} by {name}", plural(&words(&schema.table(parent).name))));
            }
            let kind = match schema.profile(measure).semantic.is_additive() {
                // A column that is called a total needs no "total" before it.
                true if name.starts_with("total") => String::new(),
                true => "total ".to_owned(),
                false => "average ".to_owned(),
            };
            if let Some(category) = category {
                questions.push(format!("{kind}{name} by {}", words(&schema.column(category).name)));
            }
            if column_of(schema, table, |s| matches!(s, SemanticType::Date | SemanticType::DateTime)).is_some() {
                questions.push(format!("{kind}{name} by month"));
            }
        } else if let Some(category) = category {
            questions.push(format!("how many {noun} are there in each {}", words(&schema.column(category).name)));
        }
        // Rows without a name of their own are nothing that people count.
        if suggested.len() + questions.len() < 3 && named(schema, table) {
            questions.push(format!("how many {noun} are there"));
        }
        for question in questions {
            if !suggested.iter().any(|s| s.question == question) {
                suggested.push(Suggested { question, table });
            }
        }
    }
    suggested
}

/// Tables with money first, then the larger ones.
fn by_interest(schema: &Schema) -> Vec<TableId> {
    let mut tables: Vec<TableId> = schema
        .table_ids()
        .filter(|t| schema.table(*t).row_count != Some(0) && !schema.table(*t).columns.is_empty())
        .collect();
    let has_money = |t: TableId| column_of(schema, t, |s| s == SemanticType::Money).is_some();
    tables.sort_by_key(|t| std::cmp::Reverse((has_money(*t), schema.table(*t).row_count)));
    tables
}

/// The measure that a table is asked for most likely: money, then what adds up, then any other.
fn measure_of(schema: &Schema, table: TableId) -> Option<ColumnId> {
    let measure = |fits: fn(SemanticType) -> bool| {
        (0..schema.table(table).columns.len())
            .map(|column| ColumnId { table, column })
            .find(|id| fits(schema.profile(*id).semantic) && !numbers_rows(schema, *id))
    };
    measure(|s| s == SemanticType::Money)
        .or_else(|| measure(SemanticType::is_additive))
        .or_else(|| measure(SemanticType::is_measure))
}

/// A number that only tells rows apart, by its name: `patient_no`.
pub fn numbers_rows(schema: &Schema, id: ColumnId) -> bool {
    let words = identifier_words(&schema.column(id).name);
    words.last().is_some_and(|w| matches!(w.as_str(), "no" | "number" | "id" | "code" | "key"))
}

/// The column splits its table into a few groups of several rows (0 values: not looked at yet).
fn splits(schema: &Schema, id: ColumnId) -> bool {
    let profile = schema.profile(id);
    let few =
        profile.distinct == 0 || (2..=MOST_GROUPS).contains(&profile.distinct) && profile.distinct * 2 <= profile.rows;
    few && matches!(profile.semantic, SemanticType::Category | SemanticType::Geo)
}

fn column_of(schema: &Schema, table: TableId, fits: impl Fn(SemanticType) -> bool) -> Option<ColumnId> {
    (0..schema.table(table).columns.len())
        .map(|column| ColumnId { table, column })
        .find(|id| fits(schema.profile(*id).semantic))
}

/// A table that this one refers to and whose rows have a name.
fn parent_of(schema: &Schema, table: TableId) -> Option<TableId> {
    schema
        .foreign_keys
        .iter()
        .find(|k| k.from.table == table && k.to.table != table && named(schema, k.to.table))
        .map(|k| k.to.table)
}

fn named(schema: &Schema, table: TableId) -> bool {
    display_columns(schema, table).first().is_some_and(|c| schema.profile(*c).semantic == SemanticType::Name)
}

fn words(name: &str) -> String {
    if name.contains('_') || name.chars().all(char::is_lowercase) {
        name.replace('_', " ").to_lowercase()
    } else {
        identifier_words(name).join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{profile, schema};
    use super::*;

    fn farm() -> Schema {
        let mut farm = schema(
            &[
                ("fields", &["field_id*", "field_name", "soil"]),
                ("harvests", &["harvest_id*", "field_id", "cut_on", "yield_kg", "crop"]),
                ("visitors", &["visitor_id*", "origin"]),
                ("empty_table", &["id*", "amount", "kind"]),
            ],
            &[("harvests.field_id", "fields.field_id", true)],
        );
        profile(&mut farm, "fields.field_name").semantic = SemanticType::Name;
        profile(&mut farm, "harvests.cut_on").semantic = SemanticType::Date;
        profile(&mut farm, "harvests.yield_kg").semantic = SemanticType::Quantity;
        profile(&mut farm, "harvests.crop").semantic = SemanticType::Category;
        profile(&mut farm, "visitors.origin").semantic = SemanticType::Geo;
        profile(&mut farm, "empty_table.amount").semantic = SemanticType::Money;
        profile(&mut farm, "empty_table.kind").semantic = SemanticType::Category;
        for (table, rows) in [(0, 5), (1, 400), (2, 30), (3, 0)] {
            farm.tables[table].row_count = Some(rows);
        }
        farm
    }

    fn questions(schema: &Schema) -> Vec<String> {
        suggestions(schema).into_iter().map(|s| s.question).collect()
    }

    #[test]
    fn asks_of_the_largest_table_first_and_never_of_an_empty_one() {
        assert_eq!(
            questions(&farm()),
            [
                "top 5 fields by yield kg",
                "total yield kg by crop",
                "total yield kg by month",
                "how many visitors are there in each origin",
            ]
        );
    }

    #[test]
    fn what_does_not_add_up_is_averaged() {
        let mut farm = farm();
        profile(&mut farm, "harvests.yield_kg").semantic = SemanticType::Score;
        assert!(questions(&farm).contains(&"average yield kg by crop".to_owned()));
    }

    #[test]
    fn at_most_eight_and_none_twice() {
        let mut many = farm();
        for i in 0..12 {
            let mut table = many.tables[2].clone();
            table.name = format!("guests_{}", i / 2);
            many.tables.push(table);
        }
        let questions = questions(&many);
        let mut unique = questions.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!((questions.len(), unique.len()), (8, 8));
    }
}
