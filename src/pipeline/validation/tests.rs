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
    ] {
        check(sql, &schema, &Policy::default()).unwrap_or_else(|refusal| panic!("{sql}: {refusal}"));
    }
}
