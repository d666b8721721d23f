//! Whether a question goes on from the one before it or stands for itself.

use super::super::reading::Fragment;
use super::super::tokens::TokenKind;
use super::cues::{BY_PERIOD, THE_TWO};
use crate::schema::TableId;

/// What a question is beside the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Understood without the one before.
    New,
    /// Says only what is to be changed.
    Edit,
    /// An edit if it can be read as one; else for itself.
    Either,
    /// A clause about what the last answer showed: "how many orders do they have?".
    Pronoun,
}

/// Begin a change. Phrases of several words come first.
const OPENINGS: [&str; 30] = [
    "what about",
    "how about",
    "the same",
    "same for",
    "same thing",
    "and",
    "but",
    "or",
    "only",
    "just",
    "now",
    "instead",
    "also",
    "without",
    "excluding",
    "exclude",
    "except",
    "same",
    "leave out",
    "leaving out",
    "include",
    "including",
    "add",
    "then",
    "not",
    "restrict",
    "filter",
    "limit",
    "keep",
    "ignore",
];
/// Orders that are given about a result, not about data.
const ORDERS: [&str; 22] = [
    "sort", "order", "reverse", "reversed", "split", "break", "group", "undo", "back", "swap", "switch", "hide",
    "drop", "remove", "clear", "replace", "change", "flip", "make", "narrow", "expand", "plot",
];
const ANYWHERE: [&str; 6] = ["instead", "too", "as well", "instead of", "again", "rather than"];
pub const PRONOUNS: [&str; 8] = ["they", "them", "those", "these", "their", "its", "theirs", "ones"];
/// Ask of something on its own.
const QUESTIONS: [&str; 10] = ["which", "what", "who", "whose", "where", "when", "how many", "how much", "is", "are"];
const COMMANDS: [&str; 10] = ["list", "show", "give", "find", "count", "tell", "display", "name", "get", "compute"];

/// More words than this say enough to stand for themselves.
const SHORT: usize = 6;

pub fn kind(fragment: &Fragment<'_>, about: &[TableId]) -> Kind {
    let start = fragment.skip(0, &["ok", "okay", "please", "so", "well", "then", "now", ","]);
    let opens = start > 0 && fragment.phrase(0, "now").is_some()
        || OPENINGS.iter().any(|p| fragment.phrase(start, p).is_some())
        || BY_PERIOD.iter().any(|(p, _)| fragment.phrase(start, p).is_some())
        || fragment.find(&THE_TWO).is_some()
        || compares_with(fragment, start);
    let ordered = ORDERS.iter().any(|p| fragment.phrase(start, p).is_some());
    let anywhere = fragment.find(&ANYWHERE).is_some();
    let rest = fragment.skip(start, &["and", "but", "also", "then", "or"]);
    let asks =
        QUESTIONS.iter().any(|p| fragment.phrase(rest, p).is_some()) && fragment.phrase(rest, "what about").is_none();
    let commands = COMMANDS.iter().any(|p| fragment.phrase(rest, p).is_some());
    let complete = is_complete(fragment);
    if let Some(at) = pronoun(fragment) {
        // "only those in 2024" narrows; "how many orders do they have" asks; "break food down into its kinds" splits.
        let splits = ordered && fragment.word(at.saturating_sub(1), &["into", "by", "to"]);
        return if splits && !asks {
            Kind::Edit
        } else if asks || at > rest + 1 && names_other(fragment, about) {
            Kind::Pronoun
        } else {
            Kind::Edit
        };
    }
    let elsewhere = names_other(fragment, about);
    match (opens || ordered || anywhere, asks) {
        (true, true) if names_subject(fragment) => Kind::New,
        (true, _) if commands && complete && elsewhere => Kind::New,
        (true, _) if ordered && !opens && complete && elsewhere => Kind::Either,
        (true, _) => Kind::Edit,
        (false, true) => {
            if names_anything(fragment) {
                Kind::New
            } else {
                Kind::Edit
            }
        }
        (false, false) if commands => {
            if names_subject(fragment) || complete || !names_anything(fragment) && !is_short(fragment) {
                Kind::New
            } else {
                Kind::Either
            }
        }
        (false, false) if complete || !is_short(fragment) => Kind::New,
        (false, false) => Kind::Either,
    }
}

/// "compare with", "versus": something is set beside what is there.
fn compares_with(fragment: &Fragment<'_>, start: usize) -> bool {
    let at = fragment.skip(start, &["and", "but", "compare", "compared", "it", "that", "this", "them", "how", "does"]);
    let word = at > start && fragment.word(at - 1, &["compare", "compared", "it", "that", "this", "them"]);
    word && fragment.word(at, &["with", "to", "against"]) || fragment.word(start, &["versus", "vs", "against"])
}

/// The first pronoun that nothing before it in the question can stand for.
pub fn pronoun(fragment: &Fragment<'_>) -> Option<usize> {
    const HELPING: [&str; 12] = ["do", "does", "did", "have", "has", "had", "are", "were", "is", "was", "can", "could"];
    let at = (0..fragment.len()).find(|i| fragment.word(*i, &PRONOUNS))?;
    let is_value = |i: usize| matches!(fragment.token(i).map(|t| &t.kind), Some(TokenKind::Value(_)));
    let mut named = (0..at).filter(|i| fragment.is_table(*i) || is_value(*i));
    // "how many invoices do they have": what is asked for is not what has it.
    let asked = at > 0 && fragment.word(at - 1, &HELPING) && QUESTIONS.iter().any(|p| fragment.phrase(0, p).is_some());
    if asked {
        named.next();
    }
    named.next().is_none().then_some(at)
}

fn words(fragment: &Fragment<'_>) -> usize {
    (0..fragment.len())
        .filter_map(|i| fragment.token(i))
        .filter(|t| t.kind != TokenKind::Punctuation)
        .map(|t| t.words.len())
        .sum()
}

fn is_short(fragment: &Fragment<'_>) -> bool {
    words(fragment) <= SHORT
}

fn names_anything(fragment: &Fragment<'_>) -> bool {
    (0..fragment.len())
        .any(|i| fragment.is_name(i) || matches!(fragment.token(i).map(|t| &t.kind), Some(TokenKind::Value(_))))
}

/// Something that rows or numbers can be asked of.
fn names_subject(fragment: &Fragment<'_>) -> bool {
    (0..fragment.len()).any(|i| fragment.is_table(i) || fragment.is_measure(i))
}

/// A table that the conversation is not about.
fn names_other(fragment: &Fragment<'_>, about: &[TableId]) -> bool {
    (0..fragment.len()).any(|i| fragment.is_table(i) && fragment.table(i).is_some_and(|t| !about.contains(&t)))
}

/// What is asked for and something beside it: "revenue by region", "top 5 stores by revenue", "orders in May".
fn is_complete(fragment: &Fragment<'_>) -> bool {
    let subject = (0..fragment.len()).find(|i| {
        (fragment.is_table(*i) || fragment.is_measure(*i))
            && !(0..*i).any(|j| fragment.group_start(j).is_some_and(|at| at <= *i && i - at < 2))
    });
    let Some(subject) = subject else { return false };
    (0..fragment.len()).any(|i| {
        i != subject
            && (fragment.is_name(i)
                || fragment.time(i).is_some()
                || fragment.grain(i).is_some()
                || fragment.group_start(i).is_some()
                || fragment.function(i).is_some()
                || fragment.phrase(i, "number of").is_some()
                || matches!(fragment.token(i).map(|t| &t.kind), Some(TokenKind::Value(_))))
    })
}
