//! Views that change by themselves, and keys that nobody declared.

use super::*;

#[test]
fn views_of_the_clock_and_of_chance_are_known_through_other_views_too() {
    let mut connection = Connection::open_in_memory().expect("memory");
    connection
        .execute_batch(
            "CREATE TABLE sale(day TEXT, random_note TEXT);
             CREATE VIEW outer_most AS SELECT * FROM \"Of Today\" JOIN sale USING (day);
             CREATE VIEW \"of today\" AS SELECT * FROM today;
             CREATE VIEW today AS SELECT * FROM sale WHERE day = date('now');
             CREATE VIEW dice AS SELECT random() AS thrown;
             CREATE VIEW noted AS SELECT random_note FROM sale;",
        )
        .expect("set-up");
    let schema = read(&mut connection, "test", &Hidden::default()).expect("a schema");
    let volatile: Vec<&str> = schema.tables.iter().filter(|t| t.volatile).map(|t| t.name.as_str()).collect();
    assert_eq!(volatile, ["outer_most", "of today", "today", "dice"]);
}

/// The inferred keys of a database, as `from -> to`.
fn keys(sql: &str) -> Vec<String> {
    let mut connection = Connection::open_in_memory().expect("memory");
    connection.execute_batch(sql).expect("set-up");
    let schema = read(&mut connection, "test", &Hidden::default()).expect("a schema");
    let inferred = schema.foreign_keys.iter().filter(|key| !key.declared);
    inferred.map(|key| format!("{} -> {}", schema.qualified(key.from), schema.qualified(key.to))).collect()
}

/// A row for each number from one on.
fn rows(table: &str, values: &str, rows: u32) -> String {
    format!(
        "WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c WHERE n < {rows}) \
         INSERT INTO {table} SELECT {values} FROM c;"
    )
}

#[test]
fn a_column_refers_to_the_table_that_its_last_words_name() {
    const STATIONS: &str = "CREATE TABLE station(id INTEGER PRIMARY KEY, city TEXT); \
                            INSERT INTO station VALUES (1, 'A'), (2, 'B'), (3, 'C');";
    for (columns, found) in [
        ("start_station_id INTEGER", "trip.start_station_id -> station.id"),
        ("station_id INTEGER", "trip.station_id -> station.id"),
        ("Station INTEGER", "trip.Station -> station.id"),
        ("start_platform_id INTEGER", ""),
        ("station_id_before INTEGER", ""),
        ("station_id TEXT", ""),
    ] {
        let values = if columns.ends_with("TEXT") { "('a'), ('b'), ('c')" } else { "(1), (3), (3)" };
        let trips = format!("{STATIONS} CREATE TABLE trip({columns}); INSERT INTO trip VALUES {values};");
        assert_eq!(keys(&trips).join(", "), found, "{columns}");
    }
}

#[test]
fn a_column_of_one_name_refers_to_where_it_is_unique() {
    let shops = |declared: &str| {
        format!(
            "CREATE TABLE shop({declared}, city TEXT); CREATE TABLE sale(store_code TEXT); \
             INSERT INTO shop VALUES ('x7', 'A'), ('x8', 'B'); INSERT INTO sale VALUES ('x7'), ('x7'), ('x8');"
        )
    };
    assert_eq!(keys(&shops("store_code TEXT PRIMARY KEY")), ["sale.store_code -> shop.store_code"]);
    assert_eq!(keys(&shops("store_code TEXT")), ["sale.store_code -> shop.store_code"]);
    let repeated = shops("store_code TEXT") + "INSERT INTO shop VALUES ('x7', 'C');";
    assert!(keys(&repeated).is_empty());
    // A bare "id" is a name of its own in every table.
    let bare = "CREATE TABLE shop(id INTEGER PRIMARY KEY); CREATE TABLE sale(id INTEGER PRIMARY KEY); \
                INSERT INTO shop VALUES (1), (2), (3); INSERT INTO sale VALUES (1), (2), (3);";
    assert!(keys(bare).is_empty());
}

#[test]
fn a_key_by_name_stands_a_few_orphans_and_no_more() {
    let sales = |orphans: u32| {
        "CREATE TABLE shop(shop_id INTEGER PRIMARY KEY); CREATE TABLE sale(shop_id INTEGER);".to_owned()
            + &rows("shop", "n", 100)
            + &rows("sale", "n", 100 - orphans)
            + &rows("sale", "n + 1000", orphans)
    };
    assert_eq!(keys(&sales(5)).len(), 1);
    assert!(keys(&sales(6)).is_empty());
}

/// Sold things whose column `thing` says nothing of items by its name.
fn told_by_values(item: &str, things: &str) -> Vec<String> {
    keys(&format!("CREATE TABLE item(id {item}; CREATE TABLE sold(thing {things}"))
}

#[test]
fn values_that_nothing_else_could_hold_tell_a_key() {
    let items = "INTEGER PRIMARY KEY); INSERT INTO item VALUES (4711), (4712), (4799)";
    let key = ["sold.thing -> item.id"];
    assert_eq!(told_by_values(items, "INTEGER); INSERT INTO sold VALUES (4711), (4712), (4799), (4711);"), key);
    // One that is not found: by values alone none may be missing.
    assert!(told_by_values(items, "INTEGER); INSERT INTO sold VALUES (4711), (4712), (4799), (4750);").is_empty());
    // Beyond the keys.
    assert!(told_by_values(items, "INTEGER); INSERT INTO sold VALUES (4711), (4712), (4799), (4800);").is_empty());
    // Two values are found anywhere.
    assert!(told_by_values(items, "INTEGER); INSERT INTO sold VALUES (4711), (4712), (4711);").is_empty());
    // A key of its own is no reference.
    let own = "INTEGER PRIMARY KEY); INSERT INTO sold VALUES (4711), (4712), (4799);";
    assert!(told_by_values(items, own).is_empty());
    // Texts are no numbers.
    assert!(told_by_values(items, "TEXT); INSERT INTO sold VALUES ('4711'), ('4712'), ('4799');").is_empty());
}

#[test]
fn numbers_counted_from_one_tell_nothing() {
    let sold = "INTEGER); INSERT INTO sold SELECT id FROM item;";
    let items =
        |first: u32| format!("INTEGER PRIMARY KEY); INSERT INTO item VALUES ({first}), ({first} + 1), ({first} + 2)");
    assert!(told_by_values(&items(1), sold).is_empty());
    assert!(told_by_values(&items(99), sold).is_empty());
    assert_eq!(told_by_values(&items(100), sold).len(), 1);
}

#[test]
fn texts_tell_a_key_and_numbers_of_their_own_kind_do_not() {
    let codes = "TEXT PRIMARY KEY); INSERT INTO item VALUES ('ab'), ('bc'), ('cd')";
    assert_eq!(told_by_values(codes, "TEXT); INSERT INTO sold VALUES ('ab'), ('bc'), ('cd'), ('ab');").len(), 1);
    let sold = |column: &str| {
        keys(&format!(
            "CREATE TABLE item(id INTEGER PRIMARY KEY); CREATE TABLE sold({column} INTEGER); \
             INSERT INTO item VALUES (2001), (2002), (2003); INSERT INTO sold VALUES (2001), (2002), (2003), (2003);"
        ))
    };
    assert_eq!(sold("thing").len(), 1);
    for counted in ["year", "list_price", "total", "age"] {
        assert!(sold(counted).is_empty(), "{counted}");
    }
}

#[test]
fn values_found_in_two_tables_tell_neither() {
    let two = "CREATE TABLE item(id INTEGER PRIMARY KEY); CREATE TABLE part(id INTEGER PRIMARY KEY); \
               CREATE TABLE sold(thing INTEGER); INSERT INTO item VALUES (4711), (4712), (4799); \
               INSERT INTO sold VALUES (4711), (4712), (4799), (4711); ";
    assert_eq!(keys(two), ["sold.thing -> item.id"]);
    assert!(keys(&format!("{two} INSERT INTO part SELECT id FROM item;")).iter().all(|key| !key.starts_with("sold")));
}
