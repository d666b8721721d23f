//! Scores documents by the words they share with a question (BM25), with the words that did it.

use std::collections::BTreeMap;

use crate::language::{fold, identifier_words, lemma, lexicon};

/// BM25's usual saturation. Names are short, so their length says little: a small share of the usual normalisation.
const SATURATION: f64 = 1.2;
const LENGTH_SHARE: f64 = 0.3;

/// Synonyms of the lexicon weaker than this only add noise.
const SYNONYM_STRENGTH: f64 = 0.5;

/// The words of one document with their weights.
#[derive(Clone, Debug, Default)]
pub(super) struct Bag(BTreeMap<String, f64>);

impl Bag {
    /// Adds the words of a name (`unit_price`, `UnitPrice`).
    pub(super) fn add_name(&mut self, name: &str, weight: f64) {
        for word in identifier_words(name) {
            *self.0.entry(word).or_default() += weight;
        }
    }

    /// Adds the words of a text; words without meaning of their own are left out.
    pub(super) fn add_text(&mut self, text: &str, weight: f64) {
        for word in content_words(text) {
            *self.0.entry(word).or_default() += weight;
        }
    }

    fn weight(&self) -> f64 {
        self.0.values().sum()
    }
}

/// What a document scored.
#[derive(Clone, Debug, Default)]
pub(super) struct WordScore {
    pub(super) score: f64,
    /// Words of the question found in the document, as their lemmas, the most telling first.
    pub(super) words: Vec<String>,
}

/// A collection of bags with what BM25 needs to know of all of them.
#[derive(Debug, Default)]
pub(super) struct WordIndex {
    bags: Vec<Bag>,
    mean_weight: f64,
    documents_with: BTreeMap<String, usize>,
}

impl WordIndex {
    pub(super) fn new(bags: Vec<Bag>) -> Self {
        let mut documents_with = BTreeMap::new();
        for word in bags.iter().flat_map(|bag| bag.0.keys()) {
            *documents_with.entry(word.clone()).or_default() += 1;
        }
        let mean_weight = bags.iter().map(Bag::weight).sum::<f64>() / bags.len().max(1) as f64;
        Self { bags, mean_weight, documents_with }
    }

    /// One score for each document, by position; 0 where no word is shared.
    pub(super) fn score(&self, question: &str) -> Vec<WordScore> {
        let asked: Vec<(String, f64)> = asked_words(question);
        self.bags.iter().map(|bag| self.score_bag(bag, &asked)).collect()
    }

    fn score_bag(&self, bag: &Bag, asked: &[(String, f64)]) -> WordScore {
        let length = 1.0 - LENGTH_SHARE + LENGTH_SHARE * bag.weight() / self.mean_weight.max(f64::MIN_POSITIVE);
        let mut found: Vec<(f64, &String)> = Vec::new();
        for (word, strength) in asked {
            if let Some(weight) = bag.0.get(word) {
                let part = self.rarity(word) * weight * (SATURATION + 1.0) / (weight + SATURATION * length);
                found.push((part * strength, word));
            }
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
        WordScore {
            score: found.iter().map(|(part, _)| part).sum(),
            words: found.into_iter().map(|(_, word)| word.clone()).collect(),
        }
    }

    fn rarity(&self, word: &str) -> f64 {
        let all = self.bags.len() as f64;
        let with = self.documents_with.get(word).copied().unwrap_or(0) as f64;
        (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
    }
}

/// The lemmas of a text that carry meaning, in order.
pub(super) fn content_words(text: &str) -> Vec<String> {
    fold(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty() && !lexicon().is_light(word))
        .map(lemma)
        .collect()
}

/// The question's words in full strength, their synonyms in less; each once.
fn asked_words(question: &str) -> Vec<(String, f64)> {
    let mut strengths: BTreeMap<String, f64> = BTreeMap::new();
    for word in content_words(question) {
        for (phrase, strength) in lexicon().synonyms(&word) {
            if *strength >= SYNONYM_STRENGTH && !phrase.contains(' ') {
                let known = strengths.entry(phrase.clone()).or_default();
                *known = known.max(strength * 0.5);
            }
        }
        strengths.insert(word, 1.0);
    }
    strengths.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bag(name: &str) -> Bag {
        let mut bag = Bag::default();
        bag.add_name(name, 1.0);
        bag
    }

    #[test]
    fn shared_words_score_and_are_told() {
        let index = WordIndex::new(vec![bag("store_regions"), bag("UnitPrices"), bag("opening_hours")]);
        let scores = index.score("What is the price of a unit in each region?");
        assert_eq!(scores[1].words.len(), 2);
        assert_eq!(scores[0].words, ["region"]);
        assert!(scores[1].score > scores[0].score && scores[0].score > 0.0);
        assert_eq!((scores[2].score, scores[2].words.len()), (0.0, 0));
    }

    #[test]
    fn a_rare_word_tells_more_than_a_common_one() {
        let index = WordIndex::new(vec![bag("sale_day"), bag("sale_hour"), bag("sale_minute")]);
        let scores = index.score("sales by hour");
        assert_eq!(scores[1].words[0], "hour");
        assert!(scores[1].score > 2.0 * scores[0].score);
    }

    #[test]
    fn nothing_to_compare_scores_nothing() {
        assert!(WordIndex::new(Vec::new()).score("sales").is_empty());
        assert!(WordIndex::new(vec![Bag::default()]).score("").iter().all(|s| s.score == 0.0));
    }
}
