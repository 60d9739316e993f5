//! The black-box suite: the real binary and the real server, through their public doors.
#![allow(clippy::unwrap_used)] // a test that finds nothing fails where it looks

mod accounts;
mod channels;
mod demo;
mod elsewhere;
mod fuzz;
mod http;
mod keys;
mod model;
mod moderation;
mod nodes;
mod operation;
mod operator;
mod picture;
mod races;
mod sockets;
mod streams;
mod tools;
mod webhooks;
