//! SQLite's grammar where the parser's own falls short: `IS` between any two values, `ISNULL`, `NOT GLOB`.

use std::any::TypeId;

use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};
use sqlparser::dialect::{Dialect, Precedence, SQLiteDialect};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::Token;

/// [`SQLiteDialect`] with what it lacks.
#[derive(Debug, Default)]
pub struct SqliteGrammar {
    inner: SQLiteDialect,
}

impl Dialect for SqliteGrammar {
    fn dialect(&self) -> TypeId {
        self.inner.dialect()
    }

    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        self.inner.is_delimited_identifier_start(ch)
    }

    fn identifier_quote_style(&self, identifier: &str) -> Option<char> {
        self.inner.identifier_quote_style(identifier)
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        self.inner.is_identifier_start(ch) || ch > '\u{ffff}'
    }

    /// A dollar sign may stand inside a name.
    fn is_identifier_part(&self, ch: char) -> bool {
        self.is_identifier_start(ch) || ch.is_ascii_digit() || ch == '$'
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        self.inner.supports_filter_during_aggregation()
    }

    fn parse_infix(&self, parser: &mut Parser<'_>, left: &Expr, precedence: u8) -> Option<Result<Expr, ParserError>> {
        is_null(parser, left)
            .or_else(|| is_between_values(parser, left, precedence))
            .or_else(|| not_matching(parser, left, precedence))
            .or_else(|| self.inner.parse_infix(parser, left, precedence))
    }

    fn get_next_precedence(&self, parser: &Parser<'_>) -> Option<Result<u8, ParserError>> {
        is_isnull(&parser.peek_token_ref().token).then(|| Ok(self.prec_value(Precedence::Is)))
    }

    fn supports_in_empty_list(&self) -> bool {
        self.inner.supports_in_empty_list()
    }

    fn supports_limit_comma(&self) -> bool {
        self.inner.supports_limit_comma()
    }

    fn supports_notnull_operator(&self) -> bool {
        self.inner.supports_notnull_operator()
    }

    fn supports_comma_separated_trim(&self) -> bool {
        self.inner.supports_comma_separated_trim()
    }

    fn supports_numeric_literal_underscores(&self) -> bool {
        self.inner.supports_numeric_literal_underscores()
    }

    fn supports_bitwise_shift_operators(&self) -> bool {
        true
    }
}

fn keyword_at(parser: &Parser<'_>, n: usize) -> Option<Keyword> {
    match &parser.peek_nth_token_ref(n).token {
        Token::Word(word) if word.quote_style.is_none() => Some(word.keyword),
        _ => None,
    }
}

fn is_isnull(token: &Token) -> bool {
    matches!(token, Token::Word(word) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case("ISNULL"))
}

/// `a ISNULL`.
fn is_null(parser: &mut Parser<'_>, left: &Expr) -> Option<Result<Expr, ParserError>> {
    if !is_isnull(&parser.peek_token_ref().token) {
        return None;
    }
    parser.next_token();
    Some(Ok(Expr::IsNull(Box::new(left.clone()))))
}

/// `a IS b` and `a IS NOT b`, which compare with NULLs as values.
fn is_between_values(parser: &mut Parser<'_>, left: &Expr, precedence: u8) -> Option<Result<Expr, ParserError>> {
    if keyword_at(parser, 0) != Some(Keyword::IS) {
        return None;
    }
    let negated = keyword_at(parser, 1) == Some(Keyword::NOT);
    let next = keyword_at(parser, 1 + usize::from(negated));
    if matches!(next, Some(Keyword::NULL | Keyword::TRUE | Keyword::FALSE | Keyword::DISTINCT)) {
        return None;
    }
    for _ in 0..=usize::from(negated) {
        parser.next_token();
    }
    let op = if negated { BinaryOperator::NotEq } else { BinaryOperator::Eq };
    Some(binary(parser, left, op, precedence))
}

/// `a NOT GLOB b`, and the same with `MATCH` and `REGEXP`.
fn not_matching(parser: &mut Parser<'_>, left: &Expr, precedence: u8) -> Option<Result<Expr, ParserError>> {
    if keyword_at(parser, 0) != Some(Keyword::NOT) {
        return None;
    }
    let op = match keyword_at(parser, 1)? {
        Keyword::GLOB => BinaryOperator::Glob,
        Keyword::MATCH => BinaryOperator::Match,
        Keyword::REGEXP => BinaryOperator::Regexp,
        _ => return None,
    };
    parser.next_token();
    parser.next_token();
    let matching = binary(parser, left, op, precedence);
    Some(matching.map(|expr| Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(expr) }))
}

fn binary(parser: &mut Parser<'_>, left: &Expr, op: BinaryOperator, precedence: u8) -> Result<Expr, ParserError> {
    let right = parser.parse_subexpr(precedence)?;
    Ok(Expr::BinaryOp { left: Box::new(left.clone()), op, right: Box::new(right) })
}
