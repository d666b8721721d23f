//! Clauses about what the last answer showed: "how many orders do they have?", "who wrote them?".

use super::super::OfflineEngine;
use super::super::names::{Link, Target};
use super::super::plan::{Expr, Predicate, Query, Select};
use super::super::reading::{Fragment, Ground};
use super::super::tokens::{Token, TokenKind};
use super::apply::entity;
use super::{Room, Standing, classify, conditions, edits};
use crate::language::identifier_words;
use crate::pipeline::generation::Generated;
use crate::schema::{ColumnId, Schema, TableId};

impl Room<'_> {
    /// The clause is read with the things in the place of the pronoun, and only they count.
    pub(super) fn clause(
        self,
        standing: &Standing,
        select: &Select,
        ground: Ground<'_>,
        mut words: Vec<Token>,
    ) -> Result<Standing, Generated> {
        let decline = |why: &str| self.decline(format!("{why} (what stands: {})", self.told(standing)));
        let fragment = Fragment::new(ground, words.clone(), &[]);
        let things = entity(select).ok_or_else(|| decline("it is not clear who or what is meant"))?;
        let Some(at) = classify::pronoun(&fragment) else {
            return Err(decline("it is not clear who or what is meant"));
        };
        words[at] = named(&words[at], things, self.schema);
        self.name_doers(&mut words);
        let (reading, ranking) = OfflineEngine::read_tokens(ground, words, self.knowledge, self.thresholds)?;
        if let Some(unread) = reading.unread.first() {
            return Err(decline(&format!("I did not understand \"{}\"", unread.word)));
        }
        let Query::Select(mut asked) = reading.query.clone() else {
            return Err(decline("two lists cannot be taken together with the answer before"));
        };
        for predicate in
            self.only_these(select, things).ok_or_else(|| decline("these rows have no key to be told by"))?
        {
            let taken = conditions::compared(&predicate).and_then(edits::column_of);
            let said = asked
                .filter
                .iter()
                .any(|p| taken.is_some() && conditions::compared(p).and_then(edits::column_of) == taken);
            if !said {
                asked.filter.push(predicate);
            }
        }
        let mut reading = super::Reading { query: Query::Select(asked), ..reading };
        reading.mentioned.extend(&standing.reading.mentioned);
        let told = self.schema.table(things).name.replace('_', " ");
        reading
            .assumptions
            .push(format!("\"{}\" are the {told} of the answer before", fragment.token(at).map_or("", |t| &t.folded)));
        Ok(Standing { reading, ranking, ..standing.clone() })
    }

    /// Conditions that only the rows shown before meet.
    fn only_these(self, select: &Select, things: TableId) -> Option<Vec<Predicate>> {
        let some = select.limit.is_some() || !select.having.is_empty() || select.per.is_some();
        if !some {
            return Some(select.filter.clone());
        }
        let [key] = self.schema.table(things).primary_key.as_slice() else { return None };
        let key = Expr::Column(ColumnId { table: things, column: *key });
        let shown = Select { items: vec![key.clone()], distinct: false, ..select.clone() };
        (select.per.is_none()).then(|| vec![Predicate::Within { what: key, query: Box::new(shown), negated: false }])
    }

    /// "who directed them": the table of directors.
    fn name_doers(self, words: &mut [Token]) {
        if !words.first().is_some_and(|w| w.is(&["who"])) {
            return;
        }
        for word in words.iter_mut().filter(|w| w.kind == TokenKind::Word) {
            let stems = ["ed", "d", "s", "es", "ing"].iter().filter_map(|end| word.folded.strip_suffix(end));
            let doers = stems.flat_map(|stem| ["or", "er", "r"].map(|end| format!("{stem}{end}")));
            let found = doers.filter(|d| d.len() > 4).find_map(|doer| {
                let links: Vec<Link> = self.engine.names.look_up(&[&doer]);
                let is_table = |l: &&Link| matches!(l.target, Target::Table(_)) && l.score >= 0.9;
                links.iter().find(is_table).map(|link| vec![*link])
            });
            if let Some(links) = found {
                word.kind = TokenKind::Name(links);
            }
        }
    }
}

/// The token as a name of the table.
fn named(token: &Token, table: TableId, schema: &Schema) -> Token {
    let name = identifier_words(&schema.table(table).name).join(" ");
    let kind = TokenKind::Name(vec![Link { target: Target::Table(table), score: 1.0 }]);
    Token { words: token.words.clone(), kind, lemma: name.clone(), folded: name }
}
