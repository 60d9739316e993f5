//! The moderators' queue: comments that wait, and visible ones that viewers reported.
//! It must not know why a comment was held.

use crate::{
    domain::{CommentId, Right, StreamId},
    http::{
        Answer, Services,
        extract::{
            Identity, Path,
            list::{self, List, OfStream, Paging},
        },
    },
    room::{
        core::Part,
        operations::{Access, Act, Effects, Fault, Notice, acts},
    },
    store::{
        Comment,
        comments::{self, State},
        moderation::review::{self, Waiting},
    },
    wire::{Numbered, Refusal, view::CommentView},
};
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

/// A comment that waits for a moderator.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WaitingView {
    /// The comment; without `seq` while it is held.
    #[serde(flatten)]
    comment: CommentView,
    /// Why it waits.
    state: WaitsAs,
    /// How many viewers reported it.
    reports: i64,
}

/// Why a comment waits.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WaitsAs {
    /// Nobody sees it yet.
    Held,
    /// Everybody sees it, and somebody should not.
    Reported,
}

impl From<Waiting> for WaitingView {
    fn from(waiting: Waiting) -> Self {
        let state = match waiting.comment.state {
            State::Visible => WaitsAs::Reported,
            State::Held | State::Rejected => WaitsAs::Held,
        };
        Self { comment: waiting.comment.into(), state, reports: waiting.reports }
    }
}

/// What waits, oldest first.
#[utoipa::path(get, operation_id = "listHeld", path = "/api/v1/streams/{id}/held", tag = "moderation", params(("id" = StreamId, Path), Paging),
    responses((status = 200, description = "A page of comments", body = List<WaitingView>)), security(("bearer" = [])))]
pub(crate) async fn list(asked: OfStream) -> Answer {
    let read = |conn: &mut _, access: &Access, after, limit| {
        Ok(review::held(conn, Some(access.stream.id), after, limit)?.map(WaitingView::from))
    };
    list::of_stream(asked, |access| access.require(Right::Review), read).await
}

/// Shows a held comment, or lets a reported one stay.
#[utoipa::path(post, operation_id = "approveHeld", path = "/api/v1/streams/{id}/held/{comment_id}/approve", tag = "moderation",
    params(("id" = StreamId, Path), ("comment_id" = CommentId, Path)),
    responses((status = 200, description = "The comment, as all see it", body = CommentView)), security(("bearer" = [])))]
pub(crate) async fn approve(
    services: web::Data<Services>,
    account: Identity,
    path: Path<(StreamId, CommentId)>,
) -> Answer {
    let ((id, comment_id), actor) = (path.0, account.account());
    let approved = services.streams.act_as(Right::Review, actor, id, move |act| {
        let comment = waiting(act, comment_id)?;
        act.record("comment.approve", comment_id, None)?;
        if comment.state == State::Visible {
            return Ok(Effects::none(CommentView::from(comment)).refreshing(&[Part::Queue]));
        }
        let logged = review::approve(act.tx, id, comment_id, act.now)?;
        let shown = comments::by_id(act.tx, id, comment_id)?.ok_or_else(Refusal::not_found)?;
        let effects = Effects::none(CommentView::from(shown)).refreshing(&[Part::Queue]);
        // The comment is its own event, and has its number by now.
        Ok(Effects { numbered: vec![Numbered::read(&logged)], ..effects })
    });
    Ok(HttpResponse::Ok().json(approved.await?))
}

/// Turns a held comment down, or deletes a reported one.
#[utoipa::path(post, operation_id = "rejectHeld", path = "/api/v1/streams/{id}/held/{comment_id}/reject", tag = "moderation",
    params(("id" = StreamId, Path), ("comment_id" = CommentId, Path)),
    responses((status = 204, description = "Nobody sees it")), security(("bearer" = [])))]
pub(crate) async fn reject(
    services: web::Data<Services>,
    account: Identity,
    path: Path<(StreamId, CommentId)>,
) -> Answer {
    let ((id, comment_id), actor) = (path.0, account.account());
    let rejected = services.streams.act_as(Right::Review, actor, id, move |act| {
        let comment = waiting(act, comment_id)?;
        if comment.state == State::Visible {
            return acts::delete_comment(act, comment_id);
        }
        let rejected = review::reject(act.tx, id, comment_id)?;
        act.record("comment.reject", comment_id, None)?;
        let notice = Notice::Rejected { stream: id, author: rejected.author.id, comment: comment_id };
        Ok(Effects::none(()).refreshing(&[Part::Queue]).notifying(notice))
    });
    rejected.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A comment that is in the queue; the reports of a visible one are thereby dealt with.
fn waiting(act: &mut Act<'_, '_>, comment_id: CommentId) -> Result<Comment, Fault> {
    let id = act.access.stream.id;
    let comment = comments::by_id_in_any_state(act.tx, id, comment_id)?.ok_or_else(Refusal::not_found)?;
    match comment.state {
        State::Held => Ok(comment),
        State::Visible => {
            review::resolve_reports(act.tx, id, comment_id, act.now)?;
            Ok(comment)
        }
        State::Rejected => Err(Refusal::not_found().into()),
    }
}
