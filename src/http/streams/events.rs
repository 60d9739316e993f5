//! The event log: what happened in a stream, in its order. The same URL streams it live (`event_stream`).
//! It must not know what an event means.

use super::event_stream;
use crate::{
    domain::{Seq, StreamId, cursor::Limit},
    http::{
        Answer, Services,
        extract::{Caller, Path, Query, position::Position},
    },
    store::{database::meta, events},
    wire::rows::encode_logged,
};
use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

/// Which events are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsQuery {
    /// Those after this one; all where nothing is said. When streaming: from now on where nothing is said.
    #[param(value_type = Option<u64>)]
    pub after: Option<Position>,
    /// How many, 1 to 100.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    limit: Limit,
}

/// A part of the log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Events {
    /// As sockets get them, in their order and without holes.
    #[schema(value_type = Vec<crate::wire::event::LogEvent>)]
    items: Vec<Box<RawValue>>,
    /// The `seq` given last.
    head: Seq,
    /// Changes when the log was restored from a backup.
    epoch: String,
}

/// What happened, in order; with `Accept: text/event-stream`, live.
#[utoipa::path(get, operation_id = "listEvents", path = "/api/v1/streams/{id}/events", tag = "comments",
    params(("id" = StreamId, Path), EventsQuery, ("Last-Event-ID" = Option<String>, Header, description = "When streaming: goes before `after`; the `id` of the last event, or its `seq`")),
    responses((status = 200, description = "Events", content(
        (Events = "application/json"),
        (String = "text/event-stream"),
    ))))]
pub(crate) async fn list(
    services: web::Data<Services>,
    caller: Caller,
    id: Path<StreamId>,
    wanted: Query<EventsQuery>,
    request: HttpRequest,
) -> Answer {
    if wants_event_stream(&request) {
        return event_stream::open(services, caller, id.0, wanted.0.after, request).await;
    }
    let read = services.streams.read_as(id.0, caller.in_room(), move |conn, access| {
        let (id, after) = (access.stream.id, wanted.0.after.map(|after| after.0).unwrap_or_default());
        let logged = events::after(conn, id, after, wanted.0.limit.count() as i64)?;
        let head = events::head(conn, id)?.unwrap_or_default();
        Ok(Events { items: logged.iter().map(raw).collect(), head, epoch: meta::epoch(conn)? })
    });
    Ok(HttpResponse::Ok().insert_header((header::VARY, "Accept")).json(read.await?))
}

fn raw(logged: &events::Logged) -> Box<RawValue> {
    RawValue::from_string(encode_logged(logged)).expect("frames are JSON")
}

/// Whether the client names the type; `*/*` alone means JSON.
fn wants_event_stream(request: &HttpRequest) -> bool {
    let lines = request.headers().get_all(header::ACCEPT).filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("text/event-stream"));
        is_named && !parts.any(|parameter| matches!(parameter, "q=0" | "q=0.0"))
    })
}
