CREATE TABLE items (sku TEXT PRIMARY KEY, title TEXT NOT NULL, maker TEXT, grp TEXT, cost REAL, list_price REAL, tags TEXT, added DATE);
CREATE TABLE branches (branch_id TEXT PRIMARY KEY, title TEXT, zone TEXT, town TEXT);
CREATE TABLE sale_lines (id INTEGER PRIMARY KEY, sku TEXT REFERENCES items(sku), branch_id TEXT REFERENCES branches(branch_id), sold_on DATE, units INTEGER, revenue REAL);
CREATE TABLE staff (id INTEGER PRIMARY KEY, name TEXT, boss_id INTEGER REFERENCES staff(id), pay REAL, pin TEXT);
CREATE TABLE "order details" (id INTEGER PRIMARY KEY, "select" TEXT, "unit price" REAL, "drop;" TEXT);
CREATE TABLE updates (id INTEGER PRIMARY KEY, deleted_at TEXT, "update" TEXT, insert_count INTEGER, drop_date TEXT, "values" TEXT);
CREATE TABLE "商品" ("名前" TEXT, "価格" INTEGER);
CREATE VIEW v_margin AS SELECT sku, title, list_price - cost AS margin FROM items;
CREATE VIEW v_pins AS SELECT name, pin FROM staff;
CREATE VIRTUAL TABLE notes USING fts5(body);
INSERT INTO items VALUES
  ('001', 'Vanilla Ice', 'Polar', 'Frozen', 2.0, 5.0, '["cold","sweet"]', '2024-01-05'),
  ('002', 'Peas', 'Green', 'Frozen', 0.5, 2.0, '["cold"]', '2024-02-10'),
  ('003', 'Milk', 'Dairyland', 'Dairy', 1.0, 2.5, '[]', '2024-02-20'),
  ('004', 'O''Brien Butter', NULL, 'Dairy', 2.0, 3.5, NULL, '2024-03-01');
INSERT INTO branches VALUES ('B1', 'Main Street', 'Zone A', 'Austin'), ('B2', 'High Street', 'Zone B', 'Boston'), ('B3', 'Harbour', 'Zone A', 'Boston');
INSERT INTO sale_lines VALUES
  (1, '001', 'B1', '2025-01-01', 10, 50.0), (2, '002', 'B1', '2025-01-02', 5, 10.0), (3, '001', 'B2', '2025-01-15', 4, 20.0),
  (4, '003', 'B2', '2025-02-01', 8, 20.0), (5, '003', 'B1', '2025-02-03', 2, 5.0), (6, '001', 'B1', '2025-02-10', 6, 30.0);
INSERT INTO staff VALUES (1, 'Ada', NULL, 90.0, '1111'), (2, 'Ben', 1, 60.0, '2222'), (3, 'Cy', 1, 55.0, '3333'), (4, 'Di', 2, 40.0, '4444');
INSERT INTO "order details" VALUES (1, 'x', 9.5, 'y'), (2, 'z', 1.5, 'w');
INSERT INTO updates VALUES (1, NULL, 'u', 3, '2025-01-01', 'v'), (2, '2025-01-09', 'w', 4, NULL, 'x');
INSERT INTO "商品" VALUES ('茶', 120), ('米', 900);
INSERT INTO notes VALUES ('hello world'), ('price change');
