//! The events of a log, as a document names them.
//! It must not know how they are made or read.

use crate::wire::event::*;
use utoipa::ToSchema;

/// What a numbered event says, beside its `seq` and `ts`.
#[derive(ToSchema)]
#[serde(tag = "type")]
#[allow(dead_code, missing_docs)]
pub(crate) enum LogEvent {
    #[serde(rename = "comment.created")]
    CommentCreated(CommentCreated),
    #[serde(rename = "comment.deleted")]
    CommentDeleted(CommentDeleted),
    #[serde(rename = "comment.tombstone")]
    CommentTombstone(CommentTombstone),
    #[serde(rename = "comments.purged")]
    CommentsPurged(CommentsPurged),
    #[serde(rename = "comment.pinned")]
    CommentPinned(CommentPinned),
    #[serde(rename = "comment.unpinned")]
    CommentUnpinned(CommentUnpinned),
    #[serde(rename = "announcement.created")]
    AnnouncementCreated(AnnouncementCreated),
    #[serde(rename = "announcement.removed")]
    AnnouncementRemoved(AnnouncementRemoved),
    #[serde(rename = "announcement.tombstone")]
    AnnouncementTombstone(AnnouncementTombstone),
    #[serde(rename = "stream.updated")]
    StreamUpdated(StreamUpdated),
    #[serde(rename = "stream.started")]
    StreamStarted(StreamStarted),
    #[serde(rename = "stream.ended")]
    StreamEnded(StreamEnded),
    #[serde(rename = "settings.updated")]
    SettingsUpdated(SettingsUpdated),
    #[serde(rename = "viewer.banned")]
    ViewerBanned(ViewerBanned),
    #[serde(rename = "viewer.unbanned")]
    ViewerUnbanned(ViewerUnbanned),
    #[serde(rename = "moderator.added")]
    ModeratorAdded(ModeratorAdded),
    #[serde(rename = "moderator.removed")]
    ModeratorRemoved(ModeratorRemoved),
    #[serde(rename = "poll.opened")]
    PollOpened(PollOpened),
    #[serde(rename = "poll.closed")]
    PollClosed(PollClosed),
    #[serde(rename = "question.created")]
    QuestionCreated(QuestionCreated),
    #[serde(rename = "question.tombstone")]
    QuestionTombstone(QuestionTombstone),
    #[serde(rename = "question.answered")]
    QuestionAnswered(QuestionAnswered),
}
