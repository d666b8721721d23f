//! Reads tokens into a plan. Each file of this folder knows one kind of phrase; `frame` puts the pieces together.

mod aggregate;
mod comparison;
mod coverage;
mod deed;
mod finder;
mod flag;
mod fragment;
mod frame;
mod group;
mod measure;
mod nearby;
mod order;
mod outputs;
mod period;
mod quantifier;
mod rank;
mod resolve;
mod rival;
mod same;
mod sides;
mod superlative;
#[cfg(test)]
mod tests;
mod vague;
mod value;
mod versus;

pub use comparison::number_value;
pub use coverage::{Missed, Unread};
pub use finder::Finder;
pub use fragment::Fragment;
pub use frame::{grain_name, with_keys};
pub use nearby::values as near_values;
pub use resolve::{Role, display_columns, event_date, evidence};
pub use rival::{Cue, Rival, rivals};
pub use vague::measures;
pub use value::name_in_parts;

use super::graph::Graph;
use super::names::{Names, Target};
use super::plan::{Expr, Function, Grain, Predicate, Query};
use super::tokens::{Token, TokenKind};
use crate::pipeline::analysis::Analysis;
use crate::schema::{ColumnId, Schema, TableId};

/// Everything a reading looks at.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    pub schema: &'a Schema,
    pub names: &'a Names,
    pub graph: &'a Graph,
    pub analysis: &'a Analysis,
}

/// A plan with what it rests on.
#[derive(Clone, Debug)]
pub struct Reading {
    pub query: Query,
    /// Tables that the question names.
    pub mentioned: Vec<TableId>,
    /// Defaults taken, in words.
    pub assumptions: Vec<String>,
    /// Strength of each link that was used, with the phrase.
    pub links: Vec<(String, f64)>,
    /// Content words that were not understood.
    pub unread: Vec<Unread>,
    /// Content words in all.
    pub content: usize,
}

/// What a reading failed on.
#[derive(Clone, Debug, PartialEq)]
pub enum Unreadable {
    /// Nothing of the question names anything in the database.
    Nothing,
    /// A value that the database does not hold, with near ones.
    UnknownValue { text: String, near: Vec<String> },
    /// A superlative without a measure, with measures it could mean (phrases).
    Vague { word: String, measures: Vec<String> },
    /// Tables that no key connects.
    Unconnected(String, String),
    /// A period, and no date column to apply it to.
    NoDate,
    /// Two periods that no day lies in both of.
    TwoPeriods,
    /// Only what the question gave was understood, not what it asks of it.
    Echo { value: String },
}

/// Rows counted or a value counted or summed.
#[derive(Clone, Debug, PartialEq)]
enum Measure {
    /// Rows of the table that a token names.
    Count(usize),
    /// Distinct values of the column that a token names.
    CountDistinct(usize),
    /// An aggregate of the column that a token names.
    Aggregate(Function, usize),
    /// The column or metric that a token names, aggregated if the plan needs it.
    Plain(usize),
    /// Chosen by the words of an adjective.
    Column(ColumnId),
    /// The largest or smallest of a column.
    Extreme(Function, ColumnId),
    /// Rows of a table that a value told of ("price increases").
    Rows(TableId),
    /// Different values of a column.
    Values(ColumnId),
}

/// "top 5 ... by M", "the cheapest", "with the most T".
#[derive(Clone, Debug, Default)]
struct Rank {
    measure: Option<Measure>,
    descending: bool,
    /// `None`: one row for singular wording.
    limit: Option<u64>,
    offset: u64,
    /// The measure belongs in the result.
    show: bool,
    /// The word that asked for it.
    word: String,
}

#[derive(Clone, Debug)]
enum GroupKey {
    Token(usize),
    Grain(Grain),
}

/// What the phrases of a question say, before it is a plan.
#[derive(Clone, Debug, Default)]
struct Frame {
    measures: Vec<Measure>,
    groups: Vec<GroupKey>,
    rank: Option<Rank>,
    /// Explicit order: measure or column, descending.
    order: Vec<(Measure, bool)>,
    filters: Vec<Predicate>,
    /// Conditions on aggregates: measure, operator, number.
    having: Vec<(Measure, super::plan::Operator, f64)>,
    /// Tokens that are asked for, in their order.
    outputs: Vec<usize>,
    /// Positions of time tokens.
    times: Vec<usize>,
    /// Tables whose rows must not exist for the entity.
    absent: Vec<usize>,
    /// Flags that a "not" or a "never" stands before.
    denied: Vec<ColumnId>,
    distinct: bool,
    both: bool,
    share: bool,
    /// Columns that a comparison asks to be shown.
    shown: Vec<ColumnId>,
    /// Our price and theirs, where they are compared.
    prices: Option<(ColumnId, ColumnId)>,
    /// "above the average M": measure token, above.
    versus_average: Option<(usize, bool)>,
}

/// Walks over the tokens once; phrases mark what they used.
struct Reader<'a> {
    ground: Ground<'a>,
    tokens: Vec<Token>,
    used: Vec<bool>,
    /// How much speaks for each table, by table.
    evidence: Vec<f64>,
    frame: Frame,
    assumptions: Vec<String>,
    links: Vec<(String, f64)>,
    /// Tables of what was decided so far: measures and outputs.
    anchors: Vec<TableId>,
    vague: Option<String>,
    /// A split by a calendar unit is asked for, and nothing has a date.
    undated: bool,
    unknown: Option<Unreadable>,
}

/// What a word is worth as a link that was read as another one than was typed.
const MENDED: f64 = 0.8;

/// Reads a question.
pub fn read(ground: Ground<'_>, tokens: Vec<Token>) -> Result<Reading, Unreadable> {
    let mut reader = Reader::new(ground, tokens);
    if !reader.tokens.iter().any(|t| matches!(t.kind, TokenKind::Name(_) | TokenKind::Value(_))) {
        return Err(Unreadable::Nothing);
    }
    reader.tell_mended();
    reader.scan();
    if let Some(unknown) = reader.unknown.take() {
        return Err(unknown);
    }
    reader.assemble()
}

impl<'a> Reader<'a> {
    fn new(ground: Ground<'a>, tokens: Vec<Token>) -> Self {
        Self {
            ground,
            used: vec![false; tokens.len()],
            evidence: resolve::evidence(ground.schema, ground.analysis, &tokens),
            tokens,
            frame: Frame::default(),
            assumptions: Vec::new(),
            links: Vec::new(),
            anchors: Vec::new(),
            vague: None,
            undated: false,
            unknown: None,
        }
    }
}

impl Reader<'_> {
    /// Words that were read as others than were typed are told, and are links of their own.
    fn tell_mended(&mut self) {
        let mut words = self.ground.analysis.words.as_slice();
        while let Some(first) = words.first() {
            let (same, rest) = words.split_at(words.iter().take_while(|w| w.span == first.span).count().max(1));
            let meant = same.iter().map(|w| w.folded.as_str()).collect::<Vec<_>>().join(" ");
            if first.is_mended() && !crate::language::lexicon().is_light(&meant) {
                self.assumptions.push(format!("read \"{}\" as \"{meant}\"", first.text));
                self.links.push((first.text.clone(), MENDED));
            }
            words = rest;
        }
    }

    /// Lets every kind of phrase take its words, the most particular first; what is left over is asked for.
    fn scan(&mut self) {
        self.frame.both = self.tokens.iter().any(|t| t.is(&["both"]));
        self.read_quantified();
        self.read_same();
        self.read_varied();
        self.read_ranks();
        self.read_limit();
        self.read_counts();
        self.read_aggregates();
        self.read_wish_for_order();
        self.read_comparisons();
        self.read_orders();
        self.read_groups();
        self.read_keywords();
        self.read_events_of_groups();
        self.read_absences();
        self.read_patterns();
        self.read_values();
        self.read_flag_conditions(false);
        self.group_by_contrary_flags();
        self.read_flags();
        self.read_outputs();
    }

    fn read_flags(&mut self) {
        for i in 0..self.tokens.len() {
            if self.tokens[i].is(&["different", "distinct", "unique"]) {
                self.frame.distinct = true;
            }
            if self.tokens[i].is(&["both"]) {
                // Two values of one column make an intersection; anything else leaves the word unread.
                self.used[i] = self.tokens.iter().filter(|t| matches!(t.kind, TokenKind::Value(_))).count() == 2;
            }
            if self.tokens[i].is(&["share", "percentage", "proportion", "percent"]) && !self.used[i] {
                self.frame.share = true;
            }
        }
    }

    /// Names that no phrase took, but for tables that only say where a column is found.
    fn read_outputs(&mut self) {
        for i in 0..self.tokens.len() {
            match self.tokens[i].kind {
                // A verb says how, not what: "products sold", "shipped in 1997".
                TokenKind::Name(_) if !self.used[i] && self.tokens[i].is(&["sold", "selling", "sell", "sells"]) => {
                    self.used[i] = true;
                }
                TokenKind::Name(_) if !self.used[i] && self.dates_a_period(i) => {}
                TokenKind::Name(_) if !self.used[i] => self.frame.outputs.push(i),
                TokenKind::Time(time) if !self.used[i] => {
                    self.used[i] = true;
                    self.frame.times.push(time);
                }
                _ => {}
            }
        }
    }

    /// The name of a date right before a period says which date the period is of.
    fn dates_a_period(&self, i: usize) -> bool {
        let period = (i + 1..(i + 4).min(self.tokens.len())).any(|j| matches!(self.tokens[j].kind, TokenKind::Time(_)));
        // "stores opened after 2015": a participle never is what is asked for.
        let verb = self.tokens[i].folded.ends_with("ed");
        let asked = !verb && self.frame.measures.is_empty() && self.frame.rank.is_none();
        period && !asked && self.best_column(i, resolve::Role::Time).is_some_and(|(c, _)| self.semantic(c).is_time())
    }

    fn token(&self, i: usize) -> Option<&Token> {
        self.tokens.get(i)
    }

    fn word_at(&self, i: usize, words: &[&str]) -> bool {
        self.token(i).is_some_and(|t| t.is(words))
    }

    /// The words from `i` on spell this phrase (blank-separated folded words).
    fn phrase_at(&self, i: usize, phrase: &str) -> Option<usize> {
        let whole = self.token(i)?;
        // Most phrases begin with another letter.
        let begins = |word: &str| word.as_bytes().first() == phrase.as_bytes().first();
        if !begins(&whole.folded) && !begins(&whole.lemma) {
            return None;
        }
        if !self.used[i]
            && matches!(whole.kind, TokenKind::Word)
            && (whole.lemma == phrase || spells(&whole.folded, phrase))
        {
            return Some(i + 1);
        }
        let mut at = i;
        for word in phrase.split([' ', '-']) {
            let token = self.token(at)?;
            if token.folded != word || self.used[at] {
                return None;
            }
            at += 1;
        }
        Some(at)
    }

    /// Skips articles and fillers.
    fn skip(&self, mut i: usize, words: &[&str]) -> usize {
        while self.token(i).is_some_and(|t| matches!(t.kind, TokenKind::Word) && words.contains(&t.folded.as_str())) {
            i += 1;
        }
        i
    }

    fn is_name(&self, i: usize) -> bool {
        self.token(i).is_some_and(|t| matches!(t.kind, TokenKind::Name(_)))
    }

    /// The table a token names, if that is its best reading or near it.
    fn table_of(&self, i: usize) -> Option<TableId> {
        let links = self.token(i)?.links();
        let best = links.first()?.score;
        links.iter().find_map(|l| match l.target {
            Target::Table(t) if l.score >= best - 0.12 => Some(t),
            _ => None,
        })
    }

    fn mark(&mut self, range: std::ops::Range<usize>) {
        self.used[range].fill(true);
    }
}

/// Expressions and predicates are made from resolved columns.
/// A token of several words spells a phrase, whose parts may be joined by hyphens.
fn spells(folded: &str, phrase: &str) -> bool {
    folded.len() == phrase.len() && folded.bytes().zip(phrase.bytes()).all(|(a, b)| a == b || a == b' ' && b == b'-')
}

fn column(id: ColumnId) -> Expr {
    Expr::Column(id)
}
