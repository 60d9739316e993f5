//! The socket: how it opens, what it takes, how it closes, how one comes back.

mod after_close;
mod bad_input;
mod close_codes;
mod compressed;
mod door;
mod handshakes;
mod resume;
mod unknown;
