//! A question cut into what its words stand for: names of the schema, values, periods, numbers, and plain words.

use std::ops::Range;

use super::names::{LONGEST_PHRASE, Link, Names, Target};
use crate::language::lexicon;
use crate::pipeline::analysis::{Analysis, Word, WordKind};
use crate::schema::ValueMatchKind;

/// One token and the words it covers.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub words: Range<usize>,
    pub kind: TokenKind,
    /// Lemma of a plain word; lemmas joined by blanks otherwise.
    pub lemma: String,
    /// Folded text.
    pub folded: String,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TokenKind {
    Word,
    Number(f64),
    /// Links, strongest first.
    Name(Vec<Link>),
    /// Position in [`Analysis::values`].
    Value(usize),
    /// Position in [`Analysis::times`].
    Time(usize),
    Punctuation,
}

impl Token {
    pub fn is(&self, words: &[&str]) -> bool {
        matches!(self.kind, TokenKind::Word | TokenKind::Name(_) | TokenKind::Punctuation)
            && words.contains(&self.folded.as_str())
    }

    pub fn links(&self) -> &[Link] {
        match &self.kind {
            TokenKind::Name(links) => links,
            _ => &[],
        }
    }

    pub fn number(&self) -> Option<f64> {
        match self.kind {
            TokenKind::Number(x) => Some(x),
            _ => None,
        }
    }
}

/// A reading of some words that competes with others for them.
struct Candidate {
    words: Range<usize>,
    kind: TokenKind,
    quality: f64,
}

/// What one more word of a match is worth: "frozen food" beats "food".
const LENGTH_BONUS: f64 = 0.3;

/// Chooses the best cover of the question by names, values and periods; what is left stays a word or a number.
pub fn tokens(analysis: &Analysis, names: &Names) -> Vec<Token> {
    let words = &analysis.words;
    let cues = cue_phrases(words);
    let mut candidates = name_candidates(words, names);
    candidates.extend(shared_nouns(words, names));
    candidates.retain(|c| !cues.iter().any(|cue| cue.start < c.words.end && c.words.start < cue.end));
    candidates.extend(value_candidates(analysis, &candidates));
    for (i, time) in analysis.times.iter().enumerate() {
        candidates.push(Candidate { words: time.words.clone(), kind: TokenKind::Time(i), quality: 5.0 });
    }
    for cue in cues {
        candidates.push(Candidate { words: cue, kind: TokenKind::Word, quality: 4.0 });
    }
    // Stable order: quality, then length, then place.
    candidates.sort_by(|a, b| {
        b.quality.total_cmp(&a.quality).then(b.words.len().cmp(&a.words.len())).then(a.words.start.cmp(&b.words.start))
    });
    let mut taken = vec![false; words.len()];
    let mut tokens: Vec<Token> = Vec::new();
    for candidate in candidates {
        if taken[candidate.words.clone()].iter().any(|t| *t) {
            continue;
        }
        taken[candidate.words.clone()].fill(true);
        tokens.push(token(words, candidate.words, candidate.kind));
    }
    for i in 0..words.len() {
        if !taken[i] {
            let kind = match words[i].kind {
                WordKind::Number(x) => TokenKind::Number(x),
                WordKind::Punctuation => TokenKind::Punctuation,
                WordKind::Word | WordKind::Quoted => TokenKind::Word,
            };
            tokens.push(token(words, i..i + 1, kind));
        }
    }
    tokens.sort_by_key(|t| t.words.start);
    tokens
}

fn token(words: &[Word], range: Range<usize>, kind: TokenKind) -> Token {
    let join = |part: fn(&Word) -> &str| words[range.clone()].iter().map(part).collect::<Vec<_>>().join(" ");
    Token { lemma: join(|w| &w.lemma), folded: join(|w| &w.folded), words: range, kind }
}

fn name_candidates(words: &[Word], names: &Names) -> Vec<Candidate> {
    let lexicon = lexicon();
    let mut candidates = Vec::new();
    for start in 0..words.len() {
        for end in start + 1..=(start + LONGEST_PHRASE).min(words.len()) {
            let phrase = &words[start..end];
            if phrase.iter().any(|w| matches!(w.kind, WordKind::Punctuation | WordKind::Quoted)) {
                break;
            }
            let light = |w: &Word| lexicon.is_light(&w.folded) || lexicon.is_light(&w.lemma);
            let content = phrase.iter().filter(|w| !light(w)).count();
            let lemmas: Vec<&str> = phrase.iter().map(|w| w.lemma.as_str()).collect();
            let mut links = names.look_up(&lemmas);
            let joined = phrase.iter().filter(|w| light(w)).all(|w| w.is_one_of(&["of", "the", "a", "an", "in"]));
            if content < phrase.len()
                && content > 1
                && joined
                && !light(&phrase[0])
                && !light(&phrase[phrase.len() - 1])
            {
                let bare: Vec<&str> = phrase.iter().filter(|w| !light(w)).map(|w| w.lemma.as_str()).collect();
                let whole: Vec<Link> = names.look_up(&bare).into_iter().filter(|l| l.score >= 0.85).collect();
                merge(&mut links, whole, 0.95);
            }
            // "unit cost" is what one of them costs, "unit" no measure of its own.
            if let [unit, what] = phrase
                && unit.folded == "unit"
                && matches!(what.lemma.as_str(), "cost" | "price" | "margin" | "profit")
            {
                merge(&mut links, names.look_up(&[&what.lemma]), 0.95);
            }
            let Some(best) = links.first().map(|l| l.score) else { continue };
            let edges_light = light(&phrase[0]) || light(&phrase[phrase.len() - 1]);
            // Words such as "order", "number" or "total" are names only if they are a whole name.
            // "monthly fee" is a column where one is called so, and no split by month.
            let column = matches!(links.first(), Some(Link { target: Target::Column(_), score }) if *score > 0.99);
            let adverb = is_adverb(&words[start]) && end > start + 1;
            if (content == 0 && best < 0.9)
                || (edges_light && content > 0 && best < 0.92)
                || if adverb { !column } else { is_cue(words, start, end) }
            {
                continue;
            }
            if is_deed(words, start, end) {
                continue;
            }
            let quality = best + LENGTH_BONUS * (phrase.len() as f64 - 1.0) - if content == 0 { 0.35 } else { 0.0 };
            candidates.push(Candidate { words: start..end, kind: TokenKind::Name(links), quality });
        }
    }
    candidates
}

/// "current and suggested price": the first of two names has its noun from the second.
fn shared_nouns(words: &[Word], names: &Names) -> Vec<Candidate> {
    let column = |a: &Word, b: &Word| {
        let links = names.look_up(&[&a.lemma, &b.lemma]);
        let whole = matches!(links.first(), Some(Link { target: Target::Column(_), score }) if *score > 0.99);
        whole.then_some(links)
    };
    let mut found = Vec::new();
    for (start, four) in words.windows(4).enumerate() {
        let [first, and, second, noun] = four else { continue };
        // "first and last name" is one name in two columns.
        if and.is_one_of(&["and", "or", "vs", "versus"])
            && !first.is_one_of(&["first", "last"])
            && [first, second, noun].into_iter().all(|w| w.kind == WordKind::Word)
            && column(second, noun).is_some()
            && let Some(links) = column(first, noun)
        {
            found.push(Candidate {
                words: start..start + 1,
                kind: TokenKind::Name(links),
                quality: 1.0 + LENGTH_BONUS,
            });
        }
    }
    found
}

/// "products cost more than", "which product costs the most": a noun with what it does is no name of a column, whatever
/// column is called so.
fn is_deed(words: &[Word], start: usize, end: usize) -> bool {
    const DEEDS: [&str; 7] = ["cost", "weigh", "last", "earn", "pay", "charge", "measure"];
    let [.., noun, deed] = &words[start..end] else { return false };
    if !DEEDS.contains(&deed.lemma.as_str()) {
        return false;
    }
    let plural = noun.folded != noun.lemma;
    let third_person = deed.folded != deed.lemma;
    let next = words.get(end).filter(|w| w.folded != "the").or_else(|| words.get(end + 1));
    let measured = next.is_some_and(|w| {
        matches!(w.kind, WordKind::Number(_))
            || w.is_one_of(&[
                "most", "least", "more", "less", "over", "under", "above", "below", "between", "exactly", "at",
            ])
    });
    plural != third_person && measured
}

/// Superlatives and comparatives of several words ("best selling", "more expensive", "at a loss"): one token each.
fn cue_phrases(words: &[Word]) -> Vec<Range<usize>> {
    let mut cues: Vec<Range<usize>> = Vec::new();
    let phrases =
        lexicon().adjectives.iter().flat_map(|a| a.most.iter().chain(&a.more)).map(String::as_str).chain(LOSS);
    for phrase in phrases {
        let parts: Vec<&str> = phrase.split([' ', '-']).collect();
        for start in 0..words.len().saturating_sub(parts.len() - 1) {
            let range = start..start + parts.len();
            let same =
                parts.iter().zip(&words[range.clone()]).all(|(part, word)| word.folded == *part || word.lemma == *part);
            // "price below cost" compares two columns.
            let compared = parts[0] == "below" && start > 0 && words[start - 1].lemma == "price";
            if same && !compared && parts.len() > 1 && !cues.iter().any(|c| c.start < range.end && range.start < c.end)
            {
                cues.push(range);
            }
        }
    }
    cues
}

/// Ways to say that a margin is negative.
pub const LOSS: [&str; 6] = ["at a loss", "below cost", "loss making", "losing money", "lost money", "lose money"];

fn merge(links: &mut Vec<Link>, others: Vec<Link>, factor: f64) {
    for other in others {
        if !links.iter().any(|l| l.target == other.target) {
            links.push(Link { score: other.score * factor, ..other });
        }
    }
    links.sort_by(|a, b| b.score.total_cmp(&a.score));
}

fn is_adverb(word: &Word) -> bool {
    word.is_one_of(&["daily", "weekly", "monthly", "quarterly", "yearly", "annual"])
}

/// Words that are grammar here although a table or column bears them as a name.
fn is_cue(words: &[Word], start: usize, end: usize) -> bool {
    // "never sold products", "top 10 selling items": the verb belongs to what is before it.
    let verb = words[start].is_one_of(&["sold", "selling", "sell", "sells"]);
    let near = words[start.saturating_sub(2)..start]
        .iter()
        .any(|w| w.is_one_of(&["never", "not", "top", "best", "worst", "bottom", "most", "least"]));
    if verb && near && end - start > 1 {
        return true;
    }
    let next = |list: &[&str]| words.get(end).is_some_and(|w| w.is_one_of(list));
    let before = |list: &[&str]| start > 0 && words[start - 1].is_one_of(list);
    if end - start != 1 {
        return false;
    }
    match words[start].folded.as_str() {
        "make" | "makes" | "made" | "making" => !before(&["by", "per", "each", "of", "which", "what", "the", "and"]),
        "number" => next(&["of"]),
        // "total spending" adds up; "total" alone may be a column.
        "total" | "sum"
            if words.get(end).is_some_and(|w| w.kind == WordKind::Word && !lexicon().is_light(&w.folded)) =>
        {
            true
        }
        "order" | "orders" => {
            next(&["by"]) || before(&["in", "ascending", "descending", "alphabetical", "reverse", "chronological"])
        }
        "count" | "total" | "sum" => start == 0 && next(&["the", "of", "all"]) || next(&["number", "of"]),
        "average" | "mean" | "maximum" | "minimum" | "max" | "min" | "top" | "first" | "last" | "many" | "all"
        | "for" | "to" | "on" | "in" | "at" | "by" | "as" | "is" | "has" | "have" | "from" | "show" | "list"
        | "like" | "current" | "now" => true,
        "state" | "name" | "list's" => start == 0,
        _ => false,
    }
}

fn value_candidates(analysis: &Analysis, names: &[Candidate]) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (i, value) in analysis.values.iter().enumerate() {
        let words = &analysis.words[value.words.clone()];
        let capital = words.iter().all(Word::is_capitalised) && value.words.start > 0;
        // "over 5 MB" counts bytes, whatever is abbreviated so.
        let number = value.words.start.checked_sub(1).is_some_and(|before| analysis.words[before].number().is_some());
        let unit = |w: &Word| lexicon().unit(&w.folded).is_some_and(|unit| unit.of.is_some());
        if number && words.len() == 1 && !value.quoted && unit(&words[0]) {
            continue;
        }
        let base = match value.kind {
            _ if value.quoted => 9.0,
            ValueMatchKind::Exact => 1.02,
            ValueMatchKind::Partial if words.len() == 1 && !words[0].is_capitalised() => 0.42,
            ValueMatchKind::Partial => 0.52,
            ValueMatchKind::Fuzzy => 0.5,
        };
        // A single small word that is the whole name of a table or column is the name.
        let named = !value.quoted
            && !capital
            && words.len() == 1
            && names.iter().any(|c| {
                c.words == value.words
                    && matches!(&c.kind, TokenKind::Name(links) if links[0].score >= 0.9 || (links[0].score >= 0.6 && matches!(links[0].target, Target::Table(_))))
            });
        let quality = base + LENGTH_BONUS * (words.len() as f64 - 1.0) + if capital { 0.25 } else { 0.0 }
            - if named { 0.4 } else { 0.0 };
        candidates.push(Candidate { words: value.words.clone(), kind: TokenKind::Value(i), quality });
    }
    candidates
}

#[cfg(test)]
mod tests {
    use super::super::tests::{id, schema};
    use super::*;
    use crate::knowledge::Knowledge;
    use crate::pipeline::analysis::analyse;
    use crate::schema::Schema;

    fn garden() -> Schema {
        let mut garden = schema(
            &[
                ("plants", &["plant_id*", "plant_name", "kind", "selling_price", "height"]),
                ("seed_orders", &["order_id*", "plant_id", "ordered_on"]),
                ("seeds", &["seed_id*", "plant_id"]),
            ],
            &[],
        );
        for value in ["Wild Rose", "Rose", "Ros\u{e9}", "Seed", "Tea"] {
            let kind = id(&garden, "plants.kind");
            garden.values.insert(kind, value, 3);
        }
        garden
    }

    /// Each token as its words and what they were taken for.
    fn cut(question: &str) -> Vec<String> {
        let garden = garden();
        let analysis = analyse(question, &garden, jiff::civil::date(2025, 3, 31));
        let names = Names::new(&garden, &Knowledge::default());
        let kind = |kind: &TokenKind| match kind {
            TokenKind::Word => "word".to_owned(),
            TokenKind::Number(x) => format!("number {x}"),
            TokenKind::Name(links) => match links[0].target {
                Target::Table(t) => garden.table(t).name.clone(),
                Target::Column(c) => garden.qualified(c),
                Target::Metric(_) => "metric".to_owned(),
            },
            TokenKind::Value(i) => format!("value {}", analysis.values[*i].hits[0].value),
            TokenKind::Time(i) => format!("time {:?}", analysis.times[*i].period.first),
            TokenKind::Punctuation => "punctuation".to_owned(),
        };
        tokens(&analysis, &names).iter().map(|t| format!("{}: {}", t.folded, kind(&t.kind))).collect()
    }

    #[test]
    fn the_longest_name_wins() {
        assert_eq!(cut("seed orders"), ["seed orders: seed_orders"]);
        assert_eq!(cut("list seeds"), ["list: word", "seeds: seeds"]);
        assert_eq!(cut("selling price of plants")[0], "selling price: plants.selling_price");
    }

    #[test]
    fn the_longest_value_wins() {
        assert_eq!(cut("plants of kind wild rose")[3], "wild rose: value Wild Rose");
        assert_eq!(cut("plants of kind rose")[3], "rose: value Rose");
        // With an accent it is another one.
        assert_eq!(cut("plants of kind Ros\u{e9}")[3], "rose: value Ros\u{e9}");
    }

    #[test]
    fn a_word_that_is_a_name_and_a_value_is_the_name_unless_it_is_quoted_or_capitalised() {
        assert_eq!(cut("how many seed")[2], "seed: seeds");
        assert_eq!(cut("plants of kind \"seed\"")[3], "seed: value Seed");
        assert_eq!(cut("plants of kind Seed")[3], "seed: value Seed");
    }

    #[test]
    fn phrases_that_are_grammar_are_no_names() {
        assert_eq!(cut("best selling plants"), ["best selling: word", "plants: plants"]);
        assert_eq!(cut("plants in order")[2], "order: word");
        assert_eq!(cut("number of plants")[0], "number: word");
    }

    #[test]
    fn numbers_and_periods_are_told_apart() {
        assert_eq!(cut("plants over 30")[2], "30: number 30");
        assert_eq!(cut("seed orders in 2024").last().unwrap(), "in 2024: time Some(2024-01-01)");
    }

    #[test]
    fn every_word_is_in_one_token_and_they_keep_their_order() {
        let garden = garden();
        let names = Names::new(&garden, &Knowledge::default());
        let question = "Which wild rose plants, best selling first, had more than 3 seed orders in March 2024?";
        let analysis = analyse(question, &garden, jiff::civil::date(2025, 3, 31));
        let covered: Vec<usize> = tokens(&analysis, &names).into_iter().flat_map(|t| t.words).collect();
        assert_eq!(covered, (0..analysis.words.len()).collect::<Vec<_>>());
    }
}
