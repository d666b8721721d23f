//! Everything said to a person: lines on stderr. Text from the database or a model is made safe here.

use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::caret::Snippet;
use super::output::terminal_width;
use crate::config::{Appearance, ColorChoice};
use crate::pipeline::progress::Progress;
use crate::pipeline::response::{Failure, Place};
use crate::terminal::{Charset, safe, safe_lines};

/// How much is said, and how it looks. Copied into whatever speaks.
#[derive(Clone, Copy, Debug)]
pub struct Voice {
    pub quiet: bool,
    /// Times that `-v` was given.
    pub verbose: u8,
    pub charset: Charset,
    paints: bool,
    is_terminal: bool,
}

/// Cells of a line where no terminal tells its own.
const WIDTH: usize = 100;

const BOLD: &str = "\u{1b}[1m";
const RED: &str = "\u{1b}[1;31m";
const YELLOW: &str = "\u{1b}[33m";
const DIM: &str = "\u{1b}[2m";
const RESET: &str = "\u{1b}[0m";
const ERASE_LINE: &str = "\r\u{1b}[2K";

impl Voice {
    pub fn new(appearance: Appearance, quiet: bool, verbose: u8) -> Self {
        let is_terminal = io::stderr().is_terminal();
        Self {
            quiet,
            verbose,
            charset: charset(appearance),
            paints: appearance.color.paints(is_terminal),
            is_terminal: is_terminal && !appearance.plain,
        }
    }

    /// Before there are settings.
    pub fn unset() -> Self {
        Self::new(Appearance { color: ColorChoice::Never, ..Appearance::default() }, false, 0)
    }

    /// What happened, where, why, and what to do. Said even if quiet.
    pub fn error(self, failure: &Failure) {
        let label = if failure.code.is_empty() { "error".to_owned() } else { format!("error[{}]", failure.code) };
        match &failure.place {
            Some(place) => {
                let message = failure.message.strip_suffix(&place.words()).unwrap_or(&failure.message);
                self.line(RED, &label, message);
                self.place(place);
            }
            None => self.line(RED, &label, &failure.message),
        }
        if let Some(why) = &failure.why {
            self.line(BOLD, "why", why);
        }
        if let Some(hint) = &failure.hint {
            self.line(BOLD, "hint", hint);
        }
    }

    pub fn warning(self, text: &str) {
        if !self.quiet {
            self.line(YELLOW, "warning", text);
        }
    }

    /// A line with a word before it: `read as: revenue by store`.
    pub fn note(self, label: &str, text: &str) {
        if !self.quiet {
            self.line(DIM, label, text);
        }
    }

    /// As a note, but in the colour of a warning.
    pub fn alert(self, label: &str, text: &str) {
        if self.quiet {
            return;
        }
        let text = safe_lines(text, self.charset);
        let (style, reset) = if self.paints { (YELLOW, RESET) } else { ("", "") };
        write(&format!("{style}{label}: {text}{reset}"));
    }

    /// Text as it stands, of one or more lines.
    pub fn text(self, text: &str) {
        if !self.quiet {
            write(&safe_lines(text, self.charset));
        }
    }

    /// The line of the statement, with marks under what is meant.
    fn place(self, place: &Place) {
        let cells = if self.is_terminal { terminal_width() } else { WIDTH };
        let Snippet { gutter, line, marks } = Snippet::of(place, cells, self.charset);
        let (style, reset) = if self.paints { (RED, RESET) } else { ("", "") };
        write(&format!("{gutter} |\n{line}\n{gutter} | {style}{marks}{reset}"));
    }

    fn line(self, style: &str, label: &str, text: &str) {
        let text = safe_lines(text, self.charset);
        if self.paints {
            write(&format!("{style}{label}:{RESET} {text}"));
        } else {
            write(&format!("{label}: {text}"));
        }
    }
}

/// Nobody is left to be told when stderr is closed.
fn write(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// What marks and frames may be made of.
pub fn charset(appearance: Appearance) -> Charset {
    if appearance.ascii { Charset::Ascii } else { Charset::Unicode }
}

/// Shows how far a question has come: stages as lines with `-v`, else one line that is erased at the end.
pub struct Teller {
    voice: Voice,
    shown: Mutex<Shown>,
}

struct Shown {
    since: Instant,
    is_drawn: bool,
}

/// Answers that come at once need no progress line.
const PATIENCE: Duration = Duration::from_millis(150);

impl Teller {
    pub fn new(voice: Voice) -> Self {
        Self { voice, shown: Mutex::new(Shown { since: Instant::now(), is_drawn: false }) }
    }

    pub fn tell(&self, progress: &Progress) {
        if self.voice.quiet {
            return;
        }
        if self.voice.verbose > 0 {
            return self.tell_line(progress);
        }
        match progress {
            Progress::Begun(stage) => self.draw(stage.name()),
            Progress::Rows(count) => self.draw(&format!("{count} rows")),
            _ => {}
        }
    }

    fn tell_line(&self, progress: &Progress) {
        match progress {
            Progress::Done { stage, evidence, elapsed } => {
                self.voice.note(stage.name(), &format!("{evidence} ({} ms)", elapsed.as_millis()));
            }
            Progress::Skipped { stage, why } => self.voice.note(stage.name(), &format!("skipped: {why}")),
            _ => {}
        }
    }

    /// Draws `text` over the line drawn before, if there is a terminal and some time has gone by.
    pub fn draw(&self, text: &str) {
        let Ok(mut shown) = self.shown.lock() else { return };
        if self.voice.quiet || !self.voice.is_terminal || shown.since.elapsed() < PATIENCE {
            return;
        }
        shown.is_drawn = true;
        let mut stderr = io::stderr().lock();
        let _ = write!(stderr, "{ERASE_LINE}{}", safe(text, self.voice.charset));
        let _ = stderr.flush();
    }

    /// Leaves no trace of the progress line.
    pub fn erase(&self) {
        let Ok(mut shown) = self.shown.lock() else { return };
        if shown.is_drawn {
            shown.is_drawn = false;
            let mut stderr = io::stderr().lock();
            let _ = write!(stderr, "{ERASE_LINE}");
            let _ = stderr.flush();
        }
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        self.erase();
    }
}
