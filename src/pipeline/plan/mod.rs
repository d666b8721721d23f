//! In which steps a statement would run, in plain words, with estimates from what is known of the data.

mod sources;

use sources::Sources;

use super::response::figure::count;
use crate::database::{IndexKind, PlanAction, PlanIndex, PlanStep, QueryPlan};
use crate::schema::{ColumnId, Schema, TableId};

/// Smaller tables are read as a whole before anybody notices.
const LARGE: u64 = 100_000;
/// An index is worth its room if it spares all but this part of the rows.
const WORTHWHILE: u64 = 20;

/// The plan of a statement, told line by line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanWords {
    pub lines: Vec<PlanLine>,
    /// What would spare a full scan of a large table.
    pub hints: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanLine {
    /// Steps that it belongs to.
    pub depth: usize,
    pub text: String,
    /// Every row of a table is read.
    pub is_full_scan: bool,
}

/// Tells the plan of `sql`.
pub fn tell(plan: &QueryPlan, sql: &str, schema: &Schema) -> PlanWords {
    let teller = Teller { sources: Sources::of(sql, schema), schema };
    let mut words = PlanWords::default();
    teller.steps(&plan.steps, 0, &mut words);
    words
}

struct Teller<'s> {
    sources: Sources,
    schema: &'s Schema,
}

impl Teller<'_> {
    fn steps(&self, steps: &[PlanStep], depth: usize, words: &mut PlanWords) {
        let mut is_inner = false;
        for step in steps {
            let text = self.step(&step.action, is_inner);
            let is_full_scan = text.starts_with("full scan");
            is_inner |= matches!(step.action, PlanAction::Scan { .. } | PlanAction::Search { .. });
            words.lines.push(PlanLine { depth, text, is_full_scan });
            if let Some(hint) = self.hint(&step.action).filter(|hint| !words.hints.contains(hint)) {
                words.hints.push(hint);
            }
            self.steps(&step.steps, depth + 1, words);
        }
    }

    /// `is_inner`: it is done for each row of the step before.
    fn step(&self, action: &PlanAction, is_inner: bool) -> String {
        let each = if is_inner { " each time" } else { "" };
        match action {
            PlanAction::Scan { source, index } => {
                let Some(table) = self.sources.table(source) else { return format!("all rows of {source}{each}") };
                let rows = self.rows(table).map_or(String::new(), |rows| format!(", about {}", counted(rows)));
                let by = index.as_ref().map_or(String::new(), |index| format!(" by index {index}"));
                format!("full scan of {}{by}{rows}{each}", self.name(source, table))
            }
            PlanAction::Search { source, by } => self.search(source, by, each),
            PlanAction::Sort(what) if what.starts_with("GROUP BY") => "sort into groups for GROUP BY".to_owned(),
            PlanAction::Sort(what) if what.contains("ORDER BY") => format!("sort for {what}"),
            PlanAction::Sort(what) => format!("keep what was seen for {what}"),
            PlanAction::Other(words) => other(words),
        }
    }

    fn search(&self, source: &str, by: &PlanIndex, each: &str) -> String {
        let table = self.sources.table(source);
        let name = table.map_or_else(|| source.to_owned(), |table| self.name(source, table));
        let columns: Vec<&str> = by.equal.iter().chain(&by.ranges).map(String::as_str).collect();
        let columns = if columns == ["rowid"] {
            table.and_then(|table| self.only_key(table)).unwrap_or("rowid").to_owned()
        } else {
            columns.join(", ")
        };
        let by_what = match &by.kind {
            IndexKind::PrimaryKey => format!("its key ({columns})"),
            IndexKind::Named(index) => format!("index {index} ({columns})"),
            IndexKind::Automatic => format!("an index made for this statement ({columns})"),
        };
        let found = match table.and_then(|table| self.found(table, by)) {
            Some(rows) => format!(", about {}{each}", counted(rows)),
            None if !by.ranges.is_empty() => format!(", a range of it{each}"),
            None => each.to_owned(),
        };
        format!("search {name} by {by_what}{found}")
    }

    /// Rows that a search finds, if all columns of it are compared with `=`.
    fn found(&self, table: TableId, by: &PlanIndex) -> Option<u64> {
        if !by.ranges.is_empty() || by.equal.is_empty() {
            return None;
        }
        let key = &self.schema.table(table).primary_key;
        let is_whole_key = by.kind == IndexKind::PrimaryKey && by.equal.len() >= key.len();
        if is_whole_key {
            return Some(1);
        }
        let columns = by.equal.iter().filter_map(|name| self.schema.find_column(table, name));
        columns.filter_map(|column| self.rows_of_value(column)).min()
    }

    /// Rows that hold one value of a column, on average.
    fn rows_of_value(&self, column: ColumnId) -> Option<u64> {
        let profile = self.schema.profile(column);
        if profile.unique {
            return Some(1);
        }
        let rows = self.rows(column.table)?;
        (profile.distinct > 0).then(|| rows.div_ceil(profile.distinct))
    }

    fn rows(&self, table: TableId) -> Option<u64> {
        self.schema.table(table).row_count
    }

    fn only_key(&self, table: TableId) -> Option<&str> {
        let table = self.schema.table(table);
        match table.primary_key.as_slice() {
            [column] => Some(&table.columns.get(*column)?.name),
            _ => None,
        }
    }

    /// The table's name, with the statement's own name for it if that is another.
    fn name(&self, source: &str, table: TableId) -> String {
        let name = &self.schema.table(table).name;
        if name.eq_ignore_ascii_case(source) { name.clone() } else { format!("{name} (as {source})") }
    }

    /// Only where the statement itself asks for few rows of a large table, so that an index would surely be used.
    fn hint(&self, action: &PlanAction) -> Option<String> {
        let (source, columns) = match action {
            PlanAction::Scan { source, .. } => {
                let of_few = |column: &ColumnId| Some((self.rows_of_value(*column)?, *column));
                let best =
                    self.sources.fixed(source).filter_map(|column| of_few(&column)).min_by_key(|found| found.0)?;
                let rows = self.rows(best.1.table)?;
                if best.0.saturating_mul(WORTHWHILE) > rows {
                    return None;
                }
                (source, self.schema.column(best.1).name.clone())
            }
            PlanAction::Search { source, by } if by.kind == IndexKind::Automatic => (source, by.equal.join(", ")),
            _ => return None,
        };
        let table = self.sources.table(source)?;
        let rows = self.rows(table).filter(|rows| *rows > LARGE)?;
        let name = &self.schema.table(table).name;
        let rows = counted(rows);
        Some(format!("an index on {name} ({columns}) would spare reading all of its {rows}; t2s never makes one"))
    }
}

fn counted(rows: u64) -> String {
    let rows = usize::try_from(rows).unwrap_or(usize::MAX);
    if rows == 1 { "1 row".to_owned() } else { format!("{} rows", count(rows)) }
}

/// SQLite's words for what is no table, in plainer ones. What is not known stays as it is.
fn other(words: &str) -> String {
    let part = |start: &str| words.strip_prefix(start);
    if let Some(name) = part("CO-ROUTINE ") {
        return format!("rows of {name}, made one by one:");
    }
    if let Some(name) = part("MATERIALIZE ") {
        return format!("rows of {name}, made once and kept:");
    }
    if let Some(number) = part("SCALAR SUBQUERY ") {
        return format!("subquery {number}, run once:");
    }
    if let Some(number) = part("CORRELATED SCALAR SUBQUERY ") {
        return format!("subquery {number}, run for each row:");
    }
    if let Some(number) = part("CORRELATED LIST SUBQUERY ") {
        return format!("list of subquery {number}, made for each row:");
    }
    if let Some(number) = part("LIST SUBQUERY ") {
        return format!("list of subquery {number}, made once:");
    }
    if let Some(number) = part("REUSE LIST SUBQUERY ").or_else(|| part("REUSE SUBQUERY ")) {
        return format!("subquery {number} again");
    }
    if let Some(how) = part("MERGE ") {
        return format!("queries merged in order {how}:");
    }
    if let Some(name) = part("RIGHT-JOIN ") {
        return format!("rows of {name} without a partner");
    }
    if let Some(what) = part("BLOOM FILTER ON ") {
        return format!("skip what surely has no partner in {what}");
    }
    if let Some(number) = part("INDEX ") {
        return format!("side {number}:");
    }
    let plain = match words {
        "COMPOUND QUERY" => "queries one after the other:",
        "LEFT-MOST SUBQUERY" => "first:",
        "UNION ALL" => "then:",
        "UNION USING TEMP B-TREE" => "then, each row once:",
        "INTERSECT USING TEMP B-TREE" => "of these only rows that are also in:",
        "EXCEPT USING TEMP B-TREE" => "of these no rows that are in:",
        "LEFT" => "one side:",
        "RIGHT" => "other side:",
        "SETUP" => "first rows:",
        "RECURSIVE STEP" => "then from each row so far:",
        "MULTI-INDEX OR" => "each side of OR for itself:",
        "SCAN CONSTANT ROW" => "one row, from no table",
        _ if words.starts_with("SCAN ") => "rows from no table",
        other => other,
    };
    plain.to_owned()
}

#[cfg(test)]
mod tests;
