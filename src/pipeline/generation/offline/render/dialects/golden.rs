//! Both texts of questions over small databases, to the letter.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Deserialize;

use super::{Twin, cases};
use crate::schema::Dialect;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    database: Vec<Asked>,
    case: Vec<Case>,
}

/// A database that is asked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    name: String,
    /// The `.sql` that makes it, or `shop`.
    data: String,
    as_of: String,
    /// What is taught of it, as a `model.toml`.
    #[serde(default)]
    model: String,
    /// Its dates and flags are texts and numbers in BigQuery too.
    #[serde(default)]
    untyped: bool,
    /// The dataset that its tables are named in.
    dataset: Option<String>,
    /// Types in BigQuery other than those that its values suggest.
    #[serde(default)]
    types: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    kind: String,
    database: String,
    question: String,
    sqlite: String,
    bigquery: String,
}

#[test]
fn both_dialects_are_written_to_the_letter() {
    let file: File = toml::from_str(&cases("offline/dialects.toml")).expect("reads the cases");
    let mut faults = String::new();
    let mut asked = 0;
    for database in &file.database {
        let twin = open(database);
        for case in file.case.iter().filter(|case| case.database == database.name) {
            asked += 1;
            let mut fault = |what: &str, made: &str| {
                let _ = writeln!(faults, "[{}] {}: {what}\n{made}\n", case.kind, case.question);
            };
            for (dialect, wanted) in [(Dialect::Sqlite, &case.sqlite), (Dialect::BigQuery, &case.bigquery)] {
                match twin.draft(&[&case.question], &database.as_of, dialect) {
                    Some(made) if made == wanted.trim_end() => {}
                    made => fault(dialect.name(), &made.unwrap_or_else(|| "nothing".to_owned())),
                }
            }
            if let Some(refused) = twin.fault(&case.bigquery) {
                fault("bigquery", &refused);
            }
        }
    }
    assert!(faults.is_empty(), "{faults}");
    assert_eq!(asked, file.case.len(), "a case names a database that is not there");
    assert!(asked >= 60, "{asked} cases");
}

fn open(asked: &Asked) -> Twin {
    let twin = match asked.data.as_str() {
        "shop" => Twin::shop(),
        name => Twin::made_by(&cases(&format!("offline/{name}.sql")), &asked.model),
    };
    let mut twin = if asked.untyped { twin.untyped() } else { twin };
    for (column, declared) in &asked.types {
        twin.declare(column, declared);
    }
    if let Some(dataset) = &asked.dataset {
        dataset.clone_into(&mut twin.bigquery.name);
    }
    twin
}
