-- Made after the rows are in. The two weekly tables have none on store_id alone: their rows lie in order of week, so
-- the rows of one store are on nearly every page and reading them through an index is no faster than reading all.
CREATE INDEX products_category ON products(category_level_2, category_level_3);
CREATE UNIQUE INDEX pricing_grain ON pricing(upc_code, store_id, price_date);
CREATE INDEX pricing_store ON pricing(store_id);
CREATE UNIQUE INDEX elasticity_upc ON elasticity(upc_code);
CREATE UNIQUE INDEX competitive_pricing_grain ON competitive_pricing(upc_code, competitor_name, zone, observation_date);
CREATE INDEX competitive_pricing_date ON competitive_pricing(observation_date);
CREATE UNIQUE INDEX sales_data_grain ON sales_data(upc_code, store_id, week_ending_date);
CREATE INDEX sales_data_week ON sales_data(week_ending_date);
CREATE UNIQUE INDEX margin_analysis_grain ON margin_analysis(upc_code, store_id, analysis_date);
CREATE INDEX margin_analysis_week ON margin_analysis(analysis_date);
CREATE UNIQUE INDEX price_changes_grain ON price_changes(upc_code, store_id, change_date);
CREATE INDEX price_changes_date ON price_changes(change_date);
CREATE INDEX price_changes_store ON price_changes(store_id);
