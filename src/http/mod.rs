//! REST: the API as clients call it, one file a resource, all of it listed in `routes`.
//! It must not know Diesel, nor what happens inside a room; every refusal leaves as an [`Error`].

pub mod accounts;
pub mod error;
pub mod extract;
pub mod health;
pub mod interactions;
pub mod middleware;
pub mod moderation;
pub mod openapi;
pub mod routes;
pub mod streams;

pub use crate::services::App;
pub use error::Error;
pub use middleware::client_address::ClientAddress;

/// What a handler answers.
pub type Answer = Result<actix_web::HttpResponse, Error>;
