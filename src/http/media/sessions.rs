//! The end of a publisher or viewer by WebRTC, at the address that it was given.
//! It must not know which of them it is.

use crate::{
    domain::stream::ingest_key::IngestKey,
    http::{
        Answer, Error, Services,
        extract::{Path, bearer, prove},
    },
    media::handle::MediaSessionId,
};
use actix_web::{HttpRequest, HttpResponse, web};

/// Ends a publisher or viewer: its owner with the token that it came with; a guest's, or an encoder's, is whoever's has the
/// address.
#[utoipa::path(delete, operation_id = "endMedia", path = "/api/v1/media/{session}", tag = "picture",
    params(("session" = String, Path)), responses((status = 200, description = "It is over")))]
pub(crate) async fn end(
    request: HttpRequest,
    services: web::Data<Services>,
    session: Path<String>,
) -> Answer {
    let token = bearer(request.headers())?.filter(|token| token.parse::<IngestKey>().is_err());
    let asked_by = match token {
        Some(token) => Some(prove(&request, &token).await?.user.id),
        None => None,
    };
    let Some(media) = &services.picture.media else { return Err(Error::not_found()) };
    match media.close(&MediaSessionId(session.0), asked_by).await {
        true => Ok(HttpResponse::Ok().finish()),
        false => Err(Error::not_found()),
    }
}
