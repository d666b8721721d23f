-- An energy supplier: who is supplied, on which tariff, what the meters read, what was billed, when the lights went out.

CREATE TABLE districts (
  district_id   INTEGER PRIMARY KEY,
  district_name TEXT NOT NULL,
  grid_operator TEXT NOT NULL,
  population    INTEGER NOT NULL
);
CREATE TABLE tariffs (
  tariff_id       INTEGER PRIMARY KEY,
  tariff_name     TEXT NOT NULL,
  energy_source   TEXT NOT NULL,
  price_per_kwh   REAL NOT NULL,
  monthly_fee     REAL NOT NULL,
  contract_months INTEGER NOT NULL
);
CREATE TABLE customers (
  customer_id   INTEGER PRIMARY KEY,
  customer_name TEXT NOT NULL,
  customer_type TEXT NOT NULL,
  district_id   INTEGER NOT NULL REFERENCES districts(district_id),
  email         TEXT,
  signed_up_on  DATE NOT NULL
);
CREATE TABLE meters (
  meter_id      INTEGER PRIMARY KEY,
  customer_id   INTEGER NOT NULL REFERENCES customers(customer_id),
  tariff_id     INTEGER NOT NULL REFERENCES tariffs(tariff_id),
  serial_number TEXT NOT NULL UNIQUE,
  is_smart      INTEGER NOT NULL,
  installed_on  DATE NOT NULL
);
CREATE TABLE monthly_usage (
  usage_id     INTEGER PRIMARY KEY,
  meter_id     INTEGER NOT NULL REFERENCES meters(meter_id),
  month_start  DATE NOT NULL,
  kwh_used     INTEGER NOT NULL,
  kwh_forecast INTEGER NOT NULL,
  peak_kw      REAL NOT NULL
);
CREATE TABLE invoices (
  invoice_id   INTEGER PRIMARY KEY,
  customer_id  INTEGER NOT NULL REFERENCES customers(customer_id),
  issued_on    DATE NOT NULL,
  due_on       DATE NOT NULL,
  paid_on      DATE,
  net_amount   REAL NOT NULL,
  gross_amount REAL NOT NULL
);
CREATE TABLE outages (
  outage_id          INTEGER PRIMARY KEY,
  district_id        INTEGER NOT NULL REFERENCES districts(district_id),
  started_at         DATETIME NOT NULL,
  duration_minutes   INTEGER NOT NULL,
  affected_customers INTEGER NOT NULL,
  cause              TEXT NOT NULL
);

INSERT INTO districts (district_id, district_name, grid_operator, population) VALUES
  (1, 'Northgate', 'Norgrid', 18400),
  (2, 'Riverside', 'Westnet', 23150),
  (3, 'Old Town', 'Norgrid', 9720),
  (4, 'Hillcrest', 'Westnet', 14080),
  (5, 'Eastfield', 'Norgrid', 30640),
  (6, 'Lakeshore', 'Westnet', 6890);

INSERT INTO tariffs (tariff_id, tariff_name, energy_source, price_per_kwh, monthly_fee, contract_months) VALUES
  (1, 'Green Home', 'wind', 0.312, 9.9, 12),
  (2, 'Night Saver', 'hydro', 0.274, 7.5, 24),
  (3, 'Best Value', 'gas', 0.259, 11.2, 24),
  (4, 'Business Flex', 'mixed', 0.231, 29.0, 36),
  (5, 'Solar Plus', 'solar', 0.338, 5.4, 6);

INSERT INTO customers (customer_id, customer_name, customer_type, district_id, email, signed_up_on) VALUES
  (1, 'Ana Petrov', 'household', 1, 'ana.petrov@post.example', '2021-03-14'),
  (2, 'Bakkerij De Molen', 'business', 2, 'office@demolen.example', '2020-11-02'),
  (3, 'Carl Ostrander', 'household', 3, NULL, '2022-07-19'),
  (4, 'Dana Whitlow', 'household', 2, 'dana.w@post.example', '2023-01-08'),
  (5, 'Eastfield Laundry', 'business', 5, 'hello@eflaundry.example', '2019-05-27'),
  (6, 'Farid Nasser', 'household', 5, 'farid@post.example', '2023-09-30'),
  (7, 'Greta Sommer', 'household', 4, NULL, '2022-02-11'),
  (8, 'Hillcrest Dental', 'business', 4, 'desk@hcdental.example', '2021-08-23'),
  (9, 'Ines Cabral', 'household', 6, 'ines.cabral@post.example', '2024-04-05'),
  (10, 'Jonas Lind', 'household', 1, 'jonas@post.example', '2020-06-16'),
  (11, 'Kettle & Crumb Cafe', 'business', 3, 'kettle@crumb.example', '2022-10-01'),
  (12, 'Lena Hartog', 'household', 5, NULL, '2024-09-12'),
  (13, 'Milo Brandt', 'household', 2, 'milo.b@post.example', '2025-02-03');

INSERT INTO meters (meter_id, customer_id, tariff_id, serial_number, is_smart, installed_on) VALUES
  (101, 1, 1, 'EM-4471', 1, '2021-03-20'),
  (102, 2, 4, 'EM-2203', 1, '2020-11-15'),
  (103, 3, 2, 'EM-5120', 0, '2022-08-01'),
  (104, 4, 1, 'EM-6088', 1, '2023-01-21'),
  (105, 5, 4, 'EM-1907', 0, '2019-06-10'),
  (106, 5, 4, 'EM-1908', 1, '2023-05-04'),
  (107, 6, 2, 'EM-6742', 1, '2023-10-09'),
  (108, 7, 2, 'EM-4935', 0, '2022-02-25'),
  (109, 8, 4, 'EM-4610', 1, '2021-09-02'),
  (110, 9, 3, 'EM-7315', 1, '2024-04-18'),
  (111, 10, 1, 'EM-2089', 0, '2020-07-01'),
  (112, 11, 3, 'EM-5377', 1, '2022-10-14'),
  (113, 12, 2, 'EM-7790', 1, '2024-09-25');

INSERT INTO monthly_usage (usage_id, meter_id, month_start, kwh_used, kwh_forecast, peak_kw) VALUES
  (1, 101, '2024-10-01', 264, 269, 1.15),
  (2, 101, '2024-11-01', 299, 302, 1.44),
  (3, 101, '2024-12-01', 331, 355, 1.57),
  (4, 101, '2025-01-01', 397, 366, 2.09),
  (5, 101, '2025-02-01', 307, 344, 1.43),
  (6, 101, '2025-03-01', 262, 299, 1.13),
  (7, 102, '2024-10-01', 1906, 1873, 10.57),
  (8, 102, '2024-11-01', 1883, 2100, 10.83),
  (9, 102, '2024-12-01', 2299, 2419, 13.37),
  (10, 102, '2025-01-01', 2583, 2604, 11.49),
  (11, 102, '2025-02-01', 2331, 2356, 11.51),
  (12, 102, '2025-03-01', 2064, 2004, 10.97),
  (13, 103, '2024-12-01', 326, 308, 1.45),
  (14, 103, '2025-01-01', 328, 312, 1.77),
  (15, 103, '2025-02-01', 269, 274, 1.22),
  (16, 103, '2025-03-01', 237, 249, 1.21),
  (17, 104, '2024-10-01', 324, 305, 1.91),
  (18, 104, '2024-11-01', 315, 346, 1.57),
  (19, 104, '2024-12-01', 431, 392, 2.47),
  (20, 104, '2025-01-01', 428, 428, 2.28),
  (21, 104, '2025-02-01', 342, 370, 1.47),
  (22, 104, '2025-03-01', 337, 314, 1.81),
  (23, 105, '2024-10-01', 2754, 2916, 12.42),
  (24, 105, '2024-11-01', 3158, 3406, 15.86),
  (25, 105, '2024-12-01', 3722, 4051, 20.85),
  (26, 105, '2025-01-01', 4332, 4119, 21.95),
  (27, 105, '2025-02-01', 3543, 3717, 15.2),
  (28, 105, '2025-03-01', 3433, 3208, 15.09),
  (29, 106, '2024-10-01', 1045, 1107, 4.63),
  (30, 106, '2024-11-01', 1287, 1223, 5.49),
  (31, 106, '2024-12-01', 1386, 1453, 6.29),
  (32, 106, '2025-01-01', 1508, 1546, 8.63),
  (33, 106, '2025-02-01', 1279, 1408, 6.88),
  (34, 106, '2025-03-01', 1224, 1195, 6.14),
  (35, 107, '2024-10-01', 390, 358, 1.88),
  (36, 107, '2024-11-01', 432, 396, 2.4),
  (37, 107, '2024-12-01', 512, 486, 2.75),
  (38, 107, '2025-01-01', 471, 513, 2.04),
  (39, 107, '2025-02-01', 421, 465, 1.85),
  (40, 107, '2025-03-01', 394, 386, 2.23),
  (41, 108, '2024-12-01', 298, 341, 1.61),
  (42, 108, '2025-01-01', 363, 344, 1.62),
  (43, 108, '2025-02-01', 317, 308, 1.75),
  (44, 108, '2025-03-01', 280, 261, 1.51),
  (45, 109, '2024-10-01', 975, 992, 4.64),
  (46, 109, '2024-11-01', 1039, 1124, 5.67),
  (47, 109, '2024-12-01', 1153, 1263, 5.79),
  (48, 109, '2025-01-01', 1236, 1331, 6.37),
  (49, 109, '2025-02-01', 1227, 1184, 6.34),
  (50, 109, '2025-03-01', 1123, 1082, 5.28),
  (51, 110, '2024-10-01', 207, 202, 1.16),
  (52, 110, '2024-11-01', 204, 219, 0.89),
  (53, 110, '2024-12-01', 275, 274, 1.6),
  (54, 110, '2025-01-01', 288, 282, 1.32),
  (55, 111, '2024-10-01', 312, 336, 1.78),
  (56, 111, '2024-11-01', 368, 373, 1.61),
  (57, 111, '2024-12-01', 449, 437, 2.03),
  (58, 111, '2025-01-01', 493, 453, 2.3),
  (59, 111, '2025-02-01', 439, 419, 2.23),
  (60, 111, '2025-03-01', 370, 360, 1.79),
  (61, 112, '2024-10-01', 850, 826, 4.09),
  (62, 112, '2024-11-01', 955, 912, 4.51),
  (63, 112, '2024-12-01', 1207, 1134, 5.55),
  (64, 112, '2025-01-01', 1140, 1191, 5.49),
  (65, 112, '2025-02-01', 1029, 1071, 5.87),
  (66, 112, '2025-03-01', 941, 871, 4.5);

INSERT INTO invoices (invoice_id, customer_id, issued_on, due_on, paid_on, net_amount, gross_amount) VALUES
  (5001, 1, '2025-01-10', '2025-01-31', '2025-01-14', 113.1, 135.72),
  (5002, 2, '2025-01-10', '2025-01-31', '2025-01-21', 516.3, 619.56),
  (5003, 3, '2025-01-10', '2025-01-31', NULL, 89.76, 107.71),
  (5004, 4, '2025-01-11', '2025-02-01', '2025-01-31', 122.73, 147.28),
  (5005, 5, '2025-01-11', '2025-02-01', '2025-01-20', 1265.56, 1518.67),
  (5006, 8, '2025-01-13', '2025-02-03', '2025-02-10', 339.69, 407.63),
  (5007, 10, '2025-01-13', '2025-02-03', '2025-01-16', 121.48, 145.78),
  (5008, 11, '2025-01-14', '2025-02-04', '2025-02-24', 250.79, 300.95),
  (5009, 2, '2025-02-10', '2025-03-03', '2025-02-16', 526.78, 632.14),
  (5010, 5, '2025-02-10', '2025-03-03', '2025-02-23', 1286.35, 1543.62),
  (5011, 6, '2025-02-11', '2025-03-04', NULL, 124.31, 149.17),
  (5012, 7, '2025-02-11', '2025-03-04', '2025-02-28', 83.32, 99.98),
  (5013, 8, '2025-02-12', '2025-03-05', '2025-03-19', 338.49, 406.19),
  (5014, 9, '2025-02-12', '2025-03-05', '2025-02-14', 82.54, 99.05),
  (5015, 1, '2025-02-13', '2025-03-06', '2025-02-21', 111.92, 134.3),
  (5016, 11, '2025-02-14', '2025-03-07', NULL, 318.3, 381.96),
  (5017, 2, '2025-03-10', '2025-03-31', '2025-03-17', 530.62, 636.74),
  (5018, 5, '2025-03-10', '2025-03-31', NULL, 1282.35, 1538.82),
  (5019, 4, '2025-03-11', '2025-04-01', '2025-03-23', 112.97, 135.56),
  (5020, 6, '2025-03-11', '2025-04-01', NULL, 132.51, 159.01),
  (5021, 8, '2025-03-12', '2025-04-02', '2025-03-27', 330.38, 396.46),
  (5022, 10, '2025-03-13', '2025-04-03', '2025-03-18', 144.24, 173.09);

INSERT INTO outages (outage_id, district_id, started_at, duration_minutes, affected_customers, cause) VALUES
  (1, 3, '2024-10-17 06:40', 95, 410, 'storm'),
  (2, 5, '2024-11-03 18:15', 42, 1260, 'cable fault'),
  (3, 1, '2024-11-29 02:05', 180, 735, 'storm'),
  (4, 2, '2024-12-24 16:50', 27, 2100, 'overload'),
  (5, 5, '2025-01-08 07:30', 64, 980, 'overload'),
  (6, 4, '2025-01-19 23:10', 210, 315, 'storm'),
  (7, 3, '2025-02-06 13:25', 15, 150, 'maintenance'),
  (8, 2, '2025-02-21 09:00', 120, 640, 'cable fault'),
  (9, 5, '2025-03-15 11:45', 33, 1875, 'animal');
