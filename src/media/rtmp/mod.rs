//! Encoders by RTMP: what they send becomes samples, once the key they name is accepted.
//! It must not know whose keys there are, nor what becomes of samples.

mod amf0;
mod chunks;
mod flv;
pub(crate) mod fuzz_harness;
mod refusal;
mod server;
mod session;

pub(crate) use flv::Piece;
pub(crate) use refusal::{Reason, Refusal};
pub(crate) use server::{
    bind,
    host::{Asked, Closed, Host, Sink},
    limits::Limits,
    serve,
};
