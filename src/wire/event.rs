//! Log events: what is numbered in a stream's log, and how each is written.
//! An event must be readable from its stored payload alone; it must not know where it is stored.

use super::view::*;
use crate::domain::{Millis, Seq, Settings, ids::*, stream::words};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, sync::Arc};
use utoipa::ToSchema;

words! {
    /// In which capacity a comment was deleted.
    pub(crate) DeletedBy {
        /// By who wrote it.
        Author = "author",
        /// By a moderator.
        Moderator = "moderator",
        /// By the host.
        Host = "host",
        /// By an operator.
        Admin = "admin",
    }
}

/// Defines [`Event`]: a payload struct for each kind, its name, and reading it back; and how a document names them all. The name is
/// a bare token, since a derive does not look into what a macro has parsed.
macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $kind:tt { $($field:ident: $type:ty),* $(,)? })+) => {
        $($(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        pub(crate) struct $name { $(#[allow(missing_docs)] pub $field: $type),* })+

        /// What a log event says, without its number.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(untagged)]
        #[allow(missing_docs)]
        pub(crate) enum Event {
            $($name($name),)+
            /// Of a kind that only a later version knows.
            #[serde(skip)]
            Other(Unknown),
        }

        /// What a numbered event says, beside its `seq` and `ts`: as a document names it, not how it is read.
        #[derive(ToSchema)]
        #[serde(tag = "type")]
        #[allow(dead_code, missing_docs)]
        pub(crate) enum LogEvent {
            $(#[serde(rename = $kind)] $name($name),)+
        }

        impl Event {
            /// Every `type` there is.
            #[cfg(test)]
            pub(crate) const KINDS: &[&str] = &[$($kind),+];

            /// The frame's `type`.
            pub(crate) fn kind(&self) -> &str {
                match self {
                    $(Event::$name(_) => $kind,)+
                    Event::Other(unknown) => &unknown.kind,
                }
            }

            /// Reads a stored payload. What a later version wrote, in another kind or another shape, is kept as it is.
            pub(crate) fn decode(kind: &str, payload: &str) -> Event {
                let known = match kind {
                    $($kind => serde_json::from_str(payload).ok().map(Event::$name),)+
                    _ => None,
                };
                known.unwrap_or_else(|| Event::Other(Unknown { kind: kind.to_owned(), payload: payload.to_owned() }))
            }
        }

        $(impl From<$name> for Event {
            fn from(event: $name) -> Event { Event::$name(event) }
        })+
    };
}

events! {
    /// Somebody said something.
    CommentCreated = "comment.created" { comment: CommentView }
    /// A comment was taken away.
    CommentDeleted = "comment.deleted" { comment_id: CommentId, by: DeletedBy }
    /// What is left in the log of an event that held a comment since deleted.
    CommentTombstone = "comment.tombstone" { comment_id: CommentId, deleted_at: Millis }
    /// All comments and questions of an account with a lower `seq` were taken away.
    CommentsPurged = "comments.purged" { user_id: UserId }
    /// A comment was pinned, in place of any other.
    CommentPinned = "comment.pinned" { comment: CommentView }
    /// Nothing is pinned any more.
    CommentUnpinned = "comment.unpinned" { }
    /// The host says something to all.
    AnnouncementCreated = "announcement.created" { announcement: AnnouncementView }
    /// An announcement was taken down.
    AnnouncementRemoved = "announcement.removed" { announcement_id: AnnouncementId }
    /// What is left in the log of an announcement since taken down.
    AnnouncementTombstone = "announcement.tombstone" { announcement_id: AnnouncementId, deleted_at: Millis }
    /// The stream was edited.
    StreamUpdated = "stream.updated" { stream: StreamCore }
    /// The stream went live.
    StreamStarted = "stream.started" { stream: StreamCore }
    /// The stream is over.
    StreamEnded = "stream.ended" { stream: StreamCore }
    /// The host changed the room's settings.
    SettingsUpdated = "settings.updated" { settings: Settings }
    /// Somebody may not write any more.
    ViewerBanned = "viewer.banned" { user_id: UserId, until: Option<Millis> }
    /// A ban was undone.
    ViewerUnbanned = "viewer.unbanned" { user_id: UserId }
    /// Somebody became moderator.
    ModeratorAdded = "moderator.added" { user_id: UserId, user: UserRef }
    /// Somebody is no longer moderator.
    ModeratorRemoved = "moderator.removed" { user_id: UserId, user: UserRef }
    /// A poll was opened.
    PollOpened = "poll.opened" { poll: PollView }
    /// A poll was closed; the tally is final.
    PollClosed = "poll.closed" { poll: PollView }
    /// Somebody asked the host a question.
    QuestionCreated = "question.created" { question: QuestionView }
    /// What is left in the log of an event that held a question since taken away.
    QuestionTombstone = "question.tombstone" { question_id: QuestionId, deleted_at: Millis }
    /// The host answered a question.
    QuestionAnswered = "question.answered" { question: QuestionView }
}

/// An event as the log has it, which this version cannot read: it is passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unknown {
    kind: String,
    payload: String,
}

impl Event {
    /// Whose name it shows; not where a comment or a question shows it, or a stream, which go with their account.
    pub(crate) fn names(&self) -> Option<&UserRef> {
        match self {
            Event::AnnouncementCreated(event) => Some(&event.announcement.user.user),
            Event::ModeratorAdded(event) => Some(&event.user),
            Event::ModeratorRemoved(event) => Some(&event.user),
            _ => None,
        }
    }

    /// A stored payload without the name that it shows; none where it shows none.
    pub(crate) fn without_name(kind: &str, payload: &str) -> Option<String> {
        let mut event = Event::decode(kind, payload);
        let user = match &mut event {
            Event::AnnouncementCreated(event) => &mut event.announcement.user.user,
            Event::ModeratorAdded(event) => &mut event.user,
            Event::ModeratorRemoved(event) => &mut event.user,
            _ => return None,
        };
        user.display_name.clear();
        Some(event.payload())
    }

    /// The members that follow `seq` and `ts`, as a JSON object: what the store keeps.
    pub(crate) fn payload(&self) -> String {
        if let Event::Other(unknown) = self {
            return unknown.payload.clone();
        }
        serde_json::to_string(self).expect("views have string keys and finite numbers only")
    }
}

/// The frame of a numbered event, from its stored payload.
pub(crate) fn encode(kind: &str, seq: Seq, ts: Millis, payload: &str) -> String {
    let members = payload.trim_start_matches('{');
    let comma = if members == "}" { "" } else { "," };
    format!(r#"{{"type":"{kind}","seq":{seq},"ts":"{ts}"{comma}{members}"#)
}

/// What all frames of events begin with.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    seq: Seq,
    ts: Millis,
}

/// Reads a frame made by [`encode`], also of a kind that only a later version knows. None where it is no such frame.
pub(crate) fn decode(frame: &str) -> Option<(Seq, Millis, Event)> {
    let Head { kind, seq, ts } = serde_json::from_str(frame).ok()?;
    let members = frame.strip_prefix(encode(&kind, seq, ts, "{}").trim_end_matches('}'))?;
    let payload = format!("{{{}", members.trim_start_matches(','));
    Some((seq, ts, Event::decode(&kind, &payload)))
}

/// An event with its place in the log, encoded once for all who hear of it.
#[derive(Clone, Debug)]
pub(crate) struct Numbered {
    pub seq: Seq,
    /// When it got it.
    pub ts: Millis,
    pub event: Arc<Event>,
    /// As viewers read it.
    pub frame: Arc<str>,
}

impl Numbered {
    /// An event that has just got its place.
    pub(crate) fn new(seq: Seq, ts: Millis, event: Event) -> Self {
        let frame = encode(event.kind(), seq, ts, &event.payload()).into();
        Self { seq, ts, event: Arc::new(event), frame }
    }

    /// The same from its frame, as another node has encoded it. None where it is no frame of an event.
    pub(crate) fn of_frame(frame: &str) -> Option<Self> {
        let (seq, ts, event) = decode(frame)?;
        Some(Self { seq, ts, event: Arc::new(event), frame: frame.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_written_with_its_number_and_read_back_from_its_payload() {
        let event = Event::from(CommentDeleted { comment_id: CommentId::new(), by: DeletedBy::Host });
        let frame = encode(event.kind(), Seq(7), Millis(0), &event.payload());
        let value: serde_json::Value = serde_json::from_str(&frame).unwrap();
        assert_eq!(value["type"], "comment.deleted");
        assert_eq!(value["seq"], 7);
        assert_eq!(value["by"], "host");
        assert_eq!(Event::decode(event.kind(), &event.payload()), event);
    }

    #[test]
    fn a_frame_is_read_back_whatever_its_kind() {
        let known = Event::from(CommentDeleted { comment_id: CommentId::new(), by: DeletedBy::Host });
        let unknown = Event::decode("comment.sung", r#"{"key":"C","of":{"a":1}}"#);
        for event in [known, CommentUnpinned {}.into(), unknown] {
            let frame = encode(event.kind(), Seq(7), Millis(1), &event.payload());
            assert_eq!(decode(&frame), Some((Seq(7), Millis(1), event)));
        }
        for wrong in [
            "",
            "{}",
            r#"{"type":"pulse","viewers":1}"#,
            r#"{"seq":7,"type":"x","ts":"1970-01-01T00:00:00.001Z"}"#,
        ] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_name_is_taken_out_wherever_it_is_shown() {
        let user = UserRef { id: UserId::new(), username: "bo".into(), display_name: "Bo the Great".into() };
        let event = Event::from(ModeratorAdded { user_id: user.id, user: user.clone() });
        assert_eq!(event.names(), Some(&user));
        let payload = Event::without_name(event.kind(), &event.payload()).unwrap();
        assert!(!payload.contains("Great"), "{payload}");
        assert_eq!(Event::decode(event.kind(), &payload).names().map(|user| user.id), Some(user.id));
    }

    #[test]
    fn an_event_without_members_is_valid_json() {
        let event = Event::from(CommentUnpinned {});
        let frame = encode(event.kind(), Seq(1), Millis(0), &event.payload());
        assert_eq!(frame, r#"{"type":"comment.unpinned","seq":1,"ts":"1970-01-01T00:00:00.000Z"}"#);
        assert_eq!(Event::decode(event.kind(), &event.payload()), event);
    }

    #[test]
    fn what_a_later_version_wrote_is_passed_on_as_it_is() {
        for (kind, payload) in [("comment.sung", r#"{"key":"C"}"#), ("comment.deleted", r#"{"ids":[]}"#)] {
            let event = Event::decode(kind, payload);
            assert!(matches!(event, Event::Other(_)), "{event:?}");
            assert_eq!((event.kind(), event.payload().as_str()), (kind, payload));
        }
    }
}
