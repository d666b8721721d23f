//! What the words of a question say outright about its plan: which end, which comparison, which order, what is not, what
//! is computed. Each word is set against what the plan has, so that a plan that says the opposite shows.

use super::super::plan::{Expr, Function, Operand, Operator, Predicate, Query, Select, SetOperator};
use crate::language::{Adjective, Direction, lexicon};
use crate::pipeline::analysis::Analysis;
use crate::schema::{ColumnId, Value};

/// What the words say, each as whether they say it.
#[expect(clippy::struct_excessive_bools, reason = "each is a cue of its own, and none excludes another")]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cues {
    highest: bool,
    lowest: bool,
    at_least: bool,
    at_most: bool,
    greater: bool,
    less: bool,
    falling: bool,
    rising: bool,
    sorted: bool,
    negated: bool,
    either: bool,
    both: bool,
    and: bool,
    average: bool,
    sum: bool,
    count: bool,
    each: bool,
    per: bool,
    different: bool,
    /// All columns are wanted.
    everything: bool,
    /// All parts of a name are wanted.
    whole_name: bool,
    than: bool,
    /// Aggregates and ends that are spoken of.
    computed: i32,
}

impl Cues {
    pub fn of(analysis: &Analysis) -> Self {
        let words = words_of(analysis);
        let says = |all: &[&str]| words.iter().any(|w| all.contains(w));
        let phrase = |parts: &[&str]| words.windows(parts.len()).any(|window| window == parts);
        let either = |firsts: &[&str], second: &str| firsts.iter().any(|first| phrase(&[first, second]));
        let or = |seconds: &[&str]| seconds.iter().any(|second| phrase(&["or", second]));
        let graded = |direction: Direction, form: fn(&Adjective) -> &[String]| {
            let mut adjectives = lexicon().adjectives.iter().filter(|a| a.direction == direction);
            adjectives.any(|a| form(a).iter().any(|f| words.contains(&f.as_str())))
        };
        let most = |direction| graded(direction, |a| &a.most);
        let more = |direction| graded(direction, |a| &a.more);
        let at_least = phrase(&["at", "least"]);
        let at_most = phrase(&["at", "most"]);
        let lowest = most(Direction::Low)
            || says(&["lowest", "minimum", "min", "fewest", "worst", "first", "weakest", "bottom"])
            || says(&["least"]) && !at_least;
        let mut cues = Self {
            highest: most(Direction::High)
                || says(&["highest", "greatest", "maximum", "max", "best", "last", "recent", "strongest"])
                || says(&["most"]) && !at_most
                // "The top three lowest" are the lowest.
                || says(&["top"]) && !lowest,
            lowest,
            at_least: at_least
                || or(&["more", "above", "over", "higher", "greater", "later", "after", "older", "longer"])
                || phrase(&["no", "less", "than"])
                || phrase(&["no", "fewer", "than"])
                || phrase(&["no", "lower", "than"]),
            at_most: at_most
                || or(&["less", "fewer", "below", "under", "lower", "earlier", "before", "younger", "shorter"])
                || phrase(&["no", "more", "than"])
                || phrase(&["no", "higher", "than"])
                || phrase(&["up", "to"]),
            greater: more(Direction::High)
                || says(&["more", "greater", "higher", "above", "over", "exceed", "exceeds", "exceeding", "after"])
                || says(&["later", "beyond", "since", ">"]),
            less: more(Direction::Low) || says(&["less", "lower", "fewer", "below", "under", "before", "earlier", "<"]),
            falling: says(&["descending", "decreasing", "desc", "reverse", "descendingly", "declining", "decending"])
                || either(&["most", "highest", "largest", "greatest", "high", "large", "oldest", "latest"], "to"),
            rising: says(&["ascending", "increasing", "asc", "alphabetical", "alphabetic", "alphabetically"])
                || says(&["lexicographical", "lexicographic", "lexicographically", "chronological", "alphabet"])
                || either(&["least", "lowest", "smallest", "low", "small", "youngest", "earliest", "fewest"], "to"),
            sorted: says(&["sort", "sorted", "sorting", "order", "ordered", "ordering", "rank", "ranked", "arranged"])
                || says(&["alphabetical", "alphabetic", "alphabetically", "alphabet", "lexicographic"])
                || says(&["lexicographical", "lexicographically"]),
            negated: says(&[
                "not",
                "no",
                "never",
                "without",
                "except",
                "neither",
                "nor",
                "exclude",
                "excluding",
                "none",
            ]) || says(&["any", "other", "cannot"])
                || words.iter().any(|w| w.ends_with("n't")),
            either: says(&["or", "either"]),
            both: says(&["both"]),
            and: says(&["and"]),
            average: says(&["average", "averages", "mean", "avg"]),
            sum: says(&["total", "sum", "totals", "combined", "altogether", "overall"]),
            count: says(&["number", "numbers", "count", "counts", "many", "#"]),
            each: says(&["each", "every", "per", "by", "all", "corresponding", "respective", "different"]),
            per: says(&["each", "every", "per"]),
            different: says(&["different", "distinct", "unique"]),
            everything: says(&["information", "info", "everything"])
                || either(&["all", "the", "full"], "details")
                || phrase(&["all", "columns"]),
            whole_name: either(&["full", "whole", "complete"], "name") || either(&["full", "whole"], "names"),
            than: says(&["than"]),
            computed: 0,
        };
        let spoken = [cues.average, cues.sum, cues.count, cues.highest, cues.lowest];
        cues.computed = spoken.iter().filter(|said| **said).count() as i32;
        cues
    }

    /// Some word may ask for an order.
    pub fn ask_for_order(&self) -> bool {
        self.sorted || self.falling || self.rising || self.highest || self.lowest
    }

    pub fn ask_for_average(&self) -> bool {
        self.average
    }

    /// Each cue beside what the plan has of it.
    pub fn beside(&self, query: &Query, into: &mut Vec<f32>) {
        let plan = Traits::of(query);
        let ends = self.highest || self.lowest;
        let sorts = plan.order.is_some() && plan.limit.is_none();
        let falls = plan.order == Some(true) && sorts;
        let rises = plan.order == Some(false) && sorts;
        let opposite = |one: bool, other: bool, says_one: bool, says_other: bool| {
            count(one && !says_one && says_other) + count(other && !says_other && says_one)
        };
        let has = |function: Function| plan.shown[function as usize] > 0;
        let uses = |function: Function| has(function) || plan.elsewhere[function as usize] > 0;
        into.extend([
            agree(self.highest, plan.highest > 0),
            agree(self.lowest, plan.lowest > 0),
            opposite(plan.highest > 0, plan.lowest > 0, self.highest, self.lowest),
            agree(self.greater && !self.at_most, plan.greater > 0),
            agree(self.less, plan.less > 0),
            opposite(plan.greater > 0, plan.less > 0, self.greater, self.less),
            agree(self.at_least, plan.at_least > 0),
            agree(self.at_most, plan.at_most > 0),
            agree(self.falling, falls),
            agree(self.rising, rises),
            opposite(plan.order == Some(true), plan.order == Some(false), self.falling, self.rising),
            agree(self.sorted, sorts),
            agree(ends, plan.limit.is_some()),
            count(plan.limit.is_some_and(|limit| limit > 1)),
            agree(self.negated, plan.negations > 0),
            agree(self.either, plan.alternatives > 0),
            agree(self.both, plan.intersects),
            agree(self.and, plan.intersects),
            agree(self.average, uses(Function::Average)),
            agree(self.sum, uses(Function::Sum)),
            agree(self.count, uses(Function::Count)),
            agree(self.average, has(Function::Average)),
            agree(self.sum, has(Function::Sum)),
            agree(self.count, has(Function::Count)),
            agree(self.highest, has(Function::Maximum)),
            agree(self.lowest, has(Function::Minimum)),
            agree(self.each, plan.grouped),
            agree(self.average && (self.than || self.greater || self.less), plan.against_average),
            opposite(plan.above_inner, plan.below_inner, self.greater, self.less),
            count(plan.contradicts),
            count(plan.repeats),
            count(self.than),
            count(self.negated),
            (self.computed - plan.computed()) as f32,
            agree(self.per, plan.grouped),
            agree(self.different, plan.counts_values),
            agree(self.everything, plan.everything),
            agree(self.whole_name, plan.several),
        ]);
    }
}

/// The words of a question, without the "first" and "last" of names.
fn words_of(analysis: &Analysis) -> Vec<&str> {
    let words: Vec<&str> = analysis.words.iter().map(|w| w.folded.as_str()).collect();
    let of_a_name = |at: usize| {
        let near = &words[at + 1..words.len().min(at + 4)];
        matches!(words[at], "first" | "last") && near.iter().any(|w| matches!(*w, "name" | "names"))
    };
    (0..words.len()).filter(|at| !of_a_name(*at)).map(|at| words[at]).collect()
}

fn count(yes: bool) -> f32 {
    f32::from(yes)
}

/// Said and there; there and not said; said and not there.
fn agree(said: bool, there: bool) -> f32 {
    match (said, there) {
        (true, true) => 1.0,
        (false, true) => -1.0,
        (true, false) => -2.0,
        (false, false) => 0.0,
    }
}

/// What a plan has of all this.
#[expect(clippy::struct_excessive_bools, reason = "each is a trait of its own, and none excludes another")]
#[derive(Default)]
struct Traits {
    /// By function: how many are shown.
    shown: [u8; 5],
    /// By function: how many stand elsewhere.
    elsewhere: [u8; 5],
    highest: u8,
    lowest: u8,
    greater: u8,
    less: u8,
    at_least: u8,
    at_most: u8,
    /// Descending or not.
    order: Option<bool>,
    limit: Option<u64>,
    negations: u8,
    alternatives: u8,
    intersects: bool,
    grouped: bool,
    against_average: bool,
    above_inner: bool,
    below_inner: bool,
    /// Different values are counted.
    counts_values: bool,
    /// All columns of a table are shown.
    everything: bool,
    /// More than one thing is shown.
    several: bool,
    /// One column is to equal two values at once.
    contradicts: bool,
    repeats: bool,
}

impl Traits {
    fn of(query: &Query) -> Self {
        let mut traits = Self::default();
        match query {
            Query::Select(select) => traits.select(select, true),
            Query::Set { operator, left, right } => {
                traits.select(left, true);
                for predicate in &right.filter {
                    traits.predicate(predicate);
                }
                match operator {
                    SetOperator::Union => traits.alternatives += 1,
                    SetOperator::Intersect => traits.intersects = true,
                    SetOperator::Except => traits.negations += 1,
                }
            }
        }
        traits
    }

    /// Aggregates and ends that the plan has.
    fn computed(&self) -> i32 {
        let has = |function: Function| self.shown[function as usize] + self.elsewhere[function as usize] > 0;
        let parts = [has(Function::Average), has(Function::Sum), has(Function::Count)];
        parts.iter().filter(|has| **has).count() as i32 + i32::from(self.highest > 0) + i32::from(self.lowest > 0)
    }

    fn select(&mut self, select: &Select, outer: bool) {
        for item in &select.items {
            self.expr(item, outer);
        }
        for sort in &select.order {
            self.expr(&sort.by, false);
        }
        if let Some(sort) = select.order.first().filter(|_| outer) {
            self.order = Some(sort.descending);
        }
        if select.limit.is_some() && !select.order.is_empty() {
            let end = if select.order[0].descending { &mut self.highest } else { &mut self.lowest };
            *end += 1;
        }
        if outer {
            self.limit = select.limit;
            self.grouped = !select.group.is_empty();
            self.everything = select.items.iter().any(|item| matches!(item, Expr::AllColumns(_)));
            self.several = select.items.len() > 1;
        }
        for predicate in select.filter.iter().chain(&select.having) {
            self.predicate(predicate);
        }
        let equal: Vec<(ColumnId, &Value)> = select.filter.iter().filter_map(equality).collect();
        for (i, (column, value)) in equal.iter().enumerate() {
            for (other, another) in &equal[..i] {
                self.contradicts |= column == other && value != another;
                self.repeats |= column == other && value == another;
            }
        }
    }

    fn expr(&mut self, expr: &Expr, shown: bool) {
        let function = match expr {
            Expr::CountRows(_) => Function::Count,
            Expr::Aggregate { function, .. } => *function,
            _ => return,
        };
        self.counts_values |= function == Function::Count && matches!(expr, Expr::Aggregate { .. });
        let place = if shown { &mut self.shown } else { &mut self.elsewhere };
        place[function as usize] += 1;
        match function {
            Function::Maximum => self.highest += 1,
            Function::Minimum => self.lowest += 1,
            _ => {}
        }
    }

    fn predicate(&mut self, predicate: &Predicate) {
        match predicate {
            Predicate::Compare { left, operator, right } => {
                self.expr(left, false);
                match operator {
                    Operator::Greater => self.greater += 1,
                    Operator::GreaterOrEqual => (self.greater, self.at_least) = (self.greater + 1, self.at_least + 1),
                    Operator::Less => self.less += 1,
                    Operator::LessOrEqual => (self.less, self.at_most) = (self.less + 1, self.at_most + 1),
                    Operator::NotEqual => self.negations += 1,
                    Operator::Equal => {}
                }
                if let Operand::Scalar(inner) = right {
                    self.above_inner |= *operator == Operator::Greater;
                    self.below_inner |= *operator == Operator::Less;
                    let average = |e: &Expr| matches!(e, Expr::Aggregate { function: Function::Average, .. });
                    self.against_average |= inner.items.iter().any(average);
                    self.select(inner, false);
                }
            }
            Predicate::In { negated, values, .. } => {
                self.alternatives += u8::from(values.len() > 1);
                self.negations += u8::from(*negated);
            }
            Predicate::Like { negated, .. } => self.negations += u8::from(*negated),
            Predicate::Exists { negated, filter, .. } => {
                self.negations += u8::from(*negated);
                for predicate in filter {
                    self.predicate(predicate);
                }
            }
            Predicate::Within { negated, query, .. } => {
                self.negations += u8::from(*negated);
                self.select(query, false);
            }
            Predicate::Any(predicates) => {
                self.alternatives += 1;
                for predicate in predicates {
                    self.predicate(predicate);
                }
            }
            Predicate::Between { .. } | Predicate::IsNull { .. } | Predicate::Period { .. } => {}
        }
    }
}

/// The column and the value that a predicate wants to be equal.
pub fn equality(predicate: &Predicate) -> Option<(ColumnId, &Value)> {
    match predicate {
        Predicate::Compare { left: Expr::Column(id), operator: Operator::Equal, right: Operand::Value(value) } => {
            Some((*id, value))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(order: bool, operator: Operator) -> Query {
        let column = |column| Expr::Column(ColumnId { table: crate::schema::TableId(0), column });
        let inner = Select {
            items: vec![Expr::Aggregate { function: Function::Average, distinct: false, of: Box::new(column(1)) }],
            ..Select::default()
        };
        let compare = Predicate::Compare { left: column(1), operator, right: Operand::Scalar(Box::new(inner)) };
        let order = order.then(|| super::super::Sort { by: column(1), descending: true });
        Query::Select(Box::new(Select {
            items: vec![column(0)],
            filter: vec![compare],
            order: order.into_iter().collect(),
            ..Select::default()
        }))
    }

    fn beside(cues: Cues, query: &Query) -> Vec<f32> {
        let mut row = Vec::new();
        cues.beside(query, &mut row);
        row
    }

    #[test]
    fn a_plan_that_says_the_opposite_shows() {
        let below = Cues { less: true, average: true, ..Cues::default() };
        let (right, wrong) =
            (beside(below, &query(false, Operator::Less)), beside(below, &query(false, Operator::Greater)));
        assert_eq!(right.len(), wrong.len());
        // Said and there; the comparison with the inner query is the opposite.
        assert_eq!((right[4].to_bits(), wrong[4].to_bits()), (1.0_f32.to_bits(), (-2.0_f32).to_bits()));
        assert_eq!((right[28].to_bits(), wrong[28].to_bits()), (0.0_f32.to_bits(), 1.0_f32.to_bits()));
        let falling = Cues { falling: true, ..below };
        assert!(beside(falling, &query(true, Operator::Less))[8] > beside(falling, &query(false, Operator::Less))[8]);
    }
}
