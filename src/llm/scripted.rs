//! An endpoint on a loopback port that answers by a script and keeps what it was asked.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ModelClient;
use crate::config::{ModelConfig, Privacy, Secret};

pub(crate) const KEY: &str = "sk-canary-KEY-0001";

/// One answer.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Script {
    /// 0 stands for 200.
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// The body as it is sent, or
    pub(crate) body: Option<String>,
    /// its bytes in hexadecimal, or
    pub(crate) body_hex: Option<String>,
    /// the text of a well-formed answer.
    pub(crate) content: Option<String>,
    /// Repeats the text of the answer.
    pub(crate) times: Option<usize>,
    /// Never answers.
    pub(crate) hang: bool,
}

impl Script {
    pub(crate) fn answer(text: &str) -> Self {
        Self { content: Some(text.to_owned()), ..Self::default() }
    }

    fn bytes(&self) -> Vec<u8> {
        if let Some(hex) = &self.body_hex {
            let digits = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
            return (0..hex.len()).step_by(2).map(digits).collect();
        }
        match (&self.body, &self.content) {
            (Some(body), _) => body.clone().into_bytes(),
            (None, Some(text)) => well_formed(&text.repeat(self.times.unwrap_or(1))).to_string().into_bytes(),
            (None, None) => Vec::new(),
        }
    }
}

fn well_formed(text: &str) -> Value {
    json!({
        "choices": [{ "index": 0, "message": { "role": "assistant", "content": text }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 21, "completion_tokens": 7, "total_tokens": 28 },
    })
}

/// A request as it arrived.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) authorization: String,
    pub(crate) body: Value,
}

pub(crate) struct Scripted {
    pub(crate) base_url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

#[derive(Clone)]
struct Shared {
    script: Arc<Vec<Script>>,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Scripted {
    /// Gives the answers in order and then the last one for ever.
    pub(crate) async fn start(script: Vec<Script>) -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let shared = Shared { script: Arc::new(script), requests: Arc::clone(&requests) };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(answer).with_state(shared);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base_url, requests }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

async fn answer(State(shared): State<Shared>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let authorization = headers.get("authorization").map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
    let number = {
        let mut requests = shared.requests.lock().unwrap();
        requests.push(Request {
            path: uri.path().to_owned(),
            authorization,
            body: serde_json::from_slice(&body).unwrap_or_default(),
        });
        requests.len() - 1
    };
    let script = &shared.script[number.min(shared.script.len() - 1)];
    if script.hang {
        std::future::pending::<()>().await;
    }
    let mut response = Response::builder().status(if script.status == 0 { 200 } else { script.status });
    for (name, value) in &script.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(script.bytes())).unwrap()
}

/// Two connections; the first `cut` of them end in the middle of the answer. Gives the number of requests served.
pub(crate) fn cutting(cut: usize) -> (String, JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}/v1", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        for number in 0..2 {
            let (mut stream, _) = listener.accept().unwrap();
            read_request(&mut stream);
            let body = well_formed("SELECT 1").to_string();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            let sent = if number < cut { &body[..body.len() / 2] } else { &body };
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(sent.as_bytes()).unwrap();
        }
        2
    });
    (base_url, served)
}

fn read_request(stream: &mut std::net::TcpStream) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).unwrap();
        request.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&request).to_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
        if count == 0 || body.len() >= length {
            return;
        }
    }
}

pub(crate) fn config(base_url: &str, timeout: Duration) -> ModelConfig {
    ModelConfig {
        base_url: base_url.to_owned(),
        api_key: Some(Secret::new(KEY)),
        name: "any-model".to_owned(),
        timeout,
        attempts: 2,
        privacy: Privacy::Schema,
    }
}

pub(crate) fn client(server: &Scripted, timeout: Duration) -> ModelClient {
    ModelClient::new(&config(&server.base_url, timeout)).unwrap()
}
