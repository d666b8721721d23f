//! How roles look: colours and weights, and the signs that carry state where colour cannot.

use ratatui::style::{Color, Modifier, Style as Look};

use super::Style;
use super::sql::Token;

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Plain,
    /// Less important: hints, evidence, frames of panes without focus.
    Dim,
    Strong,
    Title,
    Good,
    Warn,
    Bad,
    Number,
    Keyword,
    Literal,
    /// Under the cursor.
    Selected,
    /// In the cursor's row.
    Row,
}

/// Signs that are drawn differently in ASCII mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Done,
    Running,
    Pending,
    Skipped,
    Bullet,
    Focus,
    Prompt,
    Closed,
    Open,
    Up,
    Down,
    Hidden,
    HiddenLeft,
    Rule,
    Bar,
}

/// The look of the app: what the terminal can show and what was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    pub style: Style,
}

impl Theme {
    /// Roles differ in weight too, so that nothing rests on colour.
    pub fn look(self, role: Role) -> Look {
        let plain = Look::default();
        let look = match role {
            Role::Plain | Role::Literal | Role::Good | Role::Warn | Role::Number => plain,
            Role::Dim => plain.add_modifier(Modifier::DIM),
            Role::Strong | Role::Title | Role::Keyword | Role::Bad | Role::Row => plain.add_modifier(Modifier::BOLD),
            Role::Selected => plain.add_modifier(Modifier::REVERSED | Modifier::BOLD),
        };
        match Self::color(role).filter(|_| self.style.color) {
            Some(color) => look.fg(color),
            None => look,
        }
    }

    /// The sixteen colours of the terminal's own palette, so that its owner decides how they look.
    fn color(role: Role) -> Option<Color> {
        match role {
            Role::Title | Role::Keyword => Some(Color::Cyan),
            Role::Good | Role::Literal => Some(Color::Green),
            Role::Warn => Some(Color::Yellow),
            Role::Bad => Some(Color::Red),
            Role::Number => Some(Color::Magenta),
            Role::Plain | Role::Dim | Role::Strong | Role::Selected | Role::Row => None,
        }
    }

    pub fn token(self, token: Token) -> Look {
        self.look(match token {
            Token::Keyword => Role::Keyword,
            Token::Text => Role::Literal,
            Token::Number => Role::Number,
            Token::Comment => Role::Dim,
            Token::Name | Token::Symbol | Token::Blank => Role::Plain,
        })
    }

    pub fn sign(self, sign: Sign) -> &'static str {
        let (unicode, ascii) = match sign {
            Sign::Done => ("✓", "[ok]"),
            Sign::Running => ("▸", "[..]"),
            Sign::Pending => ("·", "[  ]"),
            Sign::Skipped => ("–", "[--]"),
            Sign::Bullet => ("·", "*"),
            Sign::Focus => ("▸", ">"),
            Sign::Prompt | Sign::Hidden => ("›", ">"),
            Sign::Closed => ("▸", "+"),
            Sign::Open => ("▾", "-"),
            Sign::Up => ("▲", "^"),
            Sign::Down => ("▼", "v"),
            Sign::HiddenLeft => ("‹", "<"),
            Sign::Rule => ("─", "-"),
            Sign::Bar => ("│", "|"),
        };
        if self.style.ascii { ascii } else { unicode }
    }

    /// The rotating sign of something that runs.
    pub fn spinner(self, elapsed: std::time::Duration) -> &'static str {
        const UNICODE: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
        const ASCII: [&str; 4] = ["|", "/", "-", "\\"];
        let step = (elapsed.as_millis() / 100) as usize;
        if self.style.ascii { ASCII[step % ASCII.len()] } else { UNICODE[step % UNICODE.len()] }
    }

    /// Own text of the program, with the separators that ASCII mode knows.
    pub fn words(self, text: &str) -> String {
        if !self.style.ascii {
            return text.to_owned();
        }
        [
            ("·", "-"),
            ("…", "..."),
            ("↵", "Enter"),
            ("↑", "Up"),
            ("↓", "Down"),
            ("│", "|"),
            ("–", "-"),
            ("›", ">"),
            ("→", "->"),
        ]
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    }
}
