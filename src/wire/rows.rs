//! Rows of the store as clients see them.
//! It must not leave out what the contract names, nor add what a client may not know.

use super::{
    event::{self, Numbered},
    view::{Author, CommentView, HostView, Reactions, StreamCore, StreamView, UserRef, UserView, Writer},
};
use crate::{
    domain::{accounts::image::ImageKind, stream::picture::Picture},
    store::{
        Comment, Person, Stream, User,
        events::{Body, Logged},
    },
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a name may have in an address beside letters and digits (RFC 3986, 2.3).
pub(crate) const UNRESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl From<Person> for UserRef {
    fn from(person: Person) -> Self {
        Self { id: person.id, username: person.username, display_name: person.display_name }
    }
}

impl From<UserRef> for Person {
    fn from(user: UserRef) -> Self {
        Self { id: user.id, username: user.username, display_name: user.display_name }
    }
}

impl From<&User> for UserRef {
    fn from(user: &User) -> Self {
        Self { id: user.id, username: user.username.clone(), display_name: user.display_name.clone() }
    }
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        let url = |kind, version: &Option<String>| Some(image_url(&user.username, kind, version.as_deref()?));
        Self {
            avatar_url: url(ImageKind::Avatar, &user.avatar_version),
            cover_url: url(ImageKind::Cover, &user.cover_version),
            id: user.id,
            username: user.username,
            display_name: user.display_name,
            created_at: user.created_at,
        }
    }
}

fn writer(user: Person, bot: bool) -> Writer {
    Writer { user: user.into(), bot }
}

/// Where a version of an image of an account is: what is there never changes.
fn image_url(username: &str, kind: ImageKind, version: &str) -> String {
    let name = utf8_percent_encode(username, &UNRESERVED);
    format!("/api/v1/users/{name}/{kind}?v={version}")
}

impl From<Comment> for CommentView {
    fn from(comment: Comment) -> Self {
        Self {
            id: comment.id,
            seq: comment.seq,
            stream_id: comment.stream_id,
            user: Author {
                id: comment.author.id,
                username: comment.author.username,
                display_name: comment.author.display_name,
                role: comment.role,
                bot: comment.by_bot,
            },
            content: comment.content,
            style: comment.style,
            reply_to: comment.reply_to,
            client_id: comment.client_id,
            offset_ms: comment.offset_ms,
            created_at: comment.created_at,
        }
    }
}

impl From<Stream> for StreamCore {
    fn from(stream: Stream) -> Self {
        Self {
            id: stream.id,
            title: stream.title,
            description: stream.description,
            tags: stream.tags,
            visibility: stream.visibility,
            status: stream.status,
            host: HostView {
                avatar_url: stream
                    .host_avatar
                    .map(|version| image_url(&stream.host.username, ImageKind::Avatar, &version)),
                user: stream.host.into(),
            },
            scheduled_for: stream.scheduled_for,
            playback_url: stream.playback_url,
            started_at: stream.started_at,
            ended_at: stream.ended_at,
            created_at: stream.created_at,
            updated_at: stream.updated_at,
        }
    }
}

impl StreamView {
    /// A stream with its counters; `viewers` is known to its room alone, `picture` as far as whoever asks may know of it.
    pub(crate) fn new(stream: Stream, viewers: u64, reactions: Reactions, picture: Option<Picture>) -> Self {
        Self {
            picture: picture.into(),
            viewers,
            peak_viewers: stream.peak_viewers.max(viewers as i64),
            comment_count: stream.comment_count,
            reactions,
            core: stream.into(),
        }
    }
}

/// The frame of a place in the log.
pub(crate) fn encode_logged(logged: &Logged) -> String {
    let (kind, payload) = match &logged.body {
        Body::Comment(comment) => {
            let event = event::Event::from(event::CommentCreated { comment: (**comment).clone().into() });
            (event.kind().to_owned(), event.payload())
        }
        &Body::Tombstone { comment_id, deleted_at } => {
            let event = event::Event::from(event::CommentTombstone { comment_id, deleted_at });
            (event.kind().to_owned(), event.payload())
        }
        Body::Event { kind, payload } => return event::encode(kind, logged.seq, logged.ts, payload),
    };
    event::encode(&kind, logged.seq, logged.ts, &payload)
}

impl Numbered {
    /// A place of the log as read back.
    pub(crate) fn read(logged: &Logged) -> Self {
        Self::new(logged.seq, logged.ts, decode_logged(logged))
    }
}

/// What a place in the log says.
pub(crate) fn decode_logged(logged: &Logged) -> event::Event {
    match &logged.body {
        Body::Comment(comment) => event::CommentCreated { comment: (**comment).clone().into() }.into(),
        &Body::Tombstone { comment_id, deleted_at } => {
            event::CommentTombstone { comment_id, deleted_at }.into()
        }
        Body::Event { kind, payload } => event::Event::decode(kind, payload),
    }
}

impl From<crate::store::interactions::announcements::Announcement> for super::view::AnnouncementView {
    fn from(row: crate::store::interactions::announcements::Announcement) -> Self {
        Self {
            id: row.id,
            content: row.content,
            user: writer(row.user, row.by_bot),
            created_at: row.created_at,
        }
    }
}

impl From<crate::store::interactions::polls::Poll> for super::view::PollView {
    fn from(row: crate::store::interactions::polls::Poll) -> Self {
        Self {
            id: row.id,
            question: row.question,
            options: row.options,
            closes_at: row.closes_at,
            tally: row.tally,
        }
    }
}

impl From<crate::store::interactions::questions::Question> for super::view::QuestionView {
    fn from(row: crate::store::interactions::questions::Question) -> Self {
        Self {
            id: row.id,
            user: writer(row.user, row.by_bot),
            content: row.content,
            votes: row.votes,
            answered: row.answered_at.is_some(),
        }
    }
}
