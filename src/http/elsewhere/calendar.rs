//! What a host has announced, as a calendar to subscribe to.
//! It must not know how a calendar is written.

use super::{SITE_NAME, addresses, answer};
use crate::{
    domain::{Millis, Status, UserId, Username},
    http::{Answer, Services, accounts::users::named, extract::Path, media::addresses::Base},
    room::operations::Fault,
    store::{
        Conn, Stream,
        streams::{self, Filter, Sort},
    },
    wire::documents::calendar::{Calendar, Event},
};
use actix_web::{HttpRequest, web};

/// Streams of each status in a calendar: those that are to come first, and the newest of the others.
const EVENTS_MAX: usize = 100;
/// How long a stream is shown to take while nobody knows better, in seconds.
const ASSUMED_S: i64 = 3600;
const KIND: &str = "text/calendar; charset=utf-8";

/// A host's public streams that have a time, as a calendar.
#[utoipa::path(get, operation_id = "getChannelCalendar", path = "/@{username}/calendar.ics", tag = "elsewhere",
    params(("username" = String, Path, description = "In any case")),
    responses((status = 200, description = "At most 100 that are to come, 100 that are live, 100 that are over; what has not ended \
        is shown to take an hour", content_type = "text/calendar", body = String)))]
pub(crate) async fn of_channel(
    request: HttpRequest,
    services: web::Data<Services>,
    Path(username): Path<Username>,
) -> Answer {
    let base = Base::of(&request, &services.config);
    let read = services.store.read::<_, Fault>(move |conn| {
        let user = named(conn, &username)?;
        let streams = with_a_time(conn, user.id)?;
        Ok((user, streams))
    });
    let (user, streams) = read.await?;
    let calendar = Calendar::named(&format!("{} · {SITE_NAME}", user.display_name));
    let calendar = streams.iter().fold(calendar, |calendar, stream| with(calendar, stream, &base));
    Ok(answer::document(&request, KIND, calendar.finish()))
}

fn with_a_time(conn: &mut Conn, host: UserId) -> Result<Vec<Stream>, Fault> {
    let mut found = Vec::new();
    for (status, sort) in
        [(Status::Scheduled, Sort::Starts), (Status::Live, Sort::Created), (Status::Ended, Sort::Created)]
    {
        let filter = Filter { host_id: Some(host), status: Some(status), ..Filter::default() };
        found.extend(streams::list(conn, &filter, sort, None, EVENTS_MAX)?.items);
    }
    Ok(found)
}

/// Streams that never had a time are left out.
fn with(calendar: Calendar, stream: &Stream, base: &Base) -> Calendar {
    let Some(starts_at) = stream.started_at.or(stream.scheduled_for) else { return calendar };
    let room = addresses::room(base, stream.id);
    calendar.with(&Event {
        uid: &stream.id.to_string(),
        changed_at: stream.updated_at,
        sequence: stream.version,
        starts_at,
        ends_at: ends_at(stream, starts_at),
        summary: &stream.title,
        description: [stream.description.as_str(), &room].join("\n\n").trim_start(),
        url: &room,
        categories: &stream.tags,
    })
}

/// An end is later than the beginning by at least the second that a calendar can tell.
fn ends_at(stream: &Stream, starts_at: Millis) -> Millis {
    let known = stream.ended_at.map(|at| at.max(starts_at.plus_s(1)));
    known.unwrap_or_else(|| starts_at.plus_s(ASSUMED_S))
}
