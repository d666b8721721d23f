-- A lending library: an n:m bridge, a self reference, two facts over the same keys, open loans as NULL, a view.
CREATE TABLE authors (
    author_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    country TEXT,
    born INTEGER
);
CREATE TABLE books (
    isbn TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    genre TEXT,
    pages INTEGER,
    published INTEGER,
    price REAL
);
CREATE TABLE book_authors (
    isbn TEXT NOT NULL REFERENCES books(isbn),
    author_id INTEGER NOT NULL REFERENCES authors(author_id),
    PRIMARY KEY (isbn, author_id)
);
CREATE TABLE members (
    member_id INTEGER PRIMARY KEY,
    full_name TEXT NOT NULL,
    city TEXT,
    joined_on TEXT,
    email TEXT,
    referred_by INTEGER REFERENCES members(member_id)
);
CREATE TABLE loans (
    loan_id INTEGER PRIMARY KEY,
    isbn TEXT NOT NULL REFERENCES books(isbn),
    member_id INTEGER NOT NULL REFERENCES members(member_id),
    loaned_on TEXT NOT NULL,
    returned_on TEXT,
    fine REAL
);
CREATE TABLE reservations (
    reservation_id INTEGER PRIMARY KEY,
    isbn TEXT NOT NULL REFERENCES books(isbn),
    member_id INTEGER NOT NULL REFERENCES members(member_id),
    reserved_on TEXT NOT NULL
);
CREATE VIEW open_loans AS SELECT loan_id, isbn, member_id, loaned_on FROM loans WHERE returned_on IS NULL;

INSERT INTO authors VALUES
    (1, 'Ingrid Solvang', 'Norway', 1951), (2, 'Tomas Arrieta', 'Chile', 1968), (3, 'Efua Mensah', 'Ghana', 1974),
    (4, 'Kenji Morita', 'Japan', 1939), (5, 'Aoife Brannigan', 'Ireland', 1982), (6, 'Lars Fjeld', 'Norway', 1990),
    (7, 'Paloma Rey', 'Chile', NULL);
INSERT INTO books VALUES
    ('978-0-01', 'The Salt Road', 'Mystery', 412, 2003, 14.5), ('978-0-02', 'A Winter Ledger', 'History', 688, 1998, 32),
    ('978-0-03', 'Small Lanterns', 'Poetry', 96, 2015, 9.9), ('978-0-04', 'The Glass Harbour', 'Mystery', 355, 2011, 12.25),
    ('978-0-05', 'Moths and Moons', 'Children', 48, 2019, 8), ('978-0-06', 'How Rivers Think', 'Science', 274, 2017, 21.75),
    ('978-0-07', 'The Iron Choir', 'History', 530, 2009, 27.4), ('978-0-08', 'Cold Arithmetic', 'Science', 301, 2021, 24),
    ('978-0-09', 'The Ninth Bell', 'Mystery', 389, 2020, 15.8), ('978-0-10', 'Pocket of Rain', 'Poetry', 72, 1987, 7.5),
    ('978-0-11', 'Orchard of Foxes', 'Children', 64, 2022, 10.4), ('978-0-12', 'A Bridge Unbuilt', NULL, 240, 2013, 18.6);
INSERT INTO book_authors VALUES
    ('978-0-01', 1), ('978-0-02', 4), ('978-0-03', 3), ('978-0-04', 1), ('978-0-04', 6), ('978-0-05', 5), ('978-0-06', 2),
    ('978-0-06', 3), ('978-0-07', 4), ('978-0-08', 2), ('978-0-09', 1), ('978-0-10', 3), ('978-0-11', 5), ('978-0-11', 6),
    ('978-0-12', 2);
INSERT INTO members VALUES
    (101, 'Nora Whitfield', 'Harwick', '2021-03-14', 'nora@mail.example', NULL),
    (102, 'Samuel Okoye', 'Millbrook', '2021-09-02', 'sam@mail.example', 101),
    (103, 'Petra Lindqvist', 'Harwick', '2022-01-20', NULL, 101), (104, 'Dmitri Valk', 'Eastvale', '2022-06-11', 'dv@mail.example', 102),
    (105, 'Hana Takeda', 'Millbrook', '2023-02-05', 'hana@mail.example', 101), (106, 'Oscar Reyes', 'Harwick', '2023-11-30', NULL, NULL),
    (107, 'Maeve Doyle', 'Eastvale', '2024-05-17', 'maeve@mail.example', 104), (108, 'Ravi Menon', 'Stonebridge', '2025-01-09', NULL, NULL);
INSERT INTO loans VALUES
    (1, '978-0-01', 101, '2024-01-08', '2024-01-22', 0), (2, '978-0-02', 101, '2024-02-12', '2024-03-20', 3.5),
    (3, '978-0-01', 102, '2024-02-15', '2024-03-01', 0), (4, '978-0-05', 103, '2024-03-03', '2024-03-10', 0),
    (5, '978-0-04', 101, '2024-04-19', '2024-05-30', 4.25), (6, '978-0-06', 104, '2024-05-21', '2024-06-02', 0),
    (7, '978-0-09', 102, '2024-06-10', '2024-08-01', 7), (8, '978-0-01', 105, '2024-07-04', '2024-07-18', 0),
    (9, '978-0-07', 103, '2024-08-23', '2024-10-05', 5.5), (10, '978-0-08', 106, '2024-09-09', '2024-09-20', 0),
    (11, '978-0-04', 105, '2024-10-14', '2024-10-28', 0), (12, '978-0-11', 103, '2024-11-02', '2024-11-16', 0),
    (13, '978-0-09', 101, '2024-12-05', '2025-01-15', 2.75), (14, '978-0-02', 104, '2024-12-20', '2025-01-03', 0),
    (15, '978-0-01', 106, '2025-01-13', '2025-01-27', 0), (16, '978-0-06', 101, '2025-01-30', '2025-02-10', 0),
    (17, '978-0-03', 105, '2025-02-07', '2025-02-25', 1), (18, '978-0-09', 103, '2025-02-18', NULL, NULL),
    (19, '978-0-08', 102, '2025-03-01', NULL, NULL), (20, '978-0-05', 101, '2025-03-12', NULL, NULL),
    (21, '978-0-01', 107, '2025-03-21', NULL, NULL);
INSERT INTO reservations VALUES
    (1, '978-0-09', 104, '2025-01-20'), (2, '978-0-01', 103, '2025-02-02'), (3, '978-0-09', 105, '2025-02-20'),
    (4, '978-0-08', 101, '2025-03-04'), (5, '978-0-01', 101, '2025-03-22');
