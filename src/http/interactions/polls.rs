//! Polls: opened and closed by moderators, voted in by all.
//! It must not know when a poll closes by itself: its room does.

use crate::{
    domain::{
        PollId, Right, StreamId,
        invalid::Invalid,
        text::{PollOption, PollQuestion},
    },
    http::{
        Answer, Services,
        extract::{Identity, Json, Path},
    },
    room::operations::{Effects, acts},
    store::interactions::polls::{self, NewPoll},
    wire::{event::PollOpened, view::PollView},
};
use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

/// Fewest and most options of a poll.
const OPTIONS: std::ops::RangeInclusive<usize> = 2..=6;
/// Longest poll, in seconds: a day.
const DURATION_MAX_S: i64 = 24 * 3600;

/// What can be chosen: 2 to 6 texts.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Vec<PollOption>")]
pub(crate) struct Options(Vec<PollOption>);

impl TryFrom<Vec<PollOption>> for Options {
    type Error = Invalid;

    fn try_from(options: Vec<PollOption>) -> Result<Self, Invalid> {
        match OPTIONS.contains(&options.len()) {
            true => Ok(Self(options)),
            false => Err(Invalid::out_of_range("2 to 6 options")),
        }
    }
}

/// How long a poll is open, in seconds.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "i64")]
pub(crate) struct OpenForS(i64);

impl TryFrom<i64> for OpenForS {
    type Error = Invalid;

    fn try_from(seconds: i64) -> Result<Self, Invalid> {
        match seconds {
            1..=DURATION_MAX_S => Ok(Self(seconds)),
            _ => Err(Invalid::out_of_range(format!("from 1 to {DURATION_MAX_S} seconds"))),
        }
    }
}

/// A poll to be.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PollBody {
    question: PollQuestion,
    #[schema(value_type = Vec<PollOption>, min_items = 2, max_items = 6)]
    options: Options,
    /// Seconds until it closes by itself.
    #[schema(value_type = i64, minimum = 1, maximum = 86_400)]
    duration_s: OpenForS,
}

/// A vote for one option.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PollVoteBody {
    /// Which option, counting from 0.
    option: u32,
}

/// Opens a poll; one at a time.
#[utoipa::path(post, operation_id = "openPoll", path = "/api/v1/streams/{id}/polls", tag = "moderation", request_body = PollBody,
    params(("id" = StreamId, Path)),
    responses((status = 201, description = "It is open", body = PollView)), security(("bearer" = [])))]
pub(crate) async fn open(
    services: web::Data<Services>,
    account: Identity,
    id: Path<StreamId>,
    body: Json<PollBody>,
) -> Answer {
    let (id, actor, body) = (id.0, account.account(), body.0);
    let opened = services.streams.act_as(Right::Poll, actor, id, move |act| {
        act.access.not_ended()?;
        let mut events = acts::close_due_poll(act.tx, id, act.now)?.events;
        let new = NewPoll {
            id: PollId::new(),
            question: body.question.to_string(),
            options: body.options.0.iter().map(PollOption::to_string).collect(),
            closes_at: act.now.plus_s(body.duration_s.0),
        };
        let poll = PollView::from(polls::open(act.tx, id, &new, act.now)?);
        act.record("poll.open", poll.id, None)?;
        events.push(PollOpened { poll: poll.clone() }.into());
        Ok(Effects::events(poll, events))
    });
    Ok(HttpResponse::Created().json(opened.await?))
}

/// Votes; a later vote replaces the one before.
#[utoipa::path(put, operation_id = "voteInPoll", path = "/api/v1/streams/{id}/polls/{poll_id}/vote", tag = "moderation", request_body = PollVoteBody,
    params(("id" = StreamId, Path), ("poll_id" = PollId, Path)),
    responses((status = 204, description = "It counts")), security(("bearer" = [])))]
pub(crate) async fn vote(
    services: web::Data<Services>,
    account: Identity,
    path: Path<(StreamId, PollId)>,
    body: Json<PollVoteBody>,
) -> Answer {
    let ((id, poll_id), actor, option) = (path.0, account.account(), body.0.option);
    services.streams.act_as(Right::Vote, actor, id, move |act| acts::vote(act, poll_id, option)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Closes a poll before its time.
#[utoipa::path(post, operation_id = "closePoll", path = "/api/v1/streams/{id}/polls/{poll_id}/close", tag = "moderation",
    params(("id" = StreamId, Path), ("poll_id" = PollId, Path)),
    responses((status = 200, description = "It is closed; the tally is final", body = PollView)), security(("bearer" = [])))]
pub(crate) async fn close(
    services: web::Data<Services>,
    account: Identity,
    path: Path<(StreamId, PollId)>,
) -> Answer {
    let ((id, poll_id), actor) = (path.0, account.account());
    let closed = services.streams.act_as(Right::Poll, actor, id, move |act| {
        act.access.not_ended()?;
        let done = acts::close_poll(act.tx, id, poll_id, act.now)?;
        act.record("poll.close", poll_id, None)?;
        Ok(done)
    });
    Ok(HttpResponse::Ok().json(closed.await?))
}
