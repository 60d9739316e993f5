//! A door: the way to end a connection from outside, whatever state its own task is in.
//! A client that does not read freezes that task (actix-web issue 2441); nothing else would ever end it.

use actix_web::rt::net::TcpStream;
use socket2::SockRef;
use std::{
    io,
    net::Shutdown,
    os::fd::{AsFd, OwnedFd},
    sync::Arc,
};

/// A second descriptor of a connection's socket. The socket stays open while one of its clones lives.
#[derive(Clone, Debug)]
pub struct Door(Arc<OwnedFd>);

impl Door {
    /// A door of this connection. Costs a descriptor.
    pub fn on(stream: &TcpStream) -> io::Result<Self> {
        Ok(Self(Arc::new(stream.as_fd().try_clone_to_owned()?)))
    }

    /// Ends the connection: both sides see it closed.
    pub fn shut(&self) {
        if let Err(error) = SockRef::from(&*self.0).shutdown(Shutdown::Both) {
            log::debug!("a socket was shut already: {error}");
        }
    }
}
