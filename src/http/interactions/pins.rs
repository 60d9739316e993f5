//! The comment that a stream shows above the others.
//! It must not know how it is shown.

use crate::{
    domain::{CommentId, Right, StreamId},
    http::{
        Answer, Services,
        extract::{Identity, Json, Path},
    },
    room::operations::Effects,
    store::interactions::pins,
    wire::event::{CommentPinned, CommentUnpinned},
};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

/// What to pin.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PinBody {
    /// A visible comment of the stream.
    comment_id: CommentId,
}

/// Pins a comment, in the place of any other.
#[utoipa::path(put, operation_id = "pinComment", path = "/api/v1/streams/{id}/pin", tag = "moderation", request_body = PinBody,
    params(("id" = StreamId, Path)),
    responses((status = 204, description = "It is pinned")), security(("bearer" = [])))]
pub(crate) async fn put(
    services: web::Data<Services>,
    account: Identity,
    id: Path<StreamId>,
    body: Json<PinBody>,
) -> Answer {
    let (id, actor, comment_id) = (id.0, account.account(), body.0.comment_id);
    let pinned = services.streams.act_as(Right::Pin, actor, id, move |act| {
        act.access.not_ended()?;
        let Some(comment) = pins::set(act.tx, id, comment_id)? else { return Ok(Effects::none(())) };
        act.record("comment.pin", comment_id, None)?;
        Ok(Effects::event((), CommentPinned { comment: comment.into() }))
    });
    pinned.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Unpins what is pinned.
#[utoipa::path(delete, operation_id = "unpinComment", path = "/api/v1/streams/{id}/pin", tag = "moderation", params(("id" = StreamId, Path)),
    responses((status = 204, description = "Nothing is pinned")), security(("bearer" = [])))]
pub(crate) async fn delete(services: web::Data<Services>, account: Identity, id: Path<StreamId>) -> Answer {
    let (id, actor) = (id.0, account.account());
    let unpinned = services.streams.act_as(Right::Pin, actor, id, move |act| {
        act.access.not_ended()?;
        if !pins::clear(act.tx, id)? {
            return Ok(Effects::none(()));
        }
        act.record("comment.unpin", id, None)?;
        Ok(Effects::event((), CommentUnpinned {}))
    });
    unpinned.await?;
    Ok(HttpResponse::NoContent().finish())
}
