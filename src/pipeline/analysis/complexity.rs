//! How much a question asks at once.

use super::words::Word;
use super::{Complexity, Entity, EntityKind};

/// Each thing asked counts one: a filter, a grouping, an aggregate, an order, a comparison, a negation. Up to one is
/// simple, up to three moderate, more complex.
pub fn of(words: &[Word], entities: &[Entity]) -> Complexity {
    let any = |list: &[&str]| words.iter().any(|w| list.contains(&w.folded.as_str()));
    let filters = entities.iter().filter(|e| !matches!(e.kind, EntityKind::TopN | EntityKind::Number)).count();
    let asks = [
        any(&["by", "per", "each", "every"]),
        any(&["average", "mean", "total", "sum", "count", "many", "maximum", "minimum", "avg"]),
        any(&[
            "top", "bottom", "most", "least", "highest", "lowest", "best", "worst", "cheapest", "dearest", "largest",
        ]),
        any(&["above", "below", "over", "under", "than", "between", "exceeds", "least"]),
        any(&["never", "not", "without", "no", "except", "excluding"]),
        any(&["share", "growth", "versus", "vs", "compared", "trend", "percentage", "ratio"]),
    ];
    match filters + asks.iter().filter(|asked| **asked).count() {
        0 | 1 => Complexity::Simple,
        2 | 3 => Complexity::Moderate,
        _ => Complexity::Complex,
    }
}
