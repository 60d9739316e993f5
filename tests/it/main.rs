//! The black-box suite: the real binary and the real server, through their public doors.

mod accounts;
mod admin_command;
mod any_text;
#[allow(dead_code)] // verbs wait here for the tests that need them
mod client;
mod command_line;
mod follows;
mod http_edges;
mod program;
mod raw_http;
mod revocation;
#[allow(dead_code)] // verbs wait here for the tests that need them
mod server;
mod sessions;
mod stopping;
#[allow(dead_code)] // verbs wait here for the tests that need them
mod viewer;
