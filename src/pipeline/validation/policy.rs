//! What the policy hides: tables, columns, and what would tell of them.

use sqlparser::ast::Ident;

use super::checker::{Checked, Checker};
use super::refusal::Refusal;
use super::scope::Scope;
use crate::schema::{ColumnId, Table, TableId};

impl Checker<'_> {
    /// Notes that a column is read, if the policy allows it.
    pub fn use_column(&mut self, id: ColumnId) -> Checked<()> {
        if self.hides_column(self.schema.table(id.table), &self.schema.column(id).name) {
            return Err(denied(&format!("the column {}", self.schema.qualified(id))));
        }
        self.columns.insert(id);
        Ok(())
    }

    /// Notes that a table is read, if the policy allows it.
    pub fn use_table(&mut self, id: TableId) -> Checked<()> {
        let table = self.schema.table(id);
        if self.policy.denies_table(&table.name) {
            return Err(denied(&format!("the table {}", table.name)));
        }
        self.volatile |= table.volatile;
        self.tables.insert(id);
        Ok(())
    }

    /// True if the column is there for nobody.
    pub fn hides_column(&self, table: &Table, column: &str) -> bool {
        self.policy.denies_column(&table.name, column)
    }

    /// Refuses a name that a hidden column nearer than any visible one has: the database would read that one.
    pub fn refuse_hidden(&self, name: &Ident, scope: &Scope<'_>) -> Checked<()> {
        if self.policy.deny_columns.is_empty() {
            return Ok(());
        }
        for place in scope.outward() {
            let tables = place.relations.iter().filter(|relation| relation.hidden).filter_map(|r| r.table);
            if tables.into_iter().any(|id| self.hides_column(self.schema.table(id), &name.value)) {
                return Err(denied(&format!("the column {}", name.value)).at_name(name));
            }
            if place.column(&name.value).is_some() {
                break;
            }
        }
        Ok(())
    }

    /// The same for the tables of one join.
    pub fn refuse_hidden_join(&self, name: &Ident, scope: &Scope<'_>) -> Checked<()> {
        let tables = scope.relations.iter().filter(|relation| relation.hidden).filter_map(|relation| relation.table);
        if tables.into_iter().any(|id| self.hides_column(self.schema.table(id), &name.value)) {
            return Err(denied(&format!("the column {}", name.value)).at_name(name));
        }
        Ok(())
    }

    /// The same for a column called by the name of its table.
    pub fn refuse_hidden_of(&self, relation: &Ident, name: &Ident, scope: &Scope<'_>) -> Checked<()> {
        let table = scope.relation(&relation.value).filter(|relation| relation.hidden).and_then(|r| r.table);
        match table {
            Some(id) if self.hides_column(self.schema.table(id), &name.value) => {
                Err(denied(&format!("the column {}.{}", relation.value, name.value)).at_name(name))
            }
            _ => Ok(()),
        }
    }
}

/// A search through a full-text table may read its hidden columns too, whatever column it names.
pub fn refuse_search(scope: &Scope<'_>) -> Checked<()> {
    let hidden = scope.outward().flat_map(|place| &place.relations).any(|relation| relation.hidden);
    if hidden {
        Err(denied("the whole of a table with hidden columns").hint("search with LIKE instead"))
    } else {
        Ok(())
    }
}

pub fn denied(what: &str) -> Refusal {
    Refusal::new("denied", format!("{what} may not be read"), "the configured policy denies it")
        .hint("leave it out of the query, or change the policy in the configuration")
}
