//! The terminal taken over and given back: raw mode, alternate screen, paste, cursor. Given back on drop and on panic.

use std::io::{self, Write, stdout};
use std::panic;
use std::process::Command;
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crossterm::cursor::Show;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{execute, queue};

/// While this lives the terminal is the app's.
#[derive(Debug)]
pub struct Screen {
    _taken: (),
}

impl Screen {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// If standard output is no terminal that can be put into raw mode.
    pub fn enter() -> io::Result<Self> {
        enable_raw_mode()?;
        let screen = Self { _taken: () };
        execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
        restore_before_panic_report();
        Ok(screen)
    }

    /// Gives the terminal back, stops the process group as the shell's Ctrl-Z would, and takes the terminal again when
    /// the process is continued.
    pub fn suspend() -> io::Result<()> {
        leave()?;
        // The shell's own `kill` reaches the whole group, so a pipeline stops as one.
        let stopped = Command::new("sh").args(["-c", "kill -TSTP 0"]).status();
        enable_raw_mode()?;
        execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
        stopped.map(|_| ())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Nothing is left to tell if this fails: the terminal is gone.
        let _ = leave();
        if !thread::panicking() {
            let _ = panic::take_hook();
        }
    }
}

/// Gives text to the clipboard of the terminal (OSC 52), which works over ssh as well.
pub fn copy(text: &str) -> io::Result<()> {
    let mut out = stdout();
    write!(out, "\x1b]52;c;{}\x07", STANDARD.encode(text))?;
    out.flush()
}

fn leave() -> io::Result<()> {
    let mut out = stdout();
    queue!(out, DisableBracketedPaste, LeaveAlternateScreen, Show)?;
    out.flush()?;
    disable_raw_mode()
}

/// A panic of this thread is reported on a terminal that works again. Other threads belong to work in the background:
/// their panics end that work, not the app, and go to the log.
fn restore_before_panic_report() {
    let drawing = thread::current().id();
    let report = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if thread::current().id() == drawing {
            let _ = leave();
            report(panic);
        } else {
            tracing::error!("{panic}");
        }
    }));
}
