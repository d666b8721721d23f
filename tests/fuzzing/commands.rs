//! Statements that are no queries, and queries that reach out: everything a gate must keep from a database.

use super::queries::{Names, Queries};
use super::random::Random;

/// Files that a statement may try to make, in the working folder or elsewhere.
pub const PLANTED: &[&str] = &["planted.db", "planted.txt", "planted.so"];

const PRAGMAS: &[&str] = &[
    "query_only",
    "journal_mode",
    "writable_schema",
    "user_version",
    "application_id",
    "schema_version",
    "auto_vacuum",
    "page_size",
    "hard_heap_limit",
    "soft_heap_limit",
    "wal_checkpoint",
    "wal_autocheckpoint",
    "incremental_vacuum",
    "optimize",
    "table_info",
    "table_list",
    "database_list",
    "index_list",
    "foreign_key_check",
    "integrity_check",
    "quick_check",
    "trusted_schema",
    "temp_store",
    "temp_store_directory",
    "data_store_directory",
    "locking_mode",
    "synchronous",
    "secure_delete",
    "mmap_size",
    "cache_size",
    "cache_spill",
    "recursive_triggers",
    "legacy_alter_table",
    "case_sensitive_like",
    "compile_options",
    "function_list",
    "module_list",
    "pragma_list",
    "encoding",
    "threads",
    "shrink_memory",
    "busy_timeout",
    "data_version",
    "journal_size_limit",
    "max_page_count",
    "cell_size_check",
    "defer_foreign_keys",
    "foreign_keys",
    "ignore_check_constraints",
    "reverse_unordered_selects",
    "analysis_limit",
];
const SETTINGS: &[&str] =
    &["0", "1", "ON", "OFF", "WAL", "DELETE", "MEMORY", "TRUNCATE", "EXCLUSIVE", "-1", "'/'", "items", "99999999"];
const OUTSIDE: &[&str] = &[
    "load_extension('./planted.so')",
    "readfile('planted.txt')",
    "writefile('planted.txt', 'x')",
    "edit('x')",
    "fts3_tokenizer('simple')",
    "fts3_tokenizer('simple', x'4141414141414141')",
    "sqlite_log(1, 'x')",
    "fsdir('.')",
    "sqlite_compileoption_get(1)",
    "sqlite_version()",
    "changes()",
    "last_insert_rowid()",
    "total_changes()",
    "sqlite_offset(sku)",
    "zipfile('a','b')",
    "sha3('x')",
    "fts5(NULL)",
    "fts5_source_id()",
    "raise(ABORT, 'x')",
    "load_extension('planted', 'entry')",
    "sqlite_source_id()",
    "subtype('x')",
    "sqlite_db_config(1002, 1)",
];
const HIDDEN: &[&str] = &[
    "sqlite_schema",
    "sqlite_master",
    "main.sqlite_master",
    "sqlite_temp_master",
    "sqlite_temp_schema",
    "sqlite_dbpage",
    "dbstat",
    "sqlite_stmt",
    "bytecode('SELECT 1')",
    "tables_used('SELECT 1')",
    "pragma_table_info('items')",
    "pragma_database_list",
    "pragma_journal_mode('WAL')",
    "pragma_function_list",
    "temp.items",
    "notes_data",
    "notes_content",
    "notes_config",
    "sqlite_sequence",
    "sqlite_stat1",
    "fts3tokenize",
    "generate_series(1, 5)",
    "pragma_user_version",
    "pragma_optimize",
    "pragma_wal_checkpoint",
    "pragma_hard_heap_limit(1)",
    "completion('x')",
];

/// Writes one command.
pub struct Commands<'a> {
    names: &'a Names,
    random: &'a mut Random,
}

impl<'a> Commands<'a> {
    pub fn new(names: &'a Names, random: &'a mut Random) -> Self {
        Self { names, random }
    }

    pub fn statement(&mut self) -> String {
        let text = match self.random.below(24) {
            0..4 => self.insert(),
            4..6 => self.update(),
            6..8 => self.delete(),
            8..11 => self.create(),
            11..13 => self.alter_or_drop(),
            13..17 => self.pragma(),
            17 => self.attach(),
            18 => self.transaction(),
            19 => self.upkeep(),
            20 => self.full_text(),
            21 => format!("SELECT {} FROM items LIMIT {}", self.random.pick(OUTSIDE), self.random.below(10_000)),
            _ => format!("SELECT * FROM {} LIMIT {}", self.random.pick(HIDDEN), self.random.below(10_000)),
        };
        self.dressed(text)
    }

    /// As the second of two statements, explained, or behind a named query or a comment.
    fn dressed(&mut self, text: String) -> String {
        match self.random.below(20) {
            0 => format!("SELECT {}; {text}", self.random.below(1_000)),
            1 => format!("{} {text}", self.random.pick(&["EXPLAIN", "EXPLAIN QUERY PLAN", "explain"])),
            2 => format!("{text}; {}", Queries::new(self.names, self.random).statement()),
            3 => format!("WITH x AS (SELECT {}) {text}", self.random.below(1_000)),
            4 => format!("/* {} */ {text}", self.random.below(1_000)),
            5 => format!("SELECT * FROM ({text})"),
            6 => format!("BEGIN; {text}; COMMIT"),
            _ => text,
        }
    }

    fn table(&mut self) -> (usize, &'a str) {
        let at = self.random.below(self.names.tables.len());
        (at, &self.names.tables[at].0)
    }

    fn column(&mut self, table: usize) -> &'a str {
        let columns = &self.names.tables[table].1;
        columns.get(self.random.below(columns.len())).map_or("rowid", String::as_str)
    }

    fn expression(&mut self, table: usize) -> String {
        Queries::new(self.names, self.random).over(table)
    }

    fn literal(&mut self) -> String {
        Queries::new(self.names, self.random).literal()
    }

    fn query(&mut self, width: usize) -> String {
        Queries::new(self.names, self.random).query(width, 1)
    }

    fn condition(&mut self, table: usize) -> String {
        match self.random.below(3) {
            0 => String::new(),
            1 => format!(" WHERE {} = {}", self.column(table), self.literal()),
            _ => format!(" WHERE {}", self.expression(table)),
        }
    }

    fn returning(&mut self) -> &'static str {
        self.random.pick(&["", "", "", " RETURNING *", " RETURNING rowid"])
    }

    fn insert(&mut self) -> String {
        let (table, name) = self.table();
        let verb =
            self.random.pick(&["INSERT INTO", "INSERT OR REPLACE INTO", "REPLACE INTO", "insert or ignore into"]);
        let width = self.names.tables[table].1.len();
        let body = match self.random.below(4) {
            0 => "DEFAULT VALUES".to_owned(),
            1 => self.query(width),
            2 => format!("({}) VALUES ({})", self.column(table), self.literal()),
            _ => {
                let cells: Vec<String> = (0..width).map(|_| self.literal()).collect();
                format!("VALUES ({})", cells.join(", "))
            }
        };
        let conflict = self.random.pick(&["", "", "", " ON CONFLICT DO NOTHING"]);
        format!("{verb} {name} {body}{conflict}{}", self.returning())
    }

    fn update(&mut self) -> String {
        let (table, name) = self.table();
        let or = self.random.pick(&["", "", " OR IGNORE", " OR REPLACE", " OR ROLLBACK"]);
        let (column, value) = (self.column(table), self.expression(table));
        let from = if self.random.percent(15) { format!(" FROM ({}) AS f", self.query(1)) } else { String::new() };
        format!("UPDATE{or} {name} SET {column} = {value}{from}{}{}", self.condition(table), self.returning())
    }

    fn delete(&mut self) -> String {
        let (table, name) = self.table();
        let limit = self.random.pick(&["", "", "", " LIMIT 1", " ORDER BY 1 LIMIT 2"]);
        format!("DELETE FROM {name}{}{limit}{}", self.condition(table), self.returning())
    }

    fn create(&mut self) -> String {
        let (table, name) = self.table();
        let temporary = self.random.pick(&["", "", "TEMP ", "TEMPORARY "]);
        let absent = self.random.pick(&["", "IF NOT EXISTS "]);
        let new = format!("{}n{}", self.random.pick(&["", "", "main.", "temp."]), self.random.below(1_000));
        let column = self.column(table);
        match self.random.below(8) {
            0 => format!("CREATE {temporary}TABLE {absent}{new} AS {}", self.query(2)),
            1 => format!(
                "CREATE {temporary}TABLE {absent}{new} (a INTEGER PRIMARY KEY, b TEXT DEFAULT ({})) STRICT",
                self.literal()
            ),
            2 => format!("CREATE {temporary}VIEW {absent}{new} AS {}", self.query(2)),
            3 => format!("CREATE UNIQUE INDEX {absent}{new} ON {name} ({column})"),
            4 => format!("CREATE {temporary}TRIGGER {new} AFTER INSERT ON {name} BEGIN DELETE FROM {name}; END"),
            5 => format!(
                "CREATE {temporary}TRIGGER {new} INSTEAD OF UPDATE ON {name} BEGIN SELECT {column} FROM {name}; END"
            ),
            6 => format!(
                "CREATE VIRTUAL TABLE {absent}{new} USING {}",
                self.random.pick(&["fts5(a)", "rtree(a, b, c)", "fts4(a)", "dbstat", "csv('x')"])
            ),
            _ => format!("CREATE INDEX {new} ON {name} ({}) WHERE {column} NOT NULL", self.expression(table)),
        }
    }

    fn alter_or_drop(&mut self) -> String {
        let (table, name) = self.table();
        let column = self.column(table);
        let present = self.random.pick(&["", "IF EXISTS "]);
        let n = self.random.below(1_000);
        match self.random.below(8) {
            0 => format!("DROP TABLE {present}{name}"),
            1 => format!("DROP VIEW {present}{name}"),
            2 => format!("DROP INDEX {present}i{n}"),
            3 => format!("DROP TRIGGER {present}i{n}"),
            4 => format!("ALTER TABLE {name} RENAME TO r{n}"),
            5 => format!("ALTER TABLE {name} RENAME COLUMN {column} TO r{n}"),
            6 => format!("ALTER TABLE {name} ADD COLUMN r{n} TEXT DEFAULT 'x'"),
            _ => format!("ALTER TABLE {name} DROP COLUMN {column}"),
        }
    }

    fn pragma(&mut self) -> String {
        let schema = self.random.pick(&["", "", "", "main.", "temp."]);
        let name = self.random.pick(PRAGMAS);
        let value = match self.random.below(2) {
            0 => self.random.pick(SETTINGS).to_owned(),
            _ => self.literal(),
        };
        match self.random.below(4) {
            0 => format!("PRAGMA {schema}{name}"),
            1 => format!("PRAGMA {schema}{name}({value})"),
            2 => format!("SELECT * FROM pragma_{name}({value})"),
            _ => format!("PRAGMA {schema}{name} = {value}"),
        }
    }

    fn attach(&mut self) -> String {
        let n = self.random.below(100_000);
        match self.random.below(5) {
            0 => format!("ATTACH DATABASE ':memory:' AS m{n}"),
            1 => format!("ATTACH '{}' AS m{n}", PLANTED[0]),
            2 => format!("ATTACH 'file:{}?mode=rwc' AS m{n} KEY 'x'", PLANTED[0]),
            3 => format!("ATTACH '' AS m{n}"),
            _ => format!("DETACH DATABASE {}", self.random.pick(&["main", "temp", "m1"])),
        }
    }

    fn transaction(&mut self) -> String {
        let n = self.random.below(100_000);
        match self.random.below(5) {
            0 => format!("SAVEPOINT s{n}"),
            1 => format!("RELEASE s{n}"),
            2 => format!("ROLLBACK TO s{n}"),
            _ => self
                .random
                .pick(&["BEGIN", "BEGIN IMMEDIATE", "BEGIN EXCLUSIVE TRANSACTION", "COMMIT", "END", "ROLLBACK"])
                .to_owned(),
        }
    }

    fn upkeep(&mut self) -> String {
        let (_, name) = self.table();
        match self.random.below(5) {
            0 => "VACUUM".to_owned(),
            1 => format!("VACUUM main INTO '{}'", PLANTED[0]),
            2 => format!("REINDEX {name}"),
            3 => format!("ANALYZE {name}"),
            _ => "ANALYZE".to_owned(),
        }
    }

    /// A full-text table takes orders through a column of its own name.
    fn full_text(&mut self) -> String {
        match self.random.below(3) {
            0 => format!(
                "INSERT INTO notes(notes) VALUES ('{}')",
                self.random.pick(&["rebuild", "optimize", "delete-all"])
            ),
            1 => format!(
                "INSERT INTO notes(notes, rank) VALUES ('{}', {})",
                self.random.pick(&["merge", "pgsz"]),
                self.literal()
            ),
            _ => format!(
                "SELECT body, rank FROM notes WHERE notes MATCH '{}'",
                self.random.pick(&["hello", "*reads", "*id", "a OR b"])
            ),
        }
    }
}
