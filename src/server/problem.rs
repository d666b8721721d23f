//! What goes wrong over HTTP, in one form: `application/problem+json` (RFC 9457) with the contract's stable `code`.

use axum::extract::Request;
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::pipeline::response::{Answer, Failure, Outcome};

const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// A request that got no answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    pub status: StatusCode,
    pub code: &'static str,
    /// What happened.
    pub message: String,
    pub why: Option<String>,
    /// What to do.
    pub hint: Option<String>,
    /// Further members; those of the problem itself win.
    pub members: Box<Map<String, Value>>,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), why: None, hint: None, members: Box::default() }
    }

    pub fn bad_input(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The problem of an answer that is none; `members` is the answer object.
    pub fn of(answer: &Answer, members: Map<String, Value>) -> Option<Self> {
        let status = status(answer.outcome, answer.error.as_ref());
        if status.is_success() {
            return None;
        }
        let problem = match &answer.error {
            Some(failure) => Self {
                why: failure.why.clone(),
                hint: failure.hint.clone(),
                ..Self::new(status, failure.code, failure.message.clone())
            },
            None => Self::new(status, answer.outcome.name(), answer.text.clone()),
        };
        Some(Self { members: Box::new(members), ..problem })
    }

    /// The members as they are sent.
    pub fn body(&self) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("type".into(), json!("about:blank"));
        body.insert("title".into(), json!(self.status.canonical_reason().unwrap_or("Error")));
        body.insert("status".into(), json!(self.status.as_u16()));
        body.insert("detail".into(), json!(self.message));
        body.insert("code".into(), json!(self.code));
        body.insert("success".into(), json!(false));
        body.insert("outcome".into(), json!("error"));
        body.insert(
            "error".into(),
            json!({ "code": self.code, "message": self.message, "why": self.why, "hint": self.hint }),
        );
        for (name, value) in self.members.iter() {
            let is_ours = matches!(name.as_str(), "type" | "title" | "status" | "detail" | "code");
            let is_empty = name == "error" && value.is_null();
            if !is_ours && !is_empty {
                body.insert(name.clone(), value.clone());
            }
        }
        body
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = Value::Object(self.body()).to_string();
        let mut response = (self.status, [(CONTENT_TYPE, PROBLEM_JSON)], body).into_response();
        response.extensions_mut().insert(ProblemCode(self.code));
        response
    }
}

/// The code of the problem in a response, for logs and counts.
#[derive(Clone, Copy, Debug)]
pub struct ProblemCode(pub &'static str);

/// The status of an outcome. Codes are grouped by what the asker can do about them.
pub fn status(outcome: Outcome, error: Option<&Failure>) -> StatusCode {
    match outcome {
        Outcome::Answer | Outcome::Clarify | Outcome::Abstain => StatusCode::OK,
        Outcome::Refused => StatusCode::UNPROCESSABLE_ENTITY,
        Outcome::Error => error.map_or(StatusCode::INTERNAL_SERVER_ERROR, |failure| status_of_code(failure.code)),
    }
}

fn status_of_code(code: &str) -> StatusCode {
    match code {
        "time_limit" => StatusCode::GATEWAY_TIMEOUT,
        "empty_question" | "question_too_long" => StatusCode::BAD_REQUEST,
        "syntax" | "empty" | "too_long" | "size_limit" | "too_complex" => StatusCode::UNPROCESSABLE_ENTITY,
        "busy"
        | "missing_database"
        | "not_a_database"
        | "unreadable_database"
        | "damaged_database"
        | "cancelled"
        | "stopped" => StatusCode::SERVICE_UNAVAILABLE,
        _ if code.starts_with("unknown_") => StatusCode::UNPROCESSABLE_ENTITY,
        _ if code.starts_with("model_") => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Rewrites errors that the framework made (no such route, wrong method, body too large, time over) as problems.
pub async fn in_one_form(request: Request, next: Next) -> Response {
    let asked = format!("{} {}", request.method(), request.uri().path());
    let response = next.run(request).await;
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    if !is_error || response.headers().get(CONTENT_TYPE).is_some_and(is_json) {
        return response;
    }
    let mut problem = of_framework(response.status(), &asked).into_response();
    for name in [ALLOW, RETRY_AFTER] {
        if let Some(value) = response.headers().get(&name) {
            problem.headers_mut().insert(name, value.clone());
        }
    }
    problem
}

fn is_json(value: &HeaderValue) -> bool {
    value.as_bytes() == PROBLEM_JSON.as_bytes() || value.as_bytes().starts_with(b"application/json")
}

fn of_framework(status: StatusCode, asked: &str) -> Problem {
    match status {
        StatusCode::NOT_FOUND => {
            Problem::new(status, "not_found", format!("there is nothing at {asked}")).hint("GET / lists what there is")
        }
        StatusCode::METHOD_NOT_ALLOWED => Problem::new(status, "method_not_allowed", format!("{asked} is not offered"))
            .hint("the header Allow names the methods of this path"),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(status, "body_too_large", "the request body is too large")
            .hint("send a shorter question or fewer turns, or raise server.body_bytes"),
        StatusCode::GATEWAY_TIMEOUT => Problem::new(status, "time_limit", "the request took longer than allowed")
            .hint("ask for less, or raise limits.http_time"),
        _ if status.is_server_error() => Problem::new(status, "internal", "the server failed on this request")
            .hint("the log has the details under the id in the header x-request-id"),
        _ => Problem::new(status, "bad_request", format!("{asked} was not understood")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(code: &'static str) -> Failure {
        Failure { code, message: "m".into(), why: None, hint: None, place: None }
    }

    #[test]
    fn outcomes_and_codes_have_the_statuses_of_the_contract() {
        let cases = [
            (Outcome::Answer, None, 200),
            (Outcome::Clarify, None, 200),
            (Outcome::Abstain, None, 200),
            (Outcome::Refused, Some("not_read_only"), 422),
            (Outcome::Refused, None, 422),
            (Outcome::Error, Some("unknown_table"), 422),
            (Outcome::Error, Some("unknown_column"), 422),
            (Outcome::Error, Some("model_unauthorized"), 503),
            (Outcome::Error, Some("time_limit"), 504),
            (Outcome::Error, Some("question_too_long"), 400),
            (Outcome::Error, Some("size_limit"), 422),
            (Outcome::Error, Some("busy"), 503),
            (Outcome::Error, Some("sql_error"), 500),
            (Outcome::Error, None, 500),
        ];
        for (outcome, code, expected) in cases {
            let failure = code.map(failure);
            assert_eq!(status(outcome, failure.as_ref()).as_u16(), expected, "{outcome:?} {code:?}");
        }
    }

    #[test]
    fn members_of_the_answer_never_replace_those_of_the_problem() {
        let mut problem = Problem::bad_input("empty_question", "no question").hint("write one");
        problem.members.insert("code".into(), json!("other"));
        problem.members.insert("rows".into(), json!([]));
        let body = problem.body();
        assert_eq!(body["code"], "empty_question");
        assert_eq!(body["status"], 400);
        assert_eq!(body["detail"], "no question");
        assert_eq!(body["error"]["hint"], "write one");
        assert_eq!(body["rows"], json!([]));
    }
}
