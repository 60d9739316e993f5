//! What REST, sockets and rooms all do to a stream: check, store, and say what the log and the room must know.
//! Pure transaction code: it must not know of actors, requests or sockets, nor read the clock.

use super::{Access, Effects, Fault, transaction};
use crate::{
    domain::{CommentId, Millis, PollId, QuestionId, Right, Role, RulesVersion, Status, StreamId},
    identity::Account,
    room::core::Part,
    store::{
        self, Comment, Conflict, Stream, Tx,
        comments::{self, State},
        events::NewEvent,
        interactions::{polls, questions},
        moderation::audit::{self, NewEntry},
        streams::{self, ingest},
    },
    wire::{
        Code, Event, Refusal,
        event::{
            CommentDeleted, CommentUnpinned, DeletedBy, PollClosed, QuestionCreated, QuestionTombstone,
            StreamEnded, StreamStarted,
        },
        view::{PollView, QuestionView},
    },
};

/// Deletes a comment: its author's right, and that of whoever has the right `delete`. Held ones can be deleted too.
/// Errors: `not_found` where there is none that the actor may know of; `unauthenticated` or `forbidden` without the right.
pub(crate) fn delete_comment(
    tx: &mut Tx<'_>,
    stream_id: StreamId,
    comment_id: CommentId,
    actor: &Account,
    now: Millis,
) -> Result<Effects<()>, Fault> {
    let access = Access::of(tx, stream_id, Some(actor), now)?;
    let comment = comments::by_id_in_any_state(tx, stream_id, comment_id)?;
    let is_own = |comment: &Comment| comment.author.id == actor.user.id && comment.state != State::Rejected;
    let comment = comment.filter(|comment| is_own(comment) || access.may_read(comment));
    let comment = comment.ok_or_else(Refusal::not_found)?;
    let by = if is_own(&comment) { DeletedBy::Author } else { deleter(&access)? };

    let removed = comments::delete(tx, stream_id, comment_id, now)?.ok_or_else(Refusal::not_found)?;
    if by != DeletedBy::Author {
        record(tx, stream_id, actor, "comment.delete", comment_id, None, now)?;
    }
    let mut events: Vec<Event> = Vec::new();
    if removed.comment.state == State::Visible {
        events.push(CommentDeleted { comment_id, by }.into());
    }
    if removed.was_pinned {
        events.push(CommentUnpinned {}.into());
    }
    Ok(Effects::events((), events).refreshing(&[Part::Queue]))
}

fn deleter(access: &Access) -> Result<DeletedBy, Refusal> {
    access.require(Right::Delete)?;
    Ok(match access.role {
        Role::Host => DeletedBy::Host,
        Role::Admin => DeletedBy::Admin,
        _ => DeletedBy::Moderator,
    })
}

/// Votes in a poll, or votes anew.
/// Errors: `banned`, `stream_ended`; `not_found`; `conflict` where the poll is closed; `invalid_field` where it has no such option.
pub(crate) fn vote(
    tx: &mut Tx<'_>,
    stream_id: StreamId,
    poll_id: PollId,
    option: u32,
    actor: &Account,
    now: Millis,
) -> Result<Effects<()>, Fault> {
    Access::of(tx, stream_id, Some(actor), now)?.may_write(now)?;
    polls::vote(tx, stream_id, poll_id, actor.user.id, option, now).map_err(vote_refused)?;
    Ok(Effects::none(()).refreshing(&[Part::Tally, Part::Vote(actor.user.id)]))
}

fn vote_refused(error: store::Error) -> Fault {
    match error {
        store::Error::Conflict(Conflict::PollClosed) => poll_closed().into(),
        store::Error::Conflict(Conflict::NoSuchOption) => {
            Refusal::invalid_field("option", "out_of_range", "the poll has no such option").into()
        }
        store::Error::NotFound => Refusal::not_found().into(),
        other => other.into(),
    }
}

fn poll_closed() -> Refusal {
    Refusal::new(Code::Conflict, "This poll is closed.")
}

/// Stores a question in the wording in which it may be asked; none where the rules by which it was judged hold no more.
/// Errors: `banned`, `stream_ended`; `not_found`.
pub(crate) fn ask(
    tx: &mut Tx<'_>,
    stream_id: StreamId,
    actor: &Account,
    wording: &str,
    rules: RulesVersion,
    now: Millis,
) -> Result<Effects<Option<QuestionView>>, Fault> {
    Access::of(tx, stream_id, Some(actor), now)?.may_write(now)?;
    if streams::rules(tx, stream_id)? != rules {
        return Ok(Effects::none(None));
    }
    let asked = questions::create(tx, stream_id, QuestionId::new(), actor.user.id, wording, now)?;
    let question = QuestionView::from(asked);
    Ok(Effects::event(Some(question.clone()), QuestionCreated { question }))
}

/// Closes a poll, by hand or because its time is over.
/// Errors: `not_found`; `conflict` where it is closed already.
pub(crate) fn close_poll(
    tx: &mut Tx<'_>,
    stream_id: StreamId,
    poll_id: PollId,
    now: Millis,
) -> Result<Effects<PollView>, Fault> {
    let closed = polls::close(tx, stream_id, poll_id, now).map_err(|error| match error {
        store::Error::Conflict(Conflict::PollClosed) => poll_closed().into(),
        store::Error::NotFound => Refusal::not_found().into(),
        other => Fault::from(other),
    })?;
    let poll = PollView::from(closed);
    Ok(Effects::event(poll.clone(), PollClosed { poll }))
}

/// Closes the open poll if its time is over: for a room that nobody was in at that time, and before the next one opens.
pub(crate) fn close_due_poll(
    tx: &mut Tx<'_>,
    stream_id: StreamId,
    now: Millis,
) -> Result<Effects<()>, Fault> {
    match polls::open_of(tx, stream_id)? {
        Some(poll) if poll.closes_at <= now => {
            let closed = close_poll(tx, stream_id, poll.id, now)?;
            Ok(closed.map(drop))
        }
        _ => Ok(Effects::none(())),
    }
}

/// Ends a stream, and with it its open poll: the host's act, and the server's where the host stays away.
/// Errors: [`Conflict::Transition`] where it is over already; `not_found`.
pub(crate) fn end_stream(
    tx: &mut Tx<'_>,
    stream_id: StreamId,
    now: Millis,
) -> Result<Effects<Stream>, Fault> {
    let stream = streams::transition(tx, stream_id, Status::Ended, now)?;
    let mut events = match polls::open_of(tx, stream_id)? {
        Some(poll) => close_poll(tx, stream_id, poll.id, now)?.events,
        None => Vec::new(),
    };
    events.push(StreamEnded { stream: stream.clone().into() }.into());
    Ok(Effects::events(stream, events))
}

/// Starts a stream whose first picture has come, where its host wants that; whether it did.
pub(crate) fn start_by_picture(
    tx: &mut Tx<'_>,
    stream_id: StreamId,
    now: Millis,
) -> Result<Effects<bool>, Fault> {
    let stream = streams::by_id(tx, stream_id)?.ok_or_else(Refusal::not_found)?;
    if stream.status != Status::Scheduled || !ingest::of_stream(tx, stream_id)?.auto_start {
        return Ok(Effects::none(false));
    }
    let stream = streams::transition(tx, stream_id, Status::Live, now)?;
    Ok(Effects::event(true, StreamStarted { stream: stream.into() }))
}

/// What takes the place of an event that showed a question, by the question's id.
pub(crate) fn tombstone_of(deleted_at: Millis) -> impl Fn(QuestionId) -> NewEvent {
    move |question_id| transaction::row(&QuestionTombstone { question_id, deleted_at }.into())
}

/// Puts an act of moderation on record.
pub(crate) fn record(
    tx: &mut Tx<'_>,
    stream_id: StreamId,
    actor: &Account,
    action: &'static str,
    target: impl ToString,
    reason: Option<String>,
    now: Millis,
) -> Result<(), Fault> {
    let entry = NewEntry {
        actor_id: Some(actor.user.id),
        session_id: Some(actor.session_id),
        ip: Some(actor.address.to_string()),
        action,
        stream_id: Some(stream_id),
        target: Some(target.to_string()),
        outcome: "ok",
        reason,
    };
    Ok(audit::append(tx, &entry, now)?)
}
