//! Stores of the chain: place, price zone, banner. All names are invented.

use jiff::Span;
use jiff::civil::Date;

use super::random::{Purpose, Random};

/// Price zones with the level of their prices against the list price.
pub(super) static ZONES: [(&str, f64); 4] = [("Metro", 1.03), ("Suburban", 1.0), ("Rural", 0.97), ("Coastal", 1.05)];

const METRO: usize = 0;
const SUBURBAN: usize = 1;
const RURAL: usize = 2;
const COASTAL: usize = 3;

/// Name over the door, and how an article is priced there.
#[derive(Debug)]
pub(super) struct Banner {
    pub name: &'static str,
    /// Store types with the size of a store against the mean.
    types: &'static [(&'static str, f64)],
    pub strategies: [(f64, Strategy); 4],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strategy {
    /// Every day low price: no promotions.
    Edlp,
    HighLow,
    Premium,
    Competitive,
}

impl Strategy {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Edlp => "EDLP",
            Self::HighLow => "High-Low",
            Self::Premium => "Premium",
            Self::Competitive => "Competitive",
        }
    }

    pub(super) fn promotes(self) -> bool {
        self != Self::Edlp
    }
}

pub(super) static BANNERS: [Banner; 3] = [
    Banner {
        name: "Marlow Market",
        types: &[("Supermarket", 1.15), ("Hypermarket", 1.8)],
        strategies: strategies(0.2, 0.5, 0.1, 0.2),
    },
    Banner { name: "Marlow Express", types: &[("Convenience", 0.5)], strategies: strategies(0.2, 0.25, 0.5, 0.05) },
    Banner { name: "Thriftbarn", types: &[("Discount", 1.1)], strategies: strategies(0.5, 0.1, 0.02, 0.38) },
];

const fn strategies(edlp: f64, high_low: f64, premium: f64, competitive: f64) -> [(f64, Strategy); 4] {
    [
        (edlp, Strategy::Edlp),
        (high_low, Strategy::HighLow),
        (premium, Strategy::Premium),
        (competitive, Strategy::Competitive),
    ]
}

/// City, region and the price zone of its stores. The first four cover every zone and region.
static CITIES: [(&str, &str, usize); 25] = [
    ("Ashbury", "Northeast", METRO),
    ("Millbrook Falls", "Midwest", SUBURBAN),
    ("Dry Creek", "South", RURAL),
    ("Port Selwyn", "West", COASTAL),
    ("Kingsmere", "Midwest", METRO),
    ("Oakdene", "South", SUBURBAN),
    ("Larkspur Valley", "West", RURAL),
    ("Cape Averill", "Northeast", COASTAL),
    ("Halden", "West", METRO),
    ("Wrenfield", "Northeast", SUBURBAN),
    ("Copper Flats", "West", RURAL),
    ("Sandhaven", "South", COASTAL),
    ("Thornbury", "South", METRO),
    ("Elmsworth", "Midwest", SUBURBAN),
    ("Prairie Bend", "Midwest", RURAL),
    ("Gull Harbor", "Northeast", COASTAL),
    ("Brackley", "Midwest", METRO),
    ("Stonegate", "West", SUBURBAN),
    ("Hollis Corner", "Northeast", RURAL),
    ("Marisol Bay", "West", COASTAL),
    ("Vantry", "Northeast", METRO),
    ("Cloverdene", "South", SUBURBAN),
    ("Bitterroot Pass", "West", RURAL),
    ("Palmetto Quay", "South", COASTAL),
    ("Redmarsh", "South", METRO),
];

#[derive(Debug)]
pub(super) struct Store {
    pub id: String,
    pub name: String,
    /// Position in [`ZONES`].
    pub zone: usize,
    /// Position in [`BANNERS`].
    pub banner: usize,
    pub region: &'static str,
    pub kind: &'static str,
    pub city: &'static str,
    pub opened: Date,
    /// Customers against the mean store.
    pub size: f64,
}

pub(super) fn stores(count: usize, seed: u64, first_day: Date) -> Vec<Store> {
    (0..count).map(|number| store(number, seed, first_day)).collect()
}

fn store(number: usize, seed: u64, first_day: Date) -> Store {
    let mut random = Random::new(seed, Purpose::Store, &[number]);
    let (city, region, zone) = CITIES[number % CITIES.len()];
    // A second store in a city gets another banner.
    let banner = (number + number / CITIES.len()) % BANNERS.len();
    let types = BANNERS[banner].types;
    let (kind, size) = types[number / BANNERS.len() % types.len()];
    Store {
        id: format!("S{:03}", number + 1),
        name: format!("{} {city}", BANNERS[banner].name),
        zone,
        banner,
        region,
        kind,
        city,
        opened: first_day.saturating_sub(Span::new().days(random.below(7_000) as i64 + 200)),
        size: size * random.between(0.85, 1.18),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::shop::AS_OF;

    #[test]
    fn spreads_even_ten_stores_over_all_zones_regions_and_banners() {
        let stores = stores(10, 1, AS_OF);
        assert_eq!(stores.iter().map(|s| s.zone).collect::<BTreeSet<_>>().len(), 4);
        assert_eq!(stores.iter().map(|s| s.region).collect::<BTreeSet<_>>().len(), 4);
        assert_eq!(stores.iter().map(|s| s.banner).collect::<BTreeSet<_>>().len(), 3);
    }

    #[test]
    fn names_every_store_of_the_largest_scale_differently() {
        let stores = stores(50, 1, AS_OF);
        assert_eq!(stores.iter().map(|s| &s.name).collect::<BTreeSet<_>>().len(), 50);
    }
}
