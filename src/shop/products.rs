//! Articles: which subcategory, brand and package, what they cost, how they sell, how they answer to price.

use jiff::Span;
use jiff::civil::Date;

use super::Size;
use super::assortment::{Brand, SUBCATEGORIES, Subcategory};
use super::prices::{Cents, shelf_price};
use super::random::{Purpose, Random};

/// Articles that carry the same price: one brand, subcategory and package.
#[derive(Debug)]
pub(super) struct Family {
    pub subcategory: usize,
    pub brand: &'static Brand,
    pub size: &'static str,
    pub name: String,
    pub base_price: Cents,
    /// Sold at about cost to bring people in.
    pub loss_leader: bool,
    cost_share: f64,
}

#[derive(Debug)]
pub(super) struct Product {
    pub family: usize,
    pub upc_code: String,
    pub name: String,
    pub cost: Cents,
    /// Percent more units for one percent more price; negative.
    pub elasticity: f64,
    /// Mean units a week in a store of mean size at the list price.
    pub rate: f64,
    pub created: Date,
    /// Listed, priced and never sold so far.
    pub new_listing: bool,
}

const ARTICLES_PER_FAMILY: usize = 2;
/// Shares no factor with 10^5, so item references differ for 100,000 products.
const ITEM_STRIDE: usize = 7_919;

impl Family {
    pub(super) fn subcategory(&self) -> &'static Subcategory {
        &SUBCATEGORIES[self.subcategory]
    }

    pub(super) fn package(&self) -> String {
        format!("{} {}", self.size, self.subcategory().unit)
    }
}

/// Families in order of their numbers: product `p` belongs to the family [`family_of`] it.
pub(super) fn families(size: Size, seed: u64) -> Vec<Family> {
    let count = (0..size.products).map(family_of).max().map_or(0, |last| last + 1);
    (0..count).map(|number| family(number, seed)).collect()
}

pub(super) fn products(size: Size, seed: u64, families: &[Family], first_day: Date, as_of: Date) -> Vec<Product> {
    let fresh = (size.products / 40).clamp(2, 12);
    let every = (size.products / fresh).max(1);
    (0..size.products)
        .map(|number| {
            let new_listing = number % every == every / 2 && number / every < fresh;
            let latest = if new_listing { as_of.saturating_sub(Span::new().days(60)) } else { first_day };
            product(number, seed, &families[family_of(number)], family_of(number), latest, new_listing)
        })
        .collect()
}

/// Products go round the subcategories; within one, two articles in a row make a family.
fn family_of(product: usize) -> usize {
    let (round, subcategory) = (product / SUBCATEGORIES.len(), product % SUBCATEGORIES.len());
    round / ARTICLES_PER_FAMILY * SUBCATEGORIES.len() + subcategory
}

fn family(number: usize, seed: u64) -> Family {
    let (rank, index) = (number / SUBCATEGORIES.len(), number % SUBCATEGORIES.len());
    let subcategory = &SUBCATEGORIES[index];
    let brands = subcategory.shelf.brands();
    // The same start for a whole subcategory, so that its families differ in brand or package.
    let start = Random::new(seed, Purpose::Family, &[index]).below(brands.len() * subcategory.sizes.len());
    let place = start + rank;
    let brand = &brands[place % brands.len()];
    let step = (place / brands.len() + place) % subcategory.sizes.len();
    let mut random = Random::new(seed, Purpose::Family, &[index, rank]);
    let (low, high) = subcategory.price;
    let reach = 0.5 * step as f64 + random.between(-0.06, 0.06);
    let loss_leader = number % 23 == 7;
    Family {
        subcategory: index,
        brand,
        size: subcategory.sizes[step],
        name: format!("{}-{}-{}", brand.code, subcategory.code, subcategory.sizes[step]),
        base_price: shelf_price((low + (high - low) * reach) * brand.price_level),
        loss_leader,
        cost_share: if loss_leader { random.between(0.99, 1.03) } else { random.between(0.54, 0.78) },
    }
}

fn product(number: usize, seed: u64, family: &Family, index: usize, latest: Date, new_listing: bool) -> Product {
    let mut random = Random::new(seed, Purpose::Product, &[number]);
    let subcategory = family.subcategory();
    let rank = index / SUBCATEGORIES.len();
    let article = (rank + number / SUBCATEGORIES.len()) % subcategory.articles.len();
    let listed_before = random.below(if new_listing { 40 } else { 1_500 }) as i64;
    Product {
        family: index,
        upc_code: upc_code(family.brand, number, seed),
        name: format!("{} {} {}", family.brand.name, subcategory.articles[article], family.package()),
        cost: (family.base_price as f64 * family.cost_share * random.between(0.99, 1.01)).round() as Cents,
        elasticity: round_to(random.normal().mul_add(0.35, subcategory.elasticity).clamp(-3.8, -0.25), 1_000.0),
        rate: (random.normal() * 0.5 + 40_f64.ln()).exp().clamp(15.0, 160.0),
        created: latest.saturating_sub(Span::new().days(listed_before)),
        new_listing,
    }
}

fn upc_code(brand: &Brand, number: usize, seed: u64) -> String {
    let start = Random::new(seed, Purpose::Product, &[]).below(100_000);
    let body = format!("{}{:05}", brand.upc_prefix, (start + number * ITEM_STRIDE) % 100_000);
    let check = check_digit(&body);
    format!("{body}{check}")
}

/// GS1 General Specifications 7.9: digits count three times and once in turn, the last before the check digit thrice.
fn check_digit(body: &str) -> u32 {
    let sum: u32 = body.bytes().rev().zip([3, 1].into_iter().cycle()).map(|(b, w)| u32::from(b - b'0') * w).sum();
    (10 - sum % 10) % 10
}

pub(super) fn round_to(number: f64, parts: f64) -> f64 {
    (number * parts).round() / parts
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::shop::{AS_OF, Scale};

    fn made(scale: Scale, seed: u64) -> (Vec<Family>, Vec<Product>) {
        let families = families(scale.size(), seed);
        let products = products(scale.size(), seed, &families, AS_OF, AS_OF);
        (families, products)
    }

    #[test]
    fn computes_the_check_digit_of_a_known_code() {
        assert_eq!(check_digit("03600029145"), 2);
        assert_eq!(check_digit("01234567890"), 5);
    }

    #[test]
    fn gives_every_product_of_every_scale_its_own_code_and_name() {
        for scale in [Scale::Small, Scale::Medium, Scale::Large] {
            let (families, products) = made(scale, 3);
            let codes: BTreeSet<_> = products.iter().map(|p| &p.upc_code).collect();
            let names: BTreeSet<_> = products.iter().map(|p| &p.name).collect();
            let priced: BTreeSet<_> = families.iter().map(|f| &f.name).collect();
            assert_eq!((codes.len(), names.len()), (products.len(), products.len()), "{scale:?}");
            assert_eq!(priced.len(), families.len(), "{scale:?}");
        }
    }

    #[test]
    fn stocks_enough_of_the_categories_that_examples_name() {
        let (families, products) = made(Scale::Small, 1);
        for category in ["Frozen Food", "Bakery"] {
            let stocked = products.iter().filter(|p| families[p.family].subcategory().category == category).count();
            assert!(stocked >= 10, "{category}: {stocked}");
        }
        assert!(products.iter().any(|p| families[p.family].subcategory().name == "Bread"));
    }

    #[test]
    fn lists_a_handful_that_never_sold() {
        let (_, products) = made(Scale::Small, 1);
        assert_eq!(products.iter().filter(|p| p.new_listing).count(), 5);
    }
}
