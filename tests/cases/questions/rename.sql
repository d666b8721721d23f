-- A copy of the sample shop in which every table and column bears another name. Replace {shop} by the path of the shop's
-- database, then run this on an empty database. The rows are the same.
ATTACH '{shop}' AS shop;

CREATE TABLE items (
  sku         TEXT PRIMARY KEY NOT NULL,
  title       TEXT NOT NULL,
  maker       TEXT,
  division    TEXT,
  dept        TEXT,
  subdept     TEXT,
  pack        TEXT,
  uom         TEXT,
  unit_cost   REAL,
  list_price  REAL,
  price_group TEXT,
  added_on    DATE
);

CREATE TABLE outlets (
  outlet_no   TEXT PRIMARY KEY NOT NULL,
  outlet_name TEXT NOT NULL,
  price_area  TEXT,
  chain       TEXT,
  territory   TEXT,
  format      TEXT,
  town        TEXT,
  opened_on   DATE
);

CREATE TABLE shelf_prices (
  row_id            INTEGER PRIMARY KEY,
  sku               TEXT NOT NULL REFERENCES items(sku),
  outlet_no         TEXT NOT NULL REFERENCES outlets(outlet_no),
  valid_on          DATE NOT NULL,
  shelf_price       REAL,
  recommended_price REAL,
  price_group       TEXT,
  price_policy      TEXT,
  why_recommended   TEXT,
  volume_effect     REAL,
  turnover_effect   REAL
);

CREATE TABLE price_sensitivity (
  row_id            INTEGER PRIMARY KEY,
  sku               TEXT NOT NULL REFERENCES items(sku),
  dept              TEXT,
  coefficient       REAL,
  sensitivity_class TEXT,
  certainty         REAL,
  estimated_on      DATE
);

CREATE TABLE market_prices (
  row_id         INTEGER PRIMARY KEY,
  sku            TEXT NOT NULL REFERENCES items(sku),
  rival          TEXT NOT NULL,
  rival_price    REAL,
  own_price      REAL,
  price_index    REAL,
  difference     REAL,
  difference_pct REAL,
  price_area     TEXT,
  checked_on     DATE NOT NULL
);

CREATE TABLE weekly_sales (
  row_id            INTEGER PRIMARY KEY,
  sku               TEXT NOT NULL REFERENCES items(sku),
  outlet_no         TEXT NOT NULL REFERENCES outlets(outlet_no),
  week_end          DATE NOT NULL,
  qty               INTEGER,
  turnover          REAL,
  expected_qty      REAL,
  expected_turnover REAL,
  promo_flag        INTEGER
);

CREATE TABLE profitability (
  row_id      INTEGER PRIMARY KEY,
  sku         TEXT NOT NULL REFERENCES items(sku),
  outlet_no   TEXT NOT NULL REFERENCES outlets(outlet_no),
  week_end    DATE NOT NULL,
  unit_cost   REAL,
  price_paid  REAL,
  profit      REAL,
  profit_pct  REAL,
  profit_band TEXT
);

CREATE TABLE repricing_log (
  row_id       INTEGER PRIMARY KEY,
  sku          TEXT NOT NULL REFERENCES items(sku),
  outlet_no    TEXT NOT NULL REFERENCES outlets(outlet_no),
  effective_on DATE NOT NULL,
  price_before REAL,
  price_after  REAL,
  delta        REAL,
  delta_pct    REAL,
  direction    TEXT,
  cause        TEXT
);

INSERT INTO items
SELECT upc_code, product_name, brand, category_level_1, category_level_2, category_level_3, package_size, unit_of_measure,
       cost, base_price, price_family, created_date
FROM shop.products;

INSERT INTO outlets
SELECT store_id, store_name, zone, banner, region, store_type, city, opened_date
FROM shop.stores;

INSERT INTO shelf_prices
SELECT id, upc_code, store_id, price_date, current_price, suggested_price, price_family, pricing_strategy,
       price_change_reason, units_impact, revenue_impact
FROM shop.pricing;

INSERT INTO price_sensitivity
SELECT id, upc_code, category_level_2, elasticity_value, elasticity_category, confidence_level, last_updated
FROM shop.elasticity;

INSERT INTO market_prices
SELECT id, upc_code, competitor_name, competitor_price, our_price, cpi_value, price_gap, price_gap_percent, zone,
       observation_date
FROM shop.competitive_pricing;

INSERT INTO weekly_sales
SELECT id, upc_code, store_id, week_ending_date, units_sold, revenue, forecast_units, forecast_revenue, on_promotion
FROM shop.sales_data;

INSERT INTO profitability
SELECT id, upc_code, store_id, analysis_date, cost, selling_price, margin_amount, margin_percent, margin_category
FROM shop.margin_analysis;

INSERT INTO repricing_log
SELECT id, upc_code, store_id, change_date, old_price, new_price, change_amount, change_percent, change_type, reason
FROM shop.price_changes;

DETACH shop;
