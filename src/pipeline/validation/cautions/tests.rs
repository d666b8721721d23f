//! Statements with and without faults of meaning, over a real database: `tests/cases/sql/meaning.{sql,jsonl}`.

use rusqlite::Connection;
use serde::Deserialize;

use crate::config::Policy;
use crate::database::Database;
use crate::pipeline::validation::{CautionKind, ReadOnlySql, check};
use crate::schema::{Column, Schema, SemanticType, Table};

const SCHEMA: &str = include_str!("../../../../tests/cases/sql/meaning.sql");
const CASES: &str = include_str!("../../../../tests/cases/sql/meaning.jsonl");

#[derive(Deserialize)]
struct Case {
    sql: String,
    /// `fan_out` or `additivity`; none if the statement means what it says.
    kind: Option<String>,
    /// What the caution must name.
    word: Option<String>,
}

struct Nursery {
    connection: Connection,
    schema: Schema,
    _folder: tempfile::TempDir,
}

impl Nursery {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("nursery.db");
        let connection = Connection::open(&path).expect("opens");
        connection.execute_batch(SCHEMA).expect("meaning.sql runs");
        let schema = Database::open(&path).expect("opens").read_schema().expect("has a schema");
        Self { connection, schema, _folder: folder }
    }

    fn check(&self, sql: &str) -> ReadOnlySql {
        check(sql, &self.schema, &Policy::default()).unwrap_or_else(|refusal| panic!("{sql}: {refusal}"))
    }
}

fn cases() -> Vec<Case> {
    CASES.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

#[test]
fn traps_are_seen_and_statements_like_them_are_left_alone() {
    let nursery = Nursery::new();
    let cases = cases();
    let (mut missed, mut false_alarms) = (Vec::new(), Vec::new());
    for case in &cases {
        let checked = nursery.check(&case.sql);
        let found = checked.cautions().iter().find(|caution| {
            let kind = match caution.kind {
                CautionKind::FanOut => "fan_out",
                CautionKind::NonAdditive => "additivity",
            };
            case.kind.as_deref() == Some(kind) && case.word.as_ref().is_some_and(|word| caution.text.contains(word))
        });
        if case.kind.is_some() && found.is_none() {
            missed.push(format!("{} -> {:?}", case.sql, checked.cautions()));
        }
        if case.kind.is_none() && !checked.cautions().is_empty() {
            false_alarms.push(format!("{} -> {:?}", case.sql, checked.cautions()));
        }
    }
    let traps = cases.iter().filter(|case| case.kind.is_some()).count();
    let (recall, alarms) =
        (1.0 - missed.len() as f64 / traps as f64, false_alarms.len() as f64 / (cases.len() - traps) as f64);
    eprintln!("recall {recall:.3} of {traps}, false alarms {alarms:.3} of {}", cases.len() - traps);
    assert!(traps >= 30 && cases.len() - traps >= 30, "{traps} of {}", cases.len());
    assert!(
        recall >= 0.95 && alarms <= 0.03,
        "recall {recall:.3}, false alarms {alarms:.3}\nmissed {missed:#?}\nfalse {false_alarms:#?}"
    );
}

#[test]
fn every_correction_passes_the_gate_without_a_caution_and_runs() {
    let nursery = Nursery::new();
    let (mut seen, mut cautions) = (0, 0);
    for case in cases() {
        for caution in nursery.check(&case.sql).cautions() {
            cautions += 1;
            let Some(instead) = &caution.instead else { continue };
            seen += 1;
            assert!(caution.text.contains(instead.as_str()), "{}", caution.text);
            let corrected = nursery.check(instead);
            assert!(corrected.cautions().is_empty(), "{instead}: {:?}", corrected.cautions());
            let mut statement =
                nursery.connection.prepare(corrected.text()).unwrap_or_else(|e| panic!("{instead}: {e}"));
            assert!(statement.exists([]).unwrap_or_else(|e| panic!("{instead}: {e}")), "{instead} gives no row");
        }
    }
    assert!(seen * 10 >= cautions * 8, "{seen} of {cautions} cautions have a correction");
}

#[test]
fn a_correction_counts_each_row_once() {
    let nursery = Nursery::new();
    let sql =
        "SELECT SUM(b.basket_total) FROM baskets b JOIN basket_lines l ON l.basket_id = b.basket_id WHERE l.units > 1";
    let checked = nursery.check(sql);
    let instead = checked.cautions()[0].instead.as_deref().expect("a correction");
    assert_eq!(
        instead,
        "SELECT SUM(b.basket_total) FROM baskets AS b WHERE EXISTS (SELECT 1 FROM basket_lines AS l WHERE \
         l.basket_id = b.basket_id AND l.units > 1)"
    );
    assert_eq!(
        checked.cautions()[0].text,
        format!(
            "SUM(b.basket_total) adds each row of baskets once for every matching row of basket_lines (joined by \
             basket_id); ask for basket_lines with EXISTS, or leave it out: {instead}"
        )
    );
    let total: f64 = nursery.connection.query_row(instead, [], |row| row.get(0)).expect("runs");
    assert!((total - (33.0 + 51.4 + 16.0)).abs() < 1e-9, "{total}");
}

/// What people taught about a column goes before what its name says.
#[test]
fn a_taught_meaning_is_believed() {
    let mut schema = Nursery::new().schema;
    let table = schema.find_table("weekly_stock").expect("a table");
    let id = schema.find_column(table, "on_hand_units").expect("a column");
    let sql = "SELECT SUM(on_hand_units) FROM weekly_stock";
    assert!(check(sql, &schema, &Policy::default()).expect("passes").cautions().is_empty());
    schema.tables[table.0].columns[id.column].profile.semantic = SemanticType::Ratio;
    let checked = check(sql, &schema, &Policy::default()).expect("passes");
    assert_eq!(checked.cautions()[0].kind, CautionKind::NonAdditive);
}

#[test]
fn a_denied_column_is_in_no_correction() {
    let schema = Nursery::new().schema;
    let policy = Policy { deny_columns: vec!["basket_lines.units".into()], ..Policy::default() };
    let checked = check("SELECT SUM(unit_price) FROM basket_lines", &schema, &policy).expect("passes");
    assert!(!checked.cautions()[0].text.contains("units"), "{:?}", checked.cautions());
}

/// Nothing of this ends in a panic, an overflow or a long wait, whatever the cautions are.
#[test]
fn odd_and_huge_statements_are_gone_through_on_a_small_stack() {
    let column = |name: &str, semantic| {
        let mut column = Column { name: name.to_owned(), ..Column::default() };
        column.profile.semantic = semantic;
        column
    };
    let columns = vec![column("id", SemanticType::Id), column("total", SemanticType::Money)];
    let orders = Table { name: "orders".into(), columns, primary_key: vec![0], ..Table::default() };
    let schema = Schema { tables: vec![orders], ..Schema::default() };
    let many = |n: usize, part: &str, glue: &str| vec![part; n].join(glue);
    let joins: String =
        (0..60).flat_map(|n| [format!(" JOIN orders t{n}"), format!(" ON t{n}.id = a.total")]).collect();
    let chain = (1..60).fold("WITH c0 AS (SELECT * FROM orders)".to_owned(), |sql, n| {
        format!("{sql}, c{n} AS (SELECT a.* FROM c{} a JOIN c{} b USING (id))", n - 1, n - 1)
    });
    let statements = [
        format!("SELECT SUM(a.total) FROM orders a{joins} WHERE {}", many(900, "a.id = t1.total", " AND ")),
        format!("SELECT {} FROM orders a, orders b", many(5_000, "SUM(a.total)", ", ")),
        format!("SELECT {} FROM orders a{joins}", many(3_000, "SUM(a.total + t9.id)", ", ")),
        format!("{chain} SELECT SUM(total) FROM c59"),
        format!("SELECT SUM({}) FROM orders", many(900, "total", " + ")),
        format!("SELECT SUM(total) FROM orders WHERE id IN ({})", many(50_000, "1", ",")),
        format!("SELECT {}SUM(total){} FROM orders", "(SELECT ".repeat(90), ")".repeat(90)),
        format!("SELECT SUM(total) FROM {}orders{}", "(SELECT * FROM ".repeat(90), ")".repeat(90)),
        format!("SELECT total FROM orders GROUP BY {}", many(9_000, "total", ", ")),
        format!("SELECT SUM(x.total) FROM ({}) x", many(900, "SELECT * FROM orders", " UNION ALL ")),
        "SELECT SUM(total), COUNT(*), SUM(), AVG(1), SUM(*) FROM orders".into(),
        "SELECT SUM(id) FROM orders GROUP BY 99, 0, 18446744073709551616".into(),
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT SUM(i) FROM n JOIN orders ON id = i"
            .into(),
        "SELECT SUM(value) FROM orders, json_each('[1]') NATURAL JOIN orders b".into(),
        "SELECT SUM(\"Total\") FROM (VALUES (1, 2)), orders".into(),
    ];
    let walk = move || statements.iter().for_each(|sql| drop(check(sql, &schema, &Policy::default())));
    let small = std::thread::Builder::new().stack_size(2 << 20);
    small.spawn(walk).expect("a thread").join().expect("no overflow");
}
