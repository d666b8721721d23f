-- A shipping line: two keys between the same tables, a bridge, a key that nobody declared, names with blanks, a view.
CREATE TABLE ports (
    port_id INTEGER PRIMARY KEY,
    port_name TEXT NOT NULL,
    country TEXT NOT NULL,
    berths INTEGER
);
CREATE TABLE vessels (
    vessel_id INTEGER PRIMARY KEY,
    vessel_name TEXT NOT NULL,
    flag TEXT,
    year_built INTEGER,
    capacity_teu INTEGER
);
CREATE TABLE voyages (
    voyage_id INTEGER PRIMARY KEY,
    vessel_id INTEGER NOT NULL REFERENCES vessels(vessel_id),
    origin_port_id INTEGER NOT NULL REFERENCES ports(port_id),
    destination_port_id INTEGER NOT NULL REFERENCES ports(port_id),
    departure_date TEXT NOT NULL,
    arrival_date TEXT,
    "fuel used (t)" REAL
);
CREATE TABLE clients (
    client_id INTEGER PRIMARY KEY,
    company_name TEXT NOT NULL,
    industry TEXT,
    country TEXT
);
-- client_id is a key that nobody declared.
CREATE TABLE shipments (
    shipment_id INTEGER PRIMARY KEY,
    voyage_id INTEGER NOT NULL REFERENCES voyages(voyage_id),
    client_id INTEGER NOT NULL,
    cargo TEXT,
    weight_tons REAL,
    freight_charge REAL,
    booked_on TEXT,
    insured INTEGER
);
CREATE TABLE sailors (
    sailor_id INTEGER PRIMARY KEY,
    sailor_name TEXT NOT NULL,
    nationality TEXT,
    monthly_wage REAL
);
CREATE TABLE "crew list" (
    voyage_id INTEGER NOT NULL REFERENCES voyages(voyage_id),
    sailor_id INTEGER NOT NULL REFERENCES sailors(sailor_id),
    duty TEXT,
    PRIMARY KEY (voyage_id, sailor_id)
);
CREATE VIEW delayed_voyages AS SELECT voyage_id, departure_date FROM voyages WHERE arrival_date IS NULL;

INSERT INTO ports VALUES
    (1, 'Port Velar', 'Portugal', 12), (2, 'Kesterhaven', 'Denmark', 20), (3, 'Santa Brisa', 'Uruguay', 8), (4, 'Mirabay', 'Kenya', 6),
    (5, 'Nordvik', 'Denmark', 15), (6, 'Ostmouth', 'Estonia', 9);
INSERT INTO vessels VALUES
    (1, 'Aurora Star', 'Panama', 2008, 4200), (2, 'Baltic Heron', 'Denmark', 2015, 6100), (3, 'Coral Venture', 'Panama', 1999, 2800),
    (4, 'Dunlin', 'Malta', 2021, 8900), (5, 'Ember Queen', 'Malta', 2012, 5300);
INSERT INTO voyages VALUES
    (1, 1, 1, 2, '2024-01-11', '2024-01-19', 310.5), (2, 2, 2, 3, '2024-02-03', '2024-02-25', 842), (3, 1, 2, 1, '2024-03-15', '2024-03-24', 322),
    (4, 3, 3, 4, '2024-04-08', '2024-04-29', 611.25), (5, 4, 5, 1, '2024-05-20', '2024-05-27', 455), (6, 2, 3, 2, '2024-07-01', '2024-07-22', 815.5),
    (7, 1, 1, 4, '2024-08-12', '2024-08-30', 590), (8, 4, 1, 5, '2024-10-05', '2024-10-13', 470.75), (9, 3, 4, 6, '2024-11-21', '2024-12-15', 702),
    (10, 2, 2, 6, '2025-01-10', '2025-01-14', 140), (11, 4, 5, 3, '2025-02-02', '2025-02-21', 905), (12, 1, 2, 5, '2025-03-16', NULL, NULL);
INSERT INTO clients VALUES
    (1, 'Halberd Steel', 'Metals', 'Denmark'), (2, 'Verdant Foods', 'Food', 'Portugal'), (3, 'Quillon Textiles', 'Textiles', 'Kenya'),
    (4, 'Brisa Coffee', 'Food', 'Uruguay'), (5, 'Osprey Motors', 'Automotive', 'Estonia'), (6, 'Tallow & Sons', 'Food', 'Denmark'),
    (7, 'Lumen Glass', 'Materials', 'Portugal');
INSERT INTO shipments VALUES
    (1, 1, 2, 'Olive Oil', 120.5, 8400, '2023-12-20', 1), (2, 1, 7, 'Glass', 60, 5100, '2024-01-02', 1), (3, 2, 1, 'Steel', 900, 41000, '2024-01-15', 0),
    (4, 2, 6, 'Butter', 75, 7200, '2024-01-28', 1), (5, 3, 1, 'Steel', 640, 22500, '2024-03-01', 0), (6, 4, 4, 'Coffee', 210, 18900, '2024-03-25', 1),
    (7, 5, 6, 'Butter', 80, 4300, '2024-05-06', 0), (8, 5, 1, 'Steel', 510, 17800, '2024-05-11', 1), (9, 6, 4, 'Coffee', 330, 26400, '2024-06-12', 1),
    (10, 7, 2, 'Olive Oil', 95, 9900, '2024-07-30', 0), (11, 8, 7, 'Glass', 45, 3900, '2024-09-21', 1), (12, 9, 3, 'Cotton', 400, 31000, '2024-11-02', 1),
    (13, 9, 3, 'Cotton', 150, 12500, '2024-11-09', 0), (14, 10, 1, 'Steel', 720, 15200, '2025-01-03', 0), (15, 11, 6, 'Butter', 90, 11300, '2025-01-20', 1),
    (16, 11, 2, 'Olive Oil', 110, 12100, '2025-01-25', 1), (17, 12, 1, 'Steel', 300, 6400, '2025-03-05', 0), (18, 12, 6, 'Butter', 55, 2700, '2025-03-09', 0);
INSERT INTO sailors VALUES
    (1, 'Anders Holt', 'Danish', 4800), (2, 'Beatriz Lago', 'Portuguese', 4100), (3, 'Chidi Obi', 'Nigerian', 3900), (4, 'Danilo Cruz', 'Filipino', 3600),
    (5, 'Eero Kask', 'Estonian', 3750), (6, 'Freja Dahl', 'Danish', 5200), (7, 'Gil Ramos', 'Filipino', 3400);
INSERT INTO "crew list" VALUES
    (1, 1, 'Captain'), (1, 4, 'Deckhand'), (2, 6, 'Captain'), (2, 3, 'Engineer'), (2, 4, 'Deckhand'), (3, 1, 'Captain'), (3, 2, 'Cook'),
    (4, 2, 'Captain'), (4, 5, 'Engineer'), (5, 6, 'Captain'), (5, 4, 'Deckhand'), (6, 6, 'Captain'), (6, 5, 'Engineer'), (7, 1, 'Captain'),
    (7, 4, 'Deckhand'), (8, 6, 'Captain'), (8, 3, 'Engineer'), (9, 2, 'Captain'), (10, 6, 'Captain'), (11, 1, 'Captain'), (11, 4, 'Deckhand'),
    (12, 6, 'Captain');
