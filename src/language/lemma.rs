//! Words in the form they are compared in: accents and case folded, plurals made singular.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Lower case without accents (`Café` -> `cafe`).
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// Nouns whose plural no rule makes.
const IRREGULAR: &[(&str, &str)] = &[
    ("people", "person"),
    ("persons", "person"),
    ("men", "man"),
    ("women", "woman"),
    ("children", "child"),
    ("countries", "country"),
    ("criteria", "criterion"),
    ("indices", "index"),
    ("analyses", "analysis"),
    ("matches", "match"),
    ("branches", "branch"),
    ("heroes", "hero"),
    ("shelves", "shelf"),
    ("wives", "wife"),
    ("lives", "life"),
    ("feet", "foot"),
    ("mice", "mouse"),
    ("geese", "goose"),
    ("teeth", "tooth"),
    ("movies", "movie"),
    ("cookies", "cookie"),
    ("pies", "pie"),
    ("ties", "tie"),
    ("buses", "bus"),
    ("courses", "course"),
    ("expenses", "expense"),
    ("purchases", "purchase"),
    ("warehouses", "warehouse"),
    ("houses", "house"),
    ("databases", "database"),
    ("aliases", "alias"),
    ("skus", "sku"),
    ("percentage", "percent"),
    ("percentages", "percent"),
    ("menus", "menu"),
    ("sold", "sell"),
    ("sells", "sell"),
    ("selling", "sell"),
    ("bought", "buy"),
    ("buying", "buy"),
    ("paid", "pay"),
    ("made", "make"),
    ("held", "hold"),
    ("won", "win"),
    ("wrote", "write"),
    ("written", "write"),
    ("took", "take"),
    ("taken", "take"),
    ("taught", "teach"),
    ("lost", "lose"),
];

/// Words ending in `s` that are no plurals.
const SINGULAR: &[&str] = &[
    "is", "was", "has", "does", "this", "his", "its", "us", "as", "gas", "bus", "news", "series", "species", "always",
    "less", "plus", "minus", "versus", "across", "status", "address", "class", "pass", "process", "business", "gross",
    "loss", "analysis", "basis", "access", "success", "express", "previous", "various", "whereas", "perhaps", "los",
    "paris", "texas", "kansas", "canvas", "atlas", "lens", "bonus", "campus", "census", "focus", "virus", "genus",
    "sales", "yes", "dress", "boss", "glass", "grass", "mass", "cross", "press", "stress", "times",
];

/// The singular of a folded noun; other words as they are.
pub fn lemma(word: &str) -> String {
    if let Some((_, singular)) = IRREGULAR.iter().find(|(plural, _)| *plural == word) {
        return (*singular).to_owned();
    }
    match word {
        // Both are read as the noun of selling.
        "sales" => return "sale".to_owned(),
        "times" => return "time".to_owned(),
        _ => {}
    }
    if word.len() < 4 || SINGULAR.contains(&word) || !word.ends_with('s') || word.ends_with("ss") {
        return word.to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies") {
        return format!("{stem}y");
    }
    for ending in ["sses", "xes", "ches", "shes", "zzes"] {
        if word.ends_with(ending) {
            return word[..word.len() - 2].to_owned();
        }
    }
    if word.ends_with("us") || word.ends_with("is") {
        return word.to_owned();
    }
    word[..word.len() - 1].to_owned()
}

/// A noun phrase in the plural (`media type` -> `media types`); one that is plural already stays.
pub fn plural(phrase: &str) -> String {
    const MANY: [&str; 8] = ["data", "media", "people", "staff", "children", "men", "women", "merchandise"];
    let noun = phrase.rsplit(' ').next().unwrap_or(phrase);
    let ends = |endings: &[&str]| endings.iter().any(|ending| noun.ends_with(ending));
    if noun.is_empty() || MANY.contains(&noun) || (ends(&["s"]) && !ends(&["ss", "us", "is"])) {
        return phrase.to_owned();
    }
    let front = &phrase[..phrase.len() - noun.len()];
    match noun.strip_suffix('y') {
        _ if noun == "person" => format!("{front}people"),
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) => format!("{front}{stem}ies"),
        _ if ends(&["s", "x", "z", "ch", "sh"]) => format!("{phrase}es"),
        _ => format!("{phrase}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_become_plural_once() {
        for (phrase, expected) in [
            ("media type", "media types"),
            ("category", "categories"),
            ("day", "days"),
            ("branch", "branches"),
            ("stores", "stores"),
            ("person", "people"),
            ("sales data", "sales data"),
        ] {
            assert_eq!(plural(phrase), expected);
        }
    }

    #[test]
    fn plurals_become_singular_and_other_words_stay() {
        for (word, expected) in [
            ("stores", "store"),
            ("categories", "category"),
            ("prices", "price"),
            ("boxes", "box"),
            ("status", "status"),
            ("class", "class"),
            ("people", "person"),
            ("sales", "sale"),
            ("this", "this"),
            ("batches", "batch"),
        ] {
            assert_eq!(lemma(word), expected, "{word}");
        }
    }

    #[test]
    fn folding_drops_case_and_accents() {
        assert_eq!(fold("Café CRÈME"), "cafe creme");
        assert_eq!(fold("ABC"), "abc");
    }
}
