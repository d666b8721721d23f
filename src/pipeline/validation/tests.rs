//! The gate against a small schema made by hand: positions, hints, rewriting, and what results mean.

use super::*;
use crate::schema::{Column, Table};

fn table(name: &str, columns: &[(&str, SemanticType)]) -> Table {
    let columns = columns.iter().map(|(name, semantic)| {
        let mut column = Column { name: (*name).to_owned(), ..Column::default() };
        column.profile.semantic = *semantic;
        column
    });
    Table { name: name.to_owned(), columns: columns.collect(), ..Table::default() }
}

fn schema() -> Schema {
    use SemanticType::{Category, Date, Id, Money, Name, Quantity, UnitPrice};
    let orders =
        [("id", Id), ("city", Category), ("placed", Date), ("total", Money), ("units", Quantity), ("price", UnitPrice)];
    let customers = [("id", Id), ("name", Name), ("zone", Category)];
    Schema { tables: vec![table("orders", &orders), table("customers", &customers)], ..Schema::default() }
}

fn passed(sql: &str) -> ReadOnlySql {
    check(sql, &schema(), &Policy::default()).unwrap_or_else(|refusal| panic!("{sql}: {refusal}"))
}

fn refused(sql: &str) -> Refusal {
    check(sql, &schema(), &Policy::default()).expect_err(sql)
}

fn meaning(expression: &str) -> SemanticType {
    passed(&format!("SELECT {expression} FROM orders")).outputs()[0].semantic
}

#[test]
fn a_miss_tells_its_place_and_the_nearest_name() {
    let refusal = refused("SELECT id,\n  totl FROM orders");
    assert_eq!((refusal.code, refusal.line, refusal.column), ("unknown_column", 2, 3));
    assert_eq!(refusal.nearest, ["total"]);
    assert_eq!(refusal.hint, "did you mean \"total\"?");
    let refusal = refused("SELECT 1 FROM costumers");
    assert_eq!((refusal.code, refusal.line, refusal.column), ("unknown_table", 1, 15));
    assert_eq!(refusal.to_string(), "no table named \"costumers\"");
    assert_eq!(refusal.nearest, ["customers"]);
}

#[test]
fn a_column_of_another_table_asks_for_the_join() {
    assert_eq!(refused("SELECT zone FROM orders").hint, "customers.zone exists: join customers");
}

#[test]
fn a_miss_without_likeness_lists_what_there_is() {
    assert_eq!(refused("SELECT 1 FROM weather").hint, "there are orders, customers");
}

#[test]
fn rules_and_mistakes_are_told_apart() {
    for sql in ["DELETE FROM orders", "SELECT 1; SELECT 2", "SELECT load_extension('x')", "SELECT 1 FROM sqlite_master"]
    {
        assert!(refused(sql).is_policy(), "{sql}");
    }
    for sql in ["SELEC 1", "SELECT x FROM orders", "SELECT 1 FROM x", ""] {
        assert!(!refused(sql).is_policy(), "{sql}");
    }
}

#[test]
fn the_text_comes_out_without_comments_and_closing_semicolons() {
    let checked = passed("-- first\nSELECT id, 'a -- b' /* it's */ FROM orders -- last\n ; -- end");
    assert_eq!(checked.text(), "SELECT id, 'a -- b'   FROM orders");
}

#[test]
fn a_double_quoted_value_against_a_column_becomes_a_text() {
    let checked = passed("SELECT id FROM orders WHERE city IN (\"O'Hare\", \"city\")");
    assert_eq!(checked.text(), "SELECT id FROM orders WHERE city IN ('O''Hare', \"city\")");
    assert_eq!(checked.notes(), ["\"O'Hare\" names no column, so it was read as the text 'O'Hare'"]);
    assert_eq!(refused("SELECT \"Austin\" FROM orders").code, "unknown_column");
    assert_eq!(refused("SELECT id FROM orders WHERE 1 = \"Austin\"").code, "unknown_column");
}

#[test]
fn tables_and_columns_read_are_told() {
    let schema = schema();
    let checked = passed("SELECT count(*) FROM orders o JOIN customers c USING (id) WHERE c.zone = 'A'");
    let names: Vec<String> = checked.columns().iter().map(|id| schema.qualified(*id)).collect();
    assert_eq!(names, ["orders.id", "customers.id", "customers.zone"]);
    assert_eq!(checked.tables(), [TableId(0), TableId(1)]);
}

#[test]
fn a_star_is_told_column_by_column_with_joined_ones_once() {
    let checked = passed("SELECT *, 1 AS one FROM customers JOIN orders USING (id)");
    let names: Vec<&str> = checked.outputs().iter().map(|output| output.name.as_str()).collect();
    assert_eq!(names, ["id", "name", "zone", "city", "placed", "total", "units", "price", "one"]);
}

#[test]
fn results_mean_what_they_were_computed_of() {
    use SemanticType::{Date, Id, Money, Month, Percent, Quantity, Ratio, UnitPrice, Unknown, Year};
    for (expression, expected) in [
        ("total", Money),
        ("sum(total)", Money),
        ("round(avg(price), 2)", UnitPrice),
        ("sum(total) - sum(total)", Money),
        ("total * 1.2", Money),
        ("sum(units * price)", Money),
        ("sum(total) / sum(units)", UnitPrice),
        ("sum(total) / 1000", Money),
        ("sum(total) / (SELECT sum(total) FROM orders)", Ratio),
        ("100.0 * sum(total) / (SELECT sum(total) FROM orders)", Percent),
        ("round(sum(units) * 100.0 / count(*), 1)", Percent),
        ("(units / count(*)) * 100", Percent),
        ("coalesce(sum(total), 0)", Money),
        ("CASE WHEN units > 1 THEN total ELSE 0 END", Money),
        ("CASE WHEN units > 1 THEN total ELSE units END", Unknown),
        ("count(*)", Quantity),
        ("count(DISTINCT city)", Quantity),
        ("date(placed, 'start of month')", Date),
        ("strftime('%Y', placed)", Year),
        ("strftime('%Y-%m', placed)", Month),
        ("substr(placed, 1, 7)", Month),
        ("substr(city, 1, 4)", Unknown),
        ("max(placed)", Date),
        ("sum(total) OVER (PARTITION BY city)", Money),
        ("(SELECT max(total) FROM orders)", Money),
        ("rowid", Id),
        ("total + units", Unknown),
        ("city || '!'", Unknown),
        ("42", Unknown),
    ] {
        assert_eq!(meaning(expression), expected, "{expression}");
    }
}

#[test]
fn meanings_pass_through_subqueries_named_queries_and_unions() {
    let checked =
        passed("WITH t(a, b) AS (SELECT city, sum(total) FROM orders GROUP BY 1) SELECT b FROM (SELECT * FROM t)");
    assert_eq!(checked.outputs(), [Output { name: "b".to_owned(), semantic: SemanticType::Money }]);
    let union = passed("SELECT total, city FROM orders UNION SELECT total, id FROM orders");
    let semantics: Vec<SemanticType> = union.outputs().iter().map(|output| output.semantic).collect();
    assert_eq!(semantics, [SemanticType::Money, SemanticType::Unknown]);
}

#[test]
fn a_named_query_is_not_seen_after_its_query() {
    let sql = "SELECT (WITH t AS (SELECT 1 AS n) SELECT n FROM t), (SELECT n FROM t)";
    assert_eq!(refused(sql).code, "unknown_table");
}

#[test]
fn a_named_query_hides_the_table_of_its_name() {
    assert_eq!(refused("WITH orders AS (SELECT 1 AS n) SELECT city FROM orders").code, "unknown_column");
    assert_eq!(passed("WITH orders AS (SELECT 1 AS n) SELECT m.city FROM main.orders m").tables(), [TableId(0)]);
}

#[test]
fn a_subquery_in_from_does_not_see_its_neighbours() {
    assert_eq!(refused("SELECT 1 FROM orders o, (SELECT o.city) x").code, "unknown_table");
    passed("SELECT (SELECT max(c.zone) FROM customers c WHERE c.id = o.id) FROM orders o");
}

#[test]
fn a_place_has_the_length_of_what_is_meant() {
    let place = |sql: &str| {
        let refusal = refused(sql);
        (refusal.code, refusal.line, refusal.column, refusal.length)
    };
    for (sql, expected) in [
        ("SELECT totl FROM orders", ("unknown_column", 1, 8, 4)),
        ("SELECT\n  \"no such\" FROM orders", ("unknown_column", 2, 3, 9)),
        ("SELECT o.totl FROM orders o", ("unknown_column", 1, 10, 4)),
        ("SELECT x.total FROM orders o", ("unknown_table", 1, 8, 1)),
        ("SELECT 'äöü', nope(1)", ("unknown_function", 1, 15, 4)),
        ("SELECT 1 FROM orders WHERE total > = 2", ("syntax", 1, 36, 1)),
        ("SELECT id FROM orders FETCH FIRST 5 ROWS ONLY", ("syntax", 1, 23, 5)),
        ("SELECT DISTINCT ON (id) id FROM orders", ("syntax", 1, 8, 8)),
        ("SELECT 1; DROP TABLE orders", ("several_statements", 1, 11, 4)),
        ("/* a */ DROP TABLE orders", ("not_read_only", 1, 9, 4)),
        ("WITH a AS (SELECT 1) DELETE FROM orders", ("not_read_only", 1, 22, 6)),
        ("SELECT * FROM", ("syntax", 1, 14, 1)),
        ("SELECT 1 FROM sqlite_master", ("denied", 1, 15, 13)),
    ] {
        assert_eq!(place(sql), expected, "{sql}");
    }
}

#[test]
fn a_column_is_looked_for_in_scope_first_and_then_elsewhere() {
    let hint = |sql: &str| refused(sql).hint;
    assert_eq!(hint("SELECT o.zone FROM orders o JOIN customers c USING (id)"), "did you mean \"c.zone\"?");
    assert_eq!(hint("SELECT zonee FROM orders"), "the likest is customers.zone: join customers");
    assert_eq!(hint("SELECT nam FROM customers"), "did you mean \"name\"?");
}

#[test]
fn what_the_policy_hides_is_neither_shown_nor_offered() {
    let policy = Policy { deny_tables: vec!["Customers".to_owned()], deny_columns: vec!["orders.total".to_owned()] };
    let full = schema();
    let mut visible = Schema { tables: vec![full.tables[0].clone()], ..full.clone() };
    visible.tables[0].columns.retain(|column| column.name != "total");
    visible.tables[0].has_hidden = true;
    for schema in [&full, &visible] {
        for sql in
            ["SELECT zone FROM orders", "SELECT totl FROM orders", "SELECT 1 FROM custmers", "SELECT c.id FROM orders"]
        {
            let refusal = check(sql, schema, &policy).expect_err(sql);
            let said = format!("{} {} {:?}", refusal.message, refusal.hint, refusal.nearest).to_lowercase();
            assert!(!said.contains("customers") && !said.contains("total"), "{sql}: {said}");
        }
        for sql in ["SELECT total FROM orders", "SELECT o.TOTAL FROM orders o", "SELECT 1 FROM customers"] {
            assert_eq!(check(sql, schema, &policy).expect_err(sql).code, "denied", "{sql}");
        }
        let checked = check("SELECT o . * , 1 FROM orders o", schema, &policy).expect("passes");
        let names = ["id", "city", "placed", "units", "price"].map(|name| format!("\"o\".\"{name}\"")).join(", ");
        assert_eq!(checked.text(), format!("SELECT {names} , 1 FROM orders o"));
        assert_eq!(checked.notes(), ["columns that the policy hides are left out"]);
        let joined = check("SELECT * FROM orders JOIN (SELECT 1 AS id, 2 AS n) t USING (id)", schema, &policy);
        let joined = joined.expect("passes");
        let bare = names.replace("\"o\".\"id\"", "\"id\"").replace("\"o\"", "\"orders\"");
        assert!(joined.text().starts_with(&format!("SELECT {bare}, \"t\".\"n\" FROM")), "{}", joined.text());
    }
}

#[test]
fn what_the_clock_or_chance_may_change_is_not_deterministic() {
    for sql in [
        "SELECT random()",
        "SELECT id FROM orders ORDER BY RANDOM() LIMIT 1",
        "SELECT CURRENT_DATE",
        "SELECT current_timestamp",
        "SELECT date()",
        "SELECT datetime( )",
        "SELECT strftime('%Y')",
        "SELECT date('now')",
        "SELECT date('NoW', '-1 month')",
        "SELECT strftime('%Y', 'now')",
        "SELECT timediff(placed, 'now') FROM orders",
        "SELECT date(('now'))",
        "SELECT date(+'now')",
        "SELECT date('now' COLLATE NOCASE)",
        "SELECT date(CAST('now' AS TEXT))",
        "SELECT date('no' || 'w')",
        "SELECT date('n' || 'o' || 'w')",
        "SELECT date(lower('NOW'))",
        "SELECT date(char(110, 111, 119))",
        "SELECT date(x'6e6f77')",
        "SELECT date(replace('nxw', 'x', 'o'))",
        "SELECT date(substr('xnowx', 2, 3))",
        "SELECT date(substr('no' || 'w-', 1, 3))",
        "SELECT date(printf('%s', 'now'))",
        "SELECT date(coalesce(NULL, 'now'))",
        "SELECT date(CASE WHEN 1 THEN 'now' END)",
        "SELECT date(iif(1, 'now', placed)) FROM orders",
        "SELECT date((SELECT 'now'))",
        "SELECT date(d) FROM (SELECT 'now' AS d)",
        "WITH t AS (SELECT 'n' || 'ow' AS d) SELECT date(d) FROM t",
        "WITH t(d) AS (VALUES ('2025-01-01'), ('now')) SELECT date(d) FROM t",
        "SELECT date(d) FROM (SELECT placed AS d FROM orders UNION SELECT 'now')",
        "WITH RECURSIVE t(d) AS (SELECT 'n' UNION ALL SELECT d || 'ow' FROM t WHERE length(d) < 3) SELECT date(d) FROM t",
        "SELECT date(value) FROM json_each('[\"now\"]')",
        "SELECT date('{\"a\": \"now\"}' ->> 'a')",
        "SELECT date('{\"a\": \"n\\u006fw\"}' ->> 'a')",
        "SELECT id FROM orders WHERE placed > date('now', '-7 days')",
        "SELECT date(max('now', placed)) FROM orders",
    ] {
        assert!(!passed(sql).is_deterministic(), "{sql}");
    }
    for sql in [
        "SELECT 'now'",
        "SELECT city FROM orders WHERE city = 'now'",
        "SELECT date(placed), strftime('%Y-%m', placed, 'start of month') FROM orders",
        "SELECT date('2025-01-01', '+1 day')",
        "SELECT date(max(placed), '-30 days') FROM orders",
        "SELECT date((SELECT max(placed) FROM orders), '-7 days')",
        "SELECT date(d) FROM (SELECT placed AS d FROM orders)",
        "SELECT date(strftime('%Y', placed) || '-01-01') FROM orders",
        "SELECT date(substr(placed, 1, 10)), date(trim(placed)), date(coalesce(placed, '2025-01-01')) FROM orders",
        "WITH RECURSIVE t(d) AS (SELECT '2025-01-01' UNION ALL SELECT date(d, '+1 day') FROM t WHERE d < '2025-02-01') SELECT date(d) FROM t",
        "SELECT datetime(id, 'unixepoch'), julianday(placed) - julianday('2025-01-01') FROM orders",
        "SELECT date(city ->> 'day') FROM orders",
    ] {
        assert!(passed(sql).is_deterministic(), "{sql}");
    }
    let mut of_views = schema();
    of_views.tables[0].volatile = true;
    assert!(!check("SELECT id FROM orders", &of_views, &Policy::default()).expect("passes").is_deterministic());
    assert!(check("SELECT id FROM customers", &of_views, &Policy::default()).expect("passes").is_deterministic());
    let bigquery = Schema { dialect: crate::schema::Dialect::BigQuery, ..schema() };
    for (sql, expected) in [
        ("SELECT RAND()", false),
        ("SELECT GENERATE_UUID()", false),
        ("SELECT id FROM orders WHERE placed > CURRENT_DATE()", false),
        ("SELECT DATE(placed) FROM orders", true),
    ] {
        let checked = check(sql, &bigquery, &Policy::default()).expect(sql);
        assert_eq!(checked.is_deterministic(), expected, "{sql}");
    }
}

#[test]
fn a_named_query_may_read_one_that_is_written_after_it() {
    let checked = passed("WITH a AS (SELECT t FROM b), b AS (SELECT total AS t FROM orders) SELECT sum(t) FROM a");
    assert_eq!(checked.outputs()[0].semantic, SemanticType::Money);
    let circle = refused("WITH a AS (SELECT * FROM b), b AS (SELECT * FROM a) SELECT 1 FROM a");
    assert_eq!((circle.code, circle.message.as_str()), ("syntax", "\"b\" is needed to compute itself"));
    assert_eq!(
        refused("WITH a AS (SELECT * FROM orders), orders AS (SELECT 1 AS n) SELECT city FROM a").code,
        "unknown_column"
    );
}

#[test]
fn a_statement_has_a_greatest_length() {
    let refusal = refused(&format!("SELECT '{}'", "a".repeat(100_000)));
    assert_eq!((refusal.code, refusal.is_limit()), ("too_long", true));
}

#[test]
fn deep_nesting_is_refused_on_a_small_stack() {
    let nest = |open: &str, middle: &str, close: &str, n: usize| {
        format!("SELECT {}{middle}{}", open.repeat(n), close.repeat(n))
    };
    let statements = [
        nest("(", "1", ")", 95),
        nest("(SELECT ", "1", ")", 95),
        nest("abs(", "1", ")", 95),
        nest("CASE WHEN 1 THEN ", "1", " END", 300),
        nest("CASE WHEN 1 THEN ", "1", " END", 300).replacen("SELECT ", "", 1),
        nest("NOT ", "1", "", 900),
        nest("- ", "1", "", 900),
        nest("1 + ", "1", "", 990),
        nest("1 UNION SELECT ", "1", "", 990),
        nest("EXISTS (SELECT ", "1", ")", 95),
        nest("1 IN (SELECT ", "1", " IS 1)", 60),
        nest("1 IN (SELECT ", "1", " IS 1)", 40),
        nest("1 IS ", "1", "", 700),
        nest("1 LIKE ", "1", "", 990),
        nest("1 XOR ", "1", "", 5_000),
        nest("1 BETWEEN 1 AND ", "1", "", 900),
        nest("", "1", " ISNULL", 5_000),
        nest("", "1", " NOTNULL", 990),
        nest("", "1", " NOT GLOB 1", 450),
        nest("", "1", " IN (1)", 900),
        nest("", "1", " COLLATE NOCASE", 900),
        // What is closed is deep too: each of these operators has all before it below.
        nest("", "1", &format!("{})", " + 1".repeat(900)), 25).replacen('1', &format!("{}1", "(".repeat(25)), 1),
        nest("CASE WHEN 1 THEN ", "1", &format!("{} END", " + 1".repeat(400)), 50),
        nest("1 FROM orders UNION SELECT ", "1", "", 3_000),
        format!("SELECT 1 FROM {}orders{}", "(SELECT * FROM ".repeat(95), ")".repeat(95)),
        format!("SELECT 1 FROM {}orders{}", "(".repeat(95), ")".repeat(95)),
        nest("(", "1", ")", 20_000),
    ];
    let small = std::thread::Builder::new().stack_size(2 << 20);
    let walk = move || statements.iter().for_each(|sql| drop(check(sql, &schema(), &Policy::default())));
    small.spawn(walk).expect("a thread").join().expect("no overflow");
}

/// Each would take for ever, or all memory, without a bound on what a check may cost.
#[test]
fn named_queries_that_multiply_are_refused() {
    let chain = |body: &dyn Fn(usize) -> String| {
        (1..40).fold("WITH c0 AS (SELECT total AS x FROM orders)".to_owned(), |sql, n| {
            format!("{sql}, c{n} AS ({})", body(n - 1))
        })
    };
    // Each is checked twice, once for the columns of its first arm.
    let nested = (0..40).fold("SELECT 1 FROM orders".to_owned(), |inner, n| {
        format!("SELECT 1 FROM (WITH a{n} AS ({inner} UNION ALL SELECT 1 FROM a{n}) SELECT 1 FROM a{n})")
    });
    let wide = format!("SELECT 1 FROM orders{}", ", orders".repeat(80));
    let statements = [
        chain(&|n| format!("SELECT a.*, b.* FROM c{n} a, c{n} b")) + " SELECT 1 FROM c39",
        chain(&|n| format!("SELECT x + x AS x FROM c{n}")) + " SELECT x FROM c39",
        wide,
        nested,
    ];
    for sql in statements {
        assert_eq!(refused(&sql).code, "too_long");
    }
}

#[test]
fn bigquery_names_and_functions_are_understood() {
    let schema = Schema { dialect: crate::schema::Dialect::BigQuery, ..schema() };
    for sql in [
        "SELECT DATE_TRUNC(placed, MONTH) AS m, SUM(total) FROM `shop.retail.orders` GROUP BY m",
        "SELECT o.city, SAFE_DIVIDE(SUM(o.total), COUNT(*)) FROM shop.retail.orders AS o GROUP BY 1 ORDER BY 2 DESC LIMIT 5",
        "SELECT city, EXTRACT(YEAR FROM placed) FROM orders QUALIFY ROW_NUMBER() OVER (PARTITION BY city ORDER BY total) = 1",
        "SELECT * EXCEPT (total) FROM orders WHERE placed >= DATE_SUB(DATE '2025-01-01', INTERVAL 3 MONTH)",
        "SELECT DATE_TRUNC(placed, WEEK(MONDAY)), COUNT(*) FROM orders GROUP BY 1",
    ] {
        check(sql, &schema, &Policy::default()).unwrap_or_else(|refusal| panic!("{sql}: {refusal}"));
    }
    for sql in ["SELECT DATE_TRUNC(placed, WEEK(total)) FROM orders", "SELECT WEEK(MONDAY) FROM orders"] {
        check(sql, &schema, &Policy::default()).expect_err(sql);
    }
}

#[test]
fn a_star_that_cannot_be_written_out_is_refused() {
    let policy = Policy { deny_columns: vec!["customers.zone".to_owned()], ..Policy::default() };
    let mut schema = schema();
    let customers = schema.find_table("customers").expect("a table");
    schema.tables[customers.0].has_hidden = true;
    for sql in [
        "SELECT 'customers'.* FROM customers",
        "SELECT * FROM customers JOIN (SELECT 1 AS id)",
        "SELECT * FROM orders a NATURAL JOIN orders b JOIN customers c ON c.id = b.id",
    ] {
        let refusal = check(sql, &schema, &policy).expect_err(sql);
        assert!(refusal.hint.contains("instead of *"), "{sql}: {refusal}");
    }
    let checked = check("SELECT * FROM customers c JOIN orders o ON o.id = c.id", &schema, &policy).expect("passes");
    assert!(checked.text().contains("\"o\".\"id\""), "{}", checked.text());
}
