//! The end of a publisher or viewer by WebRTC, at the address that it was given.
//! It must not know which of them it is.

use crate::{
    auth::picture::ingest::digest,
    domain::stream::ingest_key::IngestKey,
    http::{
        Answer, Error, Services,
        extract::{Path, bearer, prove},
    },
    media::handle::{MediaSessionId, Owner},
};
use actix_web::{HttpRequest, HttpResponse, web};

/// Ends a publisher or viewer: its owner with a token of the account, or with the key, that it came with; a guest's is
/// whoever's has the address.
#[utoipa::path(delete, operation_id = "endMedia", path = "/api/v1/media/{session}", tag = "picture",
    params(("session" = String, Path)), responses((status = 200, description = "It is over")))]
pub(crate) async fn end(
    request: HttpRequest,
    services: web::Data<Services>,
    session: Path<String>,
) -> Answer {
    let asked_by = asks(&request).await?;
    let Some(media) = &services.picture.media else { return Err(Error::not_found()) };
    match media.close(&MediaSessionId(session.0), asked_by).await {
        true => Ok(HttpResponse::Ok().finish()),
        false => Err(Error::not_found()),
    }
}

/// Whether a key is in force need not be asked: what began with one that was rotated has ended with it.
async fn asks(request: &HttpRequest) -> Result<Owner, Error> {
    let Some(token) = bearer(request.headers())? else { return Ok(Owner::Anybody) };
    match token.parse::<IngestKey>() {
        Ok(key) => Ok(Owner::Key(digest(&key))),
        Err(_) => Ok(Owner::Account(prove(request, &token).await?.user.id)),
    }
}
