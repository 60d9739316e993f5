//! What is kept of a stream's picture, and when each part of it was on air.
//! It must not know how a film is served.

use crate::{
    auth::picture::ticket::{TICKET_TTL_S, Ticket},
    domain::{Millis, StreamId, Visibility, stream::recording::RecordingState},
    http::{
        Answer, Services,
        extract::{Caller, Path},
        media::{addresses::Base, hls::OPEN},
    },
    room::operations::Access,
    store::{
        self, Conn,
        recordings::{self, Run},
    },
};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

/// What is kept of a stream's picture.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecordingView {
    state: RecordingState,
    /// Its playlist for HLS, of all runs one after the other, which grows until it is `ready`; null where there is `none`.
    url: Option<String>,
    /// All runs together, in milliseconds.
    duration_ms: i64,
    /// The first one first. Where the picture was away there is a hole between two, and no time passes in the playlist.
    runs: Vec<RunView>,
}

/// A part of it without holes.
#[derive(Serialize, ToSchema)]
pub(crate) struct RunView {
    /// When it was on air, in milliseconds since the stream's start.
    offset_ms: i64,
    /// Where it begins in the playlist, in milliseconds.
    media_ms: i64,
    /// How long it is, in milliseconds; of one that is under way, as of some seconds ago.
    duration_ms: i64,
    /// Whether it is under way.
    is_open: bool,
    /// Of its file, an MP4.
    bytes: i64,
    /// Where its file can be fetched, with `&download=true` as an attachment; null unless the recording is `ready`.
    url: Option<String>,
}

/// What somebody may know of a recording.
pub(in crate::http::media) struct Kept {
    state: RecordingState,
    runs: Vec<Run>,
    /// Whether everybody may see it.
    is_open: bool,
}

impl Kept {
    /// Of the stream that `access` is to.
    pub(in crate::http::media) fn of(conn: &mut Conn, access: &Access) -> store::Result<Self> {
        let runs = recordings::of_stream(conn, access.stream.id)?;
        let state = recordings::state(access.stream.status, &runs);
        Ok(Self { state, runs, is_open: access.stream.visibility != Visibility::Private })
    }

    /// Whether nothing is added any more.
    pub(in crate::http::media) fn is_ready(&self) -> bool {
        self.state == RecordingState::Ready
    }

    /// Where its files are for this caller; none where there is nothing to fetch yet.
    pub(in crate::http::media) fn folder(
        &self,
        request: &HttpRequest,
        services: &Services,
        caller: &Caller,
        stream: StreamId,
    ) -> Option<String> {
        if self.state == RecordingState::None {
            return None;
        }
        let ticket = match self.is_open {
            true => OPEN.to_owned(),
            false => {
                let expires_at = Millis::now().plus_s(TICKET_TTL_S);
                services.keys.write_ticket(&Ticket { login: caller.account()?.login, stream, expires_at })
            }
        };
        let base = Base::of(request, &services.config);
        Some(base.url(&format!("/api/v1/streams/{stream}/recording/{ticket}")))
    }
}

/// The playlist of a recording, below its folder.
pub(in crate::http::media) fn playlist(folder: &str) -> String {
    format!("{folder}/index.m3u8")
}

/// The film of a run, below its folder; it is told from one that had its number before and was deleted.
pub(super) fn film(run: &Run) -> String {
    format!("{:04}.mp4?v={}", run.id.run, run.version())
}

/// What is kept of a stream's picture, for whoever may see the stream. The addresses hold a ticket of the caller's login, good for
/// some hours.
#[utoipa::path(get, operation_id = "getRecording", path = "/api/v1/streams/{id}/recording", tag = "picture", params(("id" = StreamId, Path)),
    responses((status = 200, description = "What is kept, and where it is once the stream has ended", body = RecordingView)))]
pub(crate) async fn read(
    request: HttpRequest,
    services: web::Data<Services>,
    caller: Caller,
    id: Path<StreamId>,
) -> Answer {
    let seen = services.streams.read_as(id.0, caller.in_room(), |conn, access| Ok(Kept::of(conn, access)?));
    let kept = seen.await?;
    let folder = kept.folder(&request, &services, &caller, id.0);
    Ok(HttpResponse::Ok().json(RecordingView::of(&kept, folder.as_deref())))
}

impl RecordingView {
    fn of(kept: &Kept, folder: Option<&str>) -> Self {
        let view = |(media_ms, run): (i64, &Run)| RunView {
            offset_ms: run.offset_ms,
            media_ms,
            duration_ms: run.size.duration_ms,
            is_open: run.is_open,
            bytes: run.size.bytes,
            url: folder.filter(|_| kept.is_ready()).map(|folder| format!("{folder}/{}", film(run))),
        };
        let is_seen = |(_, run): &(i64, &Run)| run.is_open || run.size.duration_ms > 0;
        let runs: Vec<RunView> = recordings::placed(&kept.runs).filter(is_seen).map(view).collect();
        let duration_ms = runs.iter().map(|run| run.duration_ms).sum();
        Self { state: kept.state, url: folder.map(playlist), duration_ms, runs }
    }
}
