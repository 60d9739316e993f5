//! REST: the API as clients call it, one file a resource, all of it listed in `routes`.
//! It must not know Diesel, nor what happens inside a room; every refusal leaves as an [`Error`].

pub mod announcements;
pub mod app;
pub mod bans;
pub mod belonging;
pub mod client_address;
pub mod comments;
pub mod cookie;
pub mod danmaku;
pub mod error;
pub mod etag;
pub mod event_stream;
pub mod events;
pub mod export;
pub mod extract;
pub mod follows;
pub mod guard;
pub mod headers;
pub mod health;
pub mod held;
pub mod list;
pub mod me;
pub mod members;
pub mod moderators;
pub mod openapi;
pub mod passwords;
pub mod patch;
pub mod pins;
pub mod polls;
pub mod query;
pub mod questions;
pub mod rate_limits;
pub mod reactions;
pub mod request_id;
pub mod room_reports;
pub mod routes;
pub mod sessions;
pub mod settings;
pub mod socket;
pub mod stream_list;
pub mod streams;
pub mod terms;
pub mod tokens;
pub mod trail;
pub mod users;
pub mod warnings;

pub use app::App;
pub use client_address::ClientAddress;
pub use error::Error;

/// What a handler answers.
pub type Answer = Result<actix_web::HttpResponse, Error>;
