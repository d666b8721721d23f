-- A power company: customers, meters, readings with a quantity and an amount, tariffs with percents, offers of rivals
-- beside our own prices, outages with a severity, dates with a time of day, names run together.
CREATE TABLE Customer (
    CustomerNo INTEGER PRIMARY KEY,
    CustomerName TEXT NOT NULL,
    Segment TEXT NOT NULL,
    Region TEXT NOT NULL
);
CREATE TABLE Tariff (
    TariffCode TEXT PRIMARY KEY,
    TariffName TEXT NOT NULL,
    GreenSharePct REAL NOT NULL
);
CREATE TABLE Meter (
    MeterNo INTEGER PRIMARY KEY,
    CustomerNo INTEGER NOT NULL REFERENCES Customer(CustomerNo),
    TariffCode TEXT NOT NULL REFERENCES Tariff(TariffCode),
    IsSmart TEXT NOT NULL
);
CREATE TABLE Bill (
    BillNo INTEGER PRIMARY KEY,
    MeterNo INTEGER NOT NULL REFERENCES Meter(MeterNo),
    BillDate TEXT NOT NULL,
    EnergyKwh INTEGER NOT NULL,
    Amount REAL NOT NULL,
    Paid TEXT NOT NULL
);
CREATE TABLE Outage (
    OutageNo INTEGER PRIMARY KEY,
    Region TEXT NOT NULL,
    StartedAt TEXT NOT NULL,
    DurationMinutes INTEGER NOT NULL,
    Cause TEXT NOT NULL
);
CREATE TABLE RivalOffer (
    OfferNo INTEGER PRIMARY KEY,
    TariffCode TEXT NOT NULL REFERENCES Tariff(TariffCode),
    RivalName TEXT NOT NULL,
    RivalPrice REAL NOT NULL,
    OurPrice REAL NOT NULL,
    OfferDate TEXT NOT NULL
);
INSERT INTO Customer VALUES
    (1, 'Alder Foods', 'Business', 'Northvale'), (2, 'Birch Clinic', 'Public', 'Northvale'), (3, 'Cedar Homes', 'Household', 'Eastmoor'),
    (4, 'Dogwood School', 'Public', 'Eastmoor'), (5, 'Elm Bakery', 'Business', 'Westfen'), (6, 'Fir Apartments', 'Household', 'Westfen'),
    (7, 'Ginkgo Labs', 'Business', 'Northvale'), (8, 'Hazel Court', 'Household', 'Eastmoor'), (9, 'Iris Hotel', 'Business', 'Westfen');
INSERT INTO Tariff VALUES ('B1', 'Basic', 20), ('G1', 'Green Plus', 100), ('N1', 'Night Saver', 35);
INSERT INTO Meter VALUES
    (101, 1, 'B1', 'Y'), (102, 1, 'N1', 'Y'), (103, 2, 'G1', 'Y'), (104, 3, 'B1', 'N'), (105, 4, 'G1', 'N'), (106, 5, 'B1', 'Y'),
    (107, 6, 'N1', 'N'), (108, 7, 'G1', 'Y'), (109, 8, 'B1', 'N'), (110, 9, 'N1', 'Y');
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 239)
INSERT INTO Bill
SELECT i + 1, 101 + i % 10, date('2023-01-15', '+' || (i / 10) || ' months'),
    300 + (i * 53 + (i % 10) * 211) % 900, round((300 + (i * 53 + (i % 10) * 211) % 900) * (0.21 + (i % 10) * 0.01), 2),
    CASE WHEN (i * 29) % 11 < 9 THEN 'Y' ELSE 'N' END
FROM n
WHERE NOT (101 + i % 10 = 109 AND i / 10 >= 18) AND NOT (101 + i % 10 = 110 AND i / 10 < 14);
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 89)
INSERT INTO Outage
SELECT i + 1, CASE (i * 7) % 5 WHEN 0 THEN 'Northvale' WHEN 1 THEN 'Eastmoor' WHEN 2 THEN 'Eastmoor' ELSE 'Westfen' END,
    datetime('2023-01-04 05:30:00', '+' || (i * 8) || ' days', '+' || (i * 5 % 24) || ' hours'), 10 + (i * 41) % 230,
    CASE (i * 3) % 4 WHEN 0 THEN 'Storm' WHEN 1 THEN 'Equipment' WHEN 2 THEN 'Storm' ELSE 'Digging' END
FROM n;
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 47)
INSERT INTO RivalOffer
SELECT i + 1, CASE i % 3 WHEN 0 THEN 'B1' WHEN 1 THEN 'G1' ELSE 'N1' END,
    CASE (i / 3) % 2 WHEN 0 THEN 'Lumen Energy' ELSE 'Volta Direct' END,
    round(0.22 + ((i * 17) % 23) / 200.0, 3), round(0.25 + (i % 3) * 0.02, 3), date('2024-01-31', '+' || (i / 6) || ' months')
FROM n;
