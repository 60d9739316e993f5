//! Media servers of other projects, as their hooks come over real sockets: who is let in, who is refused, and what ends.

mod api;
pub mod double;
mod ends;
mod entry;
mod readers;
mod secret;
mod signs;
