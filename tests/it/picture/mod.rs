//! The picture, as far as nothing of it needs to be sent: who may send and see one, by which key, and what is said of it.

mod barred;
mod encoders;
mod keys;
mod latest;
mod limits;
mod offers;
mod quiet;
pub mod rtmp;
mod sdp;
mod servers;
mod sessions;
mod tickets;
