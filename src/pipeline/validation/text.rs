//! The statement as text: one of it, short enough, in tokens that both parsers read alike.
//!
//! What is sent on is rendered from the tokens that were checked, so a comment or an odd literal cannot mean one
//! thing here and another to the database.

use sqlparser::ast::{Query, Statement as Parsed};
use sqlparser::dialect::{BigQueryDialect, Dialect as Grammar};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Tokenizer, Whitespace};

use super::depth::Depth;
use super::grammar::SqliteGrammar;
use super::refusal::Refusal;
use crate::schema::Dialect;

/// Bytes of the longest statement.
const MAX_BYTES: usize = 100_000;
/// Levels the parser may descend; tried with a stack of 2 MB.
const MAX_RECURSION: usize = 200;

/// One statement, in tokens.
pub struct Statement<'s> {
    source: &'s str,
    /// Every token up to the closing semicolon, blanks and comments included, with its bytes.
    tokens: Vec<(TokenWithSpan, std::ops::Range<usize>)>,
}

/// What is written in place of some tokens.
pub struct Edit {
    pub span: Span,
    pub text: String,
}

impl<'s> Statement<'s> {
    /// Cuts the text into tokens and refuses what is empty, too long, more than one statement, or not SQL.
    pub fn read(sql: &'s str, dialect: Dialect) -> Result<Self, Refusal> {
        if sql.len() > MAX_BYTES {
            let message = format!("the statement is longer than {MAX_BYTES} bytes");
            return Err(Refusal::new("too_long", message, "a statement of that length is not meant to be read"));
        }
        if sql.contains('\0') {
            let message = "the statement contains a NUL character";
            return Err(Refusal::new("syntax", message, "a database would read only what stands before it"));
        }
        let source = sql.trim_start_matches('\u{feff}');
        let tokens = tokenize(source, dialect)?;
        let statement = Self { source, tokens: first_statement(tokens)? };
        if let Some((verb, span)) = statement.verb() {
            return Err(Refusal::not_read_only(&verb).at(span));
        }
        statement.refuse_odd_tokens(dialect)?;
        statement.refuse_deep_nesting()?;
        statement.refuse_star_in_parentheses()?;
        Ok(statement)
    }

    /// The query that the statement is.
    pub fn parse(&self, dialect: Dialect) -> Result<Box<Query>, Refusal> {
        self.refuse_other_beginnings()?;
        let grammar = grammar(dialect);
        let parsed = Parser::new(grammar.as_ref())
            .with_recursion_limit(MAX_RECURSION)
            .with_tokens_with_locations(self.tokens_for_parser())
            .parse_statements()
            .map_err(|error| self.syntax_error(&error))?;
        match <[Parsed; 1]>::try_from(parsed) {
            Ok([Parsed::Query(query)]) => Ok(query),
            Ok(_) => Err(self.place(Refusal::not_read_only("this statement"))),
            Err(_) => Err(several_statements()),
        }
    }

    /// The text without comments and closing semicolons, with the edits made.
    pub fn render(&self, mut edits: Vec<Edit>) -> String {
        edits.sort_by_key(|edit| edit.span.start);
        edits.dedup_by_key(|edit| edit.span.start);
        let mut edits = edits.into_iter().peekable();
        let mut text = String::with_capacity(self.source.len());
        for (token, bytes) in &self.tokens {
            while edits.next_if(|edit| edit.span.end <= token.span.start).is_some() {}
            if let Some(edit) = edits.peek().filter(|edit| edit.span.start <= token.span.start) {
                if edit.span.start == token.span.start {
                    text.push_str(&edit.text);
                }
                continue;
            }
            match &token.token {
                Token::Whitespace(Whitespace::SingleLineComment { .. }) => text.push('\n'),
                Token::Whitespace(Whitespace::MultiLineComment(_)) => text.push(' '),
                _ => text.push_str(&self.source[bytes.clone()]),
            }
        }
        text.trim_matches(|c: char| c.is_ascii_whitespace()).to_owned()
    }

    /// Gives a refusal without a place that of the keyword its message names, or else the statement's first word.
    pub fn place(&self, refusal: Refusal) -> Refusal {
        if refusal.line > 0 || refusal.is_limit() {
            return refusal;
        }
        let place = {
            let named = refusal.message.split(|c: char| !c.is_ascii_alphabetic());
            let keywords: Vec<&str> = named.filter(|word| word.len() > 1 && is_upper(word)).collect();
            let is_named = |token: &&TokenWithSpan| match &token.token {
                Token::Word(word) => keywords.iter().any(|keyword| keyword.eq_ignore_ascii_case(&word.value)),
                Token::VerticalBarRightAngleBracket => keywords.contains(&"FETCH"),
                _ => false,
            };
            self.words().find(is_named).or_else(|| self.words().next()).map(|token| token.span)
        };
        place.map_or(refusal.clone(), |span| refusal.at(span))
    }

    pub fn has_word(&self, keyword: Keyword) -> bool {
        self.words().any(|token| matches!(&token.token, Token::Word(word) if word.keyword == keyword))
    }

    fn words(&self) -> impl Iterator<Item = &TokenWithSpan> {
        self.tokens.iter().map(|(token, _)| token).filter(|token| !matches!(token.token, Token::Whitespace(_)))
    }

    /// Leaves out what the parser does not know and what names nothing: `EXCLUDE` in a window frame, index hints,
    /// how a named query is kept.
    fn tokens_for_parser(&self) -> Vec<TokenWithSpan> {
        let words: Vec<&TokenWithSpan> = self.words().collect();
        let mut kept = Vec::with_capacity(words.len());
        let mut at = 0;
        while at < words.len() {
            let skip = unread_clause(&words[at..], kept.last());
            if skip == 0 {
                kept.push(words[at].clone());
            }
            at += skip.max(1);
        }
        kept
    }

    /// The verb of a statement that is no query, in capitals: `WITH ... DELETE` counts as a `DELETE`.
    fn verb(&self) -> Option<(String, Span)> {
        let plain = |token: &Token| match token {
            Token::Word(word) if word.quote_style.is_none() => Some(word.value.to_uppercase()),
            _ => None,
        };
        let mut words = self.words().peekable();
        let first = words.next()?;
        let verb = plain(&first.token)?;
        if verb != "WITH" {
            return is_command(&verb).then_some((verb, first.span));
        }
        let mut depth = 0_i32;
        while let Some(TokenWithSpan { token, span }) = words.next() {
            depth += i32::from(*token == Token::LParen) - i32::from(*token == Token::RParen);
            let called = words.peek().is_some_and(|next| next.token == Token::LParen);
            if depth == 0 && !called {
                let writes = plain(token).filter(|word| WRITING_VERBS.contains(&word.as_str()));
                if let Some(verb) = writes {
                    return Some((verb, *span));
                }
            }
        }
        None
    }

    fn syntax_error(&self, error: &ParserError) -> Refusal {
        let message = match error {
            ParserError::RecursionLimitExceeded => return nested_too_deeply(),
            ParserError::TokenizerError(message) | ParserError::ParserError(message) => message,
        };
        let (message, location) = split_location(message);
        let refusal = Refusal::new("syntax", format!("syntax error: {message}"), "the statement does not parse");
        let last = self.words().last().map(|token| Span::new(token.span.end, token.span.end));
        let Some(start) = location.filter(|location| location.line > 0) else {
            // The parser has no place for what is missing at the end.
            return last.map_or(refusal.clone(), |end| refusal.at(end));
        };
        let token = self.words().find(|token| token.span.start == start);
        refusal.at(token.map_or(Span::new(start, start), |token| token.span))
    }

    /// What is no query is not parsed at all: into a `CASE`, `IF` or `WHILE` statement the parser descends without a
    /// bound.
    fn refuse_other_beginnings(&self) -> Result<(), Refusal> {
        let begins_query = |token: &Token| match token {
            Token::LParen => true,
            Token::Word(word) => {
                let is_known =
                    matches!(word.keyword, Keyword::SELECT | Keyword::WITH | Keyword::VALUES | Keyword::FROM);
                is_known && word.quote_style.is_none()
            }
            _ => false,
        };
        match self.words().next() {
            Some(first) if !begins_query(&first.token) => {
                let message = format!("syntax error: Expected: a query, found: {}", first.token);
                Err(Refusal::new("syntax", message, "the statement does not parse").at(first.span))
            }
            _ => Ok(()),
        }
    }

    /// Literals and marks that SQLite reads otherwise, or that wait for a value nobody gives.
    fn refuse_odd_tokens(&self, dialect: Dialect) -> Result<(), Refusal> {
        let odd = self.words().find(|token| match &token.token {
            Token::Placeholder(_) | Token::Question | Token::AtAt | Token::Backslash => true,
            Token::NationalStringLiteral(_)
            | Token::EscapedStringLiteral(_)
            | Token::UnicodeStringLiteral(_)
            | Token::DollarQuotedString(_)
            | Token::QuoteDelimitedStringLiteral(_)
            | Token::NationalQuoteDelimitedStringLiteral(_)
            | Token::TripleSingleQuotedString(_)
            | Token::Char(_)
            | Token::AtSign
            | Token::Colon
            | Token::DoubleColon
            | Token::LBrace
            | Token::Sharp => dialect == Dialect::Sqlite,
            Token::Word(word) => word.quote_style.is_none() && word.value.starts_with('@'),
            _ => false,
        });
        odd.map_or(Ok(()), |token| {
            let message = format!("syntax error: unexpected {}", token.token);
            Err(Refusal::new("syntax", message, "it has no meaning in a complete query").at(token.span))
        })
    }

    /// The parser reads `SELECT (*)` as `SELECT *`, the database does not.
    fn refuse_star_in_parentheses(&self) -> Result<(), Refusal> {
        let words: Vec<&TokenWithSpan> = self.words().collect();
        let begins_item = |token: &Token| match token {
            Token::Comma | Token::LParen => true,
            Token::Word(word) => {
                word.quote_style.is_none() && matches!(word.keyword, Keyword::SELECT | Keyword::DISTINCT | Keyword::ALL)
            }
            _ => false,
        };
        for four in words.windows(4) {
            let [before, open, star, close] = four else { continue };
            if (&open.token, &star.token, &close.token) == (&Token::LParen, &Token::Mul, &Token::RParen)
                && begins_item(&before.token)
            {
                return Err(Refusal::unsupported("* in parentheses").at(star.span));
            }
        }
        Ok(())
    }

    /// Bounds what the parser and the checks descend into, before they do.
    fn refuse_deep_nesting(&self) -> Result<(), Refusal> {
        let mut depth = Depth::new();
        for token in self.words() {
            depth.read(&token.token);
            if depth.is_too_great() {
                return Err(nested_too_deeply().at(token.span));
            }
        }
        Ok(())
    }
}

fn grammar(dialect: Dialect) -> Box<dyn Grammar> {
    match dialect {
        Dialect::Sqlite => Box::<SqliteGrammar>::default(),
        Dialect::BigQuery => Box::new(BigQueryDialect {}),
    }
}

fn tokenize(source: &str, dialect: Dialect) -> Result<Vec<(TokenWithSpan, std::ops::Range<usize>)>, Refusal> {
    let grammar = grammar(dialect);
    let tokens =
        Tokenizer::new(grammar.as_ref(), source).with_unescape(true).tokenize_with_location().map_err(|e| {
            Refusal::new("syntax", format!("syntax error: {}", e.message), "the statement does not parse")
                .at_location(e.location)
        })?;
    let starts = byte_offsets(source, &tokens);
    let ends = starts.iter().skip(1).copied().chain([source.len()]);
    Ok(tokens.into_iter().zip(starts.iter().copied().zip(ends).map(|(start, end)| start..end)).collect())
}

/// Where each token starts, in bytes; tokens count lines and characters.
fn byte_offsets(source: &str, tokens: &[TokenWithSpan]) -> Vec<usize> {
    let mut at = Location::new(1, 1);
    let mut characters = source.char_indices().peekable();
    let mut offsets = Vec::with_capacity(tokens.len());
    for token in tokens {
        while (at.line, at.column) < (token.span.start.line, token.span.start.column) {
            match characters.next() {
                Some((_, '\n')) => at = Location::new(at.line + 1, 1),
                Some(_) => at = Location::new(at.line, at.column + 1),
                None => break,
            }
        }
        offsets.push(characters.peek().map_or(source.len(), |(offset, _)| *offset));
    }
    offsets
}

type Tokens = Vec<(TokenWithSpan, std::ops::Range<usize>)>;

fn first_statement(mut tokens: Tokens) -> Result<Tokens, Refusal> {
    let semicolon = tokens.iter().position(|(token, _)| token.token == Token::SemiColon).unwrap_or(tokens.len());
    let rest = tokens.split_off(semicolon);
    let first_word = |tokens: &Tokens| {
        let mut words = tokens.iter().map(|(token, _)| token);
        let says_something =
            |token: &&TokenWithSpan| !matches!(token.token, Token::Whitespace(_) | Token::SemiColon | Token::EOF);
        words.find(says_something).map(|token| token.span)
    };
    if let Some(second) = first_word(&rest) {
        return Err(several_statements().at(second));
    }
    if first_word(&tokens).is_none() {
        return Err(Refusal::new("empty", "there is no statement", "the text holds nothing but blanks and comments"));
    }
    Ok(tokens)
}

fn nested_too_deeply() -> Refusal {
    let why = "an expression of that depth would exhaust the parser";
    Refusal::new("too_long", "the statement is nested too deeply", why)
}

fn several_statements() -> Refusal {
    let message = "more than one statement: only one is run";
    Refusal::new("several_statements", message, "a second statement could hide behind the first")
}

/// The number of words of a clause that only the database reads.
fn unread_clause(words: &[&TokenWithSpan], before: Option<&TokenWithSpan>) -> usize {
    let word = |n: usize| match words.get(n).map(|token| &token.token) {
        Some(Token::Word(word)) if word.quote_style.is_none() => word.value.to_uppercase(),
        Some(Token::LParen) => "(".to_owned(),
        _ => String::new(),
    };
    let after_as = before.is_some_and(|token| matches!(&token.token, Token::Word(word) if word.keyword == Keyword::AS));
    match (word(0).as_str(), word(1).as_str(), word(2).as_str()) {
        ("EXCLUDE", "NO", "OTHERS") | ("EXCLUDE", "CURRENT", "ROW") | ("INDEXED", "BY", _) => 3,
        ("NOT", "MATERIALIZED", "(") if after_as => 2,
        ("MATERIALIZED", "(", _) if after_as => 1,
        ("EXCLUDE", "GROUP" | "TIES", _) | ("NOT", "INDEXED", _) => 2,
        _ => 0,
    }
}

const WRITING_VERBS: &[&str] = &["INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE"];

/// Words that begin a statement which changes something or steers the database.
fn is_command(word: &str) -> bool {
    const WORDS: &str = "UPSERT CREATE DROP ALTER TRUNCATE RENAME ATTACH DETACH PRAGMA VACUUM REINDEX ANALYZE BEGIN COMMIT \
        END ROLLBACK SAVEPOINT RELEASE START EXPLAIN GRANT REVOKE SET RESET USE CALL EXEC EXECUTE LOAD COPY IMPORT EXPORT \
        INSTALL LOCK UNLOCK DECLARE DO SHOW DESCRIBE DESC KILL FLUSH PREPARE DEALLOCATE LISTEN NOTIFY UNLISTEN CLUSTER \
        COMMENT REFRESH ASSERT RAISE UNDROP HANDLER CACHE UNCACHE OPTIMIZE";
    WRITING_VERBS.contains(&word) || WORDS.split_ascii_whitespace().any(|known| known == word)
}

fn is_upper(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// The parser writes the place at the end of its message.
fn split_location(message: &str) -> (&str, Option<Location>) {
    let place = |text: &str| -> Option<Location> {
        let (line, column) = text.split_once(", Column: ")?;
        Some(Location::new(line.parse().ok()?, column.trim().parse().ok()?))
    };
    match message.rsplit_once(" at Line: ") {
        Some((text, rest)) => (text, place(rest)),
        None => (message, None),
    }
}
