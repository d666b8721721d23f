//! The HTTP door: JSON for programs, two pages for people. It translates and decides nothing; it keeps no conversation.
//!
//! Requests pass, from the outside in: id and log line, errors in one form, names and origins, time, size, route.

mod catalogue;
mod events;
mod guard;
mod health;
mod listen;
mod observe;
mod pages;
mod problem;
mod query;
mod rate;
mod reply;
mod request;
mod state;
mod stats;

pub use listen::{ServeError, serve};
pub use state::ServerState;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::Timestamp;
use serde_json::{Value, json};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

/// What a request may take beyond the time of its question: for reading the body and writing the answer.
const AROUND: Duration = Duration::from_secs(2);

/// All routes. Tests call it in process.
pub fn router(state: Arc<ServerState>) -> Router {
    let config = state.pipeline.config();
    let (body_bytes, time) = (config.server.body_bytes, config.limits.http_time + AROUND);
    Router::new()
        .route(query::PATH, post(query::query).route_layer(from_fn_with_state(state.clone(), query::limit_rate)))
        .route("/api/health", get(health::health))
        .route("/api/schema", get(catalogue::schema))
        .route("/api/stats", get(stats))
        .route("/api/examples", get(examples))
        .route("/", get(pages::home))
        .route("/chat", get(pages::chat))
        .route("/assets/{name}", get(pages::asset))
        .with_state(state.clone())
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(body_bytes))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, time))
        .layer(from_fn_with_state(state.reach, guard::check))
        .layer(from_fn(problem::in_one_form))
        .layer(from_fn_with_state(state, observe::each))
}

async fn stats(State(server): State<Arc<ServerState>>) -> Json<Value> {
    Json(server.stats.to_json(Timestamp::now()))
}

async fn examples(State(server): State<Arc<ServerState>>) -> Json<Value> {
    let suggestions = server.pipeline.suggestions();
    suggestions.iter().map(|s| json!({ "question": s.question, "category": s.category })).collect::<Value>().into()
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::header::{ALLOW, CONTENT_TYPE, HOST, HeaderMap, ORIGIN, RETRY_AFTER};
    use axum::http::request::Builder;
    use axum::http::{Method, Request};
    use rusqlite::Connection;
    use tempfile::TempDir;
    use tower::ServiceExt;

    use super::*;
    use crate::config::Config;
    use crate::pipeline::Pipeline;

    struct Server {
        router: Router,
        _folder: TempDir,
    }

    struct Heard {
        status: u16,
        headers: HeaderMap,
        text: String,
    }

    impl Heard {
        fn json(&self) -> Value {
            serde_json::from_str(&self.text).expect("JSON")
        }

        fn header(&self, name: impl AsRef<str>) -> &str {
            self.headers.get(name.as_ref()).map_or("", |value| value.to_str().expect("text"))
        }

        /// Status and code, after checking that it is a problem in the one form.
        fn problem(&self) -> (u16, String) {
            assert_eq!(self.header(CONTENT_TYPE), "application/problem+json", "{}", self.text);
            let body = self.json();
            assert_eq!(body["status"], self.status);
            assert_eq!(body["success"], false);
            assert!(body["title"].is_string() && body["detail"].is_string(), "{body}");
            assert_eq!(body["error"]["code"], body["code"]);
            (self.status, body["code"].as_str().expect("a code").to_owned())
        }
    }

    impl Server {
        /// A server on a small database, with `change` made to its configuration.
        async fn start(change: impl FnOnce(&mut Config)) -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("library.db");
            let connection = Connection::open(&path).expect("a database");
            connection
                .execute_batch(
                    "CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
                     CREATE TABLE books (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES authors(id),
                         title TEXT, genre TEXT, pages INTEGER);
                     INSERT INTO authors VALUES (1, 'Ada <b>Lane'), (2, 'Ben Moor'), (3, 'Cleo Park');
                     INSERT INTO books VALUES (1, 1, 'Tides', 'poetry', 120), (2, 1, 'Ebb', 'poetry', 90),
                         (3, 2, 'Stone', 'history', 410), (4, 3, 'Seeds', 'science', 230);",
                )
                .expect("tables");
            let mut config = Config::with_folders(folder.path());
            config.database = Some(path);
            change(&mut config);
            let pipeline = Pipeline::open(config).await.expect("a pipeline");
            Self { router: router(ServerState::new(Arc::new(pipeline))), _folder: folder }
        }

        async fn send(&self, request: Builder, body: impl Into<Body>) -> Heard {
            let request = request.header(HOST, "127.0.0.1:6001").body(body.into()).expect("a request");
            self.raw(request).await
        }

        async fn raw(&self, request: Request<Body>) -> Heard {
            let response = self.router.clone().oneshot(request).await.expect("a response");
            let (parts, body) = response.into_parts();
            let bytes = to_bytes(body, usize::MAX).await.expect("a body");
            let text = String::from_utf8(bytes.into()).expect("UTF-8");
            Heard { status: parts.status.as_u16(), headers: parts.headers, text }
        }

        async fn get(&self, path: &str) -> Heard {
            self.send(Request::get(path), Body::empty()).await
        }

        async fn post(&self, body: &str) -> Heard {
            self.send(Request::post(query::PATH), body.to_owned()).await
        }
    }

    #[tokio::test]
    async fn errors_of_every_layer_have_one_form() {
        let server = Server::start(|config| config.server.body_bytes = 100).await;
        assert_eq!(server.get("/nothing").await.problem(), (404, "not_found".into()));
        assert_eq!(server.get("/assets/nothing").await.problem(), (404, "not_found".into()));
        let wrong = server.get(query::PATH).await;
        assert_eq!(wrong.problem(), (405, "method_not_allowed".into()));
        assert_eq!(wrong.header(ALLOW), "POST");
        let wrong = server.send(Request::delete("/chat"), Body::empty()).await;
        assert_eq!(wrong.problem(), (405, "method_not_allowed".into()));
        assert_eq!(server.post("{").await.problem(), (400, "bad_json".into()));
        assert_eq!(server.post("{}").await.problem(), (400, "missing_question".into()));
        assert_eq!(server.post(r#"{"question": " "}"#).await.problem(), (400, "empty_question".into()));
        let long = format!(r#"{{"question": "{}"}}"#, "a".repeat(100));
        assert_eq!(server.post(&long).await.problem(), (413, "body_too_large".into()));
        let bad = server.get("/api/schema?table=a&table=b").await;
        assert_eq!(bad.problem(), (400, "bad_request".into()));
    }

    #[tokio::test]
    async fn a_body_of_unknown_length_is_cut_off_too() {
        let server = Server::start(|config| config.server.body_bytes = 100).await;
        let chunks = futures::stream::iter((0..50).map(|_| Ok::<_, std::io::Error>("0123456789")));
        let heard = server.send(Request::post(query::PATH), Body::from_stream(chunks)).await;
        assert_eq!(heard.problem(), (413, "body_too_large".into()));
    }

    #[tokio::test]
    async fn who_asks_too_often_waits() {
        let server = Server::start(|config| config.server.rate_limit_per_minute = 2).await;
        for _ in 0..2 {
            assert_eq!(server.post("{}").await.status, 400);
        }
        let heard = server.post("{}").await;
        assert_eq!(heard.problem(), (429, "rate_limited".into()));
        let wait: u64 = heard.header(RETRY_AFTER).parse().expect("seconds");
        assert!((1..=30).contains(&wait), "{wait}");
        assert_eq!(server.get("/api/stats").await.status, 200);
        let stats = server.get("/api/stats").await.json();
        assert_eq!(stats["errors"], json!({"missing_question": 2, "rate_limited": 1}));
        assert_eq!(stats["questions"], 0);
    }

    #[tokio::test]
    async fn foreign_names_and_pages_are_refused_everywhere() {
        let server = Server::start(|_| {}).await;
        for path in ["/", "/chat", "/api/schema", "/nothing"] {
            let rebound = Request::get(path).header(HOST, "evil.example").body(Body::empty()).expect("a request");
            assert_eq!(server.raw(rebound).await.problem(), (403, "host_not_allowed".into()), "{path}");
        }
        let crossed = Request::post(query::PATH).header(ORIGIN, "https://evil.example");
        assert_eq!(server.send(crossed, "{}").await.problem(), (403, "cross_origin".into()));
        let remote = Server::start(|config| config.server.allow_remote = true).await;
        let named = Request::get("/chat").header(HOST, "shop.example").body(Body::empty()).expect("a request");
        assert_eq!(remote.raw(named).await.status, 200);
    }

    #[tokio::test]
    async fn every_response_keeps_browsers_careful_and_has_an_id() {
        let server = Server::start(|_| {}).await;
        for (method, path) in [
            (Method::GET, "/"),
            (Method::GET, "/chat"),
            (Method::GET, "/assets/chat.js"),
            (Method::GET, "/api/examples"),
            (Method::GET, "/nothing"),
            (Method::OPTIONS, query::PATH),
        ] {
            let heard = server.send(Request::builder().method(method).uri(path), Body::empty()).await;
            let policy = heard.header("content-security-policy");
            assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}");
            assert!(!policy.contains("unsafe"), "{policy}");
            assert_eq!(heard.header("x-content-type-options"), "nosniff");
            assert_eq!(heard.header("referrer-policy"), "no-referrer");
            assert!(!heard.header("x-request-id").is_empty());
            assert_eq!(heard.header("access-control-allow-origin"), "");
        }
        let heard = server.send(Request::get("/chat").header("x-request-id", "mine-1"), Body::empty()).await;
        assert_eq!(heard.header("x-request-id"), "mine-1");
    }

    #[tokio::test]
    async fn pages_name_the_database_and_load_their_own_files() {
        let server = Server::start(|_| {}).await;
        for page in ["/", "/chat"] {
            let heard = server.get(page).await;
            assert_eq!((heard.status, heard.header(CONTENT_TYPE)), (200, "text/html; charset=utf-8"));
            assert!(!heard.text.contains("{{"), "{}", heard.text);
            for address in heard.text.split("\"/assets/").skip(1).filter_map(|rest| rest.split('"').next()) {
                let asset = server.get(&format!("/assets/{address}")).await;
                assert_eq!(asset.status, 200, "{address}");
                assert!(!asset.header(CONTENT_TYPE).is_empty() && !asset.text.is_empty());
            }
        }
    }
}
