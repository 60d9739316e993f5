//! Bans and timeouts: who may not write in a stream, and until when.
//! It must not know what a ban takes away.

use super::{
    belonging::{self, Named},
    moderators::removed,
};
use crate::{
    domain::{Millis, Right, Role, StreamId, UserId, invalid::Invalid, text::Reason},
    http::{
        Answer, Services,
        extract::{
            Identity, Json, Path,
            list::{self, List, OfStream, Paging},
        },
    },
    room::{
        core::Part,
        operations::{Act, Effects, Fault, account_named, acts},
    },
    store::{
        User, comments,
        interactions::questions,
        moderation::{
            bans::{self, Ban, NewBan},
            relations::{self, moderators},
        },
    },
    wire::{
        Code, Event, Refusal,
        event::{CommentUnpinned, CommentsPurged, ViewerBanned, ViewerUnbanned},
        view::UserRef,
    },
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
    /// Whether all that they wrote here, comments and questions, is deleted.
    #[serde(default)]
    delete_comments: bool,
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
}

impl From<Ban> for BanEntry {
    fn from(ban: Ban) -> Self {
        Self {
            user: ban.user.into(),
            until: ban.until,
            reason: ban.reason,
            banned_by: ban.banned_by,
            created_at: ban.created_at,
        }
    }
}

/// The bans in force, earliest first.
#[utoipa::path(get, operation_id = "listBans", path = "/api/v1/streams/{id}/bans", tag = "moderation", params(("id" = StreamId, Path), Paging),
    responses((status = 200, description = "A page of bans", body = List<BanEntry>)), security(("bearer" = [])))]
pub(crate) async fn list(asked: OfStream) -> Answer {
    let read = |conn: &mut _, id, after, limit| {
        Ok(bans::list(conn, id, Millis::now(), after, limit)?.map(BanEntry::from))
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
    let ((id, username), actor, body) = (path.0, account.account(), body.0);
    let banned = services.streams.act_as(Right::Ban, actor, id, move |act| {
        let user = account_named(act.tx, &username)?;
        let mut events = dismiss_first(act, &user)?;
        let reason = body.reason.clone().map(String::from).filter(|reason| !reason.is_empty());
        let until = body.duration_s.map(|duration| act.now.plus_s(duration.0));
        let new = NewBan { user_id: user.id, until, reason: reason.clone(), banned_by: act.actor.user.id };
        if bans::put(act.tx, id, &new, act.now)? {
            act.record("ban", user.id, reason)?;
            events.push(ViewerBanned { user_id: user.id, until }.into());
        }
        if body.delete_comments {
            events.extend(purge(act, user.id)?);
        }
        Ok(Effects::events((), events).refreshing(&[Part::Bans, Part::Comments, Part::Queue]))
    });
    banned.await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Whom the actor may ban, and what must be said before the ban.
fn dismiss_first(act: &mut Act<'_, '_>, user: &User) -> Result<Vec<Event>, Fault> {
    let role = relations::standing(act.tx, &act.access.stream, Some(user.id), user.is_admin)?.role();
    match role {
        Role::Host | Role::Admin => {
            Err(Refusal::new(Code::Forbidden, "Host and admins cannot be banned.").into())
        }
        Role::Moderator if !act.access.may(Right::Manage) => {
            Err(Refusal::new(Code::Forbidden, "Moderators cannot ban moderators.").into())
        }
        Role::Moderator => {
            moderators::delete(act.tx, act.access.stream.id, user.id)?;
            Ok(vec![removed(user).into()])
        }
        Role::Viewer | Role::Guest => Ok(Vec::new()),
    }
}

fn purge(act: &mut Act<'_, '_>, user_id: UserId) -> Result<Vec<Event>, Fault> {
    let (id, now) = (act.access.stream.id, act.now);
    let gone = comments::purge(act.tx, id, user_id, now)?;
    let asked = questions::purge(act.tx, id, user_id, now, &acts::tombstone_of(now))?;
    let mut events = Vec::new();
    if !gone.is_empty() || asked > 0 {
        act.record("comments.purge", user_id, None)?;
        events.push(CommentsPurged { user_id }.into());
    }
    if act.access.stream.pinned_comment_id.is_some_and(|pinned| gone.contains(&pinned)) {
        events.push(CommentUnpinned {}.into());
    }
    Ok(events)
}

/// Lifts a ban.
#[utoipa::path(delete, operation_id = "unbanUser", path = "/api/v1/streams/{id}/bans/{username}", tag = "moderation",
    params(("id" = StreamId, Path), ("username" = String, Path)),
    responses((status = 204, description = "They are not banned")), security(("bearer" = [])))]
pub(crate) async fn delete(named: Named) -> Answer {
    let lift = belonging::change(named, Right::Ban, "unban", |act, user| {
        let was_banned = bans::delete(act.tx, act.access.stream.id, user.id, act.now)?;
        let unbanned = ViewerUnbanned { user_id: user.id };
        Ok(was_banned.then(|| Effects::event((), unbanned).refreshing(&[Part::Bans])))
    });
    lift.await
}
