//! The result table's state: order of rows, cursor, scroll position and column widths. Only visible cells are formatted.

use std::cmp::Ordering;

use crate::export::format::{cell_in, is_right_aligned};
use crate::pipeline::execution::ResultSet;
use crate::schema::Value;
use crate::terminal::{Charset, safe, width};

/// Cells that a text column takes at most unless there is room to spare.
const TEXT_CELLS: usize = 32;
/// Rows that column widths of texts are taken from.
const SAMPLE: usize = 1000;
/// Blanks between columns.
pub const GAP: usize = 2;

/// How one result is being looked at.
#[derive(Clone, Debug, Default)]
pub struct TableState {
    /// Positions of the rows in the order shown.
    pub order: Vec<usize>,
    /// Column sorted by, and whether downwards.
    pub sort: Option<(usize, bool)>,
    /// Row (in the order shown) and column under the cursor.
    pub row: usize,
    pub column: usize,
    /// First visible row and column.
    pub top: usize,
    pub left: usize,
    columns: Vec<ColumnWidth>,
}

#[derive(Clone, Debug)]
struct ColumnWidth {
    header: usize,
    /// Cells taken where space is scarce.
    base: usize,
    /// Cells that show everything.
    full: usize,
}

/// A visible column: its position and cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    pub column: usize,
    pub cells: usize,
}

impl TableState {
    pub fn of(result: &ResultSet, charset: Charset) -> Self {
        let columns = (0..result.columns.len()).map(|column| measure(result, column, charset)).collect();
        Self { order: (0..result.rows.len()).collect(), columns, ..Self::default() }
    }

    /// Ascending, descending, and back to the order of the result.
    pub fn sort_by_cursor(&mut self, result: &ResultSet) {
        self.sort = match self.sort {
            Some((column, false)) if column == self.column => Some((column, true)),
            Some((column, true)) if column == self.column => None,
            _ => Some((self.column, false)),
        };
        self.order = (0..result.rows.len()).collect();
        let Some((column, down)) = self.sort else { return };
        self.order.sort_by(|a, b| compare(&result.rows[*a][column], &result.rows[*b][column], down));
    }

    /// Position in the result of the row under the cursor.
    pub fn result_row(&self) -> Option<usize> {
        self.order.get(self.row).copied()
    }

    /// Keeps the cursor inside the result and the cursor's row and column inside `rows` x `cells`.
    pub fn settle(&mut self, rows: usize, cells: usize) {
        self.row = self.row.min(self.order.len().saturating_sub(1));
        self.column = self.column.min(self.columns.len().saturating_sub(1));
        let rows = rows.max(1);
        self.top = self.top.clamp((self.row + 1).saturating_sub(rows), self.row);
        self.top = self.top.min(self.order.len().saturating_sub(rows));
        self.left = self.left.min(self.column);
        while self.left < self.column && !self.shows(self.column, cells) {
            self.left += 1;
        }
    }

    fn shows(&self, column: usize, cells: usize) -> bool {
        let used: usize = (self.left..=column).map(|at| self.cells_of(at) + GAP).sum();
        used.saturating_sub(GAP) <= cells
    }

    /// Cells that a column takes where space is scarce; a sorted one keeps room for its mark.
    fn cells_of(&self, column: usize) -> usize {
        let measured = &self.columns[column];
        match self.sort {
            Some((sorted, _)) if sorted == column => measured.base.max(measured.header.min(TEXT_CELLS) + 2),
            _ => measured.base,
        }
    }

    /// The columns visible in `cells`, with spare room given to texts that are cut. One at least, if there are any.
    pub fn shown(&self, cells: usize) -> Vec<Shown> {
        self.shown_from(self.left, cells)
    }

    /// The first columns that fit into `cells`, wherever the table is scrolled to.
    pub fn first_columns(&self, cells: usize) -> Vec<Shown> {
        self.shown_from(0, cells)
    }

    fn shown_from(&self, left: usize, cells: usize) -> Vec<Shown> {
        let mut shown = Vec::new();
        let mut used = 0;
        for column in left..self.columns.len() {
            let needed = self.cells_of(column) + if shown.is_empty() { 0 } else { GAP };
            if used + needed > cells && !shown.is_empty() {
                break;
            }
            used += needed;
            shown.push(Shown { column, cells: self.cells_of(column).min(cells) });
        }
        let mut spare = cells.saturating_sub(used);
        for column in &mut shown {
            let more = self.columns[column.column].full.saturating_sub(column.cells).min(spare);
            column.cells += more;
            spare -= more;
        }
        shown
    }
}

fn measure(result: &ResultSet, column: usize, charset: Charset) -> ColumnWidth {
    let described = &result.columns[column];
    let header = width(&safe(&described.name, charset));
    let step = if is_right_aligned(described) { 1 } else { result.rows.len().div_ceil(SAMPLE).max(1) };
    let cells = |row: &Vec<Value>| width(&cell_in(&row[column], described, charset));
    let mut widths: Vec<usize> = result.rows.iter().step_by(step).map(cells).collect();
    widths.sort_unstable();
    let widest = widths.last().copied().unwrap_or(0);
    let full = widest.max(header);
    if is_right_aligned(described) {
        return ColumnWidth { header, base: full, full };
    }
    let usual = widths.get(widths.len() * 9 / 10).copied().unwrap_or(0);
    ColumnWidth { header, base: usual.max(header.min(TEXT_CELLS)).clamp(4, TEXT_CELLS), full }
}

/// NULL last in both directions; numbers before texts; texts without regard to case first.
fn compare(a: &Value, b: &Value, down: bool) -> Ordering {
    let known = match (a.is_null(), b.is_null()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => known(a, b),
    };
    if down { known.reverse() } else { known }
}

fn known(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.to_lowercase().cmp(&b.to_lowercase()).then_with(|| a.cmp(b)),
        (Value::Blob(a), Value::Blob(b)) => a.cmp(b),
        _ => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => a.total_cmp(&b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => a.as_text().is_none().cmp(&b.as_text().is_none()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::execution::{ColumnType, ResultColumn};
    use crate::schema::SemanticType;

    fn column(name: &str, kind: ColumnType) -> ResultColumn {
        ResultColumn { name: name.into(), kind, unit: None, semantic: SemanticType::Unknown }
    }

    fn result() -> ResultSet {
        let text = |t: &str| Value::Text(t.into());
        ResultSet {
            columns: vec![column("name", ColumnType::Text), column("n", ColumnType::Integer)],
            rows: vec![
                vec![text("pear"), Value::Integer(2)],
                vec![text("Apple"), Value::Null],
                vec![text(&"long ".repeat(20)), Value::Integer(1_000_000)],
            ],
            ..ResultSet::default()
        }
    }

    #[test]
    fn sorts_up_down_and_back_with_nulls_last() {
        let result = result();
        let mut table = TableState::of(&result, Charset::Unicode);
        table.column = 1;
        table.sort_by_cursor(&result);
        assert_eq!(table.order, [0, 2, 1]);
        table.sort_by_cursor(&result);
        assert_eq!(table.order, [2, 0, 1]);
        table.sort_by_cursor(&result);
        assert_eq!((table.order, table.sort), (vec![0, 1, 2], None));
    }

    #[test]
    fn numbers_are_never_cut_and_spare_room_goes_to_cut_texts() {
        let table = TableState::of(&result(), Charset::Unicode);
        let narrow = table.shown(43);
        assert_eq!(narrow[0].cells, 32);
        assert_eq!(narrow[1].cells, width("1,000,000"));
        assert!(table.shown(120)[0].cells > 90);
    }

    #[test]
    fn the_cursor_stays_visible() {
        let result = ResultSet { rows: vec![result().rows[0].clone(); 100], ..result() };
        let mut table = TableState::of(&result, Charset::Unicode);
        table.row = 60;
        table.column = 9;
        table.settle(10, 20);
        assert_eq!((table.top, table.column), (51, 1));
        assert!(table.shown(12).iter().any(|shown| shown.column == 1));
        table.row = 0;
        table.settle(10, 20);
        assert_eq!(table.top, 0);
    }

    #[test]
    fn an_empty_result_has_nothing_to_show() {
        let mut table = TableState::of(&ResultSet::default(), Charset::Unicode);
        table.settle(10, 10);
        assert!(table.shown(10).is_empty() && table.result_row().is_none());
    }
}
