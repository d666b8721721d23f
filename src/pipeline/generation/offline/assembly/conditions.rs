//! Which values, numbers and periods may be conditions, and on what.

use super::super::plan::{Expr, Operator, Predicate};
use super::super::reading::name_in_parts;
use super::super::scoring::said::kept;
use super::super::scoring::shape::{Nest, Shape};
use super::super::scoring::slots::{NumberTarget, Role};
use super::super::tokens::TokenKind;
use super::{Assembler, log};
use crate::pipeline::analysis::WordKind;
use crate::schema::{ColumnId, SemanticType, Value, ValueMatchKind};

/// A predicate with what it rests on.
#[derive(Clone, Debug)]
pub struct Condition {
    pub predicate: Predicate,
    pub column: Option<ColumnId>,
    pub tokens: Vec<usize>,
}

/// What all values and numbers of the question are taken for.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    pub filter: Vec<Condition>,
    /// A number that the count of a group, or an aggregate of a column, is compared with.
    pub having: Option<(Option<ColumnId>, Operator, Value)>,
    pub limit: Option<u64>,
    pub score: f32,
}

/// What one token is taken for.
#[derive(Clone, Debug)]
enum Choice {
    Nothing,
    Filter(Condition),
    Both(Condition, Condition),
    Having(Option<ColumnId>, Operator, Value),
    Limit(u64),
    /// One end of a range on a column.
    End(ColumnId, usize, Value),
}

/// One end of a range whose other end is still to come: column, token, number.
type End = (ColumnId, usize, Value);

/// Readings of all tokens together that are kept.
const KEPT: usize = 24;
/// Readings of one token.
const CHOICES: usize = 6;

impl Conditions {
    pub fn fits(&self, shape: Shape) -> bool {
        let pairs = matches!(shape.nest, Nest::Any | Nest::Union | Nest::Intersect);
        shape.having == self.having.is_some()
            && (shape.limited || self.limit.is_none())
            && (!pairs || self.filter.len() > 1)
    }
}

impl Assembler<'_> {
    /// Likely readings of all values, numbers and periods together, likeliest first.
    pub(super) fn conditions(&self) -> Vec<Conditions> {
        let mut readings = vec![Conditions::default()];
        let mut ends: Vec<Vec<End>> = vec![Vec::new()];
        for token in 0..self.view.tokens.len() {
            let choices = self.choices(token);
            if choices.is_empty() {
                continue;
            }
            let mut next: Vec<(Conditions, Vec<End>)> = Vec::new();
            for (reading, open) in readings.iter().zip(&ends) {
                for (choice, p) in &choices {
                    let mut reading = reading.clone();
                    let mut open = open.clone();
                    reading.score += log(*p);
                    match choice {
                        Choice::Nothing => {}
                        Choice::Filter(condition) => reading.filter.push(condition.clone()),
                        Choice::Both(one, other) => reading.filter.extend([one.clone(), other.clone()]),
                        Choice::Having(..) if reading.having.is_some() => continue,
                        Choice::Having(column, operator, value) => {
                            reading.having = Some((*column, *operator, value.clone()));
                        }
                        Choice::Limit(_) if reading.limit.is_some() => continue,
                        Choice::Limit(n) => reading.limit = Some(*n),
                        Choice::End(column, at, value) => match open.iter().position(|(c, ..)| c == column) {
                            Some(other) => {
                                let (_, first, low) = open.remove(other);
                                reading.filter.push(Condition {
                                    predicate: Predicate::Between {
                                        what: Expr::Column(*column),
                                        low,
                                        high: value.clone(),
                                    },
                                    column: Some(*column),
                                    tokens: vec![first, *at],
                                });
                            }
                            None => open.push((*column, *at, value.clone())),
                        },
                    }
                    next.push((reading, open));
                }
            }
            next.sort_by(|a, b| b.0.score.total_cmp(&a.0.score));
            next.truncate(KEPT * 2);
            (readings, ends) = next.into_iter().unzip();
        }
        let mut whole: Vec<Conditions> =
            readings.into_iter().zip(ends).filter(|(_, open)| open.is_empty()).map(|(reading, _)| reading).collect();
        whole.truncate(KEPT);
        whole
    }

    /// What a token may be taken for, with probabilities. Empty if it is nothing that could be a condition.
    fn choices(&self, token: usize) -> Vec<(Choice, f32)> {
        let mut weighed: Vec<(Choice, f32)> = match self.view.tokens[token].kind {
            TokenKind::Value(_) => self.value_choices(token),
            TokenKind::Name(_) | TokenKind::Word if self.view.values.iter().any(|v| v.token == token) => {
                self.value_choices(token)
            }
            TokenKind::Time(_) => self.period_choices(token),
            _ if self.view.numbers[token].is_some() => self.number_choices(token),
            TokenKind::Word => self.text_choices(token),
            _ => return Vec::new(),
        };
        if weighed.is_empty() {
            return Vec::new();
        }
        weighed.push((Choice::Nothing, 1.0));
        weighed.sort_by(|a, b| b.1.total_cmp(&a.1));
        weighed.truncate(CHOICES);
        let sum: f32 = weighed.iter().map(|(_, w)| w).sum();
        weighed.into_iter().map(|(choice, w)| (choice, w / sum)).collect()
    }

    fn value_choices(&self, token: usize) -> Vec<(Choice, f32)> {
        let mut by_column: Vec<(ColumnId, usize, f32, usize)> = Vec::new();
        for (i, link) in self.view.values.iter().enumerate().filter(|(_, v)| v.token == token) {
            let p = self.scores.values[i].0;
            match by_column.iter_mut().find(|(c, ..)| *c == link.column) {
                Some((_, best, known, count)) => {
                    *count += 1;
                    if p > *known {
                        (*best, *known) = (i, p);
                    }
                }
                None => by_column.push((link.column, i, p, 1)),
            }
        }
        let mut choices = Vec::new();
        for (column, best, p, count) in by_column {
            let link = &self.view.values[best];
            let weight = p / (1.0 - p).max(1e-3);
            for (sign, q) in self.scores.values[best].1.iter().enumerate() {
                if *q < 0.12 {
                    continue;
                }
                let what = Expr::Column(column);
                let text = kept(self.view, column, &link.value);
                let words = self.view.ground.analysis.words[self.view.tokens[token].words.clone()]
                    .iter()
                    .map(|w| w.text.as_str())
                    .collect::<Vec<_>>()
                    .join(" ");
                let predicate = match sign {
                    1 => Predicate::Compare {
                        left: what,
                        operator: Operator::NotEqual,
                        right: super::Operand::Value(text),
                    },
                    7 => Predicate::Like { what, pattern: format!("%{words}%"), negated: false },
                    0 if link.kind == ValueMatchKind::Partial && count > 1 => {
                        Predicate::Like { what, pattern: format!("%{words}%"), negated: false }
                    }
                    0 => {
                        Predicate::Compare { left: what, operator: Operator::Equal, right: super::Operand::Value(text) }
                    }
                    _ => continue,
                };
                let condition = Condition { predicate, column: Some(column), tokens: vec![token] };
                choices.push((Choice::Filter(condition), weight * q));
            }
        }
        choices
    }

    /// A text that no column holds: looked for as a whole, inside the likeliest columns, or as a first and a last name.
    fn text_choices(&self, token: usize) -> Vec<(Choice, f32)> {
        let Some(text) = self.sought_text(token) else { return Vec::new() };
        let before: Vec<&str> = (token.saturating_sub(6)..token).map(|i| self.view.symbols[i].as_str()).collect();
        let says = |begins: &[&str]| before.iter().any(|w| begins.iter().any(|b| w.starts_with(b)));
        let pattern = if says(&["start", "begin"]) {
            Some(format!("{text}%"))
        } else if says(&["end"]) {
            Some(format!("%{text}"))
        } else if says(&["contain", "includ", "substring", "letter", "character", "word", "have", "has", "with"]) {
            Some(format!("%{text}%"))
        } else {
            None
        };
        let negated = says(&["not", "without", "no", "never"]);
        let schema = self.view.ground.schema;
        let mut choices: Vec<(Choice, f32)> = self.name_of_two(token, text).into_iter().collect();
        for (id, p) in self.best_columns(Role::Filter, 5).into_iter().filter(|(id, _)| !schema.profile(*id).numeric) {
            let weight = 4.0 * p / (1.0 - p).max(1e-3);
            let what = Expr::Column(id);
            let condition = |predicate| Choice::Filter(Condition { predicate, column: Some(id), tokens: vec![token] });
            let like =
                |pattern: &str, negated| Predicate::Like { what: what.clone(), pattern: pattern.to_owned(), negated };
            match &pattern {
                Some(pattern) => {
                    choices.push((condition(like(pattern, negated)), weight));
                    choices.push((condition(like(pattern, !negated)), 0.2 * weight));
                }
                None => choices.push((condition(like(&format!("%{text}%"), false)), 0.4 * weight)),
            }
            let equal = Predicate::Compare {
                left: what.clone(),
                operator: Operator::Equal,
                right: super::Operand::Value(Value::Text(text.to_owned())),
            };
            choices.push((condition(equal), if pattern.is_some() { 0.2 * weight } else { weight }));
        }
        choices
    }

    /// What a token asks for to the letter: a text in quotes, or what follows "the letter".
    fn sought_text(&self, token: usize) -> Option<&str> {
        let [word] = &self.view.ground.analysis.words[self.view.tokens[token].words.clone()] else { return None };
        let lettered = token > 0
            && matches!(self.view.tokens[token - 1].lemma.as_str(), "letter" | "character" | "substring" | "prefix")
            && word.text.len() <= 3;
        (word.kind == WordKind::Quoted || lettered && word.kind == WordKind::Word).then_some(word.text.as_str())
    }

    /// "Olin Shivers": a first and a last name that two columns of one table hold.
    fn name_of_two(&self, token: usize, text: &str) -> Option<(Choice, f32)> {
        let [first, last] = name_in_parts(self.view.ground.schema, text)?;
        let condition = |(id, word): (ColumnId, &str)| Condition {
            predicate: Predicate::Compare {
                left: Expr::Column(id),
                operator: Operator::Equal,
                right: super::Operand::Value(Value::Text(word.to_owned())),
            },
            column: Some(id),
            tokens: vec![token],
        };
        Some((Choice::Both(condition(first), condition(last)), 40.0))
    }

    /// A period is a condition on a date, or on a number that says a year.
    fn period_choices(&self, token: usize) -> Vec<(Choice, f32)> {
        let TokenKind::Time(time) = self.view.tokens[token].kind else { return Vec::new() };
        let period = self.view.ground.analysis.times[time].period;
        let mut choices = Vec::new();
        for ((_, target), p, _) in self.scores.numbers.iter().filter(|((t, _), ..)| *t == token) {
            let NumberTarget::Column(id) = *target else { continue };
            let semantic = self.view.ground.schema.profile(id).semantic;
            let what = Expr::Column(id);
            let predicate = if semantic.is_time() && semantic != SemanticType::Year {
                let day = |day: Option<jiff::civil::Date>| day.map(|d| d.to_string());
                Predicate::Period { column: id, first: day(period.first), last: day(period.last) }
            } else {
                let year = |day: jiff::civil::Date| self.typed(id, &Value::Integer(i64::from(day.year())));
                let compare = |operator, value| Predicate::Compare {
                    left: what.clone(),
                    operator,
                    right: super::Operand::Value(value),
                };
                match (period.first, period.last) {
                    (Some(first), Some(last)) if first.year() == last.year() => compare(Operator::Equal, year(first)),
                    (Some(first), Some(last)) => {
                        Predicate::Between { what: what.clone(), low: year(first), high: year(last) }
                    }
                    (Some(first), None) => compare(Operator::GreaterOrEqual, year(first)),
                    (None, Some(last)) => compare(Operator::LessOrEqual, year(last)),
                    (None, None) => continue,
                }
            };
            let condition = Condition { predicate, column: Some(id), tokens: vec![token] };
            choices.push((Choice::Filter(condition), p / (1.0 - p).max(1e-3)));
        }
        choices
    }

    fn number_choices(&self, token: usize) -> Vec<(Choice, f32)> {
        let mut choices = Vec::new();
        let Some(number) = self.view.numbers[token] else { return choices };
        let said = self.view.said_comparison(token);
        for ((_, target), p, signs) in self.scores.numbers.iter().filter(|((t, _), ..)| *t == token) {
            let weight = p / (1.0 - p).max(1e-3);
            if weight < 0.02 {
                continue;
            }
            if let NumberTarget::Limit = target {
                if number >= 1.0 && number.fract() == 0.0 {
                    choices.push((Choice::Limit(number as u64), weight));
                }
                continue;
            }
            let value = if number.fract() == 0.0 { Value::Integer(number as i64) } else { Value::Real(number) };
            let signs = compared(signs, said);
            for (sign, q) in signs.iter().enumerate().filter(|(_, q)| **q > 0.12) {
                let operator = match sign {
                    0 => Operator::Equal,
                    1 => Operator::NotEqual,
                    2 => Operator::Less,
                    3 => Operator::LessOrEqual,
                    4 => Operator::Greater,
                    5 => Operator::GreaterOrEqual,
                    6 => {
                        if let NumberTarget::Column(id) = target {
                            choices.push((Choice::End(*id, token, self.typed(*id, &value)), weight * q));
                        }
                        continue;
                    }
                    _ => continue,
                };
                match target {
                    NumberTarget::Count => {
                        choices.push((Choice::Having(None, operator, value.clone()), weight * q));
                    }
                    NumberTarget::Column(id) => {
                        let aggregate = self.scores.column(*id, Role::OrderAggregate);
                        if aggregate > 0.15 {
                            let choice = Choice::Having(Some(*id), operator, value.clone());
                            choices.push((choice, weight * q * aggregate));
                        }
                        let predicate = Predicate::Compare {
                            left: Expr::Column(*id),
                            operator,
                            right: super::Operand::Value(self.typed(*id, &value)),
                        };
                        let condition = Condition { predicate, column: Some(*id), tokens: vec![token] };
                        choices.push((Choice::Filter(condition), weight * q * (1.0 - aggregate)));
                    }
                    NumberTarget::Limit => {}
                }
            }
        }
        choices
    }

    /// A number as the column keeps it: texts are compared with texts.
    fn typed(&self, id: ColumnId, value: &Value) -> Value {
        let profile = self.view.ground.schema.profile(id);
        let text = matches!(profile.min, Some(Value::Text(_)));
        match value {
            Value::Integer(i) if text => Value::Text(i.to_string()),
            Value::Real(x) if text => Value::Text(x.to_string()),
            other => other.clone(),
        }
    }
}

/// Likely comparisons, where the words around the number say one outright.
fn compared(signs: &[f32], said: Option<usize>) -> Vec<f32> {
    /// What words that say a comparison leave to others.
    const LEFT: f32 = 0.06;
    match said {
        None => signs.to_vec(),
        Some(said) => {
            signs.iter().enumerate().map(|(sign, q)| LEFT * q + if sign == said { 1.0 - LEFT } else { 0.0 }).collect()
        }
    }
}
