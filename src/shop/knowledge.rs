//! What is known about the sample shop: the knowledge folder that comes with it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::ShopError;

/// Paths within a knowledge folder, and their contents.
pub const KNOWLEDGE_FILES: [(&str, &str); 6] = [
    ("model.toml", include_str!("../../assets/retail/model.toml")),
    ("examples.toml", include_str!("../../assets/retail/examples.toml")),
    ("rules/prices.md", include_str!("../../assets/retail/rules/prices.md")),
    ("rules/sales.md", include_str!("../../assets/retail/rules/sales.md")),
    ("rules/margins.md", include_str!("../../assets/retail/rules/margins.md")),
    ("rules/competitors.md", include_str!("../../assets/retail/rules/competitors.md")),
];

/// Writes the knowledge files of the sample shop into `folder`, which is made if need be, and returns those written. A
/// file that is already there may have been edited and is left as it is.
pub fn write_knowledge(folder: &Path) -> Result<Vec<PathBuf>, ShopError> {
    let mut written = Vec::new();
    for (name, text) in KNOWLEDGE_FILES {
        let path = folder.join(name);
        match write_new(&path, text) {
            Ok(()) => written.push(path),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(ShopError::Write { path, source }),
        }
    }
    Ok(written)
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Policy;
    use crate::database::Database;
    use crate::knowledge::{Example, Knowledge};
    use crate::pipeline::validation::check;
    use crate::shop::AS_OF;
    use crate::shop::coherence::{SIZE, Shop};

    fn knowledge() -> Knowledge {
        let folder = tempfile::tempdir().unwrap();
        write_knowledge(folder.path()).unwrap();
        Knowledge::read(folder.path()).unwrap()
    }

    /// The tables that a formula names, joined by article.
    fn tables_of(formula: &str, knowledge: &Knowledge) -> String {
        let named = knowledge.tables.iter().map(|t| &t.name).filter(|t| formula.contains(&format!("{t}.")));
        let tables: Vec<&String> = named.collect();
        assert!(!tables.is_empty(), "{formula}");
        let joins = tables[1..].iter().map(|table| format!(" JOIN {table} USING (upc_code)"));
        format!("{}{}", tables[0], joins.collect::<String>())
    }

    #[test]
    fn explains_every_column_of_the_shop_and_names_nothing_else() {
        let (shop, knowledge) = (Shop::new(SIZE), knowledge());
        let schema = Database::open(&shop.path).unwrap().read_schema().unwrap();
        assert_eq!(knowledge.check_names(&schema), [""; 0]);
        assert_eq!(knowledge.as_of, Some(AS_OF.to_string()));
        assert_eq!(knowledge.rules.len(), 18);
        for table in &schema.tables {
            assert!(knowledge.table(&table.name).unwrap().description.is_some(), "{}", table.name);
            // Keys need no words of their own where they only refer.
            let refers = |column: &str| ["id", "upc_code", "store_id", "category_level_2"].contains(&column);
            for column in table.columns.iter().filter(|c| !refers(&c.name)) {
                assert!(knowledge.column(&table.name, &column.name).is_some(), "{}.{}", table.name, column.name);
            }
        }
    }

    #[test]
    fn gives_other_words_only_for_values_that_exist() {
        let (shop, knowledge) = (Shop::new(SIZE), knowledge());
        for (table, column) in knowledge.tables.iter().flat_map(|t| t.columns.iter().map(move |c| (&t.name, c))) {
            for (word, stored) in &column.value_synonyms {
                let sql = format!("SELECT COUNT(*) FROM {table} WHERE {} = '{stored}'", column.name);
                assert!(shop.count(&sql) > 0, "{table}.{}: {word} = {stored}", column.name);
            }
        }
    }

    #[test]
    fn relates_what_the_database_relates() {
        let (shop, knowledge) = (Shop::new(SIZE), knowledge());
        let declared = shop.texts(
            "SELECT m.name || '.' || k.\"from\" || ' ' || k.\"table\" || '.' || k.\"to\" FROM sqlite_master m,
             pragma_foreign_key_list(m.name) k WHERE m.type = 'table' ORDER BY 1",
        );
        let mut related: Vec<String> = knowledge.relationships.iter().map(|r| format!("{} {}", r.from, r.to)).collect();
        related.sort();
        assert_eq!(related, declared);
    }

    #[test]
    fn every_metric_finds_a_number() {
        let (shop, knowledge) = (Shop::new(SIZE), knowledge());
        for metric in &knowledge.metrics {
            let conditions = [&["1".to_owned()], metric.required_filters.as_slice()].concat().join(" AND ");
            let tables = tables_of(&metric.expression, &knowledge);
            let sql = format!("SELECT CAST({} AS REAL) FROM {tables} WHERE {conditions}", metric.expression);
            let value = shop.number(&sql);
            assert!(value.is_finite() && value != 0.0, "{}: {value}", metric.name);
            if let Some((table, column)) = metric.time_column.as_deref().and_then(|c| c.split_once('.')) {
                assert!(shop.count(&format!("SELECT COUNT(DATE({column})) FROM {table}")) > 0, "{}", metric.name);
            }
        }
    }

    #[test]
    fn every_filter_keeps_some_rows_and_drops_some() {
        let (shop, knowledge) = (Shop::new(SIZE), knowledge());
        for filter in &knowledge.filters {
            let tables = tables_of(&filter.condition, &knowledge);
            let all = shop.count(&format!("SELECT COUNT(*) FROM {tables}"));
            let kept = shop.count(&format!("SELECT COUNT(*) FROM {tables} WHERE {}", filter.condition));
            assert!(kept > 0 && kept < all, "{}: {kept} of {all}", filter.name);
        }
    }

    #[test]
    fn every_example_passes_the_gate_unnoted_and_finds_rows() {
        let (shop, knowledge) = (Shop::new(SIZE), knowledge());
        let schema = Database::open(&shop.path).unwrap().read_schema().unwrap();
        assert!(knowledge.examples.len() >= 15);
        for Example { question, sql, .. } in &knowledge.examples {
            let checked = check(sql, &schema, &Policy::default()).unwrap_or_else(|e| panic!("{question}: {e:?}"));
            assert_eq!(checked.notes(), [""; 0], "{question}");
            assert_eq!(checked.cautions(), [], "{question}");
            assert!(shop.connection.prepare(checked.text()).unwrap().exists([]).unwrap(), "{question}");
        }
    }

    #[test]
    fn writes_once_and_leaves_edited_files_alone() {
        let folder = tempfile::tempdir().unwrap();
        let edited = folder.path().join("examples.toml");
        fs::write(&edited, "# mine").unwrap();
        assert_eq!(write_knowledge(folder.path()).unwrap().len(), KNOWLEDGE_FILES.len() - 1);
        assert_eq!(fs::read_to_string(&edited).unwrap(), "# mine");
        assert!(write_knowledge(folder.path()).unwrap().is_empty());
    }
}
