//! Streams: made, read, edited, started, ended, deleted. Lists of them are in `list`.
//! It must not know what happens in their rooms.

pub(crate) mod event_stream;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod list;
pub(crate) mod members;
pub(crate) mod reports;
pub(crate) mod settings;
pub(crate) mod socket;

use super::{
    Answer, Error, Services,
    extract::{
        Caller, Identity, Json, Path,
        etag::{self, IfMatch},
        patch::Change,
    },
};
use crate::{
    domain::{
        Millis, Right, Status, StreamId, UserId, Visibility,
        invalid::Invalid,
        stream::playback_url::PlaybackUrl,
        text::{Description, Tag, Title, fold::search_key},
    },
    room::hooks,
    room::{
        core::Part,
        operations::{Effects, Fault, Notice, acts},
    },
    store::{
        Conn, Stream, channels,
        interactions::reactions,
        streams::{self, NewStream, Patch},
    },
    wire::{
        Code, Refusal,
        event::{StreamStarted, StreamUpdated},
        view::{Reactions, StreamView},
    },
};
use actix_web::{HttpResponse, http::header, web};
use serde::Deserialize;
use utoipa::ToSchema;

/// Most tags of a stream.
const TAGS_MAX: usize = 10;

/// The tags of a stream: at most 10, each once, in the order given.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(try_from = "Vec<Tag>")]
#[schema(value_type = Vec<String>, max_items = 10)]
pub(crate) struct Tags(Vec<Tag>);

impl TryFrom<Vec<Tag>> for Tags {
    type Error = Invalid;

    fn try_from(tags: Vec<Tag>) -> Result<Self, Invalid> {
        if tags.len() > TAGS_MAX {
            return Err(Invalid::out_of_range(format!("at most {TAGS_MAX} tags")));
        }
        let mut once: Vec<Tag> = Vec::with_capacity(tags.len());
        for tag in tags {
            if !once.iter().any(|other| other.key() == tag.key()) {
                once.push(tag);
            }
        }
        Ok(Self(once))
    }
}

impl Tags {
    fn rows(self) -> Vec<streams::Tag> {
        self.0.into_iter().map(|tag| streams::Tag { key: tag.key(), text: tag.into_string() }).collect()
    }
}

/// A stream to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStreamBody {
    title: Title,
    #[serde(default)]
    description: Option<Description>,
    #[serde(default)]
    tags: Option<Tags>,
    /// `public` where nothing is said.
    #[serde(default)]
    visibility: Option<Visibility>,
    #[serde(default)]
    scheduled_for: Option<Millis>,
    #[serde(default)]
    playback_url: Option<PlaybackUrl>,
}

impl NewStreamBody {
    fn row(self, host_id: UserId) -> NewStream {
        let title = self.title.into_string();
        let description = self.description.map(String::from).unwrap_or_default();
        NewStream {
            id: StreamId::new(),
            host_id,
            search_key: stream_key(&title, &description),
            title,
            description,
            tags: self.tags.unwrap_or_default().rows(),
            visibility: self.visibility.unwrap_or(Visibility::Public),
            scheduled_for: self.scheduled_for,
            playback_url: self.playback_url.map(String::from),
        }
    }
}

/// What a search for streams looks into.
fn stream_key(title: &str, description: &str) -> String {
    search_key(&format!("{title}\n{description}"))
}

/// What to change of a stream: an absent member keeps its value, null clears it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StreamPatchBody {
    #[serde(default)]
    #[schema(value_type = Option<Title>, nullable = false)]
    title: Change<Title>,
    #[serde(default)]
    #[schema(value_type = Option<Description>)]
    description: Change<Description>,
    #[serde(default)]
    #[schema(value_type = Option<Tags>)]
    tags: Change<Tags>,
    #[serde(default)]
    #[schema(value_type = Option<Visibility>, nullable = false)]
    visibility: Change<Visibility>,
    #[serde(default)]
    #[schema(value_type = Option<Millis>)]
    scheduled_for: Change<Millis>,
    #[serde(default)]
    #[schema(value_type = Option<PlaybackUrl>)]
    playback_url: Change<PlaybackUrl>,
}

impl StreamPatchBody {
    /// The search key is of the texts as they will be, so it is made where the stream is known.
    fn row(self) -> Result<Patch, Refusal> {
        Ok(Patch {
            title: self.title.required("title")?.map(String::from),
            description: self.description.nullable().map(|text| text.map(String::from).unwrap_or_default()),
            search_key: None,
            tags: self.tags.or_cleared(Tags::default()).map(Tags::rows),
            visibility: self.visibility.required("visibility")?,
            scheduled_for: self.scheduled_for.nullable(),
            playback_url: self.playback_url.nullable().map(|url| url.map(String::from)),
        })
    }
}

fn with_search_key(mut patch: Patch, stream: &Stream) -> Patch {
    let title = patch.title.as_deref().unwrap_or(&stream.title);
    let description = patch.description.as_deref().unwrap_or(&stream.description);
    patch.search_key = Some(stream_key(title, description));
    patch
}

/// Makes a stream, as its host.
#[utoipa::path(post, operation_id = "createStream", path = "/api/v1/streams", tag = "streams", request_body = NewStreamBody,
    responses((status = 201, description = "The stream; its URL in `Location`, its version in `ETag`", body = StreamView)),
    security(("bearer" = [])))]
pub(crate) async fn create(
    services: web::Data<Services>,
    account: Identity,
    body: Json<NewStreamBody>,
) -> Answer {
    if !services.site.may_host(&account.user) {
        return Err(Error::new(Code::Forbidden, "An operator must grant you the right to host first."));
    }
    let new = body.0.row(account.user.id);
    let id = new.id;
    let stream = services
        .streams
        .act(id, move |tx, now| {
            let stream = channels::create_stream(tx, &new, now)?;
            hooks::stream_created(tx, &stream, now)?;
            Ok(Effects::none(stream))
        })
        .await?;
    let location = (header::LOCATION, format!("/api/v1/streams/{id}"));
    let tag = etag::of(stream.version);
    let view = StreamView::new(stream, 0, Reactions::new(), None);
    Ok(HttpResponse::Created().insert_header(location).insert_header(tag).json(view))
}

/// Reads one stream.
#[utoipa::path(get, operation_id = "getStream", path = "/api/v1/streams/{id}", tag = "streams", params(("id" = StreamId, Path)),
    responses((status = 200, description = "The stream; its version in `ETag`", body = StreamView)))]
pub(crate) async fn read(services: web::Data<Services>, caller: Caller, id: Path<StreamId>) -> Answer {
    let seen = services.streams.read_as(id.0, caller.in_room(), |conn, access| {
        let stream = access.stream.clone();
        let totals = totals_of(conn, stream.id)?;
        Ok((stream, totals, access.role.is_staff()))
    });
    let (stream, totals, is_staff) = seen.await?;
    Ok(document(&services, stream, totals, is_staff).await)
}

/// Edits a stream.
#[utoipa::path(patch, operation_id = "updateStream", path = "/api/v1/streams/{id}", tag = "streams", request_body = StreamPatchBody,
    params(("id" = StreamId, Path), ("If-Match" = Option<String>, Header, description = "Edit only this version: 412 `stale`")),
    responses((status = 200, description = "As it is now", body = StreamView)), security(("bearer" = [])))]
pub(crate) async fn edit(
    services: web::Data<Services>,
    account: Identity,
    id: Path<StreamId>,
    if_match: IfMatch,
    body: Json<StreamPatchBody>,
) -> Answer {
    let (id, actor, patch) = (id.0, account.account(), body.0.row()?);
    let edited = services.streams.act_as(Right::Manage, actor, id, move |act| {
        if_match.check(act.access.stream.version)?;
        let patch = with_search_key(patch.clone(), &act.access.stream);
        let stream = streams::update(act.tx, id, &patch, Some(act.access.stream.version), act.now)?;
        let totals = totals_of(act.tx, id)?;
        let event = StreamUpdated { stream: stream.clone().into() };
        let is_seen_by_others = stream.visibility != act.access.stream.visibility;
        let refresh: &[Part] = if is_seen_by_others { &[Part::Members] } else { &[] };
        Ok(Effects::event((stream, totals), event).refreshing(refresh))
    });
    let (stream, totals) = edited.await?;
    Ok(document(&services, stream, totals, true).await)
}

/// Deletes a stream with all that belongs to it.
#[utoipa::path(delete, operation_id = "deleteStream", path = "/api/v1/streams/{id}", tag = "streams", params(("id" = StreamId, Path)),
    responses((status = 204, description = "It is gone, its sockets close")), security(("bearer" = [])))]
pub(crate) async fn delete(services: web::Data<Services>, account: Identity, id: Path<StreamId>) -> Answer {
    let (id, actor) = (id.0, account.account());
    let deleted = services.streams.act_as(Right::Manage, actor, id, move |act| {
        hooks::stream_deleted(act.tx, id, act.access.stream.host.id, act.now)?;
        streams::delete(act.tx, id)?;
        act.record("stream.delete", id, None)?;
        Ok(Effects::none(()).notifying(Notice::RoomGone(id)))
    });
    deleted.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Puts a stream on air.
#[utoipa::path(post, operation_id = "startStream", path = "/api/v1/streams/{id}/start", tag = "streams", params(("id" = StreamId, Path)),
    responses((status = 200, description = "It is live", body = StreamView)), security(("bearer" = [])))]
pub(crate) async fn start(services: web::Data<Services>, account: Identity, id: Path<StreamId>) -> Answer {
    let (id, actor) = (id.0, account.account());
    let started = services.streams.act_as(Right::Manage, actor, id, move |act| {
        let stream = streams::transition(act.tx, id, Status::Live, act.now)?;
        let totals = totals_of(act.tx, id)?;
        let event = StreamStarted { stream: stream.clone().into() };
        Ok(Effects::event((stream, totals), event))
    });
    let (stream, totals) = started.await?;
    Ok(document(&services, stream, totals, true).await)
}

/// Ends a stream, for good.
#[utoipa::path(post, operation_id = "endStream", path = "/api/v1/streams/{id}/end", tag = "streams", params(("id" = StreamId, Path)),
    responses((status = 200, description = "It is over", body = StreamView)), security(("bearer" = [])))]
pub(crate) async fn end(services: web::Data<Services>, account: Identity, id: Path<StreamId>) -> Answer {
    let (id, actor) = (id.0, account.account());
    let ended = services.streams.act_as(Right::Manage, actor, id, move |act| {
        let totals = totals_of(act.tx, id)?;
        Ok(acts::end_stream(act.tx, id, act.now)?.map(|stream| (stream, totals)))
    });
    let (stream, totals) = ended.await?;
    Ok(document(&services, stream, totals, true).await)
}

fn totals_of(conn: &mut Conn, id: StreamId) -> Result<Reactions, Fault> {
    let mut totals = reactions::totals(conn, &[id])?;
    Ok(totals.remove(&id).unwrap_or_default().into_iter().collect())
}

async fn document(services: &Services, stream: Stream, totals: Reactions, is_staff: bool) -> HttpResponse {
    let viewers = services.streams.viewer_counts.of(stream.id).await;
    let picture = services.streams.pictures.shown(stream.id, stream.status, is_staff);
    let tag = etag::of(stream.version);
    HttpResponse::Ok().insert_header(tag).json(StreamView::new(stream, viewers, totals, picture))
}
