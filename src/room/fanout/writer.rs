//! The writer: what a seat may do to its viewer's socket without waiting for the task that owns it.
//! It must not know what a socket is, nor what is sent.

use super::batch::Form;
use std::{
    io::IoSlice,
    task::{Context, Poll, Waker},
};

/// Whether a seat may write to the socket itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteState {
    /// Yes: the socket has all that was handed to its own task.
    Clear,
    /// Not now: something would be overtaken.
    Busy,
    /// Never: all of it goes by the socket's own task.
    Closed,
}

/// A viewer's socket, as a seat needs it.
pub(crate) struct Socket {
    pub writer: Box<dyn DirectWriter>,
    pub form: Form,
}

/// A socket, seen from the room's side.
pub trait DirectWriter {
    /// Whether the seat may write now.
    fn state(&self) -> WriteState;

    /// Wakes once, when the way is clear.
    fn when_clear(&self, waker: &Waker);

    /// Sends as much of these, one after the other, as the socket takes at once; the number of bytes taken. Only where the way
    /// is clear.
    fn send(&self, frames: &[IoSlice<'_>]) -> usize;

    /// Whether the socket takes anything; otherwise wakes once it does.
    fn poll_takes(&self, cx: &mut Context<'_>) -> Poll<()>;

    /// Something has been handed to the socket's own task.
    fn handed_over(&self);

    /// Nothing more is handed over: once all is sent, the other side is told so.
    fn over(&self);

    /// Ends the connection, whatever state its task is in.
    fn shut(&self);
}
