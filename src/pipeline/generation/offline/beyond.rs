//! Questions that no rows answer: requests to change the data, advice, what is yet to come, and small talk.

use super::reading::Ground;
use super::tokens::{Token, TokenKind, tokens};
use crate::language::lexicon;
use crate::pipeline::analysis::Analysis;
use crate::schema::ValueMatchKind;

/// Why no rows can answer the question, whatever they hold.
pub fn beyond_data(ground: Ground<'_>) -> Option<String> {
    let Ground { analysis, schema, .. } = ground;
    let words = spoken(analysis);
    if asks_for_a_text(&words) || wants_advice(&words) {
        return Some("data do not give advice or tell stories".to_owned());
    }
    if is_addressed(&words) && !names_something(ground) {
        return Some("that is no question about the data of this database".to_owned());
    }
    if looks_ahead(&words) {
        return Some("the data say what was, not how it will go on".to_owned());
    }
    let last = schema
        .columns()
        .filter_map(|id| schema.profile(id).max.as_ref()?.as_text()?.get(..10)?.parse().ok())
        .max()
        .max(Some(analysis.as_of))?;
    // A fiscal year bears the name of the calendar year in which it ends.
    if words.iter().any(|w| matches!(*w, "fiscal" | "financial")) {
        return None;
    }
    let later = analysis.times.iter().find_map(|t| t.period.first.filter(|first| *first > last));
    later.map(|first| format!("{first} lies after the last date in the data"))
}

fn spoken(analysis: &Analysis) -> Vec<&str> {
    analysis.words.iter().filter(|w| !w.is_punctuation()).map(|w| w.folded.as_str()).collect()
}

fn says(words: &[&str], phrase: &str) -> bool {
    let phrase: Vec<&str> = phrase.split(' ').collect();
    words.windows(phrase.len()).any(|window| window == phrase)
}

/// "tell me a joke", "write an e-mail to the supplier".
fn asks_for_a_text(words: &[&str]) -> bool {
    const MADE: [&str; 6] = ["write", "compose", "translate", "send", "sing", "remind"];
    words.starts_with(&["tell", "me", "a"]) || words.first().is_some_and(|first| MADE.contains(first))
}

/// What somebody should do, where what is done or is to be done is what is kept.
fn wants_advice(words: &[&str]) -> bool {
    const ASKED: [&str; 19] = [
        "do you recommend",
        "would you recommend",
        "do you suggest",
        "would you suggest",
        "do you advise",
        "would you advise",
        "would you do",
        "recommend me",
        "advise me",
        "advise us",
        "is it worth",
        "worth it",
        "good idea",
        "would it be better",
        "what can we do",
        "what can i do",
        "best way to",
        "what would happen",
        "what happens if",
    ];
    if matches!(words.first(), Some(&"should" | &"shall")) || ASKED.iter().any(|phrase| says(words, phrase)) {
        return true;
    }
    let how = words.first() == Some(&"how")
        && matches!(words.get(1), Some(&"can" | &"could" | &"should" | &"to"))
        && !words.iter().any(|w| matches!(*w, "see" | "find" | "get" | "know" | "view" | "list" | "show"));
    how || should_choose(words)
}

/// "which tariff should they take": a choice is asked for. "How many hours should it take" and "which orders should be
/// delivered" are norms and plans, which data keep; "what should I look at" wants an order of the rows.
fn should_choose(words: &[&str]) -> bool {
    let Some(at) = words.iter().position(|w| *w == "should") else { return false };
    let amount = words[..at].iter().any(|w| matches!(*w, "many" | "much" | "long" | "often" | "when" | "far"));
    let planned = matches!(words.get(at + 1), Some(&"be" | &"have"));
    let looks =
        words[at..].iter().any(|w| matches!(*w, "look" | "focus" | "watch" | "check" | "see" | "worry" | "know"));
    let asks = words[..at].iter().any(|w| matches!(*w, "which" | "what" | "who" | "whom" | "where" | "how"));
    asks && !amount && !planned && !looks
}

/// "will revenue grow": only what has been is stored.
fn looks_ahead(words: &[&str]) -> bool {
    const COURSE: [&str; 14] = [
        "grow", "increase", "decrease", "rise", "fall", "drop", "improve", "reach", "exceed", "become", "decline",
        "develop", "change", "continue",
    ];
    let will = words.iter().position(|w| *w == "will");
    will.is_some_and(|at| words[at..].iter().any(|w| COURSE.contains(w)))
}

/// Said to the one who is asked: greetings, thanks, questions about it.
fn is_addressed(words: &[&str]) -> bool {
    const GREETINGS: [&str; 8] = ["hello", "hi", "hey", "thanks", "thank", "bye", "goodbye", "greetings"];
    const TO_YOU: [&str; 17] = [
        "you are",
        "are you",
        "is your",
        "are your",
        "about you",
        "about yourself",
        "you like",
        "you think",
        "you feel",
        "you love",
        "you know me",
        "you do",
        "you help",
        "you can",
        "good morning",
        "good evening",
        "good night",
    ];
    words.first().is_some_and(|first| GREETINGS.contains(first)) || TO_YOU.iter().any(|phrase| says(words, phrase))
}

/// Something is called by its name: a table, a column or a value, and not in passing.
fn names_something(ground: Ground<'_>) -> bool {
    let named = |token: &Token| match &token.kind {
        TokenKind::Name(links) => links.first().is_some_and(|l| l.score >= 0.75) && !lexicon().is_light(&token.folded),
        TokenKind::Value(mention) => {
            let mention = &ground.analysis.values[*mention];
            mention.kind == ValueMatchKind::Exact && !mention.hits.is_empty()
        }
        _ => false,
    };
    tokens(ground.analysis, ground.names).iter().any(named)
}

/// The verb of a question that asks to change data. Such verbs are also nouns ("price update"), so only an order counts.
pub fn write_request(analysis: &Analysis) -> Option<String> {
    const VERBS: [&str; 19] = [
        "delete",
        "drop",
        "insert",
        "update",
        "remove",
        "truncate",
        "alter",
        "erase",
        "overwrite",
        "rename",
        "create",
        "add",
        "change",
        "set",
        "raise",
        "reduce",
        "empty",
        "wipe",
        "clear",
    ];
    let words: Vec<&str> = analysis.words.iter().filter(|w| !w.is_punctuation()).map(|w| w.folded.as_str()).collect();
    let polite = [
        "please", "can", "could", "you", "would", "i", "want", "to", "now", "just", "then", "and", "need", "let", "us",
        "go", "ahead",
    ];
    let first = words.iter().position(|w| !polite.contains(w))?;
    let verb = words[first];
    let noun = words.get(first + 1).is_some_and(|w| {
        matches!(
            *w,
            "history"
                | "log"
                | "reason"
                | "date"
                | "in"
                | "of"
                | "over"
                | "by"
                | "rate"
                | "percent"
                | "orders"
                | "ratio"
                | "between"
                | "from"
                | "since"
                | "vs"
                | "versus"
                | "per"
                | "compared"
                | "against"
        )
    });
    // "increase the price of", "lower all prices"
    let object =
        words.get(first + 1).is_some_and(|w| matches!(*w, "the" | "all" | "every" | "prices" | "price" | "each"));
    let moves = matches!(
        verb,
        "increase"
            | "decrease"
            | "lower"
            | "cut"
            | "mark"
            | "replace"
            | "modify"
            | "fix"
            | "reset"
            | "put"
            | "move"
            | "edit"
    ) && object;
    ((VERBS.contains(&verb) && !noun) || moves).then(|| verb.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::graph::Graph;
    use super::super::names::Names;
    use super::super::tests::schema;
    use super::*;
    use crate::knowledge::Knowledge;
    use crate::pipeline::analysis::analyse;

    fn is_beyond(question: &str) -> bool {
        let mill = schema(&[("mills", &["mill_id*", "river"]), ("sacks", &["mill_id", "weight", "advice"])], &[]);
        let analysis = analyse(question, &mill, jiff::civil::date(2025, 3, 31));
        let (names, graph) = (Names::new(&mill, &Knowledge::default()), Graph::new(&mill));
        beyond_data(Ground { schema: &mill, names: &names, graph: &graph, analysis: &analysis }).is_some()
    }

    #[test]
    fn advice_small_talk_and_what_is_to_come_are_no_data() {
        for question in [
            "Should we close the old mill?",
            "Which mill should Anna rent?",
            "What do you recommend for the sacks?",
            "How can we fill more sacks?",
            "Hello, how are you?",
            "Thanks!",
            "Tell me a story about a mill",
            "Write a letter to the miller",
            "Will the weight of the sacks grow?",
            "weight of sacks in 2031",
        ] {
            assert!(is_beyond(question), "{question}");
        }
    }

    #[test]
    fn what_only_looks_like_it_is_data() {
        for question in [
            "Hello, what is the weight of all sacks?",
            "How many kilos should a sack weigh?",
            "Which sacks should be filled today?",
            "advice of the sacks",
            "How can I see the weight by river?",
            "weight of sacks in 2024",
        ] {
            assert!(!is_beyond(question), "{question}");
        }
    }
}
