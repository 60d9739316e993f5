//! HLS over samples that are made here, and over what a real encoder makes where there is one.
#![allow(clippy::unwrap_used)]

mod encoder;
mod kept;
mod made;
mod playlists;
mod real;
mod waiting;
