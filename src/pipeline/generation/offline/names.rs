//! Schema linking: phrases of a question to tables, columns and metrics, by the words of their names.

use std::collections::HashMap;

use super::reading::display_columns;
use crate::knowledge::{Knowledge, qualified_names};
use crate::language::{fold, identifier_words, lemma, lexicon, stem};
use crate::schema::{ColumnId, Schema, SemanticType, TableId};

/// What a phrase may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    Table(TableId),
    Column(ColumnId),
    /// Position in [`Knowledge::metrics`].
    Metric(usize),
}

/// A phrase read as a name. 1.0 is the name itself; below are parts, synonyms and both.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    pub target: Target,
    pub score: f64,
}

/// All phrases that name something, built once for a schema and its knowledge.
#[derive(Clone, Debug, Default)]
pub struct Names {
    phrases: HashMap<String, Vec<Link>>,
    /// What the words of names have in common with related words.
    stems: HashMap<String, Vec<Link>>,
    /// Metrics have no place in the schema, so their names are kept for explanations.
    pub metrics: Vec<String>,
    /// Tables that each metric is computed from, the one with its date first.
    pub metric_tables: Vec<Vec<TableId>>,
    /// By table: the words of its name.
    table_words: Vec<Vec<String>>,
    /// By table and column: the same.
    column_words: Vec<Vec<Vec<String>>>,
    /// By table: stems of the words of its name.
    table_stems: Vec<Vec<String>>,
    /// By table and column: the same.
    column_stems: Vec<Vec<Vec<String>>>,
    /// By table: the columns people know its rows by.
    display: Vec<Vec<ColumnId>>,
}

/// Words of a phrase at most.
pub const LONGEST_PHRASE: usize = 5;

/// Links below this say nothing.
const WEAKEST_LINK: f64 = 0.3;

/// What a link by the stem is worth where the name is that word alone, and where it is one of several.
const RELATED: f64 = 0.45;
const RELATED_PART: f64 = 0.38;
/// Shorter words have too many relatives.
const SHORTEST_RELATED: usize = 4;

/// Words at the end of a column's name that add nothing to what it is.
const COLUMN_FILLERS: [&str; 8] = ["value", "data", "level", "info", "text", "field", "figure", "total"];
/// The same for tables.
const TABLE_FILLERS: [&str; 17] = [
    "data",
    "table",
    "info",
    "information",
    "master",
    "analysis",
    "record",
    "detail",
    "history",
    "list",
    "fact",
    "dim",
    "tbl",
    "ref",
    "log",
    "weekly",
    "header",
];
/// Last words that say only that a column identifies or names the thing before them.
const KEY_ENDINGS: [&str; 7] = ["id", "code", "name", "number", "key", "title", "label"];

impl Names {
    pub fn new(schema: &Schema, knowledge: &Knowledge) -> Self {
        let table_words: Vec<Vec<String>> = schema.tables.iter().map(|t| identifier_words(&t.name)).collect();
        let column_words: Vec<Vec<Vec<String>>> =
            schema.tables.iter().map(|t| t.columns.iter().map(|c| identifier_words(&c.name)).collect()).collect();
        let stems = |words: &Vec<String>| words.iter().map(|word| stem(word)).collect::<Vec<_>>();
        let mut names = Self {
            table_stems: table_words.iter().map(stems).collect(),
            column_stems: column_words.iter().map(|table| table.iter().map(stems).collect()).collect(),
            table_words,
            column_words,
            display: schema.table_ids().map(|t| display_columns(schema, t)).collect(),
            ..Self::default()
        };
        for id in schema.table_ids() {
            names.add_table(schema, id);
        }
        for id in schema.columns() {
            names.add_column(schema, id);
        }
        for id in schema.table_ids() {
            names.add_levels(schema, id);
        }
        names.add_knowledge(schema, knowledge);
        for links in names.phrases.values_mut() {
            links.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| order(a.target).cmp(&order(b.target))));
        }
        names
    }

    /// The words of a table's name.
    pub fn table_words(&self, id: TableId) -> &[String] {
        &self.table_words[id.0]
    }

    /// The words of a column's name.
    pub fn column_words(&self, id: ColumnId) -> &[String] {
        &self.column_words[id.table.0][id.column]
    }

    /// Stems of the words of a table's name.
    pub fn table_stems(&self, id: TableId) -> &[String] {
        &self.table_stems[id.0]
    }

    /// Stems of the words of a column's name.
    pub fn column_stems(&self, id: ColumnId) -> &[String] {
        &self.column_stems[id.table.0][id.column]
    }

    /// The columns people know the rows of a table by.
    pub fn display(&self, id: TableId) -> &[ColumnId] {
        &self.display[id.0]
    }

    /// Links of a phrase of lemmas, through synonyms too; strongest first, then in catalogue order.
    pub fn look_up(&self, lemmas: &[&str]) -> Vec<Link> {
        let mut found: Vec<Link> = Vec::new();
        self.collect(&lemmas.join(" "), 1.0, &mut found);
        let lexicon = lexicon();
        for (phrase, strength) in lexicon.synonyms(&lemmas.join(" ")) {
            self.collect(phrase, *strength, &mut found);
        }
        if (2..=3).contains(&lemmas.len()) {
            self.collect_substituted(lemmas, &mut found);
        }
        found.retain(|l| l.score >= WEAKEST_LINK);
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| order(a.target).cmp(&order(b.target))));
        found
    }

    /// Names that a word is only related to ("located" to a location), by its stem.
    pub fn related(&self, word: &str) -> &[Link] {
        if word.len() < SHORTEST_RELATED { &[] } else { self.stems.get(&stem(word)).map_or(&[], Vec::as_slice) }
    }

    fn add_stems(&mut self, words: &[String], target: Target) {
        let weight = if words.len() == 1 { RELATED } else { RELATED_PART };
        for word in words.iter().filter(|w| w.len() >= SHORTEST_RELATED) {
            let links = self.stems.entry(stem(word)).or_default();
            if !links.iter().any(|l| l.target == target) {
                links.push(Link { target, score: weight });
            }
        }
    }

    /// One or two words replaced by their synonyms.
    fn collect_substituted(&self, lemmas: &[&str], found: &mut Vec<Link>) {
        let lexicon = lexicon();
        for i in 0..lemmas.len() {
            for (word, strength) in lexicon.synonyms(lemmas[i]) {
                let mut words = lemmas.to_vec();
                words[i] = word;
                self.collect(&words.join(" "), *strength, found);
                for j in i + 1..lemmas.len() {
                    for (other, other_strength) in lexicon.synonyms(lemmas[j]) {
                        let mut words = words.clone();
                        words[j] = other;
                        self.collect(&words.join(" "), strength * other_strength, found);
                    }
                }
            }
        }
    }

    fn collect(&self, phrase: &str, strength: f64, found: &mut Vec<Link>) {
        for link in self.phrases.get(phrase).map_or(&[][..], Vec::as_slice) {
            let score = link.score * strength;
            match found.iter_mut().find(|l| l.target == link.target) {
                Some(known) => known.score = known.score.max(score),
                None => found.push(Link { target: link.target, score }),
            }
        }
    }

    /// A view repeats what its tables hold; the tables themselves go first.
    fn add_of(&mut self, schema: &Schema, words: &[String], target: Target, score: f64) {
        let table = match target {
            Target::Table(t) => t,
            Target::Column(c) => c.table,
            Target::Metric(_) => return self.add(words, target, score),
        };
        let weight = if schema.table(table).is_view { 0.7 } else { 1.0 };
        self.add(words, target, score * weight);
    }

    fn add(&mut self, words: &[String], target: Target, score: f64) {
        if words.is_empty() || words.len() > LONGEST_PHRASE {
            return;
        }
        let links = self.phrases.entry(words.join(" ")).or_default();
        match links.iter_mut().find(|l| l.target == target) {
            Some(link) => link.score = link.score.max(score),
            None => links.push(Link { target, score }),
        }
    }

    fn add_table(&mut self, schema: &Schema, id: TableId) {
        let words = self.table_words[id.0].clone();
        let target = Target::Table(id);
        self.add_of(schema, &words, target, 1.0);
        self.add_stems(&words, target);
        let core = without_fillers(&words, &TABLE_FILLERS);
        self.add_of(schema, core, target, 0.95);
        let (Some(first), Some(last)) = (core.first(), core.last()) else { return };
        if core.len() > 1 {
            self.add_of(schema, std::slice::from_ref(last), target, 0.55);
            self.add_of(schema, std::slice::from_ref(first), target, 0.4);
        }
    }

    fn add_column(&mut self, schema: &Schema, id: ColumnId) {
        let target = Target::Column(id);
        let words = self.column_words(id).to_vec();
        let table = without_fillers(self.table_words(id.table), &TABLE_FILLERS).to_vec();
        let semantic = schema.profile(id).semantic;
        self.add_of(schema, &words, target, 1.0);
        self.add_stems(&words, target);
        if let Some(long) = shortened(schema, id) {
            self.add_of(schema, &long, target, 0.95);
            self.add_of(schema, &long[long.len() - 1..], target, 0.6);
        }
        // A question may have the short form too: "surname" is kept as "last name".
        let written: Vec<String> =
            fold(&schema.column(id).name).split(|c: char| !c.is_alphanumeric()).map(lemma).collect();
        if written != words && !written.iter().any(|w| w.is_empty() || lexicon().is_light(w)) {
            self.add_of(schema, &written, target, 1.0);
        }
        // "product price" is the price of a product; a key to another table belongs to that table.
        let qualified = if schema.reference_of(id).is_some() { 0.45 } else { 1.0 };
        self.add_of(schema, &[table.clone(), words.clone()].concat(), target, qualified);
        if let Some(noun) = table.last() {
            self.add_of(schema, &[vec![noun.clone()], words.clone()].concat(), target, 0.98 * qualified);
            if words.len() > 1 && words[0] == *noun {
                // `product_name` is a product's name; `margin_category` is not what people call a category.
                let kind = matches!(words[1].as_str(), "category" | "type" | "class" | "level" | "group" | "band");
                self.add_of(schema, &words[1..], target, if kind { 0.6 } else { 0.92 });
            }
        }
        if semantic.is_time() {
            self.add_date(schema, &words, target);
        }
        // "date of birth" may be asked for as "date birth", which is what "dob" stands for.
        let bare: Vec<String> = words.iter().filter(|w| *w != "of").cloned().collect();
        if bare.len() < words.len() {
            self.add_of(schema, &bare, target, 0.97);
        }
        let digits = words.iter().rposition(|w| !w.chars().all(|c| c.is_ascii_digit())).map_or(0, |i| i + 1);
        let core = without_fillers(&words[..digits], &COLUMN_FILLERS);
        if core.len() < words.len() {
            self.add_of(schema, core, target, 0.8);
        }
        self.add_parts(schema, core, target, semantic);
    }

    /// `due_on` is the due date, and when something was due.
    fn add_date(&mut self, schema: &Schema, words: &[String], target: Target) {
        const ENDINGS: [&str; 8] = ["on", "at", "date", "day", "time", "datetime", "timestamp", "dt"];
        let Some((last, front)) = words.split_last() else { return };
        if front.is_empty() || !ENDINGS.contains(&last.as_str()) {
            return;
        }
        // "paid", "due": not "price" of `price_date`.
        if matches!(last.as_str(), "on" | "at") {
            self.add_of(schema, front, target, 0.7);
        }
        for noun in ["date", "day", "time"] {
            self.add_of(schema, &[front, &[noun.to_owned()]].concat(), target, 0.9);
        }
    }

    /// Of `category_level_1` to `category_level_3` the first is the department and the last the subcategory.
    fn add_levels(&mut self, schema: &Schema, table: TableId) {
        const WIDE: [&str; 3] = ["department", "division", "main category"];
        const NARROW: [&str; 3] = ["subcategory", "sub category", "subclass"];
        let mut levels: Vec<(u32, ColumnId)> = Vec::new();
        for column in 0..schema.table(table).columns.len() {
            let id = ColumnId { table, column };
            let words = self.column_words(id);
            if words.first().is_some_and(|w| w == "category")
                && let Some(level) = words.last().and_then(|w| w.parse().ok())
            {
                levels.push((level, id));
            }
        }
        levels.sort_unstable_by_key(|(level, _)| *level);
        let [(_, first), middle @ .., (_, last)] = levels.as_slice() else { return };
        for (phrases, id) in [(WIDE, first), (NARROW, last)] {
            for phrase in phrases {
                self.add_of(schema, &phrase_words(phrase), Target::Column(*id), 0.95);
            }
        }
        if let Some((_, id)) = middle.first() {
            self.add_of(schema, &["category".to_owned()], Target::Column(*id), 0.82);
        }
    }

    /// Parts of a name of several words: its head most, the other words less.
    fn add_parts(&mut self, schema: &Schema, words: &[String], target: Target, semantic: SemanticType) {
        let count = words.len();
        if count < 2 {
            return;
        }
        let ends_as_key = KEY_ENDINGS.contains(&words[count - 1].as_str());
        if ends_as_key {
            let front = if semantic == SemanticType::Id { 0.45 } else { 0.62 };
            self.add_of(schema, &words[..count - 1], target, front);
            self.add_of(schema, &words[count - 1..], target, 0.5);
        } else {
            self.add_of(schema, &words[count - 1..], target, 0.62);
        }
        for length in 1..count {
            for start in 0..=count - length {
                let score = if length == 1 { 0.4 } else { 0.5 + 0.25 * length as f64 / count as f64 };
                let part = &words[start..start + length];
                if length > 1 || part[0].len() > 2 && part[0] != "level" && part[0] != "number" {
                    self.add_of(schema, part, target, score);
                }
            }
        }
        // "price of the unit": a two-word name whose words are asked the other way round.
        if count == 2 {
            self.add_of(schema, &[words[1].clone(), words[0].clone()], target, 0.85);
        }
    }

    fn add_knowledge(&mut self, schema: &Schema, knowledge: &Knowledge) {
        const TAUGHT: f64 = 0.99;
        for table in &knowledge.tables {
            let Some(id) = schema.find_table(&table.name) else { continue };
            for synonym in &table.synonyms {
                self.add(&phrase_words(synonym), Target::Table(id), TAUGHT);
            }
            for column in &table.columns {
                let Some(column_id) = schema.find_column(id, &column.name) else { continue };
                for synonym in &column.synonyms {
                    self.add(&phrase_words(synonym), Target::Column(column_id), TAUGHT);
                }
            }
        }
        for (i, metric) in knowledge.metrics.iter().enumerate() {
            self.metrics.push(metric.name.clone());
            let dated =
                metric.time_column.iter().filter_map(|name| name.split_once('.').map(|(table, _)| table.to_owned()));
            let mut tables: Vec<TableId> = Vec::new();
            for table in dated.chain(qualified_names(&metric.expression).into_iter().map(|(table, _)| table)) {
                tables.extend(schema.find_table(&table).filter(|id| !tables.contains(id)));
            }
            self.metric_tables.push(tables);
            for name in std::iter::once(&metric.name).chain(&metric.synonyms) {
                self.add(&phrase_words(name), Target::Metric(i), TAUGHT);
            }
        }
    }
}

/// A name that is the first letters of its table's name, or of the one it refers to, and what it says of its rows: `eid`
/// of employees, `flno` of flights.
fn shortened(schema: &Schema, id: ColumnId) -> Option<Vec<String>> {
    const SAID: [(&str, &str); 7] = [
        ("name", "name"),
        ("title", "title"),
        ("code", "code"),
        ("date", "date"),
        ("num", "number"),
        ("id", "id"),
        ("no", "number"),
    ];
    let name = fold(&schema.column(id).name);
    let (front, said) = SAID.iter().find_map(|(short, said)| Some((name.strip_suffix(short)?, *said)))?;
    if !(1..=4).contains(&front.len()) || !front.chars().all(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    let referred = schema.reference_of(id).map(|key| key.to.table);
    std::iter::once(id.table).chain(referred).find_map(|table| {
        let words = identifier_words(&schema.table(table).name);
        let core = without_fillers(&words, &TABLE_FILLERS);
        let initials: String = core.iter().filter_map(|w| w.chars().next()).collect();
        let begins = core.iter().any(|w| w.starts_with(front) && w != front) || (front.len() > 1 && initials == front);
        begins.then(|| core.last().into_iter().cloned().chain([said.to_owned()]).collect())
    })
}

/// Lemmas of a phrase that a person wrote (`price_gap` counts as two words).
fn phrase_words(phrase: &str) -> Vec<String> {
    fold(phrase).split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(lemma).collect()
}

/// Words without those at the end (and front, for tables) that add nothing; never empty.
fn without_fillers<'a>(words: &'a [String], fillers: &[&str]) -> &'a [String] {
    let mut core = words;
    while core.len() > 1 && fillers.contains(&core[core.len() - 1].as_str()) {
        core = &core[..core.len() - 1];
    }
    while core.len() > 1 && fillers.contains(&core[0].as_str()) && fillers.len() == TABLE_FILLERS.len() {
        core = &core[1..];
    }
    core
}

/// Catalogue order, tables before columns before metrics.
fn order(target: Target) -> (u8, usize, usize) {
    match target {
        Target::Table(t) => (0, t.0, 0),
        Target::Column(c) => (1, c.table.0, c.column),
        Target::Metric(m) => (2, m, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Column, Table};

    fn schema() -> Schema {
        let column = |name: &str| Column { name: name.into(), ..Column::default() };
        Schema {
            tables: vec![Table {
                name: "weekly_sales".into(),
                columns: vec![column("sale_id"), column("turnover"), column("forecast_qty"), column("Surname")],
                ..Table::default()
            }],
            ..Schema::default()
        }
    }

    #[test]
    fn names_are_found_by_their_words_by_parts_and_through_synonyms() {
        let names = Names::new(&schema(), &Knowledge::default());
        let score = |phrase: &[&str]| names.look_up(phrase).first().map_or(0.0, |l| l.score);
        assert!((score(&["turnover"]) - 1.0).abs() < 1e-9);
        assert!(score(&["revenue"]) > 0.8 && score(&["revenue"]) < 1.0);
        assert!(score(&["forecast", "quantity"]) > score(&["expected", "volume"]));
        assert!(score(&["expected", "volume"]) > 0.6);
        assert!((score(&["weather"])).abs() < 1e-9);
        for name in [&["forecast", "qty"][..], &["surname"], &["last", "name"]] {
            assert!((score(name) - 1.0).abs() < 1e-9, "{name:?}");
        }
    }

    #[test]
    fn names_cut_short_are_written_out_and_related_words_are_known() {
        let column = |name: &str| Column { name: name.into(), ..Column::default() };
        let table = |name: &str, columns: &[&str]| Table {
            name: name.into(),
            columns: columns.iter().map(|c| column(c)).collect(),
            ..Table::default()
        };
        let schema = Schema {
            tables: vec![table("flight", &["flno", "paid", "enrolment"]), table("employee", &["eid", "ename"])],
            ..Schema::default()
        };
        let names = Names::new(&schema, &Knowledge::default());
        let best = |phrase: &[&str]| names.look_up(phrase).first().map(|l| l.target);
        let column = |table, column| Some(Target::Column(ColumnId { table: TableId(table), column }));
        assert_eq!(best(&["flight", "number"]), column(0, 0));
        assert_eq!(best(&["employee", "id"]), column(1, 0));
        assert_eq!(best(&["employee", "name"]), column(1, 1));
        assert_eq!(names.related("enrolled").first().map(|l| l.target), column(0, 2));
        assert!(names.related("red").is_empty() && names.related("unheard").is_empty());
    }
}
