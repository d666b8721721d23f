//! Short forms that people type in prose, written out. Short forms of names are a matter of the names
//! ([`crate::language::identifier_words`]).

/// Folded short form and what is meant.
const SHORTHAND: [(&str, &str); 46] = [
    ("w/", "with"),
    ("w/o", "without"),
    ("btwn", "between"),
    ("betw", "between"),
    ("bw", "between"),
    ("thru", "through"),
    ("incl", "including"),
    ("excl", "excluding"),
    ("pls", "please"),
    ("plz", "please"),
    ("dept", "department"),
    ("depts", "departments"),
    ("subcat", "subcategory"),
    ("subcats", "subcategories"),
    ("qtr", "quarter"),
    ("qtrs", "quarters"),
    ("wk", "week"),
    ("wks", "weeks"),
    ("mth", "month"),
    ("mths", "months"),
    ("yr", "year"),
    ("yrs", "years"),
    ("avgs", "averages"),
    ("pcs", "pieces"),
    ("approx", "approximately"),
    ("vs.", "vs"),
    ("resp", "respectively"),
    ("isnt", "isn"),
    ("arent", "aren"),
    ("wasnt", "wasn"),
    ("werent", "weren"),
    ("dont", "don"),
    ("doesnt", "doesn"),
    ("didnt", "didn"),
    ("hasnt", "hasn"),
    ("havent", "haven"),
    ("hadnt", "hadn"),
    ("wont", "won"),
    ("thats", "that"),
    ("whats", "what"),
    ("whos", "who"),
    ("wheres", "where"),
    ("hows", "how"),
    ("heres", "here"),
    ("theres", "there"),
    ("lets", "let"),
];

/// What a folded word is short for.
pub fn written_out(folded: &str) -> Option<&'static str> {
    SHORTHAND.iter().find(|(short, _)| *short == folded).map(|(_, long)| *long)
}
