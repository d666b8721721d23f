//! What a retail question is about, by its words and entities.

use super::words::Word;
use super::{Entity, EntityKind, Intent};

/// Words that speak of one intent, with their weight. Lemmas.
const CUES: [(Intent, &[(&str, u32)]); 5] = [
    (
        Intent::Elasticity,
        &[
            ("elasticity", 6),
            ("elastic", 6),
            ("inelastic", 6),
            ("sensitive", 5),
            ("sensitivity", 5),
            ("insensitive", 5),
            ("responsive", 4),
            ("responsiveness", 5),
        ],
    ),
    (
        Intent::Competitive,
        &[
            ("competitor", 5),
            ("competitive", 5),
            ("competition", 5),
            ("cpi", 6),
            ("rival", 5),
            ("gap", 3),
            ("undercut", 5),
            ("undercutting", 5),
            ("dearer", 3),
            ("pricier", 2),
            ("market", 1),
            ("they", 1),
            ("cheaper", 2),
        ],
    ),
    (
        Intent::Margin,
        &[
            ("margin", 5),
            ("profit", 5),
            ("profitable", 5),
            ("profitability", 5),
            ("unprofitable", 5),
            ("markup", 4),
            ("loss", 4),
            ("lose", 3),
            ("losing", 3),
            ("cogs", 4),
        ],
    ),
    (
        Intent::Sales,
        &[
            ("revenue", 4),
            ("sale", 4),
            ("sell", 4),
            ("sold", 4),
            ("selling", 4),
            ("turnover", 4),
            ("unit", 3),
            ("forecast", 4),
            ("volume", 3),
            ("seller", 4),
            ("demand", 3),
            ("promotion", 2),
            ("bestselling", 4),
            ("earn", 3),
            ("forecasted", 4),
            ("takings", 4),
            ("promo", 2),
            ("predicted", 3),
            ("expected", 1),
        ],
    ),
    (
        Intent::Pricing,
        &[
            ("price", 3),
            ("pricing", 4),
            ("priced", 3),
            ("strategy", 3),
            ("cost", 2),
            ("expensive", 2),
            ("cheap", 2),
            ("increase", 2),
            ("decrease", 2),
            ("repriced", 4),
            ("markdown", 3),
            ("suggested", 2),
            ("recommended", 2),
            ("hike", 3),
            ("cheapest", 2),
            ("dearest", 2),
            ("charge", 2),
            ("tag", 1),
        ],
    ),
];

/// The intent with the most weight; ties go to the more special one (the order of the list).
pub fn of(words: &[Word], entities: &[Entity]) -> Intent {
    let mut best = (Intent::General, 0);
    for (intent, cues) in CUES {
        let mut weight: u32 = cues
            .iter()
            .filter(|(cue, _)| words.iter().any(|w| w.lemma == *cue || w.folded == *cue))
            .map(|(_, weight)| weight)
            .sum();
        if intent == Intent::Competitive && entities.iter().any(|e| e.kind == EntityKind::Competitor) {
            weight += 6;
        }
        if weight > best.1 {
            best = (intent, weight);
        }
    }
    best.0
}
