//! REST: the API as clients call it, one file a resource, all of it listed in `routes`.
//! It must not know Diesel, nor what happens inside a room; every refusal leaves as an [`Error`].

pub mod app;
pub mod client_address;
pub mod cookie;
pub mod error;
pub mod extract;
pub mod follows;
pub mod guard;
pub mod headers;
pub mod health;
pub mod list;
pub mod me;
pub mod openapi;
pub mod passwords;
pub mod patch;
pub mod routes;
pub mod sessions;
pub mod socket;
pub mod tokens;
pub mod trail;
pub mod users;

pub use app::App;
pub use client_address::ClientAddress;
pub use error::Error;

/// What a handler answers.
pub type Answer = Result<actix_web::HttpResponse, Error>;
