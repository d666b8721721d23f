//! The socket: where the server listens, and how it stops.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, lookup_host};
use tokio::sync::oneshot;

use super::{ServerState, router};
use crate::config::ServerConfig;
use crate::pipeline::Pipeline;

/// What a running question may still take after the signal to stop, beyond its own limit.
const GRACE: Duration = Duration::from_secs(1);

/// Why the server could not listen.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("{0} can be reached from other machines, and whoever reaches it may ask; allow that with --allow-remote")]
    RemoteHost(String),
    #[error("the host {host} has no address: {source}")]
    UnknownHost { host: String, source: io::Error },
    #[error("cannot listen on {address}: {source}; choose another port, or end the program that holds it")]
    Bind { address: String, source: io::Error },
    #[error("the server failed: {0}")]
    Io(#[from] io::Error),
}

/// Serves until SIGINT or SIGTERM, then lets running questions end. `announce` is told the address once it is open.
///
/// # Errors
/// If the configured host is not of this machine alone and `server.allow_remote` is off, or if it cannot be bound.
pub async fn serve(pipeline: Arc<Pipeline>, announce: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    let listener = bind(&pipeline.config().server).await?;
    announce(listener.local_addr()?);
    let patience = pipeline.config().limits.http_time + GRACE;
    let app = router(ServerState::new(pipeline));
    run(listener, app, patience, signal).await.map_err(ServeError::Io)
}

async fn bind(config: &ServerConfig) -> Result<TcpListener, ServeError> {
    let host = config.host.trim_start_matches('[').trim_end_matches(']');
    let addresses: Vec<SocketAddr> = lookup_host((host, config.port))
        .await
        .map_err(|source| ServeError::UnknownHost { host: config.host.clone(), source })?
        .collect();
    if !config.allow_remote && !addresses.iter().all(|address| address.ip().to_canonical().is_loopback()) {
        return Err(ServeError::RemoteHost(config.host.clone()));
    }
    let address = format!("{}:{}", config.host, config.port);
    TcpListener::bind(&addresses[..]).await.map_err(|source| ServeError::Bind { address, source })
}

/// Serves until `stop` comes; a second `stop`, or `patience` over, ends what still runs.
async fn run<F>(listener: TcpListener, app: Router, patience: Duration, stop: impl Fn() -> F) -> io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let (stopping, stopped) = oneshot::channel();
    let first = stop();
    let served = axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).with_graceful_shutdown(
        async move {
            first.await;
            tracing::info!("stopping");
            let _ = stopping.send(());
        },
    );
    let impatient = async {
        let _ = stopped.await;
        tokio::select! {
            () = tokio::time::sleep(patience) => {}
            () = stop() => {}
        }
    };
    tokio::select! {
        result = served => result,
        () = impatient => Ok(()),
    }
}

async fn signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupt => {}
        () = terminate() => {}
    }
}

#[cfg(unix)]
async fn terminate() {
    match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(mut signal) => {
            signal.recv().await;
        }
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminate() {
    std::future::pending::<()>().await;
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::sync::Notify;

    use super::*;

    fn config(host: &str, allow_remote: bool) -> ServerConfig {
        ServerConfig { host: host.into(), port: 0, allow_remote, ..ServerConfig::default() }
    }

    #[tokio::test]
    async fn listens_on_this_machine_alone_unless_told() {
        for host in ["127.0.0.1", "localhost", "127.0.0.2"] {
            assert!(bind(&config(host, false)).await.is_ok(), "{host}");
        }
        for host in ["0.0.0.0", "[::]", "::"] {
            let refused = bind(&config(host, false)).await.expect_err(host);
            assert!(matches!(refused, ServeError::RemoteHost(_)), "{refused}");
        }
        assert!(bind(&config("0.0.0.0", true)).await.is_ok());
    }

    #[tokio::test]
    async fn a_port_in_use_is_named() {
        let holder = bind(&config("127.0.0.1", false)).await.expect("a free port");
        let port = holder.local_addr().expect("an address").port();
        let refused = bind(&ServerConfig { port, ..config("127.0.0.1", false) }).await.expect_err("in use");
        assert!(refused.to_string().starts_with(&format!("cannot listen on 127.0.0.1:{port}: ")), "{refused}");
    }

    /// A server whose only answer waits for `release`; `begun` tells that it is being waited for.
    async fn slow(release: Arc<Notify>, begun: Arc<Notify>) -> (TcpListener, Router, SocketAddr) {
        let app = Router::new().route(
            "/",
            get(move || async move {
                begun.notify_one();
                release.notified().await;
                "late"
            }),
        );
        let listener = bind(&config("127.0.0.1", false)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        (listener, app, address)
    }

    async fn ask(address: SocketAddr) -> TcpStream {
        let mut client = TcpStream::connect(address).await.expect("a connection");
        client.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.expect("sent");
        client
    }

    #[tokio::test]
    async fn a_running_request_ends_before_the_server_stops() {
        let [release, begun, stop] = [(); 3].map(|()| Arc::new(Notify::new()));
        let (listener, app, address) = slow(release.clone(), begun.clone()).await;
        let stopper = stop.clone();
        let server = tokio::spawn(run(listener, app, Duration::MAX, move || {
            let stop = stopper.clone();
            async move { stop.notified().await }
        }));
        let mut client = ask(address).await;
        begun.notified().await;
        stop.notify_one();
        release.notify_one();
        let mut reply = String::new();
        client.read_to_string(&mut reply).await.expect("a reply");
        assert!(reply.ends_with("late"), "{reply}");
        server.await.expect("no panic").expect("a clean end");
    }

    #[tokio::test]
    async fn a_second_signal_ends_what_still_runs() {
        let [release, begun, stop] = [(); 3].map(|()| Arc::new(Notify::new()));
        let (listener, app, address) = slow(release, begun.clone()).await;
        let stopper = stop.clone();
        let server = tokio::spawn(run(listener, app, Duration::MAX, move || {
            let stop = stopper.clone();
            async move { stop.notified().await }
        }));
        let _client = ask(address).await;
        begun.notified().await;
        stop.notify_one();
        stop.notify_one();
        // The permits of two signals may merge; a third one then is the second that is heard.
        while !server.is_finished() {
            tokio::task::yield_now().await;
            stop.notify_one();
        }
        server.await.expect("no panic").expect("a clean end");
    }
}
