//! Decides which column or table an ambiguous phrase means, by what else the question names.

use super::super::names::Target;
use super::super::tokens::{Token, TokenKind};
use super::Reader;
use crate::language::identifier_words;
use crate::pipeline::analysis::Analysis;
use crate::schema::{ColumnId, Schema, SemanticType, TableId, ValueMatchKind};

/// What a column is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Output,
    Measure,
    Group,
    Filter,
    Time,
}

/// What surrounds a phrase decides between names that fit it about as well, not against one that fits much better.
const CONTEXT_CAP: f64 = 0.34;

/// What the sums of a measure in another table are behind it: enough to answer with the measure, and to tell so.
const COPY: f64 = 0.04;

/// How much speaks for each table: its own mentions, then columns and values that few others share.
pub fn evidence(schema: &Schema, analysis: &Analysis, tokens: &[Token]) -> Vec<f64> {
    let mut evidence = vec![0.0; schema.tables.len()];
    for token in tokens {
        match &token.kind {
            TokenKind::Name(links) => {
                let best = links.first().map_or(0.0, |l| l.score);
                let near: Vec<_> = links.iter().filter(|l| l.score >= best - 0.05).collect();
                for link in &near {
                    match link.target {
                        Target::Table(t) => evidence[t.0] += link.score,
                        Target::Column(c) => evidence[c.table.0] += 0.6 * link.score / near.len() as f64,
                        Target::Metric(_) => {}
                    }
                }
            }
            TokenKind::Value(i) => {
                let mention = &analysis.values[*i];
                let mut tables: Vec<TableId> = mention.hits.iter().map(|h| h.column.table).collect();
                tables.dedup();
                let weight = if mention.kind == ValueMatchKind::Exact { 0.4 } else { 0.2 };
                for table in &tables {
                    evidence[table.0] += weight / tables.len() as f64;
                }
            }
            _ => {}
        }
    }
    evidence
}

impl Reader<'_> {
    /// The best column for a token in a role, with its score; the link is recorded.
    pub(super) fn resolve(&mut self, i: usize, role: Role) -> Option<ColumnId> {
        let (id, score) = self.best_column(i, role)?;
        self.record(i, score);
        Some(id)
    }

    pub(super) fn record(&mut self, i: usize, score: f64) {
        let phrase = self.tokens[i].folded.clone();
        if !self.links.iter().any(|(known, _)| *known == phrase) {
            self.links.push((phrase, score));
        }
    }

    /// The column and the strength of its link alone.
    pub(super) fn best_column(&self, i: usize, role: Role) -> Option<(ColumnId, f64)> {
        let mut best: Option<(f64, ColumnId, f64)> = None;
        for link in self.token(i)?.links() {
            let Target::Column(id) = link.target else { continue };
            let total = self.weighed(i, id, link.score, role);
            if best.is_none_or(|(b, ..)| total > b + 1e-9) {
                best = Some((total, id, link.score));
            }
        }
        best.map(|(_, id, score)| (id, score))
    }

    /// How much speaks for a column that a token links to with this score, in a role.
    pub(super) fn weighed(&self, i: usize, id: ColumnId, score: f64, role: Role) -> f64 {
        let mut total = score + self.context_score(i, id).min(CONTEXT_CAP) + role_score(self.ground.schema, id, role);
        // A key that repeats the rows of the measures splits nothing, and a measure whose rows the entity repeats
        // belongs to something else.
        let repeats = match role {
            Role::Group => self.anchors.iter().any(|anchor| self.fans_out(*anchor, id.table)),
            Role::Measure => self.anchors.iter().any(|anchor| self.fans_out(id.table, *anchor)),
            _ => false,
        };
        if repeats {
            total -= 0.6;
        }
        // What was planned, or was before, is only meant if it is said.
        if self.is_unsaid_variant(id) {
            total -= 0.35;
        }
        if role == Role::Measure && self.counts_things(i) && self.semantic(id) == SemanticType::UnitPrice {
            total -= 0.15;
        }
        if role == Role::Measure && self.is_copy(id) {
            total -= COPY;
        }
        total
    }

    /// "units", "how many tickets": a number of things, whatever the price of one is called.
    fn counts_things(&self, i: usize) -> bool {
        let counted = i > 0 && self.word_at(i - 1, &["many"]) || i > 1 && self.phrase_at(i - 2, "number of").is_some();
        counted || matches!(self.tokens[i].lemma.as_str(), "unit" | "piece" | "quantity")
    }

    /// Another table has the measure by the same name in far more rows: this one sums it up.
    fn is_copy(&self, id: ColumnId) -> bool {
        const FINER: u64 = 3;
        let schema = self.ground.schema;
        let (name, rows) = (&schema.column(id).name, schema.profile(id).rows.max(1));
        let finer = |c: ColumnId| schema.profile(c).rows >= rows.saturating_mul(FINER);
        schema.columns().any(|c| c.table != id.table && schema.column(c).name == *name && finer(c))
    }

    /// A column of plans or of what was before, which no word of the question says.
    fn is_unsaid_variant(&self, id: ColumnId) -> bool {
        const VARIANTS: [&str; 14] = [
            "forecast",
            "planned",
            "plan",
            "budget",
            "target",
            "expected",
            "predicted",
            "suggested",
            "recommended",
            "proposed",
            "previous",
            "old",
            "estimated",
            "projected",
        ];
        let lexicon = crate::language::lexicon();
        let words = self.ground.names.column_words(id);
        let said = |word: &String| {
            self.ground.analysis.words.iter().any(|w| {
                w.lemma == *word || w.folded == *word || lexicon.synonyms(&w.lemma).iter().any(|(s, _)| s == word)
            })
        };
        words.len() > 1 && words.iter().any(|w| VARIANTS.contains(&w.as_str()) && !said(w))
    }

    /// Joining `to` repeats the rows of `from`, or cannot be done.
    pub(super) fn fans_out(&self, from: TableId, to: TableId) -> bool {
        from != to && self.ground.graph.join(&[from, to], &[]).is_none_or(|tree| tree.edges.iter().any(|e| e.fans_out))
    }

    fn context_score(&self, i: usize, id: ColumnId) -> f64 {
        let mut score = 0.22 * self.evidence[id.table.0].min(1.6) + self.spoken_elsewhere(i, id);
        if self.anchors.contains(&id.table) {
            score += 0.15;
        }
        // "name of the store", "store name", "stores with their names": the nearest table mention decides.
        let after = (i + 1..(i + 4).min(self.tokens.len())).find_map(|j| self.table_of(j).map(|t| (j, t)));
        if let Some((j, table)) = after
            && table == id.table
        {
            let of = (i + 1..j).any(|k| self.word_at(k, &["of", "for", "in"]));
            score += if of { 0.35 } else { 0.12 };
        }
        if i > 0 && self.is_table(i - 1) && self.table_of(i - 1) == Some(id.table) {
            score += 0.3;
        } else if i > 1
            && self.is_table(i - 2)
            && self.table_of(i - 2) == Some(id.table)
            && !self.word_at(i - 1, &["and", ",", "or"])
        {
            score += 0.15;
        }
        score
    }

    /// Other words of the column's name that the question says somewhere: "competitor ... price" means its price.
    fn spoken_elsewhere(&self, i: usize, id: ColumnId) -> f64 {
        let own = &self.tokens[i].lemma;
        let words = self.ground.names.column_words(id);
        let lexicon = crate::language::lexicon();
        // "MegaSave's price", where `competitor_name` holds MegaSave: the competitor's.
        let is_measure = self.semantic(id).is_measure();
        let holds = |t: &Token, word: &String| match t.kind {
            TokenKind::Value(value) if is_measure => self.ground.analysis.values[value].hits.iter().any(|hit| {
                hit.column.table == id.table
                    && hit.kind == ValueMatchKind::Exact
                    && self.ground.names.column_words(hit.column).contains(word)
            }),
            _ => false,
        };
        let says = |word: &String| {
            self.tokens.iter().enumerate().any(|(j, t)| {
                let named = |l: &str| {
                    l == word || lexicon.synonyms(l).iter().any(|(s, strength)| s == word && *strength >= 0.85)
                };
                j != i && (holds(t, word) || !lexicon.is_light(&t.folded) && t.lemma.split(' ').any(named))
            })
        };
        0.12 * words.iter().filter(|w| w.len() > 2 && !own.split(' ').any(|o| o == *w) && says(w)).count().min(2) as f64
    }

    /// The strongest table of a token.
    pub(super) fn resolve_table(&mut self, i: usize) -> Option<TableId> {
        let link = *self.token(i)?.links().iter().find(|l| matches!(l.target, Target::Table(_)))?;
        self.record(i, link.score);
        match link.target {
            Target::Table(table) => Some(table),
            _ => None,
        }
    }

    /// True if the best reading of the token is a table.
    pub(super) fn is_table(&self, i: usize) -> bool {
        self.table_of(i).is_some() && !self.prefers_column(i)
    }

    /// A token that names a column as well as a table is the column if another table that is spoken of holds it.
    fn prefers_column(&self, i: usize) -> bool {
        let links = self.tokens[i].links();
        let measure = links
            .iter()
            .find(|l| matches!(l.target, Target::Column(c) if self.semantic(c).is_measure()))
            .map_or(0.0, |l| l.score);
        let named = links.iter().find(|l| matches!(l.target, Target::Table(_))).map_or(0.0, |l| l.score);
        // A measure that bears the very name ("revenue") goes before a table that is merely called so.
        if measure >= 0.8 && measure > named - 0.005 {
            return true;
        }
        // "competitor" names the competitor's name in a table of price checks, not the checks.
        let within = links.iter().any(|l| {
            matches!(l.target, Target::Column(c) if l.score >= named - 0.05
                && links.iter().any(|t| t.target == Target::Table(c.table))
                && self.is_about_measures(c.table))
        });
        if within {
            return true;
        }
        let column = links.iter().find(|l| matches!(l.target, Target::Column(_))).map_or(0.0, |l| l.score);
        let table = links.iter().find(|l| matches!(l.target, Target::Table(_))).map_or(0.0, |l| l.score);
        column > table + 0.12
    }

    /// The column people know a row of the table by: a name, else a first and last name, else the key.
    pub(super) fn display_columns(&self, table: TableId) -> Vec<ColumnId> {
        self.ground.names.display(table).to_vec()
    }

    /// The date column that rows of a table are counted by.
    pub(super) fn time_column(&self, table: TableId) -> Option<ColumnId> {
        self.scored_time_column(table).map(|(id, _)| id)
    }

    /// The date column, and whether it says when something happened rather than when a row was written or a thing set up.
    pub(super) fn scored_time_column(&self, table: TableId) -> Option<(ColumnId, bool)> {
        event_date(self.ground.schema, table)
    }

    pub(super) fn semantic(&self, id: ColumnId) -> SemanticType {
        self.ground.schema.profile(id).semantic
    }

    /// The token names a number that can be computed with.
    pub(super) fn is_measure(&self, i: usize) -> bool {
        let Some(token) = self.token(i) else { return false };
        if matches!(token.links().first().map(|l| l.target), Some(Target::Metric(_))) {
            return true;
        }
        // A measure of which the phrase is only a part of the name does not go before a name that it is.
        let best = token.links().first().map_or(0.0, |l| l.score);
        !self.is_table(i)
            && self
                .best_column(i, Role::Measure)
                .is_some_and(|(c, score)| self.semantic(c).is_measure() && score >= best - 0.3)
    }

    /// A number that adds up, of which the phrase is as good a name as of what else it could be ("units").
    pub(super) fn names_a_sum(&self, i: usize) -> bool {
        let Some(token) = self.token(i) else { return false };
        let best = token.links().first().map_or(0.0, |l| l.score);
        let summed =
            |l: &super::super::names::Link| matches!(l.target, Target::Column(c) if self.semantic(c).is_additive());
        token.links().iter().any(|l| summed(l) && l.score >= best - 0.02)
    }

    /// The measure that a table is about, for rankings "by elasticity" where the table is called so: the one whose name
    /// shares a word with the token, else the first.
    pub(super) fn subject_measure(&self, i: usize, table: TableId) -> Option<ColumnId> {
        let schema = self.ground.schema;
        self.named_measure(i, table).or_else(|| {
            (0..schema.table(table).columns.len())
                .map(|column| ColumnId { table, column })
                .find(|c| self.semantic(*c).is_measure())
        })
    }

    /// A measure of the table that the token links to as well.
    pub(super) fn named_measure(&self, i: usize, table: TableId) -> Option<ColumnId> {
        self.tokens[i].links().iter().find_map(|l| match l.target {
            Target::Column(c) if c.table == table && self.semantic(c).is_measure() => Some(c),
            _ => None,
        })
    }

    /// The rows of the table are not things that people count: they have no name, and describe other things by measures.
    pub(super) fn is_about_measures(&self, table: TableId) -> bool {
        let schema = self.ground.schema;
        let refers = schema.foreign_keys.iter().any(|k| k.from.table == table);
        let named = self.display_columns(table).iter().any(|c| matches!(self.semantic(*c), SemanticType::Name));
        refers
            && !named
            && (0..schema.table(table).columns.len())
                .any(|column| self.semantic(ColumnId { table, column }).is_measure())
    }

    /// A measure of the table that adds up, for "total of invoices".
    pub(super) fn main_measure(&self, table: TableId) -> Option<ColumnId> {
        let schema = self.ground.schema;
        let columns = (0..schema.table(table).columns.len()).map(|column| ColumnId { table, column });
        let mut money: Vec<ColumnId> = columns.filter(|c| schema.profile(*c).semantic == SemanticType::Money).collect();
        money.sort_by_key(|c| {
            !identifier_words(&schema.column(*c).name)
                .iter()
                .any(|w| matches!(w.as_str(), "total" | "revenue" | "turnover" | "amount" | "sale"))
        });
        money.first().copied()
    }
}

pub fn display_columns(schema: &Schema, table: TableId) -> Vec<ColumnId> {
    let columns: Vec<ColumnId> =
        (0..schema.table(table).columns.len()).map(|column| ColumnId { table, column }).collect();
    let words = |c: &ColumnId| identifier_words(&schema.column(*c).name);
    let has = |c: &ColumnId, word: &str| words(c).iter().any(|w| w == word);
    let text = |c: &ColumnId| !schema.profile(*c).numeric && schema.reference_of(*c).is_none();
    let first = columns.iter().find(|c| text(c) && has(c, "first") && has(c, "name"));
    let last = columns.iter().find(|c| text(c) && has(c, "last") && has(c, "name"));
    let table_words = identifier_words(&schema.table(table).name);
    let whole = columns.iter().filter(|c| text(c)).find(|c| {
        let words = words(c);
        words == ["name"]
            || (words == ["title"] && (first.is_none() || last.is_none()))
            || (words.len() > 1
                && words.last().is_some_and(|w| w == "name")
                && table_words.contains(&words[words.len() - 2]))
    });
    if let Some(name) = whole {
        return vec![*name];
    }
    if let (Some(first), Some(last)) = (first, last) {
        return vec![*first, *last];
    }
    let named = columns.iter().find(|c| {
        text(c) && matches!(schema.profile(**c).semantic, SemanticType::Name) && !has(c, "first") && !has(c, "middle")
    });
    // A description of its own for each row is what it is known by.
    let described = columns.iter().find(|c| {
        text(c) && words(c).last().is_some_and(|w| w == "description") && {
            let profile = schema.profile(**c);
            profile.rows > 0 && profile.distinct * 10 >= profile.rows * 9
        }
    });
    if let Some(name) = named.or(described).or_else(|| columns.iter().find(|c| text(c) && has(c, "name"))) {
        return vec![*name];
    }
    match schema.table(table).primary_key.as_slice() {
        [key] => vec![ColumnId { table, column: *key }],
        _ => columns.first().copied().into_iter().collect(),
    }
}

fn role_score(schema: &Schema, id: ColumnId, role: Role) -> f64 {
    let semantic = schema.profile(id).semantic;
    let reference = schema.reference_of(id).is_some();
    match role {
        Role::Measure if semantic.is_measure() => 0.15,
        Role::Measure => -0.4,
        Role::Group
            if matches!(
                semantic,
                SemanticType::Category | SemanticType::Name | SemanticType::Geo | SemanticType::Flag
            ) =>
        {
            0.12
        }
        Role::Group if semantic.is_measure() => -0.25,
        Role::Time if semantic.is_time() => 0.3,
        Role::Time => -0.6,
        Role::Output | Role::Group | Role::Filter if reference => -0.06,
        Role::Output | Role::Group | Role::Filter => 0.0,
    }
}

/// Upkeep dates say when a row was written or a thing was set up, not when something happened.
pub(super) fn is_upkeep(schema: &Schema, id: ColumnId) -> bool {
    const UPKEEP: [&str; 8] = ["updated", "modified", "created", "added", "birth", "loaded", "opened", "founded"];
    identifier_words(&schema.column(id).name).iter().any(|w| UPKEEP.contains(&w.as_str()))
}

/// The date that rows of a table are counted by, and whether it says when something happened rather than when a row was
/// written or a thing set up.
pub fn event_date(schema: &Schema, table: TableId) -> Option<(ColumnId, bool)> {
    let columns = (0..schema.table(table).columns.len()).map(|column| ColumnId { table, column });
    let mut best: Option<(i32, ColumnId)> = None;
    for id in columns {
        let words = identifier_words(&schema.column(id).name);
        let last = words.last().map_or("", String::as_str);
        let kind = match schema.profile(id).semantic {
            SemanticType::Date => 10,
            SemanticType::DateTime => 9,
            SemanticType::Month => 6,
            SemanticType::Year => 4,
            _ => continue,
        };
        let score = kind + i32::from(last == "date") - if is_upkeep(schema, id) { 6 } else { 0 };
        if best.is_none_or(|(b, _)| score > b) {
            best = Some((score, id));
        }
    }
    best.map(|(_, id)| (id, !is_upkeep(schema, id)))
}
