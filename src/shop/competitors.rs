//! What competitors ask for our articles. All names are invented.

use super::prices::{Cents, shelf_price};
use super::products::Product;
use super::random::{Purpose, Random};
use super::stores::ZONES;
use super::world::World;

/// A check of all competitors takes place on the last day of every fourth week, counted back from the last.
pub(super) const WEEKS_BETWEEN_CHECKS: usize = 4;

pub(super) struct Competitor {
    pub name: &'static str,
    /// Price level against our list prices.
    level: f64,
    /// Zones where it has stores, as positions in [`ZONES`].
    zones: &'static [usize],
    /// Share of our articles that it sells too.
    overlap: f64,
}

/// The first one is everywhere and sells everything, so each article has a price to compare with.
pub(super) static COMPETITORS: [Competitor; 4] = [
    Competitor { name: "BrightCart", level: 0.98, zones: &[0, 1, 2, 3], overlap: 1.0 },
    Competitor { name: "Oakhollow Foods", level: 1.06, zones: &[0, 3], overlap: 0.7 },
    Competitor { name: "Pennyfield", level: 0.93, zones: &[1, 2], overlap: 0.75 },
    Competitor { name: "Quillmart", level: 1.01, zones: &[0, 1, 3], overlap: 0.8 },
];

/// Price of a product at a competitor in a zone and week; `None` if it is not sold there.
pub(super) fn competitor_price(
    world: &World,
    product: usize,
    competitor: usize,
    zone: usize,
    week: usize,
) -> Option<Cents> {
    let rival = &COMPETITORS[competitor];
    let mut random = Random::new(world.seed, Purpose::Competitor, &[product, competitor]);
    if !random.chance(rival.overlap) || !rival.zones.contains(&zone) {
        return None;
    }
    let lasting = random.normal() * 0.05;
    // Counted back from the last week, so that a longer history has the same end.
    let check = (world.weeks.len() - 1 - week) / WEEKS_BETWEEN_CHECKS;
    let passing = Random::new(world.seed, Purpose::Check, &[product, competitor, zone, check]).normal() * 0.025;
    let list = world.family(&world.products[product]).base_price as f64 / 100.0 * ZONES[zone].1;
    Some(shelf_price(list * (rival.level + lasting + passing)))
}

/// The lowest price that any competitor asks in a zone in the last week.
pub(super) fn cheapest_now(world: &World, product: usize, zone: usize) -> Option<Cents> {
    let week = world.weeks.len().checked_sub(1)?;
    (0..COMPETITORS.len()).filter_map(|competitor| competitor_price(world, product, competitor, zone, week)).min()
}

/// Weeks with a check, from the day a product was listed on.
pub(super) fn checks<'a>(world: &'a World, product: &'a Product) -> impl Iterator<Item = usize> + 'a {
    let last = world.weeks.len().saturating_sub(1);
    (0..world.weeks.len())
        .filter(move |week| (last - week).is_multiple_of(WEEKS_BETWEEN_CHECKS))
        .filter(|&week| world.weeks[week].first >= product.created)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shop::Size;

    #[test]
    fn every_article_is_compared_in_every_zone_more_than_once() {
        let world = World::new(Size { products: 80, stores: 4, weeks: 30 }, 4);
        for (number, product) in world.products.iter().enumerate() {
            assert!(checks(&world, product).count() >= 2, "{product:?}");
            for zone in 0..ZONES.len() {
                assert!(cheapest_now(&world, number, zone).is_some());
            }
        }
    }
}
