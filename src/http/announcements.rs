//! What the host says to all.
//! It must not know who hears it.

use super::{
    Answer, App,
    extract::{Account, Json, Path},
};
use crate::{
    domain::{
        ids::{AnnouncementId, StreamId},
        role::Right,
        text::Content,
    },
    room::{access::Access, acts, effects::Effects},
    store::announcements,
    wire::{event::AnnouncementCreated, view::AnnouncementView},
};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

/// An announcement to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnnouncementBody {
    content: Content,
}

/// Says something to all.
#[utoipa::path(post, path = "/api/v1/streams/{id}/announcements", tag = "moderation", request_body = AnnouncementBody,
    params(("id" = StreamId, Path)),
    responses((status = 201, description = "It was said", body = AnnouncementView)), security(("bearer" = [])))]
pub async fn create(
    app: web::Data<App>,
    account: Account,
    id: Path<StreamId>,
    body: Json<AnnouncementBody>,
) -> Answer {
    let (id, actor, content) = (id.0, account.in_room(), body.0.content);
    let made = app.desk.act(id, move |tx, now| {
        let access = Access::of(tx, id, Some(&actor), now)?;
        access.require(Right::Announce)?;
        access.not_ended()?;
        let made =
            announcements::create(tx, id, AnnouncementId::new(), actor.user.id, content.as_str(), now)?;
        acts::record(tx, id, &actor, "announcement.create", made.id, None, now)?;
        let announcement = AnnouncementView::from(made);
        Ok(Effects::event(announcement.clone(), AnnouncementCreated { announcement }))
    });
    Ok(HttpResponse::Created().json(made.await?))
}
