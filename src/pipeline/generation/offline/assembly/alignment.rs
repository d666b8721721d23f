//! A plan laid beside its question: each word with what the plan makes of it. How such a pair reads tells whether the
//! plan says what was asked, whatever the names of the database are.

use std::collections::HashMap;

use super::super::plan::{Expr, Function, Operand, Operator, Predicate, Query, Select, SetOperator};
use super::super::scoring::linear::Linear;
use super::super::scoring::shape::Shape;
use super::super::scoring::view::View;
use super::super::tokens::TokenKind;
use crate::schema::{ColumnId, TableId, Value};

/// Mentions weaker than this do not tie a column to a word.
const TIED: f32 = 0.35;
/// A word speaks of a column unless it speaks of another one better by more than this.
const NEAR: f32 = 0.15;

/// What a plan wants a column for, a letter each.
type Use = (ColumnId, u8);

/// Uses of columns, tables and constants in a plan, in the order of its clauses.
#[derive(Default)]
struct Uses {
    columns: Vec<Use>,
    counted: Vec<TableId>,
    joined: Vec<TableId>,
    absent: Vec<TableId>,
    /// Constants with the letter of their comparison.
    constants: Vec<(Value, u8)>,
    periods: Vec<u8>,
}

impl Uses {
    fn of(query: &Query) -> Self {
        let mut uses = Self::default();
        match query {
            Query::Select(select) => uses.select(select, false),
            Query::Set { operator, left, right } => {
                uses.select(left, false);
                let absent = *operator == SetOperator::Except;
                for predicate in right.filter.iter().chain(&right.having) {
                    uses.predicate(predicate, if absent { b'e' } else { b'f' });
                }
                let tables = if absent { &mut uses.absent } else { &mut uses.joined };
                tables.extend(&right.tables);
            }
        }
        uses
    }

    fn select(&mut self, select: &Select, inner: bool) {
        for item in &select.items {
            self.expr(item, if inner { b'y' } else { b's' });
        }
        for key in &select.group {
            self.expr(key, b'g');
        }
        for sort in &select.order {
            self.expr(&sort.by, if sort.descending { b'O' } else { b'o' });
        }
        for predicate in &select.filter {
            self.predicate(predicate, b'f');
        }
        for predicate in &select.having {
            self.predicate(predicate, b'h');
        }
        if let Some(limit) = select.limit {
            self.constants.push((Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX)), b'L'));
        }
        self.joined.extend(&select.tables);
    }

    fn expr(&mut self, expr: &Expr, use_: u8) {
        match expr {
            Expr::Column(id) => self.column(*id, use_),
            Expr::AllColumns(table) => self.joined.push(*table),
            Expr::CountRows(table) => {
                self.counted.push(*table);
                self.joined.push(*table);
            }
            Expr::Aggregate { function, of, .. } => {
                let shown = use_ == b's';
                let letter = match function {
                    Function::Count => b'd',
                    Function::Sum => b'u',
                    Function::Average => b'a',
                    Function::Minimum => b'm',
                    Function::Maximum => b'x',
                };
                if let Expr::Column(id) = **of {
                    self.column(id, letter);
                    if !shown {
                        self.column(id, use_);
                    }
                }
            }
            // The scores know no others.
            _ => {}
        }
    }

    fn column(&mut self, id: ColumnId, use_: u8) {
        self.columns.push((id, use_));
        self.joined.push(id.table);
    }

    fn predicate(&mut self, predicate: &Predicate, use_: u8) {
        match predicate {
            Predicate::Compare { left, operator, right } => {
                self.expr(left, use_);
                let sign = match operator {
                    Operator::Equal => b'=',
                    Operator::NotEqual => b'!',
                    Operator::Less => b'<',
                    Operator::LessOrEqual => b'(',
                    Operator::Greater => b'>',
                    Operator::GreaterOrEqual => b')',
                };
                match right {
                    Operand::Value(value) => {
                        self.constants.push((value.clone(), if use_ == b'h' { sign | 0x80 } else { sign }));
                    }
                    Operand::Expr(expr) => self.expr(expr, use_),
                    Operand::Scalar(select) => self.select(select, true),
                }
            }
            Predicate::Between { what, low, high } => {
                self.expr(what, use_);
                self.constants.extend([(low.clone(), b'b'), (high.clone(), b'b')]);
            }
            Predicate::In { what, values, negated } => {
                self.expr(what, use_);
                self.constants.extend(values.iter().map(|v| (v.clone(), if *negated { b'!' } else { b'=' })));
            }
            Predicate::Like { what, pattern, .. } => {
                self.expr(what, use_);
                self.constants.push((Value::Text(pattern.trim_matches('%').to_owned()), b'~'));
            }
            Predicate::IsNull { what, .. } => self.expr(what, b'n'),
            Predicate::Period { column, .. } => {
                self.column(*column, use_);
                self.periods.push(b'p');
            }
            Predicate::Exists { table, filter, negated } => {
                let tables = if *negated { &mut self.absent } else { &mut self.joined };
                tables.push(*table);
                for predicate in filter {
                    self.predicate(predicate, if *negated { b'e' } else { use_ });
                }
            }
            Predicate::Within { what, query, .. } => {
                self.expr(what, use_);
                self.select(query, true);
            }
            Predicate::Any(predicates) => {
                for predicate in predicates {
                    self.predicate(predicate, b'|');
                }
            }
        }
    }
}

/// Hashes that are put together further.
fn mix(a: u64, b: u64) -> u64 {
    (a.rotate_left(23) ^ b).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn text(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn short(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// What is the same for every plan of a question.
pub struct Aligner<'a> {
    view: &'a View<'a>,
    /// By token: the hash of its symbol.
    symbols: Vec<u64>,
    /// By token: stands for something of the database.
    names: Vec<bool>,
}

/// Ends of a question.
const BEFORE: u64 = 0x1b;
const AFTER: u64 = 0x2b;

impl<'a> Aligner<'a> {
    pub fn new(view: &'a View<'a>) -> Self {
        let symbols = view.symbols.iter().map(|symbol| text(symbol)).collect();
        let names = view
            .symbols
            .iter()
            .map(|s| matches!(s.as_str(), "COL" | "TAB" | "VAL" | "NUM" | "ONE" | "TIME" | "MET"))
            .collect();
        Self { view, symbols, names }
    }

    /// Hashes of how question and plan read together, each once.
    pub fn features(&self, query: &Query) -> Vec<u32> {
        let facts = facts(query);
        let mut found = self.of_words(query, &facts);
        found.extend(facts.iter().flat_map(|fact| self.beside(*fact)));
        found.sort_unstable();
        found.dedup();
        found
    }

    /// How well each plan reads beside the question: the weights of its features, those of a fact taken together once for
    /// all plans that share it.
    pub fn scores<'q>(&self, queries: impl Iterator<Item = &'q Query>, weights: &Linear) -> Vec<f32> {
        let bias = weights.score(&[]);
        let mut known: HashMap<u64, f32> = HashMap::new();
        let score = |query: &Query| {
            let facts = facts(query);
            let mut words = self.of_words(query, &facts);
            words.sort_unstable();
            words.dedup();
            let beside = facts.iter().map(|fact| {
                *known.entry(*fact).or_insert_with(|| {
                    let mut features = self.beside(*fact);
                    features.sort_unstable();
                    features.dedup();
                    weights.score(&features) - bias
                })
            });
            beside.sum::<f32>() + weights.score(&words)
        };
        queries.map(score).collect()
    }

    /// Hashes of each word with what the plan makes of it, and of the plan's facts two by two.
    fn of_words(&self, query: &Query, facts: &[u64]) -> Vec<u32> {
        let uses = Uses::of(query);
        let (labels, mut found) = self.labels(&uses);
        let tokens = labels.len();
        // What a word stands for, with what the plan makes of it.
        let words: Vec<u64> = (0..tokens)
            .map(
                |i| if labels[i].is_empty() && !self.names[i] { self.symbols[i] } else { self.labelled(i, &labels[i]) },
            )
            .collect();
        let speaks = |i: usize| !labels[i].is_empty() || self.names[i];
        let at = |i: isize| match usize::try_from(i) {
            Err(_) => BEFORE,
            Ok(i) => words.get(i).copied().unwrap_or(AFTER),
        };
        for i in 0..tokens as isize {
            let here = speaks(i as usize);
            if here {
                found.push(short(mix(1, at(i))));
            }
            let next = |d: isize| usize::try_from(i + d).ok().filter(|j| *j < tokens).is_some_and(speaks);
            if here || next(1) {
                found.push(short(mix(mix(2, at(i)), at(i + 1))));
            }
            if here || next(1) || next(2) {
                found.push(short(mix(mix(mix(3, at(i)), at(i + 1)), at(i + 2))));
                found.push(short(mix(mix(4, at(i)), at(i + 2))));
            }
            if here || next(1) || next(2) || next(3) {
                found.push(short(mix(mix(mix(mix(5, at(i)), at(i + 1)), at(i + 2)), at(i + 3))));
            }
        }
        // Only what stands for something, one after the other.
        let named: Vec<u64> = (0..tokens).filter(|i| speaks(*i)).map(|i| words[i]).collect();
        for pair in named.windows(2) {
            found.push(short(mix(mix(6, pair[0]), pair[1])));
        }
        for three in named.windows(3) {
            found.push(short(mix(mix(mix(7, three[0]), three[1]), three[2])));
        }
        for (i, fact) in facts.iter().enumerate() {
            found.extend(facts[i + 1..].iter().map(|other| short(mix(mix(9, *fact), *other))));
        }
        found
    }

    /// Hashes of a fact about the whole plan, with the words of the question.
    fn beside(&self, fact: u64) -> Vec<u32> {
        let mut found = vec![short(mix(8, fact))];
        let at = |i: usize| self.symbols.get(i).copied().unwrap_or(AFTER);
        for token in 0..self.symbols.len() {
            found.push(short(mix(mix(10, fact), at(token))));
            found.push(short(mix(mix(mix(11, fact), at(token)), at(token + 1))));
        }
        found.push(short(mix(mix(mix(mix(12, fact), at(0)), at(1)), at(2))));
        found
    }

    fn labelled(&self, token: usize, label: &[u8]) -> u64 {
        label.iter().fold(self.symbols[token], |hash, letter| mix(hash, u64::from(*letter)))
    }

    /// By token, the letters of what the plan uses it for, and what the plan uses that no word speaks of.
    fn labels(&self, uses: &Uses) -> (Vec<Vec<u8>>, Vec<u32>) {
        let view = self.view;
        let mut labels = vec![Vec::new(); view.tokens.len()];
        let mut found = Vec::new();
        for (id, letter) in &uses.columns {
            let mut tied = false;
            for mention in view.mentions(*id) {
                if mention.score >= TIED && mention.score >= view.best[mention.token].0 - NEAR {
                    labels[mention.token].push(*letter);
                    tied = true;
                }
            }
            if tied {
                continue;
            }
            // A column that nothing names stands for its table.
            let role = mix(u64::from(*letter), u64::from(self.kind(*id)));
            match view.tables[id.table.0].first() {
                Some(mention) => {
                    labels[mention.token].push(letter | 0x80);
                    found.push(short(mix(mix(13, role), self.symbols[mention.token])));
                }
                None => found.push(short(mix(14, role))),
            }
        }
        for (tables, letter) in [(&uses.counted, b'C'), (&uses.joined, b'J'), (&uses.absent, b'X')] {
            for table in tables {
                for mention in view.tables[table.0].iter().filter(|m| m.score >= view.best[m.token].1 - NEAR) {
                    labels[mention.token].push(letter);
                }
                if view.tables[table.0].is_empty() {
                    found.push(short(mix(15, u64::from(letter))));
                }
            }
        }
        for (value, letter) in &uses.constants {
            match self.said(value) {
                Some(token) => labels[token].push(*letter),
                None => found.push(short(mix(16, u64::from(*letter)))),
            }
        }
        for (token, _) in view.tokens.iter().enumerate().filter(|(_, t)| matches!(t.kind, TokenKind::Time(_))) {
            labels[token].extend(&uses.periods);
        }
        for label in &mut labels {
            label.sort_unstable();
            label.dedup();
        }
        (labels, found)
    }

    /// The token that says a constant.
    fn said(&self, value: &Value) -> Option<usize> {
        let number = match value {
            Value::Integer(i) => Some(*i as f64),
            Value::Real(x) => Some(*x),
            Value::Text(text) => text.parse().ok(),
            _ => None,
        };
        if let Some(number) = number
            && let Some(token) = self.view.numbers.iter().position(|n| n.is_some_and(|n| (n - number).abs() < 1e-9))
        {
            return Some(token);
        }
        let Value::Text(text) = value else { return None };
        let link = self.view.values.iter().find(|link| link.value == *text).map(|link| link.token);
        link.or_else(|| {
            let folded = text.to_lowercase();
            self.view.tokens.iter().position(|t| t.folded == folded)
        })
    }

    fn kind(&self, id: ColumnId) -> u8 {
        let schema = self.view.ground.schema;
        if schema.is_primary_key(id) {
            b'k'
        } else if schema.reference_of(id).is_some() {
            b'r'
        } else if self.view.display(id.table).contains(&id) {
            b'n'
        } else {
            b'-'
        }
    }
}

/// What kind of plan it is, a hash for each fact.
fn facts(query: &Query) -> Vec<u64> {
    let (Query::Select(select) | Query::Set { left: select, .. }) = query;
    let shape = Shape::of(query);
    let mut outputs: Vec<u64> = select
        .items
        .iter()
        .map(|item| match item {
            Expr::Column(_) => 1,
            Expr::AllColumns(_) => 2,
            Expr::CountRows(_) => 3,
            Expr::Aggregate { function, .. } => 4 + *function as u64,
            _ => 12,
        })
        .collect();
    outputs.sort_unstable();
    let signature = outputs.iter().fold(20, |hash, kind| mix(hash, *kind));
    let order = select.order.first().map_or(0, |sort| 1 + u64::from(sort.descending));
    let limit = select.limit.map_or(0, |limit| 1 + u64::from(limit > 1));
    vec![
        mix(21, u64::from(shape.code())),
        mix(22, signature),
        mix(23, mix(order, limit)),
        mix(24, select.group.len() as u64),
        mix(25, select.filter.len() as u64),
    ]
}
