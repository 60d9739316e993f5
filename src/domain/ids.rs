//! Identifiers: UUIDv7, so that ids sort by the time they were made.
//! One type each, so that no stream id can be passed where a user id is meant.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta] $name:ident),+ $(,)?) => {$(
        #[$doc]
        #[allow(unreachable_pub)] // the tests make some of them
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        #[allow(unreachable_pub)]
        impl $name {
            /// A new id, greater than those made before it on this machine.
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(text).map(Self)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                uuid_schema()
            }
        }

        impl utoipa::ToSchema for $name {}
    )+};
}

fn uuid_schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
    use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::Custom("uuid".to_owned())))
        .into()
}

id! {
    /// Names an account for good.
    UserId,
    /// A login session (one device).
    SessionId,
    /// A key of an account, for programs.
    KeyId,
    /// A live stream and its room.
    StreamId,
    /// Names a comment for good.
    CommentId,
    /// An announcement of the host.
    AnnouncementId,
    /// Names a poll for good.
    PollId,
    /// A question to the host.
    QuestionId,
    /// One open WebSocket or event-stream connection.
    ConnectionId,
    /// What lets somebody register.
    InvitationId,
    /// One run of a server: a node has another each time it starts.
    BootId,
    /// An address that is told of events.
    WebhookId,
    /// One event as one webhook was told of it.
    DeliveryId,
    /// What waits to be told to a webhook and stands in no log.
    NoticeId,
}
