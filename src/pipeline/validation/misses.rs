//! Names that mean nothing here: the refusal, with what may have been meant. Nothing hidden is ever offered.

use sqlparser::ast::Ident;

use super::checker::Checker;
use super::nearest::nearest;
use super::policy::denied;
use super::refusal::Refusal;
use super::scope::Scope;
use crate::schema::{ColumnId, TableId};

impl Checker<'_> {
    pub fn unknown_table(&self, at: &Ident, name: &str) -> Refusal {
        if self.policy.denies_table(name) {
            return denied(&format!("the table {name}")).at_name(at);
        }
        let tables = self.offered_tables().map(|id| self.schema.table(id).name.as_str());
        let names: Vec<&str> = tables.chain(self.ctes.iter().map(|(cte, _)| cte.as_str())).collect();
        let near = nearest(name, names.iter().copied());
        let shown = names.iter().take(12).copied().collect::<Vec<_>>().join(", ");
        let otherwise =
            if names.is_empty() { "the database has no tables".to_owned() } else { format!("there are {shown}") };
        Refusal::new("unknown_table", format!("no table named \"{name}\""), "the database has no such table or view")
            .nearest(near, otherwise)
            .at_name(at)
    }

    /// A table or alias that `FROM` does not name.
    pub fn unknown_relation(&self, name: &Ident, scope: &Scope<'_>) -> Refusal {
        if self.policy.denies_table(&name.value) {
            return denied(&format!("the table {}", name.value)).at_name(name);
        }
        let message = format!("no table named \"{}\" in this query", name.value);
        let in_from = scope.relation_names();
        let hint = match self.schema.find_table(&name.value) {
            Some(id) if !self.policy.denies_table(&self.schema.table(id).name) => {
                format!("add {} to FROM, or use its alias", name.value)
            }
            _ if in_from.is_empty() => "the query has no FROM".to_owned(),
            _ => format!("it reads {}", in_from.join(", ")),
        };
        let near = nearest(&name.value, in_from);
        Refusal::new("unknown_table", message, "the FROM clause does not name it").nearest(near, hint).at_name(name)
    }

    /// A column that nothing in scope has: names of the tables in scope first, then tables that could be joined.
    pub fn unknown_column(&self, name: &Ident, relation: Option<&str>, scope: &Scope<'_>) -> Refusal {
        let within = relation.map(|r| format!(" in {r}")).unwrap_or_default();
        let message = format!("no column named \"{}\"{within}", name.value);
        let refusal = Refusal::new("unknown_column", message, "no table in FROM has such a column").at_name(name);
        if let Some(other) = relation.and_then(|_| neighbour(&name.value, scope)) {
            let right = format!("{other}.{}", name.value);
            return refusal.nearest(vec![right], "");
        }
        let own = relation.and_then(|relation| scope.relation(relation));
        let names = own.map_or_else(|| scope.column_names(), |r| r.columns.iter().map(|c| c.name.as_str()).collect());
        let near = nearest(&name.value, names.iter().copied());
        let holders = self.holders(&name.value);
        let elsewhere = match holders.as_slice() {
            [] => None,
            [one] => Some(format!("{one}.{} exists: join {one}", name.value)),
            several => Some(format!("{} have it: join one of them", several.join(" and "))),
        };
        match (near.first().cloned(), elsewhere) {
            (Some(best), Some(elsewhere)) => {
                refusal.nearest(near, "").hint(format!("did you mean \"{best}\"? {elsewhere}"))
            }
            (None, Some(elsewhere)) => refusal.hint(elsewhere),
            (Some(_), None) => refusal.nearest(near, ""),
            (None, None) => match self.likely_elsewhere(&name.value) {
                Some(id) => {
                    let hint = format!(
                        "the likest is {}: join {}",
                        self.schema.qualified(id),
                        self.schema.table(id.table).name
                    );
                    refusal.nearest(vec![self.schema.qualified(id)], "").hint(hint)
                }
                None if names.is_empty() => refusal.hint("the query has no FROM"),
                None => {
                    let shown = names.iter().take(20).copied().collect::<Vec<_>>().join(", ");
                    refusal.hint(format!("there are {shown}"))
                }
            },
        }
    }

    pub fn unknown_function(&self, name: &Ident) -> Refusal {
        let near = nearest(&name.value, self.schema.dialect.functions());
        let message = format!("the function \"{}\" is not allowed", name.value);
        Refusal::new("unknown_function", message, "only functions that compute and read are")
            .nearest(near, "use a function that only computes")
            .at_name(name)
    }

    /// Tables that a person may be pointed to.
    fn offered_tables(&self) -> impl Iterator<Item = TableId> {
        self.schema.table_ids().filter(|id| !self.policy.denies_table(&self.schema.table(*id).name))
    }

    /// Tables that have a column of that name.
    fn holders(&self, name: &str) -> Vec<&str> {
        let has = |id: &TableId| {
            let hidden = self.hides_column(self.schema.table(*id), name);
            !hidden && self.schema.find_column(*id, name).is_some()
        };
        self.offered_tables().filter(has).map(|id| self.schema.table(id).name.as_str()).take(3).collect()
    }

    /// The column of another table whose name is likest.
    fn likely_elsewhere(&self, name: &str) -> Option<ColumnId> {
        let columns: Vec<ColumnId> = self
            .offered_tables()
            .flat_map(|table| (0..self.schema.table(table).columns.len()).map(move |column| ColumnId { table, column }))
            .filter(|id| !self.hides_column(self.schema.table(id.table), &self.schema.column(*id).name))
            .collect();
        let best = nearest(name, columns.iter().map(|id| self.schema.column(*id).name.as_str())).into_iter().next()?;
        columns.into_iter().find(|id| self.schema.column(*id).name == best)
    }
}

/// The name of another relation in scope that has the column.
fn neighbour<'s>(column: &str, scope: &'s Scope<'_>) -> Option<&'s str> {
    let mut relations = scope.outward().flat_map(|place| &place.relations);
    let has = |relation: &&super::scope::Relation| super::scope::named(&relation.columns, column).is_some();
    relations.find(|relation| !relation.name.is_empty() && has(relation)).map(|relation| relation.name.as_str())
}
