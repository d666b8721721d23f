-- The sample shop: eight tables of one grocery chain. Dates are text 'YYYY-MM-DD', weeks run from Monday to Sunday,
-- money is in dollars, percents run from 0 to 100 (below 0 where something is lost).

-- One row per article.
CREATE TABLE products (
  upc_code         TEXT PRIMARY KEY NOT NULL,  -- 12 digits with check digit; leading zeros matter
  product_name     TEXT NOT NULL,              -- brand, article and package
  brand            TEXT,
  category_level_1 TEXT,                       -- department
  category_level_2 TEXT,                       -- category
  category_level_3 TEXT,                       -- subcategory
  package_size     TEXT,
  unit_of_measure  TEXT,
  cost             REAL,                       -- what one package costs us
  base_price       REAL,                       -- list price of one package
  price_family     TEXT,                       -- articles that always carry the same price
  created_date     DATE                        -- when the article was listed
);

-- One row per store.
CREATE TABLE stores (
  store_id    TEXT PRIMARY KEY NOT NULL,
  store_name  TEXT NOT NULL,
  zone        TEXT,                            -- stores of a zone share their regular prices
  banner      TEXT,                            -- the name over the door
  region      TEXT,
  store_type  TEXT,
  city        TEXT,
  opened_date DATE
);

-- The regular price in force, one row per article and store.
CREATE TABLE pricing (
  id                  INTEGER PRIMARY KEY,
  upc_code            TEXT NOT NULL REFERENCES products(upc_code),
  store_id            TEXT NOT NULL REFERENCES stores(store_id),
  price_date          DATE NOT NULL,           -- the day the price was read: the last day of the data
  current_price       REAL,                    -- shelf price without promotion
  suggested_price     REAL,
  price_family        TEXT,
  pricing_strategy    TEXT,                    -- EDLP, High-Low, Premium, Competitive
  price_change_reason TEXT,                    -- why another price is suggested; NULL if it is the current one
  units_impact        REAL,                    -- expected change of weekly units at the suggested price; NULL if never sold
  revenue_impact      REAL                     -- expected change of weekly revenue at the suggested price; NULL if never sold
);

-- How demand answers to price, one row per article.
CREATE TABLE elasticity (
  id                  INTEGER PRIMARY KEY,
  upc_code            TEXT NOT NULL REFERENCES products(upc_code),
  category_level_2    TEXT,
  elasticity_value    REAL,                    -- negative; the further below zero, the more elastic
  elasticity_category TEXT,                    -- Highly Elastic (<= -2), Elastic (<= -1), Inelastic
  confidence_level    REAL,                    -- 0 to 1
  last_updated        DATE
);

-- What competitors ask, one row per article, competitor, zone and check (every four weeks).
CREATE TABLE competitive_pricing (
  id                INTEGER PRIMARY KEY,
  upc_code          TEXT NOT NULL REFERENCES products(upc_code),
  competitor_name   TEXT NOT NULL,
  competitor_price  REAL,
  our_price         REAL,                      -- our regular price in the zone on that day
  cpi_value         REAL,                      -- our_price / competitor_price
  price_gap         REAL,                      -- our_price - competitor_price
  price_gap_percent REAL,                      -- 100 * price_gap / competitor_price
  zone              TEXT,
  observation_date  DATE NOT NULL
);

-- What was sold, one row per article, store and week.
CREATE TABLE sales_data (
  id               INTEGER PRIMARY KEY,
  upc_code         TEXT NOT NULL REFERENCES products(upc_code),
  store_id         TEXT NOT NULL REFERENCES stores(store_id),
  week_ending_date DATE NOT NULL,              -- a Sunday
  units_sold       INTEGER,
  revenue          REAL,                       -- units_sold * price paid
  forecast_units   REAL,
  forecast_revenue REAL,
  on_promotion     INTEGER                     -- 1 or 0
);

-- What one package earned, one row per article, store and week.
CREATE TABLE margin_analysis (
  id              INTEGER PRIMARY KEY,
  upc_code        TEXT NOT NULL REFERENCES products(upc_code),
  store_id        TEXT NOT NULL REFERENCES stores(store_id),
  analysis_date   DATE NOT NULL,               -- the Sunday that ends the week
  cost            REAL,
  selling_price   REAL,                        -- price paid, promotion included
  margin_amount   REAL,                        -- selling_price - cost
  margin_percent  REAL,                        -- 100 * margin_amount / selling_price
  margin_category TEXT                         -- Negative (< 0), Low (< 15), Medium (< 35), High
);

-- Changes of regular prices, one row per article, store and change.
CREATE TABLE price_changes (
  id             INTEGER PRIMARY KEY,
  upc_code       TEXT NOT NULL REFERENCES products(upc_code),
  store_id       TEXT NOT NULL REFERENCES stores(store_id),
  change_date    DATE NOT NULL,                -- a Monday
  old_price      REAL,
  new_price      REAL,
  change_amount  REAL,                         -- new_price - old_price
  change_percent REAL,                         -- 100 * change_amount / old_price
  change_type    TEXT,                         -- increase, decrease
  reason         TEXT
);
