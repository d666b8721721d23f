//! Medians and other percentiles, from the numbered rows of each group.

use std::fmt::Write;

use super::super::graph::Edge;
use super::super::plan::{Expr, Predicate, Select};
use super::expression::direction;
use super::steps::Names;
use super::{Renderer, Unrenderable};
use crate::schema::Dialect;

pub(super) fn percentile_of(select: &Select) -> Option<(&Expr, u8)> {
    select.items.iter().find_map(|item| match item {
        Expr::Percentile { of, percent } => Some((&**of, *percent)),
        _ => None,
    })
}

impl Renderer<'_> {
    /// One percentile beside its keys; anything else beside it has no such statement.
    pub(super) fn percentile(
        &self,
        select: &Select,
        names: &[String],
        depth: usize,
        edges: &mut Vec<Edge>,
    ) -> Result<(String, bool), Unrenderable> {
        let (of, percent) = percentile_of(select).ok_or(Unrenderable::Empty)?;
        let keys: Vec<Expr> = select.items.iter().filter(|i| !i.is_aggregate()).cloned().collect();
        if keys.len() + 1 != select.items.len() || !select.having.is_empty() {
            return Err(Unrenderable::Empty);
        }
        let mut steps = Names::new(self.dialect());
        let mut listed: Vec<Expr> = keys.clone();
        listed.extend(select.group.iter().filter(|key| !keys.contains(key)).cloned());
        for key in &listed {
            steps.add(key.clone(), &self.label(key));
        }
        let mut items = listed.clone();
        let mut filter = select.filter.clone();
        items.push(of.clone());
        steps.add(of.clone(), &self.label(of));
        filter.push(Predicate::IsNull { what: of.clone(), negated: true });
        let inner = Select { items, filter, ..Select::default() };
        let (text, _) = self.select_named(&inner, &steps.names(), depth, edges)?;
        let columns = steps.names();
        let (value, groups) = columns.split_last().ok_or(Unrenderable::Empty)?;
        let keys: Vec<String> = listed.iter().zip(groups).map(|(key, name)| self.part_key(key, name)).collect();
        let within = if groups.is_empty() { String::new() } else { format!("PARTITION BY {}", keys.join(", ")) };
        let placed = self.placed((of, value), percent, &columns, &within);
        let value = match self.dialect() {
            Dialect::Sqlite => format!("AVG({value})"),
            Dialect::BigQuery => "ANY_VALUE(middle)".to_owned(),
        };
        let mut sql = format!("WITH listed AS (\n  {}\n), {placed}", text.replace('\n', "\n  "));
        let mut shown = Vec::new();
        for (i, item) in select.items.iter().enumerate() {
            let text = steps.get(item).map_or_else(|| value.clone(), str::to_owned);
            let label = names.get(i).cloned().unwrap_or_else(|| self.quote(&self.label(item)));
            shown.push(if text == label { text } else { format!("{text} AS {label}") });
        }
        let _ = match self.dialect() {
            Dialect::Sqlite => write!(sql, "\nSELECT {}\nFROM numbered\nWHERE {}", shown.join(", "), middle(percent)),
            Dialect::BigQuery => write!(sql, "\nSELECT {}\nFROM placed", shown.join(", ")),
        };
        if !groups.is_empty() {
            let _ = write!(sql, "\nGROUP BY {}", groups.join(", "));
        }
        let order: Vec<String> = select
            .order
            .iter()
            .map(|sort| {
                let by = steps.get(&sort.by).map_or_else(|| value.clone(), str::to_owned);
                format!("{by}{}", direction(sort.descending, false))
            })
            .collect();
        if !order.is_empty() {
            let _ = write!(sql, "\nORDER BY {}", order.join(", "));
        }
        if let Some(limit) = select.limit {
            let _ = write!(sql, "\nLIMIT {limit}");
        }
        Ok((sql, false))
    }

    /// The step that finds the rows in the middle of each group, or in BigQuery the value there, which it has windows
    /// for and no aggregates: the mean of the two in the middle is PERCENTILE_CONT, a row's own value PERCENTILE_DISC.
    fn placed(&self, (of, value): (&Expr, &str), percent: u8, columns: &[String], within: &str) -> String {
        let columns = columns.join(", ");
        match self.dialect() {
            Dialect::Sqlite => {
                let order = format!("{within}{}ORDER BY {value}", if within.is_empty() { "" } else { " " });
                format!(
                    "numbered AS (\n  SELECT {columns}, ROW_NUMBER() OVER ({order}) AS place, COUNT(*) OVER ({within}) \
                     AS rows_of_group\n  FROM listed\n)"
                )
            }
            Dialect::BigQuery => {
                let value = self.number(of, value.to_owned());
                let function = if percent == 50 { "PERCENTILE_CONT" } else { "PERCENTILE_DISC" };
                let at = f64::from(percent) / 100.0;
                format!(
                    "placed AS (\n  SELECT {columns}, {function}({value}, {at}) OVER ({within}) AS middle\n  FROM listed\n)"
                )
            }
        }
    }
}

/// The row in the middle, or the two beside it; for other percentiles the first row that enough others do not exceed.
fn middle(percent: u8) -> String {
    if percent == 50 {
        "place IN ((rows_of_group + 1) / 2, (rows_of_group + 2) / 2)".to_owned()
    } else {
        format!("place = (rows_of_group * {percent} + 99) / 100")
    }
}
