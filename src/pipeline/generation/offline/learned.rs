//! The reading by fitted scores: candidates put together from likely slots, ranked, with how sure the best one is.

use super::assembly::{Assembler, evidence};
use super::plan::{Expr, Function, Operand, Operator, Predicate, Query, Select, SetOperator};
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
        query: by_age(whole_names(once_each(candidates[best].query.clone(), &view), &view), &view),
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

/// Who somebody is, their whole name says.
fn whole_names(query: Query, view: &View<'_>) -> Query {
    let Query::Select(mut select) = query else { return query };
    if let [Expr::Column(id)] = select.items.as_slice()
        && view.symbols.first().is_some_and(|first| first == "who")
        && select.group.is_empty()
        && view.display[id.table.0].contains(id)
    {
        select.items = view.display[id.table.0].iter().copied().map(Expr::Column).collect();
    }
    Query::Select(select)
}

/// The oldest was born first, the latest came last, whichever end of a number such a word means.
fn by_age(query: Query, view: &View<'_>) -> Query {
    let Query::Select(mut select) = query else { return query };
    let says = |words: &[&str]| view.tokens.iter().any(|t| words.contains(&t.folded.as_str()));
    let dated = |expr: &Expr| match expr {
        Expr::Column(id) => view.ground.schema.profile(*id).semantic.is_time(),
        _ => false,
    };
    if let [sort] = select.order.as_mut_slice()
        && dated(&sort.by)
    {
        match (says(&["oldest", "earliest"]), says(&["youngest", "newest", "latest"])) {
            (true, false) => sort.descending = false,
            (false, true) => sort.descending = true,
            _ => {}
        }
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

/// True if a plan lacks what one does not leave out by the way: a "not", the sum that rows are ranked by, or what the
/// first of all rows is called.
pub fn loses(query: &Query, of: &Query) -> bool {
    negates(of) && !negates(query)
        || ranks_sums(of) && !ranks_sums(query)
        || shows_its_order_alone(query) && !shows_its_order_alone(of)
}

/// True if nothing is shown but what the rows are put in the order of.
fn shows_its_order_alone(query: &Query) -> bool {
    let Query::Select(select) = query else { return false };
    select.limit.is_some()
        && matches!((select.items.as_slice(), select.order.as_slice()), ([item], [sort]) if *item == sort.by)
}

/// True if groups are put in the order of something added up.
fn ranks_sums(query: &Query) -> bool {
    let Query::Select(select) = query else { return false };
    let summed = |expr: &Expr| matches!(expr, Expr::Aggregate { function: Function::Sum, .. });
    select.limit.is_some() && select.order.iter().any(|sort| summed(&sort.by))
}

/// True if some condition says what rows are not.
fn negates(query: &Query) -> bool {
    let negative = |predicate: &Predicate| match predicate {
        Predicate::Compare { operator, .. } => *operator == Operator::NotEqual,
        Predicate::In { negated, .. }
        | Predicate::Like { negated, .. }
        | Predicate::Exists { negated, .. }
        | Predicate::Within { negated, .. } => *negated,
        // Without a value.
        Predicate::IsNull { negated, .. } => !*negated,
        _ => false,
    };
    match query {
        Query::Select(select) => select.filter.iter().chain(&select.having).any(negative),
        Query::Set { operator, left, right } => {
            *operator == SetOperator::Except || left.filter.iter().chain(&right.filter).any(negative)
        }
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
