//! English as the product needs it: folding, lemmas, the words inside identifiers, and the lexicon of
//! `assets/lexicon/`. Knows no database.

mod identifier;
mod lemma;
mod lexicon;
mod stem;

pub use identifier::{identifier_words, spoken_name};
pub use lemma::{fold, lemma, plural};
pub use lexicon::{Adjective, Agent, AnalyticWords, Direction, Formula, Lexicon, Unit, lexicon};
pub use stem::stem;
