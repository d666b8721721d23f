use tempfile::TempDir;

use super::*;
use crate::database::Database;
use crate::database::samples::make;

const TABLES: &str = "
    CREATE TABLE stores (store_id INTEGER PRIMARY KEY, city TEXT);
    CREATE TABLE sales (sale_id INTEGER PRIMARY KEY, store_id INTEGER, day TEXT, state TEXT, amount REAL);
    CREATE TABLE stock (store_id INTEGER, sku TEXT, units INTEGER, PRIMARY KEY (store_id, sku)) WITHOUT ROWID;
    CREATE INDEX sales_by_day ON sales (day);
    CREATE VIEW north AS SELECT * FROM sales WHERE store_id = 1;
    INSERT INTO stores VALUES (1, 'Leeds'), (2, 'Bath');";

/// A shop with few rows that is said to have many: plans come from SQLite, figures from the schema.
struct Shop {
    _folder: TempDir,
    database: Database,
    schema: Schema,
}

impl Shop {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("shop.db");
        make(&path, TABLES);
        let database = Database::open(&path).expect("opens");
        let mut schema = database.read_schema().expect("has a schema");
        for (table, rows, distinct) in [
            ("sales", 1_000_000, &[("sale_id", 1_000_000), ("store_id", 50), ("day", 730), ("state", 3)][..]),
            ("stores", 50, &[("city", 10)][..]),
            ("stock", 20_000, &[("store_id", 50), ("sku", 400)][..]),
        ] {
            let id = schema.find_table(table).expect("a table");
            schema.tables[id.0].row_count = Some(rows);
            for (column, distinct) in distinct {
                let at = schema.find_column(id, column).expect("a column").column;
                schema.tables[id.0].columns[at].profile.distinct = *distinct;
                schema.tables[id.0].columns[at].profile.unique = *distinct == rows;
            }
        }
        Self { _folder: folder, database, schema }
    }

    fn told(&self, sql: &str) -> (Vec<String>, Vec<String>) {
        let words = tell(&self.database.plan(sql).expect("a plan"), sql, &self.schema);
        let mark = |line: &PlanLine| if line.is_full_scan { "! " } else { "" };
        let lines = words.lines.iter().map(|line| format!("{}{}{}", "  ".repeat(line.depth), mark(line), line.text));
        (lines.collect(), words.hints)
    }
}

#[test]
fn steps_are_told_in_plain_words_with_estimates() {
    let shop = Shop::new();
    let cases: [(&str, &[&str]); 13] = [
        ("SELECT * FROM sales", &["! full scan of sales, about 1,000,000 rows"]),
        ("SELECT * FROM sales AS s", &["! full scan of sales (as s), about 1,000,000 rows"]),
        (
            "SELECT * FROM sales WHERE day = '2025-01-01'",
            &["search sales by index sales_by_day (day), about 1,370 rows"],
        ),
        ("SELECT * FROM sales WHERE day > '2025-01-01'", &["search sales by index sales_by_day (day), a range of it"]),
        ("SELECT * FROM sales WHERE sale_id = 7", &["search sales by its key (sale_id), about 1 row"]),
        (
            "SELECT * FROM stock WHERE store_id = 1 AND sku = 'a'",
            &["search stock by its key (store_id, sku), about 1 row"],
        ),
        ("SELECT * FROM stock WHERE store_id = 1", &["search stock by its key (store_id), about 400 rows"]),
        (
            "SELECT city, amount FROM sales JOIN stores USING (store_id) ORDER BY amount",
            &[
                "! full scan of sales, about 1,000,000 rows",
                "search stores by its key (store_id), about 1 row each time",
                "sort for ORDER BY",
            ],
        ),
        (
            "SELECT DISTINCT state, count(*) FROM sales GROUP BY state",
            &[
                "! full scan of sales, about 1,000,000 rows",
                "sort into groups for GROUP BY",
                "keep what was seen for DISTINCT",
            ],
        ),
        ("SELECT day FROM sales", &["! full scan of sales by index sales_by_day, about 1,000,000 rows"]),
        (
            "SELECT 1 UNION ALL SELECT store_id FROM stores",
            &[
                "queries one after the other:",
                "  first:",
                "    one row, from no table",
                "  then:",
                "    ! full scan of stores, about 50 rows",
            ],
        ),
        (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9) SELECT i FROM n",
            &[
                "rows of n, made one by one:",
                "  first rows:",
                "    one row, from no table",
                "  then from each row so far:",
                "    all rows of n",
                "all rows of n",
            ],
        ),
        (
            "SELECT city FROM stores WHERE store_id IN (SELECT store_id FROM stock WHERE units > 5)",
            &[
                "search stores by its key (store_id), about 1 row",
                "list of subquery 1, made once:",
                "  ! full scan of stock, about 20,000 rows",
            ],
        ),
    ];
    for (sql, expected) in cases {
        assert_eq!(shop.told(sql).0, expected, "{sql}");
    }
}

#[test]
fn a_name_that_may_be_something_else_has_no_figures() {
    let shop = Shop::new();
    let shadowed = "WITH sales AS MATERIALIZED (SELECT store_id FROM stores) SELECT * FROM sales, sales AS b";
    let (lines, _) = shop.told(shadowed);
    assert!(lines.iter().any(|line| line.starts_with("all rows of sales")), "{lines:?}");
    let twice = "SELECT (SELECT count(*) FROM stock AS x WHERE units > 1), count(*) FROM sales AS x WHERE amount > 1";
    let (lines, _) = shop.told(twice);
    assert!(lines.iter().all(|line| !line.contains("full scan")), "{lines:?}");
}

#[test]
fn an_index_is_advised_only_where_it_would_be_used() {
    let shop = Shop::new();
    let advice = "an index on sales (store_id) would spare reading all of its 1,000,000 rows; t2s never makes one";
    let advised = [
        "SELECT sum(amount) FROM sales WHERE store_id = 7",
        "SELECT sum(amount) FROM sales AS s WHERE s.store_id IN (1, 2) AND amount > 3",
        "SELECT sum(amount) FROM sales WHERE amount > 3 AND (7 = store_id)",
    ];
    for sql in advised {
        assert_eq!(shop.told(sql).1, [advice], "{sql}");
    }
    let left_alone = [
        "SELECT sum(amount) FROM sales",
        // An index over three values spares nothing.
        "SELECT sum(amount) FROM sales WHERE state = 'paid'",
        "SELECT sum(amount) FROM sales WHERE store_id = 7 OR amount > 3",
        "SELECT sum(amount) FROM sales WHERE NOT store_id = 7",
        "SELECT sum(amount) FROM sales WHERE store_id > 7",
        "SELECT sum(amount) FROM sales WHERE abs(store_id) = 7",
        "SELECT sum(amount) FROM sales WHERE store_id = sale_id",
        "SELECT sum(amount) FROM sales WHERE day = '2025-01-01'",
        "SELECT count(*) FROM stores WHERE city = 'Bath'",
        "SELECT city, amount FROM sales JOIN stores USING (store_id)",
        "SELECT city, amount FROM sales LEFT JOIN stores ON sales.store_id = 7",
    ];
    for sql in left_alone {
        assert_eq!(shop.told(sql).1, Vec::<String>::new(), "{sql}");
    }
}

#[test]
fn an_index_made_for_one_statement_is_advised_for_good() {
    let mut shop = Shop::new();
    let sales = shop.schema.find_table("stock").expect("a table");
    shop.schema.tables[sales.0].row_count = Some(200_000);
    let sql = "SELECT a.units, b.units FROM stock a JOIN stock b ON a.sku = b.sku";
    let (lines, hints) = shop.told(sql);
    assert!(lines.iter().any(|line| line.contains("by an index made for this statement (sku)")), "{lines:?}");
    assert_eq!(hints.len(), 1, "{hints:?}");
    assert!(hints[0].starts_with("an index on stock (sku) would spare reading all of its 200,000 rows"), "{hints:?}");
}
