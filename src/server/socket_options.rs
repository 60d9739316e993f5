//! What every accepted connection is set to, so that a peer that is gone, or does not read, is noticed.
//! It must not know what is spoken on it.

use super::connection_limiter::ConnectionLimiter;
use crate::{connections::socket::Connection, room::fanout::writer::DirectWriter};
use actix_web::dev::Extensions;
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

/// Sets the options, and puts the connection's handle where the upgrade finds it; or shuts the connection where its address
/// has too many.
pub(super) fn prepare(limiter: &ConnectionLimiter, connection: &Connection, data: &mut Extensions) {
    // Who is gone already has no address.
    let Ok(peer) = connection.socket().peer_addr() else { return connection.handle().shut() };
    match limiter.admit(peer.ip()) {
        Some(admitted) => drop(data.insert(admitted)),
        None => return connection.handle().shut(),
    }
    if let Err(error) = set_options(connection.socket()) {
        log::debug!("options of a socket that is gone: {error}");
    }
    data.insert(connection.handle());
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
