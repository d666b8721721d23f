//! What people rely on when they ask the sample shop, checked on a written file.

use std::path::PathBuf;

use rusqlite::Connection;

use super::{AS_OF, Size, write_sized};

pub(super) const SIZE: Size = Size { products: 80, stores: 8, weeks: 52 };

/// A shop in a folder that goes away with it.
pub(super) struct Shop {
    pub connection: Connection,
    pub path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Shop {
    pub fn new(size: Size) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        write_sized(&path, size, 11, &|_| {}).unwrap();
        Self { connection: Connection::open(&path).unwrap(), path, _folder: folder }
    }

    pub fn count(&self, sql: &str) -> i64 {
        self.connection.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|e| panic!("{e}: {sql}"))
    }

    pub fn number(&self, sql: &str) -> f64 {
        self.connection.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|e| panic!("{e}: {sql}"))
    }

    pub fn texts(&self, sql: &str) -> Vec<String> {
        let mut statement = self.connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// Fails if any row of `table` breaks what `claim` says of each.
    #[track_caller]
    fn check_every(&self, table: &str, claim: &str) {
        assert!(self.count(&format!("SELECT COUNT(*) FROM {table}")) > 0, "{table} is empty");
        let broken = self.count(&format!("SELECT COUNT(*) FROM {table} WHERE NOT COALESCE({claim}, 0)"));
        assert_eq!(broken, 0, "rows of {table} break: {claim}");
    }
}

#[test]
fn has_exactly_the_columns_that_are_promised() {
    let shop = Shop::new(Size { products: 36, stores: 1, weeks: 1 });
    let columns = |table: &str| shop.texts(&format!("SELECT name FROM pragma_table_info('{table}')")).join(" ");
    let promised = [
        (
            "products",
            "upc_code product_name brand category_level_1 category_level_2 category_level_3 package_size unit_of_measure cost base_price price_family created_date",
        ),
        ("stores", "store_id store_name zone banner region store_type city opened_date"),
        (
            "pricing",
            "id upc_code store_id price_date current_price suggested_price price_family pricing_strategy price_change_reason units_impact revenue_impact",
        ),
        (
            "elasticity",
            "id upc_code category_level_2 elasticity_value elasticity_category confidence_level last_updated",
        ),
        (
            "competitive_pricing",
            "id upc_code competitor_name competitor_price our_price cpi_value price_gap price_gap_percent zone observation_date",
        ),
        (
            "sales_data",
            "id upc_code store_id week_ending_date units_sold revenue forecast_units forecast_revenue on_promotion",
        ),
        (
            "margin_analysis",
            "id upc_code store_id analysis_date cost selling_price margin_amount margin_percent margin_category",
        ),
        (
            "price_changes",
            "id upc_code store_id change_date old_price new_price change_amount change_percent change_type reason",
        ),
    ];
    let tables = shop.texts("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid");
    assert_eq!(tables, promised.map(|(table, _)| table));
    for (table, promised) in promised {
        assert_eq!(columns(table), promised, "{table}");
        let keys = shop
            .texts(&format!("SELECT \"from\" || ' ' || \"table\" FROM pragma_foreign_key_list('{table}') ORDER BY 1"));
        let mut expected = Vec::new();
        if !["products", "stores"].contains(&table) {
            expected.extend(promised.contains(" store_id ").then_some("store_id stores"));
            expected.push("upc_code products");
        }
        assert_eq!(keys, expected, "{table}");
    }
}

#[test]
fn every_key_finds_its_row_and_no_file_is_damaged() {
    let shop = Shop::new(SIZE);
    assert_eq!(shop.count("SELECT COUNT(*) FROM pragma_foreign_key_check"), 0);
    assert_eq!(shop.texts("PRAGMA integrity_check"), ["ok"]);
    shop.check_every("competitive_pricing", "zone IN (SELECT zone FROM stores)");
    shop.check_every(
        "elasticity",
        "category_level_2 = (SELECT category_level_2 FROM products p WHERE p.upc_code = elasticity.upc_code)",
    );
    shop.check_every(
        "pricing",
        "price_family = (SELECT price_family FROM products p WHERE p.upc_code = pricing.upc_code)",
    );
}

#[test]
fn derived_columns_follow_from_stored_prices() {
    let shop = Shop::new(SIZE);
    let same = |a: &str, b: &str| format!("ABS(({a}) - ({b})) < 1e-9");
    for (table, column, formula) in [
        ("competitive_pricing", "cpi_value", "our_price / competitor_price"),
        ("competitive_pricing", "price_gap", "our_price - competitor_price"),
        ("competitive_pricing", "price_gap_percent", "100 * price_gap / competitor_price"),
        ("margin_analysis", "margin_amount", "selling_price - cost"),
        ("margin_analysis", "margin_percent", "100 * margin_amount / selling_price"),
        ("price_changes", "change_amount", "new_price - old_price"),
        ("price_changes", "change_percent", "100 * change_amount / old_price"),
    ] {
        shop.check_every(table, &same(column, formula));
    }
    shop.check_every(
        "price_changes",
        "change_type = IIF(new_price > old_price, 'increase', 'decrease') AND new_price <> old_price",
    );
    shop.check_every("margin_analysis", "(margin_category = 'Negative') = (selling_price < cost)");
    for (table, column) in [("competitive_pricing", "our_price"), ("pricing", "current_price"), ("products", "cost")] {
        shop.check_every(table, &format!("{column} = ROUND({column}, 2)"));
    }
    let joined = "sales_data s JOIN margin_analysis m ON m.upc_code = s.upc_code AND m.store_id = s.store_id
        AND m.analysis_date = s.week_ending_date JOIN products p ON p.upc_code = s.upc_code";
    shop.check_every(joined, &same("s.revenue", "s.units_sold * m.selling_price"));
    shop.check_every(joined, "ABS(s.forecast_revenue - s.forecast_units * m.selling_price) <= 0.0050001");
    shop.check_every(joined, "m.cost = p.cost");
}

#[test]
fn prices_tell_one_story_in_every_table() {
    let shop = Shop::new(SIZE);
    // The chain of changes: each starts where the one before ended, and the last one is the price now.
    let chain = "(SELECT LAG(new_price, 1, old_price) OVER w AS before, old_price, new_price,
        LEAD(old_price, 1, (SELECT current_price FROM pricing p WHERE p.upc_code = c.upc_code AND p.store_id = c.store_id))
        OVER w AS after FROM price_changes c WINDOW w AS (PARTITION BY upc_code, store_id ORDER BY change_date))";
    shop.check_every(chain, "before = old_price AND after = new_price");
    // Regular weeks sell at the regular price, promoted ones below it.
    let last_week = format!(
        "(SELECT s.on_promotion, m.selling_price, pr.current_price, pr.pricing_strategy FROM sales_data s
        JOIN margin_analysis m ON m.upc_code = s.upc_code AND m.store_id = s.store_id AND m.analysis_date = s.week_ending_date
        JOIN pricing pr ON pr.upc_code = s.upc_code AND pr.store_id = s.store_id WHERE s.week_ending_date = '{AS_OF}')"
    );
    shop.check_every(&last_week, "IIF(on_promotion, selling_price < current_price, selling_price = current_price)");
    shop.check_every(&last_week, "NOT (on_promotion AND pricing_strategy = 'EDLP')");
    let observed = format!(
        "(SELECT c.our_price, pr.current_price FROM competitive_pricing c JOIN stores st ON st.zone = c.zone
        JOIN pricing pr ON pr.upc_code = c.upc_code AND pr.store_id = st.store_id WHERE c.observation_date = '{AS_OF}')"
    );
    shop.check_every(&observed, "our_price = current_price");
}

#[test]
fn every_sold_product_has_a_row_for_each_store_and_week_and_a_few_were_never_sold() {
    let shop = Shop::new(SIZE);
    let never =
        "SELECT COUNT(*) FROM products p WHERE NOT EXISTS (SELECT 1 FROM sales_data s WHERE s.upc_code = p.upc_code)";
    assert_eq!(shop.count(never), 2);
    for (table, day) in [("sales_data", "week_ending_date"), ("margin_analysis", "analysis_date")] {
        assert_eq!(shop.count(&format!("SELECT COUNT(*) FROM {table}")), 78 * 8 * 52);
        assert_eq!(
            shop.count(&format!("SELECT COUNT(DISTINCT upc_code || store_id || {day}) FROM {table}")),
            78 * 8 * 52
        );
        assert_eq!(shop.texts(&format!("SELECT MAX({day}) FROM {table}")), [AS_OF.to_string()]);
        shop.check_every(table, &format!("strftime('%w', {day}) = '0'"));
    }
    assert_eq!(shop.count("SELECT COUNT(*) FROM pricing"), 80 * 8);
    assert_eq!(shop.count("SELECT COUNT(*) FROM elasticity"), 80);
    shop.check_every("pricing", &format!("price_date = '{AS_OF}' AND current_price > 0"));
    shop.check_every(
        "products",
        "(SELECT COUNT(*) FROM competitive_pricing c WHERE c.upc_code = products.upc_code) >= 2",
    );
}

#[test]
fn codes_are_twelve_digits_with_a_right_check_digit_and_some_start_with_zero() {
    let shop = Shop::new(SIZE);
    let codes = shop.texts("SELECT upc_code FROM products");
    for code in &codes {
        let weighted = code.bytes().zip([3, 1].into_iter().cycle()).map(|(b, weight)| u32::from(b - b'0') * weight);
        assert!(code.len() == 12 && weighted.sum::<u32>().is_multiple_of(10), "{code}");
    }
    let zeros = codes.iter().filter(|code| code.starts_with('0')).count();
    assert!(zeros > 0 && zeros < codes.len(), "{zeros}");
}

#[test]
fn margins_are_negative_here_and_there_and_in_the_last_seven_days() {
    let shop = Shop::new(SIZE);
    let share = shop.number("SELECT AVG(margin_percent < 0) FROM margin_analysis");
    assert!(share > 0.002 && share < 0.08, "{share}");
    let recent = "SELECT COUNT(*) FROM margin_analysis WHERE margin_percent < 0 AND analysis_date > DATE('2026-05-17', '-7 days')";
    assert!(shop.count(recent) > 0);
    shop.check_every("margin_analysis", "margin_percent BETWEEN -60 AND 90");
}

#[test]
fn prices_went_up_and_down_in_every_zone_this_quarter() {
    let shop = Shop::new(SIZE);
    let moved = "SELECT COUNT(DISTINCT st.zone || c.change_type) FROM price_changes c
        JOIN stores st ON st.store_id = c.store_id WHERE c.change_date BETWEEN '2026-04-01' AND '2026-05-17'";
    assert_eq!(shop.count(moved), 8);
}

#[test]
fn suggestions_have_a_reason_where_they_differ_and_an_impact_that_elasticity_explains() {
    let shop = Shop::new(SIZE);
    shop.check_every("pricing", "(suggested_price = current_price) = (price_change_reason IS NULL)");
    shop.check_every("pricing", "ABS(suggested_price - current_price) <= current_price * 0.08 + 0.06");
    let never = "upc_code NOT IN (SELECT upc_code FROM sales_data)";
    shop.check_every("pricing", &format!("(units_impact IS NULL AND revenue_impact IS NULL) = ({never})"));
    let moved = "(SELECT * FROM pricing JOIN elasticity USING (upc_code) WHERE ABS(units_impact) > 0.5)";
    shop.check_every(moved, "(units_impact > 0) = (suggested_price < current_price)");
    let optimised =
        "(SELECT * FROM pricing WHERE price_change_reason = 'Elasticity optimization' AND revenue_impact IS NOT NULL)";
    assert!(shop.number(&format!("SELECT AVG(revenue_impact > 0) FROM {optimised}")) > 0.95);
}

#[test]
fn elasticities_are_negative_and_differ() {
    let shop = Shop::new(SIZE);
    shop.check_every("elasticity", "elasticity_value < 0 AND confidence_level BETWEEN 0 AND 1");
    shop.check_every("elasticity", "elasticity_category = IIF(elasticity_value <= -2, 'Highly Elastic', IIF(elasticity_value <= -1, 'Elastic', 'Inelastic'))");
    assert_eq!(shop.count("SELECT COUNT(DISTINCT elasticity_category) FROM elasticity"), 3);
}

#[test]
fn forecasts_are_near_what_was_sold_but_not_equal() {
    let shop = Shop::new(SIZE);
    let error = shop.number("SELECT SUM(ABS(units_sold - forecast_units)) / SUM(units_sold) FROM sales_data");
    assert!(error > 0.03 && error < 0.15, "{error}");
    let equal = shop.number("SELECT AVG(units_sold = forecast_units) FROM sales_data");
    assert!(equal < 0.02, "{equal}");
}

/// One product's weeks and stores, log units and log price, cleared of what all stores share in a week and all weeks
/// share in a store.
struct Panel {
    units: Vec<f64>,
    price: Vec<f64>,
    promoted: Vec<f64>,
}

impl Panel {
    fn read(shop: &Shop, upc: &str) -> Self {
        let mut statement = shop
            .connection
            .prepare(
                "SELECT LN(s.units_sold), LN(m.selling_price), s.on_promotion FROM sales_data s
                 JOIN margin_analysis m ON m.upc_code = s.upc_code AND m.store_id = s.store_id
                  AND m.analysis_date = s.week_ending_date
                 WHERE s.upc_code = ? ORDER BY s.store_id, s.week_ending_date",
            )
            .unwrap();
        let rows = statement.query_map([upc], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        let rows: Vec<(f64, f64, f64)> = rows.map(Result::unwrap).collect();
        let column = |of: fn(&(f64, f64, f64)) -> f64| rows.iter().map(of).collect::<Vec<_>>();
        Self { units: within(&column(|r| r.0)), price: within(&column(|r| r.1)), promoted: within(&column(|r| r.2)) }
    }

    /// Least squares of log units on log price and promotion: the coefficient of the price.
    fn elasticity(&self) -> f64 {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        let (pp, dd, pd) =
            (dot(&self.price, &self.price), dot(&self.promoted, &self.promoted), dot(&self.price, &self.promoted));
        let (pu, du) = (dot(&self.price, &self.units), dot(&self.promoted, &self.units));
        // Without any promotion there is one regressor only.
        if dd < 1e-9 { pu / pp } else { (dd * pu - pd * du) / (pp * dd - pd * pd) }
    }
}

/// Less the mean of the store and the mean of the week, plus the mean of all: exact, as every store has every week.
fn within(values: &[f64]) -> Vec<f64> {
    let mean = |of: Vec<f64>| of.iter().sum::<f64>() / of.len() as f64;
    let all = mean(values.to_vec());
    let stores: Vec<f64> = values.chunks(SIZE.weeks).map(|store| mean(store.to_vec())).collect();
    let weeks: Vec<f64> =
        (0..SIZE.weeks).map(|week| mean(values.iter().skip(week).step_by(SIZE.weeks).copied().collect())).collect();
    values.iter().enumerate().map(|(i, x)| x - stores[i / SIZE.weeks] - weeks[i % SIZE.weeks] + all).collect()
}

#[test]
fn a_regression_of_units_on_prices_gives_the_stored_elasticity_back() {
    let shop = Shop::new(SIZE);
    let mut statement = shop
        .connection
        .prepare(
            "SELECT upc_code, elasticity_value FROM elasticity WHERE upc_code IN (SELECT upc_code FROM sales_data)",
        )
        .unwrap();
    let stored: Vec<(String, f64)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    let misses: Vec<f64> = stored.iter().map(|(upc, stored)| Panel::read(&shop, upc).elasticity() - stored).collect();
    let bias = misses.iter().sum::<f64>() / misses.len() as f64;
    let mean = misses.iter().map(|m| m.abs()).sum::<f64>() / misses.len() as f64;
    let worst = misses.iter().fold(0.0_f64, |worst, m| worst.max(m.abs()));
    assert_eq!(misses.len(), 78);
    assert!(bias.abs() < 0.05 && mean < 0.12 && worst < 0.45, "bias {bias}, mean {mean}, worst {worst}");
}
