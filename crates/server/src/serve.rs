//! Runs the server: decides whether it may listen where it was told to, takes
//! connections with or without TLS, works on jobs, and stops in order: not
//! ready, no new connections, requests and jobs finish (at most 20 s), the
//! database is closed. Being killed instead is safe too; it only takes longer
//! for a job to be picked up again.

use crate::config::Config;
use crate::error::{CliError, Result};
use crate::health::Hub;
use crate::{disk, handlers, jobs, router, tls, words};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::{Request, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;
use zf_base::limits;
use zf_kernel::job::worker;
use zf_kernel::{App, setting};
use zf_web::WebState;
use zf_web::state::Info;

/// Connections at the same time; more wait in the system's queue.
const CONNECTIONS_MAX: usize = 2_000;
/// A caller must have sent its request line and headers, or shaken hands, by then.
const HEADER_SECONDS: u64 = 15;

/// How the server is reached, after the rules were checked.
#[derive(Clone)]
pub struct Door {
    /// Where it listens.
    pub address: SocketAddr,
    /// TLS, when it speaks it itself.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// The browser sees TLS (ours or a gateway's).
    pub secure: bool,
}

/// Checks the rules of listening: plain HTTP on this machine only, a demo on
/// this machine only.
pub fn door(config: &Config, demo: bool) -> Result<Door> {
    let address = config.listen.value;
    let tls = match (&config.tls_cert.value, &config.tls_key.value) {
        (Some(cert), Some(key)) => Some(tls::server_config(cert, key)?),
        (None, None) => None,
        _ => return Err(CliError::Usage(words::TLS_HALF.to_owned())),
    };
    let gateway = config.behind_gateway.value;
    if demo && (!address.ip().is_loopback() || gateway) {
        return Err(CliError::Usage(words::DEMO_LOOPBACK.to_owned()));
    }
    if tls.is_none() && !gateway && !address.ip().is_loopback() {
        return Err(CliError::Usage(words::PLAIN_LOOPBACK.to_owned()));
    }
    Ok(Door {
        address,
        secure: tls.is_some() || gateway,
        tls,
    })
}

/// Facts about the installation for the pages.
pub async fn info(app: &App, config: &Config, secure: bool) -> Result<Info> {
    let stored = setting::setting_read(app, "system.bank_name").await?;
    let stored = stored.and_then(|v| v.as_str().map(str::to_owned));
    let bank = Some(config.bank_name.value.clone())
        .filter(|n| !n.is_empty())
        .or(stored);
    Ok(Info {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        bank_name: bank.unwrap_or_default(),
        demo: setting::is_demo(app).await?,
        secure_cookies: secure,
        address_header: config.address_header.value.clone(),
    })
}

/// Serves until SIGTERM or Ctrl-C. `ready` is called with the address once
/// connections are taken.
pub async fn serve(app: App, config: &Config, ready: impl FnOnce(&str)) -> Result<()> {
    disk::private_folder(&config.data.value)?;
    let door = door(config, setting::is_demo(&app).await?)?;
    let listener = TcpListener::bind(door.address).await;
    let listener = listener
        .map_err(|e| CliError::system(words::cannot_listen(door.address, &e.to_string())))?;
    let hub = Hub::new(Some(config.data.value.clone()));
    let state = WebState::new(app.clone(), info(&app, config, door.secure).await?);
    let stopping = state.stopping.clone();
    let router = router::build_router_with(state, hub.clone());
    jobs::schedules(&app).await?;
    let (stop, stopped) = watch::channel(false);
    let worker = config
        .worker
        .value
        .then(|| tokio::spawn(worker::work(app.clone(), handlers(), stopped.clone())));
    let scheme = if door.tls.is_some() { "https" } else { "http" };
    ready(&format!("{scheme}://{}", listener.local_addr()?));
    let accepting = accept(listener, door.tls.map(TlsAcceptor::from), router, stopped);
    let accepting = tokio::spawn(accepting);
    wait_for_signal().await;
    tracing::info!("stopping");
    hub.ready.store(false, Ordering::Relaxed);
    stopping.store(true, Ordering::Relaxed);
    let _ = stop.send(true);
    let both = async {
        let _ = accepting.await;
        if let Some(worker) = worker {
            let _ = worker.await;
        }
    };
    if tokio::time::timeout(Duration::from_secs(limits::STOP_SECONDS_MAX), both)
        .await
        .is_err()
    {
        tracing::warn!("some requests or jobs did not finish in time");
    }
    app.db.close().await?;
    Ok(())
}

/// Works on jobs without HTTP until SIGTERM or Ctrl-C.
pub async fn work(app: App) -> Result<()> {
    jobs::schedules(&app).await?;
    let (stop, stopped) = watch::channel(false);
    let worker = tokio::spawn(worker::work(app.clone(), handlers(), stopped));
    wait_for_signal().await;
    let _ = stop.send(true);
    if tokio::time::timeout(Duration::from_secs(limits::STOP_SECONDS_MAX), worker)
        .await
        .is_err()
    {
        tracing::warn!("a job did not finish in time; it is done again later");
    }
    app.db.close().await?;
    Ok(())
}

async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// Takes connections until told to stop, then lets those that are there finish.
pub async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    mut stop: watch::Receiver<bool>,
) {
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    while !*stop.borrow() {
        let accepted = tokio::select! {
            accepted = next(&listener, &places) => accepted,
            _ = stop.changed() => continue,
        };
        let Some((stream, peer, place)) = accepted else {
            continue;
        };
        let (tls, router, watcher) = (tls.clone(), router.clone(), graceful.watcher());
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            match tls {
                None => connection(stream, peer, router, watcher).await,
                Some(tls) => {
                    let hands = tokio::time::timeout(
                        Duration::from_secs(HEADER_SECONDS),
                        tls.accept(stream),
                    )
                    .await;
                    if let Ok(Ok(stream)) = hands {
                        connection(stream, peer, router, watcher).await;
                    }
                }
            }
            drop(place);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

type Accepted = (TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit);

async fn next(listener: &TcpListener, places: &Arc<Semaphore>) -> Option<Accepted> {
    let place = places.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, place)),
        Err(e) => {
            // Out of file handles, for instance: wait instead of spinning.
            tracing::warn!(error = %e, "a connection was not taken");
            tokio::time::sleep(Duration::from_millis(200)).await;
            None
        }
    }
}

async fn connection<S>(stream: S, peer: SocketAddr, router: Router, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |mut req: Request<Incoming>| {
        req.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(req.map(Body::new))
    });
    let mut builder = Builder::new(TokioExecutor::new());
    let limit = Duration::from_secs(HEADER_SECONDS);
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limit);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(128)
        .keep_alive_interval(Some(limit));
    let connection = builder
        .serve_connection(TokioIo::new(stream), service)
        .into_owned();
    // Callers that hang up in the middle are ordinary.
    let _ = watcher.watch(connection).await;
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config::Flags;

    fn config(listen: &str, more: impl FnOnce(&mut Flags)) -> Config {
        let mut flags = Flags {
            listen: Some(listen.parse().unwrap()),
            ..Flags::default()
        };
        more(&mut flags);
        Config::from_parts(&flags, &|_| None, "").unwrap()
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        assert!(door(&config("127.0.0.1:8080", |_| ()), false).is_ok());
        assert!(door(&config("[::1]:8080", |_| ()), false).is_ok());
        assert_eq!(
            door(&config("0.0.0.0:8080", |_| ()), false)
                .err()
                .unwrap()
                .code(),
            2
        );
        let behind = door(&config("10.0.0.7:8080", |f| f.behind_gateway = true), false).unwrap();
        assert!(behind.secure && behind.tls.is_none());
    }

    #[test]
    fn a_demo_never_leaves_this_machine() {
        assert!(door(&config("127.0.0.1:8080", |_| ()), true).is_ok());
        assert!(door(&config("0.0.0.0:8080", |f| f.behind_gateway = true), true).is_err());
        assert!(door(&config("127.0.0.1:8080", |f| f.behind_gateway = true), true).is_err());
    }

    #[test]
    fn a_certificate_without_its_key_is_wrong_usage() {
        let half = config("0.0.0.0:8443", |f| f.tls_cert = Some("a.pem".into()));
        assert_eq!(door(&half, false).err().unwrap().code(), 2);
    }
}
