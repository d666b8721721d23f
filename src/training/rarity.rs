//! How rare each word is, by how many databases have questions with it.

use std::collections::{BTreeMap, BTreeSet};

use super::fit::Example;
use crate::pipeline::generation::offline::assembly::overlap::{rarity_of, stems_of};
use crate::pipeline::generation::offline::scoring::linear::Linear;

/// A word is known if questions over so many databases have it: others are as rare as can be.
const LEAST_DATABASES: usize = 5;

/// The inverse document frequency of words, databases as documents (Spärck Jones 1972).
pub fn fit(examples: &[Example<'_>]) -> Linear {
    let mut databases: BTreeMap<u32, BTreeSet<usize>> = BTreeMap::new();
    for example in examples {
        for (stem, _) in stems_of(&example.view) {
            databases.entry(rarity_of(&stem)).or_default().insert(example.source);
        }
    }
    let all = examples.iter().map(|e| e.source).collect::<BTreeSet<_>>().len().max(1) as f32;
    let rarest = all.ln();
    let known = databases.into_iter().filter(|(_, of)| of.len() >= LEAST_DATABASES);
    Linear::new(vec![rarest], known.map(|(word, of)| (word, vec![(all / of.len() as f32).ln() - rarest])).collect())
}
