//! Names that look like a name that does not exist.

/// Below this likeness a suggestion confuses more than it helps.
const LIKENESS: f64 = 0.72;

/// The likest names, best first, at most three.
pub fn nearest<'n>(wanted: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let wanted = wanted.to_lowercase();
    let mut scored: Vec<(f64, &str)> = names
        .into_iter()
        .map(|name| (likeness(&wanted, &name.to_lowercase()), name))
        .filter(|(score, _)| *score >= LIKENESS)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.dedup_by(|a, b| a.1.eq_ignore_ascii_case(b.1));
    scored.into_iter().take(3).map(|(_, name)| name.to_owned()).collect()
}

/// A shared whole part (`price` in `current_price`) counts as well as a slip of the keys.
fn likeness(wanted: &str, name: &str) -> f64 {
    let slip = strsim::jaro_winkler(wanted, name);
    let transposed = strsim::normalized_damerau_levenshtein(wanted, name);
    let part = if wanted.len() >= 3 && name.len() >= 3 && (name.contains(wanted) || wanted.contains(name)) {
        0.75 + 0.2 * wanted.len().min(name.len()) as f64 / wanted.len().max(name.len()) as f64
    } else {
        0.0
    };
    f64::midpoint(slip, transposed).max(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips_and_parts_but_nothing_far_off() {
        let names = ["orders", "customers", "current_price", "zone"];
        assert_eq!(nearest("oders", names), ["orders"]);
        assert_eq!(nearest("Custmers", names), ["customers"]);
        assert_eq!(nearest("price", names), ["current_price"]);
        assert!(nearest("weather", names).is_empty());
    }
}
