//! Rows that are spoken of by what happened: "price rises" in a table of signed changes, "stock records", "elasticity
//! refreshes", and percents whose name stands the other way round ("% change").

use super::super::names::{Link, Target};
use super::super::plan::{Expr, Operand, Operator, Predicate};
use super::super::reading::number_value;
use super::super::tokens::TokenKind;
use super::Analytic;
use super::apply::Editor;
use super::phrases::Phrases;
use crate::schema::{ColumnId, SemanticType, TableId, Value, ValueMatchKind};

const UP: [&str; 10] =
    ["increase", "hike", "rise", "raise", "uplift", "raised", "went up", "gone up", "rose", "increased"];
const DOWN: [&str; 13] = [
    "decrease",
    "cut",
    "reduction",
    "drop",
    "markdown",
    "fall",
    "lowered",
    "went down",
    "gone down",
    "fell",
    "decreased",
    "dropped",
    "reduced",
];
/// Words for a row, whatever the row is of.
const ROWS: [&str; 9] =
    ["row", "record", "entry", "observation", "reading", "check", "refresh", "update", "measurement"];

impl Phrases<'_> {
    pub fn take_events(&mut self) {
        self.read_percent_names();
        self.take_both_moves();
        self.take_moves();
        self.take_rows();
    }

    /// A name that is a percent's with the word behind it: "margin" before "%".
    pub fn is_percent_name(&self, i: usize) -> bool {
        self.is_name(i) && !self.percent_links(i).is_empty()
    }

    fn percent_links(&self, i: usize) -> Vec<Link> {
        let links = self.ground.names.look_up(&[&self.tokens[i].lemma, "percent"]);
        let percent = |l: &Link| matches!(l.target, Target::Column(c) if self.ground.schema.profile(c).semantic == SemanticType::Percent);
        let sure = links.first().is_some_and(|l| percent(l) && l.score >= 0.85);
        links.into_iter().filter(|l| sure && percent(l)).collect()
    }

    /// "gap" before or behind "%", where a single percent's name has the word in it.
    fn only_percent(&self, i: usize) -> Vec<Link> {
        let said: Vec<&str> = self.tokens[i].lemma.split(' ').collect();
        let has = |id: &ColumnId| {
            let words = self.ground.names.column_words(*id);
            said.iter().all(|word| words.iter().any(|w| w == word))
        };
        let schema = self.ground.schema;
        let percents = schema.columns().filter(|id| schema.profile(*id).semantic == SemanticType::Percent && has(id));
        match percents.collect::<Vec<_>>().as_slice() {
            [only] => vec![Link { target: Target::Column(*only), score: 1.0 }],
            _ => Vec::new(),
        }
    }

    /// "% change", "percent margin": the percent column whose name is put the other way round.
    fn read_percent_names(&mut self) {
        for i in 0..self.tokens.len().saturating_sub(1) {
            if !self.word(i, &["%", "percent", "percentage", "pct"]) || !self.is_name(i + 1) {
                continue;
            }
            let numbered = i > 0 && self.tokens[i - 1].number().is_some();
            let mut links = self.percent_links(i + 1);
            if links.is_empty() {
                links = self.only_percent(i + 1);
            }
            if numbered || links.is_empty() {
                continue;
            }
            self.take(i..i + 1);
            self.rename(i + 1, links);
        }
        // "price gap %": the unit behind the name.
        for i in 0..self.tokens.len().saturating_sub(1) {
            let unit = self.word(i + 1, &["%", "percent", "pct"]) && !self.word(i + 2, &["of"]);
            if !unit || !self.is_name(i) || self.is_percent_name(i) {
                continue;
            }
            let links = self.only_percent(i);
            if !links.is_empty() {
                self.take(i + 1..i + 2);
                self.rename(i, links);
            }
        }
    }

    /// "price increases", "a price cut", "whose price went down", where one table holds signed changes.
    fn take_moves(&mut self) {
        let Some(changes) = self.signed_changes() else { return };
        let table_words = self.ground.names.table_words(changes.table);
        for i in 1..self.tokens.len() {
            let token = &self.tokens[i];
            let stored = match token.kind {
                TokenKind::Value(v) => self.ground.analysis.values[v].kind == ValueMatchKind::Exact,
                _ => false,
            };
            let sense = |list: &[&str]| {
                list.contains(&token.lemma.as_str())
                    || list.iter().any(|p| p.contains(' ') && self.phrase(i, p).is_some())
            };
            let up = sense(&UP);
            if stored || self.is_taken(i) || !(up || sense(&DOWN)) {
                continue;
            }
            // What rises must be what the changes are of: "price" before "rises".
            let of = (i.saturating_sub(2)..i).rev().find(|j| {
                !self.is_taken(*j) && self.tokens[*j].lemma.split(' ').all(|w| table_words.contains(&w.to_owned()))
            });
            let Some(of) = of else { continue };
            if (of + 1..i).any(|j| !self.word(j, &["s", "was", "were", "has", "have", "been", "is", "are"])) {
                continue;
            }
            let end = if token.folded.contains(' ') || token.lemma.contains(' ') {
                i + 1
            } else {
                UP.iter().chain(&DOWN).filter(|p| p.contains(' ')).find_map(|p| self.phrase(i, p)).unwrap_or(i + 1)
            };
            let operator = if up { Operator::Greater } else { Operator::Less };
            let measured = self.asks_how_much(of);
            self.take(of..end);
            self.keep(end - 1);
            let target = if measured { Target::Column(changes) } else { Target::Table(changes.table) };
            self.rename(end - 1, vec![Link { target, score: 1.0 }]);
            let right = Operand::Value(number_value(0.0));
            let moved = Predicate::Compare { left: Expr::Column(changes), operator, right };
            self.push(Analytic::Events { table: changes.table, filter: vec![moved] });
            self.take_moves_said_again(end);
            return;
        }
    }

    /// "how many prices went up and how many went down", "number of price increases and of cuts": the changes counted both
    /// ways.
    fn take_both_moves(&mut self) {
        const COUNTED: [&str; 5] = ["how many", "number of", "count of", "how often", "#"];
        const BETWEEN: [&str; 22] = [
            "and", "vs", "versus", "how", "many", "times", "often", "number", "of", "#", "count", "price", "prices",
            "they", "did", "do", "have", "went", "go", "it", ",", "the",
        ];
        let Some(changes) = self.signed_changes() else { return };
        let counted = (0..self.tokens.len()).find(|i| COUNTED.iter().any(|p| self.phrase(*i, p).is_some()));
        let Some(counted) = counted else { return };
        let moves = |way: &[&str], short: &str| {
            (counted + 1..self.tokens.len()).find(|i| {
                let token = &self.tokens[*i];
                !self.is_taken(*i) && (way.contains(&token.lemma.as_str()) || token.folded == short)
            })
        };
        let (Some(up), Some(down)) = (moves(&UP, "up"), moves(&DOWN, "down")) else { return };
        let (first, second) = (up.min(down), up.max(down));
        // "price" is a name here, and a part of the phrase all the same.
        let between = |i: usize| !self.is_taken(i) && BETWEEN.contains(&self.tokens[i].folded.as_str());
        if !(counted + 1..second).filter(|i| *i != first).all(between) {
            return;
        }
        self.take(counted..second + 1);
        let counts = counted..counted + 2;
        self.replace(counts.start..counts.start + 1, "how many");
        self.keep(first);
        self.rename(first, vec![Link { target: Target::Table(changes.table), score: 1.0 }]);
        let moved = |operator| {
            let right = Operand::Value(number_value(0.0));
            Predicate::Compare { left: Expr::Column(changes), operator, right }
        };
        let (up_first, ways) = (up < down, [moved(Operator::Greater), moved(Operator::Less)]);
        let [a, b] = ways;
        let ways = if up_first { vec![a, b] } else { vec![b, a] };
        self.push(Analytic::Counts { table: changes.table, ways });
    }

    /// "(increases only)": what was said before.
    fn take_moves_said_again(&mut self, from: usize) {
        for i in from..self.tokens.len() {
            let token = &self.tokens[i];
            let partial = match token.kind {
                TokenKind::Value(v) => self.ground.analysis.values[v].kind != ValueMatchKind::Exact,
                _ => !self.is_taken(i),
            };
            if partial && (UP.contains(&token.lemma.as_str()) || DOWN.contains(&token.lemma.as_str())) {
                let only = |j: usize| self.word(j, &["only", "just"]);
                let start = if only(i - 1) { i - 1 } else { i };
                let end = if only(i + 1) { i + 2 } else { i + 1 };
                self.take(start..end);
            }
        }
    }

    /// "average price rise", "the largest price cut", "size of a price hike": the change itself, not its rows.
    fn asks_how_much(&mut self, of: usize) -> bool {
        const FIGURES: [&str; 15] = [
            "average", "avg", "mean", "median", "largest", "biggest", "smallest", "highest", "lowest", "steepest",
            "size", "total", "maximum", "minimum", "max",
        ];
        let mut at = of;
        while at > 0 && self.word(at - 1, &["a", "an", "the", "of", "our", "single"]) {
            at -= 1;
        }
        let figure = at > 0 && self.word(at - 1, &FIGURES);
        if figure && self.word(at - 1, &["size"]) {
            self.take(at - 1..of);
        }
        figure
    }

    /// The column of changes, below and above nothing, if one table has such; amounts before percents unless those are
    /// asked for.
    fn signed_changes(&self) -> Option<ColumnId> {
        let schema = self.ground.schema;
        let bound = |value: &Option<Value>| value.as_ref().and_then(Value::as_f64);
        let mut found: Vec<ColumnId> = schema
            .columns()
            .filter(|c| {
                let profile = schema.profile(*c);
                let words = self.ground.names.column_words(*c);
                let called =
                    words.iter().any(|w| matches!(w.as_str(), "change" | "delta" | "difference" | "adjustment"));
                called
                    && profile.semantic.is_measure()
                    && bound(&profile.min).is_some_and(|m| m < 0.0)
                    && bound(&profile.max).is_some_and(|m| m > 0.0)
            })
            .collect();
        let percent = |c: &ColumnId| schema.profile(*c).semantic == SemanticType::Percent;
        let asked = self.ground.analysis.words.iter().any(|w| w.is_one_of(&["%", "percent", "percentage", "pct"]));
        found.sort_by_key(|c| percent(c) != asked);
        let first = *found.first()?;
        found.iter().all(|c| c.table == first.table).then_some(first)
    }

    /// "weekly sales rows", "elasticity refreshes by month": rows of a table, counted where they are split.
    fn take_rows(&mut self) {
        for i in 1..self.tokens.len() {
            let noun = self.tokens[i].folded == self.tokens[i].lemma || self.tokens[i].folded.ends_with('s');
            let row =
                matches!(self.tokens[i].kind, TokenKind::Word) && ROWS.contains(&self.tokens[i].lemma.as_str()) && noun;
            if !row || self.is_taken(i) {
                continue;
            }
            // "what share of checks are we cheaper": checks of prices.
            if !self.is_name(i - 1)
                && self.word(i - 1, &["of", "many", "the"])
                && let Some((own, _)) = self.finder.own_and_other_price()
            {
                self.rename(i, vec![Link { target: Target::Table(own.table), score: 1.0 }]);
                return;
            }
            if !self.is_name(i - 1) {
                continue;
            }
            let Some(table) = self.table_said(i - 1) else { continue };
            if i > 1 && self.word(i - 2, &["daily", "weekly", "monthly"]) {
                self.take(i - 2..i - 1);
            }
            self.rename(i, vec![Link { target: Target::Table(table), score: 1.0 }]);
            let counted =
                (0..i).any(|j| self.word(j, &["many", "number of", "number", "count", "list", "show", "which"]));
            if counted
                || !(self.find_grain().is_some() || (i + 1..self.tokens.len()).any(|j| self.word(j, &["by", "per"])))
            {
                self.take(i - 1..i);
            } else {
                self.replace(i - 1..i, "number of");
            }
            return;
        }
    }

    /// The table that a token names, or of the columns that it names.
    fn table_said(&self, i: usize) -> Option<TableId> {
        let links = self.tokens[i].links();
        let best = links.first()?.score;
        let table = |l: &Link| match l.target {
            Target::Table(table) => Some(table),
            Target::Column(id) => Some(id.table),
            Target::Metric(_) => None,
        };
        let named = links.iter().find(|l| matches!(l.target, Target::Table(_)) && l.score >= best - 0.1);
        let first = table(named.or(links.first())?)?;
        let near = links.iter().filter(|l| l.score >= best - 0.05);
        (named.is_some() || near.clone().all(|l| table(l) == Some(first))).then_some(first)
    }
}

impl Editor<'_> {
    /// The count of a table's rows, once for each condition.
    pub(super) fn counts(&mut self, table: TableId, ways: &[Predicate]) -> Result<(), String> {
        let count = Expr::CountRows(table);
        let Some(at) = self.select.items.iter().position(|item| *item == count) else {
            return Err("it is not said what is to be counted both ways".to_owned());
        };
        let counts = ways.iter().map(|way| Expr::filtered(count.clone(), vec![way.clone()]));
        self.select.items.splice(at..=at, counts);
        self.select.order.retain(|sort| sort.by != count);
        Ok(())
    }

    /// Only rows of events that meet the conditions; of things that are listed, those that have such.
    pub(super) fn events(&mut self, table: TableId, filter: &[Predicate]) {
        let mut shown = Vec::new();
        for expr in self.select.items.iter().chain(self.select.order.iter().map(|s| &s.by)) {
            for of in self.tables_of(expr) {
                if !shown.contains(&of) {
                    shown.push(of);
                }
            }
        }
        let listed = !self.select.is_aggregated() && !shown.is_empty() && !shown.contains(&table);
        if !listed {
            self.select.filter.extend(filter.iter().cloned());
            self.select.distinct |= !self.select.is_aggregated() && shown.len() > 1 && self.select.limit.is_none();
            return;
        }
        // What else is said of the events belongs to the same one.
        let of_events = |predicate: &Predicate| {
            let mut tables = Vec::new();
            predicate.tables(&mut tables);
            tables == [table]
        };
        let (own, others): (Vec<Predicate>, Vec<Predicate>) =
            std::mem::take(&mut self.select.filter).into_iter().partition(of_events);
        self.select.filter = others;
        self.select.tables.retain(|t| *t != table);
        let filter = own.into_iter().chain(filter.iter().cloned()).collect();
        self.select.filter.push(Predicate::Exists { table, filter, negated: false });
    }
}
