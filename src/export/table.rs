//! A table for the terminal: display values, numbers at the right and never cut, text cut to the width that is there.

use std::io::{self, Write};

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

use super::Options;
use super::format::{cell_in, is_right_aligned};
use crate::pipeline::execution::ResultSet;
use crate::schema::Value;
use crate::terminal::{self, Charset};

/// No column of text becomes narrower.
const NARROWEST: usize = 4;
/// Blanks between two columns.
const GAP: usize = 2;

/// The table as text, a line feed after every line.
pub fn text_table(result: &ResultSet, options: &Options) -> String {
    if result.columns.is_empty() {
        return String::new();
    }
    let mut columns = display_columns(result, options);
    let hidden = options.width.map_or(Vec::new(), |width| fit(&mut columns, width, options.charset));
    let mut text = drawn(&columns, options.charset);
    text.push('\n');
    if !hidden.is_empty() {
        let noun = if hidden.len() == 1 { "column" } else { "columns" };
        text.extend([&hidden.len().to_string(), " more ", noun, ": ", &hidden.join(", "), "\n"]);
    }
    text
}

pub(super) fn write(result: &ResultSet, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(text_table(result, options).as_bytes())
}

struct DisplayColumn {
    header: String,
    cells: Vec<String>,
    right: bool,
}

impl DisplayColumn {
    fn cells_width(&self) -> usize {
        self.cells.iter().map(|c| terminal::width(c)).max().unwrap_or(0)
    }

    fn width(&self) -> usize {
        self.cells_width().max(terminal::width(&self.header))
    }

    /// Numbers are never cut, their header may be.
    fn least_width(&self) -> usize {
        let least = if self.right { self.cells_width().max(NARROWEST) } else { NARROWEST };
        least.min(self.width())
    }
}

fn display_columns(result: &ResultSet, options: &Options) -> Vec<DisplayColumn> {
    let display = |(index, column): (usize, &_)| {
        let cells =
            result.rows.iter().filter_map(|row| row.get(index)).map(|value| match (value, &options.null_text) {
                (Value::Null, Some(text)) => text.clone(),
                _ => cell_in(value, column, options.charset),
            });
        DisplayColumn {
            header: terminal::safe(&column.name, options.charset).into_owned(),
            cells: cells.collect(),
            right: is_right_aligned(column),
        }
    };
    result.columns.iter().enumerate().map(display).collect()
}

/// Cuts the widest columns first, and takes columns away from the right only if that is not enough. Returns the
/// headers of those.
fn fit(columns: &mut Vec<DisplayColumn>, width: usize, charset: Charset) -> Vec<String> {
    let least: Vec<usize> = columns.iter().map(DisplayColumn::least_width).collect();
    let mut kept = columns.len();
    while kept > 1 && least[..kept].iter().sum::<usize>() + GAP * (kept - 1) > width {
        kept -= 1;
    }
    let hidden = columns.drain(kept..).map(|c| c.header).collect();

    let mut widths: Vec<usize> = columns.iter().map(DisplayColumn::width).collect();
    let room = width.saturating_sub(GAP * (kept - 1));
    while widths.iter().sum::<usize>() > room {
        let widest = (0..kept).filter(|&i| widths[i] > least[i]).max_by_key(|&i| widths[i]);
        let Some(widest) = widest else { break };
        widths[widest] -= 1;
    }
    for (column, width) in columns.iter_mut().zip(widths) {
        column.header = terminal::truncate(&column.header, width, charset).into_owned();
        for cell in &mut column.cells {
            if terminal::width(cell) > width {
                *cell = terminal::truncate(cell, width, charset).into_owned();
            }
        }
    }
    hidden
}

fn drawn(columns: &[DisplayColumn], charset: Charset) -> String {
    let rule = if charset == Charset::Unicode { '─' } else { '-' };
    let mut table = Table::new();
    table
        .set_content_arrangement(ContentArrangement::Disabled)
        .load_style(TableStyle::new().header_separator(LineStyle::none().fill(rule).junction(rule)))
        .set_header(columns.iter().map(|c| c.header.as_str()));
    for row in 0..columns.iter().map(|c| c.cells.len()).max().unwrap_or(0) {
        table.add_row(columns.iter().map(|c| c.cells.get(row).map_or("", String::as_str)));
    }
    let last = columns.len() - 1;
    for (index, column) in columns.iter().enumerate() {
        if let Some(drawn) = table.column_mut(index) {
            // The junction of the rule takes one cell of the gap.
            drawn.set_padding((0, if index == last { 0 } else { GAP as u16 - 1 }));
            drawn.set_cell_alignment(if column.right { CellAlignment::Right } else { CellAlignment::Left });
        }
    }
    table.trim_fmt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::json::tests::{result, result_of};
    use crate::pipeline::execution::ColumnType;

    fn narrow(width: usize) -> Options {
        Options { width: Some(width), ..Options::default() }
    }

    #[test]
    fn numbers_stand_at_the_right_and_null_is_marked() {
        assert_eq!(
            text_table(&result(), &Options::default()),
            "category       revenue  units\n\
             ─────────────────────────────\n\
             Dairy        22,410.50  1,200\n\
             Frozen & Co          ∅      7\n"
        );
    }

    #[test]
    fn ascii_and_null_text_are_honoured() {
        let ascii = Options { charset: Charset::Ascii, ..Options::default() };
        assert!(text_table(&result(), &ascii).is_ascii());
        assert!(text_table(&result(), &ascii).contains("       NULL      7\n"));
        let told = Options { null_text: Some("n/a".into()), ..Options::default() };
        assert!(text_table(&result(), &told).contains("        n/a      7\n"));
    }

    #[test]
    fn text_is_cut_and_numbers_are_not() {
        assert_eq!(
            text_table(&result(), &narrow(24)),
            "categ…    revenue  units\n\
             ────────────────────────\n\
             Dairy   22,410.50  1,200\n\
             Froze…          ∅      7\n"
        );
    }

    #[test]
    fn columns_that_do_not_fit_are_named() {
        assert_eq!(
            text_table(&result(), &narrow(18)),
            "catego…    revenue\n\
             ──────────────────\n\
             Dairy    22,410.50\n\
             Frozen…          ∅\n\
             1 more column: units\n"
        );
    }

    #[test]
    fn untrusted_text_keeps_to_its_cell() {
        let rows = vec![
            vec![Value::Text("東京\u{1b}[2J".into()), Value::Integer(1)],
            vec![Value::Text("a\nb".into()), Value::Integer(22)],
        ];
        let mut hostile = result_of(&["x\n", "n"], rows);
        hostile.columns[1].kind = ColumnType::Integer;
        assert_eq!(
            text_table(&hostile, &Options::default()),
            "x⏎         n\n────────────\n東京␛[2J   1\na⏎b       22\n"
        );
    }

    #[test]
    fn no_width_breaks_it_and_no_line_is_wider_than_asked() {
        for width in 0..60 {
            let text = text_table(&result(), &narrow(width));
            let table_lines = text.lines().filter(|line| !line.contains("more column"));
            let widest = table_lines.map(terminal::width).max().unwrap_or(0);
            assert!(widest <= width.max(NARROWEST), "{width}: {text}");
        }
    }

    #[test]
    fn no_rows_leave_the_header() {
        assert_eq!(text_table(&result_of(&["a", "b"], vec![]), &Options::default()), "a  b\n────\n");
        assert_eq!(text_table(&result_of(&[], vec![]), &Options::default()), "");
    }
}
