//! Parts of the assembly by themselves: plans that make no sense, plans that say less, and conditions dealt out.

use super::super::OfflineEngine;
use super::super::learned::says_less;
use super::super::plan::{Expr, Function, Operand, Operator, Predicate, Query, Select, SetOperator, Sort};
use super::super::reading::Ground;
use super::super::scoring::view::View;
use super::super::tests::{id, profile, schema, table_id};
use super::super::tokens::tokens;
use super::cues::Cues;
use super::second::{compared, halves, moved};
use super::sense::makes_sense;
use crate::knowledge::Knowledge;
use crate::pipeline::analysis::analyse;
use crate::schema::{ColumnId, Schema, SemanticType, TableId, Value};

fn farm() -> Schema {
    let mut farm =
        schema(&[("cows", &["id*", "name", "weight", "milk", "born", "tag"]), ("barns", &["id*", "size"])], &[]);
    for number in ["cows.id", "cows.weight", "cows.milk", "barns.size"] {
        profile(&mut farm, number).numeric = true;
    }
    profile(&mut farm, "cows.id").unique = true;
    for (column, text) in [("cows.name", "Berta"), ("cows.born", "in May"), ("cows.tag", "17")] {
        profile(&mut farm, column).min = Some(Value::Text(text.into()));
        profile(&mut farm, column).max = Some(Value::Text(text.into()));
    }
    profile(&mut farm, "cows.born").semantic = SemanticType::Date;
    farm
}

fn column(name: &str) -> Expr {
    Expr::Column(id(&farm(), name))
}

fn compare(left: Expr, operator: Operator, right: i64) -> Predicate {
    Predicate::Compare { left, operator, right: Operand::Value(Value::Integer(right)) }
}

fn average(name: &str) -> Expr {
    Expr::aggregate(Function::Average, id(&farm(), name))
}

fn select(items: Vec<Expr>, filter: Vec<Predicate>) -> Select {
    Select { items, filter, ..Select::default() }
}

#[test]
fn only_numbers_are_added_up() {
    for (name, sense) in [("cows.weight", true), ("cows.tag", true), ("cows.name", false), ("cows.born", false)] {
        for function in [Function::Sum, Function::Average, Function::Maximum, Function::Count] {
            let expr = Expr::aggregate(function, id(&farm(), name));
            let sense = sense || matches!(function, Function::Maximum | Function::Count);
            assert_eq!(makes_sense(&select(vec![expr.clone()], vec![]), &farm()), sense, "{function:?} {name}");
            let ordered = Select {
                group: vec![column("cows.name")],
                order: vec![Sort { by: expr.clone(), descending: true }],
                ..select(vec![column("cows.name")], vec![])
            };
            assert_eq!(makes_sense(&ordered, &farm()), sense, "ordered by {function:?} {name}");
            let having =
                Select { having: vec![compare(expr, Operator::Equal, 3)], ..select(vec![column("cows.name")], vec![]) };
            assert_eq!(makes_sense(&having, &farm()), sense, "having {function:?} {name}");
        }
    }
}

#[test]
fn only_what_has_an_order_is_more_or_less_than_a_number() {
    let plan = |predicate: Predicate| makes_sense(&select(vec![column("cows.id")], vec![predicate]), &farm());
    for (name, sense) in [("cows.weight", true), ("cows.born", true), ("cows.tag", true), ("cows.name", false)] {
        let more = compare(column(name), Operator::Greater, 3);
        let between = Predicate::Between { what: column(name), low: Value::Integer(1), high: Value::Integer(3) };
        assert_eq!((plan(more.clone()), plan(between)), (sense, sense), "{name}");
        assert!(plan(compare(column(name), Operator::Equal, 3)) && plan(compare(column(name), Operator::NotEqual, 3)));
        // Inside other conditions and queries too.
        let inner = Operand::Scalar(Box::new(select(vec![average("cows.milk")], vec![more.clone()])));
        let scalar = Predicate::Compare { left: column("cows.milk"), operator: Operator::Less, right: inner };
        let exists = Predicate::Exists { table: TableId(0), filter: vec![more.clone()], negated: true };
        for holding in [Predicate::Any(vec![compare(column("cows.id"), Operator::Less, 9), more]), scalar, exists] {
            assert_eq!(plan(holding), sense, "{name}");
        }
    }
}

#[test]
fn a_column_has_no_two_values_at_once() {
    let is = |name: &str, number: i64| compare(column(name), Operator::Equal, number);
    let plan = |filter: Vec<Predicate>| makes_sense(&select(vec![column("cows.name")], filter), &farm());
    assert!(!plan(vec![is("cows.weight", 3), is("cows.milk", 3), is("cows.weight", 4)]));
    assert!(plan(vec![is("cows.weight", 3), is("cows.milk", 4)]));
    assert!(plan(vec![is("cows.weight", 3), is("cows.weight", 3)]));
    assert!(plan(vec![is("cows.weight", 3), compare(column("cows.weight"), Operator::NotEqual, 4)]));
}

#[test]
fn names_are_at_no_end() {
    for (name, sense) in [("cows.weight", true), ("cows.born", true), ("cows.name", false)] {
        let plan = |function: Function| {
            let inner = Operand::Scalar(Box::new(select(vec![Expr::aggregate(function, id(&farm(), name))], vec![])));
            let at_the_end = Predicate::Compare { left: column(name), operator: Operator::Equal, right: inner };
            makes_sense(&select(vec![column("cows.id")], vec![at_the_end]), &farm())
        };
        assert_eq!((plan(Function::Minimum), plan(Function::Maximum)), (sense, sense), "{name}");
    }
}

#[test]
fn what_the_question_gave_is_no_answer() {
    let named = |filter: Vec<Predicate>| makes_sense(&select(vec![column("cows.name")], filter), &farm());
    assert!(!named(vec![compare(column("cows.name"), Operator::Equal, 3)]));
    assert!(named(vec![compare(column("cows.name"), Operator::NotEqual, 3)]));
    assert!(named(vec![compare(column("cows.tag"), Operator::Equal, 3)]));
}

#[test]
fn one_row_is_put_in_no_order() {
    let ordered = |items: Vec<Expr>| Select {
        order: vec![Sort { by: column("cows.weight"), descending: true }],
        ..select(items, vec![])
    };
    let count = || Expr::CountRows(table_id(&farm(), "cows"));
    assert!(!makes_sense(&ordered(vec![count()]), &farm()));
    assert!(makes_sense(&ordered(vec![column("cows.name")]), &farm()));
    let by_all =
        Select { order: vec![Sort { by: count(), descending: true }], ..select(vec![column("cows.name")], vec![]) };
    assert!(!makes_sense(&by_all, &farm()));
    assert!(makes_sense(&Select { group: vec![column("cows.weight")], ..ordered(vec![count()]) }, &farm()));
}

#[test]
fn no_condition_lies_beyond_all_rows() {
    let mut farm = farm();
    let weight = profile(&mut farm, "cows.weight");
    (weight.numeric, weight.exact_ends) = (true, true);
    (weight.min, weight.max) = (Some(Value::Integer(300)), Some(Value::Integer(700)));
    let met = |farm: &Schema, operator, number| {
        let filter = vec![compare(column("cows.weight"), operator, number)];
        makes_sense(&select(vec![column("cows.name")], filter), farm)
    };
    for (operator, number, sense) in [
        (Operator::Greater, 700, false),
        (Operator::GreaterOrEqual, 700, true),
        (Operator::Less, 300, false),
        (Operator::LessOrEqual, 300, true),
        (Operator::Less, 9000, true),
        (Operator::Equal, 9000, true),
    ] {
        assert_eq!(met(&farm, operator, number), sense, "{operator:?} {number}");
    }
    // Ends that were not looked at say nothing.
    profile(&mut farm, "cows.weight").exact_ends = false;
    assert!(met(&farm, Operator::Greater, 700));
}

#[test]
fn rows_are_not_counted_one_by_one() {
    let cows = || Expr::CountRows(table_id(&farm(), "cows"));
    let by = |key: &str| Select { group: vec![column(key)], ..select(vec![column(key), cows()], vec![]) };
    assert!(!makes_sense(&by("cows.id"), &farm()));
    assert!(makes_sense(&by("cows.name"), &farm()));
    // Each barn holds several cows.
    assert!(makes_sense(&by("barns.id"), &farm()));
    assert!(makes_sense(&Select { tables: vec![table_id(&farm(), "barns")], ..by("cows.id") }, &farm()));
    let having = vec![compare(cows(), Operator::Greater, 3)];
    assert!(!makes_sense(&Select { having, items: vec![column("cows.name")], ..by("cows.id") }, &farm()));
    let order = vec![Sort { by: cows(), descending: true }];
    assert!(!makes_sense(&Select { order, items: vec![column("cows.name")], ..by("cows.id") }, &farm()));
}

#[test]
fn groups_are_for_something() {
    let grouped = |items: Vec<Expr>, by: &str| Select { group: vec![column(by)], ..select(items, vec![]) };
    let sense = |select: &Select| makes_sense(select, &farm());
    assert!(!sense(&grouped(vec![column("cows.name")], "cows.weight")));
    assert!(sense(&grouped(vec![column("cows.weight")], "cows.weight")));
    // All of a row goes with what only that row has.
    assert!(sense(&grouped(vec![column("cows.name")], "cows.id")));
    assert!(!sense(&grouped(vec![column("barns.size")], "cows.id")));
    assert!(sense(&grouped(vec![column("cows.name"), average("cows.milk")], "cows.weight")));
    let ordered = Sort { by: Expr::CountRows(table_id(&farm(), "cows")), descending: true };
    assert!(sense(&Select { order: vec![ordered], ..grouped(vec![column("cows.name")], "cows.weight") }));
    let having = vec![compare(average("cows.milk"), Operator::Greater, 3)];
    assert!(sense(&Select { having, ..grouped(vec![column("cows.name")], "cows.weight") }));
    // Without groups each row stands for itself.
    assert!(sense(&select(vec![column("cows.name")], vec![])));
}

fn query(filter: Vec<Predicate>) -> Query {
    Query::Select(Box::new(select(vec![column("cows.name")], filter)))
}

/// Plans in the order of how much they say; those of one line say as much as each other.
#[test]
fn a_plan_says_less_with_fewer_conditions() {
    let is = || compare(column("cows.weight"), Operator::Equal, 3);
    let not = || compare(column("cows.weight"), Operator::NotEqual, 3);
    let among = |values: i64, negated: bool| Predicate::In {
        what: column("cows.weight"),
        values: (0..values).map(Value::Integer).collect(),
        negated,
    };
    let like = |negated: bool| Predicate::Like { what: column("cows.name"), pattern: "B%".into(), negated };
    let null = |negated: bool| Predicate::IsNull { what: column("cows.milk"), negated };
    let exists = |filter: Vec<Predicate>, negated: bool| Predicate::Exists { table: TableId(1), filter, negated };
    let within = |filter: Vec<Predicate>, negated: bool| Predicate::Within {
        what: column("cows.id"),
        query: Box::new(select(vec![column("barns.id")], filter)),
        negated,
    };
    let scalar = |filter: Vec<Predicate>| Predicate::Compare {
        left: column("cows.weight"),
        operator: Operator::Greater,
        right: Operand::Scalar(Box::new(select(vec![average("cows.weight")], filter))),
    };
    let side = |filter: Vec<Predicate>| Box::new(select(vec![column("cows.name")], filter));
    let set = |operator, left, right| Query::Set { operator, left: side(left), right: side(right) };
    let limited = |filter: Vec<Predicate>| {
        Query::Select(Box::new(Select { limit: Some(3), ..select(vec![column("cows.name")], filter) }))
    };
    let having = Select { having: vec![is()], ..select(vec![column("cows.name")], vec![]) };
    let lines: [Vec<Query>; 4] = [
        vec![query(vec![])],
        vec![
            query(vec![is()]),
            query(vec![among(1, false)]),
            query(vec![like(false)]),
            query(vec![null(true)]),
            query(vec![exists(vec![], false)]),
            query(vec![within(vec![], false)]),
            query(vec![scalar(vec![])]),
            query(vec![Predicate::Any(vec![is()])]),
            limited(vec![]),
            Query::Select(Box::new(having)),
            set(SetOperator::Union, vec![], vec![]),
        ],
        vec![
            query(vec![is(), is()]),
            query(vec![not()]),
            query(vec![among(2, false)]),
            query(vec![among(1, true)]),
            query(vec![like(true)]),
            query(vec![null(false)]),
            query(vec![exists(vec![is()], false)]),
            query(vec![exists(vec![], true)]),
            query(vec![within(vec![is()], false)]),
            query(vec![within(vec![], true)]),
            query(vec![scalar(vec![is()])]),
            query(vec![Predicate::Any(vec![is(), is()])]),
            limited(vec![is()]),
            set(SetOperator::Except, vec![], vec![]),
            set(SetOperator::Intersect, vec![is()], vec![]),
            set(SetOperator::Union, vec![is()], vec![is()]),
        ],
        vec![query(vec![is(), not()]), set(SetOperator::Except, vec![], vec![is()])],
    ];
    for (a, line) in lines.iter().enumerate() {
        for (b, other) in lines.iter().enumerate() {
            for (plan, of) in line.iter().flat_map(|plan| other.iter().map(move |of| (plan, of))) {
                assert_eq!(says_less(plan, of), a < b, "{plan:?} of {of:?}");
            }
        }
    }
}

#[test]
fn a_plan_says_less_that_shows_the_figure_instead_of_what_has_it() {
    let ranked = |item: &str, by: &str, limit: Option<u64>| {
        let order = vec![Sort { by: column(by), descending: true }];
        Query::Select(Box::new(Select { order, limit, ..select(vec![column(item)], vec![]) }))
    };
    let figure = ranked("cows.weight", "cows.weight", Some(1));
    let thing = ranked("cows.name", "cows.weight", Some(1));
    assert!(says_less(&figure, &thing) && !says_less(&thing, &figure));
    assert!(!says_less(&figure, &figure) && !says_less(&thing, &thing));
    // A whole list in its order is what was asked for.
    let list = ranked("cows.weight", "cows.weight", None);
    assert!(!says_less(&list, &ranked("cows.name", "cows.weight", None)));
}

#[test]
fn conditions_go_to_one_side_and_two_or_more_to_the_other() {
    for count in 0..=2 {
        assert_eq!(halves(count).count(), 0, "{count}");
    }
    // So many conditions are on the left.
    assert_eq!(halves(3).collect::<Vec<_>>(), [1]);
    assert_eq!(halves(4).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn none_one_or_all_conditions_belong_to_what_is_missing() {
    assert_eq!(moved(0), [(vec![], 0.0)]);
    assert_eq!(moved(1), [(vec![], 0.0), (vec![0], 0.0)]);
    // The last stands nearest.
    assert_eq!(moved(3), [(vec![], 0.0), (vec![2], 0.0), (vec![1], 0.7), (vec![0], 0.7), (vec![0, 1, 2], 0.7)]);
}

/// What is made of a question about the farm.
fn viewed<T>(farm: &Schema, question: &str, of: impl FnOnce(&View<'_>) -> T) -> T {
    let engine = OfflineEngine::new(farm, &Knowledge::default());
    let analysis = analyse(question, farm, "2025-06-30".parse().unwrap());
    let tokens = tokens(&analysis, &engine.names);
    let ground = Ground { schema: farm, names: &engine.names, graph: &engine.graph, analysis: &analysis };
    of(&View::new(ground, &tokens))
}

#[test]
fn words_speak_against_plans_that_go_the_other_way() {
    /// How many words the plan goes against.
    fn against(question: &str, plan: Select) -> usize {
        let mut row = Vec::new();
        viewed(&farm(), question, |view| {
            Cues::of(view.ground.analysis).beside(&Query::Select(Box::new(plan)), &mut row);
        });
        row.iter().filter(|number| **number < 0.0).count()
    }
    let name = || select(vec![column("cows.name")], vec![]);
    let weighs = |operator: Operator| Select { filter: vec![compare(column("cows.weight"), operator, 5)], ..name() };
    let sorted = |descending: bool, limit: Option<u64>| Select {
        order: vec![Sort { by: column("cows.weight"), descending }],
        limit,
        ..name()
    };
    let (less, more) = (weighs(Operator::Less), weighs(Operator::Greater));
    let (up, down) = (sorted(false, None), sorted(true, None));
    let (lowest, highest) = (sorted(false, Some(1)), sorted(true, Some(1)));
    let two = select(vec![column("cows.name"), column("cows.tag")], vec![]);
    let all = select(vec![Expr::AllColumns(table_id(&farm(), "cows"))], vec![]);
    for (question, right, wrong) in [
        ("cows with a weight lower than 5", &less, &more),
        ("cows with a weight higher than 5", &more, &less),
        ("cows of weight > 5", &more, &weighs(Operator::Equal)),
        ("cows with 5 or more of weight", &weighs(Operator::GreaterOrEqual), &more),
        ("cows with 5 or less of weight", &weighs(Operator::LessOrEqual), &less),
        ("names of cows from high to low weight", &down, &up),
        ("names of cows from the smallest to the largest weight", &up, &down),
        ("cow with the lowest weight", &lowest, &highest),
        ("cow with the highest weight", &highest, &lowest),
        ("cow with the top weight", &highest, &name()),
        ("first name of each cow", &name(), &lowest),
        ("full names of cows", &two, &name()),
        ("all details of cows", &all, &name()),
    ] {
        let (of_right, of_wrong) = (against(question, right.clone()), against(question, wrong.clone()));
        assert!(of_right < of_wrong, "{question}: {of_right} and {of_wrong} words against");
    }
}

#[test]
fn two_numbers_of_one_table_are_compared() {
    let mut farm = farm();
    let refers = id(&farm, "cows.tag");
    profile(&mut farm, "cows.tag").numeric = true;
    let barn = id(&farm, "barns.id");
    farm.foreign_keys.push(crate::schema::ForeignKey { from: refers, to: barn, declared: true, one_to_one: false });
    let pair = |question: &str| -> Option<(String, String)> {
        let (left, right) = viewed(&farm, question, compared)?;
        let name = |column: ColumnId| farm.qualified(column);
        Some((name(left.0), name(right.0)))
    };
    let both = Some(("cows.weight".to_owned(), "cows.milk".to_owned()));
    assert_eq!(pair("cows whose weight is greater than their milk"), both);
    assert_eq!(pair("cows whose milk is less than the weight"), both.clone().map(|(a, b)| (b, a)));
    for none in [
        "cows whose weight is greater than 5",
        // Of another table, of a name, of a key, the same, and without a comparison.
        "cows whose weight is greater than the size",
        "cows whose name is longer than the milk",
        "cows whose weight is greater than the tag",
        "cows whose weight is greater than the weight",
        "cows with their weight and milk",
    ] {
        assert_eq!(pair(none), None, "{none}");
    }
}
