//! Viewers by WHEP: whoever may see the stream, guests where it is public.
//! It must not know how a picture travels.

use super::{forward, offers};
use crate::{
    domain::{ConnectionId, StreamId},
    http::{
        Answer, ClientAddress, Error, Services,
        extract::{Caller, Path, Query},
    },
    media::handle::{Owner, View},
    services::picture::{
        sessions::{MediaSession, Part},
        sight::{Looker, sees_picture},
    },
};
use actix_web::{HttpRequest, web};
use serde::Deserialize;
use std::time::Instant;
use utoipa::IntoParams;

/// Who a viewer is in the room.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Of `welcome`: what is seen ends a minute after that connection, where a guest sees it. An account's ends a minute after
    /// its last connection.
    #[serde(default)]
    connection_id: Option<ConnectionId>,
}

/// Sees the picture of a stream.
#[utoipa::path(post, operation_id = "view", path = "/api/v1/streams/{id}/whep", tag = "picture",
    params(("id" = StreamId, Path), Wanted),
    request_body(content = String, content_type = "application/sdp", description = "The offer"),
    responses((status = 201, description = "The answer; the session in `Location`, a relay in `Link`", body = String, content_type = "application/sdp")))]
pub(crate) async fn view(
    request: HttpRequest,
    services: web::Data<Services>,
    address: ClientAddress,
    caller: Caller,
    id: Path<StreamId>,
    wanted: Query<Wanted>,
    payload: web::Payload,
) -> Answer {
    let stream = id.0;
    let sees = services.streams.read_as(stream, caller.in_room(), |_, access| Ok(sees_picture(access)));
    let sees = sees.await?;
    let offer = offers::read(&request, payload).await?;
    if sees && let Some(node) = forward::node_of(&request, &services, stream) {
        return forward::send_on(&request, &services, address, &node, offer).await;
    }
    let media = offers::media(&services)?;
    let login = caller.account().map(|account| (account.user.id, account.login));
    let part = Part::Viewer(wanted.0.connection_id);
    let owner = login.map_or(Owner::Anybody, |(user, _)| Owner::Account(user));
    let (beginning, held) = services.picture.sessions.begin(MediaSession {
        id: None,
        stream,
        login,
        owner: owner.clone(),
        part,
        alone_since: Instant::now(),
        was_here: false,
    });
    // Who may not see it yet is answered as where there is none, and a bad offer as everywhere.
    let asked = if sees { stream } else { StreamId::new() };
    let view = View { stream: asked, owner: owner.clone(), offer, from: address.0, held };
    let answered = media.view(view).await.map_err(offers::refused)?;
    beginning.is(&answered.session);
    // Between the first look and the entry in the table nothing finds it that would end it.
    let looker = login.map_or(Looker::Anybody, |(_, login)| Looker::Login(login));
    if !services.picture.sight.may_see(stream, looker).await? {
        media.close(&answered.session, owner).await;
        return Err(Error::not_found());
    }
    offers::created(&request, answered)
}
