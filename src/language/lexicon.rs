//! The lexicon of `assets/lexicon/english.toml`, read once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;

/// Which end of a measure an adjective speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    High,
    Low,
}

impl Direction {
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::High => Self::Low,
            Self::Low => Self::High,
        }
    }
}

/// A gradable adjective: `old, older, oldest` speak of an age.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adjective {
    pub positive: String,
    pub more: Vec<String>,
    pub most: Vec<String>,
    /// Words of the measure, best first.
    pub measures: Vec<String>,
    pub direction: Direction,
}

/// A percent that is a quotient of sums: which columns are its part and its whole.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Formula {
    /// What a column of such percents, or of the part itself, is called.
    pub names: Vec<String>,
    pub part: Vec<String>,
    pub whole: Vec<String>,
    /// What the whole must be lessened by where the part is not stored.
    pub less: Vec<String>,
}

/// Words of analytic phrases; longer ones before those that they begin with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnalyticWords {
    /// How something went on in time.
    pub trend: Vec<String>,
    /// How much it grew or shrank.
    pub change: Vec<String>,
    /// The sum up to each period.
    pub running: Vec<String>,
    /// One thing set against another.
    pub versus: Vec<String>,
}

/// Verbs and the nouns for who does what they say.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// Folded words or phrases.
    pub verbs: Vec<String>,
    /// The likeliest first.
    pub nouns: Vec<String>,
}

/// Words of one unit that numbers are counted in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    pub words: Vec<String>,
    /// The kind of quantity; units of one kind can be converted.
    #[serde(default)]
    pub of: Option<String>,
    /// How many of the smallest unit of its kind it is.
    #[serde(default)]
    pub size: f64,
}

/// English cue words.
#[derive(Debug)]
pub struct Lexicon {
    pub analytic: AnalyticWords,
    pub formulas: Vec<Formula>,
    pub agents: Vec<Agent>,
    units: Vec<Unit>,
    /// Positions in `units`, by word.
    unit_of: HashMap<String, usize>,
    /// Other words for a word or phrase, each with its strength; strongest first, then by spelling.
    synonyms: BTreeMap<String, Vec<(String, f64)>>,
    pub adjectives: Vec<Adjective>,
    light: HashSet<String>,
    magnitude: HashSet<String>,
    vague: HashSet<String>,
    verbs: HashSet<String>,
    /// All words of the lists above, by spelling.
    known: BTreeSet<String>,
}

impl Lexicon {
    /// The word is in some list.
    pub fn knows(&self, word: &str) -> bool {
        self.known.contains(word)
    }

    /// All words of all lists, by spelling.
    pub fn known_words(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(String::as_str)
    }

    /// Words and phrases that mean nearly the same, with what a link through them is worth (below 1.0).
    pub fn synonyms(&self, phrase: &str) -> &[(String, f64)] {
        self.synonyms.get(phrase).map_or(&[], Vec::as_slice)
    }

    /// A word without content of its own.
    pub fn is_light(&self, word: &str) -> bool {
        self.light.contains(word)
    }

    /// A verb that says how rows belong together, more than what is asked.
    pub fn is_verb(&self, word: &str) -> bool {
        self.verbs.contains(word)
    }

    /// A measure whose size counts whatever its sign.
    pub fn is_magnitude(&self, word: &str) -> bool {
        self.magnitude.contains(word)
    }

    /// The unit that a word, folded or as its lemma, stands for.
    pub fn unit(&self, word: &str) -> Option<&Unit> {
        self.unit_of.get(word).map(|at| &self.units[*at])
    }

    /// A superlative that names no measure ("best").
    pub fn is_vague(&self, word: &str) -> bool {
        self.vague.contains(word)
    }
}

/// The built-in lexicon.
pub fn lexicon() -> &'static Lexicon {
    static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
        let file: LexiconFile = toml::from_str(include_str!("../../assets/lexicon/english.toml"))
            .expect("the built-in lexicon is parsed by a test");
        file.into()
    });
    &LEXICON
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LexiconFile {
    analytic: AnalyticWords,
    formulas: Vec<Formula>,
    agents: Vec<Agent>,
    units: Vec<Unit>,
    synonyms: Vec<SynonymGroup>,
    adjectives: Vec<Adjective>,
    magnitude: WordList,
    vague: WordList,
    verbs: WordList,
    light: WordList,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SynonymGroup {
    strength: f64,
    words: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WordList {
    words: HashSet<String>,
}

impl From<LexiconFile> for Lexicon {
    fn from(file: LexiconFile) -> Self {
        let mut synonyms: BTreeMap<String, Vec<(String, f64)>> = BTreeMap::new();
        for group in &file.synonyms {
            for word in &group.words {
                let others = group.words.iter().filter(|other| *other != word);
                let list = synonyms.entry(word.clone()).or_default();
                for other in others {
                    match list.iter_mut().find(|(known, _)| known == other) {
                        Some((_, strength)) => *strength = strength.max(group.strength),
                        None => list.push((other.clone(), group.strength)),
                    }
                }
            }
        }
        for list in synonyms.values_mut() {
            list.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        }
        let phrases = synonyms.keys().chain(
            file.adjectives
                .iter()
                .flat_map(|a| std::iter::once(&a.positive).chain(&a.more).chain(&a.most).chain(&a.measures)),
        );
        let analytic = &file.analytic;
        let phrases =
            phrases.chain(&analytic.trend).chain(&analytic.change).chain(&analytic.running).chain(&analytic.versus);
        let phrases = phrases.chain(file.agents.iter().flat_map(|a| &a.verbs));
        let lists = [&file.light, &file.magnitude, &file.vague, &file.verbs];
        let phrases = phrases.chain(lists.into_iter().flat_map(|list| &list.words));
        let known = phrases.flat_map(|phrase| phrase.split([' ', '-'])).map(str::to_owned).collect();
        Self {
            known,
            analytic: file.analytic,
            formulas: file.formulas,
            agents: file.agents,
            unit_of: (0..file.units.len())
                .flat_map(|at| file.units[at].words.iter().map(move |word| (word.clone(), at)))
                .collect(),
            units: file.units,
            synonyms,
            adjectives: file.adjectives,
            light: file.light.words,
            magnitude: file.magnitude.words,
            vague: file.vague.words,
            verbs: file.verbs.words,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_lexicon_is_whole() {
        let lexicon = lexicon();
        assert!(lexicon.synonyms("turnover").iter().any(|(w, s)| w == "revenue" && *s < 1.0));
        assert!(lexicon.is_light("the"));
        assert!(lexicon.adjectives.iter().any(|a| a.most.iter().any(|m| m == "cheapest")));
    }
}
