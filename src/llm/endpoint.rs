//! The address of a model, checked before anything is sent there.

use std::net::IpAddr;

use reqwest::Url;
use reqwest::header::HeaderValue;

use super::ModelError;
use crate::config::{ModelConfig, Secret};

/// Where to send, with what can be shown of it.
pub(super) struct Endpoint {
    base_url: String,
    origin: String,
    loopback: bool,
}

impl Endpoint {
    pub(super) fn new(config: &ModelConfig) -> Result<Self, ModelError> {
        let misconfigured = |why: String| ModelError::Misconfigured { why };
        let url = Url::parse(&config.base_url)
            .map_err(|e| misconfigured(format!("the base_url of the model is not an address ({e})")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(misconfigured(format!("the base_url of the model begins with {}, not http", url.scheme())));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(misconfigured("the base_url of the model contains a user name or password".to_owned()));
        }
        let origin = url.origin().ascii_serialization();
        let loopback = is_loopback(&url);
        if url.scheme() == "http" && !loopback && config.api_key.is_some() {
            return Err(misconfigured(format!("the key would travel to {origin} unencrypted")));
        }
        if config.api_key.as_ref().is_some_and(|key| !fits_header(key)) {
            return Err(misconfigured("the key contains characters that no key has".to_owned()));
        }
        Ok(Self { base_url: config.base_url.trim_end_matches('/').to_owned(), origin, loopback })
    }

    /// Without a slash at the end.
    pub(super) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Scheme, host and port: what may be shown and logged.
    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    pub(super) fn is_loopback(&self) -> bool {
        self.loopback
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn fits_header(key: &Secret) -> bool {
    HeaderValue::from_str(&format!("Bearer {}", key.reveal())).is_ok()
}
