//! A door: the way to a connection from outside, whatever state its own task is in.
//! A client that does not read freezes that task (actix-web issue 2441); nothing else would ever end it.

use super::socket::Shared;
use crate::room::fanout::writer::{Outlet, Way};
use std::{rc::Weak, task::Waker};

/// The way to a connection, which it does not keep open.
#[derive(Clone, Default)]
pub struct Door(Weak<Shared>);

impl Door {
    pub(crate) fn to(connection: Weak<Shared>) -> Self {
        Self(connection)
    }

    /// Whether the other side has said that nothing more comes from there, as far as the server has read.
    pub fn has_been_left(&self) -> bool {
        self.0.upgrade().is_none_or(|connection| connection.is_left())
    }
}

impl Outlet for Door {
    fn way(&self) -> Way {
        match self.0.upgrade() {
            Some(connection) if connection.is_clear() => Way::Clear,
            _ => Way::Busy,
        }
    }

    fn when_clear(&self, waker: &Waker) {
        self.0.upgrade().into_iter().for_each(|connection| connection.when_clear(waker));
    }

    fn send(&self, frames: &[u8]) -> usize {
        self.0.upgrade().map_or(0, |connection| connection.send(frames))
    }

    fn handed_over(&self) {
        self.0.upgrade().into_iter().for_each(|connection| connection.handed_over());
    }

    fn over(&self) {
        self.0.upgrade().into_iter().for_each(|connection| connection.over());
    }

    fn shut(&self) {
        if let Some(connection) = self.0.upgrade()
            && let Err(error) = connection.shut()
        {
            log::debug!("a socket was shut already: {error}");
        }
    }
}

/// A door for a body that is not sent as it is: all of it goes by the connection's own task.
pub struct BackDoor(pub Door);

impl Outlet for BackDoor {
    fn way(&self) -> Way {
        Way::Closed
    }

    fn when_clear(&self, _: &Waker) {}

    fn send(&self, _: &[u8]) -> usize {
        0
    }

    fn handed_over(&self) {}

    fn over(&self) {}

    fn shut(&self) {
        self.0.shut();
    }
}
