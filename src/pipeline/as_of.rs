//! The day that counts as today: today if the data reach it, else their last date.

use jiff::civil::Date;

use crate::language::identifier_words;
use crate::schema::{ColumnId, Schema, SemanticType, Value};

/// The last date of the events that the data record, if it lies before `today`.
///
/// Events are rows of dated tables that refer to other tables; of several such tables the largest decides. Birthdays
/// and dates of upkeep say nothing of how far the data reach.
pub fn as_of(schema: &Schema, today: Date) -> Date {
    match last_event(schema) {
        Some((_, date)) if date < today => date,
        _ => today,
    }
}

/// What to say where that day was not read off all rows.
pub fn doubt(schema: &Schema, today: Date) -> Option<String> {
    let (id, date) = last_event(schema).filter(|(_, date)| *date < today)?;
    let profile = schema.profile(id);
    let column = schema.qualified(id);
    (profile.sampled && !profile.exact_ends)
        .then(|| format!("{date} counts as today: it is the last date of {column} in a sample of its rows"))
}

/// The column of the events, and its last date.
fn last_event(schema: &Schema) -> Option<(ColumnId, Date)> {
    let mut last: Option<(u64, ColumnId, Date)> = None;
    for id in schema.columns() {
        let Some(date) = event_date(schema, id) else { continue };
        let rows = schema.table(id.table).row_count.unwrap_or(u64::MAX);
        if last.is_none_or(|(most, _, known)| rows > most || (rows == most && date > known)) {
            last = Some((rows, id, date));
        }
    }
    last.map(|(_, id, date)| (id, date))
}

fn event_date(schema: &Schema, id: ColumnId) -> Option<Date> {
    let profile = schema.profile(id);
    let refers = schema.foreign_keys.iter().any(|k| k.from.table == id.table);
    if !refers || !matches!(profile.semantic, SemanticType::Date | SemanticType::DateTime) {
        return None;
    }
    let words = identifier_words(&schema.column(id).name);
    if words.iter().any(|w| {
        matches!(w.as_str(), "birth" | "updated" | "modified" | "created" | "due" | "required" | "end" | "expiry")
    }) {
        return None;
    }
    profile.max.as_ref().and_then(Value::as_text)?.get(..10)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Column, ColumnProfile, ForeignKey, Table, TableId};

    fn schema(last: &str) -> Schema {
        let profile = ColumnProfile {
            semantic: SemanticType::Date,
            max: Some(Value::Text(last.into())),
            ..ColumnProfile::default()
        };
        let id = |table: usize, column: usize| ColumnId { table: TableId(table), column };
        let column = |name: &str| Column { name: name.into(), ..Column::default() };
        Schema {
            tables: vec![
                Table { name: "shop".into(), columns: vec![column("id")], ..Table::default() },
                Table {
                    name: "sale".into(),
                    columns: vec![column("shop"), Column { profile, ..column("day") }],
                    row_count: Some(9),
                    ..Table::default()
                },
            ],
            foreign_keys: vec![ForeignKey { from: id(1, 0), to: id(0, 0), declared: true, one_to_one: false }],
            ..Schema::default()
        }
    }

    #[test]
    fn old_data_end_at_their_last_date_and_fresh_data_today() {
        let today: Date = "2026-01-15".parse().expect("date");
        assert_eq!(as_of(&schema("2025-06-30"), today).to_string(), "2025-06-30");
        assert_eq!(as_of(&schema("2026-01-15"), today), today);
        assert_eq!(as_of(&schema("2026-03-01"), today), today);
        assert_eq!(as_of(&Schema::default(), today), today);
    }

    #[test]
    fn a_last_date_that_some_rows_told_is_called_so() {
        let today: Date = "2026-01-15".parse().expect("date");
        let mut schema = schema("2025-06-30");
        assert_eq!(doubt(&schema, today), None);
        schema.tables[1].columns[1].profile.sampled = true;
        let said = doubt(&schema, today).expect("a doubt");
        assert_eq!(said, "2025-06-30 counts as today: it is the last date of sale.day in a sample of its rows");
        assert_eq!(doubt(&schema, "2025-06-30".parse().expect("date")), None);
        schema.tables[1].columns[1].profile.exact_ends = true;
        assert_eq!(doubt(&schema, today), None);
    }
}
