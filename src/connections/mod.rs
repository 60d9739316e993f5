//! Live connections: WebSockets and server-sent events, their limits, and what they share on one worker.
//! `actix_web_actors` is named in `websocket` alone; no SQL here, and no session knows of another viewer.

pub mod direct_writer;
pub mod incoming;
pub mod limits;
pub mod origin;
pub mod server_sent_events;
pub mod socket;
pub mod websocket;
pub mod worker;
