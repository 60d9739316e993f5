//! Questions to the host: asked and wanted by all, marked answered by moderators.
//! It must not know how the host answers.

use crate::{
    domain::{Content, QuestionId, Right, StreamId},
    http::{
        Answer, Services,
        extract::{Identity, Json, Path},
    },
    room::{core::Part, operations::Effects},
    store::interactions::questions,
    wire::{Code, Refusal, event::QuestionAnswered, view::QuestionView},
};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

/// A question to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuestionBody {
    content: Content,
}

/// Asks the host. Questions are judged as comments are: by the room's settings, its terms, and at the same rate; what a
/// comment would be held for, a question is refused for.
#[utoipa::path(post, operation_id = "askQuestion", path = "/api/v1/streams/{id}/questions", tag = "moderation", request_body = QuestionBody,
    params(("id" = StreamId, Path)),
    responses((status = 201, description = "It was asked", body = QuestionView)), security(("bearer" = [])))]
pub(crate) async fn create(
    services: web::Data<Services>,
    account: Identity,
    id: Path<StreamId>,
    body: Json<QuestionBody>,
) -> Answer {
    let (id, actor) = (id.0, account.account());
    services.streams.read_as(id, Some(actor.clone()), |_, _| Ok(())).await?;
    Ok(HttpResponse::Created().json(services.streams.ask(id, actor, body.0.content).await?))
}

/// Wants to know it too.
#[utoipa::path(put, operation_id = "voteForQuestion", path = "/api/v1/streams/{id}/questions/{question_id}/vote", tag = "moderation",
    params(("id" = StreamId, Path), ("question_id" = QuestionId, Path)),
    responses((status = 204, description = "It counts, once")), security(("bearer" = [])))]
pub(crate) async fn vote(
    services: web::Data<Services>,
    account: Identity,
    path: Path<(StreamId, QuestionId)>,
) -> Answer {
    let ((id, question_id), actor) = (path.0, account.account());
    let voted = services.streams.act_as(Right::Vote, actor, id, move |act| {
        let question = questions::by_id(act.tx, id, question_id)?.ok_or_else(Refusal::not_found)?;
        if question.answered_at.is_some() {
            return Err(Refusal::new(Code::Conflict, "This question is answered.").into());
        }
        questions::vote(act.tx, id, question_id, act.actor.user.id)?;
        Ok(Effects::none(()).refreshing(&[Part::Questions]))
    });
    voted.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Marks a question answered.
#[utoipa::path(post, operation_id = "markQuestionAnswered", path = "/api/v1/streams/{id}/questions/{question_id}/answered", tag = "moderation",
    params(("id" = StreamId, Path), ("question_id" = QuestionId, Path)),
    responses((status = 200, description = "It is answered", body = QuestionView)), security(("bearer" = [])))]
pub(crate) async fn answered(
    services: web::Data<Services>,
    account: Identity,
    path: Path<(StreamId, QuestionId)>,
) -> Answer {
    let ((id, question_id), actor) = (path.0, account.account());
    let answered = services.streams.act_as(Right::Poll, actor, id, move |act| {
        act.access.not_ended()?;
        let newly = questions::answered(act.tx, id, question_id, act.now)?;
        let Some(answered) = newly else {
            let before = questions::by_id(act.tx, id, question_id)?.ok_or_else(Refusal::not_found)?;
            return Ok(Effects::none(QuestionView::from(before)));
        };
        act.record("question.answered", question_id, None)?;
        let question = QuestionView::from(answered);
        Ok(Effects::event(question.clone(), QuestionAnswered { question }))
    });
    Ok(HttpResponse::Ok().json(answered.await?))
}
