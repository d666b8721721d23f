//! Asking, running, reporting, cancelling: the life of a turn.

use std::sync::Arc;

use super::super::app::{App, Asked, ChatScroll, Database, Pane, StageEnd, StageState, Turn, TurnState};
use super::super::message::Effect;
use super::super::table::TableState;
use super::super::view;
use crate::pipeline::analysis::{self, Question};
use crate::pipeline::progress::Progress;
use crate::pipeline::response::chart::choose;
use crate::pipeline::response::{Answer, Failure, Outcome};

/// Earlier turns sent along with a question.
const TURNS_SENT: usize = 6;

/// Puts a turn at the end of the chat and starts it unless it has to wait.
pub fn ask(app: &mut App, asked: Asked) -> Vec<Effect> {
    let mut turn = Turn::new(asked);
    if let Asked::Sql(sql) = &turn.asked {
        turn.sql = Some(sql.clone());
    }
    app.turns.push(turn);
    app.chat = ChatScroll::Follow;
    app.left = Pane::Chat;
    start_next(app)
}

/// Starts the oldest waiting turn if nothing runs and the database is open.
pub fn start_next(app: &mut App) -> Vec<Effect> {
    if app.running().is_some() || !matches!(app.database, Database::Open(_)) {
        return Vec::new();
    }
    let Some(at) = app.turns.iter().position(|turn| matches!(turn.state, TurnState::Waiting)) else {
        return Vec::new();
    };
    let run = app.next_run;
    app.next_run += 1;
    let earlier = earlier_turns(app, at);
    if matches!(app.turns[at].asked, Asked::Sql(_)) {
        show(app, at);
    }
    let turn = &mut app.turns[at];
    turn.state = TurnState::Running { run, since: app.now };
    vec![match &turn.asked {
        Asked::Question(text) => {
            Effect::Ask { run, question: Question { text: text.clone(), turns: earlier, ..Question::default() } }
        }
        Asked::Sql(sql) => Effect::RunSql { run, sql: sql.clone() },
    }]
}

/// The questions before turn `at` that were answered, oldest first.
fn earlier_turns(app: &App, at: usize) -> Vec<analysis::Turn> {
    let context = &app.turns[app.context_from.min(at)..at];
    let answered = context.iter().filter_map(|turn| match (&turn.asked, turn.answer()) {
        (Asked::Question(text), Some(answer)) if answer.outcome == Outcome::Answer => {
            Some(analysis::Turn { question: text.clone(), sql: answer.sql.clone() })
        }
        _ => None,
    });
    let all: Vec<_> = answered.collect();
    all[all.len().saturating_sub(TURNS_SENT)..].to_vec()
}

/// Position of the turn that runs under this number; `None` for a late report of an older run.
fn turn_of(app: &App, number: u64) -> Option<usize> {
    app.turns.iter().rposition(|turn| matches!(turn.state, TurnState::Running { run, .. } if run == number))
}

/// Shows the SQL, result and chart of this turn.
fn show(app: &mut App, at: usize) {
    if app.selected != Some(at) {
        (app.selected, app.editing) = (Some(at), false);
        (app.sql_top, app.sql_left) = (0, 0);
    }
}

pub fn progress(app: &mut App, run: u64, progress: Progress) -> Vec<Effect> {
    let now = app.now;
    let Some(at) = turn_of(app, run) else { return Vec::new() };
    // The answer before stays in view until there is something of the new one to show.
    if matches!(progress, Progress::Sql(_)) {
        show(app, at);
    }
    let turn = &mut app.turns[at];
    match progress {
        Progress::Begun(stage) => set_stage(turn, StageState { stage, end: StageEnd::Running { since: now } }),
        Progress::Done { stage, evidence, elapsed } => {
            set_stage(turn, StageState { stage, end: StageEnd::Done { evidence, elapsed } });
        }
        Progress::Skipped { stage, why } => set_stage(turn, StageState { stage, end: StageEnd::Skipped { why } }),
        Progress::Sql(sql) => turn.sql = Some(sql),
        Progress::Rows(rows) => turn.rows = Some(rows),
    }
    Vec::new()
}

fn set_stage(turn: &mut Turn, state: StageState) {
    match turn.stages.iter_mut().find(|known| known.stage == state.stage) {
        Some(known) => *known = state,
        None => turn.stages.push(state),
    }
}

pub fn answered(app: &mut App, run: u64, answer: Answer) -> Vec<Effect> {
    let charset = app.charset();
    let Some(at) = turn_of(app, run) else { return Vec::new() };
    show(app, at);
    let turn = &mut app.turns[at];
    if let Some(result) = &answer.result {
        turn.table = TableState::of(result, charset);
        turn.chart = Some(answer.chart.clone().map_or_else(|| choose(result, "", None), Ok));
    }
    if answer.sql.is_some() {
        turn.sql.clone_from(&answer.sql);
    }
    turn.state = TurnState::Done(Arc::new(answer));
    let follows = app.chat == ChatScroll::Follow && at + 1 == app.turns.len();
    if let (true, Some(area)) = (follows, app.plan().inside(Pane::Chat)) {
        app.chat = view::chat::beginning(app, area, at);
    }
    start_next(app)
}

pub fn died(app: &mut App, run: u64, failure: Box<Failure>) -> Vec<Effect> {
    let Some(at) = turn_of(app, run) else { return Vec::new() };
    show(app, at);
    app.turns[at].state = TurnState::Died(failure);
    start_next(app)
}

/// Stops the running turn and those that wait for it. The question goes back to the box if that is empty.
pub fn cancel(app: &mut App) -> Vec<Effect> {
    let now = app.now;
    let mut first = None;
    if let Some(at) = app.running() {
        show(app, at);
    }
    for turn in &mut app.turns {
        let after = match turn.state {
            TurnState::Running { since, .. } => now.saturating_sub(since),
            TurnState::Waiting => std::time::Duration::ZERO,
            _ => continue,
        };
        turn.state = TurnState::Cancelled { after };
        first.get_or_insert_with(|| turn.asked.clone());
    }
    if let (Some(Asked::Question(text)), true) = (first, app.input.is_empty()) {
        app.input.set(&text);
    }
    vec![Effect::Cancel]
}
