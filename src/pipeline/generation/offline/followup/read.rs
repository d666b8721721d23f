//! Reads what is to be changed into typed edits.

use jiff::civil::Date;

use super::super::plan::{Expr, Grain, Operand, Operator, Predicate};
use super::super::reading::Fragment;
use super::super::tokens::TokenKind;
use super::apply;
use super::classify::PRONOUNS;
use super::cues::{
    ABOUT, ALL_ROWS, ANY_TIME, BEFORE, BY_PERIOD, HIGH_FIRST, LIST, LOW_FIRST, ONLY, PRESENT, SHARE, SORT, THE_TWO,
    TOO, TURN_ROUND, UNDO, WITHOUT, YEAR_BEFORE,
};
use super::edits::{Before, Edit, Measured, Other, Shift, Unclear, column_of};
use super::period::{self, Span};
use crate::schema::{ColumnId, Schema, SemanticType, TableId, Value};

/// How what is named stands to what is there.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word that is there or not")]
struct Manner {
    instead: bool,
    too: bool,
    and: bool,
    about: bool,
    only: bool,
}

pub fn read(fragment: &mut Fragment<'_>, before: &Before<'_>) -> Result<Vec<Edit>, Unclear> {
    Reader {
        schema: fragment.ground().schema,
        fragment,
        before,
        edits: Vec::new(),
        manner: Manner::default(),
        direction: None,
    }
    .read()
}

/// Which way rows are to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    HighFirst,
    LowFirst,
    Round,
}

struct Reader<'r, 'a> {
    schema: &'a Schema,
    fragment: &'r mut Fragment<'a>,
    before: &'r Before<'r>,
    edits: Vec<Edit>,
    manner: Manner,
    /// Where the words say a direction.
    direction: Option<Way>,
}

impl Reader<'_, '_> {
    /// Every kind of phrase takes its words, the most particular first; words that are left over are an error.
    fn read(mut self) -> Result<Vec<Edit>, Unclear> {
        if self.whole(&UNDO) {
            return Ok(vec![Edit::Undo]);
        }
        if self.fragment.take(&PRESENT).is_some() {
            self.edits.push(Edit::Present);
        }
        self.same_periods();
        self.directions();
        self.both_before();
        self.lists();
        if self.before.select.is_aggregated() && self.fragment.take(&SHARE).is_some() {
            self.edits.push(Edit::Share);
        }
        self.manner();
        let of = self.instead_of();
        self.frees();
        self.besides()?;
        self.earlier();
        self.sorts();
        self.counts();
        self.tops();
        self.groups(&of);
        self.periods();
        self.conditions()?;
        self.measures(&of);
        self.rest();
        let left = self.fragment.left_over();
        if left.is_empty() && !self.edits.is_empty() { Ok(self.edits) } else { Err(Unclear::Words(left)) }
    }

    /// The text is nothing but one of the phrases.
    fn whole(&mut self, phrases: &[&str]) -> bool {
        let start = self.fragment.skip(0, &["please", "ok", "okay", "and", "no", ","]);
        let end = phrases.iter().find_map(|p| self.fragment.phrase(start, p));
        end.is_some_and(|end| self.fragment.skip(end, &["that", "it", "please", ".", "!", "?"]) == self.fragment.len())
    }

    /// "the % change between the two": the answers of the last two turns.
    fn both_before(&mut self) {
        let Some(range) = self.fragment.find(&THE_TWO) else { return };
        if self.before.earlier.is_none() {
            return;
        }
        self.fragment.mark(range);
        let percent = self.fragment.take(&["%", "percent", "percentage", "pct", "in percent"]).is_some();
        let relative = self.fragment.take(&["growth", "growth rate"]).is_some();
        while self.fragment.take(&["what is", "whats", "change", "difference", "the", "compare", "of", "in"]).is_some()
        {
        }
        self.edits.push(Edit::BothBefore { percent: percent || relative });
    }

    /// "list the inelastic ones of those": things in the place of their number.
    fn lists(&mut self) {
        let counted = self.before.select.items.iter().any(|i| matches!(i, Expr::CountRows(_)));
        if !counted {
            return;
        }
        if self.fragment.take(&LIST).is_some() {
            self.edits.push(Edit::List);
            return;
        }
        let start = self.fragment.skip(0, &["please", "ok", "okay", "now", "and", "then", "can", "you"]);
        let opens = ["list", "name", "show me", "show", "give me"].iter().find_map(|p| self.fragment.phrase(start, p));
        let ones = self.fragment.find(&["ones"]);
        if let (Some(end), Some(ones)) = (opens, ones) {
            self.fragment.mark(start..end);
            self.fragment.mark(ones.clone());
            let end = self.fragment.skip(ones.end, &["of", "those", "these", "them", "only"]);
            self.fragment.mark(ones.end..end);
            self.edits.push(Edit::List);
        }
    }

    fn manner(&mut self) {
        let start = self.fragment.skip(0, &["ok", "okay", "please", "so", "then", "now", ","]);
        self.manner.and = self.fragment.word(start, &["and"]);
        self.manner.about = self.fragment.take(&ABOUT).is_some();
        self.manner.only = self.fragment.take(&ONLY).is_some();
        self.fragment.take(&["again", "now"]);
        self.manner.too = self.fragment.take(&TOO).is_some();
        while self
            .fragment
            .take(&[
                "show me",
                "show",
                "give me",
                "display",
                "list",
                "please",
                "can you",
                "could you",
                "make it",
                "make that",
                "change it to",
                "change that to",
                "switch to",
                "use",
            ])
            .is_some()
        {}
    }

    /// "X instead of Y": columns that Y names.
    fn instead_of(&mut self) -> Vec<ColumnId> {
        if let Some(range) = self.fragment.take(&["instead of", "rather than", "in place of"]) {
            self.manner.instead = true;
            let mut of = Vec::new();
            let at = self.fragment.skip(range.end, &["by", "the", "per", "for", "in"]);
            for i in at..self.fragment.len() {
                of.extend(self.columns_at(i));
            }
            self.fragment.mark(range.end..self.fragment.len());
            return of;
        }
        self.manner.instead |= self.fragment.take(&["instead"]).is_some();
        Vec::new()
    }

    /// Columns that a name stands for, or that hold a value.
    fn columns_at(&self, i: usize) -> Vec<ColumnId> {
        match self.fragment.token(i).map(|t| &t.kind) {
            Some(TokenKind::Value(mention)) => {
                self.fragment.ground().analysis.values[*mention].hits.iter().map(|h| h.column).collect()
            }
            Some(TokenKind::Name(_)) => {
                let mut columns = self.fragment.columns(i);
                if let Some(table) = self.fragment.table(i) {
                    columns
                        .extend((0..self.schema.table(table).columns.len()).map(|column| ColumnId { table, column }));
                }
                columns
            }
            _ => Vec::new(),
        }
    }

    /// "all categories", "for any store", "remove the brand filter", "the whole period".
    fn frees(&mut self) {
        if self.fragment.take(&ANY_TIME).is_some() {
            self.edits.push(Edit::AnyTime);
        }
        if self.fragment.take(&ALL_ROWS).is_some() {
            self.edits.push(Edit::AllRows);
        }
        for i in 0..self.fragment.len() {
            let all = self.fragment.word(i, &["all", "any", "regardless", "whatever"]);
            let removed = self.fragment.word(i, &["remove", "drop", "clear", "without", "lift", "no", "forget"]);
            if !(all || removed) {
                continue;
            }
            let at = self.fragment.skip(i + 1, &["the", "of", "all", "other", "any", "a", "on", "our"]);
            let filters = ["filter", "filters", "condition", "conditions", "restriction", "restrictions"];
            if removed && self.fragment.word(at, &filters) {
                self.fragment.mark(i..at + 1);
                let on = self.fragment.skip(at + 1, &["on", "for", "by", "the"]);
                self.freed(on, None);
                continue;
            }
            let named = removed && (at + 1..at + 3).any(|j| self.fragment.word(j, &filters));
            if all || named {
                let end = (at..(at + 3).min(self.fragment.len()))
                    .find(|j| self.fragment.word(*j, &filters))
                    .map_or(at + 1, |j| j + 1);
                self.freed(at, Some(i..end));
            }
        }
    }

    /// Conditions on what the token at `i` names are given up; on everything if it names nothing.
    fn freed(&mut self, i: usize, range: Option<std::ops::Range<usize>>) {
        let said = self.fragment.token(i).map_or_else(String::new, |t| t.folded.clone());
        if range.is_none() && !self.fragment.is_name(i) && self.fragment.time(i).is_none() {
            self.edits.push(Edit::FreeAll);
            return;
        }
        let grain = self.fragment.grain_word(i).is_some() || ["period", "date", "time"].contains(&said.as_str());
        let columns: Vec<ColumnId> =
            self.columns_at(i).into_iter().filter(|c| self.before.filtered.contains(c)).collect();
        if columns.is_empty() && !grain {
            return;
        }
        // "all regions" names what it is by, "every region" splits by it.
        self.fragment.mark(range.unwrap_or(i..i + 1));
        self.edits.push(if columns.is_empty() { Edit::AnyTime } else { Edit::Free { columns, said } });
    }

    /// "compare with February", "versus last year".
    fn besides(&mut self) -> Result<(), Unclear> {
        const CUES: [&str; 16] = [
            "compare it with",
            "compare it to",
            "compare that with",
            "compare that to",
            "compare this with",
            "compare this to",
            "compare them with",
            "how does that compare to",
            "how does that compare with",
            "compare with",
            "compare to",
            "compared with",
            "compared to",
            "versus",
            "vs",
            "against",
        ];
        let Some(range) = self.fragment.take(&CUES) else { return Ok(()) };
        if let Some(shift) = self.shift() {
            self.edits.push(Edit::Beside(Other::Shift(shift)));
            return Ok(());
        }
        if let Some((at, span)) = (range.end..self.fragment.len()).find_map(|i| Some((i, self.span(i)?))) {
            self.fragment.mark(at..at + 1);
            let shorter = period::of(self.before.select, self.schema).is_some_and(Span::is_shorter_than_a_year);
            let year = span.relative && span.is_year() && shorter;
            self.edits.push(Edit::Beside(if year { Other::Shift(Shift::YearBefore) } else { Other::Span(span) }));
            return Ok(());
        }
        let found = self.fragment.conditions().map_err(Unclear::Unreadable)?;
        if !found.filter.is_empty() {
            self.edits.push(Edit::BesideValue(self.on_filtered_columns(found.filter)));
        }
        Ok(())
    }

    fn shift(&mut self) -> Option<Shift> {
        if self.fragment.take(&YEAR_BEFORE).is_some() {
            return Some(Shift::YearBefore);
        }
        if self.fragment.take(&BEFORE).is_some() {
            return Some(Shift::Before);
        }
        // "the previous month" is counted from the period at hand.
        let at = (0..self.fragment.len()).find(|i| {
            self.fragment.time(*i).is_some_and(|t| t.relative)
                && self
                    .fragment
                    .token(*i)
                    .is_some_and(|t| t.folded.split(' ').any(|w| matches!(w, "previous" | "prior" | "preceding")))
        })?;
        period::of(self.before.select, self.schema)?;
        self.fragment.mark(at..at + 1);
        Some(Shift::Before)
    }

    fn earlier(&mut self) {
        // "same period last year" is cut in two by the period in it.
        if let Some(range) = self.fragment.find(&[
            "the same period",
            "same period",
            "same month",
            "same quarter",
            "same time",
            "same days",
            "same week",
        ]) {
            let next = self.fragment.skip(range.end, &["of", "in", "the"]);
            if self.fragment.time(next).is_some_and(|t| t.relative) {
                self.fragment.mark(range.start..next + 1);
                self.edits.push(Edit::Earlier(Shift::YearBefore));
                return;
            }
        }
        if let Some(shift) = self.shift() {
            self.edits.push(Edit::Earlier(shift));
        }
    }

    /// "which of those days": the periods that the answer before is split by.
    fn same_periods(&mut self) {
        if !self.before.select.group.iter().any(|key| matches!(key, Expr::Time { .. })) {
            return;
        }
        for i in 1..self.fragment.len() {
            let unit = self.fragment.token(i).is_some_and(|t| {
                matches!(
                    t.folded.as_str(),
                    "day" | "days" | "week" | "weeks" | "month" | "months" | "quarters" | "years"
                )
            });
            if unit && self.fragment.word(i - 1, &["those", "these", "them"]) {
                self.fragment.mark(i..i + 1);
            }
        }
    }

    /// Before anything else, as "biggest on top" has words of other edits in it.
    fn directions(&mut self) {
        if self.fragment.take(&HIGH_FIRST).is_some() {
            self.direction = Some(Way::HighFirst);
        } else if self.fragment.take(&LOW_FIRST).is_some() {
            self.direction = Some(Way::LowFirst);
        } else if self.fragment.take(&TURN_ROUND).is_some() {
            self.direction = Some(Way::Round);
        }
    }

    fn sorts(&mut self) {
        let direction = self.direction.map(|way| (way != Way::Round).then_some(way == Way::HighFirst));
        let Some(range) = self.fragment.take(&SORT) else {
            if let Some(descending) = direction {
                self.edits.push(Edit::Sort { by: None, descending });
            }
            return;
        };
        let at = self.fragment.skip(
            range.end,
            &[
                "it", "them", "that", "these", "those", "this", "the", "result", "results", "list", "rows", "by",
                "order", "in", "on", "their",
            ],
        );
        self.fragment.mark(range.end..at);
        let by = self.fragment.measure(at).map(|(expr, end, said)| (Measured { expr, said }, end)).or_else(|| {
            let column = self.fragment.is_name(at).then(|| self.fragment.output(at)).flatten()?;
            Some((Measured { expr: Expr::Column(column), said: true }, at + 1))
        });
        if let Some((_, end)) = &by {
            self.fragment.mark(at..*end);
        }
        // A sum is looked at from the top, a name from A on.
        let default = by.as_ref().map(|(by, _)| by.expr.is_aggregate());
        let descending = direction.flatten().or(default);
        if by.is_some() || direction.is_some() {
            self.edits.push(Edit::Sort { by: by.map(|(by, _)| by), descending });
        }
    }

    /// "how many of them are there", "list them".
    fn counts(&mut self) {
        const NOISE: [&str; 12] =
            ["of", "them", "those", "these", "are", "there", "is", "that", "it", "were", "in", "total"];
        if let Some(range) =
            self.fragment.take(&["how many", "count them", "count those", "the number of them", "number of them"])
        {
            let end = self.fragment.skip(range.end, &NOISE);
            // "how many invoices do they have" counts something else.
            if self.fragment.is_table(end)
                && self.fragment.table(end).is_none_or(|t| apply::entity(self.before.select) != Some(t))
            {
                self.fragment.free(range);
            } else {
                self.fragment.mark(range.end..end);
                self.edits.push(Edit::Count);
            }
        } else if self.fragment.take(&LIST).is_some() {
            self.edits.push(Edit::List);
        }
        if let Some(range) = self.fragment.take(&[
            "which one of them",
            "which one of those",
            "which one",
            "which of them",
            "which of those",
            "which of these",
            "who of them",
        ]) {
            let end = self.fragment.skip(range.end, &["is", "are", "was", "were", "has", "have", "had", "the"]);
            self.fragment.mark(range.end..end);
        }
    }

    /// "top 5", "the worst 3", "the first one", "only 20", "the cheapest".
    fn tops(&mut self) {
        let select = self.before.select;
        let standing: Vec<ColumnId> =
            select.order.iter().map(|s| &s.by).chain(&select.items).filter_map(column_of).collect();
        for i in 0..self.fragment.len() {
            if self.fragment.word(i, &["first", "last"]) && self.fragment.time(i).is_none() {
                let Some(rows) =
                    self.fragment.number(i + 1).or_else(|| self.fragment.word(i + 1, &["one"]).then_some(1.0))
                else {
                    continue;
                };
                let last = self.fragment.word(i, &["last"]);
                self.fragment.mark(i..i + 2);
                self.edits.push(Edit::Top { column: None, descending: None, relative: false, rows: whole(rows) });
                if last {
                    self.edits.push(Edit::Sort { by: None, descending: None });
                }
                return;
            }
            let Some(found) = self.fragment.superlative(i, &standing) else { continue };
            // "the least price-sensitive come first" puts in order.
            let first = (found.end..found.end + 5).find(|j| self.fragment.word(*j, &["first"]));
            if let Some(first) = first.filter(|first| *first + 1 >= self.fragment.len()) {
                self.fragment.mark(i..first + 1);
                let column = found.column.map(|id| Measured { expr: Expr::Column(id), said: false });
                self.edits.retain(|e| !matches!(e, Edit::Sort { .. }));
                self.edits.push(Edit::Sort { by: column, descending: Some(found.descending) });
                return;
            }
            // "the highest price" asks for it; "the highest first" was read.
            let before = (i > 0).then(|| self.fragment.number(i - 1)).flatten();
            let after = self.fragment.number(found.end);
            let start = if before.is_some() { i - 1 } else { i };
            let mut end = if after.is_some() { found.end + 1 } else { found.end };
            let mut column = found.column;
            let at = self.fragment.skip(end, &["total", "the"]);
            if column.is_none()
                && self.fragment.is_measure(at)
                && let Some((expr, stop, _)) = self.fragment.measure(at)
            {
                column = column_of(&expr);
                end = stop;
            }
            self.fragment.mark(start..end);
            let rows =
                after.or(before).and_then(whole).or((found.single && self.before.select.limit.is_none()).then_some(1));
            self.edits.push(Edit::Top { column, descending: Some(found.descending), relative: found.relative, rows });
            return;
        }
        let rows = (0..self.fragment.len()).find_map(|i| {
            let number = self.fragment.number(i).and_then(whole).filter(|n| *n < 1900 && !self.is_bound(i))?;
            let alone = (0..self.fragment.len())
                .all(|j| j == i || !self.fragment.is_free(j) || !self.fragment.is_name(j) && self.is_light(j));
            let rows = self.fragment.word(i + 1, &["rows", "results", "lines", "items", "entries"]);
            let limit = i > 0 && (0..i).any(|j| self.fragment.word(j, &["limit"]));
            (alone || rows || limit).then_some((i, number))
        });
        if let Some((i, rows)) = rows {
            self.fragment.take(&["limit it to", "limit that to", "limit to", "limit"]);
            self.fragment.mark(i..i + 1);
            self.fragment.take(&["rows", "results", "lines", "items", "entries"]);
            self.edits.push(Edit::Top { column: None, descending: None, relative: false, rows: Some(rows) });
        }
    }

    /// "over 500": the number bounds something.
    fn is_bound(&self, i: usize) -> bool {
        const BOUNDS: [&str; 13] = [
            "over",
            "above",
            "under",
            "below",
            "than",
            "least",
            "most",
            "exceeding",
            "exactly",
            ">",
            "<",
            "=",
            "beyond",
        ];
        i > 0 && self.fragment.word(i - 1, &BOUNDS) || self.fragment.word(i + 1, &["or"])
    }

    fn is_light(&self, i: usize) -> bool {
        self.fragment
            .token(i)
            .is_some_and(|t| matches!(t.kind, TokenKind::Punctuation) || crate::language::lexicon().is_light(&t.folded))
    }

    /// "by region instead", "split that by brand too", "monthly", "by units sold instead".
    fn groups(&mut self, of: &[ColumnId]) {
        let split = self
            .fragment
            .take(&[
                "split that",
                "split it",
                "split this",
                "split them",
                "split",
                "break that down",
                "break it down",
                "break them down",
                "broken down",
                "break down",
                "drill down",
                "divide",
                "group",
                "grouped",
            ])
            .is_some();
        // "break food down by brand"
        let apart = self.fragment.find(&["break", "split"]).is_some() && self.fragment.find(&["down", "up"]).is_some();
        let split = split || apart && self.fragment.take(&["break", "split"]).is_some();
        if apart {
            self.fragment.take(&["down", "up"]);
        }
        let mut keys = Vec::new();
        for (phrase, grain) in BY_PERIOD {
            if self.fragment.take(&[phrase]).is_some() {
                keys.extend(self.time_key(grain));
            }
        }
        let mut every = false;
        for i in 0..self.fragment.len() {
            if let Some(grain) = self.fragment.grain(i) {
                self.fragment.mark(i..i + 1);
                keys.extend(self.time_key(grain));
                continue;
            }
            let into = || (split && self.fragment.word(i, &["into"])).then_some(i + 1);
            let Some(start) = self.fragment.group_start(i).or_else(into) else { continue };
            let mut at = self.fragment.skip(start, &["the", "each", "every", "their", "its"]);
            // "by units sold" chooses the measure where something is ranked or added up.
            if self.fragment.word(i, &["by"])
                && !self.fragment.is_key(at)
                && let Some((expr, end, said)) = self.fragment.measure(at)
            {
                self.fragment.mark(i..end);
                self.edits.push(Edit::Measures {
                    items: vec![Measured { expr, said }],
                    of: of.to_vec(),
                    instead: true,
                });
                continue;
            }
            every |= (i..at).any(|j| self.fragment.word(j, &["each", "every"]));
            let begin = i;
            loop {
                let key = self.key_at(at);
                if key.is_empty() {
                    break;
                }
                keys.extend(key);
                self.fragment.mark(begin..at + 1);
                let next = self.fragment.skip(at + 1, &["and", ",", "by", "the"]);
                if next == at + 1 {
                    break;
                }
                at = next;
            }
        }
        if keys.is_empty() {
            return;
        }
        // What is compared by value stays apart in every month.
        let times = |e: &Expr| matches!(e, Expr::Time { .. });
        let compared = keys.iter().all(times)
            && self.before.select.group.iter().any(|key| {
                self.before.select.filter.iter().any(
                    |p| matches!(p, Predicate::In { what, values, negated: false } if what == key && values.len() > 1),
                )
            });
        let also = split || compared || self.manner.too || self.manner.and && !self.manner.instead;
        self.edits.push(if also && !self.manner.instead {
            Edit::AddKeys(keys)
        } else {
            Edit::Regroup { keys, of: of.to_vec(), every }
        });
    }

    fn key_at(&mut self, at: usize) -> Vec<Expr> {
        if let Some(grain) = self.fragment.grain_word(at) {
            return self.time_key(grain).into_iter().collect();
        }
        // "by customer country": the table says whose.
        if self.fragment.is_key(at) { self.fragment.key(at) } else { Vec::new() }
    }

    fn time_key(&self, grain: Grain) -> Option<Expr> {
        let column = self.before.date?;
        Some(match self.schema.profile(column).semantic {
            SemanticType::Year => Expr::Column(column),
            _ => Expr::Time { column, grain },
        })
    }

    fn periods(&mut self) {
        for i in 0..self.fragment.len() {
            let Some(span) = self.span(i) else { continue };
            let date = self.fragment.named_date(i);
            self.fragment.mark(i..i + 1);
            self.fragment.take(&["in", "for", "from", "during", "of"]);
            let open = (span.first.is_none() || span.last.is_none()) && date.is_none() && self.before.date.is_none();
            if open {
                return;
            }
            let without = self.fragment.find(&WITHOUT).filter(|cue| cue.start < i);
            match without.zip(date.or(self.before.date)) {
                Some((cue, column)) => {
                    self.fragment.mark(cue);
                    self.edits.push(Edit::Narrow(vec![outside(span, column, self.schema)]));
                }
                None => self.edits.push(Edit::Period { date, span }),
            }
            return;
        }
    }

    /// The period at `i`; one without a year is of the year at hand.
    fn span(&self, i: usize) -> Option<Span> {
        if let Some(mention) = self.fragment.time(i) {
            let span = Span { first: mention.period.first, last: mention.period.last, relative: mention.relative };
            let says_year = self
                .fragment
                .token(i)?
                .folded
                .split([' ', '-', '/'])
                .any(|w| w.len() == 4 && w.bytes().all(|b| b.is_ascii_digit()));
            if span.relative || says_year {
                return Some(span);
            }
            let at_hand = period::of(self.before.select, self.schema).and_then(|p| p.first.or(p.last));
            return Some(at_hand.map_or(span, |day| span.in_year(day.year())));
        }
        // "just 2025"
        let year = self.fragment.number(i).filter(|n| n.fract() == 0.0 && (1900.0..2100.0).contains(n))? as i16;
        let after_name = i > 0 && self.fragment.is_name(i - 1);
        let compared =
            (0..i).any(|j| self.fragment.word(j, &["than", "above", "below", "over", "under", "least", "most"]));
        (self.before.date.is_some() && !after_name && !compared).then_some(())?;
        Some(Span { first: Date::new(year, 1, 1).ok(), last: Date::new(year, 12, 31).ok(), relative: false })
    }

    fn conditions(&mut self) -> Result<(), Unclear> {
        let excluded = self.excluded()?;
        let found = self.fragment.conditions().map_err(Unclear::Unreadable)?;
        let mut spoken: Vec<TableId> = self.before.tables.clone();
        for predicate in found.filter.iter().chain(&excluded) {
            predicate.tables(&mut spoken);
        }
        let filter = self.on_filtered_columns(found.filter);
        if !excluded.is_empty() {
            self.edits.push(Edit::Narrow(excluded));
        }
        let narrowed = !filter.is_empty() || self.edits.iter().any(|e| matches!(e, Edit::Narrow(_)));
        let having = !found.having.is_empty();
        if !filter.is_empty() {
            let extends = self.manner.too && !self.manner.only && filter.iter().all(is_value);
            self.edits.push(if extends { Edit::Extend(filter) } else { Edit::Narrow(filter) });
        }
        if having {
            self.edits.push(Edit::Having(found.having));
        }
        if !narrowed
            && !having
            && let Some((operator, number)) = self.fragment.bare_comparison()
        {
            self.edits.push(Edit::Bound(operator, number));
        }
        // "cancelled orders", "business customers": whose value it is.
        let timed = self.edits.iter().any(|e| matches!(e, Edit::Period { .. }));
        if narrowed
            || timed
            || self
                .edits
                .iter()
                .any(|e| matches!(e, Edit::Free { .. } | Edit::Top { .. } | Edit::Count | Edit::Bound(..)))
        {
            for i in 0..self.fragment.len() {
                if self.fragment.is_table(i) && self.fragment.table(i).is_some_and(|t| spoken.contains(&t)) {
                    self.fragment.mark(i..i + 1);
                }
            }
        }
        Ok(())
    }

    /// Conditions after "without".
    fn excluded(&mut self) -> Result<Vec<Predicate>, Unclear> {
        let Some(range) = self.fragment.find(&WITHOUT) else { return Ok(Vec::new()) };
        let excluded = self.fragment.excluded(range.end, &self.before.tables).map_err(Unclear::Unreadable)?;
        let Some(excluded) = excluded else { return Ok(Vec::new()) };
        self.fragment.mark(range);
        for i in excluded.used {
            self.fragment.mark(i..i + 1);
        }
        Ok(self.on_filtered_columns(excluded.filter).into_iter().map(negative).collect())
    }

    /// A value that several columns hold is meant in the one that is filtered already.
    fn on_filtered_columns(&self, predicates: Vec<Predicate>) -> Vec<Predicate> {
        let analysis = self.fragment.ground().analysis;
        let moved = |predicate: Predicate| {
            let Predicate::Compare { left: Expr::Column(id), operator, right: Operand::Value(Value::Text(text)) } =
                &predicate
            else {
                return predicate;
            };
            if self.before.filtered.contains(id) {
                return predicate;
            }
            let hits = analysis.values.iter().flat_map(|v| &v.hits);
            let hit =
                hits.filter(|h| h.value.eq_ignore_ascii_case(text)).find(|h| self.before.filtered.contains(&h.column));
            hit.map_or(predicate.clone(), |hit| Predicate::Compare {
                left: Expr::Column(hit.column),
                operator: *operator,
                right: Operand::Value(Value::Text(hit.value.clone())),
            })
        };
        predicates.into_iter().map(moved).collect()
    }

    /// Names that are left are wanted in the result.
    fn measures(&mut self, of: &[ColumnId]) {
        let (mut items, mut outputs) = (Vec::new(), Vec::new());
        let aggregated = self.before.select.is_aggregated();
        let mut i = 0;
        while i < self.fragment.len() {
            let starts = self.fragment.is_name(i)
                || self.fragment.function(i).is_some()
                || self.fragment.phrase(i, "number of").is_some();
            if !starts || !self.fragment.is_free(i) {
                i += 1;
                continue;
            }
            match self.fragment.measure(i) {
                Some((expr, end, said)) if aggregated || said && !self.fragment.is_measure(i) => {
                    self.fragment.mark(i..end);
                    items.push(Measured { expr, said });
                    i = end;
                }
                _ if self.fragment.is_name(i) && !self.fragment.is_table(i) => {
                    outputs.extend(self.fragment.output(i));
                    self.fragment.mark(i..i + 1);
                    i += 1;
                }
                _ => i += 1,
            }
        }
        let also = self.manner.too
            || self.manner.and
            || !(self.manner.instead || self.manner.about || self.manner.only || aggregated);
        if !items.is_empty() {
            let instead = self.manner.instead || !also;
            self.edits.push(Edit::Measures { items, of: of.to_vec(), instead });
        }
        if !outputs.is_empty() {
            self.edits.push(Edit::Outputs(outputs));
        }
    }

    /// Pronouns and fillers of an edit that was understood.
    fn rest(&mut self) {
        if self.edits.is_empty() {
            return;
        }
        while self.fragment.take(&PRONOUNS).is_some() {}
        while self
            .fragment
            .take(&[
                "or", "column", "columns", "one", "ones", "well", "same", "for each", "in each", "of each", "each",
                "with the", "with",
            ])
            .is_some()
        {}
    }
}

fn whole(number: f64) -> Option<u64> {
    (number >= 1.0 && number.fract() == 0.0 && number < 1e6).then_some(number as u64)
}

fn is_value(predicate: &Predicate) -> bool {
    matches!(predicate, Predicate::Compare { operator: Operator::Equal, .. } | Predicate::In { negated: false, .. })
}

/// The days before and after a period.
fn outside(span: Span, column: ColumnId, schema: &Schema) -> Predicate {
    let before =
        span.first.and_then(|day| day.yesterday().ok()).map(|last| Span { first: None, last: Some(last), ..span });
    let after =
        span.last.and_then(|day| day.tomorrow().ok()).map(|first| Span { first: Some(first), last: None, ..span });
    let parts: Vec<Predicate> = before.into_iter().chain(after).map(|s| s.predicate(column, schema)).collect();
    Predicate::Any(parts)
}

/// The rows that do not meet it.
fn negative(predicate: Predicate) -> Predicate {
    match predicate {
        Predicate::Compare { left, operator: Operator::Equal, right: right @ Operand::Value(Value::Text(_)) } => {
            Predicate::Compare { left, operator: Operator::NotEqual, right }
        }
        Predicate::Compare { left, operator, right } => {
            let turned = match operator {
                Operator::Less => Operator::GreaterOrEqual,
                Operator::LessOrEqual => Operator::Greater,
                Operator::Greater => Operator::LessOrEqual,
                Operator::GreaterOrEqual => Operator::Less,
                same => same,
            };
            Predicate::Compare { left, operator: turned, right }
        }
        Predicate::In { what, values, .. } => Predicate::In { what, values, negated: true },
        Predicate::Like { what, pattern, .. } => Predicate::Like { what, pattern, negated: true },
        other => other,
    }
}
