//! Which server is meant, and where the crowd comes from. It must not know what happens there.

use super::line::Tls;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs};
use url::Url;

/// How the server talks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Dialect {
    /// The contract of Livehouse.
    Livehouse,
    /// Every text frame goes to everyone as it is.
    Raw,
    /// Engine.IO 4 over WebSocket, event `m`.
    Socketio,
}

/// A server, resolved once.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub address: SocketAddr,
    /// Host and port as the URL has them.
    pub authority: String,
    /// Of `https` and `wss`.
    pub tls: Option<Tls>,
    /// Path of the URL without a slash at its end.
    pub base: String,
    pub subprotocol: Option<&'static str>,
}

impl Target {
    /// Takes `http`, `https`, `ws` and `wss`.
    pub(crate) fn resolve(url: &str, dialect: Dialect) -> Result<Self, String> {
        let url = Url::parse(url).map_err(|error| format!("--url {url}: {error}"))?;
        let tls = match url.scheme() {
            "http" | "ws" => false,
            "https" | "wss" => true,
            other => return Err(format!("--url: {other} is not http, https, ws or wss")),
        };
        let host = url.host_str().ok_or("--url has no host")?;
        let tls =
            tls.then(|| Tls::with(host)).transpose().map_err(|error| format!("--url: {host}: {error}"))?;
        let port = url.port().unwrap_or(if tls.is_some() { 443 } else { 80 });
        let authority = format!("{host}:{port}");
        let address = authority
            .to_socket_addrs()
            .map_err(|error| format!("--url: {authority}: {error}"))?
            .next()
            .ok_or_else(|| format!("--url: {authority} has no address"))?;
        let subprotocol = (dialect == Dialect::Livehouse).then_some("livehouse.v1");
        Ok(Self { address, authority, tls, base: url.path().trim_end_matches('/').to_owned(), subprotocol })
    }
}

/// The address socket `number` comes from: 127.0.0.2 and on, as many as asked for; with one, the system's choice.
/// One address has about 28,000 ports.
pub(crate) fn source_address(number: usize, addresses: u16) -> Option<IpAddr> {
    if addresses <= 1 {
        return None;
    }
    let [high, low] = ((number % usize::from(addresses)) as u16 + 2).to_be_bytes();
    Some(IpAddr::V4(Ipv4Addr::new(127, 0, high, low)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_where_and_how() {
        let target = Target::resolve("http://127.0.0.1:8080/", Dialect::Livehouse).unwrap();
        assert_eq!((target.authority.as_str(), target.tls.is_some()), ("127.0.0.1:8080", false));
        let below = Target::resolve("wss://127.0.0.1/live/", Dialect::Raw).unwrap();
        assert_eq!((below.authority.as_str(), below.base.as_str()), ("127.0.0.1:443", "/live"));
        assert!(below.tls.is_some() && below.subprotocol.is_none());
        for wrong in ["ftp://127.0.0.1", "nonsense", "http://"] {
            assert!(Target::resolve(wrong, Dialect::Raw).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sockets_are_spread_over_the_source_addresses() {
        assert_eq!(source_address(5, 1), None);
        let spread: Vec<_> =
            (0..4).filter_map(|number| source_address(number, 3)).map(|ip| ip.to_string()).collect();
        assert_eq!(spread, ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.2"]);
        assert_eq!(source_address(300, 400).map(|ip| ip.to_string()).as_deref(), Some("127.0.1.46"));
    }
}
