//! What every accepted connection is set to, so that a peer that is gone, or does not read, is noticed.
//! It must not know what is spoken on it.

use super::doorman::Doorman;
use crate::ws::door::Door;
use actix_web::{dev::Extensions, rt::net::TcpStream};
use socket2::{SockRef, TcpKeepalive};
use std::{any::Any, io, net::Shutdown, time::Duration};

/// The default would hide megabytes of lag.
const SEND_BUFFER_BYTES: usize = 64 * 1024;
/// How long sent bytes may stay unacknowledged.
const USER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may be silent before the system asks whether it is still there, and how often it asks.
const KEEPALIVE_TIME: Duration = Duration::from_secs(30);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);

/// Sets the options, and puts a [`Door`] where the upgrade finds it; or shuts the connection where its address has too many.
pub fn prepare(doorman: &Doorman, connection: &dyn Any, data: &mut Extensions) {
    let Some(stream) = connection.downcast_ref::<TcpStream>() else { return };
    let Ok(peer) = stream.peer_addr() else { return };
    match doorman.admit(peer.ip()) {
        Some(admitted) => drop(data.insert(admitted)),
        None => {
            // One that is gone already needs no shutting.
            _ = SockRef::from(stream).shutdown(Shutdown::Both);
            return;
        }
    }
    if let Err(error) = set_options(stream) {
        log::debug!("options of a socket that is gone: {error}");
    }
    match Door::on(stream) {
        Ok(door) => drop(data.insert(door)),
        Err(error) => log::warn!("a connection that cannot be shut from outside: {error}"),
    }
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
