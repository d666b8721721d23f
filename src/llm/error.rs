//! Why a model gave no usable answer, with the stable word for each reason.

use std::time::Duration;

use crate::config::{ModelConfig, Secret};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    #[error("the model's endpoint denies access: {why}")]
    Unauthorized { why: String },
    #[error("the model's endpoint takes no more questions for now: {why}")]
    RateLimited { why: String },
    #[error("the model did not answer within {after:?}")]
    Timeout { after: Duration },
    #[error("the model cannot be reached at {endpoint}: {why}")]
    Unreachable { endpoint: String, why: String },
    #[error("the model's answer cannot be used: {why}")]
    BadAnswer { why: String },
    #[error("the model would not answer: {why}")]
    Refused { why: String },
    #[error("the endpoint knows no model \"{model}\": {why}")]
    NotFound { model: String, why: String },
    #[error("the question with its context is longer than the model can read: {why}")]
    TooLong { why: String },
    #[error("the endpoint did not accept the request ({status}): {why}")]
    NotAccepted { status: u16, why: String },
    #[error("the model is not set up rightly: {why}")]
    Misconfigured { why: String },
}

impl ModelError {
    /// The contract's word.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unauthorized { .. } => "model_unauthorized",
            Self::RateLimited { .. } => "model_rate_limited",
            Self::Timeout { .. } => "model_timeout",
            Self::Unreachable { .. } => "model_unreachable",
            Self::BadAnswer { .. } => "model_bad_answer",
            Self::Refused { .. } => "model_refused",
            Self::NotFound { .. } => "model_not_found",
            Self::TooLong { .. } => "model_input_too_long",
            Self::NotAccepted { .. } | Self::Misconfigured { .. } => "model_misconfigured",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unauthorized { .. } => "check the key and what it is allowed to do",
            Self::RateLimited { .. } => "wait a little and ask again",
            Self::Timeout { .. } => "ask again, or raise model.timeout",
            Self::Unreachable { .. } => "check model.base_url and the network",
            Self::BadAnswer { .. } => "ask again, or choose another model",
            Self::Refused { .. } => "put the question differently",
            Self::NotFound { .. } => "set model.name to a model that the endpoint has",
            Self::TooLong { .. } => "ask about fewer tables, or choose a model that reads more",
            Self::NotAccepted { .. } => "check model.base_url and model.name",
            Self::Misconfigured { .. } => "check the section [model] of the configuration",
        }
    }

    /// The same error with the key taken out, should the endpoint have repeated it.
    pub(super) fn without(mut self, config: &ModelConfig) -> Self {
        match &mut self {
            Self::Unauthorized { why }
            | Self::RateLimited { why }
            | Self::Unreachable { why, .. }
            | Self::BadAnswer { why }
            | Self::Refused { why }
            | Self::NotFound { why, .. }
            | Self::TooLong { why }
            | Self::NotAccepted { why, .. }
            | Self::Misconfigured { why } => *why = without_key(why, config),
            Self::Timeout { .. } => {}
        }
        self
    }
}

pub(super) fn without_key(text: &str, config: &ModelConfig) -> String {
    match config.api_key.as_ref().map(Secret::reveal).filter(|key| !key.is_empty()) {
        Some(key) => text.replace(key, "***"),
        None => text.to_owned(),
    }
}
