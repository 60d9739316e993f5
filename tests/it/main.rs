//! The black-box suite: the real binary and the real server, through their public doors.
#![allow(clippy::unwrap_used)] // a test that finds nothing fails where it looks

mod accounts;
mod admin_command;
mod any_text;
mod bans;
#[allow(dead_code)] // verbs wait here for the tests that need them
mod client;
mod command_line;
mod comments;
mod events;
mod export;
mod follows;
mod http_edges;
mod moderation;
mod play;
mod program;
mod raw_http;
mod review;
mod revocation;
#[allow(dead_code)] // verbs wait here for the tests that need them
mod server;
mod sessions;
mod sse;
mod stopping;
mod streams;
#[allow(dead_code)] // verbs wait here for the tests that need them
mod viewer;
mod visibility;
