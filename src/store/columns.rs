//! How words of the domain lie in columns: ids and closed sets of words as text, times and counts as numbers.
//! It must not know any table.

use super::comments::State;
use crate::config::{Registration, StreamsBy};
use crate::domain::{
    Millis, ReactionKind, Role, Seq, Status, Visibility,
    accounts::{image::ImageKind, key::KeyScopes},
    ids::*,
    stream::settings::{CommentsBy, LinkPolicy},
    terms::TermAction,
    text::{
        TermText,
        style::{Color, Mode, Size},
    },
    webhook::{DeliveryStatus, DisabledReason, Preset, SecretVersion, WantedEvents, WebhookScope},
};
use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, Queryable},
    expression::AsExpression,
    sql_types::{BigInt, Nullable, Text},
};

/// For each type: what to bind, and how to make it from what was read.
macro_rules! column {
    ($sql:ty, $rust:ty; $($name:ty),+; $bind:expr, $read:expr) => {$(
        impl<DB: Backend> FromSql<$sql, DB> for $name
        where
            $rust: FromSql<$sql, DB>,
        {
            fn from_sql(raw: DB::RawValue<'_>) -> deserialize::Result<Self> {
                let read: fn($rust) -> deserialize::Result<Self> = $read;
                read(<$rust>::from_sql(raw)?)
            }
        }

        impl<DB: Backend> Queryable<$sql, DB> for $name
        where
            Self: FromSql<$sql, DB>,
        {
            type Row = Self;
            fn build(row: Self) -> deserialize::Result<Self> {
                Ok(row)
            }
        }

        column!(@bind $sql, $rust, $name, $name, $bind);
        column!(@bind $sql, $rust, &$name, $name, $bind);
        column!(@bind Nullable<$sql>, $rust, $name, $name, $bind);
        column!(@bind Nullable<$sql>, $rust, &$name, $name, $bind);
    )+};
    (@bind $sql:ty, $rust:ty, $self:ty, $name:ty, $bind:expr) => {
        impl AsExpression<$sql> for $self {
            type Expression = <$rust as AsExpression<$sql>>::Expression;
            fn as_expression(self) -> Self::Expression {
                let bind: fn(&$name) -> $rust = $bind;
                <$rust as AsExpression<$sql>>::as_expression(bind(&self))
            }
        }
    };
}

column! { Text, String;
    UserId, SessionId, KeyId, StreamId, CommentId, AnnouncementId, PollId, QuestionId, BootId,
    WebhookId, DeliveryId, NoticeId,
    WantedEvents, WebhookScope, Preset, DisabledReason, DeliveryStatus,
    ReactionKind, Role, State, TermAction, TermText, CommentsBy, LinkPolicy, Status, Visibility, Mode, Size,
    ImageKind, KeyScopes, InvitationId, Registration, StreamsBy, Color;
    |value| value.to_string(), |text| Ok(text.parse()?)
}

column! { BigInt, i64; Millis; |time| time.0, |ms| Ok(Millis(ms)) }
column! { BigInt, i64; Seq; |seq| seq.0, |seq| Ok(Seq(seq)) }
column! { BigInt, i64; SecretVersion; |version| version.0, |version| Ok(SecretVersion(version)) }
