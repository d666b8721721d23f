//! The slots of a plan that a question may fill, each with the features that its scores rest on.

use super::super::tokens::TokenKind;
use super::linear::feature;

use super::view::{Mention, TIE, View};
use crate::language::lexicon;
use crate::pipeline::analysis::Word;
use crate::schema::{ColumnId, SemanticType, TableId, ValueMatchKind};

/// What a column may be wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    Show,
    Count,
    Sum,
    Average,
    Minimum,
    Maximum,
    Group,
    /// Rows are put in its order.
    Order,
    /// Groups are put in the order of its sum, average, smallest or largest, or are compared by it.
    OrderAggregate,
    /// Compared with a value, a number or a period.
    Filter,
}

impl Role {
    pub const ALL: [Self; 10] = [
        Self::Show,
        Self::Count,
        Self::Sum,
        Self::Average,
        Self::Minimum,
        Self::Maximum,
        Self::Group,
        Self::Order,
        Self::OrderAggregate,
        Self::Filter,
    ];
}

/// What a table may be wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TableRole {
    /// Joined, for whatever reason.
    Needed,
    /// Its rows are counted.
    Counted,
    /// Rows without any of its rows are asked for.
    Absent,
}

impl TableRole {
    pub const ALL: [Self; 3] = [Self::Needed, Self::Counted, Self::Absent];
}

/// What a number may be compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NumberTarget {
    Column(ColumnId),
    /// The number of rows of a group.
    Count,
    /// The number of rows wanted.
    Limit,
}

/// One candidate for a slot.
#[derive(Clone, Debug)]
pub struct Slot<T> {
    pub what: T,
    /// Hashes of what is near it, for the linear scores.
    pub sparse: Vec<u32>,
    /// Numbers, for the trees.
    pub dense: Vec<f32>,
}

/// Columns scored at most, the best linked ones.
const MOST_COLUMNS: usize = 60;

/// Words that say how what follows them belongs to what is before.
const CUES: [&[&str]; 22] = [
    &["by"],
    &["each", "every", "per", "for"],
    &["average", "mean", "avg"],
    &["sum", "total", "overall"],
    &["maximum", "max", "highest", "largest", "greatest", "biggest", "longest"],
    &["minimum", "min", "lowest", "smallest", "shortest", "least", "fewest"],
    &["most", "top", "best", "common", "popular"],
    &["number", "count", "many", "much"],
    &["different", "distinct", "unique"],
    &["order", "sort", "ordered", "sorted", "descending", "ascending", "alphabetical", "rank"],
    &["than", "over", "above", "exceed", "least", "below", "under", "before", "after", "between"],
    &["of"],
    &["with", "has", "have", "had", "having"],
    &["whose", "that", "who", "which", "where", "when"],
    &["in", "from", "at", "on"],
    &["and"],
    &[",", ";"],
    &["or", "either"],
    &["not", "no", "never", "without", "except", "neither"],
    &["is", "are", "was", "were", "be"],
    &["show", "list", "what", "give", "find", "return", "display"],
    &["both", "also", "same"],
];

/// Distances beyond this are all alike.
const FAR: f32 = 12.0;

/// Hashes of n-grams of the whole question, for scores that belong to no single slot.
pub fn question_features(view: &View<'_>) -> Vec<u32> {
    let symbols = &view.symbols;
    let mut found = Vec::new();
    let at = |i: isize| view.around(0, i);
    let count = symbols.len() as isize;
    for i in -1..=count {
        found.push(feature(&["q1", at(i)]));
        found.push(feature(&["q2", at(i), at(i + 1)]));
        found.push(feature(&["q3", at(i), at(i + 1), at(i + 2)]));
        found.push(feature(&["q4", at(i), at(i + 1), at(i + 2), at(i + 3)]));
        found.push(feature(&["qs", at(i), at(i + 2)]));
    }
    let cues: Vec<usize> = symbols.iter().filter_map(|s| cue_of(s)).collect();
    for (i, a) in cues.iter().enumerate() {
        for b in &cues[i + 1..] {
            found.push(feature(&["qc", &a.to_string(), &b.to_string()]));
        }
    }
    for kind in ["COL", "TAB", "VAL", "NUM", "ONE", "TIME", "?", ","] {
        let n = symbols.iter().filter(|s| *s == kind).count().min(5);
        found.push(feature(&["qn", kind, &n.to_string()]));
    }
    found.push(feature(&["q<", at(0), at(1), at(2)]));
    for (i, direction) in view.directions.iter().enumerate() {
        if let Some(direction) = direction {
            let direction = format!("{direction:?}");
            found.push(feature(&["qa", &direction]));
            found.push(feature(&["qa", &direction, view.around(i, -1)]));
            found.push(feature(&["qa", &direction, view.around(i, 1)]));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn cue_of(symbol: &str) -> Option<usize> {
    CUES.iter().position(|words| words.contains(&symbol))
}

/// Hashes of what is around a token.
fn context(view: &View<'_>, token: usize, prefix: &str, found: &mut Vec<u32>) {
    let w = |d: isize| view.around(token, d);
    for d in -4..=4_isize {
        if d != 0 {
            found.push(feature(&[prefix, "w", &d.to_string(), w(d)]));
        }
    }
    found.push(feature(&[prefix, "b", w(-2), w(-1)]));
    found.push(feature(&[prefix, "c", w(-1), w(1)]));
    found.push(feature(&[prefix, "d", w(1), w(2)]));
    found.push(feature(&[prefix, "e", w(-3), w(-2), w(-1)]));
    found.push(feature(&[prefix, "f", w(-2), w(-1), w(1)]));
    found.push(feature(&[prefix, "g", w(1), w(2), w(3)]));
    found.push(feature(&[prefix, "h", w(-4), w(-3), w(-2), w(-1)]));
    for (i, symbol) in view.symbols.iter().enumerate() {
        if i != token {
            let side = if i < token { "<" } else { ">" };
            found.push(feature(&[prefix, "s", side, symbol]));
        }
    }
    // The nearest word before it that rules over it, with what stands first in the question.
    let ruler = (0..token).rev().find_map(|i| cue_of(&view.symbols[i]).map(|cue| (cue, token - i)));
    let (cue, far) = ruler.map_or(("-".to_owned(), 0), |(cue, far)| (cue.to_string(), far.min(4)));
    found.push(feature(&[prefix, "r", &cue]));
    found.push(feature(&[prefix, "r", &cue, &far.to_string()]));
    found.push(feature(&[prefix, "q", w(-(token as isize)), &cue]));
    let names_before = (0..token).filter(|i| matches!(view.symbols[*i].as_str(), "COL" | "TAB" | "VAL")).count();
    found.push(feature(&[prefix, "n", w(-(token as isize)), &names_before.min(4).to_string()]));
}

fn distances(view: &View<'_>, token: Option<usize>, row: &mut Vec<f32>) {
    for words in CUES {
        let is = |i: &usize| words.contains(&view.symbols[*i].as_str());
        let before = token.and_then(|t| (0..t).rev().find(is).map(|i| (t - i) as f32));
        let after = token.and_then(|t| (t + 1..view.symbols.len()).find(is).map(|i| (i - t) as f32));
        row.push(before.unwrap_or(FAR).min(FAR));
        row.push(after.unwrap_or(FAR).min(FAR));
    }
}

/// Signed distance from one place to another, cut at [`FAR`].
fn distance(from: Option<usize>, to: Option<usize>) -> f32 {
    match (from, to) {
        (Some(from), Some(to)) => (to as f32 - from as f32).clamp(-FAR, FAR),
        _ => FAR + 1.0,
    }
}

/// Numbers that hold for the whole question: its size and what it is full of.
fn question_row(view: &View<'_>, row: &mut Vec<f32>) {
    let count = |kind: &str| view.symbols.iter().filter(|s| *s == kind).count() as f32;
    row.push(view.symbols.len() as f32);
    for kind in ["COL", "TAB", "VAL", "NUM", "TIME", ","] {
        row.push(count(kind));
    }
    let tables = view.tables.iter().filter(|m| m.first().is_some_and(|m| m.score > 0.5)).count();
    row.push(tables as f32);
    row.push(view.tables.len() as f32);
}

/// Columns worth scoring: those that some word may name or some value may belong to, and what people know the rows of a
/// named table by.
pub fn columns(view: &View<'_>, head: &[f32]) -> Vec<Slot<ColumnId>> {
    let schema = view.ground.schema;
    let mut worth: Vec<(f32, ColumnId)> = Vec::new();
    for id in schema.columns() {
        let linked = view.mentions(id).first().map_or(0.0, |m| m.score);
        let valued = if view.values.iter().any(|v| v.column == id) { 0.5 } else { 0.0 };
        let table = view.tables[id.table.0].first().map_or(0.0, |m| m.score);
        let known = schema.is_primary_key(id) || view.display[id.table.0].contains(&id);
        let by_table = if known { 0.6 * table } else { 0.0 };
        let timed = !view.ground.analysis.times.is_empty() && schema.profile(id).semantic.is_time();
        let worthy = linked.max(valued).max(by_table).max(if timed { 0.3 } else { 0.0 });
        if worthy > 0.0 {
            worth.push((worthy + 0.1 * table, id));
        }
    }
    worth.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    worth.truncate(MOST_COLUMNS);
    worth.sort_by_key(|(_, id)| *id);
    worth.into_iter().map(|(_, id)| column(view, id, head)).collect()
}

fn column(view: &View<'_>, id: ColumnId, head: &[f32]) -> Slot<ColumnId> {
    let schema = view.ground.schema;
    let profile = schema.profile(id);
    let mentions = view.mentions(id);
    let main = mentions.first().copied();
    let second = mentions.get(1).copied();
    let table = nearest(&view.tables[id.table.0], main);
    let place = main.map(|m| m.token).or(table.map(|m| m.token));
    let semantic = format!("{:?}", profile.semantic);
    let mut sparse = Vec::new();
    let strength = main.map_or("0", |m| {
        if m.score > 0.9 {
            "3"
        } else if m.score > 0.55 {
            "2"
        } else {
            "1"
        }
    });
    let prefix = if main.is_some() { "c" } else { "t" };
    let is_display = view.display[id.table.0].contains(&id);
    let is_key = schema.is_primary_key(id);
    let kind = match (is_key, schema.reference_of(id).is_some(), is_display) {
        (true, ..) => "key",
        (_, true, _) => "ref",
        (_, _, true) => "name",
        _ => "",
    };
    if let Some(place) = place {
        context(view, place, prefix, &mut sparse);
        sparse.push(feature(&["st", prefix, strength, view.around(place, -1)]));
        sparse.push(feature(&["se", prefix, &semantic, view.around(place, -1)]));
        sparse.push(feature(&["k", prefix, kind, strength, view.around(place, -1)]));
        sparse.push(feature(&["k1", prefix, kind, strength, view.around(place, -2), view.around(place, -1)]));
    }
    if let Some(second) = second.filter(|m| m.score > 0.5) {
        context(view, second.token, "2", &mut sparse);
    }
    sparse.push(feature(&["kind", kind, prefix, strength]));
    sparse.push(feature(&["sem", &semantic, prefix, strength]));
    sparse.push(feature(&["first", view.around(0, 0), view.around(0, 1), kind, prefix, strength]));

    let mut row = vec![
        main.map_or(0.0, |m| m.score),
        main.map_or(0.0, |m| m.score - view.best[m.token].0.max(view.best[m.token].1)),
    ];
    row.push(main.map_or(0.0, |m| tied(view, m) as f32));
    row.push(main.map_or(0.0, |m| m.score - view.best[m.token].1));
    row.push(main.map_or(0.0, |m| view.tokens[m.token].words.len() as f32));
    row.push(place.map_or(-1.0, |p| p as f32));
    row.push(place.map_or(-1.0, |p| p as f32 / view.symbols.len() as f32));
    let names = |range: std::ops::Range<usize>| range.filter(|i| view.symbols[*i] == "COL").count() as f32;
    row.push(place.map_or(-1.0, |p| names(0..p)));
    row.push(place.map_or(-1.0, |p| names(p + 1..view.symbols.len())));
    row.push(second.map_or(0.0, |m| m.score));
    row.push(distance(main.map(|m| m.token), second.map(|m| m.token)));
    row.push(f32::from(is_key));
    row.push(f32::from(schema.reference_of(id).is_some()));
    row.push(f32::from(is_display));
    row.push(f32::from(profile.unique));
    row.push((profile.distinct as f32 + 1.0).ln());
    row.push(profile.distinct as f32 / (profile.rows.max(1)) as f32);
    row.push(f32::from(profile.numeric));
    row.push(profile.nulls as f32 / (profile.rows.max(1)) as f32);
    row.push(profile.mean_length as f32);
    for semantic in [
        SemanticType::Id,
        SemanticType::Name,
        SemanticType::Category,
        SemanticType::Flag,
        SemanticType::Code,
        SemanticType::Quantity,
        SemanticType::Money,
        SemanticType::Score,
        SemanticType::Geo,
        SemanticType::FreeText,
    ] {
        row.push(f32::from(profile.semantic == semantic));
    }
    row.push(f32::from(profile.semantic.is_time()));
    row.push(f32::from(profile.semantic.is_measure()));
    // Its table.
    row.push(table.map_or(0.0, |m| m.score));
    row.push(distance(place, table.map(|m| m.token)));
    row.push(distance(place, view.tables[id.table.0].first().map(|m| m.token)));
    row.push(view.tables[id.table.0].len() as f32);
    row.push(evidence(view, id.table));
    let strongest = schema.table_ids().map(|t| evidence(view, t)).fold(0.0, f32::max);
    row.push(evidence(view, id.table) - strongest);
    row.push(f32::from(schema.table(id.table).is_view));
    row.push(schema.table(id.table).columns.len() as f32);
    // The nearest other table that is spoken of.
    let other = place.and_then(|p| nearest_table(view, p));
    row.push(f32::from(other.is_some_and(|(t, _)| t == id.table)));
    row.push(distance(place, other.map(|(_, at)| at)));
    let after = place.and_then(|p| (p + 1..view.tokens.len()).find_map(|i| view.table_at(i).map(|t| (t, i))));
    row.push(f32::from(after.is_some_and(|(t, _)| t == id.table)));
    row.push(distance(place, after.map(|(_, at)| at)));
    // Values and numbers.
    let value = view.values.iter().filter(|v| v.column == id).min_by_key(|v| v.kind);
    row.push(value.map_or(0.0, |v| match_strength(v.kind)));
    row.push(distance(place, value.map(|v| v.token)));
    let ahead = |kind: &str| place.and_then(|p| (p + 1..view.symbols.len()).find(|i| view.symbols[*i] == kind));
    let behind = |kind: &str| place.and_then(|p| (0..p).rev().find(|i| view.symbols[*i] == kind));
    for kind in ["NUM", "VAL", "TIME", "COL"] {
        row.push(distance(place, ahead(kind)));
        row.push(distance(place, behind(kind)));
    }
    let name = &schema.column(id).name;
    row.push(
        schema.tables.iter().filter(|t| t.columns.iter().any(|c| c.name.eq_ignore_ascii_case(name))).count() as f32
    );
    let target = schema.reference_of(id).map(|key| key.to.table);
    row.push(target.map_or(0.0, |t| view.tables[t.0].first().map_or(0.0, |m| m.score)));
    row.push(target.map_or(0.0, |t| evidence(view, t)));
    question_row(view, &mut row);
    distances(view, place, &mut row);
    row.extend(head);
    Slot { what: id, sparse, dense: row }
}

/// How many columns a token names about as well as by this mention.
fn tied(view: &View<'_>, mention: Mention) -> usize {
    let near = |m: &Mention| m.token == mention.token && f64::from((m.score - mention.score).abs()) <= TIE;
    view.columns.iter().flatten().filter(|mentions| mentions.iter().any(near)).count()
}

/// The mention nearest to another one; the strongest if there is none.
fn nearest(mentions: &[Mention], to: Option<Mention>) -> Option<Mention> {
    match to {
        None => mentions.first().copied(),
        Some(to) => mentions
            .iter()
            .filter(|m| m.score > 0.35)
            .min_by_key(|m| (m.token.abs_diff(to.token), m.token))
            .or(mentions.first())
            .copied(),
    }
}

fn nearest_table(view: &View<'_>, place: usize) -> Option<(TableId, usize)> {
    (0..view.tokens.len())
        .filter(|i| *i != place)
        .filter_map(|i| view.table_at(i).map(|t| (t, i)))
        .min_by_key(|(_, i)| (i.abs_diff(place), *i))
}

/// How much speaks for a table: its best mention and what is linked in it.
pub fn evidence(view: &View<'_>, table: TableId) -> f32 {
    let own = view.tables[table.0].first().map_or(0.0, |m| m.score);
    let mut by_token = vec![0.0_f32; view.tokens.len()];
    for mentions in &view.columns[table.0] {
        for mention in mentions {
            let rivals = view.best[mention.token].0.max(view.best[mention.token].1);
            if mention.score >= rivals - 0.05 {
                let share = mention.score / tied(view, *mention).max(1) as f32;
                by_token[mention.token] = by_token[mention.token].max(share);
            }
        }
    }
    let columns: f32 = by_token.iter().sum();
    own + 0.6 * columns
}

fn match_strength(kind: ValueMatchKind) -> f32 {
    match kind {
        ValueMatchKind::Exact => 1.0,
        ValueMatchKind::Partial => 0.6,
        ValueMatchKind::Fuzzy => 0.4,
    }
}

/// Every table, as it may be needed, counted or missing.
pub fn tables(view: &View<'_>, head: &[f32]) -> Vec<Slot<TableId>> {
    view.ground.schema.table_ids().map(|id| table(view, id, head)).collect()
}

fn table(view: &View<'_>, id: TableId, head: &[f32]) -> Slot<TableId> {
    let schema = view.ground.schema;
    let mentions = &view.tables[id.0];
    let main = mentions.first().copied();
    let second = mentions.get(1).copied();
    let place = main.map(|m| m.token);
    let mut sparse = Vec::new();
    let strength = main.map_or("0", |m| {
        if m.score > 0.9 {
            "3"
        } else if m.score > 0.5 {
            "2"
        } else {
            "1"
        }
    });
    if let Some(place) = place {
        context(view, place, "T", &mut sparse);
        sparse.push(feature(&["T", strength, view.around(place, -1)]));
    }
    if let Some(second) = second.filter(|m| m.score > 0.5) {
        context(view, second.token, "U", &mut sparse);
    }
    let references: Vec<TableId> =
        schema.foreign_keys.iter().filter(|k| k.from.table == id).map(|k| k.to.table).collect();
    let table = schema.table(id);
    let bridge = references.len() >= 2 && references.len() + 2 >= table.columns.len();
    sparse.push(feature(&["T", "kind", strength, if bridge { "bridge" } else { "" }]));
    sparse.push(feature(&["T", "first", view.around(0, 0), view.around(0, 1), strength]));
    let mut row = vec![
        main.map_or(0.0, |m| m.score),
        main.map_or(0.0, |m| m.score - view.best[m.token].0.max(view.best[m.token].1)),
    ];
    row.push(main.map_or(0.0, |m| m.score - view.best[m.token].0));
    row.push(second.map_or(0.0, |m| m.score));
    row.push(mentions.len() as f32);
    row.push(place.map_or(-1.0, |p| p as f32));
    row.push(place.map_or(-1.0, |p| p as f32 / view.symbols.len() as f32));
    let own = evidence(view, id);
    let strongest = schema.table_ids().map(|t| evidence(view, t)).fold(0.0, f32::max);
    row.push(own);
    row.push(own - strongest);
    let best_column = view.columns[id.0].iter().filter_map(|m| m.first().map(|m| m.score)).fold(0.0, f32::max);
    row.push(best_column);
    let only_here = view.columns[id.0]
        .iter()
        .flatten()
        .filter(|m| m.score > 0.55 && m.score >= view.best[m.token].0 - 0.02 && tied(view, **m) == 1);
    row.push(only_here.count() as f32);
    let values = view.values.iter().filter(|v| v.column.table == id);
    row.push(values.clone().map(|v| match_strength(v.kind)).fold(0.0, f32::max));
    row.push(values.count().min(9) as f32);
    row.push(f32::from(bridge));
    row.push(references.len() as f32);
    row.push(schema.foreign_keys.iter().filter(|k| k.to.table == id).count() as f32);
    row.push((table.row_count.unwrap_or(0) as f32 + 1.0).ln());
    row.push(table.columns.len() as f32);
    row.push(f32::from(table.is_view));
    // How near it lies to what is spoken of, in the schema.
    let spoken: Vec<TableId> = schema.table_ids().filter(|t| *t != id && evidence(view, *t) > 0.9).collect();
    row.push(spoken.len() as f32);
    let joined = spoken.iter().filter(|t| {
        schema
            .foreign_keys
            .iter()
            .any(|k| (k.from.table == id && k.to.table == **t) || (k.to.table == id && k.from.table == **t))
    });
    row.push(joined.count() as f32);
    let [a, b] = [spoken.first(), spoken.get(1)];
    let between = match (a, b) {
        (Some(a), Some(b)) => view.ground.graph.join(&[*a, *b], &[]).is_some_and(|tree| tree.tables().contains(&id)),
        _ => false,
    };
    row.push(f32::from(between));
    question_row(view, &mut row);
    distances(view, place, &mut row);
    row.extend(head);
    Slot { what: id, sparse, dense: row }
}

/// Pairs of a value and a column that holds it, by their position in [`View::values`].
pub fn values(view: &View<'_>, head: &[f32]) -> Vec<Slot<usize>> {
    (0..view.values.len()).map(|i| value(view, i, head)).collect()
}

fn value(view: &View<'_>, at: usize, head: &[f32]) -> Slot<usize> {
    let link = &view.values[at];
    let schema = view.ground.schema;
    let id = link.column;
    let profile = schema.profile(id);
    let words: &[Word] = &view.ground.analysis.words[view.tokens[link.token].words.clone()];
    let mut sparse = Vec::new();
    let semantic = format!("{:?}", profile.semantic);
    let kind = format!("{:?}", link.kind);
    context(view, link.token, "V", &mut sparse);
    sparse.push(feature(&["V", "sem", &semantic, view.around(link.token, -1)]));
    sparse.push(feature(&["V", "kind", &kind, view.around(link.token, -1)]));
    sparse.push(feature(&["V", "kind", &kind, &semantic]));
    let mut row = Vec::new();
    row.push(match_strength(link.kind));
    row.push(f32::from(words.iter().all(Word::is_capitalised)));
    row.push(f32::from(words.iter().any(|w| w.kind == crate::pipeline::analysis::WordKind::Quoted)));
    // Written as the database has it, and no everyday word.
    let written = words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ");
    row.push(f32::from(written == link.value));
    row.push(f32::from(written.eq_ignore_ascii_case(&link.value)));
    let everyday = |w: &Word| {
        lexicon().is_light(&w.folded)
            || lexicon().is_light(&w.lemma)
            || lexicon().is_verb(&w.lemma)
            || !lexicon().synonyms(&w.lemma).is_empty()
    };
    row.push(words.iter().filter(|w| everyday(w)).count() as f32 / words.len().max(1) as f32);
    row.push(words.len() as f32 / link.value.split_whitespace().count().max(1) as f32);
    row.push(words.len() as f32);
    row.push(words.iter().map(|w| w.folded.len()).sum::<usize>() as f32);
    row.push(f32::from(link.token == 0));
    let rivals: Vec<_> = view.values.iter().filter(|v| v.token == link.token).collect();
    row.push(rivals.len() as f32);
    row.push(rivals.iter().filter(|v| v.column == id).count() as f32);
    row.push(rivals.iter().position(|v| v.column == id && v.value == link.value).unwrap_or(0) as f32);
    row.push((link.rows as f32 + 1.0).ln());
    row.push(view.best[link.token].0);
    row.push(view.best[link.token].1);
    let column_mention = nearest(view.mentions(id), Some(Mention { token: link.token, score: 1.0 }));
    row.push(column_mention.map_or(0.0, |m| m.score));
    row.push(distance(Some(link.token), column_mention.map(|m| m.token)));
    row.push(column_mention.map_or(0.0, |m| m.score - view.best[m.token].0.max(view.best[m.token].1)));
    let best_rival = rivals
        .iter()
        .filter(|v| v.column != id)
        .filter_map(|v| view.mentions(v.column).first().map(|m| m.score))
        .fold(0.0, f32::max);
    row.push(column_mention.map_or(0.0, |m| m.score) - best_rival);
    let table_mention = nearest(&view.tables[id.table.0], Some(Mention { token: link.token, score: 1.0 }));
    row.push(table_mention.map_or(0.0, |m| m.score));
    row.push(distance(Some(link.token), table_mention.map(|m| m.token)));
    let own = evidence(view, id.table);
    let strongest = rivals.iter().map(|v| evidence(view, v.column.table)).fold(0.0, f32::max);
    row.push(own);
    row.push(own - strongest);
    row.push(f32::from(schema.is_primary_key(id)));
    row.push(f32::from(schema.reference_of(id).is_some()));
    row.push(f32::from(view.display[id.table.0].contains(&id)));
    row.push((profile.distinct as f32 + 1.0).ln());
    row.push(profile.distinct as f32 / profile.rows.max(1) as f32);
    row.push(profile.mean_length as f32);
    for semantic in [
        SemanticType::Name,
        SemanticType::Category,
        SemanticType::Flag,
        SemanticType::Code,
        SemanticType::Geo,
        SemanticType::FreeText,
    ] {
        row.push(f32::from(profile.semantic == semantic));
    }
    row.push(f32::from(schema.table(id.table).is_view));
    question_row(view, &mut row);
    distances(view, Some(link.token), &mut row);
    row.extend(head);
    Slot { what: at, sparse, dense: row }
}

/// Pairs of a number or a period and what it may limit. The first is the position of the token.
pub fn numbers(view: &View<'_>, head: &[f32]) -> Vec<Slot<(usize, NumberTarget)>> {
    let schema = view.ground.schema;
    let mut slots = Vec::new();
    for (token, what) in view.tokens.iter().enumerate() {
        let timed = matches!(what.kind, TokenKind::Time(_));
        if !timed && view.numbers[token].is_none() {
            continue;
        }
        for id in schema.columns() {
            let profile = schema.profile(id);
            let linked = view.mentions(id).first().is_some_and(|m| m.score > 0.35);
            let near = evidence(view, id.table) > 0.6;
            let fits = if timed {
                profile.semantic.is_time() || (linked && profile.numeric)
            } else {
                profile.numeric || profile.semantic.is_time()
            };
            if fits
                && (linked
                    || (near && (timed || profile.semantic.is_measure() || profile.semantic == SemanticType::Id)))
            {
                slots.push(number(view, token, NumberTarget::Column(id), head));
            }
        }
        if !timed {
            slots.push(number(view, token, NumberTarget::Count, head));
            slots.push(number(view, token, NumberTarget::Limit, head));
        }
    }
    slots
}

fn number(view: &View<'_>, token: usize, target: NumberTarget, head: &[f32]) -> Slot<(usize, NumberTarget)> {
    let schema = view.ground.schema;
    let mut sparse = Vec::new();
    let kind = match target {
        NumberTarget::Column(_) => "Nc",
        NumberTarget::Count => "Nn",
        NumberTarget::Limit => "Nl",
    };
    context(view, token, kind, &mut sparse);
    let mut row = Vec::new();
    let column = match target {
        NumberTarget::Column(id) => Some(id),
        _ => None,
    };
    row.push(match target {
        NumberTarget::Column(_) => 0.0,
        NumberTarget::Count => 1.0,
        NumberTarget::Limit => 2.0,
    });
    let here = Mention { token, score: 1.0 };
    let mention = column.and_then(|id| nearest(view.mentions(id), Some(here)));
    row.push(mention.map_or(0.0, |m| m.score));
    row.push(distance(Some(token), mention.map(|m| m.token)));
    row.push(mention.map_or(0.0, |m| m.score - view.best[m.token].0));
    // Is it the nearest name before the number?
    let before = (0..token).rev().find(|i| view.best[*i].0 > 0.5);
    row.push(distance(Some(token), before));
    row.push(f32::from(before.is_some() && mention.is_some_and(|m| Some(m.token) == before)));
    let profile = column.map(|id| schema.profile(id));
    let asked = asked_numbers(view, token).first().copied();
    let inside = profile.map_or(0.0, |p| {
        let (Some(low), Some(high)) = (p.min.as_ref().and_then(as_number), p.max.as_ref().and_then(as_number)) else {
            return -1.0;
        };
        f32::from(asked.is_some_and(|x| low <= x && x <= high))
    });
    row.push(inside);
    row.push(asked.map_or(0.0, |x| (x.abs() as f32 + 1.0).ln()));
    row.push(f32::from(asked.is_some_and(|x| x.fract() != 0.0)));
    row.push(f32::from(asked.is_some_and(|x| (1900.0..2100.0).contains(&x))));
    row.push(profile.map_or(0.0, |p| f32::from(p.semantic.is_time())));
    row.push(profile.map_or(0.0, |p| f32::from(p.semantic.is_measure())));
    row.push(profile.map_or(0.0, |p| f32::from(p.semantic == SemanticType::Id)));
    row.push(profile.map_or(0.0, |p| f32::from(p.semantic == SemanticType::Year)));
    row.push(profile.map_or(0.0, |p| (p.distinct as f32 + 1.0).ln()));
    row.push(column.map_or(0.0, |id| f32::from(schema.reference_of(id).is_some())));
    row.push(column.map_or(0.0, |id| evidence(view, id.table)));
    let table = column.and_then(|id| nearest(&view.tables[id.table.0], Some(here)));
    row.push(table.map_or(0.0, |m| m.score));
    row.push(distance(Some(token), table.map(|m| m.token)));
    row.push(f32::from(view.symbols[token] == "TIME"));
    row.push(view.symbols.iter().filter(|s| matches!(s.as_str(), "NUM" | "ONE" | "TIME")).count() as f32);
    let next = (token + 1 < view.tokens.len()).then(|| token + 1);
    row.push(next.map_or(0.0, |i| view.best[i].0));
    row.push(next.map_or(0.0, |i| view.best[i].1));
    row.push(f32::from(next.is_some_and(|i| mention.is_some_and(|m| m.token == i))));
    question_row(view, &mut row);
    distances(view, Some(token), &mut row);
    row.extend(head);
    Slot { what: (token, target), sparse, dense: row }
}

fn as_number(value: &crate::schema::Value) -> Option<f64> {
    match value {
        crate::schema::Value::Integer(i) => Some(*i as f64),
        crate::schema::Value::Real(x) => Some(*x),
        crate::schema::Value::Text(text) => text.get(..4)?.parse().ok(),
        _ => None,
    }
}

/// Numbers that the gold may say where a token says a number or a period: of an open period, the years at its edge.
pub fn asked_numbers(view: &View<'_>, token: usize) -> Vec<f64> {
    if let Some(x) = view.numbers[token] {
        return vec![x];
    }
    let TokenKind::Time(i) = view.tokens[token].kind else { return Vec::new() };
    let period = view.ground.analysis.times[i].period;
    let year = |day: jiff::civil::Date| f64::from(day.year());
    match (period.first, period.last) {
        (Some(first), Some(last)) => vec![year(first), year(last)],
        (Some(first), None) => vec![year(first), year(first) - 1.0],
        (None, Some(last)) => vec![year(last), year(last) + 1.0],
        (None, None) => Vec::new(),
    }
}
