//! What a webhook is told of something, as it is at the time of sending: what is gone since is told as gone.
//! It must not know to whom it is told.

use crate::{
    domain::{Seq, webhook::EventName},
    store::{
        Conn, Result, comments, events, streams,
        webhooks::{
            Subject,
            queue::{self, Gone},
        },
    },
    wire::{
        rows::decode_logged,
        webhook::{CommentGone, OfComment, OfStream, OfUser, Told, UserTombstone, members},
    },
};

/// What is to be told; none where nothing is left of it, as of a stream that is gone.
pub(super) fn told(conn: &mut Conn, subject: &Subject) -> Result<Option<Told>> {
    let told = match (&subject.payload, subject.seq) {
        (_, Some(seq)) => of_log(conn, subject, seq)?,
        (Some(data), None) => Some(Told { kind: subject.kind.clone(), at: subject.at, data: data.clone() }),
        (None, None) => of_rows(conn, subject)?,
    };
    Ok(match subject.stream_id {
        Some(id) => told.map(|told| told.in_stream(id)),
        None => told,
    })
}

fn of_log(conn: &mut Conn, subject: &Subject, seq: Seq) -> Result<Option<Told>> {
    let Some(stream) = subject.stream_id else { return Ok(None) };
    let place = events::after(conn, stream, Seq(seq.0 - 1), 1)?.pop().filter(|place| place.seq == seq);
    Ok(place.map(|place| {
        let event = decode_logged(&place);
        Told { kind: event.kind().to_owned(), at: place.ts, data: event.payload() }
    }))
}

fn of_rows(conn: &mut Conn, subject: &Subject) -> Result<Option<Told>> {
    match subject.kind.parse() {
        Ok(EventName::StreamCreated) => of_stream(conn, subject),
        Ok(EventName::CommentHeld | EventName::ReportCreated) => of_comment(conn, subject),
        Ok(EventName::UserRegistered) => of_user(conn, subject),
        _ => Ok(Some(Told { kind: subject.kind.clone(), at: subject.at, data: "{}".into() })),
    }
}

fn of_stream(conn: &mut Conn, subject: &Subject) -> Result<Option<Told>> {
    let Some(id) = subject.stream_id else { return Ok(None) };
    let stream = streams::by_id(conn, id)?;
    Ok(stream.map(|stream| as_it_is(subject, members(&OfStream { stream: stream.into() }))))
}

fn of_comment(conn: &mut Conn, subject: &Subject) -> Result<Option<Told>> {
    let (Some(stream), Some(id)) = (subject.stream_id, subject.comment_id) else { return Ok(None) };
    if let Some(gone) = queue::comment_gone(conn, id)? {
        let deleted_at = match gone {
            Gone::Deleted(at) => Some(at),
            Gone::Rejected => None,
        };
        let data = members(&CommentGone { comment_id: id, deleted_at });
        return Ok(Some(Told { kind: "comment.tombstone".into(), at: subject.at, data }));
    }
    let reason = match subject.user_id {
        Some(reporter) => queue::reason(conn, id, reporter)?,
        None => None,
    };
    let comment = comments::by_id_in_any_state(conn, stream, id)?;
    Ok(comment.map(|comment| as_it_is(subject, members(&OfComment { comment: comment.into(), reason }))))
}

fn of_user(conn: &mut Conn, subject: &Subject) -> Result<Option<Told>> {
    let Some(id) = subject.user_id else { return Ok(None) };
    Ok(Some(match queue::account(conn, id)? {
        Some(user) => as_it_is(
            subject,
            members(&OfUser { is_pending: user.pending_since.is_some(), user: user.into() }),
        ),
        None => {
            let data = members(&UserTombstone { user_id: id });
            Told { kind: "user.tombstone".into(), at: subject.at, data }
        }
    }))
}

fn as_it_is(subject: &Subject, data: String) -> Told {
    Told { kind: subject.kind.clone(), at: subject.at, data }
}
