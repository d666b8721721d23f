//! Who may ask: names under which the server may be called, and pages that may call it.

use std::net::{IpAddr, Ipv6Addr};

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;

/// Who the server is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Programs and browsers on this machine.
    #[default]
    Loopback,
    /// Whoever can reach the address.
    Remote,
}

/// Refuses requests that a foreign page sent through the user's browser: under a name that was pointed at this machine
/// (DNS rebinding), or across origins.
pub async fn check(State(reach): State<Reach>, request: Request, next: Next) -> Response {
    match verdict(reach, request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn verdict(reach: Reach, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    let host = authority(uri, headers)
        .ok_or_else(|| Problem::bad_input("missing_host", "the request has no usable Host header"))?;
    if reach == Reach::Loopback && !is_loopback(host_name(host)) {
        let message = format!("this server does not answer under the name {host:?}");
        return Err(Problem::new(StatusCode::FORBIDDEN, "host_not_allowed", message)
            .hint("call it as 127.0.0.1 or localhost, or start it with --allow-remote"));
    }
    let Some(origin) = headers.get(ORIGIN) else { return Ok(()) };
    if origin.to_str().is_ok_and(|origin| is_same(origin, host)) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::FORBIDDEN, "cross_origin", "pages of other sites may not ask this server"))
}

fn authority<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    match uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => headers.get(HOST).and_then(|host| host.to_str().ok()),
    }
}

/// The name without its port, and an IPv6 address without its brackets.
fn host_name(authority: &str) -> &str {
    if let Some((address, _)) = authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return address;
    }
    authority.rsplit_once(':').map_or(authority, |(name, _)| name)
}

/// True for `localhost` and addresses of this machine alone.
pub fn is_loopback(name: &str) -> bool {
    if name.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback()) {
        return true;
    }
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// `null`, the origin of sandboxed pages, is never the same.
fn is_same(origin: &str, host: &str) -> bool {
    origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn check(reach: Reach, host: Option<&'static str>, origin: Option<&'static str>) -> Result<(), &'static str> {
        let mut headers = HeaderMap::new();
        for (name, value) in [(HOST, host), (ORIGIN, origin)] {
            if let Some(value) = value {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
        verdict(reach, &Uri::from_static("/api/query"), &headers).map_err(|problem| problem.code)
    }

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for host in ["localhost", "LOCALHOST:6001", "127.0.0.1", "127.0.0.1:6001", "127.8.9.1", "[::1]:6001", "[::1]"] {
            assert_eq!(check(Reach::Loopback, Some(host), None), Ok(()), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example:6001",
            "127.0.0.1.evil.example",
            "192.0.2.1",
            "0.0.0.0",
            "[::]",
        ] {
            assert_eq!(check(Reach::Loopback, Some(host), None), Err("host_not_allowed"), "{host}");
            assert_eq!(check(Reach::Remote, Some(host), None), Ok(()), "{host}");
        }
        assert_eq!(check(Reach::Remote, None, None), Err("missing_host"));
    }

    #[test]
    fn pages_of_other_sites_are_refused() {
        let host = Some("127.0.0.1:6001");
        assert_eq!(check(Reach::Loopback, host, Some("http://127.0.0.1:6001")), Ok(()));
        for origin in ["http://127.0.0.1:8080", "http://localhost:6001", "https://evil.example", "null", ""] {
            assert_eq!(check(Reach::Loopback, host, Some(origin)), Err("cross_origin"), "{origin}");
            assert_eq!(check(Reach::Remote, host, Some(origin)), Err("cross_origin"), "{origin}");
        }
    }

    #[test]
    fn an_absolute_address_counts_before_the_host_header() {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static("localhost"));
        let uri = Uri::from_static("http://evil.example/api/query");
        assert!(verdict(Reach::Loopback, &uri, &headers).is_err());
    }
}
