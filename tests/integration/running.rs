//! Runs that last: a server, and a statement that is interrupted.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command};

use crate::harness::World;

const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n";

/// Reads stderr until a line holds `part`, and gives that line.
fn wait_for(stderr: &mut impl BufRead, part: &str) -> String {
    let mut all = String::new();
    loop {
        let mut line = String::new();
        let read = stderr.read_line(&mut line).expect("reads stderr");
        assert!(read > 0, "{part:?} was never said: {all}");
        if line.contains(part) {
            return line;
        }
        all.push_str(&line);
    }
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().expect("sends a signal");
    assert!(sent.success());
}

#[test]
fn an_interrupt_ends_a_statement_with_code_130() {
    let world = World::with_shop();
    let mut child = world.command(&["-v", "--db", "shop.db", "sql", ENDLESS]).spawn().expect("starts");
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    wait_for(&mut stderr, "check:");
    signal(&child, "-INT");
    assert_eq!(child.wait().expect("ends").code(), Some(130));
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).expect("reads");
    assert!(rest.contains("error[cancelled]: interrupted"), "{rest}");
}

#[test]
fn an_interrupted_batch_leaves_no_half_file() {
    let world = World::with_shop();
    world.write("batch.txt", &format!("SELECT 1\n{ENDLESS}\n"));
    let arguments = ["-v", "--db", "shop.db", "sql", "--batch", "batch.txt", "-o", "out.jsonl"];
    let mut child = world.command(&arguments).spawn().expect("starts");
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    wait_for(&mut stderr, "line 1");
    signal(&child, "-INT");
    assert_eq!(child.wait().expect("ends").code(), Some(130));
    assert!(!world.path("out.jsonl").exists());
}

/// Rows without end, so that a pipe fills and a file grows.
const ENDLESS_ROWS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";

#[test]
fn an_interrupted_export_leaves_no_half_file() {
    let world = World::with_shop();
    let arguments = ["-v", "--db", "shop.db", "sql", ENDLESS_ROWS, "-o", "out.csv"];
    let mut child = world.command(&arguments).spawn().expect("starts");
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    wait_for(&mut stderr, "check:");
    signal(&child, "-INT");
    assert_eq!(child.wait().expect("ends").code(), Some(130));
    let entries = std::fs::read_dir(world.path(".")).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let ours: Vec<String> = names.filter(|name| name.contains("t2s") || name.contains("out")).collect();
    assert!(ours.is_empty(), "{ours:?}");
}

#[test]
fn an_interrupted_pipe_is_told_how_far_it_came() {
    let world = World::with_shop();
    let mut child = world.command(&["--db", "shop.db", "sql", ENDLESS_ROWS]).spawn().expect("starts");
    let mut stdout = child.stdout.take().expect("a pipe");
    // More than a pipe and a buffer hold: then some rows were handed over for certain.
    stdout.read_exact(&mut vec![0; 1 << 20]).expect("reads");
    signal(&child, "-INT");
    assert_eq!(child.wait().expect("ends").code(), Some(130));
    let mut said = String::new();
    child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("reads");
    assert!(said.contains(" rows were written before the interruption"), "{said}");
    assert!(said.contains("[cancelled]"), "{said}");
}

#[test]
fn the_server_says_its_address_on_stderr_answers_and_stops_at_a_signal() {
    let world = World::with_shop();
    let mut child = world.command(&["--db", "shop.db", "serve", "--port", "0"]).spawn().expect("starts");
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let line = wait_for(&mut stderr, "listening on http://");
    let address = line.split("http://").nth(1).and_then(|rest| rest.split(' ').next()).expect("an address");
    let mut stream = TcpStream::connect(address.trim()).expect("connects");
    let body = r#"{"question": "how many stores are there"}"#;
    let request = format!(
        "POST /api/query HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        address.trim(),
        body.len()
    );
    stream.write_all(request.as_bytes()).expect("asks");
    let mut reply = String::new();
    stream.read_to_string(&mut reply).expect("is answered");
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    assert!(reply.contains(r#""rows":[[3]]"#), "{reply}");
    signal(&child, "-TERM");
    assert_eq!(child.wait().expect("ends").code(), Some(0));
    let mut stdout = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut stdout).expect("reads");
    assert_eq!(stdout, "");
}

#[test]
fn a_server_for_other_machines_must_be_allowed() {
    let world = World::with_shop();
    world.run(&["--db", "shop.db", "serve", "--host", "0.0.0.0", "--port", "0"]).code(5).says("--allow-remote");
}
