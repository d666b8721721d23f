-- A ferry line: routes run from one port to another, crews sail on many crossings, vessels have many amenities.

CREATE TABLE ports (
  id        INTEGER PRIMARY KEY,
  port_name TEXT NOT NULL,
  island    TEXT NOT NULL,
  berths    INTEGER NOT NULL
);
CREATE TABLE vessels (
  id                 INTEGER PRIMARY KEY,
  vessel_name        TEXT NOT NULL,
  built_year         INTEGER NOT NULL,
  passenger_capacity INTEGER NOT NULL,
  car_capacity       INTEGER NOT NULL,
  home_port_id       INTEGER NOT NULL REFERENCES ports(id)
);
CREATE TABLE routes (
  id              INTEGER PRIMARY KEY,
  from_port_id    INTEGER NOT NULL REFERENCES ports(id),
  to_port_id      INTEGER NOT NULL REFERENCES ports(id),
  distance_nm     REAL NOT NULL,
  sailing_minutes INTEGER NOT NULL,
  adult_fare      REAL NOT NULL,
  car_fare        REAL
);
CREATE TABLE crossings (
  id            INTEGER PRIMARY KEY,
  route_id      INTEGER NOT NULL REFERENCES routes(id),
  vessel_id     INTEGER NOT NULL REFERENCES vessels(id),
  departs_at    DATETIME NOT NULL,
  passengers    INTEGER NOT NULL,
  cars          INTEGER NOT NULL,
  delay_minutes INTEGER,
  status        TEXT NOT NULL,
  cancel_reason TEXT
);
CREATE TABLE crew (
  id        INTEGER PRIMARY KEY,
  crew_name TEXT NOT NULL,
  rank      TEXT NOT NULL,
  joined_on DATE NOT NULL,
  mentor_id INTEGER REFERENCES crew(id)
);
CREATE TABLE crossing_crew (
  crossing_id INTEGER NOT NULL REFERENCES crossings(id),
  crew_id     INTEGER NOT NULL REFERENCES crew(id),
  PRIMARY KEY (crossing_id, crew_id)
);
CREATE TABLE amenities (
  id           INTEGER PRIMARY KEY,
  amenity_name TEXT NOT NULL
);
CREATE TABLE vessel_amenities (
  vessel_id  INTEGER NOT NULL REFERENCES vessels(id),
  amenity_id INTEGER NOT NULL REFERENCES amenities(id),
  PRIMARY KEY (vessel_id, amenity_id)
);

INSERT INTO ports (id, port_name, island, berths) VALUES
  (1, 'Skarvik', 'Mainland', 6),
  (2, 'Morven', 'Storay', 3),
  (3, 'Port Ellery', 'Storay', 2),
  (4, 'Tarnish Bay', 'Little Hamm', 1),
  (5, 'Kelda', 'Kelda', 2),
  (6, 'Dunholm', 'Mainland', 5),
  (7, 'Gull Point', 'Farsay', 1);

INSERT INTO vessels (id, vessel_name, built_year, passenger_capacity, car_capacity, home_port_id) VALUES
  (1, 'Northern Star', 2004, 480, 110, 1),
  (2, 'Lady Morven', 1996, 350, 72, 2),
  (3, 'Hope', 2015, 620, 150, 6),
  (4, 'Skua', 2010, 180, 24, 1),
  (5, 'Island Runner', 2019, 260, 0, 6);

INSERT INTO routes (id, from_port_id, to_port_id, distance_nm, sailing_minutes, adult_fare, car_fare) VALUES
  (1, 1, 2, 18.5, 75, 14.5, 38.0),
  (2, 2, 1, 18.5, 75, 14.5, 38.0),
  (3, 1, 3, 24.0, 95, 17.0, 44.0),
  (4, 3, 1, 24.0, 95, 17.0, 44.0),
  (5, 6, 5, 41.5, 160, 26.0, 61.0),
  (6, 5, 6, 41.5, 160, 26.0, 61.0),
  (7, 2, 4, 7.2, 30, 6.5, 15.0),
  (8, 6, 7, 12.8, 40, 11.0, NULL),
  (9, 4, 2, 7.2, 30, 6.5, 15.0);

INSERT INTO crossings (id, route_id, vessel_id, departs_at, passengers, cars, delay_minutes, status, cancel_reason) VALUES
  (1, 1, 1, '2024-06-28 08:00', 195, 44, 3, 'sailed', NULL),
  (2, 2, 1, '2024-06-28 11:00', 465, 77, 0, 'sailed', NULL),
  (3, 5, 3, '2024-06-29 09:30', 504, 88, 9, 'sailed', NULL),
  (4, 6, 3, '2024-06-29 15:00', 569, 133, 17, 'sailed', NULL),
  (5, 7, 2, '2024-06-30 10:15', 240, 37, 12, 'sailed', NULL),
  (6, 1, 1, '2024-07-01 08:00', 263, 59, 23, 'sailed', NULL),
  (7, 8, 5, '2024-07-02 12:00', 216, 0, 6, 'sailed', NULL),
  (8, 3, 4, '2024-07-04 13:20', 68, 6, 0, 'sailed', NULL),
  (9, 4, 4, '2024-07-04 16:40', 0, 0, NULL, 'cancelled', 'fog'),
  (10, 5, 3, '2024-07-06 09:30', 539, 81, 4, 'sailed', NULL),
  (11, 9, 2, '2024-07-07 11:30', 142, 25, 12, 'sailed', NULL),
  (12, 1, 1, '2024-07-13 08:00', 226, 47, 12, 'sailed', NULL),
  (13, 2, 1, '2024-07-13 11:00', 219, 37, 5, 'sailed', NULL),
  (14, 6, 3, '2024-07-14 15:00', 258, 61, 6, 'sailed', NULL),
  (15, 8, 5, '2024-07-20 12:00', 143, 0, 4, 'sailed', NULL),
  (16, 3, 4, '2024-07-21 13:20', 0, 0, NULL, 'cancelled', 'engine trouble'),
  (17, 7, 2, '2024-07-27 10:15', 305, 43, 23, 'sailed', NULL),
  (18, 5, 3, '2024-08-03 09:30', 279, 46, 0, 'sailed', NULL),
  (19, 6, 3, '2024-08-03 15:00', 535, 115, 41, 'sailed', NULL),
  (20, 1, 2, '2024-08-05 08:00', 250, 46, 12, 'sailed', NULL),
  (21, 2, 2, '2024-08-05 11:00', 0, 0, NULL, 'cancelled', 'high wind'),
  (22, 8, 5, '2024-08-10 12:00', 235, 0, 6, 'sailed', NULL),
  (23, 4, 4, '2024-08-11 16:40', 96, 9, 0, 'sailed', NULL),
  (24, 1, 1, '2024-08-17 08:00', 346, 73, 17, 'sailed', NULL),
  (25, 5, 3, '2024-08-24 09:30', 404, 77, 27, 'sailed', NULL),
  (26, 9, 2, '2024-08-25 11:30', 0, 0, NULL, 'cancelled', 'high wind'),
  (27, 2, 1, '2024-08-31 17:30', 252, 44, 12, 'sailed', NULL);

INSERT INTO crew (id, crew_name, rank, joined_on, mentor_id) VALUES
  (1, 'Astrid Vik', 'captain', '2001-05-14', NULL),
  (2, 'Bram Olsen', 'captain', '2009-03-02', 1),
  (3, 'Catriona Muir', 'mate', '2016-08-22', 1),
  (4, 'Derek Flynn', 'engineer', '2012-01-09', NULL),
  (5, 'Elin Berg', 'mate', '2020-04-27', 2),
  (6, 'Fergus Lowe', 'engineer', '2019-10-15', 4),
  (7, 'Gwen Tulloch', 'steward', '2023-06-05', 3),
  (8, 'Harald Moe', 'steward', '2024-05-20', 3);

INSERT INTO crossing_crew (crossing_id, crew_id) VALUES
  (1, 1),
  (1, 3),
  (1, 7),
  (2, 1),
  (2, 3),
  (2, 7),
  (3, 1),
  (3, 4),
  (4, 1),
  (4, 4),
  (4, 5),
  (4, 7),
  (5, 2),
  (5, 4),
  (6, 1),
  (6, 3),
  (7, 2),
  (7, 6),
  (7, 7),
  (8, 5),
  (8, 6),
  (9, 5),
  (9, 6),
  (10, 1),
  (10, 4),
  (10, 5),
  (10, 7),
  (11, 2),
  (11, 4),
  (12, 1),
  (12, 3),
  (13, 1),
  (13, 3),
  (13, 7),
  (14, 1),
  (14, 4),
  (14, 5),
  (14, 7),
  (15, 2),
  (15, 6),
  (16, 5),
  (16, 6),
  (17, 2),
  (17, 4),
  (18, 1),
  (18, 4),
  (19, 1),
  (19, 4),
  (19, 5),
  (19, 7),
  (20, 2),
  (20, 4),
  (21, 2),
  (21, 4),
  (22, 2),
  (22, 6),
  (22, 7),
  (23, 5),
  (23, 6),
  (24, 1),
  (24, 3),
  (25, 1),
  (25, 4),
  (25, 5),
  (25, 7),
  (26, 2),
  (26, 4),
  (27, 1),
  (27, 3);

INSERT INTO amenities (id, amenity_name) VALUES
  (1, 'cafe'),
  (2, 'wifi'),
  (3, 'cabins'),
  (4, 'pet area'),
  (5, 'sun deck');

INSERT INTO vessel_amenities (vessel_id, amenity_id) VALUES
  (1, 1),
  (1, 2),
  (1, 5),
  (2, 1),
  (3, 1),
  (3, 2),
  (3, 3),
  (3, 4),
  (3, 5),
  (5, 2);
