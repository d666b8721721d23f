//! What each action of the key table does.

use crossterm::event::KeyCode;

use super::super::app::{
    App, Asked, COUNTER_FROM, ChatScroll, Focus, Menu, Overlay, Pane, QUESTION_CHARS, SECOND_PRESS, TurnState,
};
use super::super::commands;
use super::super::editor::Editor;
use super::super::keys::{Action, Press};
use super::super::message::Effect;
use super::{command, copying, go_to, movement, printable, run};
use crate::pipeline::response::ChartKind;
use crate::pipeline::response::chart::choose;

pub fn perform(app: &mut App, action: Action) -> Vec<Effect> {
    if !matches!(action, Action::Quit) {
        app.quit_asked = false;
    }
    match action {
        Action::Interrupt => return interrupt(app),
        Action::StepBack => return step_back(app),
        Action::QuitOnEmpty => return if app.input.is_empty() { vec![Effect::Quit] } else { delete(app) },
        Action::Quit => return quit(app),
        Action::Suspend => return vec![Effect::Suspend],
        Action::Redraw => return vec![Effect::Redraw],
        Action::Help => app.overlay = Some(Overlay::Help { filter: Editor::default(), top: 0 }),
        Action::Palette => app.overlay = Some(Overlay::Palette { filter: Editor::default(), selected: 0 }),
        Action::NextPane if complete(app) => {}
        Action::NextPane => next_pane(app, 1),
        Action::PreviousPane => next_pane(app, Pane::ALL.len()),
        Action::Pane(number) => {
            if let Some(pane) = Pane::ALL.get(usize::from(number).wrapping_sub(1)) {
                go_to(app, *pane);
            }
        }
        Action::ToBox => app.focus = Focus::Box,
        Action::Zoom => app.zoom = !app.zoom,
        Action::Send => return enter(app),
        Action::NewLine => insert(app, "\n"),
        Action::RowUp | Action::Older => return back(app, action == Action::RowUp),
        Action::RowDown | Action::Newer => return forth(app, action == Action::RowDown),
        Action::Move(motion) => editor(app).go(motion),
        Action::Kill(motion) => editor(app).kill(motion),
        Action::Yank => editor(app).yank(),
        Action::Undo => editor(app).undo(),
        Action::Backspace => editor(app).backspace(),
        Action::Delete => return delete(app),
        Action::RunSql => return run_sql(app),
        Action::Edit => edit_sql(app),
        Action::Sort => sort(app),
        Action::Record => record(app),
        Action::Copy => return copy(app),
        Action::Export => offer_export(app),
        Action::ChartKind => app.menu = Some(Menu::Chart),
        Action::Insert => insert_name(app),
        Action::Stages => fold_stages(app),
        Action::AskAgain => return ask_again(app),
        Action::PreviousAnswer => select(app, -1),
        Action::NextAnswer => select(app, 1),
        _ => movement::navigate(app, action),
    }
    Vec::new()
}

fn editor(app: &mut App) -> &mut Editor {
    match app.focus {
        Focus::Pane(Pane::Sql) => app.sql_editor(),
        _ => &mut app.input,
    }
}

/// Puts text in at the caret of the place that has focus.
pub fn insert(app: &mut App, text: &str) {
    app.quit_asked = false;
    if !editor(app).insert(text) {
        app.notify(format!("the question is full: {QUESTION_CHARS} characters"));
    } else if app.focus == Focus::Box && app.input.chars() == COUNTER_FROM {
        app.notify(format!("{COUNTER_FROM} of {QUESTION_CHARS} characters"));
    }
}

fn delete(app: &mut App) -> Vec<Effect> {
    editor(app).delete();
    Vec::new()
}

/// Ctrl-C: cancels, else clears the box, else quits at the second press.
fn interrupt(app: &mut App) -> Vec<Effect> {
    if app.running().is_some() || app.waiting() > 0 {
        return run::cancel(app);
    }
    if !app.input.is_empty() {
        let draft = app.input.take();
        app.history.push(&draft);
        return Vec::new();
    }
    if app.quit_armed.is_some() {
        return vec![Effect::Quit];
    }
    app.quit_armed = Some(app.now + SECOND_PRESS);
    Vec::new()
}

/// Esc: the first of these that applies. Menus and overlays are closed before keys come here.
fn step_back(app: &mut App) -> Vec<Effect> {
    if app.context() == super::Context::SqlEdit {
        app.editing = false;
    } else if app.running().is_some() || app.waiting() > 0 {
        return run::cancel(app);
    } else if app.zoom {
        app.zoom = false;
    } else if app.focus == Focus::Box {
        if app.input.is_empty() {
            go_to(app, Pane::Chat);
        }
    } else {
        app.focus = Focus::Box;
    }
    Vec::new()
}

fn quit(app: &mut App) -> Vec<Effect> {
    let loses = app.running().is_some() || app.sql_edited();
    if !loses || app.quit_asked {
        return vec![Effect::Quit];
    }
    app.quit_asked = true;
    let what = if app.running().is_some() { "a question is running" } else { "the SQL is edited" };
    app.notify(format!("{what}: press q again to quit"));
    Vec::new()
}

/// The box and the panes in a ring.
fn next_pane(app: &mut App, by: usize) {
    let ring = Pane::ALL.len() + 1;
    let at = match app.focus {
        Focus::Box => 0,
        Focus::Pane(pane) => pane.number(),
    };
    match (at + by) % ring {
        0 => app.focus = Focus::Box,
        number => go_to(app, Pane::ALL[number - 1]),
    }
}

fn enter(app: &mut App) -> Vec<Effect> {
    let before = &app.input.text()[..app.input.caret()];
    if before.ends_with('\\') {
        app.input.backspace();
        app.input.insert("\n");
        return Vec::new();
    }
    command::send(app)
}

fn back(app: &mut App, rows: bool) -> Vec<Effect> {
    if app.focus != Focus::Box {
        app.sql_editor().up(usize::MAX);
    } else if !(rows && app.input.up(app.plan().text_width()))
        && let Some(older) = app.history.older(app.input.text())
    {
        app.input.set(&older);
    }
    Vec::new()
}

fn forth(app: &mut App, rows: bool) -> Vec<Effect> {
    if app.focus != Focus::Box {
        app.sql_editor().down(usize::MAX);
    } else if !(rows && app.input.down(app.plan().text_width()))
        && let Some(newer) = app.history.newer()
    {
        app.input.set(&newer);
    }
    Vec::new()
}

pub fn edit_sql(app: &mut App) {
    go_to(app, Pane::Sql);
    app.sql_editor();
    app.editing = true;
}

/// Runs what the SQL pane shows as the person's own statement.
fn run_sql(app: &mut App) -> Vec<Effect> {
    let sql = app.shown_sql();
    if sql.trim().is_empty() {
        app.notify("no SQL to run: e in the SQL pane writes some");
        return Vec::new();
    }
    app.editing = false;
    run::ask(app, Asked::Sql(sql))
}

fn sort(app: &mut App) {
    let Some(answer) = app.turn().and_then(|turn| turn.answer()).cloned() else { return };
    if let (Some(result), Some(turn)) = (&answer.result, app.turn_mut()) {
        turn.table.sort_by_cursor(result);
    }
}

fn record(app: &mut App) {
    if app.turn().is_some_and(|turn| turn.table.result_row().is_some()) {
        app.overlay = Some(Overlay::Record { top: 0 });
    }
}

fn copy(app: &mut App) -> Vec<Effect> {
    match app.focus {
        Focus::Pane(Pane::Table) => {
            app.menu = Some(Menu::Copy);
            Vec::new()
        }
        Focus::Pane(Pane::Sql) => copying::copy_sql(app),
        _ => copying::copy_answer(app),
    }
}

fn offer_export(app: &mut App) {
    app.focus = Focus::Box;
    if app.input.is_empty() {
        app.input.set("/export result.csv");
    } else {
        app.notify("send or clear the question first, then /export <file>");
    }
}

/// The second key of a menu; any other key closes it.
pub fn menu_key(app: &mut App, menu: Menu, press: Press) -> Vec<Effect> {
    let key = match press.code {
        KeyCode::Esc => return Vec::new(),
        _ => printable(press).unwrap_or_default(),
    };
    match menu {
        Menu::Copy => copying::copy_part(app, &key),
        Menu::Chart => {
            match (key.as_str(), chart_kind(&key)) {
                ("a", _) => set_chart(app, None),
                (_, Some(kind)) => set_chart(app, Some(kind)),
                _ => app.notify("no such kind of chart"),
            }
            Vec::new()
        }
    }
}

fn chart_kind(key: &str) -> Option<ChartKind> {
    Some(match key {
        "b" => ChartKind::Bars,
        "l" => ChartKind::Line,
        "s" => ChartKind::Scatter,
        "p" => ChartKind::Proportion,
        "h" => ChartKind::Histogram,
        "m" => ChartKind::Heatmap,
        "g" => ChartKind::GroupedBars,
        _ => return None,
    })
}

/// Picks the kind of chart of the answer shown; `None` leaves it to the result's shape.
pub fn set_chart(app: &mut App, kind: Option<ChartKind>) {
    let answer = app.turn().and_then(|turn| turn.answer()).cloned();
    let (Some(turn), Some(answer)) = (app.turn_mut(), answer) else {
        return app.notify("no chart yet: ask a question first");
    };
    turn.chart = match (kind, &answer.chart, &answer.result) {
        (None, Some(spec), _) => Some(Ok(spec.clone())),
        (kind, _, Some(result)) => Some(choose(result, "", kind)),
        _ => None,
    };
}

fn insert_name(app: &mut App) {
    let Some(line) = app.schema_lines().get(app.schema.cursor).copied() else { return };
    let Some(opened) = app.opened() else { return };
    let table = &opened.schema.tables[line.table];
    let name = line.column.map_or(&table.name, |column| &table.columns[column].name).clone();
    app.focus = Focus::Box;
    let before = &app.input.text()[..app.input.caret()];
    let gap = if before.is_empty() || before.ends_with(char::is_whitespace) { "" } else { " " };
    insert(app, &format!("{gap}{name} "));
}

fn fold_stages(app: &mut App) {
    if let Some(turn) = app.turn_mut() {
        turn.open = !turn.open;
    }
}

fn ask_again(app: &mut App) -> Vec<Effect> {
    match app.turn().map(|turn| turn.asked.clone()) {
        Some(asked) => run::ask(app, asked),
        None => Vec::new(),
    }
}

/// Shows an earlier or later answer in all panes.
fn select(app: &mut App, by: isize) {
    if app.turns.len() == app.shown_from {
        return;
    }
    let at = app.selected.unwrap_or(app.turns.len()).saturating_add_signed(by);
    let at = at.clamp(app.shown_from, app.turns.len() - 1);
    if app.selected != Some(at) {
        (app.selected, app.editing) = (Some(at), false);
        (app.sql_top, app.sql_left) = (0, 0);
    }
    app.chat = ChatScroll::At { turn: at, line: 0 };
    if at + 1 == app.turns.len() && matches!(app.turns[at].state, TurnState::Running { .. }) {
        app.chat = ChatScroll::Follow;
    }
}

/// Tab in a line that begins a command completes it; false if there is nothing to complete.
fn complete(app: &mut App) -> bool {
    let found = commands::completions(app.input.text());
    let Some((name, argument, _)) = found.first().filter(|_| app.focus == Focus::Box) else { return false };
    let gap = if argument.is_empty() { "" } else { " " };
    let whole = format!("/{name}{gap}");
    let completes = whole != app.input.text();
    if completes {
        app.input.set(&whole);
    }
    completes
}
