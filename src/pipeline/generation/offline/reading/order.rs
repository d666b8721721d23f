//! In which order rows come, and how many of them.

use super::super::names::Target;
use super::super::plan::{Expr, Function, Select, Sort};
use super::resolve::Role;
use super::{Measure, Reader, column};

/// Rows shown when "which ones" is asked of something added up, without a number.
const PLURAL_ROWS: u64 = 10;

impl Reader<'_> {
    /// "the latest price of each store": the end of the measure in every group, not one row of them all.
    pub(super) fn extremes_of_groups(&mut self) {
        let Some(rank) = self.frame.rank.clone().filter(|r| r.limit.is_none() && r.offset == 0) else { return };
        if self.frame.groups.is_empty() {
            return;
        }
        let function = if rank.descending { Function::Maximum } else { Function::Minimum };
        let measure = match rank.measure {
            Some(Measure::Plain(i))
                if !matches!(self.tokens[i].links().first().map(|l| l.target), Some(Target::Metric(_))) =>
            {
                Measure::Aggregate(function, i)
            }
            Some(Measure::Column(id)) => Measure::Extreme(function, id),
            _ => return,
        };
        self.frame.rank = None;
        self.frame.measures.push(measure);
    }

    /// What the rows are ranked by, not yet aggregated.
    pub(super) fn rank_sort(&mut self) -> Option<(Measure, bool)> {
        let rank = self.frame.rank.clone()?;
        let measure = match rank.measure? {
            // "the most passengers" of one row's own column compares rows; only events are added up.
            Measure::Aggregate(Function::Sum, i)
                if self
                    .best_column(i, Role::Measure)
                    .is_some_and(|(c, _)| self.anchors.contains(&c.table) && !self.is_fact(c.table)) =>
            {
                Measure::Plain(i)
            }
            other => other,
        };
        Some((measure, rank.descending))
    }

    pub(super) fn fill_order(&mut self, select: &mut Select, rank: Option<(Measure, bool)>) {
        let grouped = !select.group.is_empty();
        for (measure, descending) in self.frame.order.clone() {
            let by = match &measure {
                Measure::Plain(i)
                    if self.best_column(*i, Role::Measure).is_none_or(|(c, _)| !self.semantic(c).is_measure()) =>
                {
                    self.resolve(*i, Role::Output).map(column)
                }
                other => self.measure_expr(other, grouped),
            };
            // Without groups there is nothing to count rows in.
            if let Some(by) = by.filter(|by| grouped || !by.is_aggregate()) {
                let by = Self::as_shown(select, by);
                select.order.retain(|s| s.by != by);
                select.order.push(Sort { by, descending });
            }
        }
        if let Some((measure, descending)) = rank
            && let Some(by) = self.measure_expr(&measure, grouped)
        {
            let rank = self.frame.rank.clone().unwrap_or_default();
            let by = Self::as_shown(select, by);
            select.order = vec![Sort { by: by.clone(), descending }];
            let plural = rank.limit.is_none() && self.asks_for_several() && select.is_aggregated();
            select.limit = Some(rank.limit.unwrap_or(if plural { PLURAL_ROWS } else { 1 }));
            select.offset = rank.offset;
            if plural {
                self.assumptions.push(format!("the first {PLURAL_ROWS} are shown"));
            }
            let bare = match &by {
                Expr::Magnitude(of) => (**of).clone(),
                other => other.clone(),
            };
            let missing = !select.items.contains(&bare);
            if select.items.is_empty() || (missing && (rank.show || plural)) {
                select.items.push(bare);
            }
        } else if grouped && select.order.is_empty() {
            // Periods run forward.
            if let Some(time) = select.group.iter().find(|g| matches!(g, Expr::Time { .. })).cloned() {
                select.order.push(Sort { by: time, descending: false });
            }
        }
        if select.order.is_empty() && self.frame.rank.as_ref().is_some_and(|r| r.limit.is_some()) {
            select.limit = self.frame.rank.as_ref().and_then(|r| r.limit);
        }
    }

    /// An order by a column that is shown aggregated is by the aggregate.
    fn as_shown(select: &Select, by: Expr) -> Expr {
        let Expr::Column(id) = &by else { return by };
        let shown = select.items.iter().find(|i| matches!(i, Expr::Aggregate { of, .. } if **of == column(*id)));
        shown.cloned().unwrap_or(by)
    }

    fn asks_for_several(&self) -> bool {
        // "which of our stores" asks for one.
        if (0..self.tokens.len()).any(|i| self.phrase_at(i, "which of").is_some()) {
            return false;
        }
        let rank = self.frame.rank.as_ref();
        // "the most students" is what is counted, not what is asked for.
        let ranked_by = rank.and_then(|rank| match rank.measure {
            Some(Measure::Count(i) | Measure::CountDistinct(i) | Measure::Aggregate(_, i) | Measure::Plain(i)) => {
                Some(i)
            }
            _ => None,
        });
        let mut names = (0..self.tokens.len()).filter(|i| self.is_name(*i) && Some(*i) != ranked_by);
        let head = names.clone().find(|i| !self.is_measure(*i));
        if let Some(rank) = rank.filter(|rank| head.is_none() && rank.word.contains("sell")) {
            return rank.word.ends_with('s');
        }
        let head = head.or_else(|| names.next());
        head.is_some_and(|i| {
            let words = &self.ground.analysis.words[self.tokens[i].words.clone()];
            words.last().is_some_and(|w| w.folded != w.lemma)
        })
    }
}
