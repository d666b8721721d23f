//! Filters by value ("frozen food", "named 'X'", "id 5"), by pattern ("contains 'x'"), and by absence ("never sold").

use super::super::names::Target;
use super::super::plan::{Operand, Operator, Predicate};
use super::super::tokens::TokenKind;
use super::comparison::number_value;
use super::resolve::Role;
use super::{Reader, Unreadable, column};
use crate::language::{fold, lemma};
use crate::schema::{ColumnId, Schema, SemanticType, Value, ValueHit, ValueMatchKind};

/// What the link of a deed to a column that is related to it is worth, where only the column's gaps are asked for.
const GAP: f64 = 0.7;

impl Reader<'_> {
    /// "contains 'x'", "starts with 'A'", "with the letter 'a' in their name".
    pub(super) fn read_patterns(&mut self) {
        for i in 0..self.tokens.len() {
            if self.used[i] {
                continue;
            }
            let starts = [
                "starting with",
                "starts with",
                "start with",
                "beginning with",
                "begins with",
                "begin with",
                "started with",
            ];
            let ends = ["ending with", "ends with", "end with", "ending in", "ends in"];
            let contains = [
                "contains",
                "containing",
                "contain",
                "including",
                "includes",
                "include",
                "has the substring",
                "have the substring",
                "with the substring",
                "like",
                "having",
            ];
            let found = starts
                .iter()
                .find_map(|p| self.phrase_at(i, p))
                .map(|e| ("", "%", e))
                .or_else(|| ends.iter().find_map(|p| self.phrase_at(i, p)).map(|e| ("%", "", e)))
                .or_else(|| contains.iter().find_map(|p| self.phrase_at(i, p)).map(|e| ("%", "%", e)));
            let Some((before, after, end)) = found else { continue };
            let at = self.skip(
                end,
                &[
                    "the",
                    "a",
                    "an",
                    "letter",
                    "letters",
                    "word",
                    "words",
                    "string",
                    "substring",
                    "phrase",
                    "character",
                    "prefix",
                    "keyword",
                    "text",
                ],
            );
            let explicit = at > end || before.is_empty() != after.is_empty();
            let Some(text) = self.pattern_text(at, explicit) else { continue };
            let Some(name) = self.pattern_column(i) else { continue };
            let Some(id) = self.resolve(name, Role::Filter) else { continue };
            let negated = self.take_negation(i);
            self.mark(i..at + 1);
            if !self.stays_output(name, i) {
                self.used[name] = true;
            }
            let pattern = format!("{before}{}{after}", text.replace('%', "\\%"));
            self.frame.filters.push(Predicate::Like { what: column(id), pattern, negated });
        }
    }

    /// The text to look for: in quotes, a value, or one word after "the letter".
    fn pattern_text(&self, i: usize, explicit: bool) -> Option<String> {
        let token = self.token(i)?;
        let words = &self.ground.analysis.words[token.words.clone()];
        let quoted = words.len() == 1 && words[0].kind == crate::pipeline::analysis::WordKind::Quoted;
        let value = matches!(token.kind, TokenKind::Value(_));
        (quoted || value && explicit || explicit && words.len() == 1 && !self.is_name(i))
            .then(|| words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" "))
    }

    fn pattern_column(&self, i: usize) -> Option<usize> {
        (0..i)
            .rev()
            .take(5)
            .find(|j| self.is_name(*j) && !self.is_table(*j))
            .or_else(|| (i..self.tokens.len()).take(7).find(|j| self.is_name(*j) && !self.is_table(*j)))
            .or_else(|| (0..i).rev().find(|j| self.is_name(*j) && self.best_column(*j, Role::Filter).is_some()))
    }

    /// "whose name contains" only filters; "names that contain" are also what is asked for.
    fn stays_output(&self, name: usize, cue: usize) -> bool {
        !(0..name).rev().take(3).any(|j| self.word_at(j, &["whose", "with", "where", "their"]))
            && cue > name
            && name <= 4
    }

    /// As [`Self::is_negated`], and the word that negates is used up.
    fn take_negation(&mut self, i: usize) -> bool {
        let negated = self.is_negated(i);
        if negated {
            for j in i.saturating_sub(3)..i {
                self.used[j] |= matches!(self.tokens[j].kind, TokenKind::Word);
            }
        }
        negated
    }

    fn is_negated(&self, i: usize) -> bool {
        const NOT: [&str; 18] = [
            "not",
            "no",
            "except",
            "excluding",
            "without",
            "never",
            "don",
            "doesn",
            "isn",
            "aren",
            "none",
            "nor",
            "neither",
            "didn",
            "hasn",
            "haven",
            "wasn",
            "weren",
        ];
        // Articles put no distance between a negation and what it negates.
        let before = (0..i).rev().filter(|j| !self.word_at(*j, &["a", "an", "the", "any", "of"]));
        before.take(3).any(|j| self.word_at(j, &NOT))
            || i >= 2 && self.word_at(i - 2, &["other"]) && self.word_at(i - 1, &["than"])
    }

    /// Values of the database, and names followed by a number ("id 5").
    pub(super) fn read_values(&mut self) {
        for i in 0..self.tokens.len() {
            if self.used[i] {
                continue;
            }
            match self.tokens[i].kind.clone() {
                TokenKind::Value(mention) => self.value_filter(i, mention),
                TokenKind::Number(number) => self.number_filter(i, number),
                TokenKind::Word => self.code_filter(i),
                TokenKind::Time(time) => self.year_filter(i, time),
                TokenKind::Name(_) | TokenKind::Punctuation => {}
            }
        }
        self.merge_equalities();
    }

    fn value_filter(&mut self, i: usize, mention: usize) {
        let mention = self.ground.analysis.values[mention].clone();
        self.used[i] = true;
        let qualifier = self.qualifier(i);
        if mention.hits.is_empty() {
            if !self.name_filters(i) {
                self.unknown_value(i, qualifier);
            }
            return;
        }
        let Some(hit) = self.best_hit(i, &mention.hits, qualifier) else { return };
        if let Some(qualifier) = qualifier {
            let same = self.tokens[qualifier].links().iter().any(|l| l.target == Target::Column(hit.column));
            if same && !self.asked_for(qualifier, i) {
                self.used[qualifier] = true;
            }
        }
        self.take_because(i, hit.column);
        let partial = mention.kind == ValueMatchKind::Partial;
        let several = partial && mention.hits.iter().filter(|h| h.column == hit.column).count() > 1;
        let score = match mention.kind {
            ValueMatchKind::Exact => 1.0,
            ValueMatchKind::Partial => 0.75,
            ValueMatchKind::Fuzzy => 0.6,
        };
        self.record(i, score);
        if mention.kind == ValueMatchKind::Fuzzy {
            self.assumptions.push(format!("read \"{}\" as \"{}\"", self.tokens[i].folded, hit.value));
        }
        let negated = self.take_negation(i);
        if several {
            let text: Vec<&str> =
                self.ground.analysis.words[mention.words.clone()].iter().map(|w| w.text.as_str()).collect();
            let pattern = format!("%{}%", text.join(" ").replace('%', "\\%"));
            self.frame.filters.push(Predicate::Like { what: column(hit.column), pattern, negated });
            return;
        }
        let operator = if negated { Operator::NotEqual } else { Operator::Equal };
        let right = Operand::Value(Value::Text(hit.value.clone()));
        self.frame.filters.push(Predicate::Compare { left: column(hit.column), operator, right });
    }

    /// "Olin Shivers", where one column holds Olin and another one Shivers.
    fn name_filters(&mut self, i: usize) -> bool {
        let text = self.text_of(i);
        let Some(parts) = name_in_parts(self.ground.schema, &text) else { return false };
        for (id, word) in parts {
            let right = Operand::Value(Value::Text(word.to_owned()));
            self.frame.filters.push(Predicate::Compare { left: column(id), operator: Operator::Equal, right });
        }
        self.record(i, 1.0);
        true
    }

    /// A token as it was written.
    fn text_of(&self, i: usize) -> String {
        let words = &self.ground.analysis.words[self.tokens[i].words.clone()];
        words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// "because of chest pain", "due to rain": a stored reason is what the words say.
    fn take_because(&mut self, i: usize, id: ColumnId) {
        let reasons = self.ground.names.look_up(&["reason"]);
        if !reasons.iter().any(|l| l.target == Target::Column(id)) {
            return;
        }
        for j in i.saturating_sub(3)..i {
            self.used[j] |= self.word_at(j, &["because", "due", "owing"]);
        }
    }

    fn unknown_value(&mut self, i: usize, qualifier: Option<usize>) {
        let text = self.text_of(i);
        let column = qualifier.and_then(|q| self.best_column(q, Role::Filter)).map(|(id, _)| id);
        let near = super::nearby::values(self.ground.schema, column, &text);
        self.unknown.get_or_insert(Unreadable::UnknownValue { text, near });
    }

    /// The name right before or after a value that says which column it is in.
    fn qualifier(&self, i: usize) -> Option<usize> {
        let column_name = |j: usize| self.is_name(j) && self.best_column(j, Role::Filter).is_some();
        let mut at = i;
        for _ in 0..4 {
            at = at.checked_sub(1)?;
            if column_name(at) {
                return Some(at);
            }
            if !self.word_at(
                at,
                &[
                    "is", "are", "was", "were", "=", "named", "called", "equals", "equal", "to", "as", "of", "the",
                    "a", ":", "either", "titled", "like", "has", "be",
                ],
            ) {
                break;
            }
        }
        (column_name(i + 1) && !self.used[i + 1]).then_some(i + 1)
    }

    /// "the name of X" asks for the name; "whose name is X" and "with name X" only filter.
    fn asked_for(&self, qualifier: usize, value: usize) -> bool {
        if qualifier > value {
            return false;
        }
        let between_of = (qualifier..value).any(|j| self.word_at(j, &["of"]));
        let glued = value == qualifier + 1;
        let relative = (0..qualifier).rev().take(3).any(|j| {
            self.word_at(
                j,
                &["whose", "with", "where", "in", "on", "at", "from", "for", "by", "has", "have", "had", "that"],
            )
        });
        between_of && !glued && !relative
    }

    fn best_hit(&self, i: usize, hits: &[ValueHit], qualifier: Option<usize>) -> Option<ValueHit> {
        let schema = self.ground.schema;
        let mut best: Option<(f64, &ValueHit)> = None;
        for hit in hits {
            let mut score = 0.5 * self.evidence[hit.column.table.0].min(1.5);
            if let Some(q) = qualifier {
                let link = self.tokens[q].links().iter().find(|l| l.target == Target::Column(hit.column));
                score += link.map_or(0.0, |l| l.score);
            }
            score += match schema.profile(hit.column).semantic {
                SemanticType::Category | SemanticType::Geo => 0.2,
                SemanticType::Name => 0.18,
                SemanticType::FreeText => -0.3,
                SemanticType::Id => -0.05,
                _ => 0.0,
            };
            if schema.reference_of(hit.column).is_some() {
                score -= 0.1;
            }
            // The table named right after the value: "frozen products".
            if self.table_of(i + 1) == Some(hit.column.table) {
                score += 0.2;
            }
            if best.is_none_or(|(b, _)| score > b + 1e-9) {
                best = Some((score, hit));
            }
        }
        best.map(|(_, hit)| hit.clone())
    }

    /// "id 5", "course 121", "year 2009".
    fn number_filter(&mut self, i: usize, number: f64) {
        let before = (0..i).rev().take(3).find(|j| self.is_name(*j)).filter(|j| {
            (j + 1..i).all(|k| {
                self.word_at(k, &["is", "=", "equals", "of", "are", "was", "number", "to", "the", "as", "were"])
            })
        });
        let Some(name) = before else { return };
        let Some(id) = self.numbered_column(name) else { return };
        self.used[i] = true;
        if !self.asked_for(name, i) {
            self.used[name] = true;
        }
        let text = !self.ground.schema.profile(id).numeric && self.ground.schema.profile(id).rows > 0;
        let words = &self.ground.analysis.words[self.tokens[i].words.clone()];
        let value = if text { Value::Text(words[0].text.clone()) } else { number_value(number) };
        let operator = if self.is_negated(name) { Operator::NotEqual } else { Operator::Equal };
        self.frame.filters.push(Predicate::Compare { left: column(id), operator, right: Operand::Value(value) });
    }

    /// The column that a number after a name belongs to; the key of a table after the table's name.
    fn numbered_column(&mut self, name: usize) -> Option<ColumnId> {
        if !self.is_table(name) {
            return self.resolve(name, Role::Filter);
        }
        let table = self.resolve_table(name)?;
        match self.ground.schema.table(table).primary_key.as_slice() {
            [key] => Some(ColumnId { table, column: *key }),
            _ => None,
        }
    }

    /// Long digit strings that no value index knows belong to the code column that is named.
    fn code_filter(&mut self, i: usize) {
        let text = self.ground.analysis.words[self.tokens[i].words.start].text.clone();
        let digits = text.chars().filter(char::is_ascii_digit).count();
        if digits < 3 || digits != text.chars().count() {
            return;
        }
        let qualifier = self.qualifier(i);
        self.used[i] = true;
        match qualifier.and_then(|q| self.resolve(q, Role::Filter).map(|id| (q, id))) {
            Some((q, id)) if self.ground.schema.profile(id).numeric => {
                self.used[q] = true;
                let number = text.parse().map_or(Value::Text(text.clone()), Value::Integer);
                self.frame.filters.push(Predicate::Compare {
                    left: column(id),
                    operator: Operator::Equal,
                    right: Operand::Value(number),
                });
            }
            _ => self.unknown_value(i, qualifier),
        }
    }

    /// "in year 2009" on a column of years; other years are periods.
    fn year_filter(&mut self, i: usize, time: usize) {
        let mention = &self.ground.analysis.times[time];
        let Some(year) = mention.year else { return };
        let before = (i > 0 && self.is_name(i - 1)).then(|| i - 1);
        let Some(name) = before else { return };
        let Some((id, _)) = self.best_column(name, Role::Filter) else { return };
        if self.semantic(id) != SemanticType::Year {
            return;
        }
        self.used[i] = true;
        self.used[name] = true;
        let period = mention.period;
        let predicate = if period.first.is_some() && period.last.is_some() {
            Predicate::Compare {
                left: column(id),
                operator: Operator::Equal,
                right: Operand::Value(self.year_value(id, year)),
            }
        } else {
            let operator = if period.first.is_some() { Operator::Greater } else { Operator::Less };
            Predicate::Compare { left: column(id), operator, right: Operand::Value(self.year_value(id, year)) }
        };
        self.frame.filters.push(predicate);
    }

    fn year_value(&self, id: ColumnId, year: i16) -> Value {
        if self.ground.schema.profile(id).numeric {
            Value::Integer(i64::from(year))
        } else {
            Value::Text(year.to_string())
        }
    }

    /// Two values of one column cannot both hold in a row: either will do.
    fn merge_equalities(&mut self) {
        if self.frame.both {
            return;
        }
        let mut merged: Vec<Predicate> = Vec::new();
        for predicate in std::mem::take(&mut self.frame.filters) {
            let Predicate::Compare { left, operator: Operator::Equal, right: Operand::Value(value @ Value::Text(_)) } =
                &predicate
            else {
                merged.push(predicate);
                continue;
            };
            let known = merged.iter_mut().find_map(|p| match p {
                Predicate::In { what, values, negated: false } if what == left => Some(values),
                _ => None,
            });
            if let Some(values) = known {
                values.push(value.clone());
                continue;
            }
            let single = merged.iter().position(
                |p| matches!(p, Predicate::Compare { left: l, operator: Operator::Equal, right: Operand::Value(Value::Text(_)) } if l == left),
            );
            match single {
                Some(at) => {
                    if let Predicate::Compare { right: Operand::Value(first), .. } = &merged[at] {
                        merged[at] = Predicate::In {
                            what: left.clone(),
                            values: vec![first.clone(), value.clone()],
                            negated: false,
                        };
                    }
                }
                None => merged.push(predicate),
            }
        }
        self.frame.filters = merged;
    }

    /// "never sold", "without sales", "do not have any T", "report to nobody".
    pub(super) fn read_absences(&mut self) {
        for i in 0..self.tokens.len() {
            if self.used[i] {
                continue;
            }
            if self.undone_at(i) {
                continue;
            }
            if self.word_at(i, &["nobody", "noone", "nothing"]) || self.phrase_at(i, "no one").is_some() {
                self.null_before(i);
                continue;
            }
            let negation = [
                "never",
                "without",
                "not have any",
                "not have",
                "no",
                "not any",
                "haven't",
                "have not",
                "not been",
                "not been",
                "not",
            ]
            .iter()
            .find_map(|p| self.phrase_at(i, p));
            let Some(end) = negation else { continue };
            let at = self.skip(
                end,
                &[
                    "any", "a", "an", "been", "had", "yet", "the", "have", "be", "ever", "once", "in", "got", "gotten",
                    "has", "single", "recorded", "made", "received",
                ],
            );
            // "not used by any meter": the verb says again how they belong together.
            let verb = self.token(at).is_some_and(|t| matches!(t.kind, TokenKind::Word) && t.folded.ends_with("ed"))
                && self.word_at(at + 1, &["by", "in", "on", "with", "to", "for", "at"]);
            let at =
                if verb { self.skip(at + 2, &["any", "a", "an", "the", "at", "least", "one", "single"]) } else { at };
            if let Some(id) = self.gap_at(at).filter(|_| self.word_at(i, &["not", "never"])) {
                self.mark(i..at + 1);
                self.record(at, GAP);
                self.frame.filters.push(Predicate::IsNull { what: column(id), negated: false });
                continue;
            }
            if !self.is_name(at) || self.used[at] {
                continue;
            }
            // "not in the frozen category" and "not red" negate a value.
            let value_near =
                (at..(at + 3).min(self.tokens.len())).any(|j| matches!(self.tokens[j].kind, TokenKind::Value(_)));
            if value_near && !self.word_at(i, &["never", "without", "no"]) {
                continue;
            }
            if let Some(table) = self.absent_table(at) {
                self.mark(i..at + 1);
                self.frame.absent.push(table.0);
                self.record(at, table.1);
            } else if self.word_at(i, &["without", "no", "not"])
                && !self.is_measure(at)
                && let Some((id, score)) = self.best_column(at, Role::Filter)
                // What is not so by a flag is read with the flags.
                && !self.is_flag(id)
            {
                self.record(at, score);
                self.mark(i..at + 1);
                self.frame.filters.push(Predicate::IsNull { what: column(id), negated: false });
            }
        }
    }

    /// "insured", where some rows have an insurer and others have none.
    fn gap_at(&self, i: usize) -> Option<ColumnId> {
        let token = self.token(i).filter(|t| matches!(t.kind, TokenKind::Word) && t.folded.ends_with("ed"))?;
        let mut related = self.ground.names.related(&token.lemma).iter().filter_map(|link| match link.target {
            Target::Column(id) if self.ground.schema.profile(id).nulls > 0 => Some(id),
            _ => None,
        });
        related.next().filter(|_| related.next().is_none())
    }

    /// "unpaid invoices", "unshipped orders": a date that is missing, or a flag that is not set.
    fn undone_at(&mut self, i: usize) -> bool {
        if !matches!(self.tokens[i].kind, TokenKind::Word) {
            return false;
        }
        let folded = self.tokens[i].folded.clone();
        let Some(done) = folded.strip_prefix("un").filter(|done| done.len() >= 4 && done.ends_with(['d', 't', 'n']))
        else {
            return false;
        };
        let links = self.ground.names.look_up(&[&lemma(done)]);
        let dated = links.iter().chain(&self.ground.names.look_up(&[done])).find_map(|link| match link.target {
            Target::Column(c) if self.semantic(c).is_time() && self.evidence[c.table.0] > 0.0 => Some((c, link.score)),
            _ => None,
        });
        let Some((id, score)) = dated else { return false };
        self.used[i] = true;
        self.record(i, score.max(0.7));
        self.frame.filters.push(Predicate::IsNull { what: column(id), negated: false });
        true
    }

    /// The table whose rows are missing, with the strength of its link; not the table that is asked about.
    fn absent_table(&self, i: usize) -> Option<(usize, f64)> {
        let head = (0..self.tokens.len()).find_map(|j| self.is_name(j).then(|| self.table_of(j)).flatten());
        let mut best: Option<(usize, f64)> = None;
        for link in self.tokens[i].links() {
            let (table, score) = match link.target {
                Target::Table(t) => (t, link.score),
                // "units sold": a fact's measure stands for the fact.
                Target::Column(c) if self.semantic(c).is_additive() => (c.table, link.score * 0.8),
                _ => continue,
            };
            if Some(table) != head && best.is_none_or(|(_, b)| score > b + 1e-9) {
                best = Some((table.0, score));
            }
        }
        best.filter(|(_, score)| *score >= 0.4)
    }

    /// "who report to nobody": the key that points to nobody is NULL.
    /// "that nobody paid": what comes right after is what nobody did.
    fn null_before(&mut self, i: usize) {
        let plain = |j: &usize| self.is_name(*j) && !self.is_table(*j) && !self.used[*j];
        let after = (i + 1..(i + 4).min(self.tokens.len())).find(plain);
        let Some(name) = after.or_else(|| (0..i).rev().find(|j| self.is_name(*j) && !self.is_table(*j))) else {
            return;
        };
        let Some(id) = self.resolve(name, Role::Filter) else { return };
        self.mark(name.min(i)..name.max(i) + 1);
        self.frame.filters.push(Predicate::IsNull { what: column(id), negated: false });
    }
}

/// A first and a last name, each with the column of one table that holds it.
pub fn name_in_parts<'a>(schema: &Schema, text: &'a str) -> Option<[(ColumnId, &'a str); 2]> {
    let mut words = text.split_whitespace();
    let (first, last) = (words.next()?, words.next()?);
    if words.next().is_some() {
        return None;
    }
    let holds = |id: ColumnId, word: &str| {
        let folded = lemma(&fold(word));
        schema.values.exact(&[&folded]).iter().any(|hit| hit.column == id)
    };
    schema.table_ids().find_map(|table| match super::display_columns(schema, table)[..] {
        [a, b] if holds(a, first) && holds(b, last) => Some([(a, first), (b, last)]),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::generation::offline::tests::{id, schema};

    /// People with a first and a last name, and towns that bear one name alone.
    fn people() -> Schema {
        let mut schema =
            schema(&[("towns", &["id*", "name"]), ("people", &["id*", "first_name", "last_name", "street"])], &[]);
        for (column, value) in [
            ("towns.name", "Alice"),
            ("towns.name", "Stone"),
            ("people.first_name", "Alice"),
            ("people.last_name", "Stone"),
            ("people.last_name", "Alice"),
            ("people.street", "Baker"),
        ] {
            let column = id(&schema, column);
            schema.values.insert(column, value, 1);
        }
        schema
    }

    #[test]
    fn a_first_and_a_last_name_are_found_in_their_columns() {
        let schema = people();
        let [first, last] = ["people.first_name", "people.last_name"].map(|name| id(&schema, name));
        assert_eq!(name_in_parts(&schema, "alice STONE"), Some([(first, "alice"), (last, "STONE")]));
        assert_eq!(name_in_parts(&schema, "Alice Alice"), Some([(first, "Alice"), (last, "Alice")]));
        // The other way round, one word, three words, a word of another column, nobody at all.
        for none in ["Stone Alice", "Alice", "Alice Stone Junior", "Alice Baker", "Alice Stein", ""] {
            assert_eq!(name_in_parts(&schema, none), None, "{none}");
        }
    }
}
