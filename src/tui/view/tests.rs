use std::fs;
use std::path::PathBuf;

use crossterm::event::KeyCode;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use super::super::Style;
use super::super::app::App;
use super::super::message::Message;
use super::super::samples::{
    alt, answer, answered, clarify, ended, error, failure, open, opening, press, result, running, type_text,
};
use super::super::update::update;
use super::draw;
use crate::schema::Value;

const SIZES: [(u16, u16); 4] = [(40, 8), (80, 24), (120, 35), (200, 60)];

fn drawn(app: &App) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, app.size.0, app.size.1));
    draw(app, &mut buffer);
    buffer
}

/// The screen as text, a line a row, without blanks at the ends.
fn screen(app: &App) -> String {
    let buffer = drawn(app);
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let mut row = String::new();
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            row.push_str(symbol);
            x += crate::terminal::width(symbol).max(1) as u16;
        }
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

/// What differs from the file of this name. To accept a change, delete the file, run the test, and read what it wrote.
fn difference(name: &str, app: &App) -> Option<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases/tui").join(format!("{name}.txt"));
    let shown = screen(app);
    if let Ok(expected) = fs::read_to_string(&path) {
        return (shown != expected).then(|| format!("{name} differs from its file:\n{shown}"));
    }
    fs::create_dir_all(path.parent().expect("a folder")).expect("folder");
    fs::write(&path, &shown).expect("writable");
    Some(format!("{name} had no file; written, to be read and kept:\n{shown}"))
}

#[test]
fn every_state_at_every_size_is_as_its_file_shows() {
    let mut differences = Vec::new();
    let mut check = |name: String, app: &App| differences.extend(difference(&name, app));
    for size in [(40, 8), (80, 24), (120, 35)] {
        let at = format!("{}x{}", size.0, size.1);
        check(format!("empty_{at}"), &open(size));
        check(format!("running_{at}"), &running(size));
        check(format!("answered_{at}"), &answered(size));
        check(format!("error_{at}"), &ended(size, error()));
        check(format!("clarify_{at}"), &ended(size, clarify()));
    }
    check("answered_200x60".into(), &answered((200, 60)));
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn opening_is_said_with_the_name_of_the_database() {
    for size in SIZES {
        let text = screen(&opening(size));
        assert!(text.contains("opening depot.db"), "{text}");
    }
}

#[test]
fn a_database_that_does_not_open_is_said_with_what_to_do() {
    let mut app = opening((80, 24));
    update(&mut app, Message::OpenFailed(Box::new(failure("no database file at depot.db"))));
    let text = screen(&app);
    assert!(text.contains("no database file at depot.db") && text.contains("look again"), "{text}");
}

#[test]
fn ascii_mode_draws_nothing_but_ascii() {
    for size in SIZES {
        for mut app in [open(size), running(size), answered(size), ended(size, clarify())] {
            app.style = Style { ascii: true, ..Style::default() };
            for pane in ['1', '2', '3', '5'] {
                alt(&mut app, pane);
                let text = screen(&app);
                assert!(text.is_ascii(), "{text}");
            }
            press(&mut app, KeyCode::F(1));
            assert!(screen(&app).is_ascii(), "{}", screen(&app));
        }
    }
}

#[test]
fn mono_style_uses_no_colour() {
    for size in SIZES {
        for mut app in [open(size), running(size), answered(size), ended(size, error())] {
            app.style = Style { color: false, ..Style::default() };
            for cell in drawn(&app).content() {
                assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
            }
        }
    }
}

#[test]
fn the_focused_pane_has_a_heavy_frame_and_a_mark() {
    let mut app = answered((120, 35));
    alt(&mut app, '3');
    let text = screen(&app);
    assert_eq!(text.matches('┏').count(), 1, "{text}");
    assert!(text.contains("▸ [3 Result]"), "{text}");
}

#[test]
fn the_cell_under_the_cursor_is_reversed() {
    let mut app = answered((120, 35));
    alt(&mut app, '3');
    let reversed: String = drawn(&app)
        .content()
        .iter()
        .filter(|cell| cell.modifier.contains(Modifier::REVERSED))
        .map(ratatui::buffer::Cell::symbol)
        .collect();
    assert_eq!(reversed.trim_end(), "hall 1");
}

#[test]
fn a_cut_result_never_claims_a_total() {
    let mut cut = answer("q");
    cut.result = Some(crate::pipeline::execution::ResultSet { truncated: true, ..result() });
    let mut app = ended((80, 24), cut);
    alt(&mut app, '3');
    let text = screen(&app);
    assert!(text.contains("of first 12, more exist") && !text.contains("of 12 "), "{text}");
}

#[test]
fn nulls_are_shown_as_such() {
    let mut app = answered((80, 24));
    alt(&mut app, '3');
    assert!(screen(&app).contains('∅'));
}

#[test]
fn columns_outside_are_counted() {
    let mut wide = answer("q");
    let mut set = result();
    set.columns = (0..30).map(|_| set.columns[1].clone()).collect();
    set.rows = vec![vec![Value::Real(123_456.0); 30]];
    wide.result = Some(set);
    let mut app = ended((80, 24), wide);
    alt(&mut app, '3');
    assert!(screen(&app).contains("more ›"), "{}", screen(&app));
    press(&mut app, KeyCode::Char('$'));
    assert!(screen(&app).contains("‹ "), "{}", screen(&app));
}

#[test]
fn data_can_not_move_the_cursor_nor_break_the_frame() {
    let hostile = "\u{1b}[2J\u{1b}]0;t\u{7}\r\n日本\u{202e}a\u{301}👨‍👩‍👧";
    let mut bad = answer(hostile);
    bad.text = hostile.into();
    bad.sql = Some(format!("select '{hostile}' -- {hostile}"));
    bad.warnings = vec![hostile.into()];
    let mut set = result();
    set.columns[0].name = hostile.into();
    set.rows[0][0] = Value::Text(hostile.into());
    bad.result = Some(set);
    for size in SIZES {
        let mut app = ended(size, bad.clone());
        for pane in ['1', '2', '3', '4', '5'] {
            alt(&mut app, pane);
            for cell in drawn(&app).content() {
                assert!(!cell.symbol().contains(|c: char| c.is_control() || c == '\u{202e}'), "{:?}", cell.symbol());
            }
        }
    }
}

#[test]
fn the_caret_stands_behind_what_was_typed() {
    for size in SIZES {
        let mut app = open(size);
        type_text(&mut app, "日e\u{301}x");
        let mut buffer = Buffer::empty(Rect::new(0, 0, size.0, size.1));
        let caret = draw(&app, &mut buffer).expect("a caret");
        assert_eq!(buffer[(caret.x - 1, caret.y)].symbol(), "x");
        assert_eq!(buffer[(caret.x - 2, caret.y)].symbol(), "e\u{301}");
        assert_eq!(buffer[(caret.x - 4, caret.y)].symbol(), "日");
    }
}

#[test]
fn the_box_grows_with_its_text_and_then_scrolls() {
    let mut app = open((120, 35));
    let before = app.plan().input.height;
    update(&mut app, Message::Paste("line\n".repeat(30)));
    assert_eq!((before, app.plan().input.height), (3, 10));
    let caret = draw(&app, &mut Buffer::empty(Rect::new(0, 0, 120, 35))).expect("a caret");
    assert!(caret.y < 34);
}

#[test]
fn a_counter_appears_near_the_limit() {
    for size in SIZES {
        let mut app = open(size);
        update(&mut app, Message::Paste("x ".repeat(805)));
        assert!(screen(&app).contains("1,610 of 2,000"), "{}", screen(&app));
    }
}

#[test]
fn help_lists_the_keys_of_the_place_first() {
    let mut app = answered((80, 24));
    alt(&mut app, '3');
    press(&mut app, KeyCode::Char('?'));
    let text = screen(&app);
    let first = text.find("sort by this column").expect("listed");
    assert!(text.find("everywhere").is_none_or(|at| at > first), "{text}");
}

#[test]
fn a_record_shows_the_whole_row() {
    let mut app = answered((80, 24));
    alt(&mut app, '3');
    press(&mut app, KeyCode::Enter);
    let text = screen(&app);
    assert!(text.contains("hall    hall 1") && text.contains("weight  950.5"), "{text}");
}

#[test]
fn commands_pop_up_while_one_is_typed() {
    let mut app = open((80, 24));
    type_text(&mut app, "/e");
    assert!(screen(&app).contains("/export <file>"));
}

#[test]
fn no_size_from_one_cell_to_five_hundred_breaks_the_drawing() {
    let mut app = running((80, 24));
    for width in (1..=500).step_by(23).chain(38..=62).chain([109, 110, 159, 160, 500]) {
        for height in [1, 2, 7, 8, 9, 15, 16, 29, 30, 41, 42, 200] {
            update(&mut app, Message::Resize(width, height));
            drawn(&app);
        }
    }
}

#[test]
fn below_the_smallest_size_only_that_is_said() {
    assert_eq!(screen(&open((39, 9))).trim(), "Too small: 39x9, need 40x8");
}
