//! What is left of an English word without its endings: "located" and "location", "enrolled" and "enrolment". Two words
//! with one stem are related, not the same: the stem is a weak link, never a name.

/// Endings that are taken off, longest first.
const ENDINGS: [&str; 28] = [
    "ations", "ments", "ances", "ences", "ation", "ment", "ance", "ence", "ings", "ions", "ants", "ents", "ing", "ion",
    "ant", "ent", "ers", "ors", "ive", "ed", "er", "or", "es", "al", "ly", "ity", "s", "y",
];

/// Letters that a stem keeps.
const SHORTEST: usize = 3;

/// The stem of a folded word.
pub fn stem(word: &str) -> String {
    let mut stem = word;
    while let Some(rest) = ENDINGS.iter().find_map(|ending| stem.strip_suffix(ending)) {
        if rest.len() < SHORTEST || !rest.is_ascii() {
            break;
        }
        stem = rest;
    }
    // "locat" and "loc", "settle" and "settl", "shipp" and "ship" are one.
    let stem = stem.strip_suffix("at").filter(|rest| rest.len() >= SHORTEST).unwrap_or(stem);
    let stem = stem.strip_suffix('e').filter(|rest| rest.len() >= SHORTEST).unwrap_or(stem);
    let mut letters = stem.chars().rev();
    match (letters.next(), letters.next()) {
        (Some(last), Some(before)) if last == before && stem.len() > SHORTEST => {
            stem[..stem.len() - last.len_utf8()].to_owned()
        }
        _ => stem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn related_words_have_one_stem() {
        for (a, b) in [
            ("located", "location"),
            ("enrolled", "enrolment"),
            ("enrollment", "enrolled"),
            ("settlement", "settled"),
            ("advises", "advisor"),
            ("registered", "registration"),
            ("participant", "participate"),
            ("majoring", "major"),
            ("shipping", "ship"),
            ("payment", "pay"),
            ("managed", "management"),
        ] {
            assert_eq!(stem(a), stem(b), "{a}, {b}");
        }
    }

    #[test]
    fn other_words_have_others() {
        for (a, b) in [("country", "county"), ("contain", "contact"), ("price", "prize"), ("order", "number")] {
            assert_ne!(stem(a), stem(b), "{a}, {b}");
        }
        assert_eq!(stem(""), "");
        assert_eq!(stem("été"), "été");
    }
}
