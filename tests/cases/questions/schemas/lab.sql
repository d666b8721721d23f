-- A clinic laboratory. Nothing is declared: no primary keys, no foreign keys.

CREATE TABLE patients (
  patient_no    INTEGER,
  full_name     TEXT,
  sex           TEXT,
  date_of_birth TEXT,
  town          TEXT,
  insurer       TEXT
);
CREATE TABLE clinicians (
  clinician_no INTEGER,
  full_name    TEXT,
  specialty    TEXT,
  ward         TEXT
);
CREATE TABLE assays (
  assay_code       TEXT,
  assay_name       TEXT,
  panel            TEXT,
  unit             TEXT,
  low_limit        REAL,
  high_limit       REAL,
  fee              REAL,
  turnaround_hours INTEGER
);
CREATE TABLE requests (
  request_no   INTEGER,
  patient_no   INTEGER,
  clinician_no INTEGER,
  requested_on TEXT,
  priority     TEXT,
  reason       TEXT
);
CREATE TABLE samples (
  sample_no        INTEGER,
  request_no       INTEGER,
  sample_type      TEXT,
  collected_on     TEXT,
  rejected         TEXT,
  rejection_reason TEXT
);
CREATE TABLE results (
  result_no      INTEGER,
  request_no     INTEGER,
  assay_code     TEXT,
  measured_value REAL,
  flag           TEXT,
  reported_on    TEXT
);

INSERT INTO patients (patient_no, full_name, sex, date_of_birth, town, insurer) VALUES
  (1001, 'Agnes Bell', 'F', '1948-02-17', 'Norwick', 'Unity Health'),
  (1002, 'Bruno Castell', 'M', '1962-11-03', 'Norwick', 'MediSure'),
  (1003, 'Clara Doyle', 'F', '1990-06-25', 'Ashby', 'Unity Health'),
  (1004, 'Dario Esteves', 'M', '1975-01-30', 'Thornley', 'CareFirst'),
  (1005, 'Elsa Lindqvist', 'F', '1983-09-12', 'Ashby', 'MediSure'),
  (1006, 'Felix Grant', 'M', '2001-04-08', 'Norwick', NULL),
  (1007, 'Gita Iyer', 'F', '1969-12-19', 'Thornley', 'Unity Health'),
  (1008, 'Hugo Jansen', 'M', '1955-07-04', 'Norwick', 'CareFirst'),
  (1009, 'Irma Kovacs', 'F', '1997-03-22', 'Ashby', 'Unity Health'),
  (1010, 'Jude Long', 'M', '1988-10-11', 'Thornley', 'MediSure'),
  (1011, 'Kira Novak', 'F', '1979-05-16', 'Norwick', 'Unity Health');

INSERT INTO clinicians (clinician_no, full_name, specialty, ward) VALUES
  (11, 'Dr. Amara Shaw', 'Cardiology', 'East Wing'),
  (12, 'Dr. Nils Lindqvist', 'Nephrology', 'West Wing'),
  (13, 'Dr. Rosa Mendes', 'General Medicine', 'East Wing'),
  (14, 'Dr. Victor Hale', 'Endocrinology', 'North Wing'),
  (15, 'Dr. Wendy Zhou', 'Pediatrics', 'North Wing');

INSERT INTO assays (assay_code, assay_name, panel, unit, low_limit, high_limit, fee, turnaround_hours) VALUES
  ('GLU', 'Glucose', 'Metabolic', 'mg/dL', 70, 99, 9.5, 4),
  ('A1C', 'Hemoglobin A1c', 'Metabolic', '%', 4.0, 5.6, 18.0, 24),
  ('CRE', 'Creatinine', 'Renal', 'mg/dL', 0.6, 1.3, 8.75, 6),
  ('POT', 'Potassium', 'Renal', 'mmol/L', 3.5, 5.1, 7.25, 5),
  ('CHO', 'Cholesterol', 'Lipid', 'mg/dL', 125, 200, 11.0, 12),
  ('TSH', 'Thyrotropin', 'Hormone', 'mIU/L', 0.4, 4.0, 22.5, 48),
  ('CRP', 'C-reactive protein', 'Inflammation', 'mg/L', 0, 5, 13.75, 8),
  ('VTD', 'Vitamin D', 'Hormone', 'ng/mL', 30, 100, 31.0, 72);

INSERT INTO requests (request_no, patient_no, clinician_no, requested_on, priority, reason) VALUES
  (3001, 1001, 11, '2024-09-03', 'routine', 'annual check'),
  (3002, 1002, 12, '2024-09-10', 'routine', 'follow-up'),
  (3003, 1004, 14, '2024-09-18', 'urgent', 'dizziness'),
  (3004, 1001, 12, '2024-10-02', 'routine', 'follow-up'),
  (3005, 1005, 13, '2024-10-07', 'routine', 'annual check'),
  (3006, 1007, 14, '2024-10-15', 'routine', 'fatigue'),
  (3007, 1008, 11, '2024-10-28', 'urgent', 'chest pain'),
  (3008, 1002, 12, '2024-11-04', 'routine', 'follow-up'),
  (3009, 1003, 13, '2024-11-11', 'routine', 'pregnancy'),
  (3010, 1008, 11, '2024-11-13', 'urgent', 'chest pain'),
  (3011, 1010, 13, '2024-11-20', 'routine', 'fatigue'),
  (3012, 1004, 14, '2024-12-02', 'routine', 'follow-up'),
  (3013, 1009, 13, '2024-12-09', 'urgent', 'fever'),
  (3014, 1001, 11, '2024-12-17', 'routine', 'follow-up'),
  (3015, 1007, 14, '2025-01-08', 'routine', 'follow-up'),
  (3016, 1005, 13, '2025-01-14', 'routine', 'fatigue'),
  (3017, 1002, 12, '2025-01-21', 'urgent', 'swelling'),
  (3018, 1003, 13, '2025-01-29', 'routine', 'follow-up'),
  (3019, 1008, 11, '2025-02-05', 'routine', 'follow-up'),
  (3020, 1010, 14, '2025-02-12', 'urgent', 'dizziness'),
  (3021, 1001, 12, '2025-02-19', 'routine', 'annual check'),
  (3022, 1011, 13, '2025-02-26', 'routine', 'annual check');

INSERT INTO samples (sample_no, request_no, sample_type, collected_on, rejected, rejection_reason) VALUES
  (8001, 3001, 'urine', '2024-09-03', 'no', NULL),
  (8002, 3002, 'blood', '2024-09-12', 'no', NULL),
  (8003, 3003, 'blood', '2024-09-19', 'no', NULL),
  (8004, 3004, 'blood', '2024-10-02', 'yes', 'clotted'),
  (8005, 3004, 'blood', '2024-10-05', 'no', NULL),
  (8006, 3005, 'blood', '2024-10-07', 'no', NULL),
  (8007, 3006, 'blood', '2024-10-15', 'no', NULL),
  (8008, 3007, 'swab', '2024-10-29', 'no', NULL),
  (8009, 3008, 'urine', '2024-11-06', 'no', NULL),
  (8010, 3009, 'blood', '2024-11-12', 'yes', 'too little'),
  (8011, 3009, 'blood', '2024-11-15', 'no', NULL),
  (8012, 3010, 'blood', '2024-11-14', 'no', NULL),
  (8013, 3011, 'blood', '2024-11-20', 'no', NULL),
  (8014, 3012, 'blood', '2024-12-02', 'no', NULL),
  (8015, 3013, 'swab', '2024-12-09', 'no', NULL),
  (8016, 3014, 'blood', '2024-12-18', 'no', NULL),
  (8017, 3015, 'blood', '2025-01-09', 'yes', 'unlabelled'),
  (8018, 3016, 'blood', '2025-01-15', 'no', NULL),
  (8019, 3017, 'urine', '2025-01-21', 'no', NULL),
  (8020, 3018, 'urine', '2025-01-31', 'no', NULL),
  (8021, 3019, 'blood', '2025-02-05', 'no', NULL),
  (8022, 3020, 'blood', '2025-02-13', 'yes', 'clotted'),
  (8023, 3020, 'blood', '2025-02-16', 'no', NULL),
  (8024, 3021, 'blood', '2025-02-19', 'no', NULL);

INSERT INTO results (result_no, request_no, assay_code, measured_value, flag, reported_on) VALUES
  (1, 3001, 'GLU', 144.2, 'high', '2024-09-05'),
  (2, 3001, 'CHO', 162.5, 'normal', '2024-09-06'),
  (3, 3001, 'POT', 4.4, 'normal', '2024-09-04'),
  (4, 3002, 'CRE', 1.26, 'normal', '2024-09-12'),
  (5, 3002, 'POT', 6.02, 'high', '2024-09-11'),
  (6, 3003, 'GLU', 73.1, 'normal', '2024-09-19'),
  (7, 3003, 'A1C', 4.98, 'normal', '2024-09-21'),
  (8, 3004, 'CRE', 0.43, 'low', '2024-10-03'),
  (9, 3004, 'POT', 4.15, 'normal', '2024-10-03'),
  (10, 3004, 'CRP', 6.92, 'high', '2024-10-03'),
  (11, 3005, 'GLU', 60.6, 'low', '2024-10-10'),
  (12, 3005, 'CHO', 143.9, 'normal', '2024-10-08'),
  (13, 3005, 'TSH', 4.85, 'high', '2024-10-10'),
  (14, 3006, 'TSH', 0.78, 'normal', '2024-10-19'),
  (15, 3006, 'VTD', 68.2, 'normal', '2024-10-19'),
  (16, 3007, 'POT', 6.02, 'high', '2024-10-29'),
  (17, 3007, 'CHO', 193.8, 'normal', '2024-10-30'),
  (18, 3007, 'CRP', 7.99, 'high', '2024-10-30'),
  (19, 3008, 'CRE', 0.96, 'normal', '2024-11-06'),
  (20, 3008, 'POT', 4.21, 'normal', '2024-11-06'),
  (21, 3009, 'GLU', 96.1, 'normal', '2024-11-12'),
  (22, 3009, 'TSH', 1.16, 'normal', '2024-11-14'),
  (23, 3009, 'VTD', 109.1, 'high', '2024-11-17'),
  (24, 3010, 'POT', 4.13, 'normal', '2024-11-16'),
  (25, 3010, 'CRP', 4.33, 'normal', '2024-11-14'),
  (26, 3011, 'TSH', 2.39, 'normal', '2024-11-24'),
  (27, 3011, 'VTD', 78.7, 'normal', '2024-11-26'),
  (28, 3011, 'GLU', 79.6, 'normal', '2024-11-23'),
  (29, 3012, 'GLU', 157.8, 'high', '2024-12-05'),
  (30, 3012, 'A1C', 4.48, 'normal', '2024-12-05'),
  (31, 3013, 'CRP', 1.86, 'normal', '2024-12-11'),
  (32, 3013, 'GLU', 45.6, 'low', '2024-12-10'),
  (33, 3014, 'CHO', 190.6, 'normal', '2024-12-20'),
  (34, 3014, 'POT', 4.97, 'normal', '2024-12-20'),
  (35, 3016, 'TSH', 1.24, 'normal', '2025-01-17'),
  (36, 3016, 'CRP', 5.26, 'high', '2025-01-16'),
  (37, 3017, 'CRE', 1.08, 'normal', '2025-01-22'),
  (38, 3017, 'POT', 4.4, 'normal', '2025-01-22'),
  (39, 3017, 'GLU', 82.5, 'normal', '2025-01-22'),
  (40, 3018, 'GLU', 120.7, 'high', '2025-01-30'),
  (41, 3018, 'TSH', 3.25, 'normal', '2025-02-01'),
  (42, 3019, 'CHO', 285.8, 'high', '2025-02-07'),
  (43, 3019, 'CRP', 4.48, 'normal', '2025-02-07'),
  (44, 3020, 'GLU', 92.5, 'normal', '2025-02-13'),
  (45, 3020, 'A1C', 4.39, 'normal', '2025-02-14'),
  (46, 3020, 'CRE', 1.18, 'normal', '2025-02-13'),
  (47, 3021, 'CRE', 0.51, 'low', '2025-02-21'),
  (48, 3021, 'CHO', 111.1, 'low', '2025-02-20'),
  (49, 3021, 'GLU', 96.6, 'normal', '2025-02-21');
