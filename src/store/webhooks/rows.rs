//! Rows of webhooks as values. They must not know how they are found.

use crate::{
    domain::{
        CommentId, Millis, Seq, StreamId, UserId, WebhookId,
        webhook::{
            DeliveryStatus, DisabledReason, EventName, Preset, SecretVersion, WantedEvents, WebhookScope,
        },
    },
    store::schema::{webhook_deliveries, webhooks},
};
use diesel::prelude::*;

/// A webhook with all but which node delivers.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = webhooks)]
pub(crate) struct Webhook {
    pub id: WebhookId,
    pub owner_id: UserId,
    pub url: String,
    pub events: WantedEvents,
    pub scope: WebhookScope,
    /// In whose words it speaks; none where in its own.
    pub preset: Option<Preset>,
    pub enabled: bool,
    pub disabled_reason: Option<DisabledReason>,
    pub secret_version: SecretVersion,
    /// How long the secret before signs, too.
    pub previous_until: Option<Millis>,
    pub created_at: Millis,
    /// When the first try failed of those that fail now.
    pub failing_since: Option<Millis>,
    /// Tries that failed in a row.
    pub failures: i64,
    /// While it fails, when it is tried again.
    pub next_at: Option<Millis>,
}

/// A webhook to be.
#[derive(Clone, Debug)]
pub(crate) struct NewWebhook {
    pub id: WebhookId,
    pub owner_id: UserId,
    pub url: String,
    pub events: WantedEvents,
    pub scope: WebhookScope,
    /// In whose words it speaks; none where in its own.
    pub preset: Option<Preset>,
}

/// What to change of a webhook; none keeps what is there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patch {
    pub url: Option<String>,
    pub events: Option<WantedEvents>,
    pub enabled: Option<bool>,
}

/// What is told, by where it is found: a place in a log, or rows that are read when it is sent. Notices have the same columns.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = webhook_deliveries)]
pub(crate) struct Subject {
    /// When it happened.
    pub at: Millis,
    /// Its id for whoever gets it, the same on every try.
    pub message: String,
    /// The name of the event.
    pub kind: String,
    pub stream_id: Option<StreamId>,
    /// The place in that stream's log; none where it stands in no log.
    pub seq: Option<Seq>,
    pub comment_id: Option<CommentId>,
    pub user_id: Option<UserId>,
    /// What is told as it is; opaque here.
    pub payload: Option<String>,
}

impl Subject {
    /// Something that stands in no log; it is named when it begins to wait.
    pub(crate) fn of(event: EventName, at: Millis) -> Self {
        Self::named(String::new(), event.as_str(), at)
    }

    /// Something by this name, of this kind.
    pub(crate) fn named(message: String, kind: &str, at: Millis) -> Self {
        Self {
            at,
            message,
            kind: kind.to_owned(),
            stream_id: None,
            seq: None,
            comment_id: None,
            user_id: None,
            payload: None,
        }
    }

    /// The same in a stream.
    pub(crate) fn in_stream(self, id: StreamId) -> Self {
        Self { stream_id: Some(id), ..self }
    }

    /// The same about a comment.
    pub(crate) fn about_comment(self, id: CommentId) -> Self {
        Self { comment_id: Some(id), ..self }
    }

    /// The same about an account.
    pub(crate) fn about_user(self, id: UserId) -> Self {
        Self { user_id: Some(id), ..self }
    }

    /// The same, told in these words.
    pub(crate) fn saying(self, payload: String) -> Self {
        Self { payload: Some(payload), ..self }
    }
}

/// A try that is over, whatever came of it.
#[derive(Clone, Debug)]
pub(crate) struct Tried {
    pub subject: Subject,
    pub status: DeliveryStatus,
    /// How the other side answered; none where it did not.
    pub last_status: Option<u16>,
    /// Why it did not.
    pub last_error: Option<&'static str>,
    /// When it is tried again.
    pub next_at: Option<Millis>,
}
