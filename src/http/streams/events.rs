//! The event log: what happened in a stream, in its order. The same URL streams it live (`event_stream`).
//! It must not know what an event means.

use super::{event_stream, in_room};
use crate::{
    domain::{cursor::Limit, ids::StreamId, invalid::Invalid, stream::Seq},
    http::{
        Answer, App,
        extract::{Caller, Path, Query},
    },
    store::{database::meta, events},
    wire::{problem::Refusal, rows::encode_logged},
};
use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

/// A place in the log: 0, before the first event, to 2^53 - 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
pub struct Position(pub Seq);

impl TryFrom<i64> for Position {
    type Error = Invalid;

    fn try_from(seq: i64) -> Result<Self, Invalid> {
        match seq {
            0..=0x1f_ffff_ffff_ffff => Ok(Self(Seq(seq))),
            _ => Err(Invalid::out_of_range("a seq, from 0 on")),
        }
    }
}

/// A place that a client names: digits alone. One too big to be ours is beyond every head.
pub(crate) fn place(text: &str) -> Option<Seq> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Seq(text.parse().unwrap_or(i64::MAX)))
}

/// A place that is none.
pub(crate) fn malformed(field: &'static str) -> Refusal {
    Refusal::invalid_field(field, "malformed", "a whole number of at least 0")
}

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
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
pub struct Events {
    /// As sockets get them, in their order and without holes.
    #[schema(value_type = Vec<crate::http::openapi::LogEvent>)]
    items: Vec<Box<RawValue>>,
    /// The `seq` given last.
    head: Seq,
    /// Changes when the log was restored from a backup.
    epoch: String,
}

/// What happened, in order; with `Accept: text/event-stream`, live.
#[utoipa::path(get, operation_id = "listEvents", path = "/api/v1/streams/{id}/events", tag = "comments",
    params(("id" = StreamId, Path), Wanted, ("Last-Event-ID" = Option<String>, Header, description = "When streaming: goes before `after`; the `id` of the last event, or its `seq`")),
    responses((status = 200, description = "Events", content(
        (Events = "application/json"),
        (String = "text/event-stream"),
    ))))]
pub async fn list(
    app: web::Data<App>,
    caller: Caller,
    id: Path<StreamId>,
    wanted: Query<Wanted>,
    request: HttpRequest,
) -> Answer {
    if wants_event_stream(&request) {
        return event_stream::open(app, caller, id.0, wanted.0.after, request).await;
    }
    let read = app.desk.visit(id.0, in_room(&caller), move |conn, access| {
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
