//! What stands in for a model: an OpenAI-compatible endpoint on a loopback port that answers by a script and keeps what
//! it was asked.

use std::future::pending;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

#[derive(Clone)]
pub struct Reply {
    status: u16,
    body: String,
    hangs: bool,
}

impl Reply {
    /// A well-formed answer with this text.
    pub fn says(text: &str) -> Self {
        let message = json!({ "role": "assistant", "content": text });
        let body = json!({
            "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }],
            "usage": { "prompt_tokens": 21, "completion_tokens": 7 },
        });
        Self::status(200, &body.to_string())
    }

    /// SQL in the form that is asked for.
    pub fn draft(sql: &str) -> Self {
        Self::says(&json!({ "sql": sql, "interpretation": "as the model reads it", "assumptions": [] }).to_string())
    }

    pub fn status(status: u16, body: &str) -> Self {
        Self { status, body: body.to_owned(), hangs: false }
    }

    /// Never comes.
    pub fn never() -> Self {
        Self { hangs: true, ..Self::status(200, "") }
    }
}

/// Lives as long as the test that started it.
pub struct Endpoint {
    pub base_url: String,
    requests: Arc<Mutex<Vec<Value>>>,
    _alive: oneshot::Sender<()>,
}

#[derive(Clone)]
struct Script {
    replies: Arc<Vec<Reply>>,
    requests: Arc<Mutex<Vec<Value>>>,
}

impl Endpoint {
    /// Gives the replies in order and then the last one for ever, on a thread of its own.
    pub fn start(replies: Vec<Reply>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a listener for tasks");
        let base_url = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let requests = Arc::default();
        let script = Script { replies: Arc::new(replies), requests: Arc::clone(&requests) };
        let (alive, ended) = oneshot::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).expect("a listener");
                let router = Router::new().fallback(answer).with_state(script);
                tokio::select! {
                    served = axum::serve(listener, router) => served.expect("serves"),
                    _ = ended => {}
                }
            });
        });
        Self { base_url, requests, _alive: alive }
    }

    /// An address at which nobody listens.
    pub fn nobody() -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        format!("http://{}/v1", listener.local_addr().expect("an address"))
    }

    /// How often it was asked.
    pub fn count(&self) -> usize {
        self.requests.lock().expect("no panic").len()
    }

    /// The body of a request, counted from 0.
    pub fn request(&self, number: usize) -> Value {
        self.requests.lock().expect("no panic")[number].clone()
    }

    /// The messages of a request as one text.
    pub fn read(&self, number: usize) -> String {
        let body = self.request(number);
        let messages = body["messages"].as_array().expect("messages");
        messages.iter().filter_map(|m| m["content"].as_str()).collect::<Vec<_>>().join("\n")
    }
}

async fn answer(State(script): State<Script>, body: String) -> Response {
    let number = {
        let mut requests = script.requests.lock().expect("no panic");
        requests.push(serde_json::from_str(&body).expect("a body of JSON"));
        requests.len() - 1
    };
    let reply = &script.replies[number.min(script.replies.len() - 1)];
    if reply.hangs {
        pending::<()>().await;
    }
    // What is tried again is tried at once.
    let response = Response::builder().status(reply.status).header("retry-after", "0");
    response.body(Body::from(reply.body.clone())).expect("a response")
}
