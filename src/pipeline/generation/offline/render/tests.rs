use super::super::graph::Graph;
use super::super::plan::{
    Arithmetic, Expr, Function, Grain, Operand, Operator, Predicate, Query, Select, SetOperator, Sort,
};
use super::super::tests::{id, profile, schema, table_id};
use super::time::time_key;
use super::{Rendered, Renderer, Unrenderable};
use crate::knowledge::{Knowledge, Metric};
use crate::schema::{ColumnId, Schema, SemanticType, TableId, Value};

fn school() -> Schema {
    schema(
        &[
            ("pupils", &["pupil_id*", "name", "born", "class_id"]),
            ("classes", &["class_id*", "room"]),
            ("marks", &["mark_id*", "pupil_id", "points", "given_on"]),
            ("absences", &["absence_id*", "pupil_id", "hours"]),
            ("club list", &["pupil_id*", "club_id*", "select"]),
            ("clubs", &["club_id*", "6th \"form\""]),
            ("weather", &["day*"]),
        ],
        &[
            ("pupils.class_id", "classes.class_id", true),
            ("marks.pupil_id", "pupils.pupil_id", true),
            ("absences.pupil_id", "pupils.pupil_id", true),
            ("club list.pupil_id", "pupils.pupil_id", true),
            ("club list.club_id", "clubs.club_id", true),
        ],
    )
}

fn render(schema: &Schema, select: Select) -> Result<Rendered, Unrenderable> {
    render_with(schema, &Knowledge::default(), &Query::Select(Box::new(select)))
}

fn render_with(schema: &Schema, knowledge: &Knowledge, query: &Query) -> Result<Rendered, Unrenderable> {
    let graph = Graph::new(schema);
    Renderer { schema, knowledge, graph: &graph, mentioned: &[] }.query(query)
}

fn sql(schema: &Schema, select: Select) -> String {
    render(schema, select).unwrap().sql
}

/// What stands after WHERE when `filter` holds for marks.
fn condition(schema: &Schema, filter: Predicate) -> String {
    let items = vec![Expr::Column(id(schema, "marks.mark_id"))];
    let sql = sql(schema, Select { items, filter: vec![filter], ..Select::default() });
    sql.split_once("WHERE ").unwrap().1.to_owned()
}

fn column(schema: &Schema, name: &str) -> Expr {
    Expr::Column(id(schema, name))
}

fn equals(schema: &Schema, name: &str, value: Value) -> Predicate {
    Predicate::Compare { left: column(schema, name), operator: Operator::Equal, right: Operand::Value(value) }
}

#[test]
fn odd_names_are_quoted_and_plain_ones_are_not() {
    let school = school();
    let one = |item| sql(&school, Select { items: vec![item], ..Select::default() });
    assert_eq!(one(column(&school, "pupils.name")), "SELECT name\nFROM pupils");
    assert_eq!(one(column(&school, "club list.select")), "SELECT \"select\"\nFROM \"club list\"");
    assert_eq!(one(column(&school, "clubs.6th \"form\"")), "SELECT \"6th \"\"form\"\"\"\nFROM clubs");
    assert_eq!(one(Expr::AllColumns(table_id(&school, "marks"))), "SELECT *\nFROM marks");
}

#[test]
fn literals_cannot_end_before_their_end() {
    let school = school();
    let literal = |value| condition(&school, equals(&school, "marks.points", value));
    assert_eq!(literal(Value::Text("O'Hara' OR 1".into())), "points = 'O''Hara'' OR 1'");
    assert_eq!(literal(Value::Real(2.0)), "points = 2.0");
    assert_eq!(literal(Value::Integer(-3)), "points = -3");
    let like = |pattern: &str| {
        let what = column(&school, "marks.points");
        condition(&school, Predicate::Like { what, pattern: pattern.into(), negated: true })
    };
    assert_eq!(like("%d'or%"), "points NOT LIKE '%d''or%'");
    assert_eq!(like("%50\\%%"), "points NOT LIKE '%50\\%%' ESCAPE '\\'");
}

#[test]
fn conditions_are_written_as_sql_has_them() {
    let school = school();
    let what = || column(&school, "marks.points");
    let values = vec![Value::Integer(1), Value::Text("b".into())];
    assert_eq!(condition(&school, Predicate::In { what: what(), values, negated: true }), "points NOT IN (1, 'b')");
    let (low, high) = (Value::Integer(2), Value::Integer(5));
    assert_eq!(condition(&school, Predicate::Between { what: what(), low, high }), "points BETWEEN 2 AND 5");
    assert_eq!(condition(&school, Predicate::IsNull { what: what(), negated: false }), "points IS NULL");
    assert_eq!(condition(&school, Predicate::IsNull { what: what(), negated: true }), "points IS NOT NULL");
}

#[test]
fn a_period_takes_in_all_of_its_last_day() {
    let mut school = school();
    let period = |school: &Schema, first: Option<&str>, last: Option<&str>| {
        let (first, last) = (first.map(str::to_owned), last.map(str::to_owned));
        condition(school, Predicate::Period { column: id(school, "marks.given_on"), first, last })
    };
    assert_eq!(
        period(&school, Some("2024-02-01"), Some("2024-02-29")),
        "given_on >= '2024-02-01' AND given_on < '2024-03-01'"
    );
    assert_eq!(period(&school, Some("2024-02-01"), None), "given_on >= '2024-02-01'");
    assert_eq!(period(&school, None, Some("2024-12-31")), "given_on < '2025-01-01'");
    profile(&mut school, "marks.given_on").semantic = SemanticType::Month;
    assert_eq!(
        period(&school, Some("2024-02-01"), Some("2024-03-31")),
        "given_on >= '2024-02' AND given_on <= '2024-03'"
    );
}

#[test]
fn what_is_over_two_keys_away_exists_or_not_over_both() {
    let school = school();
    let exists = Predicate::Exists {
        table: table_id(&school, "clubs"),
        filter: vec![equals(&school, "clubs.club_id", Value::Integer(7))],
        negated: true,
    };
    let items = vec![column(&school, "pupils.name")];
    assert_eq!(
        sql(&school, Select { items, filter: vec![exists], ..Select::default() }),
        "SELECT name\nFROM pupils\nWHERE NOT EXISTS (SELECT 1 FROM \"club list\" AS cl \
         JOIN clubs AS c ON c.club_id = cl.club_id WHERE cl.pupil_id = pupils.pupil_id AND c.club_id = 7)"
    );
}

#[test]
fn what_conditions_on_missing_rows_speak_of_is_joined_to_them() {
    let school = school();
    let exists = Predicate::Exists {
        table: table_id(&school, "club list"),
        filter: vec![equals(&school, "clubs.club_id", Value::Integer(7))],
        negated: true,
    };
    let items = vec![column(&school, "pupils.name")];
    assert_eq!(
        sql(&school, Select { items, filter: vec![exists], ..Select::default() }),
        "SELECT name\nFROM pupils\nWHERE NOT EXISTS (SELECT 1 FROM \"club list\" AS cl \
         JOIN clubs AS c ON c.club_id = cl.club_id WHERE cl.pupil_id = pupils.pupil_id AND c.club_id = 7)"
    );
}

#[test]
fn conditions_on_the_same_rows_are_met_by_one_of_them() {
    let school = school();
    let points = |operator, number| Predicate::Compare {
        left: column(&school, "marks.points"),
        operator,
        right: Operand::Value(Value::Integer(number)),
    };
    let given = Predicate::Period {
        column: id(&school, "marks.given_on"),
        first: Some("2024-02-01".to_owned()),
        last: Some("2024-02-29".to_owned()),
    };
    let counted = |filter| {
        let items = vec![Expr::CountRows(table_id(&school, "pupils"))];
        sql(&school, Select { items, filter, ..Select::default() })
    };
    let one = counted(vec![points(Operator::Greater, 9), given]);
    assert_eq!(one.matches("EXISTS").count(), 1, "{one}");
    assert!(one.contains("m.points > 9 AND m.given_on >= '2024-02-01'"), "{one}");
    // Nobody has two numbers at once.
    let two = counted(vec![points(Operator::Equal, 9), points(Operator::Equal, 3)]);
    assert_eq!(two.matches("EXISTS").count(), 2, "{two}");
}

#[test]
fn an_alias_is_no_name_of_a_table_and_no_other_alias() {
    let tables: [(&str, &[&str]); 4] =
        [("b", &["id*"]), ("boats", &["id*", "bay_id"]), ("bays", &["id*", "coast_id"]), ("order_no", &["id*"])];
    let mut harbour = schema(&tables, &[("boats.bay_id", "bays.id", true)]);
    let both = |harbour: &Schema| {
        let key = |table| Expr::Column(ColumnId { table: TableId(table), column: 0 });
        let items = vec![key(1), key(2)];
        sql(harbour, Select { items, ..Select::default() })
    };
    assert_eq!(both(&harbour), "SELECT b2.id, b3.id\nFROM boats AS b2\nJOIN bays AS b3 ON b3.id = b2.bay_id");
    harbour.tables[0].name = "B3".into();
    assert!(both(&harbour).contains("FROM boats AS b\nJOIN bays AS b2 "), "{}", both(&harbour));
    // "on" would be read as grammar.
    harbour.tables[2].name = "ocean_nooks".into();
    assert!(both(&harbour).contains("JOIN ocean_nooks AS t ON t.id"), "{}", both(&harbour));
}

#[test]
fn a_sum_is_not_multiplied_by_a_filter_over_many_rows() {
    let school = school();
    let filter = vec![equals(&school, "absences.hours", Value::Integer(4))];
    let items = vec![Expr::aggregate(Function::Sum, id(&school, "marks.points"))];
    let rendered = render(&school, Select { items, filter, ..Select::default() }).unwrap();
    assert!(!rendered.fans_out);
    assert_eq!(
        rendered.sql,
        "SELECT SUM(points) AS total_point\nFROM marks\nWHERE EXISTS (SELECT 1 FROM pupils AS p \
         JOIN absences AS a ON a.pupil_id = p.pupil_id WHERE p.pupil_id = marks.pupil_id AND a.hours = 4)"
    );
}

#[test]
fn a_key_that_a_thing_has_several_times_is_joined_once() {
    let school = school();
    let by = |key: &str, filter: Vec<Predicate>| {
        let items = vec![column(&school, key), Expr::aggregate(Function::Sum, id(&school, "marks.points"))];
        let group = vec![column(&school, key)];
        render(&school, Select { items, filter, group, ..Select::default() }).unwrap()
    };
    // A pupil who was away for four hours on two days has the marks once.
    let rendered = by("absences.hours", vec![equals(&school, "absences.absence_id", Value::Integer(7))]);
    assert!(!rendered.fans_out);
    assert_eq!(
        rendered.sql,
        "SELECT a.hours, SUM(m.points) AS total_point\nFROM marks AS m\nJOIN pupils AS p ON p.pupil_id = m.pupil_id\n\
         JOIN (\n  SELECT DISTINCT a.pupil_id, a.hours\n  FROM absences AS a\n  WHERE a.absence_id = 7\n) AS a \
         ON a.pupil_id = p.pupil_id\nGROUP BY a.hours"
    );
    let items = vec![column(&school, "absences.hours"), Expr::aggregate(Function::Sum, id(&school, "marks.points"))];
    let query = Query::Select(Box::new(Select { group: vec![items[0].clone()], items, ..Select::default() }));
    let (graph, knowledge) = (Graph::new(&school), Knowledge::default());
    let renderer = Renderer { schema: &school, knowledge: &knowledge, graph: &graph, mentioned: &[] };
    assert_eq!(renderer.counted_once(&query), ["a row counts once for each absences.hours that it meets"]);
    let rendered = by("classes.room", Vec::new());
    assert!(!rendered.fans_out && !rendered.sql.contains("DISTINCT"), "{}", rendered.sql);
}

#[test]
fn keys_that_both_sides_share_are_joined_on() {
    let shop = schema(
        &[
            ("items", &["item_id*", "name"]),
            ("stores", &["store_id*"]),
            ("sales", &["item_id", "store_id", "amount"]),
            ("labels", &["item_id", "store_id", "kind"]),
        ],
        &[
            ("sales.item_id", "items.item_id", true),
            ("sales.store_id", "stores.store_id", true),
            ("labels.item_id", "items.item_id", true),
            ("labels.store_id", "stores.store_id", true),
        ],
    );
    let items = vec![column(&shop, "labels.kind"), Expr::aggregate(Function::Sum, id(&shop, "sales.amount"))];
    let sql = sql(&shop, Select { group: vec![column(&shop, "labels.kind")], items, ..Select::default() });
    assert!(sql.contains("SELECT DISTINCT l.item_id, l.store_id, l.kind"), "{sql}");
    assert!(sql.contains("l.item_id = i.item_id AND l.store_id = s.store_id"), "{sql}");
}

#[test]
fn what_is_had_by_each_row_that_is_spoken_of_counts_for_each() {
    let school = school();
    let items = vec![column(&school, "pupils.name"), Expr::aggregate(Function::Average, id(&school, "clubs.club_id"))];
    let query = Query::Select(Box::new(Select { group: vec![items[0].clone()], items, ..Select::default() }));
    let graph = Graph::new(&school);
    let render = |mentioned: &[TableId]| {
        let knowledge = Knowledge::default();
        Renderer { schema: &school, knowledge: &knowledge, graph: &graph, mentioned }.query(&query).unwrap().sql
    };
    assert!(render(&[]).contains("DISTINCT"));
    let told = render(&[table_id(&school, "club list")]);
    assert!(!told.contains("DISTINCT"), "{told}");
}

#[test]
fn a_sum_that_is_multiplied_is_told() {
    let school = school();
    let month = Expr::Time { column: id(&school, "marks.given_on"), grain: Grain::Month };
    let items = vec![month.clone(), Expr::aggregate(Function::Sum, id(&school, "absences.hours"))];
    assert!(render(&school, Select { items, group: vec![month], ..Select::default() }).unwrap().fans_out);
}

#[test]
fn rows_that_a_join_repeats_are_counted_by_their_key() {
    let school = school();
    let count = |name: &str| Expr::CountRows(table_id(&school, name));
    let by = |key: &str, counts: Vec<Expr>| {
        let items = [vec![column(&school, key)], counts].concat();
        let sql = sql(&school, Select { items, group: vec![column(&school, key)], ..Select::default() });
        sql.lines().next().unwrap().to_owned()
    };
    assert_eq!(by("pupils.name", vec![count("marks")]), "SELECT p.name, COUNT(*) AS number_of_marks");
    assert_eq!(
        by("marks.points", vec![count("pupils")]),
        "SELECT m.points, COUNT(DISTINCT p.pupil_id) AS number_of_pupils"
    );
    // Each mark meets every absence of its pupil, and each absence every mark.
    assert_eq!(
        by("pupils.name", vec![count("marks"), count("absences")]),
        "SELECT p.name, COUNT(DISTINCT m.mark_id) AS number_of_marks, \
         COUNT(DISTINCT a.absence_id) AS number_of_absences"
    );
}

#[test]
fn a_list_does_not_show_a_thing_as_often_as_a_filter_fits_it() {
    let school = school();
    let filter = vec![equals(&school, "marks.points", Value::Integer(1))];
    let one = sql(&school, Select { items: vec![column(&school, "pupils.name")], filter, ..Select::default() });
    assert!(one.starts_with("SELECT DISTINCT p.name\n"), "{one}");
    let filter = vec![equals(&school, "classes.room", Value::Integer(1))];
    let one = sql(&school, Select { items: vec![column(&school, "pupils.name")], filter, ..Select::default() });
    assert!(one.starts_with("SELECT p.name\n"), "{one}");
}

#[test]
fn order_puts_nothing_last_and_a_limit_can_start_later() {
    let mut school = school();
    let ordered = |school: &Schema, descending| {
        let order = vec![Sort { by: column(school, "pupils.born"), descending }];
        let items = vec![column(school, "pupils.name")];
        sql(school, Select { items, order, limit: Some(1), offset: 2, ..Select::default() })
    };
    assert!(ordered(&school, false).ends_with("ORDER BY born ASC\nLIMIT 1 OFFSET 2"));
    profile(&mut school, "pupils.born").nulls = 3;
    assert!(ordered(&school, false).ends_with("ORDER BY born ASC NULLS LAST\nLIMIT 1 OFFSET 2"));
    assert!(ordered(&school, true).ends_with("ORDER BY born DESC\nLIMIT 1 OFFSET 2"));
}

#[test]
fn two_expressions_are_set_against_each_other_without_dividing_by_zero() {
    let school = school();
    let of = |operator, left, right| {
        let items = vec![Expr::arithmetic(operator, left, right)];
        let sql = sql(&school, Select { items, ..Select::default() });
        sql.strip_prefix("SELECT ").unwrap().split(" AS ").next().unwrap().to_owned()
    };
    let points = || Expr::aggregate(Function::Sum, id(&school, "marks.points"));
    let marks = || Expr::CountRows(table_id(&school, "marks"));
    assert_eq!(of(Arithmetic::Ratio, points(), marks()), "1.0 * SUM(points) / NULLIF(COUNT(*), 0)");
    assert_eq!(of(Arithmetic::Percent, points(), marks()), "100.0 * SUM(points) / NULLIF(COUNT(*), 0)");
    assert_eq!(
        of(Arithmetic::PercentChange, points(), marks()),
        "100.0 * (SUM(points) - COUNT(*)) / NULLIF(COUNT(*), 0)"
    );
    let less = Expr::arithmetic(Arithmetic::Difference, points(), marks());
    assert_eq!(of(Arithmetic::Difference, points(), less.clone()), "SUM(points) - (SUM(points) - COUNT(*))");
    assert_eq!(of(Arithmetic::Product, less, marks()), "(SUM(points) - COUNT(*)) * COUNT(*)");
}

#[test]
fn a_ratio_of_sums_that_a_join_multiplies_is_told() {
    let school = school();
    let sum = |name: &str| Expr::aggregate(Function::Sum, id(&school, name));
    let month = Expr::Time { column: id(&school, "marks.given_on"), grain: Grain::Month };
    let ratio =
        Expr::arithmetic(Arithmetic::Ratio, sum("absences.hours"), Expr::CountRows(table_id(&school, "absences")));
    let items = vec![month.clone(), ratio];
    assert!(render(&school, Select { items, group: vec![month], ..Select::default() }).unwrap().fans_out);
}

#[test]
fn dates_are_cut_to_calendar_units() {
    let cut = |grain| time_key("d", grain);
    assert_eq!(cut(Grain::Day), "date(d)");
    assert_eq!(cut(Grain::Week), "date(d, '-6 days', 'weekday 1')");
    assert_eq!(cut(Grain::Month), "strftime('%Y-%m', d)");
    assert_eq!(cut(Grain::Quarter), "printf('%s-Q%d', strftime('%Y', d), (strftime('%m', d) + 2) / 3)");
    assert_eq!(cut(Grain::Year), "strftime('%Y', d)");
}

#[test]
fn a_metric_is_its_formula_with_the_names_of_the_statement() {
    let school = school();
    let expression = "1.0 * SUM(marks.points) / COUNT(DISTINCT pupils.pupil_id)".to_owned();
    let metric = Metric { name: "points per head".into(), expression, ..Metric::default() };
    let knowledge = Knowledge { metrics: vec![metric], ..Knowledge::default() };
    let select = Select { items: vec![Expr::Metric(0)], ..Select::default() };
    let rendered = render_with(&school, &knowledge, &Query::Select(Box::new(select))).unwrap();
    assert_eq!(
        rendered.sql,
        "SELECT 1.0 * SUM(m.points) / COUNT(DISTINCT p.pupil_id) AS points_per_head\n\
         FROM marks AS m\nJOIN pupils AS p ON p.pupil_id = m.pupil_id"
    );
}

#[test]
fn a_comparison_with_an_average_is_a_statement_of_its_own() {
    let school = school();
    let average =
        Select { items: vec![Expr::aggregate(Function::Average, id(&school, "marks.points"))], ..Select::default() };
    let filter = Predicate::Compare {
        left: column(&school, "marks.points"),
        operator: Operator::Greater,
        right: Operand::Scalar(Box::new(average)),
    };
    assert_eq!(condition(&school, filter), "points > (SELECT AVG(m.points) AS average_point FROM marks AS m)");
}

#[test]
fn both_are_two_statements_and_their_common_rows() {
    let school = school();
    let half = |room| {
        let filter = vec![equals(&school, "pupils.class_id", Value::Integer(room))];
        Box::new(Select { items: vec![column(&school, "pupils.name")], filter, ..Select::default() })
    };
    let rendered = render_with(
        &school,
        &Knowledge::default(),
        &Query::Set { operator: SetOperator::Intersect, left: half(1), right: half(2) },
    )
    .unwrap();
    assert_eq!(
        rendered.sql,
        "SELECT name\nFROM pupils\nWHERE class_id = 1\nINTERSECT\nSELECT name\nFROM pupils\nWHERE class_id = 2"
    );
}

#[test]
fn what_cannot_be_joined_or_is_nothing_has_no_sql() {
    let school = school();
    let items = vec![column(&school, "pupils.name"), column(&school, "weather.day")];
    let unconnected = Unrenderable::Unconnected(table_id(&school, "pupils"), table_id(&school, "weather"));
    assert_eq!(render(&school, Select { items, ..Select::default() }), Err(unconnected));
    assert_eq!(render(&school, Select::default()), Err(Unrenderable::Empty));
}
