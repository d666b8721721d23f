use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::super::app::{App, ChatScroll, Focus, Menu, Overlay, Pane, TurnState};
use super::super::message::{Effect, Message};
use super::super::samples::{
    alt, answer, answered, ask, clarify, control, ended, error, failure, open, opened, opening, press, running,
    type_text,
};
use super::update;
use crate::pipeline::progress::{Progress, Stage};

const SIZE: (u16, u16) = (80, 24);

fn asked(effects: &[Effect]) -> Option<(u64, &str)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Ask { run, question } => Some((*run, question.text.as_str())),
        _ => None,
    })
}

fn quits(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Quit))
}

fn notice(app: &App) -> &str {
    app.notice.as_ref().map_or("", |notice| &notice.text)
}

#[test]
fn enter_asks_and_empties_the_box() {
    let mut app = open(SIZE);
    assert_eq!(asked(&ask(&mut app, "how many halls")), Some((1, "how many halls")));
    assert!(app.input.is_empty() && app.running() == Some(0));
}

#[test]
fn a_question_asked_while_opening_waits_for_the_database() {
    let mut app = opening(SIZE);
    assert!(ask(&mut app, "how many halls").is_empty());
    let effects = update(&mut app, Message::Opened(Box::new(opened())));
    assert_eq!(asked(&effects), Some((1, "how many halls")));
}

#[test]
fn a_question_asked_while_another_runs_waits_for_it() {
    let mut app = open(SIZE);
    ask(&mut app, "one");
    assert!(ask(&mut app, "two").is_empty());
    assert_eq!(app.waiting(), 1);
    let effects = update(&mut app, Message::Answered { run: 1, answer: Box::new(answer("one")) });
    assert_eq!(asked(&effects), Some((2, "two")));
}

#[test]
fn answered_questions_go_along_with_the_next_until_a_new_conversation() {
    let mut app = answered(SIZE);
    let turns = |effects: &[Effect]| match &effects[0] {
        Effect::Ask { question, .. } => question.turns.clone(),
        other => panic!("not asked: {other:?}"),
    };
    let effects = ask(&mut app, "and by dock?");
    assert_eq!(turns(&effects)[0].question, "weight by hall");
    assert_eq!(turns(&effects)[0].sql, answer("").sql);
    ask(&mut app, "/new");
    assert!(turns(&ask(&mut app, "how many halls")).is_empty());
}

#[test]
fn reports_of_older_runs_are_dropped() {
    let mut app = open(SIZE);
    ask(&mut app, "one");
    press(&mut app, KeyCode::Esc);
    app.input.take();
    ask(&mut app, "two");
    update(&mut app, Message::Progress { run: 1, progress: Progress::Sql("late".into()) });
    update(&mut app, Message::Answered { run: 1, answer: Box::new(answer("one")) });
    assert_eq!(app.turns[1].sql, None);
    assert!(matches!(app.turns[0].state, TurnState::Cancelled { .. }));
    assert!(matches!(app.turns[1].state, TurnState::Running { run: 2, .. }));
}

#[test]
fn cancelling_gives_the_question_back_and_keeps_the_sql() {
    for cancel in [KeyCode::Esc, KeyCode::Char('c')] {
        let mut app = open(SIZE);
        ask(&mut app, "weight by hall");
        update(&mut app, Message::Progress { run: 1, progress: Progress::Sql("select 1".into()) });
        let effects = if cancel == KeyCode::Esc { press(&mut app, cancel) } else { control(&mut app, 'c') };
        assert!(matches!(effects[..], [Effect::Cancel]));
        assert_eq!(app.input.text(), "weight by hall");
        assert_eq!(app.turns[0].sql.as_deref(), Some("select 1"));
    }
}

#[test]
fn cancelling_leaves_a_draft_alone() {
    let mut app = running(SIZE);
    type_text(&mut app, "next");
    press(&mut app, KeyCode::Esc);
    assert_eq!(app.input.text(), "next");
}

#[test]
fn an_error_leaves_a_draft_alone() {
    let mut app = open(SIZE);
    ask(&mut app, "one");
    type_text(&mut app, "next");
    update(&mut app, Message::Answered { run: 1, answer: Box::new(error()) });
    assert_eq!(app.input.text(), "next");
}

#[test]
fn ctrl_c_clears_the_box_then_quits_at_the_second_press() {
    let mut app = open(SIZE);
    type_text(&mut app, "draft");
    assert!(control(&mut app, 'c').is_empty() && app.input.is_empty());
    press(&mut app, KeyCode::Up);
    assert_eq!(app.input.text(), "draft");
    control(&mut app, 'c');
    assert!(!quits(&control(&mut app, 'c')));
    app.now += Duration::from_secs(3);
    assert!(!quits(&control(&mut app, 'c')), "the first press is forgotten after two seconds");
    assert!(quits(&control(&mut app, 'c')));
}

#[test]
fn ctrl_d_quits_only_on_an_empty_box() {
    let mut app = open(SIZE);
    type_text(&mut app, "ab");
    press(&mut app, KeyCode::Home);
    assert!(!quits(&control(&mut app, 'd')));
    assert_eq!(app.input.text(), "b");
    press(&mut app, KeyCode::Delete);
    assert!(quits(&control(&mut app, 'd')));
}

#[test]
fn esc_does_one_step_at_a_time() {
    let mut app = running(SIZE);
    press(&mut app, KeyCode::F(1));
    press(&mut app, KeyCode::Esc);
    assert!(app.overlay.is_none() && app.running().is_some());
    press(&mut app, KeyCode::Esc);
    assert!(app.running().is_none() && app.focus == Focus::Box);
    control(&mut app, 'c');
    press(&mut app, KeyCode::Esc);
    assert_eq!(app.focus, Focus::Pane(Pane::Chat));
}

#[test]
fn a_lone_number_asks_an_open_choice() {
    let mut app = ended(SIZE, clarify());
    assert_eq!(asked(&ask(&mut app, "2")), Some((2, "weight of lot 7")));
}

#[test]
fn a_lone_number_puts_a_suggestion_into_the_box() {
    let mut app = open(SIZE);
    assert!(ask(&mut app, "2").is_empty());
    assert_eq!(app.input.text(), "how many pallets are there?");
    assert!(asked(&press(&mut app, KeyCode::Enter)).is_some());
}

#[test]
fn a_number_without_choices_is_a_question() {
    let mut app = answered(SIZE);
    assert_eq!(asked(&ask(&mut app, "2025")), Some((2, "2025")));
}

#[test]
fn three_ways_to_a_new_line() {
    let mut app = open(SIZE);
    type_text(&mut app, "a\\");
    assert!(press(&mut app, KeyCode::Enter).is_empty());
    control(&mut app, 'j');
    update(&mut app, Message::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::ALT)));
    assert_eq!(app.input.text(), "a\n\n\n");
}

#[test]
fn paste_never_sends_and_drops_control_characters() {
    let mut app = open(SIZE);
    press(&mut app, KeyCode::Tab);
    assert!(update(&mut app, Message::Paste("one\ntwo\u{1b}[2J\n".into())).is_empty());
    assert_eq!((app.focus, app.input.text()), (Focus::Box, "one\ntwo[2J\n"));
}

#[test]
fn the_box_takes_two_thousand_characters() {
    let mut app = open(SIZE);
    update(&mut app, Message::Paste("x".repeat(2500)));
    assert_eq!(app.input.chars(), 2000);
    assert!(notice(&app).contains("2000"));
}

#[test]
fn tab_goes_around_and_numbers_lead_to_panes() {
    let mut app = open(SIZE);
    let mut seen = Vec::new();
    for _ in 0..6 {
        press(&mut app, KeyCode::Tab);
        seen.push(app.focus);
    }
    let panes = Pane::ALL.map(Focus::Pane);
    assert_eq!(seen, [&panes[..], &[Focus::Box]].concat());
    update(&mut app, Message::Key(KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT)));
    assert_eq!(app.focus, Focus::Pane(Pane::Schema));
    press(&mut app, KeyCode::Char('3'));
    assert_eq!(app.focus, Focus::Pane(Pane::Table));
    alt(&mut app, '2');
    assert_eq!(app.focus, Focus::Pane(Pane::Sql));
    press(&mut app, KeyCode::Char('i'));
    alt(&mut app, '4');
    assert_eq!(app.focus, Focus::Pane(Pane::Chart));
}

#[test]
fn an_unbound_letter_in_a_pane_says_how_to_type() {
    let mut app = open(SIZE);
    press(&mut app, KeyCode::Tab);
    press(&mut app, KeyCode::Char('w'));
    assert_eq!(notice(&app), "press i to type");
}

#[test]
fn editing_sql_and_running_it_makes_a_turn_of_its_own() {
    let mut app = answered(SIZE);
    alt(&mut app, '2');
    press(&mut app, KeyCode::Char('e'));
    type_text(&mut app, "-- mine");
    press(&mut app, KeyCode::Enter);
    assert!(app.sql_edited());
    let effects = press(&mut app, KeyCode::F(5));
    assert!(matches!(&effects[..], [Effect::RunSql { run: 2, sql }] if sql.starts_with("-- mine\nSELECT")));
    assert!(!app.sql_edited(), "what runs is not an edit");
}

#[test]
fn q_asks_before_edited_sql_is_lost() {
    let mut app = answered(SIZE);
    alt(&mut app, '2');
    press(&mut app, KeyCode::Char('e'));
    type_text(&mut app, "x");
    press(&mut app, KeyCode::Esc);
    assert!(!quits(&press(&mut app, KeyCode::Char('q'))));
    assert!(quits(&press(&mut app, KeyCode::Char('q'))));
}

#[test]
fn sorts_by_the_column_under_the_cursor() {
    let mut app = answered(SIZE);
    alt(&mut app, '3');
    press(&mut app, KeyCode::Char('l'));
    press(&mut app, KeyCode::Char('s'));
    assert_eq!(app.turns[0].table.order[0], 11);
    press(&mut app, KeyCode::Char('G'));
    assert_eq!(app.turns[0].table.row, 11);
}

#[test]
fn copies_cell_row_column_and_all() {
    let mut app = answered(SIZE);
    alt(&mut app, '3');
    let mut copied = |key: char| {
        press(&mut app, KeyCode::Char('y'));
        assert_eq!(app.menu, Some(Menu::Copy));
        match &press(&mut app, KeyCode::Char(key))[..] {
            [Effect::Copy(text)] => text.clone(),
            other => panic!("not copied: {other:?}"),
        }
    };
    assert_eq!(copied('y'), "hall 1");
    assert_eq!(copied('r'), "hall 1\t950.5");
    assert!(copied('c').starts_with("hall 1\nhall 2\n"));
    assert!(copied('a').starts_with("hall\tweight\nhall 1\t950.5\n"));
    assert!(notice(&app).contains("12 rows"));
}

#[test]
fn export_names_the_file_and_needs_an_answer() {
    let mut app = open(SIZE);
    assert!(ask(&mut app, "/export a.csv").is_empty());
    assert!(notice(&app).contains("nothing to export"));
    let mut app = answered(SIZE);
    let effects = ask(&mut app, "/export a.csv");
    assert!(matches!(&effects[..], [Effect::Export { path, force: false, .. }] if path.ends_with("a.csv")));
}

#[test]
fn an_unknown_command_is_not_asked_and_stays_in_the_box() {
    let mut app = open(SIZE);
    assert!(ask(&mut app, "/exprt a.csv").is_empty());
    assert!(notice(&app).contains("/export"));
    assert_eq!(app.input.text(), "/exprt a.csv");
}

#[test]
fn two_slashes_ask_a_question_that_starts_with_one() {
    let mut app = open(SIZE);
    assert_eq!(asked(&ask(&mut app, "//tmp sales")), Some((1, "/tmp sales")));
}

#[test]
fn tab_completes_a_command() {
    let mut app = open(SIZE);
    type_text(&mut app, "/ex");
    press(&mut app, KeyCode::Tab);
    assert_eq!((app.input.text(), app.focus), ("/export ", Focus::Box));
}

#[test]
fn the_schema_opens_folds_and_inserts_names() {
    let mut app = open(SIZE);
    type_text(&mut app, "sum of");
    alt(&mut app, '5');
    press(&mut app, KeyCode::Char('j'));
    press(&mut app, KeyCode::Char('l'));
    assert_eq!(app.schema_lines().len(), 5);
    press(&mut app, KeyCode::Char('G'));
    press(&mut app, KeyCode::Enter);
    assert_eq!((app.input.text(), app.focus), ("sum of weight ", Focus::Box));
}

#[test]
fn the_palette_does_what_is_picked() {
    let mut app = answered(SIZE);
    control(&mut app, 'o');
    type_text(&mut app, "tables and columns");
    press(&mut app, KeyCode::Enter);
    assert_eq!(app.input.text(), "/schema");
    press(&mut app, KeyCode::Enter);
    assert_eq!(app.focus, Focus::Pane(Pane::Schema));
}

#[test]
fn the_chat_follows_until_it_is_scrolled_back() {
    let mut app = answered((80, 16));
    alt(&mut app, '1');
    press(&mut app, KeyCode::Char('g'));
    assert_eq!(app.chat, ChatScroll::At { turn: 0, line: 0 });
    press(&mut app, KeyCode::Char('j'));
    assert_eq!(app.chat, ChatScroll::At { turn: 0, line: 1 });
    press(&mut app, KeyCode::Char('G'));
    assert_eq!(app.chat, ChatScroll::Follow);
}

#[test]
fn a_resize_keeps_focus_selection_scroll_and_draft() {
    let mut app = answered((80, 16));
    type_text(&mut app, "draft");
    alt(&mut app, '3');
    press(&mut app, KeyCode::Char('j'));
    press(&mut app, KeyCode::Char('j'));
    for size in [(40, 8), (1, 1), (200, 60), (80, 16)] {
        update(&mut app, Message::Resize(size.0, size.1));
    }
    assert_eq!((app.focus, app.turns[0].table.row, app.input.text()), (Focus::Pane(Pane::Table), 2, "draft"));
}

#[test]
fn work_that_breaks_off_ends_its_turn_and_starts_the_next() {
    let mut app = open(SIZE);
    ask(&mut app, "one");
    ask(&mut app, "two");
    let effects = update(&mut app, Message::Died { run: 1, failure: Box::new(failure("fault")) });
    assert!(matches!(app.turns[0].state, TurnState::Died(_)));
    assert_eq!(asked(&effects), Some((2, "two")));
}

#[test]
fn the_screen_changes_by_itself_only_while_something_runs_or_is_said() {
    let mut app = answered(SIZE);
    assert_eq!(app.wakes_at(), None);
    app.notify("said");
    assert!(app.wakes_at().is_some());
    app.now += Duration::from_secs(10);
    update(&mut app, Message::Tick);
    assert_eq!(app.wakes_at(), None);
    ask(&mut app, "again");
    assert!(app.wakes_at().is_some());
}

#[test]
fn stages_are_kept_in_order_with_their_ends() {
    let app = running(SIZE);
    let stages: Vec<_> = app.turns[1].stages.iter().map(|stage| stage.stage).collect();
    assert_eq!(stages, [Stage::Understand, Stage::Context, Stage::WriteSql, Stage::Run]);
}

#[test]
fn help_is_searched_by_typing() {
    let mut app = open(SIZE);
    press(&mut app, KeyCode::F(1));
    type_text(&mut app, "sort");
    assert!(matches!(&app.overlay, Some(Overlay::Help { filter, .. }) if filter.text() == "sort"));
    assert!(app.input.is_empty(), "typing in the overlay does not reach the box");
}

/// Numbers that look random and are the same each time (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

fn random_message(dice: &mut Dice) -> Message {
    const CODES: [KeyCode; 20] = [
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Backspace,
        KeyCode::Delete,
        KeyCode::F(1),
        KeyCode::F(5),
        KeyCode::Char('日'),
        KeyCode::Char('\u{301}'),
        KeyCode::Char('/'),
        KeyCode::Char('1'),
    ];
    const PASTES: [&str; 5] = ["ab\ncd", "\u{1b}]0;x\u{7}", "👨‍👩‍👧e\u{301}", "مرحبا \u{202e}", "/chart line"];
    match dice.roll(12) {
        0 => Message::Paste(PASTES[dice.roll(PASTES.len())].into()),
        1 => Message::Resize(1 + dice.roll(210) as u16, 1 + dice.roll(70) as u16),
        2 => Message::Answered { run: 1 + dice.roll(40) as u64, answer: Box::new(answer("q")) },
        3..=5 => {
            let letter = char::from(b'!' + dice.roll(94) as u8);
            let modifiers = [KeyModifiers::NONE, KeyModifiers::CONTROL, KeyModifiers::ALT][dice.roll(3)];
            Message::Key(KeyEvent::new(KeyCode::Char(letter), modifiers))
        }
        6 => Message::Key(KeyEvent::new(KeyCode::Char(char::from(b'a' + dice.roll(26) as u8)), KeyModifiers::NONE)),
        _ => Message::Key(KeyEvent::new(CODES[dice.roll(CODES.len())], KeyModifiers::NONE)),
    }
}

#[test]
fn random_keys_pastes_and_sizes_never_panic() {
    for seed in 1..=8 {
        let mut dice = Dice(seed * 0x1E37_79B9_7F4A_7C15);
        let mut app = answered((80, 24));
        for _ in 0..250 {
            app.now += Duration::from_millis(70);
            update(&mut app, random_message(&mut dice));
            let area = ratatui::layout::Rect::new(0, 0, app.size.0, app.size.1);
            let mut buffer = ratatui::buffer::Buffer::empty(area);
            let caret = super::super::view::draw(&app, &mut buffer);
            assert!(caret.is_none_or(|at| at.x < area.width && at.y < area.height), "caret {caret:?} outside {area:?}");
        }
    }
}
