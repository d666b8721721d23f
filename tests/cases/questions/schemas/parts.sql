-- A wholesaler of machine parts, with the short names of an old system.

CREATE TABLE cust (
  cust_id INTEGER PRIMARY KEY,
  cust_nm TEXT NOT NULL,
  cty     TEXT NOT NULL,
  cntry   TEXT NOT NULL,
  sgmt    TEXT NOT NULL,
  cr_lim  REAL
);
CREATE TABLE rep (
  rep_id  INTEGER PRIMARY KEY,
  rep_nm  TEXT NOT NULL,
  rgn     TEXT NOT NULL,
  hire_dt TEXT NOT NULL
);
CREATE TABLE prd (
  prd_cd   TEXT PRIMARY KEY,
  prd_desc TEXT NOT NULL,
  cat      TEXT NOT NULL,
  lst_prc  REAL NOT NULL,
  wt_kg    REAL NOT NULL,
  disc_flg TEXT NOT NULL
);
CREATE TABLE ord_hdr (
  ord_no   INTEGER PRIMARY KEY,
  cust_id  INTEGER NOT NULL REFERENCES cust(cust_id),
  rep_id   INTEGER REFERENCES rep(rep_id),
  ord_dt   TEXT NOT NULL,
  shp_dt   TEXT,
  sts      TEXT NOT NULL,
  cncl_rsn TEXT
);
CREATE TABLE ord_ln (
  ord_no  INTEGER NOT NULL REFERENCES ord_hdr(ord_no),
  ln_no   INTEGER NOT NULL,
  prd_cd  TEXT NOT NULL REFERENCES prd(prd_cd),
  qty     INTEGER NOT NULL,
  net_prc REAL NOT NULL,
  ln_amt  REAL NOT NULL,
  PRIMARY KEY (ord_no, ln_no)
);
CREATE TABLE whs (
  whs_id TEXT PRIMARY KEY,
  whs_nm TEXT NOT NULL,
  cty    TEXT NOT NULL
);
CREATE TABLE stk (
  whs_id  TEXT NOT NULL REFERENCES whs(whs_id),
  prd_cd  TEXT NOT NULL REFERENCES prd(prd_cd),
  qty_oh  INTEGER NOT NULL,
  min_qty INTEGER NOT NULL,
  PRIMARY KEY (whs_id, prd_cd)
);

INSERT INTO cust (cust_id, cust_nm, cty, cntry, sgmt, cr_lim) VALUES
  (1, 'Alder Machine Works', 'Leeds', 'UK', 'industry', 50000),
  (2, 'Brookfield Farms', 'Galway', 'Ireland', 'farming', 18000),
  (3, 'Cordova Shipyard', 'Vigo', 'Spain', 'marine', 75000),
  (4, 'Dunmore Repairs', 'Cork', 'Ireland', 'workshop', 9500),
  (5, 'Essen Pumpen', 'Essen', 'Germany', 'industry', 62000),
  (6, 'Ferrol Marine', 'Ferrol', 'Spain', 'marine', 41000),
  (7, 'Grafton Garage', 'Leeds', 'UK', 'workshop', NULL),
  (8, 'Harz Forst', 'Goslar', 'Germany', 'farming', 22500),
  (9, 'Inverness Quarry', 'Inverness', 'UK', 'industry', 36000),
  (10, 'Joyce & Daughters', 'Dublin', 'Ireland', 'workshop', 12000);

INSERT INTO rep (rep_id, rep_nm, rgn, hire_dt) VALUES
  (1, 'Aoife Brennan', 'West', '2018-04-02'),
  (2, 'Boris Keller', 'Central', '2015-09-14'),
  (3, 'Carmen Ruiz', 'South', '2020-01-20'),
  (4, 'Duncan Reid', 'North', '2022-06-07'),
  (5, 'Edith Moss', 'North', '2024-03-11');

INSERT INTO prd (prd_cd, prd_desc, cat, lst_prc, wt_kg, disc_flg) VALUES
  ('B-100', 'Ball bearing 20 mm', 'bearings', 12.4, 0.18, 'N'),
  ('B-120', 'Ball bearing 35 mm', 'bearings', 21.9, 0.35, 'N'),
  ('B-200', 'Thrust bearing', 'bearings', 48.5, 0.92, 'N'),
  ('P-010', 'Gear pump', 'pumps', 389.0, 14.5, 'N'),
  ('P-020', 'Bilge pump', 'pumps', 265.0, 8.2, 'N'),
  ('P-035', 'Hand pump', 'pumps', 74.0, 3.1, 'Y'),
  ('S-005', 'Shaft seal', 'seals', 6.8, 0.04, 'N'),
  ('S-011', 'Flange gasket', 'seals', 3.2, 0.02, 'N'),
  ('V-300', 'Ball valve', 'valves', 57.6, 1.7, 'N'),
  ('V-310', 'Check valve', 'valves', 63.1, 1.9, 'N'),
  ('V-355', 'Relief valve', 'valves', 118.0, 2.6, 'N'),
  ('T-900', 'Drop hammer', 'tools', 142.5, 6.4, 'N');

INSERT INTO ord_hdr (ord_no, cust_id, rep_id, ord_dt, shp_dt, sts, cncl_rsn) VALUES
  (7001, 1, 4, '2024-01-09', '2024-01-12', 'shipped', NULL),
  (7002, 3, 3, '2024-01-22', '2024-02-02', 'shipped', NULL),
  (7003, 2, 1, '2024-02-05', '2024-02-07', 'shipped', NULL),
  (7004, 5, 2, '2024-02-19', '2024-02-23', 'shipped', NULL),
  (7005, 6, 3, '2024-03-04', NULL, 'cancelled', 'price too high'),
  (7006, 9, 4, '2024-03-18', '2024-03-25', 'shipped', NULL),
  (7007, 1, 4, '2024-04-02', '2024-04-05', 'shipped', NULL),
  (7008, 8, 2, '2024-04-23', '2024-04-29', 'shipped', NULL),
  (7009, 3, 3, '2024-05-06', '2024-05-20', 'shipped', NULL),
  (7010, 4, 1, '2024-05-15', '2024-05-16', 'shipped', NULL),
  (7011, 5, 2, '2024-06-03', '2024-06-11', 'shipped', NULL),
  (7012, 10, 1, '2024-06-24', NULL, 'cancelled', 'duplicate'),
  (7013, 2, 1, '2024-07-08', '2024-07-12', 'shipped', NULL),
  (7014, 9, 4, '2024-08-01', '2024-08-06', 'shipped', NULL),
  (7015, 6, 3, '2024-08-19', '2024-09-02', 'shipped', NULL),
  (7016, 1, 4, '2024-09-10', '2024-09-14', 'shipped', NULL),
  (7017, 5, 2, '2024-10-07', '2024-10-10', 'shipped', NULL),
  (7018, 3, 3, '2024-10-28', '2024-11-11', 'shipped', NULL),
  (7019, 4, NULL, '2024-11-05', '2024-11-08', 'shipped', NULL),
  (7020, 8, 2, '2024-11-26', NULL, 'cancelled', 'late delivery'),
  (7021, 9, 4, '2024-12-02', '2024-12-09', 'shipped', NULL),
  (7022, 5, 2, '2024-12-12', NULL, 'open', NULL),
  (7023, 1, 4, '2024-12-16', NULL, 'open', NULL),
  (7024, 10, 1, '2024-12-19', NULL, 'open', NULL);

INSERT INTO ord_ln (ord_no, ln_no, prd_cd, qty, net_prc, ln_amt) VALUES
  (7001, 1, 'V-355', 6, 106.2, 637.2),
  (7001, 2, 'P-010', 4, 342.32, 1369.28),
  (7002, 1, 'V-355', 9, 106.2, 955.8),
  (7002, 2, 'V-300', 26, 57.6, 1497.6),
  (7003, 1, 'S-005', 41, 6.12, 250.92),
  (7003, 2, 'P-020', 2, 233.2, 466.4),
  (7004, 1, 'P-020', 5, 265.0, 1325.0),
  (7004, 2, 'P-035', 11, 70.3, 773.3),
  (7004, 3, 'V-300', 26, 57.6, 1497.6),
  (7005, 1, 'P-035', 15, 70.3, 1054.5),
  (7006, 1, 'V-300', 28, 57.6, 1612.8),
  (7006, 2, 'P-020', 7, 233.2, 1632.4),
  (7007, 1, 'V-300', 32, 57.6, 1843.2),
  (7007, 2, 'S-005', 51, 6.8, 346.8),
  (7008, 1, 'P-035', 48, 65.12, 3125.76),
  (7009, 1, 'B-120', 17, 21.9, 372.3),
  (7010, 1, 'P-035', 8, 74.0, 592.0),
  (7011, 1, 'P-020', 5, 238.5, 1192.5),
  (7011, 2, 'P-035', 37, 65.12, 2409.44),
  (7011, 3, 'P-010', 9, 369.55, 3325.95),
  (7012, 1, 'P-020', 2, 238.5, 477.0),
  (7012, 2, 'S-011', 32, 2.88, 92.16),
  (7012, 3, 'B-120', 56, 20.8, 1164.8),
  (7013, 1, 'P-010', 2, 342.32, 684.64),
  (7014, 1, 'S-005', 54, 5.98, 322.92),
  (7014, 2, 'B-200', 38, 48.5, 1843.0),
  (7014, 3, 'V-300', 52, 57.6, 2995.2),
  (7015, 1, 'V-300', 35, 50.69, 1774.15),
  (7015, 2, 'P-020', 8, 251.75, 2014.0),
  (7016, 1, 'V-355', 2, 106.2, 212.4),
  (7016, 2, 'V-300', 28, 54.72, 1532.16),
  (7016, 3, 'S-011', 18, 3.2, 57.6),
  (7017, 1, 'S-005', 47, 6.8, 319.6),
  (7017, 2, 'P-020', 7, 238.5, 1669.5),
  (7018, 1, 'S-005', 55, 6.8, 374.0),
  (7018, 2, 'V-355', 5, 106.2, 531.0),
  (7018, 3, 'B-100', 13, 11.78, 153.14),
  (7019, 1, 'V-355', 3, 118.0, 354.0),
  (7020, 1, 'P-010', 3, 389.0, 1167.0),
  (7020, 2, 'B-120', 44, 19.71, 867.24),
  (7021, 1, 'B-100', 34, 12.4, 421.6),
  (7021, 2, 'B-200', 13, 48.5, 630.5),
  (7022, 1, 'B-100', 58, 10.91, 632.78),
  (7022, 2, 'V-355', 5, 118.0, 590.0),
  (7022, 3, 'P-010', 7, 369.55, 2586.85),
  (7023, 1, 'V-300', 27, 57.6, 1555.2),
  (7024, 1, 'B-100', 39, 11.78, 459.42);

INSERT INTO whs (whs_id, whs_nm, cty) VALUES
  ('W1', 'Main depot', 'Leeds'),
  ('W2', 'Atlantic store', 'Cork'),
  ('W3', 'Rhine hub', 'Essen');

INSERT INTO stk (whs_id, prd_cd, qty_oh, min_qty) VALUES
  ('W1', 'B-100', 28, 20),
  ('W1', 'B-120', 47, 10),
  ('W1', 'B-200', 8, 5),
  ('W1', 'P-010', 8, 4),
  ('W1', 'P-020', 3, 2),
  ('W1', 'P-035', 8, 10),
  ('W1', 'S-005', 5, 5),
  ('W1', 'S-011', 9, 10),
  ('W1', 'V-300', 52, 25),
  ('W1', 'V-310', 2, 10),
  ('W1', 'V-355', 0, 2),
  ('W2', 'B-120', 16, 20),
  ('W2', 'B-200', 12, 5),
  ('W2', 'P-010', 11, 6),
  ('W2', 'P-035', 17, 20),
  ('W2', 'S-005', 6, 20),
  ('W2', 'S-011', 48, 10),
  ('W2', 'V-310', 7, 5),
  ('W2', 'V-355', 6, 6),
  ('W3', 'B-100', 17, 5),
  ('W3', 'P-010', 19, 4),
  ('W3', 'P-035', 95, 20),
  ('W3', 'S-011', 54, 25),
  ('W3', 'V-300', 8, 5),
  ('W1', 'T-900', 0, 2);
