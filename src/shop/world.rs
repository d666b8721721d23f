//! The shop before it is written: products, stores, weeks, price paths, and what follows from them. Memory grows with
//! products x (stores + zones x weeks), never with the rows.

use jiff::civil::Date;
use jiff::{SignedDuration, Span};

use super::assortment::SUBCATEGORIES;
use super::prices::{Cents, PricePath, price_path};
use super::products::{Family, Product, families, products};
use super::random::{Purpose, Random};
use super::stores::{BANNERS, Store, Strategy, ZONES, stores};
use super::{AS_OF, Size};

pub(super) struct World {
    pub seed: u64,
    pub families: Vec<Family>,
    pub products: Vec<Product>,
    pub stores: Vec<Store>,
    pub weeks: Vec<Week>,
    /// By family, then zone.
    paths: Vec<[PricePath; ZONES.len()]>,
    /// By family, then banner.
    strategies: Vec<[Strategy; BANNERS.len()]>,
    /// By subcategory, then week: demand against the yearly mean.
    seasons: Vec<Vec<f64>>,
    /// By product, then store: units a week at the list price, without season or promotion.
    appeal: Vec<Vec<f64>>,
}

/// A week from Monday to Sunday.
pub(super) struct Week {
    pub first: Date,
    pub first_text: String,
    pub last_text: String,
}

/// The price paid in a week and whether a promotion made it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paid {
    pub price: Cents,
    pub promoted: bool,
}

/// Units and forecast of one product in one store and week.
#[derive(Clone, Copy, Debug)]
pub(super) struct Demand {
    pub units: i64,
    /// In tenths of a unit.
    pub forecast_tenths: i64,
}

/// Units rise by this factor beside what the lower price does: the end of the aisle, the leaflet.
const PROMOTION_LIFT: f64 = 1.03;
/// Standard deviation of the log of units around their expectation, and of the forecast's.
const DEMAND_NOISE: f64 = 0.10;
const FORECAST_NOISE: f64 = 0.05;

impl World {
    pub(super) fn new(size: Size, seed: u64) -> Self {
        let weeks = weeks(size.weeks);
        let first_day = weeks.first().map_or(AS_OF, |w| w.first);
        let families = families(size, seed);
        let products = products(size, seed, &families, first_day, AS_OF);
        let stores = stores(size.stores, seed, first_day);
        let paths = families
            .iter()
            .enumerate()
            .map(|(number, family)| std::array::from_fn(|zone| price_path(seed, number, family, zone, size.weeks)))
            .collect();
        let strategies = families.iter().enumerate().map(|(number, family)| strategies(seed, number, family)).collect();
        let appeal = products.iter().enumerate().map(|(number, p)| appeal(seed, number, p, &stores)).collect();
        let seasons = SUBCATEGORIES.iter().map(|s| weeks.iter().map(|w| season(w.first, s.season)).collect()).collect();
        Self { seed, families, products, stores, weeks, paths, strategies, seasons, appeal }
    }

    pub(super) fn path(&self, product: &Product, zone: usize) -> &PricePath {
        &self.paths[product.family][zone]
    }

    pub(super) fn family(&self, product: &Product) -> &Family {
        &self.families[product.family]
    }

    pub(super) fn strategy(&self, product: &Product, store: &Store) -> Strategy {
        self.strategies[product.family][store.banner]
    }

    pub(super) fn paid(&self, product: &Product, store: &Store, week: usize) -> Paid {
        let path = self.path(product, store.zone);
        if path.promoted(week) && self.strategy(product, store).promotes() {
            Paid { price: path.reduced(week), promoted: true }
        } else {
            Paid { price: path.regular[week], promoted: false }
        }
    }

    /// Expected units: constant elasticity around the list price, times season, promotion and the store's appeal.
    pub(super) fn expected_units(&self, product: usize, store: usize, week: usize, paid: Paid) -> f64 {
        let p = &self.products[product];
        let family = self.family(p);
        let answer = (paid.price as f64 / family.base_price as f64).powf(p.elasticity);
        let lift = if paid.promoted { PROMOTION_LIFT } else { 1.0 };
        self.appeal[product][store] * self.seasons[family.subcategory][week] * answer * lift
    }

    pub(super) fn demand(&self, product: usize, store: usize, week: usize, paid: Paid) -> Demand {
        let expected = self.expected_units(product, store, week, paid);
        let (sold, foreseen) = Random::new(self.seed, Purpose::Demand, &[product, store, week]).normal_pair();
        Demand {
            units: (expected * (DEMAND_NOISE * sold).exp()).round() as i64,
            forecast_tenths: (expected * (FORECAST_NOISE * foreseen).exp() * 10.0).round() as i64,
        }
    }
}

fn weeks(count: usize) -> Vec<Week> {
    let days_back = |days: usize| AS_OF.saturating_sub(SignedDuration::from_hours(24 * days as i64));
    (0..count)
        .rev()
        .map(|back| {
            let last = days_back(7 * back);
            let first = last.saturating_sub(Span::new().days(6));
            Week { first, first_text: first.to_string(), last_text: last.to_string() }
        })
        .collect()
}

fn strategies(seed: u64, number: usize, family: &Family) -> [Strategy; BANNERS.len()] {
    std::array::from_fn(|banner| {
        // A loss leader lives by its promotions.
        if family.loss_leader {
            return Strategy::HighLow;
        }
        Random::new(seed, Purpose::Strategy, &[number, banner]).weighted(&BANNERS[banner].strategies, Strategy::HighLow)
    })
}

fn appeal(seed: u64, number: usize, product: &Product, stores: &[Store]) -> Vec<f64> {
    let taste = |store| (Random::new(seed, Purpose::Appeal, &[number, store]).normal() * 0.15).exp();
    stores.iter().enumerate().map(|(index, store)| product.rate * store.size * taste(index)).collect()
}

/// A wave over the year and a rise before the end of December.
fn season(day: Date, (peak, strength): (f64, f64)) -> f64 {
    let at = f64::from(day.day_of_year()) + 3.0;
    let wave = strength * (std::f64::consts::TAU * (at - peak) / 365.25).cos();
    let holiday = 0.12 * (-((at - 353.0) / 8.0).powi(2)).exp();
    (wave + holiday).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_on_the_as_of_date_a_sunday_inside_a_quarter() {
        let weeks = weeks(52);
        assert_eq!(weeks[51].last_text, AS_OF.to_string());
        assert_eq!(AS_OF.weekday(), jiff::civil::Weekday::Sunday);
        assert_eq!(weeks.iter().filter(|w| w.last_text.contains("-04-")).count(), 4);
        assert!(weeks.windows(2).all(|w| w[0].first < w[1].first));
    }

    #[test]
    fn sells_less_at_a_higher_price_by_the_elasticity() {
        let world = World::new(Size { products: 3, stores: 1, weeks: 2 }, 9);
        let paid = |price| Paid { price, promoted: false };
        let ratio = world.expected_units(0, 0, 1, paid(1_100)) / world.expected_units(0, 0, 1, paid(1_000));
        assert!((ratio.ln() / 1.1_f64.ln() - world.products[0].elasticity).abs() < 1e-9);
    }

    #[test]
    fn gives_no_promotion_where_prices_are_low_every_day() {
        let world = World::new(Size { products: 72, stores: 3, weeks: 52 }, 9);
        let mut promoted = 0;
        for (product, store) in world.products.iter().flat_map(|p| world.stores.iter().map(move |s| (p, s))) {
            let weeks = (0..52).filter(|&w| world.paid(product, store, w).promoted).count();
            promoted += weeks;
            assert!(weeks == 0 || world.strategy(product, store) != Strategy::Edlp);
        }
        assert!(promoted > 0);
    }

    #[test]
    fn ends_with_every_loss_leader_below_cost_whatever_the_seed() {
        for seed in 0..20 {
            let world = World::new(Size { products: 72, stores: 4, weeks: 9 }, seed);
            let leaders = world.products.iter().filter(|p| world.family(p).loss_leader && !p.new_listing);
            let lost = leaders.flat_map(|p| world.stores.iter().map(|s| world.paid(p, s, 8).price < p.cost));
            let lost: Vec<bool> = lost.collect();
            assert!(!lost.is_empty() && lost.iter().all(|&below| below), "seed {seed}");
        }
    }
}
