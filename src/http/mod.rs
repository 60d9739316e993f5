//! REST: the API as clients call it, one file a resource, all of it listed in `routes`.
//! It must not know Diesel, nor what happens inside a room; every refusal leaves as an [`Error`].

pub mod app;
pub mod client_address;
pub mod error;
pub mod extract;
pub mod guard;
pub mod headers;
pub mod list;
pub mod patch;

pub use app::App;
pub use client_address::ClientAddress;
pub use error::Error;

/// What a handler answers.
pub type Answer = Result<actix_web::HttpResponse, Error>;
