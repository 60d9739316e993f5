//! The black-box suite: the real binary and the real server, through their public doors.
#![allow(clippy::unwrap_used)] // a test that finds nothing fails where it looks

mod abandoned;
mod accounts;
mod admin_command;
mod after_close;
mod any_text;
mod audit;
mod backup;
mod bad_input;
mod bans;
#[allow(dead_code)] // verbs wait here for the tests that need them
mod client;
mod close_codes;
mod command_line;
mod comments;
mod corpus;
mod crash;
mod crowd;
mod database;
mod descriptors;
mod document;
mod door;
mod events;
mod export;
mod fence;
mod flood;
mod follows;
mod ghosts;
mod handshakes;
mod http_edges;
mod lossy;
mod measured;
mod model;
mod moderation;
mod observed;
mod old_http;
mod on_time;
mod one_server;
mod own_pages;
mod play;
mod program;
mod questions;
mod races;
mod rate_limits;
mod raw_http;
#[allow(dead_code)] // verbs wait here for the tests that need them
mod raw_socket;
mod readiness;
mod removed_text;
mod resume;
mod review;
mod revocation;
mod rules_table;
mod running;
#[allow(dead_code)] // verbs wait here for the tests that need them
mod server;
mod sessions;
mod sqlite;
mod sse;
mod stopping;
mod story;
mod streams;
mod told;
mod unknown;
#[allow(dead_code)] // verbs wait here for the tests that need them
mod viewer;
mod visibility;
mod writer;
