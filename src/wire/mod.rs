//! What clients send and receive, the same over REST and WebSocket: views, events, frames, ops and problem codes.
//! It must not know who is listening, nor decide anything.

pub(crate) mod documents;
pub(crate) mod event;
pub(crate) mod frame;
pub(crate) mod framing;
pub(crate) mod op;
pub(crate) mod picture;
pub(crate) mod problem;
pub(crate) mod read;
pub(crate) mod rows;
pub(crate) mod sse;
pub(crate) mod view;
pub(crate) mod webhook;
pub(crate) mod words;

pub(crate) use event::{Event, Numbered};
pub(crate) use frame::{Close, Frame};
pub use problem::Code;
pub(crate) use problem::Refusal;
