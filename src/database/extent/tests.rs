//! A large table, as small caps make any table one: what is claimed of all its rows, and what is not.

use super::*;
use crate::database::Hidden;
use crate::database::catalogue::read_within;
use crate::schema::{ColumnProfile, Value};

/// Ten rows in each of twelve places: of a thousand the rows 1 to 10, 91 to 100 and so on to 991.
fn caps() -> Caps {
    Caps { rows: 120, ..Caps::default() }
}

fn read(sql: &str, caps: &Caps) -> Schema {
    let mut connection = Connection::open_in_memory().expect("memory");
    connection.execute_batch(sql).expect("set-up");
    read_within(&mut connection, "test", &Hidden::default(), caps).expect("a schema")
}

fn profile<'a>(schema: &'a Schema, column: &str) -> &'a ColumnProfile {
    let mut columns = schema.columns().filter(|id| schema.qualified(*id) == column);
    schema.profile(columns.next().expect(column))
}

fn may_be_null(schema: &Schema, column: &str) -> bool {
    schema.columns().any(|id| schema.qualified(id) == column && schema.may_be_null(id))
}

/// A table `t` with the numbers `n` from one on.
fn numbered(columns: &str, rows: u32, values: &str) -> String {
    format!(
        "CREATE TABLE t({columns}); WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < {rows}) \
         INSERT INTO t SELECT {values} FROM c;"
    )
}

#[test]
fn a_small_table_is_read_whole_and_all_is_known() {
    let schema = read(&numbered("id INTEGER PRIMARY KEY, n INTEGER, word TEXT", 120, "n, n, 'w' || n"), &caps());
    for column in ["t.id", "t.n", "t.word"] {
        let profile = profile(&schema, column);
        assert!(!profile.sampled && profile.exact_ends && profile.unique, "{column}");
        assert!(!may_be_null(&schema, column), "{column}");
    }
    assert_eq!((schema.tables[0].row_count, schema.tables[0].rows_estimated), (Some(120), false));
}

#[test]
fn few_rows_with_numbers_far_apart_are_read_whole_and_each_once() {
    let sql = numbered("id INTEGER PRIMARY KEY, word TEXT", 5, "n * 100000000, 'w' || n");
    let schema = read(&sql, &caps());
    let words = profile(&schema, "t.word");
    assert_eq!((words.rows, words.distinct, words.sampled, words.unique), (5, 5, false, true));
    assert_eq!(schema.tables[0].row_count, Some(5));
}

#[test]
fn no_row_is_looked_at_twice_where_numbers_lie_unevenly() {
    let rows = "CASE WHEN n <= 100 THEN n * 1000 ELSE 1000000 + n END, 'w' || n";
    let schema = read(&numbered("id INTEGER PRIMARY KEY, word TEXT", 300, rows), &caps());
    let words = profile(&schema, "t.word");
    assert!(words.sampled && words.rows <= 120 && words.distinct == words.rows, "{words:?}");
}

#[test]
fn what_some_rows_show_is_not_claimed_of_all() {
    // Row 50 is not looked at: it repeats, lacks and exceeds what the others hold.
    let value = "iif(n = 50, NULL, n)";
    let columns = "id INTEGER PRIMARY KEY, repeated INTEGER, missing INTEGER, large INTEGER, told INTEGER NOT NULL";
    let sql = numbered(columns, 1000, &format!("n, iif(n = 50, 1, n), {value}, iif(n = 50, 9999, n), n"));
    let schema = read(&sql, &caps());
    for column in ["t.repeated", "t.missing", "t.large", "t.told"] {
        let profile = profile(&schema, column);
        assert_eq!((profile.rows, profile.sampled, profile.unique, profile.exact_ends), (120, true, false, false));
    }
    assert!(may_be_null(&schema, "t.missing") && may_be_null(&schema, "t.repeated"));
    assert!(!may_be_null(&schema, "t.told") && !may_be_null(&schema, "t.id"));
}

#[test]
fn indexes_tell_what_is_true_of_all_rows() {
    let columns =
        "id INTEGER PRIMARY KEY, code TEXT UNIQUE, gap INTEGER UNIQUE, plain INTEGER, pair INTEGER, part INTEGER";
    let values = "n, 'c' || (n + 1000), iif(n = 50, NULL, n), iif(n = 50, -7, n), n, n";
    let indexes = "CREATE INDEX by_plain ON t(plain); CREATE UNIQUE INDEX by_pair ON t(pair, plain); \
                   CREATE UNIQUE INDEX by_part ON t(part) WHERE part > 5;";
    let schema = read(&(numbered(columns, 1000, values) + indexes), &caps());
    let told = |column: &str| {
        let profile = profile(&schema, column);
        (profile.unique, profile.exact_ends)
    };
    assert_eq!(told("t.id"), (true, true));
    assert_eq!(told("t.code"), (true, true));
    assert_eq!(told("t.gap"), (false, true), "a value is missing");
    assert_eq!(told("t.plain"), (false, true));
    assert_eq!(told("t.pair"), (false, true), "only both together are unique");
    assert_eq!(told("t.part"), (false, false), "not of all rows");
    assert_eq!(profile(&schema, "t.plain").min, Some(Value::Integer(-7)));
    assert!(may_be_null(&schema, "t.gap") && !may_be_null(&schema, "t.code"));
}

#[test]
fn a_large_table_is_counted_within_its_budget_and_estimated_beyond() {
    let counted = |sql: &str, counted: u64| {
        let schema = read(sql, &Caps { counted, ..caps() });
        (schema.tables[0].row_count, schema.tables[0].rows_estimated)
    };
    let dense = numbered("n INTEGER", 1234, "n");
    assert_eq!(counted(&dense, 1234), (Some(1234), false));
    assert_eq!(counted(&dense, 1233), (Some(1230), true));
    let halved = dense.clone() + "DELETE FROM t WHERE n % 2 = 0;";
    assert_eq!(counted(&halved, 2000), (Some(617), false));
    let (about, _) = counted(&halved, 0);
    assert!(about.is_some_and(|rows| (580..=680).contains(&rows)), "{about:?}");
    // Nothing is claimed of numbers that lie unevenly, unless somebody counted before.
    let uneven = numbered("id INTEGER PRIMARY KEY", 1000, "iif(n < 900, n, n * 1000)");
    assert_eq!(counted(&uneven, 0), (None, false));
    let analysed = uneven + "CREATE INDEX by_id ON t(id); ANALYZE;";
    assert_eq!(counted(&analysed, 0), (Some(1000), true));
}

#[test]
fn the_smallest_tables_are_counted_first() {
    let sql =
        numbered("n INTEGER", 900, "n") + "CREATE TABLE u(n INTEGER); INSERT INTO u SELECT n FROM t WHERE n <= 300;";
    let schema = read(&sql, &Caps { counted: 1000, ..caps() });
    let counts: Vec<_> = schema.tables.iter().map(|table| (table.row_count, table.rows_estimated)).collect();
    assert_eq!(counts, [(Some(900), true), (Some(300), false)]);
}

#[test]
fn the_ends_of_dates_are_read_within_a_budget() {
    // The last day stands in a row that is not looked at.
    let sql = numbered("n INTEGER, day DATE", 1000, "n, date('2025-01-01', (iif(n = 50, 2000, n)) || ' days')");
    let day = |scanned: u64| {
        let schema = read(&sql, &Caps { scanned, ..caps() });
        let day = profile(&schema, "t.day");
        (day.max.clone().and_then(|max| max.as_text().map(str::to_owned)), day.exact_ends)
    };
    assert_eq!(day(1000), (Some("2030-06-24".into()), true));
    assert_eq!(day(999), (Some("2027-09-28".into()), false));
}

#[test]
fn rows_without_numbers_are_read_from_the_front() {
    let sql = numbered("code TEXT PRIMARY KEY, word TEXT", 1000, "printf('%05d', n), 'w' || n")
        .replace("word TEXT)", "word TEXT) WITHOUT ROWID");
    let schema = read(&sql, &caps());
    let code = profile(&schema, "t.code");
    assert_eq!((code.rows, code.sampled, code.unique, code.exact_ends), (120, true, true, true));
    assert_eq!(code.max, Some(Value::Text("01000".into())));
    assert!(!profile(&schema, "t.word").exact_ends);
    assert_eq!(schema.tables[0].row_count, None);
    // A column may hide the number of the row.
    let schema = read(&numbered("rowid TEXT, oid INTEGER", 1000, "'r', 5"), &caps());
    assert_eq!((profile(&schema, "t.rowid").rows, schema.tables[0].row_count), (120, Some(1000)));
}

#[test]
fn a_view_is_read_as_far_as_its_steps_go() {
    let sql = numbered("n INTEGER, word TEXT", 3000, "n, 'w'")
        + "CREATE VIEW added AS SELECT word, sum(n) AS total FROM t GROUP BY n % 7 ORDER BY 2;
           CREATE VIEW plain AS SELECT n, word FROM t; CREATE VIEW broken AS SELECT * FROM gone;";
    let enough = read(&sql, &Caps { rows: 3000, ..Caps::default() });
    assert_eq!((enough.tables[1].row_count, profile(&enough, "added.total").sampled), (Some(7), false));
    assert_eq!(enough.tables[3].row_count, None);
    let few = read(&sql, &Caps { rows: 3000, views: 5000, view: 5000, least_view: 3000, ..Caps::default() });
    assert_eq!((few.tables[1].row_count, few.tables[2].row_count), (None, None));
    let (total, n) = (profile(&few, "added.total"), profile(&few, "plain.n"));
    assert_eq!((total.rows, total.sampled), (0, true));
    assert!(n.sampled && n.rows > 100 && n.rows < 3000 && n.numeric, "{n:?}");
    assert_eq!(few.tables[0].row_count, Some(3000));
}

#[test]
fn of_many_cells_fewer_rows_of_each_table_are_looked_at() {
    let rows = |cells: u64| {
        let schema = read(&numbered("a, b", 1000, "n, n"), &Caps { rows: 800, cells, fewest_rows: 100, ..caps() });
        profile(&schema, "t.a").rows
    };
    assert_eq!([rows(1600), rows(1599), rows(450), rows(1)], [792, 396, 192, 96]);
}

#[test]
fn long_texts_end_the_look_at_a_table() {
    let sql = numbered("word TEXT", 100, "printf('%1000d', n)");
    let seen = |bytes: u64| {
        let schema = read(&sql, &Caps { bytes, ..caps() });
        let word = profile(&schema, "t.word");
        (word.rows, word.sampled, word.unique, schema.tables[0].row_count)
    };
    assert_eq!(seen(100_001), (100, false, true, Some(100)));
    assert_eq!(seen(30_000), (30, true, false, Some(100)));
}

#[test]
fn values_beyond_the_room_are_not_told_apart_and_their_ends_are_right_all_the_same() {
    let sql = numbered("word TEXT, n INTEGER", 100, "char(64 + n % 50), 1000 - n");
    for caps in [Caps { distinct: 5, ..caps() }, Caps { held: 8 * 49, ..caps() }] {
        let schema = read(&sql, &caps);
        let (word, n) = (profile(&schema, "t.word"), profile(&schema, "t.n"));
        assert!(word.distinct < 50 && n.distinct < 100 && !n.unique, "{word:?}");
        assert_eq!(
            (word.min.clone(), word.max.clone()),
            (Some(Value::Text("@".into())), Some(Value::Text("q".into())))
        );
        assert_eq!((n.min.clone(), n.max.clone()), (Some(Value::Integer(900)), Some(Value::Integer(999))));
    }
}

#[test]
fn the_index_of_values_has_room_for_later_columns_too() {
    let sql = numbered("kind TEXT, word TEXT", 100, "'often ' || (n % 10), 'seldom ' || n")
        + "CREATE TABLE u(name TEXT); INSERT INTO u VALUES ('last');";
    let schema = read(&sql, &Caps { indexed: 60, ..caps() });
    let found = |words: &[&str]| schema.values.exact(words).len();
    assert_eq!((found(&["often", "3"]), found(&["last"])), (1, 1));
    assert!(schema.values.len() <= 60);
    let schema = read(&sql, &Caps { indexed_bytes: 30, ..caps() });
    assert!(schema.values.bytes() <= 30 && !schema.values.is_empty());
}

#[test]
fn keys_of_large_tables_are_inferred_from_some_rows() {
    let sql = numbered("id INTEGER PRIMARY KEY, shop_id INTEGER, item_id INTEGER", 1000, "n, n % 20 + 1, n + 1")
        + "CREATE TABLE shop(id INTEGER PRIMARY KEY); INSERT INTO shop SELECT n FROM (SELECT id AS n FROM t) WHERE n < 30;
           CREATE TABLE item(id INTEGER PRIMARY KEY); INSERT INTO item SELECT id + 1 FROM t;";
    let keys = |caps: &Caps| {
        let schema = read(&sql, caps);
        let key = |key: &crate::schema::ForeignKey| (schema.qualified(key.from), schema.qualified(key.to));
        schema.foreign_keys.iter().map(key).collect::<Vec<_>>()
    };
    let both = [("t.shop_id".into(), "shop.id".into()), ("t.item_id".into(), "item.id".into())];
    assert_eq!(keys(&caps()), both);
    assert_eq!(keys(&Caps::default()), both);
    assert_eq!(keys(&Caps { keys: 0, ..caps() }), []);
    // Each of the values looked at is looked up among all rows of the other table.
    let orphans = sql.clone() + "DELETE FROM item WHERE id % 10 = 2;";
    let schema = read(&orphans, &caps());
    assert!(schema.foreign_keys.iter().all(|key| schema.qualified(key.to) != "item.id"));
}

#[test]
fn an_estimate_has_three_digits() {
    for (rows, told) in [(0, 0), (7, 7), (999, 999), (1234, 1230), (1235, 1240), (8_544_018, 8_540_000)] {
        assert_eq!(rounded(rows), told);
    }
}
