//! The same question as server-sent events: stages while they pass, at the end exactly one outcome.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, Receiver};

use super::query;
use super::reply::Reply;
use super::request::Asked;
use super::state::ServerState;
use crate::pipeline::progress::Progress;

/// Reports that wait for a slow reader; later ones are left out, the outcome never.
const WAITING: usize = 64;

const HEARTBEAT: Duration = Duration::from_secs(15);

/// Answers as a stream. A client that leaves drops the stream, and with it the work.
pub fn stream(server: Arc<ServerState>, asked: Asked, id: String) -> Response {
    let accepted = json!({ "request_id": id, "question": asked.question.text });
    let (reports, waiting) = mpsc::channel(WAITING);
    let work = async move {
        let report = move |progress| {
            let _ = reports.try_send(progress);
        };
        let reply = query::answer(&server, asked, id, &report).await;
        if let Reply::Problem(_, problem) = &reply {
            server.stats.failed(problem.code);
        }
        reply
    };
    let events = Events { work: Box::pin(work), waiting, reply: None, number: 0, accepted: Some(accepted) };
    Sse::new(events.into_stream()).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response()
}

struct Events<F> {
    work: Pin<Box<F>>,
    waiting: Receiver<Progress>,
    reply: Option<Reply>,
    /// Of the last event sent.
    number: u64,
    accepted: Option<Value>,
}

impl<F: Future<Output = Reply> + Send> Events<F> {
    fn into_stream(self) -> impl Stream<Item = Result<Event, Infallible>> + Send {
        futures::stream::unfold(Some(self), |events| async move {
            let mut events = events?;
            let (name, data, is_last) = events.next().await;
            events.number += 1;
            let event = Event::default().id(events.number.to_string()).event(name).data(data.to_string());
            Some((Ok(event), (!is_last).then_some(events)))
        })
    }

    async fn next(&mut self) -> (&'static str, Value, bool) {
        if let Some(accepted) = self.accepted.take() {
            return ("accepted", accepted, false);
        }
        if self.reply.is_none() {
            tokio::select! {
                biased;
                Some(progress) = self.waiting.recv() => {
                    let (name, data) = told(progress);
                    return (name, data, false);
                }
                reply = &mut self.work => self.reply = Some(reply),
            }
        }
        if let Ok(progress) = self.waiting.try_recv() {
            let (name, data) = told(progress);
            return (name, data, false);
        }
        match self.reply.take() {
            Some(reply) => (reply.outcome().name(), Value::Object(reply.into_body()), true),
            None => ("error", Value::Null, true),
        }
    }
}

fn told(progress: Progress) -> (&'static str, Value) {
    match progress {
        Progress::Begun(stage) => ("stage", json!({ "stage": stage.name(), "state": "begun" })),
        Progress::Done { stage, evidence, elapsed } => {
            let ms = (elapsed.as_secs_f64() * 10_000.0).round() / 10.0;
            ("stage", json!({ "stage": stage.name(), "state": "done", "evidence": evidence, "ms": ms }))
        }
        Progress::Skipped { stage, why } => ("stage", json!({ "stage": stage.name(), "state": "skipped", "why": why })),
        Progress::Sql(sql) => ("sql", json!({ "sql": sql })),
        Progress::Rows(rows) => ("rows", json!({ "rows": rows })),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use axum::http::StatusCode;
    use futures::StreamExt;

    use super::*;
    use crate::pipeline::progress::Stage;
    use crate::pipeline::response::Outcome;
    use crate::server::problem::Problem;

    fn events<F: Future<Output = Reply>>(work: F, waiting: Receiver<Progress>) -> Events<F> {
        Events { work: Box::pin(work), waiting, reply: None, number: 0, accepted: Some(json!({})) }
    }

    #[tokio::test]
    async fn reports_come_in_order_and_one_outcome_ends_them() {
        let (reports, waiting) = mpsc::channel(WAITING);
        let work = async move {
            let stage = Stage::Run;
            let _ = reports.try_send(Progress::Begun(stage));
            tokio::task::yield_now().await;
            let _ = reports.try_send(Progress::Rows(7));
            let elapsed = Duration::from_micros(1_260);
            let _ = reports.try_send(Progress::Done { stage, evidence: "7 rows".into(), elapsed });
            Reply::Problem(Outcome::Refused, Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "denied", "no"))
        };
        let mut events = events(work, waiting);
        let mut heard = Vec::new();
        loop {
            let (name, data, is_last) = events.next().await;
            heard.push((name, data));
            if is_last {
                break;
            }
        }
        let names: Vec<&str> = heard.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["accepted", "stage", "rows", "stage", "refused"]);
        assert_eq!(heard[1].1, json!({"stage": "run", "state": "begun"}));
        assert_eq!(heard[3].1, json!({"stage": "run", "state": "done", "evidence": "7 rows", "ms": 1.3}));
        assert_eq!(heard[4].1["code"], "denied");
    }

    #[tokio::test]
    async fn a_reader_that_leaves_ends_the_work() {
        struct Ended(Arc<AtomicBool>);
        impl Drop for Ended {
            fn drop(&mut self) {
                self.0.store(true, Ordering::SeqCst);
            }
        }
        let ended = Arc::new(AtomicBool::new(false));
        let guard = Ended(ended.clone());
        let (reports, waiting) = mpsc::channel(WAITING);
        let work = async move {
            let _guard = guard;
            let _ = reports.try_send(Progress::Begun(Stage::Run));
            std::future::pending().await
        };
        let mut stream = Box::pin(events(work, waiting).into_stream());
        assert!(stream.next().await.is_some() && stream.next().await.is_some());
        assert!(!ended.load(Ordering::SeqCst));
        drop(stream);
        assert!(ended.load(Ordering::SeqCst));
    }
}
