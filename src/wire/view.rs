//! Views: users, streams, comments and the rest as clients see them.
//! They must not carry what a client may not know (password hashes, internal keys).

use super::picture::PictureView;
use crate::domain::{
    Millis, ReactionKind, Role,
    ids::*,
    stream::*,
    text::style::{Color, Mode, Size, Style},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Somebody, as others see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserRef {
    /// What names it for good.
    pub id: UserId,
    /// A name that nobody else has.
    pub username: String,
    /// The name that others see.
    pub display_name: String,
}

/// A public profile.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct UserView {
    /// What names it for good.
    pub id: UserId,
    /// A name that nobody else has.
    pub username: String,
    /// The name that others see.
    pub display_name: String,
    /// When the account was made.
    pub created_at: Millis,
    /// Where its round image is, from the root of the site: another image has another address. Null where it has none.
    pub avatar_url: Option<String>,
    /// The same of the broad one.
    pub cover_url: Option<String>,
}

/// Whose a stream is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct HostView {
    /// As everywhere else.
    #[serde(flatten)]
    pub user: UserRef,
    /// As in a profile; log events have the one of their time, and those of earlier versions none.
    #[serde(default)]
    pub avatar_url: Option<String>,
}

/// A stream without its counters: what log events carry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct StreamCore {
    /// What names it for good.
    pub id: StreamId,
    /// What it is called.
    pub title: String,
    /// Description, may be empty.
    pub description: String,
    /// Tags, in the host's order.
    pub tags: Vec<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Where it is in its life.
    pub status: Status,
    /// Whose it is.
    pub host: HostView,
    /// When it is meant to start.
    pub scheduled_for: Option<Millis>,
    /// Where the picture comes from.
    pub playback_url: Option<String>,
    /// When it went live.
    pub started_at: Option<Millis>,
    /// When it ended.
    pub ended_at: Option<Millis>,
    /// When it was created.
    pub created_at: Millis,
    /// When it was last edited, started or ended.
    pub updated_at: Millis,
}

/// Totals of reactions by kind; kinds never used are absent.
pub(crate) type Reactions = BTreeMap<ReactionKind, i64>;

/// A stream as clients see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct StreamView {
    /// All but the counters.
    #[serde(flatten)]
    pub core: StreamCore,
    /// Who is here now: accounts once each, guests by socket.
    pub viewers: u64,
    /// The most there ever were.
    pub peak_viewers: i64,
    /// Comments that can be read.
    pub comment_count: i64,
    /// Totals by kind.
    #[schema(value_type = std::collections::HashMap<String, i64>)]
    pub reactions: Reactions,
    /// Whether it has a picture of its own.
    pub picture: PictureView,
}

/// Who wrote a comment, with the role they had then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Author {
    /// What names it for good.
    pub id: UserId,
    /// A name that nobody else has.
    pub username: String,
    /// The name that others see.
    pub display_name: String,
    /// Role as of writing.
    pub role: Role,
    /// Whether a bot wrote it, with its key; absent where not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bot: bool,
}

/// Who said something to all or asked it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Writer {
    /// As everywhere else.
    #[serde(flatten)]
    pub user: UserRef,
    /// Whether a bot wrote it, with its key; absent where not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bot: bool,
}

/// The style of a comment as it comes back: nothing is left out.
#[derive(ToSchema)]
#[allow(dead_code)] // It only describes: what is sent is a `Style`, of which a client may leave out members.
pub(crate) struct StyleView {
    /// Where it flies.
    mode: Mode,
    /// The colour it has.
    color: Color,
    /// How large it is.
    size: Size,
}

/// A comment as clients see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct CommentView {
    /// What names it for good.
    pub id: CommentId,
    /// Its place in the stream's log; null while held.
    pub seq: Option<Seq>,
    /// Where it was said.
    pub stream_id: StreamId,
    /// Who said it.
    pub user: Author,
    /// What was said.
    pub content: String,
    /// How it flies.
    #[schema(value_type = Option<StyleView>)]
    pub style: Option<Style>,
    /// What it answers.
    pub reply_to: Option<CommentId>,
    /// The author's own id for it.
    pub client_id: Option<String>,
    /// Milliseconds since the stream started; null before it.
    pub offset_ms: Option<i64>,
    /// When it was written.
    pub created_at: Millis,
}

/// Something the host says to all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct AnnouncementView {
    /// What names it for good.
    pub id: AnnouncementId,
    /// What is said.
    pub content: String,
    /// Who did it.
    pub user: Writer,
    /// When it happened.
    pub created_at: Millis,
}

/// A poll as clients see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct PollView {
    /// What names it for good.
    pub id: PollId,
    /// What is asked.
    pub question: String,
    /// What can be chosen; votes count from 0.
    pub options: Vec<String>,
    /// When it closes by itself.
    pub closes_at: Millis,
    /// Votes by option.
    pub tally: Vec<i64>,
}

/// A question to the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct QuestionView {
    /// What names it for good.
    pub id: QuestionId,
    /// Who did it.
    pub user: Writer,
    /// What is asked.
    pub content: String,
    /// Who else wants to know.
    pub votes: i64,
    /// Whether the host has answered.
    pub answered: bool,
}

/// The ban against oneself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct BanView {
    /// When it ends; null is for good.
    pub until: Option<Millis>,
    /// Why, where somebody said so.
    pub reason: Option<String>,
}
