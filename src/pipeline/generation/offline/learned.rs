//! The reading by fitted scores: candidates put together from likely slots, ranked, with how sure the best one is.

use super::assembly::{Assembler, evidence};
use super::plan::{Expr, Operand, Predicate, Query, Select};
use super::reading::{Ground, Reading};
use super::scoring::asset::Model;
use super::scoring::view::View;
use super::tokens::Token;
use crate::schema::{SemanticType, TableId};

/// The best reading.
#[derive(Clone, Debug)]
pub struct Learned {
    pub query: Query,
    /// How often a best plan so far ahead is right, 0 to 1.
    pub confidence: f64,
    /// Plans that were weighed.
    pub weighed: usize,
    /// Tables that the question speaks of.
    pub mentioned: Vec<TableId>,
    /// The rules read the question so too.
    pub by_rules: bool,
}

/// Tables with at least this much evidence count as spoken of.
const SPOKEN_OF: f32 = 0.5;

/// Being ahead of fewer other plans says nothing.
const FEWEST: usize = 4;

/// Reads the tokens; `None` if nothing can be put together. `rules` is what the rules made of them.
pub fn read(ground: Ground<'_>, tokens: &[Token], model: &Model, rules: Option<&Reading>) -> Option<Learned> {
    let view = View::new(ground, tokens);
    let scores = model.weights.scores(&view);
    let assembler = Assembler { view: &view, scores: &scores, weights: &model.weights };
    let candidates = assembler.with_rules(rules.map(|r| &r.query));
    if candidates.len() < FEWEST {
        return None;
    }
    let rows = evidence::rows(&view, &scores, &candidates, rules, &model.alignment);
    let ranks: Vec<f32> = rows.iter().map(|row| model.ranking.score(row)).collect();
    let (best, _) = ranks.iter().enumerate().fold(None, |best: Option<(usize, f32)>, (i, rank)| match best {
        Some((_, highest)) if highest >= *rank => best,
        _ => Some((i, *rank)),
    })?;
    let mentioned = ground.schema.table_ids().filter(|t| view.evidence(*t) > SPOKEN_OF).collect();
    Some(Learned {
        query: once_each(candidates[best].query.clone(), &view),
        confidence: f64::from(calibrated(&model.calibration, lead(&ranks))),
        weighed: candidates.len(),
        mentioned,
        by_rules: candidates[best].by_rules,
    })
}

/// A list of kinds shows each kind once: where that is asked for, and where no shown column tells rows apart.
fn once_each(query: Query, view: &View<'_>) -> Query {
    let Query::Select(mut select) = query else { return query };
    let schema = view.ground.schema;
    let asked = view.symbols.iter().any(|s| matches!(s.as_str(), "different" | "distinct" | "unique" | "various"));
    let kind = |item: &Expr| match item {
        Expr::Column(id) => {
            matches!(schema.profile(*id).semantic, SemanticType::Category | SemanticType::Geo | SemanticType::Flag)
        }
        _ => false,
    };
    let shown = |sort: &super::plan::Sort| select.items.contains(&sort.by);
    if !select.is_aggregated() && select.order.iter().all(shown) && (asked || select.items.iter().all(kind)) {
        select.distinct = true;
    }
    Query::Select(select)
}

/// The share of the best rank among all, as a probability.
pub fn lead(ranks: &[f32]) -> f32 {
    let highest = ranks.iter().copied().fold(f32::MIN, f32::max);
    1.0 / ranks.iter().map(|r| (r - highest).exp()).sum::<f32>()
}

/// The share of right answers with at least this lead.
fn calibrated(steps: &[(f32, f32)], lead: f32) -> f32 {
    let at = steps.partition_point(|(from, _)| *from <= lead);
    at.checked_sub(1).or(Some(0)).and_then(|i| steps.get(i)).map_or(0.0, |(_, share)| *share)
}

/// True if the plan says only what the scores were fitted for: no periods cut to units, no formulas, nothing computed
/// from the rows of the result.
pub fn may_replace(query: &Query) -> bool {
    match query {
        Query::Select(select) => is_plain(select),
        Query::Set { left, right, .. } => is_plain(left) && is_plain(right),
    }
}

fn is_plain(select: &Select) -> bool {
    let plain = |expr: &Expr| match expr {
        Expr::Column(_) | Expr::AllColumns(_) | Expr::CountRows(_) => true,
        Expr::Aggregate { of, .. } => matches!(**of, Expr::Column(_)),
        _ => false,
    };
    let plain_predicate = |predicate: &Predicate| match predicate {
        Predicate::Compare { left, right, .. } => {
            plain(left)
                && match right {
                    Operand::Value(_) => true,
                    Operand::Expr(expr) => plain(expr),
                    Operand::Scalar(select) => is_plain(select),
                }
        }
        // Patterns that are not in quotes are the rules' own.
        Predicate::Like { .. } => false,
        _ => true,
    };
    select.per.is_none()
        && select.items.iter().chain(&select.group).chain(select.order.iter().map(|s| &s.by)).all(plain)
        && select.filter.iter().chain(&select.having).all(plain_predicate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_follows_the_steps() {
        let steps = [(0.0, 0.1), (0.5, 0.6), (0.9, 0.95)];
        for (lead, share) in [(0.0, 0.1), (0.49, 0.1), (0.5, 0.6), (0.91, 0.95)] {
            assert!((calibrated(&steps, lead) - share).abs() < 1e-6, "{lead}");
        }
        assert_eq!(calibrated(&[], 0.7).to_bits(), 0.0_f32.to_bits());
    }

    #[test]
    fn a_lead_is_a_share_of_all() {
        assert!((lead(&[2.0]) - 1.0).abs() < 1e-6);
        assert!((lead(&[1.0, 1.0]) - 0.5).abs() < 1e-6);
    }
}
