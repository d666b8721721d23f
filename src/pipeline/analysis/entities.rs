//! What a question names: values of the database, codes, periods, numbers, "top n".

use std::ops::Range;

use jiff::civil::Date;

use super::dates::TimeMention;
use super::words::{Word, WordKind};
use super::{DateRange, Entity, EntityKind};
use crate::language::{identifier_words, lexicon};
use crate::schema::{ColumnId, Schema, SemanticType, ValueHit, ValueMatchKind};

/// Words that may mean values of the database.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueMention {
    /// Positions in the question's words.
    pub words: Range<usize>,
    /// In catalogue order; all of one kind of match.
    pub hits: Vec<ValueHit>,
    pub kind: ValueMatchKind,
    pub quoted: bool,
}

/// Words of a value at most.
const LONGEST_VALUE: usize = 8;

/// Finds value mentions: longest first, exact before partial before fuzzy; a word belongs to one mention only.
pub fn find_values(words: &[Word], times: &[TimeMention], schema: &Schema) -> Vec<ValueMention> {
    let mut taken = vec![false; words.len()];
    for time in times {
        taken[time.words.clone()].fill(true);
    }
    let mut found = Vec::new();
    quoted(words, schema, &mut taken, &mut found);
    for kind in [ValueMatchKind::Exact, ValueMatchKind::Partial, ValueMatchKind::Fuzzy] {
        for length in (1..=LONGEST_VALUE.min(words.len())).rev() {
            for start in 0..=words.len() - length {
                let range = start..start + length;
                let light = kind == ValueMatchKind::Exact && is_told_by_its_table(words, &range, schema);
                if taken[range.clone()].iter().any(|t| *t) || !light && !may_be_value(&words[range.clone()], kind) {
                    continue;
                }
                let mut hits = look_up(&words[range.clone()], kind, schema);
                if length == 1 && kind == ValueMatchKind::Exact && hits.is_empty() {
                    hits = coded(&words[start], schema);
                }
                if hits.is_empty() {
                    continue;
                }
                taken[range.clone()].fill(true);
                found.push(ValueMention { words: range, hits, kind, quoted: false });
            }
        }
    }
    found.sort_by_key(|m| m.words.start);
    found
}

fn quoted(words: &[Word], schema: &Schema, taken: &mut [bool], found: &mut Vec<ValueMention>) {
    for (i, word) in words.iter().enumerate() {
        if word.kind != WordKind::Quoted {
            continue;
        }
        let inner = super::words::words(&word.text);
        let lemmas: Vec<&str> = inner.iter().filter(|w| !w.is_punctuation()).map(|w| w.lemma.as_str()).collect();
        let mut kind = ValueMatchKind::Exact;
        let mut hits = schema.values.exact(&lemmas);
        if hits.is_empty() {
            kind = ValueMatchKind::Partial;
            hits = schema.values.partial(&lemmas);
        }
        taken[i] = true;
        found.push(ValueMention { words: i..i + 1, hits, kind, quoted: true });
    }
}

fn may_be_value(words: &[Word], kind: ValueMatchKind) -> bool {
    let lexicon = lexicon();
    let content = |w: &Word| !w.is_punctuation() && !lexicon.is_light(&w.folded);
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
    let counts = words.len() == 1 && written_number(&first.folded).is_some();
    if first.is_punctuation() || last.is_punctuation() || counts {
        return false;
    }
    match kind {
        // "The Who" may begin with a light word; nothing is made of light words alone unless it is written as a name.
        ValueMatchKind::Exact => {
            words.iter().any(content) && (words.len() > 1 || first.number().is_none())
                || (words.len() == 1
                    && first.is_capitalised()
                    && first.folded.len() > 2
                    && !lexicon.is_light(&first.folded))
        }
        // Some of a value's words count only if they are names or several, none of them light.
        ValueMatchKind::Partial => {
            words.iter().all(content)
                && words.iter().all(|w| w.kind == WordKind::Word)
                && (words.len() > 1 || first.folded.chars().count() > 3)
        }
        ValueMatchKind::Fuzzy => {
            words.len() <= 3 && words.iter().all(|w| content(w) && w.kind == WordKind::Word && w.folded.len() > 3)
        }
    }
}

/// "high results": a light word is a value of the table that is named right after it.
fn is_told_by_its_table(words: &[Word], range: &Range<usize>, schema: &Schema) -> bool {
    let (1, Some(next)) = (range.len(), words.get(range.end)) else { return false };
    let word = &words[range.start];
    let named = |table: &str| identifier_words(table).last().is_some_and(|noun| *noun == next.lemma);
    word.is_one_of(&["high", "low", "first", "last", "open", "new", "full", "complete", "available", "single"])
        && schema.values.exact(&[&word.lemma]).iter().any(|h| named(&schema.table(h.column.table).name))
}

/// "women" where a column of the sex of people says "F".
fn coded(word: &Word, schema: &Schema) -> Vec<ValueHit> {
    const SEXES: [(&[&str], &[&str]); 2] = [
        (&["female", "woman", "girl", "lady"], &["f", "female", "w", "woman", "fem"]),
        (&["male", "man", "boy", "gentleman"], &["m", "male", "man"]),
    ];
    let Some((_, codes)) =
        SEXES.iter().find(|(said, _)| word.kind == WordKind::Word && said.contains(&word.lemma.as_str()))
    else {
        return Vec::new();
    };
    let told = |h: &ValueHit| {
        identifier_words(&schema.column(h.column).name).iter().any(|w| matches!(w.as_str(), "sex" | "gender"))
    };
    codes.iter().flat_map(|code| schema.values.exact(&[code])).filter(told).collect()
}

fn look_up(words: &[Word], kind: ValueMatchKind, schema: &Schema) -> Vec<ValueHit> {
    let lemmas: Vec<&str> = words.iter().filter(|w| !w.is_punctuation()).map(|w| w.lemma.as_str()).collect();
    match kind {
        ValueMatchKind::Exact => as_typed(schema.values.exact(&lemmas), words),
        ValueMatchKind::Partial => {
            let mut hits = schema.values.partial(&lemmas);
            // A small word inside a title or a remark is hardly meant as that title.
            if let [word] = words
                && !word.is_capitalised()
            {
                hits.retain(|h| {
                    matches!(
                        schema.profile(h.column).semantic,
                        SemanticType::Category | SemanticType::Geo | SemanticType::Flag
                    )
                });
            }
            hits
        }
        ValueMatchKind::Fuzzy => {
            // A word that the schema or the language knows is no slip of the pen.
            // "raise prices" where the data say "increase".
            if let [word] = words {
                let said: Vec<ValueHit> = lexicon()
                    .synonyms(&word.lemma)
                    .iter()
                    .filter(|(_, strength)| *strength >= 0.85)
                    .flat_map(|(other, _)| schema.values.exact(&[other]))
                    .filter(|h| {
                        matches!(schema.profile(h.column).semantic, SemanticType::Category | SemanticType::Flag)
                    })
                    .collect();
                if !said.is_empty() && !is_name_word(&word.lemma, schema) {
                    return said;
                }
            }
            let known =
                words.iter().any(|w| is_name_word(&w.lemma, schema) || !lexicon().synonyms(&w.lemma).is_empty());
            if known { Vec::new() } else { schema.values.fuzzy(&lemmas) }
        }
    }
}

/// Of values that differ in case or accents alone ("Luis" and "Luís"), the one that was typed where it is stored so.
fn as_typed(mut hits: Vec<ValueHit>, words: &[Word]) -> Vec<ValueHit> {
    if hits.len() > 1 {
        let typed = words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
        let stored: Vec<ColumnId> = hits.iter().filter(|h| h.value == typed).map(|h| h.column).collect();
        hits.retain(|h| h.value == typed || !stored.contains(&h.column));
    }
    hits
}

fn is_name_word(lemma: &str, schema: &Schema) -> bool {
    schema.tables.iter().any(|t| {
        identifier_words(&t.name).iter().any(|w| w == lemma)
            || t.columns.iter().any(|c| identifier_words(&c.name).iter().any(|w| w == lemma))
    })
}

/// The entities of a question, in its order.
pub fn name(
    words: &[Word],
    values: &[ValueMention],
    times: &[TimeMention],
    schema: &Schema,
    as_of: Date,
) -> Vec<Entity> {
    let mut entities: Vec<Entity> = Vec::new();
    for value in values {
        if let Some(entity) = value_entity(words, value, schema) {
            entities.push(entity);
        }
    }
    for time in times {
        // What began and has no end reaches to the day that counts as today.
        let Some(first) = time.period.first else { continue };
        let range = DateRange { first, last: time.period.last.unwrap_or(as_of.max(first)) };
        entities.push(Entity {
            kind: EntityKind::DateRange,
            text: text_of(words, &time.words),
            value: format!("{}..{}", range.first, range.last),
            column: None,
            span: span_of(words, &time.words),
        });
    }
    let free = |i: usize| {
        !times.iter().any(|t| t.words.contains(&i))
            && !entities.iter().any(|e| e.span.start <= words[i].span.start && words[i].span.end <= e.span.end)
    };
    let mut numbers = Vec::new();
    for (i, word) in words.iter().enumerate() {
        if !free(i) {
            continue;
        }
        if is_code(word) {
            numbers.push(entity_of(word, EntityKind::UpcCode, word.text.clone()));
        } else if let Some(n) = count_word(words, i) {
            numbers.push(n);
        }
    }
    entities.extend(numbers);
    entities.sort_by_key(|e| e.span.start);
    entities
}

/// A number, or the n of "top n"; small counts may be written out ("top five").
fn count_word(words: &[Word], i: usize) -> Option<Entity> {
    let word = &words[i];
    let ranked =
        i > 0 && words[i - 1].is_one_of(&["top", "bottom", "best", "worst", "first", "highest", "lowest", "cheapest"]);
    // "which five items sold the most": a small number right after the question word counts what is ranked.
    let opens = i > 0 && words[i - 1].is_one_of(&["which", "what", "the", "show", "list"]) || i == 0;
    let superlative = words.iter().any(|w| {
        w.is_one_of(&[
            "most", "least", "fewest", "highest", "lowest", "best", "worst", "cheapest", "dearest", "thinnest",
            "largest", "smallest", "biggest",
        ])
    });
    let ranked = ranked || opens && superlative;
    let counted = words.get(i + 1).is_some_and(|w| {
        w.is_one_of(&[
            "most", "least", "best", "worst", "highest", "lowest", "cheapest", "largest", "biggest", "smallest",
            "lowest",
        ])
    });
    let value = match word.number() {
        Some(n) => n,
        None if ranked || counted => f64::from(written_number(&word.folded)?),
        None => return None,
    };
    let kind = if ranked || counted { EntityKind::TopN } else { EntityKind::Number };
    Some(entity_of(word, kind, format_number(value)))
}

/// Small numbers written out.
pub fn written_number(word: &str) -> Option<u32> {
    const WORDS: &str = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen \
        sixteen seventeen eighteen nineteen twenty";
    WORDS.split(' ').position(|w| w == word).map(|n| n as u32)
}

fn format_number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 { format!("{}", value as i64) } else { value.to_string() }
}

fn entity_of(word: &Word, kind: EntityKind, value: String) -> Entity {
    Entity { kind, text: word.text.clone(), value, column: None, span: word.span.clone() }
}

/// Eight digits and more: a code that the database does not know.
fn is_code(word: &Word) -> bool {
    word.text.len() >= 8 && word.text.chars().all(|c| c.is_ascii_digit())
}

fn value_entity(words: &[Word], mention: &ValueMention, schema: &Schema) -> Option<Entity> {
    let range = &mention.words;
    if mention.hits.is_empty() || is_name(&words[range.clone()], schema) && !mention.quoted {
        return None;
    }
    // "margin" inside the value "Margin improvement" is the measure, not the value.
    let about_names =
        words[range.clone()].iter().any(|w| is_name_word(&w.lemma, schema) || !lexicon().synonyms(&w.lemma).is_empty());
    if mention.kind != ValueMatchKind::Exact && about_names && !mention.quoted {
        return None;
    }
    let hit = if mention.kind == ValueMatchKind::Exact {
        best_hit(&mention.hits, schema)
    } else {
        // Some words of many values name no one of them.
        let first = &mention.hits[0];
        mention.hits.iter().all(|h| h.value == first.value).then_some(first)?
    };
    Some(Entity {
        kind: kind_of(hit.column, schema),
        text: text_of(words, range),
        value: hit.value.clone(),
        column: Some(hit.column),
        span: span_of(words, range),
    })
}

/// The hit in the column that a kind of its own is known for, else the first.
fn best_hit<'a>(hits: &'a [ValueHit], schema: &Schema) -> &'a ValueHit {
    hits.iter().find(|h| kind_of(h.column, schema) != EntityKind::Value).unwrap_or(&hits[0])
}

/// Words that are exactly the name of a table or column.
fn is_name(words: &[Word], schema: &Schema) -> bool {
    let lemmas: Vec<&str> = words.iter().map(|w| w.lemma.as_str()).collect();
    let same = |name: &str| identifier_words(name) == lemmas;
    schema.tables.iter().any(|t| same(&t.name) || t.columns.iter().any(|c| same(&c.name)))
}

/// Words of a column's name that tell what its values are.
const KINDS: [(EntityKind, &[&str]); 6] = [
    (EntityKind::UpcCode, &["upc", "ean", "gtin", "sku", "barcode"]),
    (EntityKind::Competitor, &["competitor", "rival"]),
    (EntityKind::Brand, &["brand", "label", "maker", "manufacturer"]),
    (EntityKind::Category, &["category", "department", "subcategory", "subdepartment", "division", "subclass"]),
    (EntityKind::Zone, &["zone"]),
    (EntityKind::Store, &["store", "shop", "outlet"]),
];

/// What the values of a column are, by the words of its name and its table's.
fn kind_of(column: ColumnId, schema: &Schema) -> EntityKind {
    let own = identifier_words(&schema.column(column).name);
    let table = identifier_words(&schema.table(column.table).name);
    let says = |words: &[String], list: &[&str]| words.iter().any(|w| list.contains(&w.as_str()));
    let is_name = matches!(schema.profile(column).semantic, SemanticType::Name | SemanticType::Id);
    for (kind, list) in KINDS {
        // "store type" is a type; only names and ids of stores are stores.
        let qualified = own.iter().any(|w| {
            matches!(
                w.as_str(),
                "type"
                    | "status"
                    | "strategy"
                    | "reason"
                    | "elasticity"
                    | "margin"
                    | "change"
                    | "sensitivity"
                    | "class"
                    | "band"
            )
        }) || kind == EntityKind::Store && !is_name;
        if says(&own, list) && !qualified {
            return kind;
        }
    }
    if is_name && says(&table, &["product", "item", "article", "good"]) {
        return EntityKind::Product;
    }
    if is_name && says(&table, &["store", "shop", "outlet", "branch"]) && says(&own, &["name", "id", "code", "number"])
    {
        return EntityKind::Store;
    }
    EntityKind::Value
}

fn span_of(words: &[Word], range: &Range<usize>) -> Range<usize> {
    words[range.start].span.start..words[range.end - 1].span.end
}

fn text_of(words: &[Word], range: &Range<usize>) -> String {
    words[range.clone()].iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ")
}
