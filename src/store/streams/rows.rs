//! The rows of streams: as they are read, made and changed.
//! They must not know how they get to the database.

use crate::{
    domain::{
        CommentId, Millis, News, RulesVersion, Seq, Settings, Status, StreamId, UserId, Visibility,
        stream::settings::{CommentsBy, LinkPolicy},
    },
    store::{
        Person,
        schema::{streams, users},
    },
};
use diesel::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stream {
    pub id: StreamId,
    pub host: Person,
    /// Which avatar the host has.
    pub host_avatar: Option<String>,
    pub title: String,
    /// What it is about.
    pub description: String,
    /// As written, in their order.
    pub tags: Vec<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Where it is in its life.
    pub status: Status,
    /// When it is to start.
    pub scheduled_for: Option<Millis>,
    /// Where the video is.
    pub playback_url: Option<String>,
    /// When it started.
    pub started_at: Option<Millis>,
    /// When it ended.
    pub ended_at: Option<Millis>,
    /// When it was made.
    pub created_at: Millis,
    /// When it was last edited, started or ended.
    pub updated_at: Millis,
    /// Counts edits, start and end.
    pub version: i64,
    /// When its host was last in the room.
    pub host_seen_at: Millis,
    /// Head of its log.
    pub last_seq: Seq,
    /// Comments that are shown.
    pub comment_count: i64,
    /// The most viewers there ever were at once.
    pub peak_viewers: i64,
    pub pinned_comment_id: Option<CommentId>,
    /// What holds in its room.
    pub settings: Settings,
    /// Counts the changes of what comments are judged by.
    pub rules: RulesVersion,
    /// Counts the changes of what is not in its log.
    pub news: News,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = streams)]
pub(crate) struct StreamColumns {
    pub(crate) id: StreamId,
    #[diesel(embed)]
    host: HostColumns,
    title: String,
    description: String,
    visibility: Visibility,
    status: Status,
    pub(crate) scheduled_for: Option<Millis>,
    playback_url: Option<String>,
    started_at: Option<Millis>,
    ended_at: Option<Millis>,
    pub(crate) created_at: Millis,
    updated_at: Millis,
    version: i64,
    host_seen_at: Millis,
    last_seq: Seq,
    comment_count: i64,
    peak_viewers: i64,
    pinned_comment_id: Option<CommentId>,
    #[diesel(embed)]
    settings: SettingsColumns,
    rules_version: i64,
    news: i64,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct HostColumns {
    #[diesel(embed)]
    person: Person,
    avatar_version: Option<String>,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = streams)]
pub(crate) struct SettingsColumns {
    comments_by: CommentsBy,
    slow_mode_s: i32,
    min_account_age_s: i32,
    repeat_window_s: i32,
    links: LinkPolicy,
    hold_all: bool,
}

impl From<SettingsColumns> for Settings {
    fn from(row: SettingsColumns) -> Self {
        Settings {
            comments: row.comments_by,
            slow_mode_s: row.slow_mode_s as u32,
            min_account_age_s: row.min_account_age_s as u32,
            repeat_window_s: row.repeat_window_s as u32,
            links: row.links,
            hold_all: row.hold_all,
        }
    }
}

impl From<&Settings> for SettingsColumns {
    fn from(settings: &Settings) -> Self {
        SettingsColumns {
            comments_by: settings.comments,
            slow_mode_s: settings.slow_mode_s as i32,
            min_account_age_s: settings.min_account_age_s as i32,
            repeat_window_s: settings.repeat_window_s as i32,
            links: settings.links,
            hold_all: settings.hold_all,
        }
    }
}

impl StreamColumns {
    pub(crate) fn with_tags(self, tags: Vec<String>) -> Stream {
        Stream {
            id: self.id,
            host: self.host.person,
            host_avatar: self.host.avatar_version,
            title: self.title,
            description: self.description,
            tags,
            visibility: self.visibility,
            status: self.status,
            scheduled_for: self.scheduled_for,
            playback_url: self.playback_url,
            started_at: self.started_at,
            ended_at: self.ended_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
            host_seen_at: self.host_seen_at,
            last_seq: self.last_seq,
            comment_count: self.comment_count,
            peak_viewers: self.peak_viewers,
            pinned_comment_id: self.pinned_comment_id,
            settings: self.settings.into(),
            rules: RulesVersion(self.rules_version),
            news: News(self.news),
        }
    }
}

/// A tag, and its folded form for searching.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub text: String,
    pub key: String,
}

/// A stream to be: scheduled, with the usual settings.
#[derive(Clone, Debug)]
pub(crate) struct NewStream {
    pub id: StreamId,
    pub host_id: UserId,
    pub title: String,
    /// What it is about.
    pub description: String,
    /// Title and description, folded.
    pub search_key: String,
    /// In their order.
    pub tags: Vec<Tag>,
    /// Who may see it.
    pub visibility: Visibility,
    /// When it is to start.
    pub scheduled_for: Option<Millis>,
    /// Where the video is.
    pub playback_url: Option<String>,
}

/// What to change of a stream; `None` keeps, `Some(None)` clears.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patch {
    pub title: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// Title and description as they will be, folded; needed where either changes.
    pub search_key: Option<String>,
    /// All of them.
    pub tags: Option<Vec<Tag>>,
    /// Who may see it.
    pub visibility: Option<Visibility>,
    /// When it is to start.
    pub scheduled_for: Option<Option<Millis>>,
    /// Where the video is.
    pub playback_url: Option<Option<String>>,
}
