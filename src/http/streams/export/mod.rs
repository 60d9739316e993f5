//! All comments of a stream in one file, in their order, read and sent page by page.
//! It must not hold more than a page in memory, whatever the stream.

mod danmaku;
mod times;
mod webvtt;

use self::times::{Parts, Times};
use crate::{
    domain::{Seq, StreamId, stream::words},
    http::{
        Answer, Services,
        extract::{Caller, Path, Query},
    },
    store::{
        self, Store,
        comments::{self, Filter, Order},
        recordings::{self, Run},
    },
    wire::{Refusal, view::CommentView},
};
use actix_web::{HttpResponse, http::header, web};
use bytes::Bytes;
use futures_util::{Stream, stream};
use serde::Deserialize;
use utoipa::IntoParams;

/// Comments read and sent at once.
const PAGE: usize = 500;

words! {
    /// What kind of file.
    pub(crate) Format {
        /// One JSON object a line.
        Ndjson = "ndjson",
        /// Danmaku XML, for players.
        Xml = "xml",
        /// WebVTT, for all players: subtitles.
        Vtt = "vtt",
    }
}

words! {
    /// From when on the times of a file count.
    pub(crate) Clock {
        /// From the start of the stream.
        Stream = "stream",
        /// From the beginning of its recording, in which the time without a picture is missing.
        Recording = "recording",
    }
}

impl Format {
    fn content_type(self) -> &'static str {
        match self {
            Format::Ndjson => "application/x-ndjson; charset=utf-8",
            Format::Xml => "application/xml; charset=utf-8",
            Format::Vtt => "text/vtt; charset=utf-8",
        }
    }

    fn head(self, id: StreamId) -> String {
        match self {
            Format::Ndjson => String::new(),
            Format::Xml => danmaku::head(id),
            Format::Vtt => webvtt::HEAD.to_owned(),
        }
    }

    fn line(self, mut comment: CommentView, at_ms: i64) -> String {
        match self {
            Format::Ndjson => {
                comment.offset_ms = comment.offset_ms.map(|_| at_ms);
                serde_json::to_string(&comment).expect("views have string keys") + "\n"
            }
            Format::Xml => danmaku::line(&comment, at_ms),
            Format::Vtt => webvtt::cue(&comment, at_ms),
        }
    }

    fn tail(self) -> &'static str {
        match self {
            Format::Xml => danmaku::TAIL,
            Format::Ndjson | Format::Vtt => "",
        }
    }
}

/// Which file is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    /// `ndjson` where nothing is said.
    format: Option<Format>,
    /// From when on times count: from the start of the stream where nothing is said.
    time: Option<Clock>,
    /// With `time=recording`, the number of one of its parts, from 1 on: what was said in it alone, in the time of its file.
    part: Option<usize>,
}

/// A file of the comments of a stream, as somebody wants it.
struct File {
    store: Store,
    id: StreamId,
    format: Format,
    times: Times,
}

/// All comments of a stream, in their order; in the time of its recording for who plays both together elsewhere.
#[utoipa::path(get, operation_id = "exportComments", path = "/api/v1/streams/{id}/comments/export", tag = "comments", params(("id" = StreamId, Path), ExportQuery),
    responses((status = 200, description = "A file: a comment a line, danmaku XML, or subtitles", content(
        (String = "application/x-ndjson"),
        (String = "application/xml"),
        (String = "text/vtt"),
    ))))]
pub(crate) async fn export(
    services: web::Data<Services>,
    caller: Caller,
    id: Path<StreamId>,
    wanted: Query<ExportQuery>,
) -> Answer {
    let (id, wanted) = (id.0, wanted.0);
    let format = wanted.format.unwrap_or(Format::Ndjson);
    let runs =
        services.streams.read_as(id, caller.in_room(), move |conn, _| Ok(recordings::of_stream(conn, id)?));
    let times = times(&wanted, &runs.await?)?;
    let file_name = format!("attachment; filename=\"comments-{id}.{format}\"");
    let file = File { store: services.store.clone(), id, format, times };
    Ok(HttpResponse::Ok()
        .content_type(format.content_type())
        .insert_header((header::CONTENT_DISPOSITION, file_name))
        .streaming(file.pieces()))
}

/// Errors: `invalid_field` for a part that there is not, or a recording.
fn times(wanted: &ExportQuery, runs: &[Run]) -> Result<Times, Refusal> {
    let invalid = |field, text| Err(Refusal::invalid_field(field, "out_of_range", text));
    match (wanted.time, wanted.part) {
        (None | Some(Clock::Stream), None) => Ok(Times::Stream),
        (None | Some(Clock::Stream), Some(_)) => invalid("part", "goes with time=recording"),
        (Some(Clock::Recording), _) if runs.is_empty() => invalid("time", "there is no recording"),
        (Some(Clock::Recording), None) => Ok(Times::Recording(Parts::of(runs))),
        (Some(Clock::Recording), Some(part)) => {
            match part.checked_sub(1).and_then(|index| runs.get(index..=index)) {
                Some(run) => Ok(Times::Part(Parts::of(run))),
                None => invalid("part", "there is no such part of the recording"),
            }
        }
    }
}

/// What is sent next.
#[derive(Clone, Copy)]
enum Next {
    Head,
    After(Option<Seq>),
    Nothing,
}

impl File {
    fn pieces(self) -> impl Stream<Item = Result<Bytes, store::Error>> {
        stream::try_unfold((self, Next::Head), |(file, next)| async move {
            Ok(match next {
                Next::Head => Some((file.format.head(file.id).into(), (file, Next::After(None)))),
                Next::After(after) => {
                    let (piece, next) = file.page(after).await?;
                    Some((piece, (file, next)))
                }
                Next::Nothing => None,
            })
        })
    }

    async fn page(&self, after: Option<Seq>) -> store::Result<(Bytes, Next)> {
        let (id, filter) = (self.id, Filter { order: Order::Asc, ..Filter::default() });
        let page = self.store.read(move |conn| comments::list(conn, id, &filter, after, PAGE)).await?;
        let shown =
            page.items.into_iter().filter_map(|comment| Some((self.times.of(comment.offset_ms)?, comment)));
        let mut lines: String =
            shown.map(|(at_ms, comment)| self.format.line(comment.into(), at_ms)).collect();
        if page.next.is_some() {
            return Ok((lines.into(), Next::After(page.next)));
        }
        lines.push_str(self.format.tail());
        Ok((lines.into(), Next::Nothing))
    }
}
