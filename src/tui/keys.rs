//! The one key table. Help, footer hints, palette and the lookup of a pressed key all read it.

use std::sync::LazyLock;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::editor::Motion;

/// Where a key is pressed. A place looks its keys up in its own context, then in those it shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Context {
    Everywhere,
    /// Question box and SQL editor: printable keys insert.
    Text,
    Box,
    SqlEdit,
    /// Panes: single keys act.
    Nav,
    Chat,
    Sql,
    Table,
    Chart,
    Schema,
}

impl Context {
    /// The heading in help.
    pub fn name(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Text => "writing",
            Self::Box => "question box",
            Self::SqlEdit => "SQL editor",
            Self::Nav => "panes",
            Self::Chat => "chat",
            Self::Sql => "SQL",
            Self::Table => "result",
            Self::Chart => "chart",
            Self::Schema => "schema",
        }
    }

    /// The contexts that a key pressed here is looked up in.
    pub fn chain(self) -> [Self; 3] {
        match self {
            Self::Box | Self::SqlEdit | Self::Text => [self, Self::Text, Self::Everywhere],
            _ => [self, Self::Nav, Self::Everywhere],
        }
    }
}

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    Interrupt,
    StepBack,
    QuitOnEmpty,
    Suspend,
    Redraw,
    Help,
    Palette,
    NextPane,
    PreviousPane,
    Pane(u8),
    ToBox,
    Zoom,
    Quit,
    Send,
    NewLine,
    RowUp,
    RowDown,
    Older,
    Newer,
    Move(Motion),
    Kill(Motion),
    Yank,
    Undo,
    Backspace,
    Delete,
    Up,
    Down,
    Left,
    Right,
    First,
    Last,
    FirstColumn,
    LastColumn,
    HalfPageUp,
    HalfPageDown,
    PageUp,
    PageDown,
    PreviousAnswer,
    NextAnswer,
    Stages,
    AskAgain,
    Edit,
    RunSql,
    Sort,
    Record,
    Copy,
    Export,
    ChartKind,
    Insert,
}

/// One key in one context.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    pub context: Context,
    /// As written in help: `^C`, `Alt-1`, `↵`.
    pub key: &'static str,
    pub action: Action,
    /// What it does, for help and palette.
    pub words: &'static str,
    /// The word in the footer; empty keeps it out of there.
    pub hint: &'static str,
}

const fn bind(context: Context, key: &'static str, action: Action, words: &'static str, hint: &'static str) -> Binding {
    Binding { context, key, action, words, hint }
}

/// Every binding. Footer hints appear in this order.
pub const BINDINGS: &[Binding] = {
    use Action as A;
    use Context as C;
    &[
        bind(C::Everywhere, "^C", A::Interrupt, "cancel the run, clear the box, or quit (twice)", ""),
        bind(C::Everywhere, "Esc", A::StepBack, "one step back: close, leave, cancel", ""),
        bind(C::Everywhere, "F1", A::Help, "help", ""),
        bind(C::Everywhere, "^O", A::Palette, "command palette", ""),
        bind(C::Everywhere, "Tab", A::NextPane, "next pane", ""),
        bind(C::Everywhere, "Shift-Tab", A::PreviousPane, "previous pane", ""),
        bind(C::Everywhere, "Alt-1", A::Pane(1), "go to chat", ""),
        bind(C::Everywhere, "Alt-2", A::Pane(2), "go to SQL", ""),
        bind(C::Everywhere, "Alt-3", A::Pane(3), "go to the result", ""),
        bind(C::Everywhere, "Alt-4", A::Pane(4), "go to the chart", ""),
        bind(C::Everywhere, "Alt-5", A::Pane(5), "go to the schema", ""),
        bind(C::Everywhere, "^L", A::Redraw, "redraw the screen", ""),
        bind(C::Everywhere, "^Z", A::Suspend, "suspend to the shell", ""),
        bind(C::Text, "←", A::Move(Motion::Left), "one character left", ""),
        bind(C::Text, "→", A::Move(Motion::Right), "one character right", ""),
        bind(C::Text, "^B", A::Move(Motion::Left), "one character left", ""),
        bind(C::Text, "^F", A::Move(Motion::Right), "one character right", ""),
        bind(C::Text, "Alt-B", A::Move(Motion::WordLeft), "one word left", ""),
        bind(C::Text, "Alt-F", A::Move(Motion::WordRight), "one word right", ""),
        bind(C::Text, "^←", A::Move(Motion::WordLeft), "one word left", ""),
        bind(C::Text, "^→", A::Move(Motion::WordRight), "one word right", ""),
        bind(C::Text, "^A", A::Move(Motion::LineStart), "start of the line", ""),
        bind(C::Text, "^E", A::Move(Motion::LineEnd), "end of the line", ""),
        bind(C::Text, "Home", A::Move(Motion::LineStart), "start of the line", ""),
        bind(C::Text, "End", A::Move(Motion::LineEnd), "end of the line", ""),
        bind(C::Text, "^Home", A::Move(Motion::Start), "start of the text", ""),
        bind(C::Text, "^End", A::Move(Motion::End), "end of the text", ""),
        bind(C::Text, "Backspace", A::Backspace, "delete before the caret", ""),
        bind(C::Text, "Del", A::Delete, "delete after the caret", ""),
        bind(C::Text, "^K", A::Kill(Motion::LineEnd), "delete to the end of the line", ""),
        bind(C::Text, "^U", A::Kill(Motion::LineStart), "delete to the start of the line", ""),
        bind(C::Text, "^W", A::Kill(Motion::WordLeft), "delete the word before the caret", ""),
        bind(C::Text, "Alt-D", A::Kill(Motion::WordRight), "delete the word after the caret", ""),
        bind(C::Text, "^Y", A::Yank, "put back what was deleted", ""),
        bind(C::Text, "^_", A::Undo, "undo", ""),
        bind(C::Text, "Alt-↵", A::NewLine, "new line", ""),
        bind(C::Text, "^J", A::NewLine, "new line (also \\ then ↵)", ""),
        bind(C::Box, "↵", A::Send, "send the question", "send"),
        bind(C::Box, "↑", A::RowUp, "row up, then older questions", ""),
        bind(C::Box, "↓", A::RowDown, "row down, then newer questions", ""),
        bind(C::Box, "^P", A::Older, "older question", ""),
        bind(C::Box, "^N", A::Newer, "newer question", ""),
        bind(C::Box, "^D", A::QuitOnEmpty, "quit, if the box is empty", ""),
        bind(C::Box, "PgUp", A::PageUp, "scroll the chat back", ""),
        bind(C::Box, "PgDn", A::PageDown, "scroll the chat forward", ""),
        bind(C::Box, "F5", A::RunSql, "run the SQL shown", ""),
        bind(C::SqlEdit, "F5", A::RunSql, "run as your SQL", "run"),
        bind(C::SqlEdit, "↵", A::NewLine, "new line", ""),
        bind(C::SqlEdit, "↑", A::RowUp, "row up", ""),
        bind(C::SqlEdit, "↓", A::RowDown, "row down", ""),
        bind(C::SqlEdit, "^D", A::Delete, "delete after the caret", ""),
        bind(C::Chat, "[", A::PreviousAnswer, "previous question", "earlier"),
        bind(C::Chat, "]", A::NextAnswer, "next question", "later"),
        bind(C::Chat, "o", A::Stages, "open or fold the stages", "stages"),
        bind(C::Chat, "r", A::AskAgain, "ask again", "again"),
        bind(C::Chat, "y", A::Copy, "copy the answer", "copy"),
        bind(C::Sql, "e", A::Edit, "edit", "edit"),
        bind(C::Sql, "↵", A::Edit, "edit", ""),
        bind(C::Sql, "F5", A::RunSql, "run as your SQL", "run"),
        bind(C::Sql, "y", A::Copy, "copy the statement", "copy"),
        bind(C::Table, "s", A::Sort, "sort by this column: ascending, descending, off", "sort"),
        bind(C::Table, "v", A::Record, "this row as a record", "row"),
        bind(C::Table, "↵", A::Record, "this row as a record", ""),
        bind(C::Table, "y", A::Copy, "copy: cell, row, column or all", "copy"),
        bind(C::Table, "e", A::Export, "export to a file", "export"),
        bind(C::Chart, "c", A::ChartKind, "kind of chart", "kind"),
        bind(C::Chart, "e", A::Export, "export to a file", "export"),
        bind(C::Schema, "↵", A::Insert, "insert the name into the question", "insert"),
        bind(C::Nav, "i", A::ToBox, "write a question", "write"),
        bind(C::Nav, "z", A::Zoom, "zoom this pane", "zoom"),
        bind(C::Nav, "?", A::Help, "help", ""),
        bind(C::Nav, ":", A::Palette, "command palette", ""),
        bind(C::Nav, "1", A::Pane(1), "go to chat", ""),
        bind(C::Nav, "2", A::Pane(2), "go to SQL", ""),
        bind(C::Nav, "3", A::Pane(3), "go to the result", ""),
        bind(C::Nav, "4", A::Pane(4), "go to the chart", ""),
        bind(C::Nav, "5", A::Pane(5), "go to the schema", ""),
        bind(C::Nav, "k", A::Up, "up", ""),
        bind(C::Nav, "j", A::Down, "down", ""),
        bind(C::Nav, "h", A::Left, "left", ""),
        bind(C::Nav, "l", A::Right, "right", ""),
        bind(C::Nav, "↑", A::Up, "up", ""),
        bind(C::Nav, "↓", A::Down, "down", ""),
        bind(C::Nav, "←", A::Left, "left", ""),
        bind(C::Nav, "→", A::Right, "right", ""),
        bind(C::Nav, "g", A::First, "first", ""),
        bind(C::Nav, "G", A::Last, "last", ""),
        bind(C::Nav, "Home", A::First, "first", ""),
        bind(C::Nav, "End", A::Last, "last", ""),
        bind(C::Nav, "0", A::FirstColumn, "first column", ""),
        bind(C::Nav, "$", A::LastColumn, "last column", ""),
        bind(C::Nav, "^U", A::HalfPageUp, "half a page up", ""),
        bind(C::Nav, "^D", A::HalfPageDown, "half a page down", ""),
        bind(C::Nav, "PgUp", A::PageUp, "page up", ""),
        bind(C::Nav, "PgDn", A::PageDown, "page down", ""),
        bind(C::Nav, "q", A::Quit, "quit", ""),
    ]
};

/// A key press without what terminals report differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Press {
    pub code: KeyCode,
    pub control: bool,
    pub alt: bool,
}

impl Press {
    pub fn of(event: KeyEvent) -> Self {
        let control = event.modifiers.contains(KeyModifiers::CONTROL);
        let alt = event.modifiers.contains(KeyModifiers::ALT);
        let shift = event.modifiers.contains(KeyModifiers::SHIFT);
        match event.code {
            // The same byte as Backspace on many terminals.
            KeyCode::Char('h') if control => Self { code: KeyCode::Backspace, control: false, alt },
            // Ctrl-_ arrives as Ctrl-7, Ctrl-/ or itself.
            KeyCode::Char('7' | '/') if control => Self { code: KeyCode::Char('_'), control, alt },
            KeyCode::Char(c) if control || alt => Self { code: KeyCode::Char(c.to_ascii_lowercase()), control, alt },
            KeyCode::Tab if shift => Self { code: KeyCode::BackTab, control, alt },
            code => Self { code, control, alt },
        }
    }

    /// Reads a key as the table writes it.
    fn parse(key: &str) -> Option<Self> {
        if let Some(rest) = key.strip_prefix("Alt-") {
            return Some(Self { alt: true, ..Self::parse(rest)? }.lower());
        }
        if let Some(rest) = key.strip_prefix('^').filter(|rest| !rest.is_empty()) {
            return Some(Self { control: true, ..Self::parse(rest)? }.lower());
        }
        Some(Self { code: code(key)?, control: false, alt: false })
    }

    fn lower(self) -> Self {
        match self.code {
            KeyCode::Char(c) => Self { code: KeyCode::Char(c.to_ascii_lowercase()), ..self },
            _ => self,
        }
    }
}

fn code(key: &str) -> Option<KeyCode> {
    let code = match key {
        "Esc" => KeyCode::Esc,
        "Tab" => KeyCode::Tab,
        "Shift-Tab" => KeyCode::BackTab,
        "↵" => KeyCode::Enter,
        "←" => KeyCode::Left,
        "→" => KeyCode::Right,
        "↑" => KeyCode::Up,
        "↓" => KeyCode::Down,
        "Home" => KeyCode::Home,
        "End" => KeyCode::End,
        "PgUp" => KeyCode::PageUp,
        "PgDn" => KeyCode::PageDown,
        "Backspace" => KeyCode::Backspace,
        "Del" => KeyCode::Delete,
        _ => return single(key),
    };
    Some(code)
}

fn single(key: &str) -> Option<KeyCode> {
    if let Some(number) = key.strip_prefix('F').and_then(|n| n.parse().ok()) {
        return Some(KeyCode::F(number));
    }
    let mut chars = key.chars();
    chars.next().filter(|_| chars.next().is_none()).map(KeyCode::Char)
}

static PRESSES: LazyLock<Vec<(Press, Binding)>> =
    LazyLock::new(|| BINDINGS.iter().filter_map(|b| Some((Press::parse(b.key)?, *b))).collect());

/// What a key does in a context.
pub fn action(context: Context, press: Press) -> Option<Action> {
    let chain = context.chain();
    PRESSES.iter().find(|(p, b)| *p == press && chain.contains(&b.context)).map(|(_, b)| b.action)
}

/// The key as written in help; in ASCII mode without arrows.
pub fn shown(key: &'static str, ascii: bool) -> String {
    if !ascii {
        return key.to_owned();
    }
    [("↵", "Enter"), ("←", "Left"), ("→", "Right"), ("↑", "Up"), ("↓", "Down")]
        .iter()
        .fold(key.to_owned(), |text, (sign, word)| text.replace(sign, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACES: [Context; 7] =
        [Context::Box, Context::SqlEdit, Context::Chat, Context::Sql, Context::Table, Context::Chart, Context::Schema];

    #[test]
    fn no_key_is_bound_twice_where_it_can_be_pressed() {
        for place in PLACES {
            let mut seen: Vec<(Press, &str)> = Vec::new();
            for (press, binding) in PRESSES.iter().filter(|(_, b)| place.chain().contains(&b.context)) {
                let first = seen.iter().find(|(p, _)| p == press);
                assert!(
                    first.is_none(),
                    "{}: {} does both {:?} and {}",
                    place.name(),
                    binding.key,
                    first,
                    binding.words
                );
                seen.push((*press, binding.words));
            }
        }
    }

    #[test]
    fn every_key_of_the_table_can_be_read() {
        for binding in BINDINGS {
            assert!(Press::parse(binding.key).is_some(), "{}", binding.key);
        }
    }

    #[test]
    fn keys_that_share_a_byte_with_others_are_never_bound() {
        for key in ["^Q", "^S", "^H", "^I", "^M", "^["] {
            assert!(BINDINGS.iter().all(|b| b.key != key), "{key}");
        }
    }

    #[test]
    fn printable_keys_are_never_bound_where_people_write() {
        for binding in BINDINGS.iter().filter(|b| Context::Box.chain().contains(&b.context)) {
            let press = Press::parse(binding.key).expect("readable");
            assert!(!matches!(press, Press { code: KeyCode::Char(_), control: false, alt: false }), "{}", binding.key);
        }
    }

    #[test]
    fn finds_the_action_of_a_place_before_nothing() {
        let press = |key| Press::parse(key).expect("readable");
        assert_eq!(action(Context::Box, press("^D")), Some(Action::QuitOnEmpty));
        assert_eq!(action(Context::Table, press("^D")), Some(Action::HalfPageDown));
        assert_eq!(action(Context::Table, press("x")), None);
        assert_eq!(action(Context::Chat, press("G")), Some(Action::Last));
    }

    #[test]
    fn what_terminals_send_for_one_key_is_one_press() {
        let event = |code, modifiers| Press::of(KeyEvent::new(code, modifiers));
        assert_eq!(event(KeyCode::Char('7'), KeyModifiers::CONTROL), Press::parse("^_").expect("readable"));
        assert_eq!(event(KeyCode::Char('h'), KeyModifiers::CONTROL).code, KeyCode::Backspace);
        assert_eq!(event(KeyCode::Char('G'), KeyModifiers::SHIFT), Press::parse("G").expect("readable"));
        assert_eq!(event(KeyCode::BackTab, KeyModifiers::SHIFT), Press::parse("Shift-Tab").expect("readable"));
    }
}
