//! The event log, live: server-sent events, at the URL of the log itself.
//! It must not know how events reach a connection.

use crate::{
    connections::{
        server_sent_events::{self, Allowed},
        worker::WorkerContext,
    },
    domain::StreamId,
    http::{
        Answer, ClientAddress, Services,
        extract::{
            Caller,
            position::{Position, malformed, place},
        },
        middleware::guard::method,
    },
    room::{core::openings::Since, fanout::socket::SocketHandle},
    wire::{Refusal, sse},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{self, ContentEncoding, HeaderMap, HeaderName},
    },
    web,
};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use std::{convert::Infallible, rc::Rc};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Asks proxies not to hold events back.
const UNBUFFERED: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");

/// Opens the stream of events; it counts as a connection.
pub(crate) async fn open(
    services: web::Data<Services>,
    caller: Caller,
    stream: StreamId,
    after: Option<Position>,
    request: HttpRequest,
) -> Answer {
    services.draining.refuse()?;
    let after = after.map(|after| Since { seq: after.0, epoch: None });
    let last_read = last_event_id(request.headers())?.or(after);
    services.streams.may_see(stream, caller.in_room()).await?;
    let mut answer = HttpResponse::Ok();
    answer
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::VARY, "Accept"))
        .insert_header(ContentEncoding::Identity)
        .insert_header(UNBUFFERED);
    if method(&request) == Method::HEAD {
        return Ok(answer.streaming(stream::empty::<Result<Bytes, Infallible>>()));
    }
    let address = ClientAddress::from((&request, &*services.config));
    let place = services.connections.admit(address.0)?;
    let handle = request.conn_data::<SocketHandle>().cloned().unwrap_or_default();
    let worker =
        request.app_data::<Rc<WorkerContext>>().expect("the server gives each worker its worker").clone();
    let allowed = Allowed { place, stream, identity: caller.into_identity(), after: last_read, handle };
    let events = server_sent_events::open(worker, allowed).await?;
    // Something at once, so that the client knows that it is connected.
    let hello = stream::iter([Ok::<_, Infallible>(Bytes::from_static(sse::COMMENT))]);
    Ok(answer.streaming(hello.chain(events)))
}

/// What a client that comes back has read last, with the epoch of its log or without; an empty value is none.
fn last_event_id(headers: &HeaderMap) -> Result<Option<Since>, Refusal> {
    let Some(value) = headers.get(LAST_EVENT_ID).filter(|value| !value.is_empty()) else { return Ok(None) };
    let malformed = || malformed("Last-Event-ID");
    let text = value.to_str().map_err(|_| malformed())?;
    let (epoch, seq) = match text.rsplit_once(':') {
        Some((epoch, seq)) => (Some(epoch.to_owned()), seq),
        None => (None, text),
    };
    Ok(Some(Since { seq: place(seq).ok_or_else(malformed)?, epoch }))
}
