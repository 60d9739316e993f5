//! Bans and timeouts: who may not write in a stream or in all streams of its host, and until when.
//! It must not know what a ban takes away.

use crate::{
    domain::{Millis, Right, StreamId, UserId, channel::Scope, invalid::Invalid, text::Reason},
    http::{
        Answer, Services,
        extract::{
            Identity, Json, Path,
            list::{self, List, OfStream, Paging},
        },
    },
    room::operations::{
        Access, ChannelOf, account_named,
        bans::{self as acts, Wanted},
    },
    store::moderation::bans::{self, Ban},
    wire::view::UserRef,
};
use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest timeout, in seconds: a hundred years.
const DURATION_MAX_S: i64 = 100 * 365 * 24 * 3600;

/// How long a timeout is, in seconds, at least 1.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "i64")]
pub(crate) struct DurationS(i64);

impl DurationS {
    /// As a number.
    pub(crate) fn seconds(self) -> i64 {
        self.0
    }
}

impl TryFrom<i64> for DurationS {
    type Error = Invalid;

    fn try_from(seconds: i64) -> Result<Self, Invalid> {
        match seconds {
            1..=DURATION_MAX_S => Ok(Self(seconds)),
            _ => Err(Invalid::out_of_range(format!("from 1 to {DURATION_MAX_S} seconds, or null for good"))),
        }
    }
}

/// A ban to be.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BanBody {
    /// Seconds from now; null, or nothing said, is for good.
    #[serde(default)]
    #[schema(value_type = Option<i64>, minimum = 1)]
    duration_s: Option<DurationS>,
    /// Shown to the banned.
    #[serde(default)]
    reason: Option<Reason>,
    /// Whether all that they wrote where it holds, comments and questions, is deleted; in a channel, that is in its streams that
    /// have not ended and in the one that was named.
    #[serde(default)]
    delete_comments: Option<bool>,
    /// Where it holds. Where nothing is said: in the channel, for host, admins and the channel's moderators; in the stream for
    /// its own moderators, who may not ban in the channel.
    #[serde(default)]
    pub(crate) scope: Option<Scope>,
}

impl BanBody {
    /// As an act takes it.
    pub(crate) fn wanted(self) -> Wanted {
        Wanted {
            scope: self.scope,
            duration_s: self.duration_s.map(|duration| duration.0),
            reason: self.reason.map(String::from).filter(|reason| !reason.is_empty()),
            delete_comments: self.delete_comments.unwrap_or(false),
        }
    }
}

/// A ban in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BanEntry {
    /// Whose it is.
    user: UserRef,
    /// Its end; null is for good.
    until: Option<Millis>,
    /// Why, where somebody said so.
    reason: Option<String>,
    /// Who did it.
    banned_by: UserId,
    /// Since when it is so.
    created_at: Millis,
    /// Where it holds.
    scope: Scope,
}

impl From<(Scope, Ban)> for BanEntry {
    fn from((scope, ban): (Scope, Ban)) -> Self {
        Self {
            user: ban.user.into(),
            until: ban.until,
            reason: ban.reason,
            banned_by: ban.banned_by,
            created_at: ban.created_at,
            scope,
        }
    }
}

/// The bans in force: those of the channel first, then those of the stream alone, earliest first.
#[utoipa::path(get, operation_id = "listBans", path = "/api/v1/streams/{id}/bans", tag = "moderation", params(("id" = StreamId, Path), Paging),
    responses((status = 200, description = "A page of bans", body = List<BanEntry>)), security(("bearer" = [])))]
pub(crate) async fn list(asked: OfStream) -> Answer {
    let read = |conn: &mut _, access: &Access, after, limit| {
        let place = (access.stream.id, access.stream.host.id);
        Ok(bans::list(conn, place, Millis::now(), after, limit)?.map(BanEntry::from))
    };
    list::of_stream(asked, |access| access.require(Right::Ban), read).await
}

/// Bans somebody, for some time or for good. Host and admins cannot be banned, and moderators by host and admins alone, who
/// thereby dismiss them.
#[utoipa::path(put, operation_id = "banUser", path = "/api/v1/streams/{id}/bans/{username}", tag = "moderation", request_body = BanBody,
    params(("id" = StreamId, Path), ("username" = String, Path)),
    responses((status = 204, description = "They are banned")), security(("bearer" = [])))]
pub(crate) async fn put(
    services: web::Data<Services>,
    account: Identity,
    path: Path<(StreamId, String)>,
    body: Json<BanBody>,
) -> Answer {
    let ((id, username), wanted) = (path.0, body.0.wanted());
    let of = ChannelOf::Stream(id);
    let banned = services.streams.act_in_channel(Right::Ban, account.account(), of, move |act| {
        let user = account_named(act.tx, &username)?;
        acts::ban(act, &user, &wanted)
    });
    banned.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Lifts the ban of the stream, and that of the channel. The channel's is not for a moderator of this stream alone to lift.
#[utoipa::path(delete, operation_id = "unbanUser", path = "/api/v1/streams/{id}/bans/{username}", tag = "moderation",
    params(("id" = StreamId, Path), ("username" = String, Path)),
    responses((status = 204, description = "They are not banned")), security(("bearer" = [])))]
pub(crate) async fn delete(
    services: web::Data<Services>,
    account: Identity,
    path: Path<(StreamId, String)>,
) -> Answer {
    let (id, username) = path.0;
    let of = ChannelOf::Stream(id);
    let lifted = services.streams.act_in_channel(Right::Ban, account.account(), of, move |act| {
        let user = account_named(act.tx, &username)?;
        acts::lift(act, &user)
    });
    lifted.await?;
    Ok(HttpResponse::NoContent().finish())
}
