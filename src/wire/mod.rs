//! What clients send and receive, the same over REST and WebSocket: views, events, frames, ops and problem codes.
//! It must not know who is listening, nor decide anything.

pub mod event;
pub mod frame;
pub mod framing;
pub mod op;
pub mod problem;
pub mod read;
pub mod rows;
pub mod sse;
pub mod view;
