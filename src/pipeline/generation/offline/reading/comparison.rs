//! Comparisons: "M above 5", "more than 3 T", "between a and b", "older than 30", "dearer than us", "above average".

use super::super::plan::{Operand, Operator, Predicate};
use super::super::tokens::{LOSS, Token, TokenKind};
use super::super::units;
use super::resolve::Role;
use super::{Measure, Reader, column};
use crate::language::{Direction, Unit, lexicon};
use crate::pipeline::analysis::written_number;
use crate::schema::{ColumnId, SemanticType, TableId, Value};

pub(super) const OPERATORS: [(&str, Operator); 63] = [
    ("greater than or equal to", Operator::GreaterOrEqual),
    ("more than or equal to", Operator::GreaterOrEqual),
    ("less than or equal to", Operator::LessOrEqual),
    ("no more than", Operator::LessOrEqual),
    ("not more than", Operator::LessOrEqual),
    ("no less than", Operator::GreaterOrEqual),
    ("not less than", Operator::GreaterOrEqual),
    ("no fewer than", Operator::GreaterOrEqual),
    ("greater than", Operator::Greater),
    ("more than", Operator::Greater),
    ("larger than", Operator::Greater),
    ("bigger than", Operator::Greater),
    ("higher than", Operator::Greater),
    ("longer than", Operator::Greater),
    ("stronger than", Operator::Greater),
    ("weaker than", Operator::Less),
    ("lie above", Operator::Greater),
    ("lie below", Operator::Less),
    ("taller than", Operator::Greater),
    ("heavier than", Operator::Greater),
    ("bigger than", Operator::Greater),
    ("less than", Operator::Less),
    ("fewer than", Operator::Less),
    ("lower than", Operator::Less),
    ("smaller than", Operator::Less),
    ("shorter than", Operator::Less),
    ("at least", Operator::GreaterOrEqual),
    ("at most", Operator::LessOrEqual),
    ("or more", Operator::GreaterOrEqual),
    ("or less", Operator::LessOrEqual),
    ("up to", Operator::LessOrEqual),
    ("exactly", Operator::Equal),
    ("equal to", Operator::Equal),
    ("equals to", Operator::Equal),
    ("equals", Operator::Equal),
    ("different from", Operator::NotEqual),
    ("differs from", Operator::NotEqual),
    ("differ from", Operator::NotEqual),
    ("other than", Operator::NotEqual),
    ("not equal to", Operator::NotEqual),
    ("exceeding", Operator::Greater),
    ("exceeds", Operator::Greater),
    ("exceed", Operator::Greater),
    ("exceeded", Operator::Greater),
    ("topped", Operator::Greater),
    ("topping", Operator::Greater),
    ("tops", Operator::Greater),
    ("surpassed", Operator::Greater),
    ("surpassing", Operator::Greater),
    ("above", Operator::Greater),
    ("over", Operator::Greater),
    ("beyond", Operator::Greater),
    ("below", Operator::Less),
    ("under", Operator::Less),
    ("beneath", Operator::Less),
    ("after", Operator::Greater),
    ("before", Operator::Less),
    ("> =", Operator::GreaterOrEqual),
    ("< =", Operator::LessOrEqual),
    (">", Operator::Greater),
    ("<", Operator::Less),
    ("! =", Operator::NotEqual),
    ("=", Operator::Equal),
];

impl Reader<'_> {
    pub(super) fn read_comparisons(&mut self) {
        for i in 0..self.tokens.len() {
            if self.used[i] {
                continue;
            }
            let _ = self.own_price_at(i)
                || self.average_at(i)
                || self.parted_at(i)
                || self.between_at(i)
                || self.older_at(i)
                || self.operator_at(i)
                || self.sign_at(i);
        }
    }

    /// "M between 2 and 4", "within the range 10 to 20".
    fn between_at(&mut self, i: usize) -> bool {
        let Some(at) =
            ["within the range of", "within the range", "in the range of", "ranging from", "between", "from"]
                .iter()
                .find_map(|p| self.phrase_at(i, p))
        else {
            return false;
        };
        let (Some(low), Some(high)) = (self.number_at(at), self.number_at(at + 2)) else { return false };
        if !self.word_at(at + 1, &["and", "to"]) {
            return false;
        }
        // "between -1 and -2" says the farther end last.
        let (low, high) = (low.min(high), low.max(high));
        let left = self.compared_name(i, at + 3);
        let id = match left {
            Some(left) => self.resolve(left, Role::Measure),
            None => self.only_measure_before(i, at + 3),
        };
        let Some(id) = id else { return false };
        self.frame.filters.push(Predicate::Between {
            what: column(id),
            low: number_value(low),
            high: number_value(high),
        });
        self.mark(i..at + 3);
        self.mark_extent(at + 3);
        if let Some(left) = left {
            self.used[left] = true;
        }
        true
    }

    /// "older than 30", "longer than 5": an adjective brings the column.
    fn older_at(&mut self, i: usize) -> bool {
        let found = lexicon()
            .adjectives
            .iter()
            .flat_map(|a| a.more.iter().map(move |m| (a, m)))
            .find_map(|(a, more)| self.phrase_at(i, more).map(|end| (a, end)));
        let Some((adjective, end)) = found else { return false };
        let at = self.skip(end, &["than", "then"]);
        let Some(number) = self.number_at(at) else { return false };
        // A measure named before it is what is compared: "salary higher than 5".
        if let Some(left) = (i > 0).then(|| self.compared_before(i)).flatten()
            && self.is_measure(left)
        {
            return false;
        }
        let Some((id, reversed)) = self.adjective_measure(&adjective.measures, i) else { return false };
        let direction = if reversed { adjective.direction.reversed() } else { adjective.direction };
        let operator = if direction == Direction::High { Operator::Greater } else { Operator::Less };
        self.frame.filters.push(Predicate::Compare {
            left: column(id),
            operator,
            right: Operand::Value(number_value(number)),
        });
        self.mark(i..at + 1);
        true
    }

    fn operator_at(&mut self, i: usize) -> bool {
        if self.nearness_at(i) {
            return true;
        }
        let Some((operator, end)) =
            OPERATORS.iter().find_map(|(phrase, operator)| self.phrase_at(i, phrase).map(|end| (*operator, end)))
        else {
            return self.number_or_more_at(i);
        };
        let at = self.skip(end, &["the", "a", "of", "than", "year", "to", "their", "its"]);
        if self.distance_at(i, at, operator) {
            return true;
        }
        let Some(number) = self.number_at(at) else {
            return self.date_versus_date(i, at, operator) || self.column_versus_column(i, at, operator);
        };
        // An elasticity of -2 is stronger than one of -1.
        let sized = number < 0.0 && self.word_at(i, &["stronger", "weaker"]);
        let operator = match operator {
            Operator::Greater if sized => Operator::Less,
            Operator::Less if sized => Operator::Greater,
            other => other,
        };
        self.apply(i, at + 1, operator, number)
    }

    /// "5 or more T".
    fn number_or_more_at(&mut self, i: usize) -> bool {
        let Some(number) = self.number_at(i) else { return false };
        let found = self
            .phrase_at(i + 1, "or more")
            .map(|e| (Operator::GreaterOrEqual, e))
            .or_else(|| self.phrase_at(i + 1, "or less").map(|e| (Operator::LessOrEqual, e)))
            .or_else(|| self.phrase_at(i + 1, "or fewer").map(|e| (Operator::LessOrEqual, e)));
        match found {
            Some((operator, end)) => self.apply(i, end, operator, number),
            None => false,
        }
    }

    /// Applies `operator number` to the name it belongs to: a counted table after it, a measure before or after it.
    pub(super) fn apply(&mut self, from: usize, to: usize, operator: Operator, number: f64) -> bool {
        let after = self.skip(
            to,
            &[
                "different",
                "distinct",
                "total",
                "of",
                "the",
                "%",
                "percent",
                "dollars",
                "dollar",
                "euros",
                "usd",
                "years",
                "in",
            ],
        );
        // "with more than 3 employees": rows are counted.
        if self.is_name(after) && !self.used[after] && after <= to + 2 {
            let counted = self.is_table(after) && !self.is_measure(after);
            // "sold more than 500 units": the deed only says what was done with them.
            let deed = |j: usize| from - j == 1 && self.word_at(j, &["sold", "sell", "selling"]);
            let before_measure =
                self.compared_before(from).is_some_and(|j| self.is_measure(j) && from - j <= 3 && !deed(j));
            if counted && !before_measure {
                let operator_words = self.word_at(after.wrapping_sub(1), &["in"]);
                if !operator_words {
                    let measure = self.count_measure(after);
                    self.mark(from..after + 1);
                    self.frame.having.push((measure, operator, number));
                    return true;
                }
            }
            if !before_measure && let Some(id) = self.compared_after(after) {
                self.mark(from..after + 1);
                let id = self.in_percent(id, after, to);
                return self.compare_column(id, operator, number);
            }
        }
        let Some(left) = self.compared_before(from) else {
            return self.compare_only_measure(from, to, operator, number);
        };
        // "average M above 5", "number of T above 5"
        if left > 0
            && let Some(function) = self.function_before(left)
        {
            self.mark(function.1..to);
            self.used[left] = true;
            let measure = function.0.map_or_else(|| self.count_measure(left), |f| Measure::Aggregate(f, left));
            self.frame.measures.retain(|m| !matches!(m, Measure::Aggregate(_, t) | Measure::Count(t) | Measure::CountDistinct(t) if *t == left));
            self.frame.having.push((measure, operator, number));
            return true;
        }
        let Some(id) =
            self.resolve(left, if self.is_measure(left) || self.is_table(left) { Role::Measure } else { Role::Filter })
        else {
            return false;
        };
        let id = self.in_percent(id, left, to);
        // "departments under 32": no word is below a number.
        let least = self.ground.schema.profile(id).min.as_ref().and_then(Value::as_text);
        let worded = least.is_some_and(|text| text.starts_with(char::is_alphabetic));
        if worded && !matches!(operator, Operator::Equal | Operator::NotEqual) && !self.semantic(id).is_time() {
            return false;
        }
        self.mark(from..to);
        self.used[left] = true;
        self.compare_column(id, operator, number)
    }

    /// "under 32% margin": the measure behind the number.
    fn compared_after(&mut self, i: usize) -> Option<ColumnId> {
        if self.is_measure(i) {
            return self.resolve(i, Role::Measure);
        }
        let table = self.table_of(i).filter(|t| self.is_about_measures(*t))?;
        self.named_measure(i, table)
    }

    /// "a gap above 12%": where a percent of the same name stands beside an amount, the percent.
    fn in_percent(&self, id: ColumnId, named: usize, to: usize) -> ColumnId {
        let is_percent = |c: ColumnId| matches!(self.semantic(c), SemanticType::Percent | SemanticType::Ratio);
        if is_percent(id) || !self.word_at(to, &["%", "percent", "pct"]) {
            return id;
        }
        let said: Vec<&str> = self.tokens[named].lemma.split(' ').collect();
        let has = |c: ColumnId| {
            let own = self.ground.names.column_words(c);
            said.iter().all(|word| own.iter().any(|w| w == word))
        };
        let columns = 0..self.ground.schema.table(id.table).columns.len();
        let columns = columns.map(|column| ColumnId { table: id.table, column });
        columns.into_iter().find(|c| is_percent(*c) && has(*c)).unwrap_or(id)
    }

    /// "results above 5": rows of a table that has one number are compared by it.
    fn compare_only_measure(&mut self, from: usize, to: usize, operator: Operator, number: f64) -> bool {
        let Some(id) = self.only_measure_before(from, to) else { return false };
        self.mark(from..to);
        self.mark_extent(to);
        self.compare_column(id, operator, number)
    }

    /// The one measure of the nearest table that is named before; where a unit stands at `to`, the one counted in such.
    fn only_measure_before(&self, from: usize, to: usize) -> Option<ColumnId> {
        let table = (0..from).rev().find_map(|j| self.table_of(j).filter(|_| self.is_table(j)))?;
        let Some(unit) = self.unit_at(to) else { return self.only_measure(table) };
        let schema = self.ground.schema;
        let columns = (0..schema.table(table).columns.len()).map(|column| ColumnId { table, column });
        let mut counted = columns
            .filter(|c| units::unit_of(*c, schema).is_some_and(|own| own.of == unit.of) && schema.profile(*c).numeric);
        counted.next().filter(|_| counted.next().is_none())
    }

    /// A unit that others of its kind can be converted to.
    fn unit_at(&self, i: usize) -> Option<&'static Unit> {
        let token = self.token(i)?;
        lexicon().unit(&token.folded).or_else(|| lexicon().unit(&token.lemma)).filter(|u| u.of.is_some())
    }

    /// "4 minutes long", "2 km high": the adjective after a unit only says again what is measured.
    fn mark_extent(&mut self, at: usize) {
        let adjective = |t: &Token| t.is(&["long", "old", "high", "tall", "wide", "deep", "heavy", "large", "big"]);
        if self.unit_at(at).is_some() && self.token(at + 1).is_some_and(adjective) {
            self.mark(at..at + 2);
        }
    }

    /// The one column of numbers of a table.
    pub(super) fn only_measure(&self, table: TableId) -> Option<ColumnId> {
        let schema = self.ground.schema;
        let columns = (0..schema.table(table).columns.len()).map(|column| ColumnId { table, column });
        let mut measures = columns.filter(|c| self.semantic(*c).is_measure() && schema.reference_of(*c).is_none());
        match (measures.next(), measures.next()) {
            (Some(id), None) => Some(id),
            _ => None,
        }
    }

    fn compare_column(&mut self, id: ColumnId, operator: Operator, number: f64) -> bool {
        let right = Operand::Value(number_value(number));
        self.frame.filters.push(Predicate::Compare { left: column(id), operator, right });
        true
    }

    /// An aggregate or "number of" right before a name, even if it was already read as something asked for.
    fn function_before(&self, left: usize) -> Option<(Option<super::Function>, usize)> {
        use super::Function;
        for back in 1..=3 {
            let Some(i) = left.checked_sub(back) else { break };
            let token = &self.tokens[i];
            let function = match token.folded.as_str() {
                "average" | "avg" | "mean" => Some(Function::Average),
                "total" | "sum" => Some(Function::Sum),
                "maximum" | "max" | "highest" => Some(Function::Maximum),
                "minimum" | "min" | "lowest" => Some(Function::Minimum),
                "number" if self.word_at(i + 1, &["of"]) => None,
                "of" | "the" => continue,
                _ => return None,
            };
            return Some((function, i));
        }
        None
    }

    /// "negative margin", "positive gap".
    fn sign_at(&mut self, i: usize) -> bool {
        if LOSS.contains(&self.tokens[i].folded.as_str()) {
            let Some((id, _)) = self.adjective_measure(&["margin".to_owned(), "profit".to_owned()], i) else {
                return false;
            };
            self.used[i] = true;
            return self.compare_column(id, Operator::Less, 0.0);
        }
        let operator = match self.tokens[i].folded.as_str() {
            "negative" => Operator::Less,
            "positive" => Operator::Greater,
            _ => return false,
        };
        let at = self.skip(i + 1, &["a", "the"]);
        let named = (self.is_name(at) && self.is_measure(at))
            .then_some(at)
            .or_else(|| self.compared_before(i).filter(|j| self.is_measure(*j)));
        let Some(named) = named else { return false };
        let Some(id) = self.resolve(named, Role::Measure) else { return false };
        self.used[i] = true;
        self.used[named] = true;
        self.compare_column(id, operator, 0.0)
    }

    /// The name that a comparison speaks of: before it, else right after it.
    fn compared_name(&self, from: usize, to: usize) -> Option<usize> {
        self.compared_before(from).or_else(|| (self.is_name(to) && !self.is_table(to)).then_some(to))
    }

    /// The nearest name before `from` that is not a table, in the same clause.
    pub(super) fn compared_before(&self, from: usize) -> Option<usize> {
        for j in (0..from).rev() {
            if from - j > 6 {
                return None;
            }
            // "avg elasticity above 2", where a table is called so too.
            let about = self.is_name(j)
                && self.is_table(j)
                && self.table_of(j).is_some_and(|t| self.is_about_measures(t))
                && (self.function_before(j).is_some_and(|(function, _)| function.is_some())
                    || self.table_of(j).is_some_and(|t| self.named_measure(j, t).is_some()))
                && self.best_column(j, Role::Measure).is_some_and(|(c, _)| self.semantic(c).is_measure());
            if self.is_name(j) && (self.is_measure(j) || !self.is_table(j) || about) {
                return Some(j);
            }
            if self.tokens[j].is(&[",", ";", "and", "or"]) && from - j > 1 {
                return None;
            }
        }
        None
    }

    pub(super) fn number_at(&self, i: usize) -> Option<f64> {
        let token = self.token(i)?;
        match &token.kind {
            TokenKind::Number(x) => Some(*x),
            TokenKind::Word => written_number(&token.folded).map(f64::from),
            TokenKind::Time(t) => self.ground.analysis.times[*t].year.map(f64::from).filter(|_| token.words.len() == 1),
            _ => None,
        }
    }
}

pub fn number_value(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9e15 { Value::Integer(number as i64) } else { Value::Real(number) }
}
