//! The HTTP under the client: no redirects, answers up to a size, failures told apart by what can be done about them.
//!
//! Retries of busy and failing endpoints are those of async-openai. Added here is one more attempt after a
//! connection that was cut, which it does not retry.

use std::sync::Arc;
use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use async_openai::middleware::retry::OpenAIRetryLayer;
use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tower::{ServiceBuilder, service_fn};

use super::ModelError;
use super::endpoint::Endpoint;
use super::error::without_key;
use super::reply::{error_message, one_line};
use crate::config::ModelConfig;

/// Attempts after the first one, for an endpoint that is busy or fails.
const RETRIES: usize = 2;

/// An endpoint that asks for a longer wait gets none: a person is waiting too.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Bytes of an answer; SQL with its explanation has a few thousand.
const LARGEST_ANSWER: usize = 4 << 20;

const CONNECT_LIMIT: Duration = Duration::from_secs(10);

pub(super) fn client(config: &ModelConfig, endpoint: &Endpoint) -> Result<Client<OpenAIConfig>, ModelError> {
    // Fails if it was done before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_LIMIT.min(config.timeout))
        .user_agent(concat!("t2s/", env!("CARGO_PKG_VERSION")));
    if endpoint.is_loopback() {
        builder = builder.no_proxy();
    }
    let http = builder.build().map_err(|e| ModelError::Misconfigured { why: cause(e) })?;
    let settings = OpenAIConfig::new()
        .with_api_base(endpoint.base_url())
        .with_api_key(config.api_key.as_ref().map_or("", |key| key.reveal()))
        .with_org_id("")
        .with_project_id("");
    let wire = Wire { http: http.clone(), config: Arc::new(config.clone()) };
    let exchange = service_fn(move |request: HttpRequestFactory| {
        let wire = wire.clone();
        async move { wire.exchange(&request).await }
    });
    let service = ServiceBuilder::new().layer(OpenAIRetryLayer::new(RETRIES)).service(exchange);
    Ok(Client::build(http, settings).with_http_service(service))
}

/// The innermost reason, without the address, which may hold secrets.
pub(super) fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut innermost: &dyn std::error::Error = &error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    one_line(&innermost.to_string())
}

#[derive(Clone)]
struct Wire {
    http: reqwest::Client,
    config: Arc<ModelConfig>,
}

impl Wire {
    /// One request with its whole answer. An answer worth a retry comes back as it is, with a body that every layer
    /// above can read and log; any other failure as the error that it means.
    async fn exchange(&self, request: &HttpRequestFactory) -> Result<Response, OpenAIError> {
        let mut answered = self.attempt(request).await;
        if let Err(OpenAIError::Reqwest(e)) = &answered
            && !e.is_connect()
            && !e.is_timeout()
        {
            answered = self.attempt(request).await;
        }
        let (status, headers, body) = answered?;
        if status.is_success() {
            return match serde_json::from_slice::<Value>(&body) {
                Ok(_) => Ok(response(status, &headers, body)),
                Err(_) if body.is_empty() => failed(ModelError::BadAnswer { why: "it is empty".to_owned() }),
                Err(e) => failed(ModelError::BadAnswer { why: format!("it is no JSON ({e})") }),
            };
        }
        let said = serde_json::from_slice::<Value>(&body).unwrap_or(Value::Null);
        if let Some(error) = failure(status, &headers, &said, &self.config.name) {
            return failed(error);
        }
        let message = error_message(&said).unwrap_or_else(|| one_line(&String::from_utf8_lossy(&body)));
        let message =
            if message.is_empty() { "no reason given".to_owned() } else { without_key(&message, &self.config) };
        // Failures of the server are taken as they stand, the others are read as JSON.
        let body =
            if status.is_server_error() { message } else { json!({ "error": { "message": message } }).to_string() };
        Ok(response(status, &headers, body.into_bytes()))
    }

    async fn attempt(&self, request: &HttpRequestFactory) -> Result<(StatusCode, HeaderMap, Vec<u8>), OpenAIError> {
        let mut response = self.http.execute(request.build().await?).await.map_err(OpenAIError::Reqwest)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(OpenAIError::Reqwest)? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return failed(ModelError::BadAnswer { why: format!("it is larger than {} MB", LARGEST_ANSWER >> 20) });
            }
            body.extend_from_slice(&chunk);
        }
        Ok((response.status(), response.headers().clone(), body))
    }
}

fn failed<T>(error: ModelError) -> Result<T, OpenAIError> {
    Err(OpenAIError::Boxed(Box::new(error)))
}

/// What a failing status means; `None` if trying again may help.
fn failure(status: StatusCode, headers: &HeaderMap, said: &Value, model: &str) -> Option<ModelError> {
    let why = error_message(said).unwrap_or_else(|| format!("status {status}"));
    let code = said["error"]["code"].as_str().or_else(|| said["error"]["type"].as_str()).unwrap_or_default();
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match status.as_u16() {
        300..400 => {
            let to = header("location").and_then(|l| reqwest::Url::parse(l).ok());
            let to = to.map_or_else(|| "elsewhere".to_owned(), |url| url.origin().ascii_serialization());
            Some(ModelError::Misconfigured {
                why: format!(
                    "the endpoint redirects to {to}, where the key is not sent; set base_url to the right address"
                ),
            })
        }
        401 | 403 => Some(ModelError::Unauthorized { why }),
        404 if code == "model_not_found" || why.to_lowercase().contains("model") => {
            Some(ModelError::NotFound { model: model.to_owned(), why })
        }
        413 => Some(ModelError::TooLong { why }),
        400 if code == "context_length_exceeded" || why.contains("context length") => Some(ModelError::TooLong { why }),
        429 if code == "insufficient_quota" || said["error"]["type"] == "insufficient_quota" => {
            Some(ModelError::RateLimited { why: format!("the quota is used up: {why}") })
        }
        429 | 500.. => {
            let wait = header("retry-after").and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
            let wait = wait.filter(|wait| *wait > LONGEST_WAIT)?;
            Some(ModelError::RateLimited { why: format!("{why}; it asks to wait {} s", wait.as_secs()) })
        }
        status => Some(ModelError::NotAccepted { status, why }),
    }
}

fn response(status: StatusCode, headers: &HeaderMap, body: Vec<u8>) -> Response {
    let mut response = http::Response::new(body);
    *response.status_mut() = status;
    if let Some(wait) = headers.get(reqwest::header::RETRY_AFTER) {
        response.headers_mut().insert(reqwest::header::RETRY_AFTER, wait.clone());
    }
    response.into()
}
