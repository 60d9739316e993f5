//! The playlist and the films of a recording, for players that send no headers: a ticket in the path says with which login they
//! may, as with the live picture. Each request is judged anew. It must not know what is in a film.

use super::{
    playlist::{self, Film},
    view::film,
};
use crate::{
    domain::{StreamId, stream::recording::RecordingState},
    http::{
        Answer, ClientAddress, Error, Services,
        extract::{Path, etag},
        media::{
            forward,
            hls::{PLAYLIST, VIDEO, looker, refuse_other_sites},
        },
    },
    recordings::{self, Disk, Entry, Reading},
    services::picture::sight::Looker,
    store::{
        self, Conn,
        recordings::{Run, RunId, of_stream, state},
        streams,
    },
    wire::{Code, Refusal},
};
use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::header::{self, ByteRangeSpec, ContentEncoding, ETag, EntityTag, Range},
    web,
};
use bytes::Bytes;
use futures_util::{FutureExt, future::BoxFuture};
use url::Url;

/// What can be fetched of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Resource {
    Playlist,
    /// The pictures and the sound of a run.
    Film(i32),
    /// What is where in that, for other nodes.
    Index(i32),
}

impl Resource {
    fn parse(file: &str) -> Option<Self> {
        let run =
            |number: &str| number.parse().ok().filter(|run: &i32| *run > 0 && format!("{run:04}") == number);
        match file.rsplit_once('.')? {
            ("index", "m3u8") => Some(Resource::Playlist),
            (number, "mp4") => run(number).map(Resource::Film),
            (number, "idx") => run(number).map(Resource::Index),
            _ => None,
        }
    }
}

/// The playlist of a recording, or the film of one of its runs, of which players fetch pieces by `Range`.
#[utoipa::path(get, operation_id = "getRecordingFile", path = "/api/v1/streams/{id}/recording/{ticket}/{file}", tag = "picture",
    params(
        ("id" = StreamId, Path),
        ("ticket" = String, Path, description = "As `recording` gives it"),
        ("file" = String, Path, description = "`index.m3u8` or `{run}.mp4`"),
        ("download" = Option<bool>, Query, description = "To be saved under a name"),
    ),
    responses(
        (status = 200, description = "The file", content((String = "application/vnd.apple.mpegurl"), (Vec<u8> = "video/mp4"))),
        (status = 206, description = "The range of it that was asked for", body = Vec<u8>, content_type = "video/mp4"),
        (status = 304, description = "`If-None-Match` names the film as it is"),
        (status = 416, description = "It has no such range"),
    ))]
pub(crate) async fn file(
    request: HttpRequest,
    services: web::Data<Services>,
    path: Path<(StreamId, String, String)>,
) -> Answer {
    refuse_other_sites(&services, request.headers())?;
    let (stream, ticket, file) = path.0;
    let looker = looker(&services, stream, &ticket).ok_or_else(Error::not_found)?;
    let resource = Resource::parse(&file).ok_or_else(Error::not_found)?;
    if !services.picture.sight.may_replay(stream, looker).await? {
        return Err(Error::not_found());
    }
    let asked = Asked { request: &request, services: &services, looker };
    match resource {
        Resource::Playlist => asked.playlist(stream, &ticket).await,
        Resource::Film(run) => asked.film(asked.run(stream, run).await?).await,
        Resource::Index(run) => asked.index(asked.run(stream, run).await?.id).await,
    }
}

/// A request of whoever may see the recording.
struct Asked<'a> {
    request: &'a HttpRequest,
    services: &'a Services,
    looker: Looker,
}

impl Asked<'_> {
    async fn run(&self, stream: StreamId, number: i32) -> Result<Run, Error> {
        let runs = self.services.store.read(move |conn| of_stream(conn, stream)).await?;
        runs.into_iter().find(|run| run.id.run == number).ok_or_else(Error::not_found)
    }

    async fn playlist(&self, stream: StreamId, ticket: &str) -> Answer {
        let read = move |conn: &mut Conn| -> store::Result<_> {
            Ok((streams::by_id(conn, stream)?, of_stream(conn, stream)?))
        };
        let (of, runs) = self.services.store.read(read).await?;
        let grows = match state(of.ok_or_else(Error::not_found)?.status, &runs) {
            RecordingState::None => return Err(Error::not_found()),
            RecordingState::Recording => true,
            RecordingState::Ready => false,
        };
        let mut films = Vec::with_capacity(runs.len());
        for run in runs {
            let index = match self.elsewhere(&run) {
                Some(node) => self.index_of(&run, &node, ticket).await?,
                None => read_index(&self.services.picture.disk, run.id).await.unwrap_or_default(),
            };
            films.push(Film { file: film(&run), entries: recordings::read_index(&index) });
        }
        Ok(self
            .answer(HttpResponse::Ok(), PLAYLIST, if grows { Kept::Moment } else { Kept::Hour })
            .body(playlist::of(&films, grows)))
    }

    /// The index of a film that is on the disk of another node.
    async fn index_of(&self, run: &Run, node: &Url, ticket: &str) -> Result<Bytes, Error> {
        let RunId { stream, run } = run.id;
        let path = format!("/api/v1/streams/{stream}/recording/{ticket}/{run:04}.idx");
        forward::fetch(self.request, self.services, self.client(), node, &path).await
    }

    async fn index(&self, id: RunId) -> Answer {
        let index = read_index(&self.services.picture.disk, id).await.ok_or_else(Error::not_found)?;
        Ok(self.answer(HttpResponse::Ok(), "application/octet-stream", Kept::Moment).body(index))
    }

    async fn film(&self, run: Run) -> Answer {
        if let Some(node) = self.elsewhere(&run) {
            return forward::send_on(self.request, self.services, self.client(), &node, Bytes::new()).await;
        }
        // What there is of a film stays while more comes: a piece of it goes on to hold, and nobody has all of it.
        let tag = EntityTag::new_strong(format!("{}-{}", run.id.run, run.version()));
        let kept = if run.is_open { Kept::Nowhere } else { Kept::Hour };
        if !run.is_open && etag::is_known(self.request, &tag) {
            let mut same = self.answer(HttpResponse::NotModified(), VIDEO, kept);
            return Ok(same.insert_header(ETag(tag)).finish());
        }
        let bytes = self.bytes(&run).await;
        let (mut response, from, to) = match self.range(&tag.to_string(), bytes) {
            Wanted::All => (HttpResponse::Ok(), 0, bytes),
            Wanted::Some(first, last) => {
                let mut response = HttpResponse::PartialContent();
                response.insert_header((header::CONTENT_RANGE, format!("bytes {first}-{last}/{bytes}")));
                (response, first, last + 1)
            }
            Wanted::Nothing => {
                let all = (header::CONTENT_RANGE, format!("bytes */{bytes}"));
                return Ok(HttpResponse::RangeNotSatisfiable().insert_header(all).finish());
            }
        };
        if self.is_download() {
            let name = format!("attachment; filename=\"{}-{:04}.mp4\"", run.id.stream, run.id.run);
            response.insert_header((header::CONTENT_DISPOSITION, name));
        }
        let disk = self.services.picture.disk.clone();
        let opened = Reading::open(disk, run.id, from, to).await;
        let reading = opened.map_err(|error| {
            log::error!("run {} of stream {} cannot be read: {error}", run.id.run, run.id.stream);
            Refusal::new(Code::Unavailable, "The recording cannot be read now.")
        })?;
        Ok(self
            .answer(response, VIDEO, kept)
            .insert_header((header::ACCEPT_RANGES, "bytes"))
            .insert_header(ETag(tag))
            .insert_header(ContentEncoding::Identity)
            .no_chunking(to - from)
            .streaming(reading.pieces(self.may_go_on(run.id.stream))))
    }

    /// Whether a film may still be read, asked anew for each piece: who may see it can change, and a film may be long.
    fn may_go_on(&self, stream: StreamId) -> impl Fn() -> BoxFuture<'static, bool> + use<> {
        let (sight, looker) = (self.services.picture.sight.clone(), self.looker);
        move || {
            let sight = sight.clone();
            async move { sight.may_replay(stream, looker).await.unwrap_or(false) }.boxed()
        }
    }

    /// How many there are of a film here. Of one that is under way the table says it late.
    async fn bytes(&self, run: &Run) -> u64 {
        let told = run.size.bytes.try_into().unwrap_or(0);
        if !run.is_open {
            return told;
        }
        let index = read_index(&self.services.picture.disk, run.id).await.unwrap_or_default();
        recordings::read_index(&index).last().map_or(told, Entry::end)
    }

    /// Which bytes are wanted. A range of another film than this, and what is no single range, is all of it (RFC 9110, 14.2).
    fn range(&self, tag: &str, bytes: u64) -> Wanted {
        let headers = self.request.headers();
        let is_of_another = headers.get(header::IF_RANGE).is_some_and(|of| of.as_bytes() != tag.as_bytes());
        let range = headers.get(header::RANGE).filter(|_| !is_of_another);
        range.and_then(|range| range.to_str().ok()).map_or(Wanted::All, |range| wanted(range, bytes))
    }

    fn is_download(&self) -> bool {
        self.request.query_string().split('&').any(|pair| pair == "download=true")
    }

    /// The node that has a run on its disk, where that is not this one.
    fn elsewhere(&self, run: &Run) -> Option<Url> {
        let is_here = self.services.config.node.as_ref() == Some(&run.keeper.node);
        let node = run.keeper.url.as_ref().filter(|_| !is_here && forward::may_go_on(self.request))?;
        Url::parse(node).ok()
    }

    fn client(&self) -> ClientAddress {
        ClientAddress::from((self.request, &*self.services.config))
    }

    /// What not everybody may see is kept nowhere.
    fn answer(&self, mut response: HttpResponseBuilder, media_type: &str, kept: Kept) -> HttpResponseBuilder {
        let caching = match (self.looker, kept) {
            (Looker::Login(_), _) => "private, no-store",
            (Looker::Anybody, Kept::Nowhere) => "no-store",
            (Looker::Anybody, Kept::Moment) => "public, max-age=1",
            (Looker::Anybody, Kept::Hour) => "public, max-age=3600",
        };
        response.content_type(media_type).insert_header((header::CACHE_CONTROL, caching));
        response
    }
}

/// How long whoever has fetched something may go on with it.
#[derive(Clone, Copy, Debug)]
enum Kept {
    /// A film that grows: browsers put pieces of it together and hold its length against the next.
    Nowhere,
    /// A list that grows.
    Moment,
    /// What is gone is gone within the hour.
    Hour,
}

/// Bytes of a film, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    All,
    Some(u64, u64),
    Nothing,
}

/// Units are in any case (RFC 9110, 14.1), which the parser does not know.
fn wanted(range: &str, bytes: u64) -> Wanted {
    match range.to_ascii_lowercase().parse() {
        Ok(Range::Bytes(ranges)) => single(&ranges, bytes),
        _ => Wanted::All,
    }
}

fn single(ranges: &[ByteRangeSpec], bytes: u64) -> Wanted {
    match ranges {
        [range] => range
            .to_satisfiable_range(bytes)
            .map_or(Wanted::Nothing, |(first, last)| Wanted::Some(first, last)),
        _ => Wanted::All,
    }
}

/// The index of a film here; none where there is none.
async fn read_index(disk: &Disk, id: RunId) -> Option<Bytes> {
    let disk = disk.clone();
    let read = web::block(move || recordings::index_of(&disk, id)).await.ok()?;
    read.inspect_err(|error| log::debug!("there is no index of run {} of {}: {error}", id.run, id.stream))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_the_playlist_and_numbered_films_and_nothing_else() {
        assert_eq!(Resource::parse("index.m3u8"), Some(Resource::Playlist));
        assert_eq!(Resource::parse("0012.mp4"), Some(Resource::Film(12)));
        assert_eq!(Resource::parse("12345.mp4"), Some(Resource::Film(12_345)));
        assert_eq!(Resource::parse("0001.idx"), Some(Resource::Index(1)));
        for none in [
            "",
            "1.mp4",
            "00001.mp4",
            "0001",
            "0001.m3u8",
            "../0001.mp4",
            "+001.mp4",
            "index.mp4",
            "-001.mp4",
        ] {
            assert_eq!(Resource::parse(none), None, "{none}");
        }
    }

    #[test]
    fn one_range_is_served_and_several_are_the_whole_film() {
        let of = |range: &str| wanted(range, 100);
        assert_eq!(of("bytes=0-9"), Wanted::Some(0, 9));
        assert_eq!(of("bytes=90-"), Wanted::Some(90, 99));
        assert_eq!(of("bytes=-10"), Wanted::Some(90, 99));
        assert_eq!(of("bytes=90-1000"), Wanted::Some(90, 99));
        assert_eq!(of("bytes=100-"), Wanted::Nothing);
        assert_eq!(of("bytes=0-1,5-6"), Wanted::All);
        assert_eq!(of("pictures=0-1"), Wanted::All);
        assert_eq!(of("Bytes=0-9"), Wanted::Some(0, 9));
        assert_eq!(of("BYTES=-10"), Wanted::Some(90, 99));
    }
}
