//! Hostile questions and requests, class by class, at both doors: nothing is written, nothing leaks, nothing crashes.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::harness::{Ran, World};

const QUESTIONS: &str = include_str!("../cases/hostile/questions.jsonl");
const REQUESTS: &str = include_str!("../cases/hostile/requests.jsonl");
/// In the environment and in the database's neighbourhood: never to be seen in an answer.
const CANARY: &str = "canary-5d1e";

#[derive(Deserialize)]
struct Asked {
    class: String,
    question: String,
    /// The question that it means.
    r#as: Option<String>,
}

#[derive(Deserialize)]
#[serde(default)]
struct Sent {
    status: Vec<u16>,
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: String,
    /// Put `times` times behind the body.
    repeat: String,
    times: usize,
    end: String,
}

impl Default for Sent {
    fn default() -> Self {
        Self {
            status: Vec::new(),
            method: "POST".into(),
            path: "/api/query".into(),
            headers: BTreeMap::new(),
            body: String::new(),
            repeat: String::new(),
            times: 0,
            end: String::new(),
        }
    }
}

fn cases<T: for<'a> Deserialize<'a>>(text: &str) -> Vec<T> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

fn world() -> World {
    World::with_shop().variable("T2S_CANARY", CANARY)
}

/// A server that ends with the test.
struct Serving {
    child: Child,
    address: String,
    /// Held so that the server can go on writing.
    _stderr: BufReader<ChildStderr>,
}

impl Serving {
    fn start(world: &World) -> Self {
        let mut child = world.command(&["--db", "shop.db", "serve", "--port", "0"]).spawn().expect("starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        let address = loop {
            let mut line = String::new();
            assert!(stderr.read_line(&mut line).expect("reads stderr") > 0, "the server did not start");
            if let Some(rest) = line.split("http://").nth(1) {
                break rest.split(' ').next().expect("an address").trim().to_owned();
            }
        };
        Self { child, address, _stderr: stderr }
    }

    /// Status and body.
    fn send(&self, method: &str, path: &str, headers: &BTreeMap<String, String>, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).expect("connects");
        let host = headers.get("Host").unwrap_or(&self.address);
        let others = headers.iter().filter(|(name, _)| *name != "Host");
        let others: String = others.map(|(name, value)| [name, ": ", value, "\r\n"].concat()).collect();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n{others}\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).expect("asks");
        // The server may hang up before it has read a body that is too large, after its answer.
        let _ = stream.write_all(body.as_bytes());
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply);
        let reply = String::from_utf8_lossy(&reply).into_owned();
        let status = reply.get(9..12).and_then(|code| code.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no answer to {method} {path}: {reply:.200}"));
        (status, reply.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned()))
    }

    fn ask(&self, body: &Value) -> (u16, Value) {
        let (status, text) = self.send("POST", "/api/query", &BTreeMap::new(), &body.to_string());
        (status, serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text:.300}")))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What holds whatever was asked.
fn holds(class: &str, asked: &str, object: &Value, everything: &str) {
    let outcome = object["outcome"].as_str().unwrap_or_else(|| panic!("{asked:?} has no outcome: {object}"));
    assert!(!everything.contains(CANARY), "{asked:?} leaks: {everything}");
    assert!(!everything.contains("panicked"), "{asked:?}: {everything}");
    if let Some(sql) = object["sql"].as_str() {
        let is_read = ["select", "with"].iter().any(|word| sql.to_lowercase().starts_with(word));
        assert!(is_read && !sql.contains(';'), "{asked:?} became {sql}");
    }
    if class == "empty" {
        assert_eq!((outcome, &object["error"]["code"]), ("error", &json!("empty_question")), "{asked:?}: {object}");
    } else {
        assert_ne!(outcome, "error", "{asked:?}: {object}");
    }
}

#[test]
fn hostile_questions_do_no_harm_on_the_command_line() {
    let world = world();
    let before = std::fs::read(world.path("shop.db")).expect("the database");
    let asked: Vec<Asked> = cases(QUESTIONS);
    let lines: Vec<String> = asked.iter().map(|a| json!({"question": a.question}).to_string()).collect();
    let batch = world.run_with(&["--db", "shop.db", "ask", "--batch", "-"], lines.join("\n").as_bytes());
    let objects = batch.json_lines();
    assert_eq!(objects.len(), asked.len(), "{}", batch.stderr);
    for (asked, object) in asked.iter().zip(&objects) {
        holds(&asked.class, &asked.question, object, &object.to_string());
    }
    assert!(!batch.stderr.contains('\u{1b}') && !batch.stderr.contains(CANARY), "{}", batch.stderr);
    assert_eq!(std::fs::read(world.path("shop.db")).expect("the database"), before);
}

#[test]
fn one_question_of_each_class_ends_with_the_code_of_the_contract() {
    let world = world();
    let run = |question: &str| -> Ran {
        let ran = world.run_with(&["--db", "shop.db", "ask", "-"], question.as_bytes());
        assert!(!ran.stderr.contains('\u{1b}') && !ran.stdout.contains('\u{1b}'), "{ran:?}");
        ran
    };
    run("delete all sales").code(5).prints_nothing().says("[write_request]");
    run("\u{2003}\u{a0}").code(2).prints_nothing().says("[empty_question]");
    run("🛒🥶📉 \u{1b}[2J zzz").code(6).prints_nothing();
    run("how many stores are there\u{0}\u{1b}[31m").code(0).prints("3");
    run(&"a".repeat(300_000)).code(2).prints_nothing().says("[question_too_long]");
}

#[test]
fn questions_dressed_up_with_invisible_marks_mean_what_they_say() {
    let world = world();
    let server = Serving::start(&world);
    let dressed: Vec<Asked> = cases::<Asked>(QUESTIONS).into_iter().filter(|a| a.class == "same").collect();
    assert!(!dressed.is_empty());
    for asked in dressed {
        let (_, plain) = server.ask(&json!({"question": asked.r#as}));
        let (status, object) = server.ask(&json!({"question": asked.question}));
        assert_eq!(status, 200, "{:?}: {object}", asked.question);
        assert!(plain["sql"].is_string(), "{plain}");
        assert_eq!(object["sql"], plain["sql"], "{:?}", asked.question);
    }
}

#[test]
fn hostile_questions_do_no_harm_over_http() {
    let world = world();
    let before = std::fs::read(world.path("shop.db")).expect("the database");
    let server = Serving::start(&world);
    for asked in cases::<Asked>(QUESTIONS) {
        let (status, object) = server.ask(&json!({"question": asked.question}));
        let wanted: &[u16] = if asked.class == "empty" { &[400] } else { &[200, 422] };
        assert!(wanted.contains(&status), "{:?}: {status} {object}", asked.question);
        holds(&asked.class, &asked.question, &object, &object.to_string());
    }
    assert_eq!(std::fs::read(world.path("shop.db")).expect("the database"), before);
}

#[test]
fn hostile_requests_are_turned_away_and_the_next_one_is_answered() {
    let world = world();
    let before = std::fs::read(world.path("shop.db")).expect("the database");
    let server = Serving::start(&world);
    for sent in cases::<Sent>(REQUESTS) {
        let body = format!("{}{}{}", sent.body, sent.repeat.repeat(sent.times), sent.end);
        let (status, text) = server.send(&sent.method, &sent.path, &sent.headers, &body);
        let what = format!("{} {} {:?} {body:.120}", sent.method, sent.path, sent.headers);
        assert!(sent.status.contains(&status), "{what}: {status} {text:.300}");
        assert!(
            !text.contains(CANARY) && !text.contains("panicked") && (status == 200 || text.len() < 5_000),
            "{what}: {text:.300}"
        );
        let (status, next) = server.ask(&json!({"question": "how many stores are there"}));
        assert_eq!((status, &next["rows"]), (200, &json!([[3]])), "after {what}");
    }
    assert_eq!(std::fs::read(world.path("shop.db")).expect("the database"), before);
}

#[test]
fn filters_over_http_narrow_the_rows_and_unknown_ones_are_told() {
    let world = world();
    let server = Serving::start(&world);
    let ask = |filters: Value| {
        let question = "how many products are there";
        server.ask(&json!({"question": question, "user_context": {"filters": filters}})).1
    };
    assert_eq!(ask(json!({}))["rows"], json!([[3]]));
    let frozen = ask(json!({"category": "Frozen"}));
    assert_eq!((&frozen["rows"], &frozen["warnings"]), (&json!([[2]]), &json!([])), "{frozen}");
    assert_eq!(ask(json!({"category": ["Frozen", "Bakery"]}))["rows"], json!([[3]]));
    let quoted = ask(json!({"category": "Frozen'; DROP TABLE products; --"}));
    assert_eq!(quoted["rows"], json!([[0]]), "{quoted}");
    let unknown = ask(json!({"colour": "red"}));
    assert_eq!(unknown["rows"], json!([[3]]));
    let warned = unknown["warnings"][0].as_str().unwrap_or_default();
    assert!(warned.contains("colour = red was not applied"), "{unknown}");
}
