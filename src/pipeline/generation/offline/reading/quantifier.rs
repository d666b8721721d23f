//! One row against many: "a higher fee than every test of the renal panel", "longer than any trip of the Hope".

use super::super::names::Target;
use super::super::plan::{Expr, Function, Operand, Operator, Predicate, Select};
use super::super::tokens::TokenKind;
use super::resolve::Role;
use super::{Finder, Measure, Reader, column};
use crate::language::{Direction, lexicon};
use crate::schema::{ColumnId, TableId};

const MORE: [&str; 12] = [
    "higher", "greater", "larger", "longer", "bigger", "more", "later", "heavier", "taller", "older", "dearer",
    "better",
];
const LESS: [&str; 9] = ["lower", "less", "smaller", "shorter", "fewer", "earlier", "lighter", "younger", "cheaper"];

impl Reader<'_> {
    /// The measure of each row compared with the largest or smallest of the rows that are named after "than every".
    pub(super) fn read_quantified(&mut self) {
        for than in 1..self.tokens.len() {
            if !self.word_at(than, &["than"]) {
                continue;
            }
            let every = self.word_at(than + 1, &["every", "all", "any", "each"]);
            let at = self.skip(than + 1, &["every", "all", "any", "each", "the", "other", "of", "those"]);
            if !every || !self.is_name(at) || !self.is_table(at) {
                continue;
            }
            let Some((more, direction)) = self.comparative_before(than) else { continue };
            let Some(measure) = self.compared_measure(more, than) else { continue };
            let Some(table) = self.table_of(at) else { continue };
            let (filter, whole) = Finder::conditions(self.ground, &self.tokens[at + 1..]);
            if !whole {
                continue;
            }
            let predicate = Self::against(measure, direction, table, filter);
            self.frame.filters.push(predicate);
            self.mark(more..self.tokens.len());
            return;
        }
    }

    /// "a different price across stores", "more than one price in different zones": things with several values of a column.
    pub(super) fn read_varied(&mut self) {
        for i in 0..self.tokens.len() {
            let Some(at) = ["more than one", "different", "differing", "several", "multiple", "varying"]
                .iter()
                .find_map(|p| self.phrase_at(i, p))
            else {
                continue;
            };
            let verb = i > 0 && self.word_at(i - 1, &["a", "have", "has", "with", "had", "carry", "at", "sold"]);
            let across = self.token(at + 1).is_some_and(|_| {
                self.word_at(at + 1, &["across", "between", "among"])
                    || self.word_at(at + 1, &["in", "at", "by"])
                        && self.word_at(at + 2, &["different", "several", "the"])
            });
            let place = self.skip(at + 2, &["different", "several", "the", "our", "all"]);
            if !verb || !across || !self.is_name(at) || self.is_table(at) || !self.is_name(place) {
                continue;
            }
            // What differs from place to place is kept for each place.
            let schema = self.ground.schema;
            let places = self.table_of(place);
            let kept = |table: TableId| {
                schema.foreign_keys.iter().any(|k| k.from.table == table && Some(k.to.table) == places)
            };
            let varied = self.tokens[at].links().iter().find_map(|l| match l.target {
                Target::Column(id) if kept(id.table) => Some(id),
                _ => None,
            });
            let measure = varied.map_or(Measure::CountDistinct(at), Measure::Values);
            self.mark(i..place + 1);
            self.frame.having.push((measure, Operator::Greater, 1.0));
            return;
        }
    }

    fn against(measure: ColumnId, direction: Direction, table: TableId, filter: Vec<Predicate>) -> Predicate {
        let (function, operator) = match direction {
            Direction::High => (Function::Maximum, Operator::Greater),
            Direction::Low => (Function::Minimum, Operator::Less),
        };
        let items = vec![Expr::aggregate(function, measure)];
        let tables = if table == measure.table { Vec::new() } else { vec![table] };
        let best = Select { items, filter, tables, ..Select::default() };
        Predicate::Compare { left: column(measure), operator, right: Operand::Scalar(Box::new(best)) }
    }

    /// "higher", "more expensive", up to four words before "than".
    fn comparative_before(&self, than: usize) -> Option<(usize, Direction)> {
        (than.saturating_sub(4)..than).find_map(|i| {
            if self.word_at(i, &MORE) {
                return Some((i, Direction::High));
            }
            if self.word_at(i, &LESS) {
                return Some((i, Direction::Low));
            }
            let adjective = lexicon().adjectives.iter().find(|a| a.more.iter().any(|m| self.phrase_at(i, m).is_some()));
            adjective.map(|a| (i, a.direction))
        })
    }

    /// The measure between the comparative and "than", else the one that the adjective speaks of, else the one before it.
    fn compared_measure(&mut self, more: usize, than: usize) -> Option<ColumnId> {
        let named = (more + 1..than).find(|j| self.is_name(*j) && self.is_measure(*j));
        if let Some(named) = named {
            return self.resolve(named, Role::Measure);
        }
        let adjective = lexicon().adjectives.iter().find(|a| a.more.iter().any(|m| self.phrase_at(more, m).is_some()));
        if let Some(adjective) = adjective {
            return self.adjective_measure(&adjective.measures, more).map(|(id, _)| id);
        }
        let before =
            (0..more).rev().find(|j| matches!(self.tokens[*j].kind, TokenKind::Name(_)) && self.is_measure(*j))?;
        self.used[before] = true;
        self.resolve(before, Role::Measure)
    }
}
