//! What carries a call or a socket: TCP from a chosen address, with TLS where the server's URL says so. It must not know
//! what is said over it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio_util::either::Either;

/// Receive buffer of a viewer that is to stop reading, in bytes; the kernel's own would swallow minutes of chat.
const SLOW_RECEIVE_BUFFER: u32 = 16 << 10;

/// An open connection, plain or with TLS.
pub(crate) type Line = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// With whom TLS is spoken, and whom to trust.
#[derive(Debug, Clone)]
pub(crate) struct Tls {
    name: ServerName<'static>,
    config: Arc<ClientConfig>,
}

impl Tls {
    /// Trusts whom the machine trusts, or the certificates that `SSL_CERT_FILE` names.
    pub(crate) fn with(host: &str) -> Result<Self, String> {
        let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned());
        let mut roots = RootCertStore::empty();
        let found = rustls_native_certs::load_native_certs();
        let (trusted, _) = roots.add_parsable_certificates(found.certs);
        if let Some(error) = found.errors.first().filter(|_| trusted == 0) {
            return Err(error.to_string());
        }
        let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { name: name.map_err(|error| error.to_string())?, config: Arc::new(config) })
    }
}

/// Connects, from this address if one is named. Says why it could not in a few words, which are counted by.
pub(crate) async fn connect(
    to: SocketAddr,
    tls: Option<&Tls>,
    from: Option<IpAddr>,
    slow: bool,
) -> Result<Line, String> {
    let stream = connect_tcp(to, from, slow).await.map_err(|error| error.kind().to_string())?;
    let Some(Tls { name, config }) = tls.cloned() else { return Ok(Either::Left(stream)) };
    let stream = TlsConnector::from(config).connect(name, stream).await;
    stream.map(|stream| Either::Right(Box::new(stream))).map_err(|error| error.to_string())
}

async fn connect_tcp(to: SocketAddr, from: Option<IpAddr>, slow: bool) -> io::Result<TcpStream> {
    let socket = if to.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if slow {
        socket.set_recv_buffer_size(SLOW_RECEIVE_BUFFER)?;
    }
    if let Some(from) = from {
        socket.bind(SocketAddr::new(from, 0))?;
    }
    let stream = socket.connect(to).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
