//! What webhooks are sent: the events of sockets in an envelope, what stands in no log in words of the same kind, and all of it
//! in the words of others where a webhook wants those. It must not know where anything is read, nor how it is sent.

use super::{
    picture::PictureView,
    view::{CommentView, StreamCore, UserView},
};
use crate::domain::{CommentId, Millis, StreamId, UserId, WebhookId};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// Letters of a message to Discord, which takes 2,000.
const DISCORD_MAX: usize = 1_900;

/// A stream, as it is.
#[derive(Serialize)]
pub(crate) struct OfStream {
    pub stream: StreamCore,
}

/// A stream that is gone.
#[derive(Serialize)]
pub(crate) struct StreamGone {
    pub stream: GoneStream,
}

/// What is left of a stream.
#[derive(Serialize)]
pub(crate) struct GoneStream {
    pub id: StreamId,
    /// When it was deleted.
    pub deleted_at: Millis,
}

/// At the place of what told of a stream that is gone since.
#[derive(Serialize)]
pub(crate) struct StreamTombstone {
    pub stream_id: StreamId,
    /// When it was deleted.
    pub deleted_at: Millis,
}

/// A comment that is held, or was reported and why.
#[derive(Serialize, ToSchema)]
pub(crate) struct OfComment {
    pub comment: CommentView,
    /// Why it was reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<String>,
}

/// At the place of what told of a comment that is gone since.
#[derive(Serialize)]
pub(crate) struct CommentGone {
    pub comment_id: CommentId,
    /// When it was deleted; null where it was held and rejected.
    pub deleted_at: Option<Millis>,
}

/// A picture that has come, or is gone.
#[derive(Serialize)]
pub(crate) struct OfPicture {
    pub picture: PictureView,
}

/// A recording that is complete.
#[derive(Serialize)]
pub(crate) struct RecordingReady {
    pub recording: OfRecording,
}

/// How much there is of a recording; where it is, `GET /streams/{id}/recording` says to whom may see it.
#[derive(Serialize)]
pub(crate) struct OfRecording {
    /// All runs together, in milliseconds.
    pub duration_ms: i64,
    /// How many parts it has, with holes between them.
    pub runs: i64,
}

/// A ban of a whole channel, made or undone.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChannelBan {
    /// Null: it is no stream's.
    pub stream_id: Option<StreamId>,
    /// Whose channel it is.
    pub host_id: UserId,
    pub user_id: UserId,
    /// Its end; null is for good, absent where it was undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub until: Option<Option<Millis>>,
}

/// An account that is new.
#[derive(Serialize)]
pub(crate) struct OfUser {
    pub user: UserView,
    /// Whether it waits to be let in.
    pub is_pending: bool,
}

/// At the place of what told of an account that is gone since.
#[derive(Serialize)]
pub(crate) struct UserTombstone {
    pub user_id: UserId,
}

/// Sent to see whether it arrives.
#[derive(Serialize)]
pub(crate) struct Test {
    pub webhook_id: WebhookId,
}

/// The members of something, as a JSON object.
pub(crate) fn members(of: &impl Serialize) -> String {
    serde_json::to_string(of).expect("views have string keys and finite numbers only")
}

/// What a webhook is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// The `type` of its envelope.
    pub kind: String,
    pub at: Millis,
    /// The members of `data`, as a JSON object.
    pub data: String,
}

impl Told {
    /// The same with the stream where it happened; what tells of a stream has it already.
    pub(crate) fn in_stream(self, id: StreamId) -> Self {
        if self.data.starts_with(r#"{"stream":"#) || self.data.starts_with(r#"{"stream_id":"#) {
            return self;
        }
        let rest = self.data.trim_start_matches('{');
        let comma = if rest == "}" { "" } else { "," };
        Self { data: format!(r#"{{"stream_id":"{id}"{comma}{rest}"#), ..self }
    }

    /// The body, in the words of Standard Webhooks.
    pub(crate) fn body(&self) -> String {
        let Self { kind, at, data } = self;
        format!(r#"{{"type":"{kind}","timestamp":"{at}","data":{data}}}"#)
    }

    /// The body, as Discord takes it. Nobody is mentioned by it.
    pub(crate) fn for_discord(&self, site: Option<&str>) -> String {
        let data: Value = serde_json::from_str(&self.data).unwrap_or_default();
        let text: String = self.sentence(&data, site).chars().take(DISCORD_MAX).collect();
        json!({ "content": text, "allowed_mentions": { "parse": [] } }).to_string()
    }

    fn sentence(&self, data: &Value, site: Option<&str>) -> String {
        let text = |pointer: &str| plain(data.pointer(pointer).and_then(Value::as_str).unwrap_or_default());
        let (title, host) = (text("/stream/title"), text("/stream/host/display_name"));
        let stream = data.pointer("/stream/id").or(data.get("stream_id")).and_then(Value::as_str);
        let link = match (site, stream) {
            (Some(site), Some(id)) => format!(" {}/s/{id}", site.trim_end_matches('/')),
            _ => String::new(),
        };
        match self.kind.as_str() {
            "stream.created" => format!("{host} will stream: {title}{link}"),
            "stream.updated" => format!("{host} has edited: {title}{link}"),
            "stream.started" => format!("{host} is live: {title}{link}"),
            "stream.ended" => format!("{host} has ended: {title}"),
            "comment.created" => {
                format!("**{}**: {}", text("/comment/user/display_name"), text("/comment/content"))
            }
            "comment.held" => {
                format!("Held: **{}**: {}", text("/comment/user/display_name"), text("/comment/content"))
            }
            "report.created" => format!(
                "Reported: **{}**: {} {}",
                text("/comment/user/display_name"),
                text("/comment/content"),
                text("/reason")
            ),
            "announcement.created" => format!("Announcement: {}", text("/announcement/content")),
            "poll.closed" => format!("The poll is closed: {}", text("/poll/question")),
            "picture.live" => format!("A picture has come.{link}"),
            "picture.gone" => format!("The picture is gone.{link}"),
            "user.registered" if data["is_pending"] == true => {
                format!("{} has registered, and waits to be let in", text("/user/username"))
            }
            "user.registered" => format!("{} has registered", text("/user/username")),
            "webhook.test" => "This webhook works.".to_owned(),
            "stream.deleted" => "A stream was deleted.".to_owned(),
            "comment.deleted" | "comment.tombstone" => "A comment was deleted.".to_owned(),
            "comments.purged" => "All comments of somebody were deleted.".to_owned(),
            "viewer.banned" => "Somebody was banned.".to_owned(),
            "viewer.unbanned" => "A ban was lifted.".to_owned(),
            "recording.ready" => format!("A recording can be seen.{link}"),
            _ => "Something was deleted before it could be told.".to_owned(),
        }
    }
}

/// Without what Discord would take for marks.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\*_~`|>#[]()<-".contains(c) {
            plain.push('\\');
        }
        plain.push(c);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_has_the_members_of_the_event_and_its_stream() {
        let id = StreamId::new();
        let told = |data: &str| Told { kind: "x".into(), at: Millis(0), data: data.into() }.in_stream(id);
        assert_eq!(
            told(r#"{"a":1}"#).body(),
            format!(
                r#"{{"type":"x","timestamp":"1970-01-01T00:00:00.000Z","data":{{"stream_id":"{id}","a":1}}}}"#
            )
        );
        assert_eq!(told("{}").data, format!(r#"{{"stream_id":"{id}"}}"#));
        assert_eq!(told(r#"{"stream":{}}"#).data, r#"{"stream":{}}"#);
    }

    #[test]
    fn discord_is_told_a_sentence_in_which_nothing_is_a_mark_or_a_mention() {
        let data = r#"{"comment":{"user":{"display_name":"bo_"},"content":"@everyone **hi**"}}"#;
        let told = Told { kind: "comment.created".into(), at: Millis(0), data: data.into() };
        let body: Value = serde_json::from_str(&told.for_discord(None)).unwrap();
        assert_eq!(body["content"], r"**bo\_**: @everyone \*\*hi\*\*");
        assert_eq!(body["allowed_mentions"]["parse"], json!([]));
    }
}
