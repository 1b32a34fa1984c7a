//! Connections: how many, from where, encrypted or not.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::Stream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tonic::transport::server::{Connected, TcpConnectInfo};
use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};

use super::error::ServerError;
use super::{Listen, TlsFiles};

/// How long a client may take to agree on encryption.
const TLS_HANDSHAKE: Duration = Duration::from_secs(10);

/// How long to wait after a connection could not be accepted, for instance for want of descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A listener bound to its address.
pub struct Bound {
    listener: TcpListener,
    /// The address, with the port that the system chose.
    pub address: SocketAddr,
}

impl Listen {
    /// Without a certificate only this machine may connect, unless told otherwise.
    ///
    /// # Errors
    /// [`ServerError::Plaintext`].
    pub fn check(&self) -> Result<(), ServerError> {
        if self.tls.is_some() || self.may_be_plaintext {
            return Ok(());
        }
        let reached = [Some(self.flight), self.http].into_iter().flatten();
        match reached.into_iter().find(|address| !address.ip().is_loopback()) {
            Some(address) => Err(ServerError::Plaintext { address }),
            None => Ok(()),
        }
    }
}

/// Bind an address.
///
/// # Errors
/// [`ServerError::Bind`].
pub async fn bind(address: SocketAddr) -> Result<Bound, ServerError> {
    let failed = |source| ServerError::Bind { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok(Bound { listener, address })
}

/// A server with the encryption asked for.
///
/// # Errors
/// [`ServerError::File`] or [`ServerError::Tls`] for a certificate, key or list of roots that cannot be used.
pub async fn server(tls: Option<&TlsFiles>) -> Result<Server, ServerError> {
    let server = Server::builder()
        .tcp_nodelay(true)
        .max_concurrent_streams(256)
        // Resets are cheap to send and dear to serve.
        .http2_max_pending_accept_reset_streams(Some(64))
        .http2_keepalive_interval(Some(Duration::from_secs(30)))
        .http2_keepalive_timeout(Some(Duration::from_secs(20)))
        // Submissions come in large messages.
        .initial_stream_window_size(4 << 20)
        .initial_connection_window_size(16 << 20);
    let Some(files) = tls else { return Ok(server) };
    // Two libraries that encrypt are in the build, and without a word the configuration would not know which is
    // meant. Where one was chosen before, that one stands.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let read = async |path: &std::path::Path| {
        let path = path.to_owned();
        tokio::fs::read(&path).await.map_err(|source| ServerError::File { path, source })
    };
    let identity = Identity::from_pem(read(&files.certificate).await?, read(&files.key).await?);
    let mut config = ServerTlsConfig::new().identity(identity).timeout(TLS_HANDSHAKE);
    if let Some(roots) = &files.client_roots {
        config = config.client_ca_root(Certificate::from_pem(read(roots).await?));
    }
    server.tls_config(config).map_err(ServerError::Tls)
}

impl Bound {
    /// The connections that come, as many at a time as may be; more wait to be accepted.
    #[must_use]
    pub fn connections(self, count: Arc<AtomicUsize>, most: usize) -> Connections {
        Connections { listener: self.listener, count, most, pause: None }
    }
}

/// Connections as they come.
pub struct Connections {
    listener: TcpListener,
    count: Arc<AtomicUsize>,
    most: usize,
    pause: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl Stream for Connections {
    type Item = io::Result<Connection>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(pause) = &mut self.pause {
                std::task::ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            if self.count.load(Ordering::Acquire) >= self.most {
                self.pause = Some(Box::pin(tokio::time::sleep(ACCEPT_PAUSE)));
                continue;
            }
            match std::task::ready!(self.listener.poll_accept(cx)) {
                Ok((stream, _)) => {
                    self.count.fetch_add(1, Ordering::AcqRel);
                    // It only delays small messages.
                    let _ = stream.set_nodelay(true);
                    return Poll::Ready(Some(Ok(Connection { stream, count: Arc::clone(&self.count) })));
                }
                Err(error) => {
                    tracing::warn!(error = %error, "a connection was not accepted");
                    self.pause = Some(Box::pin(tokio::time::sleep(ACCEPT_PAUSE)));
                }
            }
        }
    }
}

/// One connection; counted until it is dropped.
pub struct Connection {
    stream: TcpStream,
    count: Arc<AtomicUsize>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.stream.connect_info()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
