-- A bicycle hire: dated rides over two and a half years with a month without any in one city, a second fact (repairs),
-- stations that open and close, months and years as columns of their own, a flag, a table of monthly budgets.
CREATE TABLE stations (
    station_id INTEGER PRIMARY KEY,
    station_name TEXT NOT NULL,
    district TEXT NOT NULL,
    docks INTEGER NOT NULL,
    opened_on TEXT NOT NULL
);
CREATE TABLE bikes (
    bike_id INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    electric INTEGER NOT NULL,
    purchase_price REAL NOT NULL
);
CREATE TABLE riders (
    rider_id INTEGER PRIMARY KEY,
    rider_name TEXT NOT NULL,
    plan TEXT NOT NULL
);
CREATE TABLE rides (
    ride_id INTEGER PRIMARY KEY,
    bike_id INTEGER NOT NULL REFERENCES bikes(bike_id),
    station_id INTEGER NOT NULL REFERENCES stations(station_id),
    rider_id INTEGER NOT NULL REFERENCES riders(rider_id),
    ride_date TEXT NOT NULL,
    minutes INTEGER NOT NULL,
    distance_km REAL NOT NULL,
    fare REAL NOT NULL
);
CREATE TABLE repairs (
    repair_id INTEGER PRIMARY KEY,
    bike_id INTEGER NOT NULL REFERENCES bikes(bike_id),
    repair_date TEXT NOT NULL,
    part TEXT NOT NULL,
    repair_cost REAL NOT NULL
);
CREATE TABLE monthly_results (
    station_id INTEGER NOT NULL REFERENCES stations(station_id),
    result_month TEXT NOT NULL,
    revenue REAL NOT NULL,
    cost REAL NOT NULL,
    margin_pct REAL NOT NULL,
    PRIMARY KEY (station_id, result_month)
);

INSERT INTO stations VALUES
    (1, 'Old Mill', 'North', 20, '2022-05-01'), (2, 'Canal Gate', 'North', 14, '2022-05-01'),
    (3, 'Tower Square', 'Centre', 32, '2022-05-01'), (4, 'Market Hall', 'Centre', 26, '2022-06-15'),
    (5, 'Lakeside', 'South', 12, '2024-02-01'), (6, 'Harbour Steps', 'South', 18, '2022-05-01');
INSERT INTO bikes VALUES
    (1, 'Swift', 0, 420), (2, 'Swift', 0, 420), (3, 'Swift', 0, 430), (4, 'Volt', 1, 1450), (5, 'Volt', 1, 1450),
    (6, 'Cargo', 1, 2600), (7, 'Junior', 0, 260), (8, 'Junior', 0, 260);
INSERT INTO riders VALUES
    (1, 'Asha Verne', 'Annual'), (2, 'Bruno Katz', 'Annual'), (3, 'Celia Moor', 'Day Pass'), (4, 'Dov Ferris', 'Monthly'),
    (5, 'Elin Strand', 'Monthly'), (6, 'Farid Noor', 'Day Pass'), (7, 'Greta Hahn', 'Annual'), (8, 'Hugo Palma', 'Day Pass'),
    (9, 'Ines Duarte', 'Monthly'), (10, 'Jonas Weir', 'Annual'), (11, 'Kira Bell', 'Day Pass'), (12, 'Lars Ostby', 'Monthly');
-- Numbers that look drawn but are computed: every third day or so a few rides, more in summer and later on.
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2099),
draws AS (
    SELECT i,
        (i * 7919 + 13) % 907 AS a, (i * 104729 + 71) % 1009 AS b, (i * 611953 + 5) % 613 AS c, (i * 15485863 + 3) % 811 AS d
    FROM n
),
rides_made AS (
    SELECT i + 1 AS ride_id, 1 + a % 8 AS bike_id, 1 + b % 6 AS station_id, 1 + (c + a) % 12 AS rider_id,
        date('2022-06-01', '+' || CAST(i * 930.0 / 2100 AS INTEGER) || ' days') AS ride_date,
        6 + d % 55 AS minutes, round(1 + (c % 97) / 10.0, 1) AS distance_km
    FROM draws
)
INSERT INTO rides
SELECT ride_id, bike_id, station_id, rider_id, ride_date, minutes, distance_km, round(1 + minutes * 0.15 + (bike_id IN (4, 5, 6)) * 1.5, 2)
FROM rides_made
WHERE NOT (station_id = 5 AND ride_date < '2024-02-01')
    AND NOT (station_id = 2 AND ride_date >= '2024-07-01' AND ride_date < '2024-08-01')
    AND NOT (rider_id = 11 AND ride_date >= '2024-04-01')
    AND NOT (rider_id = 12 AND ride_date < '2024-09-10')
    AND NOT (bike_id = 8 AND ride_date >= '2024-01-01');
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 139)
INSERT INTO repairs
SELECT i + 1, 1 + (i * 31 + 7) % 7, date('2022-06-10', '+' || (i * 13 / 2) || ' days'),
    CASE (i * 17) % 4 WHEN 0 THEN 'Brake' WHEN 1 THEN 'Tyre' WHEN 2 THEN 'Chain' ELSE 'Battery' END,
    12.5 + (i * 37) % 83
FROM n;
WITH RECURSIVE m(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM m WHERE k < 28)
INSERT INTO monthly_results
SELECT s.station_id, strftime('%Y-%m', '2022-06-01', '+' || k || ' months'),
    900 + (s.station_id * 131 + k * 57) % 700,
    500 + (s.station_id * 89 + k * 41) % 380,
    round(100.0 * (900 + (s.station_id * 131 + k * 57) % 700 - 500 - (s.station_id * 89 + k * 41) % 380)
        / (900 + (s.station_id * 131 + k * 57) % 700), 2)
FROM stations s, m;
