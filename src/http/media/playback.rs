//! How the picture of a stream can be seen by whoever asks.
//! It must not know how it travels.

use super::{
    addresses::Base,
    hls::OPEN,
    recording::view::{Kept, playlist},
    relay::{IceServer, ice_servers},
};
use crate::{
    auth::picture::ticket::{TICKET_TTL_S, Ticket},
    domain::{Millis, Status, StreamId, Visibility, stream::picture::Picture},
    http::{
        Answer, Services,
        extract::{Caller, Path},
    },
    wire::picture::PictureView,
};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

/// How a picture can be seen.
#[derive(Serialize, ToSchema)]
pub(crate) struct Playback {
    /// As in `stream`.
    picture: PictureView,
    /// Where to offer for WHEP; null where it does not travel that way.
    whep: Option<String>,
    /// Its playlist for HLS; null until the picture was first seen, or where it cannot be shown that way.
    hls: Option<String>,
    /// Its last keyframe, an MP4 of one picture; null as `hls` is.
    poster: Option<String>,
    /// The playlist of what was kept, as `recording` gives it; null until it is `ready`.
    recording: Option<String>,
    /// The same while it grows: to go back in a picture that is live; null where it is not kept.
    rewind: Option<String>,
    /// For the `iceServers` of an `RTCPeerConnection`.
    ice_servers: Vec<IceServer>,
}

/// How the picture of a stream can be seen. The addresses of HLS hold a ticket of the caller's login, good for some hours.
#[utoipa::path(get, operation_id = "getPlayback", path = "/api/v1/streams/{id}/playback", tag = "picture", params(("id" = StreamId, Path)),
    responses((status = 200, description = "Addresses, null where there is nothing now", body = Playback)))]
pub(crate) async fn read(
    request: HttpRequest,
    services: web::Data<Services>,
    caller: Caller,
    id: Path<StreamId>,
) -> Answer {
    let seen = services.streams.read_as(id.0, caller.in_room(), |conn, access| {
        let is_open = access.stream.visibility != Visibility::Private && access.stream.status == Status::Live;
        Ok((access.stream.status, access.role.is_staff(), is_open, Kept::of(conn, access)?))
    });
    let (status, is_staff, is_open, kept) = seen.await?;
    let picture = services.streams.pictures.shown(id.0, status, is_staff);
    let base = Base::of(&request, &services.config);
    let at = |path: &str| base.url(&format!("/api/v1/streams/{}/{path}", id.0));
    let ticket = match is_open {
        true => Some(OPEN.to_owned()),
        false => caller.account().map(|account| {
            let expires_at = Millis::now().plus_s(TICKET_TTL_S);
            services.keys.write_ticket(&Ticket { login: account.login, stream: id.0, expires_at })
        }),
    };
    let by_hls = ticket.filter(|_| picture.is_some_and(|picture: Picture| picture.hls));
    let of_hls = |file: &str| by_hls.as_ref().map(|ticket| at(&format!("hls/{ticket}/{file}")));
    let kept_at = kept.folder(&request, &services, &caller, id.0).as_deref().map(playlist);
    let (recording, rewind) = if kept.is_ready() { (kept_at, None) } else { (None, kept_at) };
    Ok(HttpResponse::Ok().json(Playback {
        picture: picture.into(),
        whep: picture.filter(|picture| picture.whep).map(|_| at("whep")),
        hls: of_hls("master.m3u8"),
        poster: of_hls("poster.mp4"),
        recording,
        rewind,
        ice_servers: ice_servers(&services.config),
    }))
}
