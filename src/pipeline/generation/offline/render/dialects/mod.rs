//! The same plans in both dialects: texts to the letter, those of BigQuery taken by its grammar and by the gate.
//!
//! The texts: `tests/cases/offline/dialects.toml`.

mod golden;

use std::path::Path;

use crate::config::{Policy, Thresholds};
use crate::database::Database;
use crate::database::samples::make;
use crate::knowledge::Knowledge;
use crate::pipeline::analysis::analyse;
use crate::pipeline::generation::offline::OfflineEngine;
use crate::pipeline::generation::{EarlierTurn, Generated};
use crate::pipeline::validation::check;
use crate::schema::{Dialect, Schema, SemanticType, Value};
use crate::shop::{self, Scale};
use sqlparser::dialect::BigQueryDialect;
use sqlparser::parser::Parser;

/// A file of `tests/cases/`.
fn cases(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A database as SQLite has it, and as BigQuery would.
struct Twin {
    sqlite: Schema,
    bigquery: Schema,
    knowledge: Knowledge,
    engine: OfflineEngine,
}

impl Twin {
    /// Of the statements that make a database, with what is taught of it as a `model.toml`.
    fn made_by(data: &str, model: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("asked.db");
        make(&path, data);
        std::fs::write(folder.path().join("model.toml"), model).expect("writes what is taught");
        Self::of(&path, folder.path())
    }

    /// Of the sample shop and what is taught of it.
    fn shop() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (path, taught) = (folder.path().join("shop.db"), folder.path().join("taught"));
        shop::write(&path, Scale::Small, shop::DEFAULT_SEED, &|_| {}).expect("writes the shop");
        shop::write_knowledge(&taught).expect("writes the knowledge");
        Self::of(&path, &taught)
    }

    fn of(path: &Path, taught: &Path) -> Self {
        let knowledge = Knowledge::read(taught).expect("reads what is taught");
        let mut sqlite = Database::open(path).and_then(|database| database.read_schema()).expect("reads the schema");
        knowledge.teach(&mut sqlite);
        let engine = OfflineEngine::new(&sqlite, &knowledge);
        Self { bigquery: in_bigquery(&sqlite), sqlite, knowledge, engine }
    }

    /// The statement that is made of the last of some turns in a dialect, if one is.
    fn draft(&self, turns: &[&str], as_of: &str, dialect: Dialect) -> Option<String> {
        let schema = if dialect == Dialect::Sqlite { &self.sqlite } else { &self.bigquery };
        let as_of = as_of.parse().expect("a date");
        let mut earlier: Vec<EarlierTurn> = Vec::new();
        for turn in turns {
            let analysis = analyse(turn, schema, as_of);
            let made = self.engine.write_after(&earlier, &analysis, schema, &self.knowledge, &Thresholds::default());
            let sql = if let Generated::Draft(draft) = made { Some(draft.sql) } else { None };
            earlier.push(EarlierTurn { analysis, sql });
        }
        earlier.pop()?.sql
    }

    /// What BigQuery's grammar or the gate has against a statement.
    fn fault(&self, sql: &str) -> Option<String> {
        if let Err(error) = Parser::parse_sql(&BigQueryDialect {}, sql) {
            return Some(format!("does not parse: {error}"));
        }
        check(sql, &self.bigquery, &Policy::default()).err().map(|refusal| format!("does not pass: {refusal}"))
    }

    /// Declares a column `table.column` of the BigQuery side.
    fn declare(&mut self, column: &str, declared: &str) {
        let (table, column) = column.split_once('.').expect("a table and a column");
        let table = self.bigquery.find_table(table).expect("a table");
        let id = self.bigquery.find_column(table, column).expect("a column");
        declared.clone_into(&mut self.bigquery.tables[id.table.0].columns[id.column].declared_type);
    }

    /// Dates and flags as the texts and numbers that SQLite keeps them as.
    fn untyped(mut self) -> Self {
        for column in self.bigquery.tables.iter_mut().flat_map(|table| &mut table.columns) {
            match column.declared_type.as_str() {
                "DATE" | "TIMESTAMP" => "STRING".clone_into(&mut column.declared_type),
                "BOOL" => "INT64".clone_into(&mut column.declared_type),
                _ => {}
            }
        }
        self
    }
}

/// The schema that the tables would have in BigQuery: dates, points in time and flags of their own types.
fn in_bigquery(sqlite: &Schema) -> Schema {
    let mut schema = Schema { dialect: Dialect::BigQuery, ..sqlite.clone() };
    for column in schema.tables.iter_mut().flat_map(|table| &mut table.columns) {
        let whole = |value: &Option<Value>| matches!(value, Some(Value::Integer(0 | 1)));
        let text = matches!(column.profile.min, Some(Value::Text(_)));
        let declared = column.declared_type.to_uppercase();
        let typed = match column.profile.semantic {
            SemanticType::Date if text && column.profile.iso_dates => "DATE",
            SemanticType::DateTime if text && column.profile.iso_dates => "TIMESTAMP",
            SemanticType::Flag if whole(&column.profile.min) && whole(&column.profile.max) => "BOOL",
            _ if text => "STRING",
            _ if declared.contains("INT") => "INT64",
            _ if declared.contains("NUMERIC") || declared.contains("DECIMAL") => "NUMERIC",
            _ if declared.contains("REAL") || declared.contains("FLOA") || declared.contains("DOUB") => "FLOAT64",
            _ => "STRING",
        };
        typed.clone_into(&mut column.declared_type);
    }
    schema
}
