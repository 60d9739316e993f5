//! Proof of who may send and see a picture: keys of encoders, tickets of players, credentials for a relay.
//! It must not know what a picture is, nor what time it is.

pub(crate) mod forwarded;
pub(crate) mod ingest;
pub(crate) mod relay;
mod signed;
pub(crate) mod ticket;
