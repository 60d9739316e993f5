//! Reactions by REST.
//! It must not count them: the room does.

use crate::{
    domain::ids::StreamId,
    http::{
        Answer, App,
        extract::{Account, Json, Path},
    },
    wire::op::ReactBody,
};
use actix_web::{HttpResponse, web};

/// Reacts. What is beyond the limit is not counted.
#[utoipa::path(post, operation_id = "react", path = "/api/v1/streams/{id}/reactions", tag = "moderation", request_body = ReactBody,
    params(("id" = StreamId, Path)),
    responses((status = 204, description = "Received")), security(("bearer" = [])))]
pub async fn create(
    app: web::Data<App>,
    account: Account,
    id: Path<StreamId>,
    body: Json<ReactBody>,
) -> Answer {
    let actor = account.in_room();
    app.desk.may_see(id.0, Some(actor.clone())).await?;
    app.desk.react(id.0, actor, body.0.kind, body.0.count.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
