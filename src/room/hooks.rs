//! What webhooks are told that stands in no log, in the transaction of what it tells. It must not know which webhooks there are,
//! nor how they are told.

use crate::{
    domain::{
        CommentId, Millis, StreamId, UserId,
        stream::picture::{Picture, PictureState},
        webhook::EventName,
    },
    store::{
        self, Stream, Tx, streams,
        webhooks::{Subject, notices},
    },
    wire::webhook::{ChannelBan, GoneStream, OfPicture, StreamGone, StreamTombstone, members},
};

/// What stands at the place of what told of a stream that is gone.
const TOMBSTONE: &str = "stream.tombstone";

/// A stream was made.
pub(crate) fn stream_created(tx: &mut Tx<'_>, stream: &Stream, now: Millis) -> store::Result<()> {
    let subject = Subject::of(EventName::StreamCreated, now).in_stream(stream.id);
    notices::tell(tx, Some(stream.host.id), EventName::StreamCreated, &subject)
}

/// A stream is about to go, and what waits of it goes with it.
pub(crate) fn stream_deleted(tx: &mut Tx<'_>, id: StreamId, host: UserId, now: Millis) -> store::Result<()> {
    let tombstone = members(&StreamTombstone { stream_id: id, deleted_at: now });
    notices::bury_stream(tx, id, TOMBSTONE, &tombstone)?;
    let gone = members(&StreamGone { stream: GoneStream { id, deleted_at: now } });
    let subject = Subject::of(EventName::StreamDeleted, now).in_stream(id).saying(gone);
    notices::tell(tx, Some(host), EventName::StreamDeleted, &subject)
}

/// All streams of a host are about to go.
pub(crate) fn streams_deleted(tx: &mut Tx<'_>, host: UserId, now: Millis) -> store::Result<()> {
    streams::of_host(tx, host)?.into_iter().try_for_each(|id| stream_deleted(tx, id, host, now))
}

/// Comments wait for a moderator; who is told is looked up once for all of them.
pub(crate) fn comments_held(
    tx: &mut Tx<'_>,
    stream: StreamId,
    ids: &[CommentId],
    now: Millis,
) -> store::Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let host = streams::host(tx, stream)?;
    let hearers = notices::hearers(tx, Some(host), EventName::CommentHeld)?;
    for id in ids {
        let subject = Subject::of(EventName::CommentHeld, now).in_stream(stream).about_comment(*id);
        hearers.iter().try_for_each(|webhook| notices::put(tx, *webhook, &subject, false))?;
    }
    Ok(())
}

/// A comment was reported, by somebody who is not named.
pub(crate) fn reported(
    tx: &mut Tx<'_>,
    (stream, host): (StreamId, UserId),
    id: CommentId,
    reporter: UserId,
    now: Millis,
) -> store::Result<()> {
    let subject = Subject::of(EventName::ReportCreated, now).in_stream(stream).about_comment(id);
    notices::tell(tx, Some(host), EventName::ReportCreated, &subject.about_user(reporter))
}

/// The picture of a stream has come, or is gone.
pub(crate) fn picture(tx: &mut Tx<'_>, stream: StreamId, picture: Picture, now: Millis) -> store::Result<()> {
    let event = match picture.state {
        PictureState::None => EventName::PictureGone,
        _ => EventName::PictureLive,
    };
    let host = streams::host(tx, stream)?;
    let told = members(&OfPicture { picture: Some(picture).into() });
    notices::tell(tx, Some(host), event, &Subject::of(event, now).in_stream(stream).saying(told))
}

/// An account is new.
pub(crate) fn registered(tx: &mut Tx<'_>, user: UserId, now: Millis) -> store::Result<()> {
    let subject = Subject::of(EventName::UserRegistered, now).about_user(user);
    notices::tell(tx, None, EventName::UserRegistered, &subject)
}

/// Somebody was banned in a whole channel until then, or their ban undone, where no end is given.
pub(crate) fn banned(
    tx: &mut Tx<'_>,
    host: UserId,
    user: UserId,
    until: Option<Option<Millis>>,
    now: Millis,
) -> store::Result<()> {
    let event = if until.is_some() { EventName::ViewerBanned } else { EventName::ViewerUnbanned };
    let ban = ChannelBan { stream_id: None, host_id: host, user_id: user, until };
    notices::tell(tx, Some(host), event, &Subject::of(event, now).saying(members(&ban)))
}
