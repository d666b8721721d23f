//! "Why": a question for a reason, which is data where reasons are stored of what is spoken of.

use super::names::{Link, Target};
use super::reading::Ground;
use super::tokens::{Token, TokenKind};
use crate::schema::{ColumnId, TableId, ValueMatchKind};

/// What becomes of a question for reasons.
pub enum Why {
    /// It asks for none: the tokens as they were.
    No(Vec<Token>),
    /// It asks for a stored reason, which now stands in place of the "why".
    Stored(Vec<Token>),
    /// No reason is stored of what it speaks of.
    Unknown,
}

/// A link that is the name of a table, or as good as its name.
const NAMED: f64 = 0.7;

/// A name with its table before it.
const QUALIFIED: f64 = 0.9;

/// Asked of a degree ("so high", "so few"), "why" wants a cause, which no row gives.
const DEGREES: [&str; 26] = [
    "so",
    "such",
    "too",
    "high",
    "low",
    "little",
    "few",
    "much",
    "many",
    "big",
    "small",
    "bad",
    "good",
    "poor",
    "slow",
    "expensive",
    "cheap",
    "popular",
    "better",
    "worse",
    "higher",
    "lower",
    "more",
    "less",
    "fewer",
    "most",
];

/// Reads "why" as the name of a stored reason.
pub fn read(mut tokens: Vec<Token>, ground: Ground<'_>) -> Why {
    let Some((at, end)) = cue(&tokens) else { return Why::No(tokens) };
    let rest: Vec<Token> = tokens[..at].iter().chain(&tokens[end..]).cloned().collect();
    if rest.iter().any(|t| t.is(&DEGREES)) {
        return Why::Unknown;
    }
    let Some((column, score)) = reason(&rest, ground) else { return Why::Unknown };
    let words = tokens[at].words.start..tokens[end - 1].words.end;
    let kind = TokenKind::Name(vec![Link { target: Target::Column(column), score }]);
    let reason = Token { words, kind, lemma: "reason".to_owned(), folded: "reason".to_owned() };
    tokens.splice(at..end, [reason]);
    part(&mut tokens, column.table);
    put_straight(&mut tokens, at + 1);
    Why::Stored(tokens)
}

/// "why" at the head of a clause, "how come", "what caused".
fn cue(tokens: &[Token]) -> Option<(usize, usize)> {
    (0..tokens.len()).find_map(|i| {
        let next = |words: &[&str]| tokens.get(i + 1).is_some_and(|t| t.is(words));
        let heads = i == 0 || tokens[i - 1].is(&["and", "but", "explain", "know", "say", "tell", "me", ",", ".", ";"]);
        if tokens[i].is(&["why"]) && heads {
            Some((i, i + 1))
        } else if tokens[i].is(&["how"]) && next(&["come"]) && heads || tokens[i].is(&["what"]) && next(&["caused"]) {
            Some((i, i + 2))
        } else {
            None
        }
    })
}

/// The column of reasons of what is spoken of: in a table that is named or told of by a value, else in one that lies
/// between those that are.
fn reason(rest: &[Token], ground: Ground<'_>) -> Option<(ColumnId, f64)> {
    let told: Vec<TableId> = ground.schema.table_ids().filter(|t| tells_of(rest, *t, ground)).collect();
    let between = ground.graph.join(&told, &[]).map(|tree| tree.tables()).unwrap_or_default();
    let mut best: Option<(f64, ColumnId, f64)> = None;
    for link in ground.names.look_up(&["reason"]) {
        let Target::Column(id) = link.target else { continue };
        if !between.contains(&id.table) || ground.schema.profile(id).numeric {
            continue;
        }
        let total = link.score + if told.contains(&id.table) { 1.0 } else { 0.0 };
        if best.is_none_or(|(b, ..)| total > b + 1e-9) {
            best = Some((total, id, link.score));
        }
    }
    best.map(|(_, id, score)| (id, score))
}

/// The table is named, or a value that it alone holds.
fn tells_of(rest: &[Token], table: TableId, ground: Ground<'_>) -> bool {
    rest.iter().any(|token| match &token.kind {
        TokenKind::Name(links) => {
            links.iter().any(|l| l.target == Target::Table(table) && l.score >= NAMED)
                || qualified(token, table).is_some()
        }
        TokenKind::Value(mention) => {
            let mention = &ground.analysis.values[*mention];
            mention.kind != ValueMatchKind::Partial
                && !mention.hits.is_empty()
                && mention.hits.iter().all(|h| h.column.table == table)
        }
        _ => false,
    })
}

/// The column that two words name after its table: "samples rejected".
fn qualified(token: &Token, table: TableId) -> Option<ColumnId> {
    if token.words.len() != 2 {
        return None;
    }
    token.links().iter().find_map(|l| match l.target {
        Target::Column(id) if id.table == table && l.score >= QUALIFIED => Some(id),
        _ => None,
    })
}

/// "samples rejected" is a thing and what was done with it.
fn part(tokens: &mut Vec<Token>, table: TableId) {
    let found = tokens.iter().enumerate().find_map(|(i, t)| qualified(t, table).map(|id| (i, id)));
    let Some((i, id)) = found else { return };
    let start = tokens[i].words.start;
    let half = |n: usize, target: Target| {
        let piece = |text: &str| text.split(' ').nth(n).unwrap_or_default().to_owned();
        Token {
            words: start + n..start + n + 1,
            kind: TokenKind::Name(vec![Link { target, score: 1.0 }]),
            lemma: piece(&tokens[i].lemma),
            folded: piece(&tokens[i].folded),
        }
    };
    let halves = [half(0, Target::Table(table)), half(1, Target::Column(id))];
    tokens.splice(i..=i, halves);
}

/// "were samples rejected" is "samples were rejected".
fn put_straight(tokens: &mut Vec<Token>, at: usize) {
    if !tokens.get(at).is_some_and(|t| t.is(&["is", "are", "was", "were", "has", "have", "had"])) {
        return;
    }
    let thing = |t: &Token| matches!(t.kind, TokenKind::Name(_) | TokenKind::Value(_)) || t.is(&["the", "our", "all"]);
    let Some(first) = tokens.get(at + 1) else { return };
    if !thing(first) {
        return;
    }
    let mut end = at + 1;
    while tokens.get(end).is_some_and(|t| t.is(&["the", "our", "all"])) {
        end += 1;
    }
    if end + 1 < tokens.len() {
        let verb = tokens.remove(at);
        tokens.insert(end, verb);
    }
}
