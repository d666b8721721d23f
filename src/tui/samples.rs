//! States and answers that the tests of `update` and `view` start from.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::Style;
use super::app::App;
use super::message::{Effect, Message, Opened};
use super::update::update;
use crate::pipeline::Suggestion;
use crate::pipeline::execution::{ColumnType, ResultColumn, ResultSet, Unit};
use crate::pipeline::generation::Engine;
use crate::pipeline::progress::{Progress, Stage};
use crate::pipeline::response::{
    Answer, ChartKind, ChartSpec, Choice, Confidence, ConfidencePart, Failure, Insight, InsightKind, Outcome, Timings,
};
use crate::schema::{Column, ColumnId, Dialect, ForeignKey, Schema, SemanticType, Table, TableId, Value};

/// An app whose database is still being opened.
pub fn opening(size: (u16, u16)) -> App {
    App::new("depot.db", Style::default(), size)
}

/// An app with an open database and an empty chat.
pub fn open(size: (u16, u16)) -> App {
    let mut app = opening(size);
    update(&mut app, Message::Opened(Box::new(opened())));
    app
}

/// One question answered.
pub fn answered(size: (u16, u16)) -> App {
    let mut app = open(size);
    ask(&mut app, "weight by hall");
    app.now = Duration::from_millis(900);
    update(&mut app, Message::Answered { run: 1, answer: Box::new(answer("weight by hall")) });
    app
}

/// A second question on its way.
pub fn running(size: (u16, u16)) -> App {
    let mut app = answered(size);
    app.now = Duration::from_secs(10);
    ask(&mut app, "and by dock?");
    let done = |stage, evidence: &str| Progress::Done {
        stage,
        evidence: evidence.to_owned(),
        elapsed: Duration::from_millis(120),
    };
    for progress in [
        done(Stage::Understand, "follow-up: adds dock"),
        done(Stage::Context, "2 tables · 1 rule"),
        Progress::Skipped { stage: Stage::WriteSql, why: "a verified example fits".into() },
        Progress::Begun(Stage::Run),
        Progress::Rows(12_400),
    ] {
        update(&mut app, Message::Progress { run: 2, progress });
    }
    app.now = Duration::from_millis(13_500);
    app
}

pub fn ended(size: (u16, u16), answer: Answer) -> App {
    let mut app = open(size);
    ask(&mut app, "weight of the lot");
    update(&mut app, Message::Answered { run: 1, answer: Box::new(answer) });
    app
}

/// Types a question and sends it.
pub fn ask(app: &mut App, question: &str) -> Vec<Effect> {
    type_text(app, question);
    press(app, KeyCode::Enter)
}

pub fn type_text(app: &mut App, text: &str) {
    for c in text.chars() {
        press(app, KeyCode::Char(c));
    }
}

pub fn press(app: &mut App, code: KeyCode) -> Vec<Effect> {
    update(app, Message::Key(KeyEvent::new(code, KeyModifiers::NONE)))
}

pub fn control(app: &mut App, key: char) -> Vec<Effect> {
    update(app, Message::Key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::CONTROL)))
}

pub fn alt(app: &mut App, key: char) -> Vec<Effect> {
    update(app, Message::Key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::ALT)))
}

pub fn opened() -> Opened {
    let column = |name: &str, kind: &str| Column { name: name.into(), declared_type: kind.into(), ..Column::default() };
    let halls = Table {
        name: "halls".into(),
        columns: vec![column("id", "INTEGER"), column("hall", "TEXT")],
        primary_key: vec![0],
        row_count: Some(12),
        ..Table::default()
    };
    let pallets = Table {
        name: "pallets".into(),
        columns: vec![column("id", "INTEGER"), column("hall_id", "INTEGER"), column("weight", "REAL")],
        primary_key: vec![0],
        row_count: Some(34_000),
        ..Table::default()
    };
    let id = |table, column| ColumnId { table: TableId(table), column };
    let key = ForeignKey { from: id(1, 1), to: id(0, 0), declared: true, one_to_one: false };
    let schema = Schema { tables: vec![halls, pallets], foreign_keys: vec![key], ..Schema::default() };
    let suggestion = |question: &str| Suggestion { question: question.into(), category: "general" };
    let suggestions = vec![suggestion("weight by hall"), suggestion("how many pallets are there?")];
    Opened { schema, suggestions, model: None }
}

/// Twelve rows of a name and a weight.
pub fn result() -> ResultSet {
    let column = |name: &str, kind, unit, semantic| ResultColumn { name: name.into(), kind, unit, semantic };
    let row = |n: i64| vec![Value::Text(format!("hall {n}")), Value::Real(1000.5 - 50.0 * n as f64)];
    let mut rows: Vec<_> = (1..=11).map(row).collect();
    rows.push(vec![Value::Null, Value::Real(-4.0)]);
    ResultSet {
        columns: vec![
            column("hall", ColumnType::Text, None, SemanticType::Name),
            column("weight", ColumnType::Real, Some(Unit::Money), SemanticType::Money),
        ],
        rows,
        ..ResultSet::default()
    }
}

pub fn answer(question: &str) -> Answer {
    Answer {
        outcome: Outcome::Answer,
        question: question.into(),
        sql: Some(
            "SELECT h.hall, SUM(p.weight) AS weight FROM pallets p JOIN halls h ON h.id = p.hall_id GROUP BY h.hall"
                .into(),
        ),
        dialect: Dialect::Sqlite,
        text: "Hall 1 holds the most, 950.50 of 7,101.50.".into(),
        analysis: None,
        interpretation: Some("sum of weight for each hall".into()),
        assumptions: Vec::new(),
        choices: Vec::new(),
        result: Some(result()),
        chart: Some(ChartSpec {
            kind: ChartKind::Bars,
            title: "weight by hall".into(),
            x: Some(0),
            y: vec![1],
            series: None,
            reason: "a category and a measure".into(),
        }),
        insights: vec![Insight {
            kind: InsightKind::TopShare,
            text: "hall 1 has 13% of weight".into(),
            rows: vec![0],
            figures: Vec::new(),
        }],
        confidence: Some(Confidence::of(vec![ConfidencePart {
            name: "links",
            score: 0.92,
            why: "every word was found".into(),
        }])),
        engine: Some(Engine::Offline),
        handed_over: None,
        cached_at: None,
        warnings: vec!["one hall has no name".into()],
        timings: Timings { total: Duration::from_millis(900), ..Timings::default() },
        usage: None,
        session_id: None,
        request_id: "1".into(),
        error: None,
    }
}

pub fn failure(message: &str) -> Failure {
    Failure { code: "a_code", message: message.into(), why: None, hint: Some("look again".into()), place: None }
}

/// A question back with two readings.
pub fn clarify() -> Answer {
    let choice = |label: &str, question: &str| Choice { label: label.into(), question: question.into() };
    Answer {
        outcome: Outcome::Clarify,
        text: "\"lot\" could mean:".into(),
        choices: vec![choice("all pallets", "weight of all pallets"), choice("lot 7", "weight of lot 7")],
        ..bare()
    }
}

pub fn error() -> Answer {
    Answer {
        outcome: Outcome::Error,
        text: "the statement ran longer than 30 s".into(),
        error: Some(Failure {
            code: "time_limit",
            message: "the statement ran longer than 30 s".into(),
            why: Some("it reads every row twice".into()),
            hint: Some("ask for a shorter period".into()),
            place: None,
        }),
        ..bare()
    }
}

fn bare() -> Answer {
    Answer {
        sql: None,
        result: None,
        chart: None,
        confidence: None,
        interpretation: None,
        insights: Vec::new(),
        warnings: Vec::new(),
        ..answer("weight of the lot")
    }
}
