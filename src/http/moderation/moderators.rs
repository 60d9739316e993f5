//! Who looks after a stream beside its host.
//! It must not know what a moderator may do.

use super::belonging::{self, BelongingView, Named};
use crate::{
    domain::{Right, StreamId},
    http::{
        Answer,
        extract::list::{self, List, OfStream, Paging},
    },
    room::operations::{Access, Effects},
    store::{User, moderation::relations::moderators},
    wire::{
        Code, Refusal,
        event::{ModeratorAdded, ModeratorRemoved},
        view::UserRef,
    },
};

/// The moderators, earliest first.
#[utoipa::path(get, operation_id = "listModerators", path = "/api/v1/streams/{id}/moderators", tag = "moderation", params(("id" = StreamId, Path), Paging),
    responses((status = 200, description = "A page of moderators", body = List<BelongingView>)), security(("bearer" = [])))]
pub(crate) async fn list(asked: OfStream) -> Answer {
    let read = |conn: &mut _, id, after, limit| {
        Ok(moderators::list(conn, id, after, limit)?.map(BelongingView::from))
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

/// Dismisses a moderator.
#[utoipa::path(delete, operation_id = "removeModerator", path = "/api/v1/streams/{id}/moderators/{username}", tag = "moderation",
    params(("id" = StreamId, Path), ("username" = String, Path)),
    responses((status = 204, description = "They are no moderator")), security(("bearer" = [])))]
pub(crate) async fn delete(named: Named) -> Answer {
    let change = belonging::change(named, Right::Manage, "moderator.remove", |act, user| {
        let was_one = moderators::delete(act.tx, act.access.stream.id, user.id)?;
        Ok(was_one.then(|| Effects::event((), removed(user))))
    });
    change.await
}

fn added(user: &User) -> ModeratorAdded {
    ModeratorAdded { user_id: user.id, user: UserRef::from(user) }
}

pub(crate) fn removed(user: &User) -> ModeratorRemoved {
    ModeratorRemoved { user_id: user.id, user: UserRef::from(user) }
}
