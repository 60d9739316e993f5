//! The end of a publisher or viewer by WebRTC, at the address that it was given.
//! It must not know which of them it is.

use super::forward;
use crate::{
    auth::picture::ingest::digest,
    domain::{BootId, stream::ingest_key::IngestKey},
    http::{
        Answer, ClientAddress, Error, Services,
        extract::{Path, Query, bearer, prove},
    },
    media::handle::{MediaSessionId, Owner},
    store::streams::pictures,
};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use serde::Deserialize;
use url::Url;
use utoipa::IntoParams;

/// Where a session is.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// As it stands in the address: the node that has it, where there are several.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    node: Option<BootId>,
}

/// Ends a publisher or viewer: its owner with a token of the account, or with the key, that it came with; a guest's is
/// whoever's has the address.
#[utoipa::path(delete, operation_id = "endMedia", path = "/api/v1/media/{session}", tag = "picture",
    params(("session" = String, Path), Wanted), responses((status = 200, description = "It is over")))]
pub(crate) async fn end(
    request: HttpRequest,
    services: web::Data<Services>,
    address: ClientAddress,
    session: Path<String>,
    wanted: Query<Wanted>,
) -> Answer {
    if let Some(node) = node_of(&request, &services, wanted.0.node).await? {
        return forward::send_on(&request, &services, address, &node, Bytes::new()).await;
    }
    let asked_by = asks(&request).await?;
    let Some(media) = &services.picture.media else { return Err(Error::not_found()) };
    match media.close(&MediaSessionId(session.0), asked_by).await {
        true => Ok(HttpResponse::Ok().finish()),
        false => Err(Error::not_found()),
    }
}

/// The other node that has it; none where it is this one, or nobody knows.
async fn node_of(
    request: &HttpRequest,
    services: &Services,
    named: Option<BootId>,
) -> Result<Option<Url>, Error> {
    let own = services.picture.claims.boot();
    let Some(boot) = named.filter(|boot| own.is_some_and(|own| own != *boot) && forward::may_go_on(request))
    else {
        return Ok(None);
    };
    let url = services.store.read(move |conn| pictures::node_url(conn, boot)).await?;
    Ok(url.and_then(|url| Url::parse(&url).ok()))
}

/// Whether a key is in force need not be asked: what began with one that was rotated has ended with it.
async fn asks(request: &HttpRequest) -> Result<Owner, Error> {
    let Some(token) = bearer(request.headers())? else { return Ok(Owner::Anybody) };
    match token.parse::<IngestKey>() {
        Ok(key) => Ok(Owner::Key(digest(&key))),
        Err(_) => Ok(Owner::Account(prove(request, &token).await?.user.id)),
    }
}
