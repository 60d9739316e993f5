//! The event log, live: server-sent events, at the URL of the log itself.
//! It must not know how events reach a connection.

use super::{Answer, App, ClientAddress, events::Position, extract::Caller, streams::in_room};
use crate::{
    domain::{ids::StreamId, stream::Seq},
    wire::{problem::Refusal, sse},
    ws::{
        door::Door,
        gate::{Gate, Identity},
        reader::{self, Allowed},
    },
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, ContentEncoding, HeaderMap, HeaderName},
    web,
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use std::convert::Infallible;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Asks proxies not to hold events back.
const UNBUFFERED: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");

/// Opens the stream of events; it counts as a connection.
pub async fn open(
    app: web::Data<App>,
    caller: Caller,
    stream: StreamId,
    after: Option<Position>,
    request: HttpRequest,
) -> Answer {
    app.draining.refuse()?;
    let last_read = last_event_id(request.headers())?.or(after.map(|after| after.0));
    app.desk.may_see(stream, in_room(&caller)).await?;
    let address = ClientAddress::from((&request, &*app.config));
    let place = app.connections.admit(address.0)?;
    let door = request.conn_data::<Door>().cloned().unwrap_or_default();
    let gate = request.app_data::<Gate>().expect("the server gives each worker its gate").clone();
    let allowed =
        Allowed { place, address: address.0, stream, identity: identity(caller), after: last_read, door };
    let events = reader::open(gate, allowed).await?;
    // Something at once, so that the client knows that it is connected.
    let hello = stream::iter([Ok::<_, Infallible>(Bytes::from_static(sse::COMMENT))]);
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::VARY, "Accept"))
        .insert_header(ContentEncoding::Identity)
        .insert_header(UNBUFFERED)
        .streaming(hello.chain(events)))
}

/// What a client that comes back has read last; an empty value is none.
fn last_event_id(headers: &HeaderMap) -> Result<Option<Seq>, Refusal> {
    let Some(value) = headers.get(LAST_EVENT_ID).filter(|value| !value.is_empty()) else { return Ok(None) };
    let seq = value.to_str().ok().and_then(|text| text.parse::<i64>().ok());
    match seq.map(Position::try_from) {
        Some(Ok(position)) => Ok(Some(position.0)),
        _ => Err(Refusal::invalid_field("Last-Event-ID", "malformed", "a seq, from 0 on")),
    }
}

fn identity(caller: Caller) -> Option<Identity> {
    match caller {
        Caller::Guest => None,
        Caller::Account(account) => {
            Some(Identity { user: account.user, session: account.session, expires_at: account.expires_at })
        }
    }
}
