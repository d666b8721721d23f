//! `POST /api/query`: a question, answered within the time of HTTP.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{ACCEPT, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::events;
use super::observe::RequestId;
use super::problem::Problem;
use super::reply::Reply;
use super::request::{self, Asked};
use super::state::ServerState;
use crate::pipeline::Pipeline;
use crate::pipeline::progress::{Progress, Report, Stage, silent};
use crate::pipeline::response::{Answer, Failure, Outcome, Timings};

pub const PATH: &str = "/api/query";

/// A statement that meets its own limit is told with more than the clock of the whole request can tell, so that clock
/// is a little slow.
const GRACE: Duration = Duration::from_millis(250);

/// Turns away clients that ask too often, before their body is read.
pub async fn limit_rate(State(server): State<Arc<ServerState>>, request: Request, next: Next) -> Response {
    // Without a connection the caller is this very process.
    let client = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(address)| address.ip());
    match server.rate.admit(client) {
        Ok(()) => next.run(request).await,
        Err(wait) => too_often(wait, server.pipeline().config().server.rate_limit_per_minute),
    }
}

fn too_often(wait: Duration, limit: u32) -> Response {
    let seconds = wait.as_millis().div_ceil(1_000).max(1);
    let message = format!("more than {limit} questions a minute came from this address");
    let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message)
        .hint(format!("ask again in {seconds} s, or raise server.rate_limit_per_minute"));
    ([(RETRY_AFTER, seconds.to_string())], problem).into_response()
}

pub async fn query(
    State(server): State<Arc<ServerState>>,
    Extension(RequestId(id)): Extension<RequestId>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return rejection.into_response(),
    };
    match request::read(&body, &server.pipeline().config().limits) {
        Err(problem) => problem.into_response(),
        Ok(asked) if wants_events(&headers) => events::stream(server, asked, id),
        Ok(asked) => answer(&server, asked, id, &silent).await.into_response(),
    }
}

fn wants_events(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.split(',').any(|kind| kind.trim().split(';').next() == Some("text/event-stream")))
}

/// Asks the pipeline. Dropping the future stops the work.
pub async fn answer(server: &Arc<ServerState>, asked: Asked, id: String, report: Report<'_>) -> Reply {
    let Asked { question, limits, chart, format, warnings, .. } = asked;
    let begun = Instant::now();
    let seen = Mutex::new(Seen::default());
    let watch = |progress: Progress| {
        seen.lock().unwrap_or_else(PoisonError::into_inner).note(&progress);
        report(progress);
    };
    let pipeline = server.fresh().await;
    let asking = pipeline.ask(&question, limits, true, &watch);
    let mut answer = tokio::time::timeout(limits.time + GRACE, asking).await.unwrap_or_else(|_| {
        let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        out_of_time(&pipeline, &question.text, &seen, begun.elapsed())
    });
    server.stats.answered(&answer, begun.elapsed());
    answer.request_id = id;
    answer.warnings.extend(warnings);
    let drawn = tokio::task::spawn_blocking(move || Reply::draw(answer, pipeline.schema(), chart, format)).await;
    drawn.unwrap_or_else(|error| {
        tracing::error!(%error, "an answer could not be drawn");
        let problem =
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the answer was found but could not be drawn");
        Reply::Problem(Outcome::Error, problem)
    })
}

/// How far a question came.
#[derive(Default)]
struct Seen {
    stage: Option<Stage>,
    sql: Option<String>,
}

impl Seen {
    fn note(&mut self, progress: &Progress) {
        match progress {
            Progress::Begun(stage) => self.stage = Some(*stage),
            Progress::Sql(sql) => self.sql = Some(sql.clone()),
            _ => {}
        }
    }
}

fn out_of_time(pipeline: &Pipeline, question: &str, seen: &Seen, took: Duration) -> Answer {
    let limit = pipeline.config().limits.http_time;
    let message = format!("no answer within {} s", limit.as_secs_f64());
    Answer {
        outcome: Outcome::Error,
        sql: seen.sql.clone(),
        text: message.clone(),
        timings: Timings { total: took, ..Timings::default() },
        error: Some(Failure {
            code: "time_limit",
            message,
            why: seen.stage.map(|stage| format!("the time went by at the stage \"{}\"", stage.name())),
            hint: Some("ask for less, or raise limits.http_time".into()),
            place: None,
        }),
        ..Answer::blank(question, pipeline.schema().dialect, String::new())
    }
}
