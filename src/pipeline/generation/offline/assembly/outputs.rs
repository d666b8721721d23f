//! Which things may be shown together.

use super::super::plan::{Expr, Function};
use super::super::scoring::shape::Shape;
use super::super::scoring::slots::Role;
use super::super::scoring::{OUTPUTS, SIZES};
use super::{Assembler, log};
use crate::schema::ColumnId;

/// A list of outputs.
#[derive(Clone, Debug)]
pub struct Outputs {
    pub items: Vec<Expr>,
    /// Logarithm of how likely these and no others are shown.
    pub score: f32,
    /// The same for how many they are.
    pub size: f32,
}

/// Outputs below this are not thought of.
const LEAST: f32 = 0.03;
/// Doubtful outputs that are tried both ways.
const DOUBTFUL: usize = 7;
/// Words without which rows are hardly counted.
const COUNTING: [&str; 14] = [
    "how",
    "many",
    "number",
    "count",
    "total",
    "often",
    "time",
    "amount",
    "much",
    "frequency",
    "frequent",
    "most",
    "each",
    "common",
];
/// Lists kept.
const KEPT: usize = 24;

impl Outputs {
    pub fn fits(&self, shape: Shape) -> bool {
        let aggregates = self.items.iter().filter(|item| item.is_aggregate()).count();
        // Without groups, aggregates and plain columns do not stand side by side.
        shape.grouped || aggregates == 0 || aggregates == self.items.len()
    }
}

impl Assembler<'_> {
    /// Likely lists of outputs, likeliest first.
    pub(super) fn outputs(&self) -> Vec<Outputs> {
        let pool = self.pool();
        let mut doubtful: Vec<usize> = (0..pool.len()).collect();
        doubtful.sort_by(|a, b| (pool[*a].1 - 0.5).abs().total_cmp(&(pool[*b].1 - 0.5).abs()).then(a.cmp(b)));
        doubtful.truncate(DOUBTFUL);
        let sure: Vec<usize> = (0..pool.len()).filter(|i| !doubtful.contains(i) && pool[*i].1 >= 0.5).collect();
        let mut base = 0.0;
        for (i, (_, p, _)) in pool.iter().enumerate() {
            if !doubtful.contains(&i) {
                base += log(if *p >= 0.5 { *p } else { 1.0 - p });
            }
        }
        let mut lists = Vec::new();
        for chosen in 0..1_usize << doubtful.len() {
            let mut score = base;
            let mut members = sure.clone();
            for (bit, i) in doubtful.iter().enumerate() {
                if chosen >> bit & 1 == 1 {
                    members.push(*i);
                    score += log(pool[*i].1);
                } else {
                    score += log(1.0 - pool[*i].1);
                }
            }
            let rows = members.iter().filter(|i| matches!(pool[**i].0, Expr::CountRows(_))).count();
            if members.is_empty() || members.len() > 8 || rows > 1 {
                continue;
            }
            members.sort_by_key(|i| (pool[*i].0.is_aggregate(), pool[*i].2, *i));
            let size = self.scores.outline.size.get(members.len().min(SIZES) - 1).copied().unwrap_or(0.1);
            let items = members.into_iter().map(|i| pool[i].0.clone()).collect();
            lists.push(Outputs { items, score, size: log(size) });
        }
        lists.extend(self.everything());
        lists.sort_by(|a, b| (b.score + 0.5 * b.size).total_cmp(&(a.score + 0.5 * a.size)));
        lists.truncate(KEPT);
        lists
    }

    /// Things that may be shown, how likely, and where the question speaks of them.
    fn pool(&self) -> Vec<(Expr, f32, usize)> {
        let mut pool = Vec::new();
        let place = |id: ColumnId| self.view.mentions(id).first().map_or(usize::MAX, |m| m.token);
        for (id, p) in &self.scores.columns {
            for (role, p) in Role::ALL.iter().zip(p) {
                let item = match role {
                    Role::Show => Expr::Column(*id),
                    Role::Count => {
                        Expr::Aggregate { function: Function::Count, distinct: true, of: Box::new(Expr::Column(*id)) }
                    }
                    Role::Sum => Expr::aggregate(Function::Sum, *id),
                    Role::Average => Expr::aggregate(Function::Average, *id),
                    Role::Minimum => Expr::aggregate(Function::Minimum, *id),
                    Role::Maximum => Expr::aggregate(Function::Maximum, *id),
                    Role::Group | Role::Order | Role::OrderAggregate | Role::Filter => continue,
                };
                if *p > LEAST {
                    let spoken = match &item {
                        Expr::Aggregate { function, .. } => self.spoken_at(*function),
                        _ => None,
                    };
                    pool.push((item, *p, spoken.unwrap_or_else(|| place(*id))));
                }
            }
        }
        debug_assert_eq!(self.scores.outline.outputs.len(), OUTPUTS, "one score for each kind of output");
        let rows = self.scores.outline.outputs.get(1).copied().unwrap_or(0.0);
        // Nobody counts without saying so.
        let rows = if self.view.symbols.iter().any(|s| COUNTING.contains(&s.as_str())) { rows } else { 0.1 * rows };
        for (table, share) in self.counted() {
            let p = rows * share.exp();
            if p > LEAST {
                pool.push((Expr::CountRows(table), p.min(0.99), usize::MAX));
            }
        }
        pool.sort_by(|a, b| b.1.total_cmp(&a.1));
        pool.truncate(16);
        pool
    }

    /// All columns of a table, where nothing in particular is asked for.
    fn everything(&self) -> Vec<Outputs> {
        let asked = ["all", "everything", "information", "detail", "info"];
        if !self.view.symbols.iter().any(|s| asked.contains(&s.as_str())) {
            return Vec::new();
        }
        let mut tables: Vec<_> = self.scores.tables.iter().map(|(t, p)| (*t, p[0])).collect();
        tables.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        tables.truncate(1);
        tables
            .into_iter()
            .map(|(t, p)| Outputs { items: vec![Expr::AllColumns(t)], score: log(p) - 2.5, size: log(0.3) })
            .collect()
    }
}
