//! A plan in words: what is shown, by what, which rows, in which order. Made from the plan, never from SQL.

use std::fmt::Write;

use super::analytic::Days;
use super::plan::{Arithmetic, Expr, Function, Operand, Operator, Predicate, Query, Select, SetOperator, Window};
use super::reading::grain_name;
use crate::knowledge::Knowledge;
use crate::language::spoken_name;
use crate::schema::{ColumnId, Schema, TableId, Value};

pub struct Explainer<'a> {
    pub schema: &'a Schema,
    pub knowledge: &'a Knowledge,
}

impl Explainer<'_> {
    pub fn query(&self, query: &Query) -> String {
        match query {
            Query::Select(select) => self.select(select),
            Query::Set { operator, left, right } => {
                let joined = match operator {
                    SetOperator::Union => "or else",
                    SetOperator::Intersect => "and also",
                    SetOperator::Except => "but not",
                };
                format!("{}, {joined}: {}", self.select(left), self.select(right))
            }
        }
    }

    fn select(&self, select: &Select) -> String {
        let shown: Vec<String> =
            select.items.iter().filter(|i| i.is_aggregate() || select.group.is_empty()).map(|i| self.expr(i)).collect();
        let keys: Vec<String> = select
            .items
            .iter()
            .filter(|i| !i.is_aggregate() && !select.group.is_empty())
            .map(|i| self.expr(i))
            .collect();
        let keys = [keys, self.unseen_keys(select)].concat();
        let mut text = match (shown.is_empty(), keys.is_empty()) {
            (true, _) => keys.join(", "),
            (false, true) => shown.join(", "),
            (false, false) => format!("{} by {}", shown.join(", "), keys.join(", ")),
        };
        let filters: Vec<String> = select.filter.iter().chain(&select.having).map(|p| self.predicate(p)).collect();
        if !filters.is_empty() {
            text.push_str(" where ");
            text.push_str(&filters.join(" and "));
        }
        for sort in &select.order {
            let by = self.expr(&sort.by);
            let _ = write!(text, ", {by} {}", if sort.descending { "highest first" } else { "lowest first" });
        }
        if let Some(per) = &select.per {
            let keys: Vec<String> = per.keys.iter().map(|key| self.expr(key)).collect();
            let _ = write!(text, ", the first {} of each {}", per.rows, keys.join(" and "));
        }
        match select.limit {
            Some(1) if select.offset == 0 => text.push_str(", the first one"),
            Some(1) => {
                let _ = write!(text, ", number {}", select.offset + 1);
            }
            Some(limit) if select.offset > 0 => {
                let _ = write!(text, ", {limit} after the first {}", select.offset);
            }
            Some(limit) => {
                let _ = write!(text, ", the first {limit}");
            }
            None => {}
        }
        text
    }

    /// Keys that nothing shown tells of; a row's own key is told by what it is known by.
    fn unseen_keys(&self, select: &Select) -> Vec<String> {
        let shown = |table: TableId| {
            let mut tables = Vec::new();
            select.items.iter().filter(|i| !i.is_aggregate()).for_each(|i| i.tables(&mut tables));
            tables.contains(&table)
        };
        let told = |key: &&Expr| match key {
            Expr::Column(id) => self.schema.is_primary_key(*id) && shown(id.table),
            _ => false,
        };
        select.group.iter().filter(|k| !select.items.contains(k)).filter(|k| !told(k)).map(|k| self.expr(k)).collect()
    }

    fn expr(&self, expr: &Expr) -> String {
        match expr {
            Expr::Column(id) => self.column(*id),
            Expr::AllColumns(table) => format!("everything about {}", self.table(*table)),
            Expr::CountRows(table) => format!("number of {}", self.table(*table)),
            Expr::Aggregate { function, distinct, of } => {
                let of = self.expr(of);
                match function {
                    Function::Count if *distinct => format!("number of different {of}"),
                    Function::Count => format!("number of {of}"),
                    Function::Sum => format!("total {of}"),
                    Function::Average => format!("average {of}"),
                    Function::Minimum => format!("lowest {of}"),
                    Function::Maximum => format!("highest {of}"),
                }
            }
            Expr::Metric(i) => self.knowledge.metrics[*i].name.clone(),
            Expr::Time { column, grain } => {
                format!("{} of {}", grain_name(*grain).replace('_', " "), self.column(*column))
            }
            Expr::Magnitude(of) => format!("size of {}", self.expr(of)),
            Expr::Share(of) => format!("share of {}", self.expr(of)),
            Expr::Filtered { of, filter } if only_period(filter).is_some() => {
                format!("{} in {}", self.expr(of), only_period(filter).unwrap_or_default())
            }
            Expr::Filtered { of, filter } => {
                let filter: Vec<String> = filter.iter().map(|p| self.predicate(p)).collect();
                format!("{} where {}", self.expr(of), filter.join(" and "))
            }
            Expr::Percentile { of, percent: 50 } => format!("median {}", self.expr(of)),
            Expr::Percentile { of, percent } => format!("{percent}th percentile of {}", self.expr(of)),
            Expr::Over { window, of } => self.window(window, of),
            Expr::Arithmetic { operator, left, right } => {
                if let Some(change) = self.change(*operator, left, right) {
                    return change;
                }
                let (left, right) = (self.expr(left), self.expr(right));
                match operator {
                    Arithmetic::Difference => format!("{left} less {right}"),
                    Arithmetic::Product => format!("{left} times {right}"),
                    Arithmetic::Ratio => format!("{left} per {right}"),
                    Arithmetic::Percent => format!("{left} in percent of {right}"),
                    Arithmetic::PercentChange => format!("change of {left} against {right} in percent"),
                }
            }
        }
    }

    fn window(&self, window: &Window, of: &Expr) -> String {
        let of = self.expr(of);
        match window {
            Window::Previous(1) => format!("{of} of the period before"),
            Window::Previous(periods) => format!("{of} {periods} periods before"),
            Window::Running => format!("running total of {of}"),
            Window::Moving(periods) => format!("mean {of} of {periods} periods"),
            Window::Rank { descending } => {
                format!("rank by {of}, the {} first", if *descending { "highest" } else { "lowest" })
            }
            Window::Total(keys) if keys.is_empty() => format!("{of} of all"),
            Window::Total(keys) => {
                let keys: Vec<String> = keys.iter().map(|key| self.expr(key)).collect();
                format!("{of} of the same {}", keys.join(" and "))
            }
            Window::Mean(keys) if keys.is_empty() => format!("mean {of} of all"),
            Window::Mean(keys) => {
                let keys: Vec<String> = keys.iter().map(|key| self.expr(key)).collect();
                format!("mean {of} of the same {}", keys.join(" and "))
            }
        }
    }

    /// A value beside its own earlier one, and a part beside its whole.
    fn change(&self, operator: Arithmetic, left: &Expr, right: &Expr) -> Option<String> {
        let unit = if operator == Arithmetic::PercentChange { " in percent" } else { "" };
        match (operator, left, right) {
            (
                Arithmetic::Difference | Arithmetic::PercentChange,
                value,
                Expr::Over { window: Window::Previous(periods), of },
            ) if **of == *value => {
                let before =
                    if *periods == 1 { "the period before".to_owned() } else { format!("{periods} periods before") };
                Some(format!("change of {} against {before}{unit}", self.expr(value)))
            }
            (
                Arithmetic::Difference | Arithmetic::PercentChange,
                Expr::Filtered { of: a, filter: now },
                Expr::Filtered { of: b, filter: before },
            ) if a == b => {
                let words = |filter: &[Predicate]| {
                    only_period(filter).unwrap_or_else(|| {
                        let told: Vec<String> = filter.iter().map(|p| self.predicate(p)).collect();
                        format!("where {}", told.join(" and "))
                    })
                };
                Some(format!("change of {}{unit} from {} to {}", self.expr(a), words(before), words(now)))
            }
            (Arithmetic::Percent, part, Expr::Over { window: Window::Total(keys), of }) if **of == *part => {
                let keys: Vec<String> = keys.iter().map(|key| self.expr(key)).collect();
                let whole = if keys.is_empty() { String::new() } else { format!(" within {}", keys.join(" and ")) };
                Some(format!("share of {}{whole} in percent", self.expr(part)))
            }
            (Arithmetic::Percent, Expr::Filtered { of, filter }, whole) if **of == *whole => {
                let filter: Vec<String> = filter.iter().map(|p| self.predicate(p)).collect();
                Some(format!("share of {} where {} in percent", self.expr(whole), filter.join(" and ")))
            }
            _ => None,
        }
    }

    fn predicate(&self, predicate: &Predicate) -> String {
        match predicate {
            Predicate::Compare { left, operator, right } => {
                let right = match right {
                    Operand::Value(value) => value_text(value),
                    Operand::Expr(expr) => self.expr(expr),
                    Operand::Scalar(select) => format!("the {}", self.select(select)),
                };
                let operator = match operator {
                    Operator::Equal => "is",
                    Operator::NotEqual => "is not",
                    Operator::Less => "is below",
                    Operator::LessOrEqual => "is at most",
                    Operator::Greater => "is above",
                    Operator::GreaterOrEqual => "is at least",
                };
                format!("{} {operator} {right}", self.expr(left))
            }
            Predicate::Between { what, low, high } => {
                format!("{} is between {} and {}", self.expr(what), value_text(low), value_text(high))
            }
            Predicate::In { what, values, negated } => {
                let values: Vec<String> = values.iter().map(value_text).collect();
                format!("{} is {}{}", self.expr(what), if *negated { "not " } else { "" }, values.join(" or "))
            }
            Predicate::Like { what, pattern, negated } => {
                let text = pattern.trim_matches('%').replace("\\%", "%");
                let how = match (pattern.starts_with('%'), pattern.ends_with('%')) {
                    (true, true) => "contains",
                    (false, true) => "starts with",
                    (true, false) => "ends with",
                    (false, false) => "is like",
                };
                format!("{}{} {how} \"{text}\"", self.expr(what), if *negated { " not:" } else { "" })
            }
            Predicate::IsNull { what, negated } => {
                format!("{} is {}", self.expr(what), if *negated { "filled" } else { "empty" })
            }
            Predicate::Period { column, first, last } => match (first, last) {
                (Some(first), Some(last)) if first == last => format!("{} is {first}", self.column(*column)),
                (Some(first), Some(last)) => format!("{} is from {first} to {last}", self.column(*column)),
                (Some(first), None) => format!("{} is from {first} on", self.column(*column)),
                (None, Some(last)) => format!("{} is up to {last}", self.column(*column)),
                (None, None) => format!("{} is any", self.column(*column)),
            },
            Predicate::Exists { table, filter, negated } => {
                let filter: Vec<String> = filter.iter().map(|p| self.predicate(p)).collect();
                let with = if filter.is_empty() { String::new() } else { format!(" where {}", filter.join(" and ")) };
                format!("there {} {}{with}", if *negated { "are no" } else { "are" }, self.table(*table))
            }
            Predicate::Within { what, query, negated } => {
                format!("{} is {}among {}", self.expr(what), if *negated { "not " } else { "" }, self.select(query))
            }
            Predicate::Any(predicates) => predicates.iter().map(|p| self.predicate(p)).collect::<Vec<_>>().join(" or "),
        }
    }

    fn column(&self, id: ColumnId) -> String {
        spoken_name(&self.schema.column(id).name)
    }

    fn table(&self, table: TableId) -> String {
        self.schema.table(table).name.replace('_', " ")
    }
}

/// The only condition is a period: its name.
fn only_period(filter: &[Predicate]) -> Option<String> {
    let [Predicate::Period { first: Some(first), last: Some(last), .. }] = filter else { return None };
    Some(Days::new(first.parse().ok()?, last.parse().ok()?).told())
}

fn value_text(value: &Value) -> String {
    match value {
        Value::Null => "empty".to_owned(),
        Value::Integer(n) => n.to_string(),
        Value::Real(x) => x.to_string(),
        Value::Text(text) => text.clone(),
        Value::Blob(bytes) => format!("{} bytes", bytes.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::{Grain, Sort};
    use super::super::tests::{id, schema, table_id};
    use super::*;

    fn mill() -> Schema {
        schema(
            &[("mills", &["mill_id*", "millName", "river"]), ("flour_sacks", &["mill_id", "weight", "filled_on"])],
            &[],
        )
    }

    fn told(select: Select) -> String {
        let (schema, knowledge) = (mill(), Knowledge::default());
        Explainer { schema: &schema, knowledge: &knowledge }.query(&Query::Select(Box::new(select)))
    }

    fn column(name: &str) -> Expr {
        Expr::Column(id(&mill(), name))
    }

    fn total() -> Expr {
        Expr::aggregate(Function::Sum, id(&mill(), "flour_sacks.weight"))
    }

    /// What is told of a condition.
    fn condition(predicate: Predicate) -> String {
        let told = told(Select { items: vec![column("mills.river")], filter: vec![predicate], ..Select::default() });
        told.strip_prefix("river where ").unwrap().to_owned()
    }

    fn compare(operator: Operator, right: Operand) -> String {
        condition(Predicate::Compare { left: column("flour_sacks.weight"), operator, right })
    }

    #[test]
    fn says_what_by_what_in_which_order_and_how_many() {
        let order = vec![Sort { by: total(), descending: true }];
        let items = vec![column("mills.millName"), total()];
        let group = vec![column("mills.mill_id")];
        let select = Select { items, group, order, limit: Some(5), ..Select::default() };
        assert_eq!(told(select.clone()), "total weight by mill name, total weight highest first, the first 5");
        assert!(told(Select { limit: Some(1), ..select.clone() }).ends_with("highest first, the first one"));
        assert!(told(Select { limit: Some(1), offset: 1, ..select }).ends_with("highest first, number 2"));
    }

    #[test]
    fn says_what_is_counted_and_what_is_averaged() {
        let one = |item| told(Select { items: vec![item], ..Select::default() });
        assert_eq!(one(Expr::CountRows(table_id(&mill(), "flour_sacks"))), "number of flour sacks");
        let of = Box::new(column("mills.river"));
        assert_eq!(one(Expr::Aggregate { function: Function::Count, distinct: true, of }), "number of different river");
        let weight = id(&mill(), "flour_sacks.weight");
        assert_eq!(one(Expr::aggregate(Function::Average, weight)), "average weight");
        assert_eq!(one(Expr::aggregate(Function::Minimum, weight)), "lowest weight");
        assert_eq!(one(Expr::Share(Box::new(total()))), "share of total weight");
        let ratio = Expr::arithmetic(Arithmetic::Ratio, total(), Expr::CountRows(table_id(&mill(), "mills")));
        assert_eq!(one(ratio), "total weight per number of mills");
        let filled_on = id(&mill(), "flour_sacks.filled_on");
        assert_eq!(one(Expr::Time { column: filled_on, grain: Grain::Month }), "month of filled on");
        assert_eq!(one(Expr::AllColumns(table_id(&mill(), "mills"))), "everything about mills");
    }

    #[test]
    fn says_what_is_computed_from_the_rows() {
        let one = |item| told(Select { items: vec![item], ..Select::default() });
        let before = || Expr::over(Window::Previous(1), total());
        let change = |operator| one(Expr::arithmetic(operator, total(), before()));
        assert_eq!(change(Arithmetic::Difference), "change of total weight against the period before");
        assert_eq!(change(Arithmetic::PercentChange), "change of total weight against the period before in percent");
        assert_eq!(one(Expr::over(Window::Running, total())), "running total of total weight");
        assert_eq!(one(Expr::over(Window::Moving(3), total())), "mean total weight of 3 periods");
        let rank = Expr::over(Window::Rank { descending: true }, total());
        assert_eq!(one(rank), "rank by total weight, the highest first");
        let all = |keys| Expr::arithmetic(Arithmetic::Percent, total(), Expr::over(Window::Total(keys), total()));
        assert_eq!(one(all(Vec::new())), "share of total weight in percent");
        assert_eq!(one(all(vec![column("mills.river")])), "share of total weight within river in percent");
        let median = Expr::Percentile { of: Box::new(column("flour_sacks.weight")), percent: 50 };
        assert_eq!(one(median), "median weight");
    }

    #[test]
    fn says_parts_of_the_rows_and_periods_by_name() {
        let one = |item| told(Select { items: vec![item], ..Select::default() });
        let period = |first: &str, last: &str| Predicate::Period {
            column: id(&mill(), "flour_sacks.filled_on"),
            first: Some(first.into()),
            last: Some(last.into()),
        };
        let may = || Expr::filtered(total(), vec![period("2024-05-01", "2024-05-31")]);
        let year = || Expr::filtered(total(), vec![period("2023-01-01", "2023-12-31")]);
        assert_eq!(one(may()), "total weight in May 2024");
        let change = Expr::arithmetic(Arithmetic::Difference, may(), year());
        assert_eq!(one(change), "change of total weight from 2023 to May 2024");
        let heavy = Predicate::Compare {
            left: column("flour_sacks.weight"),
            operator: Operator::Greater,
            right: Operand::Value(Value::Integer(9)),
        };
        let part = Expr::arithmetic(Arithmetic::Percent, Expr::filtered(total(), vec![heavy]), total());
        assert_eq!(one(part), "share of total weight where weight is above 9 in percent");
    }

    #[test]
    fn says_conditions_with_their_values() {
        assert_eq!(compare(Operator::Greater, Operand::Value(Value::Integer(25))), "weight is above 25");
        assert_eq!(compare(Operator::LessOrEqual, Operand::Value(Value::Real(2.5))), "weight is at most 2.5");
        let average = Select {
            items: vec![Expr::aggregate(Function::Average, id(&mill(), "flour_sacks.weight"))],
            ..Select::default()
        };
        assert_eq!(compare(Operator::Less, Operand::Scalar(Box::new(average))), "weight is below the average weight");
        let river = || column("mills.river");
        let values = vec![Value::Text("Aare".into()), Value::Text("Inn".into())];
        assert_eq!(condition(Predicate::In { what: river(), values, negated: true }), "river is not Aare or Inn");
        assert_eq!(condition(Predicate::IsNull { what: river(), negated: false }), "river is empty");
        let like =
            |pattern: &str| condition(Predicate::Like { what: river(), pattern: pattern.into(), negated: false });
        assert_eq!(like("%aa%"), "river contains \"aa\"");
        assert_eq!(like("Aa%"), "river starts with \"Aa\"");
        assert_eq!(like("%re"), "river ends with \"re\"");
    }

    #[test]
    fn says_periods_as_dates_and_what_must_not_be() {
        let period = |first: Option<&str>, last: Option<&str>| {
            let column = id(&mill(), "flour_sacks.filled_on");
            condition(Predicate::Period { column, first: first.map(Into::into), last: last.map(Into::into) })
        };
        assert_eq!(period(Some("2024-03-01"), Some("2024-03-31")), "filled on is from 2024-03-01 to 2024-03-31");
        assert_eq!(period(Some("2024-03-01"), Some("2024-03-01")), "filled on is 2024-03-01");
        assert_eq!(period(Some("2024-03-01"), None), "filled on is from 2024-03-01 on");
        assert_eq!(period(None, Some("2024-03-01")), "filled on is up to 2024-03-01");
        let table = table_id(&mill(), "flour_sacks");
        let exists = |negated| condition(Predicate::Exists { table, filter: Vec::new(), negated });
        assert_eq!((exists(true), exists(false)), ("there are no flour sacks".into(), "there are flour sacks".into()));
    }
}
