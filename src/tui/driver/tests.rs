use std::fs;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tokio::time::timeout;

use super::super::Style;
use super::super::app::TurnState;
use super::*;
use crate::config::Config;

/// A driver over a small database, with a keyboard that reports as a terminal's event stream does: it keeps the
/// waker of the last look.
struct Bench {
    driver: Driver,
    keys: UnboundedSender<Event>,
    events: std::pin::Pin<Box<dyn Stream<Item = Event>>>,
    ends: Ends,
    folder: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("depot.db");
        let database = rusqlite::Connection::open(&path).expect("a database");
        let tables = "create table halls (id integer primary key, hall text); insert into halls (hall) values ('north'), \
                      ('south'), ('west')";
        database.execute_batch(tables).expect("tables");
        let config = Config { database: Some(path), offline: true, ..Config::with_folders(folder.path()) };
        let (keys, mut receiver) = unbounded_channel();
        let events = Box::pin(futures::stream::poll_fn(move |context| receiver.poll_recv(context)));
        let driver = Driver::new(App::new("depot.db", Style::default(), (80, 24)));
        driver.open(async move { Pipeline::open(config).await.map(Arc::new) });
        let mut bench = Self { driver, keys, events, ends: Ends::new().expect("signals"), folder };
        bench.until(|app| app.opened().is_some()).await;
        bench
    }

    fn press(&self, code: KeyCode) {
        self.keys.send(Event::Key(KeyEvent::new(code, KeyModifiers::NONE))).expect("a listening loop");
    }

    fn paste(&self, text: &str) {
        self.keys.send(Event::Paste(text.to_owned())).expect("a listening loop");
    }

    async fn step(&mut self) -> Step {
        let step = self.driver.step(&mut self.events, &mut self.ends);
        timeout(Duration::from_secs(20), step).await.expect("the loop wakes up")
    }

    async fn until(&mut self, reached: impl Fn(&App) -> bool) {
        while !reached(&self.driver.app) {
            self.step().await;
        }
    }

    fn last(&self) -> &TurnState {
        &self.driver.app.turns.last().expect("a turn").state
    }
}

fn is_done(app: &App) -> bool {
    app.turns.last().is_some_and(|turn| turn.answer().is_some())
}

#[tokio::test]
async fn a_question_is_answered_through_the_pipeline() {
    let mut bench = Bench::new().await;
    bench.paste("how many halls are there");
    bench.press(KeyCode::Enter);
    bench.until(is_done).await;
    let TurnState::Done(answer) = bench.last() else { panic!("no answer") };
    assert_eq!(answer.result.as_ref().expect("rows").rows[0][0], crate::schema::Value::Integer(3));
}

#[tokio::test]
async fn a_key_pressed_while_the_loop_sleeps_wakes_it() {
    let mut bench = Bench::new().await;
    for (key, text) in [('a', "a"), ('b', "ab")] {
        let keys = bench.keys.clone();
        let press = async move {
            // The loop looks for events first, finds none, and sleeps.
            tokio::task::yield_now().await;
            keys.send(Event::Key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE))).expect("a listening loop");
        };
        tokio::join!(bench.step(), press);
        assert_eq!(bench.driver.app.input.text(), text);
    }
}

#[tokio::test]
async fn esc_ends_an_endless_statement_at_once() {
    let mut bench = Bench::new().await;
    bench.paste("/sql with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c");
    bench.press(KeyCode::Enter);
    bench.until(|app| app.running().is_some()).await;
    bench.press(KeyCode::Esc);
    bench.until(|app| app.running().is_none()).await;
    assert!(matches!(bench.last(), TurnState::Cancelled { .. }));
    bench.paste("/sql select count(*) from halls");
    bench.press(KeyCode::Enter);
    bench.until(is_done).await;
}

#[tokio::test]
async fn an_export_writes_a_whole_file_and_replaces_none_unasked() {
    let mut bench = Bench::new().await;
    let path = bench.folder.path().join("halls.csv");
    bench.paste("/sql select hall from halls order by hall");
    bench.press(KeyCode::Enter);
    bench.until(is_done).await;
    let export = |bench: &Bench, flag: &str| {
        bench.paste(&format!("/export {}{flag}", path.display()));
        bench.press(KeyCode::Enter);
    };
    let said =
        |word: &'static str| move |app: &App| app.notice.as_ref().is_some_and(|notice| notice.text.contains(word));
    export(&bench, "");
    bench.until(said("exported 3 rows")).await;
    assert_eq!(fs::read_to_string(&path).expect("a file"), "hall\nnorth\nsouth\nwest\n");
    fs::write(&path, "mine").expect("writable");
    export(&bench, "");
    bench.until(said("--force")).await;
    assert_eq!(fs::read_to_string(&path).expect("a file"), "mine");
    export(&bench, " --force");
    bench.until(said("exported 3 rows")).await;
    assert_ne!(fs::read_to_string(&path).expect("a file"), "mine");
}

#[tokio::test]
async fn a_database_that_does_not_open_is_told_and_handed_back() {
    let mut bench = Bench::new().await;
    let folder = bench.folder.path();
    let config = Config { database: Some(folder.join("none.db")), ..Config::with_folders(folder) };
    bench.driver.open(async move { Pipeline::open(config).await.map(Arc::new) });
    bench.until(|app| matches!(app.database, super::super::app::Database::Failed(_))).await;
    assert!(bench.driver.failure.is_some());
}

#[tokio::test]
async fn a_panic_in_the_background_ends_the_opening_not_the_app() {
    let mut bench = Bench::new().await;
    bench.driver.open(async { panic!("a fault") });
    bench.until(|app| matches!(app.database, super::super::app::Database::Failed(_))).await;
}

#[tokio::test]
async fn ctrl_d_on_an_empty_box_ends_the_loop() {
    let mut bench = Bench::new().await;
    let key = KeyEvent::new(KeyCode::Char('d'), KeyModifiers::CONTROL);
    bench.keys.send(Event::Key(key)).expect("a listening loop");
    assert!(matches!(bench.step().await, Step::End(Ended::Quit)));
}
