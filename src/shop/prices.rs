//! Prices over time, in whole cents so that every amount derived from them is exact: a regular price for each family,
//! zone and week, with the reason of each change, and the promotions that cut it.

use super::products::Family;
use super::random::{Purpose, Random};
use super::stores::ZONES;

pub(super) type Cents = i64;

/// Chance that a regular price moves in a week: about every eleventh.
const CHANGE: f64 = 0.09;
const PROMOTION: f64 = 0.12;
/// Percent off.
const DEPTHS: [Cents; 5] = [10, 15, 20, 25, 30];
/// Regular prices stay this near to the zone's list price.
const BAND: (f64, f64) = (0.85, 1.15);
/// Loss leaders are kept near cost: their prices move less and are cut less.
const LOSS_LEADER_BAND: (f64, f64) = (0.92, 1.08);
const LOSS_LEADER_DEPTH: Cents = 15;

pub(super) const INCREASE_REASONS: [(f64, &str); 3] =
    [(0.5, "Margin improvement"), (0.3, "Elasticity optimization"), (0.2, "Seasonal adjustment")];
pub(super) const DECREASE_REASONS: [(f64, &str); 4] =
    [(0.5, "Competitor response"), (0.2, "Elasticity optimization"), (0.1, "Clearance"), (0.2, "Seasonal adjustment")];

/// Prices of one family in one zone, week by week.
#[derive(Debug)]
pub(super) struct PricePath {
    pub regular: Vec<Cents>,
    /// Percent off; 0 without promotion.
    promotion: Vec<Cents>,
    /// Why the price differs from the week before; empty where it does not.
    pub reasons: Vec<&'static str>,
}

impl PricePath {
    pub(super) fn promoted(&self, week: usize) -> bool {
        self.promotion[week] > 0
    }

    /// The price under the week's promotion, or the regular one.
    pub(super) fn reduced(&self, week: usize) -> Cents {
        if self.promoted(week) { cut(self.regular[week], self.promotion[week]) } else { self.regular[week] }
    }
}

/// The nearest price of the kind that shelves carry, ending in 9 cents and at least 29 cents.
pub(super) fn shelf_price(dollars: f64) -> Cents {
    ((dollars * 10.0).round() as Cents * 10 - 1).max(29)
}

pub(super) fn dollars(cents: Cents) -> f64 {
    cents as f64 / 100.0
}

pub(super) fn price_path(seed: u64, number: usize, family: &Family, zone: usize, weeks: usize) -> PricePath {
    let mut random = Random::new(seed, Purpose::Price, &[number, zone]);
    let list = dollars(family.base_price) * ZONES[zone].1;
    let (low, high) = if family.loss_leader { LOSS_LEADER_BAND } else { BAND };
    let band = (list * low, list * high);
    let mut now = within(list * random.normal().mul_add(0.05, 1.0), band);
    let mut path = PricePath {
        regular: Vec::with_capacity(weeks),
        promotion: promotions(seed, number, family, zone, weeks),
        reasons: Vec::with_capacity(weeks),
    };
    for week in 0..weeks {
        let next = if week > 0 && random.chance(CHANGE) { moved(now, band, &mut random) } else { now };
        path.reasons.push(reason(now, next, &mut random));
        path.regular.push(next);
        now = next;
    }
    path
}

fn moved(now: Cents, band: (f64, f64), random: &mut Random) -> Cents {
    let step = if random.chance(0.55) { random.between(0.03, 0.10) } else { -random.between(0.03, 0.11) };
    within(dollars(now) * (1.0 + step), band)
}

fn within(price: f64, (low, high): (f64, f64)) -> Cents {
    shelf_price(price.clamp(low, high))
}

fn reason(now: Cents, next: Cents, random: &mut Random) -> &'static str {
    match next.cmp(&now) {
        std::cmp::Ordering::Greater => random.weighted(&INCREASE_REASONS, INCREASE_REASONS[0].1),
        std::cmp::Ordering::Less => random.weighted(&DECREASE_REASONS, DECREASE_REASONS[0].1),
        std::cmp::Ordering::Equal => "",
    }
}

/// Loss leaders are promoted in the last week, so that the data end with articles sold below cost.
fn promotions(seed: u64, number: usize, family: &Family, zone: usize, weeks: usize) -> Vec<Cents> {
    let mut random = Random::new(seed, Purpose::Promotion, &[number, zone]);
    (0..weeks)
        .map(|week| {
            let depth = DEPTHS[random.below(DEPTHS.len())];
            let promoted = random.chance(PROMOTION);
            match family.loss_leader {
                true if promoted || week + 1 == weeks => LOSS_LEADER_DEPTH,
                false if promoted => depth,
                _ => 0,
            }
        })
        .collect()
}

fn cut(price: Cents, percent: Cents) -> Cents {
    (price * (100 - percent) + 50) / 100
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shop::Size;
    use crate::shop::products::families;

    #[test]
    fn rounds_to_prices_that_end_in_nine_cents() {
        assert_eq!([shelf_price(4.93), shelf_price(4.96), shelf_price(0.0)], [489, 499, 29]);
    }

    #[test]
    fn cuts_whole_cents() {
        assert_eq!([cut(499, 20), cut(499, 10), cut(29, 30)], [399, 449, 20]);
    }

    #[test]
    fn moves_prices_both_ways_within_the_band_and_says_why() {
        let size = Size { products: 40, stores: 4, weeks: 104 };
        for (number, family) in families(size, 5).iter().enumerate() {
            let path = price_path(5, number, family, 2, size.weeks);
            let list = family.base_price as f64 * ZONES[2].1;
            // Rounding to a shelf price moves a price by up to six cents.
            assert!(path.regular.iter().all(|&p| (p as f64) < list * BAND.1 + 6.0 && p as f64 > list * BAND.0 - 6.0));
            assert!(path.regular.windows(2).zip(&path.reasons[1..]).all(|(w, r)| (w[0] == w[1]) == r.is_empty()));
            assert!((0..size.weeks).all(|w| path.reduced(w) < path.regular[w] || !path.promoted(w)));
        }
    }
}
