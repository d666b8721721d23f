//! Rows become bytes as they come, with one buffer for all of them: no row is kept, and no cell becomes a text of its
//! own. Results that are held in memory are written by the same hands.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Format, Options, csv, jsonl, markdown, tsv};
use crate::pipeline::execution::{ResultColumn, ResultSet, RowSink};
use crate::schema::Cell;

/// Bytes that are gathered before they are handed on.
const BUFFER: usize = 64 << 10;

/// A target that may be able to forget what it was given.
pub trait Rewind: Write {
    /// Takes back all bytes written so far; false if they are out of reach.
    ///
    /// # Errors
    /// Those of the target.
    fn rewind(&mut self) -> io::Result<bool>;
}

/// What went to the target so far. Clones share their figures, so that another thread can look.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    figures: Arc<Figures>,
}

#[derive(Debug, Default)]
struct Figures {
    rows: AtomicU64,
    bytes: AtomicU64,
}

impl Tally {
    /// Rows handed to the target.
    pub fn rows(&self) -> u64 {
        self.figures.rows.load(Ordering::Relaxed)
    }

    /// Bytes handed to the target.
    pub fn bytes(&self) -> u64 {
        self.figures.bytes.load(Ordering::Relaxed)
    }

    fn set(&self, rows: u64, bytes: u64) {
        self.figures.rows.store(rows, Ordering::Relaxed);
        self.figures.bytes.store(bytes, Ordering::Relaxed);
    }
}

/// Writes rows in one format.
pub struct RowStream<W> {
    rows: Rows,
    /// Whole rows only.
    buffer: Vec<u8>,
    /// Rows in the buffer and beyond.
    taken: u64,
    tally: Tally,
    /// After a failed write nobody knows which bytes arrived: nothing follows them.
    failed: Option<io::ErrorKind>,
    out: W,
}

/// How a row is written.
enum Rows {
    Csv(csv::Records),
    Tsv(tsv::Lines),
    Jsonl(jsonl::Objects),
    Markdown(markdown::Table),
}

impl<W: Write> RowStream<W> {
    /// `None` if the format needs all rows before it can write one.
    pub fn new(format: Format, options: &Options, out: W) -> Option<Self> {
        let rows = match format {
            Format::Csv => Rows::Csv(csv::Records::new(options)),
            Format::Tsv => Rows::Tsv(tsv::Lines::new(options)),
            Format::Jsonl => Rows::Jsonl(jsonl::Objects::default()),
            Format::Markdown => Rows::Markdown(markdown::Table::new(options)),
            Format::Table | Format::Json | Format::Html | Format::Sql => return None,
        };
        Some(Self {
            rows,
            buffer: Vec::with_capacity(BUFFER * 2),
            taken: 0,
            tally: Tally::default(),
            failed: None,
            out,
        })
    }

    pub fn tally(&self) -> Tally {
        self.tally.clone()
    }

    /// Text cells left as they are that a spreadsheet would take for formulas. Only in formats that spreadsheets open.
    pub fn formulas(&self) -> u64 {
        match &self.rows {
            Rows::Csv(records) => records.formulas,
            Rows::Tsv(lines) => lines.formulas,
            Rows::Jsonl(_) | Rows::Markdown(_) => 0,
        }
    }

    /// Hands on what is left.
    ///
    /// # Errors
    /// Those of the target.
    pub fn finish(mut self) -> io::Result<(W, Tally)> {
        self.hand_on()?;
        self.out.flush()?;
        Ok((self.out, self.tally))
    }

    fn head(&mut self, columns: &[ResultColumn]) -> io::Result<()> {
        match &mut self.rows {
            Rows::Csv(records) => records.head(columns, &mut self.buffer),
            Rows::Tsv(lines) => lines.head(columns, &mut self.buffer),
            Rows::Jsonl(objects) => objects.head(columns)?,
            Rows::Markdown(table) => table.head(columns, &mut self.buffer),
        }
        Ok(())
    }

    fn push(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        match &mut self.rows {
            Rows::Csv(records) => records.row(cells, &mut self.buffer),
            Rows::Tsv(lines) => lines.row(cells, &mut self.buffer),
            Rows::Jsonl(objects) => objects.row(cells, &mut self.buffer)?,
            Rows::Markdown(table) => table.row(cells, &mut self.buffer),
        }
        self.taken += 1;
        if self.buffer.len() >= BUFFER { self.hand_on() } else { Ok(()) }
    }

    fn hand_on(&mut self) -> io::Result<()> {
        if let Some(kind) = self.failed {
            return Err(kind.into());
        }
        self.out.write_all(&self.buffer).inspect_err(|error| self.failed = Some(error.kind()))?;
        self.tally.set(self.taken, self.tally.bytes() + self.buffer.len() as u64);
        self.buffer.clear();
        // One row with long values must not hold its memory to the end.
        self.buffer.shrink_to(BUFFER * 2);
        Ok(())
    }
}

impl<W: Rewind + Send> RowSink for RowStream<W> {
    fn begin(&mut self, columns: &[ResultColumn]) -> io::Result<()> {
        self.head(columns)
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        self.push(cells)
    }

    fn restart(&mut self) -> io::Result<bool> {
        if self.tally.bytes() > 0 && !self.out.rewind()? {
            return Ok(false);
        }
        self.buffer.clear();
        self.taken = 0;
        self.tally.set(0, 0);
        match &mut self.rows {
            Rows::Csv(records) => records.formulas = 0,
            Rows::Tsv(lines) => lines.formulas = 0,
            Rows::Jsonl(_) | Rows::Markdown(_) => {}
        }
        Ok(true)
    }
}

/// Writes a result that is held in memory. False if the format is none that rows are written in one by one.
pub(super) fn write(format: Format, result: &ResultSet, options: &Options, out: &mut dyn Write) -> io::Result<bool> {
    let Some(mut stream) = RowStream::new(format, options, out) else { return Ok(false) };
    stream.head(&result.columns)?;
    let mut cells = Vec::with_capacity(result.columns.len());
    for row in &result.rows {
        cells.extend(row.iter().map(crate::schema::Value::cell));
        stream.push(&cells)?;
        cells.clear();
    }
    stream.finish()?;
    Ok(true)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::export::json::tests::{result, result_of};
    use crate::schema::Value;

    /// A held result as text.
    pub(in crate::export) fn written(format: Format, result: &ResultSet, options: &Options) -> String {
        let mut out = Vec::new();
        assert!(write(format, result, options, &mut out).unwrap());
        String::from_utf8(out).unwrap()
    }

    /// Values that formats stumble over, the same in every run.
    pub(in crate::export) struct Dice(pub u64);

    impl Dice {
        pub fn below(&mut self, limit: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((self.0 >> 33) as usize) % limit
        }

        /// `likely` is a text that comes up more often than others.
        pub fn value(&mut self, likely: &str) -> Value {
            const PARTS: [&str; 16] = [
                "a",
                "\"",
                ",",
                "\n",
                "\r",
                "\r\n",
                " ",
                "\t",
                "\\",
                "=",
                "-1",
                "ü",
                "東",
                "\u{0}",
                "\u{1b}[0m",
                "b c d e f",
            ];
            match self.below(12) {
                0 => Value::Null,
                1 => Value::Text(likely.to_owned()),
                2 => Value::Integer([0, -1, i64::MIN, i64::MAX, 1 << 53, (1 << 53) + 1][self.below(6)]),
                3 => Value::Real([0.0, -0.0, 1e16, 2.5e-5, f64::NAN, f64::INFINITY, 0.1, -1e300][self.below(8)]),
                4 => Value::Blob((0..self.below(5)).map(|byte| byte as u8 * 63).collect()),
                _ => Value::Text((0..self.below(5)).map(|_| PARTS[self.below(PARTS.len())]).collect()),
            }
        }
    }

    /// Remembers what it was given, in pieces.
    #[derive(Default)]
    struct Pieces {
        given: Vec<Vec<u8>>,
        forgets: bool,
    }

    impl Write for Pieces {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if !bytes.is_empty() {
                self.given.push(bytes.to_vec());
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Rewind for Pieces {
        fn rewind(&mut self) -> io::Result<bool> {
            if self.forgets {
                self.given.clear();
            }
            Ok(self.forgets)
        }
    }

    fn streamed(format: Format, result: &ResultSet) -> (Vec<Vec<u8>>, Tally) {
        let mut stream = RowStream::new(format, &Options::default(), Pieces::default()).unwrap();
        stream.begin(&result.columns).unwrap();
        for row in &result.rows {
            stream.row(&row.iter().map(Value::cell).collect::<Vec<_>>()).unwrap();
        }
        let (pieces, tally) = stream.finish().unwrap();
        (pieces.given, tally)
    }

    const STREAMED: [Format; 4] = [Format::Csv, Format::Tsv, Format::Jsonl, Format::Markdown];

    #[test]
    fn a_stream_writes_what_the_whole_result_writes() {
        let mut dice = Dice(3);
        let rows = (0..6_000).map(|_| (0..4).map(|_| dice.value("")).collect()).collect();
        let many = result_of(&["a", "b", "c", "=d"], rows);
        for format in STREAMED {
            let (pieces, tally) = streamed(format, &many);
            assert!(pieces.len() > 1, "{format:?}");
            assert!(pieces.iter().all(|piece| piece.ends_with(b"\n") && piece.len() < 2 * BUFFER), "{format:?}");
            let bytes = pieces.concat();
            assert_eq!((tally.rows(), tally.bytes()), (6_000, bytes.len() as u64));
            assert_eq!(bytes, written(format, &many, &Options::default()).into_bytes(), "{format:?}");
        }
    }

    #[test]
    fn formats_that_need_all_rows_are_no_streams() {
        for format in Format::ALL {
            let stream = RowStream::new(format, &Options::default(), Pieces::default());
            assert_eq!(stream.is_some(), STREAMED.contains(&format) && format.is_streamed());
        }
    }

    #[test]
    fn a_restart_forgets_what_can_be_forgotten() {
        let small = result();
        let cells: Vec<Cell<'_>> = small.rows[0].iter().map(Value::cell).collect();
        let long = "x".repeat(BUFFER);
        for (forgets, first, can) in [(false, "=1", true), (false, long.as_str(), false), (true, long.as_str(), true)] {
            let pieces = Pieces { forgets, ..Pieces::default() };
            let mut stream = RowStream::new(Format::Csv, &Options::default(), pieces).unwrap();
            stream.begin(&small.columns).unwrap();
            stream.row(&[Cell::Text(first), Cell::Text("=1"), Cell::Null]).unwrap();
            assert_eq!(stream.restart().unwrap(), can, "{forgets} {}", first.len());
            if !can {
                continue;
            }
            stream.begin(&small.columns).unwrap();
            stream.row(&cells).unwrap();
            assert_eq!(stream.formulas(), 0);
            let (pieces, tally) = stream.finish().unwrap();
            assert_eq!(pieces.given.concat(), b"category,revenue,units\nDairy,22410.5,1200\n");
            assert_eq!(tally.rows(), 1);
        }
    }

    #[test]
    fn formulas_are_counted_where_spreadsheets_open_them() {
        let cells = [Cell::Text("=1"), Cell::Integer(-1), Cell::Text("-x"), Cell::Text("x")];
        let names = result_of(&["a", "b", "c", "d"], vec![]);
        let safe = Options { spreadsheet_safe: true, ..Options::default() };
        for (format, options, expected) in [
            (Format::Csv, Options::default(), 2),
            (Format::Tsv, Options::default(), 2),
            (Format::Csv, safe.clone(), 0),
            (Format::Tsv, safe, 0),
            (Format::Jsonl, Options::default(), 0),
        ] {
            let mut stream = RowStream::new(format, &options, Pieces::default()).unwrap();
            stream.begin(&names.columns).unwrap();
            stream.row(&cells).unwrap();
            assert_eq!(stream.formulas(), expected, "{format:?}");
        }
    }

    #[test]
    fn a_long_row_does_not_keep_its_memory() {
        let long = "x".repeat(4 << 20);
        let mut stream = RowStream::new(Format::Csv, &Options::default(), Pieces::default()).unwrap();
        stream.begin(&result_of(&["a"], vec![]).columns).unwrap();
        stream.row(&[Cell::Text(&long)]).unwrap();
        assert!(stream.buffer.capacity() <= 2 * BUFFER);
    }
}
