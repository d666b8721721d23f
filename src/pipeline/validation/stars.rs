//! `*` and `t.*`: the columns they stand for, written out where the policy hides some.

use sqlparser::ast::{ObjectName, SelectItemQualifiedWildcardKind, Spanned, WildcardAdditionalOptions};
use sqlparser::tokenizer::Span;

use super::checker::{Checked, Checker, last_part, refuse_too_wide};
use super::policy::denied;
use super::refusal::Refusal;
use super::scope::{Relation, Scope, ScopeColumn};
use super::text::Edit;
use crate::schema::Dialect;

impl Checker<'_> {
    /// The columns of `*`.
    pub fn star(&mut self, options: &WildcardAdditionalOptions, scope: &Scope<'_>) -> Checked<Vec<ScopeColumn>> {
        let span = options.wildcard_token.0.span;
        self.refuse_options(options).map_err(|refusal| refusal.at(span))?;
        if scope.relations.is_empty() {
            return Err(Refusal::new("syntax", "there is no table for *", "the query has no FROM").at(span));
        }
        let mut columns = Vec::new();
        let mut written = Vec::new();
        let some_hidden = scope.relations.iter().any(|relation| relation.hidden);
        for relation in &scope.relations {
            let own = self.all_columns(relation)?.into_iter().filter(|column| !column.merged);
            let before = columns.len();
            columns.extend(own);
            refuse_too_wide(&columns)?;
            if some_hidden {
                let own = &columns[before..];
                written.push(self.written_out(relation, own, scope).map_err(|refusal| refusal.at(span))?);
            }
        }
        if some_hidden {
            self.replace_star(span, &written, options)?;
        }
        Ok(columns)
    }

    /// The columns of `t.*`.
    pub fn qualified_star(
        &mut self,
        kind: &SelectItemQualifiedWildcardKind,
        options: &WildcardAdditionalOptions,
        scope: &Scope<'_>,
    ) -> Checked<Vec<ScopeColumn>> {
        let star = options.wildcard_token.0.span;
        self.refuse_options(options).map_err(|refusal| refusal.at(star))?;
        let SelectItemQualifiedWildcardKind::ObjectName(name) = kind else {
            return Err(Refusal::unsupported("an expression before .*").at(star));
        };
        let relation = self.relation_of_star(name, scope)?;
        let columns = self.all_columns(relation)?;
        if relation.hidden {
            let span = Span::new(name.span().start, star.end);
            // A name in single quotes has no place in the tree.
            if span.start.line == 0 {
                return Err(cannot_be_written().at(star));
            }
            let written = self.written_out(relation, &columns, &Scope::default()).map_err(|r| r.at(span))?;
            self.replace_star(span, &[written], options)?;
        }
        Ok(columns)
    }

    fn all_columns(&mut self, relation: &Relation) -> Checked<Vec<ScopeColumn>> {
        self.spend(relation.columns.len())?;
        for id in relation.columns.iter().filter_map(|column| column.id) {
            self.use_column(id).map_err(|refusal| refusal.hint("name the columns instead of *"))?;
        }
        Ok(relation.columns.iter().filter(|column| !column.unlisted).cloned().collect())
    }

    fn relation_of_star<'s>(&self, name: &ObjectName, scope: &'s Scope<'_>) -> Checked<&'s Relation> {
        let last = last_part(name)?;
        scope.relation(&last.value).ok_or_else(|| self.unknown_relation(last, scope))
    }

    /// The columns by name, so that the star's place can be taken by them. A column joined by its name is called by
    /// that alone, as it is the value of either side.
    fn written_out(&self, relation: &Relation, columns: &[ScopeColumn], scope: &Scope<'_>) -> Checked<String> {
        let twice =
            columns.iter().enumerate().any(|(n, column)| super::scope::named(&columns[..n], &column.name).is_some());
        if relation.open || twice {
            return Err(cannot_be_written());
        }
        let mut written = Vec::with_capacity(columns.len());
        for column in columns {
            let others = || scope.relations.iter().flat_map(|other| &other.columns);
            let namesakes = || others().filter(|other| other.name.eq_ignore_ascii_case(&column.name));
            let name = self.quoted_name(&column.name);
            let is_bare = relation.name.is_empty() || namesakes().any(|other| other.merged);
            // By its bare name a column must be the only one that was not joined to another.
            if is_bare && namesakes().filter(|other| !other.merged).count() > 1 {
                return Err(cannot_be_written());
            }
            written.push(if is_bare { name } else { format!("{}.{name}", self.quoted_name(&relation.name)) });
        }
        Ok(written.join(", "))
    }

    fn replace_star(&mut self, span: Span, written: &[String], options: &WildcardAdditionalOptions) -> Checked<()> {
        let columns: Vec<&str> = written.iter().map(String::as_str).filter(|list| !list.is_empty()).collect();
        if columns.is_empty() || options.opt_except.is_some() {
            return Err(cannot_be_written().at(span));
        }
        self.note("columns that the policy hides are left out".to_owned());
        self.edits.push(Edit { span, text: columns.join(", ") });
        Ok(())
    }

    fn quoted_name(&self, name: &str) -> String {
        match self.schema.dialect {
            Dialect::Sqlite => format!("\"{}\"", name.replace('"', "\"\"")),
            Dialect::BigQuery => format!("`{}`", name.replace('\\', "\\\\").replace('`', "\\`")),
        }
    }

    /// `EXCEPT` belongs to BigQuery; the columns count as read all the same.
    fn refuse_options(&self, options: &WildcardAdditionalOptions) -> Checked<()> {
        let plain = options.opt_ilike.is_none()
            && options.opt_exclude.is_none()
            && options.opt_rename.is_none()
            && options.opt_replace.is_none()
            && (options.opt_except.is_none() || self.schema.dialect == Dialect::BigQuery);
        if plain { Ok(()) } else { Err(Refusal::unsupported("an option after *")) }
    }
}

fn cannot_be_written() -> Refusal {
    denied("every column").hint("name the columns instead of *")
}
