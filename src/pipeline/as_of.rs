//! The day that counts as today: today if the data reach it, else their last date.

use jiff::civil::Date;

use crate::language::identifier_words;
use crate::schema::{ColumnId, Schema, SemanticType, Value};

/// The last date of the events that the data record, if it lies before `today`.
///
/// Events are rows of dated tables that refer to other tables; of several such tables the largest decides. Birthdays
/// and dates of upkeep say nothing of how far the data reach.
pub fn as_of(schema: &Schema, today: Date) -> Date {
    let mut last: Option<(u64, Date)> = None;
    for id in schema.columns() {
        let Some(date) = event_date(schema, id) else { continue };
        let rows = schema.table(id.table).row_count.unwrap_or(u64::MAX);
        if last.is_none_or(|(most, known)| rows > most || (rows == most && date > known)) {
            last = Some((rows, date));
        }
    }
    match last {
        Some((_, date)) if date < today => date,
        _ => today,
    }
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
}
