//! Words as they were meant: slips of the pen and abbreviations, where the database or the language has one word that
//! they can stand for. The text of a word stays as it was typed, so that what was read for it can be told.

use super::dates::MONTHS;
use super::shorthand::written_out;
use super::words::{Word, WordKind};
use crate::language::{fold, identifier_words, lemma, lexicon, plural};
use crate::schema::Schema;

impl Word {
    /// The word was read as another one than was typed.
    pub fn is_mended(&self) -> bool {
        let typed = fold(&self.text);
        self.kind == WordKind::Word && typed != self.folded && written_out(&typed) != Some(self.folded.as_str())
    }
}

/// Words that no list of the lexicon has: of the calendar and of counting, which may be misspelt, and others that are no
/// slips of something else.
const CALENDAR: [&str; 16] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "daily",
    "weekly",
    "monthly",
    "quarterly",
    "yearly",
    "annual",
    "weekday",
    "yesterday",
    "tomorrow",
];

/// Words of the calendar. "May" is too short to be told from its slips.
fn calendar() -> impl Iterator<Item = &'static str> {
    MONTHS.into_iter().filter(|month| *month != "may").chain(CALENDAR)
}
const COMMON: &str = "three seven eight eleven twelve twenty thirty forty fifty hundred thousand million first second third \
    fourth fifth half double single point place places world while great small large house would should could other \
    again under start might story stories early later often rather quite almost enough since until weather whether \
    water woman women child children family friend school state states town towns street part parts side hand head \
    face room door money power fact facts case cases problem level light heavy white black green brown yellow orange \
    purple rain snow storm river ocean beach paper pound plant plants train trains plane planes bread coffee cheese \
    chair table cable major minor party prize point print paint trade grade grand clock block score share shape space \
    spare square stage steal steel stone study style sugar sweet taste teach think thought through title touch tough \
    tower track trail treat trend trial tribe trick trust truth twice union unite unity until upper urban usual valid \
    value video virus visit vital voice waste watch wheel where which whole whose wider world worry worse worst worth \
    would wound write wrong young youth happy unhappy healthy sunny rainy cheap weak strong quick slow busy empty full \
    reason result report record return ready really real reach react read road role rule rural safe salt same sand save \
    sail seat seed seek seem self send sense serve seven share shift shine shoot short shown sight since skill sleep \
    slide smart smile smoke solid solve sound south north speak speed spend split sport staff stand start steam stick \
    still storm stuff super surge taken their theme thick thing those throw tight tired today total percentile \
    percentiles quantile decile median weighted rolling trailing moving fiscal financial churned lapsed comparable \
    existing inactive index";

/// Reads abbreviations and misspelt words of a question as what they stand for.
pub fn mend(words: &mut Vec<Word>, schema: &Schema) {
    read_signs(words);
    let mut known: Option<Known<'_>> = None;
    let mut i = 0;
    while i < words.len() {
        let dotted = is_dotted(words, i);
        let open = words[i].kind == WordKind::Word && (dotted || !is_common(&words[i]));
        if open && !is_code(&words[i].folded) {
            let known = known.get_or_insert_with(|| Known::of(schema));
            if !known.has(&words[i])
                && let Some(meant) = known.meant(&words[i].folded, dotted)
            {
                i += replace(words, i, &meant);
                continue;
            }
        }
        i += 1;
    }
    drop_inner_points(words);
}

/// "w/", "w/o" and "#" are words.
fn read_signs(words: &mut Vec<Word>) {
    for i in 0..words.len() {
        let joined = |a: usize, b: usize| matches!((words.get(a), words.get(b)), (Some(a), Some(b)) if a.span.end == b.span.start);
        let sign = |i: usize, text: &str| words.get(i).is_some_and(|w: &Word| w.text == text);
        if words.get(i).is_some_and(|w| w.is("w")) && joined(i, i + 1) && sign(i + 1, "/") {
            let without = joined(i + 1, i + 2) && words[i + 2].is("o");
            let end = i + 1 + usize::from(without);
            let text: String = words[i..=end].iter().map(|w| w.text.as_str()).collect();
            let span = words[i].span.start..words[end].span.end;
            let meant = if without { "without" } else { "with" };
            words.drain(i + 1..=end);
            words[i] = Word { text, folded: meant.to_owned(), lemma: meant.to_owned(), kind: WordKind::Word, span };
        } else if sign(i, "#") && words.get(i + 1).is_some_and(|w| w.number().is_none()) {
            let word = &mut words[i];
            word.kind = WordKind::Word;
            "number".clone_into(&mut word.folded);
            "number".clone_into(&mut word.lemma);
        }
    }
}

fn is_common(word: &Word) -> bool {
    let lexicon = lexicon();
    word.folded.chars().count() < 3
        || lexicon.knows(&word.folded)
        || lexicon.knows(&word.lemma)
        || calendar().any(|known| known == word.folded)
        || COMMON.split_whitespace().any(|common| common == word.folded)
}

/// Letters with digits among them are no word.
fn is_code(word: &str) -> bool {
    !word.chars().all(char::is_alphabetic)
}

fn is_dotted(words: &[Word], i: usize) -> bool {
    words.get(i + 1).is_some_and(|dot| dot.text == "." && dot.span.start == words[i].span.end)
}

/// Puts what was meant in the place of a word; the number of words it became.
fn replace(words: &mut Vec<Word>, i: usize, meant: &str) -> usize {
    let word = words[i].clone();
    let made: Vec<Word> = meant
        .split(' ')
        .map(|folded| Word { folded: folded.to_owned(), lemma: lemma(folded), ..word.clone() })
        .collect();
    let count = made.len();
    words.splice(i..=i, made);
    count
}

/// The point of an abbreviation ends no sentence.
fn drop_inner_points(words: &mut Vec<Word>) {
    let inner = |i: usize| {
        let follows = words.get(i + 1).is_some_and(|w| w.is_punctuation() || !w.is_capitalised());
        i > 0 && words[i].text == "." && words[i - 1].span.end == words[i].span.start && follows
    };
    let points: Vec<usize> = (0..words.len()).filter(|i| inner(*i)).collect();
    for point in points.into_iter().rev() {
        words.remove(point);
    }
}

/// The words of a database.
struct Known<'a> {
    schema: &'a Schema,
    /// Of tables first, then of columns, each once.
    names: Vec<String>,
}

impl<'a> Known<'a> {
    fn of(schema: &'a Schema) -> Self {
        let mut names: Vec<String> = Vec::new();
        let tables = schema.tables.iter().map(|t| &t.name);
        let columns = schema.tables.iter().flat_map(|t| t.columns.iter().map(|c| &c.name));
        for name in tables.chain(columns) {
            let written = fold(name);
            let written = written.split(|c: char| !c.is_alphanumeric()).map(lemma);
            for word in identifier_words(name).into_iter().chain(written) {
                if !names.contains(&word) {
                    names.push(word);
                }
            }
        }
        Self { schema, names }
    }

    fn has(&self, word: &Word) -> bool {
        let named = |form: &String| self.names.contains(form) || self.schema.values.has_word(form);
        named(&word.folded) || named(&word.lemma)
    }

    fn meant(&self, word: &str, dotted: bool) -> Option<String> {
        let known = dotted && lexicon().knows(word);
        self.abbreviated(word, dotted).or_else(|| if known { None } else { self.misspelt(word) })
    }

    /// "qty", "dur.", "pts".
    fn abbreviated(&self, word: &str, dotted: bool) -> Option<String> {
        let long = identifier_words(word);
        if long != [lemma(word)] && long.iter().any(|w| self.names.contains(w)) {
            return Some(long.join(" "));
        }
        let letters = word.chars().count();
        if dotted || letters >= 4 {
            // "wait" is no short form of "waiting".
            let begun = |name: &&String| {
                let rest = name.strip_prefix(word).filter(|rest| rest.len() >= 2);
                rest.is_some_and(|rest| dotted || !["ing", "ed", "er", "ers", "ment", "ly", "able"].contains(&rest))
            };
            let mut found = self.names.iter().filter(begun);
            if let (Some(name), other) = (found.next(), found.next())
                && (dotted || other.is_none())
            {
                return Some(name.clone());
            }
        }
        let vowels = word.chars().any(|c| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u'));
        if !vowels && (3..=6).contains(&letters) {
            let several = plural_of_letters(word);
            let mut found =
                self.names.iter().filter(|name| is_skeleton(word, name) || is_skeleton(word, &plural(name)));
            if let (Some(name), None) = (found.next(), found.next()) {
                return Some(if several { plural(name) } else { name.clone() });
            }
        }
        None
    }

    /// The nearest word by spelling: a name, else a word of the language, else a word of a value.
    fn misspelt(&self, word: &str) -> Option<String> {
        let letters = word.chars().count();
        if letters < 4 {
            return None;
        }
        let single = lemma(word);
        let mut best: Option<(usize, u8, String)> = None;
        let mut offer = |class: u8, form: &str, meant: &dyn Fn() -> String| {
            if form == single {
                return;
            }
            if let Some(distance) = slip(word, form)
                && best.as_ref().is_none_or(|(d, c, _)| (distance, class) < (*d, *c))
            {
                best = Some((distance, class, meant()));
            }
        };
        for name in &self.names {
            offer(0, name, &|| name.clone());
            let many = plural(name);
            if many != *name {
                offer(0, &many, &|| many.clone());
            }
        }
        for known in lexicon().known_words().chain(calendar()) {
            offer(1, known, &|| known.to_owned());
        }
        self.schema.values.each_word(|known| offer(2, known, &|| known.to_owned()));
        best.map(|(_, _, meant)| meant)
    }
}

fn plural_of_letters(word: &str) -> bool {
    word.ends_with('s')
}

/// The letters of `short` stand in `long` in this order, its first and last ones at the ends.
fn is_skeleton(short: &str, long: &str) -> bool {
    let mut rest = long.chars();
    long.len() > short.len() + 1
        && short.chars().next() == long.chars().next()
        && short.chars().last() == long.chars().last()
        && short.chars().all(|c| rest.any(|l| l == c))
}

/// Slips that make one word of the other, if they are few for its length. Slips spare the first and the last letter; an
/// ending more or less makes another form of a word.
fn slip(typed: &str, meant: &str) -> Option<usize> {
    if typed.len() + 2 < meant.len() || meant.len() + 2 < typed.len() || typed == meant {
        return None;
    }
    let ends = typed.chars().next() == meant.chars().next() && typed.chars().last() == meant.chars().last();
    let (letters, wanted) = (typed.chars().count(), meant.chars().count());
    if !ends || wanted < 5 || letters < 4 {
        return None;
    }
    let allowed = if letters.min(wanted) >= 8 { 2 } else { 1 };
    let distance = strsim::osa_distance(typed, meant);
    let form = distance > 1 && (typed.starts_with(meant) || meant.starts_with(typed));
    (distance <= allowed && !form).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;
    use crate::schema::{Column, ColumnId, Table, TableId};

    fn mended(question: &str) -> String {
        let column = |name: &str| Column { name: name.into(), ..Column::default() };
        let columns = ["customer_no", "town", "date_of_birth", "waiting_minutes", "population"];
        let table = Table { name: "customers".into(), columns: columns.map(column).into(), ..Table::default() };
        let mut schema = Schema { tables: vec![table], ..Schema::default() };
        schema.values.insert(ColumnId { table: TableId(0), column: 1 }, "Northern Field", 3);
        let mut words = words(question);
        mend(&mut words, &schema);
        words.iter().map(|w| w.folded.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn slips_of_the_pen_are_read_as_what_was_meant() {
        for (asked, meant) in [
            ("averge populaton of custmers", "average population of customers"),
            ("wich custmer in Nothern Feild", "which customer in northern field"),
            ("customers by twon", "customers by twon"),
            ("the customer caused a wait", "the customer caused a wait"),
            ("rain and shine", "rain and shine"),
            ("recommend a customer", "recommend a customer"),
            ("numbr of cutsomers", "number of customers"),
        ] {
            assert_eq!(mended(asked), meant);
        }
    }

    #[test]
    fn abbreviations_are_written_out() {
        for (asked, meant) in [
            ("# of cust. w/o town", "number of customer without town"),
            ("avg wait. minutes per cust.", "avg waiting minutes per customer ."),
            ("cust w/ DOB before 1960", "customer with date birth before 1960"),
            ("cstmrs in town. Only these", "customers in town . only these"),
        ] {
            assert_eq!(mended(asked), meant);
        }
    }
}
