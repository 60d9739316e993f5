//! The picture, as far as it needs no source: who may send and see one, by which key, and what is said of it.

mod keys;
mod latest;
mod limits;
mod offers;
mod sdp;
mod sessions;
mod tickets;
