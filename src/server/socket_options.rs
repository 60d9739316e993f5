//! What every accepted connection is set to, so that a peer that is gone, or does not read, is noticed.
//! It must not know what is spoken on it.

use super::connection_limiter::{Admitted, ConnectionLimiter};
use crate::room::fanout::socket::{Connection, DirectWriter};
use socket2::{SockRef, TcpKeepalive};
use std::{io, time::Duration};
use tokio::net::TcpStream;

/// The default would hide megabytes of lag.
const SEND_BUFFER_BYTES: usize = 64 * 1024;
/// How long sent bytes may stay unacknowledged.
const USER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may be silent before the system asks whether it is still there, and how often it asks.
const KEEPALIVE_TIME: Duration = Duration::from_secs(30);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);

/// Sets the options; the place that the connection has among all, or, where its address has too many, none: it is shut.
pub(super) fn prepare(limiter: &ConnectionLimiter, connection: &Connection) -> Option<Admitted> {
    // Who is gone already has no address.
    let address = connection.socket().peer_addr().ok();
    let place = address.and_then(|address| limiter.admit(address.ip()));
    if place.is_none() {
        connection.handle().shut();
    } else if let Err(error) = set_options(connection.socket()) {
        log::debug!("options of a socket that is gone: {error}");
    }
    place
}

fn set_options(stream: &TcpStream) -> io::Result<()> {
    let socket = SockRef::from(stream);
    socket.set_tcp_nodelay(true)?;
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    socket.set_tcp_user_timeout(Some(USER_TIMEOUT))?;
    let keepalive = TcpKeepalive::new().with_time(KEEPALIVE_TIME).with_interval(KEEPALIVE_INTERVAL);
    socket.set_tcp_keepalive(&keepalive)
}
