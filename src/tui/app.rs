//! The state of the app. It changes in `update` only, and everything drawn is a function of it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::Style;
use super::editor::Editor;
use super::history::History;
use super::keys::{Action, Context};
use super::layout::Plan;
use super::message::Opened;
use super::table::TableState;
use crate::pipeline::progress::Stage;
use crate::pipeline::response::{Answer, ChartSpec, Failure};
use crate::terminal::Charset;

/// Characters of a question.
pub const QUESTION_CHARS: usize = 2000;
/// From here on a counter is shown.
pub const COUNTER_FROM: usize = 1600;
/// How long a notice and the second press of Ctrl-C are waited for.
pub const NOTICE_TIME: Duration = Duration::from_secs(4);
pub const SECOND_PRESS: Duration = Duration::from_secs(2);
/// Example questions shown at the start.
pub const SUGGESTIONS: usize = 6;

/// A part of the screen that can have focus beside the question box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pane {
    Chat,
    Sql,
    Table,
    Chart,
    Schema,
}

impl Pane {
    pub const ALL: [Self; 5] = [Self::Chat, Self::Sql, Self::Table, Self::Chart, Self::Schema];

    /// The number that leads here.
    pub fn number(self) -> usize {
        self as usize + 1
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Chat => "Chat",
            Self::Sql => "SQL",
            Self::Table => "Result",
            Self::Chart => "Chart",
            Self::Schema => "Schema",
        }
    }
}

/// Where keys go. Exactly one place has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Focus {
    Box,
    Pane(Pane),
}

/// The database, as far as it is known.
#[derive(Debug)]
pub enum Database {
    Opening,
    Open(Box<Opened>),
    Failed(Box<Failure>),
}

/// Something asked, with all that came of it.
#[derive(Debug)]
pub struct Turn {
    pub asked: Asked,
    pub state: TurnState,
    pub stages: Vec<StageState>,
    /// All stages are shown after the end, too.
    pub open: bool,
    /// Statement as far as it is known; it stays when the run is cancelled.
    pub sql: Option<String>,
    /// Rows reported by the running statement.
    pub rows: Option<usize>,
    pub table: TableState,
    /// The statement as edited by a person.
    pub edit: Option<Editor>,
    /// What to draw, or why there is no chart; `None` before there are rows.
    pub chart: Option<Result<ChartSpec, String>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    Question(String),
    Sql(String),
}

#[derive(Clone, Debug)]
pub enum TurnState {
    /// Waits for the database or for an earlier question.
    Waiting,
    Running {
        run: u64,
        since: Duration,
    },
    Done(Arc<Answer>),
    Cancelled {
        after: Duration,
    },
    /// The work broke off without an answer.
    Died(Box<Failure>),
}

/// One stage of a run.
#[derive(Clone, Debug)]
pub struct StageState {
    pub stage: Stage,
    pub end: StageEnd,
}

#[derive(Clone, Debug)]
pub enum StageEnd {
    Running { since: Duration },
    Done { evidence: String, elapsed: Duration },
    Skipped { why: String },
}

impl Turn {
    pub fn new(asked: Asked) -> Self {
        Self {
            asked,
            state: TurnState::Waiting,
            stages: Vec::new(),
            open: false,
            sql: None,
            rows: None,
            table: TableState::default(),
            edit: None,
            chart: None,
        }
    }

    /// The statement came with the answer, so its layout is nobody's choice.
    fn engine_wrote(&self) -> bool {
        matches!(self.asked, Asked::Question(_))
    }

    pub fn answer(&self) -> Option<&Arc<Answer>> {
        match &self.state {
            TurnState::Done(answer) => Some(answer),
            _ => None,
        }
    }
}

/// Something that lies over the panes.
#[derive(Debug)]
pub enum Overlay {
    Help {
        filter: Editor,
        top: usize,
    },
    Palette {
        filter: Editor,
        selected: usize,
    },
    /// The row under the cursor, one field a line.
    Record {
        top: usize,
    },
}

/// A second key is awaited; the footer says which ones there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Menu {
    Copy,
    Chart,
}

#[derive(Debug)]
pub struct Notice {
    pub text: String,
    pub until: Duration,
}

/// Where the chat is scrolled to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatScroll {
    /// The end stays visible.
    Follow,
    /// This line of this turn is the first visible one.
    At { turn: usize, line: usize },
}

/// The tree of tables and columns.
#[derive(Debug, Default)]
pub struct SchemaState {
    pub open: BTreeSet<usize>,
    pub cursor: usize,
    pub top: usize,
}

/// A line of the schema tree: a table, or a column of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaLine {
    pub table: usize,
    pub column: Option<usize>,
}

/// Everything.
#[derive(Debug)]
pub struct App {
    /// Time since the start; set by the driver before each message and each drawing.
    pub now: Duration,
    pub size: (u16, u16),
    pub style: Style,
    /// What the database is called until it is open.
    pub label: String,
    pub database: Database,
    pub focus: Focus,
    /// The pane looked at last: the one shown where there is room for one.
    pub pane: Pane,
    /// Which of result and chart is shown where they share a place, and which of chat and schema.
    pub lower: Pane,
    pub left: Pane,
    pub zoom: bool,
    pub input: Editor,
    pub history: History,
    pub turns: Vec<Turn>,
    /// The turn whose SQL, result and chart are shown.
    pub selected: Option<usize>,
    /// Turns before this one were cleared from the chat, and those before `context_from` are forgotten.
    pub shown_from: usize,
    pub context_from: usize,
    /// The statement written while there is no turn to edit.
    pub scratch: Editor,
    pub editing: bool,
    /// First visible line and column of the SQL.
    pub sql_top: usize,
    pub sql_left: usize,
    pub next_run: u64,
    pub chat: ChatScroll,
    pub schema: SchemaState,
    pub overlay: Option<Overlay>,
    pub menu: Option<Menu>,
    pub notice: Option<Notice>,
    /// Until when a second Ctrl-C quits.
    pub quit_armed: Option<Duration>,
    /// `q` was pressed while something would be lost.
    pub quit_asked: bool,
}

impl App {
    /// An app whose database is being opened; `label` is what people call it.
    pub fn new(label: &str, style: Style, size: (u16, u16)) -> Self {
        Self {
            now: Duration::ZERO,
            size,
            style,
            label: label.to_owned(),
            database: Database::Opening,
            focus: Focus::Box,
            pane: Pane::Chat,
            lower: Pane::Table,
            left: Pane::Chat,
            zoom: false,
            input: Editor::limited(QUESTION_CHARS),
            history: History::default(),
            turns: Vec::new(),
            selected: None,
            shown_from: 0,
            context_from: 0,
            scratch: Editor::default(),
            editing: false,
            sql_top: 0,
            sql_left: 0,
            next_run: 1,
            chat: ChatScroll::Follow,
            schema: SchemaState::default(),
            overlay: None,
            menu: None,
            notice: None,
            quit_armed: None,
            quit_asked: false,
        }
    }

    pub fn charset(&self) -> Charset {
        if self.style.ascii { Charset::Ascii } else { Charset::Unicode }
    }

    pub fn plan(&self) -> Plan {
        Plan::of(self)
    }

    /// The key context of the focus.
    pub fn context(&self) -> Context {
        match self.focus {
            Focus::Box => Context::Box,
            Focus::Pane(Pane::Sql) if self.editing => Context::SqlEdit,
            Focus::Pane(Pane::Chat) => Context::Chat,
            Focus::Pane(Pane::Sql) => Context::Sql,
            Focus::Pane(Pane::Table) => Context::Table,
            Focus::Pane(Pane::Chart) => Context::Chart,
            Focus::Pane(Pane::Schema) => Context::Schema,
        }
    }

    pub fn opened(&self) -> Option<&Opened> {
        match &self.database {
            Database::Open(opened) => Some(opened),
            _ => None,
        }
    }

    pub fn turn(&self) -> Option<&Turn> {
        self.turns.get(self.selected?)
    }

    pub fn turn_mut(&mut self) -> Option<&mut Turn> {
        self.turns.get_mut(self.selected?)
    }

    /// Position of the running turn.
    pub fn running(&self) -> Option<usize> {
        self.turns.iter().rposition(|turn| matches!(turn.state, TurnState::Running { .. }))
    }

    /// Turns that wait for an earlier one or for the database.
    pub fn waiting(&self) -> usize {
        self.turns.iter().filter(|turn| matches!(turn.state, TurnState::Waiting)).count()
    }

    /// Choices that a lone number picks: those of the last turn, once it is done.
    pub fn choices(&self) -> &[crate::pipeline::response::Choice] {
        let last = self.turns.get(self.shown_from..).and_then(<[Turn]>::last);
        last.and_then(Turn::answer).map_or(&[], |answer| &answer.choices)
    }

    /// Example questions, while there is nothing else in the chat.
    pub fn suggestions(&self) -> &[crate::pipeline::Suggestion] {
        match self.opened() {
            Some(opened) if self.turns.len() == self.shown_from => {
                &opened.suggestions[..opened.suggestions.len().min(SUGGESTIONS)]
            }
            _ => &[],
        }
    }

    /// The statement in the SQL pane: as edited, else as generated, laid out for reading.
    pub fn shown_sql(&self) -> String {
        match self.turn() {
            Some(turn) => match (&turn.edit, &turn.sql) {
                (Some(edit), _) => edit.text().to_owned(),
                (None, Some(sql)) if turn.engine_wrote() => super::sql::laid_out(sql),
                (None, Some(sql)) => sql.clone(),
                (None, None) => String::new(),
            },
            None => self.scratch.text().to_owned(),
        }
    }

    /// The editor behind the SQL pane, filled with the statement shown if it is not in use yet.
    pub fn sql_editor(&mut self) -> &mut Editor {
        let shown = self.shown_sql();
        match self.selected.and_then(|at| self.turns.get_mut(at)) {
            Some(turn) => turn.edit.get_or_insert_with(|| Editor::of(&shown)),
            None => &mut self.scratch,
        }
    }

    /// True if the statement shown differs from the one that ran.
    pub fn sql_edited(&self) -> bool {
        match self.turn() {
            Some(turn) => turn.edit.as_ref().is_some_and(|edit| {
                let same = |sql: &String| [sql.trim(), super::sql::laid_out(sql).trim()].contains(&edit.text().trim());
                !turn.sql.as_ref().is_some_and(same)
            }),
            None => !self.scratch.is_empty(),
        }
    }

    /// The visible lines of the schema tree.
    pub fn schema_lines(&self) -> Vec<SchemaLine> {
        let Some(opened) = self.opened() else { return Vec::new() };
        let mut lines = Vec::new();
        for (table, described) in opened.schema.tables.iter().enumerate() {
            lines.push(SchemaLine { table, column: None });
            if self.schema.open.contains(&table) {
                lines.extend((0..described.columns.len()).map(|c| SchemaLine { table, column: Some(c) }));
            }
        }
        lines
    }

    /// Says something in the footer for a while.
    pub fn notify(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice { text: text.into(), until: self.now + NOTICE_TIME });
    }

    /// When the screen changes by itself, if it does.
    pub fn wakes_at(&self) -> Option<Duration> {
        let motion = self.in_motion().then(|| self.now + Duration::from_millis(100));
        let notice = self.notice.as_ref().map(|notice| notice.until);
        [motion, notice, self.quit_armed].into_iter().flatten().min()
    }

    fn in_motion(&self) -> bool {
        self.running().is_some() || matches!(self.database, Database::Opening)
    }
}

/// What an entry of the palette does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    Action(Action),
    /// Puts this into the question box.
    Command(String),
}
