//! A question as the scores see it: without the names of its database. What stands for a table, a column, a value, a
//! number or a period is replaced by its kind, so that what is learnt on some databases holds on others.

use super::super::names::{Link, Target};
use super::super::reading::Ground;
use super::super::tokens::{Token, TokenKind};
use crate::language::Direction;
use crate::pipeline::analysis::written_number;
use crate::schema::{ColumnId, TableId, ValueMatchKind};

/// Links below the best of a token by more than this are other readings, not equal ones.
const TIE: f64 = 0.02;
/// A link found inside a longer phrase is worth this part of itself.
const INSIDE: f64 = 0.7;

/// A place in the question that speaks of a table or column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mention {
    /// Position among the tokens.
    pub token: usize,
    /// Strength of the link, 0 to 1.
    pub score: f32,
}

/// A value of the database that some token may mean.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueLink {
    pub token: usize,
    pub column: ColumnId,
    /// As the database has it; as written where the database does not have it.
    pub value: String,
    pub kind: ValueMatchKind,
    /// Rows that hold it.
    pub rows: u64,
}

/// A question over a schema, with every mention in it.
pub struct View<'a> {
    pub ground: Ground<'a>,
    pub tokens: &'a [Token],
    /// One for each token: its kind where it stands for something of the database, its lemma otherwise.
    pub symbols: Vec<String>,
    /// By table: where the question speaks of it, strongest first.
    pub tables: Vec<Vec<Mention>>,
    /// By table and column: the same.
    pub columns: Vec<Vec<Vec<Mention>>>,
    /// By token: the best score of a column, and of a table, that it may mean.
    pub best: Vec<(f32, f32)>,
    pub values: Vec<ValueLink>,
    /// By token: the number it says, in digits or in a word.
    pub numbers: Vec<Option<f64>>,
    /// By token: which end of its measure an adjective there speaks of.
    pub directions: Vec<Option<Direction>>,
    /// By table: how much speaks for it.
    evidence: Vec<f32>,
}

impl<'a> View<'a> {
    pub fn new(ground: Ground<'a>, tokens: &'a [Token]) -> Self {
        let schema = ground.schema;
        let mut view = Self {
            ground,
            tokens,
            symbols: Vec::new(),
            tables: vec![Vec::new(); schema.tables.len()],
            columns: schema.tables.iter().map(|t| vec![Vec::new(); t.columns.len()]).collect(),
            best: vec![(0.0, 0.0); tokens.len()],
            values: Vec::new(),
            numbers: tokens.iter().map(spoken_number).collect(),
            directions: vec![None; tokens.len()],
            evidence: Vec::new(),
        };
        for (i, token) in tokens.iter().enumerate() {
            view.link(i, token);
        }
        view.link_further();
        for mentions in view.tables.iter_mut().chain(view.columns.iter_mut().flatten()) {
            mentions.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.token.cmp(&b.token)));
            let mut seen: Vec<usize> = Vec::new();
            mentions.retain(|m| {
                !seen.contains(&m.token) && {
                    seen.push(m.token);
                    true
                }
            });
        }
        view.link_said();
        view.symbols = (0..tokens.len()).map(|i| view.symbol(i)).collect();
        view.evidence = schema.table_ids().map(|t| view.weigh(t)).collect();
        view
    }

    pub fn mentions(&self, column: ColumnId) -> &[Mention] {
        &self.columns[column.table.0][column.column]
    }

    /// The symbol at a distance from a token; the ends of the question have symbols of their own.
    pub fn around(&self, token: usize, distance: isize) -> &str {
        match token.checked_add_signed(distance) {
            None => "<",
            Some(at) => self.symbols.get(at).map_or(">", String::as_str),
        }
    }

    /// The columns people know the rows of a table by.
    pub fn display(&self, table: TableId) -> &[ColumnId] {
        self.ground.names.display(table)
    }

    fn link(&mut self, i: usize, token: &Token) {
        match &token.kind {
            TokenKind::Name(links) => self.add(i, links, 1.0),
            TokenKind::Value(value) => {
                let mention = &self.ground.analysis.values[*value];
                for hit in &mention.hits {
                    self.values.push(ValueLink {
                        token: i,
                        column: hit.column,
                        value: hit.value.clone(),
                        kind: hit.kind,
                        rows: hit.rows,
                    });
                }
            }
            _ => {}
        }
        let words = &self.ground.analysis.words[token.words.clone()];
        if matches!(token.kind, TokenKind::Time(_) | TokenKind::Punctuation | TokenKind::Number(_)) {
            return;
        }
        let lemmas: Vec<&str> = words.iter().map(|w| w.lemma.as_str()).collect();
        if matches!(token.kind, TokenKind::Value(_)) {
            let links = self.ground.names.look_up(&lemmas);
            self.add(i, &links, 1.0);
        }
        if lemmas.len() > 1 {
            for length in 1..lemmas.len() {
                for start in 0..=lemmas.len() - length {
                    let links = self.ground.names.look_up(&lemmas[start..start + length]);
                    self.add(i, &links, INSIDE);
                }
            }
        }
    }

    fn add(&mut self, token: usize, links: &[Link], weight: f64) {
        for link in links {
            let mention = Mention { token, score: (link.score * weight) as f32 };
            let best = &mut self.best[token];
            match link.target {
                Target::Table(t) => {
                    self.tables[t.0].push(mention);
                    best.1 = best.1.max(mention.score);
                }
                Target::Column(c) => {
                    self.columns[c.table.0][c.column].push(mention);
                    best.0 = best.0.max(mention.score);
                }
                Target::Metric(_) => {}
            }
        }
    }

    /// How many columns a token names about as well as by this mention.
    pub fn tied(&self, mention: Mention) -> usize {
        let near = |m: &Mention| m.token == mention.token && f64::from((m.score - mention.score).abs()) <= TIE;
        self.columns.iter().flatten().filter(|mentions| mentions.iter().any(near)).count()
    }

    /// How much speaks for a table: its best mention and what is linked in it.
    pub fn evidence(&self, table: TableId) -> f32 {
        self.evidence[table.0]
    }

    fn weigh(&self, table: TableId) -> f32 {
        let own = self.tables[table.0].first().map_or(0.0, |m| m.score);
        let mut by_token = vec![0.0_f32; self.tokens.len()];
        for mentions in &self.columns[table.0] {
            for mention in mentions {
                let rivals = self.best[mention.token].0.max(self.best[mention.token].1);
                if mention.score >= rivals - 0.05 {
                    let share = mention.score / self.tied(*mention).max(1) as f32;
                    by_token[mention.token] = by_token[mention.token].max(share);
                }
            }
        }
        let columns: f32 = by_token.iter().sum();
        own + 0.6 * columns
    }

    fn symbol(&self, i: usize) -> String {
        let token = &self.tokens[i];
        if let Some(x) = self.numbers[i] {
            return if (x - 1.0).abs() < 1e-9 { "ONE" } else { "NUM" }.to_owned();
        }
        match &token.kind {
            TokenKind::Word if self.values.iter().any(|v| v.token == i && v.kind == ValueMatchKind::Exact) => {
                "VAL".to_owned()
            }
            TokenKind::Word | TokenKind::Punctuation | TokenKind::Number(_) => token.lemma.clone(),
            TokenKind::Value(_) => "VAL".to_owned(),
            TokenKind::Time(_) => "TIME".to_owned(),
            TokenKind::Name(links) => match links.first().map(|l| l.target) {
                Some(Target::Table(_)) => "TAB".to_owned(),
                Some(Target::Metric(_)) => "MET".to_owned(),
                _ => "COL".to_owned(),
            },
        }
    }

    /// The table a token speaks of more than of any column.
    pub fn table_at(&self, token: usize) -> Option<TableId> {
        match self.tokens[token].links().first()?.target {
            Target::Table(t) => Some(t),
            _ => None,
        }
    }
}

fn spoken_number(token: &Token) -> Option<f64> {
    match token.kind {
        TokenKind::Number(x) => Some(x),
        TokenKind::Word => match token.folded.as_str() {
            "once" => Some(1.0),
            "twice" => Some(2.0),
            word => written_number(word).map(f64::from),
        },
        _ => None,
    }
}
