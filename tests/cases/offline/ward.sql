-- A hospital: names that need quotes, a self reference, a bridge with a quantity, dates as text, a view.
CREATE TABLE "Ward" (
    "WardCode" TEXT PRIMARY KEY,
    "Ward Name" TEXT NOT NULL,
    "Floor" INTEGER,
    "Beds" INTEGER
);
CREATE TABLE "Nurse" (
    "NurseID" INTEGER PRIMARY KEY,
    "FirstName" TEXT,
    "LastName" TEXT,
    "Grade" TEXT,
    "Salary" REAL,
    "WardCode" TEXT REFERENCES "Ward"("WardCode"),
    "SupervisorID" INTEGER REFERENCES "Nurse"("NurseID")
);
CREATE TABLE "Patient" (
    "PatientID" INTEGER PRIMARY KEY,
    "Surname" TEXT NOT NULL,
    "Date of Birth" TEXT,
    "Sex" TEXT,
    "Blood Group" TEXT,
    "Town" TEXT
);
CREATE TABLE "Admission" (
    "AdmissionID" INTEGER PRIMARY KEY,
    "PatientID" INTEGER NOT NULL REFERENCES "Patient"("PatientID"),
    "WardCode" TEXT NOT NULL REFERENCES "Ward"("WardCode"),
    "AdmittedOn" TEXT NOT NULL,
    "DischargedOn" TEXT,
    "Diagnosis" TEXT,
    "Total Cost" REAL
);
CREATE TABLE "Treatment" (
    "TreatmentID" INTEGER PRIMARY KEY,
    "TreatmentName" TEXT NOT NULL,
    "Unit Price" REAL
);
CREATE TABLE "Admission Treatment" (
    "AdmissionID" INTEGER NOT NULL REFERENCES "Admission"("AdmissionID"),
    "TreatmentID" INTEGER NOT NULL REFERENCES "Treatment"("TreatmentID"),
    "Quantity" INTEGER NOT NULL,
    "GivenOn" TEXT,
    PRIMARY KEY ("AdmissionID", "TreatmentID")
);
CREATE VIEW "Current Inpatients" AS
    SELECT p."PatientID", p."Surname", a."WardCode" FROM "Patient" p JOIN "Admission" a ON a."PatientID" = p."PatientID"
    WHERE a."DischargedOn" IS NULL;

INSERT INTO "Ward" VALUES
    ('CAR', 'Cardiology', 3, 24), ('ORT', 'Orthopaedics', 2, 30), ('PED', 'Paediatrics', 1, 18), ('ICU', 'Intensive Care', 4, 10),
    ('MAT', 'Maternity', 1, 16);
INSERT INTO "Nurse" VALUES
    (1, 'Ellen', 'Marsh', 'Senior', 41200, 'CAR', NULL), (2, 'Joao', 'Pires', 'Staff', 33500, 'CAR', 1),
    (3, 'Wendy', 'Achterberg', 'Staff', 32900, 'ORT', 1), (4, 'Kofi', 'Badu', 'Senior', 40100, 'ORT', 1),
    (5, 'Lina', 'Sorensen', 'Junior', 28400, 'PED', 4), (6, 'Tariq', 'Aziz', 'Staff', 34100, 'ICU', 1),
    (7, 'Moira', 'Keane', 'Senior', 42700, 'ICU', NULL), (8, 'Pavel', 'Dvorak', 'Junior', 27900, 'ICU', 7),
    (9, 'Grace', 'O''Hara', 'Staff', 33800, 'CAR', 1);
INSERT INTO "Patient" VALUES
    (11, 'Abernathy', '1948-05-02', 'F', 'A+', 'Wexcombe'), (12, 'Bianchi', '1972-11-19', 'M', 'O+', 'Laneford'),
    (13, 'Castellan', '2016-07-30', 'F', 'B-', 'Wexcombe'), (14, 'Driscoll', '1985-01-12', 'M', 'O-', 'Tarnby'),
    (15, 'Eriksen', '1960-09-25', 'F', 'A-', 'Laneford'), (16, 'Fontaine', '1991-03-08', 'F', 'AB+', 'Wexcombe'),
    (17, 'Gallagher', '2012-12-04', 'M', 'O+', 'Tarnby'), (18, 'Hollis', '1939-06-17', 'M', 'A+', NULL),
    (19, 'Iversen', '1978-02-21', 'F', 'B+', 'Laneford'), (20, 'Jankowski', '1999-10-10', 'M', 'O+', 'Wexcombe');
INSERT INTO "Admission" VALUES
    (201, 11, 'CAR', '2025-01-04', '2025-01-12', 'Angina', 5200), (202, 12, 'ORT', '2025-01-09', '2025-01-15', 'Fracture', 3900),
    (203, 13, 'PED', '2025-01-22', '2025-01-24', 'Asthma', 1150), (204, 14, 'ORT', '2025-02-02', '2025-02-11', 'Fracture', 4450),
    (205, 15, 'CAR', '2025-02-07', '2025-02-20', 'Heart Failure', 8800), (206, 16, 'MAT', '2025-02-14', '2025-02-16', 'Delivery', 2100),
    (207, 11, 'ICU', '2025-02-25', '2025-03-06', 'Heart Failure', 15600), (208, 17, 'PED', '2025-03-01', '2025-03-03', 'Fracture', 1800),
    (209, 18, 'ICU', '2025-03-05', NULL, 'Stroke', 19200), (210, 12, 'ORT', '2025-03-11', '2025-03-14', 'Sprain', 950),
    (211, 19, 'CAR', '2025-03-18', NULL, 'Angina', 4700), (212, 11, 'CAR', '2025-03-24', NULL, 'Heart Failure', 6100),
    (213, 13, 'PED', '2025-03-27', NULL, 'Asthma', 700);
INSERT INTO "Treatment" VALUES
    (1, 'Physiotherapy', 60), (2, 'X-Ray', 120), (3, 'Oxygen Therapy', 85), (4, 'Echocardiogram', 310), (5, 'Blood Transfusion', 450),
    (6, 'Hydrotherapy', 75);
INSERT INTO "Admission Treatment" VALUES
    (201, 4, 2, '2025-01-05'), (201, 3, 3, '2025-01-06'), (202, 2, 1, '2025-01-09'), (202, 1, 5, '2025-01-12'),
    (203, 3, 4, '2025-01-22'), (204, 2, 2, '2025-02-02'), (204, 1, 7, '2025-02-06'), (205, 4, 3, '2025-02-08'),
    (205, 3, 6, '2025-02-09'), (207, 3, 9, '2025-02-25'), (207, 5, 2, '2025-02-27'), (207, 4, 1, '2025-03-01'),
    (208, 2, 1, '2025-03-01'), (209, 3, 12, '2025-03-05'), (209, 5, 4, '2025-03-07'), (210, 2, 1, '2025-03-11'),
    (211, 4, 1, '2025-03-19'), (212, 4, 2, '2025-03-25'), (213, 3, 2, '2025-03-27');
