//! Client of an OpenAI-compatible endpoint: messages go in, the text of the answer comes out, with what was sent and
//! what it cost.
//!
//! Bounded everywhere: one time limit over all attempts, a few retries, a largest answer. The key goes to the
//! configured host alone and appears in no message.

mod endpoint;
mod error;
mod reply;
#[cfg(test)]
pub(crate) mod scripted;
mod wire;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::types::chat::{
    ChatCompletionRequestMessage, ChatCompletionRequestSystemMessage, ChatCompletionRequestUserMessage,
    CreateChatCompletionRequest, ResponseFormat,
};
use serde::Serialize;

use crate::config::{ModelConfig, Privacy};
use endpoint::Endpoint;
pub use error::ModelError;

/// What the client is built on, for logs: lines of these crates are about themselves.
pub const CLIENT_CRATES: [&str; 5] = ["async_openai", "hyper", "hyper_util", "reqwest", "rustls"];

/// Bytes. Local servers take any word for a key, and such a word may well stand in SQL.
const SHORTEST_KEY: usize = 12;

/// Who says a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    System,
    User,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    pub role: Role,
    pub text: String,
}

/// Everything of a question that leaves this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// Scheme, host and port.
    pub endpoint: String,
    pub model: String,
    pub messages: Vec<Message>,
}

/// What an answer cost, in tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub prompt_tokens: u64,
    pub completion_tokens: u64,
}

/// A whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Never empty; thoughts and control characters are left out.
    pub text: String,
    /// `None` if the endpoint does not say.
    pub usage: Option<Usage>,
}

/// A client of the configured endpoint. Cheap to use from many tasks at once.
pub struct ModelClient {
    client: Client<OpenAIConfig>,
    endpoint: Endpoint,
    config: ModelConfig,
    /// The endpoint does not know the settings that we prefer; found out by its first answer.
    plain: AtomicBool,
}

impl ModelClient {
    /// Sends nothing. Fails if the configured address or key cannot be used.
    pub fn new(config: &ModelConfig) -> Result<Self, ModelError> {
        let endpoint = Endpoint::new(config)?;
        let client = wire::client(config, &endpoint)?;
        Ok(Self { client, endpoint, config: config.clone(), plain: AtomicBool::new(false) })
    }

    /// The model's name, as configured.
    pub fn model(&self) -> &str {
        &self.config.name
    }

    /// What may be sent.
    pub fn privacy(&self) -> Privacy {
        self.config.privacy
    }

    /// What [`Self::chat`] sends for these messages, for the record of what left this machine.
    pub fn sent(&self, messages: &[Message]) -> Sent {
        Sent {
            endpoint: self.endpoint.origin().to_owned(),
            model: self.config.name.clone(),
            messages: messages.to_vec(),
        }
    }

    /// Asks for one answer, a JSON object if the endpoint can promise that. The time limit covers every attempt.
    pub async fn chat(&self, messages: &[Message]) -> Result<Reply, ModelError> {
        let answered = tokio::time::timeout(self.config.timeout, self.chat_without_limit(messages)).await;
        answered.unwrap_or(Err(ModelError::Timeout { after: self.config.timeout }))
    }

    async fn chat_without_limit(&self, messages: &[Message]) -> Result<Reply, ModelError> {
        let plain = self.plain.load(Ordering::Relaxed);
        match self.send(messages, plain).await {
            Err(ModelError::NotAccepted { why, .. }) if !plain && is_about_settings(&why) => {
                self.plain.store(true, Ordering::Relaxed);
                self.send(messages, true).await
            }
            answered => answered,
        }
    }

    async fn send(&self, messages: &[Message], plain: bool) -> Result<Reply, ModelError> {
        let request = CreateChatCompletionRequest {
            model: self.config.name.clone(),
            messages: messages.iter().map(to_wire).collect(),
            temperature: (!plain).then_some(0.0),
            response_format: (!plain).then_some(ResponseFormat::JsonObject),
            ..CreateChatCompletionRequest::default()
        };
        let answer: serde_json::Value =
            self.client.chat().create_byot(&request).await.map_err(|e| self.model_error(e))?;
        let mut reply = reply::read(&answer).map_err(|e| e.without(&self.config))?;
        if self.config.api_key.as_ref().is_some_and(|key| key.reveal().len() >= SHORTEST_KEY) {
            reply.text = error::without_key(&reply.text, &self.config);
        }
        Ok(reply)
    }

    fn model_error(&self, error: OpenAIError) -> ModelError {
        let unreachable = |why: String| ModelError::Unreachable { endpoint: self.endpoint.origin().to_owned(), why };
        let error = match error {
            OpenAIError::Boxed(inner) => match inner.downcast::<ModelError>() {
                Ok(error) => *error,
                Err(other) => unreachable(other.to_string()),
            },
            OpenAIError::ApiError(answer) if answer.status_code.as_u16() == 429 => {
                ModelError::RateLimited { why: answer.api_error.message }
            }
            OpenAIError::ApiError(answer) => unreachable(format!("it answered {answer}")),
            OpenAIError::Reqwest(e) => unreachable(wire::cause(e)),
            OpenAIError::JSONDeserialize(e, _) => ModelError::BadAnswer { why: format!("it is no JSON ({e})") },
            other => ModelError::BadAnswer { why: other.to_string() },
        };
        error.without(&self.config)
    }
}

impl fmt::Debug for ModelClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ModelClient({} at {})", self.config.name, self.endpoint.origin())
    }
}

fn to_wire(message: &Message) -> ChatCompletionRequestMessage {
    let text = message.text.as_str();
    match message.role {
        Role::System => ChatCompletionRequestSystemMessage::from(text).into(),
        Role::User => ChatCompletionRequestUserMessage::from(text).into(),
    }
}

/// Some models allow only their own temperature, some servers know no response format.
fn is_about_settings(why: &str) -> bool {
    let why = why.to_lowercase();
    ["temperature", "response_format", "json_object", "response format"].iter().any(|word| why.contains(word))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde::Deserialize;

    use super::scripted::{Script, Scripted, client, config};
    use super::*;
    use crate::config::Secret;

    /// A way in which an endpoint may behave, and what must come of it.
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Case {
        id: String,
        /// Answers in order; the last one is repeated.
        script: Vec<Script>,
        /// The text of the answer, or
        text: Option<String>,
        /// the code of the error with a part of its message.
        code: Option<String>,
        says: Option<String>,
        requests: usize,
    }

    #[tokio::test]
    async fn every_fault_has_its_outcome() {
        let cases: Vec<Case> = serde_json::from_str(include_str!("../../tests/cases/model_faults.json")).unwrap();
        assert!(cases.len() > 20);
        for case in cases {
            let server = Scripted::start(case.script).await;
            let client = client(&server, Duration::from_secs(20));
            let answered = client.chat(&question()).await;
            match (&answered, &case.text, &case.code) {
                (Ok(reply), Some(text), None) => assert_eq!(&reply.text, text, "{}", case.id),
                (Err(error), None, Some(code)) => {
                    assert_eq!(error.code(), code, "{}: {error}", case.id);
                    let says = case.says.unwrap_or_default();
                    assert!(error.to_string().contains(&says), "{}: {error}", case.id);
                    let shown = format!("{error} {error:?} {:?}", error.hint());
                    assert!(!shown.contains(scripted::KEY), "{}: {shown}", case.id);
                }
                other => panic!("{}: {other:?}", case.id),
            }
            assert_eq!(server.requests().len(), case.requests, "{}", case.id);
        }
    }

    fn question() -> Vec<Message> {
        vec![
            Message { role: Role::System, text: "Answer with SQL.".to_owned() },
            Message { role: Role::User, text: "How many?".to_owned() },
        ]
    }

    #[tokio::test]
    async fn an_endpoint_that_never_answers_is_left_in_time() {
        let server = Scripted::start(vec![Script { hang: true, ..Script::default() }]).await;
        let error = client(&server, Duration::from_millis(60)).chat(&question()).await.unwrap_err();
        assert_eq!(error.code(), "model_timeout");
        assert!(error.to_string().contains("60ms"), "{error}");
    }

    #[tokio::test]
    async fn a_connection_cut_before_the_answer_is_tried_once_more() {
        let (base_url, served) = scripted::cutting(1);
        let client = ModelClient::new(&config(&base_url, Duration::from_secs(20))).unwrap();
        assert_eq!(client.chat(&question()).await.unwrap().text, "SELECT 1");
        assert_eq!(served.join().unwrap(), 2);
    }

    #[tokio::test]
    async fn half_an_answer_is_no_answer() {
        let (base_url, served) = scripted::cutting(2);
        let client = ModelClient::new(&config(&base_url, Duration::from_secs(20))).unwrap();
        let error = client.chat(&question()).await.unwrap_err();
        assert_eq!(error.code(), "model_unreachable", "{error}");
        drop(client);
        assert_eq!(served.join().unwrap(), 2);
    }

    #[tokio::test]
    async fn nobody_listening_is_said_with_the_address() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let client = ModelClient::new(&config(&format!("http://{address}/v1"), Duration::from_secs(20))).unwrap();
        let error = client.chat(&question()).await.unwrap_err();
        assert_eq!(error.code(), "model_unreachable");
        assert!(error.to_string().contains(&address.to_string()), "{error}");
    }

    #[tokio::test]
    async fn a_key_that_is_repeated_in_an_answer_is_taken_out_and_a_word_is_left_in() {
        let said = format!("SELECT 'local', '{}'", scripted::KEY);
        let server = Scripted::start(vec![Script::answer(&said)]).await;
        let client_with = |key: &str| {
            let key = Some(Secret::new(key));
            ModelClient::new(&ModelConfig { api_key: key, ..config(&server.base_url, Duration::from_secs(20)) })
                .unwrap()
        };
        assert_eq!(client_with(scripted::KEY).chat(&question()).await.unwrap().text, "SELECT 'local', '***'");
        assert_eq!(client_with("local").chat(&question()).await.unwrap().text, said);
    }

    #[tokio::test]
    async fn sends_what_it_says_it_sends() {
        let server = Scripted::start(vec![Script::answer("SELECT 1")]).await;
        let client = client(&server, Duration::from_secs(20));
        let sent = client.sent(&question());
        client.chat(&question()).await.unwrap();
        let request = server.requests().remove(0);
        assert_eq!(request.authorization, format!("Bearer {}", scripted::KEY));
        assert_eq!(request.path, "/v1/chat/completions");
        assert_eq!(request.body["model"], sent.model.as_str());
        for (wire, message) in request.body["messages"].as_array().unwrap().iter().zip(&sent.messages) {
            assert_eq!(wire["content"], message.text.as_str());
            assert_eq!(wire["role"], serde_json::to_value(message.role).unwrap());
        }
        assert_eq!(format!("{client:?}"), format!("ModelClient({} at {})", sent.model, sent.endpoint));
    }

    #[tokio::test]
    async fn settings_that_are_not_known_are_left_out_from_then_on() {
        let unknown = Script {
            status: 400,
            body: Some(r#"{"error":{"message":"Unsupported value: 'temperature' does not support 0"}}"#.to_owned()),
            ..Script::default()
        };
        let server = Scripted::start(vec![unknown, Script::answer("SELECT 1")]).await;
        let client = client(&server, Duration::from_secs(20));
        client.chat(&question()).await.unwrap();
        client.chat(&question()).await.unwrap();
        let with_settings: Vec<bool> = server.requests().iter().map(|r| r.body.get("temperature").is_some()).collect();
        assert_eq!(with_settings, [true, false, false]);
    }

    #[test]
    fn addresses_that_would_leak_or_fail_are_refused() {
        let cases = [
            ("http://169.254.169.254/latest", "unencrypted"),
            ("http://models.example/v1", "unencrypted"),
            ("ftp://127.0.0.1/v1", "http"),
            ("not an address", "base_url"),
            ("https://user:pass@models.example/v1", "user name"),
        ];
        for (base_url, says) in cases {
            let error = ModelClient::new(&config(base_url, Duration::from_secs(1))).unwrap_err();
            assert_eq!(error.code(), "model_misconfigured", "{base_url}");
            assert!(error.to_string().contains(says), "{base_url}: {error}");
        }
        for base_url in ["http://localhost:1234/v1", "http://[::1]:1234/v1", "https://models.example/v1/"] {
            ModelClient::new(&config(base_url, Duration::from_secs(1))).unwrap();
        }
        let open = ModelConfig { api_key: None, ..config("http://models.example/v1", Duration::from_secs(1)) };
        ModelClient::new(&open).unwrap();
    }

    #[test]
    fn a_key_that_no_header_can_carry_is_refused_without_showing_it() {
        let mut config = config("http://127.0.0.1:1/v1", Duration::from_secs(1));
        config.api_key = Some(Secret::new("sk-canary\nX"));
        let error = ModelClient::new(&config).unwrap_err();
        assert_eq!(error.code(), "model_misconfigured");
        assert!(!format!("{error}{error:?}").contains("canary"));
    }
}
