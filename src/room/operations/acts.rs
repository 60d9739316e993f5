//! What REST, sockets and rooms all do to a stream: check, store, and say what the log and the room must know.
//! Pure transaction code: it must not know of actors, requests or sockets, nor read the clock.

use super::{Access, Act, Effects, Fault, transaction};
use crate::{
    domain::{CommentId, Millis, PollId, QuestionId, Right, Role, Status, StreamId, text::fold::search_key},
    recordings::ready,
    room::{
        core::{Part, questions::Judged},
        rules,
    },
    store::{
        self, Comment, Conflict, Stream, Tx,
        comments::{
            self, State,
            fences::{Kind, Saying, Spoken},
        },
        events::NewEvent,
        interactions::{polls, questions},
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
pub(crate) fn delete_comment(act: &mut Act<'_, '_>, comment_id: CommentId) -> Result<Effects<()>, Fault> {
    let (id, author) = (act.access.stream.id, act.actor.user.id);
    let comment = comments::by_id_in_any_state(act.tx, id, comment_id)?;
    let is_own = |comment: &Comment| comment.author.id == author && comment.state != State::Rejected;
    let comment = comment.filter(|comment| is_own(comment) || act.access.may_read(comment));
    let comment = comment.ok_or_else(Refusal::not_found)?;
    let by = if is_own(&comment) { DeletedBy::Author } else { deleter(&act.access)? };

    let removed = comments::delete(act.tx, id, comment_id, act.now)?.ok_or_else(Refusal::not_found)?;
    if by != DeletedBy::Author {
        act.record("comment.delete", comment_id, None)?;
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
/// Errors: `not_found`; `conflict` where the poll is closed; `invalid_field` where it has no such option.
pub(crate) fn vote(act: &mut Act<'_, '_>, poll_id: PollId, option: u32) -> Result<Effects<()>, Fault> {
    let (id, user) = (act.access.stream.id, act.actor.user.id);
    polls::vote(act.tx, id, poll_id, user, option, act.now).map_err(vote_refused)?;
    Ok(Effects::none(()).refreshing(&[Part::Tally, Part::Vote(user)]))
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

/// Stores a question; none where the rules by which it was judged hold no more.
/// Errors: Where its author has said too much, or the same, on another node; those of the store.
pub(crate) fn ask(act: &mut Act<'_, '_>, judged: &Judged) -> Result<Effects<Option<QuestionView>>, Fault> {
    let id = act.access.stream.id;
    if streams::rules(act.tx, id)? != judged.rules {
        return Ok(Effects::none(None));
    }
    hold_to_fences(act, judged)?;
    let (author, wording) = ((act.actor.user.id, act.actor.is_bot), judged.wording.as_str());
    let asked = questions::create(act.tx, id, QuestionId::new(), author, wording, judged.at)?;
    let question = QuestionView::from(asked);
    Ok(Effects::event(Some(question.clone()), QuestionCreated { question }))
}

fn hold_to_fences(act: &mut Act<'_, '_>, judged: &Judged) -> Result<(), Fault> {
    let Some(fences) = judged.fences else { return Ok(()) };
    let (author, key) = (act.actor.user.id, search_key(&judged.wording));
    let saying = Saying { kind: Kind::Question, author, key: &key, at: judged.at, fences };
    let mut spoken = Spoken::read(act.tx, act.access.stream.id, &[saying])?;
    Ok(spoken.pass(&saying).map_err(|fenced| rules::fenced(fenced, Kind::Question))?)
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
    ready::tell(tx, stream_id, now)?;
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
