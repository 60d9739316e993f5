//! Reactions by REST.
//! It must not count them: the room does.

use crate::{
    domain::StreamId,
    http::{
        Answer, Services,
        extract::{Identity, Json, Path},
    },
    wire::op::ReactBody,
};
use actix_web::{HttpResponse, web};

/// Reacts. What is beyond the limit is not counted.
#[utoipa::path(post, operation_id = "react", path = "/api/v1/streams/{id}/reactions", tag = "moderation", request_body = ReactBody,
    params(("id" = StreamId, Path)),
    responses((status = 204, description = "Received")), security(("bearer" = [])))]
pub(crate) async fn create(
    services: web::Data<Services>,
    account: Identity,
    id: Path<StreamId>,
    body: Json<ReactBody>,
) -> Answer {
    let actor = account.account();
    services.streams.may_see(id.0, Some(actor.clone())).await?;
    services.streams.react(id.0, actor, body.0.kind, body.0.count.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
