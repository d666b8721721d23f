//! SQL as people read it: cut into tokens for highlighting and laid out in clauses. Only blanks and line breaks change.

/// What a piece of SQL is, for highlighting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    Keyword,
    Name,
    Text,
    Number,
    Comment,
    Symbol,
    Blank,
}

const KEYWORDS: &[&str] = &[
    "all",
    "and",
    "as",
    "asc",
    "between",
    "by",
    "case",
    "cast",
    "cross",
    "current",
    "desc",
    "distinct",
    "else",
    "end",
    "except",
    "exists",
    "filter",
    "first",
    "following",
    "from",
    "full",
    "group",
    "having",
    "in",
    "inner",
    "intersect",
    "is",
    "join",
    "last",
    "left",
    "like",
    "limit",
    "natural",
    "not",
    "null",
    "nulls",
    "offset",
    "on",
    "or",
    "order",
    "outer",
    "over",
    "partition",
    "preceding",
    "range",
    "recursive",
    "right",
    "row",
    "rows",
    "select",
    "then",
    "unbounded",
    "union",
    "using",
    "values",
    "when",
    "where",
    "window",
    "with",
];

/// Words that begin a clause, and so a line.
const CLAUSES: &[&str] = &[
    "select",
    "from",
    "where",
    "group",
    "having",
    "order",
    "limit",
    "window",
    "union",
    "except",
    "intersect",
    "join",
    "left",
    "right",
    "inner",
    "cross",
    "full",
    "natural",
];

/// Words that may stand before the one that would begin a line.
const JOIN_PREFIXES: &[&str] = &["left", "right", "inner", "cross", "full", "natural", "outer"];

/// The pieces of a statement, in order; together they are the whole text.
pub fn tokens(sql: &str) -> Vec<(Token, &str)> {
    let mut tokens = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let (token, length) = next_token(rest, first);
        let (piece, after) = rest.split_at(length);
        tokens.push((token, piece));
        rest = after;
    }
    tokens
}

/// Cells of a line that is easily read.
const READABLE: usize = 60;

/// The statement over several lines, one clause and one column each. A statement with line breaks and lines that can be
/// read, or with comments, is left as it is.
pub fn laid_out(sql: &str) -> String {
    let has_layout = sql.trim().contains('\n') && sql.lines().all(|line| line.chars().count() <= READABLE);
    if has_layout || tokens(sql).iter().any(|(token, _)| *token == Token::Comment) {
        return sql.trim_end().to_owned();
    }
    let mut layout = Layout::default();
    let pieces: Vec<_> = tokens(sql).into_iter().filter(|(token, _)| *token != Token::Blank).collect();
    let mut at = 0;
    for (index, (token, piece)) in pieces.iter().enumerate() {
        let gap = at > 0 && sql[..offset(sql, piece)].ends_with(char::is_whitespace);
        let next = pieces.get(index + 1).map_or("", |(_, piece)| piece);
        layout.add(*token, piece, next, gap);
        at += piece.len();
    }
    layout.text
}

fn offset(whole: &str, part: &str) -> usize {
    part.as_ptr() as usize - whole.as_ptr() as usize
}

/// One open parenthesis: whether a query is inside, and the clause being written there.
#[derive(Default)]
struct Level {
    query: bool,
    clause: String,
    between: bool,
}

#[derive(Default)]
struct Layout {
    text: String,
    outer: Level,
    levels: Vec<Level>,
    previous: String,
}

impl Layout {
    fn add(&mut self, token: Token, piece: &str, next: &str, gap: bool) {
        let word = if token == Token::Keyword { piece.to_ascii_lowercase() } else { String::new() };
        if piece == ")" {
            self.close();
        } else if let Some(indent) = self.break_before(&word) {
            self.new_line(indent);
        } else if gap && !self.text.is_empty() && !self.text.ends_with('\n') && !self.text.ends_with(' ') {
            self.text.push(' ');
        }
        self.text.push_str(piece);
        self.track(&word, piece, next);
        self.previous = word;
    }

    fn level(&mut self) -> &mut Level {
        self.levels.last_mut().unwrap_or(&mut self.outer)
    }

    fn depth(&self) -> usize {
        self.levels.iter().filter(|level| level.query).count()
    }

    fn in_query(&self) -> bool {
        self.levels.last().is_none_or(|level| level.query)
    }

    /// Columns to indent by if this word begins a line.
    fn break_before(&mut self, word: &str) -> Option<usize> {
        if word.is_empty() || self.text.is_empty() || !self.in_query() || self.text.ends_with('\n') {
            return None;
        }
        let base = self.depth() * 2;
        if CLAUSES.contains(&word) && !JOIN_PREFIXES.contains(&self.previous.as_str()) {
            return Some(base);
        }
        let condition = matches!(self.level().clause.as_str(), "where" | "having");
        let ends_between = std::mem::take(&mut self.level().between) && word == "and";
        (condition && !ends_between && matches!(word, "and" | "or")).then_some(base + 2)
    }

    fn new_line(&mut self, indent: usize) {
        self.text.truncate(self.text.trim_end().len());
        self.text.push('\n');
        self.text.push_str(&" ".repeat(indent));
    }

    fn track(&mut self, word: &str, piece: &str, next: &str) {
        if CLAUSES.contains(&word) {
            word.clone_into(&mut self.level().clause);
        }
        if word == "between" {
            self.level().between = true;
        }
        match piece {
            "(" => self.open(next),
            "," if self.in_query() && self.level().clause == "select" => {
                let indent = self.depth() * 2 + "select ".len();
                self.new_line(indent);
            }
            _ => {}
        }
    }

    fn open(&mut self, next: &str) {
        let query = next.eq_ignore_ascii_case("select") || next.eq_ignore_ascii_case("with");
        self.levels.push(Level { query, ..Level::default() });
    }

    fn close(&mut self) {
        if self.levels.pop().is_some_and(|level| level.query) {
            let indent = self.depth() * 2;
            self.new_line(indent);
        }
    }
}

fn next_token(rest: &str, first: char) -> (Token, usize) {
    let bytes = rest.len();
    match first {
        c if c.is_whitespace() => (Token::Blank, span(rest, char::is_whitespace)),
        '\'' => (Token::Text, quoted(rest, '\'')),
        '"' => (Token::Name, quoted(rest, '"')),
        '`' => (Token::Name, quoted(rest, '`')),
        '-' if rest.starts_with("--") => (Token::Comment, rest.find('\n').unwrap_or(bytes)),
        '/' if rest.starts_with("/*") => (Token::Comment, rest[2..].find("*/").map_or(bytes, |end| end + 4)),
        c if c.is_ascii_digit() => (Token::Number, span(rest, |c| c.is_ascii_alphanumeric() || c == '.')),
        c if c.is_alphabetic() || c == '_' => {
            let length = span(rest, |c| c.is_alphanumeric() || c == '_' || c == '$');
            let word = &rest[..length];
            let keyword = KEYWORDS.iter().any(|k| k.eq_ignore_ascii_case(word));
            (if keyword { Token::Keyword } else { Token::Name }, length)
        }
        c => (Token::Symbol, c.len_utf8()),
    }
}

fn span(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// Length of a quoted piece; a doubled quote is part of it, an open one runs to the end.
fn quoted(text: &str, quote: char) -> usize {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return at + 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_make_up_the_whole_text() {
        let sql = "SELECT a.\"b\", 'it''s', 1.5 /* c */ FROM t -- end\nWHERE x >= ? AND y = 'open";
        assert_eq!(tokens(sql).iter().map(|(_, piece)| *piece).collect::<String>(), sql);
        assert!(tokens(sql).contains(&(Token::Text, "'it''s'")));
        assert!(tokens(sql).contains(&(Token::Comment, "/* c */")));
        assert_eq!(tokens(sql).last(), Some(&(Token::Text, "'open")));
    }

    #[test]
    fn lays_out_clauses_columns_and_conditions() {
        let sql = "SELECT p.a AS x, SUM(m.b, 2) AS y FROM m LEFT JOIN p ON m.i = p.i WHERE d BETWEEN 1 AND 2 AND e = 3 \
                   GROUP BY p.a ORDER BY y DESC LIMIT 5";
        let expected = "SELECT p.a AS x,\n       SUM(m.b, 2) AS y\nFROM m\nLEFT JOIN p ON m.i = p.i\nWHERE d BETWEEN 1 AND 2\n  \
                        AND e = 3\nGROUP BY p.a\nORDER BY y DESC\nLIMIT 5";
        assert_eq!(laid_out(sql), expected);
    }

    #[test]
    fn lays_out_a_query_in_parentheses() {
        let sql = "WITH s AS (SELECT a, b FROM t) SELECT COUNT(*) FROM s WHERE a IN (1, 2)";
        let expected = "WITH s AS (\n  SELECT a,\n         b\n  FROM t\n)\nSELECT COUNT(*)\nFROM s\nWHERE a IN (1, 2)";
        assert_eq!(laid_out(sql), expected);
    }

    #[test]
    fn changes_nothing_but_blanks() {
        let without_blanks = |sql: &str| sql.split_whitespace().collect::<String>();
        for sql in ["select ( ( )", ") ) and or (", "SELECT 'a  b',c FROM(SELECT 1)x", "", "'", "between and"] {
            assert_eq!(without_blanks(&laid_out(sql)), without_blanks(sql));
        }
    }

    #[test]
    fn keeps_the_layout_of_a_statement_that_has_one() {
        assert_eq!(laid_out("select 1,\n  2 from t\n"), "select 1,\n  2 from t");
        let noted = format!("select 1 -- one\nfrom {}", "t".repeat(80));
        assert_eq!(laid_out(&noted), noted);
    }

    #[test]
    fn lays_out_again_what_is_too_wide_to_read() {
        let (a, b) = ("a".repeat(30), "b".repeat(30));
        assert_eq!(laid_out(&format!("SELECT {a}, {b}\nFROM t")), format!("SELECT {a},\n       {b}\nFROM t"));
    }
}
