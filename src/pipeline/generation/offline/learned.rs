//! The reading by fitted scores: candidates put together from likely slots, ranked, with how sure the best one is.

use super::assembly::{Assembler, evidence};
use super::plan::{Expr, Function, Operand, Operator, Predicate, Query, Select, SetOperator};
use super::reading::{Ground, Reading};
use super::scoring::asset::Model;
use super::scoring::view::View;
use super::tokens::Token;
use crate::schema::{Schema, SemanticType, TableId};

/// The best reading.
#[derive(Clone, Debug)]
pub struct Learned {
    pub query: Query,
    /// How often such a plan is right, 0 to 1.
    pub confidence: f64,
    /// Plans that were weighed.
    pub weighed: usize,
    /// Tables that the question speaks of.
    pub mentioned: Vec<TableId>,
    /// The rules read the question so too.
    pub by_rules: bool,
    /// How often such a plan as that of the rules is right.
    pub ruled: Option<f64>,
}

/// Tables with at least this much evidence count as spoken of.
const SPOKEN_OF: f32 = 0.5;

/// Being ahead of fewer other plans says nothing.
const FEWEST: usize = 4;

/// Reads the tokens; `None` if nothing can be put together. `rules` is what the rules made of them: it stands where it
/// is likelier right than what ranks first.
pub fn read(ground: Ground<'_>, tokens: &[Token], model: &Model, rules: Option<&Reading>) -> Option<Learned> {
    let view = View::new(ground, tokens);
    let scores = model.weights.scores(&view);
    let assembler = Assembler::new(&view, &scores, &model.weights);
    let candidates = assembler.with_rules(rules.map(|r| &r.query));
    if candidates.len() < FEWEST {
        return None;
    }
    let rows = evidence::rows(&view, &scores, &candidates, rules, model);
    let ranks = model.ranking.leading_scores(&rows);
    let ruled = candidates.iter().position(|c| c.by_rules);
    let likely = |at: usize| model.confidence.score(&standing(&rows[at], &ranks, at));
    let (chosen, score) = choose(&ranks, ruled, likely)?;
    let mentioned = ground.schema.table_ids().filter(|t| view.evidence(*t) > SPOKEN_OF).collect();
    let query = candidates[chosen].query.clone();
    let by_rules = candidates[chosen].by_rules;
    Some(Learned {
        query: if by_rules { query } else { as_people_say(query, &view) },
        confidence: f64::from(calibrated(&model.calibration, score)),
        weighed: candidates.len(),
        mentioned,
        by_rules,
        ruled: ruled.map(|at| f64::from(calibrated(&model.calibration, likely(at)))),
    })
}

/// The plan that ranks first, or that of the rules where it is likelier right, with how likely that is as a score.
pub fn choose(ranks: &[f32], ruled: Option<usize>, score: impl Fn(usize) -> f32) -> Option<(usize, f32)> {
    let first = first(ranks)?;
    let best = (first, score(first));
    let ruled = ruled.filter(|at| *at != first).map(|at| (at, score(at)));
    Some(ruled.filter(|ruled| ruled.1 > best.1).unwrap_or(best))
}

/// The highest of all ranks; of equal ones the first.
pub fn first(ranks: &[f32]) -> Option<usize> {
    (0..ranks.len()).reduce(|best, at| if ranks[at] > ranks[best] { at } else { best })
}

/// A plan in numbers with how it stands among the others.
pub fn standing(row: &[f32], ranks: &[f32], at: usize) -> Vec<f32> {
    let highest = ranks.iter().copied().fold(f32::MIN, f32::max);
    let others = ranks.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, rank)| *rank);
    let next = others.fold(f32::MIN, f32::max);
    let all: f32 = ranks.iter().map(|rank| (rank - highest).exp()).sum();
    let mut row = row.to_vec();
    row.extend([ranks[at], ranks[at] - next.max(-1e3), (ranks[at] - highest).exp() / all]);
    row
}

/// The plan as people mean it where they do not say it.
fn as_people_say(query: Query, view: &View<'_>) -> Query {
    by_age(whole_names(by_name(once_each(query, view), view), view), view)
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

/// Which things they are, their names say, unless it is their keys that are asked for.
fn by_name(query: Query, view: &View<'_>) -> Query {
    let Query::Select(mut select) = query else { return query };
    let schema = view.ground.schema;
    let asks_which = view.symbols.first().is_some_and(|first| first == "which");
    let asks_keys =
        view.tokens.iter().any(|t| t.is(&["id", "ids", "code", "codes", "number", "numbers", "key", "keys"]));
    if let [Expr::Column(id)] = select.items.as_slice()
        && asks_which
        && !asks_keys
        && !select.group.is_empty()
        && let Some(thing) = schema.reference_of(*id).map(|key| key.to.table)
        && view.table_at(1) == Some(thing)
        && let [name] = view.display(thing)
        && schema.profile(*name).semantic == SemanticType::Name
    {
        select.items = vec![Expr::Column(*name)];
        select.group.push(Expr::Column(*name));
    }
    Query::Select(select)
}

/// Who somebody is, their whole name says.
fn whole_names(query: Query, view: &View<'_>) -> Query {
    let Query::Select(mut select) = query else { return query };
    if let [Expr::Column(id)] = select.items.as_slice()
        && view.symbols.first().is_some_and(|first| first == "who")
        && select.group.is_empty()
        && view.display(id.table).contains(id)
    {
        select.items = view.display(id.table).iter().copied().map(Expr::Column).collect();
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

/// The share of right answers with such a score, on the line through the points.
pub fn calibrated(points: &[(f32, f32)], score: f32) -> f32 {
    let at = points.partition_point(|(x, _)| *x <= score);
    match (at.checked_sub(1).and_then(|i| points.get(i)), points.get(at)) {
        (Some((low, a)), Some((high, b))) => a + (b - a) * (score - low) / (high - low).max(1e-6),
        (Some((_, share)), None) | (None, Some((_, share))) => *share,
        (None, None) => 0.0,
    }
}

/// True if the plan says only what the scores were fitted for: no periods cut to units, no formulas, nothing computed
/// from the rows of the result.
pub fn may_replace(query: &Query) -> bool {
    match query {
        Query::Select(select) => is_plain(select),
        Query::Set { left, right, .. } => is_plain(left) && is_plain(right),
    }
}

/// True if a plan has fewer conditions than another one, those of inner queries and of limits counted, or shows nothing
/// but the figure that it ranks by where the other one shows what has it.
pub fn says_less(query: &Query, of: &Query) -> bool {
    said(query) < said(of) || shows_its_order_alone(query) && !shows_its_order_alone(of)
}

/// True if of two plain lists the other one shows what its rows are called besides.
pub fn leaves_out_names(query: &Query, of: &Query, schema: &Schema) -> bool {
    let (Query::Select(select), Query::Select(other)) = (query, of) else { return false };
    let named = |item: &Expr| matches!(item, Expr::Column(id) if schema.profile(*id).semantic == SemanticType::Name);
    let fixed = |item: &Expr| {
        other
            .filter
            .iter()
            .any(|p| matches!(p, Predicate::Compare { left, operator: Operator::Equal, .. } if left == item))
    };
    let mut more = other.items.iter().filter(|item| !select.items.contains(item)).peekable();
    !select.is_aggregated()
        && !other.is_aggregated()
        && more.peek().is_some()
        && more.all(|item| named(item) && !fixed(item))
        && !select.items.iter().any(named)
        && select.items.iter().all(|item| other.items.contains(item))
}

fn shows_its_order_alone(query: &Query) -> bool {
    let Query::Select(select) = query else { return false };
    select.limit.is_some()
        && matches!((select.items.as_slice(), select.order.as_slice()), ([item], [sort]) if *item == sort.by)
}

/// Conditions of a plan, negations twice.
fn said(query: &Query) -> usize {
    match query {
        Query::Select(select) => said_by(select),
        Query::Set { operator, left, right } => {
            said_by(left).max(said_by(right)) + if *operator == SetOperator::Except { 2 } else { 1 }
        }
    }
}

fn said_by(select: &Select) -> usize {
    let all = select.filter.iter().chain(&select.having);
    all.map(conditions).sum::<usize>() + usize::from(select.limit.is_some())
}

/// True if a plan has an order beside what another one has, and nothing else.
pub fn adds_an_order(query: &Query, to: &Query) -> bool {
    match (query, to) {
        (Query::Select(select), Query::Select(other)) if select.limit.is_none() && other.order.is_empty() => {
            !select.order.is_empty() && Select { order: Vec::new(), ..(**select).clone() } == **other
        }
        _ => false,
    }
}

/// True if a plan puts things in order by amounts of which each has many, so that one thing may come several times.
pub fn repeats_things(query: &Query, ground: Ground<'_>) -> bool {
    let Query::Select(select) = query else { return false };
    let (Some(_), [sort], false) = (select.limit.filter(|n| *n > 1), select.order.as_slice(), select.is_aggregated())
    else {
        return false;
    };
    let Expr::Column(by) = sort.by else { return false };
    let adds_up = ground.schema.profile(by).semantic.is_additive();
    let mut shown: Vec<TableId> = Vec::new();
    select.items.iter().filter(|item| **item != sort.by).for_each(|item| item.tables(&mut shown));
    let [things] = shown.as_slice() else { return false };
    let has_many = || ground.graph.join(&[*things, by.table], &[]).is_some_and(|t| t.edges.iter().any(|e| e.fans_out));
    adds_up && *things != by.table && has_many()
}

/// True if a plan computes an average.
pub fn averages(query: &Query) -> bool {
    let (Query::Select(select) | Query::Set { left: select, .. }) = query;
    let average = |expr: &Expr| matches!(expr, Expr::Aggregate { function: Function::Average, .. });
    let compared = |predicate: &Predicate| match predicate {
        Predicate::Compare { left, right, .. } => {
            average(left) || matches!(right, Operand::Scalar(inner) if inner.items.iter().any(average))
        }
        _ => false,
    };
    select.items.iter().chain(select.order.iter().map(|s| &s.by)).any(average)
        || select.filter.iter().chain(&select.having).any(compared)
}

/// True if a plan groups by fewer things than another one.
pub fn groups_less(query: &Query, of: &Query) -> bool {
    keys(query) < keys(of)
}

/// Things that a plan groups by: the key and the name of a table say the same.
fn keys(query: &Query) -> usize {
    let (Query::Select(select) | Query::Set { left: select, .. }) = query;
    let mut tables: Vec<TableId> = Vec::new();
    select.group.iter().for_each(|key| key.tables(&mut tables));
    tables.len()
}

fn conditions(predicate: &Predicate) -> usize {
    let negated = match predicate {
        Predicate::Compare { operator, .. } => *operator == Operator::NotEqual,
        Predicate::In { negated, .. }
        | Predicate::Like { negated, .. }
        | Predicate::Exists { negated, .. }
        | Predicate::Within { negated, .. } => *negated,
        // Without a value.
        Predicate::IsNull { negated, .. } => !*negated,
        _ => false,
    };
    let inner = match predicate {
        Predicate::Compare { right: Operand::Scalar(inner), .. } => 1 + said_by(inner),
        Predicate::Within { query, .. } => 1 + said_by(query),
        Predicate::Exists { filter, .. } => 1 + filter.iter().map(conditions).sum::<usize>(),
        Predicate::Any(predicates) => predicates.iter().map(conditions).sum(),
        Predicate::In { values, .. } => values.len(),
        _ => 1,
    };
    inner + usize::from(negated)
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
    use super::super::tests::{id, profile, schema};
    use super::*;
    use crate::schema::Value;

    #[test]
    fn confidence_lies_on_the_line() {
        let points = [(0.0, 0.1), (0.5, 0.6), (0.9, 0.95)];
        for (score, share) in [(-1.0, 0.1), (0.25, 0.35), (0.5, 0.6), (0.91, 0.95)] {
            assert!((calibrated(&points, score) - share).abs() < 1e-6, "{score}");
        }
        assert_eq!(calibrated(&[], 0.7).to_bits(), 0.0_f32.to_bits());
    }

    #[test]
    fn a_list_without_what_its_rows_are_called_leaves_that_out() {
        let mut stalls = schema(&[("stalls", &["stall_id*", "title", "city"])], &[]);
        profile(&mut stalls, "stalls.title").semantic = SemanticType::Name;
        let list = |columns: &[&str], filter: Vec<Predicate>| {
            let items = columns.iter().map(|name| Expr::Column(id(&stalls, name))).collect();
            Query::Select(Box::new(Select { items, filter, ..Select::default() }))
        };
        let cities = list(&["stalls.city"], Vec::new());
        let named = list(&["stalls.title", "stalls.city"], Vec::new());
        assert!(leaves_out_names(&cities, &named, &stalls));
        assert!(!leaves_out_names(&named, &cities, &stalls));
        // What is asked by a name is not asked for the name, and a city is no name.
        let left = Expr::Column(id(&stalls, "stalls.title"));
        let right = Operand::Value(Value::Text("Corner".into()));
        let fixed = vec![Predicate::Compare { left, operator: Operator::Equal, right }];
        assert!(!leaves_out_names(&cities, &list(&["stalls.title", "stalls.city"], fixed), &stalls));
        let keyed = list(&["stalls.stall_id"], Vec::new());
        assert!(!leaves_out_names(&keyed, &list(&["stalls.stall_id", "stalls.city"], Vec::new()), &stalls));
    }

    #[test]
    fn the_rules_stand_where_they_are_likelier_right() {
        let ranks = [1.0, 3.0, 2.0, 3.0];
        let scores = [0.5, 0.2, 0.1, 9.0];
        assert_eq!(choose(&ranks, None, |at| scores[at]), Some((1, 0.2)));
        assert_eq!(choose(&ranks, Some(0), |at| scores[at]), Some((0, 0.5)));
        assert_eq!(choose(&ranks, Some(2), |at| scores[at]), Some((1, 0.2)));
        assert_eq!(choose(&[], None, |at| scores[at]), None);
    }

    #[test]
    fn a_plan_stands_by_its_lead_and_its_share() {
        let row = standing(&[7.0], &[1.0, 1.0, 0.0], 0);
        assert_eq!(row.len(), 4);
        assert!((row[1] - 1.0).abs() < 1e-6 && row[2].abs() < 1e-6, "{row:?}");
        assert!((row[3] - 1.0 / (2.0 + (-1.0_f32).exp())).abs() < 1e-6, "{row:?}");
    }
}
