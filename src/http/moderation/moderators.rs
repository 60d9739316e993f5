//! Who looks after a stream beside its host.
//! It must not know what a moderator may do.

use super::belonging::{self, Named};
use crate::{
    domain::{Millis, Right, StreamId, channel::Scope},
    http::{
        Answer,
        extract::list::{self, List, OfStream, Paging},
    },
    room::operations::{Access, Effects},
    store::{
        User,
        moderation::relations::{self, moderators, moderators_of_channel},
        person::Belonging,
    },
    wire::{
        Code, Refusal,
        event::{ModeratorAdded, ModeratorRemoved},
        view::UserRef,
    },
};
use serde::Serialize;
use utoipa::ToSchema;

/// A moderator of a stream.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ModeratorView {
    /// Who it is.
    #[serde(flatten)]
    pub user: UserRef,
    /// Since when it is so.
    pub added_at: Millis,
    /// Whether of all streams of the host, or of this one alone.
    pub scope: Scope,
}

impl From<(Scope, Belonging)> for ModeratorView {
    fn from((scope, row): (Scope, Belonging)) -> Self {
        Self { user: row.user.into(), added_at: row.created_at, scope }
    }
}

/// The moderators: those of the channel first, then those of the stream alone, earliest first.
#[utoipa::path(get, operation_id = "listModerators", path = "/api/v1/streams/{id}/moderators", tag = "moderation", params(("id" = StreamId, Path), Paging),
    responses((status = 200, description = "A page of moderators", body = List<ModeratorView>)), security(("bearer" = [])))]
pub(crate) async fn list(asked: OfStream) -> Answer {
    let read = |conn: &mut _, access: &Access, after, limit| {
        let place = (access.stream.id, access.stream.host.id);
        Ok(relations::list_moderators(conn, place, after, limit)?.map(ModeratorView::from))
    };
    list::of_stream(asked, Access::require_staff, read).await
}

/// Appoints a moderator.
#[utoipa::path(put, operation_id = "addModerator", path = "/api/v1/streams/{id}/moderators/{username}", tag = "moderation",
    params(("id" = StreamId, Path), ("username" = String, Path)),
    responses((status = 204, description = "They are a moderator")), security(("bearer" = [])))]
pub(crate) async fn put(named: Named) -> Answer {
    let change = belonging::change(named, Right::Manage, "moderator.add", |act, user| {
        if user.id == act.access.stream.host.id {
            return Err(Refusal::new(Code::Conflict, "The host needs no appointment.").into());
        }
        let is_new = moderators::put(act.tx, act.access.stream.id, user.id, act.now)?;
        Ok(is_new.then(|| Effects::event((), added(user))))
    });
    change.await
}

/// Dismisses a moderator of this stream; one of all streams stays one until dismissed in the channel.
#[utoipa::path(delete, operation_id = "removeModerator", path = "/api/v1/streams/{id}/moderators/{username}", tag = "moderation",
    params(("id" = StreamId, Path), ("username" = String, Path)),
    responses((status = 204, description = "They are no moderator of this stream alone")), security(("bearer" = [])))]
pub(crate) async fn delete(named: Named) -> Answer {
    let change = belonging::change(named, Right::Manage, "moderator.remove", |act, user| {
        let was_one = moderators::delete(act.tx, act.access.stream.id, user.id)?;
        let is_one_still = moderators_of_channel::has(act.tx, act.access.stream.host.id, user.id)?;
        let told = || if is_one_still { Effects::none(()) } else { Effects::event((), removed(user)) };
        Ok(was_one.then(told))
    });
    change.await
}

pub(crate) fn added(user: &User) -> ModeratorAdded {
    ModeratorAdded { user_id: user.id, user: UserRef::from(user) }
}

pub(crate) fn removed(user: &User) -> ModeratorRemoved {
    ModeratorRemoved { user_id: user.id, user: UserRef::from(user) }
}
