//! The terminal app in a pseudo-terminal: what it shows, and that it gives the terminal back as it was.

#![cfg(unix)]

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Termios, Winsize, tcgetattr, tcsetwinsize};

use crate::harness::World;

const COLUMNS: u16 = 100;
const ROWS: u16 = 30;
/// Long enough for a machine under load; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program in a pseudo-terminal, and what a terminal would show.
struct App {
    child: Child,
    keyboard: File,
    terminal: File,
    output: Receiver<Vec<u8>>,
    before: Termios,
    written: Vec<u8>,
    screen: Screen,
}

impl App {
    fn start(world: &World, arguments: &[&str]) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
        grantpt(&master).expect("granted");
        unlockpt(&master).expect("unlocked");
        let name = ptsname(&master, Vec::new()).expect("a name").into_string().expect("UTF-8");
        let terminal = File::options().read(true).write(true).open(name).expect("the terminal's side");
        let size = Winsize { ws_row: ROWS, ws_col: COLUMNS, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&terminal, size).expect("a size");
        let before = tcgetattr(&terminal).expect("modes");
        let side = || Stdio::from(terminal.try_clone().expect("a copy"));
        let child = world
            .command(arguments)
            .env("TERM", "xterm-256color")
            .stdin(side())
            .stdout(side())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        let keyboard = File::from(master);
        let output = read_all(keyboard.try_clone().expect("a copy"));
        Self { child, keyboard, terminal, output, before, written: Vec::new(), screen: Screen::default() }
    }

    fn shop(world: &World) -> Self {
        let mut app = Self::start(world, &["--db", "shop.db", "--offline"]);
        app.wait_for("Ask a question");
        app.wait_for("OFFLINE");
        app
    }

    fn types(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("typed");
    }

    #[track_caller]
    fn wait_for(&mut self, text: &str) {
        while !self.screen.text().contains(text) {
            let Ok(bytes) = self.output.recv_timeout(PATIENCE) else {
                panic!("{text:?} was never shown:\n{}", self.screen.text());
            };
            self.screen.take(&bytes);
            self.written.extend(bytes);
        }
    }

    fn is_raw(&self) -> bool {
        !tcgetattr(&self.terminal).expect("modes").local_modes.contains(LocalModes::ICANON)
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status().expect("sends a signal");
        assert!(sent.success());
    }

    /// Waits for the end: the exit code, with the terminal as it was before.
    #[track_caller]
    fn ends(mut self) -> (i32, String, String) {
        let mut stderr = String::new();
        self.child.stderr.take().expect("a pipe").read_to_string(&mut stderr).expect("UTF-8");
        let code = self.child.wait().expect("ends").code().expect("an exit code");
        let after = tcgetattr(&self.terminal).expect("modes");
        assert_eq!(after.local_modes, self.before.local_modes);
        assert_eq!(after.input_modes, self.before.input_modes);
        assert_eq!(after.output_modes, self.before.output_modes);
        drop(self.terminal);
        while let Ok(bytes) = self.output.recv_timeout(PATIENCE) {
            self.written.extend(bytes);
        }
        let written = String::from_utf8_lossy(&self.written).into_owned();
        for (on, off) in [("\u{1b}[?1049h", "\u{1b}[?1049l"), ("\u{1b}[?2004h", "\u{1b}[?2004l")] {
            assert!(written.rfind(on) < written.rfind(off), "{on:?} is not undone");
        }
        assert!(written.rfind("\u{1b}[?25l") < written.rfind("\u{1b}[?25h"), "the cursor stays hidden");
        (code, written, stderr)
    }
}

fn read_all(mut from: File) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        // Reading fails once nobody holds the terminal's side.
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            if sender.send(buffer[..read].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}

/// Just enough of a terminal: text and where the cursor is sent.
#[derive(Default)]
struct Screen {
    cells: Vec<Vec<char>>,
    row: usize,
    column: usize,
    pending: Vec<u8>,
}

impl Screen {
    fn text(&self) -> String {
        self.cells.iter().map(|row| row.iter().collect::<String>() + "\n").collect()
    }

    fn take(&mut self, bytes: &[u8]) {
        self.cells.resize(ROWS.into(), vec![' '; COLUMNS.into()]);
        self.pending.extend(bytes);
        let text = match std::str::from_utf8(&self.pending) {
            Ok(text) => text.to_owned(),
            Err(broken) => String::from_utf8_lossy(&self.pending[..broken.valid_up_to()]).into_owned(),
        };
        // A sequence that is cut off waits for its rest.
        let whole = text.rfind('\u{1b}').filter(|at| !text[*at..].contains(|c: char| c.is_ascii_alphabetic()));
        let text = &text[..whole.unwrap_or(text.len())];
        self.pending.drain(..text.len());
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            if c == '\u{1b}' {
                let length = chars.as_str().find(|c: char| c.is_ascii_alphabetic()).map_or(0, |at| at + 1);
                let (sequence, rest) = chars.as_str().split_at(length);
                self.obey(sequence);
                chars = rest.chars();
            } else {
                self.put(c);
            }
        }
    }

    fn obey(&mut self, sequence: &str) {
        let numbers = sequence.trim_start_matches('[').trim_end_matches('H');
        if sequence.ends_with('H') {
            let mut parts = numbers.split(';').map(|n| n.parse().unwrap_or(1_usize).saturating_sub(1));
            (self.row, self.column) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
        } else if sequence == "[2J" {
            self.cells = vec![vec![' '; COLUMNS.into()]; ROWS.into()];
        }
    }

    fn put(&mut self, c: char) {
        if let Some(cell) = self.cells.get_mut(self.row).and_then(|row| row.get_mut(self.column)) {
            *cell = c;
        }
        self.column += 1;
    }
}

const ENDLESS: &str = "/sql WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n\r";

#[test]
fn a_question_is_answered_and_the_terminal_given_back() {
    let world = World::with_shop();
    let mut app = App::shop(&world);
    assert!(app.is_raw());
    app.types("total revenue by city\r");
    app.wait_for("Leeds");
    app.types("\u{4}");
    assert_eq!(app.ends().0, 0);
}

#[test]
fn a_signal_gives_the_terminal_back() {
    for (name, code) in [("-TERM", 143), ("-HUP", 129), ("-INT", 130)] {
        let world = World::with_shop();
        let app = App::shop(&world);
        app.signal(name);
        assert_eq!(app.ends().0, code, "{name}");
    }
}

#[test]
fn esc_stops_a_statement_that_never_ends() {
    let world = World::with_shop();
    let mut app = App::shop(&world);
    app.types(ENDLESS);
    app.wait_for("Esc cancels");
    app.types("\u{1b}");
    app.wait_for("cancelled after");
    app.types("/sql select 6 * 7 as answer\r");
    app.wait_for("42");
    app.types("\u{4}");
    assert_eq!(app.ends().0, 0);
}

#[test]
fn a_paste_waits_for_enter() {
    let world = World::with_shop();
    let mut app = App::shop(&world);
    app.types("\u{1b}[200~total revenue\rby city\r\u{1b}[201~");
    app.wait_for("by city");
    app.types("\u{3}");
    app.wait_for("Ask a question");
    assert!(!app.screen.text().contains(" you "), "{}", app.screen.text());
    app.types("\u{4}");
    app.ends();
}

#[test]
fn no_color_means_no_colour_codes() {
    let world = World::with_shop().variable("NO_COLOR", "1");
    let mut app = App::shop(&world);
    app.types("total revenue by city\r");
    app.wait_for("Leeds");
    app.types("\u{4}");
    let (_, written, _) = app.ends();
    for sequence in written.split('\u{1b}').filter_map(|part| part.strip_prefix('[')) {
        let Some((codes, _)) = sequence.split_once('m').filter(|(codes, _)| !codes.contains(char::is_alphabetic))
        else {
            continue;
        };
        for code in codes.split(';').filter_map(|code| code.parse::<u8>().ok()) {
            assert!(!matches!(code, 30..=38 | 40..=48 | 90..=97 | 100..=107), "a colour: {codes:?}");
        }
    }
}

#[test]
fn a_file_that_is_no_database_is_told_in_the_app_and_by_the_exit_code() {
    let world = World::new();
    world.write("notes.db", "these are notes and no database at all, whatever the name of the file says");
    let mut app = App::start(&world, &["--db", "notes.db"]);
    app.wait_for("is not a SQLite database");
    app.types("\u{4}");
    let (code, _, stderr) = app.ends();
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("is not a SQLite database"), "{stderr}");
}
