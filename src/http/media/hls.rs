//! The picture by HLS, for players that send no headers: a ticket in the path says with which login they may. Each request is
//! judged anew. It must not know how a segment is made.

use super::forward;
use crate::{
    domain::{Millis, StreamId},
    http::{Answer, ClientAddress, Error, Services, extract::Path, middleware::headers::allowed_origin},
    media::hls::{NotServed, Reader, Resource, Wanted},
    services::picture::sight::Looker,
    wire::{Code, Refusal},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, ContentEncoding, HeaderMap, HeaderName},
    web,
};
use bytes::Bytes;
use std::time::Duration;
use tokio::sync::SemaphorePermit;
use url::Url;

/// The ticket of what everybody may see.
pub(super) const OPEN: &str = "open";
/// How long somebody may wait for what is not there yet, at most.
const PATIENCE: Duration = Duration::from_secs(10);
/// When somebody may ask again who has waited in vain, or of whom too many wait.
const RETRY_AFTER_MS: i64 = 1000;
pub(super) const PLAYLIST: &str = "application/vnd.apple.mpegurl";
pub(super) const VIDEO: &str = "video/mp4";
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A player's request.
struct Asked {
    stream: StreamId,
    looker: Looker,
    resource: Resource,
    wanted: Wanted,
}

/// A playlist, or the last keyframe as a video of one picture.
#[utoipa::path(get, operation_id = "getPlaylist", path = "/api/v1/streams/{id}/hls/{ticket}/{file}", tag = "picture",
    params(
        ("id" = StreamId, Path),
        ("ticket" = String, Path, description = "As `playback` gives it"),
        ("file" = String, Path, description = "`master.m3u8`, `live.m3u8` or `poster.mp4`"),
        ("_HLS_msn" = Option<u64>, Query, description = "Waits for this segment (RFC 8216bis, 6.2.5.2)"),
        ("_HLS_part" = Option<u32>, Query, description = "Waits for this part of it"),
    ),
    responses((status = 200, description = "The file", content((String = "application/vnd.apple.mpegurl"), (Vec<u8> = "video/mp4")))))]
pub(crate) async fn playlist(
    request: HttpRequest,
    services: web::Data<Services>,
    path: Path<(StreamId, String, String)>,
) -> Answer {
    let (stream, ticket, file) = path.0;
    serve(&request, &services, stream, &ticket, &file).await
}

/// What playlists list: the beginning of a run, a segment, or a part of one.
#[utoipa::path(get, operation_id = "getSegment", path = "/api/v1/streams/{id}/hls/{ticket}/{run}/{file}", tag = "picture",
    params(
        ("id" = StreamId, Path),
        ("ticket" = String, Path, description = "As `playback` gives it"),
        ("run" = u64, Path, description = "As the playlist names it"),
        ("file" = String, Path, description = "`init.mp4`, `{segment}.m4s` or `{segment}.{part}.m4s`"),
    ),
    responses((status = 200, description = "The file", body = Vec<u8>, content_type = "video/mp4")))]
pub(crate) async fn segment(
    request: HttpRequest,
    services: web::Data<Services>,
    path: Path<(StreamId, String, String, String)>,
) -> Answer {
    let (stream, ticket, run, file) = path.0;
    serve(&request, &services, stream, &ticket, &format!("{run}/{file}")).await
}

async fn serve(
    request: &HttpRequest,
    services: &Services,
    stream: StreamId,
    ticket: &str,
    file: &str,
) -> Answer {
    refuse_other_sites(services, request.headers())?;
    let asked = Asked {
        stream,
        looker: looker(services, stream, ticket).ok_or_else(Error::not_found)?,
        resource: Resource::parse(file).ok_or_else(Error::not_found)?,
        wanted: Wanted::parse(request.query_string())
            .map_err(|malformed| Error::new(Code::BadRequest, malformed.to_string()))?,
    };
    if let Some(node) = forward::node_of(request, services, stream) {
        return ask(request, services, &node).await;
    }
    must_see(services, &asked).await?;
    let media = services.picture.media.as_ref();
    let reader = media.and_then(|media| media.hls(stream)).ok_or_else(Error::not_found)?;
    let bytes = match asked.waits() {
        true => wait(services, &reader, &asked).await?,
        false => read(&reader, &asked).await.map_err(not_served)?,
    };
    Ok(HttpResponse::Ok()
        .content_type(asked.media_type())
        .insert_header((header::CACHE_CONTROL, asked.caching()))
        .insert_header(ContentEncoding::Identity)
        .body(bytes))
}

/// Asks another node among no more than may wait; it looks who may see.
async fn ask(request: &HttpRequest, services: &Services, node: &Url) -> Answer {
    let _place = place(services)?;
    let client = ClientAddress::from((request, &*services.config));
    forward::send_on(request, services, client, node, Bytes::new()).await
}

/// A place among those who wait.
fn place(services: &Services) -> Result<SemaphorePermit<'_>, Error> {
    services.picture.waiting.try_acquire().map_err(|_| {
        services.metrics.limit_hits.of("HLS_WAITING").inc();
        Refusal::overloaded().into()
    })
}

/// Whose request it is; none where the ticket is not one of ours for this stream, or its time is over.
pub(super) fn looker(services: &Services, stream: StreamId, ticket: &str) -> Option<Looker> {
    if ticket == OPEN {
        return Some(Looker::Anybody);
    }
    let ticket = services.keys.read_ticket(ticket, Millis::now()).filter(|ticket| ticket.stream == stream)?;
    Some(Looker::Login(ticket.login))
}

async fn must_see(services: &Services, asked: &Asked) -> Result<(), Error> {
    match services.picture.sight.may_see(asked.stream, asked.looker).await? {
        true => Ok(()),
        false => Err(Error::not_found()),
    }
}

/// Waits among no more than may, and for whoever may still see it then.
async fn wait(services: &Services, reader: &Reader, asked: &Asked) -> Result<Bytes, Error> {
    let _place = place(services)?;
    let bytes = read(reader, asked).await.map_err(not_served)?;
    must_see(services, asked).await?;
    Ok(bytes)
}

async fn read(reader: &Reader, asked: &Asked) -> Result<Bytes, NotServed> {
    match asked.resource {
        Resource::Master => reader.master(PATIENCE).await,
        Resource::Live => reader.playlist(asked.wanted, PATIENCE).await,
        Resource::Poster => reader.poster(),
        Resource::Init { run } => reader.init(run),
        Resource::Segment { run, n } => reader.segment(run, n),
        Resource::Part { run, n, k } => reader.part(run, n, k, PATIENCE).await,
    }
}

impl Asked {
    /// Whether it may have to wait.
    fn waits(&self) -> bool {
        match self.resource {
            Resource::Live => self.wanted != Wanted::Now,
            Resource::Master | Resource::Part { .. } => true,
            Resource::Poster | Resource::Init { .. } | Resource::Segment { .. } => false,
        }
    }

    fn media_type(&self) -> &'static str {
        match self.resource {
            Resource::Master | Resource::Live => PLAYLIST,
            _ => VIDEO,
        }
    }

    /// What a segment says never changes; what not everybody may see is kept nowhere.
    fn caching(&self) -> &'static str {
        match (self.looker, self.resource, self.wanted) {
            (Looker::Login(_), ..) => "private, no-store",
            (_, Resource::Live, Wanted::Segment(_) | Wanted::Part(..)) => "no-store",
            (_, Resource::Live | Resource::Master, _) => "max-age=1",
            (_, Resource::Poster, _) => "public, max-age=10",
            _ => "public, max-age=86400, immutable",
        }
    }
}

/// A page of another site must not show a picture as its own, unless the operator lists it.
pub(super) fn refuse_other_sites(services: &Services, headers: &HeaderMap) -> Result<(), Error> {
    let is_other =
        headers.get(SEC_FETCH_SITE).is_some_and(|site| site.as_bytes().eq_ignore_ascii_case(b"cross-site"));
    let is_listed = allowed_origin(headers.get(header::ORIGIN), &services.config.allowed_origins).is_some();
    match is_other && !is_listed {
        true => Err(Error::new(Code::Forbidden, "Pages of this origin may not show pictures of here.")),
        false => Ok(()),
    }
}

fn not_served(why: NotServed) -> Error {
    match why {
        NotServed::NotFound => Error::not_found(),
        NotServed::TooFar => Error::new(Code::BadRequest, "That is too far in the future."),
        NotServed::NotYet => {
            Refusal::new(Code::Unavailable, "It has not come in time.").retry_after(RETRY_AFTER_MS).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Login, SessionId};

    fn asked(looker: Looker, file: &str, query: &str) -> Asked {
        let (resource, wanted) = (Resource::parse(file).unwrap(), Wanted::parse(query).unwrap());
        Asked { stream: StreamId::new(), looker, resource, wanted }
    }

    #[test]
    fn what_never_changes_is_kept_and_what_is_private_never() {
        let caching = |file, query| asked(Looker::Anybody, file, query).caching();
        for file in ["1/init.mp4", "1/2.m4s", "1/2.3.m4s"] {
            assert_eq!(caching(file, ""), "public, max-age=86400, immutable");
        }
        assert_eq!((caching("live.m3u8", ""), caching("master.m3u8", "")), ("max-age=1", "max-age=1"));
        assert_eq!(caching("live.m3u8", "_HLS_msn=2"), "no-store");
        assert_eq!(caching("live.m3u8", "_HLS_msn=2&_HLS_part=1"), "no-store");
        for file in ["1/init.mp4", "1/2.m4s", "live.m3u8", "poster.mp4"] {
            assert_eq!(
                asked(Looker::Login(Login::Session(SessionId::new())), file, "").caching(),
                "private, no-store"
            );
        }
    }

    #[test]
    fn only_what_may_be_to_come_is_waited_for() {
        let waits = |file, query| asked(Looker::Anybody, file, query).waits();
        assert!(waits("live.m3u8", "_HLS_msn=2") && waits("1/2.3.m4s", "") && waits("master.m3u8", ""));
        assert!(!waits("live.m3u8", "") && !waits("1/2.m4s", "") && !waits("poster.mp4", ""));
    }
}
