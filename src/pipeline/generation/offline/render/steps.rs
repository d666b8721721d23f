//! Statements in steps: first the groups, then what is computed from the rows of all groups, then what is kept of them.

use std::fmt::Write;

use super::super::graph::Edge;
use super::super::plan::{Expr, Grain, Operand, Predicate, Select, Sort, Window};
use super::condition::operator_sql;
use super::expression::{arithmetic, bracketed, direction};
use super::text::{literal, quote};
use super::{Renderer, Unrenderable};
use crate::schema::SemanticType;

/// Names under which a step hands on what it computed.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(Vec<(Expr, String)>);

impl Names {
    pub(super) fn get(&self, expr: &Expr) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == expr).map(|(_, name)| name.as_str())
    }

    /// Adds an expression under its label, numbered if that is taken.
    pub(super) fn add(&mut self, expr: Expr, label: &str) {
        if self.get(&expr).is_some() {
            return;
        }
        let taken = |name: &str| self.0.iter().any(|(_, known)| known.eq_ignore_ascii_case(name));
        // One number more than there are names is always free.
        let free = (2..=self.0.len() + 2).map(|n| format!("{label}_{n}")).find(|name| !taken(&quote(name)));
        let name = if taken(&quote(label)) { free.unwrap_or_default() } else { label.to_owned() };
        self.0.push((expr, quote(&name)));
    }

    /// Adds an expression under a name that is written as it stands.
    pub(super) fn under(&mut self, expr: Expr, name: String) {
        self.0.push((expr, name));
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.0.iter().map(|(_, name)| name.clone()).collect()
    }

    pub(super) fn exprs(&self) -> Vec<Expr> {
        self.0.iter().map(|(expr, _)| expr.clone()).collect()
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
        let (names, from) = if computes_with_windows(select) {
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
                Ok(if names.get(item).is_some() { text } else { format!("{text} AS {}", quote(&self.label(item))) })
            })
            .collect();
        let _ = write!(sql, "\nSELECT {}\nFROM {from}", items?.join(", "));
        let mut conditions = Vec::new();
        for predicate in after {
            conditions.push(self.outer_condition(predicate, &names)?);
        }
        if let Some(per) = &select.per {
            conditions.push(format!("place <= {}", per.rows));
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
        let mut names = Names::default();
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
        if let Some(per) = &select.per {
            let keys: Result<Vec<String>, _> = per.keys.iter().map(|key| self.outer(key, grouped)).collect();
            let order: Result<Vec<String>, _> =
                select.order.iter().map(|sort| self.outer_sort(sort, grouped)).collect();
            columns.push(format!(
                "RANK() OVER (PARTITION BY {} ORDER BY {}) AS place",
                keys?.join(", "),
                order?.join(", ")
            ));
        }
        Ok((format!("SELECT {}\n  FROM {from}", columns.join(", ")), names))
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
            Expr::Arithmetic { operator, left, right } => Ok(arithmetic(*operator, &operand(left)?, &operand(right)?)),
            Expr::Magnitude(of) => Ok(format!("ABS({})", self.outer(of, names)?)),
            Expr::Share(of) => {
                let of = operand(of)?;
                Ok(format!("100.0 * {of} / NULLIF(SUM({of}) OVER (), 0)"))
            }
            _ => Err(Unrenderable::Empty),
        }
    }

    fn window(&self, window: &Window, of: &str, names: &Names) -> Result<String, Unrenderable> {
        let time = names.0.iter().find(|(expr, _)| self.runs_in_time(expr).is_some());
        let others: Vec<&str> = names
            .0
            .iter()
            .filter(|(expr, _)| !expr.is_aggregate() && self.runs_in_time(expr).is_none())
            .map(|(_, name)| name.as_str())
            .collect();
        let within = if others.is_empty() { String::new() } else { format!("PARTITION BY {} ", others.join(", ")) };
        let clock = || -> Result<(&str, Grain), Unrenderable> {
            let (expr, name) = time.ok_or(Unrenderable::Empty)?;
            Ok((name, self.runs_in_time(expr).ok_or(Unrenderable::Empty)?))
        };
        Ok(match window {
            Window::Previous(periods) => {
                let (name, grain) = clock()?;
                let back = u64::from(*periods) * step(grain);
                let number = number_of(name, grain);
                format!(
                    "MAX({of}) OVER ({within}ORDER BY {number} RANGE BETWEEN {back} PRECEDING AND {back} PRECEDING)"
                )
            }
            Window::Running => format!("SUM({of}) OVER ({within}ORDER BY {})", clock()?.0),
            Window::Moving(periods) => {
                let (name, grain) = clock()?;
                let back = u64::from(periods.saturating_sub(1)) * step(grain);
                let number = number_of(name, grain);
                format!("AVG({of}) OVER ({within}ORDER BY {number} RANGE BETWEEN {back} PRECEDING AND CURRENT ROW)")
            }
            Window::Rank { descending } => {
                let within = match time {
                    Some((_, name)) if !others.is_empty() => format!("PARTITION BY {name} "),
                    _ => String::new(),
                };
                format!("RANK() OVER ({within}ORDER BY {of}{})", direction(*descending, false))
            }
            Window::Total(keys) if keys.is_empty() => format!("SUM({of}) OVER ()"),
            Window::Total(keys) => {
                let keys: Result<Vec<String>, _> = keys.iter().map(|key| self.outer(key, names)).collect();
                format!("SUM({of}) OVER (PARTITION BY {})", keys?.join(", "))
            }
        })
    }

    /// The calendar unit of a key whose values follow each other in time.
    fn runs_in_time(&self, expr: &Expr) -> Option<Grain> {
        match expr {
            Expr::Time { grain: Grain::Weekday, .. } => None,
            Expr::Time { column, grain } => Some(match self.schema.profile(*column).semantic {
                SemanticType::Year => Grain::Year,
                SemanticType::Month if matches!(grain, Grain::Day | Grain::Week) => Grain::Month,
                _ => *grain,
            }),
            Expr::Column(id) => match self.schema.profile(*id).semantic {
                SemanticType::Year => Some(Grain::Year),
                SemanticType::Month => Some(Grain::Month),
                _ => None,
            },
            _ => None,
        }
    }

    fn outer_condition(&self, predicate: &Predicate, names: &Names) -> Result<String, Unrenderable> {
        let Predicate::Compare { left, operator, right: Operand::Value(value) } = predicate else {
            return Err(Unrenderable::Empty);
        };
        Ok(format!("{} {} {}", self.outer(left, names)?, operator_sql(*operator), literal(value)))
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
            order.push("place".to_owned());
            return Ok(order);
        }
        for sort in &select.order {
            order.push(self.outer_sort(sort, names)?);
        }
        Ok(order)
    }

    fn outer_sort(&self, sort: &Sort, names: &Names) -> Result<String, Unrenderable> {
        let nullable =
            matches!(&sort.by, Expr::Column(id) if self.schema.profile(*id).nulls > 0) || sort.by.has_window();
        Ok(format!("{}{}", self.outer(&sort.by, names)?, direction(sort.descending, nullable)))
    }
}

/// A window inside a formula, a condition or an order needs a step of its own before it.
fn computes_with_windows(select: &Select) -> bool {
    let nested = |expr: &Expr| expr.has_window() && !matches!(expr, Expr::Over { .. });
    select.per.is_some()
        || select.items.iter().any(nested)
        || select.order.iter().any(|s| s.by.has_window() && !select.items.contains(&s.by))
        || select.having.iter().any(|p| matches!(p, Predicate::Compare { left, .. } if left.has_window()))
}

/// The parts of an expression that the first step can compute.
fn collect(expr: &Expr, into: &mut Vec<Expr>) {
    match expr {
        Expr::Over { window, of } => {
            collect(of, into);
            if let Window::Total(keys) = window {
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

/// A calendar unit as a number, so that units can be counted back: a gap then is a gap.
fn number_of(name: &str, grain: Grain) -> String {
    match grain {
        Grain::Day | Grain::Week => format!("julianday({name})"),
        Grain::Month => format!("12 * substr({name}, 1, 4) + substr({name}, 6, 2)"),
        Grain::Quarter => format!("4 * substr({name}, 1, 4) + substr({name}, 7)"),
        Grain::Year | Grain::Weekday => format!("CAST({name} AS INTEGER)"),
        Grain::FiscalQuarter => format!("4 * substr({name}, 3, 4) + substr({name}, 9)"),
        Grain::FiscalYear => format!("CAST(substr({name}, 3) AS INTEGER)"),
    }
}

/// How far two neighbours are apart in [`number_of`].
fn step(grain: Grain) -> u64 {
    if grain == Grain::Week { 7 } else { 1 }
}
