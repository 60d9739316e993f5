//! How each media server reads yes and no.
//! It must not know what it asked.

use super::admission::NotLetIn;
use crate::domain::stream::picture::MediaServer;
use actix_web::{HttpResponse, http::StatusCode, http::header::ContentType};
use serde::Serialize;

/// What OvenMediaEngine reads as a yes.
#[derive(Serialize)]
struct Allowed {
    allowed: bool,
}

/// What it reads as a no, and logs.
#[derive(Serialize)]
struct Denied<'a> {
    allowed: bool,
    reason: &'a str,
}

/// What it reads where something was only told.
#[derive(Serialize)]
struct Noted {}

/// Whoever asked may.
pub(super) fn yes(server: MediaServer) -> HttpResponse {
    match server {
        MediaServer::Ome => HttpResponse::Ok().json(Allowed { allowed: true }),
        _ => noted(server),
    }
}

/// What it told is known now.
pub(super) fn noted(server: MediaServer) -> HttpResponse {
    match server {
        MediaServer::Srs => HttpResponse::Ok().content_type(ContentType::plaintext()).body("0"),
        MediaServer::Ome => HttpResponse::Ok().json(Noted {}),
        MediaServer::Mediamtx | MediaServer::Nginx => HttpResponse::NoContent().finish(),
    }
}

/// Whoever asked may not. SRS and nginx go by the status alone, MediaMTX writes the words into its log.
pub(super) fn no(server: MediaServer, why: &NotLetIn) -> HttpResponse {
    let status = StatusCode::from_u16(why.status()).unwrap_or(StatusCode::FORBIDDEN);
    match server {
        MediaServer::Ome => HttpResponse::Ok().json(Denied { allowed: false, reason: &why.words }),
        MediaServer::Srs => HttpResponse::build(status).content_type(ContentType::plaintext()).body("1"),
        MediaServer::Mediamtx | MediaServer::Nginx => {
            HttpResponse::build(status).content_type(ContentType::plaintext()).body(why.words.clone())
        }
    }
}
