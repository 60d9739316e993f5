//! Livehouse, a self-hosted live-stream server: accounts, streams, rooms and comments in one binary.
//! The floors, lowest first; a module imports only from floors below its own (`tests/tidy.rs` checks).
//!
//! | floor | modules | what lives there |
//! |---|---|---|
//! | 0 | [`domain`], [`config`], [`metrics`], [`logging`] | newtypes that parse; settings; counters; the log |
//! | 1 | [`store`], [`auth`] | Diesel and the tables; passwords and tokens |
//! | 2 | [`wire`] | what clients send and receive, shared by REST and WebSocket |
//! | 3 | [`bus`] | between nodes |
//! | 4 | [`room`] | the actors: one room a stream, its journal, its audience |
//! | 5 | [`ws`] | WebSocket: upgrade, session actor, feed, guard |
//! | 6 | [`http`], [`ui`] | REST and the page |
//! | 7 | [`server`] | bind and run |
//! | 8 | `main`, [`crowd`] | the command line; the load tester |
#![forbid(unsafe_code)]

pub mod auth;
pub mod config;
pub mod connections;
pub mod crowd;
pub mod domain;
pub mod http;
pub mod logging;
pub mod metrics;
pub mod operate;
pub mod room;
pub mod server;
pub mod services;
pub mod store;
pub mod ui;
pub mod wire;
