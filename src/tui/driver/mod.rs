//! The loop around `update`: waits for whatever can happen, does the effects, draws what changed.

use std::future::Future;
use std::io;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use crossterm::event::{Event, EventStream};
use crossterm::execute;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use futures::{FutureExt, Stream, StreamExt};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::AbortHandle;
use tokio::time::sleep_until;

use super::app::App;
use super::message::{Effect, Message, Opened};
use super::screen::{self, Screen};
use super::update::update;
use super::{Ended, Options, TuiError, file, view};
use crate::pipeline::analysis::Question;
use crate::pipeline::execution::Limits;
use crate::pipeline::response::{Answer, ChartSpec, Failure};
use crate::pipeline::{Live, OpenError, Pipeline, database_code};

/// Time between two drawings while only reports arrive.
const FRAME: Duration = Duration::from_millis(100);

/// Runs the app on the process's terminal until it is left. `open` is awaited behind the first frame, in a task of its
/// own.
///
/// # Errors
/// If the terminal cannot be taken over or drawn on, or, after the person has left, that the database did not open.
pub async fn run<F>(open: F, options: Options) -> Result<Ended, TuiError>
where
    F: Future<Output = Result<Arc<Pipeline>, OpenError>> + Send + 'static,
{
    let screen = Screen::enter()?;
    let mut terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
    let size = terminal.size()?;
    let app = App::new(&options.database, options.style, (size.width, size.height));
    let mut driver = Driver::new(app);
    driver.open(open);
    let mut events = EventStream::new().filter_map(|event| std::future::ready(event.ok()));
    let mut ends = Ends::new()?;
    let ended = loop {
        driver.fit(terminal.size()?);
        draw(&driver.app, &mut terminal)?;
        match driver.step(&mut events, &mut ends).await {
            Step::Draw => {}
            Step::Clear => terminal.clear()?,
            Step::Suspend => {
                Screen::suspend()?;
                terminal.clear()?;
            }
            Step::End(ended) => break ended,
        }
    };
    drop(screen);
    driver.failure.take().map_or(Ok(ended), |failure| Err(TuiError::Open(failure)))
}

fn draw(app: &App, terminal: &mut Terminal<CrosstermBackend<io::Stdout>>) -> io::Result<()> {
    execute!(io::stdout(), BeginSynchronizedUpdate)?;
    terminal.draw(|frame| {
        if let Some(caret) = view::draw(app, frame.buffer_mut()) {
            frame.set_cursor_position(caret);
        }
    })?;
    execute!(io::stdout(), EndSynchronizedUpdate)
}

/// Signals that ask the process to end.
struct Ends {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
}

impl Ends {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for one of them and gives its number.
    async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.terminate.recv() => SignalKind::terminate(),
            _ = self.hang_up.recv() => SignalKind::hangup(),
            _ = self.interrupt.recv() => SignalKind::interrupt(),
        }
        .as_raw_value()
    }
}

/// What the loop has to do with the terminal after a step.
#[derive(Debug)]
enum Step {
    Draw,
    Clear,
    Suspend,
    End(Ended),
}

/// What tasks send to the loop.
enum Arrival {
    Message(Message),
    Opened(Result<Arc<Pipeline>, OpenError>),
}

/// Work on the pipeline.
enum Work {
    Ask(Question),
    Sql(String),
}

struct Driver {
    app: App,
    started: Instant,
    drawn: Instant,
    sender: UnboundedSender<Arrival>,
    receiver: UnboundedReceiver<Arrival>,
    live: Option<Arc<Live>>,
    /// Why the database did not open.
    failure: Option<OpenError>,
    /// The work under way. Aborting it drops its future, which stops the work.
    work: Option<AbortHandle>,
}

impl Driver {
    fn new(app: App) -> Self {
        let (sender, receiver) = unbounded_channel();
        let now = Instant::now();
        Self { app, started: now, drawn: now, sender, receiver, live: None, failure: None, work: None }
    }

    fn open<F>(&self, open: F)
    where
        F: Future<Output = Result<Arc<Pipeline>, OpenError>> + Send + 'static,
    {
        let sender = self.sender.clone();
        tokio::spawn(async move {
            let arrival = match AssertUnwindSafe(open).catch_unwind().await {
                Ok(opened) => Arrival::Opened(opened),
                Err(_) => Arrival::Message(Message::OpenFailed(Box::new(broke_off()))),
            };
            let _ = sender.send(arrival);
        });
    }

    /// Takes the size of the terminal over if it changed unseen, as while suspended.
    fn fit(&mut self, size: ratatui::layout::Size) {
        if self.app.size != (size.width, size.height) {
            self.take(Message::Resize(size.width, size.height));
        }
    }

    /// Waits for something that changes the screen, and takes in all that is there by then.
    async fn step(&mut self, events: &mut (impl Stream<Item = Event> + Unpin), ends: &mut Ends) -> Step {
        loop {
            let wake = self.app.wakes_at().map(|at| (self.started + at).into());
            let mut urgent = true;
            let mut effects = tokio::select! {
                event = events.next() => match event {
                    Some(event) => self.take_event(event),
                    None => return Step::End(Ended::Quit),
                },
                Some(arrival) = self.receiver.recv() => {
                    urgent = !is_report(&arrival);
                    self.arrive(arrival)
                }
                () = sleep_until(wake.unwrap_or_else(tokio::time::Instant::now)), if wake.is_some() => {
                    self.take(Message::Tick)
                }
                number = ends.next() => return Step::End(Ended::Signal(number)),
            };
            while let Some(event) = arrived(events).await {
                urgent = true;
                effects.extend(self.take_event(event));
            }
            while let Ok(arrival) = self.receiver.try_recv() {
                urgent |= !is_report(&arrival);
                effects.extend(self.arrive(arrival));
            }
            if let Some(step) = self.perform(effects) {
                return step;
            }
            // Reports alone wait for the next frame, which comes within `FRAME` while something runs.
            if urgent || self.drawn.elapsed() >= FRAME {
                self.drawn = Instant::now();
                return Step::Draw;
            }
        }
    }

    fn take_event(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Key(key) => self.take(Message::Key(key)),
            Event::Paste(text) => self.take(Message::Paste(text)),
            Event::Resize(width, height) => self.take(Message::Resize(width, height)),
            Event::FocusGained | Event::FocusLost | Event::Mouse(_) => Vec::new(),
        }
    }

    fn arrive(&mut self, arrival: Arrival) -> Vec<Effect> {
        let message = match arrival {
            Arrival::Message(message) => message,
            Arrival::Opened(Ok(pipeline)) => {
                let opened = Opened::of(&pipeline);
                self.live = Some(Arc::new(Live::new(pipeline)));
                Message::Opened(Box::new(opened))
            }
            Arrival::Opened(Err(failure)) => {
                let told = told(&failure);
                self.failure = Some(failure);
                Message::OpenFailed(Box::new(told))
            }
        };
        self.take(message)
    }

    fn take(&mut self, message: Message) -> Vec<Effect> {
        self.app.now = self.started.elapsed();
        update(&mut self.app, message)
    }

    /// Does the effects in order; what concerns the terminal is handed back.
    fn perform(&mut self, effects: Vec<Effect>) -> Option<Step> {
        let mut step = None;
        for effect in effects {
            match effect {
                Effect::Ask { run, question } => self.work(run, Work::Ask(question)),
                Effect::RunSql { run, sql } => self.work(run, Work::Sql(sql)),
                Effect::Cancel => self.cancel(),
                Effect::Copy(text) => {
                    if let Err(failure) = screen::copy(&text) {
                        tracing::warn!("nothing copied: {failure}");
                    }
                }
                Effect::Export { path, force, answer, chart } => self.export(path, force, answer, chart),
                Effect::Redraw => step = Some(Step::Clear),
                Effect::Suspend => step = Some(Step::Suspend),
                Effect::Quit => return Some(Step::End(Ended::Quit)),
            }
        }
        step
    }

    /// Starts work in a task of its own; its reports and its answer come back as messages under the run's number.
    fn work(&mut self, run: u64, work: Work) {
        self.cancel();
        let Some(live) = self.live.clone() else { return };
        let sender = self.sender.clone();
        let task = tokio::spawn(async move {
            let known = live.current();
            let pipeline = live.fresh().await;
            if !Arc::ptr_eq(&known, &pipeline) {
                let _ = sender.send(Arrival::Message(Message::Opened(Box::new(Opened::of(&pipeline)))));
            }
            let answered = AssertUnwindSafe(answer(&pipeline, run, work, &sender)).catch_unwind().await;
            let message = match answered {
                Ok(answer) => Message::Answered { run, answer: Box::new(answer) },
                Err(_) => Message::Died { run, failure: Box::new(broke_off()) },
            };
            let _ = sender.send(Arrival::Message(message));
        });
        self.work = Some(task.abort_handle());
    }

    fn cancel(&mut self) {
        if let Some(work) = self.work.take() {
            work.abort();
        }
    }

    fn export(&self, path: PathBuf, force: bool, answer: Arc<Answer>, chart: Option<ChartSpec>) {
        let (Some(live), sender) = (self.live.clone(), self.sender.clone()) else { return };
        tokio::task::spawn_blocking(move || {
            let told = file::write(&path, force, &answer, chart.as_ref(), live.current().schema());
            let _ = sender.send(Arrival::Message(Message::Exported(told)));
        });
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            work.abort();
        }
    }
}

/// An event that is there already. It is asked for with the task's own waker: the terminal's stream keeps the waker of
/// the last call, and one that wakes nobody would leave the loop asleep at the next key.
async fn arrived(events: &mut (impl Stream<Item = Event> + Unpin)) -> Option<Event> {
    std::future::poll_fn(|context| match events.poll_next_unpin(context) {
        Poll::Ready(event) => Poll::Ready(event),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// Why the database did not open, as the chat shows failures.
fn told(error: &OpenError) -> Failure {
    let (code, why) = match error {
        OpenError::Database(error) => (database_code(error), Some(error.why().to_owned())),
        OpenError::NoDatabase => ("missing_database", None),
        OpenError::Knowledge(_) => ("knowledge", None),
        OpenError::Interrupted => ("cancelled", None),
    };
    Failure { code, message: error.to_string(), why, hint: error.hint(), place: None }
}

/// What is said of a panic in the background.
fn broke_off() -> Failure {
    Failure {
        code: "fault",
        message: "the work broke off because of a fault in the program".to_owned(),
        why: None,
        hint: Some("the log says where it happened".to_owned()),
        place: None,
    }
}

fn is_report(arrival: &Arrival) -> bool {
    matches!(arrival, Arrival::Message(Message::Progress { .. }))
}

async fn answer(pipeline: &Pipeline, run: u64, work: Work, sender: &UnboundedSender<Arrival>) -> Answer {
    let limits = limits(pipeline);
    let report = |progress| {
        let _ = sender.send(Arrival::Message(Message::Progress { run, progress }));
    };
    match work {
        Work::Ask(mut question) => {
            question.as_of = pipeline.config().as_of;
            pipeline.ask(&question, limits, true, &report).await
        }
        Work::Sql(sql) => pipeline.run_sql(&sql, limits, true, &report).await,
    }
}

fn limits(pipeline: &Pipeline) -> Limits {
    let limits = &pipeline.config().limits;
    Limits { rows: Some(limits.app_rows), time: limits.time, bytes: Some(limits.result_bytes) }
}

#[cfg(test)]
mod tests;
