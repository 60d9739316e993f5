//! Livehouse, a self-hosted live-stream server: accounts, streams, rooms and comments in one binary.
//!
//! Where to begin: [`server`] starts everything, `http::routes` is the whole API on one screen, `connections::websocket::session`
//! reads what a viewer asks on a socket, which `room::actor::ops` carries out, and ARCHITECTURE.md follows one comment from socket
//! to sockets. The floors, lowest first; a module imports only from floors below its own, and within a folder no two files import
//! each other (`tests/tidy` checks both):
//!
//! | floor | modules | what lives there |
//! |---|---|---|
//! | 0 | `domain`, [`config`], `metrics`, [`logging`] | newtypes that parse; settings; counters; the log |
//! | 1 | `store`, `auth` | Diesel and the tables; passwords and tokens |
//! | 2 | `wire` | what clients send and receive, shared by REST and WebSocket |
//! | 3 | `identity` | who somebody is, once a token has proved it |
//! |   | `bus` | what nodes say to each other |
//! |   | `recordings` | pictures that are kept, in files |
//! | 4 | `room` | the actors: one room a stream, its rules, its journal, its fan-out |
//! | 5 | `connections` | live connections: WebSockets and server-sent events |
//! |   | `media` | the picture: WHIP and RTMP in, WHEP and HLS out |
//! | 6 | `services`, [`operate`] | what every handler and chore of one server may reach; an operator's work |
//! | 7 | `http`, `ui` | REST; the page |
//! | 8 | [`server`] | bind and run |
//! | 9 | `main`, [`crowd`], [`demo`], [`probe`] | the command line; the load tester; a busy house to look at; whether a server is ready |
#![forbid(unsafe_code)]
#![deny(unreachable_pub)]

mod auth;
mod bus;
pub mod config;
mod connections;
pub mod crowd;
pub mod demo;
mod domain;
mod http;
mod identity;
pub mod logging;
mod media;
mod metrics;
pub mod operate;
mod outgoing;
pub mod probe;
mod recordings;
mod room;
pub mod server;
mod services;
mod store;
mod ui;
mod webhooks;
mod wire;

/// What the tests, the fuzzer, the benches and the examples of this repository use beside the server. No promise to anybody else.
#[doc(hidden)]
pub mod internals {
    pub use crate::{
        auth::{Hasher, Keys, RefreshToken, token::ACCESS_TTL_S},
        connections::{
            incoming::{Incoming, fuzz_harness::withstand, guard::FrameLimits, incoming},
            websocket::handshake::Handshake,
        },
        domain::{
            Content, Millis, PollId, SessionId, StreamId, TermList, UserId, Username,
            accounts::password::LoginPassword,
            cursor::Cursor,
            stream::playback_url::PlaybackUrl,
            terms::{Term, TermAction},
            text::{
                CONTENT_MAX_BYTES, TermText, clean,
                fold::{search_key, skeleton},
                links::has_link,
            },
        },
        http::media::hooks::fuzz_harness::{withstand_form, withstand_hook},
        media::{
            h264::rtp::fuzz_harness::withstand_packets,
            hls::query::withstand_query,
            rtmp::fuzz_harness::{withstand_chunks, withstand_session, withstand_tags},
            webrtc::fuzz_harness::withstand_offer,
        },
        metrics::{Exposition, Metrics, Route, status_class},
        room::fanout::socket::{Connection, DirectWriter, SocketHandle, WriteState},
        store::{Error as StoreError, Store},
        wire::{Code, op::parse},
    };

    pub mod events {
        pub use crate::store::events::{NewEvent, append};
    }
    pub mod meta {
        pub use crate::store::database::meta::epoch;
    }
    pub mod polls {
        pub use crate::store::interactions::polls::{NewPoll, open};
    }
    pub mod revocations {
        pub use crate::store::accounts::revocations::{Revoked, after, last};
    }
    pub mod rooms {
        pub use crate::room::bench_harness::{Compressed, Flushed, gather, is_published};
    }
    pub mod sessions {
        pub use crate::store::accounts::sessions::{NewSession, alive, create};
    }
    pub mod streams {
        pub use crate::store::streams::touch_host_seen;
    }
    pub mod users {
        pub use crate::store::{
            User,
            accounts::users::{by_name_key, set_admin, set_may_host, set_password_hash},
        };
    }
}
