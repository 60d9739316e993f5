//! What the host says to all.
//! It must not know who hears it.

use crate::{
    domain::{AnnouncementId, Content, Right, StreamId},
    http::{
        Answer, Services,
        extract::{Identity, Json, Path},
    },
    room::operations::{Effects, transaction},
    store::interactions::announcements,
    wire::{
        Event, Refusal,
        event::{AnnouncementCreated, AnnouncementRemoved, AnnouncementTombstone},
        view::AnnouncementView,
    },
};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

/// An announcement to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnnouncementBody {
    content: Content,
}

/// Says something to all.
#[utoipa::path(post, operation_id = "createAnnouncement", path = "/api/v1/streams/{id}/announcements", tag = "moderation", request_body = AnnouncementBody,
    params(("id" = StreamId, Path)),
    responses((status = 201, description = "It was said", body = AnnouncementView)), security(("bearer" = [])))]
pub(crate) async fn create(
    services: web::Data<Services>,
    account: Identity,
    id: Path<StreamId>,
    body: Json<AnnouncementBody>,
) -> Answer {
    let (id, actor, content) = (id.0, account.account(), body.0.content);
    let made = services.streams.act_as(Right::Announce, actor, id, move |act| {
        act.access.not_ended()?;
        let made = announcements::create(
            act.tx,
            id,
            AnnouncementId::new(),
            (act.actor.user.id, act.actor.is_bot),
            content.as_str(),
            act.now,
        )?;
        act.record("announcement.create", made.id, None)?;
        let announcement = AnnouncementView::from(made);
        Ok(Effects::event(announcement.clone(), AnnouncementCreated { announcement }))
    });
    Ok(HttpResponse::Created().json(made.await?))
}

/// Takes an announcement down: its text is gone, and nothing stands in its place.
#[utoipa::path(delete, operation_id = "deleteAnnouncement", path = "/api/v1/streams/{id}/announcements/{announcement_id}", tag = "moderation",
    params(("id" = StreamId, Path), ("announcement_id" = AnnouncementId, Path)),
    responses((status = 204, description = "It is gone")), security(("bearer" = [])))]
pub(crate) async fn delete(
    services: web::Data<Services>,
    account: Identity,
    path: Path<(StreamId, AnnouncementId)>,
) -> Answer {
    let ((id, announcement_id), actor) = (path.0, account.account());
    let removed = services.streams.act_as(Right::Announce, actor, id, move |act| {
        let tombstone = Event::from(AnnouncementTombstone { announcement_id, deleted_at: act.now });
        if !announcements::remove(act.tx, id, announcement_id, &transaction::row(&tombstone))? {
            return Err(Refusal::not_found().into());
        }
        act.record("announcement.delete", announcement_id, None)?;
        Ok(Effects::event((), AnnouncementRemoved { announcement_id }))
    });
    removed.await?;
    Ok(HttpResponse::NoContent().finish())
}
