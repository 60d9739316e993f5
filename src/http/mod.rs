//! REST: the API as clients call it, one file a resource, all of it listed in `routes`.
//! It must not know Diesel, nor what happens inside a room; every refusal leaves as an [`Error`].

pub(crate) mod accounts;
pub(crate) mod admin;
pub(crate) mod barred;
pub(crate) mod channels;
pub(crate) mod elsewhere;
pub(crate) mod error;
pub(crate) mod extract;
pub(crate) mod health;
pub(crate) mod interactions;
pub(crate) mod key_scopes;
pub(crate) mod media;
pub(crate) mod middleware;
pub(crate) mod moderation;
pub(crate) mod openapi;
pub(crate) mod rate_limits;
pub(crate) mod routes;
pub(crate) mod site;
pub(crate) mod streams;
pub(crate) mod webhooks;

pub(crate) use crate::services::Services;
pub(crate) use error::Error;
pub(crate) use extract::client_address::ClientAddress;

/// What a handler answers.
pub(crate) type Answer = Result<actix_web::HttpResponse, Error>;
