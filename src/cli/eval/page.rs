//! A page of lines for stdout: aligned, coloured where that is wanted, with bars where there is a terminal.

use std::io::{self, IsTerminal, Write};

use crate::cli::exit::Failed;
use crate::cli::output::terminal_width;
use crate::cli::say::charset;
use crate::config::Appearance;
use crate::terminal::{Charset, safe};

/// Cells across where there is no terminal.
const WIDTH: usize = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Heading,
    Good,
    Bad,
    Faint,
}

/// Lines that are printed at once, when all of them are known.
pub struct Page {
    text: String,
    paints: bool,
    pub charset: Charset,
    /// Cells across.
    pub width: usize,
    /// Whether shares are drawn too.
    pub has_bars: bool,
}

impl Page {
    pub fn of_stdout(appearance: Appearance) -> Self {
        let is_terminal = io::stdout().is_terminal();
        Self {
            text: String::new(),
            paints: appearance.color.paints(is_terminal),
            charset: charset(appearance),
            width: if is_terminal { terminal_width() } else { WIDTH },
            has_bars: is_terminal && !appearance.plain,
        }
    }

    pub fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// An empty line before a heading.
    pub fn heading(&mut self, text: &str) {
        let heading = self.styled(text, Style::Heading);
        self.line("");
        self.line(&heading);
    }

    /// Text from outside, on one line, and such that no terminal obeys it.
    pub fn clean(&self, text: &str) -> String {
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        safe(&lines.join(" "), self.charset).into_owned()
    }

    pub fn styled(&self, text: &str, style: Style) -> String {
        if !self.paints || text.is_empty() {
            return text.to_owned();
        }
        let code = match style {
            Style::Heading => "1",
            Style::Good => "32",
            Style::Bad => "31",
            Style::Faint => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// A share from 0 to 1 as a bar of so many cells; empty where there are none.
    pub fn bar(&self, share: f64, cells: usize) -> String {
        if !self.has_bars {
            return String::new();
        }
        let (full, empty) = match self.charset {
            Charset::Unicode => ("━", "╌"),
            Charset::Ascii => ("#", "."),
        };
        let filled = ((share.clamp(0.0, 1.0) * cells as f64).round() as usize).min(cells);
        let empty = self.styled(&empty.repeat(cells - filled), Style::Faint);
        format!("{}{empty}", self.styled(&full.repeat(filled), Style::Good))
    }

    /// The separator within a line.
    pub fn dot(&self) -> &'static str {
        match self.charset {
            Charset::Unicode => " · ",
            Charset::Ascii => ", ",
        }
    }

    pub fn print(self) -> Result<(), Failed> {
        let mut out = io::stdout().lock();
        out.write_all(self.text.trim_start_matches('\n').as_bytes())?;
        Ok(out.flush()?)
    }
}
