//! What is sent from the question box: a question, the number of a choice, or a slash command.

use std::path::PathBuf;

use super::super::app::{App, Asked, ChatScroll, Focus, Overlay, Pane};
use super::super::commands::{self, Command};
use super::super::editor::Editor;
use super::super::message::Effect;
use super::{action, copying, go_to, run};
use crate::pipeline::response::ChartKind;

/// ↵ in the question box.
pub fn send(app: &mut App) -> Vec<Effect> {
    let text = app.input.text().trim().to_owned();
    if text.is_empty() {
        return Vec::new();
    }
    if let Some(effects) = pick_number(app, &text) {
        return effects;
    }
    if let Some(literal) = text.strip_prefix("//") {
        let question = format!("/{literal}");
        return ask(app, question);
    }
    if text.starts_with('/') {
        return slash(app, &text);
    }
    ask(app, text)
}

fn ask(app: &mut App, question: String) -> Vec<Effect> {
    let typed = app.input.take();
    app.history.push(typed.trim_end());
    app.pane = Pane::Chat;
    run::ask(app, Asked::Question(question))
}

/// A lone number asks an open choice, or puts an example question into the box.
fn pick_number(app: &mut App, text: &str) -> Option<Vec<Effect>> {
    let at = text.parse::<usize>().ok()?.checked_sub(1)?;
    if let Some(choice) = app.choices().get(at) {
        let question = choice.question.clone();
        return Some(ask(app, question));
    }
    let suggestion = app.suggestions().get(at)?.question.clone();
    app.input.set(&suggestion);
    Some(Vec::new())
}

fn slash(app: &mut App, text: &str) -> Vec<Effect> {
    match commands::read(text) {
        Ok(command) => {
            app.history.push(text);
            app.input.take();
            obey(app, command)
        }
        Err(reason) => {
            app.notify(reason);
            Vec::new()
        }
    }
}

fn obey(app: &mut App, command: Command) -> Vec<Effect> {
    match command {
        Command::Help => app.overlay = Some(Overlay::Help { filter: Editor::default(), top: 0 }),
        Command::Schema => go_to(app, Pane::Schema),
        Command::Sql(Some(sql)) => return run::ask(app, Asked::Sql(sql)),
        Command::Sql(None) => action::edit_sql(app),
        Command::Chart(kind) => pick_chart(app, &kind),
        Command::Export { path, force } => return export(app, &path, force),
        Command::Copy(what) => return copy(app, what.as_deref()),
        Command::New => return forget(app),
        Command::Clear => clear(app),
        Command::Quit => return vec![Effect::Quit],
    }
    Vec::new()
}

fn pick_chart(app: &mut App, word: &str) {
    let kind = ChartKind::from_name(word);
    let automatic = matches!(word, "automatic" | "auto");
    if kind.is_none() && !automatic {
        let names: Vec<_> = ChartKind::ALL.iter().map(|kind| kind.name()).collect();
        return app.notify(format!("no chart {word}; there are {}, automatic", names.join(", ")));
    }
    action::set_chart(app, kind);
    go_to(app, Pane::Chart);
    app.focus = Focus::Box;
}

fn export(app: &mut App, path: &str, force: bool) -> Vec<Effect> {
    let answered = app.turn().and_then(|turn| Some((turn, turn.answer()?)));
    match answered {
        Some((turn, answer)) if answer.result.is_some() => {
            let chart = turn.chart.clone().and_then(Result::ok);
            vec![Effect::Export { path: PathBuf::from(path), force, answer: answer.clone(), chart }]
        }
        _ => {
            app.notify("nothing to export yet: ask a question first");
            Vec::new()
        }
    }
}

fn copy(app: &mut App, what: Option<&str>) -> Vec<Effect> {
    match what {
        None => copying::copy_all(app),
        Some("sql") => copying::copy_sql(app),
        Some(other) => {
            app.notify(format!("/copy takes nothing or sql, not {other}"));
            Vec::new()
        }
    }
}

/// A new conversation: what was asked before no longer counts.
fn forget(app: &mut App) -> Vec<Effect> {
    let effects = if app.running().is_some() { run::cancel(app) } else { Vec::new() };
    clear(app);
    app.context_from = app.turns.len();
    app.selected = None;
    effects
}

fn clear(app: &mut App) {
    app.shown_from = app.turns.len();
    app.chat = ChatScroll::Follow;
}
