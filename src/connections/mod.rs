//! Live connections: WebSockets and server-sent events, their limits, and what they share on one worker.
//! `actix_web_actors` is named in `websocket` alone; no SQL here, and no session knows of another viewer.

pub(crate) mod catch_up;
pub(crate) mod incoming;
pub(crate) mod limits;
pub(crate) mod origin;
pub(crate) mod server_sent_events;
pub(crate) mod websocket;
pub(crate) mod worker;
