//! Values that one the database does not hold may have been meant as.

use crate::language::fold;
use crate::schema::{ColumnId, Schema};

/// Values that are named in place of an unknown one.
const NAMED: usize = 5;
/// From this likeness on a value may have been meant (Jaro-Winkler, 0 to 1).
const ALIKE: f64 = 0.84;
/// More values than this are not looked through.
const LOOKED_AT: usize = 20_000;

/// The values most like the text, of one column or of all; of a column that has none like it, its most frequent ones.
pub fn values(schema: &Schema, column: Option<ColumnId>, text: &str) -> Vec<String> {
    let asked = fold(text);
    let columns: Vec<ColumnId> = column.map_or_else(|| schema.columns().collect(), |id| vec![id]);
    let mut alike: Vec<(f64, &str)> = Vec::new();
    for value in columns.iter().flat_map(|id| schema.values.of_column(*id)).take(LOOKED_AT) {
        let likeness = likeness(&asked, &fold(value));
        if likeness >= ALIKE && !alike.iter().any(|(_, known)| *known == value) {
            alike.push((likeness, value));
        }
    }
    alike.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let found: Vec<String> = alike.into_iter().take(NAMED).map(|(_, value)| value.to_owned()).collect();
    match column {
        Some(id) if found.is_empty() => schema.values.of_column(id).take(NAMED).map(str::to_owned).collect(),
        _ => found,
    }
}

/// As a whole, or in one of its words of some length.
fn likeness(asked: &str, value: &str) -> f64 {
    let words = |text: &str| text.split(' ').filter(|w| w.len() > 3).map(str::to_owned).collect::<Vec<_>>();
    let whole = strsim::jaro_winkler(asked, value);
    let (asked, value) = (words(asked), words(value));
    let shared = asked.iter().any(|a| value.iter().any(|v| a == v));
    whole.max(if shared { ALIKE } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{id, schema};
    use super::*;

    #[test]
    fn names_what_is_like_the_text_and_else_what_there_is() {
        let mut mill = schema(&[("mills", &["mill_name", "river"])], &[]);
        let (name, river) = (id(&mill, "mills.mill_name"), id(&mill, "mills.river"));
        for (column, value) in [(name, "Northgate Mill"), (name, "Old Mill"), (river, "Aare"), (river, "Inn")] {
            mill.values.insert(column, value, 1);
        }
        assert_eq!(values(&mill, Some(name), "Nortgate Mil"), ["Northgate Mill"]);
        assert_eq!(values(&mill, None, "Northgate"), ["Northgate Mill"]);
        assert_eq!(values(&mill, Some(river), "Elbe"), ["Aare", "Inn"]);
        assert!(values(&mill, None, "Elbe").is_empty());
    }
}
