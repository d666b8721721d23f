//! The steps in which SQLite would run a statement, read from the words of its `EXPLAIN QUERY PLAN`.

use super::{Database, DatabaseError};
use crate::schema::Value;

/// Steps in the order in which they begin. Loops over tables that stand beside each other run one within the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryPlan {
    pub steps: Vec<PlanStep>,
}

/// One step with those that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanStep {
    pub action: PlanAction,
    pub steps: Vec<PlanStep>,
}

/// What a step does. Sources are named as the statement names them: by alias where there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanAction {
    /// Every row is read, in the order of an index if one is named.
    Scan { source: String, index: Option<String> },
    /// Rows are looked up.
    Search { source: String, by: PlanIndex },
    /// `ORDER BY`, `GROUP BY`, `DISTINCT` and the like need a temporary structure: the words say for what.
    Sort(String),
    /// All other steps, in SQLite's words.
    Other(String),
}

/// What rows are looked up by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanIndex {
    pub kind: IndexKind,
    /// Columns that are compared with `=`. The key of a table without one of its own is `rowid`.
    pub equal: Vec<String>,
    /// Columns of which a range is read.
    pub ranges: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexKind {
    PrimaryKey,
    Named(String),
    /// Made for this statement and thrown away after it.
    Automatic,
}

impl Database {
    /// Plans a statement without running it.
    ///
    /// # Errors
    /// Those of preparing it.
    pub fn plan(&self, sql: &str) -> Result<QueryPlan, DatabaseError> {
        let rows = self.query_plan(sql)?;
        // Columns of a row: its number, the number of the row it belongs to, one that is not used, and its words.
        let number = |cell: Option<&Value>| cell.and_then(Value::as_f64).unwrap_or_default() as i64;
        let told = rows.rows.iter().map(|row| {
            let words = row.get(3).and_then(Value::as_text).unwrap_or_default();
            (number(row.first()), number(row.get(1)), words)
        });
        Ok(QueryPlan::of(told))
    }
}

impl QueryPlan {
    /// Builds the tree from rows of number, number of the parent, and words. Parents come before their children.
    fn of<'w>(told: impl IntoIterator<Item = (i64, i64, &'w str)>) -> Self {
        let mut plan = Self::default();
        // The numbers from the outermost step to the last one read.
        let mut path: Vec<i64> = Vec::new();
        for (number, parent, words) in told {
            let depth = path.iter().position(|above| *above == parent).map_or(0, |at| at + 1);
            path.truncate(depth);
            let step = PlanStep { action: PlanAction::of(words), steps: Vec::new() };
            push(&mut plan.steps, depth, step);
            path.push(number);
        }
        plan
    }
}

/// Puts a step that many levels down, under the last step of each.
fn push(steps: &mut Vec<PlanStep>, depth: usize, step: PlanStep) {
    match steps.last_mut().filter(|_| depth > 0) {
        Some(last) => push(&mut last.steps, depth - 1, step),
        None => steps.push(step),
    }
}

impl PlanAction {
    fn of(words: &str) -> Self {
        let other = || Self::Other(words.to_owned());
        if let Some(rest) = words.strip_prefix("SCAN ") {
            return if is_constant(rest) { other() } else { scan(rest) };
        }
        if let Some(rest) = words.strip_prefix("SEARCH ") {
            return search(rest).unwrap_or_else(other);
        }
        match words.strip_prefix("USE TEMP B-TREE FOR ") {
            Some(what) => Self::Sort(what.to_owned()),
            None => other(),
        }
    }
}

/// `CONSTANT ROW`, `3 CONSTANT ROWS`, `2-ROW VALUES CLAUSE`: no table is read.
fn is_constant(rest: &str) -> bool {
    let words = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    words.starts_with("CONSTANT ROW") || words.starts_with("-ROW VALUES CLAUSE")
}

fn scan(rest: &str) -> PlanAction {
    let (source, index) = match rest.split_once(" USING ") {
        Some((source, using)) => (source, index_name(using)),
        None => (rest.split(" VIRTUAL TABLE ").next().unwrap_or(rest), None),
    };
    PlanAction::Scan { source: without_joins(source), index }
}

fn search(rest: &str) -> Option<PlanAction> {
    let (source, using) = rest.split_once(" USING ")?;
    let kind = if using.starts_with("INTEGER PRIMARY KEY") || using.starts_with("PRIMARY KEY") {
        IndexKind::PrimaryKey
    } else if using.starts_with("AUTOMATIC") {
        IndexKind::Automatic
    } else {
        IndexKind::Named(index_name(using)?)
    };
    let inside = using.split_once(" (").and_then(|(_, terms)| terms.rsplit_once(')')).map_or("", |(terms, _)| terms);
    let mut by = PlanIndex { kind, equal: Vec::new(), ranges: Vec::new() };
    for term in inside.split(" AND ") {
        let Some(at) = term.find(['=', '<', '>']) else { continue };
        let (column, list) =
            if term[at..].starts_with('=') { (&term[..at], &mut by.equal) } else { (&term[..at], &mut by.ranges) };
        if !list.iter().any(|known| known == column) {
            list.push(column.to_owned());
        }
    }
    Some(PlanAction::Search { source: without_joins(source), by })
}

/// The name in `COVERING INDEX sales_by_day (day=?)`.
fn index_name(using: &str) -> Option<String> {
    let name = using.strip_prefix("COVERING ").unwrap_or(using).strip_prefix("INDEX ")?;
    let name = name.split(" (").next().unwrap_or(name);
    Some(without_joins(name))
}

/// Without the remark that a join keeps rows that have no partner.
fn without_joins(words: &str) -> String {
    words.trim_end_matches(" LEFT-JOIN").trim_end_matches(" EXISTS").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search_by(kind: IndexKind, equal: &[&str], ranges: &[&str]) -> PlanAction {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let by = PlanIndex { kind, equal: owned(equal), ranges: owned(ranges) };
        PlanAction::Search { source: "t".to_owned(), by }
    }

    #[test]
    fn words_become_actions() {
        let scan = |index: Option<&str>| PlanAction::Scan { source: "t".into(), index: index.map(str::to_owned) };
        let named = |name: &str| IndexKind::Named(name.to_owned());
        let cases = [
            ("SCAN t", scan(None)),
            ("SCAN t LEFT-JOIN", scan(None)),
            ("SCAN t VIRTUAL TABLE INDEX 0:", scan(None)),
            ("SCAN t USING COVERING INDEX by_day", scan(Some("by_day"))),
            ("SCAN t USING INDEX by day", scan(Some("by day"))),
            ("SEARCH t USING INTEGER PRIMARY KEY (rowid=?)", search_by(IndexKind::PrimaryKey, &["rowid"], &[])),
            ("SEARCH t USING PRIMARY KEY (a=? AND b=?)", search_by(IndexKind::PrimaryKey, &["a", "b"], &[])),
            ("SEARCH t USING INDEX i (a=? AND b>? AND b<?) LEFT-JOIN", search_by(named("i"), &["a"], &["b"])),
            ("SEARCH t USING COVERING INDEX i (a=?)", search_by(named("i"), &["a"], &[])),
            ("SEARCH t USING AUTOMATIC COVERING INDEX (a=?)", search_by(IndexKind::Automatic, &["a"], &[])),
            ("SEARCH t USING AUTOMATIC PARTIAL COVERING INDEX (a=?)", search_by(IndexKind::Automatic, &["a"], &[])),
            ("SEARCH t USING INDEX i (ANY(a) AND b=?)", search_by(named("i"), &["b"], &[])),
            ("USE TEMP B-TREE FOR ORDER BY", PlanAction::Sort("ORDER BY".into())),
            ("SCAN CONSTANT ROW", PlanAction::Other("SCAN CONSTANT ROW".into())),
            ("SCAN 3 CONSTANT ROWS", PlanAction::Other("SCAN 3 CONSTANT ROWS".into())),
            ("SCAN 2-ROW VALUES CLAUSE", PlanAction::Other("SCAN 2-ROW VALUES CLAUSE".into())),
            ("something new", PlanAction::Other("something new".into())),
        ];
        for (words, expected) in cases {
            assert_eq!(PlanAction::of(words), expected, "{words}");
        }
    }

    #[test]
    fn steps_stand_under_those_they_belong_to() {
        let told = [(2, 0, "CO-ROUTINE x"), (5, 2, "SCAN t"), (7, 2, "SCAN u"), (20, 0, "SCAN x"), (30, 99, "SCAN y")];
        let plan = QueryPlan::of(told);
        let shape: Vec<usize> = plan.steps.iter().map(|step| step.steps.len()).collect();
        assert_eq!(shape, [2, 0, 0]);
    }
}
