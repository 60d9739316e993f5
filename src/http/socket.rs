//! `GET /streams/{id}/ws`: everything that is refused before the upgrade, then the session takes over.
//! It must not know what is said over the socket.

use super::{App, ClientAddress, Error, extract};
use crate::{
    domain::{
        ids::StreamId,
        stream::Seq,
        time::Millis,
    },
    room::message::Opening,
    store::{relations, streams},
    wire::problem::{Code, Refusal},
    ws::{
        gate::{Gate, Identity, identify},
        origin,
        upgrade::{self, Allowed, PROTOCOL},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderMap},
    web::{Data, Payload},
};
use serde::Deserialize;

/// Where to begin; without `since`, with a snapshot.
#[derive(Debug, Deserialize)]
pub struct Since {
    since: Option<i64>,
    epoch: Option<String>,
}

/// Opens a socket to a stream's room.
pub async fn open(
    app: Data<App>,
    gate: Data<Gate>,
    request: HttpRequest,
    address: ClientAddress,
    path: extract::Path<StreamId>,
    query: extract::Query<Since>,
    payload: Payload,
) -> Result<HttpResponse, Error> {
    may_come_from(&app, request.headers())?;
    let identity = match token(request.headers())? {
        Some(token) => Some(identify(&app.desk, &app.keys, &token, Millis::now()).await?),
        None => None,
    };
    let room = path.0;
    may_see(&app, room, identity.as_ref()).await?;
    if app.draining.has_begun() {
        return Err(crate::room::lobby::closed().into());
    }
    let place = app.connections.admit(address.0)?;
    let opening = match query.0 {
        Since { since: Some(since), epoch } => Opening::Resume(Seq(since), epoch),
        Since { since: None, .. } => Opening::Snapshot,
    };
    let allowed = Allowed { place, address: address.0, room, identity, opening };
    upgrade::open(gate.get_ref().clone(), allowed, &request, payload).map_err(|error| {
        Error::new(Code::BadRequest, format!("This is a WebSocket endpoint: {error}."))
    })
}

fn may_come_from(app: &App, headers: &HeaderMap) -> Result<(), Error> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("null"));
    let config = &app.config;
    let is_allowed = origin::allows(
        text(header::ORIGIN),
        text(header::HOST),
        config.public_url.as_ref(),
        &config.allowed_origins,
    );
    if is_allowed { Ok(()) } else { Err(Error::new(Code::Forbidden, "Pages of this origin may not open sockets here.")) }
}

/// The token of the `Authorization` header, or of the subprotocol `bearer.<token>`.
fn token(headers: &HeaderMap) -> Result<Option<String>, Error> {
    if let Some(token) = extract::bearer(headers)? {
        return Ok(Some(token));
    }
    let mut offered = headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim);
    Ok(offered.find_map(|protocol| protocol.strip_prefix("bearer.")).map(str::to_owned))
}

async fn may_see(app: &App, room: StreamId, identity: Option<&Identity>) -> Result<(), Error> {
    let user = identity.map(|identity| identity.user.id);
    let is_admin = identity.is_some_and(|identity| identity.user.is_admin);
    let is_visible = app.desk.store.reading(move |conn| match streams::by_id(conn, room)? {
        Some(stream) => relations::may_see(conn, &stream, user, is_admin),
        None => Ok(false),
    });
    if is_visible.await? { Ok(()) } else { Err(Refusal::not_found().into()) }
}
