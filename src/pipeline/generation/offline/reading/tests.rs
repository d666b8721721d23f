//! Single rules of the reading, by the plan that they make.

use super::{Ground, read};
use crate::database::Database;
use crate::database::samples::make;
use crate::knowledge::Knowledge;
use crate::pipeline::analysis::analyse;
use crate::pipeline::generation::offline::OfflineEngine;
use crate::pipeline::generation::offline::plan::{Expr, Operand, Operator, Predicate, Query, Select};
use crate::pipeline::generation::offline::tokens::tokens;
use crate::schema::{Schema, Value};

const SHOP: &str = "CREATE TABLE products(product_id INTEGER PRIMARY KEY, product_name TEXT, cost REAL, weight REAL);
    INSERT INTO products VALUES (1, 'Peas', 2.5, 1), (2, 'Bread', 7.5, 2), (3, 'Rolls', 1.5, 9), (4, 'Milk', 6, 3);";

/// What the rules make of a question.
fn plan(data: &str, question: &str) -> (Schema, Option<Select>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("read.db");
    make(&path, data);
    let schema = Database::open(&path).unwrap().read_schema().unwrap();
    let engine = OfflineEngine::new(&schema, &Knowledge::default());
    let analysis = analyse(question, &schema, "2025-06-30".parse().unwrap());
    let ground = Ground { schema: &schema, names: &engine.names, graph: &engine.graph, analysis: &analysis };
    let select = match read(ground, tokens(&analysis, &engine.names)).map(|reading| reading.query) {
        Ok(Query::Select(select)) => Some(*select),
        _ => None,
    };
    (schema, select)
}

#[test]
fn a_measure_said_as_a_deed_ranks() {
    for (question, column, descending) in [
        ("which product costs the most?", "products.cost", true),
        ("which product costs the least?", "products.cost", false),
        ("which product weighs the most?", "products.weight", true),
    ] {
        let (schema, select) = plan(SHOP, question);
        let select = select.expect(question);
        let [sort] = &select.order[..] else { panic!("{question}: {select:?}") };
        let Expr::Column(by) = sort.by else { panic!("{question}: {select:?}") };
        assert_eq!((schema.qualified(by).as_str(), sort.descending), (column, descending), "{question}");
        assert_eq!(select.limit, Some(1), "{question}");
    }
}

#[test]
fn more_than_a_number_is_no_rank() {
    let (schema, select) = plan(SHOP, "products that cost more than 5");
    let select = select.expect("a plan");
    assert!(select.order.is_empty() && select.limit.is_none(), "{select:?}");
    let [Predicate::Compare { left: Expr::Column(id), operator, right: Operand::Value(value) }] = &select.filter[..]
    else {
        panic!("{select:?}")
    };
    assert_eq!((schema.qualified(*id).as_str(), *operator), ("products.cost", Operator::Greater));
    assert_eq!(value.as_f64(), Value::Integer(5).as_f64());
}

/// Sales of a store, and what they came to in each month: the sums are copies.
#[test]
fn a_measure_is_read_where_it_is_finest() {
    let months = "CREATE TABLE months(month TEXT, revenue REAL);
         INSERT INTO months VALUES ('2025-01', 10), ('2025-02', 20), ('2025-03', 30);";
    let sales = "CREATE TABLE sales(sale_id INTEGER PRIMARY KEY, day DATE, revenue REAL);
         INSERT INTO sales VALUES (1, '2025-01-01', 4), (2, '2025-01-02', 6), (3, '2025-02-01', 8), (4, '2025-02-02', 12),
         (5, '2025-03-01', 5), (6, '2025-03-02', 5), (7, '2025-03-03', 5), (8, '2025-03-04', 5), (9, '2025-03-05', 10);";
    for data in [format!("{months} {sales}"), format!("{sales} {months}")] {
        let (schema, select) = plan(&data, "what is the total revenue?");
        let select = select.expect("a plan");
        let [Expr::Aggregate { of, .. }] = &select.items[..] else { panic!("{select:?}") };
        let Expr::Column(id) = **of else { panic!("{select:?}") };
        assert_eq!(schema.qualified(id), "sales.revenue");
    }
}
