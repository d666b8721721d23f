//! Writes the eight tables, row by row through prepared statements in one transaction, indexes last.

use rusqlite::{Connection, Statement, params};

use super::AS_OF;
use super::competitors::{COMPETITORS, checks, competitor_price};
use super::prices::{Cents, dollars};
use super::products::round_to;
use super::random::{Purpose, Random};
use super::stores::{BANNERS, ZONES};
use super::suggestions::suggestion;
use super::world::World;

const SCHEMA: &str = include_str!("../../assets/retail/schema.sql");
const INDEXES: &str = include_str!("../../assets/retail/indexes.sql");

/// The file is not yet anybody's database: a crash loses a temporary file, so nothing is journalled or synced. Pages of
/// 8 KiB suit the scans that analytics are made of. Neither setting of the journal outlives the connection.
const FOR_LOADING: &str = "PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
    PRAGMA foreign_keys = OFF; PRAGMA cache_size = -65536; PRAGMA locking_mode = EXCLUSIVE;";

/// Share of the time that each step has taken when it ends, as measured at the large scale.
const SALES_DONE: f32 = 0.5;
const MARGINS_DONE: f32 = 0.75;

/// Fills an empty database. Every statement runs in one transaction, so there is all of it or nothing.
pub(super) fn load(connection: &Connection, world: &World, progress: &dyn Fn(f32)) -> rusqlite::Result<()> {
    connection.execute_batch(FOR_LOADING)?;
    let transaction = connection.unchecked_transaction()?;
    transaction.execute_batch(SCHEMA)?;
    let load = Load { connection: &transaction, world };
    load.products()?;
    load.stores()?;
    load.pricing()?;
    load.elasticity()?;
    load.competitive_pricing()?;
    load.price_changes()?;
    load.sales_data(&|part| progress(part * SALES_DONE))?;
    load.margin_analysis(&|part| progress((MARGINS_DONE - SALES_DONE).mul_add(part, SALES_DONE)))?;
    transaction.execute_batch(INDEXES)?;
    transaction.commit()
}

struct Load<'a> {
    connection: &'a Connection,
    world: &'a World,
}

impl Load<'_> {
    /// An insert of a row of `columns` values, as the table declares them.
    fn insert(&self, table: &str, columns: usize) -> rusqlite::Result<Statement<'_>> {
        let marks = vec!["?"; columns].join(", ");
        self.connection.prepare(&format!("INSERT INTO {table} VALUES ({marks})"))
    }

    fn products(&self) -> rusqlite::Result<()> {
        let mut insert = self.insert("products", 12)?;
        for product in &self.world.products {
            let family = self.world.family(product);
            let subcategory = family.subcategory();
            insert.execute(params![
                product.upc_code,
                product.name,
                family.brand.name,
                subcategory.department,
                subcategory.category,
                subcategory.name,
                family.package(),
                subcategory.unit,
                dollars(product.cost),
                dollars(family.base_price),
                family.name,
                product.created.to_string(),
            ])?;
        }
        Ok(())
    }

    fn stores(&self) -> rusqlite::Result<()> {
        let mut insert = self.insert("stores", 8)?;
        for store in &self.world.stores {
            insert.execute(params![
                store.id,
                store.name,
                ZONES[store.zone].0,
                BANNERS[store.banner].name,
                store.region,
                store.kind,
                store.city,
                store.opened.to_string(),
            ])?;
        }
        Ok(())
    }

    fn pricing(&self) -> rusqlite::Result<()> {
        let mut insert = self.insert("pricing", 11)?;
        let today = AS_OF.to_string();
        for (number, product) in self.world.products.iter().enumerate() {
            for (index, store) in self.world.stores.iter().enumerate() {
                let suggestion = suggestion(self.world, number, index);
                insert.execute(params![
                    None::<i64>,
                    product.upc_code,
                    store.id,
                    today,
                    dollars(suggestion.current),
                    dollars(suggestion.suggested),
                    self.world.family(product).name,
                    self.world.strategy(product, store).name(),
                    suggestion.reason,
                    suggestion.impact.map(|(units, _)| units),
                    suggestion.impact.map(|(_, revenue)| revenue),
                ])?;
            }
        }
        Ok(())
    }

    fn elasticity(&self) -> rusqlite::Result<()> {
        let mut insert = self.insert("elasticity", 7)?;
        for (number, product) in self.world.products.iter().enumerate() {
            let mut random = Random::new(self.world.seed, Purpose::Product, &[number, 1]);
            // What never sold is judged by its neighbours.
            let sure = if product.new_listing { random.between(0.3, 0.5) } else { random.between(0.68, 0.98) };
            let updated = AS_OF.saturating_sub(jiff::Span::new().days(random.below(80) as i64));
            insert.execute(params![
                None::<i64>,
                product.upc_code,
                self.world.family(product).subcategory().category,
                product.elasticity,
                elasticity_category(product.elasticity),
                round_to(sure, 100.0),
                updated.to_string(),
            ])?;
        }
        Ok(())
    }

    fn competitive_pricing(&self) -> rusqlite::Result<()> {
        let mut insert = self.insert("competitive_pricing", 10)?;
        let zones: Vec<usize> =
            (0..ZONES.len()).filter(|&zone| self.world.stores.iter().any(|s| s.zone == zone)).collect();
        for (number, product) in self.world.products.iter().enumerate() {
            for week in checks(self.world, product) {
                for &zone in &zones {
                    let ours = self.world.path(product, zone).regular[week];
                    for (index, competitor) in COMPETITORS.iter().enumerate() {
                        let Some(theirs) = competitor_price(self.world, number, index, zone, week) else { continue };
                        insert.execute(params![
                            None::<i64>,
                            product.upc_code,
                            competitor.name,
                            dollars(theirs),
                            dollars(ours),
                            dollars(ours) / dollars(theirs),
                            dollars(ours - theirs),
                            percent(ours - theirs, theirs),
                            ZONES[zone].0,
                            self.world.weeks[week].last_text,
                        ])?;
                    }
                }
            }
        }
        Ok(())
    }

    fn price_changes(&self) -> rusqlite::Result<()> {
        let mut insert = self.insert("price_changes", 10)?;
        for (number, week) in self.world.weeks.iter().enumerate().skip(1) {
            for product in self.world.products.iter().filter(|p| p.created < week.first) {
                for store in &self.world.stores {
                    let path = self.world.path(product, store.zone);
                    let (old, new) = (path.regular[number - 1], path.regular[number]);
                    if old == new {
                        continue;
                    }
                    insert.execute(params![
                        None::<i64>,
                        product.upc_code,
                        store.id,
                        week.first_text,
                        dollars(old),
                        dollars(new),
                        dollars(new - old),
                        percent(new - old, old),
                        if new > old { "increase" } else { "decrease" },
                        path.reasons[number],
                    ])?;
                }
            }
        }
        Ok(())
    }

    fn sales_data(&self, progress: &dyn Fn(f32)) -> rusqlite::Result<()> {
        let mut insert = self.insert("sales_data", 9)?;
        self.each_sold_week(progress, |product, store, week| {
            let (p, s) = (&self.world.products[product], &self.world.stores[store]);
            let paid = self.world.paid(p, s, week);
            let demand = self.world.demand(product, store, week, paid);
            let forecast_revenue = (demand.forecast_tenths * paid.price + 5) / 10;
            insert.execute(params![
                None::<i64>,
                p.upc_code,
                s.id,
                self.world.weeks[week].last_text,
                demand.units,
                dollars(demand.units * paid.price),
                demand.forecast_tenths as f64 / 10.0,
                dollars(forecast_revenue),
                paid.promoted,
            ])
        })
    }

    fn margin_analysis(&self, progress: &dyn Fn(f32)) -> rusqlite::Result<()> {
        let mut insert = self.insert("margin_analysis", 9)?;
        self.each_sold_week(progress, |product, store, week| {
            let (p, s) = (&self.world.products[product], &self.world.stores[store]);
            let price = self.world.paid(p, s, week).price;
            let margin_percent = percent(price - p.cost, price);
            insert.execute(params![
                None::<i64>,
                p.upc_code,
                s.id,
                self.world.weeks[week].last_text,
                dollars(p.cost),
                dollars(price),
                dollars(price - p.cost),
                margin_percent,
                margin_category(margin_percent),
            ])
        })
    }

    /// In order of week, so that a stretch of time is a stretch of the file.
    fn each_sold_week(
        &self,
        progress: &dyn Fn(f32),
        mut row: impl FnMut(usize, usize, usize) -> rusqlite::Result<usize>,
    ) -> rusqlite::Result<()> {
        let weeks = self.world.weeks.len();
        for week in 0..weeks {
            for (product, _) in self.world.products.iter().enumerate().filter(|(_, p)| !p.new_listing) {
                for store in 0..self.world.stores.len() {
                    row(product, store, week)?;
                }
            }
            progress((week + 1) as f32 / weeks as f32);
        }
        Ok(())
    }
}

fn percent(part: Cents, whole: Cents) -> f64 {
    100.0 * part as f64 / whole as f64
}

fn elasticity_category(value: f64) -> &'static str {
    match value {
        v if v <= -2.0 => "Highly Elastic",
        v if v <= -1.0 => "Elastic",
        _ => "Inelastic",
    }
}

fn margin_category(percent: f64) -> &'static str {
    match percent {
        p if p < 0.0 => "Negative",
        p if p < 15.0 => "Low",
        p if p < 35.0 => "Medium",
        _ => "High",
    }
}
