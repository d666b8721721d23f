//! The conversation: questions, stages while they run, and answers. Scrolling is by lines of turns, so that a resize
//! keeps the turn looked at.

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::app::{App, Asked, ChatScroll, Database, StageEnd, Turn, TurnState};
use super::super::layout::Class;
use super::super::text::wrap;
use super::super::theme::{Role, Sign, Theme};
use super::{elapsed, footer, own, put, table};
use crate::pipeline::progress::Stage;
use crate::pipeline::response::{Answer, Failure, Outcome};
use crate::terminal::{self, Align, Charset, safe, safe_lines};

/// Cells before the text of a question and of the line that says how it ended.
const LABEL: usize = 7;
/// Rows of the result shown in the chat where the result pane is not beside it.
const PREVIEW: usize = 5;
/// Rows of the pane from which on the welcome is more than the examples.
const ROOMY: u16 = 9;
/// From here on the line of a running stage says how to stop.
const PATIENCE: Duration = Duration::from_secs(3);

pub fn draw(app: &App, area: Rect, theme: Theme, buffer: &mut Buffer) {
    let width = usize::from(area.width);
    let height = usize::from(area.height);
    if app.turns.len() == app.shown_from {
        for (y, line) in welcome(app, area, theme).iter().take(height).enumerate() {
            put(buffer, area, 0, y, line);
        }
        return;
    }
    let (turn, line) = top(app, area);
    let lines = (turn..app.turns.len()).flat_map(|at| turn_lines(app, at, width, theme));
    for (y, line) in lines.skip(line).take(height).enumerate() {
        put(buffer, area, 0, y, &line);
    }
}

/// `↓ 14 more lines` while the end is out of sight.
pub fn below(app: &App, area: Rect) -> String {
    if app.chat == ChatScroll::Follow || app.turns.len() == app.shown_from {
        return String::new();
    }
    let (turn, line) = top(app, area);
    let rest: usize = (turn..app.turns.len()).map(|at| height_of(app, at, area)).sum();
    match rest.saturating_sub(line + usize::from(area.height)) {
        0 => String::new(),
        n => format!("↓ {n} more lines (PgDn)"),
    }
}

/// The position that shows a turn from its start: its end too if all of it fits.
pub fn beginning(app: &App, area: Rect, turn: usize) -> ChatScroll {
    if height_of(app, turn, area) <= usize::from(area.height) + 1 {
        ChatScroll::Follow
    } else {
        ChatScroll::At { turn, line: 0 }
    }
}

/// True if nothing lies below the window.
pub fn is_at_end(app: &App, area: Rect) -> bool {
    let (turn, line) = top(app, area);
    let last = end(app, area);
    (turn, line) >= last
}

/// The scroll position `by` lines further; the end is followed.
pub fn scrolled(app: &App, area: Rect, by: isize) -> ChatScroll {
    let (mut turn, line) = top(app, area);
    let mut line = line as isize + by;
    while line < 0 && turn > app.shown_from {
        turn -= 1;
        line += height_of(app, turn, area) as isize;
    }
    let mut line = line.max(0) as usize;
    while turn < app.turns.len() && line >= height_of(app, turn, area) {
        line -= height_of(app, turn, area);
        turn += 1;
    }
    if (turn, line) >= end(app, area) { ChatScroll::Follow } else { ChatScroll::At { turn, line } }
}

/// First visible turn and line of it.
fn top(app: &App, area: Rect) -> (usize, usize) {
    match app.chat {
        ChatScroll::At { turn, line } if turn >= app.shown_from && turn < app.turns.len() => {
            (turn, line.min(height_of(app, turn, area).saturating_sub(1)))
        }
        _ => end(app, area),
    }
}

/// The position at which the last line stands at the bottom.
fn end(app: &App, area: Rect) -> (usize, usize) {
    let mut room = usize::from(area.height);
    for turn in (app.shown_from..app.turns.len()).rev() {
        let lines = height_of(app, turn, area);
        if lines >= room {
            return (turn, lines - room);
        }
        room -= lines;
    }
    (app.shown_from, 0)
}

fn height_of(app: &App, turn: usize, area: Rect) -> usize {
    turn_lines(app, turn, usize::from(area.width), Theme { style: app.style }).len()
}

/// Lines of text under way to the screen.
struct Lines<'a> {
    app: &'a App,
    theme: Theme,
    width: usize,
    done: Vec<Line<'static>>,
}

impl Lines<'_> {
    fn push(&mut self, spans: Vec<Span<'static>>) {
        self.done.push(Line::from(spans));
    }

    fn blank(&mut self) {
        self.done.push(Line::default());
    }

    /// Text folded behind a label of `indent` cells.
    fn text(&mut self, label: &str, label_role: Role, indent: usize, text: &str, role: Role) {
        let clean = safe_lines(text, self.app.charset());
        let rows = wrap(&clean, self.width.saturating_sub(indent + 1));
        for (at, row) in rows.into_iter().enumerate() {
            let label = if at == 0 { self.theme.words(label) } else { String::new() };
            let label = terminal::pad(&label, indent, Align::Left);
            self.push(vec![Span::styled(label, self.theme.look(label_role)), Span::styled(row, self.theme.look(role))]);
        }
    }

    /// Left and right part of one line; the left is cut if need be.
    fn ends(&mut self, left: Vec<Span<'static>>, right: &str, role: Role) {
        let room = self.width.saturating_sub(1);
        let right = self.theme.words(right);
        let mut line = Line::from(cut(left, room, self.app.charset()));
        let used = line.width() + terminal::width(&right);
        if used < room {
            line.push_span(Span::raw(" ".repeat(room - used)));
            line.push_span(own(right, role, self.theme));
        }
        self.done.push(line);
    }
}

/// Spans that together take at most `room` cells.
fn cut(spans: Vec<Span<'static>>, mut room: usize, charset: Charset) -> Vec<Span<'static>> {
    let mut kept = Vec::new();
    for span in spans {
        let text = terminal::truncate(&span.content, room, charset).into_owned();
        room = room.saturating_sub(terminal::width(&text));
        kept.push(Span::styled(text, span.style));
    }
    kept
}

fn welcome(app: &App, area: Rect, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = Lines { app, theme, width: area.width.into(), done: Vec::new() };
    match &app.database {
        Database::Opening => {
            let text = format!("opening {} … {}", app.label, elapsed(app.now));
            lines.text(&format!(" {} ", theme.spinner(app.now)), Role::Title, 3, &theme.words(&text), Role::Plain);
            lines.text("", Role::Dim, 3, "You can write your question already.", Role::Dim);
        }
        Database::Failed(failure) => {
            lines.text(" error", Role::Bad, LABEL, "the database could not be opened", Role::Bad);
            explained(&mut lines, failure);
            lines.text("", Role::Dim, 1, "Ctrl-D quits; t2s --db FILE starts with another database.", Role::Dim);
        }
        Database::Open(opened) => {
            let tables = opened.schema.tables.len();
            let shown = format!("{} is open, read-only: {tables} tables.", app.label);
            lines.text("", Role::Plain, 1, &shown, Role::Strong);
            if area.height > ROOMY {
                if opened.model.is_none() {
                    lines.text("", Role::Dim, 1, &theme.words("AI: not set up · offline rules answer."), Role::Dim);
                }
                lines.blank();
            }
            suggestions(&mut lines);
        }
    }
    lines.done
}

fn suggestions(lines: &mut Lines<'_>) {
    let offered = lines.app.suggestions();
    if offered.is_empty() {
        return lines.text("", Role::Dim, 1, "Ask in plain words, for example how many rows a table has.", Role::Dim);
    }
    lines.text("", Role::Dim, 1, &lines.theme.words("Try one: type its number, then ↵"), Role::Dim);
    for (at, suggestion) in offered.iter().enumerate() {
        lines.text(&format!("  {}  ", at + 1), Role::Title, 5, &suggestion.question, Role::Plain);
    }
}

/// Everything shown of one turn.
fn turn_lines(app: &App, at: usize, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut lines = Lines { app, theme, width, done: Vec::new() };
    let Some(turn) = app.turns.get(at) else { return lines.done };
    let (label, text) = match &turn.asked {
        Asked::Question(text) => (" you", text),
        Asked::Sql(sql) => (" SQL", sql),
    };
    lines.text(label, Role::Strong, LABEL, text, Role::Strong);
    match &turn.state {
        TurnState::Waiting => waiting(&mut lines),
        TurnState::Running { since, .. } => running(&mut lines, turn, app.now.saturating_sub(*since)),
        TurnState::Cancelled { after } => cancelled(&mut lines, turn, *after),
        TurnState::Died(failure) => {
            lines.text(" error", Role::Bad, LABEL, "", Role::Bad);
            explained(&mut lines, failure);
        }
        TurnState::Done(answer) => {
            let place = Place { last: at + 1 == app.turns.len(), selected: app.selected == Some(at) };
            done(&mut lines, turn, answer, place);
        }
    }
    lines.blank();
    lines.done
}

fn waiting(lines: &mut Lines<'_>) {
    let for_what = match lines.app.database {
        Database::Opening => "waits until the database is open",
        Database::Failed(_) => "not asked: the database could not be opened",
        Database::Open(_) => "queued",
    };
    lines.text(" ..", Role::Dim, LABEL, for_what, Role::Dim);
}

fn cancelled(lines: &mut Lines<'_>, turn: &Turn, after: Duration) {
    let written = turn.sql.is_some() && matches!(turn.asked, Asked::Question(_));
    let kept = if written { " · the SQL written so far is kept" } else { "" };
    let text = if after.is_zero() {
        "cancelled before it was asked".to_owned()
    } else {
        format!("cancelled after {}{kept}", elapsed(after))
    };
    lines.text(" --", Role::Warn, LABEL, &lines.theme.words(&text), Role::Warn);
}

fn running(lines: &mut Lines<'_>, turn: &Turn, time: Duration) {
    let theme = lines.theme;
    let stage = turn.stages.iter().rev().find(|stage| matches!(stage.end, StageEnd::Running { .. }));
    let name = stage.map_or("working", |stage| stage.stage.name());
    let left = vec![own(format!(" {} ", theme.spinner(time)), Role::Title, theme), own(name, Role::Plain, theme)];
    let stop = if time >= PATIENCE { " · Esc cancels" } else { "" };
    lines.ends(left, &format!("{}{stop}", elapsed(time)), Role::Dim);
    stages(lines, turn, true);
}

/// The stages in their order; those to come only while the run goes on. A person's SQL begins in the middle.
fn stages(lines: &mut Lines<'_>, turn: &Turn, to_come: bool) {
    let mut begun = turn.stages.is_empty();
    for stage in Stage::ALL {
        match turn.stages.iter().find(|known| known.stage == stage) {
            Some(known) => {
                begun = true;
                stage_line(lines, stage, &known.end, turn.rows);
            }
            None if to_come && begun => stage_text(lines, Sign::Pending, stage, "", None, Role::Dim),
            None => {}
        }
    }
}

fn stage_line(lines: &mut Lines<'_>, stage: Stage, end: &StageEnd, rows: Option<usize>) {
    match end {
        StageEnd::Running { since } => {
            let so_far = rows.filter(|_| stage == Stage::Run).map(|n| format!("{} rows so far", super::count(n)));
            let time = lines.app.now.saturating_sub(*since);
            stage_text(lines, Sign::Running, stage, &so_far.unwrap_or_default(), Some(time), Role::Plain);
        }
        StageEnd::Done { evidence, elapsed } => {
            stage_text(lines, Sign::Done, stage, evidence, Some(*elapsed), Role::Dim);
        }
        StageEnd::Skipped { why } => stage_text(lines, Sign::Skipped, stage, why, None, Role::Dim),
    }
}

fn stage_text(lines: &mut Lines<'_>, sign: Sign, stage: Stage, evidence: &str, time: Option<Duration>, role: Role) {
    let (theme, charset) = (lines.theme, lines.app.charset());
    let time = time.map_or(String::new(), elapsed);
    let head = format!("   {} {:<11}", theme.sign(sign), stage.name());
    let room = lines.width.saturating_sub(terminal::width(&head) + terminal::width(&time) + 4);
    let evidence = theme.words(&safe(evidence, charset));
    let evidence = terminal::truncate(&evidence, room, charset).into_owned();
    let mark = if sign == Sign::Done { Role::Good } else { role };
    let left = vec![own(head, mark, theme), Span::raw(" "), Span::styled(evidence, theme.look(role))];
    lines.ends(left, &time, Role::Dim);
}

/// Where a turn stands among the others.
#[derive(Clone, Copy)]
struct Place {
    last: bool,
    /// Its SQL, result and chart are shown.
    selected: bool,
}

fn done(lines: &mut Lines<'_>, turn: &Turn, answer: &Answer, place: Place) {
    headline(lines, answer, turn.open, place);
    if turn.open {
        stages(lines, turn, false);
        reading(lines, answer);
    }
    match &answer.error {
        // The text says the same again, less well ordered.
        Some(failure) => explained(lines, failure),
        None if answer.text.is_empty() => {}
        None => lines.text("", Role::Plain, 1, &answer.text, Role::Plain),
    }
    if answer.outcome == Outcome::Answer && lines.app.plan().class < Class::M {
        preview(lines, turn, answer);
    }
    for insight in &answer.insights {
        let bullet = format!(" {} ", lines.theme.sign(Sign::Bullet));
        lines.text(&bullet, Role::Dim, 3, &insight.text, Role::Plain);
    }
    for warning in &answer.warnings {
        lines.text(" !  ", Role::Warn, 4, warning, Role::Warn);
    }
    choices(lines, answer, place.last);
}

/// `ok 1.8 s · 5 rows · confidence high 0.92`.
fn headline(lines: &mut Lines<'_>, answer: &Answer, open: bool, place: Place) {
    let (word, role) = match answer.outcome {
        Outcome::Answer => ("ok", Role::Good),
        Outcome::Clarify => ("which?", Role::Warn),
        Outcome::Abstain => ("no", Role::Warn),
        Outcome::Refused => ("refused", Role::Bad),
        Outcome::Error => ("error", Role::Bad),
    };
    let mut parts = vec![elapsed(answer.timings.total)];
    if let Some(result) = &answer.result {
        parts.push(footer::rows(result.rows.len(), result.truncated));
    }
    if let Some(confidence) = &answer.confidence {
        let label = if lines.width < 50 { "" } else { "confidence " };
        parts.push(format!("{label}{} {:.2}", confidence.word(), confidence.score));
    }
    if let Some(at) = &answer.cached_at {
        parts.push(format!("cached {at}"));
    }
    let theme = lines.theme;
    let label = terminal::pad(&format!(" {word}"), LABEL, Align::Left);
    let gap = if label.ends_with(' ') { "" } else { " " };
    let clean = safe(&parts.join(" · "), lines.app.charset()).into_owned();
    let left = vec![own(format!("{label}{gap}"), role, theme), own(clean, Role::Dim, theme)];
    let right = match (place, open) {
        (Place { selected: false, .. }, _) => "",
        (Place { last: false, .. }, _) => "shown",
        (_, true) => "o folds",
        (_, false) => "o stages",
    };
    lines.ends(left, right, Role::Dim);
}

/// How the question was read, and what the confidence rests on.
fn reading(lines: &mut Lines<'_>, answer: &Answer) {
    if let Some(text) = &answer.interpretation {
        lines.text("   read as ", Role::Dim, 11, text, Role::Plain);
    }
    for assumption in &answer.assumptions {
        lines.text("   assumed ", Role::Dim, 11, assumption, Role::Plain);
    }
    for part in answer.confidence.iter().flat_map(|confidence| &confidence.parts) {
        let text = format!("{:.2} {}: {}", part.score, part.name, part.why);
        lines.text("   ", Role::Dim, 3, &text, Role::Dim);
    }
}

/// The first rows, as wide as the chat.
fn preview(lines: &mut Lines<'_>, turn: &Turn, answer: &Answer) {
    let Some(result) = &answer.result else { return };
    if result.rows.is_empty() || result.columns.is_empty() {
        return;
    }
    let width = lines.width.saturating_sub(4);
    let (columns, charset) = (turn.table.first_columns(width), lines.app.charset());
    let mut rows = vec![table::header_text(result, &columns, None, lines.theme, charset)];
    rows.extend(result.rows.iter().take(PREVIEW).map(|row| table::row_text(result, row, &columns, charset)));
    for (at, row) in rows.into_iter().enumerate() {
        let role = if at == 0 { Role::Dim } else { Role::Plain };
        let look = lines.theme.look(role);
        lines.push(vec![Span::raw("   "), Span::styled(row, look)]);
    }
    let hidden = result.columns.len() - columns.len();
    let more_rows = result.rows.len().saturating_sub(PREVIEW);
    let mut rest = Vec::new();
    if more_rows > 0 {
        rest.push(format!("{} more row{}", super::count(more_rows), if more_rows == 1 { "" } else { "s" }));
    }
    if hidden > 0 {
        rest.push(format!("{hidden} more column{}", if hidden == 1 { "" } else { "s" }));
    }
    let left = vec![own(format!("   {}", rest.join(", ")), Role::Dim, lines.theme)];
    let chart = if answer.chart.is_some() { " · Alt-4 chart" } else { "" };
    lines.ends(left, &format!("Alt-3 table{chart}"), Role::Dim);
}

/// What happened, why, and what to do.
fn explained(lines: &mut Lines<'_>, failure: &Failure) {
    lines.text("", Role::Bad, 1, &failure.message, Role::Bad);
    reasons(lines, failure);
}

fn reasons(lines: &mut Lines<'_>, failure: &Failure) {
    if let Some(why) = &failure.why {
        lines.text(" why: ", Role::Dim, 6, why, Role::Plain);
    }
    if let Some(hint) = &failure.hint {
        lines.text(" do:  ", Role::Dim, 6, hint, Role::Plain);
    }
    lines.text(" code: ", Role::Dim, LABEL, failure.code, Role::Dim);
}

fn choices(lines: &mut Lines<'_>, answer: &Answer, last: bool) {
    if answer.outcome == Outcome::Answer && !answer.choices.is_empty() {
        lines.text("", Role::Dim, 1, "It could also mean:", Role::Dim);
    }
    for (at, choice) in answer.choices.iter().enumerate() {
        let label = if last { format!("  {}  ", at + 1) } else { format!("  {} ", lines.theme.sign(Sign::Bullet)) };
        lines.text(&label, Role::Title, 5, &choice.label, Role::Plain);
    }
    if last && !answer.choices.is_empty() {
        lines.text("", Role::Dim, 1, "Type a number, or say it differently.", Role::Dim);
    }
}
