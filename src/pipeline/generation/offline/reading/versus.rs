//! One column of a row against another one, or against an average: "dearer than us", "M above the average", "paid after
//! the due date", "at least 5 % above the list price".

use super::super::names::Target;
use super::super::plan::{Arithmetic, Expr, Function, Operand, Operator, Predicate, Select};
use super::super::tokens::TokenKind;
use super::comparison::number_value;
use super::resolve::Role;
use super::{Measure, Reader, column};
use crate::language::{Direction, identifier_words, lexicon};
use crate::schema::{ColumnId, SemanticType};

const MORE: [&str; 8] = ["more", "higher", "greater", "larger", "bigger", "longer", "later", "better"];
const LESS: [&str; 7] = ["less", "fewer", "lower", "smaller", "shorter", "earlier", "worse"];

impl Reader<'_> {
    /// "a competitor is dearer than us": two price columns of one table.
    pub(super) fn own_price_at(&mut self, i: usize) -> bool {
        if self.undercut_at(i) {
            return true;
        }
        let Some((direction, end)) = self.comparative_at(i) else { return false };
        let than = (end..(end + 4).min(self.tokens.len()))
            .find(|j| self.word_at(*j, &["than", "then", "versus"]))
            .unwrap_or(end);
        let at = self.skip(than, &["than", "then", "to", "compared", "versus", "in", "at", "with"]);
        let us_after = self.word_at(at, &["us", "our", "ours", "we", "ourselves"]);
        let us_before = self.tokens[..i].iter().rev().take(4).any(|t| t.is(&["we", "us", "our", "ours"]));
        if !(us_after || us_before) {
            return false;
        }
        let Some((own, other)) = self.own_and_other_price() else { return false };
        // "are we cheaper than X on Y?" is answered by both prices, whichever is the higher.
        let asked = self.word_at(0, &["is", "are", "was", "were", "do", "does", "did", "have", "has"]);
        let named = |t: &super::Token| matches!(t.kind, TokenKind::Name(_));
        if asked && us_before && !self.tokens[..i].iter().any(named) {
            self.frame.shown = vec![own, other];
            self.links.push(("both prices".to_owned(), 0.85));
            self.take_words(i..at.max(end));
            return true;
        }
        let operator = if direction == Direction::High { Operator::Greater } else { Operator::Less };
        // "they are dearer than us": theirs > ours; "we are dearer": ours > theirs.
        let (left, right) = if us_after { (other, own) } else { (own, other) };
        self.compare_columns(left, operator, right);
        self.links.push(("dearer or cheaper than us".to_owned(), 0.85));
        self.frame.prices = Some((own, other));
        // "above competitors": nobody in particular.
        let anybody =
            !us_after && self.is_name(at) && !matches!(self.token(at + 1).map(|t| &t.kind), Some(TokenKind::Value(_)));
        let last = if us_after || anybody { at + 1 } else { at.max(end) };
        self.take_words(i..last);
        // "our price", "our stores" after it are part of the comparison.
        if us_after && self.is_name(last) {
            self.used[last] = true;
        }
        true
    }

    /// "we undercut X", "undercut by X": whose price is the lower one.
    fn undercut_at(&mut self, i: usize) -> bool {
        if !self.word_at(i, &["undercut", "undercuts", "undercutting"]) {
            return false;
        }
        let Some((own, other)) = self.own_and_other_price() else { return false };
        let passive = self.word_at(i + 1, &["by"]);
        let ours = (i.saturating_sub(2)..i).any(|j| self.word_at(j, &["we", "our"]));
        let (low, high) = if ours && !passive { (own, other) } else { (other, own) };
        self.compare_columns(low, Operator::Less, high);
        self.links.push(("undercut".to_owned(), 0.85));
        let end = if passive { i + 2 } else { i + 1 };
        let end = self.skip(end, &["us", "our", "price", "prices", "at", "least", "one", "atleast", "any", "a"]);
        self.take_words(i..end);
        true
    }

    /// Marks what is no value of the database.
    fn take_words(&mut self, range: std::ops::Range<usize>) {
        for j in range.start..range.end.min(self.tokens.len()) {
            self.used[j] |= !matches!(self.tokens[j].kind, TokenKind::Value(_));
        }
    }

    fn comparative_at(&self, i: usize) -> Option<(Direction, usize)> {
        lexicon()
            .adjectives
            .iter()
            .filter(|a| a.measures.first().is_some_and(|m| m == "price"))
            .find_map(|a| a.more.iter().find_map(|more| self.phrase_at(i, more)).map(|end| (a.direction, end)))
            .or_else(|| {
                let high =
                    ["charge more", "charges more", "charging more", "priced higher", "priced above", "higher priced"];
                let low =
                    ["charge less", "charges less", "charging less", "priced lower", "priced below", "lower priced"];
                high.iter()
                    .find_map(|p| self.phrase_at(i, p))
                    .map(|e| (Direction::High, e))
                    .or_else(|| low.iter().find_map(|p| self.phrase_at(i, p)).map(|e| (Direction::Low, e)))
            })
    }

    /// A price called ours and another one in the same table.
    pub(super) fn own_and_other_price(&self) -> Option<(ColumnId, ColumnId)> {
        let schema = self.ground.schema;
        let price = |c: &ColumnId| schema.profile(*c).semantic == SemanticType::UnitPrice;
        let says = |c: &ColumnId, list: &[&str]| {
            identifier_words(&schema.column(*c).name).iter().any(|w| list.contains(&w.as_str()))
        };
        schema.columns().filter(|c| price(c) && says(c, &["our", "own", "ours", "house", "we"])).find_map(|own| {
            let others: Vec<ColumnId> = schema
                .columns()
                .filter(|c| {
                    c.table == own.table && *c != own && price(c) && !says(c, &["gap", "difference", "delta", "index"])
                })
                .collect();
            let other = others
                .iter()
                .find(|c| says(c, &["competitor", "rival", "their", "market", "competition"]))
                .or(others.first())?;
            Some((own, *other))
        })
    }

    /// "above average M", "M above the average", "higher than the average M".
    pub(super) fn average_at(&mut self, i: usize) -> bool {
        const ABOVE: [&str; 8] =
            ["above", "higher than", "greater than", "more than", "over", "larger than", "older than", "longer than"];
        const BELOW: [&str; 7] =
            ["below", "lower than", "less than", "smaller than", "under", "younger than", "shorter than"];
        let end_of =
            |phrases: &[&str]| phrases.iter().find_map(|p| self.phrase_at(i, p)).map(|end| self.skip(end, &["the"]));
        let found = end_of(&ABOVE).map(|end| (true, end)).or_else(|| end_of(&BELOW).map(|end| (false, end)));
        let Some((is_above, end)) = found else { return false };
        if !self.word_at(end, &["average", "mean", "avg"]) {
            return false;
        }
        let after = self.skip(end + 1, &["of", "the", "all"]);
        let named = (self.is_name(after) && !self.is_table(after)).then_some(after);
        let before = (0..i).rev().find(|j| self.is_name(*j) && self.is_measure(*j));
        let Some(measure) = named.filter(|j| self.is_measure(*j)).or(before) else { return false };
        self.mark(i..end + 1);
        self.used[measure] = true;
        if let Some(named) = named {
            self.used[named] = true;
        }
        // "salary below the average salary" names the measure twice and asks for neither.
        let column_of = |j: usize| self.best_column(j, Role::Measure).map(|(id, _)| id);
        if let Some(before) = before.filter(|j| column_of(*j) == column_of(measure)) {
            self.used[before] = true;
        }
        self.frame.measures.retain(|m| *m != Measure::Aggregate(Function::Average, measure));
        self.frame.versus_average = Some((measure, is_above));
        true
    }

    /// "paid after the due date": two dates of one row.
    pub(super) fn date_versus_date(&mut self, i: usize, at: usize, operator: Operator) -> bool {
        if !self.word_at(i, &["after", "before"]) && self.phrase_at(i, "later than").is_none() {
            return false;
        }
        let date = |j: usize| {
            self.best_column(j, Role::Time).filter(|(c, score)| self.semantic(*c).is_time() && *score >= 0.35)
        };
        let Some((second, _)) = date(at) else { return false };
        let Some(left) = (i.saturating_sub(3)..i).rev().find(|j| self.is_name(*j) && !self.is_table(*j)) else {
            return false;
        };
        let Some((first, score)) = date(left).filter(|(c, _)| c.table == second.table && *c != second) else {
            return false;
        };
        self.record(left, score.max(0.7));
        self.mark(i..at + 1);
        self.used[left] = true;
        self.compare_columns(first, operator, second)
    }

    /// Two columns of one row.
    pub(super) fn compare_columns(&mut self, first: ColumnId, operator: Operator, second: ColumnId) -> bool {
        let right = Operand::Expr(column(second));
        self.frame.filters.push(Predicate::Compare { left: column(first), operator, right });
        true
    }

    /// "M1 greater than M2" in one row.
    pub(super) fn column_versus_column(&mut self, i: usize, at: usize, operator: Operator) -> bool {
        if !self.is_name(at) || !self.is_measure(at) {
            return false;
        }
        let Some(left) = self.compared_before(i).filter(|j| self.is_measure(*j)) else { return false };
        let Some(first) = self.resolve(left, Role::Measure) else { return false };
        // The name itself, in the same table if it is there: "price below cost" must not come back to the price.
        let mut others = self.tokens[at].links().iter().filter_map(|l| match l.target {
            Target::Column(c) if c != first && self.semantic(c).is_measure() && l.score >= 0.6 => Some((c, l.score)),
            _ => None,
        });
        let strongest = others.clone().next();
        let Some((second, score)) = others.find(|(c, _)| c.table == first.table).or(strongest) else { return false };
        self.record(at, score);
        if first == second {
            return false;
        }
        self.mark(i..at + 1);
        self.used[left] = true;
        self.compare_columns(first, operator, second)
    }

    /// "more kWh used than forecast": the first column stands between the two words of the comparison.
    pub(super) fn parted_at(&mut self, i: usize) -> bool {
        let operator = if self.word_at(i, &MORE) {
            Operator::Greater
        } else if self.word_at(i, &LESS) {
            Operator::Less
        } else {
            return false;
        };
        let Some(than) = (i + 2..i + 5).find(|j| self.word_at(*j, &["than"])) else { return false };
        let Some(first) = (i + 1..than).find(|j| self.is_name(*j) && self.is_measure(*j)) else { return false };
        let at = self.skip(than + 1, &["the", "its", "their", "was", "were", "is", "are"]);
        if let Some(number) = self.number_at(at) {
            // "more cars than 100"
            let Some(id) = self.resolve(first, Role::Measure) else { return false };
            self.mark(i..at + 1);
            let right = Operand::Value(number_value(number));
            self.frame.filters.push(Predicate::Compare { left: column(id), operator, right });
            return true;
        }
        if !self.is_name(at) || self.is_table(at) {
            return false;
        }
        let Some(left) = self.resolve(first, Role::Measure) else { return false };
        let Some(right) = self.other_measure(at, left) else { return false };
        self.mark(i..at + 1);
        self.compare_columns(left, operator, right)
    }

    /// Another measure of the same row that the token links to.
    fn other_measure(&self, i: usize, not: ColumnId) -> Option<ColumnId> {
        self.tokens[i].links().iter().find_map(|l| match l.target {
            Target::Column(c) if c != not && c.table == not.table && self.semantic(c).is_measure() => Some(c),
            _ => None,
        })
    }

    /// "the suggested price above the current one": what is left out is the word that both names share.
    fn elliptic_measure(&self, i: usize, not: ColumnId) -> Option<ColumnId> {
        let said = &self.token(i)?.lemma;
        let schema = self.ground.schema;
        let own = identifier_words(&schema.column(not).name);
        let called = |c: &ColumnId| {
            let words = identifier_words(&schema.column(*c).name);
            let synonyms = lexicon().synonyms(said);
            let says = |w: &String| w == said || synonyms.iter().any(|(s, strength)| s == w && *strength >= 0.85);
            words.len() > 1 && words.last() == own.last() && words.iter().any(says)
        };
        let columns = (0..schema.table(not.table).columns.len()).map(|column| ColumnId { table: not.table, column });
        let mut found = columns.filter(|c| *c != not && self.semantic(*c).is_measure() && called(c));
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// "at least 5 % above the list price", "more than 40 cents below cost": how far apart two columns of a row are.
    pub(super) fn distance_at(&mut self, i: usize, at: usize, operator: Operator) -> bool {
        let Some(mut number) = self.number_at(at) else { return false };
        let mut end = at + 1;
        let percent = self.word_at(end, &["%", "percent", "pct"]);
        if percent {
            end += 1;
        } else if self.word_at(end, &["cents", "cent"]) {
            number /= 100.0;
            end += 1;
        } else {
            end = self.skip(end, &["dollars", "dollar", "euros", "usd", "points"]);
        }
        let (above, side) = if self.word_at(end, &["above", "over", "higher", "more", "dearer", "greater"]) {
            (true, end + 1)
        } else if self.word_at(end, &["below", "under", "lower", "less", "cheaper", "beneath"]) {
            (false, end + 1)
        } else {
            return false;
        };
        let right = self.skip(side, &["than", "the", "its", "their", "our"]);
        if self.own_distance(i, side, (operator, number, above), percent) {
            return true;
        }
        let Some(left) = self.compared_before(i).filter(|j| self.is_measure(*j)) else { return false };
        let Some(first) = self.resolve(left, Role::Measure) else { return false };
        let second = self.is_name(right).then(|| self.other_measure(right, first)).flatten();
        let Some(second) = second.or_else(|| self.elliptic_measure(right, first)) else { return false };
        self.frame.filters.push(distance(first, second, (operator, number, above), percent));
        self.mark(i..self.skip(right + 1, &["one", "ones", "price"]));
        self.used[left] = true;
        true
    }

    /// "priced within 5 % of ours", "cost within 2 of the price": how near two columns of a row are to each other.
    pub(super) fn nearness_at(&mut self, i: usize) -> bool {
        if !self.word_at(i, &["within"]) {
            return false;
        }
        let Some(number) = self.number_at(i + 1) else { return false };
        let percent = self.word_at(i + 2, &["%", "percent", "pct"]);
        let end = if percent { i + 3 } else { self.skip(i + 2, &["dollars", "dollar", "euros", "usd", "points"]) };
        if !self.word_at(end, &["of", "from"]) {
            return false;
        }
        let right = self.skip(end + 1, &["the", "its", "their"]);
        let (first, second, stop) = if self.word_at(right, &["us", "our", "ours"]) {
            let Some((own, other)) = self.own_and_other_price() else { return false };
            (other, own, self.skip(right + 1, &["price", "prices", "own"]))
        } else {
            let Some(left) = self.compared_before(i).filter(|j| self.is_measure(*j)) else { return false };
            let Some(first) = self.resolve(left, Role::Measure) else { return false };
            let Some(second) = self.is_name(right).then(|| self.other_measure(right, first)).flatten() else {
                return false;
            };
            self.used[left] = true;
            (first, second, right + 1)
        };
        let kind = if percent { Arithmetic::PercentChange } else { Arithmetic::Difference };
        let apart = Expr::Magnitude(Box::new(Expr::arithmetic(kind, column(first), column(second))));
        let right = Operand::Value(number_value(number));
        self.frame.filters.push(Predicate::Compare { left: apart, operator: Operator::LessOrEqual, right });
        let start = if i > 0 && self.word_at(i - 1, &["priced", "is", "are"]) { i - 1 } else { i };
        self.take_words(start..stop);
        true
    }

    /// "where we are more than 10 % above X": our price and theirs.
    fn own_distance(&mut self, i: usize, side: usize, bound: (Operator, f64, bool), percent: bool) -> bool {
        let ours = (i.saturating_sub(4)..i).any(|j| self.word_at(j, &["we", "us", "our", "ours"]));
        let than = self.skip(side, &["than", "the", "at"]);
        let value = matches!(self.token(than).map(|t| &t.kind), Some(TokenKind::Value(_)));
        let Some((own, other)) = self.own_and_other_price().filter(|_| ours && value) else { return false };
        self.frame.filters.push(distance(own, other, bound, percent));
        self.links.push(("our price against theirs".to_owned(), 0.85));
        self.mark(i..than);
        true
    }

    /// "M above the average": a comparison with the average over the same table.
    pub(super) fn average_predicate(&mut self, i: usize, above: bool) -> Option<Predicate> {
        let id = self.resolve(i, Role::Measure)?;
        let average = Select { items: vec![Expr::aggregate(Function::Average, id)], ..Select::default() };
        let operator = if above { Operator::Greater } else { Operator::Less };
        Some(Predicate::Compare { left: column(id), operator, right: Operand::Scalar(Box::new(average)) })
    }
}

/// How far the first column is above or below the second, in percent of it or not.
fn distance(
    first: ColumnId,
    second: ColumnId,
    (operator, number, above): (Operator, f64, bool),
    percent: bool,
) -> Predicate {
    let kind = if percent { Arithmetic::PercentChange } else { Arithmetic::Difference };
    // What is so far below is the same part of the second as what is so far above.
    let (operator, number) = if above { (operator, number) } else { (turned(operator), -number) };
    let left = Expr::arithmetic(kind, column(first), column(second));
    Predicate::Compare { left, operator, right: Operand::Value(number_value(number)) }
}

fn turned(operator: Operator) -> Operator {
    match operator {
        Operator::Greater => Operator::Less,
        Operator::GreaterOrEqual => Operator::LessOrEqual,
        Operator::Less => Operator::Greater,
        Operator::LessOrEqual => Operator::GreaterOrEqual,
        other => other,
    }
}
