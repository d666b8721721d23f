-- A film festival in June 2025: films and who made them, where and when they ran, prizes, volunteers.

CREATE TABLE Director (
  DirectorId INTEGER PRIMARY KEY,
  FullName   TEXT NOT NULL,
  Country    TEXT NOT NULL,
  BirthYear  INTEGER NOT NULL
);
CREATE TABLE Film (
  FilmId         INTEGER PRIMARY KEY,
  Title          TEXT NOT NULL,
  DirectorId     INTEGER NOT NULL REFERENCES Director(DirectorId),
  Genre          TEXT NOT NULL,
  Language       TEXT NOT NULL,
  ReleaseYear    INTEGER NOT NULL,
  RuntimeMinutes INTEGER NOT NULL,
  BudgetUsd      INTEGER,
  JuryScore      REAL NOT NULL,
  AudienceRating REAL NOT NULL,
  IsPremiere     INTEGER NOT NULL
);
CREATE TABLE Venue (
  VenueId   INTEGER PRIMARY KEY,
  VenueName TEXT NOT NULL,
  City      TEXT NOT NULL,
  SeatCount INTEGER NOT NULL
);
CREATE TABLE Screening (
  ScreeningId INTEGER PRIMARY KEY,
  FilmId      INTEGER NOT NULL REFERENCES Film(FilmId),
  VenueId     INTEGER NOT NULL REFERENCES Venue(VenueId),
  StartsAt    DATETIME NOT NULL,
  TicketPrice REAL NOT NULL,
  TicketsSold INTEGER NOT NULL
);
CREATE TABLE Award (
  AwardId    INTEGER PRIMARY KEY,
  AwardName  TEXT NOT NULL,
  PrizeMoney INTEGER NOT NULL
);
CREATE TABLE Nomination (
  NominationId INTEGER PRIMARY KEY,
  AwardId      INTEGER NOT NULL REFERENCES Award(AwardId),
  FilmId       INTEGER NOT NULL REFERENCES Film(FilmId),
  Won          INTEGER NOT NULL
);
CREATE TABLE Volunteer (
  VolunteerId   INTEGER PRIMARY KEY,
  VolunteerName TEXT NOT NULL,
  VenueId       INTEGER REFERENCES Venue(VenueId),
  Language      TEXT NOT NULL,
  HoursWorked   INTEGER NOT NULL
);

INSERT INTO Director (DirectorId, FullName, Country, BirthYear) VALUES
  (1, 'Marta Kowalczyk', 'Poland', 1971),
  (2, 'Idris Okafor', 'Nigeria', 1984),
  (3, 'Helene Marchand', 'France', 1958),
  (4, 'Tomas Rivera', 'Mexico', 1979),
  (5, 'Yuki Tanabe', 'Japan', 1990),
  (6, 'Sigrid Aasen', 'Norway', 1966),
  (7, 'Paolo Brambilla', 'Italy', 1949),
  (8, 'Leila Haddad', 'Lebanon', 1987),
  (9, 'Owen Pryce', 'Wales', 1975);

INSERT INTO Film (FilmId, Title, DirectorId, Genre, Language, ReleaseYear, RuntimeMinutes, BudgetUsd, JuryScore, AudienceRating, IsPremiere) VALUES
  (1, 'Salt on the Window', 1, 'Drama', 'Polish', 2023, 112, 2400000, 7.8, 8.1, 0),
  (2, 'Harbor Lights', 6, 'Documentary', 'Norwegian', 2024, 84, 650000, 8.4, 7.6, 1),
  (3, 'Forecast for Tomorrow', 2, 'Comedy', 'English', 2024, 97, 3100000, 6.9, 8.7, 1),
  (4, 'The Glass Orchard', 3, 'Drama', 'French', 2022, 131, 5200000, 8.9, 7.2, 0),
  (5, 'Drop Everything', 4, 'Thriller', 'Spanish', 2024, 105, 4100000, 7.1, 7.9, 1),
  (6, 'Nine Quiet Rooms', 5, 'Horror', 'Japanese', 2023, 92, 1800000, 7.5, 6.8, 0),
  (7, 'Why the River Waits', 8, 'Drama', 'Arabic', 2024, 118, 1250000, 8.2, 8.3, 1),
  (8, 'Tin Soldiers', 9, 'Comedy', 'English', 2021, 101, 2900000, 5.8, 7.0, 0),
  (9, 'A Map of Bees', 6, 'Documentary', 'Norwegian', 2022, 76, 480000, 7.9, 8.5, 0),
  (10, 'Lanterns', 5, 'Drama', 'Japanese', 2024, 109, 2750000, 8.6, 8.9, 1),
  (11, 'La Corda', 7, 'Thriller', 'Italian', 2023, 126, 3650000, 6.4, 6.1, 0),
  (12, 'Midnight Tram', 2, 'Thriller', 'English', 2023, 99, 2200000, 7.3, 7.4, 0),
  (13, 'The Last Beekeeper', 1, 'Documentary', 'Polish', 2024, 88, NULL, 8.0, 7.7, 1),
  (14, 'Paper Moons Over Oslo', 6, 'Comedy', 'Norwegian', 2023, 94, 1600000, 6.6, 7.8, 0);

INSERT INTO Venue (VenueId, VenueName, City, SeatCount) VALUES
  (1, 'Odeon Harbor', 'Brightport', 420),
  (2, 'The Lantern Room', 'Brightport', 150),
  (3, 'Grand Palace', 'Wexley', 610),
  (4, 'Mill Street Cinema', 'Wexley', 230),
  (5, 'Open Air Meadow', 'Farrow', 900);

INSERT INTO Screening (ScreeningId, FilmId, VenueId, StartsAt, TicketPrice, TicketsSold) VALUES
  (1, 1, 1, '2025-06-05 18:00', 11.5, 278),
  (2, 2, 2, '2025-06-05 19:30', 9.0, 90),
  (3, 3, 3, '2025-06-05 20:00', 14.0, 443),
  (4, 4, 3, '2025-06-06 17:00', 14.0, 435),
  (5, 5, 4, '2025-06-06 21:15', 10.0, 148),
  (6, 6, 2, '2025-06-06 23:00', 9.0, 65),
  (7, 7, 1, '2025-06-07 16:30', 11.5, 337),
  (8, 3, 5, '2025-06-07 21:30', 16.5, 721),
  (9, 9, 2, '2025-06-07 11:00', 6.5, 91),
  (10, 10, 3, '2025-06-07 19:45', 14.0, 515),
  (11, 11, 4, '2025-06-07 20:30', 10.0, 86),
  (12, 1, 4, '2025-06-08 14:00', 7.5, 129),
  (13, 12, 1, '2025-06-08 21:00', 11.5, 234),
  (14, 10, 5, '2025-06-08 22:00', 16.5, 900),
  (15, 4, 1, '2025-06-08 17:15', 11.5, 277),
  (16, 13, 2, '2025-06-09 18:30', 9.0, 100),
  (17, 2, 4, '2025-06-09 20:00', 10.0, 162),
  (18, 7, 3, '2025-06-10 19:00', 14.0, 411),
  (19, 5, 1, '2025-06-10 21:30', 11.5, 326),
  (20, 6, 4, '2025-06-11 22:30', 10.0, 114),
  (21, 9, 1, '2025-06-12 17:00', 11.5, 219),
  (22, 3, 1, '2025-06-12 20:15', 11.5, 321),
  (23, 10, 1, '2025-06-13 20:00', 11.5, 420),
  (24, 12, 3, '2025-06-13 22:15', 14.0, 338),
  (25, 11, 3, '2025-06-14 15:00', 11.5, 227),
  (26, 7, 5, '2025-06-14 21:45', 16.5, 744),
  (27, 13, 4, '2025-06-14 13:30', 7.5, 155),
  (28, 4, 4, '2025-06-15 16:00', 10.0, 147),
  (29, 10, 3, '2025-06-15 19:30', 14.0, 587);

INSERT INTO Award (AwardId, AwardName, PrizeMoney) VALUES
  (1, 'Golden Heron', 25000),
  (2, 'Silver Heron', 12000),
  (3, 'Audience Prize', 8000),
  (4, 'Best Debut', 10000),
  (5, 'Documentary Prize', 6000),
  (6, 'Young Critics Award', 3000);

INSERT INTO Nomination (NominationId, AwardId, FilmId, Won) VALUES
  (1, 1, 4, 1),
  (2, 1, 10, 0),
  (3, 1, 7, 0),
  (4, 2, 10, 1),
  (5, 2, 2, 0),
  (6, 3, 3, 0),
  (7, 3, 10, 1),
  (8, 3, 7, 0),
  (9, 5, 2, 1),
  (10, 5, 9, 0),
  (11, 5, 13, 0),
  (12, 6, 12, 0),
  (13, 6, 5, 1),
  (14, 2, 1, 0),
  (15, 6, 10, 0);

INSERT INTO Volunteer (VolunteerId, VolunteerName, VenueId, Language, HoursWorked) VALUES
  (1, 'Abel Moreau', 1, 'French', 34),
  (2, 'Britt Larsen', 3, 'Norwegian', 21),
  (3, 'Chidi Eze', 3, 'English', 40),
  (4, 'Dora Nagy', 2, 'English', 12),
  (5, 'Emil Varga', NULL, 'Polish', 0),
  (6, 'Fay Wong', 5, 'English', 28),
  (7, 'Gus Harmon', 4, 'English', 17),
  (8, 'Hana Sato', 1, 'Japanese', 25);
