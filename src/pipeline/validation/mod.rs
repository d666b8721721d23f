//! Room 4: SQL text becomes a [`ReadOnlySql`], or a [`Refusal`] that says what was refused and where.
//!
//! Pure: it knows the schema and the policy, not the database. One statement, a query all the way down, known
//! names, allowed functions. What runs is the text as written, less comments and a closing semicolon.

mod cautions;
mod checker;
mod depth;
mod determinism;
mod expressions;
mod grammar;
mod meaning;
mod misses;
mod named;
mod nearest;
mod policy;
mod refusal;
mod scope;
mod sources;
mod stars;
mod text;

pub use cautions::{Caution, CautionKind};
pub use refusal::Refusal;

use sqlparser::keywords::Keyword;

use crate::config::Policy;
use crate::schema::{ColumnId, Schema, SemanticType, TableId};

use checker::Checker;

/// A statement that passed the gate: one query that only reads what it may. [`check`] is its only maker.
#[derive(Clone, Debug)]
pub struct ReadOnlySql {
    text: String,
    tables: Vec<TableId>,
    columns: Vec<ColumnId>,
    notes: Vec<String>,
    cautions: Vec<Caution>,
    outputs: Vec<Output>,
    deterministic: bool,
    policy: Policy,
}

/// One column of the result: what it is called and what its values mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    pub name: String,
    pub semantic: SemanticType,
}

impl ReadOnlySql {
    /// Runs as it stands: one statement, no comments, no closing semicolon.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Tables read, in catalogue order.
    pub fn tables(&self) -> &[TableId] {
        &self.tables
    }

    /// Columns read anywhere in the statement, in catalogue order.
    pub fn columns(&self) -> &[ColumnId] {
        &self.columns
    }

    /// What was changed or read in a way the writer may not expect, as sentences.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What may not be meant as it is written, with what to write instead. Nothing was changed.
    pub fn cautions(&self) -> &[Caution] {
        &self.cautions
    }

    /// The result's columns in order.
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// True if the same data give the same rows: nothing in it depends on the clock, on chance or on the session.
    pub fn is_deterministic(&self) -> bool {
        self.deterministic
    }

    /// What the connection must keep the statement from reading, even through a view.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }
}

/// Lets a statement pass if it is one query over known tables and columns that the policy allows.
///
/// A double-quoted word that names nothing and is compared with a column becomes a text, with a note; a star over a
/// table with hidden columns becomes the list of the others.
pub fn check(sql: &str, schema: &Schema, policy: &Policy) -> Result<ReadOnlySql, Refusal> {
    let statement = text::Statement::read(sql, schema.dialect)?;
    let query = statement.parse(schema.dialect)?;
    let mut checker = Checker::new(schema, policy, statement.has_word(Keyword::MATCH));
    let outputs = checker.query(&query, None).map_err(|refusal| statement.place(refusal))?;
    let cautions = cautions::of_query(&query, schema, policy);
    Ok(ReadOnlySql {
        text: statement.render(checker.edits),
        tables: checker.tables.into_iter().collect(),
        columns: checker.columns.into_iter().collect(),
        notes: checker.notes,
        cautions,
        outputs: outputs.into_iter().map(|column| Output { name: column.name, semantic: column.semantic }).collect(),
        deterministic: !checker.volatile,
        policy: policy.clone(),
    })
}

#[cfg(test)]
mod tests;
