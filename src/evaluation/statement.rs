//! Statements as the open scorers read them: as text, with what stands in quotes left alone.

/// A statement cut into what stands outside of quotes and what is quoted, marks included.
struct Pieces<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Pieces<'a> {
    /// Whether it is quoted, and the text.
    type Item = (bool, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let first = self.rest.chars().next()?;
        let is_mark = |c: char| matches!(c, '\'' | '"' | '`' | '[');
        let is_quoted = is_mark(first);
        let end = if is_quoted { quoted_end(self.rest, first) } else { self.rest.find(is_mark) };
        let (piece, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        Some((is_quoted, piece))
    }
}

/// Behind the closing mark; a doubled mark closes nothing. `None` if the quote stays open.
fn quoted_end(text: &str, open: char) -> Option<usize> {
    let close = if open == '[' { ']' } else { open };
    let mut at = open.len_utf8();
    loop {
        at += text[at..].find(close)? + close.len_utf8();
        if open == '[' || !text[at..].starts_with(close) {
            return Some(at);
        }
        at += close.len_utf8();
    }
}

fn pieces(sql: &str) -> Pieces<'_> {
    Pieces { rest: sql }
}

/// Without its DISTINCTs.
pub fn without_distinct(sql: &str) -> String {
    const WORD: &str = "distinct";
    let mut out = String::with_capacity(sql.len());
    for (is_quoted, piece) in pieces(sql) {
        let mut rest = piece;
        while let (false, Some((before, after))) = (is_quoted, split_at_word(rest, &[WORD])) {
            out.push_str(before);
            out.push(' ');
            rest = after;
        }
        out.push_str(rest);
    }
    out
}

/// True if the whole sorts its rows: an ORDER BY outside of every parenthesis.
pub fn has_top_level_order(sql: &str) -> bool {
    let (mut depth, mut outside) = (0_usize, String::with_capacity(sql.len()));
    for (is_quoted, piece) in pieces(sql) {
        if is_quoted {
            outside.push(' ');
            continue;
        }
        for c in piece.chars() {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                c if depth == 0 => outside.push(c),
                _ => {}
            }
            if depth > 0 {
                outside.push(' ');
            }
        }
    }
    split_at_word(&outside, &["order", "by"]).is_some()
}

/// With the comparisons whose two signs stand apart put together, as one open set writes them.
pub fn tidied(sql: &str) -> String {
    sql.replace("> =", ">=").replace("< =", "<=").replace("! =", "!=")
}

/// What stands before and after the first place where these words follow each other, whatever their case.
fn split_at_word<'a>(text: &'a str, words: &[&str]) -> Option<(&'a str, &'a str)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let starts = text.char_indices().map(|(at, _)| at).filter(|at| !text[..*at].ends_with(is_word));
    let mut found = starts.filter_map(|start| {
        let mut rest = &text[start..];
        for (number, word) in words.iter().enumerate() {
            if number > 0 {
                rest = Some(rest.trim_start()).filter(|trimmed| trimmed.len() < rest.len())?;
            }
            let head = rest.get(..word.len()).filter(|head| head.eq_ignore_ascii_case(word))?;
            rest = &rest[head.len()..];
            if rest.starts_with(is_word) {
                return None;
            }
        }
        Some((&text[..start], rest))
    });
    found.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_distinct_away_but_not_from_quotes() {
        let cases = [
            ("SELECT DISTINCT a FROM t", "SELECT   a FROM t"),
            ("SELECT count(distinct a), Distinct b", "SELECT count(  a),   b"),
            (
                "SELECT distinct_a, a_distinct, 'DISTINCT it''s distinct' FROM t",
                "SELECT distinct_a, a_distinct, 'DISTINCT it''s distinct' FROM t",
            ),
            (
                "SELECT \"distinct\", `distinct`, [distinct], distinct 'open",
                "SELECT \"distinct\", `distinct`, [distinct],   'open",
            ),
            ("größe distinct", "größe  "),
            ("", ""),
        ];
        for (sql, bare) in cases {
            assert_eq!(without_distinct(sql), bare);
        }
    }

    #[test]
    fn sees_an_order_of_the_whole_only() {
        for sql in [
            "SELECT a FROM t ORDER BY a",
            "SELECT a FROM t order\n by a",
            "SELECT (1)) ORDER BY a",
            "SELECT ')' x ORDER BY 1",
        ] {
            assert!(has_top_level_order(sql), "{sql}");
        }
        for sql in [
            "SELECT a FROM (SELECT a FROM t ORDER BY a)",
            "SELECT a FROM t WHERE b = 'x ORDER BY y'",
            "SELECT row_number() OVER (ORDER BY a) FROM t",
            "SELECT a AS orderby, reorder by_b",
            "SELECT order_by",
        ] {
            assert!(!has_top_level_order(sql), "{sql}");
        }
    }

    #[test]
    fn puts_signs_together() {
        assert_eq!(tidied("a > = 1 AND b < = 2 AND c ! = 3"), "a >= 1 AND b <= 2 AND c != 3");
    }
}
