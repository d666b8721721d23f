//! How deep a statement is, told from its tokens: what the parser, the checks and the freeing of the tree will descend
//! into, each on the stack of the thread.
//!
//! Operators of one kind lean to the left, so each of them puts all before it one level deeper, closed parentheses
//! included. The estimate may be too high, never too low.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::Token;

/// Parentheses and `CASE` within each other.
const MAX_NESTING: usize = 100;
/// Levels of plain operators; SQLite has the same bound. Tried with a stack of 2 MB and a build without optimisation.
const MAX_DEPTH: usize = 1_000;
/// Plain operators that take as much of the stack as one like `LIKE` or `IS`.
const HEAVY: usize = 4;
/// Plain operators that take as much of the stack as a parenthesis, a function or a `CASE`, and as a subquery.
const NEST: usize = 8;
const SUBQUERY: usize = 16;

/// The depth of what was read so far.
pub struct Depth {
    levels: Vec<Level>,
}

/// What stands between an opening parenthesis, or a `CASE`, and its end.
#[derive(Default)]
struct Level {
    is_case: bool,
    /// What it takes by itself.
    cost: usize,
    /// Set operations so far.
    arms: usize,
    /// Of all up to the last `AND` or `OR`.
    spine: usize,
    /// Of what came since.
    operand: usize,
    /// Of the deepest of the parts before, which commas and clauses end.
    deepest: usize,
    /// `BETWEEN`s that wait for their `AND`.
    betweens: usize,
}

impl Level {
    fn nested(is_case: bool) -> Self {
        Self { is_case, cost: NEST, ..Self::default() }
    }

    fn depth(&self) -> usize {
        self.cost + self.arms + self.spine.max(self.operand)
    }

    fn end_part(&mut self) {
        self.deepest = self.deepest.max(self.spine.max(self.operand));
        (self.spine, self.operand, self.betweens) = (0, 0, 0);
    }

    fn join(&mut self) {
        self.spine = self.spine.max(self.operand) + 1;
        self.operand = 0;
    }

    fn word(&mut self, word: Keyword) {
        match word {
            Keyword::SELECT if self.cost > 0 => self.cost = SUBQUERY,
            Keyword::WHEN | Keyword::THEN | Keyword::ELSE | Keyword::FROM | Keyword::WHERE => self.end_part(),
            Keyword::UNION | Keyword::INTERSECT | Keyword::EXCEPT | Keyword::MINUS => {
                self.end_part();
                self.arms += 1;
            }
            Keyword::AND if self.betweens > 0 => {
                self.betweens -= 1;
                self.operand += 1;
            }
            Keyword::AND | Keyword::OR | Keyword::XOR | Keyword::JOIN => self.join(),
            Keyword::BETWEEN => {
                self.betweens += 1;
                self.operand += HEAVY;
            }
            Keyword::IS
            | Keyword::NOTNULL
            | Keyword::LIKE
            | Keyword::ILIKE
            | Keyword::RLIKE
            | Keyword::SIMILAR
            | Keyword::GLOB
            | Keyword::MATCH
            | Keyword::REGEXP
            | Keyword::IN
            | Keyword::MEMBER
            | Keyword::OVERLAPS
            | Keyword::OPERATOR
            | Keyword::AT
            | Keyword::DIV
            | Keyword::COLLATE => self.operand += HEAVY,
            Keyword::NOT => self.operand += 1,
            _ => {}
        }
    }
}

impl Depth {
    pub fn new() -> Self {
        Self { levels: vec![Level::default()] }
    }

    pub fn read(&mut self, token: &Token) {
        let Some(level) = self.levels.last_mut() else { return };
        match token {
            Token::LParen => self.levels.push(Level::nested(false)),
            Token::RParen => {
                // A `CASE` without its end cannot outlive the parenthesis it stands in.
                while self.levels.last().is_some_and(|level| level.is_case) {
                    self.close();
                }
                self.close();
            }
            Token::Comma => level.end_part(),
            Token::Word(word) if word.quote_style.is_none() => match word.keyword {
                Keyword::CASE => self.levels.push(Level::nested(true)),
                Keyword::END if level.is_case => self.close(),
                // The grammar of SQLite adds this one, which the parser's own knows nothing of.
                _ if word.value.eq_ignore_ascii_case("ISNULL") => level.operand += HEAVY,
                keyword => level.word(keyword),
            },
            Token::Word(_) | Token::Number(..) | Token::SingleQuotedString(_) | Token::Period => {}
            _ => level.operand += 1,
        }
    }

    pub fn is_too_great(&self) -> bool {
        let depth: usize = self.levels.iter().map(Level::depth).sum();
        self.levels.len() > MAX_NESTING || depth > MAX_DEPTH
    }

    fn close(&mut self) {
        if self.levels.len() < 2 {
            return;
        }
        let Some(closed) = self.levels.pop() else { return };
        if let Some(level) = self.levels.last_mut() {
            let depth = closed.cost + closed.arms + closed.deepest.max(closed.spine).max(closed.operand);
            level.operand = level.operand.max(depth);
        }
    }
}
