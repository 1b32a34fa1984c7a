//! The server: who may ask, how much at a time, and the answers on the wire.
//!
//! It owns connections, callers, places, tickets, the audit log and the protocols: Flight SQL (`flight`), and HTTP
//! for health and metrics (`http`). What a statement may be is decided by `query`, what its caller may see by
//! `session`, what lands by `submission` and `lake`. The only code that names `tonic`, `axum` and `arrow_flight`.
//!
//! Network and queries have threads of their own, so that a long plan does not keep a health check waiting.

mod admission;
pub mod audit;
pub mod auth;
mod engine;
mod error;
mod flight;
mod http;
pub mod identity;
mod landings;
mod listen;
mod metrics;
mod options;
mod pressure;
mod queries;
mod running;
mod seal;
mod threads;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use arrow_flight::flight_service_server::FlightServiceServer;
use datafusion::execution::runtime_env::RuntimeEnv;
use tonic::service::Routes;

pub use error::ServerError;
use identity::Authenticator;

use crate::config::Config;
use crate::definitions::Definitions;
use crate::lake::Lake;
use engine::{Engine, Parts};
use flight::Front;
use threads::Threads;

/// How long after the drain the last calls have to end.
const LAST: Duration = Duration::from_secs(5);

/// Connections for health and metrics at a time.
const HTTP_CONNECTIONS: usize = 64;

/// Files of encryption, PEM.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// Certificate, with those above it.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// Roots of client certificates; `None` = clients show none.
    pub client_roots: Option<PathBuf>,
}

/// Where and how to listen.
#[derive(Debug, Clone)]
pub struct Listen {
    /// Address of Flight SQL; port 0 = any.
    pub flight: SocketAddr,
    /// Address of health and metrics; `None` = none.
    pub http: Option<SocketAddr>,
    /// Encryption; `None` = none.
    pub tls: Option<TlsFiles>,
    /// Other machines may connect without encryption, because something in front of the server encrypts.
    pub may_be_plaintext: bool,
}

/// What a server is made of.
pub struct Site {
    /// Limits.
    pub config: Config,
    /// The lake.
    pub lake: Lake,
    /// Definitions of this build.
    pub definitions: Arc<Definitions>,
    /// Memory, spill folder and caches of the process.
    pub runtime: Arc<RuntimeEnv>,
    /// Who knows the users.
    pub users: Arc<dyn Authenticator>,
    /// Folder of the audit log.
    pub audit: PathBuf,
}

/// The addresses that a server listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addresses {
    /// Flight SQL.
    pub flight: SocketAddr,
    /// Health and metrics.
    pub http: Option<SocketAddr>,
    /// Whether both are encrypted.
    pub is_encrypted: bool,
}

/// Serve until told to stop (SIGTERM, SIGINT): let nothing new in, give running statements `drain` to end, end.
///
/// `ready` is called once everything listens.
///
/// # Errors
/// [`ServerError`] when it cannot start, or its listener fails.
pub async fn serve(
    site: Site,
    listen: Listen,
    ready: impl FnOnce(Addresses) -> std::io::Result<()>,
) -> Result<(), ServerError> {
    listen.check()?;
    let flight = listen::bind(listen.flight).await?;
    let http = match listen.http {
        Some(address) => Some(listen::bind(address).await?),
        None => None,
    };
    let addresses = Addresses {
        flight: flight.address,
        http: http.as_ref().map(|bound| bound.address),
        is_encrypted: listen.tls.is_some(),
    };
    let threads = Threads::start(site.config.threads)?;
    let drain = site.config.server.drain;
    let most = site.config.server.max_connections;
    let engine = Arc::new(
        Engine::new(Parts {
            audit: audit::Audit::open(&site.audit)?,
            queries: threads.queries(),
            config: site.config,
            lake: site.lake,
            definitions: site.definitions,
            runtime: site.runtime,
            users: site.users,
        })
        .await?,
    );
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_serving::<FlightServiceServer<Front>>().await;
    let service = FlightServiceServer::new(Front::new(Arc::clone(&engine)))
        .max_decoding_message_size(engine.config.server.max_message_bytes)
        .max_encoding_message_size(usize::MAX);
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let until_stopped = || {
        let mut stopped = stopped.clone();
        async move {
            // The sender lives until the server has ended.
            let _ = stopped.wait_for(|is_stopped| *is_stopped).await;
        }
    };
    let flight_server = listen::server(listen.tls.as_ref())
        .await?
        .add_service(health_service)
        .add_service(service)
        .serve_with_incoming_shutdown(
            flight.connections(Arc::clone(&engine.connections), most),
            until_stopped(),
        );
    let http_server = {
        let mut server = listen::server(listen.tls.as_ref()).await?.accept_http1(true);
        let routes = Routes::from(http::router(Arc::clone(&engine)));
        let until = until_stopped();
        async move {
            match http {
                Some(bound) => {
                    let incoming = bound.connections(Arc::new(AtomicUsize::new(0)), HTTP_CONNECTIONS);
                    server.add_routes(routes).serve_with_incoming_shutdown(incoming, until).await
                }
                None => Ok(()),
            }
        }
    };
    let version = engine.latest().number();
    let started = serde_json::json!({ "flight": addresses.flight.to_string(), "lake_version": version });
    engine.audit.write("server started", started).await.map_err(ServerError::Unwritten)?;
    pressure::watch(&engine);
    let refreshing = tokio::spawn(refresh(Arc::clone(&engine)));
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .map_err(ServerError::Signal)?;
    ready(addresses).map_err(|source| ServerError::File { path: PathBuf::from("--ready-file"), source })?;
    let draining = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!(running = engine.registry.count(), "stopping: nothing new is let in");
        engine.drain();
        health.set_not_serving::<FlightServiceServer<Front>>().await;
        health.set_service_status("", tonic_health::ServingStatus::NotServing).await;
        let deadline = tokio::time::Instant::now() + drain;
        while engine.registry.count() > 0 && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        engine.registry.stop_all();
        stop.send_replace(true);
        // Connections that their clients keep open do not hold up the end.
        tokio::time::sleep(LAST).await;
    };
    let serving = async { tokio::try_join!(flight_server, http_server).map(|_| ()) };
    let result = tokio::select! {
        result = serving => result.map_err(ServerError::Transport),
        () = draining => Ok(()),
    };
    refreshing.abort();
    // The lines before it are on disk with it.
    if let Err(error) = engine.audit.write("server stopped", serde_json::json!({})).await {
        tracing::error!(error = %crate::error::chain(&*error), "the end is not in the audit log");
    }
    tracing::info!("stopped");
    result
}

/// Look for new lake versions for as long as the server runs.
async fn refresh(engine: Arc<Engine>) {
    loop {
        tokio::time::sleep(engine.config.server.refresh_every).await;
        if let Err(error) = engine.refresh().await {
            tracing::warn!(error = %crate::error::chain(&error), "a new lake version cannot be looked for");
        }
    }
}
