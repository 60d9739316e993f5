//! A recording is taken away while its stream stays. It must not know files: who keeps them removes them.

use crate::{
    domain::{Right, StreamId},
    http::{
        Answer, Services,
        extract::{Identity, Path},
    },
    room::operations::Effects,
    store::recordings,
    wire::{Code, Refusal},
};
use actix_web::{HttpResponse, web};

/// Removes what was kept of a stream's picture. Refused while more is being kept: `record` is to be turned off before.
#[utoipa::path(delete, operation_id = "deleteRecording", path = "/api/v1/streams/{id}/recording", tag = "picture", params(("id" = StreamId, Path)),
    responses(
        (status = 204, description = "There is none any more"),
        (status = 404, description = "There was none"),
        (status = 409, description = "More is being kept"),
    ), security(("bearer" = [])))]
pub(crate) async fn remove(services: web::Data<Services>, account: Identity, id: Path<StreamId>) -> Answer {
    let (stream, actor) = (id.0, account.account());
    let removed = services.streams.act_as(Right::Manage, actor, stream, move |act| {
        let runs = recordings::of_stream(act.tx, stream)?;
        if runs.is_empty() {
            return Err(Refusal::not_found().into());
        }
        if runs.iter().any(|run| run.is_open) {
            return Err(Refusal::new(Code::Conflict, "It is still being recorded.").into());
        }
        recordings::remove_all(act.tx, stream)?;
        act.record("recording.delete", stream, None)?;
        Ok(Effects::none(()))
    });
    removed.await?;
    services.picture.recorder.sweep();
    Ok(HttpResponse::NoContent().finish())
}
