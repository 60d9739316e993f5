//! What a host has to know to send a picture, and what comes in: of one stream, and of an account.
//! It must not know how a picture travels.

use super::addresses::Base;
use crate::{
    auth::picture::ingest::digest,
    domain::{
        Right, Role, StreamId,
        stream::{
            ingest_key::{IngestKey, KeyGeneration, KeyOf},
            picture::{IngestRefusal, IngestWarning, Publisher},
        },
    },
    http::{
        Answer, ClientAddress, Error, Services,
        extract::{Identity, Json, Path, patch::Change},
        moderation::record,
    },
    media::handle::CutReason,
    room::operations::{Effects, Notice},
    store::{
        self,
        moderation::audit::{self, NewEntry},
        streams::{
            ingest::{self, Ingest},
            pictures,
        },
    },
    wire::{Refusal, picture::IngestFrame},
};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How to send a picture to a stream, and what comes in.
#[derive(Serialize, ToSchema)]
pub(crate) struct IngestView {
    /// For WHIP; the key is the bearer token.
    whip_url: String,
    /// For RTMP; encoders take it as the server, or with a slash and the key behind it. Null where RTMP is off.
    rtmp_url: Option<String>,
    /// A secret of whoever hosts.
    key: String,
    /// Whether the first picture starts the stream.
    auto_start: bool,
    /// Whether the picture is kept.
    record: bool,
    /// Who sends; null where nobody does.
    publisher: Option<Publisher>,
    /// What the host should know of it.
    warnings: Vec<IngestWarning>,
    /// Why a source was sent away or not let in, the last time.
    last_refusal: Option<IngestRefusal>,
}

/// How to send a picture to whichever stream of one's own is on air, or comes next.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountIngestView {
    /// For WHIP; the key is the bearer token.
    whip_url: String,
    /// For RTMP. Null where RTMP is off.
    rtmp_url: Option<String>,
    /// A secret of the account.
    key: String,
}

/// What to change; an absent member keeps its value, none can be null.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IngestPatchBody {
    #[serde(default)]
    #[schema(value_type = Option<bool>, nullable = false)]
    auto_start: Change<bool>,
    /// `true` is refused where the site keeps no pictures.
    #[serde(default)]
    #[schema(value_type = Option<bool>, nullable = false)]
    record: Change<bool>,
}

/// Reads how to send a picture to a stream. An administrator's look is put on record.
#[utoipa::path(get, operation_id = "getIngest", path = "/api/v1/streams/{id}/ingest", tag = "picture", params(("id" = StreamId, Path)),
    responses((status = 200, description = "Addresses, the key, and what comes in", body = IngestView)), security(("bearer" = [])))]
pub(crate) async fn read(
    request: HttpRequest,
    services: web::Data<Services>,
    account: Identity,
    address: ClientAddress,
    id: Path<StreamId>,
) -> Answer {
    let stream = id.0;
    let seen = services.streams.read_as(stream, Some(account.account()), move |conn, access| {
        access.require(Right::Manage)?;
        Ok((ingest::of_stream(conn, stream)?, access.role))
    });
    let (seen, role) = seen.await?;
    if role == Role::Admin {
        services.audit_queue.note(NewEntry {
            stream_id: Some(stream),
            target: Some(stream.to_string()),
            ..record::of(&account, address, "ingest.read")
        });
    }
    document(&request, &services, stream, seen).await
}

/// Changes what a stream does with a picture.
#[utoipa::path(patch, operation_id = "updateIngest", path = "/api/v1/streams/{id}/ingest", tag = "picture", request_body = IngestPatchBody,
    params(("id" = StreamId, Path)),
    responses((status = 200, description = "As it is now", body = IngestView)), security(("bearer" = [])))]
pub(crate) async fn edit(
    request: HttpRequest,
    services: web::Data<Services>,
    account: Identity,
    id: Path<StreamId>,
    body: Json<IngestPatchBody>,
) -> Answer {
    let (stream, actor) = (id.0, account.account());
    let auto_start = body.0.auto_start.required("auto_start")?;
    let record = body.0.record.required("record")?;
    if record == Some(true) && !services.picture.recorder.is_on() {
        return Err(Refusal::invalid_field("record", "unsupported", "this site keeps no pictures").into());
    }
    let edited = services.streams.act_as(Right::Manage, actor, stream, move |act| {
        ingest::set(act.tx, stream, auto_start, record)?;
        Ok(Effects::none(ingest::of_stream(act.tx, stream)?))
    });
    document(&request, &services, stream, edited.await?).await
}

/// Gives a stream another key; who sends by the one before is sent away, and who came by the account's key or a login stays.
#[utoipa::path(post, operation_id = "rotateIngest", path = "/api/v1/streams/{id}/ingest/rotate", tag = "picture", params(("id" = StreamId, Path)),
    responses((status = 200, description = "With the next key", body = IngestView)), security(("bearer" = [])))]
pub(crate) async fn rotate(
    request: HttpRequest,
    services: web::Data<Services>,
    account: Identity,
    id: Path<StreamId>,
) -> Answer {
    let (stream, actor) = (id.0, account.account());
    let rotated = services.streams.act_as(Right::Manage, actor, stream, move |act| {
        ingest::rotate(act.tx, KeyOf::Stream(stream))?;
        act.record("ingest.rotate", stream, None)?;
        let rotated = Notice::KeyRotated(KeyOf::Stream(stream));
        Ok(Effects::none(ingest::of_stream(act.tx, stream)?).notifying(rotated))
    });
    document(&request, &services, stream, rotated.await?).await
}

/// Sends whoever sends to a stream away; a source that comes again is let in.
#[utoipa::path(delete, operation_id = "removePublisher", path = "/api/v1/streams/{id}/ingest/publisher", tag = "picture", params(("id" = StreamId, Path)),
    responses((status = 204, description = "Nobody sends")), security(("bearer" = [])))]
pub(crate) async fn remove_publisher(
    services: web::Data<Services>,
    account: Identity,
    id: Path<StreamId>,
) -> Answer {
    let (stream, actor) = (id.0, account.account());
    let own = services.picture.claims.boot();
    let recorded = services.streams.act_as(Right::Manage, actor, stream, move |act| {
        act.record("ingest.remove", stream, None)?;
        if let Some(own) = own {
            pictures::take_away(act.tx, own, stream)?;
        }
        Ok(Effects::none(()).notifying(Notice::PictureMoved(stream)))
    });
    recorded.await?;
    if let Some(media) = &services.picture.media {
        media.cut(stream, CutReason::Removed).await;
    }
    Ok(HttpResponse::NoContent().finish())
}

/// Reads how to send a picture to whichever of one's streams is on air, or scheduled soonest.
#[utoipa::path(get, operation_id = "getAccountIngest", path = "/api/v1/users/me/ingest", tag = "picture",
    responses((status = 200, description = "Addresses and the key", body = AccountIngestView)), security(("bearer" = [])))]
pub(crate) async fn read_account(
    request: HttpRequest,
    services: web::Data<Services>,
    account: Identity,
) -> Answer {
    let of = KeyOf::Account(account.user.id);
    let generation = services.store.read(move |conn| ingest::generation(conn, of)).await?;
    account_document(&request, &services, of, generation).await
}

/// Gives one's account another key; who sends by the one before is sent away, and who came by a stream's key or a login stays.
#[utoipa::path(post, operation_id = "rotateAccountIngest", path = "/api/v1/users/me/ingest/rotate", tag = "picture",
    responses((status = 200, description = "With the next key", body = AccountIngestView)), security(("bearer" = [])))]
pub(crate) async fn rotate_account(
    request: HttpRequest,
    services: web::Data<Services>,
    account: Identity,
    address: ClientAddress,
) -> Answer {
    let of = KeyOf::Account(account.user.id);
    let entry = record::of(&account, address, "ingest.rotate");
    let rotated = services.streams.act_anywhere(move |tx| {
        let generation = ingest::rotate(tx, of)?;
        audit::append(tx, &entry, crate::domain::Millis::now())?;
        Ok((generation, Notice::KeyRotated(of).into()))
    });
    account_document(&request, &services, of, rotated.await?).await
}

async fn document(request: &HttpRequest, services: &Services, stream: StreamId, ingest: Ingest) -> Answer {
    let key = shown(services, KeyOf::Stream(stream), ingest.generation).await?;
    let base = Base::of(request, &services.config);
    let IngestFrame { publisher, warnings, last_refusal } = services.streams.pictures.of(stream).frame();
    Ok(HttpResponse::Ok().json(IngestView {
        whip_url: base.url("/api/v1/whip"),
        rtmp_url: services.picture.rtmp_port.map(|port| base.rtmp(port)),
        key: key.expose().to_owned(),
        auto_start: ingest.auto_start,
        record: ingest.record,
        publisher,
        warnings,
        last_refusal,
    }))
}

async fn account_document(
    request: &HttpRequest,
    services: &Services,
    of: KeyOf,
    generation: KeyGeneration,
) -> Answer {
    let key = shown(services, of, generation).await?;
    let base = Base::of(request, &services.config);
    Ok(HttpResponse::Ok().json(AccountIngestView {
        whip_url: base.url("/api/v1/whip"),
        rtmp_url: services.picture.rtmp_port.map(|port| base.rtmp(port)),
        key: key.expose().to_owned(),
    }))
}

/// The key, which from now on is found where somebody sends by it.
async fn shown(services: &Services, of: KeyOf, generation: KeyGeneration) -> Result<IngestKey, Error> {
    let key = services.keys.ingest_key(of, generation);
    let digest = digest(&key);
    let wanted = digest.clone();
    if services.store.read(move |conn| ingest::by_digest(conn, &wanted)).await?.is_none() {
        let note = move |tx: &mut store::Tx<'_>| {
            // One that was rotated meanwhile leads nowhere.
            match ingest::generation(tx, of)? == generation {
                true => ingest::note_shown(tx, &digest, of),
                false => Ok(()),
            }
        };
        services.store.write::<_, store::Error>(note).await?;
    }
    Ok(key)
}
