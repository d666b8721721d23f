//! Around every request: its id, one log line, and the headers that keep browsers careful.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use jiff::Timestamp;
use tracing::Instrument;

use super::problem::ProblemCode;
use super::query;
use super::state::ServerState;

pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Nothing from elsewhere, nothing inline, no frame around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Longest id taken over from a client.
const ID_CHARS: usize = 64;

/// The id of a request, in its extensions, its response header and its log lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

/// Makes ids that differ within one run and, by its start, between runs.
#[derive(Debug)]
pub struct Ids {
    start: i64,
    next: AtomicU64,
}

impl Ids {
    pub fn since(start: Timestamp) -> Self {
        Self { start: start.as_millisecond(), next: AtomicU64::new(1) }
    }

    fn take(&self) -> String {
        format!("{:x}-{:04x}", self.start, self.next.fetch_add(1, Ordering::Relaxed))
    }
}

/// Gives the request an id (the client's own, if it sent a plain one), logs how it ended, and counts a question that
/// failed.
pub async fn each(State(server): State<Arc<ServerState>>, mut request: Request, next: Next) -> Response {
    let id = taken_over(request.headers()).unwrap_or_else(|| server.ids.take());
    let is_question = request.uri().path() == query::PATH;
    let span = tracing::info_span!("request", id, method = %request.method(), path = request.uri().path());
    request.extensions_mut().insert(RequestId(id.clone()));
    let begun = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let code = response.extensions().get::<ProblemCode>().map_or("", |code| code.0);
    if is_question && !code.is_empty() {
        server.stats.failed(code);
    }
    span.in_scope(|| {
        tracing::info!(status = response.status().as_u16(), code, ms = begun.elapsed().as_millis() as u64, "answered");
    });
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    careful(response.headers_mut());
    response
}

fn taken_over(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(X_REQUEST_ID)?.to_str().ok()?;
    let is_plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    (is_plain && (1..=ID_CHARS).contains(&id.len())).then(|| id.to_owned())
}

fn careful(headers: &mut HeaderMap) {
    let fixed = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ() {
        let ids = Ids::since(Timestamp::UNIX_EPOCH);
        assert_eq!([ids.take(), ids.take()], ["0-0001", "0-0002"]);
    }

    #[test]
    fn only_plain_ids_are_taken_over() {
        let taken = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(X_REQUEST_ID, HeaderValue::from_str(value).expect("a header value"));
            taken_over(&headers)
        };
        assert_eq!(taken("a-B_3.x").as_deref(), Some("a-B_3.x"));
        for refused in ["", "a b", "\"x\"", "a\tb", &"x".repeat(65)] {
            assert_eq!(taken(refused), None, "{refused:?}");
        }
    }
}
