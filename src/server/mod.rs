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
    let pipeline = state.pipeline();
    let config = pipeline.config();
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
    let suggestions = server.fresh().await.suggestions();
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
    use tokio::io::AsyncWriteExt;
    use tokio::net::{TcpListener, TcpStream};
    use tower::ServiceExt;

    use super::*;
    use crate::config::Config;
    use crate::pipeline::Pipeline;

    struct Server {
        router: Router,
        folder: TempDir,
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
            assert_eq!(self.header(CONTENT_TYPE), "application/problem+json", "{:.500}", self.text);
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
            Self { router: router(ServerState::new(Arc::new(pipeline))), folder }
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

    fn ask(question: &str) -> String {
        json!({ "question": question }).to_string()
    }

    #[tokio::test]
    async fn a_question_is_answered_with_rows_picture_and_words() {
        let server = Server::start(|_| {}).await;
        let heard = server.post(&ask("total pages by genre")).await;
        let body = heard.json();
        assert_eq!((heard.status, &body["outcome"], &body["success"]), (200, &json!("answer"), &json!(true)), "{body}");
        assert_eq!(body["row_count"], 3);
        assert!(body["data_table"].as_str().is_some_and(|table| table.contains("poetry") && table.contains("210")));
        assert!(body["visualization"].as_str().is_some_and(|url| url.starts_with("data:image/png;base64,")));
        assert_eq!(body["sql_query"], body["sql"]);
        assert_eq!(body["request_id"], heard.header("x-request-id"));
        let stats = server.get("/api/stats").await.json();
        assert_eq!((&stats["questions"], &stats["success_rate"]), (&json!(1), &json!(1.0)));
        assert!(stats["latency_ms"]["p50"].is_number());
    }

    #[tokio::test]
    async fn rows_beyond_the_wished_number_are_left_out_and_that_is_said() {
        let server = Server::start(|_| {}).await;
        let body = json!({"question": "total pages by genre", "user_context": {
            "preferences": {"max_rows": 2, "chart": false, "format": "csv"}}});
        let body = server.post(&body.to_string()).await.json();
        assert_eq!((&body["row_count"], &body["truncated"]), (&json!(2), &json!(true)), "{body}");
        assert_eq!(body["visualization"], Value::Null);
        assert_eq!(body["data_table"].as_str().map(|table| table.lines().count()), Some(3));
        assert!(!body["sql"].as_str().is_some_and(|sql| sql.contains("LIMIT 2")), "{body}");
    }

    #[tokio::test]
    async fn a_request_to_write_is_refused_and_what_is_not_there_is_no_error() {
        let server = Server::start(|_| {}).await;
        let refused = server.post(&ask("delete all books")).await;
        assert_eq!(refused.problem(), (422, "write_request".into()));
        assert_eq!(refused.json()["outcome"], "refused");
        let unknown = server.post(&ask("average rainfall in Norway")).await;
        assert_eq!((unknown.status, &unknown.json()["success"]), (200, &json!(false)));
        let stats = server.get("/api/stats").await.json();
        assert_eq!(stats["errors"], json!({"write_request": 1}));
        assert_eq!((&stats["questions"], &stats["success_rate"]), (&json!(2), &json!(0.0)));
    }

    #[tokio::test]
    async fn the_same_question_can_be_followed_as_events() {
        let server = Server::start(|_| {}).await;
        let request = Request::post(query::PATH).header("accept", "text/event-stream");
        let heard = server.send(request, ask("total pages by genre")).await;
        assert_eq!(heard.header(CONTENT_TYPE), "text/event-stream");
        let names: Vec<&str> = heard.text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
        assert_eq!((names.first(), names.last()), (Some(&"accepted"), Some(&"answer")), "{names:?}");
        assert!(names.contains(&"stage") && names.contains(&"sql"), "{names:?}");
        let last = heard.text.lines().filter_map(|line| line.strip_prefix("data: ")).next_back().expect("an outcome");
        let body: Value = serde_json::from_str(last).expect("JSON");
        assert_eq!((&body["row_count"], &body["request_id"]), (&json!(3), &json!(heard.header("x-request-id"))));
    }

    #[tokio::test]
    async fn health_tells_every_part_and_pays_for_nothing() {
        let server = Server::start(|_| {}).await;
        let heard = server.get("/api/health").await;
        let body = heard.json();
        assert_eq!((heard.status, &body["overall_status"]), (200, &json!("degraded")), "{body}");
        assert_eq!(body["components"]["sqlite"]["status"], "healthy");
        assert_eq!(body["components"]["sqlite"]["available_tables"], 2);
        assert_eq!(body["components"]["openai"], json!({"status": "not_configured", "model": null}));
        let collections = &body["components"]["vector_store"]["collections"];
        assert_eq!(collections, &json!({"schemas": 2, "examples": 0, "rules": 0}));
        assert!(body["timestamp"].is_string());
    }

    #[tokio::test]
    async fn health_is_bad_once_the_database_is_gone() {
        let server = Server::start(|_| {}).await;
        std::fs::remove_file(server.folder.path().join("library.db")).expect("removed");
        let heard = server.get("/api/health").await;
        assert_eq!((heard.status, &heard.json()["overall_status"]), (503, &json!("unhealthy")));
    }

    #[tokio::test]
    async fn a_table_made_while_it_runs_is_seen_and_the_last_rows_outlive_the_database() {
        let server = Server::start(|_| {}).await;
        let path = server.folder.path().join("library.db");
        let made = "CREATE TABLE shelves(id INTEGER PRIMARY KEY, room TEXT); INSERT INTO shelves VALUES (1, 'east')";
        rusqlite::Connection::open(&path).and_then(|c| c.execute_batch(made)).expect("writes");
        let old = std::time::SystemTime::now() - Duration::from_mins(1);
        std::fs::File::options().append(true).open(&path).and_then(|f| f.set_modified(old)).expect("sets the time");
        let ask = async || server.post(r#"{"question": "how many shelves are there"}"#).await.json();
        let first = ask().await;
        assert_eq!((&first["rows"], &first["cached_at"]), (&json!([[1]]), &Value::Null), "{first}");
        let again = ask().await;
        assert!(again["cached_at"].is_string() && again["rows"] == first["rows"], "{again}");
        std::fs::remove_file(&path).expect("removed");
        let stale = ask().await;
        assert_eq!((&stale["outcome"], &stale["rows"]), (&json!("answer"), &json!([[1]])), "{stale}");
        assert!(stale["warnings"].to_string().contains("stale"), "{stale}");
    }

    #[tokio::test]
    async fn the_schema_comes_with_keys_and_first_rows() {
        let server = Server::start(|config| config.policy.deny_columns = vec!["books.pages".into()]).await;
        let body = server.get("/api/schema").await.json();
        assert_eq!(body["tables"].as_array().map(Vec::len), Some(2));
        let books = server.get("/api/schema?table=BOOKS").await.json()["tables"][0].clone();
        assert_eq!((&books["name"], &books["row_count"]), (&json!("books"), &json!(4)));
        let names: Vec<&Value> = books["columns"].as_array().expect("columns").iter().map(|c| &c["name"]).collect();
        assert_eq!(names, ["id", "author_id", "title", "genre"]);
        let first = json!({"id": 1, "author_id": 1, "title": "Tides", "genre": "poetry"});
        assert_eq!((&books["sample_data"][0], books["sample_data"].as_array().map(Vec::len)), (&first, Some(3)));
        assert_eq!(server.get("/api/schema?table=bokks").await.problem(), (422, "unknown_table".into()));
    }

    #[tokio::test]
    async fn examples_are_made_for_the_database_and_can_be_answered() {
        let server = Server::start(|_| {}).await;
        let examples = server.get("/api/examples").await.json();
        let examples = examples.as_array().expect("a list");
        assert!(!examples.is_empty());
        for example in examples {
            assert!(example["category"].is_string());
            let body = server.post(&ask(example["question"].as_str().expect("a question"))).await.json();
            assert_eq!(body["outcome"], "answer", "{example}");
        }
        let page = server.get("/chat").await.text;
        assert_eq!(page.matches("<li><a href=\"/chat?q=").count(), examples.len().min(12));
    }

    /// Reads a table and never ends.
    const ENDLESS: &str = "SELECT count(*) FROM books, (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
                           SELECT i FROM n) AS numbers WHERE books.pages + i < 0";

    /// A server that runs `ENDLESS` for the question "everything ever".
    async fn endless(http_time: Duration) -> Server {
        Server::start(|config| {
            let folder = config.folders.data.join("knowledge");
            std::fs::create_dir_all(&folder).expect("a folder");
            let example = format!("[[examples]]\nquestion = \"everything ever\"\nsql = \"{ENDLESS}\"\n");
            std::fs::write(folder.join("examples.toml"), example).expect("a file");
            config.knowledge = Some(folder);
            config.limits.http_time = http_time;
        })
        .await
    }

    #[tokio::test]
    async fn time_that_is_over_is_told_with_the_statement() {
        let server = endless(Duration::from_millis(200)).await;
        let heard = server.post(&ask("everything ever")).await;
        assert_eq!(heard.problem(), (504, "time_limit".into()));
        let body = heard.json();
        assert!(body["sql"].as_str().is_some_and(|sql| sql.contains("RECURSIVE")), "{body}");
        assert_eq!(server.get("/api/stats").await.json()["errors"], json!({"time_limit": 1}));
    }

    #[tokio::test]
    async fn a_client_that_leaves_ends_its_statement() {
        let server = endless(Duration::from_mins(10)).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let serving = tokio::spawn(axum::serve(listener, server.router.clone()).into_future());
        let writer = Connection::open(server.folder.path().join("library.db")).expect("a database");
        writer.busy_timeout(Duration::ZERO).expect("set");
        // A statement that runs holds a lock under which nobody else can have the file alone.
        let is_read = || writer.execute_batch("BEGIN EXCLUSIVE; ROLLBACK").is_err();
        for accept in ["application/json", "text/event-stream"] {
            let body = ask("everything ever");
            let request = format!(
                "POST /api/query HTTP/1.1\r\nHost: {address}\r\nAccept: {accept}\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let mut client = TcpStream::connect(address).await.expect("a connection");
            client.write_all(request.as_bytes()).await.expect("sent");
            let until = async |wanted: bool| {
                while is_read() != wanted {
                    tokio::task::yield_now().await;
                }
            };
            let patience = Duration::from_secs(30);
            tokio::time::timeout(patience, until(true)).await.expect("the statement begins");
            drop(client);
            tokio::time::timeout(patience, until(false)).await.expect("the statement ends");
        }
        serving.abort();
    }
}
