//! Statements in steps: first the groups, then what is computed from the rows of all groups, then what is kept of them.

use std::fmt::Write;

use super::super::graph::Edge;
use super::super::plan::{Arithmetic, Expr, Grain, Operand, Predicate, Select, Sort, TopPer, Window};
use super::condition::operator_sql;
use super::expression::{bracketed, direction};
use super::text::quote;
use super::time::step;
use super::{Renderer, Unrenderable};
use crate::schema::Dialect;

/// Names under which a step hands on what it computed.
#[derive(Clone, Debug)]
pub(super) struct Names {
    dialect: Dialect,
    named: Vec<(Expr, String)>,
}

impl Names {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self { dialect, named: Vec::new() }
    }

    pub(super) fn get(&self, expr: &Expr) -> Option<&str> {
        self.named.iter().find(|(known, _)| known == expr).map(|(_, name)| name.as_str())
    }

    /// Adds an expression under its label, numbered if that is taken.
    pub(super) fn add(&mut self, expr: Expr, label: &str) {
        if self.get(&expr).is_some() {
            return;
        }
        let taken = |name: &str| self.named.iter().any(|(_, known)| known.eq_ignore_ascii_case(name));
        let quote = |name: &str| quote(name, self.dialect);
        // One number more than there are names is always free.
        let free = (2..=self.named.len() + 2).map(|n| format!("{label}_{n}")).find(|name| !taken(&quote(name)));
        let name = if taken(&quote(label)) { free.unwrap_or_default() } else { label.to_owned() };
        let name = quote(&name);
        self.named.push((expr, name));
    }

    /// Adds an expression under a name that is written as it stands.
    pub(super) fn under(&mut self, expr: Expr, name: String) {
        self.named.push((expr, name));
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.named.iter().map(|(_, name)| name.clone()).collect()
    }

    pub(super) fn exprs(&self) -> Vec<Expr> {
        self.named.iter().map(|(expr, _)| expr.clone()).collect()
    }
}

/// True if the statement needs more than one SELECT.
pub(super) fn needs_steps(select: &Select) -> bool {
    let by_window = |p: &Predicate| matches!(p, Predicate::Compare { left, .. } if left.has_window());
    select.per.is_some()
        || select.items.iter().any(Expr::has_window)
        || select.order.iter().any(|s| s.by.has_window())
        || select.having.iter().any(by_window)
}

impl Renderer<'_> {
    /// The statement, and whether it adds up rows that a join repeats.
    pub(super) fn stepped(
        &self,
        select: &Select,
        depth: usize,
        edges: &mut Vec<Edge>,
    ) -> Result<(String, bool), Unrenderable> {
        let grouped = self.first_step(select);
        let (after, before): (Vec<&Predicate>, Vec<&Predicate>) =
            select.having.iter().partition(|p| matches!(p, Predicate::Compare { left, .. } if left.has_window()));
        let inner = Select {
            items: grouped.exprs(),
            having: before.into_iter().cloned().collect(),
            order: Vec::new(),
            limit: None,
            offset: 0,
            per: None,
            ..select.clone()
        };
        let (text, adds_up) = self.grouped(&inner, &grouped.names(), depth, edges)?;
        let first = step_name(select);
        let mut sql = format!("WITH {first} AS (\n  {}\n)", text.replace('\n', "\n  "));
        // BigQuery keeps the first rows of each group in the statement that shows them.
        let qualifies = self.dialect() == Dialect::BigQuery;
        let (names, from) = if computes_with_windows(select) || (select.per.is_some() && !qualifies) {
            let (step, names) = self.second_step(select, &grouped, first)?;
            let _ = write!(sql, ", computed AS (\n  {step}\n)");
            (names, "computed")
        } else {
            (grouped, first)
        };
        let items: Result<Vec<String>, Unrenderable> = select
            .items
            .iter()
            .map(|item| {
                let text = self.outer(item, &names)?;
                Ok(if names.get(item).is_some() {
                    text
                } else {
                    format!("{text} AS {}", self.quote(&self.label(item)))
                })
            })
            .collect();
        let _ = write!(sql, "\nSELECT {}\nFROM {from}", items?.join(", "));
        let mut conditions = Vec::new();
        for predicate in after {
            conditions.push(self.outer_condition(predicate, &names)?);
        }
        match &select.per {
            Some(per) if qualifies => {
                conditions.push(format!("{} <= {}", self.place(per, select, &names)?, per.rows));
                // Without one of WHERE, GROUP BY and HAVING there is no QUALIFY.
                let _ = write!(sql, "\nWHERE TRUE\nQUALIFY {}", conditions.join(" AND "));
                conditions.clear();
            }
            Some(per) => conditions.push(format!("place <= {}", per.rows)),
            None => {}
        }
        if !conditions.is_empty() {
            let _ = write!(sql, "\nWHERE {}", conditions.join(" AND "));
        }
        let order = self.outer_order(select, &names)?;
        if !order.is_empty() {
            let _ = write!(sql, "\nORDER BY {}", order.join(", "));
        }
        if let Some(limit) = select.limit {
            let _ = write!(sql, "\nLIMIT {limit}");
            if select.offset > 0 {
                let _ = write!(sql, " OFFSET {}", select.offset);
            }
        }
        Ok((sql, adds_up))
    }

    /// What the groups must give: what is shown, keys that tell groups apart, and what windows and orders look at.
    fn first_step(&self, select: &Select) -> Names {
        let mut needed: Vec<Expr> = Vec::new();
        for item in &select.items {
            collect(item, &mut needed);
        }
        let keys = select.per.iter().flat_map(|per| &per.keys);
        for expr in keys.chain(&select.group).chain(select.order.iter().map(|s| &s.by)) {
            collect(expr, &mut needed);
        }
        for predicate in &select.having {
            if let Predicate::Compare { left, .. } = predicate
                && left.has_window()
            {
                collect(left, &mut needed);
            }
        }
        let mut names = Names::new(self.dialect());
        for expr in needed {
            let label = self.label(&expr);
            names.add(expr, &label);
        }
        names
    }

    /// The windows, each under a name, beside all that the first step gave.
    fn second_step(&self, select: &Select, grouped: &Names, from: &str) -> Result<(String, Names), Unrenderable> {
        let mut windows: Vec<Expr> = Vec::new();
        for expr in select.items.iter().chain(select.order.iter().map(|s| &s.by)) {
            windows_of(expr, &mut windows);
        }
        for predicate in &select.having {
            if let Predicate::Compare { left, .. } = predicate {
                windows_of(left, &mut windows);
            }
        }
        let mut names = grouped.clone();
        let mut columns = grouped.names();
        for window in windows {
            let text = self.outer(&window, grouped)?;
            let label = self.label(&window);
            names.add(window.clone(), &label);
            columns.push(format!("{text} AS {}", names.get(&window).unwrap_or_default()));
        }
        if let Some(per) = select.per.as_ref().filter(|_| self.dialect() == Dialect::Sqlite) {
            columns.push(format!("{} AS place", self.place(per, select, grouped)?));
        }
        Ok((format!("SELECT {}\n  FROM {from}", columns.join(", ")), names))
    }

    /// The place of a row among those of its group; equal rows share one.
    fn place(&self, per: &TopPer, select: &Select, names: &Names) -> Result<String, Unrenderable> {
        let keys: Result<Vec<String>, Unrenderable> =
            per.keys.iter().map(|key| Ok(self.part_key(key, &self.outer(key, names)?))).collect();
        let order: Result<Vec<String>, _> = select.order.iter().map(|sort| self.outer_sort(sort, names)).collect();
        Ok(format!("RANK() OVER (PARTITION BY {} ORDER BY {})", keys?.join(", "), order?.join(", ")))
    }

    /// An expression over what an earlier step gave.
    pub(super) fn outer(&self, expr: &Expr, names: &Names) -> Result<String, Unrenderable> {
        if let Some(name) = names.get(expr) {
            return Ok(name.to_owned());
        }
        let operand = |side: &Expr| -> Result<String, Unrenderable> {
            let text = self.outer(side, names)?;
            Ok(if names.get(side).is_some() { text } else { bracketed(side, text) })
        };
        match expr {
            Expr::Over { window, of } => self.window(window, &self.outer(of, names)?, names),
            Expr::Arithmetic { operator, left, right } => {
                Ok(self.computed(*operator, (left, operand(left)?), (right, operand(right)?)))
            }
            Expr::Magnitude(of) => Ok(format!("ABS({})", self.outer(of, names)?)),
            Expr::Share(of) => {
                let of = operand(of)?;
                Ok(self.arithmetic(Arithmetic::Percent, &of, &format!("SUM({of}) OVER ()")))
            }
            _ => Err(Unrenderable::Empty),
        }
    }

    fn window(&self, window: &Window, of: &str, names: &Names) -> Result<String, Unrenderable> {
        let time = names.named.iter().find(|(expr, _)| self.runs_in_time(expr).is_some());
        let others: Vec<String> = names
            .named
            .iter()
            .filter(|(expr, _)| !expr.is_aggregate() && self.runs_in_time(expr).is_none())
            .map(|(expr, name)| self.part_key(expr, name))
            .collect();
        let within = if others.is_empty() { String::new() } else { format!("PARTITION BY {} ", others.join(", ")) };
        // The key in time, as a number that counts its units, and how far so many units are in it.
        let clock = |periods: u32| -> Result<(String, u64), Unrenderable> {
            let (expr, name) = time.ok_or(Unrenderable::Empty)?;
            let grain = self.runs_in_time(expr).ok_or(Unrenderable::Empty)?;
            Ok((self.number_of(expr, name, grain), u64::from(periods) * step(grain)))
        };
        Ok(match window {
            Window::Previous(periods) => {
                let (number, back) = clock(*periods)?;
                format!(
                    "MAX({of}) OVER ({within}ORDER BY {number} RANGE BETWEEN {back} PRECEDING AND {back} PRECEDING)"
                )
            }
            Window::Running => {
                let (_, name) = time.ok_or(Unrenderable::Empty)?;
                format!("SUM({of}) OVER ({within}ORDER BY {name})")
            }
            Window::Moving(periods) => {
                let (number, back) = clock(periods.saturating_sub(1))?;
                format!("AVG({of}) OVER ({within}ORDER BY {number} RANGE BETWEEN {back} PRECEDING AND CURRENT ROW)")
            }
            Window::Rank { descending } => {
                let within = match time {
                    Some((_, name)) if !others.is_empty() => format!("PARTITION BY {name} "),
                    _ => String::new(),
                };
                format!("RANK() OVER ({within}ORDER BY {of}{})", direction(*descending, false))
            }
            Window::Total(keys) | Window::Mean(keys) => {
                let function = if matches!(window, Window::Total(_)) { "SUM" } else { "AVG" };
                if keys.is_empty() {
                    return Ok(format!("{function}({of}) OVER ()"));
                }
                let keys: Result<Vec<String>, Unrenderable> =
                    keys.iter().map(|key| Ok(self.part_key(key, &self.outer(key, names)?))).collect();
                format!("{function}({of}) OVER (PARTITION BY {})", keys?.join(", "))
            }
        })
    }

    fn outer_condition(&self, predicate: &Predicate, names: &Names) -> Result<String, Unrenderable> {
        let Predicate::Compare { left, operator, right: Operand::Value(value) } = predicate else {
            return Err(Unrenderable::Empty);
        };
        Ok(format!("{} {} {}", self.outer(left, names)?, operator_sql(*operator), self.value(value, left)))
    }

    fn outer_order(&self, select: &Select, names: &Names) -> Result<Vec<String>, Unrenderable> {
        let mut order = Vec::new();
        if let Some(per) = &select.per {
            // Keys that are shown read better in order than keys that are not.
            let shown = per.keys.iter().filter(|key| select.items.contains(key));
            let keys: Vec<&Expr> = if select.items.iter().any(|i| per.keys.contains(i)) {
                shown.collect()
            } else {
                per.keys.iter().collect()
            };
            for key in keys {
                order.push(self.outer(key, names)?);
            }
            if self.dialect() == Dialect::Sqlite {
                order.push("place".to_owned());
                return Ok(order);
            }
        }
        for sort in &select.order {
            order.push(self.outer_sort(sort, names)?);
        }
        Ok(order)
    }

    fn outer_sort(&self, sort: &Sort, names: &Names) -> Result<String, Unrenderable> {
        let nullable = matches!(&sort.by, Expr::Column(id) if self.schema.may_be_null(*id)) || sort.by.has_window();
        Ok(format!("{}{}", self.outer(&sort.by, names)?, direction(sort.descending, nullable)))
    }
}

/// A window inside a formula, a condition or an order needs a step of its own before it.
fn computes_with_windows(select: &Select) -> bool {
    let nested = |expr: &Expr| expr.has_window() && !matches!(expr, Expr::Over { .. });
    select.items.iter().any(nested)
        || select.order.iter().any(|s| s.by.has_window() && !select.items.contains(&s.by))
        || select.having.iter().any(|p| matches!(p, Predicate::Compare { left, .. } if left.has_window()))
}

/// The parts of an expression that the first step can compute.
fn collect(expr: &Expr, into: &mut Vec<Expr>) {
    match expr {
        Expr::Over { window, of } => {
            collect(of, into);
            if let Window::Total(keys) | Window::Mean(keys) = window {
                for key in keys {
                    collect(key, into);
                }
            }
        }
        Expr::Share(of) => collect(of, into),
        Expr::Magnitude(of) if of.has_window() => collect(of, into),
        Expr::Arithmetic { left, right, .. } if expr.has_window() => {
            collect(left, into);
            collect(right, into);
        }
        other if into.contains(other) => {}
        other => into.push(other.clone()),
    }
}

fn windows_of(expr: &Expr, into: &mut Vec<Expr>) {
    match expr {
        Expr::Over { .. } if !into.contains(expr) => into.push(expr.clone()),
        Expr::Magnitude(of) | Expr::Share(of) => windows_of(of, into),
        Expr::Arithmetic { left, right, .. } => {
            windows_of(left, into);
            windows_of(right, into);
        }
        _ => {}
    }
}

/// The first step is called after what its rows are.
fn step_name(select: &Select) -> &'static str {
    let grain = select.group.iter().find_map(|key| match key {
        Expr::Time { grain, .. } => Some(*grain),
        _ => None,
    });
    match grain {
        _ if select.group.is_empty() && !select.items.iter().any(Expr::is_aggregate) => "listed",
        Some(Grain::Day) => "days",
        Some(Grain::Week) => "weeks",
        Some(Grain::Month) => "months",
        Some(Grain::Quarter | Grain::FiscalQuarter) => "quarters",
        Some(Grain::Year | Grain::FiscalYear) => "years",
        Some(Grain::Weekday) => "weekdays",
        None => "totals",
    }
}
